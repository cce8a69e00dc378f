"""All rows of a student at a quiz in one table, whatever order they come in."""

import shutil
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Ints
from quizanalysis.errors import DataError, Problem
from quizanalysis.readers._order import hashes
from quizanalysis.readers._plain import ROW

_BUCKETS = 256
"""At most so many files are open at a time."""

_MOST = 10_000_000
"""Rows of one student that are held: what it takes about a gigabyte to analyse."""

_DEEP = 3
_BUCKET = "bucket"


def runs(tables: Iterable[pa.Table], rows: int) -> Iterator[pa.Table]:
    """Cut rows that stand together where a student begins, the rest carried over."""
    held: list[pa.Table] = []
    n, limit = 0, rows
    for table in tables:
        held.append(table)
        n += table.num_rows
        if n < limit:
            continue
        whole = pa.concat_tables(held)
        cut = _last_begins(whole)
        if cut:
            yield whole.slice(0, cut)
        held, n = [whole.slice(cut)], n - cut
        _check(n, held[0])
        # A student with more rows than a batch is looked at again when they doubled.
        limit = rows if cut else 2 * n
    if n:
        yield pa.concat_tables(held)


def _check(n: int, table: pa.Table) -> None:
    """Refuse to hold a student whose rows are no student's."""
    if n > _MOST:
        problem = Problem(
            table="responses",
            column="student_id",
            value=str(table["student_id"][0]),
            message=f"more than {_MOST:,} rows of one student at one quiz",
            hint="is it the column that tells students apart?",
        )
        raise DataError([problem])


def _last_begins(table: pa.Table) -> int:
    """The row at which the rows of the last one begin."""
    size = 1024
    while True:
        start = max(0, table.num_rows - size)
        same = np.ones(table.num_rows - start, bool)
        for name in ("quiz_id", "student_id"):
            tail = table[name].slice(start).cast(pa.string())
            equal = pc.fill_null(pc.equal(tail, tail[-1]), False)
            same &= np.asarray(equal, bool)
        other = np.flatnonzero(~same)
        if len(other) or not start:
            return start + int(other[-1]) + 1 if len(other) else 0
        size *= 16


def scattered(
    tables: Iterable[pa.Table], n: int, rows: int, folder: str | None
) -> Iterator[pa.Table]:
    """Bring rows in any order together, by way of files in a temporary folder."""
    if n <= rows:
        whole = list(tables)
        if whole:
            yield pa.concat_tables(whole)
        return
    with TemporaryDirectory(prefix="quizanalysis-", dir=folder) as place:
        yield from _parted(tables, n, rows, Path(place), 0)


def _parted(
    tables: Iterable[pa.Table], n: int, rows: int, folder: Path, depth: int
) -> Iterator[pa.Table]:
    """Put rows into files by the hash of who they are of; read file by file."""
    n_buckets = min(_BUCKETS, -(-n // rows))
    sizes = np.zeros(n_buckets, np.int64)
    _write(tables, n_buckets, sizes, folder, depth)
    for bucket in np.flatnonzero(sizes):
        place = folder / str(bucket)
        n_here = int(sizes[bucket])
        if n_here > 2 * rows and depth == _DEEP:
            _check(n_here, next(_read(place)))
        if n_here <= 2 * rows or depth == _DEEP:
            whole = pa.concat_tables(list(_read(place)))
            yield whole.sort_by(ROW)
        else:
            deeper = folder / f"{bucket}-parted"
            yield from _parted(_read(place), n_here, rows, deeper, depth + 1)
            shutil.rmtree(deeper)
        shutil.rmtree(place)


def _write(
    tables: Iterable[pa.Table],
    n_buckets: int,
    sizes: Ints,
    folder: Path,
    depth: int,
) -> None:
    from pyarrow import dataset  # noqa: PLC0415  slow to import

    def batches(several: Iterable[pa.Table]) -> Iterator[pa.RecordBatch]:
        for table in several:
            _, pair = hashes(table)
            bucket = (pair >> np.uint64(16 * depth)) % np.uint64(n_buckets)
            sizes[:] += np.bincount(bucket.astype(np.int64), minlength=n_buckets)
            plain = _decoded(table).append_column(
                _BUCKET, pa.array(bucket.astype(np.int32))
            )
            yield from plain.combine_chunks().to_batches()

    several = iter(tables)
    first = next(several, None)
    if first is None:
        return
    kind = dataset.IpcFileFormat()
    dataset.write_dataset(
        batches(chain([first], several)),
        folder,
        format=kind,
        schema=_decoded(first).schema.append(pa.field(_BUCKET, pa.int32())),
        partitioning=dataset.partitioning(pa.schema([(_BUCKET, pa.int32())])),
        file_options=kind.make_write_options(compression="lz4"),
        max_open_files=2 * _BUCKETS,
        use_threads=False,
    )


def _decoded(table: pa.Table) -> pa.Table:
    """Plain texts, which take less room in many small pieces than their numbers."""
    columns = [
        column.cast(pa.string()) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(columns, names=table.column_names)


def _read(place: Path) -> Iterator[pa.Table]:
    for path in sorted(place.iterdir()):
        with pa.OSFile(str(path)) as file:
            reader = pa.ipc.open_file(file)
            for at in range(reader.num_record_batches):
                yield pa.Table.from_batches([reader.get_batch(at)])
