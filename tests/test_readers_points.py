"""Points possible that New Quizzes states of each submission, and what follows."""

import io
import json
from copy import deepcopy

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from readers_samples import NEW_ROWS, RECORDS, new_quizzes, new_quizzes_json

import quizanalysis as qa
from quizanalysis.conventions import new_quizzes as convention
from quizanalysis.errors import DataError
from quizanalysis.readers import read

STATED = "recorded_points_possible"


def attempt(student, scores, possible):
    """One record of the JSON; scores by item."""
    return {
        "student_data": {"id": student, "name": student, "attempt": 1},
        "item_responses": [
            {"item_id": item, "answer": "x", "item_type": "choice", "score": score}
            for item, score in scores.items()
        ],
        "summary": {"points_possible": possible, "score": sum(scores.values())},
    }


def row(student, scores, possible, items):
    """The same as a row of the CSV."""
    blocks = [
        (item, "choice", "x", scores[item], "Graded")
        if item in scores
        else (item, "choice", "", "", "Not Shown")
        for item in items
    ]
    total = sum(scores.values())
    lead = (student, student, "", "", "", "", "", "", 1)
    return (*lead, *sum(blocks, ()), 0, 0, 0, possible, total)


def both(attempts):
    """Read attempts as JSON and as CSV; (student, scores, possible) each."""
    items = sorted({item for _, scores, _ in attempts for item in scores})
    yield read(
        io.StringIO(json.dumps([attempt(*one) for one in attempts])),
        "new-quizzes-json",
    )
    rows = [row(*one, items) for one in attempts]
    yield read(io.StringIO(new_quizzes(rows, [f"Q{item}" for item in items])))


def worth(responses):
    """Points possible of the items, None where inferred."""
    items = responses.items.to_pylist()
    return {
        i["item_id"]: None if i["points_inferred"] else i["points_possible"]
        for i in items
    }


def test_points_possible_of_each_submission_are_read():
    responses = read(io.StringIO(new_quizzes()))
    assert responses.submissions[STATED].to_pylist() == [3.0, 3.0]
    assert responses.to_arrow()[STATED].to_pylist() == [3.0] * 5
    responses = read(io.StringIO(new_quizzes_json()))
    assert responses.submissions[STATED].to_pylist() == [3.0, None]


def test_two_of_ten_points_are_twenty_percent():
    for responses in both([("a", {"1": 2.0, "2": 0.0}, 10.0)]):
        table = qa.student_analysis(responses)
        assert table["points_possible"].to_pylist() == [10.0]
        assert table["percent"].to_pylist() == [20.0]
        assert worth(responses) == {"1": None, "2": None}


def test_without_stated_points_the_items_make_them():
    table = pa.table(
        {
            "student_id": ["a", "b"],
            "item_id": ["q", "q"],
            "score": [1.0, 1.0],
            "points_possible": [2.0, 2.0],
            STATED: [None, 4.0],
        }
    )
    made = qa.student_analysis(qa.Responses.from_arrow(table))
    assert made["points_possible"].to_pylist() == [2.0, 4.0]
    assert made["percent"].to_pylist() == [50.0, 25.0]


def test_nothing_possible_has_no_percent():
    for responses in both([("a", {"1": 0.0}, 0.0)]):
        table = qa.student_analysis(responses)
        assert table["percent"].to_pylist() == [None]
        assert worth(responses) == {"1": None}


@pytest.mark.parametrize("possible", [[1.0, 2.0], [-1.0, -1.0], ["x", "x"]])
def test_stated_points_are_one_number_of_zero_or_more(possible):
    table = pa.table(
        {
            "student_id": ["a", "a"],
            "item_id": ["1", "2"],
            "score": [1.0, 1.0],
            STATED: possible,
        }
    )
    with pytest.raises(DataError) as caught:
        qa.Responses.from_arrow(table)
    assert caught.value.problems[0].column == STATED


@pytest.mark.parametrize(
    ("attempts", "expected"),
    [
        # Best scores that add up to what is possible are what is possible.
        ([("a", {"1": 1.0, "2": 0.0}, 3), ("b", {"1": 0.0, "2": 2.0}, 3)], (1.0, 2.0)),
        # One item alone is worth what its submission is.
        ([("a", {"1": 2.0}, 10.0)], (10.0,)),
        # What is left when the others are known.
        ([("a", {"1": 2.0}, 4), ("b", {"1": 0.0, "2": 1.0}, 9)], (4.0, 5.0)),
        # Two that are not known remain so.
        ([("a", {"1": 1.0, "2": 1.0}, 5)], (None, None)),
        # A score beyond what is possible, or sums that differ: nothing follows.
        ([("a", {"1": 4.0, "2": 0.0}, 3)], (None, None)),
        ([("a", {"1": 1.0}, 2), ("b", {"1": 1.0}, 3)], (None,)),
        ([("a", {"1": 1.0}, 1), ("b", {"1": 0.0, "2": 0.0}, 1)], (1.0, None)),
        # Nothing stated, nothing known.
        ([("a", {"1": 1.0}, "")], (None,)),
    ],
)
def test_points_of_items_are_declared_where_they_follow(attempts, expected):
    for responses in both(attempts):
        assert tuple(worth(responses).values()) == expected


@st.composite
def quizzes(draw):
    """Draw a quiz whose items have points, and submissions that state their sum."""
    points = draw(st.lists(st.integers(1, 4), min_size=1, max_size=5))
    attempts = []
    for student in range(draw(st.integers(1, 5))):
        shown = draw(st.sets(st.sampled_from(range(len(points))), min_size=1))
        scores = {str(i): draw(st.integers(0, points[i])) / 1 for i in sorted(shown)}
        attempts.append((str(student), scores, sum(points[i] for i in shown) / 1))
    return {str(i): p for i, p in enumerate(points)}, attempts


@given(quizzes())
def test_what_is_declared_is_true(quiz):
    points, attempts = quiz
    for responses in both(attempts):
        for item, value in worth(responses).items():
            assert value in (None, points[item])
        made = qa.student_analysis(responses).to_pylist()
        stated = {student: possible for student, _, possible in attempts}
        assert all(r["points_possible"] == stated[r["student_id"]] for r in made)


def test_stated_points_are_written_again():
    records = deepcopy(RECORDS)
    for text in (new_quizzes(), new_quizzes_json(records)):
        responses = read(io.StringIO(text), quiz_id="q")
        file = io.BytesIO()
        qa.write_csv(convention.student_analysis(responses), file)
        again = read(io.BytesIO(file.getvalue()), quiz_id="q")
        assert again.submissions[STATED].equals(responses.submissions[STATED])
        back = json.dumps(convention.student_analysis_json(responses))
        again = read(io.StringIO(back), quiz_id="q")
        assert again.submissions[STATED].equals(responses.submissions[STATED])


def test_points_of_parts_read_apart_and_together_are_kept():
    one, two = (
        read(io.StringIO(new_quizzes([NEW_ROWS[1], NEW_ROWS[2]])), quiz_id="q"),
        read(io.StringIO(new_quizzes_json(RECORDS[:1])), quiz_id="q"),
    )
    whole = qa.Responses.concat([one, two])
    assert whole.submissions[STATED].to_pylist() == [3.0, 3.0]
