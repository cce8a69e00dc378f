"""What can be typed after ``quizanalysis serve``."""

import argparse
from pathlib import Path

__all__ = ["TEXTS", "check", "options"]

TEXTS = (
    "the reports API over HTTP, on this machine, for the exports in a folder",
    """\
The Canvas New Quizzes Reports API for the exports in a folder, on this machine only.
Prints the token and the curl lines to try it with. Course 1; assignments are numbered
by file name, unless a file quizzes.json in the folder names them:
{"<course id>": {"<assignment id>": "<file>"}}.""",
    """\
examples:
  quizanalysis serve exports
  quizanalysis serve exports --port 9000 --store postgresql+psycopg://localhost/reports""",
)
"""In a line, at length, and by example."""


def options(parser: argparse.ArgumentParser) -> None:
    """Add what can be typed."""
    parser.add_argument(
        "folder", type=Path, metavar="FOLDER", help="where the exports are"
    )
    parser.add_argument(
        "--store",
        metavar="URL",
        help="an SQLAlchemy URL of the database for the jobs (default: an SQLite file "
        "in FOLDER/.quizanalysis)",
    )
    parser.add_argument(
        "--port",
        type=int,
        default=8000,
        metavar="N",
        help="0 for any that is free (default: 8000)",
    )


def check(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse a folder or a port that is none."""
    if not arguments.folder.is_dir():
        parser.error(f"'{arguments.folder}' is no folder")
    if not 0 <= arguments.port <= 65_535:
        parser.error("argument --port: 0 to 65535")
