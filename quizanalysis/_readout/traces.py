"""Who chose an option, in groups from the lowest totals to the highest."""

import numpy as np
import pyarrow as pa

from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.figures import Criterion, moments, units
from quizanalysis._readout.items import held_against
from quizanalysis._readout.options import choosers, described, options_in_order
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis._readout.tails import shares


def trace_figures(
    parts: Parts, criterion: Criterion, groups: int
) -> tuple[Columns, Reasons]:
    """All columns of option_traces: options as in option_analysis, group by group."""
    size, item = parts.options.num_rows, column(parts.options, "item")
    (unknown, _), *_ = held_against(parts, moments(parts, units(parts), criterion))[0]
    own, order = described(parts), options_in_order(parts)
    n_item = np.asarray(own["n_item"], np.int64)
    chosen = _chosen(parts, criterion, groups)
    chosen[np.asarray(unknown, bool)[item] | (n_item < groups)] = np.nan
    rows = np.repeat(np.arange(size) if order is None else order, groups)
    base = np.where(n_item >= groups, n_item / groups, np.nan)
    group = np.tile(np.arange(groups), size)
    n = chosen[rows, group]
    columns: Columns = {
        name: own[name].take(pa.array(rows))
        for name in ("quiz_id", "item_id", "option", "text")
    }
    columns |= {"correct": own["correct"][rows], "group": group + 1}
    columns |= {"n": n, "n_group": base[rows], "ratio": n / base[rows]}
    return columns, _reasons(n_item[rows], unknown[item][rows], groups)


def _chosen(parts: Parts, criterion: Criterion, groups: int) -> Floats:
    """Choosers of each option in each group; NaN where all totals are the same."""
    weights = shares(parts, criterion, groups)
    option, n, at = choosers(parts)
    chosen = np.zeros((parts.options.num_rows, groups))
    for group, weight in enumerate(weights):
        np.add.at(chosen[:, group], option, weight[at] * n)
    tied = np.zeros(parts.items.num_rows, bool)
    tied[column(parts.item_totals, "item")[np.isnan(weights[0])]] = True
    chosen[tied[column(parts.options, "item")]] = np.nan
    return chosen


def _reasons(n_item: Ints, unknown: Mask, groups: int) -> Reasons:
    short = [(n_item == 0, "no_scores"), (n_item < groups, "fewer_than_groups")]
    total = [
        (unknown, "points_not_declared_or_zero"),
        (np.ones(len(n_item), bool), "totals_all_equal"),
    ]
    return {"n": [*short, *total], "n_group": short, "ratio": [*short, *total]}
