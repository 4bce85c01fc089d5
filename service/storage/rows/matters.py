"""Tables of matters and panels. A matter's rows are projections of its stream in the ledger."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class MatterRow(Base):
    """A decision matter (决策事项), written by the fold of its stream; `version` is its last stream_seq."""

    __tablename__ = "matter"
    __table_args__ = (Index("ix_matter_state", "state"), Index("ix_matter_unit_id", "unit_id"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)  # 2026-014
    title: Mapped[str]
    pinyin: Mapped[str] = mapped_column(default="")
    unit_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"))
    state: Mapped[str]  # opened | need-set | proposed | determined | suspended | cancelled
    step: Mapped[str]
    flags_proposed: Mapped[list[str]]
    flags_confirmed: Mapped[list[str] | None]
    need: Mapped[dict[str, Any]]  # size, seats, quotas, reserves
    unit_clerk_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    center_clerk_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"), index=True)
    opened_at: Mapped[datetime]
    opened_on: Mapped[date]
    closed_on: Mapped[date | None]
    edition: Mapped[str]  # empty: recorded afterwards, from before the regulation
    version: Mapped[int]


class MatterPartyRow(Base):
    """A party of a matter: an organisation, or a person, whose interests are at stake."""

    __tablename__ = "matter_party"
    __table_args__ = (
        CheckConstraint("(organisation_id IS NULL) <> (person_id IS NULL)", name="one_party"),
        Index("ix_matter_party_matter_id", "matter_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    organisation_id: Mapped[UUID | None] = mapped_column(ForeignKey("organisation.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    role: Mapped[str] = mapped_column(default="party")


class MatterTextRow(Base):
    """Free text of an act (a reason, a note), known to the ledger only by its hash."""

    __tablename__ = "matter_text"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)  # over a salt and the text
    salt: Mapped[bytes]
    text: Mapped[str]


class PanelLockRow(Base):
    """An expert locked in or out by hand, with a reason, kept over re-composition."""

    __tablename__ = "panel_lock"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), primary_key=True)
    locked: Mapped[str]  # in | out
    reason: Mapped[str]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]


class PanelRow(Base):
    """A panel (专家组) of a matter: drafted, proposed by the unit, determined by the center."""

    __tablename__ = "panel"
    __table_args__ = (
        UniqueConstraint("matter_id", "round"),
        CheckConstraint("determined_by IS NULL OR determined_by <> proposed_by", name="proposer_is_not_determiner"),
        CheckConstraint(
            "approved_by IS NULL OR (approved_by <> proposed_by AND COALESCE(approved_by <> determined_by, TRUE))",
            name="approver_is_a_third",
        ),
        Index("ix_panel_determined_on", "determined_on"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    round: Mapped[int]
    state: Mapped[str]  # draft | proposed | determined | released
    mode: Mapped[str]  # composed | designated | recorded
    approved_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))  # seconded a list made by hand
    approved_at: Mapped[datetime | None]
    as_of: Mapped[date]
    edition: Mapped[str]
    policy: Mapped[str]
    problem: Mapped[dict[str, Any] | None]
    problem_sha256: Mapped[str]
    result: Mapped[dict[str, Any] | None]
    proposed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    proposed_at: Mapped[datetime | None]
    determined_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    determined_at: Mapped[datetime | None]
    determined_on: Mapped[date | None]


class PanelMemberRow(Base):
    """A member or reserve of a panel; `seat` is the code of the field it fills, None an open seat."""

    __tablename__ = "panel_member"
    __table_args__ = (Index("ix_panel_member_expert_id", "expert_id"),)

    panel_id: Mapped[UUID] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    expert_id: Mapped[UUID] = mapped_column(ForeignKey("expert.id"), primary_key=True)
    role: Mapped[str]  # member | reserve
    position: Mapped[int]
    seat: Mapped[str | None]
    replaces: Mapped[list[str] | None]


class PanelChangeRow(Base):
    """What the center changed in the unit's proposal, one row a change, each with its reason."""

    __tablename__ = "panel_change"

    panel_id: Mapped[UUID] = mapped_column(ForeignKey("panel.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    out_id: Mapped[UUID | None] = mapped_column(ForeignKey("expert.id"))
    in_id: Mapped[UUID | None] = mapped_column(ForeignKey("expert.id"))
    reason: Mapped[str]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    at: Mapped[datetime]
