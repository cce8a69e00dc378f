"""A matrix of small whole numbers that stand for choices, kept and counted as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.answers import tidy_of_answers
from quizanalysis._intake.columns import Ints
from quizanalysis._intake.dense import is_plain, points_of
from quizanalysis._intake.labels import Ids
from quizanalysis._intake.matrix import item_table
from quizanalysis._intake.scan import Counted, count_answers
from quizanalysis._intake.spelling import refuse_none_right
from quizanalysis.progress import Meter

_CODES = 255


@dataclass(frozen=True, slots=True)
class DenseAnswers:
    """Choices of one quiz, students x items, and what they add up to.

    Attributes
    ----------
    answers : array, shape (students, items)
        Not copied.
    items : pyarrow.Table
        ``item_id, position, points_possible``.
    student_ids : sequence of str or None
    right : for each item its right choices, as texts
    unit : int
        Billionths of a point that a total of 1 in `counted` stands for.
    counted : Counted
        By choice.
    """

    answers: npt.NDArray[Any] = field(repr=False)
    items: pa.Table
    student_ids: Ids
    right: Sequence[Sequence[str]]
    unit: int
    counted: Counted

    @property
    def shape(self) -> tuple[int, int]:
        """Students and items."""
        n, k = self.answers.shape
        return n, k

    @property
    def n_responses(self) -> int:
        """All cells: no number is a blank."""
        return int(self.answers.size)

    def points(self) -> Ints:
        """Points possible of each item, in billionths of a point."""
        return points_of(self.items)

    def tidy(self, meter: Meter) -> tuple[pa.Table, pa.Table]:
        """Long rows, and the items."""
        tidy, items, _ = tidy_of_answers(
            self.answers,
            self.right,
            np.asarray(self.items["points_possible"]),
            self.items["item_id"].to_pylist(),
            self.student_ids,
            meter,
        )
        return tidy, items


def dense_answers_of(
    answers: npt.NDArray[Any],
    right: Sequence[Sequence[str]],
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
    threads: int,
) -> DenseAnswers | None:
    """Count a matrix of few distinct choices in which nothing is wrong; else None."""
    codes = _bytes_of(answers)
    if codes is None or any(text != text.strip() for one in right for text in one):
        return None
    worth = 1 if points_possible is None else points_possible
    items = item_table(answers.shape[1], worth, item_ids)
    if not is_plain(items, student_ids, len(answers)):
        return None
    points = points_of(items)
    unit = int(np.gcd.reduce(points)) or 1
    numbers = [[_code(text) for text in texts] for texts in right]
    if (points // unit).sum() >= 2**50:  # beyond that, doubles do not add exactly
        return None
    counted = count_answers(codes, numbers, points // unit, threads)
    if counted is None:
        return None
    names = items["item_id"].to_pylist()
    refuse_none_right(names, _chosen(counted), right, int(answers.size))
    return DenseAnswers(answers, items, student_ids, right, unit, counted)


def _chosen(counted: Counted) -> list[list[str]]:
    """The choices that were made of each item, as texts."""
    there = counted.counts.sum(axis=1) > 0
    return [[str(code) for code in counted.values[some]] for some in there.T]


def _bytes_of(matrix: npt.NDArray[Any]) -> npt.NDArray[np.uint8] | None:
    """The answers as bytes if they are such numbers."""
    if matrix.dtype.kind not in "iu" or not matrix.size:
        return None
    if matrix.dtype == np.uint8:
        return matrix
    if matrix.min() < 0 or matrix.max() > _CODES:
        return None
    if matrix.dtype.itemsize == 1:
        return matrix.view(np.uint8)
    return matrix.astype(np.uint8)


def _code(text: str) -> int:
    """The byte that is written so; -1, which no byte is, when there is none."""
    if text.isascii() and text.isdecimal() and len(text) <= 3:
        number = int(text)
        if number <= _CODES and str(number) == text:
            return number
    return -1
