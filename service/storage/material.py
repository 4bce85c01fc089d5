"""The material of a review: files by item and version, who may open them, and who has."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import undefer

from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.review import MaterialFileRow, MaterialReadRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class MaterialFile:
    """A file as people see it in a list.

    Attributes:
        id: the file.
        item: which of the four things of A32.2.
        name: as it was called when it was added.
        size: bytes.
        sha256: of its content.
        added_in: first version of the material that holds it.
        added_at: when.
    """

    id: UUID
    item: str
    name: str
    size: int
    sha256: str
    added_in: int
    added_at: datetime


async def files_of(session: Session, matter_id: UUID, *, version: int) -> Sequence[MaterialFile]:
    """Return the files of one version of the material; one more than the version sent is the one being put together."""
    rows = await session.scalars(
        select(MaterialFileRow)
        .where(
            MaterialFileRow.matter_id == matter_id,
            MaterialFileRow.added_in <= version,
            or_(MaterialFileRow.removed_in.is_(None), MaterialFileRow.removed_in > version),
        )
        .order_by(MaterialFileRow.added_at, MaterialFileRow.id)
    )
    return [MaterialFile(row.id, row.item, row.name, row.size, row.sha256, row.added_in, row.added_at) for row in rows]


async def content_of(session: Session, matter_id: UUID, file_id: UUID, *, version: int) -> tuple[MaterialFile, bytes]:
    """Return a file of a version of the material with its content.

    Raises:
        NotFound: when that version has no such file.
    """
    row = await session.scalar(
        select(MaterialFileRow)
        .options(undefer(MaterialFileRow.content))
        .where(
            MaterialFileRow.id == file_id,
            MaterialFileRow.matter_id == matter_id,
            MaterialFileRow.added_in <= version,
            or_(MaterialFileRow.removed_in.is_(None), MaterialFileRow.removed_in > version),
        )
    )
    if row is None:
        raise NotFound(subject="file")
    held = MaterialFile(row.id, row.item, row.name, row.size, row.sha256, row.added_in, row.added_at)
    return held, row.content


async def add_file(
    session: Session,
    matter_id: UUID,
    *,
    item: str,
    name: str,
    content: bytes,
    sha256: str,
    version: int,
    by_account_id: UUID,
    at: datetime,
) -> UUID:
    """Keep a file for a version that is being put together, and return its id."""
    file_id = new_id()
    session.add(
        MaterialFileRow(
            id=file_id,
            matter_id=matter_id,
            item=item,
            name=name,
            media_type="application/pdf",
            sha256=sha256,
            size=len(content),
            content=content,
            added_in=version,
            removed_in=None,
            added_by=by_account_id,
            added_at=at,
        )
    )
    await session.flush()
    return file_id


async def take_out(session: Session, matter_id: UUID, file_id: UUID, *, version: int) -> None:
    """Leave a file out of the version that is being put together; one that was never sent is gone.

    Raises:
        NotFound: when that version has no such file.
    """
    held, _ = await content_of(session, matter_id, file_id, version=version)
    if held.added_in == version:
        await session.execute(delete(MaterialFileRow).where(MaterialFileRow.id == file_id))
    else:
        await session.execute(update(MaterialFileRow).where(MaterialFileRow.id == file_id).values(removed_in=version))


async def note_read(session: Session, file_id: UUID, person_id: UUID, *, at: datetime) -> bool:
    """Note that a person opened a file; return whether it was the first time."""
    if await session.get(MaterialReadRow, (file_id, person_id)) is not None:
        return False
    session.add(MaterialReadRow(file_id=file_id, person_id=person_id, first_at=at))
    await session.flush()
    return True


async def receipts_of(session: Session, matter_id: UUID) -> Mapping[UUID, int]:
    """Return person -> how many files of the matter's material the person has opened."""
    rows = await session.execute(
        select(MaterialReadRow.person_id, func.count())
        .join(MaterialFileRow, MaterialFileRow.id == MaterialReadRow.file_id)
        .where(MaterialFileRow.matter_id == matter_id)
        .group_by(MaterialReadRow.person_id)
    )
    return dict(rows.tuples().all())


async def read_by(session: Session, matter_id: UUID, person_id: UUID) -> frozenset[UUID]:
    """Return the files of the material that a person has opened."""
    rows = await session.scalars(
        select(MaterialReadRow.file_id)
        .join(MaterialFileRow, MaterialFileRow.id == MaterialReadRow.file_id)
        .where(MaterialFileRow.matter_id == matter_id, MaterialReadRow.person_id == person_id)
    )
    return frozenset(rows)
