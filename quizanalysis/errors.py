"""Everything that can go wrong, as one small tree.

::

    QuizAnalysisError
    ├── DataError        the data is wrong; .problems lists all that is (a ValueError)
    ├── MergeError       these tallies cannot be added (a ValueError)
    ├── InvalidReport    no such report type or format (a ValueError; HTTP 400)
    ├── ReportConflict   that report is being made already (HTTP 409)
    └── UnknownReport    no such progress, or no such file (a LookupError; HTTP 404)

A statistic that cannot be computed is none of these: it is a null in its table,
with the reason beside it. A missing optional dependency is an ``ImportError`` that
names the extra to install; a wrong option is a ``ValueError`` or ``TypeError``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

from quizanalysis._safe_text import shorten

__all__ = [
    "DataError",
    "InvalidReport",
    "MergeError",
    "Problem",
    "QuizAnalysisError",
    "ReportConflict",
    "UnknownReport",
]

_LISTED = 100
"""How many problems an error lists."""

_CAUSES, _PLACES = 20, 8
"""How many causes its message has, and how many further places of each."""

_LINE, _TABLE, _COLUMN, _VALUE = 480, 120, 60, 60
"""The most characters of a problem's line, and of each part that says where it is."""


class QuizAnalysisError(Exception):
    """Base of every error that this library raises on purpose.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> try:
    ...     qa.create_report(None, report_type="summary", format="csv", path="x.csv")
    ... except qa.QuizAnalysisError as error:
    ...     print(type(error).__name__)
    InvalidReport
    """


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One thing that is wrong with the data: where it is and how to mend it.

    Attributes
    ----------
    table : str
        Which input holds it: the name of the file, or ``"responses"``, ``"items"``,
        ``"students"`` for a table that was given as such.
    message : str
        What is wrong.
    hint : str or None
        What would be right.
    column : str or None
        The column, where one can be named.
    row : int or None
        In a text file the row as a spreadsheet shows it: the header is row 1, and a
        record of several lines is one row. In JSON lines the line, and in other JSON
        the record, from 1. In a table the row's place, counted from 0.
    value : object
        The offending value, where one can be shown.
    count : int
        How many problems this one stands for: above 1 only for the last one listed of
        a cause that more rows have than are listed.

    Notes
    -----
    As text it is one line of bounded length in which nothing steers a terminal,
    whatever the file holds; the attributes hold what was found as it is.
    """

    table: str
    message: str
    hint: str | None = None
    column: str | None = None
    row: int | None = None
    value: object = None
    count: int = 1

    def __str__(self) -> str:
        """Say place, fault and remedy in one line."""
        place = shorten(self.table, _TABLE)
        if self.row is not None:
            place += f" row {self.row}"
        if self.column is not None:
            place += f", column {_quoted(self.column)}"
        value = "" if self.value is None else f" (found {_written(self.value)})"
        message, hint = _fitting(
            self.message, self.hint or "", _LINE - len(f"{place}: {value}; ")
        )
        return f"{place}: {message}{value}{f'; {hint}' if hint else ''}"


def list_problems(
    problems: Sequence[Problem], total: int, most: int = _LISTED
) -> list[Problem]:
    """Take the first ones; the last of them stands for all that follow."""
    first = list(problems[:most])
    missing = total - _count(first)
    if missing > 0:
        first[-1] = replace(first[-1], count=first[-1].count + missing)
    return first


class DataError(QuizAnalysisError, ValueError):
    """The data is wrong. Every problem found is listed, not only the first.

    Its message has each cause once: the first place in full, and further places.

    Parameters
    ----------
    problems : iterable of Problem
        What was found.

    Attributes
    ----------
    problems : tuple of Problem
        At most 100 of them, in the order found; their `count` adds up to `total`.
    total : int
        How many there are in all.

    Examples
    --------
    >>> print(
    ...     DataError(
    ...         Problem(
    ...             table="x.csv",
    ...             column="score",
    ...             row=row,
    ...             value="?",
    ...             message="not a number",
    ...         )
    ...         for row in (3, 7, 8)
    ...     )
    ... )
    3 problems in the data:
      - x.csv row 3, column 'score': not a number (found '?')
        the same in row 7, row 8
    """

    def __init__(self, problems: Iterable[Problem]) -> None:
        found = list(problems)
        self.total = _count(found)
        causes = _by_cause(found)
        most = max(1, _LISTED // max(len(causes), 1))
        each = (list_problems(same, _count(same), most) for same in causes)
        self.problems = tuple(list_problems([*chain(*each)], self.total))
        super().__init__(_account_of(causes, self.total))

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle the problems: the message is made of them."""
        return type(self), (self.problems,)


def _by_cause(problems: Iterable[Problem]) -> list[list[Problem]]:
    causes: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        cause = problem.table, problem.message, problem.hint
        causes.setdefault(cause, []).append(problem)
    return list(causes.values())


def _count(problems: Iterable[Problem]) -> int:
    return sum(problem.count for problem in problems)


def _account_of(causes: Sequence[Sequence[Problem]], total: int) -> str:
    """Write each cause once, with the places that have it."""
    lines = [f"{total:,} problem{'s' if total != 1 else ''} in the data:"]
    for same in causes[:_CAUSES]:
        lines.append(f"  - {same[0]}")
        n = _count(same) - 1
        if n:
            lines.append(f"    the same in {_places(same, n)}")
    if len(causes) > _CAUSES:
        lines.append(f"  ... and {len(causes) - _CAUSES} other kinds of problems")
    return "\n".join(lines)


def _places(same: Sequence[Problem], n: int) -> str:
    """Name the places after the first one, as far as there is room."""
    places = []
    for problem in same[1 : _PLACES + 1]:
        row = [] if problem.row is None else [f"row {problem.row}"]
        column = [] if problem.column is None else [f"column {_quoted(problem.column)}"]
        one_column = problem.row is not None and problem.column == same[0].column
        places.append(" of ".join(row if one_column else [*row, *column]))
    if not all(places):
        return f"{n:,} more place{'s' * (n != 1)}"
    while len(", ".join(places)) > _LINE - 80:
        places.pop()
    rest = n - len(places)
    return ", ".join(places) + (f" and {rest:,} more" if rest else "")


class MergeError(QuizAnalysisError, ValueError):
    """Two tallies contradict each other and cannot be added."""


class InvalidReport(QuizAnalysisError, ValueError):  # noqa: N818  the API's own name
    """The report type or format is none of those that exist (HTTP 400)."""


class ReportConflict(QuizAnalysisError):  # noqa: N818  the API's own name
    """A report of this type is already being generated for this quiz (HTTP 409).

    Parameters
    ----------
    message : str
    progress : Progress, optional
        Of the report that is being generated.

    Attributes
    ----------
    progress : Progress or None
    """

    def __init__(self, message: str, progress: Any = None) -> None:  # noqa: ANN401  a layer above this one
        super().__init__(message)
        self.progress = progress


class UnknownReport(QuizAnalysisError, LookupError):  # noqa: N818  as its siblings
    """There is no such progress, or no such file (any more) (HTTP 404)."""


def _quoted(text: str) -> str:
    return f"'{shorten(text, _COLUMN)}'"


def _fitting(message: str, hint: str, room: int) -> tuple[str, str]:
    """Both in so many characters: each has half of them, and what the other leaves."""
    message, hint = shorten(message, room), shorten(hint, room)
    longest = max(room - len(message), room // 2)
    hint = shorten(hint, longest)
    return shorten(message, room - len(hint)), hint


def _written(value: object) -> str:
    """A value as Python shows it; one that it cannot show is its type."""
    if isinstance(value, str | bytes):
        # The parts of a long text that are not shown are not worth writing.
        value = value[: 8 * _VALUE]
    try:
        return shorten(repr(value), _VALUE)
    except Exception:  # noqa: BLE001  what an object of another library raises, or its depth
        return shorten(type(value).__name__, _VALUE)
