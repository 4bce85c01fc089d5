"""The coverage matrix: who is left for each field and unit, and the ways out in their order."""

import re
from datetime import date
from uuid import UUID

import httpx
import pytest

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact
from service.actions.matters import Opening, open_matter
from service.regulation import load_policy
from service.settings import Settings
from service.storage.coverage import coverage, coverage_cell
from service.storage.residents import Residents
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit, acting
from tests.service.library import Entry, Inserted, a_library

TODAY = date(2026, 9, 14)
POLICY = load_policy("changli-local-1").table
OURS, OTHER = "县水务局", "县住建局"


@pytest.fixture
async def library(database: Database, settings: Settings, as_center: httpx.AsyncClient) -> Inserted:
    units = {OURS: await a_unit(database, OURS), OTHER: await a_unit(database, OTHER)}
    entries = [
        Entry("本单位人", employer=OURS),
        Entry("外地人"),
        Entry("收过费"),
        Entry("律师", "820"),
        Entry("任满", ends_on=date(2026, 9, 13)),
        Entry("没有证件", identified=False),
    ]
    library = await a_library(database, entries, units=units)
    async with acting(database, settings, as_center.viewer) as act:
        await state_fact(act, FactEntry(library.people["收过费"], Kind.CONTRACT, units[OURS]))
        for unit in units.values():
            await open_matter(act, Opening("饮马河综合治理工程", unit, "A3.4"))
    return library


@pytest.mark.rule("R28d", "R30a")
async def test_matrix_counts_who_could_sit_for_each_unit(database: Database, library: Inserted) -> None:
    async with reading(database) as session:
        found = await coverage(session, Residents(), policy=POLICY, day=TODAY)

    assert found.fields == ("570", "820")
    assert dict(found.candidates) == {"570": 3, "820": 1}
    counts = {(field, name): found.free[field, unit] for field in found.fields for unit, name in found.units}
    assert counts == {("570", OURS): 1, ("570", OTHER): 3, ("820", OURS): 1, ("820", OTHER): 1}


async def test_cell_parts_people_by_the_lawful_order(database: Database, library: Inserted) -> None:
    async with reading(database) as session:
        cell = await coverage_cell(
            session,
            Residents(),
            library.organisations[OURS],
            "570",
            policy=POLICY,
            day=TODAY,
            county_code="139900",
        )

    def names(rows) -> list[str]:
        return [one.expert.name for one in rows]

    assert (names(cell.free), names(cell.outside)) == ([], ["外地人"])
    assert (names(cell.waivable), names(cell.out)) == (["收过费"], ["本单位人"])


async def test_pages_show_and_explain_it_in_both_languages(
    signed_in: SignedIn, as_center: httpx.AsyncClient, library: Inserted
) -> None:
    page = (await as_center.get("/coverage", params={"least": "2"})).text
    cell = f"/coverage/{library.organisations[OURS]}/570"
    assert f'<td class="num cell bad"><a href="{cell}">1' in page
    assert "不足 2 人的有 3 处" in page
    text = (await as_center.get(cell)).text
    assert (
        text.index("县外的专家") < text.index("上级政府的专家库") < text.index("专业机构") < text.index("最后才是豁免")
    )

    as_center.headers["Accept-Language"] = "en"
    for address in ("/coverage", cell):
        main = (await as_center.get(address)).text
        main = main[main.find("<main") : main.find("</main>")]
        for name in (*library.experts, *library.organisations):
            main = main.replace(name, "")
        assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"\d年\d+月\d+日", "", main)) == [], address


async def test_json_strangers_and_cells_of_nothing(
    signed_in: SignedIn, as_center: httpx.AsyncClient, library: Inserted
) -> None:
    rows = (await as_center.get("/api/coverage")).json()
    ours = str(library.organisations[OURS])
    assert [row["free"] for row in rows if row["unit"] == ours] == [1, 1]
    clerk = await signed_in("unit", unit_id=library.organisations[OURS])

    assert (await clerk.get("/coverage")).status_code == 403
    assert (await as_center.get(f"/coverage/{UUID(int=3)}/570")).status_code == 404
    assert (await as_center.get(f"/coverage/{ours}/110")).status_code == 404
    assert (await as_center.get("/coverage", params={"least": "x"})).status_code == 200
