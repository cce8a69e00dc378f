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


WAYS = [list, ",".join, qa.conventions.canvas_classic.cell_of_answers]
"""How an answer of several parts comes: as a list, or as a cell of either system."""


@pytest.mark.parametrize("write", WAYS)
@pytest.mark.parametrize("declared", [True, False])
def test_pairs_of_a_matching_item(write, declared):
    answers = (
        (["cat=>meow", "cow=>moo, loud"], 1),
        (["cat=>moo, loud", "cow=>woof"], 0),
        (["cat=>meow", "cow=>"], 0.5),
    )
    rows = [
        {
            "student_id": str(i),
            "item_id": "m",
            "response": write(pairs),
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


def test_an_arrow_within_a_matching_cell_of_classic_is_no_pair():
    pairs = [("a=>b", "c, d"), ("e", None)]
    cell = qa.conventions.canvas_classic.cell_of_matching(pairs)
    (item,) = new_quizzes.item_analysis_json(
        answered("matching_question", [(cell, 2.0)])
    )
    asked = item["answer_summary"]["questions"]
    assert {
        left: [a["body"] for a in question["answers"].values() if a["count"]]
        for left, question in asked.items()
    } == {"a=>b": ["c, d"], "e": []}


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
                "response": "x" if letter in "gu" else None,
                "score": {"g": 1.0, "-": None}.get(letter, 0.0),
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
    for record, row in zip(records, rows, strict=True):
        assert str(record["metadata"]["item_id"]) == row["item_id"]
        for name, value in record["scores"].items():
            assert value == row[name]
        found = record["answer_summary"]
        counts = [*found["aggregate"].values(), found["no_answer"]]
        points = responses.items.filter(
            pa.compute.equal(responses.items["item_id"], row["item_id"])
        )
        if row["points_possible"] > 0 or points["points_inferred"][0].as_py():
            assert sum(one["count"] for one in counts) == row["n"]
        for choice in found.get("choices", []):
            assert choice["percentage"] == rules.percent(choice["count"], row["n"])


@given(quizzes(quizzes=1))
def test_choices_are_the_rules(responses):
    every = responses.to_arrow().to_pylist()
    points = rules.worth(every)
    left = rules.kept(every)
    listed = any(isinstance(row["response"], list) for row in every)
    declared = responses.choices.declared.tolist()
    options = [
        o | {"declared": d}
        for o, d in zip(responses.options.to_pylist(), declared, strict=True)
    ]
    for record in new_quizzes.item_analysis_json(responses):
        item = str(record["metadata"]["item_id"])
        expected = rules.choices(
            [r for r in left if r["item_id"] == item],
            record["metadata"]["interaction_type"],
            points[every[0]["quiz_id"], item],
            [o for o in options if o["item_id"] == item],
            listed,
        )
        found = [
            (c["body"], c["count"], c["correct"])
            for c in record["answer_summary"].get("choices", [])
        ]
        assert found == (expected or [])


def answered(kind, answers, options=None, points=2.0):
    """Responses of one item: answers with their scores."""
    rows = [
        {"student_id": str(i), "item_id": "q", "response": answer, "score": score}
        for i, (answer, score) in enumerate(answers)
    ]
    item = {"item_id": "q", "item_type": kind, "points_possible": points}
    if options is not None:
        item["options"] = options
    return qa.Responses.from_arrow(
        pa.Table.from_pylist(rows), pa.Table.from_pylist([item])
    )


def chosen(responses):
    (item,) = new_quizzes.item_analysis_json(responses)
    return [
        (c["body"], c["count"], c["correct"], c["percentage"])
        for c in item["answer_summary"]["choices"]
    ]


TICKED = [
    (["tea, green", "milk"], 2.0),
    (["milk"], 1.0),
    (["water", "milk"], 0.0),
    ([], 0.0),
]


@pytest.mark.parametrize("kind", ["multi-answer", "multiple_answers_question"])
@pytest.mark.parametrize("write", WAYS)
def test_every_option_of_a_multi_answer_item_is_counted(kind, write):
    answers = [(write(ticked), score) for ticked, score in TICKED]
    counts = [
        ("milk", 3, True, 75),
        ("tea, green", 1, True, 25),
        ("water", 1, False, 25),
    ]
    assert chosen(answered(kind, answers)) == counts
    texts = ("water", "tea, green", "milk", "juice")
    options = [
        {"id": str(i), "text": text, "correct": text == "juice"}
        for i, text in enumerate(texts)
    ]
    assert chosen(answered(kind, answers, options)) == [
        ("water", 1, False, 25),
        ("tea, green", 1, False, 25),
        ("milk", 3, False, 75),
        ("juice", 0, True, 0),
    ]
    options = [option | {"correct": None} for option in options]
    found = {
        body: correct
        for body, _, correct, _ in chosen(answered(kind, answers, options))
    }
    assert found == {"water": False, "tea, green": True, "milk": True, "juice": False}


def test_what_nobody_earned_anything_for_is_wrong():
    def aggregate(points):
        answers = [("a", 0.0), ("b", 0.0), (None, 0.0)]
        (item,) = new_quizzes.item_analysis_json(
            answered("choice", answers, None, points)
        )
        counts = item["answer_summary"]
        return [
            c["count"] for c in (*counts["aggregate"].values(), counts["no_answer"])
        ]

    assert aggregate(None) == [0, 2, 1]
    assert aggregate(2.0) == [0, 2, 1]
    # Of a survey nothing is right or wrong.
    assert aggregate(0.0) == [0, 0, 1]


@pytest.mark.parametrize(
    "kind",
    [
        *("ordering", "categorization", "rich-fill-blank", "numeric", "formula"),
        *("essay", "file-upload", "hot-spot", "fill-blank"),
    ],
)
def test_other_types_have_counts_only(kind):
    answers = [("a,b", 2.0), ("c => [d,e]", 1.0), ("f", 0.0), (None, 0.0)]
    (item,) = new_quizzes.item_analysis_json(answered(kind, answers))
    assert item["metadata"]["interaction_type"] == kind
    assert item["answer_summary"] == {
        "aggregate": {
            "correct": {"count": 1, "percentage": 25},
            "incorrect": {"count": 2, "percentage": 50},
        },
        "no_answer": {"count": 1, "percentage": 25},
    }


@pytest.mark.parametrize(
    ("scores", "mean", "difficulty"),
    [
        # 5 of 8 points in parts: 0.625; 1/8, -1/8 and 3/8 are halves of a hundredth.
        ([1, 1, 1, 1, 1, 0, 0, 0], 0.63, 0.63),
        ([1, 0, 0, 0, 0, 0, 0, 0], 0.13, 0.13),
        ([-1, 0, 0, 0, 0, 0, 0, 0], -0.13, -0.13),
        ([1, 1, 1, 0, 0, 0, 0, 0], 0.38, 0.38),
        ([0.57, 0, 0, 0], 0.14, 0.14),
        ([0.58, 0, 0, 0], 0.15, 0.15),
    ],
)
def test_halves_of_a_hundredth_are_rounded_up(scores, mean, difficulty):
    answers = [("a", float(score)) for score in scores]
    (item,) = new_quizzes.item_analysis_json(answered("choice", answers, None, 1.0))
    assert item["scores"]["mean"] == mean
    assert item["scores"]["difficulty_index"] == difficulty


def test_only_parts_of_answers_that_are_few_are_choices():
    answers = [(",".join(f"{i}{j}" for j in "abc"), 0.0) for i in range(5)]
    (item,) = new_quizzes.item_analysis_json(answered("multi-answer", answers))
    assert "choices" not in item["answer_summary"]
    assert len(chosen(answered("multi-answer", answers[:4]))) == 12


NAMES = {
    "multiple_choice_question": "choice",
    "true_false_question": "true-false",
    "multiple_answers_question": "multi-answer",
    "matching_question": "matching",
    "numerical_question": "numeric",
    "calculated_question": "formula",
    "essay_question": "essay",
    "file_upload_question": "file-upload",
    "short_answer_question": "rich-fill-blank",
    "fill_in_multiple_blanks_question": "rich-fill-blank",
    "multiple_dropdowns_question": "rich-fill-blank",
    "hot-spot": "hot-spot",
}


def test_types_of_classic_quizzes_have_the_names_of_new_ones():
    rows = [
        {
            "student_id": student,
            "item_id": str(place),
            "item_type": kind,
            "position": place,
            "response": answer,
            "score": None if kind == "essay_question" else score,
        }
        for student, answer, score in (("a", "x=>1", 1.0), ("b", "x=>2", 0.0))
        for place, kind in enumerate(NAMES, 1)
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    table = new_quizzes.student_analysis(responses)
    kinds = [table.column(at)[0].as_py() for at in range(10, 10 + 5 * len(NAMES), 5)]
    assert kinds == list(NAMES.values())
    record = new_quizzes.student_analysis_json(responses)[0]
    assert [r["item_type"] for r in record["item_responses"]] == kinds
    essay, *_ = (r for r in record["item_responses"] if r["item_type"] == "essay")
    assert type(essay["score"]) is int
    # An upload is graded by hand, and the essay not at all.
    assert record["summary"]["number_of_correct"] == len(NAMES) - 2
    items = new_quizzes.item_analysis_json(responses)
    found = [item["metadata"]["interaction_type"] for item in items]
    assert found == [kind for kind in kinds if kind != "essay"]
    matching = items[kinds.index("matching")]["answer_summary"]
    assert list(matching["questions"]) == ["x"]


def test_a_classic_quiz_is_the_same_after_it_was_a_new_one():
    rows = [
        {
            "student_id": f"s{student}",
            "item_id": item,
            "item_type": kind,
            "title": f"Question {item}",
            "response": answers[student],
            "score": float(answers[student] in right),
        }
        for item, kind, answers, right in (
            ("1", "multiple_choice_question", "abca", "a"),
            ("2", "true_false_question", ("True", "False", "True", "True"), ["True"]),
            ("3", "short_answer_question", "xyzx", "x"),
            ("4", "essay_question", "klmn", "k"),
        )
        for student in range(4)
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    again = through_csv(responses)
    assert again.items["item_type"].to_pylist() == list(
        map(NAMES.get, responses.items["item_type"].to_pylist())
    )
    classic = qa.conventions.canvas_classic
    assert classic.item_analysis(again).equals(classic.item_analysis(responses))
    ours, theirs = (classic.student_analysis(r) for r in (again, responses))
    assert ours["n correct"].equals(theirs["n correct"])
    assert new_quizzes.item_analysis_json(again) == new_quizzes.item_analysis_json(
        responses
    )


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
    again = [r for r in once.to_arrow().to_pylist() if r["status"] != "not_shown"]
    ours, theirs = ([r["score"] for r in one].count(None) for one in (again, rows))
    assert ours == theirs


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


def test_left_sides_without_a_match_are_no_answer():
    rows = [
        {
            "student_id": "a",
            "item_id": "1",
            "item_type": "matching_question",
            "response": "cat=>,cow=>",
            "score": 0.0,
            "status": "not_attempted",
        }
    ]
    responses = qa.Responses.from_arrow(pa.Table.from_pylist(rows))
    table = new_quizzes.student_analysis(responses)
    assert [table.column(at)[0].as_py() for at in (11, 13)] == [None, "Not Attempted"]
    classic = qa.conventions.canvas_classic.student_analysis(responses)
    assert classic["1: "].to_pylist() == ["cat=>,cow=>"]


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
