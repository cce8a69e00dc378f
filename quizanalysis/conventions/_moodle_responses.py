"""Moodle's analysis of responses: what was answered, try by try."""

from typing import Any, Literal

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Ints, Mask, codes
from quizanalysis._intake.opened import table_of
from quizanalysis.errors import DataError, Problem

Tries = Literal["all", "first", "last"]

_NEEDED = ("student_id", "item_id", "response")
_ASKED = ("quiz_id", "item_id")
_NAMES = ("quiz_id", "item_id", "variant", "part", "model", "response")
_COLUMNS = 5
"""Moodle counts the sixth try and all later ones in the column of the fifth."""

_HEADERS = {"part": "Part of question", "model": "Model response"}
_HEADERS |= {"response": "Actual response"}
_SILENT = "[No response]"


def response_analysis(
    steps: Any,  # noqa: ANN401  anything with __arrow_c_stream__
    *,
    tries: Tries = "all",
) -> pa.Table:
    """Moodle's counts of responses: one row per distinct answer to a part.

    A submission holds one answer to an item, and Moodle counts every try: so this takes
    the history of the attempts, and not `Responses`.

    Parameters
    ----------
    steps : object with ``__arrow_c_stream__``
        One row for each time that a page was saved, and each part of a question on it,
        in the order of time: ``student_id, item_id, response`` (null or empty: none)
        and optionally ``quiz_id, attempt, variant, part, model`` (the class of model
        answers that the question type puts the response in; the response itself when
        not given), ``credit`` (share of the marks that the response earns), ``step``
        (number of the page saved, by which parts belong together; not needed for
        questions of one part), ``submitted`` and ``try_again`` (whether these buttons
        were pressed), ``valid`` (false for what the question type cannot read, such as
        a word for a number; a null ``model`` is no response).
    tries : {"all", "first", "last"}

    Returns
    -------
    pyarrow.Table
        ``Part of question, Model response, Actual response, Partial credit`` (the first
        seen, as a fraction; null when not given), ``Count try 1`` to ``5``, ``Count,
        Frequency`` (count in percent of the attempts at the question); then ``variant,
        quiz_id, item_id``. In the order of first appearance.

    Raises
    ------
    DataError
        When a column is missing.

    Notes
    -----
    A try is a submission with all parts answered, numbered from 1; and one more for
    what was saved last, if nothing was submitted, or it is another answer than the one
    submitted last, or "try again" was pressed since.
    Submitting an incomplete or unreadable answer is no try. Later tries than the fifth
    count as the fifth. Answers are compared exactly, by case too. What is left empty is
    counted as ``[No response]``.

    Examples
    --------
    >>> import pyarrow as pa
    >>> steps = pa.table(
    ...     {
    ...         "student_id": ["ann", "ann", "ann", "bob"],
    ...         "item_id": ["q"] * 4,
    ...         "response": ["frog", "frog", "toad", "frog"],
    ...         "submitted": [True, False, True, True],
    ...         "try_again": [False, True, False, False],
    ...     }
    ... )
    >>> for row in response_analysis(steps).to_pylist():
    ...     print(row["Actual response"], row["Count try 1"], row["Count try 2"])
    frog 2 0
    toad 0 1
    """
    if tries not in {"all", "first", "last"}:
        msg = f"tries must be all, first or last, not {tries!r}"
        raise ValueError(msg)
    rows = _rows(table_of(steps, "steps"))
    history, number = _numbered(rows)
    kept = number > 0
    if tries == "first":
        kept = number == 1
    elif tries == "last":
        most = np.zeros(int(history.max(initial=-1)) + 1, np.int64)
        np.maximum.at(most, history, number)
        kept = kept & (number == most[history])
        number = np.minimum(number, 1)
    return _counts(rows, history, np.flatnonzero(kept), number)


def _rows(table: pa.Table) -> pa.Table:
    """The columns used, those not given filled in."""
    problems = [
        Problem(
            table="steps",
            column=name,
            message="the column is missing",
            hint="give student_id, item_id and response",
        )
        for name in _NEEDED
        if name not in table.column_names
    ]
    if problems:
        raise DataError(problems)
    n = table.num_rows
    columns: dict[str, Any] = {}
    for name in ("quiz_id", "student_id", "attempt", "variant", "part", "item_id"):
        values = table[name] if name in table.column_names else pa.nulls(n)
        columns[name] = pc.fill_null(values.cast(pa.string()), "")
    response = table["response"].cast(pa.string())
    response = pc.if_else(pc.equal(response, ""), None, response)
    model = table["model"] if "model" in table.column_names else response
    columns["response"] = response
    silent = pc.is_null(response)
    classed = pc.if_else(silent, None, model.cast(pa.string()))
    columns["model"] = pc.fill_null(classed, _SILENT)
    credit = table["credit"] if "credit" in table.column_names else pa.nulls(n)
    columns["credit"] = credit.cast(pa.float64())
    step = table["step"] if "step" in table.column_names else pa.array(np.arange(n))
    columns["step"] = step.cast(pa.int64())
    for name, usual in (("submitted", False), ("try_again", False), ("valid", True)):
        said = table[name] if name in table.column_names else pa.nulls(n)
        columns[name] = pc.fill_null(said.cast(pa.bool_()), usual)
    return pa.table(columns)


def _key(rows: pa.Table, names: tuple[str, ...]) -> tuple[Ints, Ints]:
    """First row of each distinct combination, and the combination of each row."""
    return distinct([codes(rows[name])[0] for name in names])


def _numbered(rows: pa.Table) -> tuple[Ints, Ints]:
    """Attempt at a question of each row, and the number of its try; 0 for none."""
    _, history = _key(rows, ("quiz_id", "student_id", "attempt", "item_id"))
    first, save = distinct([history, np.asarray(rows["step"], np.int64)])
    n, of = len(first), history[first]
    answered = np.ones(n, bool)
    empty = pc.or_(rows["response"].is_null(), pc.invert(rows["valid"]))
    answered[save[np.asarray(empty, bool)]] = False
    counted = _any(rows, "submitted", save, n) & answered
    begins = np.searchsorted(of, of)
    tries = np.cumsum(counted)
    number: Ints = tries - np.where(begins > 0, tries[begins - 1], 0)
    # What was saved last, if it was not submitted.
    end = np.append(np.flatnonzero(np.diff(of)), n - 1) if n else begins
    latest, reopened = np.full(n, -1), np.full(n, -1)
    here = np.arange(n)
    np.maximum.at(latest, of[counted], here[counted])
    again = _any(rows, "try_again", save, n)
    np.maximum.at(reopened, of[again], here[again])
    untried = latest[of[end]] < 0
    compared = np.isin(save, end) | np.isin(save, latest)
    changed = _changed(rows.filter(pa.array(compared)), history[compared], len(latest))
    since = (reopened > latest)[of[end]] | changed[of[end]]
    since &= answered[end]
    extra = end[~counted[end] & (untried | since)]
    result = np.where(counted, number, 0)
    result[extra] = number[extra] + 1
    return history, result[save]


def _changed(rows: pa.Table, history: Ints, n: int) -> Mask:
    """Whether the rows of a history give more than one answer to some part."""
    part, response = codes(rows["part"])[0], codes(rows["response"])[0]
    parts, _ = distinct([history, part])
    answers, _ = distinct([history, part, response])
    asked = np.bincount(history[parts], minlength=n)
    return np.asarray(np.bincount(history[answers], minlength=n) > asked)


def _any(rows: pa.Table, name: str, group: Ints, n: int) -> Mask:
    found = np.zeros(n, bool)
    found[group[np.asarray(rows[name], bool)]] = True
    return found


def _counts(rows: pa.Table, history: Ints, kept: Ints, number: Ints) -> pa.Table:
    """Count the tries of each distinct answer."""
    chosen = rows.take(pa.array(kept))
    first, answer = _key(chosen, _NAMES)
    appearing = np.argsort(first)
    place = np.empty(len(first), np.int64)
    place[appearing] = np.arange(len(first))
    counts = np.zeros((len(first), _COLUMNS), np.int64)
    np.add.at(counts, (place[answer], np.minimum(number[kept], _COLUMNS) - 1), 1)
    once, _ = distinct([history])
    start, question = _key(rows.take(pa.array(once)), _ASKED)
    attempts = np.bincount(question, minlength=len(start))
    names = chosen.take(pa.array(first[appearing]))
    asked = _key(pa.concat_tables([rows.take(pa.array(once)), names]), _ASKED)[1]
    total = counts.sum(axis=1)
    columns = {header: names[name] for name, header in _HEADERS.items()}
    columns["Partial credit"] = names["credit"]
    for column in range(_COLUMNS):
        columns[f"Count try {column + 1}"] = pa.array(counts[:, column])
    columns["Count"] = pa.array(total)
    columns["Frequency"] = pa.array(100 * total / attempts[asked[len(once) :]])
    for name in ("variant", "quiz_id", "item_id"):
        columns[name] = names[name]
    return pa.table(columns)
