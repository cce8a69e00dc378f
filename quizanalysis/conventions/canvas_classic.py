r"""The reports of Canvas's classic quizzes: their figures, columns and cells.

Inferred rather than documented by Canvas, and so open to correction: that of several
keyed options only the first counts; that a chosen option which was deleted is a wrong
answer; the cells of short answers, dropdowns and matching; the form of times and of
points; which elements of HTML are blocks.
"""

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import NANO
from quizanalysis._readout.anonymous import in_shown_order
from quizanalysis._refusals import need_kind
from quizanalysis.conventions._canvas_cells import (
    NUMBERS,
    cell_of_answers,
    cell_of_blanks,
    cell_of_dropdowns,
    cell_of_formula,
    cell_of_matching,
    cell_of_upload,
    option_text,
    printed,
)
from quizanalysis.conventions._canvas_html import html_to_text, strip_tags
from quizanalysis.conventions._canvas_items import (
    counted,
    figure_columns,
    item_figures,
)
from quizanalysis.conventions._canvas_report import only_one, signed
from quizanalysis.conventions._canvas_students import (
    anonymous_columns_of,
    columns_of,
    is_correct,
    lead,
    newest_first,
    pairs,
)
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tally import Tally

__all__ = [
    "cell_of_answers",
    "cell_of_blanks",
    "cell_of_dropdowns",
    "cell_of_formula",
    "cell_of_matching",
    "cell_of_upload",
    "html_to_text",
    "item_analysis",
    "option_text",
    "printed",
    "strip_tags",
    "student_analysis",
]

_LAST = 10_000
_CONVENTION = {"convention": "canvas-classic"}
_FIRST_ATTEMPTS = {
    **_CONVENTION,
    "attempt": "first",
    "blank": "omit",
    "total": "recorded",
}


def item_analysis(source: Responses | Tally) -> pa.Table:
    r"""Item Analysis: one row per multiple choice and true/false question.

    Parameters
    ----------
    source : Responses or Tally
        Of one quiz. Of `Responses` the first attempt of each student counts, whatever
        its score. A tally must have been made of first attempts, with
        ``blank="omit", total="recorded"``.

    Returns
    -------
    pyarrow.Table
        The 19 columns of Canvas, then ``Point Biserial of Distractor 2``, ``3``, … up
        to the most options that an item has; a null is an empty cell. ``Alpha`` is
        text. By position (items without one last), title and id.

    Raises
    ------
    ValueError
        For several quizzes, or a tally that was counted otherwise.

    See Also
    --------
    printed : the cells as texts.

    Notes
    -----
    For an item of p points, R are those who answered it (a blank is not in R), C those
    of R who chose the key, A those who chose an option; t is a student's total as
    recorded, which holds other questions and manual points, and the item itself.

    - *Difficulty Index*, *Correct Student Ratio*: :math:`|C| / |R|`; 0 if nobody
      answered.
    - *Variance*: of p for C and 0 for the others, divisor :math:`|R|`; 0 for fewer
      than two.
    - *Point Biserial* of an option, with :math:`q = |A| / |R|`:
      :math:`(\bar t_A - \bar t_{R \setminus A}) / s_R \cdot \sqrt{q (1 - q)}`, where
      :math:`s_R` has the divisor :math:`|R|`; null when A or the rest is empty or
      :math:`s_R = 0`. It is the correlation of the option with the total.
    - *Top*, *Middle*, *Bottom*: all students of the quiz by total; the top starts at
      the one at place ``round(0.73 N)`` from below (counted from 0, half rounded up),
      the middle at ``round(0.27 N)``; who ties with the first of a bucket is in it.
    - *Alpha*: :math:`\frac{k}{k-1} (1 - \sum Var_j / Var(t))` over the k items here
      and the totals of all students; ``N/A`` when undefined and with 15 items or fewer.

    The key stands first among the options, then the others as they were authored (by
    text where answers were taken as options); of several keyed options only the first
    is the key. What was chosen decides, not what it earned; full points do where only
    scores are known. Totals that agree to a millionth of a point are equal. Who was not
    logged in is left out.

    Items are those of type ``multiple_choice_question`` and ``true_false_question``
    (in New Quizzes ``choice`` and ``true-false``) that somebody was shown. Where no
    type is known, as in a classic CSV: items with declared options of which no
    response chose several; items whose answers were taken as options, if every score
    is 0 or full, at most one answer earned full points and none holds ``=>``; and
    items of which only scores are known, if those are 0 or full. So a short answer
    with few wrong ones passes for a choice. An answer that is none of the declared
    options is one that was deleted: wrong, and without a column.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> answers = [["T", "B"], ["T", "D"], ["F", "A"], ["T", "D"]]
    >>> table = item_analysis(qa.Responses.from_answers(answers, key=["T", "D"]))
    >>> table["Difficulty Index"].to_pylist(), table["Alpha"].to_pylist()
    ([0.75, 0.5], ['N/A', 'N/A'])
    """
    need_kind("Responses or a Tally are", source, Responses, Tally)
    tally = source if isinstance(source, Tally) else counted(source)
    if (tally.blank, tally.total) != ("omit", "recorded"):
        msg = "Canvas's figures need a tally with blank='omit', total='recorded'"
        raise ValueError(msg)
    only_one(tally.parts.quizzes["quiz_id"])
    found = item_figures(tally.parts)
    rows = pa.array(found.item)
    about = tally.parts.items.select(["item_id", "title", "position"]).take(rows)
    ids, titles, places = about.to_pydict().values()
    titles = [strip_tags(title or "") for title in titles]
    columns = {
        "Question Id": pa.array(ids, pa.string()),
        "Question Title": pa.array(titles, pa.string()),
        **figure_columns(found),
    }
    table = pa.table(
        [pa.array(values, from_pandas=True) for values in columns.values()],
        names=list(columns),
    )
    alpha = table.column_names.index("Alpha")
    field = table.field(alpha).with_metadata(NUMBERS)
    table = table.set_column(alpha, field, table["Alpha"])
    answered = found.n.sum(axis=0).tolist()
    keys = [
        (_LAST if place is None else place, title, _id_key(item_id), -n)
        for place, title, item_id, n in zip(places, titles, ids, answered, strict=True)
    ]
    order = pa.array(sorted(range(len(keys)), key=keys.__getitem__), pa.int64())
    digest = source.digest if isinstance(source, Responses) else None
    return signed(table.take(order), "item_analysis", _FIRST_ATTEMPTS, digest)


def student_analysis(
    responses: Responses,
    *,
    attempt: Attempts = "kept",
    sis_ids: bool = True,
    anonymous: bool = False,
    root_account: str | None = None,
    html: bool | None = None,
) -> pa.Table:
    r"""Student Analysis: one row per student, or per attempt; two columns per question.

    Parameters
    ----------
    responses : Responses
        Of one quiz.
    attempt : {"kept", "all", "first", "last", "best"}
        Canvas gives the attempt with the student's highest score (the last one if it
        has it, else the first that has it), or every attempt, with the column
        ``attempt``.
    sis_ids : bool
        Give the columns ``sis_id`` and ``section_sis_id``.
    anonymous : bool
        Leave out ``name``, ``id``, ``sis_id`` and ``root_account``, as Canvas does. The
        sections, the time of handing in and ``attempt`` stay there, and can tell who
        somebody is: `quizanalysis.student_analysis` leaves out the time too.
    root_account : str, optional
        The host of the students' account, where several accounts trust each other:
        adds the column of this name, empty for students without a SIS id and in a
        report without SIS ids.
    html : bool, optional
        Whether answers are HTML, as Canvas stores them, and go through `html_to_text`,
        or text already. When not given, those that hold a tag or an entity are HTML.

    Returns
    -------
    pyarrow.Table
        ``name, id, sis_id, root_account, section, section_id, section_sis_id,
        submitted, attempt``; for each question ``<id>: <text>`` with the answer and a
        column with the points, whose name is what the question is worth, such as
        ``1.0`` (so names repeat); ``n correct, n incorrect, score``. Both cells of a
        question that was not shown are null. Newest first; those who were not logged
        in at the end, without name and ids. Anonymous, rows of one second are in the
        order of what else they show, whoever was logged in, and the table does not name
        the digest of its input.

    Raises
    ------
    ValueError
        For several quizzes, an unknown word, or a table of more than 100 million cells.
    DataError
        For item ids that the file would not give back: with blanks or colons, or that
        make the name of another column. Canvas's own are numbers.

    Notes
    -----
    Questions with a position of their own come in that order; those without, or that
    share one, were drawn at random and come after them as they appear, row by row.
    Where no question has a position, all come as in `responses`. Anonymous, those
    without a position of their own come in the order of their ids, which does not tell
    to whom they were shown first. Headers go through `strip_tags`.

    A chosen option appears as its text, several as `cell_of_answers` writes them, in
    the order of the options; other lists of texts in their own order (of dropdowns
    without the empty ones, and options by their texts; of files the first alone). An
    answer that is one text stays as it is: so matches and formulas are to be given as
    Canvas writes them, see `cell_of_matching` and `cell_of_formula`. A blank is an
    empty text with its points, and what nobody has graded yet has 0 points.

    ``n correct`` counts the answers that earned something, the essays and uploads
    whatever they earned, all that is not graded yet, and text-only blocks; a question
    worth nothing when an option was chosen that is keyed. ``n incorrect`` counts the
    others. ``score`` is the recorded total, else the sum of the points. Canvas decides
    by a mark that it keeps with each answer, which is not in any export.

    Under an averaging policy Canvas drops students of whom no attempt has the kept
    score; here the policy is that of the highest.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> answers = [["T", "B"], ["F", None]]
    >>> table = student_analysis(qa.Responses.from_answers(answers, key=["T", "D"]))
    >>> table.column_names[5:]
    ['section_sis_id', 'submitted', 'i1: ', '1.0', 'i2: ', '1.0', 'n correct', ...]
    >>> table["n correct"].to_pylist()
    [1, 0]
    """
    need_kind("Responses are", responses, Responses)
    only_one(responses.items["quiz_id"])
    chosen = responses.attempts(attempt)
    order = newest_first(chosen)
    items = anonymous_columns_of(chosen) if anonymous else columns_of(chosen, order)
    columns = lead(chosen, root_account if sis_ids else None)
    hidden = set() if sis_ids else {"sis_id", "section_sis_id"}
    hidden |= {"name", "id", "sis_id", "root_account"} if anonymous else set()
    hidden |= {"root_account"} if root_account is None else set()
    hidden |= set() if attempt == "all" else {"attempt"}
    names = [name for name in columns if name not in hidden]
    questions, cells = pairs(chosen, items, html=html)
    correct = is_correct(chosen)
    marks = [
        np.bincount(chosen.cells.submission[marked], minlength=len(chosen))
        for marked in (correct, ~correct)
    ]
    table = pa.table(
        [*map(columns.__getitem__, names), *cells, *marks, chosen.scores() / NANO],
        names=[*names, *questions, "n correct", "n incorrect", "score"],
    )
    table = (
        in_shown_order(table, [("submitted", "descending")])
        if anonymous
        else table.take(pa.array(order))
    )
    options = {"attempt": attempt, "sis_ids": sis_ids, "anonymous": anonymous}
    made = {**_CONVENTION, **options}
    # Whoever guesses the input could prove with its digest that the guess is right.
    digest = None if anonymous else responses.digest
    return signed(table, "student_analysis", made, digest)


def _id_key(item_id: str) -> tuple[bool, int, str]:
    """Sort ids as numbers where they are, and others as text behind them."""
    number = item_id.isascii() and item_id.isdigit() and len(item_id) < 40
    return not number, int(item_id) if number else 0, item_id
