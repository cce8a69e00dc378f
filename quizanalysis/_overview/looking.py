"""Which questions to look at first, and how sure that is."""

from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import groupby
from math import atanh, ceil
from operator import itemgetter
from statistics import NormalDist
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import _words

__all__ = ["to_look_at"]

Row = Mapping[str, Any]

_REST = "point_biserial_corrected"
_NEARLY_1, _NEVER = 1 - 1e-12, 10**9
_ADVICE = {
    "key_probably_wrong": "Those who choose “{better}” do better on the rest of the "
    "quiz than those who choose the key. Look whether the key is right; if it is not, "
    "correct it where the quiz is and have it regraded.",
    "discriminates_negatively": "Who did well on the rest of the quiz did worse on "
    "this question. Look whether it is keyed right, and whether it can be misread.",
    "tells_nobody_apart": "Everybody has the same score on it, so it cannot tell who "
    "knows more. Keep it only if it is meant so.",
}
_ORDER = list(_ADVICE)
_SEVERITY = dict(zip(_ORDER, ("high", "high", "low"), strict=True))


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
        option``. The ``outcome`` is ``look`` where the interval of the correlation lies
        on the wrong side as a whole, else ``cannot tell``; ``n_needed`` is how many
        students it takes if the figure stays as it is.

    Notes
    -----
    The interval is Fisher's, at 95 % for all that is compared in a quiz at once
    (Bonferroni): among fifty options one looks odd by chance.
    """
    found = [*_negative(items), *_same(items), *_keys(options)]
    better = {(row["quiz_id"], row["item_id"]) for row in found if row["option"]}
    # A wrong key is why those who know more did worse: it is said once.
    kept = [
        row
        for row in found
        if row["finding"] != "discriminates_negatively"
        or (row["quiz_id"], row["item_id"]) not in better
    ]
    return sorted(
        kept,
        key=lambda row: (row["outcome"] != "look", _ORDER.index(row["finding"])),
    )


def _negative(items: pa.Table) -> Iterator[Row]:
    tested = Counter(items.filter(pc.is_valid(items[_REST]))["quiz_id"].to_pylist())
    for row in items.filter(pc.less(items[_REST], 0)).to_pylist():
        r, n = row[_REST], row["n"]
        evidence = f"correlation with the rest {_words.number(r, 2)}, n = {n:,}"
        needed = _students(-r, 0.0, tested[row["quiz_id"]])
        yield _finding(row, "discriminates_negatively", evidence, needed, n)


def _same(items: pa.Table) -> Iterator[Row]:
    several = pc.and_(pc.equal(items["min"], items["max"]), pc.greater(items["n"], 1))
    for row in items.filter(several).to_pylist():
        evidence = f"score {_words.points(row['min'])} for all {row['n']:,}"
        yield _finding(row, "tells_nobody_apart", evidence, 0, row["n"])


def _keys(options: pa.Table) -> Iterator[Row]:
    """Items of which a distractor goes better with the rest than any key."""
    names = ["quiz_id", "item_id", "option", "text", "correct", _REST, "n_item"]
    rows = options.select(names).filter(pc.is_valid(options[_REST])).to_pylist()
    tested = Counter(row["quiz_id"] for row in rows if not row["correct"])
    for _, group in groupby(rows, key=itemgetter("quiz_id", "item_id")):
        own = list(group)
        keyed = [row[_REST] for row in own if row["correct"]]
        others = [row for row in own if not row["correct"]]
        best = max(others, key=itemgetter(_REST), default=None)
        if best is None or not keyed or best[_REST] <= max(0.0, *keyed):
            continue
        r, key, n = best[_REST], max(keyed), best["n_item"]
        evidence = (
            f"correlation with the rest {_words.number(r, 2)}, that of the key "
            f"{_words.number(key, 2)}, n = {n:,}"
        )
        needed = _students(r, max(0.0, key), tested[best["quiz_id"]])
        yield _finding(best, "key_probably_wrong", evidence, needed, n)


def _students(r: float, line: float, tested: int) -> int:
    """How many it takes for the interval of a correlation to lie above a line.

    Examples
    --------
    >>> _students(0.5, 0.0, 1), _students(0.5, 0.0, 50)
    (16, 39)
    """
    wide = NormalDist().inv_cdf(1 - 0.025 / max(tested, 1))
    apart = atanh(min(r, _NEARLY_1)) - atanh(min(line, _NEARLY_1))
    return ceil(3 + (wide / apart) ** 2) if apart > 1e-6 else _NEVER


def _finding(row: Row, name: str, evidence: str, needed: int, n: int) -> Row:
    sure, option = n >= needed, row.get("option")
    better = "" if option is None else _words.one_line(row["text"] or option)
    return {
        "quiz_id": row["quiz_id"],
        "item_id": row["item_id"],
        "finding": name,
        "severity": _SEVERITY[name],
        "evidence": evidence,
        "advice": _ADVICE[name].format(better=better),
        "outcome": "look" if sure else "cannot tell",
        "n_needed": None if sure or needed == _NEVER else needed,
        "option": option,
    }
