r"""Item and distractor analysis by R's package CTT, version 2.3.3.

``CTT::itemAnalysis(x)`` of the table x of students by items, and
``CTT::distractorAnalysis(answers, key)``. An item that was not shown, or is not graded,
is NA; a blank is 0 in the first, and an answer of its own in the second. A submission
to which an item was drawn twice is no row of such a table and is left out.

Not reproduced: ``rBisML = TRUE`` (iterative), and flags of items.
"""

from dataclasses import replace
from typing import Literal

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._bounds import refuse_more
from quizanalysis._counts.named import items_by_name
from quizanalysis._counts.pairs import Pairs
from quizanalysis._counts.rests import Rests
from quizanalysis._intake.columns import NANO, Floats, Ints, codes
from quizanalysis._intake.tidy import Cells
from quizanalysis._readout.figures import edges
from quizanalysis._refusals import need_kind
from quizanalysis.conventions._ctt_options import option_analysis
from quizanalysis.conventions._kept import drawn_once
from quizanalysis.conventions._r_matrices import (
    ROUNDING,
    Stack,
    diagonal,
    joint,
    own,
    stacks,
    summed,
)
from quizanalysis.responses import Attempts, Responses

__all__ = ["Missing", "Pairs", "item_analysis", "option_analysis", "summary"]

_MOST_FILLED = 20_000_000
"""Each has a dozen numbers of 8 bytes at some time."""

_WAY = "choose with responses.where(quiz=…) or where(section=…), or listwise"

Missing = Literal["listwise", "zero"]
"""``NA.Delete = TRUE``, or FALSE."""


def item_analysis(
    responses: Responses, *, attempt: Attempts = "last", missing: Missing = "listwise"
) -> pa.Table:
    r"""The ``itemReport`` of ``CTT::itemAnalysis``: one row per item.

    Parameters
    ----------
    responses : Responses
    attempt : {"last", "first", "best", "kept", "all"}
        Which attempts are rows of the table.
    missing : {"listwise", "zero"}
        Leave out students who lack a score for any item, or take 0 for it.

    Returns
    -------
    pyarrow.Table
        ``itemName, itemMean, pBis, bis, alphaIfDeleted``; then ``quiz_id, item_id``. By
        quiz and position.

    Raises
    ------
    ValueError
        For an option that does not exist, and for more than 4 million pairs of
        questions of a quiz: 2,000 questions have so many;
        with ``missing="zero"`` for more than 20 million students times questions.

    Notes
    -----
    ``pBis`` is the correlation with the rest, the total *without* the item. ``bis`` is
    the two-step polyserial correlation with the rest, of the item's distinct scores
    coded 1 to m: :math:`r s / \sum_c \varphi(\tau_c)`, s their standard deviation with
    the divisor n and :math:`\tau` the normal quantiles of their cumulated shares; it
    may pass 1. Both are null for an item, or a rest, without variance;
    ``alphaIfDeleted``, alpha of the other items as in `summary`, when these are fewer
    than two or their sum has no variance; ``itemMean`` when nobody is left.

    References
    ----------
    .. [1] Willse, J. T. CTT: Classical Test Theory Functions. R package, version 2.3.3.

    Examples
    --------
    What R gives for the same table:

    >>> r = Responses.from_matrix(
    ...     [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1], [0] * 4, [1] * 4, [1, 0, 0, 0]]
    ... )
    >>> table = item_analysis(r)
    >>> [round(value, 4) for value in table["alphaIfDeleted"].to_pylist()]
    [0.6136, 0.75, 0.4688, 0.6585]
    """
    need_kind("Responses are", responses, Responses)
    chosen = _table_of(responses.attempts(attempt), missing)
    pairs, rests = Pairs.of(chosen), Rests.of(chosen)
    found = joint(pairs, "complete")
    quiz, _ = codes(pairs.items["quiz_id"])
    size = pairs.items.num_rows
    n, mean, _ = own(found, size)
    r, deleted, rest_var = (np.full(size, np.nan) for _ in range(3))
    for stack in stacks(found, quiz, n > 0):
        for values, new in zip((r, deleted, rest_var), _of_rest(stack), strict=True):
            values[stack.item] = new
    columns = {
        "itemName": pairs.items["item_id"],
        "itemMean": pa.array(mean, from_pandas=True),
        "pBis": pa.array(r, from_pandas=True),
        "bis": pa.array(_polyserial(rests, n, rest_var, quiz), from_pandas=True),
        "alphaIfDeleted": pa.array(deleted, from_pandas=True),
        "quiz_id": pairs.items["quiz_id"],
        "item_id": pairs.items["item_id"],
    }
    return pa.table(columns).take(pa.array(_order(chosen))).combine_chunks()


def summary(
    responses: Responses | Pairs,
    *,
    attempt: Attempts = "last",
    missing: Missing = "listwise",
) -> pa.Table:
    r"""The head of ``CTT::itemAnalysis``: one row per quiz.

    Parameters
    ----------
    responses : Responses or Pairs
        `Pairs` of chosen attempts, counted elsewhere, have no use for the others.
    attempt, missing
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        ``nItem, nPerson, alpha, scaleMean, scaleSD``; then ``quiz_id``.

    Raises
    ------
    ValueError
        As in `item_analysis`.

    Notes
    -----
    With k items of variances :math:`s_j^2` and totals of variance :math:`s_T^2`, all
    with the divisor n - 1, ``alpha`` is :math:`\frac{k}{k-1} (1 - \sum s_j^2 / s_T^2)`;
    null below two items and where the totals have no variance. ``scaleMean`` and
    ``scaleSD`` are of the totals; null without a student, and below two students.

    References
    ----------
    .. [1] Willse, J. T. CTT: Classical Test Theory Functions. R package, version 2.3.3.

    Examples
    --------
    What R gives for the same table:

    >>> r = Responses.from_matrix(
    ...     [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1], [0] * 4, [1] * 4, [1, 0, 0, 0]]
    ... )
    >>> row = summary(r).to_pylist()[0]
    >>> row["nPerson"], round(row["scaleMean"], 4), round(row["alpha"], 4)
    (6, 2.1667, 0.6974)
    """
    need_kind("Responses or Pairs are", responses, Responses, Pairs)
    pairs = responses
    if isinstance(pairs, Responses):
        pairs = Pairs.of(_table_of(pairs.attempts(attempt), missing))
    found = joint(pairs, "complete")
    quiz, ids = codes(pairs.items["quiz_id"])
    n, means, _ = own(found, pairs.items.num_rows)
    alpha, mean, sd = (np.full(len(ids), np.nan) for _ in range(3))
    items, people = np.zeros(len(ids), np.int64), np.zeros(len(ids), np.int64)
    items[:] = np.bincount(quiz[np.unique(pairs.pairs["item"])], minlength=len(ids))
    for stack in stacks(found, quiz, n > 0):
        of, k = quiz[stack.item[:, 0]], stack.cov.shape[-1]
        total = summed(stack.cov)
        people[of] = n[stack.item[:, 0]]
        mean[of] = means[stack.item].sum(axis=1)
        several = n[stack.item[:, 0]] > 1
        sd[of] = np.where(several, np.sqrt(np.nan_to_num(total)), np.nan)
        if k > 1:
            share = diagonal(stack.cov).sum(axis=1) / total
            alpha[of] = k / (k - 1) * (1 - share)
    columns = {
        "nItem": pa.array(items),
        "nPerson": pa.array(people),
        "alpha": pa.array(alpha, from_pandas=True),
        "scaleMean": pa.array(mean, from_pandas=True),
        "scaleSD": pa.array(sd, from_pandas=True),
        "quiz_id": ids,
    }
    return pa.table(columns)


def _of_rest(stack: Stack) -> tuple[Floats, Floats, Floats]:
    """Correlation with the rest, alpha of the rest, and its variance."""
    cov, k = stack.cov, stack.cov.shape[-1]
    var, rows = diagonal(cov), cov.sum(axis=2)
    left = cov.sum(axis=(1, 2))[:, None] - 2 * rows + var
    size = np.abs(cov).sum(axis=(1, 2))[:, None]
    left = np.where(left > ROUNDING * size, left, np.nan)
    spread = np.sqrt(np.where(var > 0, var, np.nan) * left)
    trace = var.sum(axis=1)[:, None] - var
    alpha = (k - 1) / (k - 2) * (1 - trace / left) if k > 2 else np.nan * left
    return (rows - var) / spread, alpha, left


def _order(responses: Responses) -> Ints:
    """Items, numbered by name, in the order of their positions."""
    items, place = items_by_name(responses)
    position = np.empty(len(place), np.int64)
    position[place] = np.asarray(responses.items["position"].fill_null(2**40), np.int64)
    return np.lexsort((position, codes(items["quiz_id"])[0])).astype(np.int64)


def _table_of(responses: Responses, missing: Missing) -> Responses:
    """Give every submission a score for every item of its quiz, if 0 is taken."""
    if missing not in {"listwise", "zero"}:
        msg = f"missing must be listwise or zero, not {missing!r}"
        raise ValueError(msg)
    responses = drawn_once(responses)
    if missing == "listwise":
        return responses
    n = len(responses)
    names = [responses.submissions["quiz_id"], responses.items["quiz_id"]]
    both = [chunk for column in names for chunk in column.chunks]
    quiz, ids = codes(pa.chunked_array(both, pa.string()))
    of, items = quiz[:n], quiz[n:]
    order = np.argsort(items, kind="stable")
    k = np.bincount(items, minlength=len(ids))
    first = np.cumsum(k) - k
    ends = np.cumsum(k[of])
    refuse_more("missing='zero' fills", _MOST_FILLED, "cells", int(k[of].sum()), _WAY)
    submission = np.repeat(np.arange(n), k[of])
    within = np.arange(len(submission)) - np.repeat(ends - k[of], k[of])
    item = order[first[of][submission] + within]
    rank = np.empty(len(items), np.int64)
    rank[order] = np.arange(len(items)) - first[items[order]]
    cells = responses.cells
    score = np.zeros(len(submission), np.int64)
    at = (ends - k[of])[cells.submission] + rank[cells.item]
    np.add.at(score, at, cells.score)
    zero = np.zeros_like(score)
    full = Cells(submission, item, score, zero, zero, None)
    return replace(responses, cells=full, choices=responses.choices.none())


def _polyserial(rests: Rests, n: Ints, rest_var: Floats, quiz: Ints) -> Floats:
    """Two-step polyserial correlation of each item's codes with the rest."""
    k = np.bincount(quiz[n > 0], minlength=int(quiz.max(initial=-1)) + 1)
    scores = rests.scores
    whole = scores["k"] == k[quiz[scores["item"]]]
    whole &= n[scores["item"]] > 0
    item, count, rest = (scores[key][whole] for key in ("item", "n", "rest"))
    from scipy.special import ndtri  # noqa: PLC0415  slow to import

    result = np.full(len(n), np.nan)
    if not len(item):
        return result
    at = edges(item)
    widths = np.diff(np.append(at, len(item)))
    code = np.arange(len(item)) - np.repeat(at, widths) + 1
    people = np.add.reduceat(count, at)
    shared = ctt.scatter(
        people,
        ctt.dot(code, count, at),
        np.add.reduceat(rest, at).astype(object),
        ctt.dot(code, rest, at),
    ).astype(np.float64) / (NANO * people.astype(np.float64) ** 2)
    before = np.cumsum(count) - count
    above = before - np.repeat(before[at], widths)
    share = above / np.repeat(people, widths)
    z = ndtri(np.where(share > 0, share, 0.5))
    height = np.where(share > 0, np.exp(-z * z / 2) / np.sqrt(2 * np.pi), 0.0)
    heights = np.add.reduceat(height, at)
    of = item[at]
    deviation = np.sqrt(rest_var[of] * (people - 1) / people)
    result[of] = shared / np.where(heights > 0, heights, np.nan) / deviation
    return result
