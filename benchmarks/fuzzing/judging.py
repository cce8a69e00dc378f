"""What came of one input: the two outcomes that are allowed, or what else and where."""

import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any

import quizanalysis as qa

_LIBRARY = str(Path(qa.__file__).parent)
_LINE = 500
"""The most characters of a line of a message."""

_DEEP = 0.02
"""The share of what was read that is analysed."""

_TEXT = 200
"""Characters kept of what an unexpected exception says."""

_STEERING = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069"
    "\ud800-\udfff]"
)
"""What a terminal obeys, or what changes the order in which text is shown."""

_BEGINNINGS = ("  - ", "    the same in ", "  ... and ")
"""How a line of a message begins, after the first."""


@dataclass(frozen=True, slots=True)
class Input:
    """One input: how to read it, and what it is, to be looked at and saved."""

    call: Callable[[], Any]
    content: object


Make = Callable[[Random], Input]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of an input.

    ``kind`` is "Responses", "DataError" or a name for anything else; of the latter
    ``where`` is the innermost function of the library and ``text`` what was said.
    """

    kind: str
    where: str = ""
    text: str = ""
    deep: bool = False


class Unexpected(Exception):  # noqa: N818  it is no error of ours
    """A step that ended well gave something that cannot be right."""


def chance_of(mode: str, seed: int, index: int) -> Random:
    """The chance that makes an input: a function of these three and of nothing else."""
    return Random(f"{mode} {seed} {index}")  # noqa: S311  no secret


class Judge:
    """Judges one input after another, and hears the warnings of each.

    Parameters
    ----------
    show : bool
        Print the traceback of whatever is raised.
    """

    def __init__(self, *, show: bool = False) -> None:
        self._show = show
        self._heard: list[Outcome] = []
        warnings.resetwarnings()
        warnings.simplefilter("always")
        warnings.showwarning = self._hear

    def judge(
        self, make: Make, random: Random, examine: Callable[[Any, Random], None]
    ) -> Outcome:
        """Make an input, read it, and with `examine` look at what was read."""
        try:
            one = make(random)
        except Exception as error:  # noqa: BLE001  to be told, not to end the run
            return _unexpected("making an input: ", error)
        self._heard.clear()
        outcome = self._judge(one, random, examine)
        return self._heard[0] if self._heard else outcome

    def _judge(
        self, one: Input, random: Random, examine: Callable[[Any, Random], None]
    ) -> Outcome:
        try:
            responses = one.call()
        except qa.DataError as error:
            self._print(error)
            return judge_message(error)
        except Exception as error:  # noqa: BLE001  these are what is looked for
            self._print(error)
            return _unexpected("", error)
        if not isinstance(responses, qa.Responses):
            return Outcome(f"returned {type(responses).__name__}")
        if random.random() >= _DEEP:
            return Outcome("Responses")
        try:
            examine(responses, random)
        except Exception as error:  # noqa: BLE001  as above
            self._print(error)
            return _unexpected("in depth: ", error)
        return Outcome("Responses", deep=True)

    def _print(self, error: Exception) -> None:
        if self._show:
            traceback.print_exception(error)

    def _hear(
        self, message: Warning | str, category: type[Warning], *_place: object
    ) -> None:
        where = _library_frame(traceback.extract_stack())
        self._heard.append(Outcome(category.__name__, where, str(message)[:_TEXT]))


def judge_message(error: qa.DataError) -> Outcome:
    """A refusal must name its problems in printable lines of bounded length."""
    if not error.problems:
        return Outcome("message without problems", _where(error.__traceback__))
    lines = str(error).split("\n")
    for at, line in enumerate(lines):
        if found := _STEERING.search(line):
            return _bad(error, f"message with {found[0]!r}", line)
        if len(line) > _LINE:
            return _bad(error, f"message with a line above {_LINE}", line)
        if at and not line.startswith(_BEGINNINGS):
            return _bad(error, "message with a line of the data", line)
    return Outcome("DataError")


def _bad(error: Exception, kind: str, line: str) -> Outcome:
    return Outcome(kind, _where(error.__traceback__), f"{len(line)}: {line[:_TEXT]!r}")


def _unexpected(step: str, error: Exception) -> Outcome:
    try:
        text = str(error)[:_TEXT]
    except Exception:  # noqa: BLE001  a message that cannot be made is one more fault
        text = "(its message fails)"
    notes = " ".join(getattr(error, "__notes__", ()))
    kind = f"{step}{notes}{' ' * bool(notes)}{type(error).__name__}"
    return Outcome(kind, _where(error.__traceback__), text)


def _where(trace: TracebackType | None) -> str:
    return _library_frame(traceback.extract_tb(trace))


def _library_frame(frames: traceback.StackSummary) -> str:
    """The innermost frame that is the library's."""
    for frame in reversed(frames):
        if frame.filename.startswith(_LIBRARY):
            place = frame.filename[len(_LIBRARY) + 1 :]
            return f"{place}:{frame.lineno} {frame.name}"
    return ""


def reported_frame(log: str) -> str:
    """The same of what faulthandler wrote before a process died."""
    for path, line, name in re.findall(r'File "(.+?)", line (\d+) in (\S+)', log):
        if path.startswith(_LIBRARY):
            return f"{path[len(_LIBRARY) + 1 :]}:{line} {name}"
    return ""
