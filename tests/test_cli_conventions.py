"""Other systems on the command line: whose report, which words, and why it differs."""

import csv
import io
import json
import re
import shlex
import sys
from pathlib import Path
from typing import get_args

import pytest

pytest.importorskip("rich", reason="the extra cli is not installed")

from account import faults, quiet

import quizanalysis as qa
from quizanalysis.adapters import (
    _arguments,
    _sources,
    _system_columns,
    _systems,
    _why,
    cli,
)
from quizanalysis.adapters.cli import main

ROOT = Path(__file__).parents[1]
COURSE = ROOT / "fixtures" / "course"
EXPORT, OTHER = str(COURSE / "canvas_classic.csv"), str(COURSE / "new_quizzes.csv")
README = ROOT / "README.md"

MODULES = {
    "canvas-classic": qa.conventions.canvas_classic,
    "new-quizzes": qa.conventions.new_quizzes,
    "moodle": qa.conventions.moodle,
    "psych": qa.conventions.r_psych,
    "ctt": qa.conventions.r_ctt,
}
REPORTS = [
    *[(system, "item-analysis") for system in MODULES],
    ("canvas-classic", "student-analysis"),
    ("new-quizzes", "student-analysis"),
    ("moodle", "summary"),
    ("psych", "summary"),
    ("ctt", "summary"),
    ("ctt", "option-analysis"),
]
SEVERAL = [
    report
    for report in REPORTS
    if report[0] != "canvas-classic" and report != ("new-quizzes", "student-analysis")
]

# Six students, three questions of one point: who tried twice, who left what out.
ROWS = """\
student_id,attempt,item_id,response,score
ann,1,q1,a,1
ann,1,q2,b,1
ann,1,q3,a,1
bob,1,q1,a,1
bob,1,q2,b,1
bob,1,q3,,0
cat,1,q1,b,0
cat,1,q2,b,1
cat,1,q3,b,0
cat,2,q1,a,1
cat,2,q2,b,1
cat,2,q3,a,1
dan,1,q1,b,0
dan,1,q2,a,0
dan,1,q3,a,1
"""


@pytest.fixture(scope="module")
def course():
    return qa.read(EXPORT)


@pytest.fixture
def small(tmp_path):
    path = tmp_path / "small.csv"
    path.write_text(ROWS)
    return path


@pytest.fixture
def run(capsysbinary):
    def run(*argv):
        status = main([str(argument) for argument in argv])
        out, err = capsysbinary.readouterr()
        return status, out, err.decode()

    return run


@pytest.fixture
def screen(run, monkeypatch):
    """Run at a terminal so wide, and give what is on it."""

    def screen(*argv, width=100):
        monkeypatch.setattr(cli, "_is_terminal", lambda _stream: True)
        monkeypatch.setenv("COLUMNS", str(width))
        status, out, err = run(*argv)
        assert (status, faults(err)) == (0, [])
        return "\n".join(line.rstrip() for line in out.decode().split("\n"))

    return screen


def made(system, command, responses, **options):
    function = getattr(MODULES[system], command.replace("-", "_"))
    return function(responses, **options)


def written(table, form="csv"):
    file = io.BytesIO()
    canvas = {"Question Id", "n incorrect"} & set(table.schema.names)
    if canvas and form == "csv":
        table = qa.conventions.canvas_classic.printed(table)
    (qa.write_json if form == "json" else qa.write_csv)(table, file)
    return file.getvalue()


# Whose report


@pytest.mark.parametrize(("system", "command"), REPORTS)
def test_a_pipe_gets_the_table_of_the_system_under_its_own_headers(
    run, course, system, command
):
    status, out, err = run(command, EXPORT, "--convention", system)
    table = made(system, command, course)
    assert (status, faults(err)) == (0, [])
    assert out == written(table)
    header = next(csv.reader(io.StringIO(out.decode())))
    assert header == table.schema.names


@pytest.mark.parametrize(("system", "command"), REPORTS)
def test_json_is_the_table_or_the_systems_own_shape(run, course, system, command):
    _, out, err = run(command, EXPORT, "--convention", system, "--format", "json")
    assert faults(err) == []
    if system == "new-quizzes":
        records = made(system, f"{command}_json", course)
        assert json.loads(out, parse_constant=pytest.fail) == records
    else:
        assert out == written(made(system, command, course), "json")


def test_new_quizzes_json_can_be_read_back(run, tmp_path):
    out = tmp_path / "out.json"
    words = ["student-analysis", OTHER, "--convention", "new-quizzes", "-o", out]
    assert quiet(*run(*words))
    assert len(qa.read(str(out))) == 165
    assert [path.name for path in tmp_path.iterdir()] == ["out.json"]


def test_new_quizzes_json_appears_whole_or_not_at_all(run, tmp_path, monkeypatch):
    def interrupt(*_args, **_options):
        raise KeyboardInterrupt

    monkeypatch.setattr(json, "dumps", interrupt)
    out = tmp_path / "out.json"
    out.write_text("before")
    words = ["item-analysis", EXPORT, "--convention", "new-quizzes", "-o", out]
    status, stdout, err = run(*words)
    assert (status, stdout, faults(err)) == (130, b"", [])
    assert out.read_text() == "before"


@pytest.mark.parametrize(
    ("command", "system", "words", "options"),
    [
        ("item-analysis", "moodle", "first", "first"),
        ("item-analysis", "moodle", "highest", "highest"),
        ("item-analysis", "psych", "first", "first"),
        ("summary", "ctt", "all", "all"),
        ("option-analysis", "ctt", "first", "first"),
        ("student-analysis", "canvas-classic", "all", "all"),
        ("student-analysis", "new-quizzes", "last", "last"),
    ],
)
def test_attempts_can_be_chosen_where_the_system_has_a_choice(
    run, course, command, system, words, options
):
    _, out, _ = run(command, EXPORT, "--convention", system, "--attempt", words)
    assert out == written(made(system, command, course, attempt=options))


@pytest.mark.parametrize(
    ("command", "system", "words", "messages"),
    [
        ("summary", "canvas-classic", "", ["moodle or psych or ctt"]),
        ("student-analysis", "moodle", "", ["canvas-classic or new-quizzes"]),
        ("option-analysis", "psych", "", ["has no option analysis", "ctt"]),
        ("item-analysis", "sakai", "", ["'sakai'", *MODULES]),
        ("item-analysis", "moodle", "--attempt kept", ["highest, best, first"]),
        ("item-analysis", "canvas-classic", "--attempt first", ["its own rule"]),
        ("item-analysis", "psych", "--tail 0.27", ["--tail", "its own rule"]),
        ("item-analysis", "ctt", "--ties split", ["--ties", "its own rule"]),
        ("item-analysis", "moodle", "--ddof 1", ["--ddof", "its own rule"]),
        ("item-analysis", "moodle", "--blank zero", ["--blank", "its own rule"]),
        ("item-analysis", "ctt", "--criterion share", ["--criterion", "its own rule"]),
        ("student-analysis", "new-quizzes", "--items", ["--items", "its own rule"]),
    ],
)
def test_what_a_system_does_not_have_ends_with_2(run, command, system, words, messages):
    status, out, err = run(command, EXPORT, "--convention", system, *shlex.split(words))
    assert (status, out) == (2, b"")
    assert all(message in err for message in messages)


@pytest.mark.parametrize(("system", "command"), REPORTS)
def test_every_word_of_a_system_for_attempts_can_be_typed(system, command):
    choices = _arguments.OPTIONS["attempt"]["choices"]
    assert {*_systems.words(system, command.replace("-", "_"))} <= {*choices}


@pytest.mark.parametrize("system", ["canvas-classic", "new-quizzes"])
def test_moodles_word_for_the_best_attempt_is_known_to_the_others(run, course, system):
    argv = ("student-analysis", EXPORT, "--convention", system, "--attempt", "highest")
    status, out, _ = run(*argv)
    best = made(system, "student_analysis", course, attempt="best")
    assert (status, out) == (0, written(best))


@pytest.mark.parametrize(("system", "command"), REPORTS)
def test_several_quizzes_are_one_report_or_refused_with_a_remedy(run, system, command):
    words = [command, EXPORT, OTHER, "--convention", system]
    status, out, err = run(*words)
    if (system, command) in SEVERAL:
        assert (status, faults(err)) == (0, [])
        assert out == written(made(system, command, qa.read([EXPORT, OTHER])))
        return
    assert (status, out) == (2, b"")
    assert "one file at a time" in err
    assert "--quiz-id" in err


def test_new_quizzes_json_is_about_one_quiz(run):
    words = ["--convention", "new-quizzes", "--format", "json"]
    status, out, err = run("item-analysis", EXPORT, OTHER, *words)
    assert (status, out) == (2, b"")
    assert "--quiz-id" in err


def test_wrong_data_ends_with_1_as_elsewhere(run, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("student_id,item_id,score\ns1,q1,x\n")
    assert run("item-analysis", path, "--convention", "moodle")[0] == 1
    assert run("explain", "moodle", "psych", path)[0] == 1


NOTED = (
    "noted: 1 submission (recorded score is not the sum of the points); "
    "15 responses (answered with a word such as NA)"
)


def test_our_own_exclusions_are_not_said_of_another_system(run, tmp_path):
    out = tmp_path / "out.csv"
    _, _, err = run("item-analysis", OTHER, "--convention", "moodle", "-o", out)
    assert err.split("\n")[1:-1] == [
        "165 submissions of 140 students at 1 quiz, the best attempt of each counts",
        "left out: 1 submission (test student)",
        NOTED,
        f"wrote 28 rows to {out}",
    ]
    _, _, err = run("explain", "moodle", "psych", EXPORT, "-o", out)
    rows = out.read_text("utf-8").count("\n") - 1
    assert err.split("\n")[1:-1] == [
        "165 submissions of 140 students at 1 quiz",
        NOTED,
        f"wrote {rows} rows to {out}",
    ]


def test_long_work_shows_that_it_goes_on(run, monkeypatch):
    monkeypatch.setattr(cli, "_is_terminal", lambda stream: stream is sys.stderr)
    monkeypatch.setattr(_sources, "_LONG", 0)
    _, _, err = run("item-analysis", EXPORT, "--convention", "moodle")
    assert err.startswith("\rreading ")
    assert "\ranalysing " in err
    assert "\rread canvas_classic.csv" in err


# What a person is shown


@pytest.mark.parametrize(("system", "command"), REPORTS)
@pytest.mark.parametrize("width", [60, 100, 200])
def test_a_terminal_shows_a_table_of_the_system(screen, system, command, width):
    for path in (EXPORT, OTHER):
        shown = screen(command, path, "--convention", system, width=width)
        title = _systems.TITLES[system]
        assert f": {command.replace('-', ' ')} as in {title}\n" in shown
        assert f"by the rules of {title}, under its names" in shown
        assert max(map(len, shown.split("\n"))) <= width


def test_the_figures_on_the_terminal_are_those_of_the_file(screen, course):
    row = made("canvas-classic", "item-analysis", course).to_pylist()[2]
    shown = screen("item-analysis", EXPORT, "--convention", "canvas-classic")
    line = next(x for x in shown.split("\n") if x.startswith(row["Question Id"]))
    assert row["Question Id"] == "40213"
    assert line.split()[-5:-1] == [
        str(row["Answered Student Count"]),
        f"{row['Difficulty Index']:.3f}",
        f"{row['Standard Deviation']:.3f}",
        f"{row['Point Biserial of Correct']:.3f}",
    ]
    assert line.split()[-1] == f"{float(row['Alpha']):.3f}"


def test_a_question_named_like_a_column_hides_none(screen, small):
    named = ROWS.replace("score\n", "score,title\n", 1)
    named = re.sub(r"(?m)(q\d)(.*)$", r"\1\2,OverallScore", named)
    small.write_text(named)
    shown = screen("student-analysis", small, "--convention", "new-quizzes")
    assert re.search(r"\nbob +1 +2\.0 +3 ", shown)
    assert re.search(r"\ncat +2 +3\.0 +3 ", shown)


def test_several_quizzes_are_told_apart(screen):
    shown = screen("item-analysis", EXPORT, OTHER, "--convention", "moodle", width=200)
    assert "2 quizzes: item analysis as in Moodle" in shown
    assert len(re.findall(r"^canvas_classic ", shown, re.MULTILINE)) == 28
    assert len(re.findall(r"^new_quizzes ", shown, re.MULTILINE)) == 28


def test_data_asked_for_on_a_terminal_is_data(run, course, monkeypatch):
    monkeypatch.setattr(cli, "_is_terminal", lambda _stream: True)
    words = ["--convention", "new-quizzes", "--format", "json"]
    _, out, err = run("item-analysis", EXPORT, *words)
    assert json.loads(out) == made("new-quizzes", "item_analysis_json", course)
    assert "wrote 28 rows" in err


def test_an_empty_file_says_so(screen, tmp_path):
    path = tmp_path / "empty.csv"
    path.write_text("student_id,item_id,score\n")
    for system, command in REPORTS:
        assert "there are no" in screen(command, path, "--convention", system) or (
            command == "option-analysis"
        )


# Why they differ


def test_explain_writes_all_columns(run, course):
    status, out, err = run("explain", "canvas-classic", "moodle", EXPORT)
    table = qa.conventions.explain(course, "canvas-classic", "moodle")
    assert (status, out, faults(err)) == (0, written(table), [])
    words = ["--item-id", "40213", "--format", "json"]
    _, out, _ = run("explain", "canvas-classic", "moodle", EXPORT, *words)
    one = qa.conventions.explain(course, "canvas-classic", "moodle", "40213")
    assert out == written(one, "json")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("moodle moodle {export}", "both moodle"),
        ("moodle sakai {export}", "invalid choice: 'sakai'"),
        ("moodle {export}", "invalid choice"),
        ("moodle psych", "FILE"),
        (
            "moodle psych {export} --item-id 7",
            "there is no item '7'; there are: '40211', ",
        ),
    ],
)
def test_what_cannot_be_explained_ends_with_2(run, words, message):
    status, out, err = run("explain", *shlex.split(words.format(export=EXPORT)))
    assert (status, out) == (2, b"")
    assert message in err
    assert "Traceback" not in err


def test_one_item_is_explained_rule_by_rule(screen, small):
    # First attempts that answered q3: ann 1, cat 0, dan 1, so 2/3; last attempts with
    # bob's blank as 0: ann 1, bob 0, cat 1, dan 1, so 3/4. Last attempts alone: 3/3.
    words = ["canvas-classic", "quizanalysis", small, "--item-id", "q3"]
    shown = screen("explain", *words, width=120)
    assert "small: from Canvas classic to quizanalysis\n\nitem q3\n" in shown
    part = shown.split("\ndifficulty: ")[1].split("\n\n")[0]
    attempt = "the first attempt of each student -> the last attempt of each student"
    assert part.split("\n") == [
        "0.6667 in Canvas classic (Difficulty Index), 0.7500 in quizanalysis; +0.0833",
        f"    +0.3333  {attempt}",
        "    -0.2500  a blank is left out -> a blank is 0",
    ]


def test_what_one_system_lacks_is_said(screen):
    words = ["canvas-classic", "moodle", EXPORT, "--item-id", "40220"]
    shown = screen("explain", *words, width=120)
    assert "n: none in Canvas classic (Answered Student Count), 140 in Moodle" in shown
    assert "    = 140  multiple choice and true/false -> every item\n" in shown


def test_a_figure_that_is_gone_is_gone_once(screen):
    # Nobody has every item of the course: from that rule on there is no alpha.
    words = ["canvas-classic", "quizanalysis", EXPORT]
    part = screen("explain", *words, width=200).split("\nalpha: ")[1].split("\n\n")[0]
    gone = [line for line in part.split("\n")[1:] if line.split()[0] == "none"]
    assert len(gone) == 1
    assert gone[0].endswith("only students who have a score for every item")


def test_more_quizzes_than_anybody_reads_are_counted_only(screen, tmp_path):
    path = tmp_path / "many.csv"
    lines = [f"{quiz},{line}" for quiz in range(23) for line in ROWS.split("\n")[1:-1]]
    path.write_text("\n".join([f"quiz_id,{ROWS.split(maxsplit=1)[0]}", *lines, ""]))
    shown = screen("explain", "canvas-classic", "quizanalysis", path)
    assert shown.count(": from Canvas classic to quizanalysis") == 20
    assert "3 more quizzes are not shown; -o FILE.csv has them all" in shown


@pytest.mark.parametrize("width", [60, 100])
def test_a_whole_quiz_is_summed_up(screen, course, width):
    shown = screen("explain", "canvas-classic", "quizanalysis", EXPORT, width=width)
    rows = qa.conventions.explain(course, "canvas-classic", "quizanalysis").to_pylist()
    found = [row for row in rows if row["figure"] == "difficulty"]
    gaps = {
        row["item_id"]: row["value_b"] - row["value_a"]
        for row in found
        if row["value_a"] is not None and row["value_b"] is not None
    }
    most = max(gaps, key=lambda item: abs(gaps[item]))
    words = " ".join(shown.split())
    assert f"{len(gaps)} items differ, most {most}: " in words
    blanks = [
        abs(row["contribution"])
        for row in found
        if row["rule"] == "blank" and row["item_id"] in gaps and row["contribution"]
    ]
    mean = f"{sum(blanks) / len(blanks):.4f} {len(blanks)} items a blank is left out"
    assert mean in words
    assert "--item-id" in words
    assert max(map(len, shown.split("\n"))) <= width
    assert len(shown.split("\n")) < 70


def test_systems_that_agree_are_said_to(screen, tmp_path):
    path = tmp_path / "agree.csv"
    path.write_text("student_id,item_id,score\na,q,1\nb,q,0\nc,q,0\n")
    shown = screen("explain", "quizanalysis", "moodle", path)
    assert "agree in every figure that both have" in shown


def test_no_text_of_the_data_steers_the_terminal(screen, small):
    small.write_text(ROWS.replace("q3", "\x1b[31mq3"))
    for words in ("explain moodle ctt", "item-analysis --convention moodle"):
        assert "\x1b[31m" not in screen(*words.split(), small)


# What is known of the systems


def test_every_convention_can_be_asked_for():
    modules = {name for name in qa.conventions.__all__ if name != "explain"}
    assert modules == set(_systems.MODULES.values())
    parameter = qa.conventions.explain.__annotations__["a"]
    assert set(get_args(parameter)) == set(_systems.TITLES)
    assert set(_systems.TITLES) == {"quizanalysis", *_systems.MODULES}


def test_the_columns_and_names_shown_are_those_of_the_systems(course):
    for (system, command), names in _system_columns.TELLING.items():
        known = {*made(system, command, course.attempts("all")).column_names, "attempt"}
        assert set(names) <= known
    for system, names in _why.NAMES.items():
        tables = [made(system, "item-analysis", course)]
        if hasattr(MODULES[system], "summary"):
            tables.append(made(system, "summary", course))
        known = {name for table in tables for name in table.column_names}
        assert {name.removesuffix(" / 100") for name in names.values()} <= known


# What the help and the first page say


@pytest.mark.parametrize("command", sorted({command for _, command in REPORTS}))
def test_the_help_names_the_systems_that_have_the_report(run, command):
    words = " ".join(run(command, "--help")[1].decode().split())
    having = [system for system, report in REPORTS if report == command]
    assert " or ".join(having) in words
    assert f"quizanalysis {command} export.csv --convention " in words


def test_the_examples_of_explain_work(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    Path("export.csv").write_bytes(Path(EXPORT).read_bytes())
    words = run("explain", "--help")[1].decode()
    examples = re.findall(r"^  quizanalysis (.*export\.csv.*)$", words, re.MULTILINE)
    assert examples
    for example in examples:
        status, out, err = run(*shlex.split(example))
        assert (status, faults(err)) == (0, [])
        assert bool(out) == ("-o" not in example)


def test_the_commands_on_the_first_page_print_what_stands_there(
    run, screen, tmp_path, monkeypatch
):
    if not README.exists():
        pytest.skip("an installed package comes without its README.md")
    monkeypatch.chdir(tmp_path)
    for name in ("export", "monday", "tuesday"):
        Path(f"{name}.csv").write_bytes(Path(EXPORT).read_bytes())
    ids = qa.read(EXPORT).students["student_id"].to_pylist()
    groups = [f"{one},{('men', 'women')[i % 2]}" for i, one in enumerate(ids)]
    Path("groups.csv").write_text("\n".join(["student_id,group", *groups]), "utf-8")
    Path("key").write_bytes(b"sixteen bytes or more")
    blocks = re.findall(r"```console\n(.*?)```", README.read_text("utf-8"), re.DOTALL)
    parts = (part.partition("\n") for block in blocks for part in block.split("$ "))
    said = [
        (command, output.rstrip("\n"))
        for command, _, output in parts
        if command.startswith("quizanalysis ")
    ]
    assert sum(bool(output) for _, output in said) >= 2
    for command, output in said:
        argv = shlex.split(command.partition(" > ")[0])[1:]
        if output and "-o" in argv:
            monkeypatch.setattr(cli, "_is_terminal", lambda _stream: True)
            assert run(*argv)[1:] == (b"", f"{output}\n")
        elif output:
            assert screen(*argv).strip("\n") == output
        else:
            assert run(*argv)[0] == 0
