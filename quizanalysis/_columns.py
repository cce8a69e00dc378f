"""Arrow columns to numpy arrays, noting every value that is not what it should be."""

from collections.abc import Iterable, Mapping

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis.errors import DataError, Problem
from quizanalysis.schema import INPUTS, TIMESTAMP, Column

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]

NANO = 1_000_000_000
"""Scores are kept as integers of one billionth of a point."""

LARGEST = 1e6
"""Points beyond this would not be exact to a billionth in a double."""

_YEARS = -62_135_596_800, 253_402_300_800
"""Seconds from 1970 to the years 1 and 10,000, between which times can be shown."""

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

_NEEDED: Mapping[str, tuple[str, ...]] = {
    "responses": ("student_id", "item_id", "score"),
    "items": ("item_id",),
    "students": ("student_id",),
}

_NUMBER = r"^\s*[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?\s*$"
_TIME = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z|[+-]\d\d:?\d\d)?)?$"


class Findings:
    """The problems found so far: the first hundred of each kind, and how many."""

    def __init__(self) -> None:
        self._problems: list[Problem] = []
        self._total = 0

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
    ) -> None:
        """Note the same problem in each of these rows, with the values there.

        The values may have rows of their own: `at`.
        """
        shown = (rows if at is None else at)[:100]
        found = (
            values[shown].tolist()
            if isinstance(values, np.ndarray)
            else values.take(pa.array(shown, pa.int64())).to_pylist()
        )
        self._problems += [
            Problem(
                table=table,
                column=column,
                row=int(row),
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


def table_of(obj: object, name: str) -> pa.Table:
    """Take anything that has ``__arrow_c_stream__``; name what cannot be taken."""
    if isinstance(obj, pa.Table):
        return obj
    if not hasattr(obj, "__arrow_c_stream__"):
        msg = (
            f"{name} must be a table with __arrow_c_stream__ (pyarrow, pandas, "
            f"polars, …), not {type(obj).__name__}"
        )
        raise TypeError(msg)
    try:
        return pa.RecordBatchReader.from_stream(obj).read_all()
    except Exception as error:  # whatever each library raises
        problem = Problem(
            table=name,
            message=f"cannot be read as an Arrow table: {error}",
            hint="give each column one type and a name of its own",
        )
        raise DataError([problem]) from error


def opened(findings: Findings, given: Mapping[str, object]) -> dict[str, pa.Table]:
    """Take the known columns of the tables given; stop if one that is needed lacks."""
    tables = {
        name: table_of(obj, name)
        for name, obj in given.items()
        if obj is not None or name == "responses"
    }
    columns = {
        name: [
            column
            for column in INPUTS[name]
            if column.name in (*_NEEDED[name], *table.column_names)
        ]
        for name, table in tables.items()
    }
    there = [
        require(findings, table, name, [column.name for column in columns[name]])
        for name, table in tables.items()
    ]
    if not all(there):
        findings.stop_if_any()
    plain = {
        name: {c.name: _plain(findings, table[c.name], name, c) for c in columns[name]}
        for name, table in tables.items()
    }
    if any(
        plain[name].get(column, ()) is None
        for name in plain
        for column in ("quiz_id", *_NEEDED[name])
    ):
        findings.stop_if_any()
    return {
        name: pa.table({c: v for c, v in of.items() if v is not None})
        for name, of in plain.items()
    }


def _plain(
    findings: Findings, column: pa.ChunkedArray, name: str, declared: Column
) -> pa.ChunkedArray | None:
    """One column without views, run lengths and extension types; words as text."""
    try:
        plain = _unwrapped(column)
        if declared.type != pa.string():
            return plain
        if declared.name == "response" and is_listed(plain.type):
            return plain.cast(pa.list_(pa.string()))
        return texts(plain)
    except pa.ArrowException:
        findings.add(
            Problem(
                table=name,
                column=declared.name,
                value=str(column.type),
                message="the column holds nothing that can be read",
                hint="give text, or numbers, times or lists where they are meant",
            )
        )
        return None


def _unwrapped(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """The same values in a type that the other functions know."""
    kind = column.type
    if isinstance(kind, pa.BaseExtensionType):
        return _unwrapped(column.cast(kind.storage_type))
    if pa.types.is_run_end_encoded(kind):
        decoded = [pc.run_end_decode(chunk) for chunk in column.chunks]
        return _unwrapped(pa.chunked_array(decoded, kind.value_type))
    if pa.types.is_dictionary(kind):
        return _decoded(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        return column.cast(pa.string())
    if pa.types.is_timestamp(kind) and kind.tz is not None:
        return column.cast(pa.timestamp(kind.unit, "UTC"))
    if pa.types.is_list_view(kind) or pa.types.is_large_list_view(kind):
        msg = "Arrow casts views of lists to lists that are not valid"
        raise pa.ArrowNotImplementedError(msg)
    return column


def _decoded(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """A dictionary of texts as one of plain texts; any other as its values."""
    kind = column.type.value_type
    if pa.types.is_string(kind):
        return _unified(column)
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind):
        # Arrow cannot cast a dictionary of views, only the views themselves.
        chunks = [
            pa.DictionaryArray.from_arrays(c.indices, c.dictionary.cast(pa.string()))
            for c in column.chunks
        ]
        coded = pa.dictionary(column.type.index_type, pa.string())
        return _unified(pa.chunked_array(chunks, coded))
    return _unwrapped(
        pa.chunked_array([c.dictionary.take(c.indices) for c in column.chunks], kind)
    )


def _unified(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """One dictionary for all chunks; plain text where Arrow cannot make one."""
    try:
        return column.unify_dictionaries()
    except pa.ArrowInvalid:
        return column.cast(pa.string())


def is_listed(kind: pa.DataType) -> bool:
    return bool(
        pa.types.is_list(kind)
        or pa.types.is_large_list(kind)
        or pa.types.is_fixed_size_list(kind)
    )


def require(
    findings: Findings, table: pa.Table, name: str, columns: Iterable[str]
) -> bool:
    """Note each column that is missing or there twice; say whether all are there."""
    there = True
    for column in columns:
        if (count := table.column_names.count(column)) == 1:
            continue
        there = False
        findings.add(
            Problem(
                table=name,
                column=column,
                message="no such column" if not count else "the column is there twice",
                hint=f"there are: {', '.join(map(repr, table.column_names)) or 'none'}",
            )
        )
    return there


def texts(column: pa.ChunkedArray) -> pa.ChunkedArray:
    """Any column of ids or words as text; a dictionary stays one."""
    kind = column.type
    if pa.types.is_dictionary(kind):
        if pa.types.is_string(kind.value_type):
            return column
        return texts(column.cast(kind.value_type))
    if pa.types.is_string(kind):
        return column
    if pa.types.is_floating(kind):
        column = pc.if_else(pc.is_nan(column), pa.scalar(None, kind), column)
    return column.cast(pa.string())


def codes(column: pa.ChunkedArray) -> tuple[Ints, pa.Array]:
    """Number the distinct texts in order of first appearance; a null gets -1."""
    column = texts(column)
    if isinstance(column, pa.Array):
        column = pa.chunked_array([column])
    if pa.types.is_dictionary(column.type):
        column = _unified(column)
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
    raw = table[column]
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    kind = raw.type
    if pa.types.is_null(kind):
        return np.full(len(raw), np.nan)
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        raw = _parsed(findings, raw, name, column)
    elif pa.types.is_boolean(kind) or not (
        pa.types.is_integer(kind)
        or pa.types.is_floating(kind)
        or pa.types.is_decimal(kind)
    ):
        findings.add(
            Problem(
                table=name,
                column=column,
                value=str(kind),
                message="the column does not hold numbers",
                hint="give integers, floats or decimals",
            )
        )
        return np.full(len(raw), np.nan)
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


def times(findings: Findings, table: pa.Table, name: str, column: str) -> pa.Array:
    """Read points in time as UTC; a time without a zone is taken for UTC."""
    if column not in table.column_names:
        return pa.nulls(table.num_rows, TIMESTAMP)
    raw = table[column].combine_chunks()
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    if pa.types.is_timestamp(raw.type):
        return _in_years(findings, raw, name, column)
    if pa.types.is_null(raw.type):
        return pa.nulls(len(raw), TIMESTAMP)
    if not (pa.types.is_string(raw.type) or pa.types.is_date(raw.type)):
        findings.add(
            Problem(
                table=name,
                column=column,
                value=str(raw.type),
                message="the column does not hold points in time",
                hint="give timestamps, dates or texts such as 2026-11-23T09:30:00Z",
            )
        )
        return pa.nulls(len(raw), TIMESTAMP)
    raw = pc.utf8_trim_whitespace(raw.cast(pa.string()))
    raw = pc.if_else(pc.equal(raw, ""), pa.scalar(None, pa.string()), raw)
    good = pc.fill_null(pc.match_substring_regex(raw, _TIME), fill_value=True)
    zoned = pc.replace_substring_regex(pc.if_else(good, raw, None), " ?UTC$", "Z")
    zoned = pc.replace_substring_regex(zoned, r"(\.\d{6})\d+", r"\1")
    bare = pc.invert(pc.match_substring_regex(zoned, r"(Z|[+-]\d\d:?\d\d)$"))
    bare = pc.or_(bare, pc.equal(pc.utf8_length(zoned), 10))
    dated = pc.if_else(
        pc.equal(pc.utf8_length(zoned), 10),
        pc.binary_join_element_wise(zoned, pa.scalar("T00:00:00"), ""),
        zoned,
    )
    zoned = pc.if_else(
        bare, pc.binary_join_element_wise(dated, pa.scalar("Z"), ""), zoned
    )
    return _cast_times(findings, zoned, raw, good, name, column)


def _in_years(findings: Findings, raw: pa.Array, name: str, column: str) -> pa.Array:
    """Timestamps in microseconds, of the years 1 to 9999."""
    unit = raw.type.unit
    stamp = np.asarray(raw.cast(pa.int64()).fill_null(0), np.int64)
    bad = _beyond(stamp, unit)
    findings.flag(
        np.flatnonzero(bad),
        table=name,
        column=column,
        values=stamp,
        message=f"not a point in time of the years 1 to 9999, in {unit} from 1970",
        hint="leave the cell empty where there is none",
    )
    kept = pc.if_else(pa.array(~bad), raw, pa.scalar(None, raw.type))
    return kept.cast(pa.timestamp("us", raw.type.tz), safe=False).cast(TIMESTAMP)


def _beyond(stamp: Ints, unit: str) -> Mask:
    second = stamp / _PER_SECOND[unit]
    return np.asarray((second < _YEARS[0]) | (second >= _YEARS[1]))


def _cast_times(
    findings: Findings,
    zoned: pa.Array,
    raw: pa.Array,
    good: pa.Array,
    name: str,
    column: str,
) -> pa.Array:
    bad = ~np.asarray(good, bool)
    try:
        result = zoned.cast(TIMESTAMP)
    except pa.ArrowInvalid:
        # A date that no calendar has. Only the way to the error walks the values.
        bad |= np.array([not _is_time(value) for value in zoned.to_pylist()])
        result = pa.nulls(len(zoned), TIMESTAMP)
    bad |= _beyond(np.asarray(result.cast(pa.int64()).fill_null(0), np.int64), "us")
    findings.flag(
        np.flatnonzero(bad),
        table=name,
        column=column,
        values=raw,
        message="not a point in time",
        hint="write it as 2026-11-23T09:30:00Z",
    )
    return result


def _is_time(value: str | None) -> bool:
    try:
        pa.array([value]).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return False
    return True
