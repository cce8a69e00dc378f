"""From a tidy table, one row per submission and item, to validated columns."""

from collections.abc import Sequence
from dataclasses import dataclass

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
    texts,
    whole,
)
from quizanalysis._intake.items import (
    items_of,
    with_quiz,
)
from quizanalysis._intake.numbering import (
    Whole,
    ordered,
    ranks,
    repeats,
    run_starts,
    taken,
)
from quizanalysis._intake.options import Earlier, Options, options_of
from quizanalysis._intake.points import points
from quizanalysis._intake.states import (
    GRADED,
    NOT_ATTEMPTED,
    NOT_GRADED,
    NOT_SHOWN,
    states,
)
from quizanalysis._intake.submissions import submissions_of
from quizanalysis.progress import QUIET, Meter

ANSWERED, BLANK, UNGRADED = GRADED, NOT_ATTEMPTED, NOT_GRADED
"""What a cell can be. An item that was not shown has no cell."""

MOST = 9e9
"""Points of one submission beyond this would not fit 64 bits as billionths."""

NULL_WORDS = ("NA", "N/A", "NaN", "nan", "NULL", "null", "None", "<NA>")
"""What R, numpy, SQL and Python write where there is no value.

A spreadsheet's ``#N/A`` is not among them: it is an error of a formula.
"""

_NAMED = ("student_id", "attempt", "quiz_id")


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
    state: Whole
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
            taken(self.position, rows),
            None if response is None else response.take(pa.array(rows)),
        )


@dataclass(frozen=True, slots=True)
class Tidy:
    """What a tidy table says, checked: the parts that `Responses` holds."""

    submissions: pa.Table
    items: pa.Table
    cells: Cells
    options: Options
    notes: Sequence[tuple[str, str, int]]


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
    meter: Meter = QUIET,
) -> Tidy:
    """Check everything, and note whatever is wrong."""
    table = with_quiz(table, quiz_id)
    quiz, quizzes = ids(findings, table, "responses", "quiz_id")
    meter.at(0.05)
    submission, starts, submissions = submissions_of(
        findings, table, quiz, quizzes, meter.within(0.05, 0.15)
    )
    meter.at(0.15)
    within = meter.within(0.15, 0.2)
    item, item_table = items_of(
        findings, table, items, quiz, quizzes, starts, quiz_id, within
    )
    meter.at(0.2)
    cells, rows = _cells(
        findings, table, submission, item, item_table, meter.within(0.2, 0.4)
    )
    item_table, most = _points_possible(item_table, cells, before)
    meter.at(0.45)
    _no_overflow(findings, submissions, cells, rows, most / NANO)
    # Without answers nobody asks who gave the right one.
    full = np.empty(0, bool)
    if cells.response is not None:
        full = _earned_in_full(cells, most)
    meter.at(0.5)
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
        meter.within(0.5, 0.9),
    )
    meter.at(0.9)
    _no_duplicates(findings, table, cells, rows)
    meter.at(0.95)
    notes = [("responses", "answered with a word such as NA", _null_words(cells))]
    return Tidy(submissions, item_table.drop_columns("options"), cells, options, notes)


def _cells(
    findings: Findings,
    table: pa.Table,
    submission: Ints,
    item: Ints,
    items: pa.Table,
    meter: Meter,
) -> tuple[Cells, Ints | None]:
    """Score and state of each response; those not shown fall out here.

    Also tells the row of each; None where they stand as in the table.
    """
    score, scored = points(findings, table, "responses", "score")
    meter.at(0.2)
    state = states(findings, table, scored)
    meter.at(0.4)
    response = _responses(table)
    meter.at(0.6)
    waiting = state == UNGRADED
    if waiting.any():
        score = np.where(waiting, 0, score)
    position = _positions(table, item, items)
    meter.at(0.8)
    rows = None
    if np.any(state == NOT_SHOWN):
        rows = np.flatnonzero(state != NOT_SHOWN)
    order = ordered(submission if rows is None else submission[rows])
    if order is not None:
        rows = order if rows is None else rows[order]
    cells = Cells(submission, item, score, state, position, response)
    return (cells if rows is None else cells.take(rows)), rows


def _positions(table: pa.Table, item: Ints, items: pa.Table) -> Ints:
    """Where each response stands: as given, else where its item does, else 0."""
    position = np.broadcast_to(np.int64(0), len(item))
    if items["position"].null_count < len(items):
        position = np.asarray(items["position"].fill_null(0), np.int64)[item]
    if "position" in table.column_names:
        place = whole(Findings(), table, "responses", "position", 0)
        position = np.where(place > 0, place, position)
    return position


def _responses(table: pa.Table) -> pa.ChunkedArray | None:
    """Responses as text or lists of text; a column without any is no column."""
    if "response" not in table.column_names:
        return None
    raw = table["response"]
    listed = pa.types.is_list(raw.type)
    words = raw.combine_chunks().flatten() if listed else codes(raw)[1]
    return raw if pc.any(pc.not_equal(words, "")).as_py() else None


def _null_words(cells: Cells) -> int:
    """Count the answers that read as some programs write a missing value."""
    said = cells.response
    if said is None or pa.types.is_list(said.type):
        return 0
    number, words = codes(said)
    null = np.flatnonzero(np.asarray(pc.is_in(words, pa.array(NULL_WORDS)), bool))
    return int(np.isin(number, null).sum()) if len(null) else 0


def _points_possible(
    items: pa.Table, cells: Cells, before: Before | None
) -> tuple[pa.Table, Ints]:
    """Where points possible are not given, take the best score seen, and say so."""
    given = items["points_possible"].combine_chunks()
    inferred = np.asarray(pc.is_null(given), bool)
    best = np.zeros(len(given), np.int64)
    if inferred.any():
        np.maximum.at(best, cells.item, cells.score)
    if before is not None:
        said = np.asarray(before.items["best"], np.int64)
        np.maximum.at(best, _places(items, before.items), said)
    value = np.where(inferred, best, np.asarray(given.fill_null(0), np.int64))
    return items.set_column(
        items.column_names.index("points_possible"),
        "points_possible",
        pa.array(value / NANO),
    ).append_column("points_inferred", pa.array(inferred)), value


def _earned_in_full(cells: Cells, points: Ints) -> Mask:
    most = points[cells.item]
    full: Mask = (cells.state != UNGRADED) & (cells.score >= most) & (most > 0)
    return full


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
    findings: Findings,
    submissions: pa.Table,
    cells: Cells,
    rows: Ints | None,
    points: Floats,
) -> None:
    """What one submission earned, or could have, must have a sum in 64 bits."""
    n = submissions.num_rows
    longest = _longest_run(cells.submission)
    size = max(-int(cells.score.min(initial=0)), int(cells.score.max(initial=0))) / NANO
    if longest * max(size, points.max(initial=0)) <= MOST:
        return
    earned = np.bincount(cells.submission, np.abs(cells.score) / NANO, n) > MOST
    worth = np.bincount(cells.submission, points[cells.item], n) > MOST
    for column, bad in (("score", earned), ("points_possible", worth & ~earned)):
        which = np.flatnonzero(bad)
        said = (texts(submissions[name].take(pa.array(which))) for name in _NAMED)
        student, attempt, quiz = said
        findings.flag(
            _rows_of(np.searchsorted(cells.submission, which), rows),
            at=np.arange(len(which)),
            table="responses",
            column=column,
            values=pc.binary_join_element_wise(
                "student ", student, ", attempt ", attempt, " of quiz ", quiz, ""
            ),
            message="a submission whose points add up to too large a number",
            hint=f"at most {MOST:,.0f} are kept exactly",
        )


def _rows_of(cells: Ints, rows: Ints | None) -> Ints:
    return cells if rows is None else rows[cells]


def _longest_run(key: Ints) -> int:
    starts = run_starts(key)
    return int(np.diff(starts, append=len(key)).max(initial=0))


def _no_duplicates(
    findings: Findings, table: pa.Table, cells: Cells, rows: Ints | None
) -> None:
    """An item may come twice in one attempt only at two positions."""
    n_items = int(cells.item.max(initial=0)) + 1
    if not len(repeats(cells.submission, cells.item, n_items)[0]):
        return
    number, _ = ranks(cells.submission, cells.item)
    _, apart = ranks(number, cells.position)
    placed = np.zeros(len(number), bool)
    placed[apart] = True
    findings.flag(
        _rows_of(np.flatnonzero(~placed), rows),
        table="responses",
        column="item_id",
        values=table["item_id"],
        message="the same quiz, student, attempt and item as an earlier row",
        hint="give `attempt`, or `position` where a question was drawn twice",
    )
