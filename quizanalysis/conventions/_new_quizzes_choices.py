"""The choices of each item of the New Quizzes report, and how many made them."""

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.tidy import ANSWERED
from quizanalysis.conventions._canvas_types import of_type
from quizanalysis.conventions._new_quizzes_items import marks, percentages
from quizanalysis.responses import Responses

CHOICES = ("choice", "true-false", "multi-answer")
"""Types whose answers are counted by option; so are those of no known type."""

_SEVERAL = ("multi-answer",)
_WITHIN = "\0"
"""Stands for a comma that is part of an option."""


@dataclass(frozen=True, slots=True)
class _Choices:
    """Options, item by item in any order; within an item in their own."""

    item: Ints
    body: pa.Array
    count: Ints
    correct: Mask


def choices(responses: Responses, n: Ints) -> pa.Array:
    """List the options of each item with their counts; null for other types.

    Parameters
    ----------
    responses : Responses
    n : int array, shape (items,)
        What percentages are of.

    Returns
    -------
    pyarrow.ListArray of {body, count, correct, percentage}, shape (items,)
    """
    kinds = responses.items["item_type"]
    mine = of_type(kinds, CHOICES) | np.asarray(kinds.is_null(), bool)
    joined = of_type(kinds, _SEVERAL) & _is_text(responses)
    options = responses.choices
    parts = [_as_chosen(responses, (mine & ~joined)[options.item])]
    if joined.any():
        declared = np.zeros(len(joined), bool)
        declared[options.item[options.declared]] = True
        parts += [
            _between_commas(responses, joined[options.item] & options.declared),
            _taken(responses, joined & ~declared),
        ]
    item, count, correct = (
        np.concatenate([getattr(part, name) for part in parts])
        for name in ("item", "count", "correct")
    )
    order = np.argsort(item, kind="stable")
    item, count = item[order], count[order]
    bodies = pa.concat_arrays([part.body for part in parts])
    structs = pa.StructArray.from_arrays(
        [
            bodies.take(pa.array(order)),
            pa.array(count),
            pa.array(correct[order]),
            pa.array(percentages(count, n[item])),
        ],
        ["body", "count", "correct", "percentage"],
    )
    size = np.bincount(item, minlength=len(n))
    ends = pa.array(np.append(0, np.cumsum(size)), pa.int32())
    return pa.ListArray.from_arrays(ends, structs, mask=pa.array(size == 0))


def _is_text(responses: Responses) -> bool:
    said = responses.cells.response
    return said is not None and not pa.types.is_list(said.type)


def _as_chosen(responses: Responses, wanted: Mask) -> _Choices:
    """Some of the options, with the choices that are known."""
    options, rows = responses.choices, np.flatnonzero(wanted)
    answered = responses.cells.state[options.chosen_cell] == ANSWERED
    chosen = options.chosen_option[answered]
    count = np.bincount(chosen, minlength=len(options.item))
    body = pc.coalesce(options.text, options.option).cast(pa.string())
    return _Choices(
        options.item[rows],
        body.take(pa.array(rows)),
        count[rows],
        options.correct[rows],
    )


def _between_commas(responses: Responses, wanted: Mask) -> _Choices:
    """Some of the options, each looked for in the answers to its item."""
    found = _as_chosen(responses, wanted)
    count, correct = found.count.copy(), found.correct.copy()
    inferred = responses.choices.inferred[wanted]
    item, texts, right = _answers(responses, np.isin(responses.cells.item, found.item))
    whole = pc.replace_substring(texts, _WITHIN, ",")
    whole = pc.binary_join_element_wise("", whole, "", ",")
    for option, (owner, body) in enumerate(
        zip(found.item, found.body.to_pylist(), strict=True)
    ):
        there = np.asarray(pc.match_substring(whole, f",{body},"), bool)
        there &= item == owner
        count[option] = there.sum()
        if inferred[option]:
            correct[option] = np.any(there & right)
    return _Choices(found.item, found.body, count, correct)


def _answers(responses: Responses, wanted: Mask) -> tuple[Ints, pa.Array, Mask]:
    """Item of some responses, their text, and whether it is right."""
    cells = responses.cells
    rows = np.flatnonzero(wanted & (cells.state == ANSWERED))
    none = pa.chunked_array([pa.nulls(len(cells.item), pa.string())])
    said = none if cells.response is None else cells.response
    texts = said.take(pa.array(rows)).cast(pa.string()).combine_chunks()
    texts = pc.replace_substring(pc.fill_null(texts, ""), r"\,", _WITHIN)
    right, _ = marks(responses)
    return cells.item[rows], texts, right[rows]


def _taken(responses: Responses, items: Mask) -> _Choices:
    """Take the parts of the answers as options of their items, if they are few."""
    owner, texts, right = _answers(responses, items[responses.cells.item])
    # An option goes on after a comma with a blank behind it.
    texts = pc.replace_substring_regex(texts, r",(\s)", _WITHIN + r"\1")
    lists = pc.split_pattern(texts, ",")
    cell = np.asarray(pc.list_parent_indices(lists), np.int64)
    words = pc.replace_substring(lists.flatten(), _WITHIN, ",").dictionary_encode()
    said = np.asarray(pc.not_equal(words, ""), bool)
    code, names = np.asarray(words.indices, np.int64)[said], words.dictionary
    cell = cell[said]
    _, once = ranks(cell * (len(names) + 1) + code)
    cell, code = cell[once], code[once]
    option, first = ranks(owner[cell] * (len(names) + 1) + code)
    item, body = owner[cell[first]], names.take(pa.array(code[first]))
    count = np.bincount(option, minlength=len(first))
    correct = np.bincount(option[right[cell]], minlength=len(first)) > 0
    few = np.bincount(item, minlength=len(items)) <= responses.choices.max_options
    order = np.asarray(pc.sort_indices(body), np.int64)
    order = order[few[item[order]]]
    return _Choices(
        item[order], body.take(pa.array(order)), count[order], correct[order]
    )
