"""Clients written for Canvas, unmodified, are pointed at us and notice nothing."""

import io
import json
import shutil
import subprocess
import time
from argparse import Namespace
from functools import cache
from pathlib import Path
from threading import Event, Thread
from types import SimpleNamespace

import pytest

pytest.importorskip("starlette", reason="the extra http is not installed")
pytest.importorskip("uvicorn", reason="the extra http is not installed")
pytest.importorskip("sqlalchemy", reason="the extra service is not installed")

from http_server import FORM, REPORTS, call, free, served, soon, url_of

import quizanalysis as qa
from quizanalysis.adapters.http import application
from quizanalysis.conventions import new_quizzes
from quizanalysis.service import Reports

EXPORT = Path(__file__).parents[1] / "fixtures" / "course" / "new_quizzes.csv"
TYPES = ["student_analysis", "item_analysis"]
FORMATS = ["csv", "json"]
USERS = {"good": {"1": "7"}, "other": {"1": "8"}, "elsewhere": {"2": "9"}}
PASSWORD = "hunter2"  # noqa: S105  it must not be told


@cache
def quiz():
    return qa.read(EXPORT)


def authorize(request, scope, course_id):
    """Let a token create in its course only what its scope allows."""
    given = request.headers.get("authorization", "").removeprefix("Bearer ")
    if given == "reader" and scope.startswith("url:GET|"):
        return "1"
    return USERS.get(given, {}).get(course_id)


class Place:
    """A server with real reports; quiz 13 is read only when the gate opens."""

    def __init__(self, folder, listening, layout):
        self.gate, self.base, self.folder = Event(), url_of(listening), folder
        self.reports = Reports(
            self.source,
            f"sqlite:///{folder}/reports.db",
            secret="for the tests",  # noqa: S106
            files=str(folder / "files"),
            url=self.base,
            layout=layout,
        )

    def source(self, _course_id, assignment_id):
        if assignment_id == "13":
            self.gate.wait(30)
        if assignment_id == "14":
            raise RuntimeError(f"postgresql://teacher:{PASSWORD}@db/quizzes")
        if assignment_id not in ("12", "13"):
            raise LookupError(f"there is no quiz {assignment_id}")
        return quiz()

    def call(self, method, path, *arguments, **options):
        return call(self.base, method, path, *arguments, **options)

    def until(self, number, *states):
        """Poll a report until it is in one of the states."""

        def there():
            answer = self.call("GET", f"/api/v1/progress/{number}").json()
            return answer if answer["workflow_state"] in states else None

        return soon(there)


def place(folder, layout="new-quizzes", **options):
    listening = free()
    made = Place(folder, listening, layout)
    return made, served(application(made.reports, authorize, **options), listening)


@pytest.fixture(scope="module")
def here(tmp_path_factory):
    made, serving = place(tmp_path_factory.mktemp("here"))
    with made.reports, serving:
        yield made
        made.gate.set()


def canvas(here, token="good"):  # noqa: S107
    module = pytest.importorskip("canvasapi", reason="canvasapi, in the group dev")
    with pytest.warns(UserWarning, match="HTTP"):  # and this is not Canvas
        return module.Canvas(here.base, token)


def create(requester, quiz_id=12, course=1, **fields):
    """Create a report as users of canvasapi do, which has no method for it."""
    wanted = {"report_type": "item_analysis", "format": "csv", **fields}
    return requester.request(
        "POST",
        f"courses/{course}/quizzes/{quiz_id}/reports",
        _url="new_quizzes",
        **{f"quiz_report[{name}]": value for name, value in wanted.items()},
    )


def requester_of(client):
    return client._Canvas__requester  # noqa: SLF001  canvaslms does so too


def written(report_type, format, created=None):  # noqa: A002
    """Make the report here, without any service."""
    file = io.BytesIO()
    if format == "csv":
        qa.write_csv(getattr(new_quizzes, report_type)(quiz()), file)
    elif report_type == "item_analysis":
        qa.write_json(new_quizzes.item_analysis_json(quiz()), file)
    else:
        records = new_quizzes.student_analysis_json(quiz(), created=created)
        qa.write_json(records, file)
    return file.getvalue()


# ---- canvasapi ----------------------------------------------------------------------


@pytest.mark.parametrize("format", FORMATS)
@pytest.mark.parametrize("report_type", TYPES)
def test_canvasapi_creates_polls_and_downloads_the_same_bytes(
    report_type,
    format,  # noqa: A002
    here,
):
    pytest.importorskip("canvasapi", reason="canvasapi, in the group dev")
    from canvasapi.file import File  # noqa: PLC0415  after the skip
    from canvasapi.progress import Progress  # noqa: PLC0415

    requester = requester_of(canvas(here))
    answer = create(requester, report_type=report_type, format=format)
    assert answer.status_code == 201
    progress = Progress(requester, answer.json()["progress"])
    assert str(progress) == f"quiz_report - {progress.workflow_state} ({progress.id})"
    assert (progress.context_id, progress.context_type) == ("12", "Assignment")
    assert progress.created_at_date.tzinfo is not None
    seen = [progress.completion]
    while progress.query().workflow_state in ("queued", "running"):
        seen.append(progress.completion)
        time.sleep(0.01)
    assert str(progress) == f"quiz_report - completed ({progress.id})"
    assert progress.completion == 100
    assert seen == sorted(seen)
    assert canvas(here).get_progress(progress.id).workflow_state == "completed"
    content = File(requester, progress.results).get_contents(binary=True)
    created = progress.created_at_date
    assert content == written(report_type, format, created)


ERRORS = {
    "type": ("BadRequest", {"report_type": "summary"}, "report_type must be"),
    "format": ("BadRequest", {"format": "xlsx"}, "format must be"),
}


@pytest.mark.parametrize("name", ERRORS)
def test_canvasapi_raises_bad_request_with_what_was_wrong(name, here):
    exceptions = pytest.importorskip("canvasapi.exceptions")
    error, fields, message = ERRORS[name]
    with pytest.raises(getattr(exceptions, error), match=message) as caught:
        create(requester_of(canvas(here)), **fields)
    assert json.loads(caught.value.message)["status"] == "bad_request"


@pytest.mark.parametrize("token", ["nonsense", "elsewhere", "reader"])
def test_canvasapi_raises_invalid_access_token(token, here):
    exceptions = pytest.importorskip("canvasapi.exceptions")
    with pytest.raises(exceptions.InvalidAccessToken) as caught:
        create(requester_of(canvas(here, token)))
    assert caught.value.message == [{"message": "Invalid access token."}]


def test_canvasapi_raises_resource_does_not_exist(here):
    exceptions = pytest.importorskip("canvasapi.exceptions")
    mine = create(requester_of(canvas(here)), 77).json()["progress"]["id"]
    for token, number in (("good", "999"), ("elsewhere", mine), ("nonsense", mine)):
        with pytest.raises(exceptions.ResourceDoesNotExist):
            canvas(here, token).get_progress(number)
    assert canvas(here, "reader").get_progress(mine).id == mine


def test_canvasapi_raises_conflict_while_a_report_is_made_and_then_no_more(here):
    exceptions = pytest.importorskip("canvasapi.exceptions")
    requester = requester_of(canvas(here))
    live = create(requester, 13).json()["progress"]
    with pytest.raises(exceptions.Conflict) as caught:
        create(requester_of(canvas(here, "other")), 13, format="json")
    said = json.loads(caught.value.message)
    assert (said["status"], said["progress"]["id"]) == ("conflict", live["id"])
    another = create(requester, 13, report_type="student_analysis")
    assert another.status_code == 201
    here.gate.set()
    assert here.until(live["id"], "completed")
    assert here.until(another.json()["progress"]["id"], "completed")
    again = create(requester, 13)
    assert again.status_code == 201
    assert here.until(again.json()["progress"]["id"], "completed")
    here.gate.clear()


def test_the_bare_object_and_our_own_layout(tmp_path):
    made, serving = place(tmp_path, "quizanalysis", wrapped=False)
    with made.reports, serving:
        for report_type in TYPES:
            for format in FORMATS:  # noqa: A001
                number = create(
                    requester_of(canvas(made)), report_type=report_type, format=format
                ).json()["id"]
                url = made.until(number, "completed")["results"]["url"]
                path = tmp_path / f"wanted.{format}"
                qa.create_report(
                    quiz(), report_type=report_type, format=format, path=path
                )
                got = made.call("GET", url.removeprefix(made.base), bearer=None)
                assert got.body == path.read_bytes()


# ---- canvaslms and curl -------------------------------------------------------------


@pytest.fixture
def quizzes(monkeypatch):
    """Give the part of canvaslms that fetches reports, in less of a mind to wait."""
    why = "canvaslms, in the group dev, brings 30 packages that nothing else here needs"
    module, sleep = pytest.importorskip("canvaslms.cli.quizzes", reason=why), time.sleep
    monkeypatch.setattr(time, "sleep", lambda seconds: sleep(seconds / 100))
    return module


def test_canvaslms_fetches_a_report(quizzes, here):
    requester = requester_of(canvas(here))
    progress = quizzes.create_new_quiz_report(SimpleNamespace(id=1), 12, requester)
    progress = quizzes.poll_progress(progress)
    assert progress.workflow_state == "completed"
    rows = list(quizzes.download_csv_report(progress.results["url"]))
    table = new_quizzes.student_analysis(quiz())
    assert [row["ID"] for row in rows] == table["ID"].to_pylist()
    assert [row["Name"] for row in rows] == table["Name"].to_pylist()


def test_canvaslms_analyses_a_quiz_from_here(
    quizzes, here, monkeypatch, capsys, tmp_path
):
    from canvasapi.new_quiz import NewQuiz  # noqa: PLC0415  after the skip

    client = canvas(here)
    chosen = NewQuiz(requester_of(client), {"id": 12, "title": "Final"})
    chosen.course = SimpleNamespace(id=1)
    # Courses and quizzes are listed by Canvas; this server has reports only.
    monkeypatch.setattr(quizzes, "process_quiz_option", lambda *_: [chosen])
    path = tmp_path / "report.csv"
    path.write_bytes(written("student_analysis", "csv"))
    options = {"format": "markdown", "ai": False, "use_minted": False}
    printed = []
    for file in (None, str(path)):
        arguments = Namespace(csv=file, standalone=False, **options)
        quizzes.analyse_command(None, client, arguments)
        printed.append(capsys.readouterr())
    fetched, local = printed
    assert fetched == local
    assert fetched.out.count("**Total responses:**") > 20


@pytest.mark.parametrize("token", ["good", None])
@pytest.mark.parametrize("how", ["-F", "--data-urlencode", "--json"])
def test_curl_creates_and_downloads(how, token, here, tmp_path):
    curl = shutil.which("curl")
    if curl is None:
        pytest.skip("there is no curl")

    def run(*arguments):
        done = subprocess.run(
            [curl, "-sS", *arguments], capture_output=True, timeout=30, check=True
        )
        return done.stdout

    bearer = ["-H", "Authorization: Bearer good"]
    fields = {"report_type": "student_analysis", "format": "csv"}
    if how == "--json":
        said = "-H", "Content-Type: application/json"
        said = *said, "-d", json.dumps({"quiz_report": fields})
    else:
        said = [
            word
            for name, value in fields.items()
            for word in (how, f"quiz_report[{name}]={value}")
        ]
    url = here.base + REPORTS.format(1, 12)
    made = json.loads(run(*bearer, *said, url))["progress"]
    url = here.until(made["id"], "completed")["results"]["url"]
    file = tmp_path / "report.csv"
    run(*(bearer if token else ()), "-o", str(file), url)
    assert file.read_bytes() == written("student_analysis", "csv")
    head = run("-I", url).decode()
    assert f'filename="student_analysis_{made["id"]}.csv"' in head


# ---- with the real reports ----------------------------------------------------------


def made(here, number="12", **options):
    body = "quiz_report[report_type]=item_analysis&quiz_report[format]=csv"
    path = REPORTS.format(1, number)
    return here.call("POST", path, body, kind=FORM, **options).json()["progress"]


def test_a_report_that_fails_says_why_and_no_secret(here):
    progress = here.until(made(here, 99)["id"], "failed")
    assert "there is no quiz 99" in progress["message"]
    progress = here.until(made(here, 14)["id"], "failed")
    assert progress["message"]
    assert PASSWORD not in json.dumps(progress)
    assert progress["results"] is None


def test_a_cancelled_report_fails_with_the_message_and_makes_room(here):
    here.gate.clear()
    number = made(here, 13)["id"]
    path = f"/api/v1/progress/{number}/cancel"
    assert here.call("POST", path, bearer="other").status == 403
    answer = here.call(
        "POST", path, '{"message": "\\ud800 not needed"}', kind="application/json"
    )
    assert (answer.status, answer.json()["workflow_state"]) == (200, "failed")
    assert "not needed" in answer.json()["message"]
    again = made(here, 13)["id"]
    assert again != number
    here.gate.set()
    assert here.until(again, "completed")
    here.gate.clear()


def test_links_that_are_forged_changed_or_of_another_are_404(here):
    url = here.until(made(here)["id"], "completed")["results"]["url"]
    path = url.removeprefix(here.base)
    start, _, token = path.rpartition("/")
    assert here.call("GET", path, bearer="elsewhere").status == 404
    head, _, signature = token.rpartition(".")
    forged = [token[:-2], token + "A", head, signature, f"{head}.{'A' * 43}", "1"]
    forged += [
        "..%2f" * 5 + "etc%2fpasswd",
        "%2Fetc%2Fpasswd",
        "%00",
        "%ff",
        "A" * 9_000,
    ]
    for other in forged:
        answer = here.call("GET", f"{start}/{other}")
        assert answer.status == 404, other
        assert b"Traceback" not in answer.body
    assert here.call("GET", path, bearer=None).status == 200


NONE = ["9" * 60, "9" * 18, "-1", "1.0", "01", "+1", "1%20", "%D9%A1", "1;--", "0x1"]


@pytest.mark.parametrize("number", NONE)
def test_an_id_that_is_none_is_404(number, here):
    for method, path in (("GET", number), ("POST", f"{number}/cancel")):
        answer = here.call(method, f"/api/v1/progress/{path}")
        assert answer.status == 404
        assert answer.json()["status"] == "not_found"


def test_a_link_expires_and_is_renewed_when_asked_again(tmp_path):
    folder, listening = tmp_path, free()
    base = url_of(listening)
    with (
        Reports(
            lambda *_: quiz(),
            f"sqlite:///{folder}/reports.db",
            secret="for the tests",  # noqa: S106
            files=str(folder / "files"),
            url=base,
            expires_s=1,
        ) as reports,
        served(application(reports, authorize), listening),
    ):
        here = SimpleNamespace(
            base=base, call=lambda *given, **options: call(base, *given, **options)
        )
        number = made(here)["id"]

        def link():
            found = here.call("GET", f"/api/v1/progress/{number}").json()["results"]
            return found and found["url"].removeprefix(base)

        old = soon(link)
        assert soon(lambda: here.call("GET", old, bearer=None).status == 404)
        assert here.call("GET", link(), bearer=None).status == 200


def test_many_clients_at_once_make_one_report(here):
    here.gate.clear()
    answers, path = [], REPORTS.format(1, 13)
    body = "quiz_report[report_type]=item_analysis&quiz_report[format]=json"

    def ask():
        answers.append(here.call("POST", path, body, kind=FORM))

    threads = [Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    here.gate.set()
    first = answers[0].json()["progress"]["id"]
    assert here.until(first, "completed")
    here.gate.clear()
    assert sorted(answer.status for answer in answers) == [201] + [409] * 19
    assert {answer.json()["progress"]["id"] for answer in answers} == {first}
