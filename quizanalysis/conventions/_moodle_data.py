"""Moodle's view of the submissions: which attempts count, and what a slot is."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import distinct
from quizanalysis._intake.attempts import first_of
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask, codes
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.conventions._kept import kept
from quizanalysis.conventions._moodle_guesses import guesses
from quizanalysis.responses import Responses

Which = Literal["highest", "best", "first", "last", "all"]
_FIVE_DECIMALS = NANO // 10**5

_NO_QUESTION = ("description", "text_only_question")


def chosen(responses: Responses, attempt: Which) -> Responses:
    """Choose attempts by their stored totals, then drop those that have none.

    Where a quiz has recorded totals, an attempt without one waits for a grade.
    """
    if attempt not in get_args(Which):
        msg = f"attempt must be highest, first, last or all, not {attempt!r}"
        raise ValueError(msg)
    responses.check_attempts("best" if attempt == "highest" else attempt)
    responses = _questions(responses)
    there = np.asarray(pc.is_valid(responses.submissions["recorded_score"]), bool)
    quiz, names = codes(responses.submissions["quiz_id"])
    storing = np.zeros(len(names) + 1, bool)
    storing[quiz[there]] = True
    waiting = storing[quiz] & ~there
    student, names = codes(responses.submissions["student_id"])
    owner = quiz * (len(names) + 1) + student
    number = np.asarray(responses.submissions["attempt"], np.int64)
    rank = np.where(waiting, 0, stored_totals(responses))
    keep = np.full(len(responses), attempt == "all")
    if attempt != "all":
        by = {"first": (number,), "last": (-number,)}.get(attempt, (-rank, number))
        keep[first_of(owner, *by)] = True
    return kept(responses, keep & ~waiting)


def _questions(responses: Responses) -> Responses:
    """Leave out what only describes and asks nothing: it is no slot."""
    kind = responses.items["item_type"]
    none = np.asarray(pc.is_in(kind, pa.array(_NO_QUESTION)), bool)
    if not none.any():
        return responses
    everyone = np.ones(len(responses), bool)
    asked = kept(responses, everyone, ~none[responses.cells.item])
    return asked._keep_items(~none)  # noqa: SLF001  there is no public way to say which


def graded(responses: Responses) -> Responses:
    """Count what is not graded, like what is blank, as 0."""
    cells = responses.cells
    state = np.where(cells.state == UNGRADED, BLANK, cells.state)
    return replace(
        responses, cells=replace(cells, state=state), choices=responses.choices.none()
    )


def stored_totals(responses: Responses) -> Ints:
    """Totals of the quiz level: recorded ones to 5 decimals, else the sum of marks."""
    recorded = np.asarray(pc.is_valid(responses.submissions["recorded_score"]), bool)
    total = responses.scores()
    half = _FIVE_DECIMALS // 2
    rounded = np.sign(total) * (
        (np.abs(total) + half) // _FIVE_DECIMALS * _FIVE_DECIMALS
    )
    return np.where(recorded, rounded, total)


@dataclass(frozen=True, slots=True)
class Level:
    """The responses told apart by slot, by question or by variant.

    Attributes
    ----------
    responses : Responses
        With the slots, questions or variants in the place of the items.
    second : {"rest", "total"}
        What a mark is held against.
    place : int array, shape (items of responses, 3)
        The slot of each row, its question within the slot and the variant within that,
        from 1; 0 where the row stands for the whole.
    shown : bool array, shape (items of responses,)
        Which rows the report has.
    guess : float array, shape (items of responses,)
        Random guess score.
    """

    responses: Responses
    second: Literal["rest", "total"]
    place: Ints
    shown: Mask
    guess: Floats


@dataclass(frozen=True, slots=True)
class _Layout:
    """Which question each item is or is a variant of, and the slots of questions.

    ``slot`` and ``item`` are the distinct pairs of a slot and an item seen in it.
    """

    question: Ints
    names: pa.Array
    slot_of_cell: Ints
    slot: Ints
    item: Ints


def levels(
    responses: Responses, *, random: bool, variants: Mapping[str, str]
) -> list[Level]:
    """Slots; the questions drawn into random slots; and the variants of questions."""
    data, guess = graded(responses), guesses(responses)
    layout = _layout(data, variants, random=random)
    question, n_questions = layout.question, len(layout.names)
    slots, held = _slot_level(data, layout, guess)
    found, rank = [slots], slots.place[:, 0]
    last = np.zeros(n_questions, np.int64)
    np.maximum.at(last, question[layout.item], rank[layout.slot])
    drawn = np.zeros(n_questions, bool)
    drawn[question[layout.item[held[layout.slot] > 1]]] = True
    seen = np.zeros(data.items.num_rows, bool)
    seen[data.cells.item] = True
    drawn &= np.bincount(question[seen], minlength=n_questions) > 0
    which = np.where(drawn, _within(last, drawn), 0)
    if drawn.any():
        everything = np.arange(data.items.num_rows)
        table, first = _pooled(data.items, question, everything, n_questions)
        table = _named(table, layout.names, np.zeros(n_questions, bool))
        cells = _relabelled(data, question[data.cells.item], table)
        place = np.stack([last, which, np.zeros_like(last)], 1)
        found.append(Level(cells, "total", place, drawn, guess[first]))
    if variants:
        several = np.bincount(question[seen], minlength=n_questions)[question] > 1
        several &= seen
        number = _within(question, np.ones(len(question), bool))
        place = np.stack([last[question], which[question], number], 1)
        one, other = several & ~drawn[question], several & drawn[question]
        found.append(Level(data, "rest", place, one, guess))
        found.append(Level(data, "total", place, other, guess))
    return found


def _slot_level(data: Responses, layout: _Layout, guess: Floats) -> tuple[Level, Ints]:
    """The slots, by quiz and position; and how many questions each holds."""
    n = int(layout.slot.max(initial=-1)) + 1
    pair, _ = distinct([layout.slot, layout.question[layout.item]])
    held = np.bincount(layout.slot[pair], minlength=n)
    table, first = _pooled(data.items, layout.slot, layout.item, n)
    names = layout.names.take(pa.array(layout.question[first]))
    table = _named(table, names, held > 1)
    position = np.asarray(table["position"].fill_null(2**40), np.int64)
    order = np.lexsort((position, codes(table["quiz_id"])[0]))
    place = np.zeros((n, 3), np.int64)
    place[order, 0] = np.arange(n)
    cells = _relabelled(data, layout.slot_of_cell, table)
    known = np.where(held > 1, np.nan, guess[first])
    return Level(cells, "rest", place, np.ones(n, bool), known), held


def _layout(data: Responses, variants: Mapping[str, str], *, random: bool) -> _Layout:
    items, cells = data.items, data.cells
    quiz, _ = codes(items["quiz_id"])
    ids = items["item_id"].to_pylist()
    named = pa.chunked_array([pa.array([variants.get(i, i) for i in ids], pa.string())])
    first, question = distinct([quiz, codes(named)[0]])
    names = named.take(pa.array(first)).combine_chunks()
    everything = np.arange(len(ids))
    if not random:
        asked = question[cells.item]
        return _Layout(question, names, asked, question, everything)
    position = np.asarray(items["position"].fill_null(2**40), np.int64)
    unseen = np.setdiff1d(everything, cells.item)
    item = np.concatenate([cells.item, unseen])
    there = np.concatenate([cells.position, position[unseen]])
    _, slot = distinct([quiz[item], there])
    pair, _ = distinct([slot, item])
    return _Layout(question, names, slot[: len(cells.item)], slot[pair], item[pair])


def _within(group: Ints, counted: Mask) -> Ints:
    """Number the members of each group that are counted, from 1."""
    order = np.lexsort((np.arange(len(group)), ~counted, group))
    new = np.diff(group[order], prepend=-1) != 0
    start = np.maximum.accumulate(np.where(new, np.arange(len(order)), 0))
    number = np.empty(len(order), np.int64)
    number[order] = np.arange(len(order)) - start + 1
    return number


def _relabelled(data: Responses, of_cell: Ints, items: pa.Table) -> Responses:
    """Put the responses under other items; these have no options."""
    choices = replace(data.choices.none(), is_open=np.zeros(items.num_rows, bool))
    cells = replace(data.cells, item=of_cell)
    return replace(data, items=items, cells=cells, choices=choices)


def _pooled(items: pa.Table, group: Ints, item: Ints, n: int) -> tuple[pa.Table, Ints]:
    """One row for each group, its first item's, worth as much as the dearest one."""
    first = np.full(n, items.num_rows, np.int64)
    np.minimum.at(first, group, item)
    points, inferred = np.zeros(n), np.zeros(n, bool)
    np.maximum.at(points, group, np.asarray(items["points_possible"], np.float64)[item])
    inferred[group[np.asarray(items["points_inferred"], bool)[item]]] = True
    table = items.take(pa.array(first))
    for name, values in (("points_possible", points), ("points_inferred", inferred)):
        table = table.set_column(table.column_names.index(name), name, pa.array(values))
    return table, first


def _named(table: pa.Table, names: pa.Array, mixed: Mask) -> pa.Table:
    """Call the rows by their questions; a slot that holds several is random."""
    several = pa.array(mixed)
    place = pc.binary_join_element_wise(
        "random slot", table["position"].cast(pa.string()), " "
    )
    for name, values in (
        ("item_id", pc.if_else(several, place, names)),
        ("item_type", pc.if_else(several, "random", table["item_type"])),
        ("title", pc.if_else(several, None, table["title"])),
    ):
        table = table.set_column(table.column_names.index(name), name, values)
    return table
