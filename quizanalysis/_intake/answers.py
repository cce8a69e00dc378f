"""Students x items arrays of raw choices as tidy tables, scored with a key."""

from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.cell_values import (
    REFUSALS,
    is_blank,
    is_for_arrow,
    plain_value,
    text_of,
)
from quizanalysis._intake.columns import Mask
from quizanalysis._intake.labels import (
    Ids,
    align_key,
    align_points,
    is_named,
    number_names,
    read_item_ids,
    read_names,
    read_student_ids,
    refuse,
)
from quizanalysis._intake.matrix import array_of, check_shape, item_table, long_rows
from quizanalysis._intake.not_items import find_by_name, find_numbers
from quizanalysis._intake.spelling import refuse_none_right, spell
from quizanalysis.errors import DataError
from quizanalysis.progress import QUIET, Meter

Note = tuple[str, str, int]
"""``(unit, reason, n)``: what was done with how many."""

_FEW = 5
_NOBODY = "a key that no answer equals"
_MATCHED = "answers matched to the key without regard to case and outer blanks"


@dataclass(frozen=True, slots=True)
class _Answered:
    """The answers to an item.

    Attributes
    ----------
    texts : object array, shape (students,)
        As the options are written; empty for a blank.
    right : mask, shape (students,)
    chosen, key : list of str
        The distinct answers but blanks, and the right ones.
    matched : bool
        Whether any is written otherwise than it was given.
    """

    texts: npt.NDArray[Any]
    right: Mask
    chosen: list[str]
    key: list[str]
    matched: bool

    def options(self) -> list[dict[str, object]]:
        """List the choices and the key, and which of them are right."""
        choices = sorted({*self.chosen, *self.key})
        return [{"id": c, "text": c, "correct": c in self.key} for c in choices]


def read_answers(
    answers: Any,  # noqa: ANN401
    key: Any,  # noqa: ANN401
    points_possible: Any,  # noqa: ANN401
    item_ids: Any,  # noqa: ANN401
    student_ids: Any,  # noqa: ANN401
) -> tuple[npt.NDArray[Any], list[list[str]], Any, Ids, Ids]:
    """The answers as an array, and by place what goes by names in the table.

    Raises
    ------
    DataError
        With every column that is no question, unless the caller named the items.
    """
    columns, names = read_names(answers), read_item_ids(answers, item_ids)
    if item_ids is None and columns is not None:
        found = find_by_name(columns, "answers")
        if found:
            raise DataError(found.values())
    matrix = _array_of_answers(answers)
    known, n_items = [columns, names], matrix.shape[1]
    entries = align_key(key, known, n_items)
    right = [right_of(one, index) for index, one in enumerate(entries)]
    if item_ids is None:
        _refuse_numbers(matrix, columns, right)
    points = align_points(points_possible, known, n_items)
    return (
        matrix,
        right,
        points,
        names,
        read_student_ids(answers, student_ids, "answers"),
    )


def _array_of_answers(answers: Any) -> npt.NDArray[Any]:  # noqa: ANN401
    matrix = array_of(answers, "answers")
    if not hasattr(answers, "__array__"):
        # Of its own accord numpy makes texts of all, of NaN and 1.0 too.
        matrix = array_of(answers, "answers", object)
    check_shape(matrix, "answers")
    return matrix


def _refuse_numbers(
    matrix: npt.NDArray[Any], columns: Ids, right: Sequence[Sequence[str]]
) -> None:
    """Refuse columns of ids and row numbers in which no answer is right."""
    if len(matrix) < _FEW:
        return  # a few students may each have chosen another option, in order
    names = number_names(matrix.shape[1]) if columns is None else columns
    found = find_numbers(matrix, names, "answers", named=is_named(columns))
    wrong = [
        problem
        for at, problem in found.items()
        if not {*_texts(matrix[:, at])[0]} & {text.strip() for text in right[at]}
    ]
    if wrong:
        raise DataError(wrong)


def tidy_of_answers(
    matrix: npt.NDArray[Any],
    right: Sequence[Sequence[str]],
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
    meter: Meter = QUIET,
) -> tuple[pa.Table, pa.Table, list[Note]]:
    """Long rows of the answers with their scores; items with their options; notes."""
    worth = 1 if points_possible is None else points_possible
    items = item_table(matrix.shape[1], worth, item_ids)
    worth = np.asarray(items["points_possible"], np.float64)
    if not np.isfinite(worth).all():
        refuse("points_possible", "not a number, or infinite", "one for each item")
    answered = []
    for at, one in enumerate(right):
        answered.append(_answered(matrix[:, at], one))
        meter.at(0.7 * len(answered) / len(right))
    texts = np.stack([one.texts for one in answered], axis=1)
    blank = np.asarray(texts == "", bool)
    good = np.stack([one.right for one in answered], axis=1)
    refuse_none_right(
        items["item_id"].to_pylist(),
        [one.chosen for one in answered],
        [one.key for one in answered],
        int(blank.size - blank.sum()),
    )
    blank = blank.ravel()
    status = pa.DictionaryArray.from_arrays(
        pa.array(blank.astype(np.int8)), pa.array(["graded", "not_attempted"])
    )
    columns = {
        "score": pa.array((good * worth).ravel()),
        "response": pa.array(texts.ravel(), pa.string(), mask=blank),
        "status": status,
    }
    rest = meter.within(0.8, 1.0)
    tidy = long_rows(matrix.shape, items, student_ids, columns, rest)
    options = pa.array([one.options() for one in answered])
    return tidy, items.append_column("options", options), _note(answered)


def _note(answered: Iterable[_Answered]) -> list[Note]:
    answered = list(answered)
    wrong = sum(bool(one.chosen) and not {*one.chosen} & {*one.key} for one in answered)
    matched = sum(one.matched for one in answered)
    notes = [("items", _MATCHED, matched), ("items", _NOBODY, wrong)]
    return [note for note in notes if note[2]]


def _answered(column: npt.NDArray[Any], key: Sequence[str]) -> _Answered:
    said, back = _texts(column)
    texts, right, matched = spell(said, key)
    chosen = sorted({text for text in texts if text})
    is_right = np.array([text in right for text in texts])
    return _Answered(
        np.array(texts, object)[back], is_right[back], chosen, right, matched
    )


def _texts(column: npt.NDArray[Any]) -> tuple[list[str], npt.NDArray[np.integer]]:
    """Texts of one item's answers, empty for a blank, and the number of each row's.

    1.0 is written as 1.
    """
    values, back = _distinct(column)
    return ["" if _is_blank(value) else _written(value) for value in values], back


def _distinct(
    column: npt.NDArray[Any],
) -> tuple[list[object], npt.NDArray[np.integer]]:
    """Distinct values, and the number of each row's; the last one is None."""
    if column.dtype.kind != "O":
        unique, back = np.unique(column, return_inverse=True)
        if column.dtype.kind in "mM":
            return [*map(plain_value, unique), None], back
        return [*unique.tolist(), None], back
    if not is_for_arrow(column):
        return _by_hand(column)
    try:
        coded = pa.array(column, from_pandas=True).dictionary_encode()
    except REFUSALS:
        return _by_hand(column)
    values = coded.dictionary.to_pylist()
    return [*values, None], coded.indices.fill_null(len(values)).to_numpy()


def _by_hand(
    column: npt.NDArray[Any],
) -> tuple[list[object], npt.NDArray[np.integer]]:
    """Texts and numbers side by side have no order and no Arrow type."""
    values: dict[tuple[type, object], int] = {}
    try:
        cells = map(plain_value, column)
        back = [values.setdefault((type(v), v), len(values)) for v in cells]
    except REFUSALS as error:
        refuse("answers", str(error), "one text or number in each cell")
    return [*(value for _, value in values), None], np.array(back, np.int64)


def _is_blank(value: object) -> bool:
    try:
        return is_blank(value)
    except REFUSALS as error:
        what = f"a value that equals nothing: {error}"
        refuse("answers and key", what, "one text or number in each cell")


def _written(value: object) -> str:
    try:
        return text_of(value)
    except REFUSALS as error:
        hint = "give texts or numbers, and decode bytes to text"
        refuse("answers and key", f"no text or number: {error}", hint)


def right_of(key: object, index: int) -> list[str]:
    """The right choices of an item, as texts."""
    several = key if isinstance(key, AbstractSet | list | tuple) else [key]
    plain = [plain_value(one) for one in several]
    texts = [_written(one) for one in plain if not _is_blank(one)]
    right = [text for text in texts if text.strip()]
    if not right:
        refuse("key", f"entry {index} is empty", "give the right choice")
    return right
