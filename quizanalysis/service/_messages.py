"""What the owner of a failed report is told: the cause, and nothing else."""

import logging
import secrets

from quizanalysis.errors import QuizAnalysisError
from quizanalysis.service._table import Job

__all__ = ["ABANDONED", "CLOSING", "LOG", "late", "plain", "told"]

LOG = logging.getLogger("quizanalysis.service")

ABANDONED = "the process that made this report ended before it was done; ask again"
CLOSING = "the service is shutting down; ask again"

_LONGEST = 2000


def told(error: BaseException, number: int, *, source: bool) -> str:
    """Say why a job failed, and log what is not to be told.

    Parameters
    ----------
    error : exception
    number : int
        The job's id, for the log.
    source : bool
        Whether the source raised it: then a LookupError says that there is no such
        quiz. Elsewhere it is a defect like any other.

    Notes
    -----
    The text of any other error may hold anything, such as an address with a password:
    only its class is told, and a word by which it is found in the log.
    """
    if isinstance(error, QuizAnalysisError) or (
        source and isinstance(error, LookupError)
    ):
        # The text of a KeyError is its key in quotes; what was said is wanted.
        text = str(
            error.args[0] if isinstance(error, KeyError) and error.args else error
        )
        LOG.info("report %d failed: %s", number, type(error).__name__)
        return plain(text) or type(error).__name__
    word = secrets.token_hex(4)
    LOG.error("report %d failed, told as %s", number, word, exc_info=error)
    return f"{type(error).__name__}; the log of the service has the cause under {word}"


def late(job: Job, limit_s: float) -> str:
    """Say why a job is given up that gives no sign of life, or takes too long."""
    if job.abandoned:
        return ABANDONED
    return f"this report was not done within {limit_s:g} s; ask again"


def plain(text: str) -> str:
    """Leave what every database and every client can hold."""
    text = text.replace("\0", "").encode(errors="replace").decode()
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"
