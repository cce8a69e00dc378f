"""Quizzes of any size for the page, with stems, options and a wrong key."""

import numpy as np
import pyarrow as pa

import quizanalysis as qa

MISKEYED = 7
"""Place of the question whose key is the second best answer."""


def classroom(n, items=18, quiz_id="quiz", seed=1):
    """N students at four-option questions: a Rasch model with guessed distractors."""
    rng = np.random.default_rng(seed)
    ability = rng.normal(size=(n, 1))
    hard = np.linspace(-1.8, 1.5, items)
    knows = rng.random((n, items)) < 1 / (1 + np.exp(hard - 1.2 * ability))
    pick = np.where(knows, 0, rng.integers(1, 4, (n, items)))
    letters = np.array(["a", "b", "c", "d"])
    key = np.zeros(items, int)
    key[MISKEYED - 1] = 1
    student = np.repeat(np.arange(n), items)
    return qa.Responses.from_arrow(
        pa.table(
            {
                "student_id": pa.array(student).cast(pa.string()),
                "item_id": np.tile([f"q{i + 1}" for i in range(items)], n),
                "response": letters[pick.ravel()],
                "score": (pick == key).ravel().astype(float),
            }
        ),
        pa.table(
            {
                "item_id": [f"q{i + 1}" for i in range(items)],
                "position": range(1, items + 1),
                "title": [f"Question about topic {i + 1}?" for i in range(items)],
                "points_possible": [1.0] * items,
                "options": [
                    [
                        {
                            "id": letter,
                            "text": f"Answer {letter} on topic {i + 1}",
                            "correct": j == key[i],
                        }
                        for j, letter in enumerate("abcd")
                    ]
                    for i in range(items)
                ],
            }
        ),
        quiz_id=quiz_id,
    )
