"""Arrow columns to numpy arrays, noting every value that is not what it should be."""

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.numbering import Whole, ranks
from quizanalysis.errors import DataError, Problem

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NANO = 1_000_000_000
"""Scores are kept as integers of one billionth of a point."""

TIE = 1_000
"""Totals that lie no more than this apart, a millionth of a point, are equal."""

LARGEST = 1e6
"""Points beyond this would not be exact to a billionth in a double."""

_BLOCK = 2**17
"""Rows that are worked on at a time."""

_INFINITE = "an infinite number", "leave the cell empty where there is none"

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"


class Findings:
    """The problems found so far: the first hundred of each kind, and how many."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._total = 0
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
        self._total += 1

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
        if self.is_mute(table, column):
            return
        shown = (rows if at is None else at)[:100]
        found = (
            values[shown].tolist()
            if isinstance(values, np.ndarray)
            else _shown(values.take(pa.array(shown, pa.int64())))
        )
        self._problems += [
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
        self._total += len(rows)

    def stop_if_any(self) -> None:
        """Raise all that was noted, as one error."""
        if self._problems:
            raise DataError(self._problems, self._total)


def _shown(values: pa.ChunkedArray | pa.Array) -> list[object]:
    """Values as Python has them; points in time as they may be written."""
    if pa.types.is_timestamp(values.type) or pa.types.is_date(values.type):
        values = pc.replace_substring(values.cast(pa.string()), " ", "T")
    return list(values.to_pylist())


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
    try:
        return column.unify_dictionaries()
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def named(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A column of ids as text; whole numbers as a dictionary of texts."""
    if not pa.types.is_integer(column.type):
        return texts(column)
    n, limits = len(column), pc.min_max(column)
    low, high = limits["min"].as_py(), limits["max"].as_py()
    if column.null_count or not n or not high - low < min(4 * n + 1024, 2**31):
        encoded = column.combine_chunks().dictionary_encode()
        return pa.chunked_array([_with_texts(encoded.indices, encoded.dictionary)])
    # A table of all numbers there could be is cheaper than hashing them.
    place = np.subtract(column.to_numpy(), low).astype(np.int32)
    there = np.zeros(high - low + 1, bool)
    there[place] = True
    rank = (np.cumsum(there) - 1).astype(np.int32)
    known = pa.array(np.flatnonzero(there).astype(np.int64) + low)
    return pa.chunked_array([_with_texts(rank[place], known.cast(column.type))])


def _with_texts(indices: Whole | pa.Array, names: pa.Array) -> pa.DictionaryArray:
    return pa.DictionaryArray.from_arrays(indices, names.cast(pa.string()))


def codes(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Number the distinct texts in order of first appearance; a null gets -1."""
    column = _texts_as_given(column)
    if not pa.types.is_dictionary(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        return _indices([encoded]).astype(np.int64), encoded.dictionary
    if column.num_chunks == 0:
        return np.empty(0, np.int64), pa.array([], pa.string())
    # A dictionary that was given may hold texts that no row has, a text twice, null.
    number, first = ranks(_indices(column.chunks))
    said = column.take(pa.array(first)).cast(pa.string()).combine_chunks()
    encoded = said.dictionary_encode()
    return _indices([encoded]).astype(np.int64)[number], encoded.dictionary


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
    numbers = [
        part.cast(kind).fill_null(-1).to_numpy(zero_copy_only=False) for part in parts
    ]
    return numbers[0] if len(numbers) == 1 else np.concatenate(numbers)


def ids(
    findings: Findings, table: pa.Table, name: str, column: str
) -> tuple[Whole, pa.Array]:
    """Number a column as `coded` does; an id that is null or empty is a problem."""
    number, values = coded(table[column])
    bad = number < 0
    empty = np.asarray(pc.equal(values, ""), bool).nonzero()[0]
    if len(empty):
        bad |= np.isin(number, empty)
    findings.flag(
        np.flatnonzero(bad),
        table=name,
        column=column,
        values=table[column],
        message="an id that is empty",
        hint="every row needs one",
    )
    return number, values


def numbers(
    findings: Findings, table: pa.Table, name: str, column: str
) -> Floats | None:
    """Read a column as doubles, NaN for null; None when there is no such column."""
    if column not in table.column_names:
        return None
    raw = _numeric(findings, table[column], name, column)
    values = np.array(raw.cast(pa.float64(), safe=False).to_numpy(), np.float64)
    infinite = np.flatnonzero(np.isinf(values))
    findings.flag(
        infinite,
        table=name,
        column=column,
        values=table[column],
        message=_INFINITE[0],
        hint=_INFINITE[1],
    )
    values[infinite] = np.nan
    return values


def _numeric(
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


def points(
    findings: Findings, table: pa.Table, name: str, column: str
) -> tuple[Ints, Mask]:
    """Read points as exact integers of a billionth, and where there are any."""
    n = table.num_rows
    if column not in table.column_names:
        return np.broadcast_to(np.int64(0), n), np.broadcast_to(np.False_, n)
    exact, given = np.empty(n, np.int64), np.ones(n, bool)
    infinite, large, at = [], [], 0
    for values in _blocks(_numeric(findings, table[column], name, column)):
        here = slice(at, at + len(values))
        if not np.abs(values).max() <= LARGEST:
            values, endless, beyond = _within(values)  # noqa: PLW2901
            infinite.append(endless + at)
            large.append(beyond + at)
            given[here] = ~np.isnan(values)
            values[beyond] = 0.0
            np.nan_to_num(values, copy=False)
        exact[here] = np.rint(values * NANO)
        at += len(values)
    for rows, message, hint in (
        (infinite, *_INFINITE),
        (
            large,
            "too large a number of points",
            f"at most {LARGEST:,.0f} are kept exactly",
        ),
    ):
        findings.flag(
            np.concatenate([np.empty(0, np.int64), *rows]),
            table=name,
            column=column,
            values=table[column],
            message=message,
            hint=hint,
        )
    return exact, given


def _blocks(raw: pa.ChunkedArray) -> Iterator[Floats]:
    """The doubles in pieces that stay in the processor's cache; NaN for null."""
    for chunk in raw.chunks:
        for at in range(0, len(chunk), _BLOCK):
            piece = chunk.slice(at, _BLOCK).cast(pa.float64(), safe=False)
            yield piece.to_numpy(zero_copy_only=False)


def _within(values: Floats) -> tuple[Floats, Ints, Ints]:
    """The values, NaN where endless; where that is, and where they are too large."""
    endless = np.isinf(values)
    kept = np.where(endless, np.nan, values)
    return kept, np.flatnonzero(endless), np.flatnonzero(np.abs(kept) > LARGEST)


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
