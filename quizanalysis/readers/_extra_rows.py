"""Rows of a report of Canvas that are no submissions: averages, a second header."""

from collections.abc import Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Ints, Mask
from quizanalysis.readers._report_columns import column_key, is_empty
from quizanalysis.responses import Exclusion

__all__ = ["find_extra_rows"]

_FEW = 5
"""At most so many rows are summaries; more are another kind of file."""

_SUMMARIES = (
    *("average", "avg", "mean", "median", "mode", "sum", "total", "totals", "count"),
    *("max", "maximum", "min", "minimum", "std", "stdev", "sd", "standarddeviation"),
    *("variance", "pointspossible", "maxpoints", "possible", "key", "answerkey"),
    *("classaverage", "classmean", "overall", "highest", "lowest"),
)


def find_extra_rows(
    findings: Findings,
    table: str,
    header: Sequence[str],
    cells: Sequence[pa.ChunkedArray],
    identity: Mapping[str, Sequence[int]],
    answers: Sequence[int],
) -> tuple[Mask, list[Exclusion]]:
    """Tell which rows are submissions; count those that are certainly none.

    Parameters
    ----------
    findings : Findings
        Notes rows that may or may not be submissions.
    table : str
        What messages call the file.
    header, cells : sequence
        All columns.
    identity : mapping of str to sequence of int
        What tells a submission, ``id``, ``time`` and ``attempt``, each with the columns
        that have it, for as much of it as the file has.
    answers : sequence of int
        The columns of answers; the one behind each has its points.

    Returns
    -------
    keep : bool array, shape (rows,)
    exclusions : list of (unit, reason, n)
    """
    n = len(cells[0])
    again = _repeats_header(header, cells)
    given = [_has_any(cells, places) for places in identity.values()]
    nothing = ~np.any(given, axis=0) & ~again if given else np.zeros(n, bool)
    others = np.all(given, axis=0)[~nothing & ~again] if given else np.zeros(0, bool)
    few = 0 < nothing.sum() <= _FEW and nothing.sum() < len(others)
    summary = np.zeros(n, bool)
    if len(given) > 1 and few and others.all():
        summary = nothing
    rest = ~again & ~summary
    lacking = ~np.all(given, axis=0) if given else np.ones(n, bool)
    suspects = _summaries_among(np.flatnonzero(rest & lacking), cells, answers)
    findings.flag(
        suspects,
        table=table,
        column=header[0],
        values=cells[0],
        message="a row with points and without answers: is it a summary?",
        hint="delete the row",
    )
    exclusions: list[Exclusion] = [
        ("rows", "the header once more", int(again.sum())),
        (
            "rows",
            f"without {_either(list(identity))}, as a summary has",
            int(summary.sum()),
        ),
    ]
    return rest, exclusions


def _repeats_header(header: Sequence[str], cells: Sequence[pa.ChunkedArray]) -> Mask:
    """Where a row has the names of its columns, as where two files were joined."""
    n = len(cells[0])
    same, compared = np.ones(n, bool), 0
    for name, column in zip(header, cells, strict=True):
        if not pa.types.is_string(column.type) or not name.strip():
            continue
        same &= np.asarray(pc.equal(column, name), bool)
        compared += 1
        if compared >= 3 or not same.any():
            break
    return same if compared >= 2 else np.zeros(n, bool)


def _has_any(cells: Sequence[pa.ChunkedArray], places: Sequence[int]) -> Mask:
    """Which rows have something in one of these columns."""
    filled = [
        np.asarray(pc.not_equal(pc.utf8_trim_whitespace(cells[at]), ""), bool)
        for at in places
    ]
    return np.asarray(np.any(filled, axis=0), bool)


def _summaries_among(
    rows: Ints, cells: Sequence[pa.ChunkedArray], answers: Sequence[int]
) -> Ints:
    """Which of the rows have a name of a summary in front, points and no answer."""
    named = np.zeros(len(rows), bool)
    for column in cells[: answers[0] if answers else 0]:
        if pa.types.is_string(column.type):
            here = column.take(pa.array(rows))
            words = here.unique().to_pylist()
            known = [word for word in words if word and column_key(word) in _SUMMARIES]
            named |= np.asarray(pc.is_in(here, pa.array(known, pa.string())), bool)
    rows = rows[named]
    if not len(rows):
        return rows
    take = pa.array(rows)
    answered, scored = (
        np.any([~is_empty(cells[at + shift].take(take)) for at in answers], axis=0)
        for shift in (0, 1)
    )
    found: Ints = rows[~answered & scored]
    return found


def _either(words: Sequence[str]) -> str:
    *first, last = words
    return f"{', '.join(first)} and {last}" if first else last
