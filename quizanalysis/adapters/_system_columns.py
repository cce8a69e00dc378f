"""Which columns of another system's report a person is shown, and what to know."""

from collections.abc import Iterator, Mapping, Sequence
from textwrap import fill

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import _words
from quizanalysis.adapters._layout import Column, Row

__all__ = ["NOTES", "TELLING", "columns", "rows"]

TELLING: Mapping[tuple[str, str], tuple[str, ...]] = {
    ("canvas-classic", "item_analysis"): (
        "Question Id",
        "Question Title",
        "Answered Student Count",
        "Difficulty Index",
        "Standard Deviation",
        "Point Biserial of Correct",
        "Alpha",
        "Point Biserial of Distractor 2",
        "Point Biserial of Distractor 3",
        "Point Biserial of Distractor 4",
    ),
    ("canvas-classic", "student_analysis"): (
        "name",
        "id",
        "score",
        "n correct",
        "n incorrect",
        "attempt",
        "submitted",
        "section",
    ),
    ("new-quizzes", "item_analysis"): (
        "item_id",
        "item_body",
        "n",
        "difficulty_index",
        "discrimination_index",
        "pearson_correlation",
        "mean",
        "points_possible",
        "correct_percentage",
        "no_answer_percentage",
    ),
    ("new-quizzes", "student_analysis"): (
        "Name",
        "ID",
        "Attempt",
        "OverallScore",
        "PointsPossible",
        "NumberOfCorrect",
        "NumberOfIncorrect",
        "NoResponse",
        "ElapsedTime",
        "Submitted",
    ),
    ("moodle", "item_analysis"): (
        "Q#",
        "Question name",
        "Attempts",
        "Facility index",
        "Standard deviation",
        "Discrimination index",
        "Discriminative efficiency",
        "Effective weight",
        "Intended weight",
        "Random guess score",
    ),
    ("moodle", "summary"): (
        "quiz_id",
        "count",
        "mean",
        "median",
        "standarddeviation",
        "cic",
        "errorratio",
        "standarderror",
        "skewness",
        "kurtosis",
    ),
    ("ctt", "item_analysis"): ("itemName", "itemMean", "pBis", "bis", "alphaIfDeleted"),
    ("psych", "item_analysis"): (
        "item_id",
        "n",
        "raw.r",
        "std.r",
        "r.cor",
        "r.drop",
        "mean",
        "sd",
        "raw_alpha",
    ),
    ("psych", "summary"): (
        "quiz_id",
        "raw_alpha",
        "std.alpha",
        "G6(smc)",
        "average_r",
        "S/N",
        "ase",
        "mean",
        "sd",
    ),
    ("ctt", "option_analysis"): (
        "item_id",
        "key",
        "correct",
        "n",
        "rspP",
        "pBis",
        "discrim",
        "lower",
        "mid66",
        "upper",
    ),
}
"""The columns in their order; the last go first where the terminal is narrow."""

NOTES: Mapping[tuple[str, str], str] = {
    ("canvas-classic", "item_analysis"): (
        "multiple choice and true/false; the first attempt of each counts; a blank is "
        "in no figure; divisor n; the item is in the total"
    ),
    ("canvas-classic", "student_analysis"): "answers and points are in the file",
    ("new-quizzes", "item_analysis"): (
        "the last attempt of each counts, without what is not graded; figures have 2 "
        "decimals; pearson_correlation is with the other items"
    ),
    ("new-quizzes", "student_analysis"): "answers and points are in the file",
    ("moodle", "item_analysis"): (
        "as Moodle stores them: facility and guess score are shares of 1, the standard "
        "deviation is in marks, all else in percent"
    ),
    ("moodle", "summary"): (
        "mean, median, standard deviation and error in marks; cic (100 times alpha) "
        "and error ratio in percent"
    ),
    ("psych", "item_analysis"): "raw_alpha: of the other items",
    ("ctt", "item_analysis"): "only students who have every item",
    ("ctt", "summary"): "only students who have every item",
    ("ctt", "option_analysis"): (
        "pBis: with the total less the answer itself; what nobody chose is in the file"
    ),
}
"""What a reader of the figures must know."""

_LEAD = 9
_HEAD, _STAYS = 11, 4
_AS_TEXT = "Alpha"


def rows(
    table: pa.Table, system: str, command: str, most: int
) -> tuple[Sequence[Row], int]:
    """Find the cells of the first rows, and count the rows that there are.

    A question may be called like a column of the system's own; these stand in front of
    all questions and behind them.
    """
    if command == "option_analysis" and "n" in table.column_names:
        table = table.filter(pc.field("n") > 0)
    names, part = table.column_names, table.slice(0, most)
    cells: list[dict[str, object]] = [{} for _ in range(part.num_rows)]
    for name in _names(table, system, command):
        first = names.index(name)
        last = len(names) - 1 - names[::-1].index(name)
        column = part.column(first if first < _LEAD else last)
        for row, value in zip(cells, column.to_pylist(), strict=True):
            row[name] = value
    return cells, table.num_rows


def columns(table: pa.Table, system: str, command: str) -> Iterator[Column]:
    """Make the columns of a report, under the heads that the system gives them."""
    scores = command == "student_analysis"
    for place, name in enumerate(_names(table, system, command)):
        kind = table.schema.types[table.column_names.index(name)]
        text = pa.types.is_string(kind) and name != _AS_TEXT
        form = _words.points if pa.types.is_floating(kind) else _words.one_line
        yield Column(
            name=name,
            head=fill(name.replace("_", "_ "), _HEAD, break_long_words=False).replace(
                "_ ", "_"
            ),
            digits=3 if pa.types.is_floating(kind) and not scores else None,
            form=_alpha if name == _AS_TEXT else form,
            left=text,
            long=text and 0 < place < _STAYS,
            spare=max(0, place - _STAYS),
            always=not text,
        )


def _names(table: pa.Table, system: str, command: str) -> list[str]:
    """Choose columns; of a report that nobody chose from, all."""
    known = set(table.column_names)
    chosen = TELLING.get((system, command), table.column_names)
    names = [name for name in dict.fromkeys(chosen) if name in known]
    many = "quiz_id" in known and len(table["quiz_id"].unique()) > 1
    if not many:
        return [name for name in names if name != "quiz_id"]
    return ["quiz_id", *(name for name in names if name != "quiz_id")]


def _alpha(text: object) -> str:
    """Shorten a figure that is text."""
    try:
        return _words.number(float(str(text)), 3)
    except ValueError:
        return _words.one_line(text)
