"""Writing many organisations or experts at once: a fixed number of statements, however many there are."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from registry import Approver, ExpertField
from service.ids import new_id
from service.storage.rows.library import (
    AppointmentRow,
    AwayRow,
    EmploymentRow,
    ExpertFieldRow,
    ExpertRow,
    OrganisationNameRow,
    OrganisationParentRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.session import Session

_PER_QUERY = 500


@dataclass(frozen=True, slots=True)
class OtherName:
    """Another name of an organisation: `alias` while it is in use, `former` with its days."""

    name: str
    kind: str = "alias"
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class DatedParent:
    """What an organisation belongs to, both days inclusive, None open."""

    organisation_id: UUID
    from_on: date | None = None
    to_on: date | None = None


@dataclass(frozen=True, slots=True)
class NewOrganisation:
    """An organisation as it is written; what it belongs to is written before it or stands already."""

    id: UUID
    name: str
    pinyin: str
    credit_code: str | None
    kind: str
    region: str
    is_county_government: bool = False
    names: tuple[OtherName, ...] = ()
    parents: tuple[DatedParent, ...] = ()


@dataclass(frozen=True, slots=True)
class NewTerm:
    """A term of appointment, both days inclusive; a roster of older days may know no approval."""

    starts_on: date
    ends_on: date
    letter_number: str = ""
    approval_number: str = ""
    approved_on: date | None = None

    def columns(self, expert_id: UUID) -> dict[str, Any]:
        """Return the term as a row; an approval entered from paper is the county government's (A24)."""
        return {
            "id": new_id(),
            "expert_id": expert_id,
            "starts_on": self.starts_on,
            "ends_on": self.ends_on,
            "letter_number": self.letter_number,
            "approver": Approver.COUNTY_GOVERNMENT.value if self.approval_number else "",
            "approval_number": self.approval_number,
            "approved_on": self.approved_on,
        }


@dataclass(frozen=True, slots=True)
class NewEmployment:
    """Work at an organisation, both days inclusive, None open."""

    organisation_id: UUID
    main: bool
    post: str
    from_on: date | None
    to_on: date | None


@dataclass(frozen=True, slots=True)
class NewExpert:
    """A person who becomes an expert, with all that belongs to the expert; numbers are sealed already.

    Attributes:
        id, person_id: fresh.
        number: in the library, unique.
        identity_kind, identity_hash, identity_sealed, identity_masked: empty or None while unidentified.
        sex: GB/T 2261.1.
        source: channel of A24.
        others: as the table's columns.
    """

    id: UUID
    person_id: UUID
    number: str
    name: str
    pinyin: str
    identity_kind: str
    identity_hash: str | None
    identity_sealed: bytes | None
    identity_masked: str
    sex: str
    born_on: date | None
    phone_sealed: bytes | None
    phone_masked: str
    email: str
    title: str
    title_level: str
    source: str
    fields: tuple[ExpertField, ...]
    terms: tuple[NewTerm, ...]
    employments: tuple[NewEmployment, ...]
    away: tuple[tuple[date, date], ...] = ()


async def insert_organisations(session: Session, entries: Sequence[NewOrganisation], *, at: datetime) -> None:
    """Write organisations with their names and parents."""
    await _insert_all(
        session,
        OrganisationRow,
        [
            {
                "id": entry.id,
                "name": entry.name,
                "pinyin": entry.pinyin,
                "credit_code": entry.credit_code,
                "kind": entry.kind,
                "region": entry.region,
                "is_county_government": entry.is_county_government,
                "created_at": at,
                "version": 1,
            }
            for entry in entries
        ],
    )
    names = [(entry.id, name) for entry in entries for name in entry.names]
    await _insert_all(
        session,
        OrganisationNameRow,
        [
            {
                "id": new_id(),
                "organisation_id": organisation_id,
                "name": other.name,
                "kind": other.kind,
                "from_on": other.from_on,
                "to_on": other.to_on,
            }
            for organisation_id, other in names
        ],
    )
    parents = [(entry.id, parent) for entry in entries for parent in entry.parents]
    await _insert_all(
        session,
        OrganisationParentRow,
        [
            {
                "id": new_id(),
                "organisation_id": organisation_id,
                "parent_id": parent.organisation_id,
                "from_on": parent.from_on,
                "to_on": parent.to_on,
                "known_at": at,
            }
            for organisation_id, parent in parents
        ],
    )


async def insert_experts(session: Session, entries: Sequence[NewExpert], *, at: datetime) -> None:
    """Write experts with person, fields, terms, employments and absences."""
    await _insert_all(session, PersonRow, [_person(entry, at) for entry in entries])
    await _insert_all(session, ExpertRow, [_expert(entry, at) for entry in entries])
    await _insert_all(
        session,
        ExpertFieldRow,
        [
            {"expert_id": entry.id, "code": field.code, "main": field.main}
            for entry in entries
            for field in entry.fields
        ],
    )
    await _insert_all(
        session,
        AppointmentRow,
        [term.columns(entry.id) for entry in entries for term in entry.terms],
    )
    await _insert_all(
        session,
        EmploymentRow,
        [
            {
                "id": new_id(),
                "person_id": entry.person_id,
                "organisation_id": work.organisation_id,
                "kind": "main" if work.main else "side",
                "post": work.post,
                "from_on": work.from_on,
                "to_on": work.to_on,
                "known_at": at,
            }
            for entry in entries
            for work in entry.employments
        ],
    )
    await _insert_all(
        session,
        AwayRow,
        [
            {"id": new_id(), "expert_id": entry.id, "from_on": from_on, "to_on": to_on}
            for entry in entries
            for from_on, to_on in entry.away
        ],
    )


async def identities_held(session: Session, hashes: Collection[str]) -> frozenset[str]:
    """Return those of the identity hashes that a person of the library has already."""
    wanted = sorted(hashes)
    held: set[str | None] = set()
    for start in range(0, len(wanted), _PER_QUERY):
        some = wanted[start : start + _PER_QUERY]
        held.update(await session.scalars(select(PersonRow.identity_hash).where(PersonRow.identity_hash.in_(some))))
    return frozenset(found for found in held if found)


async def credit_codes_held(session: Session, codes: Collection[str]) -> frozenset[str]:
    """Return those of the credit codes that an organisation has already."""
    wanted = sorted(codes)
    held: set[str | None] = set()
    for start in range(0, len(wanted), _PER_QUERY):
        some = wanted[start : start + _PER_QUERY]
        held.update(
            await session.scalars(select(OrganisationRow.credit_code).where(OrganisationRow.credit_code.in_(some)))
        )
    return frozenset(found for found in held if found)


def _person(entry: NewExpert, at: datetime) -> dict[str, Any]:
    return {
        "id": entry.person_id,
        "name": entry.name,
        "pinyin": entry.pinyin,
        "identity_kind": entry.identity_kind,
        "identity_hash": entry.identity_hash,
        "identity_sealed": entry.identity_sealed,
        "identity_masked": entry.identity_masked,
        "sex": entry.sex,
        "born_on": entry.born_on,
        "phone_sealed": entry.phone_sealed,
        "phone_masked": entry.phone_masked,
        "email": entry.email,
        "created_at": at,
        "version": 1,
    }


def _expert(entry: NewExpert, at: datetime) -> dict[str, Any]:
    return {
        "id": entry.id,
        "person_id": entry.person_id,
        "number": entry.number,
        "title": entry.title,
        "title_level": entry.title_level,
        "source": entry.source,
        "state": "active",
        "state_since_on": None,
        "created_at": at,
        "version": 1,
    }


async def _insert_all(session: Session, row: type[Any], values: list[dict[str, Any]]) -> None:
    if values:
        await session.execute(insert(row), values)
