"""Count the rows of a matrix by their totals: how often each item has which code."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from quizanalysis._intake.blocks import (
    MOST_CODES,
    Block,
    Bytes,
    Code,
    Matrix,
    UnfitError,
    blocks,
    choice_blocks,
    choices_of,
    code_of,
    sums,
)
from quizanalysis._intake.columns import Ints

_CELL = 255  # a byte holds no more ones
_FEW = 1024  # kinds are not worth looking up


@dataclass(frozen=True, slots=True)
class Counted:
    """Rows of each kind: with so many gaps, and such a total.

    Attributes
    ----------
    gaps, total, n : int array, shape (kinds,)
        Items without a score, sum of the codes, and how many rows there are.
    values : int array, shape (codes,)
        The codes; of scores, but 0.
    counts : int array, shape (codes, kinds, items)
        How many rows of the kind have this code in this item.
    missing : int array, shape (kinds, items)
        How many of them have no score there.
    """

    gaps: Ints
    total: Ints
    n: Ints
    values: Ints
    counts: Ints
    missing: Ints


def count_scores(matrix: Matrix, threads: int) -> tuple[Code, Counted] | None:
    """Count scores, shape (students, items); None when they are no few small codes."""
    for whole in (False, True):
        code = code_of(matrix, whole=whole)
        if code is None:
            return None
        with suppress(UnfitError):
            return code, _in_shares(partial(_scores, code), matrix, threads)
    return None


def count_answers(
    matrix: Matrix, right: Sequence[Sequence[int]], points: Ints, threads: int
) -> Counted | None:
    """Count choices, shape (students, items), of which some are right.

    Parameters
    ----------
    matrix : uint8 array
    right : for each item the right choices
    points : int array, shape (items,)
        What a right choice of each item adds to the total.
    threads : int

    Returns
    -------
    Counted or None
        Its codes are all choices, 0 too; None when there are too many.
    """
    # An item with fewer right choices is asked for one of them again.
    most = max(len(one) for one in right)
    keys = np.array([[*one, *[one[0]] * (most - len(one))] for one in right], np.int16)
    for whole in (False, True):
        seen = choices_of(matrix, whole=whole)
        if len(seen) > MOST_CODES:
            return None
        with suppress(UnfitError):
            return _in_shares(partial(_choices, seen, keys.T, points), matrix, threads)
    return None


def _in_shares(
    counting: Callable[[Matrix], Iterable[Counted]], matrix: Matrix, threads: int
) -> Counted:
    """Count contiguous shares of the rows, each in a thread, and add them up."""

    def share(rows: Matrix) -> Counted:
        so_far: list[Counted] = []
        for one in counting(rows):
            so_far.append(one)
            if _size(so_far[1:]) > _size(so_far[:1]) + 100_000:
                so_far = [_added(so_far)]
        return _added(so_far)

    edges = np.linspace(0, len(matrix), threads + 1).astype(int)
    shares = [matrix[a:b] for a, b in pairwise(edges) if a < b]
    if len(shares) == 1:
        return share(matrix)
    with ThreadPoolExecutor(threads) as pool:
        return _added(list(pool.map(share, shares)))


def _size(several: Iterable[Counted]) -> int:
    return sum(one.counts.size for one in several)


def _scores(code: Code, rows: Matrix) -> Iterator[Counted]:
    kinds = _Kinds()
    for block in blocks(rows, code):
        yield _of_scores(block, code, kinds, rows.shape[1])


def _choices(
    seen: Sequence[int], keys: npt.NDArray[np.int16], points: Ints, rows: Matrix
) -> Iterator[Counted]:
    kinds = _Kinds()
    for block in choice_blocks(rows):
        yield _of_choices(block, seen, keys, points, kinds)


def _of_choices(
    chosen: Bytes,
    seen: Sequence[int],
    keys: npt.NDArray[np.int16],
    points: Ints,
    kinds: "_Kinds",
) -> Counted:
    """Count the rows of a block of choices."""
    items = len(points)
    correct = np.zeros(chosen.shape, bool)
    for key in keys:
        correct[:, :items] |= chosen[:, :items] == key
    if np.ptp(points):
        total = (correct[:, :items] @ points.astype(np.float64)).astype(np.int64)
    else:
        total = sums(correct.view(np.uint8), 1) * points[0]
    there, n = kinds.number(total, int(points.sum()) + 1)
    made = _by_value(chosen, seen, kinds, items)
    if int(made.sum()) != len(chosen) * items:
        raise UnfitError
    return Counted(
        np.zeros_like(there), there, n, np.array(seen), made, np.zeros_like(made[0])
    )


def _of_scores(block: Block, code: Code, kinds: "_Kinds", items: int) -> Counted:
    """Count the rows of a block of scores."""
    span = max(code.values, default=0) * items + 1
    key, bound = block.total, span
    if block.gaps is not None:
        key, bound = sums(block.gaps, 1) * span + key, (items + 1) * span
    there, n = kinds.number(key, bound)
    if code.values == (1,):
        made = kinds.added(block.codes, items)[None]
    else:
        made = _by_value(block.codes, code.values, kinds, items)
    values = np.array(code.values, np.int64)
    # A score that was none of these codes is missed here, but not in the totals.
    if int(values @ made.sum(axis=(1, 2))) != int(block.total.sum()):
        raise UnfitError
    missing = np.zeros((len(there), items), np.int64)
    if block.gaps is not None:
        missing = kinds.added(block.gaps, items)
    return Counted(there // span, there % span, n, values, made, missing)


def _by_value(
    codes: Bytes, values: Sequence[int], kinds: "_Kinds", items: int
) -> npt.NDArray[np.int64]:
    """How often each value is in each item, by kind of row."""
    same = np.empty(codes.shape, bool)
    made = np.empty((len(values), kinds.n, items), np.int64)
    for at, value in enumerate(values):
        np.equal(codes, value, out=same)
        made[at] = kinds.added(same.view(np.uint8), items)
    return made


class _Kinds:
    """The kinds of the rows of a block; adds up rows of zeros and ones by kind.

    It keeps its arrays from one block to the next.
    """

    def __init__(self) -> None:
        self.n = 0
        self._there: Ints | slice = slice(None)
        self._shape = (0, 0, 0)

    def number(self, key: Ints, bound: int) -> tuple[Ints, Ints]:
        """Take the key of each row, below `bound`; the distinct ones, and how often."""
        low = 0
        if bound > _FEW:
            low, bound = int(key.min()), int(key.max()) + 1
        there: Ints
        if bound - low > 8 * len(key) + _FEW:
            there, kind, n = np.unique(key, return_inverse=True, return_counts=True)
            self._there, size = slice(None), len(there)
        else:
            kind = key - low if low else key
            every = np.bincount(kind, minlength=bound - low)
            self._there, size = np.flatnonzero(every), len(every)
            there, n = self._there + low, every[self._there]
            if size > _FEW:
                kind = (np.cumsum(every > 0) - 1)[kind]
                self._there, size = slice(None), len(there)
        self.n = len(there)
        self._place(kind, size)
        return there, n

    def _place(self, kind: Ints, size: int) -> None:
        """Every 255 rows have a table of their own, so that a byte can hold the sums.

        Unless such tables would be larger than the rows.
        """
        n = len(kind)
        parts = -(-n // _CELL)
        if size * parts > n:
            parts = 1
        if self._shape != (n, size, parts):
            self._shape = n, size, parts
            end, weight = np.arange(n + 1, dtype=np.int32), np.ones(n, np.uint8)
            self._offset = end[:n] // _CELL * size if parts > 1 else end[:n] * 0
            if parts == 1 and n > _CELL:
                weight = weight.astype(np.float32)
            from scipy.sparse import csc_array  # noqa: PLC0415  slow to import

            self._add = csc_array((weight, end[:n] * 0, end), shape=(size * parts, n))
        np.add(kind, self._offset, out=self._add.indices, casting="unsafe")

    def added(self, ones: Bytes, items: int) -> Ints:
        """Add each row to that of its kind."""
        _, size, parts = self._shape
        kind = self._add.dtype
        table: Any = self._add @ ones.astype(kind, copy=False)
        if parts > 1:
            table = np.add.reduce(table.reshape(parts, -1), axis=0, dtype=np.uint16)
        whole: Ints = table.reshape(size, -1)[self._there, :items].astype(np.int64)
        return whole


def _added(several: Sequence[Counted]) -> Counted:
    """Add counts of different rows."""
    if len(several) == 1:
        return several[0]
    gaps = np.concatenate([one.gaps for one in several])
    total = np.concatenate([one.total for one in several])
    span = int(total.max(initial=0)) + 1
    there, place = np.unique(gaps * span + total, return_inverse=True)
    values, items = several[0].values, several[0].missing.shape[1]
    n = np.zeros(len(there), np.int64)
    counts = np.zeros((len(values), len(there), items), np.int64)
    missing = np.zeros((len(there), items), np.int64)
    start = 0
    for one in several:
        to = place[start : start + len(one.n)]
        start += len(one.n)
        n[to] += one.n
        counts[:, to] += one.counts
        missing[to] += one.missing
    return Counted(there // span, there % span, n, values, counts, missing)
