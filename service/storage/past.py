"""The record time of employments and of superior units: what was known of one before it was changed or removed.

The row holds what stands now. Before it changes, its former version goes to a table of its own, so that a check that
looks back (`known_at`) gives the answer of that day. What became known in this very instant has no past: nobody ever
saw it otherwise.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from sqlalchemy import insert, literal, select

from service.storage.base import Instant
from service.storage.roster import in_chunks
from service.storage.rows.library import (
    EmploymentPastRow,
    EmploymentRow,
    OrganisationParentPastRow,
    OrganisationParentRow,
)
from service.storage.session import Session

_PER_QUERY: Final = 500


async def keep_past(session: Session, employment_ids: Sequence[UUID], *, at: datetime) -> None:
    """Keep employments as they stand before an act changes them.

    Args:
        session: the unit of work of the act.
        employment_ids: those that change.
        at: the instant of the act, from which on the former version counts no more.
    """
    await _keep(session, EmploymentRow, EmploymentPastRow, "employment_id", employment_ids, at=at)


async def keep_past_parents(session: Session, tie_ids: Sequence[UUID], *, at: datetime) -> None:
    """Keep ties to superior units as they stand before an act changes or removes them; as `keep_past`."""
    await _keep(session, OrganisationParentRow, OrganisationParentPastRow, "tie_id", tie_ids, at=at)


async def _keep(session: Session, row: Any, past: Any, key: str, ids: Sequence[UUID], *, at: datetime) -> None:
    kept = [column.name for column in past.__table__.columns if column.name not in (key, "retired_at")]
    for chunk in in_chunks(ids, _PER_QUERY):
        former = select(row.id, *(getattr(row, name) for name in kept), literal(at, Instant())).where(
            row.id.in_(chunk), row.known_at < at
        )
        await session.execute(insert(past).from_select([key, *kept, "retired_at"], former))
