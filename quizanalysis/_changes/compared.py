"""Items and quizzes before and after, side by side."""

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._changes.found import Changes
from quizanalysis._counts.named import united
from quizanalysis._counts.parts import Parts
from quizanalysis._intake.columns import Ints
from quizanalysis._readout.items import item_figures
from quizanalysis._readout.quizzes import quiz_figures
from quizanalysis._readout.reasons import Columns, Reasons

if TYPE_CHECKING:
    from collections.abc import Sequence

_WORDS = ("dropped", "rekeyed", "credited", "weighed")
_ITEM = (
    "points_possible",
    "difficulty",
    "discrimination",
    "point_biserial_corrected",
)
_QUIZ = ("n", "mean", "alpha", "sem")


def items_compared(
    items: pa.Table, changes: Changes, before: Parts, after: Parts
) -> tuple[Columns, Reasons]:
    """All columns of what_if_items, by quiz and position."""
    old, why_old = item_figures(before, "points", 0.27, "split", 1)
    new, why_new = item_figures(after, "points", 0.27, "split", 1)
    names = ("quiz_id", "item_id")
    lists = [pa.table({name: one[name] for name in names}) for one in (old, new)]
    _, (first, second, asked) = united([*lists, items.select(names)])
    # Some item is left of every quiz, so -1 is a row too, of which nothing is taken.
    at = _where(second, len(items))[first]
    gone = at < 0
    columns: Columns = {name: old[name] for name in (*names, "position", "title")}
    mine = _where(asked, len(items))[first]
    columns["changed"] = _changed(changes).take(pa.array(mine))
    reasons: dict[str, Sequence[tuple[npt.ArrayLike, str]]] = {}
    for name in _ITEM:
        columns[f"{name}_before"] = old[name]
        columns[f"{name}_after"] = np.where(gone, np.nan, new[name][at])
        reasons[f"{name}_before"] = why_old[name]
        reasons[f"{name}_after"] = [
            (gone, "dropped"),
            *((np.asarray(holds)[at], reason) for holds, reason in why_new[name]),
        ]
    return columns, reasons


def _where(number: Ints, size: int) -> Ints:
    """The row of each number; -1 where there is none."""
    rows = np.full(size, -1, np.int64)
    rows[number] = np.arange(len(number))
    return rows


def _changed(changes: Changes) -> pa.Array:
    """What is asked of each item in words, as in 'rekeyed, weighed'."""
    masks = changes.dropped, changes.rekeyed, changes.credited, changes.weighed
    code = sum(mask.astype(np.int64) << bit for bit, mask in enumerate(masks))
    words = [
        ", ".join(word for bit, word in enumerate(_WORDS) if number >> bit & 1) or None
        for number in range(2 ** len(_WORDS))
    ]
    return pa.array(words, pa.string()).take(pa.array(code, pa.int64()))


def quizzes_compared(
    before: Parts, after: Parts, students: Columns, *, marked: bool
) -> tuple[Columns, Reasons]:
    """All columns of what_if_summary, by quiz id; the students' rows are counted."""
    old, why_old = quiz_figures(before, 1)
    new, why_new = quiz_figures(after, 1)
    columns: Columns = {"quiz_id": old["quiz_id"]}
    reasons: dict[str, Sequence[tuple[npt.ArrayLike, str]]] = {}
    for name in _QUIZ:
        for when, figures, why in (("before", old, why_old), ("after", new, why_new)):
            columns[f"{name}_{when}"] = figures[name]
            if name in why:
                reasons[f"{name}_{when}"] = why[name]
    quiz = np.asarray(pc.index_in(students["quiz_id"], old["quiz_id"]), np.int64)
    size = len(old["quiz_id"])
    for name, of, sign in (
        ("n_gain", "gains", 1),
        ("n_lose", "gains", -1),
        ("n_pass_now", "crosses", 1),
        ("n_fail_now", "crosses", -1),
    ):
        there = quiz[students[of] == sign]
        columns[name] = np.bincount(there, minlength=size).astype(np.float64)
    if not marked:
        for name in ("n_pass_now", "n_fail_now"):
            columns[name] = np.full(size, np.nan)
            reasons[name] = [(np.ones(size, bool), "no_pass_mark")]
    return columns, reasons
