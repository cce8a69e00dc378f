"""Rows of findings in the making: what was found where, and the figures behind it."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Mask = npt.NDArray[np.bool_]

LOOK, CANNOT_TELL, FINE = 0, 1, 2
OUTCOMES = ("look", "cannot tell", "fine")

REST = "point_biserial_corrected"
"""The correlation that most rules rest on: its column, and those of its interval."""

_MOST = 1e6


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one rule.

    ``item`` is the row of item_analysis, ``option`` that of option_analysis, each -1
    where there is none; ``quiz`` is the row of summary. ``fields`` are the words that
    its templates have in braces.
    """

    finding: str
    quiz: Ints
    item: Ints
    option: Ints
    outcome: Ints
    needed: Floats
    fields: Mapping[str, pa.Array]


@dataclass(frozen=True, slots=True)
class Tables:
    """What the rules read: the tables of one report, and how these were made."""

    summary: pa.Table
    items: pa.Table
    options: pa.Table
    quiz_of_item: Ints
    item_of_option: Ints
    greatest: Floats | None
    level: float
    options_made: Mapping[str, Any]

    @property
    def z(self) -> float:
        """The normal quantile of the intervals."""
        from scipy.special import ndtri  # noqa: PLC0415  slow to import

        return float(ndtri((1 + self.level) / 2))


def tables(
    summary: pa.Table,
    items: pa.Table,
    options: pa.Table,
    greatest: pa.Table | None = None,
) -> Tables:
    """Bring the tables together, row to row.

    `greatest` has for each item, by ``quiz_id`` and ``item_id``, the greatest
    ``correlation`` that it could have with its rest.
    """
    made = json.loads((items.schema.metadata or {}).get(b"made", b"{}"))
    told = made.get("options", {})
    (quiz,) = _numbers(["quiz_id"], summary, [items])
    (item,) = _numbers(["quiz_id", "item_id"], items, [options])
    most = None
    if greatest is not None:
        (place,) = _numbers(["quiz_id", "item_id"], greatest, [items])
        most = floats(greatest, "correlation")[place]
    level = told.get("level", 0.95)
    return Tables(summary, items, options, quiz, item, most, level, told)


def _numbers(
    names: list[str], owner: pa.Table, others: list[pa.Table]
) -> tuple[Ints, ...]:
    """For each row of the others the row of the owner with the same ids."""
    every = pa.concat_tables([t.select(names) for t in (owner, *others)])
    key = np.zeros(every.num_rows, np.int64)
    for name in names:
        codes = every[name].combine_chunks().dictionary_encode()
        key = key * (len(codes.dictionary) + 1) + np.asarray(codes.indices, np.int64)
    _, number = np.unique(key, return_inverse=True)
    place = np.full(len(key) + 1, -1, np.int64)
    place[number[: owner.num_rows]] = np.arange(owner.num_rows)
    ends = np.cumsum([owner.num_rows, *(t.num_rows for t in others)])
    return tuple(place[part] for part in np.split(number, ends)[1:-1])


def floats(table: pa.Table, name: str) -> Floats:
    """A column as numbers, null as NaN."""
    return np.asarray(table[name].cast(pa.float64()).fill_null(np.nan))


def flags(table: pa.Table, name: str) -> Mask:
    """A column as truths; null is false."""
    return np.asarray(table[name].fill_null(False), bool)


def above(low: Floats, high: Floats, threshold: float | Floats) -> Ints:
    """Judge figures that are to be looked at when they lie above."""
    fine = np.where(high <= threshold, FINE, CANNOT_TELL)
    return np.where(low > threshold, LOOK, fine)


def below(low: Floats, high: Floats, threshold: float | Floats) -> Ints:
    """Judge figures that are to be looked at when they lie below."""
    fine = np.where(low >= threshold, FINE, CANNOT_TELL)
    return np.where(high < threshold, LOOK, fine)


def for_share(share: Floats, threshold: float | Floats, z: float) -> Floats:
    """How many make Wilson's interval of this share end at the threshold."""
    t, away = threshold, share - threshold
    apart = np.where(away == 0, np.nan, away)
    return np.asarray(z * z * t * (1 - t) / apart**2)


def for_correlation(r: Floats, threshold: float | Floats, z: float) -> Floats:
    """How many make Fisher's interval of this correlation end at the threshold."""
    limit = np.clip(threshold, -0.999, 0.999)
    away = np.arctanh(np.clip(r, -0.999, 0.999)) - np.arctanh(limit)
    return np.asarray(3 + (z / np.where(away == 0, np.nan, away)) ** 2)


def for_half(n: Floats, half: Floats, away: Floats) -> Floats:
    """How many make an interval of this half width as wide as what it is away by."""
    return np.asarray(n * (half / np.where(away == 0, np.nan, away)) ** 2)


def whole(needed: Floats, n: Floats, outcome: Ints) -> Floats:
    """A whole number above n where it cannot be told, up to a million; else NaN."""
    more = np.maximum(np.ceil(needed), n + 1)
    return np.where((outcome == CANNOT_TELL) & (more <= _MOST), more, np.nan)


def percent(values: npt.ArrayLike) -> pa.Array:
    """Shares as whole percents."""
    return _words(np.asarray(values, np.float64) * 100, "%.0f %%")


def decimal(values: npt.ArrayLike, digits: int = 2) -> pa.Array:
    """Correlations and the like."""
    return _words(np.asarray(values, np.float64), f"%.{digits}f")


def count(values: npt.ArrayLike) -> pa.Array:
    """Numbers of students or answers; those of small groups can be fractions.

    A group takes a part of those who tie at its cut; from 100 up that is no matter.
    """
    numbers = np.asarray(values, np.float64).round(1)
    said = _words(numbers, "%.15g", "an unknown number")
    large = numbers >= 100
    if not large.any():
        return said
    whole = np.rint(np.where(large, numbers, 0.0)).astype(np.int64)
    return pc.if_else(pa.array(large), grouped(whole), said)


def grouped(whole: Ints) -> pa.Array:
    """Whole numbers from 0 on with a comma before each three digits."""
    said = pa.array(whole % 1000).cast(pa.string())
    large = whole >= 1000
    if not large.any():
        return said
    last = pc.utf8_lpad(said, 3, "0")
    more = pc.binary_join_element_wise(grouped(whole // 1000), last, ",")
    return pc.if_else(pa.array(large), more, said)


def _words(values: Floats, form: str, none: str = "unknown") -> pa.Array:
    known = np.isfinite(values)
    said = np.char.mod(form, np.where(known, values, 0.0))
    words = pa.array(said.astype(object), pa.string())
    # What is rounded to nothing has no sign.
    words = pc.replace_substring_regex(words, r"^-(0(\.0+)?( %)?)$", r"\1")
    return pc.if_else(pa.array(known), words, none)
