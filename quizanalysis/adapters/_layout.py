"""Which columns of a report a person is shown, and under which heads."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

from quizanalysis import _words

__all__ = [
    "BARS",
    "COLUMNS",
    "LEGENDS",
    "NOTHING",
    "ODD",
    "REST",
    "Column",
    "Row",
    "fitting",
]

Row = Mapping[str, Any]

REST = "point_biserial_corrected"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: where it comes from, how it reads, and when it gives way.

    Attributes
    ----------
    name, head : str
        The table's name for it, and the person's.
    digits : int or None
        Decimals of a figure.
    form : callable
        Writes what is no such figure.
    left, long : bool
        Whether it is text, and text that can be cut to make room.
    spare : int
        Where the terminal is narrow, the column with the highest goes first; 0 stays.
    always : bool
        Whether it is shown even when it is null or 0 in every row.
    """

    WIDEST: ClassVar[int] = 20
    EASY: ClassVar[int] = 30

    name: str
    head: str
    digits: int | None = None
    form: Callable[[Any], str] = _words.one_line
    left: bool = False
    long: bool = False
    spare: int = 0
    always: bool = True

    @property
    def plain_head(self) -> str:
        """The head on one line."""
        return self.head.replace("-\n", "").replace("\n", " ")

    def text(self, row: Row) -> str:
        """Write the cell; a row that lacks the column has an empty one."""
        if self.name not in row:
            return ""
        value = row[self.name]
        if value is None:
            return "-"
        if self.digits is None:
            return self.form(value)
        return _words.number(value, self.digits)

    def width(self, rows: Sequence[Row]) -> int:
        """Count the letters that it can use, or do with when it can be cut."""
        head = max(map(len, self.head.split("\n")))
        widest = max((len(self.text(row)) for row in rows), default=0)
        return max(head, min(widest, self.EASY if self.long else self.WIDEST))


def fitting(columns: Sequence[Column], rows: Sequence[Row], width: int) -> list[Column]:
    """Choose the columns that have content and fit the terminal."""
    kept = [c for c in columns if c.always or any(row.get(c.name) for row in rows)]
    widths = {column.name: column.width(rows) + 2 for column in kept}
    while sum(widths[column.name] for column in kept) > width + 2:
        first = max(kept, key=lambda column: column.spare)
        if not first.spare:
            break
        kept.remove(first)
    return kept


def _minutes(seconds: float) -> str:
    return _words.number(seconds / 60, 0)


def _key(correct: object) -> str:
    return "*" if correct else ""


def _as_it_is(text: str) -> str:
    return text


BARS: Mapping[str, float] = {"difficulty": 0.0, REST: -1.0}
"""The figures that are drawn within their intervals, and where their scales begin."""

_BARS = tuple(
    Column(
        name=f"{name}_bar",
        head=head,
        form=_as_it_is,
        left=True,
        spare=spare,
        always=False,
    )
    for name, head, spare in (
        ("difficulty", "difficulty\n0           1", 8),
        (REST, "r with rest\n-1    0     1", 9),
    )
)

COLUMNS: Mapping[str, tuple[Column, ...]] = {
    "item_analysis": (
        Column(name="position", head="#", always=False),
        Column(name="item_id", head="item", left=True),
        Column(name="title", head="question", left=True, long=True, always=False),
        Column(name="points_possible", head="points", form=_words.points, spare=1),
        Column(name="n", head="n"),
        Column(name="n_blank", head="blank", spare=3),
        Column(name="n_not_graded", head="not\ngraded", spare=2, always=False),
        Column(name="difficulty", head="difficulty", digits=2),
        Column(name="discrimination", head="discrimi-\nnation", digits=2),
        Column(name=REST, head="r with\nrest", digits=2),
        *_BARS,
        Column(name="alpha_if_deleted", head="alpha\nwithout", digits=3, always=False),
    ),
    "option_analysis": (
        Column(name="place", head="#"),
        Column(name="text", head="question and its options", left=True, long=True),
        Column(name="correct", head="key", form=_key),
        Column(name="n", head="n"),
        Column(name="ratio", head="share", digits=2),
        Column(name="n_upper", head="upper", form=_words.points),
        Column(name="n_middle", head="middle", form=_words.points, spare=2),
        Column(name="n_lower", head="lower", form=_words.points),
        Column(name="mean_total", head="mean\ntotal", digits=1, spare=1),
        Column(name=REST, head="r with\nrest", digits=2),
    ),
    "student_analysis": (
        Column(name="rank", head="rank"),
        Column(name="name", head="name", left=True, long=True, always=False),
        Column(name="student_id", head="student", left=True),
        Column(name="section_names", head="sections", left=True, spare=5, always=False),
        Column(name="attempt", head="attempt", spare=3),
        Column(name="elapsed_s", head="minutes", form=_minutes, spare=4, always=False),
        Column(name="n_correct", head="right"),
        Column(name="n_partial", head="part", always=False),
        Column(name="n_incorrect", head="wrong"),
        Column(name="n_blank", head="blank", spare=1, always=False),
        Column(name="n_not_graded", head="not\ngraded", spare=2, always=False),
        Column(name="score", head="score", digits=2),
        Column(name="points_possible", head="of", form=_words.points),
        Column(name="percent", head="%", digits=1),
    ),
    "summary": (
        Column(name="quiz_id", head="quiz", left=True, long=True),
        Column(name="n", head="n"),
        Column(name="n_items", head="items"),
        Column(name="points_possible", head="points", form=_words.points),
        Column(name="mean", head="mean", digits=2),
        Column(name="sd", head="sd", digits=2),
        Column(name="median", head="median", digits=2, spare=1),
        Column(name="min", head="min", form=_words.points, spare=3),
        Column(name="max", head="max", form=_words.points, spare=4),
        Column(name="alpha", head="alpha", digits=2),
        Column(name="alpha_low", head="alpha\nfrom", digits=2, spare=5, always=False),
        Column(name="alpha_high", head="\nto", digits=2, spare=6, always=False),
        Column(name="sem", head="sem", digits=2, spare=2),
    ),
}
"""The columns of each report, in their order."""

LEGENDS: Mapping[str, str] = {
    "item_analysis": (
        "difficulty: mean score / points possible; high is easy\n"
        "discrimination: difficulty among the best {tail} less that among the weakest\n"
        "r with rest: correlation with the total without the item\n"
        "bars: figures within their {level} intervals, where there is room"
    ),
    "option_analysis": (
        "*: the key; share: of the responses to the question\n"
        "upper, lower: how many of the best and of the weakest {tail} chose it\n"
        "r with rest: correlation of choosing it with the total without the question"
    ),
    "student_analysis": "right, part, wrong: all, some and none of the points",
    "summary": "sem: standard error of measurement, in points",
}
"""What the heads mean."""

ODD: Mapping[str, str] = {
    "item_analysis": (
        "who did well on the rest did badly on it (negative r with rest); "
        "is the key right?"
    ),
    "option_analysis": (
        "an option that is not the key goes best with the rest of the quiz; "
        "is the key right?"
    ),
}
"""What is wrong with rows that look wrong."""

NOTHING: Mapping[str, str] = {
    "item_analysis": "there are no items",
    "option_analysis": "no item has options: the answers are not there, or open",
    "student_analysis": "there are no submissions",
    "summary": "there are no quizzes",
}
"""What a table without rows says."""
