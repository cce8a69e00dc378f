"""``quizanalysis report``: what can be typed after it, and what it does."""

import argparse
import os
import sys
from collections.abc import Mapping, Sequence
from inspect import signature
from pathlib import Path
from typing import Any

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis._files.replacing import replacing
from quizanalysis.adapters._progress import Told, percent
from quizanalysis.adapters._sources import Source
from quizanalysis.readers import recognised

__all__ = ["TEXTS", "made", "options", "told", "written"]

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

_FORMATS = {
    "canvas-classic": "Canvas classic Student Analysis",
    "new-quizzes-csv": "New Quizzes student_analysis, CSV",
    "new-quizzes-json": "New Quizzes report, JSON",
    "tidy-csv": "tidy CSV",
    "tidy-parquet": "tidy Parquet",
    "tidy-ipc": "tidy Arrow IPC",
    "tidy-jsonl": "tidy JSON lines",
}


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
    parser.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="write this file, whole or not at all, such as report.html",
    )


def made(
    arguments: argparse.Namespace,
    responses: qa.Responses,
    sources: Sequence[Source],
    tell: Told,
) -> str:
    """Make the page; ImportError names the extra that is missing."""
    from quizanalysis.page import page  # noqa: PLC0415  an extra

    return page(
        responses,
        attempt=arguments.attempt,
        blank=arguments.blank,
        criterion=arguments.criterion,
        source=", ".join(_named(one, arguments.input_format) for one in sources[:5])
        + (f" and {len(sources) - 5:,} more files" if len(sources) > 5 else ""),
        progress=percent(tell),
    )


def written(text: str, output: Path | None) -> None:
    """Write the page to the file, whole or not at all, or to standard output."""
    if output is None:
        sys.stdout.buffer.write(text.encode())
        sys.stdout.flush()
        return
    with replacing(output) as file:
        file.write(text.encode())


def told(arguments: argparse.Namespace, responses: qa.Responses) -> str:
    """Say what was read, what of it counts, and where the page is."""
    quizzes = responses.items["quiz_id"].unique().to_pylist()
    many = "1 quiz" if len(quizzes) == 1 else f"{len(quizzes):,} quizzes"
    read = _words.counted(len(responses), "submissions")
    where = f"; wrote {arguments.output}" if arguments.output else ""
    first = f"{read} of {many}, {_words.ATTEMPTS[arguments.attempt]}{where}"
    gone = responses.attempts(arguments.attempt).left_out.to_pylist()
    rows = [{**row, "left_out": True} for row in gone]
    return "\n".join([first, *_words.accounts(rows, {*quizzes, None}, keys=False)])


def _named(source: Source, form: str | None) -> str:
    """A file's name and format; a pipe can be read once only, so it has none."""
    if not isinstance(source, str):
        source.seek(0)
        return f"standard input ({_FORMATS[form or recognised(source)]})"
    name = os.path.basename(source)  # noqa: PTH119  it may be a URI
    if form is None and Path(source).is_file():
        form = recognised(source)
    return f"{name} ({_FORMATS[form]})" if form else name
