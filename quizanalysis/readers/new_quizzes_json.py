"""student_analysis as Canvas exports it for New Quizzes (JSON)."""

from collections.abc import Sequence
from itertools import chain

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.attempts import AttemptGaps
from quizanalysis._intake.columns import Findings, Ints, Mask
from quizanalysis._intake.times import times
from quizanalysis.readers._json import Record, answers, parsed, records, texts
from quizanalysis.readers._report_columns import is_empty
from quizanalysis.readers._source import Request, renumbering
from quizanalysis.readers._wide import (
    Column,
    Once,
    nulled,
    numbers,
    once_each,
    points_of_items,
    read_attempts,
    seconds,
    student_ids,
    tidy_table,
)
from quizanalysis.responses import Exclusion, Responses

HEADER = '[{"student_data": {…}, "item_responses": [{…}], "summary": {…}}, …]'
"""What the file looks like, for messages."""

_HINT = f"expected {HEADER}; export it once more"

BY_HAND = ("essay", "file-upload")
"""Types of items that nobody but a person grades."""

_STATUS = [None, "not_graded", "not_attempted", "not_shown"]
_GRADED, _NOT_GRADED, _NOT_ATTEMPTED, _NOT_SHOWN = range(4)


def read(request: Request, data: bytes) -> Responses:
    """Read a student_analysis of New Quizzes in JSON.

    An array of records, one for each attempt, or an object with that array under one
    of its keys. An item that is not in a record was not shown, nor one that has neither
    an answer nor a score there; an answer that is empty or null and has a score, as
    Canvas gives to what was left out, is blank.

    The file does not say what is graded. Canvas writes the points of a graded answer
    with a decimal point, ``0.0``, and a whole ``0`` for an essay or an upload that
    nobody has graded yet; so an answer of these types with the whole number 0, or with
    null, counts as not graded. An answer that was graded with ``0.0`` is not affected.

    The file has neither titles nor a key, and the points possible of whole submissions
    only: see `new_quizzes_csv.read` for what follows from them. A record without an id
    is a student of its own, by the file's name, what is in it, and its place
    (``row-midterm-1f3a5c7e-3``).
    """
    with renumbering(lambda row: row + 1):
        root = parsed(request, data)
        attempts = records(request, _array(request, root), "an attempt", _HINT)
        return _read_attempts(request, attempts)


def _read_attempts(request: Request, attempts: Sequence[Record]) -> Responses:
    findings = Findings()
    once, students, keep, gaps, notes = _submissions(request, attempts, findings)
    given = [_list(attempt.get("item_responses")) for attempt in attempts]
    sizes = np.array([len(part) for part in given], np.int64)
    flat = records(
        request, list(chain.from_iterable(given)), "an item's response", _HINT
    )
    each = _responses(request, flat, findings)
    findings.stop_if_any()
    if len(flat) == 0 and keep.any():
        raise request.fault("no item was shown to anybody", hint=f"expected {HEADER}")
    each, row, shown = _in_order(each, sizes, keep)
    earned = np.asarray(each["score"].fill_null(np.nan), np.float64)
    each["points_possible"] = points_of_items(
        once, row, each["item_id"], earned, shown & keep[row]
    )
    tidy = tidy_table(once, each, row)
    return request.responses(
        tidy.filter(pa.array(keep[row])),
        students=once_each(students, keep),
        exclusions=[("submissions", "test student", int(len(keep) - keep.sum()))],
        notes=notes,
        rows=row[keep[row]],
        gaps=gaps,
    )


def known(data: bytes) -> bool:
    """Whether the file looks like this format."""
    return b'"student_data"' in data and b'"item_responses"' in data


def _array(request: Request, root: object) -> Sequence[object]:
    """Find the array of records: the root, or the one array under it."""
    if isinstance(root, list):
        return root
    under = root.values() if isinstance(root, dict) else ()
    arrays = [value for value in under if isinstance(value, list)]
    if len(arrays) != 1:
        raise request.fault(
            "not an array of attempts, nor an object that holds one",
            hint=f"expected {HEADER}",
        )
    return arrays[0]


def _list(value: object) -> list[object]:
    """Take nothing for an empty list; what is no list is refused later, as a whole."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _objects(request: Request, parents: Sequence[Record], key: str) -> Sequence[Record]:
    """Take each record's part under a key; nothing is an empty part."""
    return records(request, [part.get(key) or {} for part in parents], key, _HINT)


def _either(parts: Sequence[Record], *keys: str) -> list[object]:
    """Take each part's value under the first of the keys that it has."""
    first, *others = keys
    values = [part.get(first) for part in parts]
    for key in others:
        values = [
            part.get(key) if value is None else value
            for part, value in zip(parts, values, strict=True)
        ]
    return values


def _submissions(
    request: Request, attempts: Sequence[Record], findings: Findings
) -> tuple[dict[str, Once], pa.Table, Mask, AttemptGaps, list[Exclusion]]:
    """Read what is said once per attempt; the students; and which to keep."""
    people = _objects(request, attempts, "student_data")
    summary = _objects(request, attempts, "summary")
    said = {
        "id": _either(people, "id", "uuid"),
        "name": _either(people, "name"),
        "sis_id": _either(people, "sis_id"),
        "submitted_at": _either(people, "submitted_at", "submitted"),
        "elapsed_time": _either(people, "elapsed_time", "elapsed"),
        "attempt": _either(people, "attempt"),
        "score": _either(summary, "score"),
        "points_possible": _either(summary, "points_possible"),
    }
    lead = pa.table({n: texts(request, v).cast(pa.string()) for n, v in said.items()})
    table = request.table
    ids = [lead["id"], lead["sis_id"]]
    student, notes = student_ids(request, ids, lead.num_rows)
    submitted = times(findings, lead, table, "submitted_at")
    attempt, keep, gaps = read_attempts(
        findings,
        request,
        dict(zip(lead.column_names, lead.columns, strict=True)),
        {name: name for name in said},
        student,
        submitted,
    )
    once: dict[str, Once] = {
        "student_id": student,
        "attempt": attempt,
        "submitted_at": submitted,
        "elapsed_s": seconds(findings, table, "elapsed_time", lead["elapsed_time"]),
        "recorded_score": numbers(findings, table, "score", lead["score"]),
        "recorded_points_possible": numbers(
            findings, table, "points_possible", lead["points_possible"]
        ),
    }
    sections = _objects(request, people, "section_info")
    people_table = _students(request, student, lead, sections)
    return once, people_table, keep, gaps, notes


def _students(
    request: Request, student: Column, lead: pa.Table, sections: Sequence[Record]
) -> pa.Table:
    return pa.table(
        {
            "student_id": student,
            "name": nulled(lead["name"]),
            "sis_id": nulled(lead["sis_id"]),
        }
        | {
            name: answers(request, [_list(part.get(name)) for part in sections])
            for name in ("section_ids", "section_names", "section_sis_ids")
        }
    )


def _responses(
    request: Request, flat: Sequence[Record], findings: Findings
) -> dict[str, pa.Array]:
    """Make the columns of the responses; the status as a number."""
    item = texts(request, _either(flat, "item_id"))
    kind = texts(request, _either(flat, "item_type"))
    score = texts(request, _either(flat, "score"))
    response = answers(request, _either(flat, "answer"))
    label = f"{request.table}, item_responses"
    findings.flag(
        np.flatnonzero(is_empty(item)),
        table=label,
        column="item_id",
        values=item,
        message="a response without item_id",
        hint="an array of objects, each with the item_id that it answers",
    )
    earned = numbers(findings, label, "score", pa.chunked_array([score]))
    blank = _is_blank(response)
    whole_zero = np.asarray(pc.fill_null(pc.equal(score, "0"), fill_value=False), bool)
    by_hand = np.asarray(pc.is_in(kind, pa.array(BY_HAND, kind.type)), bool)
    status = np.where(by_hand & whole_zero & ~blank, _NOT_GRADED, _GRADED)
    status[blank] = np.where(np.isnan(earned[blank]), _NOT_SHOWN, _NOT_ATTEMPTED)
    return {
        "item_id": item,
        "item_type": kind,
        "response": response,
        "score": pa.array(earned, from_pandas=True),
        "status": pa.array(status),
    }


def _is_blank(response: pa.Array) -> Mask:
    """Where there is no answer: null, empty, or a list of nothing else."""
    if not pa.types.is_list(response.type):
        return is_empty(response)
    said = np.asarray(~is_empty(response.flatten()), bool)
    owner = np.asarray(pc.list_parent_indices(response), np.int64)
    blank: Mask = np.bincount(owner[said], minlength=len(response)) == 0
    return blank


def _in_order(
    each: dict[str, pa.Array], sizes: Ints, keep: Mask
) -> tuple[dict[str, pa.Array], Ints, Mask]:
    """Give each response its attempt, its place there, and whether it was shown.

    An attempt without responses gets the first item, marked not shown: without any row
    it would not be there at all.
    """
    counts = np.where(sizes == 0, keep, sizes)
    row = np.repeat(np.arange(len(counts)), counts)
    made = sizes[row] == 0
    source = pa.array(np.where(made, 0, np.cumsum(~made) - 1))
    each = {name: column.take(source) for name, column in each.items()}
    state = np.where(made, _NOT_SHOWN, each["status"])
    shown: Mask = state != _NOT_SHOWN
    for name in ("response", "score"):
        each[name] = pc.if_else(pa.array(shown), each[name], None)
    each["status"] = pa.array(_STATUS).take(pa.array(state, pa.int64()))
    starts = np.cumsum(counts) - counts
    each["position"] = pa.array(np.arange(len(row)) - starts[row] + 1)
    return each, row, shown
