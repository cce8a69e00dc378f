"""Points as exact integers of a billionth, read a few rows at a time."""

from collections.abc import Iterator

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import (
    INFINITE,
    LARGEST,
    NANO,
    Findings,
    Floats,
    Ints,
    Mask,
    numeric,
)

_BLOCK = 2**17
"""Rows that are worked on at a time: they stay in the processor's cache."""


def points(
    findings: Findings, table: pa.Table, name: str, column: str
) -> tuple[Ints, Mask]:
    """Read points as exact integers of a billionth, and where there are any."""
    n = table.num_rows
    if column not in table.column_names:
        return np.broadcast_to(np.int64(0), n), np.broadcast_to(np.False_, n)
    exact, given = np.empty(n, np.int64), np.ones(n, bool)
    infinite, large, at = [], [], 0
    for values in _blocks(numeric(findings, table[column], name, column)):
        here = slice(at, at + len(values))
        if not (values.max() <= LARGEST and values.min() >= -LARGEST):
            values, endless, beyond = _within(values)  # noqa: PLW2901
            infinite.append(endless + at)
            large.append(beyond + at)
            given[here] = ~np.isnan(values)
            values[beyond] = 0.0
            np.nan_to_num(values, copy=False)
        values = values * NANO  # noqa: PLW2901
        exact[here] = np.rint(values, out=values)
        at += len(values)
    limit = f"at most {LARGEST:,.0f} are kept exactly"
    for rows, message, hint in (
        (infinite, *INFINITE),
        (large, "too large a number of points", limit),
    ):
        findings.flag(
            np.concatenate([np.empty(0, np.int64), *rows]),
            table=name,
            column=column,
            values=table[column],
            message=message,
            hint=hint,
        )
    return exact, given


def _blocks(raw: pa.ChunkedArray) -> Iterator[Floats]:
    """The doubles in pieces that stay in the processor's cache; NaN for null."""
    for chunk in raw.chunks:
        for at in range(0, len(chunk), _BLOCK):
            piece = chunk.slice(at, _BLOCK).cast(pa.float64(), safe=False)
            yield piece.to_numpy(zero_copy_only=False)


def _within(values: Floats) -> tuple[Floats, Ints, Ints]:
    """The values, NaN where endless; where that is, and where they are too large."""
    endless = np.isinf(values)
    kept = np.where(endless, np.nan, values)
    return kept, np.flatnonzero(endless), np.flatnonzero(np.abs(kept) > LARGEST)
