"""The tables equal the slow oracle, and have the properties that define them."""

from collections import Counter
from datetime import UTC, datetime
from fractions import Fraction

import oracle
import pyarrow as pa
import pytest
import strategies
from exact import membership, split_by_enumeration, tie_groups
from hypothesis import given
from hypothesis import strategies as st
from spread_parts import bytes_of

import quizanalysis as qa
from quizanalysis._counts import pieces

IDS = {
    "item_analysis": ("quiz_id", "item_id"),
    "option_analysis": ("quiz_id", "item_id", "option"),
    "option_traces": ("quiz_id", "item_id", "option", "group"),
    "summary": ("quiz_id",),
    "student_analysis": ("quiz_id", "student_id", "attempt"),
}

READING = {
    "attempt": st.sampled_from([None, "first", "last", "best", "kept", "all"]),
    "blank": st.sampled_from([None, "zero", "omit"]),
}
GROUPS = {
    "criterion": st.sampled_from(["points", "share"]),
    "tail": st.sampled_from([0.27, 0.27, 1 / 3, 0.1, 0.25, 0.5]),
    "ties": st.sampled_from(["split", "include"]),
}
LEVEL = {"level": st.sampled_from([0.95, 0.95, 0.8, 0.99])}
DDOF = {"ddof": st.sampled_from([1, 1, 0])}
RATIOS = (
    "difficulty",
    "correct_ratio",
    "point_biserial",
    "point_biserial_corrected",
    "biserial",
    "alpha_if_deleted",
)

small = strategies.tidy(quizzes=2, students=9, items=4, attempts=2)
alike = strategies.tidy(quizzes=1, students=12, items=5, attempts=1)
"""One quiz with one attempt each: where most figures exist."""

data_sets = st.one_of(small, alike)


def options(*several):
    """Draw keyword arguments."""
    return st.fixed_dictionaries({k: v for one in several for k, v in one.items()})


def keyed(rows, table):
    """Return {ids: row}; each row must be there once."""
    found = [tuple(row[name] for name in IDS[table]) for row in rows]
    assert len(set(found)) == len(found)
    return dict(zip(found, rows, strict=True))


def agree(expected, got):
    """Equal, or within 1e-12 relatively or absolutely."""
    if isinstance(expected, float) and isinstance(got, float):
        return abs(expected - got) <= 1e-12 * max(1, abs(expected))
    return expected == got


def disagreements(expected, got, names):
    """List (row, column, expected, got) wherever two tables of rows differ."""
    return [
        (key, name, expected[key][name], got[key][name])
        for key in expected
        for name in names
        if not agree(expected[key][name], got[key][name])
    ]


def described(data):
    """Add what is known of submissions, items and students, or is not known."""
    rows, items = data
    number = {}
    for row in rows:
        number.setdefault(
            (row["quiz_id"], row["student_id"], row["attempt"]), len(number)
        )
    told = []
    for row in rows:
        i = number[row["quiz_id"], row["student_id"], row["attempt"]]
        at = datetime(2026, 1 + i // 28, 1 + i % 28, tzinfo=UTC) if i % 3 else None
        told.append(
            row
            | {
                "submitted_at": at,
                "elapsed_s": 1.5 * i if i % 4 else None,
                "recorded_points_possible": 7.5 if i % 5 == 4 else None,
            }
        )
    kinds = ("choice", None, "numeric", "essay")
    known = {
        key: about | {"item_type": kinds[about["position"] % 4]}
        for key, about in items.items()
    }
    students = {
        student: {
            "name": f"Name of {student}" if i % 3 else None,
            "sis_id": f"sis {i}" if i % 2 else None,
            "section_names": [[], ["A"], ["A", "B"]][i % 3],
        }
        for i, student in enumerate(sorted({row["student_id"] for row in rows}))
    }
    return told, known, students


def read(rows, items, students):
    """Make responses of what `described` gives."""
    responses, about = strategies.tables(rows, items)
    kinds = [one["item_type"] for one in items.values()]
    about = about.append_column("item_type", pa.array(kinds, pa.string()))
    people = pa.table(
        {
            "student_id": list(students),
            **{
                name: pa.array([one[name] for one in students.values()], kind)
                for name, kind in (
                    ("name", pa.string()),
                    ("sis_id", pa.string()),
                    ("section_names", pa.list_(pa.string())),
                )
            },
        }
    )
    return qa.Responses.from_arrow(responses, about, people)


def check(table, data, choices):
    """Compare every column of a table of the library with the oracle's."""
    rows, items, students = described(data)
    made = getattr(qa, table)(read(rows, items, students), **choices)
    got = keyed(made.to_pylist(), table)
    for row in got.values():
        row["undefined"] = reasons(row)
    of = {"students": students} if table == "student_analysis" else {}
    expected = keyed(getattr(oracle, table)(rows, items, **of, **choices), table)
    assert got.keys() == expected.keys()
    names = set(made.column_names)
    assert all(row.keys() == names for row in expected.values())
    assert disagreements(expected, got, sorted(names)) == []


def reasons(row):
    """Return {figure: reason} as the column `undefined` has it."""
    said = row["undefined"]
    parts = said.split("; ") if said else []
    return dict(part.split(": ", 1) for part in parts)


@given(data_sets, options(READING, GROUPS, DDOF, LEVEL))
def test_item_analysis_equals_the_oracle(data, choices):
    check("item_analysis", data, choices)


@given(data_sets, options(READING, GROUPS, LEVEL))
def test_option_analysis_equals_the_oracle(data, choices):
    check("option_analysis", data, choices)


@given(
    data_sets,
    options(READING, {"criterion": GROUPS["criterion"], "groups": st.integers(2, 6)}),
)
def test_option_traces_equal_the_oracle(data, choices):
    check("option_traces", data, choices)


@given(data_sets)
def test_the_groups_of_a_trace_add_up_to_those_who_chose_the_option(data):
    whole = keyed(figures("option_analysis", *data), "option_analysis")
    sums = Counter()
    for row in figures("option_traces", *data):
        if row["n"] is not None:
            sums[row["quiz_id"], row["item_id"], row["option"]] += row["n"]
    assert all(n == pytest.approx(whole[key]["n"]) for key, n in sums.items())


@given(data_sets, options(READING, DDOF, LEVEL))
def test_summary_equals_the_oracle(data, choices):
    check("summary", data, choices)


@given(data_sets, options({"attempt": READING["attempt"]}))
def test_student_analysis_equals_the_oracle(data, choices):
    check("student_analysis", data, choices)


@given(data_sets, options(READING))
def test_exclusions_equal_the_oracle(data, choices):
    rows, items, students = described(data)
    chosen = {name: value for name, value in choices.items() if value}
    made = qa.analyze(read(rows, items, students), **chosen).exclusions
    expected = {}
    for row in oracle.exclusions(rows, items, **choices):
        expected.setdefault(row["quiz_id"], []).append(row | {"undefined": None})
    got = {}
    for row in made.to_pylist():
        got.setdefault(row["quiz_id"], []).append(row)
    assert got == expected


@given(strategies.tidy())
def test_everything_equals_the_oracle_with_many_quizzes_and_attempts(data):
    for table in IDS:
        check(table, data, {"attempt": "all"})


def test_alpha_without_an_item_where_only_the_totals_hardly_differ():
    rows = [["0.999999", "1", "0"]] * 2 + [["0.999999999", "1", "0"]]
    rows.append(["0.999999", "0", "1"])
    scores = qa.Responses.from_matrix([[float(x) for x in row] for row in rows])
    first, *others = qa.item_analysis(scores)["alpha_if_deleted"].to_pylist()
    full = [dict(enumerate(map(Fraction, row))) for row in rows]
    assert oracle.alpha_of([0, 1, 2], full) is None
    assert first is oracle.alpha_of([1, 2], full) is None
    expected = [float(oracle.alpha_of(rest, full)) for rest in ([0, 2], [0, 1])]
    assert others == pytest.approx(expected, rel=1e-9, abs=0)


@given(strategies.matrix(), st.sampled_from([None, 1.0]))
def test_a_matrix_gives_what_its_tidy_rows_give(scores, points):
    rows = [
        {
            "quiz_id": "quiz",
            "student_id": f"s{i}",
            "item_id": f"i{j}",
            "score": score,
        }
        for i, row in enumerate(scores)
        for j, score in enumerate(row)
        if score is not None
    ]
    width = len(scores[0])
    items = {("quiz", f"i{j}"): {"points_possible": points} for j in range(width)}
    responses = qa.Responses.from_matrix(
        [[float("nan") if s is None else s for s in row] for row in scores],
        points,
        item_ids=[f"i{j}" for j in range(width)],
        student_ids=[f"s{i}" for i in range(len(scores))],
    )
    got = keyed(qa.item_analysis(responses).to_pylist(), "item_analysis")
    expected = keyed(oracle.item_analysis(rows, items), "item_analysis")
    names = set(next(iter(expected.values())))
    names -= {"position", "title", "n_not_shown", "undefined"}
    assert disagreements(expected, got, names) == []


# ---- the tie rule ---------------------------------------------------------------


@given(st.lists(st.integers(0, 2), min_size=2, max_size=6), st.data())
def test_weights_at_the_cut_are_the_mean_over_every_order_of_the_tied(totals, data):
    totals = [Fraction(total) for total in totals]
    size = data.draw(st.integers(1, len(totals)))
    groups = tie_groups(totals, Fraction(1, 10**6))
    weights = (
        membership(groups, size, "split"),
        membership(groups[::-1], size, "split"),
    )
    assert split_by_enumeration(totals, size) == weights


# ---- merging --------------------------------------------------------------------


def by_submission(rows):
    """Lists of the rows of each submission."""
    found = {}
    for row in rows:
        key = (row["quiz_id"], row["student_id"], row["attempt"])
        found.setdefault(key, []).append(row)
    return list(found.values())


def nothing_inferred(data):
    """The same data, but with points and keys declared and no other answers."""
    rows, items = data
    known = {
        key: about
        | {
            "points_possible": about["points_possible"] or "1",
            "options": [
                {"id": answer, "text": answer, "correct": answer == "a"}
                for answer in (*strategies.ANSWERS, "an essay")
            ],
        }
        for key, about in items.items()
    }
    return rows, known


@given(data_sets.map(nothing_inferred), st.sampled_from(["zero", "omit"]), st.data())
def test_tallies_of_any_split_in_any_order_merge_to_the_same_bytes(data, blank, draw):
    rows, items = data
    # Whether an empty answer is blank depends on whether anyone answered at all.
    rows = [row | {"status": status(row)} for row in rows]
    submissions = by_submission(rows)
    whole = qa.Tally.of(responses_of(rows, items), blank=blank)
    merged = qa.Tally.empty(blank)
    for part in draw.draw(strategies.splits(len(submissions))):
        some = [row for i in part for row in submissions[i]]
        if some:
            merged += qa.Tally.of(responses_of(some, items), blank=blank)
    assert merged == whole
    assert bytes_of(merged) == bytes_of(whole)


@given(data_sets, st.sampled_from(["zero", "omit"]), st.integers(1, 5), st.data())
def test_tallies_of_batches_of_shuffled_submissions_have_the_same_bytes(
    data, blank, size, draw
):
    rows, items = data
    submissions = draw.draw(st.permutations(by_submission(rows)))
    shuffled = [row for own in submissions for row in own]
    whole = qa.Tally.of(responses_of(rows, items), blank=blank)
    batches = responses_of(shuffled, items).batches(size)
    assert bytes_of(qa.Tally.of(batches, blank=blank)) == bytes_of(whole)


@given(data_sets, options(READING, GROUPS), st.integers(0, 4), st.data())
def test_tables_read_apart_and_merged_equal_those_of_the_whole(
    data, choices, limit, draw
):
    rows, items = data
    rows = [row | {"status": status(row)} for row in rows]
    takers = {}
    for row in rows:
        takers.setdefault((row["quiz_id"], row["student_id"]), []).append(row)
    takers = list(takers.values())
    attempt, blank = choices.pop("attempt") or "last", choices.pop("blank") or "zero"

    def tally(rows):
        table = strategies.responses_table(rows)
        about = strategies.items_table(items)
        responses = qa.Responses.from_arrow(table, about, max_options=limit)
        return qa.Tally.of(responses.attempts(attempt), blank=blank)

    merged = qa.Tally.empty(blank)
    for part in draw.draw(strategies.splits(len(takers))):
        some = [row for i in part for row in takers[i]]
        if some:
            merged += tally(some)
    whole = tally(rows)
    for table, options in (
        ("item_analysis", choices),
        ("option_analysis", choices),
        ("summary", {}),
    ):
        made = getattr(qa, table)
        assert made(merged, **options).equals(made(whole, **options))


@given(data_sets, options(READING, GROUPS))
def test_a_tally_gives_the_tables_that_its_responses_give(data, choices):
    responses = responses_of(*data)
    attempt, blank = choices.pop("attempt"), choices.pop("blank")
    tally = qa.Tally.of(responses.attempts(attempt or "last"), blank=blank or "zero")
    for table in ("item_analysis", "option_analysis"):
        made = getattr(qa, table)
        direct = made(responses, attempt=attempt, blank=blank, **choices)
        read = made(tally, **choices)
        assert keyed(read.to_pylist(), table) == keyed(direct.to_pylist(), table)


def responses_of(rows, items):
    """Make responses of plain rows."""
    return qa.Responses.from_arrow(*strategies.tables(rows, items))


def status(row):
    """Say outright what a row means, whatever the others hold."""
    if row.get("status") in ("not_graded", "not_shown", "not_attempted"):
        return row["status"]
    if row["score"] is None:
        return "not_graded"
    return "graded" if row["response"] else "not_attempted"


# ---- what must not matter -------------------------------------------------------


@given(data_sets)
def test_doubling_all_students_changes_no_ratio(data):
    rows, items = data
    twins = [row | {"student_id": row["student_id"] + " twin"} for row in rows]
    once = keyed(figures("item_analysis", rows, items), "item_analysis")
    twice = keyed(figures("item_analysis", rows + twins, items), "item_analysis")
    # A single response has no spread; its double has none either.
    assert disagreements(once, twice, RATIOS) == []
    counts = ("n", "n_blank", "n_not_shown", "n_not_graded", "n_complete")
    assert all(twice[key][c] == 2 * once[key][c] for key in once for c in counts)


@given(data_sets, st.data())
def test_the_order_of_rows_changes_no_figure(data, draw):
    rows, items = data
    shuffled = draw.draw(st.permutations(rows))
    moved = dict(draw.draw(st.permutations(list(items.items()))))
    for table in IDS:
        before = keyed(figures(table, rows, items), table)
        assert keyed(figures(table, shuffled, moved), table) == before


@given(data_sets)
def test_student_scores_and_item_means_reconcile(data):
    rows, items = data
    sums = Counter()
    for row in figures("student_analysis", rows, items):
        sums[row["quiz_id"]] += row["items_score"] or 0
    for row in figures("item_analysis", rows, items):
        sums[row["quiz_id"]] -= row["n"] * (row["mean"] or 0)
    assert all(left == pytest.approx(0, abs=1e-6) for left in sums.values())


def figures(table, rows, items):
    """One table of the library as a list of dicts."""
    return getattr(qa, table)(responses_of(rows, items)).to_pylist()


@given(strategies.tidy(), st.sampled_from(["points", "share"]))
def test_some_quizzes_at_a_time_give_the_same_tables_as_all(data, criterion):
    tally = qa.Tally.of(responses_of(*data))
    for made in (qa.item_analysis, qa.option_analysis):
        whole = made(tally, criterion=criterion)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(pieces, "_ROWS", 1)
            table = made(tally, criterion=criterion)
        assert table.equals(whole, check_metadata=True)
