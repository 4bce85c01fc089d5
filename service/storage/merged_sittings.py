"""Invitations to sit in that go with a record into another one, and back.

An invitation is open until attendance was entered for the meeting: until then it is something to be answered, and the
person answers it under the record that stays. Who sat in stays as it was written.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import RowMapping, delete, insert, select, update

from service.storage.rows.sittings import SittingGuestRow, SittingRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class MovedInvitation:
    """An invitation that a merger of records moved, as it was.

    Attributes:
        sitting_id: the meeting.
        joined: whether the record that stays was invited to it too: then one invitation stands for both.
        answered: whether that one took this one's answer, having none.
        invited_on, answered_on: days, ISO; None where there was no answer.
    """

    sitting_id: str
    joined: bool
    answered: bool
    invited_on: str
    answer: str
    answered_on: str | None


async def move_invitations(session: Session, gone_id: UUID, kept_id: UUID) -> list[MovedInvitation]:
    """Hand the open invitations of one record to another; return them as they were."""
    invited = await session.scalars(select(SittingGuestRow.sitting_id).where(SittingGuestRow.expert_id == gone_id))
    open_ = await _hold_open(session, tuple(invited))
    mine = await _invitations(session, kept_id, open_)
    moved = []
    for sitting_id, one in (await _invitations(session, gone_id, open_)).items():
        other = mine.get(sitting_id)
        answered = other is not None and not other["answer"] and bool(one["answer"])
        if other is None:
            await _change(session, sitting_id, gone_id, expert_id=kept_id)
        else:
            if answered:
                await _change(session, sitting_id, kept_id, answer=one["answer"], answered_on=one["answered_on"])
            await session.execute(
                delete(SittingGuestRow).where(
                    SittingGuestRow.sitting_id == sitting_id, SittingGuestRow.expert_id == gone_id
                )
            )
        moved.append(
            MovedInvitation(
                sitting_id=str(sitting_id),
                joined=other is not None,
                answered=answered,
                invited_on=one["invited_on"].isoformat(),
                answer=one["answer"],
                answered_on=one["answered_on"] and one["answered_on"].isoformat(),
            )
        )
    await _raise(session, [UUID(one.sitting_id) for one in moved])
    return moved


async def move_invitations_back(
    session: Session, gone_id: UUID, kept_id: UUID, moved: Sequence[MovedInvitation]
) -> list[UUID]:
    """Hand invitations back; where attendance was entered since they stay. Returns the meetings of those that went."""
    open_ = await _hold_open(session, [UUID(one.sitting_id) for one in moved])
    mine = await _invitations(session, kept_id, open_)
    back = []
    for one in moved:
        sitting_id = UUID(one.sitting_id)
        now = mine.get(sitting_id)
        if now is None:
            continue
        back.append(sitting_id)
        if not one.joined:
            await _change(session, sitting_id, kept_id, expert_id=gone_id)
            continue
        answered_on = None if one.answered_on is None else date.fromisoformat(one.answered_on)
        if one.answered and (now["answer"], now["answered_on"]) == (one.answer, answered_on):
            await _change(session, sitting_id, kept_id, answer="", answered_on=None)
        await session.execute(
            insert(SittingGuestRow).values(
                sitting_id=sitting_id,
                expert_id=gone_id,
                invited_on=date.fromisoformat(one.invited_on),
                answer=one.answer,
                answered_on=answered_on,
                came=None,
                version=1,
            )
        )
    await _raise(session, back)
    return back


async def _hold_open(session: Session, sitting_ids: Collection[UUID]) -> tuple[UUID, ...]:
    """Hold meetings, so that nobody enters who came meanwhile; return those for which nobody has."""
    held = await session.scalars(
        select(SittingRow.id).where(SittingRow.id.in_(sitting_ids)).order_by(SittingRow.id).with_for_update()
    )
    ids = tuple(held)
    over = select(SittingGuestRow.sitting_id).where(
        SittingGuestRow.sitting_id.in_(ids), SittingGuestRow.came.is_not(None)
    )
    attended = set(await session.scalars(over))
    return tuple(id_ for id_ in ids if id_ not in attended)


async def _invitations(session: Session, expert_id: UUID, sitting_ids: Collection[UUID]) -> Mapping[UUID, RowMapping]:
    """Return meeting -> day, answer and its day of an expert's invitations, by meeting."""
    rows = await session.execute(
        select(
            SittingGuestRow.sitting_id,
            SittingGuestRow.invited_on,
            SittingGuestRow.answer,
            SittingGuestRow.answered_on,
        )
        .where(SittingGuestRow.expert_id == expert_id, SittingGuestRow.sitting_id.in_(sitting_ids))
        .order_by(SittingGuestRow.sitting_id)
    )
    return {row["sitting_id"]: row for row in rows.mappings()}


async def _change(session: Session, sitting_id: UUID, guest: UUID, /, **values: Any) -> None:
    await session.execute(
        update(SittingGuestRow)
        .where(SittingGuestRow.sitting_id == sitting_id, SittingGuestRow.expert_id == guest)
        .values(version=SittingGuestRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


async def _raise(session: Session, sitting_ids: Collection[UUID]) -> None:
    await session.execute(
        update(SittingRow)
        .where(SittingRow.id.in_(sitting_ids))
        .values(version=SittingRow.version + 1)
        .execution_options(synchronize_session=False)
    )
