"""What the figures of a summary tell of its lowest and its highest total."""

import numpy as np
from attacker_equations import Equations

_EXACT = 1e-9


def of_totals(published):
    """Prove the lowest and the highest total, and how many have it.

    The unknowns are the numbers of students at each whole total: they add up to n, and
    their powers to what mean, standard deviation, skewness and kurtosis say.
    """
    summary = published.summary
    n, most = summary["n"], sum(item.points for item in published.items.values())
    if not n or summary["mean"] is None or summary["sd"] is None:
        return {}, 0
    equations = Equations()
    totals = np.arange(most + 1)
    keys = [("total", (int(t),), "n") for t in totals]
    for key in keys:
        equations.let(key, 0, n)
    equations.add(dict.fromkeys(keys, 1), n)
    for power, low, high in powers(summary, n):
        values = (totals - center(summary)).astype(float) ** power
        scale = max(1.0, np.abs(values).max() / 1e3)
        terms = dict(zip(keys, (values / scale).tolist(), strict=True))
        equations.add(terms, low / scale, high / scale)
    _median(equations, keys, summary, n)
    for low, high, count in published.bars:
        own = {key: 1 for key, t in zip(keys, totals, strict=True) if low <= t <= high}
        equations.add(own, count)
    found = _ends(equations, keys, n)
    return found, equations.undecided


def center(summary):
    """A whole number near the mean, so that powers stay small."""
    return round(summary["mean"])


def powers(summary, n):
    """Yield the power, and between what the sum of that power of the totals is."""

    def ends(name):
        error = _EXACT * (1 + abs(summary[name]))
        return summary[name] - error, summary[name] + error

    c = center(summary)
    mean = [x - c for x in ends("mean")]
    first = _whole([n * x for x in mean])
    yield 1, *first
    second = [(n - 1) * max(x, 0) ** 2 for x in ends("sd")]
    squares = [n * x * x for x in mean]
    if mean[0] < 0 < mean[1]:
        squares.append(0)
    low, high = _whole([second[0] + min(squares), second[1] + max(squares)])
    yield 2, low, high
    if first[0] != first[1] or low != high:
        # Else the higher powers have too much room to tell anything.
        return
    m, m2 = first[0] / n, low / n - (first[0] / n) ** 2
    if summary.get("skewness") is None or n < 3 or m2 <= 0:
        return
    third = [g * (n - 2) / np.sqrt(n * (n - 1)) * m2**1.5 for g in ends("skewness")]
    cubes = _whole([n * (x + 3 * m * m2 + m**3) for x in third])
    yield 3, *cubes
    if summary.get("kurtosis") is None or n < 4 or cubes[0] != cubes[1]:
        return
    m3 = cubes[0] / n - 3 * m * m2 - m**3
    g2 = [((x * (n - 2) * (n - 3) / (n - 1)) - 6) / (n + 1) for x in ends("kurtosis")]
    fourth = [(g + 3) * m2**2 for g in g2]
    yield 4, *_whole([n * (x + 4 * m * m3 + 6 * m**2 * m2 + m**4) for x in fourth])


def _whole(ends):
    """The whole numbers between two ends."""
    near = 1e-6 * (1 + max(map(abs, ends)) * 1e-3)
    return float(np.ceil(min(ends) - near)), float(np.floor(max(ends) + near))


def _median(equations, keys, summary, n):
    """At least half are not above the median, and at least half not below."""
    value = summary.get("median")
    if value is None:
        return
    least = (n + 1) // 2
    below = {key: 1 for key in keys if key[1][0] <= value + _EXACT}
    above = {key: 1 for key in keys if key[1][0] >= value - _EXACT}
    equations.add(below, least, n)
    equations.add(above, least, n)
    if n % 2:
        equations.let(keys[round(value)], 1, n)


def _ends(equations, keys, n):
    """The extremes, if every distribution that fits has the same."""
    found = {}
    for name, order in (("max", keys[::-1]), ("min", keys)):
        extreme = ("summary", (), name)
        some = [("some", key[1], name) for key in order]
        # Some is 1 where anybody has this total or one further out.
        for at, (key, one) in enumerate(zip(order, some, strict=True)):
            equations.let(one, 0, 1)
            equations.add({one: n, key: -1}, 0, np.inf)
            outer = {} if at == 0 else {some[at - 1]: -1}
            equations.add({one: 1, key: -1, **outer}, -np.inf, 0)
            if at:
                equations.add({one: 1, some[at - 1]: -1}, 0, np.inf)
        equations.let(extreme, 0, len(keys) - 1)
        sign = 1 if name == "max" else -1
        base = -1 if name == "max" else len(keys)
        equations.add({extreme: 1, **dict.fromkeys(some, -sign)}, base)
    found |= equations.proved([("summary", (), "max"), ("summary", (), "min")])
    for name in ("max", "min"):
        if (value := found.get(("summary", (), name))) is not None:
            own = ("total", (int(value),), "n")
            count = equations.proved([own])
            found |= {("summary", (), f"n_{name}"): n for n in count.values()}
    return found
