"""Groups side by side once more: fractions, loops and dicts, slow and obvious.

Written from the definitions and never from the library, which is not imported.
"""

from fractions import Fraction
from math import exp, log, sqrt
from statistics import NormalDist

import oracle
from exact import TIE, mean, spreads, tie_groups
from handed_in import quizzes_of

TINY = Fraction(1, 10**6)
MANTEL_HAENSZEL = (
    "odds_ratio",
    "odds_ratio_low",
    "odds_ratio_high",
    "log_odds_se",
    "delta",
    "delta_low",
    "delta_high",
    "chi2",
    "p_value",
    "ets_class",
)
MANTEL = ("smd", "smd_se", "mantel_chi2", "mantel_p_value")


def dif(rows, items, groups, *, attempt=None, blank=None, level=0.95):
    """One dict per item of each quiz; `groups` are two sets of student ids."""
    table = []
    for quiz in quizzes_of(rows, items, attempt, blank):
        for item, about in quiz["items"].items():
            found = [
                (side, one["total"], r["x"])
                for one in quiz["submissions"]
                for side in (0, 1)
                if one["key"][1] in groups[side]
                for r in one["in"]
                if r["item"] == item
            ]
            strata = strata_of(found)
            row = {
                "quiz_id": quiz["quiz_id"],
                "item_id": item,
                "position": about.get("position"),
                "title": about.get("title"),
                "reference": "reference",
                "focal": "focal",
                "n_reference": sum(side == 0 for side, _, _ in found),
                "n_focal": sum(side == 1 for side, _, _ in found),
                "n_matched": sum(len(r) + len(f) for r, f in strata),
                "n_strata": len(strata),
                **dict.fromkeys(MANTEL_HAENSZEL),
                **dict.fromkeys(MANTEL),
                "favours": None,
            }
            points = quiz["worth"][item]
            table.append(row | {"undefined": filled(row, strata, found, points, level)})
    return table


def strata_of(found):
    """Scores of the reference and of the focal group at each total of both."""
    strata = []
    for group in tie_groups([total for _, total, _ in found], TIE["points"]):
        sides = [[found[i][2] for i in group if found[i][0] == s] for s in (0, 1)]
        if all(sides):
            strata.append(sides)
    return strata


def filled(row, strata, found, points, level):
    """Put the figures into the row; return {figure: reason} of those there are not."""
    every = [*MANTEL_HAENSZEL, *MANTEL, "favours"]
    if not row["n_reference"] or not row["n_focal"]:
        return dict.fromkeys(every, "a_group_has_no_scores")
    if not strata:
        return dict.fromkeys(every, "no_common_totals")
    why = means(row, strata)
    if points is None:
        why |= dict.fromkeys(MANTEL_HAENSZEL, "points_possible_unknown")
    elif points <= 0:
        why |= dict.fromkeys(MANTEL_HAENSZEL, "no_points_possible")
    elif not {x for _, _, x in found} <= {0, points}:
        why |= dict.fromkeys(MANTEL_HAENSZEL, "not_a_0_1_item")
    else:
        why |= odds(row, strata, level)
    if row["favours"] is None:
        why["favours"] = "no_difference"
    return why


def means(row, strata):
    """The standardised mean difference and Mantel's chi-squared."""
    focal = sum(len(f) for _, f in strata)
    smd = sum(len(f) * (mean(f) - mean(r)) for r, f in strata) / focal
    row["smd"] = float(smd)
    if abs(smd) > TINY:
        row["favours"] = "reference" if smd < 0 else "focal"
    away = spread = error = Fraction(0)
    for r, f in strata:
        everyone = r + f
        n = len(everyone)
        away += sum(f) - len(f) * mean(everyone)
        if spreads(everyone):
            scatter = n * sum(x * x for x in everyone) - sum(everyone) ** 2
            variance = Fraction(len(r) * len(f), n * n * (n - 1)) * scatter
            spread += variance
            weight = Fraction(len(f), focal) * (
                Fraction(1, len(f)) + Fraction(1, len(r))
            )
            error += weight**2 * variance
    if not spread:
        return dict.fromkeys(MANTEL[1:], "no_variance")
    row["smd_se"] = sqrt(error)
    row["mantel_chi2"] = float(away**2 / spread)
    row["mantel_p_value"] = tail(row["mantel_chi2"])
    return {}


def tail(chi2):
    """Upper tail of chi-squared with one degree of freedom, from the normal."""
    return 2 * NormalDist().cdf(-sqrt(chi2))


def odds(row, strata, level):
    """Mantel-Haenszel's odds ratio and chi-squared, and what follows from them."""
    row["favours"] = None
    above = below = pr = mixed = qs = away = spread = Fraction(0)
    for reference, focal in strata:
        a, c = (sum(x > 0 for x in side) for side in (reference, focal))
        b, d = len(reference) - a, len(focal) - c
        n = a + b + c + d
        p, q = Fraction(a + d, n), Fraction(b + c, n)
        r, s = Fraction(a * d, n), Fraction(b * c, n)
        above, below = above + r, below + s
        pr, mixed, qs = pr + p * r, mixed + p * s + q * r, qs + q * s
        away += a - Fraction((a + b) * (a + c), n)
        spread += Fraction((a + b) * (c + d) * (a + c) * (b + d), n * n * (n - 1))
    if not spread:
        return dict.fromkeys(MANTEL_HAENSZEL, "no_variance")
    if above != below:
        row["favours"] = "reference" if above > below else "focal"
    row["chi2"] = float(max(Fraction(0), abs(away) - Fraction(1, 2)) ** 2 / spread)
    row["p_value"] = tail(row["chi2"])
    rest = [name for name in MANTEL_HAENSZEL if row[name] is None]
    if not below:
        return dict.fromkeys(rest, "odds_ratio_is_infinite")
    row["odds_ratio"] = float(above / below)
    if not above:
        rest.remove("odds_ratio")
        return dict.fromkeys(rest, "odds_ratio_is_zero")
    square = pr / above**2 + mixed / (above * below) + qs / below**2
    scaled(row, sqrt(square / 2), level)
    return {}


def scaled(row, se, level):
    """Intervals, ETS's delta, and its class."""
    reach = NormalDist().inv_cdf((1 + level) / 2) * se
    middle = log(row["odds_ratio"])
    row |= {
        "log_odds_se": se,
        "odds_ratio_low": exp(middle - reach),
        "odds_ratio_high": exp(middle + reach),
        "delta": -2.35 * middle,
        "delta_low": -2.35 * (middle + reach),
        "delta_high": -2.35 * (middle - reach),
    }
    size = abs(row["delta"])
    sure = (size - 1) / (2.35 * se) > NormalDist().inv_cdf(0.95)
    if size < 1 or row["p_value"] >= 0.05:
        row["ets_class"] = "A"
    else:
        row["ets_class"] = "C" if size >= 1.5 and sure else "B"


def item_analysis_by_section(rows, items, students, **options):
    """The item analysis of the students of each section, with the section's name."""
    table = []
    for section in sorted(
        {n for one in students.values() for n in one["section_names"]}
    ):
        inside = {s for s, one in students.items() if section in one["section_names"]}
        taken = {row["quiz_id"] for row in rows if row["student_id"] in inside}
        found = oracle.item_analysis(rows, items, students=inside, **options)
        table += [
            row | {"section": section} for row in found if row["quiz_id"] in taken
        ]
    return table
