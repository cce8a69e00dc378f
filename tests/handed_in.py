"""From tidy rows to submissions and quizzes, as plain dicts: the oracle's input side.

Rows are dicts of the tidy form (scores as decimal text, fractions or floats); ``items``
maps ``(quiz_id, item_id)`` to a dict of ``position``, ``title``, ``points_possible``
and ``options``. Nothing imports the library.
"""

from fractions import Fraction

from exact import TIE, exact, tie_groups


def answers(row):
    """List what was answered, each text once; empty when left blank."""
    given = row.get("response")
    given = [given] if isinstance(given, str) else given or []
    return list(dict.fromkeys(text for text in given if text))


def fate(row, *, any_answers):
    """One of scored, blank, not_graded, not_shown."""
    status = row.get("status")
    if status == "not_attempted":
        return "blank"
    if status in ("not_graded", "not_shown"):
        return status
    if status == "graded":
        return "scored"
    if row.get("score") is None:
        return "not_graded"
    # Data without a column of answers cannot say which were blank.
    return "scored" if answers(row) or not any_answers else "blank"


def response_of(row, *, any_answers):
    """What one row says: which item, how it fared, its score and answers."""
    kind = fate(row, any_answers=any_answers)
    score = exact(row.get("score"))
    if kind == "blank" and score is None:
        score = Fraction(0)
    return {
        "item": row["item_id"],
        "kind": kind,
        "x": None if kind == "not_graded" else score,
        "answers": answers(row),
    }


def submissions_of(rows):
    """All submissions with their responses, items not shown left out."""
    any_answers = any("response" in row for row in rows)
    found = {}
    for row in rows:
        key = (row["quiz_id"], row["student_id"], row.get("attempt") or 1)
        one = found.setdefault(key, {"key": key, "all": [], "recorded": None})
        for name in ("submitted_at", "elapsed_s"):
            one[name] = row.get(name)
        if row.get("recorded_score") is not None:
            one["recorded"] = exact(row["recorded_score"])
        one["out_of"] = exact(row.get("recorded_points_possible"))
        response = response_of(row, any_answers=any_answers)
        if response["kind"] != "not_shown":
            one["all"].append(response)
    for one in found.values():
        earned = sum((r["x"] for r in one["all"] if r["x"] is not None), Fraction(0))
        graded = any(r["kind"] != "not_graded" for r in one["all"])
        one["score"] = earned if graded else None
        if one["recorded"] is not None:
            one["score"] = one["recorded"]
    return list(found.values())


def best_of(own):
    """Those who tie with the highest score; all of them where none has a score."""
    scored = [one for one in own if one["score"] is not None]
    if not scored:
        return own
    places = tie_groups([one["score"] for one in scored], TIE["points"])[0]
    return [scored[place] for place in sorted(places)]


def choose_attempts(submissions, which):
    """Keep the attempt asked for of each student in each quiz."""
    if which == "all":
        return submissions
    tries = {}
    for one in sorted(submissions, key=lambda one: one["key"]):
        tries.setdefault(one["key"][:2], []).append(one)
    chosen = []
    for own in tries.values():
        as_good = best_of(own)
        if which == "kept" and own[-1] in as_good:
            as_good = [own[-1]]
        chosen.append({"first": own[0], "last": own[-1]}.get(which, as_good[0]))
    return chosen


def quizzes_of(rows, items, attempt, blank=None, students=None):
    """One dict per quiz: its submissions, its items, and what each item is worth.

    The submissions are those of some students, when these are named.
    """
    items = dict(items or {})
    for row in rows:
        items.setdefault((row["quiz_id"], row["item_id"]), {})
    everyone = submissions_of(rows)
    chosen = choose_attempts(everyone, attempt or "last")
    counted = {"scored"} if blank == "omit" else {"scored", "blank"}
    for one in chosen:
        one["in"] = [r for r in one["all"] if r["kind"] in counted]
        one["total"] = sum((r["x"] for r in one["in"]), Fraction(0))
    for quiz in sorted({quiz for quiz, _ in items}):
        mine = {item: about for (of, item), about in items.items() if of == quiz}
        declared = {i: exact(a.get("points_possible")) for i, a in mine.items()}
        own = [one for one in chosen if one["key"][0] == quiz]
        if students is not None:
            own = [one for one in own if one["key"][1] in students]
        anyone = [r for one in everyone if one["key"][0] == quiz for r in one["all"]]
        yield {
            "quiz_id": quiz,
            "submissions": own,
            "n_read": sum(one["key"][0] == quiz for one in everyone),
            "items": mine,
            "anyone": anyone,
            "declared": declared,
            # Where nobody earned anything, what there was to earn is unknown.
            "worth": {
                item: (best_score(anyone, item) or None) if points is None else points
                for item, points in declared.items()
            },
        }


def best_score(responses, item):
    """The best score seen for the item, at least 0."""
    seen = [r["x"] for r in responses if r["item"] == item and r["x"] is not None]
    return max([Fraction(0), *seen])
