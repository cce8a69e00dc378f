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

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

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
        Which input holds it: ``"responses"``, ``"items"``, ``"students"``, or the
        name of the file.
    message : str
        What is wrong.
    hint : str or None
        What would be right.
    column : str or None
        The column, where one can be named.
    row : int or None
        The first row that has it, counted from 0 without the header.
    value : object
        The offending value, where one can be shown.
    """

    table: str
    message: str
    hint: str | None = None
    column: str | None = None
    row: int | None = None
    value: object = None

    def __str__(self) -> str:
        """Say place, fault and remedy in one line."""
        place = self.table
        if self.row is not None:
            place += f" row {self.row}"
        if self.column is not None:
            place += f", column {self.column!r}"
        value = "" if self.value is None else f" (found {_short(self.value)})"
        hint = "" if self.hint is None else f"; {self.hint}"
        return f"{place}: {self.message}{value}{hint}"


class DataError(QuizAnalysisError, ValueError):
    """The data is wrong. Every problem found is listed, not only the first.

    Parameters
    ----------
    problems : iterable of Problem
        What was found. The first 100 are kept in `problems`.
    total : int, optional
        How many there are in all, when more were found than are given.

    Attributes
    ----------
    problems : tuple of Problem
        At most 100 of them, in the order found.
    total : int
        How many there are in all.
    """

    def __init__(self, problems: Iterable[Problem], total: int | None = None) -> None:
        found = tuple(problems)
        self.problems = found[:_LISTED]
        self.total = len(found) if total is None else total
        lines = [f"{self.total} problem{'s' if self.total != 1 else ''} in the data:"]
        lines += [f"  - {problem}" for problem in self.problems]
        if self.total > len(self.problems):
            lines.append(f"  … and {self.total - len(self.problems)} more")
        super().__init__("\n".join(lines))


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


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."
