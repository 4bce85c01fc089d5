"""The table of records that were merged because they are one person."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class RecordMergerRow(Base):
    """One merger of two records; `changes` says what moved, by ids, so that it can be taken back exactly."""

    __tablename__ = "record_merger"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kept_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), index=True)
    gone_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), index=True)
    changes: Mapped[dict[str, Any]]
    at: Mapped[datetime]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]
