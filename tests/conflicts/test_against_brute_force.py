"""The search against an oracle that tries every simple path of a small graph, and grown graphs against rebuilt ones."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from conflicts import (
    ENDS,
    MUTUAL,
    VERTICAL,
    Confidence,
    ConflictGraph,
    Fact,
    Kind,
    Matter,
    NodeType,
    Organisation,
    Party,
    Person,
    PolicyRow,
    Relation,
    Role,
    Severity,
    Window,
)
from conflicts.policy import NOT_OWN, NOT_THROUGH, Policy

PEOPLE = ("p1", "p2", "p3")
ORGANISATIONS = ("o1", "o2", "o3", "o4")
TYPES = (
    dict.fromkeys(PEOPLE, NodeType.PERSON)
    | dict.fromkeys(ORGANISATIONS, NodeType.ORGANISATION)
    | {"m": NodeType.MATTER}
)
START = date(2026, 1, 1)
INSTANT = datetime(2026, 1, 1, tzinfo=UTC)


@st.composite
def facts(draw: st.DrawFn, number: int, kinds: list[Kind]) -> Fact:
    kind = draw(st.sampled_from(kinds))
    subjects, objects = ENDS[kind]
    subject = draw(st.sampled_from([node for node, type_ in TYPES.items() if type_ in subjects]))
    object_ = draw(st.sampled_from([node for node, type_ in TYPES.items() if type_ in objects and node != subject]))
    ends = sorted((draw(SOON), draw(SOON)))
    return Fact(
        f"f{number:02}",
        subject,
        kind,
        object_,
        from_on=draw(st.sampled_from([None, None, ends[0]])),
        to_on=draw(st.sampled_from([None, None, ends[1]])),
        confidence=draw(st.sampled_from([*[Confidence.SURE] * 5, Confidence.LIKELY, Confidence.HINT])),
        share=draw(st.sampled_from([None, (1, 10), (6, 10)])) if kind is Kind.SHAREHOLDING else None,
        relation=Relation.SPOUSE if kind is Kind.KINSHIP else None,
        known_at=draw(st.sampled_from([None, None, INSTANT, INSTANT + timedelta(days=1)])),
    )


@st.composite
def rows(draw: st.DrawFn, number: int, kinds: list[Kind]) -> PolicyRow:
    through = draw(st.lists(st.sampled_from([k for k in kinds if k not in NOT_THROUGH] or [Kind.SUPERIOR]), max_size=3))
    return PolicyRow(
        f"r{number}",
        f"CODE_{number}",
        draw(st.sampled_from([k for k in kinds if k not in NOT_OWN] or [None])),
        draw(st.sampled_from(list(Severity))),
        depth=draw(st.integers(2, 4)) if through else 1,
        through=tuple(dict.fromkeys(through)),
        window=draw(WINDOWS),
        through_window=draw(WINDOWS),
        roles=draw(st.sampled_from([frozenset(Role), frozenset({Role.UNIT}), frozenset({Role.PARTY, Role.MATTER})])),
        min_share=draw(st.sampled_from([None, None, (1, 2)])),
    )


@st.composite
def counties(draw: st.DrawFn, most: int) -> tuple[list[Fact], Policy, Matter]:
    """A few nodes with many ties of few kinds, so that chains come about."""
    kinds = draw(st.lists(st.sampled_from([k for k in Kind if k is not Kind.STATEMENT]), min_size=2, max_size=4))
    known = [draw(facts(number, kinds)) for number in range(draw(st.integers(2, most)))]
    policy = Policy("v", tuple(draw(rows(number, kinds)) for number in range(draw(st.integers(1, 3)))))
    return known, policy, draw(MATTERS)


SOON = st.integers(0, 90).map(lambda n: START + timedelta(days=n))
WINDOWS = st.sampled_from([Window(0), Window(1), Window(None)])
MATTERS = st.lists(
    st.tuples(st.sampled_from([*PEOPLE, *ORGANISATIONS]), st.sampled_from([Role.UNIT, Role.PARTY])),
    min_size=1,
    max_size=3,
).map(lambda parties: Matter("m", tuple(Party(*party) for party in parties)))


def a_county(known: list[Fact]) -> ConflictGraph:
    return ConflictGraph(map(Person, PEOPLE), map(Organisation, ORGANISATIONS), known)


def counts(fact: Fact, window: Window, row: PolicyRow, as_of: date, known_at: datetime) -> bool:
    last = None if fact.to_on is None or fact.kind is Kind.SUCCESSION else window.last_day(fact.to_on)
    small = fact.share is not None and row.min_share is not None and fact.share[0] / fact.share[1] < 0.5
    return (
        (fact.from_on is None or fact.from_on <= as_of)
        and (last is None or as_of <= last)
        and fact.confidence is not Confidence.HINT
        and (fact.known_at is None or fact.known_at <= known_at)
        and not (small and fact.kind is Kind.SHAREHOLDING)
    )


def lawful(row: PolicyRow, steps: list[tuple[Fact, bool]], as_of: date, known_at: datetime) -> bool:
    """The definition of a row's path, said once more in the plainest way."""
    (own, own_forward), *further = steps
    ordinary = [(fact, forward) for fact, forward in further if fact.kind is not Kind.SUCCESSION]
    up = {forward == (fact.kind is Kind.SUPERIOR) for fact, forward in ordinary if fact.kind in VERTICAL}
    successions = [
        (one[1], other[1])
        for one, other in pairwise(steps)
        if one[0].kind is Kind.SUCCESSION and other[0].kind is Kind.SUCCESSION
    ]
    return (
        own.kind is row.kind
        and (own_forward or own.kind in MUTUAL)
        and len(ordinary) < row.depth
        and all(fact.kind in row.through for fact, _ in ordinary)
        and all(forward or fact.kind in MUTUAL | VERTICAL for fact, forward in ordinary)
        and len(up) <= 1
        and (False, True) not in successions
        and counts(own, row.window, row, as_of, known_at)
        and all(counts(fact, row.through_window, row, as_of, known_at) for fact, _ in further)
    )


def simple_paths(graph: nx.MultiGraph, source: str, targets: set[str]) -> Iterator[list[tuple[Fact, bool]]]:
    for target in targets - {source}:
        for edges in nx.all_simple_edge_paths(graph, source, target):
            yield [(graph.edges[edge]["fact"], graph.edges[edge]["fact"].subject == edge[0]) for edge in edges]


def expected(
    known: list[Fact], matter: Matter, policy: Policy, as_of: date, known_at: datetime
) -> dict[tuple[str, str], tuple[int, date | None]]:
    """(person, row) -> (ties of the shortest path, last day of the row's longest lasting path)."""
    graph = nx.MultiGraph()
    graph.add_nodes_from(TYPES)
    for fact in known:
        graph.add_edge(fact.subject, fact.object, key=fact.id, fact=fact)
    found = {}
    for row in policy.rows:
        starts = {party.id for party in matter.parties if party.role in row.roles}
        starts |= {"m"} if Role.MATTER in row.roles else set()
        for person in PEOPLE:
            if row.kind is None:
                if person in starts:
                    found[person, row.id] = (0, None)
                continue
            lasting, lengths = [], []
            for steps in simple_paths(graph, person, starts):
                if lawful(row, steps, as_of, known_at):
                    lengths.append(sum(fact.kind is not Kind.SUCCESSION for fact, _ in steps))
                    windows = [row.window, *[row.through_window] * (len(steps) - 1)]
                    lasting.append(
                        min(
                            window.last_day(fact.to_on) or date.max
                            for (fact, _), window in zip(steps, windows, strict=True)
                            if fact.to_on is not None and fact.kind is not Kind.SUCCESSION
                        )
                        if any(fact.to_on and fact.kind is not Kind.SUCCESSION for fact, _ in steps)
                        else date.max
                    )
            if lengths:
                last = max(lasting)
                found[person, row.id] = (min(lengths), None if last == date.max else last + timedelta(days=1))
    return found


@settings(max_examples=300, deadline=None)
@given(county=counties(12), day=st.integers(0, 120), instant=st.integers(0, 1))
def test_the_search_finds_exactly_what_trying_every_path_finds(county, day, instant) -> None:
    known, policy, matter = county
    as_of, known_at = START + timedelta(days=day), INSTANT + timedelta(days=instant)
    graph = a_county(known)
    single = [Policy("v", (row,)) for row in policy.rows]  # one row at a time: a stronger row hides no other

    findings = [f for one in single for f in graph.check(matter, policy=one, as_of=as_of, known_at=known_at)]
    among = [
        f
        for one in single
        for f in graph.check(matter, policy=one, as_of=as_of, known_at=known_at, people=("p3", "p1", "p2"))
    ]

    answer = {
        (f.person, f.row_id): (sum(s.fact.kind is not Kind.SUCCESSION for s in f.path), f.clears_on) for f in findings
    }
    assert answer == expected(known, matter, policy, as_of, known_at)
    assert among == findings


@settings(max_examples=100, deadline=None)
@given(county=counties(12), day=st.integers(0, 120))
def test_every_path_of_a_finding_is_a_chain_from_the_person_to_its_party(county, day) -> None:
    known, policy, matter = county
    graph = a_county(known)
    as_of = START + timedelta(days=day)

    for finding in graph.check(matter, policy=policy, as_of=as_of):
        nodes = [finding.person, *(step.end for step in finding.path)]

        assert [step.start for step in finding.path] == nodes[:-1]
        assert nodes[-1] == finding.party
        assert len(set(nodes)) == len(nodes)
        all_paths = graph.paths(matter, finding.person, policy=policy, as_of=as_of)
        assert min(len(path.path) for path in all_paths) <= len(finding.path)


@settings(max_examples=100, deadline=None)
@given(county=counties(12), other=counties(12), data=st.data())
def test_a_graph_that_grew_equals_one_rebuilt_from_scratch(county, other, data) -> None:
    """Facts come in any order, are replaced and withdrawn; at every record instant both give one answer."""
    (known, policy, matter), (later, _, _) = county, other
    grown = a_county(data.draw(st.permutations(known)))
    history = {fact.id: [fact] for fact in known}
    at = INSTANT + timedelta(days=10)
    for fact in later:
        at += timedelta(days=1)
        versions = history.get(fact.id)
        if versions is None:
            history[fact.id] = [replace(fact, known_at=at)]
            grown.add(history[fact.id][0])
        elif data.draw(st.booleans()):
            grown.replace(replace(fact, known_at=at))
            versions[-1] = replace(versions[-1], retired_at=at)
            versions.append(replace(fact, known_at=at))
        else:
            grown.withdraw(fact.id, at=at)
            versions[-1] = replace(versions[-1], retired_at=at)
    rebuilt = a_county([version for versions in history.values() for version in versions])

    for known_at in (None, INSTANT, INSTANT + timedelta(days=12), at):
        asked = {"policy": policy, "as_of": START + timedelta(days=45), "known_at": known_at}
        assert grown.check(matter, **asked) == rebuilt.check(matter, **asked)
