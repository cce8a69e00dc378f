"""``python -m benchmarks.progress``: when the callbacks are told, and how long not.

Of a matrix (analysed and written) and of a tidy CSV file (read, analysed and written)
it prints the time of each step, how often its callback was told, and the longest
silence: the longest time without a call, from the beginning of the step to its end, in
seconds and as a share of the whole run. With ``--calls`` it lists every call. Beside
that stands how long the step takes when nobody listens, the better of some rounds.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

import quizanalysis as qa
from quizanalysis.progress import ProgressCallback

_ITEMS = 50
_ROWS = 10_000

Step = tuple[str, Callable[[Any, ProgressCallback | None], Any]]
"""What it is called, and what it makes of what the step before has made."""


@dataclass(frozen=True, slots=True)
class Told:
    """When a callback was told of a step, in seconds from its beginning."""

    name: str
    seconds: float
    calls: list[tuple[float, int, int]]

    def silence(self) -> float:
        """Return the longest time without a call."""
        times = [0.0, *(at for at, _, _ in self.calls), self.seconds]
        return max(after - before for before, after in pairwise(times))


def told(steps: list[Step], *, listening: bool) -> tuple[list[Told], Any]:
    """Do one step after the other, and note when the callback is told."""
    notes, made = [], None
    for name, do in steps:
        calls: list[tuple[float, int, int]] = []
        start = time.perf_counter()

        def listen(
            done: int, total: int, calls: list[Any] = calls, start: float = start
        ) -> None:
            calls.append((time.perf_counter() - start, done, total))

        made = do(made, listen if listening else None)
        notes.append(Told(name, time.perf_counter() - start, calls))
    return notes, made


def lines(steps: list[Step], *, rounds: int, every: bool) -> Iterator[str]:
    """Run the steps by turns with a callback and without; say how it went."""
    heard, quiet = [], []
    for _ in range(rounds):
        heard.append(told(steps, listening=True)[0])
        quiet.append(told(steps, listening=False)[0])
    best = min(heard, key=lambda notes: sum(note.seconds for note in notes))
    whole = sum(note.seconds for note in best)
    yield (
        f"  {'':<10}{'time':>8} {'quiet':>8} {'ratio':>7} {'calls':>6} "
        f"{'silence':>8} {'of the run':>11}"
    )
    for at, note in enumerate(best):
        with_, without = (
            min(notes[at].seconds for notes in several) for several in (heard, quiet)
        )
        yield (
            f"  {note.name:<10}{with_:7.2f}s {without:7.2f}s {with_ / without:7.2f} "
            f"{len(note.calls):6} {note.silence():7.2f}s {note.silence() / whole:11.1%}"
        )
        for when, done, total in note.calls if every else ():
            yield f"    {when:8.2f}s {done:>13,} of {total:,} {done / total:7.1%}"


def analysed() -> list[Step]:
    """Give the steps that follow on responses."""

    def write(report: qa.Report, progress: ProgressCallback | None) -> None:
        with tempfile.TemporaryDirectory() as folder:
            report.write(folder, progress=progress)

    return [
        ("analyze", lambda made, progress: qa.analyze(made, progress=progress)),
        ("write", write),
    ]


def matrix(students: int) -> list[Step]:
    """Give the steps from a matrix to the files."""
    scores = _scores(np.random.default_rng(1), students)
    first: Step = ("matrix", lambda _made, _progress: qa.Responses.from_matrix(scores))
    return [first, *analysed()]


def csv(students: int, folder: str) -> list[Step]:
    """Give the steps from a file to files."""
    path = Path(folder, "tidy.csv")
    rng = np.random.default_rng(1)

    def batches() -> Iterator[pa.Table]:
        for start in range(0, students, _ROWS):
            n = min(_ROWS, students - start)
            scores = _scores(rng, n).ravel()
            names = [f"s{at:07}" for at in range(start, start + n)]
            yield pa.table(
                {
                    "student_id": np.repeat(names, _ITEMS),
                    "item_id": np.tile([f"question{at}" for at in range(_ITEMS)], n),
                    "response": np.where(scores, "A", rng.choice(["B", "C"], n * 50)),
                    "score": scores,
                }
            )

    qa.write_csv(batches(), path)
    print(f"  a file of {path.stat().st_size / 1e6:,.0f} MB")
    return [
        ("read", lambda _made, progress: qa.read(path, progress=progress)),
        *analysed(),
    ]


def _scores(rng: np.random.Generator, students: int) -> np.ndarray:
    """Right or wrong, as a Rasch model has it."""
    ability, difficulty = rng.normal(size=(students, 1)), rng.normal(size=_ITEMS)
    right = rng.random((students, _ITEMS)) < 1 / (1 + np.exp(difficulty - ability))
    return right.astype(np.uint8)


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.progress", description=__doc__
    )
    parser.add_argument("--small", action="store_true", help="a hundredth of the size")
    parser.add_argument("--calls", action="store_true", help="list every call")
    parser.add_argument("--rounds", type=int, default=2)
    options = parser.parse_args()
    n = 1 if options.small else 100
    print(f"{n * 10_000:,} students x {_ITEMS} items, a matrix")
    for line in lines(matrix(n * 10_000), rounds=options.rounds, every=options.calls):
        print(line)
    print(f"{n * 2_500:,} students x {_ITEMS} items, tidy CSV")
    with tempfile.TemporaryDirectory() as folder:
        steps = csv(n * 2_500, folder)
        for line in lines(steps, rounds=options.rounds, every=options.calls):
            print(line)


if __name__ == "__main__":
    main()
