r"""The reports of Canvas's New Quizzes: their figures, columns and records.

Instructure documents what is left out of the item analysis, and little else. The
student analysis follows what public programs read; the item analysis one public file
in JSON, whose formulas are not documented. What is inferred is said in each function.
"""

from datetime import UTC, datetime
from typing import Any

import pyarrow as pa

from quizanalysis._refusals import need_kind
from quizanalysis.conventions._canvas_report import only_one, signed
from quizanalysis.conventions._new_quizzes_answers import questions
from quizanalysis.conventions._new_quizzes_items import analysed
from quizanalysis.conventions._new_quizzes_json import student_records
from quizanalysis.conventions._new_quizzes_students import blocks, last, lead
from quizanalysis.conventions._new_quizzes_table import item_record, item_table
from quizanalysis.responses import Attempts, Responses

__all__ = [
    "item_analysis",
    "item_analysis_json",
    "student_analysis",
    "student_analysis_json",
]


def student_analysis(responses: Responses, *, attempt: Attempts = "all") -> pa.Table:
    r"""Student Analysis as CSV: one row per attempt, five columns per item.

    Parameters
    ----------
    responses : Responses
        Of one quiz.
    attempt : {"all", "first", "last", "best", "kept"}
        Canvas gives every attempt.

    Returns
    -------
    pyarrow.Table
        ``Name, ID, SISID, SectionIDs, SectionNames, SectionSISIDs, Submitted,
        ElapsedTime, Attempt``; for each item ``ItemID, ItemType,`` the question as
        header with the answer as cell, ``EarnedPoints, Status``; then
        ``NumberOfCorrect, NumberOfIncorrect, NoResponse, PointsPossible,
        OverallScore``. Names repeat. `quizanalysis.write_csv` makes a file of it that
        ``quizanalysis.read`` reads back; with ``escape=False`` a file as New Quizzes
        writes it, in which nothing guards a spreadsheet.

    Raises
    ------
    ValueError
        For several quizzes, an unknown word, or a table of more than 100 million cells.
    DataError
        For item ids such as ``1.0``, which are read as whole numbers.

    Notes
    -----
    Items come by position, with a block for each that anybody could have been shown;
    an item drawn twice in one attempt has a block for each place that it was drawn at.
    Status is ``Graded``, ``Not Graded``, ``Not Attempted`` (a blank) or ``Not Shown``,
    where answer and points are empty. Hours of ``ElapsedTime`` go on after 24; several
    sections, and several parts of an answer, are joined with commas, as Canvas does,
    so that a comma in one of them cannot be told apart.

    Types of classic quizzes have the names of New Quizzes, such as ``choice``.

    Inferred rather than known: the form of times and of points; that ``ItemID`` stands
    in the rows of items not shown too; that a blank has its points, and what is not
    graded has none; that an answer with a part of the points is incorrect, as are all
    to an item of unknown worth that earned nothing, and one to an item declared worth
    nothing is neither; that ``NumberOfCorrect`` and
    ``NumberOfIncorrect`` leave out essays and uploads, while ``NoResponse`` counts
    every blank; that ``OverallScore`` is the recorded total, else the sum of points.

    The file carries neither points possible nor the key, no order of items but that of
    the blocks, and no fractions of a second below a thousandth.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> table = student_analysis(qa.Responses.from_answers([["A"], [None]], key=["A"]))
    >>> table.column_names[9:14]
    ['ItemID', 'ItemType', '', 'EarnedPoints', 'Status']
    >>> table.column(13).to_pylist()
    ['Graded', 'Not Attempted']
    """
    chosen = _attempts(responses, attempt)
    before, after = lead(chosen), last(chosen)
    names, cells = blocks(chosen)
    table = pa.table(
        [*before.values(), *cells, *after.values()], names=[*before, *names, *after]
    )
    made = {"convention": "new-quizzes", "attempt": attempt}
    return signed(table, "student_analysis", made, responses.digest)


def student_analysis_json(
    responses: Responses,
    *,
    attempt: Attempts = "all",
    created: datetime | None = None,
) -> list[dict[str, Any]]:
    r"""Student Analysis as JSON: one record per attempt.

    Parameters
    ----------
    responses, attempt
        As in `student_analysis`.
    created : datetime, optional
        When the report was made; UTC where it has no zone. Null when not given.

    Returns
    -------
    list of dict
        ``created_timestamp``; ``student_data`` (``id, name, uuid, sis_id,
        submitted_at, elapsed_time, attempt, section_info``); ``item_responses``, a
        list of ``item_id, answer, item_type, score``; ``summary``
        (``number_of_correct, number_of_incorrect, number_of_no_answer,
        points_possible, score``). For `json.dumps`.

    Raises
    ------
    ValueError
        For several quizzes, or an unknown word.

    Notes
    -----
    Ids of students and sections are numbers where they look like one, ids of items are
    text. A score is a float; the whole number 0 on an essay or upload that is not
    graded yet: nothing else in the file tells. Only items that were shown are there.

    Inferred rather than known: a blank is null, or the empty text that was given; the
    score of another item that is not graded is null; ``uuid`` is null, as it is not
    known; and what `student_analysis` says of its counts. A blank that is not graded
    yet, and a text that counts as a blank, look like others.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> record = student_analysis_json(qa.Responses.from_matrix([[1, 0.5]]))[0]
    >>> record["item_responses"][1]
    {'item_id': 'i2', 'answer': None, 'item_type': None, 'score': 0.5}
    >>> record["summary"]["number_of_correct"]
    2
    """
    chosen = _attempts(responses, attempt)
    made = None
    if created is not None:
        zoned = created if created.tzinfo else created.replace(tzinfo=UTC)
        text = zoned.astimezone(UTC).isoformat(timespec="milliseconds")
        made = text.replace("+00:00", "Z")
    return student_records(chosen, made)


def item_analysis(responses: Responses, *, rounded: bool = True) -> pa.Table:
    r"""Item Analysis as a table: one row per item.

    New Quizzes offers this report as CSV too, but no such file is public: the columns
    are ours, the figures those of its JSON.

    Parameters
    ----------
    responses : Responses
        Of one or many quizzes, with all attempts.
    rounded : bool
        Two decimals, halves away from 0, as New Quizzes; or all digits.

    Returns
    -------
    pyarrow.Table
        ``quiz_id, item_id, position, interaction_type, item_body, points_possible,
        mean, difficulty_index, median, discrimination_index, pearson_correlation, n,
        n_upper, n_lower, correct_count, correct_percentage, incorrect_count,
        incorrect_percentage, no_answer_count, no_answer_percentage,
        quiz_points_possible, choices`` (a list of ``body, count, correct,
        percentage``). A figure that is not defined is null. By quiz and position.

    Notes
    -----
    Left out, as documented: every attempt but the last; submissions that the
    auto-grader has not evaluated; then items that are graded for less than half of
    the submissions, and then submissions with an item left that is not graded.
    Totals and ``quiz_points_possible`` are of the items that are left. Inferred: not
    evaluated is a submission without one graded response; the half is of those
    submissions that the item was shown to, counted by draws; an item without any
    response left has no row.

    For an item worth p, with scores x and totals T over the items left, n responses
    (a blank is one):

    - ``mean``: of x; ``median`` of x.
    - ``difficulty_index``: :math:`\bar x / p`, high is easy. Inferred: it might as
      well be the share of correct answers, which is the same without partial credit.
    - ``discrimination_index``: :math:`(\bar x_U - \bar x_L) / p`. The groups are cut at
      a score: U are all with at least the T of the m-th best, L all with at most that
      of the m-th worst, m being 27 % of n, at least 1 and at most half. Inferred: m
      from the usual rule, ties from one file whose groups were 8 and 9 of 22.
    - ``pearson_correlation``: of x with T - x, the item-rest correlation. Inferred
      from a figure below 0 where the one with T could not have been.
    - ``correct_count``: x >= p; ``incorrect_count``: the other answers;
      ``no_answer_count``: blanks. Percentages are whole, of n, halves up. Inferred:
      neither is counted when p is declared to be 0.

    Undefined, all inferred: both indices where p is 0; discrimination where all T are
    equal or n is 1; the correlation where x or T - x does not vary. Totals that agree
    to a millionth of a point are equal.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> scores = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 1], [0, 0, 0]]
    >>> table = item_analysis(qa.Responses.from_matrix(scores))
    >>> table["difficulty_index"].to_pylist(), table["correct_percentage"].to_pylist()
    ([0.6, 0.4, 0.4], [60, 40, 40])
    >>> table["pearson_correlation"].to_pylist()
    [0.33, 0.65, 0.0]
    """
    need_kind("Responses are", responses, Responses)
    table = item_table(analysed(responses), rounded=rounded)
    made = {"convention": "new-quizzes", "rounded": rounded}
    return signed(table, "item_analysis", made, responses.digest)


def item_analysis_json(responses: Responses) -> list[dict[str, Any]]:
    r"""Item Analysis as JSON: one object per item.

    Parameters
    ----------
    responses : Responses
        Of one quiz, with all attempts.

    Returns
    -------
    list of dict
        ``metadata`` (``interaction_type, item_body, item_id, item_title``); ``scores``
        (``points_possible, mean, difficulty_index, median, discrimination_index,
        pearson_correlation``); ``attempts``, whose two counts are null in New Quizzes
        too; ``answer_summary``: ``choices`` of a choice, true-false or multi-answer
        item, ``questions`` of a matching one; ``aggregate`` and ``no_answer``. For
        `json.dumps`.

    Raises
    ------
    ValueError
        For several quizzes.

    Notes
    -----
    The figures are those of `item_analysis`, with null for what is not defined.
    ``item_id`` is a number where it looks like one. The question is ``item_body``.

    Of a multi-answer item each option counts that was ticked. Where an answer is one
    text, declared options are found between its commas; without any, an option ends at
    a comma that has no blank behind it, and those in an answer with full points are
    right (inferred).

    A matching answer is ``left=>right`` pairs, in a list or between commas. The key of
    each answer is its text in Base64, in lines of 60 characters. Right pairs are the
    declared options that are keyed; without any those in an answer with full points.

    Inferred rather than known: the order by position; that a question of a matching
    item goes by its text, as its id is not known; that other types have no ``choices``;
    that ``distractor`` is an answer that belongs to no question.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> item = item_analysis_json(qa.Responses.from_answers([["A"], ["B"]], key=["A"]))
    >>> item[0]["answer_summary"]["choices"][0]
    {'body': 'A', 'count': 1, 'correct': True, 'percentage': 50}
    >>> item[0]["scores"]["pearson_correlation"] is None
    True
    """
    need_kind("Responses are", responses, Responses)
    only_one(responses.items["quiz_id"])
    kept = analysed(responses)
    pairs = questions(kept)
    rows = item_table(kept, rounded=True).to_pylist()
    return [item_record(row, pairs) for row in rows]


def _attempts(responses: Responses, which: Attempts) -> Responses:
    """Choose attempts at the one quiz."""
    need_kind("Responses are", responses, Responses)
    only_one(responses.items["quiz_id"])
    return responses.attempts(which)
