"""A candidate becomes an expert, or an expert comes back: what the application says goes into the library."""

from datetime import datetime
from uuid import UUID

from registry import ExpertField
from service.ids import new_id
from service.storage.candidate_writing import HeldCandidate
from service.storage.expert_writing import HeldExpert, put_employment
from service.storage.intake import NewEmployment, NewExpert
from service.storage.roster_writing import (
    ExpertChange,
    change_experts,
    insert_experts_of_known_persons,
    next_expert_numbers,
)
from service.storage.rows.library import PersonRow
from service.storage.session import Session


async def enter_library(session: Session, candidate: HeldCandidate, *, at: datetime) -> UUID:
    """Make an expert of a candidate's person; returns the id. The term comes with the letter."""
    person = await session.get_one(PersonRow, candidate.person_id)
    (number,) = await next_expert_numbers(session, 1)
    jobs: tuple[NewEmployment, ...] = ()
    if candidate.organisation_id is not None:
        jobs = (NewEmployment(candidate.organisation_id, True, candidate.post, None, None),)
    entry = NewExpert(
        id=new_id(),
        person_id=person.id,
        number=number,
        name=person.name,
        pinyin=person.pinyin,
        identity_kind=person.identity_kind,
        identity_hash=person.identity_hash,
        identity_sealed=person.identity_sealed,
        identity_masked=person.identity_masked,
        sex=person.sex,
        born_on=person.born_on,
        phone_sealed=person.phone_sealed,
        phone_masked=person.phone_masked,
        email=person.email,
        title=candidate.title,
        title_level=candidate.title_level.value,
        source=candidate.source,
        fields=candidate.fields,
        terms=(),
        employments=jobs,
    )
    await insert_experts_of_known_persons(session, [entry], at=at)
    return entry.id


async def renew_particulars(session: Session, expert: HeldExpert, candidate: HeldCandidate, *, at: datetime) -> None:
    """Take title and fields of an application over for an expert who is there already; a new employer is added."""
    fields: tuple[ExpertField, ...] | None = candidate.fields
    if not candidate.fields or set(candidate.fields) == set(expert.fields):
        fields = None
    change = ExpertChange(
        expert_id=expert.id,
        person_id=expert.person_id,
        columns=frozenset(),
        person={},
        expert={"title": candidate.title, "title_level": candidate.title_level.value},
        fields=fields,
        term=None,
        employment_id=None,
        post=None,
    )
    await change_experts(session, [change], at=at)
    unit_id = candidate.organisation_id
    if unit_id is not None and all(
        job.organisation_id != unit_id or job.to_on is not None for job in expert.employments
    ):
        await put_employment(
            session, expert, organisation_id=unit_id, main=True, post=candidate.post, from_on=None, at=at
        )
