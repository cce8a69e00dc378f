"""The figures of items and options, and why some of them are null."""

from typing import Any

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Ints, Mask
from quizanalysis._readout.figures import (
    Criterion,
    Exact,
    Moments,
    Tails,
    edges,
    keyed,
    moments,
    placed,
    points_of,
    reliability,
    share_of,
    spread_out,
    tails,
    units,
)
from quizanalysis._readout.reasons import Reasons

Columns = dict[str, Any]
"""Columns by name, as numpy or Arrow arrays."""

_UNKNOWN = "points_not_declared_or_zero"


def item_figures(
    parts: Parts, criterion: Criterion, tail: float, ties: ctt.Ties, ddof: int
) -> tuple[Columns, Reasons]:
    """All columns of item_analysis, by quiz and position."""
    unit = units(parts)
    found = moments(parts, unit, criterion)
    points, size = points_of(parts), parts.items.num_rows
    groups = tails(parts, criterion, tail, ties)
    alpha = reliability(parts, unit)
    quiz = column(parts.items, "quiz")
    figures = _described(parts, points)
    figures |= _scores(parts, found, points, ddof)
    known, known_rest = (
        _known(found.known_c, found, size),
        _known(found.known_r, found, size),
    )
    figures |= _discrimination(parts, groups, points, known)
    for name, xy, y, there in (
        ("point_biserial", found.scatter_xc, found.scatter_c, known),
        ("point_biserial_corrected", found.scatter_xr, found.scatter_r, known_rest),
    ):
        r = placed(ctt.correlation(xy, found.scatter_x, y), found.item, size)
        figures[name] = np.where(there, r, np.nan)
    two = _dichotomous(parts, points)
    p = np.where(two, figures["difficulty"], 0.0)
    figures["biserial"] = ctt.biserial(figures["point_biserial"], p)
    figures["alpha_if_deleted"] = alpha.if_deleted
    figures["n_complete"] = alpha.n[quiz]
    reasons = _item_reasons(figures, points, (known, known_rest), two, ddof)
    few_items, few = alpha.k[quiz] < 3, alpha.n[quiz] < 2
    reasons["alpha_if_deleted"] = [
        (figures["n"] == 0, "no_scores"),
        (few_items, "fewer_than_three_items"),
        (few, "fewer_than_two_complete_submissions"),
        (np.ones(size, bool), "no_variance"),
    ]
    order = _order(parts)
    return _taken(figures, order), {
        name: [(np.asarray(holds)[order], reason) for holds, reason in conditions]
        for name, conditions in reasons.items()
    }


def _taken(columns: Columns, order: Ints) -> Columns:
    rows = pa.array(order)
    return {
        name: value[order] if isinstance(value, np.ndarray) else value.take(rows)
        for name, value in columns.items()
    }


def _order(parts: Parts) -> Ints:
    """Items by quiz, position and id."""
    position = np.asarray(parts.items["position"].fill_null(2**40), np.int64)
    return np.lexsort((position, column(parts.items, "quiz"))).astype(np.int64)


def _known(known: Mask, found: Moments, size: int) -> Mask:
    """Whether the criterion of an item's responses is known: always, for totals."""
    return np.asarray(placed(known, found.item, size) != 0)


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
        "points_possible": points / NANO,
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
    item, n = column(parts.item_totals, "item"), column(parts.item_totals, "n")
    score = column(parts.item_totals, "score") / NANO
    starts, size = edges(item), parts.items.num_rows
    means, sizes = [], []
    for weight in (groups.upper, groups.lower):
        people = np.add.reduceat(weight * n, starts) if len(starts) else weight
        earned = np.add.reduceat(weight * score, starts) if len(starts) else weight
        means.append(placed(earned / people, item[starts], size))
        sizes.append(np.where(known, placed(people, item[starts], size), np.nan))
    worth = np.where(known & (points > 0), points / NANO, np.nan)
    return {
        "discrimination": (means[0] - means[1]) / worth,
        "n_upper": np.rint(sizes[0]),
        "n_lower": np.rint(sizes[1]),
    }


def _dichotomous(parts: Parts, points: Ints) -> Mask:
    """Items worth something of which every score is 0 or all points."""
    owner, score = column(parts.item_scores, "item"), column(parts.item_scores, "score")
    two = points > 0
    two[owner[(score != 0) & (score != points[owner])]] = False
    return two


def _item_reasons(
    figures: Columns, points: Ints, known: tuple[Mask, Mask], two: Mask, ddof: int
) -> dict[str, list[tuple[Mask, str]]]:
    n = np.asarray(figures["n"])
    always = np.ones(len(n), bool)
    none, few = (n == 0, "no_scores"), (n < 2, "fewer_than_two")
    free, unknown = (points <= 0, "no_points_possible"), (~known[0], _UNKNOWN)
    flat, tied = (always, "no_variance"), (always, "totals_all_equal")
    return {
        "mean": [none],
        "sd": [none, (n <= ddof, "too_few")],
        "min": [none],
        "max": [none],
        "difficulty": [none, free],
        "correct_ratio": [none, free],
        "discrimination": [none, few, free, unknown, tied],
        "n_upper": [none, few, unknown, tied],
        "n_lower": [none, few, unknown, tied],
        "point_biserial": [none, few, unknown, flat],
        "point_biserial_corrected": [none, few, (~known[1], _UNKNOWN), flat],
        "biserial": [none, free, (~two, "not_a_0_1_item"), few, unknown, flat],
    }


def option_figures(
    parts: Parts, criterion: Criterion, tail: float, ties: ctt.Ties
) -> tuple[Columns, Reasons]:
    """All columns of option_analysis: items by position, options as authored."""
    options, cells = parts.options, parts.option_totals
    item = column(options, "item")
    n = np.zeros(options.num_rows, np.int64)
    np.add.at(n, column(cells, "option"), column(cells, "n"))
    n_item = np.zeros(parts.items.num_rows, np.int64)
    np.add.at(n_item, column(parts.item_scores, "item"), column(parts.item_scores, "n"))
    columns: Columns = {
        "quiz_id": parts.quizzes["quiz_id"].take(
            parts.items["quiz"].take(options["item"])
        ),
        "item_id": parts.items["item_id"].take(options["item"]),
        "option": options["option"],
        "text": options["text"],
        "correct": keyed(parts),
        "n": n,
        "n_item": n_item[item],
        "ratio": np.where(n_item[item] > 0, n / np.maximum(n_item[item], 1), np.nan),
        "key_inferred": options["inferred"],
    }
    columns = {
        k: v.combine_chunks() if isinstance(v, pa.ChunkedArray) else v
        for k, v in columns.items()
    }
    columns |= _option_groups(parts, tails(parts, criterion, tail, ties))
    found = moments(parts, units(parts), criterion)
    size = parts.items.num_rows
    unknown = ~_known(found.known_c, found, size)[item]
    unknown_rest = ~_known(found.known_r, found, size)[item]
    columns |= _option_correlations(parts, found, criterion, n)
    if unknown.any():
        for name in ("n_upper", "n_middle", "n_lower"):
            columns[name] = np.where(unknown, np.nan, columns[name])
    reasons = _option_reasons(columns, unknown, unknown_rest)
    rank = np.empty(parts.items.num_rows, np.int64)
    rank[_order(parts)] = np.arange(len(rank))
    inferred = np.asarray(options["inferred"], bool)
    order = np.lexsort((column(options, "place"), inferred, rank[item]))
    return _taken(columns, order), {
        name: [(holds[order], reason) for holds, reason in conditions]
        for name, conditions in reasons.items()
    }


def _option_groups(parts: Parts, groups: Tails) -> Columns:
    """Choosers of each option in the upper, middle and lower group of its item."""
    cells, size = parts.option_totals, parts.options.num_rows
    option, n = column(cells, "option"), column(cells, "n")
    n_rows = parts.totals.num_rows + 1
    of_item = column(parts.item_totals, "item") * n_rows + column(
        parts.item_totals, "row"
    )
    mine = column(parts.options, "item")[option] * n_rows + column(cells, "row")
    at = np.searchsorted(of_item, mine)
    middle = np.maximum(0.0, 1 - groups.upper - groups.lower)
    undefined = np.zeros(parts.items.num_rows, bool)
    undefined[column(parts.item_totals, "item")[np.isnan(groups.upper)]] = True
    undefined |= ~np.isin(
        np.arange(parts.items.num_rows), column(parts.item_totals, "item")
    )
    result: Columns = {}
    for name, weight in (
        ("n_upper", groups.upper),
        ("n_middle", middle),
        ("n_lower", groups.lower),
    ):
        total = np.zeros(size)
        np.add.at(total, option, weight[at] * n)
        result[name] = np.where(undefined[column(parts.options, "item")], np.nan, total)
    return result


def _option_correlations(
    parts: Parts, found: Moments, criterion: Criterion, n: Ints
) -> Columns:
    """Correlate choosing an option with the criterion, with and without its item."""
    size = parts.options.num_rows
    place = np.full(parts.items.num_rows, -1, np.int64)
    place[found.item] = np.arange(len(found.item))
    item = column(parts.options, "item")
    here = np.flatnonzero(n)
    of = place[item[here]]
    chosen_c, chosen_r = _choosers(parts, found, place, criterion)
    base, count = found.n[of], n[here]
    self = ctt.scatter(base, count, count, count)
    figures = {}
    for name, chosen, total, spread, known in (
        ("point_biserial", chosen_c, found.sum_c, found.scatter_c, found.known_c),
        (
            "point_biserial_corrected",
            chosen_r,
            found.sum_r,
            found.scatter_r,
            found.known_r,
        ),
    ):
        r = ctt.correlation(
            ctt.scatter(base, count, total[of], chosen), self, spread[of]
        )
        figures[name] = placed(np.where(known[of], r, np.nan), here, size)
    scale = found.unit[of] / found.scale_c[of].astype(np.float64)
    if criterion == "points":
        scale = scale / NANO
    mean = chosen_c.astype(np.float64) * scale / count
    figures["mean_total"] = placed(
        np.where(found.known_c[of], mean, np.nan), here, size
    )
    return {**figures}


def _choosers(
    parts: Parts, found: Moments, place: Ints, criterion: Criterion
) -> tuple[Exact, Exact]:
    """Sum of the criterion, and of the rest, over the choosers of each option."""
    cells = parts.option_totals
    option, row = column(cells, "option"), column(cells, "row")
    worth = column(parts.totals, "points")[row]
    if criterion == "points":
        worth = np.zeros_like(worth)
    order = np.lexsort((worth, option))
    option, row, worth = option[order], row[order], worth[order]
    starts = edges(option, worth)
    item = column(parts.options, "item")[option]
    unit = found.unit[place[item]]
    n = column(cells, "n")[order]
    total = ctt.dot(column(parts.totals, "total")[row] // unit, n, starts)
    own = ctt.dot(column(cells, "score")[order] // unit, np.ones_like(n), starts)
    head, worth = option[starts], worth[starts]
    owner = place[column(parts.options, "item")[head]]
    sums = []
    for base, value in (
        (worth, total),
        (worth - points_of(parts)[found.item[owner]], total - own),
    ):
        over = np.where(base > 0, base, 1).astype(object)
        factor = np.ones_like(base)
        if criterion == "share":
            factor = share_of(over)
        sums.append(ctt.dot(factor, value, edges(head)))
    return sums[0], sums[1]


def _option_reasons(
    columns: Columns, unknown: Mask, unknown_rest: Mask
) -> dict[str, list[tuple[Mask, str]]]:
    n, n_item = np.asarray(columns["n"]), np.asarray(columns["n_item"])
    always = np.ones(len(n), bool)
    none, few = (n_item == 0, "no_scores"), (n_item < 2, "fewer_than_two")
    nobody = (n == 0, "nobody_chose_it")
    everybody = (n == n_item, "everybody_chose_it")
    hidden, tied = (unknown, _UNKNOWN), (always, "totals_all_equal")
    groups = [none, few, hidden, tied]
    r, corrected = (
        [none, few, (hide, _UNKNOWN), nobody, everybody, (always, "no_variance")]
        for hide in (unknown, unknown_rest)
    )
    return {
        "ratio": [none],
        "n_upper": groups,
        "n_middle": groups,
        "n_lower": groups,
        "mean_total": [none, nobody, hidden],
        "point_biserial": r,
        "point_biserial_corrected": corrected,
    }
