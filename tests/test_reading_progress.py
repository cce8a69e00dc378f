"""What a callback is told while files are read, and what is left when it raises."""

import gzip
import io
import threading
from itertools import count
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import feather, parquet

import quizanalysis as qa
from quizanalysis._intake.columns import unified

FIXTURES = Path(__file__).parents[1] / "fixtures"
ERRORS = [OSError, KeyboardInterrupt]


class Listener:
    """Notes what it is told; raises an error at one of the calls."""

    def __init__(self, at=None, error=None):
        self.seen, self.at, self.error = [], at, error

    def __call__(self, done, total):
        self.seen.append((done, total))
        if len(self.seen) == self.at:
            raise self.error


@pytest.fixture(autouse=True)
def every_call(monkeypatch):
    """A clock by which each call comes late enough to be passed on."""
    monkeypatch.setattr("quizanalysis.progress.monotonic", count().__next__)


def tidy(students=400, items=5):
    """Rows of scores and answers."""
    n = students * items
    right = np.arange(n) * 7 % 5 > 1
    return pa.table(
        {
            "student_id": np.repeat([f"s{at}" for at in range(students)], items),
            "item_id": np.tile([f"q{at}" for at in range(items)], students),
            "response": np.where(right, "A", "B"),
            "score": right.astype(float),
        }
    )


def written(folder, kind):
    """A file of each form."""
    path, table = folder / f"quiz.{kind}", tidy()
    if kind == "csv":
        qa.write_csv(table, path)
    elif kind == "jsonl":
        rows = io.BytesIO()
        table.to_pandas().to_json(rows, orient="records", lines=True)
        path.write_bytes(rows.getvalue())
    elif kind == "parquet":
        parquet.write_table(table, path)
    else:
        feather.write_feather(table, path, compression="uncompressed")
    return path


@pytest.mark.parametrize("kind", ["csv", "jsonl", "parquet", "arrow"])
def test_reading_is_told_in_bytes_from_nothing_to_all(tmp_path, kind):
    path, heard = written(tmp_path, kind), Listener()
    told = qa.read(path, progress=heard)
    size = path.stat().st_size
    done = [at for at, _ in heard.seen]
    assert {total for _, total in heard.seen} == {size}
    assert (done[0], done[-1]) == (0, size)
    assert done == sorted(set(done))
    assert len(done) >= 20
    quiet = qa.read(path)
    assert told == quiet
    assert told.digest == quiet.digest


@pytest.mark.parametrize(
    "name",
    ["tidy.parquet", "canvas_classic.csv", "new_quizzes.csv", "new_quizzes.json"],
)
def test_every_format_gives_the_same_with_a_callback(name):
    path, heard = FIXTURES / "course" / name, Listener()
    assert qa.read(path, progress=heard).digest == qa.read(path).digest
    size = path.stat().st_size
    assert (heard.seen[0], heard.seen[-1]) == ((0, size), (size, size))
    assert len(heard.seen) >= 20


def test_each_block_of_a_file_is_told(tmp_path, monkeypatch):
    path = written(tmp_path, "csv")
    monkeypatch.setattr("quizanalysis.readers._csv._BLOCKS", (512, 1 << 20))
    monkeypatch.setattr("quizanalysis.readers._source._PIECE", 1_024)
    heard = Listener()
    told = qa.read(path, progress=heard)
    assert len(heard.seen) >= 20 + path.stat().st_size // 1_024 // 2
    assert told == qa.read(path)


def test_several_files_count_together(tmp_path):
    paths = []
    for at, students in enumerate((400, 4, 40)):
        paths.append(tmp_path / f"quiz{at}.csv")
        qa.write_csv(tidy(students), paths[-1])
    sizes = [path.stat().st_size for path in paths]
    heard = Listener()
    told = qa.read(paths, progress=heard)
    assert heard.seen[0] == (0, sum(sizes))
    assert heard.seen[-1] == (sum(sizes), sum(sizes))
    assert told == qa.read(paths)
    done = [at for at, _ in heard.seen]
    assert done == sorted(set(done))
    assert max(np.diff(done)) <= 0.2 * sum(sizes)


@pytest.mark.parametrize("several", [False, True])
@pytest.mark.parametrize("error", ERRORS)
def test_wherever_the_callback_raises_reading_ends(tmp_path, several, error):
    path = written(tmp_path, "csv")
    source = path
    if several:
        source = [path, tmp_path / "second.csv"]
        qa.write_csv(tidy(30), source[1])
    whole = Listener()
    qa.read(source, progress=whole)
    threads = threading.active_count()
    raised = error(4, "no more")
    for at in range(1, len(whole.seen) + 1):
        heard = Listener(at, raised)
        with pytest.raises(error) as caught:
            qa.read(source, progress=heard)
        assert caught.value is raised
        assert heard.seen == whole.seen[:at]
    assert threading.active_count() == threads
    path.rename(tmp_path / "moved.csv")  # nothing holds it open, which Windows minds


@pytest.mark.parametrize("error", [ValueError("stop"), LookupError()])
def test_what_the_callback_raises_is_no_fault_of_the_file(tmp_path, error):
    for kind in ("csv", "jsonl", "parquet", "arrow"):
        path = written(tmp_path, kind)
        whole = Listener()
        qa.read(path, progress=whole)
        for at in range(1, len(whole.seen) + 1, 3):
            with pytest.raises(type(error)) as caught:
                qa.read(path, progress=Listener(at, error))
            assert caught.value is error


def test_open_files_tell_their_size_and_pipes_count_as_a_mebibyte(tmp_path):
    data = written(tmp_path, "csv").read_bytes()
    for source, size in (
        (io.BytesIO(data), len(data)),
        (io.StringIO(data.decode()), len(data)),
        (gzip.GzipFile(fileobj=io.BytesIO(gzip.compress(data))), len(data)),
        (Pipe(data), 1 << 20),
    ):
        heard = Listener()
        qa.read(source, progress=heard)
        assert heard.seen[0] == (0, size)
        assert heard.seen[-1] == (size, size)


class Pipe(io.BytesIO):
    """A file that can be read only once, from its beginning to its end."""

    def seekable(self):
        return False

    def seek(self, *_):
        raise io.UnsupportedOperation

    tell = seek


def test_a_file_that_is_wrong_or_not_there_says_so_all_the_same(tmp_path):
    path = tmp_path / "quiz.csv"
    with pytest.raises(FileNotFoundError):
        qa.read(path, progress=Listener())
    path.write_text("student_id,item_id,score\nann,q1,1\nbob,q1,1,2\n")
    heard = Listener()
    with pytest.raises(qa.DataError, match="number of cells"):
        qa.read(path, progress=heard)
    assert heard.seen[-1][0] < path.stat().st_size


def test_tables_of_arrow_are_told_in_rows():
    heard = Listener()
    told = qa.Responses.from_arrow(tidy(), progress=heard)
    assert (heard.seen[0], heard.seen[-1]) == ((0, 2_000), (2_000, 2_000))
    assert len(heard.seen) >= 20
    assert told == qa.Responses.from_arrow(tidy())


def test_a_dictionary_that_all_chunks_share_is_not_hashed_again():
    words = [f"student {at}" for at in range(100)]
    column = pa.chunked_array(
        [pa.array(words[at : at + 50]).dictionary_encode() for at in range(0, 60, 10)]
    )
    once = unified(column)
    assert once.to_pylist() == column.to_pylist()
    assert unified(once) is once
    halves = [chunk for one in once.chunks for chunk in (one[:9], one[9:])]
    again = pa.chunked_array(halves)
    assert unified(again) is again
    assert unified(column) is not column


@pytest.mark.parametrize("words", [[], [""], ["", None], [None]])
def test_dictionaries_of_nothing_are_unified_as_well(words):
    coded = pa.array(words, pa.string()).dictionary_encode()
    column = pa.chunked_array([coded, coded, pa.array([""]).dictionary_encode()])
    assert unified(column).to_pylist() == [*words, *words, ""]
    assert unified(column[: 2 * len(words)]).to_pylist() == [*words, *words]
