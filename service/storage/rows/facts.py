"""The table of facts: dated ties between persons, organisations and matters, with valid time and record time."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class FactRow(Base):
    """One version of a fact. Versions share `fact_id`; the standing one has no `retired_at`."""

    __tablename__ = "fact"
    __table_args__ = (
        UniqueConstraint("fact_id", "known_at"),
        Index("ix_fact_subject_id", "subject_id"),
        Index("ix_fact_object_id", "object_id"),
        CheckConstraint("to_on IS NULL OR from_on IS NULL OR from_on <= to_on", name="ends_after_start"),
        CheckConstraint("subject_id <> object_id", name="two_ends"),
        CheckConstraint("retired_at IS NULL OR retired_at > known_at", name="retired_after_known"),
        CheckConstraint("share_of IS NULL OR (share_part > 0 AND share_part <= share_of)", name="share_possible"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    fact_id: Mapped[UUID] = mapped_column(index=True)
    kind: Mapped[str]
    subject_kind: Mapped[str]  # person | organisation
    subject_id: Mapped[UUID]
    object_kind: Mapped[str]  # person | organisation | matter
    object_id: Mapped[UUID]
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    origin: Mapped[str] = mapped_column(default="observed")  # declared | observed | imported
    source: Mapped[str] = mapped_column(default="")
    confidence: Mapped[str] = mapped_column(default="sure")  # sure | likely | hint
    evidence: Mapped[str] = mapped_column(default="")
    share_part: Mapped[int | None]
    share_of: Mapped[int | None]
    relation: Mapped[str] = mapped_column(default="")  # kinship only
    stance: Mapped[str] = mapped_column(default="")  # public statements only
    import_id: Mapped[UUID | None] = mapped_column(index=True)  # the run of an import that wrote this version
    known_at: Mapped[datetime]
    retired_at: Mapped[datetime | None]
    retired_why: Mapped[str] = mapped_column(default="")  # ended | replaced | withdrawn; empty while it stands
    reason: Mapped[str] = mapped_column(default="")  # why it was withdrawn; known to the ledger by its salted hash
    reason_salt: Mapped[bytes | None]
