"""Tables to CSV and JSON files: whole or not at all, and safe to open."""

import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence, Sized
from contextlib import AbstractContextManager, nullcontext
from importlib.metadata import PackageNotFoundError, version
from itertools import chain
from typing import Any, BinaryIO, Protocol, runtime_checkable

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._files.cells import (
    LIST_KINDS,
    TEXT,
    Array,
    escape_text,
    is_text_list,
    join_texts,
    json_arrays,
    json_objects,
    json_texts,
    lines,
    plain,
    split_texts,
)
from quizanalysis._files.formulas import escape_formula, unescape_formula
from quizanalysis._files.replacing import replacing
from quizanalysis.progress import Meter, ProgressCallback, metered
from quizanalysis.schema import INPUTS, REPORTS

__all__ = [
    "escape_formula",
    "is_text_list",
    "join_texts",
    "replacing",
    "split_texts",
    "unescape_formula",
    "write_csv",
    "write_json",
]

_CHUNK_ROWS, _CHUNK_BYTES = 65_536, 8 << 20

_DICTS = 1_000
"""Dicts that are made text at a time."""

# A page that shows the file cannot take it for HTML.
_ESCAPES = {ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"}
_BOM = b"\xef\xbb\xbf"

_TEXT_LISTS = frozenset(
    column.name
    for columns in (*INPUTS.values(), *REPORTS.values())
    for column in columns
    if column.type == pa.list_(pa.string())
)


@runtime_checkable
class ArrowStream(Protocol):
    """Whatever gives itself as an Arrow stream: pyarrow, pandas, polars, …."""

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        """Give a PyCapsule with the stream."""


def write_csv(
    table: ArrowStream | Iterable[pa.Table | pa.RecordBatch],
    target: str | os.PathLike[str] | BinaryIO,
    *,
    excel: bool = False,
    escape: bool = True,
    progress: ProgressCallback | None = None,
) -> None:
    r"""Write a table as CSV: UTF-8, commas, ``\n``, quotes as in RFC 4180.

    Parameters
    ----------
    table : object with ``__arrow_c_stream__``, or iterable of tables or batches
        Tables and record batches of pyarrow are written as they come, so that they
        need not all be in memory. All need the same columns.
    target : str, os.PathLike or binary file object
        A path is replaced only when all is written; an open file is written straight
        and stays open.
    excel : bool, default False
        Start with the byte order mark by which Excel knows UTF-8.
    escape : bool, default True
        Put an apostrophe wherever a spreadsheet would begin to run a text or header,
        see `escape_formula`. Without it the file is only safe for programs, and a text
        that looks guarded, such as ``'=1``, may lose its apostrophe when it is read.
    progress : callable, optional
        Called as ``progress(done, total)`` in this thread, in rows: first
        ``(0, total)``, last ``(total, total)``, ten times a second at most. An
        exception from it ends the writing, and a path stays as it was. Of tables or
        batches that come one by one nobody knows the total, so that is refused: who
        gives them can count them.

    Raises
    ------
    TypeError
        When a column has no form in CSV, such as binary; when the file is open
        for text; for `progress` where the number of rows is not known.

    Notes
    -----
    Text and headers stand in quotes, all else does not. A null is an empty cell, an
    empty text is ``""``. Numbers are never escaped, nor is text whose field says that
    it is numbers in print (metadata ``cells: numbers``); doubles have the fewest digits
    that give the same double; one that is not finite is null. Flags are ``true`` and
    ``false``, times ISO 8601, in UTC with ``Z``. All characters stay, NUL too.

    A column that is known to hold lists of texts (``section_names``, ``section_ids``,
    ``section_sis_ids``) reads ``A; B``, see `join_texts`. A list in any other column,
    such as ``response``, is a JSON array; text that looks like one is guarded by an
    apostrophe too, so that both come back as they were.
    A null in a table of one column is an empty line, which many readers skip.

    Examples
    --------
    >>> import sys
    >>> table = pa.table({"item_id": ["7", "=1+1"], "difficulty": [0.25, None]})
    >>> write_csv(table, sys.stdout.buffer)  # doctest: +SKIP
    "item_id","difficulty"
    "7",0.25
    "'=1+1",
    """
    import pyarrow.csv as pcsv  # noqa: PLC0415  only needed here

    total = _n_rows(table) if progress else 0
    schema, batches = _opened(table)
    header: Array = pa.array(schema.names, TEXT)
    names = (escape_formula(header) if escape else header).to_pylist()
    with _sink(target) as file, metered(progress, total) as meter:
        if excel:
            file.write(_BOM)
        rows = 0
        for number, chunk in enumerate(_chunks(schema, batches)):
            columns = [
                _csv_column(field, column, escape=escape)
                for field, column in zip(schema, chunk.columns, strict=True)
            ]
            cells = pa.RecordBatch.from_arrays(columns, names)
            text = pa.BufferOutputStream()
            pcsv.write_csv(cells, text, pcsv.WriteOptions(include_header=number == 0))
            file.write(text.getvalue())
            rows += chunk.num_rows
            meter.at(rows, total)


def write_json(
    table: ArrowStream | Iterable[pa.Table | pa.RecordBatch] | list[dict[str, Any]],
    target: str | os.PathLike[str] | BinaryIO,
    *,
    progress: ProgressCallback | None = None,
) -> None:
    r"""Write a table as one JSON object: what it is, how it was made, and its rows.

    Parameters
    ----------
    table : object with ``__arrow_c_stream__``, or iterable of tables or batches
        Tables and record batches of pyarrow are written as they come, so that they
        need not all be in memory. All need the same columns. A list of dicts, such as a
        convention makes for a system whose JSON has a shape of its own, is written as
        just that array, on one line, with ``<``, ``>`` and ``&`` as ``\u003c``,
        ``\u003e`` and ``\u0026``: as New Quizzes does.
    target : str, os.PathLike or binary file object
        A path is replaced only when all is written; an open file is written straight
        and stays open.
    progress : callable, optional
        As in `write_csv`.

    Raises
    ------
    TypeError
        When a column has no form in JSON, such as binary; when the file is open for
        text; for `progress` where the number of rows is not known.

    Notes
    -----
    The object has ``table`` (the report's name), ``made`` (``library``, ``version``,
    ``options``, ``input_digest``: of the responses, or of the tally that the table was
    read off), ``units`` (one for each column) and ``rows`` (an
    object each, on a line of its own); what the table does not say is null.
    `quizanalysis.schema.json_schema` describes it. UTF-8; no NaN and no Infinity
    (both are null); times are ISO 8601, in UTC with ``Z``; lists are arrays.

    Where two columns have the same name, as in the student reports of Canvas, a row
    is an array of its values. Then ``columns`` lists the names, and ``units`` is a
    list too, both in the order of the values.

    Examples
    --------
    >>> from io import BytesIO
    >>> file = BytesIO()
    >>> write_json(pa.table({"item_id": ["7"], "difficulty": [0.25]}), file)
    >>> json.loads(file.getvalue())["rows"]
    [{'item_id': '7', 'difficulty': 0.25}]
    """
    if isinstance(table, list) and all(isinstance(row, dict) for row in table):
        with _sink(target) as file, metered(progress, len(table)) as meter:
            _write_array(table, file, meter)
        return
    total = _n_rows(table) if progress else 0
    schema, batches = _opened(table)
    named = len(set(schema.names)) == len(schema.names)
    with _sink(target) as file, metered(progress, total) as meter:
        file.write(_head(schema, named=named).encode())
        separator, done = b"\n", 0
        for chunk in _chunks(schema, batches):
            if named:
                rows = json_objects(schema.names, chunk.columns, chunk.num_rows)
            else:
                rows = json_arrays(chunk.columns, chunk.num_rows)
            if len(rows):
                file.write(separator)
                file.write(lines(rows, ",\n"))
                separator = b",\n"
            done += chunk.num_rows
            meter.at(done, total)
        file.write(b"\n]}\n")


def _write_array(rows: list[dict[str, Any]], file: BinaryIO, meter: Meter) -> None:
    """Write dicts as an array, some at a time."""
    file.write(b"[")
    for at in range(0, len(rows), _DICTS):
        text = json.dumps(
            rows[at : at + _DICTS],
            ensure_ascii=False,
            allow_nan=False,
            separators=(",", ":"),
        )
        file.write(b"," if at else b"")
        file.write(text[1:-1].translate(_ESCAPES).encode())
        meter.at(at + _DICTS, len(rows))
    file.write(b"]")


def _n_rows(table: object) -> int:
    """How many rows will be written, which a stream or an iterator does not tell."""
    if isinstance(table, list | tuple):
        return sum(map(_n_rows, table))
    if hasattr(table, "num_rows"):
        return int(table.num_rows)
    if isinstance(table, Sized):
        return len(table)
    msg = (
        f"progress= needs the number of rows, which a {type(table).__name__} does not "
        "tell: give a table, or count the batches as they are taken"
    )
    raise TypeError(msg)


def _sink(
    target: str | os.PathLike[str] | BinaryIO,
) -> AbstractContextManager[BinaryIO]:
    if isinstance(target, str | os.PathLike):
        return replacing(target)
    if hasattr(target, "encoding"):
        msg = "the file is open for text: open it in binary mode, such as 'wb'"
        raise TypeError(msg)
    if not hasattr(target, "write"):
        msg = (
            "target must be a path or a file open in binary mode, not "
            f"{type(target).__name__}"
        )
        raise TypeError(msg)
    return nullcontext(target)


def _opened(
    table: ArrowStream | Iterable[pa.Table | pa.RecordBatch],
) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """Find the columns, and refuse those that cannot be written."""
    if isinstance(table, ArrowStream):
        reader = pa.RecordBatchReader.from_stream(table)
        schema, batches = reader.schema, iter(reader)
    else:
        several = table if isinstance(table, Iterable) else [table]
        batches = chain.from_iterable(map(_batches, several))
        first = next(batches, ...)
        if first is ...:
            msg = "no batch tells the columns; give a table or a RecordBatchReader"
            raise ValueError(msg)
        if not isinstance(first, pa.RecordBatch):
            msg = f"a table or record batches are needed, not {type(table).__name__}"
            raise TypeError(msg)
        schema, batches = first.schema, chain([first], batches)
    for field in schema:
        try:
            json_texts(pa.nulls(0, field.type))
        except TypeError as error:
            msg = f"column {field.name!r}: {error}"
            raise TypeError(msg) from None
    return schema, batches


def _batches(table: pa.Table | pa.RecordBatch) -> Sequence[pa.RecordBatch]:
    """A table as batches, of which a table without rows has one to tell the columns."""
    if not isinstance(table, pa.Table):
        return [table]
    none = [pa.nulls(0, kind) for kind in table.schema.types]
    empty = pa.RecordBatch.from_arrays(none, schema=table.schema)
    return [*table.to_batches()] or [empty]


def _chunks(
    schema: pa.Schema, batches: Iterator[pa.RecordBatch]
) -> Iterator[pa.RecordBatch]:
    """Cut batches so that the text made of one stays small; first an empty one."""
    none = [pa.nulls(0, kind) for kind in schema.types]
    yield pa.RecordBatch.from_arrays(none, schema=schema)
    for batch in batches:
        if batch.schema != schema:
            msg = f"a batch has other columns than the first:\n{batch.schema}\n{schema}"
            raise ValueError(msg)
        parts = max(1, batch.nbytes // _CHUNK_BYTES)
        step = min(_CHUNK_ROWS, -(-batch.num_rows // parts)) or 1
        for start in range(0, batch.num_rows, step):
            yield batch.slice(start, step)


def _csv_column(field: pa.Field, column: Array, *, escape: bool) -> Array:
    kind = column.type
    guard = escape_formula
    if (field.metadata or {}).get(b"cells") == b"numbers":
        return column
    if any(is_kind(kind) for is_kind in LIST_KINDS) and field.name in _TEXT_LISTS:
        column = join_texts(column)
    elif pa.types.is_nested(kind):
        null = pa.scalar(None, TEXT)
        column = pc.if_else(column.is_valid(), json_texts(column), null)
    else:
        column, guard = plain(column), escape_text
    return guard(column) if escape and column.type == TEXT else column


def _head(schema: pa.Schema, *, named: bool) -> str:
    """Write all that comes before the rows."""
    known: Mapping[bytes, bytes] = schema.metadata or {}
    try:
        release = version("quizanalysis")
    except PackageNotFoundError:
        release = None
    made = {
        "library": "quizanalysis",
        "version": release,
        "options": None,
        "input_digest": None,
    } | json.loads(known.get(b"made", b"{}"))
    found = [(field.metadata or {}).get(b"unit") for field in schema]
    units = [unit and unit.decode() for unit in found]
    head: dict[str, Any] = {
        "table": known[b"table"].decode() if b"table" in known else None,
        "made": made,
    }
    if named:
        head["units"] = dict(zip(schema.names, units, strict=True))
    else:
        head |= {"columns": schema.names, "units": units}
    dumped = [
        f"{json.dumps(key)}: {json.dumps(value, ensure_ascii=False, allow_nan=False)}"
        for key, value in head.items()
    ]
    return "{" + ",\n".join(dumped) + ',\n"rows": ['
