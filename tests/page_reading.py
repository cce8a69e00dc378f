"""Take a page apart: its elements with their attributes, texts and places."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "link", "br", "hr", "img", "input", "wbr"}


@dataclass
class Element:
    """One element, with the text of all that is in it."""

    tag: str
    attributes: dict
    text: str = ""
    inside: list = field(default_factory=list)

    def all(self, tag):
        """The elements of that name within."""
        own = [one for one in self.inside if one.tag == tag]
        return own + [found for one in self.inside for found in one.all(tag)]


class _Reader(HTMLParser):
    def __init__(self):
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]
        self.faults = []
        self.every = []

    def handle_starttag(self, tag, attrs):
        element = Element(tag, dict(attrs))
        if len(element.attributes) != len(attrs):
            self.faults.append(f"<{tag}> has an attribute twice")
        self.open[-1].inside.append(element)
        self.every.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag, attrs):
        self.handle_starttag(tag, attrs)
        self.open.pop()

    def handle_endtag(self, tag):
        if self.open[-1].tag != tag:
            self.faults.append(f"</{tag}> closes <{self.open[-1].tag}>")
            return
        self.open.pop()

    def handle_data(self, data):
        for element in self.open:
            element.text += data


def parsed(text):
    """Return all elements in their order; each must be closed in its place."""
    reader = _Reader()
    reader.feed(text)
    reader.close()
    assert reader.faults == []
    assert [one.tag for one in reader.open] == [""]
    return reader.every


def kinds(text):
    """How often each element with its attribute names occurs: what is markup."""
    return [(one.tag, *sorted(one.attributes)) for one in parsed(text)]
