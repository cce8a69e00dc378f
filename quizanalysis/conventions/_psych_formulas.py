"""The formulas of R's package psych, on stacks of matrices of equally many items."""

from itertools import combinations

import numpy as np

from quizanalysis._intake.columns import Floats, Ints
from quizanalysis.conventions._r_matrices import (
    ROUNDING,
    Stack,
    correlated,
    diagonal,
    inverse,
    left_over,
    lower,
    summed,
)

NAMES = (
    "raw_alpha",
    "std.alpha",
    "G6(smc)",
    "average_r",
    "S/N",
    "alpha se",
    "var.r",
    "med.r",
)
"""What psych gives of a set of items, and of what is left without each."""

_MOST_ITEMS = 16
"""psych tries all splits of so many items; of more, it draws some at random."""


def alpha(cov: Floats, cor: Floats, unexplained: Floats, n: Ints) -> dict[str, Floats]:
    """Alpha and what psych gives with it, of each matrix of a stack."""
    k, total = cov.shape[-1], summed(cov)
    if k < 2:
        return dict.fromkeys(NAMES, np.full(len(cov), np.nan))
    trace, all_r = diagonal(cov).sum(axis=1), summed(cor)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = lower(cor).mean(axis=1)
        square = cov @ cov
        one = total * (np.trace(square, axis1=1, axis2=2) + trace**2)
        two = 2 * trace * square.sum(axis=(1, 2))
        q = np.where(np.abs(one - two) > ROUNDING * np.abs(one), one - two, 0.0)
        q = q * 2 * k**2 / ((k - 1) ** 2 * total**3)
        spread, middle = _spread(lower(cor))
        return _finite(
            {
                "raw_alpha": k / (k - 1) * (1 - trace / total),
                "std.alpha": k / (k - 1) * (1 - k / all_r),
                "G6(smc)": 1 - unexplained.sum(axis=1) / all_r,
                "average_r": r,
                "S/N": k * r / (1 - r),
                "alpha se": np.sqrt(q / n),
                "var.r": spread,
                "med.r": middle,
            }
        )


def _spread(r: Floats) -> tuple[Floats, Floats]:
    """Variance and median of each row's correlations, those that are there."""
    there = np.isfinite(r)
    n = there.sum(axis=1)
    mean = np.where(there, r, 0.0).sum(axis=1) / n
    off = np.where(there, r - mean[:, None], 0.0)
    ordered = np.sort(r, axis=1)  # NaN comes last
    row, last = np.arange(len(r)), np.maximum(n - 1, 0)
    middle = (ordered[row, last // 2] + ordered[row, (last + 1) // 2]) / 2
    return (off**2).sum(axis=1) / np.where(n > 1, n - 1, np.nan), middle


def _finite(figures: dict[str, Floats]) -> dict[str, Floats]:
    return {name: np.where(np.isfinite(v), v, np.nan) for name, v in figures.items()}


def item_stats(stack: Stack, n: Ints) -> dict[str, Floats]:
    """Figures of the items of a stack, each of shape (quizzes, k)."""
    cov, cor = stack.cov, stack.cor
    k = cov.shape[-1]
    inverted, _ = inverse(cor)
    explained = cor.copy()
    each = np.arange(k)
    explained[:, each, each] = 1 - left_over(diagonal(inverted))
    own_var, rows, total = diagonal(cov), cov.sum(axis=2), cov.sum(axis=(1, 2))[:, None]
    left = total - 2 * rows + own_var
    size = np.abs(cov).sum(axis=(1, 2))[:, None]
    left = np.where(left > ROUNDING * size, left, np.nan)
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = {
            "std.r": cor.sum(axis=2) / np.sqrt(summed(cor))[:, None],
            "r.cor": explained.sum(axis=2) / np.sqrt(summed(explained))[:, None],
            "r.drop": (rows - own_var) / np.sqrt(own_var * left),
        }
    return {
        **_finite(figures),
        **(_without_one(stack) if k == 2 else _without(stack, n)),
    }


def _without(stack: Stack, n: Ints) -> dict[str, Floats]:
    """Alpha and the like of what is left without each item."""
    inverted, singular = inverse(stack.cor)
    k = stack.cov.shape[-1]
    figures = {name: np.full(stack.item.shape, np.nan) for name in NAMES}
    for item in range(k if k > 2 else 0):
        rest = np.arange(k) != item
        part = stack.cor[:, rest][:, :, rest]
        # Of the inverse without the item only the diagonal is needed.
        with np.errstate(divide="ignore", invalid="ignore"):
            away = inverted[:, rest, item] ** 2 / inverted[:, item, item][:, None]
        unexplained = left_over(diagonal(inverted)[:, rest] - away)
        if singular.any():
            again, _ = inverse(part[singular])
            unexplained[singular] = left_over(diagonal(again))
        found = alpha(stack.cov[:, rest][:, :, rest], part, unexplained, n)
        for name, values in found.items():
            figures[name][:, item] = values
    return figures


def _without_one(stack: Stack) -> dict[str, Floats]:
    """What psych says of the one item that is left of two."""
    r, shared = stack.cor[:, :1, 1], stack.cov[:, :1, 1]
    inverted, _ = inverse(stack.cor)
    one = np.ones_like(stack.item, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(
            {
                "raw_alpha": shared / diagonal(stack.cov)[:, ::-1],
                "std.alpha": r * one,
                "G6(smc)": (1 - left_over(diagonal(inverted)[:, :1])) * one,
                "average_r": r * one,
                "S/N": r / (1 - r) * one,
                "alpha se": one * np.nan,
                "var.r": one * 0.0,
                "med.r": r * one,
            }
        )


def lambdas(cov: Floats, *, covar: bool) -> dict[str, Floats]:
    """Split halves and Guttman's lambdas of each matrix of a stack."""
    cor = correlated(cov)
    matrix = cov if covar else cor
    k, total = matrix.shape[-1], summed(matrix)
    total = np.where(total > 0, total, np.nan)
    own, below = diagonal(matrix), lower(matrix)
    none = np.full(len(matrix), np.nan)
    if k < 2:
        return {"alpha": none}
    inverted, _ = inverse(cor)
    first = 1 - own.sum(axis=1) / total
    unexplained = (left_over(diagonal(inverted)) * own).sum(axis=1)
    most, least, mean = _splits(matrix, total) if k <= _MOST_ITEMS else (none,) * 3
    return {
        "maxrb": most,
        "minrb": least,
        "meanr": mean,
        "alpha": k / (k - 1) * first,
        "lambda2": first + np.sqrt(k / (k - 1) * 2 * (below**2).sum(axis=1)) / total,
        "lambda6": 1 - unexplained / total,
        "av.r": below.mean(axis=1),
        "med.r": np.median(below, axis=1),
    }


def _splits(matrix: Floats, total: Floats) -> tuple[Floats, Floats, Floats]:
    """Highest, lowest and mean reliability of all splits into halves."""
    k = matrix.shape[-1]
    halves = list(combinations(range(k), k // 2))
    # Of an even number of items each split would come twice.
    halves = halves[: len(halves) // 2] if k % 2 == 0 else halves
    inside = np.zeros((len(halves), k))
    inside[np.arange(len(halves))[:, None], halves] = 1.0
    most, least = np.full(len(matrix), -np.inf), np.full(len(matrix), np.inf)
    sums = np.zeros(len(matrix))
    for part in np.array_split(inside, len(inside) // 256 + 1):
        across = ((part @ matrix) * (1 - part)).sum(axis=2)
        r = np.abs(4 * across / total[:, None])
        most, least = np.maximum(most, r.max(1)), np.minimum(least, r.min(1))
        sums += r.sum(axis=1)
    return most, least, sums / len(inside)
