"""A year of the library's use: who came and went, which panels were formed, how invitations and opinions went."""

from collections import Counter
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select

from registry import Record
from service.access import Viewer, require
from service.storage.figures import Figures, load_figures
from service.storage.records import record_between
from service.storage.rows.library import ExpertRow, OrganisationRow
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.session import Session
from service.storage.standing import Movement, in_office_on, movement_between


@dataclass(frozen=True, slots=True)
class YearReport:
    """The library's use in a year, up to a day.

    Attributes:
        first, last: the days it covers, both inclusive.
        figures: the library on the last day.
        movement: who came, stayed and left in these days.
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
    movement: Movement
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
    serving = set(await session.scalars(select(ExpertRow.id).where(in_office_on(last))))
    return YearReport(
        first=first,
        last=last,
        figures=figures,
        movement=await movement_between(session, first=first, last=last),
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
