"""Tables of what experts ask to have changed in their data, with the evidence that they attach."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base
from service.storage.rows.attached import AttachedRow


class ChangeRequestRow(Base):
    """A change that an expert asks for; what was said and what is asked is sealed."""

    __tablename__ = "change_request"
    __table_args__ = (
        Index("ix_change_request_expert_id", "expert_id"),
        Index("ix_change_request_state", "state"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"))
    items: Mapped[list[str]]  # of registry.ChangeItem
    sealed: Mapped[bytes]
    state: Mapped[str]  # open | accepted | refused | withdrawn
    asked_on: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")  # of the decision, for the expert to read
    decided_by: Mapped[UUID | None]  # person of the center
    decided_on: Mapped[date | None]
    erased_on: Mapped[date | None]  # since then evidence and full numbers are gone
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ChangeRequestFileRow(AttachedRow):
    """A file of evidence; its kind is identity, title or work."""

    __tablename__ = "change_request_file"
    __table_args__ = (Index("ix_change_request_file_request_id", "request_id"),)

    request_id: Mapped[UUID] = mapped_column(ForeignKey("change_request.id"))
