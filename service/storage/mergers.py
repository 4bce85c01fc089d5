"""Which records went into an expert's, as pages show it."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from service.storage.rows.library import ExpertRow
from service.storage.rows.mergers import RecordMergerRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class MergerView:
    """A merger on an expert's page, newest first.

    Attributes:
        other_id, number: the record that went.
        at: when.
        undone_at: when it was taken back.
    """

    id: UUID
    other_id: UUID
    number: str
    at: datetime
    undone_at: datetime | None


async def mergers_of(session: Session, expert_id: UUID) -> tuple[MergerView, ...]:
    """Return the records that were merged into one, the newest first."""
    rows = await session.execute(
        select(RecordMergerRow, ExpertRow.number)
        .join(ExpertRow, ExpertRow.id == RecordMergerRow.gone_id)
        .where(RecordMergerRow.kept_id == expert_id)
        .order_by(RecordMergerRow.id.desc())
    )
    return tuple(MergerView(row.id, row.gone_id, number, row.at, row.undone_at) for row, number in rows)
