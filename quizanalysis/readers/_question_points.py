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
                f"'{was[at]}' which {scheme.program} made unique, though an answer "
                "earned more than that",
                hint="save the file with the header row that Canvas wrote; points that "
                f"are meant so may have another zero, such as '{names[at]}0'",
            )
        )
