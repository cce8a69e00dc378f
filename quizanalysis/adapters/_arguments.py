"""What can be typed: commands, options, and what of it contradicts itself."""

import argparse
from collections.abc import Mapping, Sequence
from inspect import Parameter, signature
from typing import Any, get_args

import quizanalysis as qa
from quizanalysis.adapters import (
    _changing,
    _finding,
    _further,
    _groups,
    _paging,
    _private,
    _serving,
    _systems,
)
from quizanalysis.adapters._checks import check
from quizanalysis.adapters._reading import READING

__all__ = ["COMMANDS", "OPTIONS", "READING", "keywords", "parsed"]

COMMANDS: Mapping[str, str] = {
    "item_analysis": "difficulty, discrimination and their kin, one row per item",
    "student_analysis": "scores, counts of answers and rank, one row per submission",
    "option_analysis": "who chose what, one row per option of each item",
    "summary": "totals and reliability, one row per quiz",
}

_OBJECTS = ("progress", "whole")
"""Keywords that no word of a command line can stand for."""

OPTIONS: Mapping[str, Mapping[str, Any]] = {
    "attempt": {
        "choices": ["first", "last", "best", "highest", "kept", "all"],
        "help": "which attempts of a student count; kept is what Canvas keeps, the "
        "highest score, and highest is another word for best, as in Moodle",
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
    "level": {
        "type": float,
        "metavar": "P",
        "help": "share of the intervals that hold the true figure, between 0 and 1",
    },
    "items": {
        "action": "store_true",
        "help": "add the response and the score of each item, for a file or a pipe",
    },
    "anonymous": {
        "action": "store_true",
        "help": "leave out ids, names and times of handing in, and number the rows",
    },
}
"""The keywords of the tables, as `argparse` is told of them."""

_ABOUT = """\
Student and item analysis of quiz submissions.

Reads exports of Canvas (classic Student Analysis, New Quizzes CSV and JSON) and
tidy CSV, JSON lines, Parquet and Arrow files. On a terminal it shows a table; into a
pipe or a file it writes all columns, as CSV or JSON."""

_EXAMPLES = """\
examples:
  quizanalysis item-analysis export.csv
  quizanalysis report export.csv -o report.html
  quizanalysis student-analysis export.csv -o students.csv
  quizanalysis summary export.csv --attempt first --format json
  quizanalysis item-analysis export.csv --convention moodle
  quizanalysis findings export.csv
  quizanalysis explain canvas-classic quizanalysis export.csv
  quizanalysis what-if export.csv --drop 17 --pass 60

exit status: 0 done, 1 the data is wrong, 2 the command is, 130 interrupted,
143 ended by SIGTERM"""

_EXAMPLE = """\
examples:
  quizanalysis {command} export.csv -o {file}.csv
  quizanalysis {command} export.csv --convention {system}"""

_EXPLAIN = """\
Why two systems give different figures: rule by rule, what changing from A's to B's
adds to each figure. The parts add up to the whole difference."""

_EXPLAIN_EXAMPLES = """\
examples:
  quizanalysis explain canvas-classic quizanalysis export.csv
  quizanalysis explain moodle quizanalysis export.csv -o why.csv"""


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
    parsers = {name: _report(commands, name) for name in COMMANDS}
    parsers["findings"] = _findings(commands)
    parsers["explain"] = _explain(commands)
    parsers["what_if"] = _command(commands, "what-if", *_changing.TEXTS)
    _files(parsers["what_if"])
    _changing.options(parsers["what_if"], OPTIONS["attempt"])
    _output_and_reading(parsers["what_if"])
    parsers["dif"] = _dif(commands)
    parsers |= {name: _further_table(commands, name) for name in _further.COMMANDS}
    parsers["report"] = _command(commands, "report", *_paging.TEXTS)
    _files(parsers["report"])
    _paging.options(parsers["report"], OPTIONS)
    _reading(parsers["report"])
    parsers["serve"] = _command(commands, "serve", *_serving.TEXTS)
    _serving.options(parsers["serve"])
    arguments = whole.parse_args(argv)
    arguments.command = arguments.command.replace("-", "_")
    _translate(arguments)
    parser = parsers[arguments.command]
    if arguments.command == "serve":
        _serving.check(arguments, parser)
        return arguments
    if arguments.command == "explain":
        if arguments.a == arguments.b:
            parser.error(f"A and B are both {arguments.a}: there is nothing to explain")
    elif arguments.command == "what_if":
        _changing.check(arguments, parser)
    elif arguments.command == "dif":
        _groups.check(arguments, parser)
    elif arguments.command not in {"report", *_further.COMMANDS}:
        _settle(arguments, parser)
    _private.check(arguments, parser)
    check(arguments, parser)
    return arguments


def _translate(arguments: argparse.Namespace) -> None:
    """Take Moodle's word for the best attempt as ours, but for Moodle's own report."""
    ours = getattr(arguments, "convention", None) != "moodle"
    if ours and getattr(arguments, "attempt", None) == "highest":
        arguments.attempt = "best"


def keywords(name: str) -> list[str]:
    """Name the options of one of the library's functions.

    Examples
    --------
    >>> keywords("student_analysis")
    ['attempt', 'items', 'anonymous']
    """
    parameters = signature(getattr(qa, name)).parameters.values()
    return [
        p.name
        for p in parameters
        if p.kind is Parameter.KEYWORD_ONLY and p.name not in _OBJECTS
    ]


def _report(commands: Any, name: str) -> argparse.ArgumentParser:  # noqa: ANN401
    command, having = name.replace("_", "-"), _systems.offering(name)
    about = f"{COMMANDS[name][:1].upper()}{COMMANDS[name][1:]}."
    examples = _EXAMPLE.format(command=command, file=name, system=having[0])
    parser = _command(commands, command, COMMANDS[name], about, examples)
    _files(parser)
    figures = parser.add_argument_group("figures")
    for option in keywords(name):
        _option(figures, option, OPTIONS[option], "analyze")
    if name == "student_analysis":
        _private.student_options(figures)
    else:
        _private.min_cell(figures)
    figures.add_argument(
        "--convention",
        metavar="SYSTEM",
        help="the report of another system, by its rules and with its columns: "
        + " or ".join(having)
        + "; of the options above only --attempt, where it leaves a choice",
    )
    _output_and_reading(parser)
    return parser


def _findings(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401
    parser = _command(commands, "findings", *_finding.TEXTS)
    _files(parser)
    figures = parser.add_argument_group("figures")
    for option in _finding.OPTIONS:
        _option(figures, option, OPTIONS[option], "analyze")
    _finding.option(figures)
    _private.min_cell(figures)
    parser.set_defaults(convention=None)
    _output_and_reading(parser)
    return parser


def _explain(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401
    about = "why two systems give different figures, rule by rule"
    parser = _command(commands, "explain", about, _EXPLAIN, _EXPLAIN_EXAMPLES)
    parameters = signature(qa.conventions.explain).parameters
    for name in ("a", "b"):
        choices = get_args(parameters[name].annotation)
        parser.add_argument(
            name, choices=choices, metavar=name.upper(), help=" or ".join(choices)
        )
    _files(parser)
    parser.add_argument(
        "--item-id", metavar="ID", help="one question, with every figure of it"
    )
    _output_and_reading(parser)
    return parser


def _dif(commands: Any) -> argparse.ArgumentParser:  # noqa: ANN401
    texts = _groups.TITLE, _groups.ABOUT, _groups.EXAMPLES
    parser = _command(commands, "dif", *texts)
    _files(parser)
    _groups.options(parser)
    figures = parser.add_argument_group("figures")
    for option in ("attempt", "blank"):
        _option(figures, option, OPTIONS[option], "analyze")
    parser.set_defaults(
        convention=None, **{name: _default("analyze", name) for name in OPTIONS}
    )
    _private.min_cell(figures)
    _output_and_reading(parser)
    return parser


def _further_table(commands: Any, name: str) -> argparse.ArgumentParser:  # noqa: ANN401
    command, about = name.replace("_", "-"), _further.COMMANDS[name]
    example = f"examples:\n  quizanalysis {command} export.csv -o {name}.csv"
    sentence = f"{about[:1].upper()}{about[1:]}."
    parser = _command(commands, command, about, sentence, example)
    _files(parser)
    _further.options(name, parser, OPTIONS)
    _output_and_reading(parser)
    return parser


def _command(
    commands: Any,  # noqa: ANN401
    command: str,
    about: str,
    description: str,
    examples: str,
) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        command,
        help=about,
        description=description,
        epilog=examples,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    return parser


def _files(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "files", nargs="+", metavar="FILE", help="an export; - is standard input"
    )


def _output_and_reading(parser: argparse.ArgumentParser) -> None:
    _output(parser.add_argument_group("output"))
    _reading(parser)


def _reading(parser: argparse.ArgumentParser) -> None:
    reading = parser.add_argument_group("reading")
    for option, spec in READING.items():
        _option(reading, option, spec, "read")


def _option(
    group: argparse._ArgumentGroup, name: str, spec: Mapping[str, Any], function: str
) -> None:
    """Add a keyword of a function; what it is when not given, the function says.

    That of a figure is not there at all then: see `_settle`.
    """
    default = _default(function, name)
    dest = "input_format" if name == "format" else name
    text = spec["help"]
    if default not in {None, False}:
        text += f" (default: {default})"
    flag = f"--{dest.replace('_', '-')}"
    absent = argparse.SUPPRESS if function == "analyze" else default
    group.add_argument(flag, **{**spec, "default": absent, "help": text})


def _default(function: str, name: str) -> Any:  # noqa: ANN401
    return signature(getattr(qa, function)).parameters[name].default


def _output(group: argparse._ArgumentGroup) -> None:
    group.add_argument(
        "-o",
        "--output",
        metavar="OUT",
        help="write this file, whole or not at all; its suffix tells the format; - is "
        "standard output",
    )
    group.add_argument(
        "--format",
        choices=["csv", "json"],
        help="json has the units and how the table was made besides (default: csv, or "
        "what OUT ends in, .csv or .json)",
    )
    group.add_argument(
        "--excel",
        action="store_true",
        help="start the CSV with the mark by which Excel knows UTF-8",
    )


def _settle(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Tell what was typed from what was not, and see that the rules are to be had."""
    name, system = arguments.command, arguments.convention
    names = _finding.OPTIONS if name == "findings" else keywords(name)
    given = {n: getattr(arguments, n) for n in names if hasattr(arguments, n)}
    if system is not None:
        if fault := _systems.fault(system, name, given):
            parser.error(fault)
        arguments.options = _systems.options(system, name, given)
    for option in names:
        value = given[option] if option in given else _default("analyze", option)
        setattr(arguments, option, value)
