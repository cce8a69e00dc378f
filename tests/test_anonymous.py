"""Whatever is anonymous depends on nothing that it does not show."""

import inspect
import json
import typing
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime, timedelta
from io import BytesIO

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st
from test_cli import run  # noqa: F401  a fixture
from test_oracle_agreement import described

import quizanalysis as qa
from quizanalysis.conventions import canvas_classic

MODULES = [qa, *(getattr(qa.conventions, name) for name in qa.conventions.__all__)]
OFFERING = {
    f"{module.__name__}.{name}": getattr(module, name)
    for module in MODULES
    for name in getattr(module, "__all__", ())
    if inspect.isfunction(getattr(module, name))
    and "anonymous" in inspect.signature(getattr(module, name)).parameters
}
"""All that can be anonymous, found by its signature."""

START = datetime(2026, 3, 1, tzinfo=UTC)


def test_all_that_can_be_anonymous_is_found():
    known = {
        "quizanalysis.analyze",
        "quizanalysis.student_analysis",
        "quizanalysis.conventions.canvas_classic.student_analysis",
    }
    assert known <= OFFERING.keys()


@st.composite
def choices(draw, function):
    """Anonymous, and one of the words of each option that has a choice of them."""
    found = {}
    for name, kind in typing.get_type_hints(function).items():
        words = typing.get_args(getattr(kind, "__value__", kind))
        if kind is bool:
            found[name] = draw(st.booleans())
        elif words and all(isinstance(word, str) for word in words):
            found[name] = draw(st.sampled_from(words))
    return found | {"anonymous": True}


@st.composite
def classes(draw):
    """Rows, items and people, and the same with others in their places."""
    rows, items, people = described(
        draw(strategies.tidy(quizzes=1, students=9, items=4))
    )
    # Some are not logged in; many hand in within one second.
    named = {name: "logged-out-1" if name == "7" else name for name in people}
    people = {named[name]: about for name, about in people.items()}
    numbers = {}
    for row in rows:
        i = numbers.setdefault((row["student_id"], row["attempt"]), len(numbers))
        row["student_id"] = named[row["student_id"]]
        if row["submitted_at"] is not None:
            row["submitted_at"] = START + timedelta(seconds=i % 2, microseconds=i)
            row["elapsed_s"] = None
    if draw(st.booleans()):
        rows = [row for row in rows if row.get("position") != 90]
        for one in (*rows, *items.values()):
            one.pop("position", None)
    known = items if draw(st.booleans()) else None
    names = sorted(people)
    other = dict(zip(names, draw(st.permutations(names)), strict=True))
    moved = [row | {"student_id": other[row["student_id"]]} for row in rows]
    swapped = {
        other[one]: about | {"name": f"Other {one}", "sis_id": None}
        for one, about in people.items()
    }
    coded = draw(st.booleans())
    moved = draw(st.permutations(moved))
    return [
        responses(rows, known, people, coded=coded),
        responses(moved, known, swapped, coded=coded),
    ]


def responses(rows, items, people, *, coded):
    """Read it; the answers as a dictionary, where they are said to be coded."""
    table = strategies.responses_table(rows)
    at = table.column_names.index("response")
    if coded and pa.types.is_string(table.schema.types[at]):
        table = table.set_column(at, "response", table["response"].dictionary_encode())
    about = [{"student_id": one} | what for one, what in people.items()]
    return qa.Responses.from_arrow(
        table,
        None if items is None else strategies.items_table(items),
        pa.Table.from_pylist(about),
    )


def files(made):
    """The bytes of all that was made, in every format that there is; no digests."""
    if is_dataclass(made):
        return [file for f in fields(made) for file in files(getattr(made, f.name))]
    if not isinstance(made, pa.Table):
        return [json.dumps(made, default=str).encode()]
    assert json.loads(made.schema.metadata[b"made"])["input_digest"] is None
    found = []
    for write in (qa.write_csv, qa.write_json):
        write(made, file := BytesIO())
        found.append(file.getvalue())
    with pa.ipc.new_file(file := BytesIO(), made.schema) as writer:
        writer.write_table(made)
    found.append(file.getvalue())
    numbered = [f"{i} {name}" for i, name in enumerate(made.column_names)]
    pq.write_table(made.rename_columns(numbered), file := BytesIO())
    return [*found, file.getvalue()]


@pytest.mark.parametrize("function", OFFERING.values(), ids=OFFERING)
@given(pair=classes(), draw=st.data())
def test_what_is_anonymous_depends_on_nothing_that_it_does_not_show(
    function, pair, draw
):
    said = draw.draw(choices(function))
    one, two = (files(function(some, **said)) for some in pair)
    assert one == two


ROWS = [("ann", "1", "A", 0), ("ann", "2", "B", 1), ("bob", "3", "C", 1)]
SAME = {"ann": "eve", "bob": "joe", "cat": "ann"}


@pytest.mark.parametrize("system", [None, "canvas-classic", "new-quizzes"])
@pytest.mark.parametrize("form", ["csv", "json"])
def test_so_it_is_on_the_command_line(run, tmp_path, form, system):  # noqa: F811
    said = []
    rows = [*ROWS, ("cat", "2", "B", 0), ("cat", "1", "A", 1)]
    for own in (rows, [(SAME[who], *rest) for who, *rest in rows[::-1]]):
        lines = [",".join(map(str, row)) for row in own]
        file = tmp_path / "answers.csv"
        file.write_text("\n".join(["student_id,item_id,response,score", *lines]))
        asked = ["--anonymous", "--items", "--format", form]
        asked += ["--convention", system] if system else []
        said.append(run("student-analysis", file, *asked))
    assert said[0] == said[1]
    status, out, err = said[0]
    assert (status, bool(out)) == ((0, True) if system is None else (2, False))
    assert "sha256" not in f"{out}{err}"


def test_a_list_of_nothing_and_one_of_an_empty_text_are_apart():
    lists = [[""], [], [None], ["a", "b"], ["a\x1fb"], ["a\x1f+b"], ["a\x1f", "b"]]
    tables = []
    for own in (lists, lists[::-1]):
        tidy = {
            "student_id": [f"s{i}" for i in range(len(own))],
            "item_id": ["q"] * len(own),
            "response": own,
            "score": [1.0] * len(own),
        }
        made = qa.Responses.from_arrow(pa.table(tidy), max_options=50)
        tables.append(qa.student_analysis(made, anonymous=True, items=True))
    assert tables[0]["q response"].to_pylist() == tables[1]["q response"].to_pylist()


def test_a_classic_table_tells_no_order_and_no_digest():
    """By hand: newest first, of one second by section, then by answer."""
    rows = [
        ("logged-out-1", "4", START, None),
        ("zoe", "2", START, "B"),
        ("ann", "9", START + timedelta(microseconds=5), "A"),
        ("bob", "3", START + timedelta(seconds=1), "A"),
        ("eve", "3", None, "A"),
    ]
    tidy = [
        {
            "student_id": student,
            "item_id": item,
            "submitted_at": at,
            "response": "x",
            "score": 1.0,
        }
        for student, item, at, _ in rows
    ]
    people = [
        {"student_id": student, "section_names": [section] if section else []}
        for student, *_, section in rows
    ]
    table = canvas_classic.student_analysis(
        qa.Responses.from_arrow(
            pa.Table.from_pylist(tidy), students=pa.Table.from_pylist(people)
        ),
        anonymous=True,
    )
    first, second = "2026-03-01 00:00:00 UTC", "2026-03-01 00:00:01 UTC"
    assert table["submitted"].to_pylist() == [second, first, first, first, None]
    assert table["section"].to_pylist() == ["A", "", "A", "B", "A"]
    headers = [name for name in table.column_names if ":" in name]
    assert headers == ["2: ", "3: ", "4: ", "9: "]
    assert json.loads(table.schema.metadata[b"made"])["input_digest"] is None


@pytest.mark.parametrize("places", [None, [2, 2, 1]])
def test_columns_do_not_tell_who_was_shown_an_item_first(places):
    shown = [("ann", "9"), ("bob", "4"), ("cat", "7")]
    orders = []
    for own in (shown, shown[::-1]):
        tidy = {
            "student_id": [student for student, _ in own],
            "item_id": [item for _, item in own],
            "score": [1.0] * 3,
        }
        if places:
            place = dict(zip("947", places, strict=True))
            tidy["position"] = [place[item] for _, item in own]
        made = qa.Responses.from_arrow(pa.table(tidy))
        ours = qa.student_analysis(made, anonymous=True, items=True)
        theirs = canvas_classic.student_analysis(made, anonymous=True)
        orders += [
            [name[0] for name in ours.column_names if name.endswith(" score")],
            [name[0] for name in theirs.column_names if ":" in name],
        ]
    assert orders == [["7", "4", "9"] if places else ["4", "7", "9"]] * 4


@pytest.mark.parametrize("function", OFFERING.values(), ids=OFFERING)
def test_nobody_can_be_anonymous_too(function):
    none = qa.Responses.from_matrix([[1, 0]]).where(quiz=[])
    made = function(none, anonymous=True)
    table = made if isinstance(made, pa.Table) else made.student_analysis
    assert table.num_rows == 0
