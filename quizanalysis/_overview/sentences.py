"""A quiz in a few plain sentences, as its figures and their intervals allow."""

from collections.abc import Iterator, Mapping
from typing import Any

from quizanalysis import _words

__all__ = ["in_short", "interval", "percent", "reliability"]

Row = Mapping[str, Any]

_GOOD, _POOR = 0.75, 0.64
"""Moodle's ranges of alpha: satisfactory from here up, unsatisfactory below there."""


def percent(value: object, digits: int = 0) -> str:
    r"""Write a fraction in percent, with a space that does not break.

    Examples
    --------
    >>> percent(0.615), percent(None)
    ('62\xa0%', '-')
    """
    if not isinstance(value, int | float):
        return "-"
    return f"{_words.number(100 * value, digits)}\u00a0%"


def interval(row: Row, figure: str) -> tuple[float, float] | None:
    """Take the ends of a figure's interval, where its table has them.

    Examples
    --------
    >>> interval({"alpha": 0.6, "alpha_low": 0.4, "alpha_high": 0.8}, "alpha")
    (0.4, 0.8)
    """
    low, high = row.get(f"{figure}_low"), row.get(f"{figure}_high")
    return None if low is None or high is None else (low, high)


def in_short(row: Row, attempt: str, *, all_shown: bool) -> list[str]:
    """Tell what the summary of a quiz says.

    Parameters
    ----------
    row : mapping
        Of ``summary``.
    attempt : str
        Which attempts count.
    all_shown : bool
        Whether every submission has every question.

    Examples
    --------
    >>> row = {"n": 0, "n_items": 1, "points_possible": None}
    >>> in_short(row, "last", all_shown=True)
    ['Nobody has a score yet.']
    """
    if row["n"] is None:
        return ["Too few students took it for anything to be told of them."]
    if not row["n"]:
        return ["Nobody has a score yet."]
    sentences = [_who(row, attempt, all_shown=all_shown), _mean(row)]
    if row["sd"] is not None and row["n"] > 1:
        sentences.append(_spread(row))
    if row["totals_comparable"] is False:
        sentences.append(
            "Not everybody's score is out of the same points, because of random draws "
            "or missing grades, so scores cannot simply be compared."
        )
    return [*sentences, *reliability(row, all_shown=all_shown)]


def _who(row: Row, attempt: str, *, all_shown: bool) -> str:
    noun = "attempts" if attempt == "all" else "students"
    who, k = _words.counted(row["n"], noun), row["n_items"]
    worth = row["points_possible"]
    points = "" if worth is None else f", {_words.points(worth)} points in all"
    verb = "were made at" if attempt == "all" else "took"
    if not all_shown and k > 1:
        return (
            f"{who} {verb} a quiz with {k:,} questions, not all shown to all{points}."
        )
    return f"{who} {verb} {_words.counted(k, 'questions')}{points}."


def _spread(row: Row) -> str:
    """The standard deviation, and the range where it is not hidden."""
    spread = _words.number(row["sd"], 2)
    if row["min"] is None or row["max"] is None:
        return f"The standard deviation of the scores is {spread}."
    low, high = (_words.points(row[name]) for name in ("min", "max"))
    return f"Scores run from {low} to {high}; their standard deviation is {spread}."


def _mean(row: Row) -> str:
    mean, worth = row["mean"], row["points_possible"]
    if mean is None:
        return "The mean is hidden: it would tell of few students."
    share = "" if not worth else f" of {_words.points(worth)} ({percent(mean / worth)})"
    text = f"The mean is {_words.number(mean, 2)} points{share}"
    if row["median"] is not None:
        text += f"; half have {_words.points(row['median'])} or more"
    text += "."
    ends = interval(row, "mean")
    if ends is None:
        return text
    low, high = (_words.number(end, 2) for end in ends)
    return (
        f"{text} If these students are a sample of others like them, the mean of all "
        f"of those is somewhere between {low} and {high} (95 % interval)."
    )


def reliability(row: Row, *, all_shown: bool = True) -> Iterator[str]:
    """Say how far the scores can be trusted, or why that cannot be said.

    Examples
    --------
    >>> row = {"alpha": 0.6123, "alpha_low": 0.354, "alpha_high": 0.801, "sem": 1.58}
    >>> for sentence in reliability(row):
    ...     print(sentence)
    The reliability (Cronbach's alpha) is 0.61, somewhere between 0.35 and 0.80: too
    uncertain to call it good enough (0.75 or more) or not (below 0.64).
    A student's score is good to about 1.58 points up or down (standard error of
    measurement).
    """
    if row["alpha"] is None:
        why = _words.reasons(row["undefined"]).get("alpha", "it is not defined")
        if not all_shown:
            why = "it needs students who have a score for every question, and not all "
            why += "questions were shown to all"
        yield f"There is no figure for the reliability (Cronbach's alpha): {why}."
        return
    yield (
        f"The reliability (Cronbach's alpha) is {_words.number(row['alpha'], 2)}"
        f"{_judged(interval(row, 'alpha'))}."
    )
    if row["sem"] is not None:
        yield (
            f"A student's score is good to about {_words.number(row['sem'], 2)} points "
            "up or down (standard error of measurement)."
        )


def _judged(ends: tuple[float, float] | None) -> str:
    if ends is None:
        return ""
    low, high = ends
    if low >= _GOOD:
        judged = f"good enough ({_GOOD} or more)"
    elif high < _POOR:
        judged = f"not good enough (below {_POOR})"
    elif low >= _POOR and high < _GOOD:
        judged = f"fair (between {_POOR} and {_GOOD})"
    else:
        judged = f"too uncertain to call it good enough ({_GOOD} or more) or not "
        judged += f"(below {_POOR})"
    between = f"{_words.number(low, 2)} and {_words.number(high, 2)}"
    return f", somewhere between {between}: {judged}"
