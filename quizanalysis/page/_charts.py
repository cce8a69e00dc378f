"""Where everything stands in a chart: plain numbers that the templates draw."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt

from quizanalysis import _words

__all__ = ["Axis", "distribution", "scatter", "traces"]

Floats = npt.NDArray[np.float64]
Row = Mapping[str, Any]
Chart = dict[str, Any]

WIDTH = 420
_LEFT, _RIGHT = 48, 398
_DOTS = 60
"""Up to so many students each is a dot, so that nobody is lost in a bar."""
_MOST_BINS = 20
_FEWEST, _FEWEST_OUTERMOST = 2, 4
"""Scores that a bar must hold where it must not tell how many students have each."""
_EQUATIONS, _FREE = 2, 4
"""How many numbers of students with a score must stay unknown beyond the equations."""
_WHISKERS = 40
"""Up to so many questions each has its interval drawn, else those to look at."""


@dataclass(frozen=True, slots=True)
class Axis:
    """Values from low to high, drawn from start to end.

    Examples
    --------
    >>> Axis(0, 10, 100, 200).at(5)
    150.0
    """

    low: float
    high: float
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where a value stands, to a tenth of a unit."""
        share = (value - self.low) / (self.high - self.low)
        return round(self.start + share * (self.end - self.start), 1)

    def ticks(self, most: int) -> list[tuple[float, float]]:
        """Round values on it, each with its place."""
        by = step(self.high - self.low, most)
        first, last = np.ceil(self.low / by - 1e-9), np.floor(self.high / by + 1e-9)
        values = [round(i * by, 9) for i in range(int(first), int(last) + 1)]
        return [(value, self.at(value)) for value in values]


def step(span: float, most: int) -> float:
    """The smallest of 1, 2, 5, 10, … that cuts a span into at most so many parts.

    Examples
    --------
    >>> step(35, 20), step(1, 4), step(0, 5)
    (2.0, 0.5, 1.0)
    """
    if span <= 0:
        return 1.0
    size = 10.0 ** np.floor(np.log10(span / most))
    fits = (m * size for m in (1, 2, 5, 10) if span <= m * size * most * 1.0001)
    return float(next(fits))


def distribution(totals: Floats, row: Row, least: int | None = None) -> Chart | None:
    """How the totals are spread: dots for few students, bars for many.

    Where `least` is given, bars of no fewer students, and so wide that they do not tell
    how many have each score: the outermost are wider then, and as high as their scores
    are on average. None where that cannot be.
    """
    if not len(totals):
        return None
    if least is not None and not _is_within(totals, row):
        return None
    bins = _binned(totals, row, _MOST_BINS)
    if least is not None:
        every = (_binned(totals, row, most) for most in range(_MOST_BINS, 1, -1))
        pooled = (_pooled(one, least) for one in every)
        grid = _grid(totals)
        found = next((one for one in pooled if one and _is_loose(one, grid)), None)
        if found is None:
            return None
        bins = found
    start = (bins.first - bins.whole / 2) * bins.by
    x = Axis(start, start + sum(bins.widths) * bins.by, _LEFT, _RIGHT)
    heights = [n / width for n, width in zip(bins.counts, bins.widths, strict=True)]
    dots, most = least is None and len(totals) <= _DOTS, max(heights)
    y = Axis(0, most, 206, max(44, 206 - 12 * most) if dots else 44)
    bars = [
        {
            "x": x.at(start + at * bins.by),
            "width": round((_RIGHT - _LEFT) * width / sum(bins.widths), 1),
            "y": y.at(height),
            "n": n,
            "label": bins.label(at, width),
        }
        for n, width, height, at in zip(
            bins.counts, bins.widths, heights, _starts(bins.widths), strict=True
        )
    ]
    return {
        "top": round(y.end - 44, 1),
        "bars": bars,
        "uneven": len({*bins.widths}) > 1,
        "dots": _stacked(bars, y) if dots else [],
        "marks": [
            (name, row[name], x.at(row[name]))
            for name in ("mean", "median")
            if row[name] is not None
        ],
        "x": x.ticks(8),
        "y": [(value, at) for value, at in y.ticks(4) if value == int(value)],
    }


@dataclass(frozen=True, slots=True)
class _Bins:
    """Scores in bins, each as wide as so many steps: how many students are in each.

    The first begins at so many steps from 0. ``whole`` when all scores are multiples of
    the step: these are then the middles of bins.
    """

    first: int
    by: float
    whole: bool
    counts: list[int]
    widths: list[int]

    def label(self, at: int, width: int) -> str:
        """Which scores are in a bin that begins so many steps from the first."""
        ends = (self.first + at, self.first + at + width - self.whole)
        low, high = (_words.points(end * self.by) for end in ends)
        if self.whole:
            return low if width == 1 else f"{low} to {high}"
        last = at + width == sum(self.widths)
        return f"{low} to {high}" if last else f"{low} to below {high}"


def _binned(totals: Floats, row: Row, most: int) -> _Bins:
    """Put the scores into so many bins at most, of a round width."""
    low = min(0.0, float(totals.min()))
    high = max(float(row["points_possible"] or 0), float(totals.max()))
    by = step(high - low, most)
    parts = totals / by
    # Scores that fall on the marks stand in the middle of their bars.
    whole = bool(np.all(np.abs(parts - np.rint(parts)) < 1e-6))
    first = int(np.floor(low / by + 1e-9))
    last = int(np.ceil(high / by - 1e-9)) - (not whole)
    size = max(last - first + 1, 1)
    where = (np.rint(parts) if whole else np.floor(parts + 1e-9)).astype(int) - first
    counts = np.bincount(np.clip(where, 0, size - 1), minlength=size)
    return _Bins(first, by, whole, counts.tolist(), [1] * size)


def _pooled(bins: _Bins, least: int) -> _Bins | None:
    """Put the outermost bins together until all have so many; None if some have not."""
    sums = np.cumsum(bins.counts)
    left = int(np.searchsorted(sums, least))
    right = int(np.searchsorted(sums, sums[-1] - least, side="right"))
    if left >= right:
        return None
    middle = bins.counts[left + 1 : right]
    if any(0 < n < least for n in middle):
        return None
    ends = int(sums[left]), int(sums[-1] - sums[right - 1])
    size = len(bins.counts)
    return replace(
        bins,
        counts=[ends[0], *middle, ends[1]],
        widths=[left + 1, *[1] * len(middle), size - right],
    )


def _is_within(totals: Floats, row: Row) -> bool:
    """Whether the scores end where the points do: else the chart shows the extreme."""
    most = row["points_possible"]
    return bool(most is not None and totals.min() >= 0 and totals.max() <= most)


def _grid(totals: Floats) -> float:
    """The smallest step from one score to another."""
    steps = np.diff(np.unique(totals))
    return float(steps.min(initial=np.inf))


def _is_loose(bins: _Bins, grid: float) -> bool:
    """Whether the bins leave open how many students have each score.

    Their mean and standard deviation are known as well: two equations.
    """
    scores = [width * bins.by / grid for width in bins.widths]
    wide = min(scores) >= _FEWEST and min(scores[0], scores[-1]) >= _FEWEST_OUTERMOST
    return wide and sum(n - 1 for n in scores) >= _EQUATIONS + _FREE


def _starts(widths: Sequence[int]) -> list[int]:
    return [0, *np.cumsum(widths)[:-1].tolist()]


def _stacked(bars: Sequence[Chart], y: Axis) -> list[tuple[float, float, float]]:
    """A dot for each student: its place and size."""
    room = y.start - y.at(1)
    size = round(min(5.0, room / 2, bars[0]["width"] / 2) - 0.4, 1)
    return [
        (
            round(bar["x"] + bar["width"] / 2, 1),
            round(y.start - room * (i + 0.5), 1),
            size,
        )
        for bar in bars
        for i in range(bar["n"])
    ]


def scatter(points: Sequence[Row]) -> Chart | None:
    """Difficulty against the correlation with the rest; those to look at have names.

    A point has ``label``, ``difficulty``, ``rest`` with its interval ``ends``, and
    ``odd``.
    """
    known = [p for p in points if None not in (p["difficulty"], p["rest"])]
    if not known:
        return None
    shares = [0.0, 1.0, *(p["difficulty"] for p in known)]
    lows = [p["ends"][0] for p in known if p["ends"] and len(known) <= _WHISKERS]
    lowest = min([-0.2, *(p["rest"] for p in known), *lows])
    x = Axis(min(shares), max(shares), _LEFT, _RIGHT)
    y = Axis(float(np.floor(lowest * 5 + 1e-9) / 5), 1, 300, 26)
    placed = [
        {
            **p,
            "x": x.at(p["difficulty"]),
            "y": y.at(p["rest"]),
            "ends": p["ends"] and [y.at(max(end, y.low)) for end in p["ends"]],
        }
        for p in known
    ]
    odd = [p for p in placed if p["odd"]]
    return {
        "plain": [p for p in placed if not p["odd"]],
        "odd": _named(odd),
        "whiskers": placed if len(placed) <= _WHISKERS else odd,
        "zero": y.at(0),
        "x": x.ticks(5),
        "y": y.ticks(9),
    }


def _named(points: Sequence[Row]) -> list[Chart]:
    """Put a name beside each point where no other name is, if there is such a place."""
    taken: list[tuple[float, float]] = []
    named = []
    for p in points:
        wide = 8 * len(p["label"])
        spots = [(8, 4, "start"), (-8, 4, "end"), (0, -9, "middle"), (0, 19, "middle")]
        if p["x"] + wide + 8 > _RIGHT + 8:
            spots = [spot for spot in spots if spot[2] != "start"]
        for dx, dy, anchor in spots:
            shift = {"start": wide / 2, "end": -wide / 2, "middle": 0}[anchor]
            at = (p["x"] + dx + shift, p["y"] + dy)
            if all(abs(at[0] - a) > wide or abs(at[1] - b) > 12 for a, b in taken):
                break
        else:
            dx, dy, anchor = spots[0]
            at = (p["x"] + dx, p["y"] + dy)
        taken.append(at)
        text = {"tx": p["x"] + dx, "ty": p["y"] + dy, "anchor": anchor}
        named.append({**p, **text})
    return named


def traces(lines: Sequence[Row], groups: Sequence[str]) -> Chart:
    """The share of each group that chose an option, from the lowest to the highest.

    A line has ``letter``, ``correct`` and ``shares``, one per group.
    """
    x, y = Axis(0, len(groups) - 1, _LEFT + 18, _RIGHT - 48), Axis(0, 1, 190, 16)
    drawn = [
        {
            **line,
            "points": [(x.at(i), y.at(s)) for i, s in enumerate(line["shares"])],
        }
        for line in lines
    ]
    return {
        "lines": _apart(drawn),
        "x": [(name, x.at(i)) for i, name in enumerate(groups)],
        "y": y.ticks(5),
    }


def _apart(lines: Sequence[Chart], gap: float = 14) -> list[Chart]:
    """Put the letters at the ends of lines so far apart that each can be read."""
    order = sorted(lines, key=lambda line: line["points"][-1][1])
    below = 4.0
    for line in order:
        below = max(line["points"][-1][1] + 4, below + gap)
        line["at"] = below
    above = 203.0
    for line in reversed(order):
        above = min(line["at"], above - gap)
        line["at"] = round(above, 1)
    return list(lines)
