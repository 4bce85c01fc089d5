"""Organisations: one of a kind, renamed, found by any of their names, in a tree without circles."""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest

from service.access import Viewer
from service.actions.act import Act
from service.actions.organisations import (
    NewOrganisationEntry,
    add_name,
    add_organisation,
    change_organisation,
    remove_name,
    remove_parent,
    rename_organisation,
    set_parent,
)
from service.problems import Forbidden, Invalid, Refused, Stale
from service.settings import Settings
from service.storage.intake import OtherName
from service.storage.organisations import OrganisationView, find_organisations, list_organisations, load_organisation
from service.storage.session import Database, reading
from tests.service.conftest import acting, an_account
from tests.service.library import Entry, a_library

TODAY = date(2026, 9, 14)
CODE = "91350100M000100Y43"
_NUMBERS = count()


@pytest.fixture
async def center(database: Database) -> Viewer:
    return await an_account(database, "center")


@pytest.fixture
def bureau(database: Database, settings: Settings, center: Viewer) -> Callable[..., Awaitable[UUID]]:
    async def add(name: str, **more: str) -> UUID:
        async with acting(database, settings, center) as act:
            return await add_organisation(act, NewOrganisationEntry(name, **({"kind": "bureau"} | more)))

    return add


async def shown(database: Database, viewer: Viewer, organisation_id: UUID, *, on: date = TODAY) -> OrganisationView:
    async with reading(database) as session:
        return await load_organisation(session, viewer, organisation_id, on=on)


async def belongs(act: Act, lower: UUID, upper: UUID | None, *, seen: int = 1, from_on: date | None = None) -> None:
    await set_parent(act, lower, upper, from_on=from_on, seen=seen)


async def test_an_organisation_is_not_added_twice(
    database: Database, settings: Settings, center: Viewer, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    first = await bureau("示范县水利局", credit_code=CODE)

    async with acting(database, settings, center) as act:
        for entry in (
            NewOrganisationEntry("示范县水利局"),
            NewOrganisationEntry("水利局", credit_code=CODE.lower()),
        ):
            with pytest.raises(Refused) as refused:
                await add_organisation(act, entry)
            assert refused.value.refusals[0].remedies[0].href == f"/organisations/{first}"


async def test_every_fault_of_an_organisation_is_named(database: Database, settings: Settings, center: Viewer) -> None:
    async with acting(database, settings, center) as act:
        with pytest.raises(Invalid) as refused:
            await add_organisation(act, NewOrganisationEntry("1", "123", "ministry", "13"))

    assert [(fault.at, fault.code) for fault in refused.value.faults] == [
        ("name", "ORGANISATION_NAME_FORM"),
        ("credit_code", "CREDIT_CODE_LENGTH"),
        ("kind", "FIELD_NOT_A_CHOICE"),
        ("region", "REGION_FORM"),
    ]


async def test_a_new_name_leaves_the_old_one_and_a_correction_does_not(
    database: Database, settings: Settings, center: Viewer, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    organisation_id = await bureau("示范县水务局")

    async with acting(database, settings, center) as act:
        await rename_organisation(act, organisation_id, name="示范县水力局", on=date(2026, 9, 1), seen=1)
        await change_organisation(act, organisation_id, NewOrganisationEntry("示范县水利局", kind="bureau"), seen=2)

    view = await shown(database, center, organisation_id)
    assert (view.name, view.version) == ("示范县水利局", 3)
    assert [(name.name, name.kind, name.to_on) for name in view.names] == [
        ("示范县水务局", "former", date(2026, 8, 31))
    ]


async def test_other_names_are_added_once_and_removed(
    database: Database, settings: Settings, center: Viewer, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    organisation_id = await bureau("示范县水利局")

    async with acting(database, settings, center) as act:
        await add_name(act, organisation_id, OtherName("县水利局"), seen=1)
        with pytest.raises(Invalid):
            await add_name(act, organisation_id, OtherName("县水利局"), seen=2)
        with pytest.raises(Stale):
            await add_name(act, organisation_id, OtherName("水利局"), seen=1)
    (name,) = (await shown(database, center, organisation_id)).names
    async with acting(database, settings, center) as act:
        await remove_name(act, organisation_id, name.id, seen=2)

    assert (await shown(database, center, organisation_id)).names == ()


async def test_a_new_parent_ends_the_former_one_on_the_day_before(
    database: Database, settings: Settings, center: Viewer, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    station, water, farms, county = [await bureau(name) for name in ("水利站", "水利局", "农业局", "县政府")]

    async with acting(database, settings, center) as act:
        await belongs(act, water, county)
        await belongs(act, farms, county)
        await belongs(act, station, water)
        await belongs(act, station, farms, seen=2, from_on=date(2026, 9, 1))

    now = await shown(database, center, station)
    before = await shown(database, center, station, on=date(2026, 8, 31))
    assert [tie.name for tie in now.chain] == ["农业局", "县政府"]
    assert [tie.name for tie in before.chain] == ["水利局", "县政府"]
    assert [(tie.name, tie.from_on, tie.to_on) for tie in now.parents] == [
        ("农业局", date(2026, 9, 1), None),
        ("水利局", None, date(2026, 8, 31)),
    ]


async def test_the_tree_has_no_circles_on_any_day(
    database: Database, settings: Settings, center: Viewer, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    first, second, third = [await bureau(name) for name in ("甲单位", "乙单位", "丙单位")]
    async with acting(database, settings, center) as act:
        await belongs(act, first, second)
        await belongs(act, second, third)

    async with acting(database, settings, center) as act:
        with pytest.raises(Refused) as refused:
            await belongs(act, third, first, from_on=date(2026, 9, 1))
        assert [refusal.code for refusal in refused.value.refusals] == ["PARENT_CIRCLE"]
        # Once the second has left the third, the third may come below the first from that day on.
        await belongs(act, second, None, seen=2, from_on=date(2026, 9, 1))
        await belongs(act, third, first, from_on=date(2026, 9, 1))

    assert [tie.name for tie in (await shown(database, center, third)).chain] == ["甲单位", "乙单位"]


async def test_a_parent_entered_by_mistake_is_removed(
    database: Database, settings: Settings, center: Viewer, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    first, second = [await bureau(name) for name in ("甲单位", "乙单位")]
    async with acting(database, settings, center) as act:
        await belongs(act, first, second)
    (tie,) = (await shown(database, center, first)).parents

    async with acting(database, settings, center) as act:
        await remove_parent(act, first, tie.id, seen=2)

    assert (await shown(database, center, first)).chain == ()


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("水利", ["示范县水利局"]),
        ("县水务", ["示范县水利局"]),
        ("shuiliju", ["示范县水利局"]),
        ("sfxsl", ["示范县水利局"]),
        (CODE[:8].lower(), ["示范县水利局"]),
        ("示范 农业", ["示范县农业局"]),
        ("_", []),
    ],
)
async def test_organisations_are_found_by_any_name_sound_or_code(
    database: Database,
    settings: Settings,
    center: Viewer,
    bureau: Callable[..., Awaitable[UUID]],
    words: str,
    found: list[str],
) -> None:
    water = await bureau("示范县水利局", credit_code=CODE)
    await bureau("示范县农业局")
    async with acting(database, settings, center) as act:
        await add_name(act, water, OtherName("示范县水务局", "former"), seen=1)

    async with reading(database) as session:
        listed = await list_organisations(session, center, on=TODAY, words=words)
        choices, total = await find_organisations(session, words, on=TODAY)

    assert [line.name for line in listed.lines] == found
    assert ([choice.name for choice in choices], total) == (found, len(found))


async def test_people_are_counted_only_for_who_may_see_experts(database: Database, center: Viewer) -> None:
    inserted = await a_library(database, (Entry("赵明远", employer="示范县水利局"),))
    unit = await an_account(database, "unit", unit_id=inserted.organisations["示范县水利局"])

    for viewer, counted, people in ((center, 1, ["赵明远"]), (unit, None, [])):
        async with reading(database) as session:
            (line,) = (await list_organisations(session, viewer, on=TODAY)).lines
            view = await load_organisation(session, viewer, line.id, on=TODAY)
        assert line.experts == counted
        assert [person.name for person in view.people] == people


async def test_a_unit_changes_no_organisation(
    database: Database, settings: Settings, bureau: Callable[..., Awaitable[UUID]]
) -> None:
    organisation_id = await bureau("示范县水利局")
    unit = await an_account(database, "unit", unit_id=organisation_id)

    async with acting(database, settings, unit) as act:
        with pytest.raises(Forbidden):
            await rename_organisation(act, organisation_id, name="新名称", on=TODAY, seen=1)


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"organisation-{next(_NUMBERS):06d}"}


async def test_the_api_does_what_the_pages_do(as_center: httpx.AsyncClient) -> None:
    added = await as_center.post("/api/organisations", json={"name": "示范县水务局", "kind": "bureau"}, headers=key())
    path = added.headers["location"]
    renamed = await as_center.post(
        f"{path}/rename",
        json={"name": "示范县水利局", "on": (TODAY - timedelta(days=1)).isoformat()},
        headers=key() | {"If-Match": added.headers["etag"]},
    )
    twice = await as_center.post("/api/organisations", json={"name": "示范县水利局"}, headers=key())
    without = await as_center.put(f"{path}/parent", json={"parent_id": None}, headers=key())
    listed = await as_center.get("/api/organisations", params={"q": "shuili"})

    assert (added.status_code, renamed.status_code, twice.status_code, without.status_code) == (201, 200, 409, 428)
    assert (renamed.json()["name"], renamed.json()["names"][0]["name"]) == ("示范县水利局", "示范县水务局")
    assert [line["name"] for line in listed.json()["organisations"]] == ["示范县水利局"]
