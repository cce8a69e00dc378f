"""What the reports of both of Canvas's kinds of quiz have in common."""

import json
from collections.abc import Mapping

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import Findings, Mask


def only_one(quizzes: pa.ChunkedArray) -> None:
    """Refuse several quizzes."""
    n = len(quizzes.unique())
    if n > 1:
        msg = (
            f"a report of Canvas is about one quiz, and here are {n}: "
            "choose one with responses.where(quiz=...)"
        )
        raise ValueError(msg)


def refuse_ids(ids: pa.ChunkedArray | pa.Array, lost: Mask, rule: str) -> None:
    """Raise DataError for the item ids that a file of Canvas would not give back."""
    findings = Findings()
    findings.flag(
        np.flatnonzero(lost),
        table="items",
        column="item_id",
        values=ids,
        message=f"a file of Canvas cannot hold this id: {rule}",
        hint="give it another, or take quizanalysis.student_analysis(…, items=True)",
        numbered=False,
    )
    findings.stop_if_any()


def signed(
    table: pa.Table,
    name: str,
    options: Mapping[str, object],
    digest: str | None,
) -> pa.Table:
    """Say on the table what it is and how it was made."""
    made = {"options": options, "input_digest": digest}
    return table.replace_schema_metadata({"table": name, "made": json.dumps(made)})
