"""Rows of several tidy files in one form: the same columns, of the same types."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.arrow_types import plain
from quizanalysis._intake.columns import Findings, codes, numbers, texts
from quizanalysis._intake.opened import opened
from quizanalysis._intake.times import times
from quizanalysis._intake.untidy import singletons
from quizanalysis.errors import DataError, Problem
from quizanalysis.readers import tidy
from quizanalysis.readers._several import of_file
from quizanalysis.readers._streams import Stream
from quizanalysis.schema import TIMESTAMP

ROW = "row"
"""The column that says which row of all files, one after another, a row is."""

_CODED = pa.dictionary(pa.int32(), pa.string())
_LIST = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class Files:
    """Tidy files that are read as one table, and where each begins in it.

    Attributes
    ----------
    streams : sequence of Stream
    quiz_id : str or None
        Names the quiz of all of them.
    starts : list of int
        The first row of each file that was begun to be read.
    """

    streams: Sequence[Stream]
    quiz_id: str | None
    starts: list[int] = field(default_factory=list)

    def tables(self, rows: int) -> Iterator[pa.Table]:
        """Read about so many rows at a time, in the one form, with their numbers."""
        self.starts.clear()
        at = 0
        for stream in self.streams:
            self.starts.append(at)
            quizzes = pa.array([], pa.string())
            self._check(stream)
            for table in stream.tables(rows):
                number = pa.array(np.arange(at, at + table.num_rows))
                try:
                    if self.quiz_id is not None and "quiz_id" in stream.columns:
                        quizzes = _one_quiz(stream, table, quizzes)
                    plain = self._plain(stream, table)
                except DataError as error:
                    raise of_file(self.placed(error, number), stream.label) from None
                yield plain.append_column(ROW, number)
                at += table.num_rows

    def _check(self, stream: Stream) -> None:
        """Refuse columns of a wrong type, also where there is no row of them."""
        try:
            self._plain(stream, stream.empty)
        except DataError as error:
            raise of_file(error, stream.label) from None

    def keys(self, rows: int) -> Iterator[pa.Table]:
        """Read who answered which quiz, in the same order, and nothing else."""
        self.starts.clear()
        at = 0
        for stream in self.streams:
            self.starts.append(at)
            for table in stream.tables(rows, self._keys()):
                number = pa.array(np.arange(at, at + table.num_rows))
                try:
                    yield self._who(stream, table)
                except DataError as error:
                    raise of_file(self.placed(error, number), stream.label) from None
                at += table.num_rows

    def _keys(self) -> tuple[str, ...]:
        return (
            ("student_id",) if self.quiz_id is not None else ("quiz_id", "student_id")
        )

    def _who(self, stream: Stream, table: pa.Table) -> pa.Table:
        """Quiz and student of each row, in words that tell them apart."""
        findings = Findings()
        rest = dict.fromkeys(("item_id", "score"), pa.nulls(table.num_rows))
        given = dict(zip(table.column_names, table.columns, strict=True))
        known = opened(findings, {"responses": pa.table(given | rest)})["responses"]
        findings.stop_if_any()
        made = {name: texts(known[name]) for name in given}
        return pa.table({"quiz_id": self._named(stream, table.num_rows)} | made)

    def placed(self, error: DataError, rows: pa.Array | pa.ChunkedArray) -> DataError:
        """Say of each problem which file has it, and which row there."""

        def place(problem: Problem) -> Problem:
            if problem.row is None or problem.table != "responses":
                return problem
            row = rows[problem.row].as_py()
            file = int(np.searchsorted(self.starts, row, side="right")) - 1
            stream = self.streams[file]
            first = stream.first_row or 0
            row += first - self.starts[file]
            return replace(problem, table=stream.label, row=row)

        return DataError(map(place, error.problems))

    def _columns(self) -> tuple[str, ...]:
        """Those that any of the files has."""
        there = {name for stream in self.streams for name in stream.columns}
        if "response" in there:
            # Nobody is blank in a file without answers, and its rows have to say so.
            there |= {"status"} if any(map(_is_silent, self.streams)) else set()
        return tuple(name for name in tidy.KNOWN if name in {*there, "quiz_id"})

    def _named(self, stream: Stream, n: int) -> pa.DictionaryArray:
        """The quiz that rows belong to which do not name one."""
        quiz = stream.name or "quiz" if self.quiz_id is None else self.quiz_id
        return pa.DictionaryArray.from_arrays(
            pa.array(np.zeros(n, np.int32)), pa.array([quiz])
        )

    def _plain(self, stream: Stream, table: pa.Table) -> pa.Table:
        """The columns of all files, in the types that all can have."""
        n = table.num_rows
        if self.quiz_id is not None and "quiz_id" in table.column_names:
            table = table.drop_columns("quiz_id")
        ours = {"quiz_id"} if self.quiz_id is not None else set()
        for name in set(stream.columns) - set(table.column_names) - ours:
            table = table.append_column(name, pa.nulls(n, pa.string()))
        findings = Findings()
        known = opened(findings, {"responses": table})["responses"]
        unique = len(set(table.column_names)) == table.num_columns
        lists = any(one.lists for one in self.streams)
        columns = {}
        for name in self._columns():
            if name in known.column_names:
                columns[name] = _typed(findings, known, name, lists=lists)
            elif unique and name in table.column_names:
                columns[name] = _about(findings, table[name], name)
            else:
                columns[name] = pa.nulls(n, _kind(name, lists=lists))
        if "quiz_id" not in known.column_names:
            columns["quiz_id"] = self._named(stream, n)
        if _is_silent(stream) and "response" in columns:
            columns["status"] = _told(columns["status"], columns["score"])
        findings.stop_if_any()
        return pa.table(columns)


def _is_silent(stream: Stream) -> bool:
    return "response" not in stream.columns


def _kind(name: str, *, lists: bool) -> pa.DataType:
    """The type that a column has in all tables."""
    if name in tidy.FEW:
        return _CODED
    if name in tidy.NUMBERS:
        return pa.float64()
    if name == "submitted_at":
        return TIMESTAMP
    is_list = name in tidy.LISTS or (name == "response" and lists)
    return _LIST if is_list else pa.string()


def _typed(
    findings: Findings, table: pa.Table, name: str, *, lists: bool
) -> pa.ChunkedArray | pa.Array:
    """A column about responses in the type that it has in all tables."""
    if name in tidy.FEW:
        return _coded(table[name])
    if name in tidy.NUMBERS:
        return pa.array(numbers(findings, table, "responses", name), from_pandas=True)
    if name == "submitted_at":
        return times(findings, table, "responses", name)
    column = table[name]
    if pa.types.is_list(column.type):
        return column
    column = texts(column).cast(pa.string())
    return singletons(column) if lists else column


def _about(
    findings: Findings, column: pa.ChunkedArray, name: str
) -> pa.ChunkedArray | pa.Array:
    """A column about students in the type that it has in all tables."""
    try:
        column = plain(column)
        if pa.types.is_list(column.type) and name in tidy.LISTS:
            return column.cast(_LIST)
        words = texts(column).cast(pa.string())
        return singletons(words) if name in tidy.LISTS else words
    except pa.ArrowException:
        findings.add(
            Problem(
                table="responses",
                column=name,
                value=str(column.type),
                message="the column does not hold texts, nor lists of them",
                hint="ids, names and sections should be text",
            )
        )
        return pa.nulls(len(column), _kind(name, lists=False))


def _coded(column: pa.ChunkedArray | pa.Array) -> pa.ChunkedArray:
    """Texts as numbers of texts."""
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    column = texts(column)
    if not pa.types.is_dictionary(column.type):
        return column.dictionary_encode()
    chunks = [
        pa.DictionaryArray.from_arrays(chunk.indices.cast(pa.int32()), chunk.dictionary)
        for chunk in column.chunks
    ]
    return pa.chunked_array(chunks, _CODED)


def _told(status: pa.ChunkedArray, score: pa.Array) -> pa.ChunkedArray:
    """The status of each row, also where its score alone tells it."""
    graded = pc.if_else(score.is_valid(), "graded", "not_graded")
    return _coded(pc.coalesce(status.cast(pa.string()), graded))


def _names_of_quizzes(stream: Stream, column: pa.ChunkedArray) -> pa.Array:
    try:
        return codes(plain(column))[1]
    except pa.ArrowException:
        problem = Problem(
            table=stream.label,
            column="quiz_id",
            value=str(column.type),
            message="the column does not hold texts",
            hint="ids of quizzes should be text",
        )
        raise DataError([problem]) from None


def _one_quiz(stream: Stream, table: pa.Table, before: pa.Array) -> pa.Array:
    """Refuse to make one quiz of several; return those seen in the file so far."""
    now = before
    if "quiz_id" in table.column_names:
        now = _names_of_quizzes(stream, table["quiz_id"])
    seen = pa.concat_arrays([before, now]).unique()
    if len(seen) > 1:
        problem = Problem(
            table=stream.label,
            column="quiz_id",
            value=", ".join(seen[:3].to_pylist()),
            message="the file holds several quizzes, and quiz_id= would make one of "
            "them",
            hint="leave quiz_id= out; batch.where(quiz=…, strict=False) takes one",
        )
        raise DataError([problem])
    return seen
