"""The support where rows cross, first part: compositions peeled off the expected members, one after the other.

With weight R left (D at first, the least common denominator) and F_t of each type left, a composition c is looked for
with c_t between floor(F_t / R) and ceil(F_t / R) for every type, the same for the members of every row and of every set
of seats. Of all such it is the one whose list of c_t is lexicographically
largest. It gets the largest weight for which what is left stays within the same bounds, so that at least one more of
them is whole. Where there is no such composition the peeling ends before everything is taken apart.

Which composition that is, a short search finds for nearly all; the whole-number model is asked where it would be long.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final

from ortools.sat.python import cp_model

from selection.lottery.oracle import LotteryStopped, Oracle
from selection.lottery.rounding import Rounding, TooManySteps
from selection.lottery.space import Space, seat_sets
from selection.solving import Budget

# Sets of seats are doubled with every code; beyond so many codes peeling does without them.
_MOST_CODES: Final = 6


def peeled(
    space: Space, expected: Sequence[Fraction], budget: Budget
) -> tuple[list[tuple[Fraction, tuple[int, ...]]], bool]:
    """Return compositions with their weights, and whether they are all of the lottery.

    Args:
        space: the compositions.
        expected: members by type.
        budget: what may be spent.

    Raises:
        LotteryStopped: when the budget is spent.
    """
    nearest = _Nearest(space)
    left = unit = lcm(*(one.denominator for one in expected))
    amounts = [int(sum((expected[kind] for kind in types), Fraction(0)) * unit) for types in nearest.sets]
    found: list[tuple[Fraction, tuple[int, ...]]] = []
    while left:
        counts = nearest.first(amounts, left, budget)
        if counts is None:
            return found, False
        taken = [sum(counts[kind] for kind in types) for types in nearest.sets]
        weight = left
        for amount, count in zip(amounts, taken, strict=True):
            low, rest = divmod(amount, left)
            if rest:
                weight = min(weight, rest if count > low else left - rest)
        found.append((Fraction(weight, unit), counts))
        amounts = [amount - weight * count for amount, count in zip(amounts, taken, strict=True)]
        left -= weight
    return found, True


class _Nearest:
    """Finds the composition that comes next.

    Attributes:
        sets: the types one by one, then the sets of the rows and of the seats.
    """

    def __init__(self, space: Space) -> None:
        self._space = space
        types = len(space.counts)
        # Of each set what the space itself asks of it.
        asked: list[tuple[tuple[int, ...], int, int]] = [((kind,), 0, space.most(kind)) for kind in range(types)]
        asked += [(row.types, row.low, row.high) for row in space.rows]
        self._is_searched = len(space.seats) <= _MOST_CODES
        if self._is_searched:
            asked += [(kinds, seats, space.size) for kinds, seats in seat_sets(space)]
        self.sets = [kinds for kinds, _, _ in asked]
        self._bounds = [(low, high) for _, low, high in asked]
        self._rounding = Rounding(types, space.size, [range(types), *self.sets[types:]])
        self._oracle: Oracle | None = None
        self._sums: list[cp_model.IntVar] = []

    def first(self, amounts: Sequence[int], left: int, budget: Budget) -> tuple[int, ...] | None:
        """Return the composition whose sums are nearest to amounts / left; None where there is none."""
        if budget.is_spent:
            raise LotteryStopped
        types = len(self._space.counts)
        # Types that are nearest to one member more come first: what is left then stays far from the bounds.
        order = sorted(range(types), key=lambda kind: (-(amounts[kind] % left), kind))
        # Where the seats are too many for sets of them, sums alone do not say whether they can be filled.
        if self._is_searched:
            try:
                return self._searched(order, amounts, left)
            except TooManySteps:
                pass
        if self._oracle is None:
            self._oracle = Oracle(self._space)
            self._sums = [
                *self._oracle.members,
                *(self._oracle.add_bounded_sum(kinds) for kinds in self.sets[types:]),
            ]
        for variable, amount in zip(self._sums, amounts, strict=True):
            self._oracle.set_bounds(variable, amount // left, -(-amount // left))
        return self._oracle.first(order, budget)

    def _searched(self, order: Sequence[int], amounts: Sequence[int], left: int) -> tuple[int, ...] | None:
        types = len(order)
        low = [max(amount // left, least) for amount, (least, _) in zip(amounts, self._bounds, strict=True)]
        high = [min(-(-amount // left), most) for amount, (_, most) in zip(amounts, self._bounds, strict=True)]
        if any(least > most for least, most in zip(low, high, strict=True)):
            return None
        counts = low[:types]
        more = self._space.size - sum(counts)
        held = [sum(counts[kind] for kind in kinds) for kinds in self.sets[types:]]
        taken = self._rounding.first(
            [kind for kind in order if high[kind] > low[kind]],
            [more, *(least - one for least, one in zip(low[types:], held, strict=True))],
            [more, *(most - one for most, one in zip(high[types:], held, strict=True))],
        )
        if taken is None:
            return None
        for kind in taken:
            counts[kind] += 1
        return tuple(counts)
