"""Tidy CSV block by block, with memory for one block."""

import codecs
import io
from collections.abc import Collection, Iterator
from itertools import chain

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._files.cells import is_text_list
from quizanalysis.errors import DataError
from quizanalysis.readers import tidy
from quizanalysis.readers._csv import (
    Csv,
    is_finite,
    read_cells,
    split_header,
    without_empty_rows,
)
from quizanalysis.readers._csv_rows import ROW_BYTES, whole_rows
from quizanalysis.readers._limits import NO_ROOM
from quizanalysis.readers._source import BOMS, Request
from quizanalysis.readers._wide import nulled

_BLOCK = 8 << 20
"""Bytes parsed at a time, which is also the longest row."""

_PIECE = 1 << 20


def recoded(request: Request) -> Iterator[bytes]:
    """The bytes of a text file as UTF-8 without a byte order mark, piece by piece."""
    head = request.head(4)
    marks = [(mark, name) for mark, name in BOMS if head.startswith(mark)]
    mark, encoding = marks[0] if marks else (b"", request.encoding or "utf-8-sig")
    request.file.seek(len(mark) if encoding == "utf-8-sig" else 0)
    if encoding == "utf-8-sig":
        while piece := request.file.read(_PIECE):
            yield piece
        return
    decoder = codecs.getincrementaldecoder(encoding)()
    why = "its byte order mark says " if marks else "it is said to be in "
    with request.parsing("text", why + encoding):
        while piece := request.file.read(_PIECE):
            yield decoder.decode(piece).encode()
        yield decoder.decode(b"", final=True).encode()


def split_stream(request: Request) -> tuple[Csv, Iterator[bytes]]:
    """Split the header off, and give what follows it piece by piece."""
    pieces = recoded(request)
    head = b""
    for piece in pieces:
        head += piece
        if len(head) > ROW_BYTES or b"\n" in piece or b"\r" in piece:
            break
    csv = split_header(request, head, tidy.known)
    if csv is None:
        raise request.fault(
            "not a tidy file, and only these can be read in batches",
            hint=f"it should begin with {tidy.HEADER}; read() knows other formats",
        )
    return csv, chain([csv.body.to_pybytes()], pieces)


def csv_tables(
    request: Request, rows: int, wanted: Collection[str], *, lists: bool
) -> Iterator[pa.Table]:
    """Read about so many rows at a time: the columns wanted, by name, as values."""
    csv, body = split_stream(request)
    names = [tidy.column_name(name) for name in csv.header]
    places = [at for at, name in enumerate(names) if name in wanted]
    for table in _cells(request, csv, body):
        columns = [
            _values(names[at], table.column(at), csv.delimiter, lists=lists)
            for at in places
        ]
        made = pa.table(columns, names=[names[at] for at in places])
        for start in range(0, made.num_rows, rows):
            yield made.slice(start, rows)


def is_lists(request: Request) -> bool:
    """Whether there are responses, and every one in the file is a JSON array."""
    csv, body = split_stream(request)
    names = [tidy.column_name(name) for name in csv.header]
    at, found = names.index("response"), False
    for table in _cells(request, csv, body):
        said = nulled(table.column(at)).drop_null()
        if not found and len(said) and not said[0].as_py().startswith("["):
            return False
        found |= len(said) > 0
        if not pc.all(is_text_list(said), min_count=0).as_py():
            return False
    return found


def _values(
    name: str, column: pa.ChunkedArray, delimiter: str, *, lists: bool
) -> pa.ChunkedArray:
    """Undo what writing the values as cells did to them."""
    if name in tidy.FEW:
        column = column.dictionary_encode()
    column, _ = tidy.cell_values(name, column, delimiter, lists=lists)
    if name not in tidy.NUMBERS:
        return column
    try:
        numbers = nulled(column).cast(pa.float64())
    except pa.ArrowInvalid:
        return column
    return numbers if is_finite(numbers) else column


def _cells(request: Request, csv: Csv, body: Iterator[bytes]) -> Iterator[pa.Table]:
    """All cells as text; rows of nothing go."""
    from pyarrow import csv as arrow_csv  # noqa: PLC0415  not every reader needs it

    names = [str(position) for position in range(len(csv.header))]
    # A row of nothing at the end comes back whole only if every quote was closed.
    probe = b"\n" + csv.delimiter.encode() * (len(names) - 1) + b"\n"
    try:
        reader = arrow_csv.open_csv(
            io.BufferedReader(_Joined(chain(body, [probe])), _PIECE),
            arrow_csv.ReadOptions(
                column_names=names, block_size=_BLOCK, use_threads=False
            ),
            arrow_csv.ParseOptions(delimiter=csv.delimiter, newlines_in_values=True),
            arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, pa.string()),
                null_values=[""],
                strings_can_be_null=False,
            ),
        )
        last = None
        for batch in reader:
            if last is not None:
                yield without_empty_rows(last)
            last = pa.Table.from_batches([batch])
    except NO_ROOM:
        raise
    except pa.ArrowException:
        raise _diagnosis(request) from None
    if last is None or any(c[-1].as_py() for c in last.columns):
        raise _diagnosis(request)
    yield without_empty_rows(last)


def _diagnosis(request: Request) -> DataError:
    """Read once more, slowly, only to say what is wrong and where, as `read` does."""
    try:
        for part in whole_rows(*split_stream(request)):
            read_cells(request, part)
    except DataError as error:
        return error
    return request.fault(
        "a row that is too long",
        hint=f"close every quote; in batches a row may have {_BLOCK:,} bytes",
    )


class _Joined(io.RawIOBase):
    """Pieces of bytes as one file."""

    def __init__(self, pieces: Iterator[bytes]) -> None:
        self._pieces = pieces
        self._left = memoryview(b"")

    def readable(self) -> bool:
        """Whether it can be read, which is all that it can."""
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Fill the buffer as far as the next piece goes."""
        while not len(self._left):
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = memoryview(piece)
        n = min(len(buffer), len(self._left))
        buffer[:n] = self._left[:n]
        self._left = self._left[n:]
        return n
