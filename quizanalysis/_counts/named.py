"""Texts by number, in ascending order; and the items of a tally by name."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import Blank, distinct
from quizanalysis._intake.columns import Ints, Mask, codes
from quizanalysis._intake.tidy import BLANK, UNGRADED
from quizanalysis.responses import Responses


@dataclass(frozen=True, slots=True)
class Scored:
    """The responses with a score, their items by name.

    ``k`` and ``twice`` have one entry per submission: its scored responses, and whether
    an item was drawn twice.
    """

    items: pa.Table
    submission: Ints
    item: Ints
    score: Ints
    k: Ints
    twice: Mask


def scored(responses: Responses, blank: Blank = "zero") -> Scored:
    """Take the responses that count, under the numbers of their items by name."""
    items, place = items_by_name(responses)
    cells, n = responses.cells, len(responses)
    kept = cells.state < (BLANK if blank == "omit" else UNGRADED)
    submission, item = cells.submission[kept], place[cells.item[kept]]
    pair = submission * (len(place) + 1) + item
    if np.any(np.diff(pair) <= 0):
        pair = np.sort(pair)
    twice = np.zeros(n, bool)
    twice[pair[1:][np.diff(pair) == 0] // (len(place) + 1)] = True
    k = np.bincount(submission, minlength=n)
    return Scored(items, submission, item, cells.score[kept], k, twice)


def items_by_name(responses: Responses) -> tuple[pa.Table, Ints]:
    """Items by quiz id and item id, as a tally has them; and each item's place."""
    table = responses.items.select(["quiz_id", "item_id"])
    items, places = united([table])
    return items, places[0]


def united(tables: Sequence[pa.Table]) -> tuple[pa.Table, list[Ints]]:
    """The distinct items of several lists in order; and where each list's stand."""
    every = pa.concat_tables(tables)
    first, place = distinct(
        [sorted_names(every[name])[1] for name in ("quiz_id", "item_id")]
    )
    ends = np.cumsum([table.num_rows for table in tables])[:-1]
    return every.take(pa.array(first)).combine_chunks(), np.split(place, ends)


def numbered(*columns: pa.ChunkedArray) -> tuple[pa.Array, list[Ints]]:
    """The distinct texts of all columns, ascending; and each row's among them."""
    chunks = [chunk for column in columns for chunk in column.chunks]
    names, place = sorted_names(pa.chunked_array(chunks, pa.string()))
    ends = np.cumsum([len(column) for column in columns])[:-1]
    return names, np.split(place, ends)


def sorted_names(column: pa.ChunkedArray) -> tuple[pa.Array, Ints]:
    """The distinct texts ascending, and where each row's text stands among them."""
    number, names = codes(column)
    order = np.asarray(pc.sort_indices(names), np.int64)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return names.take(pa.array(order)), place[number] if len(place) else number
