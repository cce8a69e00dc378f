"""Which of a student's attempts at a quiz count."""

from typing import Literal

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import TIE, Ints, Mask, codes
from quizanalysis._intake.tidy import UNGRADED, Cells

Attempts = Literal["first", "last", "best", "kept", "all"]
"""Which of a student's attempts at a quiz count."""


def has_score(submissions: pa.Table, cells: Cells) -> Mask:
    """Which submissions have a score: a recorded one, or a response with one."""
    recorded = np.asarray(submissions["recorded_score"].is_valid(), bool)
    owner = cells.submission[cells.state != UNGRADED]
    return recorded | (np.bincount(owner, minlength=len(recorded)) > 0)


def chosen_attempts(
    submissions: pa.Table, score: Ints, scored: Mask, which: Attempts
) -> Ints:
    """Rows of the chosen submissions, one of each student at each quiz."""
    quiz, _ = codes(submissions["quiz_id"])
    student, names = codes(submissions["student_id"])
    owner = quiz * (len(names) + 1) + student
    attempt = np.asarray(submissions["attempt"], np.int64)
    if which == "first":
        return first_of(owner, attempt)
    last = first_of(owner, -attempt)
    if which == "last":
        return last
    top = _top(owner, score, scored)
    best = first_of(owner, ~top, attempt)
    return np.where(top[last], last, best) if which == "kept" else best


def first_of(owner: Ints, *keys: Ints | Mask) -> Ints:
    """The first row of each owner when sorted by the keys, the first key first."""
    order = np.lexsort((*reversed(keys), owner))
    first: Ints = order[np.diff(owner[order], prepend=-1) != 0]
    return first


def _top(owner: Ints, score: Ints, scored: Mask) -> Mask:
    """Which rows tie with the best of their owner; no score is less than any."""
    order = np.lexsort((-score, ~scored, owner))
    new = np.diff(owner[order], prepend=-1) != 0
    worse = np.diff(score[order], prepend=0) < -TIE
    worse |= np.diff(scored[order], prepend=True)
    group = np.cumsum(new | worse)
    top = np.empty(len(order), bool)
    top[order] = group == group[new][np.cumsum(new) - 1]
    return top
