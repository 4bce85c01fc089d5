"""Writing what changes about one expert: terms, employments, absences, standing, texts; each raises the version."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, select, update

from registry import Appointment, ExpertField, State
from service.ids import new_id
from service.problems import NotFound
from service.storage.experts import fields_of
from service.storage.intake import NewTerm
from service.storage.past import keep_past
from service.storage.rows.library import AppointmentRow, AwayRow, EmploymentRow, ExpertRow, PersonRow
from service.storage.rows.texts import LibraryTextRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class HeldEmployment:
    """An employment as an act finds it."""

    id: UUID
    organisation_id: UUID
    main: bool
    post: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True, repr=False)
class HeldExpert:
    """An expert as an act finds one; sealed values stay sealed.

    Attributes:
        version: the same figure that the expert's page shows.
        others: as the tables' columns.
    """

    id: UUID
    person_id: UUID
    name: str
    identity_kind: str
    identity_hash: str
    identity_sealed: bytes | None
    identity_masked: str
    phone_sealed: bytes | None
    phone_masked: str
    email: str
    title: str
    title_level: str
    source: str
    state: State
    state_since_on: date | None
    fields: tuple[ExpertField, ...]
    terms: tuple[Appointment, ...]
    employments: tuple[HeldEmployment, ...]
    version: int


async def hold_expert(session: Session, expert_id: UUID) -> HeldExpert:
    """Load an expert for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    return await _found(session, expert_id, hold=True)


async def hold_experts(session: Session, expert_ids: Collection[UUID]) -> dict[UUID, HeldExpert]:
    """Load several experts for one change: expert -> what is held, in the order given.

    They are held in one order whatever the order given, so that two who hold some of the same wait only one way.

    Raises:
        NotFound: when one of them is not there.
    """
    held = {expert_id: await hold_expert(session, expert_id) for expert_id in sorted(expert_ids)}
    return {expert_id: held[expert_id] for expert_id in expert_ids}


async def see_expert(session: Session, expert_id: UUID) -> HeldExpert:
    """Load an expert as an act would find one, for showing what it would change; nobody waits.

    Raises:
        NotFound: when there is none.
    """
    return await _found(session, expert_id, hold=False)


async def _found(session: Session, expert_id: UUID, *, hold: bool) -> HeldExpert:
    expert = await session.get(ExpertRow, expert_id, with_for_update=hold, populate_existing=True)
    if expert is None:
        raise NotFound(subject="expert")
    person = await session.get_one(PersonRow, expert.person_id, with_for_update=hold, populate_existing=True)
    terms = await session.execute(
        select(AppointmentRow.starts_on, AppointmentRow.ends_on, AppointmentRow.letter_number)
        .where(AppointmentRow.expert_id == expert_id)
        .order_by(AppointmentRow.starts_on)
    )
    employments = await session.scalars(
        select(EmploymentRow).where(EmploymentRow.person_id == person.id).order_by(EmploymentRow.id)
    )
    return HeldExpert(
        id=expert.id,
        person_id=person.id,
        name=person.name,
        identity_kind=person.identity_kind,
        identity_hash=person.identity_hash or "",
        identity_sealed=person.identity_sealed,
        identity_masked=person.identity_masked,
        phone_sealed=person.phone_sealed,
        phone_masked=person.phone_masked,
        email=person.email,
        title=expert.title,
        title_level=expert.title_level or "none",
        source=expert.source,
        state=State(expert.state),
        state_since_on=expert.state_since_on,
        fields=(await fields_of(session, [expert_id])).get(expert_id, ()),
        terms=tuple(Appointment(*term) for term in terms),
        employments=tuple(
            HeldEmployment(row.id, row.organisation_id, row.kind == "main", row.post, row.from_on, row.to_on)
            for row in employments
        ),
        version=expert.version + person.version - 1,
    )


async def expert_with_identity(session: Session, identity_hash: str) -> tuple[UUID | None, UUID] | None:
    """Return the expert (None for a person who is none) and the person known by an identity hash.

    The number of a record that went into another one leads to the one that stayed.
    """
    found = (
        await session.execute(
            select(ExpertRow.id, PersonRow.id, ExpertRow.merged_into)
            .outerjoin_from(PersonRow, ExpertRow, ExpertRow.person_id == PersonRow.id)
            .where(PersonRow.identity_hash == identity_hash)
        )
    ).first()
    if found is None or found[2] is None:
        return None if found is None else (found[0], found[1])
    kept = await session.get_one(ExpertRow, found[2])
    return kept.id, kept.person_id


async def put_term(session: Session, expert_id: UUID, term: NewTerm) -> None:
    """Write a further term."""
    session.add(AppointmentRow(**term.columns(expert_id)))
    await raise_version(session, expert_id)


async def put_employment(
    session: Session,
    held: HeldExpert,
    *,
    organisation_id: UUID,
    main: bool,
    post: str,
    from_on: date | None,
    at: datetime,
) -> None:
    """Write further work."""
    session.add(
        EmploymentRow(
            id=new_id(),
            person_id=held.person_id,
            organisation_id=organisation_id,
            kind="main" if main else "side",
            post=post,
            from_on=from_on,
            to_on=None,
            known_at=at,
        )
    )
    await raise_version(session, held.id)


async def end_employments(
    session: Session, expert_id: UUID, employment_ids: Sequence[UUID], *, to_on: date, at: datetime
) -> None:
    """Set the last day of employments; what was known of them before stays in the record."""
    await keep_past(session, employment_ids, at=at)
    await session.execute(
        update(EmploymentRow).where(EmploymentRow.id.in_(employment_ids)).values(to_on=to_on, known_at=at)
    )
    await raise_version(session, expert_id)


async def put_away(session: Session, expert_id: UUID, *, from_on: date, to_on: date) -> None:
    """Write days on which the expert cannot serve."""
    session.add(AwayRow(id=new_id(), expert_id=expert_id, from_on=from_on, to_on=to_on))
    await raise_version(session, expert_id)


async def put_cap(session: Session, expert_id: UUID, cap: int | None) -> None:
    """Write how many panels a year an expert accepts at most."""
    await session.execute(update(ExpertRow).where(ExpertRow.id == expert_id).values(yearly_cap=cap))
    await raise_version(session, expert_id)


async def drop_away(session: Session, expert_id: UUID, away_id: UUID) -> bool:
    """Remove an absence; return whether there was one."""
    done = await session.execute(
        delete(AwayRow).where(AwayRow.id == away_id, AwayRow.expert_id == expert_id).returning(AwayRow.id)
    )
    if done.first() is None:
        return False
    await raise_version(session, expert_id)
    return True


async def put_state(session: Session, expert_id: UUID, state: State, *, since_on: date | None) -> None:
    """Write what was decided about an expert."""
    await session.execute(
        update(ExpertRow).where(ExpertRow.id == expert_id).values(state=state.value, state_since_on=since_on)
    )
    await raise_version(session, expert_id)


def keep_text(session: Session, stream: str, *, sha256: str, salt: bytes, text: str) -> None:
    """Keep a free text whose hash stands in the ledger."""
    session.add(LibraryTextRow(stream=stream, sha256=sha256, salt=salt, text=text))


async def raise_version(session: Session, expert_id: UUID) -> None:
    """Raise the version of an expert of whom something was changed."""
    await session.flush()
    await session.execute(update(ExpertRow).where(ExpertRow.id == expert_id).values(version=ExpertRow.version + 1))
