"""What if a question were dropped, keyed anew, given to all, or weighed otherwise."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass

import pyarrow as pa

from quizanalysis._changes.applied import applied
from quizanalysis._changes.asked import asked
from quizanalysis._changes.compared import items_compared, quizzes_compared
from quizanalysis._changes.found import changes_of
from quizanalysis._changes.students import students_compared
from quizanalysis._readout.assembly import assembled
from quizanalysis._refusals import need_kind
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tally import Tally

__all__ = ["Key", "WhatIf", "what_if"]

Key = str | Collection[str | Collection[str]]
"""The right option, several of which any is right, or sets of options."""


@dataclass(frozen=True, slots=True, kw_only=True)
class WhatIf:
    """A quiz as it would be, and what that does to everyone.

    Attributes
    ----------
    responses : Responses
        All attempts, scored as asked; they go wherever `Responses` do. Of nothing asked
        they are the very responses that came in.
    students : pyarrow.Table
        Each student before and after: the columns of
        ``schema.REPORTS["what_if_students"]``.
    items : pyarrow.Table
        Each item before and after, ``what_if_items``.
    summary : pyarrow.Table
        Each quiz before and after, ``what_if_summary``.
    """

    responses: Responses
    students: pa.Table
    items: pa.Table
    summary: pa.Table


def what_if(
    responses: Responses,
    *,
    drop: str | Collection[str] = (),
    rekey: Mapping[str, Key] | None = None,
    full_credit: str | Collection[str] = (),
    weights: Mapping[str, float] | None = None,
    quiz_id: str | None = None,
    pass_mark: float | None = None,
    attempt: Attempts = "last",
) -> WhatIf:
    """Score a quiz anew, and compare every student, item and quiz before and after.

    Parameters
    ----------
    responses : Responses
        They stay as they are.
    drop : str or collection of str
        Items that leave the quiz, and their points with them.
    rekey : mapping of str to key
        The right options of an item, by their ids or else their texts: one of them, or
        several of which any is right. A response with several options is right when
        they are, all of them and no other, one of the sets given: ``{"q1": ["A",
        "B"]}`` asks for A or B alone, ``{"q1": [["A", "B"]]}`` for both. Right earns
        the full points, all else 0; what was not graded yet is graded by it.
    full_credit : str or collection of str
        Items of which everybody who was shown them gets the full points, for a blank
        and for what is not graded yet too. Who has more keeps it.
    weights : mapping of str to float
        What an item is worth from now on, in points, 0 to 1,000,000. Scores grow in
        proportion, each to the nearest billionth of a point, ties to the even one.
    quiz_id : str, optional
        The quiz that has these items; needed where several quizzes use one id.
    pass_mark : float, optional
        Percent of the points possible that it takes to pass, 0 to 100.
    attempt : {"last", "first", "best", "kept", "all"}
        Which attempts are compared, chosen before and after: another may be the best
        then. With ``all`` each has a row. `WhatIf.responses` has every attempt.

    Returns
    -------
    WhatIf

    Raises
    ------
    DataError
        With all problems: items, options or quizzes that are not there, an id that
        several quizzes use, a text that several options have, answers that are no
        options, an item that is dropped and changed besides or keyed and credited,
        points that are not known or not possible, a quiz that would have no item left.
    ValueError
        For a pass mark or an attempt that does not exist, and an empty key.
    TypeError
        For what is of another kind.

    Notes
    -----
    Of an item that is weighed and keyed or credited, the full points are the new ones.
    Points possible that were inferred count as declared once scores rest on them. Full
    credit leaves the key as it was known.

    A total that the system recorded moves by as much as its item scores do, so that
    points given by hand stay, and so do the points it is out of (by those inferred,
    where none were declared; not below 0). What is dropped stands in `left_out`.

    ``gains`` goes by percent, since the points possible may change too: whether the
    score is above or below what the percent before would now give, by more than a
    millionth of a point. So little less than the pass mark passes. ``rank_change`` is
    rank_before - rank_after. The figures of items and quizzes are those of
    `item_analysis` and `summary`, with the options they have when none are given.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> responses = qa.Responses.from_answers(
    ...     [["A", "C"], ["B", "C"], ["B", "D"]],
    ...     key=["A", "C"],
    ...     student_ids=["ann", "bob", "cem"],
    ... )
    >>> changed = what_if(responses, rekey={"i1": ["A", "B"]}, pass_mark=75)
    >>> for row in changed.students.to_pylist():
    ...     print(
    ...         row["student_id"],
    ...         (row["score_before"], row["score_after"]),
    ...         (row["rank_before"], row["rank_after"]),
    ...         row["crosses"],
    ...     )
    ann (2.0, 2.0) (1, 1) 0
    bob (1.0, 2.0) (2, 1) 1
    cem (0.0, 1.0) (3, 3) 0
    >>> qa.item_analysis(changed.responses)["difficulty"].to_pylist()
    [1.0, 0.6666666666666666]
    """
    need_kind("Responses are", responses, Responses)
    mark = _mark(pass_mark)
    said = asked(drop, rekey, full_credit, weights, quiz_id)
    before = responses.attempts(attempt)
    changes = changes_of(responses, said)
    scored = applied(responses, changes)
    after = scored.attempts(attempt)
    tallies = Tally.of(before).parts, Tally.of(after).parts
    students = students_compared(before, after, mark, every=attempt == "all")
    quizzes = quizzes_compared(*tallies, students[0], marked=mark is not None)
    made = {
        "options": {"attempt": attempt, **asdict(said), "pass_mark": mark},
        "input_digest": responses.digest,
    }
    return WhatIf(
        responses=scored,
        students=assembled("what_if_students", *students, made),
        items=assembled(
            "what_if_items", *items_compared(responses.items, changes, *tallies), made
        ),
        summary=assembled("what_if_summary", *quizzes, made),
    )


def _mark(pass_mark: object) -> float | None:
    if pass_mark is None:
        return None
    if isinstance(pass_mark, bool) or not isinstance(pass_mark, int | float):
        msg = f"pass_mark must be a number, not {pass_mark!r}"
        raise TypeError(msg)
    if not 0 <= pass_mark <= 100:
        msg = f"pass_mark must be 0 to 100 percent, not {pass_mark!r}"
        raise ValueError(msg)
    return float(pass_mark)
