"""What the findings of a report leave to look at: all that is not fine."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._findings.table import found_in

__all__ = ["by_kind", "by_question", "to_look_at", "weighty"]

Row = Mapping[str, Any]


def to_look_at(summary: pa.Table, items: pa.Table, options: pa.Table) -> list[Row]:
    """The findings of these tables that are not fine, the most telling first."""
    found = found_in(summary, items, options)
    rows: list[Row] = found.filter(pc.not_equal(found["outcome"], "fine")).to_pylist()
    return rows


def weighty(row: Row) -> bool:
    """Whether a finding is to be looked at first.

    Examples
    --------
    >>> weighty({"outcome": "look", "severity": "low"})
    False
    """
    return bool(row["outcome"] == "look" and row["severity"] != "low")


def by_question(found: Iterable[Row]) -> list[tuple[str | None, list[Row]]]:
    """What to look at first, the findings of a question together; None: of the quiz."""
    groups: dict[str | None, list[Row]] = {}
    for row in filter(weighty, found):
        groups.setdefault(row["item_id"], []).append(row)
    return list(groups.items())


def by_kind(found: Iterable[Row], outcome: str) -> list[tuple[str, Sequence[Row]]]:
    """What weighs less and has this outcome, the questions of a finding together.

    Examples
    --------
    >>> row = {"finding": "too_easy", "severity": "low", "outcome": "look"}
    >>> [name for name, _ in by_kind([row], "look")]
    ['too easy']
    """
    groups: dict[str, list[Row]] = {}
    for row in found:
        if row["outcome"] == outcome and not weighty(row):
            groups.setdefault(row["finding"].replace("_", " "), []).append(row)
    return list(groups.items())
