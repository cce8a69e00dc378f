"""Moodle's figures of slots, read off the exact counts."""

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from quizanalysis import ctt
from quizanalysis._counts.parts import column
from quizanalysis._counts.rests import Rests
from quizanalysis._intake.columns import NANO, Floats, Ints
from quizanalysis._readout.figures import (
    moments,
    placed,
    points_of,
    spread_out,
    units,
)
from quizanalysis._readout.pairing import greatest_scatter
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally

_Exact = npt.NDArray[Any]


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
    size, quiz, at = parts.items.num_rows, column(parts.items, "quiz"), found.item
    xy, yy = found.scatter_xc, found.scatter_c
    if second == "rest":
        xy, yy = found.scatter_xr, found.scatter_r
    rests = Rests.of(responses) if second == "rest" else None
    best = greatest_scatter(parts, found, rests)
    n = found.n.astype(np.float64)
    per = (found.unit / NANO) ** 2 / np.where(n > 1, n * (n - 1), np.nan)

    def covariance(scatter: npt.NDArray[np.generic]) -> Floats:
        return placed(scatter.astype(np.float64) * per, at, size)

    max_mark = points_of(parts) / NANO
    mean = placed(found.sum_x.astype(np.float64) / n * found.unit / NANO, at, size)
    # Marks in thirds and the like leave no spread but of their rounding.
    some = (found.scatter_x != 0) & (found.scatter_c != 0)
    with_total = covariance(np.where(some, found.scatter_xc, 0))
    whole = found.raw_x.astype(object) * found.unit.astype(object) ** 2
    return SlotFigures(
        quiz=quiz,
        n=spread_out(found.n, at, size).astype(np.int64),
        max_mark=max_mark,
        facility=mean / np.where(max_mark, max_mark, np.nan),
        sd=np.sqrt(covariance(found.raw_x)),
        effective_weight=_weights(with_total, quiz, parts.quizzes.num_rows),
        negative=np.where(with_total < 0, 1, 0),
        discrimination=placed(100 * ctt.correlation(xy, found.scatter_x, yy), at, size),
        efficiency=placed(100 * _share(xy, best, found.scatter_x, yy), at, size),
        mark_variance=covariance(found.raw_x),
        other_variance=covariance(yy),
        covariance=covariance(xy),
        covariance_max=covariance(best),
        covariance_total=with_total,
        scatter=spread_out(whole, at, size),
    )


def _share(xy: _Exact, best: Floats, xx: _Exact, yy: _Exact) -> Floats:
    """How much of the greatest covariance there is; NaN where something is constant."""
    known = (xx != 0) & (yy != 0) & (best > 0)
    share = xy.astype(np.float64) / np.where(best > 0, best, 1.0)
    return np.where(known, share, np.nan)


def _weights(covariance: Floats, quiz: Ints, n_quizzes: int) -> Floats:
    """Share of each slot in the root covariances with the total, in percent."""
    root = np.sqrt(np.where(covariance >= 0, covariance, np.nan))
    total = np.zeros(n_quizzes)
    np.add.at(total, quiz, np.nan_to_num(root))
    base = total[quiz]
    return np.where(base > 0, 100 * root / np.where(base > 0, base, 1.0), np.nan)
