r"""The quiz statistics report of Moodle, by its own rules.

Moodle's words: a *slot* is a place in the quiz, a *mark* the score :math:`x` of one
response, :math:`M` the most it can be, :math:`T` the sum of an attempt's marks, the
*other marks* :math:`R = T - x`. What is not answered, or not graded, counts as 0.

Moodle tests for "no variance" with an exact zero of floating-point sums, and so gives
constant questions impossible figures now and then. That is not reproduced: sums are
exact here, and such a figure is null.
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import items_by_name
from quizanalysis._intake.columns import Ints, codes
from quizanalysis._refusals import need_kind
from quizanalysis.conventions._moodle_data import (
    Level,
    Which,
    chosen,
    levels,
)
from quizanalysis.conventions._moodle_figures import slot_figures
from quizanalysis.conventions._moodle_responses import Tries, response_analysis
from quizanalysis.conventions._moodle_totals import counted, spread
from quizanalysis.responses import Responses

__all__ = ["Tries", "Which", "item_analysis", "response_analysis", "summary"]

_FIELDS = {
    "s": "n",
    "facility": "facility",
    "sd": "sd",
    "effectiveweight": "effective_weight",
    "discriminationindex": "discrimination",
    "discriminativeefficiency": "efficiency",
    "negcovar": "negative",
    "maxmark": "max_mark",
    "markvariance": "mark_variance",
    "othermarkvariance": "other_variance",
    "covariance": "covariance",
    "covariancemax": "covariance_max",
    "covariancewithoverallmark": "covariance_total",
}
"""Moodle's names of what it stores or computes of a slot."""

_DOWNLOAD = {
    "Attempts": "s",
    "Facility index": "facility",
    "Standard deviation": "sd",
    "Random guess score": "randomguessscore",
    "Intended weight": "intendedweight",
    "Effective weight": "effectiveweight",
    "Discrimination index": "discriminationindex",
    "Discriminative efficiency": "discriminativeefficiency",
}
"""The figures of the download, and what each is stored as."""

_FURTHER = tuple(name for name in _FIELDS if name not in _DOWNLOAD.values())


def item_analysis(
    responses: Responses,
    *,
    attempt: Which = "highest",
    random: bool = False,
    variants: Mapping[str, str] | None = None,
) -> pa.Table:
    r"""Moodle's table of the quiz structure: one row per slot.

    Parameters
    ----------
    responses : Responses
    attempt : {"highest", "first", "last", "all"}
        Which of a student's attempts count (``best`` is another word for ``highest``).
        The highest is the one with the highest total, the earliest among equals. In a
        quiz with recorded totals an attempt without one waits for a grade: it is left
        out once the attempts are chosen, and no other attempt steps in.
    random : bool
        A slot is a ``position`` of the responses, and may hold different questions in
        different attempts. Each question drawn gets a row of its own. Not for quizzes
        that shuffle their questions, where a position says nothing.
    variants : mapping of str to str, optional
        Item id of a variant to the id of its question: responses to all of them are
        one slot, and each variant gets a row of its own.

    Returns
    -------
    pyarrow.Table
        The columns of Moodle's download, with the figures as Moodle stores them and
        not as it shows them; then the other fields it computes under their names in
        the database; then ``quiz_id, item_id``. By quiz and position.

    Notes
    -----
    All variances and covariances have the divisor :math:`N - 1`, N attempts at the
    slot; an attempt that was not shown a slot is not in its N.

    =========================  ===============================  ========================
    column                     stored                           shown by Moodle
    =========================  ===============================  ========================
    Q#                         slot.question.variant            the same
    Facility index             :math:`\bar x / M`               percent, 2 decimals
    Standard deviation         of x, in marks                   percent of M, 2 decimals
    Random guess score         fraction                         percent, 2 decimals
    Intended weight            (not stored) percent: M of the   the quiz's decimals
                               sum of all M
    Effective weight           percent: root of cov(x, T) of    2 decimals
                               the sum of these over all slots
                               with cov(x, T) >= 0
    Discrimination index       percent: correlation of x and R  2 decimals
    Discriminative efficiency  percent: cov(x, R) of the        2 decimals
                               greatest it could be, with x
                               and R paired by rank
    =========================  ===============================  ========================

    Null when N < 2 (all but facility), x or R has no spread (the last two), M is 0
    (facility), or cov(x, T) < 0 (effective weight; then ``negcovar`` is 1). The
    efficiency can fall below -100. A question drawn by random slots is held against T
    itself; it and variants have no effective weight. ``intended weight`` rests on the
    best marks seen where the points possible are not declared.

    Random guess score: 0.5 for true/false; right options of all options for one answer
    of several; 1 of all choices for matching; 0 for essays; 0 for short answers and
    numbers, and 1 where the key takes any answer (``*``); null for every other type,
    for which the key does not tell. Partial credit of options is not known here.

    A description is no slot.

    What Moodle calls its tables' rows for a quiz, it reads from attempts that are
    finished and no previews: these are to be left out before.

    References
    ----------
    .. [1] Moodle documentation, "Quiz report statistics" and "Quiz statistics
       calculations".

    Examples
    --------
    What Moodle's own calculator gives for the same marks:

    >>> r = Responses.from_matrix([[1, 1], [0, 0], [1, 0]], points_possible=1)
    >>> table = item_analysis(r)
    >>> [round(value, 10) for value in table["Discrimination index"].to_pylist()]
    [50.0, 50.0]
    >>> table["Facility index"].to_pylist()
    [0.6666666666666666, 0.3333333333333333]
    """
    need_kind("Responses are", responses, Responses)
    data = chosen(responses, attempt)
    found = levels(data, random=random, variants=variants or {})
    slots = found[0]
    quiz, _ = codes(slots.responses.items["quiz_id"])
    number = _numbers(slots)
    tables = [_level_table(level, quiz, number) for level in found]
    place = np.concatenate([level.place[level.shown] for level in found])
    order = np.lexsort(place.T[::-1])
    return pa.concat_tables(tables).take(pa.array(order)).combine_chunks()


def _numbers(slots: Level) -> list[str]:
    """Number of each slot: its position, or else its place in the table."""
    rank = slots.place[:, 0]
    position = slots.responses.items["position"].to_pylist()
    number = [""] * len(rank)
    for at, given in zip(rank, position, strict=True):
        number[at] = str(given if given is not None else at + 1)
    return number


def _level_table(level: Level, quiz: Ints, number: list[str]) -> pa.Table:
    """Rows for slots, for questions drawn or for variants."""
    whole = not level.place[:, 1:].any()
    items = level.responses.items
    _, at = items_by_name(level.responses)
    figures = slot_figures(level.responses, level.second)
    stored = {name: getattr(figures, field)[at] for name, field in _FIELDS.items()}
    stored["randomguessscore"] = level.guess
    null = np.full(items.num_rows, np.nan)
    stored["intendedweight"] = null
    if whole:
        most = np.zeros(int(quiz.max(initial=-1)) + 1)
        np.add.at(most, quiz, stored["maxmark"])
        base = np.where(most > 0, most, np.nan)[quiz]
        stored["intendedweight"] = 100 * stored["maxmark"] / base
    else:
        stored["effectiveweight"] = null
    names = [
        ".".join([number[slot], *(str(n) for n in inner if n)])
        for slot, *inner in level.place.tolist()
    ]
    title = pc.coalesce(items["title"], items["item_id"])
    columns = {"Q#": pa.array(names, pa.string())}
    columns |= {"Question type": items["item_type"], "Question name": title}
    for header, name in (*_DOWNLOAD.items(), *((name, name) for name in _FURTHER)):
        columns[header] = pa.array(stored[name], from_pandas=True)
    columns |= {"quiz_id": items["quiz_id"], "item_id": items["item_id"]}
    return pa.table(columns).filter(pa.array(level.shown))


def summary(
    responses: Responses,
    *,
    attempt: Which = "highest",
    random: bool = False,
    variants: Mapping[str, str] | None = None,
) -> pa.Table:
    r"""Moodle's quiz information: one row per quiz.

    Parameters
    ----------
    responses, attempt, random, variants
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        ``quiz_id``; ``count`` and ``mean`` of the attempts chosen; then Moodle's
        fields: ``firstattemptscount`` and the like and ``firstattemptsavg`` and the
        like for all four choices, ``median, standarddeviation, skewness, kurtosis,
        cic, errorratio, standarderror``. By quiz id.

    Notes
    -----
    The totals t are the recorded ones, rounded to 5 decimals as Moodle stores them, and
    the sums of the marks where none was recorded. Mean, median, standard deviation and
    standard error are in marks; Moodle shows them in percent of the quiz's maximum.
    With n attempts, p slots and the divisor n - 1:

    * ``skewness``, ``kurtosis``: adjusted, see `ctt.skewness` and `ctt.kurtosis`; from
      3 and 4 attempts;
    * ``cic``: coefficient of internal consistency, 100 times Cronbach's alpha, from 3
      attempts and 2 slots, with each slot's own N in its variance;
    * ``errorratio``: :math:`100 \sqrt{1 - cic / 100}`;
    * ``standarderror``: error ratio of the standard deviation.

    All but count, mean, median and standard deviation are null when the totals have no
    spread; mean and median without an attempt, the standard deviation below two. The
    highest, in the choice of attempts, is so by the same totals.

    References
    ----------
    .. [1] Moodle documentation, "Quiz report statistics" and "Quiz statistics
       calculations".

    Examples
    --------
    What Moodle's own calculator gives for the same marks:

    >>> r = Responses.from_matrix([[1, 1], [0, 0], [1, 0]], points_possible=1)
    >>> row = summary(r).to_pylist()[0]
    >>> row["count"], row["median"], round(row["cic"], 4), round(row["errorratio"], 4)
    (3, 1.0, 66.6667, 57.735)
    """
    need_kind("Responses are", responses, Responses)
    data = chosen(responses, attempt)
    slots = levels(data, random=random, variants=variants or {})[0].responses
    ids = pc.unique(
        pa.chunked_array(
            [*responses.items["quiz_id"].chunks, *data.submissions["quiz_id"].chunks],
            pa.string(),
        )
    )
    ids = ids.take(pc.sort_indices(ids))
    n, mean = counted(data, ids)
    columns = {"quiz_id": ids, "count": n, "mean": mean}
    choices = {
        which: counted(chosen(responses, which), ids)
        for which in ("first", "highest", "last", "all")
    }
    for which, (count, _) in choices.items():
        columns[f"{which}attemptscount"] = count
    for which, (_, average) in choices.items():
        columns[f"{which}attemptsavg"] = average
    columns |= spread(data, slots, ids, n)
    return pa.table(
        {name: pa.array(value, from_pandas=True) for name, value in columns.items()}
    )
