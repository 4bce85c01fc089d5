"""Tables of the staff's own conflicts of interest: who keeps out of which matter, and how that was lifted."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

_OPEN = text("state <> 'lifted'")


class StaffRecusalRow(Base):
    """A member of staff who keeps out of a matter: declared, stated by a colleague, or found and then lifted.

    What the check finds against staff needs no row to count; a row of ground `found` records that two persons lifted
    it, for the ties as they stood. The schema says too that the two are two, and neither is the person concerned.
    """

    __tablename__ = "staff_recusal"
    __table_args__ = (
        Index("ix_staff_recusal_person_id", "person_id"),
        Index(
            "uq_staff_recusal_open",
            "matter_id",
            "person_id",
            "policy_row",
            "basis",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint("asked_person_id IS NULL OR asked_person_id <> person_id", name="asked_by_another"),
        CheckConstraint(
            "lifted_person_id IS NULL OR (lifted_person_id <> person_id AND lifted_person_id <> asked_person_id)",
            name="lifted_by_a_third",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    ground: Mapped[str]  # declared | stated | found
    policy_row: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")
    policy: Mapped[str]
    basis: Mapped[str] = mapped_column(default="")
    ties: Mapped[list[Any]]  # the path as conflict-findings/1 has it, as it stood
    as_of: Mapped[date]
    reason: Mapped[str] = mapped_column(default="")
    reason_salt: Mapped[bytes]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_person_id: Mapped[UUID]
    at: Mapped[datetime]
    state: Mapped[str]  # standing | asked | lifted
    asked_person_id: Mapped[UUID | None]
    asked_at: Mapped[datetime | None]
    asked_reason: Mapped[str] = mapped_column(default="")
    lifted_person_id: Mapped[UUID | None]
    lifted_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)
