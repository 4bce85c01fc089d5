"""Tables of what became of organisations: who took whose place, from which day, and what moved with it."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class ReorganisationRow(Base):
    """One merger or division; `changes` says what it moved, so that it can be taken back exactly."""

    __tablename__ = "reorganisation"

    id: Mapped[UUID] = mapped_column(primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), index=True)
    kind: Mapped[str]  # merged | divided | parted | dissolved | settled | duplicate
    from_on: Mapped[date]
    source: Mapped[str]  # number of the document that says so
    changes: Mapped[list[Any]]
    at: Mapped[datetime]
    by_account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    undone_at: Mapped[datetime | None]


class SuccessorRow(Base):
    """An organisation that took over in a reorganisation; `fact_id` is the succession that conflicts follow."""

    __tablename__ = "successor"

    reorganisation_id: Mapped[UUID] = mapped_column(ForeignKey("reorganisation.id"), primary_key=True)
    organisation_id: Mapped[UUID] = mapped_column(ForeignKey("organisation.id"), primary_key=True, index=True)
    position: Mapped[int]
    fact_id: Mapped[UUID | None]  # none where the old organisation goes on
