"""Tidy tables whose columns have types that nobody expects."""

import datetime as dt
import decimal
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

import pyarrow as pa

from benchmarks.fuzzing.samples import TABLES

_ROWS = 3

_VALUES: tuple[tuple[pa.DataType, Sequence[Any]], ...] = (
    (pa.null(), [None]),
    (pa.bool_(), [True, False, None]),
    (pa.int8(), [-128, 0, 127]),
    (pa.uint64(), [2**64 - 1, 0, None]),
    (pa.int64(), [-(2**63), 2**63 - 1, 7, None]),
    (pa.float16(), [1.5, float("nan"), float("inf")]),
    (pa.float64(), [1e308, -0.0, 5e-324, float("nan"), float("-inf"), None]),
    (pa.decimal128(38, 9), [decimal.Decimal("1.5"), decimal.Decimal(10**28), None]),
    (pa.decimal256(76, 0), [decimal.Decimal(10**75), decimal.Decimal(0), None]),
    (pa.string(), ["", "x", "1", "\x00", "\x1b[2J", "\u202e", "é" * 90, None]),
    (pa.large_string(), ["007", "graded", "2026-10-01", None]),
    (pa.string_view(), ["x", "1", "longer than twelve bytes", None]),
    (pa.binary(), [b"\xff", b"1", b"", None]),
    (pa.binary_view(), [b"\xff", b"longer than twelve bytes", None]),
    (pa.binary(2), [b"ab", b"\xff\xfe", None]),
    (pa.date32(), [dt.date(2026, 1, 1), dt.date(1, 1, 1), None]),
    (pa.date64(), [0, 253_402_300_800_000, None]),
    (pa.time64("ns"), [0, 86_399_999_999_999, None]),
    (pa.timestamp("s"), [0, 2**62, -(2**62), None]),
    (pa.timestamp("us", "UTC"), [0, 2**62, None]),
    (pa.timestamp("ns", "Nowhere/Lost"), [0, 1, None]),
    (pa.duration("ms"), [0, 2**62, -1, None]),
    (pa.month_day_nano_interval(), [(1, 2, 3), None]),
    (pa.list_(pa.string()), [["a"], [], [None], ["b", "c"], None]),
    (pa.large_list(pa.string()), [["a"], [""], None]),
    (pa.list_(pa.string(), 2), [["a", "b"], None, ["", None]]),
    (pa.list_view(pa.string()), [["a"], [], None]),
    (pa.list_(pa.string_view()), [["a"], ["longer than twelve bytes"], None]),
    (pa.list_(pa.float64()), [[1.0], [float("nan")], None]),
    (pa.list_(pa.list_(pa.string())), [[["a"]], [[]], [None], None]),
    (pa.struct({"id": pa.string()}), [{"id": "a"}, {"id": None}, None]),
    (pa.map_(pa.string(), pa.int64()), [[("a", 1)], [], None]),
)


def _run_ends(random: Random, n: int) -> pa.Array:
    values = _plain(random, 1)
    ends = pa.array([max(n, 1)], pa.int32())
    return pa.RunEndEncodedArray.from_arrays(ends, values).slice(0, n)


def _union(random: Random, n: int) -> pa.Array:
    kinds = pa.array([random.randrange(2) for _ in range(n)], pa.int8())
    children = [_plain(random, n), _plain(random, n)]
    if random.random() < 0.5:
        return pa.UnionArray.from_sparse(kinds, children)
    return pa.UnionArray.from_dense(kinds, pa.array(range(n), pa.int32()), children)


def _dictionary(random: Random, n: int) -> pa.Array:
    """Codes with nulls, of values that may be null, equal or nested themselves."""
    values = _plain(random, 3)
    codes = pa.array([random.choice((0, 1, 2, None)) for _ in range(n)], pa.int8())
    return pa.DictionaryArray.from_arrays(codes, values)


def _nulls_over_values(random: Random, n: int) -> pa.Array:
    """A list whose nulls cover values, as masks and fixed sizes leave them."""
    values = pa.array(["a", "b"] * n)
    mask = pa.array([random.random() < 0.5 for _ in range(n)], pa.bool_())
    if random.random() < 0.5:
        return pa.FixedSizeListArray.from_arrays(values, 2, mask=mask)
    offsets = pa.array(range(0, 2 * n + 1, 2), pa.int32())
    return pa.ListArray.from_arrays(offsets, values, mask=mask)


def _not_utf8(random: Random, n: int) -> pa.Array:
    """Text that says it is UTF-8 and is not."""
    texts = [random.choice((b"\xff", b"a", b"\xed\xa0\x80")) for _ in range(n)]
    raw = pa.array(texts, pa.binary())
    return pa.StringArray.from_buffers(n, raw.buffers()[1], raw.buffers()[2])


def _sliced(random: Random, n: int) -> pa.Array:
    """A part of a longer array, so that offsets do not begin at 0."""
    start = random.randrange(3)
    return _plain(random, n + 3).slice(start, n)


def _plain(random: Random, n: int) -> pa.Array:
    kind, values = random.choice(_VALUES)
    return pa.array([random.choice(values) for _ in range(n)], kind)


_MAKERS: tuple[Callable[[Random, int], pa.Array], ...] = (
    *(_plain,) * 6,
    *(_sliced, _dictionary, _dictionary, _union, _run_ends),
    *(_nulls_over_values, _not_utf8),
)


def odd_table(random: Random) -> pa.Table:
    """A valid table of which some columns are replaced, added, doubled or left out."""
    table = random.choice(TABLES)
    table = table.slice(random.randrange(2), random.choice((0, _ROWS, _ROWS)))
    n = table.num_rows
    for _ in range(random.choice((1, 1, 2, 4))):
        at = random.randrange(table.num_columns) if table.num_columns else 0
        column = random.choice(_MAKERS)(random, n)
        match random.randrange(10):
            case 0 if table.num_columns:
                table = table.remove_column(at)
            case 1:
                table = table.append_column(_name(random), column)
            case 2 if table.num_columns and n:
                parts = table.column(at).combine_chunks()
                chunks = pa.chunked_array([parts.slice(0, 1), parts.slice(1)])
                table = table.set_column(at, table.field(at).name, chunks)
            case _ if table.num_columns:
                table = table.set_column(at, table.field(at).name, column)
            case _:
                pass
    return table


def odd_items(random: Random) -> pa.Table:
    """An items table, mostly valid, with an odd column now and then."""
    options = [[{"id": "a", "text": "A", "correct": True}], None]
    table = pa.table(
        {
            "item_id": ["1", random.choice(("2", "1", "", None))],
            "points_possible": pa.array([1.0, random.choice((2.0, 0.0, -1.0, None))]),
            "options": options,
        }
    )
    return _with_odd_column(random, table)


def odd_students(random: Random) -> pa.Table:
    """A students table, mostly valid, with an odd column now and then."""
    table = pa.table(
        {
            "student_id": ["007", random.choice(("8", "007", None))],
            "name": ["Zoë", "\x1b[2J"],
            "section_names": [["A"], None],
        }
    )
    return _with_odd_column(random, table)


def _with_odd_column(random: Random, table: pa.Table) -> pa.Table:
    if random.random() < 0.5:
        return table
    at = random.randrange(table.num_columns)
    column = random.choice(_MAKERS)(random, table.num_rows)
    return table.set_column(at, table.field(at).name, column)


def _name(random: Random) -> str:
    names = ("quiz_id", "response", "status", "score", "STUDENT_ID", "", "\x1b[2J", "x")
    return random.choice((*names, "submitted_at", "elapsed_s", "position", "name"))
