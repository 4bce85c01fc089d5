"""The first way to round numbers so that given sums round as well: depth first, with what failed remembered.

Every type has a whole number of members, or one more. Types are taken in an order, one more member each, as long as no
sum is above its bound; a sum that can no longer reach its least ends the branch. The order is also that of preference,
so the first way that ends well is the one asked for. Where a state (what the sums hold) was reached after some types
and led nowhere, it leads nowhere after more of them either.

All sums are kept in one whole number, a field of bits for each with a guard bit above: one addition adds to all of
them, and one subtraction holds all against their bounds, because a field that would be below 0 takes its guard bit.
"""

from collections.abc import Sequence
from typing import Final

MOST_STEPS: Final = 8_000
"""Types looked at for one answer; the whole-number model takes as long as about so many."""


class TooManySteps(Exception):
    """No answer within the steps allowed; nothing is known."""


class Rounding:
    """Roundings of the numbers of types whose sums over some sets are bounded."""

    def __init__(self, types: int, size: int, sets: Sequence[Sequence[int]]) -> None:
        """Prepare for sums of types.

        Args:
            types: how many there are.
            size: no sum is bounded beyond it.
            sets: the types of each sum.
        """
        self._width = max(types, size).bit_length() + 2
        self._each = self._packed([1] * len(sets))
        self._guards = self._each << (self._width - 1)
        self._adds = [0] * types
        for place, kinds in enumerate(sets):
            for kind in kinds:
                self._adds[kind] |= 1 << (self._width * place)

    def _packed(self, numbers: Sequence[int]) -> int:
        return sum(number << (self._width * place) for place, number in enumerate(numbers))

    def first(self, order: Sequence[int], low: Sequence[int], high: Sequence[int]) -> list[int] | None:
        """Return the types that get one member more; None where there is no such way.

        Args:
            order: types that may get one more; a way that takes the first of them comes before all that do not, and so
                on with the second.
            low: for each set the least that all these members more sum to, at most `size`.
            high: for each set the most; that of the first is also the least, the number of members to place.

        Raises:
            TooManySteps: after `MOST_STEPS`.
        """
        if any(least > most or most < 0 for least, most in zip(low, high, strict=True)):
            return None
        guards, each, many = self._guards, self._each, len(order)
        adds = [self._adds[kind] for kind in order]
        most = self._packed(high) + guards
        # What a state must have been given at a place so that the types from there on can still bring every least.
        least = self._packed([max(one, 0) for one in low])
        ahead = [guards - least] * (many + 1)
        for place in reversed(range(many)):
            ahead[place] = ahead[place + 1] + adds[place]
        first_field = (1 << self._width) - 1
        failed: dict[int, int] = {}
        way: list[tuple[int, int]] = []
        place = state = steps = 0
        while True:
            while place < many and (state + ahead[place]) & guards == guards:
                steps += 1
                if steps > MOST_STEPS:
                    raise TooManySteps
                further = state + adds[place]
                place += 1
                if (most - further) & guards == guards and failed.get(further, many + 1) > place:
                    way.append((place, state))
                    state = further
                    left = high[0] - (state & first_field)
                    # Every further member adds at most one to a sum.
                    if (state + left * each + ahead[many]) & guards != guards:
                        break
                    if not left:
                        place = many
            if place == many and (state + ahead[many]) & guards == guards:
                return [order[taken - 1] for taken, _ in way]
            if not way:
                return None
            place, before = way.pop()
            failed[state] = min(place, failed.get(state, place))
            state = before
