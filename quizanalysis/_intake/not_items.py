"""Columns of a table of scores that are no questions: ids, row numbers and totals.

Taken as a question, any of them would change each student's total without a word.
"""

import re
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from quizanalysis._intake.cell_values import REFUSALS, floats_of
from quizanalysis._intake.columns import Floats, Mask
from quizanalysis.errors import Problem

Found = dict[int, Problem]
"""What is wrong with a column, by its place."""

_IDS = frozenset(
    [
        "id",
        "student",
        "studentid",
        "studentname",
        "user",
        "userid",
        "sisid",
        "sisuserid",
        "sisloginid",
        "loginid",
        "login",
        "name",
        "fullname",
        "firstname",
        "lastname",
        "surname",
        "email",
        "emailaddress",
        "mail",
        "username",
        "index",
    ]
)
"""Names of columns that say who the student is, without blanks, ``_``, ``-``, ``.``."""

_TOTALS = frozenset(
    [
        "total",
        "totalscore",
        "totalpoints",
        "sum",
        "sumscore",
        "score",
        "rawscore",
        "finalscore",
        "mean",
        "average",
        "avg",
        "percent",
        "percentage",
        "pct",
        "%",
        "grade",
        "finalgrade",
        "points",
        "pointspossible",
        "result",
        "rank",
        "max",
        "maxscore",
        "maxpoints",
        "ncorrect",
        "numcorrect",
        "numbercorrect",
    ]
)
"""Names of columns that sum the others up."""

_UNNAMED = re.compile(r"(unnamed:? ?\d+|\.\.\.\d+)?")
_PADDING = str.maketrans("", "", " \t_-.")
_HEAD = 64
"""So many rows are looked at first, fewer of a wide table: at most `_CELLS`, or 8."""
_CELLS = 2**15
_BLOCK = 2**16
_LEAST_ID = 1000
_LEAST_ITEMS, _LEAST_STUDENTS, _LEAST_VALUES, _STRAIGHT = 4, 10, 4, 0.9995
_IS_ITEM = "if it is a question, say so with item_ids="
_AS_ID = f"frame.set_index(...) in pandas, or drop it and give student_ids=; {_IS_ITEM}"
_AS_TEXT = "give points; if these are answers, from_answers scores them with a key"
_AS_TOTAL = f"drop it, the totals are made of the questions; {_IS_ITEM}"


def find_by_name(names: Sequence[str], table: str) -> Found:
    """Columns that are named like an id or a total."""
    found = {}
    for at, name in enumerate(names):
        kind = tell_kind(name)
        if kind is not None:
            message = f"named like {kind}, no question"
            hint = _AS_ID if kind == "an id" else _AS_TOTAL
            found[at] = Problem(table=table, column=name, message=message, hint=hint)
    return found


def tell_kind(name: str) -> Literal["an id", "a total"] | None:
    """Tell what a column is named like, if not like a question.

    Examples
    --------
    >>> tell_kind("Student_ID"), tell_kind("Total score"), tell_kind("q1")
    ('an id', 'a total', None)
    """
    bare = name.lower().translate(_PADDING)
    if bare in _IDS or _is_unnamed(name):
        return "an id"
    return "a total" if bare in _TOTALS else None


def _is_unnamed(name: str) -> bool:
    """Whether it stands for no name: of row numbers, as pandas and R write them."""
    return _UNNAMED.fullmatch(name.strip().lower()) is not None


def find_texts(
    columns: Sequence[Floats | None], names: Sequence[str], table: str
) -> Found:
    """Columns that hold something else than numbers: None among the columns."""
    found = {}
    for at, column in enumerate(columns):
        if column is None:
            found[at] = Problem(
                table=table,
                column=names[at],
                message="not numbers, so no question",
                hint=_AS_TEXT,
            )
    return found


def as_numbers(column: npt.NDArray[Any]) -> Floats | None:
    """A column as floats, if it can be one."""
    try:
        return floats_of(column)
    except REFUSALS:
        return None


# ---- ids and row numbers ------------------------------------------------------------


def find_numbers(
    matrix: npt.NDArray[Any], names: Sequence[str], table: str, *, named: bool
) -> Found:
    """Columns that number the rows or hold ids: whole numbers, no two the same.

    Of three or four rows, only the first column of a table with names may count them:
    three students may well have earned 1, 2 and 3 points.
    """
    n = len(matrix)
    if n < (3 if named else 5):
        return {}
    head = matrix[: _size_of_head(matrix)]
    if head.dtype.kind in "buif":
        maybe = np.flatnonzero(_is_like_ids(head.astype(np.float64)))
    else:
        columns = ((at, as_numbers(head[:, at])) for at in range(head.shape[1]))
        known = [(at, x) for at, x in columns if x is not None]
        maybe = np.array([at for at, x in known if _is_like_ids(x[:, None])[0]], int)
    found = {}
    for at in maybe.tolist():
        column = as_numbers(matrix[:, at])
        if column is None or not _is_like_ids(column[:, None])[0]:
            continue
        what = "ids"
        if column[0] in (0, 1):
            what = "the numbers of the rows"
            if n < 5 and at:
                continue
        message = f"whole numbers, no two the same, like {what}, no question"
        found[at] = Problem(table=table, column=names[at], message=message, hint=_AS_ID)
    return found


def _size_of_head(matrix: npt.NDArray[Any]) -> int:
    _, k = matrix.shape
    return max(8, min(_HEAD, _CELLS // int(k)))


def _is_like_ids(columns: Floats) -> Mask:
    """Which columns count from 0 or 1, or are large whole numbers that all differ."""
    first = columns[0]
    with np.errstate(invalid="ignore"):  # of infinite numbers
        steps = np.diff(columns, axis=0)
    counts = ((first == 0) | (first == 1)) & np.all(steps == 1, axis=0)
    large = np.all((columns >= _LEAST_ID) & (columns == np.rint(columns)), axis=0)
    if large.any():
        some = np.sort(columns[:, large], axis=0)
        large[large] = np.all(some[1:] > some[:-1], axis=0)
    return np.asarray(counts | large, bool)


# ---- sums of the others -------------------------------------------------------------


def find_sums(
    matrix: npt.NDArray[Any],
    names: Sequence[str],
    table: str,
    *,
    named: bool,
    beside: Mapping[int, Problem],
) -> Found:
    """Columns that are the sum or the mean of all the others, in every row.

    Parameters
    ----------
    matrix : array of numbers, shape (students, columns)
    names : names of the columns
    table : what the table is called in an error
    named : whether the table has names; without these more rows have to agree
    beside : columns that are known to be no questions, and count for nothing
    """
    items = [at for at in range(matrix.shape[1]) if at not in beside]
    n = len(matrix)
    if len(items) < 3 or n < (3 if named else 5):
        return {}
    some = np.linspace(0, n - 1, min(n, _size_of_head(matrix))).astype(int)
    cells = matrix[some].astype(np.float64)[:, items]
    tolerance = 1e-6 if matrix.dtype == np.float32 else 1e-9
    found = {}
    for what, agree, shows in _compare(cells, tolerance):
        for place in np.flatnonzero(agree.all(axis=0) & shows.any(axis=0)).tolist():
            if _agrees_throughout(matrix, items, place, what, tolerance):
                found[items[place]] = Problem(
                    table=table,
                    column=names[items[place]],
                    message=f"in every row the {what} of all other columns",
                    hint=_AS_TOTAL,
                )
    return found


def _compare(cells: Floats, tolerance: float) -> list[tuple[str, Mask, Mask]]:
    """Where a cell agrees with the others of its row, and where that tells something.

    One right answer of a row, or several that are alike, make a sum or a mean of any
    other question that was answered so; no table of zeros and ones is made of sums.
    """
    shown = np.isfinite(cells)  # what is infinite is refused later
    cells = np.where(shown, cells, 0.0)
    others = cells.sum(axis=1, keepdims=True) - cells
    n_others = shown.sum(axis=1, keepdims=True) - shown
    earned = cells != 0
    n_earned = earned.sum(axis=1, keepdims=True) - earned
    most = np.where(shown, cells, -np.inf).max(axis=1, keepdims=True)
    least = np.where(shown, cells, np.inf).min(axis=1, keepdims=True)
    found = []
    for what, value, tells in (
        ("sum", others, earned & (n_earned > 1)),
        ("mean", others / np.maximum(n_others, 1), shown & (most > least)),
    ):
        near = np.abs(cells - value) <= tolerance * np.maximum(1.0, np.abs(value))
        found.append((what, np.where(shown, near, n_others == 0), tells))
    return found


def _agrees_throughout(
    matrix: npt.NDArray[Any],
    items: Sequence[int],
    place: int,
    what: str,
    tolerance: float,
) -> bool:
    """Whether a column agrees in each row, and is not the same in all."""
    column = matrix[:, items[place]]
    if not np.any(column != column[0]):
        return False
    for top in range(0, len(matrix), _BLOCK):
        cells = matrix[top : top + _BLOCK].astype(np.float64)[:, items]
        agree = {name: mask for name, mask, _ in _compare(cells, tolerance)}
        if not agree[what][:, place].all():
            return False
    return True


# ---- percents and grades ------------------------------------------------------------


def find_scaled_totals(
    matrix: npt.NDArray[Any],
    names: Sequence[str],
    table: str,
    *,
    beside: Mapping[int, Problem],
) -> Found:
    """Columns that rise or fall with the sum of all the others, as percents do.

    Parameters
    ----------
    matrix, names, table, beside
        As in `find_sums`.

    Notes
    -----
    An item of several points can go with the rest of a test as closely as that only
    where there are few students, so some have to be there.
    """
    items = [at for at in range(matrix.shape[1]) if at not in beside]
    if len(items) < _LEAST_ITEMS or len(matrix) < _LEAST_STUDENTS:
        return {}
    rows = min(len(matrix), _size_of_head(matrix))
    some = np.linspace(0, len(matrix) - 1, rows).astype(int)
    head = matrix[some].astype(np.float64)[:, items]
    found = {}
    for place in np.flatnonzero(_goes_with_rest(head)).tolist():
        if _goes_with_rest(matrix.astype(np.float64)[:, items])[place]:
            found[items[place]] = Problem(
                table=table,
                column=names[items[place]],
                message="rises or falls with the sum of all others throughout, as a "
                "percent or a grade does",
                hint=_AS_TOTAL,
            )
    return found


def _goes_with_rest(cells: Floats) -> Mask:
    """Which columns of several values are a straight line over the others' sum."""
    cells = cells[np.isfinite(cells).all(axis=1)]
    if len(cells) < _LEAST_STUDENTS:
        return np.zeros(cells.shape[1], bool)
    values = np.sort(cells, axis=0)
    several = (np.diff(values, axis=0) > 0).sum(axis=0) >= _LEAST_VALUES - 1
    rest = cells.sum(axis=1, keepdims=True) - cells
    x, y = cells - cells.mean(axis=0), rest - rest.mean(axis=0)
    size = np.sqrt((x * x).sum(axis=0) * (y * y).sum(axis=0))
    r = (x * y).sum(axis=0) / np.where(size > 0, size, np.inf)
    return np.asarray(several & (np.abs(r) > _STRAIGHT), bool)
