"""Count the responses of one `Responses` into the parts of a tally."""

import numpy as np
import pyarrow as pa

from quizanalysis._counts.named import numbered, sorted_names
from quizanalysis._counts.parts import Parts, column, distinct, empty, guard
from quizanalysis._intake.attempts import has_score
from quizanalysis._intake.columns import Ints
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.responses import Responses

_UNDECLARED = -1


def counts(responses: Responses, *, omit_blank: bool, recorded: bool) -> Parts:
    """Count every submission, all quizzes in one pass, in canonical order."""
    if not responses.items.num_rows and not len(responses):
        return empty()
    names, (quiz, item_quiz) = numbered(
        responses.submissions["quiz_id"], responses.items["quiz_id"]
    )
    items, new_item = _items(responses, item_quiz, omit_blank=omit_blank)
    options, new_option = _options(responses, new_item)
    cells, choices = responses.cells, responses.choices
    scored = cells.state < (BLANK if omit_blank else UNGRADED)
    item, submission = new_item[cells.item[scored]], cells.submission[scored]
    score = cells.score[scored]
    guard(score)
    k, worth, total = _sums(items, item, submission, score, len(responses))
    if recorded:
        total = responses.scores()
        # Nothing recorded and nothing graded is no total of 0.
        worth[~has_score(responses.submissions, responses.cells)] = _UNDECLARED
    totals, row = _totals({"quiz": quiz, "k": k, "points": worth, "total": total})
    chosen = scored[choices.chosen_cell]
    cell = choices.chosen_cell[chosen]
    option = new_option[choices.chosen_option[chosen]]
    item_quiz = column(items, "quiz")
    quiz = item_quiz[column(options, "item")]
    choosers = row[cells.submission[cell]]
    return Parts(
        pa.table({"quiz_id": names}),
        items,
        options,
        totals,
        _by_total("item", item, row[submission], score, totals, item_quiz),
        _by_score(item, k[submission], worth[submission], score),
        _by_total("option", option, choosers, cells.score[cell], totals, quiz),
    )


def _totals(keys: dict[str, Ints]) -> tuple[pa.Table, Ints]:
    """Count the submissions with each total; and the row of each submission."""
    first, row = distinct(list(keys.values()))
    table = {name: key[first] for name, key in keys.items()}
    return pa.table({**table, "n": np.bincount(row, minlength=len(first))}), row


def _items(
    responses: Responses, quiz: Ints, *, omit_blank: bool
) -> tuple[pa.Table, Ints]:
    """Items by quiz and id, with their counts; and each item's new number."""
    old = responses.items
    cells = responses.cells
    n = old.num_rows
    _, name = sorted_names(old["item_id"])
    order = np.lexsort((name, quiz))
    new = np.empty(n, np.int64)
    new[order] = np.arange(n)
    inferred = np.asarray(old["points_inferred"], bool)
    points = responses.points()
    shown = cells.state != BLANK if omit_blank else np.ones(len(cells.state), bool)
    pair = np.sort(cells.item[shown] * (len(responses) + 1) + cells.submission[shown])
    pair = pair[np.diff(pair, prepend=-1) != 0]
    columns = {
        "quiz": pa.array(quiz),
        "item_id": old["item_id"],
        "position": old["position"],
        "item_type": old["item_type"],
        "title": old["title"],
        "points": pa.array(points, mask=inferred),
        "best": np.where(inferred, points, 0),
        "is_open": pa.array(responses.choices.is_open),
        "max_options": np.full(n, responses.choices.max_options),
        "n_shown": np.bincount(pair // (len(responses) + 1), minlength=n),
        "n_blank": np.bincount(cells.item[cells.state == BLANK], minlength=n),
        "n_not_graded": np.bincount(cells.item[cells.state == UNGRADED], minlength=n),
    }
    return pa.table(columns).take(pa.array(order)), new


def _options(responses: Responses, new_item: Ints) -> tuple[pa.Table, Ints]:
    """Options by item and id; and each option's new number."""
    old = responses.choices
    item = new_item[old.item]
    _, name = sorted_names(pa.chunked_array([old.option]))
    order = np.lexsort((name, item))
    new = np.empty(len(order), np.int64)
    new[order] = np.arange(len(order))
    starts = np.searchsorted(old.item, old.item)
    table = pa.table(
        {
            "item": item,
            "option": old.option,
            "text": old.text,
            "declared": old.declared,
            "correct": old.correct & ~old.inferred,
            "inferred": old.inferred,
            "earned": np.where(old.inferred, old.earned, 0),
            "place": np.where(old.declared, np.arange(len(order)) - starts, 0),
        }
    )
    return table.take(pa.array(order)), new


def _sums(
    items: pa.Table, item: Ints, submission: Ints, score: Ints, n: int
) -> tuple[Ints, Ints, Ints]:
    """Items scored, what they were worth, and the total, of each submission."""
    declared = np.asarray(items["points"].is_valid(), bool)
    points = np.asarray(items["points"].fill_null(0), np.int64)
    k = np.bincount(submission, minlength=n)
    pair = np.sort(submission * (items.num_rows + 1) + item)
    twice = np.unique(pair[1:][np.diff(pair) == 0] // (items.num_rows + 1))
    k[twice] = -k[twice]
    total, worth = np.zeros(n, np.int64), np.zeros(n, np.int64)
    np.add.at(total, submission, score)
    np.add.at(worth, submission, points[item])
    worth[submission[~declared[item]]] = _UNDECLARED
    return k, worth, total


def _by_total(
    name: str,
    owner: Ints,
    row: Ints,
    score: Ints,
    totals: pa.Table,
    quiz: Ints,
) -> pa.Table:
    """Count responses, and sum their scores, by item or option and total.

    A dense table of all items by all totals of their own quiz: with many quizzes or
    few totals it is no larger than the responses.
    """
    n_rows = np.bincount(column(totals, "quiz"), minlength=int(quiz.max(initial=0)) + 1)
    first = np.cumsum(n_rows) - n_rows
    width = n_rows[quiz]
    base = np.cumsum(width) - width
    at, n, total = _grouped(
        base[owner] + row - first[quiz][owner], int(width.sum()), score
    )
    who = np.repeat(np.arange(len(quiz)), width)[at] if len(at) else at
    return pa.table(
        {name: who, "row": at - base[who] + first[quiz][who], "n": n, "score": total}
    )


def _grouped(key: Ints, size: int, score: Ints) -> tuple[Ints, Ints, Ints]:
    """Distinct keys ascending, how often each occurs, and the sum of the scores."""
    if size > 4 * len(key) + 2**16:
        distinct_key, place = np.unique(key, return_inverse=True)
        key, size = place.astype(np.int64), len(distinct_key)
    else:
        distinct_key = np.arange(size)
    n = np.bincount(key, minlength=size)
    total = np.zeros(size, np.int64)
    np.add.at(total, key, score)
    there = np.flatnonzero(n)
    return distinct_key[there], n[there], total[there]


def _by_score(item: Ints, k: Ints, worth: Ints, score: Ints) -> pa.Table:
    """Count responses by item, score, and the kind of submission."""
    values, value = _numbered(score)
    counts, count = _numbered(k)
    worths, form = _numbered(worth)
    sizes = (len(counts), len(worths), len(values))
    key = item
    for size, part in zip(sizes, (count, form, value), strict=True):
        key = key * size + part
    span = (int(item.max(initial=-1)) + 1) * int(np.prod(sizes))
    at, n, _ = _grouped(key, span, np.zeros(len(key), np.int64))
    columns: dict[str, Ints] = {"n": n}
    for name, names in (("score", values), ("points", worths), ("k", counts)):
        columns[name] = names[at % max(len(names), 1)] if len(at) else at
        at = at // max(len(names), 1)
    columns["item"] = at
    return pa.table(
        {name: columns[name] for name in ("item", "k", "points", "score", "n")}
    )


def _numbered(values: Ints) -> tuple[Ints, Ints]:
    """Distinct values ascending, and the number of each row's."""
    encoded = pa.array(values).dictionary_encode()
    names = np.asarray(encoded.dictionary, np.int64)
    order = np.argsort(names)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return names[order], place[np.asarray(encoded.indices, np.int64)]
