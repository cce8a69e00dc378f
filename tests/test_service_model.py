"""Any order of requests, steps, deaths and restarts, against a model of the rules.

The model is the document's: four states, one live report of a type per quiz, and what
the service adds, that the jobs of a dead process are settled by the next that looks.
"""

import shutil
import sqlite3
from dataclasses import dataclass, field
from pathlib import Path
from queue import SimpleQueue
from tempfile import mkdtemp
from threading import Thread

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
)

pytest.importorskip("sqlalchemy", reason="the extra service is not installed")
pytest.importorskip("itsdangerous", reason="the extra service is not installed")

from service_parts import Later, kept, opened, quiz, read

import quizanalysis as qa
from quizanalysis.service import UnknownReport

TYPES = st.sampled_from(["item_analysis", "student_analysis"])
FORMATS = st.sampled_from(["csv", "json"])
LIVE = ("queued", "running")


@dataclass
class Wanted:
    """What the model holds of a job."""

    key: tuple
    process: object
    state: str = "queued"
    completion: int = 0
    abandoned: bool = False
    overdue: bool = False


@dataclass
class Run:
    """A job that is under way in a thread, held in its source."""

    number: int
    process: object
    thread: Thread
    orders: SimpleQueue


@dataclass
class Process:
    """One process: its reports, what waits for its executor, what it runs."""

    later: Later = field(default_factory=Later)
    waiting: list = field(default_factory=list)
    entered: SimpleQueue = field(default_factory=SimpleQueue)
    reports: object = None

    def source(self, *_):
        orders = SimpleQueue()
        self.entered.put(orders)
        error = orders.get(timeout=60)
        if error:
            raise error
        return quiz()


class Service(RuleBasedStateMachine):
    """Up to three processes that share a store."""

    def __init__(self):
        super().__init__()
        self.folder = Path(mkdtemp(prefix="quizanalysis-model-"))
        self.url = f"sqlite:///{self.folder}/reports.db"
        self.jobs, self.runs = {}, []
        self.processes, self.gone = [], []

    def teardown(self):
        for run in self.runs:
            run.orders.put(None)
            run.thread.join()
        for process in self.processes + self.gone:
            process.later.waiting.clear()
            process.reports.close()
        shutil.rmtree(self.folder)

    def sql(self, statement):
        connection = sqlite3.connect(self.folder / "reports.db", timeout=30)
        try:
            with connection:
                return connection.execute(statement).fetchall()
        finally:
            connection.close()

    # ---- the model -------------------------------------------------------------

    def settle(self, number, process):
        """Do what the process that looks at a job does with it."""
        job = self.jobs[number]
        if job.state not in LIVE:
            return
        if job.abandoned and job.state == "queued":
            job.abandoned = job.overdue = False
            job.process = process
            process.waiting.append(number)
        elif job.abandoned or job.overdue:
            job.state = "failed"

    def live(self, key):
        found = [n for n, j in self.jobs.items() if j.key == key and j.state in LIVE]
        assert len(found) <= 1
        return found[0] if found else None

    def pick(self, data, things):
        return data.draw(st.sampled_from(things))

    # ---- requests --------------------------------------------------------------

    @rule(data=st.data(), assignment=st.sampled_from("12"), kind=TYPES, form=FORMATS)
    def create(self, data, assignment, kind, form):
        process = self.pick(data, self.processes)
        key = (assignment, kind)
        live = self.live(key)
        if live is not None:
            self.settle(live, process)
            live = self.live(key)
        try:
            progress = process.reports.create("1", assignment, kind, form)
        except qa.ReportConflict as conflict:
            self.shows(conflict.progress)
            refused_for = int(conflict.progress.id)
            assert live == refused_for
        else:
            assert live is None
            number = int(progress.id)
            assert number not in self.jobs
            self.jobs[number] = Wanted(key, process)
            process.waiting.append(number)
            self.shows(progress)

    @rule(data=st.data(), wrong=st.sampled_from([("x", "csv"), ("item_analysis", "x")]))
    def create_what_is_none(self, data, wrong):
        with pytest.raises(qa.InvalidReport):
            self.pick(data, self.processes).reports.create("1", "1", *wrong)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def ask(self, data):
        process = self.pick(data, self.processes)
        number = self.pick(data, sorted(self.jobs))
        progress = process.reports.progress(str(number))
        self.settle(number, process)
        self.shows(progress)
        if progress.workflow_state == "completed":
            assert read(process.reports, progress)

    @precondition(lambda self: self.jobs)
    @rule(data=st.data())
    def cancel(self, data):
        number = self.pick(data, sorted(self.jobs))
        progress = self.pick(data, self.processes).reports.cancel(str(number))
        if self.jobs[number].state in LIVE:
            self.jobs[number].state = "failed"
            assert progress.message == "cancelled"
        self.shows(progress)

    @precondition(lambda self: any(j.state not in LIVE for j in self.jobs.values()))
    @rule(data=st.data())
    def prune(self, data):
        reports = self.pick(data, self.processes).reports
        ended = [number for number, job in self.jobs.items() if job.state not in LIVE]
        assert reports.prune(0) == len(ended)
        for number in ended:
            del self.jobs[number]
            with pytest.raises(UnknownReport):
                reports.progress(str(number))

    @rule(data=st.data())
    def ask_for_what_never_was(self, data):
        with pytest.raises(UnknownReport):
            self.pick(data, self.processes).reports.progress("1000")

    def shows(self, progress):
        job = self.jobs[int(progress.id)]
        assert progress.workflow_state == job.state
        assert (progress.completion == 100) == (job.state == "completed")
        assert (progress.results is not None) == (job.state == "completed")
        assert qa.Progress.from_dict(progress.to_dict()) == progress

    # ---- work ------------------------------------------------------------------

    @precondition(lambda self: any(p.waiting for p in self.processes))
    @rule(data=st.data())
    def start(self, data):
        process = self.pick(data, [p for p in self.processes if p.waiting])
        number = process.waiting.pop(0)
        future, function, given, _ = process.later.waiting.pop(0)
        assert given == (number,)
        future.set_running_or_notify_cancel()
        thread = Thread(target=lambda: future.set_result(function(*given)))
        thread.start()
        job = self.jobs.get(number)
        if job and job.state == "queued":
            orders = process.entered.get(timeout=60)
            job.state, job.overdue = "running", False
            self.runs.append(Run(number, process, thread, orders))
        else:
            thread.join()

    @precondition(lambda self: self.runs)
    @rule(
        data=st.data(),
        error=st.sampled_from([None, None, LookupError("gone"), RuntimeError("no")]),
    )
    def finish(self, data, error):
        run = self.pick(data, self.runs)
        self.runs.remove(run)
        run.orders.put(error)
        run.thread.join()
        job = self.jobs.get(run.number)
        if job and job.state == "running":
            job.state = "failed" if error else "completed"

    # ---- trouble ---------------------------------------------------------------

    @initialize()
    def begin(self):
        self.boot()

    @precondition(lambda self: len(self.processes) < 3)
    @rule()
    def boot(self):
        process = Process()
        made = opened(
            self.url, self.folder, process.source, process.later, heartbeat_s=3600
        )
        process.reports = made
        self.processes.append(process)
        for number in sorted(self.jobs):
            self.settle(number, process)

    @precondition(lambda self: len(self.processes) > 1)
    @rule(data=st.data())
    def kill(self, data):
        process = self.pick(data, self.processes)
        self.processes.remove(process)
        self.gone.append(process)
        worker = process.reports._worker._store._worker  # noqa: SLF001
        self.sql(f"UPDATE quizanalysis_reports SET lease = 0 WHERE worker = '{worker}'")  # noqa: S608
        for job in self.jobs.values():
            if job.process is process and job.state in LIVE:
                job.abandoned = True

    @precondition(lambda self: len(self.processes) > 1)
    @rule(data=st.data())
    def close(self, data):
        busy = {id(run.process) for run in self.runs}
        idle = [process for process in self.processes if id(process) not in busy]
        if not idle:
            return
        process = self.pick(data, idle)
        process.reports.close()
        self.processes.remove(process)
        for job in self.jobs.values():
            if job.process is process and job.state == "queued":
                job.abandoned = True

    @precondition(lambda self: any(j.state in LIVE for j in self.jobs.values()))
    @rule(data=st.data())
    def let_it_take_too_long(self, data):
        live = sorted(n for n, job in self.jobs.items() if job.state in LIVE)
        number = self.pick(data, live)
        self.sql(f"UPDATE quizanalysis_reports SET deadline = 0 WHERE id = {number}")  # noqa: S608
        self.jobs[number].overdue = True

    @rule(data=st.data())
    def recover(self, data):
        process = self.pick(data, self.processes)
        for number in sorted(self.jobs):
            self.settle(number, process)
        process.reports.recover()

    # ---- what always holds -----------------------------------------------------

    @invariant()
    def the_store_holds_what_the_model_holds(self):
        if not self.processes:
            return
        found = self.sql("SELECT id, state, completion, file FROM quizanalysis_reports")
        assert {row[0]: row[1] for row in found} == {
            number: job.state for number, job in self.jobs.items()
        }
        for number, state, completion, _ in found:
            assert completion >= self.jobs[number].completion
            assert (completion == 100) == (state == "completed")
            self.jobs[number].completion = completion
        files = sorted(file for _, state, _, file in found if state == "completed")
        assert kept(self.folder) == files


TestService = Service.TestCase
TestService.settings = settings(max_examples=25, stateful_step_count=30, deadline=None)


@pytest.mark.slow
class TestServiceLong(Service.TestCase):
    """Ten thousand operations."""

    settings = settings(max_examples=200, stateful_step_count=50, deadline=None)
