"""How many valid panels there are: exactly where that takes little work, else a proven lower bound.

Members are added group by group; what is remembered of those already in is only what can still matter: how many they
are, how many of them each set of seats can use (Hall: seats can be filled if and only if every set of them has as many
members who can sit there as it has seats), and what each row holds. Numbers beyond what is needed count as that.
"""

from collections.abc import Iterator, Sequence
from math import comb, factorial
from typing import Final

import numpy as np

from selection.columns import PoolColumns
from selection.lottery.space import Space, seat_sets
from selection.lottery.spread import table_of
from selection.lottery.types import Types, space_of, types_of
from selection.lottery.value import Composition
from selection.request import PanelRequest

MOST_STEPS: Final = 60_000
"""The work bound: so many times a state is extended by some members of a type."""

_MOST_CODES: Final = 8
# Groups beyond this many could not be counted within the work bound.
_MOST_CELLS: Final = 2_000

State = tuple[int, ...]


def count_panels(
    request: PanelRequest, pool: PoolColumns, types: Types, space: Space, support: Sequence[Composition]
) -> tuple[int | None, int | None]:
    """Return the number of valid panels and None, or None and a lower bound of it.

    Args:
        request: the problem.
        pool: its candidates.
        types: of a lottery for it.
        space: the compositions of these types.
        support: compositions of the lottery, all different.
    """
    exact = _exact(request, pool)
    if exact is not None:
        return exact, None
    _, table = table_of(pool, types)
    most = table.max(axis=0, initial=0).tolist()
    cap = types.spread_cap or request.size
    return None, sum(_at_least(composition, space, most, cap) for composition in support)


def _exact(request: PanelRequest, pool: PoolColumns) -> int | None:
    # Fewer types than those of the lottery: without entitlements, and with all values of one cap as groups.
    types = types_of(request, pool, equal=True)
    space = space_of(request, pool, types)
    _, table = table_of(pool, types)
    if len(space.seats) > _MOST_CODES or np.count_nonzero(table) > _MOST_CELLS:
        return None
    return _Count(space, types.spread_cap, table.tolist()).panels()


def _at_least(composition: Composition, space: Space, most: Sequence[int], cap: int) -> int:
    """Return a lower bound of the panels of one composition.

    Members are chosen one by one. When i are chosen, at most i / cap values are full, and each keeps out at most `most`
    members of a type. What is counted in order is divided by the orders of each type.
    """
    ways, orders, chosen = 1, 1, 0
    for kind, count in sorted(composition.counts().items()):
        for place in range(count):
            ways *= max(space.counts[kind] - place - chosen // cap * most[kind], 0)
            chosen += 1
        orders *= factorial(count)
    return max(-(-ways // orders), 1)


class _Count:
    """One count: `state -> ways`, a state being members so far and the sums of what each set and row holds."""

    def __init__(self, space: Space, cap: int, table: Sequence[Sequence[int]]) -> None:
        self.size = space.size
        self.cap = cap
        sets = seat_sets(space)
        self.needs = [space.size, *(seats for _, seats in sets)]
        self.needs += [row.low for row in space.rows]
        self.limits = [space.size] * (1 + len(sets)) + [row.high for row in space.rows]
        # What is at its need counts as its need, but a row with an upper limit counts on.
        self.tops = [limit if limit < space.size else need for need, limit in zip(self.needs, self.limits, strict=True)]
        holds = [set(types) for types, _ in sets] + [set(row.types) for row in space.rows]
        self.adds = [(True, *(kind in types for types in holds)) for kind in range(len(space.counts))]
        self.free = list(space.counts)
        for cells in table:
            for kind, count in enumerate(cells):
                self.free[kind] -= count
        self.table = table
        self.steps = 0

    def panels(self) -> int | None:
        states = {(0,) * len(self.needs): 1}
        for cells in self.groups():
            found: dict[State, int] = {}
            for state, ways in states.items():
                for after, more in self._from_group(state, cells):
                    found[after] = found.get(after, 0) + ways * more
                if self.steps > MOST_STEPS:
                    return None
            states = found
        return sum(ways for state, ways in states.items() if self._is_met(state))

    def _is_met(self, state: State) -> bool:
        return state[0] == self.size and all(one >= need for one, need in zip(state, self.needs, strict=True))

    def groups(self) -> Iterator[tuple[int, list[tuple[int, int]]]]:
        """Yield groups: the most members of it, and for each type how many of it there are."""
        for kind, count in enumerate(self.free):
            if count:
                yield self.size, [(kind, count)]
        for cells in self.table:
            yield self.cap, [(kind, count) for kind, count in enumerate(cells) if count]

    def _from_group(self, state: State, group: tuple[int, list[tuple[int, int]]]) -> Iterator[tuple[State, int]]:
        most, cells = group
        reached = [(state, 1, 0)]
        for kind, count in cells:
            further = []
            for at, ways, taken in reached:
                for many in range(min(count, most - taken, self.size - at[0]) + 1):
                    self.steps += 1
                    after = self._after(at, kind, many)
                    if after is None:
                        break
                    further.append((after, ways * comb(count, many), taken + many))
            reached = further
        for at, ways, _ in reached:
            yield at, ways

    def _after(self, state: State, kind: int, many: int) -> State | None:
        if not many:
            return state
        after = []
        for one, adds, top, limit in zip(state, self.adds[kind], self.tops, self.limits, strict=True):
            total = one + many if adds else one
            if total > limit:
                return None
            after.append(min(total, top))
        return tuple(after)
