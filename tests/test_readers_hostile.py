"""Whatever the bytes, reading gives `Responses` or a `DataError`, nothing else.

A reader that hangs is ended by pytest's own ``faulthandler_timeout``.
"""

import io
import json
import os
import time
from contextlib import suppress
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers_samples import CANVAS_ROWS, canvas, new_quizzes, new_quizzes_json

from quizanalysis.conventions import canvas_classic
from quizanalysis.conventions import new_quizzes as conventions_new_quizzes
from quizanalysis.errors import DataError
from quizanalysis.readers import FORMATS, read
from quizanalysis.readers.batches import read_batches
from quizanalysis.responses import Responses
from quizanalysis.writers import write_csv

TABLE = pa.table(
    {
        "quiz_id": ["q"] * 6,
        "student_id": ["007", "007", "Null", "Null", "=1", "=1"],
        "attempt": [1] * 6,
        "item_id": ["1", "2"] * 3,
        "response": [["a"], [], ["b", "c"], None, ["=x"], ["a;b"]],
        "score": [1, 0.5, None, 0, 1, -1],
        "status": pa.array(
            ["graded", None, "Not graded", "not_attempted", "graded", ""]
        ).dictionary_encode(),
        "submitted_at": pa.array([10**15] * 6, pa.timestamp("us", "UTC")),
        "elapsed_s": [1.5] * 6,
        "name": ["Zoë", "Zoë", "Null", "Null", "Test Student", "Test Student"],
        "section_names": [["A", "B"]] * 6,
    }
)

PAIRS = (r"a=>,b\,=>", "a=>'=x,b=>y", "", "")
PARTS = [
    (*row[:10], pairs, "0.0", *row[12:])
    for row, pairs in zip(CANVAS_ROWS, PAIRS, strict=True)
]


def samples():
    """One file of each format, and of those that we write as well ours."""
    files = {name: io.BytesIO() for name in ("tidy-csv", "tidy-parquet", "tidy-ipc")}
    write_csv(TABLE, files["tidy-csv"])
    pq.write_table(TABLE, files["tidy-parquet"])
    with pa.ipc.new_file(files["tidy-ipc"], TABLE.schema) as writer:
        writer.write_table(TABLE)
    lines = [json.dumps(row, default=str) for row in TABLE.to_pylist()]
    responses = read(io.StringIO(canvas(PARTS)))
    for report in (canvas_classic, conventions_new_quizzes):
        write_csv(report.student_analysis(responses), file := io.BytesIO())
        known = "canvas-classic" if report is canvas_classic else "new-quizzes-csv"
        files[f"{known} of ours"] = file
    texts = {
        "tidy-jsonl": "\n".join(lines),
        "canvas-classic": canvas(PARTS),
        "new-quizzes-csv": new_quizzes(),
        "new-quizzes-json": new_quizzes_json(),
    }
    return {name: file.getvalue() for name, file in files.items()} | {
        name: text.encode() for name, text in texts.items()
    }


SAMPLES = samples()
TOKENS = [
    *(b'"', b'""', b",", b";", b"\t", b"\n", b"\r", b"\0", b"\xff", b"'", b"=", b"-"),
    *(b"{", b"}", b"[", b"]", b":", b"null", b"true", b"NaN", b"1e400", b"0", b"1.5"),
    *(b"9" * 30, b"\\ud800", b"\xef\xbb\xbf", b"\xff\xfe", b"9999-99-99", b"25:61:00"),
    *(b"Test Student", b"Not Shown", b"Graded", b"=>", b"PAR1", b"ARROW1"),
]


@st.composite
def damaged(draw, sample):
    """Delete, insert, double, swap and overwrite parts of a file, or cut it off."""
    data = bytearray(sample)
    for _ in range(draw(st.integers(1, 8))):
        start = draw(st.integers(0, len(data)))
        length = draw(st.sampled_from([1, 1, 2, 8, 40, 300]))
        end = min(start + length, len(data))
        part = bytes(data[start:end])
        match draw(st.integers(0, 6)):
            case 0:
                data[start:end] = b""
            case 1:
                data[start:start] = draw(st.sampled_from(TOKENS))
            case 2:
                data[start:start] = part
            case 3:
                data[start:end] = draw(st.sampled_from(TOKENS))
            case 4:
                data[start:end] = draw(st.binary(min_size=1, max_size=4))
            case 5:
                other = draw(st.integers(0, len(data)))
                data[start:end] = data[other : other + length]
                data[other : other + length] = part
            case _ if draw(st.integers(0, 4)) == 0:
                del data[start:]
    return bytes(data)


def arbitrary(sample):
    """Bytes of any kind, also behind the sample's first line."""
    first = sample.split(b"\n", 1)[0] + b"\n"
    cells = st.sampled_from([*TOKENS, b"007", b"1", b"x", b"2026-01-01"])
    return st.one_of(
        st.binary(max_size=200),
        st.binary(max_size=200).map(sample[:8].__add__),
        st.lists(cells, max_size=40).map(lambda parts: first + b",".join(parts)),
        st.text(max_size=100).map(lambda text: first + text.encode("utf-8", "replace")),
    )


def check(name, data):
    """Read it as this format, and as the one that it looks like."""
    for format in (name.split()[0], None):  # noqa: A001
        try:
            responses = read(io.BytesIO(data), format)
        except DataError as error:
            found = error
        else:
            assert isinstance(responses, Responses)
            assert len(responses.to_arrow()) >= len(responses)
            continue
        assert found.problems
        assert str(found)


@pytest.mark.parametrize("name", SAMPLES)
def test_the_samples_are_read(name):
    assert name.split()[0] in FORMATS
    assert len(read(io.BytesIO(SAMPLES[name]))) >= 2


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=200)
@given(data=st.data())
def test_a_damaged_file_is_read_or_refused(name, data):
    check(name, data.draw(damaged(SAMPLES[name])))


@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=100)
@given(data=st.data())
def test_any_bytes_are_read_or_refused(name, data):
    check(name, data.draw(arbitrary(SAMPLES[name])))


@pytest.mark.slow
@pytest.mark.parametrize("name", SAMPLES)
@settings(max_examples=10_000)
@given(data=st.data())
def test_ten_thousand_files_are_read_or_refused(name, data):
    some = st.one_of(damaged(SAMPLES[name]), arbitrary(SAMPLES[name]))
    check(name, data.draw(some))


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("part", [b'"', b",", b"[", b"{", b"\n", b'"a', b"\0", b"'"])
def test_a_megabyte_of_one_thing_does_not_hang(name, part):
    first = SAMPLES[name].split(b"\n", 1)[0]
    for data in (part * 10**6, first + b"\n" + part * 10**6):
        check(name, data)


@pytest.mark.parametrize("name", SAMPLES)
@pytest.mark.parametrize("quiz_id", [None, "q"])
@settings(max_examples=50)
@given(data=st.data())
def test_several_damaged_files_are_read_or_refused(name, quiz_id, data):
    files = data.draw(st.lists(damaged(SAMPLES[name]), min_size=2, max_size=3))
    try:
        responses = read(list(map(io.BytesIO, files)), quiz_id=quiz_id)
    except DataError as error:
        problems = error.problems
    else:
        assert isinstance(responses, Responses)
        return
    assert problems
    assert all("input " in problem.table for problem in problems)


MARKUP = [
    *("<a ", '<a x="', "<a x='", "<!--", "<!-- a>", "<![", "<?", "</", "<a =", "&#9"),
    *('<a x="<b>" ', '<b " x="', "<script></script", "<img alt='", "<img x= ", "<"),
    *("<script>", "</a ", "&", "<a x='>\"", "]]>"),
]


def cost(data):
    start = time.process_time()
    with suppress(DataError):
        read(io.BytesIO(data))
    return time.process_time() - start


def doubled_costs(make, n):
    """How many times as long twice as much takes; 1 while that takes hardly any."""
    twice = min(cost(make(2 * n)) for _ in range(2))
    return 1 if twice < 0.2 else twice / max(cost(make(n)) for _ in range(2))


@pytest.mark.parametrize("part", MARKUP)
@pytest.mark.parametrize("end", ["", ">"])
def test_markup_that_is_never_closed_takes_time_by_its_length(part, end):
    def report(size):
        title = part * (size // len(part)) + end
        return new_quizzes(titles=[title, "b", "c"]).encode()

    assert doubled_costs(report, 20_000) < 3


@pytest.mark.parametrize("blank", [b" ", b"\n", b" \t"])
@pytest.mark.parametrize(
    ("start", "end"), [(b"[]", b"x"), (b"", b"x"), (b'{"a":[', b"x"), (b"[ ]}", b"]")]
)
def test_blanks_about_an_empty_array_take_time_by_their_length(blank, start, end):
    assert doubled_costs(lambda size: start + blank * size + end, 20_000) < 3


@pytest.mark.parametrize(
    ("markup", "title"),
    [
        ("Which holds if (a <![b])?", "Which holds if (a <![b])?"),
        ("x <![ y", "x <![ y"),
        ("<![if !supportLists]>a<![endif]>", "a"),
        ("<p>a <b", "a <b"),
        ("is a < b or <!-- c?", "is a < b or <!-- c?"),
        ("<img alt='a > b' src='/e'>", "a > b"),
        (f"&#{'9' * 5_000};", "\ufffd"),
        (f"&#{'0' * 5_000}65;", "A"),
    ],
)
def test_odd_markup_in_a_title(markup, title):
    responses = read(io.StringIO(new_quizzes(titles=[markup, "b", "c"])))
    assert responses.items["title"][0].as_py() == title


NESTED = {
    "a score": ('{"student_id":1,"item_id":2,"score":', "}", None),
    "a line": ('{"student_id":1,"item_id":2,"score":1}\n', "", None),
    "an attempt": ("", "", "new-quizzes-json"),
    "an attempt under a key": ('{"a":', "}", "new-quizzes-json"),
    "an item": ('[{"student_data":{"id":1},"item_responses":[', "]}]", None),
    "an id": ('[{"student_data":{"id":', '},"item_responses":[]}]', None),
    "a student": ('[{"student_data":', ',"item_responses":[]}]', None),
}


@pytest.mark.parametrize("form", NESTED)
def test_json_of_any_depth_is_refused(form):
    before, after, known = NESTED[form]

    def refused(depth, frames):
        if frames:
            return refused(depth, frames - 1)
        data = (before + "[" * depth + "]" * depth + after).encode()
        with pytest.raises(DataError) as caught:
            read(io.BytesIO(data), known)
        assert str(caught.value)
        assert caught.value.problems[0].hint is not None
        assert "cut off" not in str(caught.value)
        return True

    # Python gives up at a depth that depends on what is on its stack already.
    depths = [*range(850, 1_010, 1 if form == "a score" else 3), 5_000, 100_000]
    assert all(refused(depth, frames) for depth in depths for frames in (0, 1, 20))


def test_a_line_of_json_that_is_no_object_has_its_line_and_a_remedy(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"student_id":1,"item_id":2,"score":1}\n\n[]\n')
    said = []
    for each in (lambda: read(path), lambda: list(read_batches(path))):
        with pytest.raises(DataError, match=r"a.jsonl row 3: .*student_id") as caught:
            each()
        said.append(str(caught.value))
    assert said[0] == said[1]


def test_a_byte_order_mark_within_a_header_is_seen():
    with pytest.raises(DataError, match=r"begins with a, \\ufeffb;"):
        read(io.BytesIO("a,\ufeffb\nsome,words\n".encode()))


ROW = b"student_id,item_id,score\n1,q,1\n"


def odd_file(folder, name):
    path = os.fsencode(folder) + b"/" + name
    try:
        with open(path, "wb") as file:  # noqa: PTH123  bytes
            file.write(ROW)
    except OSError:
        pytest.skip("this file system takes only names that are text")
    return os.fsdecode(path)


def quizzes(responses):
    return responses.submissions["quiz_id"].unique().to_pylist()


def test_a_file_whose_name_is_no_text_is_read(tmp_path):
    path = odd_file(tmp_path, b"a\xff.csv")
    for each in (path, Path(path)):
        assert quizzes(read(each)) == ["a\ufffd"]
        assert [quizzes(batch) for batch in read_batches(each)] == [["a\ufffd"]]
    assert [quizzes(batch) for batch in read_batches(tmp_path)] == [["a\ufffd"]]


def test_files_whose_names_are_no_text_are_told_apart(tmp_path):
    paths = [odd_file(tmp_path, name) for name in (b"\xfe.csv", b"\xff.csv")]
    assert len(quizzes(read(paths))) == 2


def test_a_quiz_whose_name_is_no_text_is_refused():
    for each in (read, read_batches):
        with pytest.raises(ValueError, match="quiz_id must be text"):
            each(io.BytesIO(ROW), quiz_id="\ud800")
