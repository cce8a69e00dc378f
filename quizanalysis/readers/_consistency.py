"""What a report of Canvas says twice, compared: totals, counts, and who is who."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Floats, Ints, Mask, codes
from quizanalysis.errors import Problem
from quizanalysis.responses import Exclusion

__all__ = [
    "compare_answers",
    "compare_counts",
    "compare_scores",
    "note_no_names",
    "refuse_shared_ids",
]

_COUNTS = "n correct", "n incorrect"

_ROUNDED = 0.0051
"""Canvas rounds a total to two decimals."""


def compare_scores(
    earned: Sequence[Floats], once: Mapping[str, Any], keep: Mask
) -> list[Exclusion]:
    """Count the submissions whose recorded score is not the sum of their points.

    Points that a teacher adds to a total, and questions that are gone, are such causes
    as well as points that were changed, so it is only noted.
    """
    if "recorded_score" not in once or not len(earned):
        return []
    recorded = np.asarray(once["recorded_score"], np.float64)
    total = np.nansum(np.column_stack(earned), axis=1)
    with np.errstate(invalid="ignore"):
        differs = np.abs(total - recorded) > _ROUNDED
    n = int((differs & keep & ~np.isnan(recorded)).sum())
    return [("submissions", "recorded score is not the sum of the points", n)]


def compare_counts(
    findings: Findings,
    table: str,
    shown: Sequence[Mask],
    counts: Sequence[Floats],
    keep: Mask,
) -> list[Exclusion]:
    """Refuse a file in which most rows have more answers than it counts itself.

    Every question that a submission had is counted as correct or as incorrect. A
    question that it did not have has empty cells; filled with something, such as 0,
    they look like an answer. A few such rows are noted.
    """
    if len(counts) < len(_COUNTS) or not len(shown):
        return []
    there = np.column_stack(shown).sum(axis=1)
    counted = np.sum(counts, axis=0)
    with np.errstate(invalid="ignore"):
        more = keep & (there > counted)
    if 2 * more.sum() > keep.sum():
        findings.flag(
            np.flatnonzero(more),
            table=table,
            column=" + ".join(_COUNTS),
            values=counted,
            message="the row has more answers than are counted there",
            hint="were empty cells filled? Use the file that Canvas wrote",
        )
    note = f"more answers than {' and '.join(_COUNTS)} count"
    return [("submissions", note, int(more.sum()))]


def compare_answers(
    findings: Findings,
    table: str,
    names: Sequence[str],
    answers: Sequence[pa.ChunkedArray],
    scores: Sequence[Floats],
    points: Sequence[float],
) -> list[Exclusion]:
    """Refuse a file in which the points stand beside the answers to other questions.

    So they do where a program joined two reports by the names of their columns, and
    the questions stood in another order: questions went by their names, but points,
    which are named 1.0 and 1.0.1, by their place. One answer earns all points in one
    half then and none in the other. Some questions are graded so, and are noted.
    """
    mixed = [
        _is_mixed(answer, score, worth)
        for answer, score, worth in zip(answers, scores, points, strict=True)
    ]
    told = [name for name, one in zip(names, mixed, strict=True) if one]
    if 2 * len(told) > sum(one is not None for one in mixed):
        findings.add(
            Problem(
                table=table,
                column=told[0],
                message="the same answer earned all points and none, here and in most "
                "questions, and a program numbered the columns",
                hint="were reports joined whose questions stand in another order? Give "
                "each report as a file of its own",
            )
        )
    reason = "where one answer earned all points and none"
    return [("items", reason, len(told))]


def _is_mixed(answer: pa.ChunkedArray, score: Floats, points: float) -> bool | None:
    """Whether an answer earned all points and none; None where no answer repeats."""
    number, words = codes(pc.if_else(pc.equal(answer, ""), None, answer))
    rows = np.flatnonzero((number >= 0) & ~np.isnan(score))
    often = np.bincount(number[rows], minlength=len(words)) > 1
    if not often.any():
        return None
    full, none = (
        np.bincount(number[rows[which[rows]]], minlength=len(words)) > 0
        for which in (score >= points, score <= 0)
    )
    return bool((full & none).any())


def refuse_shared_ids(
    findings: Findings,
    table: str,
    student: pa.ChunkedArray,
    name: pa.ChunkedArray | None,
    keep: Mask,
    *,
    numbered: bool,
) -> None:
    """Refuse an id that several people have, as where all ids were made one word.

    By their names; without names, where all rows have one id and nothing numbers them
    as attempts.
    """
    rows = np.flatnonzero(keep)
    number, _ = codes(student.take(pa.array(rows)))
    shared = np.zeros(len(rows), bool)
    if name is not None:
        shared = _has_several_names(number, name.take(pa.array(rows)))
    elif not numbered and len(rows) > 2:
        shared[:] = number.max(initial=0) == 0
    findings.flag(
        rows[shared],
        table=table,
        column="id",
        values=student,
        message="an id that several people have",
        hint="give each student an id of their own; did a spreadsheet cut the ids, or "
        "were they all replaced by one word?",
    )


def _has_several_names(number: Ints, name: pa.ChunkedArray) -> Mask:
    """Which rows are of an id that comes with different names."""
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(name))
    said, _ = codes(pc.if_else(pc.equal(plain, ""), None, plain))
    known = said >= 0
    pairs = np.unique(np.column_stack([number[known], said[known]]), axis=0)
    names_of = np.bincount(pairs[:, 0], minlength=number.max(initial=-1) + 1)
    return np.asarray(names_of[number] > 1, bool)


def note_no_names(there: bool) -> list[Exclusion]:  # noqa: FBT001  it is what is asked
    """Note that a file without names may count the course's test student."""
    return [("columns", "no names: a test student cannot be told", int(not there))]
