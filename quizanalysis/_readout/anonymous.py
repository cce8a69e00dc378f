"""A table of students without names: who is who, its order does not tell either."""

import json

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis.schema import REPORTS

_SEPARATOR = "\x1f"


def anonymised(table: pa.Table) -> pa.Table:
    """Number the rows, best first; leave out what tells whose they are.

    Rows that tie are in the order of all else that they show, so that the order tells
    nothing that the rows do not.
    """
    for name in ("student_id", "name", "sis_id", "submitted_at"):
        table = _replaced(table, name, pa.nulls(table.num_rows, table[name].type))
    table = table.take(_order(table))
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


def _replaced(table: pa.Table, name: str, values: pa.Array) -> pa.Table:
    at = table.column_names.index(name)
    return table.set_column(at, table.schema.field(name), values)


def _order(table: pa.Table) -> pa.Array:
    """By quiz, rank, then all other columns from left to right."""
    own = [column.name for column in REPORTS["student_analysis"]]
    first = ["quiz_id", "rank", "score", *own]
    names = dict.fromkeys([*first, *table.column_names])
    keys = {str(i): _sortable(table[name]) for i, name in enumerate(names)}
    return pc.sort_indices(
        pa.table(keys), sort_keys=[(key, "ascending") for key in keys]
    )


def _sortable(column: pa.ChunkedArray) -> pa.Array:
    """The column, a list of texts as one text."""
    array = column.combine_chunks()
    if pa.types.is_dictionary(array.type):
        return array.cast(array.type.value_type)
    if not pa.types.is_list(array.type):
        return array
    texts = pa.ListArray.from_arrays(array.offsets, array.values.fill_null(""))
    joined = pc.binary_join(texts, _SEPARATOR)
    return pc.if_else(array.is_null(), pa.scalar(None, pa.string()), joined)
