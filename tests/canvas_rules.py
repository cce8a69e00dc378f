"""The rules of Canvas classic's reports, written out word for word: slow, with loops.

Written from a description of the rules, for comparison with what is vectorised. Texts
and fractions only, no arrays.
"""

from fractions import Fraction
from math import floor, sqrt

COLUMNS = [
    "Question Id",
    "Question Title",
    "Answered Student Count",
    "Top Student Count",
    "Middle Student Count",
    "Bottom Student Count",
    "Quiz Question Count",
    "Correct Student Count",
    "Wrong Student Count",
    "Correct Student Ratio",
    "Wrong Student Ratio",
    "Correct Top Student Count",
    "Correct Middle Student Count",
    "Correct Bottom Student Count",
    "Variance",
    "Standard Deviation",
    "Difficulty Index",
    "Alpha",
    "Point Biserial of Correct",
]


def strip_tags(text):
    """Walk over the characters: a "<" eats up to the next "<", ">" or end of line."""
    kept, at = "", 0
    while at < len(text):
        if text[at] != "<":
            kept += text[at]
            at += 1
            continue
        at += 2 if text[at : at + 2] == "</" else 1
        while at < len(text) and text[at] not in "<>\n":
            at += 1
        at += at < len(text) and text[at] == ">"
    decimal, digits = "", set("0123456789")
    at = 0
    while at < len(kept):
        end = kept.find(";", at)
        inner = kept[at + 2 : end] if kept[at : at + 2] == "&#" and end >= 0 else ""
        if inner and set(inner) <= digits:
            code = int(inner)
            real = code < 0x110000 and not 0xD800 <= code < 0xE000
            decimal += chr(code) if real else ""
            at = end + 1
        else:
            decimal += kept[at]
            at += 1
    result, at = "", 0
    word = digits | set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_")
    while at < len(decimal):
        end = decimal.find(";", at)
        inner = decimal[at + 1 : end] if decimal[at] == "&" and end >= 0 else ""
        if inner and set(inner) <= word:
            at = end + 1
        else:
            result += decimal[at]
            at += 1
    return result


def rounded(x):
    """Half away from zero; the product is a float there as here."""
    return floor(x + 0.5)


def buckets(totals, cuts=(("top", 0.73), ("middle", 0.27), ("bottom", 0))):
    """Name the bucket of each student."""
    ranked = sorted(range(len(totals)), key=lambda s: totals[s])
    bucket, upto = {}, len(ranked)
    for name, cut in cuts:
        start = rounded(cut * len(ranked))
        if start < len(ranked):
            while start > 0 and totals[ranked[start - 1]] == totals[ranked[start]]:
                start -= 1
        for place in range(start, upto):
            bucket[ranked[place]] = name
        upto = min(upto, start)
    return [bucket[s] for s in range(len(totals))]


def variance(values):
    if len(values) < 2:
        return 0
    mean = Fraction(sum(values)) / len(values)
    return sum((v - mean) ** 2 for v in values) / len(values)


def point_biserial(chose, totals):
    """Correlate by the difference of means; chose and totals are of respondents."""
    yes = [t for t, c in zip(totals, chose, strict=True) if c]
    no = [t for t, c in zip(totals, chose, strict=True) if not c]
    spread = variance(totals)
    if not yes or not no or not spread:
        return None
    q = Fraction(len(yes), len(totals))
    apart = Fraction(sum(yes)) / len(yes) - Fraction(sum(no)) / len(no)
    return float(apart) / sqrt(spread) * sqrt(q * (1 - q))


def item_analysis(students, items):
    """Rows of the report.

    ``students``: for each a list of attempts, dicts with ``number, total, chosen``
    (item id to option id, or None where it was left blank; absent when not shown).
    ``items``: dicts with ``id, title, type, position, points, options`` (pairs of id
    and weight, as authored).
    """
    firsts = [min(attempts, key=lambda a: a["number"]) for attempts in students]
    totals = [attempt["total"] for attempt in firsts]
    bucket = buckets(totals)
    kinds = ("multiple_choice_question", "true_false_question")
    asked = [
        item
        for item in items
        if item["type"] in kinds and any(item["id"] in f["chosen"] for f in firsts)
    ]
    rows, spreads = [], []
    for item in asked:
        row, spread = item_row(item, firsts, totals, bucket)
        rows.append(row | {"Quiz Question Count": len(asked)})
        spreads.append(spread)
    k, whole = len(asked), variance(totals)
    alpha = None
    if k > 1 and whole:
        alpha = float(Fraction(k, k - 1) * (1 - Fraction(sum(spreads)) / whole))
    for row in rows:
        row["Alpha"] = alpha if k > 15 and alpha is not None else "N/A"
    place = {item["id"]: item["position"] for item in items}
    rows.sort(
        key=lambda r: (
            10000 if place[r["Question Id"]] is None else place[r["Question Id"]],
            r["Question Title"],
            int(r["Question Id"]),
            -r["Answered Student Count"],
        )
    )
    most = max((len(item["options"]) for item in asked), default=1)
    further = [f"Point Biserial of Distractor {n}" for n in range(2, most + 1)]
    return COLUMNS + further, [
        {name: row.get(name) for name in COLUMNS + further} for row in rows
    ]


def item_row(item, firsts, totals, bucket):
    """Figures of one item, and the variance of its points."""
    answered = [
        s for s, f in enumerate(firsts) if f["chosen"].get(item["id"]) is not None
    ]
    options = [o for o, _ in sorted(item["options"], key=lambda o: -o[1])]
    chosen = {s: firsts[s]["chosen"][item["id"]] for s in answered}
    right = [s for s in answered if chosen[s] == options[0]]
    spread = variance([item["points"] if s in right else 0 for s in answered])
    n, c = len(answered), len(right)
    row = {
        "Question Id": item["id"],
        "Question Title": strip_tags(item["title"]),
        "Answered Student Count": n,
        "Correct Student Count": c,
        "Wrong Student Count": n - c,
        "Correct Student Ratio": c / n if n else 0,
        "Wrong Student Ratio": (n - c) / n if n else 0,
        "Difficulty Index": c / n if n else 0,
        "Variance": float(spread),
        "Standard Deviation": sqrt(spread),
    }
    for name in ("Top", "Middle", "Bottom"):
        here = [s for s in answered if bucket[s] == name.lower()]
        row[f"{name} Student Count"] = len(here)
        row[f"Correct {name} Student Count"] = len([s for s in here if s in right])
    for rank, option in enumerate(options, 1):
        name = f"Distractor {rank}" if rank > 1 else "Correct"
        row[f"Point Biserial of {name}"] = point_biserial(
            [chosen[s] == option for s in answered], [totals[s] for s in answered]
        )
    return row, spread


def kept(attempts):
    """The attempt that is kept: the last if it has the best score, else the first."""
    best = max(a["total"] for a in attempts)
    last = max(attempts, key=lambda a: a["number"])
    if last["total"] == best:
        return last
    return min((a for a in attempts if a["total"] == best), key=lambda a: a["number"])


def marks(values):
    """Count what is neither false nor null, and the rest."""
    right = len([v for v in values if v not in (False, None)])
    return right, len(values) - right
