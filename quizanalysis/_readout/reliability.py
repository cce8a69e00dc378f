"""Cronbach's alpha of each quiz, and of what is left without each item."""

from dataclasses import dataclass

import numpy as np

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.figures import Exact, edges, flat, spread_out


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
    seen = np.unique(column(parts.item_scores, "item"))
    k = np.bincount(quiz_of[seen], minlength=len(unit))
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
    total_x = ctt.dot(scatter_x, np.ones_like(scatter_x), starts)
    sums = spread_out(total_x, quiz_of[starts], len(unit))
    rest = flat(scatter_t[quiz_of] + scatter_x - 2 * scatter_xt, base, unit[quiz_of])
    enough = n > 1
    alpha = np.where(enough, ctt.cronbach_alpha(k, sums, scatter_t), np.nan)
    low, high = ctt.feldt_interval(alpha, n, k)
    deleted = ctt.cronbach_alpha(k[quiz_of] - 1, sums[quiz_of] - scatter_x, rest)
    known = enough[quiz_of] & np.isin(np.arange(len(quiz_of)), seen)
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
