"""Tables of the way in: open calls, applications as they arrive, their files, the links by which people confirm."""

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base
from service.storage.rows.attached import AttachedRow


class OpenCallRow(Base):
    """An open call for experts (公开征集); both days inclusive."""

    __tablename__ = "open_call"
    __table_args__ = (CheckConstraint("opens_on <= closes_on", name="closes_after_opening"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    title: Mapped[str]
    text: Mapped[str]
    fields: Mapped[list[str]]  # codes that are wanted; none means all
    opens_on: Mapped[date]
    closes_on: Mapped[date]
    created_by: Mapped[UUID]
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ApplicationRow(Base):
    """An application as it arrived; what it says is sealed, the person is known by the identity hash alone."""

    __tablename__ = "application"
    __table_args__ = (
        Index("ix_application_stage", "stage"),
        Index("ix_application_identity_hash", "identity_hash"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    number: Mapped[str] = mapped_column(unique=True)
    key_sha256: Mapped[str | None] = mapped_column(unique=True)  # of the sender's idempotency key
    digest: Mapped[str] = mapped_column(default="")  # of what came with it
    source: Mapped[str]
    source_note: Mapped[str] = mapped_column(default="")
    call_id: Mapped[UUID | None] = mapped_column(ForeignKey("open_call.id"))
    name: Mapped[str]
    identity_hash: Mapped[str | None]
    sealed: Mapped[bytes]
    stage: Mapped[str]  # unconfirmed | submitted | taken | rejected | declined
    sent_on: Mapped[date]
    confirmed_on: Mapped[date | None]
    invited_by: Mapped[UUID | None]  # account of the center that filled it in
    candidate_id: Mapped[UUID | None] = mapped_column(ForeignKey("candidate.id"), unique=True)
    erased_on: Mapped[date | None]  # since then it says nothing of its person
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)


class ApplicationFileRow(AttachedRow):
    """A file that came with an application; its kind is title, consent or other."""

    __tablename__ = "application_file"
    __table_args__ = (Index("ix_application_file_application_id", "application_id"),)

    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))


class ApplicationLinkRow(Base):
    """A one-time link by which a person confirms what somebody else filled in; only its hash is kept."""

    __tablename__ = "application_link"
    __table_args__ = (Index("ix_application_link_application_id", "application_id"),)

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("application.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]
