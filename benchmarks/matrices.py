"""A matrix to its item table: against one read of it, and against other ways."""

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl

import quizanalysis as qa
from benchmarks.cases import (
    Contestants,
    pandas_item_rest,
    pingouin_alpha,
    right_or_wrong,
)

Matrix = npt.NDArray[np.generic]


def item_table(scores: Matrix) -> object:
    """All of our figures of the items."""
    return qa.item_analysis(qa.Responses.from_matrix(scores, points_possible=1))


def against_a_read(scores: Matrix, what: str) -> tuple[str, Contestants]:
    """Our time, on one thread and on two, beside that of reading the array once."""
    n, k = scores.shape
    return f"item table of {what}, {scores.dtype}, {n:,} x {k}", {
        "quizanalysis": lambda: item_table(scores),
        "quizanalysis, 2 threads": lambda: qa.item_analysis(
            qa.Responses.from_matrix(scores, points_possible=1, threads=2)
        ),
        "reading the array once (x.max())": scores.max,
    }


def bytes_of_0_1(*, small: bool) -> tuple[str, Contestants]:
    """The most compact form."""
    n = 50_000 if small else 10_000_000
    some = right_or_wrong(min(n, 1_000_000), 48).astype(np.uint8)
    return against_a_read(np.concatenate([some] * (n // len(some))), "0/1")


def doubles_of_0_1(*, small: bool) -> tuple[str, Contestants]:
    """What most people have."""
    return against_a_read(right_or_wrong(50_000 if small else 1_000_000, 50), "0/1")


def quarter_points(*, small: bool) -> tuple[str, Contestants]:
    """Partial credit."""
    n = 50_000 if small else 1_000_000
    scores = np.random.default_rng(1).integers(0, 5, (n, 50)) / 4
    return against_a_read(scores, "quarter points")


def with_gaps(*, small: bool) -> tuple[str, Contestants]:
    """Two of a hundred cells are not there."""
    scores = right_or_wrong(50_000 if small else 1_000_000, 50)
    scores[np.random.default_rng(2).random(scores.shape) < 0.02] = np.nan
    return against_a_read(scores, "0/1 with 2 % NaN")


def choices(*, small: bool) -> tuple[str, Contestants]:
    """Raw choices with a key, to the option table."""
    n, k = (50_000 if small else 2_000_000), 48
    answers = np.random.default_rng(3).integers(0, 4, (n, k), np.int8)
    frame = pd.DataFrame(answers[: n // 10])
    return f"option table of 4 options, int8, {n:,} x {k}", {
        "quizanalysis": lambda: qa.option_analysis(
            qa.Responses.from_answers(answers, key=[1] * k)
        ),
        "pandas value_counts and groupby, a tenth of the rows": lambda: [
            (frame[j].value_counts(), (frame == 1).sum(axis=1).groupby(frame[j]).mean())
            for j in frame
        ],
        "reading the array once (x.max())": answers.max,
    }


def polars_item_rest(frame: pl.DataFrame) -> pl.DataFrame:
    """Means, spreads and item-rest correlations as polars expressions, on all cores."""
    total = pl.sum_horizontal(pl.all())
    return frame.select(
        [pl.col(c).mean().alias(f"{c} mean") for c in frame.columns]
        + [pl.col(c).std().alias(f"{c} sd") for c in frame.columns]
        + [pl.corr(c, total - pl.col(c)).alias(f"{c} rest") for c in frame.columns]
    )


def peers(*, small: bool) -> tuple[str, Contestants]:
    """One exam, by what one would use instead."""
    n, k = (5_000, 20) if small else (1_000_000, 100)
    scores = right_or_wrong(n, k)
    frame = pd.DataFrame(scores, columns=[f"q{j}" for j in range(k)])
    table = pl.from_pandas(frame)
    return f"one exam, float64 0/1, {n:,} x {k}", {
        "quizanalysis: the whole item table": lambda: item_table(scores),
        "polars: mean, sd, item-rest, all cores": lambda: polars_item_rest(table),
        "pandas: item-rest only": lambda: pandas_item_rest(frame),
        "pingouin: alpha only": lambda: pingouin_alpha(frame),
        "reading the array once (x.max())": scores.max,
    }


MATRICES = (bytes_of_0_1, doubles_of_0_1, quarter_points, with_gaps, choices, peers)
