"""Which submissions and items New Quizzes analyses, and the figures of each item."""

from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.named import items_by_name
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask
from quizanalysis._intake.tidy import ANSWERED, BLANK, UNGRADED
from quizanalysis._readout.figures import (
    Exact,
    edges,
    moments,
    placed,
    points_of,
    spread_out,
    units,
)
from quizanalysis._readout.tails import tails
from quizanalysis.responses import Responses

TAIL = 0.27
"""Share of the students in the upper and in the lower group, before ties."""


def analysed(responses: Responses) -> Responses:
    """Leave out what the item analysis leaves out; see `new_quizzes.item_analysis`.

    The items stay, without responses where they are dropped.
    """
    return graded_throughout(responses.attempts("last"))


def graded_throughout(last: Responses) -> Responses:
    """Drop items that are hardly graded, then submissions that are not yet."""
    cells, n, k = last.cells, len(last), last.items.num_rows
    graded = cells.state != UNGRADED
    evaluated = np.bincount(cells.submission[graded], minlength=n) > 0
    here = evaluated[cells.submission]
    shown = np.bincount(cells.item[here], minlength=k)
    done = np.bincount(cells.item[here & graded], minlength=k)
    here &= (2 * done >= shown)[cells.item]
    waiting = np.bincount(cells.submission[here & ~graded], minlength=n) > 0
    keep = evaluated & ~waiting
    return _part(last, keep, here & keep[cells.submission])


def _part(responses: Responses, keep: Mask, here: Mask) -> Responses:
    """Take some submissions and some of their cells."""
    options = responses.choices
    number, place = np.cumsum(keep) - 1, np.cumsum(here) - 1
    cells = responses.cells.take(np.flatnonzero(here))
    chosen = here[options.chosen_cell]
    return replace(
        responses,
        submissions=responses.submissions.filter(pa.array(keep)),
        cells=replace(cells, submission=number[cells.submission]),
        choices=replace(
            options,
            chosen_cell=place[options.chosen_cell[chosen]],
            chosen_option=options.chosen_option[chosen],
        ),
    )


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """What New Quizzes says of each item of a tally; figures as exact fractions.

    Attributes
    ----------
    n, correct, incorrect, blank : int array, shape (items,)
        Responses; how many of them are of each kind.
    upper, lower : int array, shape (items,)
        Responses in the groups; 0 where there are none.
    mean, difficulty, median, discrimination : (numerator, denominator)
        A denominator of 0 is an undefined figure.
    pearson : float array, shape (items,)
        NaN where undefined.
    worth : int array, shape (items,)
        The most that a submission to the item's quiz could earn, in billionths.
    """

    n: Ints
    correct: Ints
    incorrect: Ints
    blank: Ints
    upper: Ints
    lower: Ints
    mean: tuple[Exact, Exact]
    difficulty: tuple[Exact, Exact]
    median: tuple[Exact, Exact]
    discrimination: tuple[Exact, Exact]
    pearson: Floats
    worth: Ints


def item_figures(responses: Responses, parts: Parts) -> ItemFigures:
    """Figures of the items that are in the tally of these responses."""
    size, points = parts.items.num_rows, points_of(parts)
    owner = column(parts.item_totals, "item")
    at = edges(owner)
    n, earned = (
        spread_out(_sums(column(parts.item_totals, name), at), owner[at], size)
        for name in ("n", "score")
    )
    found = moments(parts, units(parts), "points")
    r = ctt.correlation(found.scatter_xr, found.scatter_x, found.scatter_r)
    correct, incorrect, blank = _kinds(responses)
    (upper, lower), discrimination = _discrimination(parts, points)
    return ItemFigures(
        n=n,
        correct=correct,
        incorrect=incorrect,
        blank=blank,
        upper=upper,
        lower=lower,
        mean=(earned, n.astype(object) * NANO),
        difficulty=(earned, n.astype(object) * np.maximum(points, 0)),
        median=_medians(parts),
        discrimination=discrimination,
        pearson=placed(r, found.item, size),
        worth=_worth(responses, parts),
    )


def _sums(values: Ints, at: Ints) -> Ints:
    return np.add.reduceat(values, at) if len(at) else values


def _kinds(responses: Responses) -> tuple[Ints, Ints, Ints]:
    """Correct, incorrect and blank responses to each item, numbered as in a tally."""
    cells = responses.cells
    _, place = items_by_name(responses)
    right, wrong = marks(responses)
    correct, incorrect, blank = (
        np.bincount(place[cells.item[which]], minlength=len(place))
        for which in (right, wrong, cells.state == BLANK)
    )
    return correct, incorrect, blank


def marks(responses: Responses) -> tuple[Mask, Mask]:
    """Whether each response is correct, and whether it is incorrect: partly counts.

    Neither is one that is blank, not graded, or to an item worth nothing. To an item
    that nobody earned anything for, and whose worth is not known, all are incorrect.
    """
    cells, points = responses.cells, responses.points()
    known = points > 0
    judged = known | np.asarray(responses.items["points_inferred"], bool)
    answered = cells.state == ANSWERED
    full = known[cells.item] & (cells.score >= points[cells.item])
    return answered & full, answered & judged[cells.item] & ~full


def _discrimination(
    parts: Parts, points: Ints
) -> tuple[tuple[Ints, Ints], tuple[Exact, Exact]]:
    """Sizes of the two groups; and the difference of their shares of the points."""
    cells, size = parts.item_totals, parts.items.num_rows
    owner, at = column(cells, "item"), edges(column(cells, "item"))
    groups = tails(parts, "points", TAIL, "include")
    people: list[Ints] = []
    scores: list[Exact] = []
    for weight in (groups.upper, groups.lower):
        # Whole groups of ties: every weight is 0 or 1, or NaN when there are none.
        inside = np.where(weight > 0, 1, 0)
        for name, sums in (("n", people), ("score", scores)):
            found = _sums(inside * column(cells, name), at)
            sums.append(spread_out(found, owner[at], size))
    (n_up, n_low), (up, low) = people, [score.astype(object) for score in scores]
    both = n_up.astype(object) * n_low
    return (n_up, n_low), (up * n_low - low * n_up, both * np.maximum(points, 0))


def _medians(parts: Parts) -> tuple[Exact, Exact]:
    """Median score of each item: twice of it in billionths is a whole number."""
    scores, size = parts.item_scores, parts.items.num_rows
    item, score = column(scores, "item"), column(scores, "score")
    order = np.lexsort((score, item))
    item, at = item[order], edges(item[order])
    value = np.zeros(size, np.int64)
    below = np.zeros(size, np.int64)
    if len(at):
        count = column(scores, "n")[order]
        twice = 2 * ctt.median(score[order], count, at)
        value[item[at]], below[item[at]] = np.rint(twice), 2 * NANO
    return value, below


def _worth(responses: Responses, parts: Parts) -> Ints:
    """The most that the items of one submission were worth, for each item's quiz."""
    cells = responses.cells
    total = np.zeros(len(responses), np.int64)
    np.add.at(total, cells.submission, responses.points()[cells.item])
    _, place = items_by_name(responses)
    quiz = column(parts.items, "quiz")
    most = np.zeros(parts.quizzes.num_rows, np.int64)
    np.maximum.at(most, quiz[place[cells.item]], total[cells.submission])
    return most[quiz]


def half_up(figure: tuple[Exact, Exact], scale: int) -> Floats:
    """Round fractions to a multiple of ``1 / scale``, halves away from 0, exactly."""
    above, below = (part.astype(object) for part in figure)
    there = below != 0
    under = np.where(there, below, 1)
    size = (2 * scale * np.abs(above) + under) // (2 * under)
    # Adding 0 makes no difference but to the zero that has a sign.
    rounded = np.sign(above) * size / scale + 0.0
    return np.where(there, rounded.astype(np.float64), np.nan)


def exactly(figure: tuple[Exact, Exact]) -> Floats:
    """Divide fractions, once; NaN where the denominator is 0."""
    above, below = (part.astype(object) for part in figure)
    there = below != 0
    value = (above / np.where(there, below, 1)).astype(np.float64)
    return np.where(there, value, np.nan)


def nearly_half_up(values: Floats, scale: int) -> Floats:
    """Round doubles likewise; what is a half but for its last digits is one."""
    size = np.floor(np.abs(values) * scale + 0.5 + 1e-9)
    return np.asarray(np.copysign(size, values) / scale + 0.0)


def percentages(count: Ints, n: Ints) -> Ints:
    """Whole percent of all responses, halves up; 0 where there are none."""
    return np.asarray((200 * count + n) // np.maximum(2 * n, 1))
