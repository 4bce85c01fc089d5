"""The library in figures: terms by field over the years to come; who is in it by title, unit, place, age, source."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import case, func, literal, select

from registry import add_months, dry_on, half_years, standing_on
from service.access import Viewer, may
from service.storage.experts import lasts
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session
from service.storage.standing import in_office_on

YEARS: Final = 5
AGE_BANDS: Final = ((0, 39), (40, 49), (50, 59), (60, 69), (70, 150))


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of the first level, or a local domain, when nobody is renewed.

    Attributes:
        code: three digits, or a domain.
        standing: how many stand today, and in one to five years.
        quarters: the same for each quarter of a year, today first.
        dry_on: first day on which fewer than five are left.
    """

    code: str
    standing: tuple[int, ...]
    quarters: tuple[int, ...]
    dry_on: date


@dataclass(frozen=True, slots=True)
class EndingLine:
    """A half-year and how many terms end in it, both days inclusive."""

    from_on: date
    to_on: date
    count: int


@dataclass(frozen=True, slots=True)
class Figures:
    """Terms over the years to come.

    Attributes:
        appointed: how many are in office today.
        fields: soonest dry first.
        endings: half-years from today on.
        groups: name of a grouping -> code -> how many.
    """

    appointed: int
    fields: tuple[FieldLine, ...]
    endings: tuple[EndingLine, ...]
    groups: Mapping[str, Mapping[str, int]]


async def load_figures(session: Session, viewer: Viewer, *, on: date, county_code: str, least: int) -> Figures:
    """Return the library in figures on a day; who may not list experts sees an empty one.

    Args:
        session: a reading session.
        viewer: who looks.
        on: the day.
        least: experts below which a field counts as dry.
        county_code: organisations with another one count as outside.
    """
    if not may(viewer, "expert:list"):
        return Figures(0, (), (), {})
    in_office = in_office_on(on)
    last = (
        select(AppointmentRow.expert_id, func.max(AppointmentRow.ends_on).label("ends_on"))
        .where(AppointmentRow.ends_on >= on)
        .group_by(AppointmentRow.expert_id)
        .subquery()
    )
    ends = await session.execute(
        select(last.c.ends_on, func.count())
        .select_from(ExpertRow)
        .join(last, last.c.expert_id == ExpertRow.id)
        .where(in_office)
        .group_by(last.c.ends_on)
    )
    all_ends = [ends_on for ends_on, count in ends for _ in range(count)]
    prefix = func.substr(ExpertFieldRow.code, 1, 3)
    rows = await session.execute(
        select(prefix, last.c.ends_on, func.count(func.distinct(ExpertRow.id)))
        .select_from(ExpertRow)
        .join(last, last.c.expert_id == ExpertRow.id)
        .join(ExpertFieldRow, ExpertFieldRow.expert_id == ExpertRow.id)
        .where(in_office)
        .group_by(prefix, last.c.ends_on)
    )
    by_field: dict[str, list[date]] = defaultdict(list)
    for code, ends_on, count in rows:
        by_field[code] += [ends_on] * count
    days = [add_months(on, 12 * year) for year in range(YEARS + 1)]
    quarters = [add_months(on, 3 * quarter) for quarter in range(4 * YEARS + 1)]
    fields = [
        FieldLine(
            code,
            tuple(standing_on(held, day) for day in days),
            tuple(standing_on(held, day) for day in quarters),
            dry_on(held, on=on, least=least),
        )
        for code, held in by_field.items()
    ]
    return Figures(
        appointed=len(all_ends),
        fields=tuple(sorted(fields, key=lambda line: (line.dry_on, line.standing[0], line.code))),
        endings=tuple(
            EndingLine(first, final, sum(first <= ends_on <= final for ends_on in all_ends))
            for first, final in half_years(on, 2 * YEARS)
        ),
        groups=await _groups(session, on=on, county_code=county_code),
    )


async def _groups(session: Session, *, on: date, county_code: str) -> dict[str, dict[str, int]]:
    in_office = in_office_on(on)
    main = (
        select(EmploymentRow.person_id, func.max(OrganisationRow.kind).label("kind"), func.max(OrganisationRow.region))
        .join(OrganisationRow, OrganisationRow.id == EmploymentRow.organisation_id)
        .where(EmploymentRow.kind == "main", lasts(on))
        .group_by(EmploymentRow.person_id)
        .subquery()
    )
    region = main.c[2]
    place = case(
        (region.is_(None), literal("unknown")), (region == county_code, literal("county")), else_=literal("outside")
    )
    found: dict[str, dict[str, int]] = {}
    for name, column in (
        ("level", ExpertRow.title_level),
        ("source", ExpertRow.source),
        ("kind", func.coalesce(main.c.kind, "unknown")),
        ("region", place),
        ("sex", PersonRow.sex),
    ):
        rows = await session.execute(
            select(column, func.count())
            .select_from(ExpertRow)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .outerjoin(main, main.c.person_id == PersonRow.id)
            .where(in_office)
            .group_by(column)
        )
        found[name] = dict(rows.tuples().all())
    found["age"] = await _ages(session, on=on)
    return found


async def _ages(session: Session, *, on: date) -> dict[str, int]:
    rows = await session.execute(
        select(PersonRow.born_on).join(ExpertRow, ExpertRow.person_id == PersonRow.id).where(in_office_on(on))
    )
    bands: dict[str, int] = {}
    for (born_on,) in rows:
        age = None if born_on is None else on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
        band = "unknown" if age is None else next(f"{low}-{high}" for low, high in AGE_BANDS if low <= age <= high)
        bands[band] = bands.get(band, 0) + 1
    return bands
