"""Intervals: published examples, what must hold of all, and how often they are right.

That they equal the slow oracle is in ``test_oracle_agreement``.
"""

import numpy as np
import pytest
import simulated
import strategies
from hypothesis import given
from hypothesis import strategies as st
from test_oracle_agreement import data_sets, keyed, responses_of

import quizanalysis as qa
from quizanalysis import intervals

FIGURES = {
    "item_analysis": (
        "mean",
        "difficulty",
        "correct_ratio",
        "discrimination",
        "point_biserial",
        "point_biserial_corrected",
    ),
    "option_analysis": ("ratio", "point_biserial", "point_biserial_corrected"),
    "summary": ("mean", "alpha"),
}


# ---- published examples ---------------------------------------------------------


@pytest.mark.parametrize(
    ("r", "n", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (1, 29, 0.0061, 0.1718)],
)
def test_wilson_as_newcombe_1998_prints_it(r, n, low, high):
    ends = intervals.wilson_interval(r / n, n)
    assert [round(float(end), 4) for end in ends] == [low, high]


@pytest.mark.parametrize(
    ("a", "m", "b", "n", "low", "high"),
    [
        (56, 70, 48, 80, 0.0524, 0.3339),
        (9, 10, 3, 10, 0.1705, 0.8090),
        (10, 10, 0, 20, 0.6791, 1.0),
        (10, 10, 0, 10, 0.6075, 1.0),
    ],
)
def test_differences_as_newcombe_1998_prints_them(a, m, b, n, low, high):
    ends = intervals.newcombe_interval(a / m, m, b / n, n)
    assert [round(float(end), 4) for end in ends] == [low, high]


def test_what_has_no_interval_is_nan_without_a_warning():
    for made in (
        intervals.wilson_interval([np.nan, 0.5, 1.5], [5, 0, 5]),
        intervals.mean_interval([1, 1, np.nan], [1, 0, np.nan], [1, 9, 9]),
        intervals.fisher_interval([0.5, 1, np.nan], [3, 9, 9]),
        intervals.newcombe_interval([np.nan, 0.5, 0.5], 5, 0.5, [5, 0, -1]),
    ):
        assert np.isnan(made).all()


# ---- what holds of all ----------------------------------------------------------


def rows_of(table, responses, **options):
    return keyed(getattr(qa, table)(responses, **options).to_pylist(), table)


@pytest.mark.parametrize("level", [0, 1, -0.5, 95])
def test_a_level_that_is_none_is_refused(level):
    responses = qa.Responses.from_matrix([[1, 0], [0, 1]])
    for table in (qa.item_analysis, qa.option_analysis, qa.summary, qa.analyze):
        with pytest.raises(ValueError, match="level must be above 0 and below 1"):
            table(responses, level=level)


def test_the_level_is_told_in_the_table():
    responses = qa.Responses.from_matrix([[1, 0], [0, 1]])
    for table in (qa.item_analysis, qa.option_analysis, qa.summary):
        made = table(responses, level=0.9).schema.metadata[b"made"]
        assert b'"level": 0.9' in made


@given(data_sets, st.sampled_from([0.5, 0.95, 0.999]))
def test_a_figure_is_within_its_interval(data, level):
    responses = responses_of(*data)
    for table, names in FIGURES.items():
        for row in rows_of(table, responses, level=level).values():
            for name in names:
                low, high = row[f"{name}_low"], row[f"{name}_high"]
                assert (low is None) == (high is None)
                assert row[name] is not None or low is None
                assert low is None or low <= row[name] <= high


@given(data_sets)
def test_a_higher_level_makes_no_interval_narrower(data):
    responses = responses_of(*data)
    for table, names in FIGURES.items():
        narrow, wide = (rows_of(table, responses, level=p) for p in (0.8, 0.95))
        for key, row in narrow.items():
            for name in names:
                low, high = f"{name}_low", f"{name}_high"
                if row[low] is not None:
                    rounding = 1e-12 * max(1, abs(row[low]), abs(row[high]))
                    assert wide[key][low] <= row[low] + rounding
                    assert row[high] - rounding <= wide[key][high]


@given(strategies.tidy(quizzes=1, students=9, items=4, attempts=1))
def test_twice_the_students_make_no_interval_wider(data):
    rows, items = data
    twins = [row | {"student_id": row["student_id"] + " twin"} for row in rows]
    one, two = responses_of(rows, items), responses_of(rows + twins, items)
    for table, names in FIGURES.items():
        once, twice = rows_of(table, one), rows_of(table, two)
        for key, row in once.items():
            # The groups of twice as many need not have twice as many.
            for name in {*names} - {"discrimination"}:
                if row[f"{name}_low"] is not None:
                    assert width(twice[key], name) <= width(row, name) * (1 + 1e-9)


def width(row, name):
    return row[f"{name}_high"] - row[f"{name}_low"]


# ---- how often they are right ---------------------------------------------------


@pytest.fixture(scope="module")
def truth():
    return simulated.truth()


def share_right(table, names, truth):
    """Of all classes and rows of a class, how many intervals hold the true figure."""
    for name in names:
        low, high = (
            np.array(table[f"{name}_{end}"].fill_null(np.nan))
            for end in ("low", "high")
        )
        true = np.tile(np.array(truth[name]), len(low) // truth.num_rows)
        there = ~np.isnan(low)
        yield name, np.mean(((low <= true) & (true <= high))[there])


@pytest.mark.parametrize(("n", "classes"), [(30, 400), (100, 200), (1000, 60)])
def test_intervals_of_items_hold_the_true_figure_as_often_as_they_say(
    n, classes, truth
):
    made = qa.item_analysis(simulated.responses(simulated.scores(n, classes, n)))
    found = dict(share_right(made, FIGURES["item_analysis"], qa.item_analysis(truth)))
    assert {name: p for name, p in found.items() if not 0.92 <= p <= 0.98} == {}


@pytest.mark.parametrize("n", [30, 100])
def test_intervals_of_partial_credit_hold_the_true_figure_as_often_as_they_say(n):
    def parts(scored):
        return scored.reshape(*scored.shape[:2], 5, 4).mean(3)

    many = parts(simulated.scores(400_000, 1, 1))[0]
    true = qa.item_analysis(qa.Responses.from_matrix(many, points_possible=1))
    made = qa.item_analysis(simulated.responses(parts(simulated.scores(n, 500, n))))
    found = dict(share_right(made, FIGURES["item_analysis"], true))
    assert {name: p for name, p in found.items() if not 0.92 <= p <= 0.98} == {}


@pytest.mark.parametrize(("n", "classes"), [(30, 1_500), (100, 800)])
def test_intervals_of_quizzes_hold_the_true_figure_as_often_as_they_say(
    n, classes, truth
):
    made = qa.summary(simulated.responses(simulated.scores(n, classes, n)))
    found = dict(share_right(made, ("mean", "alpha"), qa.summary(truth)))
    assert {name: p for name, p in found.items() if not 0.92 <= p <= 0.98} == {}


def test_with_ten_students_the_groups_are_too_small_to_be_quite_right(truth):
    made = qa.item_analysis(simulated.responses(simulated.scores(10, 600, 10)))
    found = dict(share_right(made, FIGURES["item_analysis"], qa.item_analysis(truth)))
    assert 0.90 <= found.pop("discrimination") <= 0.95
    assert {name: p for name, p in found.items() if not 0.93 <= p <= 0.98} == {}
