"""Rows by number: equal keys get equal numbers, and rows an order, without a hash."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Ints = npt.NDArray[np.int64]
Whole = npt.NDArray[np.integer]

_BLOCK = 2**16
"""Rows compared at a time: they stay in the processor's cache."""

_ROOM = 2**62
"""Keys below this fit 64 bits with something to spare."""


def ranks(*keys: Whole) -> tuple[Ints, Ints]:
    """Number the distinct keys by first appearance; also the row of each first one."""
    n = len(keys[0])
    heads = run_starts(*keys)
    if len(heads) <= n // 2:
        # Rows that belong together mostly stand together: number the runs instead.
        number, first = _ranks(combined([key[heads] for key in keys])[0])
        return np.repeat(number, np.diff(heads, append=n)), heads[first]
    return _ranks(combined(keys)[0])


def ranks_in_rounds(starts: Ints, *keys: Whole) -> tuple[Ints, Ints]:
    """As `ranks`, where most rounds of rows repeat the keys of the round before.

    So do the submissions to a quiz with their items: one of them is numbered, and the
    others are told to be the same by comparing neighbours. ``starts`` are the first
    rows of the rounds; of any others, or where they differ, each row is numbered.
    """
    n, rounds = len(keys[0]), len(starts)
    width = n // max(1, rounds)
    if not n or width * rounds != n or np.any(starts != np.arange(0, n, width)):
        return ranks(*keys)
    new = np.zeros(rounds, bool)
    new[:1] = True
    for key in keys:
        new[np.flatnonzero(key[width:] != key[: n - width]) // width + 1] = True
    leaders = np.flatnonzero(new)
    if len(leaders) > rounds // 2:
        return ranks(*keys)
    rows = (leaders[:, np.newaxis] * width + np.arange(width)).ravel()
    number, first = ranks(*(key[rows] for key in keys))
    times = np.diff(leaders, append=rounds)
    return np.repeat(number.reshape(-1, width), times, axis=0).ravel(), rows[first]


def run_starts(*keys: Whole) -> Ints:
    """First row of each run of equal keys."""
    n = len(keys[0])
    found = [np.arange(min(n, 1))]
    for at in range(1, n, _BLOCK):
        new = keys[0][at : at + _BLOCK] != keys[0][at - 1 : min(at + _BLOCK, n) - 1]
        for key in keys[1:]:
            new |= key[at : at + _BLOCK] != key[at - 1 : min(at + _BLOCK, n) - 1]
        found.append(np.flatnonzero(new) + at)
    return np.concatenate(found)


def combined(keys: Sequence[Whole]) -> tuple[Ints, int]:
    """One number from 0 for several, in the same order; and a bound above all."""
    result, size = np.zeros(len(keys[0]), np.int64), 1
    for key in keys:
        key, span = _narrow(key)  # noqa: PLW2901
        if size * span > _ROOM:
            result, size = dense(result)
        if size * span > _ROOM:
            key, span = dense(key)  # noqa: PLW2901
        if size == 1:
            result = key
        else:
            result = result * span
            result += key
        size *= span
    return result, size


def _narrow(key: Whole) -> tuple[Ints, int]:
    """The key in steps from its least value, and how many steps there are."""
    if not len(key):
        return key.astype(np.int64), 1
    low, high = int(key.min()), int(key.max())
    steps = np.subtract(key, low, dtype=np.int64)
    if high - low > 2**20:
        # Points in billionths are mostly whole, or quarters.
        step = max(1, int(np.gcd.reduce(steps)))
        return steps // step, (high - low) // step + 1
    return steps, high - low + 1


def dense(values: Whole) -> tuple[Ints, int]:
    """The rank of each value among the distinct ones, and their number."""
    names, place = numbered_values(values)
    return place, max(1, len(names))


def numbered_values(values: Whole) -> tuple[Ints, Ints]:
    """Distinct values ascending, and the number of each row's."""
    encoded = pa.array(values).dictionary_encode()
    names = np.asarray(encoded.dictionary, np.int64)
    order = np.argsort(names)
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return names[order], place[np.asarray(encoded.indices)]


def is_ascending(*keys: Whole, strictly: bool = False) -> bool:
    """Whether the rows are in the order of the keys, the first key first."""
    n = len(keys[0])
    for at in range(1, n, _BLOCK):
        here = slice(at, at + _BLOCK), slice(at - 1, min(at + _BLOCK, n) - 1)
        # From the last key to the first: an earlier one decides where it differs.
        fits = np.full(min(_BLOCK, n - at), not strictly)
        for key in reversed(keys):
            after, before = (key[part] for part in here)
            fits = (after > before) | (fits & (after == before))
        if not fits.all():
            return False
    return True


def ordered(*keys: Whole) -> Ints | None:
    """The order that sorts the rows by the keys, ties as they stand; None if they are.

    A row and its keys are packed into one integer, so that plain values are sorted.
    """
    if is_ascending(*keys):
        return None
    n = len(keys[0])
    bits = n.bit_length()
    key, size = combined(keys)
    if size << bits > _ROOM:
        key, size = dense(key)
    key <<= bits
    key |= np.arange(n)
    key.sort()
    key &= (1 << bits) - 1
    return key


def places(order: Ints | None, n: int) -> Ints:
    """Where each of n rows stands once they are in order."""
    place = np.arange(n)
    if order is not None:
        place[order] = np.arange(n)
    return place


def repeats(group: Ints, member: Ints, size: int) -> tuple[Ints, Ints]:
    """Group and member of each row whose like is there already; members below size."""
    if is_ascending(group, member, strictly=True):
        return group[:0], member[:0]
    pair = group * max(1, size) + member
    pair.sort()
    group, member = np.divmod(pair[1:][pair[1:] == pair[:-1]], max(1, size))
    return group, member


def taken(values: Ints, rows: Ints) -> Ints:
    """Some of the values; what repeats one value goes on doing so."""
    if values.strides == (0,):
        return np.broadcast_to(values[:1], len(rows)) if len(values) else values
    return values[rows]


def _ranks(key: Ints) -> tuple[Ints, Ints]:
    n = len(key)
    if is_ascending(key, strictly=True):
        return np.arange(n), np.arange(n)
    low = int(key.min(initial=0))
    span = int(key.max(initial=0)) - low + 1
    if span > 4 * n + 1024:
        encoded = pa.array(key).dictionary_encode()
        number = encoded.indices.to_numpy().astype(np.int64)
        first = np.empty(len(encoded.dictionary), np.int64)
        first[number[::-1]] = np.arange(n - 1, -1, -1)
        return number, first
    # A table of all keys there could be is cheaper than hashing them.
    place = np.full(span, n, np.int64)
    place[key[::-1] - low] = np.arange(n - 1, -1, -1)
    first = np.sort(place[place < n])
    rank = np.empty(span, np.int64)
    rank[key[first] - low] = np.arange(len(first))
    return rank[key - low], first
