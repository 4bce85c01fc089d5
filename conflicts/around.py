"""What lies around a person or an organisation as far as a policy looks: for the picture of their ties.

A check asks from a matter to the persons; this looks the other way, from one node outwards, and knows no matter.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from conflicts.fact import VERTICAL, Fact, Kind
from conflicts.policy import Policy
from conflicts.tie import DOWN, EITHER, UP, Heading, ways

MOST_DEPTH: Final = 3
_STATES: Final = ("now", "past", "future")


@dataclass(frozen=True, slots=True)
class Near:
    """A tie on the way outwards.

    Attributes:
        fact: the tie.
        forward: whether it is walked from its subject to its object.
        depth: 1 for a tie of the node itself.
        above: place of the tie that leads here among all that were reached; None for one of the node itself.
        state: on the day looked at, `now`, `past` or `future`; further ties are never future.
    """

    fact: Fact
    forward: bool
    depth: int
    above: int | None
    state: str

    @property
    def end(self) -> str:
        """Return the node it leads to."""
        return self.fact.object if self.forward else self.fact.subject


@dataclass(frozen=True, slots=True)
class Around:
    """The ties around a node: nearest first, each after the one that leads to it; `left_out` are beyond the bounds."""

    reached: tuple[Near, ...]
    left_out: int


def look_around(
    ties_of: Callable[[str], Iterable[Fact]],
    node: str,
    *,
    is_person: bool,
    policy: Policy,
    as_of: date,
    most: int,
    each: int,
) -> Around:
    """Look outwards from a node as far as some row of the policy does, three ties at most.

    A node's own ties are all seen, whatever their days. From a person's tie on, only those kinds are followed that a
    row with that kind of own tie goes through, in the directions and the windows in which it counts them; from an
    organisation, those that any row goes through. A node is entered once. Nearer ties go first where the bounds leave
    some out.

    Args:
        ties_of: node -> the facts about it that stand.
        node: where to look from.
        is_person: whether that is a person.
        policy: whose rows say how far.
        as_of: the day looked at.
        most: ties in all.
        each: further ties from one node.
    """
    own = sorted(
        (Near(fact, fact.subject == node, 1, None, state_on(fact, as_of)) for fact in ties_of(node)),
        key=_order,
    )
    found, left_out = own[:most], max(0, len(own) - most)
    entered = {node, *(one.end for one in own)}
    headings: list[tuple[Kind, Heading]] = [(one.fact.kind, _turned(EITHER, one)) for one in found]
    level = [place for place, one in enumerate(found) if one.state == "now"]
    for depth in range(2, MOST_DEPTH + 1):
        following: list[int] = []
        for place in level:
            kind, heading = headings[place]
            earliest = _followed(policy, kind if is_person else None, depth=depth, as_of=as_of)
            further = _further(ties_of(found[place].end), found[place].end, heading, earliest, as_of, depth, place)
            fresh = list({one.end: one for one in reversed(further) if one.end not in entered}.values())[::-1]
            room = min(each, most - len(found))
            left_out += max(0, len(fresh) - room)
            for one in fresh[:room]:
                entered.add(one.end)
                following.append(len(found))
                found.append(one)
                headings.append((kind, _turned(heading, one)))
        level = following
    return Around(tuple(found), left_out)


def _followed(policy: Policy, own_kind: Kind | None, *, depth: int, as_of: date) -> dict[Kind, date]:
    """Return by which kinds some row goes on, with the earliest end with which it still counts one."""
    earliest = {Kind.SUCCESSION: date.min}
    for row in policy.rows:
        if row.kind is not None and own_kind in (None, row.kind) and row.depth >= depth:
            end = row.through_window.earliest_end(as_of)
            earliest |= {kind: min(end, earliest.get(kind, end)) for kind in row.through}
    return earliest


def _further(
    facts: Iterable[Fact],
    node: str,
    heading: Heading,
    earliest: Mapping[Kind, date],
    as_of: date,
    depth: int,
    above: int,
) -> Sequence[Near]:
    """Return the ties by which some row goes on from a node."""
    found = []
    for fact in facts:
        forward = fact.subject == node
        allowed = (True, True) if fact.kind is Kind.SUCCESSION else ways(fact.kind, heading)
        if (
            fact.kind in earliest
            and allowed[0 if forward else 1]
            and (fact.from_on or date.min) <= as_of
            and (fact.to_on or date.max) >= earliest[fact.kind]
        ):
            found.append(Near(fact, forward, depth, above, state_on(fact, as_of)))
    return sorted(found, key=_order)


def _turned(heading: Heading, one: Near) -> Heading:
    """Return which way ties with an upper and a lower end may go on after one of them."""
    if one.fact.kind not in VERTICAL:
        return heading
    upwards = one.forward if one.fact.kind is Kind.SUPERIOR else not one.forward
    return UP if upwards else DOWN


def state_on(fact: Fact, day: date) -> str:
    """Return how a tie stands on a day: `now`, `past` or `future`; its first and last day count as now."""
    if fact.from_on is not None and fact.from_on > day:
        return "future"
    return "past" if fact.to_on is not None and fact.to_on < day else "now"


def _order(one: Near) -> tuple[int, str, date, str]:
    return _STATES.index(one.state), one.fact.kind, one.fact.from_on or date.min, one.fact.id
