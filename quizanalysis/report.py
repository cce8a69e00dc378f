"""From responses to reports: analyze() and create_report(), and nothing beside them."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Literal
from uuid import uuid4

import pyarrow as pa

from quizanalysis import ctt
from quizanalysis._files.replacing import replacing, settle
from quizanalysis._overview.notebook import overview
from quizanalysis._readout.exclusions import accounted
from quizanalysis._refusals import need_kind
from quizanalysis.errors import InvalidReport
from quizanalysis.privacy import suppress_together
from quizanalysis.progress import (
    Meter,
    Progress,
    ProgressCallback,
    WorkflowState,
    metered,
)
from quizanalysis.responses import (
    Attempts,
    Responses,
    chosen_of,
    digest_of,
    lay_out,
    n_chosen,
)
from quizanalysis.tables import (
    Criterion,
    of_items,
    of_students,
    option_analysis,
    summary,
)
from quizanalysis.tally import Blank, Tally
from quizanalysis.writers import write_csv, write_json

__all__ = ["Report", "analyze", "create_report"]

Format = Literal["csv", "json"]

_WRITERS = {"csv": write_csv, "json": write_json}
_TYPES = ("student_analysis", "item_analysis")

_CHOICE = 0.2
"""The share of the work that choosing attempts is, where there are several."""

_RESPONSES, _BLOCKS = 1_000_000, 100
"""Responses that are counted before that is told, at least; and in how many blocks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """All tables of one analysis; a notebook shows an overview of it.

    Attributes
    ----------
    summary, item_analysis, option_analysis, student_analysis : pyarrow.Table
        As the functions of these names return them.
    exclusions : pyarrow.Table
        What was left out, why, and how many; and what else is to be known of the data.
    """

    summary: pa.Table
    item_analysis: pa.Table
    option_analysis: pa.Table
    student_analysis: pa.Table
    exclusions: pa.Table

    def _repr_html_(self) -> str:
        """What a notebook shows: the overview, with what to look at."""
        made = json.loads((self.summary.schema.metadata or {}).get(b"made", b"{}"))
        attempt = made.get("options", {}).get("attempt", "last")
        return overview(self.summary, self.item_analysis, self.option_analysis, attempt)

    def write(
        self,
        folder: str | os.PathLike[str],
        *,
        format: Format = "csv",  # noqa: A002  the API's own word
        progress: ProgressCallback | None = None,
    ) -> None:
        """Write each table to ``<folder>/<table>.<format>``.

        All files are finished before the first takes its place, so that a failure
        leaves the folder as it was.

        Parameters
        ----------
        folder : path
            Made when it is not there.
        format : {"csv", "json"}
        progress : callable, optional
            Called as ``progress(done, total)`` in this thread, in rows of all tables:
            first ``(0, total)``, last ``(total, total)``, ten times a second at most.
            An exception from it leaves the folder as it was.

        Raises
        ------
        InvalidReport
            For another format.
        """
        write = _writer(format)
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        tables = {one.name: getattr(self, one.name) for one in fields(self)}
        rows = [len(table) if progress else 0 for table in tables.values()]
        # The last call comes before the files take their places, so that it can keep
        # them from it.
        with ExitStack() as stack, metered(progress, sum(rows)) as meter:
            for name, part in zip(tables, meter.split(rows), strict=True):
                file = stack.enter_context(replacing(place / f"{name}.{format}"))
                write(tables[name], file, progress=part.at if progress else None)
                settle(file)


def analyze(  # noqa: PLR0913  the options of all tables, said once
    responses: Responses,
    *,
    attempt: Attempts = "last",
    blank: Blank = "zero",
    criterion: Criterion = "points",
    tail: float = 0.27,
    ties: ctt.Ties = "split",
    ddof: int = 1,
    level: float = 0.95,
    items: bool = False,
    anonymous: bool = False,
    min_cell: int | None = None,
    progress: ProgressCallback | None = None,
) -> Report:
    """Make all tables of the submissions, saying how far it has come.

    Parameters
    ----------
    responses : Responses
    attempt, blank, criterion, tail, ties, ddof, level
        As in `item_analysis`.
    items, anonymous : bool
        As in `student_analysis`. Anonymous, no table names the digest of the input, or
        of what was counted.
    min_cell : int, optional
        Hide figures that rest on fewer students, as `suppressed` does, in all tables
        but the student analysis, of which each row is of one student; and those that
        other tables would tell. Not with ``attempt="all"``.
    progress : callable, optional
        Called as ``progress(done, total)`` in this thread, in submissions: first
        ``(0, total)``, last ``(total, total)``, and ten times a second at most. They
        are gone through once for the counts and again for each table; ``done`` is the
        part of that which has been done, such as half of them when all are counted and
        no table is made yet. An exception from it ends the analysis.

    Returns
    -------
    Report

    Examples
    --------
    >>> import quizanalysis as qa
    >>> responses = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
    >>> seen = []
    >>> report = qa.analyze(responses, progress=lambda *told: seen.append(told))
    >>> seen[0], seen[-1]
    ((0, 3), (3, 3))
    >>> report.item_analysis["difficulty"].to_pylist()
    [0.6666666666666666, 0.3333333333333333]
    """
    _needed(responses)
    total = n_chosen(responses, attempt) if progress else 0
    with metered(progress, total) as whole:
        chosen, meter = _chosen(responses, attempt, whole)
        counting, listing = _parts(chosen, meter)
        tally = _counted(chosen, blank, counting.within(0.0, 0.8))
        counted = {"summary": summary(tally, ddof=ddof, level=level)}
        counting.at(0.85)
        of_each = counting.within(0.85, 0.95)
        counted["item_analysis"] = of_items(
            tally, tally, None, criterion, tail, ties, ddof, level, of_each
        )
        counting.at(0.95)
        counted["option_analysis"] = option_analysis(
            tally, criterion=criterion, tail=tail, ties=ties, level=level
        )
        counting.at(1.0)
        listed = {
            "exclusions": accounted(
                chosen,
                {"options": {"blank": blank}},
                omit_blank=blank == "omit",
                meter=listing.within(0.0, 0.35),
            ),
            "student_analysis": of_students(
                chosen,
                {"options": {"attempt": attempt}, "input_digest": None},
                items=items,
                anonymous=anonymous,
                meter=listing.within(0.35, 0.85),
            ),
        }
        ending = listing.within(0.85, 1.0)
        digest = None if anonymous else digest_of(responses, ending)
        tables = {name: _stamped(table, attempt) for name, table in counted.items()}
        for name, table in listed.items():
            tables[name] = _stamped(table, attempt, digest)
        if anonymous:
            tables = {name: _unsigned(table) for name, table in tables.items()}
        if min_cell is not None:
            of_many = {name: tables[name] for name in (*counted, "exclusions")}
            tables |= suppress_together(of_many, min_cell)
        return Report(**tables)


def create_report(
    responses: Responses,
    *,
    report_type: str,
    format: str,  # noqa: A002  the API's own word
    path: str | os.PathLike[str],
    on_progress: Callable[[Progress], object] | None = None,
) -> Progress:
    """Make one report as the reports API does: a file, and a progress on the way.

    Parameters
    ----------
    responses : Responses
    report_type : {"student_analysis", "item_analysis"}
    format : {"csv", "json"}
    path : path
        Where the file goes; it appears whole or not at all.
    on_progress : callable, optional
        Called with each `Progress`: queued, running with a `completion` that never
        falls, and completed or failed. The file is in its place when completed is
        shown. An exception from it ends the run and leaves at `path` what was there
        before, even when completed has been shown; no failed follows that.

    Returns
    -------
    Progress
        Completed; ``results["url"]`` names the file.

    Raises
    ------
    InvalidReport
        For another type or format; nothing has been done then.
    TypeError
        For what is not `Responses`.

    Examples
    --------
    >>> import quizanalysis as qa
    >>> from tempfile import TemporaryDirectory
    >>> responses = qa.Responses.from_matrix([[1, 0], [1, 1], [0, 0]])
    >>> with TemporaryDirectory() as folder:
    ...     progress = qa.create_report(
    ...         responses,
    ...         report_type="item_analysis",
    ...         format="csv",
    ...         path=f"{folder}/items.csv",
    ...     )
    >>> progress.workflow_state, progress.completion
    ('completed', 100.0)
    """
    if report_type not in _TYPES:
        msg = f"report_type must be {' or '.join(_TYPES)}, not {report_type!r}"
        raise InvalidReport(msg)
    write = _writer(format)
    _needed(responses)
    target = Path(path).absolute()
    state = _begun(responses)
    show = on_progress or (lambda _progress: None)

    def move(
        word: WorkflowState, percent: float = 0.0, results: dict[str, str] | None = None
    ) -> None:
        nonlocal state
        state = state.moved(word, at=_now(), completion=percent, results=results)
        show(state)

    meter = Meter(lambda share: move("running", 100.0 * share))
    try:
        show(state)
        done = partial(move, "completed", results={"url": target.as_uri()})
        table = one_table(responses, report_type, meter.within(0.0, 0.8).at)
        with replacing(target, then=done) as file:
            write(table, file, progress=meter.within(0.8, 1.0).at)
    except BaseException:
        # What went wrong is told, not that nobody wants to hear of it. A completed
        # report cannot fail any more: moved() refuses, and nothing is told.
        with suppress(Exception):
            move("failed")
        raise
    return state


def one_table(
    responses: Responses, report_type: str, progress: ProgressCallback
) -> pa.Table:
    """Make the one table that is wanted, from the last attempts."""
    with metered(progress, n_chosen(responses, "last")) as whole:
        chosen, meter = _chosen(responses, "last", whole)
        if report_type == "item_analysis":
            tally = _counted(chosen, "zero", meter.within(0.0, 0.7))
            table = of_items(tally, tally, None, meter=meter.within(0.7, 1.0))
            return _stamped(table, "last")
        lay_out(chosen, meter.within(0.0, 0.4))
        made = {"options": {"attempt": "last"}, "input_digest": None}
        table = of_students(chosen, made, meter=meter.within(0.4, 0.9))
        return _stamped(table, "last", digest_of(responses, meter.within(0.9, 1.0)))


def _chosen(
    responses: Responses, attempt: Attempts, meter: Meter
) -> tuple[Responses, Meter]:
    """Choose the attempts; also a meter of what is left to do."""
    some = chosen_of(responses, attempt, meter.within(0.0, _CHOICE))
    return some, meter if some is responses else meter.within(_CHOICE, 1.0)


def _parts(chosen: Responses, meter: Meter) -> tuple[Meter, Meter]:
    """Lay a matrix out; meters of what counts, and of what lists submissions."""
    if chosen.dense is None:
        return meter.within(0.0, 0.4), meter.within(0.4, 1.0)
    # What a matrix adds up to is known, but its rows are not.
    lay_out(chosen, meter.within(0.0, 0.4))
    return meter.within(0.4, 0.45), meter.within(0.45, 1.0)


def _counted(chosen: Responses, blank: Blank, meter: Meter) -> Tally:
    """Count in blocks when somebody listens: the tally is the same in any blocks.

    Of no submissions there is no block, and so no item either.
    """
    if meter.tell is None or chosen.dense is not None or not len(chosen):
        return Tally.of(chosen, blank=blank)
    n = len(chosen)
    # So many that a block has about as many responses, and that there are not too many.
    rows = max(1, n * _RESPONSES // max(1, len(chosen.cells.item)), -(-n // _BLOCKS))
    done = 0

    def blocks() -> Iterator[Responses]:
        nonlocal done
        for block in chosen.batches(rows):
            yield block
            done += len(block)
            meter.at(done, n)

    return Tally.of(blocks(), blank=blank)


def _stamped(table: pa.Table, attempt: Attempts, digest: str | None = None) -> pa.Table:
    """Say of a table which attempts of what input it was made of.

    Tables that are read off a tally name that one already.
    """
    metadata = dict(table.schema.metadata)
    made = json.loads(metadata.get(b"made", b"{}"))
    made["options"] = {**made.get("options", {}), "attempt": attempt}
    made["input_digest"] = digest or made.get("input_digest")
    metadata[b"made"] = json.dumps(made).encode()
    return table.replace_schema_metadata(metadata)


def _unsigned(table: pa.Table) -> pa.Table:
    """Take away the digest, with which a guess at the input could be proved."""
    made = json.loads(table.schema.metadata[b"made"]) | {"input_digest": None}
    metadata = table.schema.metadata | {b"made": json.dumps(made).encode()}
    return table.replace_schema_metadata(metadata)


def _needed(responses: object) -> None:
    """Refuse what are no responses before anything is done."""
    need_kind("Responses are", responses, Responses)


def _begun(responses: Responses) -> Progress:
    """A queued progress, of the quiz when there is one."""
    quizzes = responses.items["quiz_id"].unique().to_pylist()
    now = _now()
    return Progress(
        id=uuid4().hex,
        context_id=quizzes[0] if len(quizzes) == 1 else "",
        created_at=now,
        updated_at=now,
    )


def _writer(format: str) -> Callable[..., None]:  # noqa: A002
    if format not in tuple(_WRITERS):
        msg = f"format must be {' or '.join(_WRITERS)}, not {format!r}"
        raise InvalidReport(msg)
    return _WRITERS[format]


def _now() -> datetime:
    return datetime.now(UTC)
