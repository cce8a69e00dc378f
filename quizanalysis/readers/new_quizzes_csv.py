"""student_analysis as Canvas exports it for New Quizzes (CSV)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Floats, Ints, Mask, codes, whole
from quizanalysis._intake.times import times
from quizanalysis.errors import DataError, Problem
from quizanalysis.readers._csv import Csv
from quizanalysis.readers._html import plain_text
from quizanalysis.readers._source import Request
from quizanalysis.readers._wide import (
    Column,
    Once,
    is_empty,
    is_test_student,
    long_rows,
    no_repeats,
    nulled,
    numbers,
    once_each,
    points_of_items,
    read_report,
    seconds,
    sections,
    student_ids,
    text_at,
    tidy_table,
    value_at,
)
from quizanalysis.responses import Responses

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


@dataclass(frozen=True, slots=True)
class _Item:
    """One block of five columns: where it starts, and what its cells say."""

    at: int
    ids: Column
    earned: Floats
    status: Ints


def known(header: Sequence[str]) -> bool:
    """Whether a header is the one of this format, be its width right or not."""
    names = tuple(name.strip().lower() for name in header[: len(LEAD)])
    return names == tuple(name.lower() for name in LEAD)


def read(request: Request, csv: Csv) -> Responses:
    """Read a student_analysis of New Quizzes.

    Columns go by position: 9 of the submission, 5 of each item, 5 at the end. An item
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
    blocks = _blocks(request, csv)
    width = len(csv.header)
    points = {*(at + _POINTS for at in blocks), width - 2, width - 1}
    header, cells = read_report(request, csv, points)
    findings = Findings()
    once, students, keep = _submissions(request, cells, findings)
    found = [_item(findings, request.table, cells, at, keep) for at in blocks]
    findings.stop_if_any()
    items = [item for item in found if item is not None]
    if len(keep) and not items:
        raise request.fault("no item was shown to anybody")
    row, place, shown = long_rows([i.status != _NOT_SHOWN for i in items], keep)
    item_id = text_at([item.ids for item in items], row, place)
    response = nulled(text_at([cells[i.at + _ANSWER] for i in items], row, place))
    earned = value_at([item.earned for item in items], row, place)
    status = value_at([item.status for item in items], row, place)
    each = {
        "item_id": item_id,
        "response": pc.if_else(shown, response, None),
        "score": pa.array(earned, from_pandas=True, mask=~shown),
        "status": pa.array(_WORDS).take(pa.array(status, pa.int64())),
        "position": pa.array(place + 1),
        "points_possible": points_of_items(once, row, item_id, earned, shown),
    }
    return request.responses(
        tidy_table(once, each, row),
        _items(header, cells, items),
        once_each(students, keep),
        exclusions=[("submissions", "test student", int(len(keep) - keep.sum()))],
    )


def _blocks(request: Request, csv: Csv) -> Sequence[int]:
    """Find where each item's five columns start; check all that is fixed."""
    count, rest = divmod(len(csv.header) - len(LEAD) - len(LAST), len(_BLOCK))
    if rest or count < 0:
        raise request.fault(
            "the columns are not 9, 5 for each item, and 5",
            value=len(csv.header),
            hint=f"the header should be {HEADER}",
        )
    expected = (*LEAD, *_BLOCK * count, *LAST)
    problems = [
        Problem(
            table=request.table,
            column=_column(at),
            message="another header than expected",
            value=name,
            hint=f"it should be {word}",
        )
        for at, (name, word) in enumerate(zip(csv.header, expected, strict=True))
        if word is not None and name.strip().lower() != word.lower()
    ]
    if problems:
        raise DataError(problems)
    return range(len(LEAD), len(csv.header) - len(LAST), len(_BLOCK))


def _submissions(
    request: Request, cells: Sequence[Column], findings: Findings
) -> tuple[dict[str, Once], pa.Table, Mask]:
    """Read what is said once per row; the students; and which rows to keep."""
    lead = pa.table(list(cells[: len(LEAD)]), names=list(LEAD))
    n, table = lead.num_rows, request.table
    student = student_ids(request, [lead["ID"], lead["SISID"]], n)
    attempt = whole(findings, lead, table, "Attempt", 1)
    keep = np.ones(n, bool)
    if not request.test_student:
        keep = ~is_test_student(lead["Name"])
    no_repeats(findings, table, student, attempt, keep)
    once: dict[str, Once] = {
        "student_id": student,
        "attempt": attempt,
        "submitted_at": times(findings, lead, table, "Submitted"),
        "elapsed_s": seconds(findings, table, "ElapsedTime", lead["ElapsedTime"]),
        "recorded_score": numbers(findings, table, LAST[-1], cells[-1]),
        "recorded_points_possible": numbers(findings, table, LAST[-2], cells[-2]),
    }
    students = {
        "student_id": student,
        "name": nulled(lead["Name"]),
        "sis_id": nulled(lead["SISID"]),
    } | {
        ours: sections(lead[name], lead["SectionIDs"], r",\s*")
        for name, ours in _SECTIONS.items()
    }
    return once, pa.table(students), keep


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
