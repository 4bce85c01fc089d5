"""The pages and the JSON of decisions about conflicts, through HTTP."""

import re
from uuid import UUID

import httpx
import pytest

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact
from service.actions.matters import Opening, PartyEntry, open_matter
from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit, acting
from tests.service.library import Entry, Inserted, a_library

FIRM = "清源水务有限公司"
REASON = "核实过合同原件，与本事项无关"


@pytest.fixture
async def library(database: Database) -> Inserted:
    units = {FIRM: await a_unit(database, FIRM), "县水务局": await a_unit(database, "县水务局")}
    return await a_library(database, [Entry("赵明"), Entry("孙立", employer=FIRM)], units=units)


@pytest.fixture
async def matter(database: Database, settings: Settings, as_center: httpx.AsyncClient, library: Inserted) -> UUID:
    async with acting(database, settings, as_center.viewer) as act:
        firm = library.organisations[FIRM]
        await state_fact(act, FactEntry(library.people["赵明"], Kind.CONTRACT, firm))
        return await open_matter(
            act,
            Opening(
                "饮马河综合治理工程",
                library.organisations["县水务局"],
                "A3.4",
                parties=(PartyEntry(organisation_id=firm),),
            ),
        )


def page_of(matter: UUID, library: Inserted, name: str = "赵明") -> str:
    return f"/matters/{matter}/conflicts/{library.people[name]}"


async def send(client: httpx.AsyncClient, page: str, action: str, marker: str = "", **fields: str) -> httpx.Response:
    """Send the form of a page at an action, the one with the marker in it, with its hidden fields."""
    text = (await client.get(page)).text
    forms = [form for form in re.findall(r"<form.*?</form>", text, re.DOTALL) if f'"{action}"' in form]
    form = next(form for form in forms if marker in form)
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form))
    return await client.post(action, data=hidden | fields)


async def test_false_alarm_is_judged_shown_and_taken_back(
    as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    page = page_of(matter, library)
    done = await send(as_center, page, f"{page}/judge", 'value="false-alarm"', reason=REASON)
    assert (done.status_code, done.headers["location"]) == (303, page)

    text = (await as_center.get(page)).text
    assert REASON in text
    assert "误报 · 有效" in text
    judgement = re.search(r"/judgements/[0-9a-f-]{36}/lift", text).group()
    lifted = await send(as_center, page, judgement, reason="找到了补充合同，应当披露")
    assert lifted.status_code == 303
    assert "找到了补充合同，应当披露" in (await as_center.get(page)).text


@pytest.mark.rule("R28d")
async def test_waiver_goes_from_one_clerk_to_another(
    signed_in: SignedIn, as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    page = page_of(matter, library)
    asked = await send(
        as_center, page, f"{page}/judge", 'value="waiver"', reason=REASON, publication="合同金额很小，已公示"
    )
    assert asked.status_code == 303
    own = (await as_center.get(page)).text
    assert "您提出的豁免由另一人审批" in own
    assert "/approve" not in own

    second = await signed_in("center-head")
    assert "赵明 · 饮马河综合治理工程" in (await second.get("/conflicts")).text
    assert "有 1 项豁免等您审批" in (await second.get("/")).text
    text = (await second.get(page)).text
    approve = re.search(r"/judgements/[0-9a-f-]{36}/approve", text).group()
    assert (await send(second, page, approve)).status_code == 303
    assert "已豁免" in (await second.get(page)).text


async def test_missing_words_are_asked_on_the_same_page_with_the_typed_text(
    as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    page = page_of(matter, library)

    answer = await send(
        as_center, page, f"{page}/judge", 'value="waiver"', reason="写到一半的理由，已经够长", publication=""
    )

    assert answer.status_code == 400
    assert "写到一半的理由，已经够长" in answer.text
    assert 'id="f-publication"' in answer.text
    assert len(re.findall(r'id="f-reason"', answer.text)) == 1


async def test_direct_interest_offers_only_the_recusal(
    as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    page = page_of(matter, library, "孙立")
    text = (await as_center.get(page)).text
    assert 'value="false-alarm"' not in text
    assert 'value="waiver"' not in text

    done = await send(as_center, page, f"{page}/judge", 'name="basis" value="')
    assert done.status_code == 303
    assert "已回避" in (await as_center.get(page)).text
    assert "已回避" in (await as_center.get(f"/matters/{matter}/conflicts")).text


async def test_another_day_is_looked_at_and_not_judged(
    as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    page = page_of(matter, library)

    text = (await as_center.get(page, params={"on": "2027-01-01"})).text
    before = (await as_center.get(page, params={"known": "2026-09-01"})).text

    assert "只看不判断" in text
    assert "/judge" not in text
    assert "没有发现利害关系" in before


async def test_pages_read_in_english(as_center: httpx.AsyncClient, library: Inserted, matter: UUID) -> None:
    await as_center.post("/conflicts/seen", data={"idempotency_key": "seen-00001"})
    page = page_of(matter, library)
    await send(
        as_center, page, f"{page}/judge", 'value="waiver"', reason="reason enough to read", publication="published text"
    )
    as_center.headers["Accept-Language"] = "en"
    for address in (page, "/conflicts"):
        text = (await as_center.get(address)).text
        main = text[text.find("<main") : text.find("</main>")]
        for name in ("赵明", "孙立", FIRM, "饮马河综合治理工程", "县水务局", "外地设计院0", "王试"):
            main = main.replace(name, "")
        assert re.findall(r"[\u4e00-\u9fff]+", re.sub(r"\d年\d+月\d+日", "", main)) == [], address


async def test_audit_reads_and_units_do_not(signed_in: SignedIn, library: Inserted, matter: UUID) -> None:
    audit = await signed_in("audit")
    clerk = await signed_in("unit", unit_id=library.organisations["县水务局"])

    page = page_of(matter, library)
    assert (await audit.get("/conflicts")).status_code == 200
    assert "/judge" not in (await audit.get(page)).text
    assert (await clerk.get("/conflicts")).status_code == 403
    assert (await clerk.get(page)).status_code == 404


@pytest.mark.rule("R28d")
async def test_decisions_as_json(
    signed_in: SignedIn, as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    await as_center.post("/api/conflicts/seen", headers={"Idempotency-Key": "seen-00002"})
    inbox = (await as_center.get("/api/conflicts")).json()
    assert [(one["matter"], one["lines"]) for one in inbox] == [(str(matter), [])]
    person = library.people["赵明"]
    found = (await as_center.get(f"/api/matters/{matter}/conflicts")).json()["findings"]
    row = next(one["row"] for one in found if one["person"] == str(person))

    address = f"/api/matters/{matter}/conflicts/{person}/judgements"
    stale = await as_center.post(
        address,
        json={"verdict": "false-alarm", "row": row, "basis": "0" * 64, "reason": REASON},
        headers={"Idempotency-Key": "judge-0001"},
    )
    assert (stale.status_code, stale.json()["refusals"][0]["code"]) == (409, "FINDING_MOVED")
    recused = await as_center.post(
        address, json={"verdict": "real", "reason": REASON}, headers={"Idempotency-Key": "judge-0002"}
    )
    assert recused.status_code == 201
    (one,) = (await as_center.get(f"/api/matters/{matter}/judgements")).json()
    assert (one["verdict"], one["state"], one["version"]) == ("real", "standing", 1)

    keys = {"Idempotency-Key": "lift-00001", "If-Match": '"1"'}
    lift = f"/api/judgements/{recused.json()['id']}/lift"
    own = await as_center.post(lift, json={"reason": REASON}, headers=keys)
    assert (own.status_code, own.json()["refusals"][0]["code"]) == (409, "SAME_PERSON_RECUSED_AND_LIFTED")
    other = await signed_in("center-head")
    done = await other.post(lift, json={"reason": REASON}, headers=keys)
    assert (done.status_code, done.headers["etag"]) == (200, '"2"')
