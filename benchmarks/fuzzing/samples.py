"""Small valid files of each format, the seeds that are damaged.

The exports are the first students and questions of ``fixtures/course``: the shape is
the real one, and reading a few cells takes a hundredth of the time of reading all.
"""

import csv
import io
import json
from functools import cache
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

import quizanalysis as qa

_COURSE = Path(__file__).parents[2] / "fixtures/course"
_STUDENTS, _QUESTIONS = 2, 2

_SMALL = pa.table(
    {
        "student_id": ["007", "007", "8"],
        "item_id": ["1", "2", "1"],
        "score": pa.array([1, 0.5, None], pa.float64()),
    }
)
_FULL = pa.table(
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
        "recorded_score": [1.5, 1.5, None, None, 0.0, 0.0],
        "points_possible": [1.0, 2.0] * 3,
        "title": ["What?", "Say"] * 3,
        "position": [1, 2] * 3,
        "name": ["Zoë", "Zoë", "Null", "Null", "Test Student", "Test Student"],
        "section_names": [["A", "B"]] * 6,
    }
)
TABLES = (_SMALL, _SMALL, _SMALL, _FULL.select([*range(8)]), _FULL)
"""Tidy tables, from the fewest columns to nearly all; the small are read faster."""


@cache
def samples(name: str) -> tuple[bytes, ...]:
    """Valid files of one format."""
    if name == "canvas-classic":
        return (_columns(name, lead=8, block=2, last=3),)
    if name == "new-quizzes-csv":
        return (_columns(name, lead=9, block=5, last=5),)
    if name == "new-quizzes-json":
        return (_records(),)
    return tuple(map(WRITERS[name], TABLES))


def _columns(name: str, lead: int, block: int, last: int) -> bytes:
    """The first students and questions of a wide export."""
    path = _COURSE / f"{name.replace('-csv', '').replace('-', '_')}.csv"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(islice(csv.reader(file), _STUDENTS + 1))
    text = io.StringIO(newline="")
    end = lead + _QUESTIONS * block
    csv.writer(text, lineterminator="\n").writerows(
        [*row[:end], *row[-last:]] for row in rows
    )
    return text.getvalue().encode()


def _records() -> bytes:
    records = json.loads((_COURSE / "new_quizzes.json").read_bytes())[:_STUDENTS]
    for record in records:
        record["item_responses"] = record["item_responses"][:_QUESTIONS]
    return json.dumps(records, ensure_ascii=False).encode()


def _csv(table: pa.Table) -> bytes:
    qa.write_csv(table, file := io.BytesIO())
    return file.getvalue()


def _jsonl(table: pa.Table) -> bytes:
    rows = table.to_pylist()
    return "\n".join(json.dumps(row, default=str) for row in rows).encode()


def _parquet(table: pa.Table) -> bytes:
    pq.write_table(table, file := io.BytesIO())
    return file.getvalue()


def _ipc_file(table: pa.Table) -> bytes:
    with pa.ipc.new_file(file := io.BytesIO(), table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


def _ipc_stream(table: pa.Table) -> bytes:
    with pa.ipc.new_stream(file := io.BytesIO(), table.schema) as writer:
        writer.write_table(table)
    return file.getvalue()


WRITERS = {
    "tidy-csv": _csv,
    "tidy-jsonl": _jsonl,
    "tidy-parquet": _parquet,
    "tidy-ipc": _ipc_file,
    "tidy-ipc-stream": _ipc_stream,
}
"""What writes a tidy table in each format."""
