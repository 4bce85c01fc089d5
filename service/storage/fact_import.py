"""What an import of ties compares with, and what it writes: statements per kind of change, not per tie."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import bindparam, func, insert, or_, select, update

from conflicts import Confidence, Fact, Kind, KnownNode, KnownTie, NodeType, Origin, Record, ends_key
from service.access import Viewer
from service.ids import new_id
from service.ledger.tables import EventRow, HeadRow
from service.storage.entered_twice import one_of_its_kind
from service.storage.facts import fact_of, merged_people
from service.storage.matters import visible_to
from service.storage.roster import in_chunks
from service.storage.rows.facts import FactRow
from service.storage.rows.library import (
    EmploymentRow,
    ExpertRow,
    OrganisationNameRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.matters import MatterRow
from service.storage.session import Session
from service.storage.staff_bars import barred_matters

_PER_QUERY: Final = 500
# What can move the meaning of a dry run.
_TELLING: Final = ("fact:", "fact-import:", "person:", "expert:", "organisation:", "matter:", "roster:")


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who is known from now on because of a tie; without a number unidentified."""

    id: UUID
    name: str
    pinyin: str
    identity_kind: str = ""
    identity_hash: str | None = None
    identity_sealed: bytes | None = None
    identity_masked: str = ""
    sex: str = ""


async def ledger_head(session: Session) -> int:
    """Return how many entries the ledger has."""
    return await session.scalar(select(HeadRow.size)) or 0


async def moved_since(session: Session, head: int) -> bool:
    """Return whether anything was recorded since that a dry run may rest on."""
    telling = or_(*(EventRow.stream.startswith(prefix) for prefix in _TELLING))
    return await session.scalar(select(EventRow.seq).where(EventRow.seq > head, telling).limit(1)) is not None


async def nodes_on_record(session: Session, viewer: Viewer) -> Record:
    """Return every person, organisation and matter that the viewer may name, with what identifies them; no ties yet.

    Either number of two records that are one person leads to the one that stayed.
    """
    merged = {str(gone): str(kept) for gone, kept in (await merged_people(session)).items()}
    nodes: dict[str, KnownNode] = {}
    keys: dict[tuple[NodeType, str], str] = {}
    people = (
        select(PersonRow.id, PersonRow.name, PersonRow.identity_hash, ExpertRow.number, OrganisationRow.name)
        .outerjoin(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .outerjoin(EmploymentRow, (EmploymentRow.person_id == PersonRow.id) & _PRESENT)
        .outerjoin(OrganisationRow, OrganisationRow.id == EmploymentRow.organisation_id)
        .order_by(PersonRow.id)
    )
    for person_id, name, digest, number, unit in await session.execute(people):
        id_ = str(person_id)
        for key in (digest, number):
            if key:
                keys[NodeType.PERSON, key] = merged.get(id_, id_)
        if id_ not in merged:
            nodes[id_] = KnownNode(id_, NodeType.PERSON, name, detail=" · ".join(filter(None, (number, unit))))
    others: dict[UUID, list[str]] = defaultdict(list)
    for organisation_id, name in await session.execute(
        select(OrganisationNameRow.organisation_id, OrganisationNameRow.name)
    ):
        others[organisation_id].append(name)
    organisations = select(OrganisationRow.id, OrganisationRow.name, OrganisationRow.credit_code).where(
        one_of_its_kind()
    )
    for organisation_id, name, code in await session.execute(organisations):
        id_ = str(organisation_id)
        nodes[id_] = KnownNode(id_, NodeType.ORGANISATION, name, tuple(others[organisation_id]), code or "")
        if code:
            keys[NodeType.ORGANISATION, code] = id_
    barred = await barred_matters(session, viewer)
    matters = select(MatterRow.id, MatterRow.number, MatterRow.title).where(visible_to(viewer))
    for matter_id, number, title in await session.execute(matters):
        id_ = str(matter_id)
        if id_ not in barred:
            nodes[id_] = KnownNode(id_, NodeType.MATTER, title, detail=number)
            keys[NodeType.MATTER, number] = id_
    return Record(nodes, keys, own=str(viewer.person_id), barring=viewer.barring)


async def with_ties(session: Session, record: Record, ids: Collection[str]) -> Record:
    """Return the record with the ties that stand at some nodes; employments of the library itself are among them."""
    ties: dict[tuple[Kind, str, str], list[KnownTie]] = defaultdict(list)
    versions: dict[UUID, int] = {}
    for chunk in in_chunks(map(UUID, ids), _PER_QUERY):
        rows = list(
            await session.scalars(select(FactRow).where(FactRow.retired_at.is_(None), FactRow.subject_id.in_(chunk)))
        )
        counted = select(FactRow.fact_id, func.count()).where(FactRow.subject_id.in_(chunk)).group_by(FactRow.fact_id)
        versions.update((await session.execute(counted)).tuples().all())
        for row in rows:
            fact = fact_of(row)
            ties[ends_key(fact.kind, fact.subject, fact.object)].append(_known(fact, versions[row.fact_id]))
        employments = await session.scalars(select(EmploymentRow).where(EmploymentRow.person_id.in_(chunk)))
        for job in employments:
            kind = Kind.EMPLOYMENT if job.kind == "main" else Kind.SIDE_POST
            ties[kind, str(job.person_id), str(job.organisation_id)].append(
                KnownTie(f"employment/{job.id}", 1, job.from_on, job.to_on, Origin.OBSERVED, "", Confidence.SURE)
            )
    return replace(record, ties={ends: tuple(standing) for ends, standing in ties.items()})


async def insert_people(session: Session, people: Sequence[NewPerson], *, at: datetime) -> None:
    """Write persons who are known by their ties."""
    rows = [
        {
            "id": person.id,
            "name": person.name,
            "pinyin": person.pinyin,
            "identity_kind": person.identity_kind,
            "identity_hash": person.identity_hash,
            "identity_sealed": person.identity_sealed,
            "identity_masked": person.identity_masked,
            "sex": person.sex,
            "created_at": at,
            "version": 1,
        }
        for person in people
    ]
    for chunk in in_chunks(rows, _PER_QUERY):
        await session.execute(insert(PersonRow), chunk)


async def standing_rows(session: Session, fact_ids: Iterable[UUID]) -> dict[UUID, FactRow]:
    """Return the standing versions of some facts."""
    found: dict[UUID, FactRow] = {}
    for chunk in in_chunks(fact_ids, _PER_QUERY):
        rows = await session.scalars(select(FactRow).where(FactRow.fact_id.in_(chunk), FactRow.retired_at.is_(None)))
        found.update({row.fact_id: row for row in rows})
    return found


async def retire_versions(session: Session, retired: Sequence[tuple[UUID, datetime]], *, why: str) -> None:
    """Close versions of facts, each at its instant; `why` is `replaced`."""
    if not retired:
        return
    table: Any = FactRow.__table__
    connection = await session.connection()
    await connection.execute(
        update(table).where(table.c.id == bindparam("key")).values(retired_at=bindparam("instant"), retired_why=why),
        [{"key": row_id, "instant": instant} for row_id, instant in retired],
    )


@dataclass(frozen=True, slots=True)
class Imported:
    """What stands of an import.

    Attributes:
        row_id: of the version that the import wrote and that stands.
        fact: that version.
        subject_type, object_type: of its ends.
        before: the version that it took the place of; None for a tie that came with the import.
    """

    row_id: UUID
    fact: Fact
    subject_type: NodeType
    object_type: NodeType
    before: FactRow | None


async def imported_by(session: Session, run_id: UUID) -> tuple[tuple[Imported, ...], int]:
    """Return what stands of an import, and how many of its ties somebody changed or withdrew since."""
    own = list(await session.scalars(select(FactRow).where(FactRow.import_id == run_id).order_by(FactRow.id)))
    standing = [row for row in own if row.retired_at is None]
    before: dict[UUID, FactRow] = {}
    for chunk in in_chunks([row.fact_id for row in standing], _PER_QUERY):
        former = select(FactRow).where(
            FactRow.fact_id.in_(chunk),
            FactRow.retired_why == "replaced",
            or_(FactRow.import_id.is_(None), FactRow.import_id != run_id),
        )
        for row in await session.scalars(former.order_by(FactRow.known_at)):
            before[row.fact_id] = row
    found = tuple(
        Imported(row.id, fact_of(row), NodeType(row.subject_kind), NodeType(row.object_kind), before.get(row.fact_id))
        for row in standing
    )
    return found, len({row.fact_id for row in own}) - len(found)


async def withdraw_versions(
    session: Session, rows: Sequence[tuple[UUID, datetime]], *, reason: str, salt: bytes
) -> None:
    """Close versions of facts as withdrawn, with one reason for all."""
    table: Any = FactRow.__table__
    connection = await session.connection()
    await connection.execute(
        update(table)
        .where(table.c.id == bindparam("key"))
        .values(retired_at=bindparam("instant"), retired_why="withdrawn", reason=reason, reason_salt=salt),
        [{"key": row_id, "instant": instant} for row_id, instant in rows],
    )


async def put_back(session: Session, rows: Sequence[tuple[FactRow, datetime]]) -> None:
    """Let earlier versions of facts stand again, as new versions from an instant on."""
    values = [
        {column.key: getattr(row, column.key) for column in FactRow.__table__.columns}
        | {"id": new_id(), "known_at": at, "retired_at": None, "retired_why": "", "reason": "", "reason_salt": None}
        for row, at in rows
    ]
    for chunk in in_chunks(values, _PER_QUERY):
        await session.execute(insert(FactRow), chunk)


def after(fact: Fact, at: datetime) -> datetime:
    """Return the instant of a version that follows another: now, and in any case later than it."""
    return at if fact.known_at is None else max(at, fact.known_at + timedelta(microseconds=1))


def _known(fact: Fact, version: int) -> KnownTie:
    return KnownTie(
        fact.id,
        version,
        fact.from_on,
        fact.to_on,
        fact.origin,
        fact.source,
        fact.confidence,
        fact.evidence,
        fact.share,
        fact.relation,
        fact.stance,
    )


_PRESENT: Final = (EmploymentRow.kind == "main") & EmploymentRow.to_on.is_(None)


async def sources_used(session: Session, *, most: int = 20) -> tuple[str, ...]:
    """Return the sources of ties imported so far, to offer while somebody types."""
    found = await session.scalars(
        select(FactRow.source).where(FactRow.import_id.is_not(None)).distinct().order_by(FactRow.source).limit(most)
    )
    return tuple(found)
