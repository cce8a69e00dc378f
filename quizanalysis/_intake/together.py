"""Parts of `Responses` put together: what each says of items and of students."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Ints, codes, texts
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.option_lists import lists_together
from quizanalysis._intake.options import Options
from quizanalysis._intake.tidy import Before
from quizanalysis._intake.untidy import singletons


def items_together(findings: Findings, items: pa.Table) -> pa.Table:
    """Each item once, with all options declared; all must agree on the key."""
    number, first = _numbered(items, "quiz_id", "item_id")
    take = pa.array(first)
    names = items["item_id"].take(take).combine_chunks()
    if len(items["quiz_id"].unique()) > 1:
        quiz = items["quiz_id"].take(take).combine_chunks().cast(pa.string())
        names = pc.binary_join_element_wise(names, quiz, " of quiz ")
    lists = items["options"].combine_chunks()
    index = items.column_names.index("options")
    return items.take(take).set_column(
        index, "options", lists_together(findings, lists, number, names)
    )


def inferred_before(
    items: pa.Table, points: Ints, options: Options, max_options: int
) -> Before:
    """What a part inferred: best scores, and the answers that it took as options."""
    inferred = np.asarray(items["points_inferred"], bool)
    kept = (options.inferred & (options.earned > 0)) | ~options.declared
    names = items.select(["quiz_id", "item_id"])
    is_open = options.is_open & (max_options <= options.max_options)
    earned = np.where(options.inferred, options.earned, 0)
    return Before(
        names.append_column(
            "best", pa.array(np.where(inferred, points, 0))
        ).append_column("is_open", pa.array(is_open)),
        names.take(pa.array(options.item[kept]))
        .append_column("text", options.option.filter(pa.array(kept)))
        .append_column("earned", pa.array(earned[kept])),
    )


def left_out_together(left_out: pa.Table) -> pa.Table:
    """One row for each quiz, unit and reason, be it left out or noted."""
    kind = left_out["left_out"].cast(pa.int8())
    keyed = left_out.append_column("kind", kind.cast(pa.string()))
    number, first = _numbered(keyed, "quiz_id", "unit", "reason", "kind")
    n = np.zeros(len(first), np.int64)
    np.add.at(n, number, np.asarray(left_out["n"], np.int64))
    at = left_out.column_names.index("n")
    return left_out.take(pa.array(first)).set_column(at, "n", pa.array(n))


def students_together(students: pa.Table) -> pa.Table:
    """Each student once: the first name known, and the sections of all parts."""
    number, first = _numbered(students, "student_id")
    columns = {"student_id": students["student_id"].take(pa.array(first))}
    for name in students.column_names[1:]:
        column = students[name].combine_chunks()
        merge = _union if pa.types.is_list(column.type) else _first_known
        columns[name] = merge(column, number, len(first))
    return pa.table(columns)


def _numbered(table: pa.Table, *keys: str) -> tuple[Ints, Ints]:
    """Number the rows by these keys; also the first row of each number."""
    number, first = np.zeros(table.num_rows, np.int64), np.empty(0, np.int64)
    for key in keys:
        code, names = codes(table[key])
        number, first = ranks(number * (len(names) + 1) + code)
    return number, first


def _first_known(column: pa.Array, number: Ints, n: int) -> pa.Array:
    row = np.full(n, -1, np.int64)
    known = np.flatnonzero(np.asarray(column.is_valid(), bool))[::-1]
    row[number[known]] = known
    return column.take(pa.array(row, mask=row < 0))


def _union(column: pa.Array, number: Ints, n: int) -> pa.Array:
    """All that the lists of each number hold, once; null where all lists are."""
    flat = column.flatten()
    owner = number[np.asarray(pc.list_parent_indices(column), np.int64)]
    code, names = codes(pa.chunked_array([flat]))
    _, first = ranks(owner * (len(names) + 1) + code)
    first = first[np.argsort(owner[first], kind="stable")]
    count = np.bincount(owner[first], minlength=n)
    known = np.bincount(number[np.asarray(column.is_valid(), bool)], minlength=n)
    return pa.ListArray.from_arrays(
        pa.array(np.concatenate([[0], np.cumsum(count)]), pa.int32()),
        flat.take(pa.array(first)),
        mask=pa.array(known == 0),
    )


def rows_together(
    findings: Findings, tables: Sequence[pa.Table], submissions: pa.Table
) -> pa.Table:
    """All rows of the tidy tables, of which none may repeat one of another part."""
    if any(pa.types.is_list(t.field("response").type) for t in tables):
        tables = [_with_lists(t) for t in tables]
    table = pa.concat_tables(tables)
    number, first = _numbered(submissions, "quiz_id", "student_id", "attempt")
    if len(first) < len(number):
        _no_row_twice(findings, table)
    return table


def _no_row_twice(findings: Findings, table: pa.Table) -> None:
    keys = ("quiz_id", "student_id", "attempt", "item_id", "position")
    table = table.filter(pc.not_equal(table["status"], "not_shown")).select(keys)
    number, first = _numbered(table, *keys)
    again = np.setdiff1d(np.arange(len(number)), first)
    quiz, student, attempt, item = (texts(c) for c in table.columns[:4])
    named = ("student ", student, ", attempt ", attempt, ", item ", item, " of quiz ")
    findings.flag(
        again,
        table="responses",
        column="item_id",
        values=pc.binary_join_element_wise(*named, quiz, ""),
        message="the same quiz, student, attempt and item in two of the parts",
        hint="put each submission into one part",
        numbered=False,
    )


def _with_lists(table: pa.Table) -> pa.Table:
    """Responses as lists, so that tables of either kind can be put together."""
    at = table.column_names.index("response")
    if pa.types.is_list(table.field(at).type):
        return table
    return table.set_column(at, "response", singletons(table["response"]))
