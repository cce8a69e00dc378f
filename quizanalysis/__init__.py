"""Student and item analysis of quiz submissions: exact, mergeable, honest.

A public name is imported when it is first used (PEP 562), so that a command that reads
no data does not wait for numpy, pandas and Arrow.
"""

from importlib import import_module

TYPE_CHECKING = False  # importing typing takes as long as all of this module
if TYPE_CHECKING:
    from quizanalysis import conventions as conventions
    from quizanalysis import ctt as ctt
    from quizanalysis import intervals as intervals
    from quizanalysis import mantel_haenszel as mantel_haenszel
    from quizanalysis import schema as schema
    from quizanalysis.changes import WhatIf as WhatIf
    from quizanalysis.changes import what_if as what_if
    from quizanalysis.errors import DataError as DataError
    from quizanalysis.errors import InvalidReport as InvalidReport
    from quizanalysis.errors import MergeError as MergeError
    from quizanalysis.errors import Problem as Problem
    from quizanalysis.errors import QuizAnalysisError as QuizAnalysisError
    from quizanalysis.errors import ReportConflict as ReportConflict
    from quizanalysis.fairness import dif as dif
    from quizanalysis.fairness import (
        item_analysis_by_section as item_analysis_by_section,
    )
    from quizanalysis.privacy import suppressed as suppressed
    from quizanalysis.progress import Progress as Progress
    from quizanalysis.readers import read as read
    from quizanalysis.readers.batches import read_batches as read_batches
    from quizanalysis.report import Report as Report
    from quizanalysis.report import analyze as analyze
    from quizanalysis.report import create_report as create_report
    from quizanalysis.responses import Responses as Responses
    from quizanalysis.rules import Thresholds as Thresholds
    from quizanalysis.rules import findings as findings
    from quizanalysis.tables import exclusions as exclusions
    from quizanalysis.tables import item_analysis as item_analysis
    from quizanalysis.tables import option_analysis as option_analysis
    from quizanalysis.tables import option_traces as option_traces
    from quizanalysis.tables import student_analysis as student_analysis
    from quizanalysis.tables import summary as summary
    from quizanalysis.tally import Tally as Tally
    from quizanalysis.writers import write_csv as write_csv
    from quizanalysis.writers import write_json as write_json

__version__ = "0.1.0"

_MODULES = ("conventions", "ctt", "intervals", "mantel_haenszel", "schema")

_CONTENTS = {
    "changes": ("WhatIf", "what_if"),
    "errors": (
        "DataError",
        "InvalidReport",
        "MergeError",
        "Problem",
        "QuizAnalysisError",
        "ReportConflict",
    ),
    "fairness": ("dif", "item_analysis_by_section"),
    "privacy": ("suppressed",),
    "progress": ("Progress",),
    "readers": ("read",),
    "readers.batches": ("read_batches",),
    "report": ("Report", "analyze", "create_report"),
    "responses": ("Responses",),
    "rules": ("Thresholds", "findings"),
    "tables": (
        "exclusions",
        "item_analysis",
        "option_analysis",
        "option_traces",
        "student_analysis",
        "summary",
    ),
    "tally": ("Tally",),
    "writers": ("write_csv", "write_json"),
}

_HOMES = {name: module for module, names in _CONTENTS.items() for name in names}

if not TYPE_CHECKING:  # a type checker knows the names, and none besides
    __all__ = sorted([*_MODULES, *_HOMES])  # noqa: PLE0605

    def __getattr__(name: str) -> object:
        """Import a public name from its module, once."""
        if name in _MODULES:
            return import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
        globals()[name] = value
        return value

    def __dir__() -> list[str]:
        return [*__all__, "__version__"]
