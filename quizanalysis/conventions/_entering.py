"""What enters under some rules: which submissions and responses, and their scores."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import NANO, Floats, Mask
from quizanalysis._intake.tidy import ANSWERED, BLANK, UNGRADED
from quizanalysis.conventions._canvas_choices import named
from quizanalysis.conventions._canvas_items import LOGGED_OUT
from quizanalysis.conventions._moodle_data import chosen, stored_totals
from quizanalysis.conventions._new_quizzes_items import graded_throughout
from quizanalysis.conventions._rules import Rules
from quizanalysis.responses import Responses


def entering(responses: Responses, rules: Rules) -> Responses:
    """Choose submissions, score them and drop what does not count.

    Every total is recorded afterwards, as it was before responses were scored anew.
    """
    kept = _chosen(responses, rules)
    totals = stored_totals(kept) if rules.total == "five decimals" else kept.scores()
    kept = _recorded(kept, totals / NANO)
    if rules.score == "key":
        kept = _by_key(kept)
    if rules.not_graded == "zero":
        state = np.where(kept.cells.state == UNGRADED, ANSWERED, kept.cells.state)
        kept = replace(kept, cells=replace(kept.cells, state=state))
    elif rules.not_graded == "submission left out":
        kept = graded_throughout(kept)
    if rules.blank == "left out":
        kept = _cells_of(kept, kept.cells.state != BLANK)
    if rules.missing == "complete":
        kept = _submissions_of(kept, _complete(kept))
    return kept


def _chosen(responses: Responses, rules: Rules) -> Responses:
    if rules.students == "with a total":
        return chosen(responses, rules.attempt)
    if rules.students == "logged in":
        people = responses.submissions["student_id"]
        known = pc.invert(pc.starts_with(people, LOGGED_OUT))
        responses = _submissions_of(responses, np.asarray(known, bool))
    kept = responses.attempts(rules.attempt)
    if rules.students == "drawn once":
        kept = _submissions_of(kept, ~_drawn_twice(kept))
    return kept


def _submissions_of(responses: Responses, keep: Mask) -> Responses:
    return responses._keep(keep, "left out by a rule")  # noqa: SLF001  there is no public way to say which


def _drawn_twice(responses: Responses) -> Mask:
    """Whether some item comes more than once in a submission."""
    cells = responses.cells
    first, row = distinct([cells.submission, cells.item])
    twice = np.bincount(row, minlength=len(first)) > 1
    found = np.zeros(len(responses), bool)
    found[cells.submission[first[twice]]] = True
    return found


def _complete(responses: Responses) -> Mask:
    """Whether a submission has one score for each item of the quiz that has any."""
    cells = responses.cells
    scored = cells.state != UNGRADED
    submission, item = cells.submission[scored], cells.item[scored]
    quiz = responses.submissions["quiz_id"]
    seen = responses.items["quiz_id"].take(pa.array(np.unique(item)))
    counted = seen.value_counts()
    at = pc.index_in(quiz, counted.field("values"))
    expected = pc.fill_null(counted.field("counts").take(at), 0)
    n = np.bincount(submission, minlength=len(responses))
    whole: Mask = n == np.asarray(expected, np.int64)
    return whole & ~_drawn_twice(responses)


def _recorded(responses: Responses, totals: Floats) -> Responses:
    at = responses.submissions.column_names.index("recorded_score")
    table = responses.submissions.set_column(at, "recorded_score", pa.array(totals))
    return replace(responses, submissions=table)


def _cells_of(responses: Responses, keep: Mask) -> Responses:
    """Take some of the responses, and the choices made in them."""
    options, place = responses.choices, np.cumsum(keep) - 1
    there = keep[options.chosen_cell]
    return replace(
        responses,
        cells=responses.cells.take(np.flatnonzero(keep)),
        choices=replace(
            options,
            chosen_cell=place[options.chosen_cell[there]],
            chosen_option=options.chosen_option[there],
        ),
    )


def _by_key(responses: Responses) -> Responses:
    """Score what has options anew: full points for the key, nothing for all else.

    The key is the first keyed option; of declared options without a key, the first. An
    item worth nothing is worth a point meanwhile, so that right and wrong differ.
    """
    responses = _worth_something(responses)
    if responses.cells.response is None:
        return responses
    cells, options = responses.cells, responses.choices
    some = np.zeros(responses.items.num_rows, bool)
    some[options.item[options.declared]] = True
    offered = options.declared | ~some[options.item]
    rank = np.where(options.correct & offered, 0, np.where(options.declared, 1, 2))
    order = np.lexsort((np.arange(len(rank)), rank, options.item))
    first = np.unique(options.item[order], return_index=True)[1]
    keys = order[first]
    keys = keys[rank[keys] < 2]
    closed = np.zeros(responses.items.num_rows, bool)
    closed[options.item] = True
    right = np.zeros(len(cells.item), bool)
    right[options.chosen_cell[np.isin(options.chosen_option, keys)]] = True
    chose = np.zeros(len(cells.item), bool)
    chose[options.chosen_cell] = True
    chose &= named(responses.items["item_type"])[cells.item]
    state = np.where(chose & (cells.state == UNGRADED), ANSWERED, cells.state)
    score = np.where(right, responses.points()[cells.item], 0)
    score = np.where(closed[cells.item] & (state != UNGRADED), score, cells.score)
    return replace(responses, cells=replace(cells, score=score, state=state))


def _worth_something(responses: Responses) -> Responses:
    points = responses.points() / NANO
    items = responses.items
    for name, values in (
        ("points_possible", np.where(points > 0, points, 1.0)),
        ("points_inferred", np.zeros(len(points), bool)),
    ):
        at = items.column_names.index(name)
        items = items.set_column(at, name, pa.array(values))
    return replace(responses, items=items)


def worthless(responses: Responses) -> Mask:
    """Whether each item is worth no points, or nobody earned any."""
    nothing: Mask = responses.points() <= 0
    return nothing
