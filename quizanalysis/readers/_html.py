"""The words of a question that is written in HTML."""

import re
from html.parser import HTMLParser

_PARTING = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption center dd details dir div dl dt "
        "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 header hr legend li "
        "main nav ol option p pre section summary table tbody td tfoot th thead tr ul",
    )
)
"""Elements that part the words around them."""

_HIDDEN = ("script", "style")


def plain_text(html: str) -> str:
    """Write HTML as plain text in one line; an image is its description.

    Examples
    --------
    >>> plain_text("<p>Is <b>H<sub>2</sub>O</b> &lt; 5,<br>or <img alt='x^2'>?</p>")
    'Is H2O < 5, or x^2?'
    """
    parser = _Words()
    parser.feed(html)
    parser.close()
    return " ".join("".join(parser.parts).split())


class _Words(HTMLParser):
    """Gathers what a reader would see."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._hidden = tag in _HIDDEN
        if tag == "img":
            self.parts.append(dict(attrs).get("alt") or "")
        elif tag in _PARTING:
            self.parts.append(" ")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False
        if tag in _PARTING:
            self.parts.append(" ")

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.parts.append(data)
