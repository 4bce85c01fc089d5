"""Tables about acts themselves: idempotency keys, refusals, confidential reads, notes, settings of the data."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class IdempotencyRow(Base):
    """What became of a POST with a key: running, or done with the answer that was given."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("ix_idempotency_claimed_at", "claimed_at"),)

    account: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    digest: Mapped[str]
    state: Mapped[str]  # running | done
    status: Mapped[int | None]
    headers: Mapped[list[Any] | None]
    body: Mapped[bytes | None]
    claimed_at: Mapped[datetime]


class RefusalRow(Base):
    """An act that rules refused: what and which rules, never personal data."""

    __tablename__ = "refusal"
    __table_args__ = (Index("ix_refusal_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[UUID | None]
    operation: Mapped[str]
    subject: Mapped[str]
    refusals: Mapped[list[Any]]


class ReadRow(Base):
    """A confidential thing that someone read (an identity number unmasked), and why."""

    __tablename__ = "confidential_read"
    __table_args__ = (Index("ix_confidential_read_at", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[UUID]
    what: Mapped[str]
    subject: Mapped[str]
    reason: Mapped[str]


class NoteRow(Base):
    """A note on an expert, organisation or matter, for named readers."""

    __tablename__ = "note"
    __table_args__ = (Index("ix_note_subject", "subject_kind", "subject_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject_kind: Mapped[str]  # expert | organisation | matter
    subject_id: Mapped[UUID]
    text: Mapped[str]
    author_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]


class NoteReaderRow(Base):
    """Who may read a note: `role:center` or `account:<id>`."""

    __tablename__ = "note_reader"

    note_id: Mapped[UUID] = mapped_column(ForeignKey("note.id"), primary_key=True)
    reader: Mapped[str] = mapped_column(primary_key=True)


class SettingRow(Base):
    """A setting that belongs to the data and not to the machine, such as the demonstration clock."""

    __tablename__ = "setting"

    key: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[dict[str, Any]]
