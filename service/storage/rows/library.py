"""Tables of the expert library: organisations, persons, experts, terms, fields, employments."""

from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class OrganisationRow(Base):
    """A unit, company or institution; known by its credit code, shown by its present name."""

    __tablename__ = "organisation"
    __table_args__ = (Index("ix_organisation_pinyin", "pinyin"), Index("ix_organisation_name", "name"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    pinyin: Mapped[str] = mapped_column(default="")  # full spelling, a blank, initials
    credit_code: Mapped[str | None] = mapped_column(unique=True)
    kind: Mapped[str] = mapped_column(default="other")
    region: Mapped[str] = mapped_column(default="")  # GB/T 2260
    is_county_government: Mapped[bool] = mapped_column(default=False)
    ended_on: Mapped[date | None]  # last day, where others took its place
    # Who keeps the files of its finished matters, where it is no more
    files_with_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"), index=True)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class OrganisationNameRow(Base):
    """Another name of an organisation: alias, short form, or what it was called before."""

    __tablename__ = "organisation_name"
    __table_args__ = (
        UniqueConstraint("organisation_id", "name"),
        Index("ix_organisation_name_name", "name"),
        CheckConstraint("to_on IS NULL OR from_on IS NULL OR from_on <= to_on", name="ends_after_start"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    name: Mapped[str]
    kind: Mapped[str]  # alias | former
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]


class OrganisationParentRow(Base):
    """A dated parent (主管单位) of an organisation as it stands now; both ends inclusive, no end means still."""

    __tablename__ = "organisation_parent"
    __table_args__ = (
        Index("ix_organisation_parent_organisation_id", "organisation_id"),
        CheckConstraint("to_on IS NULL OR from_on IS NULL OR from_on <= to_on", name="ends_after_start"),
        CheckConstraint("organisation_id <> parent_id", name="not_its_own_parent"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    parent_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    known_at: Mapped[datetime]  # since when it is known as it stands


class OrganisationParentPastRow(Base):
    """A parent as it was known before it was changed or removed: what a check that looks back still counts with."""

    __tablename__ = "organisation_parent_past"
    __table_args__ = (CheckConstraint("retired_at > known_at", name="retired_after_known"),)

    tie_id: Mapped[UUID] = mapped_column(primary_key=True)  # the tie itself may be gone
    known_at: Mapped[datetime] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    parent_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    retired_at: Mapped[datetime]


class PersonRow(Base):
    """A natural person; known by the hash of an identity number, never by name."""

    __tablename__ = "person"
    __table_args__ = (Index("ix_person_pinyin", "pinyin"), Index("ix_person_name", "name"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    name: Mapped[str]
    pinyin: Mapped[str] = mapped_column(default="")  # full spelling, a blank, initials
    identity_kind: Mapped[str] = mapped_column(default="")  # resident | passport | permit; empty: unidentified
    identity_hash: Mapped[str | None] = mapped_column(unique=True)
    identity_sealed: Mapped[bytes | None]
    identity_masked: Mapped[str] = mapped_column(default="")
    sex: Mapped[str] = mapped_column(default="")  # GB/T 2261.1: 1 male, 2 female
    born_on: Mapped[date | None]
    phone_sealed: Mapped[bytes | None]
    phone_masked: Mapped[str] = mapped_column(default="")
    email: Mapped[str] = mapped_column(default="")
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ExpertRow(Base):
    """A person in the expert library."""

    __tablename__ = "expert"
    __table_args__ = (Index("ix_expert_state", "state"), Index("ix_expert_title_level", "title_level"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), unique=True)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(default="")
    title_level: Mapped[str] = mapped_column(default="")
    source: Mapped[str] = mapped_column(default="")  # A24: self | organisation | invited | open-call
    state: Mapped[str] = mapped_column(default="active")  # active|suspended|withdrawn|dismissed|struck-off|merged
    state_since_on: Mapped[date | None]
    yearly_cap: Mapped[int | None]  # panels a calendar year at most, as the expert says
    merged_into: Mapped[UUID | None] = mapped_column(ForeignKey("expert.id"), index=True)  # the record that stayed
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class AppointmentRow(Base):
    """One term of appointment (聘期), both days inclusive."""

    __tablename__ = "appointment"
    __table_args__ = (
        UniqueConstraint("expert_id", "starts_on"),
        CheckConstraint("starts_on <= ends_on", name="ends_after_start"),
        Index("ix_appointment_ends_on", "ends_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"))
    starts_on: Mapped[date]
    ends_on: Mapped[date]
    letter_number: Mapped[str] = mapped_column(default="")
    approver: Mapped[str] = mapped_column(default="", server_default="")  # county-government | director
    approval_number: Mapped[str] = mapped_column(default="", server_default="")
    approved_on: Mapped[date | None]


_OVERLAP: Final = "terms of one expert share a day"


def term_triggers(dialect: str) -> list[str]:
    """Return the statements that keep two terms of one expert from sharing a day, whoever writes them (A24).

    On PostgreSQL the expert's row is locked first, so that two writers at once come one after the other.

    Args:
        dialect: `sqlite` or `postgresql`.
    """
    other = (
        "EXISTS (SELECT 1 FROM appointment WHERE expert_id = NEW.expert_id AND id <> NEW.id"
        " AND starts_on <= NEW.ends_on AND ends_on >= NEW.starts_on)"
    )
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER appointment_apart_{act.lower()} BEFORE {act} ON appointment WHEN {other}"
            f" BEGIN SELECT RAISE(ABORT, '{_OVERLAP}'); END"
            for act in ("INSERT", "UPDATE")
        ]
    body = (
        "BEGIN PERFORM 1 FROM expert WHERE id = NEW.expert_id FOR UPDATE; "
        f"IF {other} THEN RAISE EXCEPTION '{_OVERLAP}' USING ERRCODE = 'exclusion_violation'; END IF; RETURN NEW; END"
    )
    return [
        f"CREATE OR REPLACE FUNCTION appointment_apart() RETURNS trigger LANGUAGE plpgsql AS $$ {body} $$",
        (
            "CREATE TRIGGER appointment_apart BEFORE INSERT OR UPDATE ON appointment"
            " FOR EACH ROW EXECUTE FUNCTION appointment_apart()"
        ),
    ]


class ExpertFieldRow(Base):
    """A field of an expert: a code of GB/T 13745 or a local domain, main or further."""

    __tablename__ = "expert_field"
    __table_args__ = (Index("ix_expert_field_code", "code"),)

    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), primary_key=True)
    code: Mapped[str] = mapped_column(primary_key=True)
    main: Mapped[bool] = mapped_column(default=False)


class EmploymentRow(Base):
    """Work of a person at an organisation; both days inclusive, no end means still."""

    __tablename__ = "employment"
    __table_args__ = (
        Index("ix_employment_person_id", "person_id"),
        Index("ix_employment_organisation_id", "organisation_id"),
        CheckConstraint("to_on IS NULL OR from_on IS NULL OR from_on <= to_on", name="ends_after_start"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str] = mapped_column(default="main")  # main | side
    post: Mapped[str] = mapped_column(default="")
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    known_at: Mapped[datetime]


class EmploymentPastRow(Base):
    """An employment as it was known before it was changed: what a check that looks back still counts with."""

    __tablename__ = "employment_past"
    __table_args__ = (CheckConstraint("retired_at > known_at", name="retired_after_known"),)

    employment_id: Mapped[UUID] = mapped_column(primary_key=True)  # the employment itself may be gone
    known_at: Mapped[datetime] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), index=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    kind: Mapped[str]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    retired_at: Mapped[datetime]


class AwayRow(Base):
    """Days on which an expert cannot serve, both inclusive."""

    __tablename__ = "away"
    __table_args__ = (CheckConstraint("from_on <= to_on", name="ends_after_start"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), index=True)
    from_on: Mapped[date]
    to_on: Mapped[date]
