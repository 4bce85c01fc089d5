"""Files of lists: scans of approvals for ever, printed letters for a day."""

import hashlib
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import delete, select

from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.rows.library_files import BatchFileRow
from service.storage.session import Session

APPROVAL: Final = "approval"
LETTERS: Final = "letters"
LETTERS_KEPT: Final = timedelta(hours=24)
"""How long printed letters wait to be fetched; they bear names, and can be printed again."""


@dataclass(frozen=True, slots=True)
class BatchFile:
    """A file of a list, without its bytes."""

    id: UUID
    size: int
    sha256: str
    who: str
    added_by: UUID
    added_at: datetime


async def files_of_batch(session: Session, batch_id: UUID, kind: str) -> tuple[BatchFile, ...]:
    """Return the files of a kind, newest first; the caller has made sure that the viewer may know the list."""
    rows = await session.execute(
        select(BatchFileRow, PersonRow.name)
        .join(AccountRow, AccountRow.id == BatchFileRow.added_by)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(BatchFileRow.batch_id == batch_id, BatchFileRow.kind == kind)
        .order_by(BatchFileRow.added_at.desc(), BatchFileRow.id.desc())
    )
    return tuple(BatchFile(row.id, row.size, row.sha256, name, row.added_by, row.added_at) for row, name in rows)


async def content_of_file(session: Session, batch_id: UUID, file_id: UUID, kind: str) -> tuple[BatchFile, bytes]:
    """Return a file with its bytes.

    Raises:
        NotFound: when the list has none of that id and kind.
    """
    for one in await files_of_batch(session, batch_id, kind):
        if one.id == file_id:
            content = await session.scalar(select(BatchFileRow.content).where(BatchFileRow.id == file_id))
            return one, content or b""
    raise NotFound(subject="file")


async def put_batch_file(
    session: Session, batch_id: UUID, kind: str, content: bytes, *, by: UUID, at: datetime
) -> UUID:
    """Write a file; returns its id."""
    file_id = new_id()
    session.add(
        BatchFileRow(
            id=file_id,
            batch_id=batch_id,
            kind=kind,
            sha256=hashlib.sha256(content).hexdigest(),
            size=len(content),
            content=content,
            added_by=by,
            added_at=at,
        )
    )
    await session.flush()
    return file_id


async def drop_old_letters(session: Session, *, at: datetime) -> None:
    """Delete printed letters that nobody fetched in a day."""
    await session.execute(
        delete(BatchFileRow).where(BatchFileRow.kind == LETTERS, BatchFileRow.added_at < at - LETTERS_KEPT)
    )
