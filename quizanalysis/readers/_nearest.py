"""What to type for a file that is in none of the formats: the nearest one, in words."""

import re
from collections.abc import Mapping, Sequence

from quizanalysis._intake.not_items import tell_kind
from quizanalysis._intake.opened import name_columns
from quizanalysis.readers._report_columns import column_key

__all__ = ["advise", "other_names"]

_SYNONYMS: Mapping[str, Sequence[str]] = {
    "student_id": (
        *("student", "studentid", "user", "userid", "username", "learner", "learnerid"),
        *("person", "personid", "examinee", "candidate", "respondent", "participant"),
        *("id", "email", "login", "anonid", "pupil", "sid", "uid", "matrikel"),
        *("matrikelnummer", "etudiant", "estudiante", "alumno", "studente"),
    ),
    "item_id": (
        *("item", "itemid", "question", "questionid", "problem", "problemid", "task"),
        *("exercise", "q", "qid", "questionnumber", "itemnumber", "variable", "name"),
        *("aufgabe", "frage", "pregunta", "domanda", "exercice"),
    ),
    "score": (
        *("score", "points", "mark", "marks", "correct", "iscorrect", "result", "resp"),
        *("grade", "earned", "earnedpoints", "value", "credit", "right", "binary"),
        *("punkte", "puntos", "punti", "note"),
    ),
}
"""What other programs call the three columns that a tidy table must have."""

_ANSWER = re.compile(r"[A-Za-z0-9]{1,3}")
_ROWS = 50
_WIDE = (
    ", one row per student and one column per item: a table that the command line "
    "does not read"
)
_IMPORT = "import pandas as pd, quizanalysis as qa"


def other_names(header: Sequence[str]) -> dict[str, str]:
    """Find the columns that seem to be those of a tidy table, by other names.

    Examples
    --------
    >>> other_names(["user_id", "question", "points"])
    {'user_id': 'student_id', 'question': 'item_id', 'points': 'score'}
    """
    found: dict[str, str] = {}
    for ours, theirs in _SYNONYMS.items():
        keys = [column_key(ours), *theirs]
        near = [name for name in header if column_key(name) in keys]
        near.sort(key=lambda name: keys.index(column_key(name)))
        if near and near[0] not in found:
            found[near[0]] = ours
    return found


def advise(
    file: str,
    header: Sequence[str],
    rows: Sequence[Sequence[str]],
    delimiter: str,
    encoding: str | None,
) -> tuple[str, str] | None:
    """Say what an unknown table seems to be, and the line that reads it.

    Parameters
    ----------
    file : str
        Its name.
    header : sequence of str
    rows : sequence of sequence of str
        The first few rows below.
    delimiter : str
    encoding : str or None

    Returns
    -------
    (str, str) or None
        What is wrong, and what to type; None where the table may be anything.
    """
    body = [row for row in rows[:_ROWS] if len(row) == len(header)]
    columns = list(zip(*body, strict=True))
    load = _read_line(file, columns, delimiter, encoding)
    names = other_names(header)
    certain = {ours for name, ours in names.items() if column_key(name) != "name"}
    if {"student_id", "item_id"} <= certain or {*_SYNONYMS} == {*names.values()}:
        return _rename(load, header, names)
    if len(header) < 2 or not body:
        return None
    table, items = _keep_items(load, header, columns)
    if items and all(map(_is_numbers, items)) and any(map(any, items)):
        take = f"qa.Responses.from_matrix({table})"
        show = "print(qa.item_analysis(responses).to_pandas())"
        return f"scores{_WIDE}", f"{_IMPORT}; responses = {take}; {show}"
    if items and all(map(_is_choices, items)):
        as_text = table.replace(load, f"{load[:-1]}, dtype=str)")
        return f"answers{_WIDE}", _read_answers(as_text, columns[0])
    return None


def _read_line(
    file: str, columns: Sequence[Sequence[str]], delimiter: str, encoding: str | None
) -> str:
    """Write how pandas reads the file."""
    options = [repr(file)]
    if delimiter != ",":
        options.append(f"sep={delimiter!r}")
        comma = re.compile(r"[+-]?\d+,\d+")
        if any(comma.fullmatch(cell) for column in columns for cell in column):
            options.append("decimal=','")
    if encoding is not None:
        options.append(f"encoding={encoding!r}")
    return f"pd.read_csv({', '.join(options)})"


def _keep_items(
    load: str, header: Sequence[str], columns: Sequence[Sequence[str]]
) -> tuple[str, list[Sequence[str]]]:
    """Write the table of the items alone, with ids as its index; and their cells."""
    kinds = [tell_kind(name) for name in header]
    ids = [at for at, kind in enumerate(kinds) if kind == "an id"]
    if not ids and not _is_numbers(columns[0]):
        ids = [0]  # texts in front of numbers or choices say who it is
    others = [
        at for at, kind in enumerate(kinds) if kind == "a total" or at in ids[:-1]
    ]
    table = load
    if ids:
        where = f"{load}.columns[{ids[-1]}]" if not header[ids[-1]] else None
        table += f".set_index({where or repr(header[ids[-1]])})"
    if others:
        table += f".drop(columns={[header[at] for at in others]!r})"
    items = [
        column
        for at, column in enumerate(columns)
        if at not in ids and at not in others
    ]
    return table, items


def _rename(
    load: str, header: Sequence[str], names: Mapping[str, str]
) -> tuple[str, str]:
    """Advise on a tidy table by other names of its columns."""
    wrong = {name: ours for name, ours in names.items() if name != ours}
    said = ", ".join(f"'{name[:40]}' for '{ours}'" for name, ours in wrong.items())
    if "score" not in names.values():
        words = name_columns(header)
        what = f"one row per student and item, with no column 'score' among {words}"
        return what, "name the column of the points 'score' in the header"
    take = f"qa.Responses.from_arrow({load}.rename(columns={wrong!r}))"
    return (
        f"one row per student and item, with {said}",
        f"name the columns so in the header, or in Python: {_IMPORT}; responses = "
        + take,
    )


def _read_answers(table: str, first: Sequence[str]) -> str:
    """Write the line that reads answers, with the key among the rows or apart."""
    keys = [row for row in first if "key" in row.lower()]
    rows, key = "answers", "['A', 'C', …]"
    if keys:
        rows, key = f"answers.drop({keys[0]!r})", f"answers.loc[{keys[0]!r}]"
    read = f"{_IMPORT}; answers = {table}"
    return f"{read}; responses = qa.Responses.from_answers({rows}, key={key})"


def _is_numbers(column: Sequence[str]) -> bool:
    """Whether all cells that hold anything are numbers, or all are true or false."""
    said = [cell.strip() for cell in column if cell.strip() not in {"", "NA", "NaN"}]
    plain = re.compile(r"[+-]?(\d+([.,]\d*)?|[.,]\d+)", re.ASCII)
    return all(plain.fullmatch(cell) for cell in said) or all(
        cell.lower() in {"true", "false"} for cell in said
    )


def _is_choices(column: Sequence[str]) -> bool:
    """Whether all cells that hold anything are short words, as choices are."""
    return all(_ANSWER.fullmatch(cell.strip()) for cell in column if cell.strip())
