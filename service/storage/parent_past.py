"""The record time of superior units: what was known of one before it was changed or removed.

As with employments (`service.storage.employment_past`), the row holds what stands now and its former versions lie in a
table of their own, so that a check that looks back (`known_at`) gives the answer of that day.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, literal, select

from service.storage.base import Instant
from service.storage.roster import in_chunks
from service.storage.rows.library import OrganisationParentPastRow, OrganisationParentRow
from service.storage.session import Session

_PER_QUERY: Final = 500


async def keep_past_parents(session: Session, tie_ids: Sequence[UUID], *, at: datetime) -> None:
    """Keep ties to superior units as they stand before an act changes or removes them.

    What became known in this very instant has no past: nobody ever saw it otherwise.

    Args:
        session: the unit of work of the act.
        tie_ids: those that change.
        at: the instant of the act, from which on the former version counts no more.
    """
    row = OrganisationParentRow
    for chunk in in_chunks(tie_ids, _PER_QUERY):
        former = select(
            row.id, row.known_at, row.organisation_id, row.parent_id, row.from_on, row.to_on, literal(at, Instant())
        ).where(row.id.in_(chunk), row.known_at < at)
        columns = ("tie_id", "known_at", "organisation_id", "parent_id", "from_on", "to_on", "retired_at")
        await session.execute(insert(OrganisationParentPastRow).from_select(columns, former))
