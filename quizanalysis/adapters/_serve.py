"""``quizanalysis serve``: the exports in a folder, behind the reports API."""

import os
import secrets
import socket
import sys
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TextIO

from quizanalysis.adapters.http import User, application, static_token

try:
    import uvicorn
except ImportError as error:
    _MISSING = f"serving needs {error.name}: pip install 'quizanalysis[http]'"
    raise ImportError(_MISSING, name=error.name) from error

from sqlalchemy import URL
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import ASGIApp

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters._folder import Served, found
from quizanalysis.service import Reports

__all__ = ["serve"]

_OWN = ".quizanalysis"

_TRY = """
create a report (item_analysis or student_analysis, csv or json):

  curl -H 'Authorization: Bearer {token}' \\
    -F 'quiz_report[report_type]=item_analysis' -F 'quiz_report[format]=csv' \\
    {url}/api/quiz/v1/courses/{course}/quizzes/{assignment}/reports

ask how far it is, by the id in the answer; when it is completed, download it:

  curl -H 'Authorization: Bearer {token}' {url}/api/v1/progress/ID
  curl -o report.csv 'THE URL IN "results"'
"""


def serve(folder: Path, store: str | None, port: int) -> None:
    """Serve a folder on this machine until interrupted.

    Parameters
    ----------
    folder : Path
        Each export in it is a quiz. Jobs and reports are kept in ``.quizanalysis``
        in it.
    store : str, optional
        An SQLAlchemy URL for the jobs instead.
    port : int
        0 for any that is free.

    Raises
    ------
    OSError
        Where the port is taken, or the folder cannot be written to.
    ValueError
        Where there is no quiz, the index is wrong, or the store is none.
    """
    quizzes = found(folder, lambda why: _tell(f"left out {why}", sys.stderr))
    own = folder.absolute() / _OWN
    own.mkdir(mode=0o700, exist_ok=True)
    token, secret = secrets.token_urlsafe(24), _secret(own / "secret")
    with socket.create_server(("127.0.0.1", port)) as listening:
        # What is accepted inherits it; without, every answer is 40 ms late.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        try:
            reports = Reports(
                _source(quizzes),
                store or _sqlite(own / "reports.db"),
                secret=secret,
                files=own / "reports",
                url=url,
            )
        except SQLAlchemyError as error:
            msg = f"the store: {str(error).splitlines()[0]}"
            raise ValueError(msg) from None
        with reports:
            _tell(_welcome(quizzes, url, token), sys.stdout)
            _run(application(reports, _authorizing(token, quizzes)), listening)


def _run(app: ASGIApp, listening: socket.socket) -> None:
    config = uvicorn.Config(
        app, log_level="warning", server_header=False, ws="none", lifespan="off"
    )
    uvicorn.Server(config).run(sockets=[listening])


def _sqlite(file: Path) -> str:
    return URL.create("sqlite", database=str(file)).render_as_string()


def _source(quizzes: list[Served]) -> Callable[[str, str], qa.Responses]:
    files = {(quiz.course_id, quiz.assignment_id): quiz.file for quiz in quizzes}

    def source(course_id: str, assignment_id: str) -> qa.Responses:
        file = files.get((course_id, assignment_id))
        if file is None:
            msg = f"there is no quiz {assignment_id} in course {course_id}"
            raise LookupError(msg)
        return qa.read(file)

    return source


def _authorizing(
    token: str, quizzes: list[Served]
) -> Callable[[Request, str, str], User]:
    """Admit who has the token, and say at once when there is no such quiz."""
    known = {(quiz.course_id, quiz.assignment_id) for quiz in quizzes}
    admit = static_token(token)

    def authorize(request: Request, scope: str, course_id: str) -> User:
        user = admit(request, scope, course_id)
        assignment_id = request.path_params.get("assignment_id")
        asked = (course_id, assignment_id)
        if user is not None and assignment_id is not None and asked not in known:
            raise HTTPException(404, "There is no such quiz in this folder.")
        return user

    return authorize


def _secret(file: Path) -> str:
    """Return what links are signed with; made once, so that they outlive a restart."""
    with suppress(FileExistsError):
        handle = os.open(file, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(handle, "w") as new:
            new.write(secrets.token_urlsafe(32))
    secret = file.read_text("ascii")
    if len(secret) < 32:
        msg = f"'{file}' is too short for a secret: delete it for a new one"
        raise ValueError(msg)
    return secret


def _welcome(quizzes: list[Served], url: str, token: str) -> str:
    """Say what is served, and the curl lines to try it with."""
    first = quizzes[0]
    wide = max(len(quiz.file.name) for quiz in quizzes)
    lines = [
        f"  course {quiz.course_id}, assignment {quiz.assignment_id}: "
        f"{_words.one_line(quiz.file.name):{wide}}  "
        f"{_words.counted(quiz.n, 'submissions')}"
        for quiz in quizzes
    ]
    how = _TRY.format(
        url=url, token=token, course=first.course_id, assignment=first.assignment_id
    )
    return "\n".join([f"serving at {url} (token {token}), Ctrl+C ends it", *lines, how])


def _tell(text: str, stream: TextIO | None) -> None:
    if stream is not None:
        stream.write(f"{_words.printable(text)}\n")
        stream.flush()
