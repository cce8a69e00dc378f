"""The command line: a command is a public function's name, an option its keyword."""

import io
import os
import sys
from argparse import Namespace
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, BinaryIO

import quizanalysis as qa
from quizanalysis.adapters import _terminal, _words
from quizanalysis.adapters._arguments import keywords, parsed

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["main"]

_DONE, _WRONG_DATA, _USAGE, _INTERRUPTED, _UNREAD = 0, 1, 2, 130, 141
_LONG = 2_000_000
_WITHOUT_RICH = 'for a readable table: pip install "quizanalysis[cli]"'

Told = Callable[[str], None]


class _UsageError(Exception):
    """What was asked for cannot be done with these files."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, without the program's name; those of the process when not given.

    Returns
    -------
    int
        The exit status: 0 done, 1 the data is wrong, 2 the command is, 130
        interrupted, 141 nobody reads the output any more.
    """
    try:
        return _run(parsed(argv))
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _DONE
    except qa.QuizAnalysisError as error:
        _say(str(error))
        return _WRONG_DATA
    except BrokenPipeError:
        # What Python still holds for the reader must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    except (_UsageError, OSError) as error:
        _say(f"quizanalysis: error: {_fault(error)}")
        return _USAGE
    except KeyboardInterrupt:
        return _INTERRUPTED


def _run(arguments: Namespace) -> int:
    """Read, analyse, show or write; say how it went to whoever sits there."""
    name, options = arguments.command, _options(arguments)
    shown = _for_a_person(arguments)
    watched = _is_terminal(sys.stderr)
    sources = [_source(file) for file in arguments.files]
    with _progress(active=watched and _size(sources) > _LONG) as tell:
        tell("reading")
        responses = _read(arguments, sources)
        if not (shown or watched):
            _write(getattr(qa, name)(responses, **options), arguments)
            return _DONE
        report = qa.analyze(responses, progress=_percent(tell), **options)
    if shown:
        _show(report, name)
        return _DONE
    _write(getattr(report, name), arguments)
    _account(report, responses, arguments)
    return _DONE


def _options(arguments: Namespace) -> dict[str, Any]:
    return {name: getattr(arguments, name) for name in keywords(arguments.command)}


def _for_a_person(arguments: Namespace) -> bool:
    """Whether a readable table is wanted, and can be made."""
    if arguments.output or arguments.format or not _is_terminal(sys.stdout):
        return False
    if find_spec("rich") is None:
        _say(_WITHOUT_RICH)
        return False
    return True


def _source(file: str) -> str | BinaryIO:
    return io.BytesIO(sys.stdin.buffer.read()) if file == "-" else file


def _size(sources: Sequence[str | BinaryIO]) -> int:
    """Count the bytes; what is far away is long to read, whatever its size."""
    total = 0
    for source in sources:
        if not isinstance(source, str):
            total += source.seek(0, io.SEEK_END)
            source.seek(0)
        else:
            total += _LONG if "://" in source else Path(source).stat().st_size
    return total


def _read(arguments: Namespace, sources: list[str | BinaryIO]) -> qa.Responses:
    try:
        responses = qa.read(
            sources,
            arguments.input_format,
            quiz_id=arguments.quiz_id,
            max_options=arguments.max_options,
            test_student=arguments.test_student,
        )
    except qa.QuizAnalysisError:
        raise
    except (ValueError, NotImplementedError) as error:
        raise _UsageError(str(error)) from None
    quizzes = len(responses.items["quiz_id"].unique())
    if getattr(arguments, "items", False) and quizzes > 1:
        raise _UsageError(f"--items is for one quiz; there are {quizzes:,} here")
    return responses


def _write(table: "pa.Table", arguments: Namespace) -> None:
    """Write all columns to the file, or else to standard output."""
    if arguments.output is not None:
        _write_to(arguments.output, table, arguments)
    elif sys.stdout is None:
        raise _UsageError("standard output is closed; write to a file with -o OUT")
    elif _is_terminal(sys.stdout):
        data = io.BytesIO()
        _write_to(data, table, arguments)
        sys.stdout.write(_words.printable(data.getvalue().decode()))
        sys.stdout.flush()
    else:
        _write_to(sys.stdout.buffer, table, arguments)
        sys.stdout.flush()


def _write_to(target: Path | BinaryIO, table: "pa.Table", arguments: Namespace) -> None:
    if arguments.format == "json":
        qa.write_json(table, target)
    else:
        qa.write_csv(table, target, excel=arguments.excel)


def _show(report: qa.Report, name: str) -> None:
    from rich.console import Console  # noqa: PLC0415  an extra

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the terminal does not know is no reason to show nothing.
        sys.stdout.reconfigure(errors="replace")
    _terminal.show(report, name, Console())


def _account(report: qa.Report, responses: qa.Responses, arguments: Namespace) -> None:
    """Say what was read, what of it counts, and where it went."""
    name, quizzes = arguments.command, report.summary["quiz_id"].to_pylist()
    read = _words.counted(len(responses), "submissions")
    many = "1 quiz" if len(quizzes) == 1 else f"{len(quizzes):,} quizzes"
    rows = _words.counted(getattr(report, name).num_rows, "rows")
    where = f" to {arguments.output}" if arguments.output else ""
    attempt = _words.ATTEMPTS[arguments.attempt]
    _say(f"{read} of {many}, {attempt}; wrote {rows}{where}")
    found = report.exclusions.to_pylist()
    keys = name == "option_analysis"
    _say("\n".join(_words.accounts(found, {*quizzes, None}, keys=keys)))


@contextmanager
def _progress(*, active: bool) -> Iterator[Told]:
    """Give a line on the terminal that is written over, and gone in the end."""
    if not active:
        yield lambda _text: None
        return

    def tell(text: str) -> None:
        sys.stderr.write(f"\r{text:<60}\r")
        sys.stderr.flush()

    try:
        yield tell
    finally:
        tell("")


def _percent(tell: Told) -> Callable[[int, int], None]:
    def progress(done: int, total: int) -> None:
        share = done / total if total else 1.0
        tell(f"analysing [{'#' * int(30 * share):<30}] {share:4.0%}")

    return progress


def _fault(error: Exception) -> str:
    """Say of an operating system's error what it is about, and of others what it is."""
    if isinstance(error, OSError) and error.strerror:
        place = "" if error.filename is None else f"{str(error.filename)!r}: "
        return place + error.strerror
    return str(error)


def _is_terminal(stream: IO[str] | None) -> bool:
    return stream is not None and stream.isatty()


def _say(text: str) -> None:
    """Tell the person; without a standard error there is none."""
    if text and sys.stderr is not None:
        sys.stderr.write(f"{_words.printable(text)}\n")
