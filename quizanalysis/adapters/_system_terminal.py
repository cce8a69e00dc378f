"""Another system's report for a person at a terminal."""

from typing import TYPE_CHECKING

from quizanalysis.adapters import _systems
from quizanalysis.adapters._layout import NOTHING, fitting
from quizanalysis.adapters._system_columns import NOTES, columns, rows
from quizanalysis.adapters._terminal import Note, print_notes, print_table

if TYPE_CHECKING:
    import pyarrow as pa
    from rich.console import Console

__all__ = ["show"]

_MOST_ROWS = 1000


def show(
    table: "pa.Table",
    system: str,
    command: str,
    about: tuple[str, str],
    console: "Console",
) -> None:
    """Print the telling columns of a system's table, and whose they are.

    Parameters
    ----------
    table : pyarrow.Table
    system, command : str
        The convention, and the report's name.
    about : tuple of str
        Of what the report is, and which attempts count; the latter may be empty.
    console : rich.console.Console
    """
    cells, n = rows(table, system, command, _MOST_ROWS)
    what, attempt = about
    title, report = _systems.TITLES[system], command.replace("_", " ")
    heading = f"\n{what}: {report} as in {title}\n"
    print_notes(console, [(heading, "bold")])
    if cells:
        kept = fitting([*columns(table, system, command)], cells, console.width)
        print_table(console, kept, cells)
    else:
        print_notes(console, [(NOTHING[command], "")])
    said = [f"by the rules of {title}, under its names", attempt]
    notes: list[Note] = [("\n" + "; ".join(filter(None, said)), "")]
    notes.append((NOTES.get((system, command), ""), "dim"))
    if n > _MOST_ROWS:
        more = f"{n - _MOST_ROWS:,} more rows are not shown; -o FILE.csv has them all"
        notes.append((more, "yellow"))
    print_notes(console, [note for note in notes if note[0]])
