r"""Intervals of shares, means and correlations, element by element.

Knows numpy and scipy.special only. Each function takes arrays that broadcast, one entry
per item, option or quiz, and returns the lower and the upper end. An end that cannot be
computed is NaN, never an error or a warning; `level` is the coverage, between 0 and 1.
Cronbach's alpha has its interval in `ctt.feldt_interval`.

What is measured of their coverage is measured on simulated classes of 10 to 1,000
students who answer 20 Rasch items (difficulties -2 to 2, item-rest correlation 0.37),
at 95 %.

References
----------
.. [1] Wilson, E. B. (1927). Probable inference, the law of succession, and statistical
   inference. Journal of the American Statistical Association 22, 209-212.
.. [2] Newcombe, R. G. (1998). Two-sided confidence intervals for the single proportion:
   comparison of seven methods. Statistics in Medicine 17, 857-872.
.. [3] Newcombe, R. G. (1998). Interval estimation for the difference between
   independent proportions: comparison of eleven methods. Statistics in Medicine 17,
   873-890.
.. [4] Fisher, R. A. (1921). On the "probable error" of a coefficient of correlation
   deduced from a small sample. Metron 1, 3-32.
.. [5] Student (1908). The probable error of a mean. Biometrika 6, 1-25.
"""

import numpy as np
import numpy.typing as npt

__all__ = ["fisher_interval", "mean_interval", "newcombe_interval", "wilson_interval"]

Floats = npt.NDArray[np.float64]

_PERFECT = 1 - 1e-9
"""A correlation from here on is 1 but for rounding."""


def wilson_interval(
    share: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Wilson's score interval of a share [1]_.

    :math:`(p + \frac{z^2}{2n} \pm z \sqrt{\frac{p(1-p)}{n} + \frac{z^2}{4n^2}}) /
    (1 + \frac{z^2}{n})`. It holds the true share in 95 % of the simulated classes on
    average, and in 92 to 98 % of them for each item from 10 students up.

    Parameters
    ----------
    share : array_like
        0 to 1.
    n : array_like
        What the share is of; need not be whole.
    level : float

    Returns
    -------
    low, high : ndarray of float
        0 to 1, the share between them; NaN when n is not above 0 or the share is none.

    Examples
    --------
    Of 263 patients 81, of 20 none, table I of [2]_:

    >>> low, high = wilson_interval([81 / 263, 0 / 20], [263, 20])
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.2553, 0.0], [0.3662, 0.1611])
    """
    p, count = np.asarray(share, np.float64), np.asarray(n, np.float64)
    known = (p >= 0) & (p <= 1) & (count > 0)
    p, count = np.where(known, p, np.nan), np.where(known, count, 1.0)
    z = _normal(level)
    added = z * z / count
    middle = p + added / 2
    half = z * np.sqrt(p * (1 - p) / count + added / count / 4)
    # At 0 and at 1 an end is the share itself, whatever the rounding.
    low = np.where(p == 0, 0.0, np.clip((middle - half) / (1 + added), 0.0, p))
    high = np.where(p == 1, 1.0, np.clip((middle + half) / (1 + added), p, 1.0))
    return low, high


def mean_interval(
    mean: npt.ArrayLike, sd: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Student's interval of a mean, :math:`m \pm t_{n-1} s / \sqrt{n}` [5]_.

    It holds the true mean total in 94 to 96 % of the simulated classes. For the mean
    of an item scored right or wrong it does not do: at a share of 0.85 and n = 30 it
    holds the true value in 89 %, and for shares further out it often has no width. Take
    `wilson_interval` there.

    Parameters
    ----------
    mean : array_like
    sd : array_like
        The sample's, with divisor n - 1.
    n : array_like of int
    level : float

    Returns
    -------
    low, high : ndarray of float
        In the unit of the mean; NaN when n < 2 or the standard deviation is not
        above 0: equal scores say nothing about others.

    Examples
    --------
    Ten patients slept 1.58 hours longer with one drug than with the other, with a
    standard deviation of 1.23, in [5]_:

    >>> low, high = mean_interval(1.58, 1.2299593, 10)
    >>> round(float(low), 4), round(float(high), 4)
    (0.7001, 2.4599)
    """
    from scipy.special import stdtrit  # noqa: PLC0415  slow to import

    middle, spread = np.asarray(mean, np.float64), np.asarray(sd, np.float64)
    count = np.asarray(n, np.float64)
    known = (count > 1) & (spread > 0)
    sizes, which = np.unique(np.where(known, count, 2.0), return_inverse=True)
    # Many items have one n, and a quantile is slow to compute.
    quantile = stdtrit(sizes - 1, (1 + level) / 2)[which].reshape(known.shape)
    half = quantile * np.where(known, spread, np.nan)
    half = half / np.sqrt(np.where(known, count, 1.0))
    return np.asarray(middle - half), np.asarray(middle + half)


def fisher_interval(
    r: npt.ArrayLike, n: npt.ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Fisher's interval of a correlation [4]_.

    :math:`\tanh(\tanh^{-1} r \pm z / \sqrt{n - 3})`, derived for two normal
    variables. With an item scored right or wrong it holds the true correlation in 94
    to 97 % of the simulated classes, and so it does for each item with shares between
    0.15 and 0.85. Further out it is somewhat too narrow: 90 to 93 % at shares from 0.96
    among such items, and 86 to 92 % when the totals are also strongly skewed. (Tate's
    standard error of a point-biserial, derived for it, is narrower still: 93 % at
    n = 30.)

    Parameters
    ----------
    r : array_like
        -1 to 1.
    n : array_like of int
    level : float

    Returns
    -------
    low, high : ndarray of float
        -1 to 1; NaN when n < 4 or the correlation is 1 or -1 but for rounding.

    Examples
    --------
    By hand: :math:`\tanh^{-1} 0.5 = 0.5493`, with a standard error of 1 / 5.

    >>> low, high = fisher_interval(0.5, 28)
    >>> round(float(low), 4), round(float(high), 4)
    (0.156, 0.7358)
    """
    value, count = np.asarray(r, np.float64), np.asarray(n, np.float64)
    known = (count > 3) & (np.abs(value) < _PERFECT)
    value = np.where(known, value, np.nan)
    # tanh(a + b) = (tanh a + tanh b) / (1 + tanh a tanh b): one tanh instead of three.
    half = np.tanh(_normal(level) / np.sqrt(np.where(known, count - 3, 1.0)))
    across = value * half
    low = np.minimum((value - half) / (1 - across), value)
    return low, np.maximum((value + half) / (1 + across), value)


def newcombe_interval(
    share_1: npt.ArrayLike,
    n_1: npt.ArrayLike,
    share_2: npt.ArrayLike,
    n_2: npt.ArrayLike,
    level: float = 0.95,
) -> tuple[Floats, Floats]:
    r"""Newcombe's hybrid score interval of the difference of two shares [3]_.

    :math:`d - \sqrt{(p_1 - l_1)^2 + (u_2 - p_2)^2}` to
    :math:`d + \sqrt{(u_1 - p_1)^2 + (p_2 - l_2)^2}`, with Wilson's ends l and u of each
    share: method 10 of [3]_.

    Parameters
    ----------
    share_1, share_2 : array_like
        0 to 1.
    n_1, n_2 : array_like
        What the shares are of; need not be whole.
    level : float

    Returns
    -------
    low, high : ndarray of float
        -1 to 1; NaN where either share has no interval.

    Examples
    --------
    56 of 70 against 48 of 80, and 9 of 10 against 3 of 10, table II of [3]_:

    >>> low, high = newcombe_interval(
    ...     [56 / 70, 0.9], [70, 10], [48 / 80, 0.3], [80, 10]
    ... )
    >>> low.round(4).tolist(), high.round(4).tolist()
    ([0.0524, 0.1705], [0.3339, 0.809])
    """
    first, second = np.asarray(share_1, np.float64), np.asarray(share_2, np.float64)
    low_1, high_1 = wilson_interval(first, n_1, level)
    low_2, high_2 = wilson_interval(second, n_2, level)
    apart = first - second
    low = apart - np.hypot(first - low_1, high_2 - second)
    high = apart + np.hypot(high_1 - first, second - low_2)
    return np.maximum(low, -1.0), np.minimum(high, 1.0)


def _normal(level: float) -> float:
    """The normal quantile that leaves half of what is not covered above it."""
    from scipy.special import ndtri  # noqa: PLC0415  slow to import

    return float(ndtri((1 + level) / 2))
