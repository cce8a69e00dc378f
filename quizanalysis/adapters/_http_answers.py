"""What the reports API answers: errors in Canvas's form, and files."""

from collections.abc import AsyncIterator, Mapping, MutableMapping
from typing import Any, BinaryIO
from urllib.parse import quote

from anyio import move_on_after
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.types import ASGIApp, Receive, Scope, Send

import quizanalysis as qa
from quizanalysis.adapters._http_body import line
from quizanalysis.service import Result, UnknownReport

__all__ = ["HANDLERS", "PRIVATE", "unknown", "whole"]

PRIVATE = {"Cache-Control": "private, no-store", "X-Content-Type-Options": "nosniff"}
"""Headers of every answer: it is about persons, and is what it says it is."""

_STATUS = {
    400: "bad_request",
    401: "unauthenticated",
    403: "unauthorized",
    404: "not_found",
    409: "conflict",
}
_CHUNK = 64 * 1024
_PATIENCE_S = 10.0


def unknown() -> HTTPException:
    """Say that something is not there, or not for this user: in the same words."""
    return HTTPException(404, "The specified resource does not exist.")


def whole(result: Result) -> ASGIApp:
    """Answer with a file; it is closed whether or not the client stays to the end."""
    name = quote(result.name)
    named = f'filename="{name}"' if name == result.name else f"filename*=UTF-8''{name}"
    headers = {
        **PRIVATE,
        "Content-Disposition": f"attachment; {named}",
        "Content-Length": str(result.file.seek(0, 2)),
        "Referrer-Policy": "no-referrer",
    }
    result.file.seek(0)

    async def send_it(scope: Scope, receive: Receive, send: Send) -> None:
        answer: Response
        with result.file as file:
            if scope["method"] == "HEAD":
                answer = Response(headers=headers, media_type=result.media_type)
            else:
                kind = result.media_type
                answer = StreamingResponse(_chunks(file), 200, headers, kind)
            await answer(scope, receive, send)

    return send_it


async def _chunks(file: BinaryIO) -> AsyncIterator[bytes]:
    while chunk := await run_in_threadpool(file.read, _CHUNK):
        yield chunk


class _Patient(JSONResponse):
    """An answer after which the client is heard out for a while.

    One that is hung up on while it sends would see no answer at all. What it sends is
    thrown away.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def unfinished(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.body":
                message = {**message, "more_body": True}
            await send(message)

        await super().__call__(scope, receive, unfinished)
        with move_on_after(_PATIENCE_S):
            while (await receive()).get("more_body"):
                pass
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def _refused(_request: Request, error: Exception) -> JSONResponse:
    if not isinstance(error, HTTPException):
        return _answer(400, line(str(error)))
    kind = _Patient if error.status_code == 413 else JSONResponse
    return _answer(error.status_code, line(str(error.detail)), error.headers, kind=kind)


def _conflicting(_request: Request, error: Exception) -> JSONResponse:
    live = getattr(error, "progress", None)
    more = {} if live is None else {"progress": live.to_dict()}
    return _answer(409, "report is already being generated", more=more)


def _missing(_request: Request, _error: Exception) -> JSONResponse:
    return _refused(_request, unknown())


def _broken(_request: Request, _error: Exception) -> JSONResponse:
    """Say no more than that it went wrong; the server's log has the rest."""
    return _answer(500, "The server made an error.")


def _answer(
    status: int,
    message: str,
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, object] | None = None,
    kind: type[JSONResponse] = JSONResponse,
) -> JSONResponse:
    content = {
        "status": _STATUS.get(status, "error"),
        "message": message,
        "errors": [{"message": message}],
        **(more or {}),
    }
    return kind(content, status, {**PRIVATE, **(headers or {})})


HANDLERS = {
    HTTPException: _refused,
    ClientDisconnect: _refused,
    qa.InvalidReport: _refused,
    qa.ReportConflict: _conflicting,
    UnknownReport: _missing,
    Exception: _broken,
}
"""What is answered to each error."""
