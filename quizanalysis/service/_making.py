"""One report, from the responses to the bytes of its file."""

import reprlib
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, BinaryIO, Literal

import pyarrow as pa

from quizanalysis.conventions import new_quizzes
from quizanalysis.errors import InvalidReport, QuizAnalysisError
from quizanalysis.report import one_table
from quizanalysis.responses import Responses
from quizanalysis.writers import write_csv, write_json

__all__ = ["FORMATS", "TYPES", "Layout", "check", "checked", "write"]

Layout = Literal["new-quizzes", "quizanalysis"]

TYPES = ("student_analysis", "item_analysis")
FORMATS = ("csv", "json")

_IDS = 255
_CELLS, _PARTS = 20_000, 25  # what is small is written at once, and told once


def check(report_type: object, format: object, *ids: object) -> None:  # noqa: A002  the API's own word
    """Refuse what no report can be made of."""
    for name, value, known in (
        ("report_type", report_type, TYPES),
        ("format", format, FORMATS),
    ):
        if value not in known:
            msg = f"{name} must be {' or '.join(known)}, not {reprlib.repr(value)}"
            raise InvalidReport(msg)
    for value in ids:
        if not (isinstance(value, str) and value.isprintable() and _fits(value)):
            msg = (
                f"an id is 1 to {_IDS} printable characters, not {reprlib.repr(value)}"
            )
            raise InvalidReport(msg)


def checked(responses: object) -> Responses:
    """Refuse what is not the submissions of one quiz."""
    if not isinstance(responses, Responses):
        msg = f"the source gave no Responses but {type(responses).__name__}"
        raise QuizAnalysisError(msg)
    n = len(responses.items["quiz_id"].unique())
    if n > 1:
        msg = f"a report is about one quiz, and the source gave the responses of {n}"
        raise QuizAnalysisError(msg)
    return responses


def write(
    responses: Responses,
    file: BinaryIO,
    *,
    report_type: str,
    format: str,  # noqa: A002  the API's own word
    layout: Layout,
    created: datetime,
    tell: Callable[[float], object],
) -> None:
    """Make a report and write it, telling the share of it that is done."""
    if layout == "quizanalysis":
        made = one_table(
            responses, report_type, lambda done, of: tell(0.7 * done / max(of, 1))
        )
    else:
        made = _as_new_quizzes(responses, report_type, format, created)
    tell(0.7)
    if isinstance(made, pa.Table):
        made = _by_rows(made, lambda share: tell(0.7 + 0.3 * share))
    (write_csv if format == "csv" else write_json)(made, file)
    tell(1.0)


def _by_rows(table: pa.Table, tell: Callable[[float], object]) -> pa.RecordBatchReader:
    """Give a table in parts, telling the share of it that was taken."""
    rows = max(1, _CELLS // table.num_columns, -(-table.num_rows // _PARTS))

    def parts() -> Iterator[pa.RecordBatch]:
        for start in range(0, table.num_rows, rows):
            yield from table.slice(start, rows).to_batches()
            tell(min(1.0, (start + rows) / table.num_rows))

    return pa.RecordBatchReader.from_batches(table.schema, parts())


def _as_new_quizzes(
    responses: Responses,
    report_type: str,
    format: str,  # noqa: A002
    created: datetime,
) -> pa.Table | list[dict[str, Any]]:
    if report_type == "item_analysis":
        if format == "csv":
            return new_quizzes.item_analysis(responses)
        return new_quizzes.item_analysis_json(responses)
    if format == "csv":
        return new_quizzes.student_analysis(responses)
    return new_quizzes.student_analysis_json(responses, created=created)


def _fits(text: str) -> bool:
    try:
        return 0 < len(text.encode()) <= _IDS
    except UnicodeEncodeError:
        return False
