"""The figures of options, and why some of them are null."""

import numpy as np

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import Ints
from quizanalysis._intake.numbering import ordered, places
from quizanalysis._readout.figures import (
    Criterion,
    Exact,
    Moments,
    edges,
    keyed,
    moments,
    placed,
    points_of,
    points_over,
    share_of,
    units,
)
from quizanalysis._readout.intervals import (
    CORRELATIONS,
    of_correlations,
    of_ratio,
    reasons_of_ends,
    without_fisher,
)
from quizanalysis._readout.items import Conditions, held_against, order_of, sorted_by
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis._readout.tails import Tails, tails


def option_figures(
    parts: Parts,
    criterion: Criterion,
    tail: float,
    ties: ctt.Ties,
    level: float = 0.95,
) -> tuple[Columns, Reasons]:
    """All columns of option_analysis: items by position, options as authored."""
    found = moments(parts, units(parts), criterion)
    item = column(parts.options, "item")
    total, rest = (
        [(holds[item], reason) for holds, reason in conditions]
        for conditions in held_against(parts, found)
    )
    columns = described(parts)
    columns |= _groups(parts, tails(parts, criterion, tail, ties))
    for name in ("n_upper", "n_middle", "n_lower"):
        columns[name] = np.where(total[0][0], np.nan, columns[name])
    columns |= _correlations(parts, found, criterion, columns["n"])
    reasons = _reasons(columns, total, rest)
    n = np.asarray(columns["n_item"])
    columns |= of_ratio(columns, n, level) | of_correlations(columns, n, level)
    own = {"ratio": [], **dict.fromkeys(CORRELATIONS, without_fisher(n))}
    reasons |= reasons_of_ends(columns, reasons, own)
    return sorted_by(options_in_order(parts), columns, reasons)


def options_in_order(parts: Parts) -> Ints | None:
    """Options by item: those declared as they stand there, then others by name."""
    rank = places(order_of(parts), parts.items.num_rows)
    declared = np.asarray(parts.options["declared"], np.int64)
    place, item = column(parts.options, "place"), column(parts.options, "item")
    return ordered(rank[item], -declared, place)


def described(parts: Parts) -> Columns:
    """What each option is, and how many chose it."""
    options, cells = parts.options, parts.option_totals
    n = np.zeros(options.num_rows, np.int64)
    np.add.at(n, column(cells, "option"), column(cells, "n"))
    n_item = np.zeros(parts.items.num_rows, np.int64)
    np.add.at(n_item, column(parts.item_scores, "item"), column(parts.item_scores, "n"))
    n_item = n_item[column(options, "item")]
    items = parts.items.take(options["item"])
    named = {
        "quiz_id": parts.quizzes["quiz_id"].take(items["quiz"]),
        "item_id": items["item_id"],
        "option": options["option"],
        "text": options["text"],
        "key_inferred": options["inferred"],
    }
    return {name: values.combine_chunks() for name, values in named.items()} | {
        "correct": keyed(parts),
        "n": n,
        "n_item": n_item,
        "ratio": np.where(n_item > 0, n / np.maximum(n_item, 1), np.nan),
    }


def choosers(parts: Parts) -> tuple[Ints, Ints, Ints]:
    """Option, people, and row of ``item_totals``, of each cell of ``option_totals``."""
    cells = parts.option_totals
    option, n = column(cells, "option"), column(cells, "n")
    n_rows = parts.totals.num_rows + 1
    of_item = column(parts.item_totals, "item") * n_rows + column(
        parts.item_totals, "row"
    )
    mine = column(parts.options, "item")[option] * n_rows + column(cells, "row")
    return option, n, np.searchsorted(of_item, mine)


def _groups(parts: Parts, groups: Tails) -> Columns:
    """Choosers of each option in the upper, middle and lower group of its item."""
    size = parts.options.num_rows
    option, n, at = choosers(parts)
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


def _correlations(
    parts: Parts, found: Moments, criterion: Criterion, n: Ints
) -> Columns:
    """Correlate choosing an option with the criterion, with and without its item."""
    size, here = parts.options.num_rows, np.flatnonzero(n)
    place = np.full(parts.items.num_rows, -1, np.int64)
    place[found.item] = np.arange(len(found.item))
    of = place[column(parts.options, "item")[here]]
    chosen_c, chosen_r = _choosers(parts, found, place, criterion)
    base, count = found.n[of], n[here]
    own = ctt.scatter(base, count, count, count)
    scale = found.unit[of] / points_over(criterion)
    mean = np.where(found.known_c[of], chosen_c.astype(float) * scale / count, np.nan)
    with_it = ctt.scatter(base, count, found.sum_c[of], chosen_c)
    r = ctt.correlation(with_it, own, found.scatter_c[of])
    without = ctt.scatter(base, count, found.sum_r[of], chosen_r)
    corrected = ctt.correlation(without, own, found.scatter_r[of])
    figures = {
        "mean_total": mean,
        "point_biserial": np.where(found.known_c[of], r, np.nan),
        "point_biserial_corrected": np.where(found.known_r[of], corrected, np.nan),
    }
    return {name: placed(value, here, size) for name, value in figures.items()}


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


def _reasons(
    columns: Columns, total: Conditions, rest: Conditions
) -> dict[str, Conditions]:
    n, n_item = columns["n"], columns["n_item"]
    always = np.ones(len(n), bool)
    none, few = (n_item == 0, "no_scores"), (n_item < 2, "fewer_than_two")
    nobody = (n == 0, "nobody_chose_it")
    spread = [nobody, (n == n_item, "everybody_chose_it"), (always, "no_variance")]
    groups = [none, few, *total, (always, "totals_all_equal")]
    return {
        "ratio": [none],
        "n_upper": groups,
        "n_middle": groups,
        "n_lower": groups,
        "mean_total": [none, nobody, *total],
        "point_biserial": [none, few, *total, *spread],
        "point_biserial_corrected": [none, few, *rest, *spread],
    }
