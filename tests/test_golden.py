"""Figures made by other programs, and published ones, come out of ours.

Each file under ``fixtures/golden`` says where its figures are from. Some sets may not
be carried into the project; they are tested where they are at hand.
"""

import csv
import itertools
import json
import math
from pathlib import Path

import numpy as np
import pytest

import quizanalysis as qa

HERE = Path(__file__).parents[1] / "fixtures" / "golden"
ELSEWHERE = Path(__file__).parents[2] / "shared" / "golden"
OURS = ["lsat6", "lsat7", "synth_mc", "synth_poly", "synth_tiny", "synth_long"]
OURS += ["synth_edge"]
THEIRS = ["science", "sat12", "exam1", "cttdata", "testscores"]


def golden(name):
    folder = HERE if (HERE / f"{name}.json").exists() else ELSEWHERE
    path = folder / f"{name}.json"
    if not path.exists():
        pytest.skip(f"the golden set {name} is not at hand")
    return json.loads(path.read_text())


def matrix(case):
    if "input_patterns" in case:
        rows = [[int(c) for c in pattern] for pattern in case["input_patterns"]]
        return np.repeat(rows, list(case["input_patterns"].values()), axis=0)
    if "input_rows" in case:
        return np.array(case["input_rows"], float)
    return np.array(table(f"{case['name']}.csv"), float)


def table(name):
    with (ELSEWHERE / "data" / name).open(newline="") as file:
        return list(csv.reader(file))[1:]


def raw(case):
    """Answers and key of a set, blanks as None."""
    if "input_raw_rows" in case:
        omit = case["input_raw_omit"]
        return [
            [None if c == omit else c for c in row] for row in case["input_raw_rows"]
        ], case["key"]
    name = case["name"]
    answers = [[c or None for c in row] for row in table(f"{name}_raw.csv")]
    return answers, table(f"{name}_key.csv")[0]


def near(ours, theirs, tolerance):
    """Whether lists of figures agree, nulls with nulls."""
    for ours_one, theirs_one in zip(ours, theirs, strict=True):
        if theirs_one is None or ours_one is None:
            assert ours_one is theirs_one, (ours, theirs)
        else:
            assert ours_one == pytest.approx(theirs_one, abs=tolerance, rel=tolerance)


FIGURES = {
    "mean": "mean",
    "sd": "sd_sample",
    "point_biserial": "r_item_total",
    "point_biserial_corrected": "r_item_rest",
    "alpha_if_deleted": "alpha_if_deleted",
}


def check_items(items, reference, tolerance, scale=1.0):
    for ours, theirs in FIGURES.items():
        near(items[ours].to_pylist(), reference[theirs], tolerance)
    groups = reference["discrimination_index"]["fractional_ties"]
    d = [value * scale for value in groups["d"]]
    near(items["discrimination"].to_pylist(), d, tolerance)
    assert set(items["n_upper"].to_pylist()) == {groups["n_upper"]}
    assert set(items["n_lower"].to_pylist()) == {groups["n_lower"]}


def check_test(summary, reference, tolerance):
    row = summary.to_pylist()[0]
    n = reference["n_persons"]
    g1, g2 = reference["skewness_g1"], reference["kurtosis_excess_g2"]
    expected = {
        "n": n,
        "n_items": reference["n_items"],
        "mean": reference["mean"],
        "sd": reference["sd_sample"],
        "median": reference["median"],
        "min": reference["min"],
        "max": reference["max"],
        "skewness": g1 * math.sqrt(n * (n - 1)) / (n - 2),
        "kurtosis": (n - 1) / ((n - 2) * (n - 3)) * ((n + 1) * g2 + 6),
        "alpha": reference["alpha"],
        "alpha_low": reference["feldt_ci95"][0],
        "alpha_high": reference["feldt_ci95"][1],
        "sem": reference["sem_sample"] if reference["alpha"] >= 0 else None,
    }
    for name, value in expected.items():
        near([row[name]], [value], tolerance)


def dichotomous(scores):
    return np.isin(scores, (0, 1)).all() and (scores.min(0) < scores.max(0)).all()


@pytest.mark.parametrize("name", OURS + THEIRS)
def test_every_figure_of_a_set_equals_what_other_programs_say(name):
    case = golden(name)
    tolerance = 1e-12 if name.startswith("lsat") else 1e-9
    scores = matrix(case)
    responses = qa.Responses.from_matrix(scores, case["max_scores"])
    items = qa.item_analysis(responses)
    reference = case["reference"]["complete"]
    # The others divide the difference by the range of the scores, we by the maximum.
    low = (case.get("min_scores") or [0.0])[0]
    check_items(items, reference["item"], tolerance, 1 - low / case["max_scores"][0])
    check_test(qa.summary(responses), reference["test"], tolerance)
    population = qa.item_analysis(responses, ddof=0)["sd"].to_pylist()
    near(population, reference["item"]["sd_pop"], tolerance)
    possible = np.array(case["max_scores"])
    near(items["difficulty"].to_pylist(), scores.mean(0) / possible, tolerance)
    if dichotomous(scores):
        theirs = reference["item"]["polyserial2_total"]
        near(items["biserial"].to_pylist(), theirs, tolerance)


def test_lsat6_equals_the_published_figures():
    responses = qa.Responses.from_matrix(matrix(golden("lsat6")), points_possible=1)
    items = qa.item_analysis(responses)
    published = {
        "difficulty": [0.924, 0.709, 0.553, 0.763, 0.870],
        "point_biserial": [0.3620, 0.5668, 0.6184, 0.5344, 0.4354],
        "point_biserial_corrected": [0.1128, 0.1532, 0.1728, 0.1444, 0.1216],
        "alpha_if_deleted": [0.2754, 0.2376, 0.2168, 0.2459, 0.2663],
    }
    for name, values in published.items():
        assert [round(value, 4) for value in items[name].to_pylist()] == values
    assert round(qa.summary(responses)["alpha"][0].as_py(), 4) == 0.2950


def test_missing_answers_listwise():
    case = golden("synth_missing")
    scores = matrix(case)
    complete = scores[~np.isnan(scores).any(1)]
    reference = case["reference"]["listwise"]
    responses = qa.Responses.from_matrix(complete, case["max_scores"])
    check_items(qa.item_analysis(responses), reference["item"], 1e-9)
    check_test(qa.summary(responses), reference["test"], 1e-9)


def test_alpha_of_missing_answers_is_that_of_the_complete_rows():
    case = golden("synth_missing")
    reference = case["reference"]["listwise"]
    responses = qa.Responses.from_matrix(matrix(case), case["max_scores"])
    row = qa.summary(responses).to_pylist()[0]
    near([row["alpha"]], [reference["test"]["alpha"]], 1e-9)
    near([row["alpha_low"]], reference["test"]["feldt_ci95"][:1], 1e-9)
    assert row["n_complete"] == reference["test"]["n_persons"]
    deleted = qa.item_analysis(responses)["alpha_if_deleted"].to_pylist()
    near(deleted, reference["item"]["alpha_if_deleted"], 1e-9)


def test_means_of_missing_answers_are_those_of_the_answers_there_are():
    case = golden("synth_missing")
    responses = qa.Responses.from_matrix(matrix(case), case["max_scores"])
    items = qa.item_analysis(responses)
    reference = case["reference"]["available_case"]
    assert items["n"].to_pylist() == reference["n"]
    near(items["mean"].to_pylist(), reference["mean"], 1e-9)
    near(items["sd"].to_pylist(), reference["sd_sample"], 1e-9)
    near(items["point_biserial"].to_pylist(), reference["r_item_total_na0"], 1e-9)
    rest = reference["r_item_rest_na0"]
    near(items["point_biserial_corrected"].to_pylist(), rest, 1e-9)


def test_missing_answers_as_blanks_count_as_zero():
    case = golden("synth_missing")
    answers = [
        [None if score is None else str(score) for score in row]
        for row in case["input_rows"]
    ]
    responses = qa.Responses.from_answers(answers, ["1"] * case["n_items"])
    reference = case["reference"]["missing_as_zero"]
    items = qa.item_analysis(responses)
    check_items(items, reference["item"], 1e-9)
    check_test(qa.summary(responses), reference["test"], 1e-9)
    missing = np.isnan(matrix(case)).sum(0)
    assert items["n_blank"].to_pylist() == missing.tolist()


@pytest.mark.parametrize("name", ["synth_mc", "sat12", "exam1", "cttdata"])
def test_raw_answers_and_a_key_give_the_same_items_and_the_options(name):
    case = golden(name)
    responses = qa.Responses.from_answers(*raw(case))
    reference = case["reference"]
    items = qa.item_analysis(responses)
    check_items(items, reference["complete"]["item"], 1e-9)
    check_test(qa.summary(responses), reference["complete"]["test"], 1e-9)
    blanks = dict(
        zip(*items.select(["item_id", "n_blank"]).to_pydict().values(), strict=True)
    )
    ours = qa.option_analysis(responses).to_pylist()
    by_item = [list(g) for _, g in itertools.groupby(ours, lambda r: r["item_id"])]
    for rows, item in zip(by_item, reference["options"]["items"], strict=True):
        found = {row["option"]: row for row in rows}
        for option in item["options"]:
            if option["option"] is None:
                assert blanks[rows[0]["item_id"]] == option["count"]
                continue
            row = found.pop(option["option"])
            assert row["n"] == option["count"]
            assert row["correct"] == option["keyed"]
            for mine, theirs in (
                ("ratio", "prop_all"),
                ("mean_total", "mean_total"),
                ("point_biserial", "r_total"),
                ("point_biserial_corrected", "r_rest_keyed"),
            ):
                near([row[mine]], [option[theirs]], 1e-9)
        assert not found


def test_the_item_that_was_keyed_wrong_shows_in_the_corrected_figures():
    case = golden("synth_mc")
    options = qa.option_analysis(qa.Responses.from_answers(*raw(case))).to_pylist()
    ninth = {r["option"]: r for r in options if r["item_id"] == "i9"}
    corrected = {k: r["point_biserial_corrected"] for k, r in ninth.items()}
    assert max(corrected, key=corrected.get) == "C"
    assert round(corrected["A"], 3) == -0.049
    assert round(corrected["C"], 3) == 0.188


def test_groups_that_take_all_who_tie_equal_the_closed_cuts_of_other_programs():
    case = golden("synth_mc")
    responses = qa.Responses.from_matrix(matrix(case), case["max_scores"])
    items = qa.item_analysis(responses, ties="include")
    reference = case["reference"]["complete"]["item"]["discrimination_index"]
    closed = reference["cut_inclusive_type7"]
    near(items["discrimination"].to_pylist(), closed["d"], 1e-9)
    assert items["n_upper"][0].as_py() == closed["n_upper"]
    assert items["n_lower"][0].as_py() == closed["n_lower"]
