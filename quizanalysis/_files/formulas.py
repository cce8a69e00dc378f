r"""A guard on text that a spreadsheet would run, and how it is taken off again.

The guard is an apostrophe. It stands at the start of a text that would be run as a
cell. A spreadsheet that expects another separator, as many do by their language, also
cuts cells at semicolons, TABs and the ends of lines, for to it a quote in the middle of
a cell means nothing; so a guard stands before the sign of each formula behind these.
"""

from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    # Arrow's functions take and give arrays of many classes, which its stubs miss.
    Array = Any
else:
    Array = pa.Array

__all__ = ["escape_formula", "unescape_formula"]

_SIGN = r"=+\-@\x{FF1D}\x{FF0B}\x{FF0D}\x{FF20}"

# What spreadsheets skip before they look for a formula: blanks and invisibles.
_START = rf"[\p{{Z}}\p{{C}}]*[{_SIGN}\t\r\n\x00]"
# At a cut the quotes of the file may go as well, and the guard must not hide a sign.
_CUT = r"[;\t\r\n][\p{Z}\p{C}'\"]*"


def escape_formula(texts: Array) -> Array:
    r"""Put an apostrophe wherever a spreadsheet would begin to run a text.

    Parameters
    ----------
    texts : pyarrow.Array of string
        A chunked array will do as well.

    Returns
    -------
    pyarrow.Array of string
        One apostrophe more before text whose first character, after blanks and
        invisible characters, is one of ``= + - @`` or their full-width forms, or that
        has a TAB, CR, LF or NUL among those blanks; also on such text behind
        apostrophes. And one more right before each of those signs that follows a
        semicolon, TAB, CR or LF with nothing but blanks, invisible characters, quotes
        and apostrophes between. All other text stays as it is, so `unescape_formula`
        is the exact inverse.

    Notes
    -----
    Commas cut nothing: they are what the file is separated by, and text is in quotes.

    Examples
    --------
    >>> escape_formula(pa.array(["=1+1", "'=1+1", "x=1", "'tis"])).to_pylist()
    ["'=1+1", "''=1+1", 'x=1', "'tis"]
    >>> escape_formula(pa.array(["x;=1", "3; -5", "(3, -5)", "a\n\t@b"])).to_pylist()
    ["x;'=1", "3; '-5", '(3, -5)', "a\n\t'@b"]
    """
    inside = f"({_CUT})([{_SIGN}])", r"\1'\2"
    return _replaced(texts, inside, (f"^('*{_START})", r"'\1"))


def unescape_formula(texts: Array) -> Array:
    """Take away the apostrophes that `escape_formula` put there.

    Parameters
    ----------
    texts : pyarrow.Array of string
        A chunked array will do as well.

    Returns
    -------
    pyarrow.Array of string
        The texts as they were before `escape_formula`.

    Examples
    --------
    >>> unescape_formula(pa.array(["'=1+1", "''=1+1", "x;'=1", "'tis"])).to_pylist()
    ['=1+1', "'=1+1", 'x;=1', "'tis"]
    """
    inside = f"({_CUT})'([{_SIGN}])", r"\1\2"
    return _replaced(texts, (f"^'('*{_START})", r"\1"), inside)


def _replaced(texts: Array, *rules: tuple[str, str]) -> Array:
    """Replace by one rule after the other; most columns have nothing to replace."""
    anything = "|".join(pattern for pattern, _ in rules)
    if pc.any(pc.match_substring_regex(texts, anything)).as_py():
        for pattern, replacement in rules:
            texts = pc.replace_substring_regex(texts, pattern, replacement)
    return texts
