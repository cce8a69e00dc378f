"""``python -m benchmarks.fuzz``: whatever comes in, `Responses` or `DataError`.

Damaged files of every format, tables of odd types and arrays of odd objects are read,
and a sample of what was read is analysed, in processes that are watched. Anything else
than the two outcomes is counted, with the first inputs that had it: an input is a
function of ``--mode``, ``--seed`` and its index, which ``--index`` reads once more.
Ctrl-C ends a run at any time; with ``--state`` the next one goes on from there.
"""

import argparse
import faulthandler
import sys
import time
from pathlib import Path

from benchmarks.fuzzing.counts import GOOD, Counts, State
from benchmarks.fuzzing.depth import examine
from benchmarks.fuzzing.judging import Judge, chance_of
from benchmarks.fuzzing.modes import MODES, parts_of
from benchmarks.fuzzing.running import PATIENCE, limit_memory, run

_HEAD = ("mode", "inputs", "Responses", "DataError", "in depth", "other", "hangs")
_MORE = ("crashes", "slowest", "memory")


def table(state: State) -> str:
    """What each mode came to, and all together."""
    rows = [[*_HEAD, *_MORE]]
    every = Counts()
    for mode, counts in state.counts.items():
        rows.append(_row(mode, counts))
        every.add(counts)
    rows.append(_row("all", every))
    sizes = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(
            cell.ljust(size) if at == 0 else cell.rjust(size)
            for at, (cell, size) in enumerate(zip(row, sizes, strict=True))
        )
        for row in rows
    )


def _row(mode: str, counts: Counts) -> list[str]:
    numbers = (
        *(counts.inputs, counts.responses, counts.refused, counts.deep),
        *(counts.other, counts.hangs, counts.crashes),
    )
    seconds, index = counts.slowest[0] if counts.slowest else (0.0, 0)
    slowest = f"{seconds:.2f} s" + ("" if mode == "all" else f" ({index})")
    return [
        mode,
        *map("{:,}".format, numbers),
        slowest,
        f"{counts.memory / 1e6:.0f} MB",
    ]


def failures(state: State) -> list[str]:
    """Each way to fail, the most frequent first, and how to see it."""
    found = [
        (kind.n, mode, name, kind)
        for mode, counts in state.counts.items()
        for name, kind in counts.kinds.items()
    ]
    lines = []
    for n, mode, name, kind in sorted(found, key=lambda one: (-one[0], *one[1:3])):
        first = " ".join(map(str, kind.first))
        lines.append(f"{n:,} x {mode}: {name}")
        if kind.text:
            lines.append(f"    {kind.text!r}")
        lines.append(f"    --mode {mode} --seed {state.seed} --index {first}")
    return lines


def slowest(state: State) -> list[str]:
    """The inputs that took longest, of all modes."""
    every = sorted(
        ((*one, mode) for mode, c in state.counts.items() for one in c.slowest),
        reverse=True,
    )
    return [
        f"{seconds:8.2f} s  --mode {mode} --seed {state.seed} --index {index}"
        for seconds, index, mode in every[:10]
    ]


def repeat(mode: str, seed: int, index: int, save: Path | None) -> int:
    """Make one input once more; save it, read it, and say what comes of it."""
    make = MODES[mode].make
    one = make(chance_of(mode, seed, index))
    parts = parts_of(one.content)
    for at, part in enumerate(parts if save else ()):
        name = save.name if len(parts) == 1 else f"{save.stem}-{at}{save.suffix}"
        save.with_name(name).write_bytes(part)
        print(f"wrote {len(part):,} bytes to {save.with_name(name)}")
    print(f"{mode}, {', '.join(f'{len(part):,} bytes' for part in parts)}", flush=True)
    outcome = Judge(show=True).judge(make, chance_of(mode, seed, index), examine)
    print(f"{outcome.kind} {outcome.where}\n{outcome.text}".strip())
    return int(outcome.kind not in GOOD)


def main() -> int:
    """Run, or show one input."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.fuzz",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add = parser.add_argument
    add("--mode", choices=MODES, help="only this one")
    add("--seed", type=int, default=0, help="other inputs for another (0)")
    add("--index", type=int, help="only this input of the mode, with its traceback")
    add("--save", type=Path, help="where to write that input")
    add("--inputs", type=int, default=1_000_000, help="how many in all (1,000,000)")
    add("--minutes", type=float, help="end after so many")
    add("--workers", type=int, default=1, help="processes (1)")
    add("--state", type=Path, help="file that a run continues, and leaves")
    options = parser.parse_args()
    if options.index is not None:
        if options.mode is None:
            parser.error("--index needs --mode")
        limit_memory()
        faulthandler.enable()
        faulthandler.dump_traceback_later(PATIENCE, exit=True)
        return repeat(options.mode, options.seed, options.index, options.save)
    start = time.monotonic()
    state = _run(parser, options)
    print(f"seed {state.seed}, {time.monotonic() - start:,.0f} s\n\n{table(state)}")
    for title, lines in (("slowest", slowest(state)), ("failures", failures(state))):
        if lines:
            print(f"\n{title}:", *lines, sep="\n")
    return int(state.failures > 0)


def _run(parser: argparse.ArgumentParser, options: argparse.Namespace) -> State:
    modes = {options.mode: MODES[options.mode]} if options.mode else MODES
    try:
        return run(
            modes,
            examine,
            inputs=options.inputs,
            seed=options.seed,
            workers=options.workers,
            seconds=options.minutes and 60 * options.minutes,
            path=options.state,
            say=_tell,
        )
    except ValueError as error:  # the state is of another seed
        parser.error(str(error))


def _tell(state: State) -> None:
    """Say on a terminal how far it has come."""
    if not sys.stderr.isatty():
        return
    n = sum(counts.inputs for counts in state.counts.values())
    print(f"\r{n:,} inputs, {state.failures:,} failures", end=" ", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
