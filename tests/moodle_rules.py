"""Moodle's quiz statistics, written down rule by rule: slow, and exact to the end.

From the rules of the report as they are described, not from the library, which nothing
here imports. Submissions are those of `handed_in`.
"""

from fractions import Fraction

from exact import correlation, deviation, exact, mean, moment, number, root, spreads
from handed_in import best_score, submissions_of
from oracle import median, shape


def stored(one):
    """The total as it is stored, to 5 decimals, halves away from zero."""
    if one["recorded"] is None:
        return one["total"]
    size = int(abs(one["recorded"]) * 10**5 + Fraction(1, 2))
    return Fraction(size if one["recorded"] >= 0 else -size, 10**5)


def chosen_attempts(submissions, which):
    """Choose by attempt number or stored total; then leave out null totals."""
    storing = {o["key"][0] for o in submissions if o["recorded"] is not None}
    waits = [o["key"][0] in storing and o["recorded"] is None for o in submissions]
    tries = {}
    for one, waiting in zip(submissions, waits, strict=True):
        tries.setdefault(one["key"][:2], []).append(
            {**one, "waits": waiting, "rank": Fraction(0) if waiting else stored(one)}
        )
    chosen = []
    for own in tries.values():
        own.sort(key=lambda one: one["key"][2])
        best = max(one["rank"] for one in own)
        highest = next(one for one in own if one["rank"] == best)
        pick = {"first": own[:1], "last": own[-1:], "all": own}
        chosen += pick.get(which, [highest])
    return [one for one in chosen if not one["waits"]]


def quizzes(rows, items, which):
    """Each quiz: its attempts with their marks, and what each slot is worth."""
    items = dict(items)
    for row in rows:
        items.setdefault((row["quiz_id"], row["item_id"]), {})
    everyone = submissions_of(rows)
    for one in everyone:
        one["marks"] = [(r["item"], r["x"] or Fraction(0)) for r in one["all"]]
        one["total"] = sum((x for _, x in one["marks"]), Fraction(0))
    for quiz in sorted({of for of, _ in items}):
        own = [one for one in everyone if one["key"][0] == quiz]
        anyone = [r for one in own for r in one["all"]]
        worth = {}
        for (of, item), about in items.items():
            if of == quiz:
                points = exact(about.get("points_possible"))
                worth[item] = best_score(anyone, item) if points is None else points
        yield quiz, chosen_attempts(own, which), worth


def covariance(left, right):
    """With the divisor N - 1; None below two."""
    if len(left) < 2:
        return None
    a, b = mean(left), mean(right)
    products = [(x - a) * (y - b) for x, y in zip(left, right, strict=True)]
    return sum(products) / (len(left) - 1)


def item_analysis(rows, items, *, attempt="highest"):
    """One dict of Moodle's fields per slot."""
    table = []
    for quiz, attempts, worth in quizzes(rows, items, attempt):
        slots = {item: slot(attempts, item, worth[item]) for item in worth}
        shared = {item: one["total"] for item, one in slots.items()}
        roots = {i: root(c) for i, c in shared.items() if c is not None and c >= 0}
        everything = sum(roots.values())
        for item, one in slots.items():
            c = one.pop("total")
            weight = None
            if item in roots and everything > 0:
                weight = 100 * roots[item] / everything
            most = sum(worth.values())
            table.append(
                {
                    "quiz_id": quiz,
                    "item_id": item,
                    **one,
                    "effectiveweight": number(weight),
                    "negcovar": int(c is not None and c < 0),
                    "intendedweight": number(
                        100 * worth[item] / most if most else None
                    ),
                    "covariancewithoverallmark": number(c),
                }
            )
    return table


def slot(attempts, item, worth):
    """The figures of one slot from its marks, the other marks, and the totals."""
    seen = [(x, one["total"]) for one in attempts for i, x in one["marks"] if i == item]
    x = [mark for mark, _ in seen]
    rest = [total - mark for mark, total in seen]
    shared, best = covariance(x, rest), covariance(sorted(x), sorted(rest))
    r = correlation(x, rest)
    efficiency = None
    if spreads(x) and spreads(rest) and best > 0:
        efficiency = 100 * shared / best
    totals = [total for _, total in seen]
    with_total = covariance(x, totals)
    if with_total is not None and not (spreads(x) and spreads(totals)):
        with_total = Fraction(0)
    return {
        "s": len(x),
        "facility": number(mean(x) / worth if x and worth else None),
        "sd": number(deviation(x, 1)),
        "discriminationindex": number(None if r is None else 100 * r),
        "discriminativeefficiency": number(efficiency),
        "maxmark": number(worth),
        "markvariance": number(covariance(x, x)),
        "covariance": number(shared),
        "othermarkvariance": number(covariance(rest, rest)),
        "covariancemax": number(best),
        "total": with_total,
    }


def summary(rows, items, *, attempt="highest"):
    """One dict of Moodle's fields per quiz."""
    table = []
    choices = {
        which: {quiz: own for quiz, own, _ in quizzes(rows, items, which)}
        for which in ("first", "highest", "last", "all")
    }
    for quiz, attempts, worth in quizzes(rows, items, attempt):
        totals = [stored(one) for one in attempts]
        row = {"quiz_id": quiz, "count": len(totals)}
        row["mean"] = number(mean(totals) if totals else None)
        for which, own in choices.items():
            row[f"{which}attemptscount"] = len(own[quiz])
            average = mean([stored(one) for one in own[quiz]]) if own[quiz] else None
            row[f"{which}attemptsavg"] = number(average)
        sd = deviation(totals, 1) if totals else None
        row["median"] = number(median(totals) if totals else None)
        row["standarddeviation"] = number(sd)
        row |= shape(totals)
        row |= consistency(attempts, totals, worth, sd)
        table.append(row)
    return table


def consistency(attempts, totals, worth, sd):
    """Internal consistency, error ratio and standard error."""
    none = dict.fromkeys(("cic", "errorratio", "standarderror"))
    p = len(worth)
    if len(totals) < 3 or p < 2 or not spreads(totals):
        return none
    of_items = Fraction(0)
    for item in worth:
        x = [mark for one in attempts for i, mark in one["marks"] if i == item]
        of_items += covariance(x, x) or 0
    whole = moment(totals, 2) * len(totals) / (len(totals) - 1)
    cic = 100 * Fraction(p, p - 1) * (1 - of_items / whole)
    if cic > 100:
        return none | {"cic": number(cic)}
    ratio = 100 * root(1 - cic / 100)
    return {
        "cic": number(cic),
        "errorratio": number(ratio),
        "standarderror": number(ratio * sd / 100),
    }
