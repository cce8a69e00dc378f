"""Points possible that stand in the headers of a classic report."""

import re
from collections.abc import Sequence

import numpy as np

from quizanalysis._intake.columns import Findings, Floats, Mask
from quizanalysis.errors import Problem
from quizanalysis.readers._unique_headers import Scheme, restore
from quizanalysis.responses import Exclusion

__all__ = ["NUMBER", "points_of_headers", "without_r_prefix"]

NUMBER = r"[+-]?\d+(?:[.,]\d*)?"
"""Points as Canvas writes them, in a header that is nothing else."""

_NEAR = 1e-6


def without_r_prefix(names: Sequence[str]) -> list[str]:
    """Undo what R does to names that begin with a digit, if it did so to all.

    Examples
    --------
    >>> without_r_prefix(["X1.0", "X1.0.1"])
    ['1.0', '1.0.1']
    """
    plain = [name.strip() for name in names]
    if plain and all(re.fullmatch(r"X\d.*", name, re.DOTALL) for name in plain):
        return [name[1:] for name in plain]
    return plain


def points_of_headers(
    findings: Findings,
    table: str,
    names: Sequence[str],
    best: Floats,
) -> tuple[Floats, Scheme | None, list[Exclusion]]:
    """Read the points possible of each question from its header.

    A program that makes column names unique numbers the repeated ones, and ``1``,
    ``1``, ``1`` become ``1``, ``1.1``, ``1.2``. As no other file of several questions
    has nothing but distinct names of one such scheme, the numbers are taken off, unless
    an answer earned more than is left then.

    Parameters
    ----------
    names : sequence of str
        The headers, in the order of the file.
    best : float array
        The best score of each question; NaN where nobody has one.

    Returns
    -------
    points : float array
        NaN where a header tells none; that is a finding.
    scheme : Scheme or None
        What was undone.
    notes : list of (unit, reason, n)
    """
    plain = without_r_prefix(names)
    as_is = np.array([_value(name) for name in plain])
    known = ~np.isnan(as_is)
    found = None
    if len(set(plain)) == len(plain):
        found = restore(plain, NUMBER, gaps=not known.all())
        if known.all():
            found = _with_gaps(findings, table, plain, found, best)
    if found is None:
        _flag_headers(findings, table, names, ~known)
        return as_is, None, []
    scheme, was = found
    points = np.array([_value(name) for name in was])
    changed = points != as_is
    beyond = changed & known & (best > points + _NEAR)
    if beyond.any():
        doubtful = changed & known
        if np.all(np.abs(best[doubtful] - as_is[doubtful]) < _NEAR) and known.all():
            return as_is, None, []
        _flag_ambiguous(findings, table, scheme, plain, was, best, beyond)
    n = int(changed.sum())
    reason = f"points possible that {scheme.program} made unique, numbers taken off"
    return points, scheme, [("columns", reason, n)]


def _with_gaps(
    findings: Findings,
    table: str,
    names: Sequence[str],
    found: tuple[Scheme, list[str]] | None,
    best: Floats,
) -> tuple[Scheme, list[str]] | None:
    """Undo numbers too that do not follow each other, as of questions dropped since.

    Where some follow each other, the others are of the same program. Where none does,
    ``1.3`` may be meant so; it is doubtful where the best of all earned just 1 point,
    and the name was a repeated one then.
    """
    loose = restore(names, NUMBER, gaps=True)
    if loose is None or _mixes_styles(loose[1]):
        return found
    scheme, was = loose
    if found is not None:
        return loose if scheme == found[0] else found
    points = np.array([_value(name) for name in was])
    changed = points != np.array([_value(name) for name in names])
    if (changed & (best > points + _NEAR)).any():
        return None
    doubtful = changed & (np.abs(best - points) < _NEAR)
    again = np.array([was.count(name) > 1 for name in was])
    if (doubtful & again).any():
        _flag_ambiguous(findings, table, scheme, names, was, best, doubtful)
    return None


def _mixes_styles(names: Sequence[str]) -> bool:
    """Whether some whole points have a zero behind them and others have not."""
    return any(re.fullmatch(r"\d+[.,]0+", name) for name in names) and any(
        re.fullmatch(r"\d+", name) for name in names
    )


def _value(name: str) -> float:
    plain = name.strip()
    if re.fullmatch(NUMBER, plain, re.ASCII) is None:
        return float("nan")
    return float(plain.replace(",", "."))


def _flag_headers(
    findings: Findings, table: str, names: Sequence[str], wrong: Mask
) -> None:
    for at in np.flatnonzero(wrong).tolist():
        findings.add(
            Problem(
                table=table,
                column=names[at],
                message="a header that is not a question's points",
                hint="'<id>: <text>', then the points, such as '1.0'; save the file "
                "with the header row that Canvas wrote",
            )
        )


def _flag_ambiguous(
    findings: Findings,
    table: str,
    scheme: Scheme,
    names: Sequence[str],
    was: Sequence[str],
    best: Floats,
    beyond: Mask,
) -> None:
    for at in np.flatnonzero(beyond).tolist():
        findings.add(
            Problem(
                table=table,
                column=names[at],
                value=f"{best[at]:g} points",
                message="points possible that may be a repeated "
                f"'{was[at]}' which {scheme.program} made unique, though "
                + (
                    "an answer earned more than that"
                    if best[at] > _value(was[at]) + _NEAR
                    else "the numbers do not follow each other"
                ),
                hint="save the file with the header row that Canvas wrote; points that "
                f"are meant so may have another zero, such as '{names[at]}0'",
            )
        )
