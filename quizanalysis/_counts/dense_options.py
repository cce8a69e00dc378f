"""The options of a matrix of choices, and who chose them."""

import numpy as np
import pyarrow as pa

from quizanalysis._intake.columns import Ints
from quizanalysis._intake.dense_answers import DenseAnswers


def options_of(
    dense: DenseAnswers, by_name: Ints, counts: Ints
) -> tuple[pa.Table, pa.Table]:
    """Options item by item and by text; and their choosers by total.

    An item's options are the choices that somebody made, and the right ones.
    """
    said = [str(value) for value in dense.counted.values]
    chosen = counts.sum(axis=1).T
    names: list[str] = []
    owner: list[int] = []
    place: list[int] = []
    code: list[int] = []
    for item, name in enumerate(by_name):
        made = {said[at]: int(at) for at in np.flatnonzero(chosen[item])}
        texts = sorted({*made, *dense.right[name]})
        names += texts
        owner += [item] * len(texts)
        place += range(len(texts))
        code += [made.get(text, -1) for text in texts]
    right = [dense.right[by_name[item]] for item in owner]
    correct = np.array([a in b for a, b in zip(names, right, strict=True)], bool)
    n = len(names)
    options = pa.table(
        {
            "item": np.array(owner),
            "option": pa.array(names, pa.string()),
            "text": pa.array(names, pa.string()),
            "declared": np.ones(n, bool),
            "correct": correct,
            "inferred": np.zeros(n, bool),
            "earned": np.zeros(n, np.int64),
            "place": np.array(place),
        }
    )
    codes, items = np.array(code), np.array(owner)
    of = np.where((codes >= 0)[:, None], counts[codes, :, items], 0)
    option, row = np.nonzero(of)
    points = np.where(correct, dense.points()[by_name][items], 0)
    choosers = {"option": option, "row": row, "n": of[option, row]}
    return options, pa.table({**choosers, "score": choosers["n"] * points[option]})
