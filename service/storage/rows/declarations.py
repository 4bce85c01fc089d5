"""Tables of declarations of interest, and of ties declared by a name that a person still has to settle."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class DeclarationRow(Base):
    """What a person declared: for the year, for one matter, or aloud in one matter."""

    __tablename__ = "declaration"
    __table_args__ = (
        Index("ix_declaration_person_id", "person_id", "made_on"),
        Index("ix_declaration_matter_id", "matter_id"),
        CheckConstraint("(occasion = 'yearly') = (matter_id IS NULL)", name="yearly_or_of_a_matter"),
        CheckConstraint("occasion <> 'yearly' OR answer = 'complete'", name="yearly_is_complete"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    occasion: Mapped[str]  # yearly | matter | oral
    matter_id: Mapped[UUID | None] = mapped_column(ForeignKey("matter.id"))
    answer: Mapped[str]  # complete (yearly) | none | interest | recuse
    text: Mapped[str] = mapped_column(default="")
    text_salt: Mapped[bytes | None]
    way: Mapped[str]  # self | paper | oral
    made_on: Mapped[date]
    at: Mapped[datetime]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    ties: Mapped[list[Any]]  # the facts declared, as they stood: id, kind, ends, days, share, relation
    decision: Mapped[str] = mapped_column(default="")  # empty | pending | recused | sits
    decided_person_id: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decided_reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)


class DeclaredTieRow(Base):
    """A tie declared with a name: whom the name means a person settles, once."""

    __tablename__ = "declared_tie"
    __table_args__ = (Index("ix_declared_tie_person_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    kind: Mapped[str]
    forward: Mapped[bool]
    other: Mapped[str]  # the name as typed
    from_on: Mapped[date | None]
    to_on: Mapped[date | None]
    relation: Mapped[str] = mapped_column(default="")
    share_part: Mapped[int | None]
    share_of: Mapped[int | None]
    at: Mapped[datetime]
    state: Mapped[str]  # open | settled | set-aside
    fact_id: Mapped[UUID | None]
    settled_person_id: Mapped[UUID | None]
    settled_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(default="")
    version: Mapped[int] = mapped_column(default=1)
