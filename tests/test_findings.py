"""Findings: the faults that are known to be there, and no others."""

import json
from pathlib import Path

import numpy as np
import oracle_findings
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import simulated
import strategies
from hypothesis import event, given
from hypothesis import strategies as st
from oracle_intervals import newcombe
from test_golden import golden, raw
from test_oracle_agreement import GROUPS, LEVEL, data_sets, responses_of

import quizanalysis as qa
from quizanalysis import intervals
from quizanalysis.rules import TEMPLATES

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


@given(
    strategies.tidy(quizzes=1, students=12, items=5, attempts=1),
    st.sampled_from(["default", "blackboard", "akindi", "ans", "schoology"]),
)
def test_outcomes_are_those_that_the_intervals_give(data, name):
    responses = responses_of(*data)
    report = qa.analyze(responses)
    against = qa.Thresholds() if name == "default" else getattr(qa.Thresholds, name)()
    scores = {}
    for row in responses.to_arrow().to_pylist():
        if row["score"] is not None:
            scores.setdefault(row["item_id"], []).append(row["score"])
    rows = of_rules(oracle_findings.OF_ITEMS_AND_OPTIONS, report, against)
    got = {(r["finding"], r["item_id"], r["option"]): r["outcome"] for r in rows}
    assert len(got) == len(rows)
    assert got == oracle_findings.of_items_and_options(report, against, scores)


def of_rules(names, report, against):
    """The rows of some findings."""
    rows = qa.findings(report, against).to_pylist()
    return [row for row in rows if row["finding"] in names]


CHOICES = st.fixed_dictionaries(
    GROUPS
    | LEVEL
    | {
        "blank": st.sampled_from(["zero", "omit"]),
        "min_cell": st.sampled_from([None, None, 3]),
    }
)
BLANK_RISE = st.sampled_from([0.05, 0.05, 0.0, 0.2])


def judged_as_documented(data, choices, limit):
    """Which rows there are of keys and of blanks, their outcome and students needed."""
    report = qa.analyze(responses_of(*data), **choices)
    against = qa.Thresholds(blank_rise=limit)
    rows = of_rules(oracle_findings.OF_KEYS_AND_QUIZZES, report, against)
    got = {
        (row["finding"], row["quiz_id"], row["item_id"]): (
            row["option"],
            row["outcome"],
            row["n_needed"],
        )
        for row in rows
    }
    assert len(got) == len(rows)
    expected = oracle_findings.of_keys_and_quizzes(
        report, against, choices["level"], omit=choices["blank"] == "omit"
    )
    for key in [key for key, one in expected.items() if one == oracle_findings.CLOSE]:
        del expected[key]
        got.pop(key, None)
    assert got == expected
    for (finding, *_), (_, outcome, _) in got.items():
        event(f"{finding}: {outcome}")


@given(data_sets, CHOICES, BLANK_RISE)
def test_keys_and_blanks_of_any_data_are_judged_as_documented(data, choices, limit):
    judged_as_documented(data, choices, limit)


@given(strategies.exams(), CHOICES, BLANK_RISE)
def test_keys_and_blanks_of_exams_are_judged_as_documented(data, choices, limit):
    judged_as_documented(data, choices, limit)


def test_five_of_the_upper_group_are_five_also_in_parts():
    """Six tie for two places: a third of one, and of five, with three others."""
    rests = [9] * 3 + [5] * 5 + [6] + [0] * 10
    chosen = "A" * 8 + "B" + "A" * 10
    answers = [
        [own, *"A" * rest, *"B" * (9 - rest)]
        for own, rest in zip(chosen, rests, strict=True)
    ]
    report = qa.analyze(qa.Responses.from_answers(answers, ["A"] * 10))
    upper = report.option_analysis["n_upper"][:2].to_pylist()
    assert sum(upper) == pytest.approx(5)
    assert of_item(report, "key_probably_wrong")["outcome"] == "fine"


@pytest.mark.parametrize(("choosers", "outcome"), [(4, "cannot tell"), (5, "look")])
def test_the_choice_of_a_few_is_no_finding(choosers, outcome):
    """The best of 24 choose C in the last question, which is wrong."""
    last = ["C" if i < choosers else "AB"[i % 2] for i in range(24)]
    report = qa.analyze(after_a_ladder(last, "A"))
    (found,) = [
        row
        for row in qa.findings(report).to_pylist()
        if (row["finding"], row["item_id"], row["option"])
        == ("distractor_attracts_the_best", "i12", "C")
    ]
    assert found["outcome"] == outcome
    assert found["n_needed"] == (30 if outcome == "cannot tell" else None)


def after_a_ladder(last, key):
    """Eleven questions, fewer and fewer of which those answer who come later; and one.

    The first answers all, the next two all but one, and so on.
    """
    ladder = [["A" if i <= 2 * j else "B" for j in range(11)] for i in range(len(last))]
    answers = [[*row, own] for row, own in zip(ladder, last, strict=True)]
    return qa.Responses.from_answers(answers, ["A"] * 11 + [key])


@pytest.mark.parametrize(("choosers", "outcome"), [(4, "cannot tell"), (5, "look")])
def test_of_several_keys_the_best_is_none_that_few_chose(choosers, outcome):
    """Of 48 the best choose D, one of two keys, and the next C, which is wrong."""
    last = ["D" if i < choosers else "C" if i < 22 else "AB"[i % 2] for i in range(48)]
    report = qa.analyze(after_a_ladder(last, {"A", "D"}))
    row = of_item(report, "two_keys_plausible", "i12")
    assert (row["option"], row["outcome"]) == ("C", outcome)
    assert row["n_needed"] == (60 if outcome == "cannot tell" else None)


@pytest.mark.parametrize(("best", "others"), ["AB", "BA"])
def test_the_key_holds_where_the_two_comparisons_contradict_each_other(best, others):
    """More of the better half choose B but the very best the key, or the reverse."""
    last = [best if i < 6 else others for i in range(44)]
    report = qa.analyze(after_a_ladder(last, "A"), tail=0.5)
    row = of_item(report, "key_probably_wrong", "i12")
    assert (row["option"], row["outcome"]) == ("B", "fine")


def test_of_two_that_beat_the_key_the_one_of_the_best_students_is_named():
    """Most choose C, good or bad; D is chosen by some of the better half only."""
    last = ["DCCC"[i % 4] if i < 22 else "ACC"[i % 3] for i in range(44)]
    report = qa.analyze(after_a_ladder(last, "A"), tail=0.5)
    row = of_item(report, "key_probably_wrong", "i12")
    assert (row["option"], row["outcome"]) == ("D", "look")


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


def test_more_students_are_needed_than_there_are():
    """A perfect correlation has no interval, though by the formula four would do."""
    answers = [["A", "A"]] * 10 + [["B", "B"]] * 10
    report = qa.analyze(qa.Responses.from_answers(answers, ["A", "A"]))
    row = of_item(report, "two_keys_plausible")
    assert (row["outcome"], row["n_needed"]) == ("cannot tell", 21)


def test_no_number_of_students_tells_the_sign_of_a_correlation_of_nothing():
    """Who choose C are half of those who are right in the other question, half not."""
    answers = [["A" if i < 20 else "B", "AACBB"[i // 8]] for i in range(40)]
    report = qa.analyze(qa.Responses.from_answers(answers, ["A", "A"]))
    row = of_item(report, "two_keys_plausible", "i2")
    assert (row["option"], row["outcome"]) == ("C", "cannot tell")
    assert row["n_needed"] is None


def test_more_students_than_a_million_are_no_number():
    """Half of 20 leave the last of four blank, a little more than is tested against."""
    answers = [["A", "A", "A", "A" if i % 2 else None] for i in range(20)]
    report = qa.analyze(qa.Responses.from_answers(answers, ["A"] * 4))
    half = 0.5 - newcombe(0.5, 20, 0.0, 20, 0.95)[0]
    for needed, told in ((9.99e5, 999_000), (1.001e6, None)):
        against = qa.Thresholds(blank_rise=0.5 - half * (20 / needed) ** 0.5)
        (row,) = of_rules(["blanks_rise_towards_the_end"], report, against)
        assert row["n_needed"] == (told and pytest.approx(told, abs=1))


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
        ({"efficiency": 7}, "efficiency must be from 0 to 1, not 7"),
        ({"blank": None}, "blank must be from 0 to 1, not None"),
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
