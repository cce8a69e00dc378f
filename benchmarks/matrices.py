"""A matrix to its item table: against one read of it, and against other ways."""

from pathlib import Path
from tempfile import gettempdir

import numpy as np
import numpy.typing as npt
import pandas as pd
import polars as pl
import pyarrow as pa

import quizanalysis as qa
from benchmarks import in_r, peers
from benchmarks.data import right_or_wrong
from benchmarks.timing import READ, Way, Work

Matrix = npt.NDArray[np.generic]


def item_table(scores: Matrix, threads: int = 1) -> pa.Table:
    """All of our figures of the items."""
    return qa.item_analysis(
        qa.Responses.from_matrix(scores, points_possible=1, threads=threads)
    )


def against_a_read(scores: Matrix, what: str) -> Work:
    """Our time, on one thread and on two, beside that of reading the array once."""
    n, k = scores.shape
    ways = [
        Way("quizanalysis: the whole item table", lambda: item_table(scores)),
        Way("quizanalysis: the same, 2 threads", lambda: item_table(scores, 2)),
        Way(READ, scores.max),
    ]
    if scores.dtype == np.float64:
        plain = Way("numpy: plain float64 sums", lambda: peers.plain_sums(scores))
        ways.insert(2, plain)
    return Work(f"{what}, {scores.dtype}, {n:,} x {k}", ways)


def bytes_of_0_1(*, small: bool) -> Work:
    """The most compact form."""
    n = 50_000 if small else 10_000_000
    return against_a_read(right_or_wrong(n, 48, np.uint8), "0/1")


def by_column(*, small: bool) -> Work:
    """The same, column by column in memory."""
    n = 50_000 if small else 1_000_000
    scores = np.asfortranarray(right_or_wrong(n, 48, np.uint8))
    return against_a_read(scores, "0/1 in Fortran order")


def doubles_of_0_1(*, small: bool) -> Work:
    """What most people have."""
    return against_a_read(right_or_wrong(50_000 if small else 1_000_000, 50), "0/1")


def quarter_points(*, small: bool) -> Work:
    """Partial credit."""
    n = 50_000 if small else 1_000_000
    scores = np.random.default_rng(1).integers(0, 5, (n, 50)) / 4
    return against_a_read(scores, "quarter points")


def with_gaps(*, small: bool) -> Work:
    """Two of a hundred cells are not there."""
    scores = right_or_wrong(50_000 if small else 1_000_000, 50)
    scores[np.random.default_rng(2).random(scores.shape) < 0.02] = np.nan
    return against_a_read(scores, "0/1 with 2 % NaN")


def choices(*, small: bool) -> Work:
    """Raw choices with a key, to the option table."""
    n, k = (50_000 if small else 2_000_000), 48
    answers = np.random.default_rng(3).integers(0, 4, (n, k), np.int8)
    share = 0.1
    frame = pd.DataFrame(answers[: int(n * share)])
    return Work(
        f"choices of 4 options with a key, int8, {n:,} x {k}",
        [
            Way(
                "quizanalysis: the whole option table",
                lambda: qa.option_analysis(
                    qa.Responses.from_answers(answers, key=[1] * k)
                ),
            ),
            Way(
                "pandas: counts and mean totals",
                lambda: peers.pandas_options(frame, 1),
                share,
            ),
            Way(READ, answers.max),
        ],
    )


def exam(*, small: bool) -> Work:
    """A platform's exam, by what one would use instead."""
    n, k = (5_000, 20) if small else (1_000_000, 100)
    scores = right_or_wrong(n, k)
    frame = pd.DataFrame(scores, columns=[f"q{j}" for j in range(k)])
    table = pl.from_pandas(frame)
    arrow, part = pa.Table.from_pandas(frame), n // 10
    few, items = frame[:part], np.ascontiguousarray(scores[:part].T)
    return Work(
        f"an exam, 0/1, float64, {n:,} x {k}",
        [
            Way("quizanalysis: the whole item table", lambda: item_table(scores)),
            Way(
                "polars: mean, sd, item-rest; all cores",
                lambda: peers.polars_item_rest(table),
            ),
            Way(
                "DuckDB: mean, sd, item-rest; 2 threads",
                lambda: peers.duckdb_item_rest(arrow),
            ),
            Way("pingouin: alpha only", lambda: peers.pingouin_alpha(few), 0.1),
            Way(
                "numpy textbook: items",
                lambda: peers.numpy_textbook(scores[:part]),
                0.1,
            ),
            Way("pandas: item-rest by corr", lambda: peers.pandas_item_rest(few), 0.1),
            Way(
                "pandas: item-rest by corrwith", lambda: peers.pandas_corrwith(few), 0.1
            ),
            Way("girth: CTT statistics", lambda: peers.girth_statistics(items), 0.1),
            Way("mirt: traditional", lambda: peers.mirt_statistics(scores[:part]), 0.1),
            *in_r.ways(scores, 0.1, Path(gettempdir())),
            Way(READ, scores.max),
        ],
    )


CASES = (
    bytes_of_0_1,
    by_column,
    doubles_of_0_1,
    quarter_points,
    with_gaps,
    choices,
    exam,
)
