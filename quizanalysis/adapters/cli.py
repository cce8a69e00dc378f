"""The command line: a command is a public function's name, an option its keyword."""

import io
import os
import sys
from argparse import Namespace
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import IO, BinaryIO

import quizanalysis as qa
from quizanalysis import _words
from quizanalysis._files.replacing import replacing
from quizanalysis._refusals import not_there
from quizanalysis.adapters import (
    _account,
    _finding,
    _further,
    _groups_terminal,
    _private,
    _sources,
    _system_terminal,
    _terminal,
    _what_if,
    _why,
)
from quizanalysis.adapters._arguments import parsed
from quizanalysis.adapters._interruption import Interruption
from quizanalysis.adapters._making import Data, Made, UsageError
from quizanalysis.adapters._making import made as made_of
from quizanalysis.adapters._progress import Progress, line, percent
from quizanalysis.adapters._sources import Source

__all__ = ["main"]

_DONE, _WRONG_DATA, _USAGE, _UNREAD = 0, 1, 2, 141
_WITHOUT_RICH = 'for a readable table: pip install "quizanalysis[cli]"'


def main(
    argv: Sequence[str] | None = None, *, interruption: Interruption | None = None
) -> int:
    """Run a command.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments, without the program's name; those of the process when not given.
    interruption : Interruption, optional
        What a signal does to this process; left to the caller when not given.

    Returns
    -------
    int
        The exit status: 0 done, 1 the data is wrong, 2 the command is, 130
        interrupted, 143 ended by SIGTERM, 141 nobody reads the output any more.
    """
    interruption = interruption or Interruption()
    try:
        return _run(parsed(argv), interruption)
    except SystemExit as end:
        return end.code if isinstance(end.code, int) else _DONE
    except qa.QuizAnalysisError as error:
        _say(str(error))
        return _WRONG_DATA
    except BrokenPipeError:
        # What Python still holds for the reader must not be tried again at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return _UNREAD
    except (UsageError, OSError) as error:
        _say(f"quizanalysis: error: {_fault(error)}")
        return _USAGE
    except KeyboardInterrupt:
        return interruption.status


def _run(arguments: Namespace, interruption: Interruption) -> int:
    """Read, analyse, show or write; say on standard error what was read."""
    if arguments.command == "serve":
        with interruption.raising():
            _serve_folder(arguments)
        return _DONE
    if arguments.command == "report" and _onto_a_terminal(arguments):
        raise UsageError("the report is a page for a browser: add -o report.html")
    shown = _for_a_person(arguments)
    watched = _is_terminal(sys.stderr)
    sources = _sources.opened(arguments.files)
    long = watched and _sources.is_long(sources)
    with line(active=long) as tell:
        tell("reading")
        heard = percent(tell, "reading") if long else None
        responses = _read(arguments, sources, heard)
        source = _account.named(sources, arguments.input_format, arguments.encoding)
        made = made_of(arguments, responses, source, tell, watched=shown or watched)
    _say(_account.taken(responses, source, arguments))
    if shown:
        _show(made, responses, arguments)
        interruption.finish()
        return _DONE
    data = _data(made, arguments)
    with line(active=long) as tell:
        _write(data, arguments, interruption, percent(tell, "writing"))
    said = [*_account.kept(responses, arguments), _wrote(data, arguments.output)]
    _say("\n".join(said))
    return _DONE


def _serve_folder(arguments: Namespace) -> None:
    """Serve until interrupted; what keeps it from beginning is told in one line."""
    try:
        from quizanalysis.adapters._serve import serve  # noqa: PLC0415  an extra

        serve(arguments.folder, arguments.store, arguments.port)
    except (ImportError, ValueError) as error:
        raise UsageError(str(error)) from None


def _data(made: Made, arguments: Namespace) -> Data:
    """Take the table that is wanted, if there are several."""
    if isinstance(made, qa.Report):
        made = getattr(made, arguments.command)
    elif isinstance(made, qa.WhatIf):
        made = getattr(made, arguments.table)
    return made


def _for_a_person(arguments: Namespace) -> bool:
    """Whether a readable table is wanted, and can be made."""
    if not _onto_a_terminal(arguments) or arguments.format:
        return False
    if find_spec("rich") is None:
        _say(_WITHOUT_RICH)
        return False
    return True


def _onto_a_terminal(arguments: Namespace) -> bool:
    return arguments.output is None and _is_terminal(sys.stdout)


def _read(
    arguments: Namespace, sources: list[Source], progress: Progress | None
) -> qa.Responses:
    try:
        responses = qa.read(
            sources,
            arguments.input_format,
            quiz_id=arguments.quiz_id,
            max_options=arguments.max_options,
            test_student=arguments.test_student,
            encoding=arguments.encoding,
            progress=progress,
        )
    except qa.QuizAnalysisError:
        raise
    except (ValueError, NotImplementedError) as error:
        raise UsageError(str(error)) from None
    try:
        responses = _private.pseudonymous(responses, arguments)
    except ValueError as error:
        raise UsageError(f"--pseudonym-key-file: {error}") from None
    item_id = getattr(arguments, "item_id", None)
    items = responses.items["item_id"].to_pylist() if item_id is not None else []
    if item_id is not None and item_id not in items:
        raise UsageError(f"--item-id: {not_there('item', [item_id], items)}")
    quizzes = len(responses.items["quiz_id"].unique())
    if getattr(arguments, "items", False) and quizzes > 1:
        raise UsageError(f"--items is for one quiz; there are {quizzes:,} here")
    return responses


def _write(
    data: Data, arguments: Namespace, interruption: Interruption, progress: Progress
) -> None:
    """Write all of it to the file, or else to standard output."""
    output = arguments.output
    if output is not None and (output.is_file() or not output.exists()):

        def checked(done: int, total: int) -> None:
            interruption.check()
            progress(done, total)

        with interruption.deferring():
            _write_to(output, data, arguments, checked)
        return
    if output is not None:
        # A pipe: who reads it may be slow, and nothing of it can be taken back.
        _write_to(output, data, arguments, progress)
    elif sys.stdout is None:
        raise UsageError("standard output is closed; write to a file with -o OUT")
    elif _is_terminal(sys.stdout):
        file = io.BytesIO()
        _write_to(file, data, arguments, progress)
        sys.stdout.write(_words.printable(file.getvalue().decode()))
        sys.stdout.flush()
    else:
        _write_to(sys.stdout.buffer, data, arguments, progress)
        sys.stdout.flush()
    interruption.finish()


def _write_to(
    target: Path | BinaryIO, data: Data, arguments: Namespace, progress: Progress
) -> None:
    if isinstance(data, str):
        _write_text(target, data)
    elif isinstance(data, list) or arguments.format == "json":
        qa.write_json(data, target, progress=progress)
    else:
        if getattr(arguments, "convention", None) == "canvas-classic":
            data = qa.conventions.canvas_classic.printed(data)
        qa.write_csv(data, target, excel=arguments.excel, progress=progress)


def _write_text(target: Path | BinaryIO, text: str) -> None:
    if isinstance(target, Path):
        with replacing(target) as file:
            file.write(text.encode())
    else:
        target.write(text.encode())


def _show(made: Made, responses: qa.Responses, arguments: Namespace) -> None:
    from rich.console import Console  # noqa: PLC0415  an extra

    if isinstance(sys.stdout, io.TextIOWrapper):
        # A letter that the terminal does not know is no reason to show nothing.
        sys.stdout.reconfigure(errors="replace")
    console, name = Console(), arguments.command
    if isinstance(made, qa.Report):
        _terminal.show(made, name, console)
    elif isinstance(made, qa.WhatIf):
        _what_if.show(made, arguments.table, console)
    elif name == "dif":
        _groups_terminal.show(made, console)
    elif name in _further.COMMANDS:
        _further.show(made, name, console)
    elif name == "findings":
        about = (_of(responses)[0], _account.attempts(arguments))
        _finding.show(made, responses.items, about, console)
    elif name == "explain":
        systems, one = (arguments.a, arguments.b), arguments.item_id is not None
        _why.show(made, systems, responses.items, console, whole=not one)
    else:
        what, _ = _of(responses)
        about = (what, _account.attempts(arguments))
        _system_terminal.show(made, arguments.convention, name, about, console)


def _of(responses: qa.Responses) -> tuple[str, set[str]]:
    """Say how many quizzes there are, by name if it is one, and their ids."""
    ids = responses.items["quiz_id"].unique().to_pylist()
    return _words.one_line(ids[0]) if len(ids) == 1 else f"{len(ids):,} quizzes", {*ids}


def _wrote(data: Data, output: Path | None) -> str:
    """Say what was written, and where."""
    what = "the page" if isinstance(data, str) else _words.counted(len(data), "rows")
    return f"wrote {what} to {output}" if output else f"wrote {what}"


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
