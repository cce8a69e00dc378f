"""Students x items arrays of scores as tidy tables."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.cell_values import REFUSALS, floats_of
from quizanalysis._intake.columns import Floats
from quizanalysis._intake.labels import (
    Ids,
    align_points,
    is_named,
    number_names,
    read_item_ids,
    read_names,
    read_student_ids,
    refuse,
    write_ids,
)
from quizanalysis._intake.not_items import (
    Found,
    as_numbers,
    find_by_name,
    find_numbers,
    find_scaled_totals,
    find_sums,
    find_texts,
)
from quizanalysis.errors import DataError
from quizanalysis.progress import QUIET, Meter


def read_scores(
    scores: Any,  # noqa: ANN401
    points_possible: Any,  # noqa: ANN401
    item_ids: Any,  # noqa: ANN401
    student_ids: Any,  # noqa: ANN401
) -> tuple[npt.NDArray[Any], Any, Ids, Ids]:
    """The scores as an array, and by place what goes by names in the table.

    Raises
    ------
    DataError
        With every column that is no question, unless the caller named the items.
    """
    names = read_item_ids(scores, item_ids)
    columns = read_names(scores)
    if item_ids is None:
        matrix = _matrix_of_items(scores, columns)
    else:
        matrix = matrix_of(scores)
    points = align_points(points_possible, [names, columns], matrix.shape[1])
    return matrix, points, names, read_student_ids(scores, student_ids, "scores")


def _matrix_of_items(
    scores: Any,  # noqa: ANN401
    columns: Ids,
) -> npt.NDArray[Any]:
    """The scores, if every column can be a question."""
    if columns is None:
        matrix, found = matrix_of(scores), Found()
    else:
        matrix, found = _matrix_of_columns(scores, columns)
    names = number_names(matrix.shape[1]) if columns is None else columns
    named = is_named(columns)
    with np.errstate(over="ignore", invalid="ignore"):  # of what is refused later
        found = find_numbers(matrix, names, "scores", named=named) | found
        found |= find_sums(matrix, names, "scores", named=named, beside=found)
        found |= find_scaled_totals(matrix, names, "scores", beside=found)
    if found:
        raise DataError(found[at] for at in sorted(found))
    return matrix


def _matrix_of_columns(
    scores: Any,  # noqa: ANN401
    columns: Sequence[str],
) -> tuple[npt.NDArray[Any], Found]:
    """Numbers, NaN in columns of something else; and which their names give away."""
    found = find_by_name(columns, "scores")
    try:
        return matrix_of(scores), found
    except DataError:
        cells = array_of(scores, "scores")
        if cells.ndim != 2 or not cells.shape[1]:
            raise
        numbers = [as_numbers(cells[:, at]) for at in range(cells.shape[1])]
        found = find_texts(numbers, columns, "scores") | found
        nothing = np.full(len(cells), np.nan)
        made = [nothing if column is None else column for column in numbers]
        return np.stack(made, axis=1), found


def tidy_of_matrix(
    matrix: npt.NDArray[Any],
    points_possible: npt.ArrayLike | None,
    item_ids: Ids,
    student_ids: Ids,
    meter: Meter = QUIET,
) -> tuple[pa.Table, pa.Table]:
    """Long rows of the scores; those that are NaN are not shown."""
    items = item_table(matrix.shape[1], points_possible, item_ids)
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
    meter.at(0.3)
    rest = meter.within(0.3, 1.0)
    return long_rows(matrix.shape, items, student_ids, columns, rest), items


def matrix_of(scores: Any) -> npt.NDArray[Any]:  # noqa: ANN401
    """The scores as an array of numbers, students x items; not a copy if it can be."""
    matrix = array_of(scores, "scores")
    check_shape(matrix, "scores")
    if matrix.dtype == object:
        matrix = _as_floats(matrix, "scores")
    if matrix.dtype.kind not in "buif":
        refuse("scores", f"values of type {matrix.dtype}", "give numbers")
    if matrix.dtype == bool:
        return matrix.view(np.uint8)
    if matrix.dtype.itemsize > 8 or not matrix.dtype.isnative:
        return _as_floats(matrix, "scores")
    return matrix


def item_table(
    n_items: int, points_possible: npt.ArrayLike | None, item_ids: Ids
) -> pa.Table:
    """Items by position, with what they are worth if that is said."""
    names = number_names(n_items) if item_ids is None else item_ids
    if len(names) != n_items:
        refuse("item_ids", f"{len(names)} ids for {n_items} items", "one for each")
    columns = {
        "item_id": write_ids("item_ids", names),
        "position": pa.array(np.arange(1, n_items + 1)),
    }
    if points_possible is not None:
        worth = array_of(points_possible, "points_possible")
        worth = _as_floats(worth, "points_possible")
        if worth.shape not in {(), (n_items,)}:
            refuse(
                "points_possible",
                f"shape {worth.shape} for {n_items} items",
                "one number, or one for each item",
            )
        columns["points_possible"] = pa.array(np.broadcast_to(worth, n_items).copy())
    return pa.table(columns)


def long_rows(
    shape: tuple[int, ...],
    items: pa.Table,
    student_ids: Ids,
    columns: dict[str, pa.Array],
    meter: Meter = QUIET,
) -> pa.Table:
    """One row for each student and item."""
    n, k = shape
    names = [f"s{i + 1}" for i in range(n)] if student_ids is None else student_ids
    if len(names) != n:
        refuse("student_ids", f"{len(names)} ids for {n} students", "one for each")
    known = write_ids("student_ids", names)
    meter.at(0.5)
    student = np.repeat(np.arange(n, dtype=np.int32), k)
    meter.at(0.8)
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


def array_of(
    obj: Any,  # noqa: ANN401
    name: str,
    dtype: type | None = None,
) -> npt.NDArray[Any]:
    """The cells of anything that numpy takes, None where they are masked."""
    try:
        if isinstance(obj, np.ma.MaskedArray):
            cells = np.array(obj.data, object)
            cells[np.ma.getmaskarray(obj)] = None
            return cells
        return np.asarray(obj, dtype)
    except REFUSALS as error:
        refuse(name, str(error), "rows of equal length")


def _as_floats(matrix: npt.NDArray[Any], name: str) -> Floats:
    try:
        return floats_of(matrix)
    except REFUSALS as error:
        hint = "give numbers, and NaN for what is not there"
        refuse(name, f"not numbers: {error}", hint)


def check_shape(matrix: npt.NDArray[Any], name: str) -> None:
    """Refuse what is no table, or one without a column."""
    if matrix.ndim != 2:
        refuse(name, f"{matrix.ndim} dimensions", "students x items")
    if not matrix.shape[1]:
        refuse(name, "no items", "students x items")
