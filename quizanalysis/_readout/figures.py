"""Read the figures of every item, option and quiz off the counts, all in one pass.

A student's criterion is the total T, or the share T / P of the points P of the items
shown. Both are t / b with whole t and b (b = 1 for the total), so sums are taken for
each b, exactly, and put over one number L: 1 for totals, and for shares 2 to the power
of 160, by which 1 / b is a whole number to 48 digits, the same on every machine.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints, Mask
from quizanalysis._intake.numbering import ordered, run_starts

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
    return run_starts(*keys)


def in_units(values: Ints, unit: Ints, quiz: Ints) -> Ints:
    """Scores in the unit of the quiz that each belongs to."""
    if len(unit) and unit.min() == unit.max():
        return np.asarray(values // unit[0])
    return np.asarray(values // unit[quiz])


def groups(parts: Parts, unit: Ints, criterion: Criterion) -> Groups:
    """Sum by item, and by worth when the criterion is a share."""
    quiz = column(parts.items, "quiz")
    item, row, n, x, worth = (
        column(parts.item_totals, "item"),
        column(parts.item_totals, "row"),
        column(parts.item_totals, "n"),
        column(parts.item_totals, "score"),
        np.zeros(len(parts.item_totals), np.int64),
    )
    owner, count, score, worth_s = (
        column(parts.item_scores, "item"),
        column(parts.item_scores, "n"),
        column(parts.item_scores, "score"),
        np.zeros(len(parts.item_scores), np.int64),
    )
    if criterion == "share":
        worth = column(parts.totals, "points")[row]
        worth_s = column(parts.item_scores, "points")
        item, worth, row, n, x = _in_order(item, worth, row, n, x)
        owner, worth_s, count, score = _in_order(owner, worth_s, count, score)
    x, score = in_units(x, unit, quiz[item]), in_units(score, unit, quiz[owner])
    of_row = column(parts.totals, "quiz")
    total = in_units(column(parts.totals, "total"), unit, of_row)
    t = total[row]
    starts = edges(item, worth)
    head = item[starts]
    if criterion == "points" and everybody_answered(parts):
        # The totals of those who answered an item are those of its quiz.
        people = column(parts.totals, "n")
        sums = [a[quiz[head]] for a in _sums_of(total, people, edges(of_row))]
    else:
        sums = _sums_of(t, n, starts)
    return Groups(
        item=head,
        starts=edges(head),
        worth=worth[starts],
        rest=worth[starts] - points_of(parts)[head],
        n=sums[0],
        x=ctt.dot(x, 1, starts),
        xx=ctt.dot(score, score * count, edges(owner, worth_s)),
        t=sums[1],
        tt=sums[2],
        xt=ctt.dot(t, x, starts),
    )


def _sums_of(t: Ints, n: Ints, starts: Ints) -> list[Exact]:
    """People, sum of their totals and of the squares of these, group by group."""
    return [ctt.dot(n, 1, starts), ctt.dot(t, n, starts), ctt.dot(t, t * n, starts)]


def everybody_answered(parts: Parts) -> bool:
    """Whether each item has a response in every submission to its quiz."""
    rows = np.bincount(column(parts.totals, "quiz"), minlength=parts.quizzes.num_rows)
    cells = parts.item_totals
    if len(cells) != rows[column(parts.items, "quiz")].sum():
        return False
    n = column(parts.totals, "n")[column(cells, "row")]
    return bool(np.array_equal(n, column(cells, "n")))


def _in_order(*columns: Ints) -> Sequence[Ints]:
    """The rows sorted by the first two columns."""
    order = ordered(*columns[:2])
    return columns if order is None else [column[order] for column in columns]


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
    return declared | ((earned > 0) & (earned >= points_of(parts)[item]))


def moments(parts: Parts, unit: Ints, criterion: Criterion) -> Moments:
    """Sums and scatters of each item with its criterion, with and without itself."""
    g = groups(parts, unit, criterion)
    at = g.starts
    item = g.item[at]
    scale = unit[column(parts.items, "quiz")[item]]
    n = np.add.reduceat(g.n, at) if len(at) else g.n
    sum_x, sum_xx = ctt.dot(g.x, 1, at), ctt.dot(g.xx, 1, at)
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
