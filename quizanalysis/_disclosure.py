"""Which counts of students a table holds or tells, and which of them add up.

`suppressed` reads its rules off these and off `Column.rests_on`. A table that is not
declared here is refused, and a column that declares nothing is hidden.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["DISCLOSURES", "Count", "Disclosure", "Spread", "Sum", "is_partial"]

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
    unlike : bool
        Their order tells nothing: it is enough that the hidden ones are not all equal.
    """

    parts: tuple[str, ...]
    within: tuple[str, ...] = ()
    once: str | None = None
    together: bool = False
    last: str | None = None
    unlike: bool = False


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


def _spread(
    n: npt.NDArray[Any], items: npt.NDArray[Any], sd: npt.NDArray[Any] | float = np.inf
) -> npt.NDArray[Any]:
    """Students that what the totals are spread by rests on; `sd` is in items.

    As their mean is known, it is two equations for the number with each score. These
    may have one solution where the scores are few: of two items always, of others
    unless there are many students, as ``benchmarks.privacy`` finds out.
    """
    return np.select(
        [items <= 2, (items == 3) | (sd < 1.25), items <= 5],
        [np.minimum(n, 1.0), n / 10, n / 6],
        n / 2,
    )


def _in_items(c: Figures) -> npt.NDArray[Any]:
    """The standard deviation of the totals, in points of an item."""
    worth = c["points_possible"] / np.maximum(c["n_items"], 1)
    return np.where(worth > 0, c["sd"] / np.where(worth > 0, worth, 1.0), 0.0)


def is_partial(c: Figures) -> npt.NDArray[np.bool_]:
    """Whether some answers to an item earned a part of its points."""
    return np.asarray(np.abs(c["difficulty"] - c["correct_ratio"]) > 1e-9, bool)


def _few_levels(c: Figures) -> npt.NDArray[Any]:
    """Students that the scores of partial credit rest on, as totals do on `_spread`.

    n, mean, sd and correct_ratio tell the number, the sum and the squares of those
    below all points; below 7 points that may be all there is to know.
    """
    worth, below = c["points_possible"], c["n"] - c["right"]
    n = np.maximum(below, 1)
    mean = (c["n"] * c["mean"] - c["right"] * worth) / n
    squares = (c["n"] - c["ddof"]) * c["sd"] ** 2 + c["n"] * c["mean"] ** 2
    variance = (squares - c["right"] * worth**2) / n - mean**2
    levels = np.where(worth < 7, 1, worth)
    spread = _spread(below, levels, np.sqrt(np.maximum(variance, 0)))
    return np.where(is_partial(c), spread, 0.0)


def _tails(c: Figures) -> npt.NDArray[Any]:
    """1 for items of which the discrimination tells the right answers in both groups.

    As many more are right in the upper group as it says, and all are `right` in sum.
    """
    size = np.minimum(c["n_upper"], c["n_lower"])
    more, middle = c["discrimination"] * size, c["n"] - c["n_upper"] - c["n_lower"]
    low = np.maximum(np.maximum(more, 0), (c["right"] - middle + more) / 2)
    high = np.minimum(np.minimum(size, size + more), (c["right"] + more) / 2)
    several = np.floor(high + 1e-6) > np.ceil(low - 1e-6)
    return np.where(several, 0.0, 1.0)


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
        Count("few_levels", _few_levels),
        Count("tails", _tails),
        # Points taken from the best score are the score of those who are right.
        Count("best", lambda c: c["right"] * c["points_inferred"], "sum", _ITEM),
        # An end beside scores below 0 or above the points is one of these.
        Count(
            "beyond",
            lambda c: 1.0 * ((c["min"] < 0) | (c["max"] > c["points_possible"])),
        ),
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

_ALIKE = Sum(("fewer",), (_QUIZ, "points_possible"), unlike=True)
"""Whoever knows the totals knows what the hidden items of a quiz come to in sum."""

DISCLOSURES: Mapping[str, Disclosure] = {
    "item_analysis": Disclosure(
        (
            *_of_items(_QUIZ),
            Count("fewer", lambda c: np.minimum(c["right"], c["wrong"])),
        ),
        (
            Sum((*_EARNED, "fewer"), together=True),
            _ALIKE,
            Sum(_RECEIVED, last="n"),
        ),
    ),
    "item_analysis_by_section": Disclosure(
        (
            *_of_items(*_PLACE),
            Count("all_right", lambda c: c["right"], "sum", _ITEM),
            Count("all_wrong", lambda c: c["wrong"], "sum", _ITEM),
            Count("fewer", lambda c: np.minimum(c["all_right"], c["all_wrong"])),
        ),
        (
            _ALIKE,
            # A section without the item is as good a second one: who knows that it has
            # none?
            Sum(("n", "n_not_shown", "waiting", "every"), _ITEM, together=True),
            Sum(_EARNED, _ITEM, together=True),
            Sum(("n_blank",), _ITEM),
            Sum(("n_complete",), _ITEM),
        ),
        (
            # Where all have every item, the n of each is known.
            Spread(("n",), "n_complete", _PLACE),
            Spread(("fewer",), "fewer", _ITEM),
        ),
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
            Count("spread", lambda c: _spread(c["n"], c["n_items"], _in_items(c))),
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
            Count("part", lambda c: c["left_out"] + (c["reason"] == "analysed")),
            Count("whole", lambda c: 1.0 * (c["reason"] == "read")),
            Count("added", lambda c: c["people"] * (c["part"] + c["whole"])),
        ),
        # What was read is the sum of the parts; what is remarked on is none.
        (Sum(("added",), (_QUIZ, "unit"), last="part"),),
    ),
}
"""What `suppressed` must know of each table that it takes."""
