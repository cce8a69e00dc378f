"""From one row per submission to one row per response, and its student."""

from collections.abc import Collection, Mapping, Sequence
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Floats, Ints, Mask, codes
from quizanalysis._intake.columns import numbers as read_numbers
from quizanalysis.readers._csv import Csv, read_cells, without_guards
from quizanalysis.readers._source import Request
from quizanalysis.readers._worth import item_points

TEST_STUDENT = "Test Student"
"""What the name of a course's test student contains."""

Column: TypeAlias = pa.ChunkedArray
Once: TypeAlias = pa.ChunkedArray | pa.Array | Ints | Floats
"""Values of the submissions, one for each row of the file."""


def read_report(
    request: Request, csv: Csv, numbers: Collection[int]
) -> tuple[list[str], list[Column]]:
    """Read header and cells of a report of Canvas, be it by Canvas or by us.

    At these places are numbers: with semicolons they may have decimal commas.
    """
    cells = read_cells(request, csv, dict.fromkeys(numbers, pa.float64()))
    if csv.delimiter == ";":
        cells = [
            decimal_points(cell) if at in numbers else cell
            for at, cell in enumerate(cells)
        ]
    return without_guards(csv, cells, numbers)


def text_at(columns: Sequence[Column], row: Ints, question: Ints) -> pa.Array:
    """Gather cells of text: ``columns[question[i]][row[i]]`` for each i."""
    if not columns:
        return pa.array([], pa.large_string())
    chunks = [chunk for column in columns for chunk in column.chunks]
    long = pa.chunked_array(chunks, columns[0].type).cast(pa.large_string())
    return long.combine_chunks().take(pa.array(question * len(columns[0]) + row))


def value_at(
    columns: Sequence[Floats | Ints | Mask], row: Ints, question: Ints
) -> Floats:
    """Gather numbers as `text_at` gathers text."""
    if not columns:
        return np.empty(0)
    return np.asarray(np.stack(columns)[question, row])


def long_rows(shown: Sequence[Mask], keep: Mask) -> tuple[Ints, Ints, Mask]:
    """Row and question of each response, in the order of the file.

    A submission that was shown nothing gets its first question, marked not shown:
    without any row it would not be there at all.

    Returns
    -------
    row, question : int array, shape (responses,)
    was_shown : bool array, shape (responses,)
    """
    if not shown:
        return np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, bool)
    grid = np.column_stack(shown) & keep[:, None]
    nothing = keep & ~grid.any(axis=1)
    filled = grid.copy()
    filled[nothing, 0] = True
    row, question = np.nonzero(filled)
    return row, question, grid[row, question]


def is_empty(column: Column | pa.Array) -> Mask:
    """Where a column has nothing."""
    if pa.types.is_floating(column.type):
        return np.asarray(column.is_null(), bool)
    return np.asarray(pc.fill_null(pc.equal(column, ""), fill_value=True), bool)


def nulled(column: Column | pa.Array) -> Column | pa.Array:
    """Null instead of empty text."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)


def decimal_points(column: Column) -> Column:
    """Write a decimal comma as a point, where the numbers are text still."""
    if pa.types.is_floating(column.type):
        return column
    pattern = r"^(\s*[+-]?\d*),(\d+\s*)$"
    return pc.replace_substring_regex(column, pattern, r"\1.\2")


def numbers(findings: Findings, table: str, name: str, column: Column) -> Floats:
    """Read a column as numbers, NaN where it is empty."""
    if pa.types.is_floating(column.type):
        return np.asarray(column.to_numpy(), np.float64)
    values = read_numbers(findings, pa.table({name: column}), table, name)
    return np.full(len(column), np.nan) if values is None else values


def seconds(findings: Findings, table: str, name: str, column: Column) -> Floats:
    """Read ``HH:MM:SS``, where the hours may be beyond 24; plain seconds too."""
    trimmed = pc.utf8_trim_whitespace(nulled(column)).combine_chunks()
    pattern = r"^(?P<h>\d{1,6}):(?P<m>\d\d):(?P<s>\d\d(?:\.\d+)?)$"
    parts = pc.extract_regex(trimmed, pattern)
    value = sum(
        np.asarray(pc.cast(pc.struct_field(parts, name), pa.float64()), np.float64)
        * weight
        for name, weight in (("h", 3600.0), ("m", 60.0), ("s", 1.0))
    )
    clock = np.asarray(parts.is_valid(), bool)
    plain = pc.if_else(pa.array(clock), None, trimmed)
    other = Findings()
    rest = numbers(other, table, name, pa.chunked_array([plain]))
    bad = ~clock & np.asarray(trimmed.is_valid(), bool) & ~(rest >= 0)
    findings.flag(
        np.flatnonzero(bad),
        table=table,
        column=name,
        values=column,
        message="not a length of time",
        hint="write it as 01:23:45",
    )
    return np.where(clock, value, rest)


def student_ids(
    request: Request, candidates: Sequence[Column], n: int, kind: str = "row"
) -> Column:
    """Take the first id that is there; a row without any is a student of its own.

    Such a student is called after the kind, the source and the row, so that nobody of
    another file has the same id, be it read together with this one or apart.
    """
    student = pc.coalesce(*map(nulled, candidates), pa.nulls(n, pa.string()))
    if student.null_count == 0:
        return student
    row = pa.array(np.arange(1, n + 1)).cast(pa.string())
    own = pc.binary_join_element_wise(f"{kind}-{request.origin()}-", row, "")
    return pc.coalesce(student, pa.chunked_array([own]))


def points_of_items(
    once: Mapping[str, Once], row: Ints, item: pa.Array, earned: Floats, shown: Mask
) -> pa.Array:
    """Points possible of the item of each response, null where nothing tells them.

    The responses have a file's row, an item, a score, and whether it was shown.
    """
    number, names = codes(item)
    possible = np.asarray(once["recorded_points_possible"], np.float64)
    value = item_points(row[shown], number[shown], earned[shown], possible, len(names))
    return pa.array(value[number], from_pandas=True)


def is_test_student(names: Column) -> Mask:
    """Where the name is the one of a course's test student."""
    found = pc.match_substring(names, TEST_STUDENT)
    return np.asarray(pc.fill_null(found, fill_value=False), bool)


def sections(text: Column, ids: Column | None, separator: str) -> pa.Array:
    """Split joined sections; whole where there are not as many as there are ids.

    The separator is a pattern. Names may hold the separator themselves, ids do not.
    """
    text = pc.fill_null(text, "").combine_chunks()
    text = pc.if_else(pc.equal(text, ""), None, text)
    parts = pc.split_pattern_regex(text, separator)
    if ids is None:
        return parts
    split_ids = pc.split_pattern_regex(ids.combine_chunks(), separator)
    count = pc.list_value_length(split_ids)
    whole = pc.split_pattern_regex(text, r"$^")
    return pc.if_else(pc.equal(pc.list_value_length(parts), count), parts, whole)


def once_each(students: pa.Table, keep: Mask) -> pa.Table:
    """One row per student: the first of those kept."""
    rows = np.flatnonzero(keep)
    number, _ = codes(students["student_id"].take(pa.array(rows)))
    _, first = np.unique(number, return_index=True)
    return students.take(pa.array(rows[np.sort(first)]))


def numbered_attempts(student: Column, submitted: pa.Array) -> Ints:
    """Count each student's rows by the time they were handed in."""
    number, _ = codes(student)
    stamp = np.asarray(submitted.cast(pa.int64()).fill_null(0), np.int64)
    order = np.lexsort((np.arange(len(number)), stamp, number))
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    attempt = np.empty(len(order), np.int64)
    attempt[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    return attempt


def no_repeats(
    findings: Findings, table: str, student: Column, attempt: Ints, keep: Mask
) -> None:
    """Note each row whose student and attempt an earlier one has."""
    rows = np.flatnonzero(keep)
    number, _ = codes(student.take(pa.array(rows)))
    _, first = np.unique(
        np.column_stack([number, attempt[rows]]), axis=0, return_index=True
    )
    findings.flag(
        np.setdiff1d(rows, rows[first]),
        table=table,
        column="attempt",
        values=student,
        message="the same student and attempt as an earlier row",
        hint="each attempt may be there once",
    )


def tidy_table(
    once: Mapping[str, Once],
    each: Mapping[str, pa.Array],
    row: Ints,
) -> pa.Table:
    """Lay each submission's own values beside each of its responses."""
    return pa.table({name: repeated(once[name], row) for name in once} | dict(each))


def repeated(values: Once, row: Ints) -> pa.Array:
    """Take a value for each row; text by reference, NaN as null."""
    if isinstance(values, np.ndarray):
        return pa.array(values[row], from_pandas=True)
    if pa.types.is_string(values.type):
        number, words = codes(values)
        return pa.DictionaryArray.from_arrays(pa.array(number[row], pa.int32()), words)
    return values.take(pa.array(row))
