"""What a notebook shows of a report: small and safe HTML, whatever it holds."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import _words
from quizanalysis._overview.looking import by_kind, to_look_at, weighty
from quizanalysis._overview.sentences import in_short

__all__ = ["overview"]

Row = Mapping[str, Any]

_QUIZZES, _FINDINGS, _ITEMS = 10, 20, 60
_LONG = 100
_REST = "point_biserial_corrected"
_HEADS = ("no.", "question", "n", "difficulty", "", "r with rest", "")
_CELL = "padding:2px 8px;vertical-align:top;text-align:"
_BAR = "display:inline-block;width:80px;height:9px;border:1px solid currentColor"


def overview(
    summary: pa.Table, items: pa.Table, options: pa.Table, attempt: str
) -> str:
    """Write the summary in words, what to look at, and the items with bars.

    Rows beyond the first are only counted, and texts are cut, so that it stays below
    200 kB.
    """
    found = to_look_at(summary, items, options)
    parts = [*_quizzes(summary, items, attempt), *_findings(found, items)]
    parts += [*_items(items, several=summary.num_rows > 1)]
    return f'<div style="max-width:60em">{"".join(parts)}</div>'


def _quizzes(summary: pa.Table, items: pa.Table, attempt: str) -> Iterator[str]:
    for row in summary.slice(0, _QUIZZES).to_pylist():
        own = items.filter(pc.equal(items["quiz_id"], row["quiz_id"]))
        everywhere = pc.all(pc.equal(own["n_not_shown"].fill_null(1), 0)).as_py()
        told = " ".join(in_short(row, attempt, all_shown=everywhere is not False))
        yield f"<p><strong>{_text(row['quiz_id'])}</strong>: {_text(told, 1_000)}</p>"
    if (more := summary.num_rows - _QUIZZES) > 0:
        yield f"<p>{_words.counted(more, 'more quizzes')} in .summary</p>"


def _findings(found: Sequence[Row], items: pa.Table) -> Iterator[str]:
    look: dict[tuple[str, str | None], list[Row]] = {}
    for row in filter(weighty, found):
        look.setdefault((row["quiz_id"], row["item_id"]), []).append(row)
    if look:
        yield "<p><strong>Look at these first</strong></p><ul>"
        known = {(r["quiz_id"], r["item_id"]): r for r in _named(items)}
        for key, rows in [*look.items()][:_FINDINGS]:
            of = known.get(key)
            about = "" if of is None else f"<strong>{_text(_label(of))}</strong>: "
            others = ", ".join(
                dict.fromkeys(row["finding"].replace("_", " ") for row in rows[1:])
            )
            more = f" Also: {_text(others, 400)}." if others else ""
            yield f"<li>{about}{_text(rows[0]['advice'], 400)}{more}</li>"
        yield "</ul>"
    if (left := len(look) - _FINDINGS) > 0:
        yield f"<p>and {left:,} more</p>"
    for outcome, title in (
        ("look", "Of less weight"),
        ("cannot tell", "Not to be decided with these students"),
    ):
        kinds = [f"{name} ({len(rows):,})" for name, rows in by_kind(found, outcome)]
        if kinds:
            yield f"<p>{title}: {_text(', '.join(kinds), 1_000)}</p>"


def _named(items: pa.Table) -> Sequence[Row]:
    names = ["quiz_id", "item_id", "position", "title"]
    rows: Sequence[Row] = items.select(names).to_pylist()
    return rows


def _items(items: pa.Table, *, several: bool) -> Iterator[str]:
    heads = ("quiz", *_HEADS) if several else _HEADS
    yield '<table style="border-collapse:collapse"><thead><tr>'
    yield "".join(f'<t{_kind(h)} style="{_CELL}left">{h}</t{_kind(h)}>' for h in heads)
    yield "</tr></thead><tbody>"
    for row in items.slice(0, _ITEMS).to_pylist():
        title = row["title"] or row["item_id"]
        place = row["position"] if row["position"] is not None else ""
        cells = [
            (f"{place}", "right"),
            (_text(title), "left"),
            (_words.points(row["n"]), "right"),
            (_words.number(row["difficulty"], 2), "right"),
            (_bar(row["difficulty"]), "left"),
            (_words.number(row[_REST], 2), "right"),
            (_bar(row[_REST]), "left"),
        ]
        if several:
            cells.insert(0, (_text(row["quiz_id"]), "left"))
        yield f"<tr>{_cells(cells)}</tr>"
    yield "</tbody></table>"
    if (more := items.num_rows - _ITEMS) > 0:
        yield f"<p>{_words.counted(more, 'more items')} in .item_analysis</p>"


def _kind(head: str) -> str:
    """The column of a bar has no head of its own."""
    return "h" if head else "d"


def _cells(cells: Iterable[tuple[str, str]]) -> str:
    return "".join(f'<td style="{_CELL}{side}">{text}</td>' for text, side in cells)


def _bar(value: float | None) -> str:
    """A bar from 0 to 1; nothing where the figure is null, or a word where below 0."""
    if value is None:
        return ""
    if value < 0:
        return "below 0"
    inner = f"display:block;height:100%;width:{100 * min(value, 1.0):.0f}%"
    fill = f'<span style="{inner};background:currentColor"></span>'
    return f'<span aria-hidden="true" style="{_BAR}">{fill}</span>'


def _label(row: Row) -> str:
    title = _words.one_line(row["title"] or row["item_id"])
    return title if row["position"] is None else f"{row['position']}. {title}"


def _text(text: object, most: int = _LONG) -> str:
    """One line of it, cut, that cannot be markup."""
    words = _words.one_line(text) if most == _LONG else _words.printable(str(text))
    return escape(words if len(words) <= most else words[:most] + "…")
