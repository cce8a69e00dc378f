"""Which counts of students a table holds or tells, and which of them add up.

`suppressed` reads its rules off these and off `Column.rests_on`. A table that is not
declared here is refused, and a column that declares nothing is hidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["DISCLOSURES", "Count", "Disclosure", "Spread", "Sum"]

Figures = Mapping[str, npt.NDArray[Any]]
"""Columns of a table and counts by name: null numbers are 0."""


@dataclass(frozen=True, slots=True)
class Count:
    """A count of students that the figures of a row tell, though no column holds it.

    Attributes
    ----------
    name : str
        What columns and sums call it.
    value : callable
        Computes it from the columns and from the counts declared before it.
    over : {"sum", "max"}, optional
        Which of the values in the rows that agree in `within` it is.
    within : tuple of str
        Columns.
    """

    name: str
    value: Callable[[Figures], npt.NDArray[Any]]
    over: Literal["sum", "max"] | None = None
    within: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sum:
    """Counts that add up to a number that can be known.

    So if one is hidden, others of them must be.

    Attributes
    ----------
    parts : tuple of str
        Columns or counts.
    within : tuple of str
        Columns: the parts of all rows that agree in them add up. None: of each row.
    once : str, optional
        A further part, one for all those rows.
    together : bool
        The parts of a row are hidden together, since each of them adds up.
    last : str, optional
        The part, or the column that is true of the rows, to be hidden last.
    """

    parts: tuple[str, ...]
    within: tuple[str, ...] = ()
    once: str | None = None
    together: bool = False
    last: str | None = None


@dataclass(frozen=True, slots=True)
class Spread:
    """Where one of these is hidden, another is in all rows that agree in `within`."""

    of: tuple[str, ...]
    to: str
    within: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Disclosure:
    """What of a table counts students, beside the columns that do."""

    counts: tuple[Count, ...] = ()
    sums: tuple[Sum, ...] = ()
    spreads: tuple[Spread, ...] = ()


def _partly(c: Figures) -> npt.NDArray[Any]:
    """The fewest students with a part of the points that the figures allow.

    Scores of 0 or all points have a variance of p (1 - p) in fractions f of the points;
    others have f (1 - f) less each, which is a quarter at most, for half of the points.
    """
    p = c["difficulty"]
    worth = np.where(c["points_possible"] > 0, c["points_possible"], 1.0)
    variance = (c["sd"] / worth) ** 2 * (c["n"] - c["ddof"])
    less = c["n"] * p * (1 - p) - variance
    # What is left of a difference of two equal numbers is no student.
    known = (c["n"] > c["ddof"]) & (less > 1e-9 * c["n"])
    return np.where(known, 4 * less, 0.0)


def _spread(n: npt.NDArray[Any], items: npt.NDArray[Any]) -> npt.NDArray[Any]:
    """Students that what the totals are spread by rests on.

    As their mean is known, it is two equations for the number with each score. They may
    have one solution where the scores are few, as of five items, unless a score has ten
    students or so; or where nearly all figures of single items are hidden.
    """
    return np.where(items <= 5, n / 6, n / 2)


def _share(c: Figures) -> npt.NDArray[Any]:
    """How many have all points of the only item, if it is all or nothing."""
    worth = np.where(c["points_possible"] > 0, c["points_possible"], np.inf)
    return np.asarray(c["n"] * c["mean"] / worth)


def _people(c: Figures) -> npt.NDArray[Any]:
    """What was left out, as students: responses are the sum of what items hide."""
    responses = np.minimum(c["n"], 1.0)
    others = c["n"] * ~np.isin(c["unit"], ("items", "columns"))
    return np.where(c["unit"] == "responses", responses, others)


_ONE = Count("one", lambda c: np.ones(len(c["n"])))
"""The student whose score it is: too few for any table."""

_COMPLETE = Count("complete", lambda c: c["n_complete"])
"""Hidden when small only, not for the sake of others, unlike the column."""

_QUIZ, _ITEM, _PLACE = "quiz_id", ("quiz_id", "item_id"), ("section", "quiz_id")


def _of_items(*owner: str) -> tuple[Count, ...]:
    """What the rows of items tell, where those of `owner` are of the same students."""
    return (
        Count("waiting", lambda c: c["n_not_graded"]),
        Count("right", lambda c: np.rint(c["correct_ratio"] * c["n"])),
        Count("wrong", lambda c: c["n"] - c["right"]),
        Count("partly", _partly),
        Count("nothing", lambda c: c["wrong"] - c["partly"]),
        # A blank is one of the n or, left out, one of those not shown.
        Count("answered", lambda c: c["n"] - c["n_blank"]),
        Count("shown_answered", lambda c: c["n_not_shown"] - c["n_blank"]),
        Count("every", lambda c: c["n"] + c["n_not_shown"] + c["n_not_graded"]),
        Count("submissions", lambda c: c["every"], "max", owner),
        Count("lacking", lambda c: c["submissions"] - c["n_complete"]),
        Count("n_items", lambda c: np.ones(len(c["n"])), "sum", owner),
        Count("spread", lambda c: _spread(c["submissions"], c["n_items"])),
        Count("totals", lambda c: c["submissions"]),
        _COMPLETE,
        _ONE,
    )


_RECEIVED = ("n", "n_not_shown", "n_not_graded")
"""Of an item they add up to the submissions, which other items tell."""

_EARNED = ("right", "wrong", "partly", "nothing")

DISCLOSURES: Mapping[str, Disclosure] = {
    "item_analysis": Disclosure(
        _of_items(_QUIZ),
        (Sum(_EARNED, together=True), Sum(_RECEIVED, last="n")),
    ),
    "item_analysis_by_section": Disclosure(
        _of_items(*_PLACE),
        (
            # A section without the item is as good a second one: who knows that it has
            # none?
            Sum(("n", "n_not_shown", "waiting", "every"), _ITEM, together=True),
            Sum(_EARNED, _ITEM, together=True),
            Sum(("n_blank",), _ITEM),
            Sum(("n_complete",), _ITEM),
        ),
        # Where all have every item, the n of each is known.
        (Spread(("n",), "n_complete", _PLACE),),
    ),
    "option_analysis": Disclosure(
        (
            Count("submissions", lambda c: c["n_item"], "max", (_QUIZ,)),
            Count("absent", lambda c: c["submissions"] - c["n_item"]),
            Count("totals", lambda c: c["submissions"]),
            Count("n_options", lambda c: np.ones(len(c["n"])), "sum", _ITEM),
            Count("n_items", lambda c: 1 / c["n_options"], "sum", (_QUIZ,)),
            Count("spread", lambda c: _spread(c["submissions"], c["n_items"])),
            Count("chosen", lambda c: c["n"], "sum", _ITEM),
            # Those who chose nothing are a part too, which the others would tell.
            Count("nobody", lambda c: c["n_item"] - c["chosen"]),
        ),
        (
            # The figures of the item tell the count of its key.
            Sum(("n",), _ITEM, once="nobody", last="correct"),
            Sum(("n_upper", "n_middle", "n_lower"), _ITEM, together=True),
        ),
    ),
    "option_traces": Disclosure(
        (
            Count("chosen", lambda c: c["n"], "sum", (*_ITEM, "group")),
            Count("nobody", lambda c: c["n_group"] - c["chosen"]),
            Count("n_item", lambda c: c["n_group"], "sum", (*_ITEM, "option")),
            Count("submissions", lambda c: c["n_item"], "max", (_QUIZ,)),
            Count("absent", lambda c: c["submissions"] - c["n_item"]),
        ),
        # The options of an item and its groups both add up.
        spreads=(Spread(("n", "n_group", "nobody", "absent"), "n", _ITEM),),
    ),
    "summary": Disclosure(
        (
            _COMPLETE,
            Count("lacking", lambda c: c["n"] - c["n_complete"]),
            Count("totals", lambda c: c["n"]),
            Count("spread", lambda c: _spread(c["n"], c["n_items"])),
            Count("earned", lambda c: np.where(c["n_items"] == 1, _share(c), 0.0)),
            Count(
                "not_earned",
                lambda c: np.where(c["n_items"] == 1, c["n"] - _share(c), 0.0),
            ),
            _ONE,
        )
    ),
    "dif": Disclosure(
        (
            Count(
                "unmatched",
                lambda c: c["n_reference"] + c["n_focal"] - c["n_matched"],
            ),
        )
    ),
    "exclusions": Disclosure(
        (
            Count("people", _people),
            Count("part", lambda c: 1.0 * (c["reason"] != "read")),
        ),
        # What was read is the sum of the others.
        (Sum(("people",), (_QUIZ, "unit"), last="part"),),
    ),
}
"""What `suppressed` must know of each table that it takes."""
