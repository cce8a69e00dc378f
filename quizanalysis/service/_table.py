"""The one table of the service: a row for each report that was ever asked for."""

from dataclasses import dataclass

import sqlalchemy as sa

from quizanalysis.progress import WorkflowState

__all__ = ["JOBS", "LIVE", "Job"]

JOBS = sa.Table(
    "quizanalysis_reports",
    sa.MetaData(),
    sa.Column(
        "id", sa.BigInteger().with_variant(sa.Integer, "sqlite"), primary_key=True
    ),
    sa.Column("course_id", sa.Text, nullable=False),
    sa.Column("assignment_id", sa.Text, nullable=False),
    sa.Column("report_type", sa.Text, nullable=False),
    sa.Column("format", sa.Text, nullable=False),
    sa.Column("user_id", sa.Text),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("completion", sa.Integer, nullable=False),
    sa.Column("message", sa.Text),
    sa.Column("file", sa.Text, unique=True),
    sa.Column("worker", sa.Text, nullable=False),
    sa.Column("lease", sa.Double, nullable=False),
    sa.Column("deadline", sa.Double, nullable=False),
    sa.Column("created_at", sa.Double, nullable=False),
    sa.Column("updated_at", sa.Double, nullable=False),
    sa.CheckConstraint("state IN ('queued', 'running', 'completed', 'failed')"),
    sa.CheckConstraint("completion BETWEEN 0 AND 100"),
    sa.CheckConstraint("(completion = 100) = (state = 'completed')"),
    sa.CheckConstraint("file IS NOT NULL OR state <> 'completed'"),
    sqlite_autoincrement=True,  # an id that was given is never given again
)
"""A worker is believed to be alive until ``lease``; a job may take until ``deadline``.

Times are seconds since 1970 of the database's clock.
"""

# In words of the statement, not as parameters: so an index can be chosen by them.
LIVE = JOBS.c.state.in_([sa.literal_column("'queued'"), sa.literal_column("'running'")])

# This index is the rule "one report type per quiz at a time".
sa.Index(
    "quizanalysis_reports_live",
    JOBS.c.course_id,
    JOBS.c.assignment_id,
    JOBS.c.report_type,
    unique=True,
    sqlite_where=LIVE,
    postgresql_where=LIVE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One row as it was read, and whether it was late then.

    Attributes
    ----------
    abandoned : bool
        Queued or running, and its worker gives no sign of life.
    overdue : bool
        Queued or running, and past its deadline.
    """

    id: int
    course_id: str
    assignment_id: str
    report_type: str
    format: str
    user_id: str | None
    state: WorkflowState
    completion: int
    message: str | None
    file: str | None
    created_at: float
    updated_at: float
    abandoned: bool
    overdue: bool
