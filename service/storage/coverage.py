"""Coverage: for each field and each undertaking unit, how many experts could sit on a panel of that unit today.

In a small county the rule about one's own unit empties whole fields. The matrix shows where, before a matter is opened;
a cell opens into the lawful ways out.
"""

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select, union

from conflicts import Finding, Matter, Outcome, Party, Policy, Role, strength
from registry import seating_codes, why_not_candidate
from service.problems import NotFound
from service.storage.pool import Pool, PoolExpert
from service.storage.residents import Residents
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import OrganisationRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Session

_BARRED = (Outcome.EXCLUDED, Outcome.RESTRICTED)
"""The library in figures: terms by field over the years to come; who is in it by title, unit, place, age, source."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import case, func, literal, select

from registry import Status, add_months, dry_on, half_years, standing_on
from service.access import Viewer, may
from service.storage.experts import lasts, stands
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session

YEARS: Final = 5
AGE_BANDS: Final = ((0, 39), (40, 49), (50, 59), (60, 69), (70, 150))


@dataclass(frozen=True, slots=True)
class FieldLine:
    """A field of the first level, or a local domain, when nobody is renewed.

    Attributes:
        code: three digits, or a domain.
        standing: how many stand today, and in one to five years.
        dry_on: first day on which fewer than five are left.
    """

    code: str
    standing: tuple[int, ...]
    dry_on: date


@dataclass(frozen=True, slots=True)
class EndingLine:
    """A half-year and how many terms end in it, both days inclusive."""

    from_on: date
    to_on: date
    count: int


@dataclass(frozen=True, slots=True)
class Coverage:
    """The matrix of a day.

    Attributes:
        fields: codes of first-level disciplines in which the library has candidates, in their order.
        units: id and name of the undertaking units, by name.
        candidates: field -> experts of the field who could be asked at all.
        free: (field, unit) -> those of them without an interest in the unit.
    """

    fields: tuple[str, ...]
    units: tuple[tuple[UUID, str], ...]
    candidates: Mapping[str, int]
    free: Mapping[tuple[str, UUID], int]


@dataclass(frozen=True, slots=True)
class Covered:
    """An expert of a field as seen by one unit; `finding` is the strongest interest, None for who is free."""

    expert: PoolExpert
    employer: str
    outside: bool
    finding: Finding | None


@dataclass(frozen=True, slots=True)
class CoverageCell:
    """One cell in full: who is free at home and from outside the county, who needs a waiver, who is out."""

    unit_id: UUID
    unit_name: str
    field: str
    free: tuple[Covered, ...]
    outside: tuple[Covered, ...]
    waivable: tuple[Covered, ...]
    out: tuple[Covered, ...]


async def coverage(session: Session, residents: Residents, *, policy: Policy, day: date) -> Coverage:
    """Return the matrix of a day; the cost is one check a unit."""
    current = await residents.current(session)
    fields = {expert.person_id: _fields(expert) for expert in _available(current.pool, day)}
    candidates: dict[str, int] = defaultdict(int)
    for codes in fields.values():
        for code in codes:
            candidates[code] += 1
    units = await _units(session)
    free: dict[tuple[str, UUID], int] = {}
    for unit_id, _ in units:
        barred = {finding.person for finding in _check(current, unit_id, policy, day) if finding.outcome in _BARRED}
        counts = dict.fromkeys(candidates, 0)
        for person, codes in fields.items():
            if str(person) not in barred:
                for code in codes:
                    counts[code] += 1
        free.update({(code, unit_id): count for code, count in counts.items()})
        await asyncio.sleep(0)  # others may answer between two units
    return Coverage(tuple(sorted(candidates)), units, candidates, free)


async def coverage_cell(
    session: Session, residents: Residents, unit_id: UUID, field: str, *, policy: Policy, day: date, county_code: str
) -> CoverageCell:
    """Return one cell with its people.

    Raises:
        NotFound: when no undertaking unit or no candidate of the field is there.
    """
    current = await residents.current(session)
    pool = current.pool
    name = dict(await _units(session)).get(unit_id)
    experts = [expert for expert in _available(pool, day) if field in _fields(expert)]
    if name is None or not experts:
        raise NotFound(subject="coverage")
    strongest: dict[str, Finding] = {}
    for finding in _check(current, unit_id, policy, day):
        held = strongest.get(finding.person)
        if held is None or strength(finding) > strength(held):
            strongest[finding.person] = finding
    free: list[Covered] = []
    outside: list[Covered] = []
    waivable: list[Covered] = []
    out: list[Covered] = []
    for expert in sorted(experts, key=lambda one: (one.pinyin, one.number)):
        employer_id = expert.expert.main_employer(day)
        employer = pool.organisations.get(UUID(employer_id)) if employer_id else None
        elsewhere = employer is not None and not employer.region.startswith(county_code)
        one = Covered(expert, employer.name if employer else "", elsewhere, strongest.get(str(expert.person_id)))
        outcome = Outcome.CLEAR if one.finding is None else one.finding.outcome
        into = out if outcome is Outcome.EXCLUDED else waivable if outcome is Outcome.RESTRICTED else None
        (into if into is not None else outside if elsewhere else free).append(one)
    return CoverageCell(unit_id, name, field, tuple(free), tuple(outside), tuple(waivable), tuple(out))


def _check(residents: Residents, unit_id: UUID, policy: Policy, day: date) -> tuple[Finding, ...]:
    """Check a matter that has the unit and nobody else: what stands against people before there is one."""
    matter = Matter(f"coverage/{unit_id}", (Party(str(unit_id), Role.UNIT),))
    return residents.ties.graph.check(matter, policy=policy, as_of=day)


def _available(pool: Pool, day: date) -> Iterable[PoolExpert]:
    return (
        expert
        for expert in pool.experts.values()
        if not why_not_candidate(expert.expert, on=day) and not any(span.holds_on(day) for span in expert.away)
    )


def _fields(expert: PoolExpert) -> frozenset[str]:
    codes = seating_codes(field.code for field in expert.expert.fields)
    return frozenset(code[:3] for code in codes if code[:1].isdigit())


async def _units(session: Session) -> tuple[tuple[UUID, str], ...]:
    """Return the organisations that bring matters forward, or have an account to do so."""
    ids = union(
        select(MatterRow.unit_id.label("id")),
        select(AccountRow.unit_id.label("id")).where(AccountRow.unit_id.is_not(None), AccountRow.state == "active"),
    ).subquery()
    rows = await session.execute(
        select(OrganisationRow.id, OrganisationRow.name)
        .join(ids, ids.c.id == OrganisationRow.id)
        .order_by(OrganisationRow.name)
    )
    return tuple(rows.tuples())
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


async def load_coverage(session: Session, viewer: Viewer, *, on: date, county_code: str) -> Coverage:
    """Return the library in figures on a day; who may not list experts sees an empty one.

    Args:
        session: a reading session.
        viewer: who looks.
        on: the day.
        county_code: organisations with another one count as outside.
    """
    if not may(viewer, "expert:list"):
        return Coverage(0, (), (), {})
    in_office = stands(Status.APPOINTED.value, on)
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
    fields = [
        FieldLine(code, tuple(standing_on(held, day) for day in days), dry_on(held, on=on))
        for code, held in by_field.items()
    ]
    return Coverage(
        appointed=len(all_ends),
        fields=tuple(sorted(fields, key=lambda line: (line.dry_on, line.standing[0], line.code))),
        endings=tuple(
            EndingLine(first, final, sum(first <= ends_on <= final for ends_on in all_ends))
            for first, final in half_years(on, 2 * YEARS)
        ),
        groups=await _groups(session, on=on, county_code=county_code),
    )


async def _groups(session: Session, *, on: date, county_code: str) -> dict[str, dict[str, int]]:
    in_office = stands(Status.APPOINTED.value, on)
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
        select(PersonRow.born_on)
        .join(ExpertRow, ExpertRow.person_id == PersonRow.id)
        .where(stands(Status.APPOINTED.value, on))
    )
    bands: dict[str, int] = {}
    for (born_on,) in rows:
        age = None if born_on is None else on.year - born_on.year - ((on.month, on.day) < (born_on.month, born_on.day))
        band = "unknown" if age is None else next(f"{low}-{high}" for low, high in AGE_BANDS if low <= age <= high)
        bands[band] = bands.get(band, 0) + 1
    return bands
