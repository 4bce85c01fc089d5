"""The worker: an asyncio task in the server's process that takes due jobs, minds their leases, and does its rounds.

Two clocks run here. What is written (leases, due times) follows the installation's clock, which in the demonstration
county is not the machine's; how long the worker sleeps follows the event loop.
"""

import asyncio
import traceback
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

import structlog
from sqlalchemy.exc import DBAPIError

from service.clock import Clock
from service.ids import new_id
from service.jobs import queue
from service.jobs.queue import Lease
from service.problems import Problem
from service.settings import Settings
from service.storage.session import Database, reading, unit_of_work

_log = structlog.get_logger("service.jobs")
CONCURRENCY: Final = 2
_WRITES: Final = 5
_UNREACHABLE: Final = (DBAPIError, OSError)


class JobCancelled(Exception):
    """Raised by a handler that stops because it was asked to."""


@dataclass(slots=True)
class Progress:
    """How far a running job has come, in memory; written to its row twice a second at most."""

    done: int = 0
    total: int | None = None
    code: str = ""
    cancelled: bool = False

    def reached(self) -> tuple[int, int | None, str]:
        """Return done, total and code as they may stand in a row: another thread may be half-way through a change."""
        total = self.total
        return (self.done if total is None else min(self.done, total), total, self.code)


@dataclass(frozen=True, slots=True)
class JobContext:
    """What a handler is given beside its payload.

    Attributes:
        job_id: the job.
        account_id: who asked for it, or None.
        attempt: 1 at the first try.
        database: to open reading sessions and units of work on; long work happens outside of them.
        settings: the installation's settings.
        clock: the time.
        progress: where the job stands, shared with the page that shows it.
    """

    job_id: UUID
    account_id: UUID | None
    attempt: int
    database: Database
    settings: Settings
    clock: Clock
    progress: Progress = field(default_factory=Progress)

    def report(self, done: int, total: int | None = None, code: str = "") -> None:
        """Say how far the work is; cheap, and allowed from another thread.

        Args:
            done: how much is done, never more than the total.
            total: how much there is to do; None keeps what was said before.
            code: a sentence of the catalogues about the present part of the work; empty keeps the former one.
        """
        if total is not None:
            self.progress.total = total
        whole = self.progress.total
        self.progress.done = max(0, done if whole is None else min(done, whole))
        if code:
            self.progress.code = code

    def cancelled(self) -> bool:
        """Return whether to stop; cheap, and allowed from another thread. Look often, then raise JobCancelled."""
        return self.progress.cancelled

    def stop_if_cancelled(self) -> None:
        """Stop here when somebody asked for it.

        Raises:
            JobCancelled: when somebody did.
        """
        if self.progress.cancelled:
            raise JobCancelled


Handler = Callable[[JobContext, Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
"""Does a job and returns its result: ids, codes and counts. A Problem ends the job, anything else is tried again."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Something done again and again, such as sealing the ledger; must be harmless when two processes do it at once.

    Attributes:
        name: for the log.
        every: pause between two rounds.
        do: the round.
    """

    name: str
    every: timedelta
    do: Callable[[], Awaitable[None]]


class Worker:
    """Works on due jobs until it is stopped; jobs that are running then go back to the queue."""

    def __init__(
        self,
        *,
        database: Database,
        settings: Settings,
        clock: Clock,
        handlers: Mapping[str, Handler],
        duties: Sequence[Duty] = (),
        concurrency: int = CONCURRENCY,
        poll: timedelta = timedelta(milliseconds=500),
        lease: timedelta = queue.LEASE,
    ) -> None:
        """Prepare; nothing happens before `run`.

        Args:
            database: where the queue is.
            settings: handed on to the handlers.
            clock: tells what is due and when leases pass.
            handlers: kind -> handler; jobs of other kinds are left to other processes.
            duties: what to do again and again.
            concurrency: how many jobs at once, at least 1.
            poll: pause between two looks at the queue, and between two writings of a progress.
            lease: how long a job is kept from others without a sign of life.
        """
        self.database = database
        self.settings = settings
        self.clock = clock
        self.handlers = handlers
        self.duties = tuple(duties)
        self.owner = str(new_id())
        self._concurrency = concurrency
        self._poll = poll.total_seconds()
        self._lease = lease
        self._stopping = asyncio.Event()
        self._awake = asyncio.Event()
        self._running: dict[UUID, JobContext] = {}

    def live(self, job_id: UUID) -> Progress | None:
        """Return how far a job of this process is right now; None when it does not run here.

        Fresher than the row: while a job writes on SQLite, nobody else can.
        """
        context = self._running.get(job_id)
        return None if context is None else context.progress

    def cancel(self, job_id: UUID) -> bool:
        """Ask a job of this process to stop without waiting for the database; return whether it runs here."""
        context = self._running.get(job_id)
        if context is not None:
            context.progress.cancelled = True
        return context is not None

    def wake(self) -> None:
        """Look at the queue now instead of at the next poll."""
        self._awake.set()

    def stop(self) -> None:
        """Make `run` return soon."""
        self._stopping.set()
        self._awake.set()

    async def run(self) -> None:
        """Work until `stop` is called."""
        rounds = [asyncio.create_task(self._rounds(duty)) for duty in self.duties]
        working: set[asyncio.Task[None]] = set()
        try:
            while not self._stopping.is_set():
                self._awake.clear()
                held = await self._take() if len(working) < self._concurrency else None
                if held is not None:
                    task = asyncio.create_task(self._work(held))
                    working.add(task)
                    task.add_done_callback(working.discard)
                    task.add_done_callback(lambda _: self._awake.set())
                    continue
                await self._nap()
        finally:
            # Rounds end by themselves: a task cancelled in the middle of opening a connection would leave it open.
            self._stopping.set()
            for task in working:
                task.cancel()
            await asyncio.gather(*rounds, *working, return_exceptions=True)

    async def run_due(self) -> int:
        """Do everything that is due now, one job after another, and return how many jobs that were.

        For commands and tests, which have no server around them.
        """
        done = 0
        while (held := await self._take()) is not None:
            await self._work(held)
            done += 1
        return done

    async def _take(self) -> Lease | None:
        at = self.clock.now()
        try:
            while True:
                async with reading(self.database) as session:
                    due = await queue.next_due(session, list(self.handlers), at=at)
                if due is None:
                    return None
                async with unit_of_work(self.database, at=at) as session:
                    held = await queue.claim(session, due, owner=self.owner, at=at, lease=self._lease)
                if held is not None:
                    return held
        except _UNREACHABLE as fault:
            # A locked or restarting database: the job is still there at the next look.
            _log.warning("queue not readable", **where(fault))
            return None

    async def _work(self, held: Lease) -> None:
        context = JobContext(held.id, held.account_id, held.attempt, self.database, self.settings, self.clock)
        self._running[held.id] = context
        work = asyncio.create_task(self._handle(held, context))
        over = asyncio.Event()
        minder = asyncio.create_task(self._mind(held, context, work, over))
        try:
            await asyncio.shield(work)
        except asyncio.CancelledError:
            # What runs in a thread cannot be cancelled, but it looks whether to stop.
            context.progress.cancelled = True
            work.cancel()
            await asyncio.gather(work, return_exceptions=True)
            current = asyncio.current_task()
            if current is not None and current.cancelling():
                await self._write(lambda session, at: queue.give_back(session, held, at=at))
                raise
        finally:
            over.set()
            await asyncio.gather(minder, return_exceptions=True)
            del self._running[held.id]

    async def _handle(self, held: Lease, context: JobContext) -> None:
        state, code, result = queue.DONE, "", None
        try:
            result = await self.handlers[held.kind](context, held.payload)
        except JobCancelled:
            state, code = queue.CANCELLED, "JOB_CANCELLED"
        except Problem as problem:
            # An expected no: trying again would meet the same rule.
            state, code, result = queue.FAILED, problem.code, {"facts": problem.facts}
        except Exception as fault:  # noqa: BLE001 -- whatever a handler raises must not end the worker
            _log.error("job failed", kind=held.kind, job=str(held.id), attempt=held.attempt, **where(fault))
            if held.attempt < held.max_attempts:
                await self._write(lambda session, at: queue.try_again(session, held, at=at, code="JOB_RETRIES"))
                return
            state, code = queue.FAILED, "JOB_FAILED"
        done, total, _ = context.progress.reached()
        reached = (total if state == queue.DONE and total is not None else done, total)
        await self._write(
            lambda session, at: queue.end(session, held, state, at=at, code=code, result=result, progress=reached)
        )

    async def _mind(self, held: Lease, context: JobContext, work: asyncio.Task[None], over: asyncio.Event) -> None:
        """Write the progress, extend the lease, and look whether someone asked to stop."""
        written: tuple[int, int | None, str] = (0, None, "")
        beats_left = 0
        beats = max(1, int(self._lease.total_seconds() / 3 / self._poll))
        while not await _within(over, self._poll):
            beats_left -= 1
            now = context.progress.reached()
            at = self.clock.now()
            try:
                async with reading(self.database) as session:
                    asked = await queue.cancel_requested(session, held)
                if asked:
                    context.progress.cancelled = True
                if asked is not None and now == written and beats_left > 0:
                    continue
                async with unit_of_work(self.database, at=at) as session:
                    kept = await queue.keep(
                        session, held, at=at, progress=now[0], total=now[1], code=now[2], lease=self._lease
                    )
            except _UNREACHABLE:
                # The handler itself is writing, or the database restarts; the lease has room for several misses.
                continue
            if not kept and not over.is_set():
                work.cancel()
                return
            written, beats_left = now, beats

    async def _rounds(self, duty: Duty) -> None:
        while not self._stopping.is_set():
            try:
                await duty.do()
            except Exception as fault:  # noqa: BLE001 -- one failed round must not end the rounds
                _log.error("duty failed", duty=duty.name, **where(fault))
            await _within(self._stopping, duty.every.total_seconds())

    async def _write(self, do: Callable[..., Awaitable[bool]]) -> None:
        for tries_left in reversed(range(_WRITES)):
            at = self.clock.now()
            try:
                async with unit_of_work(self.database, at=at) as session:
                    if not await do(session, at):
                        _log.warning("lease lost")
                break
            except _UNREACHABLE:
                if not tries_left:
                    raise
                await asyncio.sleep(self._poll)

    async def _nap(self) -> None:
        await _within(self._awake, self._poll)


async def _within(event: asyncio.Event, seconds: float) -> bool:
    """Wait for an event, but no longer than so many seconds; return whether it happened."""
    try:
        await asyncio.wait_for(event.wait(), timeout=seconds)
    except TimeoutError:
        return False
    return True


def where(fault: BaseException) -> dict[str, str]:
    """Return the type and the place of a fault for the log, without its message, which may hold personal data."""
    frames = traceback.extract_tb(fault.__traceback__)[-6:]
    return {
        "error": type(fault).__name__,
        "at": " < ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in reversed(frames)),
    }
