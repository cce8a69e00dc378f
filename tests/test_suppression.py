"""Which figures are hidden: rules against plain loops, and tables edited by hand."""

from fractions import Fraction
from functools import cache

import numpy as np
import pyarrow as pa
import pytest

import quizanalysis as qa
from quizanalysis._readout.cells import complemented
from quizanalysis._readout.together import _alone

LEAST = 10

# ---- the rules, cell by cell ---------------------------------------------------------


def suffices(cells, least):
    """Whether cells, one tuple of values each, are enough to be hidden together."""
    if sum(any(cell) for cell in cells) < 2:
        return False
    for own in zip(*cells, strict=True):
        some = [value for value in own if value]
        if not some:
            continue
        beyond_one_each = sum(max(value - 1, 0) for value in some)
        if sum(some) < least or beyond_one_each < 1 or {*some} == {least - 1}:
            return False
    return True


def hidden_more(cells, hidden, last, least):
    """The rule of one group, one cell after the other."""
    if not any(hidden):
        return hidden
    order = sorted(
        range(len(cells)), key=lambda i: (not hidden[i], last[i], cells[i][0])
    )
    result = [*hidden]
    there = [any(own) for own in zip(*cells, strict=True)]

    def enough(chosen):
        # Of what nobody in the whole group has, nothing is asked.
        kept = [
            tuple(v for v, some in zip(cells[i], there, strict=True) if some)
            for i in chosen
        ]
        return all(sum(own) for own in zip(*kept, strict=True)) and suffices(
            kept, least
        )

    if not any(there) or not enough(order):
        return [True] * len(cells)
    for at, cell in enumerate(order):
        if not enough(order[:at]) and any(cells[cell]):
            result[cell] = True
    return result


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("parts", [1, 3])
def test_more_is_hidden_until_it_suffices(width, parts):
    rng = np.random.default_rng(width + parts)
    for _ in range(400):
        size, least = rng.integers(1, 12), int(rng.integers(2, 7))
        group = rng.integers(0, 4, size)
        spans = rng.choice([1, 2, least, 9], size=(width, 1))
        whole = rng.integers(0, parts * spans + 1, (width, size))
        if rng.random() < 0.3:
            whole = np.where(whole > 0, parts * max(least - 1, 1), 0)
        hidden, last = rng.random((2, size)) < [[0.3], [0.2]]
        hidden &= whole.any(axis=0)
        values = [own / parts for own in whole]
        found = complemented(group, hidden, values, least, last)
        for one in range(4):
            at = np.flatnonzero(group == one)
            cells = [tuple(Fraction(int(v), parts) for v in whole[:, i]) for i in at]
            expected = hidden_more(cells, [*hidden[at]], [*last[at]], least)
            assert found[at].tolist() == expected, (cells, hidden[at], last[at], least)


def test_of_no_cells_none_is_hidden():
    nothing = np.zeros(0, int)
    assert not len(complemented(nothing, nothing > 0, [nothing * 1.0], 5))


def test_nothing_is_last_unless_it_is_said():
    group, values = np.zeros(3, int), [np.array([4.0, 30, 20])]
    hidden = np.array([True, False, False])
    assert complemented(group, hidden, values, 10).tolist() == [True, False, True]
    last = np.array([False, False, True])
    assert complemented(group, hidden, values, 10, last).tolist() == [True, True, False]


def test_an_item_is_alone_where_no_other_can_have_as_many_right():
    rng = np.random.default_rng(5)
    for _ in range(400):
        size = rng.integers(0, 9)
        quiz, points = rng.integers(0, 2, size), rng.integers(1, 3, size) * 1.0
        right = rng.integers(0, 6, size)
        most = right + rng.integers(0, 4, size) * 1.0
        other = [
            any(
                (quiz[i], points[i]) == (quiz[j], points[j])
                and right[i] != right[j]
                and most[i] >= right[j]
                and most[j] >= right[i]
                for j in range(size)
            )
            for i in range(size)
        ]
        alone = _alone(quiz, points, right, most)
        assert alone.tolist() == [not one for one in other]


# ---- the tables: what one small count takes with it ----------------------------------


@cache
def healthy(k=6):
    """The item analysis of a class of 400 in which no count is small."""
    scores = (np.random.default_rng(3).random((400, k)) < 0.5).astype(float)
    return qa.item_analysis(qa.Responses.from_matrix(scores, 1))


def edited(table, row=0, **values):
    """The table with some figures of one row, or of all rows, replaced."""
    for name, value in values.items():
        column = table[name].to_pylist()
        for at in range(len(column)) if row is None else [row]:
            column[at] = value
        place, field = table.column_names.index(name), table.schema.field(name)
        table = table.set_column(place, field, pa.array(column, field.type))
    return table


def hidden_in(table, row=0, least=LEAST):
    """The columns that `suppressed` hides in one row."""
    before, after = table.to_pylist()[row], qa.suppressed(table, least).to_pylist()[row]
    return {k for k, v in before.items() if v is not None and after[k] is None}


def with_ends(*names):
    return {f"{name}{end}" for name in names for end in ("", "_low", "_high")}


EXTREMES = {"min", "max"}
SPREAD = {
    *with_ends("point_biserial", "point_biserial_corrected"),
    *("biserial", "alpha_if_deleted"),
}
GROUPS = {"n_upper", "n_lower", *with_ends("discrimination")}
SCORES = {
    *with_ends("mean", "difficulty", "correct_ratio", "discrimination"),
    *("sd", *SPREAD),
}
ALL_OF_N = {"n", "n_blank", *SCORES, *GROUPS}

FIRST = {"n": 200, "n_not_shown": 100, "n_not_graded": 100, "n_complete": 150}
FIRST |= {"n_blank": 50, "n_upper": 60, "n_lower": 60}
FIRST |= {"correct_ratio": 0.5, "difficulty": 0.5, "mean": 0.5}
FIRST |= {"sd": (50 / 199) ** 0.5}
"""An item of 400 submissions; its scores have a variance of 0.25 x 200 / 199."""


def share(right, n=200):
    p = right / n
    return {
        "correct_ratio": p,
        "difficulty": p,
        "mean": p,
        "sd": (p * (1 - p) * n / (n - 1)) ** 0.5,
    }


def partial(zero, half, whole):
    """An item of 2 points of which some have 1."""
    n = zero + half + whole
    mean = (half + 2 * whole) / n
    square = (half + 4 * whole) / n - mean**2
    return {
        "n": n,
        "points_possible": 2.0,
        "correct_ratio": whole / n,
        "difficulty": mean / 2,
        "mean": mean,
        "sd": (square * n / (n - 1)) ** 0.5,
    }


ITEMS = {
    "nothing": ({}, set()),
    "few right": (share(9), SCORES),
    "enough right": (share(10), set()),
    "few wrong": (share(191), SCORES),
    "enough wrong": (share(190), set()),
    "nobody right": (share(0), set()),
    "few with a part": (partial(96, 9, 95), SCORES),
    "enough with a part": (partial(95, 10, 95), set()),
    "few with nothing": (partial(9, 96, 95), SCORES),
    "enough with nothing": (partial(10, 95, 95), set()),
    "few blank": ({"n_blank": 9}, {"n_blank"}),
    "few not blank": ({"n_blank": 191}, {"n_blank"}),
    "enough not blank": ({"n_blank": 190}, set()),
    "few not shown but not blank": ({"n_blank": 91}, {"n_blank"}),
    "few in the upper group": ({"n_upper": 9}, GROUPS),
    "few in the lower group": ({"n_lower": 9}, GROUPS),
    "few complete": ({"n_complete": 9}, {"n_complete", "alpha_if_deleted"}),
    "few incomplete": ({"n_complete": 391}, {"n_complete"}),
    "enough incomplete": ({"n_complete": 390}, set()),
    "few not shown": (
        {"n_not_shown": 9, "n_not_graded": 191},
        {"n_not_shown", "n_not_graded"},
    ),
    "few not graded": (
        {"n_not_shown": 191, "n_not_graded": 9},
        {"n_not_shown", "n_not_graded"},
    ),
    "few not shown, the others scored": (
        {"n": 391, "n_not_shown": 9, "n_not_graded": 0, **share(200, 391)},
        {"n_not_shown", *ALL_OF_N},
    ),
    "few not graded, the others scored": (
        {"n": 391, "n_not_shown": 0, "n_not_graded": 9, **share(200, 391)},
        {"n_not_graded", *ALL_OF_N},
    ),
}


@pytest.mark.parametrize("name", ITEMS)
def test_a_small_count_of_an_item_hides_what_it_is_told_by(name):
    values, expected = ITEMS[name]
    # Nothing of the others is left out, so they tell nothing but the submissions.
    table = edited(healthy(), **FIRST | values)
    assert hidden_in(table) == EXTREMES | expected
    assert hidden_in(table, row=1) == EXTREMES


@pytest.mark.parametrize(
    ("k", "n", "right", "hidden"),
    [
        (5, 58, 29, True),
        (5, 60, 30, False),
        (6, 58, 29, False),
        (6, 18, 0, True),
        (6, 20, 0, False),
    ],
)
def test_few_for_each_total_hide_how_they_are_spread(k, n, right, hidden):
    values = {"n": n, "n_complete": n, "n_upper": 15, "n_lower": 15, **share(right, n)}
    table = edited(healthy(k), None, **values)
    assert hidden_in(table) == EXTREMES | (SPREAD if hidden else set())


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("few", [True, False])
def test_those_with_a_part_of_the_points_are_told_by_the_deviation(ddof, few):
    scores = [0.0] * 31 + [1.0] * (9 if few else 10) + [2.0] * 30
    responses = qa.Responses.from_matrix(np.array(scores)[:, None], 2)
    (row,) = qa.suppressed(qa.item_analysis(responses, ddof=ddof), 10).to_pylist()
    assert (row["mean"] is None) == few


# ---- options -------------------------------------------------------------------------

CHOSEN = {
    *("n", "n_upper", "n_middle", "n_lower", "mean_total"),
    *with_ends("ratio", "point_biserial", "point_biserial_corrected"),
}
OF_SPREAD = with_ends("point_biserial", "point_biserial_corrected")
CUTS = {"n_upper", "n_middle", "n_lower"}


def options(*choosers, n_item=400, items=6):
    """A table of six items; the options of the first have so many choosers."""
    answers = [["A"] * items] * 200 + [["B"] * items] * 120 + [["C"] * items] * 80
    table = qa.option_analysis(qa.Responses.from_answers(answers, ["A"] * items))
    even = dict.fromkeys(CUTS, 40.0) | dict.fromkeys(OF_SPREAD, 0.5)
    table = edited(table, None, mean_total=3.0, **even)
    for row, n in enumerate(choosers):
        table = edited(table, row, n=n, n_item=n_item)
    # In each group too the key has the most, so that it is hidden last.
    return edited(table, 0, **dict.fromkeys(CUTS, 60.0))


@pytest.mark.parametrize(
    ("choosers", "n_item", "hidden"),
    [
        ((200, 120, 80), 400, [set(), set(), set()]),
        ((200, 191, 9), 400, [set(), CHOSEN, CHOSEN]),
        # The key is hidden last, even if it is the smallest that would do.
        ((100, 291, 9), 400, [set(), CHOSEN, CHOSEN]),
        # The few who chose nothing are what the others leave.
        ((200, 120, 71), 400, [set(), CUTS, CHOSEN]),
        ((200, 120, 72), 400, [set(), CUTS, CHOSEN]),
        ((200, 120, 70), 400, [set(), set(), set()]),
        # Nor may those who lack the item be few.
        ((200, 111, 80), 391, [{*CHOSEN, "n_item"}] * 3),
        ((200, 110, 80), 390, [set(), set(), set()]),
    ],
)
def test_a_small_count_of_an_option_hides_what_it_is_told_by(choosers, n_item, hidden):
    table = options(*choosers, n_item=n_item)
    assert [hidden_in(table, row) for row in range(3)] == hidden
    assert hidden_in(table, 3) == set()


@pytest.mark.parametrize("name", sorted(CUTS))
def test_few_choosers_in_a_group_hide_those_of_all_groups(name):
    values = dict.fromkeys(CUTS, 40.0) | {name: 9.0}
    table = edited(options(), 1, **values)
    found = [hidden_in(table, row) for row in range(4)]
    assert found == [set(), CUTS, CUTS, set()]


# ---- sections ------------------------------------------------------------------------


@cache
def sections():
    """Two sections with the same six items, of 400 submissions each."""
    students = [f"s{i}" for i in range(400)]
    scores = (np.random.default_rng(3).random((400, 6)) < 0.5).astype(float)
    rows = {
        "student_id": np.repeat(students, 6),
        "item_id": np.tile([f"i{j}" for j in range(6)], 400),
        "score": scores.ravel(),
    }
    names = [["A"]] * 200 + [["B"]] * 200
    people = pa.table({"student_id": students, "section_names": names})
    responses = qa.Responses.from_arrow(pa.table(rows), students=people)
    return edited(qa.item_analysis_by_section(responses), None, **FIRST)


RECEIVED = {"n_not_shown", "n_complete", *ALL_OF_N}
SECTIONS = {
    "nothing": ({}, set(), set(), set()),
    "few right": (share(9), SCORES, SCORES, set()),
    "few with a part": (partial(96, 9, 95), SCORES, SCORES, set()),
    "few blank": ({"n_blank": 9}, {"n_blank"}, {"n_blank"}, set()),
    "few incomplete": ({"n_complete": 391}, {"n_complete"}, {"n_complete"}, set()),
    "few complete": (
        {"n_complete": 9},
        {"n_complete", "alpha_if_deleted"},
        {"n_complete"},
        set(),
    ),
    # Where all have every item the n of each is known: no item tells who has all.
    "few not shown": (
        {"n_not_shown": 9, "n_not_graded": 191},
        RECEIVED,
        RECEIVED,
        {"n_complete"},
    ),
    "few not graded": (
        {"n_not_shown": 191, "n_not_graded": 9},
        RECEIVED,
        RECEIVED,
        {"n_complete"},
    ),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_small_count_of_a_section_hides_another_section(name):
    values, own, other, same_section = SECTIONS[name]
    table = edited(sections(), **values)
    always = EXTREMES | {"n_not_graded"}
    assert hidden_in(table) == always | own
    assert hidden_in(table, row=6) == always | other
    assert hidden_in(table, row=1) == always | same_section
    assert hidden_in(table, row=7) == always | same_section


# ---- traces, totals, groups and what was left out ------------------------------------


@pytest.mark.parametrize(
    ("rows", "values", "hidden"),
    [
        ((), {}, False),
        ((0,), {"n": 9.0}, True),
        ((0,), {"n": 10.0}, False),
        ((0,), {"n": 41.0}, True),  # 9 of the group chose nothing
        ((0,), {"n": 40.0}, False),
        ((0, 2, 4), {"n": 47.0, "n_group": 141.0}, True),  # 9 lack the item
        ((0, 2, 4), {"n": 46.0, "n_group": 138.0}, False),
        ((0, 2, 4), {"n": 3.0, "n_group": 9.0}, True),
        ((0, 2, 4), {"n": 0.0, "n_group": 9.0}, True),
    ],
)
def test_a_small_count_hides_the_traces_of_its_item(rows, values, hidden):
    answers = [["A"] * 2] * 100 + [["B"] * 2] * 100 + [["C"] * 2] * 100
    responses = qa.Responses.from_answers(answers, ["A"] * 2)
    table = qa.option_traces(responses, groups=2)
    table = edited(table, None, n=50.0, n_group=150.0, ratio=1 / 3)
    for row in rows:
        table = edited(table, row, **values)
    own = {"n", "n_group", "ratio"} if hidden else set()
    assert [hidden_in(table, row) for row in range(6)] == [own] * 6
    assert [hidden_in(table, row) for row in range(6, 12)] == [set()] * 6


MOMENTS = {"min", "max", "skewness", "kurtosis"}
RELIABILITY = {"alpha", "alpha_low", "alpha_high", "sem"}
AROUND = {"mean_low", "mean_high", "sd", "median", *RELIABILITY}


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({}, set()),
        ({"n_complete": 9}, {"n_complete", *RELIABILITY}),
        ({"n_complete": 391}, {"n_complete"}),
        ({"n_complete": 390}, set()),
        ({"n": 9, "n_complete": 9}, {"n", "n_complete", "mean", *AROUND}),
        ({"n": 58, "n_complete": 58, "n_items": 5}, AROUND),
        ({"n": 60, "n_complete": 60, "n_items": 5}, set()),
        ({"n": 18, "n_complete": 18, "n_items": 6}, AROUND),
        ({"n": 20, "n_complete": 20, "n_items": 6}, set()),
        # Of one item of 2 points so many have both: all or nothing.
        ({"n_items": 1, "points_possible": 2.0, "mean": 18 / 400}, {"mean", *AROUND}),
        ({"n_items": 1, "points_possible": 2.0, "mean": 20 / 400}, set()),
        ({"n_items": 1, "points_possible": 2.0, "mean": 782 / 400}, {"mean", *AROUND}),
        ({"n_items": 1, "points_possible": 2.0, "mean": 780 / 400}, set()),
        ({"n_items": 1, "points_possible": 0.0, "mean": 18 / 400}, set()),
        ({"n_items": 2, "points_possible": 2.0, "mean": 18 / 400}, set()),
        ({"n_items": 2, "points_possible": 2.0, "mean": 782 / 400}, set()),
    ],
)
def test_a_small_count_of_a_quiz_hides_what_it_is_told_by(values, hidden):
    scores = (np.random.default_rng(3).random((400, 6)) < 0.5).astype(float)
    table = qa.summary(qa.Responses.from_matrix(scores, 1))
    table = edited(table, **{"sem": 0.5} | values)
    assert hidden_in(table) == MOMENTS | hidden


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({}, False),
        ({"n_reference": 9}, True),
        ({"n_focal": 9}, True),
        ({"n_matched": 9}, True),
        ({"n_matched": 391}, True),
        ({"n_matched": 390}, False),
    ],
)
def test_a_small_group_hides_all_of_a_comparison(values, hidden):
    scores = (np.random.default_rng(3).random((400, 3)) < 0.5).astype(float)
    halves = scores[:200], scores[200:]
    table = qa.dif(*(qa.Responses.from_matrix(half, 1) for half in halves))
    table = edited(table, **values)
    about = {"quiz_id", "item_id", "position", "title", "reference", "focal"}
    shown = {k for k, v in table.to_pylist()[0].items() if v is not None}
    expected = shown - about - {"undefined"} if hidden else set()
    assert {"odds_ratio_low", "favours", "mantel_p_value"} <= shown
    assert hidden_in(table) == expected


def test_what_was_read_is_hidden_first_and_what_is_no_student_never():
    table = qa.exclusions(qa.Responses.from_matrix([[1.0]] * 40, 1))
    units = ["submissions"] * 4 + ["responses"] * 3 + ["items", "columns"]
    reasons = ["read", "a", "b", "analysed", "read", "a", "analysed", "a", "a"]
    counts = [139, 9, 60, 70, 90, 5, 85, 3, 4]
    own = {
        "quiz_id": ["z"] * 9,
        "unit": units,
        "reason": reasons,
        "n": counts,
        "left_out": [False] * 9,
        "undefined": [None] * 9,
    }
    table = pa.table(own, schema=table.schema)
    kept = qa.suppressed(table, 10)["n"].to_pylist()
    assert kept == [None, None, 60, 70, None, None, 85, 3, 4]


def test_what_tells_the_totals_is_hidden_where_they_tell_an_item():
    right = [27, 15, 16, 14, 17, 18]
    # Not the same students have all right, so that nothing is 0 or undefined.
    shift = [0, 3, 7, 11, 19, 23]
    answers = [
        ["A" if (i + s) % 30 < n else "B" for n, s in zip(right, shift, strict=True)]
        for i in range(30)
    ]
    responses = qa.Responses.from_answers(answers, ["A"] * 6)
    plain, report = (qa.analyze(responses, min_cell=x) for x in (None, 10))
    ends = with_ends("point_biserial")
    for name, own in (
        ("item_analysis", {*ends, "biserial", "alpha_if_deleted", "min", "max"}),
        ("option_analysis", {*ends, "mean_total"}),
    ):
        before, after = (getattr(one, name).to_pylist()[-1] for one in (plain, report))
        gone = {k for k, v in before.items() if v is not None and after[k] is None}
        assert gone - CUTS - GROUPS == own
