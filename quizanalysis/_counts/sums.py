"""What the tallies that are made beside the main one have in common: sums by item."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._counts.named import Scored, scored, united
from quizanalysis._counts.parts import Blank, distinct, guard
from quizanalysis._intake.columns import Ints, codes
from quizanalysis.errors import MergeError
from quizanalysis.responses import Responses

Columns = Mapping[str, npt.NDArray[Any]]

WIDE = pa.decimal256(76)
"""For sums that pass 64 bits."""

_ITEMS = {"quiz_id": pa.string(), "item_id": pa.string()}
_OWNERS = ("item", "other")
"""Keys that are rows of the items."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What a table is sorted by, and what it holds of each key."""

    keys: tuple[str, ...]
    sums: Mapping[str, pa.DataType]

    def fields(self) -> dict[str, pa.DataType]:
        """Name and type of every column."""
        return {**dict.fromkeys(self.keys, pa.int64()), **self.sums}


@dataclass(frozen=True, slots=True, eq=False)
class NamedSums:
    """Sums over submissions by item, which add exactly, in any order, like a `Tally`.

    Attributes
    ----------
    blank : {"zero", "omit"}
        How blank responses were counted.
    items : quiz_id, item_id, ascending
    sums : dict of dict of int arrays
        The tables, each ascending by its keys; int64, or Python integers of any size.
    """

    blank: Blank
    items: pa.Table
    sums: Mapping[str, Columns]

    name: ClassVar[str]
    kinds: ClassVar[Mapping[str, Kind]]

    @classmethod
    def of(
        cls, responses: Responses | Iterable[Responses], *, blank: Blank = "zero"
    ) -> Self:
        """Count every submission, or those of every batch."""
        if blank not in {"zero", "omit"}:
            msg = f"blank must be zero or omit, not {blank!r}"
            raise ValueError(msg)
        if isinstance(responses, Responses):
            cells = scored(responses, blank)
            return cls(blank, cells.items, cls._counted(cells))
        everything = cls.empty(blank)
        for batch in responses:
            everything += cls.of(batch, blank=blank)
        return everything

    @classmethod
    def _counted(cls, cells: Scored) -> Mapping[str, Columns]:
        """Make the tables of these responses."""
        raise NotImplementedError

    @classmethod
    def empty(cls, blank: Blank = "zero") -> Self:
        """Return the sums of nothing, which change no others."""
        none = {
            name: {key: _numbers([], kind) for key, kind in kind.fields().items()}
            for name, kind in cls.kinds.items()
        }
        return cls(blank, pa.schema(list(_ITEMS.items())).empty_table(), none)

    def __add__(self, other: Self) -> Self:
        """Add the sums; exact, associative and commutative."""
        if type(other) is not type(self):
            return NotImplemented
        if self.blank != other.blank:
            msg = f"one counts blanks as {self.blank}, the other as {other.blank}"
            raise MergeError(msg)
        items, places = united([self.items, other.items])
        sums = {}
        for name, kind in self.kinds.items():
            both = [
                _renumbered(part.sums[name], place)
                for part, place in zip((self, other), places, strict=True)
            ]
            rows = {k: np.concatenate([part[k] for part in both]) for k in both[0]}
            sums[name] = added(rows, kind.keys)
        return type(self)(self.blank, items, sums)

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same sums of the same items."""
        if not isinstance(other, NamedSums) or type(other) is not type(self):
            return NotImplemented
        return (
            self.blank == other.blank
            and self.items.equals(other.items)
            and all(
                np.array_equal(values, other.sums[name][key])
                for name, table in self.sums.items()
                for key, values in table.items()
            )
        )

    __hash__ = None  # type: ignore[assignment]

    def to_arrow(self) -> pa.Table:
        """Return one row per quiz, its sums as lists; `from_arrow` takes it back."""
        quiz, ids = codes(self.items["quiz_id"])
        edges = np.arange(len(ids) + 1)
        starts = np.searchsorted(quiz, edges)
        columns = {"quiz_id": ids}
        columns["items"] = pa.LargeListArray.from_arrays(
            pa.array(starts), self.items["item_id"].combine_chunks()
        )
        for name, kind in self.kinds.items():
            table, fields = self.sums[name], kind.fields()
            owner = quiz[table["item"]]
            local = _renumbered(table, np.arange(len(quiz)) - starts[quiz])
            rows = pa.StructArray.from_arrays(
                [pa.array(local[key].tolist(), fields[key]) for key in fields],
                list(fields),
            )
            ends = pa.array(np.searchsorted(owner, edges))
            columns[name] = pa.LargeListArray.from_arrays(ends, rows)
        return pa.table(columns).replace_schema_metadata(
            {"table": self.name, "blank": self.blank}
        )

    @classmethod
    def from_arrow(cls, table: pa.Table) -> Self:
        """Take a table that `to_arrow` made, or several below one another.

        Raises
        ------
        MergeError
            When it is not such a table, or holds what no submissions add up to.
        """
        said = table.schema.metadata or {}
        if said.get(b"table") != cls.name.encode():
            raise cls._foreign(f"a table from {cls.__name__}.to_arrow() is needed")
        if said.get(b"blank") not in {b"zero", b"omit"}:
            raise cls._foreign("it does not say how blanks were counted")
        blank: Blank = "omit" if said[b"blank"] == b"omit" else "zero"
        table = cls._shaped(table)
        lists = table["items"].combine_chunks()
        size = np.asarray(pc.list_value_length(lists), np.int64)
        starts = np.cumsum(size) - size
        owner = pa.array(np.repeat(np.arange(len(size)), size))
        names = pa.table(
            [table["quiz_id"].take(owner), lists.flatten()], names=list(_ITEMS)
        )
        sums = {}
        for name, kind in cls.kinds.items():
            rows = cls._unpacked(table[name].combine_chunks(), kind, size)
            quiz = np.asarray(pc.list_parent_indices(table[name]), np.int64)
            moved = {k: rows[k] + starts[quiz] for k in _OWNERS if k in rows}
            sums[name] = {**rows, **moved}
        # The items of the parts may be out of order, and a quiz come more than once.
        items, (place,) = united([names])
        whole = {
            name: added(_renumbered(rows, place), cls.kinds[name].keys)
            for name, rows in sums.items()
        }
        made = cls(blank, items, whole)
        if not made._possible():
            raise cls._foreign("its numbers are no sums over submissions")
        return made

    def _possible(self) -> bool:
        """Whether there can be submissions with these sums."""
        raise NotImplementedError

    @classmethod
    def _shaped(cls, table: pa.Table) -> pa.Table:
        """The table with just these columns and types, and no nulls."""
        wanted = cls.empty().to_arrow().schema
        try:
            shaped = table.select(wanted.names).cast(wanted)
        except (KeyError, ValueError, pa.ArrowException) as error:
            raise cls._foreign(str(error)) from error
        if any(column.null_count for column in shaped.columns):
            raise cls._foreign("a quiz without its sums")
        if shaped["items"].combine_chunks().flatten().null_count:
            raise cls._foreign("an item without a name")
        return shaped

    @classmethod
    def _unpacked(cls, lists: pa.Array, kind: Kind, size: Ints) -> dict[str, Any]:
        """Columns of one table, its items numbered within each quiz."""
        flat = lists.flatten()
        quiz = np.asarray(pc.list_parent_indices(lists), np.int64)
        values = dict(zip(kind.fields(), flat.flatten(), strict=True))
        if flat.null_count or any(column.null_count for column in values.values()):
            raise cls._foreign("a sum is null")
        rows = {key: _numbers(values[key], kind) for key, kind in kind.fields().items()}
        for key in _OWNERS:
            if key in rows and np.any((rows[key] < 0) | (rows[key] >= size[quiz])):
                raise cls._foreign(f"{key} has numbers of no item")
        if np.any(rows["n"] < 1):
            raise cls._foreign("a sum over no submissions")
        return rows

    @classmethod
    def _foreign(cls, why: str) -> MergeError:
        return MergeError(f"not a table of {cls.name}: {why}")


def added(rows: Columns, keys: Sequence[str]) -> Columns:
    """Sum the other columns over equal keys, ascending."""
    first, place = distinct([rows[key] for key in keys])
    result = {}
    for name, values in rows.items():
        if name in keys:
            result[name] = values[first]
            continue
        if values.dtype != object:
            guard(values)
        result[name] = np.zeros(len(first), values.dtype)
        np.add.at(result[name], place, values)
    return result


def _renumbered(rows: Columns, place: Ints) -> Columns:
    """The same rows under other numbers of their items."""
    return {**rows, **{key: place[rows[key]] for key in _OWNERS if key in rows}}


def _numbers(values: Any, kind: pa.DataType) -> npt.NDArray[Any]:  # noqa: ANN401
    """Integers as numpy: of 64 bits, or of any size."""
    if kind != WIDE:
        return np.array(values, np.int64)
    result = np.empty(len(values), object)
    result[:] = [int(value.as_py()) for value in values]
    return result
