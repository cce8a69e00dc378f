"""Tidy files some rows at a time: Parquet, Arrow IPC, CSV, JSON lines."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from itertools import chain

import pyarrow as pa

from quizanalysis.readers import tidy
from quizanalysis.readers._containers import container_of
from quizanalysis.readers._csv import ROW_BYTES, Csv, split_header
from quizanalysis.readers._csv_stream import csv_tables, is_lists, recoded
from quizanalysis.readers._source import Path, Request, opened, renumbering

_HEAD = 1 << 20
_BUFFER = 1 << 20


@dataclass(frozen=True, slots=True)
class Stream:
    """A tidy file that can be read any number of times.

    Attributes
    ----------
    path : path or URI
    label, name : str
        As in `Request`.
    kind : str
        ``parquet``, ``ipc``, ``csv`` or ``jsonl``.
    columns : tuple of str
        Those that are known, in lower case, as they stand in the file.
    lists : bool
        Whether responses are lists of texts.
    encoding : str or None
        As in `Request`.
    """

    path: Path
    label: str
    name: str
    kind: str
    columns: tuple[str, ...]
    lists: bool = False
    encoding: str | None = None

    @property
    def first_row(self) -> int | None:
        """What messages call the first row of the file; None where rows have none."""
        return {"csv": 2, "jsonl": 1}.get(self.kind)

    def tables(
        self, rows: int, only: Collection[str] | None = None
    ) -> Iterator[pa.Table]:
        """Read about so many rows at a time, of all known columns or of some."""
        wanted = tidy.KNOWN if only is None else only
        with opened(self.path) as file:
            request = _request(file, self.label, self.name, self.encoding)
            match self.kind:
                case "parquet":
                    yield from _parquet(request, rows, wanted)
                case "ipc":
                    yield from _ipc(request, rows, wanted)
                case "jsonl":
                    for table in _lines(request, rows):
                        names = [n for n in table.column_names if n in wanted]
                        yield table.select(names)
                case _:
                    csv, body = _csv(request)
                    yield from csv_tables(
                        request, csv, body, rows, wanted, lists=self.lists
                    )


def stream(path: Path, label: str, name: str, encoding: str | None) -> Stream:
    """Find out what kind of file it is, and what it holds."""
    with opened(path) as file:
        request = _request(file, label, name, encoding)
        kind = _kind(request)
        made = Stream(path, label, name, kind, (), encoding=encoding)
        match kind:
            case "parquet":
                schema = _parquet_schema(request)
            case "ipc":
                schema = _ipc_schema(request)
            case "jsonl":
                columns, lists = _seen(request)
                return replace(made, columns=columns, lists=lists)
            case _:
                csv, _ = _csv(request)
                names = [tidy.column_name(name) for name in csv.header]
                known = tuple(name for name in names if name in tidy.KNOWN)
                lists = "response" in known and is_lists(request, *_csv(request))
                return replace(made, columns=known, lists=lists)
    names = [tidy.column_name(name) for name in schema.names]
    types = dict(zip(names, schema.types, strict=True))
    return replace(
        made,
        columns=tuple(name for name in names if name in tidy.KNOWN),
        lists="response" in types and pa.types.is_nested(types["response"]),
    )


def _request(
    file: pa.NativeFile, label: str, name: str, encoding: str | None
) -> Request:
    return Request(file, label, name, None, 0, test_student=False, encoding=encoding)


def _kind(request: Request) -> str:
    head = request.head(_HEAD)
    if container := container_of(head, request.tail(_HEAD)):
        raise request.fault(f"the file is {container.name}", hint=container.remedy)
    if head.startswith(b"PAR1"):
        return "parquet"
    if head.startswith((b"ARROW1", b"\xff\xff\xff\xff")):
        return "ipc"
    start = next(recoded(request), b"")
    return "jsonl" if tidy.known_lines(start) else "csv"


def _csv(request: Request) -> tuple[Csv, Iterator[bytes]]:
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
    rest = csv.body.to_pybytes()

    def body() -> Iterator[bytes]:
        yield rest
        yield from pieces

    return csv, body()


def _parquet_schema(request: Request) -> pa.Schema:
    from pyarrow import parquet  # noqa: PLC0415  slow to import

    with request.parsing("Parquet", "is the file cut off?"):
        return parquet.ParquetFile(request.file).schema_arrow


def _parquet(
    request: Request, rows: int, wanted: Collection[str]
) -> Iterator[pa.Table]:
    from pyarrow import parquet  # noqa: PLC0415  slow to import

    with request.parsing("Parquet", "is the file cut off?"):
        names = _parquet_schema(request).names
        request.file.seek(0)
        file = parquet.ParquetFile(
            request.file,
            read_dictionary=[name for name in names if name in tidy.FEW],
            buffer_size=_BUFFER,
            pre_buffer=False,
        )
        chosen = [name for name in names if tidy.column_name(name) in wanted]
        for batch in file.iter_batches(rows, columns=chosen):
            yield _named(pa.Table.from_batches([batch]))


def _ipc_schema(request: Request) -> pa.Schema:
    is_file = request.head().startswith(b"ARROW1")
    with request.parsing("Arrow IPC", "is the file cut off?"):
        reader = (pa.ipc.open_file if is_file else pa.ipc.open_stream)(request.file)
        return reader.schema


def _ipc(request: Request, rows: int, wanted: Collection[str]) -> Iterator[pa.Table]:
    is_file = request.head().startswith(b"ARROW1")
    with request.parsing("Arrow IPC", "is the file cut off?"):
        if is_file:
            reader = pa.ipc.open_file(request.file)
            batches = map(reader.get_batch, range(reader.num_record_batches))
        else:
            batches = iter(pa.ipc.open_stream(request.file))
        for batch in batches:
            names = batch.schema.names
            chosen = [n for n in names if tidy.column_name(n) in wanted]
            table = pa.Table.from_batches([batch]).select(
                [at for at, n in enumerate(names) if n in chosen]
            )
            for at in range(0, table.num_rows, rows):
                yield _named(table.slice(at, rows))


def _named(table: pa.Table) -> pa.Table:
    """Check every value; call the columns as they are known."""
    tidy.validate(table)
    return table.rename_columns([tidy.column_name(n) for n in table.column_names])


def _lines(request: Request, rows: int) -> Iterator[pa.Table]:
    """Read JSON lines, some at a time."""
    lines: list[bytes] = []
    places: list[int] = []  # of the lines that have something
    n, left = 0, b""

    def block(size: int) -> pa.Table:
        # A line that is more than one value makes more rows than there are lines.
        with renumbering(lambda row: places[min(row, size - 1)]):
            return tidy.block_of(request, lines[:size], 0)

    for piece in chain(recoded(request), [b"\n"]):
        *whole, left = (left + piece).split(b"\n")
        split = b"\n".join(whole).splitlines()
        places += [at for at, line in enumerate(split, n + 1) if line.strip()]
        lines += [line for line in split if line.strip()]
        n += len(split)
        while len(lines) >= rows:
            yield block(rows)
            lines, places = lines[rows:], places[rows:]
    if lines:
        yield block(len(lines))


def _seen(request: Request) -> tuple[tuple[str, ...], bool]:
    """All keys that lines have, which only reading them all tells."""
    columns: dict[str, None] = {}
    lists = False
    for table in _lines(request, 1 << 14):
        columns |= dict.fromkeys(table.column_names)
        if "response" in table.column_names:
            lists |= pa.types.is_list(table.schema.field("response").type)
    return tuple(columns), lists
