"""``python -m benchmarks.disk``: rows on disk that memory need not hold.

Writes tidy rows to Parquet files, counts them batch by batch in a process of its own,
and says how much memory that took at most, in all. Where all fit, the counts are held
against those made at once.
"""

import argparse
import json
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

import quizanalysis as qa
from benchmarks.data import right_or_wrong

ITEMS, PIECE = 10, 3_000_000
FITS = 30_000_000

COUNT = """
import json, resource, sys, time
import quizanalysis as qa

start = time.perf_counter()
tally = qa.Tally.of(qa.read_batches(sys.argv[1:]))
print(json.dumps({
    "seconds": time.perf_counter() - start,
    "bytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
    "digest": tally.digest,
}))
"""


def write(folder: Path, rows: int) -> list[Path]:
    """Ten quizzes, of people who stand together; in files of a few million rows."""
    paths = []
    for start in range(0, rows, PIECE):
        n = min(PIECE, rows - start) // ITEMS
        first = start // ITEMS
        people = np.repeat(np.arange(first, first + n), ITEMS)
        quizzes = pa.array([f"quiz {i}" for i in range(10)])
        quiz = pa.DictionaryArray.from_arrays(people * 10 * ITEMS // rows, quizzes)
        item = pa.array([f"item {i}" for i in range(ITEMS)])
        items = np.tile(np.arange(ITEMS, dtype=np.int32), n)
        table = pa.table(
            {
                "quiz_id": quiz,
                "student_id": pa.array(people).cast(pa.string()),
                "item_id": pa.DictionaryArray.from_arrays(items, item),
                "score": right_or_wrong(n, ITEMS, np.uint8).ravel(),
            }
        )
        paths.append(folder / f"{start:012}.parquet")
        pq.write_table(table, paths[-1])
    return paths


def main() -> None:
    """Write, count, compare."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.disk")
    parser.add_argument("--rows", type=int, default=100_000_000)
    rows = parser.parse_args().rows
    with TemporaryDirectory(prefix="quizanalysis-") as name:
        paths = write(Path(name), rows)
        command = [sys.executable, "-c", COUNT, *map(str, paths)]
        told = json.loads(
            subprocess.run(command, check=True, capture_output=True).stdout
        )
        size = sum(path.stat().st_size for path in paths)
        print(
            f"{rows:,} rows, {size / 1e6:,.0f} MB of Parquet: "
            f"{told['seconds']:,.1f} s, "
            f"{told['bytes'] / 1e6:,.0f} MB of memory at most"
        )
        if rows <= FITS:
            assert qa.Tally.of(qa.read(paths)).digest == told["digest"]
            print("the same counts as read at once")


if __name__ == "__main__":
    main()
