"""How many values the columns of a Parquet file have, told before any is unpacked.

A row can hold any number of values in a list, and a million equal ones take some bytes.
pyarrow tells their number too, but ends the process where a damaged footer contradicts
itself. The footer is one struct in Thrift's compact protocol, parted here as it comes.
"""

import os
import struct
from typing import Any

import pyarrow as pa

__all__ = ["values_by_group"]

_MAGIC = b"PAR1"
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY = 0, 1, 2, 3, 7, 8
_LISTS, _MAP, _STRUCT = (9, 10), 11, 12

# Fields by number, as the format's Thrift definition has them.
_ROW_GROUPS, _COLUMNS, _META_DATA, _NUM_VALUES = 4, 1, 3, 5


def values_by_group(file: pa.NativeFile) -> list[int]:
    """Return for each row group the most values that a column of it has.

    What cannot be followed has none: Arrow says what is wrong with the file.
    """
    try:
        return [
            max(
                (chunk[_META_DATA][_NUM_VALUES] for chunk in group[_COLUMNS]), default=0
            )
            for group in _footer(file).get(_ROW_GROUPS, ())
        ]
    except (LookupError, OSError, RecursionError, TypeError, ValueError, struct.error):
        return []
    finally:
        file.seek(0)


def _footer(file: pa.NativeFile) -> dict[int, Any]:
    file.seek(-8, os.SEEK_END)
    end = file.tell()
    size, magic = struct.unpack("<I4s", file.read(8))
    if magic != _MAGIC or size > end:
        return {}
    file.seek(end - size)
    return _Thrift(file.read(size)).struct()


class _Thrift:
    """A reader of Thrift's compact protocol; text is passed over."""

    def __init__(self, data: bytes) -> None:
        self._data = data
        self._at = 0

    def struct(self) -> dict[int, Any]:
        """Fields by their number."""
        fields: dict[int, Any] = {}
        number = 0
        while (head := self._byte()) != _STOP:
            step, kind = head >> 4, head & 15
            number = number + step if step else self._whole()
            fields[number] = kind == _TRUE if kind <= _FALSE else self._value(kind)
        return fields

    def _value(self, kind: int) -> Any:  # noqa: ANN401  whatever the field holds
        if kind <= _BYTE:
            return self._byte()
        if kind < _DOUBLE:
            return self._whole()
        if kind in {_DOUBLE, _BINARY}:
            size = 8 if kind == _DOUBLE else self._varint()
            self._at += size
            return None
        if kind in _LISTS:
            return self._list()
        if kind == _STRUCT:
            return self.struct()
        if kind == _MAP and self._byte() == 0:
            return None
        msg = f"a value of kind {kind}"  # Parquet has no other maps
        raise ValueError(msg)

    def _list(self) -> list[Any]:
        head = self._byte()
        size = head >> 4 if head < 0xF0 else self._varint()
        return [self._value(head & 15) for _ in range(size)]

    def _whole(self) -> int:
        number = self._varint()
        return (number >> 1) ^ -(number & 1)

    def _varint(self) -> int:
        number = shift = 0
        while (byte := self._byte()) & 0x80:
            number |= (byte & 0x7F) << shift
            shift += 7
            if shift > 63:
                msg = "a number of more than 64 bits"
                raise ValueError(msg)
        return number | byte << shift

    def _byte(self) -> int:
        byte = self._data[self._at]
        self._at += 1
        return byte
