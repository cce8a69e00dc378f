"""The figures of each submission, for student_analysis."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._bounds import refuse_wide
from quizanalysis._counts.parts import Parts
from quizanalysis._intake.attempts import has_score
from quizanalysis._intake.columns import NANO, Ints, Mask, codes
from quizanalysis._intake.numbering import ordered
from quizanalysis._intake.tidy import ANSWERED, BLANK, UNGRADED
from quizanalysis._readout.figures import edges, placed
from quizanalysis._readout.ranks import ranks, ranks_among, with_points
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis.progress import QUIET, Meter
from quizanalysis.responses import Responses


def student_figures(
    responses: Responses,
    *,
    items: bool,
    order: pa.Array | None = None,
    whole: Parts | None = None,
    meter: Meter = QUIET,
) -> tuple[Columns, pa.Table | None, Reasons]:
    """All columns of student_analysis; those of the items, when asked for.

    Of a part of the submissions, with the tally of the whole. ``order`` is that of the
    items, if it is not their own.
    """
    if whole is not None:
        responses = with_points(responses, whole)
    submissions = responses.submissions
    person = pc.index_in(
        submissions["student_id"], responses.students["student_id"].combine_chunks()
    )
    columns: Columns = {
        name: submissions[name].combine_chunks()
        for name in ("quiz_id", "student_id", "attempt", "submitted_at", "elapsed_s")
    }
    for name in ("name", "sis_id", "section_names"):
        columns[name] = responses.students[name].take(person).combine_chunks()
        meter.at(len(columns), 40)
    meter.at(0.2)
    own = meter.within(0.2, 0.4 if items else 1.0)
    scores, reasons = _scores(responses, whole, own.within(0.0, 0.5))
    columns |= _judged(responses, own.within(0.5, 1.0)) | scores
    extra = _by_item(responses, order, meter.within(0.4, 1.0)) if items else None
    return columns, extra, reasons


def _unknown(responses: Responses) -> Mask:
    """Items of which nobody earned anything: they may be worth anything."""
    inferred = np.asarray(responses.items["points_inferred"], bool)
    return inferred & (responses.points() <= 0)


def _judged(responses: Responses, meter: Meter) -> Columns:
    """How many responses of a submission were right, blank and so on."""
    cells = responses.cells
    most, unknown = responses.points()[cells.item], _unknown(responses)[cells.item]
    meter.at(0.2)
    answered = (cells.state == ANSWERED) & ((most > 0) | unknown)
    meter.at(0.3)
    some, full = cells.score > 0, cells.score >= most
    meter.at(0.4)
    kinds = {
        "n_correct": answered & some & full,
        "n_partial": answered & some & ~full,
        "n_incorrect": answered & ~some,
        "n_blank": cells.state == BLANK,
        "n_not_graded": cells.state == UNGRADED,
    }
    meter.at(0.6)
    columns: Columns = {}
    for name, counted in kinds.items():
        columns[name] = np.bincount(cells.submission[counted], minlength=len(responses))
        meter.at(0.6 + 0.4 * len(columns) / len(kinds))
    return columns


def _any(submission: Ints, n: int) -> Mask:
    """Which of n submissions there is any cell of."""
    return np.asarray(np.bincount(submission, minlength=n) > 0)


def _possible(responses: Responses, meter: Meter) -> tuple[Ints, Mask]:
    """What each submission is out of, as recorded or in sum; and where none knows."""
    owner, item, n = responses.cells.submission, responses.cells.item, len(responses)
    known = ~_unknown(responses)[item]
    total = np.zeros(n, np.int64)
    meter.at(0.3)
    np.add.at(total, owner, responses.points()[item])
    meter.at(0.7)
    recorded = responses.submissions["recorded_points_possible"]
    unsaid = np.asarray(recorded.is_null(), bool)
    stated = np.rint(np.asarray(recorded.fill_null(0.0), np.float64) * NANO)
    unknown = unsaid & _any(owner, n) & ~_any(owner[known], n)
    return np.where(unsaid, total, stated.astype(np.int64)), unknown


def _scores(
    responses: Responses, whole: Parts | None, meter: Meter
) -> tuple[Columns, Reasons]:
    """The score, what it is out of and its rank; and why they are null."""
    cells, n = responses.cells, len(responses)
    possible, unknown = _possible(responses, meter.within(0.0, 0.4))
    meter.at(0.4)
    summed = _any(cells.submission[cells.state != UNGRADED], n)
    meter.at(0.55)
    there = has_score(responses.submissions, cells)
    meter.at(0.7)
    score, ranked = responses.scores(), np.flatnonzero(there)
    meter.at(0.8)
    worth = np.where(there & (possible > 0), possible, np.nan)
    quiz_id = responses.submissions["quiz_id"].take(pa.array(ranked))
    if whole is None:
        rank = ranks(codes(quiz_id)[0], score[ranked], np.ones_like(ranked))
    else:
        rank = ranks_among(whole, quiz_id, score[ranked])
    meter.at(0.9)
    shown = _any(cells.submission, n)
    nothing = [(~there & ~shown, "shown_no_item"), (~there, "nothing_graded")]
    hidden = (unknown, "points_possible_unknown")
    return {
        "points_possible": np.where(unknown, np.nan, possible / NANO),
        "score": np.where(there, score / NANO, np.nan),
        "percent": 100.0 * score / worth,
        "rank": placed(rank, ranked, n),
        "items_score": np.where(summed, responses.item_sums() / NANO, np.nan),
    }, {
        "points_possible": [hidden],
        "score": nothing,
        "percent": [*nothing, hidden, (possible <= 0, "no_points_possible")],
        "rank": nothing,
        "items_score": [(~shown, "shown_no_item"), (~summed, "nothing_graded")],
    }


def _by_item(responses: Responses, order: pa.Array | None, meter: Meter) -> pa.Table:
    """A column of answers and one of scores for each item, and each further draw."""
    if len(responses.items["quiz_id"].unique()) > 1:
        msg = "items=True is for one quiz: choose it with responses.where(quiz=...)"
        raise ValueError(msg)
    cells, n = responses.cells, len(responses)
    draw = _draws(cells.submission, cells.item, cells.position)
    meter.at(0.2)
    names = responses.items["item_id"].to_pylist()
    known = set(names)
    columns: dict[str, pa.Array] = {}
    place = np.arange(len(names)) if order is None else np.argsort(order)
    rows_of = _in_order(place[cells.item], draw)
    meter.at(0.4)
    bounds = edges(cells.item[rows_of], draw[rows_of])
    way = "take responses.to_arrow(), which has a row for each answer that there is"
    refuse_wide(n, len(bounds) * (1 + (cells.response is not None)), way)
    score = pa.array(cells.score / NANO, mask=cells.state == UNGRADED)
    each = np.split(rows_of, bounds[1:]) if len(rows_of) else []
    for done, rows in enumerate(each):
        meter.at(0.5 + 0.5 * done / len(each))
        item, number = names[cells.item[rows[0]]], draw[rows[0]]
        label = item if number == 0 else f"{item} ({number + 1})"
        while f"{label} score" in columns or (number and label in known):
            label += "'"
        where = np.full(n, -1, np.int64)
        where[cells.submission[rows]] = rows
        at = pa.array(where, mask=where < 0)
        if cells.response is not None:
            columns[f"{label} response"] = cells.response.take(at).combine_chunks()
        columns[f"{label} score"] = score.take(at)
    return pa.table(columns)


def _in_order(*keys: Ints) -> Ints:
    """The order of the rows by these keys, the first key first, ties as they stand."""
    order = ordered(*keys)
    return np.arange(len(keys[0])) if order is None else order


def _draws(submission: Ints, item: Ints, position: Ints) -> Ints:
    """Number the draws of an item within a submission from 0."""
    order = _in_order(submission, item, position)
    first = edges(submission[order], item[order])
    start = np.zeros(len(order), np.int64)
    start[first] = first
    draw = np.empty(len(order), np.int64)
    draw[order] = np.arange(len(order)) - np.maximum.accumulate(start)
    return draw
