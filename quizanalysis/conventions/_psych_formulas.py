"""The formulas of R's package psych, on stacks of matrices of equally many items."""

from dataclasses import dataclass
from itertools import combinations

import numpy as np

from quizanalysis._intake.columns import Floats, Ints
from quizanalysis.conventions._r_matrices import (
    ROUNDING,
    Inverse,
    Stack,
    correlated,
    diagonal,
    inverse,
    left_over,
    lower,
    summed,
    without,
    without_each,
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


@dataclass(frozen=True, slots=True)
class _Sums:
    """What psych's figures are made of, for sets of k items each.

    ``cov`` and ``cor`` sum the covariances and the correlations; ``trace`` the
    variances, ``squares`` the squared covariances, ``rows`` the squared row sums of
    these; ``unexplained`` the shares of variance that other items do not predict. ``r``
    is the mean, ``spread`` the variance and ``middle`` the median correlation.
    """

    cov: Floats
    cor: Floats
    trace: Floats
    squares: Floats
    rows: Floats
    unexplained: Floats
    r: Floats
    spread: Floats
    middle: Floats


def alpha(cov: Floats, cor: Floats, unexplained: Floats, n: Ints) -> dict[str, Floats]:
    """Alpha and what psych gives with it, of each matrix of a stack."""
    k = cov.shape[-1]
    if k < 2:
        return dict.fromkeys(NAMES, np.full(len(cov), np.nan))
    below = lower(cor)
    spread, middle = _spread(below)
    sums = _Sums(
        cov=summed(cov),
        cor=summed(cor),
        trace=diagonal(cov).sum(axis=1),
        squares=(cov**2).sum(axis=(1, 2)),
        rows=(cov.sum(axis=2) ** 2).sum(axis=1),
        unexplained=unexplained.sum(axis=1),
        r=below.mean(axis=1),
        spread=spread,
        middle=middle,
    )
    return _figures(sums, k, n)


def _figures(sums: _Sums, k: int, n: Ints) -> dict[str, Floats]:
    total, r = sums.cov, sums.r
    with np.errstate(divide="ignore", invalid="ignore"):
        one = total * (sums.squares + sums.trace**2)
        two = 2 * sums.trace * sums.rows
        q = np.where(np.abs(one - two) > ROUNDING * np.abs(one), one - two, 0.0)
        q = q * 2 * k**2 / ((k - 1) ** 2 * total**3)
        return _finite(
            {
                "raw_alpha": k / (k - 1) * (1 - sums.trace / total),
                "std.alpha": k / (k - 1) * (1 - k / sums.cor),
                "G6(smc)": 1 - sums.unexplained / sums.cor,
                "average_r": r,
                "S/N": k * r / (1 - r),
                "alpha se": np.sqrt(q / n),
                "var.r": sums.spread,
                "med.r": sums.middle,
            }
        )


def _spread(r: Floats) -> tuple[Floats, Floats]:
    """Variance and median of each row's correlations, those that are there."""
    there = np.isfinite(r)
    n = there.sum(axis=1)
    mean = np.where(there, r, 0.0).sum(axis=1) / np.maximum(n, 1)
    off = np.where(there, r - mean[:, None], 0.0)
    ordered = np.sort(r, axis=1)  # NaN comes last
    row, last = np.arange(len(r)), np.maximum(n - 1, 0)
    middle = (ordered[row, last // 2] + ordered[row, (last + 1) // 2]) / 2
    return (off**2).sum(axis=1) / np.where(n > 1, n - 1, np.nan), middle


def _spread_without(cor: Floats) -> tuple[Floats, Floats]:
    """Variance and median of the correlations that are left without each item.

    The correlations are sorted once: without an item's own, one at place p of what is
    left is behind the own ones before it.
    """
    k = cor.shape[-1]
    rows, columns = np.tril_indices(k, -1)
    below = cor[:, rows, columns]
    there = np.isfinite(below)
    order = np.argsort(below, axis=1)  # NaN comes last
    ordered = np.take_along_axis(below, order, axis=1)
    place = np.empty_like(order)
    np.put_along_axis(place, order, np.arange(order.shape[1])[None, :], axis=1)
    # The places of each item's own correlations, ascending.
    own = np.zeros(cor.shape, np.int64)
    own[:, rows, columns] = own[:, columns, rows] = place
    own = np.sort(own[:, ~np.eye(k, dtype=bool)].reshape(len(cor), k, k - 1), axis=2)
    found = np.isfinite(cor)
    n = there.sum(axis=1)[:, None] - found.sum(axis=2) + diagonal(found)
    before = own - np.arange(k - 1)
    last = np.maximum(n - 1, 0)
    low, high = (
        np.take_along_axis(ordered, at + (before <= at[:, :, None]).sum(axis=2), axis=1)
        for at in (last // 2, (last + 1) // 2)
    )
    none = n < 1
    return _variances_without(cor, n), np.where(none, np.nan, (low + high) / 2)


def _variances_without(cor: Floats, n: Ints) -> Floats:
    """Variance of the n correlations that are left without each item."""
    k = cor.shape[-1]
    there = np.isfinite(cor) & ~np.eye(k, dtype=bool)
    size = np.maximum(there.sum(axis=(1, 2)), 1)
    mean = np.where(there, cor, 0.0).sum(axis=(1, 2)) / size
    off = np.where(there, cor - mean[:, None, None], 0.0)
    # Each correlation stands in both halves of the matrix.
    first = without(off).sum(axis=2) / 2
    second = without(off**2).sum(axis=2) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        spread = (second - first**2 / n) / np.where(n > 1, n - 1, np.nan)
    return np.asarray(np.maximum(spread, 0.0))


def _finite(figures: dict[str, Floats]) -> dict[str, Floats]:
    return {name: np.where(np.isfinite(v), v, np.nan) for name, v in figures.items()}


def item_stats(stack: Stack, n: Ints) -> dict[str, Floats]:
    """Figures of the items of a stack, each of shape (quizzes, k)."""
    cov, cor = stack.cov, stack.cor
    k = cov.shape[-1]
    inverted = inverse(cor)
    explained = cor.copy()
    each = np.arange(k)
    explained[:, each, each] = 1 - left_over(diagonal(inverted.matrix))
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
        **(_without_one(stack, inverted) if k == 2 else _without(stack, inverted, n)),
    }


def _without(stack: Stack, inverted: Inverse, n: Ints) -> dict[str, Floats]:
    """Alpha and the like of what is left without each item."""
    cov, cor, k = stack.cov, stack.cor, stack.cov.shape[-1]
    if k < 2:
        return dict.fromkeys(NAMES, np.full(stack.item.shape, np.nan))
    rows, own = without(cov), diagonal(cov)
    spread, middle = _spread_without(cor)
    sums = _Sums(
        cov=_summed_without(cov),
        cor=_summed_without(cor),
        trace=own.sum(axis=1)[:, None] - own,
        squares=without(cov**2).sum(axis=2),
        rows=(rows**2).sum(axis=2),
        unexplained=_unexplained_without(cor, inverted),
        r=without(_off(cor)).sum(axis=2) / ((k - 1) * (k - 2)),
        spread=spread,
        middle=middle,
    )
    return _figures(sums, k - 1, n[:, None])


def _summed_without(matrices: Floats) -> Floats:
    """Sum what is left of each matrix without each item, as `summed` does."""
    total = without(matrices).sum(axis=2)
    size = without(np.abs(matrices)).sum(axis=2)
    return np.where(np.abs(total) > ROUNDING * size, total, np.nan)


def _unexplained_without(cor: Floats, inverted: Inverse) -> Floats:
    """Sum of the variance shares that the others do not predict, without each item."""
    result = _off(left_over(without_each(inverted))).sum(axis=2)
    # Without one of its items a matrix may have all values: without two at most.
    lost = np.isnan(result) & np.isfinite(without(cor).sum(axis=2))
    quiz, item = np.nonzero(lost)
    rest = np.arange(cor.shape[-1] - 1)[None, :]
    rest = rest + (rest >= item[:, None])
    part = cor[quiz[:, None, None], rest[:, :, None], rest[:, None, :]]
    result[quiz, item] = left_over(diagonal(inverse(part).matrix)).sum(axis=1)
    return np.asarray(result)


def _off(matrices: Floats) -> Floats:
    """Set the diagonal of each matrix to 0."""
    return np.where(np.eye(matrices.shape[-1], dtype=bool), 0.0, matrices)


def _without_one(stack: Stack, inverted: Inverse) -> dict[str, Floats]:
    """What psych says of the one item that is left of two."""
    r, shared = stack.cor[:, :1, 1], stack.cov[:, :1, 1]
    one = np.ones_like(stack.item, np.float64)
    left = left_over(diagonal(inverted.matrix)[:, :1])
    with np.errstate(divide="ignore", invalid="ignore"):
        return _finite(
            {
                "raw_alpha": shared / diagonal(stack.cov)[:, ::-1],
                "std.alpha": r * one,
                "G6(smc)": (1 - left) * one,
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
    first = 1 - own.sum(axis=1) / total
    unexplained = (left_over(diagonal(inverse(cor).matrix)) * own).sum(axis=1)
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
