import csv
import io
import json
from copy import deepcopy

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_samples import (
    NEW_ROWS,
    RECORDS,
    digest,
    left_out,
    new_quizzes,
    new_quizzes_json,
)

from quizanalysis.conventions import canvas_classic
from quizanalysis.conventions import new_quizzes as convention
from quizanalysis.errors import DataError
from quizanalysis.readers import read
from quizanalysis.responses import Responses
from quizanalysis.writers import write_csv

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
    assert responses.items["title"].to_pylist() == ["What?", "Say", "What?"]
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


def test_points_and_answers_of_what_was_not_shown_are_not_taken():
    rows = [list(cells) for cells in NEW_ROWS]
    for at in (9, 14, 19):
        rows[0][at + 2 : at + 5] = ["Paris", "0", "Not Shown"]
    responses, found = rows_of(new_quizzes(rows))
    assert len(responses) == 2
    assert found["007", "101"]["status"] == "not_shown"
    assert ("007", "102") not in found


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
    assert left_out(responses) == {"test student": 1}
    kept, _ = rows_of(new_quizzes(), test_student=True)
    assert kept.submissions["student_id"].to_pylist() == ["007", "8", "99"]


def test_a_row_without_an_id_is_a_student_of_its_own():
    text = with_cell(1, "", row=1)
    responses, _ = rows_of(text)
    students = ["007", f"row-q-{digest(text)}-2"]
    assert responses.submissions["student_id"].to_pylist() == students


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (new_quizzes().replace(",OverallScore", ""), "another number of cells"),
        (new_quizzes().replace("ItemType", "Kind"), "without its column ItemType"),
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


@pytest.mark.parametrize(
    ("row", "at", "value", "column"),
    [
        # As a spreadsheet counts them: from 1, below one line of headers.
        (0, 13, "Done", "column 14"),
        (1, 18, "Done", "column 19"),
        (0, 12, "", "column 13"),
        (1, 12, "x", "column 13, EarnedPoints"),
        (0, 7, "25:61", "ElapsedTime"),
        (1, 6, "soon", "Submitted"),
        (1, 8, "0", "Attempt"),
    ],
)
def test_what_is_wrong_with_the_csv_is_found_where_it_stands(row, at, value, column):
    with pytest.raises(DataError) as caught:
        read(io.StringIO(with_cell(at, value, row=row)))
    places = [(one.row, one.column, one.value) for one in caught.value.problems]
    assert places == [(row + 2, column, value or None)]


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
    assert left_out(responses) == {"test student": 1}


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
        ('"item_id": "101"', '"item_id": null', "a response without item_id"),
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


@pytest.mark.parametrize(
    ("html", "title"),
    [
        ("<p>Is <b>H<sub>2</sub>O</b> &lt; 5,<br>or\n 6?</p>", "Is H2O < 5, or 6?"),
        ("<p>See <img src='/e' alt='x^2'> &amp; <a href='/y'>y</a></p>", "See x^2 & y"),
        ("<table><tr><td>a</td><td>b</td></tr></table><script>c</script>d", "a b d"),
        ("If p < 0.05 & q > 2", "If p < 0.05 & q > 2"),
        ("<img src='/e'><!-- no --><style>p</style>", None),
        ("&amp;lt;b&gt;", "&lt;b>"),
    ],
)
def test_titles_are_plain_text(html, title):
    responses = read(io.StringIO(new_quizzes(titles=[html, "b", "c"])))
    assert responses.items["title"][0].as_py() == title


TITLES = ["x < 5 & y", "<b>", "&amp;", "=1", "[]"]


@pytest.mark.parametrize(
    ("title", "escape"),
    [("'=1", True), *((title, escape) for title in TITLES for escape in (True, False))],
)
def test_titles_come_back_as_they_were(title, escape):
    table = {"student_id": ["a"], "item_id": ["q"], "score": [1], "title": [title]}
    responses = Responses.from_arrow(pa.table(table))
    file = io.BytesIO()
    written = convention.student_analysis(responses)
    write_csv(written, file, escape=escape)
    again = read(io.BytesIO(file.getvalue()))
    assert again.items["title"].to_pylist() == [title]


NASTY = ["=HYPERLINK(1)", "'=x", "''=x", "x;=1", "-1", '["a"]', "'[]", "'tis", "a\n@b"]


@given(st.lists(st.sampled_from(NASTY), min_size=1, max_size=4))
def test_what_write_csv_guards_in_a_report_comes_back(answers):
    students = [str(n) for n in range(len(answers))]
    rows = {"student_id": students, "item_id": ["q"] * len(answers)}
    rows |= {"response": answers, "score": [1] * len(answers)}
    responses = Responses.from_arrow(pa.table(rows))
    for table in (
        convention.student_analysis(responses),
        canvas_classic.student_analysis(responses, html=False),
    ):
        file = io.BytesIO()
        write_csv(table, file)
        again = read(io.BytesIO(file.getvalue()), quiz_id="quiz")
        assert again.to_arrow()["response"].to_pylist() == answers


def test_an_apostrophe_of_canvas_is_part_of_the_answer():
    rows = [list(cells) for cells in NEW_ROWS]
    rows[0][11], rows[1][21] = "'=1", "=1"
    _, found = rows_of(new_quizzes(rows))
    assert found["007", "101"]["response"] == "'=1"
    rows = [list(cells) for cells in NEW_ROWS]
    rows[0][11], rows[1][25] = "'=1", "=1"
    file = io.StringIO(newline="")
    table = csv.reader(io.StringIO(new_quizzes(rows), newline=""))
    csv.writer(file, quoting=csv.QUOTE_ALL).writerows(table)
    _, found = rows_of(file.getvalue())
    assert found["007", "101"]["response"] == "'=1"


def test_no_answer_and_no_score_is_an_item_not_shown():
    records = deepcopy(RECORDS)
    records[0]["item_responses"][0] |= {"answer": "", "score": None}
    records[0]["item_responses"].append({"item_id": "103", "answer": None})
    _, rows = rows_of(new_quizzes_json(records))
    assert ("7", "101") not in rows
    assert ("7", "103") not in rows


@pytest.mark.parametrize("text", ["[]", " [ ] \n", '{"student_analysis": []}'])
def test_an_empty_report_is_refused_with_what_it_could_be(text):
    with pytest.raises(DataError, match="empty") as caught:
        read(io.StringIO(text))
    assert "new-quizzes-json" in str(caught.value)
    assert len(read(io.StringIO(text), "new-quizzes-json")) == 0


@pytest.mark.parametrize("format", ["tidy-csv", "tidy-jsonl", "canvas-classic"])
def test_an_empty_report_is_none_of_another_format(format):  # noqa: A002
    with pytest.raises(DataError):
        read(io.StringIO("[]"), format)
