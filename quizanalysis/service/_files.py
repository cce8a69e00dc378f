"""Where finished reports are kept: a folder, or any file system of pyarrow.

A file is there whole or not at all, under a name that nobody can guess.
"""

import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from glob import escape
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, Protocol

from quizanalysis._files.replacing import replacing

if TYPE_CHECKING:
    from pyarrow.fs import FileSystem

__all__ = ["Files", "files_at"]


class Files(Protocol):
    """Reports by name."""

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        """Give a file to write to, which is there when all went well."""

    def open(self, name: str) -> BinaryIO:
        """Open a file for reading; FileNotFoundError when there is none."""

    def remove(self, name: str) -> None:
        """Remove a file, and what a writer left of it that was killed."""


def files_at(place: str | os.PathLike[str]) -> Files:
    """Choose by the look of the place: ``scheme://…`` is pyarrow's, else a folder."""
    if "://" not in os.fspath(place):
        return _Folder(Path(place))
    from pyarrow.fs import FileSystem  # noqa: PLC0415  slow to import

    return _Remote(*FileSystem.from_uri(os.fspath(place)))


class _Folder:
    """Only its owner may look inside."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._folder = folder.absolute()

    def writing(self, name: str) -> AbstractContextManager[BinaryIO]:
        return replacing(self._folder / name)

    def open(self, name: str) -> BinaryIO:
        return (self._folder / name).open("rb")

    def remove(self, name: str) -> None:
        (self._folder / name).unlink(missing_ok=True)
        for left in self._folder.glob(f".{escape(name)}.*.tmp"):
            left.unlink(missing_ok=True)


class _Remote:
    def __init__(self, system: "FileSystem", folder: str) -> None:
        system.create_dir(folder, recursive=True)
        self._system, self._folder = system, folder.rstrip("/")

    @contextmanager
    def writing(self, name: str) -> Iterator[BinaryIO]:
        part = self._path(name, ".part")
        try:
            with self._system.open_output_stream(part) as file:
                yield file
            self._system.move(part, self._path(name))
        except BaseException:
            with suppress(OSError):
                self._system.delete_file(part)
            raise

    def open(self, name: str) -> BinaryIO:
        file: BinaryIO = self._system.open_input_file(self._path(name))
        return file

    def remove(self, name: str) -> None:
        for ending in ("", ".part"):
            with suppress(FileNotFoundError):
                self._system.delete_file(self._path(name, ending))

    def _path(self, name: str, ending: str = "") -> str:
        return f"{self._folder}/{name}{ending}"
