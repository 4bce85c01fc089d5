"""Valid values by default; a test states only what matters to it."""

from datetime import date
from typing import Any

from conflicts import (
    ConflictGraph,
    Fact,
    Finding,
    Kind,
    Matter,
    Organisation,
    Party,
    Person,
    Policy,
    Relation,
    Role,
    Stance,
    parse_policy,
)

TODAY = date(2026, 11, 23)
MATTER = Matter("m", (Party("unit", Role.UNIT), Party("firm")))
PEOPLE = tuple(Person(name) for name in ("ann", "bob", "cai"))
ORGANISATIONS = tuple(
    Organisation(name) for name in ("unit", "firm", "school", "mother", "grandmother", "great", "daughter", "old")
)


def a_fact(subject: str, kind: str, object_: str, **kw: Any) -> Fact:
    kind_ = Kind(kind)
    if kind_ is Kind.KINSHIP:
        kw.setdefault("relation", Relation.SPOUSE)
    if kind_ is Kind.STATEMENT:
        kw.setdefault("stance", Stance.AGAINST)
    kw.setdefault("id", f"{subject} {kind} {object_}")
    return Fact(subject=subject, kind=kind_, object=object_, **kw)


def a_row(**kw: Any) -> dict[str, Any]:
    row = {"id": "row", "code": "SOME_TIE", "kind": "employment", "severity": "block", **kw}
    row.setdefault("depth", 2 if "through" in row else 0 if row["kind"] == "self" else 1)
    return row


def a_policy(*rows: dict[str, Any]) -> Policy:
    return parse_policy("policy-1", rows or [a_row()])


def a_graph(*facts: Fact) -> ConflictGraph:
    return ConflictGraph(PEOPLE, ORGANISATIONS, facts)


def found(graph: ConflictGraph, policy: Policy, *, as_of: date = TODAY, **kw: Any) -> list[tuple[str, str, str]]:
    return [(f.person, f.row_id, f.outcome.value) for f in graph.check(MATTER, policy=policy, as_of=as_of, **kw)]


def ties(finding: Finding) -> list[str]:
    return [step.fact.id for step in finding.path]
