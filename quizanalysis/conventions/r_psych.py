r"""Item analysis and reliability by R's package psych, version 2.5.3.

``psych::alpha(x, cumulative = TRUE, check.keys = FALSE)`` and ``psych::splitHalf(x)``
of the table x of students by items. An item that was not shown, or is not graded, is
NA; a blank is 0. A submission to which an item was drawn twice is no row of such a
table and is left out.

Cross-products are exact (see ``_pairs``), and all quizzes are computed at once.
"""

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.pairs import Pairs
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Floats, Ints, codes
from quizanalysis._readout.figures import edges, moments, placed, units
from quizanalysis.conventions._psych_formulas import (
    NAMES,
    alpha,
    item_stats,
    lambdas,
)
from quizanalysis.conventions._r_matrices import (
    Use,
    correlated,
    inverse,
    joint,
    left_over,
    own,
    stacks,
)
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tally import Tally

__all__ = ["Use", "item_analysis", "split_half", "summary"]


def item_analysis(
    responses: Responses, *, attempt: Attempts = "last", use: Use = "pairwise"
) -> pa.Table:
    r"""The ``item.stats`` and ``alpha.drop`` of ``psych::alpha``: one row per item.

    Parameters
    ----------
    responses : Responses
    attempt : {"last", "first", "best", "kept", "all"}
        Which attempts are rows of the table.
    use : {"pairwise", "complete"}
        Covariances over the submissions that have both items, or that have all. The
        latter stands for ``use = "complete.obs"``; even then psych counts ``n, mean,
        sd`` over what is there.

    Returns
    -------
    pyarrow.Table
        ``n, raw.r, std.r, r.cor, r.drop, mean, sd``; then of what is left without the
        item: ``raw_alpha, std.alpha, G6(smc), average_r, S/N, alpha se, var.r,
        med.r``; then ``quiz_id, item_id``. By quiz and position; an item without
        variance has no row, as psych deletes it.

    Notes
    -----
    With covariances C of the k items that vary, :math:`V = \sum C`, correlations R, and
    :math:`R^*` with the squared multiple correlations in the diagonal:

    * ``raw.r``: correlation with the total over the items shown;
    * ``r.drop``: :math:`(\sum_j C_{ij} - C_{ii}) / \sqrt{C_{ii} (V - 2 \sum_j C_{ij} +
      C_{ii})}`; with complete data the correlation with the rest;
    * ``std.r``: row sum of R over the root of its sum; ``r.cor``: the same of
      :math:`R^*`.

    Null where a correlation is not there, and what is left has no alpha (2 items). When
    R is singular, psych's generalised inverse is used, with squared multiple
    correlations kept between 0 and 1. ``alpha se`` and ``var.r`` of what is left are by
    the formulas of the whole.

    Examples
    --------
    >>> r = Responses.from_matrix([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    >>> table = item_analysis(r)
    >>> [round(value, 4) for value in table["r.drop"].to_pylist()]
    [0.5222, 0.7071, 0.5222]
    """
    chosen = responses.attempts(attempt)
    pairs, parts = Pairs.of(chosen), Tally.of(chosen).parts
    quiz, size = column(parts.items, "quiz"), parts.items.num_rows
    n, mean, var = own(joint(pairs, "pairwise"), size)
    found = joint(pairs, use)
    people = _people(parts)
    figures = {
        name: np.full(size, np.nan)
        for name in ("raw.r", "std.r", "r.cor", "r.drop", *NAMES)
    }
    figures["raw.r"] = _raw(parts)
    for stack in stacks(found, quiz, var > 0):
        base = people[quiz[stack.item[:, 0]]]
        for name, values in item_stats(stack, base).items():
            if name != "raw.r" or use == "complete":
                figures[name][stack.item] = values
    columns = {"n": n, "mean": mean, "sd": np.sqrt(var), **figures}
    order = ("n", "raw.r", "std.r", "r.cor", "r.drop", "mean", "sd", *NAMES)
    table = pa.table({k: pa.array(columns[k], from_pandas=True) for k in order})
    for name in ("quiz_id", "item_id"):
        table = table.append_column(name, pairs.items[name])
    position = np.asarray(parts.items["position"].fill_null(2**40), np.int64)
    rows = np.lexsort((position, quiz))
    return table.take(pa.array(rows[var[rows] > 0])).combine_chunks()


def summary(
    responses: Responses, *, attempt: Attempts = "last", use: Use = "pairwise"
) -> pa.Table:
    r"""The ``total`` of ``psych::alpha``, and Feldt's interval: one row per quiz.

    Parameters
    ----------
    responses, attempt, use
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        ``raw_alpha, std.alpha, G6(smc), average_r, S/N, ase, mean, sd, median_r``; then
        ``lower.ci, upper.ci`` of ``feldt``; then ``quiz_id``.

    Notes
    -----
    As in `item_analysis`, over the k items that vary and the n submissions:
    ``raw_alpha`` is :math:`\frac{k}{k-1} (1 - \mathrm{tr} C / V)`; ``std.alpha``
    :math:`k \bar r / (1 + (k-1) \bar r)`; ``G6(smc)`` Guttman's lambda 6 of R; ``S/N``
    :math:`k \bar r / (1 - \bar r)`; ``ase`` the standard error of Duhachek and
    Iacobucci; ``mean`` and ``sd`` are of the totals over the items shown. n counts all
    submissions, also those that a covariance leaves out.

    Examples
    --------
    >>> r = Responses.from_matrix([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    >>> row = summary(r).to_pylist()[0]
    >>> round(row["raw_alpha"], 4), round(row["average_r"], 4)
    (0.75, 0.496)
    """
    chosen = responses.attempts(attempt)
    pairs, parts = Pairs.of(chosen), Tally.of(chosen).parts
    quiz = column(parts.items, "quiz")
    people, mean, sd = _totals(parts)
    _, _, var = own(joint(pairs, "pairwise"), len(quiz))
    names = (*NAMES, "lower.ci", "upper.ci")
    figures = {name: np.full(len(people), np.nan) for name in names}
    for stack in stacks(joint(pairs, use), quiz, var > 0):
        of = quiz[stack.item[:, 0]]
        inverted, _ = inverse(stack.cor)
        found = alpha(stack.cov, stack.cor, left_over(inverted), people[of])
        k = np.full(len(of), stack.cov.shape[-1])
        low, high = ctt.feldt_interval(found["raw_alpha"], people[of], k)
        for name, values in {**found, "lower.ci": low, "upper.ci": high}.items():
            figures[name][of] = values
    figures |= {"ase": figures["alpha se"], "median_r": figures["med.r"]}
    figures |= {"mean": mean, "sd": sd}
    order = [
        "raw_alpha",
        "std.alpha",
        "G6(smc)",
        "average_r",
        "S/N",
        "ase",
        "mean",
        "sd",
        "median_r",
    ]
    order += ["lower.ci", "upper.ci"]
    table = pa.table({k: pa.array(figures[k], from_pandas=True) for k in order})
    return table.append_column("quiz_id", parts.quizzes["quiz_id"])


def split_half(
    responses: Responses, *, attempt: Attempts = "last", covar: bool = False
) -> pa.Table:
    r"""``psych::splitHalf``: all split halves, and Guttman's lambdas; one row per quiz.

    Parameters
    ----------
    responses, attempt
        As in `item_analysis`.
    covar : bool
        Take covariances; psych's default is correlations, with which each coefficient
        is the standardised one.

    Returns
    -------
    pyarrow.Table
        ``maxrb, minrb, meanr, alpha, lambda2, lambda6, av.r, med.r``; then ``quiz_id``.

    Notes
    -----
    The halves A and B of a split have :math:`\lfloor k / 2 \rfloor` items and the
    others; its reliability is :math:`|4 \sum C_{AB}| / V`. Up to 16 items all splits
    are tried; psych draws some at random of more, and here these three are null.

    * ``lambda2``: :math:`\lambda_1 + \sqrt{\frac{k}{k-1} \sum_{i \ne j} C_{ij}^2} / V`
      with :math:`\lambda_1 = 1 - \mathrm{tr} C / V`;
    * ``lambda6``: :math:`1 - \sum_j e_j^2 / V`, :math:`e_j^2` what the other items do
      not predict of item j; null when the matrix is singular.

    Items without variance stay in; with correlations everything is then null.

    Examples
    --------
    >>> r = Responses.from_matrix([[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]])
    >>> row = split_half(r, covar=True).to_pylist()[0]
    >>> round(row["alpha"], 4), round(row["lambda2"], 4)
    (0.75, 0.7598)
    """
    pairs = Pairs.of(responses.attempts(attempt))
    quiz, ids = codes(pairs.items["quiz_id"])
    names = ["maxrb", "minrb", "meanr", "alpha", "lambda2", "lambda6", "av.r", "med.r"]
    figures = {name: np.full(len(ids), np.nan) for name in names}
    seen = np.isin(np.arange(len(quiz)), pairs.item)
    for stack in stacks(joint(pairs, "pairwise"), quiz, seen):
        matrix = stack.cov if covar else correlated(stack.cov)
        for name, values in lambdas(matrix).items():
            figures[name][quiz[stack.item[:, 0]]] = values
    table = pa.table({k: pa.array(figures[k], from_pandas=True) for k in names})
    return table.append_column("quiz_id", pa.chunked_array([ids]))


def _raw(parts: Parts) -> Floats:
    """Correlation of each item with the total over the items shown."""
    found = moments(parts, units(parts), "points")
    r = ctt.correlation(found.scatter_xc, found.scatter_x, found.scatter_c)
    return placed(r, found.item, parts.items.num_rows)


def _people(parts: Parts) -> Ints:
    """Submissions of each quiz."""
    n = np.zeros(parts.quizzes.num_rows, np.int64)
    np.add.at(n, column(parts.totals, "quiz"), column(parts.totals, "n"))
    return n


def _totals(parts: Parts) -> tuple[Ints, Floats, Floats]:
    """Number, mean and standard deviation of each quiz's totals."""
    unit, size = units(parts), parts.quizzes.num_rows
    quiz, count = column(parts.totals, "quiz"), column(parts.totals, "n")
    total, at = column(parts.totals, "total") // unit[quiz], edges(quiz)
    of = quiz[at]
    n, sums = _people(parts)[of], ctt.dot(total, count, at)
    spread = ctt.scatter(n, sums, sums, ctt.dot(total, total * count, at))
    scale = unit[of] / NANO
    mean = placed(sums.astype(np.float64) / n * scale, of, size)
    return _people(parts), mean, placed(ctt.sd(n, spread) * scale, of, size)
