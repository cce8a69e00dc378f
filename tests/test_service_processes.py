"""Several processes at one store: fifty at once, and kill -9 in the middle of a job."""

import io
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

pytest.importorskip("sqlalchemy", reason="the extra service is not installed")
pytest.importorskip("itsdangerous", reason="the extra service is not installed")

from service_parts import (
    STORES,
    database,
    kept,
    opened,
    quiz,
    read,
    rows,
)

import quizanalysis as qa

HERE = Path(__file__).parent
PATHS = os.pathsep.join([str(Path(qa.__file__).parents[1]), str(HERE)])


@pytest.fixture(params=STORES)
def store(request, tmp_path):
    with database(request.param, tmp_path) as url:
        yield url


def started(way, store, folder):
    return subprocess.Popen(
        [sys.executable, HERE / "service_process.py", str(way), store, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": PATHS},  # noqa: TID251  of the process
    )


def heard(process):
    return json.loads(process.stdout.readline())


def end(process):
    process.stdin.close()
    assert process.wait(timeout=60) == 0
    process.stdout.close()


def begun(store):
    """The states of all, once none is queued: each begins in a thread of its own."""
    for _ in range(3_000):
        states = [row["state"] for row in rows(store)]
        if "queued" not in states:
            break
        time.sleep(0.01)
    return states


def test_of_fifty_at_once_at_three_processes_one_succeeds(store, tmp_path):
    processes = [started(n, store, tmp_path) for n in (17, 17, 16)]
    for process in processes:
        assert heard(process) == {"ready": True}
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    answers = [answer for p in processes for answer in heard(p)["answers"]]
    created = [answer for answer in answers if "created" in answer]
    assert len(created) == 1, answers
    wanted = {"conflict": created[0]["created"]}
    assert [a for a in answers if a is not created[0]] == [wanted] * 49
    assert begun(store) == ["running"]
    (tmp_path / "release").touch()
    for process in processes:
        end(process)
    assert [row["state"] for row in rows(store)] == ["completed"]
    assert len(kept(tmp_path)) == 1


def killed(way, store, folder, pause):
    """Start a process, and kill it when it is where it is wanted."""
    process = started(way, store, folder)
    if way in ("source", "write"):
        wanted = {way, "created"}  # some others wait then
        while wanted:
            wanted.discard(heard(process)["at"])
    else:
        heard(process)
        time.sleep(pause)
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdin.close()
    process.stdout.close()


def nothing_hangs(store, folder):
    file = io.BytesIO()
    qa.write_csv(qa.conventions.new_quizzes.item_analysis(quiz()), file)
    with opened(store, folder, heartbeat_s=0.1) as reports:
        ids = [str(row["id"]) for row in rows(store)]
        until = time.monotonic() + 30
        while {reports.progress(name).workflow_state for name in ids} & {
            "queued",
            "running",
        }:
            assert time.monotonic() < until
            time.sleep(0.05)
        seen = [reports.progress(name) for name in ids]
        for progress in seen:
            if progress.workflow_state == "completed":
                assert read(reports, progress) == file.getvalue()
            else:
                assert "ended before it was done" in progress.message
        for quiz_name in {row["assignment_id"] for row in rows(store)}:
            again = reports.create("1", quiz_name, "item_analysis", "csv")
            assert again.workflow_state == "queued"
    completed = [row["file"] for row in rows(store) if row["state"] == "completed"]
    assert kept(folder) == sorted(completed)
    return [progress.workflow_state for progress in seen]


KILL = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="POSIX's kill -9")


@KILL
@pytest.mark.parametrize("way", ["source", "write", "any"])
def test_a_killed_process_leaves_nothing_that_hangs(store, tmp_path, way):
    killed(way, store, tmp_path, 0.2)
    states = nothing_hangs(store, tmp_path)
    if way != "any":
        assert 1 <= states.count("failed") <= 2
        assert "completed" in states


@KILL
@pytest.mark.slow
@pytest.mark.parametrize("seed", range(20))
def test_wherever_it_is_killed(store, tmp_path, seed):
    chance = random.Random(seed)  # noqa: S311
    way = chance.choice(["source", "write", "any", "any"])
    killed(way, store, tmp_path, chance.uniform(0, 0.5))
    nothing_hangs(store, tmp_path)
