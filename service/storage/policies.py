"""Versions of the local policy that go on from the shipped one, and which one is in force on a day.

Published versions never change, so what was read of one is kept by its hash.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import rfc8785
from sqlalchemy import Select, insert, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from conflicts import Policy as ConflictPolicy
from service.problems import NotFound
from service.regulation import Amendment, Policy, RowDifference, load_policy, policy_version
from service.storage.rows.library import PersonRow
from service.storage.rows.policies import PolicyVersionRow
from service.storage.session import Session

DRAFTED: Final = "drafted"
PUBLISHED: Final = "published"
WITHDRAWN: Final = "withdrawn"


@dataclass(frozen=True, slots=True)
class PolicyVersion:
    """One version as stored.

    Attributes:
        id: of the record.
        number: among the published versions, 1 and up; None for what was never published.
        name: as findings store it; empty for what was never published.
        state: `drafted`, `published` or `withdrawn`.
        from_on: its first day.
        differences: from the version before.
        reason: why, as typed.
        drafted_by, drafted_person_id, drafted_at: who drew it up, and when.
        settled_by, settled_at, settled_reason: who published or withdrew it, when, and why it was withdrawn.
        sha256: hash of its content.
        version: for If-Match.
    """

    id: UUID
    number: int | None
    name: str
    state: str
    from_on: date
    differences: tuple[RowDifference, ...]
    reason: str
    drafted_by: str
    drafted_person_id: UUID
    drafted_at: datetime
    settled_by: str
    settled_at: datetime | None
    settled_reason: str
    sha256: str
    version: int


async def policy_in_force(session: Session, shipped: str, *, on: date, known_at: datetime | None = None) -> Policy:
    """Return the policy by which a day is judged: the newest version whose first day has come, else the shipped one.

    Args:
        session: a reading session or the unit of work.
        shipped: id of the shipped policy.
        on: the day judged.
        known_at: as published by this instant; None means by now.
    """
    wanted = _published(shipped).where(PolicyVersionRow.from_on <= on)
    if known_at is not None:
        wanted = wanted.where(PolicyVersionRow.settled_at <= known_at)
    return _policy(await session.scalar(wanted), shipped)


async def latest_policy(session: Session, shipped: str) -> Policy:
    """Return the newest published version, whether its first day has come or not; else the shipped policy."""
    return _policy(await session.scalar(_published(shipped)), shipped)


async def policy_named(session: Session, name: str) -> Policy:
    """Return the version that a finding or a panel names: a shipped policy, or a published version of one.

    Raises:
        PolicyUnknown: when there is none.
    """
    shipped = shipped_of(name)
    if shipped != name:
        number = int(name.removeprefix(f"{shipped}."))
        row = await session.scalar(_published(shipped).where(PolicyVersionRow.number == number))
        if row is not None:
            return _policy(row, shipped)
    return load_policy(name)


def shipped_of(name: str) -> str:
    """Return the id of the shipped policy behind the name of a version."""
    base, _, number = name.rpartition(".")
    return base if base and number.isascii() and number.isdecimal() else name


async def conflict_policy(session: Session, name: str) -> ConflictPolicy:
    """Return the conflict rows of a version by its name, ready for the graph.

    Raises:
        PolicyUnknown: when there is none.
    """
    return (await policy_named(session, name)).table


async def policy_versions(session: Session, shipped: str) -> tuple[PolicyVersion, ...]:
    """Return every version drawn up so far: a draft first, then what was published, newest first, then withdrawn."""
    rows = await session.execute(_whole().where(PolicyVersionRow.shipped == shipped))
    order = [DRAFTED, PUBLISHED, WITHDRAWN]
    found = sorted((_stored(*row) for row in rows), key=lambda one: (one.number or 0, one.drafted_at), reverse=True)
    return tuple(sorted(found, key=lambda one: order.index(one.state)))


async def load_version(session: Session, version_id: UUID) -> PolicyVersion:
    """Return one version.

    Raises:
        NotFound: when there is none.
    """
    found = (await session.execute(_whole().where(PolicyVersionRow.id == version_id))).first()
    if found is None:
        raise NotFound(subject="policy")
    return _stored(*found)


async def open_draft(session: Session, shipped: str) -> PolicyVersion | None:
    """Return the draft that waits for its publication; there is at most one."""
    found = await session.execute(
        _whole().where(PolicyVersionRow.shipped == shipped, PolicyVersionRow.state == DRAFTED)
    )
    row = found.first()
    return None if row is None else _stored(*row)


async def hold_draft(session: Session, version_id: UUID) -> PolicyVersion:
    """Return one version for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    held = select(PolicyVersionRow.id).where(PolicyVersionRow.id == version_id).with_for_update()
    await session.execute(held)
    return await load_version(session, version_id)


async def drafted_policy(session: Session, version_id: UUID) -> Policy:
    """Return what a draft would put in force.

    Raises:
        NotFound: when there is no such version.
    """
    row = await session.get(PolicyVersionRow, version_id)
    if row is None:
        raise NotFound(subject="policy")
    latest = await latest_policy(session, row.shipped)
    return _read(row.shipped, row.number or latest.number + 1, row.from_on, rfc8785.dumps(row.content))


async def add_draft(session: Session, values: Mapping[str, Any], amendment: Amendment) -> bool:
    """Insert a draft, by the names of its columns; return whether there was none yet."""
    try:
        async with session.begin_nested():
            await session.execute(insert(PolicyVersionRow).values(**values, **_content(amendment)))
    except IntegrityError:
        if await open_draft(session, values["shipped"]) is None:
            raise
        return False
    return True


async def change_draft(
    session: Session, version_id: UUID, values: Mapping[str, Any], amendment: Amendment | None = None
) -> None:
    """Change a draft, by the names of its columns; its version grows."""
    content = {} if amendment is None else _content(amendment)
    await session.execute(
        update(PolicyVersionRow)
        .where(PolicyVersionRow.id == version_id)
        .values(version=PolicyVersionRow.version + 1, **values, **content)
    )


def _content(amendment: Amendment) -> dict[str, Any]:
    policy = amendment.policy
    return {
        "differences": [asdict(one) for one in amendment.differences],
        "content": {
            "conflicts": [dict(row) for row in policy.conflicts],
            "evaluators": [dict(row) for row in policy.evaluators],
            "changed_on": {row: day.isoformat() for row, day in policy.changed_on.items()},
        },
        "sha256": policy.sha256,
    }


def _published(shipped: str) -> Select[tuple[PolicyVersionRow]]:
    return (
        select(PolicyVersionRow)
        .where(PolicyVersionRow.shipped == shipped, PolicyVersionRow.state == PUBLISHED)
        .order_by(PolicyVersionRow.number.desc())
        .limit(1)
    )


def _policy(row: PolicyVersionRow | None, shipped: str) -> Policy:
    if row is None or row.number is None:
        return load_policy(shipped)
    policy = _read(shipped, row.number, row.from_on, rfc8785.dumps(row.content))
    return replace(policy, published_at=row.settled_at)


@lru_cache(maxsize=32)
def _read(shipped: str, number: int, from_on: date, content: bytes) -> Policy:
    """Return a version from its content; parsed once, for every request asks for it."""
    held = json.loads(content)
    return policy_version(
        load_policy(shipped),
        number=number,
        from_on=from_on,
        conflicts=held["conflicts"],
        evaluators=held["evaluators"],
        changed_on={row: date.fromisoformat(day) for row, day in held["changed_on"].items()},
    )


def _whole() -> Any:
    drafted, settled = aliased(PersonRow), aliased(PersonRow)
    return (
        select(PolicyVersionRow, drafted.name, settled.name)
        .join(drafted, drafted.id == PolicyVersionRow.drafted_person_id)
        .outerjoin(settled, settled.id == PolicyVersionRow.settled_person_id)
    )


def _stored(row: PolicyVersionRow, drafted_by: str, settled_by: str | None) -> PolicyVersion:
    differences: Sequence[Mapping[str, str]] = row.differences
    return PolicyVersion(
        id=row.id,
        number=row.number,
        name="" if row.number is None else f"{row.shipped}.{row.number}",
        state=row.state,
        from_on=row.from_on,
        differences=tuple(RowDifference(**one) for one in differences),
        reason=row.reason,
        drafted_by=drafted_by,
        drafted_person_id=row.drafted_person_id,
        drafted_at=row.drafted_at,
        settled_by=settled_by or "",
        settled_at=row.settled_at,
        settled_reason=row.settled_reason,
        sha256=row.sha256,
        version=row.version,
    )
