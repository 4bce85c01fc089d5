"""What is said about a person who is or may become an expert, as JSON takes it: the person, the work, a term."""

from dataclasses import dataclass, field
from datetime import date
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from registry import ExpertField
from service.actions.experts import AboutExpert, TermEntry, WorkEntry
from service.actions.organisations import NewOrganisationEntry

Day = Annotated[date, Meta(description="China Standard Time", examples=["2026-03-01"])]
Reason = Annotated[str, Meta(max_length=500, description="why, in words")]
Line = Annotated[str, Meta(max_length=200)]


@dataclass(frozen=True, slots=True)
class FieldJson:
    """A field: three, five or seven digits of GB/T 13745, or a local domain."""

    code: Annotated[str, Meta(max_length=16, examples=["570"])]
    main: bool = False


@dataclass(frozen=True, slots=True)
class NewUnitJson:
    """An organisation that is added in the same act."""

    name: Annotated[str, Meta(max_length=120, examples=["示范县水利局"])]
    credit_code: Annotated[str, Meta(max_length=30)] = ""
    kind: Annotated[str, Meta(max_length=20, examples=["bureau"])] = "other"


@dataclass(frozen=True, slots=True)
class WorkingJson:
    """Where an expert works: a known organisation, or a new one."""

    organisation_id: UUID | None = None
    new_unit: NewUnitJson | None = None
    post: Line = ""
    from_on: Day | None = None
    main: bool = True


@dataclass(frozen=True, slots=True)
class TermJson:
    """A term; without a last day it is as long as the edition says (A24)."""

    starts_on: Day
    approval_number: Annotated[str, Meta(max_length=200, description="the county government's document")]
    approved_on: Day
    ends_on: Day | None = None
    letter_number: Line = ""

    def entry(self) -> TermEntry:
        """Return the term as the act takes it."""
        return TermEntry(self.starts_on, self.ends_on, self.letter_number, self.approval_number, self.approved_on)


@dataclass(frozen=True, slots=True)
class AboutJson:
    """What is said about an expert; empty numbers leave what is kept when an expert is changed."""

    name: Annotated[str, Meta(max_length=200, examples=["沈嘉禾"])]
    identity_number: Annotated[str, Meta(max_length=60)] = ""
    identity_kind: Annotated[str, Meta(max_length=20, description="resident, permit, passport, or recognised")] = ""
    phone: Annotated[str, Meta(max_length=60)] = ""
    email: Line = ""
    title: Annotated[str, Meta(max_length=200, examples=["高级工程师"])] = ""
    title_level: Annotated[str, Meta(max_length=20, description="empty follows from the title")] = ""
    source: Annotated[
        str, Meta(max_length=20, description="self, organisation, invited, open-call", examples=["self"])
    ] = ""
    fields: Annotated[list[FieldJson], Meta(max_length=50)] = field(default_factory=list)


def about_of(data: AboutJson) -> AboutExpert:
    """Return what is said about somebody, as the acts take it."""
    return AboutExpert(
        name=data.name,
        identity_number=data.identity_number,
        identity_kind=data.identity_kind,
        phone=data.phone,
        email=data.email,
        title=data.title,
        title_level=data.title_level,
        source=data.source,
        fields=tuple(ExpertField(one.code, one.main) for one in data.fields),
    )


def work_of(data: WorkingJson) -> WorkEntry:
    """Return where somebody works, as the acts take it."""
    new = data.new_unit
    return WorkEntry(
        organisation_id=data.organisation_id,
        new=None if new is None else NewOrganisationEntry(new.name, new.credit_code, new.kind),
        post=data.post,
        from_on=data.from_on,
        main=data.main,
    )
