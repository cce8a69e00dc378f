"""Small data sets, realistic and nasty, for property tests; and their Arrow tables.

`tidy` draws ``(rows, items)`` as the oracle takes them; `tables` turns these into what
``Responses.from_arrow`` takes.
"""

from dataclasses import dataclass
from itertools import pairwise

import pyarrow as pa
from hypothesis import strategies as st

SCALES = {
    "right or wrong": ("1", ("0", "1")),
    "quarters": ("1", ("0", "0.25", "0.5", "0.75", "1")),
    "hundredths": ("1", ("0", "0.01", "0.33", "0.67", "0.99", "1")),
    "thirds": ("1", ("0", "0.333333333", "0.666666667", "1")),
    "thirds of ten": ("10", ("0", "3.333333333", "6.666666667", "10")),
    "thirds of hundred": ("100", ("0", "33.333333333", "66.666666667", "100")),
    "out of five": ("5", ("0", "1", "2.5", "4", "5")),
    "extra credit": ("2", ("0", "1", "2", "2.5")),
    "all or nothing of ten": ("10", ("0", "10")),
    "all or nothing of 100,000": ("100000", ("0", "100000")),
    "negative marks": ("1", ("-0.25", "0", "1")),
    "only negative": ("1", ("-1", "-0.5")),
    "worth nothing": ("0", ("0", "0.5")),
    "all the same": ("1", ("1",)),
    "nobody right": ("3", ("0",)),
    "hardly apart": ("1", ("0.999999", "0.9999995", "0.999999999", "1")),
    "huge": ("100000", ("0", "33333.333333333", "99999.999999999", "100000")),
}
"""By name: the points possible and the scores that occur."""

ANSWERS = ("a", "b", "c", "d", "=1+1", "Null", "0,5\n", "é", "Both a and b")
OPTIONS = (
    {"id": "a", "text": "Paris", "correct": True},
    {"id": "b", "text": "Rome", "correct": False},
    {"id": "c", "text": "a", "correct": False},
    {"id": "d", "text": "Both a and b", "correct": None},
)
STUDENTS = ("007", "7", "Null", "NA", "zoë", "=1", "s, 6", "s7", "s8", "s9", "x", "y")
ITEMS = ("q1", "q2", "10", "9", "q 5", "ü")
QUIZZES = ("mid-term", "1", "final")


@dataclass(frozen=True)
class Habits:
    """What a whole data set has in common."""

    statuses: bool
    lists: bool
    answered: bool
    twice: bool
    gaps: bool
    recorded: bool
    declared: str
    options: bool


def habits():
    """Which columns there are, and which nastiness is allowed."""
    flags = {
        name: st.booleans()
        for name in ("statuses", "lists", "twice", "gaps", "recorded", "options")
    }
    return st.builds(
        Habits,
        answered=st.sampled_from([True, True, False]),
        declared=st.sampled_from(["all", "all", "none", "some"]),
        **flags,
    )


@st.composite
def tidy(draw, quizzes=3, students=12, items=6, attempts=3):
    """Draw ``(rows, items)``: responses, and what is known of each item."""
    common = draw(habits())
    rows, about = [], {}
    for quiz in QUIZZES[: draw(st.integers(1, quizzes))]:
        names = ITEMS[: draw(st.integers(1, items))]
        tries = draw(
            st.lists(
                st.sampled_from([1, 1, 1, *range(2, attempts + 1)]),
                min_size=1,
                max_size=students,
            )
        )
        takes = [
            (student, attempt)
            for student, n in zip(STUDENTS, tries, strict=False)
            for attempt in range(1, n + 1)
        ]
        for place, name in enumerate(names, 1):
            scale = draw(st.sampled_from(sorted(SCALES)))
            about[quiz, name] = draw(_item(common, place, scale))
            outcomes = st.sampled_from(_outcomes(common, scale))
            cells = draw(st.lists(outcomes, min_size=len(takes), max_size=len(takes)))
            for (student, attempt), cell in zip(takes, cells, strict=True):
                rows += _rows(common, quiz, student, attempt, name, place, cell)
    _record(draw, common, rows)
    # Without a single response there would be no submission to report on.
    return (rows, about) if rows else draw(tidy(quizzes, students, items, attempts))


@st.composite
def _item(draw, common, place, scale):
    declared = {"all": True, "none": False}.get(common.declared)
    if declared is None:
        declared = draw(st.booleans())
    options = None
    if common.options and draw(st.booleans()):
        options = [dict(o) for o in OPTIONS[: draw(st.integers(1, len(OPTIONS)))]]
        if draw(st.booleans()):
            options = [option | {"correct": None} for option in options]
    return {
        "position": place,
        "title": f"Question {place}",
        "points_possible": SCALES[scale][0] if declared else None,
        "options": options,
    }


def _outcomes(common, scale):
    """What can become of an item in one attempt: (status, answer, score) or None."""
    _, scores = SCALES[scale]
    graded = "graded" if common.statuses else None
    picks = ANSWERS if len(scores) > 1 else ANSWERS[:2]
    answered = [
        (graded, picks[(i + j) % len(picks)] if common.answered else None, score)
        for i, score in enumerate(scores)
        for j in (0, 1, 4)
    ]
    odd = [(None, "an essay", None), (None, None, "0"), (None, "", "0")]
    if common.statuses:
        odd += [
            ("not_attempted", None, None),
            ("not_attempted", None, scores[-1]),
            ("not_graded", "an essay", "0"),
            ("not_graded", None, None),
        ]
    if common.gaps:
        odd += [None, None]
        odd += [("not_shown", None, None)] if common.statuses else []
    if common.twice:
        odd += ["twice"]
    return answered + answered + odd


def _rows(common, quiz, student, attempt, item, place, cell):
    """Zero, one or (for an item drawn twice) two rows."""
    if cell is None:
        return []
    base = {"quiz_id": quiz, "student_id": student, "attempt": attempt, "item_id": item}
    if cell == "twice":
        return [
            base | {"response": _answer(common, "a"), "score": "0", "position": place},
            base | {"response": _answer(common, "b"), "score": "1", "position": 90},
        ]
    status, answer, score = cell
    row = base | {"response": _answer(common, answer), "score": score}
    if common.statuses:
        row["status"] = status
    if common.twice:
        row["position"] = place
    return [row]


def _answer(common, answer):
    """One answer as the data set writes it; with lists, some tick several boxes."""
    if not common.lists or answer is None:
        return answer
    return {"": [], "é": ["é", "a", "é"], "d": ["d", "b"]}.get(answer, [answer])


def _record(draw, common, rows):
    """Give some submissions a recorded score, the same in all their rows."""
    if not common.recorded:
        return
    of = {}
    for row in rows:
        key = (row["quiz_id"], row["student_id"], row["attempt"])
        if key not in of:
            of[key] = draw(st.sampled_from([None, "0", "1", "1.0000001", "2.5"]))
        row["recorded_score"] = of[key]


# ---- exams ----------------------------------------------------------------------

SAID = {
    "the key": (("A", "BCD"), "A"),
    "another": (("C", "AB"), "A"),
    "another, and the key too": (("CCA", "AAB"), "A"),
    "both": (("AC", "B"), "A"),
    "both, or a third": (("AC", "ACBD"), "A"),
    "two others": (("CCD", "CA"), "A"),
    "another, and a few the second key": (("CCCCD", "AB"), "AD"),
    "one of two keys": (("AD", "BC"), "AD"),
    "the key, and the worse all one other": (("A", "B"), "A"),
    "the key, a few": (("A", "BBBBBC"), "A"),
    "a wrong one, and some of the best the key": (("CCCA", "C"), "A"),
    "the key, and some of the best a wrong one": (("AAAC", "A"), "A"),
    "anything": (("ABCD", "ABCD"), "A"),
    "nothing but the key": (("A", "A"), "A"),
    "none or the key": (("A", "B "), "A"),
}
"""What the better and the worse students say in turn, and which of it is keyed."""

PLACES = {
    "one after the other": lambda j: j + 1,
    "backwards": lambda j: 20 - j,
    "two at each": lambda j: j // 2 + 1,
    "all at one": lambda _: 1,
    "not said of all": lambda j: j + 1 if j % 4 else None,
}
"""The position of each item."""


@st.composite
def exams(draw, quizzes=2, students=40, items=5):
    """Draw ``(rows, items)``: choices by ability, and blanks at the end.

    Where keys are wrong, two are right or the time is short: as plain data hardly ever
    has it.
    """
    rows, about = [], {}
    for quiz in QUIZZES[: draw(st.integers(1, quizzes))]:
        size = students if draw(st.booleans()) else draw(st.integers(1, students))
        said = draw(st.lists(_said(size), min_size=1, max_size=items))
        # Sound items, harder and harder, tell who is better.
        ladder = draw(st.sampled_from([0, 4, 4, 8]))
        said += [("the key", size * j // ladder, 0) for j in range(ladder)]
        k = len(said)
        # One of so many students leaves all blank from an item on, or up to it.
        slow, late = draw(st.integers(1, 9)), draw(st.booleans())
        stop = draw(st.sampled_from([k * late, *range(k)]))
        place = PLACES[draw(st.sampled_from([*PLACES]))]
        for j, (kind, cut, turn) in enumerate(said):
            words, keys = SAID[kind]
            about[quiz, f"i{j}"] = _choice(place(j), keys)
            for i in range(size):
                letters = words[i < cut]
                letter = letters[(i + turn) % len(letters)].strip()
                blank = i % slow == 0 and (j >= stop) == late
                rows.append(_chosen(quiz, i, j, "" if blank else letter, keys))
    return rows, about


def _said(size):
    """What is said of an item; the first of the better students; who begins."""
    cuts = st.sampled_from([size // 2, size // 2, *range(size + 1)])
    return st.tuples(st.sampled_from([*SAID]), cuts, st.integers(0, 4))


def _choice(place, keys):
    options = [{"id": o, "text": o, "correct": o in keys} for o in "ABCD"]
    return {"position": place, "points_possible": "1", "options": options}


def _chosen(quiz, i, j, letter, keys):
    return {
        "quiz_id": quiz,
        "student_id": f"s{i}",
        "attempt": 1,
        "item_id": f"i{j}",
        "response": letter or None,
        "score": "1" if letter and letter in keys else "0",
    }


# ---- as tables ------------------------------------------------------------------


def tables(rows, items):
    """Return the arguments of ``Responses.from_arrow``: two pyarrow tables."""
    return responses_table(rows), items_table(items)


def responses_table(rows):
    """Tidy rows as a table; a column that no row has is left out."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    columns = {name: [row.get(name) for row in rows] for name in names}
    for name in ("score", "recorded_score", "points_possible"):
        if name in columns:
            columns[name] = pa.array(
                [None if v is None else float(v) for v in columns[name]], pa.float64()
            )
    for name in ("status", "quiz_id", "student_id", "item_id"):
        if name in columns:
            columns[name] = pa.array(columns[name], pa.string())
    lists = any(isinstance(answer, list) for answer in columns["response"])
    kind = pa.list_(pa.string()) if lists else pa.string()
    columns["response"] = pa.array(columns["response"], kind)
    return pa.table(columns)


def items_table(items):
    """What is known of the items, as a table."""
    options = pa.list_(
        pa.struct([("id", pa.string()), ("text", pa.string()), ("correct", pa.bool_())])
    )
    about = list(items.values())
    points = [one.get("points_possible") for one in about]
    return pa.table(
        {
            "quiz_id": pa.array([quiz for quiz, _ in items], pa.string()),
            "item_id": pa.array([item for _, item in items], pa.string()),
            "position": pa.array([one.get("position") for one in about], pa.int64()),
            "title": pa.array([one.get("title") for one in about], pa.string()),
            "points_possible": pa.array(
                [None if p is None else float(p) for p in points], pa.float64()
            ),
            "options": pa.array([one.get("options") for one in about], options),
        }
    )


# ---- other shapes ---------------------------------------------------------------


@st.composite
def matrix(draw, students=12, items=6):
    """Scores as a list of lists, students x items; None where not shown."""
    k = draw(st.integers(1, items))
    cell = st.sampled_from(["0", "1", "1", "0.5", "0.333333333", "-0.25", None])
    scores = cell.map(lambda text: None if text is None else float(text))
    row = st.lists(scores, min_size=k, max_size=k)
    return draw(st.lists(row, min_size=1, max_size=students))


@st.composite
def splits(draw, n):
    """Cut a shuffled range(n) into consecutive parts, of which some may be empty."""
    order = draw(st.permutations(range(n)))
    cuts = sorted(draw(st.lists(st.integers(0, n), max_size=4)))
    ends = [0, *cuts, n]
    return [list(order[a:b]) for a, b in pairwise(ends)]
