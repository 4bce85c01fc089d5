"""Panels of matters: locks set by hand, what was proposed, what was determined."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import exists, select, update

from service.access.viewer import CENTER, CENTER_HEAD
from service.storage.rows.accounts import AccountRoleRow, AccountRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.matters import PanelChangeRow, PanelLockRow, PanelMemberRow, PanelRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Lock:
    """An expert kept in or out by hand.

    Attributes:
        expert_id: who.
        locked: `in` or `out`.
        reason: why, as typed.
        by: name of the person who set it.
        at: when.
        hand: the person who set it with an account of the center; None for a unit's.
    """

    expert_id: UUID
    locked: str
    reason: str
    by: str
    at: datetime
    hand: UUID | None = None


@dataclass(frozen=True, slots=True)
class PanelSeat:
    """A member or reserve of a stored panel."""

    expert_id: UUID
    role: str
    position: int
    seat: str | None
    replaces: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PanelChange:
    """What the center changed in the unit's proposal."""

    out_id: UUID | None
    in_id: UUID | None
    reason: str
    by: str
    at: datetime


@dataclass(frozen=True, slots=True)
class StoredPanel:
    """A panel as stored."""

    id: UUID
    matter_id: UUID
    round: int
    state: str
    mode: str
    as_of: date
    edition: str
    policy: str
    problem: dict[str, Any] | None
    problem_sha256: str
    result: dict[str, Any] | None
    proposed_by: UUID | None
    proposer: str
    proposed_at: datetime | None
    determined_by: UUID | None
    determiner: str
    determined_at: datetime | None
    determined_on: date | None
    approver: str
    approved_at: datetime | None
    seats: tuple[PanelSeat, ...]
    changes: tuple[PanelChange, ...]

    @property
    def members(self) -> tuple[PanelSeat, ...]:
        """The members, in order."""
        return tuple(seat for seat in self.seats if seat.role == "member")

    @property
    def reserves(self) -> tuple[PanelSeat, ...]:
        """The reserves, in the order in which they are called."""
        return tuple(seat for seat in self.seats if seat.role == "reserve")


async def locks_of(session: Session, matter_id: UUID) -> tuple[Lock, ...]:
    """Return the locks of a matter, oldest first."""
    center = exists().where(AccountRoleRow.account_id == AccountRow.id, AccountRoleRow.role.in_((CENTER, CENTER_HEAD)))
    rows = await session.execute(
        select(PanelLockRow, PersonRow.name, PersonRow.id, center)
        .join(AccountRow, AccountRow.id == PanelLockRow.by_account_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(PanelLockRow.matter_id == matter_id)
        .order_by(PanelLockRow.at, PanelLockRow.expert_id)
    )
    return tuple(
        Lock(row.expert_id, row.locked, row.reason, name, row.at, person_id if ours else None)
        for row, name, person_id, ours in rows
    )


async def set_lock(
    session: Session,
    matter_id: UUID,
    expert_id: UUID,
    *,
    locked: str,
    reason: str,
    by_account_id: UUID,
    at: datetime,
) -> None:
    """Set or replace the lock of one expert."""
    await session.merge(
        PanelLockRow(
            matter_id=matter_id, expert_id=expert_id, locked=locked, reason=reason, by_account_id=by_account_id, at=at
        )
    )


async def lift_lock(session: Session, matter_id: UUID, expert_id: UUID) -> bool:
    """Remove a lock; return whether there was one."""
    row = await session.get(PanelLockRow, (matter_id, expert_id))
    if row is None:
        return False
    await session.delete(row)
    return True


async def panels_of(session: Session, matter_id: UUID) -> tuple[StoredPanel, ...]:
    """Return every panel of a matter, first round first."""
    rows = list(await session.scalars(select(PanelRow).where(PanelRow.matter_id == matter_id).order_by(PanelRow.round)))
    return await _whole(session, rows)


async def panel_of(session: Session, panel_id: UUID) -> StoredPanel | None:
    """Return one panel, or None."""
    rows = list(await session.scalars(select(PanelRow).where(PanelRow.id == panel_id)))
    found = await _whole(session, rows)
    return found[0] if found else None


async def add_changes(
    session: Session,
    panel_id: UUID,
    changes: Sequence[tuple[UUID | None, UUID | None, str]],
    *,
    by_account_id: UUID,
    at: datetime,
) -> None:
    """Add what the center changed, each with its reason, after what it changed before."""
    held = len(list(await session.scalars(select(PanelChangeRow.position).where(PanelChangeRow.panel_id == panel_id))))
    session.add_all(
        PanelChangeRow(
            panel_id=panel_id,
            position=held + index,
            out_id=out_id,
            in_id=in_id,
            reason=reason,
            by_account_id=by_account_id,
            at=at,
        )
        for index, (out_id, in_id, reason) in enumerate(changes)
    )
    await session.flush()


async def set_panel_state(session: Session, panel_id: UUID, **values: Any) -> None:
    """Change columns of a panel's row: its state, who determined it and when."""
    await session.execute(update(PanelRow).where(PanelRow.id == panel_id).values(**values))


async def _whole(session: Session, rows: Sequence[PanelRow]) -> tuple[StoredPanel, ...]:
    ids = [row.id for row in rows]
    seats: dict[UUID, list[PanelSeat]] = defaultdict(list)
    for row in await session.scalars(
        select(PanelMemberRow)
        .where(PanelMemberRow.panel_id.in_(ids))
        .order_by(PanelMemberRow.role, PanelMemberRow.position)
    ):
        seats[row.panel_id].append(
            PanelSeat(row.expert_id, row.role, row.position, row.seat, tuple(row.replaces or ()))
        )
    changes: dict[UUID, list[PanelChange]] = defaultdict(list)
    for change, name in await session.execute(
        select(PanelChangeRow, PersonRow.name)
        .join(AccountRow, AccountRow.id == PanelChangeRow.by_account_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(PanelChangeRow.panel_id.in_(ids))
        .order_by(PanelChangeRow.position)
    ):
        changes[change.panel_id].append(PanelChange(change.out_id, change.in_id, change.reason, name, change.at))
    people = {
        person for row in rows for person in (row.proposed_by, row.determined_by, row.approved_by) if person is not None
    }
    names = dict(
        (await session.execute(select(PersonRow.id, PersonRow.name).where(PersonRow.id.in_(people)))).tuples().all()
    )
    return tuple(
        StoredPanel(
            id=row.id,
            matter_id=row.matter_id,
            round=row.round,
            state=row.state,
            mode=row.mode,
            as_of=row.as_of,
            edition=row.edition,
            policy=row.policy,
            problem=row.problem,
            problem_sha256=row.problem_sha256,
            result=row.result,
            proposed_by=row.proposed_by,
            proposer=names.get(row.proposed_by, "") if row.proposed_by else "",
            proposed_at=row.proposed_at,
            determined_by=row.determined_by,
            determiner=names.get(row.determined_by, "") if row.determined_by else "",
            determined_at=row.determined_at,
            determined_on=row.determined_on,
            approver=names.get(row.approved_by, "") if row.approved_by else "",
            approved_at=row.approved_at,
            seats=tuple(seats.get(row.id, ())),
            changes=tuple(changes.get(row.id, ())),
        )
        for row in rows
    )


async def sat_on_panel(session: Session, matter_id: UUID, person_id: UUID) -> bool:
    """Return whether a person is, or was, a member of a determined panel of a matter."""
    found = await session.scalar(
        select(PanelMemberRow.panel_id)
        .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
        .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
        .where(
            PanelRow.matter_id == matter_id,
            PanelRow.determined_on.is_not(None),
            PanelMemberRow.role == "member",
            ExpertRow.person_id == person_id,
        )
        .limit(1)
    )
    return found is not None
