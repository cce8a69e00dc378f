"""The command line: what it writes where, what it shows, and how it ends."""

import io
import json
import re
import shlex
import signal
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

pytest.importorskip("rich", reason="the extra cli is not installed")

from account import faults, quiet
from rich.console import Console

import quizanalysis as qa
from quizanalysis import _words, readers, responses, tables, tally
from quizanalysis.adapters import (
    _arguments,
    _finding,
    _further,
    _layout,
    _making,
    _progress,
    _rows,
    _sources,
    _terminal,
    cli,
)
from quizanalysis.adapters.cli import main

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "fixtures" / "course"
EXPORT = str(COURSE / "canvas_classic.csv")
OTHER = str(COURSE / "new_quizzes.csv")
BETWEEN = "--group-by section --reference A --focal B"
COMMANDS = ["item-analysis", "student-analysis", "option-analysis", "summary"]

HOSTILE = {
    "colour": "\x1b[31mred\x1b[0m",
    "window title": "\x1b]0;owned\x07after",
    "C1": "\x9b31mred",
    "bell and backspace": "a\x07\x08b",
    "turned round": "\u202egnp.exe",
    "as an entity": "&#27;[2Jgone",
    "null": "a\x00b",
}


@pytest.fixture(scope="module")
def course():
    return qa.read(EXPORT)


@pytest.fixture
def run(capsysbinary):
    def run(*argv):
        status = main([str(argument) for argument in argv])
        out, err = capsysbinary.readouterr()
        return status, out, err.decode()

    return run


@pytest.fixture
def tidy(tmp_path):
    """Write a small tidy CSV whose first question has this title and id."""

    def write(title="What?", item="q1", name="tidy.csv"):
        scores = [(1, 1, 1), (1, 1, 0), (1, 0, 0), (0, 1, 0), (1, 1, 1)]
        rows = [
            (f"s{student}", i, score, title, number + 1)
            for student, line in enumerate(scores)
            for number, (i, score) in enumerate(
                zip([item, "q2", "q3"], line, strict=True)
            )
        ]
        lines = ["student_id,item_id,score,title,position"]
        for row in rows:
            quoted = [str(cell).replace('"', '""') for cell in row]
            lines.append(",".join(f'"{cell}"' for cell in quoted))
        path = tmp_path / name
        path.write_text("\n".join(lines) + "\n", "utf-8", newline="")
        return path

    return write


@pytest.fixture
def at_terminal(monkeypatch):
    """Take these streams for a terminal."""

    def at(*names):
        streams = {"out": lambda: sys.stdout, "err": lambda: sys.stderr}
        monkeypatch.setattr(
            cli,
            "_is_terminal",
            lambda stream: any(stream is streams[name]() for name in names),
        )

    return at


def written(table, form="csv", **options):
    file = io.BytesIO()
    (qa.write_json if form == "json" else qa.write_csv)(table, file, **options)
    return file.getvalue()


def seen(report, name, width=100):
    screen = io.StringIO()
    _terminal.show(report, name, Console(file=screen, width=width))
    return screen.getvalue()


@cache
def analysed(*paths, **options):
    return qa.analyze(qa.read(list(paths)), **options)


def shown(path, name="item_analysis", width=100, **options):
    return seen(analysed(path, **options), name, width)


# What goes into a pipe or a file


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_writes_what_the_function_of_its_name_returns(
    run, course, command, form
):
    status, out, err = run(command, EXPORT, "--format", form)
    table = getattr(qa, command.replace("-", "_"))(course)
    assert (status, out, faults(err)) == (0, written(table, form), [])


@pytest.mark.parametrize("command", COMMANDS)
def test_a_watched_command_writes_the_same(run, course, command, at_terminal):
    at_terminal("err")
    _, out, _ = run(command, EXPORT, "--format", "json")
    assert out == written(getattr(qa, command.replace("-", "_"))(course), "json")


@pytest.mark.parametrize(
    ("words", "options", "preset"),
    [
        ("", {}, None),
        ("--level 0.9 --attempt first", {"level": 0.9, "attempt": "first"}, None),
        ("--thresholds blackboard", {}, "blackboard"),
    ],
)
@pytest.mark.parametrize("form", ["csv", "json"])
def test_findings_are_those_of_the_report(run, course, words, options, preset, form):
    status, out, err = run("findings", EXPORT, "--format", form, *words.split())
    thresholds = getattr(qa.Thresholds, preset)() if preset else None
    table = qa.findings(qa.analyze(course, **options), thresholds)
    assert (status, out, faults(err)) == (0, written(table, form), [])


@pytest.mark.parametrize("level", ["0", "1", "95"])
def test_a_level_that_is_none_is_a_usage_error(run, level):
    status, _, err = run("findings", EXPORT, "--level", level)
    assert status == 2
    assert "argument --level: above 0 and below 1" in err


def test_a_pipe_gets_csv_when_nothing_is_said(run, course):
    assert run("summary", EXPORT)[1] == written(qa.summary(course))


@pytest.mark.parametrize(
    ("command", "words", "options"),
    [
        ("item-analysis", "--attempt first", {"attempt": "first"}),
        ("item-analysis", "--blank omit", {"blank": "omit"}),
        ("item-analysis", "--criterion share", {"criterion": "share"}),
        ("item-analysis", "--tail 0.5", {"tail": 0.5}),
        ("item-analysis", "--ties include", {"ties": "include"}),
        ("item-analysis", "--ddof 0", {"ddof": 0}),
        (
            "option-analysis",
            "--tail .1 --ties include",
            {"tail": 0.1, "ties": "include"},
        ),
        (
            "student-analysis",
            "--items --attempt all",
            {"items": True, "attempt": "all"},
        ),
        ("summary", "--ddof 0 --attempt kept", {"ddof": 0, "attempt": "kept"}),
        ("summary", "--attempt highest", {"attempt": "best"}),
        ("student-analysis", "--attempt highest", {"attempt": "best"}),
    ],
)
@pytest.mark.parametrize("watched", [False, True])
def test_an_option_is_a_keyword(
    run, course, command, words, options, watched, at_terminal
):
    at_terminal(*["err"] * watched)
    function = getattr(qa, command.replace("-", "_"))
    _, out, _ = run(command, EXPORT, "--format", "json", *words.split())
    table, usual = function(course, **options), function(course)
    assert out == written(table, "json") != written(usual, "json")


@pytest.mark.parametrize(
    ("words", "options"),
    [
        ("--quiz-id q", {"quiz_id": "q"}),
        ("--max-options 2", {"max_options": 2}),
        ("--test-student", {"test_student": True}),
        ("--input-format new-quizzes-csv", {"format": "new-quizzes-csv"}),
    ],
)
def test_a_reading_option_is_a_keyword_of_read(run, words, options):
    _, out, _ = run("option-analysis", OTHER, *words.split())
    assert out == written(qa.option_analysis(qa.read(OTHER, **options)))


def test_standard_input_is_a_file_too(run, course, monkeypatch):
    data = io.TextIOWrapper(io.BytesIO(Path(EXPORT).read_bytes()))
    monkeypatch.setattr(sys, "stdin", data)
    status, out, _ = run("summary", "-", "--quiz-id", "canvas_classic")
    assert (status, out) == (0, written(qa.summary(course)))


@pytest.mark.parametrize(
    ("name", "words", "form"),
    [
        ("out.csv", [], "csv"),
        ("out.json", [], "json"),
        ("OUT.CSV", [], "csv"),
        ("out.txt", ["--format", "json"], "json"),
        ("out.htm.tmp", ["--format", "csv"], "csv"),
        ("out", ["--format", "csv"], "csv"),
    ],
)
def test_a_file_has_the_format_of_its_suffix_or_the_one_asked_for(
    run, course, tmp_path, name, words, form
):
    assert quiet(*run("summary", EXPORT, "-o", tmp_path / name, *words))
    assert (tmp_path / name).read_bytes() == written(qa.summary(course), form)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("terminal", [(), ("out", "err")])
@pytest.mark.parametrize(
    ("command", "words"),
    [
        *((command, "") for command in COMMANDS),
        ("item-analysis", "--excel"),
        ("summary", "--format json"),
        *((name.replace("_", "-"), "") for name in _further.COMMANDS),
        ("findings", ""),
    ],
)
def test_a_minus_is_standard_output(run, at_terminal, command, words, terminal):
    argv = (command, EXPORT, *words.split())
    expected = run(*argv)[1]
    at_terminal(*terminal)
    status, out, err = run(*argv, "-o", "-")
    assert (status, out) == (0, expected)
    assert "wrote " in err


def test_a_file_may_be_called_minus(run, course, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert quiet(*run("summary", EXPORT, "-o", "./-", "--format", "csv"))
    assert Path("-").read_bytes() == written(qa.summary(course))


def test_excel_gets_its_mark(run, course):
    out = run("summary", EXPORT, "--excel")[1]
    assert out == written(qa.summary(course), excel=True)
    assert out.startswith(b"\xef\xbb\xbf")


def test_several_files_are_several_quizzes(run):
    out = run("summary", EXPORT, OTHER, "--format", "json")[1]
    quizzes = [row["quiz_id"] for row in json.loads(out)["rows"]]
    assert quizzes == ["canvas_classic", "new_quizzes"]


# How it ends


def test_wrong_data_ends_with_1_and_every_problem(run, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("student_id,item_id,score\ns1,q1,x\ns2,,1\ns3,q1,inf\n")
    status, out, err = run("item-analysis", path)
    with pytest.raises(qa.DataError) as error:
        qa.read(path)
    assert error.value.total >= 3
    assert (status, out, err) == (1, b"", f"{error.value}\n")


def test_wrong_data_leaves_the_output_as_it_was(run, tmp_path):
    (tmp_path / "bad.csv").write_text("student_id,item_id\n")
    (tmp_path / "out.csv").write_text("before")
    assert run("summary", tmp_path / "bad.csv", "-o", tmp_path / "out.csv")[0] == 1
    assert (tmp_path / "out.csv").read_text() == "before"


def test_a_merge_error_is_wrong_data(run, monkeypatch):
    def fail(*_args, **_options):
        raise qa.MergeError("they contradict each other")

    monkeypatch.setattr(qa, "summary", fail)
    monkeypatch.setattr(_arguments, "keywords", lambda _name: [])
    monkeypatch.setattr(_making, "keywords", lambda _name: [])
    assert run("summary", EXPORT) == (1, b"", "they contradict each other\n")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "COMMAND"),
        ("nonsense x.csv", "invalid choice"),
        ("summary", "FILE"),
        ("summary nowhere.csv", "'nowhere.csv': no such file"),
        ("summary .", "'.': is a folder, not a file: quizanalysis summary ./*.csv"),
        ("explain moodle psych .", "quizanalysis explain moodle psych ./*.csv"),
        ("summary 'x/*.csv'", "no file matches 'x/*.csv'"),
        ("summary '{folder}/*.json'", "without quotes, and 2 files are read"),
        ("summary {export} --attempt second", "invalid choice"),
        ("summary {export} --tail 0.2", "unrecognized arguments"),
        ("item-analysis {export} --tail 0", "above 0 and at most 0.5, not 0.0"),
        ("item-analysis {export} --tail .51", "above 0 and at most 0.5, not 0.51"),
        ("item-analysis {export} --tail nan", "above 0 and at most 0.5, not nan"),
        ("item-analysis {export} --tail x", "invalid float value"),
        ("item-analysis {export} --max-options -1", "0 or more"),
        ("summary {export} --att first", "unrecognized arguments"),
        ("summary {export} -o out", "'out' ends neither in .csv nor in .json: add"),
        ("summary {export} -o out.txt", "'out.txt' ends neither in .csv nor in"),
        (
            "summary {export} -o out.xlsx",
            "'out.xlsx': CSV cannot be written under that",
        ),
        (
            "summary {export} -o out.xlsx",
            "csv (with --excel Excel opens it with accents)",
        ),
        ("summary {export} -o out.xlsx --format json", "JSON cannot be written under"),
        ("summary {export} -o out.XLS --excel --format csv", "; use -o out.csv\n"),
        ("summary {export} -o 'an out.pdf' --format csv", "use -o 'an out.csv'\n"),
        ("summary {export} -o out.csv --format json", "that name; use -o out.json\n"),
        ("summary {export} -o out.json --format csv", "that name; use -o out.csv\n"),
        ("summary {export} -o out.csv.gz --format csv", "that name; use -o out.csv\n"),
        ("summary {export} -o out.tsv --format csv", "that name; use -o out.csv\n"),
        ("dif {export} {dif} -o out.parquet", "that name; use -o out.csv\n"),
        ("findings {export} -o out.html", "that name; use -o out.csv\n"),
        ("report {export} -o x.csv", "'x.csv': a page is HTML: -o x.html\n"),
        ("report {export} -o x.txt", "'x.txt': a page is HTML: -o x.html\n"),
        (
            "report {export} -o x.pdf",
            "'x.pdf': a page is HTML: -o x.html; print it to PDF from a browser\n",
        ),
        ("summary {export} -o nowhere/out.csv", "'nowhere' is no folder"),
        ("summary {export} -o . --format csv", "'.' is a folder"),
        ("summary {export} -o {export}", "is what is read"),
        ("summary {export} --format json --excel", "--excel is for CSV"),
        ("summary {export} -o out.json --excel", "--excel is for CSV"),
        ("summary - -", "once only"),
        ("summary nonsense://x/y", "nonsense"),
        ("student-analysis {export} {other} --items", "--items is for one quiz"),
    ],
)
def test_a_wrong_command_ends_with_2_and_says_why(
    run, words, message, monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    names = {"export": EXPORT, "other": OTHER, "folder": COURSE, "dif": BETWEEN}
    argv = shlex.split(words.format(**names))
    status, out, err = run(*argv)
    assert (status, out) == (2, b"")
    assert message in err
    assert "Traceback" not in err
    assert list(tmp_path.iterdir()) == []


def test_what_the_system_refuses_ends_with_2(run, monkeypatch, tmp_path):
    def fail(*_args, **_options):
        raise PermissionError(13, "Permission denied", "out.csv")

    monkeypatch.setattr(qa, "write_csv", fail)
    status, _, err = run("summary", EXPORT, "-o", tmp_path / "out.csv")
    fault = "quizanalysis: error: 'out.csv': Permission denied"
    assert (status, faults(err)) == (2, [fault])


def test_without_standard_output_there_must_be_a_file(run, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdout", None)
    out = tmp_path / "out.csv"
    assert main(["summary", EXPORT]) == 2
    assert main(["summary", EXPORT, "-o", str(out)]) == 0
    monkeypatch.undo()
    assert out.exists()
    assert "standard output is closed" in run("--version")[2]


def test_without_standard_error_nothing_is_said_elsewhere(monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    assert main(["summary", "nonsense://x/y"]) == 2
    assert capsys.readouterr().out == ""


def test_an_interrupt_ends_with_130_and_no_output(run, monkeypatch, tmp_path):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(qa, "write_csv", interrupt)
    status, out, err = run("summary", EXPORT, "-o", tmp_path / "out.csv")
    assert (status, out, faults(err)) == (130, b"", [])
    assert "wrote" not in err
    assert list(tmp_path.iterdir()) == []


# The process itself


def process(*argv, **options):
    return subprocess.Popen(
        [sys.executable, "-W", "error", "-m", "quizanalysis", *argv],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        **options,
    )


def test_the_module_runs_as_the_command_does(course):
    with process("summary", EXPORT, stdout=subprocess.PIPE) as child:
        out, err = child.communicate()
    assert (child.returncode, out) == (0, written(qa.summary(course)))
    assert faults(err.decode()) == []


def test_the_process_ends_with_the_status():
    with process("summary", "nowhere.csv", stdout=subprocess.PIPE) as child:
        child.communicate()
    assert child.returncode == 2


def test_a_reader_that_leaves_is_no_error():
    items = ("student-analysis", EXPORT, "--items", "--attempt", "all")
    with process(*items, stdout=subprocess.PIPE) as child:
        child.stdout.read(10)
        child.stdout.close()
        err = child.stderr.read()
    assert (child.returncode, faults(err.decode())) == (141, [])


@pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")
def test_ctrl_c_ends_with_130_without_a_word_or_a_file(tmp_path):
    command = ("summary", "-", "-o", str(tmp_path / "out.csv"))
    with process(*command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as child:
        # More than a pipe holds: it is gone when the child is reading.
        child.stdin.write(b"student_id,item_id,score\n" * 20_000)
        child.stdin.flush()
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    assert (child.returncode, out, err) == (130, b"", b"")
    assert list(tmp_path.iterdir()) == []


def on_a_terminal(*argv, columns=100, code=None):
    """Run on a pseudo-terminal and give what a person would see."""
    fcntl, termios = pytest.importorskip("fcntl"), pytest.importorskip("termios")
    os, pty, struct = map(pytest.importorskip, ("os", "pty", "struct"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    run = ["-c", code] if code else ["-m", "quizanalysis"]
    with subprocess.Popen(
        [sys.executable, "-W", "error", *run, *argv],
        cwd=ROOT,
        env={"TERM": "xterm-256color", "LANG": "C.UTF-8"},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    ) as child:
        os.close(theirs)
        screen = b""
        # Linux says EIO, others nothing, when the other side is closed.
        try:
            while block := os.read(ours, 65536):
                screen += block
        except OSError:
            pass
        os.close(ours)
    return child.returncode, screen.decode().replace("\r\n", "\n")


def plain(screen):
    return re.sub(r"\x1b\[[0-9;]*m", "", screen)


def test_a_terminal_shows_findings_in_words_and_colours():
    status, screen = on_a_terminal("findings", EXPORT, columns=100)
    assert status == 0
    assert "\x1b[1;31mhigh: item 8, key probably wrong" in screen
    words = " ".join(plain(screen).split())
    assert "'The mean is larger than the median' is probably right" in words
    assert re.search(r"359 checks: 5 to look at, \d+ cannot be told, \d+ fine", words)


def test_findings_have_no_colours_where_there_is_no_terminal(course):
    screen = io.StringIO()
    table = qa.findings(qa.analyze(course))
    about = ("quiz", "every attempt counts")
    _finding.show(table, course.items, about, Console(file=screen))
    assert "high: item 8, key probably wrong" in screen.getvalue()
    assert "\x1b" not in screen.getvalue()


def test_a_terminal_draws_figures_within_their_intervals():
    _, screen = on_a_terminal("item-analysis", EXPORT, columns=140)
    (line,) = [x for x in plain(screen).split("\n") if " 40218 " in x]
    assert re.search(r" -0\.32 +●─ +─●─┊", line)
    assert "within their 95 % intervals" in plain(screen)


@pytest.mark.parametrize("columns", [80, 120])
def test_a_terminal_shows_a_table_as_wide_as_it_is(columns):
    status, screen = on_a_terminal("item-analysis", EXPORT, columns=columns)
    lines = plain(screen).split("\n")
    assert status == 0
    assert max(map(len, lines)) == columns
    assert any(
        re.match(r" 8 +40218 +A distribution .*… .* -0.32( |$)", x) for x in lines
    )


def test_a_terminal_shows_nothing_that_steers_it(tidy):
    path = tidy(title="".join(HOSTILE.values()), item="\x1b]8;;http://x\x07id")
    status, screen = on_a_terminal("item-analysis", str(path), columns=200)
    assert status == 0
    assert "redafter" in screen
    assert not re.search(r"[^\n\x20-\x7e\xa0-\uffff]", plain(screen))


def test_data_on_a_terminal_does_not_steer_it(tidy):
    path = tidy(title="".join(HOSTILE.values()))
    status, screen = on_a_terminal("item-analysis", str(path), "--format", "csv")
    assert status == 0
    assert "\x1b" not in screen
    assert '"quiz_id","item_id"' in screen


def test_without_rich_a_terminal_gets_csv_and_a_hint():
    code = (
        "import sys; sys.modules['rich'] = None\n"
        "from quizanalysis.adapters.cli import main; sys.exit(main())"
    )
    status, screen = on_a_terminal("summary", EXPORT, code=code)
    assert status == 0
    assert 'for a readable table: pip install "quizanalysis[cli]"' in screen
    assert '"quiz_id","n","n_items"' in screen
    assert "\x1b" not in screen


# What a person is shown


def test_a_person_gets_a_table_unless_data_is_asked_for(run, at_terminal, course):
    at_terminal("out", "err")
    assert b"the last attempt of each counts" in run("item-analysis", EXPORT)[1]
    assert run("summary", EXPORT, "--format", "csv")[1] == written(qa.summary(course))


def test_the_item_table_has_the_telling_figures():
    screen = shown(EXPORT, width=100)
    line = next(line for line in screen.split("\n") if " 40213 " in line)
    assert re.fullmatch(
        r" 3  40213  What is the main diff.*…\s+1  140      0"
        r"\s+0.73\s+0.61\s+0.50",
        line,
    )


@pytest.mark.parametrize("name", list(_layout.COLUMNS))
@pytest.mark.parametrize("width", [60, 80, 100, 120, 200])
def test_no_line_is_wider_than_the_terminal(name, width):
    for path in (EXPORT, OTHER):
        lines = shown(path, name, width).split("\n")
        assert max(map(len, lines)) <= width


def test_a_null_is_a_dash_with_its_reason_beneath():
    screen = shown(EXPORT)
    line = next(line for line in screen.split("\n") if " 40211 " in line)
    assert line.endswith(" -")
    assert "- no r with rest for 1: the scores do not vary\n" in screen
    assert "no alpha (fewer than two have a score for every item)" in screen


def test_every_reason_has_plain_words():
    report = analysed(EXPORT, OTHER)
    codes = set()
    for name in _layout.COLUMNS:
        for cell in getattr(report, name)["undefined"].to_pylist():
            codes.update(_words.reasons(cell).values())
    assert codes
    assert not [code for code in codes if "_" in code]


def test_the_foot_says_what_the_figures_rest_on(tidy):
    screen = shown(OTHER)
    assert "140 students, the last attempt of each counts" in screen
    assert "1 submission (test student); 25 submissions (not the last" in screen
    assert "109 responses (blank, counted as 0)" in screen
    assert "the totals are out of different points" in screen
    assert "every attempt counts" in shown(EXPORT, attempt="all")
    alpha = r"mean 2\.00 of 3 points, sd 1\.00; alpha 0\.45 \(95 % interval "
    assert re.search(alpha + r"-?\d\.\d\d to \d\.\d\d\)", shown(tidy()))


def test_a_suspicious_item_is_pointed_out():
    assert "look again at 8: who did well on the rest" in shown(EXPORT, width=200)
    options = shown(EXPORT, "option_analysis", width=200)
    assert "look again at 8: an option that is not the key" in options


def test_options_stand_under_their_question():
    lines = shown(EXPORT, "option_analysis", width=120).split("\n")
    at = next(i for i, line in enumerate(lines) if line.startswith(" 4  Name the"))
    assert [
        re.split(r"\s{2,}", line.strip())[:3] for line in lines[at + 1 : at + 4]
    ] == [
        ["mean", "18", "0.13"],
        ["median", "*", "97"],
        ["mode", "23", "0.16"],
    ]


def test_the_summary_of_one_quiz_says_what_each_figure_means():
    screen = shown(EXPORT, "summary")
    assert re.search(r"median +20\.25  median total", screen)
    assert re.search(r"alpha +-  Cronbach's alpha; not defined: fewer", screen)


def test_several_quizzes_have_a_table_each_and_one_summary():
    report = analysed(EXPORT, OTHER)
    screen = seen(report, "item_analysis")
    assert screen.count("r with rest: correlation") == 2
    assert "\ncanvas_classic: item analysis\n" in screen
    assert "\nleft out: 1 submission (test student)\n" in screen
    assert "2 quizzes: summary" in seen(report, "summary")


def test_more_rows_than_anybody_reads_are_counted_only(monkeypatch):
    monkeypatch.setattr(_rows, "MOST_ROWS", 10)
    monkeypatch.setattr(_terminal, "MOST_ROWS", 10)
    screen = shown(EXPORT, "student_analysis")
    assert "130 more rows are not shown; -o FILE.csv has them all" in screen
    assert len(re.findall(r"^ +\d+  ", screen, re.MULTILINE)) == 10


@pytest.mark.parametrize("name", list(_layout.COLUMNS))
def test_without_rows_it_says_so(name, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("student_id,item_id,score\n")
    assert shown(path, name).startswith(_layout.NOTHING[name])


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("two\r\nlines", "two lines"),
        ("<p>2 &lt; 3</p><br/>&nbsp;H<sub>2</sub>O", "2 < 3 H2O"),
        ('<img src="x" alt="y">a<b', "a<b"),
        ("[bold red]markup[/bold red] [x", "[bold red]markup[/bold red] [x"),
        (":smile: 12 'q'", ":smile: 12 'q'"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;owned\x07after", "after"),
    ],
)
def test_a_title_is_one_line_of_plain_text(tidy, title, words):
    screen = shown(tidy(title=title), width=120)
    assert f" 1  q1    {words}  " in f" {screen}".replace("\n", "\n ")


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_no_text_steers_the_terminal(text):
    word = _words.one_line(text)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]", word)


def test_a_message_does_not_steer_the_terminal(run, tmp_path):
    path = tmp_path / "\x1b[31mbad.csv"
    path.write_text("student_id\n")
    status, _, err = run("summary", path)
    assert status == 1
    assert "\x1b" not in err


def test_a_letter_that_the_terminal_lacks_is_replaced(monkeypatch, at_terminal):
    screen = io.TextIOWrapper(io.BytesIO(), encoding="ascii", write_through=True)
    monkeypatch.setattr(sys, "stdout", screen)
    at_terminal("out")
    assert main(["student-analysis", EXPORT]) == 0
    assert b"Amara J?nsson" in screen.buffer.getvalue()


# What is said beside the data


@pytest.mark.parametrize("watched", [True, False])
def test_standard_error_has_what_was_read_and_what_became_of_it(
    run, at_terminal, tmp_path, watched
):
    at_terminal(*["err"] * watched)
    out = tmp_path / "out.csv"
    _, _, err = run("option-analysis", OTHER, "-o", out)
    assert err == (
        "read new_quizzes.csv (New Quizzes student_analysis, CSV):\n"
        "165 submissions of 140 students at 1 quiz, the last attempt of each counts\n"
        "left out: 1 submission (test student); 25 submissions (not the last "
        "attempt); 8 responses (not graded yet)\n"
        "noted: 1 submission (recorded score is not the sum of the points); "
        "15 responses (answered with a word such as NA); "
        "109 responses (blank, counted as 0); 19 items (key taken from "
        f"the answers with full points)\nwrote 78 rows to {out}\n"
    )


def test_what_is_said_hides_what_the_table_hides(run):
    _, _, err = run("summary", OTHER, "--min-cell", "30")
    assert "left out: a suppressed number of submissions (test student)" in err


def test_the_format_of_an_address_is_told_too(run):
    _, _, err = run("summary", Path(EXPORT).resolve().as_uri())
    assert err.startswith("read canvas_classic.csv (Canvas classic Student Analysis):")


def test_several_files_are_each_told_with_their_format(run, tmp_path):
    small = tmp_path / "a.jsonl"
    small.write_text('{"student_id": "s", "quiz_id": "z", "item_id": "i", "score": 1}')
    _, _, err = run("summary", EXPORT, small)
    assert err.startswith(
        "read canvas_classic.csv (Canvas classic Student Analysis), "
        "a.jsonl (tidy JSON lines):\n166 submissions of 141 students at 2 quizzes"
    )


def test_long_work_shows_how_far_it_is_and_cleans_up(run, at_terminal, monkeypatch):
    at_terminal("err")
    monkeypatch.setattr(_sources, "_LONG", 0)
    _, out, err = run("summary", EXPORT)
    assert err.startswith("\rreading ")
    told = re.findall(r"\r(\w+) \[#* *\] +(\d+)%", err)
    for word in ("reading", "analysing", "writing"):
        percents = [int(percent) for what, percent in told if what == word]
        assert (percents[0], percents[-1]) == (0, 100)
        assert percents == sorted(percents)
    assert [what for what, _ in told] == sorted(
        (what for what, _ in told), key=["reading", "analysing", "writing"].index
    )
    cleared = "\r" + " " * 60 + "\r"
    assert f"{cleared}read canvas_classic.csv" in err
    assert err.rpartition(cleared)[2].endswith("wrote 1 row\n")
    assert out.startswith(b'"quiz_id"')


def test_progress_says_how_long_the_rest_will_take(monkeypatch):
    now = iter([100.0, 100.0, 101.0, 110.0, 400.0, 500.0])
    monkeypatch.setattr(_progress, "monotonic", lambda: next(now))
    told = []
    progress = _progress.percent(told.append)
    for done in (0, 1, 25, 50, 100):
        progress(done, 100)
    ends = [text.rpartition("]")[2].strip() for text in told]
    assert ends == ["0%", "1%", "25%, 30 s", "50%, 5 min", "100%"]


def test_short_work_and_no_person_show_no_progress(run, at_terminal, monkeypatch):
    at_terminal("err")
    assert "\r" not in run("summary", EXPORT)[2]
    at_terminal()
    monkeypatch.setattr(_sources, "_LONG", 0)
    assert "\r" not in run("summary", EXPORT)[2]


# What the help says


def help_of(run, *argv):
    status, out, err = run(*argv, "--help")
    assert (status, err) == (0, "")
    return out.decode()


def test_the_version_is_that_of_the_library(run):
    assert run("--version")[:2] == (0, f"quizanalysis {qa.__version__}\n".encode())


def test_the_help_names_every_command(run):
    words = help_of(run)
    assert all(f"\n    {command}" in words for command in COMMANDS)
    assert sorted(_arguments.COMMANDS) == sorted(_layout.COLUMNS)


@pytest.mark.parametrize("command", COMMANDS)
def test_the_help_explains_every_option(run, command):
    words = " ".join(help_of(run, command).split())
    names = [*_arguments.keywords(command.replace("-", "_")), *_arguments.READING]
    for name in names:
        flag = "input_format" if name == "format" else name
        spec = (_arguments.OPTIONS | _arguments.READING)[name]
        assert f"--{flag.replace('_', '-')} " in words
        assert spec["help"].split()[0] in words


def test_the_options_are_the_keywords_of_the_functions():
    keywords = {n for command in _layout.COLUMNS for n in _arguments.keywords(command)}
    assert keywords == set(_arguments.OPTIONS)
    assert set(_arguments.READING) == {"format", *_arguments.keywords("read")}


@pytest.mark.parametrize(
    ("option", "kind"),
    [
        ("attempt", responses.Attempts),
        ("blank", tally.Blank),
        ("criterion", tables.Criterion),
        ("ties", qa.ctt.Ties),
    ],
)
def test_the_choices_are_those_of_the_library(option, kind):
    choices = {*_arguments.OPTIONS[option]["choices"]}
    assert choices - {"highest"} == {*get_args(kind)}


@pytest.mark.parametrize(
    "argv",
    [
        *((command,) for command in COMMANDS),
        *((name.replace("_", "-"),) for name in _further.COMMANDS),
        ("findings",),
        ("dif", *BETWEEN.split()),
        ("what-if", "--drop", "8"),
        ("report",),
    ],
    ids=lambda argv: argv[0],
)
def test_highest_is_best_wherever_attempts_are_offered(argv):
    command, *words = argv
    best, highest = (
        _arguments.parsed([command, EXPORT, *words, "--attempt", word])
        for word in ("best", "highest")
    )
    assert best == highest
    assert highest.attempt == "best"


def test_the_formats_are_those_that_can_be_read():
    assert _arguments.READING["format"]["choices"] == list(readers.FORMATS)
    assert all(name in _arguments.READING["format"]["help"] for name in readers.FORMATS)


@pytest.mark.parametrize(
    "command",
    ["", *COMMANDS, "findings", *(n.replace("_", "-") for n in _further.COMMANDS)],
)
def test_the_examples_in_the_help_work(run, command, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("export.csv").write_bytes(Path(EXPORT).read_bytes())
    words = help_of(run, *command.split())
    examples = re.findall(r"^  quizanalysis (.*export\.csv.*)$", words, re.MULTILINE)
    assert examples
    for example in examples:
        status, out, err = run(*shlex.split(example))
        assert (status, faults(err)) == (0, [])
        assert bool(out) == ("-o" not in example)
