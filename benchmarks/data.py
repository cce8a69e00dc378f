"""What is measured on: made here, the same each time."""

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Floats = npt.NDArray[np.float64]


def right_or_wrong(n: int, k: int, kind: npt.DTypeLike = np.float64) -> npt.NDArray:
    """0/1 scores of a quiz whose students and items differ."""
    random = np.random.default_rng(20261123)
    scores = np.empty((n, k), kind)
    difficulty = random.normal(size=k).astype(np.float32)
    for start in range(0, n, 100_000):
        some = scores[start : start + 100_000]
        ability = random.normal(size=(len(some), 1)).astype(np.float32)
        chance = 1 / (1 + np.exp(difficulty - ability))
        some[:] = random.random(some.shape, np.float32) < chance
    return scores


def tidy_rows(
    quizzes: int, students: int, items: int, *, shuffled: bool = False
) -> pa.Table:
    """Rows of several quizzes, clustered or in any order; ids are a dictionary."""
    cells = students * items
    quiz = np.repeat(np.arange(quizzes, dtype=np.int32), cells)
    student = np.tile(np.repeat(np.arange(students, dtype=np.int32), items), quizzes)
    item = np.tile(np.arange(items, dtype=np.int32), quizzes * students)
    score = right_or_wrong(quizzes * students, items, np.uint8).ravel()
    columns = [quiz, student, item, score]
    if shuffled:
        order = np.random.default_rng(1).permutation(len(quiz))
        columns = [column[order] for column in columns]
    *codes, score = columns
    ids = [
        pa.DictionaryArray.from_arrays(code, [f"{letter}{i:06d}" for i in range(size)])
        for code, letter, size in zip(
            codes, "qsi", (quizzes, students, items), strict=True
        )
    ]
    return pa.table(
        dict(zip(("quiz_id", "student_id", "item_id"), ids, strict=True))
        | {"score": score}
    )
