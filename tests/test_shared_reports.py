"""Reports of Canvas as people and programs hand them on: read as meant, or refused.

Six students, three questions of one point; who is right is chosen so that by hand the
difficulties are 4/6, 3/6 and 3/6, and the means of totals 10/6.
"""

import csv
import gzip
import io
import pickle
import zipfile

import pandas as pd
import pytest

import quizanalysis as qa
from quizanalysis.adapters.cli import main
from quizanalysis.readers import read

RIGHT = ("111", "110", "100", "011", "000", "101")
DIFFICULTY = [4 / 6, 3 / 6, 3 / 6]
KEY = "abc"
LEAD = ["name", "id", "section", "section_id", "submitted", "attempt"]
LAST = ["n correct", "n incorrect", "score"]


def rows_of(points="1.0"):
    """Header and rows of the classic report."""
    pairs = [h for n in (901, 902, 903) for h in (f"{n}: Question {n}", points)]
    rows = [[*LEAD, *pairs, *LAST]]
    for n, right in enumerate(RIGHT, 1):
        time = f"2026-03-0{n} 10:00:00 UTC"
        answers = [
            cell
            for letter, one in zip(KEY, right, strict=True)
            for cell in ((letter, "1.0") if one == "1" else ("z", "0.0"))
        ]
        total = right.count("1")
        lead = [f"Person {n}", str(n), "Mon", "7", time, "1"]
        rows.append([*lead, *answers, str(total), str(3 - total), f"{total}.0"])
    return rows


def text_of(rows, **dialect):
    """Write rows as CSV."""
    file = io.StringIO(newline="")
    csv.writer(file, lineterminator="\n", **dialect).writerows(rows)
    return file.getvalue()


def read_rows(rows, **options):
    """Read rows as a file named quiz.csv."""
    file = io.BytesIO(text_of(rows).encode())
    file.name = "quiz.csv"
    return read(file, **options)


def difficulties(responses):
    """Of each item, rounded by nothing."""
    return qa.item_analysis(responses)["difficulty"].to_pylist()


def account(responses):
    """What is said of the input: (unit, reason): (n, left out)."""
    rows = responses.left_out.to_pylist()
    return {(r["unit"], r["reason"]): (r["n"], r["left_out"]) for r in rows}


def refusal(rows, **options):
    """The message about rows that are refused."""
    with pytest.raises(qa.DataError) as caught:
        read_rows(rows, **options)
    return str(caught.value)


# ---- headers that a program made unique -----------------------------------------


SCHEMES = {
    "pandas": ["1.0", "1.0.1", "1.0.2"],
    "pandas, whole points": ["1", "1.1", "1.2"],
    "polars": ["1.0", "1.0_duplicated_0", "1.0_duplicated_1"],
    "polars, whole points": ["1", "1_duplicated_0", "1_duplicated_1"],
    "duckdb": ["1.0", "1.0_1", "1.0_2"],
    "readr": ["1.0...8", "1.0...10", "1.0...12"],
    "R": ["X1.0", "X1.0.1", "X1.0.2"],
    "R, whole points": ["X1", "X1.1", "X1.2"],
    "Excel table": ["1", "12", "13"],
    "SQLite": ["1.0_1", "1.0_2", "1.0_3"],
    "csvkit": ["1.0", "1.0_2", "1.0_3"],
}


@pytest.mark.parametrize("names", SCHEMES.values(), ids=SCHEMES.keys())
def test_points_that_a_program_made_unique_are_those_of_canvas(names):
    rows = rows_of()
    rows[0][7:12:2] = names
    responses = read_rows(rows)
    assert difficulties(responses) == DIFFICULTY
    assert responses.items["points_possible"].to_pylist() == [1, 1, 1]
    ((unit, reason), (_, left_out)), *_ = account(responses).items()
    assert unit == "columns"
    assert "made unique" in reason
    assert not left_out


def test_points_of_several_sizes_are_each_numbered_apart():
    rows = rows_of()
    rows[0][7:12:2] = ["1", "2", "1.1"]
    for row in rows[1:]:
        row[9] = "2.0" if row[9] == "1.0" else row[9]
    responses = read_rows(rows)
    assert responses.items["points_possible"].to_pylist() == [1, 2, 1]
    assert difficulties(responses) == DIFFICULTY


def test_titles_and_names_that_r_changed_are_read():
    rows = rows_of()
    rows[0] = [*LEAD, "X901..Which.is.it.", "X1", "X902..B", "X1.1", "X903..C", "X1.2"]
    rows[0] += ["n.correct", "n.incorrect", "score"]
    responses = read_rows(rows)
    assert difficulties(responses) == DIFFICULTY
    assert responses.items["item_id"].to_pylist() == ["901", "902", "903"]
    assert responses.items["title"][0].as_py() == "Which is it"


def test_points_that_an_answer_earned_are_what_the_header_says():
    rows = rows_of()
    rows[0][7:12:2] = ["1", "1.1", "1.2"]
    for row in rows[1:]:
        row[9] = "1.1" if row[9] == "1.0" else row[9]
        row[11] = "1.2" if row[11] == "1.0" else row[11]
    responses = read_rows(rows)
    assert responses.items["points_possible"].to_pylist() == [1, 1.1, 1.2]
    assert difficulties(responses) == pytest.approx(DIFFICULTY, abs=1e-15)


def test_an_answer_beyond_the_points_that_would_be_left_is_refused():
    rows = rows_of()
    rows[0][7:12:2] = ["1", "1.1", "1.2"]
    rows[1][9] = "1.05"
    said = refusal(rows)
    assert "quiz.csv, column '1.1': points possible that may be a repeated '1'" in said
    assert "found '1.05 points'" in said
    assert "save the file with the header row that Canvas wrote" in said


def test_points_of_which_two_are_equal_are_of_canvas():
    rows = rows_of()
    rows[0][7:12:2] = ["1", "1.1", "1.1"]
    assert read_rows(rows).items["points_possible"].to_pylist() == [1, 1.1, 1.1]


@pytest.mark.parametrize("name", ["1.0.5.1", "one", "1.0.2.x", "1.0..", "1.0___9"])
def test_points_of_no_scheme_are_refused_by_name(name):
    rows = rows_of()
    rows[0][11] = name
    assert "903: Question 903" in refusal(rows) or f"'{name}'" in refusal(rows)


# ---- a guard for all other causes -----------------------------------------------


def test_points_that_no_right_answer_reaches_are_noted_and_found():
    rows = rows_of()
    rows[0][9] = "7"
    responses = read_rows(rows)
    noted = qa.exclusions(responses).to_pylist()
    reason = "points possible that nobody reached, where all earned the same"
    assert [(r["n"], r["left_out"]) for r in noted if r["reason"] == reason] == [
        (1, False)
    ]
    found = qa.findings(qa.analyze(responses)).to_pylist()
    (row,) = [r for r in found if r["finding"] == "points_not_reached" and
              r["outcome"] == "look"]  # fmt: skip
    assert row["item_id"] == "902"
    assert "worth 7 points; the best of 6 students got 1" in row["advice"]


def test_a_hard_question_with_partial_credit_is_not_accused():
    rows = rows_of()
    rows[0][9] = "7"
    rows[1][9], rows[2][9] = "3.0", "5.5"
    found = qa.findings(qa.analyze(read_rows(rows))).to_pylist()
    assert {r["outcome"] for r in found if r["finding"] == "points_not_reached"} == {
        "fine"
    }


# ---- rows that are no submissions -----------------------------------------------


@pytest.mark.parametrize("name", ["Average", "", "Mean", "anything"])
def test_a_row_without_id_time_and_attempt_is_left_out_and_counted(name):
    rows = [*rows_of(), [name, *[""] * 5, "", "0.67", "", "0.5", "", "0.5", "", "", ""]]
    responses = read_rows(rows)
    assert len(responses) == 6
    assert difficulties(responses) == DIFFICULTY
    key = "rows", "without id, time and attempt, as a summary has"
    assert account(responses)[key] == (1, True)


def test_a_second_header_is_left_out_and_counted():
    rows = rows_of()
    responses = read_rows([*rows[:4], rows[0], *rows[4:]])
    assert difficulties(responses) == DIFFICULTY
    assert account(responses)["rows", "the header once more"] == (1, True)


def test_a_summary_that_has_some_of_what_a_submission_has_is_refused_by_row():
    rows = rows_of()
    total = ["Average", "", "Mon", "7", "", "1", "", "0.67", "", "0.5", "", "0.5"]
    said = refusal([*rows, [*total, "", "", ""]])
    assert "quiz.csv row 8, column 'name'" in said
    assert "a row with points and without answers" in said
    assert "delete the row" in said


def test_a_student_who_is_called_max_and_left_all_blank_is_a_student():
    rows = rows_of()
    rows[5][0] = "Max"
    rows[5][6:12] = ["", "0.0"] * 3
    assert len(read_rows(rows)) == 6


def test_who_was_not_logged_in_is_no_summary():
    rows = rows_of()
    rows[2][1] = ""
    responses = read_rows(rows)
    assert len(responses) == 6
    key = "submissions", "without an id, each by a student of its own"
    assert account(responses)[key] == (1, False)


# ---- attempts that nothing orders -----------------------------------------------


def twice(*drop):
    """The first student twice, the newest row first as Canvas writes them."""
    rows = rows_of()
    older = list(rows[1])
    older[4], older[6:8], older[5] = "2026-02-01 10:00:00 UTC", ["z", "0.0"], "1"
    older[-1] = "2.0"
    rows[1][5] = "2"
    rows = [rows[0], rows[1], older, *rows[2:]]
    places = [at for at, name in enumerate(LEAD) if name in drop]
    return [[c for at, c in enumerate(row) if at not in places] for row in rows]


@pytest.mark.parametrize("drop", [(), ("attempt",), ("submitted",)])
def test_attempts_are_ordered_by_number_or_time(drop):
    assert difficulties(read_rows(twice(*drop))) == DIFFICULTY


def test_attempts_that_nothing_orders_are_refused_where_order_matters():
    responses = read_rows(twice("attempt", "submitted"))
    for policy in ("first", "last", "kept"):
        with pytest.raises(
            qa.DataError, match=f"the {policy} attempt is not known of 1"
        ):
            qa.item_analysis(responses, attempt=policy)
    assert qa.item_analysis(responses, attempt="best")["difficulty"][0].as_py() == 4 / 6
    assert qa.item_analysis(responses, attempt="all")["n"].to_pylist() == [7, 7, 7]


def test_no_systems_rules_choose_among_attempts_that_nothing_orders():
    responses = read_rows(twice("attempt", "submitted"))
    systems = qa.conventions
    for module, policy in (
        (systems.canvas_classic, {}),
        (systems.new_quizzes, {}),
        (systems.moodle, {"attempt": "last"}),
        (systems.r_psych, {}),
        (systems.r_ctt, {}),
    ):
        with pytest.raises(qa.DataError, match="attempt is not known of 1 student"):
            module.item_analysis(responses, **policy)
    highest = systems.moodle.item_analysis(responses, attempt="highest")
    assert highest.num_rows == 3


def test_the_best_of_equal_attempts_that_nothing_orders_is_refused():
    rows = twice("attempt", "submitted")
    rows[2][4:10] = ["z", "0.0", "b", "1.0", "c", "1.0"]
    rows[1][4:10] = ["a", "1.0", "z", "0.0", "c", "1.0"]
    rows[1][-1] = rows[2][-1] = "2.0"
    with pytest.raises(
        qa.DataError, match="the best attempt is not known of 1 student"
    ):
        qa.item_analysis(read_rows(rows), attempt="best")


def test_times_that_are_equal_order_nothing():
    rows = twice("attempt")
    rows[2][4] = rows[1][4]
    with pytest.raises(qa.DataError, match="the last attempt is not known"):
        qa.item_analysis(read_rows(rows))


def test_what_is_not_known_stays_so_wherever_the_responses_go():
    responses = read_rows(twice("attempt", "submitted"))
    sent = pickle.loads(pickle.dumps(responses))  # noqa: S301  our own
    other = read_rows(rows_of(), quiz_id="other")
    for one in (
        sent,
        qa.Responses.concat([other, responses]),
        responses.pseudonymise("a key of 16 bytes"),
        responses.where(student=["1", "2"]),
        next(responses.batches(3)),
    ):
        with pytest.raises(qa.DataError, match="the last attempt is not known"):
            one.attempts("last")
    assert len(responses.where(student=["2", "3"]).attempts("last")) == 2
    both = qa.Responses.concat([other, responses]).where(quiz="other")
    assert len(both.attempts("last")) == 6


def test_second_attempts_of_nobody_are_refused_where_they_count_once():
    rows = twice("id")
    with pytest.raises(qa.DataError, match="nothing tells whose"):
        qa.item_analysis(read_rows(rows))
    assert qa.item_analysis(read_rows(rows), attempt="all")["n"].to_pylist() == [7] * 3


# ---- refused before, though it can mean one thing only --------------------------


def with_columns(rows, place, name, values):
    """Put a column in."""
    cells = [name, *values]
    return [[*r[:place], c, *r[place:]] for r, c in zip(rows, cells, strict=True)]


@pytest.mark.parametrize("name", ["", "Unnamed: 15", "...16", "column15", "X"])
def test_empty_columns_at_the_end_are_passed_over(name):
    rows = with_columns(rows_of(), 15, name, [""] * 6)
    responses = read_rows(with_columns(rows, 16, name and f"{name}.1", [""] * 6))
    assert difficulties(responses) == DIFFICULTY
    assert not account(responses)


@pytest.mark.parametrize("name", ["", "Unnamed: 0", "X", "...1", "index", "row", "nr"])
@pytest.mark.parametrize("first", [0, 1])
def test_row_numbers_in_front_are_passed_over(name, first):
    numbers = [str(first + n) for n in range(6)]
    responses = read_rows(with_columns(rows_of(), 0, name, numbers))
    assert difficulties(responses) == DIFFICULTY
    assert account(responses)["columns", "row numbers, passed over"] == (1, False)


def test_a_column_of_the_teachers_own_at_the_end_is_passed_over_and_said():
    rows = with_columns(rows_of(), 15, "bonus", list("123456"))
    responses = read_rows(rows)
    assert difficulties(responses) == DIFFICULTY
    assert account(responses)["columns", "not used: 'bonus'"] == (1, False)


@pytest.mark.parametrize("place", [2, 6, 8])
def test_a_column_of_the_teachers_own_elsewhere_is_refused_by_name(place):
    said = refusal(with_columns(rows_of(), place, "group", list("ABABAB")))
    assert "quiz.csv, column 'group': a column that Canvas does not write there" in said


def test_na_in_numbers_is_no_number():
    rows = rows_of()
    rows[2][8:10], rows[2][-1] = ["NA", "NA"], "1.0"
    responses = read_rows(rows)
    table = qa.item_analysis(responses)
    assert table["n"].to_pylist() == [6, 5, 6]
    assert table["difficulty"].to_pylist() == [4 / 6, 2 / 5, 3 / 6]
    assert account(responses) == {
        ("cells", "words such as NA for no number"): (1, False)
    }


def test_na_beside_points_is_blank_where_empty_cells_are_written_so():
    rows = rows_of()
    rows[2][8:10], rows[5][8:10] = ["NA", "NA"], ["NA", "0.0"]
    responses = read_rows(rows)
    assert qa.item_analysis(responses)["n_blank"].to_pylist() == [0, 1, 0]
    key = "responses", "reads NA as empty cells do, taken as blank"
    assert account(responses)[key] == (1, False)


def test_na_is_an_answer_where_the_column_has_empty_cells_too():
    rows = rows_of()
    rows[2][8:10], rows[5][8:10], rows[3][8:10] = ["NA"] * 2, ["NA", "0.0"], ["", "0.0"]
    responses = read_rows(rows)
    assert qa.item_analysis(responses)["n_blank"].to_pylist() == [0, 1, 0]
    key = "responses", "answered with a word such as NA"
    assert account(responses)[key] == (1, False)


def test_na_that_earned_points_may_be_either_and_is_refused_by_row():
    rows = rows_of()
    rows[2][8:10], rows[1][8] = ["NA", "NA"], "NA"
    said = refusal(rows)
    assert "quiz.csv row 2, column 'answers of 902'" in said
    assert "na = ''" in said


def test_true_and_false_are_points():
    rows = rows_of()
    for row in rows[1:]:
        row[7:12:2] = ["TRUE" if p == "1.0" else "FALSE" for p in row[7:12:2]]
    assert difficulties(read_rows(rows)) == DIFFICULTY
    tidy = "student_id,item_id,score\n1,q,TRUE\n2,q,false\n3,q,\n"
    scores = read(io.StringIO(tidy)).to_arrow()["score"].to_pylist()
    assert scores == [1.0, 0.0, None]


def test_true_among_numbers_is_no_number():
    tidy = "student_id,item_id,score\n1,q,TRUE\n2,q,0.5\n"
    with pytest.raises(qa.DataError, match="not a number"):
        read(io.StringIO(tidy))


def test_a_file_that_is_not_utf8_names_the_encoding_and_is_read_by_it(tmp_path):
    rows = rows_of()
    rows[1][0] = "Chloé"
    path = tmp_path / "quiz.csv"
    path.write_bytes(text_of(rows).encode("cp1252"))
    with pytest.raises(qa.DataError, match=r"row 2: .*encoding='cp1252'.*--encoding"):
        read(path)
    responses = read(path, encoding="cp1252")
    assert responses.students["name"][0].as_py() == "Chloé"
    assert difficulties(responses) == DIFFICULTY
    with pytest.raises(ValueError, match="encoding must be the name"):
        read(path, encoding="latin-99")
    with pytest.raises(qa.DataError, match="cannot be read as text in ascii"):
        read(path, encoding="ascii")


def test_an_id_with_decimals_is_the_one_without():
    rows = twice()
    rows[1][1] = "1.0"
    responses = read_rows(rows)
    assert responses.students["student_id"].to_pylist() == list("123456")
    rows[1][1] = "x1.0"
    assert "x1.0" in read_rows(rows).students["student_id"].to_pylist()


# ---- messages -------------------------------------------------------------------


def test_rows_are_those_of_a_spreadsheet():
    rows = rows_of()
    rows[1][0] = "two\nlines"
    rows[3][4], rows[5][4] = "3/2/2026 10:00", "yesterday"
    text = text_of(rows).split("\n")
    # The first record stands in two lines; empty lines and cells are rows too.
    text = "\n".join([*text[:3], "", ",,,,,,,,,,,,,,", *text[3:]])
    with pytest.raises(qa.DataError) as caught:
        read(io.StringIO(text))
    assert [p.row for p in caught.value.problems] == [6, 8]
    said = str(caught.value)
    assert "input row 6, column 'submitted': not a point in time" in said
    assert "the same in row 8" in said
    assert "or remove the column" in said


def test_one_cause_is_told_once_with_its_count_in_every_file(tmp_path):
    rows = rows_of()
    for row in rows[1:]:
        row[4] = "3/2/2026 10:00"
    paths = [tmp_path / name for name in ("a.csv", "b.csv")]
    for path in paths:
        path.write_text(text_of(rows))
    with pytest.raises(qa.DataError) as caught:
        read(paths)
    lines = str(caught.value).splitlines()
    assert lines[0] == "12 problems in the data:"
    assert [line.split(",")[0] for line in lines[1::2]] == [
        "  - a.csv row 2",
        "  - b.csv row 2",
    ]
    assert lines[2] == "    the same in row 3, row 4, row 5, row 6, row 7"


CONTAINERS = {
    "an Excel workbook": ["xl/workbook.xml"],
    "an OpenDocument spreadsheet": ["mimetype"],
    "a zip archive": ["quiz.csv"],
}


@pytest.mark.parametrize("what", CONTAINERS)
def test_a_container_is_named(what, tmp_path):
    path = tmp_path / "quiz.csv"
    with zipfile.ZipFile(path, "w") as file:
        for name in CONTAINERS[what]:
            kind = "application/vnd.oasis.opendocument.spreadsheet"
            file.writestr(name, kind if name == "mimetype" else "x")
    with pytest.raises(qa.DataError) as caught:
        read(path)
    assert f"quiz.csv: the file is {what}; " in str(caught.value)
    assert "PK" not in str(caught.value)


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (gzip.compress(b"x", mtime=0), "a gzip file"),
        (b"%PDF-1.7\n", "a PDF"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", r"an old Excel workbook \(.xls\)"),
        (b"SQLite format 3\0", "an SQLite database"),
        (b"\x93NUMPY\x01\0", "a numpy array"),
        (b"", "empty"),
        (b"\n\n", "empty"),
    ],
)
def test_other_files_are_named(data, what):
    with pytest.raises(qa.DataError, match=f"the file is {what}"):
        read(io.BytesIO(data))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "id,Q1,Q2\ns1,1,0\ns2,0,1\n",
            "qa.Responses.from_matrix(pd.read_csv('quiz.csv').set_index('id'))",
        ),
        (
            "id;Q1;Q2\nKEY;a;b\ns1;a;c\n",
            "answers = pd.read_csv('quiz.csv', sep=';', dtype=str).set_index('id')",
        ),
        (
            "user_id,question,points\n1,q1,1\n",
            "qa.Responses.from_arrow(pd.read_csv('quiz.csv').rename(columns=",
        ),
        ("student_id,item_id,correct\n1,q1,1\n", "name that of the points 'score'"),
        ("Q1,Q2,Q3\n2.5,1,0\n2.5,0,1\n", "from_matrix(pd.read_csv('quiz.csv'))"),
        (
            "Name,id,Q1,Q2,Total\nAnn,1,1,0,1\nBo,2,1,1,2\n",
            ".set_index('id').drop(columns=['Name', 'Total'])",
        ),
        ("id;Q1;Q2\na;0,5;1\nb;1;0\n", "sep=';', decimal=',').set_index('id')"),
        (",q1,q2\n1,a,b\n2,b,b\n", "from_answers(answers, key=['A', 'C', …])"),
        ("id,name,value\n1,q1,1\n", "rename(columns={'id': 'student_id'"),
    ],
)
def test_the_message_has_the_line_to_type_and_that_line_works(
    text, line, tmp_path, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "quiz.csv").write_text(text)
    with pytest.raises(qa.DataError) as caught:
        read("quiz.csv")
    said = str(caught.value)
    assert line in said
    if "import" in said and "…" not in said:
        made = {}
        exec(said[said.index("import pandas") :], made)  # noqa: S102  what we print
        assert len(made["responses"]) >= 1


def test_a_header_below_other_rows_is_found():
    text = "Quiz 3, spring\n\n" + text_of(rows_of())
    with pytest.raises(qa.DataError, match="the header is in row 3; delete the rows"):
        read(io.StringIO(text))


def test_text_in_utf_16_without_its_mark_is_named_and_read():
    data = text_of(rows_of()).encode("utf-16-le")
    with pytest.raises(qa.DataError, match="encoding='utf-16-le'"):
        read(io.BytesIO(data))
    responses = read(io.BytesIO(data), encoding="utf-16-le")
    assert difficulties(responses) == DIFFICULTY


def test_a_web_page_is_named():
    page = b"\n<!DOCTYPE html><html><body>Log in</body></html>"
    with pytest.raises(qa.DataError, match="the file is a web page"):
        read(io.BytesIO(page))


@pytest.mark.parametrize("column", ["student_id", "item_id"])
def test_ids_that_a_spreadsheet_cut_are_refused(column):
    row = {"student_id": "1", "item_id": "q", "score": "1"} | {column: "1.00E+13"}
    text = ",".join(row) + "\n" + ",".join(row.values()) + "\n"
    with pytest.raises(qa.DataError, match=f"row 2, column '{column}': an id that a"):
        read(io.StringIO(text))


def test_the_nearest_format_says_what_is_missing():
    with pytest.raises(qa.DataError) as caught:
        read(io.StringIO("name,id,section,submitted\nAnn,1,A,2026-01-01\n"))
    said = str(caught.value)
    assert (
        "not canvas-classic, the nearest format: it has no column of a question" in said
    )
    assert "tidy" not in said


def test_a_header_in_another_language_is_said_to_be_one():
    rows = rows_of()
    rows[0][2], rows[0][4:6] = "Abschnitt", ["abgegeben", "Versuch"]
    said = refusal(rows)
    assert "column 'Abschnitt'" in said
    assert "the same in column 'abgegeben', column 'Versuch'" in said
    assert "Is the header in another language? In English it has name, id" in said


def test_columns_that_are_not_used_are_in_the_account(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("student_id,item_id,score,max_points\n1,q,1,2\n2,q,0,2\n")
    assert account(read(path)) == {("columns", "not used: 'max_points'"): (1, False)}
    frame = pd.read_csv(path)
    frame.to_parquet(tmp_path / "rows.parquet")
    used = account(read(tmp_path / "rows.parquet"))
    assert used == {("columns", "not used: 'max_points'"): (1, False)}


@pytest.mark.parametrize(
    "name", ["Student ID", "student.id", " STUDENT_ID ", "StudentId"]
)
def test_names_of_tidy_columns_may_be_written_in_several_ways(name):
    text = f"{name},Item ID,Score\n007,q1,1\n008,q1,0\n"
    responses = read(io.StringIO(text))
    assert responses.students["student_id"].to_pylist() == ["007", "008"]


# ---- New Quizzes ----------------------------------------------------------------


def new_quizzes_rows():
    """The same six students as New Quizzes reports them."""
    header = ["Name", "ID", "SISID", "SectionIDs", "SectionNames", "SectionSISIDs"]
    header += ["Submitted", "ElapsedTime", "Attempt"]
    for n in (901, 902, 903):
        header += [
            "ItemID",
            "ItemType",
            f"<p>Question {n}</p>",
            "EarnedPoints",
            "Status",
        ]
    header += ["NumberOfCorrect", "NumberOfIncorrect", "NoResponse", "PointsPossible"]
    rows = [[*header, "OverallScore"]]
    for n, right in enumerate(RIGHT, 1):
        row = [f"Person {n}", str(n), f"s{n}", "7", "Mon", "m"]
        row += [f"2026-03-0{n}T10:00:00Z", "00:10:00", "1"]
        for item, letter, one in zip((901, 902, 903), KEY, right, strict=True):
            answer = letter if one == "1" else "z"
            row += [str(item), "choice", answer, f"{one}.0", "Graded"]
        total = right.count("1")
        rows.append([*row, str(total), str(3 - total), "0", "3.0", f"{total}.0"])
    return rows


DROPPED = ["Name", "SISID", "SectionSISIDs", "Submitted", "ElapsedTime", "Attempt"]
DROPPED += ["NumberOfCorrect", "NoResponse", "OverallScore"]


@pytest.mark.parametrize("name", DROPPED)
def test_new_quizzes_without_a_column_of_its_own(name):
    rows = new_quizzes_rows()
    at = rows[0].index(name)
    responses = read_rows([[*row[:at], *row[at + 1 :]] for row in rows])
    assert difficulties(responses) == DIFFICULTY


@pytest.mark.parametrize("suffix", [".{}", "_{}", "_duplicated_{}"])
def test_new_quizzes_with_names_that_a_program_made_unique(suffix):
    rows, seen = new_quizzes_rows(), {}
    for at, name in enumerate(rows[0]):
        n = seen[name] = seen.get(name, -1) + 1
        if n:
            rows[0][at] = name + suffix.format(n)
    responses = read_rows(rows)
    assert difficulties(responses) == DIFFICULTY
    assert responses.items["title"].to_pylist() == [
        f"Question {n}" for n in (901, 902, 903)
    ]
    ((unit, reason), (n, _)), *_ = account(responses).items()
    assert (unit, n) == ("columns", 8)
    assert "made unique" in reason


def test_new_quizzes_with_a_summary_row_and_an_own_column():
    rows = new_quizzes_rows()
    blank = ["Average", *[""] * 8, *["", "", "", "0.6", ""] * 3, *[""] * 5]
    responses = read_rows(with_columns([*rows, blank], len(rows[0]), "note", [""] * 7))
    assert difficulties(responses) == DIFFICULTY
    key = "rows", "without id, time and attempt, as a summary has"
    assert account(responses)[key] == (1, True)


def test_an_item_without_one_of_its_columns_is_refused():
    rows = new_quizzes_rows()
    at = rows[0].index("ItemType")
    said = refusal([[*row[:at], *row[at + 1 :]] for row in rows])
    assert "an item without its column ItemType" in said


# ---- on the command line --------------------------------------------------------


def test_the_account_says_what_was_undone(tmp_path, capsys):
    rows = rows_of()
    rows[0][7:12:2] = ["1", "1.1", "1.2"]
    path = tmp_path / "quiz.csv"
    path.write_text(text_of(with_columns(rows, 15, "bonus", list("123456"))))
    assert main(["item-analysis", str(path), "-o", str(tmp_path / "x.csv")]) == 0
    said = capsys.readouterr().err
    assert "points possible that pandas or R made unique, numbers taken off" in said
    assert "1 column (not used: 'bonus')" in said


def test_encoding_is_an_option(tmp_path, capsys):
    rows = rows_of()
    rows[1][0] = "Chloé"
    path = tmp_path / "quiz.csv"
    path.write_bytes(text_of(rows).encode("cp1252"))
    assert main(["item-analysis", str(path)]) == 1
    assert "--encoding cp1252" in capsys.readouterr().err
    assert main(["item-analysis", str(path), "--encoding", "cp1252"]) == 0
    assert main(["item-analysis", str(path), "--encoding", "no-such"]) == 2
    assert "encoding must be the name" in capsys.readouterr().err


def test_a_hostile_file_steers_no_terminal(tmp_path, capsys):
    path = tmp_path / "a\x1b[2Jb.csv"
    path.write_text("x\x1b]0;title\x07\u202e" * 100_000 + ",y\nz\x9b31m,\n")
    assert main(["item-analysis", str(path)]) == 1
    said = capsys.readouterr().err
    assert not {*said} & {"\x1b", "\x07", "\x9b", "\u202e"}
    assert len(said) < 5_000


def test_rows_of_json_lines_are_lines():
    lines = ['{"student_id": "1", "item_id": "q", "score": 1}', "", "  "]
    lines += ['{"student_id": "2", "item_id": "q", "score": "many"}']
    with pytest.raises(qa.DataError, match="input row 4, column 'score'"):
        read(io.StringIO("\n".join(lines)))
    lines[3] = '{"student_id": '
    with pytest.raises(qa.DataError, match="input row 4: cannot be read as JSON"):
        read(io.StringIO("\n".join(lines)))
