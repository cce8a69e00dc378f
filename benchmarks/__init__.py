"""How fast it is, beside what else one would use: ``python -m benchmarks``."""

import os

# One thread is what is compared; those who take more say so. Read when numpy loads.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # noqa: TID251
