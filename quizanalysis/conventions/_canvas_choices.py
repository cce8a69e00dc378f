"""Which items Canvas classic analyses: those where one of some options is chosen."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._readout.figures import keyed, points_of

CHOICE_TYPES: Collection[str] = (
    "multiple_choice_question",
    "true_false_question",
    "choice",
    "true-false",
)
"""Kinds of question that are items: in the words of classic and of New Quizzes."""


def qualifying(parts: Parts, n_options: Ints) -> Mask:
    """Whether each item was shown, and is a single choice as far as one can tell."""
    kind = parts.items["item_type"]
    known, untyped = named(kind), np.asarray(kind.is_null(), bool)
    shown = column(parts.items, "n_shown") + column(parts.items, "n_blank") > 0
    two = _two_scores(parts)
    can_tell = two | (n_options > 0)
    return shown & can_tell & (known | (untyped & _like_a_choice(parts, two)))


def named(kinds: pa.ChunkedArray) -> Mask:
    """Whether these are the types of items."""
    found: Mask = np.asarray(pc.is_in(kinds, pa.array(CHOICE_TYPES)), bool)
    return found


def _two_scores(parts: Parts) -> Mask:
    """Whether every score of an item is 0 or all of its points."""
    owner, score = column(parts.item_scores, "item"), column(parts.item_scores, "score")
    points = points_of(parts)
    two = np.ones(parts.items.num_rows, bool)
    two[owner[(score != 0) & (score != points[owner])]] = False
    return two


def _like_a_choice(parts: Parts, two: Mask) -> Mask:
    """Judge an item without a type: by its options, its scores and its answers."""
    size = parts.items.num_rows
    item = column(parts.options, "item")
    inferred = np.asarray(parts.options["inferred"], bool)
    correct = keyed(parts)
    arrow = np.asarray(pc.match_substring(parts.options["option"], "=>"), bool)
    answered, choices = np.zeros(size, np.int64), np.zeros(size, np.int64)
    cells, chosen = parts.item_totals, parts.option_totals
    np.add.at(answered, column(cells, "item"), column(cells, "n"))
    np.add.at(choices, item[column(chosen, "option")], column(chosen, "n"))
    several = choices > answered
    declared, guessed = np.zeros(size, bool), np.zeros(size, bool)
    declared[item[~inferred]] = True
    guessed[item[inferred]] = True
    guessed[item[inferred & arrow]] = False
    guessed &= np.bincount(item[inferred & correct], minlength=size) <= 1
    bare = ~np.asarray(parts.items["is_open"], bool)
    bare[item] = False
    alike: Mask = ~several & (declared | ((guessed | bare) & two & (answered > 0)))
    return alike
