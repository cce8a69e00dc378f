"""Tidy rows: their order, their types and their gaps leave no trace in the counts."""

from itertools import pairwise

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

import quizanalysis as qa
from quizanalysis._intake.numbering import (
    combined,
    is_ascending,
    ordered,
    places,
    ranks,
    ranks_in_rounds,
    repeats,
    run_starts,
)

NUMBER, POINTS = pa.int64(), pa.float64()
SMALL = st.integers(-3, 3)
WIDE = st.one_of(SMALL, st.integers(-(2**40), 2**40))
SCORES = {
    "right or wrong": [0.0, 1.0],
    "quarters": [0.0, 0.25, 0.5, 1.0],
    "so many": [i / 16 for i in range(17)],
    "thirds": [0.0, 1 / 3, 2 / 3, 1.0],
    "negative": [-0.5, 0.0, 1.0],
}


def keys(values, most=60):
    """One or two columns of keys, and as many rows in each."""
    row = st.tuples(values, values)
    return st.lists(row, min_size=1, max_size=most).map(
        lambda rows: [np.array(column) for column in zip(*rows, strict=True)]
    )


# ---- numbers of rows ------------------------------------------------------------


@given(keys(st.one_of(SMALL, WIDE)))
def test_ranks_number_keys_by_first_appearance(columns):
    number, first = ranks(*columns)
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    distinct = list(dict.fromkeys(rows))
    assert number.tolist() == [distinct.index(row) for row in rows]
    assert first.tolist() == [rows.index(row) for row in distinct]


@given(st.data(), st.integers(1, 4), st.integers(1, 8))
def test_ranks_of_rounds_are_those_of_the_rows(data, width, rounds):
    kinds = data.draw(
        st.lists(
            st.lists(SMALL, min_size=width, max_size=width), min_size=1, max_size=3
        )
    )
    chosen = data.draw(
        st.lists(st.sampled_from(kinds), min_size=rounds, max_size=rounds)
    )
    key = np.array(chosen).ravel()
    quiz = np.repeat(np.sort(data.draw(st.permutations(range(rounds)))) // 2, width)
    starts = np.arange(0, len(key), width)
    for at in (starts, starts[:1], np.arange(len(key))):
        for found, expected in zip(
            ranks_in_rounds(at, quiz, key), ranks(quiz, key), strict=True
        ):
            assert found.tolist() == expected.tolist()


@given(keys(WIDE))
def test_one_number_for_several_keys_keeps_their_order(columns):
    number, size = combined(columns)
    assert number.min() >= 0
    assert number.max() < size
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    pairs = sorted(zip(number.tolist(), rows, strict=True))
    assert [row for _, row in pairs] == sorted(rows)
    assert len(set(number.tolist())) == len(set(rows))


def test_numbers_too_wide_for_64_bits_are_ranked_first():
    wide = np.array([0, 2**61 + 1, 5, 2**61 + 1])
    number, _ = combined([wide, wide[::-1]])
    assert np.argsort(number, kind="stable").tolist() == [0, 2, 3, 1]


@given(keys(WIDE))
def test_order_is_that_of_a_stable_sort(columns):
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    expected = sorted(range(len(rows)), key=rows.__getitem__)
    order = ordered(*columns)
    assert (list(range(len(rows))) if order is None else order.tolist()) == expected
    assert (order is None) == is_ascending(*columns)
    assert is_ascending(*columns, strictly=True) == all(
        a < b for a, b in pairwise(rows)
    )
    assert places(order, len(rows))[expected].tolist() == list(range(len(rows)))


@given(keys(SMALL))
def test_runs_start_where_any_key_changes(columns):
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    expected = [i for i, row in enumerate(rows) if i == 0 or row != rows[i - 1]]
    assert run_starts(*columns).tolist() == expected


@given(keys(st.integers(0, 3)))
def test_repeats_are_all_rows_but_the_first_of_each_kind(columns):
    rows = list(zip(*(column.tolist() for column in columns), strict=True))
    left = list(rows)
    for row in set(rows):
        left.remove(row)
    found = repeats(*columns, 4)
    assert sorted(zip(*(f.tolist() for f in found), strict=True)) == sorted(left)


@pytest.mark.parametrize("n", [2**16, 2**16 + 1, 2**17 + 3])
def test_what_is_compared_in_blocks_is_compared_across_their_borders(n):
    key = np.arange(n)
    assert is_ascending(key, strictly=True)
    assert run_starts(key).tolist() == key.tolist()
    last = min(n - 1, 2**16)
    key[last] = key[last - 1]
    assert is_ascending(key)
    assert not is_ascending(key, strictly=True)
    assert len(run_starts(key)) == n - 1
    key[last] -= 1
    assert not is_ascending(key)


# ---- tallies --------------------------------------------------------------------


@st.composite
def tidy(draw):
    """Rows of one or two quizzes as columns, quiz by quiz and student by student."""
    scores = SCORES[draw(st.sampled_from(sorted(SCORES)))]
    cell = st.sampled_from([*scores, *scores, *draw(st.sampled_from([[], [None]]))])
    gaps = draw(st.sampled_from([0, 0, 3]))
    rows = []
    for quiz in range(draw(st.integers(1, 2))):
        k, n = draw(st.integers(1, 5)), draw(st.integers(1, 8))
        for student in range(n):
            rows += [
                (10 + quiz, 100 + student, 7 + 3 * item, draw(cell))
                for item in range(k)
                if not (gaps and draw(st.integers(0, gaps)) == 0)
            ]
    rows = rows or [(10, 100, 7, 1.0)]
    return [list(column) for column in zip(*rows, strict=True)]


def table(columns, kind=NUMBER, score=POINTS):
    """The rows, with ids of this type."""
    names = ("quiz_id", "student_id", "item_id")
    texts = pa.types.is_string(kind) or pa.types.is_dictionary(kind)
    made = {
        name: pa.array([str(v) if texts else v for v in values]).cast(kind)
        for name, values in zip(names, columns[:3], strict=True)
    }
    return pa.table(made | {"score": pa.array(columns[3], pa.float64()).cast(score)})


def tallied(rows):
    """The bytes of the tally of tidy rows."""
    sink = pa.BufferOutputStream()
    counted = qa.Tally.of(qa.Responses.from_arrow(rows)).to_arrow()
    with pa.ipc.new_stream(sink, counted.schema) as stream:
        stream.write_table(counted)
    return sink.getvalue().to_pybytes()


@given(tidy(), st.randoms(use_true_random=False))
def test_rows_in_any_order_give_the_same_bytes(columns, random):
    rows = table(columns)
    order = list(range(len(rows)))
    random.shuffle(order)
    assert tallied(rows.take(pa.array(order))) == tallied(rows)
    assert tallied(rows.sort_by("item_id")) == tallied(rows)


@given(tidy(), st.integers(1, 5))
def test_ids_of_any_type_give_the_same_bytes(columns, size):
    expected = tallied(table(columns, pa.string()))
    rows = table(columns)
    kinds = [pa.int8(), pa.uint8(), pa.int32(), pa.uint64(), pa.int64()]
    kinds += [pa.dictionary(kind, pa.string()) for kind in (pa.int8(), pa.int64())]
    for kind in kinds:
        assert tallied(table(columns, kind)) == expected
    chunks = [rows.slice(at, size) for at in range(0, len(rows), size)]
    coded = [
        pa.table(
            [c.dictionary_encode() if i < 3 else c for i, c in enumerate(part.columns)],
            rows.column_names,
        )
        for part in (one.cast(table(columns, pa.string()).schema) for one in chunks)
    ]
    assert tallied(pa.concat_tables(coded)) == expected
    assert tallied(pa.concat_tables(chunks)) == expected


@given(tidy())
def test_a_dictionary_may_hold_what_no_row_has_and_a_text_twice(columns):
    rows = table(columns)
    for name in ("quiz_id", "student_id", "item_id"):
        plain = rows[name].cast(pa.string()).combine_chunks().dictionary_encode()
        words = plain.dictionary.to_pylist()
        indices = np.asarray(plain.indices)
        indices = np.where(np.arange(len(indices)) % 2, indices, indices + len(words))
        twice = pa.array([*words, *words, None, "", "nobody"])
        coded = pa.DictionaryArray.from_arrays(pa.array(indices), twice)
        rows = rows.set_column(rows.column_names.index(name), name, coded)
    assert tallied(rows) == tallied(table(columns))


@given(tidy())
def test_whole_scores_of_any_type_give_the_same_bytes(columns):
    columns = [*columns[:3], [s and round(2 * s) % 3 for s in columns[3]]]
    expected = tallied(table(columns))
    for kind in (pa.uint8(), pa.int32(), pa.float32(), pa.decimal128(9, 2)):
        assert tallied(table(columns, score=kind)) == expected


@given(tidy())
def test_ids_that_lie_far_apart_give_the_same_counts(columns):
    def counts(rows):
        tally = qa.Tally.of(qa.Responses.from_arrow(rows))
        return [
            [t.to_pylist() for t in (p.totals, p.item_totals, p.item_scores)]
            for p in [tally.parts]
        ]

    far = [[2**50 + v * 2**40 for v in column] for column in columns[:3]]
    # The order of the texts is that of the numbers, or there are several orders.
    assert counts(table([*far, columns[3]])) == counts(
        table([[1000 + v for v in column] for column in columns[:3]] + [columns[3]])
    )


def test_more_scores_than_are_compared_one_by_one_are_counted_alike():
    students, items = 40, 5
    values = np.arange(students * items) % 23 / 16
    columns = [
        [1] * len(values),
        np.repeat(np.arange(students), items).tolist(),
        np.tile(np.arange(items), students).tolist(),
        values.tolist(),
    ]
    whole = qa.Responses.from_arrow(table(columns))
    parts = qa.Tally.of(whole).parts
    for item in range(items):
        mine = values.reshape(students, items)[:, item]
        rows = [r for r in parts.item_scores.to_pylist() if r["item"] == item]
        assert [r["score"] / 1e9 for r in rows] == sorted(set(mine.tolist()))
        assert [r["n"] for r in rows] == [
            int((mine == r["score"] / 1e9).sum()) for r in rows
        ]
    assert qa.Tally.of(whole.batches(7)) == qa.Tally.of(whole)


def test_scores_are_read_across_blocks_with_their_nulls_and_faults():
    n = 2**17 + 5
    score = np.ones(n)
    score[[0, 2**17 - 1, 2**17]] = np.nan
    rows = pa.table(
        {
            "student_id": pa.array(np.arange(n)),
            "item_id": pa.array(np.zeros(n, np.int8)),
            "score": pa.array(score, from_pandas=True),
        }
    )
    assert qa.item_analysis(qa.Responses.from_arrow(rows))["n"].to_pylist() == [n - 3]
    score[2**17 + 1], score[3] = np.inf, 2e6
    with pytest.raises(qa.DataError) as raised:
        qa.Responses.from_arrow(rows.set_column(2, "score", pa.array(score)))
    assert [(p.row, p.value) for p in raised.value.problems] == [
        (2**17 + 1, float("inf")),
        (3, 2e6),
    ]
