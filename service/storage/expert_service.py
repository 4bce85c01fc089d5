"""What experts have served: the panels they sat on, for lists, strips and their own page."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import or_, select

from registry import SERVICE_MONTHS, Duty, DutyOutcome, MonthCount, add_months, monthly_strip, service_of
from service.access import Viewer
from service.clock import day_of
from service.storage.matters import visible_to
from service.storage.rows.library import ExpertRow, OrganisationRow
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class ServedPanel:
    """A place on a panel.

    Attributes:
        matter_id, matter_number, matter_title, unit_name: of the matter.
        role: `member` or `reserve`.
        seat: code of the field the seat is for, None for an open seat.
        pending: whether the panel is only proposed.
        on: the day it was determined, or proposed while pending.
    """

    matter_id: UUID
    matter_number: str
    matter_title: str
    unit_name: str
    role: str
    seat: str | None
    pending: bool
    on: date

    @property
    def duty(self) -> Duty:
        """The place as the library counts it."""
        return Duty(self.on, DutyOutcome.PENDING if self.pending else DutyOutcome.DETERMINED)


async def served_by(
    session: Session, viewer: Viewer, expert_ids: Collection[UUID], *, as_of: date | None = None
) -> Mapping[UUID, Sequence[ServedPanel]]:
    """Return the panels of experts, newest first, of matters that the viewer may know.

    Args:
        session: a reading session.
        viewer: who looks.
        expert_ids: whose.
        as_of: with it, only what can count as service on that day.
    """
    if not expert_ids:
        return {}
    alias = await once_known_as(session, expert_ids)
    wanted = (
        select(
            PanelMemberRow.expert_id,
            PanelMemberRow.role,
            PanelMemberRow.seat,
            PanelRow.determined_on,
            PanelRow.proposed_at,
            PanelRow.as_of,
            MatterRow.id,
            MatterRow.number,
            MatterRow.title,
            OrganisationRow.name,
        )
        .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
        .join(MatterRow, MatterRow.id == PanelRow.matter_id)
        .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
        .where(
            PanelMemberRow.expert_id.in_({*expert_ids, *alias}),
            PanelRow.state.in_(("determined", "proposed")),
            visible_to(viewer),
        )
        .order_by(PanelRow.as_of.desc(), PanelRow.id)
    )
    if as_of is not None:
        since = add_months(as_of, -SERVICE_MONTHS).replace(day=1)
        wanted = wanted.where(
            PanelMemberRow.role == "member", or_(PanelRow.determined_on.is_(None), PanelRow.determined_on >= since)
        )
    served: dict[UUID, list[ServedPanel]] = defaultdict(list)
    for expert_id, role, seat, determined_on, proposed_at, day, matter_id, number, title, unit in await session.execute(
        wanted
    ):
        pending = determined_on is None
        on = determined_on or (day_of(proposed_at) if proposed_at else day)
        served[alias.get(expert_id, expert_id)].append(
            ServedPanel(matter_id, number, title, unit, role, seat, pending, on)
        )
    return served


async def once_known_as(session: Session, expert_ids: Collection[UUID]) -> dict[UUID, UUID]:
    """Return the records that went into these experts' own: record -> expert. What they did on matters is theirs."""
    rows = await session.execute(
        select(ExpertRow.id, ExpertRow.merged_into).where(ExpertRow.merged_into.in_(expert_ids))
    )
    return {id_: into for id_, into in rows if into is not None}


def strip_of(panels: Collection[ServedPanel], *, as_of: date) -> tuple[tuple[MonthCount, ...], int]:
    """Return the counts of the last 24 months, oldest first, and the service that counts on the day."""
    duties = [panel.duty for panel in panels if panel.role == "member"]
    return monthly_strip(duties, as_of=as_of), service_of(duties, as_of=as_of)
