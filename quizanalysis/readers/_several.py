"""Several files read together: each problem says which of them has it."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis.errors import DataError, Problem
from quizanalysis.progress import Meter
from quizanalysis.responses import Responses

_KEYS = ("quiz_id", "student_id", "attempt", "item_id", "position")
_NAMED = 3


def of_file(error: DataError, label: str) -> DataError:
    """Name the file in every problem that does not."""
    return DataError(
        problem if problem.table.startswith(label) else replace(problem, table=label)
        for problem in error.problems
    )


def together(
    parts: Sequence[Responses],
    labels: Sequence[str],
    max_options: int,
    meter: Meter,
) -> Responses:
    """Put the files together; name those that contradict each other."""
    try:
        return Responses.concat(parts, max_options=max_options, progress=meter.at)
    except DataError as error:
        if repeated := list(_repeated(parts, labels)):
            raise DataError(repeated) from None
        names = ", ".join([*labels[:_NAMED], *(["…"] * (len(labels) > _NAMED))])
        # A row is one of all files together, which nobody has seen.
        problems = [
            replace(problem, table=f"{problem.table} of {names}", row=None)
            for problem in error.problems
        ]
        raise DataError(problems) from None


def _repeated(parts: Sequence[Responses], labels: Sequence[str]) -> Iterator[Problem]:
    """Find the responses that are in more than one file."""
    tables = [part.to_arrow().select([*_KEYS, "status"]) for part in parts]
    sizes = [table.num_rows for table in tables]
    files = pa.array(np.repeat(np.arange(len(parts)), sizes))
    whole = pa.concat_tables(tables).append_column("file", files)
    shown = whole.filter(pc.not_equal(whole["status"], "not_shown"))
    groups = shown.group_by(list(_KEYS)).aggregate([("file", "list")])
    twice = groups.filter(pc.greater(pc.list_value_length(groups["file_list"]), 1))
    for row in twice.to_pylist():
        first, *others = sorted(row["file_list"])
        for other in others:
            yield Problem(
                table=labels[other],
                column="item_id",
                value=", ".join(str(row[key]) for key in _KEYS[:4]),
                message="the same quiz, student, attempt and item as in "
                f"{labels[first]}",
                hint="put each submission into one file",
            )
