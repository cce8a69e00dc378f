"""Which quizzes a folder holds: the exports in it, or what its index says."""

import json
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import quizanalysis as qa

__all__ = ["INDEX", "Served", "found"]

INDEX = "quizzes.json"
"""``{"<course id>": {"<assignment id>": "<file>"}}``: which file is which quiz."""

_COURSE = "1"
_ID = re.compile(r"[0-9A-Za-z][\w.~-]*", re.ASCII)
_SUFFIXES = (".csv", ".json", ".jsonl", ".parquet", ".arrow", ".tsv", ".txt")


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """A quiz that is served: its ids, its file, and how many submissions it has."""

    course_id: str
    assignment_id: str
    file: Path
    n: int


def found(folder: Path, skipped: Callable[[str], object]) -> list[Served]:
    """Find the quizzes of a folder: those of its index, or every export in it.

    Without an index the course is 1, and the assignments are numbered by file name. A
    file that is no export of one quiz is left out then, and `skipped` is told why.

    Raises
    ------
    ValueError
        Where there is none, or the index is wrong.
    """
    index = folder / INDEX
    if index.exists():
        return [_served(folder, *named) for named in _indexed(index)]
    quizzes: list[Served] = []
    for file in sorted(folder.iterdir()):
        if not file.is_file() or file.suffix.lower() not in _SUFFIXES:
            continue
        try:
            quizzes.append(_served(folder, _COURSE, str(len(quizzes) + 1), file.name))
        except ValueError as error:
            skipped(str(error))
    if not quizzes:
        msg = f"'{folder}' holds no export that can be read"
        raise ValueError(msg)
    return quizzes


def _indexed(index: Path) -> list[tuple[str, str, str]]:
    """Read the index."""
    try:
        courses = json.loads(index.read_text("utf-8"))
        named = [
            (course, assignment, str(file))
            for course, assignments in courses.items()
            for assignment, file in assignments.items()
        ]
    except (ValueError, AttributeError):
        named = []
    ids = [word for course, assignment, _ in named for word in (course, assignment)]
    if not named or not all(_ID.fullmatch(word) for word in ids):
        msg = f"'{index}' must be {{course id: {{assignment id: file name}}}}"
        raise ValueError(msg)
    return named


def _served(folder: Path, course_id: str, assignment_id: str, name: str) -> Served:
    """Read an export once, to see that it is one and of one quiz."""
    file = folder / name
    if not file.is_file() or not file.resolve().is_relative_to(folder.resolve()):
        msg = f"{name}: no such file in the folder"
        raise ValueError(msg)
    try:
        responses = qa.read(file)
    except qa.DataError as error:
        problem = replace(error.problems[0], table=name, hint=None)
        raise ValueError(str(problem)) from None
    quizzes = len(responses.items["quiz_id"].unique())
    if quizzes != 1:
        msg = f"{name}: holds {quizzes:,} quizzes, and here a file is one"
        raise ValueError(msg)
    return Served(
        course_id=course_id, assignment_id=assignment_id, file=file, n=len(responses)
    )
