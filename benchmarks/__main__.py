"""``python -m benchmarks``: print one table of times, ratios and peak memory.

``--small`` is for a quick check that everything still runs and agrees; names of cases
or of their groups choose among them.
"""

import argparse
import os
import platform

from benchmarks import classes, matrices, rows
from benchmarks.timing import lines

GROUPS = {
    "classes": classes.CASES,
    "matrices": matrices.CASES,
    "rows": rows.CASES,
}


def main() -> None:
    """Run the cases asked for, or all."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", help=f"of cases, or {', '.join(GROUPS)}")
    parser.add_argument("--small", action="store_true", help="small sizes, few rounds")
    parser.add_argument("--rounds", type=int, help="rounds of each case")
    options = parser.parse_args()
    n = options.rounds or (3 if options.small else 5)
    print(
        f"{platform.machine()}, {os.cpu_count()} cores, "
        f"Python {platform.python_version()}"
    )
    for group, cases in GROUPS.items():
        for case in cases:
            if not options.names or {group, case.__name__} & set(options.names):
                print()
                for line in lines(case(small=options.small), n):
                    print(line, flush=True)


if __name__ == "__main__":
    main()
