"""Table of handovers: who took over whose open work, and why."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class HandoverRow(Base):
    """Open work that went from one account to another; the ledger knows the reason by its salted hash."""

    __tablename__ = "handover"
    __table_args__ = (
        CheckConstraint("from_account_id <> to_account_id", name="to_somebody_else"),
        Index("ix_handover_from_account_id", "from_account_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    from_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    to_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
    reason: Mapped[str]
    reason_sha256: Mapped[str]
    salt: Mapped[bytes]
    pieces: Mapped[int]
