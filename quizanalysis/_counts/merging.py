"""Add the counts of tallies: name by name, then number by number."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import numbered, sorted_names
from quizanalysis._counts.parts import Parts, column, distinct, summed, sums
from quizanalysis._intake.columns import NANO, Ints, Mask
from quizanalysis.errors import MergeError


def merged(several: Sequence[Parts]) -> Parts:
    """Add counts; what was inferred of items and options is inferred from all."""
    names, quiz_of = numbered(*(p.quizzes["quiz_id"] for p in several))
    quizzes = pa.table({"quiz_id": names})
    every = _joined(several, "items", quiz_of, "quiz")
    items, place = _merged_items(every, quizzes)
    item_of = _cut(place, several, "items")
    every = _joined(several, "options", item_of, "item")
    _refuse_two_keys(every, _tallies(several), items, quizzes)
    items, options, place = _merged_options(every, items)
    option_of = _cut(place, several, "options")
    every = _joined(several, "totals", quiz_of, "quiz")
    totals, place = summed(every, ("quiz", "k", "points", "total"))
    row_of = _cut(place, several, "totals")

    def counts(name: str, owner_of: Sequence[Ints], keys: tuple[str, ...]) -> pa.Table:
        rows = _joined(several, name, owner_of, keys[0])
        if "row" in keys:
            old = _cut(column(rows, "row"), several, name)
            new = [of[row] for of, row in zip(row_of, old, strict=True)]
            rows = rows.set_column(1, "row", pa.array(np.concatenate(new)))
        kept = column(rows, keys[0]) >= 0
        return sums(rows if kept.all() else rows.filter(pa.array(kept)), keys)

    return Parts(
        quizzes,
        items,
        options,
        totals,
        counts("item_totals", item_of, ("item", "row")),
        counts("item_scores", item_of, ("item", "k", "points", "score")),
        counts("option_totals", option_of, ("option", "row")),
    )


def _cut(numbers: Ints, several: Sequence[Parts], name: str) -> list[Ints]:
    """Give each part its own rows of a joined table again."""
    lengths = [getattr(part, name).num_rows for part in several]
    return np.split(numbers, np.cumsum(lengths)[:-1])


def _joined(
    several: Sequence[Parts], name: str, maps: Sequence[Ints], key: str
) -> pa.Table:
    """Join tables, their owners under new numbers."""
    tables = []
    for part, new in zip(several, maps, strict=True):
        table: pa.Table = getattr(part, name)
        owner = new[column(table, key)] if table.num_rows else np.empty(0, np.int64)
        tables.append(table.set_column(0, key, pa.array(owner)))
    return pa.concat_tables(tables)


def _tallies(several: Sequence[Parts]) -> Ints:
    """Tell of each option which tally it is from: a number for each quiz of each."""
    start, numbers = 0, []
    for part in several:
        quiz = column(part.items, "quiz")[column(part.options, "item")]
        numbers.append(start + quiz)
        start += part.quizzes.num_rows
    return np.concatenate(numbers)


def _merged_items(every: pa.Table, quizzes: pa.Table) -> tuple[pa.Table, Ints]:
    quiz = column(every, "quiz")
    _, name = sorted_names(every["item_id"])
    first, place = distinct([quiz, name])
    n, rows = len(first), pa.array(first)
    columns = {"quiz": pa.array(quiz[first]), "item_id": every["item_id"].take(rows)}
    for key in ("position", "item_type", "title", "points"):
        columns[key] = _least(every[key], place, n)
    best = np.zeros(n, np.int64)
    np.maximum.at(best, place, column(every, "best"))
    columns["best"] = pa.array(best)
    columns["is_open"] = pa.array(_any(every["is_open"], place, n))
    columns["max_options"] = _least(every["max_options"], place, n)
    for key in ("n_shown", "n_blank", "n_not_graded"):
        total = np.zeros(n, np.int64)
        np.add.at(total, place, column(every, key))
        columns[key] = pa.array(total)
    items = pa.table(columns)
    most = pc.negate(_least(pc.negate(every["points"]), place, n))
    _refuse_two_points(items, most, quizzes)
    return items, place


def _merged_options(
    every: pa.Table, items: pa.Table
) -> tuple[pa.Table, pa.Table, Ints]:
    """Options of all, for items whose answers are too many only those declared."""
    item = column(every, "item")
    _, name = sorted_names(every["option"])
    first, place = distinct([item, name])
    n, owner = len(first), item[first]
    declared = _any(every["declared"], place, n)
    items, is_open = _opened(items, owner, declared)
    kept = declared | ~is_open[owner]
    has_key = np.zeros(items.num_rows, bool)
    has_key[item[~np.asarray(every["inferred"], bool)]] = True
    earned = np.zeros(n, np.int64)
    np.maximum.at(earned, place, column(every, "earned"))
    table = pa.table(
        {
            "item": owner,
            "option": every["option"].take(pa.array(first)),
            "text": _least(every["text"], place, n),
            "declared": declared,
            "correct": _any(every["correct"], place, n),
            "inferred": ~has_key[owner],
            "earned": np.where(has_key[owner], 0, earned),
            "place": _least(every["place"], place, n),
        }
    ).filter(pa.array(kept))
    return items, table, np.where(kept, np.cumsum(kept) - 1, -1)[place]


def _opened(items: pa.Table, owner: Ints, declared: Mask) -> tuple[pa.Table, Mask]:
    """Open the items that declare no options and now have too many answers."""
    size = items.num_rows
    none_declared = np.bincount(owner[declared], minlength=size) == 0
    many = np.bincount(owner, minlength=size) > column(items, "max_options")
    is_open = np.asarray(items["is_open"], bool) | (none_declared & many)
    at = items.column_names.index("is_open")
    return items.set_column(at, "is_open", pa.array(is_open)), is_open


def _least(values: pa.ChunkedArray, place: Ints, n: int) -> pa.Array:
    """The least value of each group that has one: the same in whatever order."""
    if pa.types.is_string(values.type):
        names, number = sorted_names(values.drop_null())
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


def _refuse_two_points(items: pa.Table, most: pa.Array, quizzes: pa.Table) -> None:
    """Say which items have other points in one tally than in another."""
    clash = pc.fill_null(pc.not_equal(items["points"], most), False)
    where = np.flatnonzero(np.asarray(clash, bool))
    if len(where):
        at = int(where[0])
        one, other = (points[at].as_py() / NANO for points in (items["points"], most))
        msg = (
            f"{len(where)} item(s) have different points possible in the tallies to be "
            f"added; the first is {_called(items, at, quizzes)}, once with {one:g} and "
            f"once with {other:g}"
        )
        raise MergeError(msg)


def _refuse_two_keys(
    every: pa.Table, part: Ints, items: pa.Table, quizzes: pa.Table
) -> None:
    """Two declared keys of an item agree when each option that one has all have."""
    item, size = column(every, "item"), max(1, items.num_rows)
    known = ~np.asarray(every["inferred"], bool)
    keyed = np.asarray(every["correct"], bool)
    n_keys = np.bincount(np.unique(part[known] * size + item[known]) % size)
    _, name = sorted_names(every["option"])
    _, option = distinct([item, name])
    # How often the option of each keyed row is keyed; how many keys its item has.
    times, n_keys = np.bincount(option[keyed])[option[keyed]], n_keys[item[keyed]]
    short = np.flatnonzero(keyed)[times < n_keys]
    if not len(short):
        return
    at = int(item[short[0]])
    keys = set()
    for number in np.unique(part[known & (item == at)]):
        own = every["option"].filter(pa.array(keyed & (item == at) & (part == number)))
        keys.add(", ".join(map(repr, sorted(own.to_pylist()))) or "nothing")
    one, other = sorted(keys)[:2]
    where = _called(items, at, quizzes)
    msg = f"{where} has the key {one} in one tally and {other} in another"
    raise MergeError(msg)


def _called(items: pa.Table, at: int, quizzes: pa.Table) -> str:
    quiz = quizzes["quiz_id"][items["quiz"][at].as_py()].as_py()
    return f"{items['item_id'][at].as_py()!r} of quiz {quiz!r}"
