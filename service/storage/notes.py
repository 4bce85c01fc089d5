"""Notes on experts, organisations and matters, for named readers."""

from collections import defaultdict
from collections.abc import Collection, Sequence
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
        people: names of the persons who may.
    """

    id: UUID
    subject_kind: str
    subject_id: UUID
    text: str
    author: str
    own: bool
    created_at: datetime
    readers: tuple[str, ...]
    people: tuple[str, ...] = ()


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
    ids = [note.id for note, _ in rows]
    readers, people = await _readers(session, ids), await _people(session, ids)
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
            people.get(note.id, ()),
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


async def called(session: Session, words: Collection[str]) -> dict[str, tuple[UUID, ...]]:
    """Return word -> the active accounts with that login or name; a word nobody answers to is left out."""
    found: dict[str, list[UUID]] = defaultdict(list)
    rows = await session.execute(
        select(AccountRow.id, AccountRow.login, PersonRow.name)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(AccountRow.state == "active", or_(AccountRow.login.in_(words), PersonRow.name.in_(words)))
        .order_by(AccountRow.login)
    )
    for account_id, login, name in rows:
        for word in {login, name}.intersection(words):
            found[word].append(account_id)
    return {word: tuple(accounts) for word, accounts in found.items()}


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


async def _people(session: Session, ids: Sequence[UUID]) -> dict[UUID, tuple[str, ...]]:
    found: dict[UUID, list[str]] = defaultdict(list)
    named = await session.execute(
        select(NoteReaderRow.note_id, NoteReaderRow.reader).where(
            NoteReaderRow.note_id.in_(ids), NoteReaderRow.reader.startswith("account:")
        )
    )
    notes_of = defaultdict(list)
    for note_id, reader in named:
        notes_of[UUID(reader.removeprefix("account:"))].append(note_id)
    names = await session.execute(
        select(AccountRow.id, PersonRow.name)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .where(AccountRow.id.in_(list(notes_of)))
        .order_by(PersonRow.pinyin, AccountRow.id)
    )
    for account_id, name in names:
        for note_id in notes_of[account_id]:
            found[note_id].append(name)
    return {note_id: tuple(people) for note_id, people in found.items()}
