r"""Mantel-Haenszel: two groups compared within strata, all items at once.

Knows numpy and scipy.special only. Every function takes one entry per stratum, and
``starts`` says where the strata of each item begin, as for ``numpy.add.reduceat``. Both
groups have members in each stratum; one with a single group says nothing of a
difference, and is left out before. A figure that cannot be computed is NaN, never an
error or a warning.

The notation for items scored right or wrong, in stratum k of :math:`N_k` students:

==========  ===============  ===============
group       right            wrong
==========  ===============  ===============
reference   :math:`A_k`      :math:`B_k`
focal       :math:`C_k`      :math:`D_k`
==========  ===============  ===============

References
----------
.. [1] Mantel, N. and Haenszel, W. (1959). Statistical aspects of the analysis of data
   from retrospective studies of disease. J. National Cancer Institute 22, 719-748.
.. [2] Robins, J., Breslow, N. and Greenland, S. (1986). Estimators of the
   Mantel-Haenszel variance consistent in both sparse data and large-strata limiting
   models. Biometrics 42, 311-323.
.. [3] Holland, P. W. and Thayer, D. T. (1988). Differential item performance and the
   Mantel-Haenszel procedure. In Wainer and Braun (eds.), Test Validity, 129-145.
.. [4] Mantel, N. (1963). Chi-square tests with one degree of freedom. J. American
   Statistical Association 58, 690-700.
.. [5] Zwick, R., Donoghue, J. R. and Grima, A. (1993). Assessment of differential item
   functioning for performance tasks. J. Educational Measurement 30, 233-251.
.. [6] Zwick, R. and Thayer, D. T. (1996). Evaluating the magnitude of differential item
   functioning in polytomous items. J. Educational and Behavioral Statistics 21,
   187-201.
.. [7] Zwick, R. (2012). A review of ETS differential item functioning assessment
   procedures. ETS RR-12-08.
"""

from typing import Any

import numpy as np
import numpy.typing as npt

from quizanalysis import ctt

__all__ = [
    "chi_squared",
    "ets_class",
    "log_odds_se",
    "mantel_chi_squared",
    "odds_ratio",
    "p_value",
    "smd",
    "smd_se",
]

DELTA = -2.35
"""ETS's delta scale: this times the logarithm of the odds ratio."""

_SIGNIFICANT = 0.05

Floats = npt.NDArray[np.float64]
Array = npt.NDArray[Any]


def odds_ratio(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    d: npt.ArrayLike,
    starts: npt.ArrayLike = (0,),
) -> Floats:
    r"""Common odds ratio :math:`\sum_k A_k D_k / N_k \, / \sum_k B_k C_k / N_k` [1]_.

    Parameters
    ----------
    a, b, c, d : array_like of int, shape (strata,)
        Right and wrong of the reference group, right and wrong of the focal group.
    starts : array_like of int, shape (items,)

    Returns
    -------
    ndarray of float, shape (items,)
        0 and up; above 1 the item favours the reference group. NaN when the divisor
        is 0.

    Examples
    --------
    Two strata with odds ratios of 2 and 4: (2/5 + 4/7) / (1/5 + 1/7)

    >>> odds_ratio([2, 4], [1, 1], [1, 1], [1, 1])
    array([2.83333333])
    """
    r, s = _products(a, b, c, d)
    return _ratio(_sum(r, starts), _sum(s, starts))


def log_odds_se(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    d: npt.ArrayLike,
    starts: npt.ArrayLike = (0,),
) -> Floats:
    r"""Standard error of the logarithm of the common odds ratio [2]_.

    With :math:`P = (A + D)/N`, :math:`Q = (B + C)/N`, :math:`R = AD/N` and
    :math:`S = BC/N` in each stratum its square is
    :math:`\frac{\sum PR}{2 (\sum R)^2} + \frac{\sum (PS + QR)}{2 \sum R \sum S} +
    \frac{\sum QS}{2 (\sum S)^2}`.

    Parameters
    ----------
    a, b, c, d, starts
        As in `odds_ratio`.

    Returns
    -------
    ndarray of float, shape (items,)
        NaN when the odds ratio is 0, infinite or NaN.

    Examples
    --------
    In a single stratum it is the square root of 1/A + 1/B + 1/C + 1/D:

    >>> log_odds_se([2], [4], [4], [1])
    array([1.41421356])
    """
    r, s = _products(a, b, c, d)
    n = _floats(a) + _floats(b) + _floats(c) + _floats(d)
    p, q = (_floats(a) + _floats(d)) / n, (_floats(b) + _floats(c)) / n
    whole_r, whole_s = _sum(r, starts), _sum(s, starts)
    square = (
        _ratio(_sum(p * r, starts), whole_r**2)
        + _ratio(_sum(p * s + q * r, starts), whole_r * whole_s)
        + _ratio(_sum(q * s, starts), whole_s**2)
    )
    return np.asarray(np.sqrt(square / 2))


def chi_squared(
    a: npt.ArrayLike,
    b: npt.ArrayLike,
    c: npt.ArrayLike,
    d: npt.ArrayLike,
    starts: npt.ArrayLike = (0,),
) -> Floats:
    r"""Mantel-Haenszel's chi-squared, with the correction for continuity [1]_.

    :math:`(\max(0, |\sum A - \sum E(A)| - ½))^2 / \sum V(A)` with
    :math:`E(A) = (A+B)(A+C)/N` and
    :math:`V(A) = (A+B)(C+D)(A+C)(B+D) / (N^2 (N - 1))`; one degree of freedom. R's
    ``mantelhaen.test`` is the same, but takes nothing off a difference below ½.

    Parameters
    ----------
    a, b, c, d, starts
        As in `odds_ratio`.

    Returns
    -------
    ndarray of float, shape (items,)
        0 and up; NaN when there is no variance.

    Examples
    --------
    In both strata 12 of each group, and 14 of 24 right: the reference group has 19
    where 14 are expected, so that it is 4.5 squared by twice 35 / 23.

    >>> chi_squared([10, 9], [2, 3], [4, 5], [8, 7])
    array([6.65357143])
    """
    first, second, third, fourth = (_floats(x) for x in (a, b, c, d))
    n = first + second + third + fourth
    away = _sum(_floats(ctt.scatter(a, b, c, d)) / n, starts)
    variance = (first + second) / n * (third + fourth) / n
    variance *= (first + third) * ((second + fourth) / (n - 1))
    corrected = np.maximum(np.abs(away) - 0.5, 0.0)
    return _ratio(corrected**2, _sum(variance, starts))


def mantel_chi_squared(
    n: tuple[npt.ArrayLike, npt.ArrayLike],
    sums: tuple[npt.ArrayLike, npt.ArrayLike],
    scatter: npt.ArrayLike,
    starts: npt.ArrayLike = (0,),
) -> Floats:
    r"""Mantel's chi-squared for scores of any number of points [4]_.

    With the sum of the scores :math:`F` of the :math:`n_F` students of the focal group,
    and :math:`T` that of all, it is :math:`(\sum F - \sum E(F))^2 / \sum V(F)` where
    :math:`E(F) = n_F T / N` and :math:`V(F) = n_R n_F S / (N^2 (N - 1))`; one degree of
    freedom, no correction for continuity. For 0/1 items it is Mantel-Haenszel's without
    that correction.

    Parameters
    ----------
    n, sums : pair of array_like of int, shape (strata,)
        Students, and the sum of their scores, of the reference and the focal group.
    scatter : array_like, shape (strata,)
        :math:`S = N \sum x^2 - T^2` of the scores of both groups together.
    starts : array_like of int, shape (items,)

    Returns
    -------
    ndarray of float, shape (items,)
        0 and up; NaN when no stratum has any spread.

    Examples
    --------
    Scores of 0, 1 and 2 in one stratum: 2, 1 and 2 in the reference group, 0, 1 and 0
    in the focal group, so that S is 6 x 10 - 36:

    >>> mantel_chi_squared(([3], [3]), ([5], [1]), [24])
    array([3.33333333])
    """
    reference, focal = (_floats(x) for x in n)
    both = reference + focal
    away = _floats(ctt.scatter(n[0], sums[0], n[1], sums[1])) / both
    variance = reference / both * (focal / both) / (both - 1) * _floats(scatter)
    return _ratio(_sum(away, starts) ** 2, _sum(variance, starts))


def smd(
    n: tuple[npt.ArrayLike, npt.ArrayLike],
    sums: tuple[npt.ArrayLike, npt.ArrayLike],
    starts: npt.ArrayLike = (0,),
) -> Floats:
    r"""Standardised mean difference, focal less reference group [5]_.

    :math:`\sum_k n_{Fk} (\bar x_{Fk} - \bar x_{Rk}) \, / \sum_k n_{Fk}`: the difference
    of the mean scores, weighted as the focal group is distributed. For items worth a
    point it is Dorans and Kulick's STD P-DIF.

    Parameters
    ----------
    n, sums, starts
        As in `mantel_chi_squared`.

    Returns
    -------
    ndarray of float, shape (items,)
        In the unit of the scores; below 0 the item favours the reference group.

    Examples
    --------
    >>> smd(([4, 2], [1, 3]), ([2, 2], [1, 0]))  # (1 x 0.5 + 3 x -1) / 4
    array([-0.625])
    """
    reference, focal = (_floats(x) for x in n)
    apart = _floats(ctt.scatter(n[0], sums[0], n[1], sums[1]))
    return _ratio(_sum(apart / reference, starts), _sum(focal, starts))


def smd_se(
    n: tuple[npt.ArrayLike, npt.ArrayLike],
    scatter: npt.ArrayLike,
    starts: npt.ArrayLike = (0,),
) -> Floats:
    r"""Standard error of the standardised mean difference if there is no DIF [6]_.

    The hypergeometric one: with `mantel_chi_squared`'s :math:`V(F)` its square is
    :math:`\sum_k (n_{Fk} / n_F)^2 (1/n_{Fk} + 1/n_{Rk})^2 \, V(F_k)`.

    Parameters
    ----------
    n, scatter, starts
        As in `mantel_chi_squared`.

    Returns
    -------
    ndarray of float, shape (items,)
        In the unit of the scores.

    Examples
    --------
    >>> smd_se(([3], [3]), [24])  # (1/3 + 1/3) sqrt(9 x 24 / (36 x 5))
    array([0.73029674])
    """
    reference, focal = (_floats(x) for x in n)
    # What is left of the square when the factors of V(F) are cancelled.
    square = focal / (reference * (reference + focal - 1)) * _floats(scatter)
    return np.asarray(np.sqrt(_sum(square, starts)) / _sum(focal, starts))


def p_value(chi2: npt.ArrayLike) -> Floats:
    """Upper tail of chi-squared with one degree of freedom.

    Parameters
    ----------
    chi2 : array_like, shape (items,)

    Returns
    -------
    ndarray of float, shape (items,)
        0 to 1; NaN where `chi2` is.

    Examples
    --------
    >>> round(float(p_value(3.841459)), 6)
    0.05
    """
    from scipy.special import chdtrc  # noqa: PLC0415  slow to import

    return np.asarray(chdtrc(1.0, np.asarray(chi2, np.float64)))


def ets_class(delta: npt.ArrayLike, se: npt.ArrayLike, p: npt.ArrayLike) -> Array:
    """ETS's class of an item: 0 for A, 1 for B, 2 for C; -1 when unknown [7]_.

    A, negligible: the delta is below 1 in size, or not significantly different from 0
    (p at 5 %, of the chi-squared with correction for continuity). C, large: it is 1.5
    or more in size, and significantly above 1 (one-sided at 5 %, by its standard
    error). All others are B.

    Parameters
    ----------
    delta, se : array_like, shape (items,)
        MH D-DIF, -2.35 times the logarithm of the odds ratio; and its standard error.
    p : array_like, shape (items,)

    Returns
    -------
    ndarray of int, shape (items,)

    Examples
    --------
    >>> ets_class(
    ...     [0.9, 1.2, 1.6, 1.6, 1.6], [0.1, 0.4, 0.3, 0.4, 0.9], [0.0] * 4 + [0.08]
    ... )
    array([0, 1, 2, 1, 0])
    """
    from scipy.special import ndtri  # noqa: PLC0415  slow to import

    size, error = np.abs(np.asarray(delta, np.float64)), np.asarray(se, np.float64)
    chance = np.asarray(p, np.float64)
    known = ~(np.isnan(size) | np.isnan(error) | np.isnan(chance))
    negligible = (size < 1) | (chance >= _SIGNIFICANT)
    above = size - 1 > ndtri(1 - _SIGNIFICANT) * error
    large = (size >= 1.5) & above
    return np.where(known, np.where(negligible, 0, np.where(large, 2, 1)), -1)


def _products(
    a: npt.ArrayLike, b: npt.ArrayLike, c: npt.ArrayLike, d: npt.ArrayLike
) -> tuple[Floats, Floats]:
    """A D / N and B C / N of each stratum."""
    first, second, third, fourth = (_floats(x) for x in (a, b, c, d))
    n = first + second + third + fourth
    return first * fourth / n, second * third / n


def _sum(values: Floats, starts: npt.ArrayLike) -> Floats:
    """Add over the strata of each item."""
    at = np.asarray(starts)
    return np.add.reduceat(values, at) if len(at) else np.empty(0)


def _floats(numbers: npt.ArrayLike) -> Floats:
    return np.asarray(numbers).astype(np.float64)


def _ratio(above: Floats, below: Floats) -> Floats:
    """Divide where it can be done; NaN elsewhere."""
    ok = below > 0
    return np.where(ok, above / np.where(ok, below, 1.0), np.nan)
