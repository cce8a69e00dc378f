"""What every reader needs: the open file, what was asked for, how to say no."""

import errno
import glob
import hashlib
import os
import pathlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import PurePath, PurePosixPath
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa

from quizanalysis._intake.attempts import NO_GAPS, AttemptGaps
from quizanalysis._intake.columns import Ints
from quizanalysis.errors import DataError, Problem
from quizanalysis.progress import QUIET, Meter
from quizanalysis.readers._limits import BYTES, NO_ROOM
from quizanalysis.responses import Exclusion, Responses

LOADED, PARSED, FOUND = 0.05, 0.3, 0.55
"""Shares of the reading that are done once a text file is in memory, once its cells are
told apart, and once all has been found that is checked then."""

_PIECE = 8 << 20
_UNKNOWN = 1 << 20
_DIGITS = 8
_PACKED = (".gz", ".bz2", ".xz", ".zst", ".lz4", ".br")

Path = str | os.PathLike[str]
Source = Path | IO[bytes] | IO[str]
"""A path, a URI that `pyarrow.fs` knows, or an open file."""

BOMS = (
    (b"\xef\xbb\xbf", "utf-8-sig"),
    (b"\xff\xfe\x00\x00", "utf-32"),
    (b"\x00\x00\xfe\xff", "utf-32"),
    (b"\xff\xfe", "utf-16"),
    (b"\xfe\xff", "utf-16"),
)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be read, and how.

    Attributes
    ----------
    file : pyarrow.NativeFile
        Open, seekable, at its start.
    label : str
        What messages call the file; ``input`` where it has no name.
    name : str
        What tells it from the other files, see `named`; empty for one without a name.
    quiz_id : str or None
        As the caller gave it.
    max_options : int
        Passed on to `Responses.from_arrow`.
    test_student : bool
        Whether the test student is kept.
    encoding : str or None
        Of a text file that is not UTF-8.
    meter : Meter
        Is told how far the reading is, by the shares `LOADED`, `PARSED` and `FOUND`.
    """

    file: pa.NativeFile
    label: str
    name: str
    quiz_id: str | None
    max_options: int
    test_student: bool
    encoding: str | None = None
    meter: Meter = QUIET

    @property
    def quiz(self) -> str:
        """The quiz, where the file does not name it."""
        return self.name or "quiz" if self.quiz_id is None else self.quiz_id

    @property
    def table(self) -> str:
        """What a problem calls the file."""
        return self.label

    def responses(
        self,
        tidy: pa.Table,
        items: pa.Table | None = None,
        students: pa.Table | None = None,
        *,
        exclusions: Iterable[Exclusion] = (),
        notes: Iterable[Exclusion] = (),
        rows: Ints | None = None,
        gaps: AttemptGaps = NO_GAPS,
    ) -> Responses:
        """Validate what a format's reader found.

        `rows` has the record of the file that each row of the tidy table is of; None
        where they are the same.
        """
        try:
            made = Responses.from_arrow(
                tidy,
                items,
                students,
                quiz_id=self.quiz,
                max_options=self.max_options,
                exclusions=exclusions,
                notes=notes,
                progress=self.meter.within(FOUND, 1.0).at,
            )
        except DataError as error:
            problems = (self._placed(problem, rows) for problem in error.problems)
            raise DataError(problems) from None
        return made if gaps == NO_GAPS else replace(made, gaps=gaps)

    def _placed(self, problem: Problem, rows: Ints | None) -> Problem:
        """Name the file instead of the table that was made of it."""
        if problem.table == "responses":
            row = problem.row
            if row is not None and rows is not None:
                row = int(rows[row])
            return replace(problem, table=self.label, row=row)
        # Nobody has seen the rows of a table that the reader made.
        return replace(problem, table=f"{self.label}, {problem.table}", row=None)

    def fault(self, message: str, **where: Any) -> DataError:  # noqa: ANN401
        """Make the error for one thing that is wrong with the file."""
        return DataError([Problem(table=self.table, message=message, **where)])

    def too_large(self, why: str) -> DataError:
        """Make the error for what the memory cannot hold."""
        path = "path" if self.label == "input" else repr(self.label)
        return self.fault(
            f"the file is too large: {why}",
            hint=f"qa.Tally.of(qa.read_batches({path})) counts tidy files of any size; "
            "write another one as several",
        )

    def content(self) -> bytes:
        """All of a text file as UTF-8 without a byte order mark."""
        size = self.file.size()
        if size > BYTES:
            raise self.too_large(f"{size:,} bytes; at most {BYTES:,} bytes at once")
        self.file.seek(0)
        data = b"".join(self._pieces(size))
        for mark, encoding in BOMS:
            if data.startswith(mark):
                if encoding == "utf-8-sig":
                    return data[len(mark) :]
                with self.parsing("text", "its byte order mark says " + encoding):
                    return data.decode(encoding).encode()
        if self.encoding is None:
            return data
        with self.parsing(f"text in {self.encoding}", "is it in another encoding?"):
            return data.decode(self.encoding).encode()

    def check_text(self, data: bytes) -> None:
        """Refuse text with a NUL beside each letter."""
        if data.count(b"\0") > len(data) // 4:
            raise self.fault(
                "text with NULs, as UTF-16 without its byte order mark has",
                hint="save it as CSV UTF-8, or give encoding='utf-16-le' (--encoding "
                "utf-16-le)",
            )

    def _pieces(self, size: int) -> Iterator[bytes]:
        """All of the file, in one piece unless somebody is told of each."""
        done = 0
        while piece := self.file.read(None if self.meter.tell is None else _PIECE):
            yield piece
            done += len(piece)
            self.meter.at(LOADED * done / max(size, done))

    def head(self, size: int = 64) -> bytes:
        """Return the first bytes."""
        self.file.seek(0)
        data: bytes = self.file.read(size)
        self.file.seek(0)
        return data

    def tail(self, size: int) -> bytes:
        """Return the last bytes."""
        self.file.seek(max(0, self.file.size() - size))
        data: bytes = self.file.read(size)
        self.file.seek(0)
        return data

    def origin(self) -> str:
        """Name, quiz and the first hex digits of the SHA-256 of what is in the file."""
        self.file.seek(0)
        digest = hashlib.file_digest(self.file, "sha256").hexdigest()[:_DIGITS]
        parts = dict.fromkeys((self.name, self.quiz_id, digest))
        return "-".join(part for part in parts if part)

    @contextmanager
    def parsing(self, what: str, hint: str) -> Iterator[None]:
        """Turn every way in which a parser says no into a `DataError`.

        Not that there is no room: what to do then depends on who reads.
        """
        try:
            yield
        except DataError:
            raise
        except NO_ROOM:
            raise
        except (pa.ArrowException, LookupError, RecursionError, ValueError) as error:
            raise self._unreadable(what, hint, error) from None
        except OSError as error:
            # Arrow reports broken content as an OSError, but one without a number.
            if error.errno is not None:
                raise
            raise self._unreadable(what, hint, error) from None

    def _unreadable(self, what: str, hint: str, error: Exception) -> DataError:
        reason = (str(error).splitlines() or [type(error).__name__])[0][:200]
        return self.fault(f"cannot be read as {what}: {reason}", hint=hint)


@contextmanager
def renumbering(number: Callable[[int], int]) -> Iterator[None]:
    """Give in every problem the row that a person would count, from that of a table."""
    try:
        yield
    except DataError as error:
        raise renumber(error, number) from None


def renumber(error: DataError, number: Callable[[int], int]) -> DataError:
    """Give in every problem that has a row another one."""
    return DataError(
        problem if problem.row is None else replace(problem, row=number(problem.row))
        for problem in error.problems
    )


def check_encoding(encoding: str | None) -> None:
    """Raise ValueError for an encoding of text that Python does not know."""
    if encoding is None:
        return
    try:
        "".encode(encoding)
    except (LookupError, UnicodeError):
        msg = f"encoding must be the name of an encoding of text, not {encoding!r}"
        raise ValueError(msg) from None


def check_quiz(quiz_id: str | None) -> None:
    """Raise ValueError for a name that cannot be written."""
    try:
        (quiz_id or "").encode()
    except UnicodeEncodeError:
        msg = f"quiz_id must be text; half of a character stands alone in {quiz_id!r}"
        raise ValueError(msg) from None


def size_of(source: Source) -> int:
    """How many bytes a source has; a million or so where it does not tell yet."""
    with suppress(OSError, ValueError):
        if isinstance(source, str | os.PathLike):
            path = os.fspath(source)
            if "://" in path:
                with opened(path) as file:
                    return int(file.size())
            if pathlib.Path(path).is_file():
                return pathlib.Path(path).stat().st_size
        elif source.seekable():
            here = source.tell()
            size = source.seek(0, os.SEEK_END) - here
            source.seek(here)
            return size
    return _UNKNOWN


def named(sources: Sequence[Any]) -> list[tuple[str, str]]:
    """Give each source a label for messages, and a name that no other one has.

    The name is the file's without its extension, and with as many of the folders above
    it as tell it from the others; with the extension where nothing else does. Several
    open files without a name are ``quiz-1``, ``quiz-2``, … by their place in the list.
    A file that is given twice has the same name twice.
    """
    paths = [_path(source) for source in sources]
    if len(paths) == 1:
        (path,) = paths
        names = [path.name, _stem(path)] if path else ["input", ""]
        return [(_writable(names[:1])[0], _writable(names[1:])[0])]
    # However a file is written the second time, it is the one that was given first.
    same: dict[PurePath, PurePath] = {}
    pairs = [(i, p and same.setdefault(_whole(p), p)) for i, p in enumerate(paths, 1)]
    files = [p.parts if p else (f"input {i}",) for i, p in pairs]
    stems = [(*p.parts[:-1], _stem(p)) if p else (f"quiz-{i}",) for i, p in pairs]
    if len(set(stems)) < len(set(files)):
        stems = [_whole(p).parts if p else (f"quiz-{i}",) for i, p in pairs]
    labels, found = _writable(_suffixes(files)), _writable(_suffixes(stems))
    return list(zip(labels, found, strict=True))


def _writable(names: Sequence[str]) -> list[str]:
    """Replace what is no text in the names of files; names that differ still do."""
    words = [
        n.encode("utf-16", "surrogatepass").decode("utf-16", "replace") for n in names
    ]
    if len(set(words)) < len(set(names)):
        return [n.encode("utf-8", "backslashreplace").decode() for n in names]
    return words


def _suffixes(paths: Sequence[tuple[str, ...]]) -> list[str]:
    """Cut each path down to the fewest last parts that no other path ends with."""
    names: dict[tuple[str, ...], str] = {}
    left, size = set(paths), 1
    while left:
        often = Counter(path[-size:] for path in left)
        again = {path for path in left if often[path[-size:]] > 1 and len(path) > size}
        for path in left - again:
            names[path] = PurePosixPath(*path[-size:]).as_posix()
        left, size = again, size + 1
    return [names[path] for path in paths]


def _path(source: object) -> PurePath | None:
    """Where a source is, if it says so."""
    place = source if isinstance(source, str | os.PathLike) else None
    if place is None:
        place = getattr(source, "name", None)
    if not isinstance(place, str | os.PathLike) or not place:
        return None
    if isinstance(place, str) and "://" in place:
        uri = urlsplit(place)
        inner = unquote(uri.path)
        if uri.scheme == "file":
            return pathlib.Path(inner)
        return PurePosixPath(f"{uri.scheme}:", uri.netloc, inner.lstrip("/"))
    return pathlib.Path(place)


def _whole(path: PurePath) -> PurePath:
    """Give a local path from the root on; a link is a file of its own."""
    if not isinstance(path, pathlib.Path):
        return path
    return pathlib.Path(os.path.realpath(path.parent), path.name)


def _stem(path: PurePath) -> str:
    """Name a file without its extension, nor the one that says how it is packed."""
    inner = path.with_suffix("") if path.suffix.lower() in _PACKED else path
    return inner.stem


@contextmanager
def opened(source: Source) -> Iterator[pa.NativeFile]:
    """Open a source for reading at random."""
    if isinstance(source, str | os.PathLike):
        with _at(os.fspath(source)) as file:
            yield file
    elif hasattr(source, "read"):
        data = source.read()
        if isinstance(data, str):
            # A lone surrogate is no text; it is refused later, as bytes are.
            data = data.encode("utf-8", "surrogatepass")
        yield pa.BufferReader(data)
    else:
        msg = (
            "source must be a path, an open file (wrap bytes in io.BytesIO) or a list "
            f"of them, not {type(source).__name__}"
        )
        raise TypeError(msg)


@contextmanager
def _at(path: str) -> Iterator[pa.NativeFile]:
    if "://" in path:
        from pyarrow import fs  # noqa: PLC0415  slow to import

        try:
            filesystem, inner = fs.FileSystem.from_uri(path)
        except pa.ArrowInvalid:
            kind = path.partition("://")[0]
            msg = f"{path!r}: addresses of {kind} cannot be opened; give a saved file"
            raise ValueError(msg) from None
        with filesystem.open_input_file(inner) as file:
            yield file
        return
    _refuse_several(path)
    with open(path, "rb") as local:  # noqa: PTH123  the path may be a pipe
        if not local.seekable():
            yield pa.BufferReader(local.read())
            return
    # The bytes of the name, which need not be text.
    with pa.OSFile(os.fsencode(path)) as file:
        yield file


def _refuse_several(path: str) -> None:
    """Say how the files of a folder, or those that a pattern matches, are read."""
    place = pathlib.Path(path)
    error: OSError
    if place.is_dir():
        files = [one for one in place.iterdir() if one.is_file()]
        ends = Counter(one.suffix for one in files if one.suffix)
        msg = f"{path!r} is a folder; give its files"
        if ends:
            (end, n), *_ = ends.most_common(1)
            given = f"qa.read(sorted(Path({path!r}).glob('*{end}')))"
            msg += f", {n:,} by {given}"
        error = IsADirectoryError(msg)
        error.errno = errno.EISDIR
        raise error
    if glob.has_magic(path) and not place.exists():
        n = len(glob.glob(path, recursive=True))  # noqa: PTH207  has a root
        deep = ", recursive=True" * ("**" in path)
        msg = f"no file matches {path!r}"
        if n:
            given = f"qa.read(sorted(glob.glob({path!r}{deep})))"
            msg = f"{path!r} is a pattern; give the files, {n:,} by {given}"
        error = FileNotFoundError(msg)
        error.errno = errno.ENOENT
        raise error
