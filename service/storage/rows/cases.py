"""Tables of cases about experts (A26, A70)."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

_RUNNING = text("state IN ('open', 'rectifying')")


class CaseRow(Base):
    """A case about an expert, from its event to what the director decided; one at a time."""

    __tablename__ = "expert_case"
    __table_args__ = (
        Index("uq_expert_case_running", "expert_id", unique=True, sqlite_where=_RUNNING, postgresql_where=_RUNNING),
        Index("ix_expert_case_expert_id", "expert_id"),
        Index("ix_expert_case_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"))
    ground: Mapped[str]  # post-changed | health | refused | disciplined | withdrew | unfit | breach
    refusal: Mapped[str] = mapped_column(default="")
    evidence: Mapped[str] = mapped_column(default="")
    sealed: Mapped[bytes | None]  # evidence about health and discipline
    state: Mapped[str] = mapped_column(default="open")  # open | rectifying | closed
    opened_on: Mapped[date]
    opened_by: Mapped[UUID]
    state_until_on: Mapped[date]
    statement: Mapped[str] = mapped_column(default="")
    stated_on: Mapped[date | None]
    measure: Mapped[str] = mapped_column(default="")
    grave: Mapped[bool] = mapped_column(default=False)
    rectify_by: Mapped[date | None]
    reason: Mapped[str] = mapped_column(default="")
    document: Mapped[str] = mapped_column(default="")
    decided_on: Mapped[date | None]
    decided_by: Mapped[UUID | None]
    closed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class OccurrenceRow(Base):
    """What happened to an expert and may be ground for a case: noted as it happens, judged by the center."""

    __tablename__ = "expert_occurrence"
    __table_args__ = (
        Index("ix_expert_occurrence_expert_id", "expert_id"),
        Index("ix_expert_occurrence_state", "state"),
        Index("ix_expert_occurrence_case_id", "case_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)  # noted once, however often it is seen
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"))
    kind: Mapped[str]  # refusal | post-change | lost-proof | report
    happened_on: Mapped[date]
    refusal: Mapped[str] = mapped_column(default="")
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    words: Mapped[str] = mapped_column(default="")
    state: Mapped[str] = mapped_column(default="waiting")  # waiting | passed | case
    reason: Mapped[str] = mapped_column(default="")
    judged_by: Mapped[UUID | None]
    judged_on: Mapped[date | None]
    case_id: Mapped[UUID | None] = mapped_column(ForeignKey("expert_case.id"))
    opened: Mapped[bool] = mapped_column(default=False)  # the case was opened for it, not running already
    contested: Mapped[str] = mapped_column(default="")
    contested_on: Mapped[date | None]
    review_reason: Mapped[str] = mapped_column(default="")
    reviewed_by: Mapped[UUID | None]
    reviewed_on: Mapped[date | None]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
