r"""How Canvas classic makes plain text of HTML: of questions' texts and of answers.

Two conversions: `strip_tags` for question texts, by patterns, which loses what merely
looks like markup; `html_to_text` for answers, by a parser.
"""

import re
from html.parser import HTMLParser

import pyarrow as pa
import pyarrow.compute as pc

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
        of ``-`` above and below, the others one of ``-`` below. No line starts or
        ends in a blank, no two are empty in a row, and none is at either end.

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
    if not html:
        return ""
    parser = _Text()
    parser.feed(html)
    parser.close()
    text = re.sub(r"[ \t]+", " ", parser.whole())
    text = re.sub(r" ?(?:\r\n?|\n) ?", "\n", text)
    return re.sub(r"\n{3,}", "\n\n", text).strip(" \t\r\n\f\v\0")


class _Text(HTMLParser):
    """Gathers the text of each open element; the first of the stack is the fragment."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self._open: list[tuple[str, str, list[str]]] = [("", "", [])]
        self._pre = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "br":
            self._add("\n")
        elif tag == "img":
            source, alt = said.get("src", ""), said.get("alt", "")
            self._add(f"[{alt}] ({source})" if alt else source)
        elif tag in _VOID:
            self._add("\n\n" if tag in _BLOCKS else "")
        else:
            self._pre += tag == "pre"
            self._open.append((tag, said.get("href", ""), []))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        # HTML knows no <p/>: it opens the element.
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if any(name == tag for name, _, _ in self._open):
            while self._close() != tag:
                pass

    def handle_data(self, data: str) -> None:
        self._add(data if self._pre else re.sub(r"[ \t\r\n\f\v]+", " ", data))

    def whole(self) -> str:
        """Close what is open, and give all text."""
        while len(self._open) > 1:
            self._close()
        return "".join(self._open[0][2])

    def _add(self, text: str) -> None:
        self._open[-1][2].append(text)

    def _close(self) -> str:
        tag, href, parts = self._open.pop()
        self._pre -= tag == "pre"
        text = "" if tag == "script" else "".join(parts)
        if tag == "a" and href and href != text:
            text = f"[{text}] ({href})"
        elif tag == "li":
            text = f"* {text}"
        elif tag in _RULES:
            width = max(map(len, text.strip().split("\n")))
            above, below = (mark * width for mark in _RULES[tag])
            text = f"{above.strip()}\n{text.strip()}\n{below}"
        if tag in _BLOCKS:
            text = "\n\n" + text.strip(" \n") + "\n\n"
        self._add(text)
        return tag


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
