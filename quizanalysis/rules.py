"""Findings: what to look at, tested against the interval of each figure."""

import json
from collections.abc import Mapping
from types import NoneType

import pyarrow as pa

from quizanalysis._counts.rests import Rests
from quizanalysis._findings.table import found_in
from quizanalysis._findings.thresholds import Thresholds
from quizanalysis._findings.words import TEMPLATES
from quizanalysis._readout.pairing import greatest_correlations
from quizanalysis._refusals import need_kind
from quizanalysis.report import Report
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally

__all__ = ["TEMPLATES", "Thresholds", "findings"]


def findings(
    report: Report,
    thresholds: Thresholds | None = None,
    *,
    templates: Mapping[tuple[str, str], str] | None = None,
    responses: Responses | None = None,
) -> pa.Table:
    """Test every rule on every item and option that it applies to.

    Parameters
    ----------
    report : Report
        As `analyze` returns it; the intervals are at its level.
    thresholds : Thresholds, optional
        What the figures are tested against; the defaults of `Thresholds` if not given.
    templates : mapping of (str, str) to str, optional
        Sentences in place of the English ones, such as a translation: by finding and
        outcome, or finding and ``"evidence"``, as in `TEMPLATES` of this module; a
        template may have the names in braces that the English ones of the finding
        have. What is missing stays English.
    responses : Responses, optional
        What the report was made of, for thresholds with an ``efficiency``: the tables
        do not tell how the totals of the other items are distributed.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["findings"]``: what to look at first, then what
        cannot be told, then what is fine; the more severe first, then in the order of
        the quizzes, items and options.

    Raises
    ------
    TypeError
        For what is no report, no thresholds or no responses.
    ValueError
        For a template that does not fit; for thresholds with an ``efficiency`` when
        `responses` are missing or are not those of the report, or when the report hides
        figures or has another criterion than points.

    Notes
    -----
    The outcome is ``look`` only when the whole interval lies beyond the threshold,
    ``fine`` when it lies within, else ``cannot tell``. ``n_needed`` is then the number
    of students with which the interval would end at the threshold if the figure stayed
    what it is: by Wilson's formula for shares, by Fisher's for correlations, else by
    the square of the width. It is one more than there are at least, and null above a
    million.

    ==============================  ===================================================
    finding                         looks at
    ==============================  ===================================================
    too_easy, too_hard              ``difficulty``
    does_not_discriminate           ``point_biserial_corrected``, itself or as a part
                                    of the greatest that it could be (``efficiency``)
    discriminates_negatively        the same, below 0
    lowers_reliability              the same, below where alpha is equal without it
    key_probably_wrong              a wrong option against the key: the shares of the
                                    upper group (from five who chose either), or
                                    ``point_biserial_corrected`` (from five who chose
                                    the option); the better one is named. One-sided,
                                    and not against the other of both
    two_keys_plausible              a wrong option and the key, both above 0
    distractor_attracts_the_best    ``point_biserial_corrected`` of a wrong option
    distractor_nobody_chooses       its share of the wrong answers, when it has none
    many_blanks                     share of the responses left blank
    blanks_rise_towards_the_end     the same, last quarter of four or more items by
                                    position less the others; an interval of as many
                                    as there are students. For one order for all only
    score_inferred                  points possible were not declared; where only the
                                    key was not, it cannot be told whether it is right
    ungraded_rest                   responses not graded yet
    points_not_reached              points possible that nobody reached, where at least
                                    two and a quarter of all earned any, and each of
                                    them the same
    ==============================  ===================================================

    ``key_probably_wrong`` has one row for each item with a key and a wrong option. An
    option is ``look`` that is surely ahead of the key by one comparison and not surely
    behind by the other; surely behind by either, as a mistake can be that most make, it
    is ``fine``. Named is, of those to look at, the one of the highest correlation;
    else, of those that cannot be told, or else of all, the one that is furthest ahead
    by either comparison, and ``n_needed`` goes by that one.

    Several keys count together in the upper group; of their correlations the highest
    stands for them. So it does in ``two_keys_plausible``, which takes the wrong option
    of the highest correlation: it is ``fine`` when either is not above 0, and
    ``n_needed`` is enough for both. There and in ``distractor_attracts_the_best`` it
    cannot be told of what fewer than five chose that it lies above 0; it takes as many
    students as would make them five.

    The last quarter is one of the items with a position and responses, rounded down;
    all that share its first position belong to it.

    Of figures that a report hides (``min_cell=``) nothing is found.

    An item that all students have right, or wrong, has no correlation, and so none of
    the rules that rest on one: it is too easy, or too hard, or it cannot be told.

    Of 20 sound Rasch items (correlation with the rest 0.37) 0.3 % at most are ``look``
    for their discrimination at any size of class, where the usual rule, correlation
    below 0.1, takes one of six with 10 students: ``python -m benchmarks.findings``.
    With three wrong options of unequal appeal 0.2 to 0.7 % of them are ``look`` for
    their key, at most 1.1 % for a wrong option that attracts the best.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> scores = [[1, 1, 1], [1, 1, 0], [1, 0, 1], [1, 0, 0]] * 12
    >>> table = findings(
    ...     qa.analyze(qa.Responses.from_matrix(scores, points_possible=1))
    ... )
    >>> row = table.to_pylist()[0]
    >>> row["item_id"], row["finding"], row["outcome"], row["evidence"]
    ('i1', 'too_easy', 'look', '100 % of the points, 93 % to 100 %; n = 48')
    """
    need_kind("a Report is", report, Report)
    need_kind("Thresholds are", thresholds, Thresholds, NoneType)
    need_kind("Responses are", responses, Responses, NoneType)
    tables = report.summary, report.item_analysis, report.option_analysis
    greatest = None
    if thresholds is not None and thresholds.efficiency is not None:
        greatest = _greatest(report, responses)
    return found_in(*tables, thresholds, templates, greatest)


def _greatest(report: Report, responses: Responses | None) -> pa.Table:
    """The greatest correlation that each item could have with its rest."""
    if responses is None:
        msg = "thresholds with an efficiency need the responses: findings(responses=…)"
        raise ValueError(msg)
    made = json.loads((report.item_analysis.schema.metadata or {}).get(b"made", b"{}"))
    options = made.get("options", {})
    if options.get("criterion") != "points":
        msg = "an efficiency is one of points: make the report with criterion='points'"
        raise ValueError(msg)
    chosen = responses.attempts(options["attempt"])
    tally = Tally.of(chosen, blank=options["blank"])
    if tally.digest != made["input_digest"]:
        msg = (
            "these are not the responses that the report was made of"
            if made["input_digest"]
            else "a report that hides figures does not tell their efficiency"
        )
        raise ValueError(msg)
    items = tally.parts.items
    return pa.table(
        {
            "quiz_id": tally.parts.quizzes["quiz_id"].take(items["quiz"]),
            "item_id": items["item_id"],
            "correlation": greatest_correlations(
                tally.parts, Rests.of(chosen, blank=tally.blank)
            ),
        }
    )
