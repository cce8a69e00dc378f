"""What can be found of the options of an item: dead, too good, or right after all."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import intervals
from quizanalysis._findings.rows import (
    CANNOT_TELL,
    FINE,
    LOOK,
    REST,
    Floats,
    Found,
    Ints,
    Mask,
    Tables,
    above,
    count,
    decimal,
    flags,
    floats,
    for_correlation,
    for_half,
    for_share,
    percent,
    whole,
)
from quizanalysis._findings.thresholds import Thresholds

_FEWEST = 5
"""If half of the group took the key, five in a row against it are 1 in 32. Of fewer who
chose an option no interval of their correlation holds what it says."""

_LONGEST = 60


@dataclass(frozen=True, slots=True)
class _Distractors:
    """The wrong options of keyed items: their rows, and figures of each.

    ``keys_`` are the figures of all keys together, ``key_`` those of the best of them.
    """

    rows: Ints
    item: Ints
    n: Floats
    n_item: Floats
    r: Floats
    low: Floats
    high: Floats
    upper: Floats
    keys_n: Floats
    keys_upper: Floats
    key_n: Floats
    key_r: Floats
    key_low: Floats
    key_high: Floats


def option_rules(tables: Tables, against: Thresholds) -> Iterator[Found]:
    """Test each rule on each wrong option, or on each item that has some."""
    d = _distractors(tables)
    yield _key(tables, d)
    yield _nobody(tables, d, against.distractor)
    yield _attracts(tables, d)
    yield _two_keys(tables, d)


def _distractors(tables: Tables) -> _Distractors:
    """Put beside each wrong option what is known of the key."""
    options, item = tables.options, tables.item_of_option
    correct, size = flags(options, "correct"), tables.items.num_rows
    names = ("n", "n_item", REST, f"{REST}_low", f"{REST}_high", "n_upper")
    n, n_item, r, low, high, upper = (floats(options, name) for name in names)
    best = _best_key(correct, item, r, size)
    rows = np.flatnonzero(~correct & (best[item] >= 0))
    of = item[rows]
    key = best[of]
    return _Distractors(
        rows=rows,
        item=of,
        n=n[rows],
        n_item=n_item[rows],
        r=r[rows],
        low=low[rows],
        high=high[rows],
        upper=upper[rows],
        keys_n=_sums(item[correct], n[correct], size)[of],
        keys_upper=_sums(item[correct], upper[correct], size)[of],
        key_n=n[key],
        key_r=r[key],
        key_low=low[key],
        key_high=high[key],
    )


def _best_key(correct: Mask, item: Ints, r: Floats, size: int) -> Ints:
    """Of the keys of each item the one that goes best with the rest, or -1.

    Of those that go equally well it is the last.
    """
    best, order = np.full(size, -1), np.flatnonzero(correct)
    # The last written stays.
    order = order[np.argsort(np.nan_to_num(r[order], nan=-2.0), kind="stable")]
    best[item[order]] = order
    return best


def _sums(item: Ints, values: Floats, size: int) -> Floats:
    return np.asarray(np.bincount(item, weights=values, minlength=size), np.float64)


def _found(
    tables: Tables,
    finding: str,
    d: _Distractors,
    kept: npt.NDArray[np.int64],
    outcome: Ints,
    needed: Floats,
    fields: dict[str, pa.Array],
) -> Found:
    item, rows = d.item[kept], d.rows[kept]
    words = {name: value.take(pa.array(kept)) for name, value in fields.items()}
    words["option"] = _named(tables.options.take(pa.array(rows)))
    more = whole(needed, d.n_item, outcome)[kept]
    quiz = tables.quiz_of_item[item]
    return Found(finding, quiz, item, rows, outcome[kept], more, words)


def _named(options: pa.Table) -> pa.Array:
    """An option's text, or else its id; no more of it than fits a sentence."""
    text = pc.if_else(pc.equal(options["text"], ""), None, options["text"])
    text = pc.coalesce(text, options["option"]).combine_chunks()
    long = pc.greater(pc.utf8_length(text), _LONGEST)
    start = pc.utf8_slice_codeunits(text, 0, _LONGEST)
    return pc.if_else(long, pc.binary_join_element_wise(start, "…", ""), text)


def _first(d: _Distractors, *keys: Floats) -> Ints:
    """Of the wrong options of each item the one that the keys put first.

    Of those that they put level it is the first.
    """
    order = np.lexsort((*(-key for key in keys[::-1]), d.item))
    return order[np.flatnonzero(np.diff(d.item[order], prepend=-1))]


def _key(tables: Tables, d: _Distractors) -> Found:
    """Test whether a wrong option beats the key, among the best or by correlation.

    It does not where it is surely behind by the other: what most believe, many of the
    best believe too, but the key is right when those are better who do not.
    """
    from scipy.special import ndtri  # noqa: PLC0415  slow to import

    z = float(ndtri(tables.level))
    ahead = np.stack([_ahead_among_the_best(tables, d), _ahead_by_correlation(d)])
    sure = ahead > z
    behind = ahead < -z
    beats = (sure[0] & ~behind[1]) | (sure[1] & ~behind[0])
    loses = ~beats & behind.any(0)
    most = np.nan_to_num(ahead, nan=-np.inf).max(0)
    outcome = np.where(beats, LOOK, np.where(loses, FINE, CANNOT_TELL))
    rest = np.nan_to_num(d.r, nan=-2.0)
    kept = _first(d, -outcome.astype(np.float64), np.where(beats, rest, most), rest)
    # Of what was hidden nothing is said: it may be that which beats the key.
    kept = kept[~np.isnan(d.n[kept] + d.keys_n[kept])]
    needed = for_half(d.n_item, np.full(len(most), z), np.where(most > -9, most, 0))
    size = floats(tables.items, "n_upper")[d.item]
    fields = {
        "n": count(d.n_item),
        "size": count(size),
        "upper": count(d.upper),
        "key_upper": count(d.keys_upper),
        "figure": decimal(d.r),
        "key_figure": decimal(d.key_r),
    }
    return _found(tables, "key_probably_wrong", d, kept, outcome, needed, fields)


def _ahead_among_the_best(tables: Tables, d: _Distractors) -> Floats:
    """By how many standard errors more of the upper group chose the option.

    Both shares are of one group: their difference has the variance (p + q - (p - q)^2)
    / m. It is known from five who chose either.
    """
    m = floats(tables.items, "n_upper")[d.item]
    m = np.where(m > 0, m, np.nan)
    either, apart = d.upper + d.keys_upper, (d.upper - d.keys_upper) / m
    spread = np.maximum(either / m - apart**2, 0.0) / m
    error = np.sqrt(np.maximum(spread, 1e-12))
    # Those who tie at the cut come in parts, which may sum to a little less than five.
    known = either >= _FEWEST - 1e-9
    return np.asarray(np.where(known, apart / error, np.nan))


def _ahead_by_correlation(d: _Distractors) -> Floats:
    """By how many standard errors the option goes better with the rest than the key.

    Who chose the one did not choose the other, so the two correlations are tied by that
    of choosing them. Of several keys the other is the best one. It is known from five
    who chose the option.
    """
    p, q = d.n / np.maximum(d.n_item, 1), d.key_n / np.maximum(d.n_item, 1)
    open_ = (1 - p) * (1 - q)
    tied = np.sqrt(np.clip(p * q / np.where(open_ > 0, open_, np.nan), 0.0, 1.0))
    free = np.where(d.n_item > 3, d.n_item - 3, np.nan)
    apart = np.where(d.n >= _FEWEST, d.r - d.key_r, np.nan)
    return np.asarray(apart / np.sqrt(2 * (1 + tied) / free))


def _nobody(tables: Tables, d: _Distractors, part: float) -> Found:
    """Test whether an option has no share of the wrong answers."""
    size = tables.items.num_rows
    wrong = np.bincount(d.item, weights=d.n, minlength=size)[d.item]
    limit = part / np.maximum(np.bincount(d.item, minlength=size)[d.item], 1)
    share = d.n / np.where(wrong > 0, wrong, np.nan)
    _, high = intervals.wilson_interval(share, wrong, tables.level)
    unsure = np.where(high < limit, LOOK, CANNOT_TELL)
    outcome = np.where(d.n > 0, FINE, unsure)
    students = d.n_item / np.where(wrong > 0, wrong, np.nan)
    needed = for_share(share, limit, tables.z) * students
    fields = {
        "n": count(d.n_item),
        "chosen": count(d.n),
        "wrong": count(wrong),
        "high": percent(high),
        "threshold": percent(limit),
    }
    finding, kept = "distractor_nobody_chooses", np.flatnonzero(wrong > 0)
    return _found(tables, finding, d, kept, outcome, needed, fields)


def _attracts(tables: Tables, d: _Distractors) -> Found:
    """Test whether those who choose a wrong option do well on the rest."""
    outcome, needed = _does_well(tables, d.r, d.low, d.high, d.n, d.n_item)
    kept = np.flatnonzero(~np.isnan(d.r))
    finding = "distractor_attracts_the_best"
    return _found(tables, finding, d, kept, outcome, needed, _about(d))


def _does_well(
    tables: Tables, r: Floats, low: Floats, high: Floats, n: Floats, of: Floats
) -> tuple[Ints, Floats]:
    """Whether those who chose an option do well, and how many students it takes."""
    outcome = above(low, high, 0.0)
    few = (outcome == LOOK) & (n < _FEWEST)
    needed = for_correlation(r, 0.0, tables.z)
    students = of * _FEWEST / np.where(n > 0, n, np.nan)
    return np.where(few, CANNOT_TELL, outcome), np.where(few, students, needed)


def _two_keys(tables: Tables, d: _Distractors) -> Found:
    """Test whether those who choose the key and those who choose another do well."""
    other, more = _does_well(tables, d.r, d.low, d.high, d.n, d.n_item)
    ends = d.key_low, d.key_high
    key, key_more = _does_well(tables, d.key_r, *ends, d.key_n, d.n_item)
    both: Mask = (other == LOOK) & (key == LOOK)
    not_both = (other == FINE) | (key == FINE)
    outcome = np.where(both, LOOK, np.where(not_both, FINE, CANNOT_TELL))
    # Of a correlation of 0 no number tells the sign, and so none is enough for both.
    needed = np.maximum(
        np.where(other == CANNOT_TELL, more, 0.0),
        np.where(key == CANNOT_TELL, key_more, 0.0),
    )
    kept = _first(d, np.nan_to_num(d.r, nan=-2.0))
    kept = kept[~np.isnan(d.r[kept]) & ~np.isnan(d.key_r[kept])]
    return _found(tables, "two_keys_plausible", d, kept, outcome, needed, _about(d))


def _about(d: _Distractors) -> dict[str, pa.Array]:
    return {
        "n": count(d.n_item),
        "chosen": count(d.n),
        "figure": decimal(d.r),
        "low": decimal(d.low),
        "high": decimal(d.high),
        "key_figure": decimal(d.key_r),
        "key_low": decimal(d.key_low),
        "key_high": decimal(d.key_high),
    }
