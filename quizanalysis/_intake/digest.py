"""One number for all that `Responses` or a tally hold."""

import hashlib
from collections.abc import Iterable
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.options import Options
from quizanalysis._intake.tidy import Cells
from quizanalysis.progress import QUIET, Meter


def digest(
    tables: Iterable[pa.Table], cells: Cells, options: Options, meter: Meter = QUIET
) -> str:
    """SHA-256 of these values, in this order."""
    total = hashlib.sha256()
    for table in tables:
        for column in table.columns:
            _feed(total, column)
    meter.at(0.1)
    arrays = (
        cells.submission,
        cells.item,
        cells.score,
        cells.state,
        cells.position,
        options.chosen_cell,
        options.chosen_option,
    )
    for done, array in enumerate(arrays, 1):
        _feed_whole(total, np.ascontiguousarray(array, "<i8"))
        meter.at(0.1 + 0.8 * done / len(arrays))
    if cells.response is not None:
        _feed(total, cells.response)
    return f"sha256:{total.hexdigest()}"


def digest_of_tables(tables: Iterable[pa.Table], *words: str) -> str:
    """SHA-256 of these words and tables, in this order."""
    total = hashlib.sha256("\n".join(words).encode())
    for table in tables:
        for column in table.columns:
            _feed(total, column)
    return f"sha256:{total.hexdigest()}"


def _feed(total: "hashlib._Hash", column: pa.ChunkedArray) -> None:
    """Hash a column by its values: where they end, then what they are."""
    array = _whole(column) if isinstance(column, pa.ChunkedArray) else column
    kind = array.type
    if pa.types.is_dictionary(kind):
        array = array.cast(kind.value_type)
        kind = array.type
    total.update(b"%d of %d null" % (array.null_count, len(array)))
    if array.null_count:
        total.update(np.packbits(np.asarray(array.is_valid(), bool)).tobytes())
    if pa.types.is_list(kind):
        _feed_lengths(total, pc.list_value_length(array))
        _feed(total, array.flatten())
    elif pa.types.is_string(kind):
        _feed_lengths(total, pc.binary_length(array))
        total.update(_letters(array.drop_null() if array.null_count else array))
    elif pa.types.is_floating(kind):
        total.update(_plain(array, 0.0, "<f8").data)
    elif pa.types.is_boolean(kind):
        total.update(np.packbits(_plain(array, False, "?")).data)
    else:
        whole = array if pa.types.is_integer(kind) else array.cast(pa.int64())
        _feed_whole(total, _plain(whole, 0, "<i8"))


def _whole(column: pa.ChunkedArray) -> pa.Array:
    """One array; to combine the chunks would copy even a single one."""
    return column.chunk(0) if column.num_chunks == 1 else column.combine_chunks()


def _letters(texts: pa.Array) -> memoryview:
    """The texts one after the other, in UTF-8."""
    if not len(texts):
        return memoryview(b"")
    _, ends, letters = texts.buffers()
    kind = "<i4" if pa.types.is_string(texts.type) else "<i8"
    at = np.frombuffer(ends, kind)[texts.offset : texts.offset + len(texts) + 1]
    return memoryview(letters or b"")[at[0] : at[-1]]


def _feed_lengths(total: "hashlib._Hash", lengths: pa.Array) -> None:
    _feed_whole(total, _plain(lengths, 0, "<i8"))


def _feed_whole(total: "hashlib._Hash", values: npt.NDArray[np.int64]) -> None:
    """Hash whole numbers as narrow as they fit: hashing is slower than narrowing."""
    low, high = int(values.min(initial=0)), int(values.max(initial=0))
    width = next(w for w in (1, 2, 4, 8) if -(2 ** (8 * w - 1)) <= low
                 and high < 2 ** (8 * w - 1))  # fmt: skip
    total.update(b"in bytes: %d" % width)
    total.update(values.astype(f"<i{width}", copy=False).data)


def _plain(array: pa.Array, null: float, kind: str) -> npt.NDArray[Any]:
    """Values as numpy, in an order of bytes that is the same on every machine."""
    filled = array.fill_null(null) if array.null_count else array
    return np.ascontiguousarray(filled, kind)
