"""How far long work is, on a line of the terminal that goes again."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

__all__ = ["Progress", "Told", "line", "percent"]

_SOON = 2.0

Told = Callable[[str], None]
Progress = Callable[[int, int], None]


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


def percent(tell: Told, word: str = "analysing") -> Progress:
    """Make of it what the library can tell, and how long the rest will take."""
    begun = monotonic()

    def progress(done: int, total: int) -> None:
        share = done / total if total else 1.0
        rest = _rest(share, monotonic() - begun)
        tell(f"{word} [{'#' * int(30 * share):<30}] {share:4.0%}{rest}")

    return progress


def _rest(share: float, taken: float) -> str:
    """Say how long it will take if it goes on so; nothing of what is over soon."""
    if not 0 < share < 1 or taken < _SOON:
        return ""
    seconds = taken / share * (1 - share)
    return f", {seconds / 60:.0f} min" if seconds >= 90 else f", {seconds:.0f} s"
