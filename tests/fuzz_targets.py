"""Planted faults for the fuzzer: importable, so that its processes find them."""

import ctypes
import time
import warnings
from functools import partial

import quizanalysis as qa
from benchmarks.fuzzing.judging import Input
from benchmarks.fuzzing.modes import Mode
from quizanalysis.errors import Problem

FINE = qa.Responses.from_matrix([[1, 0], [0, 1]], points_possible=1)


class _Odd(qa.DataError):
    """A refusal that says whatever it is told to."""

    def __init__(self, text, problems):
        super().__init__(problems)
        self.text = text

    def __str__(self):
        return self.text


PROBLEM = Problem(table="x.csv", message="wrong", hint="right it")


def refuse(text="1 problem", problems=(PROBLEM,)):
    raise _Odd(text, problems)


def fail():
    return {}["no such key"]


def warn():
    warnings.warn("of age", RuntimeWarning, stacklevel=1)
    return FINE


def hang():
    while True:
        time.sleep(0.01)


def crash():
    ctypes.string_at(0)


PLANTED = {
    "KeyError": fail,
    "RuntimeWarning": warn,
    "message with '\\x1b'": partial(refuse, "1 problem: \x1b[2J"),
    "message with '\\u202e'": partial(refuse, "1 problem: \u202e"),
    "message with a line above 500": partial(refuse, "x" * 501),
    "message with a line of the data": partial(refuse, "1 problem:\nall is well"),
    "message without problems": partial(refuse, problems=()),
    "returned NoneType": lambda: None,
}
"""What is told of each fault that leaves its process alive."""

_ALL = (lambda: FINE, refuse, *PLANTED.values())


def drawn(random):
    """Which of all outcomes this chance is for."""
    return random.randrange(len(_ALL))


def alive(random):
    return Input(_ALL[drawn(random)], b"")


def deadly(by, random):
    """End or hold the process once in so many inputs."""
    return Input(by if random.randrange(60) == 0 else refuse, b"")


def quick(random):
    return Input(refuse if random.random() < 0.5 else partial(int, 0), b"")


def harmless(_responses, _random):
    """Look at nothing in depth."""


def breaking(_responses, _random):
    raise LookupError


MODES = {
    "alive": Mode(alive, 3),
    "hanging": Mode(partial(deadly, hang)),
    "crashing": Mode(partial(deadly, crash)),
}
QUICK = {"one": Mode(quick, 2), "other": Mode(quick)}
