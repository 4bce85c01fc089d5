"""The dominance kernel: the few candidates among whom a best panel is, with a proof that nobody else is needed.

A member sits on a seat of some field, or on an open seat: that is the member's role. Candidates of one kind (same
quota values, same capped values but those of one attribute) who can take a role can stand in for one another in it.
For each role and kind only the cheapest are kept: per value of the remaining capped attribute as many as its cap
allows, and `size` in all.

Proof. Take a best panel and one of its seatings, and a member outside the kept list of his role and kind. The list
then has `size` entries, or holds as many with his value of the remaining attribute as the cap allows. In the first
case each of the other `size` - 1 members keeps at most one entry out: itself, or, where a value is full, one entry
for each of the members who fill it, since the list holds at most a cap's worth of any value. In the second case the
other members with that value are fewer than the entries with it. Either way an entry can take his place and his
seat: no quota or cap notices, and the panel gets cheaper. The order of cost is total (service, fit, tie key, id), so
the exchange ends, with everybody on a list.

The same holds when the list of a kind is drawn from all kinds that are no worse: of more use to a quota that only
asks for a minimum, of less harm to one that only sets a maximum. Members of pairs kept apart, and others named in
`staying`, stay and count in no list.
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.columns import PoolColumns, Positions
from selection.request import PanelRequest

# Kinds are compared pairwise only while they are this few; beyond, each keeps its own list.
_KINDS_COMPARED: Final = 64
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
        capped: the capped attribute left out of the kinds: value number by position, -1 for none; None without.
        cap: most members of one value of it.
    """

    kind: NDArray[np.int64] | None
    useful: Sequence[int]
    exact: Sequence[int]
    capped: NDArray[np.int32] | None
    cap: int


@dataclass(frozen=True, slots=True)
class Kernel:
    """The candidates to choose among, in the order of cost, with their tie keys."""

    positions: tuple[int, ...]
    ties: tuple[int, ...]


def kernel_of(request: PanelRequest, pool: PoolColumns, *, staying: AbstractSet[str], seed: str) -> Kernel:
    """Return the kernel: some best panel of the candidates who are not excluded is among these.

    Args:
        request: size, seats, quotas, caps and exclusions.
        pool: the candidates of the request.
        staying: ids of those who stay whatever they cost, unless excluded; with all members of pairs kept apart.
        seed: of the tie keys.
    """
    kinds = kinds_of(request, pool)
    out = request.excluded_ids | staying
    roles: list[str | None] = list(dict.fromkeys(row.field for row in request.seats if row.count))
    if sum(row.count for row in request.seats) < request.size:
        roles.append(None)
    kept: set[Entry] = set()
    for role in roles:
        able = pool.everyone if role is None else pool.able_to_fill(role)
        entries: list[Entry] = []
        for members in by_kind(able, kinds):
            entries += _cheapest(cheapest_first(pool, members, out, seed), kinds, request.size)
        entries.sort()
        kept.update(_without_dominated(entries, kinds, request.size))
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
    # The attribute with most values is left out: folding it into the kinds would make most of them.
    left_out = max(caps, key=lambda name: len(pool.attributes[name].numbers), default=None)
    for name in caps:
        if name != left_out:
            exact.add_numbers(pool.attributes[name].codes + 1)
    kind, useful_of, exact_of = _joined(useful, exact)
    if left_out is None:
        return Kinds(kind, useful_of, exact_of, None, 0)
    return Kinds(kind, useful_of, exact_of, pool.attributes[left_out].codes, caps[left_out])


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


def _cheapest(walk: Iterator[Entry], kinds: Kinds, size: int) -> list[Entry]:
    """Return as many of the cheapest of one kind as its list needs."""
    found: list[Entry] = []
    taken: dict[int, int] = {}
    for entry in walk:
        if _has_room(entry, kinds, taken):
            found.append(entry)
            if len(found) == size:
                break
    return found


def _has_room(entry: Entry, kinds: Kinds, taken: dict[int, int]) -> bool:
    """Return whether the cap leaves room for one more of the candidate's value, and count it."""
    if kinds.capped is None:
        return True
    value = int(kinds.capped[entry[2]])
    if value < 0:
        return True
    already = taken.get(value, 0)
    taken[value] = already + 1
    return already < kinds.cap


def _without_dominated(entries: list[Entry], kinds: Kinds, size: int) -> Iterator[Entry]:
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
            no_worse = (part for other, part in group.items() if not needed & ~kinds.useful[other])
            listed = _cheapest(iter(sorted(entry for part in no_worse for entry in part)), kinds, size)
            yield from set(own).intersection(listed)
