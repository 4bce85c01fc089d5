"""What goes from one row of an organisation to another row of the same one, over its whole time, and back."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select

from service.ids import new_id
from service.storage.past import keep_past, keep_past_parents
from service.storage.reorganisation import Change, iso_day, raise_experts
from service.storage.rows.library import EmploymentRow, OrganisationNameRow, OrganisationParentRow, OrganisationRow
from service.storage.session import Session


async def move_all_work(session: Session, gone_id: UUID, kept_id: UUID, *, at: datetime) -> list[Change]:
    """Let all work at one organisation, past work too, have been at another; what was known before stays known."""
    rows = list(
        await session.scalars(
            select(EmploymentRow).where(EmploymentRow.organisation_id == gone_id).order_by(EmploymentRow.id)
        )
    )
    await keep_past(session, [row.id for row in rows], at=at)
    changes = []
    for row in rows:
        changes.append(Change("employment", str(row.id), str(row.id), iso_day(row.to_on), str(gone_id)))
        row.organisation_id, row.known_at = kept_id, at
    await session.flush()
    await raise_experts(session, {row.person_id for row in rows})
    return changes


async def move_all_ties(
    session: Session, gone_id: UUID, kept_id: UUID, *, at: datetime
) -> tuple[list[Change], tuple[UUID, ...]]:
    """Put what ever lay below one organisation below another, and give that one its superiors where it has none.

    Returns:
        What was changed, and whose superior it is now.
    """
    of = OrganisationParentRow
    found = await session.scalars(
        select(of).where(or_(of.organisation_id.in_((gone_id, kept_id)), of.parent_id == gone_id)).order_by(of.id)
    )
    rows = list(found)
    below = [row for row in rows if row.parent_id == gone_id]
    above = [row for row in rows if row.organisation_id == gone_id]
    if any(row.organisation_id == kept_id for row in rows):
        above = []
    await keep_past_parents(session, [row.id for row in below], at=at)
    changes = []
    for row in below:
        changes.append(Change("parent", str(row.id), str(row.id), iso_day(row.to_on), str(gone_id)))
        row.parent_id, row.known_at = kept_id, at
    for row in above:
        copy = new_id()
        changes.append(Change("parent", str(row.id), str(copy), iso_day(row.to_on), str(row.parent_id)))
        session.add(
            of(
                id=copy,
                organisation_id=kept_id,
                parent_id=row.parent_id,
                from_on=row.from_on,
                to_on=row.to_on,
                known_at=at,
            )
        )
    await session.flush()
    return changes, tuple(dict.fromkeys(row.organisation_id for row in below))


async def are_tied(session: Session, one: UUID, other: UUID) -> bool:
    """Return whether one of two organisations ever belonged to the other directly."""
    both = (one, other)
    found = await session.scalar(
        select(OrganisationParentRow.id)
        .where(OrganisationParentRow.organisation_id.in_(both), OrganisationParentRow.parent_id.in_(both))
        .limit(1)
    )
    return found is not None


async def share_names(session: Session, gone_id: UUID, kept_id: UUID) -> list[Change]:
    """Let the names of one organisation lead to another as well."""
    names = select(OrganisationNameRow).order_by(OrganisationNameRow.id)
    kept, gone = await session.get_one(OrganisationRow, kept_id), await session.get_one(OrganisationRow, gone_id)
    known = {kept.name, *(row.name for row in await session.scalars(names.where(_of(kept_id))))}
    others = list(await session.scalars(names.where(_of(gone_id))))
    added = [
        OrganisationNameRow(id=new_id(), organisation_id=kept_id, name=name, kind=kind, from_on=from_on, to_on=to_on)
        for name, kind, from_on, to_on in (
            (gone.name, "alias", None, None),
            *((row.name, row.kind, row.from_on, row.to_on) for row in others),
        )
        if name not in known
    ]
    session.add_all(added)
    await session.flush()
    return [Change("name", str(row.id), None, None, "") for row in added]


async def drop_shared_names(session: Session, changes: Sequence[Change]) -> None:
    """Take shared names away again; those that somebody removed meanwhile are gone already."""
    ids = [UUID(one.ended) for one in changes if one.kind == "name"]
    await session.execute(delete(OrganisationNameRow).where(OrganisationNameRow.id.in_(ids)))


async def credit_code_of(session: Session, organisation_id: UUID) -> str:
    """Return the credit code, empty without one."""
    code: str | None = await session.scalar(
        select(OrganisationRow.credit_code).where(OrganisationRow.id == organisation_id)
    )
    return code or ""


def _of(organisation_id: UUID) -> ColumnElement[bool]:
    return OrganisationNameRow.organisation_id == organisation_id
