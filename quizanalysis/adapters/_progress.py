"""How far long work is, on a line of the terminal that goes again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Told", "line", "percent"]

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
