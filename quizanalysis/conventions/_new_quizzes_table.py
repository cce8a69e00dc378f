"""The table and the records of the item analysis of New Quizzes."""

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
import pyarrow as pa

from quizanalysis._counts.named import items_by_name
from quizanalysis._counts.parts import column
from quizanalysis._intake.columns import NANO, Floats
from quizanalysis._readout.figures import points_of
from quizanalysis.conventions._canvas_types import new_types
from quizanalysis.conventions._new_quizzes_answers import MATCHING
from quizanalysis.conventions._new_quizzes_choices import choices
from quizanalysis.conventions._new_quizzes_items import (
    ItemFigures,
    exactly,
    half_up,
    item_figures,
    nearly_half_up,
    percentages,
)
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally

_HUNDREDTHS = 100
_NUMBER = re.compile(r"0|[1-9][0-9]{0,17}")
_NOWHERE = 2**40
_SCORES = (
    "points_possible",
    "mean",
    "difficulty_index",
    "median",
    "discrimination_index",
    "pearson_correlation",
)


def item_table(kept: Responses, *, rounded: bool) -> pa.Table:
    """All columns of `new_quizzes.item_analysis`, of what is left of the responses."""
    parts = Tally.of(kept).parts
    found = item_figures(kept, parts)
    items, quizzes = parts.items, parts.quizzes["quiz_id"]
    _, number = items_by_name(kept)
    answers = choices(kept, found.n[number]).take(pa.array(np.argsort(number)))
    table = pa.table(
        {
            "quiz_id": quizzes.take(items["quiz"]),
            "item_id": items["item_id"],
            "position": items["position"],
            "interaction_type": new_types(items["item_type"]),
            "item_body": items["title"],
            "points_possible": points_of(parts) / NANO,
            **_figures(found, rounded=rounded),
            "quiz_points_possible": found.worth / NANO,
            "choices": answers,
        }
    )
    place = np.asarray(items["position"].fill_null(_NOWHERE), np.int64)
    order = np.lexsort((place, column(items, "quiz")))
    return table.take(pa.array(order[found.n[order] > 0]))


def _figures(found: ItemFigures, *, rounded: bool) -> dict[str, Any]:
    fractions = {
        "mean": found.mean,
        "difficulty_index": found.difficulty,
        "median": found.median,
        "discrimination_index": found.discrimination,
    }
    figures: dict[str, Floats] = {
        name: half_up(value, _HUNDREDTHS) if rounded else exactly(value)
        for name, value in fractions.items()
    }
    r = found.pearson
    figures["pearson_correlation"] = nearly_half_up(r, _HUNDREDTHS) if rounded else r
    columns: dict[str, Any] = {
        name: pa.array(value, from_pandas=True) for name, value in figures.items()
    }
    none = found.upper == 0
    columns |= {
        "n": found.n,
        "n_upper": pa.array(found.upper, mask=none),
        "n_lower": pa.array(found.lower, mask=none),
    }
    for name in ("correct", "incorrect", "blank"):
        count = getattr(found, name)
        word = "no_answer" if name == "blank" else name
        columns[f"{word}_count"] = count
        columns[f"{word}_percentage"] = percentages(count, found.n)
    return columns


def item_record(row: dict[str, Any], pairs: Mapping[str, Any]) -> dict[str, Any]:
    """One item of the JSON report, of its row in the table."""
    median = row["median"]
    if median is not None and median == int(median):
        median = int(median)
    counts = {
        kind: {
            "count": row[f"{kind}_count"],
            "percentage": row[f"{kind}_percentage"],
        }
        for kind in ("correct", "incorrect", "no_answer")
    }
    summary: dict[str, Any] = {}
    if row["choices"] is not None:
        summary["choices"] = row["choices"]
    elif row["interaction_type"] in MATCHING:
        summary["questions"] = pairs.get(row["item_id"], {})
    summary["aggregate"] = {kind: counts[kind] for kind in ("correct", "incorrect")}
    summary["no_answer"] = counts["no_answer"]
    item_id = row["item_id"]
    return {
        "metadata": {
            "interaction_type": row["interaction_type"],
            "item_body": row["item_body"],
            "item_id": int(item_id) if _NUMBER.fullmatch(item_id) else item_id,
            "item_title": None,
        },
        "scores": {name: row[name] for name in _SCORES} | {"median": median},
        "attempts": {"students_responded": None, "students_without_response": None},
        "answer_summary": summary,
    }
