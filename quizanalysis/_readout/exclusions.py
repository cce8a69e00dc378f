"""What was left out of a report and why, in numbers that add up."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Ints, Mask, codes
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.responses import Responses
from quizanalysis.schema import arrow_schema

Row = tuple[pa.Array, str, str, Ints, bool]


def exclusions(responses: Responses, *, omit_blank: bool) -> pa.Table:
    """Account for every submission and response, quiz by quiz.

    ``read`` less all that is left out is ``analysed``. What a reader left out before
    quizzes were told apart stands under no quiz, and is part of no ``read``.
    """
    schema = arrow_schema("exclusions")
    kept = [
        pa.table(
            {
                "quiz_id": quiz,
                "unit": pa.array([unit] * len(quiz), pa.string()),
                "reason": pa.array([reason] * len(quiz), pa.string()),
                "n": n,
                "left_out": np.full(len(quiz), left_out),
            }
        ).filter(pc.or_(pa.scalar(reason in {"read", "analysed"}), pc.greater(n, 0)))
        for quiz, unit, reason, n, left_out in _rows(responses, omit_blank=omit_blank)
    ]
    gone = responses.left_out.append_column(
        "left_out", pa.array(np.ones(responses.left_out.num_rows, bool))
    )
    table = pa.concat_tables([gone, *kept]).cast(schema)
    units = pa.array(["submissions", "responses", "items"])
    unit = np.asarray(pc.index_in(table["unit"], units).fill_null(3), np.int64)
    quiz, _ = codes(table["quiz_id"])
    step = np.where(pc.equal(table["reason"], "read"), 0, 1) + np.where(
        pc.equal(table["reason"], "analysed"), 1, 0
    )
    return table.take(pa.array(np.lexsort((np.arange(len(quiz)), step, unit, quiz))))


def _rows(responses: Responses, *, omit_blank: bool) -> Iterator[Row]:
    cells, items = responses.cells, responses.items
    left_out = responses.left_out["quiz_id"].drop_null()
    every = [responses.submissions["quiz_id"], items["quiz_id"], left_out]
    number, names = codes(
        pa.chunked_array([c for one in every for c in one.chunks], pa.string())
    )
    n_quizzes, n = len(names), len(responses)
    quiz, item_quiz = number[:n], number[n : n + items.num_rows]
    cell_quiz = item_quiz[cells.item]

    def per_quiz(which: Ints, mask: Mask | None = None) -> Ints:
        chosen = which if mask is None else which[mask]
        return np.bincount(chosen, minlength=n_quizzes)

    here = per_quiz(quiz)
    gone = np.zeros(n_quizzes, np.int64)
    place = pc.index_in(responses.left_out["quiz_id"], names)
    known = np.asarray(
        pc.and_(place.is_valid(), pc.equal(responses.left_out["unit"], "submissions")),
        bool,
    )
    np.add.at(
        gone,
        np.asarray(place.fill_null(0), np.int64)[known],
        np.asarray(responses.left_out["n"], np.int64)[known],
    )
    yield names, "submissions", "read", here + gone, False
    yield names, "submissions", "analysed", here, False

    ungraded, blank = cells.state == UNGRADED, cells.state == BLANK
    out = ungraded | blank if omit_blank else ungraded
    points = np.asarray(items["points_possible"], np.float64)
    above = ~ungraded & (cells.score > np.rint(points * 1e9)[cells.item])
    yield names, "responses", "read", per_quiz(cell_quiz), False
    yield names, "responses", "not graded yet", per_quiz(cell_quiz, ungraded), True
    yield (
        names,
        "responses",
        "blank" if omit_blank else "blank, counted as 0",
        per_quiz(cell_quiz, blank),
        omit_blank,
    )
    yield (
        names,
        "responses",
        "more than the points possible",
        per_quiz(cell_quiz, above),
        False,
    )
    yield names, "responses", "analysed", per_quiz(cell_quiz, ~out), False

    inferred = np.asarray(items["points_inferred"], bool)
    yield (
        names,
        "items",
        "points possible taken from the best score",
        per_quiz(item_quiz, inferred),
        False,
    )
    keyed = np.zeros(items.num_rows, bool)
    options = responses.choices
    keyed[options.item[options.inferred]] = True
    yield (
        names,
        "items",
        "key taken from the answers with full points",
        per_quiz(item_quiz, keyed),
        False,
    )
