"""Options that keep tables from telling who is in them."""

import argparse
from pathlib import Path

import quizanalysis as qa

__all__ = ["check", "min_cell", "pseudonymous", "student_options"]


def min_cell(group: argparse._ArgumentGroup) -> None:
    """Add the option that hides small counts."""
    group.add_argument(
        "--min-cell",
        type=int,
        metavar="N",
        help="hide figures that rest on fewer than N students, and counts that would "
        "tell them",
    )


def student_options(group: argparse._ArgumentGroup) -> None:
    """Add the option that hides who a student is, but not that it is the same one."""
    group.add_argument(
        "--pseudonym-key-file",
        type=Path,
        metavar="FILE",
        help="put keyed hashes in the place of ids, and leave out names; the key is "
        "what FILE holds, 16 bytes or more, less the line end",
    )


def check(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse what cannot be done before any of it is done."""
    least = getattr(arguments, "min_cell", None)
    if least is not None and least < 2:
        parser.error(f"argument --min-cell: 2 or more, not {least}")
    if least is not None and getattr(arguments, "convention", None):
        parser.error("--min-cell is for our own reports, not for --convention")


def pseudonymous(
    responses: qa.Responses, arguments: argparse.Namespace
) -> qa.Responses:
    """Take away names and ids, when there is a key; raise ValueError for a bad one."""
    file: Path | None = getattr(arguments, "pseudonym_key_file", None)
    if file is None:
        return responses
    return responses.pseudonymise(file.read_bytes().rstrip(b"\r\n"))
