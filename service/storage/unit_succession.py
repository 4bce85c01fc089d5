"""What a unit's successors carry on: its accounts, its open matters, and the files of the finished ones."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, and_, exists, or_, select, update
from sqlalchemy.orm import aliased

from service.access import Viewer
from service.access.sign_in import end_sessions_of
from service.access.viewer import UNIT
from service.storage.matters import visible_to
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow, PanelRow
from service.storage.rows.review import ReviewRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class UnitAccount:
    """An active account that works for a unit."""

    id: UUID
    name: str
    login: str


@dataclass(frozen=True, slots=True)
class OpenMatter:
    """A matter that a unit has not finished.

    Attributes:
        clerk_id: the account that looks after it at the unit, None when nobody does.
    """

    id: UUID
    number: str
    title: str
    clerk_id: UUID | None


@dataclass(frozen=True, slots=True)
class Left:
    """What an ended unit still has, as far as it is there for a viewer.

    Attributes:
        accounts: that work for it.
        matters: that are open under it.
        files: whether there are matters under it that nobody in its place can read.
    """

    accounts: tuple[UnitAccount, ...] = ()
    matters: tuple[OpenMatter, ...] = ()
    files: bool = False

    def __bool__(self) -> bool:
        """Return whether there is anything."""
        return bool(self.accounts or self.matters or self.files)


async def left_at(session: Session, viewer: Viewer, unit_id: UUID) -> Left:
    """Return what a unit still has although others took its place; nothing for one that goes on.

    Units whose place was taken before their work went on by itself have it; so has one for which an account was opened
    since.
    """
    unit = await session.get_one(OrganisationRow, unit_id)
    if unit.ended_on is None:
        return Left()
    own = select(MatterRow.id).where(MatterRow.unit_id == unit_id, visible_to(viewer)).limit(1)
    return Left(
        await accounts_of(session, unit_id),
        await open_matters_of(session, unit_id, viewer),
        unit.files_with_id is None and await session.scalar(own) is not None,
    )


async def accounts_of(session: Session, unit_id: UUID) -> tuple[UnitAccount, ...]:
    """Return the active accounts of a unit, by the sound of the names."""
    rows = await session.execute(
        select(AccountRow.id, PersonRow.name, AccountRow.login)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(AccountRow.unit_id == unit_id, AccountRow.state == "active")
        .order_by(PersonRow.pinyin, AccountRow.login)
    )
    return tuple(UnitAccount(*row) for row in rows)


async def open_matters_of(session: Session, unit_id: UUID, viewer: Viewer | None = None) -> tuple[OpenMatter, ...]:
    """Return a unit's matters that are neither filed nor cancelled, by number; for a viewer only those that are there.

    What was recorded from before the regulation is finished.
    """
    seen = [] if viewer is None else [visible_to(viewer)]
    rows = await session.execute(
        select(MatterRow.id, MatterRow.number, MatterRow.title, MatterRow.unit_clerk_id)
        .where(MatterRow.unit_id == unit_id, _open(), *seen)
        .order_by(MatterRow.number)
    )
    return tuple(OpenMatter(*row) for row in rows)


async def clerks_at(session: Session, unit_id: UUID) -> tuple[UUID, ...]:
    """Return the active accounts that do a unit's work."""
    rows = await session.scalars(
        select(AccountRow.id)
        .where(
            AccountRow.unit_id == unit_id,
            AccountRow.state == "active",
            exists().where(AccountRoleRow.account_id == AccountRow.id, AccountRoleRow.role == UNIT),
        )
        .order_by(AccountRow.login)
    )
    return tuple(rows)


async def people_behind(session: Session, account_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Return whose some accounts are."""
    return tuple(await session.scalars(select(AccountRow.person_id).where(AccountRow.id.in_(account_ids))))


async def units_of(session: Session, account_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return account -> the unit it works for."""
    rows = await session.execute(select(AccountRow.id, AccountRow.unit_id).where(AccountRow.id.in_(account_ids)))
    return dict(rows.tuples().all())


async def units_of_matters(session: Session, matter_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return matter -> its undertaking unit."""
    rows = await session.execute(select(MatterRow.id, MatterRow.unit_id).where(MatterRow.id.in_(matter_ids)))
    return dict(rows.tuples().all())


async def set_account_unit(session: Session, account_id: UUID, unit_id: UUID) -> None:
    """Let an account work for another unit; as with every change of its rights its sign-ins end."""
    await session.execute(
        update(AccountRow).where(AccountRow.id == account_id).values(unit_id=unit_id, version=AccountRow.version + 1)
    )
    await end_sessions_of(session, account_id)


async def set_unit_clerk(session: Session, matter_id: UUID, account_id: UUID | None) -> None:
    """Say who looks after a matter at its unit; None lets the next who acts there do it."""
    await session.execute(update(MatterRow).where(MatterRow.id == matter_id).values(unit_clerk_id=account_id))


async def drop_foreign_clerk(session: Session, matter_id: UUID, unit_id: UUID) -> None:
    """Let nobody look after a matter at its unit who does not work for it."""
    there = select(AccountRow.id).where(AccountRow.unit_id == unit_id)
    await session.execute(
        update(MatterRow)
        .where(MatterRow.id == matter_id, MatterRow.unit_clerk_id.not_in(there))
        .values(unit_clerk_id=None)
    )


async def keep_files_with(session: Session, unit_id: UUID, heir_id: UUID | None) -> tuple[UUID, ...]:
    """Let another unit keep a unit's files, and those that it kept for others; return whose files these are."""
    mine = [
        unit_id,
        *await session.scalars(
            select(OrganisationRow.id).where(OrganisationRow.files_with_id == unit_id).order_by(OrganisationRow.id)
        ),
    ]
    await point_files(session, dict.fromkeys(mine, heir_id))
    return tuple(mine)


async def point_files(session: Session, keepers: Mapping[UUID, UUID | None]) -> None:
    """Say of units who keeps their files: unit -> keeper, None for the unit itself."""
    for unit_id, keeper in keepers.items():
        await session.execute(update(OrganisationRow).where(OrganisationRow.id == unit_id).values(files_with_id=keeper))


async def file_keepers(session: Session, unit_ids: Collection[UUID]) -> dict[UUID, UUID | None]:
    """Return unit -> who keeps its files."""
    rows = await session.execute(
        select(OrganisationRow.id, OrganisationRow.files_with_id).where(OrganisationRow.id.in_(unit_ids))
    )
    return dict(rows.tuples().all())


def _open() -> ColumnElement[bool]:
    later = aliased(PanelRow)
    newer = exists().where(later.matter_id == ReviewRow.matter_id, later.round > ReviewRow.round)
    filed: Any = exists().where(ReviewRow.matter_id == MatterRow.id, ReviewRow.filed, ~newer)
    return and_(MatterRow.edition != "", MatterRow.closed_on.is_(None), or_(MatterRow.state != "determined", ~filed))
