"""The command dif: which two groups of students are compared, and where they stand."""

import argparse
import csv
from pathlib import Path
from typing import Any

import quizanalysis as qa
from quizanalysis._refusals import not_there

__all__ = ["ABOUT", "EXAMPLES", "TITLE", "check", "compared", "options"]

TITLE = "items that treat two groups of equal totals differently, one row per item"

ABOUT = """\
Differential item functioning: which items students of one group answer better than
those of another who have the same total. Mantel-Haenszel, with ETS's classes A, B and
C; Mantel's test and the mean difference for partial credit."""

EXAMPLES = """\
examples:
  quizanalysis dif export.csv --group-by section --reference A --focal B
  quizanalysis dif export.csv --groups groups.csv --reference men --focal women

groups.csv has the columns student_id and group"""


def options(parser: argparse.ArgumentParser) -> None:
    """Add the options of the groups, and of the level."""
    groups = parser.add_argument_group("groups")
    which = groups.add_mutually_exclusive_group(required=True)
    which.add_argument(
        "--group-by", choices=["section"], help="the groups are sections, by name or id"
    )
    which.add_argument(
        "--groups",
        metavar="CSV",
        help="the groups are in a CSV with the columns student_id and group",
    )
    for name in ("reference", "focal"):
        text = f"the {name} group"
        groups.add_argument(f"--{name}", metavar="NAME", required=True, help=text)
    parser.add_argument_group("intervals").add_argument(
        "--level",
        type=float,
        default=0.95,
        metavar="F",
        help="coverage of the intervals (default: 0.95)",
    )


def check(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse what cannot be done before any of it is done."""
    if not 0 < arguments.level < 1:
        parser.error(f"argument --level: between 0 and 1, not {arguments.level}")
    if arguments.reference == arguments.focal:
        parser.error("--reference and --focal are the same group")
    if arguments.groups is not None and not Path(arguments.groups).is_file():
        parser.error(f"{arguments.groups!r}: no such file")


def compared(responses: qa.Responses, arguments: argparse.Namespace) -> Any:  # noqa: ANN401  a table
    """Compare the groups; raise ValueError where one is not there."""
    names = (arguments.reference, arguments.focal)
    groups = None if arguments.groups is None else _groups(arguments.groups)
    parts = []
    for option, name in zip(("reference", "focal"), names, strict=True):
        try:
            parts.append(_part(responses, name, groups))
        except ValueError as error:
            msg = f"--{option}: {error}"
            raise ValueError(msg) from None
    return qa.dif(
        *parts,
        names=names,
        attempt=arguments.attempt,
        blank=arguments.blank,
        level=arguments.level,
    )


def _part(
    responses: qa.Responses, name: str, groups: dict[str, list[str]] | None
) -> qa.Responses:
    """Choose a section, or a group of the file; raise ValueError when it is empty."""
    if groups is None:
        part = responses.where(section=name)
    elif name in groups:
        part = responses.where(student=groups[name], strict=False)
    else:
        raise ValueError(not_there("group", [name], sorted(groups)))
    if not len(part):
        msg = f"nobody of {name!r} handed anything in here"
        raise ValueError(msg)
    return part


def _groups(path: str) -> dict[str, list[str]]:
    """The students of each group."""
    with Path(path).open(newline="", encoding="utf-8-sig") as file:
        rows = csv.DictReader(file)
        if not {"student_id", "group"} <= {*(rows.fieldnames or ())}:
            msg = f"{path!r}: the header must name student_id and group"
            raise ValueError(msg)
        groups: dict[str, list[str]] = {}
        for row in rows:
            groups.setdefault(row["group"] or "", []).append(row["student_id"])
    return groups
