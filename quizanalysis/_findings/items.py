"""What can be found of an item as a whole."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from quizanalysis import intervals
from quizanalysis._findings.rows import (
    CANNOT_TELL,
    FINE,
    LOOK,
    REST,
    Floats,
    Found,
    Ints,
    Mask,
    Tables,
    above,
    below,
    count,
    decimal,
    flags,
    floats,
    for_correlation,
    for_half,
    for_share,
    percent,
    whole,
)
from quizanalysis._findings.thresholds import Thresholds
from quizanalysis._readout.exclusions import seems_overstated


def item_rules(tables: Tables, against: Thresholds) -> Iterator[Found]:
    """Test each rule on each item that it applies to."""
    yield _difficulty(tables, "too_easy", against.easy)
    yield _difficulty(tables, "too_hard", against.hard)
    rest = floats(tables.items, REST)
    limit = np.full(len(rest), against.discrimination)
    if against.efficiency is not None and tables.greatest is not None:
        limit = against.efficiency * tables.greatest
    for finding, least in (
        ("does_not_discriminate", limit),
        ("discriminates_negatively", np.zeros(len(rest))),
    ):
        known = ~np.isnan(rest) & ~np.isnan(least)
        yield _with_rest(tables, finding, least, known)
    yield _reliability(tables)
    yield _blanks(tables, against.blank)
    yield _inferred(tables)
    yield _ungraded(tables)
    yield _points(tables)


def found_of_items(
    tables: Tables,
    finding: str,
    where: Mask,
    outcome: Ints,
    needed: Floats,
    fields: dict[str, pa.Array],
) -> Found:
    """Keep the items that a rule applies to."""
    rows = np.flatnonzero(where)
    n = floats(tables.items, "n")
    kept = {name: words.take(pa.array(rows)) for name, words in fields.items()}
    return Found(
        finding,
        tables.quiz_of_item[rows],
        rows,
        np.full(len(rows), -1),
        outcome[rows],
        whole(needed, n, outcome)[rows],
        kept,
    )


def _difficulty(tables: Tables, finding: str, limit: float) -> Found:
    items = tables.items
    n, share = floats(items, "n"), floats(items, "difficulty")
    low, high = floats(items, "difficulty_low"), floats(items, "difficulty_high")
    judge = above if finding == "too_easy" else below
    outcome = judge(low, high, limit)
    # Wilson's interval stands beside both, or the item has partial credit.
    all_or_nothing = low == floats(items, "correct_ratio_low")
    half = np.where(share < limit, high - share, share - low)
    needed = np.where(
        all_or_nothing,
        for_share(share, limit, tables.z),
        for_half(n, half, share - limit),
    )
    fields = {
        "n": count(n),
        "figure": percent(share),
        "low": percent(low),
        "high": percent(high),
        "threshold": percent(np.full(len(n), limit)),
    }
    return found_of_items(tables, finding, ~np.isnan(share), outcome, needed, fields)


def _with_rest(tables: Tables, finding: str, limit: Floats, where: Mask) -> Found:
    """Test the correlation with the rest; an item without spread has none."""
    items = tables.items
    n, r = floats(items, "n"), floats(items, REST)
    low, high = floats(items, f"{REST}_low"), floats(items, f"{REST}_high")
    fields = {
        "n": count(n),
        "figure": decimal(r),
        "low": decimal(low),
        "high": decimal(high),
        "threshold": decimal(limit),
    }
    if finding == "lowers_reliability":
        alpha = floats(tables.summary, "alpha")[tables.quiz_of_item]
        fields["alpha"] = decimal(alpha, 3)
        fields["alpha_without"] = decimal(floats(items, "alpha_if_deleted"), 3)
    needed = for_correlation(r, limit, tables.z)
    outcome = below(low, high, limit)
    return found_of_items(tables, finding, where, outcome, needed, fields)


def _reliability(tables: Tables) -> Found:
    limit = break_even(tables)
    return _with_rest(tables, "lowers_reliability", limit, ~np.isnan(limit))


def break_even(tables: Tables) -> Floats:
    """The correlation with the rest at which alpha is the same without the item.

    With the variance v of the item, V of the others' sum and S the sum of theirs, alpha
    with the item grows with its covariance c with the rest: k / (k - 1) (1 - (S + v) /
    (V + v + 2c)). Set equal to alpha without it, this gives c. NaN where alpha does not
    rest on all responses to the item.
    """
    items, quiz = tables.items, tables.quiz_of_item
    n, ddof = floats(items, "n"), float(tables.options_made.get("ddof", 1))
    k = np.bincount(quiz[n > 0], minlength=tables.summary.num_rows)[quiz]
    k = np.where(k > 2, k, np.nan).astype(np.float64)
    own, of_quiz = floats(items, "sd"), floats(tables.summary, "sd")[quiz]
    people = floats(tables.summary, "n")[quiz]
    same = (floats(items, "n_complete") == n) & (people == n) & (n > ddof)
    points = tables.options_made.get("criterion", "points") == "points"
    without = np.where(same & points, floats(items, "alpha_if_deleted"), np.nan)
    v, shared = own**2, floats(items, "point_biserial") * own * of_quiz
    rest = of_quiz**2 - 2 * shared + v
    rest = np.where(rest > 0, rest, np.nan)
    v = np.where(v > 0, v, np.nan)
    others = rest * (1 - without * (k - 2) / (k - 1))
    gap = 1 - without * (k - 1) / k
    total = (others + v) / np.where(gap > 0, gap, np.nan)
    return np.asarray(np.clip((total - rest - v) / 2 / np.sqrt(v * rest), -1.0, 1.0))


def shown(tables: Tables) -> tuple[Floats, Floats]:
    """Responses left blank, and of how many."""
    n, blank = floats(tables.items, "n"), floats(tables.items, "n_blank")
    left_out = tables.options_made.get("blank") == "omit"
    return blank, np.maximum(n + blank if left_out else n, blank)


def _blanks(tables: Tables, limit: float) -> Found:
    blank, of = shown(tables)
    share = blank / np.where(of > 0, of, np.nan)
    low, high = intervals.wilson_interval(share, of, tables.level)
    outcome = above(low, high, limit)
    needed = for_share(share, limit, tables.z)
    fields = {
        "n": count(of),
        "blank": count(blank),
        "figure": percent(share),
        "low": percent(low),
        "high": percent(high),
        "threshold": percent(np.full(len(of), limit)),
    }
    return found_of_items(tables, "many_blanks", of > 0, outcome, needed, fields)


def _inferred(tables: Tables) -> Found:
    items = tables.items
    points = flags(items, "points_inferred")
    key = np.zeros(items.num_rows, bool)
    taken = flags(tables.options, "key_inferred") & flags(tables.options, "correct")
    key[tables.item_of_option[taken]] = True
    outcome = np.where(points, LOOK, np.where(key, CANNOT_TELL, FINE))
    n = floats(items, "n")
    best = decimal(floats(items, "max"))
    fields = {"n": count(n), "figure": best}
    nothing = np.full(len(n), np.nan)
    return found_of_items(tables, "score_inferred", n > 0, outcome, nothing, fields)


def _ungraded(tables: Tables) -> Found:
    n, waiting = floats(tables.items, "n"), floats(tables.items, "n_not_graded")
    outcome = np.where(waiting > 0, LOOK, FINE)
    fields = {"n": count(n), "figure": count(waiting), "all": count(n + waiting)}
    nothing, there = np.full(len(n), np.nan), n + waiting > 0
    return found_of_items(tables, "ungraded_rest", there, outcome, nothing, fields)


def _points(tables: Tables) -> Found:
    """Test whether the points possible are what a full answer earns.

    Scores have no other value than 0 and the best where their variance is the largest
    that any of this mean could have.
    """
    items = tables.items
    n, points = floats(items, "n"), floats(items, "points_possible")
    mean, best = floats(items, "mean"), floats(items, "max")
    ddof = float(tables.options_made.get("ddof", 1))
    variance = floats(items, "sd") ** 2 * (n - ddof) / np.where(n > 0, n, np.nan)
    two_valued = np.isclose(variance, mean * (best - mean), rtol=1e-9, atol=1e-12)
    n_best = n * mean / np.where(best > 0, best, np.nan)
    declared = ~flags(items, "points_inferred") & ~np.isnan(best)
    overstated = two_valued & seems_overstated(points, best, n_best, n)
    outcome = np.where(overstated, LOOK, FINE)
    worth = {"points": _points_text(points), "figure": _points_text(best)}
    fields = {"n": count(n), "chosen": count(n_best), **worth}
    nothing = np.full(len(n), np.nan)
    return found_of_items(
        tables, "points_not_reached", declared, outcome, nothing, fields
    )


def _points_text(values: Floats) -> pa.Array:
    return pa.array([f"{value:.6g}" for value in values.tolist()], pa.string())
