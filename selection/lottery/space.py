"""The compositions of a request: how many members of each type a valid panel may have, as bounds on sums.

A composition gives every type t a whole number c_t of members. It is possible when

- 0 <= c_t <= n_t, the number of members of the type, and the c_t sum to the size;
- every row, a set of types with bounds, has low <= sum of its c_t <= high: quotas, caps and pairs kept apart;
- the seats can be filled: c_t members of a type go to seats that the type can take, each seat is filled once.

The last is a flow from types to seats. Where the sets of the rows are laminar (any two disjoint, or one within the
other) all of it is one flow, so that bounds without whole numbers have the same corners as compositions.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import combinations


@dataclass(frozen=True, slots=True)
class Row:
    """From `low` to `high` members of these types together; the types ascending."""

    types: tuple[int, ...]
    low: int
    high: int


@dataclass(frozen=True, slots=True)
class Space:
    """The set of compositions, and what each type is entitled to.

    Attributes:
        size: members of a panel.
        counts: members of each type, at least 1.
        entitled: of each type, members times entitlement of one.
        seats: code of the seats -> how many, at least 1, in file order.
        able: for each type the codes of seats it can take, in the order of `seats`.
        rows: the rows that can bind, by types.
    """

    size: int
    counts: tuple[int, ...]
    entitled: tuple[Fraction, ...]
    seats: Mapping[str, int]
    able: tuple[tuple[str, ...], ...]
    rows: tuple[Row, ...]

    @property
    def open_seats(self) -> int:
        """How many members sit on no seat of a code."""
        return self.size - sum(self.seats.values())

    def most(self, kind: int) -> int:
        """Return how many members of a type a panel may have at most."""
        return min(self.counts[kind], self.size)

    def is_laminar(self) -> bool:
        """Return whether the sets of the rows are disjoint or within one another, pair by pair."""
        inner: dict[int, frozenset[int]] = {}
        for row in sorted(self.rows, key=lambda row: -len(row.types)):
            around = {inner.get(one) for one in row.types}
            # All its types must lie in one and the same innermost set found so far.
            if len(around) > 1:
                return False
            inner.update(dict.fromkeys(row.types, frozenset(row.types)))
        return True


def seat_sets(space: Space) -> list[tuple[tuple[int, ...], int]]:
    """Return for every set of codes the types that can sit on some of them, and how many seats they have (Hall).

    Seats can be filled if and only if the members of every such set of types are at least as many as its seats.
    """
    codes = list(space.seats)
    found = []
    for many in range(1, len(codes) + 1):
        for chosen in combinations(codes, many):
            types = tuple(kind for kind, able in enumerate(space.able) if not set(chosen).isdisjoint(able))
            found.append((types, sum(space.seats[code] for code in chosen)))
    return found


def rows_from(bounds: Iterable[tuple[Sequence[int], int, int]], most: Sequence[int], size: int) -> tuple[Row, ...]:
    """Return rows, one for each set of types, without those that every composition keeps.

    Args:
        bounds: set of types, least and most members.
        most: for each type the most members a panel may have.
        size: members of a panel.
    """
    found: dict[tuple[int, ...], tuple[int, int]] = {}
    for types, low, high in bounds:
        key = tuple(sorted(types))
        before = found.get(key, (0, size))
        found[key] = (max(before[0], low), min(before[1], high))
    return tuple(
        Row(key, low, high)
        for key, (low, high) in sorted(found.items())
        if low > 0 or high < min(size, sum(most[one] for one in key))
    )
