"""Writers: exact, safe to open, whole or not there; JSON as its schema says."""

import csv
import datetime as dt
import io
import json
import math
import os
import re
import stat
import subprocess
import sys
import unicodedata
from itertools import count, dropwhile
from pathlib import Path

import pyarrow as pa
import pyarrow.csv as pcsv
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from quizanalysis import writers
from quizanalysis._files import replacing as module
from quizanalysis._files.cells import escape_text, unescape_text
from quizanalysis.readers import read
from quizanalysis.report import analyze
from quizanalysis.responses import Responses
from quizanalysis.schema import REPORTS, arrow_schema, json_schema
from quizanalysis.writers import (
    escape_formula,
    is_text_list,
    join_texts,
    replacing,
    split_texts,
    unescape_formula,
    write_csv,
    write_json,
)

SCHEMAS = Path(writers.__file__).parent / "schemas"
posix = pytest.mark.skipif(os.name != "posix", reason="POSIX permissions and signals")

SIGNS = "=+-@＝＋－＠"  # noqa: RUF001  full-width is meant
FORMULAS = SIGNS + "\t\r\n\0"
CUTS = ";\t\r\n"
NASTY = [
    *(start + "1+1" for start in FORMULAS),
    *("'" + start for start in FORMULAS),
    "''=x",
    " =1",
    "\u3000＝1",  # noqa: RUF001
    "\u200b=1",
    "\ufeff=1",
    '=HYPERLINK("http://example.org?x="&A1,"click, me")',
    *(f"x{cut}{sign}1" for cut in CUTS for sign in SIGNS),
    "x;'=1",
    "x; '' \"'=1;;=1;y=1",
    "\t=1\t'=1",
    "x\r\n\u3000\u200b＝1",  # noqa: RUF001
    'x;"=1',
    "(3, -5)",
    "-3.5",
    "'tis",
    "''",
    "'",
    "",
    " ",
    " padded ",
    '"',
    '""',
    'say "no"',
    "a,b",
    "a;b",
    "a\tb",
    "line\nline",
    "line\r\nline",
    "line\rline",
    "\n",
    "a\0b",
    "\ufefftext",
    "naïve 漢字 👩‍🏫 \U0010ffff",
    "\u2028 \x85 \x1f \x7f",
    "NA",
    "null",
    "None",
    "NaN",
    "inf",
    "true",
    "007",
    "1e5",
    "9007199254740993",
    "\\",
    "\\n \\u0041 \\",
    "[",
    '["A"]',
    "[]",
    "{}",
    "2024-01-01",
    "x" * 300_000,
]
DOUBLES = [1e308, 5e-324, -0.0, 0.1, 1 / 3, -2.5, 1e16, 123456789.125, 1e-7, 2.0**-1074]

nasty_text = st.text(
    st.sampled_from("=+-@'\"\t\r\n\0,;[]\\ \ufeff\u200bab0＝é👍")  # noqa: RUF001
    | st.characters(codec="utf-8")
)
texts = st.sampled_from(NASTY[:-1]) | nasty_text
cells = st.none() | texts


def csv_bytes(table, **options):
    file = io.BytesIO()
    write_csv(table, file, **options)
    return file.getvalue()


def json_bytes(table):
    file = io.BytesIO()
    write_json(table, file)
    return file.getvalue()


def refused(constant):
    pytest.fail(f"{constant} is not JSON")


def loaded(data):
    return json.loads(data, parse_constant=refused)


def csv_rows(data, separator=","):
    csv.field_size_limit(1 << 24)
    lines = io.StringIO(data.decode(), newline="")
    return list(csv.reader(lines, delimiter=separator))


def arrow_read(data, names):
    """Read all as text, nulls apart from empty texts."""
    table = pcsv.read_csv(
        io.BytesIO(data),
        read_options=pcsv.ReadOptions(block_size=1 << 26, use_threads=False),
        parse_options=pcsv.ParseOptions(newlines_in_values=True),
        convert_options=pcsv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()),
            null_values=[""],
            strings_can_be_null=True,
            quoted_strings_can_be_null=False,
        ),
    )
    return table.to_pydict()


def escaped(text):
    """Guard a text as slowly and plainly as it can be said."""
    written, cut = "", False
    for char in text:
        written += f"'{char}" if cut and char in SIGNS else char
        cut = char in CUTS or (cut and (is_skipped(char) or char in "'\""))
    return "'" + written if runs(written.lstrip("'")) else written


def unescaped(cell):
    """Undo the escape as slowly and plainly as it can be said."""
    if cell.startswith("'") and runs(cell.lstrip("'")):
        cell = cell[1:]
    text, cut = "", False
    for char in cell:
        if cut and char in SIGNS and text.endswith("'"):
            text = text[:-1]
        text += char
        cut = char in CUTS or (cut and (is_skipped(char) or char in "'\""))
    return text


def text_of(cell):
    """Undo what a text is guarded with, which may look like a list besides."""
    bare = cell.lstrip("'")
    if bare != cell and is_text_list(pa.array([bare])).to_pylist() == [True]:
        cell = cell[1:]
    return unescaped(cell)


def runs(cell):
    """Say whether a spreadsheet might run this cell, independently of the writer."""
    rest = "".join(dropwhile(is_skipped, cell))
    skipped = cell.removesuffix(rest)
    return rest[:1] in tuple(SIGNS) or any(c in "\t\r\n\0" for c in skipped)


def is_formula(piece):
    """Say whether a sign comes first in what a cell was cut into."""
    return "".join(dropwhile(is_skipped, piece))[:1] in tuple(SIGNS)


def is_skipped(char):
    # Code points that nobody has assigned yet are not skipped by anybody.
    kind = unicodedata.category(char)
    return kind[0] in "ZC" and kind not in ("Cn", "Cs")


def report(name, n=3, *, nulls=True):
    """Make a report of n rows by hand; each second one has a null where it may."""
    made = {"options": {"tail": 0.27, "ties": "split"}, "input_digest": "sha256:00"}
    schema = arrow_schema(name, {"made": json.dumps(made)})
    moment = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
    values = {
        pa.string(): "=t",
        pa.int64(): 7,
        pa.float64(): 0.1,
        pa.bool_(): True,
        pa.list_(pa.string()): ["Monday", "Lab; 2"],
        pa.timestamp("us", tz="UTC"): moment,
    }
    ids = ("quiz_id", "item_id", "student_id", "option")
    return pa.table(
        [
            pa.array(
                [
                    None if nulls and row % 2 and field.name not in ids else value
                    for row in range(n)
                ],
                field.type,
            )
            for field in schema
            for value in [values[field.type]]
        ],
        schema=schema,
    )


# --- formulas -----------------------------------------------------------------------


@given(st.lists(cells))
@example(NASTY)
def test_unescape_is_the_inverse_of_escape(given_texts):
    array = pa.array(given_texts, pa.string())
    guarded = escape_formula(array)
    assert unescape_formula(guarded).to_pylist() == given_texts
    for before, after in zip(given_texts, guarded.to_pylist(), strict=True):
        if before is None:
            assert after is None
            continue
        assert not runs(after)
        assert after == escaped(before)
        assert unescaped(after) == before


@given(st.lists(cells | st.sampled_from(["'[]", "''[]", '["\t=1", null]', "[ ]\n"])))
@example(NASTY)
def test_unescape_is_the_inverse_for_texts_that_look_like_lists(given_texts):
    array = pa.array(given_texts, pa.string())
    guarded = escape_text(array)
    assert unescape_text(guarded).to_pylist() == given_texts
    assert not any(is_text_list(guarded).drop_null().to_pylist())
    for before, after in zip(given_texts, guarded.to_pylist(), strict=True):
        assert before is None or text_of(after) == before


@given(st.lists(st.text("=+-@＝'\";\t\r\n\0 \u3000\u200bx1,"), min_size=1))  # noqa: RUF001
@example(NASTY)
@settings(max_examples=500, deadline=None)
def test_no_piece_of_a_text_begins_with_a_sign(given_texts):
    array = pa.array(given_texts, pa.string())
    guarded = escape_formula(array)
    assert unescape_formula(guarded).to_pylist() == given_texts
    for after in guarded.to_pylist():
        first, *others = re.split(f"[{CUTS}]", after)
        assert not is_formula(first)
        for piece in others:
            assert not is_formula(piece)
            assert not is_formula(piece.replace('"', ""))


def test_a_text_has_a_guard_wherever_it_would_be_cut():
    given_texts = ["x;=1", "a\t-b\n+c\r@d", "x ; \"' ＝1", "=1; =2", "x=1;y-2"]  # noqa: RUF001
    guarded = ["x;'=1", "a\t'-b\n'+c\r'@d", "x ; \"' '＝1", "'=1; '=2", "x=1;y-2"]  # noqa: RUF001
    assert escape_formula(pa.array(given_texts)).to_pylist() == guarded
    assert unescape_formula(pa.array(guarded)).to_pylist() == given_texts
    commas = ["(3, -5)", "a,=b", '["-1","=2"]', "left=>right", "7-3"]
    assert escape_formula(pa.array(commas)).to_pylist() == commas


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()])
def test_escape_takes_chunked_arrays_and_keeps_their_type(kind):
    array = pa.chunked_array([["=1"], [], [None, "x"]], kind)
    guarded = escape_formula(array)
    assert guarded.to_pylist() == ["'=1", None, "x"]
    assert guarded.type == kind
    assert unescape_formula(guarded).equals(array)


@given(st.lists(st.tuples(texts, texts), min_size=1), texts)
@settings(deadline=None)
def test_no_cell_of_a_csv_would_be_executed(rows, name):
    first, second = map(list, zip(*rows, strict=True))
    lists = [[value, value] for value in first]
    table = pa.table(
        [pa.array(first), pa.array(second).dictionary_encode(), lists, lists],
        names=[name, "=b", "section_names", "c"],
    )
    data = csv_bytes(table)
    for row in csv_rows(data):
        assert not any(map(runs, row))
    for separator in ";\t":
        for row in csv_rows(data, separator):
            assert not any(map(is_formula, row))


def test_numbers_are_never_escaped():
    table = pa.table({"-x": [-1, 2], "y": [-0.5, -1e-9]})
    assert csv_bytes(table) == b'"\'-x","y"\n-1,-0.5\n2,-1e-9\n'


def test_escape_can_be_left_out():
    table = pa.table({"=x": ["=1", "'=1"]})
    assert csv_bytes(table, escape=False) == b'"=x"\n"=1"\n"\'=1"\n'


# --- CSV ----------------------------------------------------------------------------


def test_csv_to_the_byte():
    moment = dt.datetime(2026, 11, 23, 9, 30, tzinfo=dt.UTC)
    table = pa.table(
        {
            "text": pa.array(["a,b", "", None]),
            "n": pa.array([1, -2, None]),
            "x": pa.array([0.1, math.nan, math.inf]),
            "flag": pa.array([True, False, None]),
            "at": pa.array(
                [moment, moment.replace(microsecond=120), None],
                pa.timestamp("us", "UTC"),
            ),
            "section_names": pa.array([["A", "B"], [], None]),
            "response": pa.array([["A", "B"], ["A"], None]),
        }
    )
    assert csv_bytes(table).decode().split("\n") == [
        '"text","n","x","flag","at","section_names","response"',
        '"a,b",1,0.1,true,"2026-11-23T09:30:00Z","A; B","[""A"",""B""]"',
        '"",-2,,false,"2026-11-23T09:30:00.000120Z","[]","[""A""]"',
        ",,,,,,",
        "",
    ]


@given(st.lists(st.tuples(cells, cells)))
@example([(text, text) for text in NASTY])
@settings(deadline=None)
def test_texts_come_back_exactly(rows):
    columns = {"a": [row[0] for row in rows], "b": [row[1] for row in rows]}
    table = pa.table({k: pa.array(v, pa.string()) for k, v in columns.items()})
    data = csv_bytes(table)
    header, *read = csv_rows(data)
    assert header == ["a", "b"]
    assert [tuple(map(text_of, row)) for row in read] == [
        (a or "", b or "") for a, b in rows
    ]
    again = arrow_read(data, ["a", "b"])
    for name, column in columns.items():
        array = pa.array(again[name], pa.string())
        assert unescape_text(array).to_pylist() == column


def test_headers_come_back_exactly():
    # Arrow itself ends a column's name at a NUL.
    names = [text for text in NASTY if "\0" not in text]
    header, _ = csv_rows(csv_bytes(pa.table([[1]] * len(names), names=names)))
    assert list(map(unescaped, header)) == names


@given(st.lists(st.none() | st.floats(allow_nan=False, allow_infinity=False)))
@example(DOUBLES)
def test_doubles_come_back_to_the_bit(values):
    table = pa.table({"x": pa.array(values, pa.float64()), "n": range(len(values))})
    _, *rows = csv_rows(csv_bytes(table))
    read = [float(x) if x else None for x, _ in rows]
    assert list(map(repr, read)) == list(map(repr, values))
    assert [row["x"] for row in loaded(json_bytes(table))["rows"]] == values


def test_other_programs_read_the_same(tmp_path):
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    table = pa.table({"id": [f"i{i}" for i in range(len(DOUBLES))], "x": DOUBLES})
    data = csv_bytes(table)
    frame = pandas.read_csv(io.BytesIO(data))
    assert frame["x"].tolist() == DOUBLES
    assert polars.read_csv(data)["x"].to_list() == DOUBLES
    assert pcsv.read_csv(io.BytesIO(data))["x"].to_pylist() == DOUBLES
    path = tmp_path / "x.csv"
    path.write_bytes(data)
    assert [row[1] for row in duckdb.read_csv(str(path)).fetchall()] == DOUBLES
    assert frame["id"].tolist() == table["id"].to_pylist()


def test_other_programs_read_nasty_texts(tmp_path):
    pandas = pytest.importorskip("pandas")
    polars = pytest.importorskip("polars")
    duckdb = pytest.importorskip("duckdb")
    path = tmp_path / "x.csv"
    write_csv(pa.table({"text": NASTY, "n": range(len(NASTY))}), path)
    frame = pandas.read_csv(path, dtype={"text": str}, keep_default_na=False)
    assert list(map(text_of, frame["text"])) == NASTY
    read = polars.read_csv(path, schema_overrides={"text": polars.String})["text"]
    assert list(map(text_of, read.to_list())) == NASTY
    query = (
        "select text from read_csv(?, all_varchar=true, header=true, delim=',',"
        " quote='\"', escape='\"', max_line_size=4000000)"
    )
    relation = duckdb.sql(query, params=[str(path)])
    assert [text_of(row[0] or "") for row in relation.fetchall()] == NASTY


def test_the_byte_order_mark_is_for_excel_only():
    table = pa.table({"\ufeffname": ["é"]})
    data = csv_bytes(table)
    assert data.startswith(b'"\xef\xbb\xbf')
    assert csv_bytes(table, excel=True) == b"\xef\xbb\xbf" + data
    assert csv_rows(data)[0] == ["\ufeffname"]


@pytest.mark.parametrize("name", REPORTS)
def test_each_report_comes_back_from_csv(name):
    table = report(name)
    header, *rows = csv_rows(csv_bytes(table))
    assert header == table.column_names
    assert [len(row) for row in rows] == [len(header)] * 3
    assert rows[0] == rows[2]
    assert unescaped(rows[0][0]) == "=t"


def test_guards_inside_a_text_are_taken_off_when_it_is_read():
    # Ids that repeat are read as a dictionary, answers as they are.
    names = ["a;=1", "b\n'-2", "c"]
    table = pa.table(
        {
            "quiz_id": ["q\t@x"] * 3,
            "student_id": names,
            "item_id": ["i; =1"] * 3,
            "response": names,
            "score": [1.0, 0.0, 0.5],
        }
    )
    file = io.BytesIO(csv_bytes(table))
    assert "i; '=1" in file.getvalue().decode()
    assert read(file) == Responses.from_arrow(table)


# --- lists --------------------------------------------------------------------------

text_lists = st.lists(st.none() | st.lists(cells))


@given(text_lists)
@example([["A", "B"], ["a;b"], ["[x]"], [""], [], None, [None], ["A; B"], [" a "]])
@example([["Q=1", "x"], ['"', "\\", "\n\0"]])
@settings(deadline=None)
def test_lists_come_back_exactly(lists):
    array = pa.array(lists, pa.list_(pa.string()))
    joined = join_texts(array)
    assert split_texts(joined).to_pylist() == lists
    assert split_texts(pa.chunked_array([joined])).to_pylist() == lists
    guarded = escape_formula(joined)
    assert split_texts(unescape_formula(guarded)).to_pylist() == lists
    for before, after in zip(lists, joined.to_pylist(), strict=True):
        if before and all(t and ";" not in t and t[0] != "[" for t in before):
            assert after == "; ".join(before)
        elif before is not None:
            assert json.loads(after) == before


@given(st.lists(st.lists(st.none() | texts)))
@settings(deadline=None)
def test_lists_in_other_columns_are_json(lists):
    array = pa.array(lists, pa.list_(pa.string()))
    data = csv_bytes(pa.table({"response": array, "n": range(len(lists))}))
    read = pa.array([unescaped(row[0]) for row in csv_rows(data)[1:]], pa.string())
    assert all(is_text_list(read).to_pylist())
    assert split_texts(read).to_pylist() == lists


@given(st.lists(texts | st.text('[]"\\,{}ud8D0 nul:x1\n')))
@example(['["\\ud800"]', '["\\ud83d\\ude00"]', '["\\udc00"]', '["\\u00E9"]', "[x"])
@example(['["a"]}\n{"x":["b"]', '["a",]', "[,]", '[ "a" , null ]', "[ ]", '["\n"]'])
@settings(deadline=None)
def test_any_text_can_be_split(given_texts):
    array = pa.array(given_texts, pa.string())
    lists = split_texts(array).to_pylist()
    for text, coded, found in zip(
        given_texts, is_text_list(array).to_pylist(), lists, strict=True
    ):
        assert found == (json.loads(text) if coded else text.split("; "))


# --- JSON ---------------------------------------------------------------------------


@pytest.mark.parametrize("name", REPORTS)
@pytest.mark.parametrize("n", [0, 1, 3])
def test_json_is_as_its_schema_says(name, n):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / f"{name}.schema.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema)
    validator.check_schema(schema)
    table = report(name, n)
    document = loaded(json_bytes(table))
    validator.validate(document)
    assert document["table"] == name
    assert document["units"] == {c.name: c.unit for c in REPORTS[name]}
    assert document["made"]["options"] == {"tail": 0.27, "ties": "split"}
    assert document["made"]["input_digest"] == "sha256:00"
    assert len(document["rows"]) == n
    plain = pa.Table.from_arrays(table.columns, table.column_names)
    unnamed = loaded(json_bytes(plain))
    assert unnamed["rows"] == document["rows"]
    assert not validator.is_valid(unnamed)


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_refuses_what_is_wrong(name):
    jsonschema = pytest.importorskip("jsonschema")
    validator = jsonschema.Draft202012Validator(json_schema(name))
    table = report(name)

    def valid(**changes):
        document = loaded(json_bytes(table))
        document["rows"][0].update(changes)
        return validator.is_valid(document)

    assert valid()
    assert not valid(quiz_id=None)
    assert not valid(quiz_id=7)
    assert valid(item_7=0.5) == (name == "student_analysis")
    short = table.drop_columns([table.column_names[-1]])
    assert not validator.is_valid(loaded(json_bytes(short)))


@pytest.mark.parametrize("name", REPORTS)
def test_the_schema_files_are_current(name):
    path = SCHEMAS / f"{name}.schema.json"
    current = json.dumps(json_schema(name), indent=2) + "\n"
    assert path.is_file(), REMAKE
    assert path.read_text("utf-8") == current, REMAKE


def test_there_is_no_schema_file_too_many():
    names = {path.name for path in SCHEMAS.iterdir()}
    assert names == {f"{name}.schema.json" for name in REPORTS}, REMAKE


def test_json_to_the_byte(monkeypatch):
    monkeypatch.setattr(writers, "version", lambda _: "1.2.3")
    table = pa.table({"é": pa.array(["a\n", None]), "x": [math.nan, 1.5]})
    assert json_bytes(table).decode() == (
        '{"table": null,\n'
        '"made": {"library": "quizanalysis", "version": "1.2.3", "options": null, '
        '"input_digest": null},\n'
        '"units": {"é": null, "x": null},\n'
        '"rows": [\n'
        '{"é":"a\\n","x":null},\n'
        '{"é":null,"x":1.5}\n'
        "]}\n"
    )


def test_json_without_an_installed_package(monkeypatch):
    def absent(name):
        raise writers.PackageNotFoundError(name)

    monkeypatch.setattr(writers, "version", absent)
    assert loaded(json_bytes(pa.table({"a": [1]})))["made"]["version"] is None


json_rows = st.lists(
    st.fixed_dictionaries(
        {
            "text": cells,
            "flag": st.none() | st.booleans(),
            "n": st.none() | st.integers(-(2**63), 2**63 - 1),
            "x": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "list": st.none() | st.lists(cells),
            'deep "': st.none()
            | st.lists(
                st.none() | st.fixed_dictionaries({"id": cells, "ok": st.booleans()})
            ),
        }
    )
)


@given(json_rows)
@settings(deadline=None)
def test_json_rows_come_back_exactly(rows):
    deep = pa.list_(pa.struct([("id", pa.string()), ("ok", pa.bool_())]))
    schema = pa.schema(
        [
            ("text", pa.string()),
            ("flag", pa.bool_()),
            ("n", pa.int64()),
            ("x", pa.float64()),
            ("list", pa.list_(pa.string())),
            ('deep "', deep),
        ]
    )
    table = pa.Table.from_pylist(rows, schema)
    assert loaded(json_bytes(table))["rows"] == rows
    assert loaded(json_bytes(table.slice(1)))["rows"] == rows[1:]
    deep_cells = [unescaped(row[-1]) for row in csv_rows(csv_bytes(table))[1:]]
    assert [json.loads(c) if c else None for c in deep_cells] == [
        row['deep "'] for row in rows
    ]


def test_json_takes_all_that_has_a_form():
    fields = {
        "dictionary": pa.array(["a", None, "a"]).dictionary_encode(),
        "large": pa.array(["a", "b", None], pa.large_string()),
        "view": pa.array(["a", "b", None], pa.string_view()),
        "date": pa.array([dt.date(2026, 1, 2)] * 3),
        "local": pa.array([dt.datetime(2026, 1, 2)] * 3, pa.timestamp("s")),  # noqa: DTZ001
        "zone": pa.array([0, 1, None], pa.timestamp("ms", "America/New_York")),
        "fixed": pa.array([["a"], None, ["b"]], pa.list_(pa.string(), 1)),
        "large_list": pa.array([[1], None, []], pa.large_list(pa.int8())),
        "float": pa.array([0.1, None, -math.inf], pa.float32()),
        "nothing": pa.nulls(3),
    }
    table = pa.table(fields)
    expected = {
        "dictionary": ["a", None, "a"],
        "large": ["a", "b", None],
        "view": ["a", "b", None],
        "date": ["2026-01-02"] * 3,
        "local": ["2026-01-02T00:00:00"] * 3,
        "zone": ["1970-01-01T00:00:00Z", "1970-01-01T00:00:00.001Z", None],
        "fixed": [["a"], None, ["b"]],
        "large_list": [[1], None, []],
        "float": [0.1, None, None],
        "nothing": [None] * 3,
    }
    rows = loaded(json_bytes(table))["rows"]
    assert {name: [row[name] for row in rows] for name in fields} == expected
    first = csv_rows(csv_bytes(table))[1]
    assert first[:6] == [
        "a",
        "a",
        "a",
        "2026-01-02",
        "2026-01-02T00:00:00",
        "1970-01-01T00:00:00Z",
    ]


def test_rows_are_arrays_where_names_repeat(monkeypatch):
    monkeypatch.setattr(writers, "version", lambda _: "1.2.3")
    points = pa.field("1.0", pa.float64(), metadata={"unit": "points"})
    schema = pa.schema([("id", pa.string()), points, ("=x", pa.string()), points])
    table = pa.table([["a", None], [1.0, None], ['"', ""], [0.5, 0.1]], schema=schema)
    assert json_bytes(table).decode() == (
        '{"table": null,\n'
        '"made": {"library": "quizanalysis", "version": "1.2.3", "options": null, '
        '"input_digest": null},\n'
        '"columns": ["id", "1.0", "=x", "1.0"],\n'
        '"units": [null, "points", null, "points"],\n'
        '"rows": [\n'
        '["a",1,"\\"",0.5],\n'
        '[null,null,"",0.1]\n'
        "]}\n"
    )
    assert csv_bytes(table) == (b'"id","1.0","\'=x","1.0"\n"a",1,"""",0.5\n,,"",0.1\n')


@given(st.lists(st.tuples(cells, st.none() | st.integers(-9, 9), st.lists(cells))))
@settings(deadline=None)
def test_rows_of_repeated_names_come_back_exactly(rows):
    columns = list(zip(*rows, strict=True)) or [(), (), ()]
    kinds = [pa.string(), pa.int64(), pa.list_(pa.string())]
    arrays = [pa.array(c, kind) for c, kind in zip(columns, kinds, strict=True)]
    document = loaded(json_bytes(pa.table(arrays, names=["", "", "b"])))
    assert document["columns"] == ["", "", "b"]
    assert [tuple(row) for row in document["rows"]] == rows


# --- what is taken ------------------------------------------------------------------


@pytest.mark.parametrize("write", [csv_bytes, json_bytes])
def test_the_same_rows_give_the_same_bytes(write, monkeypatch):
    table = report("student_analysis", 50)
    whole = write(table)
    assert write(pa.RecordBatchReader.from_batches(table.schema, table.to_batches(7)))
    assert write(iter(table.to_batches(max_chunksize=1))) == whole
    assert write(table.to_batches(max_chunksize=13)) == whole
    assert write(pa.concat_tables([table.slice(0, 20), table.slice(20)])) == whole
    monkeypatch.setattr(writers, "_CHUNK_ROWS", 3)
    assert write(table) == whole
    monkeypatch.setattr(writers, "_CHUNK_BYTES", 1)
    assert write(table) == whole


def test_pandas_and_polars_are_taken():
    table = pa.table({"id": ["=1", None], "x": [0.5, None], "n": [1, 2]})
    polars = pytest.importorskip("polars")
    pandas = pytest.importorskip("pandas")
    frame = polars.from_arrow(table)
    data = csv_bytes(table)
    assert csv_bytes(frame) == data
    assert csv_bytes(frame.with_columns(polars.col("id").cast(polars.Categorical)))
    assert loaded(json_bytes(frame))["rows"] == table.to_pylist()
    other = pandas.DataFrame({"id": ["=1", None], "x": [0.5, None], "n": [1, 2]})
    assert csv_bytes(other) == data


def test_batches_are_written_as_they_come():
    file = io.BytesIO()
    seen = []

    def batches():
        for number in range(4):
            seen.append(len(file.getvalue()))
            yield pa.record_batch({"n": [number]})

    write_csv(batches(), file)
    assert seen == sorted(set(seen))
    assert file.getvalue() == b'"n"\n0\n1\n2\n3\n'


def test_records_are_one_array_that_no_page_takes_for_html():
    records = [{"body": "<b>é & \u2028", "n": None, "x": [1, 0.5]}, {}]
    assert json_bytes(records) == (
        rb'[{"body":"\u003cb\u003e' + "é".encode() + rb' \u0026 \u2028","n":null,'
        rb'"x":[1,0.5]},{}]'
    )
    assert json_bytes([]) == b"[]"
    with pytest.raises(ValueError, match="JSON compliant"):
        json_bytes([{"x": float("nan")}])


@pytest.mark.parametrize("write", [csv_bytes, json_bytes])
def test_wrong_batches_are_refused(write):
    with pytest.raises(ValueError, match="no batch"):
        write(iter([]))
    batches = [pa.record_batch({"a": [1]}), pa.record_batch({"b": [1]})]
    with pytest.raises(ValueError, match="other columns"):
        write(batches)


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_a_column_without_a_form_is_refused(write, tmp_path):
    for bad in (b"\xff", dt.timedelta(1), [b"\xff"], {"b": b"\xff"}):
        with pytest.raises(TypeError, match=r"column 'a': .* has no form"):
            write(pa.table({"a": [bad]}), tmp_path / "x")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_tables_without_rows_or_columns(write):
    for table in (pa.table({"a": pa.array([], pa.string())}), pa.table({})):
        file = io.BytesIO()
        write(table, file)
        if write is write_json:
            assert loaded(file.getvalue())["rows"] == []
        else:
            assert file.getvalue() == (b'"a"\n' if table.num_columns else b"")


@pytest.mark.parametrize("write", [write_csv, write_json])
def test_targets(write, tmp_path):
    table = report("summary")
    path = tmp_path / "table"
    write(table, str(path))
    data = path.read_bytes()
    write(table, path)
    assert path.read_bytes() == data
    with (tmp_path / "open").open("wb") as file:
        write(table, file)
        assert not file.closed
    assert (tmp_path / "open").read_bytes() == data
    with pytest.raises(TypeError, match="binary mode"):
        write(table, io.StringIO())
    with pytest.raises(IsADirectoryError):
        write(table, tmp_path)
    with pytest.raises(FileNotFoundError):
        write(table, tmp_path / "no" / "such")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["open", "table"]


# --- whole or not at all ------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
@pytest.mark.parametrize("write", [write_csv, write_json])
@pytest.mark.parametrize("old", [None, b"old"])
def test_an_exception_leaves_the_target_as_it_was(tmp_path, error, write, old):
    path = tmp_path / "report"
    if old:
        path.write_bytes(old)
    began = []

    def batches():
        yield pa.record_batch({"a": ["x" * 100_000]})
        began.extend(tmp_path.glob(".report.*.tmp"))
        raise error

    with pytest.raises(error):
        write(batches(), path)
    assert len(began) == 1
    assert list(tmp_path.iterdir()) == ([path] if old else [])
    assert not old or path.read_bytes() == old


@pytest.mark.parametrize("call", ["fsync", "replace"])
def test_a_full_disk_leaves_the_target_as_it_was(tmp_path, monkeypatch, call):
    def full(*_):
        raise OSError(28, "No space left on device")

    path = tmp_path / "report"
    path.write_bytes(b"old")
    place = module.os if call == "fsync" else module.Path
    monkeypatch.setattr(place, call, full)
    with pytest.raises(OSError, match="No space"), replacing(path) as file:
        file.write(b"new")
    assert list(tmp_path.iterdir()) == [path]
    assert path.read_bytes() == b"old"


@posix
@pytest.mark.parametrize("old", [None, b"old"])
def test_a_disk_that_is_full_at_the_last_leaves_all_tables_as_they_were(tmp_path, old):
    import resource  # noqa: PLC0415  there is none elsewhere

    made = analyze(Responses.from_matrix([[1, 0], [1, 1], [0, 0]]))
    made.write(tmp_path)
    sizes = {path: path.stat().st_size for path in tmp_path.iterdir()}
    # The largest is neither the first nor the last that takes its place.
    largest = max(sizes, key=sizes.__getitem__)
    assert largest.name == "item_analysis.csv"
    for path in sizes:
        path.write_bytes(old) if old else path.unlink()
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (sizes[largest] - 1, limits[1]))
    try:
        with pytest.raises(OSError, match="too large"):
            made.write(tmp_path)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert {*tmp_path.iterdir()} == ({*sizes} if old else set())
    assert {path.read_bytes() for path in tmp_path.iterdir()} == (
        {old} if old else set()
    )


@posix
def test_a_table_may_go_to_a_device(tmp_path):
    (tmp_path / "summary.csv").symlink_to(os.devnull)
    analyze(Responses.from_matrix([[1, 0], [1, 1]])).write(tmp_path)
    assert len(list(tmp_path.iterdir())) == 5
    assert (tmp_path / "summary.csv").is_symlink()


@pytest.mark.parametrize("write", [write_csv, write_json])
@pytest.mark.parametrize("wrong", [{"a": [1]}, ["a"], "a", 5, None], ids=str)
def test_what_is_no_table_is_a_type_error(write, wrong, tmp_path):
    with pytest.raises(TypeError, match="a table"):
        write(wrong, io.BytesIO())
    with pytest.raises(TypeError, match="a table"):
        write(wrong, tmp_path / "x")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("write", [write_csv, write_json])
@pytest.mark.parametrize("wrong", [None, 5, b"x.csv"], ids=str)
def test_what_is_no_target_is_a_type_error(write, wrong):
    with pytest.raises(TypeError, match="a path or a file open in binary mode"):
        write(pa.table({"a": [1]}), wrong)


def test_a_folder_that_cannot_be_synced_is_no_error(tmp_path, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(module.os, "open", refuse)
    with replacing(tmp_path / "x") as file:
        file.write(b"new")
    assert (tmp_path / "x").read_bytes() == b"new"


def test_a_long_name_is_no_error(tmp_path):
    path = tmp_path / ("é" * 120)
    with replacing(path) as file:
        file.write(b"new")
    assert list(tmp_path.iterdir()) == [path]


@posix
def test_permissions_are_those_of_any_file(tmp_path):
    before = os.umask(0o027)
    try:
        write_csv(pa.table({"a": [1]}), tmp_path / "new")
        kept = tmp_path / "kept"
        kept.touch()
        kept.chmod(0o606)
        write_csv(pa.table({"a": [1]}), kept)
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "new").stat().st_mode) == 0o640
    assert stat.S_IMODE(kept.stat().st_mode) == 0o606


@posix
@pytest.mark.parametrize("there", [True, False])
def test_a_symbolic_link_stays_one(tmp_path, there):
    (tmp_path / "folder").mkdir()
    real, link = tmp_path / "folder" / "real", tmp_path / "link"
    if there:
        real.write_bytes(b"old")
    link.symlink_to(Path("folder", "real"))
    with replacing(link) as file:
        file.write(b"new")
    assert link.is_symlink()
    assert real.read_bytes() == b"new"
    assert list(real.parent.iterdir()) == [real]


@posix
def test_what_is_no_regular_file_is_written_straight():
    with replacing(os.devnull) as file:
        file.write(b"new")
    assert stat.S_ISCHR(Path(os.devnull).stat().st_mode)


KILLED = """
import io, os, random, signal, sys, time
from pathlib import Path
import pyarrow as pa
from quizanalysis.writers import write_csv, write_json

folder, dice = Path(sys.argv[1]), random.Random(7)
target = folder / "report"
tables = [pa.table({"a": [text] * 4000, "x": [0.1] * 4000}) for text in ("=old", "new")]
allowed = set()
for table in tables:
    for write in (write_csv, write_json):
        write(table, file := io.BytesIO())
        allowed.add(file.getvalue())
target.write_bytes(min(allowed))
kills = strays = 0
seen = set()
for kills in range(1, 31):
    ready, begun = os.pipe()
    if not (child := os.fork()):
        while True:
            for table in tables:
                write_csv(table, target)
                write_json(table, target)
                os.write(begun, b".")
    os.read(ready, 1)
    time.sleep(dice.random() / 50)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    os.close(ready), os.close(begun)
    assert target.read_bytes() in allowed
    seen.add(target.read_bytes())
    for stray in folder.glob(".report.*.tmp"):
        stray.unlink()
        strays += 1
    assert list(folder.iterdir()) == [target]
print(kills, strays, len(seen))
"""


@posix
def test_kill_9_never_leaves_a_partial_file(tmp_path):
    root = str(Path(writers.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(tmp_path)],
        cwd=root,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    kills, strays, seen = map(int, re.findall(r"\d+", done.stdout))
    assert kills == 30
    assert strays > 0, "no kill came while a file was written: the test shows nothing"
    assert seen > 1


REMAKE = "remake the schema files: python -m tests.test_writers"

if __name__ == "__main__":
    SCHEMAS.mkdir(exist_ok=True)
    for report_name in REPORTS:
        text = json.dumps(json_schema(report_name), indent=2) + "\n"
        (SCHEMAS / f"{report_name}.schema.json").write_text(text, "utf-8")


def test_numbers_in_print_are_no_formulas():
    field = pa.field("r", pa.string(), metadata={"cells": "numbers"})
    table = pa.table([["-0.31"], ["-0.31"]], schema=pa.schema([field, ("a", "string")]))
    assert csv_bytes(table) == b'"r","a"\n"-0.31","\'-0.31"\n'


# ---- progress -------------------------------------------------------------------


@pytest.fixture
def every_call(monkeypatch):
    """A clock by which each call comes late enough to be passed on."""
    monkeypatch.setattr("quizanalysis.progress.monotonic", count().__next__)
    monkeypatch.setattr("quizanalysis.writers._CHUNK_ROWS", 10)
    monkeypatch.setattr("quizanalysis.writers._DICTS", 10)


NUMBERS = pa.table({"item_id": [f"<{n}>" for n in range(95)], "difficulty": range(95)})
KINDS = {
    "table": (NUMBERS, write_csv),
    "json": (NUMBERS, write_json),
    "batches": (NUMBERS.to_batches(max_chunksize=30), write_csv),
    "dicts": (NUMBERS.to_pylist(), write_json),
    "pandas": (NUMBERS.to_pandas(), write_json),
    "nothing": (NUMBERS[:0], write_json),
    "no dicts": ([], write_json),
}


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("kind", KINDS)
def test_rows_are_told_as_they_are_written(kind):
    table, write = KINDS[kind]
    quiet, told, seen, sizes = io.BytesIO(), io.BytesIO(), [], []

    def listen(*told_now):
        seen.append(told_now)
        sizes.append(told.tell())

    write(table, quiet)
    write(table, told, progress=listen)
    assert told.getvalue() == quiet.getvalue()
    n = len(NUMBERS) if kind not in ("nothing", "no dicts") else 0
    assert (seen[0], seen[-1]) == ((0, n), (n, n))
    assert seen == sorted(set(seen))
    assert len(seen) >= (10 if n else 1)
    assert sizes[:-1] == sorted(set(sizes[:-1])), "what is told has been written"


def test_dicts_are_one_array_however_many_they_are(monkeypatch):
    monkeypatch.setattr("quizanalysis.writers._DICTS", 10)
    for n in (0, 1, 9, 10, 11, 95):
        rows = [{"a": f"<{at}>", "b": [at, None]} for at in range(n)]
        file = io.BytesIO()
        write_json(rows, file)
        text = json.dumps(rows, separators=(",", ":"))
        text = text.replace("<", "\\u003c").replace(">", "\\u003e")
        assert file.getvalue().decode() == text


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("error", [LookupError, KeyboardInterrupt])
def test_wherever_the_callback_raises_the_file_stays_as_it_was(tmp_path, kind, error):
    table, write = KINDS[kind]
    seen = []
    write(table, io.BytesIO(), progress=lambda *told: seen.append(told))
    target = tmp_path / "x"
    target.write_text("old")
    for told in seen:

        def listen(*now, told=told):
            if now == told:
                raise error

        with pytest.raises(error):
            write(table, target, progress=listen)
        assert target.read_text() == "old"
        assert [path.name for path in tmp_path.iterdir()] == ["x"]


@pytest.mark.parametrize("write", [write_csv, write_json])
@pytest.mark.parametrize("how", [iter, lambda _: NUMBERS.to_reader()])
def test_what_does_not_tell_its_rows_has_no_progress_and_no_file(tmp_path, write, how):
    with pytest.raises(TypeError, match=r"progress= needs the number of rows.*count"):
        write(how([NUMBERS]), tmp_path / "x", progress=print)
    assert list(tmp_path.iterdir()) == []
    write(how([NUMBERS]), tmp_path / "x")
