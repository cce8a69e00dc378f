"""Rows of a CSV file as a spreadsheet numbers them; only errors ask for that."""

import re
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING

import pyarrow as pa

from quizanalysis._intake.columns import Ints
from quizanalysis.errors import DataError
from quizanalysis.readers._source import renumber

if TYPE_CHECKING:
    from quizanalysis.readers._csv import Csv

__all__ = ["ROW_BYTES", "placing_rows", "row_at_byte", "rows_of", "whole_rows"]

ROW_BYTES = 50 << 20
"""About the longest row, and so the largest cell."""

_PART = 8 << 20
"""Bytes that are looked through at a time."""

_FILLED, _DELIMITERS, _BLANK = range(3)
"""What a row has: values, nothing but delimiters, or nothing at all."""


@contextmanager
def placing_rows(csv: "Csv", records: Ints | None = None) -> Iterator[None]:
    """Give in every problem the row that a spreadsheet shows.

    Readers number the records that have values, from 0; a spreadsheet numbers all rows
    from 1, the header's included. `records` has the number of each record that is left,
    where some were left out.
    """
    try:
        yield
    except DataError as error:
        if records is not None:
            error = renumber(error, lambda row: int(records[row]))
        wanted = {one.row for one in error.problems if one.row is not None}
        raise renumber(error, rows_of(csv, wanted).__getitem__) from None


def rows_of(
    csv: "Csv", records: Collection[int], *, delimiters: bool = False
) -> dict[int, int]:
    """Find the row of each of these records, which count from 0.

    Whether rows of nothing but delimiters count as records is told by `delimiters`;
    blank lines never do. A record behind the last one has the row that would follow.
    """
    found: dict[int, int] = {}
    most, record, row = max(records, default=-1), 0, csv.first_row
    for _, _, kind in _rows(csv):
        if record > most:
            break
        row += 1
        if kind == _FILLED or (kind == _DELIMITERS and delimiters):
            if record in records:
                found[record] = row
            record += 1
    return {one: found.get(one, row + one - record + 1) for one in records}


def row_at_byte(csv: "Csv", at: int) -> int:
    """Return the row that has this byte of the body."""
    row = csv.first_row
    for _, end, _ in _rows(csv):
        row += 1
        if at < end:
            break
    return row


def whole_rows(csv: "Csv", pieces: Iterable[bytes]) -> Iterator["Csv"]:
    """Give a file some rows at a time, each part with the row that it begins after."""
    held = b""
    for piece in pieces:
        held += piece
        if len(held) < _PART:
            continue
        part = replace(csv, body=pa.py_buffer(held))
        starts = [start for start, _, _ in _rows(part)]
        # What the last one has may go on in the next piece.
        if len(starts) > 1:
            yield replace(csv, body=part.body[: starts[-1]])
            csv = replace(csv, first_row=csv.first_row + len(starts) - 1)
            held = b"\n" + held[starts[-1] :]
        elif len(held) > ROW_BYTES:
            break
    yield replace(csv, body=pa.py_buffer(held))


def _rows(csv: "Csv") -> Iterator[tuple[int, int, int]]:
    """Give start and end of each row below the header, and what it has."""
    mark = re.escape(csv.delimiter.encode())
    # Possessive, so that a quote which is never closed costs one pass.
    cell = rb'(?:"(?:[^"]++|"")*+"?[^\r\n%b]*+|[^\r\n%b]*+)' % (mark, mark)
    pattern = re.compile(rb"%b(?:%b%b)*+(?:\r\n|\r|\n|\Z)" % (cell, mark, cell))
    nothing = re.compile(rb'(?:%b|"")++[\r\n]*+' % mark)
    body = memoryview(csv.body).cast("B")
    # The header's own line end stands before the first row.
    line_end = re.compile(rb"\r\n|\r|\n|").match(body)
    at = 0 if line_end is None else line_end.end()
    while at < len(body) and (found := pattern.match(body, at)):
        end = found.end()
        kind = _DELIMITERS if nothing.fullmatch(body, at, end) else _FILLED
        if body[at] in b"\r\n":
            kind = _BLANK
        yield at, end, kind
        at = end
