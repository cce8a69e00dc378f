"""Text from outside made safe to show: nothing a terminal obeys, a bounded length."""

import re
import unicodedata

__all__ = ["printable", "shorten"]

# Whole sequences go, so that none leaves its letters behind. Each repetition is
# possessive: a sequence that never ends is passed over once.
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|\x1b[ -/]*+[0-~]?"
)
_DIRECTIONS = {"LRE", "RLE", "LRO", "RLO", "PDF", "LRI", "RLI", "FSI", "PDI"}
_MARKS = {"\u061c", "\u200e", "\u200f"}
"""Marks of a direction that have no width."""


def printable(text: str) -> str:
    r"""Remove all that steers a terminal; line ends and TABs stay.

    Examples
    --------
    >>> printable("\x1b[31mred\x1b[0m\x07")
    'red\ufffd'
    """
    return "".join(map(_harmless, _ESCAPES.sub("", text)))


def shorten(text: str, longest: int) -> str:
    r"""Write a text in one printable line of at most so many characters.

    Examples
    --------
    >>> shorten("two\nlines", 20), shorten("a long text", 6)
    ('two lines', 'a l...')
    """
    # A character may take several to escape; what lies beyond is cut off anyway.
    line = " ".join(printable(text[: 8 * longest]).split())
    cut = len(line) > longest or len(text) > 8 * longest
    return f"{line[: longest - 3]}..." if cut else line


def _harmless(letter: str) -> str:
    if letter in "\n\t":
        return letter
    kind = unicodedata.category(letter)
    steers = kind in {"Cc", "Cs"} or unicodedata.bidirectional(letter) in _DIRECTIONS
    return "\ufffd" if steers or letter in _MARKS else letter
