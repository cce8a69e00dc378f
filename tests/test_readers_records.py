"""New Quizzes record by record: what is missing in one, and who or what has no id."""

import io
import json
from copy import deepcopy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from readers_samples import NEW_ROWS, RECORDS, new_quizzes, new_quizzes_json

from quizanalysis.errors import DataError
from quizanalysis.readers import read
from quizanalysis.responses import Responses

NOBODYS_BLOCK = ("", "", "", "", "Not Shown")


def one_record(item_responses):
    """Write a file of one attempt."""
    student = {"id": "7", "name": "A", "attempt": 1}
    return json.dumps([{"student_data": student, "item_responses": item_responses}])


def states(text):
    """The statuses of a file's responses, in its order."""
    responses = read(io.StringIO(text, newline=""))
    return [row["status"] for row in responses.to_arrow().to_pylist()]


def with_block(block, row=0):
    """Change one row's cells of the last item, which nobody else was shown."""
    rows = [list(cells) for cells in NEW_ROWS[:2]]
    for cells in rows:
        cells[19:24] = NOBODYS_BLOCK
    rows[row][19:24] = block
    return new_quizzes(rows)


CUT = deepcopy(RECORDS[0]) | {
    "item_responses": [RECORDS[0]["item_responses"][0] | {"item_id": None}]
}


@pytest.mark.parametrize(
    "text",
    [
        one_record([{}]),
        one_record({}),
        one_record({"a": 1}),
        one_record([{"item_id": None}]),
        one_record([{"item_id": "", "score": 1.0}]),
        new_quizzes_json([CUT]),
    ],
)
def test_a_response_without_item_id_is_named(text):
    with pytest.raises(DataError, match="a response without item_id") as caught:
        read(io.StringIO(text))
    (problem,) = caught.value.problems
    assert (problem.table, problem.row) == ("input, item_responses", 1)
    assert (problem.column, bool(problem.hint)) == ("item_id", True)


@pytest.mark.parametrize("item_responses", [[], None])
def test_a_test_student_who_was_shown_nothing_is_left_out(item_responses):
    text = one_record(item_responses).replace('"A"', '"Test Student"')
    responses = read(io.StringIO(text))
    assert len(responses) == 0
    assert responses.left_out["n"].to_pylist() == [1]
    with pytest.raises(DataError, match="no item was shown"):
        read(io.StringIO(text), test_student=True)


ODD = [None, "", " ", "x", "0", "\x00", 0, 1, -1, 0.5, 1e300, True, [], {}, [[]], [{}]]
ODD += [[None], ["", None], {"a": 1}, "2026-10-01T09:00:00Z", "99:99:99", 2**70]


def places(value, path=()):
    """Where all parts of a record are."""
    yield path
    pairs = value.items() if isinstance(value, dict) else ()
    for key, part in enumerate(value) if isinstance(value, list) else pairs:
        yield from places(part, (*path, key))


@st.composite
def mutated(draw):
    """One record with some of its parts left out, replaced or doubled."""
    root = [deepcopy(draw(st.sampled_from(RECORDS)))]
    for _ in range(draw(st.integers(1, 4))):
        path = draw(st.sampled_from([p for p in places(root) if p]))
        parent = root
        for key in path[:-1]:
            parent = parent[key]
        match draw(st.integers(0, 3)):
            case 0 if len(path) > 1:
                del parent[path[-1]]
            case 1 if isinstance(parent, list):
                parent.append(deepcopy(parent[path[-1]]))
            case _:
                parent[path[-1]] = deepcopy(draw(st.sampled_from(ODD)))
        if not root:
            break
    return json.dumps(root)


@settings(max_examples=600)
@given(mutated())
def test_one_record_is_read_or_refused(text):
    try:
        responses = read(io.StringIO(text), "new-quizzes-json")
    except DataError as error:
        found = error
    else:
        assert isinstance(responses, Responses)
        assert len(responses.to_arrow()) >= len(responses)
        return
    assert found.problems


@pytest.mark.parametrize("answer", [None, "", [], [""]])
def test_a_blank_of_the_json_is_blank_even_where_nobody_answered(answer):
    each = {"item_id": "1", "answer": answer, "item_type": "choice"}
    assert states(one_record([each | {"score": 0}])) == ["not_attempted"]
    assert states(one_record([each | {"score": 0.0}])) == ["not_attempted"]
    assert states(one_record([each | {"score": 0, "item_type": "essay"}])) == [
        "not_attempted"
    ]


@pytest.mark.parametrize(
    "block",
    [NOBODYS_BLOCK, ("", "choice", "", "", ""), ("", "", "x", "1", "Not Shown")],
)
def test_a_block_that_nobody_was_shown_needs_no_item_id(block):
    responses = read(io.StringIO(with_block(block)))
    assert responses.items["item_id"].to_pylist() == ["101", "102"]
    assert len(responses) == 2


def test_a_block_that_nobody_was_shown_is_an_item_when_it_has_an_id():
    responses = read(io.StringIO(with_block(("103", *NOBODYS_BLOCK[1:]))))
    assert responses.items["item_id"].to_pylist() == ["101", "102", "103"]


def test_a_block_that_somebody_was_shown_needs_an_item_id():
    with pytest.raises(DataError, match="an item without ItemID") as caught:
        read(io.StringIO(with_block(("", "choice", "NA", "1", "Graded"), row=1)))
    (problem,) = caught.value.problems
    assert (problem.row, problem.column) == (3, "column 20")
    assert "ItemID" in problem.hint
    assert "Not Shown" in problem.hint


@pytest.mark.parametrize("points", ["abc", "#N/A", "1e"])
def test_points_that_are_no_number_are_one_problem(points):
    rows = [list(cells) for cells in NEW_ROWS]
    rows[0][12] = points
    with pytest.raises(DataError, match="not a number") as caught:
        read(io.StringIO(new_quizzes(rows)))
    (problem,) = caught.value.problems
    assert problem.value == points


@pytest.mark.parametrize("points", ["", "  "])
def test_points_that_are_not_there_are_one_problem(points):
    rows = [list(cells) for cells in NEW_ROWS]
    rows[0][12] = points
    with pytest.raises(DataError, match="graded, but without points") as caught:
        read(io.StringIO(new_quizzes(rows)))
    assert caught.value.total == 1
