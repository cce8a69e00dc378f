import io
import json

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_samples import TIDY

from quizanalysis import read_batches
from quizanalysis.errors import DataError
from quizanalysis.readers import read
from quizanalysis.responses import Responses
from quizanalysis.writers import write_csv

NASTY = [
    *("=1+1", "'=x", "''=x", "'", "@", "-1", "+", "007", "NA", "Null", "nan", "1e5"),
    *('a"b', '"', "a\nb", "a\r\nb", "\r", "\t", "\0", "x,y;z\tw", "  pad  ", "[x"),
    *("\ufeff", "é漢😀", "A; B", "{", "<b>", "1,5", "true", "2026-01-01"),
]

LIKE_LISTS = [
    '["a"]',
    "[]",
    "'[]",
    "''[\"a\"]",
    '["a;=1"]',
    "[null]",
    '["a","b"]',
    "[1]",
]


def texts():
    """Ids and answers, nasty ones among them."""
    some = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=4)
    return st.one_of(st.sampled_from(NASTY), st.sampled_from(LIKE_LISTS), some)


@st.composite
def tidy_tables(draw):
    """Draw tidy tables whose responses are texts, or lists of them."""
    students = draw(st.lists(texts(), min_size=1, max_size=4, unique=True))
    items = draw(st.lists(texts(), min_size=1, max_size=3, unique=True))
    rows = [(student, item) for student in students for item in items]
    answers = draw(st.sampled_from([texts(), st.sampled_from(LIKE_LISTS)]))
    answer, kind = st.one_of(st.none(), answers), pa.string()
    if draw(st.booleans()):
        answer = st.one_of(st.none(), st.lists(texts(), max_size=3))
        kind = pa.list_(pa.string())
    answers = [draw(answer) for _ in rows]
    scores = [draw(st.sampled_from([0.0, 1.0, 0.5, -1.0, 1 / 3, None])) for _ in rows]
    return pa.table(
        {
            "student_id": [student for student, _ in rows],
            "item_id": [item for _, item in rows],
            "response": pa.array(answers, kind),
            "score": pa.array(scores, pa.float64()),
            "title": ["=" + item for _, item in rows],
        }
    )


def as_csv(table):
    file = io.BytesIO()
    write_csv(table, file)
    return file


def as_parquet(table):
    file = io.BytesIO()
    pq.write_table(table, file)
    return file


def as_stream(table):
    file = io.BytesIO()
    with pa.ipc.new_stream(file, table.schema) as writer:
        writer.write_table(table)
    return file


def as_file(table):
    file = io.BytesIO()
    with pa.ipc.new_file(file, table.schema) as writer:
        writer.write_table(table)
    return file


def as_lines(table):
    lines = [json.dumps(row, default=str) for row in table.to_pylist()]
    return io.BytesIO("\n".join(lines).encode())


ENCODINGS = {
    "tidy-csv": as_csv,
    "tidy-parquet": as_parquet,
    "tidy-ipc": as_file,
    "tidy-ipc stream": as_stream,
    "tidy-jsonl": as_lines,
}


@pytest.mark.parametrize("encoding", ENCODINGS)
@given(table=tidy_tables())
def test_what_was_written_is_read_again(encoding, table):
    responses = Responses.from_arrow(table)
    file = ENCODINGS[encoding](responses.to_arrow())
    file.seek(0)
    assert read(file) == responses


@pytest.mark.parametrize("answer", LIKE_LISTS)
def test_a_lone_answer_that_looks_like_a_list_is_text(answer):
    table = {"student_id": ["a"], "item_id": ["q"], "response": [answer], "score": [1]}
    responses = Responses.from_arrow(pa.table(table))
    again = read(io.BytesIO(as_csv(responses.to_arrow()).getvalue()))
    assert again.to_arrow()["response"].to_pylist() == [answer]
    assert again == responses


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_lists_and_times_come_back(encoding):
    table = pa.table(
        {
            "quiz_id": ["=q"] * 2,
            "student_id": ["007", "007"],
            "item_id": ["1", "2"],
            "attempt": [2, 2],
            "response": [["a", "b;c"], []],
            "score": [0.1, None],
            "submitted_at": pa.array([10**15] * 2, pa.timestamp("us", "UTC")),
            "elapsed_s": [1.5] * 2,
            "recorded_score": [-3.5] * 2,
        }
    )
    responses = Responses.from_arrow(table)
    file = ENCODINGS[encoding](responses.to_arrow())
    file.seek(0)
    assert read(file) == responses


def test_ids_are_never_numbers_and_only_the_empty_cell_is_null():
    responses = read(io.StringIO(TIDY))
    assert responses.submissions["student_id"].to_pylist() == ["007", "8", "Null"]
    assert responses.to_arrow()["response"].to_pylist() == ["NA", None, "x"]
    assert responses.to_arrow()["status"].to_pylist() == [
        "graded",
        "not_attempted",
        "not_graded",
    ]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_encodings_and_line_ends_do_not_matter(delimiter, encoding, end):
    text = TIDY.replace(",", delimiter).replace("\n", end)
    assert read(io.BytesIO(text.encode(encoding))) == read(io.StringIO(TIDY))


def test_headers_may_be_padded_and_of_any_case_and_others_are_passed_over():
    text = " Student_ID ,note,ITEM_ID,response,Score,note\n007,=,q1,NA,1,\n"
    assert len(read(io.StringIO(text))) == 1


def test_a_file_with_semicolons_may_have_decimal_commas():
    text = "student_id;item_id;score\na;q;0,5\nb;q;-1,25\nc;q;1.5\n"
    scores = read(io.StringIO(text)).to_arrow()["score"].to_pylist()
    assert scores == [0.5, -1.25, 1.5]


def test_a_file_with_commas_may_not():
    text = 'student_id,item_id,score\na,q,"0,5"\n'
    with pytest.raises(DataError, match="not a number"):
        read(io.StringIO(text))


def test_rows_of_nothing_are_no_rows():
    text = TIDY + ",,,\n\n,,,\r\n"
    assert read(io.StringIO(text)) == read(io.StringIO(TIDY))


@pytest.mark.parametrize("score", ["#N/A", "inf", "1e400", "one", "1_0", "0x1"])
def test_what_is_no_number_is_named_with_its_row(score):
    with pytest.raises(DataError) as caught:
        read(io.StringIO(TIDY + f"z,q1,x,{score}\n"))
    problem = caught.value.problems[0]
    assert (problem.row, problem.column) == (5, "score")


def test_every_row_of_another_width_is_named():
    with pytest.raises(DataError) as caught:
        read(io.StringIO(TIDY + "a,q1\nb,q1,x,1\nc,q1,x,1,2\n"))
    assert [(p.row, p.value) for p in caught.value.problems] == [(5, 2), (7, 5)]


def test_a_quote_that_is_never_closed_is_named_with_its_row():
    with pytest.raises(DataError, match="never closed") as caught:
        read(
            io.StringIO('student_id,item_id,score,title\na,q,1,t\nb,q,1,"t\nc,q,1,t\n')
        )
    assert caught.value.problems[0].row == 3


def test_text_that_is_not_utf8_is_named_with_its_row():
    with pytest.raises(DataError, match="row 4: text that is not UTF-8"):
        read(io.BytesIO(TIDY.encode().replace(b"Null", b"\xe9")))


def test_a_header_that_is_not_utf8_is_named_as_such():
    with pytest.raises(DataError, match="the header is not UTF-8"):
        read(io.BytesIO("student_id,item_id,score,größe\n".encode("latin-1")))
    with pytest.raises(DataError, match="no known format"):
        read(io.BytesIO(b"\x80\x81,\x82\n"))


def test_a_column_that_is_almost_there_is_named_with_those_that_are():
    with pytest.raises(DataError) as caught:
        read(io.StringIO("student,item_id,score\na,q,1\n"))
    assert "'student' for 'student_id'" in str(caught.value)
    assert "rename(columns={'student': 'student_id'})" in str(caught.value)
    with pytest.raises(DataError, match="'student_id', 'item_id', 'points'"):
        read(io.StringIO("student_id,item_id,points\na,q,1\n"))


def test_students_may_stand_in_the_rows():
    text = (
        "student_id,item_id,score,name,section_names\n"
        '1,q1,1,Zoë,"A; B"\n1,q2,0,Zoë,"A; B"\n2,q1,1,,"[""x;y""]"\n'
        "9,q1,1,Test Student,\n"
    )
    responses = read(io.StringIO(text))
    assert responses.students["name"].to_pylist() == ["Zoë", None]
    assert responses.students["section_names"].to_pylist() == [["A", "B"], ["x;y"]]
    assert responses.left_out.select(["unit", "reason", "n"]).to_pylist() == [
        {"unit": "submissions", "reason": "test student", "n": 1}
    ]
    assert len(read(io.StringIO(text), test_student=True)) == 3


def test_a_given_quiz_id_wins_over_the_column_and_the_name():
    text = "quiz_id,student_id,item_id,score\nmid,1,q,1\n"
    assert read(io.StringIO(text)).items["quiz_id"].to_pylist() == ["mid"]
    named = read(io.StringIO(text), quiz_id="final")
    assert named.items["quiz_id"].to_pylist() == ["final"]


@pytest.mark.parametrize("name", ["parquet", "ipc"])
def test_files_of_polars_and_pandas_are_read(name, tmp_path):
    frame = pl.read_csv(TIDY.encode(), infer_schema=False)
    path = tmp_path / f"tidy.{name}"
    getattr(frame, f"write_{name}")(path)
    assert read(path, quiz_id="quiz") == read(io.StringIO(TIDY))
    if name == "parquet":
        frame.to_pandas().to_parquet(path)
        assert read(path, quiz_id="quiz") == read(io.StringIO(TIDY))


@pytest.mark.parametrize(
    "ids",
    [
        pc.run_end_encode(pa.array(["old"] * 2, pa.large_string())),
        pa.array([0, 0], pa.timestamp("s", "Nowhere/Lost")),
        pa.array([["old"]] * 2),
    ],
    ids=["runs", "zone", "lists"],
)
def test_one_quiz_is_named_anew_however_its_ids_are_encoded(ids, tmp_path):
    rows = {"student_id": ["a", "b"], "item_id": ["q"] * 2, "score": [1.0, 0.0]}
    table, path = pa.table({"quiz_id": ids, **rows}), tmp_path / "x.arrow"
    with pa.ipc.new_file(path, table.schema) as file:
        file.write_table(table)
    if pa.types.is_list(ids.type):
        for reading in (read, lambda *a, **o: list(read_batches(*a, **o))):
            with pytest.raises(DataError, match=r"ids of quizzes|'quiz_id'"):
                reading(path, quiz_id="new")
        return
    whole, (batch,) = read(path, quiz_id="new"), read_batches(path, quiz_id="new")
    assert {*whole.items["quiz_id"].to_pylist()} == {"new"}
    assert batch == whole


def test_lines_may_hold_numbers_as_ids_and_lists_beside_texts():
    lines = (
        '{"student_id": 7, "item_id": 1, "response": "a", "score": 1, "x": {}}\n'
        "\n"
        '{"student_id": "007", "item_id": 1, "response": ["a", "b"], "score": null}\n'
    )
    responses = read(io.StringIO(lines))
    assert responses.submissions["student_id"].to_pylist() == ["7", "007"]
    assert responses.to_arrow()["response"].to_pylist() == [["a"], ["a", "b"]]


@pytest.mark.parametrize(
    "line",
    [
        '{"student_id": "a", "item_id": "q", "score": NaN}',
        '{"student_id": "a", "item_id": "q", "score": 1',
        '{"student_id": "a", "item_id": "\n", "score": 1}',
        '{"student_id": "a", "item_id": "\\ud800", "score": 1}',
        '["student_id", "item_id"]',
        "[" * 100_000,
    ],
)
def test_broken_lines_are_refused(line):
    with pytest.raises(DataError):
        read(io.StringIO(line), "tidy-jsonl")
