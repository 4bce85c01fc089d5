"""Notes on experts, organisations and matters, for named readers."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy import ColumnElement, exists, or_, select

from service.access import Viewer
from service.storage.rows.accounts import AccountRow
from service.storage.rows.acts import NoteReaderRow, NoteRow
from service.storage.rows.library import ExpertRow, OrganisationRow, PersonRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Session

SUBJECTS: Final = ("expert", "organisation", "matter")
_IDS: Final = {"expert": ExpertRow.id, "organisation": OrganisationRow.id, "matter": MatterRow.id}


@dataclass(frozen=True, slots=True)
class NoteView:
    """A note as its reader sees it.

    Attributes:
        id: the note.
        subject_kind, subject_id: what it is about.
        text: as typed.
        author: name of who wrote it.
        own: whether the viewer wrote it, and so may withdraw it.
        created_at: when.
        readers: role codes that may read it beside the author.
    """

    id: UUID
    subject_kind: str
    subject_id: UUID
    text: str
    author: str
    own: bool
    created_at: datetime
    readers: tuple[str, ...]


async def notes_on(session: Session, viewer: Viewer, kind: str, subject_id: UUID) -> tuple[NoteView, ...]:
    """Return the notes on something that the viewer may read, newest first; others leave no trace, not even a count."""
    rows = (
        await session.execute(
            select(NoteRow, PersonRow.name)
            .join(AccountRow, AccountRow.id == NoteRow.author_id)
            .join(PersonRow, PersonRow.id == AccountRow.person_id)
            .where(
                NoteRow.subject_kind == kind,
                NoteRow.subject_id == subject_id,
                NoteRow.withdrawn_at.is_(None),
                readable_by(viewer),
            )
            .order_by(NoteRow.created_at.desc(), NoteRow.id)
        )
    ).all()
    readers = await _readers(session, [note.id for note, _ in rows])
    return tuple(
        NoteView(
            note.id,
            note.subject_kind,
            note.subject_id,
            note.text,
            name,
            note.author_id == viewer.account_id,
            note.created_at,
            readers.get(note.id, ()),
        )
        for note, name in rows
    )


def readable_by(viewer: Viewer) -> ColumnElement[bool]:
    """Return the condition under which a note is there for a viewer: its author and its named readers."""
    keys = [f"role:{role}" for role in viewer.roles] + [f"account:{viewer.account_id}"]
    named = exists().where(NoteReaderRow.note_id == NoteRow.id, NoteReaderRow.reader.in_(keys))
    return or_(NoteRow.author_id == viewer.account_id, named)


async def subject_exists(session: Session, kind: str, subject_id: UUID) -> bool:
    """Return whether there is such a thing to write a note on."""
    column = _IDS[kind]
    return await session.scalar(select(column).where(column == subject_id)) is not None


async def add_note(
    session: Session,
    *,
    note_id: UUID,
    kind: str,
    subject_id: UUID,
    text: str,
    author_id: UUID,
    readers: Sequence[str],
    at: datetime,
) -> None:
    """Write a note with its readers (`role:<code>` or `account:<id>`)."""
    session.add(
        NoteRow(
            id=note_id,
            subject_kind=kind,
            subject_id=subject_id,
            text=text,
            author_id=author_id,
            created_at=at,
            withdrawn_at=None,
        )
    )
    await session.flush()
    session.add_all(NoteReaderRow(note_id=note_id, reader=reader) for reader in readers)


async def withdraw(session: Session, note_id: UUID, *, author_id: UUID, at: datetime) -> tuple[str, UUID] | None:
    """Withdraw a note of one's own; return what it was about, None when there is no such note."""
    row = await session.get(NoteRow, note_id)
    if row is None or row.author_id != author_id or row.withdrawn_at is not None:
        return None
    row.withdrawn_at = at
    return row.subject_kind, row.subject_id


async def _readers(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    rows = await session.execute(
        select(NoteReaderRow.note_id, NoteReaderRow.reader)
        .where(NoteReaderRow.note_id.in_(ids))
        .order_by(NoteReaderRow.reader)
    )
    for note_id, reader in rows:
        if reader.startswith("role:"):
            found[note_id].append(reader.removeprefix("role:"))
    return {note_id: tuple(roles) for note_id, roles in found.items()}
