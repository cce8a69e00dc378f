"""Columns of any Arrow type in the few types that the rest knows."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import unified


def plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values without views, run lengths and extension types.

    Raises
    ------
    pyarrow.ArrowException
        Where Arrow cannot tell the values.
    """
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return plain(column.cast(kind.storage_type))
    if pa.types.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return plain(pa.chunked_array(decoded, kind.value_type))
    if pa.types.is_dictionary(kind):
        return _decoded(column)
    if is_listed(kind):
        return plain_lists(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        column = column.cast(pa.string())
    elif pa.types.is_timestamp(kind) and kind != pa.timestamp(kind.unit):
        # It is in UTC whatever its zone, of which a damaged file may garble the name.
        column = column.cast(pa.timestamp(kind.unit, "UTC"))
    return column


def is_listed(kind: pa.DataType) -> bool:
    """Whether the values are lists of any of Arrow's kinds."""
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
        or pa.types.is_list_view(kind)
        or pa.types.is_large_list_view(kind)
    )


def plain_lists(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Lists of any kind as plain ones, of which null covers no values.

    Arrow lets a null, a slice or a view stand over values that belong to no list:
    `flatten` leaves these out, and `list_parent_indices` does not.
    """
    chunks = [_plain_lists(chunk) for chunk in column.chunks]
    if chunks:
        return pa.chunked_array(chunks)
    kind = plain(pa.chunked_array([], column.type.value_type)).type
    return pa.chunked_array([], pa.list_(kind))


def _plain_lists(lists: pa.Array) -> pa.Array:
    lists.validate(full=True)  # a view may point anywhere
    values = pa.chunked_array([lists.flatten()])
    # Lists within lists have no meaning here, however deep they are.
    if not is_listed(values.type):
        values = plain(values)
    lengths = np.asarray(pc.fill_null(pc.list_value_length(lists), 0), np.int64)
    return pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], np.cumsum(lengths)]), pa.int32()),
        values.combine_chunks(),
        mask=lists.is_null(),
    )


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A dictionary of texts as one of plain texts; any other as its values."""
    kind = column.type.value_type
    if pa.types.is_string(kind):
        return unified(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        # Arrow cannot cast a dictionary of views, only the views themselves.
        chunks = [
            pa.DictionaryArray.from_arrays(c.indices, c.dictionary.cast(pa.string()))
            for c in column.chunks
        ]
        coded = pa.dictionary(column.type.index_type, pa.string())
        return unified(pa.chunked_array(chunks, coded))
    return plain(
        pa.chunked_array([c.dictionary.take(c.indices) for c in column.chunks], kind)
    )
