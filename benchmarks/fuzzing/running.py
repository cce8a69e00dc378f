"""Child processes that read one input after another, and what watches over them.

The parent hands out chunks of a hundred inputs. A child writes the index of each
input into memory that both share before it begins, and sends the sums of a chunk when
it is done. One that stands still is ended; whether it was that or the child died by
itself, the input is counted as the cause, the rest of the chunk is handed out again,
and a new child takes the place of the old.
"""

import faulthandler
import gc
import mmap
import os
import resource
import signal
import struct
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from pathlib import Path
from random import Random
from threading import current_thread, main_thread
from typing import Any

import pyarrow as pa

from benchmarks.fuzzing.counts import Chunk, Counts, State
from benchmarks.fuzzing.judging import Judge, chance_of, reported_frame
from benchmarks.fuzzing.modes import Mode

_CHUNK = 100
_ROOM = 3 << 30
"""Bytes of address space that reading may take beyond what a child starts with."""

PATIENCE = 20.0
"""Seconds that one input may take."""

_LOOK = 0.25
_WRITE = 5.0
"""Seconds between looks at the children, and between states on disk."""

Examine = Callable[[Any, Random], None]
Say = Callable[[State], None]


# ---- the child ----------------------------------------------------------------------


def _work(
    pipe: Connection,
    folder: str,
    modes: Mapping[str, Mode],
    seed: int,
    examine: Examine,
) -> None:
    """Judge the inputs of each chunk that comes, until there is none."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent decides
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    tempfile.tempdir = folder
    log = open(Path(folder, "log"), "wb")  # noqa: SIM115, PTH123  open till the end
    faulthandler.enable(log)
    pa.set_cpu_count(1)
    with Path(folder, "at").open("r+b") as file:
        at = mmap.mmap(file.fileno(), 8)
    judge = Judge()
    gc.freeze()
    gc.disable()  # once a chunk is enough, and looking for garbage takes time
    pipe.send(None)  # ready
    with suppress(EOFError):
        while chunk := pipe.recv():
            pipe.send(_chunk(chunk, modes, seed, judge, examine, at))


def _chunk(
    chunk: Chunk,
    modes: Mapping[str, Mode],
    seed: int,
    judge: Judge,
    examine: Examine,
    at: mmap.mmap,
) -> Counts:
    mode, start, stop = chunk
    counts = Counts()
    _forget_peak()
    # Allocators reserve addresses that they never use: hours of these are no failure.
    limit_memory()
    for index in range(start, stop):
        at[:] = struct.pack("q", index)
        began = time.process_time()
        outcome = judge.judge(modes[mode].make, chance_of(mode, seed, index), examine)
        counts.count(outcome, index, time.process_time() - began)
    counts.memory = _peak()
    gc.collect()
    return counts


def limit_memory() -> None:
    """Let the process have so much more memory than it has, and leave no core files."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    with suppress(OSError):
        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
        most = pages * resource.getpagesize() + _ROOM
        _, hard = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (most, hard))


def _forget_peak() -> None:
    with suppress(OSError):
        Path("/proc/self/clear_refs").write_text("5", "ascii")


def _peak() -> int:
    """The most bytes held since `_forget_peak`, or ever where that is not possible."""
    with suppress(OSError, StopIteration):
        lines = Path("/proc/self/status").read_text("ascii").splitlines()
        line = next(line for line in lines if line.startswith("VmHWM"))
        return int(line.split()[1]) * 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


# ---- the parent ---------------------------------------------------------------------


class _Child:
    """A process, the chunk that it has, and when it was last seen to move."""

    def __init__(self, *given: Any) -> None:
        self._folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        Path(self._folder.name, "log").touch()
        place = Path(self._folder.name, "at")
        place.write_bytes(bytes(8))
        with place.open("r+b") as file:
            self._at = mmap.mmap(file.fileno(), 8)
        context = get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self._process = context.Process(
            target=_work, args=(theirs, self._folder.name, *given), daemon=True
        )
        self._process.start()
        theirs.close()
        self.ready = False
        self.chunk: Chunk | None = None
        self._seen, self._moved = -1, 0.0

    def give(self, chunk: Chunk) -> None:
        """Hand it a chunk."""
        self.chunk = chunk
        self._at[:] = struct.pack("q", chunk[1])
        self._seen, self._moved = chunk[1], time.monotonic()
        with suppress(ConnectionError):  # it is found dead in the next round
            self.pipe.send(chunk)

    @property
    def index(self) -> int:
        """The input that it is at."""
        return struct.unpack("q", self._at[:])[0]

    def stands_still(self, patience: float) -> bool:
        """Say whether it has been at one input for too long."""
        if self.index != self._seen:
            self._seen, self._moved = self.index, time.monotonic()
        return self.chunk is not None and time.monotonic() - self._moved > patience

    def abort(self) -> None:
        """Let it write where it is, and die."""
        os.kill(self._process.pid, signal.SIGABRT)
        self._process.join(2)

    def died_of(self) -> str:
        """Say by which signal or status."""
        self._process.join(2)
        code = self._process.exitcode
        return signal.Signals(-code).name if code and code < 0 else f"exit {code}"

    def was_in(self) -> str:
        """Say in which function it died."""
        log = Path(self._folder.name, "log").read_text("utf-8", "replace")
        where = reported_frame(log)
        return f" at {where}" if where else ""

    def close(self) -> None:
        """End it, whatever it does."""
        self._process.kill()
        self._process.join()
        self.pipe.close()
        self._folder.cleanup()


@dataclass(slots=True)
class _Plan:
    """Which chunk comes next: of the mode that is farthest behind its weight."""

    state: State
    modes: Mapping[str, Mode]
    inputs: int
    given: list[Chunk] = field(default_factory=list)

    def next(self) -> Chunk | None:
        """Take a chunk that was left, or a new one; None when all are handed out."""
        left = self._left()
        chunk = left[0] if left else self._new()
        if left:
            self.state.pending.remove(left[0])
        if chunk is not None:
            self.given.append(chunk)
        return chunk

    def _left(self) -> list[Chunk]:
        """What an earlier run did not finish, of these modes."""
        return [chunk for chunk in self.state.pending if chunk[0] in self.modes]

    def _new(self) -> Chunk | None:
        handed_out, targets = self.state.handed_out, self._targets()
        behind = {
            mode: handed_out.get(mode, 0) / self.modes[mode].weight
            for mode, target in targets.items()
            if handed_out.get(mode, 0) < target
        }
        if not behind:
            return None
        mode = min(behind, key=lambda mode: behind[mode])
        start = handed_out.get(mode, 0)
        handed_out[mode] = min(start + _CHUNK, targets[mode])
        return mode, start, handed_out[mode]

    def _targets(self) -> dict[str, int]:
        """How many each mode has in the end, as if they took turns by weight.

        More inputs in all are never fewer of a mode, so that runs can be continued.
        """
        turns, rest = divmod(self.inputs, sum(m.weight for m in self.modes.values()))
        targets = {}
        for name, mode in self.modes.items():
            last = min(rest, mode.weight)
            targets[name] = turns * mode.weight + last
            rest -= last
        return targets

    def is_done(self) -> bool:
        """Say whether nothing is left to hand out, and nothing is out."""
        handed_out = self.state.handed_out
        rest = any(handed_out.get(m, 0) < n for m, n in self._targets().items())
        return not (self.given or self._left() or rest)

    def done(self, chunk: Chunk, counts: Counts) -> None:
        """Add what a chunk came to."""
        self.given.remove(chunk)
        self.state.counts.setdefault(chunk[0], Counts()).add(counts)

    def broken(self, chunk: Chunk, index: int, *, hang: bool, how: str) -> None:
        """Blame the input, and leave those around it to be done."""
        mode, start, stop = chunk
        counts = Counts()
        counts.count_end(hang=hang, how=how, index=index)
        self.done(chunk, counts)
        parts = [(mode, start, index), (mode, index + 1, stop)]
        self.state.pending += [part for part in parts if part[1] < part[2]]

    def write(self, path: Path | None) -> None:
        """Keep the state, with the chunks that the children have among the pending."""
        if path is not None:
            left = [*self.given, *self.state.pending]
            State(
                self.state.seed, self.state.counts, self.state.handed_out, left
            ).write(path)


def run(  # noqa: PLR0913  each is a choice of the caller
    modes: Mapping[str, Mode],
    examine: Examine,
    *,
    inputs: int,
    seed: int = 0,
    workers: int = 1,
    seconds: float | None = None,
    path: Path | None = None,
    patience: float = PATIENCE,
    say: Say = lambda _state: None,
) -> State:
    """Judge inputs until there are so many, of this run and those before it.

    Parameters
    ----------
    modes, examine
        What makes inputs, and what looks at `Responses` in depth. Both must be
        importable by the children.
    inputs : int
        The total over all modes; less when `seconds` are over, or SIGINT or SIGTERM
        come.
    seed, path
        What the inputs are made of, and where the state is kept; a file that is there
        goes on.
    patience : float
        Seconds that one input may take.
    say : callable
        Is told the state whenever it is written.
    """
    state = State.read(path) if path is not None and path.exists() else State(seed)
    if state.seed != seed:
        msg = f"{path} is of seed {state.seed}, not {seed}: take another file"
        raise ValueError(msg)
    plan = _Plan(state, modes, inputs)
    start = partial(_Child, modes, seed, examine)
    end = float("inf") if seconds is None else time.monotonic() + seconds
    with _stopping() as stopped, ExitStack() as stack:
        children = [start() for _ in range(workers)]
        stack.callback(lambda: [child.close() for child in children])
        written = time.monotonic()
        while not (stopped or plan.is_done() or time.monotonic() > end):
            for child in _look_after(plan, children, patience):
                child.close()
                children[children.index(child)] = start()
            if time.monotonic() - written > _WRITE:
                plan.write(path)
                say(state)
                written = time.monotonic()
        plan.write(path)
    return state


def _look_after(
    plan: _Plan, children: Sequence[_Child], patience: float
) -> list[_Child]:
    """Hand out chunks and take what they came to; give the children that are lost."""
    for child in children:
        if child.ready and child.chunk is None and (chunk := plan.next()):
            child.give(chunk)
    told = wait([child.pipe for child in children], _LOOK)
    lost = []
    for child in children:
        if child.pipe in told:
            try:
                counts = child.pipe.recv()
            except (EOFError, ConnectionError):
                how = f"{child.died_of()}{child.was_in()}"
                if child.chunk is None:
                    raise RuntimeError(f"a child does not start: {how}") from None
                plan.broken(child.chunk, child.index, hang=False, how=how)
                lost.append(child)
                continue
            if child.chunk is not None:
                plan.done(child.chunk, counts)
            child.ready, child.chunk = True, None
        elif child.chunk is not None and child.stands_still(patience):
            child.abort()
            how = f"hang{child.was_in()}"
            plan.broken(child.chunk, child.index, hang=True, how=how)
            lost.append(child)
    return lost


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """Hear SIGINT and SIGTERM, rather than be ended by them."""
    heard: list[int] = []
    names = (signal.SIGINT, signal.SIGTERM)
    if current_thread() is not main_thread():
        yield heard
        return
    before = [signal.signal(name, lambda got, _: heard.append(got)) for name in names]
    try:
        yield heard
    finally:
        for name, handler in zip(names, before, strict=True):
            signal.signal(name, handler)
