"""The support where rows cross, first part: compositions peeled off the expected members, one after the other.

With weight R left (D at first, the least common denominator) and F_t of each type left, a composition c is looked for
with c_t between floor(F_t / R) and ceil(F_t / R) for every type, the same for the members of every row and of every set
of seats. Of all such it is the one whose list of c_t is lexicographically
largest. It gets the largest weight for which what is left stays within the same bounds, so that at least one more of
them is whole. Where there is no such composition the peeling ends before everything is taken apart.
"""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm
from typing import Final

from selection.lottery.oracle import Oracle
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
    oracle = Oracle(space)
    sets = [(kind,) for kind in range(len(expected))] + [row.types for row in space.rows]
    if len(space.seats) <= _MOST_CODES:
        sets += [types for types, _ in seat_sets(space)]
    variables = [*oracle.members, *(oracle.add_bounded_sum(types) for types in sets[len(expected) :])]
    left = unit = lcm(*(one.denominator for one in expected))
    amounts = [int(sum((expected[kind] for kind in types), Fraction(0)) * unit) for types in sets]
    found: list[tuple[Fraction, tuple[int, ...]]] = []
    while left:
        for variable, amount in zip(variables, amounts, strict=True):
            oracle.set_bounds(variable, amount // left, -(-amount // left))
        # Types that are nearest to one member more come first: what is left then stays far from the bounds.
        order = sorted(range(len(expected)), key=lambda kind: (-(amounts[kind] % left), kind))
        counts = oracle.first(order, budget)
        if counts is None:
            return found, False
        taken = [sum(counts[kind] for kind in types) for types in sets]
        weight = left
        for amount, count in zip(amounts, taken, strict=True):
            low, rest = divmod(amount, left)
            if rest:
                weight = min(weight, rest if count > low else left - rest)
        found.append((Fraction(weight, unit), counts))
        amounts = [amount - weight * count for amount, count in zip(amounts, taken, strict=True)]
        left -= weight
    return found, True
