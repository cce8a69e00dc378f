"""Figures under any combination of the systems' rules: see `Rules`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from quizanalysis._counts.named import items_by_name
from quizanalysis._counts.parts import column
from quizanalysis._intake.columns import Floats, Ints, Mask, codes
from quizanalysis._readout.items import item_figures
from quizanalysis.conventions import r_psych
from quizanalysis.conventions._canvas_items import counted, total_variance
from quizanalysis.conventions._canvas_items import item_figures as canvas_figures
from quizanalysis.conventions._entering import entering
from quizanalysis.conventions._new_quizzes_items import nearly_half_up
from quizanalysis.conventions._rules import Rules
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally

_TAIL = 0.27
_HUNDREDTHS = 100
_ROUNDED = (
    "mean",
    "difficulty",
    "discrimination",
    "point_biserial",
    "point_biserial_corrected",
)


@dataclass(frozen=True, slots=True)
class Input:
    """Submissions, and what is judged once so that changing a rule does not change it.

    Attributes
    ----------
    responses : Responses
        With all attempts.
    items : table of quiz_id and item_id, ascending
        The order of all figures of items.
    quizzes : string array
        Quiz ids, ascending: the order of all figures of quizzes.
    quiz : int array, shape (items,)
        Row of `quizzes`.
    choice, worthless : bool array, shape (items,)
        Whether Canvas classic analyses the item; whether it is worth no points.
    """

    responses: Responses
    items: pa.Table
    quizzes: pa.Array
    quiz: Ints
    choice: Mask
    worthless: Mask


def prepared(responses: Responses) -> Input:
    """Judge the items of the submissions."""
    items, place = items_by_name(responses)
    quiz, quizzes = codes(items["quiz_id"])
    choice, nothing = np.zeros(len(quiz), bool), np.zeros(len(quiz), bool)
    choice[canvas_figures(counted(responses).parts).item] = True
    nothing[place] = responses.points() <= 0
    return Input(responses, items, quizzes, quiz, choice, nothing)


def item_values(given: Input, rules: Rules) -> Mapping[str, Floats]:
    """The figures of each item by our names for them; NaN is null.

    ``correlation`` is either point-biserial: with or without the item in the total.
    """
    data = entering(given.responses, rules)
    found = _read(given, data, rules)
    here = _analysed(given, rules, found["sd"])
    if rules.not_graded == "submission left out":
        # An item that nobody is left with is not in the report.
        here = here & (found["n"] > 0)
    if rules.missing == "pairwise":
        dropped = r_psych.item_analysis(data, attempt="all")
        placed = _placed(given, dropped, ["r.drop"])
        found["point_biserial_corrected"] = placed["r.drop"]
    if rules.rounding == "2 decimals":
        for name in _ROUNDED:
            found[name] = nearly_half_up(found[name], _HUNDREDTHS)
    out = rules.own_item == "out"
    found["correlation"] = found[f"point_biserial{'_corrected' if out else ''}"]
    return {name: np.where(here, value, np.nan) for name, value in found.items()}


def alpha_values(given: Input, rules: Rules) -> Floats:
    r"""Alpha of each quiz; NaN is null.

    :math:`\frac{k}{k-1} (1 - \sum s_j^2 / s_T^2)`, each variance over the students that
    the rules give it; pairwise, of the sum of all covariances.
    """
    data = entering(given.responses, rules)
    found = _read(given, data, rules)
    here = _analysed(given, rules, found["sd"]) & (found["n"] > 0)
    size = len(given.quizzes)
    k = np.bincount(given.quiz[here], minlength=size)
    n, variance = _totals(given, data, rules)
    spread = np.zeros(size)
    np.add.at(spread, given.quiz[here], np.nan_to_num(found["sd"][here]) ** 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = k / (k - 1) * (1 - spread / variance)
    if rules.missing == "pairwise":
        found = _placed(given, r_psych.summary(data, attempt="all"), ["raw_alpha"])
        alpha = found["raw_alpha"]
    enough = k >= (16 if rules.least == "16 items" else 2)
    enough &= n >= (3 if rules.least == "3 students" else 2)
    return np.where(enough & np.isfinite(alpha), alpha, np.nan)


def _tally(data: Responses, rules: Rules) -> Tally:
    return Tally.of(data, total="items" if rules.total == "items" else "recorded")


def _ddof(rules: Rules) -> int:
    return 0 if rules.divisor == "n" else 1


def _read(given: Input, data: Responses, rules: Rules) -> dict[str, Floats]:
    """What the counts say of each item."""
    parts = _tally(data, rules).parts
    columns, _ = item_figures(parts, "points", _TAIL, rules.ties, _ddof(rules))
    table = pa.table(
        {
            name: pa.array(columns[name], from_pandas=True)
            for name in ("quiz_id", "item_id", "n", "sd", *_ROUNDED)
        }
    )
    found = _placed(given, table, table.column_names[2:])
    if rules.score == "key":
        # Right answers are counted, not points: that nobody answered is a share of 0.
        nobody = found["n"] == 0
        found["difficulty"] = np.where(nobody, 0.0, found["difficulty"])
        for name in ("mean", "sd"):
            found[name] = np.where(nobody | given.worthless, 0.0, found[name])
    return found


def _analysed(given: Input, rules: Rules, sd: Floats) -> Mask:
    if rules.items == "choice":
        return given.choice
    if rules.items == "varying":
        varies: Mask = sd > 0
        return varies
    return np.ones(len(given.quiz), bool)


def _totals(given: Input, data: Responses, rules: Rules) -> tuple[Ints, Floats]:
    """Students of each quiz, and the variance of their totals; NaN where it is none."""
    parts = _tally(data, rules).parts
    n = np.zeros(parts.quizzes.num_rows, np.int64)
    np.add.at(n, column(parts.totals, "quiz"), column(parts.totals, "n"))
    variance = total_variance(parts) * n / np.maximum(n - _ddof(rules), 1)
    table = pa.table({"quiz_id": parts.quizzes["quiz_id"], "n": n, "var": variance})
    students, spread = _placed(given, table, ["n", "var"]).values()
    return np.nan_to_num(students).astype(np.int64), np.where(
        spread > 0, spread, np.nan
    )


def _placed(given: Input, table: pa.Table, names: Sequence[str]) -> dict[str, Floats]:
    """Columns of a table of items or of quizzes, in the order of the input's."""
    of_items = "item_id" in table.column_names
    keys = ["quiz_id", "item_id"] if of_items else ["quiz_id"]
    order = given.items if of_items else pa.table({"quiz_id": given.quizzes})
    found = order.append_column("row", pa.array(np.arange(len(order)))).join(
        table.select([*keys, *names]), keys
    )
    found = found.sort_by("row")
    return {name: np.asarray(found[name], np.float64) for name in names}
