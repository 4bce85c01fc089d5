"""What is known of people for a purpose that is over is kept for its time and then says nothing of them any more."""

import asyncio
import re
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import Table, func, select

from registry import ApplicationStage, Stage
from service import ledger
from service.actions.application_desk import reject_application
from service.actions.applications import Receipt
from service.actions.candidates import reject_candidate, withdraw_candidate
from service.actions.erasure import erase_due, kept_until
from service.keys import Keys
from service.regulation import load_policy
from service.settings import Settings
from service.storage.applications import load_application
from service.storage.base import Base
from service.storage.rows.intake import ApplicationFileRow
from service.storage.rows.library import PersonRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import House, a_house, a_number, an_entry
from tests.service.conftest import MONDAY
from tests.service.test_applications import FILE, RECOMMENDED, linked, looked_up, sent, taken, typed

POLICY = load_policy("changli-local-1")
WHY = "现阶段该领域专家已经满额"
ENDED = date(2026, 9, 14)
LAST = date(2027, 9, 14)
NAME, NUMBER = "欧阳听雨", "11010519491231002X"


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    return await a_house(database, settings)


def noon(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, 4, tzinfo=UTC)


async def erased(house: House, on: date) -> int:
    at = noon(on)
    async with unit_of_work(house.database, at=at) as session:
        keys = Keys.at(house.settings.var / "secrets.toml")
        return await erase_due(session, keys=keys, policy=POLICY, at=at)


async def rejected(house: House) -> UUID:
    receipt = await sent(house, typed(name=NAME, identity_number=NUMBER), files=[FILE])
    view = await looked_up(house, receipt)
    async with house.acts(house.center) as act:
        await reject_application(act, view.line.id, reason=WHY, seen=view.version)
    return view.line.id


async def everything(house: House) -> str:
    """Return all that the tables hold, the ledger too, as text."""
    found = []
    async with reading(house.database) as session:
        for table in Base.metadata.sorted_tables:
            assert isinstance(table, Table)
            rows = (await session.execute(select(table))).all()
            found += [f"{table.name}: {tuple(row)}" for row in rows]
    return "\n".join(found)


def test_the_last_day_is_the_anniversary_and_counts() -> None:
    assert kept_until(ENDED, POLICY) == LAST
    assert kept_until(date(2028, 2, 29), POLICY) == date(2029, 2, 28)


async def test_an_application_is_kept_through_its_last_day_and_then_says_nothing(house: House, engine: str) -> None:
    application_id = await rejected(house)
    assert NAME in await everything(house)

    assert await erased(house, LAST) == 0
    assert await erased(house, LAST + timedelta(days=1)) == 1

    left = await everything(house)
    async with reading(house.database) as session:
        view = await load_application(session, house.center, application_id, at=MONDAY)
        files = await session.scalar(select(func.count()).select_from(ApplicationFileRow))
        events = await ledger.stream(session, f"application:{application_id}")
    assert (NAME in left, WHY in left, "职称证书" in left) == (False, False, False)
    assert (view.line.name, view.reason, view.files, files) == ("—", "", (), 0)
    assert (view.line.number, view.erased_on) == ("WS2026-0001", LAST + timedelta(days=1))
    assert [event.type for event in events][-2:] == ["application.rejected", "application.erased"]
    assert events[-1].value()["body"] == {"files": 1, "months": 12, "policy": "changli-local-1"}


async def test_erasing_twice_does_no_more(house: House) -> None:
    application_id = await rejected(house)
    assert [await erased(house, LAST + timedelta(days=day)) for day in (1, 1, 400)] == [1, 0, 0]
    async with reading(house.database) as session:
        events = await ledger.stream(session, f"application:{application_id}")
    assert [event.type for event in events].count("application.erased") == 1


async def test_two_processes_at_once_erase_one_application_and_one_candidate_once(house: House, engine: str) -> None:
    application_id = await rejected(house)
    candidate_id = await taken(house, await sent(house, typed(name="候选")))
    async with house.acts(house.center) as act:
        await reject_candidate(act, candidate_id, reason=WHY, seen=(await house.candidate(candidate_id)).version)
    due_on = LAST + timedelta(days=1)

    done = await asyncio.gather(*(erased(house, due_on) for _ in range(3)))

    async with reading(house.database) as session:
        written = [
            event.type
            for stream in (f"application:{application_id}", f"candidate:{candidate_id}")
            for event in await ledger.stream(session, stream)
            if event.type.endswith(".erased")
        ]
    assert (sorted(done), written) == ([0, 0, 2], ["application.erased", "candidate.erased"])


async def test_what_runs_or_led_into_the_library_stays(house: House) -> None:
    waiting = await sent(house, typed(name="在办"))
    candidate_id = await taken(house, await sent(house, typed(name="候选")))

    assert await erased(house, date(2040, 1, 1)) == 0

    assert (await looked_up(house, waiting)).line.name == "在办"
    assert (await house.candidate(candidate_id)).line.stage is Stage.RECEIVED


@pytest.mark.parametrize("close", [reject_candidate, withdraw_candidate], ids=["rejected", "withdrawn"])
async def test_a_candidate_who_came_to_nothing_goes_with_application_card_and_person(house: House, close) -> None:
    receipt = await sent(house, typed(name=NAME, identity_number=NUMBER), files=[FILE])
    candidate_id = await taken(house, receipt)
    async with house.acts(house.center) as act:
        await close(act, candidate_id, reason=WHY, seen=(await house.candidate(candidate_id)).version)
    person_id = (await house.candidate(candidate_id)).person_id

    assert await erased(house, LAST + timedelta(days=1)) == 1

    left = await everything(house)
    async with reading(house.database) as session:
        person = await session.get_one(PersonRow, person_id)
        events = await ledger.stream(session, f"candidate:{candidate_id}")
    assert (NAME in left, "示范县水利局" in left, FILE.name in left) == (False, False, False)
    assert (person.name, person.identity_hash, person.identity_sealed, person.phone_sealed) == ("—", None, None, None)
    assert events[-1].value()["body"]["person"] is True
    # The same number may apply again, as somebody unknown.
    assert await house.received(an_entry(NAME, identity_number=NUMBER)) != candidate_id


async def test_who_came_into_the_library_by_another_application_stays_known(house: House) -> None:
    number = a_number()
    first = await house.received(an_entry(NAME, identity_number=number))
    async with house.acts(house.center) as act:
        await reject_candidate(act, first, reason=WHY, seen=1)
    second = await house.checked(an_entry(NAME, identity_number=number))
    batch = await house.proposed([second])
    await house.decided(batch, house.office)
    await house.lettered(batch)

    assert await erased(house, LAST + timedelta(days=1)) == 1

    assert (await house.candidate(second)).line.name == NAME
    async with reading(house.database) as session:
        person = await session.get_one(PersonRow, (await house.candidate(first)).person_id)
        events = await ledger.stream(session, f"candidate:{first}")
    assert (person.name, person.identity_hash is None) == (NAME, False)
    assert events[-1].value()["body"]["person"] is False


async def test_who_follows_the_application_reads_how_long_it_is_kept(
    house: House, client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    receipt = await sent(house, typed(name=NAME))
    view = await looked_up(house, receipt)
    async with house.acts(house.center) as act:
        await reject_application(act, view.line.id, reason=WHY, seen=view.version)

    async def status() -> str:
        found = await client.post("/apply/status", data={"number": receipt.number, "code": receipt.code})
        return re.sub(r"\s+", "", found.text)

    assert "保存到2027年9月14日，之后自动删除" in await status()
    api = await client.post("/api/applications/status", json={"number": receipt.number, "code": receipt.code})
    assert (api.json()["kept_until"], api.json()["erased_on"]) == ("2027-09-14", None)
    await erased(house, LAST + timedelta(days=1))
    after = await status()
    assert ("已于2027年9月15日删除" in after, WHY in after) == (True, False)
    assert "个人信息已删除" in (await as_center.get(f"/applications/{view.line.id}")).text


async def unconfirmed(house: House) -> Receipt:
    """Return an application that an organisation filled in on 14 September; nobody confirmed it."""
    return await sent(house, typed("organisation", name=NAME, recommender=RECOMMENDED), files=[FILE])


async def test_what_nobody_confirmed_is_kept_through_its_last_day_and_then_lapses(house: House, engine: str) -> None:
    receipt = await unconfirmed(house)
    application_id = (await looked_up(house, receipt)).line.id
    last = date(2026, 12, 14)
    assert NAME in await everything(house)

    assert await erased(house, last) == 0
    assert await erased(house, last + timedelta(days=1)) == 1
    assert await erased(house, last + timedelta(days=1)) == 0

    left = await everything(house)
    async with reading(house.database) as session:
        view = await load_application(session, house.center, application_id, at=MONDAY)
        events = await ledger.stream(session, f"application:{application_id}")
    assert (NAME in left, FILE.name in left) == (False, False)
    assert (view.line.stage, view.line.name, view.files) == (ApplicationStage.LAPSED, "—", ())
    assert [event.type for event in events] == ["application.sent", "application.lapsed", "application.erased"]
    assert events[-1].value()["body"] == {"files": 1, "months": 3, "policy": "changli-local-1"}


async def test_another_link_lets_the_time_begin_anew(house: House) -> None:
    receipt = await unconfirmed(house)
    await linked(house, receipt, at=noon(date(2026, 12, 1)))

    assert [await erased(house, date(2027, 3, day)) for day in (1, 2)] == [0, 1]


async def test_two_processes_at_once_let_one_application_lapse_once(house: House, engine: str) -> None:
    receipt = await unconfirmed(house)
    application_id = (await looked_up(house, receipt)).line.id

    done = await asyncio.gather(*(erased(house, date(2026, 12, 15)) for _ in range(3)))

    async with reading(house.database) as session:
        events = [event.type for event in await ledger.stream(session, f"application:{application_id}")]
    assert (sorted(done), events.count("application.erased")) == ([0, 0, 1], 1)


async def test_who_is_asked_to_confirm_and_who_follows_read_how_long_it_is_kept(
    house: House, client: httpx.AsyncClient, as_center: httpx.AsyncClient
) -> None:
    receipt = await unconfirmed(house)
    view = await looked_up(house, receipt)
    token = await linked(house, receipt)

    asked = re.sub(r"\s+", "", (await client.get(f"/confirm/{token}")).text)
    assert "您不确认的，填写的内容和附件保存到2026年12月14日" in asked
    staff = re.sub(r"\s+", "", (await as_center.get(f"/applications/{view.line.id}")).text)
    assert "填写的内容和附件保存到2026年12月14日" in staff
    known = {"number": receipt.number, "code": receipt.code}
    api = (await client.post("/api/applications/status", json=known)).json()
    assert (api["stage"], api["kept_until"]) == ("unconfirmed", "2026-12-14")

    await erased(house, date(2026, 12, 15))

    api = (await client.post("/api/applications/status", json=known)).json()
    assert (api["stage"], api["kept_until"], api["erased_on"]) == ("lapsed", None, "2026-12-15")
    status = re.sub(r"\s+", "", (await client.post("/apply/status", data=known)).text)
    assert "个人信息和附件已于2026年12月15日删除" in status
    assert (await client.get(f"/confirm/{token}")).status_code == 404
    detail = (await as_center.get(f"/api/applications/{view.line.id}")).json()
    assert (detail["application"]["stage"], detail["erased_on"]) == ("lapsed", "2026-12-15")
