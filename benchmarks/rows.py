"""Tidy rows of many quizzes to their item tables: from memory, and from files."""

from pathlib import Path
from tempfile import mkdtemp

import polars as pl
import pyarrow as pa
import pyarrow.csv
import pyarrow.parquet as pq

import quizanalysis as qa
from benchmarks import peers
from benchmarks.data import tidy_rows
from benchmarks.timing import Way, Work


def item_table(rows: pa.Table) -> pa.Table:
    """All of our figures of the items."""
    return qa.item_analysis(qa.Responses.from_arrow(rows))


def beside_engines(rows: pa.Table, what: str) -> Work:
    """Ours beside two engines that make the sums only, of plain codes."""
    codes = pa.table(
        {
            name: column.chunk(0).indices if name != "score" else column
            for name, column in zip(rows.column_names, rows.columns, strict=True)
        }
    )
    frame = pl.from_arrow(codes).lazy()
    return Work(
        f"{rows.num_rows:,} tidy rows: {what}",
        [
            Way("quizanalysis: the whole item table", lambda: item_table(rows)),
            Way(
                "quizanalysis: the sums only, as a tally",
                lambda: qa.Tally.of(qa.Responses.from_arrow(rows)),
            ),
            Way(
                "polars streaming: the sums only; all cores",
                lambda: peers.polars_sums(frame),
            ),
            Way("DuckDB: the sums only; 2 threads", lambda: peers.duckdb_sums(codes)),
        ],
    )


def many_quizzes(*, small: bool) -> Work:
    """The years of an institution."""
    n = 1_000 if small else 100_000
    return beside_engines(tidy_rows(n, 30, 10), f"{n:,} quizzes of 30 x 10")


def shuffled(*, small: bool) -> Work:
    """The same, in no order."""
    n = 1_000 if small else 30_000
    rows = tidy_rows(n, 30, 10, shuffled=True)
    return beside_engines(rows, f"{n:,} quizzes of 30 x 10, in no order")


def large_quizzes(*, small: bool) -> Work:
    """The exams of a platform."""
    n = 3_000 if small else 300_000
    return beside_engines(tidy_rows(10, n, 10), f"10 quizzes of {n:,} x 10")


def files(*, small: bool) -> Work:
    """From files with text ids, quiz after quiz."""
    n = 1_000 if small else 30_000
    rows = tidy_rows(n, 30, 10)
    plain = pa.table([column.cast(_plain(column.type)) for column in rows.columns],
                     names=rows.column_names)  # fmt: skip
    folder = Path(mkdtemp(prefix="quizanalysis-"))
    parquet, csv = folder / "rows.parquet", folder / "rows.csv"
    pq.write_table(plain, parquet)
    pyarrow.csv.write_csv(plain, csv)
    return Work(
        f"files of {rows.num_rows:,} tidy rows, {n:,} quizzes, text ids",
        [
            Way("quizanalysis: Parquet", lambda: qa.item_analysis(qa.read(parquet))),
            Way(
                "polars streaming: Parquet, the sums only",
                lambda: peers.polars_sums(pl.scan_parquet(parquet)),
            ),
            Way(
                "DuckDB: Parquet, the sums only",
                lambda: peers.duckdb_sums(f"read_parquet('{parquet}')"),
            ),
            Way("quizanalysis: CSV", lambda: qa.item_analysis(qa.read(csv))),
            Way("pyarrow: parse the CSV only", lambda: pyarrow.csv.read_csv(csv)),
            Way(
                "polars streaming: CSV, the sums only",
                lambda: peers.polars_sums(pl.scan_csv(csv)),
            ),
            Way(
                "DuckDB: CSV, the sums only",
                lambda: peers.duckdb_sums(f"read_csv('{csv}')"),
            ),
        ],
    )


def _plain(kind: pa.DataType) -> pa.DataType:
    return kind.value_type if pa.types.is_dictionary(kind) else kind


def growth_of_responses(*, small: bool) -> Work:
    """A matrix, each four times the one before."""
    sizes = [20_000 * 4**i for i in range(4)] if not small else [1_000, 4_000, 16_000]
    return Work(
        "growth: one quiz of 50 items, tidy rows",
        [
            Way(f"{rows.num_rows:,} responses", lambda rows=rows: item_table(rows))
            for rows in (tidy_rows(1, n, 50) for n in sizes)
        ],
    )


def growth_of_quizzes(*, small: bool) -> Work:
    """Quizzes of 30 x 10, each time four or five times as many."""
    sizes = [1_000, 4_000, 20_000, 100_000][: 2 if small else 4]
    return Work(
        "growth: quizzes of 30 x 10, tidy rows",
        [
            Way(f"{n:,} quizzes", lambda rows=rows: item_table(rows))
            for n, rows in ((n, tidy_rows(n, 30, 10)) for n in sizes)
        ],
    )


CASES = (
    many_quizzes,
    shuffled,
    large_quizzes,
    files,
    growth_of_responses,
    growth_of_quizzes,
)
