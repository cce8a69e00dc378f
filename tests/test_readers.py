"""Sources and formats; and that every encoding of one course says the same."""

import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from readers_samples import TIDY, canvas, new_quizzes, new_quizzes_json

from quizanalysis.errors import DataError
from quizanalysis.readers import FORMATS, _csv, _source, read
from quizanalysis.responses import Responses
from quizanalysis.tables import item_analysis, student_analysis

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
EXPORTS = ("canvas_classic.csv", "new_quizzes.csv", "new_quizzes.json", "tidy.parquet")
UNGRADED_ESSAY = "40231"
ENCODED = {"quiz_id", "position", "title", "item_type", "points_inferred", "undefined"}


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "Mid term.csv"
    path.write_text(TIDY)
    return path


@pytest.mark.parametrize("kind", ["str", "path", "uri", "binary", "text", "list"])
def test_a_source_is_a_path_a_uri_or_an_open_file(kind, path):
    if kind in {"binary", "text"}:
        with path.open("rb" if kind == "binary" else "r") as file:
            responses = read(file)
            assert not file.closed
    else:
        source = {"str": str(path), "path": path, "uri": path.as_uri(), "list": [path]}
        responses = read(source[kind])
    assert responses.items["quiz_id"].to_pylist() == ["Mid term"]
    assert len(responses) == 3


def test_a_quiz_without_name_is_called_quiz():
    assert read(io.StringIO(TIDY)).items["quiz_id"].to_pylist() == ["quiz"]


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (TIDY, "tidy-csv"),
        (canvas(), "canvas-classic"),
        (new_quizzes(), "new-quizzes-csv"),
        (new_quizzes_json(), "new-quizzes-json"),
        ('{"student_id": "a", "item_id": "q", "score": 1}', "tidy-jsonl"),
    ],
)
def test_a_format_is_known_by_its_header(text, name):
    assert read(io.StringIO(text)) == read(io.StringIO(text), name)


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("data", [b"", b"a,b\n1,2\n", b"\0", b"{}", b"PAR1", b"ARROW1"])
def test_what_is_not_known_is_refused(format, data):  # noqa: A002
    with pytest.raises(DataError):
        read(io.BytesIO(data))
    with pytest.raises(DataError):
        read(io.BytesIO(data), format)


def test_what_is_not_known_is_refused_with_the_list_of_what_is():
    with pytest.raises(DataError) as caught:
        read(io.StringIO("Username,Comment\nann,well done\n"))
    assert "it begins with Username, Comment" in str(caught.value)
    assert all(name in str(caught.value) for name in FORMATS)


def test_another_format_is_a_wrong_option():
    with pytest.raises(ValueError, match="tidy-csv, tidy-parquet") as caught:
        read(io.StringIO(TIDY), "csv")
    assert not isinstance(caught.value, DataError)


@pytest.mark.parametrize("source", [b"student_id", 5, None])
def test_another_source_is_a_wrong_type(source):
    with pytest.raises(TypeError, match="a path, an open file"):
        read(source)


def test_no_source_is_a_wrong_value():
    with pytest.raises(ValueError, match="no source"):
        read([])


@pytest.mark.parametrize("uri", [False, True])
def test_a_file_that_is_not_there_is_just_that(tmp_path, uri):
    path = tmp_path / "none.csv"
    with pytest.raises(FileNotFoundError):
        read(path.as_uri() if uri else path)


def test_several_files_are_several_quizzes_or_parts_of_one(tmp_path):
    for name in ("one", "two"):
        text = f"student_id,item_id,score\n{name},q,1\n"
        (tmp_path / f"{name}.csv").write_text(text)
    both = [tmp_path / "one.csv", tmp_path / "two.csv"]
    assert read(both).items["quiz_id"].to_pylist() == ["one", "two"]
    assert read(both, quiz_id="final").items["quiz_id"].to_pylist() == ["final"]


def test_the_problems_of_several_files_are_told_together():
    bad = "student_id,item_id,score\na,q,x\n"
    with pytest.raises(DataError) as caught:
        read([io.StringIO(bad), io.StringIO(TIDY), io.StringIO(bad)])
    assert caught.value.total == 2


def test_limits_are_said(monkeypatch):
    monkeypatch.setattr(_csv, "COLUMNS", 3)
    with pytest.raises(DataError, match="at most 3"):
        read(io.StringIO(TIDY))
    monkeypatch.setattr(_source, "BYTES", 3)
    with pytest.raises(DataError, match="at most 3 bytes"):
        read(io.StringIO(TIDY))


def test_a_row_beyond_the_limit_is_refused(monkeypatch):
    monkeypatch.setattr(_csv, "ROW_BYTES", 4096)
    monkeypatch.setattr(_csv, "_BLOCKS", (1024, 4096))
    short = "student_id,item_id,score\n" + "a,q,1\n" * 2000
    with pytest.raises(DataError, match="the same quiz"):
        read(io.StringIO(short))
    with pytest.raises(DataError, match="too long"):
        read(io.StringIO(short + "b,q," + "1" * 20_000 + "\n" + "a,q,1\n" * 2000))


def figures(responses, leave_out=()):
    """The figures of the items, by item; without what only names them."""
    rows = item_analysis(responses).to_pylist()
    return {
        row["item_id"]: {
            k: v for k, v in row.items() if k not in {*ENCODED, *leave_out}
        }
        for row in rows
    }


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_of_a_course_gives_the_same_figures(name):
    tables = [pq.read_table(COURSE / f"tidy{p}.parquet") for p in ("", "_items")]
    expected = figures(Responses.from_arrow(*tables))
    found = figures(read(COURSE / name))
    if name == "canvas_classic.csv":
        # It does not say what is not graded.
        del expected[UNGRADED_ESSAY], found[UNGRADED_ESSAY]
    assert found == expected


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_of_a_course_has_the_same_submissions(name):
    full = Responses.from_arrow(pq.read_table(COURSE / "tidy.parquet"))
    keys = ["student_id", "attempt", "submitted_at", "recorded_score"]
    order = [("student_id", "ascending"), ("attempt", "ascending")]
    found = read(COURSE / name).submissions.select(keys).sort_by(order)
    assert found.equals(full.submissions.select(keys).sort_by(order))


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_of_a_course_has_the_same_percentages(name):
    keys = ["student_id", "attempt", "points_possible", "score", "percent"]
    order = [("student_id", "ascending"), ("attempt", "ascending")]
    tidy = student_analysis(read(COURSE / "tidy.parquet"))
    found = student_analysis(read(COURSE / name))
    assert found.select(keys).sort_by(order).equals(tidy.select(keys).sort_by(order))
