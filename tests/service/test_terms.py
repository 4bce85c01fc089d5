"""What the service does about terms on its own: reminders once a step, proofs that ran out noted once."""

from datetime import UTC, date, datetime, timedelta

import httpx
import pytest
from litestar import Litestar
from sqlalchemy import select, update

from service import ledger
from service.actions.terms import note_lost_proofs, remind_of_terms
from service.clock import FixedClock
from service.ids import new_id
from service.jobs.handlers import duties
from service.jobs.tables import OutboxRow
from service.regulation import Edition, Policy, load_edition, load_policy
from service.settings import Settings
from service.storage.home import terms_ending
from service.storage.occurrences import occurrences_waiting
from service.storage.renewals import due_for_renewal
from service.storage.rows.admission import QualificationRow
from service.storage.rows.library import AppointmentRow, ExpertRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import TODAY, a_house
from tests.service.conftest import an_account
from tests.service.library import Entry, Inserted, a_library

ENDS = date(2027, 2, 28)


@pytest.fixture
def rules(settings: Settings) -> tuple[Edition, Policy]:
    return load_edition(settings.edition, issued_on=settings.edition_issued_on), load_policy(settings.policy)


def morning(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 1, tzinfo=UTC)


async def reminded(database: Database, rules: tuple[Edition, Policy], day: date) -> int:
    async with unit_of_work(database, at=morning(day)) as session:
        return await remind_of_terms(session, at=morning(day), edition=rules[0], policy=rules[1])


async def sent(database: Database) -> list[tuple[str, int]]:
    async with reading(database) as session:
        rows = await session.scalars(select(OutboxRow).where(OutboxRow.template == "TERM_ENDS").order_by(OutboxRow.key))
        return [(str(row.recipient_person_id), row.params["days"]) for row in rows]


async def one_expert(database: Database, **changes: object) -> Inserted:
    return await a_library(database, [Entry("何一", ends_on=ENDS, **changes)])  # type: ignore[arg-type]


@pytest.mark.rule("R24c")
async def test_expert_is_reminded_once_for_each_step(
    engine: str, database: Database, rules: tuple[Edition, Policy]
) -> None:
    inserted = await one_expert(database)
    days = [date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 1), date(2026, 11, 30), date(2027, 1, 29), ENDS]

    assert [await reminded(database, rules, day) for day in days] == [0, 1, 0, 1, 1, 0]

    person = str(inserted.people["何一"])
    assert sorted(await sent(database)) == sorted([(person, 180), (person, 90), (person, 30)])
    async with reading(database) as session:
        entries = await ledger.stream(session, f"expert:{inserted.experts['何一']}")
    assert [(one.type, one.value()["actor"]["role"]) for one in entries][1:] == [("term.reminded", "service")] * 3


async def test_after_a_standstill_only_the_last_step_is_said(database: Database, rules: tuple[Edition, Policy]) -> None:
    inserted = await one_expert(database)

    assert [await reminded(database, rules, day) for day in (date(2027, 2, 10), date(2027, 2, 11))] == [1, 0]

    assert await sent(database) == [(str(inserted.people["何一"]), 18)]
    async with reading(database) as session:
        (line,) = await due_for_renewal(session, await an_account(database, "center"), on=date(2027, 2, 11), days=180)
    assert [(one.days, one.reminded_on) for one in line.reminders] == [(30, date(2027, 2, 10))]


async def test_nobody_is_reminded_who_left_who_is_under_review_or_whose_term_goes_on(
    database: Database, rules: tuple[Edition, Policy]
) -> None:
    await a_library(
        database,
        [
            Entry("何一", ends_on=ENDS, state="suspended"),
            Entry("何二", ends_on=ENDS, state="dismissed"),
            Entry("何三", ends_on=date(2029, 2, 28)),
            Entry("何四", ends_on=date(2026, 8, 31)),
        ],
    )
    assert await reminded(database, rules, date(2026, 9, 1)) == 0
    async with unit_of_work(database, at=morning(TODAY)) as session:
        await session.execute(update(ExpertRow).where(ExpertRow.number == "E0000").values(state="active"))

    assert await reminded(database, rules, date(2026, 9, 1)) == 1


async def test_the_worker_reminds_by_itself(app: Litestar, database: Database) -> None:
    await one_expert(database)
    app.state.clock = FixedClock(morning(date(2026, 9, 1)))
    duty = next(one for one in duties(app.state) if one.name == "remind of terms")

    await duty.do()
    await duty.do()

    assert len(await sent(database)) == 1


@pytest.mark.rule("R26g")
async def test_proof_that_ran_out_waits_for_the_centers_judgement(
    database: Database, settings: Settings, rules: tuple[Edition, Policy]
) -> None:
    house = await a_house(database, settings)
    batch = await house.proposed([await house.checked()])
    await house.decided(batch, house.office)
    await house.lettered(batch)
    async with unit_of_work(database, at=morning(TODAY)) as session:
        await session.execute(update(QualificationRow).where(QualificationRow.item == "conduct").values(until_on=TODAY))

    async def noted(day: date) -> int:
        async with unit_of_work(database, at=morning(day)) as session:
            return await note_lost_proofs(session, at=morning(day), edition=rules[0])

    tomorrow = TODAY + timedelta(days=1)
    assert [await noted(day) for day in (TODAY, tomorrow, tomorrow)] == [0, 1, 0]
    async with reading(database) as session:
        (found,) = await occurrences_waiting(session, house.center)
    assert (found.kind.value, found.words, found.happened_on) == ("lost-proof", "conduct", TODAY)


async def test_board_counts_terms_that_end_within_the_days_of_the_policy_and_have_none_after(
    database: Database, rules: tuple[Edition, Policy], as_center: httpx.AsyncClient
) -> None:
    days = rules[1].library.renewal_days
    edge = TODAY + timedelta(days=days)
    entries = [
        Entry("今日", ends_on=TODAY),
        Entry("末日", ends_on=edge),
        Entry("次日", ends_on=edge + timedelta(days=1)),
        Entry("昨日", ends_on=TODAY - timedelta(days=1)),
        Entry("已续", ends_on=edge),
        Entry("已退", ends_on=edge, state="withdrawn"),
    ]
    library = await a_library(database, entries)
    async with unit_of_work(database, at=morning(TODAY)) as session:
        session.add(
            AppointmentRow(
                id=new_id(),
                expert_id=library.experts["已续"],
                starts_on=edge + timedelta(days=1),
                ends_on=edge + timedelta(days=1825),
            )
        )

    async with reading(database) as session:
        tasks = await terms_ending(session, today=TODAY, days=days)

    assert [(task.code, task.facts) for task in tasks] == [("TASK_TERMS_ENDING", {"count": 2, "days": days})]
    assert f"2 位专家的聘期在 {days} 天内届满" in (await as_center.get("/")).text
