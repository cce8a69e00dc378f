"""Findings on the command line: how they are asked for, and shown to a person."""

import argparse
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters._layout import Row
from quizanalysis.adapters._rows import MOST_ROWS, label
from quizanalysis.adapters._terminal import Note, print_notes

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

__all__ = ["OPTIONS", "TEXTS", "made", "option", "show"]

_PRESETS = ("default", "blackboard", "akindi", "ans", "moodle", "schoology")

OPTIONS = ("attempt", "blank", "criterion", "tail", "ties", "level")
"""The keywords of `analyze` that findings rest on."""

TEXTS = (
    "what to look at, one row per rule and item",
    """\
What to look at: items too easy, too hard, badly keyed and so on. Each is tested with
its uncertainty, so that in a small class most is neither wrong nor fine but cannot be
told, and then it says how many students it would take.""",
    """\
examples:
  quizanalysis findings export.csv
  quizanalysis findings export.csv --thresholds blackboard -o findings.csv""",
)
"""What the help says."""

_LONGEST = 60

_COLOURS = {"high": "bold red", "medium": "yellow", "low": "cyan"}


def option(group: argparse._ArgumentGroup) -> None:
    """Add the choice of thresholds."""
    group.add_argument(
        "--thresholds",
        choices=_PRESETS,
        default=_PRESETS[0],
        help="what figures are tested against: our own, or those of another system "
        "(default: default)",
    )


def made(report: qa.Report, thresholds: str, responses: qa.Responses) -> "pa.Table":
    """Test the rules with the thresholds of that name."""
    if thresholds == "default":
        return qa.findings(report)
    against = getattr(qa.Thresholds, thresholds)()
    return qa.findings(report, against, responses=responses)


def show(
    table: "pa.Table", items: "pa.Table", about: tuple[str, str], console: "Console"
) -> None:
    """Print what to look at in words, and how much cannot be told and is fine.

    Parameters
    ----------
    table : pyarrow.Table
        Of `findings`.
    items : pyarrow.Table
        Of the responses: positions and titles.
    about : tuple of str
        Of what the findings are, and which attempts count.
    console : rich.console.Console
    """
    what, attempts = about
    print_notes(console, [(f"\n{what}: findings\n", "bold")])
    names = ["quiz_id", "item_id", "position", "title"]
    known = {(r["quiz_id"], r["item_id"]): r for r in items.select(names).to_pylist()}
    outcomes = Counter(table["outcome"].to_pylist())
    rows = table.slice(0, min(outcomes["look"], MOST_ROWS)).to_pylist()
    for row in rows:
        _print_row(row, known, console)
    print_notes(console, _ended(outcomes, attempts))


def _print_row(row: Row, items: dict[tuple[str, str], Row], console: "Console") -> None:
    """Print what was found, of which item, what to do and why."""
    from rich.padding import Padding  # noqa: PLC0415  an extra
    from rich.text import Text  # noqa: PLC0415

    item = items.get((row["quiz_id"], row["item_id"]), row)
    where = f"item {label(item)}" if row["item_id"] is not None else "the whole quiz"
    heading = f"{row['severity']}: {where}, {row['finding'].replace('_', ' ')}"
    if name := _words.one_line(item.get("title"))[:_LONGEST]:
        heading += f" ({name})"
    print_notes(console, [(heading, _COLOURS[row["severity"]])])
    for words, style in ((row["advice"], ""), (row["evidence"], "dim")):
        text = Text(_words.one_line(words), style)
        console.print(Padding(text, (0, 0, 0, 4)))


def _ended(outcomes: Counter[str], attempts: str) -> Iterator[Note]:
    look, unsure, fine = (outcomes[word] for word in ("look", "cannot tell", "fine"))
    if not look:
        yield "nothing has to be looked at", ""
    if look > MOST_ROWS:
        more = f"{look - MOST_ROWS:,} more are not shown; -o FILE.csv has them all"
        yield more, "yellow"
    checks = _words.counted(look + unsure + fine, "checks")
    told = f"{look:,} to look at, {unsure:,} cannot be told, {fine:,} fine"
    yield f"\n{checks}: {told}; {attempts}", ""
    yield "what cannot be told says how many students it would take, in -o FILE", "dim"
