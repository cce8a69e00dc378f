"""Every student before and after: points, percent, place, and the pass mark."""

from fractions import Fraction

import numpy as np
import pyarrow as pa

from quizanalysis._counts.named import numbered
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints
from quizanalysis._intake.numbering import ranks
from quizanalysis._readout.figures import placed
from quizanalysis._readout.items import Conditions
from quizanalysis._readout.reasons import Columns
from quizanalysis._readout.students import student_figures
from quizanalysis.responses import Responses

_FIGURES = ("points_possible", "score", "percent", "rank")


def students_compared(
    before: Responses, after: Responses, pass_mark: float | None, *, every: bool
) -> tuple[Columns, dict[str, Conditions]]:
    """All columns of what_if_students, in the order of the submissions before.

    With every attempt in both, the rows are the same; else a student has one in each.
    """
    old, _, why_old = student_figures(before, items=False)
    new, _, why_new = student_figures(after, items=False)
    at = np.arange(len(before)) if every else _places(before, after)
    columns: Columns = {
        name: old[name] for name in ("quiz_id", "student_id", "name", "sis_id")
    }
    columns["attempt_before"] = old["attempt"]
    columns["attempt_after"] = new["attempt"].take(pa.array(at))
    reasons: dict[str, Conditions] = {}
    for name in _FIGURES:
        columns[f"{name}_before"], columns[f"{name}_after"] = old[name], new[name][at]
        reasons[f"{name}_before"] = [(np.asarray(x), why) for x, why in why_old[name]]
        reasons[f"{name}_after"] = [
            (np.asarray(x)[at], why) for x, why in why_new[name]
        ]
    points = before.scores(), after.scores()[at]
    _changes(columns, reasons, *points)
    _pass_mark(columns, reasons, points, pass_mark)
    return columns, reasons


def _places(before: Responses, after: Responses) -> Ints:
    """Where the student of each row before has a row after, at the same quiz."""
    keys = [
        np.concatenate(numbered(before.submissions[name], after.submissions[name])[1])
        for name in ("quiz_id", "student_id")
    ]
    number, _ = ranks(*keys)
    place = np.empty(len(before), np.int64)
    place[number[len(before) :]] = np.arange(len(before))
    return place[number[: len(before)]]


def _changes(
    columns: Columns, reasons: dict[str, Conditions], old: Ints, new: Ints
) -> None:
    """What is added to points, percent and place, where both are known."""
    unknown = np.isnan(columns["score_before"]) | np.isnan(columns["score_after"])
    columns["score_change"] = np.where(unknown, np.nan, (new - old) / NANO)
    for name, first, last in (
        ("percent", "before", "after"),
        ("rank", "after", "before"),
    ):
        ends = columns[f"{name}_{first}"], columns[f"{name}_{last}"]
        columns[f"{name}_change"] = ends[1] - ends[0]
    for name in ("score", "percent", "rank"):
        both = [*reasons[f"{name}_before"], *reasons[f"{name}_after"]]
        reasons[f"{name}_change"] = both
    columns["gains"] = _gains(columns, old, new)
    reasons["gains"] = reasons["percent_change"]


def _gains(columns: Columns, old: Ints, new: Ints) -> Floats:
    """Whether the score is above or below what the same percent would be.

    By more than a millionth of a point, in whole numbers: the products exceed 64 bits.
    """
    here = np.flatnonzero(~np.isnan(columns["percent_change"]))
    was, now = (
        _nano(columns[f"points_possible_{when}"][here]) for when in ("before", "after")
    )
    more = new[here] * was - old[here] * now
    sign = np.where(more > TIE * was, 1.0, np.where(more < -TIE * was, -1.0, 0.0))
    return placed(sign, here, len(old))


def _pass_mark(
    columns: Columns,
    reasons: dict[str, Conditions],
    points: tuple[Ints, Ints],
    pass_mark: float | None,
) -> None:
    """Who passes, before and after: a millionth of a point less will do."""
    n = len(points[0])
    unmarked = (np.full(n, pass_mark is None), "no_pass_mark")
    mark = Fraction(str(pass_mark or 0.0)) / 100
    for when, score in zip(("before", "after"), points, strict=True):
        known = ~np.isnan(columns[f"percent_{when}"]) & ~unmarked[0]
        here = np.flatnonzero(known)
        most = _nano(columns[f"points_possible_{when}"][here])
        passed = (score[here] + TIE) * mark.denominator >= most * mark.numerator
        columns[f"passed_{when}"] = placed(passed, here, n)
        reasons[f"passed_{when}"] = [unmarked, *reasons[f"percent_{when}"]]
    columns["crosses"] = columns["passed_after"] - columns["passed_before"]
    reasons["crosses"] = [*reasons["passed_before"], *reasons["passed_after"]]


def _nano(points: Floats) -> np.ndarray[tuple[int], np.dtype[np.object_]]:
    """Billionths of a point, as integers of any size."""
    return np.rint(points * NANO).astype(np.int64).astype(object)
