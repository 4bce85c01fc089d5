"""The staff's own conflicts of interest as they are recorded: who keeps out of a matter, who looks after it instead.

What the ties hold against a clerk needs no record: see `service.storage.staff_found`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, or_, select, update
from sqlalchemy.orm import aliased

from service.access import Viewer
from service.access.viewer import CENTER, CENTER_HEAD, UNIT
from service.problems import NotFound
from service.storage.matters import visible_to
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.rows.staff import StaffRecusalRow
from service.storage.session import Session
from service.storage.staff_bars import LIFTED


@dataclass(frozen=True, slots=True)
class Clerk:
    """An account of the staff, as the check needs it."""

    account_id: UUID
    person_id: UUID
    name: str
    unit_id: UUID | None
    center: bool


@dataclass(frozen=True, slots=True)
class Recusal:
    """A member of staff who keeps out of a matter.

    Attributes:
        id: of the record.
        matter_id, person_id, name: who, of which matter.
        ground: `declared`, `stated` or `found`.
        policy_row, basis: which finding, as `conflicts.basis_of` has it.
        reason: as typed.
        by: who recorded it.
        at: when.
        state: `standing`, `asked` (somebody asked to lift it) or `lifted`.
        asked_person_id, asked_by, asked_at, asked_reason: who asked to lift it, and why.
        lifted_by, lifted_at: who lifted it.
        version: for If-Match.
    """

    id: UUID
    matter_id: UUID
    person_id: UUID
    name: str
    ground: str
    policy_row: str
    basis: str
    reason: str
    by: str
    at: datetime
    state: str
    asked_person_id: UUID | None
    asked_by: str
    asked_at: datetime | None
    asked_reason: str
    lifted_by: str
    lifted_at: datetime | None
    version: int


async def clerks_for(session: Session, matter_id: UUID) -> tuple[Clerk, ...]:
    """Return the active accounts that may work on a matter by their roles: the center's and its unit's, by name."""
    unit_id = await session.scalar(select(MatterRow.unit_id).where(MatterRow.id == matter_id))
    rows = await session.execute(
        select(AccountRow.id, AccountRow.person_id, PersonRow.name, AccountRow.unit_id, func.max(AccountRoleRow.role))
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .join(AccountRoleRow, AccountRoleRow.account_id == AccountRow.id)
        .where(
            AccountRow.state == "active",
            or_(
                AccountRoleRow.role.in_((CENTER, CENTER_HEAD)),
                (AccountRoleRow.role == UNIT) & (AccountRow.unit_id == unit_id),
            ),
        )
        .group_by(AccountRow.id, AccountRow.person_id, PersonRow.name, PersonRow.pinyin, AccountRow.unit_id)
        .order_by(PersonRow.pinyin, AccountRow.id)
    )
    return tuple(Clerk(id_, person_id, name, unit, role != UNIT) for id_, person_id, name, unit, role in rows)


async def recusals_of(session: Session, matter_id: UUID) -> tuple[Recusal, ...]:
    """Return every recusal of staff that was recorded in a matter, the newest first."""
    rows = await session.execute(
        _whole().where(StaffRecusalRow.matter_id == matter_id).order_by(StaffRecusalRow.at.desc(), StaffRecusalRow.id)
    )
    return tuple(_recusal(*row) for row in rows)


async def load_recusal(session: Session, viewer: Viewer, recusal_id: UUID) -> Recusal:
    """Return a recusal.

    Raises:
        NotFound: when there is none, or the viewer may not know of its matter.
    """
    return await _one_recusal(session, _visible_recusal(viewer, recusal_id))


async def hold_recusal(session: Session, viewer: Viewer, recusal_id: UUID) -> Recusal:
    """Return a recusal, held for a change until the unit of work ends; a reading session cannot hold (`load_recusal`).

    Raises:
        NotFound: as for `load_recusal`.
    """
    return await _one_recusal(session, _visible_recusal(viewer, recusal_id).with_for_update(of=StaffRecusalRow))


def _visible_recusal(viewer: Viewer, recusal_id: UUID) -> Any:
    return (
        _whole()
        .join(MatterRow, MatterRow.id == StaffRecusalRow.matter_id)
        .where(StaffRecusalRow.id == recusal_id, visible_to(viewer))
    )


async def _one_recusal(session: Session, wanted: Any) -> Recusal:
    found = (await session.execute(wanted)).first()
    if found is None:
        raise NotFound(subject="recusal")
    return _recusal(*found)


async def open_recusal(
    session: Session, matter_id: UUID, person_id: UUID, *, policy_row: str = "", basis: str = ""
) -> bool:
    """Return whether such a recusal stands, or is asked to be lifted."""
    found = await session.scalar(
        select(StaffRecusalRow.id).where(
            StaffRecusalRow.matter_id == matter_id,
            StaffRecusalRow.person_id == person_id,
            StaffRecusalRow.policy_row == policy_row,
            StaffRecusalRow.basis == basis,
            StaffRecusalRow.state != LIFTED,
        )
    )
    return found is not None


async def add_recusal(session: Session, values: Mapping[str, Any]) -> None:
    """Insert a recusal, by the names of its columns."""
    await session.execute(insert(StaffRecusalRow).values(**values))


async def change_recusal(session: Session, recusal_id: UUID, values: Mapping[str, Any]) -> None:
    """Change a recusal, by the names of its columns; its version grows."""
    await session.execute(
        update(StaffRecusalRow)
        .where(StaffRecusalRow.id == recusal_id)
        .values(version=StaffRecusalRow.version + 1, **values)
    )


async def name_clerk(session: Session, matter_id: UUID, account_id: UUID | None, *, center: bool) -> None:
    """Let an account look after a matter, at the center or at its unit; None leaves the place empty."""
    column = MatterRow.center_clerk_id if center else MatterRow.unit_clerk_id
    await session.execute(update(MatterRow).where(MatterRow.id == matter_id).values({column: account_id}))


async def tended_by(session: Session, matter_id: UUID) -> tuple[UUID | None, UUID | None]:
    """Return the accounts that look after a matter: at its unit, at the center."""
    row = (
        await session.execute(
            select(MatterRow.unit_clerk_id, MatterRow.center_clerk_id).where(MatterRow.id == matter_id)
        )
    ).one()
    return row[0], row[1]


def _whole() -> Any:
    by, asked, lifted, about = (aliased(PersonRow) for _ in range(4))
    return (
        select(StaffRecusalRow, about.name, by.name, asked.name, lifted.name)
        .join(about, about.id == StaffRecusalRow.person_id)
        .join(by, by.id == StaffRecusalRow.by_person_id)
        .outerjoin(asked, asked.id == StaffRecusalRow.asked_person_id)
        .outerjoin(lifted, lifted.id == StaffRecusalRow.lifted_person_id)
    )


def _recusal(row: StaffRecusalRow, name: str, by: str, asked_by: str | None, lifted_by: str | None) -> Recusal:
    return Recusal(
        id=row.id,
        matter_id=row.matter_id,
        person_id=row.person_id,
        name=name,
        ground=row.ground,
        policy_row=row.policy_row,
        basis=row.basis,
        reason=row.reason,
        by=by,
        at=row.at,
        state=row.state,
        asked_person_id=row.asked_person_id,
        asked_by=asked_by or "",
        asked_at=row.asked_at,
        asked_reason=row.asked_reason,
        lifted_by=lifted_by or "",
        lifted_at=row.lifted_at,
        version=row.version,
    )
