"""Several files in one reading: whose quiz, whose students, whose fault."""

import io
import json

import pytest
from readers_samples import CANVAS_ROWS, NEW_ROWS, RECORDS, canvas, new_quizzes

from quizanalysis.errors import DataError
from quizanalysis.readers import read


def tidy(student="ann", score="1", **more):
    """One response as tidy CSV."""
    row = {"student_id": student, "item_id": "q", "score": score, **more}
    return ",".join(row) + "\n" + ",".join(map(str, row.values())) + "\n"


def written(folder, files):
    """Write files, by their paths; folders as well."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [folder / name for name in files]


def quizzes(responses):
    return responses.items["quiz_id"].to_pylist()


def students(responses):
    return responses.submissions["student_id"].to_pylist()


@pytest.mark.parametrize(
    ("files", "names"),
    [
        (["one.csv", "two.csv"], ["one", "two"]),
        (["a/x.csv", "b/x.csv"], ["a/x", "b/x"]),
        (["1/a/x.csv", "2/a/x.csv", "b/x.csv"], ["1/a/x", "2/a/x", "b/x"]),
        (["a/x.csv", "a/x.txt"], ["x.csv", "x.txt"]),
        (["a/x.csv", "b/y.csv"], ["x", "y"]),
    ],
)
def test_files_of_one_name_are_quizzes_of_their_own(files, names, tmp_path):
    paths = written(tmp_path, dict.fromkeys(files, tidy()))
    assert quizzes(read(paths)) == names
    assert quizzes(read(paths[::-1])) == names[::-1]
    assert quizzes(read([*map(str, paths)])) == names


def test_a_path_without_folders_is_told_apart_as_well(tmp_path, monkeypatch):
    written(tmp_path, {"x.csv": tidy(), "a/x.csv": tidy(), "b/a/x.csv": tidy()})
    monkeypatch.chdir(tmp_path)
    files = ["x.csv", "a/x.csv", "b/a/x.csv"]
    assert quizzes(read(files)) == ["x", "a/x", "b/a/x"]


def test_open_files_without_a_name_are_quizzes_of_their_own(tmp_path):
    assert quizzes(read([io.StringIO(tidy()), io.StringIO(tidy())])) == [
        "quiz-1",
        "quiz-2",
    ]
    (path,) = written(tmp_path, {"quiz-2.csv": tidy()})
    assert len(set(quizzes(read([path, io.StringIO(tidy())])))) == 2
    with path.open() as file:
        assert quizzes(read([file])) == ["quiz-2"]


def test_a_file_that_is_given_twice_is_there_twice(tmp_path):
    (path,) = written(tmp_path, {"x.csv": tidy()})
    with pytest.raises(DataError, match="the same quiz, student"):
        read([path, path])


def test_a_quiz_id_puts_files_of_one_name_together(tmp_path):
    paths = written(tmp_path, {"a/x.csv": tidy("ann"), "b/x.csv": tidy("bob")})
    responses = read(paths, quiz_id="final")
    assert quizzes(responses) == ["final"]
    assert students(responses) == ["ann", "bob"]


def test_a_quiz_id_does_not_make_one_quiz_of_several():
    text = "quiz_id,student_id,item_id,score\nmid,1,q,1\nfinal,1,q,0\n"
    assert quizzes(read(io.StringIO(text))) == ["mid", "final"]
    with pytest.raises(DataError, match="holds 2 quizzes") as caught:
        read(io.StringIO(text), quiz_id="x")
    (problem,) = caught.value.problems
    assert (problem.column, problem.value) == ("quiz_id", "mid, final")
    lines = [{"quiz_id": q, "student_id": 1, "item_id": "q", "score": 1} for q in "ab"]
    with pytest.raises(DataError, match="holds 2 quizzes"):
        read(io.StringIO("\n".join(map(json.dumps, lines))), quiz_id="x")


NOBODY = [("", "", "", *row[3:]) for row in CANVAS_ROWS[:2]]
UNNAMED = [(row[0], "", "", *row[3:]) for row in NEW_ROWS[:2]]
RECORD = json.dumps([RECORDS[0] | {"student_data": {"name": "Ann"}}])


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        (canvas(NOBODY), ["logged-out-{}-1", "logged-out-{}-2"]),
        (canvas(without=("name", "id", "sis_id", "attempt")), ["row-{}-1"]),
        (new_quizzes(UNNAMED), ["row-{}-1", "row-{}-2"]),
        (RECORD, ["row-{}-1"]),
    ],
    ids=["logged out", "anonymous", "new quizzes", "json"],
)
def test_who_has_no_id_is_somebody_else_in_every_file(text, ids, tmp_path):
    both = written(tmp_path, {"a/x.csv": text, "b/x.csv": text})
    for options in ({}, {"quiz_id": "final"}):
        found = students(read(both, **options))
        assert len(set(found)) == len(found)
        expected = [i.format(name) for name in ("a/x", "b/x") for i in ids]
        assert set(expected) <= set(found)
    # The same file alone gives the same ids as beside another one.
    alone = written(tmp_path, {"one.csv": text})
    other = written(tmp_path, {"two.csv": tidy()})
    assert students(read([*alone, *other]))[:-1] == students(read(alone))
    assert students(read(alone))[0] == ids[0].format("one")


def test_every_problem_names_its_file(tmp_path):
    bad = tidy(score="x")
    paths = written(tmp_path, {"a/x.csv": bad, "b/x.csv": tidy(), "y.csv": "no\n"})
    with pytest.raises(DataError) as caught:
        read(paths)
    assert [p.table for p in caught.value.problems] == ["a/x.csv, responses", "y.csv"]
    assert "a/x.csv, responses row 0, column 'score'" in str(caught.value)
    with pytest.raises(DataError) as caught:
        read(paths[0])
    assert [p.table for p in caught.value.problems] == ["responses"]


def test_what_does_not_go_together_names_its_file(tmp_path):
    same = {"one.csv": tidy("ann"), "two.csv": tidy("bob"), "three.csv": tidy("bob")}
    paths = written(tmp_path, same)
    with pytest.raises(DataError, match="the same quiz, student") as caught:
        read(paths, quiz_id="q")
    assert [(p.table, p.row) for p in caught.value.problems] == [("three.csv", None)]
    points = {
        "four.csv": tidy("ann", points_possible=1),
        "five.csv": tidy("bob", points_possible=2),
    }
    with pytest.raises(DataError, match="two different points") as caught:
        read(written(tmp_path, points), quiz_id="q")
    assert "five.csv" in str(caught.value) or "of 2 files" in str(caught.value)
