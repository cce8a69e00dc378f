"""The figures of differential item functioning, and why some of them are null."""

from collections.abc import Sequence

import numpy as np
import pyarrow as pa

from quizanalysis import ctt
from quizanalysis import mantel_haenszel as mh
from quizanalysis._counts.parts import Blank, Parts, column
from quizanalysis._intake.columns import NANO, TIE, Floats, Ints, Mask
from quizanalysis._readout.figures import (
    Exact,
    edges,
    flat,
    in_units,
    placed,
    points_of,
    units,
)
from quizanalysis._readout.items import (
    Conditions,
    dichotomous,
    order_of,
    sorted_by,
    worth,
)
from quizanalysis._readout.reasons import Columns, Reasons
from quizanalysis._readout.strata import Strata, on_one_axis, squares, strata_of
from quizanalysis.responses import Responses

_MANTEL_HAENSZEL = (
    "log_odds_se",
    "delta",
    "delta_low",
    "delta_high",
    "odds_ratio_low",
    "odds_ratio_high",
    "ets_class",
)
_MANTEL = ("smd_se", "mantel_chi2", "mantel_p_value")


def dif_figures(
    reference: Parts,
    focal: Parts,
    responses: Sequence[Responses] | None,
    blank: Blank,
    level: float,
) -> tuple[Columns, Reasons]:
    """All columns of dif but the names of the groups, by quiz and position."""
    one, two = on_one_axis(reference, focal)
    strata = strata_of(one, two)
    zero_one, size = dichotomous(one), one.items.num_rows
    items, quiz = one.items, column(one.items, "quiz")
    columns: Columns = {
        name: items[name].combine_chunks() for name in ("item_id", "position", "title")
    }
    columns["quiz_id"] = one.quizzes["quiz_id"].take(pa.array(quiz)).combine_chunks()
    columns |= _counted(strata, size)
    both = (strata.n[0] > 0) & (strata.n[1] > 0)
    columns |= _odds(one, strata, both & zero_one[strata.item], level)
    known = zero_one | (responses is not None)
    columns |= _means(one, strata, both, known, _squares(one, strata, responses, blank))
    columns["favours"] = _favoured(columns, zero_one)
    return sorted_by(order_of(one), columns, _reasons(one, columns, zero_one, known))


def _counted(strata: Strata, size: int) -> Columns:
    """How many responses of each group there are, and how many are compared."""
    both = (strata.n[0] > 0) & (strata.n[1] > 0)

    def added(n: Ints) -> Ints:
        result = np.zeros(size, np.int64)
        np.add.at(result, strata.item, n)
        return result

    return {
        "n_reference": added(strata.n[0]),
        "n_focal": added(strata.n[1]),
        "n_matched": added(np.where(both, strata.n[0] + strata.n[1], 0)),
        "n_strata": added(both.astype(np.int64)),
    }


def _odds(parts: Parts, strata: Strata, used: Mask, level: float) -> Columns:
    """Mantel-Haenszel's figures of the 0/1 items, and how far apart the groups are."""
    item, size = strata.item[used], parts.items.num_rows
    quiz, most = column(parts.items, "quiz"), points_of(parts)
    # Where nobody earned the points, they need be no multiple of the unit.
    full = np.maximum(in_units(most, units(parts), quiz)[item], 1)
    a, c = (x[used] // full for x in strata.x)
    b, d = strata.n[0][used] - a, strata.n[1][used] - c
    starts = edges(item)
    ratio = mh.odds_ratio(a, b, c, d, starts)
    chi2, se = mh.chi_squared(a, b, c, d, starts), mh.log_odds_se(a, b, c, d, starts)
    figures = _scaled(ratio, se, level)
    figures |= {"chi2": chi2, "p_value": mh.p_value(chi2)}
    # The other way round it is 0 where this one has no end.
    figures["turned"] = mh.odds_ratio(b, a, d, c, starts)
    where = item[starts]
    columns: Columns = {k: placed(v, where, size) for k, v in figures.items()}
    error = -mh.DELTA * columns["log_odds_se"]
    code = mh.ets_class(columns["delta"], error, columns["p_value"])
    columns["ets_class"] = _words(("A", "B", "C"), code)
    return columns


def _scaled(ratio: Floats, se: Floats, level: float) -> dict[str, Floats]:
    """The odds ratio on ETS's scale, and intervals of both."""
    from scipy.special import ndtri  # noqa: PLC0415  slow to import

    some = ratio > 0
    log, se = np.log(np.where(some, ratio, np.nan)), np.where(some, se, np.nan)
    reach = ndtri((1 + level) / 2) * se
    # An odds ratio of 1 has a delta of 0, not of -0.
    delta = mh.DELTA * log + 0.0
    return {
        "odds_ratio": ratio,
        "odds_ratio_low": np.exp(log - reach),
        "odds_ratio_high": np.exp(log + reach),
        "log_odds_se": se,
        "delta": delta,
        "delta_low": delta + mh.DELTA * reach,
        "delta_high": delta - mh.DELTA * reach,
    }


def _squares(
    parts: Parts, strata: Strata, responses: Sequence[Responses] | None, blank: Blank
) -> Exact:
    """Sum of the squares in each stratum: those of 0/1 items follow from the sums."""
    zero_one, quiz = dichotomous(parts), column(parts.items, "quiz")
    most = in_units(points_of(parts), units(parts), quiz)[strata.item]
    easy = zero_one[strata.item]
    x = np.where(easy, strata.x[0] + strata.x[1], 0)
    result = ctt.dot(x, np.where(easy, most, 0), np.arange(len(x)))
    if responses is None or zero_one.all():
        return result
    return result + squares(responses, blank, parts, strata, ~zero_one)


def _means(
    parts: Parts, strata: Strata, used: Mask, known: Mask, square: Exact
) -> Columns:
    """Standardised mean difference, its standard error and Mantel's chi-squared."""
    item, size = strata.item[used], parts.items.num_rows
    starts, quiz = edges(item), column(parts.items, "quiz")
    n, x = tuple(a[used] for a in strata.n), tuple(a[used] for a in strata.x)
    n, x = (n[0], n[1]), (x[0], x[1])
    both, unit = n[0] + n[1], units(parts)[quiz]
    scatter = ctt.scatter(both, x[0] + x[1], x[0] + x[1], square[used])
    scatter = flat(scatter, both, unit[item])
    where = item[starts]
    points, there = unit[where] / NANO, known[where]
    se = mh.smd_se(n, scatter, starts) * points
    chi2 = mh.mantel_chi_squared(n, x, scatter, starts)
    figures = {
        "smd": mh.smd(n, x, starts) * points,
        "smd_se": np.where(there & (se > 0), se, np.nan),
        "mantel_chi2": np.where(there, chi2, np.nan),
        "mantel_p_value": np.where(there, mh.p_value(chi2), np.nan),
    }
    return {name: placed(value, where, size) for name, value in figures.items()}


def _favoured(columns: Columns, zero_one: Mask) -> pa.Array:
    """Which group does better on the item than its totals let expect."""
    ratio, turned = columns["odds_ratio"], columns.pop("turned")
    # One of the two is there as soon as a stratum has right and wrong answers.
    odds = np.where(np.isnan(ratio), 1 / np.where(turned == 0, 1e-300, turned), ratio)
    ahead = np.where(zero_one, odds - 1, -columns["smd"])
    apart = np.abs(ahead) > np.where(zero_one, 1e-9, TIE / NANO)
    none = np.isnan(ahead) | ~apart
    return _words(("reference", "focal"), np.where(none, -1, ahead < 0))


def _words(words: Sequence[str], number: Ints) -> pa.Array:
    """The word of each number; null below 0."""
    return pa.array(words).take(pa.array(number, mask=number < 0))


def _reasons(
    parts: Parts, columns: Columns, zero_one: Mask, known: Mask
) -> dict[str, Conditions]:
    always = np.ones(len(known), bool)
    empty = (columns["n_reference"] == 0) | (columns["n_focal"] == 0)
    apart = [
        (empty, "a_group_has_no_scores"),
        (columns["n_strata"] == 0, "no_common_totals"),
    ]
    several = [*apart, *worth(parts), (~zero_one, "not_a_0_1_item")]
    ratio: Floats = columns["odds_ratio"]
    alike: Floats = columns["chi2"]
    none = (np.isnan(alike), "no_variance")
    endless = (np.isnan(ratio), "odds_ratio_is_infinite")
    odds = [*several, none, endless, (ratio == 0, "odds_ratio_is_zero")]
    scores = [*apart, (~known, "needs_responses"), (always, "no_variance")]
    return {
        "odds_ratio": odds,
        **dict.fromkeys(_MANTEL_HAENSZEL, odds),
        "chi2": [*several, none],
        "p_value": [*several, none],
        "smd": apart,
        **dict.fromkeys(_MANTEL, scores),
        "favours": [*apart, (always, "no_difference")],
    }
