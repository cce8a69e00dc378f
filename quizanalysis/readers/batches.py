"""Reading more than fits in memory: batch by batch, each student in one of them."""

import glob
import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import codes, texts
from quizanalysis._intake.opened import table_of
from quizanalysis.errors import DataError, Problem
from quizanalysis.readers import _source, read, tidy
from quizanalysis.readers._limits import NO_ROOM
from quizanalysis.readers._order import Order, is_clustered
from quizanalysis.readers._plain import ROW, Files
from quizanalysis.readers._several import of_file
from quizanalysis.readers._source import Request
from quizanalysis.readers._streams import Stream, stream
from quizanalysis.readers._together import runs, scattered
from quizanalysis.responses import Responses

__all__ = ["read_batches"]


@dataclass(frozen=True, slots=True)
class _How:
    """Rows in a batch, whether they stand together, and where else they are put."""

    rows: int
    clustered: bool | None
    folder: str | None


def read_batches(  # noqa: PLR0913  each is a choice of the caller
    source: _source.Path | Sequence[_source.Path],
    *,
    batch_rows: int = 250_000,
    clustered: bool | None = None,
    items: Any = None,  # noqa: ANN401  anything with __arrow_c_stream__
    quiz_id: str | None = None,
    max_options: int = 12,
    test_student: bool = False,
    encoding: str | None = None,
    temporary: str | os.PathLike[str] | None = None,
) -> Iterator[Responses]:
    r"""Read tidy files of any size, holding one batch of their rows.

    Parameters
    ----------
    source : path, URI, folder or pattern, or a list of them
        Tidy Parquet, Arrow IPC, CSV or JSON lines, in one form or in several. Of a
        folder all files that stand in it, by name; ``**/*.parquet`` is a pattern.
    batch_rows : int
        About how many rows a batch has. A student's rows at a quiz stay together, so
        it can be more.
    clustered : bool, optional
        Whether all rows of a student at a quiz, of every attempt, stand together, as
        they do in any file sorted by quiz and student, or by student and quiz. When
        not given, these two columns are read beforehand to find out. True saves that;
        a student who comes back is a `DataError` then. False sorts out the rows
        without looking.
    items : object with ``__arrow_c_stream__``, optional
        As in `Responses.from_arrow`: what tells keys and options. With several quizzes
        it needs a ``quiz_id``.
    quiz_id, max_options, test_student, encoding
        As in `read`.
    temporary : path, optional
        Where the temporary folder is made, if one is needed; the system's place when
        not given, which may be in memory.

    Yields
    ------
    Responses
        Each with all attempts of its students at their quizzes, so that
        ``batch.attempts("last")`` and all that a student's own rows tell is right in
        it. What all rows tell is not: a tally infers points and keys from all that is
        added, and `student_analysis` takes ranks from it (``whole=``).

    Raises
    ------
    DataError
        With all problems of the first batch that has any; a `MergeError` from
        `Tally.of` when two batches contradict each other.
    TypeError, ValueError
        For a source that is no path, or an option that does not exist.
    OSError
        When a file cannot be opened, or the disk is full.

    Notes
    -----
    Rows that do not stand together are first written to files by a hash of quiz and
    student (`pandas.util.hash_array`, `pyarrow.dataset.write_dataset`): about 12 bytes
    a row on disk where ids are short, one pass of reading and one of writing. Both
    libraries are needed anyway, and their writer holds no more than what is in flight;
    an engine that can sort (DuckDB, polars) would be one more. The folder is removed
    when all is read, on any error, and when the iteration is given up. Batches come in
    the order of the hashes then.

    Memory is that of one batch, about 1 kB a row, a list of runs while looking
    (64 MB at most), and what the libraries take: a record batch of Arrow is unpacked
    whole. Refused are record batches of more than 40 million rows, what unpacks to more
    than 4 GiB at once, and a student with more than 10 million rows at a quiz. A row of
    CSV may have 8 MB.

    An item's title and type should be the same in all rows; where they are not, what a
    tally says of them can depend on the batches.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> batches = qa.read_batches("fixtures/course/tidy.parquet", batch_rows=2_000)
    >>> tally = qa.Tally.of(batch.attempts("last") for batch in batches)
    >>> tally == qa.Tally.of(qa.read("fixtures/course/tidy.parquet").attempts("last"))
    True
    """
    if batch_rows < 1:
        msg = f"batch_rows must be 1 or more, not {batch_rows!r}"
        raise ValueError(msg)
    _source.check_encoding(encoding)
    _source.check_quiz(quiz_id)
    paths = _paths(source)
    known = None if items is None else table_of(items, "items")
    request = Request(
        pa.BufferReader(b""), "responses", "", None, max_options, test_student, encoding
    )
    folder = None if temporary is None else os.fspath(temporary)
    how = _How(batch_rows, clustered, folder)
    return _read(paths, how, known, quiz_id, request)


def _paths(source: object) -> list[_source.Path]:
    """Every file, those of a folder or pattern by name."""
    paths: list[_source.Path] = []
    for one in source if isinstance(source, list | tuple) else [source]:
        if not isinstance(one, str | os.PathLike):
            msg = f"source must be paths, not {type(one).__name__}: read() takes files"
            raise TypeError(msg)
        text = os.fspath(one)
        place = Path(text)
        if "://" in text or place.is_file():
            found: list[_source.Path] = [text]
        elif place.is_dir():
            # Engines leave notes of their own beside what they write.
            files = [p for p in place.iterdir() if not p.name.startswith((".", "_"))]
            found = [str(path) for path in sorted(files) if path.is_file()]
        else:
            matches = sorted(glob.glob(text, recursive=True))  # noqa: PTH207  has a root
            found = [path for path in matches if Path(path).is_file()] or [text]
        paths += found
    if not paths:
        msg = "no source to read"
        raise ValueError(msg)
    return paths


def _streams(paths: Sequence[_source.Path], encoding: str | None) -> list[Stream]:
    """Find out what every file is; name all that are no tidy files."""
    made: list[Stream] = []
    errors: list[DataError] = []
    for path, (label, name) in zip(paths, _source.named(paths), strict=True):
        try:
            made.append(stream(path, label, name, encoding))
        except DataError as error:
            errors.append(of_file(error, label))
    if errors:
        problems = [problem for error in errors for problem in error.problems]
        raise DataError(problems)
    return made


def _read(
    paths: Sequence[_source.Path],
    how: _How,
    items: pa.Table | None,
    quiz_id: str | None,
    request: Request,
) -> Iterator[Responses]:
    try:
        yield from _batches(paths, how, items, quiz_id, request)
    except NO_ROOM:
        problem = Problem(
            table=", ".join(label for label, _ in _source.named(paths)),
            message="a batch does not fit into the memory",
            hint="give a smaller batch_rows=, and write Parquet and Arrow with a "
            "million rows to a row group or record batch",
        )
        raise DataError([problem]) from None


def _batches(
    paths: Sequence[_source.Path],
    how: _How,
    items: pa.Table | None,
    quiz_id: str | None,
    request: Request,
) -> Iterator[Responses]:
    files = Files(_streams(paths, request.encoding), quiz_id)
    seen = pa.array([], pa.string())
    empty: pa.Table | None = None
    with closing(_tables(files, how)) as tables:
        for table in tables:
            number, known = table[ROW], table.drop_columns(ROW)
            empty = known.slice(0, 0)
            seen = pa.concat_arrays([seen, codes(known["quiz_id"])[1]]).unique()
            try:
                yield _batch(request, known, items, seen)
            except DataError as error:
                raise files.placed(error, number) from None
    if empty is None:
        _check_empty(paths, quiz_id, request)
    elif items is not None and "quiz_id" in items.column_names:
        others = items.filter(pc.invert(_among(items, seen)))
        if others.num_rows:
            yield tidy.responses_of(request, empty, others)


def _check_empty(
    paths: Iterable[_source.Path], quiz_id: str | None, request: Request
) -> None:
    """Refuse files without a row as `read` does: they may only seem to have none."""
    for path in paths:
        read(
            path,
            quiz_id=quiz_id,
            max_options=request.max_options,
            test_student=request.test_student,
            encoding=request.encoding,
        )


def _tables(files: Files, how: _How) -> Generator[pa.Table]:
    """All rows, in tables that hold every row of the students at quizzes in them."""
    some = max(1, how.rows // 4)
    if how.clustered:
        yield from runs(_checked(files.tables(some)), how.rows)
        return
    together, n = is_clustered(files.keys(some), look=how.clustered is None)
    if together:
        yield from runs(files.tables(some), how.rows)
    else:
        yield from scattered(files.tables(some), n, how.rows, how.folder)


def _checked(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """Refuse rows that do not stand together, though it was said that they do."""
    order = Order()
    problem = Problem(
        table="responses",
        column="student_id",
        message="the rows of a student at a quiz do not stand together",
        hint="leave clustered= out, so that they are brought together",
    )
    for table in tables:
        if not order.add(table):
            raise DataError([problem])
        yield table
    if not order.is_clustered():
        raise DataError([problem])


def _batch(
    request: Request, table: pa.Table, items: pa.Table | None, seen: pa.Array
) -> Responses:
    """Validate the rows of one batch, with what is declared of their quizzes."""
    if items is not None and "quiz_id" in items.column_names:
        items = items.filter(_among(items, codes(table["quiz_id"])[1]))
    elif items is not None and len(seen) > 1:
        problem = Problem(
            table="items",
            column="quiz_id",
            message="no such column, but there are several quizzes",
            hint="say of each item which quiz it belongs to",
        )
        raise DataError([problem])
    return tidy.responses_of(request, table, items)


def _among(items: pa.Table, quizzes: pa.Array) -> pa.ChunkedArray:
    names = texts(items["quiz_id"]).cast(pa.string())
    return pc.is_in(names, quizzes.drop_null())
