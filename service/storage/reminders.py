"""Who is asked for something in a review and has not done it, and the reminders that were sent."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.dialects import postgresql, sqlite

from service.access import Viewer
from service.ids import new_id
from service.storage.matters import visible_to
from service.storage.review import in_force
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.rows.notices import ReminderRow
from service.storage.rows.review import ReviewPartRow, ReviewRow
from service.storage.session import Session

ANSWER: Final = "answer"
UNDERTAKING: Final = "undertaking"
WORK: Final = "work"
TEMPLATES: Final[Mapping[str, str]] = {
    ANSWER: "REMINDER_ANSWER",
    UNDERTAKING: "REMINDER_UNDERTAKING",
    WORK: "REMINDER_WORK",
}
"""What is asked for -> the notice that reminds of it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody who is asked for something and has not done it.

    Attributes:
        matter_id, matter_number, matter_title: where.
        expert_id, person_id, name: who.
        kind: `answer`, `undertaking` or `work`.
        due_on: last day for it.
        has_email, has_phone: how the person can be reached.
        reminded_at: when the person was last reminded of it, None before.
        times: how often.
    """

    matter_id: UUID
    matter_number: str
    matter_title: str
    expert_id: UUID
    person_id: UUID
    name: str
    kind: str
    due_on: date
    has_email: bool
    has_phone: bool
    reminded_at: datetime | None = None
    times: int = 0

    @property
    def key(self) -> str:
        """The name of this line in a form."""
        return f"{self.matter_id}:{self.expert_id}"


@dataclass(frozen=True, slots=True)
class ReminderView:
    """A reminder in the log of a person's card; `by` is empty for the ladder, `step` None for a person's."""

    kind: str
    due_on: date
    step: int | None
    to_center: bool
    by: str
    sent_at: datetime


async def asked_now(session: Session, viewer: Viewer | None, *, matter_id: UUID | None = None) -> Sequence[Asked]:
    """Return everybody who is asked for something in a running review, soonest day first.

    Args:
        session: an open session.
        viewer: who looks; None for the ladder, which reminds in every matter.
        matter_id: one matter only.
    """
    part = ReviewPartRow
    open_ = and_(part.answer == "", part.ended == "")
    working = and_(part.answer == "accepted", part.ended == "", part.signed_on.is_(None))
    wanted = (
        select(part, MatterRow.number, MatterRow.title, ExpertRow.id, PersonRow)
        .join(MatterRow, MatterRow.id == part.matter_id)
        .join(ReviewRow, and_(ReviewRow.matter_id == part.matter_id, ReviewRow.round == part.round))
        .join(PersonRow, PersonRow.id == part.person_id)
        .join(ExpertRow, ExpertRow.person_id == part.person_id)
        .where(MatterRow.state == "determined", ReviewRow.closed.is_(False), in_force(), or_(open_, working))
    )
    if viewer is not None:
        wanted = wanted.where(visible_to(viewer))
    if matter_id is not None:
        wanted = wanted.where(part.matter_id == matter_id)
    found = []
    for row, number, title, expert_id, person in await session.execute(wanted):
        what = _asked_for(row)
        if what is not None:
            found.append(
                Asked(
                    matter_id=row.matter_id,
                    matter_number=number,
                    matter_title=title,
                    expert_id=expert_id,
                    person_id=person.id,
                    name=person.name,
                    kind=what[0],
                    due_on=what[1],
                    has_email=bool(person.email),
                    has_phone=bool(person.phone_masked),
                )
            )
    return sorted(await _with_log(session, found), key=lambda one: (one.due_on, one.matter_number, one.name))


async def note_reminder(
    session: Session,
    asked: Asked,
    *,
    step: int | None,
    to_center: bool = False,
    account_id: UUID | None = None,
    at: datetime,
) -> bool:
    """Note a reminder, and return whether it is a new one: a step of the ladder is done once, whoever does it."""
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(ReminderRow).values(
        id=new_id(),
        matter_id=asked.matter_id,
        person_id=asked.person_id,
        kind=asked.kind,
        due_on=asked.due_on,
        step=step,
        to_center=to_center,
        account_id=account_id,
        sent_at=at,
    )
    return await session.scalar(statement.on_conflict_do_nothing().returning(ReminderRow.id)) is not None


async def steps_done(session: Session, asked: Collection[Asked]) -> Mapping[tuple[UUID, UUID, str, date], int]:
    """Return matter, person, what for and day -> highest step of the ladder that was done."""
    rows = await session.execute(
        select(
            ReminderRow.matter_id, ReminderRow.person_id, ReminderRow.kind, ReminderRow.due_on, ReminderRow.step
        ).where(ReminderRow.matter_id.in_({one.matter_id for one in asked}), ReminderRow.step.is_not(None))
    )
    done: dict[tuple[UUID, UUID, str, date], int] = {}
    for matter_id, person_id, kind, due_on, step in rows:
        key = (matter_id, person_id, kind, due_on)
        done[key] = max(step, done.get(key, step))
    return done


async def reminders_of(session: Session, matter_id: UUID, person_id: UUID) -> Sequence[ReminderView]:
    """Return the log of a person's card, newest first."""
    rows = await session.execute(
        select(ReminderRow, PersonRow.name)
        .outerjoin(AccountRow, AccountRow.id == ReminderRow.account_id)
        .outerjoin(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(ReminderRow.matter_id == matter_id, ReminderRow.person_id == person_id)
        .order_by(ReminderRow.sent_at.desc(), ReminderRow.id.desc())
    )
    return [ReminderView(row.kind, row.due_on, row.step, row.to_center, by or "", row.sent_at) for row, by in rows]


def _asked_for(part: ReviewPartRow) -> tuple[str, date] | None:
    if not part.answer:
        return ANSWER, part.respond_by
    if not part.undertaking_sha256:
        return UNDERTAKING, part.respond_by
    return None if part.due_on is None else (WORK, part.due_on)


async def _with_log(session: Session, found: Sequence[Asked]) -> Sequence[Asked]:
    rows = await session.execute(
        select(ReminderRow.matter_id, ReminderRow.person_id, ReminderRow.kind, ReminderRow.sent_at)
        .where(ReminderRow.matter_id.in_({one.matter_id for one in found}), ReminderRow.to_center.is_(False))
        .order_by(ReminderRow.sent_at)
    )
    log: dict[tuple[UUID, UUID, str], list[datetime]] = {}
    for matter_id, person_id, kind, sent_at in rows:
        log.setdefault((matter_id, person_id, kind), []).append(sent_at)
    lines = []
    for one in found:
        sent = log.get((one.matter_id, one.person_id, one.kind), [])
        lines.append(replace(one, reminded_at=sent[-1], times=len(sent)) if sent else one)
    return lines
