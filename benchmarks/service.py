"""``python -m benchmarks.service``: the report service under load.

Twenty clients create reports and poll them until they are completed, against the
service in a process of its own; and make the same requests to an application that has
the same routes and does nothing. Rounds are interleaved; medians are printed.
"""

import argparse
import io
import json
import socket
import statistics
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

import quizanalysis as qa
from quizanalysis.adapters.http import application, static_token
from quizanalysis.service import Reports

CLIENTS, TOKEN = 20, "for trying out"
FORM = "quiz_report[report_type]=item_analysis&quiz_report[format]=csv"
HEADERS = {
    "Authorization": f"Bearer {TOKEN}",
    "Content-Type": "application/x-www-form-urlencoded",
}


def quiz() -> qa.Responses:
    """A class of 30 and 20 questions."""
    scores = np.random.default_rng(7).integers(0, 2, (30, 20))
    return qa.Responses.from_matrix(scores, points_possible=1)


def analysis() -> None:
    """What a job does besides being a job: the same bytes, by the functions for it."""
    qa.write_csv(qa.conventions.new_quizzes.item_analysis(quiz()), io.BytesIO())


# ---- the two servers, each in its own process ---------------------------------------


def bare():
    """An application with the routes of ours, which does nothing."""

    def told(state):
        return {"id": "1", "workflow_state": state, "completion": 0, "results": None}

    async def create(request):
        await request.body()
        return JSONResponse({"progress": told("queued")}, 201)

    async def progress(_request):
        return JSONResponse(told("running"))

    path = "/api/quiz/v1/courses/{course}/quizzes/{quiz}/reports"
    return Starlette(
        routes=[
            Route(path, create, methods=["POST"]),
            Route("/api/v1/progress/{id}", progress),
        ]
    )


def ours(folder: str):
    """The real one, on SQLite."""
    reports = Reports(
        lambda *_: quiz(),
        f"sqlite:///{folder}/reports.db",
        secret="of this benchmark",  # noqa: S106
        files=f"{folder}/files",
    )
    return application(reports, static_token(TOKEN))


def serve(folder: str | None, port: int) -> None:
    """Run one of them until it is terminated."""
    app = bare() if folder is None else ours(folder)
    listening = socket.create_server(("127.0.0.1", port), backlog=128)
    listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    config = uvicorn.Config(app, log_level="warning", lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


@contextmanager
def running(folder: str | None):
    """A server in a process of its own; gives its port."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    where = [] if folder is None else ["--folder", folder]
    command = [sys.executable, "-m", "benchmarks.service", "--port", str(port), *where]
    with subprocess.Popen(command, cwd=Path(__file__).parents[1]) as process:
        try:
            for _ in range(600):
                try:
                    socket.create_connection(("127.0.0.1", port)).close()
                    break
                except ConnectionError:
                    time.sleep(0.05)
            yield port
        finally:
            process.terminate()


# ---- the clients --------------------------------------------------------------------


def ask(connection, method, path, body=None):
    """Send one request over a connection that stays open."""
    connection.request(method, path, body, HEADERS)
    answer = connection.getresponse()
    content = json.loads(answer.read())
    if answer.status >= 400:
        raise RuntimeError(content)
    return content


def cycles(port: int, names: range, polls: int | None) -> int:
    """Create reports and poll each till it is completed, or so often."""
    connection, n = HTTPConnection("127.0.0.1", port, timeout=60), 0
    for name in names:
        path = f"/api/quiz/v1/courses/1/quizzes/{name}/reports"
        made = ask(connection, "POST", path, FORM)["progress"]
        n += 1
        at = f"/api/v1/progress/{made['id']}"
        for _ in range(10_000 if polls is None else polls):
            n += 1
            if ask(connection, "GET", at)["workflow_state"] == "completed":
                break
    connection.close()
    return n


def load(port: int, first: int, n: int, polls: int | None) -> tuple[float, int]:
    """Run all clients at once; seconds, and requests."""
    each = n // CLIENTS
    shares = [range(first + c * each, first + (c + 1) * each) for c in range(CLIENTS)]
    start = time.perf_counter()
    with ThreadPoolExecutor(CLIENTS) as pool:
        requests = sum(pool.map(lambda names: cycles(port, names, polls), shares))
    return time.perf_counter() - start, requests


def main(*, small: bool) -> None:
    """Print requests per second, side by side."""
    n, rounds = (40, 3) if small else (200, 5)
    analysis()
    start = time.perf_counter()
    for _ in range(n):
        analysis()
    alone = time.perf_counter() - start
    taken, asked, nothing = [], [], []
    with TemporaryDirectory() as folder, running(folder) as mine, running(None) as its:
        load(mine, 0, CLIENTS, None)
        for number in range(1, rounds + 1):
            seconds, requests = load(mine, 1_000 * number, n, None)
            taken.append(seconds)
            asked.append(requests / seconds)
            polls = max(1, requests // n - 1)
            seconds, requests = load(its, 0, n, polls)
            nothing.append(requests / seconds)
    wall, rate, bare_rate = map(statistics.median, (taken, asked, nothing))
    print(f"{n} reports created and polled by {CLIENTS} clients at once, SQLite")
    print(f"  the service                      {rate:>8.0f} requests/s")
    print(f"  the same routes, doing nothing   {bare_rate:>8.0f} requests/s")
    print(f"  ratio                            {rate / bare_rate:>8.2f}")
    print(f"  the analyses alone               {alone / wall:>8.0%} of the time")
    print(f"  outside the analysis             {1 - alone / wall:>8.0%} of the time")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="fewer reports")
    parser.add_argument("--port", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.port is None:
        main(small=options.small)
    else:
        serve(options.folder, options.port)
