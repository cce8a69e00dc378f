"""``python -m benchmarks.findings``: how often sound items are accused.

Classes of several sizes answer 20 sound Rasch items (correlation with the rest 0.37).
Printed is the share of items that our rules put under *look* for their discrimination,
beside the usual rule: a correlation with the rest below 0.1.
"""

import argparse

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

import quizanalysis as qa

SIZES = (10, 20, 30, 100)
RULES = ["does_not_discriminate", "discriminates_negatively"]


def classes(n: int, runs: int) -> qa.Responses:
    """So many classes of n students, as the quizzes of one set of responses."""
    random = np.random.default_rng(n)
    ability = random.normal(0, 1.13, (runs, n, 1))
    scores = random.random((runs, n, 20)) < 1 / (
        1 + np.exp(np.linspace(-2, 2, 20) - ability)
    )
    quiz, student, item = np.indices(scores.shape).reshape(3, -1)
    columns = {
        name: pa.array(place).cast(pa.string())
        for name, place in (
            ("quiz_id", quiz),
            ("student_id", student),
            ("item_id", item),
        )
    }
    columns["score"] = pa.array(scores.ravel().astype(float))
    columns["points_possible"] = pa.array(np.ones(scores.size))
    return qa.Responses.from_arrow(pa.table(columns))


def accused(n: int, runs: int) -> tuple[float, float]:
    """The share of sound items to look at, by our rules and by the usual one."""
    report = qa.analyze(classes(n, runs))
    rows = qa.findings(report)
    wanted = pc.is_in(rows["finding"], pa.array(RULES))
    rows = rows.filter(pc.and_(wanted, pc.equal(rows["outcome"], "look")))
    items = rows.select(["quiz_id", "item_id"]).group_by(["quiz_id", "item_id"])
    r = report.item_analysis["point_biserial_corrected"]
    usual = pc.sum(pc.less(r, 0.1)).as_py()
    every = report.item_analysis.num_rows
    return items.aggregate([]).num_rows / every, usual / every


def main() -> None:
    """Print one row per size of class."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.findings")
    parser.add_argument("--small", action="store_true", help="100 classes, not 1,000")
    runs = 100 if parser.parse_args().small else 1000
    print(f"sound items accused, {runs:,} classes of 20 items\n")
    print("students    findings    correlation below 0.1")
    for n in SIZES:
        ours, usual = accused(n, runs)
        print(f"{n:>8}{ours:>11.1%}{usual:>25.1%}")
        if ours > 0.03:
            msg = f"with {n} students {ours:.1%} of sound items are accused"
            raise SystemExit(msg)


if __name__ == "__main__":
    main()
