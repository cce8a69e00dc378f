"""The table of students by items that R's package psych works on."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from quizanalysis import ctt
from quizanalysis._counts.named import items_by_name, scored
from quizanalysis._counts.pairs import Pairs
from quizanalysis._counts.parts import Parts, column
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask
from quizanalysis._readout.figures import edges, moments, placed, units
from quizanalysis.conventions._kept import drawn_once, kept
from quizanalysis.conventions._r_matrices import Joint, Stack, Use, joint, own, stacks
from quizanalysis.responses import Responses
from quizanalysis.tally import Tally


@dataclass(frozen=True, slots=True)
class PsychTable:
    """The table x of every quiz, as psych goes on with it.

    Items are numbered by name; ``n``, ``mean`` and ``var`` are of what is there of
    each, and those of no variance are deleted. ``shown`` are the responses to the
    others, ``used`` those of the submissions that covariances are taken of. ``people``
    counts the submissions of each quiz, ``constant`` is what deleted items add to all
    totals.
    """

    parts: Parts
    items: pa.Table
    quiz: Ints
    n: Ints
    mean: Floats
    var: Floats
    people: Ints
    constant: Floats
    shown: Responses
    used: Responses
    joint: Joint

    def stacks(self) -> Iterator[Stack]:
        """The quizzes by how many items vary."""
        return stacks(self.joint, self.quiz, self.var > 0)


def psych_table(responses: Responses, use: Use) -> PsychTable:
    """Delete items without variance, and choose the rows for covariances."""
    if use not in {"pairwise", "complete"}:
        msg = f"use must be pairwise or complete, not {use!r}"
        raise ValueError(msg)
    data = drawn_once(responses)
    parts = Tally.of(data).parts
    quiz, size = column(parts.items, "quiz"), parts.items.num_rows
    n, mean, var = own(joint(Pairs.pairwise(data), "pairwise"), size)
    items, place = items_by_name(data)
    vary: Mask = (var > 0)[place[data.cells.item]]
    everyone = np.ones(len(data), bool)
    shown = used = kept(data, everyone, vary)
    if use == "complete":
        used = kept(shown, _complete(shown, quiz[place], var[place] > 0))
    return PsychTable(
        parts=parts,
        items=items,
        quiz=quiz,
        n=n,
        mean=mean,
        var=var,
        people=_people(parts),
        constant=_constant(data, ~vary, parts),
        shown=shown,
        used=used,
        joint=joint(Pairs.pairwise(used), "pairwise"),
    )


def _complete(shown: Responses, quiz: Ints, vary: Mask) -> Mask:
    """Which submissions have a score for all items of the quiz that vary."""
    expected = np.bincount(quiz[vary], minlength=int(quiz.max(initial=-1)) + 1)
    of = _quiz_of(shown, pc.unique(shown.items["quiz_id"]).sort())
    whole: Mask = scored(shown).k == expected[of]
    return whole


def _quiz_of(responses: Responses, ids: pa.Array) -> Ints:
    return np.asarray(pc.index_in(responses.submissions["quiz_id"], ids), np.int64)


def _constant(data: Responses, deleted: Mask, parts: Parts) -> Floats:
    """What psych adds for deleted items: the scores that the first student has."""
    ids = parts.quizzes["quiz_id"].combine_chunks()
    quiz = _quiz_of(data, ids)
    first = np.full(len(ids), len(data), np.int64)
    np.minimum.at(first, quiz, np.arange(len(data)))
    row = data.cells.submission
    own_quiz = quiz[row]
    taken = deleted & (first[own_quiz] == row)
    added = np.zeros(len(ids), np.int64)
    np.add.at(added, own_quiz[taken], data.cells.score[taken])
    return added / NANO


def raw_r(parts: Parts) -> Floats:
    """Correlation of each item with the total over the items shown."""
    found = moments(parts, units(parts), "points")
    r = ctt.correlation(found.scatter_xc, found.scatter_x, found.scatter_c)
    return placed(r, found.item, parts.items.num_rows)


def _people(parts: Parts) -> Ints:
    """Submissions of each quiz."""
    n = np.zeros(parts.quizzes.num_rows, np.int64)
    np.add.at(n, column(parts.totals, "quiz"), column(parts.totals, "n"))
    return n


def totals(parts: Parts, n: Ints) -> tuple[Floats, Floats]:
    """Mean and standard deviation of each quiz's totals."""
    unit, size = units(parts), parts.quizzes.num_rows
    quiz, count = column(parts.totals, "quiz"), column(parts.totals, "n")
    total, at = column(parts.totals, "total") // unit[quiz], edges(quiz)
    of = quiz[at]
    sums = ctt.dot(total, count, at)
    spread = ctt.scatter(n[of], sums, sums, ctt.dot(total, total * count, at))
    scale = unit[of] / NANO
    mean = placed(sums.astype(np.float64) / n[of] * scale, of, size)
    return mean, placed(ctt.sd(n[of], spread) * scale, of, size)
