"""Items by name, for tallies that are made beside the main one."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import Ints, codes
from quizanalysis.responses import Responses


def items_by_name(responses: Responses) -> tuple[pa.Table, Ints]:
    """Items by quiz id and item id, as a tally has them; and each item's place."""
    table = responses.items.select(["quiz_id", "item_id"])
    items, places = united([table])
    return items, places[0]


def united(tables: Sequence[pa.Table]) -> tuple[pa.Table, list[Ints]]:
    """The distinct items of several lists in order; and where each list's stand."""
    every = pa.concat_tables(tables)
    first, place = distinct([_ranks(every["quiz_id"]), _ranks(every["item_id"])])
    ends = np.cumsum([table.num_rows for table in tables])[:-1]
    return every.take(pa.array(first)).combine_chunks(), np.split(place, ends)


def _ranks(column: pa.ChunkedArray) -> Ints:
    """Where each text stands among the distinct ones in ascending order."""
    number, names = codes(column)
    place = np.empty(len(names), np.int64)
    place[np.asarray(pc.sort_indices(names), np.int64)] = np.arange(len(names))
    return place[number] if len(names) else number
