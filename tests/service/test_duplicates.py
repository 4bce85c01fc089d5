"""An organisation that was entered twice becomes one for all time, and two again exactly."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from service.actions.duplicates import Duplicate, merge_duplicate
from service.actions.expert_life import end_employment
from service.actions.organisations import NewOrganisationEntry, change_organisation
from service.problems import Forbidden, Invalid, Refused, Stale
from service.settings import Settings
from service.storage.accounts import units_called
from service.storage.doctor import compare_matter
from service.storage.expert_page import load_expert
from service.storage.matter_choices import find_organisation
from service.storage.organisations import find_organisations, load_organisation
from service.storage.rows.library import OrganisationNameRow, OrganisationRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, acting, an_account
from tests.service.test_reorganisations import TODAY, House
from tests.service.test_reorganisations import house as house
from tests.service.test_unit_succession import House as Unit
from tests.service.test_unit_succession import house as unit  # noqa: F401 -- a fixture

WHY = "名称写法不同，核对过是同一单位"
LONG_AGO = date(2025, 1, 6)
CODE = "91130322MA0DEMO011"


async def merged(house: House, gone: str, kept: str, **changes: Any) -> UUID:
    kept_seen, gone_seen = (await house.view(kept)).version, (await house.view(gone)).version
    async with house.acting() as act:
        entry = Duplicate(house.bodies[gone], gone_seen, changes.pop("reason", WHY))
        return await merge_duplicate(act, house.bodies[kept], entry, seen=kept_seen)


async def coded(house: House, name: str, code: str) -> None:
    async with unit_of_work(house.database, at=MONDAY) as session:
        await session.execute(
            update(OrganisationRow).where(OrganisationRow.id == house.bodies[name]).values(credit_code=code)
        )


async def named(house: House) -> list[Any]:
    """Return every name and credit code."""
    async with reading(house.database) as session:
        names = await session.execute(select(OrganisationNameRow.organisation_id, OrganisationNameRow.name))
        codes = await session.execute(select(OrganisationRow.id, OrganisationRow.name, OrganisationRow.credit_code))
    return [sorted(map(tuple, names), key=str), sorted(map(tuple, codes), key=str)]


@pytest.mark.rule("R28d")
async def test_whoever_works_at_either_entry_is_tied_to_both_on_any_day(house: House) -> None:
    assert await house.tied_to("农业局", on=LONG_AGO) == {"丙"}

    await merged(house, "水利局", "农业局")

    for name in ("水利局", "农业局"):
        for on in (LONG_AGO, TODAY):
            assert await house.tied_to(name, on=on) == {"甲", "乙", "丙"}


async def test_work_names_and_what_lies_below_go_along_and_come_back_exactly(house: House, engine: str) -> None:
    await house.below("水利局", "水务局", from_on=date(2020, 1, 1))
    before = (await house.works(), await house.ties(), await named(house))

    done = await merged(house, "水利局", "农业局")

    assert {body for _, body, _, _ in await house.works()} == {"农业局"}
    kept, gone = await house.view("农业局"), await house.view("水利局")
    assert [tie.name for tie in kept.children] == ["水文站"]
    assert [(one.name, one.from_on) for one in kept.parents] == [("水务局", date(2020, 1, 1))]
    assert [one.name for one in kept.names] == ["水利局"]
    assert (gone.ended_on, gone.reorganisations[0].kind) == (date(2026, 9, 13), "duplicate")

    await house.take_back("水利局", done)

    assert (await house.works(), await house.ties(), await named(house)) == before
    assert (await house.view("水利局")).ended_on is None
    assert await house.tied_to("农业局", on=TODAY) == {"丙"}


async def test_the_superior_of_the_entry_that_stays_holds(house: House) -> None:
    await house.below("农业局", "水务局", from_on=date(2020, 1, 1))
    await house.below("水利局", "水务局", from_on=date(2010, 1, 1))

    await merged(house, "水利局", "农业局")

    assert [(one.name, one.from_on) for one in (await house.view("农业局")).parents] == [("水务局", date(2020, 1, 1))]


async def test_nothing_comes_to_lie_below_itself(house: House) -> None:
    await house.below("农业局", "水文站", from_on=None)

    with pytest.raises(Refused) as refused:
        await merged(house, "水利局", "农业局")
    assert [one.code for one in refused.value.refusals] == ["PARENT_CIRCLE"]


async def test_names_lead_to_the_entry_that_stays(house: House) -> None:
    await merged(house, "水利局", "农业局")

    kept = house.bodies["农业局"]
    async with reading(house.database) as session:
        assert await find_organisation(session, "水利局") == (kept,)
        assert await units_called(session, "水利局") == [(kept, "农业局")]
        found, total = await find_organisations(session, "水利局", on=TODAY)
    assert ([one.id for one in found], total) == ([kept], 1)


async def test_the_credit_code_goes_along_where_there_is_none_and_back(house: House) -> None:
    await coded(house, "水利局", CODE)
    before = await named(house)

    done = await merged(house, "水利局", "农业局")

    assert ((await house.view("农业局")).credit_code, (await house.view("水利局")).credit_code) == (CODE, "")
    await house.take_back("水利局", done)
    assert await named(house) == before


async def test_what_has_two_codes_or_belongs_to_the_other_is_two(house: House) -> None:
    await coded(house, "水利局", CODE)
    await coded(house, "农业局", "91130322MA0DEMO02Y")
    before = (await house.works(), await house.ties(), await named(house))

    for gone, kept, code in (("水利局", "农业局", "DUPLICATE_CODES"), ("水文站", "水利局", "DUPLICATE_TIED")):
        with pytest.raises(Refused) as refused:
            await merged(house, gone, kept)
        assert [one.code for one in refused.value.refusals] == [code]

    assert (await house.works(), await house.ties(), await named(house)) == before


async def test_it_needs_a_reason_and_two_entries_that_stand(house: House) -> None:
    with pytest.raises(Invalid) as invalid:
        await merged(house, "水利局", "农业局", reason="同")
    assert [(one.at, one.code) for one in invalid.value.faults] == [("reason", "REASON_TOO_SHORT")]
    with pytest.raises(Invalid) as invalid:
        await merged(house, "水利局", "水利局")
    assert [(one.at, one.code) for one in invalid.value.faults] == [("other", "FIELD_NOT_A_CHOICE")]
    await merged(house, "水利局", "农业局")
    with pytest.raises(Refused) as refused:
        await merged(house, "水利局", "水务局")
    assert [one.code for one in refused.value.refusals] == ["ORGANISATION_ENDED"]


async def test_it_is_not_taken_back_once_work_or_the_code_was_changed(house: House) -> None:
    await coded(house, "水利局", CODE)
    done = await merged(house, "水利局", "农业局")
    kept = await house.view("农业局")
    async with house.acting() as act:
        await change_organisation(act, kept.id, NewOrganisationEntry(kept.name, "", kind=kept.kind), seen=kept.version)
    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)
    assert [one.code for one in refused.value.refusals] == ["REORGANISATION_BUILT_UPON"]

    again = await merged(house, "水务局", "农业局")
    await house.take_back("水务局", again)
    expert = house.experts["甲"]
    async with reading(house.database) as session:
        view = await load_expert(session, house.center, expert, on=TODAY)
    async with house.acting() as act:
        await end_employment(act, expert, view.employments[0].id, to_on=TODAY, seen=view.version)
    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)
    assert [one.code for one in refused.value.refusals] == ["REORGANISATION_BUILT_UPON"]


async def test_of_two_who_do_it_at_once_one_is_refused(house: House, engine: str) -> None:
    kept, gone = await house.view("农业局"), await house.view("水利局")

    async def once(one: Any, other: Any) -> None:
        async with house.acting() as act:
            await merge_duplicate(act, one.id, Duplicate(other.id, other.version, WHY), seen=one.version)

    done = await asyncio.gather(once(kept, gone), once(gone, kept), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["NoneType", Stale.__name__]


async def test_accounts_and_open_matters_go_along_and_come_back(unit: Unit, engine: str) -> None:  # noqa: F811
    before = await unit.stands()
    async with reading(unit.database) as session:
        kept, gone = [
            await load_organisation(session, unit.accounts["center"], unit.units[name], on=TODAY)
            for name in ("农业局", "水利局")
        ]
    async with unit.acting("center") as act:
        done = await merge_duplicate(act, kept.id, Duplicate(gone.id, gone.version, WHY), seen=kept.version)

    assert await unit.sees("农") == ["城区供水管网改造", "饮马河综合治理工程"]
    assert (await unit.again("甲")).unit_name == "农业局"
    await unit.take_back("水利局", done)
    assert await unit.stands() == before
    async with unit_of_work(unit.database, at=MONDAY) as session:
        assert await compare_matter(session, unit.matters["饮马河综合治理工程"]) == []


async def test_nobody_moves_the_own_work_and_only_the_center_acts(
    house: House, database: Database, settings: Settings
) -> None:
    kept, gone = await house.view("农业局"), await house.view("水利局")
    entry = Duplicate(gone.id, gone.version, WHY)
    worker = await an_account(database, "center", person_id=house.people["甲"])
    outsider = await an_account(database, "unit", unit_id=gone.id)

    async with acting(database, settings, worker) as act:
        with pytest.raises(Refused) as refused:
            await merge_duplicate(act, kept.id, entry, seen=kept.version)
    assert [one.code for one in refused.value.refusals] == ["OWN_AFFAIR"]
    async with acting(database, settings, outsider) as act:
        with pytest.raises(Forbidden):
            await merge_duplicate(act, kept.id, entry, seen=kept.version)


async def test_the_pages_lead_from_a_name_to_one_entry(house: House, signed_in: SignedIn) -> None:
    client = await signed_in("center")
    kept, gone = house.bodies["农业局"], house.bodies["水利局"]
    home = f"/organisations/{kept}/duplicate"
    assert home in (await client.get(f"/organisations/{kept}/reorganise")).text
    assert (await client.get(home, params={"asked": "yes", "other": "没有的单位"})).status_code == 400
    shown = await client.get(home, params={"asked": "yes", "other": "水利局"})
    assert (shown.status_code, f'name="other_id" value="{gone}"' in shown.text) == (200, True)
    assert f'href="/organisations/{gone}/duplicate?other_id={kept}"' in shown.text
    versions = {"version": (await house.view("农业局")).version, "other_version": (await house.view("水利局")).version}
    data = {**versions, "other_id": str(gone), "reason": "同", "idempotency_key": "duplicate-000000001"}
    short = await client.post(home, data=data)
    assert (short.status_code, 'href="#f-reason"' in short.text) == (400, True)

    done = await client.post(home, data=data | {"reason": WHY, "idempotency_key": "duplicate-000000002"})

    assert (done.status_code, done.headers["location"]) == (303, f"/organisations/{kept}")
    page = (await client.get(f"/organisations/{gone}")).text
    assert ("这一条是重复录入" in page, "这个单位已经不在了" in page) == (True, False)


async def test_the_same_by_api(house: House, signed_in: SignedIn) -> None:
    client = await signed_in("center")
    kept, gone = await house.view("农业局"), await house.view("水利局")

    done = await client.post(
        f"/api/organisations/{kept.id}/duplicates",
        json={"other_id": str(gone.id), "other_version": gone.version, "reason": WHY},
        headers={"If-Match": f'"{kept.version}"', "Idempotency-Key": "duplicate-000000003"},
    )

    body = done.json()
    assert (done.status_code, [one["kind"] for one in body["reorganisations"]]) == (200, ["duplicate"])
    assert [one["name"] for one in body["names"]] == ["水利局"]
