"""What keeps experts from a meeting on a day: days away, other meetings, opinions that are due, terms that end.

Duties count while they run: not those of a stopped matter, of a panel that was reopened, or of a review that is over.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, func, select

from service.clock import day_begins, day_of
from service.storage.review import in_force
from service.storage.rows.library import AppointmentRow, AwayRow, ExpertRow
from service.storage.rows.matters import MatterRow
from service.storage.rows.meetings import ReviewMeetingRow
from service.storage.rows.review import ReviewPartRow, ReviewRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Clash:
    """Why a person cannot well come on a day.

    Attributes:
        person_id: who.
        on: the day.
        kind: `away`, `meeting`, `opinion` (another one is due that day) or `term` (the appointment has ended).
        starts_at, ends_at: of the other meeting, else None.
    """

    person_id: UUID
    on: date
    kind: str
    starts_at: datetime | None = None
    ends_at: datetime | None = None

    def hinders(self, starts_at: datetime, ends_at: datetime) -> bool:
        """Return whether it stands against a meeting between two instants; another meeting only if they overlap."""
        if self.starts_at is None or self.ends_at is None:
            return self.on == day_of(starts_at)
        return self.starts_at < ends_at and starts_at < self.ends_at


async def clashes_of(
    session: Session, matter_id: UUID, people: Collection[UUID], *, first: date, last: date
) -> Sequence[Clash]:
    """Return every clash of some people in a span of days, both inclusive. Other matters are not named.

    Args:
        session: a reading session.
        matter_id: the matter whose meeting is sought; its own dates are no clash.
        people: whom.
        first, last: the days.
    """
    days = [first + timedelta(days=step) for step in range((last - first).days + 1)]
    found: list[Clash] = []
    away = await session.execute(
        select(ExpertRow.person_id, AwayRow.from_on, AwayRow.to_on)
        .join(ExpertRow, ExpertRow.id == AwayRow.expert_id)
        .where(ExpertRow.person_id.in_(people), AwayRow.from_on <= last, AwayRow.to_on >= first)
    )
    for person_id, from_on, to_on in away:
        found += [Clash(person_id, day, "away") for day in days if from_on <= day <= to_on]
    part = ReviewPartRow
    # Panels that were reopened since, and matters that were stopped, ask nothing of anybody.
    running = (MatterRow.state == "determined", in_force())
    due = await session.execute(
        select(part.person_id, part.due_on)
        .join(MatterRow, MatterRow.id == part.matter_id)
        .join(ReviewRow, and_(ReviewRow.matter_id == part.matter_id, ReviewRow.round == part.round))
        .where(
            *running,
            ReviewRow.closed.is_(False),
            part.person_id.in_(people),
            part.matter_id != matter_id,
            part.answer == "accepted",
            part.ended == "",
            part.signed_on.is_(None),
            part.due_on >= first,
            part.due_on <= last,
        )
    )
    found += [Clash(person_id, due_on, "opinion") for person_id, due_on in due if due_on is not None]
    others = await session.execute(
        select(part.person_id, ReviewMeetingRow.starts_at, ReviewMeetingRow.ends_at)
        .join(part, and_(part.matter_id == ReviewMeetingRow.matter_id, part.round == ReviewMeetingRow.round))
        .join(MatterRow, MatterRow.id == part.matter_id)
        .join(ReviewRow, and_(ReviewRow.matter_id == part.matter_id, ReviewRow.round == part.round))
        .where(
            *running,
            ReviewRow.filed.is_(False),
            part.person_id.in_(people),
            part.ended == "",
            part.answer.in_(("", "accepted")),
            ReviewMeetingRow.matter_id != matter_id,
            ReviewMeetingRow.status == "set",
            ReviewMeetingRow.starts_at >= day_begins(first),
            ReviewMeetingRow.starts_at < day_begins(last + timedelta(days=1)),
        )
    )
    found += [
        Clash(person_id, day_of(starts_at), "meeting", starts_at, ends_at) for person_id, starts_at, ends_at in others
    ]
    ends = await session.execute(
        select(ExpertRow.person_id, func.max(AppointmentRow.ends_on))
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .where(ExpertRow.person_id.in_(people))
        .group_by(ExpertRow.person_id)
    )
    for person_id, ends_on in ends:
        found += [Clash(person_id, day, "term") for day in days if day > ends_on]
    return sorted(found, key=lambda one: (one.on, one.kind, str(one.person_id)))


def by_day(clashes: Collection[Clash]) -> Mapping[tuple[UUID, date], Sequence[Clash]]:
    """Return person and day -> what stands against it."""
    found: dict[tuple[UUID, date], list[Clash]] = defaultdict(list)
    for one in clashes:
        found[(one.person_id, one.on)].append(one)
    return found
