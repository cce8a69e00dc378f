"""Every file of ``fixtures/hostile`` is read or refused in words, by either way.

A reader that hangs is ended by pytest's own ``faulthandler_timeout``.
"""

import json
import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import quizanalysis as qa

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "fixtures" / "hostile"
NOT_READ = {"ORIGIN.md", "make.py", "expected.json"}
FILES = sorted(p.name for p in FOLDER.iterdir() if p.is_file())
EXPECTED = json.loads((FOLDER / "expected.json").read_text(encoding="utf-8"))

SHARED = ROOT.parent / "shared" / "cases" / "hostile"
CASES = sorted(
    path.relative_to(SHARED).as_posix()
    for path in SHARED.glob("*/*")
    if path.suffix not in {".md", ".py"}
)

PENDING: tuple[str, ...] = ()
"""What the tables of any source break, and the length of a message."""

READ = {
    "read": qa.read,
    "batches": lambda path: list(qa.read_batches(path)),
}
LONGEST = 500


def outcome(how, path):
    """The message of the `DataError`; None where there are `Responses`."""
    try:
        found = READ[how](path)
    except qa.DataError as error:
        return str(error)
    assert all(
        isinstance(one, qa.Responses)
        for one in (found if how == "batches" else [found])
    )
    return None


def check_lines(message):
    for line in message.split("\n"):
        assert len(line) <= LONGEST
        assert not any(unicodedata.category(c) in {"Cc", "Cs"} for c in line)
        assert not any(unicodedata.bidirectional(c) in {"RLO", "LRO"} for c in line)


@pytest.mark.parametrize("how", READ)
@pytest.mark.parametrize("name", [name for name in FILES if name not in NOT_READ])
def test_a_file_of_the_corpus_ends_as_it_should(name, how):
    said = outcome(how, FOLDER / name)
    if said is not None:
        check_lines(said)
    if name in EXPECTED:
        pattern = EXPECTED[name][how]
        assert (said is None) == (pattern is None)
        assert said is None or re.search(pattern, said)


def test_each_expectation_has_a_file_and_each_file_is_small():
    assert set(EXPECTED) <= set(FILES)
    assert all((FOLDER / name).stat().st_size < 60_000 for name in FILES)


def marks(case, how):
    if case.startswith(PENDING):
        return [pytest.mark.xfail(reason="not mended in the readers", strict=False)]
    return [pytest.mark.slow] if (case, how) == ("11/bomb.parquet", "batches") else []


@pytest.mark.skipif(not CASES, reason="no folder of cases beside this one")
@pytest.mark.parametrize(
    ("case", "how"),
    [
        pytest.param(case, how, marks=marks(case, how))
        for case in CASES or ["none"]
        for how in READ
    ],
)
def test_a_case_that_was_found_is_read_or_refused(case, how):
    said = outcome(how, SHARED / case)
    if said is not None:
        check_lines(said)


LIMITED = """
import resource, sys
import pyarrow.parquet, quizanalysis as qa, quizanalysis.readers.batches
used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (used + (int(sys.argv[3]) << 20),) * 2)
try:
    read = {"read": qa.read, "batches": lambda path: list(qa.read_batches(path))}
    read[sys.argv[2]](sys.argv[1])
except qa.DataError as error:
    print(error)
"""


def said_with_memory(path, how, megabytes):
    """What is said of a file where no more memory can be had."""
    if not Path("/proc/self/statm").exists():
        pytest.skip("the limit is one of Linux")
    command = [sys.executable, "-c", LIMITED, str(path), how, str(megabytes)]
    ran = subprocess.run(command, check=False, capture_output=True, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def repeated(n):
    """So many equal rows, which pack well."""
    nothing = pa.array(np.zeros(n, np.int8))
    return pa.table(dict.fromkeys(("student_id", "item_id", "score"), nothing))


@pytest.fixture(scope="module")
def bombs(tmp_path_factory):
    """Files of some kilobytes with more rows than are read at once."""
    folder = tmp_path_factory.mktemp("bombs")
    table = repeated(41_000_000)
    pq.write_table(table, folder / "rows.parquet")
    n = 161_000_000
    words = pa.DictionaryArray.from_arrays(np.zeros(n, np.int8), ["a"])
    answer = pa.ListArray.from_arrays(pa.array([0, n], pa.int32()), words)
    listed = repeated(1).append_column("response", answer)
    pq.write_table(listed, folder / "list.parquet", store_schema=False)
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    for name, made in (("stream", pa.ipc.new_stream), ("file", pa.ipc.new_file)):
        with made(folder / f"{name}.arrow", table.schema, options=options) as writer:
            writer.write_table(table, max_chunksize=5_000_000)
    return folder


@pytest.mark.parametrize(
    "name", ["rows.parquet", "list.parquet", "stream.arrow", "file.arrow"]
)
def test_what_is_too_large_is_refused_before_it_is_unpacked(bombs, name):
    assert (bombs / name).stat().st_size < 1_000_000
    said = said_with_memory(bombs / name, "read", 100)
    assert f"qa.read_batches('{name}')" in said
    assert "40,000,000 rows" in said


@pytest.mark.parametrize(
    ("kind", "megabytes"),
    # Less than the text itself takes: within its CSV parser Arrow ends the process.
    [("parquet", 120), ("csv", 12)],
)
def test_what_does_not_fit_into_the_memory_is_a_data_error(tmp_path, kind, megabytes):
    n = 2_000_000
    place = np.arange(n)
    table = pa.table(
        {"student_id": place // 50, "item_id": place % 50, "score": place % 2}
    )
    path = tmp_path / f"rows.{kind}"
    pq.write_table(table, path) if kind == "parquet" else qa.write_csv(table, path)
    said = said_with_memory(path, "read", megabytes)
    assert (
        f"does not fit into the memory; qa.Tally.of(qa.read_batches('{path.name}'))"
        in said
    )
    assert "cut off" not in said


def test_a_record_batch_that_does_not_fit_is_a_data_error():
    said = said_with_memory(FOLDER / "rows.arrow", "batches", 100)
    assert "a record batch of more than 40,000,000 rows" in said


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
def test_a_long_text_that_all_rows_share_is_not_written_out(tmp_path, kind):
    n = 200_000  # times 100 kB: 20 GB
    text = pa.DictionaryArray.from_arrays(np.zeros(n, np.int32), ["x" * 100_000])
    table = repeated(n).drop_columns("student_id")
    table = table.append_column("student_id", pa.array(np.arange(n)))
    table = table.append_column("response", text)
    path = tmp_path / f"rows.{kind}"
    if kind == "parquet":
        pq.write_table(table, path, store_schema=False)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table)
    assert said_with_memory(path, "read", 1_000) == ""
    assert "6,250,000,000 bytes of text" in said_with_memory(path, "batches", 1_000)
