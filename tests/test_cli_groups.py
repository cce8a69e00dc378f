"""The command line for groups, and for tables that are given away."""

import io
import json

import pytest

pytest.importorskip("rich", reason="the extra cli is not installed")

from account import faults
from rich.console import Console
from test_cli import EXPORT, at_terminal, run, written  # noqa: F401  fixtures

import quizanalysis as qa
from quizanalysis.adapters import _groups_terminal

SECTIONS = ("STAT 101 Tuesday", "STAT 101 Online")
BETWEEN = ("--reference", SECTIONS[0], "--focal", SECTIONS[1])
BY_SECTION = ("dif", EXPORT, "--group-by", "section", *BETWEEN)


def compared(**options):
    responses = qa.read(EXPORT)
    parts = (responses.where(section=name) for name in SECTIONS)
    return qa.dif(*parts, names=SECTIONS, **options)


def test_dif_writes_the_table_of_the_sections(run):  # noqa: F811
    status, out, _ = run(*BY_SECTION, "--level", "0.9", "--attempt", "first")
    assert status == 0
    assert out == written(compared(level=0.9, attempt="first", blank="zero"))


def test_dif_takes_groups_from_a_file(run, tmp_path):  # noqa: F811
    students = qa.read(EXPORT).students.to_pylist()
    lines = [
        f"{row['student_id']},{name}"
        for row in students
        for name in row["section_names"] or ["none"]
    ]
    file = tmp_path / "groups.csv"
    file.write_text("\n".join(["\ufeffstudent_id,group", *lines]), "utf-8")
    status, out, _ = run("dif", EXPORT, "--groups", file, *BETWEEN)
    assert status == 0
    assert out == written(compared(blank="zero"))


def test_a_person_is_shown_whom_an_item_favours():
    screen = io.StringIO()
    _groups_terminal.show(compared(), Console(file=screen, width=140))
    assert f"{SECTIONS[0]} (reference) and {SECTIONS[1]} (focal)" in screen.getvalue()
    assert "below 0 it favours STAT 101 Tuesday" in screen.getvalue()


@pytest.mark.parametrize("width", [60, 80, 120])
def test_no_line_of_a_comparison_is_wider_than_the_terminal(width):
    screen = io.StringIO()
    _groups_terminal.show(compared(), Console(file=screen, width=width))
    assert max(map(len, screen.getvalue().splitlines())) <= width


def test_on_a_terminal_a_comparison_is_shown(run, at_terminal):  # noqa: F811
    at_terminal("out")
    status, out, _ = run(*BY_SECTION)
    assert status == 0
    assert b"ETS: A negligible" in out


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (
            ("--group-by", "section", "--reference", "A", "--focal", "B"),
            "--reference: there is no section 'A'; there are: 'STAT 101 Online', ",
        ),
        (
            ("--group-by", "section", "--reference", "A", "--focal", "A"),
            "the same group",
        ),
        (("--group-by", "section", *BETWEEN, "--level", "95"), "between 0 and 1"),
        (("--groups", "nowhere.csv", *BETWEEN), "no such file"),
        (("--groups", EXPORT, *BETWEEN), "student_id and group"),
        (BETWEEN, "one of the arguments --group-by --groups is required"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
def test_groups_that_cannot_be_compared_are_a_usage_error(run, argv, said):  # noqa: F811
    status, out, err = run("dif", EXPORT, *argv)
    assert (status, out) == (2, b"")
    assert said in err


@pytest.mark.parametrize(
    ("focal", "said"),
    [
        ("wome", "--focal: there is no group 'wome'; there are: 'women', 'men'"),
        ("women", "--focal: nobody of 'women' handed anything in here"),
    ],
)
def test_a_group_that_is_not_in_the_file_or_not_here_is_named(
    run,  # noqa: F811
    tmp_path,
    focal,
    said,
):
    student = qa.read(EXPORT).students["student_id"][0].as_py()
    file = tmp_path / "groups.csv"
    file.write_text(f"student_id,group\n{student},men\nx,women\n")
    argv = ("--groups", file, "--reference", "men", "--focal", focal)
    status, out, err = run("dif", EXPORT, *argv)
    assert (status, out) == (2, b"")
    assert said in err


def test_items_by_section_need_sections(run, tmp_path):  # noqa: F811
    file = tmp_path / "tidy.csv"
    file.write_text("student_id,item_id,score\ns1,q1,1\ns2,q1,0\n")
    status, out, err = run("item-analysis-by-section", file)
    assert (status, out) == (2, b"")
    assert "no student has a section here" in err


# ---- tables that are given away ------------------------------------------------------


@pytest.mark.parametrize("name", ["item_analysis", "option_analysis", "summary"])
def test_min_cell_hides_what_rests_on_few(run, name):  # noqa: F811
    status, out, _ = run(name.replace("_", "-"), EXPORT, "--min-cell", "12")
    assert status == 0
    # As in one report, so that tables of several commands tell no more than that.
    report = qa.analyze(qa.read(EXPORT), min_cell=12)
    assert out == written(getattr(report, name))


@pytest.mark.parametrize(
    ("least", "said"),
    [
        ("10", "165 submissions of 140 students"),
        ("30", "a suppressed number of submissions of a suppressed number of students"),
    ],
)
def test_what_was_read_does_not_tell_how_few_were_left_out(run, least, said):  # noqa: F811
    """Of 140 students 25 handed in twice."""
    export = "fixtures/course/canvas_classic.csv"
    status, _, err = run("summary", export, "--min-cell", least)
    assert status == 0
    assert said in " ".join(err.split())


def test_min_cell_hides_it_from_a_comparison_too(run):  # noqa: F811
    status, out, _ = run(*BY_SECTION, "--min-cell", "50")
    assert (status, out) == (0, written(qa.suppressed(compared(blank="zero"), 50)))


@pytest.mark.parametrize("name", ["item-analysis", "option-analysis", "summary"])
@pytest.mark.parametrize("least", ["12", "200"])
def test_a_person_is_shown_hidden_figures_as_such(run, at_terminal, name, least):  # noqa: F811
    at_terminal("out")
    status, out, _ = run(name, EXPORT, "--min-cell", least)
    assert status == 0
    assert b"suppressed" in out


# Tables that are no part of a report

FURTHER = {
    "item-analysis-by-section": (
        "--level .9 --tail .3 --attempt first",
        {"level": 0.9, "tail": 0.3, "attempt": "first"},
    ),
    "option-traces": ("--groups 4 --blank omit", {"groups": 4, "blank": "omit"}),
    "exclusions": ("--blank omit --attempt all", {"blank": "omit", "attempt": "all"}),
}


@pytest.mark.parametrize("form", ["csv", "json"])
@pytest.mark.parametrize("name", FURTHER)
def test_a_further_table_is_what_the_function_of_its_name_returns(run, name, form):  # noqa: F811
    function = getattr(qa, name.replace("-", "_"))
    responses = qa.read(EXPORT)
    for words, options in (("", {}), FURTHER[name]):
        status, out, err = run(name, EXPORT, *words.split(), "--format", form)
        assert (status, faults(err)) == (0, [])
        assert out == written(function(responses, **options), form)


@pytest.mark.parametrize("name", FURTHER)
def test_a_person_is_shown_a_further_table(run, at_terminal, name):  # noqa: F811
    at_terminal("out")
    status, out, _ = run(name, EXPORT)
    assert status == 0
    assert f": {name.replace('-', ' ')}\n".encode() in out


def test_sections_stand_side_by_side(run, at_terminal):  # noqa: F811
    at_terminal("out")
    lines = run("item-analysis-by-section", EXPORT)[1].decode().splitlines()
    items = [line.split()[1] for line in lines if "STAT 101" in line]
    assert len(items) == 84
    assert items == [item for item in dict.fromkeys(items) for _ in range(3)]


@pytest.mark.parametrize("name", FURTHER)
def test_min_cell_hides_it_from_a_further_table(run, name):  # noqa: F811
    table = getattr(qa, name.replace("-", "_"))(qa.read(EXPORT))
    status, out, _ = run(name, EXPORT, "--min-cell", "30")
    assert (status, out) == (0, written(qa.suppressed(table, 30)))


def test_groups_that_are_too_many_are_a_usage_error(run):  # noqa: F811
    status, out, err = run("option-traces", EXPORT, "--groups", "40")
    assert (status, out) == (2, b"")
    assert "groups must be a whole number from 2 to 20, not 40" in err


def test_anonymous_writes_nobody(run):  # noqa: F811
    status, out, _ = run("student-analysis", EXPORT, "--anonymous", "--format", "json")
    assert status == 0
    assert json.loads(out)["made"]["input_digest"] is None
    students = qa.read(EXPORT).students.to_pylist()
    known = {row[k] for row in students for k in ("student_id", "name", "sis_id")}
    assert not [one for one in known - {None} if f'"{one}"'.encode() in out]


def test_a_key_in_a_file_gives_its_pseudonyms(run, tmp_path):  # noqa: F811
    file = tmp_path / "key"
    file.write_bytes(b"a key of sixteen bytes\r\n")
    status, out, _ = run("student-analysis", EXPORT, "--pseudonym-key-file", file)
    hidden = qa.read(EXPORT).pseudonymise("a key of sixteen bytes")
    assert (status, out) == (0, written(qa.student_analysis(hidden)))


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (("summary", EXPORT, "--min-cell", "1"), "--min-cell: 2 or more"),
        (
            ("summary", EXPORT, "--min-cell", "9", "--convention", "moodle"),
            "not for --convention",
        ),
        (
            ("student-analysis", EXPORT, "--pseudonym-key-file", "nowhere"),
            "No such file",
        ),
    ],
    ids=["a cell of one", "another system", "no key"],
)
def test_what_cannot_be_hidden_is_a_usage_error(run, argv, said):  # noqa: F811
    status, out, err = run(*argv)
    assert (status, out) == (2, b"")
    assert said in err


def test_a_short_key_is_a_usage_error(run, tmp_path):  # noqa: F811
    (tmp_path / "key").write_bytes(b"short\n")
    status, _, err = run(
        "student-analysis", EXPORT, "--pseudonym-key-file", tmp_path / "key"
    )
    assert status == 2
    assert "at least 16 bytes, not 5" in err
