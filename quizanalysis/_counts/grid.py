"""Count responses by item, total and score in one table of all there could be."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._counts.parts import column, distinct
from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.numbering import Whole, numbered_values, run_starts

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
    quiz, width : int array, shape (owners,)
        The quiz of each, and how many totals that has.
    base : int array, shape (owners,)
        What gives the place, when the row of the total is added.
    """

    quiz: Ints
    width: Ints
    base: Ints

    @classmethod
    def of(cls, totals: pa.Table, quiz: Ints) -> "Grid":
        """The grid of owners that belong to these quizzes."""
        size = int(quiz.max(initial=0)) + 1
        rows = np.bincount(column(totals, "quiz"), minlength=size)
        width = rows[quiz]
        return cls(
            quiz, width, np.cumsum(width) - width - (np.cumsum(rows) - rows)[quiz]
        )

    def __len__(self) -> int:
        """Count the places."""
        return int(self.width.sum())

    def table(self, name: str, place: Ints, n: Ints, score: Ints) -> pa.Table:
        """Counts in these places, as a tally has them."""
        ends = np.searchsorted(place, np.cumsum(self.width))
        owner = np.repeat(np.arange(len(ends)), np.diff(ends, prepend=0))
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
    kind = np.int32 if len(responded.owner) < 2**31 else np.int64
    counts = np.zeros((len(values), size), kind)
    quiz = column(totals, "quiz")[row]
    if width := _width(responded, quiz):
        _add_rounds(counts, responded, values, grid.base[new], row, width, totals)
    else:
        _add_each(counts, responded, values, grid.base[new], row)
    n, total = counts.sum(axis=0, dtype=np.int64), np.zeros(size, np.int64)
    for value, count in zip(values, counts, strict=True):
        if value:
            total += np.multiply(count, value, dtype=np.int64)
    there = np.flatnonzero(n)
    if len(there) < size:
        n, total = n[there], total[there]
    return (
        grid.table("item", there, n, total),
        _by_score(counts, values, totals, grid),
    )


def _add_each(
    counts: Whole, responded: Responded, values: list[int], base: Ints, row: Ints
) -> None:
    """Count each response in its place."""
    size, one, flat = counts.shape[1], counts.dtype.type(1), counts.reshape(-1)
    for owner, submission, score in responded.blocks():
        place = base[owner]
        place += row[submission]
        for value in values[1:]:
            place += size * (score >= value)
        np.add.at(flat, place, one)


def _width(responded: Responded, quiz: Ints) -> int:
    """How many responses each submission has, if those to a quiz are to the same items.

    In the same order, each item once, and quiz after quiz; else 0. ``quiz`` is that of
    each submission.
    """
    n, cells, owner = len(quiz), len(responded.owner), responded.owner
    width = cells // max(1, n)
    if not cells or width * n != cells:
        return 0
    every = np.arange(n)
    for at in (0, width - 1):  # they are in the order of the submissions
        if not np.array_equal(responded.submission[at::width], every):
            return 0
    heads = run_starts(quiz)
    if len(heads) != np.count_nonzero(np.bincount(quiz)):
        return 0
    may_differ = np.zeros(n, bool)
    may_differ[heads] = True
    for at in range(width, cells, _BLOCK):
        end = min(at + _BLOCK, cells)
        other = owner[at:end] != owner[at - width : end - width]
        if not may_differ[(np.flatnonzero(other) + at) // width].all():
            return 0
    items = np.sort(owner.reshape(n, width)[heads], axis=1)
    return 0 if np.any(items[:, 1:] == items[:, :-1]) else width


def _add_rounds(
    counts: Whole,
    responded: Responded,
    values: list[int],
    base: Ints,
    row: Ints,
    width: int,
    totals: pa.Table,
) -> None:
    """Count whole submissions, which show the items of their quiz in one order.

    Each is added to the row of its total; then the rows go where each item has them.
    """
    n, size, kind = len(row), totals.num_rows, counts.dtype
    # Any submission of a total tells the items, for they are those of all of its quiz.
    some = np.empty(size, np.int64)
    some[row] = np.arange(n)
    place = base[responded.owner.reshape(n, width)[some]]
    place += np.arange(size)[:, np.newaxis]
    rest = np.repeat(column(totals, "n").astype(kind)[:, np.newaxis], width, axis=1)
    found = _added(responded.score.reshape(n, width), values[1:], row, size, kind)
    for count, number in zip(counts[1:], found, strict=True):
        count[place] = number
        rest -= number
    counts[0][place] = rest


def _added(
    score: Ints, values: list[int], row: Ints, size: int, kind: npt.DTypeLike
) -> Whole:
    """For each of the values how often each column has it, row by row of the totals."""
    from scipy.sparse import csc_array  # noqa: PLC0415  slow to import

    n, width = score.shape
    found = np.zeros((len(values), size, width), kind)
    step = max(1, 4 * _BLOCK // width)
    for at in range(0, n, step):
        part, into = score[at : at + step], row[at : at + step]
        low, high = int(into.min()), int(into.max()) + 1
        rows: slice | Ints = slice(low, high)
        if high - low > 4 * len(part):  # rows of quizzes that stand far apart
            rows, into = np.unique(into, return_inverse=True)
            low, high = 0, len(rows)
        ones, ends = np.ones(len(part), kind), np.arange(len(part) + 1)
        add = csc_array((ones, into - low, ends), shape=(high - low, len(part)))
        for value, number in zip(values, found, strict=True):
            number[rows] += add @ (part == value).astype(kind)
    return found


def _by_score(
    counts: Whole, values: list[int], totals: pa.Table, grid: Grid
) -> pa.Table:
    """Sum the counts of each score over the totals of one kind of submission."""
    keys = [column(totals, name) for name in ("quiz", "k", "points")]
    kinds = run_starts(*keys)
    # The kinds of submission to an item's quiz, item by item.
    number = np.bincount(keys[0][kinds], minlength=int(grid.quiz.max()) + 1)
    times = number[grid.quiz]
    item = np.repeat(np.arange(len(times)), times)
    first = (np.cumsum(number) - number)[grid.quiz] - (np.cumsum(times) - times)
    head = kinds[first[item] + np.arange(len(item))]
    starts = head + grid.base[item]
    # Score after score within each kind, as a tally has them.
    n = np.empty((len(starts), len(values)), np.int64)
    for at, count in enumerate(counts):
        n[:, at] = np.add.reduceat(count, starts, dtype=np.int64)
    there = np.flatnonzero(n)
    place, value = np.divmod(there, len(values))
    return _scores(
        item[place], head[place], np.array(values)[value], n.ravel()[there], totals
    )


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
