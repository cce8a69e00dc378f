"""Make what a command asks for."""

from argparse import Namespace
from typing import Any, TypeAlias

import pyarrow as pa

import quizanalysis as qa
from quizanalysis.adapters import (
    _finding,
    _further,
    _groups,
    _paging,
    _systems,
    _what_if,
)
from quizanalysis.adapters._arguments import keywords
from quizanalysis.adapters._progress import Told, percent

__all__ = ["Data", "Made", "UsageError", "made"]

Data: TypeAlias = pa.Table | list[dict[str, Any]] | str
Made: TypeAlias = qa.Report | qa.WhatIf | Data


class UsageError(Exception):
    """What was typed cannot be done; seen only once the files have been read."""


def made(
    arguments: Namespace,
    responses: qa.Responses,
    source: str,
    tell: Told,
    *,
    watched: bool,
) -> Made:
    """Make what was asked for; the whole report where somebody is told of it."""
    tell("analysing")
    if arguments.command == "explain":
        return _explained(arguments, responses)
    if getattr(arguments, "convention", None):
        return _of_system(arguments, responses)
    try:
        if arguments.command == "report":
            return _paging.made(arguments, responses, source, tell)
        return _our_own(arguments, responses, tell, watched=watched)
    except qa.QuizAnalysisError:
        raise
    except (ImportError, ValueError) as error:
        # Of what was typed, or is not installed: the files have been read.
        raise UsageError(str(error)) from None


def _our_own(
    arguments: Namespace, responses: qa.Responses, tell: Told, *, watched: bool
) -> Made:
    name = arguments.command
    if name == "what_if":
        return _changed(arguments, responses)
    if name == "dif":
        return _hidden(_groups.compared(responses, arguments), arguments)
    options = _options(arguments)
    least = getattr(arguments, "min_cell", None)
    if name == "findings":
        report = qa.analyze(
            responses, min_cell=least, progress=percent(tell), **options
        )
        return _finding.made(report, arguments.thresholds, responses)
    if name in _further.COMMANDS or not (watched or least):
        table: pa.Table = getattr(qa, name)(responses, **options)
        return _hidden(table, arguments)
    # What the tables would tell together is hidden in each of them.
    report = qa.analyze(responses, min_cell=least, progress=percent(tell), **options)
    return report if watched else getattr(report, name)


def _explained(arguments: Namespace, responses: qa.Responses) -> Made:
    a, b, item_id = arguments.a, arguments.b, arguments.item_id
    why: Made = qa.conventions.explain(responses, a, b, item_id)
    return why


def _changed(arguments: Namespace, responses: qa.Responses) -> Made:
    try:
        return _what_if.made(arguments, responses)
    except qa.DataError as error:  # of the changes: the files have been read
        raise UsageError(str(error)) from None


def _hidden(table: pa.Table, arguments: Namespace) -> pa.Table:
    least = getattr(arguments, "min_cell", None)
    return table if least is None else qa.suppressed(table, least)


def _of_system(arguments: Namespace, responses: qa.Responses) -> Made:
    """Make another system's report; some are about one quiz only."""
    own = arguments.format == "json"
    function = _systems.function(arguments.convention, arguments.command, json=own)
    try:
        report: Made = function(responses, **arguments.options)
    except ValueError as error:
        n = len(responses.items["quiz_id"].unique())
        if n < 2 or isinstance(error, qa.QuizAnalysisError):
            raise
        msg = (
            f"{_systems.TITLES[arguments.convention]} makes this report of one quiz, "
            f"and here are {n:,}: give one file at a time, or --quiz-id ID when the "
            "files are parts of one quiz"
        )
        raise UsageError(msg) from None
    return report


def _options(arguments: Namespace) -> dict[str, Any]:
    command = arguments.command
    names = _finding.OPTIONS if command == "findings" else keywords(command)
    return {name: getattr(arguments, name) for name in names}
