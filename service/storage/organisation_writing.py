"""Writing what changes about one organisation; every change raises its version."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select, update

from service.ids import new_id
from service.problems import NotFound
from service.storage.intake import OtherName
from service.storage.past import keep_past_parents
from service.storage.rows.library import OrganisationNameRow, OrganisationParentRow, OrganisationRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class HeldOrganisation:
    """An organisation as an act finds it."""

    id: UUID
    name: str
    credit_code: str
    kind: str
    region: str
    is_county_government: bool
    version: int


@dataclass(frozen=True, slots=True)
class Span:
    """A dated tie to a parent; both days inclusive, None open."""

    id: UUID
    organisation_id: UUID
    parent_id: UUID
    from_on: date | None
    to_on: date | None


async def hold_organisation(session: Session, organisation_id: UUID) -> HeldOrganisation:
    """Load an organisation for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    row = await session.get(OrganisationRow, organisation_id, with_for_update=True, populate_existing=True)
    if row is None:
        raise NotFound(subject="organisation")
    return HeldOrganisation(
        row.id, row.name, row.credit_code or "", row.kind, row.region, row.is_county_government, row.version
    )


async def hold_organisations(session: Session, organisation_ids: Collection[UUID]) -> None:
    """Hold several organisations for one change; always in one order, so that two who do so wait only one way."""
    await session.execute(
        select(OrganisationRow.id)
        .where(OrganisationRow.id.in_(organisation_ids))
        .order_by(OrganisationRow.id)
        .with_for_update()
    )


async def change_row(session: Session, organisation_id: UUID, **values: Any) -> None:
    """Write new values of columns and raise the version."""
    await session.execute(
        update(OrganisationRow)
        .where(OrganisationRow.id == organisation_id)
        .values(version=OrganisationRow.version + 1, **values)
    )


async def put_name(session: Session, organisation_id: UUID, other: OtherName) -> None:
    """Write another name."""
    session.add(
        OrganisationNameRow(
            id=new_id(),
            organisation_id=organisation_id,
            name=other.name,
            kind=other.kind,
            from_on=other.from_on,
            to_on=other.to_on,
        )
    )
    await session.flush()


async def has_name(session: Session, organisation_id: UUID, name: str) -> bool:
    """Return whether the organisation has the other name."""
    found = await session.scalar(
        select(OrganisationNameRow.id).where(
            OrganisationNameRow.organisation_id == organisation_id, OrganisationNameRow.name == name
        )
    )
    return found is not None


@dataclass(frozen=True, slots=True)
class FormerName:
    """The name before the present one, with its last day, inclusive."""

    id: UUID
    name: str
    last_on: date


async def last_rename(session: Session, organisation_id: UUID) -> FormerName | None:
    """Return the name that the last dated rename left behind; None for an organisation never renamed."""
    row = await session.scalar(
        select(OrganisationNameRow)
        .where(
            OrganisationNameRow.organisation_id == organisation_id,
            OrganisationNameRow.kind == "former",
            OrganisationNameRow.to_on.is_not(None),
        )
        .order_by(OrganisationNameRow.to_on.desc())
        .limit(1)
    )
    return None if row is None or row.to_on is None else FormerName(row.id, row.name, row.to_on)


async def drop_name(session: Session, organisation_id: UUID, name_id: UUID) -> bool:
    """Remove another name; return whether there was one."""
    done = await session.execute(
        delete(OrganisationNameRow)
        .where(OrganisationNameRow.id == name_id, OrganisationNameRow.organisation_id == organisation_id)
        .returning(OrganisationNameRow.id)
    )
    return done.first() is not None


async def parents_of(session: Session, organisation_ids: Sequence[UUID]) -> tuple[Span, ...]:
    """Return every tie of these organisations to their parents, past ones included."""
    rows = await session.scalars(
        select(OrganisationParentRow)
        .where(OrganisationParentRow.organisation_id.in_(organisation_ids))
        .order_by(OrganisationParentRow.id)
    )
    return tuple(Span(row.id, row.organisation_id, row.parent_id, row.from_on, row.to_on) for row in rows)


async def put_parent(
    session: Session, organisation_id: UUID, parent_id: UUID, *, from_on: date | None, to_on: date | None, at: datetime
) -> None:
    """Write a tie to a parent."""
    session.add(
        OrganisationParentRow(
            id=new_id(),
            organisation_id=organisation_id,
            parent_id=parent_id,
            from_on=from_on,
            to_on=to_on,
            known_at=at,
        )
    )
    await session.flush()


async def end_parent(session: Session, tie_id: UUID, *, to_on: date, at: datetime) -> None:
    """Set the last day of a tie; what was known before stays in the record."""
    await keep_past_parents(session, [tie_id], at=at)
    await session.execute(
        update(OrganisationParentRow).where(OrganisationParentRow.id == tie_id).values(to_on=to_on, known_at=at)
    )


async def drop_parent(session: Session, tie_id: UUID, *, at: datetime) -> None:
    """Remove a tie that was entered by mistake; that it was known until now stays in the record."""
    await keep_past_parents(session, [tie_id], at=at)
    await session.execute(delete(OrganisationParentRow).where(OrganisationParentRow.id == tie_id))
