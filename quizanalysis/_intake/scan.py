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
_AT_ONCE = 1020  # rows that are held against the key
_NO_CHOICE = 255  # fills up the key, as 0 does the choices


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


@dataclass(slots=True)
class _Part:
    """Some rows, by key: gaps times the span of totals, plus the total.

    ``missing`` is None when no row has a gap. Parts of one quiz share one array of keys
    as long as all keys there can be are few: then no key need be looked up.
    """

    key: Ints
    n: Ints
    counts: Ints
    missing: Ints | None


def count_scores(matrix: Matrix, threads: int) -> tuple[Code, Counted] | None:
    """Count scores, shape (students, items); None when they are no few small codes."""
    items = matrix.shape[1]
    for whole in (False, True):
        code = code_of(matrix, whole=whole)
        if code is None:
            return None
        with suppress(UnfitError):
            part = _in_shares(partial(_scores, code), matrix, threads)
            return code, _counted(part, code.values, _span(code, items))
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
    for whole in (False, True):
        seen = choices_of(matrix, whole=whole)
        if len(seen) > MOST_CODES:
            return None
        keys = _keys(right, seen)
        with suppress(UnfitError):
            part = _in_shares(partial(_choices, seen, keys, points), matrix, threads)
            return _counted(part, seen, int(points.sum()) + 1)
    return None


def _keys(right: Sequence[Sequence[int]], seen: Sequence[int]) -> list[Bytes]:
    """Right choices of each item in every row: as fast to compare as bytes can be.

    An item with fewer right choices than another is asked for one of them again, and
    one that nobody chose becomes any other that nobody chose.
    """
    width, nobody = -(-len(right) // 8) * 8, min({*range(MOST_CODES + 1)} - {*seen})
    made = []
    for at in range(max(len(one) for one in right)):
        row = np.full(width, _NO_CHOICE, np.uint8)
        chosen = (one[at % len(one)] for one in right)
        row[: len(right)] = [code if code in seen else nobody for code in chosen]
        made.append(np.tile(row, (_AT_ONCE, 1)))
    return made


def _in_shares(
    counting: Callable[[Matrix], Iterable[_Part]], matrix: Matrix, threads: int
) -> _Part:
    """Count contiguous shares of the rows, each in a thread, and add them up."""

    def share(rows: Matrix) -> _Part:
        so_far: list[_Part] = []
        for one in counting(rows):
            if so_far and so_far[0].key is one.key:
                _take_up(so_far[0], one)
                continue
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


def _size(several: Iterable[_Part]) -> int:
    return sum(one.counts.size for one in several)


def _take_up(sum_: _Part, one: _Part) -> None:
    """Add rows that have the same array of keys."""
    sum_.n += one.n
    sum_.counts += one.counts
    if sum_.missing is None:
        sum_.missing = one.missing
    elif one.missing is not None:
        sum_.missing += one.missing


def _added(several: Sequence[_Part]) -> _Part:
    """Add rows of any keys."""
    if len(several) == 1:
        return several[0]
    keys, place = np.unique(
        np.concatenate([one.key for one in several]), return_inverse=True
    )
    codes, _, items = several[0].counts.shape
    n = np.zeros(len(keys), np.int64)
    counts = np.zeros((codes, len(keys), items), np.int64)
    missing = np.zeros((len(keys), items), np.int64)
    start = 0
    for one in several:
        to = place[start : start + len(one.n)]
        start += len(one.n)
        n[to] += one.n
        counts[:, to] += one.counts
        if one.missing is not None:
            missing[to] += one.missing
    return _Part(keys, n, counts, missing)


def _counted(part: _Part, values: Sequence[int], span: int) -> Counted:
    """Name what was counted; keys that no row has fall away."""
    there = np.flatnonzero(part.n)
    key, missing = part.key[there], part.missing
    if missing is None:
        missing = np.zeros((len(part.n), part.counts.shape[2]), np.int64)
    return Counted(
        key // span,
        key % span,
        part.n[there],
        np.array(values, np.int64),
        part.counts[:, there],
        missing[there],
    )


def _span(code: Code, items: int) -> int:
    return max(code.values, default=0) * items + 1


def _scores(code: Code, rows: Matrix) -> Iterator[_Part]:
    kinds = _Kinds()
    for block in blocks(rows, code):
        yield _of_scores(block, code, kinds, rows.shape[1])


def _choices(
    seen: Sequence[int], keys: Sequence[Bytes], points: Ints, rows: Matrix
) -> Iterator[_Part]:
    kinds = _Kinds()
    for block in choice_blocks(rows):
        yield _of_choices(block, seen, keys, points, kinds)


def _of_choices(
    chosen: Bytes,
    seen: Sequence[int],
    keys: Sequence[Bytes],
    points: Ints,
    kinds: "_Kinds",
) -> _Part:
    """Count the rows of a block of choices."""
    items = len(points)
    right = _is_right(chosen, keys)
    if np.ptp(points):
        total = (right[:, :items] @ points.astype(np.float64)).astype(np.int64)
    else:
        total = sums(right, 1) * points[0]
    key, n = kinds.number(total, int(points.sum()) + 1)
    made = _by_value(chosen, seen, kinds, items)
    if int(made.sum()) != len(chosen) * items:
        raise UnfitError
    return _Part(key, n, made, None)


def _is_right(chosen: Bytes, keys: Sequence[Bytes]) -> Bytes:
    """1 where a choice is among the right ones."""
    right, same = np.zeros(chosen.shape, bool), np.empty(keys[0].shape, bool)
    for top in range(0, len(chosen), _AT_ONCE):
        part, made = chosen[top : top + _AT_ONCE], right[top : top + _AT_ONCE]
        n = len(part)
        np.equal(part, keys[0][:n], out=made)
        for key in keys[1:]:
            made |= np.equal(part, key[:n], out=same[:n])
    return right.view(np.uint8)


def _of_scores(block: Block, code: Code, kinds: "_Kinds", items: int) -> _Part:
    """Count the rows of a block of scores."""
    span = _span(code, items)
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
    missing = None if block.gaps is None else kinds.added(block.gaps, items)
    if missing is not None and int(missing.sum()) != block.n_gaps:
        raise UnfitError  # what is not missing counts as a score, of 0 points
    return _Part(there, n, made, missing)


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
        self._every = np.empty(0, np.int64)
        self._shape = (0, 0, 0)

    def number(self, key: Ints, bound: int) -> tuple[Ints, Ints]:
        """Take the key of each row, below `bound`; the distinct ones, and how often.

        Where there are few, all that there could be, in one array for all blocks.
        """
        there: Ints
        if bound <= _FEW:
            if len(self._every) != bound:
                self._every = np.arange(bound)
            there, kind, n = self._every, key, np.bincount(key, minlength=bound)
        else:
            low = int(key.min())
            width = int(key.max()) + 1 - low
            if width > 8 * len(key) + _FEW:
                there, kind, n = np.unique(key, return_inverse=True, return_counts=True)
            else:
                every = np.bincount(key - low, minlength=width)
                there = np.flatnonzero(every)
                kind, n = (np.cumsum(every > 0) - 1)[key - low], every[there]
                there = there + low
        self.n = len(there)
        self._place(kind)
        return there, n

    def _place(self, kind: Ints) -> None:
        """Every 255 rows have a table of their own, so that a byte can hold the sums.

        Unless such tables would be larger than the rows.
        """
        n = len(kind)
        parts = -(-n // _CELL)
        if self.n * parts > n:
            parts = 1
        if self._shape != (n, self.n, parts):
            self._shape = n, self.n, parts
            end, weight = np.arange(n + 1, dtype=np.int32), np.ones(n, np.uint8)
            self._offset = end[:n] // _CELL * self.n if parts > 1 else end[:n] * 0
            if parts == 1 and n > _CELL:
                weight = weight.astype(np.float32)
            from scipy.sparse import csc_array  # noqa: PLC0415  slow to import

            size = self.n * parts
            self._add = csc_array((weight, end[:n] * 0, end), shape=(size, n))
        np.add(kind, self._offset, out=self._add.indices, casting="unsafe")

    def added(self, ones: Bytes, items: int) -> Ints:
        """Add each row to that of its kind."""
        parts, kind = self._shape[2], self._add.dtype
        table: Any = self._add @ ones.astype(kind, copy=False)
        if parts > 1:
            table = np.add.reduce(table.reshape(parts, -1), axis=0, dtype=np.uint16)
        whole: Ints = table.reshape(self.n, -1)[:, :items].astype(np.int64)
        return whole
