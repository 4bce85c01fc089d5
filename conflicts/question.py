"""What one check asks: a matter judged on one day with what was known at one instant, over the resident ties."""

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache

from conflicts.fact import VERTICAL, Kind
from conflicts.finding import Finding, Step
from conflicts.node import Matter, Party, Person, Role
from conflicts.policy import Policy, PolicyRow
from conflicts.tie import DOWN, EITHER, STILL, UP, Heading, Layer, Tie, Ties
from conflicts.window import Window


class Question:
    """A matter judged on one day with what was known at one instant.

    Attributes:
        layers: the ties, by kind.
        people: persons by id.
        matter: the one judged.
        policy: the rows to apply.
        day: ordinal of the day judged.
        known: microseconds; what is known later does not count.
        parties: of the matter, the unit first, the matter itself last.
        visited: how many ties were looked at.
    """

    def __init__(
        self,
        layers: Mapping[Kind, Layer],
        people: Mapping[str, Person],
        matter: Matter,
        policy: Policy,
        *,
        as_of: date,
        known: int,
    ) -> None:
        """Stand ready; nothing is walked yet."""
        self.layers = layers
        self.people = people
        self.matter = matter
        self.policy = policy
        self.as_of = as_of
        self.day = as_of.toordinal()
        self.known = known
        # The unit first: it is the role to show of a node that has two.
        parties = sorted(matter.parties, key=lambda party: (party.role is not Role.UNIT, party.id))
        self.parties = (*parties, Party(matter.id, Role.MATTER))
        self.visited = 0
        self._earliest_ends: dict[Window, int] = {}

    def starts(self, row: PolicyRow) -> dict[str, Party]:
        """Return the parties a row looks from, by id."""
        starts: dict[str, Party] = {}
        for party in self.parties:
            if party.role in row.roles:
                starts.setdefault(party.id, party)
        return starts

    def earliest_end(self, window: Window) -> int:
        """Return the ordinal of the earliest end with which a tie still counts on the day judged."""
        earliest = self._earliest_ends.get(window)
        if earliest is None:
            earliest = self._earliest_ends[window] = window.earliest_end(self.as_of).toordinal()
        return earliest

    def counts(self, tie: Tie, earliest_end: int, min_share: tuple[int, int] | None) -> bool:
        """Return whether a tie counts, and note that it was looked at."""
        self.visited += 1
        return (
            tie.last >= earliest_end
            and tie.first <= self.day
            and tie.stood(self.known)
            and not (min_share is not None and is_smaller(tie, min_share))
        )

    def onward(self, kind: Kind, node: str, walkable: tuple[bool, bool]) -> Iterator[tuple[str, Ties, bool]]:
        """Yield (other node, ties, walked forward) of the ties by which this node leads to another."""
        forward, backward = walkable
        layer = self.layers[kind]
        if forward:
            for other, ties in layer.out_of(node).items():
                yield other, ties, True
        if backward:
            for other, ties in layer.into(node).items():
                yield other, ties, False

    def finding(self, row: PolicyRow, person: str, path: tuple[Step, ...], last: int, party: Party) -> Finding:
        """Return what is said of a person whom a row catches by a path."""
        return Finding(
            person, self.matter.id, row, self.policy.version, party.id, party.role, path, day_after(last), self.as_of
        )


def headings(row: PolicyRow) -> tuple[Heading, ...]:
    """Return under which headings a row is searched: one where at most one tie could point up or down."""
    return (EITHER,) if row.depth <= 2 or not VERTICAL.intersection(row.through) else (UP, DOWN)


def may_return(row: PolicyRow) -> bool:
    """Return whether a walk might pass through the person himself.

    A person lies inside a walk only between two further ties, of which one leads to him and the other on from him;
    ties with an upper and a lower end cannot do both under one heading.
    """
    return row.depth > 2 and not VERTICAL.issuperset(row.through)


def min_share(row: PolicyRow, kind: Kind) -> tuple[int, int] | None:
    """Return the share below which ties of a kind do not count: nothing but a shareholding has one."""
    return row.min_share if kind is Kind.SHAREHOLDING else None


def is_smaller(tie: Tie, min_share: tuple[int, int]) -> bool:
    """Return whether a tie is known to hold less than a share."""
    share = tie.fact.share
    return share is not None and share[0] * min_share[1] < min_share[0] * share[1]


def day_after(last: int) -> date | None:
    """Return the day after the one with an ordinal; None when no day is the last."""
    return None if last >= STILL - 1 else date.fromordinal(last + 1)


@cache  # there are only so many days; keeping the last used apart would cost more than the look
def last_day(months: int | None, end: int) -> int:
    """Return the ordinal of the last day on which a tie with an end counts; `STILL` when no day is the last."""
    if end == STILL or months is None:
        return STILL
    last = Window(months).last_day(date.fromordinal(end))
    return STILL if last is None else last.toordinal()
