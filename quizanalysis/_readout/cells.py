"""Small cells: which counts must be hidden, so that none can be found from the rest."""

import numpy as np

from quizanalysis._intake.columns import Floats, Ints, Mask


def small(value: Floats, least: int) -> Mask:
    """Whether a count is of somebody, but of too few; nobody is no cell."""
    return np.asarray((value > 0) & (value < least))


def complemented(
    group: Ints,
    hidden: Mask,
    values: list[Floats],
    least: int,
    last: Mask | None = None,
) -> Mask:
    """Hide as many more cells of a group as it takes.

    The counts of a group add up to a number that can be known. So as soon as one is
    hidden there must be a second that is not 0, and what is hidden must come to `least`
    in sum, by each of the values; the smallest go first, those marked `last` at the
    end. Where all together do not, they are all hidden, those of nobody too.
    """
    if not len(group):
        return hidden
    last = np.zeros(len(group), bool) if last is None else last
    order = np.lexsort((values[0], last, ~hidden, group))
    group, mine = group[order], hidden[order]
    starts = np.flatnonzero(np.diff(group, prepend=-1))
    width = np.diff(starts, append=len(group))
    something = np.logical_or.reduce([value[order] > 0 for value in values])

    def before(value: Floats) -> Floats:
        """Sum over those of the group that come first."""
        total = np.cumsum(value) - value
        return np.asarray(total - np.repeat(total[starts], width))

    enough, all_enough = np.ones(len(group), bool), np.ones(len(starts), bool)
    for value, least_sum in [
        (something * 1.0, 2),
        *((v[order], least) for v in values),
    ]:
        # Groups with ties in part are fractions.
        enough &= before(value) >= least_sum - 1e-9
        all_enough &= np.add.reduceat(value, starts) >= least_sum - 1e-9
    begun = np.repeat(np.logical_or.reduceat(mine, starts), width)
    more = np.where(np.repeat(all_enough, width), something & ~enough, True)
    result = np.empty(len(group), bool)
    result[order] = mine | (begun & more)
    return result
