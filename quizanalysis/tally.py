"""Tally: exact counts of submissions by total, from which every item figure is read.

Integers only, so adding tallies is exact and the order of additions leaves no trace:
any split of the submissions, on any number of machines, ends in the same bytes.
"""

from collections.abc import Generator, Iterable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, field

import pyarrow as pa

from quizanalysis._counts.gathering import Batch, gathered, together
from quizanalysis._counts.merging import merged
from quizanalysis._counts.packing import is_sorted, packed, unpacked
from quizanalysis._counts.parts import Blank, Parts, Total, empty
from quizanalysis._intake.digest import digest_of_tables
from quizanalysis._refusals import need_kind
from quizanalysis.errors import MergeError
from quizanalysis.responses import Responses

__all__ = ["Blank", "Tally", "Total"]


@dataclass(frozen=True, slots=True, eq=False)
class Tally:
    """How many submissions have which total, by item, score and option.

    Make one with `of`, add them with ``+`` (or ``sum(tallies, Tally.empty())``), keep
    one with `to_arrow`. Every submission that goes in counts once: choose attempts
    before, with ``responses.attempts("last")``.

    Attributes
    ----------
    blank : {"zero", "omit"}
        How blank responses were counted.
    total : {"items", "recorded"}
        What a student's total is. Tallies that differ in either cannot be added.
    parts : Parts
        The counts: submissions per total; per item and total, per item and score, and
        per option and total the responses, and the sums of their scores. Totals are
        kept apart by the number of items scored and by the points they were worth.
        All in billionths of a point, in canonical order.
    """

    blank: Blank
    total: Total
    parts: Parts
    # Every table names it, and large counts take a while to hash.
    _digest: str | None = field(init=False, default=None, repr=False)

    @classmethod
    def of(
        cls,
        responses: Responses | Iterable[Batch],
        *,
        blank: Blank = "zero",
        total: Total = "items",
        executor: Executor | None = None,
        in_flight: int = 16,
    ) -> "Tally":
        """Count submissions.

        Parameters
        ----------
        responses : Responses, or an iterable of batches
            A batch is Responses, or a function without arguments that returns them or
            an iterable of them, such as ``partial(qa.read, path)``. It is called where
            it is counted. Batches are counted one by one, and only counts are held.
        blank : {"zero", "omit"}
            A blank response counts as 0, or as an item that was not shown.
        total : {"items", "recorded"}
            What items are held against: the sum of the item scores, or the total that
            the source system recorded (the sum where it recorded none), which may
            hold other questions and manual points.
        executor : concurrent.futures.Executor, optional
            Counts the batches: in threads, in processes, or on a cluster, such as
            Dask's ``client.get_executor()``. Batches are taken from the iterable here;
            only counts come back, so functions let files be read where they are
            counted. Not for `Responses` that are no batches.
        in_flight : int
            How many batches the executor has at a time, and so how many are held.
            Twice its workers keeps them busy.

        Returns
        -------
        Tally
            The same bytes, whatever counts the batches and in whatever order.

        Raises
        ------
        MergeError
            When batches contradict each other on an item's points or key.
        Exception
            Whatever the iterable, a function or a worker raises, as it is; batches
            that wait are cancelled then, and the iterable is closed if it is a
            generator.

        Notes
        -----
        What `Responses` infer from their own answers (points possible, options, keys)
        is inferred again from all that is added: reading apart and adding is reading
        together. The smallest ``max_options`` that any were read with holds for all.

        Examples
        --------
        >>> import quizanalysis as qa
        >>> whole = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
        >>> halves = whole.batches(2)
        >>> qa.Tally.of(halves) == qa.Tally.of(whole)
        True
        """
        if blank not in {"zero", "omit"}:
            msg = f"blank must be zero or omit, not {blank!r}"
            raise ValueError(msg)
        if total not in {"items", "recorded"}:
            msg = f"total must be items or recorded, not {total!r}"
            raise ValueError(msg)
        if in_flight < 1:
            msg = f"in_flight must be 1 or more, not {in_flight!r}"
            raise ValueError(msg)
        if isinstance(responses, Responses):
            return cls(blank, total, gathered([responses], blank, total))
        if not isinstance(responses, Iterable) or hasattr(responses, "columns"):
            msg = f"Responses, or batches of them, not {type(responses).__name__}"
            raise TypeError(msg)
        try:
            parts = gathered(responses, blank, total, executor, in_flight)
        finally:
            # A generator that reads files has them, and what it put on disk, open.
            if isinstance(responses, Generator):
                responses.close()
        return cls(blank, total, parts)

    @classmethod
    def merge(cls, tallies: Iterable["Tally | pa.Table"]) -> "Tally":
        """Add any number of tallies, all at once.

        Parameters
        ----------
        tallies : iterable of Tally or pyarrow.Table
            The tables are from `to_arrow`, of any process or machine.

        Returns
        -------
        Tally
            What adding them one by one gives, in a fraction of the time. Of none, the
            tally of nothing.

        Raises
        ------
        MergeError
            When they contradict each other, count blanks or totals in different ways,
            or when a table is not one of a tally.
        TypeError
            When one is something else.

        Examples
        --------
        >>> import quizanalysis as qa
        >>> whole = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
        >>> tables = [qa.Tally.of(part).to_arrow() for part in whole.batches(1)]
        >>> qa.Tally.merge(tables) == qa.Tally.of(whole)
        True
        """
        if isinstance(tallies, Tally | pa.Table) or not isinstance(tallies, Iterable):
            msg = f"several tallies are needed, not {type(tallies).__name__}"
            raise TypeError(msg)
        first = cls.empty()

        def parts() -> Iterator[Parts]:
            nonlocal first
            for given in tallies:
                tally = cls.from_arrow(given) if isinstance(given, pa.Table) else given
                if not isinstance(tally, Tally):
                    msg = f"a tally or its table is needed, not {type(given).__name__}"
                    raise TypeError(msg)
                if not len(first):
                    first = tally
                elif len(tally):
                    _refuse_other_kind(first, tally)
                yield tally.parts

        added = together(parts())
        return cls(first.blank, first.total, added)

    @classmethod
    def empty(cls, blank: Blank = "zero", total: Total = "items") -> "Tally":
        """Return the tally of nothing, which changes no other.

        Parameters
        ----------
        blank, total
            As in `of`.

        Returns
        -------
        Tally
        """
        return cls(blank, total, empty())

    def __add__(self, other: "Tally") -> "Tally":
        """Add the counts; exact, associative and commutative."""
        if not isinstance(other, Tally):
            return NotImplemented
        return Tally.merge([self, other])

    def __len__(self) -> int:
        """Count the quizzes."""
        return int(self.parts.quizzes.num_rows)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same counts of the same items."""
        if not isinstance(other, Tally):
            return NotImplemented
        return bool(self.to_arrow().equals(other.to_arrow(), check_metadata=True))

    __hash__ = None  # type: ignore[assignment]

    @property
    def digest(self) -> str:
        """SHA-256 of the counts: the same for the same submissions in any order."""
        if self._digest is not None:
            return self._digest
        parts = (getattr(self.parts, name) for name in self.parts.__slots__)
        made = digest_of_tables(parts, self.blank, self.total)
        object.__setattr__(self, "_digest", made)
        return made

    def to_arrow(self) -> pa.Table:
        """Return one row per quiz, its counts as lists; `from_arrow` takes it back.

        Returns
        -------
        pyarrow.Table
            The same bytes for the same submissions, however they were split.
        """
        return packed(self.parts).replace_schema_metadata(
            {"table": "tally", "blank": self.blank, "total": self.total}
        )

    @classmethod
    def from_arrow(cls, table: pa.Table) -> "Tally":
        """Take a table that `to_arrow` made.

        Parameters
        ----------
        table : pyarrow.Table
            Or several below one another; a quiz that comes again is added up.

        Returns
        -------
        Tally

        Raises
        ------
        MergeError
            When it is not such a table.
        TypeError
            When it is no table.
        """
        need_kind("a pyarrow.Table is", table, pa.Table)
        said = table.schema.metadata or {}
        blank, total = said.get(b"blank"), said.get(b"total")
        if blank not in {b"zero", b"omit"} or total not in {b"items", b"recorded"}:
            msg = "not a tally: a table from Tally.to_arrow() is needed"
            raise MergeError(msg)
        parts = unpacked(table)
        return cls(
            "omit" if blank == b"omit" else "zero",
            "recorded" if total == b"recorded" else "items",
            parts if is_sorted(parts) else merged([parts]),
        )


def _refuse_other_kind(one: Tally, other: Tally) -> None:
    """Counts of different things cannot be added."""
    if one.blank != other.blank:
        msg = f"one tally counts blanks as {one.blank}, the other as {other.blank}"
        raise MergeError(msg)
    if one.total != other.total:
        msg = f"the totals of one are of {one.total}, of the other {other.total}"
        raise MergeError(msg)
