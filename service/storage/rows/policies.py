"""Tables of the local policy: versions that go on from the shipped one."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base

_DRAFTED = text("state = 'drafted'")


class PolicyVersionRow(Base):
    """One version of a shipped policy: drafted by one person, published by another, or withdrawn.

    There is one draft at a time, so that none is drawn up on what another will change; the number comes with the
    publication, so that numbers have no gap.
    """

    __tablename__ = "policy_version"
    __table_args__ = (
        UniqueConstraint("shipped", "number"),
        Index("uq_policy_version_drafted", "shipped", unique=True, sqlite_where=_DRAFTED, postgresql_where=_DRAFTED),
        CheckConstraint("(state = 'published') = (number IS NOT NULL)", name="published_is_numbered"),
        CheckConstraint("number IS NULL OR number > 0", name="numbers_begin_at_one"),
        CheckConstraint(
            "state <> 'published' OR settled_person_id <> drafted_person_id", name="drafter_is_not_publisher"
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    shipped: Mapped[str]  # id of the policy in the files of the edition
    number: Mapped[int | None]
    state: Mapped[str]  # drafted | published | withdrawn
    from_on: Mapped[date]
    differences: Mapped[list[Any]]  # row, key, before, after
    content: Mapped[dict[str, Any]]  # conflicts, evaluators, changed_on: every row as it is with the changes
    sha256: Mapped[str]
    reason: Mapped[str]
    reason_salt: Mapped[bytes]
    drafted_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    drafted_person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    drafted_at: Mapped[datetime]
    settled_account_id: Mapped[UUID | None] = mapped_column(ForeignKey("account.id"))
    settled_person_id: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
    settled_at: Mapped[datetime | None]
    settled_reason: Mapped[str] = mapped_column(default="")  # why a draft was withdrawn
    version: Mapped[int] = mapped_column(default=1)
