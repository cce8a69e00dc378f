"""Exact arithmetic for the oracle: fractions and plain loops, rounded at the very end.

Nothing here knows what a quiz is, and nothing imports the library.
"""

from collections import Counter
from decimal import Context, Decimal
from fractions import Fraction
from itertools import chain, pairwise, permutations, product
from math import ceil, exp, floor, lgamma, log

NANO = Fraction(1, 10**9)
NO_SPREAD = Fraction(1, 2 * 10**6)
TIE = {"points": Fraction(1, 10**6), "share": NANO}
_FIFTY = Context(prec=50)


def exact(value):
    """Points as a fraction, rounded to a whole number of 1e-9."""
    return None if value is None else round(Fraction(value) / NANO) * NANO


def number(value):
    """As a float, rounded once."""
    return None if value is None else float(value)


def root(value):
    """The square root of a fraction to 50 digits, with the sign of the fraction."""
    size = _FIFTY.divide(Decimal(abs(value.numerator)), Decimal(value.denominator))
    return Fraction(_FIFTY.sqrt(size)) * (1 if value >= 0 else -1)


def mean(values, weights=None):
    """The weighted mean of a list that is not empty."""
    weights = weights or [1] * len(values)
    total = sum(w * v for w, v in zip(weights, values, strict=True))
    return Fraction(total) / sum(weights)


def moment(values, power):
    """The central moment of that power, divided by n."""
    middle = mean(values)
    return mean([(value - middle) ** power for value in values])


def spreads(values):
    """Whether there is any spread: a population sd above 0.5e-6."""
    return len(values) > 1 and moment(values, 2) > NO_SPREAD**2


def deviation(values, ddof):
    """The standard deviation with that divisor's correction."""
    n = len(values)
    return None if n <= ddof else root(moment(values, 2) * n / (n - ddof))


def correlation(left, right):
    """Pearson's correlation of two lists of fractions; None without spread."""
    if None in left or None in right or not (spreads(left) and spreads(right)):
        return None
    a, b = mean(left), mean(right)
    shared = mean([(x - a) * (y - b) for x, y in zip(left, right, strict=True)])
    sign = 1 if shared >= 0 else -1
    return root(sign * shared**2 / (moment(left, 2) * moment(right, 2)))


def t_quantile(share, df):
    """The point below which that share of a t distribution lies; its square is an F."""
    return f_quantile(2 * share - 1, 1, df) ** 0.5


def f_quantile(share, df1, df2):
    """The point below which that share of an F distribution lies, by bisection."""
    low, high = 0.0, 1.0
    while f_cdf(high, df1, df2) < share:
        low, high = high, 2 * high
    while low < (middle := (low + high) / 2) < high:
        below = f_cdf(middle, df1, df2) < share
        low, high = (middle, high) if below else (low, middle)
    return high


def f_cdf(value, df1, df2):
    """The share of an F distribution below a value: an incomplete beta ratio."""
    if value <= 0:
        return 0.0
    a, b = df1 / 2, df2 / 2
    x, y = df1 * value / (df1 * value + df2), df2 / (df1 * value + df2)
    front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log(y))
    if x < (a + 1) / (a + b + 2):
        return front / a / beta_fraction(a, b, x)
    return 1 - front / b / beta_fraction(b, a, y)


def beta_fraction(a, b, x):
    """The continued fraction of the incomplete beta, from its tail to its head."""
    value = 1.0
    for i in range(400, 0, -1):
        m = i // 2
        if i % 2:
            term = -(a + m) * (a + b + m) / ((a + 2 * m) * (a + 2 * m + 1))
        else:
            term = m * (b - m) / ((a + 2 * m - 1) * (a + 2 * m))
        value = 1 + term * x / value
    return value


def tie_groups(totals, tolerance):
    """Indices from the best total to the worst, in lists of those that tie."""
    order = sorted(range(len(totals)), key=lambda i: -totals[i])
    groups = [order[:1]]
    for before, i in pairwise(order):
        if totals[before] - totals[i] <= tolerance:
            groups[-1].append(i)
        else:
            groups.append([i])
    return groups


def group_size(n, tail):
    """How many make up the upper group, and the lower one."""
    size = max(1, floor(Fraction(str(tail)) * n + Fraction(1, 2)))
    return min(size, n // 2) if n > 1 else size


def membership(groups, size, ties):
    """The weight with which each index is among the first `size`."""
    weight, room = {}, Fraction(size)
    for group in groups:
        part = min(Fraction(1), room / len(group))
        if ties == "include":
            part = Fraction(ceil(part))
        weight |= dict.fromkeys(group, part)
        room = max(Fraction(0), room - len(group))
    return [weight[i] for i in range(len(weight))]


def upper_and_lower(totals, tail, ties, tolerance):
    """Return two lists of weights, or None when there are no groups."""
    if len(totals) < 2 or None in totals:
        return None
    groups = tie_groups(totals, tolerance)
    if len(groups) == 1:
        return None
    size = group_size(len(totals), tail)
    return membership(groups, size, ties), membership(groups[::-1], size, ties)


def equal_groups(totals, groups, tolerance):
    """Return lists of weights, lowest group first, or None when there are no groups."""
    n = len(totals)
    if n < groups or None in totals:
        return None
    tied = tie_groups(totals, tolerance)[::-1]
    if len(tied) == 1:
        return None
    upto = [
        membership(tied, Fraction(g * n, groups), "split") for g in range(groups + 1)
    ]
    return [
        [b - a for a, b in zip(low, high, strict=True)] for low, high in pairwise(upto)
    ]


def split_by_enumeration(totals, size, tolerance=TIE["points"]):
    """The same weights as the mean over every order in which ties can be sorted."""
    groups = tie_groups(totals, tolerance)
    orders = [
        list(chain(*order)) for order in product(*(permutations(g) for g in groups))
    ]
    first = Counter(chain.from_iterable(order[:size] for order in orders))
    last = Counter(chain.from_iterable(order[-size:] for order in orders))
    share = [[Fraction(c[i], len(orders)) for i in range(len(totals))]
             for c in (first, last)]  # fmt: skip
    return share[0], share[1]
