"""Facts as stored, in versions; what a matter is to the conflict check; who a typed name may mean."""

import asyncio
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from difflib import SequenceMatcher
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, insert, or_, select, union_all, update
from sqlalchemy.orm import aliased

from conflicts import Confidence, Fact, Kind, Matter, NodeType, Origin, Party, Relation, Role, Stance
from service import ledger
from service.access import Viewer
from service.problems import NotFound
from service.storage.entered_twice import one_of_its_kind
from service.storage.matter_rows import FORMER_UNIT, event_of
from service.storage.matters import visible_to
from service.storage.roster import in_chunks
from service.storage.rows.facts import FactRow
from service.storage.rows.library import EmploymentRow, ExpertRow, OrganisationNameRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterPartyRow, MatterRow
from service.storage.session import Session
from workflow import fold

PARTS: Final = {"drafter": Kind.DRAFTING, "assessor": Kind.ASSESSMENT}
"""Roles of those named with a matter who are no parties to it but had a part in it."""
_PER_QUERY: Final = 500
_MEANT_AT_MOST: Final = 20
_ALIKE: Final = 0.6


@dataclass(frozen=True, slots=True)
class StoredFact:
    """The standing version of a fact.

    Attributes:
        fact: the value.
        version: how many versions there have been, this one included.
    """

    fact: Fact
    version: int


@dataclass(frozen=True, slots=True)
class Node:
    """A person, an organisation or a matter, to be shown and chosen.

    Attributes:
        id: of the person, organisation or matter.
        type: which of the three.
        name: as shown; a matter's title.
        detail: what tells namesakes apart: employer of a person, credit code of an organisation, number of a matter.
        expert_id: of a person who is an expert.
    """

    id: UUID
    type: NodeType
    name: str
    detail: str = ""
    expert_id: UUID | None = None


def fact_of(row: FactRow) -> Fact:
    """Return a stored version of a fact as the value the graph holds."""
    return Fact(
        id=str(row.fact_id),
        subject=str(row.subject_id),
        kind=Kind(row.kind),
        object=str(row.object_id),
        from_on=row.from_on,
        to_on=row.to_on,
        origin=Origin(row.origin),
        source=row.source,
        confidence=Confidence(row.confidence),
        evidence=row.evidence,
        share=None if row.share_part is None or row.share_of is None else (row.share_part, row.share_of),
        relation=Relation(row.relation) if row.relation else None,
        stance=Stance(row.stance) if row.stance else None,
        known_at=row.known_at,
        retired_at=row.retired_at,
    )


async def matter_of(session: Session, matter_id: UUID, *, known_at: datetime | None = None) -> Matter:
    """Return a matter with its undertaking unit and its parties, as the conflict check sees it.

    Who drafted or assessed it is no party: that part is a tie of theirs (see `service.storage.ties`).

    Args:
        session: a reading session or the unit of work.
        matter_id: the matter.
        known_at: with the parties that were known at this instant; None means those of now.

    Raises:
        NotFound: when there is no such matter.
    """
    if known_at is not None:
        return await _matter_at(session, matter_id, known_at)
    found = (await matters_of(session, [matter_id])).get(matter_id)
    if found is None:
        raise NotFound(subject="matter")
    return found


async def matters_of(session: Session, ids: Collection[UUID]) -> dict[UUID, Matter]:
    """Return id -> matter as `matter_of` does, of those there are among some ids, in two queries for five hundred."""
    one_person = await merged_people(session)
    found: dict[UUID, Matter] = {}
    for chunk in in_chunks(ids, _PER_QUERY):
        rows = await session.execute(select(MatterRow.id, MatterRow.unit_id).where(MatterRow.id.in_(chunk)))
        units: dict[UUID, set[str]] = {matter_id: {str(unit_id)} for matter_id, unit_id in rows}
        others: dict[UUID, set[str]] = defaultdict(set)
        for matter_id, organisation_id, person_id, role in await session.execute(
            select(
                MatterPartyRow.matter_id, MatterPartyRow.organisation_id, MatterPartyRow.person_id, MatterPartyRow.role
            ).where(MatterPartyRow.matter_id.in_(chunk), MatterPartyRow.role.not_in(PARTS))
        ):
            held = units if role == FORMER_UNIT else others
            held[matter_id].add(str(organisation_id or one_person.get(person_id, person_id)))
        found |= {matter_id: _matter(matter_id, held, others[matter_id]) for matter_id, held in units.items()}
    return found


async def _matter_at(session: Session, matter_id: UUID, known_at: datetime) -> Matter:
    """Return a matter as its stream had it at an instant; before it was opened, with the unit alone."""
    events = [event_of(entry) for entry in await ledger.stream(session, f"matter:{matter_id}")]
    if not events:
        raise NotFound(subject="matter")
    state = fold([event for event in events if event.at <= known_at] or events[:1])
    one_person = {str(gone): str(kept) for gone, kept in (await merged_people(session)).items()}
    parties = {
        party.organisation_id or one_person.get(party.person_id or "", party.person_id or "")
        for party in state.parties
        if party.role not in PARTS
    }
    return _matter(matter_id, {state.unit_id, *state.former_units}, parties)


def _matter(matter_id: UUID, units: set[str], others: set[str]) -> Matter:
    """Return a matter with the unit that has it and those that had it before, and whoever else is party to it."""
    return Matter(
        str(matter_id),
        (*(Party(unit, Role.UNIT) for unit in sorted(units)), *(Party(other) for other in sorted(others - units))),
    )


async def merged_people(session: Session) -> dict[UUID, UUID]:
    """Return the persons whose record went into another one: person -> the person of the record that stayed.

    What a matter says about the first holds for the second.
    """
    stayed = aliased(ExpertRow)
    rows = await session.execute(
        select(ExpertRow.person_id, stayed.person_id).join(stayed, stayed.id == ExpertRow.merged_into)
    )
    return dict(rows.tuples().all())


async def add_facts(
    session: Session, facts: Sequence[tuple[UUID, Fact, NodeType, NodeType]], *, import_id: UUID | None = None
) -> None:
    """Insert versions of facts: (row id, fact, type of its subject, type of its object); `import_id` of a file's."""
    rows = [
        {
            "id": row_id,
            "fact_id": UUID(fact.id),
            "kind": fact.kind.value,
            "subject_kind": subject_type.value,
            "subject_id": UUID(fact.subject),
            "object_kind": object_type.value,
            "object_id": UUID(fact.object),
            "from_on": fact.from_on,
            "to_on": fact.to_on,
            "origin": fact.origin.value,
            "source": fact.source,
            "confidence": fact.confidence.value,
            "evidence": fact.evidence,
            "share_part": None if fact.share is None else fact.share[0],
            "share_of": None if fact.share is None else fact.share[1],
            "relation": "" if fact.relation is None else fact.relation.value,
            "stance": "" if fact.stance is None else fact.stance.value,
            "import_id": import_id,
            "known_at": fact.known_at,
        }
        for row_id, fact, subject_type, object_type in facts
    ]
    for chunk in in_chunks(rows, _PER_QUERY):
        await session.execute(insert(FactRow), chunk)


async def retire_fact(
    session: Session, fact_id: UUID, *, at: datetime, why: str, reason: str = "", salt: bytes | None = None
) -> None:
    """Close the standing version of a fact; `why` is `ended` or `withdrawn`."""
    await session.execute(
        update(FactRow)
        .where(FactRow.fact_id == fact_id, FactRow.retired_at.is_(None))
        .values(retired_at=at, retired_why=why, reason=reason, reason_salt=salt)
    )


async def standing_fact(session: Session, fact_id: UUID) -> StoredFact:
    """Return the standing version of a fact.

    Raises:
        NotFound: when there is none: never stated, or withdrawn.
    """
    row = await session.scalar(select(FactRow).where(FactRow.fact_id == fact_id, FactRow.retired_at.is_(None)))
    if row is None:
        raise NotFound(subject="fact")
    versions = await session.scalar(select(func.count()).where(FactRow.fact_id == fact_id))
    return StoredFact(fact_of(row), versions or 1)


@dataclass(frozen=True, slots=True)
class FactVersion:
    """One version of a fact, and why it counts no more: `ended`, `withdrawn` with a reason, empty while it stands."""

    fact: Fact
    why: str
    reason: str


async def versions_of(session: Session, fact_id: UUID) -> tuple[FactVersion, ...]:
    """Return every version of a fact, the newest first; withdrawn ones too.

    Raises:
        NotFound: when it was never stated.
    """
    rows = await session.scalars(select(FactRow).where(FactRow.fact_id == fact_id).order_by(FactRow.known_at.desc()))
    versions = tuple(FactVersion(fact_of(row), row.retired_why, row.reason) for row in rows)
    if not versions:
        raise NotFound(subject="fact")
    return versions


async def ends_of(session: Session, fact_id: UUID) -> tuple[NodeType, NodeType]:
    """Return the types of a fact's subject and object."""
    row = (
        await session.execute(select(FactRow.subject_kind, FactRow.object_kind).where(FactRow.fact_id == fact_id))
    ).first()
    if row is None:
        raise NotFound(subject="fact")
    return NodeType(row[0]), NodeType(row[1])


async def facts_of(session: Session, node_id: UUID) -> tuple[StoredFact, ...]:
    """Return the standing facts about a node, whatever their days, ordered by kind, start and id."""
    versions = select(FactRow.fact_id, func.count().label("versions")).group_by(FactRow.fact_id).subquery()
    rows = await session.execute(
        select(FactRow, versions.c.versions)
        .join(versions, versions.c.fact_id == FactRow.fact_id)
        .where(or_(FactRow.subject_id == node_id, FactRow.object_id == node_id), FactRow.retired_at.is_(None))
    )
    found = [StoredFact(fact_of(row), count) for row, count in rows]
    return tuple(sorted(found, key=lambda one: (one.fact.kind, one.fact.from_on or date.min, one.fact.id)))


async def same_standing(session: Session, facts: Iterable[Fact]) -> set[tuple[str, Kind, str]]:
    """Return (subject, kind, object) of the facts for which one with the same ends and kind stands on common days."""
    taken: set[tuple[str, Kind, str]] = set()
    for chunk in in_chunks(facts, _PER_QUERY):
        rows = await session.scalars(
            select(FactRow).where(
                FactRow.retired_at.is_(None),
                FactRow.subject_id.in_({UUID(end) for fact in chunk for end in _ends(fact)}),
            )
        )
        standing: dict[tuple[frozenset[str], Kind], list[Fact]] = {}
        for row in rows:
            known = fact_of(row)
            standing.setdefault((frozenset(_ends(known)), known.kind), []).append(known)
        for fact in chunk:
            if any(_overlap(fact, known) for known in standing.get((frozenset(_ends(fact)), fact.kind), ())):
                taken.add((fact.subject, fact.kind, fact.object))
    return taken


def _ends(fact: Fact) -> tuple[str, str]:
    return fact.subject, fact.object


def _overlap(one: Fact, other: Fact) -> bool:
    return (one.from_on or date.min) <= (other.to_on or date.max) and (other.from_on or date.min) <= (
        one.to_on or date.max
    )


async def nodes(session: Session, ids: Collection[UUID]) -> dict[UUID, Node]:
    """Return id -> node of the persons, organisations and matters there are among some ids."""
    found: dict[UUID, Node] = {}
    for chunk in in_chunks(ids, _PER_QUERY):
        for node in (
            *await _people(session, PersonRow.id.in_(chunk)),
            *await _organisations(session, OrganisationRow.id.in_(chunk)),
        ):
            found[node.id] = node
        matters = await session.execute(
            select(MatterRow.id, MatterRow.title, MatterRow.number).where(MatterRow.id.in_(chunk))
        )
        found.update({id_: Node(id_, NodeType.MATTER, title, number) for id_, title, number in matters})
    return found


async def meant_by(session: Session, viewer: Viewer, text: str, types: Collection[NodeType]) -> tuple[Node, ...]:
    """Return whom or what a typed text may mean, at most 20, ordered by name: a person of the library or with a tie by
    name or expert number, an organisation by any of its names or its credit code, a matter by number or title.

    Matters are those that the viewer may see. A name never decides: the person who types chooses among these.
    """
    found: list[Node] = []
    if NodeType.PERSON in types:
        by_number = select(ExpertRow.person_id).where(ExpertRow.number == text.upper())
        meant = or_(PersonRow.name == text, PersonRow.id.in_(by_number))
        gone = select(ExpertRow.person_id).where(ExpertRow.merged_into.is_not(None))
        found += await _people(session, and_(meant, PersonRow.id.not_in(gone)))
    if NodeType.ORGANISATION in types:
        other_names = select(OrganisationNameRow.organisation_id).where(OrganisationNameRow.name == text)
        found += await _organisations(
            session,
            and_(
                or_(
                    OrganisationRow.name == text,
                    OrganisationRow.credit_code == text,
                    OrganisationRow.id.in_(other_names),
                ),
                one_of_its_kind(),
            ),
        )
    if NodeType.MATTER in types:
        matters = await session.execute(
            select(MatterRow.id, MatterRow.title, MatterRow.number)
            .where(or_(MatterRow.number == text, MatterRow.title == text), visible_to(viewer))
            .limit(_MEANT_AT_MOST)
        )
        found += [Node(id_, NodeType.MATTER, title, number) for id_, title, number in matters]
    return tuple(sorted(found, key=lambda node: (node.name, node.detail, str(node.id)))[:_MEANT_AT_MOST])


async def likely_meant(session: Session, text: str, types: Collection[NodeType]) -> tuple[Node, ...]:
    """Return organisations whose name is like a typed text, the likest first, at most five: hints, never decisions."""
    if NodeType.ORGANISATION not in types:
        return ()
    names = union_all(
        select(OrganisationRow.id, OrganisationRow.name),
        select(OrganisationNameRow.organisation_id, OrganisationNameRow.name),
    )
    known = [(id_, name) for id_, name in await session.execute(names) if name != text]
    like = await asyncio.to_thread(_alike, text, known)
    found = await nodes(session, like)
    return tuple(found[id_] for id_ in like)


def _alike(text: str, known: Sequence[tuple[UUID, str]]) -> list[UUID]:
    """Return whose names share enough signs in the same order with a text; pure work."""
    matcher = SequenceMatcher(autojunk=False)
    matcher.set_seq2(text)
    scored: dict[UUID, float] = {}
    for id_, name in known:
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() >= _ALIKE and matcher.quick_ratio() >= _ALIKE:
            scored[id_] = max(scored.get(id_, 0.0), matcher.ratio())
    return [id_ for id_ in sorted(scored, key=lambda id_: (-scored[id_], str(id_))) if scored[id_] >= _ALIKE][:5]


async def offered_names(session: Session) -> tuple[str, ...]:
    """Return the names of organisations, to offer while somebody types; no names of persons."""
    names = union_all(select(OrganisationRow.name), select(OrganisationNameRow.name)).subquery()
    return tuple(await session.scalars(select(names.c.name).distinct().order_by(names.c.name).limit(_PER_QUERY)))


async def subject_person(session: Session, expert_id: UUID) -> Node:
    """Return the person behind an expert.

    Raises:
        NotFound: when there is no such expert.
    """
    person_id = await session.scalar(select(ExpertRow.person_id).where(ExpertRow.id == expert_id))
    if person_id is None:
        raise NotFound(subject="expert")
    return (await nodes(session, [person_id]))[person_id]


async def subject_organisation(session: Session, organisation_id: UUID) -> Node:
    """Return an organisation.

    Raises:
        NotFound: when there is none.
    """
    found = await nodes(session, [organisation_id])
    node = found.get(organisation_id)
    if node is None or node.type is not NodeType.ORGANISATION:
        raise NotFound(subject="organisation")
    return node


async def insert_person(session: Session, person_id: UUID, *, name: str, pinyin: str, at: datetime) -> None:
    """Insert a person who is tied to somebody and is neither expert nor staff; unidentified until a number is known."""
    session.add(PersonRow(id=person_id, name=name, pinyin=pinyin, created_at=at))
    await session.flush()


async def _people(session: Session, condition: ColumnElement[bool]) -> list[Node]:
    employer = (
        select(OrganisationRow.name)
        .join(EmploymentRow, EmploymentRow.organisation_id == OrganisationRow.id)
        .where(EmploymentRow.person_id == PersonRow.id, EmploymentRow.kind == "main", EmploymentRow.to_on.is_(None))
        .order_by(EmploymentRow.id)
        .limit(1)
        .scalar_subquery()
    )
    rows = await session.execute(
        select(PersonRow.id, PersonRow.name, employer, ExpertRow.id, ExpertRow.number)
        .outerjoin(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(condition)
        .limit(_PER_QUERY)
    )
    return [
        Node(id_, NodeType.PERSON, name, " · ".join(filter(None, (number, unit))), expert_id)
        for id_, name, unit, expert_id, number in rows
    ]


async def _organisations(session: Session, condition: ColumnElement[bool]) -> list[Node]:
    rows = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name, OrganisationRow.credit_code).where(condition).limit(_PER_QUERY)
    )
    return [Node(id_, NodeType.ORGANISATION, name, code or "") for id_, name, code in rows]
