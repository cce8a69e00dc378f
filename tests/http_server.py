"""A server on loopback for tests, a bare client for it, and reports that are none."""

import io
import json
import socket
import time
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from http.client import HTTPConnection
from threading import Thread

import uvicorn

import quizanalysis as qa
from quizanalysis.errors import UnknownReport
from quizanalysis.service import Result

REPORTS = "/api/quiz/v1/courses/{}/quizzes/{}/reports"
LINK = ".signed-1"
FORM = "application/x-www-form-urlencoded"


def free():
    """Listen on some port."""
    listening = socket.create_server(("127.0.0.1", 0))
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listening


def url_of(listening):
    return f"http://127.0.0.1:{listening.getsockname()[1]}"


@contextmanager
def served(app, at=None):
    """Run an application on loopback, and give its address."""
    with at or free() as listening:
        config = uvicorn.Config(
            app, log_level="critical", lifespan="off", timeout_graceful_shutdown=1
        )
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield url_of(listening)
        finally:
            server.should_exit = True
            thread.join(20)


def soon(true, seconds=10):
    """Wait for something to become true."""
    end = time.monotonic() + seconds
    while not true() and time.monotonic() < end:
        time.sleep(0.01)
    return true()


class Answer:
    """What came back."""

    def __init__(self, got):
        self.status, self.headers, self.body = got.status, got.headers, got.read()

    def json(self):
        return json.loads(self.body)


def call(base, method, path, body=None, *, bearer="good", kind=None, **headers):
    """Ask once over a connection of its own."""
    if bearer is not None:
        headers["Authorization"] = f"Bearer {bearer}"
    if kind is not None:
        headers["Content-Type"] = kind
    connection = HTTPConnection(base.removeprefix("http://"), timeout=20)
    try:
        connection.request(method, path, body, headers)
        return Answer(connection.getresponse())
    finally:
        connection.close()


class Pretended:
    """Reports that are made by saying so; remembers what it was asked."""

    def __init__(self, url="http://here"):
        self.url, self.asked, self.jobs, self.error = url, [], {}, None

    def create(self, course_id, assignment_id, report_type, format, user_id):  # noqa: A002
        self.asked.append((course_id, assignment_id, report_type, format, user_id))
        if self.error is not None:
            raise self.error
        if report_type not in ("student_analysis", "item_analysis"):
            raise qa.InvalidReport(f"report_type cannot be {report_type!r}")
        if format not in ("csv", "json"):
            raise qa.InvalidReport(f"format cannot be {format!r}")
        for job, of in self.jobs.values():
            live = job.workflow_state in ("queued", "running")
            if of == (course_id, assignment_id, report_type) and live:
                raise qa.ReportConflict("report is already being generated", job)
        now, number = datetime.now(UTC), str(len(self.jobs) + 1)
        job = qa.Progress(
            id=number,
            context_id=assignment_id,
            user_id=user_id,
            created_at=now,
            updated_at=now,
            url=f"{self.url}/api/v1/progress/{number}",
        )
        self.jobs[number] = job, (course_id, assignment_id, report_type)
        return job

    def progress(self, progress_id):
        if progress_id not in self.jobs:
            raise UnknownReport(progress_id)
        return self.jobs[progress_id][0]

    def progress_and_course(self, progress_id):
        return self.progress(progress_id), self.jobs[progress_id][1][0]

    def cancel(self, progress_id, message="cancelled"):
        job = self.progress(progress_id)
        self.asked.append((progress_id, message))
        job = replace(job, workflow_state="failed")
        self.jobs[progress_id] = job, self.jobs[progress_id][1]
        return job

    def open_result(self, token):
        if token != LINK:
            raise UnknownReport(token)
        self.opened = io.BytesIO(b"a,b\n" * 50_000)
        return Result(
            file=self.opened, name="été.csv", media_type="text/csv", course_id="1"
        )
