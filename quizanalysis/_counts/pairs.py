"""Pairs: exact cross-products of the items of a quiz, made when asked for.

For what needs the covariance of each two items: reliabilities beside alpha, and figures
that take each pair of items over the students who have both.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._bounds import MOST_PAIRS, refuse_more
from quizanalysis._counts.named import Scored, scored
from quizanalysis._counts.parts import distinct
from quizanalysis._counts.sums import WIDE, Columns, Kind, NamedSums
from quizanalysis._intake.columns import Ints, codes
from quizanalysis.responses import Responses

Exact = npt.NDArray[np.object_]

_BITS, _ROWS = 19, 2**13
"""So a sum of as many products of two limbs has 51 bits: floats hold 53."""


@dataclass(frozen=True, slots=True, eq=False)
class Pairs(NamedSums):
    """Sums over the submissions that have a score for both of two items.

    A submission to which an item was drawn twice is in none. The only table, `pairs`,
    has the keys ``item`` and ``other`` (rows of `items`, of one quiz; each two items
    stand here in both orders, and each item with itself) and ``k`` (responses scored in
    the submissions: all items for those that are complete); then ``n`` submissions, and
    of the score of ``item`` the ``sum``, of its ``square`` the sum, and the sum of the
    ``product`` of both scores, in billionths of a point, and billionths squared.

    Examples
    --------
    >>> from quizanalysis.responses import Responses
    >>> r = Responses.from_matrix([[1, 0], [1, 1], [1, float("nan")]])
    >>> pairs = Pairs.of(r).pairs
    >>> for i in range(len(pairs["n"])):
    ...     print(*(pairs[name][i] for name in ("item", "other", "k", "n")))
    0 0 1 1
    0 0 2 2
    0 1 2 2
    1 0 2 2
    1 1 2 2
    """

    name: ClassVar[str] = "pairs"
    kinds: ClassVar[Mapping[str, Kind]] = {
        "pairs": Kind(
            ("item", "other", "k"),
            {"n": pa.int64(), "sum": WIDE, "square": WIDE, "product": WIDE},
        )
    }

    @property
    def pairs(self) -> Columns:
        """The table of pairs."""
        return self.sums["pairs"]

    @classmethod
    def pairwise(cls, responses: Responses) -> "Pairs":
        """Count pairs for what takes each two items over all who have both.

        All have a ``k`` of 1: they are fewer than those of `of` where submissions have
        scores of different numbers of items, and do not tell which are complete.
        """
        cells = scored(responses)
        alike = replace(cells, k=np.ones_like(cells.k))
        return cls("zero", cells.items, cls._counted(alike))

    @classmethod
    def _counted(cls, cells: Scored) -> Mapping[str, Columns]:
        once = ~cells.twice[cells.submission]
        submission, item = cells.submission[once], cells.item[once]
        # A column for each item and k: two items of one submission share k.
        first, column = distinct([item, cells.k[submission]])
        of_item, of_k = item[first], cells.k[submission[first]]
        quiz, _ = codes(cells.items["quiz_id"])
        refuse_pairs(quiz[np.unique(of_item)])
        _refuse_sparse([quiz[of_item], of_k], submission, column)
        shape = (len(cells.k), len(first))
        products = _Products(submission, column, cells.score[once], shape)
        left, right = products.pairs()
        order = np.lexsort((of_k[left], of_item[right], of_item[left]))
        left, right = left[order], right[order]
        pairs: dict[str, npt.NDArray[Any]] = {
            "item": of_item[left],
            "other": of_item[right],
            "k": of_k[left],
            "n": products.n(left, right),
        }
        pairs |= {
            what: products.total(left, right, what)
            for what in ("sum", "square", "product")
        }
        return {"pairs": pairs}

    def _possible(self) -> bool:
        """Each pair stands in both orders, and no variance is below 0."""
        pairs = self.pairs
        item, other, k = (pairs[key] for key in ("item", "other", "k"))
        turned = np.lexsort((k, item, other))
        same = all(
            np.array_equal(one, two[turned])
            for one, two in (
                (item, other),
                (other, item),
                (k, k),
                (pairs["n"], pairs["n"]),
                (pairs["product"], pairs["product"]),
            )
        )
        spread = pairs["n"] * pairs["square"] - pairs["sum"] ** 2
        return same and bool(np.all(spread >= 0)) and bool(np.all(k > 0))


def refuse_pairs(quiz: Ints) -> None:
    """Raise ValueError for items of these quizzes that have too many pairs."""
    k = np.bincount(quiz)
    _refuse(int(np.dot(k, k)))


def _refuse_sparse(groups: Sequence[Ints], row: Ints, column: Ints) -> None:
    """Raise ValueError for columns of these quizzes and k that have too many pairs.

    Pairs are those of all columns of a group, and no more than each row has.
    """
    first, of = distinct(groups)
    begin = np.flatnonzero(np.diff(row, prepend=-1))
    k = np.diff(begin, append=len(row))
    in_rows = np.bincount(of[column[begin]], k**2, minlength=len(first))
    _refuse(int(np.minimum(np.bincount(of) ** 2, in_rows).sum()))


def _refuse(n: int) -> None:
    way = (
        "choose with responses.where(quiz=…), or take quizanalysis.item_analysis and "
        "summary, which have alpha and alpha_if_deleted of any number of questions"
    )
    root = f"{math.isqrt(MOST_PAIRS):,}"
    units = f"pairs of questions of a quiz (as {root} questions have)"
    refuse_more("covariances are of", MOST_PAIRS, units, n, way)


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
        # Columns of different quizzes have no pairs, but a place in a dense matrix.
        self._dense &= shape[1] ** 2 <= MOST_PAIRS
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
                block = np.zeros((min(_ROWS, self._shape[0]), self._shape[1]))
                block[self._row[here] - start, self._column[here]] = values[here]
                blocks.append(block)
            total += np.rint(blocks[0].T @ blocks[1]).astype(np.int64)
        return total
