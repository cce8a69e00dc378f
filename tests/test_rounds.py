"""Whole submissions to the same items are counted together, as each response is."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spread_parts import bytes_of

import quizanalysis as qa
from quizanalysis._counts import counting, grid


@st.composite
def rounds(draw):
    """Tidy rows: all show the same items, or any; quiz after quiz, or interleaved."""
    score = st.sampled_from(draw(st.sampled_from(["01", ["-1", "0", "0.5", "2"], "1"])))
    alike = draw(st.booleans())
    item = st.integers(1, 3)
    width = draw(st.integers(1, 3))
    fixed = draw(st.lists(item, min_size=width, max_size=width))
    shown = st.just(fixed)
    if not alike:
        least, most = draw(st.sampled_from([(1, 3), (2, 2)]))
        shown = st.lists(item, min_size=least, max_size=most)
    rows = [
        (quiz, f"s{student}", f"i{item}", place, draw(score))
        for quiz in draw(st.permutations(["a", "b", "c"]))
        for student in range(draw(st.integers(1, 4)))
        for place, item in enumerate(draw(shown), 1)
    ]
    if draw(st.booleans()):
        rows.sort(key=lambda row: row[1])
    return rows


def counted(rows, **options):
    """The bytes of the tally of such rows."""
    names = ("quiz_id", "student_id", "item_id", "position", "score")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    columns["points_possible"] = [1 + int(item[1:]) for item in columns["item_id"]]
    responses = qa.Responses.from_arrow(pa.table(columns))
    return bytes_of(qa.Tally.of(responses, **options))


def assert_same(rows, **options):
    """Counted one by one, or together, all at once or a few, the bytes are the same."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "_width", lambda *_: 0)
        expected = counted(rows, **options)
    assert counted(rows, **options) == expected
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "_BLOCK", 1)
        patch.setattr(counting, "_RUNS", 1)
        assert counted(rows, **options) == expected


@given(rounds(), st.sampled_from([{}, {"blank": "omit"}, {"total": "recorded"}]))
def test_rounds_are_counted_as_single_responses_are(rows, options):
    assert_same(rows, **options)


@pytest.mark.parametrize(
    "shown",
    [
        [("a", "s1", "12"), ("a", "s2", "23")],
        [("a", "s1", "1"), ("b", "s1", "123")],
        [("a", "s1", "11"), ("a", "s2", "11")],
        [("a", "s1", "12"), ("b", "s1", "12"), ("a", "s2", "23"), ("b", "s2", "12")],
    ],
    ids=["a random bank", "unequal lengths", "drawn twice", "interleaved"],
)
def test_what_is_no_round_is_counted_one_by_one(shown):
    assert_same(
        [
            (quiz, student, f"i{item}", place, "1")
            for quiz, student, items in shown
            for place, item in enumerate(items, 1)
        ]
    )


def test_quizzes_whose_totals_stand_far_apart_are_added_together():
    # Two submissions at a time: their totals are the first and the last row of twelve.
    quizzes = [q for pair in zip("abcdef", "lkjihg", strict=True) for q in pair]
    right = {q: 1 if q < "g" else 2 for q in quizzes}
    assert_same(
        [(q, "s1", f"i{i}", i, f"{i == right[q]:d}") for q in quizzes for i in (1, 2)]
    )


def test_they_are_taken_together_where_they_are_alike():
    told = []
    width = grid._width  # noqa: SLF001
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "_width", lambda *of: told.append(width(*of)) or told[-1])
        people = [("a", "s1"), ("a", "s2"), ("b", "s1")]
        rows = [(*who, f"i{i}", i, "1") for who in people for i in (1, 2, 3)]
        counted(rows)
        counted(rows[:-1])
    assert told == [3, 0]
