"""The HTTP side of the reports API: what it takes, whom it lets in, what it answers."""

import json
import resource
import socket
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

pytest.importorskip("starlette", reason="the extra http is not installed")
pytest.importorskip("uvicorn", reason="the extra http is not installed")
pytest.importorskip("sqlalchemy", reason="the extra service is not installed")

from http_server import FORM, LINK, REPORTS, Pretended, call, served, soon
from starlette.exceptions import HTTPException

from quizanalysis.adapters import _http_answers
from quizanalysis.adapters.http import SCOPES, application, static_token

PATH = REPORTS.format(1, 12)
DOWNLOAD = f"/api/quiz/v1/reports/download/{LINK}"
FIELDS = {
    "quiz_report[report_type]": "item_analysis",
    "quiz_report[format]": "csv",
}
BOUND = "----x"
MULTIPART = f"multipart/form-data; boundary={BOUND}"


def form(fields=None, **more):
    return urlencode({**(FIELDS if fields is None else fields), **more})


def parts(fields, tail="--\r\n"):
    """Write a multipart body."""
    each = "".join(
        f'--{BOUND}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
        for name, value in fields.items()
    )
    return f"{each}--{BOUND}{tail}"


NESTED = {"quiz_report": {"report_type": "item_analysis", "format": "csv"}}
USERS = {"good": {"1": "7"}, "other": {"1": "8"}, "elsewhere": {"2": "9"}}


class Authority:
    """Knows who may what by token and course, and what it was asked."""

    def __init__(self):
        self.asked = []

    def __call__(self, request, scope, course_id):
        self.asked.append((scope, course_id))
        token = request.headers.get("authorization", "").removeprefix("Bearer ")
        return USERS.get(token, {}).get(course_id)


@pytest.fixture(scope="module")
def server():
    """One server for all tests; what it serves is put in anew for each."""

    async def app(scope, receive, send):
        await current["app"](scope, receive, send)

    current = {}
    with served(app) as base:
        yield base, current


@pytest.fixture
def reports():
    return Pretended()


@pytest.fixture
def authority():
    return Authority()


@pytest.fixture
def ask(server, reports, authority):
    base, current = server
    current["app"] = application(reports, authority)

    def ask(method, path, *arguments, app=None, **options):
        if app is not None:
            current["app"] = app
        return call(base, method, path, *arguments, **options)

    ask.base = base
    return ask


def error(answer):
    """Check that this is an error in Canvas's form, and return its message."""
    content = answer.json()
    assert answer.headers["Content-Type"] == "application/json"
    assert content["errors"] == [{"message": content["message"]}]
    assert "Traceback" not in content["message"]
    return content["message"]


# ---- creating ---------------------------------------------------------------------

BODIES = {
    "form": (FORM, form()),
    "form, the last counts": (FORM, "quiz_report[format]=json&" + form()),
    "multipart": (MULTIPART, parts(FIELDS)),
    "nested JSON": ("application/json", json.dumps(NESTED)),
    "JSON in UTF-16": ("application/json", json.dumps(NESTED).encode("utf-16")),
    "flat JSON": ("application/json; charset=utf-8", json.dumps(FIELDS)),
}


@pytest.mark.parametrize("name", BODIES)
def test_a_report_is_created_from_every_kind_of_body(name, ask, reports):
    kind, body = BODIES[name]
    answer = ask("POST", PATH, body, kind=kind)
    assert answer.status == 201
    assert list(answer.json()) == ["progress"]
    made = answer.json()["progress"]
    assert made == json.loads(json.dumps(reports.jobs["1"][0].to_dict()))
    assert (made["id"], made["workflow_state"]) == ("1", "queued")
    assert answer.headers["Location"] == made["url"]
    assert reports.asked == [("1", "12", "item_analysis", "csv", "7")]


def test_parameters_may_stand_in_the_query(ask, reports):
    assert ask("POST", f"{PATH}?{form()}").status == 201
    answer = ask(
        "POST", f"{PATH}?{form()}", form({"quiz_report[format]": "x"}), kind=FORM
    )
    assert answer.status == 400
    assert reports.asked[-1][2:4] == ("item_analysis", "x")


def test_the_progress_is_bare_when_asked_for(ask, reports, authority):
    app = application(reports, authority, wrapped=False)
    answer = ask("POST", PATH, form(), kind=FORM, app=app)
    assert answer.status == 201
    assert answer.json()["id"] == "1"


WRONG = {
    "nothing": (None, None),
    "type missing": (FORM, form({"quiz_report[format]": "csv"})),
    "format missing": (FORM, form({"quiz_report[report_type]": "item_analysis"})),
    "unknown type": (FORM, form(**{"quiz_report[report_type]": "summary"})),
    "unknown format": (FORM, form(**{"quiz_report[format]": "xlsx"})),
    "type not text": (
        "application/json",
        json.dumps({"quiz_report": {"report_type": 1}}),
    ),
    "another shape": ("application/json", '{"report": {"type": "student_analysis"}}'),
    "JSON list": ("application/json", "[1]"),
    "JSON text": ("application/json", '"x"'),
    "JSON cut off": ("application/json", '{"quiz_report": {'),
    "JSON bomb": ("application/json", "[" * 60_000),
    "JSON bomb of objects": ("application/json", '{"a":' * 10_000),
    "JSON endless number": ("application/json", '{"a": ' + "9" * 60_000 + "}"),
    "JSON not UTF-8": ("application/json", b'{"\xff": 1}'),
    "JSON half a letter": (
        "application/json",
        r'{"quiz_report": {"report_type": "\ud800", "format": "\u0000"}}',
    ),
    "form not UTF-8": (
        FORM,
        b"quiz_report[report_type]=%ff%fe&quiz_report[format]=\xff",
    ),
    "form of JSON": (FORM, json.dumps(NESTED)),
    "many fields": (FORM, "&".join(f"a{n}=1" for n in range(5_000))),
    "multipart without boundary": ("multipart/form-data", parts(FIELDS)),
    "multipart with another": ("multipart/form-data; boundary=other", parts(FIELDS)),
    "multipart cut off": (MULTIPART, parts(FIELDS)[:-60]),
    "multipart of rubbish": (MULTIPART, b"\x00\xff" * 500),
    "multipart in an odd charset": (f"{MULTIPART}; charset=idna", parts(FIELDS)[:-30]),
    "multipart in an undefined charset": (
        f"{MULTIPART}; charset=undefined",
        parts(FIELDS),
    ),
    "multipart without names": (MULTIPART, parts(FIELDS).replace(" name=", " x=")),
    "many parts": (MULTIPART, parts({f"a{n}": 1 for n in range(500)})),
    "a file for a word": (
        MULTIPART,
        parts(FIELDS).replace('format]"', 'format]"; filename="/etc/passwd"'),
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_body_is_400_with_a_clear_message(name, ask, reports):
    kind, body = WRONG[name]
    answer = ask("POST", PATH, body, kind=kind)
    assert answer.status == 400, answer.body
    assert 5 < len(error(answer)) < 300
    assert reports.jobs == {}


def test_another_kind_of_body_is_415(ask):
    answer = ask("POST", PATH, "<xml/>", kind="text/xml")
    assert (answer.status, "application/json" in error(answer)) == (415, True)


def test_what_was_wrong_is_not_repeated_at_length(ask):
    fields = form(**{"quiz_report[report_type]": "<script>" * 5_000})
    assert len(ask("POST", PATH, fields, kind=FORM).body) < 1_000


def test_a_live_report_is_409_and_named(ask):
    live = ask("POST", PATH, form(), kind=FORM).json()["progress"]
    answer = ask("POST", PATH, form(**{"quiz_report[format]": "json"}), kind=FORM)
    assert answer.status == 409
    assert answer.json()["status"] == "conflict"
    assert error(answer) == "report is already being generated"
    assert answer.json()["progress"] == live


# ---- size -------------------------------------------------------------------------


def raw(base, head, chunks=()):
    """Send bytes as they are, as far as they are taken; return what comes back."""
    host, _, port = base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(head)
        sent = 0
        try:
            for chunk in chunks:
                connection.sendall(chunk)
                sent += len(chunk)
        except ConnectionError:
            pass
        got = b""
        try:
            while part := connection.recv(65_536):
                got += part
        except ConnectionError:
            pass
        return got, sent


def head(*lines):
    start = f"POST {PATH} HTTP/1.1", "Host: x", "Authorization: Bearer good"
    return "\r\n".join([*start, f"Content-Type: {FORM}", *lines, "", ""]).encode()


def test_a_body_that_says_it_is_a_gigabyte_is_413_before_it_is_sent(ask, monkeypatch):
    monkeypatch.setattr(_http_answers, "_PATIENCE_S", 0.3)
    got, _ = raw(ask.base, head("Content-Length: 1000000000"))
    assert got.startswith(b"HTTP/1.1 413 ")
    assert b"64,000 bytes" in got


@pytest.mark.parametrize("megabytes", [1, 100])
def test_a_body_that_does_not_say_so_is_413_and_not_kept(megabytes, ask):
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    head_of = head("Transfer-Encoding: chunked")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    chunks = [chunk] * (16 * megabytes)
    got, sent = raw(ask.base, head_of, [*chunks, b"0\r\n\r\n"])
    assert got.startswith(b"HTTP/1.1 413 ")
    assert got.endswith(b'64,000 bytes"}]}')
    assert sent == len(chunk) * len(chunks) + 5
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 30_000  # kilobytes


def test_who_never_ends_is_hung_up_on(ask, monkeypatch):
    monkeypatch.setattr(_http_answers, "_PATIENCE_S", 0.3)
    chunk = b"10000\r\n" + b"a" * 65_536 + b"\r\n"
    most = 1_000_000
    _, sent = raw(
        ask.base, head("Transfer-Encoding: chunked"), (chunk for _ in range(most))
    )
    assert sent < most * len(chunk)


def test_the_limit_is_a_keyword_and_exact(ask, reports, authority):
    app = application(reports, authority, max_body=len(form()))
    assert ask("POST", PATH, form(), kind=FORM, app=app).status == 201
    assert ask("POST", PATH, form() + "&", kind=FORM).status == 413


def test_the_body_of_a_stranger_is_not_read(ask):
    said = head("Content-Length: 1000000000", "Connection: close")
    got, _ = raw(ask.base, said.replace(b"good", b"bad"))
    assert got.startswith(b"HTTP/1.1 401 ")


# ---- who may what ---------------------------------------------------------------


@pytest.mark.parametrize("token", [None, "", "bad", "elsewhere"])
def test_creating_without_leave_is_401(token, ask, reports):
    answer = ask("POST", PATH, form(), kind=FORM, bearer=token)
    assert answer.status == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer ")
    assert error(answer)
    assert reports.asked == []


def test_the_scope_is_asked_for_in_the_words_of_the_documentation(ask, authority):
    ask("POST", PATH, form(), kind=FORM)
    ask("GET", "/api/v1/progress/1")
    ask("POST", "/api/v1/progress/1/cancel")
    ask("GET", DOWNLOAD)
    assert authority.asked == [
        (
            "url:POST|/api/quiz/v1/courses/:course_id/quizzes/:assignment_id/reports",
            "1",
        ),
        ("url:GET|/api/v1/progress/:id", "1"),
        ("url:POST|/api/v1/progress/:id/cancel", "1"),
        ("url:GET|/api/quiz/v1/reports/download/:token", "1"),
    ]
    assert [scope for scope, _ in authority.asked] == list(SCOPES.values())


def test_nobody_may_do_anything_unless_it_is_said_who_may(ask, reports):
    app = application(reports)
    assert ask("POST", PATH, form(), kind=FORM, app=app).status == 401
    reports.create("1", "12", "item_analysis", "csv", "7")
    assert ask("GET", "/api/v1/progress/1").status == 404
    assert ask("POST", "/api/v1/progress/1/cancel").status == 404
    assert ask("GET", DOWNLOAD).status == 404


@pytest.mark.parametrize("found", [None, False, True, "", [], {}, object()])
def test_whatever_is_not_a_users_id_is_nobody(found, ask, reports):
    app = application(reports, lambda *_: found)
    assert ask("POST", PATH, form(), kind=FORM, app=app).status == 401


def test_an_authorizer_may_be_async_and_ids_numbers(ask, reports):
    async def authorize(_request, _scope, _course_id):
        return 42

    app = application(reports, authorize)
    answer = ask("POST", PATH, form(), kind=FORM, app=app)
    assert answer.json()["progress"]["user_id"] == "42"


@pytest.mark.parametrize(("status", "seen"), [(401, 404), (403, 404), (503, 503)])
def test_an_authorizer_may_give_another_answer_to_creating(status, seen, ask, reports):
    def authorize(_request, _scope, _course_id):
        raise HTTPException(status, "the course is over")

    app = application(reports, authorize)
    answer = ask("POST", PATH, form(), kind=FORM, app=app)
    assert (answer.status, error(answer)) == (status, "the course is over")
    reports.create("1", "12", "item_analysis", "csv", "7")
    assert ask("GET", "/api/v1/progress/1").status == seen


def test_a_static_token_lets_its_bearer_in_and_nobody_else(ask, reports):
    app = application(reports, static_token("s3cret", user="5"))
    made = ask("POST", PATH, form(), kind=FORM, bearer="s3cret", app=app)
    assert made.json()["progress"]["user_id"] == "5"
    for token in ("S3CRET", "s3cre", "s3cret2", "s\xe93cret"):
        assert ask("POST", PATH, form(), kind=FORM, bearer=token).status == 401
    basic = {"Authorization": "Basic s3cret"}
    assert ask("POST", PATH, form(), kind=FORM, bearer=None, **basic).status == 401
    with pytest.raises(ValueError, match="empty"):
        static_token("")


def test_what_one_may_not_see_is_answered_as_what_does_not_exist(ask):
    ask("POST", PATH, form(), kind=FORM)
    hidden = ask("GET", "/api/v1/progress/1", bearer="elsewhere")
    absent = ask("GET", "/api/v1/progress/2", bearer="elsewhere")
    assert hidden.status == absent.status == 404
    assert hidden.body == absent.body
    assert ask("POST", "/api/v1/progress/1/cancel", bearer="bad").body == absent.body


# ---- progress, cancel, download -----------------------------------------------------


def test_a_progress_is_bare_and_not_to_be_kept(ask):
    made = ask("POST", PATH, form(), kind=FORM).json()["progress"]
    for token in ("good", "other"):
        answer = ask("GET", "/api/v1/progress/1", bearer=token)
        assert (answer.status, answer.json()) == (200, made)
        assert answer.headers["Cache-Control"] == "private, no-store"


def test_a_report_is_cancelled_by_who_asked_for_it(ask, reports):
    ask("POST", PATH, form(), kind=FORM)
    refused = ask("POST", "/api/v1/progress/1/cancel", bearer="other")
    assert (refused.status, "asked for" in error(refused)) == (403, True)
    answer = ask("POST", "/api/v1/progress/1/cancel", "message=too+slow\x00", kind=FORM)
    assert answer.status == 200
    assert answer.json()["workflow_state"] == "failed"
    assert reports.asked[-1] == ("1", "too slow ")
    assert ask("POST", PATH, form(), kind=FORM).status == 201


@pytest.mark.parametrize("token", ["good", None])
def test_a_download_needs_the_link_and_no_token(token, ask, reports):
    answer = ask("GET", DOWNLOAD, bearer=token)
    assert (answer.status, answer.body) == (200, b"a,b\n" * 50_000)
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    named = "attachment; filename*=UTF-8''%C3%A9t%C3%A9.csv"
    assert answer.headers["Content-Disposition"] == named
    assert answer.headers["Content-Length"] == "200000"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert soon(lambda: reports.opened.closed)


@pytest.mark.parametrize("token", ["bad", "elsewhere", ""])
def test_a_token_sent_along_with_a_link_must_be_a_good_one(token, ask, reports):
    answer = ask("GET", DOWNLOAD, bearer=token)
    assert answer.status == 404
    assert soon(lambda: reports.opened.closed)


def test_a_download_can_be_asked_about(ask, reports):
    answer = ask("HEAD", DOWNLOAD)
    assert (answer.status, answer.body) == (200, b"")
    assert answer.headers["Content-Length"] == "200000"
    assert soon(lambda: reports.opened.closed)


def test_a_file_is_closed_when_the_client_goes_away(ask, reports):
    line = "GET /api/quiz/v1/reports/download/.signed-1 HTTP/1.0\r\n\r\n"
    host, _, port = ask.base.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), 20) as connection:
        connection.sendall(line.encode())
        connection.recv(100)
    assert ask("GET", "/api/v1/progress/1").status == 404
    assert soon(lambda: reports.opened.closed)


# ---- hostile requests ----------------------------------------------------------------

IDS = [
    "..",
    "../..",
    "../../etc/passwd",
    "/etc/passwd",
    "C:\\windows",
    "..\\..",
    ".hidden",
    "a\nSet-Cookie: x=1",
    "a\x00",
    "\u202e1",
    "x" * 300,
]


@pytest.mark.parametrize("name", IDS, ids=ascii)
def test_an_id_that_is_a_path_or_worse_is_404_and_asks_nobody(
    name, ask, reports, authority
):
    coded = quote(name, safe="")
    for course, quiz in ((coded, "12"), ("1", coded)):
        answer = ask("POST", REPORTS.format(course, quiz), form(), kind=FORM)
        assert answer.status == 404
        assert error(answer)
        assert answer.headers["Set-Cookie"] is None
    for method, path in (("GET", ""), ("POST", "/cancel")):
        assert ask(method, f"/api/v1/progress/{coded}{path}").status == 404
    assert ask("GET", f"/api/quiz/v1/reports/download/{coded}").status == 404
    assert reports.asked == authority.asked == []


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", PATH, 405),
        ("DELETE", "/api/v1/progress/1", 405),
        ("POST", DOWNLOAD, 405),
        ("GET", "/", 404),
        ("GET", "/api/quiz/v1/reports/download/", 404),
        ("POST", f"{PATH}/", 404),
        ("GET", "/api/v1/progress/", 404),
        ("GET", "//evil.example/api/v1/progress/1", 404),
    ],
)
def test_other_methods_and_paths_are_refused_in_the_same_form(
    method, path, status, ask
):
    answer = ask(method, path)
    assert answer.status == status
    assert error(answer)
    assert answer.headers["Location"] is None


def test_a_fault_of_the_server_says_nothing_of_its_inside(ask, reports):
    reports.error = RuntimeError("postgresql://teacher:hunter2@db/reports")
    answer = ask("POST", PATH, form(), kind=FORM)
    assert answer.status == 500
    assert error(answer) == "The server made an error."
    assert b"hunter2" not in answer.body


KINDS = [FORM, "multipart/form-data; boundary=x", "application/json", "text/csv", None]
PIECES = [
    b"--x",
    b"--x--",
    b"\r\n",
    b'Content-Disposition: form-data; name="quiz_report[format]"',
    b"; filename=a",
    b"Content-Transfer-Encoding: base64",
    b"quiz_report[report_type]=",
    b"item_analysis",
    b"csv",
    b"&",
    b'{"quiz_report": ',
    b'"format"',
    b"}",
    b"[",
    b"\xff\x00",
]


@given(
    body=st.one_of(st.binary(), st.lists(st.sampled_from(PIECES)).map(b"".join)),
    kind=st.sampled_from(KINDS),
)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_body_is_taken_or_refused_in_words(body, kind, ask):
    answer = ask("POST", PATH, body, kind=kind)
    if answer.status not in (201, 409):
        assert answer.status in (400, 415), answer.body
        assert error(answer)
