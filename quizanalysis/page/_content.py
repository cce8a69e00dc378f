"""What the page says of a quiz, gathered from the tables of its report."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import _words
from quizanalysis._overview.looking import by_kind, by_question, to_look_at
from quizanalysis._overview.sentences import in_short, interval, reliability
from quizanalysis.page import _charts
from quizanalysis.page._questions import REST, question
from quizanalysis.report import Report

__all__ = ["quizzes"]

Row = Mapping[str, Any]

_KEY_FIGURES = (
    ("n", "Students"),
    ("n_items", "Questions"),
    ("points_possible", "Points possible"),
    ("mean", "Mean"),
    ("median", "Median"),
    ("sd", "Standard deviation"),
    ("min", "Lowest score"),
    ("max", "Highest score"),
    ("alpha", "Alpha"),
    ("sem", "Standard error of measurement"),
)
_PLAIN = ("n", "n_items", "points_possible", "min", "max")
_MATTERS = 0.005
"""Alpha without a question is told where it is higher by so much."""


def quizzes(
    report: Report, traces: pa.Table | None, attempt: str, least: int | None
) -> list[dict[str, Any]]:
    """Gather everything, quiz by quiz.

    Where the tables hide what rests on fewer than `least` students, there are no
    traces, which would tell, and the scores are in bars of no fewer.
    """
    found = to_look_at(report.summary, report.item_analysis, report.option_analysis)
    look = _by_quiz(found)
    tables = {
        name: _by_quiz(getattr(report, name).to_pylist())
        for name in ("item_analysis", "option_analysis", "exclusions")
    }
    lines = {} if traces is None else _lines(traces)
    return [
        _quiz(
            row,
            attempt,
            number=number,
            items=tables["item_analysis"].get(row["quiz_id"], []),
            options=tables["option_analysis"].get(row["quiz_id"], []),
            left=tables["exclusions"].get(row["quiz_id"], []),
            found=look.get(row["quiz_id"], []),
            lines=lines,
            distribution=_distribution(report.student_analysis, row, least),
        )
        for number, row in enumerate(report.summary.to_pylist(), 1)
    ]


def _by_quiz(rows: Iterable[Row]) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(row["quiz_id"], []).append(row)
    return found


def _distribution(
    students: pa.Table, row: Row, least: int | None
) -> _charts.Chart | None:
    """How the totals are spread; None where nobody has one, or it would tell of few."""
    own = students.filter(pc.equal(students["quiz_id"], row["quiz_id"]))["items_score"]
    totals = np.asarray(own.drop_null(), np.float64)
    return _charts.distribution(totals, row, least) if row["n"] else None


def _lines(traces: pa.Table) -> dict[tuple[str, str], dict[str, list[float]]]:
    """The shares of each option, by the item and the option."""
    key = itemgetter("quiz_id", "item_id")
    return {
        item: {
            option: [row["ratio"] for row in own]
            for option, own in groupby(rows, key=itemgetter("option"))
        }
        for item, rows in groupby(traces.to_pylist(), key=key)
    }


def _quiz(  # noqa: PLR0913  what the tables hold of it
    row: Row,
    attempt: str,
    *,
    number: int,
    items: Sequence[Row],
    options: Sequence[Row],
    left: Sequence[Row],
    found: Sequence[Row],
    lines: Mapping[tuple[str, str], Mapping[str, Sequence[float]]],
    distribution: _charts.Chart | None,
) -> dict[str, Any]:
    own: dict[str, list[Row]] = {}
    for option in options:
        own.setdefault(option["item_id"], []).append(option)
    labels = _labels(items)
    questions = []
    for item, label in zip(items, labels, strict=True):
        key, known = (item["quiz_id"], item["item_id"]), own.get(item["item_id"], [])
        about = [one for one in found if one["item_id"] == item["item_id"]]
        questions.append(question(item, label, known, lines.get(key, {}), about))
    places = {q["row"]["item_id"]: i for i, q in enumerate(questions)}
    all_shown = all(item["n_not_shown"] == 0 for item in items)
    return {
        "row": row,
        "number": number,
        "name": _words.one_line(row["quiz_id"]),
        "sentences": in_short(row, attempt, all_shown=all_shown),
        "figures": [_figure(row, *names) for names in _KEY_FIGURES],
        "reliability": [*reliability(row, all_shown=all_shown)],
        "look": [(places.get(item), rows) for item, rows in by_question(found)],
        "minor": _kinds(found, "look", places),
        "unsure": _kinds(found, "cannot tell", places),
        "questions": questions,
        "distribution": distribution,
        "scatter": _charts.scatter(
            [
                {
                    "label": q["label"],
                    "difficulty": q["row"]["difficulty"],
                    "rest": q["row"][REST],
                    "ends": interval(q["row"], REST),
                    "odd": q["odd"],
                }
                for q in questions
            ]
        ),
        "without": _without(row, questions),
        "left": left,
    }


def _kinds(
    found: Sequence[Row], outcome: str, places: Mapping[str, int]
) -> list[tuple[str, list[int]]]:
    """Kinds of findings with the places of their questions, each once."""
    return [
        (name, sorted({places[row["item_id"]] for row in rows if row["item_id"]}))
        for name, rows in by_kind(found, outcome)
    ]


def _two(value: object) -> str:
    return _words.number(value, 2)


def _figure(row: Row, name: str, title: str) -> dict[str, Any]:
    ends = interval(row, name)
    return {
        "name": name,
        "title": title,
        "value": row[name],
        "text": (_words.points if name in _PLAIN else _two)(row[name]),
        "ends": ends and tuple(_words.number(end, 2) for end in ends),
        "why": _words.reasons(row["undefined"]).get(name),
    }


def _labels(items: Sequence[Row]) -> list[str]:
    """The places of the questions; their order, where places are not all told apart."""
    places = [item["position"] for item in items]
    told = None not in places and len({*places}) == len(places)
    return [f"{place:,}" for place in (places if told else range(1, len(items) + 1))]


def _without(row: Row, questions: Sequence[Row]) -> list[Row]:
    """Questions without which alpha is higher, the most first."""
    alpha, name = row["alpha"], "alpha_if_deleted"
    if alpha is None:
        return []
    known = [q for q in questions if q["row"][name] is not None]
    higher = [q for q in known if q["row"][name] > alpha + _MATTERS]
    return sorted(higher, key=lambda q: -q["row"][name])
