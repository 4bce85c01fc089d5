"""A small library in the database: experts of hydraulic engineering and law from different employers."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select

from service.ids import new_id
from service.ledger import Event
from service.pinyin import pinyin_of
from service.storage.rows.accounts import AccountRow
from service.storage.rows.declarations import DeclarationRow
from service.storage.rows.library import (
    AppointmentRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Database, unit_of_work
from tests.service.conftest import MONDAY


@dataclass(frozen=True, slots=True)
class Entry:
    """An expert to insert; by default appointed, identified and employed outside the county."""

    name: str
    field: str = "570"
    employer: str = ""
    starts_on: date = date(2024, 3, 1)
    ends_on: date = date(2029, 2, 28)
    state: str = "active"
    identified: bool = True
    declared_on: date | None = date(2026, 1, 5)


@dataclass(frozen=True, slots=True)
class Inserted:
    """Ids by name."""

    experts: dict[str, UUID]
    people: dict[str, UUID]
    organisations: dict[str, UUID]


async def a_library(
    database: Database, entries: Sequence[Entry], *, units: dict[str, UUID] | None = None, first_number: int = 0
) -> Inserted:
    """Insert experts, numbered from the first number on, each with an employer of their own unless one is named."""
    organisations = dict(units or {})
    known = set(organisations)
    experts: dict[str, UUID] = {}
    people: dict[str, UUID] = {}
    declared: list[tuple[UUID, date]] = []
    async with unit_of_work(database, at=MONDAY) as session:
        for place, entry in enumerate(entries, first_number):
            employer = entry.employer or f"外地设计院{place}"
            if employer not in organisations:
                organisations[employer] = new_id()
            if employer not in known:
                known.add(employer)
                session.add(
                    OrganisationRow(
                        id=organisations[employer],
                        name=employer,
                        kind="institution",
                        region="110000",
                        created_at=MONDAY,
                    )
                )
        await session.flush()
        for place, entry in enumerate(entries, first_number):
            person_id, expert_id = new_id(), new_id()
            people[entry.name], experts[entry.name] = person_id, expert_id
            session.add(
                PersonRow(
                    id=person_id,
                    name=entry.name,
                    pinyin=pinyin_of(entry.name),
                    identity_kind="resident" if entry.identified else "",
                    identity_hash=f"{place:064x}" if entry.identified else None,
                    created_at=MONDAY,
                )
            )
            await session.flush()
            session.add(
                ExpertRow(
                    id=expert_id, person_id=person_id, number=f"E{place:04d}", state=entry.state, created_at=MONDAY
                )
            )
            await session.flush()
            session.add_all(
                [
                    AppointmentRow(id=new_id(), expert_id=expert_id, starts_on=entry.starts_on, ends_on=entry.ends_on),
                    ExpertFieldRow(expert_id=expert_id, code=entry.field, main=True),
                    EmploymentRow(
                        id=new_id(),
                        person_id=person_id,
                        organisation_id=organisations[entry.employer or f"外地设计院{place}"],
                        from_on=date(2020, 1, 1),
                        known_at=MONDAY,
                    ),
                ]
            )
            if entry.declared_on is not None:
                declared.append((person_id, entry.declared_on))
            session.info["events"].append(
                Event(
                    type="expert.added",
                    stream=f"expert:{expert_id}",
                    actor={"id": str(person_id), "person": str(person_id), "role": "center", "session": ""},
                    body={"person": str(person_id)},
                )
            )
        by = await session.scalar(select(AccountRow.id).limit(1))
        if by is None:
            by = new_id()
            session.add(AccountRow(id=by, person_id=next(iter(people.values())), login=f"user-{by.hex[-12:]}",
                                   password_hash="", created_at=MONDAY))  # fmt: skip
            await session.flush()
        session.add_all(
            DeclarationRow(
                id=new_id(),
                person_id=person_id,
                occasion="yearly",
                answer="complete",
                way="paper",
                made_on=made_on,
                at=MONDAY,
                by_account_id=by,
                ties=[],
            )
            for person_id, made_on in declared
        )
    return Inserted(experts, people, organisations)
