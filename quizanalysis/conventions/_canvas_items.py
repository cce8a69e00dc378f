"""The figures of Canvas classic's item analysis, read off a tally: all quizzes at once.

The tally leaves blanks out and holds items against the recorded totals.
"""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints
from quizanalysis._intake.tidy import ANSWERED, UNGRADED
from quizanalysis._readout.figures import (
    edges,
    flat,
    keyed,
    moments,
    placed,
    points_of,
    units,
)
from quizanalysis.conventions._canvas_cells import number_text
from quizanalysis.conventions._canvas_choices import named, offered, qualifying
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally

LOGGED_OUT = "logged-out-"
"""How the id of a student starts who was not logged in, as the reader gives it."""

CUTS = (0.73, 0.27)
"""Where the top and the middle bucket start, as shares of the ranked students."""

BOTTOM, MIDDLE, TOP = 0, 1, 2
_MOST_WITHOUT_ALPHA = 15


@dataclass(frozen=True, slots=True)
class ItemFigures:
    """What Canvas says of the items of a tally; one entry for each item that is one.

    Attributes
    ----------
    item : int array, shape (items,)
        Row of the tally's items.
    n, correct : int array, shape (3, items)
        Respondents, and those who chose the key: bottom, middle and top.
    variance : float array, shape (items,)
        Population variance of the points, in points squared.
    n_options : int array, shape (items,)
    point_biserial : float array, shape (options, items)
        Of the key, then of the distractors; NaN where there is none.
    n_items : int array, shape (items,)
        Number of items in the quiz.
    alpha : float array, shape (items,)
        Of the quiz, however few its items are; NaN where it is undefined.
    """

    item: Ints
    n: Ints
    correct: Ints
    variance: Floats
    n_options: Ints
    point_biserial: Floats
    n_items: Ints
    alpha: Floats


@dataclass(frozen=True, slots=True)
class _Choosers:
    """How many of each total chose an option, by item and rank (1 is the key)."""

    item: Ints
    rank: Ints
    row: Ints
    n: Ints


def counted(responses: Responses) -> Tally:
    """Count first attempts as Canvas does: what was chosen, whatever it earned."""
    people = responses.submissions["student_id"]
    unknown = np.asarray(pc.starts_with(people, LOGGED_OUT), bool)
    # There is no public way to drop submissions of some students.
    kept = responses._keep(~unknown, "not logged in").attempts("first")  # noqa: SLF001
    if kept.cells.response is None and np.any(kept.cells.state == ANSWERED):
        # Where only scores are known, no option was ever chosen.
        kept = replace(kept, choices=kept.choices.none())
    state = kept.cells.state.copy()
    chose = kept.choices.chosen_cell
    chose = chose[named(kept.items["item_type"])[kept.cells.item[chose]]]
    state[chose[state[chose] == UNGRADED]] = ANSWERED
    kept = replace(kept, cells=replace(kept.cells, state=state))
    return Tally.of(kept, blank="omit", total="recorded")


def item_figures(parts: Parts) -> ItemFigures:
    """Every figure of every item of every quiz."""
    rank, n_options = _ranks(parts)
    item = np.flatnonzero(qualifying(parts, n_options))
    choosers = _choosers(parts, rank, n_options)
    level = buckets(
        column(parts.totals, "quiz"),
        column(parts.totals, "total"),
        column(parts.totals, "n"),
    )
    size = parts.items.num_rows
    n, correct = np.zeros((3, size), np.int64), np.zeros((3, size), np.int64)
    cells = parts.item_totals
    where = (level[column(cells, "row")], column(cells, "item"))
    np.add.at(n, where, column(cells, "n"))
    key = choosers.rank == 1
    where = (level[choosers.row[key]], choosers.item[key])
    np.add.at(correct, where, choosers.n[key])
    everybody, right = n.sum(axis=0), correct.sum(axis=0)
    worth = points_of(parts) / NANO
    share = right * (everybody - right) / np.maximum(everybody, 1) ** 2
    variance = np.where(everybody > 1, worth * worth * share, 0.0)
    quiz = column(parts.items, "quiz")
    k = np.bincount(quiz[item], minlength=parts.quizzes.num_rows)
    spread = np.zeros(len(k))
    np.add.at(spread, quiz[item], variance[item])
    return ItemFigures(
        item=item,
        n=n[:, item],
        correct=correct[:, item],
        variance=variance[item],
        n_options=n_options[item],
        point_biserial=_point_biserials(parts, choosers, n_options)[:, item],
        n_items=k[quiz[item]],
        alpha=_alpha(k, spread, total_variance(parts))[quiz[item]],
    )


def buckets(quiz: Ints, total: Ints, n: Ints, cuts: tuple[float, float] = CUTS) -> Ints:
    """Put students into the bottom, middle or top bucket of their quiz, by total.

    Parameters
    ----------
    quiz, total, n : int array, shape (rows,)
        So many students of a quiz have that total, in billionths of a point.
    cuts : (float, float)
        Where the top and the middle start. The student at ``round(cut x students)``
        from below, half rounded up, is in, and all who tie with that student. Where
        that is beyond the last, the bucket is empty.

    Returns
    -------
    int array, shape (rows,)
        0, 1 or 2.
    """
    order = np.lexsort((total, quiz))
    first_of_quiz = edges(quiz[order])
    new = np.ones(len(order), bool)
    new[1:] = np.diff(total[order]) > TIE
    new[first_of_quiz] = True
    group = np.cumsum(new) - 1
    first = np.flatnonzero(new)
    if not len(first):
        return np.empty(0, np.int64)
    upto = np.cumsum(n[order])
    before = (upto - n[order])[first_of_quiz]
    students = np.diff(np.append(before, upto[-1]))
    own = np.cumsum(np.isin(first, first_of_quiz)) - 1
    end = np.append(upto[first[1:] - 1], upto[-1]) - before[own]
    level = np.zeros(len(first), np.int64)
    for cut in cuts:
        level += end > np.floor(cut * students[own] + 0.5)
    result = np.empty(len(order), np.int64)
    result[order] = level[group]
    return result


def total_variance(parts: Parts) -> Floats:
    """Population variance of the totals of each quiz; NaN without students."""
    quiz, n = column(parts.totals, "quiz"), column(parts.totals, "n")
    unit = units(parts)
    total = column(parts.totals, "total") // unit[quiz]
    starts = edges(quiz)
    at = quiz[starts]
    people, t, tt = (
        ctt.dot(a, b, starts)
        for a, b in ((n, np.ones_like(n)), (total, n), (total, total * n))
    )
    scatter = flat(ctt.scatter(people, t, t, tt), people, unit[at])
    variance = scatter.astype(np.float64) / people.astype(np.float64) ** 2
    return placed(variance * (unit[at] / NANO) ** 2, at, parts.quizzes.num_rows)


def _alpha(k: Ints, items: Floats, total: Floats) -> Floats:
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = k / (k - 1) * (1 - items / total)
    return np.where((k > 1) & (total > 0), alpha, np.nan)


def _ranks(parts: Parts) -> tuple[Ints, Ints]:
    """Rank of each option, the key first, then as authored; options of each item.

    Without any key the first option is the key where the options were declared, and
    no option is where answers were taken as options. What is no option has rank 0.
    """
    item, there = column(parts.options, "item"), offered(parts)
    correct = keyed(parts) & there
    declared = np.asarray(parts.options["declared"], bool)
    has_key = np.zeros(parts.items.num_rows, bool)
    has_key[item[correct]] = True
    place = column(parts.options, "place")
    order = np.lexsort((place, ~correct, ~there, item))
    first = np.searchsorted(item, item[order])
    rank = np.empty(len(item), np.int64)
    rank[order] = np.arange(len(item)) - first + 1
    rank += ~declared & ~has_key[item]
    rank[~there] = 0
    n_options = np.zeros(parts.items.num_rows, np.int64)
    np.maximum.at(n_options, item, rank)
    return rank, n_options


def _choosers(parts: Parts, rank: Ints, n_options: Ints) -> _Choosers:
    """Who chose what; where there are no options, full points are the key."""
    chosen, cells = parts.option_totals, parts.item_totals
    option = column(chosen, "option")
    points = points_of(parts)
    item = column(cells, "item")
    bare = (n_options[item] == 0) & (points[item] > 0)
    right = column(cells, "score")[bare] // points[item[bare]]
    found = _Choosers(
        np.append(column(parts.options, "item")[option], item[bare]),
        np.append(rank[option], np.ones_like(right)),
        np.append(column(chosen, "row"), column(cells, "row")[bare]),
        np.append(column(chosen, "n"), right),
    )
    order = np.lexsort((found.row, found.rank, found.item))
    order = order[(found.n[order] > 0) & (found.rank[order] > 0)]
    return _Choosers(
        found.item[order], found.rank[order], found.row[order], found.n[order]
    )


def _point_biserials(parts: Parts, choosers: _Choosers, n_options: Ints) -> Floats:
    """Correlate choosing each option with the total, over the item's respondents."""
    size = parts.items.num_rows
    result = np.full((max(1, int(n_options.max(initial=1))), size), np.nan)
    if not len(choosers.item):
        return result
    unit = units(parts)
    found = moments(parts, unit, "points")
    place = np.full(size, -1, np.int64)
    place[found.item] = np.arange(len(found.item))
    starts = edges(choosers.item, choosers.rank)
    item, rank = choosers.item[starts], choosers.rank[starts]
    of = place[item]
    total = column(parts.totals, "total")[choosers.row]
    total = total // unit[column(parts.items, "quiz")[choosers.item]]
    t = ctt.dot(total, choosers.n, starts)
    count = np.add.reduceat(choosers.n, starts)
    n = found.n[of]
    result[rank - 1, item] = ctt.correlation(
        ctt.scatter(n, count, found.sum_c[of], t),
        ctt.scatter(n, count, count, count),
        found.scatter_c[of],
    )
    return result


def figure_columns(found: ItemFigures) -> dict[str, Any]:
    """Every column of figures by its header."""
    n, correct = found.n.sum(axis=0), found.correct.sum(axis=0)
    right, wrong = (part / np.maximum(n, 1) for part in (correct, n - correct))
    known = (found.n_items > _MOST_WITHOUT_ALPHA) & ~np.isnan(found.alpha)
    alphas = zip(found.alpha.tolist(), known.tolist(), strict=True)
    alpha = [number_text(value) if there else "N/A" for value, there in alphas]
    columns = {
        "Answered Student Count": n,
        "Top Student Count": found.n[TOP],
        "Middle Student Count": found.n[MIDDLE],
        "Bottom Student Count": found.n[BOTTOM],
        "Quiz Question Count": found.n_items,
        "Correct Student Count": correct,
        "Wrong Student Count": n - correct,
        "Correct Student Ratio": right,
        "Wrong Student Ratio": wrong,
        "Correct Top Student Count": found.correct[TOP],
        "Correct Middle Student Count": found.correct[MIDDLE],
        "Correct Bottom Student Count": found.correct[BOTTOM],
        "Variance": found.variance,
        "Standard Deviation": np.sqrt(found.variance),
        "Difficulty Index": right,
        "Alpha": pa.array(alpha, pa.string()),
        "Point Biserial of Correct": found.point_biserial[0],
    }
    for rank in range(2, int(found.n_options.max(initial=1)) + 1):
        columns[f"Point Biserial of Distractor {rank}"] = found.point_biserial[rank - 1]
    return columns
