"""How much is read at once, and what to do with more."""

from itertools import chain
from typing import TYPE_CHECKING

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis.readers._ipc_sizes import batch_sizes
from quizanalysis.readers._parquet_values import values_by_group

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile

    from quizanalysis.readers._source import Request

__all__ = ["BYTES", "NO_ROOM", "ROWS", "check_ipc", "check_parquet", "check_texts"]

NO_ROOM = (MemoryError, pa.ArrowCapacityError)
"""How Python, numpy and Arrow say that something is too large to be held."""

ROWS = 40_000_000
"""The most rows of Parquet or Arrow that are read at once, which take about 5 GB."""

_IN_A_LIST = 4
"""Values that a row may have in a column of lists, on average."""

BYTES = 4 << 30
"""The most bytes of a file that are held, as it is or unpacked."""


def check_parquet(request: "Request", file: "ParquetFile", *, whole: bool) -> None:
    """Refuse more than can be held: of the whole file, or of one group of rows."""
    known = file.metadata
    groups = [known.row_group(at) for at in range(known.num_row_groups)]
    sizes = [group.total_byte_size for group in groups]
    schema = file.schema
    values = [0]  # of lists: other columns have as many as there are rows
    if any(schema.column(at).max_repetition_level for at in range(len(schema))):
        values += [n // _IN_A_LIST for n in values_by_group(request.file)]
    if whole:
        _check_whole(request, max(known.num_rows, sum(values)), sum(sizes))
    else:
        _check_part(request, max(values), max(sizes, default=0), "row group")


def check_ipc(request: "Request", *, whole: bool) -> None:
    """Refuse more than can be held: of the whole file, or of one record batch."""
    all_rows = all_bytes = 0
    for length, values, n_bytes in batch_sizes(request.file):
        rows = max(length, values // _IN_A_LIST)
        all_rows, all_bytes = all_rows + rows, all_bytes + n_bytes
        if whole:
            _check_whole(request, all_rows, all_bytes)
        else:
            _check_part(request, rows, n_bytes, "record batch")


def check_texts(request: "Request", table: pa.Table) -> None:
    """Refuse rows whose texts, each of which is held once, are too many written out."""
    chunks = chain.from_iterable(column.chunks for column in table.columns)
    n_bytes = sum(_written_out(c) for c in chunks if pa.types.is_dictionary(c.type))
    if n_bytes > BYTES:
        raise request.fault(
            f"{n_bytes:,} bytes of text in {table.num_rows:,} rows",
            hint=f"at most {BYTES:,} bytes at once; give a smaller batch_rows=",
        )


def _written_out(coded: pa.DictionaryArray) -> int:
    words = coded.dictionary
    if not pa.types.is_string(words.type) or words.nbytes * len(coded) <= BYTES:
        return 0
    sizes = pc.binary_length(words).cast(pa.int64())
    return int(pc.sum(sizes.take(coded.indices)).as_py() or 0)


def _check_whole(request: "Request", rows: int, n_bytes: int) -> None:
    if rows > ROWS or n_bytes > BYTES:
        raise request.too_large(_said(rows, n_bytes))


def _check_part(request: "Request", rows: int, n_bytes: int, what: str) -> None:
    if rows > ROWS or n_bytes > BYTES:
        raise request.fault(
            f"a {what} of {_said(rows, n_bytes)}",
            hint=f"write it once more, with a million rows to a {what}",
        )


def _said(rows: int, n_bytes: int) -> str:
    if rows > ROWS:
        return (
            f"more than {ROWS:,} rows, or {_IN_A_LIST} values in lists for each of so "
            "many, which is the most that is read at once"
        )
    return f"{n_bytes:,} bytes when unpacked; at most {BYTES:,} bytes at once"
