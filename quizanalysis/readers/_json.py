"""JSON to columns: numbers stay as they were written, text stays text.

The objects of a record are walked in Python here: `json` has made Python objects of
them already, and a comprehension takes less time than Arrow takes to convert nested
records. `pyarrow.json` reads neither arrays of records nor 0 as another thing than 0.0.
"""

import json
from collections.abc import Sequence

import pyarrow as pa

from quizanalysis.errors import DataError, Problem
from quizanalysis.readers._source import Request

Record = dict[str, object]

_LISTED = 100


def parsed(request: Request, data: bytes) -> object:
    """Parse JSON; a number becomes the text that it was written as."""
    with request.parsing("JSON", "is the file cut off?"):
        # A literal is text as well, so NaN is refused where a number is read.
        result: object = json.loads(
            data.decode(), parse_int=str, parse_float=str, parse_constant=str
        )
    return result


def records(request: Request, values: Sequence[object], what: str) -> Sequence[Record]:
    """Check that these are objects all; say which are not."""
    if all(type(value) is dict for value in values):
        return values  # type: ignore[return-value]
    wrong = [row for row, value in enumerate(values) if not isinstance(value, dict)]
    problems = [
        Problem(
            table=request.table,
            row=row,
            message=f"{what} should be an object",
            value=values[row],
        )
        for row in wrong[:_LISTED]
    ]
    raise DataError(problems, len(wrong))


def texts(request: Request, values: Sequence[object]) -> pa.Array:
    """Make a column of text; what is not text is written as JSON, null stays null."""
    with request.parsing("text", "a half of a character pair stands alone"):
        try:
            return pa.array(values, pa.large_string())
        except pa.ArrowException:
            return pa.array([_text(value) for value in values], pa.large_string())


def answers(request: Request, values: Sequence[object]) -> pa.Array:
    """Make a column of answers: of lists, as soon as one of them is a list."""
    if not any(type(value) is list for value in values):
        return texts(request, values)
    lists = [_listed(value) for value in values]
    with request.parsing("text", "a half of a character pair stands alone"):
        return pa.array(lists, pa.list_(pa.string()))


def _listed(value: object) -> list[str | None] | None:
    if value is None:
        return None
    return [_text(part) for part in (value if isinstance(value, list) else [value])]


def _text(value: object) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)
