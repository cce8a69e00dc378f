"""What grows faster than its input is refused by its size, before it is made."""

import subprocess
import sys
import time
from itertools import product
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

import quizanalysis as qa
from quizanalysis._bounds import MOST_CELLS, MOST_PAIRS
from quizanalysis.conventions._r_matrices import inverse, without_each

GIB = 2**30
HOSTILE = Path(__file__).parents[2] / "shared" / "cases" / "hostile"
CANVAS, NEW = qa.conventions.canvas_classic, qa.conventions.new_quizzes
PSYCH, CTT = qa.conventions.r_psych, qa.conventions.r_ctt

ONE_EACH = """
n = 66_925
ids = pa.array([str(i) for i in range(n)])
columns = {"student_id": ids, "item_id": ids, "score": pa.array(np.ones(n))}
columns["response"] = pa.array(["x"] * n)
responses = qa.Responses.from_arrow(pa.table(columns))
"""
MANY_ITEMS = """
responses = qa.Responses.from_matrix(np.arange(3 * 96_336).reshape(3, -1) % 2)
"""
ANSWERS = """
n = 96_336
columns = {"student_id": pa.array(["s"] * n), "score": pa.array(np.ones(n))}
columns["item_id"] = columns["response"] = pa.array([str(i) for i in range(n)])
responses = qa.Responses.from_arrow(pa.table(columns))
"""
SECTIONS = """
n = 5_000
columns = {"student_id": pa.array(["s"] * n), "score": pa.array(np.ones(n))}
columns["item_id"] = pa.array([str(i) for i in range(n)])
names = [f"section {i}" for i in range(40_000)]
students = pa.table({"student_id": ["s"], "section_names": [names]})
responses = qa.Responses.from_arrow(pa.table(columns), students=students)
"""
LIMITED = """
import resource
import sys
import numpy as np
import pyarrow as pa
import quizanalysis as qa
from quizanalysis.conventions import canvas_classic, new_quizzes, r_ctt, r_psych
{make}
room = 2 * 2**30
resource.setrlimit(resource.RLIMIT_AS, (room, room))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    {call}
except ValueError as error:
    print(error)
more = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
print("more KiB:", more)
"""


@pytest.mark.parametrize(
    ("make", "call", "said"),
    [
        (ONE_EACH, "canvas_classic.student_analysis(responses)", "responses.to_arrow"),
        (ONE_EACH, "new_quizzes.student_analysis(responses)", "student_analysis_json"),
        (ONE_EACH, "qa.student_analysis(responses, items=True)", "responses.to_arrow"),
        (ONE_EACH, "r_psych.split_half(responses)", "alpha_if_deleted"),
        (ONE_EACH, "r_ctt.summary(responses, missing='zero')", "listwise"),
        (MANY_ITEMS, "r_psych.item_analysis(responses)", "alpha_if_deleted"),
        (MANY_ITEMS, "r_psych.summary(responses)", "alpha_if_deleted"),
        (MANY_ITEMS, "r_ctt.item_analysis(responses)", "alpha_if_deleted"),
        (ANSWERS, "r_ctt.option_analysis(responses)", "quizanalysis.option_analysis"),
        (SECTIONS, "qa.item_analysis_by_section(responses)", "responses.where(section"),
    ],
    ids=lambda value: value if "responses)" in value else None,
)
def test_what_no_memory_holds_is_refused_with_another_way(make, call, said):
    script = LIMITED.format(make=make, call=call)
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    refusal, more = done.stdout.rsplit("more KiB:", 1)
    assert " at most, and here are " in refusal
    assert said in refusal
    assert int(more) < 400 * 1024


def test_the_bound_of_cells_counts_students_times_columns(monkeypatch):
    monkeypatch.setattr("quizanalysis._bounds.MOST_CELLS", 12)
    three = qa.Responses.from_answers([["A", "B"]] * 3, key=["A", "B"])
    assert qa.student_analysis(three, items=True).num_rows == 3
    assert CANVAS.student_analysis(three).num_rows == 3
    four = qa.Responses.from_answers([["A", "B"]] * 4, key=["A", "B"])
    refused = r"12 cells at most, and here are 16 \(4 rows, 4 columns\)"
    with pytest.raises(ValueError, match=refused):
        qa.student_analysis(four, items=True)
    with pytest.raises(ValueError, match=refused):
        CANVAS.student_analysis(four)
    with pytest.raises(ValueError, match=r"here are 30 \(3 rows, 10 columns\)"):
        NEW.student_analysis(three)


def test_two_thousand_questions_are_as_many_as_psych_takes():
    assert MOST_PAIRS == 2_000**2
    scores = np.arange(2 * 2_001).reshape(2, -1) % 3
    with pytest.raises(ValueError, match=r"4,000,000 pairs .*here are 4,004,001"):
        PSYCH.split_half(qa.Responses.from_matrix(scores))


def test_the_pairs_of_a_quiz_do_not_count_for_another():
    """Two quizzes of 1,500 questions have 4.5 million pairs, 3,000 quizzes few."""
    n = 3_000
    rows = {
        "quiz_id": [str(i // 2) for i in range(2 * n)],
        "student_id": [str(i % 2) for i in range(2 * n)],
        "item_id": ["q"] * (2 * n),
        "score": [float(i % 2) for i in range(2 * n)],
    }
    responses = qa.Responses.from_arrow(pa.table(rows))
    assert PSYCH.split_half(responses).num_rows == n


def test_pairs_that_no_student_has_do_not_count():
    """Of 500 students, each with 10 of 1,000 questions and a number of their own."""
    rng = np.random.default_rng(0)
    scores = np.full((500, 1_000), np.nan)
    for row in scores:
        row[rng.choice(1_000, rng.integers(5, 60), replace=False)] = rng.random() > 0.5
    assert CTT.summary(qa.Responses.from_matrix(scores)).num_rows == 1


def test_gaps_anywhere_do_not_multiply_the_pairs_of_psych():
    """300 questions have 90,000 pairs, and 60 students 60 numbers of responses."""
    rng = np.random.default_rng(0)
    able = rng.normal(size=(60, 1))
    scores = (able + rng.normal(size=(60, 300)) > 0).astype(float)
    for n, row in enumerate(scores):
        row[rng.choice(300, n, replace=False)] = np.nan
    row = PSYCH.summary(qa.Responses.from_matrix(scores)).to_pylist()[0]
    cov = pd.DataFrame(scores).cov().to_numpy()  # of each two questions, as R's
    alpha = 300 / 299 * (1 - np.trace(cov) / cov.sum())
    assert row["raw_alpha"] == pytest.approx(alpha, abs=1e-12)


@pytest.mark.parametrize("use", ["pairwise", "complete"])
def test_psych_costs_the_square_of_the_questions(use):
    rng = np.random.default_rng(0)
    able = rng.normal(size=(30, 1))

    def seconds(k: int) -> float:
        scores = (able + rng.normal(size=(30, k)) > 0).astype(float)
        responses = qa.Responses.from_matrix(scores)
        taken = []
        for _ in range(2):
            start = time.process_time()
            PSYCH.item_analysis(responses, use=use)
            taken.append(time.process_time() - start)
        return min(taken)

    seconds(20)
    # Before, twice the questions took eight or nine times as long.
    assert seconds(400) < 6.5 * seconds(200)


def test_the_file_of_800_questions_ends():
    """It took more than a minute; each of its students has all questions."""
    path = HOSTILE / "16" / "items_800.csv"
    if not path.exists():
        pytest.skip("the cases are not here")
    responses = qa.read(path)
    table = PSYCH.item_analysis(responses)
    ours = qa.item_analysis(responses)
    varies = np.asarray(ours["sd"], float) > 0
    k, n = len(varies), int(varies.sum())
    assert table.num_rows == n < k
    # Items without variance change nothing but the factor k / (k - 1).
    [alpha] = PSYCH.summary(responses)["raw_alpha"].to_pylist()
    [own] = qa.summary(responses)["alpha"].to_pylist()
    assert alpha * (n - 1) / n == pytest.approx(own * (k - 1) / k)
    without = np.asarray(table["raw_alpha"], float) * (n - 2) / (n - 1)
    deleted = np.asarray(ours["alpha_if_deleted"], float)[varies] * (k - 2) / (k - 1)
    np.testing.assert_allclose(without, deleted)


def matrices():
    """Correlations: of many, of few (singular), and such as no students have."""
    rng = np.random.default_rng(0)
    for k, _ in product(range(3, 9), range(40)):
        yield np.corrcoef(rng.normal(size=(k, 30)))
        yield np.corrcoef(rng.normal(size=(k, max(3, k - 2))))
        lower = np.tril(rng.integers(-1, 2, (k, k)) / 2, -1)
        yield lower + lower.T + np.eye(k)


def test_an_inverse_without_an_item_is_that_of_the_others():
    for matrix in matrices():
        found = without_each(inverse(matrix[None]))[0]
        for item in range(len(matrix)):
            rest = np.arange(len(matrix)) != item
            part = matrix[np.ix_(rest, rest)]
            want = np.diagonal(np.linalg.pinv(part, rcond=1.5e-8, hermitian=True))
            np.testing.assert_allclose(found[item][rest], want, rtol=1e-9, atol=1e-9)


def of_item(item_id: str, title: str = "T") -> qa.Responses:
    """Two students' answers to this item, and to another."""
    rows = {
        "student_id": ["1", "2", "1", "2"],
        "item_id": [item_id, item_id, "77", "77"],
        "title": [title, title, "U", "U"],
        "response": ["x", "y", "x", "x"],
        "score": [1.0, 0.0, 1.0, 1.0],
        "points_possible": [1.0] * 4,
    }
    return qa.Responses.from_arrow(pa.table(rows))


@pytest.mark.parametrize(
    ("item_id", "title"),
    [
        ("q 1", "T"),
        ("a: b", "T"),
        ("a:b", "T"),
        (" a", "T"),
        ("a\n", "T"),
        ("a\u2003b", "T"),
        ("a\0b", "T"),
        ("name", ""),
        ("n", "correct"),
        ("Unnamed", "0"),
    ],
)
def test_an_id_that_canvas_cannot_hold_is_refused_by_name(item_id, title):
    with pytest.raises(qa.DataError, match="cannot hold this id") as caught:
        CANVAS.student_analysis(of_item(item_id, title))
    assert [problem.value for problem in caught.value.problems] == [item_id]


@pytest.mark.parametrize("item_id", ["123", "007", "q1", "=a", "-5", "NA", "1.0", "id"])
def test_an_id_that_canvas_can_hold_is_read_back(item_id, tmp_path):
    qa.write_csv(CANVAS.student_analysis(of_item(item_id)), tmp_path / "canvas.csv")
    found = qa.read(tmp_path / "canvas.csv")
    assert found.items["item_id"].to_pylist() == [item_id, "77"]


@pytest.mark.parametrize("item_id", ["123", "q 1", "a: b", " a", "=a", "NA", "2.5"])
def test_an_id_that_new_quizzes_can_hold_is_read_back(item_id, tmp_path):
    qa.write_csv(NEW.student_analysis(of_item(item_id)), tmp_path / "new.csv")
    found = qa.read(tmp_path / "new.csv")
    assert sorted(found.items["item_id"].to_pylist()) == sorted([item_id, "77"])


def test_an_id_that_new_quizzes_reads_as_a_number_is_refused():
    with pytest.raises(qa.DataError, match=r"whole number \(found '1.0'\)"):
        NEW.student_analysis(of_item("1.0"))


@pytest.mark.parametrize("name", ["space.csv", "colon.csv"])
def test_the_files_of_foreign_ids_are_read_and_refused_as_canvas_s(name):
    path = HOSTILE / "19" / name
    if not path.exists():
        pytest.skip("the cases are not here")
    with pytest.raises(qa.DataError, match="cannot hold this id"):
        CANVAS.student_analysis(qa.read(path))


def test_the_page_and_the_tables_refuse_in_the_same_words():
    pytest.importorskip("jinja2")
    assert MOST_CELLS == 100_000_000
    page = pytest.importorskip("quizanalysis.page").page
    scores = np.zeros((1, 1_001))
    with pytest.raises(ValueError, match=r"1,000 questions at most, and here are 1,00"):
        page(qa.Responses.from_matrix(scores))
