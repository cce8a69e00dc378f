"""Discriminative efficiency: a correlation as a part of the greatest there could be."""

import math
from pathlib import Path

import numpy as np
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis._counts.rests import Rests
from quizanalysis._readout.pairing import greatest_correlations

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
REST = "point_biserial_corrected"


def scores_and_rests(responses):
    """The scores of each item, and the totals of the others of those who have one."""
    cells, points = responses.cells, {}
    for who, item, score, state in zip(
        cells.submission, cells.item, cells.score, cells.state, strict=True
    ):
        if state < 2:  # not graded yet is no score
            points.setdefault(int(who), []).append((int(item), int(score)))
    found = {}
    for own in points.values():
        total = sum(score for _, score in own)
        for item, score in own:
            found.setdefault(item, []).append((score, total - score))
    return found


def correlation(pairs):
    """Of whole numbers, with one rounding for each sum; NaN without spread."""
    n = len(pairs)
    x, y = (sum(column) for column in zip(*pairs, strict=True))
    xx, yy = (n * sum(p[i] ** 2 for p in pairs) - s**2 for i, s in ((0, x), (1, y)))
    # Half a millionth of a point is no spread.
    if n < 2 or min(math.isqrt(xx), math.isqrt(yy)) <= 500 * n:
        return math.nan
    return (n * sum(a * b for a, b in pairs) - x * y) / math.sqrt(xx) / math.sqrt(yy)


@given(strategies.tidy(quizzes=2, students=8, items=4, attempts=1))
def test_the_greatest_correlation_is_that_of_scores_and_rests_in_order(data):
    responses = qa.Responses.from_arrow(*strategies.tables(*data))
    tally, rests = qa.Tally.of(responses), Rests.of(responses)
    found = greatest_correlations(tally.parts, rests)
    quizzes = tally.parts.quizzes["quiz_id"].take(tally.parts.items["quiz"])
    names = zip(
        quizzes.to_pylist(), tally.parts.items["item_id"].to_pylist(), strict=True
    )
    known = dict(zip(names, found.tolist(), strict=True))
    items = responses.items.select(["quiz_id", "item_id"]).to_pylist()
    for i, pairs in scores_and_rests(responses).items():
        wanted = correlation(
            list(zip(*map(sorted, zip(*pairs, strict=True)), strict=True))
        )
        got = known[items[i]["quiz_id"], items[i]["item_id"]]
        assert got == pytest.approx(wanted, abs=1e-9, nan_ok=True)


def judged(table):
    rows = table.to_pylist()
    return {
        row["item_id"]: row for row in rows if row["finding"] == "does_not_discriminate"
    }


@pytest.mark.parametrize("name", ["canvas_classic.csv", "new_quizzes.csv"])
@pytest.mark.parametrize("attempt", ["first", "best"])
def test_the_outcome_is_that_of_moodles_efficiency_with_its_interval(name, attempt):
    responses = qa.read(COURSE / name)
    report = qa.analyze(responses, attempt=attempt)
    found = judged(qa.findings(report, qa.Thresholds.moodle(), responses=responses))
    words = {"first": "first", "best": "highest"}
    moodle = qa.conventions.moodle.item_analysis(responses, attempt=words[attempt])
    names = moodle.column_names
    assert "Discriminative efficiency" in names
    efficiency = dict(
        zip(
            report.item_analysis["item_id"].to_pylist(),
            moodle["Discriminative efficiency"].to_pylist(),
            strict=True,
        )
    )
    compared = 0
    for row in report.item_analysis.to_pylist():
        share, r = efficiency[row["item_id"]], row[REST]
        if share is None or r is None or abs(share) < 1:
            continue
        # The threshold in the words of the row is 15 % of what is 100 % of efficiency.
        limit = 0.15 * r / (share / 100)
        low, high = row[f"{REST}_low"], row[f"{REST}_high"]
        outcome = "look" if high < limit else "fine" if low >= limit else "cannot tell"
        if row["item_id"] in found and min(abs(low - limit), abs(high - limit)) > 1e-3:
            assert found[row["item_id"]]["outcome"] == outcome
            compared += 1
    assert compared >= 15


def test_an_easy_item_that_does_what_it_can_is_spared():
    scores = np.zeros((400, 12), int)
    scores[:, 1:] = np.arange(400)[:, None] % 12 >= np.arange(1, 12)
    scores[8:, 0] = 1  # only the eight of the lowest totals, of some thirty, miss it
    order = np.argsort(scores[:, 1:].sum(1), kind="stable")
    scores[:, 1:] = scores[order, 1:]
    report = qa.analyze(
        responses := qa.Responses.from_matrix(scores, points_possible=1)
    )
    strict = qa.Thresholds(discrimination=0.35)
    spared = qa.Thresholds(efficiency=0.35)
    assert judged(qa.findings(report, strict))["i1"]["outcome"] == "look"
    found = judged(qa.findings(report, spared, responses=responses))
    assert found["i1"]["outcome"] == "fine"


@given(st.sampled_from(["last", "all"]), st.sampled_from(["zero", "omit"]))
def test_the_responses_may_be_those_of_any_report(attempt, blank):
    responses = qa.read(COURSE / "new_quizzes.csv")
    report = qa.analyze(responses, attempt=attempt, blank=blank)
    table = qa.findings(report, qa.Thresholds.moodle(), responses=responses)
    assert len(judged(table)) > 20


@pytest.mark.parametrize(
    ("options", "given", "message"),
    [
        ({}, None, "need the responses"),
        ({}, [[1, 0], [0, 1], [1, 1]], "not the responses that the report was made of"),
        ({"min_cell": 2}, [[1, 0], [1, 1], [0, 0]], "a report that hides figures"),
        ({"criterion": "share"}, [[1, 0], [1, 1], [0, 0]], "criterion='points'"),
    ],
)
def test_what_has_no_efficiency_is_refused(options, given, message):
    of = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]], points_possible=1)
    report = qa.analyze(of, **options)
    responses = given and qa.Responses.from_matrix(given, points_possible=1)
    with pytest.raises(ValueError, match=message):
        qa.findings(report, qa.Thresholds.moodle(), responses=responses)


def test_an_efficiency_is_a_share():
    with pytest.raises(ValueError, match="efficiency must be from 0 to 1, not 15"):
        qa.Thresholds(efficiency=15)
