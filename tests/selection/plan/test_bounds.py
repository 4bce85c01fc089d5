"""The water level against every way of giving out seats, and Gini coefficients a reader can check."""

from fractions import Fraction
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from selection.plan.bounds import gini, squares, water_level


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=4), st.data())
def test_no_way_of_giving_out_seats_is_more_level(people: list[tuple[int, int]], data: st.DataObject) -> None:
    service, available = (np.array(column, np.int64) for column in zip(*people, strict=True))
    seats = data.draw(st.integers(0, int(available.sum())))

    given = water_level(service, available, seats)

    assert int(given.sum()) == seats
    assert bool(((given >= 0) & (given <= available)).all())
    every = (np.array(way) for way in product(*(range(many + 1) for many in available)) if sum(way) == seats)
    assert squares(service + given) == min(squares(service + way) for way in every)


@pytest.mark.parametrize(
    ("loads", "expected"),
    [([2, 2, 2], Fraction(0)), ([0, 0, 3], Fraction(2, 3)), ([0, 1], Fraction(1, 2)), ([0, 0], Fraction(0))],
    ids=["all alike", "one has everything", "one of two", "nobody served"],
)
def test_the_gini_coefficient_is_exact(loads: list[int], expected: Fraction) -> None:
    assert gini(np.array(loads)) == expected
