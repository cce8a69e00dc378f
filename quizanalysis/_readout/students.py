"""The figures of each submission, for student_analysis."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import NANO, Ints, codes
from quizanalysis._intake.tidy import ANSWERED, BLANK, UNGRADED
from quizanalysis._readout.figures import edges
from quizanalysis._readout.items import Columns
from quizanalysis._readout.reasons import Reasons
from quizanalysis.responses import Responses

_TIE = 1_000


def student_figures(
    responses: Responses, *, items: bool
) -> tuple[Columns, pa.Table | None, Reasons]:
    """All columns of student_analysis; those of the items, when asked for."""
    submissions, cells = responses.submissions, responses.cells
    n = len(responses)
    most = responses.points()[cells.item]
    answered = (cells.state == ANSWERED) & (most > 0)
    full = cells.score >= most
    kinds = {
        "n_correct": answered & full,
        "n_partial": answered & ~full & (cells.score > 0),
        "n_incorrect": answered & (cells.score <= 0),
        "n_blank": cells.state == BLANK,
        "n_not_graded": cells.state == UNGRADED,
    }
    possible = np.zeros(n, np.int64)
    np.add.at(possible, cells.submission, most)
    score = responses.scores()
    person = pc.index_in(
        submissions["student_id"], responses.students["student_id"].combine_chunks()
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        percent = np.where(possible > 0, 100.0 * score / possible, np.nan)
    columns: Columns = {
        name: submissions[name].combine_chunks()
        for name in ("quiz_id", "student_id", "attempt", "submitted_at", "elapsed_s")
    }
    for name in ("name", "sis_id", "section_names"):
        columns[name] = responses.students[name].take(person).combine_chunks()
    for name, counted in kinds.items():
        columns[name] = np.bincount(cells.submission[counted], minlength=n)
    columns |= {
        "points_possible": possible / NANO,
        "score": score / NANO,
        "percent": percent,
        "rank": _ranks(responses, score),
        "items_score": responses.item_sums() / NANO,
    }
    reasons = {"percent": [(possible <= 0, "no_points_possible")]}
    return columns, _by_item(responses) if items else None, reasons


def _ranks(responses: Responses, score: Ints) -> Ints:
    """1 + the number of submissions to the quiz with a higher score; near ones tie."""
    quiz, _ = codes(responses.submissions["quiz_id"])
    order = np.lexsort((-score, quiz))
    first_of_quiz = edges(quiz[order])
    new = np.ones(len(order), bool)
    new[1:] = np.diff(score[order]) < -_TIE
    new[first_of_quiz] = True
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    start = np.zeros(len(order), np.int64)
    start[first_of_quiz] = first_of_quiz
    start = np.maximum.accumulate(start)
    rank = np.empty(len(order), np.int64)
    rank[order] = first - start + 1
    return rank


def _by_item(responses: Responses) -> pa.Table:
    """A column of answers and one of scores for each item, and each further draw."""
    if len(responses.items["quiz_id"].unique()) > 1:
        msg = "items=True is for one quiz: choose it with responses.where(quiz=...)"
        raise ValueError(msg)
    cells, n = responses.cells, len(responses)
    draw = _draws(cells.submission, cells.item, cells.position)
    names = responses.items["item_id"].to_pylist()
    columns: dict[str, pa.Array] = {}
    order = np.lexsort((draw, cells.item))
    bounds = edges(cells.item[order], draw[order])
    for rows in np.split(order, bounds[1:]) if len(order) else []:
        item, number = names[cells.item[rows[0]]], draw[rows[0]]
        label = item if number == 0 else f"{item} ({number + 1})"
        while f"{label} score" in columns or (number and label in names):
            label += "'"
        where = np.full(n, -1, np.int64)
        where[cells.submission[rows]] = rows
        at = pa.array(where, mask=where < 0)
        if cells.response is not None:
            columns[f"{label} response"] = cells.response.take(at).combine_chunks()
        score = pa.array(cells.score / NANO, mask=cells.state == UNGRADED)
        columns[f"{label} score"] = score.take(at)
    return pa.table(columns)


def _draws(submission: Ints, item: Ints, position: Ints) -> Ints:
    """Number the draws of an item within a submission from 0."""
    order = np.lexsort((position, item, submission))
    first = edges(submission[order], item[order])
    start = np.zeros(len(order), np.int64)
    start[first] = first
    draw = np.empty(len(order), np.int64)
    draw[order] = np.arange(len(order)) - np.maximum.accumulate(start)
    return draw
