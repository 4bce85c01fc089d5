"""The library's own rules: the versions the center filed, and which of them is in force."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select

from service.ids import new_id
from service.problems import NotFound
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.rows.library_rules import LibraryRulesRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class LibraryRules:
    """One version, without its bytes.

    Attributes:
        id, title: of the document.
        from_on: its first day; it holds until the day before the next one's.
        sha256, size: of the PDF, size in bytes.
        who, filed_at: who filed it, and when.
    """

    id: UUID
    title: str
    from_on: date
    sha256: str
    size: int
    who: str
    filed_at: datetime


async def library_rules(session: Session) -> Sequence[LibraryRules]:
    """Return every version, the latest first day first."""
    rows = await session.execute(
        select(LibraryRulesRow, PersonRow.name)
        .join(AccountRow, AccountRow.id == LibraryRulesRow.filed_by)
        .join(PersonRow, PersonRow.id == AccountRow.person_id)
        .order_by(LibraryRulesRow.from_on.desc())
    )
    return [
        LibraryRules(row.id, row.title, row.from_on, row.sha256, row.size, name, row.filed_at) for row, name in rows
    ]


def in_force(versions: Sequence[LibraryRules], on: date) -> LibraryRules | None:
    """Return the version that holds on a day, of those that `library_rules` returned."""
    return next((one for one in versions if one.from_on <= on), None)


async def rules_document(session: Session, rules_id: UUID) -> bytes:
    """Return the PDF of a version.

    Raises:
        NotFound: when there is no such version.
    """
    content = await session.scalar(select(LibraryRulesRow.content).where(LibraryRulesRow.id == rules_id))
    if content is None:
        raise NotFound(subject="library-rules")
    return content


async def rules_from(session: Session, from_on: date) -> bool:
    """Return whether a version begins on a day."""
    return await session.scalar(select(LibraryRulesRow.id).where(LibraryRulesRow.from_on == from_on)) is not None


async def put_rules(
    session: Session, content: bytes, *, title: str, from_on: date, by: UUID, at: datetime
) -> LibraryRulesRow:
    """Write a version."""
    row = LibraryRulesRow(
        id=new_id(),
        title=title,
        from_on=from_on,
        sha256=hashlib.sha256(content).hexdigest(),
        size=len(content),
        content=content,
        filed_by=by,
        filed_at=at,
    )
    session.add(row)
    await session.flush()
    return row
