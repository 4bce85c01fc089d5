"""One check: from the parties outward to persons, row by row of the policy.

For a row the search first marks the *region*: every node that leads to a party by at most `depth - 1` further ties.
Whoever has an own tie of the row's kind to a node of the region is caught. Rows that share their further ties share the
region. Only what is visited is paid for.
"""

from collections.abc import Collection, Iterator
from datetime import date
from typing import Final, NamedTuple

from conflicts.fact import ENDS, MUTUAL, Kind, NodeType
from conflicts.finding import Finding, Step
from conflicts.node import Party
from conflicts.policy import PolicyRow
from conflicts.question import Question, day_after, headings, is_smaller, last_day, may_return, min_share
from conflicts.tie import STILL, Ends, Heading, Tie, own_ways, ways
from conflicts.walks import walk_order, walks

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


class Search:
    """Whoever a question catches, found from its parties outward."""

    def __init__(self, question: Question) -> None:
        """Stand ready; nothing is walked yet."""
        self._question = question
        self._regions: dict[object, Region] = {}

    def findings(self, people: Collection[str] | None) -> dict[str, list[Finding]]:
        """Return person id -> findings, strongest row first, of everybody or of the people named.

        A chain of ties that one row has caught counts for a weaker row only where it lasts longer by it.

        Args:
            people: ids; unknown ones are passed over. None means everybody.
        """
        question = self._question
        rows = question.policy.strongest_first
        owned: list[dict[str, _Own]] = [{} for _ in rows]
        for kind in dict.fromkeys(row.kind for row in rows):
            if kind is not None:
                nodes = self._entries(kind)
                if people is None:
                    self._look_around(kind, nodes, owned)
                else:
                    self._look_among(kind, nodes, [person for person in people if person in question.people], owned)
        # A walk that returns to the person himself explains nothing. It can only arise where the person is a party or
        # where further ties may lead through persons; there every path is looked at singly.
        parties = {party.id for party in question.parties if party.id in question.people}
        if people is not None:
            parties.intersection_update(people)
        found: dict[str, list[Finding]] = {}
        matter, version, as_of = question.matter.id, question.policy.version, question.as_of
        for row, by_person in zip(rows, owned, strict=True):
            doubtful = parties.union(by_person) if may_return(row) else parties
            for person, (reached, tie, forward, last) in by_person.items():
                if person in doubtful:
                    continue
                step = tie.forward if forward else tie.backward
                path = (step, *reached.path) if reached.path else (step,)
                party = reached.party
                finding = _made(
                    Finding,
                    (person, matter, row, version, party.id, party.role, path, day_after(last), as_of, None),
                )
                if person in found:
                    found[person].append(finding)
                else:
                    found[person] = [finding]
            for person in doubtful:
                every = sorted(walks(question, row, person), key=walk_order)
                if every:
                    latest = max(walk.clears_on or date.max for walk in every)
                    clears_on = None if latest == date.max else latest
                    found.setdefault(person, []).append(every[0]._replace(clears_on=clears_on))
        return found

    def _inward(self, kind: Kind, node: str, walkable: tuple[bool, bool]) -> Iterator[tuple[Ends, bool]]:
        """Yield (other node, tie) of the ties by which another node leads to this one, and whether walked forward."""
        forward, backward = walkable
        layer = self._question.layers[kind]
        if forward:
            yield layer.arriving(node, self._question.known), True
        if backward:
            yield layer.leaving(node, self._question.known), False

    def _region(self, row: PolicyRow) -> Region:
        key: object = row.roles
        if row.through:
            key = (row.kind, row.roles, row.through, row.depth, row.through_window, row.min_share)
        region = self._regions.get(key)
        if region is None:
            region = self._regions[key] = {}
            for heading in headings(row):
                for node, reached in self._spread(row, heading).items():
                    _keep(region, node, reached)
        return region

    def _spread(self, row: PolicyRow, heading: Heading) -> Region:
        """Mark the region under one heading, one further tie a round.

        A node is taken up again when a longer path to it lasts longer: that travels on, the path stays.
        """
        region: Region = {}
        edge = {start: Reached((), 0, _NO_WEIGHT, STILL, party) for start, party in self._question.starts(row).items()}
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
        day, earliest_end = self._question.day, self._question.earliest_end(row.through_window)
        tied = self._question.layers[row.kind or Kind.SUCCESSION].members()
        succeeded = self._question.layers[Kind.SUCCESSION].members()
        for kind in row.through:
            if not self._question.layers[kind].members():
                continue
            walkable = ways(kind, heading)
            least_share = min_share(row, kind)
            for node, reached in edge.items():
                for leading, forward in self._inward(kind, node, walkable):
                    self._question.visited += len(leading)
                    for other, tie in leading:
                        if (
                            (outermost and other not in tied and other not in succeeded)
                            or tie.last < earliest_end
                            or tie.first > day
                            or (least_share is not None and is_smaller(tie, least_share))
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
        layer = self._question.layers[Kind.SUCCESSION]
        if not layer.members():
            return
        for forward, neighbours in ((False, layer.out_of), (True, layer.into)):
            pending = sorted(node for node in edge if neighbours(node))
            for node in pending:  # grows while it is walked
                for other, ties in sorted(neighbours(node).items(), key=lambda item: item[0]):
                    for tie in sorted(ties, key=lambda tie: tie.fact.id):
                        reached = edge[node]
                        known = edge.get(other)
                        if not self._question.counts(tie, 0, None) or (
                            known is not None and known.last >= reached.last
                        ):
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
        for place, row in enumerate(self._question.policy.strongest_first):
            if row.kind is not kind:
                continue
            earliest_end = self._question.earliest_end(row.window)
            singly = may_return(row)
            least_share = min_share(row, kind)
            for node, reached in self._region(row).items():
                through_last = last_day(row.through_window.months, reached.last)
                entry = _made(_Entry, (place, earliest_end, row.window.months, least_share, reached, through_last))
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
        layer = self._question.layers[kind]
        people, known = self._question.people, self._question.known
        mutual = kind in MUTUAL
        from_persons, to_persons = (ends == {NodeType.PERSON} for ends in ENDS[kind])
        for node, groups in nodes.items():
            arriving = layer.arriving(node, known)
            if not from_persons:
                arriving = [(other, tie) for other, tie in arriving if other in people]
            if arriving:
                self._weigh(arriving, groups, owned, forward=True)
            if mutual:
                leaving = layer.leaving(node, known)
                if not to_persons:
                    leaving = [(other, tie) for other, tie in leaving if other in people]
                if leaving:
                    self._weigh(leaving, groups, owned, forward=False)

    def _look_among(
        self, kind: Kind, nodes: dict[str, Groups], people: Collection[str], owned: list[dict[str, _Own]]
    ) -> None:
        """Find own ties to the region by the ties of the people asked for."""
        walkable = own_ways(kind)
        for person in people:
            for node, ties, forward in self._question.onward(kind, person, walkable):
                groups = nodes.get(node)
                if groups is not None:
                    held = [(person, tie) for tie in ties if tie.stood(self._question.known)]
                    self._weigh(held, groups, owned, forward=forward)

    def _weigh(self, held: Ends, groups: Groups, owned: list[dict[str, _Own]], *, forward: bool) -> None:
        """Note for each row and person the best of the own ties held to one node."""
        self._question.visited += len(held)
        day = self._question.day
        for person, tie in held:
            if tie.first > day:
                continue
            end = tie.last
            for group in groups:
                covered = -1
                for place, earliest_end, months, least_share, reached, through_last in group:
                    if end < earliest_end or (least_share is not None and is_smaller(tie, least_share)):
                        continue
                    last = through_last if end == STILL else min(last_day(months, end), through_last)
                    if last <= covered:
                        continue
                    covered = last
                    own = (reached, tie, forward, last)
                    of_row = owned[place]
                    of_row[person] = _better(of_row[person], own) if person in of_row else own


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
