"""New Quizzes' reports: what is known of them, their rules, and reading them back."""

import io
import json
from datetime import UTC, datetime

import new_quizzes_rules as rules
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from readers_samples import new_quizzes as sample_csv
from readers_samples import new_quizzes_json as sample_json
from strategies import tables, tidy

import quizanalysis as qa
from quizanalysis.conventions import new_quizzes
from quizanalysis.conventions._new_quizzes_answers import encoded

TYPES = (None, "choice", "essay", "multi-answer", "matching", "file-upload", "numeric")
EXACT = ("mean", "difficulty_index", "median", "discrimination_index")


@st.composite
def quizzes(draw, **sizes):
    """Responses with types of items, names, sections and times."""
    responses, items = tables(*draw(tidy(**sizes)))
    kinds = st.lists(
        st.sampled_from(TYPES), min_size=items.num_rows, max_size=items.num_rows
    )
    items = items.append_column("item_type", pa.array(draw(kinds), pa.string()))
    ids = responses["student_id"].unique().to_pylist()
    sections = st.sampled_from([["1"], ["1", "2"], ["x", "3"]])
    students = pa.table(
        {
            "student_id": pa.array(ids, pa.string()),
            "name": pa.array([f"Who {i}" for i in range(len(ids))], pa.string()),
            "section_ids": pa.array(
                [draw(sections) for _ in ids], pa.list_(pa.string())
            ),
        }
    )
    seconds = [
        3977 * (len(row["student_id"]) + row["attempt"]) % 100_000
        for row in responses.to_pylist()
    ]
    responses = responses.append_column("elapsed_s", pa.array(seconds, pa.float64()))
    return qa.Responses.from_arrow(responses, items, students)


def csv_of(responses, **options):
    file = io.BytesIO()
    table = new_quizzes.student_analysis(responses, **options)
    qa.write_csv(table, file, escape=False)
    return file.getvalue()


def through_csv(responses):
    return qa.read(io.BytesIO(csv_of(responses)), quiz_id="q")


def through_json(responses):
    text = json.dumps(new_quizzes.student_analysis_json(responses))
    return qa.read(io.StringIO(text), quiz_id="q")


# ---- item analysis --------------------------------------------------------------


def of_section_7():
    """22 submissions in which the groups are 8 and 9, with the counts of the report."""
    blocks = (
        (8, 300, (5, 8, 5)),
        (5, 200, (2, 4, 1)),
        (9, 100, (2, 5, 0)),
    )
    scores = []
    for size, total, right in blocks:
        for student in range(size):
            own = [20 * (student < count) for count in right]
            scores.append([*own, total - sum(own)])
    return qa.Responses.from_matrix(scores, [20, 20, 20, 300])


def test_the_figures_of_the_one_public_report():
    items = new_quizzes.item_analysis_json(of_section_7())[:3]
    scores = [item["scores"] for item in items]
    assert [s["mean"] for s in scores] == [8.18, 15.45, 5.45]
    assert [s["difficulty_index"] for s in scores] == [0.41, 0.77, 0.27]
    assert [s["median"] for s in scores] == [0, 20, 0]
    assert [s["discrimination_index"] for s in scores] == [0.40, 0.44, 0.63]
    assert all(type(s["median"]) is int for s in scores)
    aggregate = [item["answer_summary"]["aggregate"] for item in items]
    assert [a["correct"] for a in aggregate] == [
        {"count": 9, "percentage": 41},
        {"count": 17, "percentage": 77},
        {"count": 6, "percentage": 27},
    ]
    table = new_quizzes.item_analysis(of_section_7())
    assert table["n_upper"].to_pylist()[:3] == [8] * 3
    assert table["n_lower"].to_pylist()[:3] == [9] * 3


def test_percentages_of_22_are_whole():
    answers = [["a"]] * 17 + [["b"]] + [["c"]] * 4
    (item,) = new_quizzes.item_analysis_json(
        qa.Responses.from_answers(answers, key=["a"])
    )
    assert [
        (c["body"], c["count"], c["correct"], c["percentage"])
        for c in item["answer_summary"]["choices"]
    ] == [("a", 17, True, 77), ("b", 1, False, 5), ("c", 4, False, 18)]


def test_the_shape_of_an_item():
    items = pa.Table.from_pylist(
        [
            {
                "item_id": "12",
                "title": "<p>2 + 2?</p>",
                "item_type": "true-false",
                "points_possible": 1.0,
            }
        ]
    )
    rows = [
        {"student_id": "a", "item_id": "12", "response": "True", "score": 1},
        {"student_id": "b", "item_id": "12", "response": "False", "score": 0},
        {"student_id": "c", "item_id": "12", "response": None, "score": 0},
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows), items)
    assert new_quizzes.item_analysis_json(responses) == [
        {
            "metadata": {
                "interaction_type": "true-false",
                "item_body": "<p>2 + 2?</p>",
                "item_id": 12,
                "item_title": None,
            },
            "scores": {
                "points_possible": 1.0,
                "mean": 0.33,
                "difficulty_index": 0.33,
                "median": 0,
                "discrimination_index": 1.0,
                "pearson_correlation": None,
            },
            "attempts": {
                "students_responded": None,
                "students_without_response": None,
            },
            "answer_summary": {
                "choices": [
                    {"body": "False", "count": 1, "correct": False, "percentage": 33},
                    {"body": "True", "count": 1, "correct": True, "percentage": 33},
                ],
                "aggregate": {
                    "correct": {"count": 1, "percentage": 33},
                    "incorrect": {"count": 1, "percentage": 33},
                },
                "no_answer": {"count": 1, "percentage": 33},
            },
        }
    ]


@pytest.mark.parametrize("as_list", [True, False])
@pytest.mark.parametrize("declared", [True, False])
def test_pairs_of_a_matching_item(as_list, declared):
    answers = (
        (["cat=>meow", "cow=>moo, loud"], 1),
        (["cat=>moo, loud", "cow=>woof"], 0),
        (["cat=>meow", "cow=>"], 0.5),
    )
    rows = [
        {
            "student_id": str(i),
            "item_id": "m",
            "response": pairs if as_list else ",".join(pairs),
            "score": score,
        }
        for i, (pairs, score) in enumerate(answers)
    ]
    item = {"item_id": "m", "item_type": "matching", "points_possible": 1.0}
    if declared:
        texts = ("cat=>meow", "cow=>moo, loud")
        item["options"] = [{"id": t, "text": t, "correct": True} for t in texts]
    responses = qa.Responses.from_arrow(
        pa.Table.from_pylist(rows), pa.Table.from_pylist([item])
    )
    (found,) = new_quizzes.item_analysis_json(responses)
    asked = found["answer_summary"]["questions"]
    counts = {
        left: {a["body"]: a["count"] for a in question["answers"].values()}
        for left, question in asked.items()
    }
    assert counts == {
        "cat": {"meow": 2, "moo, loud": 1, "woof": 0},
        "cow": {"meow": 0, "moo, loud": 1, "woof": 1},
    }
    assert asked["cat"]["answers"]["bWVvdw==\n"]["correct"] is True
    assert asked["cow"]["answers"]["bWVvdw==\n"]["correct"] is False
    distractors = {a["body"]: a["distractor"] for a in asked["cow"]["answers"].values()}
    assert distractors == {"meow": False, "moo, loud": False, "woof": True}


@given(st.text())
def test_keys_of_answers_are_base64_in_lines_of_60(text):
    assert encoded(text) == rules.encode64(text)


def rows_with(status):
    """Rows of items with a status each: a student is a row of letters."""
    words = {"g": "graded", "u": "not_graded", "b": "not_attempted", "-": "not_shown"}
    return pa.Table.from_pylist(
        [
            {
                "student_id": str(student),
                "item_id": f"q{item}",
                "response": None if letter == "b" else "x",
                "score": 1.0 if letter == "g" else 0.0,
                "points_possible": 1.0,
                "status": words[letter],
            }
            for student, letters in enumerate(status.split())
            for item, letter in enumerate(letters, 1)
        ]
    )


@pytest.mark.parametrize(
    ("status", "n", "points"),
    [
        ("gg gg", {"q1": 2, "q2": 2}, 2),
        ("gg gu", {"q1": 1, "q2": 1}, 2),
        ("gg gu gu", {"q1": 3}, 1),
        ("gg uu", {"q1": 1, "q2": 1}, 2),
        ("gg uu uu", {"q1": 1, "q2": 1}, 2),
        ("gb g- gu", {"q1": 2, "q2": 1}, 2),
        ("gbu ggg gg-", {"q1": 2, "q2": 2, "q3": 1}, 3),
        ("uu", {}, None),
        ("-g --", {"q2": 1}, 1),
    ],
)
def test_what_is_left_out(status, n, points):
    table = new_quizzes.item_analysis(qa.Responses.from_arrow(rows_with(status)))
    found = dict(zip(table["item_id"].to_pylist(), table["n"].to_pylist(), strict=True))
    assert found == n
    assert set(table["quiz_points_possible"].to_pylist()) == ({points} - {None})


def test_only_the_last_attempt_counts():
    rows = [
        {"student_id": "a", "item_id": "q", "score": 1, "attempt": 1},
        {"student_id": "a", "item_id": "q", "score": 0, "attempt": 2},
    ]
    table = new_quizzes.item_analysis(
        qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    )
    assert table["mean"].to_pylist() == [0.0]


@given(quizzes())
def test_figures_are_the_rules(responses):
    expected = rules.item_analysis(responses.to_arrow().to_pylist())
    full = new_quizzes.item_analysis(responses, rounded=False).to_pylist()
    cut = new_quizzes.item_analysis(responses).to_pylist()
    assert {(r["quiz_id"], r["item_id"]) for r in full} == set(expected)
    for row, short in zip(full, cut, strict=True):
        rule = expected[row["quiz_id"], row["item_id"]]
        for name, value in rule.items():
            if value is None:
                assert row[name] is None, name
                assert short[name] is None, name
            else:
                near = pytest.approx(float(value), rel=1e-12, abs=1e-12)
                assert row[name] == near, name
            if name in EXACT:
                assert short[name] == rules.two_decimals(value), name
        r = rule["pearson_correlation"]
        if r is not None:
            assert abs(short["pearson_correlation"] - r) <= 0.005 + 1e-9


@given(quizzes(quizzes=1))
def test_the_json_has_the_figures_of_the_table(responses):
    records = new_quizzes.item_analysis_json(responses)
    rows = new_quizzes.item_analysis(responses).to_pylist()
    assert json.loads(json.dumps(records, allow_nan=False)) == records
    options = {(o["item_id"], o["text"]) for o in responses.options.to_pylist()}
    for record, row in zip(records, rows, strict=True):
        assert str(record["metadata"]["item_id"]) == row["item_id"]
        for name, value in record["scores"].items():
            assert value == row[name]
        found = record["answer_summary"]
        counts = [*found["aggregate"].values(), found["no_answer"]]
        if row["points_possible"] > 0:
            assert sum(one["count"] for one in counts) == row["n"]
        for choice in found.get("choices", []):
            assert (row["item_id"], choice["body"]) in options
            assert choice["percentage"] == rules.percent(choice["count"], row["n"])


def test_many_quizzes_are_refused_where_the_report_is_of_one():
    rows = [
        {"quiz_id": quiz, "student_id": "a", "item_id": "q", "score": 1}
        for quiz in ("1", "2")
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    for report in (
        new_quizzes.student_analysis,
        new_quizzes.student_analysis_json,
        new_quizzes.item_analysis_json,
    ):
        with pytest.raises(ValueError, match="about one quiz"):
            report(responses)
    assert new_quizzes.item_analysis(responses)["quiz_id"].to_pylist() == ["1", "2"]


# ---- student analysis -----------------------------------------------------------


@given(quizzes(quizzes=1))
def test_cells_are_the_rules(responses):
    cells = responses.cells
    assume(len(set(zip(cells.submission, cells.item, strict=True))) == len(cells.item))
    header, rows = rules.student_rows(responses)
    table = new_quizzes.student_analysis(responses)
    assert table.column_names == header
    columns = [column.to_pylist() for column in table.columns]
    assert [list(row) for row in zip(*columns, strict=True)] == rows


def as_read(row):
    """What the format carries of a response."""
    said = row["response"]
    said = ",".join(said) if isinstance(said, list) else said
    names = ("student_id", "attempt", "item_id", "score", "status", "elapsed_s")
    return {name: row[name] for name in names} | {"response": said or None}


@given(quizzes(quizzes=1))
def test_the_csv_is_read_back(responses):
    once = through_csv(responses)
    assert through_csv(once) == once
    assert len(once) == len(responses)
    assert once.scores().tolist() == responses.scores().tolist()
    ours, theirs = (
        [
            as_read(row)
            for row in r.to_arrow().to_pylist()
            if row["status"] != "not_shown"
        ]
        for r in (responses, once)
    )
    ids = responses.options.filter(
        pa.compute.not_equal(responses.options["option"], responses.options["text"])
    )
    if ids.num_rows == 0:

        def key(row):
            return row["student_id"], row["attempt"], row["item_id"], str(row)

        assert sorted(ours, key=key) == sorted(theirs, key=key)


def tellable(row):
    """Whether the JSON tells this response from an item that was not shown."""
    return row["status"] != "not_graded" or bool(row["response"])


@given(quizzes(quizzes=1))
def test_the_json_is_read_back(responses):
    rows = [r for r in responses.to_arrow().to_pylist() if r["status"] != "not_shown"]
    assume(rows and all(map(tellable, rows)))
    once = through_json(responses)
    assert through_json(once) == once
    assert len(once) == len(responses)
    assert once.scores().tolist() == responses.scores().tolist()
    scores = [row["score"] for row in once.to_arrow().to_pylist()]
    assert scores.count(None) == [row["score"] for row in rows].count(None)


@pytest.mark.parametrize("through", [through_csv, through_json])
@pytest.mark.parametrize("text", [sample_csv(), sample_json()])
def test_samples_are_read_back(text, through):
    responses = qa.read(io.StringIO(text, newline=""), quiz_id="q")
    again = through(responses)
    assert again.submissions.equals(responses.submissions)
    if (text == sample_csv()) == (through is through_csv):
        assert again == responses


def test_names_repeat_and_hours_go_on():
    responses = qa.read(io.StringIO(sample_csv(), newline=""), quiz_id="q")
    lines = csv_of(responses).decode().split("\n")
    assert lines[0].count('"ItemID","ItemType"') == 3
    assert '"25:23:18"' in lines[1]
    table = new_quizzes.student_analysis(responses)
    assert table.column(23).to_pylist() == ["Not Shown", "Graded"]


def test_an_option_is_given_by_its_text_and_several_are_joined():
    options = [
        {"id": "u1", "text": "red", "correct": True},
        {"id": "u2", "text": "blue, dark", "correct": True},
    ]
    items = pa.Table.from_pylist(
        [{"item_id": "q", "points_possible": 1.0, "options": options}]
    )
    rows = [{"student_id": "a", "item_id": "q", "response": ["u2", "u1"], "score": 1}]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows), items)
    table = new_quizzes.student_analysis(responses)
    assert table.column(11).to_pylist() == ["blue, dark,red"]


def test_a_record():
    rows = [
        {
            "student_id": "7",
            "item_id": "5",
            "item_type": "essay",
            "response": "<p>x</p>",
            "score": None,
            "submitted_at": "2026-10-01T09:00:00.5Z",
            "elapsed_s": 91_398,
        }
    ]
    students = pa.table(
        {
            "student_id": ["7"],
            "section_ids": [["1", "x"]],
            "section_names": [["A", "B"]],
        }
    )
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows), None, students)
    created = datetime(2026, 10, 2, tzinfo=UTC)
    (record,) = new_quizzes.student_analysis_json(responses, created=created)
    assert record == {
        "created_timestamp": "2026-10-02T00:00:00.000Z",
        "student_data": {
            "id": 7,
            "name": None,
            "uuid": None,
            "sis_id": None,
            "submitted_at": "2026-10-01T09:00:00.500Z",
            "elapsed_time": "25:23:18",
            "attempt": 1,
            "section_info": {
                "section_ids": [1, "x"],
                "section_sis_ids": [],
                "section_names": ["A", "B"],
            },
        },
        "item_responses": [
            {"item_id": "5", "answer": "<p>x</p>", "item_type": "essay", "score": 0}
        ],
        "summary": {
            "number_of_correct": 0,
            "number_of_incorrect": 0,
            "number_of_no_answer": 0,
            "points_possible": 0.0,
            "score": 0.0,
        },
    }
    assert type(record["item_responses"][0]["score"]) is int
    assert list(record["student_data"])[:2] == ["id", "name"]


def test_nobody_makes_empty_reports():
    nobody = qa.read(io.StringIO("[]"), "new-quizzes-json")
    assert new_quizzes.student_analysis_json(nobody) == []
    assert new_quizzes.item_analysis_json(nobody) == []
    assert new_quizzes.item_analysis(nobody).num_rows == 0
    assert new_quizzes.student_analysis(nobody).num_columns == 14
