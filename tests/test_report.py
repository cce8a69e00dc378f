"""analyze and create_report: all tables, told as they come, whole files or none."""

import csv
import json
import math
import os
import threading
from itertools import count
from pathlib import Path
from urllib.parse import urlparse
from urllib.request import url2pathname

import jsonschema
import numpy as np
import pyarrow as pa
import pytest

import quizanalysis as qa
from quizanalysis import writers
from quizanalysis._intake.matrix import tidy_of_matrix
from quizanalysis.schema import REPORTS, json_schema

TABLES = (
    "summary",
    "item_analysis",
    "option_analysis",
    "student_analysis",
    "exclusions",
)
FILES = {f"{name}.csv" for name in TABLES}


class StopError(Exception):
    """What a callback raises that wants no more."""


def responses(n=3):
    """N students, three items, in rows, which are counted batch by batch."""
    scores = (np.arange(n * 3).reshape(n, 3) * 7 % 5 > 1).astype(np.uint8)
    return qa.Responses.from_arrow(*tidy_of_matrix(scores, 1, None, None))


class Listener:
    """Notes what it is told; raises an error at one of the calls."""

    def __init__(self, at=None, error=StopError):
        self.seen, self.at, self.error = [], at, error

    def __call__(self, *told):
        self.seen.append(told)
        if len(self.seen) == self.at:
            raise self.error


def files(folder):
    """Names of all that lies in a folder, temporary files too."""
    return {path.name for path in Path(folder).iterdir()}


# ---- analyze --------------------------------------------------------------------


def test_a_report_holds_the_tables_that_the_functions_give():
    data = responses(20)
    report = qa.analyze(data)
    for name in TABLES[:-1]:
        alone = getattr(qa, name)(data)
        assert getattr(report, name).to_pylist() == alone.to_pylist()
        assert getattr(report, name).schema.equals(alone.schema)
        assert getattr(report, name).column_names == [c.name for c in REPORTS[name]]


def test_options_reach_the_tables():
    data = responses(20)
    options = {
        "blank": "omit",
        "criterion": "share",
        "tail": 0.4,
        "ties": "include",
        "ddof": 0,
    }
    report = qa.analyze(data, attempt="all", items=True, **options)
    made = qa.item_analysis(data, attempt="all", **options)
    assert report.item_analysis.to_pylist() == made.to_pylist()
    assert (
        report.summary["sd"].to_pylist() == qa.summary(data, ddof=0)["sd"].to_pylist()
    )
    assert report.student_analysis.column_names[-3:] == [
        "i1 score",
        "i2 score",
        "i3 score",
    ]


@pytest.mark.parametrize(
    "options",
    [
        {"attempt": "latest"},
        {"blank": "skip"},
        {"criterion": "rest"},
        {"tail": 0},
        {"tail": 0.6},
        {"ties": "drop"},
    ],
    ids=str,
)
def test_an_option_that_does_not_exist_is_a_value_error(options):
    with pytest.raises(ValueError, match=f"{next(iter(options))} must be"):
        qa.analyze(responses(), **options)


def test_each_table_says_how_it_was_made():
    data = responses(20)
    report = qa.analyze(data, tail=0.33)
    for name in TABLES:
        metadata = getattr(report, name).schema.metadata
        made = json.loads(metadata[b"made"])
        assert metadata[b"table"] == name.encode()
        counts = name not in ("student_analysis", "exclusions")
        input_digest = qa.Tally.of(data).digest if counts else data.digest
        assert made["input_digest"] == input_digest
        assert made["options"]["attempt"] == "last"
    made = json.loads(report.item_analysis.schema.metadata[b"made"])
    expected = {
        "attempt": "last",
        "blank": "zero",
        "criterion": "points",
        "tail": 0.33,
        "ties": "split",
        "ddof": 1,
    }
    assert made["options"].items() >= expected.items()


def test_each_column_says_its_unit_and_meaning():
    report = qa.analyze(responses())
    for name in TABLES:
        for field, column in zip(
            getattr(report, name).schema, REPORTS[name], strict=True
        ):
            assert field.metadata == {
                b"unit": column.unit.encode(),
                b"meaning": column.meaning.encode(),
            }


def test_a_report_never_changes():
    with pytest.raises(AttributeError):
        qa.analyze(responses()).summary = None


@pytest.fixture
def every_call(monkeypatch):
    """A clock by which each call comes late enough to be passed on."""
    monkeypatch.setattr("quizanalysis.progress.monotonic", count().__next__)


@pytest.fixture
def no_time(monkeypatch):
    """A clock that stands still: only the first call and the last are passed on."""
    monkeypatch.setattr("quizanalysis.progress.monotonic", lambda: 0.0)


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("n", [0, 1, 2, 20_000, 20_001, 60_000])
def test_progress_begins_at_zero_ends_at_the_total_and_never_falls(n):
    seen = []
    qa.analyze(responses(n), progress=lambda done, total: seen.append((done, total)))
    assert seen[0] == (0, n)
    assert seen[-1] == (n, n)
    assert seen == sorted(set(seen))
    assert {total for _, total in seen} == {n}
    assert len(seen) <= 201
    assert len(seen) >= 20 or n < 20_000


@pytest.mark.usefixtures("no_time")
def test_progress_counts_the_submissions_that_are_analysed():
    table = pa.table(
        {
            "student_id": ["ann", "ann", "bob"],
            "item_id": ["q"] * 3,
            "attempt": [1, 2, 1],
            "score": [0, 1, 1],
        }
    )
    seen = []
    qa.analyze(qa.Responses.from_arrow(table), progress=lambda *told: seen.append(told))
    assert seen == [(0, 2), (2, 2)]


def test_listening_changes_no_figure():
    data = responses(45_000)
    quiet, told = qa.analyze(data), qa.analyze(data, progress=lambda *_: None)
    for name in TABLES:
        assert getattr(quiet, name).equals(getattr(told, name), check_metadata=True)


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("at", [1, 2, 3, 7, 20])
def test_an_exception_of_the_callback_ends_the_analysis(at):
    seen = []

    def listen(done, total):
        seen.append((done, total))
        if len(seen) == at:
            raise StopError

    with pytest.raises(StopError):
        qa.analyze(responses(60_000), progress=listen)
    assert len(seen) == at


ERRORS = [StopError, KeyboardInterrupt]


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("kind", ["rows", "matrix"])
@pytest.mark.parametrize("blocks", [5, 20])
def test_each_block_of_a_single_quiz_and_each_table_is_told(monkeypatch, kind, blocks):
    n = 20_000
    monkeypatch.setattr("quizanalysis.report._RESPONSES", 3 * n // blocks)
    data = responses(n)
    if kind == "matrix":
        data = qa.Responses.from_matrix(np.arange(n * 3).reshape(n, 3) % 2)
    heard = Listener()
    qa.analyze(data, progress=heard)
    counted = [done for done, _ in heard.seen if 0 < done <= 0.4 * n]
    listed = [done for done, _ in heard.seen if 0.4 * n < done < n]
    # A matrix is laid out in rows instead, column by column.
    assert len(counted) >= (blocks if kind == "rows" else 10)
    assert len(listed) >= 30
    largest = max(np.diff([done for done, _ in heard.seen]))
    assert largest <= 0.1 * n


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("error", ERRORS)
def test_wherever_the_callback_raises_the_analysis_ends_and_no_thread_is_left(error):
    data, whole = responses(2_000), Listener()
    digest = data.digest
    expected = qa.analyze(data, progress=whole)
    threads = threading.active_count()
    for at in range(1, len(whole.seen) + 1):
        heard = Listener(at, error)
        with pytest.raises(error):
            qa.analyze(data, progress=heard)
        assert heard.seen == whole.seen[:at]
    assert threading.active_count() == threads
    assert data.digest == digest
    again = qa.analyze(data)
    for name in TABLES:
        assert getattr(again, name).equals(getattr(expected, name))


@pytest.mark.usefixtures("every_call")
def test_a_matrix_that_was_given_up_is_laid_out_the_next_time():
    scores = np.arange(300).reshape(100, 3) % 2
    expected = qa.analyze(qa.Responses.from_matrix(scores))
    data = qa.Responses.from_matrix(scores)
    with pytest.raises(StopError):
        qa.analyze(data, progress=Listener(5))
    report = qa.analyze(data)
    for name in TABLES:
        assert getattr(report, name).equals(getattr(expected, name))


def test_nobody_gives_the_same_tables_with_a_callback():
    nobody = responses(3).where(student=[])
    quiet, told = qa.analyze(nobody), qa.analyze(nobody, progress=lambda *_: None)
    assert quiet.item_analysis.num_rows == 3
    for name in TABLES:
        assert getattr(quiet, name).equals(getattr(told, name), check_metadata=True)


@pytest.mark.usefixtures("every_call")
def test_answers_beside_the_scores_are_told_too():
    report = Listener()
    qa.analyze(responses(50), items=True, progress=report)
    assert len(report.seen) > 20


# ---- Report.write ---------------------------------------------------------------


def test_five_csv_files_are_written(tmp_path):
    report = qa.analyze(responses(20))
    report.write(tmp_path / "new" / "folder")
    assert files(tmp_path / "new" / "folder") == FILES
    for name in TABLES:
        with (tmp_path / "new" / "folder" / f"{name}.csv").open(
            newline="", encoding="utf-8"
        ) as file:
            header, *rows = csv.reader(file)
        assert header == getattr(report, name).column_names
        assert len(rows) == getattr(report, name).num_rows


def test_five_json_files_are_written(tmp_path):
    report = qa.analyze(responses(20))
    report.write(str(tmp_path), format="json")
    assert files(tmp_path) == {f"{name}.json" for name in TABLES}
    for name in TABLES:
        document = json.loads((tmp_path / f"{name}.json").read_text(encoding="utf-8"))
        assert document["table"] == name
        assert len(document["rows"]) == getattr(report, name).num_rows


@pytest.mark.parametrize("format_", ["csv", "json"])
def test_the_same_input_gives_the_same_bytes(tmp_path, format_):
    for folder in ("one", "two"):
        qa.analyze(responses(30)).write(tmp_path / folder, format=format_)
    for name in TABLES:
        one, two = (
            tmp_path / folder / f"{name}.{format_}" for folder in ("one", "two")
        )
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("format_", ["csv", "json"])
def test_the_rows_that_are_written_are_told(tmp_path, monkeypatch, format_):
    monkeypatch.setattr("quizanalysis.writers._CHUNK_ROWS", 10)
    report, heard = qa.analyze(responses(200)), Listener()
    report.write(tmp_path / "quiet", format=format_)
    report.write(tmp_path / "told", format=format_, progress=heard)
    n = sum(getattr(report, name).num_rows for name in TABLES)
    done = [at for at, _ in heard.seen]
    assert {total for _, total in heard.seen} == {n}
    assert (done[0], done[-1]) == (0, n)
    assert done == sorted(set(done))
    assert max(np.diff(done)) <= 10 + 1
    for name in TABLES:
        one, two = (tmp_path / at / f"{name}.{format_}" for at in ("quiet", "told"))
        assert one.read_bytes() == two.read_bytes()


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("error", ERRORS)
def test_wherever_the_callback_raises_the_folder_stays_as_it_was(
    tmp_path, monkeypatch, error
):
    monkeypatch.setattr("quizanalysis.writers._CHUNK_ROWS", 10)
    report, whole = qa.analyze(responses(50)), Listener()
    report.write(tmp_path / "whole", progress=whole)
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "summary.csv").write_text("old")
    for at in range(1, len(whole.seen) + 1):
        with pytest.raises(error):
            report.write(folder, progress=Listener(at, error))
        assert files(folder) == {"summary.csv"}
        assert (folder / "summary.csv").read_text() == "old"


@pytest.mark.parametrize("format_", ["xlsx", "CSV", "", None, ["csv"]], ids=str)
def test_another_format_is_an_invalid_report_and_makes_no_folder(tmp_path, format_):
    report = qa.analyze(responses())
    with pytest.raises(qa.InvalidReport, match="csv or json"):
        report.write(tmp_path / "folder", format=format_)
    assert files(tmp_path) == set()


@pytest.mark.parametrize("name", TABLES)
def test_when_one_table_cannot_be_written_the_folder_stays_as_it_was(tmp_path, name):
    (tmp_path / "summary.csv").write_text("old")
    (tmp_path / "exclusions.csv").write_text("old")
    before = files(tmp_path)
    report = qa.analyze(responses())
    tables = {table: getattr(report, table) for table in TABLES}
    broken = qa.Report(**(tables | {name: Unwritable()}))
    with pytest.raises(RuntimeError, match="no columns today"):
        broken.write(tmp_path)
    assert files(tmp_path) == before
    assert {path.read_text() for path in tmp_path.iterdir()} == {"old"}


class Unwritable:
    """A table that fails when its columns are asked for."""

    def __arrow_c_stream__(self, requested_schema=None):
        msg = "no columns today"
        raise RuntimeError(msg)


def test_a_folder_in_the_way_of_a_file_leaves_the_rest_as_it_was(tmp_path):
    (tmp_path / "student_analysis.csv").mkdir()
    with pytest.raises(OSError, match="student_analysis"):
        qa.analyze(responses()).write(tmp_path)
    assert files(tmp_path) == {"student_analysis.csv"}


def test_older_files_are_replaced_and_others_left_alone(tmp_path):
    (tmp_path / "summary.csv").write_text("old")
    (tmp_path / "notes.txt").write_text("mine")
    qa.analyze(responses()).write(tmp_path)
    assert files(tmp_path) == FILES | {"notes.txt"}
    assert (tmp_path / "summary.csv").read_text() != "old"


# ---- create_report --------------------------------------------------------------


def create(path, data=None, **options):
    """Make an item analysis as CSV, unless told otherwise; also all that was shown."""
    seen = []
    chosen = {"report_type": "item_analysis", "format": "csv"} | options
    progress = qa.create_report(
        data or responses(), path=path, on_progress=seen.append, **chosen
    )
    return progress, seen


@pytest.mark.parametrize("report_type", ["item_analysis", "student_analysis"])
@pytest.mark.parametrize("format_", ["csv", "json"])
def test_a_file_is_made_of_each_type_in_each_format(tmp_path, report_type, format_):
    target = tmp_path / f"report.{format_}"
    data = responses(20)
    progress, _ = create(target, data, report_type=report_type, format=format_)
    assert progress.workflow_state == "completed"
    alone = tmp_path / "alone"
    qa.analyze(data).write(alone, format=format_)
    assert target.read_bytes() == (alone / f"{report_type}.{format_}").read_bytes()
    assert Path(url2pathname(urlparse(progress.results["url"]).path)) == target


def test_the_states_follow_one_another_and_completion_never_falls(tmp_path):
    progress, seen = create(tmp_path / "x.csv", responses(60_000))
    states = [one.workflow_state for one in seen]
    assert states[0] == "queued"
    assert states[-1] == "completed"
    assert set(states[1:-1]) == {"running"}
    completion = [one.completion for one in seen]
    assert completion == sorted(completion)
    assert (completion[0], completion[-1]) == (0.0, 100.0)
    assert max(completion[:-1]) < 100.0
    assert any(0 < percent < 99 for percent in completion)
    assert seen[-1] is progress
    assert len(seen) <= 104


def test_all_that_is_shown_is_one_run_with_times_in_order(tmp_path):
    _, seen = create(tmp_path / "x.csv")
    assert len({one.id for one in seen}) == 1
    assert len({one.created_at for one in seen}) == 1
    times = [one.updated_at for one in seen]
    assert times == sorted(times)
    assert {one.results is None for one in seen[:-1]} == {True}
    assert seen[0].context_id == "quiz"


def test_every_run_has_an_id_of_its_own(tmp_path):
    assert create(tmp_path / "x.csv")[0].id != create(tmp_path / "x.csv")[0].id


def test_the_file_is_there_when_completed_is_shown_and_not_before(tmp_path):
    target = tmp_path / "x.csv"
    there = {}
    qa.create_report(
        responses(),
        report_type="item_analysis",
        format="csv",
        path=target,
        on_progress=lambda p: there.setdefault(p.workflow_state, target.exists()),
    )
    assert there == {"queued": False, "running": False, "completed": True}


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"report_type": "summary"}, "student_analysis or item_analysis"),
        ({"report_type": "Item_Analysis"}, "student_analysis or item_analysis"),
        ({"report_type": None}, "student_analysis or item_analysis"),
        ({"report_type": ["item_analysis"]}, "student_analysis or item_analysis"),
        ({"format": "xml"}, "csv or json"),
        ({"format": "CSV"}, "csv or json"),
        ({"format": None}, "csv or json"),
        ({"format": ["csv"]}, "csv or json"),
    ],
    ids=str,
)
def test_an_invalid_report_is_refused_before_anything_happens(tmp_path, options, said):
    seen = []
    chosen = {"report_type": "item_analysis", "format": "csv"} | options
    with pytest.raises(qa.InvalidReport, match=said):
        qa.create_report(
            None, path=tmp_path / "x" / "y.csv", on_progress=seen.append, **chosen
        )
    assert seen == []
    assert files(tmp_path) == set()


def test_an_invalid_report_is_a_value_error_of_the_library():
    assert issubclass(qa.InvalidReport, ValueError)
    assert issubclass(qa.InvalidReport, qa.QuizAnalysisError)


def test_a_path_that_cannot_be_written_shows_a_failed_report(tmp_path):
    seen = []
    with pytest.raises(OSError, match="nowhere"):
        qa.create_report(
            responses(),
            report_type="item_analysis",
            format="csv",
            path=tmp_path / "nowhere" / "x.csv",
            on_progress=seen.append,
        )
    assert seen[-1].workflow_state == "failed"
    assert seen[-1].results is None
    assert [one.workflow_state for one in seen].count("failed") == 1


def test_a_writer_that_fails_midway_leaves_the_old_file(tmp_path, monkeypatch):
    target = tmp_path / "x.csv"
    target.write_text("old")

    def half(_table, file, progress=None):  # noqa: ARG001
        file.write(b"half of it")
        raise StopError

    monkeypatch.setattr("quizanalysis.report._WRITERS", {"csv": half})
    seen = []
    with pytest.raises(StopError):
        qa.create_report(
            responses(),
            report_type="item_analysis",
            format="csv",
            path=target,
            on_progress=seen.append,
        )
    assert files(tmp_path) == {"x.csv"}
    assert target.read_text() == "old"
    assert seen[-1].workflow_state == "failed"


@pytest.mark.parametrize("state", ["queued", "running"])
def test_an_exception_of_the_callback_ends_the_run_and_leaves_nothing(tmp_path, state):
    seen = []

    def listen(progress):
        seen.append(progress.workflow_state)
        if progress.workflow_state == state:
            raise StopError

    with pytest.raises(StopError):
        qa.create_report(
            responses(),
            report_type="student_analysis",
            format="csv",
            path=tmp_path / "x.csv",
            on_progress=listen,
        )
    assert files(tmp_path) == set()
    assert seen[-1] == "failed"


@pytest.mark.usefixtures("every_call")
@pytest.mark.parametrize("error", ERRORS)
@pytest.mark.parametrize("report_type", ["student_analysis", "item_analysis"])
def test_wherever_the_callback_raises_the_old_file_stays(
    tmp_path, monkeypatch, report_type, error
):
    monkeypatch.setattr("quizanalysis.writers._CHUNK_ROWS", 10)
    target = tmp_path / "x.csv"
    data, chosen = responses(60), {"report_type": report_type, "format": "csv"}
    assert data.digest, "which is told of the first time only"
    whole = Listener()
    qa.create_report(data, path=target, on_progress=whole, **chosen)
    assert len(whole.seen) >= 8
    target.write_text("old")
    for at in range(1, len(whole.seen) + 1):
        heard = Listener(at, error)
        with pytest.raises(error):
            qa.create_report(data, path=target, on_progress=heard, **chosen)
        assert files(tmp_path) == {"x.csv"}
        assert target.read_text() == "old"
        states = [progress.workflow_state for (progress,) in heard.seen[at:]]
        assert states == ["failed"] * (at < len(whole.seen))


def test_a_callback_that_always_raises_is_told_of_by_its_first_exception(tmp_path):
    def listen(progress):
        raise StopError(progress.workflow_state)

    with pytest.raises(StopError, match="queued"):
        qa.create_report(
            responses(),
            report_type="item_analysis",
            format="csv",
            path=tmp_path / "x.csv",
            on_progress=listen,
        )
    assert files(tmp_path) == set()


def test_without_a_callback_the_report_is_made_all_the_same(tmp_path):
    progress = qa.create_report(
        responses(),
        report_type="student_analysis",
        format="json",
        path=str(tmp_path / "x.json"),
    )
    assert progress.completion == 100.0
    assert (tmp_path / "x.json").exists()


def test_a_relative_path_is_named_in_full(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    progress, _ = create("x.csv")
    assert (
        progress.results["url"] == (Path(os.path.realpath(tmp_path)) / "x.csv").as_uri()
    )


def test_the_last_attempts_are_reported(tmp_path):
    table = pa.table(
        {
            "student_id": ["ann", "ann"],
            "item_id": ["q"] * 2,
            "attempt": [1, 2],
            "score": [1, 0],
        }
    )
    data = qa.Responses.from_arrow(table)
    create(tmp_path / "x.json", data, report_type="student_analysis", format="json")
    document = json.loads((tmp_path / "x.json").read_text())
    assert [row["attempt"] for row in document["rows"]] == [2]
    assert document["made"]["options"]["attempt"] == "last"
    assert document["made"]["input_digest"] == data.digest


@pytest.mark.parametrize("empty", [0])
def test_nobody_at_all_is_a_report_too(tmp_path, empty):
    progress, seen = create(tmp_path / "x.csv", responses(empty))
    assert progress.workflow_state == "completed"
    assert [one.completion for one in seen][-1] == 100.0


def test_writers_are_the_public_ones():
    assert qa.write_csv is writers.write_csv
    assert qa.write_json is writers.write_json


# ---- what is not known ----------------------------------------------------------


def taken(rows, **items):
    """Responses from rows of (student, item, answer, score, recorded score)."""
    names = ("student_id", "item_id", "response", "score", "recorded_score")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True))
    kinds = (pa.string(),) * 3 + (pa.float64(),) * 2
    table = pa.table(
        {
            name: pa.array(columns[name], kind)
            for name, kind in zip(names, kinds, strict=True)
        }
    )
    about = pa.table(
        {"item_id": list(items), "points_possible": list(map(float, items.values()))}
    )
    return qa.Responses.from_arrow(table, about if items else None)


def accounts(data, unit, **options):
    """Lines of the exclusions: (reason, n, left out)."""
    return [
        (row["reason"], row["n"], row["left_out"])
        for row in qa.analyze(data, **options).exclusions.to_pylist()
        if row["unit"] == unit
    ]


WAITING = taken(
    [
        ("ann", "q", "x", None, None),
        ("bob", "q", "x", 1, None),
        ("cat", "q", "y", 0, None),
        ("dan", "q", "z", None, 3),
    ],
    q=2,
)


def test_a_submission_with_nothing_graded_has_no_score():
    ann, bob, cat, dan = qa.student_analysis(WAITING).to_pylist()
    figures = ("score", "percent", "rank", "items_score")
    assert [ann[name] for name in figures] == [None] * 4
    assert ann["undefined"] == "; ".join(f"{name}: nothing_graded" for name in figures)
    assert (ann["n_not_graded"], ann["points_possible"]) == (1, 2.0)
    assert [bob[name] for name in figures] == [1.0, 50.0, 2, 1.0]
    assert [cat[name] for name in figures] == [0.0, 0.0, 3, 0.0]
    # What the source system recorded is a score all the same.
    assert [dan[name] for name in figures] == [3.0, 150.0, 1, None]
    assert dan["undefined"] == "items_score: nothing_graded"


def test_a_submission_with_nothing_graded_has_no_total():
    row = qa.summary(WAITING).to_pylist()[0]
    assert (row["n"], row["mean"], row["min"], row["max"]) == (2, 0.5, 0.0, 1.0)
    assert (row["points_possible"], row["totals_comparable"]) == (2.0, True)
    item = qa.item_analysis(WAITING).to_pylist()[0]
    assert (item["n"], item["n_not_graded"], item["n_not_shown"]) == (2, 2, 0)
    assert accounts(WAITING, "submissions") == [
        ("read", 4, False),
        ("nothing graded yet", 2, True),
        ("analysed", 2, False),
    ]


def test_a_tally_of_recorded_totals_counts_all_submissions():
    tally = qa.Tally.of(WAITING, total="recorded")
    assert sum(tally.parts.totals["n"].to_pylist()) == 4
    assert max(tally.parts.totals["total"].to_pylist()) == 3 * 10**9


def test_a_quiz_with_nothing_graded_at_all_says_so():
    data = taken([("ann", "q", "x", None, None)], q=2)
    row = qa.summary(data).to_pylist()[0]
    assert (row["n"], row["mean"], row["points_possible"]) == (0, None, None)
    assert "mean: nothing_graded" in row["undefined"]
    assert qa.student_analysis(data)["rank"].to_pylist() == [None]


def test_points_that_nobody_earned_are_unknown_and_not_0():
    data = taken(
        [
            ("ann", "easy", "x", 2, None),
            ("ann", "hard", "x", 0, None),
            ("bob", "easy", "y", 1, None),
            ("bob", "hard", None, 0, None),
            ("cat", "hard", "x", 0, None),
        ]
    )
    easy, hard = qa.item_analysis(data).to_pylist()
    assert (easy["points_possible"], hard["points_possible"]) == (2.0, None)
    assert easy["points_inferred"]
    assert hard["points_inferred"]
    assert (hard["mean"], hard["difficulty"]) == (0.0, None)
    said = hard["undefined"].split("; ")
    for figure in ("points_possible", "difficulty", "correct_ratio", "discrimination"):
        assert f"{figure}: points_possible_unknown" in said
    ann, bob, cat = qa.student_analysis(data).to_pylist()
    assert [row["n_incorrect"] for row in (ann, bob, cat)] == [1, 0, 1]
    assert [row["points_possible"] for row in (ann, bob, cat)] == [2.0, 2.0, None]
    assert [row["percent"] for row in (ann, bob, cat)] == [100.0, 50.0, None]
    assert "percent: points_possible_unknown" in cat["undefined"]
    assert accounts(data, "items") == [
        ("points possible taken from the best score", 1, False),
        ("points possible unknown: nobody earned any", 1, False),
        ("key taken from the answers with full points", 2, False),
    ]


def test_an_item_declared_to_be_worth_nothing_is_worth_0():
    data = taken([("ann", "q", "x", 0, None), ("bob", "q", "y", 0, None)], q=0)
    item = qa.item_analysis(data).to_pylist()[0]
    assert (item["points_possible"], item["points_inferred"]) == (0.0, False)
    assert "difficulty: no_points_possible" in item["undefined"]
    students = qa.student_analysis(data).to_pylist()
    assert [row["n_incorrect"] for row in students] == [0, 0]
    assert [row["points_possible"] for row in students] == [0.0, 0.0]


def test_a_blank_that_earned_points_is_told_apart():
    data = taken(
        [
            ("ann", "q", None, 0, None),
            ("bob", "q", None, 0.5, None),
            ("cat", "q", None, 3, None),
            ("dan", "q", "x", 1, None),
            ("eve", "q", "x", None, None),
        ],
        q=1,
    )
    assert accounts(data, "responses") == [
        ("read", 5, False),
        ("not graded yet", 1, True),
        ("blank, counted as 0", 1, False),
        ("blank, counted with its score", 2, False),
        ("more than the points possible", 1, False),
        ("analysed", 4, False),
    ]
    assert accounts(data, "responses", blank="omit") == [
        ("read", 5, False),
        ("not graded yet", 1, True),
        ("blank", 3, True),
        ("analysed", 1, False),
    ]
    # Of blanks alone there is no total when they are left out.
    assert accounts(data, "submissions", blank="omit") == [
        ("read", 5, False),
        ("nothing graded yet", 1, True),
        ("all blank", 3, True),
        ("analysed", 1, False),
    ]


@pytest.mark.parametrize("blank", ["zero", "omit"])
def test_the_exclusions_say_how_blanks_were_counted(blank):
    report = qa.analyze(responses(), blank=blank)
    made = json.loads(report.exclusions.schema.metadata[b"made"])
    assert made["options"] == {"attempt": "last", "blank": blank}


ALONE = taken(
    [
        ("ann", "q", "x", 1, None),
        ("ann", "r", "x", 1, None),
        ("bob", "q", "y", 0, None),
        ("bob", "r", "y", 0, None),
        ("cat", "r", "y", 0, None),
    ],
    q=1,
    r=1,
)
"""Of cat nothing is left when r is taken off."""


def test_why_there_is_no_share_of_the_other_points_is_said():
    for table in (qa.item_analysis, qa.option_analysis):
        rows = table(ALONE, criterion="share").to_pylist()
        q, r = rows[0], rows[-1]
        assert q["point_biserial_corrected"] == pytest.approx(1)
        assert r["point_biserial_corrected"] is None
        assert abs(r["point_biserial"]) == pytest.approx(1)
        reason = "point_biserial_corrected: a_submission_has_no_other_points"
        assert reason in r["undefined"].split("; ")


def test_shares_of_the_same_points_give_the_figures_of_the_points():
    scores = [[1, 0, 1], [1, 1, 1], [0, 0, 1], [0, 1, 0], [1, 1, 0], [0, 0, 0]]
    responses = qa.Responses.from_matrix(scores, points_possible=1)
    points, shares = (
        qa.item_analysis(responses, criterion=criterion).to_pylist()
        for criterion in ("points", "share")
    )
    for ours, theirs in zip(points, shares, strict=True):
        assert ours["alpha_if_deleted"] is not None
        for name, figure in ours.items():
            is_float = isinstance(figure, float)
            assert theirs[name] == (pytest.approx(figure) if is_float else figure)


@pytest.mark.parametrize(
    ("criterion", "unit"), [("points", "points"), ("share", "fraction")]
)
def test_a_mean_share_is_a_fraction(criterion, unit, tmp_path):
    report = qa.analyze(ALONE, criterion=criterion)
    table = report.option_analysis
    assert table.schema.field("mean_total").metadata[b"unit"].decode() == unit
    assert table.schema.field("mean_total").metadata[b"meaning"]
    report.write(tmp_path, format="json")
    document = json.loads((tmp_path / "option_analysis.json").read_text())
    assert document["units"]["mean_total"] == unit
    jsonschema.validate(document, json_schema("option_analysis"))


def test_a_schema_of_no_report_names_those_that_there_are():
    with pytest.raises(ValueError, match="one of item_analysis, option_analysis, "):
        json_schema("zz")


def test_who_was_shown_nothing_or_left_all_blank_has_a_reason_of_their_own():
    table = pa.table(
        {
            "student_id": ["ann", "bob", "bob", "cat", "cat", "dan", "eve"],
            "item_id": ["q", "q", "r", "q", "r", "q", "q"],
            "response": [None, None, None, None, "x", "x", None],
            "score": [None, 0, 0, 0, None, 1, None],
            "status": ["not_shown", *[None] * 5, "not_shown"],
            "recorded_score": pa.array([None] * 6 + [3], pa.float64()),
        }
    )
    data = qa.Responses.from_arrow(table)
    assert accounts(data, "submissions", blank="omit") == [
        ("read", 5, False),
        ("shown no item", 2, True),
        ("nothing graded yet", 1, True),
        ("all blank", 1, True),
        ("analysed", 1, False),
    ]
    assert accounts(data, "submissions") == [
        ("read", 5, False),
        ("shown no item", 2, True),
        ("analysed", 3, False),
    ]
    ann, *_, eve = qa.student_analysis(data).to_pylist()
    figures = ("score", "percent", "rank", "items_score")
    assert ann["undefined"] == "; ".join(f"{name}: shown_no_item" for name in figures)
    assert "items_score: shown_no_item" in eve["undefined"]
    assert eve["score"] == 3.0


@pytest.mark.parametrize("worth", [0.001, 1, 9, 10, 25, 1000, 1_000_000])
def test_correlations_do_not_depend_on_what_a_point_is(worth):
    """Worked by hand for right and wrong: r of item and total, and of item and rest."""
    scores = [[1, 1, 1], [1, 1, 0], [1, 0, 0], [0, 0, 0]]
    scaled = [[x * worth for x in row] for row in scores]
    table = qa.item_analysis(qa.Responses.from_matrix(scaled))
    total, rest = math.sqrt(0.6), math.sqrt(3 / 11)
    assert table["point_biserial"].to_pylist() == pytest.approx(
        [total, math.sqrt(0.8), total]
    )
    assert table["point_biserial_corrected"].to_pylist()[0] == pytest.approx(rest)
    assert qa.summary(qa.Responses.from_matrix(scaled))["alpha"].to_pylist() == (
        pytest.approx([0.75])
    )


@pytest.mark.parametrize("attempt", ["last", "first", "all"])
@pytest.mark.parametrize("blank", ["zero", "omit"])
def test_exclusions_by_themselves_are_those_of_the_report(attempt, blank):
    responses = qa.read(Path(__file__).parents[1] / "fixtures/course/new_quizzes.csv")
    report = qa.analyze(responses, attempt=attempt, blank=blank)
    table = qa.exclusions(responses, attempt=attempt, blank=blank)
    assert table.equals(report.exclusions)
    made = (json.loads(t.schema.metadata[b"made"]) for t in (table, report.exclusions))
    assert next(made) == next(made)


def test_exclusions_need_responses_and_options_that_exist():
    with pytest.raises(TypeError, match="Responses are needed, not dict"):
        qa.exclusions({})
    with pytest.raises(ValueError, match="blank must be zero or omit, not 'skip'"):
        qa.exclusions(qa.Responses.from_matrix([[1]]), blank="skip")
    with pytest.raises(ValueError, match="attempt must be"):
        qa.exclusions(qa.Responses.from_matrix([[1]]), attempt="third")
