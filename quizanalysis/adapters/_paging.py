"""``quizanalysis report``: what can be typed after it, and what it does."""

import argparse
from collections.abc import Mapping
from inspect import signature
from typing import Any

import quizanalysis as qa
from quizanalysis.adapters import _private
from quizanalysis.adapters._progress import Told, percent

__all__ = ["TEXTS", "made", "options"]

TEXTS = (
    "one page to look at and to print, as an HTML file",
    """\
A page for a teacher: how the quiz went in words, the questions to look at first, the
scores, each question with its answers, and how far the scores can be trusted. It opens
in any browser, needs no network, and prints.""",
    """\
examples:
  quizanalysis report export.csv -o report.html""",
)
"""In a line, at length, and by example."""

_KEYWORDS = ("attempt", "blank", "criterion")
"""The options that a page has in common with the tables."""


def options(
    parser: argparse.ArgumentParser, specs: Mapping[str, Mapping[str, Any]]
) -> None:
    """Add what can be typed but for the files; `specs` are those of the tables."""
    figures = parser.add_argument_group("figures")
    parameters = signature(qa.analyze).parameters
    for name in _KEYWORDS:
        default = parameters[name].default
        text = f"{specs[name]['help']} (default: {default})"
        figures.add_argument(
            f"--{name}", **{**specs[name], "default": default, "help": text}
        )
    _private.min_cell(figures)
    parser.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="write this file, whole or not at all, such as report.html; - is standard "
        "output",
    )


def made(
    arguments: argparse.Namespace,
    responses: qa.Responses,
    source: str,
    tell: Told,
) -> str:
    """Make the page; ImportError names the extra that is missing."""
    from quizanalysis.page import page  # noqa: PLC0415  an extra

    return page(
        responses,
        attempt=arguments.attempt,
        blank=arguments.blank,
        criterion=arguments.criterion,
        min_cell=arguments.min_cell,
        source=source,
        progress=percent(tell),
    )
