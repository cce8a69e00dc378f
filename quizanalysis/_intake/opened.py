"""Tables of any Arrow library, in the few types that the rest knows."""

from collections.abc import Iterable, Mapping

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, texts, unified
from quizanalysis.errors import DataError, Problem
from quizanalysis.schema import INPUTS, Column

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "responses": ("student_id", "item_id", "score"),
    "items": ("item_id",),
    "students": ("student_id",),
}


def table_of(obj: object, name: str) -> pa.Table:
    """Take anything that has ``__arrow_c_stream__``; name what cannot be taken."""
    if isinstance(obj, pa.Table):
        return obj
    if not hasattr(obj, "__arrow_c_stream__"):
        msg = (
            f"{name} must be a table with __arrow_c_stream__ (pyarrow, pandas, "
            f"polars, …), not {type(obj).__name__}"
        )
        raise TypeError(msg)
    try:
        return pa.RecordBatchReader.from_stream(obj).read_all()
    except Exception as error:  # whatever each library raises
        problem = Problem(
            table=name,
            message=f"cannot be read as an Arrow table: {error}",
            hint="give each column one type and a name of its own",
        )
        raise DataError([problem]) from error


def opened(findings: Findings, given: Mapping[str, object]) -> dict[str, pa.Table]:
    """Take the known columns of the tables given; stop if one that is needed lacks."""
    tables = {
        name: table_of(obj, name)
        for name, obj in given.items()
        if obj is not None or name == "responses"
    }
    columns = {
        name: [
            column
            for column in INPUTS[name]
            if column.name in (*_NEEDED[name], *table.column_names)
        ]
        for name, table in tables.items()
    }
    there = [
        require(findings, table, name, [column.name for column in columns[name]])
        for name, table in tables.items()
    ]
    if not all(there):
        findings.stop_if_any()
    plain = {
        name: {c.name: _plain(findings, table[c.name], name, c) for c in columns[name]}
        for name, table in tables.items()
    }
    if any(
        plain[name].get(column, ()) is None
        for name in plain
        for column in ("quiz_id", *_NEEDED[name])
    ):
        findings.stop_if_any()
    return {
        name: pa.table({c: v for c, v in of.items() if v is not None})
        for name, of in plain.items()
    }


def _plain(
    findings: Findings, column: pa.ChunkedArray, name: str, declared: Column
) -> pa.ChunkedArray | None:
    """One column without views, run lengths and extension types; words as text."""
    try:
        plain = _unwrapped(column)
        if declared.type != pa.string():
            return plain
        if declared.name == "response" and is_listed(plain.type):
            return plain.cast(pa.list_(pa.string()))
        return texts(plain)
    except pa.ArrowException:
        findings.add(
            Problem(
                table=name,
                column=declared.name,
                value=str(column.type),
                message="the column holds nothing that can be read",
                hint="give text, or numbers, times or lists where they are meant",
            )
        )
        return None


def _unwrapped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values in a type that the other functions know."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _unwrapped(column.cast(kind.storage_type))
    if pa.types.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return _unwrapped(pa.chunked_array(decoded, kind.value_type))
    if pa.types.is_dictionary(kind):
        return _decoded(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        msg = "Arrow casts views of lists to lists that are not valid"
        raise pa.ArrowNotImplementedError(msg)
    return column


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
    return _unwrapped(
        pa.chunked_array([c.dictionary.take(c.indices) for c in column.chunks], kind)
    )


def is_listed(kind: pa.DataType) -> bool:
    """Whether the values are lists of any of Arrow's plain kinds."""
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
    )


def require(
    findings: Findings, table: pa.Table, name: str, columns: Iterable[str]
) -> bool:
    """Note each column that is missing or there twice; say whether all are there."""
    there = True
    for column in columns:
        if (count := table.column_names.count(column)) == 1:
            continue
        there = False
        findings.add(
            Problem(
                table=name,
                column=column,
                message="no such column" if not count else "the column is there twice",
                hint=f"there are: {', '.join(map(repr, table.column_names)) or 'none'}",
            )
        )
    return there
