"""The reports API over HTTP, as an ASGI application (extra ``http``).

Who may do what is not decided here: see `application`.
"""

import hmac
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from inspect import isawaitable
from typing import TypeAlias, TypeVar

try:
    import python_multipart as _python_multipart  # noqa: F401  forms need it
    from starlette.applications import Starlette
    from starlette.concurrency import run_in_threadpool
    from starlette.exceptions import HTTPException
    from starlette.requests import Request
    from starlette.responses import JSONResponse
    from starlette.routing import Route
    from starlette.types import ASGIApp
except ImportError as error:
    _MISSING = f"the HTTP API needs {error.name}: pip install 'quizanalysis[http]'"
    raise ImportError(_MISSING, name=error.name) from error

import quizanalysis as qa
from quizanalysis.adapters._http_answers import HANDLERS, PRIVATE, unknown, whole
from quizanalysis.adapters._http_body import line, parameters, text
from quizanalysis.service import Reports

__all__ = ["SCOPES", "Authorize", "User", "application", "nobody", "static_token"]

_T = TypeVar("_T")

_REPORTS = "/api/quiz/v1/courses/:course_id/quizzes/:assignment_id/reports"

SCOPES = {
    "create": f"url:POST|{_REPORTS}",
    "progress": "url:GET|/api/v1/progress/:id",
    "cancel": "url:POST|/api/v1/progress/:id/cancel",
    "download": "url:GET|/api/quiz/v1/reports/download/:token",
}
"""What can be asked for, in the words that Canvas has for the scope of a token."""

User: TypeAlias = str | int | None
"""The id of a user, or nobody."""

Authorize: TypeAlias = Callable[[Request, str, str], User | Awaitable[User]]
"""Called as ``authorize(request, scope, course_id)``; returns a user's id, or None."""


def application(
    reports: Reports,
    authorize: Authorize | None = None,
    *,
    wrapped: bool = True,
    max_body: int = 64_000,
) -> Starlette:
    """Make an ASGI application that serves the reports API.

    Parameters
    ----------
    reports : Reports
        Makes the reports. Its `url` is where clients find this application.
    authorize : callable, optional
        ``authorize(request, scope, course_id)`` returns the id of the user when that
        user may do what `scope` says (one of `SCOPES`) in that course, and None when
        not; an ``async def``, or a function that is called in a thread. It may raise
        Starlette's ``HTTPException`` for another answer to `create` than 401. Without
        it nobody may do anything.
    wrapped : bool
        Answer `create` with ``{"progress": {...}}``, as the living system does; False
        for the bare object of its documentation.
    max_body : int
        Bytes of a request that are read at most.

    Returns
    -------
    starlette.applications.Starlette
        With these routes::

            POST /api/quiz/v1/courses/:course_id/quizzes/:assignment_id/reports
            GET  /api/v1/progress/:id
            POST /api/v1/progress/:id/cancel           by who asked for the report
            GET  /api/quiz/v1/reports/download/:token  what results.url names

    Notes
    -----
    The address of a finished report is signed and expires, and is all that a download
    needs; a bearer token that is sent along must be a good one. What a user may not
    see is answered as what does not exist. Errors are
    ``{"status": ..., "message": ..., "errors": [{"message": ...}]}`` with 400, 401,
    403 (cancelling another's report), 404, 409 (``progress`` is that of the live
    report), 413 or 415.

    An application that authorizes by cookies must see for itself that a form comes
    from its own pages.
    """
    api = _Api(reports, authorize or nobody, wrapped, max_body)
    path = _REPORTS.replace(":course_id", "{course_id}")
    path = path.replace(":assignment_id", "{assignment_id}")
    routes = [
        Route(path, api.create, methods=["POST"]),
        Route("/api/v1/progress/{id}", api.progress),
        Route("/api/v1/progress/{id}/cancel", api.cancel, methods=["POST"]),
        Route("/api/quiz/v1/reports/download/{token}", api.download),
    ]
    made = Starlette(routes=routes, exception_handlers=HANDLERS)
    # The address to go to would be made of whatever host the request names.
    made.router.redirect_slashes = False
    return made


def nobody(_request: Request, _scope: str, _course_id: str) -> None:
    """Let nobody do anything."""


def static_token(
    token: str, user: str = "1"
) -> Callable[[Request, str, str], str | None]:
    """Let whoever has the token do everything: for trying out.

    Parameters
    ----------
    token : str
        Sent as ``Authorization: Bearer <token>``.
    user : str
        The user's id.

    Raises
    ------
    ValueError
        For an empty token.
    """
    if not token:
        msg = "a token that is empty would be no secret"
        raise ValueError(msg)

    def authorize(request: Request, _scope: str, _course_id: str) -> str | None:
        given = (_bearer(request) or "").encode("latin-1")
        return user if hmac.compare_digest(given, token.encode()) else None

    return authorize


@dataclass(frozen=True, slots=True)
class _Api:
    """The endpoints, and what they are made of."""

    reports: Reports
    authorize: Authorize
    wrapped: bool
    max_body: int

    async def create(self, request: Request) -> JSONResponse:
        """Queue a report, for who may; the body is not read for others."""
        course, assignment = (
            _id(request, name) for name in ("course_id", "assignment_id")
        )
        said = await run_in_threadpool(
            self.authorize, request, SCOPES["create"], course
        )
        user = await _user(said)
        if user is None:
            bearer = {"WWW-Authenticate": 'Bearer realm="quizanalysis"'}
            raise HTTPException(401, "Invalid access token.", bearer)
        given = await parameters(request, self.max_body)
        kind = text(given, "quiz_report[report_type]")
        form = text(given, "quiz_report[format]")
        made = await run_in_threadpool(
            self.reports.create, course, assignment, kind, form, user
        )
        fields = made.to_dict()
        where = {} if made.url is None else {"Location": made.url}
        body = {"progress": fields} if self.wrapped else fields
        return JSONResponse(body, 201, {**PRIVATE, **where})

    async def progress(self, request: Request) -> JSONResponse:
        """Tell how far a report has come."""
        _, found, _ = await self._seen(request, "progress")
        return JSONResponse(found.to_dict(), headers=PRIVATE)

    async def cancel(self, request: Request) -> JSONResponse:
        """Cancel a report for the user who asked for it."""
        name, found, user = await self._seen(request, "cancel")
        if found.user_id is not None and found.user_id != user:
            raise HTTPException(403, "only who asked for a report can cancel it")
        given = await parameters(request, self.max_body)
        said = given.get("message")
        words = line(said) if isinstance(said, str) and said.strip() else "cancelled"
        ended = await run_in_threadpool(self.reports.cancel, name, words)
        return JSONResponse(ended.to_dict(), headers=PRIVATE)

    async def download(self, request: Request) -> ASGIApp:
        """Send a finished report to who has its signed address."""
        token = request.path_params["token"]
        result = await run_in_threadpool(self.reports.open_result, token[:1000])
        try:
            if _bearer(request) is not None:
                await self._admitted(
                    request, "download", lambda: (None, result.course_id)
                )
            return await run_in_threadpool(whole, result)
        except BaseException:
            result.file.close()
            raise

    async def _seen(self, request: Request, what: str) -> tuple[str, qa.Progress, str]:
        """Return the id of a progress, the progress, and who asks for it."""
        name = _id(request, "id", 64)
        found, user = await self._admitted(
            request, what, lambda: self.reports.progress_and_course(name)
        )
        return name, found, user

    async def _admitted(
        self, request: Request, what: str, look: Callable[[], tuple[_T, str]]
    ) -> tuple[_T, str]:
        """Look something up with its course, and return it and who asks for it."""

        def looked() -> tuple[_T, User | Awaitable[User]]:
            # In one go: while reports are made, every turn in a thread is waited for.
            found, course = look()
            return found, self.authorize(request, SCOPES[what], course)

        try:
            found, said = await run_in_threadpool(looked)
            user = await _user(said)
        except HTTPException as error:
            if error.status_code not in {401, 403}:
                raise
            raise unknown() from None
        if user is None:
            raise unknown()
        return found, user


async def _user(said: User | Awaitable[User]) -> str | None:
    """Hear who it is; whatever is not an id is nobody."""
    found = await said if isawaitable(said) else said
    if isinstance(found, bool) or not isinstance(found, str | int) or found == "":
        return None
    return str(found)


def _id(request: Request, name: str, longest: int = 255) -> str:
    """Return an id of the path, which is harmless in a path of files too."""
    value: str = request.path_params[name]
    fit = value.isprintable() and len(value) <= longest
    if not fit or value.startswith(".") or "/" in value or "\\" in value:
        raise unknown()
    return value


def _bearer(request: Request) -> str | None:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None
