"""The support where the bounds are no flow: an exact simplex method over compositions, in whole numbers only.

Wanted are weights x_c >= 0 with sum of x_c c_t = s_t for every type. Start with s_t missing of each type, and lower the
sum of what is missing. In each round:

1. The price y_t of a type is the gain of one more member of it, from the basis, exact.
2. Of the compositions found so far, take the one with the largest sum of y_t c_t, the first of equals, if that is
   above 0.
3. Else ask for a new one: p_t = floor(2^24 y_t / max |y|), key_t = first 14 bits of SHA-256 of `lottery-support/1`, a
   zero byte and the position of the type in decimal. Of all compositions that reach every level of the certificate,
   have none of a type with s_t = 0 and all possible of a type whose s_t is that, take the one with the largest sum of
   (2^14 p_t + key_t) c_t; of equals the one whose list of c_t comes first.
4. What leaves the basis is found by the lexicographic rule, so that the method ends.

Rule 3 names one composition; the whole-number solver only finds it, and is asked whether there is another. So the
support follows from the expected members, on every machine.
"""

import hashlib
from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final

import numpy as np

from selection.lottery.oracle import LotteryStopped, Oracle, weighted_sum
from selection.lottery.space import Space
from selection.lottery.value import Level
from selection.solving import Budget

_PRICE_BITS: Final = 24
_KEY_BITS: Final = 14


def simplex_weights(
    space: Space, levels: Sequence[Level], expected: Sequence[Fraction], budget: Budget
) -> list[tuple[Fraction, tuple[int, ...]]]:
    """Return compositions with weights whose average is the expected members.

    Args:
        space: the compositions.
        levels: of the certificate: every composition of the support reaches their bounds.
        expected: members by type; an average of compositions.
        budget: what may be spent.

    Raises:
        LotteryStopped: when the budget is spent, or the expected members are no average of compositions.
    """
    oracle = _face(space, levels, expected)
    rows = [kind for kind, one in enumerate(expected) if 0 < one < space.most(kind)]
    unit = lcm(*(one.denominator for one in expected))
    basis = _Basis(len(rows), [int(expected[kind] * unit) for kind in rows])
    columns: list[tuple[int, ...]] = []
    while basis.missing():
        prices = basis.prices()
        place = _best_known(columns, rows, prices)
        if place is None:
            columns.append(_asked(oracle, space, rows, prices, budget))
            place = len(columns) - 1
            if weighted_sum(prices, [columns[place][kind] for kind in rows]) <= 0:
                raise LotteryStopped
        basis.enter(place, [columns[place][kind] for kind in rows])
    if not rows:
        return [(Fraction(1), tuple(int(one) for one in expected))]
    return [(Fraction(amount, basis.unit * unit), columns[place]) for place, amount in basis.amounts()]


def _best_known(columns: Sequence[tuple[int, ...]], rows: Sequence[int], prices: Sequence[int]) -> int | None:
    gains = [sum(price * column[kind] for price, kind in zip(prices, rows, strict=True)) for column in columns]
    best = max(range(len(gains)), key=gains.__getitem__, default=None)
    return best if best is not None and gains[best] > 0 else None


def _asked(oracle: Oracle, space: Space, rows: Sequence[int], prices: Sequence[int], budget: Budget) -> tuple[int, ...]:
    largest = max(map(abs, prices))
    weights = [0] * len(space.counts)
    for kind, price in zip(rows, prices, strict=True):
        weights[kind] = ((price << _PRICE_BITS) // largest << _KEY_BITS) + _key(kind)
    answer = oracle.most(weights, budget)
    if answer.outcome == "infeasible":
        raise LotteryStopped
    return oracle.first_of_equals(weights, answer.chosen, budget)


def _key(kind: int) -> int:
    return int.from_bytes(hashlib.sha256(b"lottery-support/1\0" + str(kind).encode()).digest()) >> (256 - _KEY_BITS)


def _face(space: Space, levels: Sequence[Level], expected: Sequence[Fraction]) -> Oracle:
    oracle = Oracle(space)
    for level in levels:
        total = sum(weight * oracle.members[kind] for kind, weight in level.weights.items())
        oracle.model.add(total == level.bound)
    for kind, one in enumerate(expected):
        if one in (0, space.most(kind)):
            oracle.model.add(oracle.members[kind] == int(one))
    return oracle


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

    def enter(self, name: int, column: Sequence[int]) -> None:
        """Bring a column into the basis; it improves it."""
        steps = [int(one) for one in self.inverse @ np.array(column, dtype=object)]
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
