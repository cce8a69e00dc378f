"""Moodle's figures of slots, read off the exact counts."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column, summed
from quizanalysis._counts.rests import Rests, best_pairing
from quizanalysis._intake.columns import NANO, Floats, Ints
from quizanalysis._readout.figures import (
    Moments,
    moments,
    placed,
    points_of,
    spread_out,
    units,
)
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally


@dataclass(frozen=True, slots=True)
class SlotFigures:
    """The figures of each slot, by quiz id and item id, as Moodle stores them.

    Facility is a fraction, the standard deviation in marks, variances and covariances
    in marks squared, the others in percent. NaN is null. ``scatter`` is the sum of
    squares around the mean, times ``n``, in billionths of a mark squared.
    """

    quiz: Ints
    n: Ints
    max_mark: Floats
    facility: Floats
    sd: Floats
    effective_weight: Floats
    negative: Ints
    discrimination: Floats
    efficiency: Floats
    mark_variance: Floats
    other_variance: Floats
    covariance: Floats
    covariance_max: Floats
    covariance_total: Floats
    scatter: npt.NDArray[np.object_]


def slot_figures(
    responses: Responses, second: Literal["rest", "total"] = "rest"
) -> SlotFigures:
    """Compute the figures of all slots of all quizzes in one pass."""
    parts = Tally.of(responses).parts
    found = moments(parts, units(parts), "points")
    size, quiz = parts.items.num_rows, column(parts.items, "quiz")
    # Rest: the total without the mark; its scatter follows from the same sums.
    scatter_xy, scatter_y, sum_y = found.scatter_xc, found.scatter_c, found.sum_c
    rests = None
    if second == "rest":
        scatter_xy, scatter_y, sum_y = found.scatter_xr, found.scatter_r, found.sum_r
        rests = Rests.of(responses)
    n = found.n.astype(np.float64)
    per = (found.unit / NANO) ** 2 / np.where(n > 1, n * (n - 1), np.nan)

    def covariance(scatter: npt.NDArray[np.generic]) -> Floats:
        return placed(scatter.astype(np.float64) * per, found.item, size)

    sums = found.sum_x.astype(object), sum_y.astype(object)
    greatest = _greatest_sum(parts, found, rests)
    best = ctt.scatter(found.n, *sums, greatest).astype(np.float64)
    share = np.where(
        (found.scatter_x != 0) & (scatter_y != 0) & (best > 0),
        scatter_xy.astype(np.float64) / np.where(best > 0, best, 1.0),
        np.nan,
    )
    r = ctt.correlation(scatter_xy, found.scatter_x, scatter_y)
    max_mark = points_of(parts) / NANO
    mean = found.sum_x.astype(np.float64) / n * found.unit / NANO
    with_total = covariance(found.scatter_xc)
    whole = found.unit.astype(object) ** 2
    return SlotFigures(
        quiz=quiz,
        n=spread_out(found.n, found.item, size).astype(np.int64),
        max_mark=max_mark,
        facility=placed(mean, found.item, size) / np.where(max_mark, max_mark, np.nan),
        sd=np.sqrt(covariance(found.raw_x)),
        effective_weight=_weights(with_total, quiz, parts.quizzes.num_rows),
        negative=np.where(with_total < 0, 1, 0),
        discrimination=placed(100 * r, found.item, size),
        efficiency=placed(100 * share, found.item, size),
        mark_variance=covariance(found.raw_x),
        other_variance=covariance(scatter_y),
        covariance=covariance(scatter_xy),
        covariance_max=covariance(best),
        covariance_total=with_total,
        scatter=spread_out(found.raw_x.astype(object) * whole, found.item, size),
    )


def _weights(covariance: Floats, quiz: Ints, n_quizzes: int) -> Floats:
    """Share of each slot in the root covariances with the total, in percent."""
    root = np.sqrt(np.where(covariance >= 0, covariance, np.nan))
    total = np.zeros(n_quizzes)
    np.add.at(total, quiz, np.nan_to_num(root))
    base = total[quiz]
    return np.where(base > 0, 100 * root / np.where(base > 0, base, 1.0), np.nan)


def _greatest_sum(
    parts: Parts, found: Moments, rests: Rests | None
) -> npt.NDArray[np.object_]:
    """Sum of the products when marks and other marks are paired by rank."""
    unit = np.ones(parts.items.num_rows, np.int64)
    unit[found.item] = found.unit
    scores = summed(
        parts.item_scores.select(["item", "score", "n"]), ("item", "score")
    )[0]
    if rests is None:
        cells = parts.item_totals
        total = column(parts.totals, "total")[column(cells, "row")]
        cells = cells.select(["item", "n"]).append_column("rest", [total])
        others = summed(cells, ("item", "rest"))[0]
    else:
        others = rests.rests
    sides = [
        (
            column(table, "item"),
            column(table, name) // unit[column(table, "item")],
            column(table, "n"),
        )
        for table, name in ((scores, "score"), (others, "rest"))
    ]
    return best_pairing(sides[0], sides[1])[1]
