"""How large something may become that grows faster than what it is made of.

A table with a column for each question has a cell for each student as well, though the
student may have been shown one; covariances are one for each two questions. A small
file can ask for more of either than any memory holds.
"""

MOST_CELLS = 100_000_000
"""Of a table as wide as a quiz has questions, or that repeats rows: a few GB."""

MOST_PAIRS = 4_000_000
"""Of questions of one quiz, in both orders: as many as 2,000 questions have."""


def refuse_more(what: str, most: int, units: str, n: int, way: str) -> None:
    """Raise ValueError for more than so many, with a way to do it.

    Examples
    --------
    >>> refuse_more("a pair has", 2, "members", 3, "take two at a time")
    Traceback (most recent call last):
    ValueError: a pair has 2 members at most, and here are 3: take two at a time
    """
    if n > most:
        msg = f"{what} {most:,} {units} at most, and here are {n:,}: {way}"
        raise ValueError(msg)


def refuse_wide(rows: int, columns: int, way: str) -> None:
    """Raise ValueError for a table with more than `MOST_CELLS`, before it is made.

    Examples
    --------
    >>> refuse_wide(100_000, 2_000, "choose with responses.where(section=…)")
    Traceback (most recent call last):
    ValueError: a table has 100,000,000 cells at most, and here are 200,000,000
    (100,000 rows, 2,000 columns): choose with responses.where(section=…)
    """
    cells = rows * columns
    if cells > MOST_CELLS:
        msg = (
            f"a table has {MOST_CELLS:,} cells at most, and here are {cells:,} "
            f"({rows:,} rows, {columns:,} columns): {way}"
        )
        raise ValueError(msg)
