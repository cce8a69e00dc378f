"""The distractor analysis of R's package CTT."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import ctt
from quizanalysis._bounds import refuse_wide
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Floats, Ints, Mask, codes
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis._refusals import need_kind
from quizanalysis.conventions._kept import drawn_once
from quizanalysis.responses import Attempts, Responses

_COLUMNS = 8
"""Of the table, beside those of the groups."""

_WAY = (
    "choose with responses.where(quiz=…), or take quizanalysis.option_analysis, which "
    "has the answers of each question alone"
)

_FUZZ = 4 * float(np.finfo(np.float64).eps)
"""What R takes for rounding error in the place of a quantile."""


def option_analysis(
    responses: Responses,
    *,
    attempt: Attempts = "last",
    groups: int | Sequence[float] = 3,
    omitted: str = "-",
) -> pa.Table:
    r"""``CTT::distractorAnalysis(pTable = FALSE)``: one row per item and answer.

    Parameters
    ----------
    responses : Responses
    attempt : {"last", "first", "best", "kept", "all"}
        Which attempts are rows of the table of answers.
    groups : int or sequence of float
        ``nGroups``, or the shares of ``defineGroups`` such as ``(.27, .46, .27)``.
    omitted : str
        What a blank is called: it is an answer of its own.

    Returns
    -------
    pyarrow.Table
        ``correct, key, n, rspP, pBis, discrim``, then the choosers in each group:
        ``lower``, ``mid66`` and the like by where the group ends, ``upper``; then
        ``quiz_id, item_id``. Every answer that occurs in the quiz has a row for each of
        its items with options, by answer.

    Raises
    ------
    ValueError
        For a table of more than 100 million cells.

    Notes
    -----
    The total is the number of items with full points. ``rspP`` is the share of all
    answers to the item. ``pBis`` correlates the answer with the total less *the answer
    itself*, right or wrong: so it comes out too low for distractors (see
    ``quizanalysis.option_analysis`` for the item's own score taken off). It is null for
    what nobody or everybody chose, and for an item that somebody was not shown.

    Groups are cut at quantiles of the total (R's type 7), closed on the right: who ties
    with a cut is below it. ``discrim`` is the share of the upper group's answers to the
    item less that of the lower; null when one of them gave none. Where two cuts fall
    together CTT stops with an error, and here all of this is null.

    References
    ----------
    .. [1] Willse, J. T. CTT: Classical Test Theory Functions. R package, version 2.3.3.

    Examples
    --------
    >>> r = Responses.from_answers([["A", "B"], ["A", "C"], ["B", "C"]], key=["A", "B"])
    >>> for row in option_analysis(r).to_pylist()[:3]:
    ...     print(row["correct"], row["key"], row["n"], row["discrim"])
    * A 2 1.0
     B 1 -1.0
     C 0 0.0
    """
    need_kind("Responses are", responses, Responses)
    chosen = drawn_once(responses.attempts(attempt))
    people, ids = _people(chosen)
    picked = _picked(chosen, omitted)
    ends = _ends(groups)
    rows = _rows(chosen, picked, ids, _COLUMNS + len(ends))
    group, split = _grouped(people, ends, len(ids))
    at = rows.find(picked.item, picked.answer)
    n = np.bincount(at, minlength=len(rows.item))
    counts = np.zeros((len(rows.item), len(ends)), np.int64)
    np.add.at(counts, (at, group[picked.submission]), 1)
    size = np.zeros((chosen.items.num_rows, len(ends)))
    np.add.at(size, (picked.item, group[picked.submission]), 1)
    known, there = split[rows.quiz], size[rows.item]
    said = there.sum(axis=1)
    shares = counts / np.where(there > 0, there, np.nan)
    discrim = np.where(known, shares[:, -1] - shares[:, 0], np.nan)
    columns = {
        "correct": pa.array(np.where(rows.correct, "*", "").tolist(), pa.string()),
        "key": rows.answers.take(pa.array(rows.answer)),
        "n": pa.array(n),
        "rspP": pa.array(n / np.where(said > 0, said, np.nan), from_pandas=True),
        "pBis": pa.array(_correlations(rows, picked, people, at), from_pandas=True),
        "discrim": pa.array(discrim, from_pandas=True),
    }
    for index, name in enumerate(_names(ends)):
        columns[name] = pa.array(counts[:, index], mask=~known)
    for name in ("quiz_id", "item_id"):
        columns[name] = chosen.items[name].take(pa.array(rows.item))
    return pa.table(columns)


@dataclass(frozen=True, slots=True)
class _People:
    """Quiz and number of right answers of each submission."""

    quiz: Ints
    total: Ints


@dataclass(frozen=True, slots=True)
class _Picked:
    """Who gave which answer to which item; ``answers`` names the answers."""

    submission: Ints
    item: Ints
    answer: Ints
    answers: pa.Array


@dataclass(frozen=True, slots=True)
class _Rows:
    """One row per item and answer: by quiz and position, then by answer."""

    quiz: Ints
    item: Ints
    answer: Ints
    correct: np.ndarray[tuple[int], np.dtype[np.bool_]]
    answers: pa.Array
    keys: Ints

    def find(self, item: Ints, answer: Ints) -> Ints:
        """Row of each item and answer."""
        key = item * (len(self.answers) + 1) + answer
        order = np.argsort(self.keys)
        return order[np.searchsorted(self.keys, key, sorter=order)]


def _correlations(rows: _Rows, picked: _Picked, people: _People, at: Ints) -> Floats:
    """Correlation of each answer with the total less the answer itself."""
    n_quizzes, n_rows = int(people.quiz.max(initial=-1)) + 1, len(rows.item)
    n_quizzes = max(n_quizzes, int(rows.quiz.max(initial=-1)) + 1)
    everyone = np.bincount(people.quiz, minlength=n_quizzes)
    first, second = np.zeros((2, n_quizzes), np.int64)
    np.add.at(first, people.quiz, people.total)
    np.add.at(second, people.quiz, people.total**2)
    n, sums = np.bincount(at, minlength=n_rows), np.zeros(n_rows, np.int64)
    np.add.at(sums, at, people.total[picked.submission])
    of = rows.quiz
    base = everyone[of]
    r = ctt.item_rest_correlation(
        ctt.scatter(base, n, first[of], sums),
        ctt.scatter(base, n, n, n),
        ctt.scatter(base, first[of], first[of], second[of]),
    )
    # R gives NA as soon as one answer is missing.
    answered, _ = distinct([picked.item, picked.submission])
    size = int(rows.item.max(initial=-1)) + 1
    said = np.bincount(picked.item[answered], minlength=size)[rows.item]
    return np.where(said == base, r, np.nan)


def _people(responses: Responses) -> tuple[_People, pa.Array]:
    """Count the items with full points of each submission."""
    names = [responses.submissions["quiz_id"], responses.items["quiz_id"]]
    both = [chunk for column in names for chunk in column.chunks]
    quiz, ids = codes(pa.chunked_array(both, pa.string()))
    cells = responses.cells
    most = responses.points()[cells.item]
    right = (cells.state != UNGRADED) & (cells.score >= most) & (most > 0)
    n = len(responses)
    return _People(quiz[:n], np.bincount(cells.submission[right], minlength=n)), ids


def _picked(responses: Responses, omitted: str) -> _Picked:
    """List the choices, and blanks to items with options as an answer of their own."""
    options, cells = responses.choices, responses.cells
    closed = np.zeros(responses.items.num_rows, bool)
    closed[options.item] = True
    blank = np.flatnonzero((cells.state == BLANK) & closed[cells.item])
    cell = np.concatenate([options.chosen_cell, blank])
    words = pa.concat_arrays([options.option, pa.array([omitted], pa.string())])
    number, answers = codes(pa.chunked_array([words]))
    place = np.empty(len(answers), np.int64)
    order = np.asarray(pc.sort_indices(answers), np.int64)
    place[order] = np.arange(len(order))
    given = np.concatenate(
        [number[options.chosen_option], np.full(len(blank), number[-1])]
    )
    return _Picked(
        cells.submission[cell],
        cells.item[cell],
        place[given],
        answers.take(pa.array(order)),
    )


def _rows(responses: Responses, picked: _Picked, ids: pa.Array, columns: int) -> _Rows:
    """Combine each item that has options with each answer that its quiz knows."""
    options = responses.choices
    quiz_of = np.asarray(pc.index_in(responses.items["quiz_id"], ids), np.int64)
    authored = np.asarray(pc.index_in(options.option, picked.answers), np.int64)
    known = [quiz_of[picked.item], picked.answer]
    first, _ = distinct(known)
    quiz, answer = known[0][first], known[1][first]
    n = np.bincount(quiz, minlength=len(ids))
    start = np.cumsum(n) - n
    items = np.unique(options.item)
    width = n[quiz_of[items]]
    refuse_wide(int(width.sum()), columns, _WAY)
    item = np.repeat(items, width)
    ends = np.cumsum(width)
    within = np.arange(len(item)) - np.repeat(ends - width, width)
    answered = answer[start[quiz_of[item]] + within]
    keys = item * (len(picked.answers) + 1) + answered
    right = (options.item * (len(picked.answers) + 1) + authored)[options.correct]
    return _Rows(
        quiz_of[item], item, answered, np.isin(keys, right), picked.answers, keys
    )


def _ends(groups: int | Sequence[float]) -> Floats:
    """Where each group ends, as a share of the submissions."""
    if isinstance(groups, int):
        return np.arange(1, groups + 1) / groups
    return np.cumsum(np.asarray(groups, np.float64))


def _names(ends: Floats) -> list[str]:
    """Name the groups as CTT does: by where they end, in whole percent."""
    return ["lower", *(f"mid{int(100 * end)}" for end in ends[1:-1]), "upper"]


def _grouped(people: _People, ends: Floats, n_quizzes: int) -> tuple[Ints, Mask]:
    """Group of each submission; and the quizzes where no two cuts coincide."""
    n = np.bincount(people.quiz, minlength=n_quizzes)
    order = np.lexsort((people.total, people.quiz))
    start = np.cumsum(n) - n
    some = np.flatnonzero(n)
    total = people.total[order].astype(np.float64)
    cuts = np.zeros((n_quizzes, len(ends) + 1))
    for index, end in enumerate([0.0, *ends]):
        place = (n[some] - 1) * min(end, 1.0)
        low = np.floor(place + _FUZZ)
        part = np.where(np.abs(place - low) < _FUZZ, 0.0, place - low)
        at = start[some] + low.astype(np.int64)
        above = np.minimum(at + 1, start[some] + n[some] - 1)
        cuts[some, index] = (1 - part) * total[at] + part * total[above]
    inner = cuts[people.quiz][:, 1:-1]
    group: Ints = (people.total[:, None] > inner).sum(axis=1)
    return group, np.asarray((np.diff(cuts, axis=1) > 0).all(axis=1))
