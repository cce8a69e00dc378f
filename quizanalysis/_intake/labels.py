"""What a table says beside its cells: names of items, ids of students, entries by name.

A pandas index or a dictionary has labels; a list, an array, a polars or an Arrow column
has none and goes by place.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import suppress
from typing import Any, Never

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.cell_values import REFUSALS, for_arrow, label_of
from quizanalysis.errors import DataError, Problem

Ids = Sequence[str] | None

_ONE_TYPE = "give ids as texts, or all as whole numbers"

SUMMARY_ROWS = (
    *("average", "avg", "mean", "median", "mode", "sum", "total", "totals", "count"),
    *("max", "maximum", "min", "minimum", "std", "stdev", "sd", "standard deviation"),
    *("variance", "points possible", "max points", "possible", "class average"),
    *("class mean", "overall", "highest", "lowest"),
)
"""What a row is called that sums the others up, in lower case."""

_KEY_ROWS = ("key", "answer key", "answers", "correct", "correct answer", "solution")

_NAMED = 5
"""How many names an error shows."""


def refuse(table: str, message: str, hint: str) -> Never:
    """Raise what is wrong, and how to mend it."""
    raise DataError([Problem(table=table, message=message, hint=hint)])


def read_names(table: Any) -> list[str] | None:  # noqa: ANN401
    """Names of the columns of a data frame; None of what has none."""
    names = getattr(table, "column_names", getattr(table, "columns", None))
    return (
        None if names is None else ["" if _is_none(n) else label_of(n) for n in names]
    )


def _is_none(name: object) -> bool:
    return name is None or (isinstance(name, float) and np.isnan(name))


def is_named(names: Ids) -> bool:
    """Whether columns have names, and not only the numbers that pandas gives."""
    return names is not None and [*names] != [str(at) for at in range(len(names))]


def number_names(n_items: int) -> list[str]:
    """Give the ids of items that nobody named."""
    return [f"i{j + 1}" for j in range(n_items)]


def read_item_ids(
    table: Any,  # noqa: ANN401
    item_ids: Any,  # noqa: ANN401
) -> Ids:
    """Ids as given, by the names of the columns where they have labels; or these."""
    names = read_names(table)
    if item_ids is None:
        return names
    _refuse_no_list(item_ids, "item_ids")
    labels = _labels_of(item_ids)
    if labels is None or (names is None and not isinstance(item_ids, Mapping)):
        return item_ids if labels is None else list(item_ids)
    if names is None:
        refuse("item_ids", "a dict for columns without names", "give a list")
    return [label_of(one) for one in align_entries(item_ids, "item_ids", [names])]


# ---- students -----------------------------------------------------------------------


def read_student_ids(
    table: Any,  # noqa: ANN401
    student_ids: Any,  # noqa: ANN401
    name: str,
) -> Ids:
    """Ids as given, by their labels where the rows have the same; or the index."""
    index = _index_of(table)
    if student_ids is None:
        return None if index is None else _read_index(index, name)
    _refuse_no_list(student_ids, "student_ids")
    if isinstance(student_ids, Mapping):
        if index is None:
            refuse("student_ids", "a dict for rows without labels", "give a list")
        from pandas import Series  # noqa: PLC0415  there is a frame, so it is loaded

        try:
            student_ids = Series(student_ids)
        except REFUSALS as error:
            refuse("student_ids", f"not texts or whole numbers: {error}", _ONE_TYPE)
    if index is not None and _index_of(student_ids, lone=True) is not None:
        student_ids = _align_students(student_ids, index)
    made: Ids = write_ids("student_ids", student_ids)
    return made


def _index_of(table: Any, *, lone: bool = False) -> Any:  # noqa: ANN401
    """The index of a pandas frame, or of a lone column; None of anything else."""
    index = getattr(table, "index", None)
    there = index is not None and not callable(index)
    return index if there and (lone or hasattr(table, "columns")) else None


def _read_index(index: Any, name: str) -> Ids:  # noqa: ANN401
    """Ids of the students in an index; None if it only numbers the rows.

    A name tells an index of ids from one of row numbers, of which a filter leaves some.
    """
    if index.nlevels > 1:
        message = f"an index of {index.nlevels} levels"
        refuse(name, message, "keep one: frame.reset_index().set_index('id')")
    kind = getattr(index.dtype, "kind", "O")
    if index.name is None and kind in "biuf":
        return None
    values = index
    if kind == "f":
        values = pa.array(np.asarray(index), from_pandas=True)
        with suppress(pa.ArrowInvalid):  # 12345678901.0 would be written 1.23e+10
            values = values.cast(pa.int64())
    ids = write_ids(f"index of the {name}", values)
    codes = ids.dictionary_encode(null_encoding="encode").indices.to_numpy()
    again = np.diff(np.maximum.accumulate(codes), prepend=-1) == 0
    plain = pc.utf8_lower(pc.utf8_trim_whitespace(ids.fill_null("")))
    summary = np.asarray(pc.is_in(plain, pa.array(SUMMARY_ROWS)), bool)
    if {*plain.filter(pa.array(summary)).to_pylist()} == {"max"}:
        summary[:] = False  # that is somebody's name
    key = np.asarray(pc.is_in(plain, pa.array(_KEY_ROWS)), bool)
    empty = np.asarray(pc.equal(ids.fill_null(""), ""), bool)
    for wrong, message, hint in (
        (empty, "an id that is empty", "name each student in the index"),
        (again, "a student who is there twice", "one row per student, or student_ids="),
        (summary, "a row of a summary, no student", "drop it: frame.drop('…')"),
        (key, "the row of the key, no student", "drop it, and give it as key="),
    ):
        if wrong.any():
            row = int(wrong.argmax())
            _refuse_label(name, index.name, row, ids[row].as_py(), (message, hint))
    made: Ids = ids
    return made


def _refuse_label(
    table: str, column: object, row: int, value: object, said: tuple[str, str]
) -> Never:
    column = "index" if column is None else label_of(column)
    message, hint = said
    raise DataError(
        [
            Problem(
                table=table,
                column=column,
                row=row,
                message=message,
                hint=hint,
                value=value,
            )
        ]
    )


def _is_default(index: Any) -> bool:  # noqa: ANN401
    """Whether these are the labels that pandas gives of its own accord."""
    counted = np.arange(len(index))
    return bool(index.nlevels == 1 and np.array_equal(np.asarray(index), counted))


def _align_students(ids: Any, index: Any) -> Any:  # noqa: ANN401
    """Ids of the rows with the same labels; by place where either has none."""
    hint = "label them as the rows are, or give student_ids=list(...)"
    labels = ids.index
    try:
        if labels.equals(index):
            return ids
        alike = len(labels) == len(index) and labels.is_unique and index.is_unique
        if alike and labels.isin(index).all():
            return ids.loc[index]
        if _is_default(labels) or _is_default(index):
            return ids
    except (TypeError, ValueError):
        refuse("student_ids", "labels that cannot be compared, such as lists", hint)
    refuse("student_ids", "labels that are not those of the rows", hint)


def write_ids(name: str, ids: Any) -> pa.Array:  # noqa: ANN401
    """Ids as texts."""
    try:
        made = pa.array(for_arrow(ids)).cast(pa.string())
    except REFUSALS as error:
        refuse(name, f"not texts or whole numbers: {error}", _ONE_TYPE)
    return made.combine_chunks() if isinstance(made, pa.ChunkedArray) else made


def _refuse_no_list(ids: object, name: str) -> None:
    """One text would be taken as the list of its letters."""
    said = f"one text, {ids!r}" if isinstance(ids, str) else f"a {type(ids).__name__}"
    listed = hasattr(ids, "__len__") and getattr(ids, "ndim", 1) == 1
    if isinstance(ids, str) or not listed:
        refuse(name, said, "give the ids, as frame['id'] does")


# ---- entries by name ----------------------------------------------------------------


def align_key(
    key: Any,  # noqa: ANN401
    known: Sequence[Ids],
    n_items: int,
) -> Sequence[object]:
    """One entry for each item, by its label where the key has some."""
    if (
        isinstance(key, AbstractSet)
        or not isinstance(key, Iterable)
        or hasattr(key, "columns")
        or hasattr(key, "column_names")
        or getattr(key, "ndim", 1) != 1
    ):
        hint = "a list, one entry for each item, or a dict by item"
        refuse("key", f"a {type(key).__name__}", hint)
    entries = list(align_entries(key, "key", [*known, number_names(n_items)]))
    if len(entries) != n_items:
        what = f"{len(entries)} entries for {n_items} items"
        refuse("key", what, "one for each item")
    return entries


def align_points(
    points: Any,  # noqa: ANN401
    known: Sequence[Ids],
    n_items: int,
) -> Any:  # noqa: ANN401
    """Points as given, in the order of the items where they have labels."""
    if points is None or _labels_of(points) is None:
        return points
    return align_entries(points, "points_possible", [*known, number_names(n_items)])


def align_entries(
    given: Any,  # noqa: ANN401
    name: str,
    known: Sequence[Ids],
) -> Sequence[object]:
    """Entries in the order of the items that have their labels.

    Parameters
    ----------
    given : mapping, pandas Series or iterable
        What has no labels goes by place, as does a Series with those that pandas gives.
    name : str
        What it is called in an error.
    known : sequence of names
        What the items may be called, the likeliest first; None for no names.
    """
    labels = _labels_of(given)
    entries = list(given.values()) if isinstance(given, Mapping) else list(given)
    if labels is None:
        return entries
    said = [[label_of(one) for one in names] for names in known if names is not None]
    for names in said:
        if sorted(labels) == sorted(names) and len({*labels}) == len(labels):
            by_label = dict(zip(labels, entries, strict=True))
            return [by_label[one] for one in names]
    numbers = [str(number) for number in range(len(labels))]
    if labels == numbers and not isinstance(given, Mapping):
        return entries
    message = _tell_difference(labels, said[0])
    refuse(name, message, "name each item once, as its column is named, or give a list")


def _labels_of(given: Any) -> list[str] | None:  # noqa: ANN401
    """Labels of the entries of a dictionary or a pandas Series, as texts."""
    if isinstance(given, Mapping):
        return [label_of(label) for label in given]
    index = getattr(given, "index", None)
    if index is None or callable(index) or getattr(given, "ndim", 1) != 1:
        return None
    return [label_of(label) for label in index]


def _tell_difference(labels: Sequence[str], names: Sequence[str]) -> str:
    """Say which labels are missing, too many or there twice."""
    n = Counter(labels)
    parts = [
        ("no entry for", [one for one in names if one not in n]),
        ("no item is called", [one for one in n if one not in {*names}]),
        ("more than one for", [one for one in n if n[one] > 1]),
    ]
    return "; ".join(f"{what} {_list(some)}" for what, some in parts if some)


def _list(names: Sequence[str]) -> str:
    shown = ", ".join(map(repr, names[:_NAMED]))
    more = len(names) - _NAMED
    return f"{shown} and {more} more" if more > 0 else shown
