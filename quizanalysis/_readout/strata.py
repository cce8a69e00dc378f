"""Two groups of students within strata: those who responded to an item, by total."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._counts.merging import merged
from quizanalysis._counts.named import scored, united
from quizanalysis._counts.parts import Blank, Parts, column, distinct, empty
from quizanalysis._intake.columns import TIE, Ints, Mask
from quizanalysis._intake.numbering import ordered
from quizanalysis._readout.figures import Exact, edges, in_units, units
from quizanalysis.responses import Responses

Two = tuple[Ints, Ints]
"""Of the reference group, and of the focal group."""


@dataclass(frozen=True, slots=True)
class Strata:
    """The strata of every item, in order of the items, then of their totals.

    ``n`` responses and the sum ``x`` of their scores, in the unit of the quiz, of each
    group; ``stratum`` is that of each cell of the item totals.
    """

    item: Ints
    n: Two
    x: Two
    cell_item: Ints
    cell_total: Ints
    stratum: Ints


def on_one_axis(reference: Parts, focal: Parts) -> tuple[Parts, Parts]:
    """The counts of both groups with the same rows: each has 0 where it has none."""
    one, two = _without_options(reference), _without_options(focal)
    return merged([one, _zeroed(two)]), merged([_zeroed(one), two])


def _without_options(parts: Parts) -> Parts:
    """Who chose what says nothing here, and need not agree."""
    nothing = empty()
    return replace(parts, options=nothing.options, option_totals=nothing.option_totals)


def _zeroed(parts: Parts) -> Parts:
    """The same rows, of nobody."""
    tables = {
        name: _with_zeros(getattr(parts, name), counts)
        for name, counts in (
            ("totals", ("n",)),
            ("item_totals", ("n", "score")),
            ("item_scores", ("n",)),
            ("items", ("n_shown", "n_blank", "n_not_graded")),
        )
    }
    return replace(parts, **tables)


def _with_zeros(table: pa.Table, names: Sequence[str]) -> pa.Table:
    zeros = pa.array(np.zeros(table.num_rows, np.int64))
    for name in names:
        table = table.set_column(table.column_names.index(name), name, zeros)
    return table


def strata_of(reference: Parts, focal: Parts) -> Strata:
    """Put those who responded to an item together by total; near ones are equal."""
    cells, quiz = reference.item_totals, column(reference.items, "quiz")
    item, row = column(cells, "item"), column(cells, "row")
    total = column(reference.totals, "total")[row]
    order = ordered(item, total)
    if order is None:
        order = np.arange(len(item))
    item, total = item[order], total[order]
    new = np.ones(len(item), bool)
    new[1:] = (item[1:] != item[:-1]) | (total[1:] - total[:-1] > TIE)
    starts, unit = np.flatnonzero(new), units(reference)

    def added(parts: Parts) -> Two:
        n, x = (column(parts.item_totals, name)[order] for name in ("n", "score"))
        x = in_units(x, unit, quiz, item)
        return ctt.dot(n, 1, starts), ctt.dot(x, 1, starts)

    (n_reference, x_reference), (n_focal, x_focal) = added(reference), added(focal)
    return Strata(
        item=item[starts],
        n=(n_reference, n_focal),
        x=(x_reference, x_focal),
        cell_item=item,
        cell_total=total,
        stratum=np.cumsum(new) - 1,
    )


def squares(
    groups: Sequence[Responses], blank: Blank, parts: Parts, strata: Strata, some: Mask
) -> Exact:
    """Sum of the squares of the scores in each stratum, for some of the items.

    The counts by total do not tell them: it takes the responses.
    """
    where, score = [], []
    for responses in groups:
        at, x = _stratum_of_each(responses, blank, parts, strata, some)
        where.append(at)
        score.append(x)
    stratum, x = np.concatenate(where), np.concatenate(score)
    order = np.argsort(stratum, kind="stable")
    stratum, x = stratum[order], x[order]
    item = strata.item[stratum]
    x = in_units(x, units(parts), column(parts.items, "quiz"), item)
    starts = edges(stratum)
    sums = ctt.dot(x, x, starts)
    result: Exact = np.zeros(len(strata.item), sums.dtype)
    result[stratum[starts]] = sums
    return result


def _stratum_of_each(
    responses: Responses, blank: Blank, parts: Parts, strata: Strata, some: Mask
) -> tuple[Ints, Ints]:
    """Stratum and score of each response to one of these items."""
    cells = scored(responses, blank)
    quiz = pa.array(column(parts.items, "quiz"))
    names = {
        "quiz_id": parts.quizzes["quiz_id"].take(quiz),
        "item_id": parts.items["item_id"],
    }
    every, (theirs, own) = united([pa.table(names), cells.items])
    place = np.empty(every.num_rows, np.int64)
    place[theirs] = np.arange(len(theirs))
    item = place[own][cells.item]
    total = np.zeros(len(cells.k), np.int64)
    np.add.at(total, cells.submission, cells.score)
    kept = some[item]
    keys = [
        np.concatenate([strata.cell_item, item[kept]]),
        np.concatenate([strata.cell_total, total[cells.submission[kept]]]),
    ]
    first, number = distinct(keys)
    known = len(strata.stratum)
    stratum = np.empty(len(first), np.int64)
    stratum[number[:known]] = strata.stratum
    return stratum[number[known:]], cells.score[kept]
