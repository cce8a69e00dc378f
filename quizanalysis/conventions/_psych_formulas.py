"""The formulas of R's package psych, on stacks of matrices of equally many items."""

from itertools import combinations

import numpy as np

from quizanalysis._intake.columns import Floats, Ints
from quizanalysis.conventions._r_matrices import (
    Stack,
    diagonal,
    inverse,
    left_over,
    lower,
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
    k, total = cov.shape[-1], cov.sum(axis=(1, 2))
    trace, below = diagonal(cov).sum(axis=1), lower(cor)
    none = np.full(len(cov), np.nan)
    if k < 2:
        return dict.fromkeys(NAMES, none)
    with np.errstate(divide="ignore", invalid="ignore"):
        r = below.mean(axis=1)
        square = cov @ cov
        q = total * (np.trace(square, axis1=1, axis2=2) + trace**2)
        q = q - 2 * trace * square.sum(axis=(1, 2))
        q = q * 2 * k**2 / ((k - 1) ** 2 * total**3)
        figures = {
            "raw_alpha": k / (k - 1) * (1 - trace / total),
            "std.alpha": k * r / (1 + (k - 1) * r),
            "G6(smc)": 1 - unexplained.sum(axis=1) / cor.sum(axis=(1, 2)),
            "average_r": r,
            "S/N": k * r / (1 - r),
            "alpha se": np.sqrt(q / n),
            "var.r": below.var(axis=1, ddof=1) if k > 2 else none,
            "med.r": np.median(below, axis=1),
        }
    return {name: np.where(np.isfinite(v), v, np.nan) for name, v in figures.items()}


def item_stats(stack: Stack, n: Ints) -> dict[str, Floats]:
    """Figures of the items of a stack, each of shape (quizzes, k)."""
    cov, cor = stack.cov, stack.cor
    k = cov.shape[-1]
    inverted, singular = inverse(cor)
    explained = cor.copy()
    explained[:, np.arange(k), np.arange(k)] = 1 - left_over(inverted)
    own_var, rows, total = diagonal(cov), cov.sum(axis=2), cov.sum(axis=(1, 2))[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        figures = {
            "raw.r": rows / np.sqrt(own_var * total),
            "std.r": cor.sum(axis=2) / np.sqrt(cor.sum(axis=(1, 2)))[:, None],
            "r.cor": explained.sum(axis=2)
            / np.sqrt(explained.sum(axis=(1, 2)))[:, None],
            "r.drop": (rows - own_var)
            / np.sqrt(own_var * (total - 2 * rows + own_var)),
        }
    figures = {name: np.where(np.isfinite(v), v, np.nan) for name, v in figures.items()}
    for name in NAMES:
        figures[name] = np.full(own_var.shape, np.nan)
    for item in range(k if k > 2 else 0):
        rest = np.arange(k) != item
        part = cor[:, rest][:, :, rest]
        # Of the inverse without the item only the diagonal is needed.
        with np.errstate(divide="ignore", invalid="ignore"):
            precision = (
                diagonal(inverted)[:, rest]
                - inverted[:, rest, item] ** 2 / inverted[:, item, item][:, None]
            )
            unexplained = np.clip(1 / precision, 0.0, 1.0)
        if singular.any():
            unexplained[singular] = left_over(inverse(part[singular])[0])
        found = alpha(cov[:, rest][:, :, rest], part, unexplained, n)
        for name, values in found.items():
            figures[name][:, item] = values
    return figures


def lambdas(matrix: Floats) -> dict[str, Floats]:
    """Split halves and Guttman's lambdas of each matrix of a stack."""
    k, total = matrix.shape[-1], matrix.sum(axis=(1, 2))
    total = np.where(total > 0, total, np.nan)
    trace, below = diagonal(matrix).sum(axis=1), lower(matrix)
    none = np.full(len(matrix), np.nan)
    if k < 2:
        return {"alpha": none}
    inverted, singular = inverse(matrix)
    first = 1 - trace / total
    precision = np.where(singular[:, None], np.nan, diagonal(inverted))
    unexplained = (1 / precision).sum(axis=1)
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
