"""The small: one class, a backend that is asked for one quiz at a time, the import."""

import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow.csv

import quizanalysis as qa
from benchmarks import peers
from benchmarks.data import right_or_wrong, tidy_rows
from benchmarks.timing import Elapsed, Way, Work

_COURSE = Path(__file__).parents[1] / "fixtures" / "course"
_IMPORT = """
import sys, time
sys.dont_write_bytecode = False  # compiled once, as an installed package is
start = time.perf_counter()
import {modules}
print(time.perf_counter() - start)
"""


def one_class(*, small: bool) -> Work:
    """All tables of a class, from its scores."""
    del small
    x = right_or_wrong(100, 20)
    frame = pd.DataFrame(x)
    responses = qa.Responses.from_matrix(x, points_possible=1)
    tally = qa.Tally.of(responses)
    ours = np.array(qa.item_analysis(tally)["point_biserial_corrected"])
    np.testing.assert_allclose(ours, peers.numpy_textbook(x)[:, 3], atol=1e-12)
    return Work(
        "a class of 100 x 20, 0/1",
        [
            Way(
                "quizanalysis: scores to all tables of analyze",
                lambda: qa.analyze(qa.Responses.from_matrix(x, points_possible=1)),
            ),
            Way(
                "quizanalysis: scores to item table",
                lambda: qa.item_analysis(
                    qa.Responses.from_matrix(x, points_possible=1)
                ),
            ),
            Way("quizanalysis: tally to item table", lambda: qa.item_analysis(tally)),
            Way("numpy textbook: items only", lambda: peers.numpy_textbook(x)),
            Way("pandas: item-rest only", lambda: peers.pandas_item_rest(frame)),
            Way("pingouin: alpha only", lambda: peers.pingouin_alpha(frame)),
            Way("girth: CTT statistics", lambda: peers.girth_statistics(x.T)),
            Way("mirt: traditional", lambda: peers.mirt_statistics(x)),
        ],
    )


def backend(*, small: bool) -> Work:
    """A thousand small quizzes: in one call, and one at a time."""
    quizzes, each = 1_000, (20 if small else 200)
    rows = tidy_rows(quizzes, 30, 20)
    apart = [rows.slice(i * 600, 600) for i in range(each)]
    one = tidy_rows(1, 30 * quizzes, 20)
    return Work(
        f"{quizzes:,} quizzes of 30 x 20, tidy rows to all tables of analyze",
        [
            Way(
                "quizanalysis: in one call",
                lambda: qa.analyze(qa.Responses.from_arrow(rows)),
            ),
            Way(
                "quizanalysis: one call for each quiz",
                lambda: [qa.analyze(qa.Responses.from_arrow(part)) for part in apart],
                share=each / quizzes,
            ),
            Way(
                "quizanalysis: one quiz with as many rows",
                lambda: qa.analyze(qa.Responses.from_arrow(one)),
            ),
        ],
    )


def imports(*, small: bool) -> Work:
    """What the import costs."""
    del small

    def of(modules: str) -> Elapsed:
        command = [sys.executable, "-c", _IMPORT.format(modules=modules)]
        done = subprocess.run(command, check=True, capture_output=True)
        return Elapsed(done.stdout)

    base = "numpy, scipy.sparse, pyarrow"
    return Work(
        "import, in a process of its own",
        [
            Way("import quizanalysis", lambda: of("quizanalysis")),
            Way(f"import {base}", lambda: of(base)),
            Way("import pandas", lambda: of("pandas")),
            Way("import polars", lambda: of("polars")),
        ],
    )


def exports(*, small: bool) -> Work:
    """A real export, from file to both reports."""
    del small
    path = _COURSE / "canvas_classic.csv"
    options = pyarrow.csv.ParseOptions(newlines_in_values=True)
    return Work(
        f"{path.name}, {path.stat().st_size / 1e6:.1f} MB, to both reports",
        [
            Way("quizanalysis: read and analyze", lambda: qa.analyze(qa.read(path))),
            Way("quizanalysis: read", lambda: qa.read(path)),
            Way(
                "pyarrow: parse the CSV only",
                lambda: pyarrow.csv.read_csv(path, parse_options=options),
            ),
            Way("pandas: parse the CSV only", lambda: pd.read_csv(path)),
        ],
    )


CASES = (one_class, backend, imports, exports)
