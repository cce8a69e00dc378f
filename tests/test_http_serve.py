"""``quizanalysis serve``: a folder of exports, tried as the printed lines say."""

import json
import re
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

import pytest

pytest.importorskip("starlette", reason="the extra http is not installed")
pytest.importorskip("uvicorn", reason="the extra http is not installed")
pytest.importorskip("sqlalchemy", reason="the extra service is not installed")

from http_server import FORM, REPORTS, call, served, soon

import quizanalysis as qa
from quizanalysis.adapters import _serve
from quizanalysis.adapters._folder import found
from quizanalysis.adapters.cli import main
from quizanalysis.conventions import new_quizzes

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
BODY = "quiz_report[report_type]=student_analysis&quiz_report[format]=csv"


@pytest.fixture
def exports(tmp_path):
    """A folder with two exports and a few other things."""
    folder = tmp_path / "my exports?%41"
    folder.mkdir()
    shutil.copy(COURSE / "new_quizzes.csv", folder / "b final.csv")
    shutil.copy(COURSE / "canvas_classic.csv", folder / "c.csv")
    (folder / "a\x1b[31m.csv").write_text("x,y\n1,2\n")
    (folder / "notes.md").write_text("not looked at")
    (folder / "folder.csv").mkdir()
    two = "quiz_id,student_id,item_id,score\nm,1,q,1\nn,1,q,1\n"
    (folder / "two.csv").write_text(two)
    return folder


@contextmanager
def serving(folder, *options, end=signal.SIGINT):
    """Run the command; give what it printed, its address and its token."""
    command = [sys.executable, "-m", "quizanalysis", "serve", folder, "--port", "0"]
    process = subprocess.Popen(
        [*command, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        try:
            printed = []
            for line in process.stdout:
                printed.append(line)
                if line.startswith("  curl -o"):
                    break
            text = "".join(printed)
            found = re.search(r"at (http://127\.0\.0\.1:\d+) \(token (\S+)\)", text)
            assert found, text + process.stderr.read()
            yield text, *found.groups()
        finally:
            process.send_signal(end)
            _, err = process.communicate(timeout=30)
            assert "Traceback" not in err
            assert process.returncode == 128 + end


def finished(base, token, number):
    def there():
        found = call(base, "GET", f"/api/v1/progress/{number}", bearer=token).json()
        return found if found["workflow_state"] in ("completed", "failed") else None

    return soon(there, 30)


def test_the_printed_lines_are_all_one_needs(exports):
    if shutil.which("curl") is None:
        pytest.skip("there is no curl")
    with serving(exports) as (text, _, _):
        lines = [
            shlex.split(line.strip())
            for line in text.replace("\\\n", "").splitlines()
            if line.strip().startswith("curl")
        ]

        def run(arguments):
            done = subprocess.run(
                [*arguments, "-sS"], capture_output=True, check=True, cwd=exports
            )
            return done.stdout

        create, ask, download = lines
        number = json.loads(run(create))["progress"]["id"]
        state = "queued"
        while state in ("queued", "running"):
            asked = json.loads(run([a.replace("/ID", f"/{number}") for a in ask]))
            state = asked["workflow_state"]
            time.sleep(0.1)
        assert state == "completed"
        url = asked["results"]["url"]
        run([url if a.startswith("THE") else a for a in download])
    wanted = exports / "wanted.csv"
    qa.write_csv(new_quizzes.item_analysis(qa.read(exports / "b final.csv")), wanted)
    assert (exports / "report.csv").read_bytes() == wanted.read_bytes()


def test_jobs_and_links_outlive_a_restart_and_nobody_else_reads_them(exports):
    with serving(exports) as (_, base, token):
        path = REPORTS.format(1, 2)
        made = call(base, "POST", path, BODY, kind=FORM, bearer=token)
        number = made.json()["progress"]["id"]
        old = finished(base, token, number)["results"]["url"].removeprefix(base)
        assert call(base, "POST", path, BODY, kind=FORM, bearer="x").status == 401
        for quiz in (REPORTS.format(1, 3), REPORTS.format(2, 1)):
            answer = call(base, "POST", quiz, BODY, kind=FORM, bearer=token)
            assert (answer.status, "no such quiz" in answer.json()["message"]) == (
                404,
                True,
            )
    own = exports / ".quizanalysis"
    assert sorted(path.name for path in own.iterdir())[:2] == ["reports", "reports.db"]
    assert own.stat().st_mode & 0o777 == 0o700
    assert (own / "secret").stat().st_mode & 0o777 == 0o600
    with serving(exports, end=signal.SIGTERM) as (_, base, again):
        assert again != token
        assert finished(base, again, number)["workflow_state"] == "completed"
        assert call(base, "GET", old, bearer=None).status == 200
        assert (
            call(base, "GET", f"/api/v1/progress/{number}", bearer=token).status == 404
        )


def test_another_store_is_an_option(exports, tmp_path):
    store = tmp_path / "elsewhere.db"
    with serving(exports, "--store", f"sqlite:///{store}"):
        assert store.exists()
    assert not (exports / ".quizanalysis" / "reports.db").exists()


def test_what_is_printed_and_served_in_this_process(exports, capsys, monkeypatch):
    def run(app, listening):
        # Or else an answer on a connection that is kept waits 40 ms for nothing.
        assert listening.getsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY)
        printed = capsys.readouterr().out
        base, bearer = re.search(r"at (\S+) \(token (\S+)\)", printed).groups()
        with served(app, listening):
            path = REPORTS.format(1, 2)
            made = call(base, "POST", path, BODY, kind=FORM, bearer=bearer)
            number = made.json()["progress"]["id"]
            assert finished(base, bearer, number)["workflow_state"] == "completed"
            for status, quiz, given in ((404, 3, bearer), (401, 3, "x")):
                path = REPORTS.format(1, quiz)
                answer = call(base, "POST", path, BODY, kind=FORM, bearer=given)
                assert answer.status == status
        lines.extend(printed.splitlines())

    lines = []
    monkeypatch.setattr(_serve, "_run", run)
    assert main(["serve", str(exports), "--port", "0"]) == 0
    n = len(qa.read(exports / "c.csv"))
    assert lines[1:3] == [
        f"  course 1, assignment 1: b final.csv  {n} submissions",
        f"  course 1, assignment 2: c.csv        {n} submissions",
    ]
    monkeypatch.setattr(sys, "stdout", None)
    monkeypatch.setattr(_serve, "_run", lambda *_: None)
    assert main(["serve", str(exports), "--port", "0"]) == 0


# ---- which file is which quiz -----------------------------------------------------


def ids(quizzes):
    return [(quiz.course_id, quiz.assignment_id, quiz.file.name) for quiz in quizzes]


def test_every_export_is_a_quiz_and_what_is_none_is_said(exports):
    said = []
    quizzes = found(exports, said.append)
    assert ids(quizzes) == [("1", "1", "b final.csv"), ("1", "2", "c.csv")]
    assert [quiz.n for quiz in quizzes] == [len(qa.read(quiz.file)) for quiz in quizzes]
    scores, two = said
    assert scores.startswith("a.csv: the file has scores, one row per student")
    assert two == "two.csv: holds 2 quizzes, and here a file is one"


def test_what_is_said_of_a_file_does_nothing_to_a_terminal(exports, capsys):
    (exports / "b final.csv").unlink()
    (exports / "c.csv").unlink()
    assert main(["serve", str(exports), "--port", "0"]) == 2
    said = capsys.readouterr().err
    assert said.count("left out") == 2
    assert "\x1b" not in said


def test_an_index_names_the_quizzes(exports):
    index = {"7": {"40": "c.csv"}, "8": {"1": "b final.csv"}}
    (exports / "quizzes.json").write_text(json.dumps(index))
    assert ids(found(exports, print)) == [
        ("7", "40", "c.csv"),
        ("8", "1", "b final.csv"),
    ]


@pytest.mark.parametrize(
    ("index", "message"),
    [
        ("{", "must be {course id"),
        ("[]", "must be {course id"),
        ("{}", "must be {course id"),
        ('{"1": "c.csv"}', "must be {course id"),
        ('{"1": {"../2": "c.csv"}}', "must be {course id"),
        ('{"1": {"$(rm x)": "c.csv"}}', "must be {course id"),
        ('{"1": {"1": "none.csv"}}', "none.csv: no such file"),
        ('{"1": {"1": "../outside.csv"}}', "outside.csv: no such file"),
        ('{"1": {"1": "two.csv"}}', "two.csv: holds 2 quizzes"),
    ],
)
def test_an_index_that_makes_no_sense_ends_it(index, message, exports, capsys):
    shutil.copy(exports / "c.csv", exports.parent / "outside.csv")
    (exports / "quizzes.json").write_text(index)
    assert main(["serve", str(exports), "--port", "0"]) == 2
    assert message in capsys.readouterr().err


# ---- what keeps it from beginning -------------------------------------------------


def test_a_folder_without_exports_ends_it(tmp_path, capsys):
    assert main(["serve", str(tmp_path), "--port", "0"]) == 2
    assert "holds no export" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("arguments", [["none"], [".", "--port", "70000"], []])
def test_what_cannot_be_is_a_usage_error(arguments, capsys):
    assert main(["serve", *arguments]) == 2
    assert "usage: quizanalysis serve" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said(exports, capsys):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert main(["serve", str(exports), "--port", port]) == 2
    assert "in use" in capsys.readouterr().err


@pytest.mark.parametrize("store", ["rubbish", "sqlite:////nowhere/at/all.db"])
def test_a_store_that_is_none_is_said_in_a_line(store, exports, capsys):
    assert main(["serve", str(exports), "--port", "0", "--store", store]) == 2
    said = capsys.readouterr().err.splitlines()[-1]
    assert said.startswith("quizanalysis: error: ")


def test_a_secret_that_is_none_is_refused(exports, capsys):
    (exports / ".quizanalysis").mkdir()
    (exports / ".quizanalysis" / "secret").write_text("x")
    assert main(["serve", str(exports), "--port", "0"]) == 2
    assert "too short for a secret" in capsys.readouterr().err


@pytest.mark.parametrize("missing", ["uvicorn", "starlette", "python_multipart"])
def test_an_extra_that_is_missing_is_named(missing, exports):
    code = (
        f"import sys; sys.modules[{missing!r}] = None\n"
        "from quizanalysis.adapters.cli import main\n"
        f"sys.exit(main(['serve', {str(exports)!r}, '--port', '0']))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "quizanalysis[http]" in done.stderr
    assert "Traceback" not in done.stderr
