"""Cut the responses to each item into groups by their totals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints, Mask
from quizanalysis._intake.numbering import ordered, places
from quizanalysis._readout.figures import Criterion, edges, everybody_answered

Weigh = Callable[[Ints, Ints], Sequence[Floats]]
"""From people at each score, and where items begin, to their weights in groups."""


@dataclass(frozen=True, slots=True)
class Tails:
    """Weight of each cell of ``item_totals`` in its item's upper and lower group."""

    upper: Floats
    lower: Floats


def tails(parts: Parts, criterion: Criterion, tail: float, ties: ctt.Ties) -> Tails:
    """Cut the responses to each item into groups by the criterion, ties together."""
    return Tails(
        *_weighed(parts, criterion, partial(ctt.tail_weights, tail=tail, ties=ties))
    )


def shares(parts: Parts, criterion: Criterion, groups: int) -> Sequence[Floats]:
    """Weight of each cell of ``item_totals`` in equally large groups, lowest first."""
    return _weighed(parts, criterion, partial(_share_rows, groups=groups))


def _share_rows(people: Ints, starts: Ints, groups: int) -> Sequence[Floats]:
    return [*ctt.share_weights(people, starts, groups=groups)]


def _weighed(parts: Parts, criterion: Criterion, weigh: Weigh) -> Sequence[Floats]:
    cells, totals = parts.item_totals, parts.totals
    total, worth = column(totals, "total"), column(totals, "points")
    row = column(cells, "row")
    if everybody_answered(parts):
        # All items of a quiz have the groups of its submissions.
        owner, n = column(totals, "quiz"), column(totals, "n")
        weights = _cut(owner, n, total, worth, criterion, weigh)
        return [weight[row] for weight in weights]
    owner, n = column(cells, "item"), column(cells, "n")
    return _cut(owner, n, total[row], worth[row], criterion, weigh)


def _cut(
    owner: Ints, n: Ints, total: Ints, worth: Ints, criterion: Criterion, weigh: Weigh
) -> Sequence[Floats]:
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
        return _weights(owner, n, apart, weigh)
    back = places(order, len(order))
    weights = _weights(owner[order], n[order], apart, weigh)
    return [weight[back] for weight in weights]


def _weights(owner: Ints, n: Ints, apart: Mask, weigh: Weigh) -> Sequence[Floats]:
    """Weights of those in order, who tie with the one before unless they are apart."""
    if not len(owner):
        return weigh(n, owner)
    first = np.concatenate([[0], np.flatnonzero(apart | (owner[1:] != owner[:-1])) + 1])
    people = np.add.reduceat(n, first)
    width = np.diff(first, append=len(owner))
    weights = weigh(people, edges(owner[first]))
    return [np.repeat(weight, width) for weight in weights]
