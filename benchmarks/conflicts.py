"""Conflict checks on a resident graph, against graph libraries' own searches, and against rebuilding each time.

The peers, networkx and rustworkx (the latter where `make bench-peers` has installed it), answer an easier question on
the same ties: who is within as many ties of a party as the policy follows, whatever their kind, days and direction.
Ours says for each person which rule catches them, by which path, since when and until when.

A seeded county: experts with employers past and present, posts, holdings, kin, teachers and contracts; organisations in
chains of superiors and groups of owners. Matters have one unit and up to four parties, drawn evenly.
"""

import gc
import importlib
import random
import statistics
import time
from datetime import date, timedelta
from typing import Any

import networkx as nx

from benchmarks.figure import Figure
from conflicts import (
    ConflictGraph,
    Fact,
    Kind,
    Matter,
    Organisation,
    Party,
    Person,
    Policy,
    Relation,
    Role,
    parse_policy,
)

AS_OF = date(2026, 11, 23)
ROWS = (
    {"id": "employer", "code": "DIRECT_INTEREST", "kind": "employment", "severity": "block", "basis": "A30"},
    {"id": "director", "code": "DIRECT_INTEREST", "kind": "directorship", "severity": "block", "basis": "A30"},
    {"id": "holder", "code": "DIRECT_INTEREST", "kind": "shareholding", "severity": "block", "basis": "A30"},
    {"id": "former", "code": "FORMER_EMPLOYER", "kind": "employment", "severity": "block", "window": 36},
    {"id": "side", "code": "SIDE_POST", "kind": "side_post", "severity": "block", "window": 36},
    {"id": "paid", "code": "PAID_WORK", "kind": "contract", "severity": "waiver", "window": 36},
    {
        "id": "superior", "code": "SUPERIOR_UNIT", "kind": "employment", "severity": "waiver",
        "depth": 3, "through": ["superior"], "roles": ["unit"],
    },
    {
        "id": "group", "code": "EMPLOYER_GROUP", "kind": "employment", "severity": "waiver",
        "depth": 3, "through": ["control", "shareholding"], "min_share": [1, 2],
    },
    {
        "id": "kin", "code": "KIN_INTEREST", "kind": "kinship", "severity": "block",
        "depth": 2, "through": ["directorship", "control", "shareholding"],
    },
    {
        "id": "kin-works", "code": "KIN_EMPLOYED", "kind": "kinship", "severity": "waiver",
        "depth": 2, "through": ["employment", "side_post"],
    },
    {"id": "teacher", "code": "TEACHER_STUDENT", "kind": "teacher_student", "severity": "waiver", "window": "forever"},
)  # fmt: skip
"""The rows of a county's policy that lead furthest."""

DEPTH = 3
"""How many ties the rows follow at most."""

County = tuple[list[Person], list[Organisation], list[Fact]]


def a_county(experts: int, ties: int, *, seed: int = 20261123) -> County:
    """Return a county with one organisation for 25 experts and exactly `ties` ties."""
    dice = random.Random(seed)
    people = [Person(f"p{number:06}") for number in range(experts)]
    organisations = [Organisation(f"o{number:05}") for number in range(max(8, experts // 25))]
    facts: list[Fact] = []

    def tie(kind: Kind, subject: str, object_: str, **more: object) -> None:
        if subject == object_:
            return
        start = AS_OF - timedelta(days=dice.randrange(400, 9000))
        ended = dice.random() < 0.4 and kind is not Kind.KINSHIP
        end = start + timedelta(days=dice.randrange(300, 9000)) if ended else None
        facts.append(Fact(f"f{len(facts):07}", subject, kind, object_, start, end, **more))  # type: ignore[arg-type]

    def somebody() -> str:
        return dice.choice(people).id

    def somewhere() -> str:
        return dice.choice(organisations).id

    for number, organisation in enumerate(organisations[1:], start=1):
        tie(Kind.SUPERIOR, organisation.id, organisations[number // 8].id)
        if dice.random() < 0.3:
            tie(Kind.SHAREHOLDING, somewhere(), organisation.id, share=(dice.randrange(1, 101), 100))
    for person in people:
        tie(Kind.EMPLOYMENT, person.id, somewhere())
    kinds = (Kind.EMPLOYMENT, Kind.SIDE_POST, Kind.DIRECTORSHIP, Kind.SHAREHOLDING, Kind.CONTRACT)
    between = (Kind.KINSHIP, Kind.TEACHER_STUDENT, Kind.CO_PROJECT)
    while len(facts) < ties:
        if dice.random() < 0.6:
            kind = dice.choice(kinds)
            share = {"share": (dice.randrange(1, 101), 100)} if kind is Kind.SHAREHOLDING else {}
            tie(kind, somebody(), somewhere(), **share)
        else:
            kind = dice.choice(between)
            relation = {"relation": Relation.SPOUSE} if kind is Kind.KINSHIP else {}
            tie(kind, somebody(), somebody(), **relation)
    return people, organisations, facts[:ties]


def matters(organisations: list[Organisation], number: int, *, seed: int = 7) -> list[Matter]:
    """Return matters with one unit and none to four parties, drawn evenly."""
    dice = random.Random(seed)
    return [
        Matter(
            f"m{place}",
            (
                Party(dice.choice(organisations).id, Role.UNIT),
                *(Party(dice.choice(organisations).id) for _ in range(dice.randrange(5))),
            ),
        )
        for place in range(number)
    ]


def measure(graph: ConflictGraph, asked: list[Matter], policy: Policy) -> tuple[list[float], int, int]:
    """Return the seconds of each check, sorted, the ties visited and the findings of all."""
    seconds, findings, before = [], 0, graph.ties_visited
    for matter in asked:
        start = time.perf_counter()
        found = graph.check(matter, policy=policy, as_of=AS_OF)
        seconds.append(time.perf_counter() - start)
        findings += len(found)
    return sorted(seconds), graph.ties_visited - before, findings


def near_by_networkx(facts: list[Fact], asked: list[Matter]) -> list[float]:
    """Return the seconds networkx takes for its own shortest paths, cut off at the policy's depth, sorted."""
    graph = nx.Graph((fact.subject, fact.object) for fact in facts)
    seconds = []
    for matter in asked:
        start = time.perf_counter()
        near: set[str] = set()
        for party in matter.parties:
            if party.id in graph:
                near.update(nx.single_source_shortest_path(graph, party.id, cutoff=DEPTH))
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)


def near_by_rustworkx(facts: list[Fact], asked: list[Matter]) -> list[float] | None:
    """Return the seconds rustworkx takes to widen by its neighbours, layer by layer, sorted; None without it."""
    try:
        rustworkx: Any = importlib.import_module("rustworkx")
    except ModuleNotFoundError:
        return None
    graph = rustworkx.PyGraph(multigraph=False)
    place: dict[str, int] = {}
    for fact in facts:
        for end in (fact.subject, fact.object):
            if end not in place:
                place[end] = graph.add_node(end)
    graph.add_edges_from_no_data([(place[fact.subject], place[fact.object]) for fact in facts])
    seconds = []
    for matter in asked:
        start = time.perf_counter()
        near = {place[party.id] for party in matter.parties if party.id in place}
        rim = near
        for _ in range(DEPTH):
            rim = {other for node in rim for other in graph.neighbors(node)} - near
            near |= rim
        seconds.append(time.perf_counter() - start)
    return sorted(seconds)


def run(short: bool = False) -> list[Figure]:
    """Print the figures: 100,000 experts and 250,000 ties, growing to a million ties; `short` runs a small county."""
    figures: list[Figure] = []
    policy = parse_policy("bench", ROWS)
    sizes = [(1_000, 2_500)] if short else [(20_000, 50_000), (100_000, 250_000), (400_000, 1_000_000)]
    print("conflict check per matter, resident graph against rebuilding it")
    for experts, ties in sizes:
        people, organisations, facts = a_county(experts, ties)
        gc.collect()
        start = time.perf_counter()
        graph = ConflictGraph(people, organisations, facts)
        rebuilding = time.perf_counter() - start
        gc.collect()
        gc.freeze()  # the resident graph is not garbage: looking through it is no part of a check
        measure(graph, matters(organisations, 50, seed=11), policy)  # a service that stands has run before
        asked = matters(organisations, 200)
        seconds, visited, findings = measure(graph, asked, policy)
        gc.unfreeze()
        p50 = statistics.median(seconds)
        p99 = seconds[int(len(seconds) * 0.99)]
        print(
            f"  {experts:>7,} experts {ties:>9,} ties: p50 {p50 * 1e3:.3f} ms, p99 {p99 * 1e3:.3f} ms, "
            f"{sum(seconds) / visited * 1e6:.2f} us a tie visited ({visited / len(seconds):.0f} ties, "
            f"{findings / len(seconds):.0f} findings a matter); rebuilding {rebuilding:.2f} s, "
            f"{rebuilding / p50:,.0f} times a check"
        )
        del graph
        case = f"check of a matter, {experts:,} experts, {ties:,} ties, median of 200"
        target = "1 ms or less" if ties == 250_000 else ""
        figures.append(Figure(case, p50, "rebuilding the graph", rebuilding, target))
        for peer, near in (("networkx", near_by_networkx), ("rustworkx", near_by_rustworkx)):
            found = near(facts, asked)
            if found is None:
                print(f"    {peer} is not installed (make bench-peers)")
                continue
            theirs = statistics.median(found)
            print(f"    {peer}: who is within {DEPTH} ties, p50 {theirs * 1e3:.3f} ms, {theirs / p50:.1f} times ours")
            figures.append(Figure(case, p50, peer, theirs))
    return figures
