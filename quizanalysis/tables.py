"""The reports as tables: what is said of items, options, quizzes and students.

Every column is declared in ``quizanalysis.schema.REPORTS``. A figure that cannot be
computed is null, and the row's column ``undefined`` says why.
"""

from collections.abc import Callable, Mapping
from types import NoneType
from typing import Any

import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.parts import Parts
from quizanalysis._counts.pieces import pieces
from quizanalysis._readout.anonymous import anonymised, item_order
from quizanalysis._readout.assembly import Source, assembled, check, made_of, tallied
from quizanalysis._readout.exclusions import accounted
from quizanalysis._readout.figures import Criterion
from quizanalysis._readout.items import item_figures
from quizanalysis._readout.options import option_figures
from quizanalysis._readout.quizzes import quiz_figures
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis._readout.students import student_figures
from quizanalysis._readout.traces import trace_figures
from quizanalysis._refusals import need_kind
from quizanalysis.progress import QUIET, Meter
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tally import Blank, Tally

__all__ = [
    "Criterion",
    "exclusions",
    "item_analysis",
    "option_analysis",
    "option_traces",
    "student_analysis",
    "summary",
]


def item_analysis(
    source: Source,
    *,
    attempt: Attempts | None = None,
    blank: Blank | None = None,
    criterion: Criterion = "points",
    tail: float = 0.27,
    ties: ctt.Ties = "split",
    ddof: int = 1,
    level: float = 0.95,
) -> pa.Table:
    r"""Difficulty, discrimination and their kin: one row per item.

    Parameters
    ----------
    source : Responses or Tally
    attempt : {"last", "first", "best", "kept", "all"}, optional
        Which attempts of `Responses` count; ``last`` when not given. A tally has
        counted its attempts already.
    blank : {"zero", "omit"}, optional
        Whether a blank response is a 0 or an item not shown; ``zero`` when not given.
        A tally has decided already.
    criterion : {"points", "share"}
        What an item is held against: the student's total over the items shown, or
        that total divided by the points shown, for random pools of unequal worth.
        ``share`` needs declared points possible; what is held against the other items
        alone is null when a submission has no other points.
    tail : float
        Share of the responses in the upper and in the lower group, up to 0.5.
    ties : {"split", "include"}
        Whether the tied score group at a cut is taken in part, so that each group has
        exactly :math:`m = \max(1, \lfloor tail \cdot n + ½ \rfloor)` members, but at
        most half of all (the mean over all orders of sorting), or as a whole: then a
        score can be in both groups.
    ddof : int
        Divisor of the standard deviation: n - ddof.
    level : float
        Coverage of the intervals, above 0 and below 1.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["item_analysis"]``, quiz by quiz, by position.

    Raises
    ------
    ValueError
        For an option that does not exist, or that contradicts a tally.

    Notes
    -----
    The base of each figure is the ``n`` responses that have a score; a blank counts as
    0 (``blank="omit"`` leaves it out), a response not graded yet and an item not shown
    are in none. Let x be the item's score, P its points possible, T the student's total
    over the items shown, and :math:`R = T - x`.

    ===========================  =========================  =========================
    column                       figure                     null when
    ===========================  =========================  =========================
    ``difficulty``               mean of x / P              P is 0 or unknown
    ``correct_ratio``            share of x >= P            P is 0 or unknown
    ``discrimination``           mean of x / P in the upper all totals are equal,
                                 group less the lower       P is 0 or unknown
    ``point_biserial``           correlation of x and T     x or T has no spread
    ``point_biserial_corrected`` correlation of x and R     x or R has no spread
    ``biserial``                 see `ctt.biserial`         x takes other values than
                                                            0 and P
    ``alpha_if_deleted``         see `ctt.cronbach_alpha`   fewer than 3 items
    ===========================  =========================  =========================

    P is the best score seen where it was not declared, and unknown when nobody earned
    anything. A spread counts as none when the standard deviation is half a millionth of
    a point at most; totals that agree to a millionth are equal. Alpha takes the
    submissions with every item of the quiz that anybody has a score for.

    Other systems: Canvas's *Difficulty Index* is the share of right answers among those
    who answered; Moodle calls difficulty *facility index* and the corrected
    point-biserial, in percent, *discrimination index*; R's ``psych::alpha`` calls them
    ``raw.r`` and ``r.drop``, ``CTT::itemAnalysis`` the corrected one ``pBis``.

    **Intervals.** ``<figure>_low`` and ``<figure>_high`` hold the figure of students
    like these, at that level; they are null where the figure is, and as said here.

    ===========================  =========================  =========================
    figure                       interval                   null when, besides
    ===========================  =========================  =========================
    ``mean``, ``difficulty``     all scores 0 or P:         never
                                 `wilson_interval`
    ``mean``, ``difficulty``     else: `mean_interval`,     n < 2, scores all equal
                                 within 0 and P, or the
                                 scores seen beyond them
    ``correct_ratio``            `wilson_interval`          never
    ``discrimination``           `newcombe_interval`, with  scores all equal, partial
                                 m students in each group   credit
    ``point_biserial`` and       `fisher_interval`          n < 4, r is 1 or -1
    ``point_biserial_corrected``
    ===========================  =========================  =========================

    Of 95 % intervals in simulated classes (20 Rasch items, see `intervals`) 94 to 96 %
    hold the true value from n = 30 up. That of ``discrimination`` takes the groups as
    given, though the total that they were chosen by holds the item, and the true value
    as that of the same groups among all students: from 93 to 97 % hold it, item by
    item, at n = 30, and 92 % on average at n = 10, where a group of 3 is more than
    27 %. Partial credit varies less than all or nothing: of the variance
    :math:`f (1 - f)` of scores f between 0 and 1 with that mean it has a part
    :math:`\varphi`, and m counts as :math:`m / \varphi`. (A tally does not hold the
    squared scores of each group, which Welch's interval would need.)

    Examples
    --------
    >>> import quizanalysis as qa
    >>> scores = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> table = item_analysis(qa.Responses.from_matrix(scores, points_possible=1))
    >>> table["difficulty"].to_pylist(), table["n_upper"].to_pylist()
    ([0.75, 0.5, 0.25], [1, 1, 1])
    """
    tally = tallied(source, attempt, blank)
    return of_items(source, tally, attempt, criterion, tail, ties, ddof, level)


def of_items(  # noqa: PLR0913, PLR0917  the options of the table
    source: Source,
    tally: Tally,
    attempt: Attempts | None,
    criterion: Criterion = "points",
    tail: float = 0.27,
    ties: ctt.Ties = "split",
    ddof: int = 1,
    level: float = 0.95,
    meter: Meter = QUIET,
) -> pa.Table:
    """Make the item analysis of what has been counted."""
    check(criterion=criterion, tail=tail, ties=ties, ddof=ddof, level=level)
    made = made_of(
        source,
        tally,
        attempt,
        criterion=criterion,
        tail=tail,
        ties=ties,
        ddof=ddof,
        level=level,
    )
    return _quiz_after_quiz(
        "item_analysis",
        tally,
        lambda parts, own: item_figures(parts, criterion, tail, ties, ddof, level, own),
        made,
        meter,
    )


def _quiz_after_quiz(
    name: str,
    tally: Tally,
    figures: Callable[[Parts, Meter], tuple[Columns, Reasons]],
    made: Mapping[str, Any],
    meter: Meter = QUIET,
) -> pa.Table:
    """Make a table, of many quizzes in pieces that follow each other."""
    parts, done, n = [], 0, tally.parts.quizzes.num_rows
    for some in pieces(tally.parts):
        end = done + some.quizzes.num_rows
        own = meter.within(done / max(1, n), end / max(1, n))
        parts.append(assembled(name, *figures(some, own), made))
        own.at(1.0)
        done = end
    return parts[0] if len(parts) == 1 else pa.concat_tables(parts)


def option_analysis(
    source: Source,
    *,
    attempt: Attempts | None = None,
    blank: Blank | None = None,
    criterion: Criterion = "points",
    tail: float = 0.27,
    ties: ctt.Ties = "split",
    level: float = 0.95,
) -> pa.Table:
    """Who chose which option: one row per option of each item that has options.

    Parameters
    ----------
    source, attempt, blank, criterion, tail, ties, level
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["option_analysis"]``, item by item, declared
        options first as they were given, then answers taken as options.

    Raises
    ------
    ValueError
        For an option that does not exist, or that contradicts a tally.

    Notes
    -----
    ``ratio`` and the correlations rest on the ``n_item`` responses to the item that
    have a score. ``point_biserial`` correlates choosing the option (1 or 0) with the
    total T; ``point_biserial_corrected`` with T less the item's *own score*, for
    distractors too: only that finds an item keyed wrong, whose best option is a
    distractor. (R's ``CTT::distractorAnalysis`` and jMetrik take off the option's own
    indicator instead; Canvas takes off nothing.) Where several can be chosen, each
    chosen option counts. With ties in part the numbers in the groups can be fractions.
    ``correct`` is the declared key; where there is none, the answers that earned full
    points, and ``key_inferred`` is true.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> answers = [["A", "B"], ["A", "C"], ["D", "B"], ["A", "B"]]
    >>> responses = qa.Responses.from_answers(answers, key=["A", "B"])
    >>> table = option_analysis(responses)
    >>> for row in table.to_pylist()[:2]:
    ...     print(row["item_id"], row["option"], row["correct"], row["n"], row["ratio"])
    i1 A True 3 0.75
    i1 D False 1 0.25
    """
    tally = tallied(source, attempt, blank)
    check(criterion=criterion, tail=tail, ties=ties, level=level)
    made = made_of(
        source,
        tally,
        attempt,
        criterion=criterion,
        tail=tail,
        ties=ties,
        level=level,
    )
    return _quiz_after_quiz(
        "option_analysis",
        tally,
        lambda parts, _: option_figures(parts, criterion, tail, ties, level),
        made,
    )


def option_traces(
    source: Source,
    *,
    attempt: Attempts | None = None,
    blank: Blank | None = None,
    criterion: Criterion = "points",
    groups: int = 5,
) -> pa.Table:
    """Who chose which option, from the lowest totals to the highest.

    Parameters
    ----------
    source, attempt, blank, criterion
        As in `item_analysis`.
    groups : int
        How many groups, 2 to 20, all of them equally large.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["option_traces"]``: the options in the order of
        `option_analysis`, each with one row per group.

    Raises
    ------
    ValueError
        For an option that does not exist, or that contradicts a tally.

    Notes
    -----
    The ``n_item`` scored responses to an item, in the order of their totals, are cut
    into groups of ``n_item / groups``. Who stands across a cut, or ties there, is in
    both groups in part: the mean over all orders in which the tied could be sorted, so
    the numbers can be fractions. Over the groups they add up to the ``n`` of
    `option_analysis`. They are null where all totals are equal, and where there are
    fewer responses than groups.

    Drawn as lines these are the trace lines, or quantile plots, of options [1]_: that
    of the key should rise, those of the others fall.

    References
    ----------
    .. [1] Wainer, H. (1989). The future of item analysis. Journal of Educational
       Measurement 26, 191-208.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> answers = [["A", "B"], ["A", "C"], ["D", "B"], ["D", "C"]]
    >>> responses = qa.Responses.from_answers(answers, key=["A", "B"])
    >>> for row in option_traces(responses, groups=2).to_pylist()[:4]:
    ...     print(row["option"], row["group"], row["n"], row["ratio"])
    A 1 0.5 0.25
    A 2 1.5 0.75
    D 1 1.5 0.75
    D 2 0.5 0.25
    """
    tally = tallied(source, attempt, blank)
    check(criterion=criterion, groups=groups)
    columns, reasons = trace_figures(tally.parts, criterion, groups)
    made = made_of(source, tally, attempt, criterion=criterion, groups=groups)
    return assembled("option_traces", columns, reasons, made)


def summary(
    source: Source,
    *,
    attempt: Attempts | None = None,
    blank: Blank | None = None,
    ddof: int = 1,
    level: float = 0.95,
) -> pa.Table:
    """Totals and reliability: one row per quiz.

    Parameters
    ----------
    source, attempt, blank, ddof, level
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["summary"]``, by quiz id.

    Notes
    -----
    Totals are the sums of the item scores, over the ``n`` submissions that have a
    scored response: others have no total. ``alpha`` rests on the ``n_complete``
    submissions that have exactly one score for every item anybody has a score for; it
    is null below two such items or submissions, or when their totals are all equal. So
    a quiz that draws its questions at random has no alpha.
    ``alpha_low`` and ``alpha_high`` are Feldt's interval, ``mean_low`` and
    ``mean_high`` are Student's (null below two submissions, or when all totals are
    equal). ``sem`` is null when alpha is negative. ``totals_comparable`` is false when
    submissions were out of different points, by random draws or ungraded answers.
    ``points_possible`` is the most points any submission could earn; items of which
    nobody earned anything add nothing to it where their points were not declared.

    Moodle calls alpha *coefficient of internal consistency* and gives it in percent;
    Canvas prints it from 16 items up.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> scores = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    >>> row = summary(qa.Responses.from_matrix(scores)).to_pylist()[0]
    >>> row["mean"], row["median"], round(row["alpha"], 4)
    (1.5, 1.5, 0.75)
    """
    tally = tallied(source, attempt, blank)
    check(ddof=ddof, level=level)
    columns, reasons = quiz_figures(tally.parts, ddof, level)
    made = made_of(source, tally, attempt, ddof=ddof, level=level)
    return assembled("summary", columns, reasons, made)


def student_analysis(
    responses: Responses,
    *,
    attempt: Attempts | None = None,
    items: bool = False,
    whole: Tally | None = None,
    anonymous: bool = False,
) -> pa.Table:
    """Scores and counts of answers: one row per submission.

    Parameters
    ----------
    responses : Responses
    attempt : {"last", "first", "best", "kept", "all"}, optional
        Which attempts have a row; ``last`` when not given.
    items : bool
        Add for each item that was shown, by position, a column
        ``<item_id> response`` and a column ``<item_id> score``; an item drawn a second
        time in one attempt has columns of its own, ``<item_id> (2) …``. For one quiz
        only.
    whole : Tally, optional
        Of all submissions, when these are a batch of them: made with
        ``total="recorded"`` of the same attempts. Ranks, and points possible that are
        not declared, are those among all then; what else is in a row its own
        submission tells.
    anonymous : bool
        Leave out ids, names and the times of handing in, and number the rows.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["student_analysis"]``, in the order of the
        input; anonymous by quiz and score, those that tie by what else they show.

    Raises
    ------
    ValueError
        When `items` is asked for of several quizzes, or makes more than 100 million
        cells; when `whole` is another kind of
        tally, or one that these submissions are not in; when a batch of submissions
        is to be anonymous, whose numbers would begin again in the next.

    Notes
    -----
    Each response is counted once: as not graded; else as blank; else, by its points,
    as correct (all of them, or more), partial (some) or incorrect (none, or less).
    Items declared to be worth no points are in none of the last three. ``score`` is the
    total that the source system recorded, which may hold manual points; else the sum of
    the item scores, ``items_score``. A submission with nothing graded has no such sum,
    and without a recorded total no score, percent and rank. ``rank`` counts the
    submissions of the quiz in this table with a higher score, plus 1; scores that agree
    to a millionth of a point share a rank. ``points_possible`` is what the system
    recorded; else the sum over the items shown, to which items of which nobody earned
    anything add nothing where their points were not declared.

    Anonymous, ``student_id`` is the number of the row, other in each table, and the
    table does not name the digest of its input; items without a position are in the
    order of their ids. Sections, scores, the number of the attempt and the time spent
    stay, and who has the grade book can tell by them whose a row is; so can answers,
    with ``items=True``.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> responses = qa.Responses.from_matrix([[1, 0], [1, 1]], points_possible=1)
    >>> table = student_analysis(responses)
    >>> for row in table.to_pylist():
    ...     print(row["student_id"], row["score"], row["percent"], row["rank"])
    s1 1.0 50.0 2
    s2 2.0 100.0 1
    """
    need_kind("Responses are", responses, Responses)
    need_kind("whole=: a Tally is", whole, Tally, NoneType)
    if whole is not None and whole.total != "recorded":
        msg = "whole= must be a tally with total='recorded'"
        raise ValueError(msg)
    if whole is not None and anonymous:
        msg = "anonymous=True takes all submissions at once, not a part of a whole="
        raise ValueError(msg)
    chosen = responses.attempts(attempt or "last")
    made = {
        "options": {"attempt": attempt or "last"},
        "input_digest": responses.digest if whole is None else None,
    }
    parts = None if whole is None else whole.parts
    return of_students(chosen, made, items=items, whole=parts, anonymous=anonymous)


def of_students(
    chosen: Responses,
    made: Mapping[str, Any],
    *,
    items: bool = False,
    whole: Parts | None = None,
    anonymous: bool = False,
    meter: Meter = QUIET,
) -> pa.Table:
    """Make the student analysis of attempts that have been chosen."""
    columns, extra, reasons = student_figures(
        chosen,
        items=items,
        order=item_order(chosen.items) if items and anonymous else None,
        whole=whole,
        meter=meter.within(0.0, 0.9),
    )
    ending = meter.within(0.9, 1.0)
    table = assembled("student_analysis", columns, reasons, made, extra, ending)
    return anonymised(table) if anonymous else table


def exclusions(
    responses: Responses, *, attempt: Attempts = "last", blank: Blank = "zero"
) -> pa.Table:
    """What is not in the tables of these responses and why, in numbers that add up.

    Parameters
    ----------
    responses : Responses
    attempt, blank
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["exclusions"]``, quiz by quiz. Of submissions,
        and so of responses, ``read`` less all that is ``left_out`` is ``analysed``.
        What a reader left out before quizzes were told apart stands under no quiz, and
        is part of no ``read``.

    Raises
    ------
    TypeError
        For what is not `Responses`.
    ValueError
        For an option that does not exist.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> responses = qa.Responses.from_matrix([[1, 0], [float("nan"), float("nan")]])
    >>> for row in exclusions(responses).to_pylist()[:3]:
    ...     print(row["n"], row["unit"], row["reason"])
    2 submissions read
    1 submissions shown no item
    1 submissions analysed
    """
    need_kind("Responses are", responses, Responses)
    if blank not in {"zero", "omit"}:
        msg = f"blank must be zero or omit, not {blank!r}"
        raise ValueError(msg)
    made = {
        "options": {"attempt": attempt, "blank": blank},
        "input_digest": responses.digest,
    }
    chosen = responses.attempts(attempt)
    return accounted(chosen, made, omit_blank=blank == "omit")
