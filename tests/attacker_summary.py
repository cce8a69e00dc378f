"""What the summary tells beside the items: points and variances add up."""

from attacker_equations import WHOLE
from attacker_figures import cells_of

_MOST_CELLS = 400
"""Ways to divide the responses of all items that one problem takes on."""


def beside_items(equations, published, known):
    """Points of all items are the points of all totals; and so for the variances.

    What is known of the items is, by place, how their responses can be divided.
    """
    summary = published.summary
    n, mean = summary["n"], summary["mean"]
    if n and mean is not None:
        error = 1e-6 * n
        terms = {}
        for item, about in published.items.items():
            place = (WHOLE, item)
            terms["items", place, "right"] = about.points
            terms["items", place, "half"] = about.points / 2
        equations.add(terms, n * mean - error, n * mean + error)
    grids = {x: known.get((WHOLE, x)) for x in published.items}
    full = all(g is not None and n and (g.n == n).all() for g in grids.values())
    if not full or sum(map(len, grids.values())) > _MOST_CELLS or len(grids) < 2:
        return
    cells = {x: cells_of(equations, (WHOLE, x), grid) for x, grid in grids.items()}
    _variances(equations, cells, grids, summary)
    _correlations(equations, cells, grids, summary)


def _variances(equations, cells, grids, summary):
    """Alpha, or the error of measurement, and the sd tell the items' variances."""
    k, sd, n = len(grids), summary["sd"], summary["n"]
    if sd is None:
        return
    alpha = summary["alpha"]
    if alpha is None and summary["sem"] is not None:
        alpha = 1 - (summary["sem"] / sd) ** 2
    elif alpha is None:
        return
    total = n * (n - 1) * sd**2 * (1 - alpha * (k - 1) / k)
    terms = {
        key: value
        for item, grid in grids.items()
        for key, value in zip(cells[item], grid.scatter.tolist(), strict=True)
    }
    equations.add(terms, total - 0.4, total + 0.4)


def _correlations(equations, cells, grids, summary):
    """The items' correlations, times their spreads, add up to the spread of totals."""
    if summary["sd"] is None:
        return
    terms, error = {}, 1e-6
    for item, grid in grids.items():
        r = grid.r()
        if r is None and grid.sd.any():
            return
        value, wide = r or (0.0, 0.0)
        error += wide * grid.sd.max()
        terms |= dict(zip(cells[item], (value * grid.sd).tolist(), strict=True))
    equations.add(terms, summary["sd"] - error, summary["sd"] + error)
