"""Every public figure once more: fractions, loops and dicts, slow and obvious.

Written from the definitions and never from the library, which is not imported. The
rows and items that come in are described in ``handed_in``. Each table is a list of
dicts, in any order; a figure is a float, or None where it is undefined, and then
``undefined`` maps it to the reason.
"""

from collections import Counter
from fractions import Fraction
from math import sqrt
from statistics import NormalDist, median

from exact import (
    TIE,
    correlation,
    deviation,
    equal_groups,
    f_quantile,
    mean,
    moment,
    number,
    root,
    spreads,
    tie_groups,
    upper_and_lower,
)
from handed_in import best_score, quizzes_of
from oracle_findings import overstated
from oracle_intervals import ends, fisher, of_groups, of_scores, student, wilson
from oracle_reasons import (
    item_reasons,
    option_reasons,
    student_reasons,
    summary_reasons,
    trace_reasons,
)


def complete(quiz):
    """The items that anyone has a score for, and {item: score} of who has each once."""
    items = sorted({r["item"] for one in quiz["submissions"] for r in one["in"]})
    full = [
        {r["item"]: r["x"] for r in one["in"]}
        for one in quiz["submissions"]
        if sorted(r["item"] for r in one["in"]) == items
    ]
    return items, full if items else []


def alpha_of(items, full):
    """Cronbach's alpha of these items, or None."""
    totals = [sum(scores[item] for item in items) for scores in full]
    if len(items) < 2 or not spreads(totals):
        return None
    parts = sum(moment([scores[item] for scores in full], 2) for item in items)
    return Fraction(len(items), len(items) - 1) * (1 - parts / moment(totals, 2))


def feldt(alpha, k, n, level):
    """The ends of Feldt's interval of alpha."""
    if alpha is None:
        return None, None
    df1, df2 = n - 1, (n - 1) * (k - 1)
    points = (
        f_quantile(share, df1, df2) for share in ((1 + level) / 2, (1 - level) / 2)
    )
    low, high = (float(1 - (1 - alpha) * Fraction(end)) for end in points)
    return low, high


def criteria(quiz, one, response, criterion):
    """The submission's total and its rest without the response, in that criterion."""
    total, rest = one["total"], one["total"] - response["x"]
    if criterion in (None, "points"):
        return total, rest
    points = [quiz["declared"][r["item"]] for r in one["in"]]
    if None in points:
        return None, None
    shown, left = sum(points), sum(points) - quiz["declared"][response["item"]]
    return (total / shown if shown else None), (rest / left if left else None)


def scored(quiz, item, criterion):
    """Return (response, total, rest) of each scored response to the item."""
    return [
        (r, *criteria(quiz, one, r, criterion))
        for one in quiz["submissions"]
        for r in one["in"]
        if r["item"] == item
    ]


def item_analysis(  # noqa: PLR0913  the options of the table, and who is in it
    rows, items=None, *, attempt=None, blank=None, criterion=None, tail=0.27,
    ties="split", ddof=1, level=0.95, students=None,
):  # fmt: skip
    """One dict per item of each quiz; of some students, when these are named."""
    table = []
    for quiz in quizzes_of(rows, items, attempt, blank, students):
        everyone, full = complete(quiz)
        for item, about in quiz["items"].items():
            found = scored(quiz, item, criterion)
            x = [r["x"] for r, _, _ in found]
            points = quiz["worth"][item]
            others = [i for i in everyone if i != item]
            deleted = alpha_of(others, full) if item in everyone else None
            row = {
                "quiz_id": quiz["quiz_id"],
                "item_id": item,
                "position": about.get("position"),
                "item_type": about.get("item_type"),
                "title": about.get("title"),
                "points_possible": number(points),
                "points_inferred": quiz["declared"][item] is None,
                **counts_of(quiz, item),
                **score_figures(x, points, ddof),
                **groups_of(found, points, tail, ties, criterion),
                **correlations(found, points),
                "alpha_if_deleted": number(deleted),
                "n_complete": len(full),
            }
            groups = tail, ties, TIE[criterion or "points"]
            row |= item_ends(row, found, points, groups, level)
            why = item_reasons(row, found, points, len(everyone), ddof)
            table.append(row | {"undefined": why})
    return table


def item_ends(row, found, points, groups, level):
    """Both ends of each figure of an item that has an interval."""
    x, n = [r["x"] for r, _, _ in found], row["n"]
    low, high = of_scores(x, points, level)
    known = low is not None and bool(points)
    full = row["correct_ratio"]
    return {
        **ends("mean", (low, high)),
        **ends(
            "difficulty",
            (low / float(points), high / float(points)) if known else (None, None),
        ),
        **ends(
            "correct_ratio", (None, None) if full is None else wilson(full, n, level)
        ),
        **ends("discrimination", of_groups(found, points, *groups, level)),
        **correlation_ends(row, n, level),
    }


def correlation_ends(row, n, level):
    """Both ends of the two correlations."""
    names = ("point_biserial", "point_biserial_corrected")
    return {
        key: end
        for name in names
        for key, end in ends(name, fisher(row[name], n, level)).items()
    }


def counts_of(quiz, item):
    """How many responses of each kind, and how many submissions without any."""
    own = [[r for r in one["all"] if r["item"] == item] for one in quiz["submissions"]]
    kinds = Counter(r["kind"] for found in own for r in found)
    counted = [
        [r for r in one["in"] if r["item"] == item] for one in quiz["submissions"]
    ]
    return {
        "n": sum(map(len, counted)),
        "n_blank": kinds["blank"],
        "n_not_shown": sum(
            not here and all(r["kind"] == "blank" for r in found)
            for here, found in zip(counted, own, strict=True)
        ),
        "n_not_graded": kinds["not_graded"],
    }


def score_figures(x, points, ddof):
    """What the scores alone say."""
    share = bool(x and points)  # neither unknown nor 0
    return {
        "mean": number(mean(x) if x else None),
        "sd": number(deviation(x, ddof) if x else None),
        "min": number(min(x, default=None)),
        "max": number(max(x, default=None)),
        "difficulty": number(mean(x) / points if share else None),
        "correct_ratio": (
            float(Fraction(sum(s >= points for s in x), len(x))) if share else None
        ),
    }


def groups_of(found, points, tail, ties, criterion):
    """Discrimination and the sizes of its groups."""
    groups = upper_and_lower(
        [total for _, total, _ in found], tail, ties, TIE[criterion or "points"]
    )
    if groups is None:
        return {"discrimination": None, "n_upper": None, "n_lower": None}
    x = [r["x"] for r, _, _ in found]
    upper, lower = groups
    apart = mean(x, upper) - mean(x, lower)
    return {
        "discrimination": float(apart / points) if points else None,
        "n_upper": int(sum(upper)),
        "n_lower": int(sum(lower)),
    }


def correlations(found, points):
    """The item with the total, with the rest, and as if the item were normal."""
    x = [r["x"] for r, _, _ in found]
    total = correlation(x, [total for _, total, _ in found])
    rest = correlation(x, [rest for _, _, rest in found])
    biserial = None
    if total is not None and points and points > 0 and {*x} == {0, points}:
        p = mean(x) / points
        normal = NormalDist()
        ordinate = normal.pdf(normal.inv_cdf(float(p)))
        biserial = float(total) * sqrt(p * (1 - p)) / ordinate
    return {
        "point_biserial": number(total),
        "point_biserial_corrected": number(rest),
        "biserial": biserial,
    }


def options_of(quiz, item, max_options):
    """The item's options: those declared, then other answers; key and how known."""
    declared = quiz["items"][item].get("options") or []
    given = [r for r in quiz["anyone"] if r["item"] == item]
    others = {text for r in given for text in r["answers"]}
    others = sorted(text for text in others if matched(text, declared) is None)
    if quiz["items"][item].get("item_type") == "essay":
        others = []
    if not declared and len(others) > max_options:
        others = []
    options = declared + [{"id": text, "text": text} for text in others]
    if any(option.get("correct") is not None for option in declared):
        return options, [bool(option.get("correct")) for option in options], False
    points = quiz["declared"][item]
    if points is None:
        points = best_score(given, item)
    earned = set()
    for r in given:
        if r["x"] is not None and r["x"] >= points > 0:
            earned |= chosen_by(r, options)
    return options, [option["id"] in earned for option in options], True


def matched(text, options):
    """Id of the option that an answer names by its id or else its text."""
    by_id = [option["id"] for option in options if option["id"] == text]
    by_text = [option["id"] for option in options if option["text"] == text]
    return (by_id + by_text + [None])[0]


def chosen_by(response, options):
    """Ids of the options that a response chose."""
    return {matched(text, options) for text in response["answers"]} - {None}


def option_analysis(  # noqa: PLR0913
    rows, items=None, *, attempt=None, blank=None, criterion=None, tail=0.27,
    ties="split", max_options=12, level=0.95,
):  # fmt: skip
    """One dict per option of each closed item."""
    table = []
    for quiz in quizzes_of(rows, items, attempt, blank):
        for item in quiz["items"]:
            found = scored(quiz, item, criterion)
            groups = upper_and_lower(
                [total for _, total, _ in found], tail, ties, TIE[criterion or "points"]
            )
            options, correct, inferred = options_of(quiz, item, max_options)
            for option, keyed in zip(options, correct, strict=True):
                chosen = [option["id"] in chosen_by(r, options) for r, _, _ in found]
                row = {
                    "quiz_id": quiz["quiz_id"],
                    "item_id": item,
                    "option": option["id"],
                    "text": option["text"],
                    "correct": keyed,
                    "key_inferred": inferred,
                    **option_figures(chosen, found, groups),
                }
                n, ratio = len(found), row["ratio"]
                row |= correlation_ends(row, n, level)
                row |= ends("ratio", wilson(ratio, n, level) if n else (None, None))
                table.append(row | {"undefined": option_reasons(row, found)})
    return table


def option_traces(
    rows, items=None, *, attempt=None, blank=None, criterion=None, groups=5,
    max_options=12,
):  # fmt: skip
    """One dict per option of each closed item and group, from the lowest totals."""
    table = []
    for quiz in quizzes_of(rows, items, attempt, blank):
        for item in quiz["items"]:
            found = scored(quiz, item, criterion)
            parts = equal_groups(
                [total for _, total, _ in found], groups, TIE[criterion or "points"]
            )
            options, correct, _ = options_of(quiz, item, max_options)
            for option, keyed in zip(options, correct, strict=True):
                own = [option["id"] in chosen_by(r, options) for r, _, _ in found]
                for group in range(groups):
                    row = {
                        "quiz_id": quiz["quiz_id"],
                        "item_id": item,
                        "option": option["id"],
                        "text": option["text"],
                        "correct": keyed,
                        "group": group + 1,
                        **trace_figures(own, parts and parts[group], groups),
                    }
                    table.append(row | {"undefined": trace_reasons(row, found, groups)})
    return table


def trace_figures(chosen, weights, groups):
    """How many of a group chose the option."""
    size = Fraction(len(chosen), groups) if len(chosen) >= groups else None
    n = None
    if weights:
        n = sum(w for w, c in zip(weights, chosen, strict=True) if c)
    return {
        "n": number(n),
        "n_group": number(size),
        "ratio": None if n is None else float(n / size),
    }


def option_figures(chosen, found, groups):
    """Who chose the option, and how well they did otherwise."""
    totals = [total for _, total, _ in found]
    theirs = [t for t, c in zip(totals, chosen, strict=True) if c]
    known = theirs and None not in totals
    figures = {
        "n": sum(chosen),
        "n_item": len(found),
        "ratio": float(Fraction(sum(chosen), len(found))) if found else None,
        "mean_total": float(mean(theirs)) if known else None,
        "n_upper": None,
        "n_middle": None,
        "n_lower": None,
    }
    if groups:
        upper, lower = groups
        middle = [max(0, 1 - u - w) for u, w in zip(upper, lower, strict=True)]
        for name, weights in zip(
            ("n_upper", "n_middle", "n_lower"), (upper, middle, lower), strict=True
        ):
            here = (w for w, c in zip(weights, chosen, strict=True) if c)
            figures[name] = float(sum(here))
    zero_one = [Fraction(c) for c in chosen]
    figures["point_biserial"] = number(correlation(zero_one, totals))
    rests = [rest for _, _, rest in found]
    figures["point_biserial_corrected"] = number(correlation(zero_one, rests))
    return figures


def summary(rows, items=None, *, attempt=None, blank=None, ddof=1, level=0.95):
    """One dict per quiz."""
    table = []
    for quiz in quizzes_of(rows, items, attempt, blank):
        totals = [one["total"] for one in quiz["submissions"] if one["in"]]
        everyone, full = complete(quiz)
        alpha = alpha_of(everyone, full)
        low, high = feldt(alpha, len(everyone), len(full), level)
        sd = deviation(totals, ddof) if totals else None
        known = alpha is not None and alpha >= 0 and sd is not None
        points, comparable = out_of(quiz, full)
        row = {
            "quiz_id": quiz["quiz_id"],
            "n": len(totals),
            "n_items": len(quiz["items"]),
            "points_possible": number(points),
            "mean": number(mean(totals) if totals else None),
            "sd": number(sd),
            "median": number(median(totals) if totals else None),
            "min": number(min(totals, default=None)),
            "max": number(max(totals, default=None)),
            **shape(totals),
            "alpha": number(alpha),
            "alpha_low": low,
            "alpha_high": high,
            "sem": float(sd * root(1 - alpha)) if known else None,
            "n_complete": len(full),
            "totals_comparable": comparable,
            **ends("mean", student(totals, level)),
        }
        why = summary_reasons(row, quiz, len(everyone), ddof)
        table.append(row | {"undefined": why})
    return table


def shape(totals):
    """Adjusted skewness and kurtosis, G1 and G2."""
    n = len(totals)
    skewness = kurtosis = None
    if spreads(totals) and n >= 3:
        m2, m3, m4 = (moment(totals, power) for power in (2, 3, 4))
        squared = Fraction(n * (n - 1), (n - 2) ** 2) * m3**2 / m2**3
        skewness = float(root(squared if m3 >= 0 else -squared))
        if n >= 4:
            excess = (n + 1) * (m4 / m2**2 - 3) + 6
            kurtosis = float(Fraction(n - 1, (n - 2) * (n - 3)) * excess)
    return {"skewness": skewness, "kurtosis": kurtosis}


def out_of(quiz, full):
    """The most that could be earned, and whether all could earn the same."""
    shown = [[r["item"] for r in one["in"]] for one in quiz["submissions"]]
    shown = [own for own in shown if own]
    declared = quiz["declared"]
    if all(declared[item] is not None for own in shown for item in own):
        points = [sum(declared[item] for item in own) for own in shown]
        return max(points, default=None), len({*points}) <= 1
    best = known_sum([quiz["worth"][item] for item in full[0]]) if full else None
    return best, len({len(own) for own in shown}) <= 1


KINDS = ("correct", "partial", "incorrect", "blank", "not_graded")


def known_sum(points):
    """What the items are worth of which that is known; None if it is of none."""
    known = [p for p in points if p is not None]
    return None if points and not known else sum(known)


def student_analysis(rows, items=None, students=None, *, attempt=None):
    """One dict per submission; ``students`` maps ids to what is known of each."""
    table = []
    for quiz in quizzes_of(rows, items, attempt):
        own = quiz["submissions"]
        places = rank({i: one["score"] for i, one in enumerate(own)})
        for i, one in enumerate(own):
            most = known_sum([quiz["worth"][r["item"]] for r in one["all"]])
            most = most if one["out_of"] is None else one["out_of"]
            kinds = Counter(judged(r, quiz, r["item"]) for r in one["all"])
            of = (students or {}).get(one["key"][1], {})
            score = one["score"]
            row = {
                "quiz_id": quiz["quiz_id"],
                "student_id": one["key"][1],
                "attempt": one["key"][2],
                **{name: of.get(name) for name in ("name", "sis_id", "section_names")},
                **{name: one[name] for name in ("submitted_at", "elapsed_s")},
                **{f"n_{kind}": kinds[kind] for kind in KINDS},
                "points_possible": number(most),
                "score": number(score),
                "percent": (
                    float(100 * score / most) if most and score is not None else None
                ),
                "rank": places.get(i),
                "items_score": number(one["total"] if one["in"] else None),
            }
            why = student_reasons(row, shown=bool(one["all"]))
            table.append(row | {"undefined": why})
    return table


def judged(response, quiz, item):
    """Which of the five counts the response falls in; none if it is worth nothing."""
    if response["kind"] != "scored":
        return response["kind"]
    points = quiz["worth"][item]
    if points == 0:
        return None
    if response["x"] <= 0:
        return "incorrect"
    return "correct" if response["x"] >= points else "partial"


def rank(scores):
    """1 plus how many have a higher score; those that tie share a place."""
    places, above = {}, 0
    known = {i: score for i, score in scores.items() if score is not None}
    names = list(known)
    for group in tie_groups([known[i] for i in names], TIE["points"]):
        places |= dict.fromkeys((names[i] for i in group), above + 1)
        above += len(group)
    return places


def waits(one):
    """Whether a response of the submission is not graded yet."""
    return any(r["kind"] == "not_graded" for r in one["all"])


def exclusions(rows, items=None, *, attempt=None, blank=None, max_options=12):
    """One dict per reason; only what was read and analysed may be 0."""
    table = []
    for quiz in quizzes_of(rows, items, attempt, blank):
        chosen = quiz["submissions"]
        found = [r for one in chosen for r in one["all"]]
        blanks = [r for r in found if r["kind"] == "blank"]
        counted = [r for one in chosen for r in one["in"]]
        points = [quiz["worth"][item] for item in quiz["items"]]
        said = [quiz["declared"][item] is not None for item in quiz["items"]]
        keys = [options_of(quiz, item, max_options) for item in quiz["items"]]
        zero = blank != "omit"
        lines = [
            ("submissions", "read", quiz["n_read"], False),
            (
                "submissions",
                f"not the {attempt or 'last'} attempt",
                quiz["n_read"] - len(chosen),
                True,
            ),
            (
                "submissions",
                "shown no item",
                sum(not one["all"] for one in chosen),
                True,
            ),
            (
                "submissions",
                "nothing graded yet",
                sum(not one["in"] and waits(one) for one in chosen),
                True,
            ),
            (
                "submissions",
                "all blank",
                sum(
                    not one["in"] and bool(one["all"]) and not waits(one)
                    for one in chosen
                ),
                True,
            ),
            ("submissions", "analysed", sum(bool(one["in"]) for one in chosen), False),
            ("responses", "read", len(found), False),
            (
                "responses",
                "not graded yet",
                sum(r["kind"] == "not_graded" for r in found),
                True,
            ),
            ("responses", "blank", 0 if zero else len(blanks), True),
            (
                "responses",
                "blank, counted as 0",
                sum(r["x"] == 0 for r in blanks) if zero else 0,
                False,
            ),
            (
                "responses",
                "blank, counted with its score",
                sum(r["x"] != 0 for r in blanks) if zero else 0,
                False,
            ),
            (
                "responses",
                "more than the points possible",
                sum(r["x"] > (quiz["worth"][r["item"]] or 0) for r in counted),
                False,
            ),
            (
                "responses",
                "less than 0 points",
                sum(r["x"] < 0 for r in counted),
                False,
            ),
            ("responses", "analysed", len(counted), False),
            (
                "items",
                "points possible taken from the best score",
                sum(p is not None and not s for p, s in zip(points, said, strict=True)),
                False,
            ),
            (
                "items",
                "points possible unknown: nobody earned any",
                points.count(None),
                False,
            ),
            (
                "items",
                "key taken from the answers with full points",
                sum(bool(options) and inferred for options, _, inferred in keys),
                False,
            ),
            (
                "items",
                "points possible that nobody reached, where all earned the same",
                sum(
                    quiz["declared"][item] is not None
                    and overstated(
                        [
                            r["x"]
                            for r in found
                            if r["item"] == item and r["kind"] != "not_graded"
                        ],
                        quiz["declared"][item],
                    )
                    for item in quiz["items"]
                ),
                False,
            ),
        ]
        table += [
            {
                "quiz_id": quiz["quiz_id"],
                "unit": unit,
                "reason": reason,
                "n": n,
                "left_out": left_out,
            }
            for unit, reason, n, left_out in lines
            if n or reason in ("read", "analysed")
        ]
    return table
