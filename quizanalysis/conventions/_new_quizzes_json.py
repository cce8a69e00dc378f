"""The records of the two JSON reports of New Quizzes, built by columns."""

from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import NANO, Ints, Mask
from quizanalysis._intake.tidy import UNGRADED
from quizanalysis.conventions._canvas_types import new_types, of_type
from quizanalysis.conventions._new_quizzes_students import (
    BY_HAND,
    answers,
    clock,
    last,
    people,
    stamps,
)
from quizanalysis.responses import Responses

_NUMBER = r"^(0|[1-9][0-9]{0,17})$"


def student_records(responses: Responses, created: str | None) -> list[dict[str, Any]]:
    """One record for each submission."""
    n, submissions, who = len(responses), responses.submissions, people(responses)
    after = last(responses)
    sections = _struct(
        section_ids=_lists(who["section_ids"], numbers=True),
        section_sis_ids=_lists(who["section_sis_ids"]),
        section_names=_lists(who["section_names"]),
    )
    person = _struct(
        id=ids(submissions["student_id"]),
        name=who["name"],
        uuid=pa.nulls(n, pa.string()),
        sis_id=who["sis_id"],
        submitted_at=stamps(submissions["submitted_at"]),
        elapsed_time=clock(submissions["elapsed_s"]),
        attempt=submissions["attempt"],
        section_info=sections,
    )
    summary = _struct(
        number_of_correct=pa.array(after["NumberOfCorrect"]),
        number_of_incorrect=pa.array(after["NumberOfIncorrect"]),
        number_of_no_answer=pa.array(after["NoResponse"]),
        points_possible=pa.array(after["PointsPossible"]),
        score=pa.array(after["OverallScore"]),
    )
    rows: list[dict[str, Any]] = _struct(
        created_timestamp=pa.repeat(pa.scalar(created, pa.string()), n),
        student_data=person,
        item_responses=_item_responses(responses),
        summary=summary,
    ).to_pylist()
    return rows


def _item_responses(responses: Responses) -> pa.Array:
    """The responses of each submission, in the order of their positions."""
    cells = responses.cells
    order = np.lexsort((cells.item, cells.position, cells.submission))
    item = cells.item[order]
    kinds = responses.items["item_type"]
    by_hand = of_type(kinds, BY_HAND)[item]
    ungraded = cells.state[order] == UNGRADED
    points = pa.array(cells.score[order] / NANO, mask=ungraded)
    rows = _struct(
        item_id=responses.items["item_id"].take(pa.array(item)),
        answer=answers(responses).take(pa.array(order)),
        item_type=new_types(kinds).take(pa.array(item)),
        score=_either(
            ungraded & by_hand, pa.array(np.zeros(len(order), np.int64)), points
        ),
    )
    size = np.bincount(cells.submission, minlength=len(responses))
    return pa.ListArray.from_arrays(_ends(size), rows)


def _struct(**columns: pa.Array | pa.ChunkedArray) -> pa.Array:
    arrays = [
        column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
        for column in columns.values()
    ]
    return pa.StructArray.from_arrays(arrays, list(columns))


def _either(first: Mask, one: pa.Array, other: pa.Array) -> pa.Array:
    """Values of one kind or of another: whole numbers, or not."""
    kinds = pa.array(np.where(first, 0, 1).astype(np.int8))
    return pa.UnionArray.from_sparse(kinds, [one, other])


def ids(texts: pa.ChunkedArray | pa.Array) -> pa.Array:
    """Ids as numbers where they are some, written as they would be; else as text."""
    if isinstance(texts, pa.ChunkedArray):
        texts = texts.combine_chunks()
    like = pc.fill_null(pc.match_substring_regex(texts, _NUMBER), False)
    numbers = pc.if_else(like, texts, None).cast(pa.int64())
    return _either(np.asarray(like, bool), numbers, texts)


def _lists(lists: pa.ChunkedArray, *, numbers: bool = False) -> pa.Array:
    """The same lists, an empty one where there is none."""
    whole = lists.combine_chunks()
    size = np.asarray(pc.fill_null(pc.list_value_length(whole), 0), np.int64)
    words = whole.flatten()
    return pa.ListArray.from_arrays(_ends(size), ids(words) if numbers else words)


def _ends(size: Ints) -> pa.Array:
    return pa.array(np.append(0, np.cumsum(size)), pa.int32())
