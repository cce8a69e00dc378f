"""What else one would use: textbook numpy, pandas, polars, DuckDB and the packages."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa

from benchmarks.data import Floats

_SUMS = """
    with totals as (select quiz_id, student_id, sum(score::double) as t
                    from {rows} group by all)
    select quiz_id, item_id, count(*), sum(score::double), sum(score::double * score),
        sum(t), sum(t * t), sum(t * score), min(score), max(score)
    from {rows} join totals using (quiz_id, student_id) group by all"""


def numpy_textbook(x: Floats) -> Floats:
    """Difficulty, sd, both correlations, alpha if deleted and groups, item by item."""
    total, k = x.sum(1), x.shape[1]
    order = np.argsort(total, kind="stable")
    m = round(0.27 * len(x))
    low, high = order[:m], order[-m:]
    figures = []
    for j in range(k):
        rest = total - x[:, j]
        others = np.delete(x, j, axis=1)
        alpha = (k - 1) / (k - 2) * (1 - others.var(0, ddof=1).sum() / rest.var(ddof=1))
        figures.append(
            (
                x[:, j].mean(),
                x[:, j].std(ddof=1),
                np.corrcoef(x[:, j], total)[0, 1],
                np.corrcoef(x[:, j], rest)[0, 1],
                x[high, j].mean() - x[low, j].mean(),
                alpha,
            )
        )
    return np.array(figures)


def plain_sums(x: Floats) -> list[Floats]:
    """The sums behind the figures, in blocks that fit the cache, as plain doubles.

    Adding in this way depends on the blocks; it is what exactness is held against.
    """
    n, k = x.shape
    ones, first = np.ones(k), np.ones(1024)
    found = [np.zeros(k), np.zeros(k), np.zeros(k), np.zeros(2)]
    for start in range(0, n, 1024):
        block = np.asarray(x[start : start + 1024], np.float64)
        total = block @ ones
        found[0] += first[: len(block)] @ block
        found[1] += np.einsum("ij,ij->j", block, block)
        found[2] += total @ block
        found[3] += (total.sum(), total @ total)
    return found


def pandas_item_rest(frame: pd.DataFrame) -> pd.Series:
    """Item-rest correlations as people write them."""
    total = frame.sum(axis=1)
    return pd.Series({c: frame[c].corr(total - frame[c]) for c in frame})


def pandas_corrwith(frame: pd.DataFrame) -> pd.Series:
    """The same in one line, as one finds it in answers and tutorials."""
    return frame.corrwith(frame.rsub(frame.sum(axis=1), axis=0))


def pandas_options(answers: pd.DataFrame, key: int) -> list[object]:
    """Counts of the options, and the mean total of who chose each."""
    total = (answers == key).sum(axis=1)
    return [
        (answers[j].value_counts(), total.groupby(answers[j]).mean()) for j in answers
    ]


def polars_item_rest(frame: pl.DataFrame) -> pl.DataFrame:
    """Means, spreads and item-rest correlations as polars expressions."""
    total = pl.sum_horizontal(pl.all())
    return frame.select(
        [pl.col(c).mean().alias(f"{c} mean") for c in frame.columns]
        + [pl.col(c).std().alias(f"{c} sd") for c in frame.columns]
        + [pl.corr(c, total - pl.col(c)).alias(f"{c} rest") for c in frame.columns]
    )


def duckdb_item_rest(table: pa.Table) -> object:
    """Means, spreads and item-rest correlations in SQL, on two threads."""
    import duckdb  # noqa: PLC0415  half a second that the other cases do not owe

    names = table.column_names
    figures = ", ".join(f"avg({c}), stddev({c}), corr({c}, t - {c})" for c in names)
    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        connection.register("scores", table)
        rows = f"select *, {' + '.join(names)} as t from scores"
        return connection.execute(f"select {figures} from ({rows})").fetchall()


def duckdb_sums(rows: pa.Table | str) -> pa.Table:
    """Sums for the item figures of tidy rows: a table, or what reads a file."""
    import duckdb  # noqa: PLC0415

    with duckdb.connect() as connection:
        connection.execute("set threads = 2")
        if isinstance(rows, str):
            return connection.sql(_SUMS.format(rows=rows)).to_arrow_table()
        connection.register("tidy", rows)
        return connection.sql(_SUMS.format(rows="tidy")).to_arrow_table()


def polars_sums(rows: pl.LazyFrame) -> pl.DataFrame:
    """The same by polars' streaming engine, on all cores."""
    scored = rows.with_columns(pl.col("score").cast(pl.Float64))
    submission = ["quiz_id", "student_id"]
    totals = scored.group_by(submission).agg(pl.col("score").sum().alias("t"))
    x, t = pl.col("score"), pl.col("t")
    return (
        scored.join(totals, on=submission)
        .group_by("quiz_id", "item_id")
        .agg(
            pl.len().alias("n"),
            x.sum().alias("x"),
            (x * x).sum().alias("xx"),
            t.sum().alias("t"),
            (t * t).sum().alias("tt"),
            (x * t).sum().alias("xt"),
            x.min().alias("min"),
            x.max().alias("max"),
        )
        .collect(engine="streaming")
    )


def pingouin_alpha(frame: pd.DataFrame) -> object:
    """One of our figures, by the best known Python package for it."""
    import pingouin  # noqa: PLC0415

    return pingouin.cronbach_alpha(frame)


def girth_statistics(items: Floats) -> object:
    """Means, item-rest, polyserial and alpha if deleted, of items x people."""
    import girth  # noqa: PLC0415

    return girth.classical_test_statistics(items, start_value=0, stop_value=1)


def mirt_statistics(scores: Floats) -> object:
    """Difficulty, corrected correlations and alpha if deleted."""
    import mirt  # noqa: PLC0415

    return mirt.traditional(scores)
