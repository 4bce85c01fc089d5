"""The times of check are kept, and a determined panel says what has become known, or was withdrawn, since."""

import hashlib
import json
from datetime import timedelta
from uuid import UUID

import pytest
import rfc8785
from sqlalchemy import select

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact, withdraw_fact
from service.ledger.tables import EventRow
from service.settings import Settings
from service.storage.conflict_checks import checks_of
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting
from tests.service.library import Entry, a_library
from tests.service.test_panels import HYDRAULIC, County


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC[:6], Entry("局外人")], units={"县水利局": unit_id})
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    await county.open(seats=())
    return county


async def tie(county: County, name: str, *, later: int = 0) -> UUID:
    at = MONDAY + timedelta(minutes=later)
    async with acting(county.database, county.settings, county.center.viewer, at) as act:
        return await state_fact(act, FactEntry(county.library.people[name], Kind.CONTRACT, county.unit_id))


@pytest.mark.rule("R28d", "R30a")
async def test_each_time_of_check_is_kept_with_its_hash_in_the_ledger(county: County, database: Database) -> None:
    await county.act(county.unit, "propose")
    await county.act(county.center, "determine", {"flags": []})

    async with reading(database) as session:
        checks = await checks_of(session, UUID(county.matter))
        events = await session.scalars(
            select(EventRow).where(EventRow.type == "conflict-check.made").order_by(EventRow.seq)
        )
        recorded = [json.loads(event.data)["body"] for event in events]
    assert [check.occasion for check in checks] == ["proposal", "determination"]
    assert all(len(check.people) == 6 and check.findings == () for check in checks)
    for check, body in zip(checks, recorded, strict=True):
        again = rfc8785.dumps({"people": list(check.people), "findings": list(check.findings)})
        assert body["sha256"] == check.sha256 == hashlib.sha256(again).hexdigest()
        assert (body["occasion"], body["people"], body["findings"]) == (check.occasion, 6, 0)


@pytest.mark.rule("R28d")
async def test_determined_panel_keeps_what_was_known_and_says_what_changed(county: County) -> None:
    fact = await tie(county, "局外人")
    await county.act(county.unit, "propose")
    await county.act(county.center, "determine", {"flags": []})
    page = f"/matters/{county.matter}/panel/document"
    before = (await county.center.get(page)).text
    assert "回避核对的时点" in before
    assert "确定以后知道的利害关系" not in before
    member = next(one["name"] for one in (await county.panel())["members"])

    async with acting(county.database, county.settings, county.center.viewer, MONDAY + timedelta(minutes=5)) as act:
        await withdraw_fact(act, fact, reason="同名同姓，不是本人", seen=1)
    await tie(county, member, later=6)

    after = (await county.center.get(page)).text
    since = after[after.index("确定以后知道的利害关系") : after.index("回避核对的时点")]
    assert since.index(member) < since.index("局外人")
    assert "局外人" in since
    assert "确定以后知道的利害关系" not in (await county.unit.get(page)).text
    home = (await county.center.get("/")).text
    assert "专家组里有 1 条关系需要判断" in home
