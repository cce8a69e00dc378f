"""What the tests of the service share: stores, executors that wait, dead workers."""

import os
from concurrent.futures import Executor, Future
from contextlib import contextmanager
from importlib.util import find_spec
from threading import Semaphore
from uuid import uuid4

import pytest
import sqlalchemy as sa

import quizanalysis as qa
from quizanalysis.service import Reports

SECRET = "not for use outside of these tests"  # noqa: S105
TABLE = "quizanalysis_reports"

POSTGRESQL = os.environ.get("QUIZANALYSIS_POSTGRESQL")  # noqa: TID251  a test's server
without_postgresql = pytest.mark.skipif(
    not POSTGRESQL or find_spec("psycopg") is None,
    reason="no server: QUIZANALYSIS_POSTGRESQL is not set, or psycopg not installed",
)
STORES = ["sqlite", pytest.param("postgresql", marks=without_postgresql)]


@contextmanager
def database(kind, folder):
    """Give the URL of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder}/reports.db"
        return
    schema = f"test_{uuid4().hex}"
    url = sa.make_url(POSTGRESQL)
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        connection.execute(sa.text(f"CREATE SCHEMA {schema}"))
    try:
        url = url.update_query_dict({"options": f"-csearch_path={schema}"})
        yield url.render_as_string(hide_password=False)
    finally:
        with engine.begin() as connection:
            connection.execute(sa.text(f"DROP SCHEMA {schema} CASCADE"))
        engine.dispose()


@contextmanager
def engine_of(url):
    engine = sa.create_engine(url)
    try:
        yield engine
    finally:
        engine.dispose()


def change(url, values, where="1 = 1"):
    """Change rows behind the service's back."""
    with engine_of(url) as engine, engine.begin() as connection:
        connection.execute(sa.text(f"UPDATE {TABLE} SET {values} WHERE {where}"))  # noqa: S608


def rows(url):
    with engine_of(url) as engine, engine.connect() as connection:
        query = sa.text(f"SELECT * FROM {TABLE} ORDER BY id")  # noqa: S608
        return [dict(row) for row in connection.execute(query).mappings()]


def quiz(course_id="1", assignment_id="12"):
    """Submissions of a small quiz, with a blank and one not graded."""
    del course_id, assignment_id
    return qa.Responses.from_answers(
        [["A", "B"], ["A", None], ["C", "B"], ["A", "<b>&"]], key=["A", "B"]
    )


class Later(Executor):
    """Runs nothing until it is told to."""

    def __init__(self):
        self.waiting = []

    def submit(self, fn, /, *args, **kwargs):
        future = Future()
        self.waiting.append((future, fn, args, kwargs))
        return future

    def run(self):
        """Run what waits, in this thread."""
        while self.waiting:
            future, fn, args, kwargs = self.waiting.pop(0)
            if future.set_running_or_notify_cancel():
                future.set_result(fn(*args, **kwargs))


class Gate:
    """A source that says when it was entered, and goes on when it is let."""

    def __init__(self, error=None):
        self.entered, self.leave, self.error = Semaphore(0), Semaphore(0), error

    def __call__(self, course_id, assignment_id):
        self.entered.release()
        assert self.leave.acquire(timeout=20)
        if self.error:
            raise self.error
        return quiz(course_id, assignment_id)


def token(progress):
    return progress.results["url"].rsplit("/", 1)[1]


def read(reports, progress):
    result = reports.open_result(token(progress))
    with result.file:
        return result.file.read()


def opened(store, folder, source=quiz, executor=None, **options):
    options = {"secret": SECRET, "files": folder / "files", "heartbeat_s": 60} | options
    return Reports(source, store, executor, **options)


def kept(folder):
    """All that lies among the report files, temporary ones too."""
    return sorted(path.name for path in (folder / "files").iterdir())
