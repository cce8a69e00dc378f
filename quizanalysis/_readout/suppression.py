"""Which figures of a table rest on too few, or would tell a count that does."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._counts.named import sorted_names
from quizanalysis._counts.parts import distinct
from quizanalysis._disclosure import Count, Disclosure, Spread, Sum
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.cells import complemented, small, with_another
from quizanalysis.schema import Column

Hidden = dict[str, Mask]
"""For each column or count, in which rows it is hidden."""

_DECIMALS = 6
"""Of a count: groups with ties in part are fractions, and sums of these roundings."""


def find_hidden(
    table: pa.Table, columns: Sequence[Column], disclosure: Disclosure, least: int
) -> Hidden:
    """Decide for each column where it is hidden.

    First the counts of somebody but of fewer than `least`; then, until nothing changes,
    what they rest on and what they could be found from by adding and subtracting.
    """
    figures = Figures(table)
    for count in disclosure.counts:
        figures[count.name] = np.round(_counted(figures, count), _DECIMALS)
    declared = {one.name: one.rests_on for one in columns}
    known = [declared.get(name) for name in table.column_names]
    names = {name for rests_on in known for name in rests_on or ()}
    names |= {part for one in disclosure.sums for part in one.parts}
    names |= {name for one in disclosure.spreads for name in one.of}
    cells = {name: small(figures[name], least) for name in sorted(names)}
    before = -1
    while before != (before := sum(int(cell.sum()) for cell in cells.values())):
        for name in cells:
            cells[name] = _any([cells[one] for one in declared.get(name) or (name,)])
        for added in disclosure.sums:
            _hide_more(figures, cells, added, least)
        for spread in disclosure.spreads:
            _hide_along(figures, cells, spread)
    every = np.ones(table.num_rows, bool)
    return {
        name: every if rests_on is None else _any([cells[one] for one in rests_on])
        for name, rests_on in zip(table.column_names, known, strict=True)
        if rests_on != ()
    }


class Figures(dict[str, npt.NDArray[Any]]):
    """The columns of a table as they are asked for: null numbers are 0.

    ``ddof`` is that of the standard deviations.
    """

    def __init__(self, table: pa.Table) -> None:
        made = json.loads((table.schema.metadata or {}).get(b"made", b"{}"))
        ddof = (made.get("options") or {}).get("ddof", 1)
        super().__init__(ddof=np.full(table.num_rows, float(ddof)))
        self.table = table
        self._groups: dict[tuple[str, ...], Ints] = {}

    def __missing__(self, name: str) -> npt.NDArray[Any]:
        column = self.table[name]
        if pa.types.is_string(column.type):
            self[name] = np.asarray(column.to_pylist(), object)
        else:
            numbers = column.cast(pa.float64())
            self[name] = np.nan_to_num(np.asarray(numbers, np.float64))
        return self[name]

    def groups(self, names: tuple[str, ...]) -> Ints:
        """Number the rows that agree in these columns; each row is one of none."""
        if names not in self._groups:
            columns = [self._codes(name) for name in names]
            rows = np.arange(self.table.num_rows)
            self._groups[names] = distinct(columns)[1] if columns else rows
        return self._groups[names]

    def _codes(self, name: str) -> Ints:
        column = self.table[name]
        if pa.types.is_string(column.type):
            return sorted_names(column.fill_null(""))[1]
        return np.unique(self[name], return_inverse=True)[1]


def _counted(figures: Figures, count: Count) -> Floats:
    value = np.asarray(count.value(figures), np.float64)
    if count.over is None:
        return value
    group = figures.groups(count.within)
    result = np.zeros(len(value))
    (np.add if count.over == "sum" else np.maximum).at(result, group, value)
    return result[group]


def _any(masks: Iterable[Mask]) -> Mask:
    return np.asarray(np.logical_or.reduce(list(masks)))


def _hide_more(figures: Figures, cells: Hidden, added: Sum, least: int) -> None:
    group = figures.groups(added.within)
    values: list[Floats] = [figures[name] for name in added.parts]
    hidden = [cells[name] for name in added.parts]
    if added.unlike:
        (name,) = added.parts
        cells[name] = with_another(group, cells[name], values[0])
        return
    if added.together:
        found = complemented(group, _any(hidden), values, least)
        cells.update(dict.fromkeys(added.parts, found))
        return
    n, width = len(group), len(added.parts)
    last = [_last(figures, added, name) for name in added.parts]
    if added.once is not None:
        # A part that is published nowhere, unless it is small, hides the others.
        rest = small(figures[added.once], least)
        rest &= np.diff(group, prepend=-1) != 0
        values.append(figures[added.once][rest])
        hidden.append(np.ones(rest.sum(), bool))
        last.append(np.zeros(rest.sum(), bool))
        group = np.concatenate([group, group[rest]])
    found = complemented(
        np.concatenate([*[group[:n]] * width, group[n:]]),
        np.concatenate(hidden),
        [np.concatenate(values)],
        least,
        last=np.concatenate(last),
    )
    for at, name in enumerate(added.parts):
        cells[name] = found[at * n : (at + 1) * n]


def _last(figures: Figures, added: Sum, name: str) -> Mask:
    """Which rows of a part are hidden after all others."""
    if added.last is None or added.last in added.parts:
        return np.full(figures.table.num_rows, added.last == name)
    return np.asarray(figures[added.last], bool)


def _hide_along(figures: Figures, cells: Hidden, spread: Spread) -> None:
    group = figures.groups(spread.within)
    some = _any([cells[name] for name in spread.of])
    cells[spread.to] = cells[spread.to] | (np.bincount(group, weights=some)[group] > 0)
