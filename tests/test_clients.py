"""Other people's programs read the files that we write, and find the same in them."""

import datetime as dt
import io
import json
import re
from argparse import Namespace
from collections import Counter
from functools import cache
from html import unescape
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import quizanalysis as qa
from quizanalysis import writers
from quizanalysis._files.cells import unescape_text
from quizanalysis.conventions import canvas_classic, moodle, new_quizzes, r_ctt, r_psych

COURSE = Path(__file__).parents[1] / "fixtures" / "course"
MULTIPLE = "40226"
"""A question with several answers; one of its options holds a comma."""


REPORTS = (
    "summary",
    "item_analysis",
    "option_analysis",
    "student_analysis",
    "exclusions",
)
OTHERS = {
    "canvas students": lambda data: canvas_classic.student_analysis(
        data, attempt="all"
    ),
    "canvas students read from Canvas": lambda _: classic(),
    "canvas items": canvas_classic.item_analysis,
    "new quizzes students": new_quizzes.student_analysis,
    "new quizzes students read from Canvas": lambda _: new(),
    "new quizzes items": new_quizzes.item_analysis,
    "moodle items": moodle.item_analysis,
    "moodle summary": moodle.summary,
    "psych items": r_psych.item_analysis,
    "psych summary": r_psych.summary,
    "ctt items": r_ctt.item_analysis,
    "ctt options": r_ctt.option_analysis,
    "ctt summary": r_ctt.summary,
}


@cache
def responses():
    names = ("tidy", "tidy_items", "tidy_students")
    return qa.Responses.from_arrow(
        *(pq.read_table(COURSE / f"{name}.parquet") for name in names)
    )


@cache
def report():
    return qa.analyze(responses(), attempt="all", items=True)


@cache
def classic():
    data = qa.read(COURSE / "canvas_classic.csv")
    return canvas_classic.student_analysis(data, attempt="all")


@cache
def new():
    return new_quizzes.student_analysis(qa.read(COURSE / "new_quizzes.csv"))


@cache
def made(name):
    """Make the table of this name from the course."""
    if name in REPORTS:
        return getattr(report(), name)
    return OTHERS[name](responses())


# ---- data frames and databases ----------------------------------------------------


def by_pandas(path, *, text):
    how = {"dtype": str, "keep_default_na": False} if text else {}
    frame = pd.read_csv(path, **how)
    columns = [frame.iloc[:, at] for at in range(frame.shape[1])]
    return list(frame.columns), [
        c.astype(object).where(c.notna(), None) for c in columns
    ]


def by_polars(path, *, text):
    how = {"infer_schema": False} if text else {"infer_schema_length": None}
    frame = pl.read_csv(path, **how)
    return frame.columns, [column.to_list() for column in frame]


def by_duckdb(path, *, text):
    table = duckdb.read_csv(
        str(path), header=True, delimiter=",", all_varchar=text, sample_size=-1
    )
    rows = table.fetchall()
    return table.columns, [
        [row[at] for row in rows] for at in range(len(table.columns))
    ]


CLIENTS = {"pandas": by_pandas, "polars": by_polars, "duckdb": by_duckdb}
AGAIN = {"pandas": "{}.{}", "polars": "{}_duplicated_{}", "duckdb": "{}_{}"}
"""What each makes of a header that it has seen before."""


def headers(client, names):
    """Name the columns as the client does, which wants no name twice."""
    found, seen = [], Counter()
    for given in names:
        # DuckDB takes blanks away, polars leaves the quotes in a header doubled.
        name = given.strip() if client == "duckdb" else given
        name = name.replace('"', '""') if client == "polars" else name
        times = seen[name] - (client == "polars")
        found.append(AGAIN[client].format(name, times) if seen[name] else name)
        seen[name] += 1
    return found


def read_values(name, kind, cells):
    """Make values of a column's cells, which were read as text."""
    cells = pa.array([cell or None for cell in cells], pa.string())
    if pa.types.is_timestamp(kind):
        return [cell and dt.datetime.fromisoformat(cell) for cell in cells.to_pylist()]
    if pa.types.is_string(kind) or pa.types.is_large_string(kind):
        return unescape_text(cells).to_pylist()
    cells = writers.unescape_formula(cells)
    if name in ("section_names", "section_ids", "section_sis_ids"):
        return writers.split_texts(cells).to_pylist()
    return [cell and json.loads(cell) for cell in cells.to_pylist()]


def is_number(kind):
    return pa.types.is_floating(kind) or pa.types.is_integer(kind)


@pytest.mark.parametrize("excel", [False, True], ids=["default", "excel"])
@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize("name", [*REPORTS, *OTHERS])
def test_every_csv_is_read_by_every_client(name, client, excel, tmp_path):
    table = made(name)
    path = tmp_path / "table.csv"
    qa.write_csv(table, path, excel=excel)
    guarded = writers.escape_formula(pa.array(table.column_names)).to_pylist()
    expected = headers(client, guarded)

    names, texts = CLIENTS[client](path, text=True)
    assert names == expected
    assert {len(cells) for cells in texts} == {table.num_rows}
    names, values = CLIENTS[client](path, text=False)
    assert names == expected
    for at, field in enumerate(table.schema):
        wanted = table.column(at).to_pylist()
        if is_number(field.type) or pa.types.is_boolean(field.type):
            assert list(values[at]) == wanted, field.name
        else:
            found = read_values(field.name, field.type, texts[at])
            assert found == [None if value == "" else value for value in wanted]


@pytest.mark.parametrize("client", CLIENTS)
@pytest.mark.parametrize(
    ("name", "column"),
    [("student_analysis", 1), ("canvas students", 1), ("new quizzes students", 1)],
)
def test_an_id_of_007_stays_text(name, column, client, tmp_path):
    path = tmp_path / "table.csv"
    qa.write_csv(made(name), path)
    _, texts = CLIENTS[client](path, text=True)
    assert "007" in list(texts[column])
    assert {"Null", "NA"} <= {cell for cells in texts[:3] for cell in cells}


# ---- canvaslms, the command line of Canvas for teachers ---------------------------


@pytest.fixture
def quizzes():
    why = "canvaslms, in the group dev, brings 30 packages that nothing else here needs"
    return pytest.importorskip("canvaslms.cli.quizzes", reason=why)


@pytest.fixture
def downloaded(quizzes, monkeypatch):
    """Let canvaslms download a table as CSV, without guards: it is no spreadsheet."""

    def download(table):
        file = io.BytesIO()
        qa.write_csv(table, file, escape=False)
        answer = SimpleNamespace(content=file.getvalue(), raise_for_status=bool)
        monkeypatch.setattr("requests.get", lambda _url: answer)
        return list(quizzes.download_csv_report("https://example.org/report.csv"))

    return download


@cache
def answered():
    """Count the answers to each item by their text, as the course was made."""
    rows = pq.read_table(COURSE / "tidy.parquet", columns=["item_id", "response"])
    found = {}
    for row in rows.to_pylist():
        counts = found.setdefault(row["item_id"], Counter())
        counts.update([row["response"]] if row["response"] else [])
    return found


@cache
def titles():
    rows = pq.read_table(COURSE / "tidy_items.parquet").to_pylist()
    return {row["item_id"]: row["title"] for row in rows}


@cache
def truth():
    return json.loads((COURSE / "truth.json").read_text("utf-8"))


@cache
def recorded():
    """The recorded score of each attempt."""
    names = ["student_id", "attempt", "recorded_score"]
    rows = pq.read_table(COURSE / "tidy.parquet", columns=names).to_pylist()
    return {(row["student_id"], row["attempt"]): row["recorded_score"] for row in rows}


def test_canvaslms_finds_every_question_and_answer_of_a_classic_report(
    quizzes, downloaded
):
    rows = downloaded(made("canvas students"))
    assert {
        (row["id"], int(row["attempt"])): float(row["score"]) for row in rows
    } == recorded()
    columns = [name for name in rows[0] if re.match(r"^\d+: ", name)]
    found = {quizzes.extract_question_id(name)[0]: name for name in columns}
    assert found.keys() == titles().keys()
    for item, name in found.items():
        counts = Counter(row[name] for row in rows if row[name])
        assert counts == answered()[item], item


def test_canvaslms_finds_the_questions_and_scores_of_a_new_quizzes_report(
    quizzes, downloaded
):
    rows = downloaded(made("new quizzes students"))
    assert {
        (row["ID"], int(row["Attempt"])): float(row["OverallScore"]) for row in rows
    } == recorded()
    columns = [name for name in rows[0] if " " in name]
    assert {quizzes.extract_question_id(name) for name in columns} == {
        (None, name) for name in columns
    }
    found = {unescape(name): name for name in columns}  # New Quizzes writes HTML
    assert found.keys() == set(titles().values())
    plain = ("multiple_choice_question", "true_false_question")
    twice = truth()["same_title"]["item_ids"]
    items = pq.read_table(COURSE / "tidy_items.parquet").to_pylist()
    chosen = [row["item_id"] for row in items if row["item_type"] in plain]
    for item in set(chosen) - set(twice):
        name = found[titles()[item]]
        counts = Counter(unescape(row[name]) for row in rows if row[name])
        assert counts == answered()[item], item


def test_canvaslms_takes_several_answers_apart(quizzes, downloaded):
    rows = downloaded(made("canvas students"))
    name = f"{MULTIPLE}: {titles()[MULTIPLE]}"
    cells = [row[name] for row in rows if row[name]]
    wanted = Counter()
    for cell, n in answered()[MULTIPLE].items():
        wanted.update(dict.fromkeys(re.split(r"(?<!\\),", cell), n))
    assert quizzes.is_quantitative(cells)
    assert Counter(quizzes.extract_comma_separated_options(cells)) == wanted


@pytest.mark.parametrize("name", ["canvas students", "new quizzes students"])
@pytest.mark.parametrize("read", ["", " read from Canvas"])
def test_canvaslms_prints_the_analysis_of_either_report(
    quizzes, name, read, tmp_path, capsys
):
    path = tmp_path / "report.csv"
    qa.write_csv(made(name + read), path)
    options = {"ai": False, "use_minted": False, "standalone": False}
    quizzes.analyse_command(
        None, None, Namespace(csv=str(path), format="markdown", **options)
    )
    printed = capsys.readouterr().out
    # A name holds one column: two questions have one title in the one report; in the
    # other, as in Canvas's own, it takes "n correct" and "n incorrect" for questions.
    n_sections = len(titles()) + (-1 if name.startswith("new") else 2)
    assert len(re.findall("^## ", printed, re.MULTILINE)) == n_sections
    key = truth()["miskeyed"]
    counts = answered()[key["item_id"]]
    n = counts.total()
    section = printed.partition(f"## {titles()[key['item_id']]}")[2]
    section = section.partition("## ")[0]
    assert f"**Total responses:** {n} " in section
    for option, count in counts.items():
        assert f"- {option}: {count} ({100 * count / n:.1f}%)" in section
