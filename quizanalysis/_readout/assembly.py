"""From what was asked for to a table as it is declared."""

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._readout.reasons import Columns, Reasons, why
from quizanalysis._refusals import need_kind
from quizanalysis.progress import QUIET, Meter
from quizanalysis.responses import Attempts, Responses
from quizanalysis.schema import REPORTS, arrow_schema
from quizanalysis.tally import Blank, Tally

Source = Responses | Tally


def tallied(source: Source, attempt: Attempts | None, blank: Blank | None) -> Tally:
    """Count responses; of a tally, see that it is what was asked for."""
    if isinstance(source, Responses):
        return Tally.of(source.attempts(attempt or "last"), blank=blank or "zero")
    need_kind("Responses or a Tally are", source, Tally)
    if attempt is not None:
        msg = "a tally has counted its attempts: choose them before Tally.of"
        raise ValueError(msg)
    if source.total != "items":
        msg = "these tables need a tally with total='items'"
        raise ValueError(msg)
    if blank not in {None, source.blank}:
        msg = f"this tally counts blanks as {source.blank}; count again for {blank}"
        raise ValueError(msg)
    return source


def check(
    *,
    criterion: str = "points",
    tail: float = 0.5,
    ties: str = "split",
    ddof: int = 1,
    groups: int = 2,
    level: float = 0.95,
) -> None:
    """Refuse options that do not exist."""
    if not isinstance(level, int | float):
        msg = f"level must be a number, not {level!r}"
        raise TypeError(msg)
    if not 0 < level < 1:
        msg = f"level must be above 0 and below 1, not {level}"
        raise ValueError(msg)
    if ddof < 0:
        msg = f"ddof must be 0 or more, not {ddof}"
        raise ValueError(msg)
    if criterion not in {"points", "share"}:
        msg = f"criterion must be points or share, not {criterion!r}"
        raise ValueError(msg)
    if ties not in {"split", "include"}:
        msg = f"ties must be split or include, not {ties!r}"
        raise ValueError(msg)
    if not isinstance(groups, int) or not 2 <= groups <= 20:
        msg = f"groups must be a whole number from 2 to 20, not {groups!r}"
        raise ValueError(msg)
    if not isinstance(tail, int | float):
        msg = f"tail must be a number, not {tail!r}"
        raise TypeError(msg)
    if not 0 < tail <= 0.5:
        msg = f"tail must be above 0 and at most 0.5, not {tail}"
        raise ValueError(msg)


def made_of(  # noqa: PLR0913  one for each option of the tables
    source: Source,
    tally: Tally,
    attempt: Attempts | None,
    *,
    ddof: int | None = None,
    criterion: str | None = None,
    tail: float | None = None,
    ties: str | None = None,
    groups: int | None = None,
    level: float | None = None,
) -> dict[str, Any]:
    """Note how a table was made: the options in force, and of which counts."""
    options = {
        "attempt": "as tallied" if isinstance(source, Tally) else attempt or "last",
        "blank": tally.blank,
        "criterion": criterion,
        "tail": tail,
        "ties": ties,
        "ddof": ddof,
        "groups": groups,
        "level": level,
    }
    return {
        "options": {
            name: value for name, value in options.items() if value is not None
        },
        "input_digest": tally.digest,
    }


def assembled(
    name: str,
    columns: Columns,
    reasons: Reasons,
    made: Mapping[str, Any],
    extra: pa.Table | None = None,
    meter: Meter = QUIET,
) -> pa.Table:
    """Put the declared columns together; NaN becomes null, with its reason."""
    share = made["options"].get("criterion") == "share"
    schema = arrow_schema(name, {"made": json.dumps(made)}, share=share)
    arrays: list[pa.Array] = []
    for column in REPORTS[name]:
        meter.at(len(arrays), len(REPORTS[name]))
        if column.name == "undefined":
            arrays.append(why(columns, reasons))
            continue
        value = columns[column.name]
        if isinstance(value, np.ndarray):
            value = pa.array(value, from_pandas=True)
            if pa.types.is_integer(column.type) and pa.types.is_floating(value.type):
                value = pc.cast(value, column.type, safe=False)
        arrays.append(value.cast(column.type))
    table = pa.table(arrays, schema=schema)
    if extra is not None:
        for field in extra.schema:
            table = table.append_column(field, extra[field.name])
    return table
