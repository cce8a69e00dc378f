"""What the reports of both of Canvas's kinds of quiz have in common."""

import json
from collections.abc import Mapping

import pyarrow as pa


def only_one(quizzes: pa.ChunkedArray) -> None:
    """Refuse several quizzes."""
    n = len(quizzes.unique())
    if n > 1:
        msg = (
            f"a report of Canvas is about one quiz, and here are {n}: "
            "choose one with responses.where(quiz=...)"
        )
        raise ValueError(msg)


def signed(
    table: pa.Table,
    name: str,
    options: Mapping[str, object],
    digest: str | None,
) -> pa.Table:
    """Say on the table what it is and how it was made."""
    made = {"options": options, "input_digest": digest}
    return table.replace_schema_metadata({"table": name, "made": json.dumps(made)})
