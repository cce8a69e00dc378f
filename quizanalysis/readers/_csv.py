"""CSV by position: every cell is text, no header is trusted to be unique."""

import csv
import io
import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._files.cells import escape_text, unescape_text
from quizanalysis.errors import DataError, Problem, list_problems
from quizanalysis.progress import QUIET, Meter
from quizanalysis.readers._csv_rows import ROW_BYTES, row_at_byte, rows_of
from quizanalysis.readers._limits import NO_ROOM
from quizanalysis.readers._source import LOADED, PARSED, Request

DELIMITERS = (",", ";", "\t")

_HEAD = 1 << 16
"""Bytes that messages about an unknown file look at."""

_LISTED, _ENOUGH = 100, 10_000
"""How many rows of another width are named, and counted."""

COLUMNS = 20_000
"""The most columns a file may have."""

_BLOCKS = (1 << 20, ROW_BYTES)

_GUARD = re.compile(rb"'(?:[\0-\x20]|[\xc2-\xef][\x80-\xbf]++)*+[=+\-@\[\0\t\r\n\xef]")
"""An apostrophe that may guard a cell; where there is none, no cell needs a look."""
_HINT = (
    "save it as CSV UTF-8, or name its encoding: encoding='cp1252' in Python, "
    "--encoding cp1252 on the command line, which is what Excel for Windows writes as "
    "plain CSV in Western Europe and America"
)


@dataclass(frozen=True, slots=True)
class Csv:
    """A file of comma-separated values, its first row split off.

    Attributes
    ----------
    header : list of str
        The cells of the first row.
    body : pyarrow.Buffer
        What follows it.
    delimiter : str
        What stands between cells.
    quoted : bool
        Whether all cells of the first row are in quotes.
    first_row : int
        Its row in a spreadsheet, from 1: above it may be empty lines.
    """

    header: list[str]
    body: pa.Buffer
    delimiter: str
    quoted: bool
    first_row: int


def split_header(
    request: Request, data: bytes, known: Callable[[Sequence[str]], bool]
) -> Csv | None:
    """Split the first row off, by the first delimiter that makes it a known one."""
    for delimiter in DELIMITERS:
        found = _first_row(request, data, delimiter)
        if found is None or not known(found.header):
            continue
        try:
            data[: len(data) - found.body.size].decode()
        except UnicodeDecodeError:
            raise request.fault(
                "the header is not UTF-8", row=found.first_row, hint=_HINT
            ) from None
        return found
    return None


def likely_delimiter(request: Request, data: bytes) -> str:
    """Return the delimiter that splits the first row into most cells."""
    rows = [_first_row(request, data[:_HEAD], mark) for mark in DELIMITERS]
    sizes = [0 if row is None else len(row.header) for row in rows]
    return DELIMITERS[sizes.index(max(sizes))]


def first_rows(request: Request, data: bytes) -> list[list[str]]:
    """Split the first rows, as far as they can be, for messages about the file."""
    begin = data.lstrip(b"\r\n\0")[:_HEAD]
    text = begin.decode(errors="replace").replace("\0", "")
    lines = io.StringIO(text, newline="")
    try:
        return list(csv.reader(lines, delimiter=likely_delimiter(request, data)))
    except csv.Error:
        return [text.splitlines()[:1]]


def _first_row(request: Request, data: bytes, delimiter: str) -> Csv | None:
    """Split one row by hand; None when it has no end within the limit."""
    mark = re.escape(delimiter.encode())
    start = re.compile(rb"[\r\n]*+").match(data)
    at = 0 if start is None else start.end()
    first_row = len(data[:at].splitlines()) + 1
    stop = min(len(data), at + ROW_BYTES)
    # Possessive, so that a quote which is never closed costs one pass and no memory.
    quoted = re.compile(rb'"((?:[^"]++|"")*+)"([^\r\n%b]*+)' % mark)
    plain = re.compile(rb"[^\r\n%b]*+" % mark)
    cells: list[bytes] = []
    bare = False
    while len(cells) <= COLUMNS:
        if (cell := quoted.match(data, at, stop)) is not None:
            cells.append(cell[1].replace(b'""', b'"') + cell[2])
        elif data[at : at + 1] != b'"' and (cell := plain.match(data, at, stop)):
            cells.append(cell[0])
            bare = True
        else:
            return None
        at = cell.end()
        if data[at : at + 1] != delimiter.encode():
            break
        at += 1
    if len(cells) > COLUMNS:
        raise request.fault("too many columns", hint=f"at most {COLUMNS:,}")
    header = [cell.decode(errors="replace") for cell in cells]
    return Csv(header, pa.py_buffer(data)[at:], delimiter, not bare, first_row)


def read_cells(
    request: Request, csv: Csv, types: Mapping[int, pa.DataType] | None = None
) -> list[pa.ChunkedArray]:
    """Read all columns as text, an empty cell as empty text; rows of nothing go.

    Parameters
    ----------
    types : mapping of int to pyarrow.DataType, optional
        What to read some columns as instead, by position. When a cell is not of its
        type, all is read as text after all.

    Raises
    ------
    DataError
        For rows of another width, each with its number; for a quote that is not
        closed, text that is not UTF-8, and a row beyond the limit.
    """
    width = len(csv.header)
    # A row of nothing at the end comes back whole only if every quote was closed.
    probe = b"\n" + csv.delimiter.encode() * (width - 1) + b"\n"
    data = pa.py_buffer(b"".join((csv.body, probe)))
    request.meter.at(LOADED)
    for kinds, block in (
        *([(types, _BLOCKS[0])] if types else []),
        *(({}, block) for block in _BLOCKS),
    ):
        try:
            meter = request.meter.within(LOADED, 0.9 * PARSED)
            table = _parse(data, csv, kinds, block, meter=meter)
        except NO_ROOM:
            raise
        except pa.ArrowException:
            continue
        if not all(is_finite(column) for column in table.columns):
            continue
        last = table.slice(table.num_rows - 1)
        if table.num_rows and all(_is_empty(column[0]) for column in last.columns):
            table = without_empty_rows(table.slice(0, table.num_rows - 1))
            request.meter.at(PARSED)
            return list(table.columns)
        break
    raise _diagnosis(request, csv, data)


def without_guards(
    csv: Csv, cells: Sequence[pa.ChunkedArray], numbers: Collection[int]
) -> tuple[list[str], list[pa.ChunkedArray], int]:
    """Undo in header and texts what `write_csv` did to them, if it wrote the file.

    It leaves no text as it is that needs a guard. In its own file every header is in
    quotes, which Canvas's is not. Saved again by another program the file has lost
    them; then a guard must be there, and no text may lack one. In any other file an
    apostrophe is part of the text.

    Returns
    -------
    header, cells : list
    n : int
        How many cells had a guard in a file that was saved again; else 0.
    """
    if not csv.quoted and _GUARD.search(csv.body) is None:
        return csv.header, list(cells), 0
    texts = [at for at in range(len(cells)) if at not in numbers]
    header = pa.chunked_array([csv.header], pa.string())
    given = [header, *(cells[at] for at in texts)]
    bare = [unescape_text(column) for column in given]
    if not all(map(pa.ChunkedArray.equals, map(escape_text, bare), given)):
        return csv.header, list(cells), 0
    n = 0
    if not csv.quoted:
        differs = map(pc.not_equal, bare, given)
        n = sum(pc.sum(column.cast(pa.int64())).as_py() or 0 for column in differs)
    plain = dict(zip(texts, bare[1:], strict=True))
    return bare[0].to_pylist(), [plain.get(at, c) for at, c in enumerate(cells)], n


def _parse(
    data: pa.Buffer,
    csv: Csv,
    types: Mapping[int, pa.DataType],
    block: int,
    *,
    threads: bool = True,
    handler: Callable[[Any], str] | None = None,
    meter: Meter = QUIET,
) -> pa.Table:
    from pyarrow import csv as arrow_csv  # noqa: PLC0415  not every reader needs it

    names = [str(position) for position in range(len(csv.header))]
    source = pa.BufferReader(data)
    options = (
        arrow_csv.ReadOptions(
            column_names=names, block_size=block, use_threads=threads
        ),
        arrow_csv.ParseOptions(
            delimiter=csv.delimiter,
            newlines_in_values=True,
            invalid_row_handler=handler,
        ),
        arrow_csv.ConvertOptions(
            column_types={
                name: types.get(position, pa.string())
                for position, name in enumerate(names)
            },
            null_values=[""],
            strings_can_be_null=False,
            check_utf8=handler is None,
        ),
    )
    if meter.tell is None:
        return arrow_csv.read_csv(source, *options)
    batches = []
    with arrow_csv.open_csv(source, *options) as reader:
        for batch in reader:
            batches.append(batch)
            meter.at(source.tell(), data.size)
    return pa.Table.from_batches(batches, reader.schema)


def is_finite(column: pa.ChunkedArray) -> bool:
    """Whether no number was written as nan or inf, which Arrow takes for numbers."""
    return not pa.types.is_floating(column.type) or bool(
        pc.all(pc.is_finite(column)).as_py() in {None, True}
    )


def _is_empty(cell: pa.Scalar) -> bool:
    return cell.as_py() in {None, ""}


def without_empty_rows(table: pa.Table) -> pa.Table:
    """Leave out rows that are nothing but delimiters, as spreadsheets append."""
    rows = np.arange(table.num_rows)
    for position in range(table.num_columns):
        if not len(rows):
            return table
        column = table.column(position)
        if len(rows) < table.num_rows:
            column = column.take(pa.array(rows))
        rows = rows[_empties(column)]
    keep = np.ones(table.num_rows, bool)
    keep[rows] = False
    return table.filter(pa.array(keep))


def _empties(column: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    if pa.types.is_floating(column.type):
        return np.asarray(column.is_null(), bool)
    if pa.types.is_dictionary(column.type):
        parts = [pc.equal(c.dictionary, "").take(c.indices) for c in column.chunks]
        return np.asarray(pa.chunked_array(parts, pa.bool_()), bool)
    return np.asarray(pc.equal(column, ""), bool)


def _diagnosis(request: Request, csv: Csv, data: pa.Buffer) -> DataError:
    """Read once more, slowly, only to say what is wrong and where."""
    text = csv.body.to_pybytes()
    try:
        text.decode()
    except UnicodeDecodeError as error:
        return _not_utf8(request, csv, text, error.start)
    uneven: list[tuple[int, int]] = []

    def note(row: Any) -> str:  # noqa: ANN401  pyarrow's InvalidRow has no stub
        # Arrow counts records from 1, of those without any value too.
        uneven.append((row.number - 1, row.actual_columns))
        return "skip" if len(uneven) < _ENOUGH else "error"

    try:
        table = _parse(data, csv, {}, ROW_BYTES, threads=False, handler=note)
    except NO_ROOM:
        raise
    except pa.ArrowException:
        if uneven:
            return _uneven(request, csv, uneven)
        return request.fault(
            "a row that has no end, or is too long",
            hint=f"close every quote; a row may have {ROW_BYTES:,} bytes",
        )
    last = table.slice(max(table.num_rows - 1, 0))
    if not last.num_rows or any(column[0].as_py() for column in last.columns):
        # It is in the last row, which has swallowed the probe.
        record = table.num_rows + len(uneven) - 1
        return request.fault(
            "a quote that is never closed",
            row=rows_of(csv, [record], delimiters=True)[record],
            hint="is the file cut off?",
        )
    if not uneven:
        return request.fault("cannot be read as CSV", hint=_HINT)
    return _uneven(request, csv, uneven)


def _uneven(request: Request, csv: Csv, records: list[tuple[int, int]]) -> DataError:
    rows = rows_of(csv, {at for at, _ in records[:_LISTED]}, delimiters=True)
    problems = [
        Problem(
            table=request.table,
            row=rows[at],
            value=count,
            message="another number of cells than the header has",
            hint=f"the header has {len(csv.header)}",
        )
        for at, count in records[:_LISTED]
    ]
    return DataError(list_problems(problems, len(records)))


def _not_utf8(request: Request, csv: Csv, text: bytes, at: int) -> DataError:
    return request.fault(
        "text that is not UTF-8",
        row=row_at_byte(csv, at),
        value=text[max(at - 8, 0) : at + 8],
        hint=_HINT,
    )
