"""Many classes that take one Rasch test, as the quizzes of one set of responses."""

import numpy as np
import pyarrow as pa

import quizanalysis as qa

DIFFICULTIES = np.linspace(-2, 2, 20)
SPREAD = 1.13
"""Of the abilities: the mean item-rest correlation is 0.37 then."""


def scores(n, classes, seed):
    """Right and wrong answers, classes x students x items."""
    random = np.random.default_rng(seed)
    ability = random.normal(0, SPREAD, (classes, n, 1))
    right = 1 / (1 + np.exp(DIFFICULTIES - ability))
    return (random.random(right.shape) < right).astype(float)


def responses(scored):
    """One quiz for each class, in their order."""
    classes, n, k = scored.shape
    names = [
        np.array([f"{letter}{i:05}" for i in range(size)])
        for letter, size in (("c", classes), ("s", n), ("i", k))
    ]
    places = np.indices(scored.shape).reshape(3, -1)
    columns = {
        name: pa.array(names[axis][places[axis]])
        for axis, name in enumerate(("quiz_id", "student_id", "item_id"))
    }
    columns |= {"score": scored.ravel(), "points_possible": np.ones(scored.size)}
    return qa.Responses.from_arrow(pa.table(columns))


def truth():
    """The figures of very many students."""
    return qa.Responses.from_matrix(scores(400_000, 1, 1)[0], points_possible=1)
