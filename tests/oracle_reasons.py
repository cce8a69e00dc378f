"""Why a figure of the oracle's is None: the first reason that holds, in plain words.

Each function takes a row of figures and what they were made of, and returns
``{figure: reason}`` for those that are None.
"""


def told(row, reasons):
    """Keep for each figure that is None the first reason that holds."""
    return {
        figure: next(reason for holds, reason in several if holds)
        for figure, several in reasons.items()
        if row[figure] is None
    }


def of_ends(row, reasons, further):
    """Add why the ends are None: as their figure is, or for reasons of their own."""
    for figure, own in further.items():
        there = reasons[figure] if row[figure] is None else own
        reasons |= {f"{figure}_low": there, f"{figure}_high": there}
    return reasons


def fisher(n):
    """What is amiss with the interval of a correlation."""
    return [(n < 4, "fewer_than_four"), (True, "perfect_correlation")]


def student(n):
    """What is amiss with the interval of a mean."""
    return [(n < 2, "fewer_than_two"), (True, "no_variance")]


def worth(points):
    """What is amiss with the points possible."""
    return [
        (points is None, "points_possible_unknown"),
        (points == 0, "no_points_possible"),
    ]


def held_against(found):
    """What is amiss with the totals, and with what is left of them."""
    total = (any(t is None for _, t, _ in found), "points_not_declared_or_zero")
    rest = (any(r is None for _, _, r in found), "a_submission_has_no_other_points")
    return [total], [total, rest]


def item_reasons(row, found, points, k, ddof):
    """For a row of item_analysis; `k` items of the quiz have scores."""
    n = row["n"]
    none, few = (n == 0, "no_scores"), (n < 2, "fewer_than_two")
    total, rest = held_against(found)
    flat, tied = (True, "no_variance"), (True, "totals_all_equal")
    zero_one = {r["x"] for r, _, _ in found} <= {0, points}
    own = {
        "mean": student(n),
        "difficulty": student(n),
        "correct_ratio": [],
        "discrimination": [flat],
        "point_biserial": fisher(n),
        "point_biserial_corrected": fisher(n),
    }
    reasons = {
        "points_possible": worth(points),
        "mean": [none],
        "sd": [none, (n <= ddof, "too_few")],
        "min": [none],
        "max": [none],
        "difficulty": [none, *worth(points)],
        "correct_ratio": [none, *worth(points)],
        "discrimination": [none, few, *worth(points), *total, tied],
        "n_upper": [none, few, *total, tied],
        "n_lower": [none, few, *total, tied],
        "point_biserial": [none, few, *total, flat],
        "point_biserial_corrected": [none, few, *rest, flat],
        "biserial": [
            none,
            *worth(points),
            (not zero_one, "not_a_0_1_item"),
            few,
            *total,
            flat,
        ],
        "alpha_if_deleted": [
            none,
            (k < 3, "fewer_than_three_items"),
            (row["n_complete"] < 2, "fewer_than_two_complete_submissions"),
            flat,
        ],
    }
    return told(row, of_ends(row, reasons, own))


def option_reasons(row, found):
    """For a row of option_analysis."""
    n, n_item = row["n"], row["n_item"]
    none, few = (n_item == 0, "no_scores"), (n_item < 2, "fewer_than_two")
    nobody = (n == 0, "nobody_chose_it")
    everybody = (n == n_item, "everybody_chose_it")
    total, rest = held_against(found)
    groups = [none, few, *total, (True, "totals_all_equal")]
    flat = (True, "no_variance")
    reasons = {
        "ratio": [none],
        "n_upper": groups,
        "n_middle": groups,
        "n_lower": groups,
        "mean_total": [none, nobody, *total],
        "point_biserial": [none, few, *total, nobody, everybody, flat],
        "point_biserial_corrected": [none, few, *rest, nobody, everybody, flat],
    }
    own = {
        "ratio": [],
        "point_biserial": fisher(n_item),
        "point_biserial_corrected": fisher(n_item),
    }
    return told(row, of_ends(row, reasons, own))


def trace_reasons(row, found, groups):
    """For a row of option_traces."""
    short = [(not found, "no_scores"), (len(found) < groups, "fewer_than_groups")]
    total, _ = held_against(found)
    why = [*short, *total, (True, "totals_all_equal")]
    return told(row, {"n": why, "n_group": short, "ratio": why})


def summary_reasons(row, quiz, k, ddof):
    """For a row of summary; `k` items of the quiz have scores."""
    n, whole = row["n"], row["n_complete"]
    none = [(not quiz["submissions"], "no_submissions"), (n == 0, "nothing_graded")]
    alpha = [
        (k < 2, "fewer_than_two_items"),
        (whole < 2, "fewer_than_two_complete_submissions"),
        (True, "no_variance"),
    ]
    negative = (row["alpha"] is not None and row["alpha"] < 0, "negative_alpha")
    reasons = {
        "points_possible": [
            *none,
            (whole == 0, "no_submission_shows_them_all"),
            (True, "points_possible_unknown"),
        ],
        "mean": none,
        "sd": [*none, (n <= ddof, "too_few")],
        "median": none,
        "min": none,
        "max": none,
        "skewness": [*none, (n < 3, "fewer_than_three"), (True, "no_variance")],
        "kurtosis": [*none, (n < 4, "fewer_than_four"), (True, "no_variance")],
        "alpha": alpha,
        "alpha_low": alpha,
        "alpha_high": alpha,
        "sem": [negative, *alpha[:2], (n <= ddof, "too_few"), alpha[2]],
    }
    return told(row, of_ends(row, reasons, {"mean": student(n)}))


def student_reasons(row, *, shown):
    """For a row of student_analysis; `shown` says whether any item was."""
    none = (not shown, "shown_no_item")
    nothing = [
        (row["score"] is None and not shown, "shown_no_item"),
        (row["score"] is None, "nothing_graded"),
    ]
    unknown = (row["points_possible"] is None, "points_possible_unknown")
    return told(
        row,
        {
            "points_possible": [unknown],
            "score": nothing,
            "percent": [*nothing, unknown, (True, "no_points_possible")],
            "rank": nothing,
            "items_score": [none, (True, "nothing_graded")],
        },
    )
