"""Which figures are hidden: tables edited by hand, one small count at a time."""

from functools import cache

import numpy as np
import pyarrow as pa
import pytest

import quizanalysis as qa


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


def hidden_in(table, row=0):
    """The columns that `suppressed` hides in one row."""
    before, after = table.to_pylist()[row], qa.suppressed(table, 10).to_pylist()[row]
    return {k for k, v in before.items() if v is not None and after[k] is None}


def with_ends(*names):
    return {f"{name}{end}" for name in names for end in ("", "_low", "_high")}


ALWAYS = {"min", "max", "discrimination_low", "discrimination_high"}
OF_SPREAD = with_ends("point_biserial", "point_biserial_corrected")
SPREAD = {*OF_SPREAD, "biserial", "alpha_if_deleted"}
GROUPS = {"n_upper", "n_lower", *with_ends("discrimination")}
SCORES = {
    *with_ends("mean", "difficulty", "correct_ratio", "discrimination"),
    *("sd", *SPREAD),
}
ALL_OF_N = {"n", "n_blank", *SCORES, *GROUPS}

FIRST = {"n": 200, "n_not_shown": 100, "n_not_graded": 100, "n_complete": 150}
FIRST |= {"n_blank": 50, "n_upper": 60, "n_lower": 60}
FIRST |= {"correct_ratio": 0.5, "difficulty": 0.5, "mean": 0.5}
FIRST |= {"sd": (50 / 199) ** 0.5, "discrimination": 0.1}
"""An item of 400 submissions; its scores have a variance of 0.25 x 200 / 199.

Six more are right in the upper group than in the lower, which may be 6 and 0, or more.
"""


def share(right, n=200, half=0, points=1.0):
    """An item of which so many have all points, others half of them, others none."""
    mean = (right + half / 2) / n
    variance = ((right + half / 4) / n - mean**2) * n / (n - 1)
    return {
        "points_possible": points,
        "correct_ratio": right / n,
        "difficulty": mean,
        "mean": points * mean,
        "sd": points * variance**0.5,
    }


def in_groups(upper, lower, middle):
    """An item that so many have right in each group of 60, and of 80 between them."""
    return share(upper + lower + middle) | {"discrimination": (upper - lower) / 60}


BEYOND = with_ends("mean", "difficulty") - {"mean", "difficulty"}
FEW_NOT_SHOWN = {"n_not_shown": 9, "n_not_graded": 191}
FEW_NOT_GRADED = {"n_not_shown": 191, "n_not_graded": 9}
OTHERS_SCORED = {"n": 391, **share(200, 391), "n_not_shown": 0, "n_not_graded": 0}
ITEMS = {
    "nothing": ({}, set()),
    "few right": (share(9), SCORES),
    "enough right": (share(10), set()),
    "few wrong": (share(191), SCORES),
    "enough wrong": (share(190), set()),
    "few make the points": (
        share(9) | {"points_inferred": True},
        {"points_possible", *SCORES},
    ),
    "enough make the points": (share(10) | {"points_inferred": True}, set()),
    "few with a part": (share(95, half=9, points=7.0), SCORES),
    "enough with a part": (share(95, half=10, points=7.0), set()),
    "few with nothing": (share(95, half=96, points=7.0), SCORES),
    "enough with nothing": (share(95, half=95, points=7.0), set()),
    # n and the mean are two equations for the number with each score, the others more.
    "few scores": (share(95, half=10, points=6.0), SCORES - {"mean", "difficulty"}),
    "a score below 0": ({"min": -0.5}, BEYOND),
    "a score beyond the points": ({"max": 1.5}, BEYOND),
    "few blank": ({"n_blank": 9}, {"n_blank"}),
    "few not blank": ({"n_blank": 191}, {"n_blank"}),
    "enough not blank": ({"n_blank": 190}, set()),
    "few not shown but not blank": ({"n_blank": 91}, {"n_blank"}),
    "few in the upper group": ({"n_upper": 9}, GROUPS),
    "few in the lower group": ({"n_lower": 9}, GROUPS),
    "few complete": ({"n_complete": 9}, {"n_complete", "alpha_if_deleted"}),
    "few incomplete": ({"n_complete": 391}, {"n_complete"}),
    "enough incomplete": ({"n_complete": 390}, set()),
    "few not shown": (FEW_NOT_SHOWN, {*FEW_NOT_SHOWN}),
    "few not graded": (FEW_NOT_GRADED, {*FEW_NOT_GRADED}),
    "few not shown, the others scored": (
        OTHERS_SCORED | {"n_not_shown": 9},
        {"n_not_shown", *ALL_OF_N},
    ),
    "few not graded, the others scored": (
        OTHERS_SCORED | {"n_not_graded": 9},
        {"n_not_graded", *ALL_OF_N},
    ),
    "nobody right": (in_groups(0, 0, 0), {"discrimination"}),
    # 59 more of 60 are 59 and none, or 60 and one: of those between two less.
    "apart": (in_groups(59, 0, 2), set()),
    "apart, too few between for one more": (in_groups(59, 0, 1), {"discrimination"}),
    "apart, with one": (in_groups(60, 1, 78), set()),
    "apart, too many between for one less": (in_groups(60, 1, 79), {"discrimination"}),
    "all and none": (in_groups(60, 0, 40), {"discrimination"}),
}


@pytest.mark.parametrize("name", ITEMS)
def test_a_small_count_of_an_item_hides_what_it_is_told_by(name):
    values, expected = ITEMS[name]
    # Nothing of the others is left out, so they tell nothing but the submissions.
    table = edited(healthy(), **FIRST | values)
    assert hidden_in(table) == ALWAYS | expected
    assert hidden_in(table, row=1) == ALWAYS


def scoreless(table):
    """The rows of which the scores are hidden, with all that rests on them."""
    hidden = [hidden_in(table, row) for row in range(table.num_rows)]
    assert all("mean" not in own or own >= ALWAYS | SCORES for own in hidden)
    return [row for row, own in enumerate(hidden) if "mean" in own]


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        (10, 200, []),
        (9, 200, [0, 3]),
        (391, 200, [0, 3]),
        (9, 9, [0, 1, 3]),
        (9, 391, [0, 1, 3]),
        (9, 8, [0, 1]),
        (9, 392, [0, 1]),
        # Of nobody, or of all, the score is known.
        (9, 0, [0, 3]),
        (9, 400, [0, 3]),
    ],
)
def test_hidden_items_that_vary_alike_take_the_fewest_others(first, second, hidden):
    table = healthy()
    for row, right in enumerate((first, second, 150, 100, 240, 200)):
        table = edited(table, row, discrimination=0.1, **share(right, 400))
    assert scoreless(table) == hidden
    # Items of other points cannot be taken for those.
    doubled = share(100, 400, points=2.0)
    other = [{3: 2}.get(row, row) for row in hidden]
    assert scoreless(edited(table, 3, **doubled)) == other


@pytest.mark.parametrize(
    ("k", "n", "right", "hidden"),
    [
        (2, 400, 200, SPREAD - {"alpha_if_deleted"}),
        (3, 99, 49, SPREAD),
        (3, 100, 50, set()),
        (5, 59, 29, SPREAD),
        (5, 60, 30, set()),
        (6, 19, 0, SPREAD),
        (6, 20, 0, set()),
    ],
)
def test_few_for_each_total_hide_how_they_are_spread(k, n, right, hidden):
    values = {"n": n, "n_complete": n, "n_upper": 15, "n_lower": 15, **share(right, n)}
    table = edited(healthy(k), None, **values)
    found = hidden_in(table) - with_ends("discrimination")
    assert found == {"min", "max"} | hidden


@pytest.mark.parametrize("ddof", [0, 1])
@pytest.mark.parametrize("few", [True, False])
def test_those_with_a_part_of_the_points_are_told_by_the_deviation(ddof, few):
    scores = [0.0] * 31 + [1.0] * (9 if few else 10) + [2.0] * 30
    responses = qa.Responses.from_matrix(np.array(scores)[:, None], 2)
    (row,) = qa.suppressed(qa.item_analysis(responses, ddof=ddof), 10).to_pylist()
    assert (row["mean"] is None) == few


# ---- options -------------------------------------------------------------------------

CUTS = {"n_upper", "n_middle", "n_lower"}
CHOSEN = {"n", "mean_total", *CUTS, *with_ends("ratio"), *OF_SPREAD}


def options(*choosers, n_item=400):
    """A table of six items; the options of the first have so many choosers."""
    answers = [["A"] * 6] * 200 + [["B"] * 6] * 120 + [["C"] * 6] * 80
    table = qa.option_analysis(qa.Responses.from_answers(answers, ["A"] * 6))
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
        "points_possible": np.ones(2400),
    }
    names = [["A"]] * 200 + [["B"]] * 200
    people = pa.table({"student_id": students, "section_names": names})
    responses = qa.Responses.from_arrow(pa.table(rows), students=people)
    return edited(qa.item_analysis_by_section(responses), None, **FIRST)


RECEIVED = {"n_not_shown", "n_complete", *ALL_OF_N}
COMPLETE, OF_COMPLETE = {"n_complete"}, {"n_complete", "alpha_if_deleted"}
SECTIONS = {
    "nothing": ({}, set(), set(), set()),
    "few right": (share(9), SCORES, SCORES, set()),
    "few with a part": (share(95, half=9, points=7.0), SCORES, SCORES, set()),
    "few blank": ({"n_blank": 9}, {"n_blank"}, {"n_blank"}, set()),
    "few incomplete": ({"n_complete": 391}, COMPLETE, COMPLETE, set()),
    "few complete": ({"n_complete": 9}, OF_COMPLETE, COMPLETE, set()),
    # Where all have every item the n of each is known: no item tells who has all.
    "few not shown": (FEW_NOT_SHOWN, RECEIVED, RECEIVED, COMPLETE),
    "few not graded": (FEW_NOT_GRADED, RECEIVED, RECEIVED, COMPLETE),
}


@pytest.mark.parametrize("name", SECTIONS)
def test_a_small_count_of_a_section_hides_another_section(name):
    values, own, other, same_section = SECTIONS[name]
    table = edited(sections(), **values)
    always = ALWAYS | {"n_not_graded"}
    assert hidden_in(table) == always | own
    assert hidden_in(table, row=6) == always | other
    assert hidden_in(table, row=1) == always | same_section
    assert hidden_in(table, row=7) == always | same_section


@pytest.mark.parametrize(
    ("first", "second", "hidden"),
    [
        # What one section has few of, the other hides; in sum they are not few.
        ((4, 100), (100, 100), [0, 6]),
        ((4, 6), (100, 100), [0, 6]),
        ((4, 5), (100, 100), [0, 3, 6, 9]),
        ((195, 196), (100, 100), [0, 3, 6, 9]),
        ((4, 5), (4, 5), [0, 1, 3, 6, 7, 9]),
        ((4, 5), (195, 196), [0, 1, 3, 6, 7, 9]),
        ((4, 5), (4, 4), [0, 1, 6, 7]),
    ],
)
def test_few_of_all_sections_take_another_item(first, second, hidden):
    table = sections()
    for item, counts in ((0, first), (1, second), (3, (90, 90))):
        for row, right in zip((item, item + 6), counts, strict=True):
            table = edited(table, row, **share(right))
    assert scoreless(table) == hidden


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


def totals(items, points, sd, n):
    figures = {"n_items": items, "points_possible": points, "sd": sd}
    return figures | {"n": n, "n_complete": n}


def of_sum(items, points, total):
    return {"n_items": items, "points_possible": points, "mean": total / 400}


@pytest.mark.parametrize(
    ("values", "hidden"),
    [
        ({}, set()),
        ({"n_complete": 9}, {"n_complete", *RELIABILITY}),
        ({"n_complete": 391}, {"n_complete"}),
        ({"n_complete": 390}, set()),
        ({"n": 9, "n_complete": 9}, {"n", "n_complete", "mean", *AROUND}),
        (totals(2, 2.0, 0.5, 400), AROUND),
        (totals(3, 3.0, 1.5, 99), AROUND),
        (totals(3, 3.0, 1.5, 100), set()),
        (totals(5, 5.0, 1.5, 59), AROUND),
        (totals(5, 5.0, 1.5, 60), set()),
        (totals(6, 6.0, 1.25, 19), AROUND),
        (totals(6, 6.0, 1.25, 20), set()),
        # Totals that differ by little, in items, are few again.
        (totals(6, 12.0, 2.48, 99), AROUND),
        (totals(6, 12.0, 2.48, 100), set()),
        (totals(6, 12.0, 2.5, 20), set()),
        # Of one item so many have all points, if it is all or nothing.
        (of_sum(1, 2.0, 18), {"mean", *AROUND}),
        (of_sum(1, 2.0, 20), AROUND),
        (of_sum(1, 2.0, 782), {"mean", *AROUND}),
        (of_sum(1, 2.0, 780), AROUND),
        (of_sum(1, 0.0, 18), AROUND),
        (of_sum(2, 2.0, 18), AROUND),
        (of_sum(2, 2.0, 782), AROUND),
    ],
)
def test_a_small_count_of_a_quiz_hides_what_it_is_told_by(values, hidden):
    scores = (np.random.default_rng(3).random((400, 6)) < 0.5).astype(float)
    table = qa.summary(qa.Responses.from_matrix(scores, 1))
    table = edited(table, **{"sem": 0.5, "sd": 1.5} | values)
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


@pytest.mark.parametrize(
    ("few", "expected"),
    [
        (9, [None, None, 60, 70, None, None, None, None, 3, 4]),
        (10, [140, 10, 60, 70, None, None, None, None, 3, 4]),
    ],
)
def test_what_was_read_is_hidden_first_and_what_is_no_student_never(few, expected):
    """What is only remarked on is no part of what was read, and does not hide it."""
    table = qa.exclusions(qa.Responses.from_matrix([[1.0]] * 40, 1))
    rows = [
        ("submissions", "read", 130 + few, False),
        *(("submissions", "a", few, True), ("submissions", "b", 60, True)),
        *(("submissions", "analysed", 70, False), ("submissions", "c", 4, False)),
        *(("responses", "read", 90, False), ("responses", "a", 5, True)),
        ("responses", "analysed", 85, False),
        *(("items", "a", 3, False), ("columns", "a", 4, False)),
    ]
    names = ("unit", "reason", "n", "left_out")
    own = [{"quiz_id": "z"} | dict(zip(names, row, strict=True)) for row in rows]
    table = pa.Table.from_pylist(own, schema=table.schema)
    assert qa.suppressed(table, 10)["n"].to_pylist() == expected


def test_what_tells_the_totals_is_hidden_where_they_tell_an_item():
    # Not the same students have all right, so that nothing is 0 or undefined.
    right = enumerate([27, 15, 16, 14, 17, 18])
    columns = [["A" if (i + s) % 30 < n else "B" for i in range(30)] for s, n in right]
    answers = [list(row) for row in zip(*columns, strict=True)]
    # No other item has as many points as the first, of which few are wrong.
    responses = qa.Responses.from_answers(answers, ["A"] * 6, [2] + [1] * 5)
    plain, report = (qa.analyze(responses, min_cell=x) for x in (None, 10))
    ends = with_ends("point_biserial")
    for name, own in (
        ("item_analysis", {*ends, "biserial", "alpha_if_deleted", "min", "max"}),
        ("option_analysis", {*ends, "mean_total"}),
        ("summary", {"mean", *AROUND, *MOMENTS}),
    ):
        before, after = (getattr(one, name).to_pylist()[-1] for one in (plain, report))
        gone = {k for k, v in before.items() if v is not None and after[k] is None}
        assert gone - CUTS - GROUPS == own
