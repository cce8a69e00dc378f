"""The figures of each quiz, and why some of them are null."""

import numpy as np

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask
from quizanalysis._readout.figures import (
    edges,
    flat,
    placed,
    points_of,
    reliability,
    units,
)
from quizanalysis._readout.items import Columns
from quizanalysis._readout.reasons import Reasons


def quiz_figures(parts: Parts, ddof: int) -> tuple[Columns, Reasons]:
    """All columns of summary, by quiz id."""
    unit, size = units(parts), parts.quizzes.num_rows
    quiz = column(parts.totals, "quiz")
    total, count = column(parts.totals, "total"), column(parts.totals, "n")
    order = np.lexsort((total, quiz))
    quiz, total, count = quiz[order], total[order], count[order]
    at = edges(quiz)
    where, scaled = quiz[at], total // unit[quiz]
    n = np.add.reduceat(count, at) if len(at) else count
    sums = ctt.dot(scaled, count, at)
    spread = ctt.scatter(n, sums, sums, ctt.dot(scaled, scaled * count, at))
    some = flat(spread, n, unit[where]).astype(np.float64) > 0
    last = np.append(at[1:], len(quiz)) - 1 if len(at) else at
    sd = ctt.sd(n, spread, ddof) * unit[where] / NANO
    alpha = reliability(parts, unit)
    deviation = placed(sd, where, size)
    people = np.zeros(size, np.int64)
    people[where] = n
    points, comparable = _points(parts)
    columns: Columns = {
        "quiz_id": parts.quizzes["quiz_id"].combine_chunks(),
        "n": people,
        "n_items": np.bincount(column(parts.items, "quiz"), minlength=size),
        "points_possible": points,
        "mean": placed(sums.astype(np.float64) * unit[where] / (n * NANO), where, size),
        "sd": deviation,
        "median": placed(ctt.median(total, count, at) / NANO, where, size),
        "min": placed(total[at] / NANO, where, size),
        "max": placed(total[last] / NANO, where, size),
        "skewness": placed(
            np.where(some, ctt.skewness(scaled, count, at), np.nan), where, size
        ),
        "kurtosis": placed(
            np.where(some, ctt.kurtosis(scaled, count, at), np.nan), where, size
        ),
        "alpha": alpha.alpha,
        "alpha_low": alpha.low,
        "alpha_high": alpha.high,
        "sem": ctt.standard_error_of_measurement(
            deviation, alpha.k, alpha.sum_items, alpha.total
        ),
        "n_complete": alpha.n,
        "totals_comparable": comparable,
    }
    flat_totals = placed(~some, where, size) == 1
    return columns, _reasons(columns, flat_totals, alpha.k, ddof)


def _points(parts: Parts) -> tuple[Floats, Mask]:
    """The most points a submission was out of; and whether all were out of the same."""
    size = parts.quizzes.num_rows
    quiz, worth = column(parts.totals, "quiz"), column(parts.totals, "points")
    k = np.abs(column(parts.totals, "k"))
    most, least = np.full(size, -2, np.int64), np.full(size, 2**62, np.int64)
    np.maximum.at(most, quiz, worth)
    np.minimum.at(least, quiz, worth)
    most_k, least_k = np.full(size, -1, np.int64), np.full(size, 2**62, np.int64)
    np.maximum.at(most_k, quiz, k)
    np.minimum.at(least_k, quiz, k)
    declared = least >= 0
    comparable = np.where(declared, most == least, most_k == least_k)
    points = np.where(declared & (most >= 0), most / NANO, np.nan)
    return np.where(declared, points, _inferred(parts)), comparable


def _inferred(parts: Parts) -> Floats:
    """Sum of the items' points, where some submission has a score for each."""
    size = parts.quizzes.num_rows
    seen = np.unique(column(parts.item_scores, "item"))
    of = column(parts.items, "quiz")[seen]
    total = np.zeros(size, np.int64)
    np.add.at(total, of, points_of(parts)[seen])
    k = np.bincount(of, minlength=size)
    quiz = column(parts.totals, "quiz")
    whole = np.zeros(size, bool)
    whole[quiz[column(parts.totals, "k") == k[quiz]]] = True
    return np.where(whole & (k > 0), total / NANO, np.nan)


def _reasons(columns: Columns, equal: Mask, k: Ints, ddof: int) -> Reasons:
    n, whole = np.asarray(columns["n"]), np.asarray(columns["n_complete"])
    always = np.ones(len(n), bool)
    none = (n == 0, "no_submissions")
    few = (whole < 2, "fewer_than_two_complete_submissions")
    alpha = [(k < 2, "fewer_than_two_items"), few, (always, "no_variance")]
    negative = np.nan_to_num(np.asarray(columns["alpha"])) < 0
    return {
        "points_possible": [none, (always, "no_submission_shows_them_all")],
        "mean": [none],
        "sd": [none, (n <= ddof, "too_few")],
        "median": [none],
        "min": [none],
        "max": [none],
        "skewness": [none, (n < 3, "fewer_than_three"), (equal, "no_variance")],
        "kurtosis": [none, (n < 4, "fewer_than_four"), (equal, "no_variance")],
        "alpha": alpha,
        "alpha_low": alpha,
        "alpha_high": alpha,
        "sem": [(negative, "negative_alpha"), *alpha],
    }
