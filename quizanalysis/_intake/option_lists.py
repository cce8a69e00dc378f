"""Declared options as lists, one for each item: read, written, put together."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Ints, Mask, codes
from quizanalysis._intake.numbering import ranks
from quizanalysis._intake.options import Options
from quizanalysis.errors import Problem
from quizanalysis.schema import OPTIONS


def read_lists(findings: Findings, column: pa.ChunkedArray) -> pa.Array:
    """Options as lists of {id, text, correct}; text and correct may be missing."""
    kind = column.type
    if pa.types.is_null(kind):
        return pa.nulls(len(column), OPTIONS)
    try:
        if pa.types.is_list(kind) and (
            pa.types.is_struct(kind.value_type) or pa.types.is_null(kind.value_type)
        ):
            # Arrow can neither cast nor combine lists of structs with a field of nulls.
            chunks = [_as_options(chunk) for chunk in column.chunks]
            return pa.chunked_array(chunks, OPTIONS).combine_chunks()
    except pa.ArrowException:
        pass
    findings.add(
        Problem(
            table="items",
            column="options",
            value=str(kind),
            message="the column does not hold lists of options",
            hint="give each item a list of {id, text, correct}",
        )
    )
    return pa.nulls(len(column), OPTIONS)


def _as_options(lists: pa.Array) -> pa.Array:
    kind = lists.type
    if pa.types.is_null(kind.value_type):
        return lists.cast(OPTIONS)
    if kind.value_type.get_field_index("id") < 0:
        msg = "options need an id"
        raise pa.ArrowInvalid(msg)
    flat = lists.flatten()
    lengths = pc.fill_null(pc.list_value_length(lists), 0)
    return _listed(
        np.asarray(lengths, np.int64),
        [_field(flat, field) for field in OPTIONS.value_type],
        np.asarray(lists.is_null(), bool),
    )


def _field(flat: pa.StructArray, field: pa.Field) -> pa.Array:
    index = flat.type.get_field_index(field.name)
    if index < 0:
        return pa.nulls(len(flat), field.type)
    said = pc.struct_field(flat, index)
    if pa.types.is_floating(said.type):
        said = pc.if_else(pc.is_nan(said), pa.scalar(None, said.type), said)
    return said.cast(field.type)


def _listed(
    count: Ints, fields: Sequence[pa.Array], absent: Mask | None = None
) -> pa.Array:
    """Lists of so many options each; null where absent, or else where there is none."""
    ends = pa.array(np.concatenate([[0], np.cumsum(count)]), pa.int32())
    return pa.ListArray.from_arrays(
        ends,
        pa.StructArray.from_arrays(fields, fields=list(OPTIONS.value_type)),
        mask=pa.array(count == 0 if absent is None else absent),
    )


def declared_lists(options: Options, n_items: int) -> pa.Array:
    """The options that were declared, with the key where that was; null for none."""
    kept = options.declared
    mask = pa.array(kept)
    return _listed(
        np.bincount(options.item[kept], minlength=n_items),
        [
            options.option.filter(mask),
            options.text.filter(mask),
            pa.array(options.correct[kept], mask=options.inferred[kept]),
        ],
    )


def lists_together(
    findings: Findings, lists: pa.Array, number: Ints, names: pa.Array
) -> pa.Array:
    """One list for each item: every option once, as first declared, and the one key.

    Parameters
    ----------
    lists : list array, shape (rows,)
        Options as the parts declare them.
    number : int array, shape (rows,)
        Which item each row is of, from 0 in order of first appearance.
    names : string array, shape (items,)
        What a problem calls each item.
    """
    flat = lists.flatten()
    row = np.asarray(pc.list_parent_indices(lists), np.int64)
    code, _ = codes(pa.chunked_array([flat.field(0)]))
    choice, first = ranks(number[row] * (len(flat) + 1) + code)
    item = number[row][first]
    keyed = np.bincount(
        choice[np.asarray(pc.fill_null(flat.field(2), False), bool)],
        minlength=len(first),
    )
    with_key = np.zeros(len(lists), bool)
    with_key[row[np.asarray(flat.field(2).is_valid(), bool)]] = True
    keys = np.bincount(number[with_key], minlength=len(names))
    two = (keyed > 0) & (keyed < keys[item])
    for clash in np.unique(item[two]):
        said = lists.filter(pa.array(with_key & (number == clash))).to_pylist()
        _two_keys(findings, names[int(clash)].as_py(), said)
    order = np.argsort(item, kind="stable")
    take = pa.array(first[order])
    return _listed(
        np.bincount(item, minlength=len(names)),
        [
            flat.field(0).take(take),
            flat.field(1).take(take),
            pa.array(keyed[order] > 0, mask=keys[item[order]] == 0),
        ],
    )


def _two_keys(
    findings: Findings, name: str, said: Sequence[Sequence[Mapping[str, Any]]]
) -> None:
    """Note that an item has another key in one part than in the first."""
    keys = [sorted(one["id"] for one in options if one["correct"]) for options in said]
    other = next(key for key in keys if key != keys[0])
    found = [", ".join(map(repr, key)) or "none" for key in (keys[0], other)]
    findings.add(
        Problem(
            table="items",
            column="options",
            value=name,
            message=f"two keys for one item: {' and '.join(found)}",
            hint="score all parts with one key",
        )
    )
