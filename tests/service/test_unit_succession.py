"""What a unit had open goes on with who took its place, under its old name until then, and comes back exactly."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select

from conflicts import Role
from service.access import Viewer
from service.access.sign_in import start_session, viewer_by_account
from service.actions.matters import Opening, cancel_matter, change_parties, open_matter, set_need
from service.actions.reorganisation import Reorganisation, reorganise, take_reorganisation_back
from service.jobs.tables import OutboxRow
from service.problems import Invalid, NotFound, Refused
from service.settings import Settings
from service.storage.doctor import compare_matter
from service.storage.facts import matter_of
from service.storage.matters import MatterView, history_of, list_matters, load_matter, relations_to
from service.storage.organisations import load_organisation
from service.storage.reorganisation import standing_of
from service.storage.rows.accounts import LoginSessionRow
from service.storage.rows.library import EmploymentRow, OrganisationRow
from service.storage.rows.matters import MatterRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account
from tests.service.library import Entry, a_library
from workflow import Need, Seat

DAY = date(2026, 9, 14)
NEED = Need(5, (Seat("570", 1),), (), 1)
WHY = "机构改革，职能整体划转"


class House:
    """A water bureau with two clerks and two open matters, three bureaus beside it, and the center."""

    def __init__(self, database: Database, settings: Settings) -> None:
        self.database, self.settings = database, settings
        self.units: dict[str, UUID] = {}
        self.accounts: dict[str, Viewer] = {}
        self.matters: dict[str, UUID] = {}
        self.minutes = 0

    def acting(self, who: str) -> Any:
        self.minutes += 1
        return acting(self.database, self.settings, self.accounts[who], MONDAY + timedelta(minutes=self.minutes))

    async def open(self, title: str, who: str) -> UUID:
        unit = self.accounts[who].unit_id
        assert unit is not None
        async with self.acting(who) as act:
            self.matters[title] = await open_matter(act, Opening(title=title, unit_id=unit, kind="A3.4"))
        return self.matters[title]

    async def reorganise(self, former: str, *heirs: str, **more: Any) -> UUID:
        async with reading(self.database) as session:
            held = await load_organisation(session, self.accounts["center"], self.units[former], on=DAY)
        entry = Reorganisation(
            tuple(self.units[one] for one in heirs), DAY, source="昌编〔2026〕3号", reason=WHY, **more
        )
        async with self.acting("center") as act:
            return await reorganise(act, self.units[former], entry, seen=held.version)

    async def take_back(self, former: str, done: UUID) -> None:
        async with reading(self.database) as session:
            held = await load_organisation(session, self.accounts["center"], self.units[former], on=DAY)
        async with self.acting("center") as act:
            await take_reorganisation_back(act, done, reason="单位选错了，应为另一家", seen=held.version)

    async def again(self, who: str) -> Viewer:
        """Return an account as it is now."""
        async with reading(self.database) as session:
            viewer = await viewer_by_account(session, self.accounts[who].account_id, session_digest="0" * 16)
        assert viewer is not None
        self.accounts[who] = viewer
        return viewer

    async def sees(self, who: str) -> list[str]:
        viewer = await self.again(who)
        async with reading(self.database) as session:
            listed = await list_matters(session, viewer)
        return sorted(line.title for line in listed.lines)

    async def matter(self, title: str, who: str = "center") -> MatterView:
        async with reading(self.database) as session:
            return await load_matter(session, self.accounts[who], self.matters[title])

    async def stands(self) -> list[Any]:
        """Return everything that a reorganisation may move, to compare before and after."""
        async with reading(self.database) as session:
            matters = await session.execute(select(MatterRow.number, MatterRow.unit_id, MatterRow.unit_clerk_id))
            files = await session.execute(select(OrganisationRow.name, OrganisationRow.files_with_id))
            units = [(name, (await self.again(name)).unit_id) for name in self.accounts]
            return [sorted(map(tuple, matters), key=str), sorted(map(tuple, files), key=str), units]


@pytest.fixture
async def house(database: Database, settings: Settings) -> House:
    house = House(database, settings)
    for name in ("水利局", "农业局", "水务局", "住建局"):
        house.units[name] = await a_unit(database, name)
    house.accounts = {
        "center": await an_account(database, "center"),
        "甲": await an_account(database, "unit", unit_id=house.units["水利局"], login="jia"),
        "乙": await an_account(database, "unit", unit_id=house.units["水利局"], login="yi"),
        "农": await an_account(database, "unit", unit_id=house.units["农业局"], login="nong"),
        "务": await an_account(database, "unit", unit_id=house.units["水务局"], login="wu"),
    }
    await house.open("饮马河综合治理工程", "甲")
    await house.open("城区供水管网改造", "乙")
    return house


async def test_on_the_day_of_a_merger_the_successors_staff_see_and_carry_on(house: House, engine: str) -> None:
    assert (await house.sees("农"), await house.sees("甲")) == ([], ["城区供水管网改造", "饮马河综合治理工程"])

    await house.reorganise("水利局", "农业局")

    assert await house.sees("农") == ["城区供水管网改造", "饮马河综合治理工程"]
    assert await house.sees("甲") == ["城区供水管网改造", "饮马河综合治理工程"]
    assert house.accounts["甲"].unit_name == "农业局"
    for who in ("农", "甲"):
        seen = (await house.matter("饮马河综合治理工程")).version
        async with house.acting(who) as act:
            await set_need(act, house.matters["饮马河综合治理工程"], NEED, frozenset(), seen=seen)
    matter = await house.matter("饮马河综合治理工程", "农")
    assert (matter.unit_name, matter.unit_clerk, matter.state) == ("农业局", "王试", "need-set")
    assert [(party.name, party.role) for party in matter.parties] == [("水利局", "former-unit")]


async def test_what_was_done_stays_under_the_old_name_in_the_record(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")

    async with reading(house.database) as session:
        history = await history_of(session, house.matters["饮马河综合治理工程"])
    old, new = str(house.units["水利局"]), str(house.units["农业局"])
    assert [(line.type, line.body.get("unit"), line.body.get("before")) for line in history] == [
        ("matter.passed-on", new, old),
        ("matter.opened", old, None),
    ]
    assert history[0].body["reorganisation"] == str(done)


async def test_who_was_at_the_old_unit_stays_tied_to_a_matter_that_it_began(house: House) -> None:
    await house.reorganise("水利局", "农业局")
    seen = (await house.matter("饮马河综合治理工程")).version
    async with house.acting("农") as act:
        await change_parties(act, house.matters["饮马河综合治理工程"], (), seen=seen)

    async with reading(house.database) as session:
        matter = await matter_of(session, house.matters["饮马河综合治理工程"])
        then = await matter_of(session, house.matters["饮马河综合治理工程"], known_at=MONDAY + timedelta(minutes=2))
    both = {str(house.units["水利局"]), str(house.units["农业局"])}
    assert {party.id for party in matter.parties} == both
    assert {party.role for party in matter.parties} == {Role.UNIT}
    assert [party.id for party in then.parties] == [str(house.units["水利局"])]


async def test_a_merger_taken_back_gives_accounts_and_matters_back(house: House, engine: str) -> None:
    before = await house.stands()
    done = await house.reorganise("水利局", "农业局")
    assert await house.stands() != before
    # The successor's clerk opened one of its own meanwhile, and nobody but its own looks after that.
    await house.open("高标准农田建设", "农")

    await house.take_back("水利局", done)

    after = await house.stands()
    assert after[0][:2] == before[0]
    assert after[1:] == before[1:]
    assert (await house.sees("农"), await house.sees("甲")) == (
        ["高标准农田建设"],
        ["城区供水管网改造", "饮马河综合治理工程"],
    )
    assert (await house.matter("饮马河综合治理工程")).parties == ()
    async with unit_of_work(house.database, at=MONDAY) as session:
        assert await compare_matter(session, house.matters["饮马河综合治理工程"]) == []


async def test_a_merger_is_not_taken_back_when_its_matters_went_on_elsewhere(house: House) -> None:
    done = await house.reorganise("水利局", "农业局")
    await house.reorganise(
        "农业局", "水务局", goes_on=True, allotted={house.matters["饮马河综合治理工程"]: house.units["水务局"]}
    )

    with pytest.raises(Refused) as refused:
        await house.take_back("水利局", done)

    assert refused.value.refusals[0].code == "REORGANISATION_BUILT_UPON"
    assert await house.sees("务") == ["饮马河综合治理工程"]


async def test_in_a_division_a_person_chooses_for_each_account_and_each_matter(house: House) -> None:
    before = await house.stands()
    done = await house.reorganise(
        "水利局",
        "水务局",
        "农业局",
        allotted={
            house.accounts["乙"].account_id: house.units["农业局"],
            house.matters["饮马河综合治理工程"]: house.units["农业局"],
        },
    )

    assert (await house.sees("农"), await house.sees("务")) == (["饮马河综合治理工程"], ["城区供水管网改造"])
    assert ((await house.again("甲")).unit_name, (await house.again("乙")).unit_name) == ("水务局", "农业局")
    # Each matter went another way than its clerk, so that nobody looks after it until somebody acts there.
    assert (await house.matter("饮马河综合治理工程")).unit_clerk == ""
    async with house.acting("农") as act:
        await set_need(act, house.matters["饮马河综合治理工程"], NEED, frozenset(), seen=2)
    assert (await house.matter("饮马河综合治理工程")).unit_clerk == "王试"

    await house.take_back("水利局", done)
    assert await house.stands() == before


async def test_who_parts_with_something_keeps_what_nobody_gave_away(house: House) -> None:
    await house.reorganise(
        "水利局", "水务局", goes_on=True, allotted={house.matters["城区供水管网改造"]: house.units["水务局"]}
    )

    assert (await house.sees("甲"), await house.sees("务")) == (["饮马河综合治理工程"], ["城区供水管网改造"])
    assert (await house.again("乙")).unit_name == "水利局"


async def test_a_dissolved_unit_names_who_carries_its_matters_on(house: House) -> None:
    with pytest.raises(Invalid) as refused:
        await house.reorganise("水利局", dissolved=True)
    assert [(fault.at, fault.code, fault.facts) for fault in refused.value.faults] == [
        ("successor", "UNIT_WORK_REMAINS", {"accounts": 2, "matters": 2})
    ]

    await house.reorganise("水利局", "住建局", dissolved=True)

    assert (await house.again("甲")).unit_name == "住建局"
    assert (await house.matter("饮马河综合治理工程")).unit_name == "住建局"
    async with reading(house.database) as session:
        held = await load_organisation(session, house.accounts["center"], house.units["水利局"], on=DAY)
    assert (held.ended_on, held.reorganisations[0].kind) == (DAY - timedelta(days=1), "dissolved")


async def test_work_at_a_dissolved_unit_ends_and_is_nobody_elses(house: House) -> None:
    library = await a_library(
        house.database, [Entry("丙", employer="文化馆")], units={"文化馆": await a_unit(house.database, "文化馆")}
    )
    house.units["文化馆"] = library.organisations["文化馆"]

    done = await house.reorganise("文化馆", dissolved=True)

    async with reading(house.database) as session:
        rows = [(row.organisation_id, row.to_on) for row in await session.scalars(select(EmploymentRow))]
    assert rows == [(house.units["文化馆"], DAY - timedelta(days=1))]
    await house.take_back("文化馆", done)
    async with reading(house.database) as session:
        assert [row.to_on for row in await session.scalars(select(EmploymentRow))] == [None]


async def test_finished_matters_stay_under_the_old_name_and_the_successor_reads_them(house: House) -> None:
    seen = (await house.matter("饮马河综合治理工程")).version
    async with house.acting("甲") as act:
        await cancel_matter(act, house.matters["饮马河综合治理工程"], reason="资金来源发生变化，不再推进", seen=seen)
    await house.reorganise("水利局", "农业局")
    await house.reorganise("农业局", "住建局")

    reader = await an_account(house.database, "unit", unit_id=house.units["住建局"])
    stranger = await house.again("务")
    async with reading(house.database) as session:
        found = await load_matter(session, reader, house.matters["饮马河综合治理工程"])
        assert await relations_to(session, reader, found.id) == {"same-unit"}
        with pytest.raises(NotFound):
            await load_matter(session, stranger, found.id)
    assert (found.unit_name, found.state) == ("水利局", "cancelled")


async def test_signing_in_again_is_asked_of_who_works_for_another_unit_now(house: House) -> None:
    async with unit_of_work(house.database, at=MONDAY) as session:
        await start_session(session, house.accounts["甲"].account_id, at=MONDAY, hours=12, device="x")
        await start_session(session, house.accounts["农"].account_id, at=MONDAY, hours=12, device="x")

    await house.reorganise("水利局", "农业局")

    async with reading(house.database) as session:
        left = list(await session.scalars(select(LoginSessionRow.account_id)))
        told = await session.execute(
            select(OutboxRow.recipient_account_id, OutboxRow.params).where(OutboxRow.template == "UNIT_WORK_TAKEN_OVER")
        )
        params = dict(told.tuples().all())
    assert left == [house.accounts["农"].account_id]
    # Without a number: one of them may be kept out of some of the matters.
    said = {"organisation_id": str(house.units["水利局"]), "path": "/matters"}
    assert params == {house.accounts[who].account_id: said for who in ("农", "甲", "乙")}


async def test_nothing_new_is_opened_for_a_unit_that_is_no_more(house: House) -> None:
    await house.reorganise("水利局", "农业局")

    async with house.acting("center") as act:
        with pytest.raises(Invalid) as refused:
            await open_matter(act, Opening(title="病险水库除险加固", unit_id=house.units["水利局"], kind="A3.4"))
    assert [(fault.at, fault.code) for fault in refused.value.faults] == [("unit_id", "UNIT_ENDED")]


def kept_out(house: House, title: str) -> Viewer:
    """Return the clerk of the center as one who is kept out of a matter."""
    center = house.accounts["center"]
    return Viewer(
        center.account_id, center.person_id, "", center.roles, None, "", "", barred=frozenset({house.matters[title]})
    )


async def test_a_matter_that_is_not_there_for_the_clerk_is_not_counted_when_it_needs_a_successor(house: House) -> None:
    house.accounts["center"] = kept_out(house, "饮马河综合治理工程")

    with pytest.raises(Invalid) as refused:
        await house.reorganise("水利局", dissolved=True)

    assert [(fault.code, fault.facts) for fault in refused.value.faults] == [
        ("UNIT_WORK_REMAINS", {"accounts": 2, "matters": 1})
    ]


async def test_a_matter_that_is_not_there_for_the_clerk_moves_without_being_named(house: House) -> None:
    barred = kept_out(house, "饮马河综合治理工程")

    async with reading(house.database) as session:
        standing = await standing_of(session, barred, house.units["水利局"], on=DAY)
    assert [one.title for one in standing.matters] == ["城区供水管网改造"]
    assert [one.login for one in standing.accounts] == ["jia", "yi"]


async def test_the_pages_lead_through_a_division_with_choices(house: House, signed_in: SignedIn) -> None:
    client = await signed_in("center")
    home = f"/organisations/{house.units['水利局']}"
    shown = await client.get(
        f"{home}/reorganise",
        params={
            "checked": "yes",
            "kind": "divided",
            "on": "2026-09-14",
            "successor_id": str(house.units["水务局"]),
            "successor_2_id": str(house.units["农业局"]),
        },
    )
    assert shown.status_code == 200
    matter, account = house.matters["饮马河综合治理工程"], house.accounts["乙"].account_id
    assert f'name="to-{matter}"' in shown.text
    assert f'name="to-{account}"' in shown.text

    done = await client.post(
        f"{home}/reorganise",
        data={
            "version": "1",
            "idempotency_key": "divide-0000000000001",
            "kind": "divided",
            "on": "2026-09-14",
            "heir": [str(house.units["水务局"]), str(house.units["农业局"])],
            f"to-{matter}": str(house.units["农业局"]),
            "source": "昌编〔2026〕3号",
            "reason": WHY,
        },
    )
    assert done.status_code == 303
    assert (await house.sees("农"), await house.sees("务")) == (["饮马河综合治理工程"], ["城区供水管网改造"])


async def test_the_api_dissolves_a_unit(house: House, signed_in: SignedIn) -> None:
    client = await signed_in("center")
    body = {
        "successors": [str(house.units["住建局"])],
        "on": "2026-09-14",
        "source": "昌编〔2026〕3号",
        "reason": WHY,
        "dissolved": True,
    }

    done = await client.post(
        f"/api/organisations/{house.units['水利局']}/reorganise",
        json=body,
        headers={"If-Match": '"1"', "Idempotency-Key": "dissolve-0000000001"},
    )

    assert done.status_code == 200
    assert (await house.matter("饮马河综合治理工程")).unit_name == "住建局"
