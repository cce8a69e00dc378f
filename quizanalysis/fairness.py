"""Groups side by side: differential item functioning, and the items by section."""

from hashlib import sha256

import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._readout.assembly import Source, assembled, made_of, tallied
from quizanalysis._readout.dif import dif_figures
from quizanalysis._readout.sections import by_section, told_apart
from quizanalysis._refusals import need_kind
from quizanalysis.errors import MergeError
from quizanalysis.responses import Attempts, Responses
from quizanalysis.tables import Criterion, item_analysis
from quizanalysis.tally import Blank

__all__ = ["dif", "item_analysis_by_section"]


def dif(
    reference: Source,
    focal: Source,
    *,
    names: tuple[str, str] = ("reference", "focal"),
    attempt: Attempts | None = None,
    blank: Blank | None = None,
    level: float = 0.95,
) -> pa.Table:
    r"""Differential item functioning: one row per item, two groups compared.

    An item functions differently when students of two groups who have the same total
    do not do equally well on it. That is a question about the item, not a verdict on
    it.

    Parameters
    ----------
    reference, focal : Responses or Tally
        The two groups, such as ``responses.where(section="A")`` or
        ``responses.where(student=ids)``. Students who are in both count in both.
    names : pair of str
        What the groups are called in the table.
    attempt : {"last", "first", "best", "kept", "all"}, optional
        As in `item_analysis`.
    blank : {"zero", "omit"}, optional
        As in `item_analysis`.
    level : float
        Coverage of the intervals, between 0 and 1.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["dif"]``, quiz by quiz, by position.

    Raises
    ------
    ValueError
        For an option that does not exist, or that contradicts a tally.
    MergeError
        When the groups were counted in different ways, or contradict each other on an
        item's points.

    Notes
    -----
    Students are matched by their total over the items shown, *with* the item, as ETS
    does: without it an item could differ where nothing does. Totals that agree to a
    millionth of a point are one stratum. There is no purification: items that function
    differently stay in the total. Students with a total that the other group does not
    have say nothing, and ``n_matched`` says how many are left. Where submissions were
    out of different points (``totals_comparable`` of `summary`) equal totals are not
    equal achievements, and figures should not be relied on.

    For items scored 0 or all points there are Mantel-Haenszel's common odds ratio, with
    an interval by the standard error of Robins, Breslow and Greenland, and ``delta``,
    :math:`-2.35 \ln` of it. ``chi2`` has the correction for continuity and is a little
    conservative. ``ets_class`` is ETS's, and always at 5 %: A when `p_value` is 0.05 or
    more or the delta is below 1 in size; C when it is 1.5 or more and significantly
    above 1; else B. Items with partial credit have ``smd`` and Mantel's chi-squared
    alone, but for the latter it takes `Responses`: a tally does not know the squares of
    the scores at each total, except those of 0/1 items. See `mantel_haenszel` for all
    formulas and sources.

    With fewer than about 200 students in the smaller group little but large differences
    is found; look at the interval, not at the letter alone. Of twenty items without any
    DIF one is significant at 5 %.

    Examples
    --------
    Of those with a total of 1, two of three in the one group have the first item right
    and one of three in the other; with a total of 2, the one and not the other. That
    makes (4/6 + 1/2) / (1/6).

    >>> import quizanalysis as qa
    >>> one = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 0]]
    >>> two = [[1, 1, 1], [0, 1, 1], [0, 1, 0], [0, 0, 1], [1, 0, 0], [0, 0, 0]]
    >>> groups = (qa.Responses.from_matrix(rows, 1) for rows in (one, two))
    >>> row = dif(*groups).to_pylist()[0]
    >>> round(row["odds_ratio"], 9), row["favours"], row["n_strata"]
    (7.0, 'reference', 4)
    """
    if not 0 < level < 1:
        msg = f"level must be between 0 and 1, not {level!r}"
        raise ValueError(msg)
    first, second = _named(names)
    one, two = tallied(reference, attempt, blank), tallied(focal, attempt, blank)
    if one.blank != two.blank:
        msg = f"one group counts blanks as {one.blank}, the other as {two.blank}"
        raise MergeError(msg)
    counted = None
    if isinstance(reference, Responses) and isinstance(focal, Responses):
        counted = [group.attempts(attempt or "last") for group in (reference, focal)]
    columns, reasons = dif_figures(one.parts, two.parts, counted, one.blank, level)
    n = len(columns["item_id"])
    columns["reference"] = pa.array([first] * n, pa.string())
    columns["focal"] = pa.array([second] * n, pa.string())
    made = made_of(reference, one, attempt)
    made["options"]["level"] = level
    both = f"{one.digest} {two.digest}".encode()
    made["input_digest"] = f"sha256:{sha256(both).hexdigest()}"
    return assembled("dif", columns, reasons, made)


def item_analysis_by_section(
    responses: Responses,
    *,
    attempt: Attempts | None = None,
    blank: Blank | None = None,
    criterion: Criterion = "points",
    tail: float = 0.27,
    ties: ctt.Ties = "split",
    ddof: int = 1,
    level: float = 0.95,
) -> pa.Table:
    """The figures of each item in each section: one row per section and item.

    Parameters
    ----------
    responses : Responses
        With the sections of the students.
    attempt, blank, criterion, tail, ties, ddof, level
        As in `item_analysis`.

    Returns
    -------
    pyarrow.Table
        The columns of ``schema.REPORTS["item_analysis_by_section"]``: those of
        `item_analysis` after ``section``, the name of the section; section by section
        in the order of their names.

    Raises
    ------
    ValueError
        For an option that does not exist, when no student has a section, and when the
        sections have more than 100 million answers between them, or the table cells.

    Notes
    -----
    A student in two sections counts in each, one in none in no row. Within a section
    all figures rest on its students alone, the groups of the best and of the weakest
    too; the points possible, where they had to be inferred, are those of all. A section
    has rows for the quizzes that any of its students handed in. Two sections of one
    name are one.

    Examples
    --------
    >>> import pyarrow as pa
    >>> import quizanalysis as qa
    >>> scores = {
    ...     "item_id": ["q"] * 3,
    ...     "score": [1, 0, 1],
    ...     "student_id": ["a", "b", "c"],
    ... }
    >>> students = {
    ...     "student_id": ["a", "b", "c"],
    ...     "section_names": [["X"], ["X"], ["Y"]],
    ... }
    >>> responses = qa.Responses.from_arrow(
    ...     pa.table(scores), students=pa.table(students)
    ... )
    >>> for row in item_analysis_by_section(responses).to_pylist():
    ...     print(row["section"], row["item_id"], row["n"], row["difficulty"])
    X q 2 0.5
    Y q 1 1.0
    """
    need_kind("Responses are", responses, Responses)
    chosen = responses.attempts(attempt or "last")
    apart, sections = told_apart(chosen)
    if len(responses) and not len(sections):
        msg = (
            "no student has a section here: give section_names in the students table, "
            "Responses.from_arrow(…, students=…), or read an export that has sections"
        )
        raise ValueError(msg)
    table = item_analysis(
        apart,
        attempt="all",
        blank=blank,
        criterion=criterion,
        tail=tail,
        ties=ties,
        ddof=ddof,
        level=level,
    )
    return by_section(table, sections, attempt or "last")


def _named(names: tuple[str, str]) -> tuple[str, str]:
    if (
        isinstance(names, str)
        or len(names) != 2
        or not all(isinstance(name, str) for name in names)
    ):
        msg = f"names must be two texts, not {names!r}"
        raise ValueError(msg)
    first, second = names
    return first, second
