"""What a report of Canvas says twice: refused or noted where it contradicts itself."""

import io

import pandas as pd
import pytest
from test_shared_reports import (
    DIFFICULTY,
    account,
    difficulties,
    read_rows,
    refusal,
    rows_of,
    text_of,
    twice,
)

import quizanalysis as qa
from quizanalysis.readers import read

SUM = "submissions", "recorded score is not the sum of the points"


# ---- totals and counts ----------------------------------------------------------


def test_scores_that_are_not_the_sum_of_the_points_are_noted():
    rows = rows_of()
    assert SUM not in account(read_rows(rows))
    rows[1][-1], rows[4][-1] = "3.5", "1.0"
    responses = read_rows(rows)
    assert account(responses)[SUM] == (2, False)
    assert difficulties(responses) == DIFFICULTY


def test_thirds_of_points_are_rounded_by_canvas():
    rows = rows_of()
    rows[1][7:12:2], rows[1][-1] = ["0.333333", "0.333333", "0.0"], "0.67"
    assert SUM not in account(read_rows(rows))


def test_cells_that_were_filled_with_0_are_refused_by_row():
    rows = rows_of()
    filled = (rows[2], rows[4], rows[5], rows[6])
    for row in filled:
        row[10:12], row[12:14] = ["", ""], ["1", "1"]
    assert len(read_rows(rows)) == 6
    for row in filled[:2]:
        row[10:12] = ["0", "0"]
    key = "submissions", "more answers than n correct and n incorrect count"
    assert account(read_rows(rows))[key] == (2, False)
    for row in filled[2:]:
        row[10:12] = ["0", "0"]
    said = refusal(rows)
    assert "quiz.csv row 3, column 'n correct + n incorrect'" in said
    assert "the same in row 5, row 6, row 7" in said
    assert "were empty cells filled?" in said


def test_a_question_that_was_taken_out_is_no_contradiction():
    rows = [[*row[:10], *row[12:]] for row in rows_of()]
    responses = read_rows(rows)
    assert difficulties(responses) == DIFFICULTY[:2]
    assert account(responses)[SUM] == (3, False)


# ---- who is who -----------------------------------------------------------------


@pytest.mark.parametrize("word", ["X", "REDACTED", "7"])
def test_one_id_for_all_is_refused_and_names_the_column(word):
    rows = rows_of()
    for row in rows[1:]:
        row[1] = word
    said = refusal(rows)
    assert "quiz.csv row 2, column 'id': an id that several people have" in said
    assert f"found '{word}'" in said
    without_names = [row[1:] for row in rows]
    assert "the same student and attempt" in refusal(without_names)
    without_attempts = [[*row[1:5], *row[6:]] for row in rows]
    assert "an id that several people have" in refusal(without_attempts)


def test_the_attempts_of_one_person_have_one_id():
    rows = twice()
    assert len(read_rows(rows)) == 7
    alone = [rows[0], rows[1], rows[2]]
    assert len(read_rows(alone)) == 2


def test_a_name_in_capitals_is_the_same_name():
    rows = twice()
    rows[2][0] = f" {rows[2][0].upper()} "
    assert len(read_rows(rows)) == 7


@pytest.mark.parametrize(
    "name", ["Test Student", "TEST STUDENT", "Student, Test", "test  student"]
)
def test_the_test_student_is_known_however_the_name_is_written(name):
    rows = rows_of()
    rows[6][0] = name
    responses = read_rows(rows)
    assert len(responses) == 5
    assert account(responses)["submissions", "test student"] == (1, True)


def test_without_names_it_is_noted_that_a_test_student_would_count():
    responses = read_rows([row[1:] for row in rows_of()])
    key = "columns", "no names: a test student cannot be told"
    assert account(responses)[key] == (1, False)


# ---- blanks ---------------------------------------------------------------------


@pytest.mark.parametrize("blank", [" ", "\u00a0", "\t", " \u2003 "])
def test_cells_of_nothing_but_blanks_are_empty(blank):
    rows = rows_of()
    rows[2][10:12], rows[5][6] = [blank, blank], blank
    bare = rows_of()
    bare[2][10:12], bare[5][6] = ["", ""], ""
    assert read_rows(rows) == read_rows(bare)


def test_points_whose_answers_are_gone_are_refused_with_the_cause():
    rows = [[*row[:8], *row[9:]] for row in rows_of()]
    said = refusal(rows)
    assert "points without the answers of a question in front of them" in said


# ---- answers beside the points of others ----------------------------------------


def saved_by_pandas(rows):
    """Read by pandas, which numbers repeated headers."""
    return pd.read_csv(io.StringIO(text_of(rows)), dtype=str)


def test_reports_joined_by_names_whose_questions_stand_in_another_order():
    rows = rows_of()
    turned = [[*r[:6], *r[10:12], *r[8:10], *r[6:8], *r[12:]] for r in rows]
    for number, row in enumerate(turned[1:], 7):
        row[1] = str(number)
    joined = pd.concat([saved_by_pandas(rows), saved_by_pandas(turned)])
    with pytest.raises(qa.DataError, match="column '901': the same answer earned all"):
        read(io.StringIO(joined.to_csv(index=False)))
    both = [read_rows(rows, quiz_id="q"), read_rows(turned, quiz_id="q")]
    table = qa.item_analysis(qa.Responses.concat(both)).to_pylist()
    found = {row["item_id"]: row["difficulty"] for row in table}
    assert found == dict(zip(("901", "902", "903"), DIFFICULTY, strict=True))


def test_reports_joined_by_names_in_the_same_order_are_read():
    rows = rows_of()
    others = [list(row) for row in rows]
    for number, row in enumerate(others[1:], 7):
        row[1] = str(number)
    joined = pd.concat([saved_by_pandas(rows), saved_by_pandas(others)])
    responses = read(io.StringIO(joined.to_csv(index=False)))
    assert len(responses) == 12
    assert difficulties(responses) == DIFFICULTY


def test_a_question_in_which_one_answer_earned_all_and_none_is_noted():
    rows = rows_of()
    rows[2][7] = "0.0"
    rows[2][-1] = "1.0"
    responses = read(io.StringIO(saved_by_pandas(rows).to_csv(index=False)))
    key = "items", "where one answer earned all points and none"
    assert account(responses)[key] == (1, False)
    assert key not in account(read_rows(rows))
