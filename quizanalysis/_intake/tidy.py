"""From a tidy table, one row per submission and item, to validated columns."""

from dataclasses import dataclass
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import (
    NANO,
    Findings,
    Floats,
    Ints,
    Mask,
    codes,
    frozen,
    ids,
    numbers,
    points,
    ranks,
    texts,
    whole,
)
from quizanalysis._intake.items import (
    at_first,
    constant,
    items_of,
    not_negative,
    with_quiz,
)
from quizanalysis._intake.options import Earlier, Options, options_of
from quizanalysis._intake.states import (
    GRADED,
    NOT_ATTEMPTED,
    NOT_GRADED,
    NOT_SHOWN,
    states,
)
from quizanalysis._intake.times import times

ANSWERED, BLANK, UNGRADED = GRADED, NOT_ATTEMPTED, NOT_GRADED
"""What a cell can be. An item that was not shown has no cell."""

MOST = 9e9
"""Points of one submission beyond this would not fit 64 bits as billionths."""

_NAMED = ("student_id", "attempt", "quiz_id")
_RECORDED = ("recorded_score", "recorded_points_possible")


@dataclass(frozen=True, slots=True)
class Cells:
    """The responses, sorted by submission.

    Attributes
    ----------
    submission, item : int array, shape (cells,)
        Row of the submissions table, and of the items table.
    score : int array, shape (cells,)
        In billionths of a point; 0 where not graded.
    state : int array, shape (cells,)
        `ANSWERED`, `BLANK` or `UNGRADED`.
    position : int array, shape (cells,)
        As given, else that of the item; 0 where neither is. Tells an item drawn twice
        apart.
    response : string or list array, or None
        The answers as written.
    """

    submission: Ints
    item: Ints
    score: Ints
    state: Ints
    position: Ints
    response: pa.ChunkedArray | None

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        frozen(self.submission, self.item, self.score, self.state, self.position)

    def take(self, rows: Ints) -> "Cells":
        """Return some of the cells."""
        response = self.response
        return Cells(
            self.submission[rows],
            self.item[rows],
            self.score[rows],
            self.state[rows],
            self.position[rows],
            None if response is None else response.take(pa.array(rows)),
        )


@dataclass(frozen=True, slots=True)
class Tidy:
    """What a tidy table says, checked: the parts that `Responses` holds."""

    submissions: pa.Table
    items: pa.Table
    cells: Cells
    options: Options


@dataclass(frozen=True, slots=True)
class Before:
    """What was inferred from responses of which some may be gone since.

    Attributes
    ----------
    items : pyarrow.Table
        ``quiz_id, item_id, best, is_open``.
    answers : pyarrow.Table
        Those that were options: ``quiz_id, item_id, text``, and ``earned`` at best, in
        billionths of a point.
    """

    items: pa.Table
    answers: pa.Table


def parse(
    findings: Findings,
    table: pa.Table,
    items: pa.Table | None,
    quiz_id: str,
    max_options: int,
    before: Before | None = None,
) -> Tidy:
    """Check everything, and note whatever is wrong."""
    table = with_quiz(table, quiz_id)
    quiz, quizzes = ids(findings, table, "responses", "quiz_id")
    submission, submissions = _submissions(findings, table, quiz, quizzes)
    item, item_table = items_of(findings, table, items, quiz, quizzes, quiz_id)
    cells, rows = _cells(findings, table, submission, item, item_table)
    item_table, full = _points_possible(item_table, cells, before)
    points_each = np.asarray(item_table["points_possible"], np.float64)
    _no_overflow(findings, submissions, cells, rows, points_each)
    declared = item_table["options"].combine_chunks()
    options = options_of(
        cells.response,
        cells.item,
        cells.score,
        full,
        declared,
        item_table["item_type"].combine_chunks(),
        max_options,
        findings,
        None if before is None else _earlier(before, item_table),
    )
    _no_duplicates(findings, table, cells, rows)
    return Tidy(submissions, item_table.drop_columns("options"), cells, options)


def _submissions(
    findings: Findings, table: pa.Table, quiz: Ints, quizzes: pa.Array
) -> tuple[Ints, pa.Table]:
    """Number the submissions by first appearance; gather what is said of each."""
    student, students = ids(findings, table, "responses", "student_id")
    attempt = whole(findings, table, "responses", "attempt", 1)
    number, attempts = ranks(attempt)
    key = ((quiz + 1) * (len(students) + 1) + student + 1) * len(attempts) + number
    submission, first = ranks(key)
    once = partial(constant, findings, table, submission, len(first))
    at = times(findings, table, "responses", "submitted_at")
    stamp = np.asarray(at.cast(pa.int64()).fill_null(0), np.int64)
    submitted = once("submitted_at", stamp, ~np.asarray(at.is_null(), bool))
    seconds = numbers(findings, table, "responses", "elapsed_s")
    if seconds is None:
        seconds = np.full(table.num_rows, np.nan)
    findings.flag(
        np.flatnonzero(seconds < 0),
        table="responses",
        column="elapsed_s",
        values=seconds,
        message="a negative number of seconds",
        hint="0 or more",
    )
    elapsed = once("elapsed_s", seconds, ~np.isnan(seconds))
    said = [points(findings, table, "responses", name) for name in _RECORDED]
    not_negative(findings, table, "responses", _RECORDED[1], said[1][0])
    recorded = [
        pc.divide(once(name, *value).cast(pa.float64()), float(NANO))
        for name, value in zip(_RECORDED, said, strict=True)
    ]
    return submission, pa.table(
        {
            "quiz_id": at_first(quizzes, quiz, first),
            "student_id": at_first(students, student, first),
            "attempt": attempt[first],
            "submitted_at": submitted.cast(at.type),
            "elapsed_s": elapsed,
            **dict(zip(_RECORDED, recorded, strict=True)),
        }
    )


def _cells(
    findings: Findings, table: pa.Table, submission: Ints, item: Ints, items: pa.Table
) -> tuple[Cells, Ints]:
    """Score and state of each response; those not shown fall out here."""
    score, scored = points(findings, table, "responses", "score")
    state = states(findings, table, scored)
    response = _responses(table)
    score = np.where(state == UNGRADED, 0, score)
    position = np.asarray(items["position"].fill_null(0), np.int64)[item]
    if "position" in table.column_names:
        place = whole(Findings(), table, "responses", "position", 0)
        position = np.where(place > 0, place, position)
    rows = np.flatnonzero(state != NOT_SHOWN)
    if np.any(np.diff(submission[rows]) < 0):
        rows = rows[np.argsort(submission[rows], kind="stable")]
    cells = Cells(submission, item, score, state, position, response)
    return (
        cells if len(rows) == table.num_rows and _ascending(rows) else cells.take(rows)
    ), rows


def _ascending(rows: Ints) -> bool:
    return bool(np.all(np.diff(rows) > 0))


def _responses(table: pa.Table) -> pa.ChunkedArray | None:
    """Responses as text or lists of text; a column without any is no column."""
    if "response" not in table.column_names:
        return None
    raw = table["response"]
    listed = pa.types.is_list(raw.type)
    words = raw.combine_chunks().flatten() if listed else codes(raw)[1]
    return raw if pc.any(pc.not_equal(words, "")).as_py() else None


def _points_possible(
    items: pa.Table, cells: Cells, before: Before | None
) -> tuple[pa.Table, Mask]:
    """Where points possible are not given, take the best score seen, and say so."""
    given = items["points_possible"].combine_chunks()
    inferred = np.asarray(pc.is_null(given), bool)
    best = np.zeros(len(given), np.int64)
    np.maximum.at(best, cells.item, cells.score)
    if before is not None:
        said = np.asarray(before.items["best"], np.int64)
        np.maximum.at(best, _places(items, before.items), said)
    value = np.where(inferred, best, np.asarray(given.fill_null(0), np.int64))
    items = items.set_column(
        items.column_names.index("points_possible"),
        "points_possible",
        pa.array(value / NANO),
    ).append_column("points_inferred", pa.array(inferred))
    most = value[cells.item]
    return items, (cells.state != UNGRADED) & (cells.score >= most) & (most > 0)


def _places(items: pa.Table, table: pa.Table) -> Ints:
    """Where the item of each row stands in the items table, which has it."""
    names = ["quiz_id", "item_id"]
    both = pa.concat_tables([items.select(names), table.select(names)])
    quiz, _ = codes(both["quiz_id"])
    code, words = codes(both["item_id"])
    return ranks(quiz * (len(words) + 1) + code)[0][len(items) :]


def _earlier(before: Before, items: pa.Table) -> Earlier:
    """The same by item number, held against the points possible now."""
    is_open = np.zeros(len(items), bool)
    is_open[_places(items, before.items)[np.asarray(before.items["is_open"])]] = True
    item = _places(items, before.answers)
    points = np.rint(np.asarray(items["points_possible"], np.float64) * NANO)
    earned = np.asarray(before.answers["earned"], np.int64)
    full = (points[item] > 0) & (earned >= points[item])
    text = before.answers["text"].combine_chunks()
    return Earlier(item, text, earned, full, is_open)


def _no_overflow(
    findings: Findings, submissions: pa.Table, cells: Cells, rows: Ints, points: Floats
) -> None:
    """What one submission earned, or could have, must have a sum in 64 bits."""
    n = submissions.num_rows
    earned = np.bincount(cells.submission, np.abs(cells.score) / NANO, n) > MOST
    worth = np.bincount(cells.submission, points[cells.item], n) > MOST
    for column, bad in (("score", earned), ("points_possible", worth & ~earned)):
        which = np.flatnonzero(bad)
        said = (texts(submissions[name].take(pa.array(which))) for name in _NAMED)
        student, attempt, quiz = said
        findings.flag(
            rows[np.searchsorted(cells.submission, which)],
            at=np.arange(len(which)),
            table="responses",
            column=column,
            values=pc.binary_join_element_wise(
                "student ", student, ", attempt ", attempt, " of quiz ", quiz, ""
            ),
            message="a submission whose points add up to too large a number",
            hint=f"at most {MOST:,.0f} are kept exactly",
        )


def _no_duplicates(
    findings: Findings, table: pa.Table, cells: Cells, rows: Ints
) -> None:
    """An item may come twice in one attempt only at two positions."""
    n_items = int(cells.item.max(initial=0)) + 1
    number, first = ranks(cells.submission * n_items + cells.item)
    if len(first) == len(number):
        return
    _, apart = ranks(number * (int(cells.position.max()) + 1) + cells.position)
    placed = np.zeros(len(number), bool)
    placed[apart] = True
    findings.flag(
        rows[~placed],
        table="responses",
        column="item_id",
        values=table["item_id"],
        message="the same quiz, student, attempt and item as an earlier row",
        hint="give `attempt`, or `position` where a question was drawn twice",
    )
