"""What is asked, found in the data: a change for each item, or all that is wrong."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._changes.asked import Asked
from quizanalysis._changes.keys import Keys, keys_of
from quizanalysis._intake.columns import LARGEST, NANO, Findings, Ints, Mask, codes
from quizanalysis.errors import Problem
from quizanalysis.responses import Responses

_LISTED = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What becomes of each item: one entry per item, points in billionths."""

    dropped: Mask
    rekeyed: Mask
    credited: Mask
    weighed: Mask
    points: Ints
    keys: Keys

    @property
    def touched(self) -> Mask:
        """Items that stay, but not as they were."""
        return self.rekeyed | self.credited | self.weighed


def changes_of(responses: Responses, given: Asked) -> Changes:
    """Find the items and options that were named; list all that is wrong at once."""
    findings, items, uses = Findings(), responses.items, given.uses()
    rows = _rows(findings, items, uses, given.quiz_id)
    _no_contradiction(findings, uses)

    def those(names: Iterable[str]) -> Mask:
        mask = np.zeros(items.num_rows, bool)
        mask[[rows[name] for name in names if name in rows]] = True
        return mask

    changes = Changes(
        dropped=those(given.drop),
        rekeyed=those(given.rekey),
        credited=those(given.full_credit),
        weighed=those(given.weights),
        points=_new_points(findings, responses.points(), given.weights, rows),
        keys=keys_of(findings, responses.choices, given.rekey, rows),
    )
    _enough_known(findings, responses, changes)
    _something_left(findings, items, changes.dropped)
    findings.stop_if_any()
    return changes


def _rows(
    findings: Findings,
    items: pa.Table,
    uses: Mapping[str, list[str]],
    quiz_id: str | None,
) -> dict[str, int]:
    """The row of each item that was named."""
    here = np.ones(items.num_rows, bool)
    if quiz_id is not None:
        here = np.asarray(pc.equal(items["quiz_id"], quiz_id), bool)
        if not here.any():
            hint = f"the quizzes are {_listed(items['quiz_id'])}"
            _note(findings, "quiz_id", quiz_id, "there is no such quiz", hint)
            return {}
    at = pc.index_in(items["item_id"], pa.array(list(uses), pa.string()))
    place = np.where(here, np.asarray(at.fill_null(-1), np.int64), -1)
    found = {}
    for number, (name, words) in enumerate(uses.items()):
        rows, said = np.flatnonzero(place == number), " and ".join(words)
        if len(rows) == 1:
            found[name] = int(rows[0])
        elif len(rows):
            quizzes = _listed(items["quiz_id"].take(pa.array(rows)))
            message = f"{said}: an item id of {len(rows)} quizzes"
            hint = f"say which is meant with quiz_id: {quizzes}"
            _note(findings, "item_id", name, message, hint)
        else:
            hint = f"the items are {_listed(items['item_id'].filter(pa.array(here)))}"
            _note(findings, "item_id", name, f"{said}: there is no such item", hint)
    return found


def _no_contradiction(findings: Findings, uses: Mapping[str, list[str]]) -> None:
    for name, words in uses.items():
        if "drop" in words and len(words) > 1:
            message = f"{' and '.join(words)} of one item"
            hint = "what is dropped cannot be changed besides: ask for one"
            _note(findings, "item_id", name, message, hint)
        elif "rekey" in words and "full_credit" in words:
            message = "rekey and full_credit of one item"
            _note(findings, "item_id", name, message, "ask for one of them")


def _new_points(
    findings: Findings,
    old: Ints,
    weights: Mapping[str, float],
    rows: Mapping[str, int],
) -> Ints:
    points = old.copy()
    for name, value in weights.items():
        if not 0 <= value <= LARGEST:
            message = f"weights: no possible points of item {name!r}"
            hint = f"0 to {LARGEST:,.0f}"
            _note(findings, "points_possible", value, message, hint)
        elif name in rows:
            points[rows[name]] = int(np.rint(value * NANO))
    return points


def _enough_known(findings: Findings, responses: Responses, changes: Changes) -> None:
    """Full points must be known, and scores are scaled from points above 0."""
    items, cells, old = responses.items, responses.cells, responses.points()
    full = changes.rekeyed | changes.credited
    unknown = np.asarray(items["points_inferred"], bool) & (old <= 0)
    scored = np.zeros(len(old), bool)
    scored[cells.item[cells.score != 0]] = True
    for bad, message, hint in (
        (
            full & unknown & ~changes.weighed,
            "full points that nobody knows: none were declared, and nobody earned any",
            "give them with weights",
        ),
        (
            changes.weighed & ~full & scored & (old == 0),
            "weights: scores at an item worth 0 points cannot be scaled",
            "rekey it or give full credit as well",
        ),
    ):
        for name in items["item_id"].filter(pa.array(bad)).to_pylist():
            _note(findings, "points_possible", name, message, hint)


def _something_left(findings: Findings, items: pa.Table, dropped: Mask) -> None:
    quiz, names = codes(items["quiz_id"])
    left = np.bincount(quiz[~dropped], minlength=len(names))
    for name in names.filter(pa.array(left == 0)).to_pylist():
        message, hint = "drop: all items of a quiz", "leave one at least"
        _note(findings, "item_id", name, message, hint)


def _note(
    findings: Findings, column: str, value: object, message: str, hint: str
) -> None:
    findings.add(
        Problem(table="items", column=column, value=value, message=message, hint=hint)
    )


def _listed(names: pa.ChunkedArray) -> str:
    """Name the first few."""
    few = names.unique()
    shown = ", ".join(few.slice(0, _LISTED).to_pylist())
    return shown + (", …" if len(few) > _LISTED else "")
