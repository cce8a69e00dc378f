"""Whether the rows of a student at a quiz stand together, told in bounded memory."""

from collections.abc import Iterable

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from quizanalysis._intake.columns import codes

Hashes = npt.NDArray[np.uint64]

_MOST = 8_000_000
"""How many runs of rows are remembered at a time: 64 MB."""


class _Runs:
    """What stood in each run of equal values so far, to find what comes back."""

    def __init__(self) -> None:
        self._seen: list[Hashes] = []
        self._due = 1 << 16
        self.n = 0

    def add(self, heads: Hashes) -> None:
        self._seen.append(heads)
        self.n += len(heads)

    def is_due(self) -> bool:
        """Whether there are twice as many as when it was looked at last."""
        return self.n >= self._due

    def again(self) -> bool:
        """Whether a value had a second run; what looks like it counts as it too."""
        seen = np.concatenate([np.empty(0, np.uint64), *self._seen])
        self._due = 2 * max(self.n, self._due // 2)
        ordered = np.sort(seen)
        return bool(np.any(ordered[1:] == ordered[:-1]))

    def keep(self, start: int) -> None:
        """Forget all but those from here on."""
        self._seen = [np.concatenate(self._seen)[start:]]
        self.n = len(self._seen[0])


class Order:
    """Takes quizzes and students row by row, and tells whether one comes back.

    A student at a quiz is remembered as a hash of 64 bits. When these become too many
    only those at the present quiz are kept, for as long as no quiz comes back; what
    cannot be told then counts as rows that do not stand together.
    """

    def __init__(self) -> None:
        self._pairs = _Runs()
        self._quizzes = _Runs()
        self._start = 0
        self._forgot = False
        self._last: tuple[Hashes, Hashes] = (np.empty(0, np.uint64),) * 2

    def add(self, table: pa.Table) -> bool:
        """Take more rows; tell whether all is well as far as has been looked."""
        quiz, pair = hashes(table)
        quiz_heads = _heads(self._last[0], quiz)
        pair_heads = _heads(self._last[1], pair)
        if len(quiz_heads):
            before = np.searchsorted(pair_heads, quiz_heads[-1])
            self._start = self._pairs.n + int(before)
        self._last = quiz[-1:], pair[-1:]
        self._quizzes.add(quiz[quiz_heads])
        self._pairs.add(pair[pair_heads])
        if self._pairs.is_due() and self._pairs.again():
            return False
        return self._pairs.n <= _MOST or self._fits()

    def _fits(self) -> bool:
        """Make room, if that can be done."""
        if self._quizzes.again() or self._pairs.again():
            return False
        self._pairs.keep(self._start)
        self._start, self._forgot = 0, True
        return self._pairs.n <= _MOST

    def is_clustered(self) -> bool:
        """Whether all rows seen stand together."""
        if self._forgot and self._quizzes.again():
            return False
        return not self._pairs.again()


def is_clustered(tables: Iterable[pa.Table], *, look: bool) -> tuple[bool, int]:
    """Look at the rows until it is plain that they are not; tell also how many."""
    order, n = Order(), 0
    for table in tables:
        n += table.num_rows
        look = look and order.add(table)
    return look and order.is_clustered(), n


def hashes(table: pa.Table) -> tuple[Hashes, Hashes]:
    """A number for the quiz of each row, and one for its student there."""
    quiz, student = _hashed(table["quiz_id"]), _hashed(table["student_id"])
    return quiz, quiz * np.uint64(0x9E3779B97F4A7C15) ^ student


def _hashed(column: pa.ChunkedArray) -> Hashes:
    from pandas.util import hash_array  # noqa: PLC0415  slow to import

    number, names = codes(column)
    words = names.to_numpy(zero_copy_only=False)
    known = hash_array(words, categorize=False) if len(words) else words
    return np.append(known, 0).astype(np.uint64)[number]


def _heads(last: Hashes, values: Hashes) -> npt.NDArray[np.int64]:
    """Where a run begins; the first row may go on with what was there before."""
    new = np.ones(len(values), bool)
    new[1:] = values[1:] != values[:-1]
    if len(last) and len(values):
        new[0] = values[0] != last[0]
    return np.flatnonzero(new)
