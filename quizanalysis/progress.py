"""Progress: the record that the reports API documents, and the callback's throttle.

The record reads no clock: whoever moves a progress says when that was. The throttle
reads one, so that a callback is told often enough of long work, and not too often.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from time import monotonic
from typing import Any, Literal

__all__ = [
    "QUIET",
    "Meter",
    "Progress",
    "ProgressCallback",
    "WorkflowState",
    "metered",
    "throttled",
]

ProgressCallback = Callable[[int, int], object]
"""Called as ``callback(done, total)``, in the caller's thread.

``done`` never falls; the first call is ``(0, total)``, the last ``(total, total)``.
Between them it is called whenever a step of the work is done, but ten times a second at
most. An exception that it raises ends the work.
"""

_APART = 0.1
"""Seconds between two calls, at least."""

WorkflowState = Literal["queued", "running", "completed", "failed"]

_NEXT: Mapping[WorkflowState, tuple[WorkflowState, ...]] = {
    "queued": ("running", "failed"),
    "running": ("running", "completed", "failed"),
    "completed": (),
    "failed": (),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far a report has come: the ten fields of the reports API, and two more.

    Attributes
    ----------
    id : str
        Names this run.
    context_id : str
        What the report is about: the quiz.
    context_type : str
        ``"Assignment"``, as in the API.
    user_id : str or None
        Who asked for it.
    completion : float
        Percent, 0 to 100; never falls; 100 exactly when completed.
    workflow_state : {"queued", "running", "completed", "failed"}
        The last two are final.
    created_at, updated_at : datetime
        With a time zone.
    results : mapping or None
        ``{"url": ...}`` of the finished report; None until completed.
    url : str or None
        Where this progress can be asked for, if anywhere.
    tag : str or None
        What kind of work it is; clients of Canvas read it.
    message : str or None
        Why it failed, or that it was cancelled.

    Raises
    ------
    ValueError
        Where these contradict what is said above.
    """

    id: str
    context_id: str
    context_type: str = "Assignment"
    user_id: str | None = None
    completion: float = 0.0
    workflow_state: WorkflowState = "queued"
    created_at: datetime
    updated_at: datetime
    results: Mapping[str, str] | None = None
    url: str | None = None
    tag: str | None = None
    message: str | None = None

    def __post_init__(self) -> None:
        completed = self.workflow_state == "completed"
        if self.workflow_state not in _NEXT:
            msg = f"workflow_state must be one of {', '.join(_NEXT)}"
        elif not 0 <= self.completion <= 100:
            msg = f"completion must be 0 to 100, not {self.completion}"
        elif (self.completion == 100) != completed:
            msg = "completion is 100 exactly when completed"
        elif self.results is not None and not completed:
            msg = f"a {self.workflow_state} report has no results"
        elif self.created_at.tzinfo is None or self.updated_at.tzinfo is None:
            msg = "created_at and updated_at need a time zone"
        else:
            return
        raise ValueError(msg)

    def moved(
        self,
        state: WorkflowState,
        *,
        at: datetime,
        completion: float | None = None,
        results: Mapping[str, str] | None = None,
        message: str | None = None,
    ) -> "Progress":
        """Return this progress after one step; refuse a step that cannot be.

        Parameters
        ----------
        state : {"running", "completed", "failed"}
            The state to go to.
        at : datetime
            The time of the step.
        completion : float, optional
            Percent reached. A smaller one than before is ignored, and short of
            completion it stays below 100.
        results : mapping, optional
            Only with ``"completed"``.
        message : str, optional
            Kept from before when not given.

        Raises
        ------
        ValueError
            From a final state, or back to ``"queued"``.
        """
        if state not in _NEXT[self.workflow_state]:
            msg = f"a {self.workflow_state} report cannot become {state}"
            raise ValueError(msg)
        if state == "completed":
            done = 100.0
        else:
            done = max(self.completion, min(completion or 0.0, 99.0))
        return replace(
            self,
            workflow_state=state,
            completion=done,
            updated_at=at,
            results=results if state == "completed" else None,
            message=self.message if message is None else message,
        )

    def to_dict(self) -> dict[str, object]:
        """Return the fields as the API sends them: times in ISO 8601, UTC with ``Z``.

        Examples
        --------
        >>> noon = datetime(2026, 11, 23, 12, tzinfo=UTC)
        >>> progress = Progress(
        ...     id="9", context_id="12", created_at=noon, updated_at=noon
        ... )
        >>> progress.to_dict()["created_at"]
        '2026-11-23T12:00:00Z'
        >>> Progress.from_dict(progress.to_dict()) == progress
        True
        """
        record = asdict(self)
        for name in _TIMES:
            record[name] = record[name].astimezone(UTC).isoformat()
            record[name] = record[name].replace("+00:00", "Z")
        return record

    @classmethod
    def from_dict(cls, record: Mapping[str, Any]) -> "Progress":
        """Read what `to_dict` or a server gave.

        Parameters
        ----------
        record : mapping
            Also wrapped as ``{"progress": {...}}``, as Canvas does. Fields that are
            not ours are passed over; numbers as ids become text.

        Raises
        ------
        ValueError
            When a field is missing, or says what a progress cannot be.
        """
        inner = record.get("progress", record)
        if not isinstance(inner, Mapping):
            msg = "a progress is a mapping of its fields"
            raise ValueError(msg)  # noqa: TRY004  one kind of error for what is read
        known = {field.name for field in fields(cls)}
        given = {name: inner[name] for name in known & inner.keys()}
        try:
            for name in _TIMES:
                given[name] = datetime.fromisoformat(given[name])
            for name in ("id", "context_id"):
                given[name] = _id(given[name])
            if given.get("user_id") is not None:
                given["user_id"] = _id(given["user_id"])
            given["completion"] = float(given.get("completion") or 0)
            return cls(**given)
        except (KeyError, TypeError) as error:
            msg = f"this is no progress: {error}"
            raise ValueError(msg) from None


_TIMES = ("created_at", "updated_at")


def _id(value: object) -> str:
    if isinstance(value, str | int):
        return str(value)
    msg = f"an id is text or a number, not {value!r}"
    raise TypeError(msg)


@dataclass(frozen=True, slots=True)
class Meter:
    """Takes how much of a piece of work is done, and tells it as a part of the whole.

    A piece that is made of others gives each of them its own meter, by `within`.

    Attributes
    ----------
    tell : callable or None
        Takes the share of the whole that is done; None when nobody listens.
    start, size : float
        The share of the whole that is done before this piece, and what it adds.
    """

    tell: Callable[[float], None] | None
    start: float = 0.0
    size: float = 1.0

    def at(self, done: float, total: float = 1.0) -> None:
        """Take note that so much of this piece has been done."""
        if self.tell is not None:
            share = min(done / total, 1.0) if total else 0.0
            self.tell(self.start + self.size * share)

    def within(self, low: float, high: float) -> "Meter":
        """Give a meter for what is done between these shares of this piece."""
        size = self.size * (high - low)
        return Meter(self.tell, self.start + self.size * low, size)

    def split(self, sizes: Sequence[int]) -> Iterator["Meter"]:
        """Give a meter for each of some pieces of these sizes, one after the other."""
        total, done = max(1, sum(sizes)), 0
        for size in sizes:
            yield self.within(done / total, (done + size) / total)
            done += size


QUIET = Meter(None)
"""What tells nobody."""


@contextmanager
def metered(callback: ProgressCallback | None, total: int) -> Iterator[Meter]:
    """Tell of the beginning, of the work, and of the end when it has gone well.

    Parameters
    ----------
    callback : callable or None
        Called as ``callback(done, total)``; None costs nothing.
    total : int
        The amount of work, at least 0.

    Yields
    ------
    Meter
        Of all the work.

    Examples
    --------
    >>> seen = []
    >>> with metered(lambda done, total: seen.append(done), 200) as meter:
    ...     meter.within(0.0, 0.5).at(30, 100)  # told if the first was long enough ago
    >>> seen[0], seen[-1]
    (0, 200)
    """
    if callback is None:
        yield QUIET
        return
    report = throttled(callback, total)
    report(0)
    yield Meter(lambda share: report(min(int(share * total), total - 1)))
    report(total)


def throttled(callback: ProgressCallback, total: int) -> Callable[[int], None]:
    """Wrap a callback so that it is called ten times a second at most.

    Parameters
    ----------
    callback : callable
        Called as ``callback(done, total)``.
    total : int
        The amount of work, at least 0.

    Returns
    -------
    callable
        ``report(done)``. It passes on the first, the last, and what is more than the
        one before and comes late enough after it.

    Examples
    --------
    >>> seen = []
    >>> report = throttled(lambda done, total: seen.append(done), 1000)
    >>> for done in range(1001):
    ...     report(done)
    >>> seen[0], seen[-1]
    (0, 1000)
    """
    last, when = -1, 0.0

    def report(done: int) -> None:
        nonlocal last, when
        if done <= last:
            return
        now = monotonic()
        if last < 0 or done >= total or now >= when + _APART:
            last, when = done, now
            callback(done, total)

    return report
