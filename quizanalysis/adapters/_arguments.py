"""What can be typed: commands, options, and what of it contradicts itself."""

import argparse
from collections.abc import Mapping, Sequence
from inspect import Parameter, signature
from pathlib import Path
from typing import Any

import quizanalysis as qa

__all__ = ["COMMANDS", "OPTIONS", "READING", "keywords", "parsed"]

COMMANDS: Mapping[str, str] = {
    "item_analysis": "difficulty, discrimination and their kin, one row per item",
    "student_analysis": "scores, counts of answers and rank, one row per submission",
    "option_analysis": "who chose what, one row per option of each item",
    "summary": "totals and reliability, one row per quiz",
}

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "attempt": {
        "choices": ["first", "last", "best", "kept", "all"],
        "help": "which attempts of a student count; kept is what Canvas keeps, the "
        "highest score",
    },
    "blank": {
        "choices": ["zero", "omit"],
        "help": "whether a blank response is a 0 or an item not shown",
    },
    "criterion": {
        "choices": ["points", "share"],
        "help": "what an item is held against: the student's total, or that divided by "
        "the points shown, for random draws of unequal worth",
    },
    "tail": {
        "type": float,
        "metavar": "F",
        "help": "share of the responses in the upper and in the lower group, up to 0.5",
    },
    "ties": {
        "choices": ["split", "include"],
        "help": "whether those who tie at a group's cut are in it in part or all",
    },
    "ddof": {
        "type": int,
        "choices": [0, 1],
        "help": "standard deviations divide by n - ddof",
    },
    "items": {
        "action": "store_true",
        "help": "add the response and the score of each item, for a file or a pipe",
    },
}
"""The keywords of the tables, as `argparse` is told of them."""

READING: Mapping[str, Mapping[str, Any]] = {
    "format": {
        "choices": [
            "tidy-csv",
            "tidy-parquet",
            "tidy-ipc",
            "tidy-jsonl",
            "canvas-classic",
            "new-quizzes-csv",
            "new-quizzes-json",
        ],
        "metavar": "FORMAT",
        "help": "what the files are, when their headers should not tell: tidy-csv, "
        "tidy-parquet, tidy-ipc, tidy-jsonl, canvas-classic, new-quizzes-csv or "
        "new-quizzes-json",
    },
    "quiz_id": {
        "metavar": "ID",
        "help": "name of the quiz, which makes several files parts of one; when not "
        "given, each file that does not name its quizzes is one of its own",
    },
    "max_options": {
        "type": int,
        "metavar": "N",
        "help": "an item with more distinct answers than this has no options",
    },
    "test_student": {
        "action": "store_true",
        "help": "keep the submissions of the course's test student",
    },
}
"""The keywords of `read`."""

_ABOUT = """\
Student and item analysis of quiz submissions.

Reads exports of Canvas (classic Student Analysis, New Quizzes CSV and JSON) and
tidy CSV, JSON lines, Parquet and Arrow files. On a terminal it shows a table; into a
pipe or a file it writes all columns, as CSV or JSON."""

_EXAMPLES = """\
examples:
  quizanalysis item-analysis export.csv
  quizanalysis student-analysis export.csv -o students.csv
  quizanalysis summary export.csv --attempt first --format json

exit status: 0 done, 1 the data is wrong, 2 the command is, 130 interrupted"""

_EXAMPLE = """\
example:
  quizanalysis {command} export.csv -o {file}.csv"""


def parsed(argv: Sequence[str] | None) -> argparse.Namespace:
    """Take the arguments apart; leave with a message when they make no sense."""
    whole = argparse.ArgumentParser(
        prog="quizanalysis",
        description=_ABOUT,
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    version = f"%(prog)s {qa.__version__}"
    whole.add_argument("--version", action="version", version=version)
    commands = whole.add_subparsers(dest="command", metavar="COMMAND", required=True)
    parsers = {name: _command(commands, name) for name in COMMANDS}
    arguments = whole.parse_args(argv)
    arguments.command = arguments.command.replace("-", "_")
    _check(arguments, parsers[arguments.command])
    return arguments


def keywords(name: str) -> list[str]:
    """Name the options of one of the library's functions.

    Examples
    --------
    >>> keywords("student_analysis")
    ['attempt', 'items']
    """
    parameters = signature(getattr(qa, name)).parameters.values()
    return [p.name for p in parameters if p.kind is Parameter.KEYWORD_ONLY]


def _command(commands: Any, name: str) -> argparse.ArgumentParser:  # noqa: ANN401
    command = name.replace("_", "-")
    parser: argparse.ArgumentParser = commands.add_parser(
        command,
        help=COMMANDS[name],
        description=f"{COMMANDS[name][:1].upper()}{COMMANDS[name][1:]}.",
        epilog=_EXAMPLE.format(command=command, file=name),
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="an export; - is standard input"
    )
    figures = parser.add_argument_group("figures")
    for option in keywords(name):
        _option(figures, option, OPTIONS[option], "analyze")
    _output(parser.add_argument_group("output"))
    reading = parser.add_argument_group("reading")
    for option, spec in READING.items():
        _option(reading, option, spec, "read")
    return parser


def _option(
    group: argparse._ArgumentGroup, name: str, spec: Mapping[str, Any], function: str
) -> None:
    """Add a keyword of a function; what it is when not given, the function says."""
    default = signature(getattr(qa, function)).parameters[name].default
    dest = "input_format" if name == "format" else name
    text = spec["help"]
    if default not in {None, False}:
        text += f" (default: {default})"
    flag = f"--{dest.replace('_', '-')}"
    group.add_argument(flag, **{**spec, "default": default, "help": text})


def _output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-o",
        "--output",
        type=Path,
        metavar="OUT",
        help="write this file, whole or not at all; its suffix tells the format",
    )
    group.add_argument(
        "--format",
        choices=["csv", "json"],
        help="json has the units and how the table was made besides (default: what "
        "the suffix of OUT says, or csv)",
    )
    group.add_argument(
        "--excel",
        action="store_true",
        help="start the CSV with the mark by which Excel knows UTF-8",
    )


def _check(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse what cannot be done before any of it is done."""
    tail = getattr(arguments, "tail", 0.5)
    if not 0 < tail <= 0.5:
        parser.error(f"argument --tail: above 0 and at most 0.5, not {tail}")
    if arguments.max_options < 0:
        parser.error("argument --max-options: 0 or more")
    if arguments.files.count("-") > 1:
        parser.error("standard input can be read once only")
    for file in arguments.files:
        if file != "-" and "://" not in file and (fault := _unreadable(Path(file))):
            parser.error(f"{file!r}: {fault}")
    if arguments.output is not None:
        _check_output(arguments, parser)
    if arguments.excel and arguments.format == "json":
        parser.error("--excel is for CSV")


def _unreadable(file: Path) -> str | None:
    if file.is_dir():
        return "is a folder, not a file"
    return None if file.exists() else "no such file"


def _check_output(
    arguments: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    """Tell the format, and see that the file can be there and costs no input."""
    output: Path = arguments.output
    if arguments.format is None:
        arguments.format = {".csv": "csv", ".json": "json"}.get(output.suffix.lower())
    if arguments.format is None:
        parser.error(f"'{output}' ends neither in .csv nor in .json: add --format")
    if output.is_dir():
        parser.error(f"'{output}' is a folder, not a file")
    if not output.parent.is_dir():
        parser.error(f"'{output.parent}' is no folder to write into")
    inputs = [Path(file) for file in arguments.files if Path(file).exists()]
    if output.exists() and any(output.samefile(file) for file in inputs):
        parser.error(f"'{output}' is what is read; write to another file")
