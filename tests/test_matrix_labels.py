"""What a table of scores or answers says beside its cells: names, ids, entries."""

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

import quizanalysis as qa
from quizanalysis._intake import not_items

NAN = float("nan")
QUESTIONS = {
    "q1": [1, 0, 1, 1, 0, 1],
    "q2": [0, 0, 1, 1, 1, 1],
    "q3": [1, 0, 0, 1, 0, 1],
}
TOTALS = [2, 0, 2, 3, 1, 3]
IDS = ["anna", "bob", "cem", "dora", "eva", "finn"]


def frame(**columns):
    return pd.DataFrame({**QUESTIONS, **columns})


def students(responses):
    return responses.submissions["student_id"].to_pylist()


def refused(make, *given, **options):
    """The columns that are named as no questions."""
    with pytest.raises(qa.DataError) as caught:
        make(*given, **options)
    return [problem.column for problem in caught.value.problems]


def both(table, **options):
    """The same table as scores and as answers."""
    key = [1] * len(table.columns)
    yield qa.Responses.from_matrix(table, **options)
    yield qa.Responses.from_answers(table, key, **options)


# ---- students -----------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [object, "string", "category"])
def test_an_index_names_the_students(dtype):
    table = frame().set_axis(pd.Index(IDS, dtype=dtype))
    for made in both(table):
        assert students(made) == IDS
        assert made.items["item_id"].to_pylist() == ["q1", "q2", "q3"]


@pytest.mark.parametrize(
    "numbers", [[1001, 1002, 1003, 1004, 1005, 7], [0, 1, 2, 3, 4, 5]]
)
@pytest.mark.parametrize("dtype", ["i8", "f8", "Int64", "u4"])
def test_a_named_index_of_numbers_does_too(numbers, dtype):
    table = frame(id=pd.array(numbers, dtype)).set_index("id")
    for made in both(table):
        assert students(made) == [str(number) for number in numbers]
        assert made.dense is not None


@pytest.mark.parametrize(
    "index", [range(6), [0, 1, 2, 3, 4, 5], [0, 2, 5, 7, 8, 9], [5.0, 4, 3, 2, 1, 0]]
)
def test_an_index_of_numbers_without_a_name_does_not(index):
    for made in both(frame().set_axis(pd.Index(index))):
        assert students(made) == ["s1", "s2", "s3", "s4", "s5", "s6"]


@pytest.mark.parametrize("make", [pl.DataFrame, pa.table])
def test_other_tables_have_no_index(make):
    for made in both(make(QUESTIONS)):
        assert students(made) == ["s1", "s2", "s3", "s4", "s5", "s6"]


def test_ids_that_are_given_stand_before_the_index():
    for made in both(frame().set_axis(IDS), student_ids=list("abcdef")):
        assert students(made) == list("abcdef")


@pytest.mark.parametrize(
    ("labels", "said", "row"),
    [
        (["a", "b", "a", "c", "b", "d"], "a student who is there twice", 2),
        (["a", None, "b", "c", "d", "e"], "an id that is empty", 1),
        (["a", "b", "c", "", "d", "e"], "an id that is empty", 3),
        (["a", "b", NAN, "", "d", "e"], "an id that is empty", 2),
    ],
)
def test_labels_are_checked_as_ids_are(labels, said, row):
    table = frame().set_axis(pd.Index(labels, name="who"))
    for make, key in ((qa.Responses.from_matrix, []), (qa.Responses.from_answers, [1])):
        with pytest.raises(qa.DataError, match=said) as caught:
            make(table, *(key and [key * 3]))
        assert caught.value.problems[0].column == "who"
        assert caught.value.problems[0].row == row


def test_labels_of_several_types_are_refused():
    with pytest.raises(qa.DataError, match="index of the scores: not texts or whole"):
        qa.Responses.from_matrix(frame().set_axis(["a", 1, "b", 2, "c", 3]))


def test_an_index_of_several_levels_is_refused():
    levels = pd.MultiIndex.from_tuples([(one, "x") for one in IDS])
    table = frame().set_axis(levels)
    with pytest.raises(qa.DataError, match=r"2 levels; .*set_index\('id'\)"):
        qa.Responses.from_matrix(table)
    made = qa.Responses.from_matrix(table, student_ids=IDS)
    assert students(made) == IDS


def test_ids_with_the_labels_of_the_rows_go_by_these():
    table = frame().set_axis(list("uvwxyz"))
    labelled = pd.Series(IDS[::-1], list("zyxwvu"))
    for ids in (labelled, labelled.to_dict(), IDS, pd.Series(IDS)):
        assert students(qa.Responses.from_matrix(table, student_ids=ids)) == IDS
    part = frame()[::2]
    ids = pd.Series(IDS)[::2]
    assert students(qa.Responses.from_matrix(part, student_ids=ids)) == IDS[::2]
    assert (
        students(qa.Responses.from_matrix(part.to_numpy(), student_ids=ids))
        == (IDS[::2])
    )


def test_ids_with_other_labels_than_the_rows_are_refused():
    table = frame().set_axis(list("uvwxyz"))
    with pytest.raises(qa.DataError, match="labels that are not those of the rows"):
        qa.Responses.from_matrix(table, student_ids=pd.Series(IDS, list("uvwxya")))
    with pytest.raises(qa.DataError, match="a dict for rows without labels"):
        qa.Responses.from_matrix(table.to_numpy(), student_ids={"u": "anna"})


@pytest.mark.parametrize("name", ["student_ids", "item_ids"])
def test_one_text_is_no_list_of_ids(name):
    with pytest.raises(qa.DataError, match=f"{name}: one text, 'abc'"):
        qa.Responses.from_matrix(np.eye(3), **{name: "abc"})


# ---- columns that are no questions --------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        *("id", "ID", "Student", "student_id", "Student ID", "studentid", "user_id"),
        *("userid", "SIS ID", "sis-id", "name", "Email", "username", "index"),
        *("Unnamed: 0", "Unnamed: 12", "", " ", "...1", None, NAN),
    ],
)
def test_a_column_named_like_an_id_is_no_question(name):
    table = frame()
    table.insert(0, name, [1, 0, 1, 1, 1, 0])
    column = "" if name is None or name != name else name  # noqa: PLR0124
    assert refused(qa.Responses.from_matrix, table) == [column]
    assert refused(qa.Responses.from_answers, table, [1] * 4) == [column]
    with pytest.raises(qa.DataError, match=r"set_index\(...\) .* student_ids="):
        qa.Responses.from_matrix(table)


@pytest.mark.parametrize(
    "name",
    [
        *("total", "Total", "Sum", "score", "Mean", "average", "avg.", "Percent"),
        *("percentage", "%", "grade", "Points", "result", "rank", "max", "n correct"),
    ],
)
def test_a_column_named_like_a_total_is_no_question(name):
    table = frame(**{name: [1, 0, 1, 1, 1, 0]})
    assert refused(qa.Responses.from_matrix, table) == [name]
    assert refused(qa.Responses.from_answers, table, [1] * 4) == [name]


@pytest.mark.parametrize(
    "name",
    [
        *("q_total", "score1", "identity", "3", "1", "...", "unnamed", "Sum 2"),
        *("item_id", "names", "...a", "total points of physics", "i1", "x"),
    ],
)
def test_other_names_are_questions(name):
    for made in both(frame(**{name: [1, 0, 1, 1, 1, 0]})):
        assert made.items["item_id"].to_pylist() == ["q1", "q2", "q3", name]


NO_QUESTIONS = {
    "rows from 0": [0, 1, 2, 3, 4, 5],
    "rows from 1": [1, 2, 3, 4, 5, 6],
    "ids": [1009, 1002, 4711, 99_999, 1000, 720_001],
    "ids as floats": [1009.0, 1002.0, 4711.0, 5e5, 1000.0, 2000.0],
    "the sum": TOTALS,
    "the mean": [one / 3 for one in TOTALS],
}


@pytest.mark.parametrize("what", NO_QUESTIONS)
@pytest.mark.parametrize("at", [0, 2, 3])
def test_a_column_is_known_by_its_numbers(what, at):
    table = frame()
    table.insert(at, "x", NO_QUESTIONS[what])
    assert refused(qa.Responses.from_matrix, table) == ["x"]
    names = ["a", "b", "c", "d"]
    for plain in (table.to_numpy(), table.to_numpy().tolist()):
        assert refused(qa.Responses.from_matrix, plain) == [f"i{at + 1}"]
        assert len(qa.Responses.from_matrix(plain, item_ids=names)) == 6
    made = qa.Responses.from_matrix(table, item_ids=table.columns)
    assert made.items["item_id"].to_pylist() == [*table.columns]


ANY_QUESTION = {
    "not in order": [0, 1, 2, 3, 5, 4],
    "from 2": [2, 3, 4, 5, 6, 7],
    "with a gap": [1, 2, NAN, 4, 5, 6],
    "one twice": [1009, 1002, 4711, 5000, 1000, 1009],
    "one small": [1009, 1002, 4711, 5000, 1000, 999],
    "one half": [1009, 1002, 4711, 5000, 1000.5, 1001],
    "nearly the sum": [2, 0, 2, 3, 1, 2],
    "nearly the mean": [2 / 3, 0, 2 / 3, 1, 1 / 3, 0.999],
    "the same for all": [1] * 6,
}


@pytest.mark.parametrize("what", ANY_QUESTION)
def test_a_column_that_is_nearly_so_is_a_question(what):
    table = frame(x=ANY_QUESTION[what])
    assert qa.Responses.from_matrix(table).items.num_rows == 4
    assert qa.Responses.from_matrix(table.to_numpy()).items.num_rows == 4


def test_three_rows_of_a_frame_are_enough_and_five_of_an_array():
    table = pd.DataFrame({"x": [1, 2, 3], "a": [1, 0, 1], "b": [1, 1, 0]})
    assert refused(qa.Responses.from_matrix, table) == ["x"]
    assert qa.Responses.from_matrix(table[["a", "x", "b"]]).items.num_rows == 3
    assert qa.Responses.from_matrix(table[:2]).items.num_rows == 3
    table["x"] = [2, 1, 1]
    assert refused(qa.Responses.from_matrix, table) == ["x"]
    assert qa.Responses.from_matrix(table.to_numpy()).items.num_rows == 3
    assert qa.Responses.from_matrix(pd.DataFrame(table.to_numpy())).items.num_rows == 3


@given(
    st.tuples(st.integers(1, 9), st.integers(1, 5)).flatmap(
        lambda shape: arrays.arrays(
            float, shape, elements=st.sampled_from([0.0, 1.0, NAN])
        )
    )
)
def test_no_table_of_right_and_wrong_is_ever_refused(scores):
    names = [f"q{j}" for j in range(scores.shape[1])]
    for given_ in (scores, pd.DataFrame(scores, columns=names)):
        assert len(qa.Responses.from_matrix(given_)) == len(scores)


def test_items_that_all_answer_alike_are_no_mean_of_each_other():
    alike = [0.5, 1, 2, 0, 1.5, 0.25]
    table = pd.DataFrame({"a": alike, "b": alike, "c": alike})
    assert qa.Responses.from_matrix(table).items.num_rows == 3
    table["b"] = 0
    assert qa.Responses.from_matrix(table).items.num_rows == 3


def test_what_is_the_same_for_all_is_no_total():
    table = pd.DataFrame({"a": [1, 2, 0, 3, 1], "b": [2, 1, 3, 0, 2], "x": [3] * 5})
    assert qa.Responses.from_matrix(table).items.num_rows == 3


def test_a_total_of_what_was_shown_is_known():
    table = frame()
    table["q1"] = [1, NAN, 1, 1, 0, NAN]
    table["x"] = [2, 0, 2, 3, 1, 2]
    assert refused(qa.Responses.from_matrix, table) == ["x"]
    table.loc[1] = NAN
    assert refused(qa.Responses.from_matrix, table) == ["x"]
    table.loc[1, "q2"] = 0
    assert qa.Responses.from_matrix(table).items.num_rows == 4


def test_all_columns_that_are_no_questions_are_told_at_once():
    table = frame(name=IDS, section=list("ababab"), Total=TOTALS, x=TOTALS)
    table.insert(0, "number", range(2001, 2007))
    told = ["number", "name", "section", "Total", "x"]
    assert refused(qa.Responses.from_matrix, table) == told
    with pytest.raises(qa.DataError, match="column 'section': not numbers"):
        qa.Responses.from_matrix(table)


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
)
def test_tables_of_any_library_are_looked_through(make):
    table = make({"who": IDS, **QUESTIONS, "x": TOTALS})
    assert refused(qa.Responses.from_matrix, table) == ["who", "x"]


def test_a_frame_without_columns_has_no_items():
    for make, key in ((qa.Responses.from_matrix, []), (qa.Responses.from_answers, [1])):
        with pytest.raises(qa.DataError, match="no items"):
            make(pd.DataFrame(index=[1, 2]), *key)


@pytest.mark.parametrize("type_", ["u1", "i8", "f4", "f8"])
def test_a_large_table_is_looked_through_as_well(type_):
    scores = np.random.default_rng(3).integers(0, 2, (3_000, 4))
    total = scores.sum(axis=1)
    table = np.column_stack([scores, total]).astype(type_)
    assert refused(qa.Responses.from_matrix, table) == ["i5"]
    table[2_345, 4] += 200
    assert qa.Responses.from_matrix(table).items.num_rows == 5
    if type_ == "u1":
        return
    table = np.column_stack([scores, np.arange(3_000)]).astype(type_)
    assert refused(qa.Responses.from_matrix, table) == ["i5"]
    table[2_999, 4] = 7
    assert qa.Responses.from_matrix(table).items.num_rows == 5


def test_of_a_large_table_only_some_rows_are_looked_at(monkeypatch):
    """Whole columns are read only where these rows look like no question."""
    read = []
    whole = not_items.as_numbers
    monkeypatch.setattr(not_items, "as_numbers", lambda x: read.append(x) or whole(x))
    monkeypatch.setattr(not_items, "_agrees_throughout", lambda *x: read.append(x))
    scores = np.random.default_rng(3).integers(0, 2, (30_000, 40), np.uint8)
    qa.Responses.from_matrix(scores)
    assert not read


def test_numbers_among_answers_are_ids_only_where_none_is_right():
    table = pd.DataFrame({"x": [1914, 1918, 1939, 1945, 1989], "y": list("abcab")})
    assert refused(qa.Responses.from_answers, table, [1, "a"]) == ["x"]
    assert len(qa.Responses.from_answers(table, [1918, "a"])) == 5
    assert len(qa.Responses.from_answers(table, [1, "a"], item_ids=["x", "y"])) == 5
    assert len(qa.Responses.from_answers(table[:4], [1, "a"])) == 4
    assert len(qa.Responses.from_answers(table, [" 1918", "a"])) == 5
    long = [[1000 + i, "a"] for i in range(99)]
    assert refused(qa.Responses.from_answers, long, [1, "a"]) == ["i1"]
    for last in (1000, "x"):
        made = qa.Responses.from_answers([*long, [last, "a"]], [1, "a"])
        assert made.items.num_rows == 2
    rows = np.column_stack([np.arange(9), np.ones(9)]).astype(np.uint8)
    assert refused(qa.Responses.from_answers, rows, [99, 1]) == ["i1"]


# ---- entries by name ----------------------------------------------------------------


POINTS = {"q3": 3, "q1": 1, "q2": 2}


@pytest.mark.parametrize("make", [dict, pd.Series])
def test_points_and_keys_go_by_name(make):
    table = pd.DataFrame({"q1": [1, 0, 1], "q2": [2, 2, 0], "q3": [3, 0, 0]})
    made = qa.Responses.from_matrix(table, make(POINTS))
    assert made.items["points_possible"].to_pylist() == [1.0, 2.0, 3.0]
    assert qa.item_analysis(made)["difficulty"].to_pylist() == pytest.approx(
        [2 / 3, 2 / 3, 1 / 3]
    )
    answers = pd.DataFrame({"q1": list("aab"), "q2": list("bbc"), "q3": list("ccc")})
    key = make({"q2": "b", "q3": "c", "q1": "a"})
    made = qa.Responses.from_answers(answers, key, make(POINTS))
    assert made.scores().tolist() == [6 * 10**9, 6 * 10**9, 3 * 10**9]
    codes = answers.replace({"a": 1, "b": 2, "c": 3}).to_numpy().astype("u1")
    key = make({"q2": 2, "q3": 3, "q1": 1})
    coded = qa.Responses.from_answers(codes, key, make(POINTS), ["q1", "q2", "q3"])
    assert coded.dense is not None
    assert coded.scores().tolist() == made.scores().tolist()


@pytest.mark.parametrize("make", [dict, pd.Series])
def test_they_may_be_named_as_items_without_a_name_are(make):
    made = qa.Responses.from_matrix([[1, 0], [1, 3]], make({"i2": 3, "i1": 1}))
    assert made.items["points_possible"].to_pylist() == [1.0, 3.0]


def test_a_series_without_labels_goes_by_place():
    made = qa.Responses.from_matrix(frame(), pd.Series([1, 2, 3]))
    assert made.items["points_possible"].to_pylist() == [1.0, 2.0, 3.0]
    made = qa.Responses.from_answers(frame(), pd.Series([1, 2, 0]))
    assert made.options.filter(made.options["correct"])["option"].to_pylist() == [
        *("1", "2", "0")
    ]
    made = qa.Responses.from_matrix(frame().to_numpy(), pd.Series([1, 2, 3]))
    assert made.items["points_possible"].to_pylist() == [1.0, 2.0, 3.0]


@pytest.mark.parametrize(
    ("entries", "said"),
    [
        ({"q1": 1, "q2": 1}, "no entry for 'q3'"),
        ({**POINTS, "q4": 1}, "no item is called 'q4'"),
        ({"q1": 1, "q2": 1, "Q3": 1}, "no entry for 'q3'; no item is called 'Q3'"),
        (pd.Series([1, 1, 1], ["q1", "q1", "q2"]), "'q3'; more than one for 'q1'"),
        (pd.Series([1, 1], ["q1", "q2"]), "no entry for 'q3'"),
        (pd.Series([1, 1, 1], [0, 1, 3]), "no entry for 'q1', 'q2', 'q3'"),
        ({}, "no entry for 'q1', 'q2', 'q3'"),
    ],
)
def test_names_that_differ_from_the_items_are_told(entries, said):
    with pytest.raises(qa.DataError, match=f"points_possible: .*{said}"):
        qa.Responses.from_matrix(frame(), entries)
    with pytest.raises(qa.DataError, match=f"key: .*{said}"):
        qa.Responses.from_answers(frame(), entries)


def test_a_series_with_names_does_not_fit_an_array_without():
    points = pd.Series(POINTS)
    with pytest.raises(qa.DataError, match="no entry for 'i1', 'i2', 'i3'"):
        qa.Responses.from_matrix(frame().to_numpy(), points)
    with pytest.raises(qa.DataError, match="no entry for 'i1', 'i2', 'i3'"):
        qa.Responses.from_answers(frame().to_numpy(), points)


def test_of_many_names_some_are_told():
    with pytest.raises(qa.DataError, match="'i5' and 95 more; no item is called 'a'"):
        qa.Responses.from_matrix(np.eye(100), {"a": 1})


def test_item_ids_may_be_named_by_the_columns():
    new = {"q3": "c", "q1": "a", "q2": "b"}
    for ids in (new, pd.Series(new), pd.Series(["a", "b", "c"])):
        for made in both(frame(), item_ids=ids):
            assert made.items["item_id"].to_pylist() == ["a", "b", "c"]
    with pytest.raises(qa.DataError, match="item_ids: no entry for 'q3'"):
        qa.Responses.from_matrix(frame(), item_ids={"q1": "a", "q2": "b"})
    with pytest.raises(qa.DataError, match="a dict for columns without names"):
        qa.Responses.from_matrix(frame().to_numpy(), item_ids=new)


# ---- answers and their key ----------------------------------------------------------


def notes(responses):
    """What the account says of how the responses were read."""
    table = qa.analyze(responses).exclusions
    return [
        (row["unit"], row["reason"], row["n"])
        for row in table.to_pylist()
        if not row["left_out"] and row["unit"] == "items"
    ]


MATCHED = "answers matched to the key without regard to case and outer blanks"


def scores_and_options(answers, key):
    made = qa.Responses.from_answers(answers, key)
    scores = made.to_arrow()["score"].to_pylist()
    return scores, made.options["option"].to_pylist(), notes(made)


def test_case_and_outer_blanks_do_not_count():
    answers = pd.DataFrame({"q1": list("abca"), "q2": list("bbac")})
    made = qa.Responses.from_answers(answers, ["A", "B"])
    assert qa.item_analysis(made)["difficulty"].to_pylist() == [0.5, 0.5]
    assert notes(made) == [("items", MATCHED, 2)]
    assert made.options["option"].to_pylist() == ["A", "b", "c", "B", "a", "c"]
    assert made.to_arrow()["response"].to_pylist() == [*"AB", *"bB", *"ca", *"Ac"]


@pytest.mark.parametrize(
    ("answers", "key", "scores", "options", "n"),
    [
        ([" A", "A", "B "], "A", [1, 1, 0], ["A", "B"], 1),
        (["A", "B", "B"], " A ", [1, 0, 0], ["A", "B"], 1),
        (["A", "B", "B"], "A", [1, 0, 0], ["A", "B"], 0),
        # One option, however it is written; the key spells it.
        (["a", " a", "b"], "A", [1, 1, 0], ["A", "b"], 1),
        (["b", "B", "a"], "A", [0, 0, 1], ["A", "B"], 1),
        (["paris", "PARIS ", "Rome"], "Paris", [1, 1, 0], ["Paris", "Rome"], 1),
        (["STRASSE", "x", "y"], "straße", [1, 0, 0], ["straße", "x", "y"], 1),
        (["true", "FALSE", "x"], True, [1, 0, 0], ["FALSE", "True", "x"], 1),
        # The key is one of several answers that differ by case: they are told apart.
        (["a", "A", "B"], "A", [0, 1, 0], ["A", "B", "a"], 0),
        (["a", "A", " a"], "a", [1, 0, 1], ["A", "a"], 1),
        (["a", "A", "b"], {"a", "A"}, [1, 1, 0], ["A", "a", "b"], 0),
        (["a", "b", "c"], {"A", "B"}, [1, 1, 0], ["A", "B", "c"], 1),
        # It is none of them.
        (["aB", "AB", "x"], "Ab", [1, 1, 0], ["Ab", "x"], 1),
        # Texts such as these are answers.
        (["NA", "nan", "N/A"], "na", [1, 0, 0], ["N/A", "na", "nan"], 1),
    ],
)
@pytest.mark.parametrize("type_", [object, str])
def test_answers_are_matched_where_they_can_mean_one_thing(
    answers, key, scores, options, n, type_
):
    told = [("items", MATCHED, n)] if n else []
    column = np.array(answers, type_)[:, None]
    assert scores_and_options(column, [key]) == (scores, options, told)


def test_an_answer_of_blanks_is_blank():
    made = qa.Responses.from_answers([[" "], ["A"], ["\t "]], ["a"])
    status = made.to_arrow()["status"].to_pylist()
    assert status == ["not_attempted", "graded", "not_attempted"]
    assert made.options["option"].to_pylist() == ["a"]
    with pytest.raises(qa.DataError, match="entry 0 is empty"):
        qa.Responses.from_answers([["A"]], ["  "])


def test_blanks_around_the_key_of_numbers_do_not_count():
    codes = np.array([[1, 2], [3, 2], [1, 1]], np.uint8)
    scores, options, told = scores_and_options(codes, [" 1", "2 "])
    assert scores == [1, 1, 0, 1, 1, 0]
    assert options == ["1", "3", "1", "2"]
    assert told == [("items", MATCHED, 2)]


WRONG = [["B", "C"], ["C", "C"], ["A", "B"]]


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        (WRONG, ["1", "2"]),
        (np.array([[1, 2], [2, 2], [4, 3]], np.uint8), ["A", "B"]),
        (np.array([[1, 2], [2, 2], [4, 3]]), ["A", "B"]),
        (WRONG, ["Paris", "Rome"]),
        (WRONG[:2], ["1", "2"]),
        # Twenty answers of the same kind.
        (np.array([[1, 2]] * 10, np.uint8), [2, 1]),
        ([["a", "b"]] * 10, ["b", "a"]),
    ],
    ids=range(7),
)
def test_a_key_that_fits_no_answer_is_refused(answers, key):
    with pytest.raises(qa.DataError, match="no answer to any item equals its key"):
        qa.Responses.from_answers(answers, key)
    with pytest.raises(
        qa.DataError, match=r"item 'x' has answers .* and the key .*'y'"
    ):
        qa.Responses.from_answers(answers, key, item_ids=["x", "y"])


def test_two_items_are_shown_side_by_side_with_their_key():
    said = (
        "item 'i1' has answers 'A', 'B', 'C' and the key '1'; "
        "item 'i2' has answers 'B', 'C' and the key '2'"
    )
    with pytest.raises(qa.DataError, match=said):
        qa.Responses.from_answers(WRONG, ["1", "2"])


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        (WRONG, ["1", "B"]),
        (WRONG, ["D", "D"]),
        (np.array([[1, 2], [2, 2], [4, 3]], np.uint8), [3, 1]),
        ([["a", "b"]] * 9, ["b", "a"]),
        ([["A", "B", "C", "D"]], ["1", "2", "3", "4"]),
        ([["A"]] * 30, ["1"]),
        ([["A", None]] * 30, ["1", "2"]),
        ([[None, None]] * 30, ["1", "2"]),
    ],
    ids=range(8),
)
def test_a_few_may_well_all_be_wrong(answers, key):
    assert len(qa.Responses.from_answers(answers, key)) == len(answers)


# ---- rows of a summary, percents and grades -----------------------------------------


def scores_of_a_class():
    """Ten students, five questions of one point; no two columns are alike."""
    rights = ["11010", "10110", "01101", "11111", "00000", "10001", "01010", "11100"]
    rights += ["00111", "10000"]
    rows = [[int(one) for one in right] for right in rights]
    return pd.DataFrame(rows, columns=[f"q{at}" for at in range(1, 6)])


@pytest.mark.parametrize(
    "scale",
    [
        lambda total: 20 * total,
        lambda total: 6 - total,
        lambda total: (total / 7).round(2),
        lambda total: (100 * total / 7).round(),
    ],
    ids=["percent", "grade", "share", "rounded"],
)
def test_a_percent_or_a_grade_is_no_question(scale):
    frame = scores_of_a_class()
    frame["Prozent"] = scale(frame.sum(axis=1))
    with pytest.raises(qa.DataError, match="column 'Prozent': rises or falls with"):
        qa.Responses.from_matrix(frame)
    named = qa.Responses.from_matrix(frame, item_ids=list(frame.columns))
    assert named.items.num_rows == 6


def test_an_essay_that_goes_with_the_rest_is_a_question():
    frame = scores_of_a_class()
    frame["essay"] = 2 * frame.sum(axis=1) + [0, 1, 0, 0, 1, 0, 0, 1, 0, 0]
    assert qa.Responses.from_matrix(frame).items.num_rows == 6


def test_two_halves_of_few_students_are_questions():
    rows = [[n, n, 2 * n, n + 1] for n in range(6)]
    assert qa.Responses.from_matrix(rows, item_ids=list("abcd")).items.num_rows == 4


@pytest.mark.parametrize("word", ["Average", "Points possible", "Minimum"])
def test_a_row_of_a_summary_is_no_student(word):
    frame = scores_of_a_class().set_index(pd.Index([*"abcdefghi", word], name="id"))
    with pytest.raises(qa.DataError, match="row 9, column 'id': a row of a summary"):
        qa.Responses.from_matrix(frame)


def test_a_student_may_be_called_max():
    frame = scores_of_a_class().set_index(pd.Index([*"abcdefghi", "Max"], name="name"))
    assert len(qa.Responses.from_matrix(frame)) == 10


def test_the_row_of_the_key_is_no_student():
    answers = pd.DataFrame(
        {"q1": list("aab"), "q2": list("bcb")}, index=["KEY", "ann", "bob"]
    )
    with pytest.raises(qa.DataError, match="the row of the key, no student"):
        qa.Responses.from_answers(answers, key=["a", "b"])
    rest = qa.Responses.from_answers(answers.drop("KEY"), key=answers.loc["KEY"])
    assert qa.item_analysis(rest)["difficulty"].to_pylist() == [0.5, 0.5]


def test_a_key_that_no_answer_equals_is_noted():
    answers = pd.DataFrame({"q1": list("aab"), "q2": list("bcb")})
    responses = qa.Responses.from_answers(answers, key=["a", "b or c"])
    noted = {r["reason"]: r["n"] for r in responses.left_out.to_pylist()}
    assert noted == {"a key that no answer equals": 1}


def test_columns_that_are_not_known_are_noted():
    frame = pd.DataFrame({"student_id": ["1"], "item_id": ["q"], "score": [1]})
    items = pd.DataFrame({"item_id": ["q"], "worth": [2]})
    responses = qa.Responses.from_arrow(frame.assign(max_points=2), items)
    noted = {r["reason"]: r["n"] for r in responses.left_out.to_pylist()}
    assert noted == {
        "not used in responses: 'max_points'": 1,
        "not used in items: 'worth'": 1,
    }
