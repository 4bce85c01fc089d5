"""The support where rows cross, second part: an exact simplex method over compositions, in whole numbers only.

Wanted are weights x_c >= 0 with sum of x_c c_t = s_t for every type. Start with s_t missing of each type, and lower the
sum of what is missing. In each round:

1. The price y_t of a type is the gain of one more member of it, from the basis, exact.
2. Of the compositions known, those peeled off first, take the one with the largest sum of y_t c_t, the first of equals,
   if that is above 0.
3. Else ask for a new one: p_t = floor(2^24 y_t / max |y|). Of the compositions that have none of a type with s_t = 0
   and all possible of a type whose s_t is that, take those with the largest sum of p_t c_t, and of these the one whose
   list of c_t is lexicographically largest.
4. What leaves the basis is found by the lexicographic rule, so that the method ends.

Rule 3 names one composition, whatever solver finds it. So the support follows from the expected members.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.lottery.oracle import LotteryStopped, Oracle, weighted_sum
from selection.lottery.space import Space
from selection.solving import Budget

_PRICE_BITS: Final = 24


def simplex_weights(
    space: Space,
    expected: Sequence[Fraction],
    known: Sequence[tuple[int, ...]],
    budget: Budget,
) -> list[tuple[Fraction, tuple[int, ...]]]:
    """Return compositions with weights whose average is the expected members.

    Args:
        space: the compositions.
        expected: members by type; an average of compositions.
        known: compositions to try first, in this order.
        budget: what may be spent.

    Raises:
        LotteryStopped: when the budget is spent, or the expected members are no average of compositions.
    """
    oracle = Oracle(space)
    for kind, one in enumerate(expected):
        if one in (0, space.most(kind)):
            oracle.set_bounds(oracle.members[kind], int(one), int(one))
    rows = [kind for kind, one in enumerate(expected) if 0 < one < space.most(kind)]
    unit = lcm(*(one.denominator for one in expected))
    basis = _Basis(len(rows), [int(expected[kind] * unit) for kind in rows])
    columns = list(known)
    table = np.array([[column[kind] for kind in rows] for column in columns], dtype=object).reshape(-1, len(rows))
    while basis.missing():
        prices = basis.prices()
        gains = (table @ np.array(prices, dtype=object)).tolist()
        place = max(range(len(gains)), key=gains.__getitem__, default=-1)
        if place < 0 or gains[place] <= 0:
            column = _asked(oracle, len(expected), rows, prices, budget)
            if sum(price * column[kind] for price, kind in zip(prices, rows, strict=True)) <= 0:
                raise LotteryStopped
            place = len(columns)
            columns.append(column)
            table = np.vstack((table, np.array([[column[kind] for kind in rows]], dtype=object)))
        basis.enter(place, table[place])
    return [(Fraction(amount, basis.unit * unit), columns[place]) for place, amount in basis.amounts()]


def _asked(oracle: Oracle, types: int, rows: Sequence[int], prices: Sequence[int], budget: Budget) -> tuple[int, ...]:
    largest = max(map(abs, prices))
    weights = [0] * types
    for kind, price in zip(rows, prices, strict=True):
        weights[kind] = (price << _PRICE_BITS) // largest
    most = oracle.most(weights, budget)
    if most.outcome == "infeasible":
        raise LotteryStopped
    found = oracle.first(range(types), budget, weights=weights, least=weighted_sum(weights, most.chosen))
    if found is None:
        raise RuntimeError("a composition that was there is gone")
    return found


class _Basis:
    """A basis of the equations as whole numbers over one `unit`, the determinant.

    The inverse of the basis is `inverse / unit`, its values are `values / unit`. An artificial variable, what is
    missing of a type, has the name -1.
    """

    def __init__(self, size: int, right: Sequence[int]) -> None:
        self.unit = 1
        self.inverse = np.array([[int(one == other) for other in range(size)] for one in range(size)], dtype=object)
        self.values = list(right)
        self.names = [-1] * size

    def missing(self) -> int:
        return sum(value for value, name in zip(self.values, self.names, strict=True) if name < 0)

    def prices(self) -> list[int]:
        artificial = [place for place, name in enumerate(self.names) if name < 0]
        return [int(one) for one in self.inverse[artificial].sum(axis=0)]

    def amounts(self) -> list[tuple[int, int]]:
        """Return the columns with a value above 0, in the order of their names."""
        return sorted((name, value) for value, name in zip(self.values, self.names, strict=True) if name >= 0 and value)

    def enter(self, name: int, column: NDArray[np.object_]) -> None:
        """Bring a column into the basis; it improves it."""
        steps = [int(one) for one in self.inverse @ column]
        leaving = -1
        for place, step in enumerate(steps):
            if step > 0 and (leaving < 0 or self._is_before(place, leaving, steps)):
                leaving = place
        if leaving < 0:
            raise RuntimeError("weights of compositions without a bound")
        pivot, row = steps[leaving], self.inverse[leaving].copy()
        value = self.values[leaving]
        others = np.array(steps, dtype=object)
        self.inverse = (self.inverse * pivot - np.outer(others, row)) // self.unit
        self.inverse[leaving] = row
        self.values = [(one * pivot - step * value) // self.unit for one, step in zip(self.values, steps, strict=True)]
        self.values[leaving] = value
        self.names[leaving] = name
        self.unit = pivot

    def _is_before(self, place: int, other: int, steps: Sequence[int]) -> bool:
        """Whether a row has the smaller ratio, looking at the value first and then at the inverse, left to right."""
        mine, its = steps[place], steps[other]
        left, right = self.values[place] * its, self.values[other] * mine
        if left != right:
            return left < right
        for one, two in zip(self.inverse[place], self.inverse[other], strict=True):
            if one * its != two * mine:
                return bool(one * its < two * mine)
        return False
