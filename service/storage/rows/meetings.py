"""The table of review meetings."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class ReviewMeetingRow(Base):
    """The review meeting of a panel: a projection of the matter's stream, for looking up clashes."""

    __tablename__ = "review_meeting"
    __table_args__ = (Index("ix_review_meeting_starts_at", "starts_at"),)

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    status: Mapped[str]  # set | cancelled | held
