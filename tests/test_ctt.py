"""The formulas where the numbers are large: exact, whatever they are held in."""

from itertools import product

import numpy as np
import pytest

from quizanalysis import ctt

N, X, Y, XY = 3, 5 * 10**9, 7 * 10**9, 12 * 10**18 + 1
"""Of these n times the last, and the product of the others, pass 64 bits."""


@pytest.mark.parametrize("held", list(product([np.int64, object], repeat=3)), ids=str)
def test_a_scatter_of_sums_in_whatever_type_is_exact(held):
    n, x, y = (
        np.array([value], kind) for value, kind in zip((N, X, Y), held, strict=True)
    )
    scatter = ctt.scatter(n, x, y, np.array([XY], object))
    assert scatter.tolist() == [N * XY - X * Y]


def test_a_scatter_of_sums_that_fit_64_bits_is_exact_when_it_does_not():
    sums = (np.array([value], np.int64) for value in (N, X, Y, 9 * 10**18))
    assert ctt.scatter(*sums).tolist() == [N * 9 * 10**18 - X * Y]


def test_a_scatter_of_one_long_sum_leaves_the_short_ones_beside_it_right():
    n, x = np.array([2, 2]), np.array([3, 5 * 10**9])
    xx = np.array([5, 13 * 10**18], object)
    expected = [2 * 5 - 3 * 3, 2 * 13 * 10**18 - (5 * 10**9) ** 2]
    assert ctt.scatter(n, x, x, xx).tolist() == expected
