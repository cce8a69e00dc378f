"""Count batches one by one, here or elsewhere, and add as they come."""

from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Executor, Future, wait
from dataclasses import fields, replace
from functools import partial

from quizanalysis._counts.counting import counts
from quizanalysis._counts.merging import merged
from quizanalysis._counts.parts import Blank, Parts, Total, empty
from quizanalysis.responses import Responses

Batch = Responses | Callable[[], Responses | Iterable[Responses]]
"""Responses, or what makes them where they are counted."""

_FEW = 2**16
"""Rows of counts that are not worth a merge of their own."""


def gathered(
    batches: Iterable[Batch],
    blank: Blank,
    total: Total,
    executor: Executor | None = None,
    in_flight: int = 1,
) -> Parts:
    """Count every batch and add the counts."""
    count = partial(_counted, blank=blank, total=total)
    if executor is None:
        return together(map(count, batches))
    return together(_elsewhere(executor, map(_sendable, batches), count, in_flight))


def together(several: Iterable[Parts]) -> Parts:
    """Add counts, those that wait all at once when they are as many as the sum.

    So each is added to about as many again as it is long, however many there are.
    """
    waiting: list[Parts] = []
    size, limit = 0, _FEW
    for parts in several:
        waiting.append(parts)
        size += _size(parts)
        if len(waiting) > 1 and size >= limit:
            waiting = [merged(waiting)]
        if len(waiting) == 1:
            size, limit = 0, max(_FEW, _size(waiting[0]))
    waiting = [parts for parts in waiting if parts.quizzes.num_rows]
    if len(waiting) > 1:
        return merged(waiting)
    return waiting[0] if waiting else empty()


def _size(parts: Parts) -> int:
    """Rows of all tables, and one for being there."""
    return 1 + sum(int(getattr(parts, f.name).num_rows) for f in fields(parts))


def _counted(batch: Batch, blank: Blank, total: Total) -> Parts:
    """Count one batch where it is."""
    made = batch if isinstance(batch, Responses) else _called(batch)
    if not isinstance(made, Responses):
        return gathered(made, blank, total)
    return counts(made, omit_blank=blank == "omit", recorded=total == "recorded")


def _called(batch: object) -> Responses | Iterable[Responses]:
    if not callable(batch):
        msg = f"batches must be Responses, not {type(batch).__name__}"
        raise TypeError(msg)
    made = batch()
    if isinstance(made, Responses) or (
        isinstance(made, Iterable) and not hasattr(made, "columns")
    ):
        return made
    msg = f"a batch must make Responses, not {type(made).__name__}"
    raise TypeError(msg)


def _sendable(batch: Batch) -> Batch:
    """Without what is not counted: answers as they were written, and the students.

    A matrix is less as it is than laid out in rows.
    """
    if not isinstance(batch, Responses) or batch.dense is not None:
        return batch
    return replace(
        batch,
        students=batch.students.slice(0, 0),
        cells=replace(batch.cells, response=None),
    )


def _elsewhere(
    executor: Executor,
    batches: Iterator[Batch],
    count: Callable[[Batch], Parts],
    in_flight: int,
) -> Generator[Parts]:
    """Count some batches at a time; give the counts as they come, in any order."""
    running: set[Future[Parts]] = set()
    try:
        for batch in batches:
            running.add(executor.submit(count, batch))
            if len(running) >= in_flight:
                done, running = wait(running, return_when=FIRST_COMPLETED)
                yield from (future.result() for future in done)
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            yield from (future.result() for future in done)
    finally:
        for future in running:
            future.cancel()
