"""What the tables of one report tell together of what each of them hides."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import numbered, united
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.suppression import Figures

Tables = Mapping[str, pa.Table]

_CORRELATION = ("point_biserial", "point_biserial_low", "point_biserial_high")
_OF_TOTALS: Mapping[str, tuple[str, ...]] = {
    "summary": (
        *("sd", "alpha", "alpha_low", "alpha_high", "sem"),
        *("mean_low", "mean_high"),
    ),
    "item_analysis": (*_CORRELATION, "biserial", "alpha_if_deleted"),
    "option_analysis": (*_CORRELATION, "mean_total"),
}
"""What tells the sum of all totals, or how they are spread."""


def told_together(plain: Tables, hidden: Tables) -> dict[str, dict[str, Mask]]:
    """Decide which columns must be hidden beside, from the tables before and after.

    Two ways lead from one table to another. The counts of the options of an item add up
    to its n. And the totals are the sums of the items' scores: whoever knows those of
    all items but one knows that one's.
    """
    of_quiz = exposed(plain, hidden)
    found = {
        table: dict.fromkeys(columns, of_quiz[table])
        for table, columns in _OF_TOTALS.items()
    }
    items, options = plain["item_analysis"], plain["option_analysis"]
    _, (place, of_item) = united(
        [one.select(["quiz_id", "item_id"]) for one in (items, options)]
    )
    without_n = np.zeros(len(place), bool)
    without_n[place] = _gone(items, hidden["item_analysis"], "n")
    along = without_n[of_item]
    for field in options.schema:
        if field.name in ("n", "n_item") or pa.types.is_floating(field.type):
            before = found["option_analysis"].get(field.name, along)
            found["option_analysis"][field.name] = before | along
    return found


def exposed(plain: Tables, hidden: Tables) -> dict[str, Mask]:
    """Which rows of each table are of a quiz whose totals tell what an item hides.

    They do not where the hidden items can be taken for one another: two or more of the
    same points of which not as many were right, so that neither the sum of their scores
    nor that of their variances tells which is which; or where one of several is of
    partial credit, and so may have earned anything.
    """
    names, codes = numbered(*(plain[name]["quiz_id"] for name in _OF_TOTALS))
    quiz = dict(zip(_OF_TOTALS, codes, strict=True))
    items = Figures(plain["item_analysis"])
    rows = np.flatnonzero(_gone(items.table, hidden["item_analysis"], "mean"))
    owner = quiz["item_analysis"][rows]
    points, right, n = (
        items[name][rows] for name in ("points_possible", "correct_ratio", "n")
    )
    partial = np.abs(items["difficulty"][rows] - right) > 1e-9
    alone = _alone(owner, points, np.rint(right * n))
    several = np.bincount(owner, minlength=len(names)) > 1
    mixed = several & (np.bincount(owner, partial, len(names)) > 0)
    told = (np.bincount(owner, alone, len(names)) > 0) & ~mixed
    return {name: told[quiz[name]] for name in _OF_TOTALS}


def _alone(quiz: Ints, points: Floats, right: Floats) -> Mask:
    """Items that no other of the quiz with as many points can be taken for."""
    if not len(quiz):
        return np.zeros(0, bool)
    worth = np.unique(points, return_inverse=True)[1]
    first, group = distinct([quiz, worth])
    different = right != right[first][group]
    return np.asarray(np.bincount(group, different)[group] == 0)


def safe_mean(plain: Tables, hidden: Tables, least: int) -> Floats:
    """The mean total of each quiz, null where it would tell what one item hides.

    It is rounded where the totals would: so far that `least` students who earn a hidden
    item's points, or do not, leave it as it is. It is null where even then there is
    only one count of fewer that it can be.
    """
    summary, items = Figures(plain["summary"]), Figures(plain["item_analysis"])
    told = exposed(plain, hidden)
    _, (quiz, owner) = numbered(summary.table["quiz_id"], items.table["quiz_id"])
    gone = _gone(items.table, hidden["item_analysis"], "mean") & told["item_analysis"]
    place = np.zeros(len(quiz), np.int64)
    place[quiz] = np.arange(len(quiz))
    row = place[owner[gone]]
    n, mean = summary["n"], summary["mean"]
    worth = items["points_possible"][gone]
    most = np.zeros(len(quiz))
    np.maximum.at(most, row, worth)
    step = least * most / np.maximum(n, 1)
    scale = 10.0 ** np.floor(-np.log10(np.where(step > 0, step, 1.0)))
    rounded = np.rint(mean * scale) / scale
    right = np.rint(items["correct_ratio"] * items["n"])[gone]
    wrong = items["n"][gone] - right
    few, by = np.minimum(right, wrong), np.where(right < wrong, worth, -worth)
    other = np.zeros(len(row), bool)
    for change, fits in ((1, few < least - 1), (-1, few > 1)):
        moved = mean[row] + change * by / n[row]
        other |= fits & (np.rint(moved * scale[row]) == np.rint(mean * scale)[row])
    unsafe = np.bincount(row, ~other, len(quiz)) > 0
    shown = np.where(told["summary"], rounded, mean)
    missing = np.asarray(hidden["summary"]["mean"].is_null(), bool)
    return np.where(unsafe | missing, np.nan, shown)


def _gone(plain: pa.Table, hidden: pa.Table, name: str) -> Mask:
    """In which rows a figure was hidden."""
    return np.asarray(pc.and_(plain[name].is_valid(), hidden[name].is_null()), bool)
