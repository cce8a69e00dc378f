"""Progress: the record that the reports API documents, and the callback's throttle.

No clock is read here: whoever moves a progress says when that was.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any, Literal

__all__ = ["Progress", "ProgressCallback", "WorkflowState", "throttled"]

ProgressCallback = Callable[[int, int], object]
"""Called as ``callback(done, total)``, in the caller's thread.

``done`` never falls; the first call is ``(0, total)``, the last ``(total, total)``,
and there are about 100 at most. An exception that it raises ends the run.
"""

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


def throttled(
    callback: ProgressCallback | None, total: int, *, calls: int = 100
) -> Callable[[int], None]:
    """Wrap a callback so that it is called about `calls` times at most.

    Parameters
    ----------
    callback : callable or None
        Called as ``callback(done, total)``; None costs nothing.
    total : int
        The amount of work, at least 0.

    Returns
    -------
    callable
        ``report(done)``. It passes on the first, the last, and each further percent.

    Examples
    --------
    >>> seen = []
    >>> report = throttled(lambda done, total: seen.append(done), 1000, calls=4)
    >>> for done in range(1001):
    ...     report(done)
    >>> seen
    [0, 250, 500, 750, 1000]
    """
    if callback is None:
        return lambda _done: None
    step = max(1, -(-total // calls))
    last = -step

    def report(done: int) -> None:
        nonlocal last
        if done >= last + step or (done >= total > last):
            last = done
            callback(done, total)

    return report
