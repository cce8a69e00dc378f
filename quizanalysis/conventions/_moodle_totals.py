"""Moodle's figures of quizzes: of the stored totals, and their consistency."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import ctt
from quizanalysis._counts.named import items_by_name
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import NANO, Floats, Ints
from quizanalysis._readout.figures import edges, flat, placed, spread_out
from quizanalysis.conventions._moodle_data import stored_totals
from quizanalysis.conventions._moodle_figures import slot_figures
from quizanalysis.responses import Responses


def _quiz(responses: Responses, ids: pa.Array) -> Ints:
    return np.asarray(pc.index_in(responses.submissions["quiz_id"], ids), np.int64)


def counted(responses: Responses, ids: pa.Array) -> tuple[Ints, Floats]:
    """Attempts of each quiz, and the mean of their totals."""
    quiz, total = _quiz(responses, ids), stored_totals(responses)
    n = np.bincount(quiz, minlength=len(ids))
    sums = np.zeros(len(ids), object)
    np.add.at(sums, quiz, total)
    there = np.where(n > 0, n, np.nan) * NANO
    return n, sums.astype(np.float64) / there


def spread(
    data: Responses, slots: Responses, ids: pa.Array, n: Ints
) -> dict[str, Floats]:
    """Median, moments and reliability of each quiz's totals."""
    keys = [_quiz(data, ids), stored_totals(data)]
    first, row = distinct(keys)
    quiz, total = keys[0][first], keys[1][first]
    count, at = np.bincount(row, minlength=len(first)), edges(quiz)
    where, size = quiz[at], len(ids)
    unit = np.gcd.reduceat(np.abs(total), at) if len(at) else total
    unit = np.where(unit > 0, unit, 1)
    scaled = total // np.repeat(unit, np.diff(np.append(at, len(total))))
    sums = ctt.dot(scaled, count, at).astype(object)
    raw = ctt.scatter(n[where], sums, sums, ctt.dot(scaled, scaled * count, at))
    scatter = flat(raw, n[where], unit)
    some = scatter.astype(np.float64) > 0
    deviation = placed(ctt.sd(n[where], raw) * unit / NANO, where, size)
    whole = spread_out(scatter.astype(object) * unit.astype(object) ** 2, where, size)
    cic, ratio = _consistency(slots, ids, n, whole)
    shape = {
        name: placed(np.where(some, f(scaled, count, at), np.nan), where, size)
        for name, f in (("skewness", ctt.skewness), ("kurtosis", ctt.kurtosis))
    }
    median = ctt.median(total, count, at) / NANO if len(at) else np.empty(0)
    return {
        "median": placed(median, where, size),
        "standarddeviation": deviation,
        **shape,
        "cic": cic,
        "errorratio": ratio,
        "standarderror": ratio * deviation / 100,
    }


def _consistency(
    slots: Responses, ids: pa.Array, n: Ints, total: npt.NDArray[np.object_]
) -> tuple[Floats, Floats]:
    """Cronbach's alpha and the root of what it leaves, in percent."""
    items, _ = items_by_name(slots)
    figures = slot_figures(slots)
    quiz = np.asarray(pc.index_in(items["quiz_id"], ids), np.int64)
    p = np.bincount(quiz, minlength=len(ids))
    base = n[quiz].astype(np.float64)
    exact, rough = np.zeros(len(ids), object), np.zeros(len(ids))
    np.add.at(exact, quiz, figures.scatter)
    # In marks squared; a slot that not all attempts have has its own divisor.
    np.add.at(rough, quiz, np.nan_to_num(figures.mark_variance) * base * (base - 1))
    partial = np.zeros(len(ids), bool)
    partial[quiz[figures.n != n[quiz]]] = True
    of_all = total.astype(np.float64)
    known = (n > 2) & (p > 1) & (of_all > 0)
    below = np.where(known, (p - 1) * of_all, np.nan)
    items_of = np.where(partial, rough * float(NANO) ** 2, exact.astype(np.float64))
    apart = np.where(partial, of_all - items_of, (total - exact).astype(np.float64))
    error = np.where(
        partial, p * items_of - of_all, (p * exact - total).astype(np.float64)
    )
    left = error / below
    ratio = 100 * np.sqrt(np.where(left >= 0, left, np.nan))
    return 100 * p * apart / below, ratio
