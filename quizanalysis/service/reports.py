"""Reports: ask for one, see how far it is, fetch it, cancel it."""

import os
from concurrent.futures import Executor
from secrets import token_hex
from typing import Self

from sqlalchemy import Engine

from quizanalysis.errors import ReportConflict, UnknownReport
from quizanalysis.progress import Progress
from quizanalysis.service._database import Database
from quizanalysis.service._files import files_at
from quizanalysis.service._jobs import Source, Worker
from quizanalysis.service._links import Links
from quizanalysis.service._making import Layout, check
from quizanalysis.service._messages import plain
from quizanalysis.service._shown import Result, shown
from quizanalysis.service._store import Store
from quizanalysis.service._table import Job

__all__ = ["Layout", "Reports", "Result", "Source"]

_MISSED_BEATS = 4
_TRIES = 100
_MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json"}


class Reports:
    """Makes reports in the background, one of a type per quiz at a time.

    Any number of processes may each have a `Reports` with the same `store`, `files`
    and `secret`; make it after a fork. The object may be used by many threads. As a
    context manager it closes itself.

    Parameters
    ----------
    source : callable
        ``source(course_id, assignment_id)`` gives the `Responses` of a quiz, in a
        thread of the executor. A LookupError from it says that there is no such quiz.
        Give it time-outs of its own: a thread cannot be stopped from outside.
    store : str or sqlalchemy.Engine
        A file of SQLite or a PostgreSQL database, as SQLAlchemy names them; for the
        latter its driver must be installed, such as psycopg. One table,
        ``quizanalysis_reports``, is made there when it is not.
    executor : concurrent.futures.Executor, optional
        Of threads; two of our own when not given.
    secret : str or bytes
        Signs the links to files: the same in all processes, and hard to guess.
    files : path or str
        The folder for finished reports, or a URI that pyarrow knows
        (``s3://bucket/reports``).
    url : str
        Where clients reach the server, without the paths of the API.
    layout : {"new-quizzes", "quizanalysis"}
        Whose columns the reports have.
    expires_s : float
        How long a link to a file can be used.
    heartbeat_s : float
        How often a sign of life is given. A job whose worker missed four is settled
        by whoever looks: taken over if it was queued, failed if it was running.
    limit_s : float
        A report that waits, or runs, for longer than that is failed.

    Raises
    ------
    ValueError
        For another database, one in memory, an empty secret, or an unknown layout.

    Examples
    --------
    >>> import time
    >>> from tempfile import TemporaryDirectory
    >>> import quizanalysis as qa
    >>> def source(course_id, assignment_id):
    ...     return qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
    >>> with TemporaryDirectory() as folder:
    ...     store, files = f"sqlite:///{folder}/reports.db", f"{folder}/reports"
    ...     with Reports(
    ...         source, store, files=files, secret="for trying out"
    ...     ) as reports:
    ...         progress = reports.create("1", "12", "item_analysis", "csv")
    ...         while progress.workflow_state in ("queued", "running"):
    ...             time.sleep(0.01)
    ...             progress = reports.progress(progress.id)
    >>> progress.workflow_state, progress.completion
    ('completed', 100.0)
    """

    def __init__(  # noqa: PLR0913  what a backend can choose
        self,
        source: Source,
        store: str | Engine = "sqlite:///reports.db",
        executor: Executor | None = None,
        *,
        secret: str | bytes,
        files: str | os.PathLike[str] = "reports",
        url: str = "http://localhost:8000",
        layout: Layout = "new-quizzes",
        expires_s: float = 3600,
        heartbeat_s: float = 5.0,
        limit_s: float = 3600,
    ) -> None:
        if layout not in ("new-quizzes", "quizanalysis"):
            msg = f"layout must be new-quizzes or quizanalysis, not {layout!r}"
            raise ValueError(msg)
        self._links = Links(url, secret, expires_s)
        self._files = files_at(files)
        self._database = Database(store)
        self._store = Store(
            self._database,
            worker=token_hex(16),
            lease_s=_MISSED_BEATS * heartbeat_s,
            limit_s=limit_s,
        )
        self._closed = False
        self._worker = Worker(
            source,
            self._store,
            self._files,
            executor,
            layout=layout,
            heartbeat_s=heartbeat_s,
            limit_s=limit_s,
        )
        self.recover()

    def create(
        self,
        course_id: str,
        assignment_id: str,
        report_type: str,
        format: str,  # noqa: A002  the API's own word
        user_id: str | None = None,
    ) -> Progress:
        """Ask for a report; it is made in the background.

        Parameters
        ----------
        course_id, assignment_id : str
            Name the quiz; the source knows what they mean.
        report_type : {"student_analysis", "item_analysis"}
        format : {"csv", "json"}
        user_id : str, optional
            Who asks.

        Returns
        -------
        Progress
            Queued.

        Raises
        ------
        InvalidReport
            For another type or format, or an id that is none (HTTP 400).
        ReportConflict
            While a report of this type is queued or running for the quiz, in whatever
            format (HTTP 409); its `progress` is that one's.
        """
        self._open()
        ids = [course_id, assignment_id] + ([] if user_id is None else [user_id])
        check(report_type, format, *ids)
        quiz = (course_id, assignment_id, report_type)
        for _ in range(_TRIES):
            number = self._store.insert(
                course_id=course_id,
                assignment_id=assignment_id,
                report_type=report_type,
                format=format,
                user_id=user_id,
            )
            if number is not None:
                progress = shown(self._job(str(number)), self._links)
                self._worker.submit(number)
                return progress
            # None is live when it ended meanwhile, or when it was given up just now.
            live = self._store.live(*quiz)
            if live is not None and self._worker.settle(live):
                live = self._store.live(*quiz)
            if live is not None:
                msg = f"{report_type} is already being generated for this quiz"
                raise ReportConflict(msg, shown(live, self._links))
        msg = "the store neither takes this report nor has a live one"
        raise RuntimeError(msg)

    def progress(self, progress_id: str, *, user_id: str | None = None) -> Progress:
        """See how far a report is; when it is completed, with a fresh link to it.

        Parameters
        ----------
        progress_id : str
        user_id : str, optional
            Who asks: what somebody else asked for is unknown then.

        Raises
        ------
        UnknownReport
            HTTP 404.
        """
        progress, _ = self.progress_and_course(progress_id)
        if user_id is not None and progress.user_id != user_id:
            raise _unknown()
        return progress

    def progress_and_course(self, progress_id: str) -> tuple[Progress, str]:
        """See how far a report is, and in which course, for whoever authorises.

        Raises
        ------
        UnknownReport
            HTTP 404.
        """
        job = self._job(progress_id)
        if self._worker.settle(job):
            job = self._job(progress_id)
        return shown(job, self._links), job.course_id

    def open_result(self, token: str) -> Result:
        """Open the file that a link leads to.

        Parameters
        ----------
        token : str
            The last part of ``progress.results["url"]``.

        Raises
        ------
        UnknownReport
            When the link is forged or expired, or the file is gone (HTTP 404).
        """
        job = self._store.of_file(self._links.file(token))
        if job is None or job.file is None:
            raise _unknown()
        try:
            file = self._files.open(job.file)
        except FileNotFoundError:
            raise _unknown() from None
        return Result(
            file=file,
            name=f"{job.report_type}_{job.id}.{job.format}",
            media_type=_MEDIA[job.format],
            course_id=job.course_id,
        )

    def cancel(self, progress_id: str, message: str = "cancelled") -> Progress:
        """Give a report up: it fails with this message and leaves no file.

        One that is completed or failed stays as it is.

        Raises
        ------
        UnknownReport
            HTTP 404.
        """
        number = self._job(progress_id).id
        cancelled = self._store.cancel(number, plain(message))
        job = self._job(progress_id)
        if cancelled:
            self._worker.forget(job)
        return shown(job, self._links)

    def recover(self) -> int:
        """Settle the jobs whose worker gives no sign of life.

        What was queued is run here, what was running is failed. Done at the beginning
        and with every sign of life; call it to have it done now.

        Returns
        -------
        int
            How many there were.
        """
        self._open()
        return self._worker.sweep()

    def prune(self, older_than_s: float) -> int:
        """Remove the reports that ended so long ago, with their files.

        Nothing removes them otherwise: call it now and then, in any of the processes.
        Their progress is unknown from then on, and links to them lead nowhere.

        Parameters
        ----------
        older_than_s : float
            Seconds since they were completed or failed. What is queued or running
            stays.

        Returns
        -------
        int
            How many there were.

        Raises
        ------
        ValueError
            For less than no time.
        OSError
            When a file cannot be removed; then its report stays too.
        """
        self._open()
        if not older_than_s >= 0:
            msg = f"older_than_s must be 0 or more, not {older_than_s!r}"
            raise ValueError(msg)
        n = 0
        for job in self._store.ended_before(older_than_s):
            if job.file is not None:
                self._files.remove(job.file)
            n += self._store.forget(job.id)
        return n

    def close(self) -> None:
        """Finish the reports that are running; others may take what is queued."""
        if not self._closed:
            self._closed = True
            self._worker.close()
            self._database.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _open(self) -> None:
        if self._closed:
            msg = "these reports are closed"
            raise RuntimeError(msg)

    def _job(self, progress_id: str) -> Job:
        """Find a job by what a client calls it."""
        canonical = isinstance(progress_id, str) and progress_id.isdecimal()
        if canonical and progress_id.isascii() and len(progress_id) <= 18:
            job = self._store.get(int(progress_id))
            if job is not None and str(job.id) == progress_id:
                return job
        raise _unknown()


def _unknown() -> UnknownReport:
    return UnknownReport("there is no such report")
