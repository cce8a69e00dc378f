"""What was read, what of it counts, and where it went: lines for standard error."""

import os
from argparse import Namespace
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters import _systems
from quizanalysis.adapters._sources import Source
from quizanalysis.readers import recognised

__all__ = ["attempts", "kept", "named", "taken"]

_MOST_FILES = 5

_FORMATS = {
    "canvas-classic": "Canvas classic Student Analysis",
    "new-quizzes-csv": "New Quizzes student_analysis, CSV",
    "new-quizzes-json": "New Quizzes report, JSON",
    "tidy-csv": "tidy CSV",
    "tidy-parquet": "tidy Parquet",
    "tidy-ipc": "tidy Arrow IPC",
    "tidy-jsonl": "tidy JSON lines",
}


def taken(responses: qa.Responses, source: str, arguments: Namespace) -> str:
    """Say what was read, and which attempts of it count."""
    quizzes = len(responses.items["quiz_id"].unique())
    submissions, students = _counts(responses, arguments)
    counts = (
        _words.counted(submissions, "submissions"),
        f"of {_words.counted(students, 'students')}",
        "at 1 quiz" if quizzes == 1 else f"at {quizzes:,} quizzes",
    )
    said = [" ".join(counts), attempts(arguments)]
    return f"read {source}:\n{', '.join(filter(None, said))}"


def kept(responses: qa.Responses, arguments: Namespace) -> Iterator[str]:
    """Say what was left out and why, and what else is to be known of the data.

    What another system leaves out is its own affair; there it is what reading left out.
    """
    rows: Iterable[Mapping[str, Any]]
    if getattr(arguments, "convention", None) or arguments.command == "explain":
        rows = responses.left_out.to_pylist()
    else:
        rows = _exclusions(responses, arguments).to_pylist()
    quizzes = {*responses.items["quiz_id"].unique().to_pylist(), None}
    keys = arguments.command == "option_analysis"
    yield from _words.accounts(rows, quizzes, keys=keys)


def _exclusions(responses: qa.Responses, arguments: Namespace) -> pa.Table:
    asked = {name: getattr(arguments, name, None) for name in ("attempt", "blank")}
    given = {name: value for name, value in asked.items() if value is not None}
    table = qa.exclusions(responses, **given)
    least = getattr(arguments, "min_cell", None)
    return table if least is None else qa.suppressed(table, least)


def _counts(
    responses: qa.Responses, arguments: Namespace
) -> tuple[int | None, int | None]:
    """How many submissions were read and of how many students; None is hidden.

    Either would tell how many submissions were left out, were that hidden.
    """
    counts = len(responses), responses.students.num_rows
    if getattr(arguments, "min_cell", None) is None:
        return counts
    table = _exclusions(responses, arguments)
    adds_up = pc.or_(table["left_out"], pc.equal(table["reason"], "read"))
    of_submissions = pc.and_(pc.equal(table["unit"], "submissions"), adds_up)
    hidden = table.filter(of_submissions)["n"].null_count
    return (None, None) if hidden else counts


def attempts(arguments: Namespace) -> str:
    """Say which attempts count; nothing where the system leaves no choice."""
    if arguments.command == "explain":
        return ""
    if getattr(arguments, "convention", None):
        system = arguments.convention, arguments.command
        attempt = _systems.attempt(*system, arguments.options)
        return _words.ATTEMPTS.get(attempt or "", "")
    return _words.ATTEMPTS[arguments.attempt]


def named(
    sources: Sequence[Source], form: str | None, encoding: str | None = None
) -> str:
    """Name the first files, each with its format."""
    names = [_named(source, form, encoding) for source in sources[:_MOST_FILES]]
    more = len(sources) - _MOST_FILES
    return ", ".join(names) + (f" and {more:,} more files" if more > 0 else "")


def _named(source: Source, form: str | None, encoding: str | None) -> str:
    if not isinstance(source, str):
        source.seek(0)
        return f"standard input ({_FORMATS[form or recognised(source, encoding)]})"
    name = os.path.basename(source)  # noqa: PTH119  it may be a URI
    # What can be read once only, such as a pipe, is gone now.
    if form is None and ("://" in source or Path(source).is_file()):
        form = recognised(source, encoding)
    return f"{name} ({_FORMATS[form]})" if form else name
