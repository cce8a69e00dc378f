"""The words of a question that is written in HTML."""

import re

from quizanalysis._markup import attribute, pieces

_PARTING = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br caption center dd details dir div dl dt "
        "fieldset figcaption figure footer form h1 h2 h3 h4 h5 h6 hr header legend li "
        "main nav ol option p pre section summary table tbody td tfoot th thead tr ul",
    )
)
"""Elements that part the words around them."""


def plain_text(title: str) -> str:
    """Write HTML as plain text in one line; an image is its description.

    Markup that is never closed is text; of scripts and styles nobody sees anything.

    Examples
    --------
    >>> plain_text("<p>Is <b>H<sub>2</sub>O</b> &lt; 5,<br>or <img alt='x^2'>?</p>")
    'Is H2O < 5, or x^2?'
    >>> plain_text("Which holds if (a <![b])?")
    'Which holds if (a <![b])?'
    """
    words: list[str] = []
    for piece in pieces(title):
        if isinstance(piece, str):
            words.append(piece)
        elif piece.name == "img":
            words.append(attribute(piece.attributes, "alt"))
        elif piece.name.lstrip("/") in _PARTING:
            words.append(" ")
    return " ".join("".join(words).split())
