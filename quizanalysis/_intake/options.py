"""The options of each item, and which of them every answer chose."""

from collections.abc import Collection
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Ints, Mask, codes, frozen
from quizanalysis._intake.numbering import ranks
from quizanalysis.progress import QUIET, Meter

OPEN_TYPES: Collection[str] = frozenset(
    {
        "essay",
        "essay_question",
        "file-upload",
        "file_upload_question",
        "text_only_question",
    }
)
"""Kinds of question whose answers are never options."""


MAX_OPTIONS = 12
"""How many distinct answers are taken as the options of an item that declares none."""


@dataclass(frozen=True, slots=True)
class Options:
    """All options of all items, item by item, and who chose what.

    ``item``, ``option``, ``text``, ``correct``, ``inferred`` (the key was not declared)
    and ``declared`` (the option was) have one entry per option; ``chosen_cell`` and
    ``chosen_option`` one per choice of a response. ``max_options`` is how many answers
    may be taken as the options of an item that declares none; ``is_open`` has one entry
    per item: whether it got answers that are no options. ``earned``, one per option, is
    the best score of those who chose it, which tells whether it is keyed when points
    possible become known or are inferred from more.
    """

    item: Ints
    option: pa.Array
    text: pa.Array
    correct: Mask
    inferred: Mask
    chosen_cell: Ints
    chosen_option: Ints
    declared: Mask
    max_options: int
    is_open: Mask
    earned: Ints

    def __post_init__(self) -> None:
        """Make the arrays read-only."""
        frozen(self.item, self.correct, self.inferred, self.declared, self.is_open)
        frozen(self.chosen_cell, self.chosen_option, self.earned)

    def of_cells(self, place: Ints) -> "Options":
        """Who chose what in some of the cells: the new place of each, or -1."""
        chosen = place[self.chosen_cell]
        return replace(
            self,
            chosen_cell=chosen[chosen >= 0],
            chosen_option=self.chosen_option[chosen >= 0],
        )

    def of_items(self, keep: Mask) -> "Options":
        """The options of some items, once nobody chose any of the others."""
        kept = keep[self.item]
        item, option = np.cumsum(keep) - 1, np.cumsum(kept) - 1
        return replace(
            self,
            item=item[self.item[kept]],
            option=self.option.filter(pa.array(kept)),
            text=self.text.filter(pa.array(kept)),
            correct=self.correct[kept],
            inferred=self.inferred[kept],
            declared=self.declared[kept],
            is_open=self.is_open[keep],
            earned=self.earned[kept],
            chosen_option=option[self.chosen_option],
        )

    def none(self) -> "Options":
        """No options at all, and nobody who chose one."""
        empty = slice(0, 0)
        return Options(
            item=self.item[empty],
            option=self.option[empty],
            text=self.text[empty],
            correct=self.correct[empty],
            inferred=self.inferred[empty],
            chosen_cell=self.chosen_cell[empty],
            chosen_option=self.chosen_option[empty],
            declared=self.declared[empty],
            max_options=self.max_options,
            is_open=self.is_open,
            earned=self.earned[empty],
        )


@dataclass(frozen=True, slots=True)
class Earlier:
    """What was inferred from answers of which some may be gone since.

    ``item``, ``text``, ``earned`` and ``full`` have one entry for each answer that was
    an option: of which item, its best score, and whether that is full points;
    ``is_open`` has one per item.
    """

    item: Ints
    text: pa.Array
    earned: Ints
    full: Mask
    is_open: Mask


@dataclass(frozen=True, slots=True)
class _Answers:
    """Distinct answers: of which item, which text, how many, how well they did."""

    item: Ints
    text: Ints
    texts: pa.Array
    earned: Ints
    full: Mask
    cell: Ints
    answer: Ints


def options_of(  # noqa: PLR0913, PLR0917  what is known of cells, then of items
    response: pa.ChunkedArray | None,
    cell_item: Ints,
    score: Ints,
    full: Mask,
    declared: pa.Array | None,
    item_type: pa.Array,
    max_options: int,
    findings: Findings,
    earlier: Earlier | None = None,
    meter: Meter = QUIET,
) -> Options:
    """Match answers with the declared options; take answers as options elsewhere.

    Parameters
    ----------
    response : ChunkedArray of string or list of string, shape (cells,)
    cell_item : int array, shape (cells,)
        The item of each cell.
    score : int array, shape (cells,)
        In billionths of a point; 0 where not graded.
    full : bool array, shape (cells,)
        Whether the cell earned full points.
    declared : list array, shape (items,)
        The options given with the items; null where there are none.
    item_type : string array, shape (items,)
    max_options : int
        An item without declared options that has more distinct answers than this has
        no options. Where options are declared, every other answer is one more.
    earlier : Earlier, optional
        Counts as if the answers were still there.
    meter : Meter
        Is told how far this is.
    """
    n_items = len(item_type)
    given, owner = _declared(declared, findings)
    answers = _answers(response, cell_item, score, full, meter.within(0.0, 0.7))
    was_open = np.zeros(n_items, bool)
    if earlier is not None:
        answers, was_open = _with_earlier(answers, earlier), earlier.is_open
    n_texts = len(answers.texts) + 1
    by_id = _keys(owner, given["id"], answers.texts, n_texts)
    by_text = _keys(owner, given["text"], answers.texts, n_texts)
    key = answers.item * n_texts + answers.text
    match = _lookup(key, by_id)
    match = np.where(match < 0, _lookup(key, by_text), match)

    closed = ~np.asarray(
        pc.fill_null(pc.is_in(item_type, pa.array(sorted(OPEN_TYPES))), False), bool
    )
    few = ~was_open & (np.bincount(answers.item, minlength=n_items) <= max_options)
    few |= np.bincount(owner, minlength=n_items) > 0
    added = (match < 0) & (closed & few)[answers.item]
    options = _assembled(
        answers, match, added, given, owner, n_items, max_options, meter.within(0.7, 1)
    )
    return replace(options, is_open=options.is_open | was_open)


def _declared(
    declared: pa.Array | None, findings: Findings
) -> tuple[dict[str, pa.Array], Ints]:
    """Flatten the declared options; each names its item. An id fills in for a text."""
    empty = pa.array([], pa.string())
    if declared is None or declared.null_count == len(declared):
        return {"id": empty, "text": empty, "correct": pa.array([], pa.bool_())}, (
            np.empty(0, np.int64)
        )
    flat = declared.flatten()
    owner = np.asarray(pc.list_parent_indices(declared), np.int64)
    given = {name: flat.field(i) for i, name in enumerate(("id", "text", "correct"))}
    given["id"] = pc.coalesce(given["id"], given["text"])
    given["text"] = pc.coalesce(given["text"], given["id"])
    _, first = ranks(
        owner * (len(flat) + 1) + codes(pa.chunked_array([given["id"]]))[0]
    )
    nameless = np.asarray(pc.fill_null(pc.equal(given["id"], ""), True), bool)
    repeated = np.setdiff1d(np.flatnonzero(~nameless), first)
    for where, message in (
        (np.flatnonzero(nameless), "an option without an id"),
        (repeated, "an option that the item has twice"),
    ):
        findings.flag(
            owner[where],
            at=where,
            table="items",
            column="options",
            values=given["id"],
            message=message,
            hint="give each option of an item an id of its own",
        )
    return given, owner


def _answers(
    response: pa.ChunkedArray | None,
    cell_item: Ints,
    score: Ints,
    full: Mask,
    meter: Meter,
) -> _Answers:
    if response is None:
        none = np.empty(0, np.int64)
        return _Answers(
            none, none, pa.array([], pa.string()), none, none.astype(bool), none, none
        )
    if pa.types.is_list(response.type):
        whole = response.combine_chunks()
        cell = np.asarray(pc.list_parent_indices(whole), np.int64)
        number, words = codes(pa.chunked_array([whole.flatten()]))
    else:
        number, words = codes(response)
        cell = np.arange(len(number))
    meter.at(0.4)
    empty = np.asarray(pc.equal(words, ""), bool).nonzero()[0]
    said = (number >= 0) & ~np.isin(number, empty)
    number, cell = number[said], cell[said]
    meter.at(0.6)
    answer, first = ranks(cell_item[cell] * (len(words) + 1) + number)
    meter.at(0.8)
    right = np.zeros(len(first), bool)
    right[answer[full[cell]]] = True
    earned = np.zeros(len(first), np.int64)
    np.maximum.at(earned, answer, score[cell])
    return _Answers(
        cell_item[cell][first], number[first], words, earned, right, cell, answer
    )


def _with_earlier(answers: _Answers, earlier: Earlier) -> _Answers:
    """Answers that nobody may have given now, after those that somebody did."""
    text, words = codes(pa.chunked_array([answers.texts, earlier.text]))
    text = np.concatenate([answers.text, text[len(answers.texts) :]])
    item = np.concatenate([answers.item, earlier.item])
    number, first = ranks(item * (len(words) + 1) + text)
    full = np.zeros(len(first), bool)
    full[number[np.concatenate([answers.full, earlier.full])]] = True
    earned = np.zeros(len(first), np.int64)
    np.maximum.at(earned, number, np.concatenate([answers.earned, earlier.earned]))
    return replace(
        answers,
        item=item[first],
        text=text[first],
        texts=words,
        earned=earned,
        full=full,
    )


def _keys(owner: Ints, words: pa.Array, texts: pa.Array, n_texts: int) -> Ints:
    """Key of each declared option among the answers' texts; -1 when nobody said it."""
    known = pc.fill_null(pc.index_in(words, texts), -1).to_numpy(zero_copy_only=False)
    return np.where(known < 0, -1, owner * n_texts + known.astype(np.int64))


def _lookup(key: Ints, table: Ints) -> Ints:
    """First place of each key in the table, or -1."""
    if not len(table):
        return np.full(len(key), -1, np.int64)
    order = np.argsort(table, kind="stable")
    place = order[np.searchsorted(table[order], key).clip(max=len(table) - 1)]
    return np.where(table[place] == key, place, -1)


def _assembled(
    answers: _Answers,
    match: Ints,
    added: Mask,
    given: dict[str, pa.Array],
    owner: Ints,
    n_items: int,
    max_options: int,
    meter: Meter,
) -> Options:
    """Put declared options first, then the answers taken as options, by text."""
    words = answers.texts.take(pa.array(answers.text[added]))
    by_text = np.asarray(pc.sort_indices(words), np.int64)
    words = words.take(pa.array(by_text))
    extra = np.flatnonzero(added)[by_text]
    item = np.concatenate([owner, answers.item[extra]])
    order = np.argsort(item, kind="stable")
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))

    target = match.copy()
    target[extra] = len(owner) + np.arange(len(extra))
    keyed, inferred = _key(answers, target, given["correct"], item, n_items)
    earned = np.zeros(len(item), np.int64)
    np.maximum.at(earned, target[target >= 0], answers.earned[target >= 0])
    chosen = target[answers.answer]
    meter.at(0.2)
    known = chosen >= 0
    cell = answers.cell[known]
    meter.at(0.4)
    option = place[chosen[known]]
    meter.at(0.6)
    _, once = ranks(cell * (len(item) + 1) + option)
    take = pa.array(order)
    return Options(
        item=item[order],
        option=pa.concat_arrays([given["id"], words]).take(take),
        text=pa.concat_arrays([given["text"], words]).take(take),
        correct=keyed[order],
        inferred=inferred[order],
        chosen_cell=cell[once],
        chosen_option=option[once],
        declared=(np.arange(len(item)) < len(owner))[order],
        max_options=max_options,
        is_open=np.bincount(answers.item[target < 0], minlength=n_items) > 0,
        earned=earned[order],
    )


def _key(
    answers: _Answers, target: Ints, correct: pa.Array, item: Ints, n_items: int
) -> tuple[Mask, Mask]:
    """Which options are keyed, and of which that is inferred.

    The declared options stand first. Of an item without a declared key those are
    keyed that earned full points: ``target`` is the option of each answer, or -1.
    """
    n_declared, n = len(correct), len(item)
    known = np.zeros(n, bool)
    known[:n_declared] = np.asarray(pc.fill_null(correct, False), bool)
    has_key = np.zeros(n_items, bool)
    has_key[item[:n_declared][np.asarray(correct.is_valid(), bool)]] = True
    earned = np.zeros(n, bool)
    earned[target[(target >= 0) & answers.full]] = True
    return np.where(has_key[item], known, earned), ~has_key[item]
