"""Figures, ids and reasons as words that may be shown anywhere."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import unescape
from typing import Any

from quizanalysis._safe_text import printable

__all__ = [
    "ATTEMPTS",
    "accounts",
    "alpha",
    "bar",
    "counted",
    "figure",
    "listed",
    "number",
    "one_line",
    "points",
    "printable",
    "reason",
    "reasons",
]

Row = Mapping[str, Any]

ATTEMPTS: Mapping[str, str] = {
    "first": "the first attempt of each counts",
    "last": "the last attempt of each counts",
    "best": "the best attempt of each counts",
    "kept": "the attempt with the kept score of each counts",
    "all": "every attempt counts",
}

_REASONS: Mapping[str, str] = {
    "dropped": "the item is dropped",
    "everybody_chose_it": "everybody chose it",
    "fewer_than_three_items": "the quiz has fewer than three items",
    "fewer_than_two": "fewer than two have a score",
    "fewer_than_two_complete_submissions": "fewer than two have a score for every item",
    "fewer_than_two_items": "the quiz has fewer than two items",
    "no_pass_mark": "there is no pass mark",
    "no_points_possible": "worth no points",
    "no_scores": "nobody has a score",
    "no_submission_shows_them_all": "nobody was shown every item",
    "no_variance": "the scores do not vary",
    "nobody_chose_it": "nobody chose it",
    "needs_responses": "the counts do not tell it",
    "no_common_totals": "no total occurs in both groups",
    "points_not_declared_or_zero": "the points possible are zero or not declared",
    "suppressed": "suppressed, as it would tell of few students",
    "totals_all_equal": "all totals are the same",
}

_BLOCK = "br|div|h[1-6]|hr|li|ol|p|pre|table|tbody|td|th|thead|tr|ul"
_INLINE = "a|b|code|em|font|i|iframe|img|s|span|strong|sub|sup|u"
_BREAK, _STYLE = (
    re.compile(rf"</?(?:{names})(?:\s[^<>]*|/)?>", re.IGNORECASE)
    for names in (_BLOCK, _INLINE)
)
_READ, _LONGEST = 100_000, 400
_BAR = 13
"""Letters of a bar: an odd number has a middle."""


def one_line(text: object) -> str:
    r"""Turn a title, a name or an id into one line of plain text.

    Examples
    --------
    >>> one_line("<p>Is 2 &lt; 3?</p>\n<b>Say  why</b>")
    'Is 2 < 3? Say why'
    """
    if text is None:
        return ""
    if isinstance(text, list):
        return ", ".join(one_line(part) for part in text)
    words = _STYLE.sub("", _BREAK.sub(" ", str(text)[:_READ]))
    return printable(" ".join(unescape(words).split()))[:_LONGEST]


def number(value: object, digits: int) -> str:
    """Round to so many decimals; never ``-0``.

    Examples
    --------
    >>> number(-0.001, 2), number(1234.5, 1)
    ('0.00', '1,234.5')
    """
    if not isinstance(value, int | float):
        return "-"
    return f"{round(value, digits) + 0.0:,.{digits}f}"


def points(value: object) -> str:
    """Write points without needless zeros.

    Examples
    --------
    >>> points(2.0), points(0.25), points(100)
    ('2', '0.25', '100')
    """
    text = number(value, 2)
    return text.rstrip("0").rstrip(".") if "." in text else text


def figure(value: object) -> str:
    """Write any figure of a summary.

    Examples
    --------
    >>> figure(140), figure(19.5783), figure(35.0), figure(True), figure(None)
    ('140', '19.58', '35', 'yes', '-')
    """
    return ("no", "yes")[value] if isinstance(value, bool) else points(value)


def counted(n: int | None, noun: str) -> str:
    """Put a number before its noun; one that was hidden is None.

    Examples
    --------
    >>> counted(1, "students"), counted(1200, "students")
    ('1 student', '1,200 students')
    """
    if n is None:
        return f"a suppressed number of {noun}"
    return f"{n:,} {noun[:-1] if n == 1 else noun}"


def listed(names: Sequence[str], most: int = 8) -> str:
    """Name the first few.

    Examples
    --------
    >>> listed(["1", "2", "3"], most=2)
    '1, 2 and 1 more'
    """
    rest = len(names) - most
    return ", ".join(names[:most]) + (f" and {rest:,} more" if rest > 0 else "")


def reason(code: str) -> str:
    """Say in plain words why a figure is null."""
    return _REASONS.get(code, code.replace("_", " "))


def reasons(undefined: object) -> dict[str, str]:
    """Take a row's ``undefined`` apart: why each figure is null.

    Examples
    --------
    >>> reasons("alpha: no_variance; sem: negative_alpha")
    {'alpha': 'the scores do not vary', 'sem': 'negative alpha'}
    """
    pairs = str(undefined or "").split("; ")
    codes = (pair.partition(": ") for pair in pairs)
    return {figure: reason(code) for figure, _, code in codes if code}


def alpha(row: Row, level: float) -> str:
    """Say alpha with its interval, or why there is none."""
    if row["alpha"] is None:
        why = reasons(row["undefined"]).get("alpha", "not defined")
        return f"no alpha ({why})"
    low, high = number(row["alpha_low"], 2), number(row["alpha_high"], 2)
    return (
        f"alpha {number(row['alpha'], 2)} ({100 * level:.4g} % interval "
        f"{low} to {high})"
    )


def bar(low: object, value: object, high: object, least: float) -> str:
    """Draw a figure from `least` to 1 within its interval, and 0 where it is inside.

    Examples
    --------
    >>> bar(0.5, 0.7, 0.8, 0.0), bar(0.1, 0.3, 0.6, -1.0), bar(None, None, None, 0.0)
    ('      ──●──  ', '      ┊─●──  ', '')
    """
    if not isinstance(value, int | float):
        return ""
    ends = [end if isinstance(end, int | float) else value for end in (low, high)]
    marks = [*ends, value, 0.0]
    places = [round((mark - least) / (1 - least) * (_BAR - 1)) for mark in marks]
    first, last, here, zero = (min(max(place, 0), _BAR - 1) for place in places)
    letters = [" "] * _BAR
    letters[first : last + 1] = "─" * (last - first + 1)
    if least < 0:
        letters[zero] = "┼" if first <= zero <= last else "┊"
    letters[here] = "●"
    return "".join(letters)


def accounts(
    exclusions: Iterable[Row], quizzes: Collection[object], *, keys: bool
) -> list[str]:
    """Say what was left out of these quizzes, and what else is to be known."""
    gone: dict[tuple[str, str], int | None] = {}
    noted: dict[tuple[str, str], int | None] = {}
    for row in exclusions:
        unit, why = row["unit"], row["reason"]
        dull = why in {"read", "analysed"} or (why.startswith("key ") and not keys)
        if row["quiz_id"] in quizzes and not dull:
            counts = gone if row["left_out"] else noted
            before, n = counts.get((unit, why), 0), row["n"]
            hidden = before is None or n is None
            counts[unit, why] = None if hidden else before + n
    both = (("left out", gone), ("noted", noted))
    return [f"{word}: {_added(counts)}" for word, counts in both if counts]


def _added(counts: Mapping[tuple[str, str], int | None]) -> str:
    parts = (f"{counted(n, unit)} ({why})" for (unit, why), n in counts.items())
    return "; ".join(parts)
