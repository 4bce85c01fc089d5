"""Tables of imports of rosters and ties: a run, its file while it is open, what its dry run found row by row."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class RosterRunRow(Base):
    """One import of a roster or of ties, from upload to confirmation or discarding."""

    __tablename__ = "roster_run"
    __table_args__ = (Index("ix_roster_run_created_at", "created_at"), Index("ix_roster_run_state", "state"))

    id: Mapped[UUID] = mapped_column(primary_key=True)
    subject: Mapped[str] = mapped_column(default="roster", server_default="roster")  # roster | facts
    state: Mapped[str]  # checking | asking | checked | confirming | confirmed | withdrawn | discarded | refused
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    file_name: Mapped[str]
    file_sha256: Mapped[str]
    size: Mapped[int]
    basis: Mapped[str]  # why these personal data may be held
    basis_text: Mapped[str]
    basis_salt: Mapped[bytes]
    starts_on: Mapped[date | None]
    questions_sealed: Mapped[bytes | None]
    answers: Mapped[dict[str, Any]]
    counts: Mapped[dict[str, Any]]
    plan_sha256: Mapped[str] = mapped_column(default="")
    code: Mapped[str] = mapped_column(default="")  # why the file was refused, or what happened last
    facts: Mapped[dict[str, Any]]
    job_id: Mapped[UUID | None]
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    version: Mapped[int] = mapped_column(default=1)


class RosterFileRow(Base):
    """The uploaded file, encrypted; gone as soon as its run is closed."""

    __tablename__ = "roster_file"

    run_id: Mapped[UUID] = mapped_column(ForeignKey("roster_run.id"), primary_key=True)
    sealed: Mapped[bytes]


class RosterLineRow(Base):
    """What the dry run found about one row; gone as soon as its run is closed."""

    __tablename__ = "roster_line"
    __table_args__ = (Index("ix_roster_line_outcome", "run_id", "outcome", "position"),)

    run_id: Mapped[UUID] = mapped_column(ForeignKey("roster_run.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    outcome: Mapped[str]  # new | changed | identical | hint | error | sheet
    sealed: Mapped[bytes]
