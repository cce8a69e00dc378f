"""A tally as a table that travels: one row per quiz, always the same bytes."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import numbered
from quizanalysis._counts.parts import SHAPES, UNKNOWN, Parts, column, empty
from quizanalysis.errors import MergeError


def packed(parts: Parts) -> pa.Table:
    """One row per quiz: its items, options and counts as lists."""
    n_quizzes = parts.quizzes.num_rows
    quiz_of_item = column(parts.items, "quiz")
    quiz_of = {
        "quiz": np.arange(n_quizzes),
        "item": quiz_of_item,
        "option": quiz_of_item[column(parts.options, "item")],
        "row": column(parts.totals, "quiz"),
    }
    starts = {
        owner: np.searchsorted(quiz, np.arange(n_quizzes))
        for owner, quiz in quiz_of.items()
        if owner != "quiz"
    }
    columns = {"quiz_id": _canonical(parts.quizzes["quiz_id"])}
    for name, (owner, _) in SHAPES.items():
        table: pa.Table = getattr(parts, name)
        quiz = quiz_of[owner][column(table, owner)]
        for index, key in enumerate(table.column_names):
            if key in starts and pa.types.is_integer(table.field(index).type):
                local = column(table, key) - starts[key][quiz]
                table = table.set_column(index, key, pa.array(local))
        if owner == "quiz":
            table = table.drop_columns("quiz")
        ends = np.searchsorted(quiz, np.arange(n_quizzes + 1))
        rows = pa.StructArray.from_arrays(
            [_canonical(values) for values in table.columns], table.column_names
        )
        columns[name] = pa.LargeListArray.from_arrays(pa.array(ends), rows)
    return pa.table(columns)


def _canonical(column: pa.ChunkedArray) -> pa.Array:
    """The same values in the same bytes: no slack, no idle bitmap, 0 under a null."""
    array = column.combine_chunks()
    if pa.types.is_boolean(array.type):
        return pa.array(np.asarray(array.fill_null(False), bool))
    valid = np.asarray(array.is_valid(), bool)
    bitmap = None
    if not valid.all():
        bitmap = pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    if pa.types.is_integer(array.type):
        values = np.ascontiguousarray(array.fill_null(0).to_numpy(), np.int64)
        buffers = [bitmap, pa.py_buffer(values.tobytes())]
    else:
        filled = array.fill_null("")
        _, offsets, text = filled.buffers()
        ends = np.frombuffer(offsets or b"\0" * 4, np.int32)
        ends = ends[filled.offset :][: len(filled) + 1]
        text = (text or pa.py_buffer(b""))[int(ends[0]) : int(ends[-1])].to_pybytes()
        ends = ends - ends[0]
        buffers = [bitmap, pa.py_buffer(ends.tobytes()), pa.py_buffer(text)]
    return pa.Array.from_buffers(array.type, len(array), buffers)


def unpacked(table: pa.Table) -> Parts:
    """Number the rows of all quizzes again."""
    table = _shaped(table)
    parts = {}
    starts = {}
    for owner, name in (("item", "items"), ("option", "options"), ("row", "totals")):
        length = pc.list_value_length(table[name].combine_chunks())
        starts[owner] = np.cumsum(length) - np.asarray(length, np.int64)
    for name, (owner, columns) in SHAPES.items():
        lists = table[name].combine_chunks()
        quiz = np.asarray(pc.list_parent_indices(lists), np.int64)
        flat = lists.flatten()
        result = {"quiz": pa.array(quiz)} if owner == "quiz" else {}
        for key in columns if owner == "quiz" else (owner, *columns):
            value = flat.field(flat.type.get_field_index(key))
            if key in starts and pa.types.is_integer(value.type):
                # A null points nowhere, which is found out below.
                value = value.fill_null(-(2**40))
                value = pa.array(np.asarray(value, np.int64) + starts[key][quiz])
            result[key] = value
        parts[name] = pa.table(result)
    made = Parts(pa.table({"quiz_id": table["quiz_id"].combine_chunks()}), **parts)
    _refuse_loose_ends(made)
    return made


def is_sorted(parts: Parts) -> bool:
    """Whether each quiz is there once, in the order of their ids."""
    _, (place,) = numbered(parts.quizzes["quiz_id"])
    return bool(np.all(np.diff(place) > 0))


def _shaped(table: pa.Table) -> pa.Table:
    """The table with just the columns and types of a tally's."""
    wanted = packed(empty()).schema
    try:
        shaped = table.select(wanted.names).cast(wanted)
    except (KeyError, ValueError, pa.ArrowException) as error:
        msg = f"not a tally: {error}"
        raise MergeError(msg) from error
    if any(column.null_count for column in shaped.columns):
        msg = "not a tally: a quiz without its counts"
        raise MergeError(msg)
    return shaped


def _refuse_loose_ends(parts: Parts) -> None:
    """Every count is there, and counts something that is there."""
    n_rows = {
        "quiz": parts.quizzes.num_rows,
        "item": parts.items.num_rows,
        "option": parts.options.num_rows,
        "row": parts.totals.num_rows,
    }
    for name in SHAPES:
        table: pa.Table = getattr(parts, name)
        unknown = UNKNOWN if name in {"items", "options"} else ()
        for field in table.schema:
            values = table[field.name]
            loose = field.name not in unknown and values.null_count > 0
            if not loose and field.name in n_rows and pa.types.is_integer(field.type):
                number = column(table, field.name)
                loose = bool(np.any((number < 0) | (number >= n_rows[field.name])))
            if loose:
                msg = (
                    f"not a tally: {name} has numbers in {field.name} that fit nothing"
                )
                raise MergeError(msg)
