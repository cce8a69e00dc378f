"""What is read: files, addresses and standard input."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, TypeAlias

__all__ = ["Source", "opened", "size"]

Source: TypeAlias = str | BinaryIO


def opened(files: Sequence[str]) -> list[Source]:
    """Take each file by its name, and read standard input."""
    return [io.BytesIO(sys.stdin.buffer.read()) if f == "-" else f for f in files]


def size(sources: Sequence[Source], far: int) -> int:
    """Count the bytes; what is far away is long to read, whatever its size."""
    total = 0
    for source in sources:
        if not isinstance(source, str):
            total += source.seek(0, io.SEEK_END)
            source.seek(0)
        else:
            total += far if "://" in source else Path(source).stat().st_size
    return total
