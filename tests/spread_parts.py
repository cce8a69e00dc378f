"""What batches are made of in the tests; other processes find it here by its name."""

import itertools
import os
import random
import signal
import time

import pyarrow as pa

import quizanalysis as qa


def ipc(table):
    """A table as an Arrow stream."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue().to_pybytes()


def bytes_of(tally):
    """A tally as it travels."""
    return ipc(tally.to_arrow())


def course(n=40, seed=5):
    """Rows of three quizzes: options, blanks, essays, recorded totals, attempts."""
    chance = random.Random(seed)  # noqa: S311
    rows = []
    for quiz, student, attempt in itertools.product("abc", range(n), (1, 2)):
        if chance.random() < 0.2:
            continue
        recorded = chance.choice([None, 3.5, 1 / 3])
        for item in range(5):
            answer = chance.choice("ABCD") if chance.random() < 0.9 else None
            score = chance.choice([0, 0.25, 1 / 3, 1])
            rows.append(
                {
                    "quiz_id": f"quiz {quiz}",
                    "student_id": f"{student:03}",
                    "attempt": attempt,
                    "item_id": f"i{item}",
                    "response": f"{answer} {student}" if item == 4 else answer,
                    "score": None if item == 4 and attempt == 2 else score,
                    "recorded_score": recorded,
                }
            )
    return pa.Table.from_pylist(rows)


def part(first, last):
    """Some submissions, made where they are counted."""
    whole = qa.Responses.from_arrow(course())
    return list(whole.batches(1))[first:last]


def slow_part(first, last):
    """The same, and not at once."""
    time.sleep(0.2)
    return part(first, last)


def fail(*_):
    """Raise what is no error of ours."""
    raise ZeroDivisionError("no such part")


def die(*_):
    """End the process that this runs in, as a machine does that loses its power."""
    os.kill(os.getpid(), signal.SIGKILL)


def die_once(marker, first, last):
    """Die the first time; the second time somebody else does the work."""
    try:
        marker.touch(exist_ok=False)
    except FileExistsError:
        return part(first, last)
    die()
    return None
