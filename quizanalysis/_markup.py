"""HTML taken apart: every text can be read, in one pass.

`html.parser` looks at what is never closed again and again, so that 50 kB can take it a
quarter of a minute, refuses some markup, and reads other markup differently in each
version of Python.
"""

import html
import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Tag", "attribute", "pieces"]

_RAW = {
    name: re.compile(rf"</{name}(?![^\s/>])", re.IGNORECASE)
    for name in ("script", "style")
}
"""Elements in which nothing is a tag, and how each ends."""

_OPENING = re.compile(r"<(?:(?P<name>/?[a-zA-Z][^\s/>]*+)|(?P<note>!--)|[!?/])")
_REST = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
"""What follows the name of a tag: a ``>`` within quotes does not end it."""

_ATTRIBUTE = re.compile(
    r"""([^\s/>=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?+""",
)
_LONG_NUMBER = re.compile(r"&#([0-9]{9,}+);?")


class Tag(NamedTuple):
    """A tag, with what stands in a script or a style that it begins.

    The name is in small letters, with a slash before it where the tag is an end.
    """

    name: str
    attributes: str
    inside: str = ""


def pieces(markup: str) -> Iterator[str | Tag]:
    """Give texts, with character references as characters, and tags in turn.

    Comments are left out. Markup that is never closed is text.

    Examples
    --------
    >>> list(pieces("1 &lt; 2<!-- so? --><br>a <![b"))
    ['1 < 2', Tag(name='br', attributes='', inside=''), 'a <![b']
    """
    at = 0
    # Known beforehand, so that no search for an end goes through the rest in vain.
    last_end, last_note = markup.rfind(">"), markup.rfind("-->")
    quotes = True
    while (opening := _OPENING.search(markup, at)) and opening.end() <= last_end:
        if text := markup[at : opening.start()]:
            yield _unescaped(text)
        begin, name = opening.end(), (opening["name"] or "").lower()
        at = markup.find(">", begin) + 1
        if opening["note"] and begin - 2 <= last_note:
            at = markup.find("-->", begin - 2) + 3
        elif name and quotes:
            rest = _REST.match(markup, begin)
            quotes = rest is not None  # without it, there is none further on either
            at = rest.end() if rest else at
        attributes = markup[begin : at - 1]
        inner = at
        if name in _RAW and markup[at - 2] != "/":
            end = _RAW[name].search(markup, at)
            at = end.start() if end else len(markup)
        if name:
            yield Tag(name, attributes, markup[inner:at])
    if text := markup[at:]:
        yield _unescaped(text)


def attribute(attributes: str, name: str) -> str:
    """Return the first value of this name, empty where there is none.

    Examples
    --------
    >>> attribute(" SRC = 'a &amp; b' alt=c", "src")
    'a & b'
    """
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == name:
            value = found[2] or ""
            quoted = value[:1] in {'"', "'"} and value[1:].endswith(value[0])
            return _unescaped(value[1:-1] if quoted else value)
    return ""


def _unescaped(text: str) -> str:
    """Write character references as characters, of whatever length."""

    def shorter(found: re.Match[str]) -> str:
        # No character has so large a number; Python refuses to read very long ones.
        return f"&#{found[1].lstrip('0')[:9] or '0'};"

    return html.unescape(_LONG_NUMBER.sub(shorter, text))
