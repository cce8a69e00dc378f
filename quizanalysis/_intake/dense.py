"""A matrix that is kept as it is: counted at once, laid out in rows when asked for."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.blocks import Code
from quizanalysis._intake.columns import LARGEST, NANO, Ints
from quizanalysis._intake.labels import Ids
from quizanalysis._intake.matrix import item_table, tidy_of_matrix
from quizanalysis._intake.scan import Counted, count_scores
from quizanalysis._intake.tidy import MOST
from quizanalysis.progress import Meter

QUIZ = "quiz"
"""What a quiz is called that has no name."""


@dataclass(frozen=True, slots=True)
class Dense:
    """Scores of one quiz, students x items, and what they add up to.

    Attributes
    ----------
    scores : array, shape (students, items)
        Not copied.
    items : pyarrow.Table
        ``item_id, position`` and, if declared, ``points_possible``.
    student_ids : sequence of str or None
    code : Code
    counted : Counted
    """

    scores: npt.NDArray[Any] = field(repr=False)
    items: pa.Table
    student_ids: Ids
    code: Code
    counted: Counted

    @property
    def shape(self) -> tuple[int, int]:
        """Students and items."""
        n, k = self.scores.shape
        return n, k

    @property
    def n_responses(self) -> int:
        """Cells with a score."""
        return int(self.scores.size - self.counted.missing.sum())

    def points(self) -> Ints | None:
        """Points possible of each item, in billionths of a point."""
        declared = "points_possible" in self.items.column_names
        return points_of(self.items) if declared else None

    def tidy(self, meter: Meter) -> tuple[pa.Table, pa.Table]:
        """Long rows, and the items."""
        items = self.items
        worth = (
            np.asarray(items["points_possible"])
            if "points_possible" in items.column_names
            else None
        )
        names = items["item_id"].to_pylist()
        return tidy_of_matrix(self.scores, worth, names, self.student_ids, meter)


def dense_of(
    matrix: npt.NDArray[Any],
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
    threads: int,
) -> Dense | None:
    """Count a matrix of few distinct scores in which nothing is wrong; else None."""
    if not len(matrix):
        return None
    items = item_table(matrix.shape[1], points_possible, item_ids)
    if not is_plain(items, student_ids, len(matrix)):
        return None
    found = count_scores(matrix, threads)
    if found is None:
        return None
    dense = Dense(matrix, items, student_ids, *found)
    points = dense.points()
    if points is not None and found[1].missing.any() and len({*points.tolist()}) > 1:
        return None  # what a row was out of depends on which items are missing
    return dense


def points_of(items: pa.Table) -> Ints:
    """Points possible of each item, in billionths of a point."""
    worth = np.asarray(items["points_possible"], np.float64)
    return np.rint(worth * NANO).astype(np.int64)


def is_plain(items: pa.Table, student_ids: Ids, n: int) -> bool:
    """Whether ids and points are what they should be."""
    names = [items["item_id"]]
    if student_ids is not None:
        try:
            names.append(pa.chunked_array([pa.array(student_ids, pa.string())]))
        except (pa.ArrowException, TypeError, UnicodeEncodeError):
            return False
        if len(names[1]) != n:
            return False
    for column in names:
        distinct = column.unique()
        bad = distinct.null_count or pc.any(pc.equal(distinct, "")).as_py()
        if bad or len(distinct) < len(column):
            return False
    if "points_possible" not in items.column_names:
        return True
    worth = np.asarray(items["points_possible"], np.float64)
    return bool(np.all((worth >= 0) & (worth <= LARGEST)) and worth.sum() <= MOST)
