"""One check: from the parties outward to persons, row by row of the policy.

For a row the search first marks the *region*: every node that leads to a party by at most `depth - 1` further ties.
Whoever has an own tie of the row's kind to a node of the region is caught. Rows that share their further ties share the
region. Only what is visited is paid for.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Final, NamedTuple

from conflicts.fact import ENDS, MUTUAL, VERTICAL, Kind, NodeType
from conflicts.finding import Finding, Step
from conflicts.node import Matter, Party, Person, Role
from conflicts.policy import Policy, PolicyRow
from conflicts.tie import DOWN, EITHER, HINT, STILL, UP, Arrivals, Heading, Layer, Tie, Ties, own_ways, ways
from conflicts.window import Window

Weight = tuple[int, int, str]
"""Of a path, smaller is better: (least sureness, minus the earliest end, id of the first tie)."""
_NO_WEIGHT: Final[Weight] = (0, -STILL, "")


# Makes a named tuple past its own constructor, whose call takes longer than the making.
_made = tuple.__new__


class Reached(NamedTuple):
    """A node from which a party is reached.

    Attributes:
        path: steps to the party, the shortest; of several the one of least weight.
        hops: ties of the path without successions.
        weight: of the path.
        last: ordinal; of all paths to a party, the latest of their earliest ends.
        party: at the end of the path.
    """

    path: tuple[Step, ...]
    hops: int
    weight: Weight
    last: int
    party: Party


class _Entry(NamedTuple):
    """A row as it stands at one node of its region."""

    place: int
    earliest_end: int
    months: int | None
    min_share: tuple[int, int] | None
    reached: Reached
    through_last: int


_Own = tuple[Reached, Tie, bool, int]
"""A person's own tie to a node of the region: (the node, the tie, walked forward, ordinal of its last day)."""
Region = dict[str, Reached]
Groups = list[list[_Entry]]
Trail = tuple[tuple[Tie, Step], ...]


class Search:
    """A matter judged on one day with what was known at one instant.

    Attributes:
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
        self._layers = layers
        self._people = people
        self._matter = matter
        self._policy = policy
        self._as_of = as_of
        self._day = as_of.toordinal()
        self._known = known
        # The unit first: it is the role to show of a node that has two.
        parties = sorted(matter.parties, key=lambda party: (party.role is not Role.UNIT, party.id))
        self._parties = (*parties, Party(matter.id, Role.MATTER))
        self._regions: dict[object, Region] = {}
        self._earliest_ends: dict[Window, int] = {}
        self.visited = 0

    def findings(self, people: Collection[str] | None) -> dict[str, list[Finding]]:
        """Return person id -> findings, strongest row first, of everybody or of the people named.

        A chain of ties that one row has caught counts for a weaker row only where it lasts longer by it.

        Args:
            people: ids; unknown ones are passed over. None means everybody.
        """
        rows = self._policy.strongest_first
        owned: list[dict[str, _Own]] = [{} for _ in rows]
        for kind in dict.fromkeys(row.kind for row in rows):
            if kind is not None:
                nodes = self._entries(kind)
                if people is None:
                    self._look_around(kind, nodes, owned)
                else:
                    self._look_among(kind, nodes, [person for person in people if person in self._people], owned)
        # A walk that returns to the person himself explains nothing. It can only arise where the person is a party or
        # where further ties may lead through persons; there every path is looked at singly.
        parties = {party.id for party in self._parties if party.id in self._people}
        if people is not None:
            parties.intersection_update(people)
        found: dict[str, list[Finding]] = {}
        matter, version, as_of = self._matter.id, self._policy.version, self._as_of
        for row, by_person in zip(rows, owned, strict=True):
            doubtful = parties.union(by_person) if _may_return(row) else parties
            for person, (reached, tie, forward, last) in by_person.items():
                if person in doubtful:
                    continue
                step = tie.forward if forward else tie.backward
                path = (step, *reached.path) if reached.path else (step,)
                party = reached.party
                finding = _made(
                    Finding,
                    (person, matter, row, version, party.id, party.role, path, _day_after(last), as_of, None),
                )
                if person in found:
                    found[person].append(finding)
                else:
                    found[person] = [finding]
            for person in doubtful:
                walks = sorted(self.walks(row, person), key=walk_order)
                if walks:
                    latest = max(walk.clears_on or date.max for walk in walks)
                    clears_on = None if latest == date.max else latest
                    found.setdefault(person, []).append(walks[0]._replace(clears_on=clears_on))
        return found

    def walks(self, row: PolicyRow, person: str) -> Iterator[Finding]:
        """Yield every path of one row from one person, none visiting a node twice; in no particular order."""
        starts = self._starts(row)
        if row.kind is None:
            if person in starts:
                yield self._finding(row, person, (), STILL, starts[person])
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
                            yield self._finding(
                                row, person, tuple(step for _, step in trail), _lasting(row, trail), party
                            )

    def _finding(self, row: PolicyRow, person: str, path: tuple[Step, ...], last: int, party: Party) -> Finding:
        return Finding(
            person, self._matter.id, row, self._policy.version, party.id, party.role, path, _day_after(last), self._as_of
        )

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

    def _inward(self, kind: Kind, node: str, walkable: tuple[bool, bool]) -> Iterator[tuple[Arrivals, bool]]:
        """Yield (other node, tie) of the ties by which another node leads to this one, and whether walked forward."""
        forward, backward = walkable
        layer = self._layers[kind]
        if forward:
            yield layer.arriving(node), True
        if backward:
            yield [(other, tie) for other, ties in layer.out_of(node).items() for tie in ties], False

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
        key: object = row.roles
        if row.through:
            key = (row.kind, row.roles, row.through, row.depth, row.through_window, row.min_share)
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
                edge = self._round(row, heading, edge, outermost=depth == row.depth - 1)
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

    def _round(self, row: PolicyRow, heading: Heading, edge: Region, *, outermost: bool) -> Region:
        """Go one further tie out from every node of the edge.

        The outermost nodes matter only to who has a tie of the row's kind to them, or to what took their place.
        """
        found: Region = {}
        day, known, earliest_end = self._day, self._known, self._earliest_end(row.through_window)
        tied = self._layers[row.kind or Kind.SUCCESSION].members()
        succeeded = self._layers[Kind.SUCCESSION].members()
        for kind in row.through:
            if not self._layers[kind].members():
                continue
            walkable = ways(kind, heading)
            min_share = _min_share(row, kind)
            for node, reached in edge.items():
                for leading, forward in self._inward(kind, node, walkable):
                    self.visited += len(leading)
                    for other, tie in leading:
                        if (
                            (outermost and other not in tied and other not in succeeded)
                            or tie.last < earliest_end
                            or tie.first > day
                            or tie.known > known
                            or tie.retired <= known
                            or tie.sureness >= HINT
                            or (min_share is not None and _is_smaller(tie, min_share))
                        ):
                            continue
                        path = (tie.forward if forward else tie.backward, *reached.path)
                        last = min(reached.last, tie.last)
                        weight = _heavier(reached, tie)
                        _keep(found, other, _made(Reached, (path, reached.hops + 1, weight, last, reached.party)))
        return found

    def _follow_successions(self, edge: Region) -> None:
        """Add to the edge, at no cost of depth, who took a node's place, and then those whose place these took.

        In this order only: the two halves of a divided unit are not one another.
        """
        layer = self._layers[Kind.SUCCESSION]
        if not layer.members():
            return
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

    def _entries(self, kind: Kind) -> dict[str, Groups]:
        """Return node -> the rows that begin with a kind and hold there, grouped by their path from there on."""
        nodes: dict[str, Groups] = {}
        for place, row in enumerate(self._policy.strongest_first):
            if row.kind is not kind:
                continue
            earliest_end = self._earliest_end(row.window)
            singly = _may_return(row)
            min_share = _min_share(row, kind)
            for node, reached in self._region(row).items():
                through_last = _last_day(row.through_window.months, reached.last)
                entry = _made(_Entry, (place, earliest_end, row.window.months, min_share, reached, through_last))
                groups = nodes.get(node)
                if groups is None:
                    nodes[node] = [[entry]]
                    continue
                for group in groups:
                    if group[0].reached.path == reached.path and not singly:
                        group.append(entry)
                        break
                else:
                    groups.append([entry])
        return nodes

    def _look_around(self, kind: Kind, nodes: dict[str, Groups], owned: list[dict[str, _Own]]) -> None:
        """Find own ties to the region by the ties of its nodes."""
        layer = self._layers[kind]
        people = self._people
        mutual = kind in MUTUAL
        persons_only = ENDS[kind][0] == {NodeType.PERSON}
        for node, groups in nodes.items():
            arriving = layer.arriving(node)
            if not persons_only:
                arriving = [(other, tie) for other, tie in arriving if other in people]
            if arriving:
                self._weigh(arriving, groups, owned, forward=True)
            if mutual:
                leaving = [
                    (other, tie) for other, ties in layer.out_of(node).items() if other in people for tie in ties
                ]
                if leaving:
                    self._weigh(leaving, groups, owned, forward=False)

    def _look_among(
        self, kind: Kind, nodes: dict[str, Groups], people: Collection[str], owned: list[dict[str, _Own]]
    ) -> None:
        """Find own ties to the region by the ties of the people asked for."""
        walkable = own_ways(kind)
        for person in people:
            for node, ties, forward in self._onward(kind, person, walkable):
                groups = nodes.get(node)
                if groups is not None:
                    self._weigh([(person, tie) for tie in ties], groups, owned, forward=forward)

    def _weigh(self, held: Arrivals, groups: Groups, owned: list[dict[str, _Own]], *, forward: bool) -> None:
        """Note for each row and person the best of the own ties held to one node."""
        self.visited += len(held)
        day, known = self._day, self._known
        for person, tie in held:
            if tie.first > day or tie.known > known or tie.retired <= known or tie.sureness >= HINT:
                continue
            end = tie.last
            for group in groups:
                covered = -1
                for place, earliest_end, months, min_share, reached, through_last in group:
                    if end < earliest_end or (min_share is not None and _is_smaller(tie, min_share)):
                        continue
                    last = through_last if end == STILL else min(_last_day(months, end), through_last)
                    if last <= covered:
                        continue
                    covered = last
                    own = (reached, tie, forward, last)
                    of_row = owned[place]
                    of_row[person] = _better(of_row[person], own) if person in of_row else own

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


def walk_order(walk: Finding) -> tuple[int, int, tuple[str, ...]]:
    """Order the paths of one row: the shortest first, then the one that lasts longest, then by the ids of its facts."""
    hops = sum(step.fact.kind is not Kind.SUCCESSION for step in walk.path)
    return hops, -(walk.clears_on or date.max).toordinal(), walk_ids(walk.path)


def _headings(row: PolicyRow) -> tuple[Heading, ...]:
    """Return under which headings a row is searched: one where at most one tie could point up or down."""
    return (EITHER,) if row.depth <= 2 or not VERTICAL.intersection(row.through) else (UP, DOWN)


def _may_return(row: PolicyRow) -> bool:
    """Return whether a walk might pass through the person himself.

    A person lies inside a walk only between two further ties, of which one leads to him and the other on from him;
    ties with an upper and a lower end cannot do both under one heading.
    """
    return row.depth > 2 and not VERTICAL.issuperset(row.through)


def _min_share(row: PolicyRow, kind: Kind) -> tuple[int, int] | None:
    """Return the share below which ties of a kind do not count: nothing but a shareholding has one."""
    return row.min_share if kind is Kind.SHAREHOLDING else None


def _is_smaller(tie: Tie, min_share: tuple[int, int]) -> bool:
    share = tie.fact.share
    return share is not None and share[0] * min_share[1] < min_share[0] * share[1]


@lru_cache(maxsize=1 << 16)
def _day_after(last: int) -> date | None:
    """Return the day after the one with an ordinal; None when no day is the last."""
    return None if last >= STILL - 1 else date.fromordinal(last + 1)


@lru_cache(maxsize=1 << 16)
def _last_day(months: int | None, end: int) -> int:
    """Return the ordinal of the last day on which a tie with an end counts; `STILL` when no day is the last."""
    if end == STILL or months is None:
        return STILL
    last = Window(months).last_day(date.fromordinal(end))
    return STILL if last is None else last.toordinal()


def _heavier(reached: Reached, tie: Tie) -> Weight:
    """Return the weight of a path with one more tie at its near end."""
    sureness, earliest, _ = reached.weight
    return max(tie.sureness, sureness), max(-tie.last, earliest), tie.id


def _better(one: _Own, other: _Own) -> _Own:
    """Return the own tie with the better path, with the later last day of both."""
    (near, tie, _, last), (other_near, other_tie, _, other_last) = one, other
    if (other_near.hops, _heavier(other_near, other_tie)) < (near.hops, _heavier(near, tie)):
        one = other
    return (*one[:3], max(last, other_last))


def _keep(region: Region, node: str, reached: Reached) -> None:
    """Keep the better path to a node, and the later last day of both."""
    known = region.get(node)
    if known is None:
        region[node] = reached
        return
    better = reached if (reached.hops, reached.weight) < (known.hops, known.weight) else known
    last = max(reached.last, known.last)
    region[node] = better if better.last == last else better._replace(last=last)


def _lasting(row: PolicyRow, trail: Trail) -> int:
    """Return the ordinal of the last day on which every tie of a trail counts."""
    own, *further = (tie for tie, _ in trail)
    earliest_further = min((tie.last for tie in further), default=STILL)
    return min(_last_day(row.window.months, own.last), _last_day(row.through_window.months, earliest_further))
