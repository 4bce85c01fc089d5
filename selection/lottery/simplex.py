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

from selection.lottery.basis import Basis, Floats
from selection.lottery.oracle import LotteryStopped, Oracle, weighted_sum
from selection.lottery.space import Space
from selection.solving import Budget

_PRICE_BITS: Final = 24
# Panels have up to 2^10 members, so that their sums stay below 2^53.
_ROUGH_BITS: Final = 40


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
    basis = Basis([int(expected[kind] * unit) for kind in rows])
    columns = list(known)
    table = np.array([[column[kind] for kind in rows] for column in columns], np.float64).reshape(-1, len(rows))
    while basis.missing():
        if budget.is_spent:
            raise LotteryStopped
        prices = basis.prices()
        place = _best_known(space, table, prices, basis.names)
        if place is None:
            column = _asked(oracle, len(expected), rows, prices, budget)
            if sum(price * column[kind] for price, kind in zip(prices, rows, strict=True)) <= 0:
                raise LotteryStopped
            place = len(columns)
            columns.append(column)
            table = np.vstack((table, [[float(column[kind]) for kind in rows]]))
        basis.enter(place, table[place])
    return [(Fraction(amount, basis.unit * unit), columns[place]) for place, amount in basis.amounts()]


def _best_known(space: Space, table: Floats, prices: Sequence[int], names: Sequence[int]) -> int | None:
    """Return the composition with the largest sum of prices, the first of equals; None where none is above 0."""
    # In units of 2^shift the sum of prices rounded down is exact in floating point, and less than `size` too small.
    shift = max(max(map(abs, prices)).bit_length() - _ROUGH_BITS, 0)
    rough = table @ np.array([float(price >> shift) for price in prices])
    # The sum of what is in the basis is 0.
    rough[[name for name in names if name >= 0]] = -np.inf
    best, largest = None, 0
    for place in np.flatnonzero(rough >= rough.max(initial=-space.size) - space.size).tolist():
        row = table[place]
        gain = sum(prices[kind] * int(row[kind]) for kind in np.flatnonzero(row).tolist())
        if gain > largest:
            best, largest = place, gain
    return best


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
