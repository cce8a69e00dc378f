"""The job service: what is created, told, fetched and cancelled."""

import io
import logging
import sqlite3
import stat
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor

import pyarrow as pa
import pytest

sa = pytest.importorskip("sqlalchemy", reason="the extra service is not installed")
pytest.importorskip("itsdangerous", reason="the extra service is not installed")

import datetime as dt  # noqa: E402

from service_parts import (  # noqa: E402
    SECRET,
    STORES,
    Gate,
    Later,
    change,
    database,
    kept,
    opened,
    quiz,
    read,
    rows,
    token,
)

import quizanalysis as qa  # noqa: E402
from quizanalysis.service import UnknownReport  # noqa: E402
from quizanalysis.service._table import JOBS  # noqa: E402

CSV = ("1", "12", "item_analysis", "csv")


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with database(request.param, tmp_path) as url:
        yield url


@pytest.fixture
def later():
    return Later()


@pytest.fixture
def reports(store, tmp_path, later):
    """Reports whose jobs run when `later` is told to."""
    with opened(store, tmp_path, executor=later) as made:
        yield made


# ---- what is made ---------------------------------------------------------------


def expected(report_type, format, layout, created):  # noqa: A002
    """Bytes of the same report, by the functions for it."""
    file, responses = io.BytesIO(), quiz()
    if layout == "quizanalysis":
        path = {"report_type": report_type, "format": format}
        return lambda folder: made_alone(folder, responses, path)
    module = qa.conventions.new_quizzes
    if format == "csv":
        qa.write_csv(getattr(module, report_type)(responses), file)
        return lambda _: file.getvalue()
    if report_type == "item_analysis":
        records = module.item_analysis_json(responses)
    else:
        records = module.student_analysis_json(responses, created=created)
    qa.write_json(records, file)
    return lambda _: file.getvalue()


def made_alone(folder, responses, options):
    path = folder / "alone"
    qa.create_report(responses, path=path, **options)
    return path.read_bytes()


@pytest.mark.parametrize("layout", ["new-quizzes", "quizanalysis"])
@pytest.mark.parametrize("format", ["csv", "json"])
@pytest.mark.parametrize("report_type", ["student_analysis", "item_analysis"])
def test_a_report_is_what_the_functions_make(tmp_path, report_type, format, layout):  # noqa: A002
    url, later = f"sqlite:///{tmp_path}/reports.db", Later()
    with opened(url, tmp_path, executor=later, layout=layout) as reports:
        first = reports.create("1", "12", report_type, format)
        later.run()
        done = reports.progress(first.id)
        result = reports.open_result(token(done))
        with result.file as file:
            data = file.read()
    assert (done.workflow_state, done.completion) == ("completed", 100.0)
    wanted = expected(report_type, format, layout, first.created_at)(tmp_path)
    assert data == wanted
    assert result.name == f"{report_type}_1.{format}"
    assert result.media_type.startswith(
        "text/csv" if format == "csv" else "application/json"
    )
    assert result.course_id == "1"


def test_a_new_report_is_queued_and_says_where_to_ask(reports):
    before = dt.datetime.now(dt.UTC) - dt.timedelta(seconds=2)
    progress = reports.create(*CSV, user_id="7")
    assert before < progress.created_at < before + dt.timedelta(seconds=20)
    assert progress.to_dict() == {
        "id": "1",
        "context_id": "12",
        "context_type": "Assignment",
        "user_id": "7",
        "completion": 0.0,
        "workflow_state": "queued",
        "created_at": progress.to_dict()["created_at"],
        "updated_at": progress.to_dict()["created_at"],
        "results": None,
        "url": "http://localhost:8000/api/v1/progress/1",
        "tag": "quiz_report",
        "message": None,
    }
    assert reports.progress("1") == progress
    assert reports.progress_and_course("1") == (progress, "1")


def test_the_links_lead_to_the_address_given(store, tmp_path, later):
    options = {"url": "https://canvas.example/", "executor": later}
    with opened(store, tmp_path, **options) as reports:
        progress = reports.create(*CSV)
        later.run()
        done = reports.progress(progress.id)
    assert done.url == "https://canvas.example/api/v1/progress/1"
    place = "https://canvas.example/api/quiz/v1/reports/download/"
    assert done.results["url"].startswith(place)


def test_it_runs_by_itself(store, tmp_path):
    gate = Gate()
    with opened(store, tmp_path, gate) as reports:
        progress = reports.create(*CSV)
        assert gate.entered.acquire(timeout=20)
        assert reports.progress(progress.id).workflow_state == "running"
        gate.leave.release()
        reports._worker.close()  # noqa: SLF001  waits for what runs
        assert reports.progress(progress.id).workflow_state == "completed"


# ---- one at a time --------------------------------------------------------------


def test_one_of_a_type_per_quiz_whatever_the_format(reports, later):
    first = reports.create(*CSV)
    for format in ("csv", "json"):  # noqa: A001
        with pytest.raises(qa.ReportConflict) as caught:
            reports.create("1", "12", "item_analysis", format, user_id="8")
        assert caught.value.progress == first
    others = [("1", "12", "student_analysis"), ("1", "13", CSV[2]), ("2", "12", CSV[2])]
    assert len({reports.create(*other, "csv").id for other in others}) == 3
    later.run()
    assert reports.create(*CSV).workflow_state == "queued"


def test_another_process_is_refused_too(reports, store, tmp_path):
    first = reports.create(*CSV)
    with opened(store, tmp_path, executor=Later()) as other:
        with pytest.raises(qa.ReportConflict) as caught:
            other.create(*CSV)
        assert caught.value.progress.id == first.id


def test_ids_that_only_look_alike_are_different_quizzes(reports):
    quizzes = [("1", "23"), ("12", "3"), ("1 2", "3"), ("1", "2 3"), ('1", "2', "3")]
    ids = {reports.create(*ids, "item_analysis", "csv").id for ids in quizzes}
    assert len(ids) == len(quizzes)


# ---- what is refused ------------------------------------------------------------


@pytest.mark.parametrize(
    "wrong",
    [
        ("1", "12", "summary", "csv"),
        ("1", "12", "item_analysis", "xlsx"),
        ("1", "12", None, None),
        ("1", "12", ["item_analysis"], "csv"),
        ("1", "12", "item_analysis", {"csv": 1}),
        ("", "12", "item_analysis", "csv"),
        ("1", "1\n2", "item_analysis", "csv"),
        ("1", "1\0", "item_analysis", "csv"),
        ("1", "\ud800", "item_analysis", "csv"),
        ("1" * 256, "12", "item_analysis", "csv"),
        (1, "12", "item_analysis", "csv"),
        ("1", "12", "item_analysis", "csv", ""),
    ],
)
def test_what_cannot_be_is_refused_and_leaves_no_row(reports, store, wrong):
    with pytest.raises(qa.InvalidReport, match=r"must be|an id is"):
        reports.create(*wrong)
    assert rows(store) == []


def test_a_refusal_stays_short(reports):
    with pytest.raises(qa.InvalidReport) as caught:
        reports.create("1", "12", "x" * 100_000, "csv")
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize(
    "name",
    ["0", "2", "01", "-1", "+1", " 1", "1.0", "", "\u0661", "9" * 40, "../1", "x", 1],
)
def test_an_unknown_progress_is_a_lookup_error(reports, name):
    reports.create(*CSV)
    for ask in (reports.progress, reports.progress_and_course, reports.cancel):
        with pytest.raises(UnknownReport):
            ask(name)
    assert issubclass(UnknownReport, LookupError)
    assert issubclass(UnknownReport, qa.QuizAnalysisError)


def test_what_somebody_else_asked_for_is_unknown(reports):
    reports.create(*CSV, user_id="7")
    assert reports.progress("1", user_id="7").user_id == "7"
    with pytest.raises(UnknownReport):
        reports.progress("1", user_id="8")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"secret": ""}, "a secret is needed"),
        ({"layout": "canvas"}, "layout must be"),
        ({"url": "sqlite://"}, "in memory"),
        ({"url": "sqlite:///:memory:"}, "in memory"),
        ({"url": "sqlite:///file:x?mode=memory&uri=true"}, "in memory"),
        ({"url": "mysql://h/x"}, "SQLite or PostgreSQL"),
    ],
)
def test_choices_that_cannot_work_are_refused(tmp_path, options, words):
    url = options.pop("url", f"sqlite:///{tmp_path}/reports.db")
    with pytest.raises(ValueError, match=words):
        opened(url, tmp_path, **options)


# ---- links ----------------------------------------------------------------------


@pytest.fixture
def done(reports, later):
    progress = reports.create(*CSV)
    later.run()
    return reports.progress(progress.id)


def test_a_forged_link_opens_nothing(reports, done):
    signed = token(done)
    file = signed.split(".")[0]
    forged = ["", file, signed[:-1], signed[1:], signed + "x", signed.swapcase()]
    forged += ["../../etc/passwd", "/etc/passwd", "é", "\ud800", "." * 5, "x" * 10**6]
    for wrong in forged:
        with pytest.raises(UnknownReport):
            reports.open_result(wrong)
    assert read(reports, done)


def test_a_link_of_another_secret_opens_nothing(reports, done, store, tmp_path):
    with opened(store, tmp_path, executor=Later(), secret=SECRET[1:]) as other:
        theirs = token(other.progress(done.id))
        assert read(other, other.progress(done.id)) == read(reports, done)
        with pytest.raises(UnknownReport):
            other.open_result(token(done))
    with pytest.raises(UnknownReport):
        reports.open_result(theirs)


def test_a_link_expires_and_is_renewed_when_asked_again(reports, done, monkeypatch):
    import itsdangerous.timed  # noqa: PLC0415

    now = itsdangerous.timed.time.time
    monkeypatch.setattr(itsdangerous.timed.time, "time", lambda: now() - 3605)
    old = token(reports.progress(done.id))
    monkeypatch.undo()
    with pytest.raises(UnknownReport, match="ask the progress"):
        reports.open_result(old)
    assert read(reports, reports.progress(done.id))


def test_a_link_is_good_as_long_as_was_said(store, tmp_path, later):
    with opened(store, tmp_path, executor=later, expires_s=0.4) as reports:
        progress = reports.create(*CSV)
        later.run()
        assert token(reports.progress(progress.id))
    with opened(store, tmp_path, executor=later, expires_s=-2) as reports:
        done = reports.progress(progress.id)
        with pytest.raises(UnknownReport):
            read(reports, done)


def test_only_a_completed_report_can_be_opened(reports, done, store, tmp_path):
    change(store, "state = 'failed', completion = 99")
    with pytest.raises(UnknownReport):
        reports.open_result(token(done))
    change(store, "state = 'completed', completion = 100")
    (tmp_path / "files" / kept(tmp_path)[0]).unlink()
    with pytest.raises(UnknownReport):
        reports.open_result(token(done))


def test_no_file_name_can_be_guessed_and_only_the_owner_may_look(
    reports, done, tmp_path
):
    (name,) = kept(tmp_path)
    assert len(name) == 32
    assert stat.S_IMODE((tmp_path / "files").stat().st_mode) == 0o700
    assert name not in reports.progress(done.id).to_dict().values()


# ---- failures -------------------------------------------------------------------


def failing(error):
    def source(*_):
        raise error

    return source


def failed(store, tmp_path, source):
    later = Later()
    with opened(store, tmp_path, source, later) as reports:
        progress = reports.create(*CSV)
        later.run()
        progress = reports.progress(progress.id)
        assert kept(tmp_path) == []
        assert (progress.workflow_state, progress.results) == ("failed", None)
        again = reports.create(*CSV)
        assert again.id != progress.id
        reports.cancel(again.id)
        return progress.message


PROBLEM = qa.Problem(table="responses", message="is not a number", column="score")


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (qa.DataError([PROBLEM]), str(qa.DataError([PROBLEM]))),
        (qa.QuizAnalysisError("two keys"), "two keys"),
        (LookupError("there is no quiz 12"), "there is no quiz 12"),
        (KeyError("there is no quiz 12"), "there is no quiz 12"),
        (KeyError(), "KeyError"),
        (qa.QuizAnalysisError("a\0b\ud800" + "x" * 5000), "ab?" + "x" * 1996 + "…"),
    ],
)
def test_the_owner_is_told_what_is_wrong_with_the_quiz(store, tmp_path, error, message):
    assert failed(store, tmp_path, failing(error)) == message


@pytest.mark.parametrize(
    "error",
    [
        RuntimeError("cannot reach postgresql://me:hunter2@host"),
        OSError(2, "No such file", "/home/me/hunter2"),
        ValueError("hunter2"),
        SystemExit("hunter2"),
        KeyboardInterrupt("hunter2"),
    ],
)
def test_what_may_hold_a_secret_stays_in_the_log(store, tmp_path, caplog, error):
    with caplog.at_level(logging.ERROR, "quizanalysis.service"):
        message = failed(store, tmp_path, failing(error))
    assert message.startswith(f"{type(error).__name__}; the log of the service")
    (record,) = caplog.records
    assert message.split()[-1] in record.getMessage()
    assert record.exc_info[1] is error
    assert "hunter2" not in message


def test_a_source_that_gives_something_else_is_told(store, tmp_path):
    table = {"quiz_id": ["a", "b"], "student_id": ["1", "1"]}
    table |= {"item_id": ["i", "i"], "score": [1, 0]}
    two = qa.Responses.from_arrow(pa.table(table))
    assert "no Responses but dict" in failed(store, tmp_path, lambda *_: {})
    assert "of 2" in failed(store, tmp_path, lambda *_: two)


def test_a_defect_while_writing_is_not_told_and_leaves_no_file(
    store, tmp_path, monkeypatch
):
    def broken(_table, file):
        file.write(b"half")
        file.flush()
        raise KeyError("hunter2")

    monkeypatch.setattr("quizanalysis.service._making.write_csv", broken)
    assert failed(store, tmp_path, quiz).startswith("KeyError; the log")


def test_an_executor_that_is_shut_down_fails_the_report(store, tmp_path):
    pool = ThreadPoolExecutor(1)
    pool.shutdown()
    with opened(store, tmp_path, executor=pool) as reports:
        progress = reports.progress(reports.create(*CSV).id)
    assert (progress.workflow_state, progress.message) == (
        "failed",
        "the service is shutting down; ask again",
    )


def test_an_executor_that_cannot_run_it_fails_the_report(store, tmp_path):
    class Broken(Later):
        def run(self):
            future = self.waiting.pop()[0]
            future.set_exception(TypeError("cannot pickle '_thread.lock' object"))

    later = Broken()
    with opened(store, tmp_path, executor=later) as reports:
        progress = reports.create(*CSV)
        later.run()
        progress = reports.progress(progress.id)
    assert progress.workflow_state == "failed"
    assert progress.message.startswith("TypeError; the log")


# ---- cancelling -----------------------------------------------------------------


def test_a_queued_report_is_cancelled_and_never_runs(reports, later, store, tmp_path):
    first = reports.create(*CSV)
    cancelled = reports.cancel(first.id)
    assert (cancelled.workflow_state, cancelled.message) == ("failed", "cancelled")
    assert reports.create(*CSV).id == "2"
    later.run()
    assert [row["state"] for row in rows(store)] == ["failed", "completed"]
    assert len(kept(tmp_path)) == 1


def test_a_running_report_is_cancelled_and_leaves_no_file(store, tmp_path):
    gate = Gate()
    with opened(store, tmp_path, gate) as reports:
        first = reports.create(*CSV)
        assert gate.entered.acquire(timeout=20)
        cancelled = reports.cancel(first.id, "not wanted any more\0")
        assert cancelled.message == "not wanted any more"
        second = reports.create(*CSV)
        gate.leave.release(2)
        reports._worker._executor.shutdown()  # noqa: SLF001  waits for both
        assert reports.progress(first.id) == cancelled
        assert reports.progress(second.id).workflow_state == "completed"
        assert len(kept(tmp_path)) == 1


def test_one_that_is_cancelled_while_it_is_written_leaves_no_file(
    store, tmp_path, later, monkeypatch
):
    with opened(store, tmp_path, executor=later) as reports:
        progress = reports.create(*CSV)

        def write(_table, file):
            file.write(b"whole")
            reports.cancel(progress.id)

        monkeypatch.setattr("quizanalysis.service._making.write_csv", write)
        later.run()
        assert reports.progress(progress.id).message == "cancelled"
        assert kept(tmp_path) == []


def test_what_is_final_stays_as_it_is(reports, done, later):
    assert reports.cancel(done.id).workflow_state == "completed"
    assert read(reports, done)
    other = reports.create(*CSV)
    first = reports.cancel(other.id, "one")
    assert reports.cancel(other.id, "two") == first
    later.run()


# ---- the store ------------------------------------------------------------------


def test_rows_survive_a_restart(store, tmp_path, later):
    with opened(store, tmp_path, executor=later) as reports:
        progress = reports.create(*CSV)
        later.run()
        data = read(reports, reports.progress(progress.id))
    with opened(store, tmp_path, executor=later) as reports:
        assert read(reports, reports.progress(progress.id)) == data
        assert reports.create(*CSV).id == "2"


def test_old_reports_are_removed_with_their_files(reports, done, store, tmp_path):
    live = reports.create(*CSV)
    failed = reports.cancel(reports.create("1", "13", *CSV[2:]).id)
    assert reports.prune(3600) == 0
    change(store, "updated_at = updated_at - 7200", f"id <> {failed.id}")
    link = token(reports.progress(done.id))
    assert reports.prune(3600) == 1
    assert kept(tmp_path) == []
    with pytest.raises(UnknownReport):
        reports.progress(done.id)
    with pytest.raises(UnknownReport):
        reports.open_result(link)
    assert [str(row["id"]) for row in rows(store)] == [live.id, failed.id]
    assert reports.prune(0) == 1
    assert reports.progress(live.id).workflow_state == "queued"
    assert int(reports.create("1", "13", *CSV[2:]).id) > int(failed.id)


@pytest.mark.parametrize("age", [-1, float("nan")])
def test_what_is_to_come_is_not_removed(reports, age):
    with pytest.raises(ValueError, match="older_than_s"):
        reports.prune(age)


def test_a_report_whose_file_cannot_be_removed_stays(
    reports, store, tmp_path, monkeypatch, later
):
    reports.create(*CSV)
    later.run()

    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(reports._files, "remove", refuse)  # noqa: SLF001
    with pytest.raises(PermissionError):
        reports.prune(0)
    assert len(rows(store)) == 1
    assert len(kept(tmp_path)) == 1


def test_an_engine_that_is_given_stays_open(store, tmp_path, later):
    engine = sa.create_engine(store)
    with opened(engine, tmp_path, executor=later) as reports:
        reports.create(*CSV)
    with engine.connect() as connection:
        assert connection.execute(sa.text("SELECT 1")).scalar() == 1
    engine.dispose()


@pytest.mark.parametrize("layout", ["quizanalysis", "new-quizzes"])
def test_completion_moves_with_the_work_and_is_stored_a_hundred_times_at_most(
    store, tmp_path, later, layout
):
    scores = [[1, 0, 1]] * 3_000
    engine = sa.create_engine(store)
    seen, stored = [], []

    @sa.event.listens_for(engine, "after_cursor_execute")
    def listen(_connection, _cursor, statement, *_):
        if statement.startswith("UPDATE"):
            stored.append(statement)
            seen.append(rows(store)[0]["completion"])

    def many(*_):
        return qa.Responses.from_matrix(scores)

    options = {"layout": layout, "executor": later}
    with opened(engine, tmp_path, many, **options) as reports:
        reports.create("1", "12", "student_analysis", "csv")
        later.run()
    engine.dispose()
    assert seen == sorted(seen)
    assert seen[-1] == 100
    assert len({percent for percent in seen if 20 < percent < 99}) >= 3
    assert len(stored) <= 102


def test_the_database_holds_the_rules(reports, done, store):
    reports.create(*CSV)
    for broken in (
        "state = 'canceled'",
        "completion = 99",
        "completion = 101",
        "state = 'queued', completion = 0",
    ):
        with pytest.raises(sa.exc.IntegrityError):
            change(store, broken, "id = 1")
    assert reports.progress(done.id).workflow_state == "completed"


def test_a_smaller_completion_is_not_taken(reports, store):
    number = int(reports.create(*CSV).id)
    steps = reports._store  # noqa: SLF001  the rule is its
    assert not steps.advance(number, 10)
    assert not steps.complete(number)
    assert steps.start(number, "file")
    assert not steps.start(number, "other")
    taken = [steps.advance(number, percent) for percent in (50, 40, 50, 51)]
    assert taken == [True, False, False, True]
    assert rows(store)[0]["completion"] == 51
    assert steps.complete(number)
    assert not steps.complete(number)
    assert not steps.fail(number, "late")


def test_what_is_final_costs_nothing_to_look_over(reports):
    reports.create(*CSV)
    jobs = reports._store  # noqa: SLF001
    plans = []

    @sa.event.listens_for(reports._database._engine, "after_cursor_execute")  # noqa: SLF001
    def listen(connection, _cursor, statement, given, *_):
        if statement.startswith("SELECT") and connection.dialect.name == "sqlite":
            plan = connection.connection.cursor()
            plan.execute(f"EXPLAIN QUERY PLAN {statement}", given)
            plans.append(str(plan.fetchall()))

    assert jobs.late() == []
    assert jobs.live(*CSV[:3])
    for plan in plans:
        assert "INDEX quizanalysis_reports_live" in plan


def test_nobody_hears_of_a_locked_file(tmp_path):
    url = f"sqlite:///{tmp_path}/reports.db"
    impatient = sa.create_engine(url, connect_args={"timeout": 0})
    with opened(impatient, tmp_path, executor=Later()) as reports:
        lock = sqlite3.connect(tmp_path / "reports.db", isolation_level=None)
        lock.execute("BEGIN EXCLUSIVE")
        with ThreadPoolExecutor(1) as pool:
            created = pool.submit(reports.create, *CSV)
            time.sleep(0.3)
            assert not created.done()
            lock.execute("ROLLBACK")
            assert created.result().workflow_state == "queued"
        lock.close()
    impatient.dispose()


def test_what_waiting_cannot_mend_is_raised(reports, store):
    with sa.create_engine(store).begin() as connection:
        connection.execute(sa.text("DROP TABLE quizanalysis_reports"))
    connection.engine.dispose()
    with pytest.raises((sa.exc.OperationalError, sa.exc.ProgrammingError)):
        reports.progress("1")
    reports._database.make(JOBS)  # noqa: SLF001  so that it can be closed


def test_two_that_make_the_table_at_once_both_have_it(reports, monkeypatch):
    database, calls = reports._database, []  # noqa: SLF001
    execute = database._execute  # noqa: SLF001

    def late(statement):
        calls.append(statement)
        if len(calls) == 1:
            raise sa.exc.IntegrityError("CREATE TABLE", None, Exception("it is there"))
        return execute(statement)

    monkeypatch.setattr(database, "_execute", late)
    database.make(JOBS)
    assert len(calls) == 3


# ---- files ----------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["file", "mock"])
def test_reports_go_to_any_file_system_of_pyarrow(store, tmp_path, later, scheme):
    place = f"{scheme}://{tmp_path}/files/deep"
    with opened(store, tmp_path, executor=later, files=place) as reports:
        progress = reports.create(*CSV)
        later.run()
        file = io.BytesIO()
        qa.write_csv(qa.conventions.new_quizzes.item_analysis(quiz()), file)
        done = reports.progress(progress.id)
        assert read(reports, done) == file.getvalue()
        assert len(list(tmp_path.glob("files/deep/*"))) == (scheme == "file")
        assert reports.prune(0) == 1
        with pytest.raises(UnknownReport):
            read(reports, done)
    assert list(tmp_path.glob("files/deep/*")) == []


def test_nothing_stays_there_of_what_failed(store, tmp_path, later, monkeypatch):
    def broken(_table, file):
        file.write(b"half")
        raise OSError

    (tmp_path / "files").mkdir()
    monkeypatch.setattr("quizanalysis.service._making.write_csv", broken)
    place = (tmp_path / "files").as_uri()
    with opened(store, tmp_path, executor=later, files=place) as reports:
        progress = reports.create(*CSV)
        later.run()
        assert reports.progress(progress.id).workflow_state == "failed"
    assert kept(tmp_path) == []


# ---- the extra ------------------------------------------------------------------


@pytest.mark.parametrize("missing", ["sqlalchemy", "itsdangerous"])
def test_without_the_extra_the_message_names_it(missing):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "import quizanalysis\n"
        "try:\n    import quizanalysis.service\n"
        "except ImportError as error:\n    print(error)\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert missing in run.stdout
    assert "pip install 'quizanalysis[service]'" in run.stdout


def test_the_package_alone_loads_none_of_it():
    code = (
        "import sys, quizanalysis\n"
        "print({'sqlalchemy', 'itsdangerous', 'quizanalysis.service'} & {*sys.modules})"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout == "set()\n"


def test_the_secret_is_in_no_repr(reports):
    assert SECRET not in repr(vars(reports))
