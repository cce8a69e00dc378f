"""Arrays of scores and answers, of all that ``numpy.asarray`` takes or refuses."""

import datetime as dt
import decimal
import fractions
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
from scipy import sparse

Arguments = dict[str, Any]
"""Keywords of the call, and under ``table`` its first argument."""

_SCORES = (0, 1, 1.0, 0.5, float("nan"), None, True)
_ANSWERS = ("a", "b", "A ", "", " ", "NA", None, 1, 2, 1.0, float("nan"))
_ODD = (
    *(10**400, -(10**400), 10**30, 2**63, 2**64, 10**5000, 1e308, float("inf"), -0.0),
    *(fractions.Fraction(1, 3), fractions.Fraction(10**400, 3), 1j, complex("nan")),
    *(decimal.Decimal("1.5"), decimal.Decimal("sNaN"), decimal.Decimal("Infinity")),
    *(decimal.Decimal("1e999999"), np.float16(1), np.float32("nan"), np.int64(1)),
    *(np.longdouble("1e4000"), np.str_("x"), np.bool_(1), np.bytes_(b"\xff")),
    *(np.datetime64("2020-01-01"), np.datetime64("NaT"), np.timedelta64(1, "D")),
    *(pd.NaT, pd.NA, pd.Timestamp("2020-01-01"), pd.Interval(0, 1)),
    *(dt.datetime(1, 1, 1), dt.date(9999, 12, 31), dt.timedelta(1)),  # noqa: DTZ001
    *("", "x", "1", "\ud800", "\x00", "\x1b[2J", "é" * 300, "1e5", "\u0661", "  1 "),
    *(b"1", b"\xff", [], [1], (1, 2), {}, {"a": 1}, {1}, object, len, Ellipsis),
    *(pa.scalar(1), pa.scalar(None, pa.string()), np.array(1), np.array([1, 2])),
)
_DTYPES = (
    *("?", "i1", "u1", "i8", "u8", ">i4", "f2", "f4", "f8", ">f8", "g", "c16", "U3"),
    *("S3", "O", "M8[D]", "m8[s]", "V2"),
)


def _rows(random: Random, values: tuple[Any, ...], odd: float) -> list[list[Any]]:
    n, k = random.randrange(1, 5), random.randrange(1, 4)
    return [
        [random.choice(_ODD if random.random() < odd else values) for _ in range(k)]
        for _ in range(n)
    ]


def _object(rows: list[list[Any]]) -> np.ndarray:
    """An array of objects, whatever they are: numpy would look into lists."""
    made = np.empty((len(rows), len(rows[0])), object)
    for at, row in enumerate(rows):
        for to, value in enumerate(row):
            made[at, to] = value
    return made


def _read_only(made: np.ndarray) -> np.ndarray:
    made.flags.writeable = False
    return made


_SHAPES: tuple[Callable[[np.ndarray], Any], ...] = (
    *(np.ravel, np.asfortranarray, np.ma.masked_array, pd.DataFrame, _read_only),
    *(lambda made: made[None], lambda made: made[::-1, ::-1], lambda made: made),
    *(lambda made: made[:0], lambda made: made[:, :0]),
    lambda made: np.ma.masked_array(
        made, mask=(np.arange(made.size) % 2).reshape(made.shape)
    ),
)


def _shaped(random: Random, made: np.ndarray) -> Any:
    """The same in another shape, order or class."""
    return random.choice(_SHAPES)(made)


def _typed(random: Random, rows: list[list[Any]]) -> Any:
    """Numbers of one type, also of those that are none."""
    cells = [[random.choice((0, 1, 1, 2)) for _ in row] for row in rows]
    made = np.array(cells).astype(random.choice(_DTYPES[:-1]))
    if made.dtype.kind == "i" and random.random() < 0.2:
        made.flat[0] = np.iinfo(made.dtype).max
    if random.random() < 0.05 and made.dtype.kind in "iuf" and made.dtype.itemsize > 2:
        return sparse.csr_array(made) if made.dtype.isnative else made
    return _shaped(random, made)


def _frame(random: Random, rows: list[list[Any]]) -> Any:
    """A data frame with names, doubled or odd ones too, or of extension types."""
    names = [random.choice((*"abcd", "id", "Total", "", 1, None)) for _ in rows[0]]
    frame = pd.DataFrame(_object(rows), columns=pd.Index(names, dtype=object))
    match random.randrange(4):
        case 0:
            frame.index = pd.Index(
                [random.choice(_ODD[-20:-12]) for _ in rows], dtype=object
            )
        case 1:
            return frame.convert_dtypes()
        case 2:
            return frame.astype("string").astype("category")
        case _:
            pass
    return frame


def _other(random: Random, rows: list[list[Any]]) -> Any:
    """What is no table at all."""
    ragged = [row[: random.randrange(4)] for row in rows]
    whole = (rows[0], rows[0][0], [], [[]], ragged, {}, None, "text", iter(rows))
    return random.choice((*whole, np.zeros((2, 2), "i8,f8"), np.zeros(()), rows.copy))


_TABLES: tuple[Callable[[Random, list[list[Any]]], Any], ...] = (
    *(lambda _random, rows: rows,) * 6,
    *(lambda random, rows: _shaped(random, _object(rows)),) * 3,
    *(_typed, _typed, _typed, _frame, _frame, _other),
)


def _labels(random: Random, n: int) -> Any:
    """Ids, as many as are needed or not, of one kind or several."""
    n += random.choice((0, 0, 0, 0, 1, -1))
    match random.randrange(5):
        case 0:
            return [random.choice(_ODD) for _ in range(n)]
        case 1:
            return list(range(n))
        case 2:
            return pd.Series([random.choice(("a", "b", "", None)) for _ in range(n)])
        case 3:
            return {str(at): random.choice(_ODD) for at in range(n)}
        case _:
            return [f"n{at}" for at in range(n)]


def _points(random: Random, n: int) -> Any:
    if random.random() < 0.3:
        return random.choice((1, 2.5, 0, -1, *_ODD))
    return [
        random.choice((1, 2.5) if random.random() < 0.7 else _ODD) for _ in range(n)
    ]


def _arguments(random: Random, values: tuple[Any, ...]) -> tuple[Arguments, int]:
    """A call, and how many items its table has (before it is made odd)."""
    rows = _rows(random, values, random.choice((0, 0, 0.1, 0.6)))
    n, k = len(rows), len(rows[0])
    some: dict[str, Callable[[], Any]] = {
        "points_possible": partial(_points, random, k),
        "item_ids": partial(_labels, random, k),
        "student_ids": partial(_labels, random, n),
    }
    try:
        table = random.choice(_TABLES)(random, rows)
    except (TypeError, ValueError, ArithmeticError):
        table = rows  # numpy or pandas cannot make that of them
    made = {"table": table}
    made |= {name: make() for name, make in some.items() if random.random() < 0.2}
    return made, k


def scores(random: Random) -> Arguments:
    """What `Responses.from_matrix` is called with."""
    return _arguments(random, _SCORES)[0]


def answers(random: Random) -> Arguments:
    """What `Responses.from_answers` is called with."""
    made, k = _arguments(random, _ANSWERS)
    values = _ODD if random.random() < 0.2 else _ANSWERS
    return made | {"key": [random.choice(values) for _ in range(k)]}
