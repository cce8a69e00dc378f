"""What the page says of a question: its figures, its options, its trace lines."""

from collections.abc import Mapping, Sequence
from typing import Any

from quizanalysis import _words
from quizanalysis._overview.looking import weighty
from quizanalysis._overview.sentences import interval, percent
from quizanalysis.page import _charts

__all__ = ["question"]

Row = Mapping[str, Any]

REST = "point_biserial_corrected"
FIGURES = (
    ("difficulty", "Difficulty: share of the points earned"),
    ("correct_ratio", "All points earned by"),
    ("discrimination", "Discrimination: upper group less lower group"),
    (REST, "Correlation with the rest of the quiz"),
    ("alpha_if_deleted", "Alpha without this question"),
)
"""The figures of a question, by their columns, and what the page calls them."""

_PERCENT = ("difficulty", "correct_ratio")
_COUNTS = (
    ("n_blank", "left blank"),
    ("n_not_graded", "not graded yet"),
    ("n_not_shown", "not shown it"),
)
_GROUPS = ("upper", "middle", "lower")
_FIFTHS = ("lowest fifth", "2nd", "3rd", "4th", "highest fifth")
_THREE = ("lower group", "middle", "upper group")
_MANY = 100
"""Responses from which on fifths are told apart."""
_MOST_OPTIONS, _MOST_LINES, _LONGEST = 15, 6, 4_000


def question(
    row: Row,
    label: str,
    options: Sequence[Row],
    fifths: Mapping[str, Sequence[float]],
    found: Sequence[Row],
) -> dict[str, Any]:
    """Gather what the page shows of a row of ``item_analysis``.

    `options` are its rows of ``option_analysis``, `fifths` the shares of each option in
    ``option_traces``, or nothing, `found` the findings about it.
    """
    shown, hidden = _shown(options)
    odd = {one["option"] for one in found if weighty(one)}
    lettered = [
        {
            **one,
            "letter": chr(ord("A") + i),
            "odd": one["option"] in odd,
            **_of_groups(one, row),
        }
        for i, one in enumerate(shown)
    ]
    return {
        "row": row,
        "look": [one for one in found if one["outcome"] == "look"],
        "unsure": [one for one in found if one["outcome"] == "cannot tell"],
        "odd": any(map(weighty, found)),
        "label": label,
        "stem": _text(row["title"] or row["item_id"]),
        "brief": _words.one_line(row["title"] or row["item_id"]),
        "figures": _figures(row),
        "intervals": any(interval(row, name) for name, _ in FIGURES),
        "counts": [(row[name], word) for name, word in _COUNTS if row[name] != 0],
        "options": [
            {**one, "words": _text(one["text"] or one["option"])} for one in lettered
        ],
        "inferred": any(one["key_inferred"] for one in shown),
        "hidden": hidden,
        "traces": _traces(row, lettered, fifths),
    }


def _text(text: str) -> str:
    """The text as it is, but for what would steer a screen, and not without end."""
    words = _words.printable(text.strip())
    return words if len(words) <= _LONGEST else words[:_LONGEST] + " …"


def _figures(row: Row) -> list[dict[str, Any]]:
    """The figures and why some are null; without alpha, where the quiz has none."""
    made = [_figure(row, *names) for names in FIGURES]
    return [
        one for one in made if one["name"] != "alpha_if_deleted" or one["text"] != "-"
    ]


def _figure(row: Row, name: str, title: str) -> dict[str, Any]:
    """A figure with its interval, or why there is none."""
    value, ends = row[name], interval(row, name)
    write = percent if name in _PERCENT else _two
    return {
        "name": name,
        "title": title,
        "value": value,
        "text": write(value),
        "ends": ends,
        "between": "" if ends is None else " to ".join(map(write, ends)),
        "why": _words.reasons(row["undefined"]).get(name),
    }


def _two(value: object) -> str:
    return _words.number(value, 2)


def _shown(options: Sequence[Row]) -> tuple[Sequence[Row], int]:
    """The options in their order; of too many the keyed and the most chosen."""
    ranked = _ranked(options)
    kept = {one["option"] for one in ranked[:_MOST_OPTIONS]}
    shown = [one for one in options if one["option"] in kept]
    return shown, len(options) - len(shown)


def _ranked(options: Sequence[Row]) -> list[Row]:
    """The keys, then the others, each the most chosen first; hidden ones last."""
    return sorted(options, key=lambda one: (not one["correct"], -(one["n"] or 0)))


def _of_groups(option: Row, item: Row) -> dict[str, Any]:
    """The share of each score group that chose the option."""
    n, upper, lower = (item[name] for name in ("n", "n_upper", "n_lower"))
    middle = None if None in {n, upper, lower} else n - upper - lower
    sizes = dict(zip(_GROUPS, (upper, middle, lower), strict=True))
    return {
        group: option[f"n_{group}"] / size
        if size and option[f"n_{group}"] is not None
        else None
        for group, size in sizes.items()
    }


def _traces(
    row: Row, options: Sequence[Row], fifths: Mapping[str, Sequence[float]]
) -> _charts.Chart | None:
    """Lines of the keyed and the most chosen options; none without groups."""
    many = bool(fifths) and row["n"] >= _MANY
    lines = []
    for one in _ranked(options)[:_MOST_LINES]:
        own = [one[group] for group in reversed(_GROUPS)]
        shares = list(fifths[one["option"]]) if many else own
        if None not in shares and one["n"]:
            named = {name: one[name] for name in ("letter", "correct", "odd")}
            lines.append({**named, "shares": shares})
    if not lines:
        return None
    names = _FIFTHS if many else _THREE
    chart = _charts.traces(lines, names)
    return {**chart, "groups": names, "few": len(lines) < len(options)}
