"""Groups side by side equal the slow oracle, and what R's packages computed."""

import json
from pathlib import Path

import numpy as np
import oracle_fairness
import pyarrow as pa
import pytest
import strategies
from hypothesis import assume, given
from hypothesis import strategies as st
from test_oracle_agreement import (
    GROUPS,
    READING,
    data_sets,
    described,
    disagreements,
    options,
    read,
    reasons,
)

import quizanalysis as qa
from quizanalysis import mantel_haenszel as mh

R = json.loads(
    (Path(__file__).parent.parent / "fixtures/golden/dif.json").read_text("utf-8")
)


def by_ids(rows, *ids):
    """Return {ids: row}; each row must be there once, its reasons taken apart."""
    found = {tuple(row[name] for name in ids): row for row in rows}
    assert len(found) == len(rows)
    return found


def compare(expected, made, *ids):
    """Hold every column of a table against the oracle's."""
    got = by_ids(made.to_pylist(), *ids)
    for row in got.values():
        row["undefined"] = reasons(row)
    expected = by_ids(expected, *ids)
    assert got.keys() == expected.keys()
    assert all(row.keys() == {*made.column_names} for row in expected.values())
    assert disagreements(expected, got, made.column_names) == []


def in_two(data, bits):
    """Two groups of the students: by a number each, some in none and some in both."""
    students = sorted({row["student_id"] for row in data[0]})
    kinds = [bits // 4**i % 4 for i in range(len(students))]
    pairs = list(zip(students, kinds, strict=True))
    return (
        {student for student, kind in pairs if kind in (0, 2)},
        {student for student, kind in pairs if kind in (1, 2)},
    )


# ---- against the oracle -----------------------------------------------------------

right_or_wrong = strategies.tidy(quizzes=1, students=12, items=4, attempts=1)
level = st.sampled_from([0.95, 0.9, 0.5])


@given(
    st.one_of(data_sets, right_or_wrong), options(READING), level, st.integers(0, 4**12)
)
def test_dif_equals_the_oracle(data, choices, level, bits):
    groups = in_two(data, bits)
    responses = read(*described(data))
    made = qa.dif(
        *(responses.where(student=group) for group in groups), level=level, **choices
    )
    rows, items, _ = described(data)
    expected = oracle_fairness.dif(rows, items, groups, level=level, **choices)
    compare(expected, made, "quiz_id", "item_id")


@st.composite
def matched(draw):
    """Scores of two groups on items scored 0 or 1, enough to tell them apart."""
    k = draw(st.integers(2, 4))
    row = st.lists(st.integers(0, 1), min_size=k, max_size=k)
    return [draw(st.lists(row, min_size=4, max_size=30)) for _ in range(2)]


@given(matched())
def test_dif_of_0_1_items_equals_the_oracle(scores):
    names = [f"i{j}" for j in range(len(scores[0][0]))]
    items = {
        ("quiz", name): {"points_possible": 1, "position": place}
        for place, name in enumerate(names, 1)
    }
    rows = [
        {"quiz_id": "quiz", "student_id": (side, i), "item_id": name, "score": x}
        for side, group in enumerate(scores)
        for i, row in enumerate(group)
        for name, x in zip(names, row, strict=True)
    ]
    ids = [{(side, i) for i in range(len(group))} for side, group in enumerate(scores)]
    made = qa.dif(*(qa.Responses.from_matrix(g, 1, item_ids=names) for g in scores))
    compare(oracle_fairness.dif(rows, items, ids), made, "quiz_id", "item_id")


@given(data_sets, options(READING, GROUPS))
def test_item_analysis_by_section_equals_the_oracle(data, choices):
    rows, items, students = described(data)
    handed_in = {row["student_id"] for row in rows}
    assume(any(students[student]["section_names"] for student in handed_in))
    made = qa.item_analysis_by_section(read(rows, items, students), **choices)
    expected = oracle_fairness.item_analysis_by_section(
        rows, items, students, **choices
    )
    compare(expected, made, "section", "quiz_id", "item_id")


# ---- against R ----------------------------------------------------------------------


@pytest.mark.parametrize("case", ["rabbits", "berkeley"])
def test_the_formulas_give_what_mantelhaen_test_gives(case):
    table, expected = [R[case]["strata"][x] for x in "abcd"], R[case]["r"]
    ratio, chi2 = mh.odds_ratio(*table)[0], mh.chi_squared(*table)[0]
    reach = 1.959963984540054 * mh.log_odds_se(*table)[0]
    got = (ratio, ratio * np.exp(-reach), ratio * np.exp(reach), chi2, mh.p_value(chi2))
    names = ("odds_ratio", "low", "high", "chi2", "p_value")
    assert got == pytest.approx([expected[name] for name in names], rel=1e-9)


def simulated():
    """Two groups of students made for this project, as R saw them."""
    cells = np.array([[float(x) for x in row] for row in R["simulated"]["rows"]])
    points = [1, 1, 1, 1, 1, 1, 3, 3]
    return (
        qa.Responses.from_matrix(cells[cells[:, 0] == side, 1:], points)
        for side in (0, 1)
    )


def test_dif_gives_what_mantelhaen_test_gives_by_totals():
    table = qa.dif(*simulated()).to_pylist()[:6]
    for row, expected in zip(table, R["simulated"]["mantel_haenszel"], strict=True):
        names = ("odds_ratio", "odds_ratio_low", "odds_ratio_high", "chi2", "p_value")
        got = [row[name] for name in names]
        assert got == pytest.approx(list(expected.values()), rel=1e-9)


def test_mantels_chi_squared_is_the_score_test_of_conditional_logistic_regression():
    table = qa.dif(*simulated()).to_pylist()
    for row, expected in zip(table, R["simulated"]["mantel"], strict=True):
        got = row["mantel_chi2"], row["mantel_p_value"]
        assert got == pytest.approx((expected["chi2"], expected["p_value"]), rel=1e-9)


# ---- what defines it ----------------------------------------------------------------


def test_tallies_give_all_but_the_spread_of_partial_credit():
    groups = list(simulated())
    whole = qa.dif(*groups).to_pylist()
    read_off = qa.dif(*map(qa.Tally.of, groups)).to_pylist()
    assert [{**r, "undefined": None} for r in read_off[:6]] == whole[:6]
    for one, two in zip(whole[6:], read_off[6:], strict=True):
        assert one["smd"] == two["smd"]
        assert [two[name] for name in oracle_fairness.MANTEL[1:]] == [None] * 3
        assert reasons(two)["mantel_chi2"] == "needs_responses"


def test_the_groups_the_other_way_round_turn_every_figure():
    one, two = simulated()
    for row, back in zip(
        qa.dif(one, two).to_pylist(), qa.dif(two, one).to_pylist(), strict=True
    ):
        if row["delta"] is not None:
            assert back["delta"] == pytest.approx(-row["delta"], rel=1e-12)
            assert back["ets_class"] == row["ets_class"]
        assert back["mantel_chi2"] == pytest.approx(row["mantel_chi2"], rel=1e-12)
        assert {row["favours"], back["favours"]} == {"reference", "focal"}


def test_without_any_dif_one_item_of_twenty_is_significant():
    rng = np.random.default_rng(7)
    quizzes, students, items = 150, 1_000, 20
    ability = rng.normal(size=(quizzes, students, 1))
    easiness = rng.normal(size=(quizzes, 1, items))
    right = rng.random((quizzes, students, items)) < 1 / (
        1 + np.exp(-ability - easiness)
    )
    first = [many(right[:, half]) for half in (slice(0, 500), slice(500, 1_000))]
    p = np.array(qa.dif(*first)["p_value"])
    assert len(p) == quizzes * items
    assert 0.035 < (p < 0.05).mean() < 0.065


def many(right):
    """Responses of many quizzes: an array of quizzes x students x items."""
    quiz, student, item = (index.ravel() for index in np.indices(right.shape))
    columns = {"quiz_id": quiz, "student_id": student, "item_id": item}
    return qa.Responses.from_arrow(pa.table({**columns, "score": right.ravel() * 1.0}))


def test_a_planted_difference_is_found_and_large():
    rng = np.random.default_rng(11)
    ability = rng.normal(size=(2_000, 1))
    hard = np.zeros((2_000, 20))
    hard[1_000:, 4] = 1.0
    right = rng.random((2_000, 20)) < 1 / (1 + np.exp(hard - ability))
    row = qa.dif(
        *(
            qa.Responses.from_matrix(half.astype(float), 1)
            for half in np.split(right, 2)
        )
    ).to_pylist()[4]
    assert (row["ets_class"], row["favours"]) == ("C", "reference")
    assert row["delta_low"] < -2.35 < row["delta_high"]


# ---- what is refused ----------------------------------------------------------------


@pytest.mark.parametrize("level", [0, 1, 95])
def test_a_level_that_is_no_share_is_refused(level):
    one, two = simulated()
    with pytest.raises(ValueError, match="level must be between 0 and 1"):
        qa.dif(one, two, level=level)


@pytest.mark.parametrize("names", ["ab", ("a",), ("a", 2)])
def test_names_that_are_not_two_texts_are_refused(names):
    one, two = simulated()
    with pytest.raises(ValueError, match="names must be two texts"):
        qa.dif(one, two, names=names)


def test_groups_counted_in_different_ways_are_refused():
    one, two = simulated()
    with pytest.raises(qa.MergeError, match="blanks as omit"):
        qa.dif(qa.Tally.of(one, blank="omit"), two)


def test_students_are_chosen_by_id_and_the_others_counted():
    responses = qa.Responses.from_matrix([[1], [0], [1]], student_ids=["a", "b", "c"])
    some = responses.where(student=["a", "c", "nobody"])
    assert some.submissions["student_id"].to_pylist() == ["a", "c"]
    assert some.left_out.to_pylist()[0]["reason"] == "other student"
    assert len(responses.where(student="b")) == 1


def test_sections_need_responses():
    with pytest.raises(TypeError, match="Responses are needed, not Tally"):
        qa.item_analysis_by_section(qa.Tally.empty())


def test_students_without_sections_are_refused():
    responses = qa.Responses.from_matrix([[1, 0], [0, 1]])
    with pytest.raises(ValueError, match=r"no student has a section here: give sect"):
        qa.item_analysis_by_section(responses)


def test_no_submissions_at_all_make_a_table_without_rows():
    nobody = qa.Responses.from_matrix([[1, 0], [0, 1]]).where(student=[])
    table = qa.item_analysis_by_section(nobody)
    assert table.num_rows == 0
    assert table.column_names[:2] == ["section", "quiz_id"]
