"""Whole submissions to the same items are counted together, as each response is."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from spread_parts import bytes_of

import quizanalysis as qa
from quizanalysis._counts import grid

BREAKS = ("none", "a row is gone", "two items swapped", "drawn again", "interleaved")


@st.composite
def rounds(draw):
    """Tidy rows, quiz after quiz, person after person; and perhaps one thing amiss."""
    width = draw(st.integers(1, 4))
    score = st.sampled_from(draw(st.sampled_from(["01", ["-1", "0", "0.5", "2"], "1"])))
    rows = [
        (quiz, f"s{student}", f"i{item}", item + 1, draw(score))
        for quiz in draw(st.permutations(["a", "b", "c"]))
        for student in range(draw(st.integers(1, 5)))
        for item in range(width)
    ]
    amiss = draw(st.sampled_from(BREAKS))
    at = draw(st.integers(0, len(rows) - 1))
    if amiss == "a row is gone":
        del rows[at]
    elif amiss == "two items swapped":
        rows[at - 1], rows[at] = rows[at], rows[at - 1]
    elif amiss == "drawn again" and at % width:
        rows[at] = (*rows[at][:2], rows[at - 1][2], 9, rows[at][4])
    elif amiss == "interleaved":
        rows.sort(key=lambda row: row[1])
    return rows


def counted(rows, **options):
    """The bytes of the tally of such rows."""
    names = ("quiz_id", "student_id", "item_id", "position", "score")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    responses = qa.Responses.from_arrow(pa.table(columns))
    return bytes_of(qa.Tally.of(responses, **options))


@given(rounds(), st.sampled_from([{}, {"blank": "omit"}, {"total": "recorded"}]))
def test_rounds_are_counted_as_single_responses_are(rows, options):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grid, "_width", lambda *_: 0)
        expected = counted(rows, **options)
    assert counted(rows, **options) == expected


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
