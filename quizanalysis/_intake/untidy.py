"""From the parts of `Responses` back to a tidy table; and the smaller tables."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import (
    NANO,
    Findings,
    Ints,
    codes,
    ids,
    texts,
)
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.states import NOT_SHOWN, STATUSES
from quizanalysis._intake.tidy import UNGRADED, Cells
from quizanalysis.errors import Problem
from quizanalysis.schema import INPUTS, Column


def untidy(submissions: pa.Table, items: pa.Table, cells: Cells) -> pa.Table:
    """One row per response; one ``not_shown`` row for what has none."""
    lone_submission, lone_item = _loners(submissions, items, cells)
    extra = len(lone_submission)
    submission = np.concatenate([cells.submission, lone_submission])
    item = np.concatenate([cells.item, lone_item])
    state = np.concatenate([cells.state, np.full(extra, NOT_SHOWN)])
    score = np.concatenate([cells.score, np.zeros(extra, np.int64)])
    place = np.concatenate([cells.position, np.zeros(extra, np.int64)])
    response = pa.nulls(len(cells.item), pa.string())
    if cells.response is not None:
        response = cells.response.combine_chunks()
        if pa.types.is_dictionary(response.type):
            response = response.cast(pa.string())
    sub, it = pa.array(submission), pa.array(item)
    inferred = np.asarray(items["points_inferred"], bool)[item]
    points = np.asarray(items["points_possible"], np.float64)[item]
    position = items["position"].take(it).to_numpy()
    position = np.where(place > 0, place, np.nan_to_num(position)).astype(np.int64)
    columns = {
        "response": pa.concat_arrays([response, pa.nulls(extra, response.type)]),
        "score": pa.array(score / NANO, mask=state >= UNGRADED),
        "status": pa.DictionaryArray.from_arrays(
            pa.array(state.astype(np.int8)), pa.array(STATUSES)
        ).cast(pa.string()),
        "points_possible": pa.array(points, mask=inferred),
        "position": pa.array(position, mask=position == 0),
    }
    for source, rows in ((submissions, sub), (items, it)):
        for name in source.column_names:
            if name not in columns:
                columns[name] = source[name].take(rows).combine_chunks()
    table = pa.table({c.name: columns[c.name] for c in INPUTS["responses"]})
    if not extra:
        return table
    return table.take(pa.array(np.argsort(submission, kind="stable")))


def _loners(submissions: pa.Table, items: pa.Table, cells: Cells) -> tuple[Ints, Ints]:
    """Pair submissions without responses, and items without any, within a quiz."""
    n, k = submissions.num_rows, items.num_rows
    if not n or not k:
        return np.empty(0, np.int64), np.empty(0, np.int64)
    both = pa.chunked_array(
        [*submissions["quiz_id"].chunks, *items["quiz_id"].chunks], pa.string()
    )
    quiz, names = codes(both)
    quiz_of, quiz_at = quiz[:n], quiz[n:]
    some_submission = np.full(len(names), -1, np.int64)
    some_submission[quiz_of[::-1]] = np.arange(n - 1, -1, -1)
    some_item = np.full(len(names), -1, np.int64)
    some_item[quiz_at[::-1]] = np.arange(k - 1, -1, -1)
    empty = np.flatnonzero(np.bincount(cells.submission, minlength=n) == 0)
    unseen = np.flatnonzero(np.bincount(cells.item, minlength=k) == 0)
    lone = np.concatenate([empty, some_submission[quiz_at[unseen]]])
    what = np.concatenate([some_item[quiz_of[empty]], unseen])
    whole = (lone >= 0) & (what >= 0)
    lone, what = lone[whole], what[whole]
    _, once = ranks(lone * k + what)
    return lone[once], what[once]


def students_table(
    findings: Findings, given: pa.Table | None, known: pa.ChunkedArray
) -> tuple[pa.Table, int]:
    """One row per student of the submissions; how many of the table have none."""
    there = known.unique()
    if given is None:
        given = pa.table({"student_id": pa.array([], pa.string())})
    number, names = ids(findings, given, "students", "student_id")
    _, first = ranks(number)
    names = names.take(pa.array(number[first], mask=number[first] < 0))
    findings.flag(
        np.setdiff1d(np.arange(len(number)), first),
        table="students",
        column="student_id",
        values=given["student_id"],
        message="a student who is there twice",
        hint="one row for each student",
    )
    row = pa.array(first).take(pc.index_in(there, names))
    table = {"student_id": there.cast(pa.string())}
    for column in INPUTS["students"][1:]:
        said = pa.nulls(len(given), column.type)
        if column.name in given.column_names:
            said = _said(findings, given[column.name], column)
        table[column.name] = said.take(row)
    return pa.table(table), len(first) - len(row.drop_null())


def _said(findings: Findings, raw: pa.ChunkedArray, column: Column) -> pa.Array:
    """A column about the students in its own type."""
    try:
        if pa.types.is_list(column.type) and not pa.types.is_nested(raw.type):
            raw = singletons(texts(raw).cast(pa.string()))
        return raw.cast(column.type)
    except pa.ArrowException:
        findings.add(
            Problem(
                table="students",
                column=column.name,
                value=str(raw.type),
                message="the column does not hold lists of texts",
                hint="give each student a list of sections, or one as text",
            )
        )
        return pa.nulls(len(raw), column.type)


def singletons(column: pa.ChunkedArray) -> pa.Array:
    """One section each, given as plain text, is a list of one."""
    array = column.combine_chunks()
    valid = np.asarray(array.is_valid(), np.int32)
    ends = pa.array(np.concatenate([[0], np.cumsum(valid)]), pa.int32())
    return pa.ListArray.from_arrays(ends, array.drop_null(), mask=array.is_null())


def account_table(
    exclusions: Iterable[tuple[str, str, int]] = (),
    notes: Iterable[tuple[str, str, int]] = (),
) -> pa.Table:
    """What a reader left out of the input as a whole, and what it notes of it."""
    rows = [(*row, True) for row in exclusions] + [(*row, False) for row in notes]
    rows = [row for row in rows if row[2]]
    units, reasons, counts, left_out = zip(*rows, strict=True) if rows else ((),) * 4
    return pa.table(
        {
            "quiz_id": pa.nulls(len(rows), pa.string()),
            "unit": pa.array(units, pa.string()),
            "reason": pa.array(reasons, pa.string()),
            "n": pa.array(counts, pa.int64()),
            "left_out": pa.array(left_out, pa.bool_()),
        }
    )
