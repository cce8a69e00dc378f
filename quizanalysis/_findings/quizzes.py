"""What can be found of a quiz as a whole: blanks that rise towards its end."""

import numpy as np

from quizanalysis import intervals
from quizanalysis._findings.items import shown
from quizanalysis._findings.rows import (
    Floats,
    Found,
    Mask,
    Tables,
    above,
    count,
    floats,
    for_half,
    percent,
    whole,
)
from quizanalysis._findings.thresholds import Thresholds


def speed(tables: Tables, against: Thresholds) -> Found:
    """Test whether more is left blank in the last quarter of the items than before.

    Who runs out of time leaves all that follows blank, so blanks of one student are not
    so many observations: the interval is one of as many as there are students.
    """
    blank, of = shown(tables)
    # Where a count was hidden, so that it is no number, there is no share of its part.
    late, early = _parts(tables, ~(of <= 0))
    n = floats(tables.summary, "n")
    before, after = (_share(tables, blank, of, part) for part in (early, late))
    low, high = intervals.newcombe_interval(after, n, before, n, tables.level)
    rise, limit = after - before, against.blank_rise
    outcome = above(low, high, limit)
    half = np.where(rise < limit, high - rise, rise - low)
    needed = whole(for_half(n, half, rise - limit), n, outcome)
    rows = np.flatnonzero(~np.isnan(rise) & (n > 0))
    fields = {
        "n": count(n[rows]),
        "figure": percent(after[rows]),
        "before": percent(before[rows]),
        "low": percent(low[rows]),
        "high": percent(high[rows]),
        "threshold": percent(np.full(len(rows), limit)),
    }
    none = np.full(len(rows), -1)
    finding = "blanks_rise_towards_the_end"
    return Found(finding, rows, none, none, outcome[rows], needed[rows], fields)


def _parts(tables: Tables, there: Mask) -> tuple[Mask, Mask]:
    """The items of the last quarter, and those before; none of quizzes of few items.

    Those of a quiz that have a place: a quarter of them is rounded down.
    """
    position = floats(tables.items, "position")
    known = there & ~np.isnan(position)
    quiz, rows = tables.quiz_of_item, np.flatnonzero(known)
    rows = rows[np.lexsort((position[rows], quiz[rows]))]
    k = np.bincount(quiz[rows], minlength=tables.summary.num_rows)
    first = np.cumsum(k) - k
    cut = np.full(len(k), np.nan)
    some = np.flatnonzero(k >= 4)
    # Items that share a place, as those of a random draw do, stay together.
    cut[some] = position[rows[first[some] + k[some] - k[some] // 4]]
    limit = cut[quiz]
    return known & (position >= limit), known & (position < limit)


def _share(tables: Tables, blank: Floats, of: Floats, part: Mask) -> Floats:
    """The share of blanks among the responses to some of the items of each quiz."""
    quiz, size = tables.quiz_of_item[part], tables.summary.num_rows
    left, there = (
        np.bincount(quiz, weights=values[part], minlength=size)
        for values in (blank, of)
    )
    return np.asarray(left / np.where(there > 0, there, np.nan))
