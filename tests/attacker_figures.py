"""Which counts of an item its visible figures leave, by the documented formulas.

Everything is written from the formulas that the documentation gives; scores are whole
points, and a figure is as exact as it is printed, or as the documentation says it is.
"""

import numpy as np
from scipy.special import ndtri, stdtrit

EXACT = 1e-9
"""What rounding errors of a computer come to, beside the figure."""

LEVEL = 0.95
_Z = float(ndtri((1 + LEVEL) / 2))
_WHOLE = 1e-4
"""How far from a whole number a sum may be that has lost digits on the way."""
OF_GRID = ("n", "right", "half", "wrong", "fewer")
"""Counts that each way to divide the responses has."""


class Grid:
    """Every way to divide an item's responses: n, right and half right, with moments.

    Parameters
    ----------
    item : Item
    row : dict
        What is visible of the item.
    n : range
        The possible numbers of responses.
    """

    def __init__(self, item, row, n):
        self.item, self.row = item, row
        parts = []
        for size in n:
            w = np.arange(size + 1)
            if item.half:
                w, h = (part.ravel() for part in np.meshgrid(w, w))
                w, h = w[w + h <= size], h[w + h <= size]
            else:
                h = np.zeros_like(w)
            parts.append(np.stack([np.full_like(w, size), w, h]))
        self._set(np.concatenate(parts, axis=1).astype(float))

    def _set(self, cells):
        self.n, self.right, self.half = self.cells = cells
        points = self.item.points
        self.sum = points * self.right + points / 2 * self.half
        self.squares = points**2 * (self.right + self.half / 4)
        self.scatter = self.n * self.squares - self.sum**2

    def __len__(self):
        return len(self.n)

    @property
    def wrong(self):
        """Those without points."""
        return self.n - self.right - self.half

    @property
    def fewer(self):
        """Those right, or those wrong: two correlations do not tell which."""
        return np.minimum(self.right, self.wrong)

    @property
    def sd(self):
        """The sample's; 0 where there is none."""
        base = np.where(self.n > 1, self.n * (self.n - 1), 1)
        return np.sqrt(np.maximum(self.scatter, 0) / base)

    def keep(self, mask):
        """Drop the others."""
        self._set(self.cells[:, mask])

    def error(self, name):
        """How far a visible figure may be from the exact one."""
        return EXACT * (1 + abs(self.row[name]))

    def match(self, name, expected):
        """Keep what gives the visible figure."""
        if self.row.get(name) is None:
            return
        with np.errstate(invalid="ignore"):
            self.keep(np.abs(expected - self.row[name]) <= self.error(name) + EXACT)

    def r(self, name="point_biserial"):
        """A correlation, or what its ends tell, and how far it may be; or None."""
        if self.row.get(name) is not None:
            return self.row[name], self.error(name)
        ends = [self.row.get(f"{name}_{end}") for end in ("low", "high")]
        if None in ends or not self.ends or max(np.abs(ends)) >= 1:
            return None
        wide = sum(self.error(f"{name}_{end}") for end in ("low", "high"))
        return float(np.tanh(np.arctanh(ends).mean())), wide + EXACT


def by_figures(grid):
    """What says how many were right by itself."""
    item, row = grid.item, grid.row
    n = np.maximum(grid.n, 1)
    for name, expected in (
        ("mean", grid.sum / n),
        ("difficulty", grid.sum / n / item.points),
        ("correct_ratio", grid.right / n),
    ):
        if row.get(name) is not None:
            grid.match(name, expected)
            return by_spread(grid)
    return by_spread(grid)


def by_spread(grid):
    """The standard deviation, the biserial beside r, and bounds of discrimination."""
    grid.match("sd", grid.sd)
    row = grid.row
    if row.get("biserial") and row.get("point_biserial") and not grid.item.half:
        p = grid.right / np.maximum(grid.n, 1)
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio = np.sqrt(p * (1 - p)) / _ordinate(p)
            biserial = ratio * row["point_biserial"]
            wide = ratio * grid.error("point_biserial") + grid.error("biserial")
            grid.keep(np.abs(biserial - row["biserial"]) <= wide + EXACT)
    if row.get("discrimination") is not None and not grid.item.half:
        wide = abs(row["discrimination"]) - grid.error("discrimination")
        size = np.minimum(
            np.maximum(1, np.floor(0.27 * grid.n + 0.5 + EXACT)), grid.n // 2
        )
        least = wide * size - 1e-6
        grid.keep((grid.right >= least) & (grid.n - grid.right >= least))


def by_ends(grid):
    """Both ends of each interval: Wilson's, Student's, and Fisher's for n."""
    for name, worth in (
        ("correct_ratio", 1),
        ("difficulty", 1),
        ("mean", grid.item.points),
    ):
        for at, end in enumerate(("low", "high")):
            expected = worth * wilson(grid.right, grid.n)[at]
            if name != "correct_ratio":
                expected = np.where(grid.half > 0, _student(grid, name)[at], expected)
            grid.match(f"{name}_{end}", expected)
    for name in ("point_biserial", "point_biserial_corrected"):
        ends = [grid.row.get(f"{name}_{end}") for end in ("low", "high")]
        if None not in ends:
            half = np.ptp(np.arctanh(ends)) / 2
            with np.errstate(divide="ignore", invalid="ignore"):
                grid.keep(np.abs(_Z / np.sqrt(grid.n - 3) - half) < 1e-7)


def wilson(k, n):
    """Wilson's ends of a share of k in n."""
    base = np.maximum(np.asarray(n, float), 1)
    p, added = k / base, _Z**2 / base
    half = _Z * np.sqrt(np.maximum(p * (1 - p) / base + added / base / 4, 0))
    low, high = (
        (p + added / 2 - half) / (1 + added),
        (p + added / 2 + half) / (1 + added),
    )
    return np.where(p == 0, 0, np.maximum(low, 0)), np.where(
        p == 1, 1, np.minimum(high, 1)
    )


def _ordinate(p):
    """The height of the normal curve where the area p ends."""
    return np.exp(-(ndtri(p) ** 2) / 2) / np.sqrt(2 * np.pi)


def _student(grid, name):
    """Student's ends of a mean, within the points possible."""
    n = np.maximum(grid.n, 2)
    mean, most = grid.sum / n, grid.item.points
    half = stdtrit(n - 1, (1 + LEVEL) / 2) * grid.sd / np.sqrt(n)
    over = most if name == "difficulty" else 1
    ends = np.maximum(mean - half, 0) / over, np.minimum(mean + half, most) / over
    return [np.where(grid.sd > 0, end, np.nan) for end in ends]


# ---- what the totals tell ------------------------------------------------------------


def corrected(r, s, total):
    """The correlation with the rest, of that with the total and both spreads."""
    with np.errstate(invalid="ignore", divide="ignore"):
        rest = s * s + total * total - 2 * r * s * total
        return (r * total - s) / np.sqrt(rest)


def spreads(grid):
    """The standard deviations of the totals that both correlations allow.

    Returns pairs of the cell and the deviation: n (n - 1) times its square, and times
    the covariance, are whole numbers.
    """
    first, second = grid.r(), grid.r("point_biserial_corrected")
    if not first or not second or max(first[1], second[1]) > 1e-7:
        return None
    (r, _), (c, _) = first, second
    s, n = grid.sd, grid.n
    if abs(r * r - c * c) < 1e-9:
        return None
    a, b, d = c * c - r * r, 2 * r * s * (1 - c * c), (c * c - 1) * s * s
    with np.errstate(invalid="ignore"):
        root = np.sqrt(b * b - 4 * a * d)
        found = np.stack([(-b + root) / (2 * a), (-b - root) / (2 * a)])
        sound = (found > 0) & (np.abs(corrected(r, s, found) - c) < 1e-7)
        for product in (found**2, r * s * found):
            sound &= _whole(n * (n - 1) * product)
    sound &= s > 0
    root, cell = np.nonzero(sound)
    return cell, found[root, cell]


def by_own_totals(grid):
    """Both correlations beside each other, whatever the totals are."""
    if (found := spreads(grid)) is not None:
        mask = np.zeros(len(grid), bool)
        mask[found[0]] = True
        grid.keep(mask)


def by_spread_of_totals(grid, total, error):
    """Both correlations beside the standard deviation of the totals."""
    first, second = grid.r(), grid.r("point_biserial_corrected")
    if first:
        sums = grid.n * (grid.n - 1) * first[0] * grid.sd * total
        if max(first[1], error) <= 1e-7:
            grid.keep(_whole(sums))
    if first and second:
        ways = [
            corrected(first[0] + x, grid.sd, total + y)
            for x in (-first[1], 0, first[1])
            for y in (-error, 0, error)
        ]
        wide = second[1] + 1e-7
        fits = (np.min(ways, axis=0) <= second[0] + wide) & (
            np.max(ways, axis=0) >= second[0] - wide
        )
        grid.keep(fits & (grid.sd > 0))


def sums_of_scatter(grid, k, total):
    """By cell, n (n - 1) times the items' variances, from alpha without the item."""
    r, left = grid.r(), grid.row.get("alpha_if_deleted")
    if (
        left is None
        or not r
        or max(r[1], grid.error("alpha_if_deleted")) > 1e-7
        or k < 3
    ):
        return None
    s = grid.sd
    rest = s * s + total * total - 2 * r[0] * s * total
    found = grid.n * (grid.n - 1) * ((1 - left * (k - 2) / (k - 1)) * rest + s * s)
    return np.where(_whole(found), np.rint(found), np.nan)


def _whole(value):
    near = _WHOLE + 1e-9 * np.abs(value)
    with np.errstate(invalid="ignore"):
        return np.abs(value - np.rint(value)) < near


def cells_of(equations, place, grid):
    """Say that one of the ways to divide the responses is the true one."""
    keys = [("cell", place, i) for i in range(len(grid))]
    if keys[0] in equations.place:
        return keys
    for key in keys:
        equations.let(key, 0, 1)
    equations.add(dict.fromkeys(keys, 1), 1)
    for name in OF_GRID:
        terms = dict(zip(keys, getattr(grid, name).tolist(), strict=True))
        equations.add({**terms, ("items", place, name): -1}, 0)
    return keys
