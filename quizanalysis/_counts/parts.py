"""The counts that a tally holds, how they add, and how they travel."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import NANO, Ints, Mask, codes
from quizanalysis.errors import MergeError

Blank = Literal["zero", "omit"]
"""Whether a blank response counts as 0, or as an item that was not shown."""

Total = Literal["items", "recorded"]
"""Whether a student's total is the sum of the items, or what the system recorded."""

_ITEM = {
    "item_id": pa.string(),
    "position": pa.int64(),
    "item_type": pa.string(),
    "title": pa.string(),
    "points": pa.int64(),
    "best": pa.int64(),
    "is_open": pa.bool_(),
    "n_shown": pa.int64(),
    "n_blank": pa.int64(),
    "n_not_graded": pa.int64(),
}
_OPTION = {
    "option": pa.string(),
    "text": pa.string(),
    "correct": pa.bool_(),
    "inferred": pa.bool_(),
    "earned": pa.int64(),
    "place": pa.int64(),
}
_UNKNOWN = ("position", "item_type", "title", "points", "text")
"""What need not be known of an item or option."""

_SHAPES: dict[str, tuple[str, dict[str, pa.DataType]]] = {
    "items": ("quiz", _ITEM),
    "options": ("item", _OPTION),
    "totals": ("quiz", dict.fromkeys(("k", "points", "total", "n"), pa.int64())),
    "item_totals": ("item", dict.fromkeys(("row", "n", "score"), pa.int64())),
    "item_scores": (
        "item",
        dict.fromkeys(("k", "points", "score", "n"), pa.int64()),
    ),
    "option_totals": ("option", dict.fromkeys(("row", "n", "score"), pa.int64())),
}


@dataclass(frozen=True, slots=True)
class Parts:
    """The tables of a tally; each row of one names a row of another by its number.

    Attributes
    ----------
    quizzes : quiz_id, ascending
    items : quiz, item_id (ascending within a quiz) and what is known of the item;
        points null when they were not declared, then ``best`` is the best score seen;
        ``is_open`` when answers were given but are no options
    options : item, option (ascending within an item), text, correct, inferred, place;
        ``earned`` is what an option without declared key earned at best, where that was
        all there was to earn then: it is correct if it still is when all is merged
    totals : quiz, k (responses scored; negative when an item was drawn twice), points
        (what they were worth; -1 when not declared), total; n submissions
    item_totals : item, row of totals; n responses, sum of their scores
    item_scores : item, k, points, score; n responses
    option_totals : option, row of totals; n responses, sum of their scores
    """

    quizzes: pa.Table
    items: pa.Table
    options: pa.Table
    totals: pa.Table
    item_totals: pa.Table
    item_scores: pa.Table
    option_totals: pa.Table


def empty() -> Parts:
    """The counts of nothing."""
    tables = {
        name: pa.schema([(owner, pa.int64()), *columns.items()]).empty_table()
        for name, (owner, columns) in _SHAPES.items()
    }
    return Parts(pa.schema([("quiz_id", pa.string())]).empty_table(), **tables)


def column(table: pa.Table, name: str) -> Ints:
    """A column of integers as numpy."""
    return np.asarray(table[name], np.int64)


def merged(several: Sequence[Parts]) -> Parts:
    """Add counts: name by name, then number by number."""
    quiz_id = pa.concat_tables([p.quizzes for p in several])["quiz_id"]
    names, quiz_of = _sorted_names(quiz_id)
    quizzes = pa.table({"quiz_id": names})
    quiz_maps = _cut(quiz_of, [p.quizzes.num_rows for p in several])

    every = _joined(several, "items", quiz_maps, "quiz")
    items, item_of = _merged_items(every, names)
    item_maps = _cut(item_of, [p.items.num_rows for p in several])

    every = _joined(several, "options", item_maps, "item")
    options, option_of = _merged_options(every, items)
    option_maps = _cut(option_of, [p.options.num_rows for p in several])

    every = _joined(several, "totals", quiz_maps, "quiz")
    totals, row_of = summed(every, ("quiz", "k", "points", "total"))
    row_maps = _cut(row_of, [p.totals.num_rows for p in several])

    def counts(name: str, maps: Sequence[Ints], keys: tuple[str, ...]) -> pa.Table:
        rows = _joined(several, name, maps, keys[0])
        if "row" in keys:
            there = [getattr(p, name).num_rows for p in several]
            parts = [
                new[old]
                for new, old in zip(
                    row_maps, _cut(column(rows, "row"), there), strict=True
                )
            ]
            rows = rows.set_column(1, "row", pa.array(np.concatenate(parts)))
        kept = column(rows, keys[0]) >= 0
        return summed(rows.filter(pa.array(kept)), keys)[0]

    return Parts(
        quizzes,
        items,
        options,
        totals,
        counts("item_totals", item_maps, ("item", "row")),
        counts("item_scores", item_maps, ("item", "k", "points", "score")),
        counts("option_totals", option_maps, ("option", "row")),
    )


def summed(table: pa.Table, keys: Sequence[str]) -> tuple[pa.Table, Ints]:
    """Sum the other columns over equal keys, ascending; also each row's new place."""
    names = [name for name in table.column_names if name not in keys]
    first, place = distinct([column(table, key) for key in keys])
    result = {key: column(table, key)[first] for key in keys}
    for name in names:
        values = column(table, name)
        _guard(values)
        total = np.zeros(len(first), np.int64)
        np.add.at(total, place, values)
        result[name] = total
    return pa.table(result), place


def distinct(keys: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Rows of the distinct keys in ascending order, and each row's place there."""
    order = np.lexsort(keys[::-1])
    new = np.ones(len(order), bool)
    if len(order):
        new[1:] = np.any([np.diff(key[order]) != 0 for key in keys], axis=0)
    place = np.empty(len(order), np.int64)
    place[order] = np.cumsum(new) - 1
    return order[new].astype(np.int64), place


def _guard(values: Ints) -> None:
    if np.abs(values.astype(np.float64)).sum() >= 2.0**62:
        msg = "the sum of the scores passes what 64 bits hold exactly"
        raise MergeError(msg)


def _sorted_names(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """Distinct texts ascending, and where each row's text stands among them."""
    number, names = codes(column)
    order = np.asarray(pc.sort_indices(names), np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return names.take(pa.array(order)), place[number] if len(place) else number


def _cut(numbers: Ints, lengths: Sequence[int]) -> list[Ints]:
    return np.split(numbers, np.cumsum(lengths)[:-1])


def _joined(
    several: Sequence[Parts], name: str, maps: Sequence[Ints], key: str
) -> pa.Table:
    """Put the tables of one kind together, their owners under the new numbers."""
    tables = []
    for part, new in zip(several, maps, strict=True):
        table: pa.Table = getattr(part, name)
        owner = new[column(table, key)] if table.num_rows else np.empty(0, np.int64)
        tables.append(table.set_column(0, key, pa.array(owner)))
    return pa.concat_tables(tables)


def _merged_items(every: pa.Table, quiz_names: pa.Array) -> tuple[pa.Table, Ints]:
    quiz = column(every, "quiz")
    _, name = _sorted_names(every["item_id"])
    first, place = distinct([quiz, name])
    rows = pa.array(first)
    points = _least(every["points"], place, len(first))
    most = _least(pc.negate(every["points"]), place, len(first))
    clash = pc.fill_null(pc.not_equal(points, pc.negate(most)), False)
    _refuse_clash(clash, every.take(rows), quiz_names, "points possible")
    columns = {"quiz": pa.array(quiz[first]), "item_id": every["item_id"].take(rows)}
    for key in ("position", "item_type", "title"):
        columns[key] = _least(every[key], place, len(first))
    columns["points"] = points
    best = np.zeros(len(first), np.int64)
    np.maximum.at(best, place, column(every, "best"))
    columns["best"] = pa.array(best)
    columns["is_open"] = pa.array(_any(every["is_open"], place, len(first)))
    for key in ("n_shown", "n_blank", "n_not_graded"):
        total = np.zeros(len(first), np.int64)
        np.add.at(total, place, column(every, key))
        columns[key] = pa.array(total)
    return pa.table(columns), place


def _merged_options(every: pa.Table, items: pa.Table) -> tuple[pa.Table, Ints]:
    """Options of both; none where the answers are too many to be options."""
    item = column(every, "item")
    _, name = _sorted_names(every["option"])
    first, place = distinct([item, name])
    inferred = np.asarray(every["inferred"], bool)
    correct = np.asarray(every["correct"], bool)
    n = len(first)
    known = ~inferred
    right, wrong = np.zeros(n, bool), np.zeros(n, bool)
    right[place[known & correct]] = True
    wrong[place[known & ~correct]] = True
    if np.any(right & wrong):
        option = every["option"].take(pa.array(first))[int(np.argmax(right & wrong))]
        msg = f"option {option.as_py()!r} is keyed in one tally and not in another"
        raise MergeError(msg)
    declared = right | wrong
    earned = np.zeros(n, np.int64)
    np.maximum.at(earned, place, column(every, "earned"))
    is_open = np.asarray(items["is_open"], bool)[item[first]]
    table = pa.table(
        {
            "item": item[first],
            "option": every["option"].take(pa.array(first)),
            "text": _least(every["text"], place, n),
            "correct": right,
            "inferred": ~declared,
            "earned": np.where(declared, 0, earned),
            "place": _least(every["place"], place, n),
        }
    ).filter(pa.array(~is_open))
    return table, np.where(is_open, -1, np.cumsum(~is_open) - 1)[place]


def _least(values: pa.ChunkedArray, place: Ints, n: int) -> pa.Array:
    """The least value of each group that has one: the same in whatever order."""
    if pa.types.is_string(values.type):
        names, number = _sorted_names(values.drop_null())
        given = np.asarray(values.is_valid(), bool)
        least = np.full(n, len(names), np.int64)
        np.minimum.at(least, place[given], number)
        return names.take(pa.array(least, mask=least == len(names)))
    top = np.iinfo(np.int64).max
    least = np.full(n, top, np.int64)
    np.minimum.at(least, place, np.asarray(values.fill_null(top), np.int64))
    return pa.array(least, mask=least == top)


def _any(values: pa.ChunkedArray, place: Ints, n: int) -> Mask:
    result = np.zeros(n, bool)
    result[place[np.asarray(values, bool)]] = True
    return result


def _refuse_clash(
    clash: pa.Array, items: pa.Table, quiz_names: pa.Array, what: str
) -> None:
    where = np.flatnonzero(np.asarray(clash, bool))
    if len(where):
        first = items.slice(int(where[0]), 1).to_pylist()[0]
        quiz = quiz_names[first["quiz"]].as_py()
        msg = (
            f"{len(where)} item(s) have different {what} in the tallies to be added; "
            f"the first is {first['item_id']!r} of quiz {quiz!r}, once with "
            f"{first['points'] / NANO:g}"
        )
        raise MergeError(msg)


def packed(parts: Parts) -> pa.Table:
    """One row per quiz: its items, options and counts as lists."""
    quiz_of_item = column(parts.items, "quiz")
    item_of_option = column(parts.options, "item")
    quiz_of: dict[str, Callable[[Ints], Ints]] = {
        "quiz": lambda number: number,
        "item": lambda number: quiz_of_item[number],
        "option": lambda number: quiz_of_item[item_of_option[number]],
    }
    starts = {
        "item": np.searchsorted(quiz_of_item, np.arange(parts.quizzes.num_rows)),
        "option": np.searchsorted(
            quiz_of_item[item_of_option], np.arange(parts.quizzes.num_rows)
        ),
        "row": np.searchsorted(
            column(parts.totals, "quiz"), np.arange(parts.quizzes.num_rows)
        ),
    }
    columns = {"quiz_id": _canonical(parts.quizzes["quiz_id"])}
    for name, (owner, _) in _SHAPES.items():
        table: pa.Table = getattr(parts, name)
        quiz = quiz_of[owner](column(table, owner))
        for index, key in enumerate(table.column_names):
            if key in starts and pa.types.is_integer(table.field(index).type):
                local = column(table, key) - starts[key][quiz]
                table = table.set_column(index, key, pa.array(local))
        if owner == "quiz":
            table = table.drop_columns("quiz")
        ends = np.searchsorted(quiz, np.arange(parts.quizzes.num_rows + 1))
        rows = pa.StructArray.from_arrays(
            [_canonical(values) for values in table.columns], table.column_names
        )
        columns[name] = pa.LargeListArray.from_arrays(pa.array(ends), rows)
    return pa.table(columns)


def _canonical(column: pa.ChunkedArray) -> pa.Array:
    """The same values in the same bytes: no slack, no idle bitmap, 0 under a null."""
    array = column.combine_chunks()
    if pa.types.is_boolean(array.type):
        return pa.array(np.asarray(array.fill_null(False), bool))
    valid = np.asarray(array.is_valid(), bool)
    bitmap = None
    if not valid.all():
        bitmap = pa.py_buffer(np.packbits(valid, bitorder="little").tobytes())
    if pa.types.is_integer(array.type):
        values = np.ascontiguousarray(array.fill_null(0).to_numpy(), np.int64)
        buffers = [bitmap, pa.py_buffer(values.tobytes())]
    else:
        length = np.asarray(pc.binary_length(array.fill_null("")), np.int64)
        ends = np.concatenate([[0], np.cumsum(length)]).astype(np.int32)
        text = "".join(array.drop_null().to_pylist()).encode()
        buffers = [bitmap, pa.py_buffer(ends.tobytes()), pa.py_buffer(text)]
    return pa.Array.from_buffers(array.type, len(array), buffers)


def unpacked(table: pa.Table) -> Parts:
    """Number the rows of all quizzes again."""
    table = _shaped(table)
    parts = {}
    starts: dict[str, Ints] = {}
    numbered = {"items": "item", "options": "option", "totals": "row"}
    for name, (owner, columns) in _SHAPES.items():
        lists = table[name].combine_chunks()
        quiz = np.asarray(pc.list_parent_indices(lists), np.int64)
        flat = lists.flatten()
        if name in numbered:
            length = np.asarray(pc.list_value_length(lists), np.int64)
            starts[numbered[name]] = np.cumsum(length) - length
        result = {"quiz": pa.array(quiz)} if owner == "quiz" else {}
        for key in columns if owner == "quiz" else (owner, *columns):
            value = flat.field(flat.type.get_field_index(key))
            if key in starts and pa.types.is_integer(value.type):
                # A null points nowhere, which is found out below.
                value = value.fill_null(-(2**40))
                value = pa.array(np.asarray(value, np.int64) + starts[key][quiz])
            result[key] = value
        parts[name] = pa.table(result)
    made = Parts(pa.table({"quiz_id": table["quiz_id"].combine_chunks()}), **parts)
    _refuse_loose_ends(made)
    return made


def _shaped(table: pa.Table) -> pa.Table:
    """The table with just the columns and types of a tally's."""
    wanted = packed(empty()).schema
    try:
        shaped = table.select(wanted.names).cast(wanted)
    except (KeyError, ValueError, pa.ArrowException) as error:
        msg = f"not a tally: {error}"
        raise MergeError(msg) from error
    if any(column.null_count for column in shaped.columns):
        msg = "not a tally: a quiz without its counts"
        raise MergeError(msg)
    return shaped


def _refuse_loose_ends(parts: Parts) -> None:
    """Every count is there, and counts something that is there."""
    n_rows = {
        "quiz": parts.quizzes.num_rows,
        "item": parts.items.num_rows,
        "option": parts.options.num_rows,
        "row": parts.totals.num_rows,
    }
    for name in _SHAPES:
        table: pa.Table = getattr(parts, name)
        unknown = _UNKNOWN if name in {"items", "options"} else ()
        for field in table.schema:
            values = table[field.name]
            loose = field.name not in unknown and values.null_count > 0
            if not loose and field.name in n_rows and pa.types.is_integer(field.type):
                number = column(table, field.name)
                loose = bool(np.any((number < 0) | (number >= n_rows[field.name])))
            if loose:
                msg = (
                    f"not a tally: {name} has numbers in {field.name} that fit nothing"
                )
                raise MergeError(msg)
