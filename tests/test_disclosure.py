"""What may be shown of a table is declared, and what is not declared is hidden."""

from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest

import quizanalysis as qa
from quizanalysis._disclosure import DISCLOSURES
from quizanalysis._readout.suppression import find_hidden
from quizanalysis.schema import REPORTS


def names_of(table):
    """The counts that may be named: columns of the table and declared counts."""
    counts = [count.name for count in DISCLOSURES[table].counts]
    return {*counts, *(column.name for column in REPORTS[table])}


@pytest.mark.parametrize("table", DISCLOSURES)
def test_every_column_says_which_counts_it_rests_on(table):
    undeclared = [c.name for c in REPORTS[table] if c.rests_on is None]
    assert undeclared == []
    for column in REPORTS[table]:
        assert {*column.rests_on} <= names_of(table), column.name


@pytest.mark.parametrize("table", DISCLOSURES)
def test_the_ends_of_an_interval_rest_on_what_their_figure_rests_on(table):
    columns = {column.name: column for column in REPORTS[table]}
    pairs = [
        (name, name.rsplit("_", 1)[0])
        for name in columns
        if name.endswith(("_low", "_high"))
    ]
    for end, figure in pairs:
        assert {*columns[figure].rests_on} <= {*columns[end].rests_on}, end
    assert bool(pairs) == (table not in ("option_traces", "exclusions"))


@pytest.mark.parametrize("table", DISCLOSURES)
def test_what_is_named_in_sums_and_spreads_is_there(table):
    disclosure, known = DISCLOSURES[table], names_of(table)
    for one in disclosure.sums:
        named = {*one.parts, *one.within, one.once, one.last}
        assert named - {None} <= known
    for one in disclosure.spreads:
        assert {*one.of, one.to, *one.within} <= known
    for one in disclosure.counts:
        assert {*one.within} <= known


@pytest.mark.parametrize("table", sorted({*REPORTS} - {*DISCLOSURES}))
def test_a_table_that_declares_no_counts_is_refused(table):
    empty = pa.table({"n": [1]}).replace_schema_metadata({"table": table})
    with pytest.raises(ValueError, match=f"not {table}"):
        qa.suppressed(empty)


def test_a_column_that_declares_nothing_is_hidden():
    scores = (np.random.default_rng(3).random((400, 5)) < 0.5).astype(float)
    table = qa.item_analysis(qa.Responses.from_matrix(scores, 1))
    columns = [
        replace(column, rests_on=None) if column.name == "difficulty" else column
        for column in REPORTS["item_analysis"]
        if column.name != "discrimination"
    ]
    disclosure = DISCLOSURES["item_analysis"]
    hidden = find_hidden(table, columns, disclosure, 10)
    whole = {name for name, rows in hidden.items() if rows.all()}
    ends = {"discrimination_low", "discrimination_high"}
    assert whole == {"min", "max", "difficulty", "discrimination", *ends}
