"""What was typed against what is there: files to read, and a place to write to."""

import argparse
from pathlib import Path

__all__ = ["check"]


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
    if arguments.files.count("-") > 1:
        parser.error("standard input can be read once only")
    for file in arguments.files:
        if file != "-" and "://" not in file and (fault := _unreadable(Path(file))):
            parser.error(f"{file!r}: {fault}")
    if arguments.output is not None:
        _check_output(arguments, parser)
    if getattr(arguments, "excel", False) and arguments.format == "json":
        parser.error("--excel is for CSV")


def _unreadable(file: Path) -> str | None:
    if file.is_dir():
        return "is a folder, not a file"
    return None if file.exists() else "no such file"


def _check_output(
    arguments: argparse.Namespace, parser: argparse.ArgumentParser
) -> None:
    """Tell the format, and see that the file can be there and costs no input."""
    output: Path = arguments.output
    suffix = output.suffix.lower()
    if arguments.command == "report":
        if suffix in {".csv", ".json"}:
            parser.error(f"'{output}': a page is HTML, such as -o report.html")
    elif arguments.format is None:
        arguments.format = {".csv": "csv", ".json": "json"}.get(suffix)
        if arguments.format is None:
            parser.error(f"'{output}' ends neither in .csv nor in .json: add --format")
    if output.is_dir():
        parser.error(f"'{output}' is a folder, not a file")
    if not output.parent.is_dir():
        parser.error(f"'{output.parent}' is no folder to write into")
    inputs = [Path(file) for file in arguments.files if Path(file).exists()]
    if output.exists() and any(output.samefile(file) for file in inputs):
        parser.error(f"'{output}' is what is read; write to another file")
