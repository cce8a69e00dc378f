"""The rules of findings once more, from what is said of them: one row at a time.

Written from the documentation and never from the rules, which are not imported. What is
nearer to its limit than rounding can tell is `CLOSE`: there either outcome would do.
"""

from collections import defaultdict
from fractions import Fraction
from itertools import chain
from math import atanh, ceil, inf, sqrt
from statistics import NormalDist

from oracle_intervals import newcombe, wilson

LOOK, CANNOT_TELL, FINE = "look", "cannot tell", "fine"
REST = "point_biserial_corrected"
FEWEST = 5
CLOSE = "close"
NEAR = 1e-9

OF_ITEMS_AND_OPTIONS = (
    "too_easy",
    "too_hard",
    "does_not_discriminate",
    "discriminates_negatively",
    "many_blanks",
    "ungraded_rest",
    "points_not_reached",
    "distractor_attracts_the_best",
    "distractor_nobody_chooses",
)
OF_KEYS_AND_QUIZZES = (
    "key_probably_wrong",
    "two_keys_plausible",
    "blanks_rise_towards_the_end",
)


class TooCloseError(Exception):
    """A comparison that rounding may turn."""


def exceeds(a, b):
    """Whether a is above b, equal ones not."""
    if a != b and abs(a - b) <= NEAR:
        raise TooCloseError
    return a > b


def first(rows, *keys):
    """The row with the largest keys; the earlier of equal ones."""
    best = rows[0]
    for row in rows[1:]:
        for key in keys:
            if key(row) != key(best):
                best = row if exceeds(key(row), key(best)) else best
                break
    return best


def judged(low, high, limit, *, above):
    """The outcome by its definition."""
    if low is None:
        return CANNOT_TELL
    if above:
        return LOOK if low > limit else FINE if high <= limit else CANNOT_TELL
    return LOOK if high < limit else FINE if low >= limit else CANNOT_TELL


# ---- students needed ------------------------------------------------------------


def as_wide(n, half, away):
    """How many make an interval of this half width end where it is away from."""
    return n * (half / away) ** 2 if away else inf


def by_fisher(r, level):
    """How many make Fisher's interval of r end at 0; below four there is none."""
    if not r:
        return inf
    if abs(r) >= 1:
        return 4
    return max(4, 3 + (NormalDist().inv_cdf((1 + level) / 2) / atanh(r)) ** 2)


def whole(needed, n):
    """As a whole number of students, more than there are; None above a million."""
    exact = isinstance(needed, int | Fraction)
    if n < needed < 2e6 and not exact and abs(needed - round(needed)) <= NEAR * needed:
        raise TooCloseError
    return None if needed > 1e6 else max(ceil(needed), n + 1)


# ---- each item ------------------------------------------------------------------


def of_items_and_options(report, against, scores):
    """{(finding, item, option): outcome} of one quiz, at the default level."""
    told = chain(
        of_items(report, against),
        of_options(report, against),
        of_points(report, scores),
    )
    return {tuple(key): outcome for *key, outcome in told}


def of_items(report, against):
    """(finding, item, None, outcome) of the rules on items."""
    for row in report.item_analysis.to_pylist():
        key = row["item_id"], None
        ends = row["difficulty_low"], row["difficulty_high"]
        if row["difficulty"] is not None:
            yield "too_easy", *key, judged(*ends, against.easy, above=True)
            yield "too_hard", *key, judged(*ends, against.hard, above=False)
        ends = row[f"{REST}_low"], row[f"{REST}_high"]
        if row[REST] is not None:
            limit = against.discrimination
            yield "does_not_discriminate", *key, judged(*ends, limit, above=False)
            yield "discriminates_negatively", *key, judged(*ends, 0, above=False)
        of = max(row["n"], row["n_blank"])
        if of:
            ends = wilson(row["n_blank"] / of, of, 0.95)
            yield "many_blanks", *key, judged(*ends, against.blank, above=True)
        if row["n"] + row["n_not_graded"]:
            yield "ungraded_rest", *key, LOOK if row["n_not_graded"] else FINE


def of_points(report, scores):
    """Points possible that the scores of an item contradict."""
    for row in report.item_analysis.to_pylist():
        if row["points_inferred"] or not row["n"]:
            continue
        doubted = overstated(scores[row["item_id"]], row["points_possible"])
        yield "points_not_reached", row["item_id"], None, LOOK if doubted else FINE


def overstated(scores, points):
    """Whether nobody earned them all, and all who earned any earned the same."""
    earned = [score for score in scores if score != 0]
    return (
        len(earned) >= 2
        and 4 * len(earned) >= len(scores)
        and len(set(earned)) == 1
        and 0 < earned[0] < points
    )


# ---- each wrong option ----------------------------------------------------------


def of_options(report, against):
    """(finding, item, option, outcome) of the rules on single options."""
    for (_, item), rows in by_item(report.option_analysis).items():
        keys, others = keys_and_others(rows)
        wrong = sum(row["n"] for row in others)
        for row in others if keys else []:
            name = (item, row["option"])
            if row[REST] is not None:
                outcome, _ = does_well(row, 0.95)
                yield "distractor_attracts_the_best", *name, outcome
            if wrong:
                limit = against.distractor / len(others)
                rare = wilson(0.0, wrong, 0.95)[1] < limit
                outcome = FINE if row["n"] else LOOK if rare else CANNOT_TELL
                yield "distractor_nobody_chooses", *name, outcome


def by_item(table):
    """{(quiz, item): rows} of a table of options."""
    found = defaultdict(list)
    for row in table.to_pylist():
        found[row["quiz_id"], row["item_id"]].append(row)
    return found


def keys_and_others(rows):
    """Options that are keyed, and those that are not."""
    return [r for r in rows if r["correct"]], [r for r in rows if not r["correct"]]


def does_well(row, level):
    """(outcome, students needed): whether who chose an option did well on the rest."""
    outcome = judged(row[f"{REST}_low"], row[f"{REST}_high"], 0, above=True)
    if outcome == LOOK and row["n"] < FEWEST:
        return CANNOT_TELL, Fraction(row["n_item"] * FEWEST, row["n"])
    return outcome, by_fisher(row[REST], level)


def correlation(row):
    """That with the rest, or what is below any."""
    return -2 if row[REST] is None else row[REST]


# ---- each item with a key and a wrong option ------------------------------------


def key_probably_wrong(keys, others, size, level):
    """(option, outcome, students needed), or None where something is hidden.

    `size` is that of the upper group.
    """
    z = NormalDist().inv_cdf(level)
    ahead = {row["option"]: ahead_of_the_key(row, keys, size) for row in others}
    outcomes = {name: beats(both, z) for name, both in ahead.items()}
    outcome = next(o for o in (LOOK, CANNOT_TELL, FINE) if o in outcomes.values())
    those = [row for row in others if outcomes[row["option"]] == outcome]

    def furthest(row):
        return max(ahead[row["option"]], default=-inf)

    ranked = (correlation,) if outcome == LOOK else (furthest, correlation)
    named = first(those, *ranked)
    # Of what is hidden nothing is found.
    if any(row["n"] is None for row in [named, *keys]):
        return None
    most, n = furthest(named), named["n_item"]
    needed = None
    if outcome == CANNOT_TELL and most > -inf:
        needed = whole(as_wide(n, z, most), n)
    return named["option"], outcome, needed


def beats(ahead, z):
    """The outcome: one comparison suffices, unless the other one says the contrary."""
    behind = any(exceeds(-z, one) for one in ahead)
    look = any(exceeds(one, z) for one in ahead)
    return FINE if behind else LOOK if look else CANNOT_TELL


def ahead_of_the_key(row, keys, size):
    """By how many standard errors, by each comparison that there is."""
    # The later of equal ones.
    best = first(keys[::-1], correlation)
    both = among_the_best(row, keys, size), by_correlation(row, best)
    return [one for one in both if one is not None]


def among_the_best(row, keys, size):
    """Of the upper group: share of the option less that of the keys, over its error."""
    if not size or any(one["n_upper"] is None for one in [row, *keys]):
        return None
    p, q = (sum(map(part, some)) / size for some in ([row], keys))
    if (p + q) * size < FEWEST:
        return None
    variance = (p + q - (p - q) ** 2) / size
    if variance <= 0:
        return inf if p > q else -inf
    return float(p - q) / sqrt(variance)


def part(row):
    """How many of the upper group chose it, who tie at its cut in part."""
    return Fraction(row["n_upper"]).limit_denominator(1000)


def by_correlation(row, key):
    """Correlation of the option less that of the key, over its error.

    Two correlations with one variable, of two that are correlated by t, differ with the
    variance 2 (1 - t) / (n - 3).
    """
    n = row["n_item"]
    if row[REST] is None or key[REST] is None or n < 4 or row["n"] < FEWEST:
        return None
    p, q = Fraction(row["n"], n), Fraction(key["n"], n)
    # Who chose the one did not choose the other.
    t = -sqrt(min(1, p * q / (1 - p) / (1 - q)))
    return (row[REST] - key[REST]) / sqrt(2 * (1 - t) / (n - 3))


def two_keys_plausible(keys, others, level):
    """(option, outcome, students needed), or None without correlations."""
    pair = first(others, correlation), first(keys[::-1], correlation)
    if any(row[REST] is None for row in pair):
        return None
    told = [does_well(row, level) for row in pair]
    outcomes = [outcome for outcome, _ in told]
    option, n = pair[0]["option"], pair[0]["n_item"]
    if FINE in outcomes:
        return option, FINE, None
    if CANNOT_TELL not in outcomes:
        return option, LOOK, None
    # It takes as many as both need.
    needed = max(needed for outcome, needed in told if outcome == CANNOT_TELL)
    return option, CANNOT_TELL, whole(needed, n)


# ---- each quiz ------------------------------------------------------------------


def blanks_rise_towards_the_end(n, items, limit, level, *, omit):
    """(None, outcome, students needed), or None where there is nothing to test."""
    placed = [row for row in items if row["position"] is not None]
    if not n or any(None in (row["n"], row["n_blank"]) for row in placed):
        return None
    asked = [
        (row["position"], row["n_blank"], row["n"] + (row["n_blank"] if omit else 0))
        for row in placed
    ]
    asked = sorted(row for row in asked if row[2])
    if len(asked) < 4:
        return None
    cut, *_ = asked[-(len(asked) // 4)]
    # Who share a place stay together.
    early, late = ([r for r in asked if (r[0] >= cut) == end] for end in (False, True))
    if not early:
        return None
    after, before = (
        sum(blank for _, blank, _ in some) / sum(of for _, _, of in some)
        for some in (late, early)
    )
    low, high = newcombe(after, n, before, n, level)
    rise = after - before
    if exceeds(low, limit):
        return None, LOOK, None
    if not exceeds(high, limit):
        return None, FINE, None
    half = high - rise if rise < limit else rise - low
    return None, CANNOT_TELL, whole(as_wide(n, half, rise - limit), n)


# ---- all of them ----------------------------------------------------------------


def of_keys_and_quizzes(report, against, level, *, omit):
    """{(finding, quiz, item): (option, outcome, n_needed) or CLOSE}."""
    items = defaultdict(dict)
    for row in report.item_analysis.to_pylist():
        items[row["quiz_id"]][row["item_id"]] = row
    told = {}
    for (quiz, item), rows in by_item(report.option_analysis).items():
        keys, others = keys_and_others(rows)
        if keys and others:
            size = items[quiz][item]["n_upper"]
            for rule, facts in (
                (key_probably_wrong, (keys, others, size, level)),
                (two_keys_plausible, (keys, others, level)),
            ):
                told[rule.__name__, quiz, item] = unless_close(rule, *facts)
    rule, limit = blanks_rise_towards_the_end, against.blank_rise
    for row in report.summary.to_pylist():
        quiz = row["quiz_id"]
        facts = row["n"], items[quiz].values(), limit, level
        told[rule.__name__, quiz, None] = unless_close(rule, *facts, omit=omit)
    return {key: one for key, one in told.items() if one is not None}


def unless_close(rule, *facts, **more):
    """What a rule says, or `CLOSE`."""
    try:
        return rule(*facts, **more)
    except TooCloseError:
        return CLOSE
