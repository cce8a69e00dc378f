"""R's packages, where R and they are installed; R takes its own time."""

import shutil
import subprocess
from pathlib import Path

import numpy as np

from benchmarks.data import Floats
from benchmarks.timing import Elapsed, Way

_PACKAGES = {
    "R psych::alpha": ("psych", "psych::alpha(x, check.keys = FALSE)"),
    "R psychometric::item.exam": (
        "psychometric",
        "psychometric::item.exam(as.data.frame(x), discrim = TRUE)",
    ),
    "R, a loop as in CTT::itemAnalysis": (
        "stats",
        """for (j in seq_len(ncol(x))) {
            rest <- rowSums(x[, -j])
            c(cor(x[, j], rest), 1 - sum(apply(x[, -j], 2, var)) / var(rest))
        }""",
    ),
}
_SCRIPT = """
n <- {n}; k <- {k}
x <- matrix(as.numeric(readBin("{file}", "integer", n * k, size = 1)), n, byrow = TRUE)
taken <- system.time(suppressWarnings(suppressMessages({{{call}}})))
cat("\\n", taken[["elapsed"]], "\\n")
"""


def ways(scores: Floats, share: float, folder: Path) -> list[Way]:
    """Those of R's packages that are here, on the first rows of the scores."""
    if not (program := shutil.which("Rscript")):
        return []
    some = scores[: int(len(scores) * share)].astype(np.int8)
    file = folder / "scores.bin"
    file.write_bytes(some.tobytes())

    def way(name: str, call: str) -> Way:
        n, k = some.shape
        script = _SCRIPT.format(n=n, k=k, file=file, call=call)

        def run() -> Elapsed:
            done = subprocess.run(
                [program, "-e", script], check=True, capture_output=True, text=True
            )
            return Elapsed(done.stdout.split()[-1])

        return Way(name, run, share)

    return [
        way(name, call)
        for name, (package, call) in _PACKAGES.items()
        if _has(program, package)
    ]


def _has(program: str, package: str) -> bool:
    found = f'cat(requireNamespace("{package}", quietly = TRUE))'
    said = subprocess.run(
        [program, "-e", found], check=True, capture_output=True, text=True
    )
    return said.stdout.endswith("TRUE")
