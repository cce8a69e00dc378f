"""What every reader needs: the open file, what was asked for, how to say no."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import IO, Any

import pyarrow as pa

from quizanalysis.errors import DataError, Problem
from quizanalysis.responses import Responses

FILE_BYTES = 4 << 30
"""The largest text file; those are held in memory as a whole."""

Path = str | os.PathLike[str]
Source = Path | IO[bytes] | IO[str]
"""A path, a URI that `pyarrow.fs` knows, or an open file."""

_BOMS = (
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
        The file's name, for messages.
    quiz_id : str or None
        As the caller gave it.
    max_options : int
        Passed on to `Responses.from_arrow`.
    test_student : bool
        Whether the test student is kept.
    """

    file: pa.NativeFile
    label: str
    quiz_id: str | None
    max_options: int
    test_student: bool

    @property
    def quiz(self) -> str:
        """The quiz, where the file does not name it."""
        if self.quiz_id is not None:
            return self.quiz_id
        return PurePath(self.label).stem if self.label else "quiz"

    @property
    def table(self) -> str:
        """What a problem calls the file."""
        return self.label or "input"

    def responses(
        self,
        tidy: pa.Table,
        items: pa.Table | None = None,
        students: pa.Table | None = None,
        *,
        test_students: int = 0,
    ) -> Responses:
        """Validate what a format's reader found."""
        return Responses.from_arrow(
            tidy,
            items,
            students,
            quiz_id=self.quiz,
            max_options=self.max_options,
            exclusions=[("submissions", "test student", test_students)],
        )

    def fault(self, message: str, **where: Any) -> DataError:  # noqa: ANN401
        """Make the error for one thing that is wrong with the file."""
        return DataError([Problem(table=self.table, message=message, **where)])

    def content(self) -> bytes:
        """All of a text file as UTF-8 without a byte order mark."""
        size = self.file.size()
        if size > FILE_BYTES:
            raise self.fault(
                "the file is too large to be read as text",
                value=size,
                hint=f"at most {FILE_BYTES:,} bytes; use Parquet, or split it",
            )
        self.file.seek(0)
        data: bytes = self.file.read()
        for mark, encoding in _BOMS:
            if data.startswith(mark):
                if encoding == "utf-8-sig":
                    return data[len(mark) :]
                with self.parsing("text", "its byte order mark says " + encoding):
                    return data.decode(encoding).encode()
        return data

    def head(self, size: int = 64) -> bytes:
        """Return the first bytes."""
        self.file.seek(0)
        data: bytes = self.file.read(size)
        self.file.seek(0)
        return data

    @contextmanager
    def parsing(self, what: str, hint: str) -> Iterator[None]:
        """Turn every way in which a parser says no into a `DataError`."""
        try:
            yield
        except DataError:
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
def opened(source: Source) -> Iterator[tuple[pa.NativeFile, str]]:
    """Open a source for reading at random; give it with its name."""
    if isinstance(source, str | os.PathLike):
        path = os.fspath(source)
        with _at(path) as file:
            yield file, PurePath(path).name
    elif hasattr(source, "read"):
        data = source.read()
        name = getattr(source, "name", "")
        name = PurePath(name).name if isinstance(name, str) else ""
        if isinstance(data, str):
            # A lone surrogate is no text; it is refused later, as bytes are.
            data = data.encode("utf-8", "surrogatepass")
        yield pa.BufferReader(data), name
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

        filesystem, inner = fs.FileSystem.from_uri(path)
        with filesystem.open_input_file(inner) as file:
            yield file
        return
    with open(path, "rb") as local:  # noqa: PTH123  the path may be a pipe
        if not local.seekable():
            yield pa.BufferReader(local.read())
            return
    with pa.OSFile(path) as file:
        yield file
