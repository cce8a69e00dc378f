"""Moodle's quiz statistics: its own expected values, and its rules done slowly.

The cases are in ``fixtures/golden/moodle.json`` with their origin. Those named
``php_noise_*`` are not among them: they show figures that Moodle makes up out of
rounding errors, where null is right.
"""

import json
import math
from pathlib import Path

import moodle_rules
import numpy as np
import pyarrow as pa
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis import MergeError
from quizanalysis._counts.rests import Rests
from quizanalysis.conventions import moodle

HERE = Path(__file__).parents[1] / "fixtures" / "golden" / "moodle.json"
ELSEWHERE = Path(__file__).parents[2] / "shared" / "golden" / "moodle_golden.json"
GOLDEN = json.loads(HERE.read_text())
CASES = {case["id"]: case for case in GOLDEN["cases"]}
MATRICES = [name for name, case in CASES.items() if "marks" in case]

STORED = {
    "s": "Attempts",
    "facility": "Facility index",
    "sd": "Standard deviation",
    "effectiveweight": "Effective weight",
    "discriminationindex": "Discrimination index",
    "discriminativeefficiency": "Discriminative efficiency",
    "intendedweight": "Intended weight",
    "randomguessscore": "Random guess score",
}
DOWNLOAD = [
    "Q#",
    "Question type",
    "Question name",
    "Attempts",
    "Facility index",
    "Standard deviation",
    "Random guess score",
    "Intended weight",
    "Effective weight",
    "Discrimination index",
    "Discriminative efficiency",
]


def responses_of(case, names=None):
    """The marks of a case as responses; null is not graded, "absent" is not shown.

    ``names`` names the item of each attempt and slot, for questions that are drawn.
    """
    most = case["max_marks"]
    totals = case.get("totals") or [None] * len(case["marks"])
    rows = [
        {
            "student_id": f"s{a:03}",
            "item_id": names(a, s) if names else f"q{s + 1:02}",
            "position": s + 1,
            "points_possible": float(most[s]),
            "score": None if mark is None else float(mark),
            "recorded_score": None if total is None else float(total),
        }
        for a, (marks, total) in enumerate(zip(case["marks"], totals, strict=True))
        for s, mark in enumerate(marks)
        if mark != "absent"
    ]
    return qa.Responses.from_arrow(pa.Table.from_pylist(rows))


def close(ours, theirs, *, rel=0.0, floor=0.0):
    if theirs is None or ours is None:
        return ours is theirs
    return math.isclose(ours, theirs, rel_tol=rel, abs_tol=floor)


def field(table, name):
    return table[STORED.get(name, name)].to_pylist()


def test_the_cases_are_those_of_the_given_file():
    if not ELSEWHERE.exists():
        pytest.skip("the given cases are not at hand")
    theirs = json.loads(ELSEWHERE.read_text())["cases"]
    wanted = [c for c in theirs if not c["id"].startswith("php_noise")]
    assert wanted == GOLDEN["cases"]


def test_items_of_the_unit_test():
    case = CASES["unit_20slots_22attempts"]
    table = moodle.item_analysis(responses_of(case))
    for name, expected in case["expected_items"].items():
        scale = expected["scale"]
        values = zip(field(table, name), expected["values"], strict=True)
        for ours, theirs in values:
            # A null that is expected is met by 0 too: the case says so.
            found = None if ours is None else ours * scale
            assert (
                found in (None, 0)
                if theirs is None
                else close(found, theirs, floor=1e-6)
            ), (name, ours, theirs)


def columns_tolerance(case):
    said = case["tolerance"]
    return {"rel": said["value"], "floor": said.get("absolute_floor", 1e-9)}


@pytest.mark.parametrize(
    "name", [n for n in MATRICES if "expected_columns" in CASES[n]]
)
def test_columns(name):
    case = CASES[name]
    table = moodle.item_analysis(responses_of(case))
    for column, expected in case["expected_columns"].items():
        if column == "sqrt_covariance_with_total":
            ours = [
                None if c < 0 else math.sqrt(c)
                for c in field(table, "covariancewithoverallmark")
            ]
        else:
            ours = field(table, column)
        tolerance = columns_tolerance(case)
        for found, theirs in zip(ours, expected, strict=True):
            assert close(found, theirs, **tolerance), (column, ours, expected)


@pytest.mark.parametrize("name", [n for n in MATRICES if "expected_quiz" in CASES[n]])
@pytest.mark.parametrize("batch", [None, "with another quiz"])
def test_quizzes(name, batch):
    case = CASES[name]
    responses = responses_of(case)
    if batch:
        other = qa.Responses.from_arrow(
            responses_of(CASES["php_random1"]).to_arrow().drop_columns("quiz_id"),
            quiz_id="a",
        )
        responses = qa.Responses.concat([responses, other])
    row = moodle.summary(responses).to_pylist()[-1]
    said = case["tolerance"]
    tolerance = {"rel": said.get("quiz", said["value"])}
    tolerance["floor"] = said.get("absolute_floor", 0.0)
    if name == "php_identical_items":
        # Its marks are thirds with 16 digits, finer than ours and than Moodle stores.
        tolerance["rel"] = 1e-8
    for figure, expected in case["expected_quiz"].items():
        assert close(row[figure], expected, **tolerance), (
            figure,
            row[figure],
            expected,
        )


def drawn(case):
    """Name the question of slot 1 and the variant of slot 2 in each attempt."""

    def name(attempt, slot):
        if slot == 0:
            return case["slot1_subquestion"][attempt]
        if slot == 1:
            return f"calculated {case['slot2_variant'][attempt]}"
        return f"q{slot + 1}"

    return name


def test_slots_questions_and_variants_of_the_walk_through():
    case = CASES["quiz00_7slots_25attempts"]
    responses = responses_of(case, drawn(case))
    variants = {f"calculated {v}": "calculated" for v in range(1, 11)}
    table = moodle.item_analysis(responses, random=True, variants=variants).to_pylist()
    found = {(row["Q#"].split(".")[0], row["item_id"]): row for row in table}
    said = case["tolerance"]
    for expected in case["expected_rows"]:
        slot = str(expected["slot"])
        if "subquestion" in expected:
            row = found[slot, expected["subquestion"]]
        elif "variant" in expected:
            row = found[slot, f"calculated {expected['variant']}"]
        else:
            row = next(r for r in table if r["Q#"] == slot)
        for name, theirs in expected["expected"].items():
            ours = row[STORED.get(name, name)]
            rel = said.get(name, said["value"])
            assert close(ours, theirs, rel=rel), (expected, name, ours)
    assert [r["Q#"] for r in table][:4] == ["1", "1.1", "1.2", "2"]
    whole = moodle.summary(responses, random=True, variants=variants).to_pylist()[0]
    plain = moodle.summary(responses_of(case)).to_pylist()[0]
    assert whole == plain


def test_variants_alone_and_of_drawn_questions():
    case = CASES["quiz00_7slots_25attempts"]
    responses = responses_of(case, drawn(case))
    variants = {f"calculated {v}": "calculated" for v in range(1, 11)}
    by_place = moodle.item_analysis(responses, random=True, variants=variants)
    alone = moodle.item_analysis(responses, variants=variants)
    names = [f"calculated {v}" for v in (1, 4, 8)]
    for name in names:
        first, second = (
            next(row for row in table.to_pylist() if row["item_id"] == name)
            for table in (by_place, alone)
        )
        assert first["covariance"] == second["covariance"]
    drawn_too = variants | {"numerical": "pool", "shortanswer": "pool"}
    table = moodle.item_analysis(responses, variants=drawn_too).to_pylist()
    assert next(r for r in table if r["item_id"] == "pool")["Attempts"] == 25


def test_the_download_has_moodles_columns_first():
    table = moodle.item_analysis(responses_of(CASES["php_n3"]))
    assert table.column_names[: len(DOWNLOAD)] == DOWNLOAD
    assert table["Q#"].to_pylist() == ["1", "2"]
    assert table["Intended weight"].to_pylist() == [50.0, 50.0]


def test_slots_without_a_position_are_numbered_as_they_come():
    rows = [
        {"student_id": f"s{i}", "item_id": name, "score": score}
        for i, line in enumerate([(1.0, 0.0, 1.0), (0.0, 0.0, 1.0)])
        for name, score in zip("bca", line, strict=True)
    ]
    for places, numbers in (
        ([None, None, None], ["1", "2", "3"]),
        ([7, None, 4], ["4", "7", "3"]),
    ):
        about = pa.table(
            {
                "item_id": ["b", "c", "a"],
                "position": pa.array(places, pa.int64()),
                "points_possible": [1.0] * 3,
            }
        )
        responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows), about)
        table = moodle.item_analysis(responses)
        assert table["Q#"].to_pylist() == numbers


def test_rounding_errors_make_no_figures():
    # The marks of php_noise_constant_rest: Moodle's figures are of its rounding errors.
    case = {"max_marks": [1, 1, 1], "marks": [[i % 2, 0.1, 0.7] for i in range(10)]}
    table = moodle.item_analysis(responses_of(case))
    assert field(table, "discriminationindex") == [None] * 3
    assert field(table, "discriminativeefficiency") == [None] * 3
    assert field(table, "negcovar") == [0, 0, 0]
    assert field(table, "effectiveweight") == [100.0, 0.0, 0.0]


def test_attempts():
    rows = [
        ("ann", 1, 1.0, 3.0),
        ("ann", 2, 0.0, 3.0),
        ("bob", 1, 1.0, None),
        ("bob", 2, 0.0, 1.0),
        ("cai", 1, 1.0, None),
    ]
    responses = qa.Responses.from_arrow(
        pa.Table.from_pylist(
            [
                {
                    "student_id": who,
                    "attempt": attempt,
                    "item_id": "q",
                    "score": score,
                    "recorded_score": total,
                    "points_possible": 1.0,
                }
                for who, attempt, score, total in rows
            ]
        )
    )
    found = {
        which: moodle.summary(responses, attempt=which).to_pylist()[0]
        for which in ("highest", "best", "first", "last", "all")
    }
    assert found["highest"] == found["best"]
    counts = {which: row["count"] for which, row in found.items()}
    # Bob's first attempt waits for a grade; his second does not step in for it.
    assert counts == {"highest": 2, "best": 2, "first": 1, "last": 2, "all": 3}
    assert found["first"]["mean"] == 3.0
    table = moodle.item_analysis(responses)
    assert table["Attempts"].to_pylist() == [2]
    assert table["Facility index"].to_pylist() == [0.5]  # Ann's first of two equals
    with pytest.raises(ValueError, match="highest, first, last or all"):
        moodle.summary(responses, attempt="kept")


def two_attempts(totals, scores):
    """One student's attempts: recorded total and score of the only question."""
    rows = [
        {
            "student_id": "ann",
            "attempt": number,
            "item_id": "q",
            "score": score,
            "recorded_score": total,
            "points_possible": 1.0,
        }
        for number, (total, score) in enumerate(zip(totals, scores, strict=True), 1)
    ]
    return qa.Responses.from_arrow(pa.Table.from_pylist(rows))


def test_attempts_tie_in_their_stored_totals():
    # As stored, to 5 decimals, both are 0.33333: the tie goes to the earlier attempt.
    data = two_attempts([0.333331, 0.333334], [0.25, 0.75])
    table = moodle.item_analysis(data)
    assert table["Facility index"].to_pylist() == [0.25]


def test_attempts_that_wait_leave_the_key_alone():
    options = [{"id": i, "text": i, "correct": i == "a"} for i in "ab"]
    data = pa.table(
        {
            "student_id": ["ann", "bob", "cai"],
            "item_id": ["q"] * 3,
            "response": ["b", "a", "a"],
            "score": [0.0, 1.0, 1.0],
            "recorded_score": [None, 1.0, 1.0],
        }
    )
    items = pa.table(
        {"item_id": ["q"], "item_type": ["multichoice"], "options": [options]}
    )
    table = moodle.item_analysis(qa.Responses.from_arrow(data, items))
    assert table["Random guess score"].to_pylist() == [0.5]
    assert table["Attempts"].to_pylist() == [2]


def test_a_description_is_no_slot():
    case = {"max_marks": [1, 0, 1], "marks": [[1, 0, 1], [0, 0, 0], [1, 0, 0]]}
    plain = responses_of(case)
    items = pa.table(
        {
            "item_id": ["q01", "q02", "q03"],
            "item_type": ["essay", "description", "essay"],
            "points_possible": [1.0, 0.0, 1.0],
        }
    )
    data = qa.Responses.from_arrow(plain.to_arrow(), items)
    table = moodle.item_analysis(data)
    assert table["item_id"].to_pylist() == ["q01", "q03"]
    without = {"max_marks": [1, 1], "marks": [[1, 1], [0, 0], [1, 0]]}
    expected = moodle.summary(responses_of(without)).to_pylist()
    assert moodle.summary(data).to_pylist() == expected
    assert moodle.summary(plain)["cic"].to_pylist() != [expected[0]["cic"]]


def test_only_variants_and_questions_that_were_seen_have_rows():
    case = CASES["quiz00_7slots_25attempts"]
    responses = responses_of(case, drawn(case))
    variants = {f"calculated {v}": "calculated" for v in range(1, 11)}
    whole = moodle.item_analysis(responses, random=True, variants=variants)
    few = responses.where(submitted_before=None)
    table = few.to_arrow()
    kept = table.filter(pa.compute.equal(table["student_id"], "s000"))
    unseen = responses.items.select(["quiz_id", "item_id", "position"])
    one = qa.Responses.from_arrow(kept, unseen)
    alone = moodle.item_analysis(one, random=True, variants=variants)
    assert set(whole["Attempts"].to_pylist()) > {25}
    # One of the questions of slot 1, and one variant of slot 2: no variant is listed.
    names = [number for number in alone["Q#"].to_pylist() if "." in number]
    assert names in (["1.1"], ["1.2"])


def test_thirds_make_no_covariance_with_totals_that_are_equal():
    marks = [[1 / 3, 1 / 3, 1 / 3], [1, 0, 0], [0, 1, 0], [0, 0, 1]]
    table = moodle.item_analysis(responses_of({"max_marks": [1] * 3, "marks": marks}))
    assert field(table, "covariancewithoverallmark") == [0.0] * 3
    assert field(table, "negcovar") == [0] * 3
    assert field(table, "effectiveweight") == [None] * 3


def test_stored_totals_have_five_decimals():
    case = {"max_marks": [1], "marks": [[0], [1], [1]]}
    case["totals"] = [0.333333, 0.333336, -0.000005]
    row = moodle.summary(responses_of(case)).to_pylist()[0]
    assert row["median"] == 0.33333
    assert row["mean"] == pytest.approx((0.33333 + 0.33334 - 0.00001) / 3, abs=1e-15)


def test_random_guess_scores():
    options = [{"id": i, "text": i, "correct": i == "a"} for i in "abcd"]
    anything = [{"id": "x", "text": "*", "correct": True}]
    nothing = [{"id": "x", "text": "*", "correct": False}, *options]
    kinds = {
        "choice": ("multichoice", options, 0.25),
        "untyped": (None, options, 0.25),
        "true or false": ("truefalse", None, 0.5),
        "essay": ("essay", None, 0.0),
        "match": ("match", options, 0.25),
        "random match": ("randomsamatch", options, 0.25),
        "match, no choices": ("match", None, None),
        "short": ("shortanswer", options, 0.0),
        "number": ("numerical", None, 0.0),
        "anything": ("calculated", anything, 1.0),
        "nothing else": ("shortanswer", nothing, 0.0),
        "gaps": ("gapselect", options, None),
        "markers": ("ddmarker", None, None),
        "cloze": ("multianswer", None, None),
        "no key": ("multichoice", None, None),
        "several": ("multichoice", options, None),
        "unknown": (None, None, None),
    }
    items = pa.Table.from_pylist(
        [
            {"item_id": name, "item_type": kind, "options": key, "position": place}
            for place, (name, (kind, key, _)) in enumerate(kinds.items(), 1)
        ],
        pa.schema(
            [
                ("item_id", pa.string()),
                ("item_type", pa.string()),
                ("position", pa.int64()),
                (
                    "options",
                    pa.list_(
                        pa.struct(
                            [
                                ("id", pa.string()),
                                ("text", pa.string()),
                                ("correct", pa.bool_()),
                            ]
                        )
                    ),
                ),
            ]
        ),
    )
    rows = [
        {
            "student_id": "s",
            "item_id": name,
            "score": 1.0,
            "response": ["a", "b"] if name == "several" else ["a"],
        }
        for name in kinds
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows), items)
    table = moodle.item_analysis(responses)
    expected = [guess for *_, guess in kinds.values()]
    assert table["Random guess score"].to_pylist() == expected


# ---- responses, try by try -------------------------------------------------------

KEY = GOLDEN["answer_key_for_response_cases"]
KINDS = {
    "quiz00_7slots_25attempts": {"2": "calculatedsimple", "3": "match"},
    "responses_quiz01": {"2": "calculatedsimple", "3": "match", "4": "truefalse"},
    "responses_quiz02": {"1": "match"},
    "responses_quiz03": {"1": "calculatedsimple"},
}
PARTS = ("frog", "cat", "newt")


def number_class(answer):
    for model in KEY["numerical"]["classes"]:
        if model != "*" and float(model) == float(answer):
            return f"{model} ({model}..{model})"
    return "*"


def model_of(kind, answer, variant, part):
    """The class that Moodle's question type puts an answer in, by the key given."""
    if kind == "shortanswer":
        known = [c for c in KEY[kind]["classes"] if c == answer.lower()]
        return known[0] if known else "*"
    if kind == "numerical":
        return number_class(answer)
    if kind == "calculatedsimple" and answer == "x+y":
        return None
    if kind == "calculatedsimple":
        right = KEY[kind]["right_by_variant"].get(variant)
        near = KEY[kind]["relative_tolerance"]
        if right is not None and abs(float(answer) - right) <= near * abs(right):
            return "{a} + {b} (±0.01 Relative)"
        return "not matched"
    return f"{part}: {answer}" if kind == "match" else ("False", "True")[int(answer)]


def steps_of(case):
    """The steps of a case, one row per part: as `response_analysis` takes them."""
    rows, drawn_of = [], {}
    columns = case["steps"]["columns"]
    for number, values in enumerate(case["steps"]["rows"]):
        row = dict(zip(columns, values, strict=True))
        for slot in dict.fromkeys(c.split(".")[1] for c in columns if "." in c):
            for name in ("randqs", "variants"):
                if row.get(f"{name}.{slot}"):
                    drawn_of[row["attempt"], name, slot] = row[f"{name}.{slot}"]
            kind = KINDS[case["id"]].get(slot) or drawn_of.get(
                (row["attempt"], "randqs", slot)
            )
            if kind is None:
                continue  # no counts are expected of this slot
            variant = drawn_of.get((row["attempt"], "variants", slot), "1")
            parts = PARTS if kind == "match" else ("answer",)
            for index, part in enumerate(parts, 1):
                answer = row[f"responses.{slot}.{part}"]
                rows.append(
                    {
                        "student_id": str(row["user"]),
                        "attempt": row["attempt"],
                        "item_id": f"{slot} {kind}",
                        "variant": variant,
                        "part": str(index),
                        "response": answer,
                        "model": model_of(kind, answer, variant, part)
                        if answer
                        else None,
                        "valid": answer != "x+y",
                        "step": number,
                        "submitted": row.get(f"responses.{slot}.-submit") == "1",
                        "try_again": row.get(f"responses.{slot}.-tryagain") == "1",
                    }
                )
    return pa.Table.from_pylist(rows)


UNMATCHED = ("[NO MATCH]", "[Did not match any answer]")


@pytest.mark.parametrize("name", KINDS)
def test_response_counts(name):
    case = CASES[name]
    table = moodle.response_analysis(steps_of(case)).to_pylist()
    found = {}
    for row in table:
        slot, kind = row["item_id"].split(" ", 1)
        model = row["Model response"]
        # An answer that is the model itself is not written beside it.
        actual = None if kind == "truefalse" else row["Actual response"]
        key = (slot, kind, row["variant"], row["Part of question"], model, actual)
        found[key] = row
    met = set()
    for expected in case["expected_response_counts"]:
        slot = str(expected["slot"])
        kind = expected.get("randq") or KINDS[name][slot]
        model = expected["modelresponse"]
        key = (
            slot,
            kind,
            str(expected.get("variant", 1)),
            str(expected.get("subpart", 1)),
            "not matched" if model in UNMATCHED else model,
            expected.get("actualresponse"),
        )
        if expected["totalcount"] == 0:
            assert key not in found, key
            continue
        row = found[key]
        met.add(key)
        assert row["Count"] == expected["totalcount"], (key, row)
        for number in range(1, 6):
            if f"count{number}" in expected:
                ours = row[f"Count try {number}"]
                assert ours == expected[f"count{number}"], (key, row)
    # Not every variant is listed; those that are, in full.
    listed = {(key[0], key[2]) for key in met}
    assert not {key for key in found if (key[0], key[2]) in listed} - met


def test_partial_credit_is_the_first_seen():
    steps = pa.table(
        {
            "student_id": ["ann", "bob", "cai"],
            "item_id": ["q"] * 3,
            "response": ["frog", "frog", "toad"],
            "credit": [0.5, 1.0, None],
        }
    )
    table = moodle.response_analysis(steps)
    assert table["Partial credit"].to_pylist() == [0.5, None]
    plain = moodle.response_analysis(steps.drop_columns("credit"))
    assert plain["Partial credit"].to_pylist() == [None, None]


def test_an_answer_saved_after_the_last_submission_is_one_more_try():
    # Dan changes his answer without "try again"; eve saves the same one again.
    steps = pa.table(
        {
            "student_id": ["dan", "dan", "eve", "eve"],
            "item_id": ["q"] * 4,
            "response": ["frog", "toad", "frog", "frog"],
            "submitted": [True, False, True, False],
        }
    )
    rows = moodle.response_analysis(steps).to_pylist()
    tries = {r["Actual response"]: (r["Count try 1"], r["Count try 2"]) for r in rows}
    assert tries == {"frog": (2, 0), "toad": (0, 1)}


def test_tries():
    steps = pa.table(
        {
            "student_id": ["ann"] * 3 + ["bob", "cai", "cai"],
            "item_id": ["q"] * 6,
            "response": ["frog", "toad", "newt", None, "", "frog"],
            "submitted": [True, True, False, False, True, False],
            "try_again": [False, False, True, False, False, False],
        }
    )

    def counts(tries):
        table = moodle.response_analysis(steps, tries=tries).to_pylist()
        return {row["Model response"]: row["Count"] for row in table}

    silent = {"[No response]": 1}
    assert counts("all") == {"frog": 2, "toad": 1, "newt": 1} | silent
    assert counts("first") == {"frog": 2} | silent
    assert counts("last") == {"newt": 1, "frog": 1} | silent
    table = moodle.response_analysis(steps)
    assert table["Frequency"].to_pylist()[0] == pytest.approx(200 / 3)
    with pytest.raises(ValueError, match="all, first or last"):
        moodle.response_analysis(steps, tries="best")
    with pytest.raises(qa.DataError, match="item_id"):
        moodle.response_analysis(pa.table({"student_id": ["ann"]}))


# ---- slowly ----------------------------------------------------------------------

small = strategies.tidy(quizzes=2, students=9, items=4, attempts=2)


@given(data=small, attempt=st.sampled_from(["highest", "first", "last", "all"]))
def test_items_follow_the_rules(data, attempt):
    rows, items = data
    responses = qa.Responses.from_arrow(*strategies.tables(rows, items))
    ours = moodle.item_analysis(responses, attempt=attempt).to_pylist()
    theirs = moodle_rules.item_analysis(rows, items, attempt=attempt)
    found = {(row["quiz_id"], row["item_id"]): row for row in ours}
    assert len(found) == len(ours) == len(theirs)
    for expected in theirs:
        row = found[expected["quiz_id"], expected["item_id"]]
        for name, value in expected.items():
            got = row[STORED.get(name, name)]
            if isinstance(value, str):
                assert got == value
            else:
                assert close(got, value, rel=1e-9, floor=1e-9), (name, got, value)


@given(data=small, attempt=st.sampled_from(["highest", "first", "last", "all"]))
def test_quizzes_follow_the_rules(data, attempt):
    rows, items = data
    responses = qa.Responses.from_arrow(*strategies.tables(rows, items))
    ours = moodle.summary(responses, attempt=attempt).to_pylist()
    theirs = moodle_rules.summary(rows, items, attempt=attempt)
    assert len(ours) == len(theirs)
    for row, expected in zip(ours, theirs, strict=True):
        for name, value in expected.items():
            if isinstance(value, str):
                assert row[name] == value
            else:
                assert close(row[name], value, rel=1e-9, floor=1e-9), (
                    name,
                    row[name],
                    value,
                )


@given(scores=strategies.matrix(), data=st.data())
def test_rests_are_the_same_however_they_are_split(scores, data):
    table = np.array([[np.nan if x is None else x for x in row] for row in scores])
    whole = qa.Responses.from_matrix(table)
    order = data.draw(strategies.splits(len(scores)))
    named = [f"s{i + 1}" for i in range(len(scores))]
    total = Rests.empty()
    for part in order:
        if part:
            total += Rests.of(
                qa.Responses.from_matrix(
                    table[part], student_ids=[named[i] for i in part]
                )
            )
    assert total == Rests.of(whole)
    assert Rests.from_arrow(total.to_arrow()) == total
    assert Rests.of(whole.batches(2)) == Rests.of(whole)


REST = Rests.of(qa.Responses.from_matrix([[1, 0], [1, 1], [0.5, 0]]))


@pytest.mark.parametrize(
    ("table", "key", "value"),
    [
        ("rests", "item", 9),
        ("rests", "item", -1),
        ("rests", "n", 0),
        ("rests", "n", 5),
        ("scores", "n", -1),
        ("scores", "k", 0),
        ("scores", "score", None),
    ],
)
def test_damaged_rests_are_a_merge_error(table, key, value):
    whole = REST.to_arrow()
    rows = whole[table].to_pylist()
    rows[0][0] |= {key: value}
    place = whole.column_names.index(table)
    damaged = whole.set_column(place, table, pa.array(rows, whole[table].type))
    with pytest.raises(MergeError, match="not a table of rests"):
        Rests.from_arrow(damaged)


def test_rests_that_count_blanks_differently_do_not_add():
    with pytest.raises(MergeError, match="blanks"):
        Rests.empty("zero") + Rests.empty("omit")
