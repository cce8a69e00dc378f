r"""How Canvas classic makes plain text of HTML: of questions' texts and of answers.

Two conversions: `strip_tags` for question texts, by patterns, which loses what merely
looks like markup; `html_to_text` for answers, tag by tag.
"""

import re
from collections import Counter
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._markup import Tag, attribute, pieces

_ANGLE = re.compile(r"</?[^<>\n]*>?")
_DECIMAL = re.compile(r"&#([0-9]+);")
_NAMED = re.compile(r"&[A-Za-z0-9_]+;")

TAG = r"<[/!]?[A-Za-z-][^<>]*>"
MARKUP = TAG + r"|&(?:#[0-9]+|#[xX][0-9A-Fa-f]+|[A-Za-z][A-Za-z0-9]*);"
"""What shows that a text is HTML: a tag, a comment or an entity."""

_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address blockquote body caption center col colgroup dd dir div dl dt fieldset "
        "form frameset h1 h2 h3 h4 h5 h6 hr html legend li menu noscript ol optgroup "
        "option p pre table tbody td tfoot th thead tr ul",
    )
)
_VOID = frozenset(
    re.findall(
        r"\w+", "area base br col embed hr img input link meta param source track wbr"
    )
)
_RULES = {"h1": "**", "h2": "--"} | dict.fromkeys(("h3", "h4", "h5", "h6"), " -")
"""What is drawn above and below a heading."""


def strip_tags(text: str) -> str:
    """Take the tags out of a question's text, as its header and title have it.

    Parameters
    ----------
    text : str

    Returns
    -------
    str
        Without each ``<`` and what follows it up to the next ``<``, ``>`` or end of
        line, be it a tag or not; then with decimal references such as ``&#39;`` as
        characters (as nothing when there is no such character), and without named
        entities. Hexadecimal references and line ends stay.

    Notes
    -----
    This is Canvas's rule, made of patterns; it loses text where ``<`` means "less".

    Examples
    --------
    >>> strip_tags("<p>What is <b>2 + 2</b>?</p>")
    'What is 2 + 2?'
    >>> strip_tags("x < 5 and y > 3")
    'x  3'
    """
    return _NAMED.sub("", _DECIMAL.sub(_character, _ANGLE.sub("", text)))


def _character(reference: re.Match[str]) -> str:
    digits = reference[1].lstrip("0")
    code = int(digits or "0") if len(digits) <= 7 else 0x110000
    return "" if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def html_to_text(html: str) -> str:
    r"""Write an answer's HTML as plain text.

    Parameters
    ----------
    html : str
        A fragment; need not be well-formed.

    Returns
    -------
    str
        Without tags and comments, entities decoded. Runs of white space are one blank,
        but for those in ``pre``. A ``br`` ends the line; blocks stand between empty
        lines; scripts are gone. An image is ``[alt] (src)``, or its source alone; a
        link ``[text] (href)``, or its text alone if that is the same; an entry of a
        list has ``* `` before it; first and second headings have a line of ``*`` and
        of ``-`` above and below, the others one of ``-`` below; of headings in one
        another only the outer one. No line starts or ends in a blank, no two are empty
        in a row, and none is at either end. Markup that is never closed is text.

    Notes
    -----
    The ends of lines in plain text are lost, as they are in Canvas. Inferred rather
    than documented: which elements are blocks (all of HTML 4 that are not inline, so
    entries of lists and cells of tables too), that white space and blanks are those of
    ASCII, and the length of a line under a heading: that of its longest line.

    Examples
    --------
    >>> html_to_text("<p>6 &gt; 5,<br>see <a href='/x'>here</a></p>")
    '6 > 5,\nsee [here] (/x)'
    """
    text = _Text()
    for piece in pieces(html):
        if isinstance(piece, str):
            text.say(piece)
        elif piece.name.startswith("/"):
            text.end(piece.name[1:])
        else:
            text.begin(piece)
    return _tidied(text.whole())


def _tidied(text: str) -> str:
    """No blanks about the ends of lines, and no two empty lines in a row."""
    text = re.sub(r"[ \t]+", " ", text)
    text = re.sub(r" ?(?:\r\n?|\n) ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip(" \t\r\n\f\v\0")


class _Element(NamedTuple):
    """An element that is open: where its text starts, in parts and in characters."""

    name: str
    href: str
    part: int
    size: int


class _Text:
    """Gathers text in parts, none of which is looked at once for each open element."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._size = 0
        self._open: list[_Element] = []
        self._count: Counter[str] = Counter()
        self._headings = 0

    def say(self, text: str) -> None:
        blanks = r"[ \t\r\n\f\v]+"
        self._add(text if self._count["pre"] else re.sub(blanks, " ", text))

    def begin(self, tag: Tag) -> None:
        name, said = tag.name, tag.attributes
        if name == "br":
            self._add("\n")
        elif name == "img":
            source, alt = attribute(said, "src"), attribute(said, "alt")
            self._add(f"[{alt}] ({source})" if alt else source)
        else:
            self._add("\n\n" if name in _BLOCKS else "")
            if name not in _VOID:
                self._begin(name, attribute(said, "href") if name == "a" else "")
            if name != "script":
                self.say(tag.inside)

    def end(self, name: str) -> None:
        if self._count[name]:
            while self._close() != name:
                pass

    def whole(self) -> str:
        """Close what is open, and give all text."""
        while self._open:
            self._close()
        return "".join(self._parts)

    def _add(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._size += len(text)

    def _begin(self, name: str, href: str) -> None:
        # HTML knows no <p/>: it opens the element too.
        self._open.append(_Element(name, href, len(self._parts), self._size))
        self._count[name] += 1
        self._headings += name in _RULES
        if href:
            self._parts.append("")  # the bracket, if there will be one
        self._add("* " if name == "li" else "")

    def _close(self) -> str:
        element = self._open.pop()
        self._count[element.name] -= 1
        if element.href:
            self._end_link(element)
        elif element.name in _RULES:
            self._headings -= 1
            # Of one heading in another the outer one has the lines.
            if not self._headings:
                self._end_heading(element)
        self._add("\n\n" if element.name in _BLOCKS else "")
        return element.name

    def _end_link(self, link: _Element) -> None:
        """Add the address, if it is not the text."""
        if self._size - link.size == len(link.href):
            text = self._taken(link)
            self._parts.append("")
            self._add(text)
            if text == link.href:
                return
        self._parts[link.part] = "["
        self._size += 1
        self._add(f"] ({link.href})")

    def _end_heading(self, heading: _Element) -> None:
        text = _tidied(self._taken(heading)).strip()
        width = max(map(len, text.split("\n")))
        above, below = (mark * width for mark in _RULES[heading.name])
        self._add(f"{above.strip()}\n{text}\n{below}")

    def _taken(self, element: _Element) -> str:
        """Take away the text of an element, to be put in its place again."""
        text = "".join(self._parts[element.part :])
        del self._parts[element.part :]
        self._size = element.size
        return text


def texts_of_html(texts: pa.Array, *, html: bool | None) -> pa.Array:
    """Convert answers: all, none, or (None) those that hold markup; equal ones once."""
    if html is False:
        return texts
    coded = texts.dictionary_encode()
    words = coded.dictionary
    there = pc.fill_null(pc.match_substring_regex(words, MARKUP), False)
    if html is None and not pc.any(there).as_py():
        return texts
    convert = pa.repeat(pa.scalar(True), len(words)) if html else there
    done = pa.array(
        [html_to_text(text) for text in words.filter(convert).to_pylist()], words.type
    )
    return pc.replace_with_mask(words, convert, done).take(coded.indices)
