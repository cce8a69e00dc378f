"""The doors by which data comes in, and what is handed in at each."""

import io
import pickle
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import pyarrow as pa

import quizanalysis as qa
from benchmarks.fuzzing import array_inputs, arrow_inputs
from benchmarks.fuzzing.judging import Input, Make, Unexpected
from benchmarks.fuzzing.mutations import BINARY, TEXT, bomb, damage
from benchmarks.fuzzing.samples import WRITERS, samples

_BOMBS = 0.001
"""The share of text files in which something is repeated for up to 200 KB."""

_TEXTS = (
    *("tidy-csv", "tidy-jsonl"),
    *("canvas-classic", "new-quizzes-csv", "new-quizzes-json"),
)
_BINARIES = ("tidy-parquet", "tidy-ipc", "tidy-ipc-stream")
_TIDY = ("tidy-csv", "tidy-jsonl", *_BINARIES)


@dataclass(frozen=True, slots=True)
class Mode:
    """How inputs of one kind are made, and how many of them beside the other kinds."""

    make: Make
    weight: int = 1


def _file(random: Random, name: str) -> bytes:
    """A damaged file of one format."""
    if name in _TEXTS:
        sample = random.choice(samples(name))
        if random.random() < _BOMBS:
            return bomb(random, sample)
        return damage(random, sample, TEXT)
    if random.random() < 0.5:
        return damage(random, random.choice(samples(name)), BINARY)
    table = arrow_inputs.odd_table(random)
    try:
        data = WRITERS[name](table)
    except (pa.ArrowException, OSError, OverflowError, TypeError):
        data = WRITERS["tidy-ipc"](table)  # Parquet does not have all of the types
    return damage(random, data, BINARY) if random.random() < 0.2 else data


def _options(random: Random) -> dict[str, Any]:
    """Keywords that all readers take, mostly none."""
    if random.random() < 0.8:
        return {}
    some = {
        "quiz_id": random.choice(("q", "quiz 1", "é")),
        "max_options": random.choice((0, 1, 12)),
        "test_student": True,
        "encoding": random.choice(("cp1252", "latin-1", "utf-16-le")),
    }
    name = random.choice(list(some))
    return {name: some[name]}


def _read_file(random: Random, name: str) -> Input:
    """Read it as the format that it was, or is found to be."""
    data = _file(random, name)
    known = name.removesuffix("-stream")
    asked = random.choice((None, None, None, known))
    call = partial(qa.read, io.BytesIO(data), asked, **_options(random))
    return Input(call, data)


def _read_list(random: Random) -> Input:
    """Two or three files, mostly of one format."""
    names = (*_TEXTS, *_BINARIES)
    name = random.choice(names)
    files = [
        _file(random, name if random.random() < 0.8 else random.choice(names))
        for _ in range(random.choice((2, 2, 3)))
    ]
    call = partial(qa.read, list(map(io.BytesIO, files)), **_options(random))
    return Input(call, files)


@cache
def _folder() -> Path:
    return Path(mkdtemp())


def _read_batches(random: Random) -> Input:
    data = _file(random, random.choice(_TIDY if random.random() < 0.95 else _TEXTS))
    options = {
        "batch_rows": random.choice((1, 3, 250_000)),
        "clustered": random.choice((None, None, True, False)),
        **_options(random),
    }
    name = random.choice((*["x"] * 20, "é", "a b", "\udcff", "[x]"))
    return Input(partial(_first_batch, name, data, options), data)


def _first_batch(name: str, data: bytes, options: dict[str, Any]) -> qa.Responses:
    """Read all batches; where there is none `read` must not refuse the file."""
    path = _folder() / name
    path.write_bytes(data)
    try:
        batches = list(qa.read_batches(path, **options))
        if batches:
            return batches[0]
        asked = {key: options[key] for key in options if key in _READ_TOO}
        try:
            return qa.read(path, **asked)
        except qa.DataError as error:
            raise Unexpected(f"no batch and no error, but read: {error}") from error
    finally:
        path.unlink()


_READ_TOO = ("quiz_id", "max_options", "test_student", "encoding")


def _from_arrow(random: Random) -> Input:
    tables = {"responses": arrow_inputs.odd_table(random)}
    if random.random() < 0.3:
        tables["items"] = arrow_inputs.odd_items(random)
    if random.random() < 0.3:
        tables["students"] = arrow_inputs.odd_students(random)
    return Input(partial(qa.Responses.from_arrow, **tables), list(tables.values()))


def _from_matrix(random: Random) -> Input:
    arguments = array_inputs.scores(random)
    return Input(partial(_call, qa.Responses.from_matrix, arguments), arguments)


def _from_answers(random: Random) -> Input:
    arguments = array_inputs.answers(random)
    return Input(partial(_call, qa.Responses.from_answers, arguments), arguments)


def _call(
    make: Callable[..., qa.Responses], arguments: Mapping[str, Any]
) -> qa.Responses:
    given = dict(arguments)
    return make(given.pop("table"), **given)


# By how fast they are: a million inputs are to be read in an hour or two.
MODES = {
    "tidy-csv": Mode(partial(_read_file, name="tidy-csv"), 8),
    "tidy-jsonl": Mode(partial(_read_file, name="tidy-jsonl"), 10),
    "tidy-parquet": Mode(partial(_read_file, name="tidy-parquet"), 10),
    "tidy-ipc": Mode(partial(_read_file, name="tidy-ipc"), 8),
    "tidy-ipc-stream": Mode(partial(_read_file, name="tidy-ipc-stream"), 8),
    "canvas-classic": Mode(partial(_read_file, name="canvas-classic"), 2),
    "new-quizzes-csv": Mode(partial(_read_file, name="new-quizzes-csv"), 2),
    "new-quizzes-json": Mode(partial(_read_file, name="new-quizzes-json"), 6),
    "batches": Mode(_read_batches, 3),
    "lists": Mode(_read_list, 1),
    "from_arrow": Mode(_from_arrow, 5),
    "from_matrix": Mode(_from_matrix, 16),
    "from_answers": Mode(_from_answers, 16),
}


def parts_of(content: object) -> list[bytes]:
    """An input as the bytes that are saved: a file, several, or pickled arguments."""
    if isinstance(content, list):
        return [part for one in content for part in parts_of(one)]
    if isinstance(content, bytes):
        return [content]
    if isinstance(content, pa.Table):
        return [WRITERS["tidy-ipc-stream"](content)]
    return [pickle.dumps(content)]
