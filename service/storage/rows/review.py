"""Tables of the expert review: parts, links, material, signed documents and signatures under way."""

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from service.storage.base import Base


class ReviewPartRow(Base):
    """One person's part in the review of a panel: a projection of the matter's stream, one row an invitation."""

    __tablename__ = "review_part"
    __table_args__ = (Index("ix_review_part_person_id", "person_id"),)

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    invited_at: Mapped[datetime]
    respond_by: Mapped[date]
    seen_at: Mapped[datetime | None]
    answer: Mapped[str]  # accepted | declined | recused | empty
    code: Mapped[str]
    until_on: Mapped[date | None]
    answered_on: Mapped[date | None]
    ended: Mapped[str]  # released | replaced | empty
    undertaking_sha256: Mapped[str]
    material: Mapped[int]
    delivered_on: Mapped[date | None]
    due_on: Mapped[date | None]
    provisional: Mapped[bool]
    write_by: Mapped[datetime | None]  # while an oral opinion still lacks its written one
    version: Mapped[int]
    release_asked: Mapped[bool] = mapped_column(default=False)
    signed_on: Mapped[date | None]  # day of the first signed written opinion
    late: Mapped[bool] = mapped_column(default=False)
    set_aside: Mapped[bool] = mapped_column(default=False)
    points: Mapped[dict[str, Any]] = mapped_column(default=dict)  # once filed: what became of a point -> how many
    rated: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the expert says about the material -> 1 to 5


class ReviewRow(Base):
    """The review of one panel as a whole: a projection of the matter's stream."""

    __tablename__ = "review"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    material: Mapped[int]  # version last sent, 0 before
    floor: Mapped[int]  # least number of signed written opinions (A31)
    opened: Mapped[bool]
    closed: Mapped[bool]
    filed: Mapped[bool]


class InvitationLinkRow(Base):
    """A link by which a person enters the review of one matter without a password; only its hash is kept."""

    __tablename__ = "invitation_link"
    __table_args__ = (Index("ix_invitation_link_matter_id", "matter_id"),)

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime]


class MaterialFileRow(Base):
    """A file of the material of a review, in the versions from `added_in` until before `removed_in`."""

    __tablename__ = "material_file"
    __table_args__ = (
        Index("ix_material_file_matter_id", "matter_id"),
        CheckConstraint("removed_in IS NULL OR removed_in > added_in", name="removed_after_added"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    item: Mapped[str]  # draft | explanation | focus | related
    name: Mapped[str]
    media_type: Mapped[str]
    sha256: Mapped[str]
    size: Mapped[int]
    content: Mapped[bytes] = mapped_column(deferred=True)
    added_in: Mapped[int]
    removed_in: Mapped[int | None]
    added_by: Mapped[UUID] = mapped_column(ForeignKey("account.id"))
    added_at: Mapped[datetime]


class MaterialReadRow(Base):
    """When a person first opened a file: the receipt."""

    __tablename__ = "material_read"

    file_id: Mapped[UUID] = mapped_column(ForeignKey("material_file.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    first_at: Mapped[datetime]


class SignedDocumentRow(Base):
    """A document that an expert signed; never changed, a further version is a further row."""

    __tablename__ = "signed_document"
    __table_args__ = (
        UniqueConstraint("kind", "matter_id", "person_id", "round", "version"),
        Index("ix_signed_document_sha256", "sha256"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]  # undertaking | opinion
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    round: Mapped[int]
    version: Mapped[int]
    how: Mapped[str]  # key | paper
    pdf: Mapped[bytes] = mapped_column(deferred=True)
    sha256: Mapped[str]
    serial: Mapped[str]  # of the certificate, empty for paper
    signed_at: Mapped[datetime]
    stamped_at: Mapped[datetime]  # the last archive time stamp


class OpinionDraftRow(Base):
    """An opinion that its author is still writing; nobody else reads it."""

    __tablename__ = "opinion_draft"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    content: Mapped[dict[str, Any]]
    version: Mapped[int]
    saved_at: Mapped[datetime]


class OpinionRow(Base):
    """What a signed opinion says, beside the document that was signed."""

    __tablename__ = "opinion"

    document_id: Mapped[UUID] = mapped_column(ForeignKey("signed_document.id"), primary_key=True)
    content: Mapped[dict[str, Any]]


class PaperOpinionRow(Base):
    """An opinion on paper that one person entered and a second has not compared yet."""

    __tablename__ = "paper_opinion"

    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"), primary_key=True)
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"), primary_key=True)
    round: Mapped[int] = mapped_column(primary_key=True)
    scan: Mapped[bytes] = mapped_column(deferred=True)
    content: Mapped[dict[str, Any]]
    entered_at: Mapped[datetime]


class PendingSignatureRow(Base):
    """A document that waits for its signature, for a short time. One a person, kind and matter."""

    __tablename__ = "pending_signature"
    __table_args__ = (UniqueConstraint("kind", "matter_id", "person_id"),)

    id: Mapped[UUID] = mapped_column(primary_key=True)
    kind: Mapped[str]
    matter_id: Mapped[UUID] = mapped_column(ForeignKey("matter.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("person.id"))
    serial: Mapped[str] = mapped_column(ForeignKey("certificate.serial"))
    base_sha256: Mapped[str]  # of the document as it was shown
    basis: Mapped[str]  # what the document was made from; another one by now refuses the signature
    pdf: Mapped[bytes]
    waiting: Mapped[str]  # what `Prepared.to_json` wrote
    prepared_at: Mapped[datetime]
    expires_at: Mapped[datetime]
