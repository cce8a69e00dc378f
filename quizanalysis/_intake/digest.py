"""One number for all that `Responses` or a tally hold."""

import hashlib
from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.options import Options
from quizanalysis._intake.tidy import Cells


def digest(tables: Iterable[pa.Table], cells: Cells, options: Options) -> str:
    """SHA-256 of these values, in this order."""
    total = hashlib.sha256()
    for table in tables:
        for column in table.columns:
            _feed(total, column)
    for array in (
        cells.submission,
        cells.item,
        cells.score,
        cells.state,
        cells.position,
        options.chosen_cell,
        options.chosen_option,
    ):
        total.update(np.ascontiguousarray(array, "<i8").tobytes())
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
    array = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_dictionary(array.type):
        array = array.cast(array.type.value_type)
    total.update(b"%d of %d null" % (array.null_count, len(array)))
    if array.null_count:
        total.update(np.packbits(np.asarray(array.is_valid(), bool)).tobytes())
    elif pa.types.is_integer(array.type):
        total.update(np.ascontiguousarray(array, "<i8").data)
        return
    if pa.types.is_list(array.type):
        lengths = pc.fill_null(pc.list_value_length(array), 0)
        total.update(np.asarray(lengths, "<i8").tobytes())
        _feed(total, array.flatten())
    elif pa.types.is_string(array.type):
        lengths = pc.fill_null(pc.binary_length(array), 0)
        total.update(np.asarray(lengths, "<i8").tobytes())
        total.update("".join(array.drop_null().to_pylist()).encode())
    elif pa.types.is_floating(array.type):
        total.update(np.asarray(array.fill_null(0.0), "<f8").tobytes())
    elif pa.types.is_boolean(array.type):
        total.update(np.packbits(np.asarray(array.fill_null(False), bool)).tobytes())
    else:
        total.update(np.asarray(array.cast(pa.int64()).fill_null(0), "<i8").tobytes())
