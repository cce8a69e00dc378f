"""Read the figures of every item, option and quiz off the counts, all in one pass.

A student's criterion is the total T, or the share T / P of the points P of the items
shown. Both are t / b with whole t and b (b = 1 for the total), so sums are taken for
each b, exactly, and put over one number L: 1 for totals, and for shares 2 to the power
of 160, by which 1 / b is a whole number to 48 digits, the same on every machine.
"""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints, Mask

Criterion = Literal["points", "share"]
Exact = npt.NDArray[Any]

_FINE = 2**160


@dataclass(frozen=True, slots=True)
class Moments:
    """Exact sums of each item that has responses, and what follows from them.

    ``x`` is the item's score and ``c`` the criterion, ``r`` the criterion without the
    item. All scores are in the unit of the quiz, for shares in parts of L; scatters but
    `raw_x` are 0 where the spread counts as none.
    """

    item: Ints
    unit: Ints
    n: Ints
    sum_x: Exact
    raw_x: Exact
    scatter_x: Exact
    sum_c: Exact
    sum_r: Exact
    scatter_xc: Exact
    scatter_c: Exact
    scatter_xr: Exact
    scatter_r: Exact
    known_c: Mask
    known_r: Mask


@dataclass(frozen=True, slots=True)
class Groups:
    """Sums over the responses to one item in submissions of one worth."""

    item: Ints
    starts: Ints
    worth: Ints
    rest: Ints
    n: Ints
    x: Exact
    xx: Exact
    t: Exact
    tt: Exact
    xt: Exact


def units(parts: Parts) -> Ints:
    """Greatest common divisor of the scores of each quiz: it keeps squares small."""
    unit = np.zeros(parts.quizzes.num_rows, np.int64)
    owner = column(parts.items, "quiz")[column(parts.item_scores, "item")]
    for quiz, value in (
        (owner, column(parts.item_scores, "score")),
        (column(parts.totals, "quiz"), column(parts.totals, "total")),
    ):
        starts = edges(quiz)
        if len(quiz):
            common = np.gcd.reduceat(np.abs(value), starts)
            unit[quiz[starts]] = np.gcd(unit[quiz[starts]], common)
    return np.where(unit > 0, unit, 1)


def edges(*keys: Ints) -> Ints:
    """First row of each run of equal keys."""
    new = np.zeros(len(keys[0]), bool)
    new[:1] = True
    for key in keys:
        new[1:] |= np.diff(key) != 0
    return np.flatnonzero(new)


def groups(parts: Parts, unit: Ints, criterion: Criterion) -> Groups:
    """Sum by item, and by worth when the criterion is a share."""
    cells, scores = parts.item_totals, parts.item_scores
    item, row = column(cells, "item"), column(cells, "row")
    scale = unit[column(parts.items, "quiz")]
    worth = column(parts.totals, "points")[row]
    worth_s = column(scores, "points")
    if criterion == "points":
        worth, worth_s = np.zeros_like(worth), np.zeros_like(worth_s)
    order = np.lexsort((worth, item))
    item, row, worth = item[order], row[order], worth[order]
    starts = edges(item, worth)
    n = column(cells, "n")[order]
    t = column(parts.totals, "total")[row] // scale[item]
    x = column(cells, "score")[order] // scale[item]

    owner = column(scores, "item")
    again = np.lexsort((worth_s, owner))
    owner, count = owner[again], column(scores, "n")[again]
    score = column(scores, "score")[again] // scale[owner]
    points = points_of(parts)
    head = item[starts]
    return Groups(
        item=head,
        starts=edges(head),
        worth=worth[starts],
        rest=worth[starts] - points[head],
        n=np.add.reduceat(n, starts) if len(n) else n,
        x=ctt.dot(x, np.ones_like(x), starts),
        xx=ctt.dot(score, score * count, edges(owner, worth_s[again])),
        t=ctt.dot(t, n, starts),
        tt=ctt.dot(t, t * n, starts),
        xt=ctt.dot(t, x, starts),
    )


def points_of(parts: Parts) -> Ints:
    """Points possible of each item: declared, or else the best score seen."""
    points = parts.items["points"]
    declared = np.asarray(points.is_valid(), bool)
    given = np.asarray(points.fill_null(0), np.int64)
    return np.where(declared, given, column(parts.items, "best"))


def unknown_points(parts: Parts) -> Mask:
    """Items that nobody earned anything for: they may be worth anything."""
    return np.asarray(parts.items["points"].is_null(), bool) & (points_of(parts) <= 0)


def keyed(parts: Parts) -> Mask:
    """Declared as correct; or, without a key, seen to earn all points there are."""
    earned, item = column(parts.options, "earned"), column(parts.options, "item")
    declared = np.asarray(parts.options["correct"], bool)
    worth = points_of(parts)[item]
    return declared | ((worth > 0) & (earned >= worth))


def moments(parts: Parts, unit: Ints, criterion: Criterion) -> Moments:
    """Sums and scatters of each item with its criterion, with and without itself."""
    g = groups(parts, unit, criterion)
    at = g.starts
    item = g.item[at]
    scale = unit[column(parts.items, "quiz")[item]]
    n = np.add.reduceat(g.n, at) if len(at) else g.n
    one = np.ones_like(g.n)
    sum_x, sum_xx = ctt.dot(g.x, one, at), ctt.dot(g.xx, one, at)
    f_c, known_c = _multiples(g.worth, at, criterion)
    f_r, known_r = _multiples(g.rest, at, criterion)
    sum_c, sum_r = ctt.dot(f_c, g.t, at), ctt.dot(f_r, g.t - g.x, at)
    size = scale * (NANO / points_over(criterion))
    scatter_x = ctt.scatter(n, sum_x, sum_x, sum_xx)
    scatter_c = ctt.scatter(n, sum_c, sum_c, ctt.dot(f_c * f_c, g.tt, at))
    rest_squares = ctt.dot(f_r * f_r, g.tt - 2 * g.xt + g.xx, at)
    return Moments(
        item=item,
        unit=scale,
        n=n,
        sum_x=sum_x,
        raw_x=scatter_x,
        scatter_x=flat(scatter_x, n, scale),
        sum_c=sum_c,
        sum_r=sum_r,
        scatter_xc=ctt.scatter(n, sum_x, sum_c, ctt.dot(f_c, g.xt, at)),
        scatter_c=flat(scatter_c, n, size),
        scatter_xr=ctt.scatter(n, sum_x, sum_r, ctt.dot(f_r, g.xt - g.xx, at)),
        scatter_r=flat(ctt.scatter(n, sum_r, sum_r, rest_squares), n, size),
        known_c=known_c,
        known_r=known_r,
    )


def points_over(criterion: Criterion) -> float:
    """What a criterion is to be divided by: for totals it gives points, else shares."""
    return float(NANO if criterion == "points" else _FINE)


def _multiples(worth: Ints, starts: Ints, criterion: Criterion) -> tuple[Exact, Mask]:
    """L / b for each group, and for each item whether every b is above 0."""
    if criterion == "points" or not len(worth):
        return np.ones_like(worth), np.ones(len(starts), bool)
    whole = np.where(worth > 0, worth, 1).astype(object)
    return share_of(whole), np.logical_and.reduceat(worth > 0, starts)


def share_of(worth: Exact) -> Exact:
    """L / b, to the nearest whole number, for b above 0."""
    return np.asarray((_FINE + worth // 2) // worth)


def flat(scatter: Exact, n: Ints, size: npt.ArrayLike) -> Exact:
    """Set a scatter to 0 where the standard deviation is half a millionth at most."""
    root = np.sqrt(np.maximum(np.asarray(scatter).astype(np.float64), 0.0))
    none = root * np.asarray(size, np.float64) <= TIE / 2 * np.asarray(n, np.float64)
    return np.where(none, 0, scatter)


@dataclass(frozen=True, slots=True)
class Tails:
    """Weight of each cell of ``item_totals`` in its item's upper and lower group."""

    upper: Floats
    lower: Floats


def tails(parts: Parts, criterion: Criterion, tail: float, ties: ctt.Ties) -> Tails:
    """Cut the responses to each item into groups by the criterion, ties together."""
    cells = parts.item_totals
    item, row = column(cells, "item"), column(cells, "row")
    total = column(parts.totals, "total")[row]
    worth = column(parts.totals, "points")[row]
    value = total.astype(np.float64)
    if criterion == "share":
        value = total / np.where(worth > 0, worth, 1)
    order = np.lexsort((value, item))
    new = np.ones(len(order), bool)
    apart = np.diff(total[order]) > TIE
    if criterion == "share":
        # A billionth apart or more is told in whole numbers, not in rounded quotients.
        t, b = total[order].astype(object), worth[order].astype(object)
        gap = abs(t[1:] * b[:-1] - t[:-1] * b[1:]) * NANO
        apart = np.asarray(gap > b[1:] * b[:-1], bool)
    new[1:] = (np.diff(item[order]) != 0) | apart
    first = np.flatnonzero(new)
    upper, lower = np.empty(len(order)), np.empty(len(order))
    if len(first):
        score = np.add.reduceat(column(cells, "n")[order], first)
        high, low = ctt.tail_weights(
            score, edges(item[order][first]), tail=tail, ties=ties
        )
        group = np.cumsum(new) - 1
        upper[order], lower[order] = high[group], low[group]
    return Tails(upper, lower)


def spread_out(values: Exact, where: Ints, size: int) -> Exact:
    """Put values in their places, and 0 in all others."""
    result: Exact = np.zeros(size, values.dtype)
    result[where] = values
    return result


def placed(values: npt.ArrayLike, where: Ints, size: int) -> Floats:
    """Put figures in their places, and NaN in all others."""
    result = np.full(size, np.nan)
    result[where] = values
    return result
