"""A matrix of scores as bytes, block by block.

A block of bytes stays in the cache while it is counted. Nothing here is approximate: a
matrix that does not fit is refused whole.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from quizanalysis._intake.columns import NANO, Floats, Ints

Bytes = npt.NDArray[np.uint8]
Matrix = npt.NDArray[Any]

MOST_CODES = 32
"""Each distinct score is a pass over the bytes."""

_TOP = 128  # codes stay below, so that none can be a negative number gone round
_BLOCK = 800_000  # bytes that are counted at once
_PIECE = 125_000  # bytes of the matrix that become codes at once
_SAMPLE = 4096
_BINARY = (1, 2, 4)
_SCALES = (*_BINARY, 10, 20, 100)


class UnfitError(Exception):
    """The matrix holds what its sample did not: it has to be read cell by cell."""


@dataclass(frozen=True, slots=True)
class Code:
    """How scores become bytes: ``code = score * scale``.

    Attributes
    ----------
    scale : int
        How many codes a point has.
    values : tuple of int
        All codes there are but 0, ascending.
    """

    scale: int
    values: tuple[int, ...]

    @property
    def unit(self) -> int:
        """Billionths of a point in a code of 1."""
        return NANO // self.scale


@dataclass(frozen=True, slots=True)
class Block:
    """Some rows.

    Attributes
    ----------
    codes : uint8 array, shape (rows, width)
        Rows are filled up with 0 to whole words of eight; 0 where there is no score.
    gaps : uint8 array, shape (rows, width), or None
        1 where there is no score.
    n_gaps : int
        How many there are, counted where they were found.
    total : int array, shape (rows,)
        Sum of the codes, if they are what they seem.
    """

    codes: Bytes
    gaps: Bytes | None
    n_gaps: int
    total: Ints


def code_of(matrix: Matrix, *, whole: bool = False) -> Code | None:
    """Choose a code by a sample of the rows, or by all; None when none will do."""
    step = 1 if whole else max(1, len(matrix) // _SAMPLE)
    seen = np.empty(0)
    for start in range(0, len(matrix), _SAMPLE * step):
        some = np.unique(matrix[start : start + _SAMPLE * step : step])
        seen = np.union1d(seen, some[some == some].astype(np.float64))  # noqa: PLR0124
        if len(seen) > MOST_CODES + 1:
            return None
    if not len(seen) or not 0 <= seen[0] <= seen[-1] < _TOP:
        return None
    for scale in _SCALES:
        codes = np.rint(seen * scale)
        if codes[-1] < _TOP and _is_near(seen * scale, codes, scale):
            return Code(scale, tuple(int(c) for c in codes if c > 0))
    return None


def _is_near(scaled: Floats, whole: Floats, scale: int) -> bool:
    """Whether scores are the same billionths of a point as whole codes."""
    off = np.fmax.reduce(np.abs(scaled - whole), axis=None, initial=0.0)
    return bool(off < 0.25 * scale / NANO)


def choices_of(matrix: Matrix, *, whole: bool = False) -> list[int]:
    """The choices in a sample of the rows, or in all, ascending."""
    step = 1 if whole else max(1, len(matrix) // _SAMPLE)
    seen = np.zeros(256, bool)
    for start in range(0, len(matrix), _SAMPLE * step):
        seen[matrix[start : start + _SAMPLE * step : step]] = True
    return [int(code) for code in np.flatnonzero(seen)]


def choice_blocks(matrix: Matrix) -> Iterator[Bytes]:
    """Give rows of choices that are bytes, filled up with 0 to whole words."""
    n, items = matrix.shape
    width, size = _shape(items)
    room = np.zeros((0 if width == items else min(size, n), width), np.uint8)
    for at in range(0, n, size):
        rows = matrix[at : at + size]
        if width == items:
            yield np.ascontiguousarray(rows)
            continue
        room[: len(rows), :items] = rows
        yield room[: len(rows)]


def _shape(items: int) -> tuple[int, int]:
    """Bytes of a row, and how many rows are counted at once."""
    width = -(-items // 8) * 8
    return width, max(255, min(65_025, _BLOCK // width // 255 * 255))


def blocks(matrix: Matrix, code: Code) -> Iterator[Block]:
    """Give the rows as codes; a block is good until the next one is asked for.

    Raises
    ------
    UnfitError
        For a score that is negative or has no code. One that has another code than
        ``code.values`` names makes `total` another sum than that of these codes.
    """
    n, items = matrix.shape
    width, size = _shape(items)
    if matrix.dtype.kind == "f":
        yield from _of_floats(matrix, code, width, size)
        return
    if matrix.dtype.itemsize == 1:
        matrix = matrix.view(np.uint8)
    as_it_is = matrix.dtype == np.uint8 and width == items
    codes = np.zeros((0 if as_it_is else min(size, n), width), np.uint8)
    for at in range(0, n, size):
        rows = matrix[at : at + size]
        if as_it_is:
            given = np.ascontiguousarray(rows)
        else:
            given = codes[: len(rows)]
            _copy_whole(rows, given[:, :items])
        if given.max(initial=0) > max(code.values, default=0):
            raise UnfitError
        yield Block(given, None, 0, sums(given, max(code.values, default=0)))


def _copy_whole(rows: Matrix, target: Bytes) -> None:
    if rows.dtype != np.uint8 and (rows.min() < 0 or rows.max() >= _TOP):
        raise UnfitError
    np.copyto(target, rows, casting="unsafe")


def _of_floats(matrix: Matrix, code: Code, width: int, size: int) -> Iterator[Block]:
    """Blocks of scores that may have gaps; looks for these once one has been met.

    What is lost of a score when it becomes a byte is never negative, so it shows in the
    sum of the row unless nothing is lost.
    """
    n, items = matrix.shape
    codes = np.zeros((min(size, n), width), np.uint8)
    gaps, total = np.zeros_like(codes), np.empty(len(codes))
    room = np.empty((max(16, _PIECE // (8 * items)), items))
    full = True
    for at in range(0, n, size):
        rows = matrix[at : at + size]
        made, hole, sums_of = codes[: len(rows)], gaps[: len(rows)], total[: len(rows)]
        n_gaps = 0
        # What is no byte, or too large, shows in the sum.
        with np.errstate(invalid="ignore", over="ignore"):
            if full:
                _to_codes(rows, code.scale, made[:, :items], sums_of, room)
                full = not np.isnan(sums_of.sum())
            if not full:
                shown = hole[:, :items].view(bool)
                n_gaps = _to_codes(
                    rows, code.scale, made[:, :items], sums_of, room, shown
                )
        if not sums_of.max() < 2**31 or np.any(sums_of != np.rint(sums_of)):
            raise UnfitError
        yield Block(made, None if full else hole, n_gaps, sums_of.astype(np.int64))


def _to_codes(
    rows: Matrix,
    scale: int,
    codes: Bytes,
    total: Floats,
    room: Floats,
    gaps: npt.NDArray[np.bool_] | None = None,
) -> int:
    """Write the codes of rows and the sum of each, piece by piece; and the gaps.

    Returns how many gaps there are.
    """
    items = rows.shape[1]
    as_it_is = scale == 1 and rows.dtype == np.float64 and rows.flags.c_contiguous
    ones, signs, n_gaps = np.ones(items), 0, 0
    for top in range(0, len(rows), len(room)):
        some = slice(top, top + len(room))
        part = rows[some]
        space = room[: len(part)]
        if not as_it_is:
            part = np.multiply(part, scale, out=space)
        if gaps is not None:
            n_gaps += _mark_gaps(part, gaps[some])
            if np.fmin.reduce(part, axis=None) < 0:
                raise UnfitError
            part = np.fmax(part, 0.0, out=space)
        else:
            signs |= int(np.bitwise_or.reduce(part.view(np.int64), axis=None))
        if scale not in _BINARY:
            whole = np.rint(part)
            if not _is_near(part, whole, scale):
                raise UnfitError
            part = whole
        np.dot(part, ones, out=total[some])
        np.copyto(codes[some], part, casting="unsafe")
    # Looking at the signs is quicker than comparing; -0.0 has one too.
    if signs < 0 and np.any(rows < 0):
        raise UnfitError
    return n_gaps


def _mark_gaps(part: Matrix, gaps: npt.NDArray[np.bool_]) -> int:
    """Write where there is no score, and return how often.

    numpy's isnan goes wrong on some processors when it writes to a view with space
    between its rows.
    """
    empty = np.not_equal(part, part)
    gaps[...] = empty
    return int(np.count_nonzero(empty))


def sums(codes: Bytes, most: int) -> Ints:
    """Sum of each row, of which no byte is above `most`."""
    words = codes.shape[1] // 8
    if words * most > 255:
        return np.asarray(codes.sum(axis=1, dtype=np.int64))
    total = np.einsum("ij->i", codes.view(np.uint64))
    if 8 * words * most > 255:
        # Eight lanes of one byte become four of two.
        low = np.uint64(0x00FF00FF00FF00FF)
        total = (total & low) + ((total >> np.uint64(8)) & low)
        total *= np.uint64(0x0001000100010001)
        total >>= np.uint64(48)
    else:
        total *= np.uint64(0x0101010101010101)
        total >>= np.uint64(56)
    whole: Ints = total.view(np.int64)
    return whole
