"""What the tables of one report tell together of what each of them hides."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import numbered, united
from quizanalysis._counts.parts import distinct
from quizanalysis._disclosure import is_partial
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.cells import small
from quizanalysis._readout.figures import edges
from quizanalysis._readout.suppression import Figures
from quizanalysis.schema import REPORTS

Tables = Mapping[str, pa.Table]

_NEAREST = 3
"""With so many of the next larger and smaller counts an item is compared."""

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
    told |= (any_gone > 0) & is_partial(items)
    names = _resting("item_analysis", "right")
    return {"item_analysis": dict.fromkeys(names, told)}


def protect_ungraded(plain: Tables, hidden: Tables, least: int) -> Beside:
    """What an item lacks, where it tells how many have nothing graded.

    The three counts of an item add up to all submissions, and the summary's n is of
    those with a score.
    """
    del hidden
    items, summary = Figures(plain["item_analysis"]), Figures(plain["summary"])
    every = items["n"] + items["n_not_shown"] + items["n_not_graded"]
    size, quiz = _quizzes(plain)
    scored, owner = np.zeros(size), quiz["item_analysis"]
    scored[quiz["summary"]] = summary["n"]
    told = small(every - scored[owner], least)
    return {"item_analysis": dict.fromkeys(("n_not_shown", "n_not_graded"), told)}


def protect_counts(plain: Tables, hidden: Tables) -> Beside:
    """All figures of an item's options, where they add up to an n that is hidden."""
    without_n = _gone(plain["item_analysis"], hidden["item_analysis"], "n")
    along = without_n[_items_of_options(plain)]
    return {
        "option_analysis": dict.fromkeys(_resting("option_analysis", "n_item"), along)
    }


def protect_spread(plain: Tables, hidden: Tables) -> Beside:
    """All correlations of a quiz of which the spread of the totals is hidden."""
    size, quiz = _quizzes(plain)
    told = np.zeros(size, bool)
    told[quiz["summary"]] = _gone(plain["summary"], hidden["summary"], "sd")
    return _of_quizzes(plain, "spread", told)


def protect_points(plain: Tables, hidden: Tables) -> Beside:
    """The points of a quiz, where those of an item are hidden: they are the sum."""
    items = plain["item_analysis"]
    gone = _gone(items, hidden["item_analysis"], "points_possible")
    quiz = _quizzes(plain)[1]
    told = np.isin(quiz["summary"], quiz["item_analysis"][gone])
    return {"summary": {"points_possible": told}}


def protect_swaps(plain: Tables, hidden: Tables) -> Beside:
    """The options of hidden items, where they tell its right answers or which is which.

    The count of the key is that of the right answers.
    """
    items = _hidden_items(plain, hidden)
    of_item, options = _items_of_options(plain), hidden["option_analysis"]
    told = np.zeros(plain["item_analysis"].num_rows, bool)
    told[items.rows] = True
    key = np.asarray(options["correct"], bool)
    key &= np.asarray(options["n"].is_valid(), bool)
    told &= np.bincount(of_item, key, len(told)) > 0
    told[items.rows] |= np.isin(items.group, items.group[items.alone])
    along = told[of_item]
    return {"option_analysis": dict.fromkeys(_resting("option_analysis", "n"), along)}


def protect_scores(plain: Tables, hidden: Tables) -> Beside:
    """What tells the totals, where these tell what an item hides: they are its sums.

    The mean tells the sum of the hidden items, which is one of them if it is the only
    one. Alpha also tells the sum of their variances: it must not be known where one
    cannot be taken for another, or where only one has a mean but no deviation.
    """
    items = _hidden_items(plain, hidden)
    size, quiz = _quizzes(plain)
    owner = quiz["item_analysis"]
    own = owner[items.rows]
    partial = is_partial(Figures(plain["item_analysis"]))[items.rows]
    mixed = np.bincount(own, partial, size) > 0
    mixed &= np.bincount(own, minlength=size) > 1
    fixed, alone = (
        (np.bincount(own, rows, size) > 0) & ~mixed
        for rows in (items.fixed, items.alone)
    )
    gone = _gone(plain["item_analysis"], hidden["item_analysis"], "sd")
    shown = np.asarray(hidden["item_analysis"]["mean"].is_valid(), bool)
    single = np.bincount(owner[gone & shown], minlength=size) == 1
    single &= np.bincount(own, minlength=size) == 0
    found = _of_quizzes(plain, "totals", fixed)
    for table, columns in _of_quizzes(plain, "complete", alone | single).items():
        for column, mask in columns.items():
            found[table][column] = found[table].get(column, mask) | mask
    return found


def _quizzes(plain: Tables) -> tuple[int, dict[str, Ints]]:
    """How many quizzes there are, and the number of that of each row."""
    tables = ("summary", "item_analysis", "option_analysis")
    names, codes = numbered(*(plain[name]["quiz_id"] for name in tables))
    return len(names), dict(zip(tables, codes, strict=True))


def _of_quizzes(plain: Tables, count: str, told: Mask) -> dict[str, dict[str, Mask]]:
    """The columns that rest on a count, in the rows of some quizzes."""
    return {
        table: dict.fromkeys(_resting(table, count), told[quiz])
        for table, quiz in _quizzes(plain)[1].items()
    }


def _resting(table: str, count: str) -> list[str]:
    """The columns that rest on a count."""
    return [one.name for one in REPORTS[table] if count in (one.rests_on or ())]


@dataclass(frozen=True, slots=True)
class _Items:
    """Hidden items, by row: those of equal points of a quiz, and what is told of them.

    ``alone``: no other can be taken for it, of as many points, with another number of
    right answers, as far as their options allow. Of others neither the sum of their
    scores nor that of their variances tells which is which. ``fixed``: not even one
    right answer can be of another item instead.
    """

    rows: Ints
    group: Ints
    alone: Mask
    fixed: Mask


def _hidden_items(plain: Tables, hidden: Tables) -> _Items:
    items = Figures(plain["item_analysis"])
    rows = np.flatnonzero(_gone(items.table, hidden["item_analysis"], "mean"))
    points, ratio, n = (
        items[name][rows] for name in ("points_possible", "correct_ratio", "n")
    )
    quiz = _quizzes(plain)[1]["item_analysis"][rows]
    worth = np.unique(points, return_inverse=True)[1]
    group = distinct([quiz, worth])[1] if len(rows) else quiz
    most = n - _wrong_for_sure(plain, hidden)[rows]
    right = np.rint(ratio * n).astype(np.int64)
    more, less = right + 1 <= most, right > 1
    others_less, others_more = (
        np.bincount(group, of)[group] - of if len(rows) else of for of in (less, more)
    )
    fixed = ~((more & (others_less > 0)) | (less & (others_more > 0)))
    alone = _alone(group, n.astype(np.int64), right, most)
    return _Items(rows, group, alone, fixed)


def _wrong_for_sure(plain: Tables, hidden: Tables) -> Floats:
    """How many the options of each item show to be wrong: one at least of a hidden one.

    Options that nobody chose are not hidden, unless all are.
    """
    options, of_item = hidden["option_analysis"], _items_of_options(plain)
    shown = np.asarray(options["n"].is_valid(), bool)
    listed = np.asarray(pc.equal(plain["option_analysis"]["n"], 0), bool)
    size = plain["item_analysis"].num_rows
    any_shown, any_listed = (
        np.bincount(of_item, mask, size) > 0 for mask in (shown, listed)
    )
    n = np.asarray(options["n"].fill_null(1).cast(pa.float64()), np.float64)
    wrong = np.where(np.asarray(options["correct"], bool), 0.0, n)
    wrong[(any_listed & ~any_shown)[of_item]] = 0.0
    return np.asarray(np.bincount(of_item, wrong, size), np.float64)


def _alone(group: Ints, n: Ints, right: Ints, most: Floats) -> Mask:
    """Items that no other of the group can be taken for.

    Two can where each can have as many right answers as the other, `most` of them, and
    where not as many answered like the fewer, since variances tell that number. Only
    the nearest are looked at.
    """
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
