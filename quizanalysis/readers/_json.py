"""JSON to columns: numbers stay as they were written, text stays text.

The objects of a record are walked in Python here: `json` has made Python objects of
them already, and a comprehension takes less time than Arrow takes to convert nested
records. `pyarrow.json` reads neither arrays of records nor 0 as another thing than 0.0,
lets text through that is not UTF-8, and can crash the process on broken lines.
"""

import json
from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from quizanalysis.errors import DataError, Problem, list_problems
from quizanalysis.readers._source import Request

Record = dict[str, object]

_LISTED = 100


def parsed(request: Request, data: bytes, lines_before: int = 0) -> object:
    """Parse JSON; a number becomes the text that it was written as."""
    with request.parsing("JSON", "is the file cut off?"):
        try:
            # A literal is text as well, so NaN is refused where a number is read.
            result: object = json.loads(
                data.decode(), parse_int=str, parse_float=str, parse_constant=str
            )
        except json.JSONDecodeError as error:
            raise request.fault(
                f"cannot be read as JSON: {error.msg} at character {error.colno}",
                row=error.lineno - 1 + lines_before,
                hint="is the file cut off?",
            ) from None
        except RecursionError:
            raise _too_deep(request) from None
    return result


def records(
    request: Request,
    values: Sequence[object],
    what: str,
    hint: str,
    rows_before: int = 0,
) -> Sequence[Record]:
    """Check that these are objects all; say which are not, and how one looks."""
    if all(type(value) is dict for value in values):
        return values  # type: ignore[return-value]
    wrong = [row for row, value in enumerate(values) if not isinstance(value, dict)]
    problems = [
        Problem(
            table=request.table,
            row=row + rows_before,
            message=f"{what} should be an object",
            value=_text(request, values[row]),
            hint=hint,
        )
        for row in wrong[:_LISTED]
    ]
    raise DataError(list_problems(problems, len(wrong)))


def texts(request: Request, values: Sequence[object]) -> pa.Array:
    """Make a column of text; what is not text is written as JSON, null stays null."""
    with request.parsing("text", "a half of a character pair stands alone"):
        try:
            return pa.array(values, pa.large_string())
        except pa.ArrowException:
            return pa.array(
                [_text(request, value) for value in values], pa.large_string()
            )


def answers(request: Request, values: Sequence[object]) -> pa.Array:
    """Make a column of answers: of lists, as soon as one of them is a list."""
    if not any(type(value) is list for value in values):
        return texts(request, values)
    lists = [_listed(request, value) for value in values]
    with request.parsing("text", "a half of a character pair stands alone"):
        return pa.array(lists, pa.list_(pa.string()))


def joined(parts: Sequence[pa.Array]) -> pa.ChunkedArray:
    """Put columns of answers together; if some are lists, a text is a list of one."""
    if not any(pa.types.is_list(part.type) for part in parts):
        return pa.chunked_array(parts, pa.large_string())
    return pa.chunked_array([_lists(part) for part in parts])


def _lists(part: pa.Array) -> pa.Array:
    if pa.types.is_list(part.type):
        return part
    there = np.asarray(part.is_valid(), np.int64)
    ends = pa.array(np.concatenate([[0], np.cumsum(there)]), pa.int32())
    words = part.drop_null().cast(pa.string())
    return pa.ListArray.from_arrays(ends, words, mask=part.is_null())


def _listed(request: Request, value: object) -> list[str | None] | None:
    if value is None:
        return None
    parts = value if isinstance(value, list) else [value]
    return [_text(request, part) for part in parts]


def _text(request: Request, value: object) -> str | None:
    """Write what is not text as JSON; what could be parsed can be too deep for that."""
    if value is None or isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False)
    except RecursionError:
        raise _too_deep(request) from None


def _too_deep(request: Request) -> DataError:
    return request.fault(
        "lists or objects within each other, deeper than can be read",
        hint="a value should be text, a number, or a list of texts",
    )
