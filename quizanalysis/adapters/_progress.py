"""How far long work is, on a line of the terminal that goes again."""

import io
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

__all__ = ["Told", "is_long", "line", "percent"]

_LONG = 2_000_000

Told = Callable[[str], None]


@contextmanager
def line(*, active: bool) -> Iterator[Told]:
    """Give a line on the terminal that is written over, and gone in the end."""
    if not active:
        yield lambda _text: None
        return

    def tell(text: str) -> None:
        sys.stderr.write(f"\r{text:<60}\r")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        tell("")


def percent(tell: Told) -> Callable[[int, int], None]:
    """Make of it what `analyze` can tell."""

    def progress(done: int, total: int) -> None:
        share = done / total if total else 1.0
        tell(f"analysing [{'#' * int(30 * share):<30}] {share:4.0%}")

    return progress


def is_long(sources: Sequence[str | BinaryIO]) -> bool:
    """Whether these are many bytes, or far away, which is long whatever the size."""
    total = 0
    for source in sources:
        if not isinstance(source, str):
            total += source.seek(0, io.SEEK_END)
            source.seek(0)
        else:
            total += _LONG if "://" in source else Path(source).stat().st_size
    return total >= _LONG
