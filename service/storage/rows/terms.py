"""Tables of the end of a term: who was reminded, and whether the expert would like another one."""

from datetime import date
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class TermReminderRow(Base):
    """A step of the ladder before the end of a term, taken once."""

    __tablename__ = "term_reminder"

    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), primary_key=True)
    days: Mapped[int] = mapped_column(primary_key=True)  # before the last day of the term
    said: Mapped[bool]  # whether this step was said, or passed over because a later one was due as well
    reminded_on: Mapped[date]


class RenewalWishRow(Base):
    """Whether an expert would like another term after one; said anew, it takes the place of what was said."""

    __tablename__ = "renewal_wish"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    appointment_id: Mapped[UUID] = mapped_column(ForeignKey("appointment.id"), unique=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), index=True)
    willing: Mapped[bool]
    statement: Mapped[str] = mapped_column(default="")
    said_on: Mapped[date]
