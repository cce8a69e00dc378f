"""A matrix is counted in blocks of bytes: with the counts that its rows would give."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from spread_parts import bytes_of

import quizanalysis as qa
from quizanalysis._intake import blocks, scan

SCORES = {
    "right or wrong": (0, 1),
    "points": (0, 1, 2, 7),
    "one score": (5,),
    "quarters": (0, 0.25, 0.5, 0.75, 1),
    "tenths": (0, 0.1, 0.3, 0.7, 2),
    "hundredths": (0, 0.07, 0.29, 0.57, 1.14),
}
COARSE = ("right or wrong", "points", "one score")


def rows_of(scores, points_possible=None):
    """Tidy rows of a matrix, cell by cell."""
    scores = np.asarray(scores, float)
    cells = [
        (f"s{i + 1}", f"i{j + 1}", value, None if value == value else "not_shown")  # noqa: PLR0124
        for i, row in enumerate(scores.tolist())
        for j, value in enumerate(row)
    ]
    student, item, score, status = zip(*cells, strict=True)
    score = [None if said else value for value, said in zip(score, status, strict=True)]
    tidy = pa.table(
        {
            "student_id": student,
            "item_id": item,
            "score": pa.array(score, pa.float64()),
            "status": pa.array(status, pa.string()),
        }
    )
    k = scores.shape[1]
    items = {"item_id": [f"i{j + 1}" for j in range(k)], "position": range(1, k + 1)}
    if points_possible is not None:
        worth = np.broadcast_to(np.asarray(points_possible, float), k)
        items["points_possible"] = worth.tolist()
    return qa.Responses.from_arrow(
        tidy, pa.table({n: list(v) for n, v in items.items()})
    )


def assert_same(made, expected):
    """The same bytes of counts, and the same responses."""
    assert made.dense is not None
    assert repr(made) == repr(expected)
    tally = qa.Tally.of(made)
    assert tally == qa.Tally.of(expected)
    assert bytes_of(tally) == bytes_of(qa.Tally.of(expected))
    for how in ({"blank": "omit"}, {"total": "recorded"}):
        assert qa.Tally.of(made, **how) == qa.Tally.of(expected, **how)
    assert made == expected


@st.composite
def matrices(draw, *, gaps=True):
    """Draw scores with few distinct values, in some type and order."""
    name = draw(st.sampled_from(sorted(SCORES)))
    shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 19)))
    cells = st.sampled_from(SCORES[name])
    matrix = draw(arrays.arrays(np.float64, shape, elements=cells))
    types = ["f8", "f4"] if name != "hundredths" else ["f8"]
    if gaps and draw(st.booleans()):
        matrix[draw(arrays.arrays(bool, shape))] = np.nan
    elif name in COARSE:
        types += ["u1", "i1", "i2", "i8", "u4"]
    if name == "right or wrong" and not np.isnan(matrix).any():
        types.append("?")
    if name == "tenths":
        types = ["f8"]
    matrix = matrix.astype(draw(st.sampled_from(types)))
    return np.asarray(matrix, order=draw(st.sampled_from("CF")))


@given(matrices(), st.sampled_from([None, 1, 2.5]), st.integers(1, 3))
def test_a_matrix_is_counted_as_its_rows_are(matrix, points, threads):
    if np.isnan(np.asarray(matrix, float)).all():
        matrix = np.zeros((1, 1))
    made = qa.Responses.from_matrix(matrix, points, threads=threads)
    assert_same(made, rows_of(matrix, points))


@given(matrices(gaps=False), st.data())
def test_items_may_be_worth_different_points(matrix, data):
    worth = st.sampled_from([0, 0.5, 1, 3, 1e-9, 1e6])
    k = matrix.shape[1]
    points = data.draw(st.lists(worth, min_size=k, max_size=k))
    assert_same(qa.Responses.from_matrix(matrix, points), rows_of(matrix, points))


def test_progress_of_a_matrix_is_told_at_both_ends():
    told = []
    data = qa.Responses.from_matrix(np.eye(3))
    qa.analyze(data, progress=lambda *of: told.append(of))
    assert (told[0], told[-1]) == ((0, 3), (3, 3))


@given(matrices(), st.integers(1, 9))
def test_any_blocks_give_the_same_counts(matrix, rows):
    expected = qa.Tally.of(qa.Responses.from_matrix(matrix, 7))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_shape", lambda k: (-(-k // 8) * 8, rows))
        patch.setattr(blocks, "_PIECE", 1)
        patch.setattr(scan, "_CELL", 3)
        assert qa.Tally.of(qa.Responses.from_matrix(matrix, 7)) == expected


@pytest.mark.parametrize("n", [254, 255, 256, 511, 3_000])
def test_bytes_do_not_run_over(n):
    """All in one kind of row, and all right: each cell has as many as there are."""
    matrix = np.ones((n, 8), np.uint8)
    counted = qa.Tally.of(qa.Responses.from_matrix(matrix)).parts
    assert counted.item_totals["n"].to_pylist() == [n] * 8
    assert counted.totals["n"].to_pylist() == [n]


@pytest.mark.parametrize("k", [1, 7, 8, 255, 256, 2_041, 4_000])
def test_totals_of_any_width_are_exact(k):
    random = np.random.default_rng(k)
    matrix = random.integers(0, 2, (300, k), np.uint8)
    totals = qa.Tally.of(qa.Responses.from_matrix(matrix, 1)).parts.totals
    expected = np.unique(matrix.sum(axis=1, dtype=int), return_counts=True)
    assert totals["total"].to_numpy().tolist() == (expected[0] * 10**9).tolist()
    assert totals["n"].to_numpy().tolist() == expected[1].tolist()


@pytest.mark.parametrize(
    "rare",
    [3.0, 127.0, 128.0, 256.0, 1e-9, -1e-9, 1e-6, -1.0, -256.0, 1 / 3, 0.1, 1e6],
)
@pytest.mark.parametrize("gap", [False, True])
def test_what_the_sample_did_not_show_is_not_overlooked(rare, gap):
    matrix = np.zeros((9_000, 2))
    matrix[::2] = 1
    matrix[4_001, 0], matrix[4_003, 0] = rare, 1 - rare
    if gap:
        matrix[7, 1] = np.nan
    made = qa.Responses.from_matrix(matrix, 1)
    assert qa.Tally.of(made) == qa.Tally.of(rows_of(matrix, 1))


@pytest.mark.parametrize("rare", [2, 77, 127, 128, 200, 255])
@pytest.mark.parametrize("type_", ["u1", "i8"])
def test_nor_are_rare_whole_numbers(rare, type_):
    matrix = np.zeros((9_000, 8), type_)
    matrix[4_001, 3] = rare
    made = qa.Responses.from_matrix(matrix, 1)
    assert qa.Tally.of(made) == qa.Tally.of(rows_of(matrix, 1))


@pytest.mark.parametrize("bad", [np.inf, -np.inf, 2e6])
def test_a_rare_number_that_is_none_is_refused(bad):
    matrix = np.zeros((9_000, 2))
    matrix[4_001, 1] = bad
    with pytest.raises(qa.DataError, match="row 8003"):
        qa.Responses.from_matrix(matrix)


UNFIT = {
    "negative": [[0, -1], [1, 1]],
    "many scores": np.arange(120).reshape(60, 2),
    "thirds": [[1 / 3, 0], [2 / 3, 1]],
    "large": [[1000, 0], [0, 1000]],
    "different points, and gaps": [[1, np.nan], [0, 1]],
}


@pytest.mark.parametrize("name", UNFIT)
def test_other_matrices_are_read_cell_by_cell(name):
    points = [1, 2] if "points" in name else None
    made = qa.Responses.from_matrix(UNFIT[name], points)
    assert made.dense is None
    assert made == rows_of(UNFIT[name], points)


def with_gaps(n, k, type_):
    """A fixed pattern of right, wrong and missing: about one in three each."""
    cells = [[(5 * i + 3 * j + i * j) % 3 for j in range(k)] for i in range(n)]
    scores = [[float("nan") if c == 2 else c for c in row] for row in cells]
    return np.array(scores, type_)


@pytest.mark.parametrize("n", [7, 8, 9, 15, 16, 17, 31, 32, 33, 64, 100])
@pytest.mark.parametrize("type_", ["f4", "f8"])
def test_gaps_are_counted_in_any_number_of_items(n, type_):
    """Some processors' isnan goes wrong where the answers do not lie side by side."""
    for k in range(1, 18):
        scores = with_gaps(n, k, type_)
        made = qa.Responses.from_matrix(scores, 1)
        assert made.dense is not None
        table = qa.item_analysis(made)
        columns = [[row[j] for row in scores.tolist()] for j in range(k)]
        shown = [sum(x == x for x in column) for column in columns]  # noqa: PLR0124
        right = [sum(x == 1 for x in column) for column in columns]
        assert table["n"].to_pylist() == shown
        assert table["n_not_shown"].to_pylist() == [n - one for one in shown]
        assert made.dense.n_responses == sum(shown)
        means = [r / s if s else None for r, s in zip(right, shown, strict=True)]
        assert table["mean"].to_pylist() == pytest.approx(means)


def test_a_single_item_with_gaps():
    scores = [1.0] * 8 + [float("nan")] * 8 + [0.0] * 16
    table = qa.item_analysis(qa.Responses.from_matrix(np.array([scores]).T, 1))
    assert table["n"].to_pylist() == [24]
    assert table["n_not_shown"].to_pylist() == [8]
    assert table["difficulty"].to_pylist() == [pytest.approx(8 / 24)]


def test_gaps_that_get_lost_are_noticed(monkeypatch):
    """As they would be by a processor that does not write what it should."""
    found = scan.blocks

    def lose(*given):
        for block in found(*given):
            if block.gaps is not None:
                block.gaps[block.gaps.argmax() // block.gaps.shape[1]] = 0
            yield block

    monkeypatch.setattr(scan, "blocks", lose)
    scores = with_gaps(20, 3, "f8")
    made = qa.Responses.from_matrix(scores, 1)
    assert made.dense is None
    assert made == rows_of(scores, 1)


def test_a_memory_map_is_neither_copied_nor_changed(tmp_path):
    matrix = np.random.default_rng(1).integers(0, 2, (3_000, 16), np.uint8)
    np.save(tmp_path / "scores.npy", matrix)
    mapped = np.load(tmp_path / "scores.npy", mmap_mode="r")
    made = qa.Responses.from_matrix(mapped)
    assert np.shares_memory(made.dense.scores, mapped)
    assert qa.Tally.of(made) == qa.Tally.of(qa.Responses.from_matrix(matrix))
    assert np.array_equal(np.load(tmp_path / "scores.npy"), matrix)


def test_a_matrix_is_laid_out_only_when_it_is_asked_for():
    made = qa.Responses.from_matrix(np.eye(3))
    qa.item_analysis(made)
    qa.summary(made)
    with pytest.raises(AttributeError):
        object.__getattribute__(made, "cells")
    assert len(made.cells.item) == 9
    assert object.__getattribute__(made, "cells") is made.cells


def test_what_is_made_of_a_part_counts_the_part():
    made = qa.Responses.from_matrix(np.eye(4), student_ids=list("abcd"))
    (first, second) = made.batches(2)
    assert first.dense is second.dense is None
    assert qa.Tally.of(made) == qa.Tally.of(first) + qa.Tally.of(second)
    assert qa.Tally.of(first).parts.totals["n"].to_pylist() == [2]
    assert len(made.where(quiz=[])) == 0


IDS = {
    "student twice": {"student_ids": ["a", "a"]},
    "student empty": {"student_ids": ["a", ""]},
    "item twice": {"item_ids": ["q", "q"]},
    "item null": {"item_ids": ["q", None]},
    "too few": {"student_ids": ["a"]},
    "negative points": {"points_possible": [1, -1]},
    "points not a number": {"points_possible": [1, "x"]},
}


@pytest.mark.parametrize("name", IDS)
def test_wrong_ids_and_points_are_refused_as_in_rows(name):
    with pytest.raises(qa.DataError):
        qa.Responses.from_matrix(np.eye(2), **IDS[name])


@pytest.mark.parametrize("call", ["from_matrix", "from_answers"])
def test_there_is_at_least_one_thread(call):
    key = ([1, 1],) if call == "from_answers" else ()
    with pytest.raises(ValueError, match="threads"):
        getattr(qa.Responses, call)(np.eye(2), *key, threads=0)


# ---- choices ------------------------------------------------------------------------


def knows(column, right):
    """Whether any answer to an item is right."""
    several = right if isinstance(right, set) else {right}
    return any(str(one) in map(str, several) for one in column)


@st.composite
def choices(draw):
    """Draw small whole numbers, a key that someone knows, and what each is worth."""
    shape = draw(st.tuples(st.integers(1, 40), st.integers(1, 11)))
    known = st.sampled_from([0, 1, 2, 4, 17, 255])
    matrix = draw(arrays.arrays(np.uint8, shape, elements=known))
    right = st.one_of(
        st.sampled_from([0, 1, 2, "4", "x", 99, "01"]),
        st.sets(st.sampled_from([0, 1, 3, "z"]), min_size=1),
    )
    key = draw(st.lists(right, min_size=shape[1], max_size=shape[1]))
    assume(shape[1] == 1 or any(map(knows, matrix.T.tolist(), key)))
    worth = st.sampled_from([0, 0.5, 1, 1, 3.25])
    points = draw(
        st.one_of(
            st.none(),
            st.just(2),
            st.lists(worth, min_size=shape[1], max_size=shape[1]),
        )
    )
    type_ = draw(st.sampled_from(["u1", "i2", "i8"] if matrix.max() > 127 else ["i1"]))
    return matrix.astype(type_), key, points


@given(choices(), st.integers(1, 3))
def test_choices_are_counted_as_texts_are(drawn, threads):
    matrix, key, points = drawn
    made = qa.Responses.from_answers(matrix, key, points, threads=threads)
    expected = qa.Responses.from_answers(matrix.astype(str).astype(object), key, points)
    assert expected.dense is None
    assert_same(made, expected)
    assert qa.option_analysis(made).equals(qa.option_analysis(expected))


@given(choices(), st.integers(1, 9))
def test_any_blocks_give_the_same_counts_of_choices(drawn, rows):
    expected = qa.Tally.of(qa.Responses.from_answers(*drawn))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "_shape", lambda k: (-(-k // 8) * 8, rows))
        patch.setattr(scan, "_CELL", 3)
        assert qa.Tally.of(qa.Responses.from_answers(*drawn)) == expected


def test_a_rare_choice_is_an_option():
    matrix = np.ones((9_000, 3), np.int8)
    matrix[4_001, 1] = 9
    made = qa.option_analysis(qa.Responses.from_answers(matrix, [1, 1, 2]))
    assert made["option"].to_pylist() == ["1", "1", "9", "1", "2"]
    assert made["n"].to_pylist() == [9_000, 8_999, 1, 9_000, 0]
    assert made["correct"].to_pylist() == [True, True, False, False, True]


@pytest.mark.parametrize("matrix", [[[-1, 1]], [[256, 1]], [[1.0, 2.0]], [["A", "B"]]])
def test_other_choices_are_read_cell_by_cell(matrix):
    assert qa.Responses.from_answers(np.array(matrix), [1, 1]).dense is None
