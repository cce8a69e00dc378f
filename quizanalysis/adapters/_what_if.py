"""What changes would do: made as it was typed, and told to a person in words."""

import json
from argparse import Namespace
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis.adapters._layout import REST, Column, Row, fitting
from quizanalysis.adapters._rows import MOST_ROWS
from quizanalysis.adapters._terminal import print_notes, print_table, remarks

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["made", "show"]

_T = TypeVar("_T")

_CROSSES = {1: "passes now", -1: "fails now"}


def _crossing(value: object) -> str:
    return _CROSSES.get(value, "") if isinstance(value, int) else ""


def _up_or_down(value: object) -> str:
    return f"{value:+d}" if isinstance(value, int) and value else ""


def _both(name: str, head: str, digits: int | None, spare: int = 0) -> list[Column]:
    return [
        Column(
            name=f"{name}_{when}",
            head=f"{head}\n{when}",
            digits=digits,
            form=_words.points,
            spare=spare,
        )
        for when in ("before", "after")
    ]


_QUIZ = Column(name="quiz_id", head="quiz", left=True, long=True)

_COLUMNS: Mapping[str, Sequence[Column]] = {
    "students": (
        Column(name="name", head="name", left=True, long=True, always=False),
        Column(name="student_id", head="student", left=True),
        *_both("score", "score", 2),
        *_both("percent", "%", 1),
        *_both("rank", "rank", None, 2),
        Column(name="rank_change", head="places", form=_up_or_down, spare=3),
        Column(name="crosses", head="", form=_crossing, left=True, always=False),
    ),
    "items": (
        Column(name="position", head="#", always=False),
        Column(name="item_id", head="item", left=True),
        Column(name="title", head="question", left=True, long=True, spare=4),
        Column(name="changed", head="changed", left=True),
        *_both("points_possible", "points", None, 3),
        *_both("difficulty", "difficulty", 2, 2),
        *_both("discrimination", "discrimi-\nnation", 2, 1),
        *_both(REST, "r with\nrest", 2),
    ),
    "summary": (
        _QUIZ,
        *_both("n", "n", None, 2),
        *_both("mean", "mean", 2),
        *_both("alpha", "alpha", 2),
        *_both("sem", "sem", 2, 1),
        Column(name="n_gain", head="gain"),
        Column(name="n_lose", head="lose"),
        Column(name="n_pass_now", head="pass\nnow", always=False),
        Column(name="n_fail_now", head="fail\nnow", always=False),
    ),
}


def made(arguments: Namespace, responses: qa.Responses) -> qa.WhatIf:
    """Do what was asked.

    Raises
    ------
    ValueError
        When it cannot be done with these responses; a `DataError` is one.
    """
    items, choices = responses.items, responses.options
    if arguments.quiz is not None:
        items, choices = (
            table.filter(pc.equal(table["quiz_id"], arguments.quiz))
            for table in (items, choices)
        )
    ids = set(items["item_id"].to_pylist())
    positions: dict[str, list[str]] = {}
    for item, position in zip(*_columns(items, "item_id", "position"), strict=True):
        if position is not None:
            positions.setdefault(str(position), []).append(item)

    def named(word: str) -> str | None:
        if word in ids:
            return word
        found = positions.get(word, [])
        if len(found) > 1:
            msg = (
                f"{word} is the number of {len(found)} items: {', '.join(found[:8])}; "
                "name one by its id, or give its quiz with --quiz"
            )
            raise ValueError(msg)
        return found[0] if found else None

    return qa.what_if(
        responses,
        drop=[named(word) or word for word in arguments.drop],
        rekey=_pairs("--rekey", arguments.rekey, named, _keys(choices)),
        full_credit=[named(word) or word for word in arguments.full_credit],
        weights=_pairs("--weight", arguments.weight, named, _points),
        quiz_id=arguments.quiz,
        pass_mark=arguments.pass_mark,
        attempt=arguments.attempt,
    )


def _columns(table: pa.Table, *names: str) -> Iterator[list[Any]]:
    return (table[name].to_pylist() for name in names)


def _pairs(
    flag: str,
    words: Sequence[str],
    named: Callable[[str], str | None],
    value: Callable[[str, str], _T],
) -> dict[str, _T]:
    """Take ITEM=VALUE apart, at the first = before which there is an item."""
    found: dict[str, _T] = {}
    for word in words:
        ends = [at for at, letter in enumerate(word) if letter == "="]
        if not ends:
            msg = f"argument {flag}: ITEM=VALUE, not {word!r}"
            raise ValueError(msg)
        at = next((at for at in ends if named(word[:at]) is not None), ends[0])
        item = named(word[:at]) or word[:at]
        if item in found:
            msg = f"argument {flag}: item {item!r} is named twice"
            raise ValueError(msg)
        found[item] = value(item, word[at + 1 :])
    return found


def _keys(choices: pa.Table) -> Callable[[str, str], str | list[str | list[str]]]:
    """Take options apart: commas between equally right ones, + between parts of one."""

    def key(item: str, words: str) -> str | list[str | list[str]]:
        mine = choices.filter(pc.equal(choices["item_id"], item))
        known = set().union(*_columns(mine, "option", "text"))
        if words in known:
            return words
        return [
            word if word in known or "+" not in word else word.split("+")
            for word in words.split(",")
        ]

    return key


def _points(item: str, words: str) -> float:
    try:
        return float(words)
    except ValueError:
        msg = f"argument --weight: {words!r} are no points for item {item!r}"
        raise ValueError(msg) from None


def show(made: qa.WhatIf, table: str, console: "Console") -> None:
    """Print what changes in words, and one of the tables.

    Parameters
    ----------
    made : WhatIf
    table : {"students", "items", "summary"}
        Of the quizzes with a change; of the students only those whose result changes.
    console : rich.console.Console
    """
    options = json.loads(made.students.schema.metadata[b"made"])["options"]
    changed = made.items.filter(pc.is_valid(made.items["changed"]))
    quizzes = changed["quiz_id"].unique()
    for quiz in _of(made.summary, quizzes).slice(0, MOST_ROWS).to_pylist():
        mine = changed.filter(pc.equal(changed["quiz_id"], quiz["quiz_id"]))
        print_notes(console, [("", ""), (_words.one_line(quiz["quiz_id"]), "bold")])
        lines = [*map(_item, mine.to_pylist()), *_quiz(quiz, made.students, options)]
        print_notes(console, [(line, "") for line in [*lines, ""]])
    data = _of(getattr(made, table), quizzes)
    data = _whose_result_changes(data) if table == "students" else data
    rows = [*map(_shown, data.slice(0, MOST_ROWS).to_pylist())]
    if not rows:
        print_notes(console, [("no student's result changes", "")])
        return
    own = [_QUIZ] * (len(quizzes) > 1 and table != "summary")
    columns = fitting([*own, *_COLUMNS[table]], rows, console.width)
    print_table(console, columns, rows)
    print_notes(console, remarks(table, rows, columns))
    if (more := data.num_rows - MOST_ROWS) > 0:
        hint = f"{more:,} more rows are not shown; -o FILE.csv has them all"
        print_notes(console, [(hint, "yellow")])


def _of(table: pa.Table, quizzes: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(table["quiz_id"], quizzes))


def _shown(row: Row) -> Row:
    """Leave the cell of what was not changed empty."""
    return {**row, "changed": row.get("changed") or ""}


def _item(row: Row) -> str:
    """Say what is changed of an item, and what that does to its figures."""
    names = (row["position"], row["item_id"], row["title"])
    title = " ".join(_words.one_line(name) for name in names if name is not None)
    if row["changed"] == "dropped":
        return f"dropped: {title}"
    figures = (("difficulty", "difficulty"), ("r with rest", REST))
    said = ", ".join(f"{head} {_change(row, name)}" for head, name in figures)
    return f"{row['changed']}: {title}; {said}"


def _quiz(row: Row, students: pa.Table, options: Row) -> Iterator[str]:
    """Say who gains, who loses and who crosses, and what becomes of the quiz."""
    n = pc.sum(pc.equal(students["quiz_id"], row["quiz_id"])).as_py()
    who = _words.counted(
        n, "submissions" if options["attempt"] == "all" else "students"
    )
    yield f"{who}, {_words.ATTEMPTS[options['attempt']]}"
    yield f"{_do(row['n_gain'], 'gain')} and {_do(row['n_lose'], 'lose')}, in percent"
    if options["pass_mark"] is not None:
        up, down = _do(row["n_pass_now"], "pass"), _do(row["n_fail_now"], "fail")
        yield f"{up} now and {down} now, with {options['pass_mark']:g} % to pass"
    known = [
        f"{name} {_change(row, name)}"
        for name in ("alpha", "sem")
        if row[f"{name}_before"] is not None or row[f"{name}_after"] is not None
    ]
    yield "; ".join([f"mean {_change(row, 'mean')} points", *known])


def _do(n: int, verb: str) -> str:
    """Put a number before what so many do."""
    ending = "es" if verb.endswith("s") else "s"
    return f"{n:,} {verb}{ending * (n == 1)}"


def _change(row: Row, name: str) -> str:
    ends = (row[f"{name}_before"], row[f"{name}_after"])
    return " -> ".join(_words.number(end, 2) for end in ends)


def _whose_result_changes(students: pa.Table) -> pa.Table:
    """Those with another percent, or who had no score and have one now."""
    other = pc.fill_null(pc.not_equal(students["gains"], 0), False)
    ends = (pc.is_null(students[f"score_{when}"]) for when in ("before", "after"))
    return students.filter(pc.or_(other, pc.xor(*ends)))
