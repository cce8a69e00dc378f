"""Why a figure is null: the first reason that holds, for every row at once."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

Columns = dict[str, Any]
"""Columns by name, as numpy or Arrow arrays."""

Reasons = Mapping[str, Sequence[tuple[npt.ArrayLike, str]]]
"""For each figure the conditions that leave it undefined, the telling one first."""


def why(columns: Mapping[str, Any], reasons: Reasons) -> pa.Array:
    """Return ``figure: reason; figure: reason`` for each row; null if all is well."""
    n = len(np.asarray(columns[next(iter(reasons))]))
    missing = {figure: _absent(columns[figure]) for figure in reasons}
    some = np.zeros(n, bool)
    for absent in missing.values():
        some |= absent
    rows = np.flatnonzero(some)
    if not len(rows):
        return pa.nulls(n, pa.string())
    texts = []
    for figure, conditions in reasons.items():
        here = missing[figure][rows]
        code = np.full(len(rows), -1)
        for number, (holds, _) in reversed(list(enumerate(conditions))):
            code[here & np.asarray(holds, bool)[rows]] = number
        words = pa.array(["", *(f"{figure}: {reason}; " for _, reason in conditions)])
        texts.append(words.take(pa.array(code + 1)))
    told = pc.utf8_rtrim(pc.binary_join_element_wise(*texts, ""), characters="; ")
    told = pc.if_else(pc.equal(told, ""), pa.scalar(None, pa.string()), told)
    place = np.full(n, -1)
    place[rows] = np.arange(len(rows))
    return told.take(pa.array(place, mask=~some))


def _absent(values: Any) -> npt.NDArray[np.bool_]:  # noqa: ANN401  numpy's or Arrow's
    if isinstance(values, pa.Array):
        return np.asarray(values.is_null(), bool)
    return np.isnan(np.asarray(values, np.float64))
