"""Whatever table comes in: valid responses, or every problem at once."""

import datetime as dt
import decimal
import math
import pickle

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis.schema import INPUTS

OPTION = pa.struct(
    [("id", pa.string()), ("text", pa.string()), ("correct", pa.bool_())]
)


def tidy(**columns):
    """Two students, one item, all well; the columns given replace or are added."""
    whole = {"student_id": ["ann", "bob"], "item_id": ["q1", "q1"], "score": [1, 0]}
    kept = {k: v for k, v in (whole | columns).items() if v is not None}
    return pa.table(kept)


def problems(responses, items=None, students=None, **options):
    """What is found to be wrong, as (table, column, row, value)."""
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(responses, items, students, **options)
    found = caught.value.problems
    assert all(problem.message for problem in found)
    assert caught.value.total >= len(found)
    return [(p.table, p.column, p.row, p.value) for p in found]


def messages(responses, items=None, students=None):
    """Say in words what is wrong."""
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(responses, items, students)
    return str(caught.value)


# ---- one kind of problem at a time ----------------------------------------------


def test_a_missing_column_is_named_with_those_that_there_are():
    table = pa.table({"student_id": ["ann"], "item": ["q1"]})
    said = messages(table)
    assert "responses, column 'item_id': no such column" in said
    assert "the same in column 'score'" in said
    assert "there are: 'student_id', 'item'" in said


def test_a_table_without_any_column_lacks_all_three():
    assert [column for _, column, _, _ in problems(pa.table({}))] == [
        "student_id",
        "item_id",
        "score",
    ]


def test_missing_columns_of_all_three_tables_are_found_at_once():
    empty = pa.table({"other": [1]})
    assert problems(empty, empty, empty) == [
        ("responses", "student_id", None, None),
        ("responses", "item_id", None, None),
        ("responses", "score", None, None),
        ("items", "item_id", None, None),
        ("students", "student_id", None, None),
    ]


@pytest.mark.parametrize("lacking", ["student_id", "item_id", "score"])
def test_a_missing_column_hides_no_other_problem(lacking):
    table = tidy(
        student_id=["", "bob"],
        item_id=["q1", None],
        score=["x", "1"],
        status=["graded", "odd"],
        attempt=[0, 1],
        points_possible=[-1, -1],
        submitted_at=["never", None],
    ).drop_columns(lacking)
    items = pa.table({"item_id": ["q1", "q1"], "points_possible": [-1, -1]})
    students = pa.table({"student_id": ["bob", "bob"], "section_ids": [1.5, 2]})
    expected = {
        ("responses", lacking, None, None),
        ("responses", "student_id", 0, ""),
        ("responses", "item_id", 1, None),
        ("responses", "score", 0, "x"),
        ("responses", "status", 1, "odd"),
        ("responses", "attempt", 0, 0),
        ("responses", "points_possible", 0, -1),
        ("responses", "points_possible", 1, -1),
        ("responses", "submitted_at", 0, "never"),
        ("items", "item_id", 1, "q1"),
        ("items", "points_possible", 0, -1),
        ("items", "points_possible", 1, -1),
        ("students", "student_id", 1, "bob"),
    }
    expected = {
        found
        for found in expected
        if found[1] != lacking or found[2] is None or found[0] != "responses"
    }
    assert set(problems(table, items, students)) >= expected
    found = [
        f for f in problems(table, items, students) if f[:2] == ("responses", lacking)
    ]
    assert found == [("responses", lacking, None, None)]


def test_other_tables_without_their_ids_are_checked_all_the_same():
    table = tidy(score=["x", "1"])
    items = pa.table({"points_possible": [-1], "options": [5]})
    students = pa.table({"section_ids": pa.array([{"a": 1}])})
    assert problems(table, items, students) == [
        ("items", "item_id", None, None),
        ("students", "student_id", None, None),
        ("items", "points_possible", 0, -1),
        ("items", "options", None, "int64"),
        ("responses", "score", 0, "x"),
        ("students", "section_ids", None, "struct<a: int64>"),
    ]


@pytest.mark.parametrize("column", ["student_id", "score", "title"])
def test_a_column_that_is_there_twice_is_found(column):
    table = tidy(title=["x", "x"])
    table = table.append_column(column, table[column])
    assert problems(table) == [("responses", column, None, None)]
    assert "there twice" in messages(table)


def test_a_column_that_nobody_asked_for_may_be_there_twice():
    table = tidy(note=["x", "y"]).append_column("note", pa.array(["x", "y"]))
    assert len(qa.Responses.from_arrow(table)) == 2


def test_duplicate_columns_of_the_items_and_students_are_found():
    items = pa.table(
        [pa.array(["q1"]), pa.array([1]), pa.array([1])],
        names=["item_id", "position", "position"],
    )
    students = pa.table(
        [pa.array(["ann"]), pa.array(["a"]), pa.array(["b"])],
        names=["student_id", "name", "name"],
    )
    assert problems(tidy(), items, students) == [
        ("items", "position", None, None),
        ("students", "name", None, None),
    ]


def test_scores_that_are_no_numbers_are_found_with_row_and_value():
    table = tidy(
        student_id=list("abcdefg"),
        item_id=["q"] * 7,
        score=["1", "one", "", " 2.5 ", "1,5", "0x10", None],
    )
    assert problems(table) == [
        ("responses", "score", 1, "one"),
        ("responses", "score", 4, "1,5"),
        ("responses", "score", 5, "0x10"),
    ]
    assert "not a number (found 'one')" in messages(table)


@pytest.mark.parametrize(
    "word",
    ["nan", "NaN", "inf", "-Infinity", "NA", "null", "1e", "\u0661", "--1", "1 2"],
)
def test_words_that_some_parsers_take_for_numbers_are_none(word):
    assert problems(tidy(score=["1", word])) == [("responses", "score", 1, word)]


@pytest.mark.parametrize("text", ["1e999", "-1e999"])
def test_texts_beyond_any_double_are_infinite(text):
    assert problems(tidy(score=["1", text])) == [("responses", "score", 1, text)]


@pytest.mark.parametrize(
    ("text", "points"),
    [
        ("1", 1.0),
        ("+1", 1.0),
        (" 1 ", 1.0),
        ("1.", 1.0),
        (".5", 0.5),
        ("-0.25", -0.25),
        ("1e-1", 0.1),
        ("1E+1", 10.0),
        ("007", 7.0),
    ],
)
def test_numbers_written_as_text_are_read(text, points):
    responses = qa.Responses.from_arrow(tidy(score=["0", text]))
    assert responses.to_arrow()["score"].to_pylist() == [0.0, points]


def test_infinite_scores_are_found():
    table = tidy(score=[math.inf, -math.inf], recorded_score=[1.0, math.inf])
    assert problems(table) == [
        ("responses", "recorded_score", 1, math.inf),
        ("responses", "score", 0, math.inf),
        ("responses", "score", 1, -math.inf),
    ]


@pytest.mark.parametrize("column", ["student_id", "item_id", "quiz_id"])
@pytest.mark.parametrize("empty", ["", None])
def test_empty_ids_are_found(column, empty):
    table = tidy(quiz_id=["quiz", "quiz"])
    index = table.column_names.index(column)
    table = table.set_column(index, column, pa.array(["one", empty]))
    assert problems(table) == [("responses", column, 1, empty)]


def test_empty_ids_inside_a_dictionary_are_found():
    ids = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array([None, ""]))
    assert problems(tidy(student_id=ids)) == [
        ("responses", "student_id", 0, None),
        ("responses", "student_id", 1, ""),
    ]


@pytest.mark.parametrize("attempt", [0, -1, 1.5, "2.5", "00", 2**40])
def test_an_attempt_is_a_whole_number_from_one_up(attempt):
    assert problems(tidy(attempt=[attempt, attempt])) == [
        ("responses", "attempt", 0, attempt),
        ("responses", "attempt", 1, attempt),
    ]


def test_an_attempt_that_is_no_number_is_found():
    assert problems(tidy(attempt=["1", "second"])) == [
        ("responses", "attempt", 1, "second")
    ]


def test_a_position_is_a_whole_number_from_one_up_and_told_once():
    assert problems(tidy(position=[1, 0])) == [("responses", "position", 1, 0)]


def test_negative_points_possible_are_found_in_either_table():
    items = pa.table({"item_id": ["q1"], "points_possible": [-1]})
    assert problems(tidy(points_possible=[-1.0, -1.0]), items) == [
        ("responses", "points_possible", 0, -1.0),
        ("responses", "points_possible", 1, -1.0),
        ("items", "points_possible", 0, -1),
    ]


def test_two_points_possible_for_one_item_are_found_between_rows():
    assert problems(tidy(points_possible=[1.0, 2.0])) == [
        ("responses", "points_possible", 1, 2.0)
    ]
    assert "two different points possible" in messages(tidy(points_possible=[1.0, 2.0]))


def test_two_points_possible_for_one_item_are_found_between_the_tables():
    items = pa.table({"item_id": ["q0", "q1"], "points_possible": [9.0, 2.5]})
    assert problems(tidy(points_possible=[None, 1.0]), items) == [
        ("items", "points_possible", 1, 2.5)
    ]


def test_points_possible_may_be_said_once_or_alike():
    items = pa.table({"item_id": ["q1"], "points_possible": [2]})
    responses = qa.Responses.from_arrow(tidy(points_possible=["2.0", None]), items)
    assert responses.items["points_possible"].to_pylist() == [2.0]


def test_items_of_one_id_in_two_quizzes_may_be_worth_different_points():
    table = tidy(quiz_id=["a", "b"], points_possible=[1, 2])
    items = qa.Responses.from_arrow(table).items
    assert items["points_possible"].to_pylist() == [1.0, 2.0]


def test_the_same_row_twice_is_found():
    table = tidy(student_id=["ann", "bob", "ann"], item_id=["q1"] * 3, score=[1, 0, 1])
    assert problems(table) == [("responses", "item_id", 2, "q1")]


def test_another_attempt_or_quiz_is_no_repetition():
    table = tidy(
        student_id=["ann"] * 4,
        item_id=["q1"] * 4,
        score=[1, 1, 1, 1],
        quiz_id=["a", "a", "b", "b"],
        attempt=[1, 2, 1, 2],
    )
    assert len(qa.Responses.from_arrow(table)) == 4


def test_a_row_that_was_not_shown_repeats_nothing():
    table = tidy(
        student_id=["ann", "ann"], score=[1, None], status=["graded", "not_shown"]
    )
    assert len(qa.Responses.from_arrow(table).cells.item) == 1


def test_an_item_drawn_twice_is_legal_at_two_positions():
    table = tidy(student_id=["ann", "ann"], position=[1, 5])
    responses = qa.Responses.from_arrow(table)
    assert responses.to_arrow()["position"].to_pylist() == [1, 5]
    assert qa.item_analysis(responses)["n"].to_pylist() == [2]


@pytest.mark.parametrize("positions", [[3, 3], [None, None], [None, 2], [2, None]])
def test_an_item_drawn_twice_needs_two_known_positions(positions):
    table = tidy(student_id=["ann", "ann"], position=pa.array(positions, pa.int64()))
    assert problems(table) == [("responses", "item_id", 1, "q1")]


def test_an_item_of_known_position_may_be_drawn_again_at_another():
    items = pa.table({"item_id": ["q1"], "position": [1]})
    table = tidy(student_id=["ann", "ann"], position=pa.array([None, 2], pa.int64()))
    assert len(qa.Responses.from_arrow(table, items).cells.item) == 2


def test_items_and_students_that_are_there_twice_are_found():
    items = pa.table({"item_id": ["q1", "q2", "q1"]})
    students = pa.table({"student_id": ["ann", "ann", "bob"]})
    assert problems(tidy(), items, students) == [
        ("items", "item_id", 2, "q1"),
        ("students", "student_id", 1, "ann"),
    ]


def test_an_item_may_be_in_the_items_table_once_for_each_quiz():
    items = pa.table({"quiz_id": ["a", "b"], "item_id": ["q1", "q1"]})
    responses = qa.Responses.from_arrow(tidy(quiz_id=["a", "b"]), items)
    assert responses.items.num_rows == 2


def test_empty_ids_of_items_and_students_are_found():
    items = pa.table({"item_id": ["q1", "", None]})
    students = pa.table({"student_id": [None, "", "ann"]})
    assert problems(tidy(), items, students) == [
        ("items", "item_id", 1, ""),
        ("items", "item_id", 2, None),
        ("students", "student_id", 0, None),
        ("students", "student_id", 1, ""),
    ]


def test_items_without_a_quiz_are_refused_where_there_are_several():
    items = pa.table({"item_id": ["q1"]})
    found = problems(tidy(quiz_id=["a", "b"]), items)
    assert found[0] == ("items", "quiz_id", None, None)


def test_an_item_that_is_not_in_the_items_table_is_found_at_its_first_row():
    table = tidy(
        student_id=["ann", "ann", "bob"], item_id=["q1", "q9", "q9"], score=[1, 1, 1]
    )
    assert problems(table, pa.table({"item_id": ["q1"]})) == [
        ("responses", "item_id", 1, "q9")
    ]


def test_an_items_table_without_rows_has_none_of_the_items():
    nothing = pa.table({"item_id": pa.array([], pa.string())})
    assert problems(tidy(), nothing) == [("responses", "item_id", 0, "q1")]


def test_an_unknown_status_is_found_and_the_known_ones_are_named():
    table = tidy(status=["graded", "late"])
    assert problems(table) == [("responses", "status", 1, "late")]
    assert "graded, not_attempted, not_graded, not_shown" in messages(table)


@pytest.mark.parametrize("answer", ["A", ["", "A"]])
def test_a_score_or_an_answer_to_what_was_not_shown_is_found(answer):
    listed = isinstance(answer, list)
    table = tidy(
        student_id=list("abcde"),
        item_id=["q1"] * 5,
        score=[0, None, None, 1, None],
        response=pa.array(
            [None, answer, [""] if listed else "", answer, None],
            pa.list_(pa.string()) if listed else pa.string(),
        ),
        status=["not_shown"] * 5,
    )
    assert sorted(problems(table), key=lambda found: (found[1], found[2])) == [
        ("responses", "response", 1, answer),
        ("responses", "response", 3, answer),
        ("responses", "score", 0, 0),
        ("responses", "score", 3, 1),
    ]
    assert "not shown, and yet" in messages(table)


def test_scores_of_one_submission_that_add_up_beyond_64_bits_are_found():
    n = 9_001
    few = {
        "item_id": [f"q{i}" for i in range(n)],
        "student_id": ["bob", *["ann"] * (n - 1)],
    }
    # 9,000 times a million points are 9e18 billionths; 2**63 is 9.2e18.
    table = tidy(**few, score=[1e6] * n)
    assert int(qa.Responses.from_arrow(table).item_sums().max()) == 9_000 * 10**15
    many = few | {"student_id": ["ann"] * n}
    (found,) = problems(tidy(**many, score=[1e6] * n))
    assert found == ("responses", "score", 0, "student ann, attempt 1 of quiz quiz")
    (found,) = problems(tidy(**many, score=[-1e6] * n, points_possible=[1] * n))
    assert found == ("responses", "score", 0, "student ann, attempt 1 of quiz quiz")
    (found,) = problems(tidy(**many, score=[0] * n, points_possible=[1e6] * n))
    assert found[:3] == ("responses", "points_possible", 0)


def test_graded_without_a_score_is_found():
    table = tidy(score=[None, 1.0], status=["graded", "graded"])
    assert problems(table) == [("responses", "score", 0, None)]


@pytest.mark.parametrize(
    ("stamps", "shown"),
    [
        (pa.array([0, 90_000], pa.timestamp("s")), "1970-01-02T01:00:00"),
        (
            pa.array([0, 1_500], pa.timestamp("ms", "UTC")),
            "1970-01-01T00:00:01.500Z",
        ),
        (
            pa.array([0, 1_000], pa.timestamp("ns", "UTC")),
            "1970-01-01T00:00:00.000001000Z",
        ),
        (pa.array([0, 1_001], pa.timestamp("ns")), "1970-01-01T00:00:00.000001001"),
        (pa.array([0, 1], pa.date32()), "1970-01-02"),
        (
            pa.array([0, 3_600], pa.timestamp("s", "Europe/Berlin")),
            "1970-01-01T01:00:00Z",
        ),
    ],
)
def test_points_in_time_are_shown_as_they_may_be_written(stamps, shown):
    table = tidy(student_id=["ann", "ann"], item_id=["q1", "q2"], submitted_at=stamps)
    assert problems(table) == [("responses", "submitted_at", 1, shown)]
    assert f"(found '{shown}')" in messages(table)


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("recorded_score", [1.0, 2.0]),
        ("elapsed_s", [60.0, 61.0]),
        ("submitted_at", ["2026-01-01T10:00:00Z", "2026-01-01T10:00:01Z"]),
    ],
)
def test_values_that_differ_within_a_submission_are_found(column, values):
    table = tidy(student_id=["ann", "ann"], item_id=["q1", "q2"], **{column: values})
    assert problems(table) == [("responses", column, 1, values[1])]


def test_values_of_a_submission_may_be_given_in_one_of_its_rows():
    table = tidy(
        student_id=["ann", "ann"],
        item_id=["q1", "q2"],
        recorded_score=[None, 7.5],
        elapsed_s=[60, None],
    )
    submissions = qa.Responses.from_arrow(table).submissions
    assert submissions["recorded_score"].to_pylist() == [7.5]
    assert submissions["elapsed_s"].to_pylist() == [60.0]


@pytest.mark.parametrize("column", ["score", "points_possible", "recorded_score"])
def test_points_beyond_a_million_are_refused(column):
    columns = {"score": [1.0, 1.0], column: [1_000_001.0, 1_000_000.0]}
    found = problems(tidy(item_id=["q1", "q2"], **columns))
    assert found == [("responses", column, 0, 1_000_001.0)]


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("score", [[1], [0]]),
        ("score", [{"a": 1}, {"a": 0}]),
        ("score", [b"1", b"0"]),
        ("score", [dt.date(2026, 1, 1)] * 2),
        ("attempt", [True, True]),
        ("position", [[1], [1]]),
        ("elapsed_s", [dt.timedelta(seconds=3)] * 2),
        ("recorded_score", [{"a": 1}] * 2),
        ("points_possible", [True, True]),
        ("submitted_at", [20260101, 20260102]),
        ("submitted_at", [[1], [2]]),
        ("submitted_at", [{"a": 1}] * 2),
        ("submitted_at", [b"2026-01-01"] * 2),
        ("response", [{"a": 1}, {"a": 2}]),
        ("response", [[["a"]], [["b"]]]),
        ("response", [[{"a": 1}], [{"a": 1}]]),
        ("response", [b"\xff", b"\xfe"]),
        ("student_id", [["ann"], ["bob"]]),
        ("student_id", [{"id": "ann"}, {"id": "bob"}]),
        ("item_id", [["q1"], ["q1"]]),
        ("quiz_id", [{"a": 1}] * 2),
        ("status", [["graded"]] * 2),
        ("title", [["x"]] * 2),
        ("item_type", [{"x": 1}] * 2),
    ],
)
def test_a_column_of_the_wrong_type_is_one_problem_that_names_the_type(column, values):
    kind = str(pa.array(values).type)
    assert problems(tidy(**{column: values})) == [("responses", column, None, kind)]


@pytest.mark.parametrize(
    ("table", "column", "values"),
    [
        ("items", "options", ["A"]),
        ("items", "options", [["A"]]),
        ("items", "options", [[{"text": "A"}]]),
        ("items", "options", [[{"id": ["A"]}]]),
        ("items", "options", [[{"id": "A", "correct": "perhaps"}]]),
        ("items", "title", [["x"]]),
        ("items", "position", [True]),
        ("items", "points_possible", [[1]]),
        ("students", "name", [["x"]]),
        ("students", "sis_id", [{"x": 1}]),
        ("students", "section_names", [{"x": 1}]),
        ("students", "section_ids", [[["x"]]]),
    ],
)
def test_a_column_of_the_wrong_type_is_found_beside_the_responses(
    table, column, values
):
    items = {"item_id": ["q1"]}
    students = {"student_id": ["ann"]}
    {"items": items, "students": students}[table][column] = values
    kind = str(pa.array(values).type)
    found = problems(tidy(), pa.table(items), pa.table(students))
    assert found == [(table, column, None, kind)]


@pytest.mark.parametrize(
    "time",
    [
        "soon",
        "2026-13-01",
        "2026-02-30",
        "2026-01-01T25:00:00Z",
        "10:00",
        "0000-01-01",
        "2026-01-01T10:00:00 CET",
    ],
)
def test_texts_that_are_no_points_in_time_are_found(time):
    assert problems(tidy(submitted_at=["2026-01-01", time])) == [
        ("responses", "submitted_at", 1, time)
    ]


def test_timestamps_beyond_the_calendar_are_found():
    stamps = pa.array([2**61, 0], pa.timestamp("s"))
    assert problems(tidy(submitted_at=stamps)) == [
        ("responses", "submitted_at", 0, 2**61)
    ]


def test_options_need_an_id_of_their_own():
    options = [
        [{"id": "A", "text": "x", "correct": True}] * 2,
        [{"id": None, "text": None, "correct": None}],
        [{"id": "", "text": "", "correct": False}],
    ]
    items = pa.table(
        {
            "item_id": ["q1", "q2", "q3"],
            "options": pa.array(options, pa.list_(OPTION)),
        }
    )
    assert sorted(problems(tidy(), items), key=lambda found: found[2]) == [
        ("items", "options", 0, "A"),
        ("items", "options", 1, None),
        ("items", "options", 2, ""),
    ]


# ---- all of them at once --------------------------------------------------------


def test_all_problems_are_found_at_once():
    table = pa.table(
        {
            "student_id": ["ann", "ann", "", "cyd", "dan", "eve", "fay"],
            "item_id": ["q1", "q1", "q1", None, "q2", "q2", "q2"],
            "attempt": [1, 1, 1, 1, 0, 1, 1],
            "score": ["1", "1", "x", "1", "1", "inf", ""],
            "points_possible": [1, 1, 2, 1, -1, -1, -1],
            "status": [None, None, None, None, None, "odd", "graded"],
            "submitted_at": ["never", "never", None, None, None, None, None],
        }
    )
    items = pa.table({"item_id": ["q1", "q1"]})
    students = pa.table({"student_id": ["ann", "ann"]})
    found = {
        (table, column, row)
        for table, column, row, _ in problems(table, items, students)
    }
    assert found >= {
        ("responses", "item_id", 1),
        ("responses", "student_id", 2),
        ("responses", "item_id", 3),
        ("responses", "item_id", 4),
        ("responses", "attempt", 4),
        ("responses", "score", 2),
        ("responses", "score", 5),
        ("responses", "score", 6),
        ("responses", "points_possible", 2),
        ("responses", "points_possible", 4),
        ("responses", "status", 5),
        ("responses", "submitted_at", 0),
        ("items", "item_id", 1),
        ("students", "student_id", 1),
    }


def test_a_hundred_problems_are_listed_and_all_are_counted():
    n = 1_000
    table = pa.table(
        {
            "student_id": [f"s{i}" for i in range(n)],
            "item_id": ["q"] * n,
            "score": ["x"] * n,
            "attempt": [0] * n,
        }
    )
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(table)
    assert len(caught.value.problems) == 100
    assert caught.value.total == 2_000
    assert sum(problem.count for problem in caught.value.problems) == 2_000
    more = "".join(f"row {row}, " for row in range(1, 9))[:-2] + " and 991 more"
    first, one, _, two, same = str(caught.value).splitlines()
    assert first == "2,000 problems in the data:"
    assert one == (
        "  - responses row 0, column 'attempt': not a whole number from 1 up "
        "(found 0); count from 1"
    )
    assert two.startswith("  - responses row 0, column 'score': not a number")
    assert same == f"    the same in {more}"


def test_a_cause_of_many_rows_leaves_room_for_the_others():
    table = pa.table(
        {
            "student_id": [f"s{i}" for i in range(500)],
            "item_id": ["q"] * 500,
            "score": ["x"] * 499 + ["inf"],
        }
    )
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(table)
    again = qa.DataError(caught.value.problems)
    assert str(again) == str(caught.value)
    assert again.total == caught.value.total == 500


HOSTILE = "a\x1b[31mb\x07\n\u202ec\u2028" * 100_000


@pytest.mark.parametrize("part", ["table", "column", "value", "message", "hint"])
def test_a_problem_shows_one_short_line_that_steers_no_terminal(part):
    problem = qa.Problem(**{"table": "x.csv", "message": "is wrong", part: HOSTILE})
    said = str(qa.DataError([problem] * 3))
    assert len(said) < 3_000
    assert len(said.split("\n")) == 3
    steering = {*map(chr, range(32)), "\x7f", "\x9b", "\u202e", "\u2028"} - {"\n"}
    assert not steering & {*said}


def test_an_error_is_pickled_with_its_problems():
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(tidy(score=["x", "1"]))
    again = pickle.loads(pickle.dumps(caught.value))  # noqa: S301  our own
    assert again.problems == caught.value.problems
    assert str(again) == str(caught.value)


def test_repeated_options_are_counted_beyond_the_hundred_shown():
    twice = [[{"id": "A", "text": "A", "correct": True}] * 2] * 250
    items = pa.table(
        {
            "item_id": [f"q{i}" for i in range(250)],
            "options": pa.array(twice, pa.list_(OPTION)),
        }
    )
    nobody = pa.table(
        {n: pa.array([], pa.string()) for n in ("student_id", "item_id", "score")}
    )
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(nobody, items)
    assert caught.value.total == 250


def test_a_data_error_is_a_value_error_and_an_error_of_the_library():
    with pytest.raises(ValueError, match="1 problem in the data") as caught:
        qa.Responses.from_arrow(tidy(score=["x", "1"]))
    assert isinstance(caught.value, qa.QuizAnalysisError)
    (problem,) = caught.value.problems
    assert str(problem) == (
        "responses row 0, column 'score': not a number (found 'x'); "
        "write digits with a decimal point, or leave the cell empty"
    )
    assert problem.hint is not None


def test_long_values_are_cut_in_the_message_and_whole_in_the_problem():
    essay = "x" * 1000
    with pytest.raises(qa.DataError) as caught:
        qa.Responses.from_arrow(tidy(score=[essay, "1"]))
    assert caught.value.problems[0].value == essay
    assert max(map(len, str(caught.value).splitlines())) < 300


@pytest.mark.parametrize("what", ["responses", "items", "students"])
@pytest.mark.parametrize("obj", [{"student_id": ["ann"]}, [1], "export.csv", 5])
def test_what_has_no_arrow_stream_is_a_type_error_that_names_it(what, obj):
    tables = {"responses": tidy(), "items": None, "students": None} | {what: obj}
    with pytest.raises(
        TypeError, match=f"{what} must be a table .*not {type(obj).__name__}"
    ):
        qa.Responses.from_arrow(**tables)


def test_no_responses_at_all_is_a_type_error():
    with pytest.raises(TypeError, match="responses must be a table"):
        qa.Responses.from_arrow(None)


@pytest.mark.parametrize(
    "obj",
    [
        pd.DataFrame({"student_id": ["x", 1], "item_id": ["q", "q"], "score": [1, 1]}),
        pd.DataFrame([[1, 2]], columns=["score", "score"]),
        pa.chunked_array([[1, 2]]),
        pl.Series([1, 2]),
        pl.DataFrame({"score": [object()]}),
    ],
    ids=["mixed column", "column twice", "column", "series", "python objects"],
)
def test_what_no_arrow_table_can_be_made_of_is_a_data_error(obj):
    with pytest.raises(qa.DataError):
        qa.Responses.from_arrow(obj)
    with pytest.raises(qa.DataError):
        qa.Responses.from_arrow(tidy(), obj)


# ---- any table ------------------------------------------------------------------

IDS = ["ann", "bob", "q1", "q2", "1", "007", "", None, "Null"]
WORDS = [
    *IDS,
    "graded",
    "not_shown",
    "late",
    "2026-01-01",
    "1e999",
    "x",
    "0.5",
    "-1",
    "[",
]
NUMBERS = [0, 1, 2, 3, -1, None, 2**31, 2**62, -(2**63)]
FLOATS = [0.0, 1.0, 0.5, -1.0, -0.0, 1e300, math.inf, -math.inf, math.nan, None, 5e-324]

TYPES = {
    pa.string(): WORDS,
    pa.large_string(): WORDS,
    pa.string_view(): WORDS,
    pa.dictionary(pa.int8(), pa.string()): WORDS,
    pa.dictionary(pa.uint32(), pa.large_string()): WORDS,
    pa.dictionary(pa.int32(), pa.int64()): NUMBERS,
    pa.dictionary(pa.int8(), pa.bool_()): [True, False, None],
    pa.int64(): NUMBERS,
    pa.int8(): [0, 1, 2, -128, None],
    pa.uint64(): [0, 1, 2**64 - 1, None],
    pa.float64(): FLOATS,
    pa.float32(): FLOATS,
    pa.float16(): [0.0, 1.0, math.inf, math.nan, None],
    pa.decimal128(10, 2): [decimal.Decimal("1.25"), decimal.Decimal(0), None],
    pa.decimal256(70, 2): [decimal.Decimal(10) ** 60, decimal.Decimal(1), None],
    pa.bool_(): [True, False, None],
    pa.binary(): [b"", b"1", b"\xff", None],
    pa.binary(2): [b"12", b"\xff\xff", None],
    pa.null(): [None],
    pa.date32(): [dt.date(2026, 1, 1), dt.date(1, 1, 1), None],
    pa.time64("us"): [dt.time(1, 2, 3), None],
    pa.duration("s"): [dt.timedelta(1), None],
    pa.timestamp("s"): [0, 2**62, -(2**62), 253_402_300_799, None],
    pa.timestamp("ns", "Europe/Berlin"): [0, 1, 2**62, None],
    pa.timestamp("us", "Nowhere/Land"): [0, 2**62, None],
    pa.list_(pa.string()): [["a"], ["a", "a"], [], [""], [None], None],
    pa.large_list(pa.large_string()): [["a"], [], None],
    pa.list_(pa.string(), 2): [["a", "b"], ["", ""], None],
    pa.list_view(pa.string()): [["a"], [], None],
    pa.list_(pa.dictionary(pa.int8(), pa.string())): [["a"], [], None],
    pa.list_(pa.int64()): [[1], [], None],
    pa.list_(pa.list_(pa.string())): [[["a"]], None],
    pa.struct([("id", pa.string())]): [{"id": "a"}, None],
    pa.map_(pa.string(), pa.int64()): [[("a", 1)], None],
    pa.list_(OPTION): [
        [{"id": "a", "text": "a", "correct": True}],
        [{"id": "a", "text": None, "correct": None}, {"id": "b"}],
        [{"id": "a"}, {"id": "a"}],
        [{"id": None, "text": "t"}, {"id": ""}],
        [None, None],
        [],
        None,
    ],
    pa.large_list(pa.struct([("id", pa.int64()), ("correct", pa.int8())])): [
        [{"id": 1, "correct": 1}, {"id": 2, "correct": 0}],
        [{"id": None, "correct": None}],
        None,
    ],
    pa.list_(pa.struct([("id", pa.list_(pa.string()))])): [[{"id": ["a"]}], None],
    pa.list_(pa.struct([])): [[{}], None],
    pa.uuid(): [b"0123456789abcdef", b"\xff" * 16, None],
    pa.json_(): ['{"a": 1}', "1", None],
}


TAME = {
    "score": [0.0, 1.0, 0.5, None],
    "recorded_score": [None],
    "recorded_points_possible": [None],
    "points_possible": [1.0, None],
    "elapsed_s": [None],
    "submitted_at": [None],
    "attempt": [1, 2, None],
    "position": [1, 2, None],
    "status": ["not_shown", "not_attempted", "not_graded", None],
}


@st.composite
def columns(draw, n, declared, wild):
    """A column of n values that are well, or of any type and any value."""
    kind, pool = declared.type, TAME.get(declared.name, IDS[:6])
    if wild and draw(st.integers(0, 2)) == 0:
        kind = draw(st.sampled_from(list(TYPES)))
        pool = TYPES[kind]
    elif pa.types.is_list(kind) or (wild and draw(st.integers(0, 9)) == 0):
        pool = TYPES.get(kind, [None])
    values = draw(st.lists(st.sampled_from(pool), min_size=n, max_size=n))
    array = array_of(values, kind)
    if draw(st.booleans()) and n > 1:
        return pa.chunked_array([array.slice(0, n // 2), array.slice(n // 2)])
    return pa.chunked_array([array])


def array_of(values, kind):
    """An array; dictionaries and extensions by way of what they hold."""
    if isinstance(kind, pa.BaseExtensionType):
        return pa.ExtensionArray.from_storage(kind, pa.array(values, kind.storage_type))
    if pa.types.is_dictionary(kind):
        names = list(
            dict.fromkeys(
                [*values, "unused"] if pa.types.is_string(kind.value_type) else values
            )
        )
        return pa.DictionaryArray.from_arrays(
            pa.array([names.index(v) for v in values], kind.index_type),
            pa.array(names, kind.value_type),
        )
    if pa.types.is_float16(kind):
        return pa.array(
            np.array([math.nan if v is None else v for v in values], np.float16)
        )
    return pa.array(values, kind)


@st.composite
def any_table(draw, name):
    """A small table whose columns are mostly those of an input, of any types."""
    n = draw(st.integers(0, 5))
    wild = draw(st.booleans())
    known = INPUTS[name]
    extra = draw(st.lists(st.sampled_from(known), max_size=6))
    most = [c for c in known if c.name in ("student_id", "item_id", "score")]
    if wild and draw(st.integers(0, 9)) == 0:
        most = [c for c in most if draw(st.booleans())]
    chosen = [*most, *(c for c in extra if c not in most)]
    if not wild or draw(st.integers(0, 9)):
        chosen = list(dict.fromkeys(chosen))
    return pa.table(
        [draw(columns(n, column, wild)) for column in chosen],
        names=[column.name for column in chosen],
    )


@given(
    any_table("responses"),
    st.none() | any_table("items"),
    st.none() | any_table("students"),
)
def test_any_tables_give_responses_or_a_data_error(responses, items, students):
    made = taken(responses, items, students)
    if isinstance(made, qa.DataError):
        assert 1 <= len(made.problems) <= min(made.total, 100)
        assert all(problem.table and problem.message for problem in made.problems)
        return
    assert len(made) <= responses.num_rows
    assert made.digest.startswith("sha256:")
    report = qa.analyze(made, attempt="all")
    assert report.student_analysis.num_rows == len(made)
    items = made._declared()  # noqa: SLF001
    assert taken(made.to_arrow(), items, made.students) == made


def taken(*tables):
    """Responses, or the error that they are refused with."""
    try:
        return qa.Responses.from_arrow(*tables)
    except qa.DataError as error:
        return error


@given(any_table("responses"))
def test_columns_of_any_type_for_each_name_are_never_another_error(table):
    for name in ("responses", "items", "students"):
        tables = {"responses": tidy(), "items": None, "students": None, name: table}
        made = taken(*tables.values())
        assert isinstance(made, qa.Responses) or made.problems


@pytest.mark.parametrize("value", [1.5, 2.0**53 + 2, math.inf])
@pytest.mark.parametrize("column", ["student_id", "item_id", "quiz_id"])
def test_ids_that_are_fractions_or_too_large_are_refused(column, value):
    table = tidy(**{column: pa.array([1.0, value])})
    assert problems(table) == [("responses", column, 1, value)]


def test_a_negative_time_spent_is_refused():
    assert problems(tidy(elapsed_s=[1.0, 9.3e18])) == [
        ("responses", "elapsed_s", 1, 9.3e18)
    ]
    assert problems(tidy(elapsed_s=[-1.0, 5.0])) == [
        ("responses", "elapsed_s", 0, -1.0)
    ]
