"""How much an Arrow IPC file holds, told before any of it is unpacked.

pyarrow tells the rows of a record batch only once it has unpacked it. They stand in the
flatbuffer before it, and the size of each packed buffer in its first eight bytes.
"""

import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import Ints

__all__ = ["batch_sizes"]

_DICTIONARY, _ROWS = 2, 3
"""Kinds of messages that hold values."""


def batch_sizes(file: pa.NativeFile) -> Iterator[tuple[int, int, int]]:
    """Give each message's rows, the most values of a column, and the bytes of all.

    What cannot be followed ends it: Arrow says what is wrong with the file.
    """
    try:
        file.seek(0)
        is_file = file.read(6) == b"ARROW1"
        for message in _of_file(file) if is_file else _of_stream(file):
            if message.kind in {_DICTIONARY, _ROWS}:
                yield _size(file, message)
    except (struct.error, ValueError, OSError, OverflowError):
        return
    finally:
        file.seek(0)


@dataclass(frozen=True, slots=True)
class _Table:
    """A table of a flatbuffer: fields by number, each of which can be left out."""

    data: bytes
    at: int

    def place(self, field: int) -> int | None:
        """Where a field stands."""
        table = self.at - _number("<i", self.data, self.at)
        if 4 + 2 * field >= _number("<H", self.data, table):
            return None
        offset = _number("<H", self.data, table + 4 + 2 * field)
        return self.at + offset if offset else None

    def number(self, field: int, form: str) -> int:
        place = self.place(field)
        return 0 if place is None else _number(form, self.data, place)

    def table(self, field: int) -> "_Table | None":
        place = self.place(field)
        if place is None:
            return None
        return _Table(self.data, place + _number("<I", self.data, place))

    def pairs(self, field: int, width: int = 2) -> Ints:
        """Structs of so many numbers of 8 bytes each."""
        place = self.place(field)
        if place is None:
            return np.empty((0, width), np.int64)
        place += _number("<I", self.data, place)
        n = _number("<I", self.data, place)
        found = np.frombuffer(self.data, "<i8", n * width, place + 4)
        return found.reshape(n, width).astype(np.int64)


@dataclass(frozen=True, slots=True)
class _Message:
    """What stands before some values, and where these begin and end."""

    kind: int
    header: _Table | None
    begin: int
    end: int


def _number(form: str, data: bytes, at: int) -> int:
    if at < 0:
        msg = "before the beginning"
        raise ValueError(msg)
    return int(struct.unpack_from(form, data, at)[0])


def _root(data: bytes) -> _Table:
    return _Table(data, _number("<I", data, 0))


def _of_stream(file: pa.NativeFile) -> Iterator[_Message]:
    file.seek(0)
    at = 0
    while (message := _message(file, at)) is not None:
        yield message
        at = message.end


def _of_file(file: pa.NativeFile) -> Iterator[_Message]:
    file.seek(-10, os.SEEK_END)
    end = file.tell()
    size = _number("<i", file.read(4), 0)
    if not 0 < size <= end:
        return
    file.seek(end - size)
    footer = _root(file.read(size))
    for field in (2, 3):  # dictionaries, and record batches
        for at, *_ in footer.pairs(field, 3).tolist():
            message = _message(file, at)
            if message is not None:
                yield message


def _message(file: pa.NativeFile, at: int) -> _Message | None:
    """Read what stands before some values; None at the end."""
    file.seek(at)
    start = file.read(8)
    if len(start) < 8:
        return None
    size, begin = _number("<i", start, 0), at + 4
    if size == -1:  # as it has been since 2019
        size, begin = _number("<i", start, 4), at + 8
    if not 0 < size <= file.size():
        return None
    file.seek(begin)
    message = _root(file.read(size))
    begin += size
    return _Message(
        message.number(1, "<B"),
        message.table(2),
        begin,
        begin + max(message.number(3, "<q"), 0),
    )


def _size(file: pa.NativeFile, message: _Message) -> tuple[int, int, int]:
    batch = message.header
    if batch is not None and message.kind == _DICTIONARY:
        batch = batch.table(1)
    if batch is None:
        return 0, 0, 0
    rows, values = batch.number(0, "<q"), int(batch.pairs(1)[:, 0].max(initial=0))
    buffers = batch.pairs(2)
    n_bytes = int(buffers[:, 1].sum())
    if batch.table(3) is None:
        return rows, values, n_bytes
    for at, length in buffers[buffers[:, 1] >= 8].tolist():
        file.seek(message.begin + at)
        unpacked = _number("<q", file.read(8), 0)
        n_bytes += max(unpacked, 0) - (length if unpacked >= 0 else 0)
    return rows, values, n_bytes
