"""Opinions on paper that one person entered and a second has not compared yet."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import undefer

from service.problems import NotFound
from service.storage.rows.review import PaperOpinionRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class Paper:
    """What was entered: what the opinion says, and its scan as PDF."""

    content: Mapping[str, Any]
    scan: bytes
    entered_at: datetime


async def keep_paper(
    session: Session,
    matter_id: UUID,
    person_id: UUID,
    round_: int,
    *,
    content: Mapping[str, Any],
    scan: bytes,
    at: datetime,
) -> None:
    """Keep what was entered, in the place of what somebody found wrong before."""
    await drop_paper(session, matter_id, person_id, round_)
    session.add(
        PaperOpinionRow(
            matter_id=matter_id, person_id=person_id, round=round_, scan=scan, content=dict(content), entered_at=at
        )
    )
    await session.flush()


async def paper_of(session: Session, matter_id: UUID, person_id: UUID, round_: int) -> Paper:
    """Return what waits.

    Raises:
        NotFound: when nothing does.
    """
    row = await session.scalar(
        select(PaperOpinionRow)
        .options(undefer(PaperOpinionRow.scan))
        .where(
            PaperOpinionRow.matter_id == matter_id,
            PaperOpinionRow.person_id == person_id,
            PaperOpinionRow.round == round_,
        )
    )
    if row is None:
        raise NotFound(subject="paper-opinion")
    return Paper(row.content, row.scan, row.entered_at)


async def drop_paper(session: Session, matter_id: UUID, person_id: UUID, round_: int) -> None:
    """Forget what waited: it was confirmed, found wrong, or its author signed with a key meanwhile."""
    await session.execute(
        delete(PaperOpinionRow).where(
            PaperOpinionRow.matter_id == matter_id,
            PaperOpinionRow.person_id == person_id,
            PaperOpinionRow.round == round_,
        )
    )
