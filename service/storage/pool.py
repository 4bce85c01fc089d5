"""The resident pool: every expert as the panel problem needs them, kept in memory and caught up from the ledger.

It is a cache. It carries the `seq` of the ledger it stands at; `caught_up` reads the streams that moved since and
loads again only the experts they touch, in the same read as what is done with it.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from registry import Appointment, Duty, DutyOutcome, Employment, Expert, ExpertField, IdentityKind, State, TitleLevel
from service.clock import day_of
from service.ledger.tables import EventRow, HeadRow
from service.storage.rows.library import (
    AppointmentRow,
    AwayRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationParentRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.matters import MatterRow, PanelMemberRow, PanelRow
from service.storage.session import Session

# Above this many touched experts a full load is cheaper than picking them.
_PICK_AT_MOST = 2_000
_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Days from and to, both inclusive; None is open."""

    from_on: date | None
    to_on: date | None

    def holds_on(self, day: date) -> bool:
        """Return whether the day lies within."""
        return (self.from_on is None or self.from_on <= day) and (self.to_on is None or day <= self.to_on)


@dataclass(frozen=True, slots=True)
class PanelDuty:
    """A seat on a panel of a matter: determined, or pending while the panel is only proposed."""

    matter_id: UUID
    matter_title: str
    duty: Duty


@dataclass(frozen=True, slots=True)
class PoolExpert:
    """An expert as the panel problem needs them.

    Attributes:
        id: the expert.
        person_id: the person.
        number: number in the library.
        name: as shown.
        pinyin: full spelling, a blank, initials.
        title: professional title, as written.
        expert: fields, terms, state and employments.
        away: days on which the expert cannot serve.
        duties: seats on panels, oldest first, pending ones included.
        yearly_cap: panels a calendar year at most, as the expert says; None without one.
    """

    id: UUID
    person_id: UUID
    number: str
    name: str
    pinyin: str
    title: str
    expert: Expert
    away: tuple[Span, ...]
    duties: tuple[PanelDuty, ...]
    yearly_cap: int | None = None


@dataclass(frozen=True, slots=True)
class PoolOrganisation:
    """An organisation as the panel problem needs it."""

    id: UUID
    name: str
    kind: str
    region: str
    is_county_government: bool
    parents: tuple[tuple[UUID, Span], ...]


@dataclass(frozen=True, slots=True)
class Pool:
    """The experts and organisations, as of the ledger's `seq`.

    A pool never changes: catching up makes another one. Whoever holds it, over a wait or in a thread, goes on with the
    whole state that it began with.
    """

    seq: int = -1
    experts: Mapping[UUID, PoolExpert] = field(default_factory=dict)
    by_person: Mapping[UUID, UUID] = field(default_factory=dict)
    organisations: Mapping[UUID, PoolOrganisation] = field(default_factory=dict)

    async def caught_up(self, session: Session) -> "Pool":
        """Return the pool as of the ledger's present head."""
        head, streams = await _moved_since(session, self.seq)
        if head == self.seq:
            return self
        wanted = None if self.seq < 0 else await _touched(session, streams)
        if wanted is None or len(wanted) > _PICK_AT_MOST:
            return _pool(head, {one.id: one for one in await _experts(session, None)}, await _organisations(session))
        organisations = self.organisations
        if any(stream.startswith("organisation:") for stream in streams):
            organisations = await _organisations(session)
        if not wanted:
            return replace(self, seq=head, organisations=organisations)
        experts = {expert_id: expert for expert_id, expert in self.experts.items() if expert_id not in wanted}
        experts |= {expert.id: expert for expert in await _experts(session, wanted)}
        return _pool(head, experts, organisations)

    def top_employer(self, organisation_id: UUID, day: date) -> UUID:
        """Return the highest organisation above one on a day that is still below the county government.

        Members of one bureau and of its subordinate stations count as one employer (house rule on `employer`).
        """
        seen = {organisation_id}
        current = organisation_id
        while (known := self.organisations.get(current)) is not None:
            upper = next(
                (
                    parent
                    for parent, span in known.parents
                    if span.holds_on(day)
                    and parent not in seen
                    and (row := self.organisations.get(parent)) is not None
                    and not row.is_county_government
                    and row.kind != "government"
                ),
                None,
            )
            if upper is None:
                break
            seen.add(upper)
            current = upper
        return current


def _pool(seq: int, experts: Mapping[UUID, PoolExpert], organisations: Mapping[UUID, PoolOrganisation]) -> Pool:
    return Pool(seq, experts, {expert.person_id: expert.id for expert in experts.values()}, organisations)


async def _moved_since(session: Session, seq: int) -> tuple[int, set[str]]:
    """Return the ledger's size, and the streams with entries above `seq` (none when everything is wanted)."""
    size = await session.scalar(select(HeadRow.size)) or 0
    if seq < 0 or size == seq:
        return size, set()
    moved = select(EventRow.stream).where(EventRow.seq > seq, EventRow.seq <= size).distinct()
    return size, set(await session.scalars(moved))


async def _touched(session: Session, streams: Collection[str]) -> set[UUID]:
    """Return the experts that events of these streams may have changed."""
    ids: dict[str, set[UUID]] = defaultdict(set)
    for stream in streams:
        subject, _, text = stream.partition(":")
        if subject in ("expert", "person", "matter"):
            ids[subject].add(UUID(text))
    touched = set(ids["expert"])
    for people in _portions(ids["person"]):
        touched.update(await session.scalars(select(ExpertRow.id).where(ExpertRow.person_id.in_(people))))
    for matters in _portions(ids["matter"]):
        touched.update(
            await session.scalars(
                select(PanelMemberRow.expert_id)
                .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
                .where(PanelRow.matter_id.in_(matters))
                .distinct()
            )
        )
    return touched


async def _organisations(session: Session) -> dict[UUID, PoolOrganisation]:
    parents: dict[UUID, list[tuple[UUID, Span]]] = defaultdict(list)
    for row in await session.scalars(select(OrganisationParentRow).order_by(OrganisationParentRow.id)):
        parents[row.organisation_id].append((row.parent_id, Span(row.from_on, row.to_on)))
    return {
        row.id: PoolOrganisation(
            row.id, row.name, row.kind, row.region, row.is_county_government, tuple(parents.get(row.id, ()))
        )
        for row in await session.scalars(select(OrganisationRow))
    }


async def _experts(session: Session, wanted: Collection[UUID] | None) -> list[PoolExpert]:
    """Load experts with all that belongs to them, in a fixed number of queries per five hundred."""
    if wanted is None:
        return await _portion(session, None)
    experts = []
    for ids in _portions(wanted):
        experts += await _portion(session, ids)
    return experts


async def _portion(session: Session, ids: list[UUID] | None) -> list[PoolExpert]:
    def only(query: Select[Any], column: Any) -> Select[Any]:
        return query if ids is None else query.where(column.in_(ids))

    fields: Mapping[UUID, list[ExpertField]] = defaultdict(list)
    for expert_id, code, main in await session.execute(
        only(
            select(ExpertFieldRow.expert_id, ExpertFieldRow.code, ExpertFieldRow.main), ExpertFieldRow.expert_id
        ).order_by(ExpertFieldRow.code)
    ):
        fields[expert_id].append(ExpertField(code, main))
    terms: Mapping[UUID, list[Appointment]] = defaultdict(list)
    for expert_id, starts_on, ends_on in await session.execute(
        only(
            select(AppointmentRow.expert_id, AppointmentRow.starts_on, AppointmentRow.ends_on),
            AppointmentRow.expert_id,
        ).order_by(AppointmentRow.starts_on)
    ):
        terms[expert_id].append(Appointment(starts_on, ends_on))
    away: Mapping[UUID, list[Span]] = defaultdict(list)
    for expert_id, from_on, to_on in await session.execute(
        only(select(AwayRow.expert_id, AwayRow.from_on, AwayRow.to_on), AwayRow.expert_id).order_by(AwayRow.from_on)
    ):
        away[expert_id].append(Span(from_on, to_on))
    duties: Mapping[UUID, list[PanelDuty]] = defaultdict(list)
    # The seats of a record that went into another one are that one's.
    seated = func.coalesce(ExpertRow.merged_into, ExpertRow.id)
    for expert_id, matter_id, title, determined_on, proposed_at, as_of in await session.execute(
        only(
            select(
                seated,
                PanelRow.matter_id,
                MatterRow.title,
                PanelRow.determined_on,
                PanelRow.proposed_at,
                PanelRow.as_of,
            )
            .select_from(PanelMemberRow)
            .join(ExpertRow, ExpertRow.id == PanelMemberRow.expert_id)
            .join(PanelRow, PanelRow.id == PanelMemberRow.panel_id)
            .join(MatterRow, MatterRow.id == PanelRow.matter_id)
            .where(PanelMemberRow.role == "member", PanelRow.state.in_(("determined", "proposed"))),
            seated,
        ).order_by(PanelRow.as_of, PanelRow.id)
    ):
        duty = (
            Duty(determined_on)
            if determined_on is not None
            else Duty(day_of(proposed_at) if proposed_at else as_of, DutyOutcome.PENDING)
        )
        duties[expert_id].append(PanelDuty(matter_id, title, duty))
    people = (
        await session.execute(
            only(
                select(ExpertRow, PersonRow)
                .join(PersonRow, PersonRow.id == ExpertRow.person_id)
                .where(ExpertRow.merged_into.is_(None)),
                ExpertRow.id,
            )
        )
    ).all()
    posts: Mapping[UUID, list[Employment]] = defaultdict(list)
    employments = select(EmploymentRow).order_by(EmploymentRow.id)
    if ids is not None:
        employments = employments.where(EmploymentRow.person_id.in_([person.id for _, person in people]))
    for row in await session.scalars(employments):
        posts[row.person_id].append(
            Employment(str(row.organisation_id), row.kind == "main", row.post, row.from_on, row.to_on)
        )
    return [
        PoolExpert(
            id=expert.id,
            person_id=person.id,
            number=expert.number,
            name=person.name,
            pinyin=person.pinyin,
            title=expert.title,
            expert=Expert(
                id=str(expert.id),
                identity=IdentityKind(person.identity_kind) if person.identity_hash else None,
                appointments=tuple(terms.get(expert.id, ())),
                state=State(expert.state),
                state_since_on=expert.state_since_on,
                fields=tuple(fields.get(expert.id, ())),
                title_level=TitleLevel(expert.title_level or "none"),
                employments=tuple(posts.get(person.id, ())),
            ),
            away=tuple(away.get(expert.id, ())),
            duties=tuple(duties.get(expert.id, ())),
            yearly_cap=expert.yearly_cap,
        )
        for expert, person in people
    ]


def _portions(ids: Iterable[UUID]) -> Iterator[list[UUID]]:
    ordered = sorted(ids)
    for start in range(0, len(ordered), _PER_QUERY):
        yield ordered[start : start + _PER_QUERY]
