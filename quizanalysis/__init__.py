"""Student and item analysis of quiz submissions: exact, mergeable, honest."""

from quizanalysis import conventions, ctt, intervals, mantel_haenszel, schema
from quizanalysis.errors import (
    DataError,
    InvalidReport,
    MergeError,
    Problem,
    QuizAnalysisError,
    ReportConflict,
)
from quizanalysis.fairness import dif, item_analysis_by_section
from quizanalysis.findings import Thresholds, findings
from quizanalysis.privacy import suppressed
from quizanalysis.progress import Progress
from quizanalysis.readers import read
from quizanalysis.readers.batches import read_batches
from quizanalysis.report import Report, analyze, create_report
from quizanalysis.responses import Responses
from quizanalysis.tables import (
    exclusions,
    item_analysis,
    option_analysis,
    option_traces,
    student_analysis,
    summary,
)
from quizanalysis.tally import Tally
from quizanalysis.what_if import WhatIf, what_if
from quizanalysis.writers import write_csv, write_json

__version__ = "0.1.0"

__all__ = [
    "DataError",
    "InvalidReport",
    "MergeError",
    "Problem",
    "Progress",
    "QuizAnalysisError",
    "Report",
    "ReportConflict",
    "Responses",
    "Tally",
    "Thresholds",
    "WhatIf",
    "analyze",
    "conventions",
    "create_report",
    "ctt",
    "dif",
    "exclusions",
    "findings",
    "intervals",
    "item_analysis",
    "item_analysis_by_section",
    "mantel_haenszel",
    "option_analysis",
    "option_traces",
    "read",
    "read_batches",
    "schema",
    "student_analysis",
    "summary",
    "suppressed",
    "what_if",
    "write_csv",
    "write_json",
]
