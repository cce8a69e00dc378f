"""Findings: the faults that are known to be there, and no others."""

import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import simulated
import strategies
from hypothesis import given
from hypothesis import strategies as st
from oracle_intervals import wilson
from test_golden import golden, raw
from test_oracle_agreement import data_sets, responses_of

import quizanalysis as qa
from quizanalysis import intervals
from quizanalysis.findings import TEMPLATES

FIXTURES = Path(__file__).parents[1] / "fixtures"
PLANTED = json.loads((FIXTURES / "golden" / "planted.json").read_text("utf-8"))
NAMES = {finding for finding, _ in TEMPLATES}


def found(report, outcome="look", **options):
    """(finding, item, option) of the rows with an outcome, in their order."""
    return [
        (row["finding"], row["item_id"], row["option"])
        for row in qa.findings(report, **options).to_pylist()
        if row["outcome"] == outcome
    ]


def of_item(report, finding, item_id="i1", **options):
    """The only row of a finding about an item."""
    rows = qa.findings(report, **options).to_pylist()
    (row,) = [r for r in rows if (r["finding"], r["item_id"]) == (finding, item_id)]
    return row


def with_options(name, letters):
    """A golden set with all its options declared, also one that nobody chose."""
    answers, key = raw(golden(name))
    rows = [
        {
            "student_id": f"s{i}",
            "item_id": f"i{j + 1}",
            "response": choice,
            "score": float(choice == key[j]),
        }
        for i, choices in enumerate(answers)
        for j, choice in enumerate(choices)
    ]
    options = [
        [{"id": o, "text": o, "correct": o == right} for o in letters] for right in key
    ]
    items = pa.table(
        {
            "item_id": [f"i{j + 1}" for j in range(len(key))],
            "points_possible": [1.0] * len(key),
            "options": pa.array(options, qa.schema.OPTIONS),
        }
    )
    return qa.analyze(qa.Responses.from_arrow(pa.Table.from_pylist(rows), items))


# ---- faults that are known ------------------------------------------------------


def test_the_key_of_sat12_that_is_believed_wrong_is_found_and_no_other():
    report = qa.analyze(qa.Responses.from_answers(*raw(golden("sat12"))))
    wrong = PLANTED["sat12"]
    look = [row for row in found(report) if row[0] == "key_probably_wrong"]
    assert look == [("key_probably_wrong", wrong["item_id"], wrong["right_option"])]
    said = of_item(report, "key_probably_wrong", wrong["item_id"])["evidence"]
    figures = wrong["r_rest_keyed"]
    assert f"{figures['3']:.2f}, of the key {figures['5']:.2f}; n = 600" in said


def test_the_planted_faults_of_synth_mc_are_found_and_no_others():
    look = found(with_options("synth_mc", "ABCD"))
    wrong = PLANTED["synth_mc"]
    dead = wrong["dead"]
    assert look == [
        ("key_probably_wrong", wrong["item_id"], wrong["right_option"]),
        ("distractor_nobody_chooses", dead["item_id"], dead["option"]),
    ]


def test_the_planted_faults_of_the_course_are_found_and_no_others():
    course = FIXTURES / "course"
    truth = json.loads((course / "truth.json").read_text("utf-8"))
    items = pq.read_table(course / "tidy_items.parquet")
    responses = qa.Responses.from_arrow(pq.read_table(course / "tidy.parquet"), items)
    report = qa.analyze(responses)
    options = {
        (row["item_id"], row["text"]): row["option"]
        for row in report.option_analysis.to_pylist()
    }
    wrong, dead = truth["miskeyed"], truth["dead_distractor"]
    right = options[wrong["item_id"], wrong["right_option"]]
    unused = options[dead["item_id"], dead["option"]]
    assert {*found(report)} == {
        ("key_probably_wrong", wrong["item_id"], right),
        ("distractor_attracts_the_best", wrong["item_id"], right),
        ("discriminates_negatively", wrong["item_id"], None),
        ("does_not_discriminate", wrong["item_id"], None),
        ("too_easy", truth["everyone_right"]["item_id"], None),
        ("distractor_nobody_chooses", dead["item_id"], unused),
        ("ungraded_rest", truth["ungraded_essay"]["item_id"], None),
    }


@pytest.mark.parametrize("n", [10, 20, 30, 100])
def test_sound_items_are_not_accused(n):
    scored = simulated.scores(n, 150, n)
    report = qa.analyze(simulated.responses(scored))
    rules = {"does_not_discriminate", "discriminates_negatively"}
    accused = {row for row in found_by_quiz(report) if row[0] in rules}
    items = {(quiz, item) for _, quiz, item in accused}
    assert len(items) <= 0.03 * scored.shape[0] * scored.shape[2]
    if n <= 20:
        r = report.item_analysis["point_biserial_corrected"].drop_null()
        assert np.mean(np.array(r) < 0.1) > 0.08


def found_by_quiz(report):
    return {
        (row["finding"], row["quiz_id"], row["item_id"])
        for row in qa.findings(report).to_pylist()
        if row["outcome"] == "look"
    }


def test_time_that_was_too_short_is_found():
    answers = [["A"] * 6 + [None if i % 2 else "A"] * 2 for i in range(60)]
    report = qa.analyze(qa.Responses.from_answers(answers, ["A"] * 8))
    assert ("blanks_rise_towards_the_end", None, None) in found(report)
    early = [row[::-1] for row in answers]
    report = qa.analyze(qa.Responses.from_answers(early, ["A"] * 8))
    assert ("blanks_rise_towards_the_end", None, None) in found(report, "fine")


def test_an_item_that_lowers_alpha_beyond_noise_is_found():
    random = np.random.default_rng(4)
    ability = random.normal(0, 1, (500, 1))
    scores = (random.normal(0, 0.7, (500, 8)) < ability).astype(float)
    scores[:, 7] = random.integers(0, 2, 500)
    report = qa.analyze(qa.Responses.from_matrix(scores, points_possible=1))
    row = of_item(report, "lowers_reliability", "i8")
    assert row["outcome"] == "look"
    assert found(report, "fine").count(("lowers_reliability", "i1", None)) == 1


@given(strategies.matrix())
def test_reliability_is_lowered_where_alpha_without_the_item_is_higher(scores):
    gaps = [[np.nan if s is None else s for s in row] for row in scores]
    report = qa.analyze(qa.Responses.from_matrix(gaps, points_possible=1))
    items = {row["item_id"]: row for row in report.item_analysis.to_pylist()}
    alpha = report.summary["alpha"][0].as_py()
    for row in qa.findings(report).to_pylist():
        if row["finding"] == "lowers_reliability" and row["outcome"] != "cannot tell":
            higher = items[row["item_id"]]["alpha_if_deleted"] - alpha
            assert (higher > -1e-9) if row["outcome"] == "look" else (higher < 1e-9)


# ---- an item without spread -----------------------------------------------------


@pytest.mark.parametrize(("score", "finding"), [(1, "too_easy"), (0, "too_hard")])
def test_where_all_are_right_or_wrong_only_the_difficulty_is_found(score, finding):
    scores = [[score, i % 2, i % 3 % 2] for i in range(60)]
    report = qa.analyze(qa.Responses.from_matrix(scores, points_possible=1))
    rows = [row for row in qa.findings(report).to_pylist() if row["item_id"] == "i1"]
    told = {row["finding"]: row["outcome"] for row in rows}
    assert told[finding] == "look"
    assert not {*told} & {"does_not_discriminate", "discriminates_negatively"}


# ---- the rule: the interval, not the point --------------------------------------


def judged(low, high, limit, *, above):
    """The outcome by its definition."""
    if low is None:
        return "cannot tell"
    if above:
        return "look" if low > limit else "fine" if high <= limit else "cannot tell"
    return "look" if high < limit else "fine" if low >= limit else "cannot tell"


def expected(report, against):
    """Outcomes of the rules on items, from the rows of the report."""
    for row in report.item_analysis.to_pylist():
        key, rest = row["item_id"], "point_biserial_corrected"
        ends = row["difficulty_low"], row["difficulty_high"]
        if row["difficulty"] is not None:
            yield "too_easy", key, judged(*ends, against.easy, above=True)
            yield "too_hard", key, judged(*ends, against.hard, above=False)
        ends = row[f"{rest}_low"], row[f"{rest}_high"]
        if row[rest] is not None:
            limit = against.discrimination
            yield "does_not_discriminate", key, judged(*ends, limit, above=False)
            yield "discriminates_negatively", key, judged(*ends, 0, above=False)
        of = max(row["n"], row["n_blank"])
        if of:
            ends = wilson(row["n_blank"] / of, of, 0.95)
            yield "many_blanks", key, judged(*ends, against.blank, above=True)
        if row["n"] + row["n_not_graded"]:
            yield "ungraded_rest", key, "look" if row["n_not_graded"] else "fine"


def expected_of_options(report, against):
    """Outcomes of the rules on options."""
    by_item = {}
    for row in report.option_analysis.to_pylist():
        by_item.setdefault(row["item_id"], []).append(row)
    for key, rows in by_item.items():
        others = [row for row in rows if not row["correct"]]
        wrong = sum(row["n"] for row in others)
        for row in others if len(others) < len(rows) else []:
            name = (key, row["option"])
            if row["point_biserial_corrected"] is not None:
                ends = [row[f"point_biserial_corrected_{e}"] for e in ("low", "high")]
                outcome = judged(*ends, 0, above=True)
                if row["n"] < 5 and outcome == "look":
                    outcome = "cannot tell"
                yield "distractor_attracts_the_best", *name, outcome
            if wrong:
                limit = against.distractor / len(others)
                rare = wilson(0.0, wrong, 0.95)[1] < limit
                outcome = "fine" if row["n"] else "look" if rare else "cannot tell"
                yield "distractor_nobody_chooses", *name, outcome


@given(
    strategies.tidy(quizzes=1, students=12, items=5, attempts=1),
    st.sampled_from(["default", "blackboard", "akindi", "ans", "schoology"]),
)
def test_outcomes_are_those_that_the_intervals_give(data, name):
    report = qa.analyze(responses_of(*data))
    against = qa.Thresholds() if name == "default" else getattr(qa.Thresholds, name)()
    rows = qa.findings(report, against).to_pylist()
    of_items = {(f, i): outcome for f, i, outcome in expected(report, against)}
    of_options = {
        (f, i, o): outcome for f, i, o, outcome in expected_of_options(report, against)
    }
    got = {(r["finding"], r["item_id"], r["option"]): r["outcome"] for r in rows}
    assert {(f, i): o for (f, i, _), o in got.items() if (f, i) in of_items} == of_items
    assert {key: o for key, o in got.items() if key in of_options} == of_options
    tested = {f for f, _ in of_items} | {f for f, *_ in of_options}
    assert sum(r["finding"] in tested for r in rows) == len(of_items) + len(of_options)


@pytest.mark.parametrize(("choosers", "outcome"), [(4, "cannot tell"), (5, "look")])
def test_the_choice_of_a_few_is_no_finding(choosers, outcome):
    """The best of 24 choose C in the last question, which is wrong."""
    ladder = [["A" if i <= 2 * j else "B" for j in range(11)] for i in range(24)]
    last = ["C" if i < choosers else "AB"[i % 2] for i in range(24)]
    answers = [[*row, own] for row, own in zip(ladder, last, strict=True)]
    report = qa.analyze(qa.Responses.from_answers(answers, ["A"] * 12))
    (found,) = [
        row
        for row in qa.findings(report).to_pylist()
        if (row["finding"], row["item_id"], row["option"])
        == ("distractor_attracts_the_best", "i12", "C")
    ]
    assert found["outcome"] == outcome
    assert found["n_needed"] == (30 if outcome == "cannot tell" else None)


@pytest.mark.parametrize(("right", "n"), [(24, 24), (27, 30), (95, 100)])
def test_the_students_needed_are_those_whose_interval_ends_at_the_threshold(right, n):
    scores = [[float(i < right), i % 2] for i in range(n)]
    report = qa.analyze(qa.Responses.from_matrix(scores, points_possible=1))
    row = of_item(report, "too_easy", thresholds=qa.Thresholds(easy=0.93))
    assert row["outcome"] == "cannot tell"
    needed = row["n_needed"]
    lows = [intervals.wilson_interval(right / n, m) for m in (needed - 1, needed)]
    if right / n > 0.93:
        assert lows[0][0] < 0.93 <= lows[1][0]
    else:
        assert lows[1][1] <= 0.93 < lows[0][1]


def test_the_students_needed_for_a_correlation_are_those_of_fishers_interval():
    scores = [[i // 2 % 2, (i + i // 7) % 2, i // 3 % 2, i // 4 % 2] for i in range(24)]
    report = qa.analyze(qa.Responses.from_matrix(scores, points_possible=1))
    row = of_item(report, "does_not_discriminate", "i4")
    r = report.item_analysis["point_biserial_corrected"][3].as_py()
    needed = row["n_needed"]
    ends = [intervals.fisher_interval(r, m) for m in (needed - 1, needed)]
    inside = [low < 0.1 < high for low, high in ends]
    assert inside == [True, False]


# ---- any report -----------------------------------------------------------------


@given(
    data_sets, st.sampled_from(["zero", "omit"]), st.sampled_from(["points", "share"])
)
def test_any_report_has_findings_and_they_are_the_same_bytes_again(
    data, blank, criterion
):
    report = qa.analyze(responses_of(*data), blank=blank, criterion=criterion)
    made = qa.findings(report)
    assert made.schema.equals(qa.schema.arrow_schema("findings"))
    again = qa.findings(report)
    assert made.equals(again, check_metadata=True)
    rows = made.to_pylist()
    assert {row["finding"] for row in rows} <= NAMES
    assert all("n = " in row["evidence"] for row in rows)
    assert all(row["advice"] and "{" not in row["evidence"] for row in rows)
    assert all(
        row["n_needed"] is None for row in rows if row["outcome"] != "cannot tell"
    )
    outcomes = [row["outcome"] for row in rows]
    order = {"look": 0, "cannot tell": 1, "fine": 2}
    assert outcomes == sorted(outcomes, key=order.get)


def test_what_matters_most_comes_first():
    rows = qa.findings(with_options("synth_mc", "ABCD")).to_pylist()
    order = {"high": 0, "medium": 1, "low": 2}
    for outcome in ("look", "cannot tell", "fine"):
        severities = [row["severity"] for row in rows if row["outcome"] == outcome]
        assert severities == sorted(severities, key=order.get)


@pytest.mark.parametrize(
    ("students", "told"),
    [(999, "n = 999"), (1_000, "n = 1,000"), (1_002_003, "n = 1,002,003")],
)
def test_large_numbers_have_commas(students, told):
    scores = np.tile([[1, 1], [0, 1], [0, 0]], (-(-students // 3), 1))[:students]
    report = qa.analyze(qa.Responses.from_matrix(scores, points_possible=1))
    assert of_item(report, "too_hard")["evidence"].endswith(told)


def test_a_report_is_needed():
    with pytest.raises(TypeError, match="a Report is needed, not dict"):
        qa.findings({})


# ---- thresholds and words -------------------------------------------------------


@pytest.mark.parametrize(
    ("preset", "values"),
    [
        ("blackboard", {"easy": 0.8, "hard": 0.3, "discrimination": 0.1}),
        ("akindi", {"discrimination": 0.2}),
        ("ans", {"discrimination": 0.2}),
        ("moodle", {"easy": 0.95, "hard": 0.1, "efficiency": 0.15}),
        ("schoology", {"easy": 0.75, "hard": 0.5}),
    ],
)
def test_presets_are_what_the_systems_document(preset, values):
    assert getattr(qa.Thresholds, preset)() == qa.Thresholds(**values)


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"easy": 80}, "easy must be from 0 to 1, not 80"),
        ({"discrimination": "0.1"}, "discrimination must be from -1 to 1"),
        ({"easy": 0.2, "hard": 0.3}, "hard must be below easy"),
    ],
)
def test_thresholds_that_make_no_sense_are_refused(values, message):
    with pytest.raises(ValueError, match=message):
        qa.Thresholds(**values)


def everyone_right(**options):
    report = qa.analyze(qa.Responses.from_matrix([[1, 0], [1, 1]] * 24))
    return of_item(report, "too_easy", **options)


def test_a_translation_takes_the_place_of_what_it_has():
    german = {("too_easy", "look"): "{n} Lernende holten {figure} der Punkte."}
    row = everyone_right(templates=german)
    assert row["advice"] == "48 Lernende holten 100 % der Punkte."
    assert row["evidence"] == everyone_right()["evidence"]


@pytest.mark.parametrize(
    ("templates", "message"),
    [
        ({("too_easy", "lok"): ""}, "there is no template"),
        ({("too_easy", "look"): "{figure:.2f}"}, "only names in braces"),
        ({("too_easy", "look"): "{figure"}, "expected '}'"),
        ({("too_easy", "look"): "{alpha}"}, "it may have figure, high, low, n, "),
    ],
)
def test_a_template_that_does_not_fit_is_refused(templates, message):
    with pytest.raises(ValueError, match=message):
        everyone_right(templates=templates)


def test_an_option_is_called_by_its_text():
    rows = [
        {"student_id": f"s{i}", "item_id": "q", "response": "b", "score": 0.0}
        for i in range(9)
    ]
    long = "x" * 99
    options = [
        {"id": "a", "text": "Paris", "correct": True},
        {"id": "b", "text": "Rome", "correct": False},
        {"id": "c", "text": long, "correct": False},
    ]
    items = pa.table(
        {"item_id": ["q"], "options": pa.array([options], qa.schema.OPTIONS)}
    )
    report = qa.analyze(qa.Responses.from_arrow(pa.Table.from_pylist(rows), items))
    said = {
        row["option"]: row["advice"]
        for row in qa.findings(report).to_pylist()
        if row["finding"] == "distractor_nobody_chooses"
    }
    assert "'Rome'" in said["b"]
    assert f"'{'x' * 60}…'" in said["c"]
