"""Ranks of scores; and what a part of the submissions takes from a tally of all."""

from dataclasses import replace

import numpy as np
import pyarrow as pa

from quizanalysis._counts.named import numbered, united
from quizanalysis._counts.parts import Parts, column, distinct
from quizanalysis._intake.columns import NANO, TIE, Ints
from quizanalysis._readout.figures import edges, points_of
from quizanalysis.responses import Responses


def ranks(quiz: Ints, score: Ints, n: Ints) -> Ints:
    """1 + how many there are of the quiz with a higher score; near ones tie.

    Each score stands for n submissions.
    """
    order = np.lexsort((-score, quiz))
    first_of_quiz = edges(quiz[order])
    new = np.ones(len(order), bool)
    new[1:] = np.diff(score[order]) < -TIE
    new[first_of_quiz] = True
    above = np.cumsum(n[order]) - n[order]
    start = np.zeros(len(order), np.int64)
    start[first_of_quiz] = above[first_of_quiz]
    first = np.flatnonzero(new)[np.cumsum(new) - 1]
    rank = np.empty(len(order), np.int64)
    rank[order] = above[first] - np.maximum.accumulate(start) + 1
    return rank


def ranks_among(parts: Parts, quiz_id: pa.ChunkedArray, score: Ints) -> Ints:
    """The ranks of some scores among all that a tally of recorded totals has."""
    totals = parts.totals
    k, points = column(totals, "k"), column(totals, "points")
    # Without anything graded or recorded there is no score that could be higher.
    there = (k != 0) | (points >= 0)
    theirs, total = column(totals, "quiz")[there], column(totals, "total")[there]
    rank = ranks(theirs, total, column(totals, "n")[there])
    _, (all_quizzes, own) = numbered(parts.quizzes["quiz_id"], quiz_id)
    quiz = np.concatenate([all_quizzes[theirs], own])
    first, place = distinct([quiz, np.concatenate([total, score])])
    known = np.full(len(first), -1, np.int64)
    known[place[: len(total)]] = rank
    found = known[place[len(total) :]]
    _refuse_unknown(found)
    return found


def with_points(responses: Responses, parts: Parts) -> Responses:
    """Points possible as all submissions tell them, where these alone could not."""
    items = responses.items
    quiz = pa.array(column(parts.items, "quiz"))
    names = pa.table(
        {
            "quiz_id": parts.quizzes["quiz_id"].take(quiz),
            "item_id": parts.items["item_id"],
        }
    )
    every, (theirs, own) = united([names, items.select(names.column_names)])
    row = np.full(every.num_rows, -1, np.int64)
    row[theirs] = np.arange(len(theirs))
    at = row[own]
    _refuse_unknown(at)
    known = {
        "points_possible": pa.array(points_of(parts)[at] / NANO),
        "points_inferred": parts.items["points"].is_null().take(pa.array(at)),
    }
    for name, values in known.items():
        items = items.set_column(items.column_names.index(name), name, values)
    return replace(responses, items=items)


def _refuse_unknown(place: Ints) -> None:
    if np.any(place < 0):
        msg = "whole= must be the tally of all submissions, of which these are a part"
        raise ValueError(msg)
