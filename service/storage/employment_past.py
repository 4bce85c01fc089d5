"""The record time of employments: what was known of one before it was changed.

The row of an employment holds what stands now. Before it changes, its former version goes to a table of its own, so
that a check that looks back (`known_at`) gives the answer of that day.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import insert, literal, select

from service.storage.base import Instant
from service.storage.roster import in_chunks
from service.storage.rows.library import EmploymentPastRow, EmploymentRow
from service.storage.session import Session

_PER_QUERY: Final = 500


async def keep_past(session: Session, employment_ids: Sequence[UUID], *, at: datetime) -> None:
    """Keep employments as they stand before an act changes them.

    What became known in this very instant has no past: nobody ever saw it otherwise.

    Args:
        session: the unit of work of the act.
        employment_ids: those that change.
        at: the instant of the act, from which on the former version counts no more.
    """
    for chunk in in_chunks(employment_ids, _PER_QUERY):
        former = select(
            EmploymentRow.id,
            EmploymentRow.known_at,
            EmploymentRow.person_id,
            EmploymentRow.organisation_id,
            EmploymentRow.kind,
            EmploymentRow.from_on,
            EmploymentRow.to_on,
            literal(at, Instant()),
        ).where(EmploymentRow.id.in_(chunk), EmploymentRow.known_at < at)
        columns = (
            "employment_id",
            "known_at",
            "person_id",
            "organisation_id",
            "kind",
            "from_on",
            "to_on",
            "retired_at",
        )
        await session.execute(insert(EmploymentPastRow).from_select(columns, former))
