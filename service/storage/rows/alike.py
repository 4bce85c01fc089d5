"""The table of what people settled about two organisations whose names are alike."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class AlikeRow(Base):
    """One settlement about a pair, under the names that both had; it holds until one of the names changes."""

    __tablename__ = "organisation_alike"
    __table_args__ = (
        UniqueConstraint("first_id", "second_id", "names"),
        CheckConstraint("first_id < second_id", name="in_order"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    first_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    second_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    names: Mapped[str]  # SHA-256 over both present names
    verdict: Mapped[str]  # same | different
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
