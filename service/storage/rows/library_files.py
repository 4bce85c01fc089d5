"""Table of files of the library: scans of approvals, which stay, and printed letters, which do not."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class BatchFileRow(Base):
    """A file of a list."""

    __tablename__ = "batch_file"
    __table_args__ = (Index("ix_batch_file_batch_id", "batch_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    batch_id: Mapped[UUID] = mapped_column(ForeignKey("batch.id"))
    kind: Mapped[str]  # approval | letters
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]
