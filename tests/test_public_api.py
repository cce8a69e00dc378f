"""The public interface: its names, their documentation, what an import costs."""

import ast
import importlib
import inspect
import io
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pyarrow as pa
import pytest

import quizanalysis as qa

INIT = Path(qa.__file__)
ROOT = INIT.parent
HEAVY = (
    "pandas",
    "scipy.stats",
    "rich",
    "polars",
    "duckdb",
    "pyarrow.parquet",
    "pyarrow.dataset",
    "pyarrow.csv",
    "pyarrow.fs",
)
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}$", re.MULTILINE)
MODULES = sorted(
    ".".join(path.relative_to(ROOT.parent).with_suffix("").parts)
    for path in ROOT.rglob("*.py")
    if not any(part.startswith("_") for part in path.relative_to(ROOT).parts)
)


# ---- names ----------------------------------------------------------------------


def test_the_public_names_are_sorted_and_are_all_there_are():
    assert list(qa.__all__) == sorted(qa.__all__)
    assert len(set(qa.__all__)) == len(qa.__all__)
    assert set(dir(qa)) == {*qa.__all__, "__version__"}


def test_type_checkers_see_the_public_names():
    """They read the imports under TYPE_CHECKING; the names are looked up when used."""
    block, _ = (n for n in ast.parse(INIT.read_text()).body if isinstance(n, ast.If))
    imports = {
        (statement.module.removeprefix("quizanalysis").lstrip("."), alias.name)
        for statement in block.body
        for alias in statement.names
        if alias.asname == alias.name
    }
    assert {name for _, name in imports} == set(qa.__all__)
    for module, name in imports:
        if module:
            found = getattr(importlib.import_module(f"quizanalysis.{module}"), name)
            assert found is getattr(qa, name)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="no attribute 'item_analisis'"):
        _ = qa.item_analisis


def test_no_module_bears_the_name_of_a_public_function():
    """Importing such a module would put it in the place of the function."""
    functions = {name for name in qa.__all__ if not inspect.ismodule(getattr(qa, name))}
    assert functions & {path.stem for path in ROOT.iterdir()} == set()


def test_every_public_name_can_be_had():
    for name in qa.__all__:
        assert getattr(qa, name) is not None


def test_star_brings_in_these_names_only():
    brought = {}
    exec("from quizanalysis import *", brought)  # noqa: S102  the only way to try it
    assert set(brought) - {"__builtins__"} == set(qa.__all__)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_that_lists_its_names_has_them(name):
    if name.startswith("quizanalysis.adapters"):
        pytest.importorskip("rich")
    if name.startswith("quizanalysis.page"):
        pytest.importorskip("jinja2")
    if name == "quizanalysis.adapters.http":
        pytest.importorskip("starlette")
    if name.startswith(("quizanalysis.adapters.http", "quizanalysis.service")):
        pytest.importorskip("sqlalchemy")
    module = importlib.import_module(name)
    names = getattr(module, "__all__", [])
    assert len(set(names)) == len(names)
    assert [missing for missing in names if not hasattr(module, missing)] == []
    assert module.__doc__


def test_the_version_is_one_that_packaging_understands():
    assert re.fullmatch(r"\d+\.\d+\.\d+([ab]\d+|rc\d+)?", qa.__version__)


# ---- documentation --------------------------------------------------------------


def callables():
    """Everything public that can be called, by its full name."""
    found = {}
    for name in qa.__all__:
        value = getattr(qa, name)
        if isinstance(value, ModuleType):
            for inner in value.__all__:
                if inspect.isfunction(getattr(value, inner)):
                    found[f"{name}.{inner}"] = getattr(value, inner)
        elif inspect.isfunction(value):
            found[name] = value
        elif inspect.isclass(value):
            found[name] = value
            for inner, member in vars(value).items():
                made = getattr(member, "__func__", member)
                if not inner.startswith("_") and inspect.isfunction(made):
                    found[f"{name}.{inner}"] = made
    return found


CALLABLES = callables()


def sections(documented):
    """Titles of the numpydoc sections of a docstring."""
    return SECTION.findall(inspect.getdoc(documented) or "")


def test_no_docstring_has_a_section_twice():
    kinds = (ast.FunctionDef, ast.ClassDef)
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, kinds):
                titles = SECTION.findall(ast.get_docstring(node) or "")
                assert len(set(titles)) == len(titles), (path, node.name)


def test_the_public_callables_are_found():
    assert {"analyze", "Responses.from_arrow", "Tally.of", "ctt.biserial"} <= set(
        CALLABLES
    )


@pytest.mark.parametrize("name", sorted(CALLABLES))
def test_every_public_callable_begins_with_one_sentence(name):
    doc = inspect.getdoc(CALLABLES[name])
    assert doc
    first = doc.split("\n\n")[0]
    assert first.endswith(".")
    assert len(first.splitlines()) <= 2


@pytest.mark.parametrize(
    "name", sorted(n for n in CALLABLES if inspect.isfunction(CALLABLES[n]))
)
def test_every_parameter_of_a_public_function_is_documented(name):
    function = CALLABLES[name]
    parameters = [
        p for p in inspect.signature(function).parameters if p not in ("self", "cls")
    ]
    doc = inspect.getdoc(function)
    if not parameters or len(doc.splitlines()) == 1:
        # A single line that says it all stands for simple methods.
        assert len(parameters) <= 1
        return
    assert "Parameters" in sections(function)
    block = doc.split("Parameters\n----------\n")[1]
    block = re.split(r"\n\w[\w ]*\n-{3,}", block)[0]
    named = re.findall(r"^([\w, ]+?)(?: :.*)?$", block, re.MULTILINE)
    documented = {word.strip() for line in named for word in line.split(",")}
    assert set(parameters) <= documented


@pytest.mark.parametrize(
    "name",
    [
        "analyze",
        "create_report",
        "dif",
        "findings",
        "item_analysis",
        "item_analysis_by_section",
        "option_analysis",
        "read",
        "student_analysis",
        "summary",
        "what_if",
    ],
)
def test_the_main_functions_say_what_they_return_and_show_an_example(name):
    assert {"Parameters", "Returns", "Examples"} <= set(sections(CALLABLES[name]))


@pytest.mark.parametrize(
    "name",
    ["Problem", "DataError", "Progress", "Report", "Responses", "Tally", "WhatIf"],
)
def test_classes_say_what_they_hold(name):
    assert "Attributes" in sections(CALLABLES[name])


# ---- what an import costs -------------------------------------------------------


def python(code, *flags):
    """Run Python on this checkout in a process of its own."""
    return subprocess.run(
        [sys.executable, *flags, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT.parent,
    )


LOADED = "print(*sys.modules, sep='\\n')"


def test_the_import_alone_loads_none_of_the_core():
    made = python(f"import sys, quizanalysis; {LOADED}")
    assert made.returncode == 0, made.stderr
    loaded = set(made.stdout.split())
    assert {name for name in loaded if name.startswith("quizanalysis.")} == set()
    assert loaded.isdisjoint({"numpy", "scipy", "pyarrow", "pandas"})


def test_the_public_names_load_nothing_heavy():
    made = python(f"import sys; from quizanalysis import *; {LOADED}")
    assert made.returncode == 0, made.stderr
    loaded = set(made.stdout.split())
    assert "quizanalysis.ctt" in loaded
    assert [name for name in HEAVY if name in loaded] == []


def test_the_import_gives_no_warning_and_prints_nothing():
    made = python("from quizanalysis import *", "-W", "error")
    assert (made.returncode, made.stdout, made.stderr) == (0, "", "")


def test_the_import_changes_nothing_around_it():
    code = (
        "import logging, os, warnings, locale\n"
        "before = dict(os.environ), logging.root.handlers[:], locale.setlocale(0)\n"
        "filters = warnings.filters[:]\n"
        "import numpy, scipy.special, scipy.sparse, pyarrow.compute\n"
        "filters = warnings.filters[:]\n"
        "from quizanalysis import *\n"
        "after = dict(os.environ), logging.root.handlers[:], locale.setlocale(0)\n"
        "assert before == after\n"
        "assert filters == warnings.filters\n"
    )
    made = python(code)
    assert made.returncode == 0, made.stderr


def test_types_are_shipped():
    assert (ROOT / "py.typed").exists()


# ---- no loop over what grows ----------------------------------------------------


def quizzes(n, students=4, items=3):
    """N quizzes of one shape, each with answers, blanks and two attempts."""
    rows = [
        (f"quiz {q:05}", f"s{s}", attempt, f"q{i}")
        for q in range(n)
        for s in range(students)
        for attempt in (1, 2)
        for i in range(items)
    ]
    quiz, student, attempt, item = zip(*rows, strict=True)
    picks = [(hash_of(row) % 4) for row in rows]
    table = pa.table(
        {
            "quiz_id": quiz,
            "student_id": student,
            "attempt": attempt,
            "item_id": item,
            "response": [["A", "B", "C", None][pick] for pick in picks],
            "score": [float(pick == 0) for pick in picks],
        }
    )
    people = {"student_id": [f"s{s}" for s in range(students)]}
    people["section_names"] = [["A"], ["B"], ["A", "B"], []] * (students // 4)
    return qa.Responses.from_arrow(table, students=pa.table(people))


def hash_of(row):
    """A number that is the same in every run."""
    quiz, student, attempt, item = row
    return int(quiz[-5:]) * 7 + int(student[1:]) * 5 + attempt * 3 + int(item[1:]) * 11


def calls_of(function, *arguments):
    """Count the calls of functions, of Python's own and of others."""
    count = 0

    def note(_frame, event, _what):
        nonlocal count
        count += event in {"call", "c_call"}

    sys.setprofile(note)
    try:
        function(*arguments)
    finally:
        sys.setprofile(None)
    return count


def everything(data):
    """All that is computed of responses, with and without a tally."""
    tally = qa.Tally.of(data.attempts("last"))
    qa.item_analysis(tally)
    qa.option_analysis(tally)
    qa.summary(tally)
    qa.student_analysis(data, attempt="best")
    qa.dif(tally, tally)
    qa.dif(data, data)
    qa.Tally.from_arrow(tally.to_arrow())
    _ = tally + tally
    data.where(section="A", student=["s1", "nobody"])
    _ = data.digest
    qa.suppressed(qa.item_analysis_by_section(data))
    qa.analyze(data.pseudonymise(b"0" * 16), anonymous=True, min_cell=5)
    qa.findings(qa.analyze(data))


@pytest.mark.parametrize(
    "function",
    [
        everything,
        lambda data: qa.Responses.from_arrow(data.to_arrow(), data.items),
        lambda data: data.attempts("kept").where(quiz="quiz 00001"),
    ],
    ids=["counting and reading", "taking in", "filters"],
)
def test_a_thousand_quizzes_take_as_many_python_calls_as_ten(function):
    few, many = quizzes(10), quizzes(1_000)
    function(few)
    assert calls_of(function, many) <= calls_of(function, few) * 1.1 + 20


def test_ten_thousand_students_take_as_many_python_calls_as_a_hundred():
    def whole(n):
        scores = [[i * 7 % 3, i % 2, i // 3 % 2] for i in range(n)]
        qa.analyze(qa.Responses.from_matrix(scores))

    whole(100)
    assert calls_of(whole, 10_000) <= calls_of(whole, 100) * 1.1 + 20


def test_ten_thousand_answers_take_as_many_python_calls_as_a_hundred():
    def whole(n):
        answers = [["ABCD"[i % 4], [None, "x"][i % 2]] for i in range(n)]
        qa.analyze(qa.Responses.from_answers(answers, ["A", "x"]))

    whole(100)
    assert calls_of(whole, 10_000) <= calls_of(whole, 100) * 1.1 + 20


# ---- the first page -------------------------------------------------------------


@pytest.mark.parametrize("name", qa.__all__)
def test_every_public_name_is_mentioned_in_the_readme(name):
    readme = ROOT.parent / "README.md"
    if not readme.exists():
        pytest.skip("an installed package comes without its README.md")
    assert re.search(rf"\b{name}\b", readme.read_text(encoding="utf-8"))


def test_the_import_leaves_out_what_is_slow_and_seldom_needed():
    slow = "scipy", "pandas", "rich", "jinja2", "sqlalchemy", "starlette"
    code = f"import sys, quizanalysis; print(*({set(slow)!r} & sys.modules.keys()))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert done.stdout.split() == []


# ---- what is of another kind --------------------------------------------------------

DATA = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
SOURCES = {
    "responses": DATA,
    "tally": qa.Tally.of(DATA),
    "report": qa.analyze(DATA),
    "table": qa.summary(DATA),
    "data frame": qa.summary(DATA).to_pandas(),
    "none": None,
    "text": "export.csv",
    "dict": {},
    "list": [1],
}
RESPONSES, TALLIES = {"responses"}, {"responses", "tally"}
CANVAS, NEW, MOODLE, PSYCH, CTT = (
    getattr(qa.conventions, name)
    for name in ("canvas_classic", "new_quizzes", "moodle", "r_psych", "r_ctt")
)
FUNCTIONS = {
    "analyze": (qa.analyze, RESPONSES),
    "exclusions": (qa.exclusions, RESPONSES),
    "item_analysis_by_section": (qa.item_analysis_by_section, RESPONSES),
    "student_analysis": (qa.student_analysis, RESPONSES),
    "whole=": (lambda one: qa.student_analysis(DATA, whole=one), {"none", "tally"}),
    "what_if": (qa.what_if, RESPONSES),
    "item_analysis": (qa.item_analysis, TALLIES),
    "option_analysis": (qa.option_analysis, TALLIES),
    "option_traces": (qa.option_traces, TALLIES),
    "summary": (qa.summary, TALLIES),
    "dif": (lambda one: qa.dif(DATA, one), TALLIES),
    "findings": (qa.findings, {"report"}),
    "thresholds": (lambda one: qa.findings(qa.analyze(DATA), one), {"none"}),
    "responses=": (
        lambda one: qa.findings(qa.analyze(DATA), responses=one),
        {"none", "responses"},
    ),
    "suppressed": (qa.suppressed, {"table"}),
    "Tally.from_arrow": (qa.Tally.from_arrow, {"table"}),
    "write_csv": (  # an empty dict is no table or batch, and so it tells no columns
        lambda one: qa.write_csv(one, io.BytesIO()),
        {"table", "data frame", "dict"},
    ),
    "explain": (lambda one: qa.conventions.explain(one, "psych", "ctt"), RESPONSES),
    "Canvas's items": (CANVAS.item_analysis, TALLIES),
    "Canvas's students": (CANVAS.student_analysis, RESPONSES),
    "Canvas's print": (CANVAS.printed, {"table"}),
    "New Quizzes' items": (NEW.item_analysis, RESPONSES),
    "New Quizzes' items, JSON": (NEW.item_analysis_json, RESPONSES),
    "New Quizzes' students": (NEW.student_analysis, RESPONSES),
    "New Quizzes' students, JSON": (NEW.student_analysis_json, RESPONSES),
    "Moodle's items": (MOODLE.item_analysis, RESPONSES),
    "Moodle's quizzes": (MOODLE.summary, RESPONSES),
    "psych's items": (PSYCH.item_analysis, RESPONSES),
    "psych's quizzes": (PSYCH.summary, RESPONSES),
    "psych's halves": (PSYCH.split_half, RESPONSES),
    "CTT's items": (CTT.item_analysis, RESPONSES),
    "CTT's quizzes": (CTT.summary, RESPONSES),
    "CTT's options": (CTT.option_analysis, RESPONSES),
}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        (name, kind)
        for name, (_, kinds) in FUNCTIONS.items()
        for kind in SOURCES
        if kind not in kinds
    ],
)
def test_what_is_of_another_kind_is_a_type_error_that_says_what_is_needed(name, kind):
    function, _ = FUNCTIONS[name]
    with pytest.raises(TypeError, match=r"(is|are) needed, not \w+$"):
        function(SOURCES[kind])
