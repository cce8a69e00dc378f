"""Student and item analysis of quiz submissions: exact, mergeable, honest."""

from quizanalysis import conventions, ctt, intervals, schema
from quizanalysis.errors import (
    DataError,
    InvalidReport,
    MergeError,
    Problem,
    QuizAnalysisError,
    ReportConflict,
)
from quizanalysis.findings import Thresholds, findings
from quizanalysis.progress import Progress
from quizanalysis.readers import read
from quizanalysis.readers.batches import read_batches
from quizanalysis.report import Report, analyze, create_report
from quizanalysis.responses import Responses
from quizanalysis.tables import (
    item_analysis,
    option_analysis,
    option_traces,
    student_analysis,
    summary,
)
from quizanalysis.tally import Tally
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
    "analyze",
    "conventions",
    "create_report",
    "ctt",
    "findings",
    "intervals",
    "item_analysis",
    "option_analysis",
    "option_traces",
    "read",
    "read_batches",
    "schema",
    "student_analysis",
    "summary",
    "write_csv",
    "write_json",
]
