"""The figures of items, and why some of them are null."""

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask
from quizanalysis._intake.numbering import ordered
from quizanalysis._readout.figures import (
    Criterion,
    Moments,
    edges,
    moments,
    placed,
    points_of,
    spread_out,
    units,
    unknown_points,
)
from quizanalysis._readout.intervals import (
    CORRELATIONS,
    item_intervals,
    reasons_of_ends,
    without_fisher,
    without_student,
)
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis._readout.reliability import Reliability, reliability
from quizanalysis._readout.tails import Tails, tails
from quizanalysis.progress import QUIET, Meter

Conditions = list[tuple[Mask, str]]
"""What leaves a figure undefined, and what it is called."""


def item_figures(
    parts: Parts,
    criterion: Criterion,
    tail: float,
    ties: ctt.Ties,
    ddof: int,
    level: float = 0.95,
    meter: Meter = QUIET,
) -> tuple[Columns, Reasons]:
    """All columns of item_analysis, by quiz and position."""
    unit = units(parts)
    found = moments(parts, unit, criterion)
    meter.at(0.2)
    alpha = reliability(parts, unit, found if criterion == "points" else None)
    meter.at(0.4)
    points, quiz = points_of(parts), column(parts.items, "quiz")
    total, rest = held_against(parts, found)
    figures = _described(parts, points)
    figures |= _scores(parts, found, points, ddof)
    meter.at(0.5)
    groups = tails(parts, criterion, tail, ties)
    meter.at(0.7)
    figures |= _discrimination(parts, groups, points, ~total[0][0])
    figures |= _correlations(parts, found, figures["difficulty"])
    figures["alpha_if_deleted"] = alpha.if_deleted
    figures["n_complete"] = alpha.n[quiz]
    reasons = _reasons(parts, figures, ddof)
    reasons |= _against_the_total(parts, figures, total, rest)
    reasons["alpha_if_deleted"] = _alpha_reasons(figures, alpha, quiz)
    meter.at(0.8)
    figures |= _intervals(parts, found, figures, level)
    meter.at(0.9)
    reasons |= _interval_reasons(figures, reasons)
    return sorted_by(order_of(parts), figures, reasons)


def sorted_by(
    order: Ints | None, columns: Columns, reasons: dict[str, Conditions]
) -> tuple[Columns, Reasons]:
    """Sort the rows of columns, and of the conditions that make them null."""
    if order is None:
        return columns, reasons
    rows = pa.array(order)
    return {
        name: value[order] if isinstance(value, np.ndarray) else value.take(rows)
        for name, value in columns.items()
    }, {
        name: [(holds[order], reason) for holds, reason in conditions]
        for name, conditions in reasons.items()
    }


def order_of(parts: Parts) -> Ints | None:
    """Items by quiz, position and id."""
    position = np.asarray(parts.items["position"].fill_null(2**40), np.int64)
    return ordered(column(parts.items, "quiz"), position)


def held_against(parts: Parts, found: Moments) -> tuple[Conditions, Conditions]:
    """What leaves an item without criterion, and without that of the other items."""
    no_total, no_rest = (
        placed(known, found.item, parts.items.num_rows) == 0
        for known in (found.known_c, found.known_r)
    )
    total = [(no_total, "points_not_declared_or_zero")]
    return total, [*total, (no_rest, "a_submission_has_no_other_points")]


def _described(parts: Parts, points: Ints) -> Columns:
    items, quiz = parts.items, column(parts.items, "quiz")
    there = np.zeros(parts.quizzes.num_rows, np.int64)
    np.add.at(there, column(parts.totals, "quiz"), column(parts.totals, "n"))
    described: Columns = {
        name: items[name].combine_chunks()
        for name in ("item_id", "position", "item_type", "title")
    }
    return described | {
        "quiz_id": parts.quizzes["quiz_id"].take(items["quiz"]).combine_chunks(),
        "points_possible": np.where(unknown_points(parts), np.nan, points / NANO),
        "n_blank": column(items, "n_blank"),
        "n_not_shown": there[quiz] - column(items, "n_shown"),
        "n_not_graded": column(items, "n_not_graded"),
        "points_inferred": items["points"].combine_chunks().is_null(),
    }


def _scores(parts: Parts, found: Moments, points: Ints, ddof: int) -> Columns:
    """What the scores alone say: n, mean, sd, min, max, difficulty, correct_ratio."""
    size = parts.items.num_rows
    owner, score = column(parts.item_scores, "item"), column(parts.item_scores, "score")
    count = column(parts.item_scores, "n")
    starts = edges(owner)
    full = count * (score >= points[owner])
    n = spread_out(found.n, found.item, size)
    # One division each, of whole numbers: 99 right of 140 is the nearest double to it.
    earned = (found.sum_x * found.unit).astype(np.float64)
    base = found.n.astype(np.float64)
    worth = np.where(points > 0, points, np.nan)[found.item]
    deviation = ctt.sd(found.n, found.raw_x, ddof) * found.unit / NANO
    ends = [
        f.reduceat(score, starts) if len(starts) else score
        for f in (np.minimum, np.maximum)
    ]
    right = np.add.reduceat(full, starts) if len(starts) else full
    return {
        "n": n,
        "mean": placed(earned / (base * NANO), found.item, size),
        "sd": placed(deviation, found.item, size),
        "min": placed(ends[0] / NANO, found.item, size),
        "max": placed(ends[1] / NANO, found.item, size),
        "difficulty": placed(earned / (base * worth), found.item, size),
        "correct_ratio": np.where(
            points > 0, placed(right / found.n, found.item, size), np.nan
        ),
    }


def _discrimination(parts: Parts, groups: Tails, points: Ints, known: Mask) -> Columns:
    """Mean fraction in the upper group less that in the lower."""
    item, n, score = (column(parts.item_totals, x) for x in ("item", "n", "score"))
    starts, size = edges(item), parts.items.num_rows
    if not len(starts):
        nothing = np.full(size, np.nan)
        names = ("discrimination", "n_upper", "n_lower", "mean_upper", "mean_lower")
        return dict.fromkeys(names, nothing)
    means, sizes, product = [], [], np.empty(len(item))
    for weight in (groups.upper, groups.lower):
        people, earned = (
            np.add.reduceat(np.multiply(weight, value, out=product), starts)
            for value in (n, score)
        )
        means.append(placed(earned / (people * NANO), item[starts], size))
        sizes.append(np.where(known, placed(people, item[starts], size), np.nan))
    worth = np.where(known & (points > 0), points / NANO, np.nan)
    return {
        "discrimination": (means[0] - means[1]) / worth,
        "n_upper": np.rint(sizes[0]),
        "n_lower": np.rint(sizes[1]),
        "mean_upper": means[0],
        "mean_lower": means[1],
    }


def _correlations(parts: Parts, found: Moments, difficulty: Floats) -> Columns:
    """The item with the criterion, with its rest, and as if the item were normal."""
    figures: Columns = {}
    for name, xy, y, known in (
        ("point_biserial", found.scatter_xc, found.scatter_c, found.known_c),
        ("point_biserial_corrected", found.scatter_xr, found.scatter_r, found.known_r),
    ):
        r = np.where(known, ctt.correlation(xy, found.scatter_x, y), np.nan)
        figures[name] = placed(r, found.item, parts.items.num_rows)
    p = np.where(dichotomous(parts), difficulty, 0.0)
    figures["biserial"] = ctt.biserial(figures["point_biserial"], p)
    return figures


def _intervals(parts: Parts, found: Moments, figures: Columns, level: float) -> Columns:
    """Both ends of each figure that has an interval."""
    points = np.where(points_of(parts) > 0, points_of(parts) / NANO, np.nan)
    spread = ctt.sd(found.n, found.scatter_x) * found.unit / NANO
    sd = placed(spread, found.item, parts.items.num_rows)
    return item_intervals(figures, points, sd, dichotomous(parts), level)


def _interval_reasons(
    figures: Columns, reasons: dict[str, Conditions]
) -> dict[str, Conditions]:
    n = np.asarray(figures["n"])
    flat: Conditions = [(np.ones(len(n), bool), "no_variance")]
    own: dict[str, Conditions] = {
        "mean": without_student(n),
        "difficulty": without_student(n),
        "correct_ratio": [],
        "discrimination": flat,
        **dict.fromkeys(CORRELATIONS, without_fisher(n)),
    }
    return reasons_of_ends(figures, reasons, own)


def dichotomous(parts: Parts) -> Mask:
    """Items worth something of which every score is 0 or all points."""
    owner, score = column(parts.item_scores, "item"), column(parts.item_scores, "score")
    points = points_of(parts)
    two = points > 0
    two[owner[(score != 0) & (score != points[owner])]] = False
    return two


def worth(parts: Parts) -> Conditions:
    """What leaves an item without a fraction of its points."""
    unknown = (unknown_points(parts), "points_possible_unknown")
    return [unknown, (points_of(parts) <= 0, "no_points_possible")]


def _reasons(parts: Parts, figures: Columns, ddof: int) -> dict[str, Conditions]:
    """For what the scores alone say."""
    n, amiss = np.asarray(figures["n"]), worth(parts)
    none = (n == 0, "no_scores")
    return {
        "points_possible": amiss,
        "mean": [none],
        "sd": [none, (n <= ddof, "too_few")],
        "min": [none],
        "max": [none],
        "difficulty": [none, *amiss],
        "correct_ratio": [none, *amiss],
    }


def _against_the_total(
    parts: Parts, figures: Columns, total: Conditions, rest: Conditions
) -> dict[str, Conditions]:
    """For what compares the scores with the criterion."""
    n, amiss = np.asarray(figures["n"]), worth(parts)
    always, several = np.ones(len(n), bool), (~dichotomous(parts), "not_a_0_1_item")
    none, few = (n == 0, "no_scores"), (n < 2, "fewer_than_two")
    flat, tied = (always, "no_variance"), (always, "totals_all_equal")
    return {
        "discrimination": [none, few, *amiss, *total, tied],
        "n_upper": [none, few, *total, tied],
        "n_lower": [none, few, *total, tied],
        "point_biserial": [none, few, *total, flat],
        "point_biserial_corrected": [none, few, *rest, flat],
        "biserial": [none, *amiss, several, few, *total, flat],
    }


def _alpha_reasons(figures: Columns, alpha: Reliability, quiz: Ints) -> Conditions:
    return [
        (np.asarray(figures["n"]) == 0, "no_scores"),
        (alpha.k[quiz] < 3, "fewer_than_three_items"),
        (alpha.n[quiz] < 2, "fewer_than_two_complete_submissions"),
        (np.ones(len(quiz), bool), "no_variance"),
    ]
