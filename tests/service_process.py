"""A process that the tests start, and kill: ``service_process.py WAY STORE FOLDER``."""

import json
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from service_parts import opened, quiz

import quizanalysis as qa
from quizanalysis.service import Reports, _making


def say(**what):
    sys.stdout.write(json.dumps(what) + "\n")
    sys.stdout.flush()


def clients(store, folder, n):
    """Create the same report from many threads at once, when told to."""

    def until_released(*_):
        while not (folder / "release").exists():
            time.sleep(0.02)
        return quiz()

    def create(_):
        try:
            return {"created": reports.create("1", "12", "item_analysis", "csv").id}
        except qa.ReportConflict as conflict:
            return {"conflict": conflict.progress.id}
        except Exception as error:  # noqa: BLE001  what a client would have got
            return {"error": repr(error)}

    with opened(store, folder, until_released) as reports:
        with ThreadPoolExecutor(n) as pool:
            say(ready=True)
            sys.stdin.readline()
            say(answers=list(pool.map(create, range(n))))
        sys.stdin.readline()


def victim(way, store, folder):
    """Be in the middle of a job, and say so."""
    write = _making.write_csv

    def source(*_):
        say(at="source")
        time.sleep(60 if way == "source" else 0)
        return quiz()

    def slow(table, file):
        if way == "write":
            file.write(b"half of it")
            file.flush()
            say(at="write")
            time.sleep(60)
        write(table, file)

    _making.write_csv = slow
    reports = opened(store, folder, source, heartbeat_s=0.2)
    for number in range(10_000):
        progress = reports.create("1", f"quiz {number}", "item_analysis", "csv")
        if number < 4:
            continue
        if number == 4:
            say(at="created")
        while way != "any" or reports.progress(progress.id).workflow_state == "queued":
            time.sleep(0.001)


if __name__ == "__main__":
    assert Reports
    if sys.argv[1].isdecimal():
        clients(sys.argv[2], Path(sys.argv[3]), int(sys.argv[1]))
    else:
        victim(sys.argv[1], sys.argv[2], Path(sys.argv[3]))
