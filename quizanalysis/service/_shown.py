"""A job and its file, as they are shown to whoever asked for the report."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import BinaryIO

from quizanalysis.progress import Progress
from quizanalysis.service._links import Links
from quizanalysis.service._table import Job

__all__ = ["Result", "shown"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """A finished report.

    Attributes
    ----------
    file : binary file
        Open for reading; whoever has it closes it.
    name : str
        What to call it: letters, digits, ``_`` and one dot.
    media_type : str
    course_id : str
        Whose it is, for whoever authorises.
    """

    file: BinaryIO
    name: str
    media_type: str
    course_id: str


def shown(job: Job, links: Links) -> Progress:
    """Tell how far a job is, with a fresh link when it is completed."""
    results = None
    if job.state == "completed" and job.file is not None:
        results = {"url": links.download(job.file)}
    return Progress(
        id=str(job.id),
        context_id=job.assignment_id,
        user_id=job.user_id,
        completion=float(job.completion),
        workflow_state=job.state,
        created_at=datetime.fromtimestamp(job.created_at, UTC),
        updated_at=datetime.fromtimestamp(job.updated_at, UTC),
        results=results,
        url=links.progress(job.id),
        tag="quiz_report",
        message=job.message,
    )
