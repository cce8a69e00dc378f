"""Which of a student's attempts at a quiz count."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import TIE, Ints, Mask, codes
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.tidy import UNGRADED, Cells
from quizanalysis.errors import DataError, Problem

Attempts = Literal["first", "last", "best", "kept", "all"]
"""Which of a student's attempts at a quiz count."""


@dataclass(frozen=True, slots=True)
class AttemptGaps:
    """What is not known of the attempts of some quizzes.

    Attributes
    ----------
    unordered : frozenset of str
        Quizzes in which nothing tells which attempt of a student came first.
    unlinked : frozenset of str
        Quizzes in which nothing tells whose a second attempt is.
    """

    unordered: frozenset[str] = frozenset()
    unlinked: frozenset[str] = frozenset()

    def __or__(self, other: "AttemptGaps") -> "AttemptGaps":
        """Put together what is not known of two inputs."""
        return AttemptGaps(
            self.unordered | other.unordered, self.unlinked | other.unlinked
        )


NO_GAPS = AttemptGaps()
"""All that there is to know is known."""


def check_order(
    submissions: pa.Table,
    score: Ints,
    scored: Mask,
    gaps: AttemptGaps,
    which: Attempts,
) -> None:
    """Refuse to choose among attempts where the choice needs what is not known."""
    quizzes = submissions["quiz_id"]
    unlinked = int(_among(quizzes, gaps.unlinked).sum())
    if unlinked:
        raise _refusal(
            f"nothing tells whose each of these {unlinked:,} submissions is, and some "
            "are second attempts",
            "keep the column with the students' ids, or count every attempt: "
            "attempt='all' (--attempt all)",
        )
    rows = np.flatnonzero(_among(quizzes, gaps.unordered))
    owner = _owners(submissions)
    if which == "best":
        # Among equals the earliest is the best, and that one is not known.
        rows = rows[_top(owner, score, scored)[rows]]
    again = np.bincount(owner[rows])
    n = int((again > 1).sum())
    if n:
        others = "every attempt or the best: attempt='all' or 'best' (--attempt best)"
        if which == "best":
            others = "every attempt: attempt='all' (--attempt all)"
        raise _refusal(
            f"the {which} attempt is not known of {n:,} student{'s' * (n != 1)}: "
            "neither a number nor a time puts their attempts in order",
            f"keep the column `attempt` or `submitted`, or count {others}",
        )


def _among(quizzes: pa.ChunkedArray, chosen: frozenset[str]) -> Mask:
    return np.asarray(pc.is_in(quizzes, pa.array(sorted(chosen), pa.string())), bool)


def _refusal(message: str, hint: str) -> DataError:
    return DataError([Problem(table="attempts", message=message, hint=hint)])


def _owners(submissions: pa.Table) -> Ints:
    """Number the students at each quiz."""
    quiz, _ = codes(submissions["quiz_id"])
    student, names = codes(submissions["student_id"])
    return ranks(quiz * (len(names) + 1) + student)[0]


def n_owners(submissions: pa.Table) -> int:
    """Count the students at each quiz, of whom one attempt each can be chosen."""
    return int(_owners(submissions).max(initial=-1)) + 1


def has_score(submissions: pa.Table, cells: Cells) -> Mask:
    """Which submissions have a score: a recorded one, or a response with one."""
    recorded = np.asarray(submissions["recorded_score"].is_valid(), bool)
    owner = cells.submission[cells.state != UNGRADED]
    return recorded | (np.bincount(owner, minlength=len(recorded)) > 0)


def chosen_attempts(
    submissions: pa.Table, score: Ints, scored: Mask, which: Attempts
) -> Ints:
    """Rows of the chosen submissions, one of each student at each quiz."""
    owner = _owners(submissions)
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
