"""What the choosers in groups of students, by their totals, tell of an item."""

import math

import numpy as np
from attacker_equations import WHOLE, Equations
from attacker_figures import EXACT

_ROUNDING = 1e-6


def some_shown(published, item):
    """Whether there is anything to add to, or to take from."""
    rows = [row for row in published.options if row["item_id"] == item]
    shown = {
        row[name] is not None
        for row in rows
        for name in ("n_upper", "n_middle", "n_lower")
    }
    traces = [row for row in published.traces if row["item_id"] == item]
    return len(shown) == 2 or len(shown | {row["n"] is not None for row in traces}) == 2


def of_groups(published, item, found):
    """Choosers in the upper, middle and lower group, and along the totals."""
    equations, rows = (
        Equations(),
        [r for r in published.options if r["item_id"] == item],
    )
    names = ("n_upper", "n_middle", "n_lower")
    n = found.get(("items", (WHOLE, item), "n"))
    columns = {name: {} for name in names}
    for row in rows:
        place = (item, row["option"])
        key = ("options", place, "n")
        known = found.get(key)
        low, high = (0, np.inf) if known is None else (known, known)
        equations.let(key, low, high)
        for name in names:
            own = ("options", place, name)
            ends = (0, np.inf) if row[name] is None else (row[name], row[name])
            equations.let(own, *ends, whole=False)
            columns[name][own] = 1
        parts = {("options", place, name): 1 for name in names}
        equations.add({**parts, key: -1}, -_ROUNDING, _ROUNDING)
        _traces(equations, published, place, key)
    if n and rows:
        size = min(max(1, math.floor(0.27 * n + 0.5 + EXACT)), n // 2)
        for name, most in zip(names, (size, n - 2 * size, size), strict=True):
            nobody = found.get(("options", (item,), "nobody"))
            least = most - _ROUNDING if nobody == 0 else 0
            equations.add(columns[name], least, most + _ROUNDING)
    return equations


def _traces(equations, published, place, key):
    own = [row for row in published.traces if (row["item_id"], row["option"]) == place]
    terms = {}
    for row in own:
        cell = ("traces", (*place, row["group"]), "n")
        low, high = (0, np.inf) if row["n"] is None else (row["n"], row["n"])
        equations.let(cell, low, high, whole=False)
        terms[cell] = 1
    if own:
        equations.add({**terms, key: -1}, -_ROUNDING, _ROUNDING)
