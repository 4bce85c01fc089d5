"""One expert, with all that the library knows; what is confidential comes masked."""

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import exists, select

from registry import Appointment, ExpertField, MonthCount, Record, State, Status, status_of
from service.access import Viewer, may
from service.problems import NotFound
from service.storage.expert_service import ServedPanel, served_by, strip_of
from service.storage.experts import Work, fields_of, works_of
from service.storage.mergers import MergerView, mergers_of
from service.storage.reads import subjects_of
from service.storage.records import records_of
from service.storage.rows.accounts import AccountRow
from service.storage.rows.acts import ReadRow
from service.storage.rows.admission import LetterRow
from service.storage.rows.library import (
    AppointmentRow,
    AwayRow,
    EmploymentRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class TermView:
    """A term; both days inclusive. Without an approval it was entered from an older roster or paper.

    `lettered` when a letter of this house was issued for it: then it is not withdrawn.
    """

    id: UUID
    starts_on: date
    ends_on: date
    letter_number: str
    approver: str = ""
    approval_number: str = ""
    approved_on: date | None = None
    lettered: bool = False

    def covers(self, on: date) -> bool:
        """Return whether the day lies in the term."""
        return self.starts_on <= on <= self.ends_on


@dataclass(frozen=True, slots=True)
class EmploymentView:
    """Work at an organisation; both days inclusive, None open."""

    id: UUID
    organisation_id: UUID
    name: str
    main: bool
    post: str
    from_on: date | None
    to_on: date | None

    def lasts(self, on: date) -> bool:
        """Return whether it lasts on the day."""
        return (self.from_on is None or self.from_on <= on) and (self.to_on is None or on <= self.to_on)


@dataclass(frozen=True, slots=True)
class AwayView:
    """Days on which an expert cannot serve, both inclusive."""

    id: UUID
    from_on: date
    to_on: date


@dataclass(frozen=True, slots=True)
class Namesake:
    """Another expert of the same name."""

    id: UUID
    number: str
    works: tuple[Work, ...]


@dataclass(frozen=True, slots=True)
class LookLine:
    """Somebody's look at a confidential value of a person."""

    at: datetime
    who: str
    what: str
    reason: str


@dataclass(frozen=True, slots=True)
class ExpertView:
    """An expert as of a day.

    Attributes:
        identity_kind, identity_masked: empty while the person is unidentified.
        status: how the expert stands on the day.
        terms: latest first.
        employments: present ones first.
        yearly_cap: panels a calendar year at most, as the expert says; None without one.
        panels: of matters that the viewer may know, newest first.
        months, service: panels of the last 24 months by month, and how many count.
        record: how invitations were answered, dates kept and points taken up.
        namesakes: other experts of the same name.
        merged_into: the record that this one went into; what it says then is of the past.
        mergers: the records that went into this one, the newest first.
        version: changes with the expert and the person.
    """

    id: UUID
    person_id: UUID
    number: str
    name: str
    pinyin: str
    identity_kind: str
    identity_masked: str
    sex: str
    born_on: date | None
    phone_masked: str
    email: str
    title: str
    title_level: str
    source: str
    state: State
    state_since_on: date | None
    status: Status
    fields: tuple[ExpertField, ...]
    terms: tuple[TermView, ...]
    employments: tuple[EmploymentView, ...]
    away: tuple[AwayView, ...]
    yearly_cap: int | None
    panels: tuple[ServedPanel, ...]
    months: tuple[MonthCount, ...]
    service: int
    record: Record
    namesakes: tuple[Namesake, ...]
    merged_into: UUID | None
    mergers: tuple[MergerView, ...]
    created_at: datetime
    version: int

    @property
    def identified(self) -> bool:
        """Whether an identity number was checked."""
        return bool(self.identity_kind)

    @property
    def main_field(self) -> str:
        """Code of the main field, empty without one."""
        return next((field.code for field in self.fields if field.main), "")

    @property
    def further_fields(self) -> tuple[str, ...]:
        """Codes of the other fields."""
        return tuple(field.code for field in self.fields if not field.main)


async def load_expert(session: Session, viewer: Viewer, expert_id: UUID, *, on: date) -> ExpertView:
    """Return an expert as of a day.

    Raises:
        NotFound: when there is none, or the viewer may not know that there is.
    """
    found = (
        await session.execute(
            select(ExpertRow, PersonRow)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(ExpertRow.id == expert_id)
        )
    ).first()
    if found is None:
        raise NotFound(subject="expert")
    expert, person = found
    relations = ("own",) if person.id == viewer.person_id else ()
    if not may(viewer, "expert:see", relations):
        raise NotFound(subject="expert")
    terms = await _terms(session, expert_id)
    panels = tuple((await served_by(session, viewer, [expert_id])).get(expert_id, ()))
    months, service = strip_of(panels, as_of=on)
    state = State(expert.state)
    return ExpertView(
        id=expert.id,
        person_id=person.id,
        number=expert.number,
        name=person.name,
        pinyin=person.pinyin,
        identity_kind=person.identity_kind if person.identity_hash else "",
        identity_masked=person.identity_masked,
        sex=person.sex,
        born_on=person.born_on,
        phone_masked=person.phone_masked,
        email=person.email,
        title=expert.title,
        title_level=expert.title_level or "none",
        source=expert.source,
        state=state,
        state_since_on=expert.state_since_on,
        status=status_of(
            [Appointment(term.starts_on, term.ends_on) for term in terms], state, expert.state_since_on, on=on
        ),
        fields=(await fields_of(session, [expert_id])).get(expert_id, ()),
        terms=terms,
        employments=await _employments(session, person.id, on=on),
        away=await _away(session, expert_id),
        yearly_cap=expert.yearly_cap,
        panels=panels,
        months=months,
        service=service,
        record=(await records_of(session, [expert_id], on=on))[expert_id],
        namesakes=await _namesakes(session, viewer, person, on=on),
        merged_into=expert.merged_into,
        mergers=await mergers_of(session, expert_id),
        created_at=expert.created_at,
        version=expert.version + person.version - 1,
    )


async def own_expert(session: Session, viewer: Viewer) -> UUID:
    """Return the expert who the viewer is.

    Raises:
        NotFound: when the viewer's person is none.
    """
    expert_id: UUID | None = await session.scalar(select(ExpertRow.id).where(ExpertRow.person_id == viewer.person_id))
    if expert_id is None:
        raise NotFound(subject="expert")
    return expert_id


async def looks_at(session: Session, expert_id: UUID, *, most: int = 50) -> tuple[LookLine, ...]:
    """Return who looked at confidential values of an expert, newest first, under whatever record or application."""
    subjects = await subjects_of(session, expert_id)
    rows = await session.execute(
        select(ReadRow.at, PersonRow.name, ReadRow.what, ReadRow.reason)
        .join(AccountRow, AccountRow.id == ReadRow.account_id)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(ReadRow.subject.in_(subjects))
        .order_by(ReadRow.at.desc(), ReadRow.id.desc())
        .limit(most)
    )
    return tuple(LookLine(*row) for row in rows)


async def _terms(session: Session, expert_id: UUID) -> tuple[TermView, ...]:
    lettered = exists().where(LetterRow.appointment_id == AppointmentRow.id)
    rows = await session.execute(
        select(AppointmentRow, lettered)
        .where(AppointmentRow.expert_id == expert_id)
        .order_by(AppointmentRow.starts_on.desc())
    )
    return tuple(
        TermView(
            row.id,
            row.starts_on,
            row.ends_on,
            row.letter_number,
            row.approver,
            row.approval_number,
            row.approved_on,
            by_letter,
        )
        for row, by_letter in rows
    )


async def _employments(session: Session, person_id: UUID, *, on: date) -> tuple[EmploymentView, ...]:
    rows = await session.execute(
        select(EmploymentRow, OrganisationRow.name)
        .join(OrganisationRow, OrganisationRow.id == EmploymentRow.organisation_id)
        .where(EmploymentRow.person_id == person_id)
    )
    views = [
        EmploymentView(row.id, row.organisation_id, name, row.kind == "main", row.post, row.from_on, row.to_on)
        for row, name in rows
    ]
    latest = sorted(views, key=lambda view: (view.to_on or date.max, view.from_on or date.min, view.id), reverse=True)
    return tuple(sorted(latest, key=lambda view: (not view.lasts(on), not view.main)))


async def _away(session: Session, expert_id: UUID) -> tuple[AwayView, ...]:
    rows = await session.scalars(select(AwayRow).where(AwayRow.expert_id == expert_id).order_by(AwayRow.from_on.desc()))
    return tuple(AwayView(row.id, row.from_on, row.to_on) for row in rows)


async def _namesakes(session: Session, viewer: Viewer, person: PersonRow, *, on: date) -> tuple[Namesake, ...]:
    if not may(viewer, "expert:list"):
        return ()
    rows = (
        await session.execute(
            select(ExpertRow.id, ExpertRow.number, PersonRow.id)
            .join(PersonRow, PersonRow.id == ExpertRow.person_id)
            .where(PersonRow.name == person.name, PersonRow.id != person.id, ExpertRow.merged_into.is_(None))
            .order_by(ExpertRow.number)
            .limit(10)
        )
    ).all()
    works = await works_of(session, [person_id for _, _, person_id in rows], on=on)
    return tuple(Namesake(expert_id, number, works.get(person_id, ())) for expert_id, number, person_id in rows)
