"""Which further counts are hidden: the rules of groups against plain loops."""

from fractions import Fraction

import numpy as np
import pytest

from quizanalysis._readout.cells import complemented, with_another
from quizanalysis._readout.together import _alone


def suffices(cells, least):
    """Whether cells, one tuple of values each, are enough to be hidden together."""
    if sum(any(cell) for cell in cells) < 2:
        return False
    for own in zip(*cells, strict=True):
        some = [value for value in own if value]
        if not some:
            continue
        beyond_one_each = sum(max(value - 1, 0) for value in some)
        if sum(some) < least or beyond_one_each < 1 or {*some} == {least - 1}:
            return False
    return True


def hidden_more(cells, hidden, last, least):
    """The rule of one group, one cell after the other."""
    if not any(hidden):
        return hidden
    order = sorted(
        range(len(cells)), key=lambda i: (not hidden[i], last[i], cells[i][0])
    )
    result = [*hidden]
    there = [any(own) for own in zip(*cells, strict=True)]

    def enough(chosen):
        # Of what nobody in the whole group has, nothing is asked.
        kept = [
            tuple(v for v, some in zip(cells[i], there, strict=True) if some)
            for i in chosen
        ]
        return all(sum(own) for own in zip(*kept, strict=True)) and suffices(
            kept, least
        )

    if not any(there) or not enough(order):
        return [True] * len(cells)
    for at, cell in enumerate(order):
        if not enough(order[:at]) and any(cells[cell]):
            result[cell] = True
    return result


@pytest.mark.parametrize("width", [1, 2])
@pytest.mark.parametrize("parts", [1, 3])
def test_more_is_hidden_until_it_suffices(width, parts):
    rng = np.random.default_rng(width + parts)
    for _ in range(400):
        size, least = rng.integers(1, 12), int(rng.integers(2, 7))
        group = rng.integers(0, 4, size)
        spans = rng.choice([1, 2, least, 9], size=(width, 1))
        whole = rng.integers(0, parts * spans + 1, (width, size))
        if rng.random() < 0.3:
            whole = np.where(whole > 0, parts * max(least - 1, 1), 0)
        hidden, last = rng.random((2, size)) < [[0.3], [0.2]]
        hidden &= whole.any(axis=0)
        values = [own / parts for own in whole]
        found = complemented(group, hidden, values, least, last)
        for one in range(4):
            at = np.flatnonzero(group == one)
            cells = [tuple(Fraction(int(v), parts) for v in whole[:, i]) for i in at]
            expected = hidden_more(cells, [*hidden[at]], [*last[at]], least)
            assert found[at].tolist() == expected, (cells, hidden[at], last[at], least)


def test_of_no_cells_none_is_hidden():
    nothing = np.zeros(0, int)
    assert not len(complemented(nothing, nothing > 0, [nothing * 1.0], 5))


def test_nothing_is_last_unless_it_is_said():
    group, values = np.zeros(3, int), [np.array([4.0, 30, 20])]
    hidden = np.array([True, False, False])
    assert complemented(group, hidden, values, 10).tolist() == [True, False, True]
    last = np.array([False, False, True])
    assert complemented(group, hidden, values, 10, last).tolist() == [True, True, False]


def test_another_is_hidden_where_all_that_are_hidden_are_equal():
    rng = np.random.default_rng(7)
    for _ in range(400):
        size = rng.integers(0, 12)
        group, value = rng.integers(0, 3, size), rng.integers(0, 5, size) * 1.0
        hidden = rng.random(size) < 0.3
        expected = hidden.tolist()
        for one in range(3):
            at = np.flatnonzero(group == one)
            alike = {*value[at][hidden[at]]}
            others = [(value[i], i) for i in at if value[i] and value[i] not in alike]
            if len(alike) == 1 and others:
                expected[min(others)[1]] = True
        assert with_another(group, hidden, value).tolist() == expected


def test_an_item_is_alone_where_no_other_can_have_as_many_right():
    rng = np.random.default_rng(5)
    for _ in range(400):
        size = rng.integers(0, 9)
        group, n = rng.integers(0, 2, size), rng.integers(5, 7, size)
        right = rng.integers(0, 6, size)
        most = right + rng.integers(0, 4, size) * 1.0
        alone = _alone(group, n, right, most)
        for i in range(size):
            others = np.flatnonzero(group == group[i])
            fits = any(
                min(right[i], n[i] - right[i]) != min(right[j], n[j] - right[j])
                and most[i] >= right[j]
                and most[j] >= right[i]
                for j in others
            )
            # Only three on each side are looked at: of more, some are missed.
            few = len({(right[j], n[j]) for j in others}) <= 4
            assert alone[i] == (not fits) if few else alone[i] or fits
