"""Progress: the record that the reports API documents, and the callback's throttle.

No clock is read here: whoever moves a progress says when that was.
"""

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Literal

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
    """How far a report has come: the ten fields of the reports API.

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

    def moved(
        self,
        state: WorkflowState,
        *,
        at: datetime,
        completion: float | None = None,
        results: Mapping[str, str] | None = None,
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
        )

    def to_dict(self) -> dict[str, object]:
        """Return the ten fields as the API sends them: times in ISO 8601."""
        fields = asdict(self)
        for name in ("created_at", "updated_at"):
            fields[name] = fields[name].isoformat().replace("+00:00", "Z")
        return fields


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
