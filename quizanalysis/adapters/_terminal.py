"""Reports for a person at a terminal: the telling columns, and what they rest on."""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters._layout import (
    COLUMNS,
    LEGENDS,
    NOTHING,
    ODD,
    REST,
    Column,
    Row,
    fitting,
)
from quizanalysis.adapters._rows import MOST_ROWS, by_quiz, label

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Note", "print_notes", "print_table", "show"]

_LEVEL = 0.95
"""Of the interval of alpha beside tables that have none of their own."""

Note = tuple[str, str]
"""A line and its style."""


def show(report: qa.Report, name: str, console: "Console") -> None:
    """Print one table of the report, quiz by quiz, with what it rests on.

    Parameters
    ----------
    report : Report
    name : str
        The table's name.
    console : rich.console.Console
        Where to print, and how wide that is.
    """
    summaries = {row["quiz_id"]: row for row in report.summary.to_pylist()}
    exclusions = report.exclusions.to_pylist()
    options, keys = _options(report, name), name == "option_analysis"
    groups = by_quiz(report, name)
    for quizzes, rows in groups.items():
        print_notes(console, _heading(name, quizzes))
        if name == "summary" and len(rows) == 1:
            _print_figures(console, report, rows[0])
            notes = [("", "")]
        else:
            columns = fitting(COLUMNS[name], rows, console.width)
            print_table(console, columns, rows)
            notes = [*_remarks(name, rows, columns), *_legend(name, options)]
        facts = _facts(summaries[quizzes[0]], options) if name != "summary" else []
        known = {*quizzes, None} if len(groups) == 1 else {*quizzes}
        accounts = _words.accounts(exclusions, known, keys=keys)
        print_notes(console, [*_plain(["", *facts, *accounts]), *notes])
    if len(groups) != 1:
        none = [] if groups else [NOTHING[name]]
        rest = _words.accounts(exclusions, {None}, keys=keys)
        print_notes(console, _plain([*none, *rest]))
    if (more := getattr(report, name).num_rows - MOST_ROWS) > 0:
        hint = f"{more:,} more rows are not shown; -o FILE.csv has them all"
        print_notes(console, [(hint, "yellow")])


def _options(report: qa.Report, name: str) -> Mapping[str, Any]:
    made = json.loads(getattr(report, name).schema.metadata[b"made"])
    options: dict[str, Any] = made["options"]
    return options


def print_notes(console: "Console", notes: Iterable[Note]) -> None:
    """Print lines, each in its style."""
    from rich.text import Text  # noqa: PLC0415  an extra

    for words, style in notes:
        console.print(Text(words, style))


def print_table(
    console: "Console", columns: Sequence[Column], rows: Iterable[Row]
) -> None:
    """Print rows under the heads of the columns."""
    from rich import box  # noqa: PLC0415  an extra
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    table = Table(
        box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0)
    )
    for column in columns:
        table.add_column(
            Text(column.head),
            justify="left" if column.left else "right",
            vertical="bottom",
            no_wrap=not column.long,
            max_width=None if column.long else column.WIDEST,
        )
    for row in rows:
        cells = ((column.text(row), _style(column.name, row)) for column in columns)
        table.add_row(
            *(Text(*cell, no_wrap=True, overflow="ellipsis") for cell in cells)
        )
    console.print(table)


def _style(name: str, row: Row) -> str:
    if "item" in row:
        return "bold"
    if name in row and row[name] is None:
        return "dim"
    return "bold red" if name == REST and row.get("odd") else ""


def _print_figures(console: "Console", report: qa.Report, row: Row) -> None:
    """Print all figures of the only quiz, each with its meaning."""
    from rich.table import Table  # noqa: PLC0415  an extra
    from rich.text import Text  # noqa: PLC0415

    table = Table.grid(padding=(0, 2))
    for justify in ("left", "right", "left"):
        table.add_column(justify=justify)
    why = _words.reasons(row["undefined"])
    for field in report.summary.schema:
        if field.name in {"quiz_id", "undefined"}:
            continue
        meaning = field.metadata[b"meaning"].decode()
        if field.name in why:
            meaning += f"; not defined: {why[field.name]}"
        value = row[field.name]
        figure = Text(_words.figure(value), "dim" if value is None else "")
        table.add_row(Text(field.name), figure, Text(meaning, "dim"))
    console.print(table)


def _heading(name: str, quizzes: Sequence[str]) -> list[Note]:
    many = len(quizzes) > 1
    what = f"{len(quizzes):,} quizzes" if many else _words.one_line(quizzes[0])
    return [("", ""), (f"{what}: {name.replace('_', ' ')}", "bold"), ("", "")]


def _facts(row: Row, options: Mapping[str, Any]) -> list[str]:
    """Say what a quiz's table rests on."""
    attempt = options["attempt"]
    who = _words.counted(row["n"], "submissions" if attempt == "all" else "students")
    mean, sd = _words.number(row["mean"], 2), _words.number(row["sd"], 2)
    known = row["points_possible"] is not None
    of = f" of {_words.points(row['points_possible'])}" if known else ""
    alpha = _words.alpha(row, options.get("level", _LEVEL))
    facts = [
        f"{who}, {_words.ATTEMPTS[attempt]}",
        f"mean {mean}{of} points, sd {sd}; {alpha}",
    ]
    if row["totals_comparable"] is False:
        share = options.get("criterion") == "points" and known
        facts.append(
            "the totals are out of different points, by random draws or missing grades"
            + "; --criterion share divides by them" * share
        )
    return facts


def _plain(lines: Iterable[str]) -> list[Note]:
    return [(line, "") for line in lines]


def _remarks(name: str, rows: Sequence[Row], columns: Iterable[Column]) -> list[Note]:
    """Explain the dashes, and point at what looks wrong."""
    heads = {column.name: column.plain_head for column in columns}
    found: dict[tuple[str, str], dict[str, None]] = {}
    for row in rows:
        for figure, why in _words.reasons(row.get("undefined")).items():
            if figure in heads:
                found.setdefault((why, heads[figure]), {})[label(row)] = None
    notes = []
    for (why, head), labels in found.items():
        where = "all" if len(labels) == len(rows) > 1 else _words.listed([*labels])
        notes.append((f"- no {head} for {where}: {why}", ""))
    if odd := list(dict.fromkeys(label(row) for row in rows if row.get("odd"))):
        notes.append((f"look again at {_words.listed(odd)}: {ODD[name]}", "red"))
    return notes


def _legend(name: str, options: Mapping[str, Any]) -> list[Note]:
    tail, level = options.get("tail", 0), options.get("level", _LEVEL)
    words = LEGENDS[name].format(
        tail=f"{100 * tail:.3g} %", level=f"{100 * level:.4g} %"
    )
    return [("", ""), (words, "dim"), ("", "")]
