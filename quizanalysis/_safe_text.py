"""Text from outside made safe to show: nothing a terminal obeys, a bounded length."""

import re

__all__ = ["printable", "shorten"]

# Whole sequences go, so that none leaves its letters behind. Each repetition is
# possessive: a sequence that never ends is passed over once.
_ESCAPES = re.compile(
    r"\x1b\][^\x07\x1b]*+(?:\x07|\x1b\\)?"
    r"|(?:\x1b\[|\x9b)[0-?]*+[ -/]*+[@-~]?"
    r"|\x1b[ -/]*+[0-~]?"
)
# Control characters but line ends and TABs, halves of characters, and what turns the
# direction in which the rest is shown.
_STEERING = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff"
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]"
)


def printable(text: str) -> str:
    r"""Remove all that steers a terminal; line ends and TABs stay.

    Examples
    --------
    >>> printable("\x1b[31mred\x1b[0m\x07")
    'red\ufffd'
    """
    return _STEERING.sub("\ufffd", _ESCAPES.sub("", text))


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
