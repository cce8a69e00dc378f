"""Spark: counts rows where they are; only the counts come back (extra ``spark``)."""

from collections.abc import Iterable, Iterator
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

import pyarrow as pa

import quizanalysis as qa

if TYPE_CHECKING:
    from pyspark.sql import DataFrame

__all__ = ["tally"]


def tally(
    df: "DataFrame",
    *,
    attempt: Literal["first", "last", "best", "kept", "all"] = "last",
    blank: Literal["zero", "omit"] = "zero",
    total: Literal["items", "recorded"] = "items",
    items: Any = None,  # noqa: ANN401  anything with __arrow_c_stream__
    quiz_id: str = "quiz",
    max_options: int = 12,
    by_student: bool = False,
) -> qa.Tally:
    """Count the responses of a Spark data frame on its cluster.

    Parameters
    ----------
    df : pyspark.sql.DataFrame
        Tidy rows, as `Responses.from_arrow` takes them. The library must be installed
        where Spark's Python workers run.
    attempt : {"last", "first", "best", "kept", "all"}
        Which attempts of each student at each quiz count.
    blank, total
        As in `Tally.of`.
    items : object with ``__arrow_c_stream__``, optional
        As in `Responses.from_arrow`; it goes to every partition.
    quiz_id, max_options
        As in `Responses.from_arrow`.
    by_student : bool
        Spread each quiz over the partitions by its students, which few and large
        quizzes need; many small ones are better kept whole. Without a column
        ``quiz_id`` it is done anyway.

    Returns
    -------
    Tally
        The same bytes as of all rows at once, whatever the partitions are and whatever
        becomes of the workers: Spark counts the lost ones again.

    Raises
    ------
    ImportError
        Without the extra ``spark``.
    pyspark.errors.PythonException
        Around a `DataError` of a partition; its text lists the problems.
    MergeError
        When partitions contradict each other on an item.

    Notes
    -----
    Rows are repartitioned by quiz, so that all attempts of a student meet; each
    partition is counted as a whole and must fit the memory of a worker
    (``spark.sql.shuffle.partitions`` says how many there are).

    Examples
    --------
    >>> from pyspark.sql import SparkSession  # doctest: +SKIP
    >>> spark = SparkSession.builder.getOrCreate()  # doctest: +SKIP
    >>> df = spark.read.parquet("s3a://exports/responses")  # doctest: +SKIP
    >>> qa.item_analysis(tally(df))  # doctest: +SKIP
    """
    try:
        import pyspark  # noqa: F401, PLC0415  an extra
    except ImportError:
        msg = 'Spark is an extra: pip install "quizanalysis[spark]"'
        raise ImportError(msg) from None
    keys = [name for name in ("quiz_id", "student_id") if name in df.columns]
    if "quiz_id" in keys and not by_student:
        keys = ["quiz_id"]
    declared = None if items is None else pa.table(items)
    count = partial(
        _counted,
        attempt=attempt,
        of=partial(qa.Tally.of, blank=blank, total=total),
        read=partial(
            qa.Responses.from_arrow,
            items=declared,
            quiz_id=quiz_id,
            max_options=max_options,
        ),
    )
    rows = df.repartition(*keys) if keys else df.coalesce(1)
    parts = rows.mapInArrow(count, "tally binary").collect()
    empty = qa.Tally.empty(blank, total)
    return qa.Tally.merge([empty, *(_table(part[0]) for part in parts)])


def _counted(
    batches: Iterable[pa.RecordBatch],
    *,
    attempt: Literal["first", "last", "best", "kept", "all"],
    of: "partial[qa.Tally]",
    read: "partial[qa.Responses]",
) -> Iterator[pa.RecordBatch]:
    """Count a partition; its tally is one cell of bytes."""
    several = list(batches)
    if not sum(batch.num_rows for batch in several):
        return
    responses = read(pa.Table.from_batches(several)).attempts(attempt)
    table = of(responses).to_arrow()
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, table.schema) as writer:
        writer.write_table(table)
    yield pa.record_batch({"tally": [stream.getvalue().to_pybytes()]})


def _table(stream: bytes) -> pa.Table:
    return pa.ipc.open_stream(stream).read_all()
