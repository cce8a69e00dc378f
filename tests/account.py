"""What commands say on standard error when nothing is wrong."""

import re

_SAID = re.compile(
    r"read .*:$|left out: |noted: |wrote |[\d,]+ submissions? of [\d,]+ students? at "
)


def faults(err):
    """The lines that say anything else."""
    return [line for line in err.splitlines() if not _SAID.match(line)]


def quiet(status, out, err):
    """Whether all went well, and nothing was written to standard output."""
    return (status, out, faults(err)) == (0, b"", [])
