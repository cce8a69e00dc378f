"""Several files in one reading: whose quiz, whose students, whose fault."""

import errno
import gzip
import io
import json
from pathlib import Path

import pytest
from readers_samples import (
    CANVAS_ROWS,
    NEW_ROWS,
    RECORDS,
    canvas,
    digest,
    new_quizzes,
)

from quizanalysis.errors import DataError
from quizanalysis.readers import read
from quizanalysis.responses import Responses


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


@pytest.mark.parametrize("wrap", [str, Path, lambda name: [name]])
def test_a_folder_is_refused_with_how_its_files_are_read(wrap, tmp_path, monkeypatch):
    written(tmp_path, {"exports/a.csv": tidy("ann"), "exports/b.csv": tidy("bob")})
    written(tmp_path, {"exports/notes.txt": "", "exports/.cache": ""})
    (tmp_path / "none").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(IsADirectoryError) as caught:
        read(wrap("exports"))
    given = "qa.read(sorted(Path('exports').glob('*.csv')))"
    assert str(caught.value) == f"'exports' is a folder; give its files, 2 by {given}"
    assert caught.value.errno == errno.EISDIR
    with pytest.raises(
        IsADirectoryError, match=r"^'none' is a folder; give its files$"
    ):
        read(wrap("none"))


@pytest.mark.parametrize(
    ("pattern", "n", "more"),
    [
        ("x/*.csv", 2, ""),
        ("x/[ab].csv", 2, ""),
        ("x/?.txt", 1, ""),
        ("**/*.csv", 3, ", recursive=True"),
    ],
)
def test_a_pattern_is_refused_with_how_its_files_are_read(
    pattern, n, more, tmp_path, monkeypatch
):
    names = ["x/a.csv", "x/b.csv", "x/c.txt", "x/y/d.csv"]
    written(tmp_path, dict.fromkeys(names, tidy()))
    monkeypatch.chdir(tmp_path)
    with pytest.raises(FileNotFoundError) as caught:
        read(pattern)
    given = f"qa.read(sorted(glob.glob({pattern!r}{more})))"
    said = f"{pattern!r} is a pattern; give the files, {n} by {given}"
    assert str(caught.value) == said
    assert caught.value.errno == errno.ENOENT
    with pytest.raises(FileNotFoundError, match=r"^no file matches 'x/z\*'$"):
        read("x/z*")


@pytest.mark.parametrize("name", ["quiz [1].csv", "what?.csv", "a*b.csv"])
def test_a_file_whose_name_reads_like_a_pattern_is_read(name, tmp_path):
    (path,) = written(tmp_path, {name: tidy()})
    assert quizzes(read(path)) == [path.stem]


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


def test_a_file_that_is_given_twice_has_a_short_name(tmp_path):
    (path,) = written(tmp_path, {"x.csv": tidy(score="bad")})
    with pytest.raises(DataError) as caught:
        read([path, path])
    assert {problem.table for problem in caught.value.problems} == {"x.csv"}


@pytest.mark.parametrize("other", ["x.csv", "./x.csv", "a/../x.csv", "uri"])
def test_one_file_by_two_paths_is_there_twice(other, tmp_path, monkeypatch):
    path, _ = written(tmp_path, {"x.csv": tidy(), "a/y.csv": tidy()})
    monkeypatch.chdir(tmp_path)
    for both in ([path, other], [other, path]):
        sources = [path.as_uri() if source == "uri" else source for source in both]
        with pytest.raises(DataError, match="the same quiz, student") as caught:
            read(sources)
        assert [problem.table for problem in caught.value.problems] == ["x.csv"]


@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("place", ["d/quiz-{}.csv", "quiz-{}.csv", "quiz-{}"])
def test_a_file_called_as_a_stream_has_another_name(
    place, first, tmp_path, monkeypatch
):
    name = place.format(1 if first else 2)
    (path,) = written(tmp_path, {name: tidy()})
    monkeypatch.chdir(tmp_path)
    for file in (name, path):
        both = [io.StringIO(tidy()), file] if first else [file, io.StringIO(tidy())]
        stream, other = quizzes(read(both))[:: 1 if first else -1]
        assert stream == ("quiz-1" if first else "quiz-2")
        assert other != stream
        assert not other.startswith("/")


def test_a_name_of_a_uri_is_read_as_its_file_is_called(tmp_path):
    paths = written(tmp_path, {"a/x y.csv": tidy(), "b/x y.csv": tidy()})
    assert quizzes(read(paths[0].as_uri())) == ["x y"]
    assert quizzes(read([path.as_uri() for path in paths])) == ["a/x y", "b/x y"]


def test_a_percent_sign_of_a_path_is_part_of_it(tmp_path):
    assert quizzes(read(written(tmp_path, {"x%20y.csv": tidy()}))) == ["x%20y"]


def test_a_compressed_file_has_the_name_of_what_is_in_it(tmp_path):
    path = tmp_path / "x.csv.gz"
    with gzip.open(path, "wt") as file:
        file.write(tidy())
    with gzip.open(path) as file:
        assert quizzes(read(file)) == ["x"]
    with gzip.open(path) as file:
        assert quizzes(read([file, io.StringIO(tidy())])) == ["x", "quiz-2"]


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
    mark = digest(text)
    for options, quiz in (({}, ""), ({"quiz_id": "final"}, "-final")):
        found = students(read(both, **options))
        assert len(set(found)) == len(found)
        sources = [f"{name}{quiz}-{mark}" for name in ("a/x", "b/x")]
        assert {i.format(source) for source in sources for i in ids} <= set(found)
    # The same file alone gives the same ids as beside another one.
    alone = written(tmp_path, {"one.csv": text})
    other = written(tmp_path, {"two.csv": tidy()})
    assert students(read([*alone, *other]))[:-1] == students(read(alone))
    assert students(read(alone))[0] == ids[0].format(f"one-{mark}")


CLASSIC = (
    "{}section,submitted,attempt,11: Q one,1.0,n correct,n incorrect,score\n"
    "{}S,,1,A,1.0,1,1,1.0\n"
)


@pytest.mark.parametrize(
    ("lead", "start"), [("name,", "row-"), ("name,id,", "logged-out-")]
)
@pytest.mark.parametrize("quiz_ids", [("A", "B"), (None, "B"), (None, None)])
def test_who_has_no_id_is_somebody_else_in_files_read_apart(lead, start, quiz_ids):
    more = "," * lead.count(",")
    texts = [CLASSIC.format(lead, name + more) for name in ("Ann", "Zoe")]
    parts = [
        read(io.StringIO(text), quiz_id=quiz_id)
        for text, quiz_id in zip(texts, quiz_ids, strict=True)
    ]
    whole = Responses.concat(parts)
    assert whole.students["name"].to_pylist() == ["Ann", "Zoe"]
    assert all(student.startswith(start) for student in students(whole))


def test_who_has_no_id_in_the_same_file_as_two_quizzes_is_two_people():
    text = CLASSIC.format("name,", "Ann,")
    apart = [read(io.StringIO(text), quiz_id=quiz_id) for quiz_id in ("A", "B")]
    assert len(set(students(Responses.concat(apart)))) == 2
    assert students(read(io.StringIO(text), quiz_id="A")) == students(apart[0])


def test_who_has_no_id_is_somebody_else_in_files_of_one_name_read_apart(tmp_path):
    texts = {f"{f}/m.csv": CLASSIC.format("name,", f"{f},") for f in "ef"}
    whole = Responses.concat([read(path) for path in written(tmp_path, texts)])
    assert whole.students["name"].to_pylist() == ["e", "f"]
    assert students(whole) == [f"row-m-{digest(text)}-1" for text in texts.values()]


def test_every_problem_names_its_file(tmp_path):
    bad = tidy(score="x")
    paths = written(tmp_path, {"a/x.csv": bad, "b/x.csv": tidy(), "y.csv": "no\n"})
    with pytest.raises(DataError) as caught:
        read(paths)
    assert [p.table for p in caught.value.problems] == ["a/x.csv", "y.csv"]
    assert "a/x.csv row 2, column 'score'" in str(caught.value)
    with pytest.raises(DataError) as caught:
        read(paths[0])
    assert [p.table for p in caught.value.problems] == ["x.csv"]


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
