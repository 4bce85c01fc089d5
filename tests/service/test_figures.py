"""The library in figures: which fields run dry, terms that end, who is in it."""

import re
from datetime import date, timedelta
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from service.access import Viewer
from service.storage.figures import Figures, load_figures
from service.storage.rows.library import EmploymentRow, ExpertRow, OrganisationRow, PersonRow
from service.storage.session import Database, reading, unit_of_work
from service.storage.terms import TermLine
from service.web.figures import Timeline
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.library import Entry, a_library

TODAY = date(2026, 9, 14)
PEOPLE = (
    Entry("何一", field="57010", ends_on=date(2026, 9, 14)),
    Entry("何二", field="57025", ends_on=date(2027, 9, 13)),
    Entry("何三", field="820", ends_on=date(2029, 2, 28)),
    Entry("何四", field="570", ends_on=date(2026, 9, 13)),
    Entry("何五", field="570", state="suspended"),
    Entry("何六", field="570", starts_on=date(2026, 9, 15), ends_on=date(2031, 9, 14)),
)


async def seen(database: Database, viewer: Viewer) -> Figures:
    async with reading(database) as session:
        return await load_figures(session, viewer, on=TODAY, county_code="139900", least=5)


async def test_field_counts_who_is_in_office_and_says_when_it_runs_dry(database: Database, engine: str) -> None:
    await a_library(database, PEOPLE)

    found = await seen(database, await an_account(database, "center"))

    assert found.appointed == 3
    assert [(one.code, one.standing) for one in found.fields] == [
        ("820", (1, 1, 1, 0, 0, 0)),
        ("570", (2, 0, 0, 0, 0, 0)),
    ]
    # Fewer than five each: dry already.
    assert {one.dry_on for one in found.fields} == {TODAY}
    assert [one.count for one in found.endings] == [1, 1, 0, 0, 1, 0, 0, 0, 0, 0]
    assert (found.groups["region"], found.groups["kind"]) == ({"outside": 3}, {"institution": 3})


async def test_who_is_in_office_is_counted_by_title_place_age_and_source(
    database: Database, as_center: httpx.AsyncClient
) -> None:
    library = await a_library(
        database,
        [Entry("满四十", employer="县内"), Entry("差一天", employer="县外"), Entry("无单位", employer="旧单位")],
    )
    born = {"满四十": date(1986, 9, 14), "差一天": date(1986, 9, 15)}
    async with unit_of_work(database, at=MONDAY) as session:
        for name, day in born.items():
            (await session.get_one(PersonRow, library.people[name])).born_on = day
        (await session.get_one(OrganisationRow, library.organisations["县内"])).region = "139900"
        (await session.get_one(ExpertRow, library.experts["满四十"])).title_level = "senior"
        (await session.get_one(ExpertRow, library.experts["差一天"])).source = "open-call"
        gone = EmploymentRow.person_id == library.people["无单位"]
        await session.execute(update(EmploymentRow).where(gone).values(to_on=TODAY - timedelta(days=1)))

    groups = (await seen(database, await an_account(database, "center"))).groups

    assert groups["age"] == {"40-49": 1, "0-39": 1, "unknown": 1}
    assert groups["region"] == {"county": 1, "outside": 1, "unknown": 1}
    assert groups["kind"] == {"institution": 2, "unknown": 1}
    assert (groups["level"]["senior"], groups["source"]["open-call"]) == (1, 1)
    page = (await as_center.get("/experts/figures")).text
    # Each picture stands in a row that says its number.
    pictures = re.findall(r"<svg[^>]*>", page.split("<main", 1)[1].split("</main>")[0])
    rows = re.findall(r'role="row">.*?</div>|<tr>.*?</tr>', page, re.DOTALL)
    said = [row.count("<svg") for row in rows if re.search(r">\s*\d+\s*<", row)]
    assert len(pictures) == sum(said) > 20


@pytest.mark.parametrize("role", ["unit", "expert", "system-administrator"])
async def test_who_may_not_list_experts_sees_no_figures(database: Database, role: str, signed_in: SignedIn) -> None:
    await a_library(database, PEOPLE)

    assert (await seen(database, await an_account(database, role))).appointed == 0
    client = await signed_in(role)
    assert (await client.get("/experts/figures")).status_code == 403
    assert (await client.get("/api/experts/figures")).status_code == 403


async def test_figures_stand_on_a_page_and_in_json(database: Database, as_center: httpx.AsyncClient) -> None:
    assert "现在没有在聘的专家" in (await as_center.get("/experts/figures")).text
    await a_library(database, PEOPLE)

    shown = (await as_center.get("/experts/figures")).text
    for said in ("水利工程", "法学", "各领域：如果都不续聘", "事业单位"):
        assert said in shown
    assert ('class="cliff"' in shown, "/experts/terms?field=570" in shown) == (True, True)
    body = (await as_center.get("/api/experts/figures")).json()
    assert (body["appointed"], body["fields"][0]["code"], body["endings"][0]["count"]) == (3, "820", 1)


async def test_terms_of_a_field_lie_on_one_line_of_time(database: Database, as_center: httpx.AsyncClient) -> None:
    await a_library(database, PEOPLE)

    listed = (await as_center.get("/api/experts/terms", params={"field": "570"})).json()

    assert [(one["name"], one["ends_on"]) for one in listed] == [("何一", "2026-09-14"), ("何二", "2027-09-13")]
    shown = (await as_center.get("/experts/terms?field=570")).text
    assert shown.index("何一") < shown.index("何二")
    assert ('class="spans"' in shown, 'class="soon"' in shown, "何三" in shown) == (True, True, False)
    assert "现在没有在聘的专家" in (await as_center.get("/experts/terms?field=110")).text
    assert [(await as_center.get(f"/experts/terms?field={code}")).status_code for code in ("", "水利")] == [404, 404]


def test_line_of_time_counts_days_from_the_first_term() -> None:
    lines = [TermLine(UUID(int=1), "何一", "E1", date(2024, 3, 1), date(2029, 2, 28), None)]

    line = Timeline.over(lines, on=TODAY)

    assert (line.at(date(2024, 3, 1)), line.at(date(2029, 2, 28)), line.length) == (0, 1825, 1826)
    assert line.years[0] == (306, 2025)
    assert Timeline.over([], on=TODAY).length == 1
