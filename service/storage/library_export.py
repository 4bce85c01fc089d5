"""The library as a list for export: a handful of queries, numbers masked as they are stored."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select

from registry import Appointment, ExpertField, State, Status, status_of
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class ExportLine:
    """One expert of the list; the term is the one that covers the day, else the latest.

    `identity` and `phone` are masked until somebody opened them with a reason (see `service.actions.library_export`).
    """

    id: UUID
    person_id: UUID
    number: str
    name: str
    sex: str
    identity: str
    identity_sealed: bytes | None = field(repr=False)
    phone: str
    phone_sealed: bytes | None = field(repr=False)
    email: str
    unit: str
    post: str
    title: str
    title_level: str
    fields: tuple[ExpertField, ...]
    starts_on: date | None
    ends_on: date | None
    status: Status


async def export_lines(
    session: Session, *, on: date, wanted: Sequence[ColumnElement[bool]] = ()
) -> tuple[ExportLine, ...]:
    """Return experts in the order of the numbers, as they stand on a day; `wanted` narrows (see `narrowed`)."""
    fields: dict[UUID, list[ExpertField]] = defaultdict(list)
    for expert_id, code, main in await session.execute(
        select(ExpertFieldRow.expert_id, ExpertFieldRow.code, ExpertFieldRow.main).order_by(ExpertFieldRow.code)
    ):
        fields[expert_id].append(ExpertField(code, main))
    terms: dict[UUID, list[Appointment]] = defaultdict(list)
    for expert_id, starts_on, ends_on in await session.execute(
        select(AppointmentRow.expert_id, AppointmentRow.starts_on, AppointmentRow.ends_on)
    ):
        terms[expert_id].append(Appointment(starts_on, ends_on))
    jobs: dict[UUID, tuple[str, str]] = {}
    current = (
        select(EmploymentRow.person_id, OrganisationRow.name, EmploymentRow.post)
        .join(OrganisationRow, OrganisationRow.id == EmploymentRow.organisation_id)
        .where(EmploymentRow.kind == "main", (EmploymentRow.to_on.is_(None)) | (EmploymentRow.to_on >= on))
        .order_by(EmploymentRow.from_on.nulls_first(), EmploymentRow.id)
    )
    for person_id, name, post in await session.execute(current):
        jobs[person_id] = (name, post)
    rows = await session.execute(
        select(ExpertRow, PersonRow)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(*wanted)
        .order_by(ExpertRow.number)
    )
    return tuple(_line(expert, person, fields, terms, jobs, on) for expert, person in rows)


def _line(
    expert: ExpertRow,
    person: PersonRow,
    fields: dict[UUID, list[ExpertField]],
    terms: dict[UUID, list[Appointment]],
    jobs: dict[UUID, tuple[str, str]],
    on: date,
) -> ExportLine:
    held = terms.get(expert.id, [])
    term = next((term for term in held if term.covers(on)), max(held, default=None))
    unit, post = jobs.get(person.id, ("", ""))
    return ExportLine(
        id=expert.id,
        person_id=person.id,
        number=expert.number,
        name=person.name,
        sex=person.sex,
        identity=person.identity_masked,
        identity_sealed=person.identity_sealed,
        phone=person.phone_masked,
        phone_sealed=person.phone_sealed,
        email=person.email,
        unit=unit,
        post=post,
        title=expert.title,
        title_level=expert.title_level,
        fields=tuple(fields.get(expert.id, ())),
        starts_on=term.starts_on if term else None,
        ends_on=term.ends_on if term else None,
        status=status_of(held, State(expert.state), expert.state_since_on, on=on),
    )
