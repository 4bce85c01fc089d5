"""The queue and the worker: at least once, one at a time, cancelled, retried, taken over."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from service.clock import day_of
from service.ids import new_id
from service.jobs import Duty, Job, JobContext, Worker, enqueue, job, jobs_of, queue, request_cancel
from service.jobs.queue import Lease
from service.jobs.tables import JobRow
from service.problems import Fault, Invalid
from service.settings import Settings
from service.storage.rows.accounts import AccountRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work

NOON = datetime(2026, 9, 14, 4, 0, tzinfo=UTC)
QUICK = timedelta(milliseconds=10)


@dataclass
class HandClock:
    """A clock that a test moves by hand."""

    at: datetime = NOON

    def now(self) -> datetime:
        return self.at

    def today(self) -> date:
        return day_of(self.at)


@pytest.fixture
def hands() -> HandClock:
    return HandClock()


Work = Callable[[JobContext, Mapping[str, Any]], Awaitable[Mapping[str, Any] | None]]
MakeWorker = Callable[..., Worker]


@pytest.fixture
def worker(database: Database, settings: Settings, hands: HandClock) -> MakeWorker:
    def make(**handlers: Work) -> Worker:
        return Worker(database=database, settings=settings, clock=hands, handlers=handlers, poll=QUICK)

    return make


async def queued(database: Database, kind: str = "work", *, at: datetime = NOON, **rest: Any) -> UUID:
    async with unit_of_work(database, at=at) as session:
        return await enqueue(session, kind, {"n": 1}, run_at=at, **rest)


async def seen(database: Database, job_id: UUID) -> Job:
    async with reading(database) as session:
        found = await job(session, job_id)
    assert found is not None
    return found


async def seen_when(database: Database, job_id: UUID, condition: Callable[[Job], bool]) -> Job:
    for _ in range(1000):
        if condition(now := await seen(database, job_id)):
            return now
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen within ten seconds")


async def until(condition: Callable[[], bool]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("it did not happen within ten seconds")


async def finish(context: JobContext, payload: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"doubled": payload["n"] * 2}


async def fail(context: JobContext, payload: Mapping[str, Any]) -> None:
    raise OSError("no such luck")


async def test_job_runs_and_keeps_its_result(database: Database, worker: MakeWorker) -> None:
    job_id = await queued(database)
    assert (await seen(database, job_id)).state == "queued"

    assert await worker(work=finish).run_due() == 1

    done = await seen(database, job_id)
    assert (done.state, done.result, done.attempts, done.finished_at, done.ended) == (
        "done",
        {"doubled": 2},
        1,
        NOON,
        True,
    )


async def test_act_that_is_rolled_back_leaves_no_job(database: Database) -> None:
    async def act() -> None:
        async with unit_of_work(database, at=NOON) as session:
            await enqueue(session, "work", {}, run_at=NOON)
            raise RuntimeError("no")

    with pytest.raises(RuntimeError, match="no"):
        await act()
    async with reading(database) as session:
        assert await session.scalar(select(func.count()).select_from(JobRow)) == 0


async def test_job_for_later_waits_for_its_time(database: Database, worker: MakeWorker, hands: HandClock) -> None:
    job_id = await queued(database, at=NOON + timedelta(hours=1))

    assert await worker(work=finish).run_due() == 0
    hands.at = NOON + timedelta(hours=1)
    assert await worker(work=finish).run_due() == 1
    assert (await seen(database, job_id)).state == "done"


async def test_job_of_a_kind_that_nobody_here_does_is_left_to_others(database: Database, worker: MakeWorker) -> None:
    job_id = await queued(database, "other")

    assert await worker(work=finish).run_due() == 0
    assert (await seen(database, job_id)).state == "queued"


async def test_same_key_is_the_same_job_until_it_fails(database: Database, worker: MakeWorker) -> None:
    first = await queued(database, key="import:1")
    assert await queued(database, key="import:1") == first
    await worker(work=finish).run_due()
    assert await queued(database, key="import:1") == first
    assert (await seen(database, first)).state == "done"

    second = await queued(database, key="import:2", max_attempts=1)
    await worker(work=fail).run_due()
    assert (await seen(database, second)).state == "failed"
    assert await queued(database, key="import:2") == second
    again = await seen(database, second)
    assert (again.state, again.attempts, again.code) == ("queued", 0, "")


async def test_failure_is_tried_again_after_pauses_that_double_and_then_given_up(
    database: Database, worker: MakeWorker, hands: HandClock
) -> None:
    job_id = await queued(database, max_attempts=3)
    works = worker(work=fail)

    starts = []
    for second in range(60):
        hands.at = NOON + timedelta(seconds=second)
        if await works.run_due():
            starts.append(second)
    failed = await seen(database, job_id)
    assert starts == [0, 5, 15]
    assert (failed.state, failed.code, failed.attempts) == ("failed", "JOB_FAILED", 3)


async def test_refusal_is_not_tried_again(database: Database, worker: MakeWorker) -> None:
    async def refuse(context: JobContext, payload: Mapping[str, Any]) -> None:
        raise Invalid([Fault("/0", "FIELD_REQUIRED")])

    job_id = await queued(database)
    await worker(work=refuse).run_due()

    refused = await seen(database, job_id)
    assert (refused.state, refused.code, refused.attempts) == ("failed", "INPUT_INVALID", 1)


async def test_waiting_job_is_cancelled_at_once(database: Database, worker: MakeWorker) -> None:
    job_id = await queued(database)
    async with unit_of_work(database, at=NOON) as session:
        assert await request_cancel(session, job_id, at=NOON)

    assert await worker(work=finish).run_due() == 0
    assert (await seen(database, job_id)).state == "cancelled"
    async with unit_of_work(database, at=NOON) as session:
        assert not await request_cancel(session, job_id, at=NOON), "it has ended"
        assert not await request_cancel(session, new_id(), at=NOON), "it never was"


async def _until_cancelled(context: JobContext, payload: Mapping[str, Any]) -> None:
    context.report(3, 10, "ROSTER_READING")
    while True:
        context.stop_if_cancelled()
        await asyncio.sleep(0.01)


async def test_running_job_shows_its_progress_and_stops_when_asked(
    database: Database, worker: MakeWorker, engine: str
) -> None:
    job_id = await queued(database)
    works = worker(work=_until_cancelled)
    running = asyncio.create_task(works.run())

    half = await seen_when(database, job_id, lambda now: now.progress == 3)
    assert (half.state, half.total, half.percent, half.code) == ("running", 10, 30, "ROSTER_READING")
    live = works.live(job_id)
    assert live is not None
    assert live.reached() == (3, 10, "ROSTER_READING")
    async with unit_of_work(database, at=NOON) as session:
        assert await request_cancel(session, job_id, at=NOON)
    await until(lambda: works.live(job_id) is None)
    works.stop()
    await running

    stopped = await seen(database, job_id)
    assert (stopped.state, stopped.code, stopped.progress) == ("cancelled", "JOB_CANCELLED", 3)


async def test_job_of_this_process_is_cancelled_without_waiting_for_the_database(
    database: Database, worker: MakeWorker
) -> None:
    job_id = await queued(database)
    works = worker(work=_until_cancelled)
    running = asyncio.create_task(works.run())
    await until(lambda: works.live(job_id) is not None)

    assert works.cancel(job_id)
    assert not works.cancel(new_id())
    await until(lambda: works.live(job_id) is None)
    works.stop()
    await running
    assert (await seen(database, job_id)).state == "cancelled"


async def test_worker_that_stops_gives_its_jobs_back(database: Database, worker: MakeWorker) -> None:
    job_id = await queued(database)
    works = worker(work=_until_cancelled)
    running = asyncio.create_task(works.run())
    await until(lambda: works.live(job_id) is not None)

    works.stop()
    await running

    waiting = await seen(database, job_id)
    assert (waiting.state, waiting.attempts) == ("queued", 0)
    assert await worker(work=finish).run_due() == 1


async def taken(database: Database, owner: str, at: datetime) -> Lease | None:
    async with unit_of_work(database, at=at) as session:
        due = await queue.next_due(session, ["work"], at=at)
        return None if due is None else await queue.claim(session, due, owner=owner, at=at)


async def test_job_of_a_dead_worker_is_taken_over_when_its_lease_has_passed(database: Database) -> None:
    job_id = await queued(database)
    dead = await taken(database, "dead", NOON)
    assert dead is not None

    assert await taken(database, "heir", NOON + queue.LEASE) is None, "the lease is not over"
    heir = await taken(database, "heir", NOON + queue.LEASE + timedelta(seconds=1))

    assert heir is not None
    assert (heir.id, heir.attempt, heir.owner) == (job_id, 2, "heir")
    async with unit_of_work(database, at=NOON) as session:
        assert not await queue.keep(session, dead, at=NOON, progress=1, total=1, code="")
        assert not await queue.end(session, dead, queue.DONE, at=NOON), "what the dead one says no longer counts"
        assert await queue.keep(session, heir, at=NOON, progress=1, total=2, code="")
    assert (await seen(database, job_id)).percent == 50


async def test_job_whose_workers_keep_dying_is_given_up(database: Database) -> None:
    job_id = await queued(database, max_attempts=2)
    for death in range(3):
        held = await taken(database, f"worker-{death}", NOON + death * 2 * queue.LEASE)

    assert held is None
    given_up = await seen(database, job_id)
    assert (given_up.state, given_up.code) == ("failed", "JOB_ABANDONED")


async def test_worker_whose_lease_was_taken_stops_its_handler(
    database: Database, worker: MakeWorker, hands: HandClock
) -> None:
    job_id = await queued(database)
    works = worker(work=_until_cancelled)
    running = asyncio.create_task(works.run())
    await until(lambda: works.live(job_id) is not None)
    async with unit_of_work(database, at=NOON) as session:
        row = await session.get_one(JobRow, job_id)
        row.lease_owner, row.attempts = "heir", 2
        row.run_at = row.lease_until = NOON + timedelta(days=1)

    hands.at = NOON + queue.LEASE / 2
    await until(lambda: works.live(job_id) is None)
    works.stop()
    await running
    assert (await seen(database, job_id)).state == "running"


async def test_many_workers_do_each_job_once(
    database: Database, settings: Settings, hands: HandClock, engine: str
) -> None:
    done: list[UUID] = []

    async def note(context: JobContext, payload: Mapping[str, Any]) -> None:
        done.append(context.job_id)
        await asyncio.sleep(0)

    ids = [await queued(database) for _ in range(20)]
    workers = [
        Worker(database=database, settings=settings, clock=hands, handlers={"work": note}, poll=QUICK) for _ in range(4)
    ]
    await asyncio.gather(*(works.run_due() for works in workers))

    assert sorted(done) == sorted(ids)
    assert {(await seen(database, job_id)).state for job_id in ids} == {"done"}


async def test_no_more_jobs_run_at_once_than_allowed(database: Database, worker: MakeWorker) -> None:
    now, most = 0, 0

    async def count(context: JobContext, payload: Mapping[str, Any]) -> None:
        nonlocal now, most
        now += 1
        most = max(most, now)
        await asyncio.sleep(0.02)
        now -= 1

    ids = [await queued(database) for _ in range(6)]
    works = worker(work=count)
    running = asyncio.create_task(works.run())
    for job_id in ids:
        await seen_when(database, job_id, lambda now: now.ended)
    works.stop()
    await running

    assert most == 2


async def test_duties_are_done_again_and_again_even_after_a_failure(
    database: Database, settings: Settings, hands: HandClock
) -> None:
    rounds = 0

    async def fail_first() -> None:
        nonlocal rounds
        rounds += 1
        if rounds == 1:
            raise RuntimeError("first round")

    works = Worker(
        database=database, settings=settings, clock=hands, handlers={}, duties=[Duty("count", QUICK, fail_first)]
    )
    running = asyncio.create_task(works.run())
    await until(lambda: rounds >= 3)
    works.stop()
    await running


async def test_log_of_a_failure_names_its_place_and_not_its_message(database: Database, worker: MakeWorker) -> None:
    async def spill(context: JobContext, payload: Mapping[str, Any]) -> None:
        raise ValueError("张三 11010519491231002X")

    await queued(database)
    with capture_logs() as logged:
        await worker(work=spill).run_due()

    (line,) = logged
    assert (line["event"], line["error"], line["at"].split(":")[0]) == ("job failed", "ValueError", "test_jobs.py")
    assert "11010519491231002X" not in str(logged)


async def test_account_sees_its_newest_jobs_first(database: Database) -> None:
    person, account = new_id(), new_id()
    async with unit_of_work(database, at=NOON) as session:
        session.add(PersonRow(id=person, name="王试", created_at=NOON))
        await session.flush()
        session.add(AccountRow(id=account, person_id=person, login="w", password_hash="", created_at=NOON))
    first = await queued(database, account_id=account)
    second = await queued(database, account_id=account, at=NOON + timedelta(seconds=1))
    await queued(database)

    async with reading(database) as session:
        assert [found.id for found in await jobs_of(session, account)] == [second, first]
        assert await job(session, new_id()) is None
