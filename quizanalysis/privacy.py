"""Tables that can be given away: figures that rest on too few students are hidden."""

import json
from collections.abc import Mapping
from functools import partial

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._disclosure import DISCLOSURES
from quizanalysis._intake.columns import Mask
from quizanalysis._readout.suppression import hidden_of
from quizanalysis._readout.together import (
    by_items,
    by_options,
    by_submissions,
    by_totals,
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
        When `min_cell` is below 2; for another table. A row of `student_analysis` is of
        one student, whatever is hidden: see its ``anonymous``.
    TypeError
        For what is no table. Of a whole report `analyze` hides them (``min_cell=``).

    Notes
    -----
    A count of 1 to ``min_cell - 1`` is hidden, with all figures that rest on it or tell
    it. A count of nobody is not. So that none can be found by adding or subtracting
    others, more counts are hidden where these add up to a known number, the smallest
    first, until two or more of them come to `min_cell` in sum:

    - the options of an item and those who chose none add up to ``n_item``; the key goes
      last, since the item's figures tell its count;
    - so do the choosers in each group; those of an option are hidden in all three;
    - in `option_traces` one small cell hides all of its item;
    - ``n``, ``n_not_shown`` and ``n_not_graded`` add up to the submissions, and those
      of all sections to those of the whole;
    - ``mean``, ``difficulty`` and the like are hidden when those who were right, or
      those who were not, are too few; ``n_complete`` when those are who lack an item;
    - ``min`` and ``max`` always: they are the score of one student.

    That holds for each table by itself, and for a table by section beside that of the
    whole. Other tables of the same students can tell together what none tells alone:
    ``n_item`` of the options is the ``n`` of the item, and a quiz before and after one
    student has joined tells what that student did.

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
    rules = REPORTS[name], DISCLOSURES[name]
    for column, hidden in hidden_of(table, *rules, min_cell).items():
        table = _without(table, column, hidden)
    made = json.loads(metadata.get(b"made", b"{}"))
    made["options"] = {**(made.get("options") or {}), "min_cell": min_cell}
    made["input_digest"] = None
    metadata[b"made"] = json.dumps(made).encode()
    return table.replace_schema_metadata(metadata)


def suppressed_together(
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
        by_options,
        partial(by_submissions, least=min_cell),
        by_items,
        by_totals,
    )
    for rule in rules:
        for name, columns in rule(tables, found).items():
            for column, hidden in columns.items():
                more = hidden & _valid(found[name][column])
                found[name] = _without(found[name], column, more)
    return found


def _valid(column: pa.ChunkedArray) -> Mask:
    return np.asarray(column.is_valid(), bool)


def _without(table: pa.Table, name: str, hidden: Mask) -> pa.Table:
    """Hide some figures of a column, and why they were null if they were."""
    if not hidden.any():
        return table
    mask, field = pa.array(np.ascontiguousarray(hidden)), table.schema.field(name)
    place = table.column_names.index(name)
    values = pc.if_else(mask, pa.scalar(None, field.type), table[name])
    said = table["undefined"].fill_null("")
    others = pc.replace_substring_regex(said, rf"(^|; ){name}: [^;]*", "")
    others = pc.utf8_ltrim(others, characters="; ")
    start = pc.if_else(
        pc.equal(others, ""), "", pc.binary_join_element_wise(others, "; ", "")
    )
    told = pc.binary_join_element_wise(start, f"{name}: suppressed", "")
    why = pc.if_else(mask, told, table["undefined"])
    last = table.column_names.index("undefined")
    return table.set_column(place, field, values).set_column(
        last, table.schema.field("undefined"), why
    )
