"""Column names that a program made unique, and what they were before.

A report of Canvas repeats column names. Programs that keep tables by column name
number the repeated ones when they read a file, and write the numbers into the next.
"""

import re
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

__all__ = ["SCHEMES", "Scheme", "original_name", "restore", "restore_titles"]

_LONGEST = 20
"""The most characters of a suffix."""


@dataclass(frozen=True, slots=True)
class Scheme:
    """How a program numbers a repeated column name.

    Attributes
    ----------
    program : str
        Which programs, for messages.
    suffix : str
        A pattern of what is put behind the name; its group is the number.
    starts : collection of int
        The number of the second column of a name.
    first : int or None
        The number of the first one; None where that keeps its name.
    """

    program: str
    suffix: str
    starts: Collection[int]
    first: int | None = None

    @property
    def lowest(self) -> int:
        """The least number that it gives."""
        return 0 if self.starts is _ANY else min(self.starts)

    def splits(self, name: str) -> Iterator[tuple[str, int]]:
        """Give each way to take a name apart into what it was and its number."""
        if not re.search(rf"{self.suffix}\Z", name[-_LONGEST:]):
            return  # nearly all names, which need not be taken apart at each place
        for at in range(max(1, len(name) - _LONGEST), len(name)):
            if found := re.fullmatch(self.suffix, name[at:]):
                yield name[:at], int(found[1])


_NUMBER = r"(\d{1,6})"
_ANY = range(1_000_000)

SCHEMES = (
    Scheme("readr", rf"\.\.\.{_NUMBER}", _ANY, first=-1),
    Scheme("polars", rf"_duplicated_{_NUMBER}", (0,)),
    Scheme("pandas or R", rf"\.{_NUMBER}", (1,)),
    Scheme("DuckDB or Power Query", rf"_{_NUMBER}", (1, 2)),
    Scheme("SQLite", rf"_{_NUMBER}", _ANY, first=-1),
    Scheme("a spreadsheet", rf" \({_NUMBER}\)", (1, 2)),
    Scheme("a spreadsheet", rf"[ -]{_NUMBER}", (1, 2)),
    Scheme("a table in Excel", _NUMBER, (2, 1)),
)
"""The schemes of the programs that people save exports with."""


def restore(
    names: Sequence[str], base: str, *, gaps: bool
) -> tuple[Scheme, list[str]] | None:
    r"""Undo the one scheme that accounts for every repeated name.

    Parameters
    ----------
    names : sequence of str
        Names of some columns, in the order of the file.
    base : str
        A pattern that all of them matched as they were.
    gaps : bool
        Whether numbers may be missing, of columns that were deleted since.

    Returns
    -------
    (Scheme, list of str) or None
        The scheme and the names as they were; None where no scheme fits, or no name
        occurs twice.

    Examples
    --------
    >>> restore(["1", "1.1", "2", "1.2"], r"\d+", gaps=False)[1]
    ['1', '1', '2', '1']
    >>> restore(["1.0...10", "2.0", "1.0...14"], r"[\d.]+", gaps=False)[1]
    ['1.0', '2.0', '1.0']
    >>> restore(["1", "1.5", "2"], r"\d+", gaps=False) is None
    True
    """
    for scheme in SCHEMES:
        was = _undo(scheme, names, base, gaps=gaps)
        repeats = max(Counter(was).values(), default=0) > 1
        if was and (repeats or (gaps and was != list(names))):
            return scheme, was
    return None


def _undo(scheme: Scheme, names: Sequence[str], base: str, *, gaps: bool) -> list[str]:
    """Take the numbers off; nothing where a name has none that the scheme gives."""
    was: list[str] = []
    last: dict[str, int | None] = {}
    for name in names:
        parts = (
            (word, number)
            for word, number in scheme.splits(name)
            if re.fullmatch(base, word)
            and _is_next(scheme, last, word, number, gaps=gaps)
        )
        word, number = next(parts, (name, None))
        if number is None and (word in last or not re.fullmatch(base, word)):
            return []
        was.append(word)
        last[word] = number
    return was


def _is_next(
    scheme: Scheme,
    last: dict[str, int | None],
    name: str,
    number: int,
    *,
    gaps: bool,
) -> bool:
    """Whether the program gives this number to this repetition of a name."""
    if name not in last:
        return (gaps and number >= scheme.lowest) or scheme.first in {-1, number}
    before = last[name]
    if before is None:
        follows = number >= scheme.lowest if gaps else number in scheme.starts
        return follows and scheme.first is None
    return number > before if gaps or scheme.starts is _ANY else number == before + 1


def original_name(name: str, known: Collection[str]) -> tuple[str, Scheme | None]:
    """Return which of the known names this one was before it got a number, or itself.

    Examples
    --------
    >>> original_name("status_duplicated_3", {"status"})[0]
    'status'
    """
    for scheme in SCHEMES:
        for word, _ in scheme.splits(name):
            if word in known:
                return word, scheme
    return name, None


def restore_titles(titles: Sequence[str], scheme: Scheme | None) -> list[str]:
    """Take the numbers off titles that an earlier question has too."""
    was: list[str] = []
    for title in titles:
        words = [] if scheme is None else [word for word, _ in scheme.splits(title)]
        was.append(next((word for word in words if word in was), title))
    return was
