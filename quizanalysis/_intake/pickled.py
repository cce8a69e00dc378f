"""Columns on their way to another process: just the rows held, and read-only again."""

from dataclasses import fields, replace
from typing import Any

import pyarrow as pa

from quizanalysis._intake.options import Options
from quizanalysis._intake.tidy import Cells

Sent = tuple[tuple[Any, ...], tuple[Any, ...]]
"""The fields of `Cells` and of `Options`."""


def alone(table: pa.Table) -> pa.Table:
    """The same rows in memory of their own.

    Arrow pickles all of the memory that a slice was cut from; its stream does not hold
    more than the slice.
    """
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    return pa.ipc.open_stream(stream.getvalue()).read_all()


def sent(cells: Cells, options: Options) -> Sent:
    """What both consist of."""
    if cells.response is not None:
        response = alone(pa.table({"response": cells.response}))["response"]
        cells = replace(cells, response=response)
    return _values(cells), _values(options)


def received(values: Sent) -> tuple[Cells, Options]:
    """Put both together again, which makes their arrays read-only."""
    cells, options = values
    return Cells(*cells), Options(*options)


def _values(held: Cells | Options) -> tuple[Any, ...]:
    return tuple(getattr(held, field.name) for field in fields(held))
