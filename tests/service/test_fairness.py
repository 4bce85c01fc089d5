"""Who carries the work: counted from determined panels, as pictures and as JSON, for the center and the audit."""

from datetime import date

import httpx
import pytest

from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit
from tests.service.library import Entry, a_library
from tests.service.test_panels import County
from workflow import Seat

POOL = [
    *(Entry(f"水{place}") for place in range(6)),
    *(Entry(f"法{place}", "820", employer="明理律师事务所") for place in range(2)),
    Entry("到期人", ends_on=date(2026, 9, 1)),
]


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, POOL)
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    await county.open(seats=(Seat("570", 5),))
    await county.act(unit, "propose")
    determined = await county.act(center, "determine", {"flags": []})
    assert determined.status_code == 200, determined.text
    return county


async def test_panels_are_counted_over_those_who_may_sit_today(county: County) -> None:
    found = (await county.center.get("/api/fairness")).json()

    assert found["whole"] | {"gini": 0} == {"people": 8, "total": 5, "never": 3, "most": 1, "gini": 0}
    assert found["whole"]["gini"] == 0.375
    assert found["curve"] == [[0.0, 0.0], [0.375, 0.0], [1.0, 1.0]]
    fields = {one["code"]: one["evenness"] for one in found["by_field"]}
    assert (fields["570"]["people"], fields["570"]["total"], fields["820"]["never"]) == (6, 5, 2)
    law = next(one for one in found["by_employer"] if one["says"] == "明理律师事务所")
    assert (law["evenness"]["people"], law["evenness"]["total"]) == (2, 0)
    lawyers = {str(county.library.experts[name]) for name in ("法0", "法1")}
    assert lawyers <= set(found["never"])
    assert str(county.library.experts["到期人"]) not in found["never"]


async def test_the_page_draws_the_curve_and_lists_who_was_never_asked(county: County) -> None:
    page = await county.center.get("/fairness")

    assert page.status_code == 200
    assert 'class="curve"' in page.text
    assert "基尼系数 0.38" in page.text
    assert "法0" in page.text
    assert "到期人" not in page.text


async def test_an_empty_library_says_what_to_do(as_center: httpx.AsyncClient) -> None:
    page = await as_center.get("/fairness")

    assert page.status_code == 200
    assert "库里还没有可以参加论证的专家" in page.text


async def test_a_unit_does_not_see_who_carries_how_much(county: County, signed_in: SignedIn) -> None:
    audit = await signed_in("audit")

    answers = [(await client.get("/fairness")).status_code for client in (county.unit, audit)]

    assert answers == [403, 200]
