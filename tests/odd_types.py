"""Arrays of three values of every Arrow type, the last of them null where it can be."""

import datetime as dt
from decimal import Decimal
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

N = 3


class _Wrapped(pa.ExtensionType):
    def __init__(self, storage):
        super().__init__(storage, "quizanalysis.tests.wrapped")

    def __arrow_ext_serialize__(self):
        return b""

    @classmethod
    def __arrow_ext_deserialize__(cls, storage, _):
        return cls(storage)


def masked(kind):
    """Lists of which a null one covers values."""
    values = pa.array([*"abcdef"]).cast(kind.value_type)
    mask = pa.array([False, False, True])
    at, sizes = pa.array([0, 2, 4]), pa.array([2, 2, 2])
    if pa.types.is_fixed_size_list(kind):
        return pa.FixedSizeListArray.from_arrays(values, 2, mask=mask)
    if pa.types.is_list(kind):
        offsets = pa.array([0, 2, 4, 6], pa.int32())
        return pa.ListArray.from_arrays(offsets, values, mask=mask)
    if pa.types.is_large_list(kind):
        return pa.LargeListArray.from_arrays(pa.array([0, 2, 4, 6]), values, mask=mask)
    if pa.types.is_large_list_view(kind):
        return pa.LargeListViewArray.from_arrays(at, sizes, values, mask=mask)
    at, sizes = at.cast(pa.int32()), sizes.cast(pa.int32())
    return pa.ListViewArray.from_arrays(at, sizes, values, mask=mask)


def _union(parts, *, dense):
    types = pa.array([0, len(parts) - 1, 0], pa.int8())
    if not dense:
        return pa.UnionArray.from_sparse(types, parts)
    return pa.UnionArray.from_dense(types, pa.array([0, 1, 1], pa.int32()), parts)


def _coded(values):
    return pa.DictionaryArray.from_arrays(pa.array([0, 1, None], pa.int8()), values)


def _runs(values):
    return pa.RunEndEncodedArray.from_arrays(pa.array([1, 2, 3], pa.int32()), values)


_DAY = dt.date(2026, 1, 2)
_TIME = dt.datetime(2026, 1, 2, 3, 4)  # noqa: DTZ001  zones are types of their own
_TEXTS = ["1", "a", None]

_SIMPLE = {
    pa.null(): [None] * N,
    pa.bool_(): [True, False, None],
    **{
        kind: [1, 2, None]
        for kind in (
            *(pa.int8(), pa.int16(), pa.int32(), pa.int64()),
            *(pa.uint8(), pa.uint16(), pa.uint32()),
            *(pa.float32(), pa.float64()),
            *(pa.time32("s"), pa.time32("ms"), pa.time64("us"), pa.time64("ns")),
            *(pa.duration("s"), pa.duration("ms"), pa.duration("ns")),
        )
    },
    pa.uint64(): [1, 2**64 - 1, None],
    pa.float16(): [np.float16(1), np.float16(0.5), None],
    pa.decimal32(5, 2): [Decimal("1.00"), Decimal("0.25"), None],
    pa.decimal64(15, 2): [Decimal("1.00"), Decimal("0.25"), None],
    pa.decimal128(38, 2): [Decimal("1.00"), Decimal(10) ** 30, None],
    pa.decimal256(76, 2): [Decimal("1.00"), Decimal(10) ** 60, None],
    **dict.fromkeys((pa.string(), pa.large_string(), pa.string_view()), _TEXTS),
    **{
        kind: [b"1", b"\xff", None]
        for kind in (pa.binary(), pa.large_binary(), pa.binary_view())
    },
    pa.binary(2): [b"12", b"\xff\xfe", None],
    pa.date32(): [_DAY, _DAY, None],
    pa.date64(): [_DAY, _DAY, None],
    **{
        pa.timestamp(unit, zone): [_TIME, _TIME, None]
        for unit in ("s", "us", "ns")
        for zone in (None, "UTC", "Europe/Rome")
    },
    pa.timestamp("s", "Nowhere/Town"): [0, 1, None],
    pa.month_day_nano_interval(): [(1, 2, 3), (0, 0, 1), None],
    pa.struct([("id", pa.string()), ("n", pa.int8())]): [{"id": "a", "n": 1}, {}, None],
    pa.struct([]): [{}, {}, None],
    pa.map_(pa.string(), pa.int8()): [[("a", 1)], [], None],
    pa.list_(pa.string()): [["a"], [], None],
    pa.large_list(pa.string()): [["a"], [None], None],
    pa.list_(pa.list_(pa.string_view())): [[["a"], None], [], None],
    pa.list_(pa.struct([("id", pa.string_view())])): [[{"id": "a"}], [None], None],
    pa.list_(pa.map_(pa.string(), pa.string())): [[[("a", "b")]], [], None],
    pa.list_(pa.float16()): [[1], [], None],
    pa.list_(pa.null()): [[None], [], None],
}

_BEYOND = {
    "timestamp beyond any year": pa.array([2**62, -(2**62), None], pa.timestamp("ms")),
    "timestamp of a zone, beyond": pa.array([2**62] * N, pa.timestamp("s", "UTC")),
    "date beyond any year": pa.array([2**31 - 1, -(2**31), None], pa.date32()),
    "date64 beyond any year": pa.array([2**62, 5, None]).view(pa.date64()),
    "time beyond a day": pa.array([2**62, -1, None]).view(pa.time64("ns")),
    "time32 beyond a day": pa.array([2**30, -1, None], pa.int32()).view(pa.time32("s")),
    "duration beyond": pa.array([2**62, 1, None]).view(pa.duration("s")),
    "doubles": pa.array([float("nan"), float("inf"), 1e308]),
}

LISTS = (
    *(pa.list_, pa.large_list, partial(pa.list_, list_size=2)),
    *(pa.list_view, pa.large_list_view),
)


_WRAPPED = (
    *("string", "string_view", "binary_view", "int8", "halffloat", "bool"),
    *("list<item: string>", "struct<id: string, n: int8>", "month_day_nano_interval"),
    *("timestamp[us]", "timestamp beyond any year", "decimal128(38, 2)", "null"),
    "fixed_size_list<item: string>[2] with a null over values",
)
"""Names of the arrays that are put into others."""


def _arrays():
    made = {str(kind): pa.array(values, kind) for kind, values in _SIMPLE.items()}
    made |= _BEYOND
    for kind in (pa.string(), pa.string_view(), pa.binary_view(), pa.large_string()):
        for listed in LISTS:
            array = masked(listed(kind))
            made[f"{array.type} with a null over values"] = array
            made[f"slice of {array.type}"] = pa.concat_arrays([array, array]).slice(
                2, N
            )
    for name in _WRAPPED:
        array = made[name]
        wraps = {
            "dictionary of": lambda a=array: _coded(a),
            "runs of": lambda a=array: _runs(a),
            "runs of dictionary of": lambda a=array: _runs(_coded(a)),
            "dense union of": lambda a=array: _union(
                [a, pa.array([1, 2, 3])], dense=True
            ),
            "sparse union of": lambda a=array: _union([a], dense=False),
            "extension of": lambda a=array: pa.ExtensionArray.from_storage(
                _Wrapped(a.type), a
            ),
            "struct of": lambda a=array: pa.StructArray.from_arrays([a], ["id"]),
            "lists of": lambda a=array: pa.ListArray.from_arrays(
                pa.array([0, 1, 3, 3], pa.int32()), a
            ),
        }
        for what, wrap in wraps.items():
            try:
                made[f"{what} {name}"] = wrap()
            except (pa.ArrowException, TypeError):
                continue
    runs = pc.run_end_encode(pa.array(_TEXTS))
    made["dense union of runs"] = _union([runs, pa.array([1, 2, 3])], dense=True)
    return made


ODD = _arrays()
"""By name: an array of each type."""
