"""Which figures of each table rest on too few, or would tell a count that does."""

from collections.abc import Callable, Iterable, Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import sorted_names
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Floats, Ints, Mask
from quizanalysis._readout.cells import complemented, small

Hidden = dict[str, Mask]
"""For each column where it is hidden."""

_DESCRIBED = frozenset(
    {
        *("quiz_id", "section", "item_id", "position", "item_type", "title"),
        *("option", "text", "correct", "key_inferred", "points_inferred"),
        *("points_possible", "n_items", "totals_comparable", "undefined"),
        *("reference", "focal", "unit", "reason", "left_out"),
    }
)
"""What is said of the quiz itself, whoever takes it."""

_COUNTS = ("n", "n_not_shown", "n_not_graded")
"""Of an item they add up to the submissions, which other items tell."""

_OF_COMPLETE = ("alpha", "alpha_low", "alpha_high", "sem", "alpha_if_deleted")
_SCORES = ("mean", "sd", "difficulty", "correct_ratio", "biserial")
"""Of an item scored right or wrong each tells how many were right."""

_EXTREMES = ("min", "max")
"""The score of one student."""


def _item_analysis(table: pa.Table, least: int) -> Hidden:
    n, shown, waiting = (_numbers(table, name) for name in _COUNTS)
    parts = [n, shown, waiting]
    row, order = np.arange(len(n)), np.arange(3)
    flat = np.stack(parts, axis=1).ravel()
    hidden = complemented(
        np.repeat(row, 3),
        small(flat, least),
        [flat],
        least,
        last=np.tile(order == 0, len(n)),
    ).reshape(-1, 3)
    return _of_items(table, least, dict(zip(_COUNTS, hidden.T, strict=True)))


def _by_section(table: pa.Table, least: int) -> Hidden:
    counts = [_numbers(table, name) for name in _COUNTS]
    some = np.logical_or.reduce([small(count, least) for count in counts])
    item = _groups(table, ("quiz_id", "item_id"))
    # A section without the item is as good a second one: who knows that it has none?
    every = counts[0] + counts[1] + counts[2]
    some = complemented(item, some, [counts[0], every], least)
    found = _of_items(table, least, dict.fromkeys(_COUNTS, some))
    # Where all have every item, the n of each is known.
    owner = _groups(table, _owners(table))
    whole = _numbers(table, "n_complete") >= _most(every, owner)
    some_row = np.bincount(owner[some], minlength=len(owner))[owner] > 0
    found["n_complete"] |= some_row & whole
    for name in ("n_blank", "n_complete"):
        found[name] = complemented(item, found[name], [_numbers(table, name)], least)
    return found


def _of_items(table: pa.Table, least: int, hidden: Hidden) -> Hidden:
    """Hide what rests on the hidden counts, and what would tell them."""
    n, blank, shown, waiting, complete = (
        _numbers(table, name) for name in ("n", "n_blank", *_COUNTS[1:], "n_complete")
    )
    rows = hidden["n"]
    everyone = _most(n + shown + waiting, _groups(table, _owners(table)))
    right = np.rint(_numbers(table, "correct_ratio") * n)
    told = rows | small(right, least) | small(n - right, least)
    cut = small(_numbers(table, "n_upper"), least)
    cut |= small(_numbers(table, "n_lower"), least) | rows
    few = small(complete, least)
    # A blank is one of the n or, left out, one of those not shown.
    others = small(n - blank, least) | small(shown - blank, least)
    found = dict.fromkeys(_figures(table), rows) | hidden
    found |= dict.fromkeys(_SCORES, told) | dict.fromkeys(_EXTREMES, n >= 0)
    found |= dict.fromkeys(("discrimination", "n_upper", "n_lower"), cut)
    found["n_blank"] = rows | small(blank, least) | others
    found["n_complete"] = few | small(everyone - complete, least)
    found["alpha_if_deleted"] = few
    return found


def _option_analysis(table: pa.Table, least: int) -> Hidden:
    n, base = _numbers(table, "n"), _numbers(table, "n_item")
    item = _groups(table, ("quiz_id", "item_id"))
    key = np.asarray(table["correct"], bool)
    whole = small(base, least)
    # Those who chose nothing are a cell too, which the other counts would tell.
    first = np.flatnonzero(np.diff(item, prepend=-1))
    chosen = np.add.reduceat(n, first) if len(first) else n
    rest = base[first] - chosen
    few = small(rest, least)
    rows = complemented(
        np.concatenate([item, item[first][few]]),
        np.concatenate([small(n, least) | whole, few[few]]),
        [np.concatenate([n, rest[few]])],
        least,
        last=np.concatenate([key, few[few] & False]),
    )[: len(n)]
    names = ("n_upper", "n_middle", "n_lower")
    cut = [_numbers(table, name) for name in names]
    some = np.logical_or.reduce([small(group, least) for group in cut]) | rows
    some = complemented(item, some, cut, least)
    found = dict.fromkeys(_figures(table), rows)
    return found | dict.fromkeys(names, some) | {"n_item": whole}


def _option_traces(table: pa.Table, least: int) -> Hidden:
    """One small cell hides all of its item: its options and its groups both add up."""
    n, base = _numbers(table, "n"), _numbers(table, "n_group")
    item = _groups(table, ("quiz_id", "item_id"))
    _, cell = distinct([item, np.asarray(table["group"], np.int64)])
    # Those of a group who chose nothing; ties make fractions, and these roundings.
    rest = np.round(base - np.bincount(cell, weights=n)[cell], 6)
    some = small(np.round(n, 6), least) | small(base, least) | small(rest, least)
    hidden = np.bincount(item, weights=some)[item] > 0
    return dict.fromkeys(("n", "n_group", "ratio"), hidden)


def _summary(table: pa.Table, least: int) -> Hidden:
    n, complete = _numbers(table, "n"), _numbers(table, "n_complete")
    rows, few = small(n, least), small(complete, least)
    found = dict.fromkeys(_figures(table), rows) | dict.fromkeys(_EXTREMES, n >= 0)
    found |= {name: few for name in _OF_COMPLETE if name in found}
    found["n_complete"] = few | small(n - complete, least)
    return found


def _dif(table: pa.Table, least: int) -> Hidden:
    one, two, matched = (
        _numbers(table, name) for name in ("n_reference", "n_focal", "n_matched")
    )
    rows = small(one, least) | small(two, least) | small(matched, least)
    left = small(one + two - matched, least)
    return dict.fromkeys(_figures(table), rows) | {"n_matched": rows | left}


def _exclusions(table: pa.Table, least: int) -> Hidden:
    """Where one of the parts is hidden, so is what was read: the sum of them all."""
    n = _numbers(table, "n")
    of_people = pc.invert(pc.is_in(table["unit"], pa.array(["items", "columns"])))
    hidden = small(n, least) & np.asarray(of_people, bool)
    read, done = (
        np.asarray(pc.equal(table["reason"], word), bool)
        for word in ("read", "analysed")
    )
    part = done | np.asarray(table["left_out"], bool)
    group = _groups(table, ("quiz_id", "unit"))
    begun = np.bincount(group[hidden & part], minlength=len(n))[group] > 0
    return {"n": hidden | (read & begun)}


RULES: Mapping[str, Callable[[pa.Table, int], Hidden]] = {
    "item_analysis": _item_analysis,
    "item_analysis_by_section": _by_section,
    "option_analysis": _option_analysis,
    "option_traces": _option_traces,
    "summary": _summary,
    "dif": _dif,
    "exclusions": _exclusions,
}
"""What is hidden of each table, by its name."""


def _figures(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name not in _DESCRIBED]


def _owners(table: pa.Table) -> tuple[str, ...]:
    return tuple(name for name in ("section", "quiz_id") if name in table.column_names)


def _numbers(table: pa.Table, name: str) -> Floats:
    """A column of figures; 0 where there is none."""
    return np.nan_to_num(np.asarray(table[name].cast(pa.float64()), np.float64))


def _groups(table: pa.Table, names: Iterable[str]) -> Ints:
    """Number the rows that agree in these columns."""
    columns = [table[name].fill_null("") for name in names]
    return distinct([sorted_names(column)[1] for column in columns])[1]


def _most(value: Floats, group: Ints) -> Floats:
    """The greatest value of the group of each row."""
    result = np.zeros(len(value))
    np.maximum.at(result, group, value)
    return result[group]
