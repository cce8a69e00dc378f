"""Which items Canvas classic analyses: those where one of some options is chosen."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import Ints, Mask, codes
from quizanalysis._intake.options import Options
from quizanalysis._readout.figures import keyed, points_of
from quizanalysis.conventions._canvas_types import of_type

CHOICE_TYPES = ("choice", "true-false")
"""Kinds of question that are items."""


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
    return of_type(kinds, CHOICE_TYPES)


def offered(parts: Parts) -> Mask:
    """Whether each option is one: those declared, where any are, or every answer.

    What else was chosen from declared options is an option that was deleted.
    """
    declared = np.asarray(parts.options["declared"], bool)
    some = np.zeros(parts.items.num_rows, bool)
    item = column(parts.options, "item")
    some[item[declared]] = True
    found: Mask = declared | ~some[item]
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
    taken = ~np.asarray(parts.options["declared"], bool) & offered(parts)
    arrow = np.asarray(pc.match_substring(parts.options["option"], "=>"), bool)
    answered, choices = np.zeros(size, np.int64), np.zeros(size, np.int64)
    cells, chosen = parts.item_totals, parts.option_totals
    np.add.at(answered, column(cells, "item"), column(cells, "n"))
    np.add.at(choices, item[column(chosen, "option")], column(chosen, "n"))
    closed, guessed = np.zeros(size, bool), np.zeros(size, bool)
    closed[item] = True
    guessed[item[taken]] = True
    declared = closed & ~guessed
    guessed[item[taken & arrow]] = False
    guessed &= np.bincount(item[taken & keyed(parts)], minlength=size) <= 1
    bare = ~np.asarray(parts.items["is_open"], bool) & ~closed
    fits = declared | ((guessed | bare) & two & (answered > 0))
    alike: Mask = fits & (choices <= answered)
    return alike


def by_id(options: Options, texts: pa.Array, words: pa.Array, item: Ints) -> pa.Array:
    """Put the text of an option where its id stands; other words stay.

    Parameters
    ----------
    options : Options
    texts : large_string array, shape (options,)
    words : large_string array, shape (words,)
    item : int array, shape (words,)
        The item that each is an answer to.
    """
    if not len(options.item):
        return words
    number, names = codes(pa.chunked_array([options.option.cast(words.type), words]))
    known, said = np.split(number, [len(options.item)])
    keys = options.item * (len(names) + 1) + known
    order = np.argsort(keys, kind="stable")
    wanted = item * (len(names) + 1) + said
    place = order[np.searchsorted(keys[order], wanted).clip(max=len(order) - 1)]
    found = pa.array(place, mask=(keys[place] != wanted) | (said < 0))
    return pc.coalesce(texts.take(found), words)
