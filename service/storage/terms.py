"""Terms: which end and who was reminded, how they lie in a field, and proofs that have run out."""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select

from registry import Status
from service.access import Viewer, may
from service.storage.experts import stands
from service.storage.rows.admission import CandidateRow, QualificationRow
from service.storage.rows.library import AppointmentRow, ExpertFieldRow, ExpertRow, PersonRow
from service.storage.rows.terms import RenewalWishRow, TermReminderRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class EndingTerm:
    """A last term that ends soon.

    Attributes:
        taken: steps of the ladder taken already, as days before the end.
    """

    appointment_id: UUID
    expert_id: UUID
    person_id: UUID
    ends_on: date
    taken: frozenset[int]


@dataclass(frozen=True, slots=True)
class ReminderLine:
    """A reminder that was said."""

    days: int
    reminded_on: date


@dataclass(frozen=True, slots=True)
class TermLine:
    """The last term of an expert of a field; `willing` to another one, None where the expert said nothing."""

    expert_id: UUID
    name: str
    number: str
    starts_on: date
    ends_on: date
    willing: bool | None


@dataclass(frozen=True, slots=True)
class LostProof:
    """A proof of a condition of A25 that has run out, of an expert in office."""

    candidate_id: UUID
    expert_id: UUID
    item: str
    until_on: date


async def terms_ending(session: Session, *, on: date, days: int) -> tuple[EndingTerm, ...]:
    """Return the last terms of experts in office that end from today until so many days from now, soonest first."""
    last = (
        select(AppointmentRow.expert_id, func.max(AppointmentRow.ends_on).label("ends_on"))
        .group_by(AppointmentRow.expert_id)
        .subquery()
    )
    rows = (
        await session.execute(
            select(AppointmentRow.id, ExpertRow.id, ExpertRow.person_id, AppointmentRow.ends_on)
            .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
            .join(last, (last.c.expert_id == ExpertRow.id) & (last.c.ends_on == AppointmentRow.ends_on))
            .where(
                ExpertRow.state == "active",
                AppointmentRow.ends_on >= on,
                AppointmentRow.ends_on <= on + timedelta(days=days),
            )
            .order_by(AppointmentRow.ends_on, ExpertRow.id)
        )
    ).all()
    steps = await session.execute(
        select(TermReminderRow.appointment_id, TermReminderRow.days).where(
            TermReminderRow.appointment_id.in_([row[0] for row in rows])
        )
    )
    taken: dict[UUID, set[int]] = defaultdict(set)
    for appointment_id, step in steps:
        taken[appointment_id].add(step)
    return tuple(
        EndingTerm(appointment_id, expert_id, person_id, ends_on, frozenset(taken[appointment_id]))
        for appointment_id, expert_id, person_id, ends_on in rows
    )


async def put_steps(session: Session, appointment_id: UUID, steps: Sequence[int], *, on: date) -> None:
    """Note steps of the ladder as taken; the last of them is the one that is said."""
    session.add_all(
        TermReminderRow(appointment_id=appointment_id, days=days, said=days == steps[-1], reminded_on=on)
        for days in steps
    )
    await session.flush()


async def reminders_of(session: Session, expert_ids: Collection[UUID]) -> Mapping[UUID, tuple[ReminderLine, ...]]:
    """Return expert -> the reminders that were said about terms, newest first."""
    rows = await session.execute(
        select(AppointmentRow.expert_id, TermReminderRow.days, TermReminderRow.reminded_on)
        .join(AppointmentRow, AppointmentRow.id == TermReminderRow.appointment_id)
        .where(AppointmentRow.expert_id.in_(expert_ids), TermReminderRow.said)
        .order_by(TermReminderRow.reminded_on.desc(), TermReminderRow.days)
    )
    found: dict[UUID, tuple[ReminderLine, ...]] = {}
    for expert_id, days, reminded_on in rows:
        found[expert_id] = (*found.get(expert_id, ()), ReminderLine(days, reminded_on))
    return found


async def terms_in(session: Session, viewer: Viewer, prefix: str, *, on: date) -> tuple[TermLine, ...]:
    """Return the last terms of the experts in office with a field that begins with a code, soonest end first."""
    if not may(viewer, "expert:list"):
        return ()
    last = (
        select(AppointmentRow.expert_id, func.max(AppointmentRow.starts_on).label("starts_on"))
        .group_by(AppointmentRow.expert_id)
        .subquery()
    )
    of_field = select(ExpertFieldRow.expert_id).where(ExpertFieldRow.code.startswith(prefix, autoescape=True))
    rows = await session.execute(
        select(
            ExpertRow.id,
            PersonRow.name,
            ExpertRow.number,
            AppointmentRow.starts_on,
            AppointmentRow.ends_on,
            RenewalWishRow.willing,
        )
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .join(last, last.c.expert_id == ExpertRow.id)
        .join(
            AppointmentRow,
            (AppointmentRow.expert_id == ExpertRow.id) & (AppointmentRow.starts_on == last.c.starts_on),
        )
        .outerjoin(RenewalWishRow, RenewalWishRow.appointment_id == AppointmentRow.id)
        .where(stands(Status.APPOINTED.value, on), ExpertRow.id.in_(of_field))
        .order_by(AppointmentRow.ends_on, PersonRow.pinyin, ExpertRow.number)
    )
    return tuple(TermLine(*row) for row in rows)


async def lost_proofs(session: Session, *, on: date) -> tuple[LostProof, ...]:
    """Return proofs of conditions that have run out, of the latest admission of each expert in office."""
    latest = (
        select(CandidateRow.expert_id, func.max(CandidateRow.received_on).label("received_on"))
        .where(CandidateRow.stage == "appointed")
        .group_by(CandidateRow.expert_id)
        .subquery()
    )
    rows = await session.execute(
        select(CandidateRow.id, ExpertRow.id, QualificationRow.item, QualificationRow.until_on)
        .join(CandidateRow, CandidateRow.id == QualificationRow.candidate_id)
        .join(ExpertRow, ExpertRow.id == CandidateRow.expert_id)
        .join(latest, (latest.c.expert_id == ExpertRow.id) & (latest.c.received_on == CandidateRow.received_on))
        .where(
            QualificationRow.until_on < on,
            CandidateRow.stage == "appointed",
            ExpertRow.state == "active",
        )
        .order_by(QualificationRow.until_on, ExpertRow.id)
    )
    return tuple(LostProof(*row) for row in rows)
