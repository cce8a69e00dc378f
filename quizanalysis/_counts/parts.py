"""The counts that a tally holds, and how rows of counts are added."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import Ints
from quizanalysis._intake.numbering import combined, dense, is_ascending, run_starts
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
    "max_options": pa.int64(),
    "n_shown": pa.int64(),
    "n_blank": pa.int64(),
    "n_not_graded": pa.int64(),
}
_OPTION = {
    "option": pa.string(),
    "text": pa.string(),
    "declared": pa.bool_(),
    "correct": pa.bool_(),
    "inferred": pa.bool_(),
    "earned": pa.int64(),
    "place": pa.int64(),
}
UNKNOWN = ("position", "item_type", "title", "points", "text")
"""What need not be known of an item or option."""

SHAPES: dict[str, tuple[str, dict[str, pa.DataType]]] = {
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
"""For each table of `Parts` but the quizzes, what owns its rows, and its columns."""


@dataclass(frozen=True, slots=True)
class Parts:
    """The tables of a tally; each row of one names a row of another by its number.

    Attributes
    ----------
    quizzes : quiz_id, ascending
    items : quiz, item_id (ascending within a quiz) and what is known of the item;
        points null when they were not declared, then ``best`` is the best score seen;
        ``is_open`` when answers were given but are no options, ``max_options`` how many
        may be when none is declared
    options : item, option (ascending within an item), text, declared, correct (as
        declared), inferred (the item has no declared key), place (among those declared;
        0 for the others); ``earned`` is what an option without declared key earned at
        best, where that was all there was to earn then: it is correct if it still is
        when all is merged
    totals : quiz, k (responses scored; negative when an item was drawn twice), points
        (what they were worth; -1 when not declared), total; n submissions. Those with
        k = 0 have no total but a recorded one
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
        for name, (owner, columns) in SHAPES.items()
    }
    return Parts(pa.schema([("quiz_id", pa.string())]).empty_table(), **tables)


def column(table: pa.Table, name: str) -> Ints:
    """A column of integers as numpy."""
    return np.asarray(table[name], np.int64)


def summed(table: pa.Table, keys: Sequence[str]) -> tuple[pa.Table, Ints]:
    """Sum the other columns over equal keys, ascending; also each row's new place."""
    names = [name for name in table.column_names if name not in keys]
    first, place = distinct([column(table, key) for key in keys])
    result = {key: column(table, key)[first] for key in keys}
    for name in names:
        values = column(table, name)
        guard(values)
        total = np.zeros(len(first), np.int64)
        np.add.at(total, place, values)
        result[name] = total
    return pa.table(result), place


def distinct(keys: Sequence[Ints]) -> tuple[Ints, Ints]:
    """Rows of the distinct keys in ascending order, and each row's place there."""
    n = len(keys[0])
    key, size = combined(keys)
    if is_ascending(key):
        first = run_starts(key)
        return first, np.repeat(np.arange(len(first)), np.diff(first, append=n))
    if size > 4 * n + 1024:
        key, size = dense(key)
    # A table of all keys there could be is cheaper than sorting the rows.
    there = np.zeros(size, bool)
    there[key] = True
    place = (np.cumsum(there) - 1)[key]
    first = np.empty(np.count_nonzero(there), np.int64)
    first[place[::-1]] = np.arange(n - 1, -1, -1)
    return first, place


def guard(values: Ints) -> None:
    """Refuse to add what could pass 64 bits."""
    largest = max(-int(values.min(initial=0)), int(values.max(initial=0)))
    if largest * len(values) < 2**62:
        return
    if np.abs(values.astype(np.float64)).sum() >= 2.0**62:
        msg = "the sum of the scores passes what 64 bits hold exactly"
        raise MergeError(msg)
