"""Why two systems give different figures of the same submissions, rule by rule."""

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from typing import TypeVar, get_args

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Floats, Mask
from quizanalysis._refusals import need_kind, not_there
from quizanalysis.conventions._ruled import Input, alpha_values, item_values, prepared
from quizanalysis.conventions._rules import (
    ALPHA,
    FIGURES,
    ITEM_FIGURES,
    WORDS,
    Rules,
    System,
)
from quizanalysis.responses import Responses

T = TypeVar("T")

_SAME, _NOISE = 1e-12, 1e-14
_CORRELATIONS = frozenset({"point_biserial", "point_biserial_corrected"})

_SCHEMA = pa.schema(
    [
        ("quiz_id", pa.string()),
        ("item_id", pa.string()),
        ("figure", pa.string()),
        ("value_a", pa.float64()),
        ("value_b", pa.float64()),
        ("rule", pa.string()),
        ("rule_a", pa.string()),
        ("rule_b", pa.string()),
        ("alone", pa.float64()),
        ("after", pa.float64()),
        ("contribution", pa.float64()),
    ]
)


def explain(
    responses: Responses, a: System, b: System, item_id: str | None = None
) -> pa.Table:
    """Say which figures differ between two systems, and how much each rule does.

    Parameters
    ----------
    responses : Responses
        With all attempts.
    a, b : {"quizanalysis", "canvas-classic", "new-quizzes", "moodle", "psych", "ctt"}
        The systems; ``quizanalysis`` are our own definitions.
    item_id : str, optional
        Only the figures of this item.

    Returns
    -------
    pyarrow.Table
        One row for each figure that differs and each rule that has a part in it:

        - ``quiz_id``, ``item_id`` (null: of the quiz), ``figure`` by our name;
        - ``value_a``, ``value_b``: what the systems say; null where they say nothing;
        - ``rule``, and what it is in each system, in words: ``rule_a``, ``rule_b``;
        - ``alone``: the figure of ``a`` with only this rule as in ``b``;
        - ``after``: the figure of ``a`` with this rule and those above it as in ``b``;
        - ``contribution``: ``after`` less what it was before.

        By quiz and position, alpha first.

    Raises
    ------
    ValueError
        For a system or an item that does not exist; with ``psych``, for more questions
        than `r_psych` takes.

    Notes
    -----
    Rules are changed one after another, in the order in which they act: attempt,
    students, score, not graded, blank, missing, items, total, own item, divisor, ties,
    least, rounding. So the contributions to a figure add up to ``value_b - value_a``;
    another order would share out differently what two rules do together, which
    ``alone`` shows. Where ``after`` is null, the next contribution counts from the last
    figure that was there.

    Compared are the figures that both systems have: n, mean, sd, difficulty,
    discrimination, the point-biserials and alpha. Where one system has the correlation
    with the total and the other that with the rest, these are compared, and the own
    item in the total is a rule. Moodle's and psych's correlations and alphas stand as
    fractions of 1.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> scores = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> course = qa.Responses.from_matrix(scores, points_possible=1)
    >>> table = explain(course, "canvas-classic", "quizanalysis", item_id="i1")
    >>> for row in table.to_pylist():
    ...     print(row["figure"], round(row["value_a"], 4), round(row["value_b"], 4))
    ...     print(row["rule_a"], "->", row["rule_b"])
    sd 0.433 0.5
    variances divided by n -> variances divided by n - 1
    """
    for system in (a, b):
        if system not in get_args(System):
            known = ", ".join(get_args(System))
            msg = f"there is no system {system!r}, only {known}"
            raise ValueError(msg)
    need_kind("Responses are", responses, Responses)
    given = prepared(responses)
    items = given.items["item_id"].to_pylist()
    if item_id is not None and item_id not in items:
        raise ValueError(not_there("item", [item_id], items))
    tables = [_of_items(given, a, b)]
    if item_id is None and a in ALPHA and b in ALPHA:
        tables.insert(0, _of_quizzes(given, a, b))
    table = pa.concat_tables(tables)
    if item_id is not None:
        table = table.filter(pc.equal(table["item_id"], item_id))
    made = {"options": {"a": a, "b": b}, "input_digest": responses.digest}
    return _sorted(table, responses.items).replace_schema_metadata(
        {"table": "explain", "made": json.dumps(made)}
    )


def _of_items(given: Input, a: System, b: System) -> pa.Table:
    steps = _Steps.between(ITEM_FIGURES[a], ITEM_FIGURES[b])
    path, alone = steps.each(partial(item_values, given))
    shared = {name: name for name in FIGURES[a] if name in FIGURES[b]}
    correlations = [_CORRELATIONS.intersection(FIGURES[system]) for system in (a, b)]
    if all(correlations) and not set.intersection(*map(set, correlations)):
        shared["item_correlation"] = "correlation"
    names = given.items.combine_chunks()
    return pa.concat_tables(
        _rows(
            steps,
            names.append_column("figure", pa.array([figure] * len(names))),
            np.array([values[name] for values in path]),
            np.array([values[name] for values in alone]),
        )
        for figure, name in shared.items()
    )


def _of_quizzes(given: Input, a: System, b: System) -> pa.Table:
    steps = _Steps.between(ALPHA[a], ALPHA[b])
    path, alone = steps.each(partial(alpha_values, given))
    n = len(given.quizzes)
    names = pa.table(
        {
            "quiz_id": given.quizzes,
            "item_id": pa.nulls(n, pa.string()),
            "figure": pa.array(["alpha"] * n),
        }
    )
    return _rows(steps, names, np.array(path), np.array(alone))


@dataclass(frozen=True, slots=True)
class _Steps:
    """The rules that differ: all of them changed one by one, and each one alone."""

    rules: Sequence[str]
    path: Sequence[Rules]
    alone: Sequence[Rules]

    @classmethod
    def between(cls, a: Rules, b: Rules) -> "_Steps":
        goal = asdict(b)
        names = [name for name, value in asdict(a).items() if value != goal[name]]
        changed = [{name: goal[name]} for name in names]
        path = [a]
        for change in changed:
            path.append(replace(path[-1], **change))
        return cls(names, path, [replace(a, **change) for change in changed])

    def each(self, compute: Callable[[Rules], T]) -> tuple[list[T], list[T]]:
        """Compute what each set of rules gives; none of them twice."""
        found = {rules: compute(rules) for rules in {*self.path, *self.alone}}
        return [found[rules] for rules in self.path], [
            found[rules] for rules in self.alone
        ]


def _rows(steps: _Steps, names: pa.Table, path: Floats, alone: Floats) -> pa.Table:
    """Rows of one figure; `path` and `alone` have one line for each set of rules."""
    first, last = path[0], path[-1]
    differ = ~_equal(first, last, _SAME)
    reached = _filled(path)
    tables = [_SCHEMA.append(pa.field("step", pa.int64())).empty_table()]
    for number, rule in enumerate(steps.rules):
        before, after = path[number], path[number + 1]
        part = np.where(np.isnan(after), np.nan, after - reached[number])
        acts = ~_equal(before, after, _NOISE) | ~_equal(first, alone[number], _NOISE)
        at = pa.array(np.flatnonzero(differ & acts))
        words = WORDS[rule]
        columns = {
            "value_a": first,
            "value_b": last,
            "rule": rule,
            "rule_a": words[getattr(steps.path[0], rule)],
            "rule_b": words[getattr(steps.path[-1], rule)],
            "alone": alone[number],
            "after": after,
            "contribution": part,
            "step": number,
        }
        table = names.take(at)
        for name, value in columns.items():
            whole = np.broadcast_to(np.asarray(value), len(names))
            table = table.append_column(
                name, pa.array(whole, from_pandas=True).take(at)
            )
        tables.append(table)
    return pa.concat_tables(tables)


def _sorted(table: pa.Table, items: pa.Table) -> pa.Table:
    """Rows by quiz and position, those of the quiz first; steps in their order."""
    place = items.select(["quiz_id", "item_id"]).append_column(
        "place", pa.array(np.arange(items.num_rows))
    )
    joined = table.join(place, ["quiz_id", "item_id"])
    known = pc.fill_null(joined["place"], -1)
    joined = joined.set_column(joined.column_names.index("place"), "place", known)
    keys = ("quiz_id", "place", "figure", "step")
    return joined.sort_by([(key, "ascending") for key in keys]).select(_SCHEMA.names)


def _filled(path: Floats) -> Floats:
    """Before each step the last value that was there; NaN before the first."""
    row = np.where(np.isnan(path), 0, np.arange(len(path))[:, None])
    filled: Floats = np.take_along_axis(path, np.maximum.accumulate(row), axis=0)
    return filled


def _equal(left: Floats, right: Floats, digits: float) -> Mask:
    """Whether two figures are one but for the last digits; null equals null."""
    size = np.maximum(1.0, np.abs(left))
    same: Mask = np.abs(left - right) <= digits * size
    return same | (np.isnan(left) & np.isnan(right))
