"""Tables of any Arrow library, in the few types that the rest knows."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.arrow_types import plain
from quizanalysis._intake.columns import Findings, is_whole, texts
from quizanalysis._intake.numbering import Whole
from quizanalysis._refusals import list_names
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
        return _with_names(obj, name)
    if not hasattr(obj, "__arrow_c_stream__"):
        msg = (
            f"{name} must be a table with __arrow_c_stream__ (pyarrow, pandas, "
            f"polars, …), not {type(obj).__name__}"
        )
        raise TypeError(msg)
    try:
        table = pa.RecordBatchReader.from_stream(obj).read_all()
    except Exception as error:  # whatever each library raises
        problem = Problem(
            table=name,
            message=f"cannot be read as an Arrow table: {error}",
            hint="give each column one type and a name of its own",
        )
        raise DataError([problem]) from error
    return _with_names(table, name)


def _with_names(table: pa.Table, name: str) -> pa.Table:
    """The table, unless the name of a column is no text."""
    try:
        table.column_names  # noqa: B018  Arrow decodes them here
    except UnicodeDecodeError as error:
        problem = Problem(
            table=name,
            message=f"a column whose name is no UTF-8 text: {error}",
            hint="rename it before the table is written",
        )
        raise DataError([problem]) from error
    return table


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
                hint=f"there are: {list_names(table.column_names) or 'none'}",
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
        values = plain(column)
        values.validate(full=True)  # text that is not UTF-8, among other things
        if declared.type != pa.string():
            return values
        if declared.name == "response" and pa.types.is_list(values.type):
            return _lists_of_texts(values)
        if declared.name in _IDS:
            _no_fractions(findings, values, name, declared.name)
            return _named(values)
        return _without_empty(texts(values))
    except pa.ArrowException:
        findings.add(
            Problem(
                table=name,
                column=declared.name,
                value=str(column.type),
                message="the column holds nothing that can be read",
                hint="give text in UTF-8, or numbers, times or lists where they are "
                "meant",
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
    kind = pa.list_(pa.string())
    if not pa.types.is_dictionary(column.type.value_type):
        return column.cast(kind)
    # Arrow casts no lists of dictionaries, only what they hold.
    chunks = [
        pa.ListArray.from_arrays(
            lists.offsets, lists.values.cast(pa.string()), mask=lists.is_null()
        )
        for lists in column.chunks
    ]
    return pa.chunked_array(chunks, kind)


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
