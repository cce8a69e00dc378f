"""What was left out of a report and why, in numbers that add up."""

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import numbered
from quizanalysis._counts.parts import column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints, Mask
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.progress import QUIET, Meter
from quizanalysis.responses import Responses
from quizanalysis.schema import arrow_schema

_FEWEST, _SHARE, _NEAR = 2, 0.25, 1e-6

_REASONS = 17
"""How many are counted, each by a look at all submissions, responses or items."""

Row = tuple[str, Ints, bool]
"""Reason, how many in each quiz, and whether they are left out."""


def seems_overstated(points: Floats, best: Floats, n_best: Floats, n: Floats) -> Mask:
    """Whether items seem to be worth the best score rather than their points possible.

    Nobody reached the points possible, and those who earned any, two at least and a
    quarter of all, earned the same: so an answer that is right earns less than that.
    The caller knows that there is no other score than 0 and the best.

    Parameters
    ----------
    points, best : float array, shape (items,)
        Points possible that were declared, and the best score.
    n_best, n : float array, shape (items,)
        How many have that score, and how many have any.
    """
    several = (n_best >= _FEWEST - _NEAR) & (n_best >= _SHARE * n - _NEAR)
    return np.asarray((best > 0) & (best < points - _NEAR) & several, bool)


def accounted(
    responses: Responses,
    made: Mapping[str, Any],
    *,
    omit_blank: bool,
    meter: Meter = QUIET,
) -> pa.Table:
    """Account for every submission and response, quiz by quiz."""
    gone = responses.left_out
    names, (quiz, item_quiz, _) = numbered(
        responses.submissions["quiz_id"],
        responses.items["quiz_id"],
        gone["quiz_id"].drop_null(),
    )
    counted = responses.cells.state < (BLANK if omit_blank else UNGRADED)
    n = len(names)
    rows = {
        "submissions": _submissions(responses, quiz, counted, _gone(gone, names)),
        "responses": _responses(responses, item_quiz, counted, n),
        "items": _items(responses, item_quiz, n),
    }
    every = pa.concat_tables([gone, _table(names, rows, meter)])
    every = every.append_column("undefined", pa.nulls(every.num_rows, pa.string()))
    schema = arrow_schema("exclusions", {"made": json.dumps(made)})
    return every.take(_order(every, names)).cast(schema)


def _gone(left_out: pa.Table, names: pa.Array) -> Ints:
    """Count the submissions of each quiz that were left out before."""
    place = pc.index_in(left_out["quiz_id"], names).fill_null(-1)
    known = pc.and_(
        pc.equal(left_out["unit"], "submissions"), pc.greater_equal(place, 0)
    )
    known = pc.and_(known, left_out["left_out"])
    gone = np.zeros(len(names), np.int64)
    rows = left_out.filter(known)
    np.add.at(gone, np.asarray(place.filter(known), np.int64), column(rows, "n"))
    return gone


def _submissions(
    responses: Responses, quiz: Ints, counted: Mask, gone: Ints
) -> Iterator[Row]:
    """Submissions without a scored response have no total: they are left out."""
    owner = responses.cells.submission[counted]
    cells = responses.cells
    waiting = cells.submission[cells.state == UNGRADED]
    some, shown, waits = (
        np.bincount(which, minlength=len(responses)) > 0
        for which in (owner, cells.submission, waiting)
    )

    def number(mask: Mask) -> Ints:
        return np.bincount(quiz[mask], minlength=len(gone))

    yield "read", number(np.ones(len(quiz), bool)) + gone, False
    yield "shown no item", number(~shown), True
    yield "nothing graded yet", number(~some & waits), True
    yield "all blank", number(~some & shown & ~waits), True
    yield "analysed", number(some), False


def _responses(
    responses: Responses, item_quiz: Ints, counted: Mask, n: int
) -> Iterator[Row]:
    cells = responses.cells
    quiz, blank = item_quiz[cells.item], cells.state == BLANK
    above = cells.score > responses.points()[cells.item]

    def number(mask: Mask) -> Ints:
        return np.bincount(quiz[mask], minlength=n)

    yield "read", np.bincount(quiz, minlength=n), False
    yield "not graded yet", number(cells.state == UNGRADED), True
    yield "blank", number(blank & ~counted), True
    zero = cells.score == 0
    yield "blank, counted as 0", number(blank & counted & zero), False
    yield "blank, counted with its score", number(blank & counted & ~zero), False
    yield "more than the points possible", number(counted & above), False
    yield "less than 0 points", number(counted & (cells.score < 0)), False
    yield "analysed", number(counted), False


def _items(responses: Responses, item_quiz: Ints, n: int) -> Iterator[Row]:
    """What had to be inferred of the items."""
    inferred = np.asarray(responses.items["points_inferred"], bool)
    known = responses.points() > 0
    keyed = np.zeros(responses.items.num_rows, bool)
    keyed[responses.choices.item[responses.choices.inferred]] = True
    for reason, mask in (
        ("points possible taken from the best score", inferred & known),
        ("points possible unknown: nobody earned any", inferred & ~known),
        ("key taken from the answers with full points", keyed),
        (
            "points possible that nobody reached, where all earned the same",
            ~inferred & _overstated(responses),
        ),
    ):
        yield reason, np.bincount(item_quiz[mask], minlength=n), False


def _overstated(responses: Responses) -> Mask:
    """Which items seem to be worth less than their points possible."""
    cells, points = responses.cells, responses.points()
    graded = cells.state != UNGRADED
    reached = graded & (cells.score >= points[cells.item] - TIE)
    k = len(points)
    # Nobody reached the points of few items; only their responses are looked at.
    unreached = np.bincount(cells.item[reached], minlength=k) == 0
    here = graded & unreached[cells.item]
    item, score = cells.item[here], cells.score[here]
    best = np.zeros(k, np.int64)
    np.maximum.at(best, item, score)
    at_best = score >= best[item] - TIE
    between = np.bincount(item[~at_best & (score != 0)], minlength=k) > 0
    n_best = np.bincount(item[at_best], minlength=k).astype(np.float64)
    n = np.bincount(item, minlength=k).astype(np.float64)
    return ~between & seems_overstated(points / NANO, best / NANO, n_best, n)


def _table(
    names: pa.Array, rows: Mapping[str, Iterable[Row]], meter: Meter
) -> pa.Table:
    """Each reason, for the quizzes that have it."""
    units, reasons, numbers, gone = zip(*_found(rows, meter), strict=True)
    n = np.concatenate(numbers)
    always = np.repeat(
        [reason in {"read", "analysed"} for reason in reasons], len(names)
    )
    kept = np.flatnonzero((n > 0) | always)
    row, quiz = np.divmod(kept, max(len(names), 1))
    return pa.table(
        {
            "quiz_id": names.take(pa.array(quiz)),
            "unit": pa.array(units).take(pa.array(row)),
            "reason": pa.array(reasons).take(pa.array(row)),
            "n": n[kept],
            "left_out": np.array(gone)[row],
        }
    )


def _found(
    rows: Mapping[str, Iterable[Row]], meter: Meter
) -> Iterator[tuple[str, str, Ints, bool]]:
    """Count one reason after the other, and tell of each."""
    found = 0
    for unit, own in rows.items():
        for reason, n, gone in own:
            yield unit, reason, n, gone
            found += 1
            meter.at(found, _REASONS)


def _order(table: pa.Table, names: pa.Array) -> pa.Array:
    """By quiz and unit; what was read first, what is analysed last."""
    quiz = pc.index_in(table["quiz_id"], names).fill_null(-1)
    units = pa.array(["submissions", "responses", "items"])
    unit = pc.index_in(table["unit"], units).fill_null(len(units))
    step = pc.index_in(table["reason"], pa.array(["read", "", "analysed"])).fill_null(1)
    return pa.array(np.lexsort((np.arange(table.num_rows), step, unit, quiz)))
