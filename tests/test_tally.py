"""A tally: adding leaves no trace of order, and it travels as a table."""

import json

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from spread_parts import ipc

import quizanalysis as qa

OPTIONS = pa.list_(
    pa.struct([("id", pa.string()), ("text", pa.string()), ("correct", pa.bool_())])
)


def responses(students, quiz="quiz", *, key="A", points=1.0, answers="ABA", **options):
    """Each student answers two items, of which the first has options."""
    n = len(students)
    table = pa.table(
        {
            "quiz_id": [quiz] * 2 * n,
            "student_id": [s for s in students for _ in range(2)],
            "item_id": ["q1", "q2"] * n,
            "response": [
                a for i in range(n) for a in (answers[i % len(answers)], None)
            ],
            "score": [
                s
                for i in range(n)
                for s in (float(answers[i % len(answers)] == key), i % 4 / 2)
            ],
        }
    )
    known = [{"id": c, "text": f"option {c}", "correct": c == key} for c in "AB"]
    items = pa.table(
        {
            "quiz_id": [quiz] * 2,
            "item_id": ["q1", "q2"],
            "position": [1, 2],
            "points_possible": [points, 2.0],
            "options": pa.array([known, None], OPTIONS),
        }
    )
    return qa.Responses.from_arrow(table, items, **options)


def tally(*args, **options):
    """The tally of such responses."""
    return qa.Tally.of(responses(*args, **options))


def from_ipc(data):
    """Read a table back."""
    return pa.ipc.open_stream(data).read_all()


A, B, C = tally("abc"), tally("de"), tally("fghijk", answers="BAB")
OTHER = tally("abc", "another quiz")


# ---- adding ---------------------------------------------------------------------


def test_adding_is_commutative():
    assert A + B == B + A
    assert ipc((A + B).to_arrow()) == ipc((B + A).to_arrow())
    assert A + OTHER == OTHER + A


def test_adding_is_associative():
    assert (A + B) + C == A + (B + C)
    assert ipc(((A + B) + C).to_arrow()) == ipc((A + (B + C)).to_arrow())
    assert (A + OTHER) + B == A + (OTHER + B)


def test_the_empty_tally_is_zero():
    zero = qa.Tally.empty()
    assert len(zero) == 0
    assert A + zero == A == zero + A
    assert zero + zero == zero
    assert qa.Tally.of([]) == zero


def test_tallies_can_be_summed():
    assert sum([A, B, C], qa.Tally.empty()) == A + B + C
    assert sum([], qa.Tally.empty()) == qa.Tally.empty()


def test_adding_is_counting_together():
    whole = responses("abcdefghijk")
    parts = list(whole.batches(4))
    expected = qa.Tally.of(whole)
    for order in (parts, parts[::-1], parts[1:] + parts[:1]):
        merged = sum(map(qa.Tally.of, order), qa.Tally.empty())
        assert merged == expected
        assert ipc(merged.to_arrow()) == ipc(expected.to_arrow())
    assert qa.Tally.of(iter(parts)) == expected


def test_adding_changes_neither_of_the_two():
    before = ipc(A.to_arrow()), ipc(B.to_arrow())
    A + B
    assert (ipc(A.to_arrow()), ipc(B.to_arrow())) == before


def test_the_same_submissions_added_twice_count_twice():
    assert qa.summary(A + A)["n"].to_pylist() == [6]
    assert qa.Tally.of([responses("abc")] * 2) == A + A


def test_figures_of_a_sum_are_those_of_all_submissions():
    merged = qa.item_analysis(A + B).to_pylist()
    # Scores of q1: 1 0 1 and 1 0; of q2: 0 .5 1 and 0 .5.
    assert [row["n"] for row in merged] == [5, 5]
    assert [row["mean"] for row in merged] == [0.6, 0.4]
    assert qa.summary(A + B)["median"].to_pylist() == [1.0]


def test_quizzes_are_kept_apart_and_in_order_of_their_ids():
    both = A + OTHER
    assert len(both) == 2
    assert qa.summary(both).select(["quiz_id", "n"]).to_pylist() == [
        {"quiz_id": "another quiz", "n": 3},
        {"quiz_id": "quiz", "n": 3},
    ]


def test_an_item_that_only_one_of_them_knows_is_in_the_sum():
    one = qa.Tally.of(qa.Responses.from_matrix([[1], [0]], item_ids=["x"]))
    two = qa.Tally.of(qa.Responses.from_matrix([[1], [1]], item_ids=["y"]))
    table = qa.item_analysis(one + two)
    assert table.select(["item_id", "n", "n_not_shown"]).to_pylist() == [
        {"item_id": "x", "n": 2, "n_not_shown": 2},
        {"item_id": "y", "n": 2, "n_not_shown": 2},
    ]


def test_inferred_points_are_the_best_score_of_all():
    one = qa.Tally.of(qa.Responses.from_matrix([[1], [0]]))
    two = qa.Tally.of(qa.Responses.from_matrix([[4], [3]]))
    assert qa.item_analysis(one + two)["points_possible"].to_pylist() == [4.0]
    assert qa.item_analysis(one + two)["difficulty"].to_pylist() == [0.5]


def test_an_item_that_is_open_anywhere_is_open_in_the_sum():
    def essays(words, limit):
        table = pa.table(
            {
                "student_id": words,
                "item_id": ["q"] * len(words),
                "response": words,
                "score": [1] * len(words),
            }
        )
        return qa.Tally.of(qa.Responses.from_arrow(table, max_options=limit))

    closed, open_ = essays(["a", "b"], 3), essays(["c", "d", "e", "f"], 3)
    assert qa.option_analysis(closed).num_rows == 2
    assert qa.option_analysis(open_).num_rows == 0
    assert qa.option_analysis(closed + open_).num_rows == 0
    assert closed + open_ == open_ + closed
    assert (closed + open_) + closed == closed + (open_ + closed)


def picks(words, limit=12):
    """The tally of one-letter answers to an item; x is right."""
    table = pa.table(
        {
            "student_id": [f"{words}{i}" for i in range(len(words))],
            "item_id": ["q"] * len(words),
            "response": list(words),
            "score": [float(w == "x") for w in words],
        }
    )
    return qa.Tally.of(qa.Responses.from_arrow(table, max_options=limit))


def test_an_item_with_too_many_answers_in_all_is_open_in_the_sum():
    a, b, c = picks("xa", 3), picks("xb", 3), picks("xc", 3)
    assert qa.option_analysis(a + b)["option"].to_pylist() == ["a", "b", "x"]
    assert qa.option_analysis(a + b + c).num_rows == 0
    assert a + b + c == c + b + a == (a + c) + b
    assert qa.Tally.from_arrow((a + b).to_arrow()) + c == a + b + c


def test_the_smallest_limit_holds_for_the_sum():
    assert qa.option_analysis(picks("xa", 9) + picks("xb", 3)).num_rows == 3
    assert qa.option_analysis(picks("xa", 9) + picks("xb", 2)).num_rows == 0
    assert picks("xa", 9) + picks("xb", 2) == picks("xb", 2) + picks("xa", 9)


def test_options_that_are_declared_have_no_limit():
    a, b = (keyed(("a", None), ("b", None), given=g, limit=1) for g in "cd")
    assert qa.option_analysis(a + b)["option"].to_pylist() == ["a", "b", "c", "d"]


def test_an_item_stays_open_when_those_who_made_it_so_are_not_counted():
    """Answers of an attempt that is not the last are answers all the same."""
    rows = pa.table(
        {
            "student_id": ["ann"] * 4,
            "attempt": [1, 1, 1, 2],
            "item_id": ["q"] * 4,
            "position": [1, 2, 3, 1],
            "response": ["a", "b", "c", None],
            "score": [1.0, 0.0, 0.0, 0.0],
        }
    )
    open_ = qa.Responses.from_arrow(rows, max_options=2).attempts("last")
    for both in (qa.Tally.of(open_) + picks("xa"), picks("xa") + qa.Tally.of(open_)):
        assert qa.option_analysis(both).num_rows == 0


def test_options_that_were_observed_stand_in_the_order_of_their_names():
    both = qa.option_analysis(picks("zx") + picks("ay"))
    assert both["option"].to_pylist() == ["a", "x", "y", "z"]


def test_options_that_both_observed_are_counted_together():
    both = qa.option_analysis(picks("xy") + picks("zxx"))
    assert both.select(["option", "n", "correct"]).to_pylist() == [
        {"option": "x", "n": 3, "correct": True},
        {"option": "y", "n": 1, "correct": False},
        {"option": "z", "n": 1, "correct": False},
    ]


# ---- what cannot be added -------------------------------------------------------


def test_different_points_possible_are_a_merge_error_that_names_the_item():
    with pytest.raises(qa.MergeError, match=r"points possible.*'q1' of quiz 'quiz'"):
        A + tally("xyz", points=3.0)


def test_different_keys_are_a_merge_error_that_names_the_item_and_both():
    said = "'q1' of quiz 'quiz' has the key 'A' in one tally and 'B' in another"
    for one, other in ((A, tally("xyz", key="B")), (tally("xyz", key="B"), A)):
        with pytest.raises(qa.MergeError, match=said):
            one + other


def keyed(*options, given="a", limit=12):
    """The tally of one answer to an item whose options are declared so."""
    rows = pa.table(
        {"student_id": ["ann"], "item_id": ["q"], "response": [given], "score": [1.0]}
    )
    listed = [{"id": o, "text": o, "correct": right} for o, right in options]
    items = pa.table({"item_id": ["q"], "options": pa.array([listed], OPTIONS)})
    return qa.Tally.of(qa.Responses.from_arrow(rows, items, max_options=limit))


@pytest.mark.parametrize(
    ("one", "other", "said"),
    [
        ([("a", True)], [("b", True)], "'a' in one tally and 'b'"),
        ([("a", True), ("b", True)], [("a", True), ("b", False)], "'a' .* 'a', 'b'"),
        ([("a", True), ("b", False)], [("a", True), ("c", True)], "'a' .* 'a', 'c'"),
        ([("a", True)], [("a", False)], "'a' in one tally and nothing"),
    ],
    ids=["apart", "a part", "one more", "none"],
)
def test_keys_must_be_equal_sets(one, other, said):
    for first, second in ((one, other), (other, one)):
        with pytest.raises(
            qa.MergeError, match=f"'q' of quiz 'quiz' has the key {said}"
        ):
            keyed(*first) + keyed(*second)


def test_equal_keys_agree_whatever_else_there_is_to_choose():
    both = keyed(("a", True), ("b", False)) + keyed(("c", False), ("a", True))
    table = qa.option_analysis(both)
    assert table.select(["option", "n", "correct", "key_inferred"]).to_pylist() == [
        {"option": "a", "n": 2, "correct": True, "key_inferred": False},
        {"option": "c", "n": 0, "correct": False, "key_inferred": False},
        {"option": "b", "n": 0, "correct": False, "key_inferred": False},
    ]


def test_a_declared_key_holds_for_answers_of_a_part_without_one():
    both = keyed(("a", True), ("b", False)) + keyed(("a", None), ("x", None), given="x")
    table = qa.option_analysis(both).select(["option", "correct", "key_inferred"])
    assert table.to_pylist() == [
        {"option": "a", "correct": True, "key_inferred": False},
        {"option": "b", "correct": False, "key_inferred": False},
        {"option": "x", "correct": False, "key_inferred": False},
    ]


def test_blanks_counted_in_different_ways_are_a_merge_error():
    omitting = qa.Tally.of(responses("xyz"), blank="omit")
    with pytest.raises(qa.MergeError, match="counts blanks as zero, the other as omit"):
        A + omitting


def test_a_merge_error_is_a_value_error_of_the_library():
    assert issubclass(qa.MergeError, qa.QuizAnalysisError)
    assert issubclass(qa.MergeError, ValueError)


@pytest.mark.parametrize("other", [1, None, "tally", [1]])
def test_a_tally_adds_to_nothing_else(other):
    with pytest.raises(TypeError):
        A + other
    assert other != A


def test_blank_is_zero_or_omit():
    with pytest.raises(ValueError, match="blank must be zero or omit"):
        qa.Tally.of(responses("ab"), blank="skip")


def test_a_tally_that_counted_its_attempts_and_blanks_says_so():
    with pytest.raises(ValueError, match="choose them before"):
        qa.item_analysis(A, attempt="first")
    with pytest.raises(ValueError, match="counts blanks as zero"):
        qa.item_analysis(A, blank="omit")
    with pytest.raises(TypeError, match="Responses or a Tally"):
        qa.item_analysis(A.to_arrow())


def test_sums_beyond_64_bits_are_a_merge_error_and_never_wrong():
    total = qa.Tally.of(qa.Responses.from_matrix([[1e6]] * 4_000))
    assert qa.summary(total)["mean"].to_pylist() == [1e6]
    with pytest.raises(qa.MergeError, match="64 bits"):
        total + total


# ---- on the way -----------------------------------------------------------------


@pytest.mark.parametrize(
    "made",
    [A, A + OTHER, qa.Tally.empty(), qa.Tally.of(responses("ab"), blank="omit")],
    ids=range(4),
)
def test_a_table_of_a_tally_gives_the_tally(made):
    assert qa.Tally.from_arrow(made.to_arrow()) == made
    assert qa.Tally.from_arrow(from_ipc(ipc(made.to_arrow()))) == made


def test_a_tally_survives_parquet(tmp_path):
    pq.write_table((A + OTHER).to_arrow(), tmp_path / "tally.parquet")
    back = qa.Tally.from_arrow(pq.read_table(tmp_path / "tally.parquet"))
    assert back == A + OTHER
    assert ipc(back.to_arrow()) == ipc((A + OTHER).to_arrow())
    assert back + B == A + OTHER + B


def test_quizzes_can_be_taken_out_of_the_table():
    table = (A + OTHER).to_arrow()
    only = table.filter(pa.compute.equal(table["quiz_id"], "quiz"))
    assert qa.Tally.from_arrow(only) == A


def test_tables_of_tallies_can_be_put_below_one_another():
    table = pa.concat_tables([OTHER.to_arrow(), A.to_arrow()])
    assert qa.Tally.from_arrow(table) == A + OTHER


def test_chunks_of_other_string_types_do():
    table = A.to_arrow()
    through = (
        pl.from_arrow(table).to_arrow().replace_schema_metadata(table.schema.metadata)
    )
    assert qa.Tally.from_arrow(through) == A


def test_one_row_stands_for_one_quiz():
    table = (A + OTHER).to_arrow()
    assert table["quiz_id"].to_pylist() == ["another quiz", "quiz"]
    assert table.schema.metadata[b"table"] == b"tally"
    assert table.schema.metadata[b"blank"] == b"zero"


FOREIGN = {
    "another table": pa.table({"a": [1]}),
    "a report": qa.item_analysis(A),
    "the tidy table": responses("ab").to_arrow(),
    "only its name": pa.table({"a": [1]}).replace_schema_metadata(
        {"table": "tally", "blank": "zero", "total": "items"}
    ),
    "another blank": A.to_arrow().replace_schema_metadata(
        {"table": "tally", "blank": "nil", "total": "items"}
    ),
    "no metadata": A.to_arrow().replace_schema_metadata(None),
    "a column less": A.to_arrow().drop_columns("totals"),
    "a column of another type": A.to_arrow().set_column(0, "totals", pa.array([1])),
}


@pytest.mark.parametrize("table", FOREIGN.values(), ids=FOREIGN)
def test_a_foreign_table_is_a_merge_error(table):
    with pytest.raises(qa.MergeError, match="not a tally"):
        qa.Tally.from_arrow(table)


@pytest.mark.parametrize(
    ("part", "field", "value"),
    [
        ("options", "item", 99),
        ("options", "item", -1),
        ("item_totals", "row", 99),
        ("item_totals", "item", None),
        ("option_totals", "option", 7),
        ("totals", "n", None),
        ("items", "item_id", None),
    ],
)
def test_a_damaged_table_is_a_merge_error(part, field, value):
    table = A.to_arrow()
    rows = table[part].to_pylist()
    rows[0][0] = rows[0][0] | {field: value}
    index = table.column_names.index(part)
    damaged = table.set_column(index, part, pa.array(rows, table[part].type))
    with pytest.raises(qa.MergeError, match="not a tally"):
        qa.Tally.from_arrow(damaged)


def test_a_quiz_without_its_counts_is_a_merge_error():
    table = A.to_arrow()
    index = table.column_names.index("items")
    damaged = table.set_column(index, "items", pa.nulls(1, table["items"].type))
    with pytest.raises(qa.MergeError, match="not a tally"):
        qa.Tally.from_arrow(damaged)


# ---- slices ---------------------------------------------------------------------


def test_slices_of_one_responses_in_any_order_give_the_same_bytes():
    whole = responses("abcdefghijk", answers="ABBAC")
    expected = ipc(qa.Tally.of(whole).to_arrow())
    for rows in (1, 2, 3, 7, 11, 50):
        batches = list(whole.batches(rows))
        for order in (batches, batches[::-1], batches[::2] + batches[1::2]):
            assert ipc(qa.Tally.of(order).to_arrow()) == expected


def test_the_order_of_submissions_and_quizzes_leaves_no_trace():
    a, b = responses("abc"), responses("xy", "b")
    one, other = qa.Responses.concat([a, b]), qa.Responses.concat([b, a])
    assert ipc(qa.Tally.of(one).to_arrow()) == ipc(qa.Tally.of(other).to_arrow())
    assert qa.Tally.of(one) == qa.Tally.of(a) + qa.Tally.of(b)


def test_the_order_of_rows_and_items_leaves_no_trace():
    whole = responses("abcdef")
    table = whole.to_arrow()
    turned = table.take(pa.array(range(len(table) - 1, -1, -1)))
    again = qa.Responses.from_arrow(turned, whole._declared())  # noqa: SLF001
    assert ipc(qa.Tally.of(again).to_arrow()) == ipc(qa.Tally.of(whole).to_arrow())


# ---- many quizzes ---------------------------------------------------------------


def test_a_thousand_quizzes_give_each_the_figures_of_its_own():
    n = 1_000
    frame = pd.DataFrame(
        {
            "quiz_id": [f"quiz {i}" for i in range(n) for _ in range(4)],
            "student_id": ["ann", "ann", "bob", "bob"] * n,
            "item_id": ["q1", "q2"] * 2 * n,
            "score": [1, 0, 1, 1] * n,
        }
    )
    both = qa.Responses.from_arrow(frame)
    for table in (
        qa.item_analysis(both),
        qa.item_analysis(qa.Tally.of(both.batches(300))),
    ):
        assert table.num_rows == 2 * n
        assert set(
            zip(table["item_id"].to_pylist(), table["mean"].to_pylist(), strict=True)
        ) == {("q1", 1.0), ("q2", 0.5)}
    assert set(qa.summary(both)["mean"].to_pylist()) == {1.5}


def test_tables_say_of_which_counts_they_were_made():
    data = qa.Responses.from_matrix([[1, 0, 1], [1, 1, 0], [0, 1, 0]])
    tally = qa.Tally.of(data)
    assert tally.digest == qa.Tally.of(data.batches(1)).digest
    assert tally.digest != qa.Tally.of(data, blank="omit").digest
    for of in (data, tally, qa.Tally.of(data.batches(2))):
        made = json.loads(qa.item_analysis(of).schema.metadata[b"made"])
        assert made["input_digest"] == tally.digest
