"""Tidy files some rows at a time: Parquet, Arrow IPC, CSV, JSON lines."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from itertools import chain

import pyarrow as pa

from quizanalysis._intake.columns import Findings
from quizanalysis._intake.opened import opened as known_columns
from quizanalysis.readers import tidy
from quizanalysis.readers._containers import container_of
from quizanalysis.readers._csv_stream import (
    csv_tables,
    is_lists,
    recoded,
    split_stream,
)
from quizanalysis.readers._limits import check_ipc, check_parquet, check_texts
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
    empty : pyarrow.Table
        No rows of the columns that are known, by the names that they are known by.
    lists : bool
        Whether responses are lists of texts.
    encoding : str or None
        As in `Request`.
    """

    path: Path
    label: str
    name: str
    kind: str
    empty: pa.Table
    lists: bool = False
    encoding: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that are known, in the order of the file."""
        return tuple(self.empty.column_names)

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
                    yield from csv_tables(request, rows, wanted, lists=self.lists)


def stream(path: Path, label: str, name: str, encoding: str | None) -> Stream:
    """Find out what kind of file it is, and what it holds."""
    with opened(path) as file:
        request = _request(file, label, name, encoding)
        kind = _kind(request)
        match kind:
            case "parquet":
                schema = _parquet_schema(request)
            case "ipc":
                schema = _ipc_schema(request)
            case "jsonl":
                schema = _seen(request)
            case _:
                csv, _ = split_stream(request)
                tidy.check_header(request, csv.header)
                schema = pa.schema([(name, pa.string()) for name in csv.header])
        with request.parsing("a table", "names of columns should be text"):
            names = [tidy.column_name(name) for name in schema.names]
            known = [at for at, name in enumerate(names) if name in tidy.KNOWN]
            table = schema.empty_table().select(known)
        table = table.rename_columns([names[at] for at in known])
        _check(table)
        lists = "response" in table.column_names and (
            is_lists(request)
            if kind == "csv"
            else pa.types.is_nested(table.schema.field("response").type)
        )
    return Stream(path, label, name, kind, table, lists, encoding)


def _check(table: pa.Table) -> None:
    """Refuse columns that are missing, twice there, or of a type that holds no such."""
    findings = Findings()
    known_columns(findings, {"responses": table})
    findings.stop_if_any()


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
    request.check_text(start)
    return "jsonl" if tidy.known_lines(start) else "csv"


def _parquet_schema(request: Request) -> pa.Schema:
    from pyarrow import parquet  # noqa: PLC0415  slow to import

    with request.parsing("Parquet", "is the file cut off?"):
        file = parquet.ParquetFile(request.file)
        check_parquet(request, file, whole=False)
        return file.schema_arrow


def _parquet(
    request: Request, rows: int, wanted: Collection[str]
) -> Iterator[pa.Table]:
    from pyarrow import parquet  # noqa: PLC0415  slow to import

    with request.parsing("Parquet", "is the file cut off?"):
        schema = _parquet_schema(request)
        request.file.seek(0)
        file = parquet.ParquetFile(
            request.file,
            read_dictionary=tidy.repeated(schema),
            buffer_size=_BUFFER,
            pre_buffer=False,
        )
        chosen = [name for name in schema.names if tidy.column_name(name) in wanted]
        for batch in file.iter_batches(rows, columns=chosen):
            yield _named(request, pa.Table.from_batches([batch]))


def _ipc_schema(request: Request) -> pa.Schema:
    check_ipc(request, whole=False)
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
                yield _named(request, table.slice(at, rows))


def _named(request: Request, table: pa.Table) -> pa.Table:
    """Check every value; call the columns as they are known."""
    tidy.validate(table)
    check_texts(request, table)
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


def _seen(request: Request) -> pa.Schema:
    """All keys that lines have, which only reading them all tells."""
    kinds: dict[str, pa.DataType] = {}
    for table in _lines(request, 1 << 14):
        for field in table.schema:
            if field.name not in kinds or pa.types.is_list(field.type):
                kinds[field.name] = field.type
    return pa.schema([(name, kinds[name]) for name in tidy.KNOWN if name in kinds])
