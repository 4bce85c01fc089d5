"""Tables of what people are told: reminders that were sent, and the center's own wording of notices."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class ReminderRow(Base):
    """One reminder: of the ladder, which sends each step once, or sent by somebody of the center (no step)."""

    __tablename__ = "reminder"
    __table_args__ = (
        UniqueConstraint("matter_id", "person_id", "kind", "due_on", "step"),
        Index("ix_reminder_person_id", "person_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]  # answer | undertaking | work
    due_on: Mapped[date]  # the day that was due when it was sent
    step: Mapped[int | None]  # working days from that day; None when somebody sent it
    to_center: Mapped[bool]  # the last step: nobody was reminded, the center was told
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))  # who sent it
    sent_at: Mapped[datetime]


class NoticeTemplateRow(Base):
    """One version of the center's own wording of a notice; an empty subject goes back to the standard wording."""

    __tablename__ = "notice_template"

    code: Mapped[str] = mapped_column(primary_key=True)
    language: Mapped[str] = mapped_column(primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    subject: Mapped[str]
    body: Mapped[str]
    short: Mapped[str]
    changed_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    changed_at: Mapped[datetime]
