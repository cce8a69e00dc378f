"""The job service of the reports API, to embed in a backend (extra ``service``).

``Reports`` makes reports in the background and tells how far they have come; a table
in a database holds the jobs, so that several processes may share them.
"""

try:
    import itsdangerous as _itsdangerous  # noqa: F401  only to say what is missing
    import sqlalchemy as _sqlalchemy  # noqa: F401
except ImportError as error:
    _MISSING = (
        f"the report service needs {error.name}: pip install 'quizanalysis[service]'"
    )
    raise ImportError(_MISSING, name=error.name) from error

from quizanalysis.errors import UnknownReport
from quizanalysis.service.reports import Reports, Result

__all__ = ["Reports", "Result", "UnknownReport"]
