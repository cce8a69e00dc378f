"""What an interrupt (SIGINT) or a request to end (SIGTERM) does to a command.

An exception that is raised wherever the signal arrives can be lost in a callback, print
a traceback from an import, or abort the process within a library's C++ code. Here none
is raised while a command reads and computes: nothing has to be cleaned up, and the
process ends at once. While a file is written, the writer is told at its next call.

This module is imported before all that takes long: it needs the standard library only.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

__all__ = ["Interruption"]

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Interruption:
    """The signals of one command, and what they do to it.

    Attributes
    ----------
    status : int
        The exit status of an interrupted command: 130 by SIGINT, 143 by SIGTERM.
    """

    def __init__(self) -> None:
        self.status = _status(signal.SIGINT)
        self._received = False
        self._act: Callable[[int], None] = _leave

    def install(self) -> None:
        """Take the signals from here on, unless whoever started us ignores them."""
        for number in _SIGNALS:
            if signal.getsignal(number) is not signal.SIG_IGN:
                signal.signal(number, self._handle)

    def finish(self) -> None:
        """Ignore the signals from here on: what was asked for is done.

        Also while Python shuts down, when it would give the signals back to the
        operating system, which ends the process by them.
        """
        self._act = _ignore
        for number in _SIGNALS:
            if signal.getsignal(number) == self._handle:
                signal.signal(number, signal.SIG_IGN)

    @contextmanager
    def deferring(self) -> Iterator[None]:
        """Hold the signals back while a file is written, for `check` to raise.

        A file that is whole when the block ends has finished the command.
        """
        self._act = _ignore
        yield
        self.finish()

    @contextmanager
    def raising(self) -> Iterator[None]:
        """Raise KeyboardInterrupt in the block: what it opened is closed in order."""
        self._act = _interrupt
        yield

    def check(self, _done: int = 0, _total: int = 0) -> None:
        """Raise what was held back; a progress callback of the writers.

        Raises
        ------
        KeyboardInterrupt
            When a signal has come since the block began.
        """
        if self._received:
            raise KeyboardInterrupt

    def _handle(self, number: int, _frame: FrameType | None) -> None:
        self._received = True
        self.status = _status(number)
        self._act(number)


def _status(number: int) -> int:
    """Return the status by which a shell tells that a signal ended a command."""
    return 128 + number


def _leave(number: int) -> None:
    if sys.stderr is not None and sys.stderr.isatty():
        os.write(sys.stderr.fileno(), b"\n")
    os._exit(_status(number))


def _ignore(_number: int) -> None:
    """Do nothing now."""


def _interrupt(_number: int) -> None:
    raise KeyboardInterrupt
