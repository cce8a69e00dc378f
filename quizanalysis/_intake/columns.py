"""Arrow columns to numpy arrays, noting every value that is not what it should be."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

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


def codes(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Number the distinct texts in order of first appearance; a null gets -1."""
    column = texts(column)
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    if pa.types.is_dictionary(column.type):
        column = unified(column)
    if not pa.types.is_dictionary(column.type):
        encoded = column.combine_chunks().dictionary_encode()
        return _indices(pa.chunked_array([encoded])), encoded.dictionary
    if column.num_chunks == 0:
        return np.empty(0, np.int64), pa.array([], pa.string())
    # A dictionary that was given may hold texts that no row has, a text twice, null.
    number, first = ranks(_indices(column))
    said = column.take(pa.array(first)).cast(pa.string()).combine_chunks()
    encoded = said.dictionary_encode()
    return _indices(pa.chunked_array([encoded]))[number], encoded.dictionary


def _indices(column: pa.ChunkedArray) -> Ints:
    indices = pa.chunked_array([chunk.indices for chunk in column.chunks])
    numbers = indices.cast(pa.int64()).fill_null(-1).to_numpy()
    return np.asarray(numbers, np.int64)


def ranks(key: Ints) -> tuple[Ints, Ints]:
    """Number the distinct keys by first appearance; also the row of each first one."""
    n = len(key)
    heads = np.flatnonzero(np.diff(key, prepend=key[:1] - 1))
    if len(heads) <= n // 2:
        # Rows that belong together mostly stand together: number the runs instead.
        number, first = _ranks(key[heads])
        return np.repeat(number, np.diff(heads, append=n)), heads[first]
    return _ranks(key)


def _ranks(key: Ints) -> tuple[Ints, Ints]:
    n = len(key)
    low = int(key.min(initial=0))
    span = int(key.max(initial=0)) - low + 1
    if span > 4 * n + 1024:
        encoded = pa.array(key).dictionary_encode()
        number = encoded.indices.to_numpy().astype(np.int64)
        first = np.empty(len(encoded.dictionary), np.int64)
        first[number[::-1]] = np.arange(n - 1, -1, -1)
        return number, first
    # A table of all keys there could be is cheaper than hashing them.
    place = np.full(span, n, np.int64)
    place[key[::-1] - low] = np.arange(n - 1, -1, -1)
    first = np.sort(place[place < n])
    rank = np.empty(span, np.int64)
    rank[key[first] - low] = np.arange(len(first))
    return rank[key - low], first


def ids(
    findings: Findings, table: pa.Table, name: str, column: str
) -> tuple[Ints, pa.Array]:
    """Code a column of ids; an id that is null or empty is a problem."""
    number, values = codes(table[column])
    empty = np.asarray(pc.equal(values, ""), bool).nonzero()[0]
    bad = np.flatnonzero((number < 0) | np.isin(number, empty))
    findings.flag(
        bad,
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
        message="an infinite number",
        hint="leave the cell empty where there is none",
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
    values = numbers(findings, table, name, column)
    if values is None:
        return np.zeros(table.num_rows, np.int64), np.zeros(table.num_rows, bool)
    findings.flag(
        np.flatnonzero(np.abs(values) > LARGEST),
        table=name,
        column=column,
        values=table[column],
        message="too large a number of points",
        hint=f"at most {LARGEST:,.0f} are kept exactly",
    )
    given = ~np.isnan(values)
    exact = np.where(given & (np.abs(values) <= LARGEST), values, 0.0)
    return np.rint(exact * NANO).astype(np.int64), given


def whole(
    findings: Findings, table: pa.Table, name: str, column: str, default: int
) -> Ints:
    """Read whole numbers from 1 up; `default` where there is none."""
    values = numbers(findings, table, name, column)
    if values is None:
        return np.full(table.num_rows, default, np.int64)
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
