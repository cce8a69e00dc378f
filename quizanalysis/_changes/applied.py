"""The responses as they would be: other scores, or an item less."""

from dataclasses import replace
from typing import Never

import numpy as np
import pyarrow as pa

from quizanalysis._changes.found import Changes
from quizanalysis._changes.keys import keyed, right
from quizanalysis._intake.columns import LARGEST, NANO, Ints, Mask
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.options import Options
from quizanalysis._intake.tidy import ANSWERED, MOST, UNGRADED, Cells
from quizanalysis.errors import DataError, Problem
from quizanalysis.responses import Responses


def applied(responses: Responses, changes: Changes) -> Responses:
    """Score the responses again, and take away what is dropped."""
    if not (changes.dropped.any() or changes.touched.any()):
        return responses
    cells = responses.cells
    score = _scores(responses, changes)
    _no_overflow(responses, changes, score)
    scored = (changes.rekeyed | changes.credited)[cells.item]
    state = np.where(scored & (cells.state == UNGRADED), ANSWERED, cells.state)
    gone = changes.dropped[cells.item]
    submissions = _recorded(responses, changes, np.where(gone, 0, score))
    rescored = replace(cells, score=score, state=state.astype(cells.state.dtype))
    whole = replace(
        responses,
        submissions=submissions,
        items=_items(responses, changes),
        cells=rescored,
        choices=_options(responses, changes, score),
    )
    return _without(whole, changes.dropped, gone) if changes.dropped.any() else whole


def _scores(responses: Responses, changes: Changes) -> Ints:
    """What each response earns now."""
    cells, points = responses.cells, changes.points
    full = points[cells.item]
    score = _scaled(cells.score, cells.item, responses.points(), changes)
    if changes.rekeyed.any():
        earned = right(changes.keys, responses.choices, cells.item)
        here = changes.rekeyed[cells.item]
        score = np.where(here, np.where(earned, full, 0), score)
    credited = changes.credited[cells.item]
    return np.where(credited, np.maximum(score, full), score)


def _scaled(score: Ints, item: Ints, old: Ints, changes: Changes) -> Ints:
    """Scores in proportion to the points, to the nearest billionth, ties to even."""
    scaled = changes.weighed & ~changes.rekeyed
    rows = np.flatnonzero(scaled[item] & (score != 0))
    rows = rows[old[item[rows]] > 0]
    if not len(rows):
        return score
    # Each score that occurs once, in integers of any size: products exceed 64 bits.
    number, first = ranks(item[rows], score[rows])
    owner = item[rows[first]]
    over = old[owner].astype(object)
    product = score[rows[first]].astype(object) * changes.points[owner]
    whole, rest = product // over, product % over
    up = (2 * rest > over) | ((2 * rest == over) & (whole % 2 == 1))
    nearest = whole + up.astype(bool)
    if np.any(np.abs(nearest) > int(LARGEST) * NANO):
        _too_large("weights: scores that become too large", LARGEST)
    result = score.copy()
    result[rows] = nearest.astype(np.int64)[number]
    return result


def _no_overflow(responses: Responses, changes: Changes, score: Ints) -> None:
    """What one submission earned, or could have, must have a sum in 64 bits."""
    owner, n = responses.cells.submission, len(responses)
    for value in (np.abs(score), changes.points[responses.cells.item]):
        if np.bincount(owner, value / NANO, n).max(initial=0) > MOST:
            _too_large("weights: points of a submission that add up to too many", MOST)


def _too_large(message: str, limit: float) -> Never:
    hint = f"at most {limit:,.0f} are kept exactly"
    problem = Problem(
        table="items", column="points_possible", message=message, hint=hint
    )
    raise DataError([problem])


def _recorded(responses: Responses, changes: Changes, score: Ints) -> pa.Table:
    """What was recorded of a submission moves by as much as its items do."""
    cells, submissions = responses.cells, responses.submissions
    worth = np.where(changes.dropped, 0, changes.points) - responses.points()
    for name, moved in (
        ("recorded_score", score - cells.score),
        ("recorded_points_possible", worth[cells.item]),
    ):
        by = np.zeros(len(responses), np.int64)
        np.add.at(by, cells.submission, moved)
        recorded = submissions[name].combine_chunks()
        said = np.asarray(recorded.fill_null(0.0), np.float64)
        now = (np.rint(said * NANO).astype(np.int64) + by) / NANO
        if name == "recorded_points_possible":
            now = np.maximum(now, 0.0)
        column = pa.array(np.where(by == 0, said, now), mask=_null(recorded))
        submissions = submissions.set_column(
            submissions.column_names.index(name), name, column
        )
    return submissions


def _null(column: pa.Array) -> Mask:
    return np.asarray(column.is_null(), bool)


def _items(responses: Responses, changes: Changes) -> pa.Table:
    """Points possible that scores were made from are no longer inferred."""
    items, touched = responses.items, changes.touched
    points = np.asarray(items["points_possible"], np.float64)
    inferred = np.asarray(items["points_inferred"], bool)
    for name, values in (
        ("points_possible", np.where(touched, changes.points / NANO, points)),
        ("points_inferred", inferred & ~touched),
    ):
        at = items.column_names.index(name)
        items = items.set_column(at, name, pa.array(values))
    return items


def _options(responses: Responses, changes: Changes, score: Ints) -> Options:
    """The key that is asked for; where all get full credit, the one that was known."""
    options, item = responses.choices, responses.choices.item
    fixed = (changes.rekeyed | changes.credited)[item]
    key = np.where(changes.rekeyed[item], keyed(changes.keys, options), options.correct)
    # A key that was inferred, or another one: the options are declared with it.
    other = fixed & (options.inferred | (key != options.correct))
    new = np.bincount(item[other], minlength=len(options.is_open)) > 0
    earned = _scaled(options.earned, item, responses.points(), changes)
    earned = np.where(fixed, 0, earned)
    chosen = fixed[options.chosen_option]
    best = score[options.chosen_cell[chosen]]
    np.maximum.at(earned, options.chosen_option[chosen], best)
    points = changes.points[item]
    inferred = options.inferred & ~fixed
    full = (points > 0) & (earned >= points)
    return replace(
        options,
        earned=earned,
        correct=np.where(inferred & changes.weighed[item], full, key),
        inferred=inferred,
        declared=options.declared | (fixed & new[item]),
    )


def _without(responses: Responses, dropped: Mask, gone: Mask) -> Responses:
    """Take away items with all responses to them, and say that they are left out."""
    kept, place = np.flatnonzero(~gone), np.cumsum(~gone) - 1
    number = np.cumsum(~dropped) - 1
    cells: Cells = responses.cells.take(kept)
    choices = responses.choices.of_cells(np.where(gone, -1, place))
    missing = responses.items["quiz_id"].filter(pa.array(dropped)).value_counts()
    noted = pa.table(
        {
            "quiz_id": missing.field("values"),
            "unit": pa.array(["items"] * len(missing), pa.string()),
            "reason": pa.array(["dropped"] * len(missing), pa.string()),
            "n": missing.field("counts"),
            "left_out": pa.array([True] * len(missing), pa.bool_()),
        }
    )
    return replace(
        responses,
        items=responses.items.filter(pa.array(~dropped)),
        cells=replace(cells, item=number[cells.item]),
        choices=choices.of_items(~dropped),
        left_out=pa.concat_tables([responses.left_out, noted]),
    )
