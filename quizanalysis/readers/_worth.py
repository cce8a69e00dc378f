"""What items are worth, where the points possible of whole submissions tell it."""

import numpy as np

from quizanalysis._intake.columns import LARGEST, NANO, Floats, Ints

_ROUNDS = 50
"""How far one item may be known by way of others."""


def item_points(
    submission: Ints, item: Ints, earned: Floats, possible: Floats, n_items: int
) -> Floats:
    """Find the points possible of items that follow from those of submissions.

    They follow where the best scores seen of a submission's items add up to what it
    could earn, and for the one item of a submission that is left when all others are
    known. Nothing follows when the submissions contradict each other, or when best
    scores add up to more: then somebody earned more than an item is worth.

    Parameters
    ----------
    submission, item : int array, shape (responses,)
    earned : float array, shape (responses,)
        NaN where not graded.
    possible : float array, shape (submissions,)
        NaN where not stated.
    n_items : int

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
    for _ in range(_ROUNDS):
        is_open = worth[item] == 0
        left, most = total.copy(), np.zeros(len(total), np.int64)
        np.subtract.at(left, submission, worth[item])
        np.add.at(most, submission[is_open], best[item[is_open]])
        n_open = np.bincount(submission[is_open], minlength=len(total))
        wrong = (left < most) | ((n_open == 0) & (left != 0))
        if wrong[there].any():
            break
        full, last = left == most, n_open == 1
        rows = np.flatnonzero(is_open & (full | last)[submission])
        at = submission[rows]
        value = np.where(last[at], left[at], best[item[rows]])
        if not np.any(value > 0):
            return np.where(worth > 0, worth / NANO, np.nan)
        # Where two submissions disagree, one of them is wrong the next time.
        worth[item[rows[value > 0]]] = value[value > 0]
    return np.full(n_items, np.nan)


def _nano(points: Floats) -> Ints:
    """Points as integers of a billionth, 0 where there are none."""
    near = np.clip(np.nan_to_num(points), -LARGEST, LARGEST)
    return np.rint(near * NANO).astype(np.int64)
