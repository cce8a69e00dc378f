"""The intervals once more, from their definitions: one number at a time.

Each function returns ``(low, high)``, or ``(None, None)`` where there is none.
"""

from fractions import Fraction
from math import atanh, sqrt, tanh
from statistics import NormalDist

from exact import deviation, mean, spreads, t_quantile, upper_and_lower

NONE = (None, None)


def wilson(share, n, level):
    """The shares p of which the observed one is z standard errors sqrt(p q / n) away.

    That is a quadratic equation in p; both roots are the ends.
    """
    z = NormalDist().inv_cdf((1 + level) / 2)
    a, b, c = 1 + z * z / n, -(2 * share + z * z / n), share * share
    apart = sqrt(max(0.0, b * b - 4 * a * c))
    high = (-b + apart) / (2 * a)
    # The product of the roots is c / a: no digits are lost in the smaller.
    return (c / a / high if share else 0.0), (1.0 if share == 1 else high)


def student(values, level):
    """The mean and t standard errors around it."""
    if not spreads(values):
        return NONE
    n = len(values)
    half = t_quantile((1 + level) / 2, n - 1) * float(deviation(values, 1)) / sqrt(n)
    return float(mean(values)) - half, float(mean(values)) + half


def fisher(r, n, level):
    """Around the inverse hyperbolic tangent, and back."""
    if r is None or n < 4 or abs(r) > 1 - 1e-9:
        return NONE
    half = NormalDist().inv_cdf((1 + level) / 2) / sqrt(n - 3)
    return tanh(atanh(r) - half), tanh(atanh(r) + half)


def newcombe(p1, n1, p2, n2, level):
    """The ends of both shares, put together."""
    (l1, u1), (l2, u2) = wilson(p1, n1, level), wilson(p2, n2, level)
    low = p1 - p2 - sqrt((p1 - l1) ** 2 + (u2 - p2) ** 2)
    return low, p1 - p2 + sqrt((u1 - p1) ** 2 + (p2 - l2) ** 2)


def of_scores(x, points, level):
    """Of the mean score: (low, high)."""
    if not x:
        return NONE
    if points and {*x} <= {0, points}:
        low, high = wilson(float(mean(x) / points), len(x), level)
        return low * float(points), high * float(points)
    low, high = student(x, level)
    if low is None or not points:
        return low, high
    return max(low, float(min(0, *x))), min(high, float(max(points, *x)))


def of_groups(found, points, tail, ties, tolerance, level):
    """Of the discrimination: (low, high)."""
    x = [r["x"] for r, _, _ in found]
    totals = [total for _, total, _ in found]
    groups = upper_and_lower(totals, tail, ties, tolerance)
    if groups is None or not points:
        return NONE
    least, most = min(0, *x), max(points, *x)
    f = [Fraction(score - least) / (most - least) for score in x]
    part = 1
    if not {*x} <= {0, points}:
        if not spreads(x):
            return NONE
        part = min(1, float(deviation(f, 1)) ** 2 / float(mean(f) * (1 - mean(f))))
    shares = [
        (float(mean(f, weights)), float(sum(weights)) / part) for weights in groups
    ]
    low, high = newcombe(*shares[0], *shares[1], level)
    over = float((most - least) / points)
    return max(low, -1.0) * over, min(high, 1.0) * over


def ends(name, pair):
    """Name both ends."""
    return {f"{name}_low": pair[0], f"{name}_high": pair[1]}
