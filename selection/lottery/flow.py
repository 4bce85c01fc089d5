"""The support where all bounds are one flow: a fractional flow taken apart into whole ones, in whole numbers only.

The network: from the root through the nested sets of the rows to the types, from each type to the codes of seats it
can take and to the open seats, and back to the root. All flows are multiples of 1/D, D the least common denominator of
the expected members, and are kept as whole numbers of that unit.

1. The seats. Type by type, its members are sent to seats by shortest augmenting paths, seats in file order, open last.
2. Take apart. With weight R left (D at first), an arc of flow F is between low = floor(F / R) and low + 1. Find a whole
   flow g within these bounds on every arc; it exists because a flow with whole bounds has whole corners. Give it the
   largest weight for which what is left stays within the same bounds: the least of F - low R over arcs where g is
   above low, and of R - (F - low R) over those where it is low and the arc is not whole. Then at least one more arc is
   whole.
3. The next g is the last one, each arc that became whole set to its bound, and the difference sent along such
   paths.

Shortest paths are found breadth first, nodes and arcs in the order in which they were made. So the support follows
from the expected members, whatever solver found them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from math import lcm

from selection.lottery.space import Space
from selection.lottery.value import Composition, Part


@dataclass(slots=True)
class _Network:
    """Arcs with bounds and a flow that keeps them; `None` for a bound that is not there."""

    nodes: int
    tails: list[int] = field(default_factory=list)
    heads: list[int] = field(default_factory=list)
    low: list[int] = field(default_factory=list)
    high: list[int | None] = field(default_factory=list)
    flow: list[int] = field(default_factory=list)
    at: list[list[int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.at = [[] for _ in range(self.nodes)]

    def add(self, tail: int, head: int) -> int:
        arc = len(self.tails)
        self.tails.append(tail)
        self.heads.append(head)
        self.low.append(0)
        self.high.append(None)
        self.flow.append(0)
        self.at[tail].append(arc)
        self.at[head].append(arc)
        return arc

    def settle(self, excess: dict[int, int]) -> None:
        """Send what nodes have too much to nodes that have too little, within the bounds.

        Raises:
            RuntimeError: when it cannot be, which would contradict what the caller proved.
        """
        for node in sorted(node for node, amount in excess.items() if amount > 0):
            while excess[node]:
                path = self._path(node, excess)
                amount = min(excess[node], -excess[path[-1][1]])
                amount = min([amount, *(room for arc, to in path if (room := self._room(arc, to)) is not None)])
                for arc, to in path:
                    self.flow[arc] += amount if self.heads[arc] == to else -amount
                excess[node] -= amount
                excess[path[-1][1]] += amount

    def _room(self, arc: int, to: int) -> int | None:
        if self.heads[arc] != to:
            return self.flow[arc] - self.low[arc]
        high = self.high[arc]
        return None if high is None else high - self.flow[arc]

    def _path(self, start: int, excess: dict[int, int]) -> list[tuple[int, int]]:
        """Return a shortest path to a node with too little: arcs, each with the node it leads to."""
        came: dict[int, tuple[int, int]] = {start: (-1, -1)}
        queue = [start]
        for node in queue:
            for arc in self.at[node]:
                to = self.heads[arc] if self.tails[arc] == node else self.tails[arc]
                if to in came or self._room(arc, to) == 0:
                    continue
                came[to] = (arc, node)
                if excess.get(to, 0) < 0:
                    path = []
                    while to != start:
                        arc, before = came[to]
                        path.append((arc, to))
                        to = before
                    return path[::-1]
                queue.append(to)
        raise RuntimeError("the expected members of a lottery are no flow")


def flow_support(space: Space, expected: Sequence[Fraction]) -> tuple[Composition, ...]:
    """Return compositions with weights whose average is the expected members.

    Args:
        space: with rows whose sets are laminar.
        expected: members by type; a point of the bounds of the space.
    """
    unit = lcm(*(one.denominator for one in expected))
    network, places = _network_of(space)
    parts = _seat(network, places, [int(one * unit) for one in expected], space, unit)
    amounts = network.flow
    rest = [amount % unit for amount in amounts]
    whole = [amount // unit for amount in amounts]
    found: dict[tuple[tuple[int, int], ...], Composition] = {}
    left = unit
    excess: dict[int, int] = {}
    network.flow, network.low = list(whole), list(whole)
    network.high = [low + (part > 0) for low, part in zip(whole, rest, strict=True)]
    for arc, amount in enumerate(network.flow):
        excess[network.tails[arc]] = excess.get(network.tails[arc], 0) - amount
        excess[network.heads[arc]] = excess.get(network.heads[arc], 0) + amount
    between = [arc for arc, part in enumerate(rest) if part]
    while left:
        network.settle(excess)
        up = [network.flow[arc] > network.low[arc] for arc in between]
        weight = min(
            [left, *(rest[arc] if is_up else left - rest[arc] for arc, is_up in zip(between, up, strict=True))]
        )
        _add(found, [(part, network.flow[arc]) for arc, part in parts if network.flow[arc]], Fraction(weight, unit))
        left -= weight
        excess = {}
        for arc, is_up in zip(between, up, strict=True):
            if is_up:
                rest[arc] -= weight
            bound = network.low[arc] if rest[arc] == 0 else network.low[arc] + 1
            if 0 < rest[arc] < left:
                continue
            change = bound - network.flow[arc]
            network.low[arc] = network.high[arc] = network.flow[arc] = bound
            excess[network.tails[arc]] = excess.get(network.tails[arc], 0) - change
            excess[network.heads[arc]] = excess.get(network.heads[arc], 0) + change
        between = [arc for arc in between if 0 < rest[arc] < left]
    return tuple(found.values())


def _add(
    found: dict[tuple[tuple[int, int], ...], Composition],
    seated: Sequence[tuple[tuple[int, str | None], int]],
    weight: Fraction,
) -> None:
    """Add a composition; one with the same members of each type only adds to the weight of the first."""
    composition = Composition(weight, tuple(Part(kind, seat, count) for (kind, seat), count in seated))
    key = tuple(composition.counts().items())
    before = found.get(key)
    found[key] = composition if before is None else Composition(before.weight + weight, before.parts)


@dataclass(frozen=True, slots=True)
class _Places:
    """For each type the arcs that lead to it, outermost first; the arcs from types to seats, in the order made."""

    ways: dict[int, list[int]]
    seats: list[tuple[int, str | None]]


def _network_of(space: Space) -> tuple[_Network, _Places]:
    types = len(space.counts)
    first_row, first_seat = 1 + types, 1 + types + len(space.rows)
    codes: list[str | None] = [*space.seats, None]
    network = _Network(first_seat + len(codes))
    around = [0] * types
    ways: dict[int, list[int]] = {kind: [] for kind in range(types)}
    # Larger sets first, so that each set finds the innermost one around it.
    order = sorted(range(len(space.rows)), key=lambda one: (-len(space.rows[one].types), space.rows[one].types))
    for one in order:
        row = space.rows[one]
        arc = network.add(around[row.types[0]], first_row + one)
        for kind in row.types:
            around[kind] = first_row + one
            ways[kind].append(arc)
    for kind in range(types):
        ways[kind].append(network.add(around[kind], 1 + kind))
    seats = []
    for kind in range(types):
        for place, code in enumerate(codes):
            if code is None or code in space.able[kind]:
                network.add(1 + kind, first_seat + place)
                seats.append((kind, code))
    for place in range(len(codes)):
        network.add(first_seat + place, 0)
    return network, _Places(ways, seats)


def _seat(
    network: _Network, places: _Places, members: Sequence[int], space: Space, unit: int
) -> list[tuple[int, tuple[int, str | None]]]:
    """Set the flow of every arc; return the arcs from types to seats, each with its type and seat."""
    codes = [*space.seats, None]
    first_seat = network.nodes - len(codes)
    wanted = [*(count * unit for count in space.seats.values()), space.open_seats * unit]
    back = len(network.tails) - len(codes)
    # Nothing yet may pass through the root or between sets.
    for arc in range(len(network.tails)):
        is_seating = back - len(places.seats) <= arc < back
        network.high[arc] = None if is_seating else 0
    excess = {1 + kind: count for kind, count in enumerate(members) if count}
    excess |= {first_seat + place: -count for place, count in enumerate(wanted)}
    network.settle(excess)
    for kind, count in enumerate(members):
        for arc in places.ways[kind]:
            network.flow[arc] += count
    for place, count in enumerate(wanted):
        network.flow[back + place] = count
    seating = back - len(places.seats)
    return [(seating + one, place) for one, place in enumerate(places.seats)]
