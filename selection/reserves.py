"""Reserves: who comes in when a member drops out, named in turn for each field and for the open seats."""

from collections import Counter
from collections.abc import Iterator, Sequence

from selection.columns import PoolColumns
from selection.kernel import cheapest_first
from selection.request import Candidate, PanelRequest
from selection.result import Reserve
from selection.rules import Apart, Cap, binds, rules_of
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
    """Which candidate may take the place of which member; what candidates have in common is judged once."""

    def __init__(self, request: PanelRequest, members: Sequence[Candidate]) -> None:
        self._members = members
        rules = [rule for rule in rules_of(request) if binds(rule)]
        self._rules = [rule for rule in rules if not isinstance(rule, (Apart, Cap))]
        self._caps = [rule.row for rule in rules if isinstance(rule, Cap)]
        self._attributes = sorted({row.attribute for row in request.quotas})
        self._judged: dict[tuple[object, ...], bool] = {}
        self._partners: dict[str, set[str]] = {}
        for rule in rules:
            if isinstance(rule, Apart):
                self._partners.setdefault(rule.row.first, set()).add(rule.row.second)
                self._partners.setdefault(rule.row.second, set()).add(rule.row.first)
        self._full = {leaving.id: self._full_values(leaving) for leaving in members}

    def is_valid(self, leaving: str, joining: Candidate) -> bool:
        """Return whether the panel is valid with this candidate in the place of the member who leaves."""
        for cap, full in zip(self._caps, self._full[leaving], strict=True):
            if joining.attributes.get(cap.attribute) in full:
                return False
        partners = self._partners.get(joining.id, ())
        if any(one.id in partners and one.id != leaving for one in self._members):
            return False
        # Seats and quotas see of a candidate the fields and these attributes only.
        key = (leaving, joining.fields, *(joining.attributes.get(name) for name in self._attributes))
        if key not in self._judged:
            panel = [joining if one.id == leaving else one for one in self._members]
            self._judged[key] = all(rule.kept_by(panel) for rule in self._rules)
        return self._judged[key]

    def _full_values(self, leaving: Candidate) -> list[set[str]]:
        found = []
        for cap in self._caps:
            values = (one.attributes.get(cap.attribute) for one in self._members if one is not leaving)
            counts = Counter(value for value in values if value is not None)
            found.append({value for value, count in counts.items() if count >= cap.max})
        return found
