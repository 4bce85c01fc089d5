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
