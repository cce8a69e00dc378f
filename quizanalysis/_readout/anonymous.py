"""A table of students without names: who is who, its order does not tell either."""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

_MARK = "\x1f"
"""Stands before each text of a list but the first, and twice for itself."""

_UP = "ascending"


def anonymised(table: pa.Table) -> pa.Table:
    """Number the rows, best first; leave out what tells whose they are."""
    for name in ("student_id", "name", "sis_id", "submitted_at"):
        table = _replaced(table, name, pa.nulls(table.num_rows, table[name].type))
    table = in_shown_order(table, [("quiz_id", _UP), ("rank", _UP), ("score", _UP)])
    numbers = pa.array(np.arange(1, table.num_rows + 1)).cast(pa.string())
    table = _replaced(table, "student_id", numbers)
    metadata = dict(table.schema.metadata)
    made = json.loads(metadata[b"made"])
    made["options"]["anonymous"] = True
    # Whoever guesses the input could prove with its digest that the guess is right.
    made["input_digest"] = None
    return table.replace_schema_metadata(
        metadata | {b"made": json.dumps(made).encode()}
    )


def in_shown_order(table: pa.Table, first: Sequence[tuple[str, str]]) -> pa.Table:
    """Sort the rows by what they show, so that their order tells nothing more.

    By the columns named first, each ascending or descending, then by all others from
    left to right. Nor does it tell anything in which order a column stores its texts,
    or which more texts it has stored: a dictionary becomes plain text.
    """
    plain = pa.table([_plain(column) for column in table.columns], _shown_as(table))
    keys = {str(i): _sortable(column) for i, column in enumerate(plain.columns)}
    # Names repeat: the first of that name is meant.
    by = [(str(table.column_names.index(name)), way) for name, way in first]
    rest = [(name, _UP) for name in keys if name not in dict(by)]
    return plain.take(pc.sort_indices(pa.table(keys), sort_keys=[*by, *rest]))


def item_order(items: pa.Table) -> pa.Array:
    """Items by position and id: not as they came, for with whom tells who was first."""
    keys = [("position", _UP), ("item_id", _UP)]
    return pc.sort_indices(items.select(["position", "item_id"]), sort_keys=keys)


def _replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = table.column_names.index(name)
    return table.set_column(at, table.schema.field(name), values)


def _shown_as(table: pa.Table) -> pa.Schema:
    """The schema, with the type that a dictionary has decoded."""
    fields = [
        field.with_type(field.type.value_type)
        if pa.types.is_dictionary(field.type)
        else field
        for field in table.schema
    ]
    return pa.schema(fields, table.schema.metadata)


def _plain(column: pa.ChunkedArray) -> pa.Array:
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        return array.cast(array.type.value_type)
    return array


def _sortable(column: pa.ChunkedArray) -> pa.Array:
    """The column, a list of texts as one text that no other list has."""
    array = column.combine_chunks()
    if not pa.types.is_list(array.type):
        return array
    texts = pc.replace_substring(array.values, _MARK, 2 * _MARK)
    told = pc.binary_join_element_wise("+", texts, "").fill_null("-")
    joined = pc.binary_join(pa.ListArray.from_arrays(array.offsets, told), _MARK)
    return pc.if_else(array.is_null(), pa.scalar(None, pa.string()), joined)
