"""Why two systems differ, for a person: from one figure to the other, rule by rule."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Any

import pyarrow.compute as pc

from quizanalysis import _words
from quizanalysis.adapters._layout import Row
from quizanalysis.adapters._systems import TITLES

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

__all__ = ["NAMES", "show"]

NAMES: Mapping[str, Mapping[str, str]] = {
    "canvas-classic": {
        "n": "Answered Student Count",
        "sd": "Standard Deviation",
        "difficulty": "Difficulty Index",
        "point_biserial": "Point Biserial of Correct",
        "alpha": "Alpha",
    },
    "new-quizzes": {
        "difficulty": "difficulty_index",
        "discrimination": "discrimination_index",
        "point_biserial_corrected": "pearson_correlation",
    },
    "moodle": {
        "n": "Attempts",
        "sd": "Standard deviation",
        "difficulty": "Facility index",
        "point_biserial_corrected": "Discrimination index / 100",
        "alpha": "cic / 100",
    },
    "psych": {
        "point_biserial": "raw.r",
        "point_biserial_corrected": "r.drop",
        "alpha": "raw_alpha",
    },
    "ctt": {"mean": "itemMean", "point_biserial_corrected": "pBis"},
}
"""What a system calls a figure, where that is not our name of it."""

_CORRELATIONS = ("point_biserial", "point_biserial_corrected")
_NOTHING, _SMALL = 1e-12, 5e-5
_MOST_QUIZZES = 20

_Line = tuple[str, str, str]
"""What a rule adds, to how many items, and the rule in words."""


def show(
    table: "pa.Table",
    systems: tuple[str, str],
    items: "pa.Table",
    console: "Console",
    *,
    whole: bool,
) -> None:
    """Print what `explain` found.

    Parameters
    ----------
    table : pyarrow.Table
    systems : tuple of str
        The two that were asked for.
    items : pyarrow.Table
        All items, with their titles.
    console : rich.console.Console
    whole : bool
        Sum up the items figure by figure, rather than show each.
    """
    a, b = (TITLES[system] for system in systems)
    titles = _titles(items)
    if not table.num_rows:
        _say(console, f"{a} and {b} agree in every figure that both have")
    ids = table["quiz_id"].unique()
    near = table.filter(pc.is_in(table["quiz_id"], ids.slice(0, _MOST_QUIZZES)))
    for quiz, found in groupby(near.to_pylist(), key=lambda row: row["quiz_id"]):
        rows = [*found]
        _say(console, "", f"{_words.one_line(quiz)}: from {a} to {b}", style="bold")
        summed = [row for row in rows if whole and row["item_id"] is not None]
        _each(console, rows[: len(rows) - len(summed)], systems, titles)
        if summed:
            _summed(console, summed, systems)
    if (more := len(ids) - _MOST_QUIZZES) > 0:
        hint = f"{more:,} more quizzes are not shown; -o FILE.csv has them all"
        _say(console, "", hint, style="yellow")


def _titles(items: "pa.Table") -> dict[tuple[str, str], str | None]:
    names = (items[name].to_pylist() for name in ("quiz_id", "item_id", "title"))
    return {(quiz, item): title for quiz, item, title in zip(*names, strict=True)}


def _each(
    console: "Console",
    rows: Sequence[Row],
    systems: tuple[str, str],
    titles: Mapping[tuple[str, str], str | None],
) -> None:
    """Print each figure that differs, and under it the rules; the quiz's come first."""
    for item, of_item in groupby(rows, key=lambda row: row["item_id"]):
        found = [*of_item]
        if item is not None:
            title = titles.get((found[0]["quiz_id"], item))
            words = " ".join(map(_words.one_line, filter(None, (item, title))))
            _say(console, "", f"item {words}", style="bold")
        for figure, steps in groupby(found, key=lambda row: str(row["figure"])):
            lines = [*steps]
            ends = (lines[0]["value_a"], lines[0]["value_b"])
            said = ", ".join(
                f"{_figure(figure, end)} in {TITLES[system]}{_called(system, figure)}"
                for system, end in zip(systems, ends, strict=True)
            )
            gap = _gap(lines[0])
            total = "" if gap is None else f"; {_signed(figure, gap)}"
            _say(console, "", f"{_ours(figure)}: {said}{total}")
            _grid(console, _steps(figure, lines))


def _steps(figure: str, rows: Iterable[Row]) -> Iterator[_Line]:
    for row in _acting(rows):
        part, after = row["contribution"], _figure(figure, row["after"])
        if part is not None:
            size = _signed(figure, part)
        else:
            size = after if row["after"] is None else f"= {after}"
        yield size, "", _change(row)


def _acting(rows: Iterable[Row]) -> Iterator[Row]:
    """Leave out the rules that change nothing of one figure, there or not there."""
    there: bool | None = None
    for row in rows:
        was = row["value_a"] is not None if there is None else there
        there, part = row["after"] is not None, row["contribution"]
        if (was or there) if part is None else abs(part) > _NOTHING:
            yield row


def _summed(console: "Console", rows: Sequence[Row], systems: tuple[str, str]) -> None:
    """Print of each figure how many items differ, the most, and what does it."""
    ordered = sorted(rows, key=lambda row: str(row["figure"]))
    for figure, found in groupby(ordered, key=lambda row: str(row["figure"])):
        lines = [*found]
        names = (TITLES[s] + _called(s, figure, ": ") for s in systems)
        _say(console, "", f"{_ours(figure)} ({'; '.join(names)})")
        _say(console, f"  {'; '.join(_extent(figure, lines, systems))}")
        _grid(console, _rules(figure, lines))
    most = max(rows, key=lambda row: abs(_gap(row) or 0.0))["item_id"]
    legend = "what a rule adds, on average over the items where it adds something"
    _say(console, "", legend, style="dim")
    hint = f"--item-id {_words.one_line(most)} shows one item rule by rule; "
    _say(console, f"{hint}-o FILE.csv has all", style="yellow")


def _extent(
    figure: str, rows: Iterable[Row], systems: tuple[str, str]
) -> Iterator[str]:
    """Say how many items differ, and how many one system does not have."""
    items = {row["item_id"]: row for row in rows}.values()
    both = [row for row in items if _gap(row) is not None]
    if both:
        most = max(both, key=lambda row: abs(_gap(row) or 0.0))
        a, b = (_figure(figure, most[end]) for end in ("value_a", "value_b"))
        n, name = _words.counted(len(both), "items"), _words.one_line(most["item_id"])
        yield f"{n} differ{'s' * (len(both) == 1)}, most {name}: {a} and {b}"
    for system, other in zip(systems, ("value_b", "value_a"), strict=True):
        if alone := sum(row[other] is None for row in items):
            yield f"{_words.counted(alone, 'items')} only in {TITLES[system]}"


def _rules(figure: str, rows: Iterable[Row]) -> Iterator[_Line]:
    """Order the rules by how much they change on average, where they change it."""
    parts: dict[str, list[float]] = {}
    touched: dict[str, int] = {}
    for _, steps in groupby(rows, key=lambda row: row["item_id"]):
        for row in _acting(steps):
            part, change = row["contribution"], _change(row)
            if part is not None and _gap(row) is None:
                continue
            touched[change] = touched.get(change, 0) + 1
            parts.setdefault(change, []).extend([] if part is None else [abs(part)])
    size = {change: sum(found) / len(found or [0]) for change, found in parts.items()}
    for change in sorted(size, key=lambda change: -size[change]):
        mean = _figure(figure, size[change], whole=False) if parts[change] else "-"
        yield mean, _words.counted(touched[change], "items"), change


def _change(row: Row) -> str:
    return f"{row['rule_a']} -> {row['rule_b']}"


def _gap(row: Row) -> float | None:
    if row["value_a"] is None or row["value_b"] is None:
        return None
    gap: float = row["value_b"] - row["value_a"]
    return gap


def _ours(figure: str) -> str:
    return figure.replace("_", " ")


def _called(system: str, figure: str, mark: str = "") -> str:
    """Give the system's own name of a figure, if it has another."""
    own = NAMES.get(system, {})
    name = own.get(figure)
    if figure == "item_correlation":
        name = next((own[r] for r in _CORRELATIONS if r in own), None)
    if name is None:
        return ""
    return f"{mark}{name}" if mark else f" ({name})"


def _figure(figure: str, value: Any, *, whole: bool = True) -> str:  # noqa: ANN401
    if value is None:
        return "none"
    return _words.number(value, 0 if figure == "n" and whole else 4)


def _signed(figure: str, value: float) -> str:
    if figure == "n":
        return f"{value:+,.0f}"
    return f"{value:+,.4f}" if abs(value) >= _SMALL else f"{value:+.0e}"


def _say(console: "Console", *lines: str, style: str = "") -> None:
    from rich.text import Text  # noqa: PLC0415  an extra

    for line in lines:
        console.print(Text(line, style))


def _grid(console: "Console", lines: Iterable[_Line]) -> None:
    """Print rules, each with its number before it; long words wrap beneath."""
    from rich.padding import Padding  # noqa: PLC0415  an extra
    from rich.table import Table  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    rows = [*lines]
    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(justify="right", no_wrap=True)
    if any(items for _, items, _ in rows):
        grid.add_column(justify="right", no_wrap=True)
    grid.add_column()
    for size, items, words in rows:
        cells = [size, items, words] if len(grid.columns) == 3 else [size, words]
        grid.add_row(*map(Text, cells))
    console.print(Padding(grid, (0, 0, 0, 4)))
