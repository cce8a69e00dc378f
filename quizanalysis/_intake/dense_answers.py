"""A matrix of small whole numbers that stand for choices, kept and counted as it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.columns import Ints
from quizanalysis._intake.dense import Ids, is_plain, points_of
from quizanalysis._intake.matrix import (
    entries_of,
    item_table,
    names_of,
    right_of,
    tidy_of_answers,
)
from quizanalysis._intake.scan import Counted, count_answers

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

    def tidy(self) -> tuple[pa.Table, pa.Table]:
        """Long rows, and the items."""
        return tidy_of_answers(
            self.answers,
            self.right,
            np.asarray(self.items["points_possible"]),
            self.items["item_id"].to_pylist(),
            self.student_ids,
        )


def dense_answers_of(
    answers: Any,  # noqa: ANN401
    key: Sequence[object],
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
    threads: int,
) -> DenseAnswers | None:
    """Count a matrix of few distinct choices in which nothing is wrong; else None."""
    matrix, codes = _bytes_of(answers)
    if codes is None:
        return None
    n_items = matrix.shape[1]
    entries = entries_of(key, n_items, [names_of(answers, None), item_ids])
    right = [right_of(one, index) for index, one in enumerate(entries)]
    worth = 1 if points_possible is None else points_possible
    items = item_table(n_items, worth, names_of(answers, item_ids))
    if not is_plain(items, student_ids, len(matrix)):
        return None
    points = points_of(items)
    unit = int(np.gcd.reduce(points)) or 1
    numbers = [[_code(text) for text in texts] for texts in right]
    if (points // unit).sum() >= 2**50:  # beyond that, doubles do not add exactly
        return None
    counted = count_answers(codes, numbers, points // unit, threads)
    if counted is None:
        return None
    return DenseAnswers(matrix, items, student_ids, right, unit, counted)


def _bytes_of(
    answers: Any,  # noqa: ANN401
) -> tuple[npt.NDArray[Any], npt.NDArray[np.uint8] | None]:
    """The answers as they are, and as bytes if they are such numbers."""
    matrix: npt.NDArray[Any] = np.empty(0)
    if hasattr(answers, "__array__"):
        matrix = np.asarray(answers)
    masked = isinstance(answers, np.ma.MaskedArray)
    if matrix.ndim != 2 or matrix.dtype.kind not in "iu" or not matrix.size or masked:
        return matrix, None
    if matrix.dtype == np.uint8:
        return matrix, matrix
    if matrix.min() < 0 or matrix.max() > _CODES:
        return matrix, None
    if matrix.dtype.itemsize == 1:
        return matrix, matrix.view(np.uint8)
    return matrix, matrix.astype(np.uint8)


def _code(text: str) -> int:
    """The byte that is written so; -1, which no byte is, when there is none."""
    if text.isascii() and text.isdecimal() and len(text) <= 3:
        number = int(text)
        if number <= _CODES and str(number) == text:
            return number
    return -1
