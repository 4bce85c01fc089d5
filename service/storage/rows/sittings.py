"""Tables of meetings on which experts sit in (A27.2). No column holds a vote: there is none."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class SittingRow(Base):
    """A meeting of the county government to which experts are invited."""

    __tablename__ = "sitting"
    __table_args__ = (Index("ix_sitting_held_on", "held_on"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    title: Mapped[str]
    held_on: Mapped[date]
    place: Mapped[str] = mapped_column(default="")
    called_by: Mapped[UUID]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class SittingGuestRow(Base):
    """An expert who is invited: the answer, and whether the expert came."""

    __tablename__ = "sitting_guest"
    __table_args__ = (
        CheckConstraint("answer IN ('', 'accepted', 'declined')", name="answer_known"),
        Index("ix_sitting_guest_expert_id", "expert_id"),
    )

    sitting_id: Mapped[UUID] = mapped_column(ForeignKey("sitting.id"), primary_key=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), primary_key=True)
    invited_on: Mapped[date]
    answer: Mapped[str] = mapped_column(default="")
    answered_on: Mapped[date | None]
    came: Mapped[bool | None]
    version: Mapped[int] = mapped_column(default=1, server_default="1")  # of this line: the guest answers it alone
