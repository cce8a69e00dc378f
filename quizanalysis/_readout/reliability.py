"""Cronbach's alpha of each quiz, and of what is left without each item."""

from dataclasses import dataclass

import numpy as np

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.figures import (
    Exact,
    Moments,
    edges,
    flat,
    in_units,
    spread_out,
)


@dataclass(frozen=True, slots=True)
class Reliability:
    """Alpha of each quiz and of what is left without each item, and their base."""

    k: Ints
    n: Ints
    alpha: Floats
    if_deleted: Floats
    sum_items: Exact
    total: Exact


def reliability(parts: Parts, unit: Ints, found: Moments | None = None) -> Reliability:
    """Cronbach's alpha, from the submissions with every item that has a score.

    The moments of the items with the totals of all submissions, where they are known,
    spare summing again when all submissions are such.
    """
    quiz_of = column(parts.items, "quiz")
    owner = column(parts.item_scores, "item")
    seen = owner[edges(owner)]
    k = np.bincount(quiz_of[seen], minlength=len(unit))
    whole_row = column(parts.totals, "k") == k[column(parts.totals, "quiz")]
    whole_score = column(parts.item_scores, "k") == k[quiz_of[owner]]

    n, t, tt = _complete_totals(
        parts, unit, whole_row & (column(parts.totals, "k") > 0)
    )
    raw_t = ctt.scatter(n, t, t, tt)
    scatter_t = flat(raw_t, n, unit)
    base = n[quiz_of]
    if found is not None and whole_row.all() and whole_score.all():
        scatter_x, scatter_xt = (
            spread_out(values, found.item, len(base))
            for values in (found.raw_x, found.scatter_xc)
        )
    else:
        x, xx, xt = _complete_items(parts, unit, whole_row, whole_score)
        scatter_x = ctt.scatter(base, x, x, xx)
        scatter_xt = ctt.scatter(base, x, t[quiz_of], xt)
    starts = edges(quiz_of)
    total_x = ctt.dot(scatter_x, 1, starts)
    sums = spread_out(total_x, quiz_of[starts], len(unit))
    rest = flat(raw_t[quiz_of] + scatter_x - 2 * scatter_xt, base, unit[quiz_of])
    enough = n > 1
    alpha = np.where(enough, ctt.cronbach_alpha(k, sums, scatter_t), np.nan)
    deleted = ctt.cronbach_alpha(k[quiz_of] - 1, sums[quiz_of] - scatter_x, rest)
    known = np.zeros(len(quiz_of), bool)
    known[seen] = enough[quiz_of[seen]]
    return Reliability(
        k,
        n,
        alpha,
        np.where(known, deleted, np.nan),
        sums,
        np.where(enough, scatter_t, 0),
    )


def _complete_totals(parts: Parts, unit: Ints, kept: Mask) -> tuple[Ints, Exact, Exact]:
    """Number, sum and sum of squares of the complete submissions' totals."""
    quiz, n, total = (
        filtered(column(parts.totals, name), kept) for name in ("quiz", "n", "total")
    )
    total = in_units(total, unit, quiz)
    size, starts = len(unit), edges(quiz)
    return (
        spread_out(ctt.dot(n, 1, starts), quiz[starts], size).astype(np.int64),
        spread_out(ctt.dot(total, n, starts), quiz[starts], size),
        spread_out(ctt.dot(total, total * n, starts), quiz[starts], size),
    )


def _complete_items(
    parts: Parts, unit: Ints, whole_row: Mask, whole_score: Mask
) -> tuple[Exact, Exact, Exact]:
    """Sum, sum of squares and sum of products with the total, of complete responses."""
    quiz, size = column(parts.items, "quiz"), parts.items.num_rows
    owner, score, count = (
        filtered(column(parts.item_scores, name), whole_score)
        for name in ("item", "score", "n")
    )
    score, at = in_units(score, unit, quiz, owner), edges(owner)
    x = spread_out(ctt.dot(score, count, at), owner[at], size)
    xx = spread_out(ctt.dot(score, score * count, at), owner[at], size)
    kept = whole_row[column(parts.item_totals, "row")]
    item, row, mine = (
        filtered(column(parts.item_totals, name), kept)
        for name in ("item", "row", "score")
    )
    totals = column(parts.totals, "total")
    total = in_units(totals, unit, column(parts.totals, "quiz"))[row]
    mine, at = in_units(mine, unit, quiz, item), edges(item)
    return x, xx, spread_out(ctt.dot(total, mine, at), item[at], size)


def filtered(values: Ints, kept: Mask) -> Ints:
    """Some of the values; the same array when it is all of them."""
    return values if kept.all() else values[kept]
