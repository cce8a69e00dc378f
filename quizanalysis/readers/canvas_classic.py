"""Student Analysis as Canvas exports it for classic quizzes (CSV)."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.attempts import AttemptGaps
from quizanalysis._intake.columns import Findings, Floats, Mask
from quizanalysis._intake.times import times
from quizanalysis.progress import Meter
from quizanalysis.readers._consistency import (
    compare_answers,
    compare_counts,
    compare_scores,
    note_no_names,
)
from quizanalysis.readers._csv import Csv
from quizanalysis.readers._csv_rows import placing_rows
from quizanalysis.readers._extra_rows import Places
from quizanalysis.readers._missing_words import (
    number_cells,
    without_decimals,
    without_null_words,
)
from quizanalysis.readers._question_points import (
    NUMBER,
    points_of_headers,
)
from quizanalysis.readers._report_columns import (
    Layout,
    column_key,
    is_empty,
    is_unnamed,
    pass_over,
    refuse_columns,
)
from quizanalysis.readers._source import FOUND, PARSED, Request
from quizanalysis.readers._unique_headers import Scheme, restore_titles
from quizanalysis.readers._wide import (
    Column,
    Once,
    Report,
    blank_null_words,
    long_rows,
    nulled,
    numbers,
    once_each,
    read_attempts,
    read_report,
    refuse_same_rows,
    sections,
    student_ids,
    text_at,
    tidy_table,
    value_at,
    whose,
)
from quizanalysis.responses import Exclusion, Responses
from quizanalysis.schema import TIMESTAMP

HEADER = (
    "name,id,…,section,…,submitted,attempt,<id>: <question>,<points>,…,"
    "n correct,n incorrect,score"
)
"""What the header looks like, for messages."""

LEAD = (
    "name",
    "id",
    "sis_id",
    "root_account",
    "section",
    "section_id",
    "section_sis_id",
    "submitted",
    "attempt",
)
LAST = ("n correct", "n incorrect", "score")
_KEYS = {column_key(name): name for name in (*LEAD, *LAST)}
_IDENTITY = {"id": ("id", "sis_id"), "time": ("submitted",), "attempt": ("attempt",)}
_IDS = ("sis_id", "section_id", "section_sis_id", "submitted", "attempt")
_QUESTION = re.compile(r"\s*([^\s:]+):\s?(.*)", re.DOTALL)
_R_QUESTION = re.compile(r"X(\d+)\.{1,2}(.*)", re.DOTALL)
_POINTS = re.compile(rf"X?{NUMBER}(?:\D{{1,14}})?(?:\d{{1,6}}\)?)?", re.ASCII)
_STATUS = [None, "not_attempted", "not_shown"]
_PART = r"(?:\\,|[^,])*"
_PAIR = f"{_PART}=>{_PART}"
_LEFT = r"(?:(?:\\,|[^,])*(?:\\,|[^\\,]))?=>"
_FORMS = (
    (f"{_PAIR}(?:,{_PAIR})*", f"{_LEFT}(?:,{_LEFT})*"),
    (f"{_PAIR}(?:,{_PAIR})*,{_PART}", f"{_PAIR}(?:,{_PAIR})*,"),
    (f"{_PART}(?:,{_PART})+", ",+"),
)
"""Answers of several parts, and what they are when every part is empty."""

_SECTIONS = {
    "section": "section_names",
    "section_id": "section_ids",
    "section_sis_id": "section_sis_ids",
}


@dataclass(frozen=True, slots=True)
class _Question:
    """One pair of columns: where it is, and what its header says."""

    at: int
    item_id: str
    title: str
    points: float


def known(header: Sequence[str]) -> bool:
    """Whether a header is the one of this format, be it whole or not."""
    layout = _layout(header)
    known_lead = len(layout.of(*LEAD))
    if layout.starts:
        return known_lead > 0
    return len(layout.of(*LAST)) == len(LAST) and bool(
        layout.of("submitted", "section")
    )


def nearness(header: Sequence[str]) -> tuple[int, str, str]:
    """Say how many columns are of this format, what is missing, and how to mend it."""
    layout = _layout(header)
    return (
        len(layout.places) + 2 * len(layout.starts),
        "it has no column of a question, '<id>: <text>', with its points behind it"
        if not layout.starts
        else f"it has none of the columns {', '.join(LEAD)}",
        f"the header should be {HEADER}",
    )


def read(request: Request, csv: Csv) -> Responses:
    r"""Read a classic Student Analysis.

    Columns go by position, as their headers repeat. Every lead column is optional.
    A pair of empty cells is a question that was not shown, an empty answer with points
    is blank, an answer without points is not graded. Answers are kept as Canvas wrote
    them, with ``\,`` and ``=>``. ``score`` becomes the recorded score. A row without
    an id, of somebody who was not logged in, is a student of its own, by the file's
    name, what is in it, and the row (``logged-out-midterm-1f3a5c7e-3``); in an
    anonymous file each is (``row-midterm-1f3a5c7e-3``). Without the column ``attempt``,
    the rows of a student are counted by time; where there is none either, the choice
    of an attempt is refused later, see `Responses.attempts`.

    Numbers that a program put behind repeated headers are taken off, and columns
    behind ``score``, row numbers in front, empty columns and rows, and rows of a
    summary are passed over; what is passed over or undone stands in
    ``Responses.left_out``. Anything else that Canvas does not write is refused, as are
    rows that contradict ``n correct`` and ``n incorrect``.

    Canvas lists the left sides of a matching question without any match, the variables
    of a formula without a result and the commas between blanks that are all empty. Such
    an answer without points is blank, where all answers to the question are of that
    form. What Canvas does not write cannot be read: an essay that nobody has graded yet
    has 0.0 points here.

    There is no key in the file: items with few distinct answers get them as options,
    and those that earned full points are keyed; see `Responses.from_arrow`.
    """
    layout = _layout(csv.header)
    _check_layout(request, csv, layout)
    points = {*(at + 1 for at in layout.starts), *layout.of("score")}
    report = read_report(request, csv, points, _places(layout))
    with placing_rows(csv, report.records):
        return _responses(request, report, layout)


def _places(layout: Layout) -> Places:
    identity = {what: layout.of(*names) for what, names in _IDENTITY.items()}
    questions = [place for at in layout.starts for place in (at, at + 1)]
    return Places(
        {what: places for what, places in identity.items() if places},
        layout.starts,
        layout.of(*_IDS),
        [*layout.places.values(), *questions],
    )


def _responses(request: Request, report: Report, layout: Layout) -> Responses:
    findings, meter = Findings(), request.meter.within(PARSED, FOUND)
    meter.at(0.1)
    others = layout.split_others(LAST)
    notes, wrong = pass_over(report.header, report.cells, *others)
    refuse_columns(findings, request.table, report.header, wrong, LEAD)
    questions, more, scheme = _questions(findings, request.table, report, layout)
    findings.stop_if_any()
    notes += more + blank_null_words(
        findings,
        report,
        request.table,
        [(q.at, q.at + 1, q.item_id) for q in questions],
    )
    meter.at(0.2)
    once, students, keep, gaps, own = _submissions(request, report, layout, findings)
    meter.at(0.4)
    cells = report.cells
    answers = [cells[q.at] for q in questions]
    scores = _scores(findings, request.table, cells, questions)
    meter.at(0.45)
    findings.stop_if_any()
    shown = [
        ~(is_empty(answer) & np.isnan(score))
        for answer, score in zip(answers, scores, strict=True)
    ]
    notes += _compare(findings, request.table, report, layout, shown, keep)
    if scheme is not None:
        names, points = [q.item_id for q in questions], [q.points for q in questions]
        notes += compare_answers(
            findings, request.table, names, answers, scores, points
        )
    findings.stop_if_any()
    notes += compare_scores(scores, once, keep)
    meter.at(0.5)
    row, question, was_shown = long_rows(shown, keep)
    meter.at(0.55)
    response = nulled(text_at(answers, row, question))
    meter.at(0.7)
    blank = np.asarray(response.is_null(), bool)
    unfilled = _unfilled(answers, scores, meter.within(0.7, 0.9))
    blank |= value_at(unfilled, row, question) > 0
    status = np.where(was_shown, blank * 1, 2)
    each = {
        "item_id": pa.DictionaryArray.from_arrays(
            pa.array(question, pa.int32()), [q.item_id for q in questions]
        ),
        "response": response,
        "score": pa.array(value_at(scores, row, question), from_pandas=True),
        "status": pa.array(_STATUS).take(pa.array(status)),
    }
    tested = ("submissions", "test student", int(len(keep) - keep.sum()))
    return request.responses(
        tidy_table(once, each, row),
        _items(questions),
        once_each(students, keep),
        exclusions=[tested, *report.exclusions],
        notes=[*report.notes, *notes, *own],
        rows=row,
        gaps=gaps,
    )


def _compare(
    findings: Findings,
    table: str,
    report: Report,
    layout: Layout,
    shown: Sequence[Mask],
    keep: Mask,
) -> list[Exclusion]:
    """Hold the answers of each row against the report's own counts of them."""
    counts = []
    for at in layout.of(*LAST[:2]):
        plain, _ = number_cells(report.cells[at], decimal_comma=True)
        # No figure needs them, so one that is no number is no fault.
        counts.append(numbers(Findings(), table, report.header[at], plain))
    return compare_counts(findings, table, shown, counts, keep)


def _unfilled(
    answers: Sequence[Column], scores: Sequence[Floats], meter: Meter
) -> list[Mask]:
    """Where an answer of several parts has none of them, and no points."""
    found: list[Mask] = []
    for answer, score in zip(answers, scores, strict=True):
        found.append(_without_parts(answer) & (score <= 0))
        meter.at(len(found), len(answers))
    return found


def _without_parts(answers: Column) -> Mask:
    """Where every part is empty, if all answers have parts of one form."""
    for form, nothing in _FORMS:
        if pc.all(pc.match_substring_regex(answers, f"^({form})?$")).as_py():
            return np.asarray(pc.match_substring_regex(answers, f"^{nothing}$"), bool)
    return np.zeros(len(answers), bool)


def _layout(header: Sequence[str]) -> Layout:
    """Tell the columns apart: by name, or as a question and its points."""
    layout, at = Layout(width=2), 0
    while at < len(header):
        name = _KEYS.get(column_key(header[at]))
        if name is not None:
            layout.take_named(name, at)
        elif _is_question(header[at]):
            if at + 1 < len(header) and _POINTS.fullmatch(header[at + 1].strip()):
                layout.starts.append(at)
                at += 1
            else:
                layout.wrong.append((at, "a question without points behind it"))
        else:
            layout.others.append(at)
            if _POINTS.fullmatch(header[at].strip()):
                layout.numbers.append(at)
        at += 1
    return layout


def _is_question(name: str) -> bool:
    if is_unnamed(name):  # "Unnamed: 0" has the form of a question
        return False
    return bool(_QUESTION.fullmatch(name) or _R_QUESTION.fullmatch(name))


def _check_layout(request: Request, csv: Csv, layout: Layout) -> None:
    """Refuse columns that are there twice, and questions without their points."""
    findings, header = Findings(), csv.header
    hint = f"the header should be {HEADER}"
    layout.refuse_wrong(findings, request.table, header, hint, header.__getitem__)
    findings.stop_if_any()
    if not layout.starts:
        _, message, hint = nearness(csv.header)
        raise request.fault(message, hint=hint)


def _questions(
    findings: Findings, table: str, report: Report, layout: Layout
) -> tuple[list[_Question], list[Exclusion], Scheme | None]:
    """Read the headers of each pair; tell which scheme was undone in them."""
    titles = [report.header[at] for at in layout.starts]
    names = [report.header[at + 1] for at in layout.starts]
    best = np.array(
        [
            np.fmax.reduce(
                numbers(Findings(), table, "", report.cells[at + 1]), initial=np.nan
            )
            for at in layout.starts
        ]
    )
    points, scheme, notes = points_of_headers(findings, table, names, best)
    parts = [_title(title) for title in titles]
    questions = [
        _Question(at, item_id, title, float(worth))
        for at, (item_id, title), worth in zip(
            layout.starts, _originals(parts, scheme), points, strict=True
        )
    ]
    return questions, notes, scheme


def _title(header: str) -> tuple[str, str]:
    """Take the header of a question apart: its id and its text."""
    found = _QUESTION.fullmatch(header)
    if found is not None:
        return found[1], found[2]
    found = _R_QUESTION.fullmatch(header)
    assert found is not None  # noqa: S101  the layout has only such headers
    # R puts a dot where a name may not have what was there.
    return found[1], " ".join(found[2].replace(".", " ").split())


def _originals(
    parts: Sequence[tuple[str, str]], scheme: Scheme | None
) -> list[tuple[str, str]]:
    """Take the number off a title that an earlier question has as well."""
    whole_titles = [f"{item_id}: {title}" for item_id, title in parts]
    restored = restore_titles(whole_titles, scheme)
    return [_title(title) for title in restored]


def _submissions(
    request: Request, report: Report, layout: Layout, findings: Findings
) -> tuple[dict[str, Once], pa.Table, Mask, AttemptGaps, list[Exclusion]]:
    """Read what is said once per row; the students; and which rows to keep."""
    lead = _lead(report, layout)
    ids = [lead[name] for name in ("id", "sis_id") if name in lead]
    kind = "logged-out" if "id" in lead else "row"
    student, notes = student_ids(request, ids, len(report.records), kind)
    submitted = times(findings, pa.table(lead), request.table, "submitted")
    if len(submitted) < len(student):
        submitted = pa.nulls(len(student), TIMESTAMP)
    attempt, keep, gaps = read_attempts(
        findings, request, lead, {name: name for name in LEAD}, student, submitted
    )
    if (owner := whose(lead, {name: name for name in LEAD})) is not None:
        refuse_same_rows(findings, request.table, report, owner, keep)
    notes += note_no_names("name" in lead)
    once: dict[str, Once] = {
        "student_id": student,
        "attempt": attempt,
        "submitted_at": submitted,
    }
    for at in layout.of("score"):
        once["recorded_score"] = numbers(
            findings, request.table, "score", report.cells[at]
        )
    return once, _students(student, lead), keep, gaps, notes


def _lead(report: Report, layout: Layout) -> dict[str, Column]:
    """Take the lead columns; NA is nothing where the file writes it so."""
    lead = {}
    for name in LEAD:
        if name in layout.places:
            column = report.cells[layout.places[name]]
            empty_words = name in {"submitted", "attempt"} or report.na
            lead[name] = without_null_words(column) if empty_words else column
    for name in lead.keys() & {"id", "sis_id", "attempt"}:
        lead[name] = without_decimals(lead[name])
    return lead


def _scores(
    findings: Findings,
    table: str,
    cells: Sequence[Column],
    questions: Sequence[_Question],
) -> list[Floats]:
    return [
        numbers(findings, table, f"points of {q.item_id}", cells[q.at + 1])
        for q in questions
    ]


def _items(questions: list[_Question]) -> pa.Table:
    return pa.table(
        {
            "item_id": pa.array([q.item_id for q in questions], pa.string()),
            "position": pa.array(range(1, len(questions) + 1), pa.int64()),
            "title": pa.array([q.title for q in questions], pa.string()),
            "points_possible": pa.array([q.points for q in questions], pa.float64()),
        }
    )


def _students(student: Column, lead: Mapping[str, Column]) -> pa.Table:
    """Who they are; the sections only where there are such columns."""
    given = {"student_id": student}
    for name in ("name", "sis_id"):
        if name in lead:
            given[name] = nulled(lead[name])
    for name, ours in _SECTIONS.items():
        if name in lead:
            given[ours] = sections(lead[name], lead.get("section_id"), ", ")
    return pa.table(given)
