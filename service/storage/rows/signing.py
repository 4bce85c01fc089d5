"""Tables of signatures: the center's authority and the certificates it issued."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class AuthorityRow(Base):
    """The certificates of the center's own authority; the keys follow from the installation's secrets. One row."""

    __tablename__ = "signing_authority"
    __table_args__ = (CheckConstraint("id = 1", name="one_authority"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    certificate: Mapped[bytes]  # DER
    stamp_certificate: Mapped[bytes]  # DER
    founded_at: Mapped[datetime]


class CertificateRow(Base):
    """A certificate of an expert's key; the key itself never leaves the expert's device.

    One of an outside authority waits until somebody else has compared the person that it names with its holder.
    """

    __tablename__ = "certificate"
    __table_args__ = (
        Index("ix_certificate_person_id", "person_id"),
        CheckConstraint("confirmed_by <> person_id", name="confirmed_by_another"),
    )

    serial: Mapped[str] = mapped_column(primary_key=True)  # hexadecimal
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    spki_sha256: Mapped[str] = mapped_column(unique=True)  # one key, one certificate
    der: Mapped[bytes]
    device: Mapped[str] = mapped_column(default="")
    issued_at: Mapped[datetime]
    until_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    revoked_why: Mapped[str] = mapped_column(default="")  # key-lost | dismissed | replaced | not-confirmed
    issuer: Mapped[str] = mapped_column(default="")  # of an outside authority; empty for the center's own
    subject: Mapped[str] = mapped_column(default="")  # whom an outside certificate names
    confirmed_at: Mapped[datetime | None]
    confirmed_by: Mapped[UUID | None] = mapped_column(ForeignKey("person.id"))
