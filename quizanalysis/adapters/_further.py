"""Tables that are no part of a report: what can be typed, and what a person sees."""

import argparse
from collections.abc import Mapping, Sequence
from inspect import signature
from typing import TYPE_CHECKING, Any

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters import _private
from quizanalysis.adapters._layout import REST, Column, Row, fitting
from quizanalysis.adapters._rows import MOST_ROWS
from quizanalysis.adapters._terminal import print_notes, print_table, remarks

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

__all__ = ["COMMANDS", "options", "show"]

COMMANDS: Mapping[str, str] = {
    "item_analysis_by_section": "the figures of each item, section by section",
    "option_traces": "who chose which option, from the lowest totals to the highest",
    "exclusions": "what was left out and why, and what else is to be known of the data",
}

_GROUPS: Mapping[str, Any] = {
    "type": int,
    "metavar": "N",
    "help": "how many groups of equal size, 2 to 20",
}

_COLUMNS: Mapping[str, Sequence[Column]] = {
    "item_analysis_by_section": (
        Column(name="position", head="#", always=False),
        Column(name="item_id", head="item", left=True),
        Column(name="title", head="question", left=True, long=True, spare=3),
        Column(name="section", head="section", left=True, long=True),
        Column(name="n", head="n"),
        Column(name="difficulty", head="difficulty", digits=2),
        Column(name="difficulty_low", head="from", digits=2, spare=1),
        Column(name="difficulty_high", head="to", digits=2, spare=1),
        Column(name="discrimination", head="discrimi-\nnation", digits=2, spare=2),
        Column(name=REST, head="r with\nrest", digits=2),
    ),
    "option_traces": (
        Column(name="item_id", head="item", left=True),
        Column(name="option", head="option", left=True, long=True),
        Column(name="group", head="group"),
        Column(name="n", head="n", form=_words.points),
        Column(name="ratio", head="share", digits=2),
    ),
    "exclusions": (
        Column(name="unit", head="what", left=True),
        Column(name="left_out", head="left\nout", form=_words.figure),
        Column(name="reason", head="which", left=True, long=True),
        Column(name="n", head="how many", form=_words.points),
    ),
}


def options(
    name: str,
    parser: argparse.ArgumentParser,
    specs: Mapping[str, Mapping[str, Any]],
) -> None:
    """Add the keywords of the function; `specs` are those of the tables."""
    figures = parser.add_argument_group("figures")
    for option, parameter in signature(getattr(qa, name)).parameters.items():
        if parameter.kind is not parameter.KEYWORD_ONLY:
            continue
        spec = {**(_GROUPS if option == "groups" else specs[option])}
        default = signature(qa.analyze).parameters.get(option, parameter).default
        spec["help"] += f" (default: {default})"
        figures.add_argument(f"--{option}", **{**spec, "default": default})
    _private.min_cell(figures)


def show(table: "pa.Table", name: str, console: "Console") -> None:
    """Print the telling columns, quiz by quiz; items in their order, side by side."""
    groups: dict[str | None, list[Row]] = {}
    for row in table.slice(0, MOST_ROWS).to_pylist():
        groups.setdefault(row["quiz_id"], []).append(row)
    for quiz, rows in groups.items():
        of = "all quizzes" if quiz is None else _words.one_line(quiz)
        heading = f"\n{of}: {name.replace('_', ' ')}\n"
        print_notes(console, [(heading, "bold")])
        columns = fitting(_COLUMNS[name], rows, console.width)
        print_table(console, columns, _side_by_side(rows))
        print_notes(console, [("", ""), *remarks(name, rows, columns)])
    if not groups:
        print_notes(console, [("there are no rows", "")])
    if (more := table.num_rows - MOST_ROWS) > 0:
        hint = f"{more:,} more rows are not shown; -o FILE.csv has them all"
        print_notes(console, [(hint, "yellow")])


def _side_by_side(rows: list[Row]) -> list[Row]:
    """The rows of an item together, in the order in which items come first."""
    first: dict[object, int] = {}
    for i, row in enumerate(rows):
        first.setdefault(row.get("item_id"), i)
    return sorted(rows, key=lambda row: first[row.get("item_id")])
