"""Levels: from the floating-point prices of a linear program to exact numbers.

A level is a whole-number inequality: sum of y_t c_t <= bound for every composition, y >= 0. Averaged over a lottery it
says sum of y_t s_t <= bound for the expected members s_t. Types of lower levels have their s_t already, so the least of
s_t / entitled_t over the types with y_t > 0 that are not settled is at most

    value = (bound - sum over the settled of y_t s_t) / (sum over the others of y_t entitled_t),

and a lottery that reaches it gives every one of them exactly that. The linear program only guesses y; every number
here is computed from y by exact arithmetic, and the inequality is proved by whole numbers.
"""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from math import gcd, lcm
from typing import Final

from selection.lottery.space import Space
from selection.lottery.value import Level

# Prices are noise below this share of the largest.
_NOISE: Final = 1e-7
_CLOSE: Final = 1e-6
_DENOMINATORS: Final = (1, 12, 120, 5_000)
_LARGEST_WEIGHT: Final = 2**36


def whole_weights(prices: Sequence[float]) -> dict[int, int] | None:
    """Return whole numbers in the ratio of prices, without common factor; None where no small ones are near.

    Args:
        prices: one for each type, at least 0 but for noise.
    """
    largest = max(prices, default=0.0)
    if largest <= 0:
        return None
    shares = {kind: price / largest for kind, price in enumerate(prices) if price > _NOISE * largest}
    for limit in _DENOMINATORS:
        near = {kind: Fraction(share).limit_denominator(limit) for kind, share in shares.items()}
        if all(near[kind] and abs(float(near[kind]) - share) < _CLOSE * share for kind, share in shares.items()):
            return in_lowest_terms(near)
    return None


def in_lowest_terms(numbers: Mapping[int, Fraction]) -> dict[int, int] | None:
    """Return whole numbers in the same ratio without common factor; None where they are too large to be proved."""
    denominator = lcm(*(one.denominator for one in numbers.values()))
    whole = {kind: int(one * denominator) for kind, one in numbers.items()}
    common = gcd(*whole.values())
    whole = {kind: one // common for kind, one in whole.items()}
    return whole if max(whole.values()) < _LARGEST_WEIGHT else None


def level_of(space: Space, weights: Mapping[int, int], bound: int, expected: Mapping[int, Fraction]) -> Level:
    """Return the level that an inequality sets.

    Args:
        space: the compositions.
        weights: type -> y, above 0; at least one of them is not settled.
        bound: the most that any composition has.
        expected: expected members of the types that are settled.
    """
    below = sum((weight * expected[kind] for kind, weight in weights.items() if kind in expected), Fraction(0))
    new = tuple(sorted(kind for kind in weights if kind not in expected))
    share = sum((weights[kind] * space.entitled[kind] for kind in new), Fraction(0))
    return Level((bound - below) / share, new, dict(sorted(weights.items())), bound)


def merged(levels: Sequence[Level]) -> tuple[Level, ...]:
    """Return one level for each value: inequalities of one value add up to one."""
    found: list[Level] = []
    for level in levels:
        if not found or found[-1].value != level.value:
            found.append(level)
            continue
        last = found.pop()
        weights = dict(last.weights)
        for kind, weight in level.weights.items():
            weights[kind] = weights.get(kind, 0) + weight
        types = tuple(sorted((*last.types, *level.types)))
        found.append(Level(level.value, types, dict(sorted(weights.items())), last.bound + level.bound))
    return tuple(found)


def expected_members(space: Space, levels: Sequence[Level]) -> dict[int, Fraction]:
    """Return type -> expected members, for the types that are settled."""
    return {kind: level.value * space.entitled[kind] for level in levels for kind in level.types}
