"""The command what-if: what can be typed, what it writes and what it shows."""

import io
import json
import re
import shlex
import sys
from pathlib import Path

import pyarrow as pa
import pytest

pytest.importorskip("rich", reason="the extra cli is not installed")

from account import faults, quiet
from rich.console import Console

import quizanalysis as qa
from quizanalysis.adapters import _changing, _what_if, cli
from quizanalysis.adapters.cli import main

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
EXPORT = str(COURSE / "canvas_classic.csv")
OTHER = str(COURSE / "new_quizzes.csv")
RIGHT = "The mean is larger than the median"
RIGHTS = f"{RIGHT},The two are equal"


@pytest.fixture(scope="module")
def course():
    return qa.read(EXPORT)


@pytest.fixture
def run(capsysbinary):
    def run(*argv):
        status = main(["what-if", *map(str, argv)])
        out, err = capsysbinary.readouterr()
        return status, out, err.decode()

    return run


@pytest.fixture
def odd(tmp_path):
    """A quiz with ids and options that look like something else."""
    answers = {
        "ann": ("A", "1,5", "x"),
        "bob": ("B", "2", "y"),
        "cem": ("C", "5", "x+y"),
    }
    lines = ["student_id,item_id,position,response,score"]
    for student, own in answers.items():
        for (item, place), answer in zip(
            (("3", 1), ("a=b", 2), ("z", 3)), own, strict=True
        ):
            right = float(student == "ann")
            lines.append(f'{student},{item},{place},"{answer}",{right}')
    path = tmp_path / "odd.csv"
    path.write_text("\n".join(lines) + "\n", "utf-8")
    return path


def written(table, form="csv"):
    file = io.BytesIO()
    (qa.write_json if form == "json" else qa.write_csv)(table, file)
    return file.getvalue()


def seen(made, table="students", width=100):
    screen = io.StringIO()
    _what_if.show(made, table, Console(file=screen, width=width))
    return screen.getvalue()


# What goes into a pipe or a file


@pytest.mark.parametrize(
    ("words", "asked"),
    [
        (["--drop", "40217"], {"drop": "40217"}),
        (["--drop", "7", "--drop", "40219"], {"drop": ["40217", "40219"]}),
        (["--full-credit", "3"], {"full_credit": "40213"}),
        (["--weight", "5=2.5"], {"weights": {"40215": 2.5}}),
        (["--rekey", f"8={RIGHT}"], {"rekey": {"40218": RIGHT}}),
        (["--rekey", f"8={RIGHTS}"], {"rekey": {"40218": RIGHTS.split(",")}}),
        (["--drop", "7", "--pass", "60"], {"drop": "40217", "pass_mark": 60}),
        (["--drop", "7", "--attempt", "best"], {"drop": "40217", "attempt": "best"}),
        (
            ["--drop", "7", "--quiz", "canvas_classic"],
            {"drop": "40217", "quiz_id": "canvas_classic"},
        ),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_an_option_is_what_the_function_is_asked(run, course, words, asked):
    status, out, err = run(EXPORT, "--format", "json", *words)
    students = qa.what_if(course, **asked).students
    assert (status, out, faults(err)) == (0, written(students, "json"), [])


@pytest.mark.parametrize("table", _changing.TABLES)
def test_each_table_can_be_had(run, course, tmp_path, table):
    words = ("--drop", "7", "--table", table)
    made = getattr(qa.what_if(course, drop="40217"), table)
    assert run(EXPORT, *words)[1] == written(made)
    assert quiet(*run(EXPORT, *words, "-o", tmp_path / "out.json"))
    assert (tmp_path / "out.json").read_bytes() == written(made, "json")


# How items and options are named


def asked(run, *words):
    """What was asked, as the table tells it."""
    status, out, err = run(*words, "--format", "json")
    assert (status, faults(err)) == (0, [])
    return json.loads(out)["made"]["options"]


def test_an_id_goes_before_a_number(run, odd):
    assert asked(run, odd, "--drop", "3")["drop"] == ["3"]
    assert asked(run, odd, "--drop", "1")["drop"] == ["3"]


def test_an_id_may_have_an_equals_sign(run, odd):
    assert asked(run, odd, "--weight", "a=b=2")["weights"] == {"a=b": 2.0}


@pytest.mark.parametrize(
    ("item", "words", "key"),
    [
        ("a=b", "1,5", [["1,5"]]),
        ("a=b", "2,5", [["2"], ["5"]]),
        ("z", "x+y", [["x+y"]]),
        ("z", "y+x,x+y", [["y", "x"], ["x+y"]]),
    ],
)
def test_what_is_an_option_as_it_stands_is_that_option(run, odd, item, words, key):
    assert asked(run, odd, "--rekey", f"{item}={words}")["rekey"] == {item: key}


def test_an_item_of_two_quizzes_needs_the_quiz(run):
    status, out, err = run(EXPORT, OTHER, "--drop", "3")
    assert (status, out) == (2, b"")
    assert "3 is the number of 2 items: 40213, 40213; name one by its id" in err
    status, _, err = run(EXPORT, OTHER, "--drop", "40213")
    assert status == 2
    assert "drop: an item id of 2 quizzes" in err
    made = asked(run, EXPORT, OTHER, "--drop", "3", "--quiz", "new_quizzes")
    assert (made["drop"], made["quiz_id"]) == (["40213"], "new_quizzes")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("", "nothing to change: give --drop"),
        ("--pass 60", "nothing to change: give --drop"),
        ("--drop 7 --pass 101", "argument --pass: 0 to 100, not 101"),
        ("--drop 7 --pass nan", "argument --pass: 0 to 100, not nan"),
        ("--drop 7 --pass x", "invalid float value"),
        ("--drop 7 --table zz", "invalid choice"),
        ("--drop 99", "drop: there is no such item (found '99'); the items are 40211,"),
        ("--drop 7 --full-credit 7", "drop and full_credit of one item"),
        ("--drop 7 --quiz zz", "there is no such quiz (found 'zz')"),
        ("--rekey 8", "argument --rekey: ITEM=VALUE, not '8'"),
        ("--rekey 8=zz", "rekey: no option of item '40218' (found 'zz')"),
        ("--rekey 8=", "rekey: no option of item '40218' (found '')"),
        ("--rekey 8=zz --rekey 40218=y", "--rekey: item '40218' is named twice"),
        ("--rekey 21=zz", "the answers to the item are no options"),
        ("--weight 8=x", "argument --weight: 'x' are no points for item '40218'"),
        ("--weight 8=-1", "no possible points of item '40218'"),
        ("--weight 8", "argument --weight: ITEM=VALUE, not '8'"),
    ],
)
def test_what_cannot_be_done_ends_with_2_and_says_why(run, words, message):
    status, out, err = run(EXPORT, *shlex.split(words))
    assert (status, out) == (2, b"")
    assert message in err
    assert "Traceback" not in err


def test_wrong_data_ends_with_1(run, tmp_path):
    path = tmp_path / "bad.csv"
    path.write_text("student_id,item_id,score\ns1,q1,x\n")
    assert run(path, "--drop", "q1")[0] == 1


# What a person is shown


def test_a_person_is_told_who_gains_and_who_passes(course):
    made = qa.what_if(course, rekey={"40218": RIGHT}, drop="40301", pass_mark=60)
    words = " ".join(seen(made).split())
    assert "rekeyed: 8 40218 A distribution has a long tail to the right" in words
    assert "difficulty 0.20 -> 0.66, r with rest -0.32 -> 0.52" in words
    assert "dropped: 26 40301 A fair die is rolled twice" in words
    assert "140 students, the last attempt of each counts" in words
    row = made.summary.to_pylist()[0]
    assert f"{row['n_gain']} gain and {row['n_lose']} lose, in percent" in words
    assert "1 passes now and 2 fail now, with 60 % to pass" in words
    assert "mean 19.58 -> 19.80 points" in words


def test_of_the_students_those_are_shown_whose_result_changes(course):
    made = qa.what_if(course, rekey={"40218": RIGHT}, pass_mark=60)
    screen = seen(made, width=120)
    shown = set(re.findall(r"\b(?:6[12]\d{3}|007)\b", screen))
    rows = made.students.to_pylist()
    assert shown == {row["student_id"] for row in rows if row["gains"]}
    assert 0 < len(shown) < len(rows)
    assert (screen.count("passes now"), screen.count("fails now")) == (2, 2)


def test_who_had_no_score_and_has_one_now_is_shown():
    table = pa.table(
        {"student_id": ["ann"], "item_id": ["q"], "score": pa.nulls(1, pa.float64())}
    )
    waiting = qa.Responses.from_arrow(table)
    made = qa.what_if(waiting, full_credit="q", weights={"q": 2})
    screen = seen(made)
    assert re.search(r"ann +- +2\.00 +- +100\.0 +- +1", screen)
    assert "- no score before for ann: nothing graded" in screen


def test_only_quizzes_with_a_change_are_shown():
    both = qa.read([EXPORT, OTHER])
    one = qa.what_if(both, drop="40301", quiz_id="new_quizzes")
    two = qa.what_if(one.responses, drop="40301", quiz_id="canvas_classic")
    again = qa.what_if(two.responses, drop="40302", quiz_id="canvas_classic")
    for table in _changing.TABLES:
        assert "new_quizzes" not in seen(again, table)
        assert "canvas_classic" not in seen(one, table)


def test_students_of_several_quizzes_stand_under_their_quiz(odd, tmp_path):
    other = tmp_path / "other.csv"
    other.write_text(odd.read_text().replace(",z,", ",y,").replace(",3,1,", ",q,1,"))
    made = qa.what_if(qa.read([odd, other]), full_credit=["z", "q"])
    lines = seen(made).split("\n")
    assert [
        line.split()[:2] for line in lines if line.startswith(("odd ", "other "))
    ] == [
        ["odd", "bob"],
        ["odd", "cem"],
        ["other", "bob"],
        ["other", "cem"],
    ]


def test_nobody_is_shown_when_nothing_changes(course):
    made = qa.what_if(course, weights={"40213": 1})
    assert "no student's result changes" in seen(made)


@pytest.mark.parametrize("table", _changing.TABLES)
@pytest.mark.parametrize("width", [60, 80, 120, 200])
def test_no_line_is_wider_than_the_terminal(course, table, width):
    made = qa.what_if(course, drop="40301", rekey={"40218": RIGHT}, pass_mark=60)
    lines = seen(made, table, width).split("\n")
    assert max(map(len, lines)) <= width


def test_a_terminal_shows_words_and_data_if_asked(run, course, monkeypatch):
    monkeypatch.setattr(cli, "_is_terminal", lambda stream: stream is sys.stdout)
    assert b"lose, in percent" in run(EXPORT, "--drop", "7")[1]
    out = run(EXPORT, "--drop", "7", "--format", "csv")[1]
    assert out == written(qa.what_if(course, drop="40217").students)


def test_the_command_says_what_it_read_and_wrote(run):
    _, _, err = run(EXPORT, "--drop", "7")
    assert "of 140 students at 1 quiz, the last attempt of each counts\n" in err
    assert "\nleft out: 25 submissions (not the last attempt)\n" in err
    assert err.endswith("\nwrote 140 rows\n")


def test_the_examples_in_the_help_work(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    lines = ["student_id,item_id,position,response,score"]
    for n in range(1, 18):
        answers = ("The mean", "The median") if n == 2 else ("A", "B")
        lines += [f"s{i},q{n},{n},{answers[i]},{1 - i}" for i in (0, 1)]
    Path("export.csv").write_text("\n".join(lines) + "\n")
    words = run("--help")[1].decode()
    examples = re.findall(r"^  quizanalysis what-if (.*)$", words, re.MULTILINE)
    assert len(examples) == 3
    for example in examples:
        status, out, err = run(*shlex.split(example))
        assert (status, faults(err)) == (0, [])
        assert bool(out) == ("-o" not in example)
