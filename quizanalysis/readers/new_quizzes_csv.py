"""student_analysis as Canvas exports it for New Quizzes (CSV)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.attempts import AttemptGaps
from quizanalysis._intake.columns import Findings, Floats, Ints, Mask, codes
from quizanalysis._intake.times import times
from quizanalysis.errors import Problem
from quizanalysis.readers._consistency import compare_scores, note_no_names
from quizanalysis.readers._csv import Csv
from quizanalysis.readers._csv_rows import placing_rows
from quizanalysis.readers._extra_rows import Places
from quizanalysis.readers._html import plain_text
from quizanalysis.readers._missing_words import without_decimals, without_null_words
from quizanalysis.readers._report_columns import (
    Layout,
    column_key,
    is_empty,
    pass_over,
    refuse_columns,
)
from quizanalysis.readers._source import FOUND, PARSED, Request
from quizanalysis.readers._unique_headers import Scheme, original_name, restore_titles
from quizanalysis.readers._wide import (
    Column,
    Once,
    Report,
    blank_null_words,
    long_rows,
    nulled,
    numbers,
    once_each,
    points_of_items,
    read_attempts,
    read_report,
    refuse_same_rows,
    seconds,
    sections,
    student_ids,
    text_at,
    tidy_table,
    value_at,
    whose,
)
from quizanalysis.responses import Exclusion, Responses
from quizanalysis.schema import TIMESTAMP

LEAD = (
    "Name",
    "ID",
    "SISID",
    "SectionIDs",
    "SectionNames",
    "SectionSISIDs",
    "Submitted",
    "ElapsedTime",
    "Attempt",
)
LAST = (
    "NumberOfCorrect",
    "NumberOfIncorrect",
    "NoResponse",
    "PointsPossible",
    "OverallScore",
)
_BLOCK = ("ItemID", "ItemType", None, "EarnedPoints", "Status")
_TYPE, _ANSWER, _POINTS, _STATUS = 1, 2, 3, 4
_FIXED = {word.lower() for word in _BLOCK if word is not None}
_RECORDED = {
    "OverallScore": "recorded_score",
    "PointsPossible": "recorded_points_possible",
}

HEADER = ",".join((*LEAD, "ItemID,ItemType,<question>,EarnedPoints,Status", "…", *LAST))
"""What the header looks like, for messages."""

_STATUSES = ("graded", "not graded", "not attempted", "not shown")
_GRADED, _NOT_SHOWN, _NONE, _UNKNOWN = 0, 3, 4, 5
_WORDS = [*(word.replace(" ", "_") for word in _STATUSES), None]

_SECTIONS = {
    "SectionIDs": "section_ids",
    "SectionNames": "section_names",
    "SectionSISIDs": "section_sis_ids",
}


_KEYS = {column_key(name): name for name in (*LEAD, *LAST)}
_STUDENT = {"id": "ID", "sis_id": "SISID", "name": "Name", "attempt": "Attempt"}
_IDS = ("SISID", "SectionIDs", "SectionSISIDs", "Submitted", "Attempt")
_IDENTITY = {"id": ("ID", "SISID"), "time": ("Submitted",), "attempt": ("Attempt",)}


@dataclass(frozen=True, slots=True)
class _Item:
    """One block of five columns: where it starts, and what its cells say."""

    at: int
    ids: Column
    earned: Floats
    status: Ints


def known(header: Sequence[str]) -> bool:
    """Whether a header is the one of this format, be it whole or not."""
    names = [_fixed_name(name) for name in header]
    return "itemid" in names and "earnedpoints" in names


def nearness(header: Sequence[str]) -> tuple[int, str, str]:
    """Say how many columns are of this format, what is missing, and how to mend it."""
    names = [_fixed_name(name) for name in header]
    n = sum(name in _FIXED for name in names)
    n += sum(column_key(name) in _KEYS for name in header)
    absent = [word for word in ("ItemID", "EarnedPoints") if word.lower() not in names]
    return (
        n,
        f"it has no column {' or '.join(absent)}",
        f"the header should be {HEADER}",
    )


def read(request: Request, csv: Csv) -> Responses:
    """Read a student_analysis of New Quizzes.

    The five columns of an item go by position; those of the submission, before the
    first item and behind the last one, by name, and each of them is optional. An item
    is not shown where its status says so or answer, points and status are all empty;
    five columns that no row was shown need no ``ItemID``, and are passed over then.
    ``ElapsedTime`` may be beyond 24 hours. ``OverallScore`` and ``PointsPossible``
    become the recorded score and points possible. Questions are HTML, titles their
    plain text in one line. A row without an id is a student of its own, by the file's
    name, what is in it, and the row (``row-midterm-1f3a5c7e-3``).

    The file says what whole submissions are out of, not what each item is worth. That
    follows where the best scores of a submission's items add up to what it is out of
    (an answer earns no more than its item is worth), or where all other items of a
    submission are known. Elsewhere the best score seen takes its place. There is no
    key: the answers that earned full points are keyed.
    """
    layout = _layout(csv.header)
    _check_layout(request, csv, layout)
    points = {*(at + _POINTS for at in layout.starts), *layout.of(*_RECORDED)}
    report = read_report(request, csv, points, _places(layout))
    with placing_rows(csv, report.records):
        return _responses(request, report, layout)


def _places(layout: Layout) -> Places:
    identity = {what: layout.of(*names) for what, names in _IDENTITY.items()}
    # Id and type of an item may stand in every row, be there a submission or not.
    cells = (_ANSWER, _POINTS, _STATUS)
    items = [at + part for at in layout.starts for part in cells]
    return Places(
        {what: places for what, places in identity.items() if places},
        [at + _ANSWER for at in layout.starts],
        layout.of(*_IDS),
        [*layout.places.values(), *items],
    )


def _responses(request: Request, report: Report, layout: Layout) -> Responses:
    findings, meter = Findings(), request.meter.within(PARSED, FOUND)
    meter.at(0.1)
    header, cells, table = report.header, report.cells, request.table
    scheme, n = _scheme(header)
    program = "" if scheme is None else scheme.program
    notes, wrong = pass_over(header, cells, *layout.split_others(LAST))
    notes.append(("columns", f"names that {program} made unique, numbers taken off", n))
    refuse_columns(findings, table, header, wrong, LEAD)
    findings.stop_if_any()
    for at in layout.starts:
        for part in (0, _TYPE, _STATUS) if report.na else ():
            cells[at + part] = without_null_words(cells[at + part])
        cells[at] = without_decimals(cells[at])
    notes += blank_null_words(
        findings,
        report,
        table,
        [(at + _ANSWER, at + _POINTS, _column(at)) for at in layout.starts],
    )
    meter.at(0.25)
    once, students, keep, gaps, own = _submissions(request, report, layout, findings)
    meter.at(0.4)
    found = [_item(findings, table, cells, at, keep) for at in layout.starts]
    findings.stop_if_any()
    items = [item for item in found if item is not None]
    if len(keep) and not items:
        raise request.fault("no item was shown to anybody")
    earned_of = [item.earned for item in items]
    notes += compare_scores(earned_of, once, keep)
    meter.at(0.5)
    row, place, shown = long_rows([i.status != _NOT_SHOWN for i in items], keep)
    meter.at(0.55)
    item_id = text_at([item.ids for item in items], row, place)
    meter.at(0.65)
    response = nulled(text_at([cells[i.at + _ANSWER] for i in items], row, place))
    meter.at(0.75)
    earned = value_at([item.earned for item in items], row, place)
    status = value_at([item.status for item in items], row, place)
    each = {
        "item_id": item_id,
        "response": pc.if_else(shown, response, None),
        "score": pa.array(earned, from_pandas=True, mask=~shown),
        "status": pa.array(_WORDS).take(pa.array(status, pa.int64())),
        "position": pa.array(place + 1),
    }
    meter.at(0.85)
    if "recorded_points_possible" in once:
        worth = points_of_items(once, row, item_id, earned, shown)
        each["points_possible"] = worth
    tested = ("submissions", "test student", int(len(keep) - keep.sum()))
    return request.responses(
        tidy_table(once, each, row),
        _items(restore_titles(header, scheme), cells, items),
        once_each(students, keep),
        exclusions=[tested, *report.exclusions],
        notes=[*report.notes, *notes, *own],
        rows=row,
        gaps=gaps,
    )


def _fixed_name(name: str) -> str:
    """Return which of an item's four fixed names a header is, numbered or not."""
    return original_name(name.strip().lower(), _FIXED)[0]


def _scheme(header: Sequence[str]) -> tuple[Scheme | None, int]:
    """Tell which program numbered the names that items repeat, and how many."""
    found = [original_name(name.strip().lower(), _FIXED)[1] for name in header]
    schemes = [scheme for scheme in found if scheme is not None]
    return (schemes[0] if schemes else None), len(schemes)


def _layout(header: Sequence[str]) -> Layout:
    """Tell the columns apart: by name, or as the five of an item."""
    layout, at = Layout(width=len(_BLOCK)), 0
    while at < len(header):
        block = [_fixed_name(name) for name in header[at : at + len(_BLOCK)]]
        name = _KEYS.get(column_key(header[at]))
        if block[0] == "itemid":
            absent = [
                word
                for place, word in enumerate(_BLOCK)
                if word is not None and word.lower() not in block[place : place + 1]
            ]
            if absent:
                words = ", ".join(absent)
                layout.wrong.append((at, f"an item without its column {words}"))
            else:
                layout.starts.append(at)
                at += len(_BLOCK) - 1
        elif name is not None:
            layout.take_named(name, at)
        else:
            layout.others.append(at)
        at += 1
    return layout


def _check_layout(request: Request, csv: Csv, layout: Layout) -> None:
    """Refuse columns that are there twice, and items without all of their five."""
    findings, hint = Findings(), f"the header should be {HEADER}"
    layout.refuse_wrong(findings, request.table, csv.header, hint, _column)
    findings.stop_if_any()
    if not layout.starts:
        raise request.fault("no item has its five columns", hint=hint)


def _submissions(
    request: Request, report: Report, layout: Layout, findings: Findings
) -> tuple[dict[str, Once], pa.Table, Mask, AttemptGaps, list[Exclusion]]:
    """Read what is said once per row; the students; and which rows to keep."""
    lead = {
        name: without_null_words(report.cells[at])
        if name in {"Submitted", "ElapsedTime", "Attempt"} or report.na
        else report.cells[at]
        for name, at in layout.places.items()
        if name in LEAD
    }
    for name in lead.keys() & {"ID", "SISID", "Attempt"}:
        lead[name] = without_decimals(lead[name])
    table = request.table
    ids = [lead[name] for name in ("ID", "SISID") if name in lead]
    student, notes = student_ids(request, ids, len(report.records))
    submitted = times(findings, pa.table(lead), table, "Submitted")
    if len(submitted) < len(student):
        submitted = pa.nulls(len(student), TIMESTAMP)
    attempt, keep, gaps = read_attempts(
        findings, request, lead, _STUDENT, student, submitted
    )
    if (owner := whose(lead, _STUDENT)) is not None:
        refuse_same_rows(findings, table, report, owner, keep)
    notes += note_no_names("Name" in lead)
    once: dict[str, Once] = {
        "student_id": student,
        "attempt": attempt,
        "submitted_at": submitted,
    }
    if "ElapsedTime" in lead:
        once["elapsed_s"] = seconds(findings, table, "ElapsedTime", lead["ElapsedTime"])
    for name, ours in _RECORDED.items():
        for at in layout.of(name):
            once[ours] = numbers(findings, table, name, report.cells[at])
    return once, _students(student, lead), keep, gaps, notes


def _students(student: Column, lead: Mapping[str, Column]) -> pa.Table:
    """Who they are, as far as the file has such columns."""
    students = {"student_id": student}
    for name, ours in (("Name", "name"), ("SISID", "sis_id")):
        if name in lead:
            students[ours] = nulled(lead[name])
    for name, ours in _SECTIONS.items():
        if name in lead:
            students[ours] = sections(lead[name], lead.get("SectionIDs"), r",\s*")
    return pa.table(students)


def _column(at: int) -> str:
    return f"column {at + 1}"


def _item(
    findings: Findings, table: str, cells: Sequence[Column], at: int, keep: Mask
) -> _Item | None:
    """Read a block; without any id it is no item, unless somebody was shown it."""
    block = cells[at : at + len(_BLOCK)]
    place = f"{_column(at + _POINTS)}, EarnedPoints"
    earned = numbers(findings, table, place, block[_POINTS])
    status = _status(findings, table, block, earned, at)
    given = nulled(block[0])
    first = given.drop_null()[:1].to_pylist()
    if not first:
        shown = np.flatnonzero(keep & (status != _NOT_SHOWN))
        if len(shown) == 0:
            return None
        findings.add(
            Problem(
                table=table,
                column=_column(at),
                row=int(shown[0]),
                message="an item without ItemID",
                hint="give the ItemID in one row at least, or the status Not Shown",
            )
        )
    # A cell without an id has the first one of the block.
    return _Item(at, given.fill_null("".join(first)), earned, status)


def _status(
    findings: Findings, table: str, block: Sequence[Column], earned: Floats, at: int
) -> Ints:
    """Give each status word its number; nothing at all is not shown."""
    number, words = codes(block[_STATUS])
    known = {word: i for i, word in enumerate(_STATUSES)} | {"": _NONE}
    meant = [known.get(word.strip().lower(), _UNKNOWN) for word in words.to_pylist()]
    status = np.array([*meant, _NONE])[number]
    nothing = is_empty(block[_ANSWER]) & np.isnan(earned)
    status[(status == _NONE) & nothing] = _NOT_SHOWN
    findings.flag(
        np.flatnonzero(status == _UNKNOWN),
        table=table,
        column=_column(at + _STATUS),
        values=block[_STATUS],
        message="an unknown status",
        hint=f"known are {', '.join(_STATUSES)}",
    )
    points = block[_POINTS]
    if pa.types.is_string(points.type):
        points = pc.utf8_trim_whitespace(points)
    findings.flag(
        np.flatnonzero((status == _GRADED) & is_empty(points)),
        table=table,
        column=_column(at + _POINTS),
        values=block[_POINTS],
        message="graded, but without points",
        hint="give the points, or the status Not Graded",
    )
    return status.astype(np.int64)


def _items(
    header: Sequence[str], cells: Sequence[Column], items: Sequence[_Item]
) -> pa.Table:
    """Describe each item by the first block that has its id."""
    described: dict[str, tuple[int, str | None, str | None]] = {}
    for position, item in enumerate(items, 1):
        kinds = nulled(cells[item.at + _TYPE]).drop_null()[:1].to_pylist()
        kind = kinds[0] if kinds else None
        title = plain_text(header[item.at + _ANSWER]) or None
        for name in item.ids.unique().to_pylist():
            described.setdefault(name, (position, title, kind))
    rows = described.values()
    return pa.table(
        {
            "item_id": pa.array(described, pa.string()),
            "position": pa.array([row[0] for row in rows], pa.int64()),
            "title": pa.array([row[1] for row in rows], pa.string()),
            "item_type": pa.array([row[2] for row in rows], pa.string()),
        }
    )
