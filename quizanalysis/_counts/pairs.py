"""Pairs: exact cross-products of the items of a quiz, made when asked for.

For what needs the covariance of each two items: reliabilities beside alpha, and figures
that take each pair of items over the students who have both.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._counts.named import items_by_name, united
from quizanalysis._counts.parts import Blank, distinct
from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.errors import MergeError
from quizanalysis.responses import Responses

Exact = npt.NDArray[np.object_]

_WIDE = pa.decimal128(38)
_SUMS = ("sum", "square", "product")
_BITS, _ROWS = 19, 2**13
"""So a sum of as many products of two limbs has 51 bits: floats hold 53."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs:
    """Sums over the submissions that have a score for both of two items.

    Like a `Tally` it adds exactly, in any order, and any split of the submissions ends
    in the same sums. A submission to which an item was drawn twice is in none.

    Attributes
    ----------
    blank : {"zero", "omit"}
        How blank responses were counted.
    items : quiz_id, item_id, ascending
    item, other : int arrays, shape (pairs,)
        Rows of items, of one quiz; each two items stand here in both orders, and each
        item with itself. Ascending, then by `k`.
    k : int array, shape (pairs,)
        Responses scored in the submissions: all items for those that are complete.
    n : int array, shape (pairs,)
        Submissions.
    sum, square, product : arrays of int, shape (pairs,)
        Of the score of ``item``, of its square, and of the product of both scores; in
        billionths of a point, and billionths squared.
    """

    blank: Blank
    items: pa.Table
    item: Ints
    other: Ints
    k: Ints
    n: Ints
    sum: Exact
    square: Exact
    product: Exact

    @classmethod
    def of(
        cls, responses: Responses | Iterable[Responses], *, blank: Blank = "zero"
    ) -> "Pairs":
        """Count every submission.

        Examples
        --------
        >>> r = Responses.from_matrix([[1, 0], [1, 1], [1, float("nan")]])
        >>> pairs = Pairs.of(r)
        >>> for i in range(len(pairs.n)):
        ...     print(pairs.item[i], pairs.other[i], pairs.k[i], pairs.n[i])
        0 0 1 1
        0 0 2 2
        0 1 2 2
        1 0 2 2
        1 1 2 2
        """
        if isinstance(responses, Responses):
            return _counted(responses, blank)
        everything = cls.empty(blank)
        for batch in responses:
            everything += cls.of(batch, blank=blank)
        return everything

    @classmethod
    def empty(cls, blank: Blank = "zero") -> "Pairs":
        """Return the sums of nothing, which change no others."""
        names = pa.schema([("quiz_id", pa.string()), ("item_id", pa.string())])
        none = np.empty(0, np.int64)
        exact = np.empty(0, object)
        return cls(
            blank, names.empty_table(), none, none, none, none, exact, exact, exact
        )

    def __add__(self, other: "Pairs") -> "Pairs":
        """Add the sums; exact, associative and commutative."""
        if not isinstance(other, Pairs):
            return NotImplemented
        if self.blank != other.blank:
            msg = f"one counts blanks as {self.blank}, the other as {other.blank}"
            raise MergeError(msg)
        items, places = united([self.items, other.items])
        both = (self, other)
        item, partner = (
            np.concatenate(
                [
                    place[getattr(part, name)]
                    for part, place in zip(both, places, strict=True)
                ]
            )
            for name in ("item", "other")
        )
        k = np.concatenate([part.k for part in both])
        first, row = distinct([item, partner, k])
        n = np.zeros(len(first), np.int64)
        np.add.at(n, row, np.concatenate([part.n for part in both]))
        sums = []
        for name in _SUMS:
            total = np.zeros(len(first), object)
            np.add.at(total, row, np.concatenate([getattr(p, name) for p in both]))
            sums.append(total)
        return Pairs(self.blank, items, item[first], partner[first], k[first], n, *sums)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same sums of the same items."""
        if not isinstance(other, Pairs):
            return NotImplemented
        return bool(self.to_arrow().equals(other.to_arrow(), check_metadata=True))

    __hash__ = None  # type: ignore[assignment]

    def to_arrow(self) -> pa.Table:
        """Return one row per pair of items and k, with the names of both."""
        columns = {"quiz_id": self.items["quiz_id"].take(pa.array(self.item))}
        for name in ("item", "other"):
            rows = pa.array(getattr(self, name))
            columns[f"{name}_id"] = self.items["item_id"].take(rows)
        columns |= {"k": pa.array(self.k), "n": pa.array(self.n)}
        for name in _SUMS:
            columns[name] = pa.array(getattr(self, name).tolist(), _WIDE)
        return pa.table(columns).replace_schema_metadata(
            {"table": "pairs", "blank": self.blank}
        )


def _counted(responses: Responses, blank: Blank) -> Pairs:
    items, place = items_by_name(responses)
    cells = responses.cells
    scored = cells.state < (BLANK if blank == "omit" else UNGRADED)
    submission, score = cells.submission[scored], cells.score[scored]
    item = place[cells.item[scored]]
    once = _drawn_once(submission, item, len(place))
    submission, item, score = submission[once], item[once], score[once]
    k = np.bincount(submission, minlength=len(responses))
    # A column of its own for each item and k: two items of one submission share k.
    width = int(k.max(initial=0)) + 1
    column = item * width + k[submission]
    there = np.flatnonzero(np.bincount(column))
    column = np.searchsorted(there, column)
    of_item, of_k = there // width, there % width
    products = _Products(submission, column, score, (len(responses), len(there)))
    left, right = products.pairs()
    order = np.lexsort((of_k[left], of_item[right], of_item[left]))
    left, right = left[order], right[order]
    return Pairs(
        blank,
        items,
        of_item[left],
        of_item[right],
        of_k[left],
        products.n(left, right),
        products.total(left, right, "sum"),
        products.total(left, right, "square"),
        products.total(left, right, "product"),
    )


def _drawn_once(submission: Ints, item: Ints, n_items: int) -> Mask:
    """Cells of the submissions in which no item comes twice."""
    pair = submission * (n_items + 1) + item
    if np.all(np.diff(pair) > 0):
        return np.ones(len(pair), bool)
    pair = np.sort(pair)
    twice = np.unique(pair[1:][np.diff(pair) == 0] // (n_items + 1))
    return ~np.isin(submission, twice)


class _Products:
    """Exact sums of products over submissions, by matrices of small integers.

    Scores of up to 50 bits are cut into limbs short enough for sums of products to be
    exact in floats, block by block of rows, or in 64 bits.
    """

    def __init__(
        self, row: Ints, column: Ints, score: Ints, shape: tuple[int, int]
    ) -> None:
        self._row, self._column, self._shape = row, column, shape
        unit = int(np.gcd.reduce(np.abs(score))) if len(score) else 0
        self._unit = unit or 1
        whole = score // self._unit
        size, sign = np.abs(whole), np.sign(whole)
        longest = int(size.max(initial=0)).bit_length()
        self._limbs = [
            (shift, sign * ((size >> shift) & ((1 << _BITS) - 1)))
            for shift in range(0, max(longest, 1), _BITS)
        ]
        self._one = np.ones_like(score)
        self._dense = len(row) >= shape[0] * shape[1] / 16
        self._there = self._gram(self._one, self._one)

    def pairs(self) -> tuple[Ints, Ints]:
        """Return the columns that some row has both of."""
        left, right = self._there.nonzero()
        return left.astype(np.int64), right.astype(np.int64)

    def n(self, left: Ints, right: Ints) -> Ints:
        """Count the rows that have both."""
        return np.asarray(self._there[left, right], np.int64)

    def total(self, left: Ints, right: Ints, what: str) -> Exact:
        """Sum the left value, its square, or its product with the right one."""
        total = np.zeros(len(left), object)
        seconds = self._limbs if what != "sum" else [(0, self._one)]
        for shift, mine in self._limbs:
            for more, other in seconds:
                if what == "product":
                    matrix = self._gram(mine, other)
                else:
                    matrix = self._gram(mine * other, self._one)
                found = np.asarray(matrix[left, right], np.int64)
                total += found.astype(object) << (shift + more)
        return total * self._unit ** (1 if what == "sum" else 2)

    def _gram(self, left: Ints, right: Ints) -> Any:  # noqa: ANN401  matrices of either kind
        """Sum the products of two sets of values over the rows, columns by columns."""
        if self._dense:
            return self._dense_gram(left, right)
        from scipy.sparse import csr_array  # noqa: PLC0415  slow to import

        first, second = (
            csr_array((values, (self._row, self._column)), shape=self._shape)
            for values in (left, right)
        )
        return (first.T @ second).tocsr()

    def _dense_gram(self, left: Ints, right: Ints) -> Ints:
        total = np.zeros((self._shape[1], self._shape[1]), np.int64)
        for start in range(0, self._shape[0], _ROWS):
            here = slice(*np.searchsorted(self._row, [start, start + _ROWS]))
            blocks = []
            for values in (left, right):
                block = np.zeros((_ROWS, self._shape[1]))
                block[self._row[here] - start, self._column[here]] = values[here]
                blocks.append(block)
            total += np.rint(blocks[0].T @ blocks[1]).astype(np.int64)
        return total
