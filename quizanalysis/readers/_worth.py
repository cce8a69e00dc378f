"""What items are worth, where the points possible of whole submissions tell it."""

import numpy as np

from quizanalysis._intake.columns import LARGEST, NANO, Floats, Ints

_NEAR = 0.011
"""Recorded scores are rounded to hundredths."""

_ROUNDS = 50
"""How far one item may be known by way of others."""


def item_points(
    submission: Ints,
    item: Ints,
    earned: Floats,
    possible: Floats,
    n_items: int,
    recorded: Floats | None = None,
) -> Floats:
    """Find the points possible of items that follow from those of submissions.

    They follow where the best scores seen of a submission's items add up to what it
    could earn, and for the one item of a submission that is left when all others are
    known, unless the recorded scores tell of items that are not there: then what is
    left is of several. Nothing follows when the submissions contradict each other, or
    when best scores add up to more: then somebody earned more than an item is worth.

    Parameters
    ----------
    submission, item : int array, shape (responses,)
    earned : float array, shape (responses,)
        NaN where not graded.
    possible : float array, shape (submissions,)
        NaN where not stated.
    n_items : int
    recorded : float array, shape (submissions,), optional
        Recorded scores; NaN where there is none. Only a file that somebody changed
        has none at all.

    Returns
    -------
    float array, shape (n_items,)
        NaN where nothing follows.
    """
    best = np.zeros(n_items, np.int64)
    np.maximum.at(best, item, _nano(earned))
    stated = np.isfinite(possible)[submission]
    submission, item = submission[stated], item[stated]
    there, total = np.unique(submission), _nano(possible)
    worth = np.zeros(n_items, np.int64)
    whole = recorded is not None and _has_all_items(
        submission, earned[stated], recorded
    )
    for _ in range(_ROUNDS):
        is_open = worth[item] == 0
        left, most = total.copy(), np.zeros(len(total), np.int64)
        np.subtract.at(left, submission, worth[item])
        np.add.at(most, submission[is_open], best[item[is_open]])
        n_open = np.bincount(submission[is_open], minlength=len(total))
        wrong = (left < most) | ((n_open == 0) & (left != 0))
        if wrong[there].any():
            break
        full, last = left == most, (n_open == 1) & whole
        rows = np.flatnonzero(is_open & (full | last)[submission])
        at = submission[rows]
        value = np.where(last[at], left[at], best[item[rows]])
        if not np.any(value > 0):
            return np.where(worth > 0, worth / NANO, np.nan)
        # Where two submissions disagree, one of them is wrong the next time.
        worth[item[rows[value > 0]]] = value[value > 0]
    return np.full(n_items, np.nan)


def _has_all_items(submission: Ints, earned: Floats, recorded: Floats) -> bool:
    """Whether recorded scores are what the items add up to, as far as they tell.

    They differ for a few where a teacher changed them, and by the same for all where
    everyone was given points.
    """
    there = np.unique(submission)
    added = np.bincount(submission, np.nan_to_num(earned), minlength=len(recorded))
    more = (recorded - added)[there]
    more = more[~np.isnan(more)]
    if not len(more):
        return True
    same = np.ptp(more) < _NEAR
    return bool(same or np.mean(np.abs(more) < _NEAR) > 1 / 2)


def _nano(points: Floats) -> Ints:
    """Points as integers of a billionth, 0 where there are none."""
    near = np.clip(np.nan_to_num(points), -LARGEST, LARGEST)
    return np.rint(near * NANO).astype(np.int64)
