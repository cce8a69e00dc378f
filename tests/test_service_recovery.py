"""Jobs that cannot hang: workers that died, that are slow, that come back."""

import time
from threading import Thread

import pytest

pytest.importorskip("sqlalchemy", reason="the extra service is not installed")
pytest.importorskip("itsdangerous", reason="the extra service is not installed")

from service_parts import (
    STORES,
    Gate,
    Later,
    change,
    database,
    kept,
    opened,
    read,
    rows,
)

import quizanalysis as qa

CSV = ("1", "12", "item_analysis", "csv")


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with database(request.param, tmp_path) as url:
        yield url


def dead(url, where="1 = 1"):
    """As if the workers had given no sign of life for long."""
    change(url, "lease = 0", where)


def running(later, gate):
    """Start the one job that waits, in a thread that stays at the gate."""
    thread = Thread(target=later.run)
    thread.start()
    assert gate.entered.acquire(timeout=20)
    return thread


# ---- the next that looks --------------------------------------------------------


@pytest.mark.parametrize("look", ["progress", "create", "recover", "start"])
def test_a_running_report_of_a_dead_worker_fails_with_a_reason(store, tmp_path, look):
    gate, later = Gate(), Later()
    with opened(store, tmp_path, gate, later) as first:
        progress = first.create(*CSV)
        thread = running(later, gate)
        second = opened(store, tmp_path, executor=Later())
        assert second.recover() == 0
        assert second.progress(progress.id).workflow_state == "running"
        (tmp_path / "files" / rows(store)[0]["file"]).write_bytes(b"half")
        left = f".{rows(store)[0]['file']}.0123456789abcdef.tmp"
        (tmp_path / "files" / left).write_bytes(b"half")
        dead(store)
        if look == "start":
            second.close()
            second = opened(store, tmp_path, executor=Later())
        elif look == "recover":
            assert second.recover() == 1
        elif look == "create":
            assert second.create(*CSV).workflow_state == "queued"
        failed = second.progress(progress.id)
        assert failed.workflow_state == "failed"
        assert "ended before it was done" in failed.message
        assert kept(tmp_path) == []
        gate.leave.release()
        thread.join()
        assert first.progress(progress.id) == failed
        assert kept(tmp_path) == []
        second.close()


@pytest.mark.parametrize("look", ["progress", "create", "recover", "start"])
def test_a_queued_report_of_a_dead_worker_is_run_by_another(store, tmp_path, look):
    never, later = Later(), Later()
    first = opened(store, tmp_path, executor=never)
    progress = first.create(*CSV)
    second = opened(store, tmp_path, executor=later)
    assert not later.waiting
    dead(store)
    if look == "start":
        second.close()
        second = opened(store, tmp_path, executor=later)
    elif look == "recover":
        assert second.recover() == 1
    elif look == "create":
        with pytest.raises(qa.ReportConflict) as caught:
            second.create(*CSV)
        assert caught.value.progress.id == progress.id
    assert second.progress(progress.id).workflow_state == "queued"
    later.run()
    done = second.progress(progress.id)
    assert read(second, done)
    never.run()
    assert first.progress(progress.id).updated_at == done.updated_at
    assert len(kept(tmp_path)) == 1
    first.close()
    second.close()


def test_two_that_look_at_once_take_it_over_once(store, tmp_path):
    first = opened(store, tmp_path, executor=Later())
    progress = first.create(*CSV)
    others = [opened(store, tmp_path, executor=Later()) for _ in range(2)]
    dead(store)
    late = [other._store.get(int(progress.id)) for other in others]  # noqa: SLF001
    settled = [
        other._worker.settle(job)  # noqa: SLF001  both have seen it late
        for other, job in zip(others, late, strict=True)
    ]
    assert settled == [True, False]
    for reports in (first, *others):
        reports.close()


def test_a_worker_does_not_give_up_its_own_that_it_is_at(store, tmp_path):
    gate, later = Gate(), Later()
    with opened(store, tmp_path, gate, later) as reports:
        progress = reports.create(*CSV)
        thread = running(later, gate)
        # The process slept, and so did its sign of life. Nobody else has looked.
        dead(store)
        assert reports.progress(progress.id).workflow_state == "running"
        with pytest.raises(qa.ReportConflict):
            reports.create(*CSV)
        gate.leave.release()
        thread.join()
        assert read(reports, reports.progress(progress.id))


# ---- signs of life --------------------------------------------------------------


def test_a_long_report_stays_alive(store, tmp_path):
    gate = Gate()
    with opened(store, tmp_path, gate, heartbeat_s=0.3) as first:
        progress = first.create(*CSV)
        assert gate.entered.acquire(timeout=20)
        with opened(store, tmp_path, executor=Later(), heartbeat_s=0.3) as second:
            until = time.monotonic() + 2
            while time.monotonic() < until:
                assert second.progress(progress.id).workflow_state == "running"
                time.sleep(0.02)
        gate.leave.release()


def test_what_waits_in_a_living_process_stays_its_own(store, tmp_path):
    later = Later()
    with opened(store, tmp_path, executor=later, heartbeat_s=0.3) as first:
        first.create(*CSV)
        with opened(store, tmp_path, executor=Later(), heartbeat_s=0.3) as second:
            time.sleep(1.6)
            assert second.recover() == 0


def test_others_find_a_dead_worker_without_being_asked(store, tmp_path):
    first = opened(store, tmp_path, executor=Later())
    first.create(*CSV)
    with opened(store, tmp_path, heartbeat_s=0.05):
        dead(store)
        until = time.monotonic() + 20
        while rows(store)[0]["state"] != "completed":
            assert time.monotonic() < until
            time.sleep(0.02)
    first.close()


def test_a_report_that_takes_too_long_is_failed(store, tmp_path):
    gate, later = Gate(), Later()
    with opened(store, tmp_path, gate, later, limit_s=0.2) as reports:
        progress = reports.create(*CSV)
        thread = running(later, gate)
        time.sleep(0.3)
        failed = reports.progress(progress.id)
        assert failed.workflow_state == "failed"
        assert failed.message == "this report was not done within 0.2 s; ask again"
        waiting = reports.create(*CSV)
        time.sleep(0.3)
        assert reports.recover() == 1
        assert "0.2 s" in reports.progress(waiting.id).message
        gate.leave.release()
        thread.join()
        assert kept(tmp_path) == []


def test_a_worker_that_cannot_reach_the_store_does_not_hold_the_job(
    store, tmp_path, monkeypatch, caplog
):
    later = Later()
    with opened(store, tmp_path, executor=later) as reports:
        progress = reports.create(*CSV)

        def away(*_):
            raise ConnectionError

        with monkeypatch.context() as patch:
            for step in ("complete", "fail"):
                patch.setattr(reports._store, step, away)  # noqa: SLF001
            later.run()
        assert "cannot be told" in caplog.text
        assert reports.progress(progress.id).workflow_state == "running"
        dead(store)
        assert reports.progress(progress.id).workflow_state == "failed"
        assert kept(tmp_path) == []


def test_a_report_completed_in_a_lost_answer_keeps_its_file(
    store, tmp_path, monkeypatch
):
    later = Later()
    with opened(store, tmp_path, executor=later) as reports:
        progress = reports.create(*CSV)
        steps = reports._store  # noqa: SLF001
        complete = steps.complete

        def lost(number):
            complete(number)
            raise ConnectionError

        monkeypatch.setattr(steps, "complete", lost)
        later.run()
        assert read(reports, reports.progress(progress.id))


def test_a_store_that_is_away_for_a_while_does_not_end_the_signs_of_life(
    store, tmp_path, monkeypatch, caplog
):
    first = opened(store, tmp_path, executor=Later())
    first.create(*CSV)
    with opened(store, tmp_path, heartbeat_s=0.02) as reports:

        def away():
            raise ConnectionError

        with monkeypatch.context() as patch:
            patch.setattr(reports._store, "late", away)  # noqa: SLF001
            time.sleep(0.2)
        assert "no sign of life" in caplog.text
        dead(store)
        until = time.monotonic() + 20
        while rows(store)[0]["state"] != "completed":
            assert time.monotonic() < until
            time.sleep(0.02)
    first.close()


def test_a_file_that_cannot_be_removed_is_in_the_log(
    store, tmp_path, monkeypatch, caplog
):
    def refuse(_name):
        raise PermissionError

    def gone(*_):
        raise LookupError

    later = Later()
    with opened(store, tmp_path, gone, later) as reports:
        monkeypatch.setattr(reports._files, "remove", refuse)  # noqa: SLF001
        progress = reports.create(*CSV)
        later.run()
        assert reports.progress(progress.id).message == "LookupError"
    assert "cannot be removed" in caplog.text


# ---- closing --------------------------------------------------------------------


def test_closing_finishes_what_runs_and_leaves_what_is_queued(store, tmp_path):
    gate = Gate()
    reports = opened(store, tmp_path, gate)
    for quiz in "123":
        reports.create("1", quiz, "item_analysis", "csv")
    assert gate.entered.acquire(timeout=20)
    assert gate.entered.acquire(timeout=20)
    closing = Thread(target=reports.close)
    closing.start()
    gate.leave.release(2)
    closing.join()
    assert [row["state"] for row in rows(store)] == ["completed"] * 2 + ["queued"]
    later = Later()
    with opened(store, tmp_path, executor=later) as other:
        later.run()
        assert read(other, other.progress(str(rows(store)[2]["id"])))
    with pytest.raises(RuntimeError, match="closed"):
        reports.create(*CSV)
    reports.close()


def test_closing_leaves_an_executor_that_was_given(store, tmp_path):
    later = Later()
    with opened(store, tmp_path, executor=later) as reports:
        reports.create(*CSV)
    later.run()
    assert later.submit(print)
    assert [row["state"] for row in rows(store)] == ["queued"]
