"""Words that programs write where a value is missing, and numbers written as text."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Mask
from quizanalysis._intake.tidy import NULL_WORDS

__all__ = [
    "number_cells",
    "reads_null",
    "without_blanks",
    "without_decimals",
    "without_null_words",
]

_WHOLE = r"^\s*(\d+)[.,]0\s*$"
_DECIMAL_COMMA = r"^(\s*[+-]?\d*),(\d+\s*)$"


def reads_null(column: pa.ChunkedArray) -> Mask:
    """Where a text is one of the words for a missing value."""
    return np.asarray(pc.is_in(column, pa.array(NULL_WORDS, column.type)), bool)


def without_blanks(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Empty the cells of text that have nothing but blanks."""
    if not pa.types.is_string(column.type):
        return column
    blank = pc.utf8_is_space(column)
    return pc.if_else(blank, "", column) if pc.any(blank).as_py() else column


def without_null_words(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Empty the cells that have nothing but a word for a missing value."""
    words = reads_null(column)
    return pc.if_else(pa.array(words), "", column) if words.any() else column


def without_decimals(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Write ids as they were before a program took them for numbers with decimals."""
    if not pc.any(pc.match_substring_regex(column, _WHOLE)).as_py():
        return column
    numbers = pc.match_substring_regex(column, r"^\s*\d*([.,]0)?\s*$")
    if not pc.all(numbers).as_py():
        return column
    return pc.replace_substring_regex(column, _WHOLE, r"\1")


def number_cells(
    column: pa.ChunkedArray, *, decimal_comma: bool
) -> tuple[pa.ChunkedArray, int]:
    """Write cells as numbers are read: no word for a missing one, truth as 1 and 0.

    Parameters
    ----------
    column : pyarrow.ChunkedArray
        Numbers already, or text.
    decimal_comma : bool
        Whether ``0,5`` is a half.

    Returns
    -------
    column : pyarrow.ChunkedArray
        TRUE and FALSE are 1 and 0 where all cells that hold anything read so.
    n : int
        How many cells had a word for a missing value.
    """
    if not pa.types.is_string(column.type):
        return column, 0
    missing = reads_null(column)
    n = int(missing.sum())
    if n:
        column = pc.if_else(pa.array(missing), "", column)
    if decimal_comma:
        column = pc.replace_substring_regex(column, _DECIMAL_COMMA, r"\1.\2")
    return _truth_as_numbers(column), n


def _truth_as_numbers(column: pa.ChunkedArray) -> pa.ChunkedArray:
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(column))
    words = pa.array(["true", "false", ""], column.type)
    if (
        not pc.all(pc.is_in(plain, words)).as_py()
        or pc.all(pc.equal(plain, "")).as_py()
    ):
        return column
    return pc.replace_substring(pc.replace_substring(plain, "true", "1"), "false", "0")
