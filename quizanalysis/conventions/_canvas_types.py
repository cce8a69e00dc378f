"""Kinds of question, in the words of classic quizzes and of New Quizzes."""

from collections.abc import Collection

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Mask

_NEW = {
    "multiple_choice_question": "choice",
    "true_false_question": "true-false",
    "multiple_answers_question": "multi-answer",
    "short_answer_question": "rich-fill-blank",
    "fill_in_multiple_blanks_question": "rich-fill-blank",
    "multiple_dropdowns_question": "rich-fill-blank",
    "matching_question": "matching",
    "numerical_question": "numeric",
    "calculated_question": "formula",
    "essay_question": "essay",
    "file_upload_question": "file-upload",
}
"""What New Quizzes calls the questions of classic quizzes."""


def new_types(kinds: pa.ChunkedArray) -> pa.Array:
    """Types in the words of New Quizzes; one that has none stays, and so does null.

    Examples
    --------
    >>> kinds = pa.chunked_array([["true_false_question", "hot-spot", None]])
    >>> new_types(kinds).to_pylist()
    ['true-false', 'hot-spot', None]
    """
    whole = kinds.cast(pa.string()).combine_chunks()
    classic, new = pa.array(list(_NEW)), pa.array(list(_NEW.values()))
    return pc.coalesce(new.take(pc.index_in(whole, classic)), whole)


def of_type(kinds: pa.ChunkedArray, wanted: Collection[str]) -> Mask:
    """Whether each type is one of these, given in the words of New Quizzes."""
    found: Mask = np.asarray(pc.is_in(new_types(kinds), pa.array(wanted)), bool)
    return found
