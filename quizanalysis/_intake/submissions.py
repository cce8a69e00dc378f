"""The submissions of a tidy table: each by number, and what its rows say of it."""

from collections.abc import Callable
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import NANO, Findings, ids, numbers, whole
from quizanalysis._intake.items import at_first, constant, not_negative
from quizanalysis._intake.numbering import Ints, Whole, ranks
from quizanalysis._intake.points import points
from quizanalysis._intake.times import times
from quizanalysis.progress import Meter
from quizanalysis.schema import TIMESTAMP

_LONGEST_S = 10_000 * 366 * 86_400.0
"""No time between two points in time that can be read is longer."""

_RECORDED = ("recorded_score", "recorded_points_possible")


def submissions_of(
    findings: Findings,
    table: pa.Table,
    quiz: Whole,
    quizzes: pa.Array,
    meter: Meter,
) -> tuple[Ints, Ints, pa.Table]:
    """Number the submissions by first appearance; gather what is said of each.

    Also tells the first row of each.
    """
    student, students = ids(findings, table, "responses", "student_id")
    meter.at(0.3)
    keys, attempt = [quiz, student], whole(findings, table, "responses", "attempt", 1)
    if "attempt" in table.column_names:
        keys.append(attempt)
    submission, first = ranks(*keys)
    meter.at(0.7)
    once = partial(constant, findings, table, submission, len(first))
    described = {
        "quiz_id": at_first(quizzes, quiz, first),
        "student_id": at_first(students, student, first),
        "attempt": attempt[first],
        "submitted_at": pa.nulls(len(first), TIMESTAMP),
        "elapsed_s": pa.nulls(len(first), pa.float64()),
        **{name: pa.nulls(len(first), pa.float64()) for name in _RECORDED},
    }
    if "submitted_at" in table.column_names:
        at = times(findings, table, "responses", "submitted_at")
        stamp = np.asarray(at.cast(pa.int64()).fill_null(0), np.int64)
        submitted = once("submitted_at", stamp, ~np.asarray(at.is_null(), bool))
        described["submitted_at"] = submitted.cast(at.type)
    described |= _elapsed(findings, table, once) | _recorded(findings, table, once)
    return submission, first, pa.table(described)


def _elapsed(
    findings: Findings, table: pa.Table, once: Callable[..., pa.Array]
) -> dict[str, pa.Array]:
    seconds = numbers(findings, table, "responses", "elapsed_s")
    if seconds is None:
        return {}
    for amiss, message, hint in (
        (seconds < 0, "a negative number of seconds", "0 or more"),
        (
            seconds > _LONGEST_S,
            "more seconds than from the year 1 to 9999",
            "the seconds from the beginning of the submission to its end",
        ),
    ):
        findings.flag(
            np.flatnonzero(amiss),
            table="responses",
            column="elapsed_s",
            values=seconds,
            message=message,
            hint=hint,
        )
    return {"elapsed_s": once("elapsed_s", seconds, ~np.isnan(seconds))}


def _recorded(
    findings: Findings, table: pa.Table, once: Callable[..., pa.Array]
) -> dict[str, pa.Array]:
    said = {
        name: points(findings, table, "responses", name)
        for name in _RECORDED
        if name in table.column_names
    }
    if _RECORDED[1] in said:
        not_negative(findings, table, "responses", _RECORDED[1], said[_RECORDED[1]][0])
    return {
        name: pc.divide(once(name, *value).cast(pa.float64()), float(NANO))
        for name, value in said.items()
    }
