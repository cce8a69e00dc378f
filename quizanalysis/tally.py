"""Tally: exact counts of submissions by total, from which every item figure is read.

Integers only, so adding tallies is exact and the order of additions leaves no trace:
any split of the submissions, on any number of machines, ends in the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass

import pyarrow as pa

from quizanalysis._counts.counting import counts
from quizanalysis._counts.merging import merged
from quizanalysis._counts.packing import packed, unpacked
from quizanalysis._counts.parts import Blank, Parts, Total, empty
from quizanalysis._intake.digest import digest_of_tables
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

    @classmethod
    def of(
        cls,
        responses: Responses | Iterable[Responses],
        *,
        blank: Blank = "zero",
        total: Total = "items",
    ) -> "Tally":
        """Count submissions.

        Parameters
        ----------
        responses : Responses, or an iterable of them
            Batches are counted one by one, and only their tallies are held.
        blank : {"zero", "omit"}
            A blank response counts as 0, or as an item that was not shown.
        total : {"items", "recorded"}
            What items are held against: the sum of the item scores, or the total that
            the source system recorded (the sum where it recorded none), which may
            hold other questions and manual points.

        Returns
        -------
        Tally

        Raises
        ------
        MergeError
            When batches contradict each other on an item's points or key.

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
        if isinstance(responses, Responses):
            parts = counts(
                responses, omit_blank=blank == "omit", recorded=total == "recorded"
            )
            return cls(blank, total, parts)
        if not isinstance(responses, Iterable) or hasattr(responses, "columns"):
            msg = f"Responses, or batches of them, not {type(responses).__name__}"
            raise TypeError(msg)
        everything = cls.empty(blank, total)
        for batch in responses:
            if not isinstance(batch, Responses):
                msg = f"batches must be Responses, not {type(batch).__name__}"
                raise TypeError(msg)
            everything += cls.of(batch, blank=blank, total=total)
        return everything

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
        if not len(self):
            return other
        if not len(other):
            return self
        if self.blank != other.blank:
            msg = f"one tally counts blanks as {self.blank}, the other as {other.blank}"
            raise MergeError(msg)
        if self.total != other.total:
            msg = f"the totals of one are of {self.total}, of the other {other.total}"
            raise MergeError(msg)
        return Tally(self.blank, self.total, merged([self.parts, other.parts]))

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
        parts = (getattr(self.parts, name) for name in self.parts.__slots__)
        return digest_of_tables(parts, self.blank, self.total)

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

        Returns
        -------
        Tally

        Raises
        ------
        MergeError
            When it is not such a table.
        """
        said = table.schema.metadata or {}
        blank, total = said.get(b"blank"), said.get(b"total")
        if blank not in {b"zero", b"omit"} or total not in {b"items", b"recorded"}:
            msg = "not a tally: a table from Tally.to_arrow() is needed"
            raise MergeError(msg)
        return cls(
            "omit" if blank == b"omit" else "zero",
            "recorded" if total == b"recorded" else "items",
            unpacked(table),
        )
