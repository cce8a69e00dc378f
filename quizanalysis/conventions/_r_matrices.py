"""Covariances of the items of each quiz, as R's ``cov`` and ``cor`` make them.

Quizzes with equally many items are stacked, so that one call of linear algebra does
for all of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from quizanalysis._counts.pairs import Pairs, refuse_pairs
from quizanalysis._counts.parts import distinct
from quizanalysis._intake.columns import NANO, Floats, Ints, Mask, codes

Use = Literal["pairwise", "complete"]

_SINGULAR = float(np.sqrt(np.finfo(np.float64).eps))
"""What R's psych takes for a zero eigenvalue, relative to the largest."""

_NO_PRECISION = 1e-12
"""Of correlations that do not fit together it may be 0, and rounding gives the sign."""

ROUNDING = 1e-13
"""Sums this much smaller than their parts are sums of rounding errors."""


@dataclass(frozen=True, slots=True)
class Joint:
    """What each two items of a quiz have in common; ``item`` with itself included.

    ``n`` submissions have both; ``mean`` and ``var`` are of ``item`` among these, in
    points; NaN where n does not allow them.
    """

    item: Ints
    other: Ints
    n: Ints
    mean: Floats
    var: Floats
    cov: Floats
    cor: Floats


@dataclass(frozen=True, slots=True)
class Stack:
    """Quizzes of k items each.

    ``item`` (quizzes, k) are rows of ``pairs.items``; ``cov`` and ``cor`` (quizzes, k,
    k) are NaN where there is none.
    """

    item: Ints
    cov: Floats
    cor: Floats


def joint(pairs: Pairs, use: Use) -> Joint:
    """Take each two items over the submissions that have both, or that have all."""
    table = pairs.pairs
    kept = np.ones(len(table["n"]), bool)
    if use == "complete":
        quiz, _ = codes(pairs.items["quiz_id"])
        seen = np.unique(table["item"])
        everything = np.bincount(quiz[seen], minlength=int(quiz.max(initial=-1)) + 1)
        kept = table["k"] == everything[quiz[table["item"]]]
    keys = [table["item"][kept], table["other"][kept]]
    first, row = distinct(keys)
    item, other = keys[0][first], keys[1][first]

    def total(values: npt.NDArray[np.generic]) -> npt.NDArray[np.object_]:
        sums = np.zeros(len(first), object)
        np.add.at(sums, row, values[kept])
        return sums

    n, x, xx, xy = (total(table[name]) for name in ("n", "sum", "square", "product"))
    width = pairs.items.num_rows + 1
    partner = np.searchsorted(item * width + other, other * width + item)
    spread, shared = n * xx - x * x, n * xy - x * x[partner]
    count = n.astype(np.float64)
    pairs_of = np.where(count > 1, count * (count - 1), np.nan) * float(NANO) ** 2
    size = np.sqrt(spread.astype(np.float64)) * np.sqrt(
        spread[partner].astype(np.float64)
    )
    return Joint(
        item=item,
        other=other,
        n=n.astype(np.int64),
        mean=x.astype(np.float64) / (count * NANO),
        var=spread.astype(np.float64) / pairs_of,
        cov=shared.astype(np.float64) / pairs_of,
        cor=shared.astype(np.float64) / np.where(size > 0, size, np.nan),
    )


def own(found: Joint, size: int) -> tuple[Ints, Floats, Floats]:
    """Number, mean and variance of each item by itself."""
    here = found.item == found.other
    n = np.zeros(size, np.int64)
    n[found.item[here]] = found.n[here]
    mean, var = np.full(size, np.nan), np.full(size, np.nan)
    mean[found.item[here]], var[found.item[here]] = found.mean[here], found.var[here]
    return n, mean, var


def stacks(found: Joint, quiz: Ints, kept: Mask) -> Iterator[Stack]:
    """Stack the quizzes by the number of items kept of each."""
    refuse_pairs(quiz[kept])
    k = np.bincount(quiz[kept], minlength=int(quiz.max(initial=-1)) + 1)
    chosen = np.flatnonzero(kept)
    within = np.zeros(len(kept), np.int64)
    within[chosen] = np.arange(len(chosen)) - np.searchsorted(
        quiz[chosen], quiz[chosen]
    )
    both = kept[found.item] & kept[found.other]
    for size in np.unique(k[k > 0]).tolist():
        quizzes = np.flatnonzero(k == size)
        row = np.full(len(k), -1)
        row[quizzes] = np.arange(len(quizzes))
        here = both & (row[quiz[found.item]] >= 0)
        item, other = found.item[here], found.other[here]
        matrices = []
        for values in (found.cov, found.cor):
            matrix = np.full((len(quizzes), size, size), np.nan)
            matrix[row[quiz[item]], within[item], within[other]] = values[here]
            matrices.append(matrix)
        mine = chosen[row[quiz[chosen]] >= 0].reshape(-1, size)
        yield Stack(mine, matrices[0], matrices[1])


def correlated(cov: Floats) -> Floats:
    """Scale covariances to correlations, as R's ``cov2cor``."""
    size = np.sqrt(np.diagonal(cov, axis1=1, axis2=2))
    size = np.where(size > 0, size, np.nan)
    return cov / size[:, :, None] / size[:, None, :]


def diagonal(matrices: Floats) -> Floats:
    """Return the diagonal of each matrix."""
    return np.diagonal(matrices, axis1=-2, axis2=-1)


def lower(matrices: Floats) -> Floats:
    """Return what stands below the diagonal of each matrix."""
    rows, columns = np.tril_indices(matrices.shape[-1], -1)
    return np.asarray(matrices[:, rows, columns])


@dataclass(frozen=True, slots=True)
class Inverse:
    """Inverses of a stack of matrices, as far as these can be inverted.

    ``kernel`` projects on what cannot, the eigenvectors of no eigenvalue; ``largest``
    (quizzes,) is the largest eigenvalue in size. NaN where a matrix has no value.
    """

    matrix: Floats
    kernel: Floats
    largest: Floats


def inverse(matrices: Floats) -> Inverse:
    """Invert each matrix, or as far as it can be."""
    known: Mask = np.asarray(np.isfinite(matrices).all(axis=(1, 2)))
    identity = np.eye(matrices.shape[-1])
    filled = np.where(known[:, None, None], matrices, identity)
    values, vectors = np.linalg.eigh(filled)
    largest = np.abs(values).max(axis=1, keepdims=True, initial=0.0)
    good: Mask = np.greater(np.abs(values), _SINGULAR * largest)
    turned = np.where(good, 1 / np.where(good, values, 1.0), 0.0)
    back = np.swapaxes(vectors, 1, 2)
    result = (vectors * turned[:, None, :]) @ back
    kernel = np.zeros_like(result)
    some = ~good.all(axis=1)
    kernel[some] = (vectors[some] * ~good[some][:, None, :]) @ back[some]
    for array in (result, kernel, largest):
        array[~known] = np.nan
    return Inverse(result, kernel, largest[:, 0])


def without_each(inverted: Inverse) -> Floats:
    r"""Diagonals of the inverses of each matrix without one item: (quizzes, k, k).

    In line i and column j stands what j has when i is left out; the diagonal means
    nothing. With P the inverse and N the kernel, the inverse without i is, of the
    others, :math:`P + d p_i' + p_i d' + d d' p_{ii}`: where i is a combination of them
    :math:`d = -n_i / n_{ii}`, else :math:`d = -p_i / p_{ii}`. Where :math:`p_{ii} = 0`
    they cannot be inverted in the direction of :math:`p_i`, which is taken out of P.
    """
    p, kernel = inverted.matrix, inverted.kernel
    square = p @ p
    length = diagonal(square)[:, :, None]
    own, lost = diagonal(p)[:, :, None], diagonal(kernel)[:, :, None]
    # The eigenvalues that leaving out i brings near 0 solve m^2 length + m own = lost.
    both = np.abs(own) + np.sqrt(own**2 + 4 * length * lost.clip(0.0))
    least = (_SINGULAR * inverted.largest)[:, None, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        d = -np.where(2 * lost > least * both, kernel / lost, p / own)
        change = d * (2 * p + d * own)
        cube = (p * square).sum(axis=2)[:, :, None]
        taken = p / length * (p / length * cube - 2 * square)
        change = np.where(both > 2 * least * length, change, taken)
    return diagonal(p)[:, None, :] + change


def without(matrices: Floats) -> Floats:
    """Row sums of each symmetric matrix without one item: (quizzes, k, k).

    In line i and column j stands the sum of row j when i is left out; 0 in the
    diagonal. What has no value is NaN only where it is left.
    """
    there = np.isfinite(matrices)
    known = np.where(there, matrices, 0.0)
    left = known.sum(axis=1)[:, None, :] - known
    lost = (~there).sum(axis=1)[:, None, :] - ~there
    left = np.where(lost > 0, np.nan, left)
    each = np.arange(matrices.shape[-1])
    left[:, each, each] = 0.0
    return left


def left_over(precision: Floats) -> Floats:
    """Share of each item's variance that the others do not predict, 0 to 1.

    The precision is the diagonal of the inverted correlations.
    """
    none = np.abs(precision) < _NO_PRECISION
    return np.clip(1 / np.where(none, _NO_PRECISION, precision), 0.0, 1.0)


def summed(matrices: Floats) -> Floats:
    """Sum each matrix; NaN where what is left is rounding only, and stands for 0."""
    total = matrices.sum(axis=(-2, -1))
    size = np.abs(matrices).sum(axis=(-2, -1))
    return np.where(np.abs(total) > ROUNDING * size, total, np.nan)
