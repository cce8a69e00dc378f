"""The tidy form, a row per submission and item: CSV, Parquet, Arrow IPC, JSON lines."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._files.cells import is_text_list, split_texts, unescape_text
from quizanalysis._files.formulas import unescape_formula
from quizanalysis._intake.arrow_types import plain
from quizanalysis._intake.columns import codes, texts, unified
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.opened import name_columns
from quizanalysis.progress import QUIET, Meter
from quizanalysis.readers import _json
from quizanalysis.readers._csv import Csv, read_cells
from quizanalysis.readers._csv_rows import placing_rows
from quizanalysis.readers._limits import check_ipc, check_parquet
from quizanalysis.readers._missing_words import number_cells, without_null_words
from quizanalysis.readers._report_columns import column_key, is_unnamed
from quizanalysis.readers._source import FOUND, LOADED, PARSED, Request, renumbering
from quizanalysis.readers._wide import is_test_student, nulled
from quizanalysis.responses import Exclusion, Responses
from quizanalysis.schema import INPUTS

if TYPE_CHECKING:
    from pyarrow.parquet import ParquetFile  # slow to import

HEADER = "student_id,item_id,score (and quiz_id, attempt, response, …, in any order)"
"""What the header looks like, for messages."""

_COLUMNS = tuple(column.name for column in INPUTS["responses"])
_STUDENT = tuple(column.name for column in INPUTS["students"])
_SUBMISSION = ("quiz_id", "student_id", "attempt")
LISTS = tuple(c.name for c in INPUTS["students"] if pa.types.is_list(c.type))
KNOWN = dict.fromkeys((*_COLUMNS, *_STUDENT))
_KEYS = {column_key(name): name for name in KNOWN}
NUMBERS = tuple(
    c.name
    for c in INPUTS["responses"]
    if pa.types.is_floating(c.type) or pa.types.is_integer(c.type)
)
FEW = ("quiz_id", "student_id", "item_id", "status", "item_type", "title")
"""Texts that repeat, so that each is held once."""

_LINES = 100_000
"""How many lines of JSON are held as Python objects at a time."""

_LINE = 'write each row as {"student_id": "7", "item_id": "q1", "score": 1}'
"""What a line of JSON looks like, for messages."""

_BATCH = 1 << 18
"""How many rows of Parquet are read before that is told."""

_CODED = pa.dictionary(pa.int32(), pa.string())


def known(header: Sequence[str]) -> bool:
    """Whether a header is the one of this form."""
    return {"student_id", "item_id"} <= {*map(column_name, header)}


def nearness(header: Sequence[str]) -> tuple[int, str, str]:
    """Say how many columns are of this form, what is missing, and how to mend it."""
    names = {*map(column_name, header)}
    absent = [name for name in ("student_id", "item_id") if name not in names]
    return (
        len(names & {*KNOWN}),
        f"it has no column {' or '.join(absent)}",
        f"the header should be {HEADER}",
    )


def column_name(name: str) -> str:
    """Return which known column a header names, in whatever case; or itself.

    Examples
    --------
    >>> column_name("Student ID"), column_name("student.id"), column_name("group")
    ('student_id', 'student_id', 'group')
    """
    return _KEYS.get(column_key(name), name)


def unused(names: Sequence[str]) -> list[Exclusion]:
    """Name the columns that are not known; row numbers need no word."""
    rest = [n for n in names if column_name(n) not in KNOWN and not is_unnamed(n)]
    return [("columns", f"not used: {name_columns(rest)}", len(rest))]


def read_csv(request: Request, csv: Csv) -> Responses:
    """Read tidy CSV, such as `quizanalysis.write_csv` makes it.

    Columns go by name, in any order and case; those that are not known are passed
    over. Separators are commas, semicolons or TABs; with semicolons a number may have
    a decimal comma. Only an empty cell is null: ``NA`` and ``Null`` are names, ``007``
    stays so. The apostrophes that guard a cell against being run by a spreadsheet, or
    against being taken for a list, are taken away. Responses are lists when each one
    is a JSON array of texts.
    """
    names = [column_name(name) for name in csv.header]
    check_header(request, csv.header)
    places = [at for at, name in enumerate(names) if name in KNOWN]
    types: dict[int, pa.DataType] = {}
    for at in places:
        if names[at] in FEW:
            types[at] = _CODED
        elif names[at] in NUMBERS:
            types[at] = pa.float64()
    cells = read_cells(request, csv, types)
    columns, missing = [], 0
    each = request.meter.within(PARSED, FOUND).split([1] * len(places))
    for at, meter in zip(places, each, strict=True):
        column, n = cell_values(names[at], cells[at], csv.delimiter, meter=meter)
        columns.append(column)
        missing += n
        meter.at(1.0)
    notes = [("cells", "words such as NA for no number", missing), *unused(csv.header)]
    table = pa.table(columns, names=[names[at] for at in places])
    with placing_rows(csv):
        return responses_of(request, table, notes=notes)


def check_header(request: Request, header: Sequence[str]) -> None:
    """Refuse a file without scores before any of it is read."""
    if "score" not in map(column_name, header):
        raise request.fault(
            "no such column",
            column="score",
            hint=f"there are {name_columns(header)}; name that of the points "
            "'score' in the header",
        )


def cell_values(
    name: str,
    column: pa.ChunkedArray,
    delimiter: str,
    *,
    lists: bool | None = None,
    meter: Meter = QUIET,
) -> tuple[pa.ChunkedArray, int]:
    """Undo what writing the values as cells did to them.

    Whether responses are lists their column tells, if nobody knows it already. Also
    tells how many cells had a word such as NA instead of a number.
    """
    if pa.types.is_dictionary(column.type):
        return _words(unified(column)), 0
    if name in NUMBERS:
        return number_cells(column, decimal_comma=delimiter == ";")
    if name == "submitted_at":
        column = without_null_words(column)
    column = nulled(column)
    if lists is None and name == "response":
        lists = _all_lists(column)
    if name in LISTS or (name == "response" and lists):
        return pa.chunked_array([split_texts(unescape_formula(column))]), 0
    parts = []
    for part in column.chunks:
        parts.append(unescape_text(part))
        meter.at(len(parts), column.num_chunks)
    return pa.chunked_array(parts, column.type), 0


def _words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Undo the same once for each word of a dictionary, the same one in all chunks."""
    if not pa.types.is_dictionary(column.type):
        return unescape_text(nulled(column))
    if not column.num_chunks or not _is_altered(column.chunk(0).dictionary):
        return column
    words = unescape_text(nulled(column.chunk(0).dictionary)).dictionary_encode()
    return pa.chunked_array([words.take(chunk.indices) for chunk in column.chunks])


def _is_altered(words: pa.Array) -> bool:
    """Whether a text among these is nothing, or may have a guard."""
    return bool(pc.any(pc.match_substring_regex(words, "'|^$")).as_py())


def _all_lists(column: pa.ChunkedArray) -> bool:
    """Whether there are responses, and every one is a JSON array of texts."""
    first = column.drop_null()[:1].to_pylist()
    return (
        bool(first)
        and first[0].startswith("[")
        and bool(pc.all(is_text_list(column)).as_py())
    )


def read_parquet(request: Request) -> Responses:
    """Read tidy Parquet: the same columns, typed; others are passed over."""
    from pyarrow import parquet  # noqa: PLC0415  slow to import

    with request.parsing("Parquet", "is the file cut off?"):
        schema = parquet.ParquetFile(request.file).schema_arrow
        names = schema.names
        file = parquet.ParquetFile(request.file, read_dictionary=repeated(schema))
        check_parquet(request, file, whole=True)
        wanted = [name for name in names if column_name(name) in KNOWN]
        table = _rows(file, wanted, request.meter.within(0.0, PARSED))
        validate(table)
    return responses_of(request, table, notes=unused(names))


def repeated(schema: pa.Schema) -> list[str]:
    """Name the columns of text, of which Parquet holds each once.

    As plain texts the same long one in every row is a bomb.
    """
    return [
        field.name
        for field in schema
        if column_name(field.name) in KNOWN
        and (pa.types.is_string(field.type) or field.name in FEW)
        and not pa.types.is_nested(field.type)
    ]


def _rows(file: "ParquetFile", columns: Sequence[str], meter: Meter) -> pa.Table:
    """All rows of a file, some at a time when somebody is told of them."""
    if meter.tell is None:
        return file.read(columns)
    batches = []
    rows = 0
    for batch in file.iter_batches(_BATCH, columns=columns):
        batches.append(batch)
        rows += batch.num_rows
        meter.at(rows, file.metadata.num_rows)
    return pa.Table.from_batches(batches) if batches else file.read(columns)


def read_ipc(request: Request) -> Responses:
    """Read tidy Arrow IPC, the file (Feather) or the stream."""
    is_file = request.head().startswith(b"ARROW1")
    check_ipc(request, whole=True)
    with request.parsing("Arrow IPC", "is the file cut off?"):
        opened = pa.ipc.open_file if is_file else pa.ipc.open_stream
        with opened(request.file) as reader:
            with request.parsing("a table", "names of columns should be text"):
                _ = reader.schema.names
            table = reader.read_all()
        # What was read is only pointed to so far, and may point anywhere.
        validate(table)
    return responses_of(request, table, notes=unused(table.column_names))


def validate(table: pa.Table) -> None:
    """Check every offset and text; a dictionary's texts need a look of their own."""
    table.validate(full=True)
    for column in table.columns:
        if pa.types.is_dictionary(column.type):
            for chunk in column.chunks:
                chunk.dictionary.validate(full=True)


def read_jsonl(request: Request, data: bytes) -> Responses:
    """Read tidy JSON lines: one object per row, its keys the same columns.

    A response may be text in one row and a list of texts in another.
    """
    every = data.splitlines()
    filled = [at for at, line in enumerate(every) if line.strip()]
    # A line that is more than one value makes more rows than there are lines.
    with renumbering(lambda row: filled[min(row, len(filled) - 1)] + 1):
        return _read_lines(request, [every[at] for at in filled])


def _read_lines(request: Request, lines: Sequence[bytes]) -> Responses:
    blocks = []
    for at in range(0, len(lines), _LINES):
        blocks.append(block_of(request, lines[at : at + _LINES], at))
        request.meter.at(LOADED + (FOUND - LOADED) * at / len(lines))
    columns = {}
    for name in KNOWN:
        if any(name in block.column_names for block in blocks):
            columns[name] = _json.joined(
                [
                    block[name].combine_chunks()
                    if name in block.column_names
                    else pa.nulls(block.num_rows, pa.large_string())
                    for block in blocks
                ]
            )
    return responses_of(request, pa.table(columns))


def block_of(request: Request, lines: Sequence[bytes], at: int) -> pa.Table:
    """Read some lines; as Python's objects all of them would need much memory."""
    # A line break within a text stays one, which JSON refuses.
    values = _json.parsed(request, b"[" + b",\n".join(lines) + b"]", at)
    assert isinstance(values, list)  # noqa: S101  it has brackets around it
    rows = _json.records(request, values, "a line", _LINE, at)
    present = set().union(*rows) & set(KNOWN)
    return pa.table(
        {
            name: _json.answers(request, [row.get(name) for row in rows])
            for name in present
        }
    )


def known_lines(data: bytes) -> bool:
    """Whether the first line is an object with the keys of this form."""
    end = data.find(b"\n", len(data) - len(data.lstrip()))
    line = data[: end if end >= 0 else len(data)].lstrip()
    return line.startswith(b"{") and b'"student_id"' in line and b'"item_id"' in line


def responses_of(
    request: Request,
    table: pa.Table,
    items: pa.Table | None = None,
    notes: Sequence[Exclusion] = (),
) -> Responses:
    """Take the students out of the rows, and the test student out of all."""
    names = [column_name(name) for name in table.column_names]
    places = [at for at, name in enumerate(names) if name in KNOWN]
    table = table.select(places).rename_columns([names[at] for at in places])
    if request.quiz_id is not None and table.column_names.count("quiz_id") == 1:
        _one_quiz(request, table["quiz_id"])
        table = table.drop_columns("quiz_id")
    about = [name for name in _STUDENT if name in table.column_names]
    if (
        about in ([], ["student_id"])
        or len(set(table.column_names)) < table.num_columns
    ):
        return request.responses(table, items, notes=notes)
    rows = None
    with request.parsing("a table of students", "ids and names should be text"):
        for at, name in enumerate(table.column_names):
            if name in {*about, *_SUBMISSION}:
                table = table.set_column(at, name, plain(table[name]))
        left_out = 0
        if "name" in about and not request.test_student:
            tested = is_test_student(texts(table["name"]).cast(pa.string()))
            left_out = _count_submissions(table.filter(pa.array(tested)))
            rows = np.flatnonzero(~tested)
            table = table.take(pa.array(rows)) if tested.any() else table
        number, _ = codes(table["student_id"])
        _, first = ranks(number)
        students = table.select(about).take(pa.array(first))
    return request.responses(
        table.drop_columns([name for name in about if name != "student_id"]),
        items,
        students=students,
        exclusions=[("submissions", "test student", left_out)],
        notes=notes,
        rows=rows,
    )


def _one_quiz(request: Request, column: pa.ChunkedArray) -> None:
    """Refuse to make one quiz of several."""
    with request.parsing("ids of quizzes", "ids should be text"):
        _, names = codes(plain(column))
    if len(names) > 1:
        raise request.fault(
            f"the file holds {len(names)} quizzes, and quiz_id= would make one of them",
            column="quiz_id",
            value=", ".join(names[:3].to_pylist()),
            hint="leave quiz_id= out; responses.where(quiz=…) chooses one of them",
        )


def _count_submissions(table: pa.Table) -> int:
    keys = [name for name in _SUBMISSION if name in table.column_names]
    return int(table.group_by(keys).aggregate([]).num_rows)
