"""Reserves: who comes in when a member drops out, named in turn for each field and for the open seats."""

from collections import Counter
from collections.abc import Iterator, Sequence

from selection.columns import PoolColumns
from selection.kernel import cheapest_first
from selection.request import Candidate, PanelRequest
from selection.result import Reserve
from selection.seating import seat_members


def name_reserves(
    request: PanelRequest, pool: PoolColumns, members: Sequence[Candidate], *, seed: str
) -> tuple[Reserve, ...]:
    """Name reserves for a valid panel, one for each seat code in file order, one for the open seats, and again.

    A reserve for a field is of that field. It is the one that costs least among those who can take the place of at
    least one holder of such a seat; nobody is named twice.

    Args:
        request: the problem.
        pool: its candidates.
        members: a valid panel.
        seed: of the tie keys.

    Returns:
        as many as the request asks for, or fewer when there are no more.
    """
    if not request.reserves:
        return ()
    out = request.excluded_ids | {member.id for member in members}
    swaps = _Swaps(request, members)
    holders: dict[str | None, list[str]] = {row.field: [] for row in request.seats}
    for member in seat_members(members, request.seats):
        holders.setdefault(member.seat, []).append(member.id)
    # Each turn has its own walk through the candidates, cheapest first: who was no use stays behind.
    walks = []
    for seat, ids in holders.items():
        able = pool.everyone if seat is None else pool.able_to_fill(seat)
        joining = (pool.candidates[position] for _, _, position in cheapest_first(pool, able, out, seed))
        walks.append(_named(joining, swaps, ids, seat))
    named: dict[str, Reserve] = {}
    while walks:
        for walk in tuple(walks):
            if len(named) == request.reserves:
                return tuple(named.values())
            found = next((one for one in walk if one.id not in named), None)
            if found is None:
                walks.remove(walk)
            else:
                named[found.id] = found
    return tuple(named.values())


def _named(walk: Iterator[Candidate], swaps: "_Swaps", holders: Sequence[str], seat: str | None) -> Iterator[Reserve]:
    for joining in walk:
        replaces = tuple(one for one in holders if swaps.is_valid(one, joining))
        if replaces:
            yield Reserve(joining.id, seat, replaces)


class _Swaps:
    """Which candidate may take the seat of which member: whoever can fill it breaks no seat, so counts decide."""

    def __init__(self, request: PanelRequest, members: Sequence[Candidate]) -> None:
        self._request = request
        self._by_id = {member.id: member for member in members}
        self._having = [
            sum(member.attributes.get(row.attribute) == row.value for member in members) for row in request.quotas
        ]
        self._of_value = [
            Counter(member.attributes[row.attribute] for member in members if row.attribute in member.attributes)
            for row in request.caps
        ]
        self._partners: dict[str, set[str]] = {}
        for pair in request.apart:
            self._partners.setdefault(pair.first, set()).add(pair.second)
            self._partners.setdefault(pair.second, set()).add(pair.first)

    def is_valid(self, leaving_id: str, joining: Candidate) -> bool:
        """Return whether the panel is valid with this candidate on the seat of the member who leaves."""
        leaving = self._by_id[leaving_id]
        for quota, having in zip(self._request.quotas, self._having, strict=True):
            comes, goes = (one.attributes.get(quota.attribute) == quota.value for one in (joining, leaving))
            high = self._request.size if quota.max is None else quota.max
            if not quota.min <= having + comes - goes <= high:
                return False
        for cap, of_value in zip(self._request.caps, self._of_value, strict=True):
            value = joining.attributes.get(cap.attribute)
            if value is not None and of_value[value] + (leaving.attributes.get(cap.attribute) != value) > cap.max:
                return False
        partners = self._partners.get(joining.id, set())
        return not any(one in self._by_id and one != leaving_id for one in partners)
