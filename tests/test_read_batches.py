"""Reading batch by batch: what it adds up to is what reading at once gives."""

import json
import random
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spread_parts import bytes_of, course
from strategies import tables, tidy

import quizanalysis as qa

COURSE = course()


def write(table, path, kind):
    """Write a tidy table in one of the formats."""
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=7)
    elif kind == "feather":
        pf.write_feather(table, path, chunksize=5)
    elif kind == "stream":
        with pa.ipc.new_stream(str(path), table.schema) as writer:
            writer.write_table(table, max_chunksize=4)
    elif kind == "csv":
        qa.write_csv(table, path)
    else:
        lines = [
            json.dumps(row, default=str, ensure_ascii=False)
            for row in table.to_pylist()
        ]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


KINDS = ("parquet", "feather", "stream", "csv", "jsonl")


def tally_of(batches, attempt="last"):
    return qa.Tally.of(batch.attempts(attempt) for batch in batches)


def shuffled(table, seed=1):
    order = list(range(table.num_rows))
    random.Random(seed).shuffle(order)  # noqa: S311
    return table.take(pa.array(order))


@pytest.fixture
def spills(tmp_path):
    """A folder for what is put on disk, which has to be empty in the end."""
    place = tmp_path / "spills"
    place.mkdir()
    yield place
    assert list(place.iterdir()) == []


# ---- the same as at once --------------------------------------------------------


@given(
    drawn=tidy(students=6),
    kind=st.sampled_from(KINDS),
    rows=st.integers(1, 40),
    attempt=st.sampled_from(["first", "last", "best", "kept", "all"]),
    clustered=st.sampled_from([None, False]),
    turn=st.one_of(st.none(), st.integers(0, 99)),
    n_files=st.integers(1, 3),
)
def test_batches_add_up_to_the_whole(
    drawn, kind, rows, attempt, clustered, turn, n_files
):
    table, items = tables(*drawn)
    table = table if turn is None else shuffled(table, turn)
    expected = qa.Responses.from_arrow(table, items).attempts(attempt)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        size = -(-table.num_rows // n_files) or 1
        for at in range(-(-table.num_rows // size)):
            write(table.slice(at * size, size), place / f"{at}.{kind}", kind)
        batches = qa.read_batches(
            place, batch_rows=rows, clustered=clustered, items=items, quiz_id=None
        )
        tally = tally_of(batches, attempt)
    assert bytes_of(tally) == bytes_of(qa.Tally.of(expected))
