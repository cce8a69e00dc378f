"""The columns of the student analysis of New Quizzes, as vectors over submissions."""

from collections.abc import Sequence
from html import escape

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._bounds import refuse_wide
from quizanalysis._intake.columns import NANO, Ints
from quizanalysis._intake.tidy import BLANK
from quizanalysis.conventions._canvas_cells import joined
from quizanalysis.conventions._canvas_choices import by_id
from quizanalysis.conventions._canvas_report import refuse_ids
from quizanalysis.conventions._canvas_students import sections
from quizanalysis.conventions._canvas_types import new_types, of_type
from quizanalysis.conventions._new_quizzes_items import marks
from quizanalysis.responses import Responses

BY_HAND = ("essay", "file-upload")
"""Types of items that nobody but a person grades."""

STATUSES = ("Graded", "Not Attempted", "Not Graded", "Not Shown")
"""By the state of a response; the last where there is none."""

_BLOCK = 5
"""Columns of each item."""

_WAY = (
    "choose with responses.where(section=…) or where(student=…), or take "
    "new_quizzes.student_analysis_json, which has an entry for each answer there is"
)

_NOWHERE = 2**40
_TEXT = pa.large_string()


def people(responses: Responses) -> pa.Table:
    """The row of the students table for each submission."""
    ids = responses.students["student_id"].combine_chunks()
    rows = pc.index_in(responses.submissions["student_id"], ids)
    return responses.students.take(rows).combine_chunks()


def lead(responses: Responses) -> dict[str, pa.Array]:
    """The nine columns before the blocks."""
    who, submissions = people(responses), responses.submissions
    return {
        "Name": who["name"],
        "ID": submissions["student_id"],
        "SISID": who["sis_id"],
        "SectionIDs": sections(who["section_ids"], ","),
        "SectionNames": sections(who["section_names"], ","),
        "SectionSISIDs": sections(who["section_sis_ids"], ","),
        "Submitted": stamps(submissions["submitted_at"]),
        "ElapsedTime": clock(submissions["elapsed_s"]),
        "Attempt": submissions["attempt"],
    }


def stamps(times: pa.ChunkedArray) -> pa.Array:
    """Points in time in UTC to a millisecond, such as ``2026-10-01T09:00:00.000Z``."""
    cut = times.cast(pa.timestamp("ms", "UTC"), safe=False).cast(pa.timestamp("ms"))
    text = pc.replace_substring(cut.cast(pa.string()), " ", "T", max_replacements=1)
    return pc.binary_join_element_wise(text, "Z", "").combine_chunks()


def clock(seconds: pa.ChunkedArray) -> pa.Array:
    """Lengths of time as ``HH:MM:SS``; hours go on after 24."""
    given = np.asarray(seconds.is_valid(), bool)
    whole = np.floor(np.asarray(seconds.fill_null(0.0), np.float64)).astype(np.int64)
    hours, minutes = np.maximum(whole, 0) // 3600, np.maximum(whole, 0) // 60 % 60
    parts = [
        pc.utf8_lpad(pa.array(part).cast(pa.string()), width, "0")
        for part, width in ((hours, 2), (minutes, 2), (np.maximum(whole, 0) % 60, 2))
    ]
    return pc.if_else(pa.array(given), pc.binary_join_element_wise(*parts, ":"), None)


def answers(responses: Responses) -> pa.Array:
    """Text of each response; of a blank null, or the empty text that was given."""
    said = _texts(responses)
    none = pc.if_else(pc.equal(said, ""), said, pa.scalar(None, _TEXT))
    return pc.if_else(pa.array(responses.cells.state == BLANK), none, said)


def _texts(responses: Responses) -> pa.Array:
    """Text of each response: options by their text, several joined with commas."""
    cells = responses.cells
    if cells.response is None:
        return pa.nulls(len(cells.item), _TEXT)
    options, response = responses.choices, cells.response.combine_chunks()
    texts = options.text.cast(_TEXT)
    if not pa.types.is_list(response.type):
        return by_id(options, texts, response.cast(_TEXT), cells.item)
    owner = np.asarray(pc.list_parent_indices(response), np.int64)
    words = by_id(options, texts, response.flatten().cast(_TEXT), cells.item[owner])
    size = np.bincount(owner, minlength=len(response))
    ends = pa.array(np.append(0, np.cumsum(size)), pa.int32())
    none = response.is_null()
    lists = pa.ListArray.from_arrays(ends, words, mask=none)
    return joined(lists, pa.array(np.zeros(len(lists), bool)))


def blocks(responses: Responses) -> tuple[list[str], list[pa.Array]]:
    """Five columns for each item; an item drawn twice has a block for each place."""
    cells, n = responses.cells, len(responses)
    blocks = _blocks(responses)
    refuse_wide(n, _BLOCK * len(blocks), _WAY)
    ids = responses.items["item_id"]
    decimal = np.asarray(pc.match_substring_regex(ids, r"^\s*[0-9]+[.,]0\s*$"), bool)
    refuse_ids(ids, decimal, "it is read as the whole number")
    said = answers(responses)
    points = pa.array(cells.score / NANO)
    words = pa.array(STATUSES)
    names: list[str] = []
    arrays: list[pa.Array] = []
    about = responses.items.select(["item_id", "title"]).to_pylist()
    kinds = new_types(responses.items["item_type"])
    for item, rows in blocks:
        where = np.full(n, -1, np.int64)
        where[cells.submission[rows]] = rows
        there = where >= 0
        state = np.where(there, cells.state[where], 3) if len(rows) else where + 4
        at = pa.array(where, mask=~there)
        earned = pa.array(where, mask=state > BLANK)
        one = about[item]
        question = escape(one["title"] or "", quote=False)
        names += ["ItemID", "ItemType", question, "EarnedPoints", "Status"]
        arrays += [
            pa.repeat(pa.scalar(one["item_id"], pa.string()), n),
            pa.repeat(kinds[item], n),
            said.take(at),
            points.take(earned),
            words.take(pa.array(state)),
        ]
    return names, arrays


def _blocks(responses: Responses) -> Sequence[tuple[int, Ints]]:
    """Item and cells of each block, in their order."""
    cells, k = responses.cells, responses.items.num_rows
    order = np.lexsort((cells.item, cells.submission))
    same = (np.diff(cells.item[order]) == 0) & (np.diff(cells.submission[order]) == 0)
    twice = np.zeros(k, bool)
    twice[cells.item[order][1:][same]] = True
    place = np.asarray(responses.items["position"].fill_null(_NOWHERE), np.int64)
    at = np.where(twice[cells.item], cells.position, place[cells.item])
    unseen = np.flatnonzero(np.bincount(cells.item, minlength=k) == 0)
    item, at = np.append(cells.item, unseen), np.append(at, place[unseen])
    order = np.lexsort((item, at))
    new = (np.diff(item[order]) != 0) | (np.diff(at[order]) != 0)
    parts = np.split(order, np.flatnonzero(new) + 1) if len(order) else []
    size = len(cells.item)
    return [(int(item[rows[0]]), rows[rows < size]) for rows in parts]


def last(responses: Responses) -> dict[str, Ints | pa.Array]:
    """The five columns after the blocks; points possible as recorded, if they are."""
    cells, n = responses.cells, len(responses)
    machine = ~of_type(responses.items["item_type"], BY_HAND)[cells.item]
    right, wrong = marks(responses)
    counts = [
        np.bincount(cells.submission[which], minlength=n)
        for which in (right & machine, wrong & machine, cells.state == BLANK)
    ]
    possible = np.zeros(n, np.int64)
    np.add.at(possible, cells.submission, responses.points()[cells.item])
    recorded = responses.submissions["recorded_points_possible"].combine_chunks()
    return {
        "NumberOfCorrect": counts[0],
        "NumberOfIncorrect": counts[1],
        "NoResponse": counts[2],
        "PointsPossible": recorded if recorded.null_count < n else possible / NANO,
        "OverallScore": responses.scores() / NANO,
    }
