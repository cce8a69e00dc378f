"""The cases: what is done, by us and by whatever else a user would pick."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa
import pyarrow.csv

import quizanalysis as qa

COURSE = Path(__file__).parents[1] / "fixtures" / "course"

Contestants = Mapping[str, Callable[[], object]]


class Case(Protocol):
    """Says what the work is, and who does it; ours comes first."""

    def __call__(self, *, small: bool) -> tuple[str, Contestants]:
        """Make the data and the contestants."""
        ...


def right_or_wrong(n: int, k: int) -> npt.NDArray[np.float64]:
    """0/1 scores of a quiz whose students and items differ."""
    random = np.random.default_rng(20261123)
    ability, difficulty = random.normal(size=(n, 1)), random.normal(size=k)
    return (random.random((n, k)) < 1 / (1 + np.exp(difficulty - ability))).astype(
        np.float64
    )


def numpy_textbook(x: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Difficulty, sd, both correlations, alpha if deleted and groups, item by item."""
    total, k = x.sum(1), x.shape[1]
    order = np.argsort(total, kind="stable")
    m = round(0.27 * len(x))
    low, high = order[:m], order[-m:]
    figures = []
    for j in range(k):
        rest = total - x[:, j]
        others = np.delete(x, j, axis=1)
        alpha = (k - 1) / (k - 2) * (1 - others.var(0, ddof=1).sum() / rest.var(ddof=1))
        figures.append(
            (
                x[:, j].mean(),
                x[:, j].std(ddof=1),
                np.corrcoef(x[:, j], total)[0, 1],
                np.corrcoef(x[:, j], rest)[0, 1],
                x[high, j].mean() - x[low, j].mean(),
                alpha,
            )
        )
    return np.array(figures)


def pandas_item_rest(frame: pd.DataFrame) -> pd.Series:
    """Item-rest correlations as people write them."""
    total = frame.sum(axis=1)
    return pd.Series({c: frame[c].corr(total - frame[c]) for c in frame})


def pingouin_alpha(frame: pd.DataFrame) -> object:
    """One of our figures, by the best known Python package for it."""
    import pingouin  # noqa: PLC0415  half a second that the other cases do not owe

    return pingouin.cronbach_alpha(frame)


def one_quiz(*, small: bool) -> tuple[str, Contestants]:
    """One quiz: the whole item table, from scores and from a counted tally."""
    n, k = (500, 20) if small else (100_000, 50)
    x = right_or_wrong(n, k)
    frame = pd.DataFrame(x, columns=[f"q{j}" for j in range(k)])
    responses = qa.Responses.from_matrix(x, points_possible=1)
    tally = qa.Tally.of(responses)
    ours = np.array(qa.item_analysis(tally)["point_biserial_corrected"])
    np.testing.assert_allclose(ours, numpy_textbook(x)[:, 3], atol=1e-12)
    return f"item analysis, {n:,} students x {k} items of 0/1", {
        "quizanalysis: scores to item table": lambda: qa.item_analysis(
            qa.Responses.from_matrix(x, points_possible=1)
        ),
        "quizanalysis: responses to item table": lambda: qa.item_analysis(responses),
        "quizanalysis: tally to item table": lambda: qa.item_analysis(tally),
        "numpy textbook, same figures": lambda: numpy_textbook(x),
        "pandas, item-rest correlations only": lambda: pandas_item_rest(frame),
        "pingouin, alpha only": lambda: pingouin_alpha(frame),
        "reading the scores once (x.max())": x.max,
    }


def tidy_rows(quizzes: int, students: int, items: int) -> pa.Table:
    """Rows of several quizzes, one after the other."""
    per_quiz = students * items
    quiz = np.repeat(np.arange(quizzes), per_quiz)
    student = np.tile(np.repeat(np.arange(students), items), quizzes)
    item = np.tile(np.arange(items), quizzes * students)
    score = right_or_wrong(quizzes * students, items).ravel()

    def named(codes: npt.NDArray[np.int64], letter: str) -> pa.DictionaryArray:
        names = [f"{letter}{i}" for i in range(int(codes.max()) + 1)]
        return pa.DictionaryArray.from_arrays(pa.array(codes, pa.int32()), names)

    return pa.table(
        {
            "quiz_id": named(quiz, "quiz"),
            "student_id": named(student, "s"),
            "item_id": named(item, "i"),
            "score": score,
        }
    )


def both_tables(rows: pa.Table) -> pa.Table:
    """Items and summary of tidy rows."""
    responses = qa.Responses.from_arrow(rows)
    qa.summary(responses)
    return qa.item_analysis(responses)


def many_quizzes(*, small: bool) -> tuple[str, Contestants]:
    """A thousand quizzes in one call, against one quiz of as many rows."""
    students, items, quizzes = (6, 10, 1_000) if small else (30, 10, 1_000)
    one = tidy_rows(1, students * quizzes, items)
    many = tidy_rows(quizzes, students, items)
    single = tidy_rows(1, students, items)
    return f"{many.num_rows:,} tidy rows of {quizzes:,} quizzes", {
        f"quizanalysis: {quizzes:,} quizzes in one call": lambda: both_tables(many),
        "quizanalysis: one quiz with the same number of rows": lambda: both_tables(one),
        "quizanalysis: one of those quizzes": lambda: both_tables(single),
    }


def exports(*, small: bool) -> tuple[str, Contestants]:
    """A real export, from file to both reports."""
    del small
    path = COURSE / "canvas_classic.csv"
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    return f"{path.name}, {path.stat().st_size / 1e6:.1f} MB, to both reports", {
        "quizanalysis: read and analyze": lambda: qa.analyze(qa.read(path)),
        "quizanalysis: read": lambda: qa.read(path),
        "pyarrow, parse the CSV only": lambda: pyarrow.csv.read_csv(
            path, parse_options=options
        ),
        "pandas, parse the CSV only": lambda: pd.read_csv(path),
    }


CASES: tuple[Case, ...] = (one_quiz, many_quizzes, exports)
