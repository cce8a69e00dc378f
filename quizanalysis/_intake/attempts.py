"""Which of a student's attempts at a quiz count."""

from typing import Literal

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import Ints, codes

Attempts = Literal["first", "last", "best", "kept", "all"]
"""Which of a student's attempts at a quiz count."""


def chosen_attempts(submissions: pa.Table, score: Ints, which: Attempts) -> Ints:
    """Rows of the chosen submissions: the first of each student when sorted."""
    quiz, _ = codes(submissions["quiz_id"])
    student, _ = codes(submissions["student_id"])
    attempt = np.asarray(submissions["attempt"], np.int64)
    by_number = {"first": (attempt,), "last": (-attempt,)}
    rank = by_number.get(which, (attempt, -score))
    order = np.lexsort((*rank, student, quiz))
    new = np.ones(len(order), bool)
    new[1:] = (np.diff(quiz[order]) != 0) | (np.diff(student[order]) != 0)
    chosen = order[new].astype(np.int64)
    if which != "kept":
        return chosen
    last = chosen_attempts(submissions, score, "last")
    return np.where(score[last] == score[chosen], last, chosen)
