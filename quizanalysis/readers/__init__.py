"""Reading exports: each format is known by its header, never by guess."""

import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any

import pyarrow as pa

from quizanalysis._safe_text import shorten
from quizanalysis.errors import DataError
from quizanalysis.progress import ProgressCallback, metered
from quizanalysis.readers import canvas_classic, new_quizzes_csv, new_quizzes_json, tidy
from quizanalysis.readers._containers import container_of
from quizanalysis.readers._csv import Csv, first_rows, likely_delimiter, split_header
from quizanalysis.readers._limits import NO_ROOM
from quizanalysis.readers._nearest import advise
from quizanalysis.readers._several import of_file, together
from quizanalysis.readers._source import (
    Request,
    Source,
    check_encoding,
    check_quiz,
    named,
    opened,
    size_of,
)
from quizanalysis.responses import Responses

__all__ = ["FORMATS", "read", "recognised"]

FORMATS = {
    "tidy-csv": tidy.HEADER,
    "tidy-parquet": "Parquet with such columns",
    "tidy-ipc": "Arrow IPC with such columns, file or stream",
    "tidy-jsonl": "JSON lines with such keys",
    "canvas-classic": canvas_classic.HEADER,
    "new-quizzes-csv": new_quizzes_csv.HEADER,
    "new-quizzes-json": new_quizzes_json.HEADER,
}
"""The formats that can be read, and how each begins."""

_TITLES = 10
"""Rows above a header, of a title or a note, that are looked through for it."""

_MANY = 5
"""Columns of New Quizzes that no other table has by chance."""

_SHOWN = 12
"""Columns of an unknown header that are named."""

_LONGEST = 200
"""Characters of them that are shown."""

_HEAD = 1 << 16
"""Bytes at either end that tell what a file without text is."""

_ENOUGH = 1 << 20
"""Bytes that show the format of most files."""

_EMPTY = re.compile(
    rb'\s*+(?:\{\s*+"[^"\\]*+"\s*+:\s*+)?+\[\s*+\]\s*+\}?+\s*+',
)
"""An array of nothing, be it alone or under a key. It gives nothing back: blanks that
two parts could share would be tried in every division."""

_NEARNESS: dict[str, Callable[[Sequence[str]], tuple[int, str, str]]] = {
    "tidy-csv": tidy.nearness,
    "canvas-classic": canvas_classic.nearness,
    "new-quizzes-csv": new_quizzes_csv.nearness,
}
"""How many columns of a header are of a format, what it lacks, and the remedy."""

_CSV: dict[
    str, tuple[Callable[[Sequence[str]], bool], Callable[[Request, Csv], Responses]]
] = {
    "tidy-csv": (tidy.known, tidy.read_csv),
    "canvas-classic": (canvas_classic.known, canvas_classic.read),
    "new-quizzes-csv": (new_quizzes_csv.known, new_quizzes_csv.read),
}


def read(
    source: Source | Sequence[Source],
    format: str | None = None,  # noqa: A002  the name that users look for
    *,
    quiz_id: str | None = None,
    max_options: int = 12,
    test_student: bool = False,
    encoding: str | None = None,
    progress: ProgressCallback | None = None,
) -> Responses:
    r"""Read an export, or several of them, whatever system they are from.

    Parameters
    ----------
    source : path, URI, open file, or a list of them
        A URI (``s3://…``) is opened by `pyarrow.fs`. Several files are put together:
        with one `quiz_id` they are parts of one quiz, else each is a quiz of its own,
        unless it says otherwise.
    format : str, optional
        ``tidy-csv, tidy-parquet, tidy-ipc, tidy-jsonl, canvas-classic,
        new-quizzes-csv`` or ``new-quizzes-json``. Known by its header when not given.
    quiz_id : str, optional
        Names the quiz, whatever a file calls it; a file that holds several quizzes is
        refused then. When not given, the column ``quiz_id`` does, or else the file's
        name without its extension (``quiz`` where there is none). Of several files of
        the same name each has as much of its path before it as tells it from the
        others (``spring/final``), and files without a name are ``quiz-1``, ``quiz-2``
        by their place in the list.
    max_options : int
        An item with more distinct answers than this has no options; see
        `Responses.from_arrow`.
    test_student : bool
        Keep the submissions of the course's test student, whose name contains "Test
        Student". They are left out by default, and counted.
    encoding : str, optional
        Of text files that are not UTF-8, such as ``cp1252``, which Excel for Windows
        writes as plain CSV in Western Europe and America. Never guessed: such a file
        is refused when it is not given. A byte order mark takes precedence.
    progress : callable, optional
        Called as ``progress(done, total)`` in this thread, in bytes of the files: first
        ``(0, total)``, last ``(total, total)``, ten times a second at most. A byte is
        gone through more than once: it is loaded, taken apart, and what it says is
        checked. ``done`` is the part of all this which has been done. A source that
        does not tell its size beforehand, such as a pipe, counts as 1 MiB. An exception
        from it ends the reading.

    Returns
    -------
    Responses

    Raises
    ------
    DataError
        With all problems of all files; a format that is not known is one.
    ValueError
        For another `format` or `encoding`, a `quiz_id` that is no text, or no source at
        all.
    OSError
        Where a file cannot be opened. A folder or a pattern of names is refused with
        the line that lists its files.

    Notes
    -----
    Text is UTF-8, with or without byte order mark, or UTF-16 with one. CSV has commas,
    semicolons or TABs. Text files may have up to 4 GiB, 20,000 columns, and about
    50 MB in a row. Parquet and Arrow may have 40 million rows, which take about 5 GB,
    and 4 GiB unpacked; what is more, or more than the memory holds, is refused with
    the line to type: `read_batches` reads tidy files of any size.

    Examples
    --------
    >>> import io
    >>> read(io.StringIO("student_id,item_id,score\n007,q1,1\n008,q1,0\n"))
    <Responses: 2 submissions of 1 quiz, 1 item, 2 responses>
    """
    if format is not None and format not in FORMATS:
        msg = f"format must be one of {', '.join(FORMATS)}, not {format!r}"
        raise ValueError(msg)
    check_encoding(encoding)
    check_quiz(quiz_id)
    sources: Sequence[Any] = source if isinstance(source, list | tuple) else [source]
    if not sources:
        msg = "no source to read"
        raise ValueError(msg)
    parts: list[Responses] = []
    errors: list[DataError] = []
    names = named(sources)
    sizes = [size_of(one) if progress else 0 for one in sources]
    with metered(progress, sum(sizes)) as meter:
        each = meter.within(0.0, 1.0 if len(names) == 1 else 0.6).split(sizes)
        for one, (label, name), part in zip(sources, names, each, strict=True):
            with opened(one) as file:
                request = Request(
                    file,
                    label,
                    name,
                    quiz_id,
                    max_options,
                    test_student,
                    encoding,
                    part,
                )
                try:
                    parts.append(_read(request, format))
                except DataError as error:
                    errors.append(error if len(names) == 1 else of_file(error, label))
            part.at(1.0)
        if errors:
            problems = [problem for error in errors for problem in error.problems]
            raise DataError(problems)
        if len(parts) == 1:
            return parts[0]
        labels = [label for label, _ in names]
        return together(parts, labels, max_options, meter.within(0.6, 1.0))


def recognised(source: Source, encoding: str | None = None) -> str:
    r"""Say which format a file has.

    Parameters
    ----------
    source : path, URI or open file
        An open file is read to its end; what can be read once only is gone then.
    encoding : str, optional
        As in `read`.

    Returns
    -------
    str
        A key of `FORMATS`.

    Raises
    ------
    DataError
        When it is none of them.
    OSError
        Where it cannot be opened.

    Examples
    --------
    >>> import io
    >>> recognised(io.StringIO("student_id,item_id,score\n007,q1,1\n"))
    'tidy-csv'
    """
    ((label, name),) = named([source])

    def found(file: pa.NativeFile) -> str:
        request = Request(
            file, label, name, None, 0, test_student=False, encoding=encoding
        )
        return _found(request, None)[0]

    with opened(source) as file:
        begins = file.read(_ENOUGH)
        with suppress(DataError):  # a format that shows only in the whole file
            return found(pa.BufferReader(begins))
        return found(file)


def _read(request: Request, name: str | None) -> Responses:
    """Read one file in the format asked for, or the one that it has."""
    try:
        return _found(request, name)[1]()
    except NO_ROOM:
        raise request.too_large("it does not fit into the memory") from None


def _found(request: Request, name: str | None) -> tuple[str, Callable[[], Responses]]:
    """Tell the format, and how to read it."""
    head = request.head()
    if name == "tidy-parquet" or (name is None and head.startswith(b"PAR1")):
        return "tidy-parquet", partial(tidy.read_parquet, request)
    if name == "tidy-ipc" or (
        name is None and head.startswith((b"ARROW1", b"\xff\xff\xff\xff"))
    ):
        return "tidy-ipc", partial(tidy.read_ipc, request)
    if container := container_of(request.head(_HEAD), request.tail(_HEAD)):
        raise request.fault(f"the file is {container.name}", hint=container.remedy)
    data = request.content()
    request.check_text(data[:_HEAD])
    if name == "tidy-jsonl" or (name is None and tidy.known_lines(data)):
        return "tidy-jsonl", partial(tidy.read_jsonl, request, data)
    if name == "new-quizzes-json" or (
        name is None
        and data.lstrip().startswith((b"[", b"{"))
        and new_quizzes_json.known(data)
    ):
        return "new-quizzes-json", partial(new_quizzes_json.read, request, data)
    for word in [name] if name else _CSV:
        known, reader = _CSV[word]
        csv = split_header(request, data, known)
        if csv is not None:
            return word, partial(reader, request, csv)
    raise _unknown(request, data, name)


def _unknown(request: Request, data: bytes, name: str | None) -> DataError:
    """Say what was found, which format is nearest, and what to type."""
    odd = _tell_odd_text(data, name)
    message, hint = odd or _tell_table(request, first_rows(request, data), data, name)
    return request.fault(message, hint=hint)


def _tell_odd_text(data: bytes, name: str | None) -> tuple[str, str] | None:
    """Say what is wrong with text that is no table, and the remedy."""
    if not data.strip():
        return "the file is empty", "export it once more"
    if name is None and _EMPTY.fullmatch(data):
        return (
            "an empty report in JSON, which does not say what it is of",
            "format='new-quizzes-json' reads it as a student_analysis of nobody",
        )
    return None


def _visible(cell: str) -> str:
    """Write a cell so that a byte order mark or a line end in it shows."""
    letters = (c if c.isprintable() else ascii(c)[1:-1] for c in cell[:_LONGEST])
    return "".join(letters)


def _tell_table(
    request: Request, rows: list[list[str]], data: bytes, name: str | None
) -> tuple[str, str]:
    """Say which format is nearest to a table, and the remedy."""
    header = rows[0]
    below = enumerate(rows[1:_TITLES], 2)
    found = [at for at, row in below if any(known(row) for known, _ in _CSV.values())]
    if found:
        return f"the header is in row {found[0]}", "delete the rows above it"
    near = {word: tell(header) for word, tell in _NEARNESS.items()}
    if name is None and near["new-quizzes-csv"][0] <= _MANY:
        delimiter = likely_delimiter(request, data)
        advice = advise(request.label, header, rows[1:], delimiter, request.encoding)
        if advice is not None:
            return f"the file has {advice[0]}", advice[1]
    shown = shorten(", ".join(map(_visible, header[:_SHOWN])), _LONGEST)
    begins = f"it begins with {shown}"
    if name is not None and name not in near:
        return f"not {name}: {begins}", f"expected {FORMATS[name]}"
    nearest = name or max(near, key=lambda word: near[word][0])
    n, lacks, hint = near[nearest]
    if not n and name is None:
        formats = ", ".join(FORMATS)
        simplest = "one row per student and item, with student_id,item_id,score"
        return (
            f"no known format: {begins}",
            f"formats are {formats}; simplest is {simplest}",
        )
    which = "" if name else ", the nearest format"
    return f"not {nearest}{which}: {lacks}; {begins}", hint
