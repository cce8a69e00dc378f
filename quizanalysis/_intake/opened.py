"""Tables of any Arrow library, in the few types that the rest knows."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, is_whole, texts, unified
from quizanalysis._intake.numbering import Whole
from quizanalysis.errors import DataError, Problem
from quizanalysis.progress import QUIET, Meter
from quizanalysis.schema import INPUTS, Column

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "responses": ("student_id", "item_id", "score"),
    "items": ("item_id",),
    "students": ("student_id",),
}

_SHOWN = 3
"""Columns that a message names."""

_IDS = ("quiz_id", "student_id", "item_id")


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


def opened(
    findings: Findings, given: Mapping[str, object], meter: Meter = QUIET
) -> dict[str, pa.Table]:
    """Take the known columns of the tables given, in the few types that are known.

    What stands in for a column that is needed and not there finds no fault of its own,
    so that the other columns can be checked all the same.
    """
    tables = {
        name: table_of(obj, name)
        for name, obj in given.items()
        if obj is not None or name == "responses"
    }
    known = {
        name: [c for c in INPUTS[name] if _is_there(findings, table, name, c.name)]
        for name, table in tables.items()
    }
    n, columns = sum(map(len, known.values())), 0
    made = {}
    for name, table in tables.items():
        plain = {}
        for column in known[name]:
            plain[column.name] = _plain(findings, table[column.name], name, column)
            columns += 1
            meter.at(columns, n)
        made[name] = _with_stand_ins(findings, name, table.num_rows, plain)
    return made


def name_unused(given: Mapping[str, pa.Table | None]) -> list[tuple[str, str, int]]:
    """Note the columns of the tables that no input has."""
    notes = []
    for name, table in given.items():
        if table is None:
            continue
        known = {column.name for column in INPUTS[name]}
        names = [
            column
            for column in table.column_names
            if column not in known and not column.startswith("__index_level_")
        ]
        reason = f"not used in {name}: {name_columns(names)}"
        notes.append(("columns", reason, len(names)))
    return notes


def name_columns(names: Sequence[str]) -> str:
    """Quote the first few names."""
    rest = len(names) - _SHOWN
    words = ", ".join(f"'{name[:40]}'" for name in names[:_SHOWN])
    return words + (f" and {rest} more" if rest > 0 else "")


def _is_there(findings: Findings, table: pa.Table, name: str, column: str) -> bool:
    """Whether there is one such column; note one that lacks or is there twice."""
    count = table.column_names.count(column)
    if count > 1 or (not count and column in _NEEDED[name]):
        findings.add(
            Problem(
                table=name,
                column=column,
                message="no such column" if not count else "the column is there twice",
                hint=f"there are: {', '.join(map(repr, table.column_names)) or 'none'}",
            )
        )
    return bool(count == 1)


def _with_stand_ins(
    findings: Findings, name: str, n: int, columns: dict[str, pa.ChunkedArray | None]
) -> pa.Table:
    """The columns that can be read, and others in place of those that are needed."""
    if columns.get("quiz_id", ()) is None:
        # Without its quiz, no item or attempt can be told from another.
        findings.stop_if_any()
    kept = {c: v for c, v in columns.items() if v is not None}
    for column in _NEEDED[name]:
        if column not in kept:
            findings.mute(name, column)
            values = pa.nulls(n) if column == "score" else pa.array(np.arange(n))
            kept[column] = pa.chunked_array([values.cast(pa.string())])
    return pa.table(kept)


def _plain(
    findings: Findings, column: pa.ChunkedArray, name: str, declared: Column
) -> pa.ChunkedArray | None:
    """One column without views, run lengths and extension types; words as text."""
    try:
        plain = _unwrapped(column)
        if declared.type != pa.string():
            return plain
        if declared.name == "response" and is_listed(plain.type):
            return _lists_of_texts(plain)
        if declared.name in _IDS:
            _no_fractions(findings, plain, name, declared.name)
            return _named(plain)
        return _without_empty(texts(plain))
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


def _no_fractions(
    findings: Findings, column: pa.ChunkedArray, name: str, label: str
) -> None:
    """Numbers may name things when they are whole and told apart for certain."""
    if not pa.types.is_floating(column.type):
        return
    known = pc.or_kleene(is_whole(column), pc.is_nan(column))
    bad = np.flatnonzero(~np.asarray(pc.fill_null(known, True), bool))
    findings.flag(
        bad,
        table=name,
        column=label,
        values=column,
        message="an id that is no whole number up to 2**53",
        hint="give ids as text",
    )


def _without_empty(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Null is the one form of no text at all."""
    chunks = column.chunks
    if pa.types.is_dictionary(column.type):
        chunks = [chunk.dictionary for chunk in chunks]
    if not any(pc.any(pc.equal(words, "")).as_py() for words in chunks):
        return column
    plain = column.cast(pa.string())
    return pc.if_else(pc.equal(plain, ""), pa.scalar(None, pa.string()), plain)


def _lists_of_texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    kind = column.type.value_type
    if not pa.types.is_dictionary(kind):
        return column.cast(pa.list_(pa.string()))
    # Arrow casts no lists of dictionaries, only what they hold.
    lists = column.combine_chunks()
    flat = texts(_decoded(pa.chunked_array([lists.flatten()], kind)))
    ends = np.cumsum(np.asarray(pc.fill_null(pc.list_value_length(lists), 0)))
    return pa.chunked_array(
        [
            pa.ListArray.from_arrays(
                pa.array(np.concatenate([[0], ends]), pa.int32()),
                flat.cast(pa.string()).combine_chunks(),
                mask=lists.is_null(),
            )
        ]
    )


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


def _named(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of ids as text; whole numbers as a dictionary of texts."""
    if not pa.types.is_integer(column.type):
        return texts(column)
    n, limits = len(column), pc.min_max(column)
    low, high = limits["min"].as_py(), limits["max"].as_py()
    if column.null_count or not n or not high - low < min(4 * n + 1024, 2**31):
        encoded = column.combine_chunks().dictionary_encode()
        return pa.chunked_array([_with_texts(encoded.indices, encoded.dictionary)])
    # A list of all numbers there could be is cheaper than hashing them.
    values, place = column.to_numpy(), np.empty(n, np.int32)
    np.subtract(values, low, out=place, casting="unsafe")
    known = np.arange(high - low + 1)
    if len(known) > n // 8:
        there = np.zeros(len(known), bool)
        there[place] = True
        place = (np.cumsum(there) - 1).astype(np.int32)[place]
        known = np.flatnonzero(there)
    names = pa.array(known.astype(values.dtype) + values.dtype.type(low))
    return pa.chunked_array([_with_texts(place, names)])


def _with_texts(indices: Whole | pa.Array, names: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(indices, names.cast(pa.string()))
