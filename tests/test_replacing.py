"""A file takes its place whole, on the disk, and leaves nothing open or beside it."""

import os
import stat
from io import BytesIO
from pathlib import Path

import pytest

import quizanalysis as qa
from quizanalysis._files import replacing as module
from quizanalysis._files.replacing import replacing, settle

FOLDER_OF_OPEN = Path("/proc/self/fd")

needs_proc = pytest.mark.skipif(
    not FOLDER_OF_OPEN.exists(), reason="tells what is open as Linux does"
)


class StopError(Exception):
    """What a test raises."""


def write(path, content=b"new", then=None):
    with replacing(path, then) as file:
        file.write(content(file) if callable(content) else content)


def refuse(*_):
    raise StopError


def told_new_and_stopped(file):
    file.write(b"new")
    file.flush()
    raise StopError


def n_open():
    return len(list(FOLDER_OF_OPEN.iterdir()))


@needs_proc
def test_nothing_stays_open(tmp_path):
    table = qa.summary(qa.Responses.from_matrix([[1, 0], [1, 1]]))
    path = tmp_path / "x.csv"
    qa.write_csv(table, path)
    before = n_open()
    for _ in range(50):
        qa.write_csv(table, path)
        with pytest.raises(StopError):
            write(path, then=refuse)
        with pytest.raises(StopError), replacing(path):
            refuse()
    assert n_open() == before


@pytest.fixture
def events(monkeypatch):
    """What is brought onto the disk, and what takes its place, in their order."""
    seen = []
    replace, fsync = Path.replace, os.fsync

    def synced(handle):
        kind = os.fstat(handle).st_mode
        content = os.pread(handle, 9, 0) if stat.S_ISREG(kind) else b""
        seen.append(("file", content) if stat.S_ISREG(kind) else ("folder", content))
        fsync(handle)

    def replaced(self, target):
        seen.append(("replace", Path(target).name))
        return replace(self, target)

    monkeypatch.setattr(module.os, "fsync", synced)
    monkeypatch.setattr(module.Path, "replace", replaced)
    return seen


@needs_proc
def test_it_is_on_the_disk_before_it_takes_its_place_and_so_is_the_place(
    tmp_path, events, monkeypatch
):
    # The content is read through the handle, which is for writing only otherwise.
    opened = Path.open
    monkeypatch.setattr(
        module.Path, "open", lambda self, mode: opened(self, mode.replace("b", "b+"))
    )
    write(tmp_path / "x.txt", then=lambda: events.append(("then", "")))
    assert events == [
        ("file", b"new"),
        ("replace", "x.txt"),
        ("folder", b""),
        ("then", ""),
    ]


@needs_proc
@pytest.mark.parametrize("call", ["replace", "unlink"])
def test_it_is_closed_before_it_moves_or_goes(tmp_path, monkeypatch, call):
    """As Windows needs it."""
    done, seen = getattr(Path, call), []

    def watched(self, *args, **options):
        if "new" in self.read_text():
            opened = {os.path.realpath(one) for one in FOLDER_OF_OPEN.iterdir()}
            seen.append(str(self) in opened)
        return done(self, *args, **options)

    monkeypatch.setattr(module.Path, call, watched)
    write(tmp_path / "x.txt")
    with pytest.raises(StopError):
        write(tmp_path / "x.txt", told_new_and_stopped)
    assert set(seen) == {False}


def test_what_is_in_memory_cannot_be_settled_but_a_pipe_is_left_alone():
    reading, writing = os.pipe()
    with os.fdopen(reading, "rb") as source, os.fdopen(writing, "wb") as file:
        file.write(b"told")
        settle(file)
        assert os.read(source.fileno(), 9) == b"told"
    with pytest.raises(OSError, match="fileno"):
        settle(BytesIO())


@pytest.mark.parametrize("old", [None, b"old"])
@pytest.mark.parametrize("late", [False, True])
def test_an_error_comes_through_and_leaves_the_folder_as_it_was(tmp_path, old, late):
    path = tmp_path / "x.txt"
    if old:
        path.write_bytes(old)
    with pytest.raises(StopError):
        write(path, b"new" if late else refuse, refuse)
    assert {one.name: one.read_bytes() for one in tmp_path.iterdir()} == (
        {"x.txt": old} if old else {}
    )


def test_a_file_with_the_longest_name_that_there_can_be_is_replaced(tmp_path):
    path = tmp_path / ("x" * 251 + ".csv")
    for content in (b"one", b"two"):
        write(path, content, then=lambda: None)
        assert path.read_bytes() == content
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(os.name != "posix", reason="permissions and pipes of POSIX")
def test_permissions_are_kept_while_it_is_written_too(tmp_path):
    path = tmp_path / "x.txt"
    path.write_bytes(b"old")
    path.chmod(0o600)
    with replacing(path) as file:
        (beside,) = set(tmp_path.iterdir()) - {path}
        assert stat.S_IMODE(beside.stat().st_mode) == 0o600
        file.write(b"new")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.skipif(os.name != "posix", reason="permissions and pipes of POSIX")
def test_what_is_no_file_is_written_straight_and_told_of(tmp_path):
    pipe, told = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reading = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)
    try:
        write(pipe, then=lambda: told.append(os.read(reading, 9)))
    finally:
        os.close(reading)
    assert told == [b"new"]
    assert stat.S_ISFIFO(pipe.stat().st_mode)


@pytest.mark.parametrize("single", [False, True])
def test_what_was_there_is_kept_beside_it_only_while_it_may_be_needed(
    tmp_path, single, monkeypatch
):
    if single:

        def refuse_link(*_):
            raise PermissionError

        monkeypatch.setattr(module.Path, "hardlink_to", refuse_link)
    path, seen = tmp_path / "x.txt", []
    path.write_bytes(b"old")
    write(path, then=lambda: seen.extend(one.read_bytes() for one in others(path)))
    assert seen == [b"old"]
    assert others(path) == []
    assert path.read_bytes() == b"new"


def others(path):
    return [one for one in path.parent.iterdir() if one != path]
