"""What is read: files, addresses and standard input."""

import io
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO, TypeAlias

__all__ = ["Source", "is_long", "opened"]

_LONG = 2_000_000

Source: TypeAlias = str | BinaryIO


def opened(files: Sequence[str]) -> list[Source]:
    """Take each file by its name, and read standard input."""
    return [io.BytesIO(sys.stdin.buffer.read()) if f == "-" else f for f in files]


def is_long(sources: Sequence[Source]) -> bool:
    """Whether these are many bytes, or far away, which is long whatever the size."""
    total = 0
    for source in sources:
        if not isinstance(source, str):
            total += source.seek(0, io.SEEK_END)
            source.seek(0)
        else:
            total += _LONG if "://" in source else Path(source).stat().st_size
    return total >= _LONG
