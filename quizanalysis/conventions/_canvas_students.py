"""The columns of Canvas classic's student analysis, as vectors over submissions."""

import re
from collections.abc import Collection, Mapping, Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._bounds import refuse_wide
from quizanalysis._intake.columns import NANO, Ints, Mask
from quizanalysis._intake.tidy import ANSWERED, UNGRADED
from quizanalysis._readout.anonymous import item_order
from quizanalysis.conventions._canvas_cells import joined, number_text
from quizanalysis.conventions._canvas_choices import by_id, named
from quizanalysis.conventions._canvas_html import (
    TAG,
    html_to_text,
    strip_tags,
    texts_of_html,
)
from quizanalysis.conventions._canvas_items import LOGGED_OUT
from quizanalysis.conventions._canvas_report import refuse_ids
from quizanalysis.responses import Responses

_TEXT = pa.large_string()

_ANSWERS = ("multiple_answers_question", "multi-answer")
_UPLOADS = ("file_upload_question", "file-upload")
_BY_HAND = ("essay_question", "essay", *_UPLOADS)
_DROPDOWNS = ("multiple_dropdowns_question",)
_PARTS = (
    *_DROPDOWNS,
    "fill_in_multiple_blanks_question",
    "matching_question",
    "calculated_question",
    "rich-fill-blank",
    "matching",
    "categorization",
    "ordering",
    "formula",
)
"""Kinds of question whose answers have several parts, in an order of their own."""

_WAY = (
    "choose with responses.where(section=…) or where(student=…), or take "
    "responses.to_arrow(), which has a row for each answer that there is"
)

_ID, _SIGNS = re.compile(r"[^\s:\0]+"), re.compile(r"[\W_]+")

_OTHERS = frozenset(
    {
        *("name", "id", "sisid", "rootaccount", "section", "sectionid"),
        *("sectionsisid", "submitted", "attempt", "ncorrect", "nincorrect", "score"),
    }
)
"""The names of the other columns, without signs."""

_UNNAMED = re.compile(r"unnamed: \d+\s*")
"""What pandas calls a column without a name."""

_NO_QUESTION = ("text_only_question",)


def newest_first(responses: Responses) -> Ints:
    """Order of the rows; those without a time come last."""
    when = responses.submissions["submitted_at"].cast(pa.int64())
    stamp = np.asarray(when.fill_null(-(2**62)), np.int64)
    return np.lexsort((-stamp, _logged_out(responses))).astype(np.int64)


def _logged_out(responses: Responses) -> Mask:
    people = responses.submissions["student_id"]
    return np.asarray(pc.starts_with(people, LOGGED_OUT), bool)


def lead(responses: Responses, account: str | None) -> dict[str, pa.Array]:
    """Every column before the questions."""
    submissions, students = responses.submissions, responses.students
    ids = students["student_id"].combine_chunks()
    people = students.take(pc.index_in(submissions["student_id"], ids))
    nobody = pa.array(_logged_out(responses))
    blank = pa.scalar("", pa.string())
    host = pc.if_else(people["sis_id"].is_valid(), account or None, None)
    who = {
        "name": people["name"],
        "id": submissions["student_id"],
        "sis_id": people["sis_id"],
        "root_account": host.cast(pa.string()),
    }
    times = submissions["submitted_at"]
    seconds = times.cast(pa.timestamp("s", times.type.tz), safe=False)
    text = seconds.cast(pa.timestamp("s")).cast(pa.string())
    return {
        **{name: pc.if_else(nobody, blank, cells) for name, cells in who.items()},
        "section": sections(people["section_names"], ", "),
        "section_id": sections(people["section_ids"], ", "),
        "section_sis_id": sections(people["section_sis_ids"], ", "),
        "submitted": pc.binary_join_element_wise(text, "UTC", " "),
        "attempt": submissions["attempt"],
    }


def sections(lists: pa.ChunkedArray, separator: str) -> pa.Array:
    """Join the texts of each list; a missing one is an empty element."""
    whole = lists.combine_chunks()
    words = pc.fill_null(whole.flatten(), "")
    length = np.asarray(pc.fill_null(pc.list_value_length(whole), 0), np.int64)
    ends = pa.array(np.append(0, np.cumsum(length)), pa.int32())
    return pc.binary_join(pa.ListArray.from_arrays(ends, words), separator)


def columns_of(responses: Responses, order: Ints) -> Sequence[int]:
    """Items in the order of their columns."""
    placed = _placed(responses)
    if placed is None:
        return range(responses.items.num_rows)
    cells = responses.cells
    rank = np.empty(len(order), np.int64)
    rank[order] = np.arange(len(order))
    later = np.flatnonzero(~placed[cells.item])
    row = rank[cells.submission[later]]
    item = cells.item[later][np.lexsort((cells.position[later], row))]
    _, first = np.unique(item, return_index=True)
    return [*np.flatnonzero(placed).tolist(), *item[np.sort(first)].tolist()]


def anonymous_columns_of(responses: Responses) -> Sequence[int]:
    """The same items, the later ones by id: with whom one came first is not told."""
    order = np.asarray(item_order(responses.items), np.int64)
    placed = _placed(responses)
    if placed is None:
        return [*order.tolist()]
    drawn = ~placed
    drawn[drawn] = np.isin(np.flatnonzero(drawn), responses.cells.item)
    return [*order[placed[order]].tolist(), *order[drawn[order]].tolist()]


def _placed(responses: Responses) -> Mask | None:
    """Which items have a position of their own; None where none has any."""
    position = responses.items["position"]
    if position.null_count == len(position):
        return None
    place = np.asarray(position.fill_null(0), np.int64)
    _, same, count = np.unique(place, return_inverse=True, return_counts=True)
    return np.asarray((place > 0) & (count[same] == 1))


def pairs(
    responses: Responses, items: Sequence[int], *, html: bool | None
) -> tuple[list[str], list[pa.Array]]:
    """Two columns for each question: the answers, and the points they earned."""
    cells, n = responses.cells, len(responses)
    refuse_wide(n, 2 * len(items), _WAY)
    about = responses.items.select(["item_id", "title", "points_possible"]).to_pylist()
    headers = {
        item: f"{about[item]['item_id']}: {strip_tags(about[item]['title'] or '')}"
        for item in items
    }
    _refuse_lost(responses.items["item_id"], headers)
    answers = _answers(responses, html=html)
    points = pa.array(cells.score / NANO)
    # Of an item drawn twice in one attempt the first draw is shown.
    order = np.lexsort((cells.position, cells.item))
    ends = np.searchsorted(cells.item[order], np.arange(responses.items.num_rows + 1))
    names, arrays = [], []
    for item in items:
        rows = order[ends[item] : ends[item + 1]][::-1]
        where = np.full(n, -1, np.int64)
        where[cells.submission[rows]] = rows
        at = pa.array(where, mask=where < 0)
        names += [headers[item], number_text(about[item]["points_possible"])]
        arrays += [answers.take(at), points.take(at)]
    return names, arrays


def _refuse_lost(ids: pa.ChunkedArray, headers: Mapping[int, str]) -> None:
    """Refuse the items whose headers would be read as another's, or as no item's.

    The id ends at the first colon; blanks and signs make no difference to the names of
    the other columns. Canvas's own ids are numbers, which are always read back.
    """
    lost = np.array([_ID.fullmatch(one) is None for one in ids.to_pylist()], bool)
    for item, header in headers.items():
        plain = header.lower()
        other = _SIGNS.sub("", plain) in _OTHERS or _UNNAMED.fullmatch(plain)
        lost[item] |= bool(other)
    lost &= np.isin(np.arange(len(lost)), list(headers))
    rule = "it may have no blank and no colon, nor make the name of another column"
    refuse_ids(ids, lost, rule)


def is_correct(responses: Responses) -> Mask:
    """Whether ``n correct`` counts each response: all but what is plainly wrong."""
    cells, options = responses.cells, responses.choices
    always = _of_type(responses, (*_BY_HAND, *_NO_QUESTION))
    worth = responses.points()[cells.item]
    keyed = np.zeros(len(cells.item), bool)
    keyed[options.chosen_cell[options.correct[options.chosen_option]]] = True
    keyed &= (worth == 0) & (cells.state == ANSWERED)
    right: Mask = always | (cells.state == UNGRADED) | (cells.score > 0) | keyed
    return right


def _answers(responses: Responses, *, html: bool | None) -> pa.Array:
    """Text of each response; empty where it is blank."""
    response = responses.cells.response
    if response is None:
        return pa.repeat(pa.scalar("", _TEXT), len(responses.cells.item))
    options = _option_texts(responses, html=html)
    if pa.types.is_list(response.type):
        texts = _of_lists(responses, response.combine_chunks(), options)
    else:
        texts = _of_texts(responses, response.cast(_TEXT).combine_chunks(), options)
        texts = _by_key(responses, texts, options)
    return texts_of_html(pc.fill_null(texts, ""), html=html)


def _of_type(responses: Responses, kinds: Collection[str]) -> Mask:
    """Whether the item of each response is of one of these types."""
    found = pc.is_in(responses.items["item_type"], pa.array(kinds))
    return np.asarray(found, bool)[responses.cells.item]


def _option_texts(responses: Responses, *, html: bool | None) -> pa.Array:
    """Text of each option; a teacher's that holds a tag is HTML, and loses its tags.

    What a student typed is left for the parser, as the rest of the cell.
    """
    texts = responses.choices.text.cast(_TEXT)
    declared = pa.array(responses.choices.declared)
    tagged = pc.and_(pc.match_substring_regex(texts, TAG), declared)
    if html is False or not pc.any(tagged).as_py():
        return texts
    bare = [html_to_text(strip_tags(text)) for text in texts.filter(tagged).to_pylist()]
    return pc.replace_with_mask(texts, tagged, pa.array(bare, _TEXT))


def _of_texts(responses: Responses, texts: pa.Array, options: pa.Array) -> pa.Array:
    """Texts as given; an option that was chosen, by its text."""
    choices = responses.choices
    where = np.full(len(texts), -1, np.int64)
    where[choices.chosen_cell] = choices.chosen_option
    at = pa.array(where, mask=where < 0)
    chosen = options.take(at)
    # An answer taken as an option may be several options, joined already.
    whole = np.asarray(pc.fill_null(pc.not_equal(chosen, texts), False), bool)
    whole[choices.chosen_cell[choices.declared[choices.chosen_option]]] = True
    several = pa.array(_of_type(responses, _ANSWERS) & whole)
    commas = pc.replace_substring(chosen, ",", r"\,")
    return pc.coalesce(pc.if_else(several, commas, chosen), texts)


def _by_key(responses: Responses, texts: pa.Array, options: pa.Array) -> pa.Array:
    """Short answers as their key spells them, if they differ by case and ends only."""
    choices = responses.choices
    short = pa.array(["short_answer_question"])
    kinds = np.asarray(pc.is_in(responses.items["item_type"], short), bool)
    keys = np.flatnonzero((choices.declared & choices.correct) & kinds[choices.item])
    cells = np.flatnonzero(kinds[responses.cells.item])
    if not len(keys) or not len(cells):
        return texts
    spelled = options.take(pa.array(keys))
    place = pc.index_in(
        _folded(responses.cells.item[cells], texts.take(pa.array(cells))),
        _folded(choices.item[keys], spelled),
    )
    at = np.full(len(texts), -1, np.int64)
    at[cells] = np.asarray(place.fill_null(-1), np.int64)
    return pc.coalesce(spelled.take(pa.array(at, mask=at < 0)), texts)


def _folded(item: Ints, texts: pa.Array) -> pa.Array:
    """Item and text in one, without the letters' case and the blanks at the ends."""
    words = pc.utf8_lower(pc.utf8_trim_whitespace(texts)).cast(pa.string())
    return pc.binary_join_element_wise(pa.array(item).cast(pa.string()), words, "\0")


def _of_lists(responses: Responses, lists: pa.Array, options: pa.Array) -> pa.Array:
    """Ticked options in their own order, other parts in that of the answer."""
    choices, n = responses.choices, len(lists)
    parts = _of_type(responses, _PARTS)
    ticked = _ticked(responses, lists) & ~parts
    owner = np.asarray(pc.list_parent_indices(lists), np.int64)
    words = _chosen_texts(responses, lists, options)
    there = np.asarray(words.is_valid(), bool) & ~ticked[owner]
    # Of several files the first is named.
    again = np.flatnonzero(there & _of_type(responses, _UPLOADS)[owner])
    there[again[1:][np.diff(owner[again]) == 0]] = False

    mine = ticked[choices.chosen_cell]
    cell, option = choices.chosen_cell[mine], choices.chosen_option[mine]
    by_option = np.lexsort((option, cell))
    texts = options.take(pa.array(option[by_option]))
    everybody = np.concatenate([owner[there], cell])
    order = np.argsort(everybody, kind="stable")
    flat = pa.concat_arrays([words.filter(pa.array(there)), texts])
    size = np.bincount(everybody, minlength=n)
    ends = pa.array(np.append(0, np.cumsum(size)), pa.int32())
    whole = pa.ListArray.from_arrays(ends, flat.take(pa.array(order)))
    several = parts | _of_type(responses, _ANSWERS) | (size > 1)
    return joined(whole, pa.array(several))


def _ticked(responses: Responses, lists: pa.Array) -> Mask:
    """Whether each answer is one or several of the options of its item."""
    choices = responses.choices
    among = named(responses.items["item_type"])[responses.cells.item]
    among |= _of_type(responses, _ANSWERS)
    among[choices.chosen_cell[choices.declared[choices.chosen_option]]] = True
    among |= np.asarray(pc.fill_null(pc.list_value_length(lists), 0)) == 1
    ticked = np.zeros(len(lists), bool)
    ticked[choices.chosen_cell] = True
    return ticked & among


def _chosen_texts(responses: Responses, lists: pa.Array, options: pa.Array) -> pa.Array:
    """Every word of the lists; of a dropdown the option's text, null if not chosen."""
    owner = np.asarray(pc.list_parent_indices(lists), np.int64)
    words = lists.flatten().cast(_TEXT)
    dropdown = _of_type(responses, _DROPDOWNS)[owner]
    if not dropdown.any():
        return words
    item = responses.cells.item[owner]
    texts = by_id(responses.choices, options, words, item)
    chosen = pc.if_else(pc.equal(words, ""), pa.scalar(None, _TEXT), texts)
    return pc.if_else(pa.array(dropdown), chosen, words)
