"""Moodle's random guess scores, as far as a question's type and key tell them."""

from collections.abc import Iterable

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Floats, Mask
from quizanalysis.responses import Responses

_HALF = ("truefalse", "true_false_question", "true-false")
_CHOICE = ("multichoice", "multiple_choice_question", "choice")
_MATCH = ("match", "randomsamatch")
_TYPED = (
    *("shortanswer", "numerical", "calculated", "calculatedsimple"),
    *("short_answer_question", "numerical_question", "calculated_question"),
)
_NOTHING = ("essay", "essay_question", "file_upload_question", "file-upload")


def guesses(responses: Responses) -> Floats:
    """Random guess score of each item; NaN where it cannot be told."""
    kind = responses.items["item_type"]
    options, size = responses.choices, responses.items.num_rows
    keyed = options.declared & ~options.inferred
    count = np.bincount(options.item[keyed], minlength=size)
    right = np.bincount(options.item[keyed & options.correct], minlength=size)
    choices = np.bincount(options.chosen_cell, minlength=len(responses.cells.item))
    several = np.zeros(size, bool)
    several[responses.cells.item[choices > 1]] = True

    def among(words: Iterable[str]) -> Mask:
        return np.asarray(pc.is_in(kind, pa.array(list(words))), bool)

    score = np.full(size, np.nan)
    score[among((*_NOTHING, *_TYPED))] = 0.0
    score[among(_HALF)] = 0.5
    known = among(_CHOICE) | np.asarray(kind.is_null(), bool)
    single = known & (right > 0) & ~several
    score[single] = right[single] / count[single]
    listed = np.bincount(options.item[options.declared], minlength=size)
    match = among(_MATCH) & (listed > 0)
    score[match] = 1 / listed[match]
    # Any answer will do where the key has an asterisk.
    whatever = keyed & options.correct & np.asarray(pc.equal(options.text, "*"), bool)
    wild = np.zeros(size, bool)
    wild[options.item[whatever]] = True
    score[wild & among(_TYPED)] = 1.0
    return score
