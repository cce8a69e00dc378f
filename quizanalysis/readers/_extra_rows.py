"""Rows of a report of Canvas that are no submissions: averages, a second header."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Floats, Ints, Mask
from quizanalysis._intake.labels import SUMMARY_ROWS
from quizanalysis.readers._missing_words import reads_null
from quizanalysis.readers._report_columns import column_key, is_empty
from quizanalysis.responses import Exclusion

__all__ = ["Places", "find_extra_rows"]

_FEW = 5
"""At most so many rows are summaries; more are another kind of file."""

_SUMMARIES = {*map(column_key, SUMMARY_ROWS), "key", "answerkey"}


@dataclass(frozen=True, slots=True)
class Places:
    """Where a report has what.

    Attributes
    ----------
    identity : mapping of str to sequence of int
        What tells a submission, ``id``, ``time`` and ``attempt``, each with the columns
        that have it, for as much of it as the file has.
    answers : sequence of int
        The columns of answers; the one behind each has its points.
    ids : sequence of int
        Columns in which NA is nobody's word.
    own : sequence of int
        All columns of the report, without those that others put there.
    """

    identity: Mapping[str, Sequence[int]]
    answers: Sequence[int]
    ids: Sequence[int]
    own: Sequence[int]


def find_extra_rows(
    findings: Findings,
    table: str,
    header: Sequence[str],
    cells: Sequence[pa.ChunkedArray],
    places: Places,
) -> tuple[Mask, list[Exclusion]]:
    """Tell which rows are submissions; count those that are certainly none.

    Returns
    -------
    keep : bool array, shape (rows,)
    exclusions : list of (unit, reason, n)
    """
    n = len(cells[0])
    again = _repeats_header(header, cells)
    unused = _without_anything(cells, places.own)
    left = ~again & ~unused
    given = [_has_any(cells, some) for some in places.identity.values()]
    nothing = left & (~np.any(given, axis=0) if given else np.ones(n, bool))
    others = np.all(given, axis=0)[left & ~nothing] if given else np.zeros(0, bool)
    few = 0 < nothing.sum() <= _FEW and nothing.sum() < len(others)
    summary = np.zeros(n, bool)
    if len(given) > 1 and few and others.all():
        summary = nothing
    rest = left & ~summary
    lacking = ~np.all(given, axis=0) if given else np.ones(n, bool)
    odd = nothing | _without_time(dict(zip(places.identity, given, strict=True)), n)
    suspects = _summaries_among(rest & lacking, rest & odd, cells, places.answers)
    findings.flag(
        suspects,
        table=table,
        column=header[0],
        values=cells[0],
        message="a row with points and without answers: is it a summary?",
        hint="delete the row",
    )
    return rest, [
        ("rows", "the header once more", int(again.sum())),
        ("rows", "without anything", int(unused.sum())),
        (
            "rows",
            f"without {_either(list(places.identity))}, as a summary has",
            int(summary.sum()),
        ),
    ]


def _without_time(given: Mapping[str, Mask], n: int) -> Mask:
    """Where neither time nor number of an attempt are, while most rows have one."""
    has = [given[kind] for kind in ("time", "attempt") if kind in given]
    some = np.any(has, axis=0) if has else np.zeros(n, bool)
    return ~some if some.sum() > n / 2 else np.zeros(n, bool)


def _without_anything(cells: Sequence[pa.ChunkedArray], own: Sequence[int]) -> Mask:
    """Where the report's own columns have nothing, be it written as NA."""
    rows = np.arange(len(cells[0]))
    for at in own:
        if not len(rows):
            break
        rows = rows[_is_nothing(cells[at].take(pa.array(rows)))]
    unused = np.zeros(len(cells[0]), bool)
    unused[rows] = True
    return unused


def _is_nothing(column: pa.ChunkedArray) -> Mask:
    """Where cells are empty, blank, or a word for a missing value."""
    if not pa.types.is_string(column.type):
        return is_empty(column)
    trimmed = pc.utf8_trim_whitespace(column)
    return is_empty(trimmed) | reads_null(trimmed)


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
    return np.asarray(np.any([~_is_nothing(cells[at]) for at in places], axis=0), bool)


def _summaries_among(
    lacking: Mask,
    odd: Mask,
    cells: Sequence[pa.ChunkedArray],
    answers: Sequence[int],
) -> Ints:
    """Which rows have points and no answer, and a name of a summary or are odd.

    Many odd rows without answers are of a quiz that was taken on paper.
    """
    if not answers:
        return np.empty(0, np.int64)
    first = np.flatnonzero(lacking)
    rows = np.union1d(
        first[_has_summary_name(first, cells[: answers[0]])], np.flatnonzero(odd)
    )
    unanswered = np.ones(len(rows), bool)
    most = np.full(len(rows), -1.0)
    for at in answers if len(rows) else ():
        take = pa.array(rows)
        unanswered &= _is_nothing(cells[at].take(take))
        most = np.fmax(most, _numbers(cells[at + 1].take(take)))
    named = _has_summary_name(rows, cells[: answers[0]])
    found = unanswered & ((named & (most >= 0)) | (most > 0))
    if (found & ~named).sum() > _FEW or found.sum() >= len(odd) / 2:
        found &= named
    return np.asarray(rows[found], np.int64)


def _has_summary_name(rows: Ints, front: Sequence[pa.ChunkedArray]) -> Mask:
    """Which of the rows have a word for a summary in front."""
    named = np.zeros(len(rows), bool)
    for column in front:
        if pa.types.is_string(column.type) and len(rows):
            here = column.take(pa.array(rows))
            words = here.unique().to_pylist()
            known = [word for word in words if word and column_key(word) in _SUMMARIES]
            named |= np.asarray(pc.is_in(here, pa.array(known, pa.string())), bool)
    return named


def _numbers(column: pa.ChunkedArray) -> Floats:
    """Numbers as far as cells have them, NaN elsewhere."""
    if not pa.types.is_string(column.type):
        return np.asarray(column.to_numpy(), np.float64)
    found = pc.replace_substring(pc.utf8_trim_whitespace(column), ",", ".")
    good = pc.match_substring_regex(found, r"^[+-]?(\d+\.?\d*|\.\d+)$")
    kept = pc.if_else(good, found, None).cast(pa.float64())
    return np.asarray(kept.to_numpy(), np.float64)


def _either(words: Sequence[str]) -> str:
    *first, last = words or [""]
    return f"{', '.join(first)} and {last}" if first else last
