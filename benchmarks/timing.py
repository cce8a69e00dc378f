"""Time several ways of one piece of work, fairly on a machine that is not quiet.

They are called in rounds, each once a round, so that noise meets all of them; what
counts is the ratio of the medians. Before that each is called once to warm up, and
then its peak memory is taken: what the process holds at most beyond what it held.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import pyarrow as pa

READ = "reading the scores once (x.max())"
_HEAD = f"{'':<54}{'time':>10}  {'x ours':>8}  {'x read':>8}  {'memory':>9}"


class Elapsed(float):
    """Seconds that another process has measured itself."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Way:
    """One way to do the work, on a share of the rows where all would take too long."""

    name: str
    call: Callable[[], object]
    share: float = 1.0


@dataclass(frozen=True, slots=True)
class Work:
    """What is done, and the ways to do it; ours comes first."""

    title: str
    ways: Sequence[Way]


class Case(Protocol):
    """Makes the data, small or of full size, and says who does what with it."""

    def __call__(self, *, small: bool) -> Work:
        """Make the work."""
        ...


def timed(call: Callable[[], object]) -> float:
    """Seconds that one call takes."""
    gc.collect()
    start = time.perf_counter()
    result = call()
    taken = time.perf_counter() - start
    return float(result) if isinstance(result, Elapsed) else taken


def peak(call: Callable[[], object]) -> int | None:
    """Bytes held at most during a call, beyond those before; None if not on Linux."""
    reset, status = Path("/proc/self/clear_refs"), Path("/proc/self/status")
    gc.collect()
    pa.default_memory_pool().release_unused()
    try:
        reset.write_text("5")
    except OSError:
        call()
        return None

    def held(name: str) -> int:
        line = next(x for x in status.read_text().splitlines() if x.startswith(name))
        return int(line.split()[1]) * 1024

    before = held("VmRSS")
    call()
    return max(0, held("VmHWM") - before)


def lines(work: Work, n: int) -> Iterator[str]:
    """Measure; give the lines of the table as they should stand."""
    memory = {way.name: peak(way.call) for way in work.ways}
    times: dict[str, list[float]] = {way.name: [] for way in work.ways}
    for _ in range(n):
        for way in work.ways:
            times[way.name].append(timed(way.call))
    yield f"{work.title}\n{_HEAD}"
    medians = {w.name: statistics.median(times[w.name]) / w.share for w in work.ways}
    ours, read = next(iter(medians.values())), medians.get(READ)
    for way in work.ways:
        taken, held = medians[way.name], memory[way.name]
        share = f", {way.share:.0%} of the rows" if way.share < 1 else ""
        times_read = f"{taken / read:8.1f}" if read else f"{'':8}"
        unknown = held is None or way.share < 1
        size = "" if unknown else f"{held / 1e6:,.0f} MB"
        yield (
            f"  {way.name + share:<52}{taken:10.4f}  {taken / ours:8.2f}  "
            f"{times_read}  {size:>9}"
        )
