"""Tables of how people come into the library: candidates, what was found about them, lists for approval, letters."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

_RUNNING = text("stage IN ('received', 'checked', 'proposed', 'approved')")


class BatchRow(Base):
    """A list that asks approval: of the county government (A24), or of the committee's director (A26)."""

    __tablename__ = "batch"
    __table_args__ = (
        CheckConstraint("state <> 'decided' OR approved_on IS NOT NULL", name="decided_on_a_day"),
        Index("ix_batch_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]  # intake | reappointment | addition
    state: Mapped[str] = mapped_column(default="open")  # open | proposed | decided
    align_on: Mapped[date | None]  # first day of everybody's term, None: the day of the letter
    proposed_by: Mapped[UUID | None]
    proposed_on: Mapped[date | None]
    approver: Mapped[str] = mapped_column(default="")
    approval_number: Mapped[str] = mapped_column(default="")
    approved_on: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class CandidateRow(Base):
    """Somebody on the way into the library, or into another term; one way at a time."""

    __tablename__ = "candidate"
    __table_args__ = (
        Index(
            "uq_candidate_running",
            "person_id",
            unique=True,
            sqlite_where=_RUNNING,
            postgresql_where=_RUNNING,
        ),
        Index("ix_candidate_stage", "stage"),
        Index("ix_candidate_batch_id", "batch_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    expert_id: Mapped[UUID | None] = mapped_column(ForeignKey("expert.id"))  # known already, or since the letter
    title: Mapped[str] = mapped_column(default="")
    title_level: Mapped[str] = mapped_column(default="none")
    fields: Mapped[list[Any]]  # [{"code": "570", "main": true}]
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    post: Mapped[str] = mapped_column(default="")
    source: Mapped[str]
    source_note: Mapped[str] = mapped_column(default="")
    stage: Mapped[str] = mapped_column(default="received")
    received_on: Mapped[date]
    checked_on: Mapped[date | None]
    checked_by: Mapped[UUID | None]
    batch_id: Mapped[UUID | None] = mapped_column(ForeignKey("batch.id"))
    erased_on: Mapped[date | None]  # since then the card says nothing of its person
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class QualificationRow(Base):
    """What was found about one condition of A25; the evidence of confidential ones is sealed."""

    __tablename__ = "qualification"

    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate.id"), primary_key=True)
    item: Mapped[str] = mapped_column(primary_key=True)
    outcome: Mapped[str]  # met | not-met | exception
    attester: Mapped[str]  # organisation | center | self
    attested_on: Mapped[date]
    until_on: Mapped[date | None]
    evidence: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]
    flagged: Mapped[bool] = mapped_column(default=False)
    recorded_by: Mapped[UUID]
    recorded_at: Mapped[datetime]


class AssessmentRow(Base):
    """The center's answers about an expert whose term ends: the three tests of A24, and what they rest on.

    An assessment during a term asks about the work alone: `needed` and `eligible` are null.
    """

    __tablename__ = "assessment"
    __table_args__ = (Index("ix_assessment_expert_id", "expert_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"))
    candidate_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidate.id"))  # when all three were passed
    term_ends_on: Mapped[date]
    events: Mapped[int]
    qualified: Mapped[bool]
    needed: Mapped[bool | None]
    eligible: Mapped[bool | None]
    reason: Mapped[str] = mapped_column(default="")
    record: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the expert's work came to on the day
    contested: Mapped[str] = mapped_column(default="")
    contested_on: Mapped[date | None]
    settled: Mapped[str] = mapped_column(default="")  # what became of the objection: upheld | set-aside
    settled_reason: Mapped[str] = mapped_column(default="")
    settled_by: Mapped[UUID | None]
    settled_on: Mapped[date | None]
    answered_by: Mapped[UUID]
    answered_on: Mapped[date]
    version: Mapped[int] = mapped_column(default=1)


class LetterRow(Base):
    """A letter of appointment: its number, and the code by which anyone can check it."""

    __tablename__ = "letter"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    candidate_id: Mapped[UUID] = mapped_column(ForeignKey("candidate.id"), unique=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id"), index=True)
    number: Mapped[str] = mapped_column(unique=True)
    code: Mapped[str] = mapped_column(unique=True)
    letter_on: Mapped[date]
    printed: Mapped[int] = mapped_column(default=0)  # every print after the first says that it is one
    created_at: Mapped[datetime]
