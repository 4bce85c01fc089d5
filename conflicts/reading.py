"""Reading `conflict-facts/1`: every fault at once, each with its place as a JSON Pointer."""

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

from conflicts.fact import ENDS, Confidence, Fact, Kind, NodeType, Origin, Relation, Stance
from conflicts.fault import FactRefused, Fault, InputRefused
from conflicts.graph import ConflictGraph
from conflicts.node import Alias, Matter, Organisation, Party, Person, Role, Upper, standing_facts
from conflicts.place import (
    MAX_ID,
    Place,
    load_json,
    read_day,
    read_id,
    read_instant,
    read_share,
    read_text,
    read_truth,
    read_word,
)
from conflicts.policy import Policy, parse_policy

FORMAT: Final = "conflict-facts/1"


@dataclass(frozen=True, slots=True)
class ConflictFacts:
    """The content of a `conflict-facts/1` file.

    Attributes:
        people: in file order.
        organisations: in file order.
        facts: in file order; parents and successors of the organisations are among them, first.
        policy: the rows to apply.
        matters: in file order.
        as_of: the day to judge.
        known_at: the record instant, or None for all that the file says.
    """

    people: tuple[Person, ...]
    organisations: tuple[Organisation, ...]
    facts: tuple[Fact, ...]
    policy: Policy
    matters: tuple[Matter, ...]
    as_of: date
    known_at: datetime | None = None

    def graph(self) -> ConflictGraph:
        """Return a graph that holds the people, organisations and facts."""
        return ConflictGraph(self.people, self.organisations, self.facts)

    def names(self) -> dict[str, str]:
        """Return id -> name of the people and organisations that have one."""
        names = {person.id: person.name for person in self.people}
        names |= {organisation.id: organisation.name for organisation in self.organisations}
        return {id_: name for id_, name in names.items() if name}


def parse_facts(text: str | bytes) -> ConflictFacts:
    """Read a `conflict-facts/1` file.

    Args:
        text: JSON, UTF-8.

    Raises:
        InputRefused: with every fault found: not JSON, unknown or repeated keys, missing ones, wrong types, words
            outside their lists, days that do not exist, repeated or unknown ids, facts that cannot be.
    """
    faults: list[Fault] = []
    top = Place(load_json(text), "", faults)
    facts = _read(top)
    if faults or facts is None:
        raise InputRefused(faults)
    return facts


def read_person(node: Place) -> Person | None:
    """Read a person; None where it has a fault, which is noted."""
    if not node.is_object():
        return None
    id_, identified = node.get("id", read_id, required=True), node.get("identified", read_truth)
    name = node.get("name", read_text)
    node.close()
    return None if id_ is None else Person(id_, identified is not False, name or "")


def _alias(node: Place) -> Alias | None:
    if not node.is_object():
        return None
    name, until_on = node.get("name", read_text, required=True), node.get("until_on", read_day)
    node.close()
    return None if name is None else Alias(name, until_on)


def _upper(node: Place) -> Upper | None:
    if not node.is_object():
        return None
    id_ = node.get("id", read_id, required=True)
    from_on, to_on = node.get("from_on", read_day), node.get("to_on", read_day)
    node.close()
    return None if id_ is None else Upper(id_, from_on, to_on)


def read_organisation(node: Place) -> Organisation | None:
    """Read an organisation; None where it has a fault, which is noted."""
    if not node.is_object():
        return None
    id_ = node.get("id", read_id, required=True)
    name, credit_code = node.get("name", read_text), node.get("credit_code", read_text)
    aliases = node.many("aliases", _alias)
    parents, successors = node.many("parents", _upper), node.many("successors", _upper)
    node.close()
    return None if id_ is None else Organisation(id_, name or "", credit_code or "", aliases, parents, successors)


def read_fact(node: Place) -> tuple[str, Fact] | None:
    """Return the fact with its place, for the faults that only the whole file shows."""
    if not node.is_object():
        return None
    before = len(node.faults)
    id_, subject, object_ = (node.get(key, read_id, required=True) for key in ("id", "subject", "object"))
    kind = node.get("kind", read_word(Kind), required=True)
    origin, confidence = node.get("origin", read_word(Origin)), node.get("confidence", read_word(Confidence))
    from_on, to_on = node.get("from_on", read_day), node.get("to_on", read_day)
    source, evidence = node.get("source", read_text), node.get("evidence", read_text)
    share, relation = node.get("share", read_share), node.get("relation", read_word(Relation))
    stance = node.get("stance", read_word(Stance))
    known_at, retired_at = node.get("known_at", read_instant), node.get("retired_at", read_instant)
    node.close()
    if id_ is None or subject is None or object_ is None or kind is None or len(node.faults) > before:
        return None
    try:
        fact = Fact(
            id_,
            subject,
            kind,
            object_,
            from_on=from_on,
            to_on=to_on,
            origin=origin or Origin.DECLARED,
            source=source or "",
            confidence=confidence or Confidence.SURE,
            evidence=evidence or "",
            share=share,
            relation=relation,
            stance=stance,
            known_at=known_at,
            retired_at=retired_at,
        )
    except FactRefused as refused:
        node.fault(refused.code, **refused.facts)
        return None
    return node.at, fact


def _party(node: Place) -> Party | None:
    if not node.is_object():
        return None
    id_, role = node.get("id", read_id, required=True), node.get("role", read_word(Role))
    if role is Role.MATTER:
        node.fault("WORD_UNKNOWN", "/role", word=role.value, allowed=[Role.UNIT.value, Role.PARTY.value])
    node.close()
    return None if id_ is None else Party(id_, role or Role.PARTY)


def read_matter(node: Place) -> Matter | None:
    """Read a matter with its parties; None where it has a fault, which is noted."""
    if not node.is_object():
        return None
    id_, parties = node.get("id", read_id, required=True), node.many("parties", _party)
    node.close()
    return None if id_ is None else Matter(id_, parties)


def _policy(node: Place) -> Policy | None:
    if not node.is_object():
        return None
    version = node.get("version", read_id, required=True)
    node.used.add("rows")
    rows = node.value.get("rows")
    node.close()
    if not isinstance(rows, list):
        node.fault("NOT_A_LIST", "/rows")
        return None
    for place, row in enumerate(rows):
        Place(row, f"{node.at}/rows/{place}", node.faults).note_repeated_keys()
    try:
        return parse_policy(version or "", rows, at=f"{node.at}/rows")
    except InputRefused as refused:
        node.faults.extend(refused.faults)
        return None


def _format(node: Place) -> str | None:
    if node.value != FORMAT:
        node.fault("FORMAT_UNKNOWN", format=str(node.value)[:MAX_ID], allowed=[FORMAT])
    return FORMAT


def _read(top: Place) -> ConflictFacts | None:
    if not top.is_object():
        return None
    top.get("format", _format, required=True)
    as_of, known_at = top.get("as_of", read_day, required=True), top.get("known_at", read_instant)
    people, organisations = top.many("people", read_person), top.many("organisations", read_organisation)
    facts, matters = top.many("facts", read_fact), top.many("matters", read_matter)
    policy = top.get("policy", _policy, required=True)
    top.close()
    if top.faults or as_of is None or policy is None:
        return None
    standing = _check_ids(top, people, organisations, matters, facts)
    if top.faults:
        return None
    return ConflictFacts(
        people, organisations, (*standing, *(fact for _, fact in facts)), policy, matters, as_of, known_at
    )


def _check_ids(
    top: Place,
    people: tuple[Person, ...],
    organisations: tuple[Organisation, ...],
    matters: tuple[Matter, ...],
    facts: tuple[tuple[str, Fact], ...],
) -> tuple[Fact, ...]:
    """Note what only the whole file shows; return the facts that stand in the organisations."""
    types: dict[str, NodeType] = {}
    for key, ids, type_ in (
        ("people", [person.id for person in people], NodeType.PERSON),
        ("organisations", [organisation.id for organisation in organisations], NodeType.ORGANISATION),
        ("matters", [matter.id for matter in matters], NodeType.MATTER),
    ):
        for place, id_ in enumerate(ids):
            if id_ in types:
                top.fault("ID_REPEATED", f"/{key}/{place}/id", id=id_)
            types.setdefault(id_, type_)
    standing: list[Fact] = []
    for place, organisation in enumerate(organisations):
        for key, uppers in (("parents", organisation.parents), ("successors", organisation.successors)):
            for position, upper in enumerate(uppers):
                if types.get(upper.id) is not NodeType.ORGANISATION:
                    top.fault("ID_UNKNOWN", f"/organisations/{place}/{key}/{position}/id", id=upper.id)
        try:
            standing += standing_facts(organisation)
        except FactRefused as refused:
            top.fault(refused.code, f"/organisations/{place}", **refused.facts)
    for place, matter in enumerate(matters):
        for position, party in enumerate(matter.parties):
            if types.get(party.id) not in {NodeType.PERSON, NodeType.ORGANISATION}:
                top.fault("ID_UNKNOWN", f"/matters/{place}/parties/{position}/id", id=party.id)
    _check_facts(top, types, standing, facts)
    return tuple(standing)


def _check_facts(
    top: Place, types: dict[str, NodeType], standing: list[Fact], facts: tuple[tuple[str, Fact], ...]
) -> None:
    """Note facts with unknown or unfitting ends, and ids of which two versions stand at one instant."""
    versions: dict[str, list[Fact]] = {fact.id: [fact] for fact in standing}
    for at, fact in facts:
        for key, node, lawful in zip(("subject", "object"), (fact.subject, fact.object), ENDS[fact.kind], strict=True):
            if node not in types:
                top.faults.append(Fault(f"{at}/{key}", "ID_UNKNOWN", {"id": node}))
            elif types[node] not in lawful:
                allowed = sorted(type_.value for type_ in lawful)
                top.faults.append(
                    Fault(f"{at}/{key}", "ENDS_MISMATCHED", {"kind": fact.kind.value, "allowed": allowed})
                )
        for other in versions.setdefault(fact.id, []):
            if _overlap(fact, other):
                top.faults.append(Fault(f"{at}/id", "ID_REPEATED", {"id": fact.id}))
                break
        versions[fact.id].append(fact)


def _overlap(one: Fact, other: Fact) -> bool:
    """Return whether there is an instant at which both versions stand."""
    first, second = sorted((one, other), key=lambda fact: fact.known_at or datetime.min.replace(tzinfo=UTC))
    return first.retired_at is None or second.known_at is None or first.retired_at > second.known_at
