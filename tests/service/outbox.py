"""What stands in the outbox: the notices that acts have written, newest first."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from service.jobs.tables import OutboxRow
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice and the name of its recipient."""

    template: str
    recipient: str
    channel: str
    state: str
    attempts: int
    problem: str
    delivered_at: datetime | None


async def notices(session: Session, *, state: str = "") -> list[Notice]:
    """Return all notices, or those in a state."""
    rows = await session.execute(
        select(OutboxRow, func.coalesce(PersonRow.name, ""))
        .outerjoin(AccountRow, AccountRow.id == OutboxRow.recipient_account_id)
        .outerjoin(PersonRow, PersonRow.id == func.coalesce(OutboxRow.recipient_person_id, AccountRow.person_id))
        .order_by(OutboxRow.created_at.desc(), OutboxRow.id.desc())
    )
    return [
        Notice(row.template, name, row.channel, row.state, row.attempts, row.problem, row.delivered_at)
        for row, name in rows
        if state in ("", row.state)
    ]
