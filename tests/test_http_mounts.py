"""The application inside those of other frameworks, below a path of theirs."""

from contextlib import contextmanager
from pathlib import Path
from threading import Thread

import pytest

pytest.importorskip("starlette", reason="the extra http is not installed")
pytest.importorskip("uvicorn", reason="the extra http is not installed")
pytest.importorskip("sqlalchemy", reason="the extra service is not installed")

from http_server import FORM, REPORTS, call, free, served, soon, url_of
from starlette.applications import Starlette
from starlette.routing import Mount

import quizanalysis as qa
from quizanalysis.adapters.http import application, static_token
from quizanalysis.service import Reports

EXPORT = Path(__file__).parents[1] / "fixtures" / "course" / "new_quizzes.csv"
BODY = "quiz_report[report_type]=student_analysis&quiz_report[format]=csv"
WHY = "a host that only these tests need"


@pytest.fixture
def listening():
    with free() as listening:
        yield listening


@pytest.fixture
def api(listening, tmp_path):
    """The application as a host would make it, to be found at /canvas."""
    with Reports(
        lambda *_: qa.read(EXPORT),
        f"sqlite:///{tmp_path}/reports.db",
        secret="for the tests",  # noqa: S106
        files=tmp_path / "files",
        url=f"{url_of(listening)}/canvas",
    ) as reports:
        yield application(reports, static_token("good"))


def in_fastapi(api):
    app = pytest.importorskip("fastapi", reason=WHY).FastAPI()
    app.get("/hello")(lambda: "hello")
    app.mount("/canvas", api)
    return app


def hello(_request):
    """Answer as Django's views do."""
    from django.http import HttpResponse  # noqa: PLC0415  after the skip

    return HttpResponse("hello")


def in_django(api):
    django = pytest.importorskip("django", reason=WHY)
    from django.conf import settings  # noqa: PLC0415  after the skip
    from django.core.asgi import get_asgi_application  # noqa: PLC0415
    from django.urls import path  # noqa: PLC0415

    if not settings.configured:
        urls = type("urls", (), {"urlpatterns": [path("hello", hello)]})
        settings.configure(ALLOWED_HOSTS=["*"], ROOT_URLCONF=urls)
        django.setup()
    return Starlette(routes=[Mount("/canvas", api), Mount("/", get_asgi_application())])


def flask():
    app = pytest.importorskip("flask", reason=WHY).Flask(__name__)
    app.get("/hello")(lambda: "hello")
    return app


def in_flask(api):
    wrapped = pytest.importorskip("a2wsgi", reason=WHY).WSGIMiddleware(flask())
    return Starlette(routes=[Mount("/canvas", api), Mount("/", wrapped)])


@contextmanager
def by_werkzeug(app, listening):
    """Run a WSGI application."""
    from werkzeug.serving import make_server  # noqa: PLC0415  after the skip

    port = listening.getsockname()[1]
    server = make_server("127.0.0.1", port, app, threaded=True, fd=listening.fileno())
    thread = Thread(target=server.serve_forever)
    thread.start()
    try:
        yield url_of(listening)
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


def use(base):
    """Do what clients do, and check that the host still has its own paths."""
    api = f"{base}/canvas"
    path = "/canvas" + REPORTS.format(1, 12)
    made = call(base, "POST", path, BODY, kind=FORM)
    assert made.status == 201
    url = made.json()["progress"]["url"]
    assert url.startswith(f"{api}/api/v1/progress/")

    def results():
        return call(base, "GET", url.removeprefix(base)).json()["results"]

    link = soon(results)["url"]
    answer = call(base, "GET", link.removeprefix(base), bearer=None)
    assert answer.status == 200
    assert answer.body.startswith(b'"Name","ID","SISID",')
    for status, of in ((401, {"bearer": "bad"}), (400, {"body": "a=1"})):
        options = {"body": BODY, "kind": FORM, **of}
        assert call(base, "POST", path, **options).json()["errors"], status
        assert call(base, "POST", path, **options).status == status
    assert call(base, "GET", "/canvas/api/v1/progress/99").status == 404
    assert b"hello" in call(base, "GET", "/hello").body


@pytest.mark.filterwarnings("default")  # the hosts have some of their own
@pytest.mark.parametrize("host", [in_fastapi, in_django, in_flask])
def test_it_is_mounted_in_an_asgi_application(host, api, listening):
    with served(host(api), listening) as base:
        use(base)


@pytest.mark.filterwarnings("default")
def test_it_is_mounted_in_a_wsgi_application(api, listening):
    app = flask()
    a2wsgi = pytest.importorskip("a2wsgi", reason=WHY)
    from werkzeug.middleware.dispatcher import (  # noqa: PLC0415  after the skip
        DispatcherMiddleware,
    )

    inner = {"/canvas": a2wsgi.ASGIMiddleware(api)}
    app.wsgi_app = DispatcherMiddleware(app.wsgi_app, inner)
    with by_werkzeug(app, listening) as base:
        use(base)
