"""From one row per submission to one row per response, and its student."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.attempts import AttemptGaps
from quizanalysis._intake.columns import (
    Findings,
    Floats,
    Ints,
    Mask,
    codes,
    refuse_cut_ids,
    whole,
)
from quizanalysis._intake.columns import numbers as read_numbers
from quizanalysis.readers._consistency import refuse_shared_ids
from quizanalysis.readers._csv import Csv, read_cells, without_guards
from quizanalysis.readers._csv_rows import placing_rows
from quizanalysis.readers._extra_rows import Places, find_extra_rows
from quizanalysis.readers._missing_words import number_cells, reads_null, without_blanks
from quizanalysis.readers._report_columns import is_empty
from quizanalysis.readers._source import Request
from quizanalysis.readers._worth import item_points
from quizanalysis.responses import Exclusion

TEST_STUDENT = r"(?i)test\s+student|student,\s*test\b"
"""What the name of a course's test student contains, be it turned round."""

Column: TypeAlias = pa.ChunkedArray
Once: TypeAlias = pa.ChunkedArray | pa.Array | Ints | Floats
"""Values of the submissions, one for each row of the file."""


@dataclass(frozen=True, slots=True)
class Report:
    """A report of Canvas, be it by Canvas or by us: its submissions, as they stand.

    Attributes
    ----------
    header : list of str
    cells : list of pyarrow.ChunkedArray
        Columns of numbers are of numbers, or of texts that may be numbers.
    records : int array, shape (rows,)
        Which record of the file each row is, from 0.
    exclusions, notes : list of (unit, reason, n)
    na : bool
        Whether the program that saved the file writes NA where a cell is empty.
    """

    header: list[str]
    cells: list[Column]
    records: Ints
    exclusions: list[Exclusion]
    notes: list[Exclusion]
    na: bool


def read_report(
    request: Request,
    csv: Csv,
    numbers: Collection[int],
    places: Places,
) -> Report:
    """Read header and cells; leave out rows that are no submissions.

    Parameters
    ----------
    numbers : collection of int
        Columns of numbers: with semicolons they may have decimal commas.
    """
    cells = read_cells(request, csv, dict.fromkeys(numbers, pa.float64()))
    header, cells, guards = without_guards(csv, cells, numbers)
    cells = [without_blanks(column) for column in cells]
    notes = [("cells", "guards against formulas, taken off", guards)]
    records = np.arange(len(cells[0]))
    findings = Findings()
    with placing_rows(csv):
        keep, exclusions = find_extra_rows(
            findings, request.table, header, cells, places
        )
        findings.stop_if_any()
    if not keep.all():
        cells = [column.filter(pa.array(keep)) for column in cells]
        records = records[keep]
    missing = 0
    for at in numbers:
        cells[at], n = number_cells(cells[at], decimal_comma=csv.delimiter == ";")
        missing += n
    notes.append(("cells", "words such as NA for no number", missing))
    na = missing > 0 or any(_has_words_only(cells[at]) for at in places.ids)
    return Report(header, cells, records, exclusions, notes, na)


def _has_words_only(column: Column) -> bool:
    """Whether a column has a word for a missing value, and no empty cell."""
    return bool(reads_null(column).any()) and not is_empty(column).any()


def blank_null_words(
    findings: Findings,
    report: Report,
    table: str,
    answers: Sequence[tuple[int, int, str]],
) -> list[Exclusion]:
    """Empty the answers that read NA where the file writes so for an empty cell.

    Parameters
    ----------
    answers : sequence of (int, int, str)
        The column of the answers, that of their points, and what to call the item.

    Notes
    -----
    Next to no points it was no answer. Next to points the word may have been typed:
    so it was where the same column has empty cells too, and it is unknown where the
    word earned points.
    """
    n_blank = 0
    for at, points_at, item in answers if report.na else ():
        words = reads_null(report.cells[at])
        if not words.any():
            continue
        points = report.cells[points_at]
        scored = ~is_empty(points)
        if (is_empty(report.cells[at]) & scored).any():
            words &= ~scored
        earned = np.asarray(numbers(Findings(), table, item, points) > 0, bool)
        findings.flag(
            np.flatnonzero(words & earned),
            table=table,
            column=f"answers of {item}",
            values=report.cells[at],
            message="an answer with points that reads as the file's empty cells do",
            hint="write the file with empty cells where nothing is, such as "
            "write.csv(..., na = '') in R",
        )
        n_blank += int((words & scored).sum())
        report.cells[at] = pc.if_else(pa.array(words), "", report.cells[at])
    return [("responses", "reads NA as empty cells do, taken as blank", n_blank)]


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


def nulled(column: Column | pa.Array) -> Column | pa.Array:
    """Null instead of empty text."""
    return pc.if_else(pc.equal(column, ""), pa.scalar(None, column.type), column)


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
) -> tuple[Column, list[Exclusion]]:
    """Take the first id that is there; a row without any is a student of its own.

    Such a student is called after the kind, the source and the row, so that nobody of
    another file has the same id, be it read together with this one or apart.
    """
    student = pc.coalesce(*map(nulled, candidates), pa.nulls(n, pa.string()))
    if student.null_count == 0:
        return student, []
    row = pa.array(np.arange(1, n + 1)).cast(pa.string())
    own = pc.binary_join_element_wise(f"{kind}-{request.origin()}-", row, "")
    note = "without an id, each by a student of its own"
    notes: list[Exclusion] = [("submissions", note, student.null_count)]
    return pc.coalesce(student, pa.chunked_array([own])), notes


def points_of_items(
    once: Mapping[str, Once], row: Ints, item: pa.Array, earned: Floats, shown: Mask
) -> pa.Array:
    """Points possible of the item of each response, null where nothing tells them.

    The responses have a file's row, an item, a score, and whether it was shown.
    """
    number, names = codes(item)
    possible = np.asarray(once["recorded_points_possible"], np.float64)
    recorded = once.get("recorded_score")
    value = item_points(
        row[shown],
        number[shown],
        earned[shown],
        possible,
        len(names),
        None if recorded is None else np.asarray(recorded, np.float64),
    )
    return pa.array(value[number], from_pandas=True)


def is_test_student(names: Column) -> Mask:
    """Where the name is the one of a course's test student."""
    found = pc.match_substring_regex(names, TEST_STUDENT)
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
    unsplit = pc.split_pattern_regex(text, r"$^")
    return pc.if_else(pc.equal(pc.list_value_length(parts), count), parts, unsplit)


def once_each(students: pa.Table, keep: Mask) -> pa.Table:
    """One row per student: the first of those kept."""
    rows = np.flatnonzero(keep)
    number, _ = codes(students["student_id"].take(pa.array(rows)))
    _, first = np.unique(number, return_index=True)
    return students.take(pa.array(rows[np.sort(first)]))


def number_attempts(student: Column, submitted: pa.Array) -> tuple[Ints, bool]:
    """Count each student's rows by the time they were handed in.

    Also tells whether these times put the rows of every student in order.
    """
    number, _ = codes(student)
    stamp = np.asarray(submitted.cast(pa.int64()).fill_null(0), np.int64)
    unknown = np.asarray(submitted.is_null(), bool)
    order = np.lexsort((np.arange(len(number)), stamp, number))
    starts = np.flatnonzero(np.diff(number[order], prepend=-1))
    sizes = np.diff(starts, append=len(order))
    attempt = np.empty(len(order), np.int64)
    attempt[order] = np.arange(len(order)) - np.repeat(starts, sizes) + 1
    same = (np.diff(number[order]) == 0) & (np.diff(stamp[order]) == 0)
    several = np.repeat(sizes > 1, sizes)
    return attempt, not (same.any() or (several & unknown[order]).any())


def is_unlinked(ids: Sequence[Column], attempt: Ints, name: Column | None) -> bool:
    """Whether a second attempt is there, and no id tells whose it is.

    It is a second attempt by its number, or looks like one by its name.
    """
    if any(not is_empty(column).all() for column in ids):
        return False
    named = [] if name is None else nulled(name).drop_null().to_pylist()
    return bool((attempt > 1).any()) or len(set(named)) < len(named)


def read_attempts(
    findings: Findings,
    request: Request,
    lead: Mapping[str, Column],
    names: Mapping[str, str],
    student: Column,
    submitted: pa.Array,
) -> tuple[Ints, Mask, AttemptGaps]:
    """Number the attempts; leave out the test student; say what is not known.

    Parameters
    ----------
    lead : mapping of str to column
        What is said once per row, by the file's names.
    names : mapping of str to str
        The file's names of ``id``, ``sis_id``, ``name`` and ``attempt``.
    student, submitted : array
        Of each row.

    Returns
    -------
    attempt : int array
    keep : bool array
        Which rows are of students.
    gaps : AttemptGaps
    """
    column = names["attempt"]
    if column in lead and not is_empty(lead[column]).all():
        table = pa.table({column: lead[column]})
        attempt, ordered = whole(findings, table, request.table, column, 1), True
    else:
        attempt, ordered = number_attempts(student, submitted)
    if names["id"] in lead:
        refuse_cut_ids(findings, lead[names["id"]], request.table, names["id"])
    keep = np.ones(len(student), bool)
    name = lead.get(names["name"])
    if name is not None and not request.test_student:
        keep = ~is_test_student(name)
    no_repeats(findings, request.table, student, attempt, keep)
    numbered = column in lead
    refuse_shared_ids(findings, request.table, student, name, keep, numbered=numbered)
    ids = [lead[names[kind]] for kind in ("id", "sis_id") if names[kind] in lead]
    this = frozenset([request.quiz])
    gaps = AttemptGaps(
        frozenset() if ordered else this,
        this if is_unlinked(ids, attempt, name) else frozenset(),
    )
    return attempt, keep, gaps


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
        hint="each attempt may be there once; has each student an own id?",
    )


def whose(lead: Mapping[str, Column], names: Mapping[str, str]) -> Column | None:
    """Tell whose each row is, by id or else by name, where a row twice would count.

    None where ids and attempts are there, and where nobody is named at all.
    """
    there = {
        kind: lead[names[kind]]
        for kind in ("id", "sis_id", "name", "attempt")
        if names[kind] in lead and not is_empty(lead[names[kind]]).all()
    }
    ids = [there[kind] for kind in ("id", "sis_id") if kind in there]
    if ids and "attempt" in there:
        return None
    owners = ids or [there[kind] for kind in ("name",) if kind in there]
    return pc.coalesce(*map(nulled, owners)) if owners else None


def refuse_same_rows(
    findings: Findings, table: str, report: Report, owner: Column, keep: Mask
) -> None:
    """Note rows that are the same in every cell, where nothing else tells of it.

    Without the number of the attempt a row that is there twice would be two attempts,
    and without an id two students. The owner is null where nobody is named.
    """
    number, names = codes(owner)
    often = np.bincount(number[number >= 0], minlength=len(names) + 1)
    rows = np.flatnonzero(keep & (number >= 0) & (often[number] > 1))
    key, take = number[rows], pa.array(rows)
    for column in report.cells:
        cell, values = codes(column.take(take).cast(pa.string()))
        key = np.unique(key * (len(values) + 1) + cell + 1, return_inverse=True)[1]
    _, first = np.unique(key, return_index=True)
    findings.flag(
        np.setdiff1d(rows, rows[first]),
        table=table,
        column=report.header[0],
        values=owner,
        message="the same row as an earlier one",
        hint="delete it, or keep the columns of ids and attempts",
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
