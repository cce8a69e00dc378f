"""Columns of points in time, as UTC."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Ints, Mask
from quizanalysis.errors import Problem
from quizanalysis.schema import TIMESTAMP

_YEARS = -62_135_596_800, 253_402_300_800
"""Seconds from 1970 to the years 1 and 10,000, between which times can be shown."""

_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}

_TIME = r"^\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?( ?UTC|Z|[+-]\d\d(:?\d\d)?)?)?$"


def times(findings: Findings, table: pa.Table, name: str, column: str) -> pa.Array:
    """Read points in time as UTC; a time without a zone is taken for UTC."""
    if column not in table.column_names:
        return pa.nulls(table.num_rows, TIMESTAMP)
    raw = table[column]
    if pa.types.is_dictionary(raw.type):
        raw = raw.cast(raw.type.value_type)
    if pa.types.is_timestamp(raw.type):
        return _in_years(findings, raw.combine_chunks(), name, column)
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
    raw = pc.utf8_trim_whitespace(raw.combine_chunks().cast(pa.string()))
    raw = pc.if_else(pc.equal(raw, ""), pa.scalar(None, pa.string()), raw)
    good = pc.fill_null(pc.match_substring_regex(raw, _TIME), fill_value=True)
    zoned = _zoned(pc.if_else(good, raw, None))
    return _cast_times(findings, zoned, raw, good, name, column)


def _zoned(said: pa.Array) -> pa.Array:
    """Texts with the time of day and the zone that each left out."""
    zoned = pc.replace_substring_regex(said, " ?UTC$", "Z")
    zoned = pc.replace_substring_regex(zoned, r"(\.\d{6})\d+", r"\1")
    bare = pc.invert(pc.match_substring_regex(zoned, r"(Z|[+-]\d\d(:?\d\d)?)$"))
    bare = pc.or_(bare, pc.equal(pc.utf8_length(zoned), 10))
    dated = pc.if_else(
        pc.equal(pc.utf8_length(zoned), 10),
        pc.binary_join_element_wise(zoned, pa.scalar("T00:00:00"), ""),
        zoned,
    )
    return pc.if_else(
        bare, pc.binary_join_element_wise(dated, pa.scalar("Z"), ""), zoned
    )


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
        hint="write it as 2026-11-23T09:30:00Z, or remove the column: no figure of an "
        "item needs it where attempts are numbered",
    )
    return result


def _is_time(value: str | None) -> bool:
    try:
        pa.array([value]).cast(TIMESTAMP)
    except pa.ArrowInvalid:
        return False
    return True
