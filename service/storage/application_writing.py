"""Writing applications: as they arrive, what becomes of them, and the links by which people confirm."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, update

from registry import ApplicationStage
from service.problems import NotFound
from service.storage.attached import NewFile, keep_files
from service.storage.candidate_writing import next_yearly
from service.storage.rows.intake import ApplicationFileRow, ApplicationLinkRow, ApplicationRow
from service.storage.session import Session


@dataclass(frozen=True, slots=True, repr=False)
class NewApplication:
    """An application as it is written; `id` is fresh, what it says is sealed for it."""

    id: UUID
    key_sha256: str | None
    digest: str
    source: str
    source_note: str
    call_id: UUID | None
    name: str
    identity_hash: str | None
    sealed: bytes
    stage: ApplicationStage
    sent_on: date
    invited_by: UUID | None = None


@dataclass(frozen=True, slots=True, repr=False)
class HeldApplication:
    """An application as an act finds it."""

    id: UUID
    number: str
    source: str
    source_note: str
    name: str
    identity_hash: str | None
    sealed: bytes
    stage: ApplicationStage
    version: int


@dataclass(frozen=True, slots=True)
class HeldLink:
    """A link as somebody who follows it finds it."""

    application_id: UUID
    expires_at: datetime
    used_at: datetime | None


async def next_number(session: Session, *, on: date) -> str:
    """Return the number of the next application; who asks at the same time waits until this unit of work ends."""
    return await next_yearly(session, ApplicationRow.number, f"WS{on.year}-", digits=4)


async def sent_with(session: Session, key_sha256: str) -> tuple[UUID, str, ApplicationStage, str] | None:
    """Return the application that came with an idempotency key: id, number, stage, digest of its content."""
    row = await session.scalar(select(ApplicationRow).where(ApplicationRow.key_sha256 == key_sha256))
    return None if row is None else (row.id, row.number, ApplicationStage(row.stage), row.digest)


async def count_waiting(session: Session) -> int:
    """Return how many applications are undecided."""
    open_ = (ApplicationStage.UNCONFIRMED.value, ApplicationStage.SUBMITTED.value)
    return (
        await session.scalar(select(func.count()).select_from(ApplicationRow).where(ApplicationRow.stage.in_(open_)))
        or 0
    )


async def put_application(session: Session, new: NewApplication, number: str, *, at: datetime) -> None:
    """Write an application under a number that `next_number` gave."""
    session.add(
        ApplicationRow(
            id=new.id,
            number=number,
            key_sha256=new.key_sha256,
            digest=new.digest,
            source=new.source,
            source_note=new.source_note,
            call_id=new.call_id,
            name=new.name,
            identity_hash=new.identity_hash,
            sealed=new.sealed,
            stage=new.stage.value,
            sent_on=new.sent_on,
            invited_by=new.invited_by,
            created_at=at,
        )
    )
    await session.flush()


async def put_files(session: Session, application_id: UUID, files: Sequence[NewFile], *, at: datetime) -> None:
    """Keep files with an application."""
    await keep_files(session, ApplicationFileRow, files, at=at, application_id=application_id)


async def hold_application(session: Session, application_id: UUID) -> HeldApplication:
    """Load an application for a change; who comes second waits for the first.

    Raises:
        NotFound: when there is none.
    """
    return _held(await session.get(ApplicationRow, application_id, with_for_update=True, populate_existing=True))


async def see_application(session: Session, application_id: UUID) -> HeldApplication:
    """Return an application as it stands, for who only looks.

    Raises:
        NotFound: when there is none.
    """
    return _held(await session.get(ApplicationRow, application_id))


def _held(row: ApplicationRow | None) -> HeldApplication:
    if row is None:
        raise NotFound(subject="application")
    return HeldApplication(
        id=row.id,
        number=row.number,
        source=row.source,
        source_note=row.source_note,
        name=row.name,
        identity_hash=row.identity_hash,
        sealed=row.sealed,
        stage=ApplicationStage(row.stage),
        version=row.version,
    )


async def change_application(session: Session, application_id: UUID, **values: Any) -> None:
    """Write columns of an application and raise its version."""
    await session.flush()
    await session.execute(
        update(ApplicationRow)
        .where(ApplicationRow.id == application_id)
        .values(version=ApplicationRow.version + 1, **values)
        .execution_options(synchronize_session=False)
    )


async def put_link(
    session: Session, application_id: UUID, token_sha256: str, *, at: datetime, expires_at: datetime
) -> None:
    """Keep a one-time link; those that were given before end now."""
    await session.execute(
        update(ApplicationLinkRow)
        .where(ApplicationLinkRow.application_id == application_id, ApplicationLinkRow.expires_at > at)
        .values(expires_at=at)
        .execution_options(synchronize_session=False)
    )
    session.add(
        ApplicationLinkRow(
            token_sha256=token_sha256, application_id=application_id, created_at=at, expires_at=expires_at
        )
    )
    await session.flush()


async def find_link(session: Session, token_sha256: str) -> HeldLink:
    """Return the link of a token's hash.

    Raises:
        NotFound: when there never was one.
    """
    row = await session.get(ApplicationLinkRow, token_sha256)
    if row is None:
        raise NotFound(subject="link")
    return HeldLink(row.application_id, row.expires_at, row.used_at)


async def use_link(session: Session, token_sha256: str, *, at: datetime) -> None:
    """Note that a link was used."""
    await session.execute(
        update(ApplicationLinkRow).where(ApplicationLinkRow.token_sha256 == token_sha256).values(used_at=at)
    )
