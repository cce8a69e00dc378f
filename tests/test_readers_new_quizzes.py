import io
import json
from copy import deepcopy

import pytest
from readers_samples import NEW_ROWS, RECORDS, new_quizzes, new_quizzes_json

from quizanalysis.errors import DataError
from quizanalysis.readers import read

READERS = {"new-quizzes-csv": new_quizzes(), "new-quizzes-json": new_quizzes_json()}


def rows_of(text, **options):
    """Read an export; its responses by student and item."""
    responses = read(io.StringIO(text, newline=""), quiz_id="q", **options)
    return responses, {
        (r["student_id"], r["item_id"]): r for r in responses.to_arrow().to_pylist()
    }


def with_cell(at, value, row=0):
    """Change one cell of the sample."""
    rows = [list(cells) for cells in NEW_ROWS]
    rows[row][at] = value
    return new_quizzes(rows)


def test_the_csv_says_what_it_says():
    responses, rows = rows_of(new_quizzes())
    assert responses.items["item_id"].to_pylist() == ["101", "102", "103"]
    assert responses.items["title"].to_pylist() == [
        "<p>What?</p>",
        "<p>Say</p>",
        "<p>What?</p>",
    ]
    assert responses.items["item_type"].to_pylist() == ["choice", "essay", "choice"]
    assert responses.items["points_inferred"].to_pylist() == [True] * 3
    assert responses.submissions["elapsed_s"].to_pylist() == [91_398.0, 62.0]
    assert responses.submissions["recorded_score"].to_pylist() == [1.75, 4.0]
    assert rows["8", "103"]["response"] == "NA"


def test_the_four_states_of_the_csv():
    _, rows = rows_of(new_quizzes())
    assert rows["007", "101"]["status"] == "graded"
    assert rows["007", "102"]["status"] == "not_graded"
    assert ("007", "103") not in rows
    assert rows["8", "101"]["status"] == "not_attempted"
    assert rows["8", "103"]["status"] == "graded"


def test_an_empty_block_is_an_item_that_was_not_shown():
    _, rows = rows_of(with_cell(23, ""))
    assert ("007", "103") not in rows


def test_sections_of_the_csv():
    responses, _ = rows_of(new_quizzes())
    zoe, null = responses.students.to_pylist()
    assert zoe["section_ids"] == ["1", "2"]
    assert zoe["section_names"] == ["A", "B"]
    assert null["section_names"] == ["Smith, John"]
    assert (null["name"], null["sis_id"]) == ("Null", None)


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_dialects_do_not_matter(delimiter, end):
    text = new_quizzes(delimiter=delimiter, end=end)
    assert read(io.StringIO(text, newline="")) == read(io.StringIO(new_quizzes()))


def test_the_test_student_of_the_csv_is_left_out_and_counted():
    responses, _ = rows_of(new_quizzes())
    assert responses.left_out["n"].to_pylist() == [1]
    kept, _ = rows_of(new_quizzes(), test_student=True)
    assert kept.submissions["student_id"].to_pylist() == ["007", "8", "99"]


def test_a_row_without_an_id_is_a_student_of_its_own():
    responses, _ = rows_of(with_cell(1, "", row=1))
    assert responses.submissions["student_id"].to_pylist() == ["007", "row-2"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (new_quizzes().replace(",OverallScore", ""), "9, 5 for each item, and 5"),
        (new_quizzes().replace("OverallScore", "Total"), "it should be OverallScore"),
        (with_cell(13, "Done"), "an unknown status"),
        (with_cell(12, ""), "graded, but without points"),
        (with_cell(12, "x"), "not a number"),
        (with_cell(7, "25:61"), "not a length of time"),
        (with_cell(6, "soon"), "not a point in time"),
        (with_cell(8, "0"), "not a whole number"),
        (with_cell(1, "007", row=1), "the same student and attempt"),
    ],
)
def test_what_is_wrong_with_the_csv_is_named(text, message):
    with pytest.raises(DataError, match=message):
        read(io.StringIO(text))


def test_the_json_says_what_it_says():
    responses, rows = rows_of(new_quizzes_json())
    assert responses.submissions["student_id"].to_pylist() == ["7", "007"]
    assert responses.submissions["elapsed_s"].to_pylist() == [91_398.0, 62.0]
    assert responses.submissions["recorded_score"].to_pylist() == [1.75, 0.0]
    assert responses.submissions["submitted_at"].null_count == 0
    assert responses.items["item_id"].to_pylist() == ["101", "102", "103"]
    assert rows["7", "101"]["response"] == "Paris"
    zoe, null = responses.students.to_pylist()
    assert zoe["section_ids"] == ["1", "2"]
    assert (null["name"], null["section_names"]) == ("Null", [])


def test_a_whole_zero_is_an_essay_that_nobody_graded():
    _, rows = rows_of(new_quizzes_json())
    assert rows["7", "102"]["status"] == "not_graded"
    assert rows["007", "102"]["status"] == "graded"
    assert rows["007", "103"]["status"] == "not_attempted"
    assert rows["007", "101"]["status"] == "not_attempted"


@pytest.mark.parametrize("key", ["data", "student_analysis"])
def test_the_array_may_be_wrapped(key):
    text = json.dumps({key: RECORDS, "quiz_id": 5})
    assert read(io.StringIO(text)) == read(io.StringIO(new_quizzes_json()))


def test_an_attempt_without_items_is_there_all_the_same():
    records = deepcopy(RECORDS)
    records[0]["item_responses"] = []
    responses, rows = rows_of(new_quizzes_json(records))
    assert len(responses) == 2
    assert rows["7", "101"]["status"] == "not_shown"


def test_the_test_student_of_the_json_is_left_out_and_counted():
    records = deepcopy(RECORDS)
    records[0]["student_data"]["name"] = "Test Student"
    responses, _ = rows_of(new_quizzes_json(records))
    assert responses.students["name"].to_pylist() == ["Null"]
    assert responses.left_out["n"].to_pylist() == [1]


def test_answers_that_are_no_text_are_kept():
    records = deepcopy(RECORDS)
    records[0]["item_responses"][0]["answer"] = ["a", "b"]
    records[1]["item_responses"][0]["answer"] = True
    _, rows = rows_of(new_quizzes_json(records))
    assert rows["7", "101"]["response"] == ["a", "b"]
    assert rows["007", "101"]["response"] == ["true"]


def test_an_empty_array_holds_nobody():
    assert len(read(io.StringIO("[]"), "new-quizzes-json")) == 0


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('"answer": "Paris"', '"answer": "\\ud800"', "stands alone"),
        ('"score": 1.0', '"score": NaN', "not a number"),
        ('"score": 1.0', '"score": true', "not a number"),
        ('"attempt": 1', '"attempt": "x"', "not a number"),
        ('"item_id": "101"', '"item_id": null', "an id that is empty"),
        ('"student_data": {"id": 7', '"student_data": 1, "x": {"id": 7', "an object"),
        ('"item_responses": [', '"item_responses": [5, ', "an object"),
        ("}]", "}", "cannot be read as JSON"),
    ],
)
def test_what_is_wrong_with_the_json_is_named(old, new, message):
    text = new_quizzes_json()
    assert old in text
    with pytest.raises(DataError, match=message):
        read(io.StringIO(text.replace(old, new, 1)))


@pytest.mark.parametrize("text", ["{}", "5", '{"a": [], "b": []}', "[[]]", "[" * 10**5])
def test_other_json_is_refused(text):
    with pytest.raises(DataError):
        read(io.StringIO(text), "new-quizzes-json")
