"""Tables of the queue and the outbox."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class JobRow(Base):
    """A piece of long work, or one to be done later. It is leased, not locked: whoever dies loses it to another."""

    __tablename__ = "job"
    __table_args__ = (
        Index("ix_job_state_run_at", "state", "run_at"),
        Index("ix_job_account_id_created_at", "account_id", "created_at"),
        CheckConstraint("progress >= 0 AND (total IS NULL OR progress <= total)", name="progress_within_total"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    payload: Mapped[dict[str, Any]]
    key: Mapped[str | None] = mapped_column(unique=True)  # the same work is not queued twice
    state: Mapped[str]  # queued | running | done | failed | cancelled
    progress: Mapped[int] = mapped_column(default=0)
    total: Mapped[int | None]
    code: Mapped[str] = mapped_column(default="")  # sentence about where it stands or why it failed
    result: Mapped[dict[str, Any] | None]
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=5)
    run_at: Mapped[datetime]
    lease_until: Mapped[datetime | None]
    lease_owner: Mapped[str | None]
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class OutboxRow(Base):
    """A notice to someone, written with the act it tells of, delivered later at least once.

    The parameters hold ids, codes, numbers and days; names and addresses are looked up when it is delivered.
    """

    __tablename__ = "outbox"
    __table_args__ = (
        Index("ix_outbox_state_created_at", "state", "created_at"),
        Index("ix_outbox_recipient_account_id", "recipient_account_id"),
        Index("ix_outbox_matter_id", "matter_id"),
        CheckConstraint(
            "recipient_account_id IS NOT NULL OR recipient_person_id IS NOT NULL", name="someone_receives_it"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(unique=True)
    recipient_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    recipient_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    channel: Mapped[str] = mapped_column(default="mail")  # mail | sms | letter | phone
    template: Mapped[str]
    params: Mapped[dict[str, Any]]
    secret: Mapped[bytes | None]  # sealed; emptied on delivery
    language: Mapped[str] = mapped_column(default="")  # empty: the recipient's own
    state: Mapped[str] = mapped_column(default="waiting")  # waiting | delivered | failed
    attempts: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")  # code of why the last try failed
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
