"""Whether a response is graded, blank, not graded yet, or to what was not shown."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Findings, Mask, codes

STATUSES = ("graded", "not_attempted", "not_graded", "not_shown")
"""The words for it; numbers stand for them."""

GRADED, NOT_ATTEMPTED, NOT_GRADED, NOT_SHOWN = range(len(STATUSES))

States = npt.NDArray[np.int8]

_NUMBER = {word: number for number, word in enumerate(STATUSES)}


def states(findings: Findings, table: pa.Table, scored: Mask) -> States:
    """Tell answered, blank, not graded and not shown apart."""
    response = table["response"] if "response" in table.column_names else None
    blank = _blank(response, table.num_rows)
    state = np.where(scored, np.int8(GRADED), np.int8(NOT_GRADED))
    if response is not None:
        state[scored & blank] = NOT_ATTEMPTED
    if "status" not in table.column_names:
        return state
    says = _statuses(findings, table)
    graded = says == GRADED
    hidden = says == NOT_SHOWN
    answered = np.zeros(len(blank), bool) if response is None else ~blank
    for column, bad, message, hint in (
        ("score", graded & ~scored, "graded, but without a score", "not_graded"),
        ("score", hidden & scored, "not shown, and yet with a score", "graded"),
        ("response", hidden & answered, "not shown, and yet with a response", "graded"),
    ):
        findings.flag(
            np.flatnonzero(bad),
            table="responses",
            column=column,
            values=table[column] if bad.any() else np.empty(0),
            message=message,
            hint=f"mend the {column}, or give the status {hint}",
        )
    return np.where(says < 0, state, says)


def _statuses(findings: Findings, table: pa.Table) -> States:
    """The number of each row's status; below 0 where it has none that is known."""
    code, words = codes(table["status"])
    named = pc.replace_substring(
        pc.ascii_lower(pc.utf8_trim_whitespace(words)), " ", "_"
    ).to_pylist()
    known = [_NUMBER.get(word, -1) if word else -2 for word in named]
    says = np.array([*known, -2], np.int8)[code]
    findings.flag(
        np.flatnonzero(says == -1),
        table="responses",
        column="status",
        values=table["status"],
        message="an unknown status",
        hint=f"use one of {', '.join(STATUSES)}",
    )
    return says


def _blank(response: pa.ChunkedArray | None, n: int) -> Mask:
    """Blank is no text at all; without a response column nothing is known blank."""
    if response is None:
        return np.zeros(n, bool)
    if pa.types.is_list(response.type):
        lists = response.combine_chunks()
        flat = lists.flatten()
        said = np.asarray(pc.fill_null(pc.not_equal(flat, ""), False), bool)
        parent = np.asarray(pc.list_parent_indices(lists), np.int64)
        return np.asarray(np.bincount(parent[said], minlength=n) == 0)
    code, words = codes(response)
    empty = np.asarray(pc.equal(words, ""), bool).nonzero()[0]
    return (code < 0) | np.isin(code, empty)
