"""Files that somebody sends with an application or with a request for a change."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import undefer

from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.attached import AttachedRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class NewFile:
    """A file to be kept; `media_type` was found by its content."""

    kind: str
    name: str
    media_type: str
    sha256: str
    content: bytes


@dataclass(frozen=True, slots=True)
class AttachedFile:
    """A file that is kept, without its bytes; `size` is their number."""

    id: UUID
    kind: str
    name: str
    media_type: str
    size: int


async def keep_files(
    session: Session, row: type[AttachedRow], files: Sequence[NewFile], *, at: datetime, **owner: UUID
) -> None:
    """Keep files in a table; `owner` is the column of what they came with."""
    session.add_all(
        row(
            id=new_id(),
            kind=one.kind,
            name=one.name,
            media_type=one.media_type,
            sha256=one.sha256,
            size=len(one.content),
            content=one.content,
            added_at=at,
            **owner,
        )
        for one in files
    )
    await session.flush()


async def content_of(
    session: Session, row: type[AttachedRow], file_id: UUID, *, of: ColumnElement[bool]
) -> tuple[AttachedFile, bytes]:
    """Return a file with its content.

    Args:
        session: a session.
        row: the table.
        file_id: the file.
        of: the condition that it came with what it is asked of.

    Raises:
        NotFound: when it did not, or there is none.
    """
    found = await session.scalar(select(row).options(undefer(row.content)).where(row.id == file_id, of))
    if found is None:
        raise NotFound(subject="file")
    return file_of(found), found.content


def file_of(row: AttachedRow) -> AttachedFile:
    """Return a file without its bytes."""
    return AttachedFile(row.id, row.kind, row.name, row.media_type, row.size)
