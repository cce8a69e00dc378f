"""What can be typed after ``quizanalysis what-if``."""

import argparse
from collections.abc import Mapping
from typing import Any

__all__ = ["TABLES", "TEXTS", "check", "options"]

TEXTS = (
    "who gains and who loses when questions are dropped, keyed or weighed otherwise",
    """\
What if a question were dropped, had another key, gave everybody full credit, or were
worth other points? On a terminal: who gains, loses, passes and fails, and the students
whose result changes. Into a pipe or a file: every student, item or quiz, before and
after.

ITEM is the item's id or, when no item has such an id, its number (#) in the table of
item-analysis. An option is named by its id or its text. Of several options after =,
with commas between, any is right; with + between they are right together only. What
is an option as it stands, commas and all, is that option.""",
    """\
examples:
  quizanalysis what-if export.csv --drop 17 --pass 60
  quizanalysis what-if export.csv --rekey "2=The mean,The median" --full-credit 3
  quizanalysis what-if export.csv --weight 5=2 --table items -o items.csv""",
)
"""In a line, at length, and by example."""

TABLES = ("students", "items", "summary")
"""Those of a `WhatIf`."""

_ASKED = ("drop", "rekey", "full_credit", "weight")


def options(parser: argparse.ArgumentParser, attempt: Mapping[str, Any]) -> None:
    """Add what can be typed; a change may be asked of several items, one by one."""
    changes = parser.add_argument_group("changes, each as often as needed")
    for flag, form, text in (
        ("--drop", "ITEM", "take it out of the quiz, with its points"),
        (
            "--rekey",
            "ITEM=OPTION",
            "other right options, such as 4=B or 4=B,C or 4=B+C",
        ),
        ("--full-credit", "ITEM", "full points for everybody who was shown it"),
        ("--weight", "ITEM=POINTS", "worth so many points, scores in proportion"),
    ):
        changes.add_argument(flag, action="append", default=[], metavar=form, help=text)
    others = parser.add_argument_group("what is compared")
    others.add_argument(
        "--pass",
        dest="pass_mark",
        type=float,
        metavar="PERCENT",
        help="percent of the points possible that it takes to pass",
    )
    others.add_argument(
        "--quiz", metavar="ID", help="the quiz of the items, where there are several"
    )
    text = f"{attempt['help']} (default: last)"
    others.add_argument("--attempt", **{**attempt, "default": "last", "help": text})
    others.add_argument(
        "--table",
        choices=TABLES,
        default=TABLES[0],
        help="which table is shown or written (default: students)",
    )


def check(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse what changes nothing, and a mark that nobody could have."""
    if not any(getattr(arguments, name) for name in _ASKED):
        parser.error("nothing to change: give --drop, --rekey, --full-credit, --weight")
    mark = arguments.pass_mark
    if mark is not None and not 0 <= mark <= 100:
        parser.error(f"argument --pass: 0 to 100, not {mark}")
