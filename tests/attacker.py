"""An attacker: proves hidden counts from everything that one report publishes.

It knows the quiz, the documentation and that scores are whole points, and imports
nothing of the library. `prove` finds ``{(table, place, name): value}`` of what has the
same value in every class that could have led to the report.
"""

from dataclasses import dataclass, field

import numpy as np
from attacker_equations import WHOLE, ContradictionError, Equations
from attacker_figures import (
    EXACT,
    OF_GRID,
    Grid,
    by_ends,
    by_figures,
    by_own_totals,
    by_spread_of_totals,
    cells_of,
    spreads,
    sums_of_scatter,
)
from attacker_groups import of_groups, some_shown
from attacker_summary import beside_items
from attacker_totals import of_totals

ATTACKS = (
    "ends",
    "figures",
    "correlations",
    "subtraction",
    "summary",
    "totals",
    "groups",
)
EXTREMES = ("min", "max")
"""Scores that must not be told where few have them."""

_PARTS = ("n", "n_not_shown", "n_not_graded")
_COUNTS = (*_PARTS, "n_blank")
_FEW_CELLS = 60
"""Ways to divide the responses of one item that one problem takes on."""


@dataclass
class Attack:
    """What is known, and what of it is used."""

    published: object
    uses: frozenset
    grids: dict = field(default_factory=dict)
    undecided: int = 0


def prove(published, uses=ATTACKS):
    """Find the counts that are certain, and how many problems were left undecided.

    Parameters
    ----------
    published : attacker_classes.Published
    uses : collection of str
        Which of `ATTACKS`.
    """
    attack = Attack(published, frozenset(uses))
    _divide(attack)
    equations = _equations(attack)
    found = equations.proved(
        [key for key in equations.place if key[0] not in {"cell", "some"}]
    )
    attack.undecided += equations.undecided
    if "groups" in attack.uses:
        for item in published.items:
            if some_shown(published, item):
                own = of_groups(published, item, found)
                found |= own.proved([*own.place])
                attack.undecided += own.undecided
    if "totals" in attack.uses:
        more, undecided = of_totals(published)
        found |= more
        attack.undecided += undecided
    return found, attack.undecided


def is_secret(key, truth, least):
    """Whether a count, or an extreme score that few have, must not be told."""
    table, place, name = key
    value = truth[table, place, f"n_{name}" if name in EXTREMES else name]
    return 0 < value < least


def told(found, truth, least):
    """The secrets among what was found, and what was found and is not true."""
    known = {key: value for key, value in found.items() if key in truth}
    wrong = {
        key: value for key, value in known.items() if abs(value - truth[key]) > 1e-4
    }
    secret = {key for key in known if is_secret(key, truth, least)}
    return {key: truth[key] for key in secret - wrong.keys()}, wrong


def submissions(published, section):
    """How many are asked in a section, where some item tells; else None."""
    for (own, _), row in published.rows.items():
        if own == section and None not in (counts := [row[name] for name in _PARTS]):
            return sum(counts)
    return None


# ---- one item after the other --------------------------------------------------------


def _divide(attack):
    """Leave of each item the ways to divide its responses that its figures allow."""
    published = attack.published
    for (section, name), row in published.rows.items():
        n, size = row["n"], submissions(published, section)
        if n is None and section == WHOLE:
            shown = {o["n_item"] for o in published.options if o["item_id"] == name}
            n = (shown - {None} or {None}).pop()
        if n is None and size is None:
            continue
        if n is None and published.items[name].half:
            continue
        sizes = range(size + 1) if n is None else range(n, n + 1)
        grid = Grid(published.items[name], row, sizes)
        grid.ends = "ends" in attack.uses
        grid.keep(grid.right + grid.half + (row["n_blank"] or 0) <= grid.n)
        if "figures" in attack.uses:
            by_figures(grid)
        if "ends" in attack.uses:
            by_ends(grid)
        if "correlations" in attack.uses:
            by_own_totals(grid)
        _some(grid)
        attack.grids[section, name] = grid
    if "correlations" in attack.uses:
        for section in (WHOLE, *published.sections):
            _by_common_totals(attack, section)


def _some(grid):
    if not len(grid):
        msg = f"no way is left to divide the responses to {grid.row['item_id']}"
        raise ContradictionError(msg)


def _everybody(attack, section):
    """The items that everybody of a section has: their totals are the same ones."""
    size = submissions(attack.published, section)
    return [
        grid
        for (own, _), grid in attack.grids.items()
        if own == section and size and (grid.n == size).all()
    ]


def _by_common_totals(attack, section):
    """Use the one standard deviation of the totals that all these items share."""
    grids, summary = _everybody(attack, section), attack.published.summary
    if section == WHOLE and summary.get("sd") and summary["n"]:
        known = [(summary["sd"], EXACT * (1 + summary["sd"]))]
        grids = [grid for grid in grids if (grid.n == summary["n"]).all()]
    else:
        own = [
            np.round(found[1], 7)
            for grid in grids
            if (found := spreads(grid)) is not None
        ]
        common = set.intersection(*({*some.tolist()} for some in own)) if own else set()
        known = [(value, 1e-7) for value in common]
    if len(known) != 1:
        return
    ((total, error),) = known
    for grid in grids:
        by_spread_of_totals(grid, total, error)
        _some(grid)
    if len(grids) == len(attack.published.items) and error <= 1e-7:
        sums = [sums_of_scatter(grid, len(grids), total) for grid in grids]
        allowed = [{*one[~np.isnan(one)].tolist()} for one in sums if one is not None]
        common = set.intersection(*allowed) if allowed else set()
        for grid, one in zip(grids, sums, strict=True):
            if common and one is not None:
                grid.keep(np.isin(one, [*common]))


# ---- all counts together -------------------------------------------------------------


def _equations(attack):
    published, equations = attack.published, Equations()
    for (section, item), row in published.rows.items():
        _item(equations, section, item, row, attack)
    for section in (WHOLE, *published.sections):
        _complete(equations, section, published)
    if "subtraction" in attack.uses:
        if published.sections:
            _add_sections(equations, published)
        _exclusions(equations, published)
        _options(equations, published)
    if "summary" in attack.uses:
        beside_items(equations, published, attack.grids)
    return equations


def _item(equations, section, item, row, attack):
    """One row: its counts add up, and are what its figures allow."""
    place, half = (section, item), attack.published.items[item].half
    names = (*_COUNTS, "right", "half", "wrong")
    n, shown, waiting, blank, right, part, wrong = (("items", place, x) for x in names)
    for name in names:
        value = row.get(name)
        low, high = (0, np.inf) if value is None else (value, value)
        equations.let(("items", place, name), low, high)
    if not half:
        equations.let(part, 0, 0)
    everyone = ("items", (section,), "submissions")
    equations.let(everyone, 0)
    equations.add({n: 1, shown: 1, waiting: 1, everyone: -1}, 0)
    equations.add({n: 1, right: -1, part: -1, wrong: -1}, 0)
    equations.add({wrong: 1, blank: -1}, 0, np.inf)
    if (grid := attack.grids.get(place)) is None:
        return
    for name in OF_GRID:
        values = getattr(grid, name)
        equations.let(("items", place, name), values.min(), values.max())
    if 1 < len(grid) <= _FEW_CELLS and not _is_range(grid):
        cells_of(equations, place, grid)


def _is_range(grid):
    """Whether bounds say all: one n, and every number of right answers in a row."""
    alone = np.ptp(grid.n) == 0 and np.ptp(grid.half) == 0
    return alone and len(grid) == np.ptp(grid.right) + 1


def _complete(equations, section, published):
    """Those with every item that anybody has are among those of each."""
    rows = {item: row for (own, item), row in published.rows.items() if own == section}
    told = {row["n_complete"] for row in rows.values()}
    if section == WHOLE:
        told.add(published.summary.get("n_complete"))
    value = (told - {None} or {None}).pop()
    low, high = (0, np.inf) if value is None else (value, value)
    complete, everyone, lacking = (
        ("items", (section,), name) for name in ("n_complete", "submissions", "lacking")
    )
    equations.let(complete, low, high)
    equations.let(lacking, 0)
    equations.add({complete: 1, lacking: 1, everyone: -1}, 0)
    size = submissions(published, section) or 1000
    for item, row in rows.items():
        n = ("items", (section, item), "n")
        if row["n"]:
            equations.add({n: 1, complete: -1}, 0, np.inf)
        elif row["n"] is None:
            some = ("some", (section, item), "n")
            equations.let(some, 0, 1)
            equations.add({n: 1, some: -size}, -np.inf, 0)
            equations.add({n: 1, some: -1}, 0, np.inf)
            equations.add({n: 1, complete: -1, some: -size}, -size, np.inf)
    terms = {("items", (section, item), "n"): 1 for item in rows}
    equations.add({**terms, everyone: 1 - len(rows), complete: -1}, -np.inf, 0)


def _add_sections(equations, published):
    """Each student is in one section."""
    names = (*_COUNTS, "right", "half", "wrong")
    for item in published.items:
        for name in names:
            parts = {("items", (one, item), name): 1 for one in published.sections}
            equations.add({**parts, ("items", (WHOLE, item), name): -1}, 0)
    parts = {("items", (one,), "submissions"): 1 for one in published.sections}
    equations.add({**parts, ("items", (WHOLE,), "submissions"): -1}, 0)
    parts = {("items", (one,), "n_complete"): 1 for one in published.sections}
    equations.add({**parts, ("items", (WHOLE,), "n_complete"): -1}, 0, np.inf)


def _exclusions(equations, published):
    """What was read, less what was left out, is analysed."""
    if not published.exclusions:
        return
    for unit in ("submissions", "responses"):
        terms = {}
        for row in published.exclusions:
            if row["unit"] == unit:
                key = ("exclusions", (unit,), row["reason"])
                n, always = row["n"], row["reason"] in {"read", "analysed"}
                low = 1 - always if n is None else n
                equations.let(key, low, np.inf if n is None else n)
                sign = {"read": 1}.get(row["reason"], -1 if row["left_out"] else 0)
                terms[key] = -1 if row["reason"] == "analysed" else sign
        equations.add(terms, 0)
    for reason, name in (
        ("analysed", "n"),
        ("blank, counted as 0", "n_blank"),
        ("not graded yet", "n_not_graded"),
    ):
        parts = {("items", (WHOLE, item), name): 1 for item in published.items}
        key = ("exclusions", ("responses",), reason)
        equations.add({**parts, key: -1} if key in equations.place else parts, 0)
    _account(equations, published)


def _account(equations, published):
    """What the summary and the command say of the same submissions."""
    analysed, everyone = (
        ("exclusions", ("submissions",), "analysed"),
        ("items", (WHOLE,), "submissions"),
    )
    if (n := published.summary["n"]) is not None:
        equations.let(analysed, n, n)
    read, gone = (
        ("exclusions", ("submissions",), x) for x in ("read", "nothing graded yet")
    )
    earlier = {
        ("exclusions", (row["unit"],), row["reason"]): 1
        for row in published.exclusions
        if row["unit"] == "submissions" and "attempt" in row["reason"]
    }
    equations.let(read)
    equations.let(everyone)
    equations.add({read: 1, everyone: -1, **dict.fromkeys(earlier, -1)}, 0)
    equations.let(gone, 0, np.inf)
    equations.add({everyone: 1, analysed: -1, gone: -1}, 0)
    extra = ("exclusions", ("submissions",), "earlier")
    if told := published.account:
        equations.let(everyone, told["students"], told["students"])
        equations.let(extra, *(2 * [told["submissions"] - told["students"]]))


def _options(equations, published):
    """Choosers of the options, and those of none, are those who have the item."""
    rows = {}
    for row in published.options:
        rows.setdefault(row["item_id"], []).append(row)
    for item, own in rows.items():
        _choosers(equations, item, own, published.items[item])
    for item, own in rows.items():
        n, told = ("items", (WHOLE, item), "n"), {row["n_item"] for row in own} - {None}
        for value in told:
            equations.let(n, value, value)


def _choosers(equations, item, rows, about):
    keys = [("options", (item, row["option"]), "n") for row in rows]
    # A number of nobody is not hidden, the documentation says, unless all are; and an
    # option that is not declared is only listed when somebody chose it.
    every = about.declared and all(row["n"] is None for row in rows)
    for key, row in zip(keys, rows, strict=True):
        low, high = (1 - every, np.inf) if row["n"] is None else (row["n"], row["n"])
        equations.let(key, low, high)
    nobody, n = ("options", (item,), "nobody"), ("items", (WHOLE, item), "n")
    equations.let(nobody, 0)
    equations.add({**dict.fromkeys(keys, 1), nobody: 1, n: -1}, 0)
    equations.add({nobody: 1, ("items", (WHOLE, item), "n_blank"): -1}, 0)
    right = [key for key, row in zip(keys, rows, strict=True) if row["option"] == "A"]
    equations.add({("items", (WHOLE, item), "right"): -1, **dict.fromkeys(right, 1)}, 0)
    if about.half:
        part = [
            key for key, row in zip(keys, rows, strict=True) if row["option"] == "B"
        ]
        equations.add(
            {("items", (WHOLE, item), "half"): -1, **dict.fromkeys(part, 1)}, 0
        )
