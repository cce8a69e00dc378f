"""What the inputs of one mode came to, as sums that can be added and kept in a file."""

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.fuzzing.judging import Outcome

_EXAMPLES, _SLOWEST = 5, 5

GOOD = ("Responses", "DataError")
"""The outcomes that are allowed."""


@dataclass(slots=True)
class Kind:
    """One way to fail: how often, and the first inputs that did."""

    n: int = 0
    text: str = ""
    first: list[int] = field(default_factory=list)


@dataclass(slots=True)
class Counts:
    """Inputs of one mode, by outcome; ``kinds`` are those that are not allowed."""

    inputs: int = 0
    responses: int = 0
    refused: int = 0
    deep: int = 0
    hangs: int = 0
    crashes: int = 0
    kinds: dict[str, Kind] = field(default_factory=dict)
    slowest: list[tuple[float, int]] = field(default_factory=list)
    memory: int = 0

    @property
    def other(self) -> int:
        """Inputs that ended otherwise, without harm to the process."""
        bad = self.inputs - self.responses - self.refused
        return bad - self.hangs - self.crashes

    def count(self, outcome: Outcome, index: int, seconds: float) -> None:
        """Add one input."""
        self.inputs += 1
        self.responses += outcome.kind == "Responses"
        self.refused += outcome.kind == "DataError"
        self.deep += outcome.deep
        self.slowest = _slowest([*self.slowest, (round(seconds, 3), index)])
        if outcome.kind not in GOOD:
            where = f" at {outcome.where}" if outcome.where else ""
            self._keep(outcome.kind + where, Kind(1, outcome.text, [index]))

    def count_end(self, *, hang: bool, how: str, index: int) -> None:
        """Add an input that hung or ended its process."""
        self.inputs += 1
        self.hangs += hang
        self.crashes += not hang
        self._keep(how, Kind(1, "", [index]))

    def add(self, other: "Counts") -> None:
        """Add what was counted elsewhere."""
        for name in ("inputs", "responses", "refused", "deep", "hangs", "crashes"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for kind, found in other.kinds.items():
            self._keep(kind, found)
        self.slowest = _slowest([*self.slowest, *other.slowest])
        self.memory = max(self.memory, other.memory)

    def _keep(self, kind: str, found: Kind) -> None:
        kept = self.kinds.setdefault(kind, Kind(text=found.text))
        kept.n += found.n
        kept.first = sorted([*kept.first, *found.first])[:_EXAMPLES]

    @classmethod
    def of(cls, saved: Mapping[str, Any]) -> "Counts":
        """Make it of what JSON has."""
        kinds = {name: Kind(**kind) for name, kind in saved["kinds"].items()}
        slowest = [(seconds, index) for seconds, index in saved["slowest"]]
        return cls(**{**saved, "kinds": kinds, "slowest": slowest})


def _slowest(inputs: list[tuple[float, int]]) -> list[tuple[float, int]]:
    return sorted(inputs, key=lambda one: (-one[0], one[1]))[:_SLOWEST]


Chunk = tuple[str, int, int]
"""Inputs of a mode, from an index to before another."""


@dataclass(slots=True)
class State:
    """How far a run has come: what is counted, handed out next, and still to be done.

    A chunk that was handed out and not finished stays in ``pending``, so that a run
    that goes on counts each input once.
    """

    seed: int
    counts: dict[str, Counts] = field(default_factory=dict)
    handed_out: dict[str, int] = field(default_factory=dict)
    pending: list[Chunk] = field(default_factory=list)

    @property
    def failures(self) -> int:
        """Inputs with another outcome than the two."""
        all_of_them = self.counts.values()
        return sum(c.inputs - c.responses - c.refused for c in all_of_them)

    def write(self, path: Path) -> None:
        """Put it in the place of the file at once."""
        new = path.with_name(f"{path.name}.new")
        with new.open("w", encoding="utf-8") as file:
            json.dump(asdict(self), file)
            file.flush()
            os.fsync(file.fileno())
        new.replace(path)

    @classmethod
    def read(cls, path: Path) -> "State":
        """Read what `write` wrote."""
        saved = json.loads(path.read_text(encoding="utf-8"))
        counts = {mode: Counts.of(one) for mode, one in saved["counts"].items()}
        pending = [(mode, start, stop) for mode, start, stop in saved["pending"]]
        return cls(saved["seed"], counts, saved["handed_out"], pending)
