"""``python -m benchmarks``: print one table of ratios.

Each case is timed in rounds, one call of every contestant a round, so that a noisy
machine is noisy for all of them; what counts is the ratio of the medians. ``--small``
is for a quick check that everything still runs and agrees.
"""

import argparse
import statistics
import time
from collections.abc import Callable, Mapping

from benchmarks.cases import CASES, Case
from benchmarks.matrices import MATRICES

Contestants = Mapping[str, Callable[[], object]]


def rounds(contestants: Contestants, n: int) -> dict[str, float]:
    """Median time of each contestant over interleaved rounds, in seconds."""
    times: dict[str, list[float]] = {name: [] for name in contestants}
    for _ in range(n):
        for name, call in contestants.items():
            start = time.perf_counter()
            call()
            times[name].append(time.perf_counter() - start)
    return {name: statistics.median(taken) for name, taken in times.items()}


def show(case: Case, *, small: bool, n: int) -> None:
    """Time one case and print its rows, the first contestant being ours."""
    work, contestants = case(small=small)
    taken = rounds(contestants, n)
    ours = next(iter(taken.values()))
    print(f"\n{work}")
    for name, seconds in taken.items():
        ratio = f"{seconds / ours:>9.2f} x ours"
        if seconds < ours:
            ratio += f"; ours is {ours / seconds:.1f} x it"
        print(f"  {name:<58}{seconds:>9.4f} s{ratio}")


def main() -> None:
    """Run all cases."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--small", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--rounds", type=int, help="rounds of each case")
    options = parser.parse_args()
    n = options.rounds or (3 if options.small else 7)
    for case in (*CASES, *MATRICES):
        show(case, small=options.small, n=n)


if __name__ == "__main__":
    main()
