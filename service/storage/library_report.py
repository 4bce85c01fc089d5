"""A year of the library's use: who came and went, which panels were formed, how invitations and opinions went."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from registry import Record, State
from service.access import Viewer, require
from service.storage.figures import Figures, load_figures
from service.storage.records import record_between
from service.storage.rows.library import AppointmentRow, ExpertRow, OrganisationRow
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class YearReport:
    """The library's use in a year, up to a day.

    Attributes:
        first, last: the days it covers, both inclusive.
        figures: the library on the last day.
        came: experts whose first term began in these days.
        renewed: experts of whom a further term began.
        lapsed: experts whose last term ended in these days, its last day included, with none after it.
        left: state -> experts who left in these days by a decision.
        panels: panels determined.
        seats: places of members on them.
        experts: different experts who sat on them.
        busiest: most panels of one expert.
        idle: experts in office on the last day who sat on none.
        units: unit -> panels, most first, at most ten.
        record: what invitations and opinions of these days came to.
    """

    first: date
    last: date
    figures: Figures
    came: int
    renewed: int
    lapsed: int
    left: Mapping[str, int]
    panels: int
    seats: int
    experts: int
    busiest: int
    idle: int
    units: tuple[tuple[str, int], ...]
    record: Record


async def load_report(
    session: Session, viewer: Viewer, *, year: int, today: date, county_code: str, least: int
) -> YearReport:
    """Return the library's use in a year; of the running year, up to today.

    Args:
        session: a reading session.
        viewer: who may list experts.
        year: not after the year of `today`.
        today: the day.
        county_code: organisations with another one count as outside.
        least: experts below which a field counts as dry.
    """
    require(viewer, "expert:list")
    first, last = date(year, 1, 1), min(date(year, 12, 31), today)
    seated = func.coalesce(ExpertRow.merged_into, ExpertRow.id)
    rows = await session.execute(
        select(seated, PanelRow.id, OrganisationRow.name)
        .select_from(PanelMemberRow)
        .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
        .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
        .join(MatterRow, MatterRow.id == PanelRow.matter_id)
        .join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
        .where(
            PanelMemberRow.role == "member",
            PanelRow.state == "determined",
            PanelRow.determined_on >= first,
            PanelRow.determined_on <= last,
        )
    )
    seats: Counter[UUID] = Counter()
    units: dict[str, set[UUID]] = {}
    for expert_id, panel_id, unit in rows:
        seats[expert_id] += 1
        units.setdefault(unit, set()).add(panel_id)
    figures = await load_figures(session, viewer, on=last, county_code=county_code, least=least)
    came, renewed, lapsed = await _terms(session, first, last)
    serving = set(
        await session.scalars(
            select(AppointmentRow.expert_id)
            .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
            .where(
                ExpertRow.state == State.ACTIVE.value, AppointmentRow.starts_on <= last, AppointmentRow.ends_on >= last
            )
        )
    )
    return YearReport(
        first=first,
        last=last,
        figures=figures,
        came=came,
        renewed=renewed,
        lapsed=lapsed,
        left=await _left(session, first, last),
        panels=len({panel for held in units.values() for panel in held}),
        seats=seats.total(),
        experts=len(seats),
        busiest=max(seats.values(), default=0),
        idle=len(serving - seats.keys()),
        units=tuple(
            sorted(((unit, len(held)) for unit, held in units.items()), key=lambda pair: (-pair[1], pair[0]))[:10]
        ),
        record=await record_between(session, first=first, last=last, on=last),
    )


async def _terms(session: Session, first: date, last: date) -> tuple[int, int, int]:
    """Return how many experts came, got a further term, and lapsed between two days."""
    rows = await session.execute(
        select(
            AppointmentRow.expert_id,
            func.min(AppointmentRow.starts_on),
            func.max(AppointmentRow.starts_on),
            func.max(AppointmentRow.ends_on),
        )
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .where(ExpertRow.merged_into.is_(None))
        .group_by(AppointmentRow.expert_id)
    )
    came = renewed = lapsed = 0
    for _, began, newest, ends in rows:
        came += first <= began <= last
        renewed += began < newest and first <= newest <= last
        lapsed += first <= ends <= last
    return came, renewed, lapsed


async def _left(session: Session, first: date, last: date) -> dict[str, int]:
    rows = await session.execute(
        select(ExpertRow.state, func.count())
        .where(
            ExpertRow.state.in_((State.WITHDRAWN.value, State.DISMISSED.value, State.STRUCK_OFF.value)),
            ExpertRow.state_since_on >= first,
            ExpertRow.state_since_on <= last,
        )
        .group_by(ExpertRow.state)
    )
    return dict(rows.tuples().all())
