"""The words of a question that is written in HTML.

Every title can be read, in one pass. `html.parser` looks at what is never closed again
and again, so that 50 kB can take it a quarter of a minute, and refuses some markup.
"""

import html
import re

_PARTING = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption center dd details dir div dl dt "
        "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li "
        "main nav ol option p pre section summary table tbody td tfoot th thead tr ul",
    )
)
"""Elements that part the words around them."""

_HIDDEN = {
    name: re.compile(rf"</{name}(?![^\s/>])", re.IGNORECASE)
    for name in ("script", "style")
}
"""Elements whose text nobody sees, and how each ends."""

_OPENING = re.compile(r"<(?:(?P<name>/?[a-zA-Z][^\s/>]*+)|(?P<note>!--)|[!?/])")
_REST = re.compile(r"""(?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?+)*+>""")
"""What follows the name of a tag: a ``>`` within quotes does not end it."""

_ATTRIBUTE = re.compile(
    r"""([^\s/>=]++)(?:\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s>]*+))?+""",
)
_LONG_NUMBER = re.compile(r"&#([0-9]{9,}+);?")


def plain_text(title: str) -> str:
    """Write HTML as plain text in one line; an image is its description.

    Markup that is never closed is text.

    Examples
    --------
    >>> plain_text("<p>Is <b>H<sub>2</sub>O</b> &lt; 5,<br>or <img alt='x^2'>?</p>")
    'Is H2O < 5, or x^2?'
    >>> plain_text("Which holds if (a <![b])?")
    'Which holds if (a <![b])?'
    """
    return " ".join("".join(_words(title)).split())


def _words(title: str) -> list[str]:
    """What a reader would see, in pieces."""
    words: list[str] = []
    at = 0
    # Known beforehand, so that no search for an end goes through the rest in vain.
    last_end, last_note = title.rfind(">"), title.rfind("-->")
    quotes = True
    while (opening := _OPENING.search(title, at)) and opening.end() <= last_end:
        words.append(_unescaped(title[at : opening.start()]))
        begin, name = opening.end(), (opening["name"] or "").lower()
        at = title.find(">", begin) + 1
        if opening["note"] and begin - 2 <= last_note:
            at = title.find("-->", begin - 2) + 3
        elif name and quotes:
            rest = _REST.match(title, begin)
            quotes = rest is not None  # without it, there is none further on either
            at = rest.end() if rest else at
        if name == "img":
            words.append(_description(title[begin : at - 1]))
        elif name.lstrip("/") in _PARTING:
            words.append(" ")
        elif name in _HIDDEN and title[at - 2] != "/":
            end = _HIDDEN[name].search(title, at)
            at = end.start() if end else len(title)
    words.append(_unescaped(title[at:]))
    return words


def _description(attributes: str) -> str:
    """Return the ``alt`` among the attributes of an image."""
    for found in _ATTRIBUTE.finditer(attributes):
        if found[1].lower() == "alt":
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
