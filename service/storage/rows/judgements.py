"""Tables of what people decide about conflicts of interest: judgements, recusals, when somebody last looked."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

_OPEN = text("state IN ('asked', 'standing')")


class ConflictJudgementRow(Base):
    """One decision about a finding in a matter, or about a person as a whole (a recusal without a finding).

    `policy_row` and `basis` are empty for a recusal that rests on no finding. `by` decides or asks, `settled` approves
    or refuses a waiver, `ended` lifts what stands; for what needs two persons the schema says so too.
    """

    __tablename__ = "conflict_judgement"
    __table_args__ = (
        Index("ix_conflict_judgement_matter_id", "matter_id"),
        Index(
            "uq_conflict_judgement_open",
            "matter_id",
            "person_id",
            "policy_row",
            "basis",
            unique=True,
            sqlite_where=_OPEN,
            postgresql_where=_OPEN,
        ),
        CheckConstraint("settled_person_id IS NULL OR settled_person_id <> by_person_id", name="asker_is_not_approver"),
        CheckConstraint(
            "verdict <> 'real' OR ended_person_id IS NULL OR ended_person_id <> by_person_id",
            name="recusal_lifted_by_another",
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    policy_row: Mapped[str]
    code: Mapped[str]
    policy: Mapped[str]
    basis: Mapped[str]
    ties: Mapped[list[Any]]  # the path as conflict-findings/1 has it, as it stood
    as_of: Mapped[date]
    verdict: Mapped[str]  # real | false-alarm | waiver
    state: Mapped[str]  # asked | standing | refused | lifted
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    publication: Mapped[str] = mapped_column(default="")  # the text that is published with a waiver
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    by_person_id: Mapped[UUID]
    at: Mapped[datetime]
    settled_person_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    settled_reason: Mapped[str] = mapped_column(default="")
    ended_person_id: Mapped[UUID | None]
    ended_at: Mapped[datetime | None]
    ended_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)


class ConflictCheckRow(Base):
    """One check of a panel as it was made: at the proposal, at each change, at the determination."""

    __tablename__ = "conflict_check"
    __table_args__ = (Index("ix_conflict_check_matter_id", "matter_id", "at"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    occasion: Mapped[str]  # proposal | change | determination
    at: Mapped[datetime]
    as_of: Mapped[date]
    policy: Mapped[str]
    people: Mapped[list[str]]  # ids of the persons checked, members and reserves
    findings: Mapped[list[Any]]  # as in conflict-findings/1
    sha256: Mapped[str]  # over people and findings; the ledger has it


class LastLookRow(Base):
    """Until when an account has looked through an inbox."""

    __tablename__ = "last_look"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"), primary_key=True)
    place: Mapped[str] = mapped_column(primary_key=True)  # conflicts
    at: Mapped[datetime]
