"""Student Analysis as Canvas exports it for classic quizzes (CSV)."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Floats, Mask, whole
from quizanalysis._intake.times import times
from quizanalysis.errors import Problem
from quizanalysis.readers._csv import Csv
from quizanalysis.readers._source import Request
from quizanalysis.readers._wide import (
    Column,
    Once,
    is_empty,
    is_test_student,
    long_rows,
    no_repeats,
    nulled,
    numbered_attempts,
    numbers,
    once_each,
    read_report,
    sections,
    student_ids,
    text_at,
    tidy_table,
    value_at,
)
from quizanalysis.responses import Responses

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
_LAST = ["n correct", "n incorrect", "score"]
_QUESTION = re.compile(r"\s*([^\s:]+):\s?(.*)", re.DOTALL)
_NUMBER = re.compile(r"\s*([+-]?\d+(?:[.,]\d*)?)\s*", re.ASCII)
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
    """Whether a header is the one of this format."""
    names = [name.strip().lower() for name in header]
    return names[-3:] == _LAST and not {"submitted", "section"}.isdisjoint(names[:9])


def read(request: Request, csv: Csv) -> Responses:
    r"""Read a classic Student Analysis.

    Columns go by position, as their headers repeat. Every lead column is optional.
    A pair of empty cells is a question that was not shown, an empty answer with points
    is blank, an answer without points is not graded. Answers are kept as Canvas wrote
    them, with ``\,`` and ``=>``. ``score`` becomes the recorded score. A row without
    an id, of somebody who was not logged in, is a student of its own, by the file's
    name, what is in it, and the row (``logged-out-midterm-1f3a5c7e-3``); in an
    anonymous file each is (``row-midterm-1f3a5c7e-3``). Without the column ``attempt``,
    the rows of a student are counted by time.

    Canvas lists the left sides of a matching question without any match, the variables
    of a formula without a result and the commas between blanks that are all empty. Such
    an answer without points is blank, where all answers to the question are of that
    form. What Canvas does not write cannot be read: an essay that nobody has graded yet
    has 0.0 points here.

    There is no key in the file: items with few distinct answers get them as options,
    and those that earned full points are keyed; see `Responses.from_arrow`.
    """
    findings = Findings()
    places = _places(request, csv.header)
    points = {*(at + 1 for at in places), len(csv.header) - 1}
    header, cells = read_report(request, csv, points)
    questions = _questions(findings, request.table, header, places)
    findings.stop_if_any()
    once, students, keep = _submissions(request, header, cells, findings)
    answers = [cells[q.at] for q in questions]
    scores = _scores(findings, request.table, cells, questions)
    findings.stop_if_any()
    shown = [
        ~(is_empty(answer) & np.isnan(score))
        for answer, score in zip(answers, scores, strict=True)
    ]
    row, question, was_shown = long_rows(shown, keep)
    response = nulled(text_at(answers, row, question))
    blank = np.asarray(response.is_null(), bool)
    blank |= value_at(_unfilled(answers, scores), row, question) > 0
    status = np.where(was_shown, blank * 1, 2)
    each = {
        "item_id": pa.DictionaryArray.from_arrays(
            pa.array(question, pa.int32()), [q.item_id for q in questions]
        ),
        "response": response,
        "score": pa.array(value_at(scores, row, question), from_pandas=True),
        "status": pa.array(_STATUS).take(pa.array(status)),
    }
    return request.responses(
        tidy_table(once, each, row),
        _items(questions),
        once_each(students, keep),
        exclusions=[("submissions", "test student", int(len(keep) - keep.sum()))],
    )


def _unfilled(answers: Sequence[Column], scores: Sequence[Floats]) -> list[Mask]:
    """Where an answer of several parts has none of them, and no points."""
    return [
        _without_parts(answer) & (score <= 0)
        for answer, score in zip(answers, scores, strict=True)
    ]


def _without_parts(answers: Column) -> Mask:
    """Where every part is empty, if all answers have parts of one form."""
    for form, nothing in _FORMS:
        if pc.all(pc.match_substring_regex(answers, f"^({form})?$")).as_py():
            return np.asarray(pc.match_substring_regex(answers, f"^{nothing}$"), bool)
    return np.zeros(len(answers), bool)


def _places(request: Request, header: Sequence[str]) -> range:
    """Where the pairs are: between the lead columns and the last three."""
    names = [name.strip().lower() for name in header]
    start = next((i for i, name in enumerate(names) if name not in LEAD), 0)
    stop = len(names) - 3
    if names[stop:] != _LAST or stop <= start or (stop - start) % 2:
        raise request.fault(
            "not the columns of a Student Analysis",
            value=", ".join(header),
            hint=f"the header should be {HEADER}",
        )
    return range(start, stop, 2)


def _questions(
    findings: Findings, table: str, header: Sequence[str], places: range
) -> list[_Question]:
    """Read the headers of each pair."""
    questions = []
    for at in places:
        title, points = header[at : at + 2]
        found, worth = _QUESTION.fullmatch(title), _NUMBER.fullmatch(points)
        if found is None or worth is None:
            findings.add(
                Problem(
                    table=table,
                    column=f"{at + 1 + (found is not None)}",
                    value=title if found is None else points,
                    message="a header that is not a question's"
                    if found is None
                    else "a header that is not a question's points",
                    hint="'<id>: <text>', then the points, such as '1.0'",
                )
            )
            continue
        value = float(worth[1].replace(",", "."))
        questions.append(_Question(at, found[1], found[2], value))
    return questions


def _submissions(
    request: Request, header: Sequence[str], cells: list[Column], findings: Findings
) -> tuple[dict[str, Once], pa.Table, Mask]:
    """Read what is said once per row; the students; and which rows to keep."""
    names = [name.strip().lower() for name in header]
    # The last lead column of a name wins no more than the first: they are distinct.
    lead = pa.table({name: cells[names.index(name)] for name in LEAD if name in names})
    n = len(cells[0])
    student = student_ids(
        request,
        [lead[name] for name in ("id", "sis_id") if name in lead.column_names],
        n,
        "logged-out" if "id" in lead.column_names else "row",
    )
    submitted = times(findings, lead, request.table, "submitted")
    if "attempt" in lead.column_names:
        attempt = whole(findings, lead, request.table, "attempt", 1)
    else:
        attempt = numbered_attempts(student, submitted)
    keep = np.ones(n, bool)
    if "name" in lead.column_names and not request.test_student:
        keep = ~is_test_student(lead["name"])
    no_repeats(findings, request.table, student, attempt, keep)
    once: dict[str, Once] = {
        "student_id": student,
        "attempt": attempt,
        "submitted_at": submitted,
        "recorded_score": numbers(findings, request.table, "score", cells[-1]),
    }
    return once, _students(student, lead), keep


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


def _students(student: Column, lead: pa.Table) -> pa.Table:
    """Who they are; the sections only where there are such columns."""
    given = {"student_id": student}
    for name in ("name", "sis_id"):
        if name in lead.column_names:
            given[name] = nulled(lead[name])
    ids = lead["section_id"] if "section_id" in lead.column_names else None
    for name, ours in _SECTIONS.items():
        if name in lead.column_names:
            given[ours] = sections(lead[name], ids, ", ")
    return pa.table(given)
