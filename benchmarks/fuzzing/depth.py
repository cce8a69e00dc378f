"""All that is made of responses, in a sample of those that were read."""

import io
import json
import math
from collections.abc import Callable
from dataclasses import fields
from importlib.util import find_spec
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.csv as pv

import quizanalysis as qa
from benchmarks.fuzzing.judging import Unexpected, judge_message
from benchmarks.fuzzing.samples import WRITERS

_CONVENTIONS: tuple[Callable[[qa.Responses], Any], ...] = (
    qa.conventions.canvas_classic.item_analysis,
    qa.conventions.canvas_classic.student_analysis,
    qa.conventions.new_quizzes.item_analysis,
    qa.conventions.new_quizzes.item_analysis_json,
    qa.conventions.new_quizzes.student_analysis,
    qa.conventions.new_quizzes.student_analysis_json,
    qa.conventions.moodle.item_analysis,
    qa.conventions.moodle.summary,
    qa.conventions.r_ctt.item_analysis,
    qa.conventions.r_ctt.summary,
    qa.conventions.r_psych.item_analysis,
    qa.conventions.r_psych.summary,
    qa.conventions.r_psych.split_half,
)


def examine(responses: qa.Responses, random: Random) -> None:
    """Analyse, write all tables, test the rules, and take two other steps.

    What a step raises says which step it was; ``REFUSALS`` says what it may raise.
    """
    _step(_analyze, responses, random)
    for step in random.sample(_STEPS, 2):
        _step(step, responses, random)


def _step(
    step: Callable[[qa.Responses, Random], None],
    responses: qa.Responses,
    random: Random,
) -> None:
    name = step.__name__.strip("_")
    try:
        step(responses, random)
    except Exception as error:
        error.add_note(name)
        if not isinstance(error, REFUSALS.get(name, ())):
            raise
        if isinstance(error, qa.DataError):
            found = judge_message(error)
            if found.kind != "DataError":
                bad = Unexpected(f"{found.kind}: {found.text}")
                bad.add_note(name)
                raise bad from error


def _analyze(responses: qa.Responses, _random: Random) -> None:
    report = qa.analyze(responses)
    for field in fields(report):
        table = getattr(report, field.name)
        _check_csv(table)
        _check_json(table)
    qa.findings(report, responses=responses)


def _check_csv(table: pa.Table) -> None:
    """Read what was written: as many rows, the same columns, UTF-8, finite."""
    qa.write_csv(table, file := io.BytesIO())
    file.getvalue().decode()
    file.seek(0)
    options = pv.ParseOptions(newlines_in_values=True)
    read = pv.read_csv(file, parse_options=options)
    if read.num_rows != table.num_rows or read.num_columns != table.num_columns:
        raise Unexpected("a CSV of another shape than its table")
    for column in table.columns:
        if pa.types.is_floating(column.type):
            values = column.drop_null().to_pylist()
            if not all(map(math.isfinite, values)):
                raise Unexpected("a figure that is not finite")


def _check_json(table: pa.Table) -> None:
    qa.write_json(table, file := io.BytesIO())
    made = json.loads(file.getvalue(), parse_constant=_refuse_constant)
    if len(made["rows"] if isinstance(made, dict) else made) != table.num_rows:
        raise Unexpected("a JSON of another length than its table")


def _refuse_constant(word: str) -> None:
    raise Unexpected(f"{word} in JSON")


def _page(responses: qa.Responses, _random: Random) -> None:
    from quizanalysis.page import page  # noqa: PLC0415  needs an extra

    page(responses).encode()


def _what_if(responses: qa.Responses, random: Random) -> None:
    item = random.choice(qa.item_analysis(responses)["item_id"].to_pylist() or ["?"])
    change: dict[str, Any] = random.choice(
        (
            {"drop": item},
            {"full_credit": [item]},
            {"weights": {item: random.choice((0, 0.5, 3, 1e6))}},
            {"rekey": {item: "a"}},
        )
    )
    made = qa.what_if(responses, pass_mark=random.choice((None, 50)), **change)
    _check_csv(made.students)


def _dif(responses: qa.Responses, random: Random) -> None:
    ids = qa.student_analysis(responses)["student_id"].unique().to_pylist()
    random.shuffle(ids)
    half = len(ids) // 2
    groups = [responses.where(student=some) for some in (ids[:half], ids[half:])]
    qa.dif(*groups)


def _convention(responses: qa.Responses, random: Random) -> None:
    made = random.choice(_CONVENTIONS)(responses)
    if isinstance(made, pa.Table):
        qa.write_csv(made, io.BytesIO())
    else:
        json.dumps(made, allow_nan=False)


def _round_trip(responses: qa.Responses, random: Random) -> None:
    """Rows that are written and read are the same rows."""
    rows = responses.to_arrow()
    if not rows.num_rows:
        return  # the tidy form cannot hold items that nobody has
    written = WRITERS[random.choice(_LOSSLESS)](rows)
    again = qa.read(io.BytesIO(written), test_student=True).to_arrow()
    if not again.equals(rows):
        names = [
            name
            for name in rows.column_names
            if name not in again.column_names or not rows[name].equals(again[name])
        ]
        raise Unexpected(f"other rows after writing and reading: {names}")


def _pages() -> tuple[Callable[[qa.Responses, Random], None], ...]:
    return (_page,) if find_spec("jinja2") else ()


_LOSSLESS = ("tidy-csv", "tidy-parquet", "tidy-ipc")

_STEPS = (_what_if, _dif, _convention, _convention, _round_trip, *_pages())

REFUSALS: dict[str, tuple[type[Exception], ...]] = {
    "what_if": (qa.DataError,),  # a key that is no option, points that are not known
    "dif": (qa.MergeError,),  # groups that contradict each other on an item's points
    "convention": (ValueError,),  # several quizzes, foreign ids
    "page": (ValueError,),  # more quizzes or questions than a page has room for
}
"""What each step may raise, as its documentation says."""
