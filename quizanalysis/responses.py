"""Responses: the validated submissions of one or many quizzes, in columns."""

import operator
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from datetime import UTC, datetime
from functools import reduce
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis._intake.answers import read_answers, tidy_of_answers
from quizanalysis._intake.attempts import (
    NO_GAPS,
    AttemptGaps,
    Attempts,
    check_order,
    chosen_attempts,
    has_score,
    n_owners,
)
from quizanalysis._intake.columns import NANO, Findings, Ints, Mask
from quizanalysis._intake.dense import QUIZ, Dense, dense_of
from quizanalysis._intake.dense_answers import DenseAnswers, dense_answers_of
from quizanalysis._intake.digest import digest
from quizanalysis._intake.matrix import read_scores, tidy_of_matrix
from quizanalysis._intake.numbering import run_starts
from quizanalysis._intake.opened import name_unused, opened, table_of
from quizanalysis._intake.option_lists import declared_lists
from quizanalysis._intake.options import MAX_OPTIONS, Options
from quizanalysis._intake.pickled import Sent, alone, received, sent
from quizanalysis._intake.pseudonyms import checked_key, pseudonyms
from quizanalysis._intake.tidy import Before, Cells, parse
from quizanalysis._intake.together import (
    inferred_before,
    items_together,
    left_out_together,
    rows_together,
    students_together,
)
from quizanalysis._intake.untidy import account_table, students_table, untidy
from quizanalysis._refusals import not_there
from quizanalysis.progress import QUIET, Meter, ProgressCallback, metered
from quizanalysis.schema import TIMESTAMP

__all__ = ["Attempts", "Responses"]

Exclusion = tuple[str, str, int]
"""``(unit, reason, n)``, such as ``("submissions", "test student", 1)``."""


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Responses:
    """The submissions of one or many quizzes: every attempt, valid by construction.

    Make one with `from_arrow`, `from_matrix`, `from_answers` or ``quizanalysis.read``;
    it never changes. Scores are held as whole billionths of a point, so that sums are
    exact; numbers of points beyond a million are refused.

    Attributes
    ----------
    submissions : pyarrow.Table
        One row per submission: ``quiz_id, student_id, attempt, submitted_at,
        elapsed_s, recorded_score, recorded_points_possible``.
    items : pyarrow.Table
        One row per item, quiz by quiz, by position: ``quiz_id, item_id, position,
        title, item_type, points_possible, points_inferred``.
    students : pyarrow.Table
        One row per student: the columns of the students table.
    left_out : pyarrow.Table
        What was left out so far, or noted by who read it: ``quiz_id`` (null: of the
        whole input), ``unit, reason, n``, and ``left_out``, false for a note.
    cells : Cells
        The responses as numpy arrays, for code that counts them.
    choices : Options
        The options of all items, and who chose which.
    gaps : AttemptGaps
        Quizzes whose attempts are in no known order, or of no known student.
    """

    submissions: pa.Table
    items: pa.Table
    students: pa.Table
    left_out: pa.Table
    cells: Cells = field(repr=False)
    choices: Options = field(repr=False)
    gaps: AttemptGaps = field(default=NO_GAPS, repr=False)
    # The matrix, for what can be told from it at once; no part of it ever has one.
    dense: Dense | DenseAnswers | None = field(init=False, default=None, repr=False)
    # Every table names it.
    _digest: str | None = field(init=False, default=None, repr=False)

    @classmethod
    def from_arrow(
        cls,
        responses: Any,  # noqa: ANN401  anything with __arrow_c_stream__
        items: Any = None,  # noqa: ANN401
        students: Any = None,  # noqa: ANN401
        *,
        quiz_id: str = QUIZ,
        max_options: int = MAX_OPTIONS,
        exclusions: Iterable[Exclusion] = (),
        notes: Iterable[Exclusion] = (),
        progress: ProgressCallback | None = None,
    ) -> "Responses":
        """Take tidy tables: one row per submission and item.

        Parameters
        ----------
        responses : object with ``__arrow_c_stream__``
            A pyarrow, pandas or polars table with the columns ``student_id, item_id,
            score`` and, optionally, ``quiz_id, attempt, response, status,
            submitted_at, elapsed_s, recorded_score, recorded_points_possible,
            points_possible, item_type, title, position``. Numbers may come as text. A
            score that is null is not graded yet, a response that is null or empty is
            blank (none is without a ``response`` column), a row that is not there is
            an item not shown; ``status`` (``graded, not_graded, not_attempted,
            not_shown``) overrides that. Whole numbers will do as ids. What was recorded
            of a submission stands in for the sums over its items.
        items : object with ``__arrow_c_stream__``, optional
            ``item_id`` and optionally ``quiz_id, position, title, item_type,
            points_possible, options`` (lists of ``{id, text, correct}``).
        students : object with ``__arrow_c_stream__``, optional
            ``student_id`` and optionally ``name, sis_id, section_ids, section_names,
            section_sis_ids``. `left_out` counts those without a submission.
        quiz_id : str
            Names the quiz when there is no such column.
        max_options : int
            An item without declared options gets its distinct answers as options, and
            those that earned full points are keyed. With more distinct answers than
            this it is an open item and has no options; so is every essay and upload.
            Declared options are always kept, and any other answer is one more.
        exclusions, notes : iterable of (unit, reason, n)
            What a reader left out before, and what else there is to know of its input;
            both stand in `left_out` and in `quizanalysis.exclusions`.
        progress : callable, optional
            Called as ``progress(done, total)`` in this thread, ten times a second at
            most: first ``(0, total)``, last ``(total, total)``. The total is the number
            of rows; they are looked at column by column, and with each look that is
            done a share of them is. An exception from it ends the work.

        Returns
        -------
        Responses

        Raises
        ------
        DataError
            With all problems: missing columns, scores that are not numbers, empty ids,
            attempts below 1, repeated rows, contradictions, unknown statuses, a
            submission whose points add up to more than nine billion.
        TypeError
            When a table has no ``__arrow_c_stream__``.

        Examples
        --------
        >>> import pyarrow as pa
        >>> tidy = pa.table(
        ...     {
        ...         "student_id": ["007", "008"],
        ...         "item_id": ["q1", "q1"],
        ...         "response": ["B", None],
        ...         "score": [1, 0],
        ...     }
        ... )
        >>> Responses.from_arrow(tidy)
        <Responses: 2 submissions of 1 quiz, 1 item, 2 responses>
        """
        if not isinstance(max_options, int | np.integer):
            msg = f"max_options must be a whole number, not {max_options!r}"
            raise TypeError(msg)
        tables = {"responses": responses, "items": items, "students": students}
        # A stream can be read once only.
        given = {
            name: table
            if table is None and name != "responses"
            else table_of(table, name)
            for name, table in tables.items()
        }
        account = account_table(exclusions, [*notes, *name_unused(given)])
        rows = 0 if given["responses"] is None else given["responses"].num_rows
        with metered(progress, rows) as meter:
            return cls._parsed(given, quiz_id, max_options, account, meter=meter)

    @classmethod
    def _parsed(
        cls,
        given: Mapping[str, object],
        quiz_id: str,
        max_options: int,
        account: pa.Table,
        before: Before | None = None,
        meter: Meter = QUIET,
    ) -> "Responses":
        findings = Findings()
        tables = opened(findings, given, meter.within(0.0, 0.1))
        responses, items = tables["responses"], tables.get("items")
        looking = meter.within(0.1, 0.9)
        parts = parse(findings, responses, items, quiz_id, max_options, before, looking)
        meter.at(0.9)
        known = parts.submissions["student_id"]
        people, unused = students_table(findings, tables.get("students"), known)
        findings.stop_if_any()
        return cls(
            parts.submissions,
            parts.items,
            people,
            pa.concat_tables(
                [
                    account,
                    account_table([("students", "no submission", unused)], parts.notes),
                ]
            ),
            parts.cells,
            parts.options,
        )

    @classmethod
    def from_matrix(
        cls,
        scores: Any,  # noqa: ANN401  anything numpy.asarray takes
        points_possible: npt.ArrayLike | Mapping[str, float] | None = None,
        item_ids: Sequence[str] | Mapping[str, str] | None = None,
        student_ids: Sequence[str] | Mapping[str, str] | None = None,
        *,
        threads: int = 1,
    ) -> "Responses":
        """Take a table of scores, students x items.

        Parameters
        ----------
        scores : array_like, shape (students, items)
            In points; NaN is an item that was not shown. A data frame gives its column
            names as item ids, one of pandas its index as student ids. An array of at
            most 32 distinct scores is not copied, so it must not change while the
            responses are in use; a memory map will do.
        points_possible : array_like, shape () or (items,), dict or Series, optional
            Per item; the best score seen where not given. A dict or a pandas Series
            goes by the names of the items, which must be the same; a Series with the
            index 0, 1, 2, … by place.
        item_ids : sequence of str, dict or Series, optional
            ``i1, i2, …`` when neither these nor the columns say. A dict or a Series
            goes by the names of the columns. With them every column is an item.
        student_ids : sequence of str, dict or Series, optional
            ``s1, s2, …`` when neither these nor the index say. An index of numbers
            without a name is none of ids. A dict or a Series goes by the labels of the
            rows, a Series by place where its index or that of the frame is 0, 1, 2, ….
        threads : int
            How many count the scores, each some of the rows.

        Raises
        ------
        DataError
            As `from_arrow`; also when the shapes or names do not fit, when the index
            has several levels or a label twice; and, unless there are `item_ids`, for
            each column that is no question: named like an id or a total (``id``,
            ``name``, ``Unnamed: 0``, ``Total``, ``%``), with the numbers of the rows,
            with whole numbers from 1,000 of which no two are the same, or with the sum
            or the mean of all others in every row. Of an array without names the
            numbers tell from five rows on.
        ValueError
            For fewer threads than one.

        Examples
        --------
        >>> Responses.from_matrix([[1, 0], [1, 1], [0, float("nan")]])
        <Responses: 3 submissions of 1 quiz, 2 items, 5 responses>

        >>> import pandas as pd
        >>> frame = pd.DataFrame({"id": ["ann", "bob"], "q1": [1, 0], "q2": [2, 1]})
        >>> responses = Responses.from_matrix(frame.set_index("id"), {"q2": 2, "q1": 1})
        >>> responses.submissions["student_id"].to_pylist()
        ['ann', 'bob']
        >>> responses.items["points_possible"].to_pylist()
        [1.0, 2.0]
        """
        given = read_scores(scores, points_possible, item_ids, student_ids)
        dense = dense_of(*given, _at_least_one(threads))
        if dense is None:
            return cls.from_arrow(*tidy_of_matrix(*given))
        return cls._of_dense(dense)

    @classmethod
    def from_answers(
        cls,
        answers: Any,  # noqa: ANN401  anything numpy.asarray takes
        key: Sequence[object] | Mapping[str, object],
        points_possible: npt.ArrayLike | Mapping[str, float] | None = None,
        item_ids: Sequence[str] | Mapping[str, str] | None = None,
        student_ids: Sequence[str] | Mapping[str, str] | None = None,
        *,
        threads: int = 1,
    ) -> "Responses":
        """Take a table of raw choices, students x items, and score it with a key.

        A response earns all points of its item or none. Case and outer blanks do not
        count: answers to an item that differ by these only are one option, spelled as
        in the key. Only where the key is one of several answers that differ by case,
        case tells them apart. What was matched so is noted in the account.

        Parameters
        ----------
        answers : array_like, shape (students, items)
            Texts or small integers; None, NaN or nothing but blanks is blank. The text
            ``NA`` is an answer. A data frame gives ids as in `from_matrix`. An array of
            at most 32 different whole numbers from 0 to 255 is not copied, so it must
            not change while the responses are in use.
        key : sequence, shape (items,), dict or Series
            The right choice of each item, or a set, list or tuple of equally right
            ones. A dict or a Series goes by name as `points_possible` does.
        points_possible : array_like, shape () or (items,), dict or Series, optional
            1 for each item when not given. By name or by place as in `from_matrix`.
        item_ids, student_ids : sequence of str, dict or Series, optional
            As in `from_matrix`.
        threads : int
            As in `from_matrix`.

        Raises
        ------
        DataError
            As `from_arrow`; also when the shapes or names do not fit or a key is empty;
            for an index as in `from_matrix`; for columns named like an id or a total,
            and those with row numbers or ids of which none is right, unless there are
            `item_ids`; and when no answer to any item equals its key, if these are of
            different kinds (numbers, letters, other texts) or 20 answers or more.
        ValueError
            For fewer threads than one.

        Examples
        --------
        >>> Responses.from_answers([["A", "C"], ["B", None]], key=["A", {"C", "D"}])
        <Responses: 2 submissions of 1 quiz, 2 items, 4 responses>

        >>> import pandas as pd
        >>> frame = pd.DataFrame({"q1": ["a", "B"], "q2": [" c", "c"]})
        >>> responses = Responses.from_answers(frame, {"q2": "C", "q1": "A"})
        >>> responses.to_arrow()["response"].to_pylist()
        ['A', 'C', 'B', 'C']
        """
        given = read_answers(answers, key, points_possible, item_ids, student_ids)
        dense = dense_answers_of(*given, _at_least_one(threads))
        if dense is None:
            tidy, items, notes = tidy_of_answers(*given)
            return cls.from_arrow(tidy, items, notes=notes)
        return cls._of_dense(dense)

    @classmethod
    def _of_dense(cls, dense: Dense | DenseAnswers) -> "Responses":
        made = cls.__new__(cls)
        object.__setattr__(made, "dense", dense)
        object.__setattr__(made, "_digest", None)
        return made

    @classmethod
    def concat(
        cls,
        parts: Iterable["Responses"],
        *,
        max_options: int | None = None,
        progress: ProgressCallback | None = None,
    ) -> "Responses":
        """Put several together: other quizzes, or more submissions of the same.

        Options and points possible that were inferred are inferred again from all,
        and from what the parts inferred of responses that they hold no more. Of a
        student the first name and SIS id known count, and the sections of all.

        Parameters
        ----------
        parts : iterable of Responses
        max_options : int, optional
            As in `from_arrow`; the smallest of the parts when not given.
        progress : callable, optional
            As in `from_arrow`; the total is the number of submissions.

        Returns
        -------
        Responses
            What was left out of each is left out of all, counts of the same reason in
            one row. So what two conditions let through, of which one takes what the
            other leaves, still counts as left out.

        Raises
        ------
        DataError
            Where they contradict each other, declare two keys for one item, or hold the
            same response.
        ValueError
            When there are none.
        TypeError
            When one is something else.
        """
        if isinstance(parts, Responses) or not isinstance(parts, Iterable):
            msg = f"parts must be several Responses, not {type(parts).__name__}"
            raise TypeError(msg)
        parts = list(parts)
        other = [type(part).__name__ for part in parts if not isinstance(part, cls)]
        if other:
            msg = f"each part must be Responses, not {other[0]}"
            raise TypeError(msg)
        if not parts:
            msg = "there is nothing to put together"
            raise ValueError(msg)
        with metered(progress, sum(map(len, parts))) as meter:
            if len(parts) == 1:
                return parts[0]
            return cls._together(parts, max_options, meter)

    @classmethod
    def _together(
        cls, parts: Sequence["Responses"], max_options: int | None, meter: Meter
    ) -> "Responses":
        findings, rows = Findings(), []
        for part in parts:
            rows.append(part.to_arrow())
            meter.at(0.2 * len(rows) / len(parts))
        submissions = pa.concat_tables([part.submissions for part in parts])
        tidy = rows_together(findings, rows, submissions)
        meter.at(0.25)
        items = items_together(
            findings, pa.concat_tables([part._declared() for part in parts])
        )
        findings.stop_if_any()
        students = pa.concat_tables([part.students for part in parts])
        if max_options is None:
            max_options = min(part.choices.max_options for part in parts)
        before = [
            inferred_before(part.items, part.points(), part.choices, max_options)
            for part in parts
        ]
        merged = cls._parsed(
            {
                "responses": tidy,
                "items": items,
                "students": students_together(students),
            },
            "quiz",
            max_options,
            account_table(),
            before=Before(
                pa.concat_tables([one.items for one in before]),
                pa.concat_tables([one.answers for one in before]),
            ),
            meter=meter.within(0.3, 1.0),
        )
        left_out = pa.concat_tables([part.left_out for part in parts])
        return replace(
            merged,
            left_out=left_out_together(left_out),
            gaps=reduce(operator.or_, (part.gaps for part in parts)),
        )

    if not TYPE_CHECKING:  # it has these attributes, whenever they are made

        def __getattr__(self, name: str) -> Any:  # noqa: ANN401
            """Lay a matrix out in rows, once something is asked for that needs them."""
            if name not in _LAID_OUT:
                msg = f"{type(self).__name__!r} object has no attribute {name!r}"
                raise AttributeError(msg, name=name, obj=self)
            lay_out(self, QUIET)
            return getattr(self, name)

    def _is_laid_out(self) -> bool:
        """Whether there are the attributes that a matrix is without at first."""
        try:
            object.__getattribute__(self, _LAID_OUT[0])
        except AttributeError:
            return False
        return True

    def __len__(self) -> int:
        """Count the submissions."""
        if self.dense is not None:
            return self.dense.shape[0]
        return int(self.submissions.num_rows)

    def __repr__(self) -> str:
        """Say how much there is."""
        if self.dense is None:
            quizzes, items = len(self.items["quiz_id"].unique()), self.items.num_rows
            n = len(self.cells.item)
        else:
            quizzes, items, n = 1, self.dense.shape[1], self.dense.n_responses
        return (
            f"<Responses: {len(self):,} submission{'s' * (len(self) != 1)} of "
            f"{quizzes:,} quiz{'zes' * (quizzes != 1)}, {items:,} "
            f"item{'s' * (items != 1)}, {n:,} response{'s' * (n != 1)}>"
        )

    def __eq__(self, other: object) -> bool:
        """Whether both hold the same submissions, items with key, students, answers."""
        if not isinstance(other, Responses):
            return NotImplemented
        return bool(
            self.submissions.equals(other.submissions)
            and self.items.equals(other.items)
            and self.students.equals(other.students)
            and self.options.equals(other.options)
            and np.array_equal(self.choices.chosen_cell, other.choices.chosen_cell)
            and np.array_equal(self.choices.chosen_option, other.choices.chosen_option)
            and self.to_arrow().equals(other.to_arrow())
        )

    __hash__ = None  # type: ignore[assignment]

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle what is held, and nothing of what it was cut from."""
        if self.dense is not None:
            return Responses._of_dense, (self.dense,)
        tables = (self.submissions, self.items, self.students, self.left_out)
        held = sent(self.cells, self.choices)
        return _received, (*map(alone, tables), held, self.gaps)

    @property
    def options(self) -> pa.Table:
        """One row per option, item by item.

        Columns ``quiz_id, item_id, option, text, correct, key_inferred``.
        """
        owner = pa.array(self.choices.item)
        return pa.table(
            {
                "quiz_id": self.items["quiz_id"].take(owner),
                "item_id": self.items["item_id"].take(owner),
                "option": self.choices.option,
                "text": self.choices.text,
                "correct": self.choices.correct,
                "key_inferred": self.choices.inferred,
            }
        )

    @property
    def digest(self) -> str:
        """SHA-256 of all that is held, the same for the same content in this order."""
        return digest_of(self)

    def attempts(self, which: Attempts) -> "Responses":
        """Keep one attempt of each student at each quiz.

        Parameters
        ----------
        which : {"first", "last", "best", "kept", "all"}
            ``first`` and ``last`` go by attempt number. ``best`` is the highest score
            (the recorded one, else the sum of the items), the earliest among equals;
            scores a millionth apart are equal, and any is above none at all.
            ``kept`` is what Canvas keeps under its highest-score policy: the highest
            score, the last attempt if it has it, else the earliest that has it.

        Returns
        -------
        Responses
            `left_out` says how many submissions fell away.

        Raises
        ------
        ValueError
            For any other word.
        DataError
            Where the choice needs an order of attempts that the input does not tell:
            several rows of a student with neither attempt number nor time.
        """
        return chosen_of(self, which)

    def check_attempts(self, which: Attempts) -> None:
        """Raise DataError where a choice of attempts needs what is not known of them.

        Parameters
        ----------
        which : {"first", "last", "best", "kept", "all"}
            As in `attempts`.
        """
        if self.dense is None and self.gaps != NO_GAPS and which != "all":
            scored = has_score(self.submissions, self.cells)
            check_order(self.submissions, self.scores(), scored, self.gaps, which)

    def scores(self) -> Ints:
        """Score of each submission in billionths of a point.

        The recorded score, or else the sum of the item scores.
        """
        recorded = self.submissions["recorded_score"]
        value = np.rint(np.asarray(recorded.fill_null(0.0), np.float64) * NANO)
        there = np.asarray(pc.is_valid(recorded), bool)
        return np.where(there, value.astype(np.int64), self.item_sums())

    def points(self) -> Ints:
        """Points possible of each item, in billionths of a point."""
        value = np.asarray(self.items["points_possible"], np.float64)
        return np.rint(value * NANO).astype(np.int64)

    def item_sums(self) -> Ints:
        """Sum of the item scores of each submission, in billionths of a point."""
        total = np.zeros(len(self), np.int64)
        starts = run_starts(self.cells.submission)
        if len(starts):
            there = self.cells.submission[starts]
            total[there] = np.add.reduceat(self.cells.score, starts)
        return total

    def where(
        self,
        *,
        quiz: str | Collection[str] | None = None,
        section: str | Collection[str] | None = None,
        student: str | Collection[str] | None = None,
        submitted_before: datetime | None = None,
        strict: bool = True,
    ) -> "Responses":
        """Keep the submissions that meet every condition given.

        Parameters
        ----------
        quiz : str or collection of str, optional
            Quiz ids; the items of other quizzes go too.
        section : str or collection of str, optional
            Names, ids or SIS ids of sections; a student in two counts in both.
        student : str or collection of str, optional
            Student ids, such as those of a group. Ids that nobody has do no harm, as
            long as somebody has one of the others.
        submitted_before : datetime, optional
            Handed in earlier than this; without a zone it is taken for UTC.
            A submission without a time is left out.
        strict : bool
            Refuse names that are not in these responses. Without it nothing is chosen
            by them: for parts of more data, such as the batches of `read_batches`,
            each of which has some of the quizzes and students only.

        Returns
        -------
        Responses
            `left_out` says how many submissions fell away, and why. It may be empty,
            such as for a section of which nobody handed anything in.

        Raises
        ------
        ValueError
            For a quiz or section that is not there, and for students of whom none is;
            it lists what there is, similar names first. An empty collection names
            nothing, and keeps nothing.
        TypeError
            For what is of another kind.

        Examples
        --------
        >>> r = Responses.from_matrix([[1, 0], [1, 1]], student_ids=["ann", "bob"])
        >>> len(r.where(student=["ann", "cem"]))
        1
        >>> r.where(quiz="another")
        Traceback (most recent call last):
        ValueError: there is no quiz 'another'; there is: 'quiz'
        """
        asked = {"quiz": quiz, "section": section, "student": student}
        names = {n: _listed(n, one) for n, one in asked.items() if one is not None}
        if strict:
            self._refuse_unknown(names)
        kept = self
        if "quiz" in names:
            quizzes = names["quiz"]
            chosen = _among(kept.submissions["quiz_id"], quizzes)
            kept = kept._keep(chosen, "other quiz")
            kept = kept._keep_items(_among(kept.items["quiz_id"], quizzes))
        if "section" in names:
            there = kept._in_section(names["section"])
            kept = kept._keep(there, "other section")
        if "student" in names:
            chosen = _among(kept.submissions["student_id"], names["student"])
            kept = kept._keep(chosen, "other student")
        if submitted_before is not None:
            kept = kept._keep(kept._submitted(submitted_before), "submitted later")
        return kept

    def pseudonymise(self, key: bytes | str) -> "Responses":
        """Put keyed hashes in the place of student ids; leave out names and SIS ids.

        The same student has the same pseudonym in every export, as long as the key is
        the same. Only who has the key can tell whose it is, by trying the ids: keep it
        apart from the data, and make it by chance, such as with
        ``secrets.token_bytes(32)``.

        Parameters
        ----------
        key : bytes or str
            At least 16 bytes; a text counts in UTF-8.

        Returns
        -------
        Responses
            The submissions by quiz, pseudonym and attempt, and the students by
            pseudonym: in an order that does not depend on the ids, or on that of the
            input.

        Raises
        ------
        ValueError
            When the key is too short.
        TypeError
            When it is something else.

        Notes
        -----
        A pseudonym is the first 128 bits, in hexadecimal, of HMAC-SHA256 of the id in
        UTF-8. Sections, times, scores and answers stay as they are, and can tell who
        somebody is: a section of two, a score that is known, and above all text that
        was typed. Leave out answers before they are given to others.

        Examples
        --------
        >>> r = Responses.from_matrix([[1, 0], [1, 1]], student_ids=["ann", "bob"])
        >>> for name in r.pseudonymise("0123456789abcdef").students["student_id"]:
        ...     print(name)
        6f32117ae2bc2046c803f82251013549
        fb385915a0623c0be3e7b0a7134dbb62
        """
        secret = checked_key(key)
        people = self.students
        alias = pseudonyms(people["student_id"], secret)
        at = pc.index_in(
            self.submissions["student_id"], people["student_id"].combine_chunks()
        )
        place = self.submissions.column_names.index("student_id")
        submissions = self.submissions.set_column(
            place, "student_id", alias.take(at.combine_chunks())
        )
        by = [(name, "ascending") for name in ("quiz_id", "student_id", "attempt")]
        order = pc.sort_indices(submissions, sort_keys=by)
        for name, values in (
            ("student_id", alias),
            ("name", pa.nulls(len(alias), pa.string())),
            ("sis_id", pa.nulls(len(alias), pa.string())),
        ):
            people = people.set_column(people.column_names.index(name), name, values)
        return replace(
            self._in_order(np.asarray(order, np.int64)),
            submissions=submissions.take(order),
            students=people.sort_by("student_id"),
        )

    def batches(self, rows: int = 50_000) -> Iterator["Responses"]:
        """Cut into consecutive blocks of submissions; items and students stay whole.

        What was left out stands in the first block alone, so that it counts once when
        they are put together again.

        Parameters
        ----------
        rows : int
            Submissions in a block; the last may have fewer.

        Returns
        -------
        iterator of Responses

        Raises
        ------
        ValueError
            When a block would have no rows.
        """
        if rows < 1:
            msg = f"rows must be 1 or more, not {rows!r}"
            raise ValueError(msg)
        starts = range(0, len(self), rows)
        if len(starts) == 1:
            return iter([self])
        return (self._block(at, min(at + rows, len(self))) for at in starts)

    def to_arrow(self) -> pa.Table:
        """Return the tidy table: one row per response, as `from_arrow` takes it.

        A submission without any response, and an item that nobody was shown, stand in
        one row of status ``not_shown``. Points possible that were inferred are null.
        It carries neither declared options and keys nor what is known of students:
        give these again as `from_arrow` takes them, in tables of their own.

        Returns
        -------
        pyarrow.Table
            The columns of ``schema.INPUTS["responses"]``.
        """
        return untidy(self.submissions, self.items, self.cells)

    def _declared(self) -> pa.Table:
        """The items table as it can be given again: without what was inferred."""
        inferred = self.items["points_inferred"]
        points = pc.if_else(inferred, None, self.items["points_possible"])
        return (
            self.items.drop_columns(["points_possible", "points_inferred"])
            .append_column("points_possible", points)
            .append_column("options", declared_lists(self.choices, self.items.num_rows))
        )

    def _block(self, start: int, stop: int) -> "Responses":
        """Take consecutive submissions: their cells and choices follow one another."""
        cells, options = self.cells, self.choices
        first, last = np.searchsorted(cells.submission, [start, stop])
        here = slice(*np.searchsorted(options.chosen_cell, [first, last]))
        response = cells.response
        return replace(
            self,
            submissions=self.submissions.slice(start, stop - start),
            left_out=self.left_out.slice(0, None if start == 0 else 0),
            cells=Cells(
                cells.submission[first:last] - start,
                cells.item[first:last],
                cells.score[first:last],
                cells.state[first:last],
                cells.position[first:last],
                None if response is None else response.slice(first, last - first),
            ),
            choices=replace(
                options,
                chosen_cell=options.chosen_cell[here] - first,
                chosen_option=options.chosen_option[here],
            ),
        )

    def _in_order(self, order: Ints) -> "Responses":
        """Take all submissions in another order."""
        place = np.empty(len(order), np.int64)
        place[order] = np.arange(len(order))
        owner, chosen = place[self.cells.submission], self.choices.chosen_cell
        cells = np.argsort(owner, kind="stable")
        cell = np.empty(len(cells), np.int64)
        cell[cells] = np.arange(len(cells))
        choices = np.argsort(cell[chosen], kind="stable")
        return replace(
            self,
            submissions=self.submissions.take(pa.array(order)),
            cells=replace(self.cells.take(cells), submission=owner[cells]),
            choices=replace(
                self.choices,
                chosen_cell=cell[chosen][choices],
                chosen_option=self.choices.chosen_option[choices],
            ),
        )

    def _part(
        self, submissions: Ints, cells: Ints, meter: Meter = QUIET
    ) -> "Responses":
        """Take some submissions and just their cells, both ascending."""
        new = np.full(len(self), -1, np.int64)
        new[submissions] = np.arange(len(submissions))
        taken = self.cells.take(cells)
        meter.at(0.5)
        where = np.full(len(self.cells.item), -1, np.int64)
        where[cells] = np.arange(len(cells))
        meter.at(0.8)
        return replace(
            self,
            submissions=self.submissions.take(pa.array(submissions)),
            cells=replace(taken, submission=new[taken.submission]),
            choices=self.choices.of_cells(where),
        )

    def _keep(self, keep: Mask, reason: str, meter: Meter = QUIET) -> "Responses":
        """Keep some submissions; count by quiz what falls away."""
        if keep.all():
            return self
        gone = self.submissions["quiz_id"].filter(pa.array(~keep)).value_counts()
        cells = np.flatnonzero(keep[self.cells.submission])
        meter.at(0.3)
        part = self._part(np.flatnonzero(keep), cells, meter.within(0.3, 1.0))
        n = len(gone)
        noted = pa.table(
            {
                "quiz_id": gone.field("values"),
                "unit": pa.array(["submissions"] * n, pa.string()),
                "reason": pa.array([reason] * n, pa.string()),
                "n": gone.field("counts"),
                "left_out": pa.array([True] * n, pa.bool_()),
            }
        )
        return replace(part, left_out=pa.concat_tables([self.left_out, noted]))

    def _keep_items(self, keep: Mask) -> "Responses":
        """Keep the items of some quizzes, once no response belongs to the others."""
        new = np.cumsum(keep) - 1
        return replace(
            self,
            items=self.items.filter(pa.array(keep)),
            cells=replace(self.cells, item=new[self.cells.item]),
            choices=self.choices.of_items(keep),
        )

    def _submitted(self, before: datetime) -> Mask:
        """Whether each submission was handed in before that time."""
        if not isinstance(before, datetime):
            msg = f"submitted_before must be a datetime, not {before!r}"
            raise TypeError(msg)
        zoned = before if before.tzinfo is not None else before.replace(tzinfo=UTC)
        times = self.submissions["submitted_at"]
        early = pc.less(times, pa.scalar(zoned, TIMESTAMP))
        return np.asarray(pc.fill_null(early, False), bool)

    def _refuse_unknown(self, asked: Mapping[str, list[str]]) -> None:
        """Refuse names that are not here: nothing would be chosen by them, silently."""
        for kind, names in asked.items():
            lists, column = self._names_of(kind), pa.array(names, pa.string())
            found = [np.asarray(pc.is_in(column, known), bool) for known in lists]
            there = np.logical_or.reduce(found)
            # A list of students is often that of another register.
            if there.all() or (kind == "student" and there.any()):
                continue
            unknown = [
                name for name, known in zip(names, there, strict=True) if not known
            ]
            shown = next((known for known in lists if len(known)), lists[0])
            raise ValueError(not_there(kind, unknown, shown.to_pylist()))

    def _names_of(self, kind: str) -> list[pa.Array]:
        """By what a quiz, a section or a student can be named, the best name first."""
        if kind == "quiz":
            return [self.items["quiz_id"].unique()]
        if kind == "student":
            return [self.students["student_id"].combine_chunks()]
        columns = ("section_names", "section_ids", "section_sis_ids")
        lists = [self.students[name].combine_chunks().flatten() for name in columns]
        return [pc.unique(names.drop_null().sort()) for names in lists]

    def _in_section(self, sections: list[str]) -> Mask:
        """Whether the student of each submission is in one of the sections."""
        inside = np.zeros(self.students.num_rows, bool)
        for name in ("section_names", "section_ids", "section_sis_ids"):
            lists = self.students[name].combine_chunks()
            hit = pc.is_in(lists.flatten(), pa.array(sections, pa.string()))
            parent = np.asarray(pc.list_parent_indices(lists), np.int64)
            inside[parent[np.asarray(pc.fill_null(hit, False), bool)]] = True
        at = pc.index_in(
            self.submissions["student_id"], self.students["student_id"].combine_chunks()
        )
        return inside[np.asarray(at, np.int64)]


_LAID_OUT = tuple(one.name for one in fields(Responses) if one.init)


def n_chosen(responses: Responses, which: Attempts) -> int:
    """How many submissions ``responses.attempts(which)`` keeps."""
    if _is_all(responses, which):
        return len(responses)
    return n_owners(responses.submissions)


def chosen_of(responses: Responses, which: Attempts, meter: Meter = QUIET) -> Responses:
    """Return ``responses.attempts(which)``, and tell how far that is."""
    every = _is_all(responses, which)
    responses.check_attempts(which)
    if every:
        return responses
    keep = np.zeros(len(responses), bool)
    scored = has_score(responses.submissions, responses.cells)
    meter.at(0.25)
    scores = responses.scores()
    meter.at(0.5)
    keep[chosen_attempts(responses.submissions, scores, scored, which)] = True
    meter.at(0.6)
    rest = meter.within(0.6, 1.0)
    return responses._keep(keep, f"not the {which} attempt", rest)


def _is_all(responses: Responses, which: Attempts) -> bool:
    """Whether this choice of attempts keeps every submission."""
    if which not in ("first", "last", "best", "kept", "all"):
        msg = f"attempt must be first, last, best, kept or all, not {which!r}"
        raise ValueError(msg)
    if which == "all" or responses.dense is not None:
        return True  # a row of a matrix is a student
    limits = pc.min_max(responses.submissions["attempt"])
    # Where all are of the same number, no student has two of them.
    return bool(limits["min"] == limits["max"])


def lay_out(responses: Responses, meter: Meter) -> None:
    """Lay a matrix out in rows, unless it is, and tell how far that is."""
    if responses.dense is None or responses._is_laid_out():
        return
    tables = responses.dense.tidy(meter.within(0.0, 0.2))
    meter.at(0.2)
    rest = meter.within(0.2, 1.0)
    made = Responses.from_arrow(*tables, progress=rest.at)
    for part in _LAID_OUT:
        object.__setattr__(responses, part, getattr(made, part))


def digest_of(responses: Responses, meter: Meter = QUIET) -> str:
    """Return ``responses.digest``, and tell how far it is."""
    made = responses._digest
    if made is None:
        tables = (
            responses.submissions,
            responses.items,
            responses.students,
            responses.options,
        )
        made = digest(tables, responses.cells, responses.choices, meter)
        object.__setattr__(responses, "_digest", made)
    return made


def _at_least_one(threads: int) -> int:
    if threads < 1:
        msg = f"threads must be 1 or more, not {threads!r}"
        raise ValueError(msg)
    return threads


def _received(
    submissions: pa.Table,
    items: pa.Table,
    students: pa.Table,
    left_out: pa.Table,
    held: Sent,
    gaps: AttemptGaps,
) -> Responses:
    """Take back what was pickled."""
    return Responses(submissions, items, students, left_out, *received(held), gaps)


def _listed(name: str, one_or_more: str | Collection[str]) -> list[str]:
    if isinstance(one_or_more, str):
        return [one_or_more]
    several = list(one_or_more) if isinstance(one_or_more, Iterable) else [one_or_more]
    if not all(isinstance(one, str) for one in several):
        msg = f"{name} must be text, or a collection of texts, not {one_or_more!r}"
        raise TypeError(msg)
    return several


def _among(column: pa.ChunkedArray, wanted: Collection[str]) -> Mask:
    return np.asarray(pc.is_in(column, pa.array(wanted, pa.string())), bool)
