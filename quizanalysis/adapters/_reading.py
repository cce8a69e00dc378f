"""What can be typed about the files that are read."""

from collections.abc import Mapping
from typing import Any

__all__ = ["READING"]

READING: Mapping[str, Mapping[str, Any]] = {
    "format": {
        "choices": [
            "tidy-csv",
            "tidy-parquet",
            "tidy-ipc",
            "tidy-jsonl",
            "canvas-classic",
            "new-quizzes-csv",
            "new-quizzes-json",
        ],
        "metavar": "FORMAT",
        "help": "what the files are, when their headers should not tell: tidy-csv, "
        "tidy-parquet, tidy-ipc, tidy-jsonl, canvas-classic, new-quizzes-csv or "
        "new-quizzes-json",
    },
    "encoding": {
        "metavar": "NAME",
        "help": "encoding of text files that are not UTF-8, such as cp1252, which is "
        "what Excel for Windows writes as plain CSV in Western Europe and America",
    },
    "quiz_id": {
        "metavar": "ID",
        "help": "name of the quiz, which makes several files parts of one; when not "
        "given, each file that does not name its quizzes is one of its own",
    },
    "max_options": {
        "type": int,
        "metavar": "N",
        "help": "an item with more distinct answers than this has no options",
    },
    "test_student": {
        "action": "store_true",
        "help": "keep the submissions of the course's test student",
    },
}
"""The keywords of `read`."""
