"""What a unit still has that ended before its work went on by itself goes to its successor later, and comes back."""

import asyncio
from datetime import date
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import insert, update

from service.actions.settlement import Settlement, settle_left
from service.ids import new_id
from service.problems import Forbidden, Invalid, Refused, Stale
from service.storage.doctor import compare_matter
from service.storage.organisations import load_organisation
from service.storage.reorganisation import heirs_of
from service.storage.rows.library import OrganisationRow
from service.storage.rows.reorganisations import ReorganisationRow, SuccessorRow
from service.storage.session import reading, unit_of_work
from service.storage.unit_succession import left_at
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.test_unit_succession import DAY, WHY, House, kept_out
from tests.service.test_unit_succession import house as house

RIVER, PIPES = "饮马河综合治理工程", "城区供水管网改造"


async def ended_before(house: House, former: str, *heirs: str) -> UUID:
    """Write that others took a unit's place as it was written before its work went on by itself."""
    id_ = new_id()
    async with unit_of_work(house.database, at=MONDAY) as session:
        await session.execute(
            insert(ReorganisationRow).values(
                id=id_,
                organisation_id=house.units[former],
                kind=("dissolved", "merged")[len(heirs)] if len(heirs) < 2 else "divided",
                from_on=date(2025, 3, 1),
                source="昌编〔2025〕1号",
                changes=[],
                at=MONDAY,
                by_account_id=house.accounts["center"].account_id,
            )
        )
        for place, heir in enumerate(heirs):
            await session.execute(
                insert(SuccessorRow).values(
                    reorganisation_id=id_, organisation_id=house.units[heir], position=place, fact_id=None
                )
            )
        await session.execute(
            update(OrganisationRow)
            .where(OrganisationRow.id == house.units[former])
            .values(ended_on=date(2025, 2, 28), version=OrganisationRow.version + 1)
        )
    return id_


async def version(house: House, unit: str) -> int:
    async with reading(house.database) as session:
        return (await load_organisation(session, house.accounts["center"], house.units[unit], on=DAY)).version


async def settled(house: House, unit: str = "水利局", *, who: str = "center", **more: Any) -> UUID:
    seen = await version(house, unit)
    async with house.acting(who) as act:
        return await settle_left(act, house.units[unit], Settlement(more.pop("reason", WHY), **more), seen=seen)


async def left(house: House, unit: str = "水利局", who: str = "center") -> tuple[list[str], list[str], bool]:
    async with reading(house.database) as session:
        found = await left_at(session, house.accounts[who], house.units[unit])
    return [one.login for one in found.accounts], [one.title for one in found.matters], found.files


async def test_what_was_left_goes_to_the_successor_and_comes_back_exactly(house: House, engine: str) -> None:
    await ended_before(house, "水利局", "农业局")
    before = await house.stands()
    assert await left(house) == (["jia", "yi"], [RIVER, PIPES], True)
    assert await house.sees("农") == []

    done = await settled(house)

    assert (await left(house), await house.sees("农")) == (([], [], False), [PIPES, RIVER])
    assert (await house.again("甲")).unit_name == "农业局"
    assert (await house.matter(RIVER)).unit_name == "农业局"

    await house.take_back("水利局", done)

    assert await house.stands() == before
    async with reading(house.database) as session:
        view = await load_organisation(session, house.accounts["center"], house.units["水利局"], on=DAY)
    assert (view.ended_on, await left(house)) == (date(2025, 2, 28), (["jia", "yi"], [RIVER, PIPES], True))
    async with unit_of_work(house.database, at=MONDAY) as session:
        assert await compare_matter(session, house.matters[RIVER]) == []


async def test_who_stands_in_the_place_today_takes_over_through_a_chain(house: House) -> None:
    await ended_before(house, "水利局", "农业局")
    await house.reorganise("农业局", "住建局")

    async with reading(house.database) as session:
        heirs = await heirs_of(session, house.units["水利局"])
    await settled(house)

    assert heirs == ((house.units["住建局"], "住建局"),)
    assert (await house.matter(RIVER)).unit_name == "住建局"


async def test_after_a_division_a_person_chooses(house: House) -> None:
    await ended_before(house, "水利局", "水务局", "农业局")

    await settled(house, allotted={house.matters[RIVER]: house.units["农业局"]})

    assert (await house.sees("农"), await house.sees("务")) == ([RIVER], [PIPES])
    assert (await house.again("甲")).unit_name == "水务局"


async def test_after_a_dissolution_somebody_must_be_named(house: House) -> None:
    await ended_before(house, "水利局")
    with pytest.raises(Invalid) as invalid:
        await settled(house)
    assert [(one.at, one.code) for one in invalid.value.faults] == [("successor", "FIELD_REQUIRED")]

    await settled(house, successor=house.units["住建局"])

    assert (await house.matter(RIVER)).unit_name == "住建局"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"reason": "不"}, ("reason", "REASON_TOO_SHORT")),
        ({"successor": "住建局"}, ("successor", "FIELD_NOT_A_CHOICE")),
        ({"allotted": "住建局"}, ("allotted", "FIELD_NOT_A_CHOICE")),
    ],
)
async def test_every_fault_is_named_and_nothing_moves(house: House, entry: dict[str, Any], fault: Any) -> None:
    await ended_before(house, "水利局", "农业局")
    before = await house.stands()
    if "successor" in entry:
        entry = {"successor": house.units[entry["successor"]]}
    if "allotted" in entry:
        entry = {"allotted": {house.matters[RIVER]: house.units[entry["allotted"]]}}

    with pytest.raises(Invalid) as invalid:
        await settled(house, **entry)

    assert [(one.at, one.code) for one in invalid.value.faults] == [fault]
    assert await house.stands() == before


async def test_where_nothing_is_left_there_is_nothing_to_do(house: House) -> None:
    for unit in ("水利局", "住建局"):
        if unit == "水利局":
            await house.reorganise("水利局", "农业局")
        with pytest.raises(Refused) as refused:
            await settled(house, unit)
        assert [one.code for one in refused.value.refusals] == ["NOTHING_LEFT"]


async def test_a_merger_is_not_taken_back_while_what_was_left_is_with_the_successor(house: House) -> None:
    merger = await ended_before(house, "水利局", "农业局")
    done = await settled(house)

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", merger)
    assert [one.code for one in refused.value.refusals] == ["REORGANISATION_BUILT_UPON"]
    await house.take_back("水利局", done)
    await house.take_back("水利局", merger)

    assert await house.sees("甲") == [PIPES, RIVER]


async def test_it_is_not_taken_back_when_its_matters_went_on_elsewhere(house: House) -> None:
    await ended_before(house, "水利局", "农业局")
    done = await settled(house)
    await house.reorganise("农业局", "水务局", goes_on=True, allotted={house.matters[RIVER]: house.units["水务局"]})

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert [one.code for one in refused.value.refusals] == ["REORGANISATION_BUILT_UPON"]


async def test_of_two_who_do_it_at_once_one_is_refused(house: House, engine: str) -> None:
    await ended_before(house, "水利局", "农业局")
    seen = await version(house, "水利局")

    async def once() -> None:
        async with house.acting("center") as act:
            await settle_left(act, house.units["水利局"], Settlement(WHY), seen=seen)

    done = await asyncio.gather(once(), once(), return_exceptions=True)

    assert sorted(type(one).__name__ for one in done) == ["NoneType", Stale.__name__]
    assert await house.sees("农") == [PIPES, RIVER]


async def test_a_matter_that_is_not_there_for_the_clerk_moves_without_being_named(house: House) -> None:
    await ended_before(house, "水利局", "农业局")
    house.accounts["center"] = kept_out(house, RIVER)
    assert await left(house) == (["jia", "yi"], [PIPES], True)

    await settled(house)

    assert await house.sees("农") == [PIPES, RIVER]


async def test_nobody_moves_the_own_account_and_only_the_center_acts(house: House) -> None:
    await ended_before(house, "水利局", "农业局")
    house.accounts["both"] = await an_account(house.database, "center", person_id=house.accounts["甲"].person_id)

    with pytest.raises(Refused) as refused:
        await settled(house, who="both")
    assert [one.code for one in refused.value.refusals] == ["OWN_AFFAIR"]
    with pytest.raises(Forbidden):
        await settled(house, who="农")


async def test_the_page_of_an_ended_unit_offers_it_only_where_something_is_left(
    house: House, signed_in: SignedIn
) -> None:
    client = await signed_in("center")
    home = f"/organisations/{house.units['水利局']}"
    assert f"{home}/settle" not in (await client.get(home)).text
    await ended_before(house, "水利局", "农业局")
    shown = (await client.get(home)).text
    assert f'href="{home}/settle"' in shown
    assert "2 个账号、2 个未办结事项" in shown
    page = await client.get(f"{home}/settle")
    assert (page.status_code, RIVER in page.text, "jia" in page.text) == (200, True, True)

    data = {"version": str(await version(house, "水利局")), "idempotency_key": "settle-0000000001", "reason": "不"}
    short = await client.post(f"{home}/settle", data=data)
    assert (short.status_code, 'href="#f-reason"' in short.text) == (400, True)
    done = await client.post(f"{home}/settle", data=data | {"idempotency_key": "settle-0000000002", "reason": WHY})

    assert done.status_code == 303
    after = (await client.get(home)).text
    assert f"{home}/settle" not in after
    assert "水利局</a> 留下的账号和事项移交 <a" in after
    assert (await client.get(f"{home}/settle")).status_code == 200


async def test_the_same_by_api(house: House, signed_in: SignedIn) -> None:
    client = await signed_in("center")
    home = f"/api/organisations/{house.units['水利局']}"
    await ended_before(house, "水利局", "农业局")
    found = (await client.get(f"{home}/left")).json()
    assert (len(found["accounts"]), found["files"], found["successors"]) == (2, True, [str(house.units["农业局"])])

    done = await client.post(
        f"{home}/settle",
        json={"reason": WHY},
        headers={"If-Match": f'"{await version(house, "水利局")}"', "Idempotency-Key": "settle-0000000003"},
    )

    assert (done.status_code, [one["kind"] for one in done.json()["reorganisations"]]) == (200, ["settled", "merged"])
    assert (await client.get(f"{home}/left")).json()["matters"] == []
    unit = await signed_in("unit", unit_id=house.units["农业局"])
    assert (await unit.get(f"{home}/left")).status_code == 404
