"""Cells of any Python or numpy kind as floats or texts.

Arrow crashes on some mixtures of numpy's scalars, and numpy drops imaginary parts and
takes dates for numbers: neither is given what it could get wrong.
"""

from contextlib import suppress
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.columns import Floats

REFUSALS = (
    *(ArithmeticError, AttributeError, LookupError, RuntimeError),
    *(TypeError, ValueError, pa.ArrowException),
)
"""What numpy, Arrow and the objects themselves raise when they are no such thing."""

_FOR_ARROW = frozenset({str, int, bool, bytes, type(None)})
_NO_NUMBERS = np.complexfloating, np.datetime64, np.timedelta64, np.void
_NO_TEXTS = (
    *(bytes, bytearray, complex, np.complexfloating),
    *(list, tuple, dict, set, frozenset, np.ndarray),
)


def floats_of(cells: npt.NDArray[Any]) -> Floats:
    """Numbers as doubles, NaN for None and NA.

    Raises
    ------
    Exception
        One of `REFUSALS` where a cell is no number that a double can hold.
    """
    kinds = {cells.dtype.type}
    if cells.dtype == object:
        kinds = {*map(type, cells.flat)}
    if any(issubclass(kind, _NO_NUMBERS) for kind in kinds):
        msg = "complex numbers, times or records"
        raise TypeError(msg)
    with np.errstate(over="ignore"):  # an infinite number is refused later
        with suppress(TypeError):
            return cells.astype(np.float64)
        from pandas import isna  # noqa: PLC0415  only its own NA needs it

        return np.where(isna(cells), np.nan, cells).astype(np.float64)


def text_of(value: object) -> str:
    """An answer, an id or a name as text; 1.0 is written as 1.

    Raises
    ------
    Exception
        One of `REFUSALS`, which says why, where there is no such text.
    """
    if isinstance(value, _NO_TEXTS):
        msg = f"of type {type(value).__name__}"
        raise TypeError(msg)
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    try:
        text = str(value)
    except ValueError:
        msg = f"of type {type(value).__name__}, with too many digits to write"
        raise ValueError(msg) from None
    text.encode()
    return text


def label_of(value: object) -> str:
    """A label as text; that of a kind without one is its type."""
    try:
        return str(value)
    except REFUSALS:
        return f"<{type(value).__name__}>"


def is_blank(value: object) -> bool:
    """None, empty, or what is not equal to itself: NaN, NaT and pandas.NA.

    Raises
    ------
    Exception
        One of `REFUSALS` where that cannot be told: of an array or a signaling NaN.
    """
    try:
        return value is None or value == "" or bool(value != value)  # noqa: PLR0124
    except TypeError:
        return True


def plain_value(value: Any) -> Any:  # noqa: ANN401
    """One of numpy's scalars as Python has it; times as text."""
    if isinstance(value, np.datetime64 | np.timedelta64):
        return None if np.isnat(value) else str(value)
    return value.item() if isinstance(value, np.generic) else value


def is_for_arrow(values: Any) -> bool:  # noqa: ANN401
    """Whether Arrow can be left to find a type for all of some objects."""
    kinds = {*map(type, values)}
    return kinds <= _FOR_ARROW or kinds <= {float, int, type(None)}


def for_arrow(values: Any) -> Any:  # noqa: ANN401
    """The same ids, in kinds that Arrow knows."""
    kind = getattr(getattr(values, "dtype", None), "kind", None)
    if not isinstance(values, list | tuple) and kind != "O":
        return values
    if is_for_arrow(values):
        return values
    return [_for_arrow(plain_value(value)) for value in values]


def _for_arrow(value: object) -> object:
    if type(value) in _FOR_ARROW:
        return value
    if is_blank(value):
        return None
    return value if isinstance(value, float) else text_of(value)
