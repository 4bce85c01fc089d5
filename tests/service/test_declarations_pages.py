"""The pages of declarations, the expert's on a phone and the center's, through HTTP."""

import re
from uuid import UUID

import httpx
import pytest
from sqlalchemy import update

from service.settings import Settings
from service.storage.rows.accounts import AccountRow
from service.storage.session import Database, unit_of_work
from tests.service.conftest import MONDAY, SignedIn, a_unit
from tests.service.library import Entry, Inserted, a_library
from tests.service.test_panels import HYDRAULIC, County

FIRM = "清源水务有限公司"
MINE = "/declarations/mine"


@pytest.fixture
async def library(database: Database) -> Inserted:
    units = {FIRM: await a_unit(database, FIRM)}
    return await a_library(database, [Entry("赵明", declared_on=None), Entry("钱芳")], units=units)


async def as_expert(signed_in: SignedIn, database: Database, library: Inserted, name: str) -> httpx.AsyncClient:
    client = await signed_in("expert")
    async with unit_of_work(database, at=MONDAY) as session:
        await session.execute(
            update(AccountRow).where(AccountRow.id == client.viewer.account_id).values(person_id=library.people[name])
        )
    return client


async def send(client: httpx.AsyncClient, page: str, action: str, marker: str = "", **fields: str) -> httpx.Response:
    text = (await client.get(page)).text
    forms = [form for form in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'action="{action}"' in form]
    form = next(form for form in forms if marker in form)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return await client.post(action, data=hidden | fields)


@pytest.mark.rule("R28d")
async def test_no_change_takes_two_taps_from_home(signed_in: SignedIn, database: Database, library: Inserted) -> None:
    expert = await as_expert(signed_in, database, library, "赵明")
    home = (await expert.get("/")).text
    assert f'href="{MINE}"' in home
    assert "请提交年度利益申报" in home

    done = await send(expert, MINE, MINE)
    assert (done.status_code, done.headers["location"]) == (303, MINE)
    page = (await expert.get(MINE)).text
    assert "有效至" in page
    assert "没有变化，按上次申报" in page
    assert "请提交年度利益申报" not in (await expert.get("/")).text


async def test_tie_is_added_marked_as_new_and_seen_by_the_center_at_once(
    signed_in: SignedIn, database: Database, library: Inserted
) -> None:
    expert = await as_expert(signed_in, database, library, "赵明")
    await send(expert, MINE, MINE)
    added = await send(expert, MINE, f"{MINE}/ties", kind="side_post", other=FIRM, from_on="2024-1-1")
    assert added.status_code == 303
    named = await send(expert, MINE, f"{MINE}/ties", kind="kinship", other="周某", relation="spouse")
    assert named.status_code == 303

    page = (await expert.get(MINE)).text
    assert "新增" in page
    assert "等待中心核实" in page
    assert "以上属实，提交年度申报" in page
    center = await signed_in("center")
    assert "申报的关系要核实是谁" in (await center.get("/")).text
    listed = (await center.get("/declarations")).text
    assert "周某" in listed
    tie = re.search(r"/declared-ties/[0-9a-f-]{36}", listed).group()
    settled = await send(center, tie, f"{tie}/settle", other_id="new")
    assert settled.status_code == 303
    assert "周某" in (await center.get(f"/experts/{library.experts['赵明']}/ties")).text
    ended = re.search(rf"{MINE}/ties/[0-9a-f-]{{36}}/end", page).group()
    wrong = await send(expert, MINE, ended, ended_on="昨天")
    assert (wrong.status_code, "昨天" in wrong.text) == (400, True)
    assert (await send(expert, MINE, ended, ended_on="2026-9-1")).status_code == 303


async def test_faults_keep_the_typed_text(signed_in: SignedIn, database: Database, library: Inserted) -> None:
    expert = await as_expert(signed_in, database, library, "赵明")

    answer = await send(expert, MINE, f"{MINE}/ties", kind="kinship", other="周某", from_on="2026-02-30")

    assert answer.status_code == 400
    assert 'value="周某"' in answer.text
    assert "f-from_on" in answer.text


async def test_expert_sees_own_ties_only_and_the_center_everybodys(
    signed_in: SignedIn, database: Database, library: Inserted
) -> None:
    zhao = await as_expert(signed_in, database, library, "赵明")
    await send(zhao, MINE, f"{MINE}/ties", kind="side_post", other=FIRM)
    qian = await as_expert(signed_in, database, library, "钱芳")
    unit = await signed_in("unit", unit_id=library.organisations[FIRM])

    assert "</h3>" in (await zhao.get(MINE)).text
    assert "没有申报过关系" in (await qian.get(MINE)).text
    assert (await qian.get("/declarations")).status_code == 403
    assert (await unit.get("/declarations")).status_code == 403
    assert (await (await signed_in("audit")).get("/declarations")).status_code == 200


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, HYDRAULIC[:5], units={"县水利局": unit_id})
    unit, center = await signed_in("unit", unit_id=unit_id), await signed_in("center")
    county = County(unit, center, library, unit_id, database, settings)
    await county.open(seats=())
    await county.act(unit, "propose")
    await county.act(center, "determine", {"flags": []})
    return county


@pytest.mark.rule("R28d")
async def test_what_is_said_aloud_is_caught_in_two_taps_and_decided(county: County) -> None:
    matter = (await county.center.get(f"/matters/{county.matter}")).text
    page = f"/matters/{county.matter}/declarations"
    assert f'href="{page}"' in matter

    caught = await send(county.center, page, page, 'value="interest"')
    assert caught.status_code == 303
    assert "有 1 份声明等中心判断" in (await county.center.get("/")).text
    decide = re.search(r"/declarations/[0-9a-f-]{36}/decide", (await county.center.get(page)).text).group()
    bare = await send(county.center, page, decide, decision="sits", reason="可以")
    assert (bare.status_code, "可以" in bare.text) == (400, True)
    done = await send(county.center, page, decide, decision="sits", reason="合同早已结束，不影响公正")
    assert done.status_code == 303
    assert "合同早已结束，不影响公正" in (await county.center.get(page)).text


@pytest.mark.rule("R28d")
async def test_member_answers_for_the_matter_on_a_phone(
    signed_in: SignedIn, database: Database, county: County
) -> None:
    expert = await as_expert(signed_in, database, county.library, "水0")
    home = (await expert.get("/")).text
    page = f"{MINE}/{county.matter}"
    assert f'href="{page}"' in home
    assert "滦河支流综合治理工程" in home

    short = await send(expert, page, page, answer="interest", text="有")
    done = await send(expert, page, page, answer="none")
    assert short.status_code == 400
    assert done.status_code == 303
    assert f'href="{page}"' not in (await expert.get("/")).text
    assert (await expert.get(f"{MINE}/{UUID(int=5)}")).status_code == 404


async def test_pages_read_in_english(signed_in: SignedIn, database: Database, county: County) -> None:
    page = f"/matters/{county.matter}/declarations"
    await send(county.center, page, page, 'value="recuse"')
    expert = await as_expert(signed_in, database, county.library, "水0")
    await send(expert, MINE, f"{MINE}/ties", kind="kinship", other="Zhou", relation="spouse")
    tie = re.search(r"/declared-ties/[0-9a-f-]{36}", (await county.center.get("/declarations")).text).group()
    for client, addresses in (
        (county.center, (page, "/declarations", "/declarations?state=valid", tie)),
        (expert, (MINE, f"{MINE}/{county.matter}")),
    ):
        client.headers["Accept-Language"] = "en"
        for address in addresses:
            text = (await client.get(address)).text
            main = text[text.find("<main") : text.find("</main>")]
            main = re.sub(r"<(datalist|template).*?</\1>", "", main, flags=re.DOTALL)
            for name in ("滦河支流综合治理工程", "县水利局", "王试"):
                main = main.replace(name, "")
            main = re.sub(r"value=\"[^\"]*\"|\d年\d+月\d+日|水\d|外地设计院\d", "", main)
            assert re.findall(r"[\u4e00-\u9fff]+", main) == [], address


async def test_declarations_as_json(signed_in: SignedIn, database: Database, county: County) -> None:
    expert = await as_expert(signed_in, database, county.library, "水0")
    api = "/api/declarations/mine"
    tie = {"kind": "side_post", "other": "县水利局"}
    made = await expert.post(f"{api}/ties", json=tie, headers={"Idempotency-Key": "tie-000001"})
    assert made.status_code == 201
    keys = {"Idempotency-Key": "end-000001", "If-Match": '"1"'}
    ended = await expert.post(f"{api}/ties/{made.json()['id']}/end", json={"to_on": "2026-09-01"}, headers=keys)
    assert ended.status_code == 200
    assert (await expert.post(api, headers={"Idempotency-Key": "year-00001"})).status_code == 201
    answer = {"answer": "recuse", "text": "本人申请回避这个事项"}
    declared = await expert.post(f"{api}/{county.matter}", json=answer, headers={"Idempotency-Key": "matter-001"})
    assert declared.status_code == 201
    assert [one["occasion"] for one in (await expert.get(api)).json()][:2] == ["matter", "yearly"]

    listed = (await county.center.get(f"/api/matters/{county.matter}/declarations")).json()
    assert [(one["answer"], one["decision"]) for one in listed] == [("recuse", "pending")]
    keys = {"Idempotency-Key": "decide-001", "If-Match": '"1"'}
    decide = f"/api/declarations/{declared.json()['id']}/decide"
    done = await county.center.post(decide, json={"sits": False, "reason": "情况属实，同意本人回避"}, headers=keys)
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
    lines = (await county.center.get("/api/declarations")).json()
    mine = next(one for one in lines if one["expert"] == str(county.library.experts["水0"]))
    assert (mine["made_on"], mine["valid_through"]) == ("2026-09-14", "2027-09-13")
