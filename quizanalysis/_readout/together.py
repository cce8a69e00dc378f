"""What the tables of one report tell together of what each of them hides."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import numbered, united
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.cells import small
from quizanalysis._readout.figures import edges
from quizanalysis._readout.suppression import Figures
from quizanalysis.schema import REPORTS

Tables = Mapping[str, pa.Table]

_NEAREST = 3

Beside = Mapping[str, Mapping[str, Mask]]
"""For columns of tables, in which rows they must be hidden."""


def protect_options(plain: Tables, hidden: Tables) -> Beside:
    """An item's scores, where its right answers would tell a hidden option.

    The count of the only key is that of the right answers; and where some answers earn
    part of the points, that of each option may be that of a score.
    """
    items = Figures(plain["item_analysis"])
    options, of_item = plain["option_analysis"], _items_of_options(plain)
    gone = _gone(options, hidden["option_analysis"], "n")
    key = np.asarray(options["correct"], bool)
    n = items.table.num_rows
    n_keys, keys_gone, any_gone = (
        np.bincount(of_item, rows, n) for rows in (key, key & gone, gone)
    )
    told = (n_keys == 1) & (keys_gone == 1)
    told |= (any_gone > 0) & _partial(items)
    names = _resting("item_analysis", "right")
    return {"item_analysis": dict.fromkeys(names, told)}


def protect_ungraded(plain: Tables, hidden: Tables, least: int) -> Beside:
    """What an item lacks, where it tells how many have nothing graded.

    The three counts of an item add up to all submissions, and the summary's n is of
    those with a score.
    """
    del hidden
    items = Figures(plain["item_analysis"])
    every = items["n"] + items["n_not_shown"] + items["n_not_graded"]
    summary = Figures(plain["summary"])
    names, (quiz, owner) = numbered(summary.table["quiz_id"], items.table["quiz_id"])
    scored = np.zeros(len(names))
    scored[quiz] = summary["n"]
    told = small(every - scored[owner], least)
    return {"item_analysis": dict.fromkeys(("n_not_shown", "n_not_graded"), told)}


def protect_counts(plain: Tables, hidden: Tables) -> Beside:
    """All figures of an item's options, where they add up to an n that is hidden."""
    without_n = _gone(plain["item_analysis"], hidden["item_analysis"], "n")
    along = without_n[_items_of_options(plain)]
    return {
        "option_analysis": dict.fromkeys(_resting("option_analysis", "n_item"), along)
    }


def protect_scores(plain: Tables, hidden: Tables) -> Beside:
    """What tells the totals, where these tell what an item hides: they are its sums."""
    return {
        table: dict.fromkeys(_resting(table, "totals"), rows)
        for table, rows in find_exposed(plain, hidden).items()
    }


def _resting(table: str, count: str) -> list[str]:
    """The columns that rest on a count."""
    return [one.name for one in REPORTS[table] if count in (one.rests_on or ())]


def _partial(items: Figures) -> Mask:
    """Items of which some answers earned part of the points."""
    return np.asarray(np.abs(items["difficulty"] - items["correct_ratio"]) > 1e-9)


def find_exposed(plain: Tables, hidden: Tables) -> dict[str, Mask]:
    """Which rows of each table are of a quiz whose totals tell what an item hides.

    They do not where each hidden item can be taken for another of the same points, of
    which another number was right, as far as their options allow: then neither the sum
    of their scores nor that of their variances tells which is which. Nor do they where
    one of several is of partial credit, and so may have earned anything.
    """
    tables = ("summary", "item_analysis", "option_analysis")
    names, codes = numbered(*(plain[name]["quiz_id"] for name in tables))
    quiz = dict(zip(tables, codes, strict=True))
    items = Figures(plain["item_analysis"])
    rows = np.flatnonzero(_gone(items.table, hidden["item_analysis"], "mean"))
    owner = quiz["item_analysis"][rows]
    points, ratio, n = (
        items[name][rows] for name in ("points_possible", "correct_ratio", "n")
    )
    partial = _partial(items)[rows]
    most = n - _wrong_for_sure(plain, hidden)[rows]
    right = np.rint(ratio * n).astype(np.int64)
    alone = _alone(owner, points, n.astype(np.int64), right, most)
    several = np.bincount(owner, minlength=len(names)) > 1
    mixed = several & (np.bincount(owner, partial, len(names)) > 0)
    told = (np.bincount(owner, alone, len(names)) > 0) & ~mixed
    return {name: told[quiz[name]] for name in tables}


def _wrong_for_sure(plain: Tables, hidden: Tables) -> Floats:
    """How many the options of each item show to be wrong: one at least of a hidden one.

    Options that nobody chose are not hidden.
    """
    items, options = plain["item_analysis"], hidden["option_analysis"]
    of_item = _items_of_options(plain)
    n = np.asarray(options["n"].fill_null(1).cast(pa.float64()), np.float64)
    wrong = np.where(np.asarray(options["correct"], bool), 0.0, n)
    return np.asarray(np.bincount(of_item, wrong, items.num_rows), np.float64)


def _alone(quiz: Ints, points: Floats, n: Ints, right: Ints, most: Floats) -> Mask:
    """Items that no other of the quiz with as many points can be taken for.

    Two can where each can have as many right answers as the other, `most` of them, and
    where not as many answered like the fewer, since variances tell that number. Only
    the nearest are looked at.
    """
    worth = np.unique(points, return_inverse=True)[1]
    group = distinct([quiz, worth])[1] if len(quiz) else quiz
    order = np.lexsort((n, right, group))
    group, n, right, most = group[order], n[order], right[order], most[order]
    # Items with as many right answers are one class, in ascending order.
    first = edges(group, right, n)
    place = np.repeat(np.arange(len(first)), np.diff(first, append=len(group)))
    fewer = np.minimum(right, n - right)
    highest = np.maximum.reduceat(most, first) if len(first) else most
    found = np.zeros(len(group), bool)
    for step in range(1, _NEAREST + 1):
        for at, above in ((place + step, True), (place - step, False)):
            there = (at >= 0) & (at < len(first))
            other = first[np.where(there, at, 0)]
            there &= (group[other] == group) & (fewer[other] != fewer)
            fits = right[other] <= most if above else highest[place[other]] >= right
            found |= there & fits
    alone = np.empty(len(group), bool)
    alone[order] = ~found
    return alone


def _items_of_options(plain: Tables) -> Ints:
    """The row of item_analysis of each row of option_analysis."""
    keys = ["quiz_id", "item_id"]
    items, options = (
        plain[name].select(keys) for name in ("item_analysis", "option_analysis")
    )
    _, (place, of_option) = united([items, options])
    row = np.zeros(len(place), np.int64)
    row[place] = np.arange(len(place))
    return row[of_option]


def _gone(plain: pa.Table, hidden: pa.Table, name: str) -> Mask:
    """In which rows a figure was hidden."""
    return np.asarray(pc.and_(plain[name].is_valid(), hidden[name].is_null()), bool)
