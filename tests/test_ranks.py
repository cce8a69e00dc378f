"""Places by score: of all at once, and of a part among the tally of all."""

from itertools import chain

import pyarrow as pa
import pytest

import quizanalysis as qa


def of_scores(recorded, graded):
    """One item each; what is recorded may be 0, or nothing, whatever is graded."""
    return qa.Responses.from_arrow(
        pa.table(
            {
                "student_id": [f"s{i}" for i in range(len(recorded))],
                "item_id": ["q"] * len(recorded),
                "points_possible": [2.0] * len(recorded),
                "score": pa.array(graded, pa.float64()),
                "recorded_score": pa.array(recorded, pa.float64()),
            }
        )
    )


@pytest.mark.parametrize(
    ("recorded", "graded", "ranks"),
    [
        # A recorded 0 is a score, and is above what is below 0; no score is not.
        ([0.0, None, None, -1.0], [None, None, 1.0, 0.0], [2, None, 1, 3]),
        ([None, 0.0, 0.0], [None, None, None], [None, 1, 1]),
        ([None, None], [0.0, -1.0], [1, 2]),
        # A millionth apart is a tie, more is none.
        ([1.0, 1.000001, 1.0], [1.0] * 3, [1, 1, 1]),
        ([1.0, 1.000001001, 1.0], [1.0] * 3, [2, 1, 2]),
    ],
)
def test_ranks_are_those_among_all_who_have_a_score(recorded, graded, ranks):
    responses = of_scores(recorded, graded)
    assert qa.student_analysis(responses)["rank"].to_pylist() == ranks
    whole = qa.Tally.of(responses, total="recorded")
    for size in (1, 2):
        parts = [
            qa.student_analysis(part, whole=whole)["rank"].to_pylist()
            for part in responses.batches(size)
        ]
        assert list(chain.from_iterable(parts)) == ranks


def test_a_part_of_another_quiz_or_of_others_is_refused():
    responses = of_scores([None] * 3, [0.0, 1.0, 2.0])
    whole = qa.Tally.of(responses.where(student=["s0", "s1"]), total="recorded")
    with pytest.raises(ValueError, match="tally of all submissions"):
        qa.student_analysis(responses, whole=whole)
