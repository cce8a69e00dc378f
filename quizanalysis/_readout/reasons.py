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
    texts = []
    for figure, conditions in reasons.items():
        value = np.asarray(columns[figure], np.float64)
        missing = np.isnan(value)
        if not missing.any():
            continue
        code = np.full(len(value), -1)
        for number, (holds, _) in reversed(list(enumerate(conditions))):
            code[missing & np.asarray(holds, bool)] = number
        words = pa.array(["", *(f"{figure}: {reason}; " for _, reason in conditions)])
        texts.append(words.take(pa.array(code + 1)))
    if not texts:
        n = len(np.asarray(columns[next(iter(reasons))]))
        return pa.nulls(n, pa.string())
    joined = pc.binary_join_element_wise(*texts, "")
    told = pc.utf8_rtrim(joined, characters="; ")
    return pc.if_else(pc.equal(told, ""), pa.scalar(None, pa.string()), told)
