"""The counts of a matrix, as a tally holds them."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.dense_options import options_of
from quizanalysis._counts.parts import Parts, empty
from quizanalysis._intake.columns import Ints
from quizanalysis._intake.dense import QUIZ, Dense
from quizanalysis._intake.dense_answers import DenseAnswers
from quizanalysis._intake.options import MAX_OPTIONS

_UNDECLARED = -1


def counts_of(dense: Dense | DenseAnswers, *, recorded: bool) -> Parts:
    """The same parts as of the rows that the matrix would be."""
    if isinstance(dense, DenseAnswers):
        return _of_answers(dense)
    counted, unit = dense.counted, dense.code.unit
    by_name = _by_name(dense.items)
    k = len(by_name) - counted.gaps
    worth = _worth(dense, k)
    if recorded:
        worth[k == 0] = _UNDECLARED  # a total of its own, and none was recorded
    rows = np.lexsort((counted.total, worth, k))
    k, worth, n = k[rows], worth[rows], counted.n[rows]
    counts = counted.counts[:, rows][:, :, by_name]
    shown = n[:, None] - counted.missing[rows][:, by_name]
    values = np.broadcast_to(counted.values[:, None] * unit, counts.shape[::2])
    points = dense.points()
    points = None if points is None else points[by_name]
    best = np.where(counts.any(axis=1), values, 0).max(axis=0, initial=0)
    return Parts(
        pa.table({"quiz_id": [QUIZ]}),
        _items(dense.items.take(pa.array(by_name)), points, best, shown),
        empty().options,
        _totals(k, worth, counted.total[rows] * unit, n),
        _by_total(shown, np.einsum("vi,vti->ti", values, counts)),
        _by_score(counts, shown, values, k, worth),
        empty().option_totals,
    )


def _of_answers(dense: DenseAnswers) -> Parts:
    """Choices; each earns all points of its item or none."""
    counted, by_name = dense.counted, _by_name(dense.items)
    items = dense.items.take(pa.array(by_name))
    counts, points = counted.counts[:, :, by_name], dense.points()[by_name]
    options, choosers = options_of(dense, by_name, counts)
    right = np.zeros((len(counted.values), len(by_name)), bool)
    for item, name in enumerate(by_name):
        texts = dense.right[name]
        right[:, item] = [str(value) in texts for value in counted.values]
    full = np.einsum("vi,vti->ti", right, counts)
    shown = np.repeat(counted.n[:, None], len(by_name), axis=1)
    k = np.full(len(counted.n), len(by_name))
    worth = np.full(len(counted.n), points.sum())
    earns = points > 0
    return Parts(
        pa.table({"quiz_id": [QUIZ]}),
        _items(items, points, points, shown),
        options,
        _totals(k, worth, counted.total * dense.unit, counted.n),
        _by_total(shown, full * points),
        _by_score((full * earns)[None], shown, points[None], k, worth),
        choosers,
    )


def _by_name(items: pa.Table) -> Ints:
    order: Ints = np.asarray(pc.sort_indices(items["item_id"]), np.int64)
    return order


def _totals(k: Ints, worth: Ints, total: Ints, n: Ints) -> pa.Table:
    columns = {"k": k, "points": worth, "total": total, "n": n}
    return pa.table({"quiz": np.zeros(len(n), np.int64), **columns})


def _worth(dense: Dense, k: Ints) -> Ints:
    """What the items with a score were worth, for each kind of row."""
    points = dense.points()
    if points is None:
        return np.where(k > 0, _UNDECLARED, 0)
    # Where some are missing, all items are worth the same.
    missing = len(points) - k
    worth: Ints = points.sum() - missing * points[0]
    return worth


def _items(items: pa.Table, points: Ints | None, best: Ints, shown: Ints) -> pa.Table:
    """What is known of each item, by id."""
    n = items.num_rows
    none, unknown = np.zeros(n, np.int64), pa.nulls(n, pa.string())
    return pa.table(
        {
            "quiz": none,
            "item_id": items["item_id"],
            "position": items["position"],
            "item_type": unknown,
            "title": unknown,
            "points": pa.nulls(n, pa.int64()) if points is None else points,
            "best": best if points is None else none,
            "is_open": np.zeros(n, bool),
            "max_options": np.full(n, MAX_OPTIONS),
            "n_shown": shown.sum(axis=0),
            "n_blank": none,
            "n_not_graded": none,
        }
    )


def _by_total(shown: Ints, score: Ints) -> pa.Table:
    """Responses, and the sum of their scores, by item and total."""
    item, row = np.nonzero(shown.T)
    return pa.table(
        {"item": item, "row": row, "n": shown[row, item], "score": score[row, item]}
    )


def _by_score(
    counts: Ints, shown: Ints, values: Ints, k: Ints, worth: Ints
) -> pa.Table:
    """Responses by item, kind of submission, and score."""
    starts = np.flatnonzero(np.diff(k, prepend=-1) | np.diff(worth, prepend=-2))
    every = np.concatenate([(shown - counts.sum(axis=0))[None], counts])
    by_kind = np.add.reduceat(every, starts, axis=1).transpose(2, 1, 0)
    item, kind, value = np.nonzero(by_kind)
    scores = np.concatenate([np.zeros((1, shown.shape[1]), np.int64), values])
    return pa.table(
        {
            "item": item,
            "k": k[starts][kind],
            "points": worth[starts][kind],
            "score": scores[value, item],
            "n": by_kind[item, kind, value],
        }
    )
