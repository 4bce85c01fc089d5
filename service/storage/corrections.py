"""Withdrawing what was entered about an expert by mistake."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import delete, exists, select

from service.storage.expert_writing import raise_version
from service.storage.past import keep_past
from service.storage.rows.admission import LetterRow
from service.storage.rows.library import AppointmentRow, EmploymentRow, OrganisationRow
from service.storage.rows.terms import RenewalWishRow, TermReminderRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class HeldWork:
    """Work as an act finds it, with the name of the organisation."""

    organisation_id: UUID
    name: str
    post: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class HeldTerm:
    """A term as an act finds it; `lettered` when a letter of this house was issued for it."""

    starts_on: date
    ends_on: date
    letter_number: str
    approval_number: str
    lettered: bool


async def held_employment(session: Session, person_id: UUID, employment_id: UUID) -> HeldWork | None:
    """Return a person's work; None when it is none of theirs."""
    row = (
        await session.execute(
            select(EmploymentRow, OrganisationRow.name)
            .join(OrganisationRow, OrganisationRow.id == EmploymentRow.organisation_id)
            .where(EmploymentRow.id == employment_id, EmploymentRow.person_id == person_id)
        )
    ).first()
    if row is None:
        return None
    work, name = row
    return HeldWork(work.organisation_id, name, work.post, work.from_on, work.to_on)


async def held_term(session: Session, expert_id: UUID, term_id: UUID) -> HeldTerm | None:
    """Return an expert's term; None when it is none of theirs."""
    lettered = exists().where(LetterRow.appointment_id == AppointmentRow.id)
    row = (
        await session.execute(
            select(AppointmentRow, lettered).where(AppointmentRow.id == term_id, AppointmentRow.expert_id == expert_id)
        )
    ).first()
    if row is None:
        return None
    term, by_letter = row
    return HeldTerm(term.starts_on, term.ends_on, term.letter_number, term.approval_number, by_letter)


async def drop_employment(session: Session, expert_id: UUID, employment_id: UUID, *, at: datetime) -> None:
    """Remove work; what was known of it until now stays for checks that look back."""
    await keep_past(session, [employment_id], at=at)
    await session.execute(delete(EmploymentRow).where(EmploymentRow.id == employment_id))
    await raise_version(session, expert_id)


async def drop_term(session: Session, expert_id: UUID, term_id: UUID) -> None:
    """Remove a term, with the steps of reminding it and the wish for another; what was said stays in the ledger."""
    await session.execute(delete(RenewalWishRow).where(RenewalWishRow.appointment_id == term_id))
    await session.execute(delete(TermReminderRow).where(TermReminderRow.appointment_id == term_id))
    await session.execute(delete(AppointmentRow).where(AppointmentRow.id == term_id))
    await raise_version(session, expert_id)
