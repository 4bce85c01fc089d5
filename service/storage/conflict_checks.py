"""The checks of a panel as they were made, and what is known now of the day a panel was made on."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from conflicts import Policy, Shift, compare
from service.storage.facts import matter_of
from service.storage.judgements import decided_about
from service.storage.residents import Residents
from service.storage.rows.judgements import ConflictCheckRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True)
class ConflictCheck:
    """One check as it was made; `findings` as in conflict-findings/1."""

    occasion: str
    at: datetime
    as_of: date
    policy: str
    people: tuple[str, ...]
    findings: tuple[Mapping[str, Any], ...]
    sha256: str


async def add_check(session: Session, values: Mapping[str, Any]) -> None:
    """Insert a check, by the names of its columns."""
    await session.execute(insert(ConflictCheckRow).values(**values))


async def checks_of(session: Session, matter_id: UUID) -> tuple[ConflictCheck, ...]:
    """Return the checks of a matter's panels, the oldest first."""
    rows = await session.scalars(
        select(ConflictCheckRow)
        .where(ConflictCheckRow.matter_id == matter_id)
        .order_by(ConflictCheckRow.at, ConflictCheckRow.id)
    )
    return tuple(
        ConflictCheck(row.occasion, row.at, row.as_of, row.policy, tuple(row.people), tuple(row.findings), row.sha256)
        for row in rows
    )


async def known_otherwise(
    session: Session, residents: Residents, matter_id: UUID, *, policy: Policy, as_of: date, then: datetime
) -> tuple[Shift, ...]:
    """Return about whom more or less is known now than at an instant, of one and the same day.

    A panel keeps what was known when it was determined; this says what has become known, or was withdrawn, since.

    Args:
        session: a reading session.
        residents: pool and ties.
        matter_id: the matter.
        policy: the policy that was applied.
        as_of: the day judged.
        then: the instant, of the determination.
    """
    current = await residents.current(session)
    graph = current.ties.graph
    was = graph.check(
        await matter_of(session, matter_id, known_at=then),
        policy=policy,
        as_of=as_of,
        known_at=then,
        judgements=(await decided_about(session, matter_id, known_at=then)).judgements,
    )
    now = graph.check(
        await matter_of(session, matter_id),
        policy=policy,
        as_of=as_of,
        judgements=(await decided_about(session, matter_id)).judgements,
    )
    return tuple(shift for shift in compare(was, now) if UUID(shift.person) in current.pool.by_person)
