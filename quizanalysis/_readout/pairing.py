"""How well an item could go with the rest at best, given all scores and all rests."""

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column, summed
from quizanalysis._counts.rests import Rests, best_pairing
from quizanalysis._intake.columns import Floats, Ints
from quizanalysis._readout.figures import Moments, moments, placed, units


def greatest_correlations(parts: Parts, rests: Rests) -> Floats:
    """The correlation of each item with its rest, if these were paired by rank.

    Moodle's discriminative efficiency is the correlation as a part of it. NaN where
    either is constant.
    """
    found = moments(parts, units(parts), "points")
    best = greatest_scatter(parts, found, rests)
    r = ctt.correlation(best, found.scatter_x, found.scatter_r)
    return placed(np.where(best > 0, r, np.nan), found.item, parts.items.num_rows)


def greatest_scatter(parts: Parts, found: Moments, rests: Rests | None) -> Floats:
    """Scatter of the marks and the other marks, when these are paired by rank.

    The other marks are the rests, or without these the totals.
    """
    unit = np.ones(parts.items.num_rows, np.int64)
    unit[found.item] = found.unit
    sides = [_side(parts.item_scores, "score", unit)]
    if rests is None:
        cells = parts.item_totals
        total = column(parts.totals, "total")[column(cells, "row")]
        cells = cells.select(["item", "n"]).append_column("total", [total])
        sides.append(_side(cells, "total", unit))
    else:
        item, rest, n = (rests.rests[key] for key in ("item", "rest", "n"))
        sides.append((item, rest // unit[item], n))
    others = found.sum_c if rests is None else found.sum_r
    sums = found.sum_x.astype(object), others.astype(object)
    _, products = best_pairing(sides[0], sides[1])
    return ctt.scatter(found.n, *sums, products).astype(np.float64)


def _side(cells: pa.Table, name: str, unit: Ints) -> tuple[Ints, Ints, Ints]:
    """Each item's distinct values in its unit, ascending, and how many have them."""
    table, _ = summed(cells.select(["item", name, "n"]), ("item", name))
    item = column(table, "item")
    return item, column(table, name) // unit[item], column(table, "n")
