"""From responses to a page."""

from collections.abc import Iterable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import jinja2

from quizanalysis import _words
from quizanalysis._bounds import refuse_more
from quizanalysis.page._content import quizzes
from quizanalysis.progress import ProgressCallback
from quizanalysis.report import analyze
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tables import Criterion, option_traces
from quizanalysis.tally import Blank

__all__ = ["page"]

_MOST_QUIZZES, _MOST_QUESTIONS = 50, 1_000


def page(
    responses: Responses,
    *,
    attempt: Attempts = "last",
    blank: Blank = "zero",
    criterion: Criterion = "points",
    min_cell: int | None = None,
    source: str | None = None,
    progress: ProgressCallback | None = None,
) -> str:
    """Make the report of one or some quizzes as a page of HTML.

    Parameters
    ----------
    responses : Responses
        Of at most 50 quizzes with 1,000 questions in all.
    attempt, blank, criterion
        As in `quizanalysis.item_analysis`.
    min_cell : int, optional
        Hide what rests on fewer students, as `quizanalysis.analyze` does. There are no
        traces then, and the bars of the distribution are as wide as it takes, or left
        out: where a score is below 0 or above the points, these would tell it.
    source : str, optional
        What was read, in words, such as the name of a file.
    progress : callable, optional
        As in `quizanalysis.analyze`.

    Returns
    -------
    str
        A document that needs nothing from elsewhere and runs no script. It holds no
        student's name and no answer but those that are options, so that its size
        depends on the number of questions and not on that of students. The same input
        gives the same text.

    Raises
    ------
    ValueError
        For more quizzes or questions, or an option that does not exist.
    TypeError
        For what is not `Responses`.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> text = page(qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]]))
    >>> text[:15], "<script" in text
    ('<!DOCTYPE html>', False)
    """
    if not isinstance(responses, Responses):
        msg = f"Responses are needed, not {type(responses).__name__}"
        raise TypeError(msg)
    _check_size(responses)
    options = {"attempt": attempt, "blank": blank, "criterion": criterion}
    report = analyze(
        responses,
        attempt=attempt,
        blank=blank,
        criterion=criterion,
        min_cell=min_cell,
        progress=progress,
    )
    traces = None
    if min_cell is None:
        traces = option_traces(
            responses, attempt=attempt, blank=blank, criterion=criterion
        )
    gone = report.exclusions.to_pylist()
    return _template().render(
        quizzes=quizzes(report, traces, attempt, min_cell),
        whole=[row for row in gone if row["quiz_id"] is None],
        source=source,
        options=options,
        attempts=_words.ATTEMPTS[attempt],
        min_cell=min_cell,
        n_read=_read(gone),
        digest=responses.digest if min_cell is None else None,
        version=_release(),
    )


def _read(exclusions: Iterable[Mapping[str, Any]]) -> int | None:
    """How many submissions were read of the quizzes; None where one number is hidden.

    Those that a reader left out before are among them.
    """
    counts = [
        row["n"]
        for row in exclusions
        if (row["unit"], row["reason"]) == ("submissions", "read")
    ]
    return None if None in counts else sum(counts)


def _release() -> str:
    try:
        return version("quizanalysis")
    except PackageNotFoundError:
        return ""


def _check_size(responses: Responses) -> None:
    quizzes = len(responses.items["quiz_id"].unique())
    way = (
        "give fewer files, quiz_id= (--quiz-id ID) when the files are parts of one "
        "quiz, or choose with responses.where(quiz=…)"
    )
    refuse_more("a page is about", _MOST_QUIZZES, "quizzes", quizzes, way)
    questions = responses.items.num_rows
    way = "choose with responses.where(quiz=…)"
    refuse_more("a page is about", _MOST_QUESTIONS, "questions", questions, way)


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("quizanalysis.page"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "counted": _words.counted,
        "number": _words.number,
        "points": _words.points,
        "line": _words.one_line,
        "plain": _words.printable,
    }
    return environment.get_template("page.html")
