"""The pairs of each matching item of the New Quizzes report, and how many made them."""

from binascii import b2a_base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.columns import Ints, Mask
from quizanalysis._intake.tidy import ANSWERED
from quizanalysis.conventions._canvas_types import of_type
from quizanalysis.conventions._new_quizzes_items import marks
from quizanalysis.responses import Responses

MATCHING = ("matching",)
"""Types whose answers are pairs, ``left=>right``."""

_ARROW = "\0"
"""Stands for an arrow that is part of a text, which classic quizzes mark so."""

_LINE = 45
"""Bytes in a line of 60 characters."""


def questions(responses: Responses) -> Mapping[str, dict[str, Any]]:
    """Count the pairs of each matching item; by item id, for one quiz."""
    matching = of_type(responses.items["item_type"], MATCHING)
    ids = responses.items["item_id"].to_pylist()
    found = pa.concat_tables([_said(responses, matching), _keyed(responses, matching)])
    groups = found.group_by(["item", "left", "right"], use_threads=False).aggregate(
        [("n", "sum"), ("full", "max"), ("key", "max")]
    )
    by_item: dict[int, list[dict[str, Any]]] = {}
    groups = groups.sort_by([(name, "ascending") for name in ("item", "left", "right")])
    for row in groups.to_pylist():
        by_item.setdefault(row["item"], []).append(row)
    return {ids[item]: _questions(rows) for item, rows in by_item.items()}


def _said(responses: Responses, matching: Mask) -> pa.Table:
    """Pairs in the answers, each with whether its answer earned full points."""
    cells = responses.cells
    here = np.flatnonzero(matching[cells.item] & (cells.state == ANSWERED))
    if cells.response is None:
        return _pairs(pa.array([], pa.string()), np.empty(0, np.int64), here, here, 0)
    texts = cells.response.take(pa.array(here)).combine_chunks()
    right, _ = marks(responses)
    full = right[here].astype(np.int64)
    return _pairs(texts, cells.item[here], full, np.full(len(here), -1), 1)


def _keyed(responses: Responses, matching: Mask) -> pa.Table:
    """Pairs that were declared as options, each with whether it is right."""
    options = responses.choices
    here = np.flatnonzero(matching[options.item] & ~options.inferred)
    texts = options.text.take(pa.array(here))
    key = options.correct[here].astype(np.int64)
    return _pairs(texts, options.item[here], np.zeros(len(here), np.int64), key, 0)


def _pairs(texts: pa.Array, item: Ints, full: Ints, key: Ints, n: int) -> pa.Table:
    """Cut texts at the commas before a pair, and pairs at their arrow."""
    if not pa.types.is_list(texts.type):
        plain = pc.replace_substring(texts.cast(pa.string()), r"\,", ",")
        texts = pc.split_pattern(pc.replace_substring(plain, r"\=>", _ARROW), ",")
    owner = np.asarray(pc.list_parent_indices(texts), np.int64)
    pieces = texts.flatten().cast(pa.string())
    arrow = np.asarray(pc.fill_null(pc.match_substring(pieces, "=>"), False), bool)
    # A piece without an arrow goes on with what was before its comma.
    first = np.flatnonzero(arrow | (np.diff(owner, prepend=-1) != 0))
    ends = pa.array(np.append(first, len(owner)), pa.int32())
    whole = pc.binary_join(
        pa.ListArray.from_arrays(ends, pc.fill_null(pieces, "")), ","
    )
    kept = np.flatnonzero(arrow[first])
    cut = pc.split_pattern(whole.take(pa.array(kept)), "=>", max_splits=1)
    left, right = (
        pc.replace_substring(pc.list_element(cut, side), _ARROW, "=>")
        for side in (0, 1)
    )
    owner = owner[first[kept]]
    return pa.table(
        {
            "item": item[owner],
            "left": left,
            "right": right,
            "n": np.full(len(owner), n),
            "full": full[owner],
            "key": key[owner],
        }
    )


def _questions(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Lay the pairs of one item out: every left side with every answer."""
    declared = any(row["key_max"] >= 0 for row in rows)
    right = {
        (row["left"], row["right"])
        for row in rows
        if row["right"] and (row["key_max"] > 0 if declared else row["full_max"] > 0)
    }
    count = {(row["left"], row["right"]): row["n_sum"] for row in rows}
    answers = sorted({row["right"] for row in rows} - {""})
    wanted = {answer for _, answer in right}
    return {
        left: {
            "body": left,
            "answers": {
                encoded(answer): {
                    "body": answer,
                    "count": count.get((left, answer), 0),
                    "correct": (left, answer) in right,
                    "distractor": answer not in wanted,
                }
                for answer in answers
            },
        }
        for left in sorted({row["left"] for row in rows})
    }


def encoded(text: str) -> str:
    r"""Base64 in lines of 60 characters, each with its end.

    Examples
    --------
    >>> encoded("meow")
    'bWVvdw==\n'
    """
    data = text.encode()
    lines = [data[at : at + _LINE] for at in range(0, len(data), _LINE)]
    return b"".join(map(b2a_base64, lines)).decode()
