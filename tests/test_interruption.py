"""A signal at any moment of a command: its exit status, no traceback, no half file."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from quizanalysis.adapters._interruption import Interruption

ROOT = Path(__file__).parents[1]
STATUS = {signal.SIGINT: 130, signal.SIGTERM: 143}

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

# The program, which says when it has taken the signals: what comes before that is
# Python's own start.
ANNOUNCED = """
import os, sys
from quizanalysis.adapters._interruption import Interruption
install = Interruption.install
def announce(self):
    install(self)
    os.write(1, b"ready")
Interruption.install = announce
from quizanalysis.__main__ import main
sys.exit(main())
"""

PROGRAM = (sys.executable, "-c", ANNOUNCED)

COMMANDS = {
    "student-analysis": ("--items",),
    "item-analysis": (),
    "summary": (),
    "what-if": ("--drop", "q1"),
}


@pytest.fixture(scope="module")
def export(tmp_path_factory):
    """A file that takes long enough to be interrupted in any phase."""
    lines = ["student_id,item_id,response,score"]
    for student in range(8_000):
        answers = ("ABCD"[(student * (i + 7)) // 5 % 4] for i in range(10))
        lines += [f"s{student},q{i},{a},{a == 'A':d}" for i, a in enumerate(answers)]
    path = tmp_path_factory.mktemp("export") / "export.csv"
    path.write_text("\n".join(lines) + "\n")
    return path


def run(command, export, out, after=None, number=signal.SIGINT):
    """Run a command, interrupted some time after it took the signals."""
    with subprocess.Popen(
        [*PROGRAM, command, export, *COMMANDS[command], "-o", out],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout.read(5) == b"ready"
        begun = time.monotonic()
        if after is not None:
            time.sleep(after)
            child.send_signal(number)
        rest, said = child.communicate(timeout=120)
        assert rest == b""
    return child.returncode, said.decode(), time.monotonic() - begun


@pytest.mark.parametrize("command", COMMANDS)
def test_a_signal_ends_a_command_or_finds_it_finished(command, export, tmp_path):
    whole = tmp_path / "whole.csv"
    status, said, length = run(command, export, whole)
    assert (status, whole.exists()) == (0, True), said
    moments = (0.1, 0.3, 0.6, 0.9, 0.97, 1.0)
    for share, number in zip(moments, [*STATUS] * 3, strict=True):
        out = tmp_path / "out.csv"
        status, said, _ = run(command, export, out, share * length, number)
        assert "Traceback" not in said
        assert "Exception ignored" not in said
        left = {path.name for path in tmp_path.iterdir()} - {"whole.csv"}
        if status == 0:
            assert left == {"out.csv"}
            assert out.read_bytes() == whole.read_bytes()
            out.unlink()
        else:
            assert (status, left) == (STATUS[number], set())
            assert "wrote" not in said


def test_one_signal_at_the_first_line_ends_it(export, tmp_path):
    out = tmp_path / "out.csv"
    assert run("summary", export, out, 0)[:2] == (130, "")
    assert run("summary", export, out, 0, signal.SIGTERM)[:2] == (143, "")
    assert not out.exists()


def test_what_starts_it_may_ignore_the_signals(export, tmp_path):
    """As nohup and shells do for what runs in the background."""
    out = tmp_path / "out.csv"
    ignore = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_IGN); "
    start = [sys.executable, "-c", f"{ignore}os.execv(sys.argv[1], sys.argv[1:])"]
    with subprocess.Popen(
        [*start, *PROGRAM, "summary", export, "-o", out],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as child:
        assert child.stdout.read(5) == b"ready"
        child.send_signal(signal.SIGINT)
        child.communicate(timeout=120)
    assert (child.returncode, out.exists()) == (0, True)


@pytest.fixture
def interruption():
    before = {number: signal.getsignal(number) for number in STATUS}
    made = Interruption()
    made.install()
    yield made
    for number, handler in before.items():
        signal.signal(number, handler)


@pytest.mark.parametrize("number", STATUS)
def test_a_signal_while_a_file_is_written_is_held_for_the_check(interruption, number):
    def write():
        interruption.check(0, 2)
        signal.raise_signal(number)
        interruption.check(1, 2)

    with pytest.raises(KeyboardInterrupt), interruption.deferring():
        write()
    assert interruption.status == STATUS[number]


def test_a_file_that_is_whole_has_finished_the_command(interruption):
    with interruption.deferring():
        signal.raise_signal(signal.SIGINT)
    signal.raise_signal(signal.SIGINT)
    assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN


def test_what_serves_is_ended_by_an_exception(interruption):
    with pytest.raises(KeyboardInterrupt), interruption.raising():
        signal.raise_signal(signal.SIGTERM)
    assert interruption.status == 143
