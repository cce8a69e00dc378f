"""Which questions to look at first, and how sure that is."""

from collections.abc import Iterator, Mapping
from itertools import groupby
from math import atanh, ceil
from operator import itemgetter
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import _words

__all__ = ["to_look_at"]

Row = Mapping[str, Any]

_REST, _NORMAL = "point_biserial_corrected", 1.959964
_SURE = {True: "look", False: "cannot tell"}
_ADVICE = {
    "key_probably_wrong": "those who choose “{better}” do well on the rest of the "
    "quiz, better than those who choose the key: look whether the key is right",
    "discriminates_negatively": "who did well on the rest of the quiz did worse on "
    "this question: look whether it is keyed right, and whether it can be misread",
    "tells_nobody_apart": "everybody has the same score on it, so it cannot tell who "
    "knows more: keep it only if it is meant so",
}
_ORDER = list(_ADVICE)


def to_look_at(items: pa.Table, options: pa.Table) -> list[Row]:
    """Find what is odd, the most telling first.

    Parameters
    ----------
    items, options : pyarrow.Table
        ``item_analysis`` and ``option_analysis``.

    Returns
    -------
    list of dict
        With ``quiz_id, item_id, finding, severity, evidence, advice, outcome, n_needed,
        option``. The ``outcome`` is ``look`` where Fisher's 95 % interval of the
        correlation lies on the wrong side of 0 as a whole, else ``cannot tell``;
        ``n_needed`` is how many students it takes if the figure stays as it is.
    """
    found = [*_negative(items), *_same(items), *_keys(options)]
    better = {(row["quiz_id"], row["item_id"]) for row in found if row["option"]}
    # A wrong key is why those who know more did worse: it is said once.
    kept = [
        row
        for row in found
        if row["option"]
        or row["finding"] != "discriminates_negatively"
        or (row["quiz_id"], row["item_id"]) not in better
    ]
    return sorted(
        kept,
        key=lambda row: (row["outcome"] != "look", _ORDER.index(row["finding"])),
    )


def _negative(items: pa.Table) -> Iterator[Row]:
    below = items.filter(pc.less(items[_REST], 0))
    for row in below.to_pylist():
        r, n = row[_REST], row["n"]
        evidence = f"correlation with the rest {_words.number(r, 2)}, n = {n:,}"
        yield _finding(
            row, "discriminates_negatively", evidence, "high", _students(r), n
        )


def _same(items: pa.Table) -> Iterator[Row]:
    several = pc.and_(pc.equal(items["min"], items["max"]), pc.greater(items["n"], 1))
    for row in items.filter(several).to_pylist():
        evidence = f"score {_words.points(row['min'])} for all {row['n']:,}"
        yield _finding(row, "tells_nobody_apart", evidence, "low", 0, row["n"])


def _keys(options: pa.Table) -> Iterator[Row]:
    """Items of which a distractor goes better with the rest than any key."""
    names = ["quiz_id", "item_id", "option", "text", "correct", _REST, "n_item"]
    rows = options.select(names).to_pylist()
    for _, group in groupby(rows, key=itemgetter("quiz_id", "item_id")):
        own = [row for row in group if row[_REST] is not None]
        keyed = [row[_REST] for row in own if row["correct"]]
        others = [row for row in own if not row["correct"]]
        best = max(others, key=itemgetter(_REST), default=None)
        if best is None or not keyed or best[_REST] <= max(0.0, *keyed):
            continue
        r, n = best[_REST], best["n_item"]
        evidence = (
            f"correlation with the rest {_words.number(r, 2)}, that of the key "
            f"{_words.number(max(keyed), 2)}, n = {n:,}"
        )
        yield _finding(
            best,
            "key_probably_wrong",
            evidence,
            "high",
            _students(r),
            n,
            best["option"],
        )


def _students(r: float) -> int:
    """How many it takes for the interval of a correlation to leave out 0."""
    return ceil(3 + (_NORMAL / atanh(r)) ** 2) if abs(r) < 1 else 4


def _finding(
    row: Row, name: str, evidence: str, severity: str, needed: int, n: int,
    option: str | None = None,
) -> Row:  # fmt: skip
    sure = n >= needed
    better = _words.one_line(row["text"] or option) if option is not None else ""
    return {
        "quiz_id": row["quiz_id"],
        "item_id": row["item_id"],
        "finding": name,
        "severity": severity,
        "evidence": evidence,
        "advice": _ADVICE[name].format(better=better),
        "outcome": _SURE[sure],
        "n_needed": None if sure else needed,
        "option": option,
    }
