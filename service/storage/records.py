"""What every expert's work on panels came to, read from the parts of the reviews."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import func, select

from registry import Assignment, Record, record_of
from service.clock import day_of
from service.storage.rows.library import ExpertRow
from service.storage.rows.review import ReviewPartRow
from service.storage.session import Session
from workflow import OBJECTIVE


async def records_of(
    session: Session, expert_ids: Collection[UUID], *, on: date, since_on: Mapping[UUID, date] | None = None
) -> Mapping[UUID, Record]:
    """Return expert -> the record on a day; who was never asked has an empty one.

    Args:
        session: a reading session.
        expert_ids: whose.
        on: the day.
        since_on: expert -> with it, only panels for which the expert was asked on that day or later, such as the first
            of the last term.
    """
    # The parts of a record that went into another one are that one's.
    kept = func.coalesce(ExpertRow.merged_into, ExpertRow.id)
    rows = await session.execute(
        select(kept, ReviewPartRow)
        .join(ReviewPartRow, ReviewPartRow.person_id == ExpertRow.person_id)
        .where(kept.in_(expert_ids))
    )
    assignments: dict[UUID, list[Assignment]] = defaultdict(list)
    for expert_id, part in rows:
        if since_on is None or day_of(part.invited_at) >= since_on.get(expert_id, date.min):
            assignments[expert_id].append(_assignment(part))
    return {expert_id: record_of(assignments[expert_id], on=on) for expert_id in expert_ids}


async def record_between(session: Session, *, first: date, last: date, on: date) -> Record:
    """Return what all who were asked between two days, both inclusive, made of it, as it stands on a day."""
    # An instant of the day lies less than a day from its midnight, whatever the zone.
    since = datetime.combine(first, time(), UTC) - timedelta(days=1)
    rows = await session.scalars(select(ReviewPartRow).where(ReviewPartRow.invited_at >= since))
    parts = [part for part in rows if first <= day_of(part.invited_at) <= last]
    return record_of([_assignment(part) for part in parts], on=on)


def _assignment(part: ReviewPartRow) -> Assignment:
    return Assignment(
        answer=part.answer,
        objective=OBJECTIVE.get(part.code, True),
        left=bool(part.ended),
        due_on=part.due_on,
        signed_on=part.signed_on,
        late=part.late,
        set_aside=part.set_aside,
        points=part.points,
    )
