"""Responses: the same from every kind of table; what each cell means; filters."""

import dataclasses
import datetime as dt
import math
import re
from decimal import Decimal
from fractions import Fraction

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
import strategies
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis.schema import INPUTS

NAN = math.nan
OPTIONS = pa.list_(
    pa.struct([("id", pa.string()), ("text", pa.string()), ("correct", pa.bool_())])
)


class Stream:
    """An object that has ``__arrow_c_stream__`` and nothing else."""

    def __init__(self, table):
        self._table = table

    def __arrow_c_stream__(self, requested_schema=None):
        return self._table.__arrow_c_stream__(requested_schema)


def tidy(**columns):
    """Two students, two items; the columns given replace or are added."""
    whole = {
        "student_id": ["007", "007", "Null", "Null"],
        "item_id": ["q1", "q2", "q1", "q2"],
        "response": ["A", "B", None, "C"],
        "score": [1.0, 0.5, 0.0, None],
    }
    return pa.table(whole | columns)


def read(table=None, items=None, students=None, **options):
    """Responses of a tidy table."""
    table = tidy() if table is None else table
    return qa.Responses.from_arrow(table, items, students, **options)


def items_table(**columns):
    """The two items of `tidy`, with their options."""
    options = [
        [
            {"id": "A", "text": "yes", "correct": True},
            {"id": "B", "text": "no", "correct": False},
        ],
        None,
    ]
    whole = {
        "item_id": ["q1", "q2"],
        "position": [2, 1],
        "title": ["First", None],
        "item_type": ["choice", "choice"],
        "points_possible": [1, 2],
        "options": pa.array(options, OPTIONS),
    }
    return pa.table(whole | columns)


def rows(responses, *names):
    """Rows of the tidy table, as tuples of the columns named."""
    return [
        tuple(row[name] for name in names) for row in responses.to_arrow().to_pylist()
    ]


# ---- from every kind of table ---------------------------------------------------

FULL = {
    "quiz_id": ["quiz"] * 4,
    "student_id": ["007", "007", "Null", "Null"],
    "attempt": [1, 1, 2, 2],
    "item_id": ["q1", "q2", "q1", "q2"],
    "response": ["A", "é, b", None, ""],
    "score": [1.0, 0.5, 0.0, None],
    "status": ["graded", None, "not_attempted", "not_graded"],
    "submitted_at": [dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)] * 4,
    "elapsed_s": [90_061.5, None, None, 1.0],
    "recorded_score": [None, 2.0, None, None],
    "points_possible": [1, 2, 1, 2],
    "title": ["First", None, None, "Second"],
    "position": [1, 2, 1, 2],
}


def as_arrow(columns):
    return pa.table(columns)


def as_chunks(columns):
    table = pa.table(columns)
    return pa.concat_tables([table.slice(0, 1), table.slice(1, 0), table.slice(1, 3)])


def as_batches(columns):
    return pa.RecordBatchReader.from_batches(
        pa.table(columns).schema, pa.table(columns).to_batches(max_chunksize=3)
    )


def as_pandas(columns):
    return pd.DataFrame(columns)


def as_old_pandas(columns):
    return pd.DataFrame(columns, dtype=object).infer_objects()


def as_pandas_categories(columns):
    frame = pd.DataFrame(columns)
    for name in ("quiz_id", "student_id", "item_id", "response", "status", "title"):
        frame[name] = frame[name].astype("category")
    return frame


def as_pandas_arrow(columns):
    return pa.table(columns).to_pandas(types_mapper=pd.ArrowDtype)


def as_polars(columns):
    return pl.DataFrame(columns)


def as_polars_categories(columns):
    names = ["quiz_id", "student_id", "item_id", "response", "status", "title"]
    return pl.DataFrame(columns).with_columns(pl.col(names).cast(pl.Categorical))


def as_large(columns):
    table = pa.table(columns)
    return table.cast(
        pa.schema(
            [
                f.with_type(pa.large_string()) if pa.types.is_string(f.type) else f
                for f in table.schema
            ]
        )
    )


def as_text(columns):
    table = pa.table(columns)
    return pa.table({name: table[name].cast(pa.string()) for name in columns})


def as_stream(columns):
    return Stream(pa.table(columns))


FORMS = [
    as_chunks,
    as_batches,
    as_pandas,
    as_old_pandas,
    as_pandas_categories,
    as_pandas_arrow,
    as_polars,
    as_polars_categories,
    as_large,
    as_text,
    as_stream,
]


@pytest.mark.parametrize("form", FORMS)
def test_every_kind_of_table_gives_equal_responses(form):
    expected = read(as_arrow(FULL))
    got = read(form(FULL))
    assert got == expected
    assert got.digest == expected.digest
    assert got.options.equals(expected.options)


OTHERS = [f for f in FORMS if f not in (as_pandas_categories, as_polars_categories)]


@pytest.mark.parametrize("form", OTHERS)
def test_every_kind_of_table_does_for_items_and_students(form):
    items = {"item_id": ["q2", "q1"], "points_possible": [2, 1], "title": ["x", None]}
    students = {"student_id": ["Null", "007"], "name": ["N. Ull", "James"]}
    expected = read(tidy(), pa.table(items), pa.table(students))
    assert read(tidy(), form(items), form(students)) == expected


@pytest.mark.parametrize("form", [as_arrow, as_pandas, as_polars, as_chunks])
def test_lists_of_answers_are_the_same_from_everywhere(form):
    columns = {
        "student_id": ["a", "b", "c", "d"],
        "item_id": ["q"] * 4,
        "response": [["x", "y"], [], None, ["y"]],
        "score": [1.0, 0.0, 0.0, 0.5],
    }
    responses = read(form(columns))
    assert rows(responses, "response", "status") == [
        (["x", "y"], "graded"),
        ([], "not_attempted"),
        (None, "not_attempted"),
        (["y"], "graded"),
    ]
    assert responses.options.select(["option", "correct"]).to_pylist() == [
        {"option": "x", "correct": True},
        {"option": "y", "correct": True},
    ]


def test_a_dictionary_may_hold_texts_that_no_row_has_and_any_order():
    ids = pd.Categorical(["bob", "ann"], categories=["ann", "nobody", "bob"])
    frame = pd.DataFrame({"student_id": ids, "item_id": ["q", "q"], "score": [1, 0]})
    students = pd.DataFrame({"student_id": ids, "name": ["Bob B.", "Ann A."]})
    responses = read(frame, students=students)
    assert responses.students.select(["student_id", "name"]).to_pylist() == [
        {"student_id": "bob", "name": "Bob B."},
        {"student_id": "ann", "name": "Ann A."},
    ]


def test_a_dictionary_may_hold_a_text_twice():
    ids = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["ann", "ann"]))
    table = pa.table({"student_id": ids, "item_id": ["q1", "q2"], "score": [1, 1]})
    assert len(read(table)) == 1


def test_answers_that_only_the_dictionary_has_are_none():
    answers = pa.DictionaryArray.from_arrays(
        pa.array([None, None], pa.int8()), pa.array(["A"])
    )
    table = pa.table(
        {
            "student_id": ["a", "b"],
            "item_id": ["q", "q"],
            "score": [1, 0],
            "response": answers,
        }
    )
    assert qa.item_analysis(read(table))["n_blank"].to_pylist() == [2]
    assert qa.option_analysis(read(table)).num_rows == 0


def test_chunks_with_small_dictionaries_of_their_own_are_one_column():
    def part(start):
        names = [f"s{i}" for i in range(start, start + 100)]
        return (
            pa.array(names)
            .dictionary_encode()
            .cast(pa.dictionary(pa.int8(), pa.string()))
        )

    table = pa.table(
        {
            "student_id": pa.chunked_array([part(0), part(100), part(200)]),
            "item_id": ["q"] * 300,
            "score": [1] * 300,
        }
    )
    assert read(table).submissions["student_id"].to_pylist()[::100] == [
        "s0",
        "s100",
        "s200",
    ]


def test_runs_and_extension_types_are_what_they_hold():
    table = tidy(score=[1.0, 1.0, 0.0, 0.0])
    runs = {
        name: pa.compute.run_end_encode(table[name].combine_chunks())
        for name in ("student_id", "score")
    }
    words = pa.array(['"A"', "2", None, "2"])
    words = pa.ExtensionArray.from_storage(pa.json_(), words)
    got = read(tidy(**runs, response=words))
    assert got == read(table.set_column(2, "response", words.storage))


def test_ids_that_are_numbers_become_text():
    table = tidy(student_id=[7, 7, 8, 8], item_id=pa.array([1, 2, 1, 2], pa.uint8()))
    assert rows(read(table), "student_id", "item_id") == [
        ("7", "1"),
        ("7", "2"),
        ("8", "1"),
        ("8", "2"),
    ]


def test_ids_that_pandas_made_floats_are_whole_again():
    frame = pd.DataFrame(
        {"student_id": [7.0, 8.0], "item_id": ["q", "q"], "score": [1, 1]}
    )
    assert read(frame).submissions["student_id"].to_pylist() == ["7", "8"]


@pytest.mark.parametrize(
    "scores",
    [
        pa.array([1, 0, 1, 0], pa.int8()),
        pa.array([1, 0, 1, 0], pa.uint64()),
        pa.array([1, 0, 1, 0], pa.float32()),
        pa.array(np.array([1, 0, 1, 0], np.float16)),
        pa.array([Decimal(1), Decimal(0), Decimal("1.00"), Decimal(0)]),
        pa.array([Decimal(1), Decimal(0)] * 2, pa.decimal256(50, 20)),
        pa.array(["1", "0.0", "1e0", "-0"]),
        pa.array([1.0, 0.0, 1.0, 0.0]).dictionary_encode(),
        pa.array(["1", "0", "1", "0"]).dictionary_encode(),
    ],
    ids=lambda scores: str(scores.type),
)
def test_scores_may_be_any_numbers(scores):
    responses = read(tidy(score=scores, response=["A", "B", "A", "B"]))
    assert rows(responses, "score") == [(1.0,), (0.0,), (1.0,), (0.0,)]


def test_decimals_are_exact_to_a_billionth():
    tenth = [
        Decimal("0.1"),
        Decimal("0.2"),
        Decimal("0.333333333"),
        Decimal("0.0000000001"),
    ]
    responses = read(tidy(score=tenth))
    assert responses.cells.score.tolist() == [100_000_000, 200_000_000, 333_333_333, 0]


@pytest.mark.parametrize("missing", [None, NAN])
@pytest.mark.parametrize("library", [pd, pl])
def test_nan_and_null_scores_are_not_graded_yet(library, missing):
    frame = library.DataFrame(
        {"student_id": ["a", "b"], "item_id": ["q", "q"], "score": [1.0, missing]}
    )
    assert rows(read(frame), "score", "status") == [
        (1.0, "graded"),
        (None, "not_graded"),
    ]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pa.array([1_772_366_400_000_000], pa.timestamp("us")), "2026-03-01T12:00:00"),
        (pa.array([1_772_366_400], pa.timestamp("s")), "2026-03-01T12:00:00"),
        (
            pa.array([1_772_366_400_000_000_999], pa.timestamp("ns")),
            "2026-03-01T12:00:00",
        ),
        (
            pa.array([1_772_366_400], pa.timestamp("s", "America/New_York")),
            "2026-03-01T12:00:00",
        ),
        (pa.array([dt.date(2026, 3, 1)]), "2026-03-01T00:00:00"),
        (["2026-03-01"], "2026-03-01T00:00:00"),
        (["2026-03-01 12:00"], "2026-03-01T12:00:00"),
        (["2026-03-01T12:00:00"], "2026-03-01T12:00:00"),
        (["2026-03-01T12:00:00Z"], "2026-03-01T12:00:00"),
        (["2026-03-01 12:00:00 UTC"], "2026-03-01T12:00:00"),
        (["2026-03-01T14:00:00+02:00"], "2026-03-01T12:00:00"),
        (["2026-03-01T07:00:00-0500"], "2026-03-01T12:00:00"),
        (["2026-03-01T12:00:00.123456Z"], "2026-03-01T12:00:00.123456"),
        (["2026-03-01T12:00:00.1234567Z"], "2026-03-01T12:00:00.123456"),
        (["  2026-03-01T12:00:00Z "], "2026-03-01T12:00:00"),
        ([""], None),
        (pa.nulls(1), None),
    ],
    ids=range(17),
)
def test_times_are_read_as_utc(given, expected):
    table = pa.table(
        {"student_id": ["a"], "item_id": ["q"], "score": [1], "submitted_at": given}
    )
    (time,) = read(table).submissions["submitted_at"].to_pylist()
    assert (time and time.replace(tzinfo=None).isoformat()) == expected


@pytest.mark.parametrize("library", [pd, pl, pa])
def test_a_table_without_rows_holds_no_submission(library):
    make = library.table if library is pa else library.DataFrame
    responses = read(make({"student_id": [], "item_id": [], "score": []}))
    assert (len(responses), responses.items.num_rows) == (0, 0)
    assert responses.to_arrow().num_rows == 0
    assert qa.item_analysis(responses).num_rows == 0
    assert qa.summary(responses).num_rows == 0
    assert qa.student_analysis(responses).num_rows == 0


def test_items_that_nobody_answered_are_items_all_the_same():
    nothing = pa.table(
        {name: pa.array([], pa.string()) for name in ("student_id", "item_id", "score")}
    )
    responses = read(nothing, items_table())
    assert responses.items["item_id"].to_pylist() == ["q2", "q1"]
    assert qa.item_analysis(responses)["n"].to_pylist() == [0, 0]
    assert qa.summary(responses)["n_items"].to_pylist() == [2]


def test_the_quiz_has_a_name_where_the_table_gives_none():
    assert read().items["quiz_id"].unique().to_pylist() == ["quiz"]
    named = read(tidy(), items_table(), quiz_id="midterm")
    assert named.items["quiz_id"].unique().to_pylist() == ["midterm"]
    single = read(tidy(quiz_id=["final"] * 4), items_table())
    assert single.items["quiz_id"].unique().to_pylist() == ["final"]


def test_it_says_how_much_it_holds():
    assert repr(read()) == "<Responses: 2 submissions of 1 quiz, 2 items, 4 responses>"
    assert len(read()) == 2


# ---- what each cell means -------------------------------------------------------


def test_ids_and_names_that_look_like_something_else_stay_texts():
    students = pa.table(
        {
            "student_id": ["007", "Null", "NA", "nan"],
            "name": ["NA", "Null", "None", "0x1"],
        }
    )
    table = pa.table(
        {
            "student_id": ["007", "Null", "NA", "nan", "7"],
            "item_id": ["q"] * 5,
            "score": [1] * 5,
        }
    )
    responses = read(table, students=students)
    assert responses.submissions["student_id"].to_pylist() == [
        "007",
        "Null",
        "NA",
        "nan",
        "7",
    ]
    assert responses.students["name"].to_pylist() == ["NA", "Null", "None", "0x1", None]


def test_null_score_blank_not_shown_and_not_attempted_are_four_things():
    table = pa.table(
        {
            "student_id": ["a", "b", "c", "d", "e", "f", "g"],
            "item_id": ["q"] * 7,
            "response": ["A", "A", None, "", "", None, "A"],
            "score": [1.0, None, 0.0, 0.5, None, None, 0.0],
            "status": [None, None, None, None, "not_shown", "not_attempted", None],
        }
    )
    responses = read(table)
    figures = qa.item_analysis(responses).to_pylist()[0]
    assert rows(responses, "student_id", "score", "status") == [
        ("a", 1.0, "graded"),
        ("b", None, "not_graded"),
        ("c", 0.0, "not_attempted"),
        ("d", 0.5, "not_attempted"),
        ("e", None, "not_shown"),
        ("f", 0.0, "not_attempted"),
        ("g", 0.0, "graded"),
    ]
    counts = ("n", "n_blank", "n_not_graded", "n_not_shown")
    assert [figures[name] for name in counts] == [5, 3, 1, 1]
    assert figures["mean"] == 0.3


def test_a_status_overrides_what_score_and_response_say():
    table = pa.table(
        {
            "student_id": ["a", "b", "c", "d"],
            "item_id": ["q"] * 4,
            "response": ["A", "A", None, None],
            "score": [1.0, 1.0, None, 1.0],
            "status": ["not_graded", "Not Attempted", " NOT_SHOWN ", "graded"],
        }
    )
    assert rows(read(table), "student_id", "score", "status") == [
        ("a", None, "not_graded"),
        ("b", 1.0, "not_attempted"),
        ("c", None, "not_shown"),
        ("d", 1.0, "graded"),
    ]


def test_a_column_without_any_answer_is_all_blank():
    for absent in ([None] * 4, [""] * 4, pa.nulls(4)):
        table = tidy(response=absent, score=[1, 0, 0, 0])
        assert qa.item_analysis(read(table))["n_blank"].to_pylist() == [2, 2]


def test_without_a_column_of_answers_nothing_is_blank():
    table = tidy(score=[1, 0, 0, 0]).drop_columns("response")
    assert qa.item_analysis(read(table))["n_blank"].to_pylist() == [0, 0]


def test_points_possible_that_are_not_given_are_the_best_score_and_said_so():
    responses = read(tidy(points_possible=[None, 2, None, 2]))
    assert responses.items.select(
        ["points_possible", "points_inferred"]
    ).to_pylist() == [
        {"points_possible": 1.0, "points_inferred": True},
        {"points_possible": 2.0, "points_inferred": False},
    ]
    assert qa.item_analysis(responses)["points_inferred"].to_pylist() == [True, False]


def test_scores_below_zero_leave_the_inferred_points_at_zero():
    responses = read(tidy(score=[-1.0, -0.5, -2.0, None]))
    assert responses.items["points_possible"].to_pylist() == [0.0, 0.0]


def test_the_answers_that_earned_full_points_are_keyed_where_no_key_is_given():
    options = read(tidy(score=[1.0, 0.5, 0.0, 0.25])).options
    assert options.to_pylist() == [
        {
            "quiz_id": "quiz",
            "item_id": "q1",
            "option": "A",
            "text": "A",
            "correct": True,
            "key_inferred": True,
        },
        {
            "quiz_id": "quiz",
            "item_id": "q2",
            "option": "B",
            "text": "B",
            "correct": True,
            "key_inferred": True,
        },
        {
            "quiz_id": "quiz",
            "item_id": "q2",
            "option": "C",
            "text": "C",
            "correct": False,
            "key_inferred": True,
        },
    ]


def test_an_item_that_nobody_earned_anything_at_has_no_inferred_key():
    options = read(tidy(score=[0, 0, 0, 0])).options
    assert options["correct"].to_pylist() == [False, False, False]


@pytest.mark.parametrize(("limit", "n"), [(3, 0), (4, 4), (12, 4)])
def test_more_answers_than_the_limit_are_no_options(limit, n):
    table = pa.table(
        {
            "student_id": list("abcde"),
            "item_id": ["q"] * 5,
            "response": ["w", "x", "y", "z", "z"],
            "score": [1, 0, 0, 0, 0],
        }
    )
    assert read(table, max_options=limit).options.num_rows == n


@pytest.mark.parametrize("limit", [0, 1, 12])
def test_no_limit_drops_a_declared_option_or_an_answer_beside_them(limit):
    table = pa.table(
        {
            "student_id": list("abcde"),
            "item_id": ["q1"] * 5,
            "response": ["A", "no", "C", "D", "E"],
            "score": [1, 0, 0, 0, 0],
        }
    )
    options = qa.option_analysis(read(table, items_table(), max_options=limit))
    assert options.select(["option", "correct", "n"]).to_pylist() == [
        {"option": "A", "correct": True, "n": 1},
        {"option": "B", "correct": False, "n": 1},
        {"option": "C", "correct": False, "n": 1},
        {"option": "D", "correct": False, "n": 1},
        {"option": "E", "correct": False, "n": 1},
    ]


@pytest.mark.parametrize(
    "kind",
    [
        "essay",
        "essay_question",
        "file-upload",
        "file_upload_question",
        "text_only_question",
    ],
)
def test_essays_and_uploads_have_no_options(kind):
    responses = read(tidy(item_type=[kind, "choice", None, None]))
    assert responses.options["item_id"].unique().to_pylist() == ["q2"]


def test_answers_match_declared_options_by_id_or_by_text():
    table = pa.table(
        {
            "student_id": ["a", "b", "c", "d"],
            "item_id": ["q1"] * 4,
            "response": ["A", "yes", "no", "perhaps"],
            "score": [1, 1, 0, 0],
        }
    )
    options = qa.option_analysis(read(table, items_table()))
    assert options.select(["option", "text", "correct", "n"]).to_pylist() == [
        {"option": "A", "text": "yes", "correct": True, "n": 2},
        {"option": "B", "text": "no", "correct": False, "n": 1},
        {"option": "perhaps", "text": "perhaps", "correct": False, "n": 1},
    ]


def test_an_id_goes_before_a_text_that_reads_the_same():
    swapped = [
        [
            {"id": "A", "text": "B", "correct": True},
            {"id": "B", "text": "A", "correct": False},
        ]
    ]
    items = pa.table({"item_id": ["q1"], "options": pa.array(swapped, OPTIONS)})
    table = pa.table(
        {"student_id": ["a"], "item_id": ["q1"], "response": ["A"], "score": [1]}
    )
    assert qa.option_analysis(read(table, items))["n"].to_pylist() == [1, 0]


def test_options_may_lack_text_and_key():
    lists = pa.array([[{"id": 1}, {"id": 2}]])
    items = pa.table({"item_id": ["q1"], "options": lists})
    table = pa.table(
        {
            "student_id": ["a", "b"],
            "item_id": ["q1"] * 2,
            "response": ["1", "2"],
            "score": [1, 0],
        }
    )
    assert read(table, items).options.select(
        ["option", "text", "correct", "key_inferred"]
    ).to_pylist() == [
        {"option": "1", "text": "1", "correct": True, "key_inferred": True},
        {"option": "2", "text": "2", "correct": False, "key_inferred": True},
    ]


@pytest.mark.parametrize("library", [pd.DataFrame, pl.DataFrame], ids=["pd", "pl"])
@pytest.mark.parametrize(
    "option",
    [
        {"text": "yes", "correct": None},
        {"text": None, "correct": None},
        {"text": "yes"},
        {"correct": None},
        {},
    ],
    ids=str,
)
def test_options_without_a_text_or_a_key_come_from_every_library(library, option):
    options = [[{"id": name} | option for name in names] for names in ("AB", "ABC")]
    items = library({"item_id": ["q1", "q2"], "options": options})
    found = read(tidy(), items).options
    found = found.filter(pa.compute.equal(found["item_id"], "q1"))
    text = option.get("text")
    assert found.drop_columns(["quiz_id", "item_id"]).to_pylist() == [
        {
            "option": name,
            "text": text or name,
            "correct": name == "A",
            "key_inferred": True,
        }
        for name in "AB"
    ]


@pytest.mark.parametrize("options", [[[], []], [[], None], [None, None]])
def test_lists_without_any_option_declare_nothing(options):
    items = pd.DataFrame({"item_id": ["q1", "q2"], "options": options})
    assert read(tidy(), items).options.equals(read().options)


def test_a_key_that_is_not_a_number_is_none():
    options = [[{"id": name, "correct": NAN} for name in "AB"]] * 2
    items = pa.table({"item_id": ["q1", "q2"], "options": options})
    assert read(tidy(), items).options["key_inferred"].to_pylist() == [True] * 5


def test_a_list_with_the_same_answer_twice_chose_it_once():
    table = pa.table(
        {
            "student_id": ["a"],
            "item_id": ["q"],
            "response": [["x", "x", "", None]],
            "score": [1],
        }
    )
    responses = read(table)
    assert qa.option_analysis(responses).select(["option", "n"]).to_pylist() == [
        {"option": "x", "n": 1}
    ]


def test_quizzes_stay_in_the_order_in_which_they_come_and_items_go_by_position():
    table = pa.table(
        {
            "quiz_id": ["z", "a", "z", "a"],
            "student_id": ["s"] * 4,
            "item_id": ["i1", "i1", "i2", "i2"],
            "score": [1] * 4,
            "position": [2, None, 1, None],
        }
    )
    assert read(table).items.select(["quiz_id", "item_id"]).to_pylist() == [
        {"quiz_id": "z", "item_id": "i2"},
        {"quiz_id": "z", "item_id": "i1"},
        {"quiz_id": "a", "item_id": "i1"},
        {"quiz_id": "a", "item_id": "i2"},
    ]


def test_the_items_table_says_it_before_the_rows_and_the_rows_fill_its_gaps():
    table = tidy(title=["row", "row", None, None], item_type=["rowtype"] * 4)
    items = items_table(item_type=pa.array([None, "choice"]))
    assert read(table, items).items.select(
        ["item_id", "title", "item_type"]
    ).to_pylist() == [
        {"item_id": "q2", "title": "row", "item_type": "choice"},
        {"item_id": "q1", "title": "First", "item_type": "rowtype"},
    ]


# ---- there and back -------------------------------------------------------------


def test_the_tidy_table_gives_equal_responses_again():
    responses = read(pa.table(FULL))
    assert read(responses.to_arrow()) == responses
    assert read(responses.to_arrow()).digest == responses.digest


def test_the_tidy_table_has_the_declared_columns():
    table = read().to_arrow()
    assert table.column_names == [column.name for column in INPUTS["responses"]]


def test_submissions_without_responses_and_unseen_items_survive_the_round_trip():
    table = pa.table(
        {
            "student_id": ["absent", "ann", "ann", "late"],
            "item_id": ["q1", "q1", "q2", "q1"],
            "score": [None, 1.0, None, None],
            "status": ["not_shown", None, "not_shown", "not_shown"],
            "recorded_score": [3.0, None, None, None],
        }
    )
    responses = read(table)
    assert len(responses) == 3
    again = read(responses.to_arrow())
    assert again == responses
    assert again.digest == responses.digest
    assert qa.student_analysis(again)["score"].to_pylist() == [3.0, 1.0, None]


def test_items_and_their_options_survive_with_the_items_table():
    responses = read(tidy(), items_table())
    again = read(responses.to_arrow(), items_table())
    assert again == responses
    assert again.digest == responses.digest


def test_rows_in_any_order_hold_the_same_submissions():
    table = tidy()
    shuffled = table.take(pa.array([3, 0, 2, 1]))
    one = {
        row["student_id"]: row for row in qa.student_analysis(read(table)).to_pylist()
    }
    other = {
        row["student_id"]: row
        for row in qa.student_analysis(read(shuffled)).to_pylist()
    }
    assert one == other


def test_equal_content_has_an_equal_digest_and_a_changed_score_another():
    assert read().digest == read().digest
    assert len(read().digest) == len("sha256:") + 64
    for change in (
        {"score": [1.0, 0.500000001, 0.0, None]},
        {"score": [1.0, 0.5, None, None]},
        {"response": ["A", "B", "", "D"]},
        {"student_id": ["07", "07", "Null", "Null"]},
        {"attempt": [1, 1, 2, 2]},
        {"recorded_score": [1.0, 1.0, None, None]},
    ):
        assert read(tidy(**change)).digest != read().digest
        assert read(tidy(**change)) != read()


def test_another_key_has_another_digest():
    other = [
        [
            {"id": "A", "text": "yes", "correct": False},
            {"id": "B", "text": "no", "correct": True},
        ],
        None,
    ]
    one, two = (
        read(tidy(), items_table()),
        read(tidy(), items_table(options=pa.array(other, OPTIONS))),
    )
    assert one.digest != two.digest


def test_another_key_or_other_options_are_not_equal():
    def options(*named):
        return [[{"id": i, "text": t, "correct": c} for i, t, c in named], None]

    told = options(("A", "yes", True), ("B", "no", False))
    one = read(tidy(), items_table(options=pa.array(told, OPTIONS)))
    assert one == read(tidy(), items_table())
    for other in (
        options(("A", "yes", False), ("B", "no", True)),
        options(("A", "yes", None), ("B", "no", None)),
        options(("A", "yes", True), ("B", "nay", False)),
        options(("A", "yes", True)),
        options(("B", "no", False), ("A", "yes", True)),
    ):
        assert read(tidy(), items_table(options=pa.array(other, OPTIONS))) != one


def test_who_chose_what_is_part_of_what_is_equal():
    one = read(tidy(), items_table())
    choices = dataclasses.replace(
        one.choices, chosen_option=one.choices.chosen_option[::-1].copy()
    )
    assert dataclasses.replace(one, choices=choices) != one


def test_responses_are_equal_to_nothing_else_and_not_hashable():
    assert read() != "responses"
    with pytest.raises(TypeError, match="unhashable"):
        hash(read())


# ---- put together ---------------------------------------------------------------


def test_other_quizzes_are_put_side_by_side():
    both = qa.Responses.concat([read(quiz_id="a"), read(quiz_id="b")])
    assert both == read(pa.concat_tables([tidy(quiz_id=[q] * 4) for q in "ab"]))
    assert len(both) == 4


def test_more_submissions_of_one_quiz_are_inferred_again_from_all():
    one = read(
        pa.table(
            {"student_id": ["a"], "item_id": ["q"], "response": ["x"], "score": [1]}
        )
    )
    two = read(
        pa.table(
            {"student_id": ["b"], "item_id": ["q"], "response": ["y"], "score": [2]}
        )
    )
    both = qa.Responses.concat([one, two])
    assert both.items["points_possible"].to_pylist() == [2.0]
    assert both.options.select(["option", "correct"]).to_pylist() == [
        {"option": "x", "correct": False},
        {"option": "y", "correct": True},
    ]


def test_declared_options_and_students_are_kept():
    students = pa.table(
        {"student_id": ["007"], "name": ["James"], "section_names": [["A", "B"]]}
    )
    one = read(tidy(), items_table(), students)
    two = read(tidy(student_id=["x", "x", "y", "y"]), items_table())
    both = qa.Responses.concat([one, two])
    assert both.students["name"].to_pylist() == ["James", None, None, None]
    assert both.students["section_names"].to_pylist() == [["A", "B"], None, None, None]
    declared = both.options.filter(pa.compute.equal(both.options["item_id"], "q1"))
    assert declared["text"].to_pylist() == ["yes", "no"]


def test_a_key_that_only_a_later_part_declares_is_kept():
    one = read(tidy(student_id=["x", "x", "y", "y"]))
    for parts in (
        [one, read(tidy(), items_table())],
        [read(tidy(), items_table()), one],
    ):
        options = qa.Responses.concat(parts).options
        assert options.select(["option", "text", "key_inferred"]).to_pylist()[-2:] == [
            {"option": "A", "text": "yes", "key_inferred": False},
            {"option": "B", "text": "no", "key_inferred": False},
        ]


def test_texts_of_options_without_a_key_are_kept():
    lists = pa.array([[{"id": "A", "text": "yes"}, {"id": "B", "text": "no"}], None])
    one = read(tidy(), items_table(options=lists))
    two = read(tidy(student_id=["x", "x", "y", "y"]), items_table(options=lists))
    options = qa.Responses.concat([one, two]).options
    assert options.select(["option", "text", "correct"]).to_pylist()[-2:] == [
        {"option": "A", "text": "yes", "correct": True},
        {"option": "B", "text": "no", "correct": False},
    ]


def declaring(*named, students="xxyy", **columns):
    """Responses of `tidy` with these options of q1: id, text and whether keyed."""
    options = [[{"id": i, "text": t, "correct": c} for i, t, c in named], None]
    items = items_table(options=pa.array(options, OPTIONS))
    return read(tidy(student_id=list(students), **columns), items)


def options_of_q1(responses):
    """Option, text, whether keyed, and whether that was inferred."""
    table = responses.options
    table = table.filter(pa.compute.equal(table["item_id"], "q1"))
    return [tuple(row.values())[2:] for row in table.to_pylist()]


@pytest.mark.parametrize(
    ("named", "keys"),
    [
        ((("A", "yes", False), ("B", "no", True)), "'A' and 'B'"),
        ((("B", "no", True), ("C", "no", False)), "'A' and 'B'"),
        ((("C", "maybe", True),), "'A' and 'C'"),
        ((("A", "yes", True), ("B", "no", True)), "'A' and 'A', 'B'"),
        ((("B", "no", False),), "'A' and none"),
    ],
)
def test_two_keys_for_one_item_are_a_data_error(named, keys):
    one = read(tidy(), items_table())
    two = declaring(*named)
    with pytest.raises(qa.DataError, match=f"two keys for one item: {keys}") as e:
        qa.Responses.concat([one, two])
    assert [(p.table, p.column, p.value) for p in e.value.problems] == [
        ("items", "options", "q1")
    ]


def test_every_item_of_two_keys_is_named_with_the_quiz_where_there_are_several():
    def part(student, key):
        said = [[{"id": i, "text": i, "correct": i == key} for i in "AB"]]
        items = pa.table({"item_id": ["q"], "options": pa.array(said, OPTIONS)})
        return [
            read(
                pa.table({"student_id": [student], "item_id": ["q"], "score": [1]}),
                items,
                quiz_id=quiz,
            )
            for quiz in ("x", "y")
        ]

    with pytest.raises(qa.DataError) as e:
        qa.Responses.concat([*part("ann", "A"), *part("bob", "B")])
    assert [p.value for p in e.value.problems] == ["q of quiz x", "q of quiz y"]


def test_equal_keys_are_one_key_whatever_else_is_declared():
    one = declaring(("A", "yes", True), ("B", "no", False), students="ssuu")
    two = declaring(("C", "maybe", False), ("A", "yes", True))
    assert options_of_q1(qa.Responses.concat([one, two])) == [
        ("A", "yes", True, False),
        ("B", "no", False, False),
        ("C", "maybe", False, False),
    ]


def test_a_key_goes_to_the_options_of_the_part_that_has_none():
    one = declaring(("A", "yes", None), ("B", "no", None), students="ssuu")
    two = declaring(("A", "yes", False), ("B", "no", True))
    for parts in ([one, two], [two, one]):
        assert options_of_q1(qa.Responses.concat(parts)) == [
            ("A", "yes", False, False),
            ("B", "no", True, False),
        ]


def test_declared_options_that_read_like_their_ids_are_kept_in_their_order():
    named = [("Z", "Z", None), ("B", "B", None), ("A", "A", None)]
    one, two = declaring(*named, students="ssuu"), declaring(*named)
    expected = [(name, name, name == "A", True) for name in "ZBA"]
    both = qa.Responses.concat([one, two])
    assert options_of_q1(both) == expected
    more = qa.Responses.concat([both, read(quiz_id="other")])
    assert options_of_q1(more.where(quiz="quiz")) == expected


def test_parts_read_apart_are_together_what_the_whole_is():
    table = tidy(
        student_id=["ann", "ann", "bob", "bob"],
        item_id=["q1", "q2", "q1", "q2"],
        response=["A", "B", "C", "B"],
    )
    for items in (None, items_table()):
        parts = [read(table[:2], items), read(table[2:], items)]
        both, whole = qa.Responses.concat(parts), read(table, items)
        assert both == whole
        assert both.digest == whole.digest


@given(data=st.data())
def test_any_parts_read_apart_are_together_what_the_whole_is(data):
    found, about = data.draw(strategies.tidy())
    limit = data.draw(st.sampled_from([0, 2, 12]))
    of = {}
    for row in found:
        key = row["quiz_id"], row["student_id"], row["attempt"]
        # A part without any answer keeps no empty text; both are blank.
        of.setdefault(key, []).append(row | {"response": row["response"] or None})
    taken = list(of.values())
    cut = data.draw(st.integers(1, len(taken)))
    items = data.draw(st.sampled_from([strategies.items_table(about), None]))

    def part(several):
        table = strategies.responses_table([row for one in several for row in one])
        return read(table, items, max_options=limit)

    parts = [part(block) for block in (taken[:cut], taken[cut:]) if block]
    both, whole = qa.Responses.concat(parts), part(taken)
    assert both == whole
    assert both.choices.max_options == limit


def test_the_smallest_limit_of_the_parts_is_that_of_all():
    def part(student, answers, limit):
        n = len(answers)
        table = pa.table(
            {
                "student_id": [f"{student}{i}" for i in range(n)],
                "item_id": ["q"] * n,
                "response": list(answers),
                "score": [1] * n,
            }
        )
        return read(table, max_options=limit)

    assert part("a", "xy", 2).choices.max_options == 2
    both = qa.Responses.concat([part("a", "xy", 3), part("b", "yz", 5)])
    assert both.options["option"].to_pylist() == ["x", "y", "z"]
    assert both.choices.max_options == 3
    both = qa.Responses.concat([part("a", "xy", 2), part("b", "yz", 5)])
    assert both.options.num_rows == 0
    assert both.choices.max_options == 2
    kept = both.where(quiz="quiz").attempts("first")
    assert {batch.choices.max_options for batch in kept.batches(1)} == {2}
    assert kept.where(quiz=[]).choices.max_options == 2


def test_sections_of_a_student_are_the_union_over_the_parts():
    def part(quiz, **columns):
        whole = {"student_id": ["007", "Null"]}
        return read(tidy(), students=pa.table(whole | columns), quiz_id=quiz)

    both = qa.Responses.concat(
        [
            part("a", section_names=[["B", "A"], None], sis_id=[None, "n"]),
            part("b", section_names=[["A", "C"], ["D"]], name=["James", None]),
            part("c", name=["Jim", "Nell"], sis_id=["7", "x"], section_ids=[["1"], []]),
        ]
    )
    assert both.students.select(
        ["student_id", "name", "sis_id", "section_names", "section_ids"]
    ).to_pylist() == [
        {
            "student_id": "007",
            "name": "James",
            "sis_id": "7",
            "section_names": ["B", "A", "C"],
            "section_ids": ["1"],
        },
        {
            "student_id": "Null",
            "name": "Nell",
            "sis_id": "n",
            "section_names": ["D"],
            "section_ids": [],
        },
    ]
    assert both.students.schema == read().students.schema


def test_a_repeated_row_of_another_part_is_named_by_student_attempt_and_item():
    with pytest.raises(qa.DataError) as e:
        qa.Responses.concat([read(quiz_id="a"), read(tidy()), read(tidy())])
    assert [(p.row, p.value) for p in e.value.problems] == [
        (None, "student 007, attempt 1, item q1 of quiz quiz"),
        (None, "student 007, attempt 1, item q2 of quiz quiz"),
        (None, "student Null, attempt 1, item q1 of quiz quiz"),
        (None, "student Null, attempt 1, item q2 of quiz quiz"),
    ]


def test_answers_and_lists_of_answers_are_lists_together():
    one = read(
        pa.table(
            {"student_id": ["a"], "item_id": ["q"], "response": ["x"], "score": [1]}
        )
    )
    two = read(
        pa.table(
            {
                "student_id": ["b"],
                "item_id": ["q"],
                "response": [["y", "x"]],
                "score": [1],
            }
        )
    )
    assert rows(qa.Responses.concat([one, two]), "response") == [
        (["x"],),
        (["y", "x"],),
    ]


def test_what_was_left_out_is_added_up():
    one = read(quiz_id="a", exclusions=[("submissions", "test student", 2)])
    two = read(quiz_id="b", exclusions=[("submissions", "test student", 1)])
    left_out = qa.Responses.concat([one, two]).left_out
    assert left_out["n"].to_pylist() == [3]


def test_what_was_left_out_counts_once_however_it_is_cut():
    table = pa.table(
        {
            "student_id": [f"s{i // 2}" for i in range(10)],
            "attempt": [1, 2] * 5,
            "item_id": ["q"] * 10,
            "score": [1, 0] * 5,
        }
    )
    chosen = read(table, exclusions=[("submissions", "test student", 4)])
    chosen = chosen.attempts("last")
    blocks = list(chosen.batches(2))
    assert [block.left_out.num_rows for block in blocks] == [2, 0, 0]
    both = qa.Responses.concat(blocks)
    assert both.left_out.equals(chosen.left_out)
    assert accounts(both)["quiz"]["submissions"] == {
        "read": (10, False),
        "not the last attempt": (5, True),
        "analysed": (5, False),
    }


def test_the_same_reason_in_several_parts_is_one_row():
    parts = [
        read(
            tidy(student_id=[f"{name}{i}" for i in (1, 1, 2, 2)]),
            exclusions=[("submissions", "test student", n)],
        )
        for name, n in (("a", 2), ("b", 3))
    ]
    assert qa.Responses.concat(parts).left_out.to_pylist() == [
        {
            "quiz_id": None,
            "unit": "submissions",
            "reason": "test student",
            "n": 5,
            "left_out": True,
        }
    ]


@given(strategies.tidy(students=6, items=3), st.integers(1, 4), st.integers(1, 12))
def test_blocks_put_together_are_what_their_tallies_add_up_to(drawn, rows, limit):
    table, items = strategies.tables(*drawn)
    chosen = read(table, items, max_options=limit).attempts("last")
    both = qa.Responses.concat(chosen.batches(rows))
    tally = qa.Tally.of(chosen.batches(rows))
    for table_of in (qa.item_analysis, qa.option_analysis):
        assert table_of(both).to_pylist() == table_of(tally).to_pylist()
    assert both.left_out.equals(chosen.left_out)


def test_points_and_key_of_attempts_that_were_left_out_stay():
    table = pa.table(
        {
            "student_id": ["ann", "ann", "bob", "cat"],
            "attempt": [1, 2, 1, 1],
            "item_id": ["q"] * 4,
            "response": ["A", "B", "B", "C"],
            "score": [2, 1, 1, 0],
        }
    )
    both = qa.Responses.concat(read(table).attempts("last").batches(1))
    assert both.items["points_possible"].to_pylist() == [2.0]
    options = both.options.select(["option", "correct"]).to_pylist()
    assert [tuple(o.values()) for o in options] == [
        ("A", True),
        ("B", False),
        ("C", False),
    ]
    # Somebody who earned more in another part changes points and key.
    more = pa.table(
        {"student_id": ["dan"], "item_id": ["q"], "response": ["D"], "score": [3]}
    )
    both = qa.Responses.concat([*read(table).attempts("last").batches(1), read(more)])
    assert both.items["points_possible"].to_pylist() == [3.0]
    assert both.options["correct"].to_pylist() == [False, False, False, True]
    # With three options at most, D is one too many.
    few = read(table, max_options=3).attempts("last")
    assert qa.Responses.concat([few, read(more)]).options.num_rows == 0


@pytest.mark.parametrize("rows", [0, -1])
def test_blocks_of_no_rows_are_a_value_error(rows):
    with pytest.raises(ValueError, match="rows must be 1 or more"):
        read().batches(rows)


@pytest.mark.parametrize("parts", [3, [3], [None], read(), [read(), "x"]])
def test_parts_that_are_no_responses_are_a_type_error(parts):
    with pytest.raises(TypeError, match="Responses, not"):
        qa.Responses.concat(parts)


def test_any_iterable_of_parts_will_do():
    parts = [read(quiz_id="a"), read(quiz_id="b")]
    assert qa.Responses.concat(iter(parts)) == qa.Responses.concat(parts)


@pytest.mark.parametrize("name", ["quiz", "section"])
@pytest.mark.parametrize("value", [5, [5], b"a", ["a", None]])
def test_conditions_that_are_no_texts_are_a_type_error(name, value):
    with pytest.raises(TypeError, match=f"{name} must be text"):
        read().where(**{name: value})


def test_arguments_of_another_type_are_named():
    with pytest.raises(TypeError, match="max_options must be a whole number"):
        read(max_options="x")
    with pytest.raises(TypeError, match="tail must be a number"):
        qa.item_analysis(read(), tail="x")


def test_one_alone_is_itself_and_none_is_an_error():
    one = read()
    assert qa.Responses.concat([one]) is one
    with pytest.raises(ValueError, match="nothing to put together"):
        qa.Responses.concat([])


def test_the_same_submission_twice_or_other_points_are_a_data_error():
    with pytest.raises(qa.DataError, match="the same quiz, student, attempt and item"):
        qa.Responses.concat([read(), read()])
    other = tidy(student_id=list("ssuu"), points_possible=[9, 9, 9, 9])
    with pytest.raises(qa.DataError, match="two different points possible"):
        qa.Responses.concat([read(tidy(), items_table()), read(other)])


# ---- attempts and conditions ----------------------------------------------------


def attempts_table(scores, recorded=None):
    """One student, one item, an attempt for each score."""
    n = len(scores)
    return pa.table(
        {
            "student_id": ["ann"] * n,
            "item_id": ["q"] * n,
            "attempt": list(range(1, n + 1)),
            "score": scores,
            "recorded_score": pa.array(recorded or [None] * n, pa.float64()),
        }
    )


@pytest.mark.parametrize(
    ("scores", "first", "last", "best", "kept"),
    [
        ([1, 3, 2], 1, 3, 2, 2),
        ([3, 1, 3], 1, 3, 1, 3),
        ([3, 3, 1], 1, 3, 1, 1),
        ([1, 2, 3], 1, 3, 3, 3),
        ([0, 0, 0], 1, 3, 1, 3),
        ([5], 1, 1, 1, 1),
    ],
)
def test_each_word_keeps_its_attempt(scores, first, last, best, kept):
    responses = read(attempts_table(scores))
    for word, attempt in (
        ("first", first),
        ("last", last),
        ("best", best),
        ("kept", kept),
    ):
        chosen = responses.attempts(word)
        assert chosen.submissions["attempt"].to_pylist() == [attempt]
        assert rows(chosen, "score") == [(float(scores[attempt - 1]),)]
        assert sum(chosen.left_out["n"].to_pylist()) == len(scores) - 1
    assert responses.attempts("all") is responses


def test_the_recorded_score_decides_which_attempt_is_best():
    responses = read(attempts_table([1, 2, 3], [None, 9.0, None]))
    assert responses.attempts("best").submissions["attempt"].to_pylist() == [2]
    zero = read(attempts_table([-1, 2], [0.0, -5.0]))
    assert zero.attempts("best").submissions["attempt"].to_pylist() == [1]


@pytest.mark.parametrize(
    ("scores", "best", "kept"),
    [
        ([None, 0.0], 2, 2),
        ([0.0, None], 1, 1),
        ([-1.0, None], 1, 1),
        ([None, -1.0, None], 2, 2),
        ([None, None], 1, 2),
    ],
)
def test_an_attempt_without_a_score_loses_to_any_with_one(scores, best, kept):
    responses = read(attempts_table(scores))
    for word, attempt in (("best", best), ("kept", kept)):
        chosen = responses.attempts(word)
        assert chosen.submissions["attempt"].to_pylist() == [attempt], word


def test_a_recorded_score_is_a_score_though_nothing_is_graded():
    responses = read(attempts_table([None, -1.0], [-2.0, None]))
    assert responses.attempts("best").submissions["attempt"].to_pylist() == [2]
    responses = read(attempts_table([None, None], [None, -2.0]))
    assert responses.attempts("best").submissions["attempt"].to_pylist() == [2]


@pytest.mark.parametrize(
    ("scores", "best", "kept"),
    [
        ([0.999999, 1.0], 1, 2),
        ([0.999998999, 1.0], 2, 2),
        # Each ties with its neighbour, and so all do.
        ([0.999998, 1.0, 0.999999], 1, 3),
        ([0.999999, 1.0, 0.5], 1, 1),
        ([0.5, 0.999999, 1.0, 0.7], 2, 2),
    ],
)
def test_attempts_a_millionth_apart_are_equal(scores, best, kept):
    responses = read(attempts_table(scores))
    for word, attempt in (("best", best), ("kept", kept)):
        chosen = responses.attempts(word)
        assert chosen.submissions["attempt"].to_pylist() == [attempt], word


def test_three_thirds_are_as_good_as_one():
    table = pa.table(
        {
            "student_id": ["ann"] * 6,
            "item_id": ["a", "b", "c"] * 2,
            "attempt": [1, 1, 1, 2, 2, 2],
            "score": [1 / 3, 1 / 3, 1 / 3, 1, 0, 0],
        }
    )
    best = read(table).attempts("best")
    assert best.submissions["attempt"].to_pylist() == [1]


def test_attempts_are_chosen_for_each_quiz_and_student_apart():
    table = pa.table(
        {
            "quiz_id": ["a", "a", "b", "a"],
            "student_id": ["ann", "ann", "ann", "bob"],
            "item_id": ["q"] * 4,
            "attempt": ["2", "10", "1", "7"],
            "score": [1, 0, 1, 1],
        }
    )
    responses = read(table)
    last = responses.attempts("last")
    assert last.submissions["attempt"].to_pylist() == [10, 1, 7]
    assert last.left_out.to_pylist() == [
        {
            "quiz_id": "a",
            "unit": "submissions",
            "reason": "not the last attempt",
            "n": 1,
            "left_out": True,
        }
    ]
    assert responses.attempts("first").submissions["attempt"].to_pylist() == [2, 1, 7]


@pytest.mark.parametrize("word", ["latest", "", None, 1, ["last"]])
def test_another_word_is_a_value_error_that_names_the_five(word):
    with pytest.raises(ValueError, match="first, last, best, kept or all"):
        read().attempts(word)


def test_filters_leave_what_they_came_from_as_it_was():
    responses = read(attempts_table([1, 3, 2]))
    digest = responses.digest
    responses.attempts("best")
    responses.where(quiz=[], submitted_before=dt.datetime(2026, 1, 1, tzinfo=dt.UTC))
    assert (len(responses), responses.digest) == (3, digest)
    with pytest.raises(AttributeError):
        responses.items = None


def two_quizzes():
    """Quizzes a and b; ann in sections 1 and 2, bob in 2, cyd in none, dan unknown."""
    table = pa.table(
        {
            "quiz_id": ["a", "a", "a", "b", "b"],
            "student_id": ["ann", "bob", "cyd", "ann", "dan"],
            "item_id": ["q1", "q1", "q1", "q1", "q2"],
            "response": ["x", "y", "x", "z", None],
            "score": [1, 0, 1, 1, 0],
            "submitted_at": [
                "2026-01-01T10:00:00Z",
                "2026-01-01T12:00:00Z",
                None,
                "2026-01-02",
                "2026-01-03",
            ],
        }
    )
    students = pa.table(
        {
            "student_id": ["ann", "bob", "cyd"],
            "section_names": [["One", "Two"], ["Two"], None],
            "section_ids": [["1", "2"], ["2"], []],
            "section_sis_ids": pa.array([["S1"], None, None], pa.list_(pa.string())),
        }
    )
    return read(table, students=students)


@pytest.mark.parametrize(
    ("section", "students"),
    [
        ("One", ["ann", "ann"]),
        ("Two", ["ann", "bob", "ann"]),
        ("2", ["ann", "bob", "ann"]),
        ("S1", ["ann", "ann"]),
        (["One", "Two"], ["ann", "bob", "ann"]),
        ([], []),
    ],
)
def test_a_section_is_found_by_name_id_or_sis_id(section, students):
    chosen = two_quizzes().where(section=section)
    assert chosen.submissions["student_id"].to_pylist() == students
    assert sum(chosen.left_out["n"].to_pylist()) == 5 - len(students)


def test_sections_may_be_given_as_one_text():
    students = pa.table(
        {"student_id": ["007", "Null"], "section_names": ["Monday", None]}
    )
    responses = read(tidy(), students=students)
    assert responses.students["section_names"].to_pylist() == [["Monday"], None]
    assert len(responses.where(section="Monday")) == 1


def test_a_quiz_takes_its_items_and_options_with_it():
    chosen = two_quizzes().where(quiz="b")
    assert chosen.items.select(["quiz_id", "item_id"]).to_pylist() == [
        {"quiz_id": "b", "item_id": "q1"},
        {"quiz_id": "b", "item_id": "q2"},
    ]
    assert chosen.options["option"].to_pylist() == ["z"]
    assert chosen.left_out["n"].to_pylist() == [3]
    assert qa.option_analysis(chosen)["n"].to_pylist() == [1]


@pytest.mark.parametrize(
    ("conditions", "said"),
    [
        ({"quiz": "A"}, "no quiz 'A'; there are: 'a', 'b'"),
        ({"quiz": ("b", "a", "c")}, "no quiz 'c'; there are: 'a', 'b'"),
        ({"section": "two"}, "no section 'two'; there are: 'Two', 'One'"),
        ({"section": ["3", "One", "4"]}, "no section '3' or '4'; there are: 'One', "),
        ({"student": "cid"}, "no student 'cid'; there are: 'cyd', 'ann', 'bob', 'dan'"),
        ({"student": ["x", "y"]}, "no student 'x' or 'y'; there are: 'ann', "),
        ({"quiz": "a", "section": "three"}, "no section 'three'"),
    ],
)
def test_a_name_that_is_not_there_is_refused_and_the_others_are_listed(
    conditions, said
):
    with pytest.raises(ValueError, match=f"there is {re.escape(said)}"):
        two_quizzes().where(**conditions)


@pytest.mark.parametrize(
    ("conditions", "n"),
    [
        ({"quiz": "A"}, 0),
        ({"quiz": ["A", "b"]}, 2),
        ({"section": "two"}, 0),
        ({"section": ["3", "One"]}, 2),
        ({"student": ["x", "y"]}, 0),
    ],
)
def test_without_strict_a_name_that_is_not_there_chooses_nothing(conditions, n):
    assert len(two_quizzes().where(**conditions, strict=False)) == n


def test_of_a_list_of_students_one_must_be_there():
    assert len(two_quizzes().where(student=["nobody", "cyd"])) == 1
    assert len(two_quizzes().where(student=[])) == 0


def test_what_is_there_may_leave_nothing():
    chosen = two_quizzes().where(quiz="b", section="2", student="bob")
    assert len(chosen) == 0
    assert len(two_quizzes().where(section="One").where(section="Two")) == 2


def test_sections_without_names_are_listed_by_their_ids():
    students = {"student_id": ["007", "Null"], "section_ids": [["41"], ["42"]]}
    responses = read(tidy(), students=pa.table(students))
    with pytest.raises(ValueError, match="no section '43'; there are: '41', '42'"):
        responses.where(section="43")
    with pytest.raises(ValueError, match="no section 'A', nor any other"):
        read(tidy()).where(section="A")


def test_of_many_names_few_are_listed_and_similar_ones_first():
    many = pa.table(
        {
            "quiz_id": [f"week {i}" for i in range(40)] + ["Midterm"],
            "student_id": ["s"] * 41,
            "item_id": ["q"] * 41,
            "score": [1] * 41,
        }
    )
    with pytest.raises(
        ValueError, match=r"there are: 'Midterm', 'week 0', .* and 33 m"
    ):
        read(many).where(quiz="midterm")


@pytest.mark.parametrize("quiz", [["a", "b"], ("b", "a", "a"), {"a", "b"}])
def test_several_quizzes_may_be_named(quiz):
    assert two_quizzes().where(quiz=quiz) == two_quizzes()


def test_submitted_before_is_strict_and_leaves_out_what_has_no_time():
    noon = dt.datetime(2026, 1, 1, 12)  # noqa: DTZ001  without a zone it is UTC
    for limit in (
        noon,
        noon.replace(tzinfo=dt.UTC),
        dt.datetime(2026, 1, 1, 14, tzinfo=dt.timezone(dt.timedelta(hours=2))),
    ):
        chosen = two_quizzes().where(submitted_before=limit)
        assert chosen.submissions["student_id"].to_pylist() == ["ann"]
        assert chosen.left_out.to_pylist() == [
            {
                "quiz_id": "a",
                "unit": "submissions",
                "reason": "submitted later",
                "n": 2,
                "left_out": True,
            },
            {
                "quiz_id": "b",
                "unit": "submissions",
                "reason": "submitted later",
                "n": 2,
                "left_out": True,
            },
        ]


def test_conditions_are_met_all_together():
    chosen = two_quizzes().where(
        quiz="a",
        section="Two",
        submitted_before=dt.datetime(2026, 1, 1, 11, tzinfo=dt.UTC),
    )
    assert chosen.submissions["student_id"].to_pylist() == ["ann"]
    assert [row["n"] for row in chosen.left_out.to_pylist()] == [2, 1, 1]


def test_without_conditions_everything_stays():
    assert two_quizzes().where() == two_quizzes()


def test_batches_cut_the_submissions_into_blocks():
    responses = two_quizzes()
    sizes = [len(batch) for batch in responses.batches(2)]
    assert sizes == [2, 2, 1]
    whole = list(responses.batches(5))
    assert whole == [responses]
    assert list(read(tidy().slice(0, 0)).batches()) == []


# ---- what is accounted for ------------------------------------------------------


def accounts(responses, **options):
    """Exclusions as {quiz: {unit: {reason: (n, left out)}}}."""
    found = {}
    for row in qa.analyze(responses, **options).exclusions.to_pylist():
        reasons = found.setdefault(row["quiz_id"], {}).setdefault(row["unit"], {})
        assert row["reason"] not in reasons
        reasons[row["reason"]] = (row["n"], row["left_out"])
    return found


def check_sums(found):
    """What was read less what was left out is what was analysed, everywhere."""
    for quiz, units in found.items():
        if quiz is None:
            continue
        for unit in ("submissions", "responses"):
            out = sum(n for n, left_out in units[unit].values() if left_out)
            assert units[unit]["read"][0] - out == units[unit]["analysed"][0], (
                quiz,
                unit,
            )


@pytest.mark.parametrize("blank", ["zero", "omit"])
@pytest.mark.parametrize("attempt", ["first", "last", "best", "kept", "all"])
def test_what_was_read_less_what_was_left_out_is_what_was_analysed(attempt, blank):
    table = pa.table(
        {
            "quiz_id": list("aaaaabb"),
            "student_id": ["ann", "ann", "ann", "bob", "cyd", "ann", "ann"],
            "attempt": [1, 2, 3, 1, 1, 1, 2],
            "item_id": ["q"] * 7,
            "response": ["x", None, "x", "y", "z", "", None],
            "score": [1, 0, 2, None, 5, 0, None],
            "points_possible": [1] * 7,
        }
    )
    responses = read(table, exclusions=[("submissions", "test student", 4)])
    found = accounts(responses, attempt=attempt, blank=blank)
    check_sums(found)
    read_in = {quiz: found[quiz]["submissions"]["read"][0] for quiz in "ab"}
    assert read_in == {"a": 5, "b": 2}
    assert found[None] == {"submissions": {"test student": (4, True)}}


def test_scores_above_the_points_possible_are_counted_and_kept():
    table = tidy(score=[1.5, 2.0, 1.0, 2.1], points_possible=[1, 2, 1, 2])
    responses = read(table)
    found = accounts(responses)["quiz"]["responses"]
    assert found["more than the points possible"] == (2, False)
    assert found["analysed"] == (4, False)
    assert qa.item_analysis(responses)["max"].to_pylist() == [1.5, 2.1]


def test_what_was_inferred_is_counted():
    found = accounts(read())["quiz"]["items"]
    assert found == {
        "points possible taken from the best score": (2, False),
        "key taken from the answers with full points": (2, False),
    }
    assert (
        "items"
        not in accounts(
            read(tidy(response=[None] * 4, score=[1, 2, 1, 2]), items_table())
        )["quiz"]
    )


def test_students_of_the_table_who_handed_nothing_in_are_counted():
    students = pa.table({"student_id": ["007", "008", "009", "Null"]})
    responses = read(
        tidy(),
        students=students,
        exclusions=[("submissions", "test student", 1)],
    )
    assert responses.left_out.to_pylist() == [
        {
            "quiz_id": None,
            "unit": "submissions",
            "reason": "test student",
            "n": 1,
            "left_out": True,
        },
        {
            "quiz_id": None,
            "unit": "students",
            "reason": "no submission",
            "n": 2,
            "left_out": True,
        },
    ]
    found = accounts(responses)
    check_sums(found)
    assert found[None]["students"] == {"no submission": (2, True)}
    assert read(tidy(), students=students[::3]).left_out.num_rows == 0


def test_quizzes_left_out_as_a_whole_add_up_too():
    chosen = two_quizzes().where(quiz="b", section="Two")
    found = accounts(chosen)
    check_sums(found)
    assert found["a"]["submissions"] == {
        "read": (3, False),
        "other quiz": (3, True),
        "analysed": (0, False),
    }
    assert found["b"]["submissions"] == {
        "read": (2, False),
        "other section": (1, True),
        "analysed": (1, False),
    }


# ---- from arrays ----------------------------------------------------------------

SCORES = [[1, 0], [1, 1], [0, 1]]


@pytest.mark.parametrize(
    "scores",
    [
        SCORES,
        tuple(map(tuple, SCORES)),
        np.array(SCORES),
        np.array(SCORES, np.uint8),
        np.array(SCORES, np.int8),
        np.array(SCORES, bool),
        np.array(SCORES, np.float16),
        np.array(SCORES, np.longdouble),
        np.array(SCORES, ">f8"),
        np.array(SCORES, object),
        np.array(SCORES, bool).astype(object),
        np.array([[Decimal(x) for x in row] for row in SCORES], object),
        np.array(SCORES).T.copy().T,
        np.array(SCORES * 2)[:3],
    ],
    ids=range(14),
)
def test_scores_of_any_numbers_make_the_same_responses(scores):
    responses = qa.Responses.from_matrix(scores)
    assert rows(responses, "student_id", "item_id", "score") == [
        ("s1", "i1", 1.0),
        ("s1", "i2", 0.0),
        ("s2", "i1", 1.0),
        ("s2", "i2", 1.0),
        ("s3", "i1", 0.0),
        ("s3", "i2", 1.0),
    ]
    assert responses == qa.Responses.from_matrix(np.array(SCORES, float))


@pytest.mark.parametrize(
    "scores",
    [
        [[1, NAN], [NAN, 0]],
        [[1, None], [None, 0]],
        np.array([[1, None], [NAN, 0]], object),
        pd.DataFrame({"i1": [1, NAN], "i2": [None, 0]}),
        pd.DataFrame({"i1": [1, None], "i2": [None, 0]}, dtype="Int64"),
        pd.DataFrame({"i1": pd.array([1, None], "Int64"), "i2": [NAN, 0.0]}),
        pl.DataFrame({"i1": [1, None], "i2": [None, 0]}),
        pa.table({"i1": [1, None], "i2": [None, 0]}),
    ],
    ids=range(8),
)
def test_what_is_not_there_in_a_matrix_was_not_shown(scores):
    responses = qa.Responses.from_matrix(scores, 1)
    assert responses.cells.submission.tolist() == [0, 1]
    assert qa.item_analysis(responses).select(
        ["item_id", "n", "n_not_shown", "mean"]
    ).to_pylist() == [
        {"item_id": "i1", "n": 1, "n_not_shown": 1, "mean": 1.0},
        {"item_id": "i2", "n": 1, "n_not_shown": 1, "mean": 0.0},
    ]


@pytest.mark.parametrize(
    "make", [pd.DataFrame, pl.DataFrame, pa.table], ids=["pandas", "polars", "arrow"]
)
def test_a_data_frame_names_its_items(make):
    frame = make({"first": [1, 0], "second": [1, 1]})
    assert qa.Responses.from_matrix(frame).items["item_id"].to_pylist() == [
        "first",
        "second",
    ]
    answered = qa.Responses.from_answers(frame, [1, 1])
    assert answered.items["item_id"].to_pylist() == ["first", "second"]
    assert qa.Responses.from_matrix(frame, item_ids=["x", "y"]).items[
        "item_id"
    ].to_pylist() == ["x", "y"]


@pytest.mark.parametrize(
    "ids",
    [
        ["a", "b", "c"],
        np.array(["a", "b", "c"]),
        pd.Series(["a", "b", "c"]),
        pa.array(["a", "b", "c"]),
        ("a", "b", "c"),
    ],
    ids=range(5),
)
def test_students_may_be_named_by_any_sequence(ids):
    responses = qa.Responses.from_matrix(SCORES, student_ids=ids)
    assert responses.submissions["student_id"].to_pylist() == ["a", "b", "c"]


def test_students_may_be_named_by_numbers():
    responses = qa.Responses.from_matrix(SCORES, student_ids=np.array([7, 8, 9]))
    assert responses.submissions["student_id"].to_pylist() == ["7", "8", "9"]


def test_points_possible_are_one_for_all_or_one_for_each():
    assert qa.Responses.from_matrix(SCORES, 2).items["points_possible"].to_pylist() == [
        2.0,
        2.0,
    ]
    each = qa.Responses.from_matrix(SCORES, [2, NAN])
    assert each.items.select(["points_possible", "points_inferred"]).to_pylist() == [
        {"points_possible": 2.0, "points_inferred": False},
        {"points_possible": 1.0, "points_inferred": True},
    ]


def test_no_students_are_no_submissions():
    responses = qa.Responses.from_matrix(np.empty((0, 3)))
    assert (len(responses), responses.items.num_rows) == (0, 3)
    answered = qa.Responses.from_answers(np.empty((0, 1), object), ["A"])
    assert (len(answered), answered.options["option"].to_pylist()) == (0, ["A"])


@pytest.mark.parametrize(
    ("scores", "options", "said"),
    [
        ([1, 2, 3], {}, "1 dimensions"),
        (np.zeros((2, 2, 2)), {}, "3 dimensions"),
        (5, {}, "0 dimensions"),
        ([[1, 2], [3]], {}, "inhomogeneous"),
        ([[], []], {}, "no items"),
        ([["1", "0"]], {}, "values of type"),
        ([[1, "x"]], {}, "values of type"),
        (np.array([[1, "x"]], object), {}, "could not convert"),
        (np.array([[1, [2]]], object), {}, "scores"),
        (np.array([[1j]]), {}, "values of type complex128"),
        (np.array([["2026-01-01"]], "M8[D]"), {}, "values of type datetime64"),
        ([[math.inf, 1]], {}, "an infinite number"),
        ([[2e6, 1]], {}, "too large"),
        (SCORES, {"item_ids": ["a"]}, "1 ids for 2 items"),
        (SCORES, {"item_ids": ["a", "a"]}, "an item that is there twice"),
        (SCORES, {"item_ids": ["a", ""]}, "an id that is empty"),
        (SCORES, {"item_ids": ["a", 1]}, "item_ids"),
        (SCORES, {"student_ids": ["a", "b"]}, "2 ids for 3 students"),
        (
            SCORES,
            {"student_ids": ["a", "b", "a"]},
            "the same quiz, student, attempt and item",
        ),
        (SCORES, {"student_ids": ["a", "b", None]}, "an id that is empty"),
        (SCORES, {"student_ids": [["a"], ["b"], ["c"]]}, "student_ids"),
        (SCORES, {"points_possible": [1, 2, 3]}, r"shape \(3,\) for 2 items"),
        (SCORES, {"points_possible": "one"}, "points_possible"),
        (SCORES, {"points_possible": [[1], [1, 2]]}, "points_possible"),
        (SCORES, {"points_possible": [-1, 1]}, "negative points possible"),
        (SCORES, {"points_possible": [math.inf, 1]}, "an infinite number"),
    ],
    ids=range(26),
)
def test_a_matrix_that_does_not_fit_is_a_data_error(scores, options, said):
    with pytest.raises(qa.DataError, match=said):
        qa.Responses.from_matrix(scores, **options)


ANSWERS = [["A", "C"], ["B", None], ["A", "D"]]


@pytest.mark.parametrize(
    "answers",
    [
        ANSWERS,
        np.array(ANSWERS, object),
        np.array([["A", "C"], ["B", ""], ["A", "D"]]),
        pd.DataFrame(ANSWERS, columns=["i1", "i2"]),
        pd.DataFrame(ANSWERS, columns=["i1", "i2"], dtype="string"),
        pd.DataFrame(ANSWERS, columns=["i1", "i2"], dtype="category"),
        pl.DataFrame(ANSWERS, schema=["i1", "i2"], orient="row"),
    ],
    ids=range(7),
)
@pytest.mark.parametrize("right", [{"C", "D"}, frozenset("CD"), ["C", "D"], ("D", "C")])
def test_answers_are_scored_with_the_key(answers, right):
    responses = qa.Responses.from_answers(answers, ["A", right])
    assert rows(responses, "response", "score", "status") == [
        ("A", 1.0, "graded"),
        ("C", 1.0, "graded"),
        ("B", 0.0, "graded"),
        (None, 0.0, "not_attempted"),
        ("A", 1.0, "graded"),
        ("D", 1.0, "graded"),
    ]
    assert responses.options.select(["item_id", "option", "correct"]).to_pylist() == [
        {"item_id": "i1", "option": "A", "correct": True},
        {"item_id": "i1", "option": "B", "correct": False},
        {"item_id": "i2", "option": "C", "correct": True},
        {"item_id": "i2", "option": "D", "correct": True},
    ]


@pytest.mark.parametrize(
    ("answers", "key"),
    [
        ([[1], [2], [0]], [1]),
        (np.array([[1], [2], [0]], np.uint8), [1]),
        (np.array([[1.0], [2.0], [0.0]]), [1]),
        (np.array([[1], [2], [0]]), [1.0]),
        (np.array([[1], [2], [0]]), np.array([1.0])),
        (np.array([["1"], ["2"], ["0"]]), [1]),
        ([[1], ["2"], [0]], ["1"]),
        (np.array([[1], ["2"], [0.0]], object), [{1}]),
        (np.array([[1.0], [2.0], [0]], object), ["1"]),
    ],
    ids=range(9),
)
def test_small_integers_are_choices_however_they_are_written(answers, key):
    responses = qa.Responses.from_answers(answers, key)
    assert rows(responses, "response", "score") == [("1", 1.0), ("2", 0.0), ("0", 0.0)]


def test_numbers_with_and_without_fractions_are_choices_side_by_side():
    responses = qa.Responses.from_answers([[1.0], [1.5], [NAN]], [1])
    assert rows(responses, "response", "score") == [
        ("1", 1.0),
        ("1.5", 0.0),
        (None, 0.0),
    ]


def test_an_answer_earns_all_points_or_none():
    responses = qa.Responses.from_answers(ANSWERS, ["A", "C"], [2, 0.5])
    assert rows(responses, "score") == [(2.0,), (0.5,), (0.0,), (0.0,), (2.0,), (0.0,)]


def test_a_key_that_nobody_chose_is_an_option_too():
    responses = qa.Responses.from_answers([["A"], ["B"]], ["Z"])
    assert qa.option_analysis(responses).select(
        ["option", "n", "correct"]
    ).to_pylist() == [
        {"option": "A", "n": 1, "correct": False},
        {"option": "B", "n": 1, "correct": False},
        {"option": "Z", "n": 0, "correct": True},
    ]


@pytest.mark.parametrize(
    ("answers", "key", "options", "said"),
    [
        (["A"], ["A"], {}, "1 dimensions"),
        ([["A"], ["A", "B"]], ["A"], {}, "inhomogeneous"),
        (ANSWERS, ["A"], {}, "1 entries for 2 items"),
        (ANSWERS, ["A", None], {}, "entry 1 is empty"),
        (ANSWERS, ["A", ""], {}, "entry 1 is empty"),
        (ANSWERS, ["A", set()], {}, "entry 1 is empty"),
        (ANSWERS, ["A", NAN], {}, "entry 1 is empty"),
        (ANSWERS, ["A", pd.NA], {}, "entry 1 is empty"),
        (
            np.array([[{"a": 1}], ["A"]], object),
            ["A"],
            {},
            "one text or number in each cell",
        ),
        (ANSWERS, ["A", "B"], {"points_possible": [1, NAN]}, "points_possible"),
        (ANSWERS, ["A", "B"], {"points_possible": [1, 2, 3]}, "points_possible"),
        (ANSWERS, ["A", "B"], {"points_possible": -1}, "negative points possible"),
        (ANSWERS, ["A", "B"], {"item_ids": ["x"]}, "1 ids for 2 items"),
        (ANSWERS, ["A", "B"], {"student_ids": ["x"]}, "1 ids for 3 students"),
    ],
    ids=range(14),
)
def test_answers_that_do_not_fit_are_a_data_error(answers, key, options, said):
    with pytest.raises(qa.DataError, match=said):
        qa.Responses.from_answers(answers, key, **options)


# ---- both reports reconcile -----------------------------------------------------


def exact(value):
    """What a float prints as, exactly."""
    return Fraction(repr(value))


def test_each_students_score_is_the_sum_of_the_item_scores_shown():
    scores = [[0.1, 0.2, 0.3], [1 / 3, 1 / 3, 1 / 3], [0.7, NAN, 0.1], [-0.25, 2, 0]]
    table = qa.student_analysis(qa.Responses.from_matrix(scores), items=True)
    for row in table.to_pylist():
        shown = [row[f"i{j} score"] for j in (1, 2, 3)]
        assert exact(row["score"]) == sum(exact(s) for s in shown if s is not None)
        assert row["score"] == row["items_score"]
    assert table["score"].to_pylist() == [0.6, 0.999999999, 0.8, 1.75]


def test_a_recorded_score_is_shown_as_it_was_recorded():
    table = read(tidy(recorded_score=[9.5, None, None, None]))
    assert qa.student_analysis(table).select(["score", "items_score"]).to_pylist() == [
        {"score": 9.5, "items_score": 1.5},
        {"score": 0.0, "items_score": 0.0},
    ]


def test_the_sum_over_students_is_the_sum_over_items_exactly():
    rng = np.random.default_rng(7)
    scores = np.round(rng.random((60, 7)) * 3, 9)
    responses = qa.Responses.from_matrix(scores)
    students = sum(map(exact, qa.student_analysis(responses)["score"].to_pylist()))
    by_item = np.zeros(7, np.int64)
    np.add.at(by_item, responses.cells.item, responses.cells.score)
    given = sum(exact(float(x)) for x in scores.ravel())
    assert students == Fraction(int(by_item.sum()), 10**9) == given
    means = [float(Fraction(int(total), 60 * 10**9)) for total in by_item]
    assert qa.item_analysis(responses)["mean"].to_pylist() == pytest.approx(
        means, 1e-15
    )
    assert qa.summary(responses)["mean"][0].as_py() == pytest.approx(
        float(given / 60), 1e-15
    )


def test_a_masked_score_was_not_shown_and_a_masked_answer_is_blank():
    scores = np.ma.masked_array([[1, 0], [1, 1]], mask=[[0, 0], [0, 1]])
    shown = qa.Responses.from_matrix(scores).to_arrow()
    assert shown["score"].to_pylist() == [1.0, 0.0, 1.0]
    answers = np.ma.masked_array([["A", "B"]], mask=[[0, 1]])
    given = qa.Responses.from_answers(answers, ["A", "B"]).to_arrow()
    assert given["response"].to_pylist() == ["A", None]
    assert given["status"].to_pylist() == ["graded", "not_attempted"]


@pytest.mark.parametrize(
    ("answers", "key", "scores"),
    [
        ([["B", "A"], [NAN, "B"]], ["B", "A"], [1, 1, 0, 0]),
        ([[1, "A"], [np.nan, "B"]], [1, "A"], [1, 1, 0, 0]),
        ([[1.0, "A"], [2.0, "B"]], [1, "A"], [1, 1, 0, 0]),
        (([1.0, None], (2, "B")), ["1", "B"], [1, 0, 0, 1]),
    ],
)
def test_numbers_and_nan_in_lists_stay_what_they_are(answers, key, scores):
    given = qa.Responses.from_answers(answers, key).to_arrow()
    assert given["score"].to_pylist() == scores
    flat = [cell for row in answers for cell in row]
    blank = [cell is None or cell != cell for cell in flat]  # noqa: PLR0124
    assert [s == "not_attempted" for s in given["status"].to_pylist()] == blank
    assert not {"nan", "1.0", "2.0"} & {*given["response"].to_pylist()}


def test_a_key_with_labels_goes_by_them():
    frame = pd.DataFrame({"q1": ["A", "B"], "q2": ["B", "B"]})
    key = pd.Series({"q2": "B", "q1": "A"})

    def scores(answers, key, **options):
        responses = qa.Responses.from_answers(answers, key, **options)
        return [score for (score,) in rows(responses, "score")]

    assert scores(frame, key) == [1, 1, 0, 1]
    assert scores(frame.to_numpy(), key, item_ids=["q1", "q2"]) == [1, 1, 0, 1]
    assert scores(frame, pd.Series(["A", "B"])) == [1, 1, 0, 1]
    for labels in (["q1", "q3"], ["q1", "q1"]):
        with pytest.raises(qa.DataError, match="key: no entry for 'q2'"):
            scores(frame, pd.Series(["A", "B"], labels))


@pytest.mark.parametrize(
    ("answers", "key", "options"),
    [
        ([[b"A"]], ["A"], {}),
        (np.array([[b"A"]]), ["A"], {}),
        ([["A"]], [b"A"], {}),
        (pd.DataFrame({"A": ["A"]}), pd.DataFrame({"A": ["A"]}), {}),
        (pl.DataFrame({"A": ["A"]}), pl.DataFrame({"A": ["A"]}), {}),
        ([["A"]], pa.table({"A": ["A"]}), {}),
        ([["A"]], np.array([["A"]]), {}),
        ([["A", "B"]], {"A", "B"}, {}),
        ([["\ud800"]], ["A"], {}),
        ([["A"]], ["\ud800"], {}),
        ([["A"]], ["A"], {"item_ids": ["\ud800"]}),
        ([["A"]], ["A"], {"student_ids": ["\ud800"]}),
    ],
)
def test_answers_and_keys_that_cannot_be_meant_are_refused(answers, key, options):
    with pytest.raises(qa.DataError):
        qa.Responses.from_answers(answers, key, **options)


def test_what_is_held_cannot_be_changed():
    held = read(tidy(), items_table())
    for whole in (held, *held.batches(1), held.attempts("last").where(quiz="quiz")):
        for part in (whole.cells, whole.choices):
            for field in dataclasses.fields(part):
                value = getattr(part, field.name)
                if isinstance(value, np.ndarray):
                    assert not value.flags.writeable, field.name


def test_empty_texts_are_null():
    table = tidy(response=["A", "", None, "C"], title=["", "b", "", "b"])
    coded = table.set_column(
        2, "response", pc.dictionary_encode(table["response"].combine_chunks())
    )
    for one in (table, coded):
        given = read(one)
        assert [r for (r,) in rows(given, "response")] == ["A", None, None, "C"]
        assert given.items["title"].to_pylist() == [None, "b"]
        assert read(given.to_arrow()) == given


def test_whole_float_ids_are_written_as_integers():
    ids = [12345678901.0, 2.0**53, -0.0, 7.0]
    table = pa.table({"student_id": ids, "item_id": [1e10] * 4, "score": [1] * 4})
    given = read(table)
    said = given.submissions["student_id"].to_pylist()
    assert said == ["12345678901", "9007199254740992", "0", "7"]
    assert given.items["item_id"].to_pylist() == ["10000000000"]


def test_a_score_may_be_a_boolean():
    scores = rows(read(tidy(score=[True, False, None, True])), "score")
    assert scores == [(1.0,), (0.0,), (None,), (1.0,)]


def test_lists_of_categories_are_lists_of_texts():
    table = pl.DataFrame(
        {
            "student_id": ["a", "b", "c"],
            "item_id": ["q"] * 3,
            "response": pl.Series([["x", "y"], None, ["y"]]).cast(
                pl.List(pl.Categorical)
            ),
            "score": [1, 0, 1],
        }
    )
    assert rows(read(table), "response") == [(["x", "y"],), (None,), (["y"],)]


@pytest.mark.parametrize("nothing", [None, ""])
def test_blank_is_what_has_no_text_whatever_others_answered(nothing):
    def states(response, **columns):
        table = tidy(response=response, score=[1, 0, 0, None], **columns)
        return [state for (state,) in rows(read(table), "status")]

    blanks = ["not_attempted"] * 3 + ["not_graded"]
    assert states([nothing] * 4) == blanks
    assert states([nothing] * 3 + ["A"]) == blanks
    assert states([nothing] * 4, status=["graded", None, None, None]) == [
        "graded",
        *blanks[1:],
    ]
    given = read(tidy(response=[nothing] * 4))
    assert given.cells.response is None
    assert read(given.to_arrow()) == given


def test_scores_without_answers_stay_answered_on_every_way_back():
    matrix = qa.Responses.from_matrix([[1, 0], [0, NAN]], 1)
    assert read(matrix.to_arrow()).to_arrow().equals(matrix.to_arrow())
    parts = list(matrix.batches(1))
    both = qa.Responses.concat([*parts, read(quiz_id="with answers")])
    assert rows(both.where(quiz="quiz"), "status") == rows(matrix, "status")
