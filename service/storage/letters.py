"""Letters of appointment: those of a list for printing, and what anyone may learn by a code."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import aliased

from registry import Appointment, State, Status, status_of
from service.problems import NotFound
from service.storage.rows.admission import LetterRow
from service.storage.rows.library import AppointmentRow, ExpertRow, PersonRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class PrintedLetter:
    """A letter with what stands on it; both days of the term inclusive."""

    appointment_id: UUID
    candidate_id: UUID
    expert_id: UUID
    name: str
    number: str
    code: str
    letter_on: date
    starts_on: date
    ends_on: date
    printed: int


@dataclass(frozen=True, slots=True)
class CheckedLetter:
    """What anyone may learn by the code of a letter: that it was issued, for which term, and how it stands today.

    Attributes:
        name: first character and as many stars as characters follow.
        valid: whether its term lasts and nothing has ended it.
        ended: whether the expert has left since; why is nobody's to learn here.
    """

    number: str
    name: str
    letter_on: date
    starts_on: date
    ends_on: date
    valid: bool
    ended: bool


async def letters_on(
    session: Session, batch_id: UUID, *, candidate_id: UUID | None = None
) -> tuple[PrintedLetter, ...]:
    """Return the letters of a list by number, or the one of somebody on it."""
    conditions = [LetterRow.batch_id == batch_id]
    if candidate_id is not None:
        conditions.append(LetterRow.candidate_id == candidate_id)
    rows = await session.execute(
        select(LetterRow, AppointmentRow, PersonRow.name)
        .join(AppointmentRow, AppointmentRow.id == LetterRow.appointment_id)
        .join(ExpertRow, ExpertRow.id == AppointmentRow.expert_id)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(*conditions)
        .order_by(LetterRow.number)
    )
    return tuple(
        PrintedLetter(
            letter.appointment_id,
            letter.candidate_id,
            term.expert_id,
            name,
            letter.number,
            letter.code,
            letter.letter_on,
            term.starts_on,
            term.ends_on,
            letter.printed,
        )
        for letter, term, name in rows
    )


async def count_prints(session: Session, appointment_ids: Sequence[UUID]) -> None:
    """Note that letters were printed once more."""
    await session.execute(
        update(LetterRow)
        .where(LetterRow.appointment_id.in_(appointment_ids))
        .values(printed=LetterRow.printed + 1)
        .execution_options(synchronize_session=False)
    )


async def check_letter(session: Session, code: str, *, on: date) -> CheckedLetter:
    """Return what anyone may learn by the code of a letter.

    Args:
        session: a reading session.
        code: as typed; hyphens, blanks and small letters are taken as typing.
        on: today.

    Raises:
        NotFound: when no letter has the code.
    """
    tidy = "".join(sign for sign in code.upper() if sign.isalnum())[:40]
    own = aliased(ExpertRow)
    found = (
        await session.execute(
            select(LetterRow, AppointmentRow, ExpertRow, PersonRow.name)
            .join(AppointmentRow, AppointmentRow.id == LetterRow.appointment_id)
            .join(own, own.id == AppointmentRow.expert_id)
            # A letter of a record that went into another one is that one's.
            .join(ExpertRow, ExpertRow.id == func.coalesce(own.merged_into, own.id))
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(LetterRow.code == tidy)
        )
    ).first()
    if found is None:
        raise NotFound(subject="letter")
    letter, term, expert, name = found
    one = Appointment(term.starts_on, term.ends_on)
    stands = status_of([one], State(expert.state), expert.state_since_on, on=on)
    left = expert.state in (State.WITHDRAWN, State.DISMISSED, State.STRUCK_OFF) and stands.value == expert.state
    return CheckedLetter(
        number=letter.number,
        name=name[0] + "*" * (len(name) - 1),
        letter_on=letter.letter_on,
        starts_on=term.starts_on,
        ends_on=term.ends_on,
        # Who is under review still holds the letter.
        valid=stands is Status.APPOINTED or (stands is Status.SUSPENDED and one.covers(on)),
        ended=left,
    )
