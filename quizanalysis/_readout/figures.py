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
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask

Criterion = Literal["points", "share"]
Exact = npt.NDArray[Any]

_FINE = 2**160

_TIE = 1_000
"""Totals that agree to a millionth of a point are equal."""


@dataclass(frozen=True, slots=True)
class Moments:
    """Exact sums of each item that has responses, and what follows from them.

    ``x`` is the item's score and ``c`` the criterion, ``r`` the criterion without the
    item. All scores are in the unit of the quiz, all criteria in parts of `scale_c` and
    `scale_r`; scatters but `raw_x` are 0 where the spread counts as none.
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
    scale_c: Exact
    scale_r: Exact
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


def keyed(parts: Parts) -> Mask:
    """Declared as correct; or, without a key, seen to earn all points there are."""
    earned, item = column(parts.options, "earned"), column(parts.options, "item")
    declared = np.asarray(parts.options["correct"], bool)
    return declared | ((earned > 0) & (earned >= points_of(parts)[item]))


def moments(parts: Parts, unit: Ints, criterion: Criterion) -> Moments:
    """Sums and scatters of each item with its criterion, with and without itself."""
    g = groups(parts, unit, criterion)
    at = g.starts
    item = g.item[at]
    scale = unit[column(parts.items, "quiz")[item]]
    n = np.add.reduceat(g.n, at) if len(at) else g.n
    one = np.ones_like(g.n)
    sum_x, sum_xx = ctt.dot(g.x, one, at), ctt.dot(g.xx, one, at)
    f_c, scale_c, good_c = _multiples(g.worth, at, criterion)
    f_r, scale_r, good_r = _multiples(g.rest, at, criterion)
    sum_c, sum_r = ctt.dot(f_c, g.t, at), ctt.dot(f_r, g.t - g.x, at)
    rest_squares = g.tt - 2 * g.xt + g.xx
    size_c, size_r = scale / 1.0, scale / 1.0
    if criterion == "share":
        size_c = scale * float(NANO) / scale_c.astype(np.float64)
        size_r = scale * float(NANO) / scale_r.astype(np.float64)
    scatter_x = ctt.scatter(n, sum_x, sum_x, sum_xx)
    scatter_c = ctt.scatter(n, sum_c, sum_c, ctt.dot(f_c * f_c, g.tt, at))
    scatter_r = ctt.scatter(n, sum_r, sum_r, ctt.dot(f_r * f_r, rest_squares, at))
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
        scatter_c=flat(scatter_c, n, size_c),
        scatter_xr=ctt.scatter(n, sum_x, sum_r, ctt.dot(f_r, g.xt - g.xx, at)),
        scatter_r=flat(scatter_r, n, size_r),
        scale_c=scale_c,
        scale_r=scale_r,
        known_c=good_c,
        known_r=good_r,
    )


def _multiples(
    worth: Ints, starts: Ints, criterion: Criterion
) -> tuple[Exact, Exact, Mask]:
    """For each group L / b, for each item L, and whether every b is above 0."""
    ones = np.ones(len(starts), np.int64)
    if criterion == "points" or not len(worth):
        return np.ones_like(worth), ones, np.ones(len(starts), bool)
    good = np.logical_and.reduceat(worth > 0, starts)
    whole = np.where(worth > 0, worth, 1).astype(object)
    return share_of(whole), ones.astype(object) * _FINE, good


def share_of(worth: Exact) -> Exact:
    """L / b, to the nearest whole number, for b above 0."""
    return np.asarray((_FINE + worth // 2) // worth)


def flat(scatter: Exact, n: Ints, size: npt.ArrayLike) -> Exact:
    """Set a scatter to 0 where the standard deviation is half a millionth at most."""
    root = np.sqrt(np.maximum(np.asarray(scatter).astype(np.float64), 0.0))
    none = root * np.asarray(size, np.float64) <= _TIE / 2 * np.asarray(n, np.float64)
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
    apart = np.diff(total[order]) > _TIE
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


@dataclass(frozen=True, slots=True)
class Reliability:
    """Alpha of each quiz and of what is left without each item, and their base."""

    k: Ints
    n: Ints
    alpha: Floats
    low: Floats
    high: Floats
    if_deleted: Floats
    sum_items: Exact
    total: Exact


def reliability(parts: Parts, unit: Ints) -> Reliability:
    """Cronbach's alpha, from the submissions with every item that has a score."""
    quiz_of = column(parts.items, "quiz")
    n_quizzes, n_items = len(unit), parts.items.num_rows
    seen = np.unique(column(parts.item_scores, "item"))
    k = np.bincount(quiz_of[seen], minlength=n_quizzes)
    whole_row = column(parts.totals, "k") == k[column(parts.totals, "quiz")]
    owner = column(parts.item_scores, "item")
    whole_score = column(parts.item_scores, "k") == k[quiz_of[owner]]

    n, t, tt = _complete_totals(
        parts, unit, whole_row & (column(parts.totals, "k") > 0)
    )
    scatter_t = flat(ctt.scatter(n, t, t, tt), n, unit)
    x, xx, xt = _complete_items(parts, unit, whole_row, whole_score)
    base = n[quiz_of]
    scatter_x = ctt.scatter(base, x, x, xx)
    scatter_xt = ctt.scatter(base, x, t[quiz_of], xt)
    starts = edges(quiz_of)
    sums: Exact = np.zeros(n_quizzes, scatter_x.dtype)
    if n_items:
        total_x = ctt.dot(scatter_x, np.ones_like(scatter_x), starts)
        sums = spread_out(total_x, quiz_of[starts], n_quizzes)
    rest = flat(scatter_t[quiz_of] + scatter_x - 2 * scatter_xt, base, unit[quiz_of])
    enough = n > 1
    alpha = np.where(enough, ctt.cronbach_alpha(k, sums, scatter_t), np.nan)
    low, high = ctt.feldt_interval(alpha, n, k)
    deleted = ctt.cronbach_alpha(k[quiz_of] - 1, sums[quiz_of] - scatter_x, rest)
    known = enough[quiz_of] & np.isin(np.arange(n_items), seen)
    return Reliability(
        k,
        n,
        alpha,
        low,
        high,
        np.where(known, deleted, np.nan),
        sums,
        np.where(enough, scatter_t, 0),
    )


def _complete_totals(parts: Parts, unit: Ints, kept: Mask) -> tuple[Ints, Exact, Exact]:
    """Number, sum and sum of squares of the complete submissions' totals."""
    quiz = column(parts.totals, "quiz")[kept]
    n = column(parts.totals, "n")[kept]
    total = column(parts.totals, "total")[kept] // unit[quiz]
    size, starts = len(unit), edges(quiz)
    return (
        spread_out(ctt.dot(n, np.ones_like(n), starts), quiz[starts], size).astype(
            np.int64
        ),
        spread_out(ctt.dot(total, n, starts), quiz[starts], size),
        spread_out(ctt.dot(total, total * n, starts), quiz[starts], size),
    )


def _complete_items(
    parts: Parts, unit: Ints, whole_row: Mask, whole_score: Mask
) -> tuple[Exact, Exact, Exact]:
    """Sum, sum of squares and sum of products with the total, of complete responses."""
    scale = unit[column(parts.items, "quiz")]
    owner = column(parts.item_scores, "item")[whole_score]
    score = column(parts.item_scores, "score")[whole_score] // scale[owner]
    count = column(parts.item_scores, "n")[whole_score]
    at, size = edges(owner), len(scale)
    x = spread_out(ctt.dot(score, count, at), owner[at], size)
    xx = spread_out(ctt.dot(score, score * count, at), owner[at], size)
    row = column(parts.item_totals, "row")
    kept = whole_row[row]
    item, row = column(parts.item_totals, "item")[kept], row[kept]
    total = column(parts.totals, "total")[row] // scale[item]
    mine = column(parts.item_totals, "score")[kept] // scale[item]
    at = edges(item)
    return x, xx, spread_out(ctt.dot(total, mine, at), item[at], size)


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
