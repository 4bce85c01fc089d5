"""One search over people, organisations and matters: by Chinese, pinyin, initials, number or credit code.

Each group is one query with an index behind it where the words begin a name or its spelling; what the viewer may
not know is left out in SQL.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from service.access import Viewer, may
from service.storage.matters import visible_to
from service.storage.rows.library import (
    EmploymentRow,
    ExpertRow,
    OrganisationNameRow,
    OrganisationRow,
    PersonRow,
)
from service.storage.rows.matters import MatterRow
from service.storage.session import Session

EACH: Final = 20
_ESCAPE: Final = "\\"


@dataclass(frozen=True, slots=True)
class Hit:
    """Something found.

    Attributes:
        id: of the thing.
        name: as shown.
        detail: number, title, unit or state that tells it from others of the name.
        href: its page.
    """

    id: UUID
    name: str
    detail: str
    href: str


@dataclass(frozen=True, slots=True)
class Found:
    """Hits by group, the best first, and how many there are in all."""

    experts: tuple[Hit, ...] = ()
    organisations: tuple[Hit, ...] = ()
    matters: tuple[Hit, ...] = ()
    counts: tuple[int, int, int] = (0, 0, 0)

    @property
    def total(self) -> int:
        """How many things were found."""
        return sum(self.counts)


async def find(session: Session, viewer: Viewer, words: str, *, each: int = EACH) -> Found:
    """Return what the words find for the viewer.

    Args:
        session: a reading session.
        viewer: who looks; a unit's clerk finds no experts and only the own unit's matters.
        words: parted by blanks; every word must be found. Nothing is found by no word.
        each: hits shown of every group.
    """
    parts = words.split()[:8]
    if not parts:
        return Found()
    experts, expert_count = await _experts(session, parts, each) if may(viewer, "expert:list") else ((), 0)
    units, unit_count = await _organisations(session, parts, each) if may(viewer, "organisation:list") else ((), 0)
    matters, matter_count = await _matters(session, viewer, parts, each)
    return Found(experts, units, matters, (expert_count, unit_count, matter_count))


async def _experts(session: Session, parts: Sequence[str], each: int) -> tuple[tuple[Hit, ...], int]:
    employer = (
        select(func.max(OrganisationRow.name))
        .join(EmploymentRow, EmploymentRow.organisation_id == OrganisationRow.id)
        .where(EmploymentRow.person_id == PersonRow.id, EmploymentRow.kind == "main", EmploymentRow.to_on.is_(None))
        .scalar_subquery()
    )
    fits = and_(*(_any(part, PersonRow.name, PersonRow.pinyin, ExpertRow.number) for part in parts))
    base = (
        select(ExpertRow.id)
        .join(PersonRow, PersonRow.id == ExpertRow.person_id)
        .where(fits, ExpertRow.merged_into.is_(None))
    )
    rows = await session.execute(
        base.add_columns(PersonRow.name, ExpertRow.number, ExpertRow.title, employer)
        .order_by(_begins_last(parts[0], PersonRow.name, PersonRow.pinyin), PersonRow.pinyin, ExpertRow.id)
        .limit(each)
    )
    hits = tuple(
        Hit(expert_id, name, " · ".join(filter(None, (number, title, unit))), f"/experts/{expert_id}")
        for expert_id, name, number, title, unit in rows
    )
    return hits, await _count(session, base)


async def _organisations(session: Session, parts: Sequence[str], each: int) -> tuple[tuple[Hit, ...], int]:
    def other_name(part: str) -> ColumnElement[bool]:
        return (
            select(OrganisationNameRow.id)
            .where(OrganisationNameRow.organisation_id == OrganisationRow.id, _any(part, OrganisationNameRow.name))
            .exists()
        )

    fits = and_(
        *(
            or_(_any(part, OrganisationRow.name, OrganisationRow.pinyin, OrganisationRow.credit_code), other_name(part))
            for part in parts
        )
    )
    base = select(OrganisationRow.id).where(fits)
    rows = await session.execute(
        base.add_columns(OrganisationRow.name, OrganisationRow.credit_code)
        .order_by(
            _begins_last(parts[0], OrganisationRow.name, OrganisationRow.pinyin),
            OrganisationRow.pinyin,
            OrganisationRow.id,
        )
        .limit(each)
    )
    hits = tuple(Hit(unit_id, name, code or "", f"/organisations/{unit_id}") for unit_id, name, code in rows)
    return hits, await _count(session, base)


async def _matters(session: Session, viewer: Viewer, parts: Sequence[str], each: int) -> tuple[tuple[Hit, ...], int]:
    fits = and_(*(_any(part, MatterRow.title, MatterRow.pinyin, MatterRow.number) for part in parts))
    base = select(MatterRow.id).where(fits, visible_to(viewer))
    rows = await session.execute(
        base.join(OrganisationRow, OrganisationRow.id == MatterRow.unit_id)
        .add_columns(MatterRow.title, MatterRow.number, OrganisationRow.name)
        .order_by(MatterRow.opened_at.desc(), MatterRow.id)
        .limit(each)
    )
    hits = tuple(
        Hit(matter_id, title, f"{number} · {unit}", f"/matters/{matter_id}") for matter_id, title, number, unit in rows
    )
    return hits, await _count(session, base)


def _any(part: str, *columns: Any) -> ColumnElement[bool]:
    """Return whether one of the columns holds the part; `%` and `_` stand for themselves."""
    text = part.lower()
    for mark in (_ESCAPE, "%", "_"):
        text = text.replace(mark, _ESCAPE + mark)
    return or_(*(func.lower(column).like(f"%{text}%", escape=_ESCAPE) for column in columns))


def _begins_last(part: str, *columns: Any) -> ColumnElement[Any]:
    """Return an order in which what begins with the part comes first."""
    text = part.lower().replace("%", "").replace("_", "")
    return case((or_(*(func.lower(column).like(f"{text}%") for column in columns)), 0), else_=1)


async def _count(session: Session, base: Any) -> int:
    return await session.scalar(select(func.count()).select_from(base.subquery())) or 0
