"""The jobs and their steps, each of which the database takes or refuses."""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from quizanalysis.progress import WorkflowState
from quizanalysis.service._database import Database
from quizanalysis.service._table import JOBS, LIVE, Job

__all__ = ["Store"]

_AT_ONCE = 1000  # databases limit the values in a statement
_Condition = sa.ColumnElement[bool]


class Store:
    """The jobs as one worker sees them.

    Every step is one statement whose WHERE says what must be so, and tells whether it
    was taken; so it holds among threads and among processes.

    Parameters
    ----------
    database : Database
    worker : str
        Who takes jobs up here.
    lease_s, limit_s : float
        How long a worker is believed to live after its last sign of life, and how
        long a job may take.
    """

    def __init__(
        self, database: Database, *, worker: str, lease_s: float, limit_s: float
    ) -> None:
        self._database, self._worker = database, worker
        self._lease_s, self._limit_s = lease_s, limit_s
        self._abandoned = sa.and_(LIVE, JOBS.c.lease < database.now)
        self._overdue = sa.and_(LIVE, JOBS.c.deadline < database.now)
        passed = sa.or_(JOBS.c.lease < database.now, JOBS.c.deadline < database.now)
        self._late = sa.and_(LIVE, passed)
        self._query = sa.select(
            *(JOBS.c[name] for name in Job.__slots__ if name in JOBS.c),
            self._abandoned.label("abandoned"),
            self._overdue.label("overdue"),
        )
        database.make(JOBS)

    def get(self, number: int) -> Job | None:
        """Find a job by its id."""
        return _first(self._select(JOBS.c.id == number))

    def of_file(self, file: str) -> Job | None:
        """Find the completed job that made a file."""
        return _first(self._select(JOBS.c.file == file, JOBS.c.state == "completed"))

    def live(self, course_id: str, assignment_id: str, report_type: str) -> Job | None:
        """Find the one job that is queued or running for a report."""
        return _first(
            self._select(
                JOBS.c.course_id == course_id,
                JOBS.c.assignment_id == assignment_id,
                JOBS.c.report_type == report_type,
                LIVE,
            )
        )

    def late(self) -> list[Job]:
        """List the jobs whose worker gives no sign of life, or that take too long.

        The oldest comes first. Sorted here: for an ORDER BY, SQLite would rather read
        the whole table.
        """
        return sorted(self._select(self._late), key=lambda job: job.id)

    def ended_before(self, age_s: float) -> list[Job]:
        """List the jobs that were completed or failed so long ago."""
        return self._select(~LIVE, JOBS.c.updated_at <= self._database.now - age_s)

    def forget(self, number: int) -> bool:
        """Take the row of an ended job away; False when somebody did already."""
        row = sa.delete(JOBS).where(JOBS.c.id == number, ~LIVE)
        return self._database.update(row) == 1

    def insert(self, **fields: str | None) -> int | None:
        """Queue a job for this worker; None when there is a live one."""
        now = self._database.now
        values = fields | self._held() | {"created_at": now, "updated_at": now}
        values |= {"state": "queued", "completion": 0}
        return self._database.insert(sa.insert(JOBS).values(values))

    def adopt(self, number: int) -> bool:
        """Take over a queued job whose worker gives no sign of life."""
        ours = self._held()
        return self._step(number, JOBS.c.state == "queued", self._abandoned, **ours)

    def start(self, number: int, file: str) -> bool:
        """From queued to running."""
        values = self._held() | {"state": "running", "file": file}
        return self._step(number, *self._mine("queued"), **values)

    def advance(self, number: int, percent: int) -> bool:
        """Raise the completion."""
        more = JOBS.c.completion < percent
        return self._step(number, *self._mine("running"), more, completion=percent)

    def complete(self, number: int) -> bool:
        """From running to completed."""
        values = {"state": "completed", "completion": 100}
        return self._step(number, *self._mine("running"), **values)

    def fail(self, number: int, message: str) -> bool:
        """Fail a job of this worker."""
        mine = self._mine("queued", "running")
        return self._step(number, *mine, state="failed", message=message)

    def fail_late(self, number: int, message: str) -> bool:
        """Fail anybody's job, if it is still late."""
        return self._step(number, self._late, state="failed", message=message)

    def cancel(self, number: int, message: str) -> bool:
        """Fail anybody's job that is not final."""
        return self._step(number, LIVE, state="failed", message=message)

    def renew(self, numbers: Sequence[int]) -> None:
        """Give a sign of life for these jobs."""
        lease = self._database.now + self._lease_s
        change = sa.update(JOBS).where(*self._mine("queued", "running"))
        for start in range(0, len(numbers), _AT_ONCE):
            some = JOBS.c.id.in_(numbers[start : start + _AT_ONCE])
            self._database.update(change.where(some).values(lease=lease))

    def release(self) -> None:
        """Let others take over at once what this worker has queued."""
        queued = sa.and_(*self._mine("queued"))
        self._database.update(sa.update(JOBS).where(queued).values(lease=0.0))

    def _held(self) -> dict[str, Any]:
        return {
            "worker": self._worker,
            "lease": self._database.now + self._lease_s,
            "deadline": self._database.now + self._limit_s,
        }

    def _mine(self, *states: WorkflowState) -> tuple[_Condition, ...]:
        return JOBS.c.worker == self._worker, JOBS.c.state.in_(states)

    def _step(self, number: int, *conditions: _Condition, **values: object) -> bool:
        change = sa.update(JOBS).where(JOBS.c.id == number, *conditions)
        change = change.values(updated_at=self._database.now, **values)
        return self._database.update(change) == 1

    def _select(self, *conditions: _Condition) -> list[Job]:
        rows = self._database.select(self._query.where(*conditions))
        return [Job(**row) for row in rows]


def _first(jobs: list[Job]) -> Job | None:
    return jobs[0] if jobs else None
