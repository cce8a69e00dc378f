"""The worker: runs jobs in the background, and shows that it is alive."""

import secrets
from collections.abc import Callable
from concurrent.futures import Executor, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime
from threading import Event, Lock, Thread

from quizanalysis.responses import Responses
from quizanalysis.service._files import Files
from quizanalysis.service._making import Layout, checked, write
from quizanalysis.service._messages import CLOSING, LOG, late, told
from quizanalysis.service._store import Store
from quizanalysis.service._table import Job

__all__ = ["Source", "Worker"]

Source = Callable[[str, str], Responses]
"""Called with course and assignment id; a LookupError: there is no such quiz."""

_SOURCE_PERCENT, _WRITTEN_PERCENT = 20, 99


class _LostError(Exception):
    """The job was cancelled, or given up by somebody else."""


class Worker:
    """Runs the jobs of one `Reports` object.

    A second thread renews the lease of the jobs at hand every `heartbeat_s` seconds
    and settles those of workers that do not any more.
    """

    def __init__(
        self,
        source: Source,
        store: Store,
        files: Files,
        executor: Executor | None,
        *,
        layout: Layout,
        heartbeat_s: float,
        limit_s: float,
    ) -> None:
        self._source, self._store, self._files = source, store, files
        self._layout, self._limit_s = layout, limit_s
        self._owned = executor is None
        self._executor = executor or ThreadPoolExecutor(2, "quizanalysis-report")
        self._held: dict[int, Future[None] | None] = {}
        self._lock, self._stop = Lock(), Event()
        self._closing = False
        self._pulse = Thread(
            target=self._beat,
            args=(heartbeat_s,),
            name="quizanalysis-pulse",
            daemon=True,
        )
        self._pulse.start()

    def submit(self, number: int) -> None:
        """Run a queued job of this worker, when its turn comes."""
        with self._lock:
            self._held[number] = None
        try:
            future = self._executor.submit(self._run, number)
        except RuntimeError:
            # The executor is shut down, by us or by whoever gave it.
            self._store.fail(number, CLOSING)
            self._drop(number)
            return
        with self._lock:
            if number in self._held:
                self._held[number] = future
        future.add_done_callback(lambda done: self._ended(number, done))

    def settle(self, job: Job) -> bool:
        """Run a late job here if it was queued, else fail it; tell whether it was."""
        if job.abandoned and not job.overdue and job.id in self._held:
            return False  # it is this worker's own, only the sign of life was late
        if job.abandoned and job.state == "queued":
            if self._closing or not self._store.adopt(job.id):
                return False
            self.submit(job.id)
            return True
        if not (job.abandoned or job.overdue):
            return False
        if not self._store.fail_late(job.id, late(job, self._limit_s)):
            return False
        self.forget(job)
        return True

    def sweep(self) -> int:
        """Settle all late jobs."""
        return sum(self.settle(job) for job in self._store.late())

    def forget(self, job: Job) -> None:
        """Remove what was written for a job that will not complete."""
        if job.file is None:
            return
        try:
            self._files.remove(job.file)
        except OSError:
            LOG.exception("the file of report %d cannot be removed", job.id)

    def close(self) -> None:
        """Finish what runs; leave what is queued to others."""
        self._closing = True
        with self._lock:
            futures = [future for future in self._held.values() if future]
        wait([future for future in futures if not future.cancel()])
        if self._owned:
            self._executor.shutdown(cancel_futures=True)
        self._stop.set()
        self._pulse.join()
        self._store.release()

    # ---- in the threads of the executor ------------------------------------------

    def _run(self, number: int) -> None:
        try:
            file = secrets.token_hex(16)
            if self._closing or not self._store.start(number, file):
                return
            job = self._store.get(number)
            if job is not None and not self._made(job, file):
                after = self._store.get(number)
                if after is None or after.state != "completed":
                    self.forget(job)
        except Exception:  # noqa: BLE001  nobody reads what the future holds
            LOG.exception("the store cannot be told how report %d ended", number)

    def _made(self, job: Job, file: str) -> bool:
        """Make the report; whatever goes wrong is told in the store."""
        source = True
        try:
            responses = checked(self._source(job.course_id, job.assignment_id))
            source = False
            self._write(job, responses, file)
            return self._store.complete(job.id)
        except _LostError:
            return False
        except BaseException as error:  # noqa: BLE001  also SystemExit ends only the job
            self._store.fail(job.id, told(error, job.id, source=source))
            return False

    def _write(self, job: Job, responses: Responses, file: str) -> None:
        last = 0

        def tell(share: float) -> None:
            nonlocal last
            width = _WRITTEN_PERCENT - _SOURCE_PERCENT
            percent = _SOURCE_PERCENT + int(width * share)
            if percent > last:
                last = percent
                if not self._store.advance(job.id, percent):
                    raise _LostError

        tell(0.0)
        with self._files.writing(file) as target:
            write(
                responses,
                target,
                report_type=job.report_type,
                format=job.format,
                layout=self._layout,
                created=datetime.fromtimestamp(job.created_at, UTC),
                tell=tell,
            )

    # ---- in the thread of the pulse ----------------------------------------------

    def _beat(self, heartbeat_s: float) -> None:
        while not self._stop.wait(heartbeat_s):
            try:
                with self._lock:
                    held = list(self._held)
                if held:
                    self._store.renew(held)
                self.sweep()
            except Exception:  # noqa: BLE001  the next beat tries again
                LOG.exception("no sign of life could be given")

    def _ended(self, number: int, future: Future[None]) -> None:
        self._drop(number)
        if not future.cancelled() and (error := future.exception()):
            # The executor could not run it, as one of processes cannot.
            self._store.fail(number, told(error, number, source=False))

    def _drop(self, number: int) -> None:
        with self._lock:
            self._held.pop(number, None)
