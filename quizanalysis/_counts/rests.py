"""Rests: exact counts of responses by item and rest score, made when asked for.

A rest score is a student's total without the item. The main tally knows the sums of
the rests of each item; how they are distributed it does not know.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.named import items_by_name, united
from quizanalysis._counts.parts import Blank, column, summed
from quizanalysis._intake.columns import Ints
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.errors import MergeError
from quizanalysis.responses import Responses

_RESTS = ("item", "rest")
_SCORES = ("item", "k", "score")


@dataclass(frozen=True, slots=True, eq=False)
class Rests:
    """How many responses to each item have which rest score, and which score.

    Like a `Tally` it adds exactly, in any order, and any split of the submissions ends
    in the same counts. Scores are in billionths of a point.

    Attributes
    ----------
    blank : {"zero", "omit"}
        How blank responses were counted.
    items : quiz_id, item_id, ascending
    rests : item (row of items), rest; n responses
    scores : item, k (scored responses in the submission; negative when an item was
        drawn twice), score; n responses, and the sum of their rests
    """

    blank: Blank
    items: pa.Table
    rests: pa.Table
    scores: pa.Table

    @classmethod
    def of(
        cls, responses: Responses | Iterable[Responses], *, blank: Blank = "zero"
    ) -> "Rests":
        """Count the responses of every submission.

        Examples
        --------
        >>> r = Responses.from_matrix([[1, 0], [1, 1], [1, 0]])
        >>> rests = Rests.of(r).rests
        >>> [tuple(row.values()) for row in rests.to_pylist()]
        [(0, 0, 2), (0, 1000000000, 1), (1, 1000000000, 3)]
        """
        if isinstance(responses, Responses):
            return cls(blank, *_counted(responses, omit_blank=blank == "omit"))
        everything = cls.empty(blank)
        for batch in responses:
            everything += cls.of(batch, blank=blank)
        return everything

    @classmethod
    def empty(cls, blank: Blank = "zero") -> "Rests":
        """Return the counts of nothing, which change no others."""
        items = pa.schema([("quiz_id", pa.string()), ("item_id", pa.string())])
        rests, scores = (
            pa.schema([(name, pa.int64()) for name in names]).empty_table()
            for names in ((*_RESTS, "n"), (*_SCORES, "n", "rest"))
        )
        return cls(blank, items.empty_table(), rests, scores)

    def __add__(self, other: "Rests") -> "Rests":
        """Add the counts; exact, associative and commutative."""
        if not isinstance(other, Rests):
            return NotImplemented
        if self.blank != other.blank:
            msg = f"one counts blanks as {self.blank}, the other as {other.blank}"
            raise MergeError(msg)
        items, places = united([self.items, other.items])
        return Rests(
            self.blank,
            items,
            _merged([self.rests, other.rests], places, _RESTS),
            _merged([self.scores, other.scores], places, _SCORES),
        )

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same counts of the same items."""
        if not isinstance(other, Rests):
            return NotImplemented
        return self.blank == other.blank and all(
            getattr(self, name).equals(getattr(other, name))
            for name in ("items", "rests", "scores")
        )

    __hash__ = None  # type: ignore[assignment]


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


def _counted(
    responses: Responses, *, omit_blank: bool
) -> tuple[pa.Table, pa.Table, pa.Table]:
    items, place = items_by_name(responses)
    cells = responses.cells
    scored = cells.state < (BLANK if omit_blank else UNGRADED)
    submission, score = cells.submission[scored], cells.score[scored]
    if np.abs(score.astype(np.float64)).sum() >= 2.0**62:
        msg = "the sum of the scores passes what 64 bits hold exactly"
        raise MergeError(msg)
    item = place[cells.item[scored]]
    total = np.zeros(len(responses), np.int64)
    np.add.at(total, submission, score)
    k = np.bincount(submission, minlength=len(responses))
    pair = np.sort(submission * (len(place) + 1) + item)
    twice = pair[1:][np.diff(pair) == 0] // (len(place) + 1)
    k[twice] = -np.abs(k[twice])
    rest, one = total[submission] - score, np.ones_like(item)
    rests = pa.table({"item": item, "rest": rest, "n": one})
    scores = pa.table(
        {"item": item, "k": k[submission], "score": score, "n": one, "rest": rest}
    )
    return items, _grouped(rests, _RESTS), _grouped(scores, _SCORES)


def _grouped(rows: pa.Table, keys: tuple[str, ...]) -> pa.Table:
    """Sum the other columns over equal keys, ascending: by hashing, for many rows."""
    names = [name for name in rows.column_names if name not in keys]
    sums = rows.group_by(list(keys)).aggregate([(name, "sum") for name in names])
    sums = sums.sort_by([(key, "ascending") for key in keys])
    return pa.table(
        {
            name: column(sums, name if name in keys else f"{name}_sum")
            for name in rows.column_names
        }
    )


def _merged(
    tables: Sequence[pa.Table], places: Sequence[Ints], keys: tuple[str, ...]
) -> pa.Table:
    """Add counts under the new numbers of their items."""
    renamed = [
        table.set_column(0, "item", pa.array(place[column(table, "item")]))
        for table, place in zip(tables, places, strict=True)
    ]
    return summed(pa.concat_tables(renamed), keys)[0]
