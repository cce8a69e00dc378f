"""Tables that can be given away: figures that rest on too few students are hidden."""

import json
from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.parts import distinct
from quizanalysis._disclosure import DISCLOSURES
from quizanalysis._intake.columns import Mask
from quizanalysis._readout.suppression import find_hidden
from quizanalysis._readout.together import (
    protect_counts,
    protect_options,
    protect_points,
    protect_scores,
    protect_spread,
    protect_swaps,
    protect_ungraded,
)
from quizanalysis._refusals import need_kind
from quizanalysis.schema import REPORTS

__all__ = ["suppressed"]


def suppressed(table: pa.Table, min_cell: int = 10) -> pa.Table:
    """Hide the figures of a table that rest on fewer than so many students.

    Parameters
    ----------
    table : pyarrow.Table
        From `item_analysis`, `item_analysis_by_section`, `option_analysis`,
        `option_traces`, `summary`, `dif` or `exclusions`.
    min_cell : int
        The fewest students that a figure may rest on, 2 or more.

    Returns
    -------
    pyarrow.Table
        The same columns. A figure that is hidden is null, and ``undefined`` says
        ``suppressed`` for it: neither undefined nor 0. The digest of the input is not
        named any more, for with it every guess at what is hidden could be proved.

    Raises
    ------
    ValueError
        When `min_cell` is below 2; for another table; for ``attempt="all"``, where
        students count more than once. A row of `student_analysis` is of one student,
        whatever is hidden: see its ``anonymous``.
    TypeError
        For what is no table. Of a whole report `analyze` hides them (``min_cell=``).

    Notes
    -----
    A count of 1 to ``min_cell - 1`` is hidden, and so is each figure that rests on it
    or from which it can be computed; ``rests_on`` of the columns in ``schema.REPORTS``
    names these counts. The scores of an item rest on those who were right, wrong and
    partly right: when one of these is hidden, so are the mean, the difficulty, the
    correlations and the ends of their intervals. Of partial credit only the mean is
    shown where the other figures could tell how many have each score.

    ``min`` and ``max`` are always hidden, being the score of one student, and with them
    ``skewness`` and ``kurtosis``, points possible that were taken from a best score
    that few have, and the ends of the discrimination, which tell the right answers of
    both groups. The standard deviation and the median of the totals, the reliability
    and all correlations are hidden where they could tell how many students have each
    score: of two items; of fewer than ``10 * min_cell`` students when there are three
    items, or the standard deviation is below 1.25 items; of fewer than ``6 * min_cell``
    when there are five items or less; and of fewer than ``2 * min_cell``.

    More counts are hidden where they add up to a number that is known, the smallest
    first, until those that are hidden are two or more and come to `min_cell` in sum,
    and are neither all 1 nor all ``min_cell - 1``. Where all of them do not suffice,
    all are hidden, those of nobody too. Such sums are:

    - the options of an item and those who chose none, to ``n_item``; the key goes last;
    - so in each group; the choosers of an option are hidden in all three;
    - in `option_traces` options and groups: one small count hides all of its item;
    - ``n``, ``n_not_shown`` and ``n_not_graded``, to the submissions; when those that
      lack an item are too few, its options are hidden too;
    - of sections these counts, the right and the wrong answers, to those of the whole;
      ``n_not_graded`` of a section is always hidden;
    - the exclusions and what was analysed, to what was read; those of responses, which
      are sums over all items, are always hidden.

    That holds for each table by itself, and for a table by section beside the
    `item_analysis` of the whole, if each student is in one section. `analyze`
    (``min_cell=``) also hides what its tables would tell together. The totals are the
    sums of all items: so the hidden items of a quiz must not be alike, and another of
    as many points is hidden if they are; where there is none, the mean and the spread
    of the totals are, and where their options tell them apart the reliability is. Then
    two items are told together, but not which is which. The scores of an item are
    hidden where they tell a hidden option, and its options where they tell the scores.

    It does not hold for several reports together: before and after a student has
    joined, of parts beside the whole, or with another `min_cell`. What one leaves open
    the next may tell.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> answers = [["A"]] * 14 + [["B"]] * 12 + [["C"]] * 4
    >>> table = qa.option_analysis(qa.Responses.from_answers(answers, ["A"]))
    >>> suppressed(table)["n"].to_pylist()
    [14, None, None]
    """
    if not isinstance(min_cell, int) or min_cell < 2:
        msg = f"min_cell must be a whole number of 2 or more, not {min_cell!r}"
        raise ValueError(msg)
    need_kind("a pyarrow.Table, one table of a report, is", table, pa.Table)
    metadata = dict(table.schema.metadata or {})
    name = metadata.get(b"table", b"").decode()
    if name not in DISCLOSURES:
        known = ", ".join(DISCLOSURES)
        msg = f"the table must be one of {known}, not {name or 'another'}"
        raise ValueError(msg)
    made = json.loads(metadata.get(b"made", b"{}"))
    options = made.get("options") or {}
    if options.get("attempt") == "all":
        msg = (
            "min_cell counts students, and with attempt='all' each of their attempts "
            "counts: take 'last', 'first', 'best' or 'kept'"
        )
        raise ValueError(msg)
    rules = REPORTS[name], DISCLOSURES[name]
    table = _hide(table, find_hidden(table, *rules, min_cell))
    made["options"] = {**options, "min_cell": min_cell}
    made["input_digest"] = None
    metadata[b"made"] = json.dumps(made).encode()
    return table.replace_schema_metadata(metadata)


def suppress_together(
    tables: Mapping[str, pa.Table], min_cell: int
) -> dict[str, pa.Table]:
    """Hide in all tables of a report what they would tell together, too.

    Parameters
    ----------
    tables : mapping of str to pyarrow.Table
        The ``summary``, ``item_analysis``, ``option_analysis`` and others of the same
        submissions, as `suppressed` takes them.
    min_cell : int
        As for `suppressed`.

    Notes
    -----
    Where the counts of an item's options would tell its right answers, or these a
    hidden option, both are hidden; so are the parts that add up to all submissions,
    where the summary tells all but a few of them. Where the totals, being the sums of
    all items, would tell what is hidden of one, so are their mean, what they are spread
    by and what tells these.
    """
    found = {name: suppressed(table, min_cell) for name, table in tables.items()}
    rules = (
        protect_options,
        partial(protect_ungraded, least=min_cell),
        protect_counts,
        protect_spread,
        protect_points,
        protect_swaps,
        protect_scores,
    )
    for rule in rules:
        for name, columns in rule(tables, found).items():
            found[name] = _hide(found[name], _still_shown(found[name], columns))
    return found


def _still_shown(table: pa.Table, hidden: Mapping[str, Mask]) -> dict[str, Mask]:
    """What of it there is to hide: what is undefined keeps its reason."""
    return {
        name: rows & np.asarray(table[name].is_valid(), bool)
        for name, rows in hidden.items()
    }


def _hide(table: pa.Table, hidden: Mapping[str, Mask]) -> pa.Table:
    """Hide figures, and why they were null if they were: they are suppressed now."""
    hidden = {name: rows for name, rows in hidden.items() if rows.any()}
    if not hidden:
        return table
    said = table["undefined"].fill_null("").combine_chunks()
    texts = said.dictionary_encode()
    # Few rows differ in what they say and in what is hidden of them.
    bits = sum(rows.astype(np.int64) << at for at, rows in enumerate(hidden.values()))
    pattern = np.unique(bits, return_inverse=True)[1]
    first, place = distinct([np.asarray(texts.indices, np.int64), pattern])
    words = [
        _with_suppressed(
            texts.dictionary[texts.indices[row].as_py()].as_py(),
            [name for name, rows in hidden.items() if rows[row]],
        )
        for row in first.tolist()
    ]
    for name, rows in hidden.items():
        at, field = table.column_names.index(name), table.schema.field(name)
        mask = pa.array(np.ascontiguousarray(rows))
        values = pc.if_else(mask, pa.scalar(None, field.type), table[name])
        table = table.set_column(at, field, values)
    at, field = table.column_names.index("undefined"), table.schema.field("undefined")
    why = pa.array(words, pa.string()).take(pa.array(place))
    return table.set_column(at, field, why)


def _with_suppressed(undefined: str, names: list[str]) -> str | None:
    """Say that figures are suppressed instead of why they are undefined."""
    others = [
        reason
        for reason in undefined.split("; ")
        if reason and reason.partition(":")[0] not in names
    ]
    return "; ".join([*others, *(f"{name}: suppressed" for name in names)]) or None
