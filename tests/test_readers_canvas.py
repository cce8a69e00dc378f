import io
from pathlib import Path

import pyarrow as pa
import pytest
from readers_samples import CANVAS_ROWS, LAST, LEAD, canvas, digest, left_out, text_of

from quizanalysis.conventions import canvas_classic
from quizanalysis.errors import DataError
from quizanalysis.readers import read
from quizanalysis.responses import Responses
from quizanalysis.writers import write_csv

COURSE = Path(__file__).parents[1] / "fixtures" / "course"


def rows_of(text, **options):
    """Read a classic export; its responses by student, attempt and item."""
    responses = read(io.StringIO(text, newline=""), quiz_id="q", **options)
    return responses, {
        (r["student_id"], r["attempt"], r["item_id"]): r
        for r in responses.to_arrow().to_pylist()
    }


def test_a_classic_export_says_what_it_says():
    responses, rows = rows_of(canvas())
    assert responses.items["item_id"].to_pylist() == ["101", "102", "103"]
    assert responses.items["title"].to_pylist() == ["What?", "Say, in\nwords", "Pool"]
    assert responses.items["points_possible"].to_pylist() == [1.0, 1.0, 2.5]
    assert responses.items["position"].to_pylist() == [1, 2, 3]
    assert rows["007", 1, "102"]["response"] == "=cmd()|'x'\nnext, line"
    assert rows["007", 1, "102"]["score"] == 0.5
    assert rows["8", 1, "102"]["response"] == r"a=>b\,c,d=>"
    assert responses.submissions["recorded_score"].to_pylist() == [1.75, 2.5, 2.5]
    assert str(responses.submissions["submitted_at"][0]) == "2026-10-01 09:00:00+00:00"


def test_blank_not_shown_and_not_graded_are_three_things():
    _, rows = rows_of(canvas())
    assert rows["8", 1, "101"]["status"] == "not_attempted"
    assert rows["8", 1, "102"]["status"] == "not_graded"
    assert ("007", 1, "103") not in rows
    assert ("007", 2, "102") not in rows


def test_blank_is_blank_even_where_nobody_answered():
    blank = [(*row[:8], "", "0.0", "", "0.0", *row[12:]) for row in CANVAS_ROWS[:1]]
    _, rows = rows_of(canvas(blank))
    assert rows["007", 1, "101"]["status"] == "not_attempted"


def test_the_test_student_is_left_out_and_counted():
    responses, _ = rows_of(canvas())
    assert left_out(responses) == {"test student": 1}
    assert "99" not in responses.students["student_id"].to_pylist()
    kept, _ = rows_of(canvas(), test_student=True)
    assert len(kept) == 4
    assert left_out(kept) == {}


def test_students_and_their_sections():
    responses, _ = rows_of(canvas())
    zoe, null = responses.students.to_pylist()
    assert (zoe["name"], zoe["sis_id"]) == ("Zoë Ex", "s7")
    assert zoe["section_names"] == ["A", "B"]
    assert zoe["section_ids"] == ["1", "2"]
    assert zoe["section_sis_ids"] == ["x", ""]
    assert (null["name"], null["sis_id"]) == ("Null", None)


def test_a_section_whose_name_has_a_comma_stays_whole():
    row = list(CANVAS_ROWS[1])
    row[3] = "Monday, 9 am"
    responses, _ = rows_of(canvas([row]))
    assert responses.students["section_names"].to_pylist() == [["Monday, 9 am"]]


@pytest.mark.parametrize("delimiter", [",", ";"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_dialects_do_not_matter(delimiter, end, encoding):
    text = canvas(delimiter=delimiter, end=end)
    assert read(io.BytesIO(text.encode(encoding))) == read(io.StringIO(canvas()))


def test_decimal_commas_with_semicolons():
    text = canvas(delimiter=";").replace("2.5", "2,5").replace("0.5", "0,5")
    assert read(io.StringIO(text)) == read(io.StringIO(canvas()))


def test_an_anonymous_export_has_a_student_per_row():
    text = canvas(without=("name", "id", "sis_id", "attempt"))
    responses, _ = rows_of(text)
    names = responses.submissions["student_id"].to_pylist()
    assert names == [f"row-q-{digest(text)}-{n}" for n in (1, 2, 3, 4)]
    assert responses.students["name"].to_pylist() == [None] * 4


def test_who_was_not_logged_in_is_a_student_of_its_own():
    anybody = [("", "", "", *row[3:]) for row in CANVAS_ROWS[1:3]]
    text = canvas([CANVAS_ROWS[0], *anybody])
    responses, _ = rows_of(text)
    names = responses.submissions["student_id"].to_pylist()
    assert names == ["007", *(f"logged-out-q-{digest(text)}-{n}" for n in (2, 3))]


def test_without_attempts_rows_are_counted_by_time():
    first, _, second, _ = CANVAS_ROWS
    responses, _ = rows_of(canvas([second, first], without=("attempt",)))
    assert responses.submissions["attempt"].to_pylist() == [2, 1]


def test_who_was_shown_nothing_is_there_all_the_same():
    row = [*CANVAS_ROWS[0][:8], *[""] * 6, "0", "0", "0.0"]
    responses, _ = rows_of(canvas([CANVAS_ROWS[1], row]))
    assert responses.submissions["student_id"].to_pylist() == ["8", "007"]


def test_an_export_without_rows_has_items():
    responses, _ = rows_of(canvas([]))
    assert len(responses) == 0
    assert responses.items.num_rows == 3


def test_a_huge_essay_is_normal():
    row = list(CANVAS_ROWS[0])
    row[10] = "long\n" * 1_000_000
    _, rows = rows_of(canvas([row]))
    assert len(rows["007", 1, "102"]["response"]) == 5_000_000


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("103: Pool,2.5", "103: Pool,much", "a question without points behind it"),
        ("103: Pool", "Pool", "column 'Pool': a column that Canvas does not write"),
        ("103: Pool,2.5", "103: Pool", "a question without points behind it"),
        ("n correct,", "", "another number of cells"),
        ("NA,2.5", "NA,two", "not a number"),
        ("2026-10-01 09:00:00 UTC", "yesterday", "not a point in time"),
        ("8,,A", "007,,A", "the same student and attempt"),
        ("103: Pool", "101: Pool", "there twice"),
    ],
)
def test_what_is_wrong_is_named(old, new, message):
    text = canvas()
    assert old in text
    with pytest.raises(DataError, match=message):
        read(io.StringIO(text.replace(old, new)), "canvas-classic")


def test_rows_of_problems_are_rows_of_the_file():
    with pytest.raises(DataError) as caught:
        read(io.StringIO(canvas().replace(",0.5,", ",half,").replace("1.75", "?")))
    found = [(p.row, p.column, p.value) for p in caught.value.problems]
    assert found == [(2, "score", "?"), (2, "points of 102", "half")]


def of_column(answers):
    """Read one question's answers, points beside them; the statuses, in order."""
    rows = [
        ("", n, "", "A", "1", "x", "2026-10-01 09:00:00 UTC", 1, text, points, 0, 1, 0)
        for n, (text, points) in enumerate(answers, 1)
    ]
    header = [*LEAD, "1: Q", "2.0", *LAST]
    responses = read(io.StringIO(text_of([header, *rows]), newline=""))
    return [r["status"] for r in responses.to_arrow().to_pylist()]


@pytest.mark.parametrize(
    ("blank", "answered"),
    [
        ("a=>,b=>", ["a=>x,b=>", "a=>,b=>y"]),
        ("a=>", ["a=>x"]),
        (r"a\,b=>,c\=>d=>", [r"a\,b=>x\,y,c\=>d=>z", r"a\,b=>,c\=>d=>e\=>"]),
        ("=>", ["=>x"]),
        ("x=>4.3,y=>21,", ["x=>4,y=>2,17", r"x=>4,y=>2,1\,5"]),
        (",,", ["a,,", ",b,c", r"a\,b,,c"]),
        (",", [r"\,,"]),
    ],
)
def test_an_answer_of_empty_parts_is_blank(blank, answered):
    statuses = of_column([(blank, "0.0"), *((text, "0.0") for text in answered)])
    assert statuses == ["not_attempted", *["graded"] * len(answered)]


@pytest.mark.parametrize(
    "answers",
    [
        # An essay, a short answer: not all of the answers have parts.
        ["so it follows =>", "none"],
        [",", "a comma", "."],
        ["x=>1,", "a=b"],
        [r"a\=>", r"b\=>"],
    ],
)
def test_what_only_looks_like_empty_parts_is_an_answer(answers):
    assert set(of_column([(text, "0.0") for text in answers])) == {"graded"}


def test_what_earned_points_is_an_answer():
    assert of_column([("a=>,b=>", "1.0"), ("a=>x,b=>", "2.0")]) == ["graded"] * 2


def test_blank_parts_stay_as_canvas_wrote_them():
    rows = [list(row) for row in CANVAS_ROWS[:2]]
    rows[0][10], rows[0][11], rows[1][11] = r"a=>,d=>", "0.0", "0.5"
    _, found = rows_of(canvas(rows))
    assert found["007", 1, "102"]["response"] == "a=>,d=>"
    assert found["007", 1, "102"]["status"] == "not_attempted"


@pytest.mark.parametrize("excel", [True, False])
def test_our_own_file_of_the_course_gives_the_same_responses(excel):
    course = read(COURSE / "canvas_classic.csv")
    table = canvas_classic.student_analysis(course, attempt="all", html=False)
    file = io.BytesIO()
    write_csv(table, file, excel=excel)
    assert b"\"'=HYPERLINK(" in file.getvalue()
    again = read(io.BytesIO(file.getvalue()), quiz_id="canvas_classic")
    assert again == course
    answers = again.to_arrow()["response"].to_pylist()
    assert any(text and text.startswith("=HYPERLINK(") for text in answers)


@pytest.mark.parametrize("title", ["a;=b", "x\n-1", "[]", "'=1"])
def test_titles_of_our_own_file_come_back(title):
    rows = {"student_id": ["1"], "item_id": ["5"], "score": [1], "title": [title]}
    responses = Responses.from_arrow(pa.table(rows))
    file = io.BytesIO()
    write_csv(canvas_classic.student_analysis(responses), file)
    again = read(io.BytesIO(file.getvalue()))
    assert again.items["title"].to_pylist() == [title]


def test_an_apostrophe_of_canvas_is_part_of_the_answer():
    rows = [list(row) for row in CANVAS_ROWS]
    rows[0][8] = "'=1"
    _, found = rows_of(canvas(rows))
    assert found["007", 1, "101"]["response"] == "'=1"
