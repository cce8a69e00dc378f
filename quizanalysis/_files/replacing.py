"""Files that are whole or not there at all.

A file is written beside its target under the name ``.<name>.<random>.tmp``, synced,
and renamed over it. Whatever happens before that, an exception or a power cut, leaves
the target as it was; only a killed process leaves temporary files behind.
"""

import os
import secrets
import shutil
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, suppress
from pathlib import Path
from typing import BinaryIO

__all__ = ["replacing", "settle"]


@contextmanager
def replacing(
    path: str | os.PathLike[str], then: Callable[[], object] | None = None
) -> Iterator[BinaryIO]:
    """Give a file to write to, which takes the place of `path` when all went well.

    Parameters
    ----------
    path : str or os.PathLike
        A symbolic link stays one: what it points to is replaced. A file that is there
        keeps its permissions. What is no regular file, such as a pipe or
        ``/dev/stdout``, is written straight.
    then : callable, optional
        Called when the new file is in its place. If it raises, what was there before
        is put back; meanwhile that is kept beside it.

    Yields
    ------
    binary file
        On any exception it is removed, and `path` stays as it was.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     path = Path(folder, "report.txt")
    ...     with replacing(path) as file:
    ...         written = file.write(b"whole")
    ...     path.read_bytes()
    b'whole'
    """
    mode = _mode(path)
    if mode is not None and not stat.S_ISREG(mode):
        with Path(path).open("wb") as file:
            yield file
        if then:
            then()
        return
    target = Path(os.path.realpath(path))
    temporary = _beside(target)
    with temporary.open("xb") as file:
        try:
            if mode is not None:
                temporary.chmod(stat.S_IMODE(mode))
            yield file
            settle(file)
            file.close()
            with _restoring(target) if then else nullcontext():
                temporary.replace(target)
                _sync(target.parent)
                if then:
                    then()
        except BaseException:
            with suppress(OSError):
                file.close()
            temporary.unlink(missing_ok=True)
            raise


def settle(file: BinaryIO) -> None:
    """Bring onto the disk what was written so far; only a regular file is on one."""
    file.flush()
    if stat.S_ISREG(os.fstat(file.fileno()).st_mode):
        os.fsync(file.fileno())


@contextmanager
def _restoring(target: Path) -> Iterator[None]:
    """Keep what is at the target, and put it back if the block fails."""
    old = _beside(target)
    try:
        there = _kept(target, old)
        try:
            yield
        except BaseException:
            if there:
                old.replace(target)
            else:
                target.unlink(missing_ok=True)
            raise
    finally:
        old.unlink(missing_ok=True)


def _kept(target: Path, old: Path) -> bool:
    """Give the file a second name, or copy it where files have one name only."""
    try:
        old.hardlink_to(target)
    except FileNotFoundError:
        return False
    except OSError:
        shutil.copy2(target, old)
    return True


def _beside(target: Path) -> Path:
    return target.with_name(f".{target.name[:40]}.{secrets.token_hex(8)}.tmp")


def _mode(path: str | os.PathLike[str]) -> int | None:
    try:
        return Path(path).stat().st_mode
    except FileNotFoundError:
        return None


def _sync(folder: Path) -> None:
    """Make the renaming last, where folders can be synced."""
    with suppress(OSError):
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
