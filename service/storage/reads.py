"""Who looked at what is confidential: the log of looks, for staff who answer for it and for the audit."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select

from service.access import Viewer, require
from service.clock import CHINA
from service.storage.expert_service import once_known_as
from service.storage.rows.accounts import AccountRow
from service.storage.rows.acts import ReadRow
from service.storage.rows.admission import CandidateRow
from service.storage.rows.intake import ApplicationRow
from service.storage.rows.library import ExpertRow, PersonRow
from service.storage.session import Session

PER_PAGE: Final = 50
_HOMES: Final[tuple[tuple[str, Any, str], ...]] = (
    ("expert", ExpertRow, "/experts"),
    ("candidate", CandidateRow, "/candidates"),
    ("application", ApplicationRow, "/applications"),
)


@dataclass(frozen=True, slots=True)
class ReadLine:
    """One look.

    Attributes:
        at: when.
        who, login: of the account that looked.
        what: `identity`, `phone`, `case`, `evidence-<item>` and the like.
        whose: number of the expert, candidate or application; empty when it is none of them.
        href: the page of whose it is; empty without one.
        reason: as typed.
    """

    at: datetime
    who: str
    login: str
    what: str
    whose: str
    href: str
    reason: str


@dataclass(frozen=True, slots=True)
class ReadLog:
    """A page of looks, newest first.

    Attributes:
        lines: of the page.
        total: how many there are in all.
        people: login -> name and looks, of everybody who looked within the days, most first.
    """

    lines: tuple[ReadLine, ...]
    total: int
    people: tuple[tuple[str, str, int], ...]


async def list_reads(
    session: Session,
    viewer: Viewer,
    *,
    login: str = "",
    expert_id: UUID | None = None,
    first: date | None = None,
    last: date | None = None,
    page: int = 1,
    per_page: int = PER_PAGE,
) -> ReadLog:
    """Return who looked at what is confidential.

    Args:
        session: a reading session.
        viewer: who asks.
        login: only looks of this account.
        expert_id: only looks at this expert, under whatever record or application.
        first, last: only looks on these days, both inclusive, China Standard Time.
        page: from 1.
        per_page: lines on a page.

    Raises:
        Forbidden: when the viewer may not see the log.
    """
    require(viewer, "read:list")
    within = _within(first, last)
    if expert_id is not None:
        within.append(ReadRow.subject.in_(await subjects_of(session, expert_id)))
    by_account = select(ReadRow).join(AccountRow, AccountRow.id == ReadRow.account_id)
    counted = await session.execute(
        by_account.join(PersonRow, PersonRow.id == AccountRow.person_id)
        .with_only_columns(AccountRow.login, PersonRow.name, func.count())
        .where(*within)
        .group_by(AccountRow.login, PersonRow.name)
        .order_by(func.count().desc(), AccountRow.login)
    )
    people = tuple(counted.tuples())
    wanted = [*within, AccountRow.login == login] if login else within
    rows = (
        await session.execute(
            by_account.join(PersonRow, PersonRow.id == AccountRow.person_id)
            .with_only_columns(ReadRow, PersonRow.name, AccountRow.login)
            .where(*wanted)
            .order_by(ReadRow.at.desc(), ReadRow.id.desc())
            .limit(per_page)
            .offset((page - 1) * per_page)
        )
    ).all()
    known = await _subjects(session, {row.subject for row, _, _ in rows})
    lines = [
        ReadLine(row.at, name, who, row.what, *known.get(row.subject, ("", "")), row.reason) for row, name, who in rows
    ]
    total = sum(count for who, _, count in people if not login or who == login)
    return ReadLog(tuple(lines), total, people)


async def subjects_of(session: Session, expert_id: UUID) -> frozenset[str]:
    """Return all subjects under which confidential things of an expert are looked at.

    Those of the records that went into this one count, and those of everybody's applications to the library, taken or
    not: they say more than the library keeps.
    """
    experts = {expert_id, *await once_known_as(session, [expert_id])}
    people = select(ExpertRow.person_id).where(ExpertRow.id.in_(experts))
    candidates = set(await session.scalars(select(CandidateRow.id).where(CandidateRow.person_id.in_(people))))
    numbers = select(PersonRow.identity_hash).where(PersonRow.id.in_(people), PersonRow.identity_hash.is_not(None))
    applications = await session.scalars(
        select(ApplicationRow.id).where(
            or_(
                ApplicationRow.candidate_id.in_(candidates),
                ApplicationRow.identity_hash.in_(numbers),
            )
        )
    )
    return frozenset(
        f"{kind}:{id_}"
        for kind, ids in (("expert", experts), ("candidate", candidates), ("application", applications))
        for id_ in ids
    )


def _within(first: date | None, last: date | None) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if first is not None:
        conditions.append(ReadRow.at >= datetime.combine(first, time(), CHINA))
    if last is not None:
        conditions.append(ReadRow.at < datetime.combine(last + timedelta(days=1), time(), CHINA))
    return conditions


async def _subjects(session: Session, subjects: Collection[str]) -> dict[str, tuple[str, str]]:
    """Return subject -> number and page of whose it is."""
    ids: dict[str, list[UUID]] = {kind: [] for kind, _, _ in _HOMES}
    for subject in subjects:
        kind, _, text = subject.partition(":")
        if kind in ids:
            ids[kind].append(UUID(text))
    found: dict[str, tuple[str, str]] = {}
    for kind, row, home in _HOMES:
        numbers = await session.execute(select(row.id, row.number).where(row.id.in_(ids[kind])))
        found |= {f"{kind}:{id_}": (number, f"{home}/{id_}") for id_, number in numbers}
    return found
