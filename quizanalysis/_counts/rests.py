"""Rests: exact counts of responses by item and rest score, made when asked for.

A rest score is a student's total without the item. The main tally knows the sums of
the rests of each item; how they are distributed it does not know.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.named import Scored
from quizanalysis._counts.parts import column, guard
from quizanalysis._counts.sums import Columns, Kind, NamedSums
from quizanalysis._intake.columns import Ints


@dataclass(frozen=True, slots=True, eq=False)
class Rests(NamedSums):
    """How many responses to each item have which rest score, and which score.

    The table `rests` has the keys ``item`` (row of `items`) and ``rest``, and ``n``
    responses; `scores` has ``item``, ``k`` (scored responses in the submission;
    negative when an item was drawn twice) and ``score``, ``n`` responses and the sum of
    their ``rest``. In billionths of a point.

    Examples
    --------
    >>> from quizanalysis.responses import Responses
    >>> rests = Rests.of(Responses.from_matrix([[1, 0], [1, 1], [1, 0]])).rests
    >>> for i in range(len(rests["n"])):
    ...     print(*(rests[name][i] for name in ("item", "rest", "n")))
    0 0 2
    0 1000000000 1
    1 1000000000 3
    """

    name: ClassVar[str] = "rests"
    kinds: ClassVar[Mapping[str, Kind]] = {
        "rests": Kind(("item", "rest"), {"n": pa.int64()}),
        "scores": Kind(("item", "k", "score"), {"n": pa.int64(), "rest": pa.int64()}),
    }

    @property
    def rests(self) -> Columns:
        """The table of rest scores."""
        return self.sums["rests"]

    @property
    def scores(self) -> Columns:
        """The table of scores."""
        return self.sums["scores"]

    @classmethod
    def _counted(cls, cells: Scored) -> Mapping[str, Columns]:
        submission, score = cells.submission, cells.score
        guard(score)
        total = np.zeros(len(cells.k), np.int64)
        np.add.at(total, submission, score)
        rest = total[submission] - score
        k = np.where(cells.twice, -cells.k, cells.k)[submission]
        rows = {"item": cells.item, "k": k, "score": score, "rest": rest}
        rows["n"] = np.ones_like(score)
        return {
            name: _grouped({key: rows[key] for key in kind.fields()}, kind.keys)
            for name, kind in cls.kinds.items()
        }

    def _possible(self) -> bool:
        """Both tables count the same responses to each item."""
        size = self.items.num_rows
        one, two = np.zeros(size, np.int64), np.zeros(size, np.int64)
        np.add.at(one, self.rests["item"], self.rests["n"])
        np.add.at(two, self.scores["item"], self.scores["n"])
        return np.array_equal(one, two) and bool(np.all(self.scores["k"] != 0))


def best_pairing(
    x: tuple[Ints, Ints, Ints], y: tuple[Ints, Ints, Ints]
) -> tuple[Ints, npt.NDArray[np.object_]]:
    """Sum the products when the highest x meets the highest y, and so on down.

    Parameters
    ----------
    x, y : (item, value, count)
        Ascending by item and value; each item as often in both.

    Returns
    -------
    item, sum : int arrays, shape (items,)
        The largest sum of products, exact, that any pairing of the values has.

    Examples
    --------
    >>> zeros = np.zeros(2, np.int64)
    >>> best_pairing(
    ...     (zeros, np.array([0, 1]), np.array([1, 2])),
    ...     (zeros, np.array([3, 5]), np.array([2, 1])),
    ... )
    (array([0]), array([8], dtype=object))
    """
    item, value, count = x
    _, other, again = y
    run, other_run = np.cumsum(count), np.cumsum(again)
    ends = np.union1d(run, other_run)
    length = np.diff(ends, prepend=0)
    at = np.searchsorted(run, ends)
    pairs = value[at].astype(object) * length
    starts = np.flatnonzero(np.diff(item[at], prepend=-1))
    return item[at][starts], ctt.dot(
        pairs, other[np.searchsorted(other_run, ends)], starts
    ).astype(object)


def _grouped(rows: Columns, keys: tuple[str, ...]) -> Columns:
    """Sum the other columns over equal keys, ascending: by hashing, for many rows."""
    names = [name for name in rows if name not in keys]
    table = pa.table(dict(rows)).group_by(list(keys))
    sums = table.aggregate([(name, "sum") for name in names])
    sums = sums.sort_by([(key, "ascending") for key in keys])
    return {
        name: column(sums, name if name in keys else f"{name}_sum") for name in rows
    }
