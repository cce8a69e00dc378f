"""The comparison of two groups for a person at a terminal."""

from typing import TYPE_CHECKING

from quizanalysis import _words
from quizanalysis.adapters._layout import Column, Row, fitting
from quizanalysis.adapters._rows import MOST_ROWS
from quizanalysis.adapters._terminal import print_notes, print_table, remarks

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

__all__ = ["show"]

_COLUMNS = (
    Column(name="position", head="#", always=False),
    Column(name="item_id", head="item", left=True),
    Column(name="title", head="question", left=True, long=True, spare=6, always=False),
    Column(name="n_reference", head="n refe-\nrence", spare=2),
    Column(name="n_focal", head="n\nfocal", spare=2),
    Column(name="odds_ratio", head="odds\nratio", digits=2, spare=4),
    Column(name="delta", head="delta", digits=2),
    Column(name="delta_low", head="from", digits=2, spare=1),
    Column(name="delta_high", head="to", digits=2, spare=1),
    Column(name="p_value", head="p", digits=3, spare=3),
    Column(name="ets_class", head="ETS"),
    Column(name="smd", head="mean dif-\nference", digits=2, spare=5),
    Column(name="favours", head="favours", left=True),
)

_LEGEND = """
delta: -2.35 times the logarithm of the odds ratio; below 0 it favours {reference}
ETS: A negligible, B moderate, C large; too few students can hide a large one
mean difference: in points, {focal} less {reference}, at equal totals
"""


def show(table: "pa.Table", console: "Console") -> None:
    """Print the telling columns, quiz by quiz.

    Parameters
    ----------
    table : pyarrow.Table
        As `dif` makes it.
    console : rich.console.Console
    """
    groups: dict[str, list[Row]] = {}
    for row in table.slice(0, MOST_ROWS).to_pylist():
        groups.setdefault(row["quiz_id"], []).append(_named(row))
    for quiz, rows in groups.items():
        one, two = (_words.one_line(rows[0][name]) for name in ("reference", "focal"))
        heading = f"\n{_words.one_line(quiz)}: {one} (reference) and {two} (focal)\n"
        print_notes(console, [(heading, "bold")])
        columns = fitting(_COLUMNS, rows, console.width)
        print_table(console, columns, rows)
        print_notes(console, [("", ""), *remarks("dif", rows, columns)])
        print_notes(console, [(_LEGEND.format(reference=one, focal=two), "dim")])
    if not groups:
        print_notes(console, [("there are no items", "")])
    if (more := table.num_rows - MOST_ROWS) > 0:
        hint = f"{more:,} more rows are not shown; -o FILE.csv has them all"
        print_notes(console, [(hint, "yellow")])


def _named(row: Row) -> Row:
    """Say by its name which group the item favours."""
    favoured = row["favours"]
    return row if favoured is None else {**row, "favours": row[favoured]}
