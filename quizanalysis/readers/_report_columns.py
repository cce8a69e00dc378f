"""Columns of a report of Canvas as people hand it on: whose each of them is."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Mask
from quizanalysis._intake.opened import name_columns
from quizanalysis.errors import Problem
from quizanalysis.responses import Exclusion

__all__ = [
    "Layout",
    "column_key",
    "is_empty",
    "is_unnamed",
    "pass_over",
    "refuse_columns",
]

_UNNAMED = re.compile(
    r"unnamed:? ?\d+(_level_\d+|\.\d+)?|\.\.\.\d+|column_?\d+|[xvf]\d*(\.\d+)?"
    r"|field_?\d+|_?duplicated_\d+|_\d+|index|row|row names|nr|no|#"
)
"""What programs call a column without a name, most often one of row numbers."""


@dataclass(slots=True)
class Layout:
    """Which column is what: known by name, of a question by place, or another.

    Attributes
    ----------
    width : int
        How many columns a question has.
    places : dict of str to int
        Columns that are known by name.
    starts : list of int
        The first column of each question.
    others : list of int
        All other columns.
    numbers : list of int
        Those among the others that could be the points of a question.
    wrong : list of (int, str)
        Columns that must not be there, and why.
    """

    width: int
    places: dict[str, int] = field(default_factory=dict)
    starts: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)
    numbers: list[int] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)

    def of(self, *names: str) -> list[int]:
        """Give the columns of these names, as far as they are there."""
        return [self.places[name] for name in names if name in self.places]

    def take_named(self, name: str, at: int) -> None:
        """Take a column that is known by name; a second one is wrong."""
        if name in self.places:
            self.wrong.append((at, "the column is there twice"))
        else:
            self.places[name] = at

    def refuse_wrong(
        self,
        findings: Findings,
        table: str,
        header: Sequence[str],
        hint: str,
        name: Callable[[int], str],
    ) -> None:
        """Note the columns that must not be there, each by what a person calls it."""
        for at, message in self.wrong:
            column = name(at)
            value = None if column == header[at] else header[at]
            findings.add(
                Problem(
                    table=table, column=column, value=value, message=message, hint=hint
                )
            )

    def split_others(self, last: Sequence[str]) -> tuple[list[int], list[int]]:
        """Split the other columns at the end of the report's own.

        A number behind the last question may be the points of one whose header is gone.
        """
        ends = (at + self.width - 1 for at in self.starts)
        end = max([*ends, *self.of(*last), *self.numbers], default=-1)
        front = [at for at in self.others if at <= end]
        return front, [at for at in self.others if at > end]


def column_key(name: str) -> str:
    """Write a column's name without what programs change in it.

    Examples
    --------
    >>> column_key("n.correct"), column_key(" Section_ID")
    ('ncorrect', 'sectionid')
    """
    return re.sub(r"[\W_]+", "", name.lower())


def is_unnamed(name: str) -> bool:
    """Whether a program would call a column so that has no name."""
    plain = name.strip().lower()
    return not plain or _UNNAMED.fullmatch(plain) is not None


def pass_over(
    header: Sequence[str],
    cells: Sequence[pa.ChunkedArray],
    front: Sequence[int],
    end: Sequence[int],
) -> tuple[list[Exclusion], list[int]]:
    """Say which columns are passed over, and which must not be.

    Passed over are columns without name and value, row numbers in front, and any
    column behind the report's own, which is at the end.

    Returns
    -------
    notes : list of (unit, reason, n)
    wrong : list of int
        Columns in front that may mean anything.
    """
    filled = {at for at in (*front, *end) if not is_empty(cells[at]).all()}
    numbers = [at for at in front if _is_row_numbers(header[at], cells[at])]
    wrong = [
        at
        for at in front
        if at not in numbers and (at in filled or not is_unnamed(header[at]))
    ]
    own = [header[at] for at in end if at in filled]
    notes: list[Exclusion] = []
    if numbers:
        notes.append(("columns", "row numbers, passed over", len(numbers)))
    if own:
        notes.append(("columns", f"not used: {name_columns(own)}", len(own)))
    return notes, wrong


def refuse_columns(
    findings: Findings,
    table: str,
    header: Sequence[str],
    wrong: Collection[int],
    known: Sequence[str],
) -> None:
    """Note columns before or between the questions that may mean anything."""
    for at in wrong:
        message = "a column that Canvas does not write there"
        hint = (
            "remove it, or move it behind the last column. Is the header in another "
            f"language? In English it has {', '.join(known)}"
        )
        if re.fullmatch(r"\d+([.,]\d+)?", header[at].strip()):
            message = "points without the answers of a question in front of them"
            hint = "a question needs both its columns: remove these points too"
        findings.add(
            Problem(table=table, column=header[at], message=message, hint=hint)
        )


def is_empty(column: pa.ChunkedArray | pa.Array) -> Mask:
    """Where a column has nothing."""
    if pa.types.is_floating(column.type):
        return np.asarray(column.is_null(), bool)
    return np.asarray(pc.fill_null(pc.equal(column, ""), fill_value=True), bool)


def _is_row_numbers(name: str, column: pa.ChunkedArray) -> bool:
    """Whether a column counts the rows, or numbers them under no name."""
    try:
        text = pc.replace_substring_regex(column, r"^\s*(\d{1,15})(\.0)?\s*$", r"\1")
        number = np.asarray(text.cast(pa.int64()), np.int64)
    except pa.ArrowInvalid:
        return False
    if not len(number):
        return is_unnamed(name)
    steps = np.diff(number)
    if number[0] in {0, 1} and np.all(steps == 1):
        return True
    return is_unnamed(name) and len(np.unique(number)) == len(number)
