"""What enters under some rules: which submissions and responses, and their scores."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import scored
from quizanalysis._intake.columns import NANO, Floats, Mask
from quizanalysis._intake.tidy import ANSWERED, BLANK, UNGRADED
from quizanalysis.conventions._canvas_choices import named
from quizanalysis.conventions._canvas_items import LOGGED_OUT
from quizanalysis.conventions._kept import drawn_once, kept
from quizanalysis.conventions._moodle_data import chosen, stored_totals
from quizanalysis.conventions._new_quizzes_items import graded_throughout
from quizanalysis.conventions._rules import Rules
from quizanalysis.responses import Responses


def entering(responses: Responses, rules: Rules) -> Responses:
    """Choose submissions, score them and drop what does not count.

    Every total is recorded afterwards, as it was before responses were scored anew.
    """
    entered = _chosen(responses, rules)
    totals = (
        stored_totals(entered) if rules.total == "five decimals" else entered.scores()
    )
    entered = _recorded(entered, totals / NANO)
    if rules.score == "key":
        entered = _by_key(entered)
    if rules.not_graded == "zero":
        state = np.where(entered.cells.state == UNGRADED, ANSWERED, entered.cells.state)
        entered = replace(entered, cells=replace(entered.cells, state=state))
    elif rules.not_graded == "submission left out":
        entered = graded_throughout(entered)
    if rules.blank == "left out":
        entered = _cells_of(entered, entered.cells.state != BLANK)
    if rules.items == "varying":
        entered = _cells_of(entered, _varying(entered)[entered.cells.item])
    if rules.missing == "complete":
        entered = kept(entered, _complete(entered))
    return entered


def _chosen(responses: Responses, rules: Rules) -> Responses:
    if rules.students == "with a total":
        return chosen(responses, rules.attempt)
    if rules.students == "logged in":
        people = responses.submissions["student_id"]
        known = pc.invert(pc.starts_with(people, LOGGED_OUT))
        responses = kept(responses, np.asarray(known, bool))
    entered = responses.attempts(rules.attempt)
    if rules.students == "drawn once":
        entered = drawn_once(entered)
    return entered


def _cells_of(responses: Responses, keep: Mask) -> Responses:
    return kept(responses, np.ones(len(responses), bool), keep)


def _varying(responses: Responses) -> Mask:
    """Whether the scores of an item are not all the same."""
    cells, size = responses.cells, responses.items.num_rows
    there = cells.state != UNGRADED
    item, score = cells.item[there], cells.score[there]
    low, high = np.full(size, 2**62), np.full(size, -(2**62))
    np.minimum.at(low, item, score)
    np.maximum.at(high, item, score)
    varies: Mask = low < high
    return varies


def _complete(responses: Responses) -> Mask:
    """Whether a submission has one score for each item of the quiz that has any."""
    found = scored(responses)
    seen = found.items["quiz_id"].take(pa.array(np.unique(found.item))).value_counts()
    at = pc.index_in(responses.submissions["quiz_id"], seen.field("values"))
    expected = np.asarray(pc.fill_null(seen.field("counts").take(at), 0), np.int64)
    whole: Mask = (found.k == expected) & ~found.twice
    return whole


def _recorded(responses: Responses, totals: Floats) -> Responses:
    at = responses.submissions.column_names.index("recorded_score")
    table = responses.submissions.set_column(at, "recorded_score", pa.array(totals))
    return replace(responses, submissions=table)


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
