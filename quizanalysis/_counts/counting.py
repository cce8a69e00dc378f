"""Count the responses of one `Responses` into the parts of a tally."""

import numpy as np
import pyarrow as pa

from quizanalysis._counts.dense import counts_of
from quizanalysis._counts.grid import Grid, Responded, by_total, by_total_and_score
from quizanalysis._counts.named import numbered, sorted_names
from quizanalysis._counts.parts import Parts, column, distinct, empty, guard
from quizanalysis._intake.attempts import has_score
from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.numbering import ordered, places, repeats, run_starts
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.responses import Responses

_UNDECLARED = -1

_RUNS = 2**13
"""Submissions summed at a time: their responses stay in the processor's cache."""


def counts(responses: Responses, *, omit_blank: bool, recorded: bool) -> Parts:
    """Count every submission, all quizzes in one pass, in canonical order."""
    if responses.dense is not None:
        return counts_of(responses.dense, recorded=recorded)
    if not responses.items.num_rows and not len(responses):
        return empty()
    names, (quiz, item_quiz) = numbered(
        responses.submissions["quiz_id"], responses.items["quiz_id"]
    )
    order = _item_order(responses, item_quiz)
    new_item = places(order, len(item_quiz))
    options, new_option = _options(responses, new_item)
    cells = responses.cells
    scored = cells.state < (BLANK if omit_blank else UNGRADED)
    responded = Responded(cells.item, cells.submission, cells.score)
    if not scored.all():
        responded = responded.where(scored)
    guard(responded.score)
    twice = repeats(responded.submission, responded.owner, len(item_quiz))
    k, worth, total = _sums(responses, responded, twice[0])
    if recorded:
        total = responses.scores()
        # Nothing recorded and nothing graded is no total of 0.
        worth[~has_score(responses.submissions, responses.cells)] = _UNDECLARED
    totals, row = _totals({"quiz": quiz, "k": k, "points": worth, "total": total})
    new_quiz = item_quiz if order is None else item_quiz[order]
    grid = Grid.of(totals, new_quiz)
    by_rows, by_scores = by_total_and_score(responded, new_item, row, totals, grid)
    answered = np.zeros(len(new_quiz), np.int64)
    np.add.at(answered, column(by_scores, "item"), column(by_scores, "n"))
    again = twice[1] if scored.all() else _drawn_again(responses, omit_blank=omit_blank)
    items = _items(responses, item_quiz, answered[new_item], again)
    choosers = _choosers(responses, scored)
    choices_grid = Grid.of(totals, new_quiz[column(options, "item")])
    return Parts(
        pa.table({"quiz_id": names}),
        items if order is None else items.take(pa.array(order)),
        options,
        totals,
        by_rows,
        by_scores,
        by_total("option", choosers, new_option, row, choices_grid),
    )


def _choosers(responses: Responses, scored: Mask) -> Responded:
    """The choices of the responses that count, by option."""
    cells, choices = responses.cells, responses.choices
    chosen = scored[choices.chosen_cell]
    cell = choices.chosen_cell[chosen]
    return Responded(
        choices.chosen_option[chosen], cells.submission[cell], cells.score[cell]
    )


def _totals(keys: dict[str, Ints]) -> tuple[pa.Table, Ints]:
    """Count the submissions with each total; and the row of each submission."""
    first, row = distinct(list(keys.values()))
    table = {name: key[first] for name, key in keys.items()}
    return pa.table({**table, "n": np.bincount(row, minlength=len(first))}), row


def _item_order(responses: Responses, quiz: Ints) -> Ints | None:
    """Items by quiz and id."""
    _, name = sorted_names(responses.items["item_id"])
    return ordered(quiz, name)


def _items(responses: Responses, quiz: Ints, answered: Ints, again: Ints) -> pa.Table:
    """Items as they stand in the responses, with their counts.

    ``answered`` is the number of scored responses of each; ``again`` has the item of
    every response to what its submission has shown before.
    """
    old, cells = responses.items, responses.cells
    n = old.num_rows
    inferred = np.asarray(old["points_inferred"], bool)
    points = responses.points()
    waiting = _number(cells.item, cells.state == UNGRADED, n)
    return pa.table(
        {
            "quiz": pa.array(quiz),
            "item_id": old["item_id"],
            "position": old["position"],
            "item_type": old["item_type"],
            "title": old["title"],
            "points": pa.array(points, mask=inferred),
            "best": np.where(inferred, points, 0),
            "is_open": pa.array(responses.choices.is_open),
            "max_options": np.full(n, responses.choices.max_options),
            "n_shown": answered + waiting - np.bincount(again, minlength=n),
            "n_blank": _number(cells.item, cells.state == BLANK, n),
            "n_not_graded": waiting,
        }
    )


def _number(owner: Ints, which: Mask, size: int) -> Ints:
    return np.bincount(owner[np.flatnonzero(which)], minlength=size)


def _drawn_again(responses: Responses, *, omit_blank: bool) -> Ints:
    """The item of each response to what its submission has shown before."""
    cells = responses.cells
    item, submission = cells.item, cells.submission
    if omit_blank:
        kept = cells.state != BLANK
        item, submission = item[kept], submission[kept]
    return repeats(submission, item, responses.items.num_rows)[1]


def _options(responses: Responses, new_item: Ints) -> tuple[pa.Table, Ints]:
    """Options by item and id; and each option's new number."""
    old = responses.choices
    item = new_item[old.item]
    _, name = sorted_names(pa.chunked_array([old.option]))
    order = ordered(item, name)
    starts = np.searchsorted(old.item, old.item)
    table = pa.table(
        {
            "item": item,
            "option": old.option,
            "text": old.text,
            "declared": old.declared,
            "correct": old.correct & ~old.inferred,
            "inferred": old.inferred,
            "earned": np.where(old.inferred, old.earned, 0),
            "place": np.where(old.declared, np.arange(len(item)) - starts, 0),
        }
    )
    if order is not None:
        table = table.take(pa.array(order))
    return table, places(order, len(item))


def _sums(
    responses: Responses, responded: Responded, twice: Ints
) -> tuple[Ints, Ints, Ints]:
    """Items scored, what they were worth, and the total, of each submission."""
    item, submission, n = responded.owner, responded.submission, len(responses)
    k, worth, total = (np.zeros(n, np.int64) for _ in range(3))
    starts = run_starts(submission)
    if not len(starts):
        return k, worth, total
    there = submission[starts]
    k[there] = np.diff(starts, append=len(submission))
    k[twice] = -np.abs(k[twice])
    total[there] = np.add.reduceat(responded.score, starts)
    known = ~np.asarray(responses.items["points_inferred"], bool)
    if known.any():
        worth[there] = _summed(responses.points(), item, starts)
    if not known.all():
        worth[submission[~known[item]] if known.any() else there] = _UNDECLARED
    return k, worth, total


def _summed(values: Ints, number: Ints, starts: Ints) -> Ints:
    """Sum the values of these numbers over each run, some runs at a time."""
    total = np.empty(len(starts), np.int64)
    for at in range(0, len(starts), _RUNS):
        here = starts[at : at + _RUNS]
        end = starts[at + _RUNS] if at + _RUNS < len(starts) else len(number)
        numbers = number[here[0] : end]
        total[at : at + _RUNS] = np.add.reduceat(values[numbers], here - here[0])
    return total
