"""Opinions: what their authors write, and what they signed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from service.storage.rows.review import OpinionDraftRow, OpinionRow, SignedDocumentRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Draft:
    """What an author is writing; `version` 0 before anything was saved."""

    content: Mapping[str, Any]
    version: int
    saved_at: datetime | None


@dataclass(frozen=True, slots=True)
class Opinion:
    """A signed opinion.

    Attributes:
        document_id: the signed document.
        person_id: the author.
        version: from 1.
        sha256: of the document.
        signed_at: when.
        content: what it says.
    """

    document_id: UUID
    person_id: UUID
    version: int
    sha256: str
    signed_at: datetime
    content: Mapping[str, Any]


async def draft_of(session: Session, matter_id: UUID, person_id: UUID, round_: int) -> Draft:
    """Return what an author has saved; only ever shown to the author."""
    row = await session.get(OpinionDraftRow, (matter_id, person_id, round_))
    return Draft({}, 0, None) if row is None else Draft(row.content, row.version, row.saved_at)


async def save_draft(
    session: Session, matter_id: UUID, person_id: UUID, round_: int, content: Mapping[str, Any], *, at: datetime
) -> int:
    """Keep what an author writes, and return its version."""
    row = await session.get(OpinionDraftRow, (matter_id, person_id, round_))
    if row is None:
        row = OpinionDraftRow(
            matter_id=matter_id, person_id=person_id, round=round_, content={}, version=0, saved_at=at
        )
        session.add(row)
    row.content, row.version, row.saved_at = dict(content), row.version + 1, at
    await session.flush()
    return row.version


async def keep_content(session: Session, document_id: UUID, content: Mapping[str, Any]) -> None:
    """Keep what a signed opinion says beside its document."""
    session.add(OpinionRow(document_id=document_id, content=dict(content)))
    await session.flush()


async def opinions_of(session: Session, matter_id: UUID, round_: int) -> Sequence[Opinion]:
    """Return every version of every opinion signed in a round, oldest first."""
    rows = await session.execute(
        select(SignedDocumentRow, OpinionRow.content)
        .join(OpinionRow, OpinionRow.document_id == SignedDocumentRow.id)
        .where(SignedDocumentRow.matter_id == matter_id, SignedDocumentRow.round == round_)
        .order_by(SignedDocumentRow.signed_at, SignedDocumentRow.id)
    )
    return [Opinion(row.id, row.person_id, row.version, row.sha256, row.signed_at, content) for row, content in rows]
