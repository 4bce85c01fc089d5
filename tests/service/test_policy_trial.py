"""Trying a change of policy: the open matters that would change, nothing kept, the regulation untouched."""

import pytest
from sqlalchemy import func, select

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact
from service.ledger.tables import EventRow
from service.settings import Settings
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit, acting
from tests.service.library import Entry, a_library
from tests.service.test_panels import HYDRAULIC, County
from workflow import Seat


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC[:6], Entry("局外人", field="820")], units={"县水利局": unit_id})
    county = County(
        await signed_in("unit", unit_id=unit_id), await signed_in("center"), library, unit_id, database, settings
    )
    # Five seats in hydraulics: without them ties are broken by the id of the matter, and the outsider may sit.
    await county.open(seats=(Seat("570", 5),))
    await county.act(county.unit, "propose")
    async with acting(database, settings, county.center.viewer) as act:
        await state_fact(act, FactEntry(library.people["局外人"], Kind.CONTRACT, unit_id))
    return county


async def tried(county: County, **asked: str) -> list[dict]:
    answer = await county.center.get("/api/policy/trial", params=asked)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_milder_and_a_stricter_row_say_who_would_stand_otherwise(county: County, database: Database) -> None:
    async with reading(database) as session:
        before = await session.scalar(select(func.count()).select_from(EventRow))

    off = await tried(county, row="paid-work", severity="off")
    stricter = await tried(county, row="paid-work", severity="block")
    same = await tried(county, row="paid-work", severity="waiver")
    shorter = await tried(county, row="paid-work", severity="waiver", window="12")

    outsider = str(county.library.experts["局外人"])
    assert [(one["matter"], one["on_panel"]) for one in off] == [(county.matter, 0)]
    (shift,) = off[0]["shifts"]
    assert (shift["expert"], shift["before"], shift["after"]) == (outsider, "restricted", "clear")
    assert [shift["after"] for one in stricter for shift in one["shifts"]] == ["excluded"]
    assert (same, shorter) == ([], [])
    async with reading(database) as session:
        assert await session.scalar(select(func.count()).select_from(EventRow)) == before


async def test_members_of_a_panel_come_first_and_are_counted(county: County) -> None:
    member = (await county.panel())["members"][0]["name"]
    async with acting(county.database, county.settings, county.center.viewer) as act:
        await state_fact(act, FactEntry(county.library.people[member], Kind.CO_PROJECT, county.unit_id))

    (one,) = await tried(county, row="co-project", severity="block")

    assert (one["on_panel"], one["shifts"][0]["role"], one["shifts"][0]["after"]) == (1, "member", "excluded")


@pytest.mark.rule("R30a")
async def test_what_the_regulation_says_is_not_tried_away(county: County) -> None:
    refused = [
        (await county.center.get("/api/policy/trial", params=asked)).json()["faults"][0]["code"]
        for asked in (
            {"row": "nothing", "severity": "off"},
            {"row": "paid-work", "severity": "sometimes"},
            {"row": "paid-work", "severity": "block", "window": "soon"},
        )
    ]

    law = await county.center.get("/api/policy/trial", params={"row": "employer", "severity": "off"})

    assert refused == ["FIELD_NOT_A_CHOICE", "FIELD_NOT_A_CHOICE", "WINDOW_UNKNOWN"]
    assert law.status_code == 409
    assert [(one["code"], one["cite"]) for one in law.json()["refusals"]] == [("POLICY_ROW_OF_LAW", "A28.4")]
    assert (
        await county.unit.get("/api/policy/trial", params={"row": "paid-work", "severity": "off"})
    ).status_code == 403


async def test_the_page_names_matter_and_expert_and_keeps_what_was_chosen(county: County) -> None:
    asked = {"row": "paid-work", "severity": "off", "window": ""}
    empty = (await county.center.get("/policy/trial")).text
    page = (await county.center.get("/policy/trial", params=asked)).text
    wrong = await county.center.get("/policy/trial", params=asked | {"window": "soon", "severity": "block"})

    assert "局外人" not in empty
    assert "局外人" in page
    assert 'value="paid-work" selected' in page
    assert (wrong.status_code, 'value="paid-work" selected' in wrong.text) == (400, True)
