"""The items of a tidy table: from its rows, and from an items table where given."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import (
    NANO,
    Findings,
    Floats,
    Ints,
    Mask,
    codes,
    ids,
    texts,
    whole,
)
from quizanalysis._intake.labels import write_ids
from quizanalysis._intake.numbering import (
    Whole,
    ordered,
    places,
    ranks,
    ranks_in_rounds,
)
from quizanalysis._intake.option_lists import read_lists
from quizanalysis._intake.points import points
from quizanalysis.errors import Problem
from quizanalysis.progress import Meter
from quizanalysis.schema import OPTIONS

_NOWHERE = 2**40


def items_of(
    findings: Findings,
    table: pa.Table,
    items: pa.Table | None,
    quiz: Whole,
    quizzes: pa.Array,
    starts: Ints,
    quiz_id: str,
    meter: Meter,
) -> tuple[Ints, pa.Table]:
    """Number the items by quiz and position; gather what is said of each.

    ``starts`` are the first rows of the submissions.
    """
    code, names = ids(findings, table, "responses", "item_id")
    meter.at(0.3)
    item, first = ranks_in_rounds(starts, quiz, code)
    meter.at(0.7)
    seen = pa.table(
        {
            "quiz_id": at_first(quizzes, quiz, first),
            "item_id": at_first(names, code, first),
            **_described(findings, table, item, len(first)),
        }
    )
    if items is None:
        place = np.arange(len(first))
    else:
        items = _with_its_quiz(findings, items, quiz, quizzes, quiz_id)
        seen, place = _joined(findings, table["item_id"], first, seen, items)
    order = _quiz_order(seen)
    if order is not None:
        seen, place = seen.take(pa.array(order)), places(order, len(order))[place]
    same = np.array_equal(place, np.arange(len(place)))
    return item if same else place[item], seen


def _quiz_order(items: pa.Table) -> Ints | None:
    """Quizzes as they come; within one the items by position, then as they come."""
    quiz, _ = codes(items["quiz_id"])
    return ordered(quiz, np.asarray(items["position"].fill_null(_NOWHERE), np.int64))


def _described(
    findings: Findings, table: pa.Table, item: Ints, n_items: int
) -> dict[str, pa.Array]:
    """What the rows themselves say of their items."""
    position = np.full(n_items, _NOWHERE, np.int64)
    if "position" in table.column_names:
        place = whole(findings, table, "responses", "position", _NOWHERE)
        np.minimum.at(position, item, place)
    worth = pa.nulls(n_items, pa.int64())
    if "points_possible" in table.column_names:
        value, given = points(findings, table, "responses", "points_possible")
        not_negative(findings, table, "responses", "points_possible", value)
        said = "two different points possible for one item"
        worth = constant(
            findings, table, item, n_items, "points_possible", value, given, said
        )
    described = {
        "position": pa.array(position, mask=position == _NOWHERE),
        "points_possible": worth,
        "options": pa.nulls(n_items, OPTIONS),
    }
    for name in ("title", "item_type"):
        described[name] = _first_text(table, name, item, n_items)
    return described


def _first_text(table: pa.Table, name: str, item: Ints, n_items: int) -> pa.Array:
    if name not in table.column_names:
        return pa.nulls(n_items, pa.string())
    code, words = codes(table[name])
    result = np.full(n_items, -1, np.int64)
    rows = np.flatnonzero(code >= 0)[::-1]
    result[item[rows]] = code[rows]
    return words.take(pa.array(result, mask=result < 0))


def not_negative(
    findings: Findings, table: pa.Table, name: str, column: str, value: Ints
) -> None:
    """Note each negative number of points possible."""
    bad = np.flatnonzero(value < 0)
    if len(bad):
        findings.flag(
            bad,
            table=name,
            column=column,
            values=table[column],
            message="negative points possible",
            hint="0 or more",
        )


def _joined(
    findings: Findings,
    names: pa.ChunkedArray,
    first: Ints,
    seen: pa.Table,
    items: pa.Table,
) -> tuple[pa.Table, Ints]:
    """Lay the items table over what the rows say; find each seen item in it."""
    given = _items_table(findings, items)
    place = _places(findings, given, seen)
    unknown = np.flatnonzero(place < 0)
    if not findings.is_mute("items", "item_id"):
        findings.flag(
            first[unknown],
            table="responses",
            column="item_id",
            values=names,
            message="an item that is not in the items table",
            hint="add it there",
        )
    # So that the other checks go on, each becomes an item of its own.
    place[unknown] = len(given) + np.arange(len(unknown))
    given = pa.concat_tables([given, seen.take(pa.array(unknown))])
    return _overlaid(findings, given, seen, place), place


def _with_its_quiz(
    findings: Findings,
    items: pa.Table,
    quiz: Whole,
    names: pa.Array,
    quiz_id: str,
) -> pa.Table:
    """Items without a quiz belong to the only one there is."""
    if "quiz_id" in items.column_names:
        return items
    there = quiz[ranks(quiz)[1]]
    quizzes = names.take(pa.array(there[there >= 0]))
    if len(quizzes) > 1:
        findings.add(
            Problem(
                table="items",
                column="quiz_id",
                message=f"no such column, but there are {len(quizzes)} quizzes",
                hint="say of each item which quiz it belongs to",
            )
        )
    return with_quiz(items, quizzes[0].as_py() if len(quizzes) else quiz_id)


def _places(findings: Findings, given: pa.Table, seen: pa.Table) -> Ints:
    """Where each seen item stands in the items table; -1 when it does not."""
    both = pa.concat_tables(
        [given.select(["quiz_id", "item_id"]), seen.select(["quiz_id", "item_id"])]
    )
    quiz, _ = codes(both["quiz_id"])
    code, names = codes(both["item_id"])
    number, first = ranks(quiz * (len(names) + 1) + code)
    mine, theirs = number[: len(given)], number[len(given) :]
    findings.flag(
        np.setdiff1d(np.arange(len(given)), first),
        table="items",
        column="item_id",
        values=given["item_id"],
        message="an item that is there twice",
        hint="one row for each item of a quiz",
    )
    where = np.full(len(first), -1, np.int64)
    where[mine[::-1]] = np.arange(len(given) - 1, -1, -1)
    return where[theirs]


def _items_table(findings: Findings, items: pa.Table) -> pa.Table:
    """Read the items table's columns, each of them optional but the id."""
    value, known = points(findings, items, "items", "points_possible")
    not_negative(findings, items, "items", "points_possible", value)
    for name in ("quiz_id", "item_id"):
        ids(findings, items, "items", name)
    position = whole(findings, items, "items", "position", _NOWHERE)
    n = items.num_rows
    options = pa.nulls(n, OPTIONS)
    if "options" in items.column_names:
        options = read_lists(findings, items["options"])
    return pa.table(
        {
            "quiz_id": texts(items["quiz_id"]).cast(pa.string()),
            "item_id": texts(items["item_id"]).cast(pa.string()),
            "position": pa.array(position, mask=position == _NOWHERE),
            "points_possible": pa.array(value, mask=~known),
            "options": options,
            **{
                name: texts(items[name]).cast(pa.string())
                if name in items.column_names
                else pa.nulls(n, pa.string())
                for name in ("title", "item_type")
            },
        }
    )


def _overlaid(
    findings: Findings, given: pa.Table, seen: pa.Table, place: Ints
) -> pa.Table:
    """Fill what the items table leaves open with what the rows say."""
    back = np.full(len(given), -1, np.int64)
    back[place[place >= 0]] = np.flatnonzero(place >= 0)
    rows = pa.array(back, mask=back < 0)
    said = seen["points_possible"].take(rows)
    clash = pc.fill_null(pc.not_equal(said, given["points_possible"]), False)
    findings.flag(
        np.flatnonzero(np.asarray(clash, bool)),
        table="items",
        column="points_possible",
        values=pc.divide(given["points_possible"].cast(pa.float64()), float(NANO)),
        message="two different points possible for one item",
        hint="the responses say otherwise",
    )
    for name in ("position", "points_possible", "title", "item_type"):
        column = pc.coalesce(given[name], seen[name].take(rows))
        given = given.set_column(given.column_names.index(name), name, column)
    return given


def at_first(names: pa.Array, code: Whole, first: Ints) -> pa.Array:
    """Name each group after its first row; an empty id, a problem already, is null."""
    chosen = code[first]
    return names.take(pa.array(chosen, mask=chosen < 0))


def with_quiz(table: pa.Table, quiz_id: str) -> pa.Table:
    """The table with a quiz id in every row: its own, or else this one."""
    if "quiz_id" in table.column_names:
        return table
    one = pa.DictionaryArray.from_arrays(
        np.zeros(table.num_rows, np.int32), write_ids("quiz_id", [quiz_id])
    )
    return table.append_column("quiz_id", one)


def constant(
    findings: Findings,
    table: pa.Table,
    group: Ints,
    n_groups: int,
    column: str,
    values: Ints | Floats,
    given: Mask,
    message: str = "another value than an earlier row of the same submission",
) -> pa.Array:
    """Take the first value given in each group; another one is a problem."""
    result = np.zeros(n_groups, values.dtype)
    there = np.zeros(n_groups, bool)
    rows = np.flatnonzero(given)[::-1]
    result[group[rows]] = values[rows]
    there[group[rows]] = True
    findings.flag(
        np.flatnonzero(given & (values != result[group])),
        table="responses",
        column=column,
        values=table[column] if column in table.column_names else values,
        message=message,
        hint="give the same in all its rows",
    )
    return pa.array(result, mask=~there)
