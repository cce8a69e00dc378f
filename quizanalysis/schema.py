"""Every column of every table: its name, type, unit and meaning, declared once.

The tables that come in are ``responses``, ``items`` and ``students``; those that go
out are ``item_analysis``, ``option_analysis``, ``option_traces``, ``summary``,
``student_analysis``, ``exclusions``, ``findings``, ``item_analysis_by_section``,
``dif``, and what `what_if` makes. Columns of the latter only ever grow at the end.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import pyarrow as pa

__all__ = ["INPUTS", "REPORTS", "Column", "arrow_schema", "json_schema"]

TEXT, COUNT, POINTS, FRACTION, PURE = "text", "count", "points", "fraction", "pure"
TIME, SECONDS, PERCENT, FLAG = "UTC", "seconds", "percent", "flag"

TIMESTAMP = pa.timestamp("us", tz="UTC")
OPTIONS = pa.list_(
    pa.struct([("id", pa.string()), ("text", pa.string()), ("correct", pa.bool_())])
)
_TEXTS = pa.list_(pa.string())


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table.

    Attributes
    ----------
    name : str
        As it stands in the table and in every file.
    type : pyarrow.DataType
        As it stands in the table.
    unit : str
        ``points``, ``fraction`` (0 to 1), ``percent``, ``count``, ``pure`` (a number
        without unit), ``seconds``, ``UTC`` (a point in time), ``flag`` or ``text``.
    meaning : str
        What it is, in one line; says when it is null.
    unit_of_share : str, optional
        The unit when the criterion is a share of the points, where that is another.
    rests_on : tuple of str, optional
        The counts of students that the figure rests on or tells: columns of the table
        or counts of its `Disclosure`; a count rests on itself. Empty for what is said
        of the quiz, whoever takes it. Null: not declared, so it is never shown in a
        table from which small cells are suppressed.
    """

    name: str
    type: pa.DataType
    unit: str
    meaning: str
    unit_of_share: str | None = None
    rests_on: tuple[str, ...] | None = None


def _text(name: str, meaning: str) -> Column:
    return Column(name, pa.string(), TEXT, meaning)


def _of_quiz(column: Column) -> Column:
    """Declare that a column is about the quiz and not about who takes it."""
    return replace(column, rests_on=())


def _resting(rests_on: tuple[str, ...], *columns: Column) -> tuple[Column, ...]:
    """Declare which counts of students some columns rest on."""
    return tuple(replace(column, rests_on=rests_on) for column in columns)


def _count(name: str, meaning: str) -> Column:
    return Column(name, pa.int64(), COUNT, meaning)


def _people(name: str, meaning: str, *others: str) -> Column:
    """Declare a count of students: it rests on itself, and on others."""
    return replace(_count(name, meaning), rests_on=(name, *others))


def _sign(name: str, meaning: str) -> Column:
    return Column(name, pa.int64(), PURE, meaning)


def _number(name: str, unit: str, meaning: str) -> Column:
    return Column(name, pa.float64(), unit, meaning)


def _flag(name: str, meaning: str) -> Column:
    return Column(name, pa.bool_(), FLAG, meaning)


def _before_and_after(name: str, unit: str, meaning: str) -> tuple[Column, Column]:
    return (
        _number(f"{name}_before", unit, f"{meaning}, before the change"),
        _number(f"{name}_after", unit, f"{meaning}, after it"),
    )


_QUIZ = _of_quiz(_text("quiz_id", "the quiz"))
_ITEM = _of_quiz(_text("item_id", "the item; unique within its quiz"))
_STUDENT = _text("student_id", "the student; never read as a number")
_ATTEMPT = _count("attempt", "1 for a student's first attempt")
_SUBMITTED = Column("submitted_at", TIMESTAMP, TIME, "when it was handed in")
_ELAPSED = _number("elapsed_s", SECONDS, "time spent on it")
_OPTION = _of_quiz(_text("option", "the option's id"))
_OPTION_TEXT = _of_quiz(_text("text", "the option's text"))
_KEYED = _of_quiz(_flag("correct", "keyed as correct"))
_POSITION = _of_quiz(_count("position", "place of the item in the quiz, from 1"))
_TYPE = _of_quiz(
    _text("item_type", "the source system's word for the kind of question")
)
_TITLE = _of_quiz(_text("title", "the question, as plain text"))
_POINTS = _number("points_possible", POINTS, "the most an answer can earn")
_UNDEFINED = _of_quiz(
    _text(
        "undefined", "why each null figure of the row is null, as 'figure: reason; …'"
    )
)
_NAME = _text("name", "full name")
_SIS = _text("sis_id", "id in the student information system")
_SECTIONS = Column("section_names", _TEXTS, TEXT, "the sections the student is in")


def _with_ends(
    columns: tuple[Column, ...], figures: Mapping[str, str]
) -> tuple[Column, ...]:
    """Put behind the columns both ends of the intervals of some, by name and meaning.

    An end tells what its figure tells, those of a mean the standard deviation too, and
    those of a discrimination both groups: so they rest on the same counts.
    """
    known = {column.name: column for column in columns}
    ends = (
        replace(
            known[name],
            name=f"{name}_{end}",
            meaning=f"{word} end of the interval of {meaning}",
            rests_on=_counts_of_end(known, name),
        )
        for name, meaning in figures.items()
        for end, word in (("low", "lower"), ("high", "upper"))
    )
    return (*columns, *ends)


def _counts_of_end(known: Mapping[str, Column], name: str) -> tuple[str, ...]:
    """The counts that an end of an interval rests on."""
    counts = list(known[name].rests_on or ())
    if name in ("mean", "difficulty"):
        counts += [
            *(known["sd"].rests_on or ()),
            *(["beyond"] if "difficulty" in known else []),
        ]
    if name == "discrimination":
        counts.append("one")
    return tuple(dict.fromkeys(counts))


INPUTS: Mapping[str, tuple[Column, ...]] = {
    "responses": (
        _QUIZ,
        _STUDENT,
        _ATTEMPT,
        _ITEM,
        _text("response", "the answer: text, or a list of texts; empty is blank"),
        _number("score", POINTS, "points earned; null is not graded yet"),
        _text("status", "graded, not_graded, not_attempted or not_shown"),
        _SUBMITTED,
        _ELAPSED,
        _number("recorded_score", POINTS, "the total the source system recorded"),
        _number(
            "recorded_points_possible", POINTS, "the most that total could have been"
        ),
        _POINTS,
        _TYPE,
        _TITLE,
        _POSITION,
    ),
    "items": (
        _QUIZ,
        _ITEM,
        _POSITION,
        _TITLE,
        _TYPE,
        _POINTS,
        Column("options", OPTIONS, TEXT, "the options and which of them are keyed"),
    ),
    "students": (
        _STUDENT,
        _NAME,
        _SIS,
        Column("section_ids", _TEXTS, TEXT, "ids of the student's sections"),
        _SECTIONS,
        Column("section_sis_ids", _TEXTS, TEXT, "SIS ids of the student's sections"),
    ),
}
"""The tables that come in, as ``Responses.from_arrow`` takes them."""

_GROUPS = ("n_reference", "n_focal", "n_matched")

_DIF = (
    _QUIZ,
    _ITEM,
    _POSITION,
    _TITLE,
    _of_quiz(_text("reference", "name of the reference group")),
    _of_quiz(_text("focal", "name of the focal group")),
    _people("n_reference", "responses with a score of the reference group", *_GROUPS),
    _people("n_focal", "responses with a score of the focal group", *_GROUPS),
    _people(
        "n_matched",
        "those of both with a total that both groups have: the base",
        *_GROUPS,
        "unmatched",
    ),
    *_resting(
        _GROUPS,
        _count("n_strata", "totals that both groups have"),
        _number("odds_ratio", PURE, "Mantel-Haenszel's; above 1 favours the reference"),
        _number("odds_ratio_low", PURE, "lower end of its interval"),
        _number("odds_ratio_high", PURE, "upper end of its interval"),
        _number(
            "log_odds_se", PURE, "standard error of the logarithm of the odds ratio"
        ),
        _number("delta", PURE, "ETS's MH D-DIF; below 0 favours the reference group"),
        _number("delta_low", PURE, "lower end of its interval"),
        _number("delta_high", PURE, "upper end of its interval"),
        _number("chi2", PURE, "Mantel-Haenszel's, with the correction for continuity"),
        _number("p_value", FRACTION, "of chi2, with one degree of freedom"),
        _text("ets_class", "A negligible, B moderate, C large"),
        _number("smd", POINTS, "standardised mean difference, focal less reference"),
        _number("smd_se", POINTS, "its standard error if there is no DIF"),
        _number(
            "mantel_chi2", PURE, "Mantel's, for scores of any points; no correction"
        ),
        _number(
            "mantel_p_value", FRACTION, "of mantel_chi2, with one degree of freedom"
        ),
        _text("favours", "the group that does better than its totals tell"),
    ),
    _UNDEFINED,
)

_MEAN = ("n", "right", "wrong", "partly", "nothing", "fewer")
"""What the mean of an item's scores can be computed back to."""

_SCORES = (*_MEAN, "few_levels")
"""So any other figure of them, where a mean is known."""

_SPREAD = ("totals", "spread")
"""What tells how the totals are spread, or with another figure of the row does."""

_GROUP_SIZES = ("n", "n_upper", "n_lower")

_ITEM_ANALYSIS = _with_ends(
    (
        _QUIZ,
        _ITEM,
        _POSITION,
        _TYPE,
        _TITLE,
        *_resting(
            ("best",),
            _number(
                "points_possible",
                POINTS,
                "the most an answer can earn; null when not declared and nobody earned "
                "anything",
            ),
        ),
        _people("n", "responses with a score: the base of the figures that follow"),
        _people("n_blank", "responses left blank", "n", "answered", "shown_answered"),
        _people(
            "n_not_shown",
            "submissions without the item; with blank='omit' blank ones too",
        ),
        _people("n_not_graded", "responses not graded yet"),
        *_resting(_MEAN, _number("mean", POINTS, "mean score")),
        *_resting(_SCORES, _number("sd", POINTS, "standard deviation of the scores")),
        *_resting(
            ("one",),
            _number("min", POINTS, "lowest score"),
            _number("max", POINTS, "highest score"),
        ),
        *_resting(
            _MEAN,
            _number(
                "difficulty", FRACTION, "mean score / points possible; high is easy"
            ),
        ),
        *_resting(
            _SCORES,
            _number("correct_ratio", FRACTION, "share of responses with full points"),
        ),
        *_resting(
            (*_SCORES, *_GROUP_SIZES, "tails"),
            _number(
                "discrimination", FRACTION, "mean fraction, upper less lower group"
            ),
        ),
        _people("n_upper", "responses in the upper group", *_GROUP_SIZES),
        _people("n_lower", "responses in the lower group", *_GROUP_SIZES),
        *_resting(
            (*_SCORES, *_SPREAD),
            _number(
                "point_biserial", PURE, "correlation with the total, item included"
            ),
        ),
        *_resting(
            (*_SCORES, "spread"),
            _number(
                "point_biserial_corrected",
                PURE,
                "correlation with the rest of the total",
            ),
        ),
        *_resting(
            (*_SCORES, *_SPREAD),
            _number("biserial", PURE, "biserial correlation with the total; 0/1 items"),
        ),
        *_resting(
            (*_SCORES, *_SPREAD, "complete"),
            _number("alpha_if_deleted", PURE, "Cronbach's alpha of the other items"),
        ),
        _people(
            "n_complete", "submissions with every item: the base of alpha", "lacking"
        ),
        _of_quiz(_flag("points_inferred", "points possible taken from the best score")),
        _UNDEFINED,
    ),
    {
        "mean": "the mean score",
        "difficulty": "the difficulty",
        "correct_ratio": "the share with full points",
        "discrimination": "the discrimination",
        "point_biserial": "the correlation with the total",
        "point_biserial_corrected": "that with the rest of the total",
    },
)

_CHOICE = ("n", "n_item", "absent")

_TOTALS = ("n", "totals", "earned", "not_earned")
"""Of a single item the totals are its scores."""


def _cut(*columns: Column) -> tuple[Column, ...]:
    """Counts of an option's choosers, by group."""
    return tuple(
        replace(column, rests_on=(column.name, *_CHOICE)) for column in columns
    )


REPORTS: Mapping[str, tuple[Column, ...]] = {
    "item_analysis": _ITEM_ANALYSIS,
    "option_analysis": _with_ends(
        (
            _QUIZ,
            _ITEM,
            _OPTION,
            _OPTION_TEXT,
            _KEYED,
            _people("n", "responses that chose it", *_CHOICE),
            *_resting(_CHOICE, _number("ratio", FRACTION, "n / n_item")),
            *_cut(
                _number(
                    "n_upper", COUNT, "its choosers in the upper group, ties in part"
                ),
                _number(
                    "n_middle",
                    COUNT,
                    "its choosers between the groups, ties in part",
                ),
                _number(
                    "n_lower", COUNT, "its choosers in the lower group, ties in part"
                ),
            ),
            *_resting(
                (*_CHOICE, "totals"),
                Column(
                    "mean_total",
                    pa.float64(),
                    POINTS,
                    "mean total of its choosers; a fraction when the criterion is a "
                    "share",
                    unit_of_share=FRACTION,
                ),
            ),
            *_resting(
                (*_CHOICE, *_SPREAD),
                _number(
                    "point_biserial", PURE, "correlation of choosing it with the total"
                ),
            ),
            *_resting(
                (*_CHOICE, "spread"),
                _number(
                    "point_biserial_corrected",
                    PURE,
                    "the same with the total less the item's own score",
                ),
            ),
            _people(
                "n_item", "responses to the item: the base of the figures", "absent"
            ),
            _of_quiz(_flag("key_inferred", "keyed because it earned full points")),
            _UNDEFINED,
        ),
        {
            "ratio": "n / n_item",
            "point_biserial": "the correlation with the total",
            "point_biserial_corrected": "that without the item's own score",
        },
    ),
    "option_traces": (
        _QUIZ,
        _ITEM,
        _OPTION,
        _OPTION_TEXT,
        _KEYED,
        _of_quiz(
            _count("group", "1 for the lowest totals, up to the number of groups")
        ),
        *_resting(
            ("n", "n_group"),
            _number("n", COUNT, "its choosers in the group, ties in part"),
            _number("n_group", COUNT, "responses to the item in the group"),
            _number("ratio", FRACTION, "n / n_group"),
        ),
        _UNDEFINED,
    ),
    "summary": _with_ends(
        (
            _QUIZ,
            _people("n", "submissions with a scored response"),
            _of_quiz(_count("n_items", "items")),
            _of_quiz(
                _number(
                    "points_possible",
                    POINTS,
                    "the most that the graded answers of a submission could earn",
                )
            ),
            *_resting(_TOTALS, _number("mean", POINTS, "mean total")),
            *_resting(
                (*_TOTALS, "spread"),
                _number("sd", POINTS, "standard deviation of the totals"),
                _number("median", POINTS, "median total"),
            ),
            *_resting(
                ("one",),
                _number("min", POINTS, "lowest total"),
                _number("max", POINTS, "highest total"),
                _number("skewness", PURE, "adjusted Fisher-Pearson skewness G1"),
                _number("kurtosis", PURE, "adjusted excess kurtosis G2"),
            ),
            *_resting(
                (*_TOTALS, "spread", "complete"),
                _number("alpha", PURE, "Cronbach's alpha"),
                _number("alpha_low", PURE, "lower end of Feldt's interval"),
                _number("alpha_high", PURE, "upper end of Feldt's interval"),
                _number("sem", POINTS, "standard error of measurement"),
            ),
            _people(
                "n_complete",
                "submissions with every item: the base of alpha",
                "lacking",
            ),
            _of_quiz(_flag("totals_comparable", "all were out of equal points")),
            _UNDEFINED,
        ),
        {"mean": "the mean total"},
    ),
    "student_analysis": (
        _QUIZ,
        _STUDENT,
        _NAME,
        _SIS,
        _SECTIONS,
        _ATTEMPT,
        _SUBMITTED,
        _ELAPSED,
        _count("n_correct", "answers with full points"),
        _count("n_partial", "answers with some of the points"),
        _count("n_incorrect", "answers without points"),
        _count("n_blank", "items left blank"),
        _count("n_not_graded", "answers not graded yet"),
        _number(
            "points_possible",
            POINTS,
            "as recorded, else of the items shown, where known",
        ),
        _number(
            "score",
            POINTS,
            "the recorded score, else the sum of item scores; null: nothing is graded",
        ),
        _number("percent", PERCENT, "100 x score / points_possible"),
        _count("rank", "place by score within the quiz; equal scores share one"),
        _number("items_score", POINTS, "sum of the item scores; null: none is graded"),
        _UNDEFINED,
    ),
    "exclusions": (
        _QUIZ,
        _of_quiz(
            _text(
                "unit", "what is counted, such as submissions, or columns of the file"
            )
        ),
        _of_quiz(
            _text("reason", "why they were left out, or what is to be known of them")
        ),
        *_resting(("people", "added"), _count("n", "how many")),
        _of_quiz(_flag("left_out", "false for what is only remarked on")),
        _of_quiz(_text("undefined", "'n: suppressed' where n is, else null")),
    ),
    "what_if_students": (
        _QUIZ,
        _STUDENT,
        _NAME,
        _SIS,
        _count("attempt_before", "the attempt that counted"),
        _count("attempt_after", "the attempt that counts after the change"),
        *_before_and_after("points_possible", POINTS, "what the score is out of"),
        *_before_and_after("score", POINTS, "as in student_analysis"),
        _number("score_change", POINTS, "score_after - score_before"),
        *_before_and_after("percent", PERCENT, "100 x score / points_possible"),
        _number("percent_change", PERCENT, "percent_after - percent_before"),
        _sign("gains", "1 a higher percent, -1 a lower, 0 the same"),
        _count("rank_before", "place by score within the quiz, before"),
        _count("rank_after", "place by score within the quiz, after"),
        _count("rank_change", "places moved up; below 0 down"),
        _flag("passed_before", "percent_before is the pass mark or more"),
        _flag("passed_after", "percent_after is the pass mark or more"),
        _sign("crosses", "1 passes only after the change, -1 only before, 0 neither"),
        _UNDEFINED,
    ),
    "what_if_items": (
        _QUIZ,
        _ITEM,
        _POSITION,
        _TITLE,
        _text("changed", "what was changed of it; null: nothing"),
        *_before_and_after("points_possible", POINTS, "the most an answer can earn"),
        *_before_and_after("difficulty", FRACTION, "as in item_analysis"),
        *_before_and_after("discrimination", FRACTION, "as in item_analysis"),
        *_before_and_after("point_biserial_corrected", PURE, "as in item_analysis"),
        _UNDEFINED,
    ),
    "what_if_summary": (
        _QUIZ,
        _count("n_before", "submissions with a scored response, before"),
        _count("n_after", "submissions with a scored response, after"),
        *_before_and_after("mean", POINTS, "mean total"),
        *_before_and_after("alpha", PURE, "Cronbach's alpha"),
        *_before_and_after("sem", POINTS, "standard error of measurement"),
        _count("n_gain", "rows of what_if_students with a higher percent"),
        _count("n_lose", "rows with a lower percent"),
        _count("n_pass_now", "rows that pass only after the change"),
        _count("n_fail_now", "rows that pass only before it"),
        _UNDEFINED,
    ),
    "item_analysis_by_section": (
        _of_quiz(_text("section", "name of the section")),
        *(
            # Else the submissions of the sections were known: those with a score, which
            # the summary of the whole tells, and the few of which nothing is graded.
            replace(column, rests_on=("one",))
            if column.name == "n_not_graded"
            else column
            for column in _ITEM_ANALYSIS
        ),
    ),
    "dif": _DIF,
    "findings": (
        _QUIZ,
        _text("item_id", "the item; null for what is found of the whole quiz"),
        _text("finding", "the rule that was tested"),
        _text("severity", "how much it matters: high, medium or low"),
        _text("evidence", "the figures it rests on, with n"),
        _text("advice", "what to do, in one sentence"),
        _text("outcome", "look, cannot tell or fine"),
        _count("n_needed", "students it would take to tell; null above a million"),
        _text("option", "the option it is about; null where it is about none"),
    ),
}
"""The tables that go out."""


def arrow_schema(
    table: str, metadata: Mapping[str, str] | None = None, *, share: bool = False
) -> pa.Schema:
    """Return the Arrow schema of a table; units and meanings are field metadata.

    Parameters
    ----------
    table : str
        A key of `INPUTS` or `REPORTS`.
    metadata : mapping of str to str, optional
        Put on the schema beside the table's name.
    share : bool
        Whether the criterion is a share of the points, which has units of its own.

    Examples
    --------
    >>> field = arrow_schema("item_analysis").field("difficulty")
    >>> field.type, field.metadata[b"unit"]
    (DataType(double), b'fraction')
    """
    fields = []
    for column in {**INPUTS, **REPORTS}[table]:
        unit = (share and column.unit_of_share) or column.unit
        described = {"unit": unit, "meaning": column.meaning}
        fields.append(pa.field(column.name, column.type, metadata=described))
    return pa.schema(fields, metadata={"table": table} | dict(metadata or {}))


def json_schema(table: str) -> dict[str, object]:
    """Return the JSON Schema of the document that `write_json` makes of a report.

    Parameters
    ----------
    table : str
        A key of `REPORTS`.

    Returns
    -------
    dict
        Of draft 2020-12. Ids are never null, all else may be; fractions have no
        bounds, since extra credit exceeds 1. Only ``student_analysis`` may have
        further columns in its rows: those of the items.

    Raises
    ------
    ValueError
        For any other table.

    Examples
    --------
    >>> schema = json_schema("item_analysis")
    >>> schema["properties"]["rows"]["items"]["properties"]["difficulty"]["type"]
    ['number', 'null']
    """
    if table not in REPORTS:
        msg = f"table must be one of {', '.join(REPORTS)}, not {table!r}"
        raise ValueError(msg)
    columns = REPORTS[table]
    further = table == "student_analysis"
    names = [column.name for column in columns]
    made = {
        "library": {"const": "quizanalysis"},
        "version": {"type": ["string", "null"]},
        "options": {"type": ["object", "null"]},
        "input_digest": {"type": ["string", "null"]},
    }
    row = {
        "type": "object",
        "properties": {column.name: _json_column(column) for column in columns},
        "required": names,
        "additionalProperties": further,
    }
    units = {
        "type": "object",
        "properties": {column.name: _json_unit(column) for column in columns},
        "required": names,
        "additionalProperties": {"type": ["string", "null"]} if further else False,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": table,
        "type": "object",
        "properties": {
            "table": {"const": table},
            "made": {"type": "object", "properties": made, "required": list(made)},
            "units": units,
            "rows": {"type": "array", "items": row},
        },
        "required": ["table", "made", "units", "rows"],
        "additionalProperties": False,
    }


_IDS = (_QUIZ, _ITEM, _STUDENT, _OPTION)
_JSON_TYPES = {
    pa.string(): "string",
    pa.int64(): "integer",
    pa.float64(): "number",
    pa.bool_(): "boolean",
}


def _json_unit(column: Column) -> dict[str, object]:
    if column.unit_of_share is None:
        return {"const": column.unit}
    return {"enum": [column.unit, column.unit_of_share]}


def _json_column(column: Column) -> dict[str, object]:
    described: dict[str, object] = {"description": f"{column.meaning} ({column.unit})"}
    if column in _IDS:
        return {"type": "string", **described}
    if column.type == _TEXTS:
        words = {"type": ["string", "null"]}
        return {"type": ["array", "null"], "items": words, **described}
    if column.type == TIMESTAMP:
        return {"type": ["string", "null"], "format": "date-time", **described}
    return {"type": [_JSON_TYPES[column.type], "null"], **described}
