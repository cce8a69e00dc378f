"""``python -m quizanalysis``: the command line."""

import sys

from quizanalysis.adapters.cli import main

if __name__ == "__main__":
    sys.exit(main())
