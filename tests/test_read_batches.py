"""Reading batch by batch: what it adds up to is what reading at once gives."""

import io
import json
import random
import tempfile
from pathlib import Path

import pyarrow as pa
import pyarrow.feather as pf
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spread_parts import bytes_of, course
from strategies import tables, tidy

import quizanalysis as qa
from quizanalysis.readers import _order, _together

COURSE = course()


def write(table, path, kind):
    """Write a tidy table in one of the formats."""
    if kind == "parquet":
        pq.write_table(table, path, row_group_size=7)
    elif kind == "feather":
        pf.write_feather(table, path, chunksize=5)
    elif kind == "stream":
        with pa.ipc.new_stream(str(path), table.schema) as writer:
            writer.write_table(table, max_chunksize=4)
    elif kind == "csv":
        qa.write_csv(table, path)
    else:
        lines = [
            json.dumps(row, default=str, ensure_ascii=False)
            for row in table.to_pylist()
        ]
        path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


KINDS = ("parquet", "feather", "stream", "csv", "jsonl")


def tally_of(batches, attempt="last"):
    return qa.Tally.of(batch.attempts(attempt) for batch in batches)


def shuffled(table, seed=1):
    order = list(range(table.num_rows))
    random.Random(seed).shuffle(order)  # noqa: S311
    return table.take(pa.array(order))


@pytest.fixture
def spills(tmp_path):
    """A folder for what is put on disk, which has to be empty in the end."""
    place = tmp_path / "spills"
    place.mkdir()
    yield place
    assert list(place.iterdir()) == []


# ---- the same as at once --------------------------------------------------------


@given(
    drawn=tidy(students=6),
    kind=st.sampled_from(KINDS),
    rows=st.integers(1, 40),
    attempt=st.sampled_from(["first", "last", "best", "kept", "all"]),
    clustered=st.sampled_from([None, False]),
    turn=st.one_of(st.none(), st.integers(0, 99)),
    n_files=st.integers(1, 3),
)
def test_batches_add_up_to_the_whole(
    drawn, kind, rows, attempt, clustered, turn, n_files
):
    table, items = tables(*drawn)
    table = table if turn is None else shuffled(table, turn)
    expected = qa.Responses.from_arrow(table, items).attempts(attempt)
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        size = -(-table.num_rows // n_files) or 1
        for at in range(-(-table.num_rows // size)):
            write(table.slice(at * size, size), place / f"{at}.{kind}", kind)
        batches = qa.read_batches(
            place, batch_rows=rows, clustered=clustered, items=items, quiz_id=None
        )
        tally = tally_of(batches, attempt)
    assert bytes_of(tally) == bytes_of(qa.Tally.of(expected))


@pytest.mark.parametrize("kind", KINDS)
def test_several_forms_of_columns_and_types_read_as_one(tmp_path, kind, spills):
    """Files may say the same in their own ways; the last one has no answers at all."""
    parts = [COURSE.slice(0, 300), COURSE.slice(300, 300), COURSE.slice(600)]
    parts[1] = (
        parts[1]
        .set_column(
            parts[1].column_names.index("attempt"),
            "attempt",
            parts[1]["attempt"].cast(pa.int8()),
        )
        .select(parts[1].column_names[::-1])
    )
    parts[2] = parts[2].drop_columns("response")
    paths = [write(t, tmp_path / f"{i}.{kind}", kind) for i, t in enumerate(parts)]
    expected = qa.read(paths).attempts("last")
    for clustered in (None, False):
        batches = qa.read_batches(
            paths, batch_rows=100, clustered=clustered, temporary=spills
        )
        assert bytes_of(tally_of(batches)) == bytes_of(qa.Tally.of(expected))


def test_answers_in_csv_are_lists_only_if_all_in_the_file_are(tmp_path):
    n = 50
    table = pa.table(
        {
            "student_id": [f"s{i}" for i in range(n)],
            "item_id": ["q"] * n,
            "response": ['["A"]'] * (n - 1) + ["B"],
            "score": [1.0] * n,
        }
    )
    for several in (table, table.slice(0, n - 1)):
        path = tmp_path / "rows.csv"
        rows = "\n".join(
            f'{r["student_id"]},q,"{r["response"].replace(chr(34), chr(34) * 2)}",1'
            for r in several.to_pylist()
        )
        path.write_text(f"student_id,item_id,response,score\n{rows}\n")
        batches = qa.read_batches(path, batch_rows=7)
        assert bytes_of(tally_of(batches)) == bytes_of(qa.Tally.of(qa.read(path)))


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_text_with_a_byte_order_mark(tmp_path, encoding):
    path = tmp_path / "rows.csv"
    path.write_text(
        "Student_ID;item_id;score\nzoë;q;0,5\n;;\n007;q;1\n", encoding=encoding
    )
    (batch,) = qa.read_batches(path)
    assert batch == qa.read(path)


def test_a_quiz_is_named_by_its_file_or_by_the_caller(tmp_path):
    rows = COURSE.drop_columns("quiz_id").slice(0, 200)
    rows = pa.Table.from_pylist(
        list(
            {
                (r["student_id"], r["attempt"], r["item_id"]): r
                for r in rows.to_pylist()
            }.values()
        )
    )
    path = write(rows, tmp_path / "final.parquet", "parquet")
    for quiz_id in (None, "mine"):
        expected = qa.Tally.of(qa.read(path, quiz_id=quiz_id))
        assert tally_of(qa.read_batches(path, quiz_id=quiz_id), "all") == expected
    named = write(COURSE, tmp_path / "course.parquet", "parquet")
    with pytest.raises(qa.DataError, match="the file holds several quizzes"):
        list(qa.read_batches(named, quiz_id="mine", clustered=False))


# ---- what is a batch ------------------------------------------------------------


@pytest.mark.parametrize("rows", [1, 7, 50, 10_000])
@pytest.mark.parametrize("order", ["as it is", "shuffled", "by student"])
def test_every_attempt_of_a_student_at_a_quiz_is_in_one_batch(
    tmp_path, rows, order, spills
):
    table = {
        "as it is": COURSE,
        "shuffled": shuffled(COURSE),
        "by student": COURSE.sort_by("student_id"),
    }[order]
    path = write(table, tmp_path / "rows.parquet", "parquet")
    seen = set()
    for batch in qa.read_batches(path, batch_rows=rows, temporary=spills):
        who = batch.submissions.select(["quiz_id", "student_id"]).to_pylist()
        here = {(row["quiz_id"], row["student_id"]) for row in who}
        assert not here & seen
        seen |= here
        # Of 10 rows each at most, besides what is read at a time.
        assert len(batch.cells.item) <= 2 * rows + 20
    assert seen == {(r["quiz_id"], r["student_id"]) for r in COURSE.to_pylist()}


def test_rows_that_stand_together_are_not_put_on_disk(tmp_path, monkeypatch):
    monkeypatch.setattr(_together, "TemporaryDirectory", None)
    for by in ("quiz_id", "student_id"):
        other = "student_id" if by == "quiz_id" else "quiz_id"
        table = COURSE.sort_by([(by, "descending"), (other, "ascending")])
        path = write(table, tmp_path / f"{by}.parquet", "parquet")
        assert len(list(qa.read_batches(path, batch_rows=100))) > 3


@pytest.mark.parametrize("most", [1, 20, 60, 100_000])
@pytest.mark.parametrize("order", ["quiz", "student", "shuffled", "returns late"])
def test_whether_rows_stand_together_is_told_with_little_memory(
    monkeypatch, most, order
):
    """With too little memory it may only be taken for worse than it is."""
    monkeypatch.setattr(_order, "_MOST", most)
    table = {
        "quiz": COURSE,
        "student": COURSE.sort_by([("student_id", "ascending")]),
        "shuffled": shuffled(COURSE),
        "returns late": pa.concat_tables([COURSE.slice(5), COURSE.slice(0, 5)]),
    }[order]
    tables_ = [table.slice(at, 25) for at in range(0, table.num_rows, 25)]
    together, n = _order.is_clustered(tables_, look=True)
    assert n == table.num_rows
    if order in ("shuffled", "returns late"):
        assert not together
    elif most == 100_000 or (order == "quiz" and most == 60):
        assert together


def test_files_in_files_when_there_are_too_many_rows_for_as_many_files(
    tmp_path, monkeypatch, spills
):
    monkeypatch.setattr(_together, "_BUCKETS", 2)
    path = write(shuffled(COURSE), tmp_path / "rows.parquet", "parquet")
    batches = qa.read_batches(path, batch_rows=60, temporary=spills)
    expected = qa.Tally.of(qa.read(path).attempts("last"))
    assert bytes_of(tally_of(batches)) == bytes_of(expected)


def test_items_of_quizzes_that_nobody_took_are_in_the_tally(tmp_path):
    items = pa.table(
        {
            "quiz_id": ["quiz a"] * 5 + ["quiz b"] * 5 + ["quiz c"] * 5 + ["other"],
            "item_id": [*(f"i{i}" for _ in "abc" for i in range(5)), "alone"],
            "points_possible": [1.0] * 16,
        }
    )
    path = write(COURSE, tmp_path / "rows.parquet", "parquet")
    expected = qa.Tally.of(qa.Responses.from_arrow(COURSE, items))
    batches = qa.read_batches(path, batch_rows=90, items=items)
    assert bytes_of(tally_of(batches, "all")) == bytes_of(expected)
    with pytest.raises(qa.DataError, match="there are several quizzes"):
        list(
            qa.read_batches(path, batch_rows=9, items=items[:5].drop_columns("quiz_id"))
        )


def test_the_test_student_is_left_out_of_each_batch(tmp_path):
    table = COURSE.append_column(
        "name",
        pa.array(
            [
                "Test Student" if s == "003" else s
                for s in COURSE["student_id"].to_pylist()
            ]
        ),
    )
    path = write(table, tmp_path / "rows.csv", "csv")
    whole = qa.read(path)
    batches = list(qa.read_batches(path, batch_rows=100))
    left_out = sum(sum(b.left_out["n"].to_pylist()) for b in batches)
    assert left_out == sum(whole.left_out["n"].to_pylist()) > 0
    assert tally_of(batches) == qa.Tally.of(whole.attempts("last"))


# ---- what is wrong --------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_repeated_response_is_found_however_far_apart(tmp_path, kind, spills):
    table = pa.concat_tables([COURSE, COURSE.slice(0, 1)])
    path = write(table, tmp_path / f"rows.{kind}", kind)
    with pytest.raises(qa.DataError, match="the same quiz, student, attempt and item"):
        list(qa.read_batches(path, batch_rows=50, temporary=spills))
    with pytest.raises(qa.DataError, match="do not stand together"):
        list(qa.read_batches(path, batch_rows=50, clustered=True))


def test_a_problem_says_its_file_and_its_row_there(tmp_path, spills):
    bad = [row | {"status": None} for row in COURSE.to_pylist()]
    bad[123] |= {"score": None, "status": "graded"}
    parts = [pa.Table.from_pylist(bad[:100]), pa.Table.from_pylist(bad[100:200])]
    paths = [
        write(t, tmp_path / f"{i}.parquet", "parquet") for i, t in enumerate(parts)
    ]
    for clustered in (True, False):
        with pytest.raises(qa.DataError) as caught:
            list(
                qa.read_batches(
                    paths, batch_rows=20, clustered=clustered, temporary=spills
                )
            )
        (problem,) = caught.value.problems
        assert (problem.table, problem.row) == ("1.parquet", 23)


@pytest.mark.parametrize("clustered", [None, True, False])
def test_a_cell_that_cannot_be_read_leaves_nothing_on_disk(tmp_path, clustered, spills):
    path = tmp_path / "rows.csv"
    rows = [f"s{i % 40},i{i},{i % 2}" for i in range(400)]
    rows[300] = "s1,i999,many"
    path.write_text("\n".join(["student_id,item_id,score", *rows]))
    with pytest.raises(
        qa.DataError, match=r"row 302.*not a number \(found 'many'\)|together"
    ):
        list(
            qa.read_batches(path, batch_rows=30, clustered=clustered, temporary=spills)
        )


def test_giving_up_leaves_nothing_on_disk(tmp_path, spills):
    path = write(shuffled(COURSE), tmp_path / "rows.parquet", "parquet")
    batches = qa.read_batches(path, batch_rows=50, temporary=spills)
    next(batches)
    assert list(spills.iterdir())
    batches.close()


def test_an_error_while_counting_leaves_nothing_on_disk(tmp_path, spills):
    path = write(shuffled(COURSE), tmp_path / "rows.parquet", "parquet")

    def count():
        for n, batch in enumerate(
            qa.read_batches(path, batch_rows=50, temporary=spills)
        ):
            if n == 2:
                raise ZeroDivisionError
            yield batch

    with pytest.raises(ZeroDivisionError):
        qa.Tally.of(count())
    assert list(spills.iterdir()) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('student_id,item_id,score\na,q,1\nb,"q,1\n', "cannot be read as CSV|quote"),
        ("student_id,item_id,score\na,q,1\nb,q\n", "row 3: another number of cells"),
        ("student_id,item_id\na,q\n", "'score': no such column"),
        ("name,points\na,1\n", "only these can be read in batches"),
        ("", "only these can be read in batches"),
        ('{"student_id": "a", "item_id": "q", "score": 1}\n{"stu\n', "JSON"),
    ],
    ids=range(6),
)
def test_a_file_that_is_no_tidy_one_is_a_data_error(tmp_path, text, said):
    path = tmp_path / "rows.txt"
    path.write_text(text)
    with pytest.raises(qa.DataError, match=said):
        list(qa.read_batches(path))


def test_a_damaged_parquet_file_is_a_data_error(tmp_path):
    path = write(COURSE, tmp_path / "rows.parquet", "parquet")
    data = bytearray(path.read_bytes())
    data[50:400] = bytes(350)
    path.write_bytes(data)
    with pytest.raises(qa.DataError):
        list(qa.read_batches(path))


def test_a_key_that_only_later_lines_have_is_null_in_the_earlier(tmp_path):
    path = tmp_path / "rows.jsonl"
    lines = [{"student_id": f"s{i}", "item_id": "q", "score": 1} for i in range(20)]
    lines[15]["response"] = ["A", "B"]
    path.write_text("\n".join(map(json.dumps, lines)))
    expected = qa.Tally.of(qa.read(path))
    assert bytes_of(tally_of(qa.read_batches(path, batch_rows=4))) == bytes_of(expected)
    lines[16]["quiz_id"] = "z"
    path.write_text("\n".join(map(json.dumps, lines)))
    for read in (qa.read, lambda path: list(qa.read_batches(path, batch_rows=4))):
        with pytest.raises(qa.DataError, match="'quiz_id': an id that is empty"):
            read(path)


# ---- paths ----------------------------------------------------------------------


def test_folders_patterns_and_lists(tmp_path):
    folder = tmp_path / "rows"
    (folder / "deeper").mkdir(parents=True)
    for at in range(3):
        rows = COURSE.slice(at * 100, 100)
        place = folder if at else folder / "deeper"
        write(rows, place / f"{at}.parquet", "parquet")
    (folder / "_SUCCESS").touch()
    (folder / ".crc").touch()
    sizes = [
        sum(len(b.cells.item) for b in qa.read_batches(source))
        for source in (
            folder,
            f"{folder}/**/*.parquet",
            [folder, folder / "deeper" / "0.parquet"],
            f"file://{folder}/1.parquet",
        )
    ]
    assert sizes == [200, 300, 300, 100]
    with pytest.raises(FileNotFoundError):
        list(qa.read_batches(tmp_path / "none*.parquet"))


def test_what_cannot_be_a_source_is_refused_at_once(tmp_path):
    with pytest.raises(TypeError, match="source must be paths, not BytesIO"):
        qa.read_batches(io.BytesIO())
    with pytest.raises(ValueError, match="no source"):
        qa.read_batches([])
    with pytest.raises(ValueError, match="batch_rows must be 1 or more"):
        qa.read_batches(tmp_path, batch_rows=0)


# ---- students, batch by batch ---------------------------------------------------


@given(
    drawn=tidy(students=8),
    declared=st.booleans(),
    rows=st.integers(1, 30),
    attempt=st.sampled_from(["last", "best", "all"]),
    turn=st.integers(0, 99),
)
def test_students_batch_by_batch_are_those_of_the_whole(
    drawn, declared, rows, attempt, turn
):
    table, items = tables(*drawn)
    items = items if declared else None
    expected = qa.student_analysis(
        qa.Responses.from_arrow(table, items), attempt=attempt
    )
    with tempfile.TemporaryDirectory() as folder:
        path = write(shuffled(table, turn), Path(folder) / "rows.parquet", "parquet")

        def batches():
            return qa.read_batches(path, batch_rows=rows, items=items)

        whole = qa.Tally.of(
            (batch.attempts(attempt) for batch in batches()), total="recorded"
        )
        several = [
            qa.student_analysis(batch, attempt=attempt, whole=whole)
            for batch in batches()
            if len(batch)
        ]
    keys = [(name, "ascending") for name in ("quiz_id", "student_id", "attempt")]
    found = pa.concat_tables(
        [one.replace_schema_metadata(None) for one in several], promote_options="none"
    )
    assert found.sort_by(keys).to_pylist() == expected.sort_by(keys).to_pylist()


def test_a_whole_that_is_none_is_refused():
    one = qa.Responses.from_matrix([[1, 0], [1, 1]], student_ids=["a", "b"])
    other = qa.Responses.from_matrix([[1, 0, 0.5]], item_ids=["i1", "i2", "x"])
    whole = qa.Tally.of(one, total="recorded")
    with pytest.raises(ValueError, match="total='recorded'"):
        qa.student_analysis(one, whole=qa.Tally.of(one))
    for strange in (
        other,
        qa.Responses.from_matrix([[7, 0]]),
        qa.Responses.from_arrow(one.to_arrow().drop_columns("quiz_id"), quiz_id="z"),
    ):
        with pytest.raises(ValueError, match="must be the tally of all submissions"):
            qa.student_analysis(strange, whole=whole)


@pytest.mark.parametrize("write_", [qa.write_csv, qa.write_json])
def test_tables_are_written_as_they_come_and_whole_or_not_at_all(tmp_path, write_):
    whole = qa.Tally.of(qa.Responses.from_arrow(COURSE), total="recorded")
    batches = list(qa.Responses.from_arrow(COURSE).batches(20))

    def some(fail=False):  # noqa: FBT002
        yield qa.student_analysis(batches[0], attempt="all", whole=whole).slice(0, 0)
        for batch in batches:
            yield qa.student_analysis(batch, attempt="all", whole=whole)
        if fail:
            raise ZeroDivisionError

    write_(some(), tmp_path / "streamed")
    at_once = pa.concat_tables(list(some()))
    write_(at_once, tmp_path / "at once")
    assert (tmp_path / "streamed").read_bytes() == (tmp_path / "at once").read_bytes()
    with pytest.raises(ZeroDivisionError):
        write_(some(fail=True), tmp_path / "streamed")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["at once", "streamed"]
    assert (tmp_path / "streamed").read_bytes() == (tmp_path / "at once").read_bytes()


def test_text_in_another_encoding_is_read_by_its_name(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes("student_id,item_id,score\nChloé,q1,1\n".encode("cp1252"))
    with pytest.raises(qa.DataError, match="row 2: text that is not UTF-8"):
        list(qa.read_batches(path))
    (batch,) = qa.read_batches(path, encoding="cp1252")
    assert batch.students["student_id"].to_pylist() == ["Chloé"]


def test_a_container_is_named_in_batches_too(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_bytes(b"\x1f\x8b\x08\x00")
    with pytest.raises(qa.DataError, match=r"rows\.csv: the file is a gzip file"):
        list(qa.read_batches(path))


WRONG = {
    "a column of another name": {"student": ["7"], "item_id": ["q"], "score": [1]},
    "no score": {"student_id": ["7"], "item_id": ["q"], "points": [1]},
    "ids that are lists": {"student_id": [["7"]], "item_id": ["q"], "score": [1]},
    "ids that are objects": {"student_id": [{"a": 7}], "item_id": ["q"], "score": [1]},
    "ids that are no text": {"student_id": [b"\xff"], "item_id": ["q"], "score": [1]},
    "ids with decimals": {"student_id": [7.5], "item_id": ["q"], "score": [1]},
    "quizzes that are lists": {
        "quiz_id": [["z"]],
        "student_id": ["7"],
        "item_id": ["q"],
        "score": [1],
    },
    "nothing at all": {},
}


ROWS_ARE_WRONG = ("ids that are no text", "ids with decimals")


def refusal(call):
    with pytest.raises(qa.DataError) as caught:
        call()
    return str(caught.value)


@pytest.mark.parametrize("kind", ["parquet", "arrow"])
@pytest.mark.parametrize(
    ("wrong", "n"),
    [(w, 1) for w in WRONG] + [(w, 0) for w in WRONG if w not in ROWS_ARE_WRONG],
)
def test_columns_are_refused_in_the_words_of_a_read(tmp_path, kind, wrong, n):
    table = pa.table(WRONG[wrong])
    path = tmp_path / f"a.{kind}"
    if kind == "parquet":
        pq.write_table(table.slice(0, n), path)
    else:
        with pa.ipc.new_file(path, table.schema) as writer:
            writer.write_table(table.slice(0, n))
    said = refusal(lambda: qa.read(path))
    assert refusal(lambda: list(qa.read_batches(path))) == said
    assert path.name in said


@pytest.mark.parametrize(
    "text",
    [
        "STUDENT_ID,student_id,item_id,score\n1,1,q,1\n",
        "student_id,item_id,points\n1,q,1\n",
        "student_id,item_id,score\n1,q,1\n\n2,q\n3,q,1,1\n",
        'student_id,item_id,score\r\n"1\n\n2",q,1\r\n\r\n2,q\r\n',
        "student_id,item_id,score\n1,q,1\n2,\udcff,1\n",
        'student_id,item_id,score\n1,q,1\n2,"q,1\n',
    ],
)
def test_wrong_csv_is_refused_in_the_words_of_a_read(tmp_path, text):
    path = tmp_path / "a.csv"
    path.write_bytes(text.encode(errors="surrogateescape"))
    assert refusal(lambda: list(qa.read_batches(path))) == refusal(
        lambda: qa.read(path)
    )


def test_an_uneven_row_far_down_has_its_row(tmp_path):
    path = tmp_path / "a.csv"
    good = 'some "".. student,q,1\n"a\nb",q,1\r\n\n'  # three rows each
    path.write_text("student_id,item_id,score\n" + good * 200_000 + "2,q\n")
    said = refusal(lambda: list(qa.read_batches(path)))
    assert "a.csv row 600002: another number of cells" in said


def test_a_column_name_that_is_not_utf_8_is_a_data_error(tmp_path):
    table = pa.table({"student_id": ["7"], "item_id": ["q"], "score": [1]})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    path = tmp_path / "a.arrow"
    path.write_bytes(sink.getvalue().to_pybytes().replace(b"score", b"sc\xffre"))
    assert "names of columns" in refusal(lambda: list(qa.read_batches(path)))


def test_what_read_refuses_without_a_row_is_refused_in_batches(tmp_path):
    kinds = {"student_id": pa.string(), "item_id": pa.string(), "score": pa.float64()}
    schema = pa.schema({**kinds, "name": pa.binary_view()})
    path = tmp_path / "none.arrow"
    with pa.ipc.new_file(path, schema) as file:
        file.write_table(schema.empty_table())
    for reading in (qa.read, lambda path: list(qa.read_batches(path))):
        with pytest.raises(qa.DataError, match="ids and names should be text"):
            reading(path)
