"""Other systems on the command line: who has which report, and with which words."""

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import Any, get_args

import quizanalysis as qa

__all__ = [
    "MODULES",
    "TITLES",
    "attempt",
    "fault",
    "function",
    "offering",
    "options",
    "words",
]

MODULES: Mapping[str, str] = {
    "canvas-classic": "canvas_classic",
    "new-quizzes": "new_quizzes",
    "moodle": "moodle",
    "psych": "r_psych",
    "ctt": "r_ctt",
}
"""What a person calls a convention, and the name of its module."""

TITLES: Mapping[str, str] = {
    "quizanalysis": "quizanalysis",
    "canvas-classic": "Canvas classic",
    "new-quizzes": "New Quizzes",
    "moodle": "Moodle",
    "psych": "psych",
    "ctt": "CTT",
}
"""What it calls itself."""


def offering(command: str) -> list[str]:
    """Name the systems that have a report.

    Examples
    --------
    >>> offering("student_analysis")
    ['canvas-classic', 'new-quizzes']
    """
    return [system for system in MODULES if command in _module(system).__all__]


def function(system: str, command: str, *, json: bool = False) -> Callable[..., Any]:
    """Find what makes the report: a table, or records in the system's own JSON."""
    module = _module(system)
    own = f"{command}_json"
    name = own if json and own in module.__all__ else command
    found: Callable[..., Any] = getattr(module, name)
    return found


def words(system: str, command: str) -> tuple[str, ...]:
    """List what the system's report calls the choices of attempts; none: no choice.

    Examples
    --------
    >>> words("moodle", "item_analysis")
    ('highest', 'best', 'first', 'last', 'all')
    """
    parameter = _attempt(system, command)
    return () if parameter is None else get_args(parameter.annotation)


def options(system: str, command: str, given: Mapping[str, Any]) -> dict[str, Any]:
    """Turn what was typed into keywords of the system's function."""
    known = _attempt(system, command) is not None and "attempt" in given
    return {"attempt": given["attempt"]} if known else {}


def attempt(system: str, command: str, chosen: Mapping[str, Any]) -> str | None:
    """Say, in our words, which attempts the system's report takes, if it can choose."""
    parameter = _attempt(system, command)
    if parameter is None:
        return None
    word = chosen.get("attempt", parameter.default)
    return "best" if word == "highest" else str(word)


def fault(system: str, command: str, given: Mapping[str, Any]) -> str | None:
    """Say why a system cannot be asked for a report with these options."""
    having = offering(command)
    if system not in MODULES:
        choices = ", ".join(having)
        return f"--convention: there is no {system!r} here, only {choices}"
    if system not in having:
        report, those = command.replace("_", " "), " or ".join(having)
        return f"{TITLES[system]} has no {report}: --convention {those}"
    known = words(system, command)
    for name, value in given.items():
        if name != "attempt" or not known:
            return f"--{name} cannot be chosen: {TITLES[system]} has its own rule"
        if value not in known:
            return f"--attempt {value}: {TITLES[system]} knows {', '.join(known)}"
    return None


def _module(system: str) -> Any:  # noqa: ANN401  a module
    return getattr(qa.conventions, MODULES[system])


def _attempt(system: str, command: str) -> Parameter | None:
    return signature(function(system, command)).parameters.get("attempt")
