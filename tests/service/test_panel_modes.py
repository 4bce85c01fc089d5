"""How a panel comes about, through the API and the pages: laid down, named by hand, seconded, determined."""

from uuid import UUID

import pytest

from service.settings import Settings
from service.storage.panels import panels_of
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit
from tests.service.differences import differences_of
from tests.service.library import a_library
from tests.service.test_panels import HYDRAULIC, LAWYERS, County

WHY = {"designation": "这五位参加过本流域的前期踏勘"}


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC, *LAWYERS])
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    return County(unit, center, library, unit_id, database, settings)


def by_hand(county: County) -> list[str]:
    """Return five who can sit, but are not the engine's five."""
    return [str(county.library.experts[name]) for name in ("水3", "水4", "水5", "水6", "水7")]


async def test_three_persons_see_a_list_made_by_hand_before_it_counts(
    county: County,
    signed_in: SignedIn,
    database: Database,
) -> None:
    await county.open()
    head = await signed_in("center-head")
    members = {"members": by_hand(county)}
    assert {one["id"] for one in (await county.panel())["members"]} != set(members["members"])

    bare = await county.act(county.unit, "propose", members)
    proposed = await county.act(county.unit, "propose", members | WHY)
    early = await county.act(county.center, "determine", {"flags": []})
    page = await county.center.get(f"/matters/{county.matter}/panel")
    seconded = await county.act(head, "approve")
    alone = await county.act(head, "determine", {"flags": []})
    determined = await county.act(county.center, "determine", {"flags": []})

    assert [one["code"] for one in bare.json()["refusals"]] == ["DESIGNATION_WITHOUT_REASON"]
    assert proposed.status_code == 200, proposed.text
    assert [one["code"] for one in early.json()["refusals"]] == ["DESIGNATION_NOT_APPROVED"]
    assert WHY["designation"] in page.text
    assert seconded.status_code == 200, seconded.text
    assert [one["code"] for one in alone.json()["refusals"]] == ["SAME_PERSON_APPROVED_AND_DETERMINED"]
    assert determined.status_code == 200, determined.text
    async with reading(database) as session:
        (panel,) = await panels_of(session, UUID(county.matter))
        assert (panel.mode, panel.approver, panel.approved_at is None) == ("designated", "王试", False)
    assert await differences_of(database, county.matter) == []


async def test_a_unit_does_not_second_its_own_list_and_a_stranger_does_not_know_of_it(
    county: County,
    signed_in: SignedIn,
) -> None:
    await county.open()
    await county.act(county.unit, "propose", {"members": by_hand(county)} | WHY)
    stranger = await signed_in("unit")

    own = await county.act(county.unit, "approve", version=3)
    strange = await county.act(stranger, "approve", version=3)

    assert (own.status_code, strange.status_code) == (404, 404)


async def test_a_short_reason_for_a_list_made_by_hand_is_a_fault_of_its_field(county: County) -> None:
    await county.open()

    answer = await county.act(county.unit, "propose", {"members": by_hand(county), "designation": "熟人"})

    assert (answer.status_code, [fault["at"] for fault in answer.json()["faults"]]) == (400, ["designation"])


@pytest.mark.rule("R32a")
async def test_the_center_lays_down_that_a_panel_is_composed(county: County) -> None:
    await county.open()

    by_unit = await county.act(county.unit, "mode", {"mode": "composed"})
    by_center = await county.act(county.center, "mode", {"mode": "composed"})
    refused = await county.act(county.unit, "propose", {"members": by_hand(county)} | WHY)
    composed = await county.act(county.unit, "propose")

    assert (by_unit.status_code, by_center.status_code) == (404, 200)
    assert (await county.panel())["mode"] == "composed"
    assert [one["code"] for one in refused.json()["refusals"]] == ["MODE_NOT_AS_CHOSEN"]
    assert composed.status_code == 200, composed.text


async def test_the_page_says_that_the_regulation_leaves_the_way_open(county: County) -> None:
    await county.open()
    address = f"/matters/{county.matter}/panel"

    before = await county.center.get(address)
    done = await county.center.post(
        f"{address}/mode",
        data={"mode": "designated", "version": "2", "idempotency_key": "mode-0000-0000"},
    )
    after = await county.unit.get(address)

    assert "没有规定名单怎样产生" in before.text
    assert (done.status_code, done.headers["location"]) == (303, address)
    assert "产生方式：手工指定" in after.text
    assert f"{address}/mode" not in after.text
