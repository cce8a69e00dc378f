"""Which rows of a report a person is shown, quiz by quiz, and which look wrong."""

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters._layout import BARS, COLUMNS, REST, Row

__all__ = ["MOST_ROWS", "by_quiz", "label"]

MOST_ROWS = 1000
"""No person reads more; all of them are for a file."""


def by_quiz(report: qa.Report, name: str) -> dict[tuple[str, ...], list[Row]]:
    """Find the rows of each table on the screen, under the quizzes it is about.

    A row gains ``odd`` where the better students did worse, and the options of an item
    follow a row ``item`` with the question.
    """
    table = getattr(report, name).slice(0, MOST_ROWS)
    if name == "summary":
        rows = table.to_pylist()
        return {tuple(row["quiz_id"] for row in rows): rows} if rows else {}
    wanted = {column.name for column in COLUMNS[name]}
    wanted |= {"quiz_id", "item_id", "option", "undefined"}
    wanted |= {f"{name}_{end}" for name in BARS for end in ("low", "high")}
    table = table.select([own for own in table.schema.names if own in wanted])
    groups: dict[tuple[str, ...], list[Row]] = {}
    for row in table.to_pylist():
        groups.setdefault((row["quiz_id"],), []).append(row)
    if name == "item_analysis":
        return {quiz: [*map(_judged, rows)] for quiz, rows in groups.items()}
    if name == "option_analysis":
        items = report.item_analysis.select(["quiz_id", "item_id", "position", "title"])
        known = {(row["quiz_id"], row["item_id"]): row for row in items.to_pylist()}
        return {quiz: [*_under_items(rows, known)] for quiz, rows in groups.items()}
    return groups


def label(row: Row) -> str:
    """Name a row as its first column does, or by its id."""
    if row.get("position") is not None:
        return str(row["position"])
    names = (row.get(name) for name in ("item_id", "student_id", "quiz_id"))
    return next(_words.one_line(name) for name in names if name is not None)


def _judged(row: Row) -> Row:
    bars = {
        f"{name}_bar": _words.bar(
            row[f"{name}_low"], row[name], row[f"{name}_high"], least
        )
        for name, least in BARS.items()
    }
    return {**row, **bars, "odd": row[REST] is not None and row[REST] < 0}


def _under_items(
    rows: Iterable[Row], items: Mapping[tuple[str, str], Row]
) -> Iterator[Row]:
    """Put the question before its options; mark those that beat its key."""
    for owner, group in groupby(rows, key=lambda row: (row["quiz_id"], row["item_id"])):
        item, options = items[owner], list(group)
        title = item["title"] or item["item_id"]
        yield {"place": label(item), "text": title, "item": True}
        keyed = [row[REST] or 0.0 for row in options if row["correct"]]
        best = max(0.0, *keyed, 0.0)
        for row in options:
            text = _words.one_line(row["text"] or row["option"])
            odd = bool(keyed) and not row["correct"] and (row[REST] or 0.0) > best
            yield {**row, "position": item["position"], "text": text, "odd": odd}
