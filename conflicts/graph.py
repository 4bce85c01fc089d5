"""The resident graph of ties, and the questions put to it.

One networkx multigraph a kind of tie: an edge from subject to object, whose key is the tie. Walking only the layers
that a policy row names, and only around the parties, makes a check cost what it visits, not what the graph holds.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime
from functools import partial
from operator import attrgetter
from typing import Final

import networkx as nx

from conflicts.fact import ENDS, Fact, Kind, NodeType
from conflicts.fault import FactRefused, NodeUnknown
from conflicts.finding import Finding, Outcome
from conflicts.judgement import Judgement, by_finding, judge
from conflicts.node import Matter, Organisation, Person
from conflicts.policy import Policy
from conflicts.question import Question
from conflicts.reach import reach, same_body
from conflicts.search import Search
from conflicts.tie import NO_TIES, NOW, Ends, Tie, Ties, microseconds
from conflicts.walks import walk_ids, walk_order, walks

_NO_ENDS: Final[tuple[Ends, Ends]] = ((), ())


class _Layer(nx.MultiDiGraph):  # type: ignore[misc]  # networkx ships no types
    """The ties of one kind. Neighbourhoods are handed out as they are stored: a view costs more than a tie.

    What stands now at a node is kept once more as two lists, of what arrives and of what leaves: a check reads all of
    it, and the two mappings in which the graph itself keeps each tie take it longer to walk than the tie to judge.
    """

    def __init__(self) -> None:
        """Hold no ties yet."""
        super().__init__()
        self._ends: dict[str, tuple[list[tuple[str, Tie]], list[tuple[str, Tie]]]] = {}

    def put(self, tie: Tie) -> None:
        """Add a tie."""
        subject, object_ = tie.fact.subject, tie.fact.object
        self.add_edge(subject, object_, key=tie)
        _, leaving = self._ends.setdefault(subject, ([], []))
        arriving, _ = self._ends.setdefault(object_, ([], []))
        if tie.stood(NOW):
            leaving.append((object_, tie))
            arriving.append((subject, tie))

    def take(self, tie: Tie) -> None:
        """Remove a tie."""
        subject, object_ = tie.fact.subject, tie.fact.object
        self.remove_edge(subject, object_, key=tie)
        if tie.stood(NOW):
            self._ends[subject][1].remove((object_, tie))
            self._ends[object_][0].remove((subject, tie))

    def members(self) -> Collection[str]:
        """Return the nodes that have, or had, ties of the kind."""
        return self._ends

    def arriving(self, node: str, known: int) -> Ends:
        """Return (subject, tie) of every tie that ends at the node and stood at an instant."""
        if known == NOW:
            return self._ends.get(node, _NO_ENDS)[0]
        return [(subject, tie) for subject, ties in self.into(node).items() for tie in ties if tie.stood(known)]

    def leaving(self, node: str, known: int) -> Ends:
        """Return (object, tie) of every tie that starts at the node and stood at an instant."""
        if known == NOW:
            return self._ends.get(node, _NO_ENDS)[1]
        return [(object_, tie) for object_, ties in self.out_of(node).items() for tie in ties if tie.stood(known)]

    def into(self, node: str) -> Mapping[str, Ties]:
        """Return subject -> ties that end at the node."""
        found: Mapping[str, Ties] = self._pred.get(node, NO_TIES)
        return found

    def out_of(self, node: str) -> Mapping[str, Ties]:
        """Return object -> ties that start at the node."""
        found: Mapping[str, Ties] = self._succ.get(node, NO_TIES)
        return found


class ConflictGraph:
    """Persons, organisations and dated ties, resident; a cache that only its owner changes.

    Adding, replacing or withdrawing a fact costs what that fact touches. Nothing is forgotten: a replaced or withdrawn
    version stays, and a check with `known_at` sees what was known then.

    Args:
        people: persons, identified or not.
        organisations: organisations by id. Their parents and successors are facts: see `standing_facts`.
        facts: in any order; of the versions of one fact at most one may be without `retired_at`.

    Attributes:
        ties_visited: how many ties all checks together have looked at so far.

    Example:
        >>> from datetime import date
        >>> from conflicts import Fact, Kind, Matter, Organisation, Party, Person, Role, parse_policy
        >>> graph = ConflictGraph([Person("p")], [Organisation("o")], [Fact("f", "p", Kind.EMPLOYMENT, "o")])
        >>> row = {"id": "own", "code": "DIRECT_INTEREST", "kind": "employment", "severity": "block", "basis": "A30"}
        >>> policy = parse_policy("example", [row])
        >>> found = graph.check(Matter("m", (Party("o", Role.UNIT),)), policy=policy, as_of=date(2026, 11, 23))
        >>> [(finding.person, finding.code, finding.outcome.value) for finding in found]
        [('p', 'DIRECT_INTEREST', 'excluded')]

    """

    def __init__(
        self,
        people: Iterable[Person] = (),
        organisations: Iterable[Organisation] = (),
        facts: Iterable[Fact] = (),
    ) -> None:
        """Build the graph from scratch."""
        self._people: dict[str, Person] = {}
        self._organisations: dict[str, Organisation] = {}
        self._unidentified: set[str] = set()
        self._layers: dict[Kind, _Layer] = {kind: _Layer() for kind in Kind}
        self._standing: dict[str, Tie] = {}
        self._versions: dict[str, list[Tie]] = {}
        self.ties_visited = 0
        for person in people:
            self.put_person(person)
        for organisation in organisations:
            self.put_organisation(organisation)
        # The ties of one object come to lie side by side in memory: a check looks at them together, and waiting for
        # memory is half of what it costs.
        for fact in sorted(facts, key=attrgetter("kind", "object")):
            self.add(fact)

    def put_person(self, person: Person) -> None:
        """Add a person, or replace what is said of one (an ID number was recorded, for instance)."""
        self._people[person.id] = person
        (self._unidentified.discard if person.identified else self._unidentified.add)(person.id)

    def put_organisation(self, organisation: Organisation) -> None:
        """Add an organisation, or replace what is said of one."""
        self._organisations[organisation.id] = organisation

    def name(self, node: str) -> str | None:
        """Return the name of a person or an organisation, or None where none is known."""
        held = self._people.get(node) or self._organisations.get(node)
        return held.name or None if held else None

    def node_type(self, node: str) -> NodeType:
        """Return what an id stands for; what is neither a person nor an organisation here is a matter."""
        if node in self._people:
            return NodeType.PERSON
        return NodeType.ORGANISATION if node in self._organisations else NodeType.MATTER

    def add(self, fact: Fact) -> None:
        """Add a fact, or a version of one that was retired.

        Raises:
            FactRefused: FACT_KNOWN when a version of that id stands already; ENDS_MISMATCHED when the kind does not
                join such nodes.
        """
        if fact.retired_at is None and fact.id in self._standing:
            raise FactRefused("FACT_KNOWN", fact=fact.id)
        self._check_ends(fact)
        self._put(Tie(fact))

    def replace(self, fact: Fact) -> None:
        """Put a newer version of a fact in the place of the standing one, which is retired at the newer `known_at`.

        Raises:
            FactRefused: FACT_UNKNOWN when no version stands; INSTANT_MISSING when the newer one has no `known_at`;
                RETIRED_BEFORE_KNOWN when it is not later than the standing one's; ENDS_MISMATCHED.
        """
        if fact.known_at is None:
            raise FactRefused("INSTANT_MISSING", fact=fact.id)
        self._check_ends(fact)
        self.withdraw(fact.id, at=fact.known_at)
        self.add(fact)

    def withdraw(self, fact_id: str, *, at: datetime) -> None:
        """Retire the standing version of a fact: from the instant `at` on it no longer counts.

        Raises:
            FactRefused: FACT_UNKNOWN when no version stands; RETIRED_BEFORE_KNOWN when `at` is not later than the
                version's `known_at`; INSTANT_NAIVE.
        """
        tie = self._standing.get(fact_id)
        if tie is None:
            raise FactRefused("FACT_UNKNOWN", fact=fact_id)
        retired = Tie(replace(tie.fact, retired_at=at))
        self._take(tie)
        self._put(retired)

    def restate(self, fact_id: str, versions: Iterable[Fact]) -> None:
        """Put other versions in the place of all that is held of a fact: how a cache follows its source.

        Args:
            fact_id: of the fact.
            versions: all of them; none forgets the fact altogether.

        Raises:
            FactRefused: as for `add`; the graph is then as it was.
        """
        stated = list(versions)
        for fact in stated:
            self._check_ends(fact)
        if any(fact.id != fact_id for fact in stated) or sum(fact.retired_at is None for fact in stated) > 1:
            raise FactRefused("FACT_KNOWN", fact=fact_id)
        for tie in list(self._versions.get(fact_id, ())):
            self._take(tie)
        for fact in stated:
            self._put(Tie(fact))

    def ties_of(self, node: str, *, known_at: datetime | None = None) -> tuple[Fact, ...]:
        """Return the facts about a node, whatever their days, ordered by kind, start and id.

        Args:
            node: id of a person, an organisation or a matter.
            known_at: the record instant; None means what stands now.
        """
        known = _record(known_at)
        found = [
            tie.fact
            for layer in self._layers.values()
            for neighbourhood in (layer.out_of(node), layer.into(node))
            for ties in neighbourhood.values()
            for tie in ties
            if tie.known <= known < tie.retired
        ]
        return tuple(sorted(found, key=lambda fact: (fact.kind, fact.from_on or date.min, fact.id)))

    def check(
        self,
        matter: Matter,
        *,
        policy: Policy,
        as_of: date,
        known_at: datetime | None = None,
        people: Collection[str] | None = None,
        judgements: Iterable[Judgement] = (),
    ) -> tuple[Finding, ...]:
        """Return who may not judge a matter, why, and until when.

        The cost is proportional to the ties visited around the parties; it does not grow with the graph.

        Args:
            matter: with its parties.
            policy: the rows to apply.
            as_of: the day judged, local calendar.
            known_at: judge with what was known at this instant; None means with all that is known now.
            people: ids to judge; None means everybody in the graph. Who is asked for and unknown here is found
                excluded as not identified (fail closed).
            judgements: what people decided in this matter; a decision counts while its ties stand as they stood.

        Returns:
            Findings ordered by person, then strongest first (severity, law before local policy, order of the table);
            who has none is clear. A weaker finding is left out where a stronger one rests on the very same ties and
            lasts as long.

        Raises:
            NodeUnknown: PARTY_UNKNOWN when a party is neither a person nor an organisation of the graph.

        Source: A28.4, A30, A12p1. Reading: U11, U17.
        """
        question = self._question(matter, policy, as_of=as_of, known_at=known_at)
        found = Search(question).findings(people)
        self.ties_visited += question.visited
        for person in self._unidentified if people is None else people:
            if person in self._unidentified or person not in self._people:
                unknown = Finding(person, matter.id, None, policy.version, "", None, (), None, as_of)
                found[person] = [unknown, *found.get(person, ())]
        judged = by_finding(judgements)
        decided_about = {person for person, _ in judged}
        ordered: list[Finding] = []
        for person in sorted(found):
            of_person = found[person]
            kept = of_person if len(of_person) == 1 else _without_repeats(of_person)
            ordered += judge(kept, judged, partial(_walks, question)) if person in decided_about else kept
        return tuple(ordered)

    def paths(
        self, matter: Matter, person: str, *, policy: Policy, as_of: date, known_at: datetime | None = None
    ) -> tuple[Finding, ...]:
        """Return every path by which a person is caught, each as a finding of its own.

        `clears_on` is that of the single path. Ordered strongest first, then shortest, then by the ids of the facts.

        Raises:
            NodeUnknown: as for `check`.
        """
        question = self._question(matter, policy, as_of=as_of, known_at=known_at)
        rows = policy.strongest_first
        found = [walk for row in rows for walk in sorted(walks(question, row, person), key=walk_order)]
        self.ties_visited += question.visited
        return tuple(_without_repeats(found))

    def free_from(
        self,
        matter: Matter,
        person: str,
        *,
        policy: Policy,
        as_of: date,
        known_at: datetime | None = None,
        judgements: Collection[Judgement] = (),
    ) -> date | None:
        """Return the first day from `as_of` on without anything that excludes or restricts the person.

        Other ties are looked at too: who leaves one post of a party for another is not free in between.

        Returns:
            The day; `as_of` itself when nothing stands against the person then; None when no end is known.

        Raises:
            NodeUnknown: as for `check`.
        """
        day = as_of
        while True:
            findings = self.check(
                matter, policy=policy, as_of=day, known_at=known_at, people=(person,), judgements=judgements
            )
            ends = [
                finding.clears_on for finding in findings if finding.outcome in {Outcome.EXCLUDED, Outcome.RESTRICTED}
            ]
            if not ends:
                return day
            if any(end is None for end in ends):
                return None
            day = max(end for end in ends if end is not None)

    def reach(self, person: str, *, policy: Policy) -> set[str]:
        """Return every node to which the rows of a policy may lead from a person, whatever the days; the person too.

        Where none of a matter's parties is among them, and not the matter itself, `check` finds nothing against the
        person there: so matters are picked before they are checked. What stands now counts, not what stood.
        """
        return reach(self._layers, person, policy)

    def same_body(self, body: str, *, as_of: date) -> set[str]:
        """Return the organisations that are one with a body on a day, the body too.

        A new name or a merger makes nobody another: one are those with a successor in common, each counting from its
        first day on. The halves of a divided unit are each one with it, and not with one another.
        """
        return same_body(self._layers, body, day=as_of.toordinal())

    def _put(self, tie: Tie) -> None:
        fact = tie.fact
        self._layers[fact.kind].put(tie)
        self._versions.setdefault(fact.id, []).append(tie)
        if fact.retired_at is None:
            self._standing[fact.id] = tie

    def _take(self, tie: Tie) -> None:
        fact = tie.fact
        self._layers[fact.kind].take(tie)
        versions = self._versions[fact.id]
        versions.remove(tie)
        if not versions:
            del self._versions[fact.id]
        if self._standing.get(fact.id) is tie:
            del self._standing[fact.id]

    def _question(self, matter: Matter, policy: Policy, *, as_of: date, known_at: datetime | None) -> Question:
        for party in matter.parties:
            if self.node_type(party.id) is NodeType.MATTER:
                raise NodeUnknown("PARTY_UNKNOWN", matter=matter.id, party=party.id)
        return Question(self._layers, self._people, matter, policy, as_of=as_of, known=_record(known_at))

    def _check_ends(self, fact: Fact) -> None:
        subjects, objects = ENDS[fact.kind]
        ends = (self.node_type(fact.subject), self.node_type(fact.object))
        if ends[0] not in subjects or ends[1] not in objects:
            raise FactRefused(
                "ENDS_MISMATCHED", fact=fact.id, kind=fact.kind.value, subject=ends[0].value, object=ends[1].value
            )


def _walks(question: Question, finding: Finding) -> list[Finding]:
    """Return every path of a finding's row, the shortest first."""
    return [] if finding.row is None else sorted(walks(question, finding.row, finding.person), key=walk_order)


def _record(known_at: datetime | None) -> int:
    return NOW if known_at is None else microseconds(known_at)


def _without_repeats(findings: Iterable[Finding]) -> list[Finding]:
    """Drop a finding where an earlier, stronger one rests on the very same ties and lasts as long."""
    kept: list[Finding] = []
    lasting: dict[tuple[str, ...], date] = {}
    for finding in findings:
        ties = walk_ids(finding.path)
        until = finding.clears_on or date.max
        if finding.row is None:
            kept.append(finding)
        elif ties not in lasting or until > lasting[ties]:
            kept.append(finding)
            lasting[ties] = until
    return kept
