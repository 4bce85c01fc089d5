"""Documents that wait for their signature, and those that have it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select, update
from sqlalchemy.orm import undefer

from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.review import PendingSignatureRow, SignedDocumentRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Pending:
    """A document that waits for its signature.

    Attributes:
        id: of this waiting; another preparation of the same document has another.
        kind: `undertaking` or `opinion`.
        matter_id, person_id: whose.
        serial: of the certificate that it waits for.
        base_sha256: of the document as it was shown.
        basis: what it was made from.
        pdf: with room for the signature.
        waiting: what `Prepared.to_json` wrote.
        expires_at: after which it is prepared anew.
    """

    id: UUID
    kind: str
    matter_id: UUID
    person_id: UUID
    serial: str
    base_sha256: str
    basis: str
    pdf: bytes
    waiting: str
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class SignedDocument:
    """A signed document, without its bytes."""

    id: UUID
    kind: str
    matter_id: UUID
    person_id: UUID
    round: int
    version: int
    how: str
    sha256: str
    serial: str
    signed_at: datetime


async def keep_pending(session: Session, pending: Pending, *, at: datetime) -> None:
    """Keep a prepared document in the place of an earlier one of the same person, kind and matter."""
    await session.execute(
        delete(PendingSignatureRow).where(
            PendingSignatureRow.kind == pending.kind,
            PendingSignatureRow.matter_id == pending.matter_id,
            PendingSignatureRow.person_id == pending.person_id,
        )
    )
    session.add(
        PendingSignatureRow(
            id=pending.id,
            kind=pending.kind,
            matter_id=pending.matter_id,
            person_id=pending.person_id,
            serial=pending.serial,
            base_sha256=pending.base_sha256,
            basis=pending.basis,
            pdf=pending.pdf,
            waiting=pending.waiting,
            prepared_at=at,
            expires_at=pending.expires_at,
        )
    )
    await session.flush()


async def pending_of(session: Session, pending_id: UUID, person_id: UUID, *, at: datetime) -> Pending:
    """Return a person's own document that waits.

    Raises:
        NotFound: when there is none, or it has expired or was signed already.
    """
    row = await session.get(PendingSignatureRow, pending_id)
    if row is None or row.person_id != person_id or row.expires_at <= at:
        raise NotFound(subject="signature")
    return Pending(
        row.id,
        row.kind,
        row.matter_id,
        row.person_id,
        row.serial,
        row.base_sha256,
        row.basis,
        row.pdf,
        row.waiting,
        row.expires_at,
    )


async def drop_pending(session: Session, pending_id: UUID) -> bool:
    """Take a document out of waiting; return whether it still waited."""
    gone = await session.execute(
        delete(PendingSignatureRow).where(PendingSignatureRow.id == pending_id).returning(PendingSignatureRow.id)
    )
    return gone.first() is not None


async def add_document(
    session: Session,
    *,
    kind: str,
    matter_id: UUID,
    person_id: UUID,
    round_: int,
    version: int,
    how: str,
    pdf: bytes,
    sha256: str,
    serial: str,
    at: datetime,
) -> UUID:
    """Keep a signed document, and return its id."""
    document_id = new_id()
    session.add(
        SignedDocumentRow(
            id=document_id,
            kind=kind,
            matter_id=matter_id,
            person_id=person_id,
            round=round_,
            version=version,
            how=how,
            pdf=pdf,
            sha256=sha256,
            serial=serial,
            signed_at=at,
            stamped_at=at,
        )
    )
    await session.flush()
    return document_id


async def documents_of(session: Session, matter_id: UUID, *, kind: str) -> Sequence[SignedDocument]:
    """Return the signed documents of a kind in a matter, oldest first."""
    rows = await session.scalars(
        select(SignedDocumentRow)
        .where(SignedDocumentRow.matter_id == matter_id, SignedDocumentRow.kind == kind)
        .order_by(SignedDocumentRow.signed_at, SignedDocumentRow.id)
    )
    return [_view(row) for row in rows]


async def stamped_before(session: Session, before: datetime) -> Sequence[tuple[UUID, datetime]]:
    """Return documents signed with a key whose last archive time stamp is older, and its instant, oldest first."""
    rows = await session.execute(
        select(SignedDocumentRow.id, SignedDocumentRow.stamped_at)
        .where(SignedDocumentRow.how == "key", SignedDocumentRow.stamped_at < before)
        .order_by(SignedDocumentRow.stamped_at, SignedDocumentRow.id)
    )
    return [(document_id, stamped_at) for document_id, stamped_at in rows]


async def put_stamped(session: Session, document_id: UUID, pdf: bytes, *, stamped_at: datetime, at: datetime) -> bool:
    """Keep a document with a further time stamp; return False when another process was first.

    Its hash stays that of what was signed: the stamp is written behind those bytes.
    """
    changed = await session.execute(
        update(SignedDocumentRow)
        .where(SignedDocumentRow.id == document_id, SignedDocumentRow.stamped_at == stamped_at)
        .values(pdf=pdf, stamped_at=at)
        .returning(SignedDocumentRow.id)
    )
    return changed.first() is not None


async def document_bytes(session: Session, document_id: UUID) -> tuple[SignedDocument, bytes]:
    """Return a signed document with its bytes.

    Raises:
        NotFound: when there is none.
    """
    row = await session.scalar(
        select(SignedDocumentRow).options(undefer(SignedDocumentRow.pdf)).where(SignedDocumentRow.id == document_id)
    )
    if row is None:
        raise NotFound(subject="document")
    return _view(row), row.pdf


def _view(row: SignedDocumentRow) -> SignedDocument:
    return SignedDocument(
        row.id,
        row.kind,
        row.matter_id,
        row.person_id,
        row.round,
        row.version,
        row.how,
        row.sha256,
        row.serial,
        row.signed_at,
    )
