"""The program: it can be interrupted from its first line, before the long imports."""

import sys

from quizanalysis.adapters._interruption import Interruption

__all__ = ["main"]


def main() -> int:
    """Run the command of this process, and return its exit status."""
    interruption = Interruption()
    interruption.install()
    from quizanalysis.adapters import cli  # noqa: PLC0415  numpy and Arrow take long

    status = cli.main(interruption=interruption)
    interruption.finish()
    return status


if __name__ == "__main__":
    sys.exit(main())
