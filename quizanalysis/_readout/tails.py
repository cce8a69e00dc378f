"""Cut the responses to each item into an upper and a lower group."""

from dataclasses import dataclass

import numpy as np

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints, Mask
from quizanalysis._intake.numbering import ordered, places
from quizanalysis._readout.figures import Criterion, edges, everybody_answered


@dataclass(frozen=True, slots=True)
class Tails:
    """Weight of each cell of ``item_totals`` in its item's upper and lower group."""

    upper: Floats
    lower: Floats


def tails(parts: Parts, criterion: Criterion, tail: float, ties: ctt.Ties) -> Tails:
    """Cut the responses to each item into groups by the criterion, ties together."""
    cells, totals = parts.item_totals, parts.totals
    total, worth = column(totals, "total"), column(totals, "points")
    row = column(cells, "row")
    if everybody_answered(parts):
        # All items of a quiz have the groups of its submissions.
        owner, n = column(totals, "quiz"), column(totals, "n")
        upper, lower = _cut(owner, n, total, worth, criterion, tail, ties)
        return Tails(upper[row], lower[row])
    owner, n = column(cells, "item"), column(cells, "n")
    return Tails(*_cut(owner, n, total[row], worth[row], criterion, tail, ties))


def _cut(
    owner: Ints,
    n: Ints,
    total: Ints,
    worth: Ints,
    criterion: Criterion,
    tail: float,
    ties: ctt.Ties,
) -> tuple[Floats, Floats]:
    """Weights of n people each in the groups of their owner."""
    order: Ints | None
    if criterion == "share":
        order = np.lexsort((total / np.where(worth > 0, worth, 1), owner))
        # A billionth apart or more is told in whole numbers, not in rounded quotients.
        t, b = total[order].astype(object), worth[order].astype(object)
        gap = abs(t[1:] * b[:-1] - t[:-1] * b[1:]) * NANO
        apart = np.asarray(gap > b[1:] * b[:-1], bool)
    else:
        order = ordered(owner, total)
        sorted_total = total if order is None else total[order]
        apart = sorted_total[1:] - sorted_total[:-1] > TIE
    if order is None:
        return _weights(owner, n, apart, tail, ties)
    upper, lower = _weights(owner[order], n[order], apart, tail, ties)
    back = places(order, len(order))
    return upper[back], lower[back]


def _weights(
    owner: Ints, n: Ints, apart: Mask, tail: float, ties: ctt.Ties
) -> tuple[Floats, Floats]:
    """Weights of those in order, who tie with the one before unless they are apart."""
    if not len(owner):
        return np.empty(0), np.empty(0)
    first = np.concatenate([[0], np.flatnonzero(apart | (owner[1:] != owner[:-1])) + 1])
    people = np.add.reduceat(n, first)
    high, low = ctt.tail_weights(people, edges(owner[first]), tail=tail, ties=ties)
    width = np.diff(first, append=len(owner))
    return np.repeat(high, width), np.repeat(low, width)
