"""The reports of New Quizzes written out step by step, slowly, with fractions.

They take the rows of ``Responses.to_arrow()``, whose status is settled.
"""

import re
from base64 import b64encode
from collections import defaultdict
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from math import floor, sqrt
from statistics import median

BY_HAND = ("essay", "file-upload")
CHOICES = ("choice", "true-false", "multi-answer", None)
STATUS = {
    "graded": "Graded",
    "not_attempted": "Not Attempted",
    "not_graded": "Not Graded",
}
TIE = Fraction(1, 10**6)
FLAT = Fraction(1, 2 * 10**6)


def exact(points):
    """Points as a fraction, to a billionth."""
    return Fraction(round(points * 10**9), 10**9)


def worth(rows):
    """Points possible of each item: declared, or the best score seen."""
    best = defaultdict(Fraction)
    for row in rows:
        key = row["quiz_id"], row["item_id"]
        if row["points_possible"] is not None:
            best[key] = exact(row["points_possible"])
        elif row["status"] in ("graded", "not_attempted"):
            best[key] = max(best[key], exact(row["score"]))
    return best


def judged(rows):
    """Items whose answers are right or wrong: all but those declared worth nothing."""
    declared = {
        (row["quiz_id"], row["item_id"])
        for row in rows
        if row["points_possible"] is not None
    }
    points = worth(rows)
    return {
        key
        for key in ((row["quiz_id"], row["item_id"]) for row in rows)
        if points[key] > 0 or key not in declared
    }


def kept(rows):
    """What the item analysis is of: the rows of one quiz after all exclusions."""
    last = defaultdict(int)
    for row in rows:
        last[row["student_id"]] = max(last[row["student_id"]], row["attempt"])
    rows = [r for r in rows if r["attempt"] == last[r["student_id"]]]
    rows = [r for r in rows if r["status"] != "not_shown"]
    evaluated = {r["student_id"] for r in rows if r["status"] != "not_graded"}
    rows = [r for r in rows if r["student_id"] in evaluated]
    for item in {r["item_id"] for r in rows}:
        here = [r["status"] for r in rows if r["item_id"] == item]
        graded = len([s for s in here if s != "not_graded"])
        if Fraction(graded, len(here)) < Fraction(1, 2):
            rows = [r for r in rows if r["item_id"] != item]
    waiting = {r["student_id"] for r in rows if r["status"] == "not_graded"}
    return [r for r in rows if r["student_id"] not in waiting]


def item_analysis(rows):
    """One dict per quiz and item with all digits."""
    points, counted, result = worth(rows), judged(rows), {}
    for quiz in {r["quiz_id"] for r in rows}:
        mine = kept([r for r in rows if r["quiz_id"] == quiz])
        total, possible = defaultdict(Fraction), defaultdict(Fraction)
        for row in mine:
            total[row["student_id"]] += exact(row["score"])
            possible[row["student_id"]] += points[quiz, row["item_id"]]
        for item in {r["item_id"] for r in mine}:
            pairs = [
                (exact(r["score"]), total[r["student_id"]], r["status"])
                for r in mine
                if r["item_id"] == item
            ]
            row = item_row(pairs, points[quiz, item])
            if (quiz, item) in counted and points[quiz, item] <= 0:
                # Nobody earned anything: every answer is wrong.
                wrong = len([p for p in pairs if p[2] == "graded"])
                row |= {"incorrect_count": wrong}
                row |= {"incorrect_percentage": percent(wrong, len(pairs))}
            row["quiz_points_possible"] = max(possible.values())
            result[quiz, item] = row
    return result


def item_row(pairs, points):
    scores, totals = [p[0] for p in pairs], [p[1] for p in pairs]
    n = len(pairs)
    answered = [x for x, _, status in pairs if status == "graded"]
    right = len([x for x in answered if x >= points]) if points > 0 else 0
    wrong = len([x for x in answered if x < points]) if points > 0 else 0
    upper, lower = groups(totals)
    difference = None
    if upper is not None and points > 0:
        difference = (
            sum(scores[i] for i in upper) / Fraction(len(upper))
            - sum(scores[i] for i in lower) / Fraction(len(lower))
        ) / points
    mean = sum(scores) / Fraction(n)
    counts = {"correct": right, "incorrect": wrong, "no_answer": n - len(answered)}
    return {
        "points_possible": points,
        "mean": mean,
        "difficulty_index": mean / points if points > 0 else None,
        "median": median(scores),
        "discrimination_index": difference,
        "pearson_correlation": pearson(
            scores, [t - x for x, t in zip(scores, totals, strict=True)]
        ),
        "n": n,
        "n_upper": None if upper is None else len(upper),
        "n_lower": None if upper is None else len(lower),
        **{f"{kind}_count": count for kind, count in counts.items()},
        **{f"{kind}_percentage": percent(count, n) for kind, count in counts.items()},
    }


def groups(totals):
    """Places of the upper and the lower group, with all who tie at the cut."""
    n = len(totals)
    order = sorted(range(n), key=lambda i: totals[i])
    rank, level = {}, 0
    for before, i in zip([order[0], *order], order, strict=False):
        level += totals[i] - totals[before] > TIE
        rank[i] = level
    if level == 0:
        return None, None
    m = min(max(1, floor(Fraction(27, 100) * n + Fraction(1, 2))), n // 2)
    top, bottom = rank[order[n - m]], rank[order[m - 1]]
    return (
        [i for i in range(n) if rank[i] >= top],
        [i for i in range(n) if rank[i] <= bottom],
    )


def pearson(x, y):
    n = len(x)
    mean_x, mean_y = sum(x) / Fraction(n), sum(y) / Fraction(n)
    xx = sum((a - mean_x) ** 2 for a in x) / n
    yy = sum((b - mean_y) ** 2 for b in y) / n
    if min(xx, yy) <= FLAT**2:
        return None
    xy = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y, strict=True)) / n
    return float(xy) / sqrt(xx) / sqrt(yy)


def percent(count, n):
    return floor(Fraction(100 * count, n) + Fraction(1, 2))


def choices(rows, kind, points, options, listed, limit=12):
    """What was chosen of an item: body, count and whether it is right, in order.

    ``rows`` are what is left of the answers to it, ``options`` rows of
    ``Responses.options`` with ``declared``; ``listed`` whether answers are lists. None
    for a kind that has no choices.
    """
    if kind not in CHOICES:
        return None
    rows = [row for row in rows if row["status"] == "graded"]
    said = [(row["response"], row) for row in rows if row["response"]]
    declared = [o for o in options if o["declared"]]
    full = {id(row) for row in rows if points > 0 and exact(row["score"]) >= points}
    if listed or kind != "multi-answer":
        found = [(o, [r for a, r in said if chose(a, o, options)]) for o in options]
        return [(o["text"], len(who), o["correct"]) for o, who in found]
    if declared:
        found = []
        for o in declared:
            who = [
                r for a, r in said if f",{o['text']}," in f",{a},".replace("\\,", ",")
            ]
            right = any(id(r) in full for r in who)
            found.append((o, who, right if o["key_inferred"] else o["correct"]))
        return [(o["text"], len(who), right) for o, who, right in found]
    parts = {}
    for answer, row in said:
        for part in {p for p in re.split(r"(?<!\\),(?![ \t\n\r\f])", answer) if p}:
            parts.setdefault(part.replace("\\,", ","), {})[id(row)] = row
    if len(parts) > limit:
        return []
    return [(p, len(r), bool(full & set(r))) for p, r in sorted(parts.items())]


def chose(answer, option, options):
    """Whether an answer holds an option, by its id or else by its text."""
    ids = {o["option"] for o in options}
    return any(
        word == option["option"]
        or (word not in ids and word == option["text"] and first_of(option, options))
        for word in ([answer] if isinstance(answer, str) else answer)
    )


def first_of(option, options):
    """Whether it is the first option with this text."""
    return next(o for o in options if o["text"] == option["text"]) == option


def two_decimals(value):
    """Round a fraction, halves away from 0."""
    if value is None:
        return None
    cent = Decimal(floor(abs(value) * 100 + Fraction(1, 2))) / 100
    return float(cent.quantize(Decimal("0.01"), ROUND_HALF_UP) * (1 - 2 * (value < 0)))


def encode64(text):
    """Base64 with an end of line after every 60 characters and after the last."""
    whole = b64encode(text.encode()).decode()
    return "".join(whole[at : at + 60] + "\n" for at in range(0, len(whole), 60))


# ---- the student analysis -------------------------------------------------------


def answer_text(row, options):
    """An answer as one text: options by their text, parts joined with commas."""
    names = {o["option"]: o["text"] for o in options if o["item_id"] == row["item_id"]}
    said = row["response"]
    if row["status"] == "not_attempted":
        text = ",".join(said) if isinstance(said, list) else said
        return "" if text == "" else None
    if isinstance(said, list):
        return ",".join(names.get(part, part) for part in said)
    return names.get(said, said)


def summary(rows, points, counted, types, recorded):
    """The five figures at the end of a submission's rows."""
    right = wrong = 0
    for row in rows:
        key = row["quiz_id"], row["item_id"]
        if row["status"] != "graded" or types[row["item_id"]] in BY_HAND:
            continue
        if key not in counted:
            continue
        if points[key] > 0 and exact(row["score"]) >= points[key]:
            right += 1
        else:
            wrong += 1
    shown = [r for r in rows if r["status"] != "not_shown"]
    earned = [exact(r["score"]) for r in shown if r["status"] != "not_graded"]
    return [
        right,
        wrong,
        len([r for r in rows if r["status"] == "not_attempted"]),
        float(sum(points[r["quiz_id"], r["item_id"]] for r in shown)),
        float(sum(earned)) if recorded is None else recorded,
    ]


def word(row):
    return STATUS[row["status"]]


def clock(seconds):
    if seconds is None:
        return None
    whole = int(seconds)
    return f"{whole // 3600:02}:{whole // 60 % 60:02}:{whole % 60:02}"


def student_rows(responses):
    """Cells of every submission of one quiz without repeated draws, and the header."""
    rows = responses.to_arrow().to_pylist()
    points, options = worth(rows), responses.options.to_pylist()
    people = {p["student_id"]: p for p in responses.students.to_pylist()}
    items = responses.items.to_pylist()
    types = {item["item_id"]: item["item_type"] for item in items}
    header = ["Name", "ID", "SISID", "SectionIDs", "SectionNames", "SectionSISIDs"]
    header += ["Submitted", "ElapsedTime", "Attempt"]
    for item in items:
        header += ["ItemID", "ItemType", item["title"] or "", "EarnedPoints", "Status"]
    header += ["NumberOfCorrect", "NumberOfIncorrect", "NoResponse", "PointsPossible"]
    header += ["OverallScore"]
    table = []
    for sub in responses.submissions.to_pylist():
        who = people[sub["student_id"]]
        key = sub["student_id"], sub["attempt"]
        mine = [r for r in rows if (r["student_id"], r["attempt"]) == key]
        when = sub["submitted_at"]
        line = [who["name"], sub["student_id"], who["sis_id"]]
        line += [
            ",".join(part or "" for part in who[name] or [])
            for name in ("section_ids", "section_names", "section_sis_ids")
        ]
        line += [when and when.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"]
        line += [clock(sub["elapsed_s"]), sub["attempt"]]
        for item in items:
            line += [item["item_id"], item["item_type"]]
            found = [r for r in mine if r["item_id"] == item["item_id"]]
            found = [r for r in found if r["status"] != "not_shown"]
            line += (
                [
                    answer_text(found[0], options),
                    found[0]["score"],
                    STATUS[found[0]["status"]],
                ]
                if found
                else [None, None, "Not Shown"]
            )
        counts = summary(mine, points, judged(rows), types, sub["recorded_score"])
        table.append(line + counts)
    return header, table
