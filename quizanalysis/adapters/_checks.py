"""What was typed against what is there: files to read, and a place to write to."""

import argparse
import glob
import shlex
from pathlib import Path

__all__ = ["check"]

_SHEETS = frozenset({".xlsx", ".xls", ".xlsm", ".xlsb", ".ods", ".numbers"})
_PAPERS = frozenset({".pdf", ".ps", ".doc", ".docx", ".odt", ".rtf", ".pages"})
_PAGES = frozenset({".html", ".htm"})
_ALL_OTHERS = (
    "tsv tab jsonl ndjson parquet arrow feather ipc xml xhtml mhtml md tex yaml yml "
    "sav dta rds rdata pkl sqlite db png jpg jpeg svg gif ppt pptx odp "
    "gz bz2 xz zst lz4 br zip tar tgz 7z"
)
_OTHERS = frozenset(f".{name}" for name in _ALL_OTHERS.split())
_TABLES = {".csv": "csv", ".json": "json"}
_KNOWN = _SHEETS | _PAPERS | _PAGES | _OTHERS | {*_TABLES, ".txt"}
"""Suffixes by which programs, and people, know a format."""


def check(arguments: argparse.Namespace, parser: argparse.ArgumentParser) -> None:
    """Refuse what cannot be done before any of it is done."""
    tail = getattr(arguments, "tail", 0.5)
    if not 0 < tail <= 0.5:
        parser.error(f"argument --tail: above 0 and at most 0.5, not {tail}")
    level = getattr(arguments, "level", 0.95)
    if not 0 < level < 1:
        parser.error(f"argument --level: above 0 and below 1, not {level}")
    if arguments.max_options < 0:
        parser.error("argument --max-options: 0 or more")
    _check_files(arguments, parser)
    if arguments.output == "-":
        _take_standard_output(arguments)
    elif arguments.output is not None:
        arguments.output = Path(arguments.output)
        _check_output(arguments, parser)
    if getattr(arguments, "excel", False) and arguments.format == "json":
        parser.error("--excel is for CSV")


def _check_files(
    arguments: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    if arguments.files.count("-") > 1:
        parser.error("standard input can be read once only")
    systems = f" {arguments.a} {arguments.b}" if arguments.command == "explain" else ""
    command = f"{parser.prog}{systems}"
    for file in arguments.files:
        if file != "-" and "://" not in file and (fault := _unreadable(file, command)):
            parser.error(fault)


def _unreadable(file: str, command: str) -> str | None:
    """Say why a file cannot be read, and how those of a folder are."""
    if Path(file).is_dir():
        files = f"{shlex.quote(file.rstrip('/'))}/*.csv"
        return f"{file!r}: is a folder, not a file: {command} {files}"
    if Path(file).exists():
        return None
    if not glob.has_magic(file):
        return f"{file!r}: no such file"
    n = len(glob.glob(file))  # noqa: PTH207  it may be a path from the root
    if not n:
        return f"no file matches {file!r}"
    return f"{file!r}: is a pattern; write it without quotes, and {n:,} files are read"


def _check_output(
    arguments: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    """Tell the format, and see that the file can be there and costs no input."""
    output: Path = arguments.output
    if arguments.command != "report" and arguments.format is None:
        arguments.format = _TABLES.get(output.suffix.lower())
    if fault := _misnamed(output, arguments):
        parser.error(f"'{output}'{fault}")
    if output.is_dir():
        parser.error(f"'{output}' is a folder, not a file")
    if not output.parent.is_dir():
        parser.error(f"'{output.parent}' is no folder to write into")
    inputs = [Path(file) for file in arguments.files if Path(file).exists()]
    if output.exists() and any(output.samefile(file) for file in inputs):
        parser.error(f"'{output}' is what is read; write to another file")


def _take_standard_output(arguments: argparse.Namespace) -> None:
    """Write data to standard output, on a terminal too; a page is refused there."""
    arguments.output = None
    if arguments.command != "report" and arguments.format is None:
        arguments.format = "csv"


def _misnamed(output: Path, arguments: argparse.Namespace) -> str | None:
    """Say why what is written cannot have this name, such as a page that of a PDF.

    A suffix that nobody knows says nothing of the format, and may be there.
    """
    suffix = output.suffix.lower()
    if arguments.command == "report":
        if suffix in _PAGES or suffix not in _KNOWN:
            return None
        printing = "; print it to PDF from a browser" if suffix in _PAPERS else ""
        return f": a page is HTML: -o {_renamed(output, 'html')}{printing}"
    form = arguments.format
    if form is None and suffix not in _KNOWN - {".txt"}:
        return " ends neither in .csv nor in .json: add --format"
    form = form or "csv"
    if suffix in {f".{form}", ".txt"} or suffix not in _KNOWN:
        return None
    marked = suffix in _SHEETS and form == "csv" and not arguments.excel
    opening = " (with --excel Excel opens it with accents)" if marked else ""
    better = f"use -o {_renamed(output, form)}{opening}"
    return f": {form.upper()} cannot be written under that name; {better}"


def _renamed(output: Path, form: str) -> str:
    """Put the format's suffix in the place of those that are there."""
    while output.suffix.lower() in _KNOWN:
        output = output.with_suffix("")
    return shlex.quote(f"{output}.{form}")
