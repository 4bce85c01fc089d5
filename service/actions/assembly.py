"""Assembling a panel: from the library, the ties and the need to a panel problem, and from its answer to reasons.

Nothing here writes. A preview records nothing; `service.actions.panels` does what people decide.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from conflicts import Finding, Outcome, strength
from registry import (
    DutyOutcome,
    Fit,
    MonthCount,
    fit_of,
    monthly_strip,
    reached_cap,
    seating_codes,
    service_of,
    why_not_candidate,
)
from selection import (
    Candidate,
    CapRow,
    ExcludedRow,
    FloorRow,
    PanelRequest,
    PanelResult,
    QuotaRow,
    SeatRow,
    Waiver,
    compose_panel,
)
from service.regulation import Edition, Policy
from service.storage.panels import Lock
from service.storage.pool import Pool, PoolExpert
from workflow import MatterState, Need

# An expert with a panel this recent is shown as busy; it never blocks.
_BUSY = timedelta(days=30)
# Reasons that warn and never block.
_PASSING = ("BUSY", "EMPLOYER_UNKNOWN", "DECLARED_TIE_OPEN")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why a person stands where they stand: a code with a sentence in the catalogues, its article, its facts."""

    code: str
    cite: str = ""
    facts: Mapping[str, Any] | None = None
    finding: Finding | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """One expert in the middle zone of the page.

    Attributes:
        entry: the expert.
        employer: name of the main employer on the day, empty when unknown.
        employer_key: what the cap on employers counts by.
        region: `county` or `outside`.
        unit_kind: kind of the employer.
        seats: needed fields the expert could fill.
        service: panels of the window, pending ones included.
        strip: counts of the last 24 months, oldest first.
        fit: points and their parts.
        zone: `free`, `warned` or `blocked`.
        reasons: what warns or blocks, strongest first.
        clashes: other matters with a recent or pending panel.
        lock: set by hand, or None.
        role: `member`, `reserve` or `out`.
        seat: field of the seat filled, None for an open one.
        why: for a member or reserve what brought them in, for others what kept them out.
    """

    entry: PoolExpert
    employer: str
    employer_key: str
    region: str
    unit_kind: str
    seats: tuple[str, ...]
    service: int
    strip: tuple[MonthCount, ...]
    fit: Fit
    zone: str
    reasons: tuple[Reason, ...]
    clashes: tuple[str, ...]
    lock: Lock | None
    role: str = "out"
    seat: str | None = None
    why: Reason | None = None

    @property
    def id(self) -> UUID:
        """The expert's id."""
        return self.entry.id


@dataclass(frozen=True, slots=True)
class Band:
    """One bar of the balance: how many members, and between how many there should be."""

    group: str
    label: str
    count: int
    least: int
    most: int

    @property
    def kept(self) -> bool:
        """Whether the count lies in its band, both ends inclusive."""
        return self.least <= self.count <= self.most


@dataclass(frozen=True, slots=True)
class Problem:
    """A panel problem with the standings it was made from; nothing in it depends on an answer yet."""

    request: PanelRequest
    standings: Mapping[UUID, Standing]
    locked_in: frozenset[str]
    floor: int
    as_of: date


@dataclass(frozen=True, slots=True)
class Assembly:
    """A problem and its answer, ready to be shown.

    Attributes:
        problem: what was asked.
        result: the answer of `compose_panel`.
        standings: every expert of the library with role and reason, members first.
        balance: bars of the composed panel.
    """

    problem: Problem
    result: PanelResult
    standings: tuple[Standing, ...]
    balance: tuple[Band, ...]

    @property
    def members(self) -> tuple[Standing, ...]:
        """The members, in the order of their seats."""
        return tuple(standing for standing in self.standings if standing.role == "member")

    @property
    def reserves(self) -> tuple[Standing, ...]:
        """The reserves, in the order in which they are called."""
        return tuple(standing for standing in self.standings if standing.role == "reserve")

    @property
    def possible(self) -> bool:
        """Whether a panel was found."""
        return bool(self.result.members)


def pose(
    pool: Pool,
    matter_id: UUID,
    state: MatterState,
    findings: Sequence[Finding],
    locks: Sequence[Lock],
    *,
    edition: Edition,
    policy: Policy,
    county_code: str,
    as_of: date,
    floor: int,
    need: Need | None = None,
    recused: Collection[str] = (),
    declared: Collection[UUID] = (),
    unsettled: Collection[UUID] = (),
) -> Problem:
    """Make the panel problem of a matter.

    Args:
        pool: the library, caught up.
        matter_id: the matter; its own panel is no other duty of anyone.
        state: the matter.
        findings: what the ties hold against persons, of every outcome.
        locks: set by hand.
        edition: edition the matter runs under.
        policy: local policy of the day.
        county_code: GB/T 2260 code of the county.
        as_of: the day of the check.
        floor: least number of members (A31).
        need: another need than the matter's, to try out.
        recused: persons who were recused from the matter (A28.4).
        declared: persons who declared an interest in it that the center has not decided about.
        unsettled: persons with a declared tie whose other end nobody has settled.
    """
    need = need or state.need or Need(size=floor)
    held: dict[str, list[Finding]] = defaultdict(list)
    for finding in findings:
        held[finding.person].append(finding)
    lock_of = {lock.expert_id: lock for lock in locks}
    standings = {
        entry.id: _stand(
            pool,
            matter_id,
            entry,
            sorted(held.get(str(entry.person_id), ()), key=strength, reverse=True),
            lock_of.get(entry.id),
            recused=str(entry.person_id) in recused,
            declared=entry.person_id in declared,
            unsettled=entry.person_id in unsettled,
            need=need,
            policy=policy,
            county_code=county_code,
            as_of=as_of,
        )
        for entry in pool.experts.values()
    }
    candidates = [
        _candidate(standing)
        for standing in standings.values()
        if not why_not_candidate(standing.entry.expert, on=as_of)
    ]
    locked_in = frozenset(str(lock.expert_id) for lock in locks if lock.locked == "in")
    waiver = None
    if state.waiver is not None and state.waiver.floor >= floor:
        waiver = Waiver(by="center", reason_sha256=state.waiver.reason_sha256)
    request = PanelRequest(
        size=need.size,
        candidates=candidates,
        seats=tuple(SeatRow(seat.field, seat.count) for seat in need.seats),
        quotas=tuple(QuotaRow(quota.attribute, quota.value, quota.min, quota.max) for quota in need.quotas),
        caps=(CapRow("employer", policy.employer_cap),),
        floor=_floor(floor, need, edition, waiver),
        reserves=need.reserves,
        excluded=tuple(
            row for standing in standings.values() if (row := _excluded(standing, any_field=not need.seats)) is not None
        ),
    )
    return Problem(request, standings, locked_in, floor, as_of)


def listing(problem: Problem, members: Sequence[UUID]) -> PanelRequest:
    """Return the request of a problem in which everybody listed is a candidate, to judge a list by.

    Who lost their standing since is no candidate of the problem but is excluded by it; the list then says why.
    """
    held = {candidate.id for candidate in problem.request.candidates}
    missing = [one for one in members if str(one) not in held and one in problem.standings]
    if not missing:
        return problem.request
    added = tuple(_candidate(problem.standings[one]) for one in missing)
    return replace(problem.request, candidates=(*problem.request.candidates, *added))


def compose(problem: Problem, *, seed: str, time_limit: float = 20.0) -> Assembly:
    """Answer a problem and say of everyone why; pure work, to be run off the event loop.

    Args:
        problem: from `pose`.
        seed: breaks ties; the matter's id, so that the same question has the same answer.
        time_limit: seconds after which the search stops.
    """
    result = compose_panel(problem.request, seed=seed, locked_in=problem.locked_in, time_limit=time_limit)
    return explain(problem, result)


def explain(problem: Problem, result: PanelResult) -> Assembly:
    """Give every expert a role and a reason."""
    members = {member.id: member.seat for member in result.members}
    reserves = {reserve.id: reserve.seat for reserve in result.reserves}
    chosen = [problem.standings[UUID(member.id)] for member in result.members]
    order = {expert_id: place for place, expert_id in enumerate((*members, *reserves))}
    standings = []
    for standing in problem.standings.values():
        key = str(standing.id)
        if key in members:
            role, seat = "member", members[key]
        elif key in reserves:
            role, seat = "reserve", reserves[key]
        else:
            role, seat = "out", None
        why = _why_in(standing, seat) if role != "out" else _why_out(standing, chosen, problem.request)
        standings.append(replace(standing, role=role, seat=seat, why=why))
    standings.sort(key=lambda one: (order.get(str(one.id), len(order)), _RANK[one.zone], one.service, -one.fit.points,
                                    one.entry.pinyin, str(one.id)))  # fmt: skip
    return Assembly(problem, result, tuple(standings), balance_of(problem, chosen))


_RANK = {"free": 0, "warned": 1, "blocked": 2}


def balance_of(problem: Problem, members: Sequence[Standing]) -> tuple[Band, ...]:
    """Return the bars that show whether a panel is balanced: size, seats, quotas, regions, kinds of unit, service."""
    request = problem.request
    size = len(members)
    bands = [Band("size", "SIZE", size, max(problem.floor, 1), max(request.size, problem.floor))]
    bands += [
        Band("seat", row.field, sum(_fills(member, row.field) for member in members), row.count, size)
        for row in request.seats
    ]
    bands += [
        Band(
            row.attribute,
            row.value,
            sum(dict(_attributes(member)).get(row.attribute) == row.value for member in members),
            row.min,
            request.size if row.max is None else row.max,
        )
        for row in request.quotas
    ]
    for group, values in (("region", ("county", "outside")), ("unit_kind", sorted({m.unit_kind for m in members}))):
        for value in values:
            if any(band.group == group and band.label == value for band in bands):
                continue
            count = sum(dict(_attributes(member)).get(group) == value for member in members)
            bands.append(Band(group, value, count, 0, request.size))
    return tuple(bands)


def _stand(
    pool: Pool,
    matter_id: UUID,
    entry: PoolExpert,
    findings: Sequence[Finding],
    lock: Lock | None,
    *,
    recused: bool,
    declared: bool,
    unsettled: bool,
    need: Need,
    policy: Policy,
    county_code: str,
    as_of: date,
) -> Standing:
    employer_id = entry.expert.main_employer(as_of)
    employer = pool.organisations.get(UUID(employer_id)) if employer_id else None
    top = pool.top_employer(employer.id, as_of) if employer else None
    codes = seating_codes(field.code for field in entry.expert.fields)
    others = [duty for duty in entry.duties if duty.matter_id != matter_id]
    duties = [duty.duty for duty in others]
    reasons = [Reason(code) for code in why_not_candidate(entry.expert, on=as_of)]
    if recused:
        reasons.append(Reason("RECUSED", "A28.4"))
    if declared:
        reasons.append(Reason("CONFLICT_DECLARED", "A28.4"))
    blocked = bool(reasons)
    for finding in findings:
        if finding.outcome in (Outcome.EXCLUDED, Outcome.RESTRICTED):
            blocked = True
        if finding.outcome is not Outcome.DISMISSED:  # a false alarm is shown no more
            reasons.append(Reason(finding.code, finding.cite, {}, finding))
    if any(span.holds_on(as_of) for span in entry.away):
        blocked = True
        reasons.append(Reason("AWAY"))
    if reached_cap(duties, entry.yearly_cap, as_of=as_of):
        blocked = True
        reasons.append(Reason("YEARLY_CAP_REACHED", facts={"cap": entry.yearly_cap}))
    if lock is not None and lock.locked == "out":
        blocked = True
        reasons.append(Reason("LOCKED_OUT", facts={"by": lock.by}))
    clashes = tuple(
        duty.matter_title
        for duty in others
        if duty.duty.outcome is DutyOutcome.PENDING or timedelta(0) <= as_of - duty.duty.on <= _BUSY
    )
    if clashes:
        reasons.append(Reason("BUSY", facts={"count": len(clashes)}))
    if unsettled:
        reasons.append(Reason("DECLARED_TIE_OPEN"))
    if employer is None:
        reasons.append(Reason("EMPLOYER_UNKNOWN"))
    return Standing(
        entry=entry,
        employer=employer.name if employer else "",
        employer_key=str(top) if top else f"unknown:{entry.id}",
        region="county" if employer is None or employer.region.startswith(county_code) else "outside",
        unit_kind=employer.kind if employer else "other",
        seats=tuple(seat.field for seat in need.seats if any(code.startswith(seat.field) for code in codes)),
        service=service_of(duties, as_of=as_of, months=policy.service_months),
        strip=monthly_strip(duties, as_of=as_of, months=policy.service_months),
        fit=fit_of(entry.expert.fields, [seat.field for seat in need.seats], table=policy.fit_table),
        zone="blocked" if blocked else "warned" if reasons else "free",
        reasons=tuple(reasons),
        clashes=clashes,
        lock=lock,
    )


def _floor(floor: int, need: Need, edition: Edition, waiver: Waiver | None) -> FloorRow | None:
    """Return the floor of A31 as a row.

    A unit that asks for fewer must be able to compose the panel it gives a reason for; whether the reason is given
    and accepted is then judged at the proposal and at the determination.
    """
    if need.size < floor and waiver is None:
        return None
    return FloorRow(floor, cite=edition.rule("PANEL_TOO_SMALL").cite, waiver=waiver)


def _attributes(standing: Standing) -> tuple[tuple[str, str], ...]:
    return (("employer", standing.employer_key), ("region", standing.region), ("unit_kind", standing.unit_kind))


def _candidate(standing: Standing) -> Candidate:
    return Candidate(
        id=str(standing.id),
        fields=seating_codes(field.code for field in standing.entry.expert.fields),
        attributes=dict(_attributes(standing)),
        service=standing.service,
        fit=standing.fit.points,
    )


def _excluded(standing: Standing, *, any_field: bool) -> ExcludedRow | None:
    """Return what keeps somebody out of the problem.

    Open seats go to people of the needed fields too; somebody of another field sits only when locked in by hand.
    """
    if standing.zone != "blocked":
        apt = any_field or standing.seats or (standing.lock is not None and standing.lock.locked == "in")
        return None if apt else ExcludedRow(str(standing.id), "FIELD_NOT_NEEDED")
    for reason in standing.reasons:
        finding = reason.finding
        if finding is not None and finding.outcome in (Outcome.EXCLUDED, Outcome.RESTRICTED):
            return ExcludedRow(str(standing.id), reason.code, reason.cite, finding.never_relax)
    first = next(reason for reason in standing.reasons if reason.code not in _PASSING)
    never_relax = first.code in ("RECUSED", "CONFLICT_DECLARED")
    return ExcludedRow(str(standing.id), first.code, first.cite, never_relax=never_relax)


def _fills(standing: Standing, field: str) -> bool:
    return any(code.startswith(field) for code in seating_codes(f.code for f in standing.entry.expert.fields))


def _why_in(standing: Standing, seat: str | None) -> Reason:
    if standing.lock is not None and standing.lock.locked == "in":
        return Reason("WHY_LOCKED_IN", facts={"by": standing.lock.by})
    if seat is None:
        return Reason("WHY_OPEN_SEAT", facts={"service": standing.service, "fit": standing.fit.points})
    return Reason("WHY_SEAT", facts={"seat": seat, "service": standing.service, "fit": standing.fit.points})


def _why_out(standing: Standing, chosen: Sequence[Standing], request: PanelRequest) -> Reason:
    """Say what kept somebody out, by comparison with those who sit where the person could have sat.

    The comparison is exact where one thing alone decides; where only the whole decides (a cap or quota that
    somebody else's seat depends on) the reason says so, and a trial with the person locked in shows the price.
    """
    if standing.zone == "blocked":
        first = next(reason for reason in standing.reasons if reason.code not in _PASSING)
        return Reason("WHY_BLOCKED", first.cite, {"code": first.code}, first.finding)
    if not chosen:
        return Reason("WHY_NO_PANEL")
    rivals = [member for member in chosen if set(member.seats) & set(standing.seats)] or list(chosen)
    cap = next((row.max for row in request.caps if row.attribute == "employer"), len(chosen))
    same = [member for member in chosen if member.employer_key == standing.employer_key]
    if len(same) >= cap:
        return Reason("WHY_EMPLOYER_SEATED", facts={"names": [member.entry.name for member in same]})
    if not standing.seats and request.seats:
        return Reason("WHY_FIELD_NOT_NEEDED")
    most = max(member.service for member in rivals)
    if standing.service > most:
        return Reason("WHY_MORE_SERVICE", facts={"service": standing.service, "most": most})
    level = [member for member in rivals if member.service == standing.service]
    if level and standing.fit.points < min(member.fit.points for member in level):
        least = min(member.fit.points for member in level)
        return Reason("WHY_LESS_FIT", facts={"fit": standing.fit.points, "least": least})
    if any(_equal(standing, member) for member in rivals):
        return Reason("WHY_TIE")
    return Reason("WHY_WHOLE")


def _equal(one: Standing, other: Standing) -> bool:
    """Return whether only the tie keys part two experts in the same seat."""
    return (one.service, one.fit.points, one.seats) == (other.service, other.fit.points, other.seats)
