"""Matters that say what panel they need: the ones to plan for, and the ones that the coming years may be like."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from service.access import Viewer
from service.storage.matters import visible_to
from service.storage.rows.matters import MatterRow
from service.storage.session import Session


async def matters_with_need(session: Session, *, states: Sequence[str], since: date | None = None) -> list[UUID]:
    """Return the matters in one of these states that have a need, oldest first.

    Args:
        session: a reading session.
        states: such as `need-set`.
        since: only those opened on that day or later; None for all.
    """
    wanted = select(MatterRow.id, MatterRow.need).where(MatterRow.state.in_(states))
    if since is not None:
        wanted = wanted.where(MatterRow.opened_on >= since)
    rows = await session.execute(wanted.order_by(MatterRow.opened_on, MatterRow.number))
    # What was recorded from before the regulation holds who sat, not what was needed.
    return [matter_id for matter_id, need in rows.tuples() if need.get("size")]


async def names_of_matters(
    session: Session, viewer: Viewer, matters: Collection[UUID]
) -> Mapping[UUID, tuple[str, str]]:
    """Return matter -> number and title, of those that the viewer may know."""
    rows = await session.execute(
        select(MatterRow.id, MatterRow.number, MatterRow.title).where(MatterRow.id.in_(matters), visible_to(viewer))
    )
    return {matter_id: (number, title) for matter_id, number, title in rows.tuples()}
