"""Intervals beside the figures of items, options and quizzes, and why some are null."""

from collections.abc import Mapping, Sequence

import numpy as np

from quizanalysis import intervals
from quizanalysis._intake.columns import Floats, Mask
from quizanalysis._readout.reasons import Columns

Conditions = Sequence[tuple[Mask, str]]

CORRELATIONS = ("point_biserial", "point_biserial_corrected")


def item_intervals(
    figures: Columns, points: Floats, sd: Floats, zero_one: Mask, level: float
) -> Columns:
    """Both ends beside each figure of item_analysis that has an interval.

    `points` are those possible, NaN where there are none; `sd` has divisor n - 1 and is
    0 where the scores count as equal; `zero_one` are the items scored 0 or all points.
    """
    n = np.asarray(figures["n"], np.float64)
    right = intervals.wilson_interval(figures["correct_ratio"], n, level)
    columns = _of_means(figures, n, points, sd, zero_one, right, level)
    columns |= _ends("correct_ratio", right)
    apart = _of_discrimination(figures, points, sd, zero_one, level)
    columns |= _ends("discrimination", apart)
    return columns | of_correlations(figures, n, level)


def of_correlations(figures: Columns, n: Floats, level: float) -> Columns:
    """Fisher's ends beside both correlations."""
    columns: Columns = {}
    for name in CORRELATIONS:
        columns |= _ends(name, intervals.fisher_interval(figures[name], n, level))
    return columns


def of_ratio(figures: Columns, n: Floats, level: float) -> Columns:
    """Wilson's ends beside the share of those who chose an option."""
    ends = intervals.wilson_interval(figures["ratio"], n, level)
    return _ends("ratio", ends)


def of_total(figures: Columns, sd: Floats, level: float) -> Columns:
    """Student's ends beside the mean total; `sd` has divisor n - 1."""
    ends = intervals.mean_interval(figures["mean"], sd, figures["n"], level)
    return _ends("mean", ends)


def _ends(name: str, ends: tuple[Floats, Floats]) -> Columns:
    return {f"{name}_low": ends[0], f"{name}_high": ends[1]}


def _of_means(
    figures: Columns,
    n: Floats,
    points: Floats,
    sd: Floats,
    zero_one: Mask,
    right: tuple[Floats, Floats],
    level: float,
) -> Columns:
    """Wilson's ends for scores of 0 or P, else Student's within what is possible.

    `right` are the ends of the share of right answers: the mean of such scores.
    """
    mean = np.asarray(figures["mean"])
    low, high = intervals.mean_interval(mean, sd, n, level)
    # Scores below 0 and above P that were seen can be seen again.
    low = np.fmax(low, np.where(points > 0, np.fmin(figures["min"], 0.0), -np.inf))
    high = np.fmin(high, np.where(points > 0, np.fmax(figures["max"], points), np.inf))
    low, high = (np.where(sd > 0, end, np.nan) for end in (low, high))
    first, last = right
    worth = np.where(points > 0, points, np.nan)
    ends = {
        "mean": (
            np.where(zero_one, first * points, low),
            np.where(zero_one, last * points, high),
        ),
        "difficulty": (
            np.where(zero_one, first, low / worth),
            np.where(zero_one, last, high / worth),
        ),
    }
    columns: Columns = {}
    for name, (below, above) in ends.items():
        figure = np.asarray(figures[name])
        columns |= _ends(name, (np.minimum(below, figure), np.maximum(above, figure)))
    return columns


def _of_discrimination(
    figures: Columns, points: Floats, sd: Floats, zero_one: Mask, level: float
) -> tuple[Floats, Floats]:
    """Newcombe's ends, with as many students as the scores are worth.

    Scores are put between 0 and 1. All or nothing has a variance of f (1 - f) there;
    partial credit has a part of it, and a group counts for that many times more.
    """
    least, most = np.fmin(figures["min"], 0.0), np.fmax(figures["max"], points)
    span = np.where(points > 0, most - least, np.nan)
    f = (np.asarray(figures["mean"]) - least) / span
    whole = np.where((f > 0) & (f < 1), f * (1 - f), np.nan)
    part = np.where(sd > 0, np.fmin((sd / span) ** 2 / whole, 1.0), np.nan)
    part = np.where(zero_one, 1.0, part)
    n_upper, n_lower = (np.asarray(figures[name]) for name in ("n_upper", "n_lower"))
    upper, lower = (
        np.clip((np.asarray(figures[name]) - least) / span, 0.0, 1.0)
        for name in ("mean_upper", "mean_lower")
    )
    low, high = intervals.newcombe_interval(
        upper, n_upper / part, lower, n_lower / part, level
    )
    figure, over = np.asarray(figures["discrimination"]), span / points
    return np.minimum(low * over, figure), np.maximum(high * over, figure)


def reasons_of_ends(
    figures: Columns,
    reasons: Mapping[str, Conditions],
    further: Mapping[str, Conditions],
) -> dict[str, list[tuple[Mask, str]]]:
    """An end is null for the reasons of its figure, and for further ones of its own."""
    found: dict[str, list[tuple[Mask, str]]] = {}
    for name, own in further.items():
        # What leaves no figure may hold of all rows, so it comes last.
        there = ~np.isnan(np.asarray(figures[name], np.float64))
        these = [(there & holds, why) for holds, why in own] + list(reasons[name])
        found |= {f"{name}_low": these, f"{name}_high": these}
    return found


def without_fisher(n: Floats) -> list[tuple[Mask, str]]:
    """What leaves a correlation without interval."""
    return [
        (n < 4, "fewer_than_four"),
        (np.ones(len(n), bool), "perfect_correlation"),
    ]


def without_student(n: Floats) -> list[tuple[Mask, str]]:
    """What leaves a mean without interval."""
    return [(n < 2, "fewer_than_two"), (np.ones(len(n), bool), "no_variance")]
