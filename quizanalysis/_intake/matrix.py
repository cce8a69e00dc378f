"""Students x items arrays as tidy tables."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any, Never

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.columns import Mask
from quizanalysis.errors import DataError, Problem

Ids = Sequence[str] | None


def tidy_of_matrix(
    scores: Any,  # noqa: ANN401
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
) -> tuple[pa.Table, pa.Table]:
    """Long rows of the scores; those that are NaN are not shown."""
    names = names_of(scores, item_ids)
    matrix = matrix_of(scores)
    items = item_table(matrix.shape[1], points_possible, names)
    status = None
    if matrix.dtype.kind == "f":
        missing = np.isnan(matrix)
        if missing.any():
            status = np.where(missing, 1, 0).astype(np.int8).ravel()
    columns = {"score": pa.array(matrix.ravel())}
    if status is not None:
        columns["status"] = pa.DictionaryArray.from_arrays(
            pa.array(status), pa.array(["graded", "not_shown"])
        )
    return _long(matrix.shape, items, student_ids, columns), items


def matrix_of(scores: Any) -> npt.NDArray[Any]:  # noqa: ANN401
    """The scores as an array of numbers, students x items; not a copy if it can be."""
    matrix = _array(scores, "scores")
    if matrix.dtype == object:
        matrix = _as_floats(matrix, "scores")
    _check(matrix, "scores", numeric=True)
    if matrix.dtype == bool:
        return matrix.view(np.uint8)
    if matrix.dtype.itemsize > 8 or not matrix.dtype.isnative:
        return matrix.astype(np.float64)
    return matrix


def tidy_of_answers(
    answers: Any,  # noqa: ANN401
    key: Sequence[object],
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
) -> tuple[pa.Table, pa.Table]:
    """Long rows of the answers with their scores, and items with their options."""
    names = names_of(answers, item_ids)
    matrix = _array(answers, "answers")
    if not hasattr(answers, "__array__"):
        # Of its own accord numpy makes texts of all, of NaN and 1.0 too.
        matrix = _array(answers, "answers", object)
    _check(matrix, "answers", numeric=False)
    n_items = matrix.shape[1]
    key = entries_of(key, n_items, [names_of(answers, None), item_ids])
    said = 1 if points_possible is None else points_possible
    items = item_table(n_items, said, names)
    worth = np.asarray(items["points_possible"], np.float64)
    if np.isnan(worth).any():
        _refuse("points_possible", "not a number", "one for each item")
    said, blank, right, options = _scored(matrix, key)
    score = (right * worth).ravel()
    blank = blank.ravel()
    status = pa.DictionaryArray.from_arrays(
        pa.array(blank.astype(np.int8)), pa.array(["graded", "not_attempted"])
    )
    tidy = _long(
        matrix.shape,
        items,
        student_ids,
        {
            "score": pa.array(score),
            "response": pa.array(said.ravel(), pa.string(), mask=blank),
            "status": status,
        },
    )
    return tidy, items.append_column("options", pa.array(options))


def entries_of(
    key: Any,  # noqa: ANN401
    n_items: int,
    known: Sequence[Ids],
) -> Sequence[object]:
    """One entry for each item, by its label where the key and the items have some."""
    if (
        isinstance(key, Mapping | AbstractSet)
        or not isinstance(key, Iterable)
        or hasattr(key, "columns")
        or hasattr(key, "column_names")
        or getattr(key, "ndim", 1) != 1
    ):
        _refuse("key", f"a {type(key).__name__}", "a list, one entry for each item")
    entries = list(key)
    if len(entries) != n_items:
        what = f"{len(entries)} entries for {n_items} items"
        _refuse("key", what, "one for each item")
    index = getattr(key, "index", None)
    if index is None or callable(index):
        return entries
    return _aligned(entries, [str(label) for label in index], known)


def _aligned(
    entries: Sequence[object], labels: Sequence[str], known: Sequence[Ids]
) -> Sequence[object]:
    """The entries in the order of the items, if these have names too."""
    said = [[str(name) for name in names] for names in known if names is not None]
    for names in said:
        if sorted(labels) == sorted(names) and len({*labels}) == len(labels):
            by_label = dict(zip(labels, entries, strict=True))
            return [by_label[name] for name in names]
    if said and list(labels) != [str(number) for number in range(len(labels))]:
        what = f"labels {', '.join(map(repr, labels))}"
        _refuse("key", what, "label it as the items are, or give a list")
    return entries


def _scored(
    matrix: npt.NDArray[Any], key: Sequence[object]
) -> tuple[npt.NDArray[Any], Mask, Mask, list[list[dict[str, object]]]]:
    """What each answer says, which are blank and which right; options by item."""
    columns, options = [], []
    for index, one in enumerate(key):
        text, blank = _texts(matrix[:, index])
        right = right_of(one, index)
        columns.append((text, blank, np.isin(text, right) & ~blank))
        choices = sorted({*np.unique(text[~blank]).tolist(), *right})
        options.append([{"id": c, "text": c, "correct": c in right} for c in choices])
    said, empty, good = (np.stack(part, axis=1) for part in zip(*columns, strict=True))
    return said, empty, good, options


def _texts(column: npt.NDArray[Any]) -> tuple[npt.NDArray[Any], Mask]:
    """One item's answers as texts, and which are blank. 1.0 is written as 1."""
    values, back = _distinct(column)
    said = ["" if _is_blank(value) else _written(value) for value in values]
    text = np.array(said, dtype=object)[back]
    return text, np.asarray(text == "", bool)


def _distinct(
    column: npt.NDArray[Any],
) -> tuple[list[object], npt.NDArray[np.integer]]:
    """Distinct values, and the number of each row's; the last one is None."""
    if column.dtype.kind != "O":
        unique, back = np.unique(column, return_inverse=True)
        return [*unique.tolist(), None], back
    try:
        coded = pa.array(column, from_pandas=True).dictionary_encode()
    except (pa.ArrowException, TypeError, ValueError, OverflowError):
        return _by_hand(column)
    values = coded.dictionary.to_pylist()
    return [*values, None], coded.indices.fill_null(len(values)).to_numpy()


def _by_hand(
    column: npt.NDArray[Any],
) -> tuple[list[object], npt.NDArray[np.integer]]:
    """Texts and numbers side by side have no order and no Arrow type."""
    values: dict[tuple[type, object], int] = {}
    try:
        back = [values.setdefault((type(v), v), len(values)) for v in column.tolist()]
    except TypeError as error:
        _refuse("answers", str(error), "one text or number in each cell")
    return [*(value for _, value in values), None], np.array(back, np.int64)


def _is_blank(value: object) -> bool:
    """None, empty, or what is not equal to itself: NaN, NaT and pandas.NA."""
    try:
        return value is None or value == "" or bool(value != value)  # noqa: PLR0124
    except TypeError:
        return True


def _written(value: object) -> str:
    if isinstance(value, bytes):
        _refuse("answers and key", f"bytes: {value!r}", "decode them to text")
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = str(value)
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse("answers and key", f"no Unicode text: {text!r}", "decode it anew")
    return text


def right_of(key: object, index: int) -> list[str]:
    """The right choices of an item, as texts."""
    several = key if isinstance(key, AbstractSet | list | tuple) else [key]
    right = [_written(one) for one in several if not _is_blank(one)]
    if not right:
        _refuse("key", f"entry {index} is empty", "give the right choice")
    return right


def names_of(obj: Any, item_ids: Ids) -> Ids:  # noqa: ANN401
    """Item ids as given, or else the names of a data frame's columns."""
    if item_ids is not None:
        return item_ids
    names = getattr(obj, "column_names", getattr(obj, "columns", None))
    return None if names is None else [str(name) for name in names]


def item_table(
    n_items: int, points_possible: npt.ArrayLike | None, item_ids: Ids
) -> pa.Table:
    """Items by position, with what they are worth if that is said."""
    names = [f"i{j + 1}" for j in range(n_items)] if item_ids is None else item_ids
    if len(names) != n_items:
        _refuse("item_ids", f"{len(names)} ids for {n_items} items", "one for each")
    columns = {
        "item_id": _ids("item_ids", names),
        "position": pa.array(np.arange(1, n_items + 1)),
    }
    if points_possible is not None:
        worth = _array(points_possible, "points_possible")
        worth = _as_floats(worth, "points_possible")
        if worth.shape not in {(), (n_items,)}:
            _refuse(
                "points_possible",
                f"shape {worth.shape} for {n_items} items",
                "one number, or one for each item",
            )
        columns["points_possible"] = pa.array(np.broadcast_to(worth, n_items).copy())
    return pa.table(columns)


def _long(
    shape: tuple[int, ...],
    items: pa.Table,
    student_ids: Ids,
    columns: dict[str, pa.Array],
) -> pa.Table:
    n, k = shape
    names = [f"s{i + 1}" for i in range(n)] if student_ids is None else student_ids
    if len(names) != n:
        _refuse("student_ids", f"{len(names)} ids for {n} students", "one for each")
    known = _ids("student_ids", names)
    student = np.repeat(np.arange(n, dtype=np.int32), k)
    item = np.tile(np.arange(k, dtype=np.int32), n)
    return pa.table(
        {
            "student_id": pa.DictionaryArray.from_arrays(pa.array(student), known),
            "item_id": pa.DictionaryArray.from_arrays(
                pa.array(item), items["item_id"].combine_chunks()
            ),
            **columns,
        }
    )


def _ids(name: str, ids: Sequence[object]) -> pa.Array:
    try:
        return pa.array(ids).cast(pa.string())
    except (pa.ArrowException, UnicodeEncodeError) as error:
        _refuse(name, f"not texts or whole numbers: {error}", "all of one type")


def _array(
    obj: Any,  # noqa: ANN401
    name: str,
    dtype: type | None = None,
) -> npt.NDArray[Any]:
    try:
        if isinstance(obj, np.ma.MaskedArray):
            cells = np.array(obj.data, object)
            cells[np.ma.getmaskarray(obj)] = None
            return cells
        return np.asarray(obj, dtype)
    except (TypeError, ValueError) as error:
        _refuse(name, str(error), "rows of equal length")


def _as_floats(matrix: npt.NDArray[Any], name: str) -> npt.NDArray[np.float64]:
    try:
        with suppress(TypeError):
            return matrix.astype(np.float64)
        from pandas import isna  # noqa: PLC0415  only its own NA needs it

        return np.where(isna(matrix), np.nan, matrix).astype(np.float64)
    except (TypeError, ValueError) as error:
        _refuse(name, str(error), "give numbers, and NaN for what is not there")


def _check(matrix: npt.NDArray[Any], name: str, *, numeric: bool) -> None:
    if matrix.ndim != 2:
        _refuse(name, f"{matrix.ndim} dimensions", "students x items")
    if not matrix.shape[1]:
        _refuse(name, "no items", "students x items")
    if numeric and matrix.dtype.kind not in "buif":
        _refuse(name, f"values of type {matrix.dtype}", "give numbers")


def _refuse(table: str, message: str, hint: str) -> Never:
    raise DataError([Problem(table=table, message=message, hint=hint)])
