"""What a request says: query, form or JSON as one flat mapping, within limits."""

import json
from collections.abc import Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Message

__all__ = ["line", "parameters", "text"]

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
_MOST_FIELDS, _MOST_FILES, _LONGEST = 50, 5, 200


async def parameters(request: Request, max_body: int) -> Mapping[str, object]:
    """Read the parameters of a request, whichever way they were sent.

    ``{"a": {"b": 1}}`` in JSON is ``a[b]`` in a form; the body outdoes the query.

    Raises
    ------
    HTTPException
        413 for a body above `max_body` bytes, of which no more is read; 415 for one in
        another form; 400 for one that is not in the form that it says it has.
    """
    found: dict[str, object] = dict(request.query_params)
    body = await _body(request, max_body)
    if not body:
        return found
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "application/json":
        return found | _of_json(body)
    if kind in _FORMS:
        return found | await _of_form(request, body)
    raise HTTPException(
        415, f"the body must be {', '.join(_FORMS)} or application/json"
    )


def text(given: Mapping[str, object], name: str) -> str:
    """Return a parameter that must be there, as text."""
    value = given.get(name)
    if not isinstance(value, str):
        raise HTTPException(
            400, f"{name} is {'missing' if value is None else 'no text'}"
        )
    return value


def line(words: str) -> str:
    """Make one short printable line of what somebody else wrote."""
    printable = "".join(c if c.isprintable() else " " for c in words[: _LONGEST + 1])
    return printable if len(printable) <= _LONGEST else printable[:_LONGEST] + "…"


async def _body(request: Request, most: int) -> bytes:
    length = request.headers.get("content-length", "0")
    read = bytearray()
    if length.isdecimal() and (len(length) > 18 or int(length) > most):
        raise _too_large(most)
    async for chunk in request.stream():
        read += chunk
        if len(read) > most:
            raise _too_large(most)
    return bytes(read)


def _too_large(most: int) -> HTTPException:
    # Who goes on sending for long is hung up on.
    close = {"Connection": "close"}
    return HTTPException(413, f"the body is larger than {most:,} bytes", close)


def _of_json(body: bytes) -> dict[str, object]:
    try:
        data = json.loads(body)
    except (ValueError, RecursionError):
        data = None
    if not isinstance(data, dict):
        raise HTTPException(400, "the body is not a JSON object")
    flat: dict[str, object] = {}
    for key, value in data.items():
        if isinstance(value, dict):
            flat |= {f"{key}[{inner}]": each for inner, each in value.items()}
        else:
            flat[key] = value
    return flat


async def _of_form(request: Request, body: bytes) -> dict[str, Any]:
    async def again() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    whole = Request(request.scope, again)
    try:
        async with whole.form(max_fields=_MOST_FIELDS, max_files=_MOST_FILES) as form:
            return dict(form)
    except ValueError:  # an unheard-of charset
        raise HTTPException(400, "the body is not the form that it should be") from None
