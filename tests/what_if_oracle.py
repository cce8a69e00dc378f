"""What becomes of tidy rows and items when questions change: loops and fractions.

`changed` gives the rows and items as they would be, which the oracle then takes;
`students`, `items` and `summary` put its tables of before and after side by side.
Nothing imports the library. A request maps items to dicts: ``drop``, ``credit``,
``rekey`` (a list of sets of option ids), ``weight``.
"""

from fractions import Fraction

import oracle
from exact import NANO, TIE, exact
from handed_in import fate, quizzes_of, response_of

POINT = TIE["points"]


def changed(rows, items, request):
    """Return the rows and the items after the change; the request names them all."""
    before = {quiz["quiz_id"]: quiz for quiz in quizzes_of(rows, items, "all")}
    any_answers = any("response" in row for row in rows)
    moved, moved_points, new_rows = {}, {}, []
    for row in rows:
        quiz = before[row["quiz_id"]]
        asked = request.get((row["quiz_id"], row["item_id"]), {})
        new = changed_row(row, quiz, asked, any_answers)
        if asked.get("drop"):
            # The submission was there, even when it has nothing else.
            new["item_id"] = other_item(quiz["quiz_id"], items, request)
        new_rows.append(new)
        if fate(row, any_answers=any_answers) != "not_shown":
            key = (row["quiz_id"], row["student_id"], row["attempt"])
            old_x = response_of(row, any_answers=any_answers)["x"] or 0
            new_x = response_of(new, any_answers=any_answers)["x"] or 0
            moved[key] = moved.get(key, 0) + new_x - old_x
            old_p = quiz["worth"][row["item_id"]] or 0
            new_p = 0 if asked.get("drop") else worth(quiz, row["item_id"], asked) or 0
            moved_points[key] = moved_points.get(key, 0) + new_p - old_p
    for row in new_rows:
        key = (row["quiz_id"], row["student_id"], row["attempt"])
        if row.get("recorded_score") is not None:
            row["recorded_score"] = exact(row["recorded_score"]) + moved.get(key, 0)
        if row.get("recorded_points_possible") is not None and moved_points.get(key):
            most = exact(row["recorded_points_possible"]) + moved_points[key]
            row["recorded_points_possible"] = max(Fraction(0), most)
    new_items = {
        (quiz, item): changed_item(about, before[quiz], item, request)
        for (quiz, item), about in items.items()
        if quiz in before and not request.get((quiz, item), {}).get("drop")
    }
    return new_rows, new_items


def other_item(quiz, items, request):
    """The first item of the quiz that stays."""
    return next(
        item
        for of, item in items
        if of == quiz and not request.get((of, item), {}).get("drop")
    )


def worth(quiz, item, asked):
    """What the item is worth after the change."""
    if "weight" in asked:
        return exact(asked["weight"])
    return quiz["worth"][item]


def changed_row(row, quiz, asked, any_answers):
    """The same response with its score after the change."""
    row = dict(row)
    kind = fate(row, any_answers=any_answers)
    if asked.get("drop"):
        return row | {"status": "not_shown", "score": None, "response": None}
    if kind == "not_shown" or not asked:
        return row
    item, x = row["item_id"], response_of(row, any_answers=any_answers)["x"]
    old, full = quiz["worth"][item], worth(quiz, item, asked)
    if "weight" in asked and x:
        x = round(x * full / old / NANO) * NANO if old else x
    if "rekey" in asked:
        options, _, _ = oracle.options_of(quiz, item, 12)
        answer = response_of(row, any_answers=any_answers)
        x = full if oracle.chosen_by(answer, options) in asked["rekey"] else Fraction(0)
    if asked.get("credit"):
        x = max(full, x or Fraction(0))
    if kind == "not_graded" and not ("rekey" in asked or asked.get("credit")):
        return row | {"status": kind}
    blank = kind == "blank"
    return row | {"status": "not_attempted" if blank else "graded", "score": x}


def changed_item(about, quiz, item, request):
    """What is known of the item after the change."""
    asked = request.get((quiz["quiz_id"], item), {})
    if not asked:
        return about
    about = about | {"points_possible": worth(quiz, item, asked)}
    if "rekey" in asked or "credit" in asked:
        options, right, _ = oracle.options_of(quiz, item, 12)
        if "rekey" in asked:
            right = [any(o["id"] in one for one in asked["rekey"]) for o in options]
        about["options"] = [
            o | {"correct": r} for o, r in zip(options, right, strict=True)
        ]
    return about


def side_by_side(before, after, key, gone=None):
    """Pairs of rows with the same key; the second is None where there is none."""
    found = {tuple(row[name] for name in key): row for row in after}
    return [(row, found.get(tuple(row[name] for name in key), gone)) for row in before]


def both(old, new, names, row):
    """Add each figure before and after, and why it is null."""
    for name in names:
        for when, one in (("before", old), ("after", new)):
            row[f"{name}_{when}"] = one[name] if one else None
            why = one["undefined"].get(name) if one else "dropped"
            if why:
                row["undefined"][f"{name}_{when}"] = why


def students(before, after, attempt, mark, people):
    """One dict per student, or per submission with all attempts."""
    key = ["quiz_id", "student_id"] + ["attempt"] * (attempt == "all")
    old_table = oracle.student_analysis(*before, people, attempt=attempt)
    new_table = oracle.student_analysis(*after, people, attempt=attempt)
    table = []
    for old, new in side_by_side(old_table, new_table, key):
        row = {name: old[name] for name in ("quiz_id", "student_id", "name", "sis_id")}
        row["undefined"] = {}
        row |= {"attempt_before": old["attempt"], "attempt_after": new["attempt"]}
        both(old, new, ("points_possible", "score", "percent", "rank"), row)
        added(row, old, new)
        passing(row, old, new, mark)
        table.append(row)
    return table


def null(row, name, *others):
    """Set a figure to null, for the reason of the first other that is null."""
    row[name] = None
    whys = [row["undefined"][other] for other in others if row[other] is None]
    row["undefined"][name] = whys[0]


def added(row, old, new):
    """What is added to points, percent and place."""
    for name, sign in (("score", 1), ("percent", 1), ("rank", -1)):
        if old[name] is None or new[name] is None:
            null(row, f"{name}_change", f"{name}_before", f"{name}_after")
        else:
            a, b = fractions(old, name), fractions(new, name)
            change = sign * (b - a)
            row[f"{name}_change"] = int(change) if name == "rank" else float(change)
    if row["percent_change"] is None:
        null(row, "gains", "percent_before", "percent_after")
    else:
        share = exact(old["score"]) / exact(old["points_possible"])
        more = exact(new["score"]) - share * exact(new["points_possible"])
        row["gains"] = (more > POINT) - (more < -POINT)


def fractions(one, name):
    """A figure of a student, exactly."""
    if name == "percent":
        return 100 * exact(one["score"]) / exact(one["points_possible"])
    return exact(one["score"]) if name == "score" else one[name]


def passing(row, old, new, mark):
    """Who passes, before and after."""
    for when, one in (("before", old), ("after", new)):
        if mark is None:
            row[f"passed_{when}"] = None
            row["undefined"][f"passed_{when}"] = "no_pass_mark"
        elif one["percent"] is None:
            null(row, f"passed_{when}", f"percent_{when}")
        else:
            needed = Fraction(str(mark)) / 100 * exact(one["points_possible"])
            row[f"passed_{when}"] = exact(one["score"]) + POINT >= needed
    if row["passed_before"] is None or row["passed_after"] is None:
        null(row, "crosses", "passed_before", "passed_after")
    else:
        row["crosses"] = row["passed_after"] - row["passed_before"]


def items(before, after, attempt, request):
    """One dict per item there was."""
    old_table = oracle.item_analysis(*before, attempt=attempt)
    new_table = oracle.item_analysis(*after, attempt=attempt)
    table = []
    for old, new in side_by_side(old_table, new_table, ["quiz_id", "item_id"]):
        names = ("quiz_id", "item_id", "position", "title")
        row = {name: old[name] for name in names} | {"undefined": {}}
        asked = request.get((old["quiz_id"], old["item_id"]), {})
        words = {
            "drop": "dropped",
            "rekey": "rekeyed",
            "credit": "credited",
            "weight": "weighed",
        }
        said = [word for name, word in words.items() if name in asked]
        row["changed"] = ", ".join(said) or None
        figures = ("difficulty", "discrimination", "point_biserial_corrected")
        both(old, new, ("points_possible", *figures), row)
        table.append(row)
    return table


def summary(before, after, attempt, own):
    """One dict per quiz; `own` are the students' rows."""
    old_table = oracle.summary(*before, attempt=attempt)
    new_table = oracle.summary(*after, attempt=attempt)
    table = []
    for old, new in side_by_side(old_table, new_table, ["quiz_id"]):
        row = {"quiz_id": old["quiz_id"], "undefined": {}}
        both(old, new, ("n", "mean", "alpha", "sem"), row)
        mine = [one for one in own if one["quiz_id"] == row["quiz_id"]]
        row["n_gain"] = sum(one["gains"] == 1 for one in mine)
        row["n_lose"] = sum(one["gains"] == -1 for one in mine)
        marked = all(one["undefined"].get("crosses") != "no_pass_mark" for one in mine)
        for name, sign in (("n_pass_now", 1), ("n_fail_now", -1)):
            row[name] = sum(one["crosses"] == sign for one in mine) if marked else None
            if not marked:
                row["undefined"][name] = "no_pass_mark"
        table.append(row)
    return table
