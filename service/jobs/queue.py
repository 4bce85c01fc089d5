"""The queue: rows in the database, queued with the act that needs them, leased by whoever works on them.

A job is done at least once: a worker that dies loses its lease and another starts the job again, so a handler must
bear being run twice. Everything here happens in the session that is handed over; nothing commits.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from sqlalchemy import and_, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncSession

from service.ids import new_id
from service.jobs.tables import JobRow

QUEUED: Final = "queued"
RUNNING: Final = "running"
DONE: Final = "done"
FAILED: Final = "failed"
CANCELLED: Final = "cancelled"
ENDED: Final = frozenset({DONE, FAILED, CANCELLED})

LEASE: Final = timedelta(seconds=60)
_LONGEST_PAUSE: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Job:
    """A job as a page shows it.

    Attributes:
        id: the job.
        kind: what is to be done, such as `roster.import`.
        state: `queued`, `running`, `done`, `failed` or `cancelled`.
        progress: how much is done, from 0 to `total`.
        total: how much there is to do; None while that is not known.
        code: sentence of the catalogues about where it stands or why it failed; may be empty.
        result: what came out of it; its shape belongs to the kind.
        account_id: who asked for it; None for the service itself.
        attempts: how often it was started.
        cancel_requested: whether someone asked to stop it.
        created_at: when it was queued.
        finished_at: when it ended, or None.
    """

    id: UUID
    kind: str
    state: str
    progress: int
    total: int | None
    code: str
    result: Mapping[str, Any] | None
    account_id: UUID | None
    attempts: int
    cancel_requested: bool
    created_at: datetime
    finished_at: datetime | None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.state in ENDED

    @property
    def percent(self) -> int | None:
        """How much is done, 0 to 100; None while the total is not known."""
        return None if not self.total else 100 * self.progress // self.total


@dataclass(frozen=True, slots=True)
class Lease:
    """A job in the hands of one worker.

    `attempt` fences: what a worker writes after its lease went to another finds no row.
    """

    id: UUID
    kind: str
    payload: Mapping[str, Any]
    account_id: UUID | None
    owner: str
    attempt: int
    max_attempts: int


async def enqueue(
    session: AsyncSession,
    kind: str,
    payload: Mapping[str, Any],
    *,
    run_at: datetime,
    key: str | None = None,
    account_id: UUID | None = None,
    max_attempts: int = 5,
) -> UUID:
    """Queue a job in the transaction of the act that needs it, and return its id.

    Args:
        session: the open unit of work; when it is rolled back there is no job.
        kind: name under which a handler is registered.
        payload: ids and numbers; what they name is fetched when the job runs.
        run_at: not before this instant; the instant of the act for at once.
        key: a job with a key that is already queued, running or done is not queued again; its id is returned. One
            that failed or was cancelled starts anew.
        account_id: who asked; may see and cancel the job.
        max_attempts: how often it is started before it counts as failed, at least 1.
    """
    fresh = {
        "payload": dict(payload),
        "state": QUEUED,
        "progress": 0,
        "total": None,
        "code": "",
        "result": None,
        "account_id": account_id,
        "attempts": 0,
        "max_attempts": max_attempts,
        "run_at": run_at,
        "lease_until": None,
        "lease_owner": None,
        "cancel_requested": False,
        "created_at": run_at,
        "finished_at": None,
    }
    job_id = new_id()
    make = postgresql.insert if session.get_bind().dialect.name == "postgresql" else sqlite.insert
    statement = make(JobRow).values(id=job_id, kind=kind, key=key, **fresh).on_conflict_do_nothing()
    if await session.scalar(statement.returning(JobRow.id)) is not None:
        return job_id
    await session.execute(
        update(JobRow).where(JobRow.key == key, JobRow.state.in_((FAILED, CANCELLED))).values(**fresh)
    )
    kept: UUID | None = await session.scalar(select(JobRow.id).where(JobRow.key == key))
    if kept is None:
        raise RuntimeError("a job was neither queued nor found")
    return kept


async def job(session: AsyncSession, job_id: UUID) -> Job | None:
    """Return a job, or None when there is none of that id."""
    row = await session.get(JobRow, job_id, populate_existing=True)
    return None if row is None else _view(row)


async def jobs_of(session: AsyncSession, account_id: UUID, *, most: int = 20) -> list[Job]:
    """Return the newest jobs that an account asked for."""
    rows = await session.scalars(
        select(JobRow).where(JobRow.account_id == account_id).order_by(JobRow.created_at.desc()).limit(most)
    )
    return [_view(row) for row in rows]


async def newest_job(session: AsyncSession, kind: str, *, state: str = "") -> Job | None:
    """Return the newest job of a kind, of one state only when a state is given; None when there is none."""
    wanted = select(JobRow).where(JobRow.kind == kind).order_by(JobRow.created_at.desc(), JobRow.id.desc()).limit(1)
    row = await session.scalar(wanted.where(JobRow.state == state) if state else wanted)
    return None if row is None else _view(row)


async def request_cancel(session: AsyncSession, job_id: UUID, *, at: datetime) -> bool:
    """Ask a job to stop: a queued one is cancelled at once, a running one when its handler next looks.

    Returns:
        Whether the job was there and had not ended.
    """
    waiting = await session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == QUEUED)
        .values(state=CANCELLED, cancel_requested=True, finished_at=at)
    )
    if _changed(waiting):
        return True
    running = await session.execute(
        update(JobRow).where(JobRow.id == job_id, JobRow.state == RUNNING).values(cancel_requested=True)
    )
    return _changed(running)


async def next_due(session: AsyncSession, kinds: list[str], *, at: datetime) -> tuple[UUID, str, int] | None:
    """Return id, state and attempts of the job that has waited longest; None when nothing is due.

    Due is what is queued for now or earlier, and what is running under a lease that has passed.
    """
    due = or_(
        and_(JobRow.state == QUEUED, JobRow.run_at <= at),
        and_(JobRow.state == RUNNING, JobRow.lease_until < at),
    )
    found = (
        await session.execute(
            select(JobRow.id, JobRow.state, JobRow.attempts)
            .where(due, JobRow.kind.in_(kinds))
            .order_by(JobRow.run_at, JobRow.id)
            .limit(1)
        )
    ).one_or_none()
    return None if found is None else (found.id, found.state, found.attempts)


async def claim(
    session: AsyncSession, due: tuple[UUID, str, int], *, owner: str, at: datetime, lease: timedelta = LEASE
) -> Lease | None:
    """Take a due job, if nobody else has taken it in the meantime.

    A job whose workers died as often as it may be tried ends as failed instead of being taken.
    """
    job_id, state, attempts = due
    taken = await session.execute(
        update(JobRow)
        .where(JobRow.id == job_id, JobRow.state == state, JobRow.attempts == attempts)
        .where(or_(JobRow.state == QUEUED, JobRow.lease_until < at))
        .values(state=RUNNING, attempts=attempts + 1, lease_owner=owner, lease_until=at + lease, code="")
    )
    if not _changed(taken):
        return None
    row = await session.get_one(JobRow, job_id, populate_existing=True)
    held = Lease(row.id, row.kind, row.payload, row.account_id, owner, row.attempts, row.max_attempts)
    if row.attempts > row.max_attempts:
        await end(session, held, FAILED, at=at, code="JOB_ABANDONED")
        return None
    return held


async def keep(
    session: AsyncSession, held: Lease, *, at: datetime, progress: int, total: int | None, code: str,
    lease: timedelta = LEASE,
) -> bool:  # fmt: skip
    """Extend a lease and note the progress; return False when the lease went to another worker."""
    kept = await session.execute(_held(held).values(lease_until=at + lease, progress=progress, total=total, code=code))
    return _changed(kept)


async def cancel_requested(session: AsyncSession, held: Lease) -> bool | None:
    """Return whether someone asked to stop the job; None when the lease went to another worker."""
    asked: bool | None = await session.scalar(
        select(JobRow.cancel_requested).where(
            JobRow.id == held.id,
            JobRow.state == RUNNING,
            JobRow.lease_owner == held.owner,
            JobRow.attempts == held.attempt,
        )
    )
    return asked


async def end(
    session: AsyncSession,
    held: Lease,
    state: str,
    *,
    at: datetime,
    code: str = "",
    result: Mapping[str, Any] | None = None,
    progress: tuple[int, int | None] | None = None,
) -> bool:
    """End a job; return False when the lease went to another worker, whose word then counts."""
    values: dict[str, Any] = {
        "state": state,
        "code": code,
        "result": None if result is None else dict(result),
        "finished_at": at,
        "lease_until": None,
        "lease_owner": None,
    }
    if progress is not None:
        values["progress"], values["total"] = progress
    return _changed(await session.execute(_held(held).values(**values)))


async def try_again(session: AsyncSession, held: Lease, *, at: datetime, code: str) -> bool:
    """Put a job back, to be tried after a pause that doubles with each attempt; False when the lease is lost."""
    pause = min(timedelta(seconds=5) * 2 ** (held.attempt - 1), _LONGEST_PAUSE)
    return _changed(
        await session.execute(
            _held(held).values(state=QUEUED, run_at=at + pause, code=code, lease_until=None, lease_owner=None)
        )
    )


async def give_back(session: AsyncSession, held: Lease, *, at: datetime) -> bool:
    """Put a job back at once because this process stops; the attempt does not count."""
    return _changed(
        await session.execute(
            _held(held).values(state=QUEUED, run_at=at, attempts=held.attempt - 1, lease_until=None, lease_owner=None)
        )
    )


def _held(held: Lease) -> Any:
    return update(JobRow).where(
        JobRow.id == held.id,
        JobRow.state == RUNNING,
        JobRow.lease_owner == held.owner,
        JobRow.attempts == held.attempt,
    )


def _changed(outcome: object) -> bool:
    return bool(getattr(outcome, "rowcount", 0))


def _view(row: JobRow) -> Job:
    return Job(
        id=row.id,
        kind=row.kind,
        state=row.state,
        progress=row.progress,
        total=row.total,
        code=row.code,
        result=row.result,
        account_id=row.account_id,
        attempts=row.attempts,
        cancel_requested=row.cancel_requested,
        created_at=row.created_at,
        finished_at=row.finished_at,
    )
