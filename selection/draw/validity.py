"""Whether a set of members is a valid panel, asked many times of one request."""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from selection.request import Candidate, PanelRequest
from selection.rules import binds, rules_of
from selection.seating import can_fill


class Validity:
    """The rules of a request, with a memory: members who are alike in all that rules ask are judged once."""

    def __init__(self, request: PanelRequest, by_id: Mapping[str, Candidate]) -> None:
        """Prepare the rules; `by_id` holds every candidate of the request."""
        self._request = request
        self._by_id = by_id
        self._rules = [rule for rule in rules_of(request) if binds(rule)]
        self._fields = tuple(dict.fromkeys(row.field for row in request.seats))
        self._paired = frozenset(one for row in request.apart for one in (row.first, row.second))
        self._likes: dict[str, tuple[Any, ...]] = {}
        self._known: dict[frozenset[tuple[Any, int]], bool] = {}

    def holds(self, ids: Collection[str]) -> bool:
        """Return whether these are so many different candidates as asked, none excluded, and keep every rule."""
        if len(set(ids)) != self._request.size or len(ids) != self._request.size:
            return False
        if any(one in self._request.excluded_ids or one not in self._by_id for one in ids):
            return False
        counts: dict[Any, int] = {}
        for one in ids:
            like = self._like(one)
            counts[like] = counts.get(like, 0) + 1
        key = frozenset(counts.items())
        if key not in self._known:
            members = [self._by_id[one] for one in ids]
            self._known[key] = all(rule.kept_by(members) for rule in self._rules)
        return self._known[key]

    def broken_by(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Return the places of the rules that these candidates break, in file order."""
        members = [self._by_id[one] for one in ids]
        return tuple(rule.at for rule in self._rules if not rule.kept_by(members))

    def _like(self, one: str) -> tuple[Any, ...]:
        found = self._likes.get(one)
        if found is None:
            candidate = self._by_id[one]
            found = self._likes[one] = (
                *(can_fill(candidate, field) for field in self._fields),
                *(candidate.attributes.get(row.attribute) == row.value for row in self._request.quotas),
                *(candidate.attributes.get(row.attribute) for row in self._request.caps),
                one if one in self._paired else None,
            )
        return found
