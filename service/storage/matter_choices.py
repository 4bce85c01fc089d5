"""What the forms of matters offer to choose from, and whether what was typed is known here."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import exists, func, or_, select

from service.storage.entered_twice import one_of_its_kind
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import OrganisationNameRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Session


async def find_organisation(session: Session, typed: str) -> tuple[UUID, ...]:
    """Return the organisations that a typed credit code or name means: one, none, or several of the same name."""
    sought = typed.strip()
    if not sought:
        return ()
    by_code = await session.scalar(select(OrganisationRow.id).where(OrganisationRow.credit_code == sought.upper()))
    if by_code is not None:
        return (by_code,)
    rows = await session.scalars(
        select(OrganisationRow.id)
        .where(
            or_(
                OrganisationRow.name == sought,
                exists().where(
                    OrganisationNameRow.organisation_id == OrganisationRow.id, OrganisationNameRow.name == sought
                ),
            ),
            one_of_its_kind(),
        )
        .order_by(OrganisationRow.name, OrganisationRow.id)
        .limit(5)
    )
    return tuple(rows)


async def organisation_names(session: Session, *, most: int = 1000) -> tuple[tuple[UUID, str, str], ...]:
    """Return id, name and credit code of organisations, by name, to choose from."""
    rows = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name, func.coalesce(OrganisationRow.credit_code, ""))
        .order_by(OrganisationRow.pinyin, OrganisationRow.name)
        .limit(most)
    )
    return tuple(rows.tuples().all())


async def unit_choices(session: Session) -> tuple[tuple[UUID, str], ...]:
    """Return id and name of the organisations that can undertake a matter: those that somebody works for here."""
    rows = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name)
        .where(
            or_(
                exists().where(AccountRow.unit_id == OrganisationRow.id),
                exists().where(MatterRow.unit_id == OrganisationRow.id),
                OrganisationRow.kind == "bureau",
            )
        )
        .order_by(OrganisationRow.pinyin, OrganisationRow.name)
    )
    return tuple(rows.tuples().all())


async def known(session: Session, organisations: Sequence[UUID], people: Sequence[UUID]) -> frozenset[UUID]:
    """Return those of the ids that are organisations or persons here."""
    found = set(await session.scalars(select(OrganisationRow.id).where(OrganisationRow.id.in_(organisations))))
    found.update(await session.scalars(select(PersonRow.id).where(PersonRow.id.in_(people))))
    return frozenset(found)
