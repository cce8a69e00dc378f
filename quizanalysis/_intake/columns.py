"""Arrow columns to numpy arrays, noting every value that is not what it should be."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.numbering import Whole, ranks
from quizanalysis.errors import DataError, Problem, list_problems

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NANO = 1_000_000_000
"""Scores are kept as integers of one billionth of a point."""

TIE = 1_000
"""Totals that lie no more than this apart, a millionth of a point, are equal."""

LARGEST = 1e6
"""Points beyond this would not be exact to a billionth in a double."""

_SAMPLE = 1024
"""Rows that tell whether it is worth while to look for runs."""

INFINITE = "an infinite number", "leave the cell empty where there is none"

_CUT = r"^\d([.,]\d+)?E\+\d\d$"
"""A long number as a spreadsheet shows it, such as 1.00E+13."""

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"


class Findings:
    """The problems found so far: the first hundred of each kind, and how many."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._mute: set[tuple[str, str]] = set()

    def mute(self, table: str, column: str) -> None:
        """Flag nothing more in a column: what is there only stands in for one."""
        self._mute.add((table, column))

    def is_mute(self, table: str, column: str) -> bool:
        """Whether the column only stands in for one that is not there."""
        return (table, column) in self._mute

    def add(self, problem: Problem) -> None:
        """Note one problem."""
        self._problems.append(problem)

    def flag(
        self,
        rows: npt.NDArray[np.integer],
        *,
        table: str,
        column: str,
        values: pa.ChunkedArray | pa.Array | npt.NDArray[np.generic],
        message: str,
        hint: str,
        at: Ints | None = None,
        numbered: bool = True,
    ) -> None:
        """Note the same problem in each of these rows, with the values there.

        The values may have rows of their own: `at`. Rows of a table that the caller
        never saw go without their numbers.
        """
        if not len(rows) or self.is_mute(table, column):
            return
        shown = (rows if at is None else at)[:100]
        found = (
            values[shown].tolist()
            if isinstance(values, np.ndarray)
            else _shown(values, shown)
        )
        problems = [
            Problem(
                table=table,
                column=column,
                row=int(row) if numbered else None,
                value=value,
                message=message,
                hint=hint,
            )
            for row, value in zip(rows[:100], found, strict=True)
        ]
        self._problems += list_problems(problems, len(rows))

    def stop_if_any(self) -> None:
        """Raise all that was noted, as one error."""
        if self._problems:
            raise DataError(self._problems)


def _shown(
    values: pa.ChunkedArray | pa.Array, rows: npt.NDArray[np.integer]
) -> list[object]:
    """Values as Python has them, or their type; points in time as may be written."""
    kind = values.type
    try:
        values = values.take(pa.array(rows, pa.int64()))
        if pa.types.is_timestamp(kind) or pa.types.is_date(kind):
            values = pc.replace_substring(values.cast(pa.string()), " ", "T")
        return list(values.to_pylist())
    except (pa.ArrowException, ArithmeticError, LookupError, ValueError):
        return [str(kind)] * len(rows)


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any column of ids or words as text; a dictionary stays one."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        if pa.types.is_string(kind.value_type):
            return column
        return texts(column.cast(kind.value_type))
    if pa.types.is_string(kind):
        return column
    if not pa.types.is_floating(kind):
        return column.cast(pa.string())
    column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    exact = is_whole(column)
    digits = pc.if_else(exact, column.cast(pa.float64()), 0.0).cast(pa.int64())
    return pc.if_else(exact, digits.cast(pa.string()), column.cast(pa.string()))


def is_whole(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Whether each float is a whole number that a double holds exactly."""
    value = column.cast(pa.float64())
    small = pc.less_equal(pc.abs(value), float(2**53))
    return pc.and_(small, pc.equal(value, pc.floor(value)))


def frozen(*arrays: npt.NDArray[np.generic]) -> None:
    """Let nobody change what is held as columns."""
    for array in arrays:
        array.setflags(write=False)


def unified(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """One dictionary for all chunks; plain text where Arrow cannot make one."""
    if _shares_one(column):
        return column
    try:
        return column.unify_dictionaries()
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def _shares_one(column: pa.ChunkedArray) -> bool:
    """Whether all chunks have the very same dictionary, as once they are unified.

    Arrow would hash all of its texts again, once for each chunk.
    """
    words = (chunk.dictionary for chunk in column.chunks)
    return len({_place(one) for one in words}) == 1


def _place(array: pa.Array) -> tuple[object, ...]:
    """Where in memory an array is."""
    held = (None if one is None else one.address for one in array.buffers())
    return (array.offset, len(array), *held)


def codes(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Number the distinct texts in order of first appearance; a null gets -1."""
    column = _texts_as_given(column)
    if not pa.types.is_dictionary(column.type):
        return _runs_encoded(column.combine_chunks())
    if column.num_chunks == 0:
        return np.empty(0, np.int64), pa.array([], pa.string())
    # A dictionary that was given may hold texts that no row has, a text twice, null.
    number, first = ranks(_indices(column.chunks))
    said = column.take(pa.array(first)).cast(pa.string()).combine_chunks()
    encoded = said.dictionary_encode()
    return _indices([encoded]).astype(np.int64)[number], encoded.dictionary


def _runs_encoded(array: pa.StringArray) -> tuple[Ints, pa.Array]:
    """Number the texts; where they mostly repeat the one before, only the others."""
    n = len(array)
    rows: Ints | None = None
    if not array.null_count and 2 * len(_heads(array[:_SAMPLE])) < min(n, _SAMPLE):
        rows = _heads(array)
    encoded = (
        array if rows is None else array.take(pa.array(rows))
    ).dictionary_encode()
    number = _indices([encoded]).astype(np.int64)
    if rows is not None:
        number = np.repeat(number, np.diff(rows, append=n))
    return number, encoded.dictionary


def _heads(array: pa.StringArray) -> Ints:
    """First row of each run of equal texts, of which none is null."""
    new = np.asarray(pc.not_equal(array[1:], array[:-1]), bool)
    return np.concatenate([[0], np.flatnonzero(new) + 1])[: len(array)]


def coded(column: pa.ChunkedArray) -> tuple[Whole, pa.Array]:
    """Number the distinct texts in any order, some perhaps of no row; a null gets -1.

    Of a dictionary it gives the numbers that are there, which costs next to nothing.
    """
    column = _texts_as_given(column)
    if not pa.types.is_dictionary(column.type) or not column.num_chunks:
        return codes(column)
    number = _indices(column.chunks)
    words = column.chunk(0).dictionary
    encoded = words.dictionary_encode()
    if len(encoded.dictionary) < len(words):
        # It holds a text twice, or null.
        number = np.append(_indices([encoded]), -1)[number]
    return number, encoded.dictionary


def _texts_as_given(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of texts; a dictionary stays one, the same for all chunks."""
    column = texts(column)
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    return unified(column) if pa.types.is_dictionary(column.type) else column


def _indices(chunks: Sequence[pa.DictionaryArray]) -> Whole:
    """Numbers of the texts, as narrow as they are given but signed; null is -1."""
    parts = [chunk.indices for chunk in chunks]
    wide = any(part.type in (pa.int64(), pa.uint32(), pa.uint64()) for part in parts)
    kind = pa.int64() if wide else pa.int32()
    parts = [part.cast(kind) for part in parts]
    numbers = [
        (part.fill_null(-1) if part.null_count else part).to_numpy() for part in parts
    ]
    return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)


def ids(
    findings: Findings, table: pa.Table, name: str, column: str
) -> tuple[Whole, pa.Array]:
    """Number a column as `coded` does; an id that is null or empty is a problem."""
    number, values = coded(table[column])
    if pc.any(pc.match_substring_regex(values, _CUT)).as_py():
        refuse_cut_ids(findings, texts(table[column]).cast(pa.string()), name, column)
    empty = np.asarray(pc.equal(values, ""), bool).nonzero()[0]
    if not len(empty) and number.min(initial=0) >= 0:
        return number, values
    findings.flag(
        np.flatnonzero((number < 0) | np.isin(number, empty)),
        table=name,
        column=column,
        values=table[column],
        message="an id that is empty",
        hint="every row needs one",
    )
    return number, values


def refuse_cut_ids(
    findings: Findings, ids: pa.ChunkedArray, table: str, column: str
) -> None:
    """Note ids of which a spreadsheet has left the first digits: several may be one."""
    cut = pc.fill_null(pc.match_substring_regex(ids, _CUT), fill_value=False)
    findings.flag(
        np.flatnonzero(np.asarray(cut, bool)),
        table=table,
        column=column,
        values=ids,
        message="an id that a spreadsheet has cut to a few digits",
        hint="export the file again, and have the column formatted as text, or as "
        "numbers without decimals, before a spreadsheet saves it",
    )


def numbers(
    findings: Findings, table: pa.Table, name: str, column: str
) -> Floats | None:
    """Read a column as doubles, NaN for null; None when there is no such column."""
    if column not in table.column_names:
        return None
    raw = numeric(findings, table[column], name, column)
    values = np.array(raw.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    infinite = np.flatnonzero(np.isinf(values))
    findings.flag(
        infinite,
        table=name,
        column=column,
        values=table[column],
        message=INFINITE[0],
        hint=INFINITE[1],
    )
    values[infinite] = np.nan
    return values


def numeric(
    findings: Findings, raw: pa.ChunkedArray, name: str, column: str
) -> pa.ChunkedArray:
    """The same column of a kind that can be cast to doubles; null where it cannot."""
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    kind = raw.type
    if column == "score" and pa.types.is_boolean(kind):
        return raw.cast(pa.uint8())
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return _parsed(findings, raw, name, column)
    if (
        pa.types.is_null(kind)
        or pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        return raw
    findings.add(
        Problem(
            table=name,
            column=column,
            value=str(kind),
            message="the column does not hold numbers",
            hint="give integers, floats or decimals",
        )
    )
    return pa.chunked_array([pa.nulls(len(raw))])


def _parsed(
    findings: Findings, raw: pa.ChunkedArray, name: str, column: str
) -> pa.ChunkedArray:
    blank = pc.equal(pc.utf8_trim_whitespace(raw), "")
    raw = pc.if_else(blank, pa.scalar(None, raw.type), raw)
    good = pc.fill_null(pc.match_substring_regex(raw, _NUMBER), fill_value=True)
    findings.flag(
        np.flatnonzero(~np.asarray(good, bool)),
        table=name,
        column=column,
        values=raw,
        message="not a number",
        hint="write digits with a decimal point, or leave the cell empty",
    )
    kept = pc.if_else(good, raw, pa.scalar(None, raw.type))
    return pc.utf8_trim_whitespace(pc.replace_substring(kept, "+", ""))


def whole(
    findings: Findings, table: pa.Table, name: str, column: str, default: int
) -> Ints:
    """Read whole numbers from 1 up; `default` where there is none."""
    values = numbers(findings, table, name, column)
    if values is None:
        return np.broadcast_to(np.int64(default), table.num_rows)
    given = ~np.isnan(values)
    bad = given & ((values < 1) | (values != np.floor(values)) | (values > 2**31))
    findings.flag(
        np.flatnonzero(bad),
        table=name,
        column=column,
        values=table[column],
        message="not a whole number from 1 up",
        hint="count from 1",
    )
    return np.where(given & ~bad, values, default).astype(np.int64)
