r"""Classical test theory on arrays with frequency weights.

Knows numpy and scipy.special only.

Two kinds of function. Those that take *sums* work element by element, one entry per
item or quiz, and are exact as long as the sums are (integers of any size, as numpy
``int64`` or ``object`` arrays, or floats). Those that take *values* with the *count* of
each, sorted within each group, work on all groups at once: ``starts`` says where each
group begins, as for ``numpy.add.reduceat``.

A figure that cannot be computed is NaN, never an error or a warning. The notation:
:math:`n` responses, item score :math:`x`, total :math:`T`, :math:`k` items; and
:math:`S_{xy} = n \sum xy - \sum x \sum y`, here called the scatter, which is
:math:`n^2` times the population covariance.

References
----------
.. [1] Crocker, L. and Algina, J. (1986). Introduction to Classical and Modern Test
   Theory. Holt, Rinehart and Winston.
.. [2] Feldt, L. S. (1965). The approximate sampling distribution of Kuder-Richardson
   reliability coefficient twenty. Psychometrika 30, 357-370.
.. [3] Joanes, D. N. and Gill, C. A. (1998). Comparing measures of sample skewness and
   kurtosis. The Statistician 47, 183-189.
"""

from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = [
    "Ties",
    "alpha_if_deleted",
    "biserial",
    "correlation",
    "cronbach_alpha",
    "dot",
    "feldt_interval",
    "item_rest_correlation",
    "kurtosis",
    "median",
    "scatter",
    "sd",
    "share_weights",
    "skewness",
    "standard_error_of_measurement",
    "tail_weights",
]

Ties = Literal["split", "include"]
"""Whether the tied score group at the cut is taken in part, or as a whole."""

Array = npt.NDArray[Any]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

_SAFE = 2.0**58
"""Sums of a few numbers below this fit 64 bits."""


def dot(a: npt.ArrayLike, b: npt.ArrayLike, starts: npt.ArrayLike = (0,)) -> Array:
    """Sum the products of two integer arrays over each group, exactly.

    Parameters
    ----------
    a, b : array_like of int, shape (cells,)
    starts : array_like of int, shape (groups,)
        First cell of each group; no group may be empty.

    Returns
    -------
    ndarray, shape (groups,)
        ``int64``; or ``object``, holding Python integers, when 64 bits could overflow.

    Examples
    --------
    >>> dot([1, 2, 3], [4, 5, 6], starts=[0, 2])
    array([14, 18])
    """
    left, right = np.asarray(a), np.asarray(b)
    at = np.asarray(starts)
    if not len(at):
        return np.empty(0, np.int64)
    if object not in (left.dtype, right.dtype):
        width = int(np.diff(at, append=len(left)).max())
        if _largest(left) * _largest(right) * width >= _SAFE:
            size = np.add.reduceat(
                np.abs(left.astype(float)) * np.abs(right.astype(float)), at
            )
            if size.max() >= _SAFE:
                left, right = left.astype(object), right.astype(object)
    only = right.ndim == 0 and right == 1
    return np.asarray(np.add.reduceat(left if only else left * right, at))


def scatter(
    n: npt.ArrayLike, sum_x: npt.ArrayLike, sum_y: npt.ArrayLike, sum_xy: npt.ArrayLike
) -> Array:
    r"""Compute :math:`n \sum xy - \sum x \sum y`: n squared times the covariance.

    Parameters
    ----------
    n, sum_x, sum_y, sum_xy : array_like, shape (groups,)
        Exact when they are integers.

    Returns
    -------
    ndarray, shape (groups,)
        ``int64``, or ``object`` when 64 bits could overflow; float for floats.

    Examples
    --------
    >>> x = np.array([1, 2, 4])
    >>> scatter(3, x.sum(), x.sum(), (x * x).sum())
    array(14)
    """
    parts = [np.asarray(part) for part in (n, sum_x, sum_y, sum_xy)]
    count, x, y, xy = parts
    if any(part.dtype == object for part in parts):
        count, x, y, xy = (part.astype(object) for part in parts)
    elif all(part.dtype != np.float64 for part in parts):
        size = max(_largest(count) * _largest(xy), _largest(x) * _largest(y))
        if size >= _SAFE:
            count, x, y, xy = (part.astype(object) for part in parts)
    return np.asarray(count * xy - x * y)


def sd(n: npt.ArrayLike, scatter_x: npt.ArrayLike, ddof: int = 1) -> Floats:
    r"""Standard deviation :math:`\sqrt{S_{xx} / (n (n - d))}`.

    Parameters
    ----------
    n, scatter_x : array_like, shape (groups,)
    ddof : int
        :math:`d`: 1 for the sample's, 0 for the population's.

    Returns
    -------
    ndarray of float, shape (groups,)
        In the unit of x; NaN when n <= ddof.

    Examples
    --------
    >>> round(float(sd(3, 14)), 6)
    1.527525
    """
    count = np.asarray(n, np.float64)
    return np.sqrt(_ratio(_floats(scatter_x), count * (count - ddof), count > ddof))


def correlation(
    scatter_xy: npt.ArrayLike, scatter_x: npt.ArrayLike, scatter_y: npt.ArrayLike
) -> Floats:
    r"""Pearson's correlation :math:`S_{xy} / \sqrt{S_{xx} S_{yy}}`.

    With x the 0/1 score of an item (or 1 for those who chose an option) and y the total
    it is the point-biserial; for partial credit the formula is the same.

    Parameters
    ----------
    scatter_xy, scatter_x, scatter_y : array_like, shape (groups,)

    Returns
    -------
    ndarray of float, shape (groups,)
        -1 to 1; NaN when either scatter is not above 0.

    Examples
    --------
    >>> x, t = np.array([0, 1, 1, 1]), np.array([1, 2, 3, 3])
    >>> s = lambda a, b: scatter(4, a.sum(), b.sum(), (a * b).sum())
    >>> bool(
    ...     np.isclose(correlation(s(x, t), s(x, x), s(t, t)), np.corrcoef(x, t)[0, 1])
    ... )
    True
    """
    xy, x, y = _floats(scatter_xy), _floats(scatter_x), _floats(scatter_y)
    spread = np.sqrt(np.maximum(x, 0.0)) * np.sqrt(np.maximum(y, 0.0))
    return np.clip(_ratio(xy, spread, spread > 0), -1.0, 1.0)


def item_rest_correlation(
    scatter_xt: npt.ArrayLike, scatter_x: npt.ArrayLike, scatter_t: npt.ArrayLike
) -> Floats:
    r"""Correlation of an item with the total without it, from the same sums.

    :math:`(S_{xT} - S_{xx}) / \sqrt{S_{xx} (S_{TT} + S_{xx} - 2 S_{xT})}`, see [1]_.

    Parameters
    ----------
    scatter_xt, scatter_x, scatter_t : array_like, shape (groups,)
        With the total, of the item, of the total.

    Returns
    -------
    ndarray of float, shape (groups,)
        -1 to 1; NaN when the item or the rest has no spread.

    Examples
    --------
    >>> x, t = np.array([0, 1, 1, 1, 0]), np.array([1, 2, 3, 3, 2])
    >>> s = lambda a, b: scatter(5, a.sum(), b.sum(), (a * b).sum())
    >>> r = item_rest_correlation(s(x, t), s(x, x), s(t, t))
    >>> bool(np.isclose(r, np.corrcoef(x, t - x)[0, 1]))
    True
    """
    xt, x, t = np.asarray(scatter_xt), np.asarray(scatter_x), np.asarray(scatter_t)
    return correlation(xt - x, x, t + x - 2 * xt)


def biserial(point_biserial: npt.ArrayLike, p: npt.ArrayLike) -> Floats:
    r"""Biserial correlation :math:`r \sqrt{p (1 - p)} / \varphi(z_p)` of 0/1 items.

    The correlation with the normal variable that is thought to lie behind right and
    wrong; :math:`\varphi(z_p)` is the normal ordinate where the area :math:`p` ends,
    see [1]_.

    Parameters
    ----------
    point_biserial : array_like, shape (items,)
    p : array_like, shape (items,)
        Share of right answers, 0 to 1.

    Returns
    -------
    ndarray of float, shape (items,)
        Passes 1 when the normal does not fit; NaN unless 0 < p < 1.

    Examples
    --------
    >>> round(float(biserial(0.5, 0.5)), 4)  # 0.5 times sqrt(pi / 2)
    0.6267
    """
    from scipy.special import ndtri  # noqa: PLC0415  slow to import

    share = np.asarray(p, np.float64)
    inside = (share > 0) & (share < 1)
    z = ndtri(np.where(inside, share, 0.5))
    ordinate = np.exp(-z * z / 2) / np.sqrt(2 * np.pi)
    spread = np.sqrt(np.where(inside, share * (1 - share), np.nan))
    return np.asarray(np.asarray(point_biserial, np.float64) * spread / ordinate)


def cronbach_alpha(
    k: npt.ArrayLike, scatter_items: npt.ArrayLike, scatter_total: npt.ArrayLike
) -> Floats:
    r"""Cronbach's alpha :math:`\frac{k}{k-1} (1 - \sum_j S_{jj} / S_{TT})`.

    The divisor of the variances cancels. For 0/1 items it is KR-20.

    Parameters
    ----------
    k : array_like of int, shape (quizzes,)
        Number of items.
    scatter_items : array_like, shape (quizzes,)
        Sum of the items' scatters, over submissions with every item.
    scatter_total : array_like, shape (quizzes,)
        Scatter of their totals.

    Returns
    -------
    ndarray of float, shape (quizzes,)
        At most 1, without lower bound; NaN when k < 2 or the total has no spread.

    Examples
    --------
    >>> scores = np.array([[1, 1], [1, 0], [0, 0], [1, 1]])
    >>> t = scores.sum(1)
    >>> items = sum(4 * (x * x).sum() - x.sum() ** 2 for x in scores.T)
    >>> round(float(cronbach_alpha(2, items, 4 * (t * t).sum() - t.sum() ** 2)), 4)
    0.7273
    """
    number = np.asarray(k, np.float64)
    total = _floats(scatter_total)
    # The integers are subtracted before they become floats: nothing cancels.
    apart = _floats(np.asarray(scatter_total) - np.asarray(scatter_items))
    share = _ratio(apart, total, (total > 0) & (number > 1))
    return share * _ratio(number, number - 1, number > 1)


def alpha_if_deleted(
    k: npt.ArrayLike,
    scatter_items: npt.ArrayLike,
    scatter_total: npt.ArrayLike,
    scatter_item: npt.ArrayLike,
    scatter_item_total: npt.ArrayLike,
) -> Floats:
    r"""Cronbach's alpha of the other items, from the sums of all.

    Leaves :math:`\sum S_{jj} - S_{ii}` and :math:`S_{TT} + S_{ii} - 2 S_{iT}`.

    Parameters
    ----------
    k, scatter_items, scatter_total : array_like, shape (items,)
        As in `cronbach_alpha`, for the quiz of each item.
    scatter_item, scatter_item_total : array_like, shape (items,)
        Of the item, and of the item with the total.

    Returns
    -------
    ndarray of float, shape (items,)
        NaN when fewer than two items or no spread would be left.

    Examples
    --------
    Without the third of these items the first two of `cronbach_alpha` are left.

    >>> scores = np.array([[1, 1, 0], [1, 0, 1], [0, 0, 1], [1, 1, 1]])
    >>> t = scores.sum(1)
    >>> s = lambda a, b: 4 * (a * b).sum() - a.sum() * b.sum()
    >>> x = scores[:, 2]
    >>> items = sum(s(j, j) for j in scores.T)
    >>> round(float(alpha_if_deleted(3, items, s(t, t), s(x, x), s(x, t))), 4)
    0.7273
    """
    x, xt = np.asarray(scatter_item), np.asarray(scatter_item_total)
    return cronbach_alpha(
        np.asarray(k) - 1,
        np.asarray(scatter_items) - x,
        np.asarray(scatter_total) + x - 2 * xt,
    )


def feldt_interval(
    alpha: npt.ArrayLike, n: npt.ArrayLike, k: npt.ArrayLike, level: float = 0.95
) -> tuple[Floats, Floats]:
    r"""Feldt's interval for Cronbach's alpha [2]_.

    :math:`1 - (1 - \alpha) F_q` with the quantiles of F at :math:`n - 1` and
    :math:`(n - 1)(k - 1)` degrees of freedom.

    Parameters
    ----------
    alpha : array_like, shape (quizzes,)
    n : array_like of int, shape (quizzes,)
        Submissions behind alpha.
    k : array_like of int, shape (quizzes,)
        Items behind alpha.
    level : float
        Coverage, between 0 and 1.

    Returns
    -------
    low, high : ndarray of float, shape (quizzes,)
        NaN where alpha is, or when n < 2 or k < 2.

    Examples
    --------
    >>> low, high = feldt_interval(0.2949971922159438, 1000, 5)  # LSAT section 6
    >>> round(float(low), 4), round(float(high), 4)
    (0.2235, 0.3618)
    """
    from scipy.special import fdtri  # noqa: PLC0415  slow to import

    value = np.asarray(alpha, np.float64)
    first = np.asarray(n, np.float64) - 1
    second = first * (np.asarray(k, np.float64) - 1)
    there = (first >= 1) & (second >= 1) & ~np.isnan(value)
    first, second = np.where(there, first, 1.0), np.where(there, second, 1.0)
    tail = (1 - level) / 2
    # Many quizzes are of one size, and a quantile is slow to compute.
    sizes, which = np.unique(first + 1j * second, return_inverse=True)
    low, high = (
        1 - (1 - value) * fdtri(sizes.real, sizes.imag, q)[which]
        for q in (1 - tail, tail)
    )
    return np.where(there, low, np.nan), np.where(there, high, np.nan)


def standard_error_of_measurement(
    sd_total: npt.ArrayLike,
    k: npt.ArrayLike,
    scatter_items: npt.ArrayLike,
    scatter_total: npt.ArrayLike,
) -> Floats:
    r"""Standard error of measurement :math:`s_T \sqrt{1 - \alpha}`.

    Parameters
    ----------
    sd_total : array_like, shape (quizzes,)
        Standard deviation of the totals, in points.
    k, scatter_items, scatter_total : array_like, shape (quizzes,)
        As in `cronbach_alpha`: so no digit is lost when alpha is almost 1.

    Returns
    -------
    ndarray of float, shape (quizzes,)
        In points; NaN when alpha is negative or NaN.

    Examples
    --------
    >>> scores = np.array([[1, 1], [1, 0], [0, 0], [1, 1]])
    >>> t = scores.sum(1)
    >>> items = sum(4 * (x * x).sum() - x.sum() ** 2 for x in scores.T)
    >>> total = 4 * (t * t).sum() - t.sum() ** 2
    >>> sem = standard_error_of_measurement(t.std(ddof=1), 2, items, total)
    >>> round(float(sem), 6), round(float(t.std(ddof=1) * np.sqrt(1 - 0.7272727272)), 6)
    (0.5, 0.5)
    """
    number, total = np.asarray(k), np.asarray(scatter_total)
    items = np.asarray(scatter_items).astype(object)
    error = number * items - total
    below = (number - 1) * total
    known = (number > 1) & (_floats(total) > 0)
    share = _ratio(_floats(error), _floats(below), known)
    return np.asarray(
        np.asarray(sd_total, np.float64) * np.sqrt(np.where(share <= 1, share, np.nan))
    )


def tail_weights(
    count: npt.ArrayLike,
    starts: npt.ArrayLike = (0,),
    *,
    tail: float = 0.27,
    ties: Ties = "split",
) -> tuple[Floats, Floats]:
    r"""Weight of each score in the upper and in the lower group.

    A group is the best, or the worst, :math:`m = \max(1, \lfloor tail \cdot n + ½
    \rfloor)` (at most half of them). When students tie at the cut, ``split`` takes the
    score in part, so that the group has exactly m: the mean over all orders in which
    the tied could be sorted. ``include`` takes all who tie.

    Parameters
    ----------
    count : array_like of int, shape (scores,)
        Students at each score, ascending within each group of scores; all above 0.
    starts : array_like of int, shape (quizzes,)
        First score of each quiz.
    tail : float
        Share of the students in each group, above 0 and at most 0.5.
    ties : {"split", "include"}

    Returns
    -------
    upper, lower : ndarray of float, shape (scores,)
        0 to 1; NaN throughout a quiz with a single score.

    Examples
    --------
    >>> upper, lower = tail_weights([2, 5, 3], tail=0.4)
    >>> upper.tolist(), lower.tolist()  # 4 of 10: 3 and 1 of 5; 2 and 2 of 5
    ([0.0, 0.2, 1.0], [1.0, 0.4, 0.0])
    """
    students = np.asarray(count, np.int64)
    at = np.asarray(starts, np.int64)
    if not len(students):
        return np.empty(0), np.empty(0)
    n = np.add.reduceat(students, at)
    widths = np.diff(np.append(at, len(students)))
    size = np.maximum(1, np.floor(tail * n + 0.5 + 1e-9).astype(np.int64))
    size = np.where(n > 1, np.minimum(size, n // 2), size)
    size, n, lone = (np.repeat(part, widths) for part in (size, n, widths == 1))
    running = np.cumsum(students)
    below = running - students - np.repeat(running[at] - students[at], widths)
    above = n - below - students
    weights = []
    for before in (above, below):
        room = np.clip(size - before, 0, None)
        part = room / students if ties == "split" else (room > 0).astype(np.float64)
        weights.append(np.where(lone, np.nan, np.minimum(part, 1.0)))
    return weights[0], weights[1]


def share_weights(
    count: npt.ArrayLike, starts: npt.ArrayLike = (0,), *, groups: int
) -> Floats:
    r"""Weight of each score in groups that are equally large, the lowest first.

    Of n students in order, group g of G has those from :math:`(g - 1) n / G` to
    :math:`g n / G`. Who stands across a cut, or ties there, is in both groups in part:
    the mean over all orders in which the tied could be sorted.

    Parameters
    ----------
    count : array_like of int, shape (scores,)
        Students at each score, ascending within each group of scores; all above 0.
    starts : array_like of int, shape (quizzes,)
        First score of each quiz.
    groups : int

    Returns
    -------
    ndarray of float, shape (groups, scores)
        0 to 1; over all groups they add up to 1 for each score. NaN throughout a quiz
        with a single score, or with fewer students than groups.

    Examples
    --------
    >>> share_weights([2, 4], groups=3).tolist()  # two students in each
    [[1.0, 0.0], [0.0, 0.5], [0.0, 0.5]]
    """
    students, at = np.asarray(count, np.int64), np.asarray(starts, np.int64)
    if not len(students):
        return np.empty((groups, 0))
    n = np.add.reduceat(students, at)
    widths = np.diff(np.append(at, len(students)))
    running = np.cumsum(students)
    base = np.repeat(running[at] - students[at], widths)
    high = (running - base) * groups
    low = high - students * groups
    none = np.repeat((widths == 1) | (n < groups), widths)
    cut = np.arange(groups + 1)[:, None] * np.repeat(n, widths)
    inside = np.minimum(high, cut[1:]) - np.maximum(low, cut[:-1])
    return np.where(none, np.nan, np.maximum(inside, 0) / (students * groups))


def median(
    values: npt.ArrayLike, count: npt.ArrayLike, starts: npt.ArrayLike = (0,)
) -> Floats:
    """Median: the middle value, or the mean of the two middle ones.

    Parameters
    ----------
    values : array_like, shape (scores,)
        Ascending within each group.
    count : array_like of int, shape (scores,)
        How often each occurs; at least once.
    starts : array_like of int, shape (groups,)

    Returns
    -------
    ndarray of float, shape (groups,)

    Examples
    --------
    >>> median([1, 2, 5], [1, 1, 2])
    array([3.5])
    """
    value, times = np.asarray(values, np.float64), np.asarray(count, np.int64)
    at = np.asarray(starts, np.int64)
    if not len(value):
        return np.full(len(at), np.nan)
    running = np.cumsum(times)
    before = running[at] - times[at]
    n = np.add.reduceat(times, at)
    low = np.searchsorted(running, before + (n + 1) // 2)
    high = np.searchsorted(running, before + n // 2 + 1)
    return np.asarray((value[low] + value[high]) / 2)


def skewness(
    values: npt.ArrayLike, count: npt.ArrayLike, starts: npt.ArrayLike = (0,)
) -> Floats:
    r"""Adjusted skewness :math:`G_1 = \frac{\sqrt{n(n-1)}}{n-2} m_3 / m_2^{3/2}` [3]_.

    Parameters
    ----------
    values, count, starts
        As in `median`.

    Returns
    -------
    ndarray of float, shape (groups,)
        NaN when n < 3 or there is no spread.

    Examples
    --------
    >>> round(float(skewness([1, 2, 9], [1, 1, 1])[0]), 4)
    1.6301
    """
    n, m2, m3, _ = _central(values, count, starts)
    there = (n > 2) & (m2 > 0)
    g1 = _ratio(m3, m2**1.5, there)
    return np.asarray(g1 * np.sqrt(n * (n - 1)) / np.where(there, n - 2, 1))


def kurtosis(
    values: npt.ArrayLike, count: npt.ArrayLike, starts: npt.ArrayLike = (0,)
) -> Floats:
    r"""Adjusted excess kurtosis :math:`G_2` [3]_; 0 for the normal distribution.

    :math:`\frac{n-1}{(n-2)(n-3)} ((n+1) (m_4 / m_2^2 - 3) + 6)`.

    Parameters
    ----------
    values, count, starts
        As in `median`.

    Returns
    -------
    ndarray of float, shape (groups,)
        NaN when n < 4 or there is no spread.

    Examples
    --------
    >>> round(float(kurtosis([1, 2, 3, 9], [1, 1, 1, 1])[0]), 4)
    3.0144
    """
    n, m2, _, m4 = _central(values, count, starts)
    there = (n > 3) & (m2 > 0)
    g2 = _ratio(m4, m2**2, there) - 3
    factor = _ratio(n - 1, (n - 2) * (n - 3), there)
    return np.asarray(factor * ((n + 1) * g2 + 6))


def _central(
    values: npt.ArrayLike, count: npt.ArrayLike, starts: npt.ArrayLike
) -> tuple[Floats, Floats, Floats, Floats]:
    """Number, and second, third and fourth central moment of each group."""
    value, times = np.asarray(values, np.float64), np.asarray(count, np.float64)
    at = np.asarray(starts, np.int64)
    if not len(value):
        nothing = np.full(len(at), np.nan)
        return np.zeros(len(at)), nothing, nothing, nothing
    widths = np.diff(np.append(at, len(value)))
    # Around the first value of each group, so that a common offset costs no digits.
    value = value - np.repeat(value[at], widths)
    n = np.add.reduceat(times, at)
    away = value - np.repeat(np.add.reduceat(value * times, at) / n, widths)
    moments = [np.add.reduceat(times * away**power, at) / n for power in (2, 3, 4)]
    return n, moments[0], moments[1], moments[2]


def _largest(numbers: Array) -> int:
    """The greatest absolute value, or 0."""
    return max(-int(numbers.min(initial=0)), int(numbers.max(initial=0)))


def _floats(numbers: npt.ArrayLike) -> Floats:
    return np.asarray(numbers).astype(np.float64)


def _ratio(above: Floats, below: Floats, where: npt.ArrayLike) -> Floats:
    """Divide where it can be done; NaN elsewhere."""
    ok = np.asarray(where, bool)
    return np.where(ok, above / np.where(ok, below, 1.0), np.nan)
