r"""Item analysis and reliability by R's package psych, version 2.5.3.

``psych::alpha(x, cumulative = TRUE, check.keys = FALSE)`` and ``psych::splitHalf(x)``
of the table x of students by items. An item that was not shown, or is not graded, is
NA; a blank is 0. A submission to which an item was drawn twice is no row of such a
table and is left out.

Not reproduced: ``omega`` and other factor models (iterative); split halves of more than
16 items, of which psych draws some at random; and what version 2.2.9 does otherwise:
half of the splits of an odd number of items, and other correlations of missing data.

Cross-products are exact (see `Pairs`), and all quizzes are computed at once. Time and
memory grow with the square of the questions; but for the inverse of the correlations,
which is a small part of the time up to the bound. Time and
memory grow with the square of the questions; only the inverse of the correlations takes
their cube, and a second for 1,000.
"""

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.pairs import Pairs
from quizanalysis._intake.columns import codes
from quizanalysis._refusals import need_kind
from quizanalysis.conventions._psych_formulas import (
    NAMES,
    alpha,
    item_stats,
    lambdas,
)
from quizanalysis.conventions._psych_table import psych_table, raw_r, totals
from quizanalysis.conventions._r_matrices import (
    Use,
    diagonal,
    inverse,
    joint,
    left_over,
    stacks,
)
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tally import Tally

_TOTAL = (
    *("raw_alpha", "std.alpha", "G6(smc)", "average_r", "S/N"),
    *("ase", "mean", "sd", "median_r", "lower.ci", "upper.ci"),
)

__all__ = ["Pairs", "Use", "item_analysis", "split_half", "summary"]


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

    Raises
    ------
    ValueError
        For an option that does not exist, and for more than 4 million pairs of
        questions of a quiz: 2,000 questions have so many.

    Notes
    -----
    With covariances C of the k items that vary, :math:`V = \sum C`, correlations R, and
    :math:`R^*` with the squared multiple correlations in the diagonal:

    * ``raw.r``: correlation with the total over the items shown;
    * ``r.drop``: :math:`(\sum_j C_{ij} - C_{ii}) / \sqrt{C_{ii} (V - 2 \sum_j C_{ij} +
      C_{ii})}`; with complete data the correlation with the rest;
    * ``std.r``: row sum of R over the root of its sum; ``r.cor``: the same of
      :math:`R^*`.

    All but ``n, mean, sd, raw.r`` is null when fewer than two items vary, where two
    items have no students in common and where a sum under the root is not above 0. When
    R is singular (an item that others determine), psych's generalised inverse is used,
    with squared multiple correlations kept between 0 and 1. Of two items psych gives,
    for what is left without one, as ``raw_alpha`` their covariance over the variance of
    the other, and else r.

    The items deleted count in the totals, with the scores of the first student.

    References
    ----------
    .. [1] Revelle, W. psych: Procedures for Psychological, Psychometric, and
       Personality Research. R package, version 2.5.3.

    Examples
    --------
    What R gives for the same table:

    >>> r = Responses.from_matrix(
    ...     [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1], [0] * 4, [1] * 4, [1, 0, 0, 0]]
    ... )
    >>> table = item_analysis(r)
    >>> [round(value, 4) for value in table["r.drop"].to_pylist()]
    [0.5394, 0.3015, 0.7071, 0.4417]
    """
    need_kind("Responses are", responses, Responses)
    data = psych_table(responses.attempts(attempt), use)
    figures = {
        name: np.full(len(data.quiz), np.nan)
        for name in ("raw.r", "std.r", "r.cor", "r.drop", *NAMES)
    }
    figures["raw.r"] = raw_r(Tally.of(data.used).parts)
    for stack in data.stacks():
        base = data.people[data.quiz[stack.item[:, 0]]]
        for name, values in item_stats(stack, base).items():
            figures[name][stack.item] = values
    columns = {"n": data.n, "mean": data.mean, "sd": np.sqrt(data.var), **figures}
    order = ("n", "raw.r", "std.r", "r.cor", "r.drop", "mean", "sd", *NAMES)
    table = pa.table({k: pa.array(columns[k], from_pandas=True) for k in order})
    for name in ("quiz_id", "item_id"):
        table = table.append_column(name, data.items[name])
    position = np.asarray(data.parts.items["position"].fill_null(2**40), np.int64)
    rows = np.lexsort((position, data.quiz))
    return table.take(pa.array(rows[data.var[rows] > 0])).combine_chunks()


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

    Raises
    ------
    ValueError
        For an option that does not exist, and for more than 4 million pairs of
        questions of a quiz: 2,000 questions have so many.

    Notes
    -----
    As in `item_analysis`, over the k items that vary and the n submissions:
    ``raw_alpha`` is :math:`\frac{k}{k-1} (1 - \mathrm{tr} C / V)`; ``std.alpha``
    :math:`k \bar r / (1 + (k-1) \bar r)`; ``G6(smc)`` Guttman's lambda 6 of R; ``S/N``
    :math:`k \bar r / (1 - \bar r)`; ``ase`` the standard error of Duhachek and
    Iacobucci; ``mean`` and ``sd`` are of the totals over the items shown, with the
    items deleted as in `item_analysis`. n counts all submissions, also those that a
    covariance leaves out. Null when fewer than two items vary (all but mean and sd),
    where two items have no students in common and where the totals do not vary.

    References
    ----------
    .. [1] Revelle, W. psych: Procedures for Psychological, Psychometric, and
       Personality Research. R package, version 2.5.3.
    .. [2] Feldt, L. S. (1965). The approximate sampling distribution of
       Kuder-Richardson reliability coefficient twenty. Psychometrika 30, 357-370.
    .. [3] Duhachek, A. and Iacobucci, D. (2004). Alpha's standard error (ASE). Journal
       of Applied Psychology 89, 792-808.

    Examples
    --------
    What R gives for the same table:

    >>> r = Responses.from_matrix(
    ...     [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1], [0] * 4, [1] * 4, [1, 0, 0, 0]]
    ... )
    >>> row = summary(r).to_pylist()[0]
    >>> round(row["raw_alpha"], 4), round(row["average_r"], 4)
    (0.6974, 0.3752)
    """
    need_kind("Responses are", responses, Responses)
    data = psych_table(responses.attempts(attempt), use)
    names = (*NAMES, "lower.ci", "upper.ci")
    figures = {name: np.full(len(data.people), np.nan) for name in names}
    for stack in data.stacks():
        of, k = data.quiz[stack.item[:, 0]], stack.cov.shape[-1]
        unexplained = left_over(diagonal(inverse(stack.cor).matrix))
        n = data.people[of]
        found = alpha(stack.cov, stack.cor, unexplained, n)
        interval = ctt.feldt_interval(found["raw_alpha"], n, np.full(len(of), k))
        found |= dict(zip(("lower.ci", "upper.ci"), interval, strict=True))
        for name, values in found.items():
            figures[name][of] = values
    mean, sd = totals(Tally.of(data.shown).parts, data.people)
    figures |= {"ase": figures["alpha se"], "median_r": figures["med.r"]}
    figures |= {"mean": mean + data.constant, "sd": sd}
    table = pa.table({k: pa.array(figures[k], from_pandas=True) for k in _TOTAL})
    return table.append_column("quiz_id", data.parts.quizzes["quiz_id"])


def split_half(
    responses: Responses | Pairs, *, attempt: Attempts = "last", covar: bool = False
) -> pa.Table:
    r"""``psych::splitHalf``: all split halves, and Guttman's lambdas; one row per quiz.

    Parameters
    ----------
    responses : Responses or Pairs
        `Pairs` of chosen attempts, counted elsewhere, have no use for the other.
    attempt
        As in `item_analysis`.
    covar : bool
        Take covariances; psych's default is correlations, with which each coefficient
        is the standardised one.

    Returns
    -------
    pyarrow.Table
        ``maxrb, minrb, meanr, alpha, lambda2, lambda6, av.r, med.r``; then ``quiz_id``.

    Raises
    ------
    ValueError
        For an option that does not exist, and for more than 4 million pairs of
        questions of a quiz: 2,000 questions have so many.

    Notes
    -----
    The halves A and B of a split have :math:`\lfloor k / 2 \rfloor` items and the
    others; its reliability is :math:`|4 \sum C_{AB}| / V`. Up to 16 items all splits
    are tried; psych draws some at random of more, and here these three are null.

    * ``lambda2``: :math:`\lambda_1 + \sqrt{\frac{k}{k-1} \sum_{i \ne j} C_{ij}^2} / V`
      with :math:`\lambda_1 = 1 - \mathrm{tr} C / V`;
    * ``lambda6``: :math:`1 - \sum_j e_j^2 / V`, :math:`e_j^2` what the other items do
      not predict of item j, as in `item_analysis`.

    Items without variance stay in; with correlations everything is then null, with
    covariances ``lambda6``: psych puts other items' figures there. Everything is null
    below two items, where two items have no students in common, and where V is not
    above 0.

    References
    ----------
    .. [1] Revelle, W. psych: Procedures for Psychological, Psychometric, and
       Personality Research. R package, version 2.5.3.
    .. [2] Guttman, L. (1945). A basis for analyzing test-retest reliability.
       Psychometrika 10, 255-282.

    Examples
    --------
    What R gives for the same table:

    >>> r = Responses.from_matrix(
    ...     [[1, 1, 1, 0], [1, 1, 0, 0], [1, 0, 1, 1], [0] * 4, [1] * 4, [1, 0, 0, 0]]
    ... )
    >>> row = split_half(r, covar=True).to_pylist()[0]
    >>> round(row["alpha"], 4), round(row["lambda2"], 4)
    (0.6974, 0.7287)
    """
    need_kind("Responses or Pairs are", responses, Responses, Pairs)
    pairs = responses
    if isinstance(pairs, Responses):
        pairs = Pairs.pairwise(pairs.attempts(attempt))
    quiz, ids = codes(pairs.items["quiz_id"])
    names = ["maxrb", "minrb", "meanr", "alpha", "lambda2", "lambda6", "av.r", "med.r"]
    figures = {name: np.full(len(ids), np.nan) for name in names}
    seen = np.isin(np.arange(len(quiz)), pairs.pairs["item"])
    for stack in stacks(joint(pairs, "pairwise"), quiz, seen):
        for name, values in lambdas(stack.cov, covar=covar).items():
            figures[name][quiz[stack.item[:, 0]]] = values
    table = pa.table({k: pa.array(figures[k], from_pandas=True) for k in names})
    return table.append_column("quiz_id", pa.chunked_array([ids]))
