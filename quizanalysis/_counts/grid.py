"""Count responses by item, total and score in one table of all there could be."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from quizanalysis._counts.parts import column, distinct
from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.numbering import numbered_values, run_starts

_BLOCK = 2**16
"""Responses counted at a time: their numbers stay in the processor's cache."""

_FEW = 8
"""So many different scores are told apart by comparing."""


@dataclass(frozen=True, slots=True)
class Grid:
    """All items or options by all totals of their own quiz, one owner after the other.

    With many quizzes or few totals it has no more places than there are responses.

    Attributes
    ----------
    width : int array, shape (owners,)
        Totals that the quiz of each has.
    base : int array, shape (owners,)
        What gives the place, when the row of the total is added.
    """

    width: Ints
    base: Ints

    @classmethod
    def of(cls, totals: pa.Table, quiz: Ints) -> "Grid":
        """The grid of owners that belong to these quizzes."""
        size = int(quiz.max(initial=0)) + 1
        rows = np.bincount(column(totals, "quiz"), minlength=size)
        width = rows[quiz]
        return cls(width, np.cumsum(width) - width - (np.cumsum(rows) - rows)[quiz])

    def __len__(self) -> int:
        """Count the places."""
        return int(self.width.sum())

    def table(self, name: str, place: Ints, n: Ints, score: Ints) -> pa.Table:
        """Counts in these places, as a tally has them."""
        owner = np.repeat(np.arange(len(self.width)), self.width)[place]
        row = place - self.base[owner]
        return pa.table({name: owner, "row": row, "n": n, "score": score})


@dataclass(frozen=True, slots=True)
class Responded:
    """Responses to count: of which owner, in which submission, with which score."""

    owner: Ints
    submission: Ints
    score: Ints

    def where(self, kept: Mask) -> "Responded":
        """Some of them."""
        return Responded(self.owner[kept], self.submission[kept], self.score[kept])

    def blocks(self) -> Iterator[tuple[Ints, Ints, Ints]]:
        """A few at a time."""
        for at in range(0, len(self.owner), _BLOCK):
            here = slice(at, at + _BLOCK)
            yield self.owner[here], self.submission[here], self.score[here]


def by_total(
    name: str, responded: Responded, new: Ints, row: Ints, grid: Grid
) -> pa.Table:
    """Count responses, and sum their scores, by owner and total.

    ``new`` is the number in the tally of each owner, ``row`` that of each submission's
    total.
    """
    base, size = grid.base[new], len(grid)
    if _is_sparse(size, responded):
        key = base[responded.owner] + row[responded.submission]
        return grid.table(name, *_grouped(key, responded.score))
    n, total = np.zeros(size, np.int64), np.zeros(size, np.int64)
    for owner, submission, score in responded.blocks():
        place = base[owner] + row[submission]
        np.add.at(n, place, 1)
        np.add.at(total, place, score)
    there = np.flatnonzero(n)
    return grid.table(name, there, n[there], total[there])


def by_score(responded: Responded, new: Ints, row: Ints, totals: pa.Table) -> pa.Table:
    """Count responses by item, score, and the kind of submission."""
    first, kind = distinct([column(totals, "k"), column(totals, "points")])
    values, value = numbered_values(responded.score)
    key = new[responded.owner] * len(first)
    key += kind[row][responded.submission]
    key *= len(values)
    key += value
    size = len(new) * len(first) * len(values)
    if _is_sparse(size, responded):
        at, n, _ = _grouped(key, np.zeros(len(key), np.int64))
    else:
        n = np.bincount(key, minlength=size)
        at = np.flatnonzero(n)
        n = n[at]
    at, place = np.divmod(at, max(1, len(values)))
    item, place_k = np.divmod(at, max(1, len(first)))
    return _scores(item, first[place_k], values[place], n, totals)


def by_total_and_score(
    responded: Responded, new: Ints, row: Ints, totals: pa.Table, grid: Grid
) -> tuple[pa.Table, pa.Table]:
    """Both counts of the responses to items: by total, and by score."""
    values, size = _few(responded.score), len(grid)
    if not values or _is_sparse(size * len(values), responded):
        return (
            by_total("item", responded, new, row, grid),
            by_score(responded, new, row, totals),
        )
    counts = np.zeros((len(values), size), np.int64)
    flat, base = counts.reshape(-1), grid.base[new]
    for owner, submission, score in responded.blocks():
        place = base[owner]
        place += row[submission]
        for value in values[1:]:
            place += size * (score >= value)
        np.add.at(flat, place, 1)
    n = counts.sum(axis=0)
    total = np.zeros(size, np.int64)
    for value, count in zip(values, counts, strict=True):
        total += value * count
    there = np.flatnonzero(n)
    return (
        grid.table("item", there, n[there], total[there]),
        _by_score(counts, values, totals, grid),
    )


def _by_score(
    counts: Ints, values: list[int], totals: pa.Table, grid: Grid
) -> pa.Table:
    """Sum the counts of each score over the totals of one kind of submission."""
    keys = [column(totals, name) for name in ("quiz", "k", "points")]
    kinds = run_starts(*keys)
    # The kinds of an item's quiz, item by item, and where each starts in the grid.
    first = np.cumsum(grid.width) - grid.width - grid.base
    low = np.searchsorted(kinds, first)
    times = np.searchsorted(kinds, first + grid.width) - low
    item = np.repeat(np.arange(len(low)), times)
    within = np.arange(len(item)) - np.repeat(np.cumsum(times) - times, times)
    head = kinds[low[item] + within]
    starts = head + grid.base[item]
    n = np.stack([np.add.reduceat(count, starts) for count in counts], axis=1)
    at, value = np.nonzero(n)
    return _scores(item[at], head[at], np.array(values)[value], n[at, value], totals)


def _scores(item: Ints, row: Ints, score: Ints, n: Ints, totals: pa.Table) -> pa.Table:
    """Counts by score as a tally has them; the row tells the kind of submission."""
    kind = {name: column(totals, name)[row] for name in ("k", "points")}
    return pa.table({"item": item, **kind, "score": score, "n": n})


def _is_sparse(size: int, responded: Responded) -> bool:
    return size > 4 * len(responded.owner) + 2**16


def _grouped(key: Ints, score: Ints) -> tuple[Ints, Ints, Ints]:
    """Distinct keys ascending, how often each occurs, and the sum of the scores."""
    names, place = numbered_values(key)
    total = np.zeros(len(names), np.int64)
    np.add.at(total, place, score)
    return names, np.bincount(place, minlength=len(names)), total


def _few(values: Ints) -> list[int]:
    """The distinct values ascending; none if there are many."""
    known = np.empty(0, np.int64)
    for at in range(0, len(values), _BLOCK):
        block = values[at : at + _BLOCK]
        seen = np.zeros(len(block), bool)
        for value in known:
            seen |= block == value
        if not seen.all():
            known = np.union1d(known, block[~seen])
            if len(known) > _FEW:
                return []
    return [int(value) for value in known]
