"""The counts of some quizzes at a time, for figures of many."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from quizanalysis._counts.parts import Parts, column

_ROWS = 2**21
"""Rows of counts by total that are read at once: what is made of them stays small
enough for its memory to be used again, where new memory costs as much as the sums."""


def pieces(parts: Parts) -> Iterator[Parts]:
    """Give the counts quiz after quiz, some quizzes at a time; at least one piece."""
    if parts.item_totals.num_rows <= _ROWS or parts.quizzes.num_rows < 2:
        yield parts
        return
    n = parts.quizzes.num_rows
    item = np.searchsorted(column(parts.items, "quiz"), np.arange(n + 1))
    cell = np.searchsorted(column(parts.item_totals, "item"), item)
    at = 0
    while at < n:
        end = int(np.searchsorted(cell, cell[at] + _ROWS, side="right")) - 1
        end = min(max(end, at + 1), n)
        yield _piece(parts, at, end)
        at = end


def _piece(parts: Parts, start: int, end: int) -> Parts:
    """The counts of the quizzes from start to before end, numbered from 0."""
    quizzes = start, end
    items = _range(parts.items, "quiz", quizzes)
    options = _range(parts.options, "item", items)
    totals = _range(parts.totals, "quiz", quizzes)
    return Parts(
        parts.quizzes.slice(start, end - start),
        _renumbered(parts.items, items, quiz=start),
        _renumbered(parts.options, options, item=items[0]),
        _renumbered(parts.totals, totals, quiz=start),
        _renumbered(
            parts.item_totals,
            _range(parts.item_totals, "item", items),
            item=items[0],
            row=totals[0],
        ),
        _renumbered(
            parts.item_scores,
            _range(parts.item_scores, "item", items),
            item=items[0],
        ),
        _renumbered(
            parts.option_totals,
            _range(parts.option_totals, "option", options),
            option=options[0],
            row=totals[0],
        ),
    )


def _range(table: pa.Table, owner: str, owners: tuple[int, int]) -> tuple[int, int]:
    """The rows of the owners from the first to before the second."""
    first, last = np.searchsorted(column(table, owner), owners)
    return int(first), int(last)


def _renumbered(table: pa.Table, rows: tuple[int, int], **first: int) -> pa.Table:
    """Some rows, whose numbers of other rows begin at 0."""
    some = table.slice(rows[0], rows[1] - rows[0])
    for name, number in first.items():
        place = some.column_names.index(name)
        some = some.set_column(place, name, [column(some, name) - number])
    return some
