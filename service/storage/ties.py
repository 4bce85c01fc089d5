"""The resident graph of ties: who is bound to whom, kept in memory and caught up from the ledger.

It is a cache. It carries the `seq` of the ledger it stands at; `catch_up` reads the streams that moved since and states
anew only what they touch, in the same read as what is done with it.
"""

import json
from collections import defaultdict
from collections.abc import AsyncIterator, Collection, Iterable
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import Select, or_, select

from conflicts import (
    Alias,
    ConflictGraph,
    Fact,
    Kind,
    NodeType,
    Organisation,
    Origin,
    Person,
)
from service.ledger.tables import EventRow, HeadRow
from service.storage.facts import PARTS, fact_of, merged_people
from service.storage.roster import in_chunks
from service.storage.rows.facts import FactRow
from service.storage.rows.library import (
    EmploymentPastRow,
    EmploymentRow,
    ExpertRow,
    OrganisationNameRow,
    OrganisationParentPastRow,
    OrganisationParentRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.matters import MatterPartyRow
from service.storage.session import Session

_PER_QUERY: Final = 500
# Events of a matter that name who drafted or assessed it.
_NAMING: Final = ("matter.opened", "matter.recorded", "parties.changed")
# Events that change whose matter it is, or who is named in it; all others of a matter leave its parties.
_MOVING: Final = (*_NAMING, "matter.passed-on", "matter.passed-back")
# Above this many streams that moved, loading everything is cheaper than picking.
_FOLLOW_AT_MOST: Final = 2_000


class ResidentTies:
    """The graph as of the ledger's `seq`.

    Attributes:
        seq: size of the ledger it stands at.
        graph: the ties.
        moves: grows with what can change whom ties keep out of a matter as staff: people, organisations, ties, who is
            named in matters, what was lifted. Most of what the ledger records leaves it.
    """

    def __init__(self) -> None:
        """Begin empty."""
        self.seq = -1
        self.moves = 0
        self.graph = ConflictGraph()

    async def catch_up(self, session: Session) -> None:
        """Bring the graph to the ledger's present head."""
        head = await session.scalar(select(HeadRow.size)) or 0
        if head == self.seq:
            return
        # Until all is followed the graph stands nowhere: a read that breaks off loads it anew next time.
        seq, self.seq = self.seq, -1
        moved = await _moved(session, seq, head) if 0 <= seq < head else {}
        if seq < 0 or head < seq or sum(map(len, moved.values())) > _FOLLOW_AT_MOST:
            self.graph = await _load(session)
            self.moves += 1
        elif moved:
            await _follow(session, self.graph, moved)
            self.moves += 1
        self.seq = head


async def _load(session: Session) -> ConflictGraph:
    return ConflictGraph(
        await _people(session, None),
        await _organisations(session, None),
        [
            *await _superiors(session, None),
            *await _employments(session, None),
            *await _stated(session, None),
            *await _parts(session, None),
        ],
    )


async def _moved(session: Session, seq: int, head: int) -> dict[str, set[UUID]]:
    """Return what the events since `seq` can have changed of the ties: subject -> ids; of a matter, who is named."""
    streams = select(EventRow.stream).where(
        EventRow.seq > seq,
        EventRow.seq <= head,
        or_(EventRow.stream.not_like("matter:%"), EventRow.type.in_(_MOVING)),
    )
    moved: dict[str, set[UUID]] = defaultdict(set)
    for stream in await session.scalars(streams.distinct()):
        kind, _, id_ = stream.partition(":")
        if kind in {"person", "expert", "organisation", "fact", "fact-import", "matter", "staff"}:
            moved[kind].add(UUID(id_))
    return moved


async def _follow(session: Session, graph: ConflictGraph, moved: dict[str, set[UUID]]) -> None:
    """State anew what moved."""
    # Ties that came with a file have one entry together; those of a run taken back too.
    moved["fact"] |= set(
        await _ids(session, select(FactRow.fact_id).distinct(), FactRow.import_id, moved["fact-import"])
    )
    people = moved["person"] | set(await _ids(session, select(ExpertRow.person_id), ExpertRow.id, moved["expert"]))
    employments = await _employments(session, people)
    stated = await _stated(session, moved["fact"])
    if people:
        # Whose record went into another one drafted as that one.
        named = select(MatterPartyRow.matter_id).where(MatterPartyRow.role.in_(PARTS))
        moved["matter"] |= set(await _ids(session, named, MatterPartyRow.person_id, people))
    parts = await _parts(session, moved["matter"])
    ends = {UUID(end) for fact in (*employments, *stated, *parts) for end in (fact.subject, fact.object)}
    strangers = {end for end in ends if graph.node_type(str(end)) is NodeType.MATTER}
    organisations = moved["organisation"] | strangers
    superiors = await _superiors(session, organisations)
    # An organisation that nobody has met may itself have a superior that nobody has met.
    while above := {
        UUID(fact.object)
        for fact in superiors
        if graph.node_type(fact.object) is NodeType.MATTER and UUID(fact.object) not in organisations
    }:
        organisations |= above
        superiors += await _superiors(session, above)
    for person in await _people(session, people | strangers):
        graph.put_person(person)
    for organisation in await _organisations(session, organisations):
        graph.put_organisation(organisation)
    _restate_all(graph, organisations, "parent/", superiors)
    _restate_all(graph, people, "employment/", employments)
    by_part: dict[str, list[Fact]] = defaultdict(list)
    for fact in parts:
        by_part[fact.id].append(fact)
    for part_id, versions in by_part.items():
        graph.restate(part_id, versions)
    by_fact: dict[str, list[Fact]] = {str(fact_id): [] for fact_id in moved["fact"]}
    for fact in stated:
        by_fact[fact.id].append(fact)
    for fact_id, versions in by_fact.items():
        graph.restate(fact_id, versions)


def _restate_all(graph: ConflictGraph, nodes: Iterable[UUID], prefix: str, facts: Iterable[Fact]) -> None:
    """State anew every tie of some subjects whose id begins with a prefix; what nobody remembers is forgotten."""
    versions: dict[str, list[Fact]] = defaultdict(list)
    for fact in facts:
        versions[fact.id].append(fact)
    held = {
        fact.id
        for node in map(str, nodes)
        for fact in graph.ties_of(node)
        if fact.id.startswith(prefix) and fact.subject == node
    }
    for fact_id in versions.keys() | held:
        graph.restate(fact_id, versions.get(fact_id, ()))


async def _people(session: Session, ids: Collection[UUID] | None) -> list[Person]:
    rows = _rows(session, select(PersonRow.id, PersonRow.identity_hash, PersonRow.name), PersonRow.id, ids)
    return [Person(str(id_), identified=identity is not None, name=name) async for id_, identity, name in rows]


async def _organisations(session: Session, ids: Collection[UUID] | None) -> list[Organisation]:
    aliases: dict[UUID, list[Alias]] = defaultdict(list)
    names = select(OrganisationNameRow.organisation_id, OrganisationNameRow.name, OrganisationNameRow.to_on)
    async for id_, name, to_on in _rows(
        session, names.order_by(OrganisationNameRow.id), OrganisationNameRow.organisation_id, ids
    ):
        aliases[id_].append(Alias(name, to_on))
    rows = _rows(
        session,
        select(OrganisationRow.id, OrganisationRow.name, OrganisationRow.credit_code).order_by(OrganisationRow.id),
        OrganisationRow.id,
        ids,
    )
    return [Organisation(str(id_), name, code or "", tuple(aliases.get(id_, ()))) async for id_, name, code in rows]


async def _superiors(session: Session, organisations: Collection[UUID] | None) -> list[Fact]:
    """Return what organisations belong to, as it stands and as it stood before it was changed or removed."""
    past = select(OrganisationParentPastRow).order_by(
        OrganisationParentPastRow.tie_id, OrganisationParentPastRow.known_at
    )
    now = select(OrganisationParentRow).order_by(OrganisationParentRow.id)
    return [
        *[
            _superior(row, row.tie_id, row.retired_at)
            async for (row,) in _rows(session, past, OrganisationParentPastRow.organisation_id, organisations)
        ],
        *[
            _superior(row, row.id)
            async for (row,) in _rows(session, now, OrganisationParentRow.organisation_id, organisations)
        ],
    ]


def _superior(
    row: OrganisationParentRow | OrganisationParentPastRow, tie_id: UUID, retired_at: datetime | None = None
) -> Fact:
    return Fact(
        id=f"parent/{tie_id}",
        subject=str(row.organisation_id),
        kind=Kind.SUPERIOR,
        object=str(row.parent_id),
        from_on=row.from_on,
        to_on=row.to_on,
        origin=Origin.IMPORTED,
        known_at=row.known_at,
        retired_at=retired_at,
    )


async def _employments(session: Session, people: Collection[UUID] | None) -> list[Fact]:
    """Return the employments as they stand and as they stood before they were changed."""
    past = select(EmploymentPastRow).order_by(EmploymentPastRow.employment_id, EmploymentPastRow.known_at)
    now = select(EmploymentRow).order_by(EmploymentRow.id)
    return [
        *[
            _employment(row, row.employment_id, row.retired_at)
            async for (row,) in _rows(session, past, EmploymentPastRow.person_id, people)
        ],
        *[_employment(row, row.id) async for (row,) in _rows(session, now, EmploymentRow.person_id, people)],
    ]


def _employment(
    row: EmploymentRow | EmploymentPastRow, employment_id: UUID, retired_at: datetime | None = None
) -> Fact:
    return Fact(
        id=f"employment/{employment_id}",
        subject=str(row.person_id),
        kind=Kind.EMPLOYMENT if row.kind == "main" else Kind.SIDE_POST,
        object=str(row.organisation_id),
        from_on=row.from_on,
        to_on=row.to_on,
        known_at=row.known_at,
        retired_at=retired_at,
    )


async def _stated(session: Session, ids: Collection[UUID] | None) -> list[Fact]:
    rows = _rows(session, select(FactRow).order_by(FactRow.known_at, FactRow.id), FactRow.fact_id, ids)
    return [fact_of(row) async for (row,) in rows]


async def _parts(session: Session, matters: Collection[UUID] | None) -> list[Fact]:
    """Return who drafted or assessed a matter, as ties to it (A12p1), since when that is known and until when it was.

    Read from the streams of the matters, which alone know since when somebody is named.
    """
    streams = None if matters is None else [f"matter:{matter_id}" for matter_id in matters]
    naming = select(EventRow.stream, EventRow.at, EventRow.data).where(EventRow.type.in_(_NAMING))
    one_person = {str(gone): str(kept) for gone, kept in (await merged_people(session)).items()}
    since: dict[str, dict[tuple[str, str], datetime]] = defaultdict(dict)
    facts: list[Fact] = []
    async for stream, at, data in _rows(session, naming.order_by(EventRow.seq), EventRow.stream, streams):
        matter_id = stream.partition(":")[2]
        named = {
            (party["role"], party["organisation"] or one_person.get(party["person"], party["person"]))
            for party in json.loads(data)["body"]["parties"]
            if party["role"] in PARTS
        }
        held = since[matter_id]
        facts += [_part(matter_id, part, held.pop(part), at) for part in sorted(held.keys() - named)]
        for part in named - held.keys():
            held[part] = at
    facts += [_part(matter_id, part, at) for matter_id, held in since.items() for part, at in sorted(held.items())]
    return facts


def _part(matter_id: str, part: tuple[str, str], known_at: datetime, retired_at: datetime | None = None) -> Fact:
    role, node = part
    return Fact(
        id=f"matter/{matter_id}/{role}/{node}",
        subject=node,
        kind=PARTS[role],
        object=matter_id,
        known_at=known_at,
        retired_at=retired_at,
    )


async def _ids(session: Session, statement: Select[Any], column: Any, ids: Collection[UUID]) -> list[UUID]:
    return [id_ async for (id_,) in _rows(session, statement, column, ids)]


async def _rows(
    session: Session, statement: Select[Any], column: Any, ids: Collection[Any] | None
) -> AsyncIterator[Any]:
    """Yield the rows of a statement, all or those whose column holds one of the ids."""
    if ids is None:
        for row in await session.execute(statement):
            yield row
    else:
        for chunk in in_chunks(ids, _PER_QUERY):
            for row in await session.execute(statement.where(column.in_(chunk))):
                yield row
