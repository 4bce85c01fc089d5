"""Types: candidates who are alike in everything the rules look at, and so have the same chance.

Alike are: the seats they can take, the values that a quota names, the entitlement, and of capped attributes the values
that are explicit. A member of a pair kept apart is a type of its own. In the fairest lottery exchangeable candidates
have equal chances, because mixing a lottery with its mirror image takes nothing from the least and the chances of the
fairest one are unique.

A value of a capped attribute can bind only if more candidates have it than the cap allows. Of all capped attributes but
one, every value that can bind is explicit. Of the one, `spread`, only those values are for which the caller asks: the
drawing keeps the others, as long as no composition expects more of them than the cap (see `find`).
"""

from collections.abc import Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

import numpy as np
from numpy.typing import NDArray

from selection.columns import PoolColumns
from selection.lottery.space import Space, rows_from
from selection.request import LARGEST_FIT, Candidate, PanelRequest

MOST_SERVICE: Final = 3
"""Service beyond this lowers the entitlement no further."""

_LARGEST_KEY: Final = 2**62


def entitlement_of(candidate: Candidate, *, equal: bool) -> Fraction:
    """Return the entitlement of a candidate: its own, else 1 / (1 + min(service, 3)); 1 where all are equal."""
    if equal:
        return Fraction(1)
    if candidate.entitlement is not None:
        return Fraction(candidate.entitlement)
    return Fraction(1, 1 + min(candidate.service, MOST_SERVICE))


@dataclass(frozen=True, slots=True)
class Types:
    """The types of a request.

    Attributes:
        labels: for each position of the pool its type, -1 for the excluded.
        counts: members of each type.
        first: for each type the position of its first member by id; types are in the order of these ids.
        spread: the capped attribute that is not wholly explicit, None where every cap is.
        spread_cap: its cap.
        explicit: values of `spread` that are explicit, as numbers of its column.
        equal: whether every entitlement is 1.
    """

    labels: NDArray[np.int64]
    counts: NDArray[np.int64]
    first: NDArray[np.int64]
    spread: str | None
    spread_cap: int
    explicit: frozenset[int]
    equal: bool

    def members(self, pool: PoolColumns) -> tuple[tuple[str, ...], ...]:
        """Return the ids of every type, each in code-point order."""
        eligible = np.flatnonzero(self.labels >= 0)
        order = eligible[np.lexsort((pool.ranks()[eligible], self.labels[eligible]))]
        names = [pool.candidates[position].id for position in order.tolist()]
        ends = np.cumsum(self.counts).tolist()
        return tuple(tuple(names[end - count : end]) for end, count in zip(ends, self.counts.tolist(), strict=True))


def types_of(
    request: PanelRequest, pool: PoolColumns, *, equal: bool, explicit: AbstractSet[int] = frozenset()
) -> Types:
    """Return the types of the candidates who are not excluded.

    Args:
        request: the problem.
        pool: its candidates.
        equal: whether every entitlement is 1.
        explicit: values of the attribute `spread` to make explicit, by the number they have in its column.
    """
    eligible = np.ones(len(pool), np.bool_)
    eligible[[pool.positions[one] for one in request.excluded_ids if one in pool.positions]] = False
    key = _Key(len(pool))
    for code in _seats(request):
        key.add_positions(pool.able_to_fill(code))
    for attribute, value in quota_values(request):
        if attribute in pool.attributes:
            key.add(pool.attributes[attribute].is_value(value), 2)
    if not equal:
        key.add(*_entitlement_classes(pool))
    caps = binding_caps(request, pool, eligible)
    # The attribute with most values that can bind is left to the drawing; of equals the first by name.
    spread = max(sorted(caps), key=lambda name: len(caps[name][1]), default=None)
    for attribute, (_, binding) in sorted(caps.items()):
        shown = binding if attribute != spread else np.array(sorted(explicit), np.int64)
        if len(shown):
            numbers = np.zeros(len(pool.attributes[attribute].numbers) + 1, np.int64)
            numbers[shown] = np.arange(len(shown)) + 1
            # The code -1 of those without the attribute reads the last number, which is 0.
            key.add(numbers[pool.attributes[attribute].codes], len(shown) + 1)
    paired = sorted({pool.positions[one] for pair in binding_pairs(request) for one in pair})
    if paired:
        numbers = np.zeros(len(pool), np.int64)
        numbers[paired] = np.arange(len(paired)) + 1
        key.add(numbers, len(paired) + 1)
    labels, counts, first = _labelled(key, eligible, pool)
    wholly = spread is not None and len(explicit) == len(caps[spread][1])
    return Types(
        labels,
        counts,
        first,
        None if wholly else spread,
        0 if spread is None else caps[spread][0],
        frozenset(explicit),
        equal,
    )


def space_of(request: PanelRequest, pool: PoolColumns, types: Types) -> Space:
    """Return the compositions of a request for its types.

    A cap stands there for every value with the types all of whose members have it: what every valid panel keeps.
    """
    counts = types.counts.tolist()
    most = [min(count, request.size) for count in counts]
    first = types.first
    seats = _seats(request)
    able: list[list[str]] = [[] for _ in counts]
    for code in seats:
        can = np.zeros(len(pool), np.bool_)
        can[pool.able_to_fill(code)] = True
        for kind in np.flatnonzero(can[first]).tolist():
            able[kind].append(code)
    bounds: list[tuple[Sequence[int], int, int]] = []
    for quota in request.quotas:
        column = pool.attributes.get(quota.attribute)
        has = [] if column is None else np.flatnonzero(column.is_value(quota.value)[first]).tolist()
        bounds.append((has, quota.min, request.size if quota.max is None else quota.max))
    for cap in request.caps:
        bounds += ((kinds, 0, cap.max) for kinds in pure_values(pool, types, cap.attribute).values())
    labels = types.labels
    for pair in binding_pairs(request):
        both = sorted({int(labels[pool.positions[one]]) for one in pair})
        if both[0] >= 0:
            bounds.append((both, 0, 1))
    candidates = [pool.candidates[position] for position in first.tolist()]
    entitled = [entitlement_of(one, equal=types.equal) * n for one, n in zip(candidates, counts, strict=True)]
    rows = rows_from(bounds, most, request.size)
    return Space(request.size, tuple(counts), tuple(entitled), seats, tuple(map(tuple, able)), rows)


def pure_values(pool: PoolColumns, types: Types, attribute: str) -> dict[int, list[int]]:
    """Return for the values of an attribute the types all of whose members have it, ascending."""
    column = pool.attributes.get(attribute)
    if column is None:
        return {}
    eligible = types.labels >= 0
    labels, codes = types.labels[eligible], column.codes[eligible]
    same = np.bincount(labels[codes == column.codes[types.first][labels]], minlength=len(types.counts))
    found: dict[int, list[int]] = {}
    for kind in np.flatnonzero(same == types.counts).tolist():
        value = int(column.codes[types.first[kind]])
        if value >= 0:
            found.setdefault(value, []).append(kind)
    return found


def binding_caps(
    request: PanelRequest, pool: PoolColumns, eligible: NDArray[np.bool_]
) -> dict[str, tuple[int, NDArray[np.int64]]]:
    """Return for each capped attribute that can bind its cap and the values that more have than it allows."""
    caps: dict[str, int] = {}
    for cap in request.caps:
        if cap.max < request.size and cap.attribute in pool.attributes:
            caps[cap.attribute] = min(cap.max, caps.get(cap.attribute, cap.max))
    found = {}
    for attribute, most in caps.items():
        codes = pool.attributes[attribute].codes[eligible]
        binding = np.flatnonzero(np.bincount(codes[codes >= 0]) > most)
        if len(binding):
            found[attribute] = (most, binding)
    return found


def quota_values(request: PanelRequest) -> list[tuple[str, str]]:
    """Return attribute and value of the quotas that can bind."""
    return sorted(
        {
            (row.attribute, row.value)
            for row in request.quotas
            if row.min > 0 or (row.max is not None and row.max < request.size)
        }
    )


def binding_pairs(request: PanelRequest) -> Iterator[tuple[str, str]]:
    """Yield the pairs kept apart of whom nobody is excluded."""
    for row in request.apart:
        if not {row.first, row.second} & request.excluded_ids:
            yield row.first, row.second


def _seats(request: PanelRequest) -> dict[str, int]:
    seats: dict[str, int] = {}
    for row in request.seats:
        if row.count:
            seats[row.field] = seats.get(row.field, 0) + row.count
    return seats


def _entitlement_classes(pool: PoolColumns) -> tuple[NDArray[np.int64], int]:
    """Return a number for every position, equal where the entitlement is, and how many numbers there are."""
    classes = np.minimum(pool.cost // (LARGEST_FIT + 1), MOST_SERVICE)
    numbers = {Fraction(1, 1 + one): one for one in range(MOST_SERVICE + 1)}
    for position, candidate in enumerate(pool.candidates):
        if candidate.entitlement is not None:
            own = Fraction(candidate.entitlement)
            classes[position] = numbers.setdefault(own, len(numbers))
    return classes, len(numbers)


class _Key:
    """A number for every position, equal where all columns added so far are; renumbered when it grows too large."""

    def __init__(self, length: int) -> None:
        self.values = np.zeros(length, np.int64)
        self.span = 1

    def add(self, numbers: NDArray[np.int64] | NDArray[np.bool_], span: int) -> None:
        if self.span * span > _LARGEST_KEY:
            distinct, self.values = np.unique(self.values, return_inverse=True)
            self.span = len(distinct)
        self.values = self.values * span + numbers
        self.span *= span

    def add_positions(self, positions: NDArray[np.int64]) -> None:
        has = np.zeros(len(self.values), np.bool_)
        has[positions] = True
        self.add(has, 2)


def _labelled(
    key: _Key, eligible: NDArray[np.bool_], pool: PoolColumns
) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Return labels, counts and first positions, types in the order of their first ids."""
    values = key.values[eligible]
    if key.span <= max(4 * len(values), 1 << 16):
        # A table of all keys is quicker than sorting.
        present = np.flatnonzero(np.bincount(values, minlength=1))
        table = np.zeros(key.span, np.int64)
        table[present] = np.arange(len(present))
        found = table[values]
        many = len(present) if len(values) else 0
    else:
        distinct, found = np.unique(values, return_inverse=True)
        many = len(distinct)
    ranks = pool.ranks()[eligible]
    least = np.full(many, len(pool), np.int64)
    np.minimum.at(least, found, ranks)
    order = np.argsort(least)
    place = np.empty(many, np.int64)
    place[order] = np.arange(many)
    labels = np.full(len(pool), -1, np.int64)
    labels[eligible] = place[found]
    position_of = np.empty(len(pool), np.int64)
    position_of[pool.ranks()] = np.arange(len(pool))
    return labels, np.bincount(labels[eligible], minlength=many), position_of[least[order]]
