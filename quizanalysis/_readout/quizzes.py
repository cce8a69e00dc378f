"""The figures of each quiz, and why some of them are null."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask
from quizanalysis._intake.numbering import ordered
from quizanalysis._readout.figures import (
    edges,
    flat,
    in_units,
    placed,
    points_of,
    units,
    unknown_points,
)
from quizanalysis._readout.intervals import of_total, reasons_of_ends, without_student
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis._readout.reliability import Reliability, reliability


def quiz_figures(
    parts: Parts, ddof: int, level: float = 0.95
) -> tuple[Columns, Reasons]:
    """All columns of summary, by quiz id."""
    unit, size = units(parts), parts.quizzes.num_rows
    # Without any scored response a submission has no total.
    totals = parts.totals.filter(pc.not_equal(parts.totals["k"], 0))
    alpha = reliability(parts, unit)
    points, comparable = _points(parts, totals)
    low, high = ctt.feldt_interval(alpha.alpha, alpha.n, alpha.k, level)
    columns: Columns = {
        "quiz_id": parts.quizzes["quiz_id"].combine_chunks(),
        "n_items": np.bincount(column(parts.items, "quiz"), minlength=size),
        "points_possible": points,
        **_described(totals, unit, ddof),
        "alpha": alpha.alpha,
        "alpha_low": low,
        "alpha_high": high,
        "n_complete": alpha.n,
        "totals_comparable": comparable,
    }
    columns["sem"] = ctt.standard_error_of_measurement(
        columns["sd"], alpha.k, alpha.sum_items, alpha.total
    )
    columns |= of_total(columns, columns["spread"], level)
    there = np.bincount(column(parts.totals, "quiz"), minlength=size) > 0
    reasons = _reasons(columns, there, alpha, ddof)
    own = {"mean": without_student(columns["n"])}
    return columns, reasons | reasons_of_ends(columns, reasons, own)


def _described(totals: pa.Table, unit: Ints, ddof: int) -> Columns:
    """How the totals of each quiz are distributed."""
    quiz, total = column(totals, "quiz"), column(totals, "total")
    count, order = column(totals, "n"), ordered(quiz, total)
    if order is not None:
        quiz, total, count = quiz[order], total[order], count[order]
    at = edges(quiz)
    where, scaled = quiz[at], in_units(total, unit, quiz)
    n = np.add.reduceat(count, at) if len(at) else count
    sums = ctt.dot(scaled, count, at)
    spread = ctt.scatter(n, sums, sums, ctt.dot(scaled, scaled * count, at))
    some = flat(spread, n, unit[where]).astype(np.float64) > 0
    last = np.append(at[1:], len(quiz)) - 1 if len(at) else at
    figures = {
        "mean": sums.astype(np.float64) * unit[where] / (n * NANO),
        "sd": ctt.sd(n, spread, ddof) * unit[where] / NANO,
        "spread": np.where(some, ctt.sd(n, spread) * unit[where] / NANO, np.nan),
        "median": ctt.median(total, count, at) / NANO,
        "min": total[at] / NANO,
        "max": total[last] / NANO,
        "skewness": np.where(some, ctt.skewness(scaled, count, at), np.nan),
        "kurtosis": np.where(some, ctt.kurtosis(scaled, count, at), np.nan),
    }
    people = np.zeros(len(unit), np.int64)
    people[where] = n
    placed_figures = {
        name: placed(value, where, len(unit)) for name, value in figures.items()
    }
    return {"n": people, **placed_figures}


def _points(parts: Parts, totals: pa.Table) -> tuple[Floats, Mask]:
    """The most points a submission was out of; and whether all were out of the same."""
    size = parts.quizzes.num_rows
    quiz, worth = column(totals, "quiz"), column(totals, "points")
    k = np.abs(column(totals, "k"))
    most, least = np.full(size, -1, np.int64), np.full(size, 2**62, np.int64)
    np.maximum.at(most, quiz, worth)
    np.minimum.at(least, quiz, worth)
    most_k, least_k = np.full(size, -1, np.int64), np.full(size, 2**62, np.int64)
    np.maximum.at(most_k, quiz, k)
    np.minimum.at(least_k, quiz, k)
    declared = least >= 0
    comparable = np.where(declared, most <= least, most_k == least_k)
    points = np.where(most >= 0, most / NANO, np.nan)
    return np.where(declared, points, _inferred(parts)), comparable


def _inferred(parts: Parts) -> Floats:
    """Sum of the items' points, where some submission has a score for each."""
    size = parts.quizzes.num_rows
    owner = column(parts.item_scores, "item")
    seen = owner[edges(owner)]
    of = column(parts.items, "quiz")[seen]
    total = np.zeros(size, np.int64)
    np.add.at(total, of, points_of(parts)[seen])
    k = np.bincount(of, minlength=size)
    known = np.bincount(of[~unknown_points(parts)[seen]], minlength=size) > 0
    quiz = column(parts.totals, "quiz")
    whole = np.zeros(size, bool)
    whole[quiz[column(parts.totals, "k") == k[quiz]]] = True
    return np.where(whole & known, total / NANO, np.nan)


def _reasons(
    columns: Columns, there: Mask, alpha: Reliability, ddof: int
) -> dict[str, list[tuple[Mask, str]]]:
    n, whole = columns["n"], columns["n_complete"]
    always = np.ones(len(n), bool)
    none = [(~there, "no_submissions"), (n == 0, "nothing_graded")]
    flat = (always, "no_variance")
    short = [
        (alpha.k < 2, "fewer_than_two_items"),
        (whole < 2, "fewer_than_two_complete_submissions"),
    ]
    negative = np.nan_to_num(alpha.alpha) < 0
    return {
        "points_possible": [
            *none,
            (whole == 0, "no_submission_shows_them_all"),
            (always, "points_possible_unknown"),
        ],
        "mean": none,
        "sd": [*none, (n <= ddof, "too_few")],
        "median": none,
        "min": none,
        "max": none,
        "skewness": [*none, (n < 3, "fewer_than_three"), flat],
        "kurtosis": [*none, (n < 4, "fewer_than_four"), flat],
        "alpha": [*short, flat],
        "alpha_low": [*short, flat],
        "alpha_high": [*short, flat],
        "sem": [
            (negative, "negative_alpha"),
            *short,
            (n <= ddof, "too_few"),
            flat,
        ],
    }
