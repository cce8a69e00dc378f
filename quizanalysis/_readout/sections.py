"""Sections as quizzes of their own, and their items in one table again."""

import json
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._bounds import MOST_CELLS, refuse_more, refuse_wide
from quizanalysis._counts.named import numbered, sorted_names
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.tidy import Cells
from quizanalysis.responses import Attempts, Responses
from quizanalysis.schema import arrow_schema

_WIDTH = 9
"""Digits before a quiz id that name the section."""


def told_apart(responses: Responses) -> tuple[Responses, pa.Array]:
    """Each submission once for every section of its student; and the sections' names.

    The quiz of a section has the section's number before its id.
    """
    names, submission, section = _in_sections(responses)
    items, copies = responses.items, responses.submissions.take(pa.array(submission))
    quizzes, (quiz, owner) = numbered(copies["quiz_id"], items["quiz_id"])
    key = section * len(quizzes) + quiz
    first, place = distinct([key])
    of_section, of_quiz = np.divmod(key[first], max(1, len(quizzes)))
    ids = _quiz_ids(of_section, quizzes.take(pa.array(of_quiz)))
    _refuse_many(responses, submission, of_quiz, np.bincount(owner))
    item, part, number = _items_of_each(owner, of_quiz, len(quizzes))
    cells, cell = _copied(responses.cells, submission)
    cells = replace(cells, submission=cell, item=number(place[cell], cells.item))
    return Responses(
        _renamed(copies, ids, place),
        _renamed(items.take(pa.array(item)), ids, part),
        responses.students,
        responses.left_out.slice(0, 0),
        cells,
        replace(responses.choices.none(), is_open=responses.choices.is_open[item]),
    ), names


def _refuse_many(
    responses: Responses, submission: Ints, quiz: Ints, size: Ints
) -> None:
    """Refuse sections that have too many items, or answers, between them."""
    way = "choose with responses.where(section=…) or where(quiz=…)"
    answers = np.bincount(responses.cells.submission, minlength=len(responses))
    n = int(answers[submission].sum())
    refuse_more("sections have", MOST_CELLS, "answers", n, way)
    columns = len(arrow_schema("item_analysis_by_section", {}))
    refuse_wide(int(size[quiz].sum()), columns, way)


def _items_of_each(
    owner: Ints, quiz: Ints, n: int
) -> tuple[Ints, Ints, Callable[[Ints, Ints], Ints]]:
    """The items of each of these quizzes, whose, and where one stands among them."""
    by_quiz = np.argsort(owner, kind="stable")
    size = np.bincount(owner, minlength=n)
    begin = np.cumsum(size) - size
    within = np.empty(len(owner), np.int64)
    within[by_quiz] = np.arange(len(owner)) - np.repeat(begin, size)
    length = size[quiz]
    shift = np.cumsum(length) - length
    item = by_quiz[_ranges(begin[quiz], length)]
    part = np.repeat(np.arange(len(quiz)), length)
    return item, part, lambda place, old: shift[place] + within[old]


def by_section(table: pa.Table, names: pa.Array, attempt: Attempts) -> pa.Table:
    """Name the section of each row, and the quiz as it was."""
    number = pc.utf8_slice_codeunits(table["quiz_id"], 0, _WIDTH).cast(pa.int64())
    quiz = pc.utf8_slice_codeunits(table["quiz_id"], _WIDTH)
    made = json.loads(table.schema.metadata[b"made"])
    made["options"]["attempt"] = attempt
    share = made["options"].get("criterion") == "share"
    schema = arrow_schema(
        "item_analysis_by_section", {"made": json.dumps(made)}, share=share
    )
    columns = {name: table[name] for name in table.column_names}
    columns |= {"section": names.take(number.combine_chunks()), "quiz_id": quiz}
    return pa.table([columns[name] for name in schema.names], schema=schema)


def _in_sections(responses: Responses) -> tuple[pa.Array, Ints, Ints]:
    """Names of the sections; and pairs of a submission and a section of its student."""
    lists = responses.students["section_names"].combine_chunks()
    said = lists.flatten()
    named: Mask = np.asarray(said.is_valid(), bool)
    names, section = sorted_names(pa.chunked_array([said.filter(pa.array(named))]))
    student = np.asarray(pc.list_parent_indices(lists), np.int64)[named]
    once, _ = distinct([student, section])
    student, section = student[once], section[once]
    number = np.bincount(student, minlength=responses.students.num_rows)
    at = pc.index_in(
        responses.submissions["student_id"],
        responses.students["student_id"].combine_chunks(),
    )
    person = np.asarray(at, np.int64)
    begin = (np.cumsum(number) - number)[person]
    submission = np.repeat(np.arange(len(person)), number[person])
    return names, submission, section[_ranges(begin, number[person])]


def _copied(cells: Cells, submission: Ints) -> tuple[Cells, Ints]:
    """The cells of these submissions, in their order; and the place of each one's."""
    begin, end = (
        np.searchsorted(cells.submission, submission, side)
        for side in ("left", "right")
    )
    place = np.repeat(np.arange(len(submission)), end - begin)
    return cells.take(_ranges(begin, end - begin)), place


def _ranges(begin: Ints, length: Ints) -> Ints:
    """Whole numbers from each of several on, one range after the other."""
    before = np.cumsum(length) - length
    return np.repeat(begin - before, length) + np.arange(length.sum())


def _quiz_ids(section: Ints, quiz: pa.Array) -> pa.Array:
    number = pc.utf8_lpad(pa.array(section).cast(pa.string()), _WIDTH, "0")
    return pc.binary_join_element_wise(number, quiz, "")


def _renamed(table: pa.Table, ids: pa.Array, place: Ints) -> pa.Table:
    at = table.column_names.index("quiz_id")
    return table.set_column(at, "quiz_id", ids.take(pa.array(place)))
