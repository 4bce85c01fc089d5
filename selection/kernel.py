"""The dominance kernel: the few candidates among whom a best panel is, with a proof that nobody else is needed.

A member sits on a seat of some field, or on an open seat: that is the member's role. Candidates of one kind (same
quota values, same values of capped attributes with few values) who can take a role can stand in for one another in
it; the capped attributes with many values are looked at one candidate at a time. For each role and kind a list is
kept of the cheapest, up to the point where nobody later can be needed:

1. Entries are counted while every value they have is below its cap among those counted. The list ends when
   c * (size - 1) + 1 are counted, with c such attributes (at least 1).
2. Who has all these values in common with as many entries as the smallest of their caps is left out.

Proof. Take a best panel, one of its seatings, and a member who is not on the list of his role and kind. In the first
case consider the other size - 1 members. Through one attribute they keep out at most size - 1 of the counted: a full
value has a cap's worth of members, and at most a cap's worth of the counted. A member who is counted keeps itself out,
which is already reckoned where one of its values is full, and else takes the place of the entry it does not keep out
through an attribute. So they keep out at most c * (size - 1), and an entry is left. In the second case fewer other
members than the smallest cap have his value of that attribute, so one entry with all his values is no member. Either
way an entry can take his place and his seat: no seat, quota or cap notices, and the panel gets cheaper. The order of
cost is total (service, fit, tie key, id), so the exchange ends, with everybody on a list.

The same holds when the list of a kind is drawn from all kinds that are no worse: of more use to a quota that only
asks for a minimum, of less harm to one that only sets a maximum. Members of pairs kept apart are kept where the walk
meets them, but can stand in for nobody. Those named in `staying` stay whatever they cost.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.columns import PoolColumns, Positions
from selection.request import PanelRequest

# Kinds are compared pairwise only while they are this few; beyond, each keeps its own list.
_KINDS_COMPARED: Final = 64
# A capped attribute with fewer values than this, times the size, is part of the kind: its lists would never end.
_MANY_VALUES: Final = 4
_WORD: Final = 62

# Cost, tie key, position: tuples sort in the order of cost, since positions of equal cost are in the order of ids.
Entry = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Kinds:
    """The kinds of candidates of a request.

    Attributes:
        kind: for each position the number of its kind; None when all are of one kind.
        useful: for each kind the bits that can only help; a kind whose bits include another's can stand in for it.
        exact: for each kind what must be equal to stand in.
        capped: capped attributes that are no part of the kind: value number by position, -1 for none.
        caps: for each of them the most members of one value.
    """

    kind: NDArray[np.int64] | None
    useful: Sequence[int]
    exact: Sequence[int]
    capped: Sequence[NDArray[np.int32]]
    caps: Sequence[int]

    def values(self, position: int) -> tuple[int, ...]:
        """Return a candidate's values of the capped attributes."""
        return tuple(int(column[position]) for column in self.capped)

    def enough(self, size: int) -> int:
        """Return how many entries, of which no value has more than its cap, are enough for a panel of a size."""
        return max(len(self.capped), 1) * (size - 1) + 1


@dataclass(frozen=True, slots=True)
class Kernel:
    """The candidates to choose among, in the order of cost, with their tie keys."""

    positions: tuple[int, ...]
    ties: tuple[int, ...]


def kernel_of(request: PanelRequest, pool: PoolColumns, *, staying: AbstractSet[str], seed: str) -> Kernel:
    """Return the kernel: some best panel of the candidates who are not excluded is among these.

    Args:
        request: the problem.
        pool: the candidates of the request.
        staying: ids of those who stay whatever they cost, unless excluded.
        seed: of the tie keys.
    """
    kinds = kinds_of(request, pool)
    out = request.excluded_ids | staying
    paired = frozenset(one for pair in request.apart for one in (pair.first, pair.second))
    roles: list[str | None] = list(dict.fromkeys(row.field for row in request.seats if row.count))
    if sum(row.count for row in request.seats) < request.size:
        roles.append(None)
    kept: set[Entry] = set()
    for role in roles:
        able = pool.everyone if role is None else pool.able_to_fill(role)
        entries: list[Entry] = []
        for members in by_kind(able, kinds):
            entries += _listed(cheapest_first(pool, members, out, seed), pool, kinds, paired, request.size)
        kept.update(_without_dominated(entries, pool, kinds, paired, request.size))
    stay = sorted(pool.positions[one] for one in staying - request.excluded_ids if one in pool.positions)
    kept.update((int(pool.cost[one]), tie, one) for one, tie in zip(stay, pool.ties(seed, stay), strict=True))
    ordered = sorted(kept)
    return Kernel(tuple(one for _, _, one in ordered), tuple(tie for _, tie, _ in ordered))


def cheapest_first(pool: PoolColumns, positions: Positions, out: AbstractSet[str], seed: str) -> Iterator[Entry]:
    """Yield candidates in the order of cost: service, fit, tie key, id.

    Args:
        pool: the candidates.
        positions: of whom to yield, ascending.
        out: ids to leave out.
        seed: of the tie keys.
    """
    start = 0
    while start < len(positions):
        # Equal cost is decided by tie keys, so a whole class of equal cost is looked at.
        first = positions[start]
        end = int(np.searchsorted(positions, pool.class_end[first]))
        same = [one for one in positions[start:end].tolist() if pool.candidates[one].id not in out]
        cost = int(pool.cost[first])
        yield from sorted((cost, tie, one) for tie, one in zip(pool.ties(seed, same), same, strict=True))
        start = end


def kinds_of(request: PanelRequest, pool: PoolColumns) -> Kinds:
    """Return the kinds of all candidates of the pool."""
    useful, exact = _Bits(len(pool)), _Bits(len(pool))
    for quota in request.quotas:
        column = pool.attributes.get(quota.attribute)
        if column is None:
            continue
        has = column.is_value(quota.value)
        is_bounded = quota.max is not None and quota.max < request.size
        if is_bounded and quota.min > 0:
            exact.add(has)
        elif is_bounded:
            useful.add(~has)
        elif quota.min > 0:
            useful.add(has)
    caps: dict[str, int] = {}
    for cap in request.caps:
        if cap.max < request.size and cap.attribute in pool.attributes:
            caps[cap.attribute] = min(cap.max, caps.get(cap.attribute, cap.max))
    values = {name: len(pool.attributes[name].numbers) for name in caps}
    most = max(values, key=lambda name: values[name], default=None)
    many = [name for name in caps if name == most or values[name] >= _MANY_VALUES * request.size]
    for name in caps:
        if name not in many:
            exact.add_numbers(pool.attributes[name].codes + 1)
    kind, useful_of, exact_of = _joined(useful, exact)
    columns = [pool.attributes[name].codes for name in many]
    return Kinds(kind, useful_of, exact_of, columns, [caps[name] for name in many])


def _joined(useful: "_Bits", exact: "_Bits") -> tuple[NDArray[np.int64] | None, Sequence[int], Sequence[int]]:
    width = useful.width + exact.width
    if width == 0:
        return None, (0,), (0,)
    # numpy sorts 16 bits by radix, and the table of all kinds stays small.
    if width <= 16:
        kind = (exact.values << useful.width) | useful.values
        numbers = range(1 << width)
        return kind, [one & ((1 << useful.width) - 1) for one in numbers], [one >> useful.width for one in numbers]
    distinct, kind = np.unique(np.stack((exact.values, useful.values), axis=1), axis=0, return_inverse=True)
    if useful.is_renumbered:
        # Renumbered bits are names, not bits: only equal ones can stand in for one another.
        return kind.reshape(-1), [0] * len(distinct), range(len(distinct))
    return kind.reshape(-1), distinct[:, 1].tolist(), distinct[:, 0].tolist()


class _Bits:
    """A number for every candidate, grown bit by bit; renumbered when a machine word is full."""

    def __init__(self, length: int) -> None:
        self.values = np.zeros(length, np.int64)
        self.width = 0
        self.is_renumbered = False

    def add(self, has: NDArray[np.bool_]) -> None:
        self._make_room(1)
        self.values |= has.astype(np.int64) << self.width
        self.width += 1

    def add_numbers(self, numbers: NDArray[np.int32]) -> None:
        bits = int(numbers.max(initial=0)).bit_length()
        self._make_room(bits)
        self.values |= numbers.astype(np.int64) << self.width
        self.width += bits

    def _make_room(self, bits: int) -> None:
        if self.width + bits > _WORD:
            distinct, self.values = np.unique(self.values, return_inverse=True)
            self.width = len(distinct).bit_length()
            self.is_renumbered = True


def by_kind(positions: Positions, kinds: Kinds) -> list[Positions]:
    """Split positions, ascending, into those of one kind each."""
    if kinds.kind is None or not len(positions):
        return [positions]
    kind = kinds.kind[positions]
    if len(kinds.useful) <= 1 << 16:
        kind = kind.astype(np.uint16)
    order = np.argsort(kind, kind="stable")
    ordered = kind[order]
    return np.split(positions[order], np.flatnonzero(ordered[1:] != ordered[:-1]) + 1)


def _listed(walk: Iterable[Entry], pool: PoolColumns, kinds: Kinds, paired: AbstractSet[str], size: int) -> list[Entry]:
    """Return the list of one kind, given its candidates in the order of cost."""
    found: list[Entry] = []
    alike: Counter[tuple[int, ...]] = Counter()
    used: Counter[tuple[int, int]] = Counter()
    counted, enough = 0, kinds.enough(size)
    for entry in walk:
        values = kinds.values(entry[2])
        caps = [
            (place, value, cap) for place, (value, cap) in enumerate(zip(values, kinds.caps, strict=True)) if value >= 0
        ]
        if caps and alike[values] >= min(cap for _, _, cap in caps):
            continue
        found.append(entry)
        if paired and pool.candidates[entry[2]].id in paired:
            continue
        alike[values] += 1
        if all(used[place, value] < cap for place, value, cap in caps):
            used.update((place, value) for place, value, _ in caps)
            counted += 1
            if counted == enough:
                break
    return found


def _without_dominated(
    entries: list[Entry], pool: PoolColumns, kinds: Kinds, paired: AbstractSet[str], size: int
) -> Iterator[Entry]:
    """Draw the list of every kind from all kinds that can stand in for it, and keep who is on the list of his own."""
    if kinds.kind is None:
        yield from entries
        return
    groups: dict[int, dict[int, list[Entry]]] = {}
    for entry in entries:
        kind = int(kinds.kind[entry[2]])
        groups.setdefault(kinds.exact[kind], {}).setdefault(kind, []).append(entry)
    for group in groups.values():
        for kind, own in group.items():
            if len(group) > _KINDS_COMPARED:
                yield from own
                continue
            needed = kinds.useful[kind]
            no_worse = [part for other, part in group.items() if not needed & ~kinds.useful[other]]
            walk = sorted(entry for part in no_worse for entry in part)
            yield from set(own).intersection(_listed(walk, pool, kinds, paired, size))
