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
    in sum, by each of the values of which there is any. Nor may the sum be the least or
    the most that so many small cells can have, since that tells each of them: 1 or
    ``least - 1``. The smallest go first, those marked `last` at the end. Where all
    together do not suffice, they are all hidden, those of nobody too.
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

    enough = before(something * 1.0) >= 2
    all_enough = np.add.reduceat(something * 1.0, starts) >= 2
    for value in (one[order] for one in values):
        present = np.add.reduceat(value, starts) > 0
        more_than_one = np.maximum(value - 1, 0)
        not_the_most = ((value > 0) & (value != least - 1)) * 1.0
        for part, least_sum in ((value, least), (more_than_one, 1), (not_the_most, 1)):
            # Groups with ties in part are fractions.
            reached = np.add.reduceat(part, starts) >= least_sum - 1e-9
            enough &= np.repeat(~present, width) | (before(part) >= least_sum - 1e-9)
            all_enough &= ~present | reached
    begun = np.repeat(np.logical_or.reduceat(mine, starts), width)
    more = np.where(np.repeat(all_enough, width), something & ~enough, True)
    result = np.empty(len(group), bool)
    result[order] = mine | (begun & more)
    return result


def with_another(group: Ints, hidden: Mask, value: Floats) -> Mask:
    """Hide one more cell of each group in which all that are hidden are equal.

    Cells of a known sum, and of a known sum of squares, can be taken for one another
    unless they are. It is the smallest that differs; a group of no other stays.
    """
    size = int(group.max(initial=-1)) + 1
    least, most = np.full(size, np.inf), np.full(size, -np.inf)
    np.minimum.at(least, group[hidden], value[hidden])
    np.maximum.at(most, group[hidden], value[hidden])
    alike = (least == most)[group]
    fits = alike & ~hidden & (value > 0) & (value != least[group])
    order = np.lexsort((value, ~fits, group))
    first = order[np.diff(group[order], prepend=-1) != 0]
    result = hidden.copy()
    result[first] |= fits[first]
    return result
