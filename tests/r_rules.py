"""What psych and CTT do with a table, written down step by step: slow, in loops.

From the formulas as they are described, not from the library, which nothing here
imports. A table is a list of rows, one per student, with None for what is missing.
Sums, means and covariances are fractions; only roots and inverses are floats.
"""

from fractions import Fraction
from itertools import combinations, pairwise
from math import floor, isfinite, sqrt, trunc
from statistics import NormalDist, median

import numpy as np
from exact import exact, f_quantile, mean

NORMAL = NormalDist()


def table_of(rows):
    """Scores to a billionth of a point, as fractions."""
    return [[exact(x) for x in row] for row in rows]


def number(value):
    """As a float; None for what is not there."""
    return None if value is None or not isfinite(value) else float(value)


def over(top, bottom):
    """A quotient; None when a part is missing or the divisor is 0."""
    return None if None in (top, bottom) or bottom == 0 else top / bottom


def root(value):
    return None if value is None or value < 0 else sqrt(value)


def cov(x, y):
    """R's ``cov``: divisor n - 1; None below two."""
    if len(x) < 2:
        return None
    a, b = mean(x), mean(y)
    products = [(p - a) * (q - b) for p, q in zip(x, y, strict=True)]
    return sum(products) / (len(x) - 1)


def cor(x, y):
    """R's ``cor``."""
    shared, one, two = cov(x, y), cov(x, x), cov(y, y)
    if shared is None or not one or not two:
        return None
    return float(shared) / sqrt(one) / sqrt(two)


def column(table, j):
    return [row[j] for row in table if row[j] is not None]


def both(table, i, j):
    rows = [r for r in table if r[i] is not None and r[j] is not None]
    return [r[i] for r in rows], [r[j] for r in rows]


def total(values):
    """The sum; None when one is missing."""
    values = list(values)
    return None if None in values else sum(values)


def scaled(c):
    """R's ``cov2cor``."""
    k = range(len(c))
    sd = [root(c[i][i]) for i in k]
    return [
        [over(None if c[i][j] is None else float(c[i][j]), (sd[i] or 0) * (sd[j] or 0))
         for j in k] for i in k
    ]  # fmt: skip


def correlations(table, items, *, own_base):
    """Of each two items over who has both; or scaled from such covariances."""
    if not own_base:
        return scaled([[cov(*both(table, i, j)) for j in items] for i in items])
    return [[1.0 if i == j else cor(*both(table, i, j)) for j in items] for i in items]


def without(matrix, i):
    """The matrix without that row and column."""
    kept = [j for j in range(len(matrix)) if j != i]
    return [[matrix[a][b] for b in kept] for a in kept]


def everything(matrix):
    return total(x for row in matrix for x in row)


def trace(matrix):
    return total(matrix[i][i] for i in range(len(matrix)))


def below(matrix):
    return [matrix[i][j] for i in range(len(matrix)) for j in range(i)]


def smc(r):
    """Squared multiple correlations: of psych's generalised inverse, within 0 and 1."""
    if everything(r) is None:
        return [None] * len(r)
    u, d, v = np.linalg.svd(np.array(r, float))
    kept = d > np.sqrt(np.finfo(float).eps) * d[0]
    precision = np.diag(v[kept].T @ np.diag(1 / d[kept]) @ u[:, kept].T)
    with np.errstate(divide="ignore"):
        return np.clip(1 - 1 / precision, 0, 1).tolist()


def alpha_of(c, r, n):
    """Psych's figures of a set of items, from their covariances and correlations."""
    k = len(c)
    sum_c, tr_c, sum_r = everything(c), trace(c), everything(r)
    explained = total(smc(r))
    average = None if sum_r is None else (sum_r - k) / (k * (k - 1))
    pairs = [x for x in below(r) if x is not None]
    raw = over(tr_c, sum_c)
    std = over(k, sum_r)
    left = None if explained is None else over(k - explained, sum_r)
    error = None
    if sum_c:
        square = np.array(c, object) @ np.array(c, object)
        q = sum_c * (np.trace(square) + tr_c**2) - 2 * tr_c * square.sum()
        error = root(Fraction(2 * k**2, (k - 1) ** 2) / sum_c**3 * q / n)
    return {
        "raw_alpha": None if raw is None else Fraction(k, k - 1) * (1 - raw),
        "std.alpha": None if std is None else (1 - std) * k / (k - 1),
        "G6(smc)": None if left is None else 1 - left,
        "average_r": average,
        "S/N": None if average is None else over(k * average, 1 - average),
        "alpha se": error,
        "var.r": cov(pairs, pairs),
        "med.r": median(pairs) if pairs else None,
    }


def alpha_drop(c, r, n):
    """The same of what is left without each item; of two items psych has its own."""
    if len(c) > 2:
        return [alpha_of(without(c, i), without(r, i), n) for i in range(len(c))]
    one = r[0][1]
    rest = {
        "std.alpha": one,
        "G6(smc)": smc(r)[0],
        "average_r": one,
        "S/N": None if one is None else over(one, 1 - one),
        "alpha se": None,
        "var.r": 0.0,
        "med.r": one,
    }
    return [{"raw_alpha": over(c[0][1], c[1 - i][1 - i]), **rest} for i in (0, 1)]


def psych_alpha(rows, use="pairwise"):
    """``alpha(x, cumulative = TRUE)``: items (None for those deleted), total."""
    table = table_of(rows)
    k = range(len(table[0]))
    kept = [j for j in k if cov(column(table, j), column(table, j))]
    constant = total(
        x for j, x in enumerate(table[0]) if j not in kept and x is not None
    )
    totals = [
        sum(row[j] for j in kept if row[j] is not None) + constant for row in table
    ]
    base = list(range(len(table)))
    if use == "complete":
        base = [i for i in base if None not in [table[i][j] for j in kept]]
    used = [table[i] for i in base]
    c = [[cov(*both(used, i, j)) for j in kept] for i in kept]
    r = correlations(used, kept, own_base=True)
    spread = cov(totals, totals)
    whole = {"mean": mean(totals), "sd": root(spread)}
    items = [None for _ in k]
    if len(kept) > 1:
        whole |= alpha_of(c, r, len(table))
        whole["feldt"] = feldt(whole["raw_alpha"], len(table), len(kept))
        dropped = alpha_drop(c, r, len(table))
        for place, j in enumerate(kept):
            there = [i for i in base if table[i][j] is not None]
            raw = cor([table[i][j] for i in there], [totals[i] for i in there])
            items[j] = item_of(column(table, j), c, r, place)
            items[j] |= {"raw.r": raw, "drop": dropped[place]}
    return items, whole


def item_of(own, c, r, i):
    """One row of ``item.stats``."""
    explained = smc(r)
    rc = [[explained[a] if a == b else r[a][b] for b in range(len(r))]
          for a in range(len(r))]  # fmt: skip
    rest = everything(without(c, i))
    shared = total(c[a][i] for a in range(len(c)) if a != i)
    scale = None if rest is None else root(rest * c[i][i])
    return {
        "n": len(own),
        "mean": mean(own),
        "sd": root(cov(own, own)),
        "std.r": over(total(x[i] for x in r), root(everything(r))),
        "r.cor": over(total(x[i] for x in rc), root(everything(rc))),
        "r.drop": over(None if shared is None else float(shared), scale),
    }


def feldt(alpha, n, k):
    """``alpha.ci``: 95 %."""
    if alpha is None or n < 2:
        return None
    df = n - 1, (n - 1) * (k - 1)
    return [1 - (1 - float(alpha)) * f_quantile(share, *df) for share in (0.975, 0.025)]


def split_half(rows, *, covar):
    """``splitHalf(x, brute = TRUE, check.keys = FALSE, covar = covar)``."""
    table = table_of(rows)
    seen = [j for j in range(len(table[0])) if column(table, j)]
    c = [[cov(*both(table, i, j)) for j in seen] for i in seen]
    r = correlations(table, seen, own_base=False)
    k, m = len(seen), c if covar else r
    v, tr = everything(m), trace(m)
    if k < 2 or not v or v < 0:
        return {}
    explained = smc(r)
    if None not in explained:
        explained = [float(e * m[i][i]) for i, e in enumerate(explained)]
    halves = []
    for a in combinations(range(k), k // 2):
        across = sum(m[i][j] for i in a for j in range(k) if j not in a)
        halves.append(abs(4 * float(across) / float(v)))
    first = 1 - tr / v
    squares = 2 * sum(x * x for x in below(m))
    return {
        "maxrb": max(halves),
        "minrb": min(halves),
        "meanr": sum(halves) / len(halves),
        "alpha": first * k / (k - 1),
        "lambda2": float(first) + sqrt(squares * k / (k - 1)) / float(v),
        "lambda6": None if None in explained else 1 - float(tr - sum(explained)) / v,
        "av.r": sum(below(m)) / len(below(m)),
        "med.r": median(below(m)),
    }


def itemanalysis(rows, missing):
    """``CTT::itemAnalysis(x)``: items (None for those nobody saw), and the head."""
    table = table_of(rows)
    if missing == "zero":
        table = [[x or Fraction(0) for x in row] for row in table]
    k = [j for j in range(len(table[0])) if column(table, j)]
    table = [[row[j] for j in k] for row in table if None not in [row[j] for j in k]]
    items = dict.fromkeys(k)
    table = table if k else []
    head = {"nItem": len(k), "nPerson": len(table)}
    if not table:
        return items, head
    sums = [sum(row) for row in table]
    spread = cov(sums, sums)
    head |= {"scaleMean": mean(sums), "scaleSD": root(spread)}
    head["alpha"] = alpha([column(table, j) for j in range(len(k))])
    for place, j in enumerate(k):
        x = column(table, place)
        rest = [t - own for t, own in zip(sums, x, strict=True)]
        others = [column(table, i) for i in range(len(k)) if i != place]
        items[j] = {
            "itemMean": mean(x),
            "pBis": cor(x, rest),
            "bis": polyserial(x, rest),
            "alphaIfDeleted": alpha(others),
        }
    return items, head


def alpha(items):
    """Cronbach's alpha of several lists of scores."""
    k = len(items)
    sums = [sum(row) for row in zip(*items, strict=True)]
    if k < 2 or not cov(sums, sums):
        return None
    return Fraction(k, k - 1) * (1 - sum(cov(x, x) for x in items) / cov(sums, sums))


def polyserial(x, rest):
    """Two steps: thresholds from the shares, then r times sd over the densities."""
    levels = sorted(set(x))
    codes = [levels.index(value) + 1 for value in x]
    r, n = cor(codes, rest), len(x)
    if r is None:
        return None
    cuts = [sum(c <= m for c in codes) / n for m in range(1, len(levels))]
    heights = sum(NORMAL.pdf(NORMAL.inv_cdf(cut)) for cut in cuts)
    return r * sqrt(cov(codes, codes) * (n - 1) / n) / heights


def distractors(answers, key, groups):
    """``CTT::distractorAnalysis(pTable = FALSE)``: rows by item and answer.

    None is an answer that is missing; a blank is to be given as an answer of its own.
    """
    ends = [i / groups for i in range(1, groups)] if isinstance(groups, int) else []
    if not ends:
        for share in groups[:-1]:
            ends.append((ends[-1] if ends else 0) + share)
    totals = [sum(a == k for a, k in zip(row, key, strict=True)) for row in answers]
    cuts = [quantile(totals, p) for p in (0, *ends, 1)]
    whole = all(a < b for a, b in pairwise(cuts))
    group = [sum(t > cut for cut in cuts[1:-1]) for t in totals]
    names = ["lower", *(f"mid{trunc(100 * end)}" for end in ends[1:]), "upper"]
    found = {}
    for item, right in enumerate(key):
        given = [row[item] for row in answers]
        for answer in sorted({a for row in answers for a in row if a is not None}):
            one = {"correct": "*" if answer == right else ""}
            one["n"] = given.count(answer)
            said = sum(a is not None for a in given)
            one["rspP"] = over(one["n"], said)
            chose = [Fraction(a == answer) for a in given]
            one["pBis"] = None
            if said == len(given):
                rests = [t - c for t, c in zip(totals, chose, strict=True)]
                one["pBis"] = cor(chose, rests)
            counts, sizes = ([0] * (len(ends) + 1) for _ in range(2))
            for a, g in zip(given, group, strict=True):
                counts[g] += a == answer
                sizes[g] += a is not None
            shares = [over(c, s) for c, s in zip(counts, sizes, strict=True)]
            one["discrim"] = None
            if whole and None not in (shares[0], shares[-1]):
                one["discrim"] = shares[-1] - shares[0]
            one |= dict(
                zip(names, counts if whole else [None] * len(names), strict=True)
            )
            found[item, answer] = one
    return found


def quantile(values, p):
    """R's quantile of type 7."""
    values = sorted(values)
    place = (len(values) - 1) * p
    low = floor(place + 4 * np.finfo(float).eps)
    part = place - low if abs(place - low) > 4 * np.finfo(float).eps else 0
    return (1 - part) * values[low] + part * values[min(low + 1, len(values) - 1)]
