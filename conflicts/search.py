"""One check: from the parties outward to persons, row by row of the policy.

For a row the search first marks the *region*: every node that leads to a party by at most `depth - 1` further ties.
Whoever has an own tie of the row's kind to a node of the region is caught. Rows that share their further ties share the
region. Only what is visited is paid for.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from typing import Final, NamedTuple

from conflicts.fact import VERTICAL, Kind
from conflicts.finding import Step
from conflicts.node import Matter, Party, Person, Role
from conflicts.policy import PolicyRow
from conflicts.tie import DOWN, EITHER, HINT, STILL, UP, Heading, Layer, Tie, Ties, own_ways, ways
from conflicts.window import Window

Weight = tuple[int, int, str]
"""Of a path, smaller is better: (least sureness, minus the earliest end, id of the first tie)."""
_NO_WEIGHT: Final[Weight] = (0, -STILL, "")


class Reached(NamedTuple):
    """A node from which a party is reached, or the person who reaches one.

    Attributes:
        path: steps to the party, the shortest; of several the one of least weight.
        hops: ties of the path without successions.
        weight: of the path.
        last: ordinal. In a region: of all paths, the latest of their earliest ends. Of a person: the last day on which
            any path counts, windows included.
        party: at the end of the path.
    """

    path: tuple[Step, ...]
    hops: int
    weight: Weight
    last: int
    party: Party


Region = dict[str, Reached]
Trail = tuple[tuple[Tie, Step], ...]


class Search:
    """A matter judged on one day with what was known at one instant.

    Attributes:
        visited: how many ties were looked at.
    """

    def __init__(
        self, layers: Mapping[Kind, Layer], people: Mapping[str, Person], matter: Matter, *, as_of: date, known: int
    ) -> None:
        """Stand ready; nothing is walked yet."""
        self._layers = layers
        self._people = people
        self._as_of = as_of
        self._day = as_of.toordinal()
        self._known = known
        # The unit first: it is the role to show of a node that has two.
        parties = sorted(matter.parties, key=lambda party: (party.role is not Role.UNIT, party.id))
        self._parties = (*parties, Party(matter.id, Role.MATTER))
        self._regions: dict[object, Region] = {}
        self._earliest_ends: dict[Window, int] = {}
        self.visited = 0

    def caught(self, row: PolicyRow, *, people: Collection[str] | None) -> Region:
        """Return person id -> how one row catches him, of everybody or of the people named."""
        starts = self._starts(row)
        if row.kind is None:
            return {
                start: Reached((), 0, _NO_WEIGHT, STILL, party)
                for start, party in starts.items()
                if start in self._people and (people is None or start in people)
            }
        region = self._region(row)
        caught = (
            self._around(row, row.kind, region)
            if people is None
            else self._among(row, row.kind, region, [person for person in people if person in self._people])
        )
        # A walk that returns to the person himself explains nothing. It can only arise where the person is a party or
        # where further ties may lead through persons; there every path is looked at singly.
        doubtful = list(caught) if _may_return(row) else [start for start in starts if start in caught]
        for person in doubtful:
            del caught[person]
            walks = list(self.walks(row, person))
            if walks:
                best = min(walks, key=lambda walk: (walk.hops, walk.weight, walk_ids(walk.path)))
                caught[person] = best._replace(last=max(walk.last for walk in walks))
        return caught

    def walks(self, row: PolicyRow, person: str) -> Iterator[Reached]:
        """Yield every path of one row from one person, none visiting a node twice; in no particular order."""
        starts = self._starts(row)
        if row.kind is None:
            if person in starts:
                yield Reached((), 0, _NO_WEIGHT, STILL, starts[person])
            return
        seen: set[tuple[Tie, ...]] = set()
        earliest = self._earliest_end(row.window)
        for other, ties, forward in self._onward(row.kind, person, own_ways(row.kind)):
            for tie in ties:
                if not self._counts(tie, earliest, row.min_share):
                    continue
                first = ((tie, tie.forward if forward else tie.backward),)
                for heading in _headings(row):
                    for trail in self._trails(row, heading, first, frozenset((person, other)), depth=1, settled=False):
                        walked = tuple(tie for tie, _ in trail)
                        party = starts.get(trail[-1][1].end)
                        if party is not None and walked not in seen:
                            seen.add(walked)
                            yield _as_reached(row, trail, party)

    def _starts(self, row: PolicyRow) -> dict[str, Party]:
        starts: dict[str, Party] = {}
        for party in self._parties:
            if party.role in row.roles:
                starts.setdefault(party.id, party)
        return starts

    def _earliest_end(self, window: Window) -> int:
        earliest = self._earliest_ends.get(window)
        if earliest is None:
            earliest = self._earliest_ends[window] = window.earliest_end(self._as_of).toordinal()
        return earliest

    def _counts(self, tie: Tie, earliest_end: int, min_share: tuple[int, int] | None) -> bool:
        self.visited += 1
        return (
            tie.last >= earliest_end
            and tie.first <= self._day
            and tie.known <= self._known < tie.retired
            and tie.sureness < HINT
            and not (min_share is not None and _is_smaller(tie, min_share))
        )

    def _inward(self, kind: Kind, node: str, walkable: tuple[bool, bool]) -> Iterator[tuple[str, Ties, bool]]:
        """Yield (other node, ties, walked forward) of the ties by which another node leads to this one."""
        forward, backward = walkable
        layer = self._layers[kind]
        if forward:
            for other, ties in layer.into(node).items():
                yield other, ties, True
        if backward:
            for other, ties in layer.out_of(node).items():
                yield other, ties, False

    def _onward(self, kind: Kind, node: str, walkable: tuple[bool, bool]) -> Iterator[tuple[str, Ties, bool]]:
        """Yield (other node, ties, walked forward) of the ties by which this node leads to another."""
        forward, backward = walkable
        layer = self._layers[kind]
        if forward:
            for other, ties in layer.out_of(node).items():
                yield other, ties, True
        if backward:
            for other, ties in layer.into(node).items():
                yield other, ties, False

    def _region(self, row: PolicyRow) -> Region:
        key = (row.roles, row.through, row.depth, row.through_window, row.min_share)
        region = self._regions.get(key)
        if region is None:
            region = self._regions[key] = {}
            for heading in _headings(row):
                for node, reached in self._spread(row, heading).items():
                    _keep(region, node, reached)
        return region

    def _spread(self, row: PolicyRow, heading: Heading) -> Region:
        """Mark the region under one heading, one further tie a round.

        A node is taken up again when a longer path to it lasts longer: that travels on, the path stays.
        """
        region: Region = {}
        edge = {start: Reached((), 0, _NO_WEIGHT, STILL, party) for start, party in self._starts(row).items()}
        for depth in range(row.depth):
            if depth:
                edge = self._round(row, heading, edge)
            self._follow_successions(edge)
            fresh: Region = {}
            for node, reached in edge.items():
                known = region.get(node)
                if known is None:
                    fresh[node] = region[node] = reached
                elif reached.last > known.last:
                    fresh[node] = reached
                    region[node] = known._replace(last=reached.last)
            edge = fresh
        return region

    def _round(self, row: PolicyRow, heading: Heading, edge: Region) -> Region:
        """Go one further tie out from every node of the edge."""
        found: Region = {}
        earliest_end = self._earliest_end(row.through_window)
        for kind in row.through:
            walkable = ways(kind, heading)
            for node, reached in edge.items():
                for other, ties, forward in self._inward(kind, node, walkable):
                    for tie in ties:
                        if self._counts(tie, earliest_end, row.min_share):
                            last = min(reached.last, tie.last)
                            _keep(found, other, _lengthened(reached, tie, last, forward=forward))
        return found

    def _follow_successions(self, edge: Region) -> None:
        """Add to the edge, at no cost of depth, who took a node's place, and then those whose place these took.

        In this order only: the two halves of a divided unit are not one another.
        """
        layer = self._layers[Kind.SUCCESSION]
        for forward, neighbours in ((False, layer.out_of), (True, layer.into)):
            pending = sorted(node for node in edge if neighbours(node))
            for node in pending:  # grows while it is walked
                for other, ties in sorted(neighbours(node).items(), key=lambda item: item[0]):
                    for tie in sorted(ties, key=lambda tie: tie.fact.id):
                        reached = edge[node]
                        known = edge.get(other)
                        if not self._counts(tie, 0, None) or (known is not None and known.last >= reached.last):
                            continue
                        step = tie.forward if forward else tie.backward
                        edge[other] = (
                            reached._replace(path=(step, *reached.path))
                            if known is None
                            else known._replace(last=reached.last)
                        )
                        pending.append(other)

    def _around(self, row: PolicyRow, kind: Kind, region: Region) -> Region:
        """Return who has an own tie to the region, by the ties of its nodes."""
        caught: Region = {}
        walkable = own_ways(kind)
        earliest_end = self._earliest_end(row.window)
        for node, reached in region.items():
            through_last = _last_day(row.through_window, reached.last)
            for person, ties, forward in self._inward(kind, node, walkable):
                if person in self._people:
                    for tie in ties:
                        if self._counts(tie, earliest_end, row.min_share):
                            last = min(_last_day(row.window, tie.last), through_last)
                            _keep(caught, person, _lengthened(reached, tie, last, forward=forward))
        return caught

    def _among(self, row: PolicyRow, kind: Kind, region: Region, people: Collection[str]) -> Region:
        """Return who of the people has an own tie to the region, by their own ties."""
        caught: Region = {}
        walkable = own_ways(kind)
        earliest_end = self._earliest_end(row.window)
        for person in people:
            for node, ties, forward in self._onward(kind, person, walkable):
                reached = region.get(node)
                if reached is not None:
                    for tie in ties:
                        if self._counts(tie, earliest_end, row.min_share):
                            through_last = _last_day(row.through_window, reached.last)
                            last = min(_last_day(row.window, tie.last), through_last)
                            _keep(caught, person, _lengthened(reached, tie, last, forward=forward))
        return caught

    def _trails(
        self, row: PolicyRow, heading: Heading, trail: Trail, nodes: frozenset[str], *, depth: int, settled: bool
    ) -> Iterator[Trail]:
        """Yield a trail and every lawful way on from it; `settled` once it went back to a predecessor."""
        yield trail
        node = trail[-1][1].end
        for kind, walkable, earliest_end, min_share in self._moves(row, heading, depth, settled=settled):
            for other, ties, forward in self._onward(kind, node, walkable):
                if other in nodes:
                    continue
                for tie in ties:
                    if self._counts(tie, earliest_end, min_share):
                        free = kind is Kind.SUCCESSION
                        yield from self._trails(
                            row,
                            heading,
                            (*trail, (tie, tie.forward if forward else tie.backward)),
                            nodes | {other},
                            depth=depth if free else depth + 1,
                            settled=free and not forward,
                        )

    def _moves(
        self, row: PolicyRow, heading: Heading, depth: int, *, settled: bool
    ) -> Iterator[tuple[Kind, tuple[bool, bool], int, tuple[int, int] | None]]:
        yield Kind.SUCCESSION, (not settled, True), 0, None
        if depth < row.depth:
            earliest_end = self._earliest_end(row.through_window)
            for kind in row.through:
                yield kind, ways(kind, heading), earliest_end, row.min_share


def walk_ids(path: tuple[Step, ...]) -> tuple[str, ...]:
    """Return the ids of a path's facts in walking order: what finally tells two equal paths apart."""
    return tuple(step.fact.id for step in path)


def _headings(row: PolicyRow) -> tuple[Heading, ...]:
    """Return under which headings a row is searched: one where at most one tie could point up or down."""
    return (EITHER,) if row.depth <= 2 or not VERTICAL.intersection(row.through) else (UP, DOWN)


def _may_return(row: PolicyRow) -> bool:
    """Return whether a walk might pass through the person himself.

    A person lies inside a walk only between two further ties, of which one leads to him and the other on from him;
    ties with an upper and a lower end cannot do both under one heading.
    """
    return row.depth > 2 and not VERTICAL.issuperset(row.through)


def _is_smaller(tie: Tie, min_share: tuple[int, int]) -> bool:
    share = tie.fact.share
    return share is not None and share[0] * min_share[1] < min_share[0] * share[1]


def _last_day(window: Window, end: int) -> int:
    """Return the ordinal of the last day on which a tie with an end counts; `STILL` when no day is the last."""
    if end == STILL or window.months is None:
        return STILL
    if window.months == 0:
        return end
    last = window.last_day(date.fromordinal(end))
    return STILL if last is None else last.toordinal()


def _lengthened(reached: Reached, tie: Tie, last: int, *, forward: bool) -> Reached:
    """Return what one more tie at the near end of a path makes of it."""
    sureness, earliest, _ = reached.weight
    return Reached(
        (tie.forward if forward else tie.backward, *reached.path),
        reached.hops + 1,
        (
            max(sureness, tie.sureness),
            max(earliest, -tie.last),
            tie.fact.id,
        ),
        last,
        reached.party,
    )


def _keep(region: Region, node: str, reached: Reached) -> None:
    """Keep the better path to a node, and the longest lasting day of both."""
    known = region.get(node)
    if known is None:
        region[node] = reached
        return
    better = reached if (reached.hops, reached.weight) < (known.hops, known.weight) else known
    last = max(reached.last, known.last)
    region[node] = better if better.last == last else better._replace(last=last)


def _as_reached(row: PolicyRow, trail: Trail, party: Party) -> Reached:
    own, *further = (tie for tie, _ in trail)
    earliest_further = min((tie.last for tie in further), default=STILL)
    return Reached(
        tuple(step for _, step in trail),
        sum(tie.fact.kind is not Kind.SUCCESSION for tie, _ in trail),
        (max(tie.sureness for tie, _ in trail), -min(own.last, earliest_further), own.fact.id),
        min(_last_day(row.window, own.last), _last_day(row.through_window, earliest_further)),
        party,
    )
