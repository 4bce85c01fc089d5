"""The pages of matters, through HTTP."""

import re
from uuid import UUID

import httpx
import pytest

from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit
from tests.service.outbox import notices

REASON = "资金来源发生变化，暂不列入本年度决策事项"


@pytest.fixture
async def water(database: Database) -> UUID:
    return await a_unit(database)


@pytest.fixture
async def clerk(signed_in: SignedIn, water: UUID) -> httpx.AsyncClient:
    return await signed_in("unit", unit_id=water)


@pytest.fixture
async def center(signed_in: SignedIn, water: UUID) -> httpx.AsyncClient:
    return await signed_in("center")


def hidden(html: str) -> dict[str, str]:
    """Return the first form's hidden fields of each name."""
    found: dict[str, str] = {}
    for name, value in re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', html):
        found.setdefault(name, value)
    return found


async def send(client: httpx.AsyncClient, page: str, address: str, **fields: object) -> httpx.Response:
    form = hidden((await client.get(page)).text)
    keep = {name: form[name] for name in ("idempotency_key", "version") if name in form}
    return await client.post(address, data=keep | fields)


async def opened(client: httpx.AsyncClient, **fields: object) -> str:
    answer = await send(client, "/matters/new", "/matters", **{"title": "饮马河综合治理工程", "kind": "A3.4"} | fields)
    assert answer.status_code == 303, answer.text
    return answer.headers["location"].removesuffix("/panel")


async def test_empty_list_offers_to_open_a_matter(clerk: httpx.AsyncClient) -> None:
    answer = await clerk.get("/matters")

    assert answer.status_code == 200
    assert "还没有决策事项" in answer.text
    assert 'href="/matters/new"' in answer.text


async def test_matter_opened_with_a_need_leads_to_its_panel(clerk: httpx.AsyncClient) -> None:
    answer = await send(
        clerk,
        "/matters/new",
        "/matters",
        title="饮马河综合治理工程",
        kind="A3.4",
        field=["570", ""],
        count=["2", "1"],
        flags=["wide"],
        reserves="2",
    )

    assert answer.status_code == 303
    assert answer.headers["location"].endswith("/panel")
    shown = await clerk.get(answer.headers["location"].removesuffix("/panel"))
    assert "饮马河综合治理工程" in shown.text
    assert "9 人" in shown.text
    assert "水利工程" in shown.text


async def test_page_of_a_matter_draws_its_life_and_says_it_in_words(clerk: httpx.AsyncClient) -> None:
    shown = (await clerk.get(await opened(clerk))).text

    assert '<figure class="metro">' in shown
    assert shown.count('class="station ') == 8
    assert 'class="station now"' in shown
    assert re.search(r'<li class="now" aria-current="step"><strong>论证需求</strong>\s*<span>进行中', shown)


async def test_faults_are_shown_with_the_typed_text(clerk: httpx.AsyncClient) -> None:
    answer = await send(clerk, "/matters/new", "/matters", title="短", kind="A3.1", party=["不存在的公司"],
                        party_role=["party"], size="3", field=["570"], count=["x"])  # fmt: skip

    assert answer.status_code == 400
    assert 'value="短"' in answer.text
    assert 'value="不存在的公司"' in answer.text
    assert 'value="x"' in answer.text


@pytest.mark.rule("R3b")
async def test_matter_out_of_scope_is_refused_with_its_article(clerk: httpx.AsyncClient) -> None:
    answer = await send(clerk, "/matters/new", "/matters", title="防汛应急处置方案", kind="A3.1", scope="emergency")

    assert answer.status_code == 409
    assert "第三条第二款" in answer.text
    assert "OUT_OF_SCOPE" in answer.text


async def test_need_is_changed_on_its_page(clerk: httpx.AsyncClient) -> None:
    matter = await opened(clerk)

    answer = await send(clerk, f"{matter}/need", f"{matter}/need", size="7", field=["820"], count=["1"])

    assert (answer.status_code, answer.headers["location"]) == (303, matter)
    shown = (await clerk.get(matter)).text
    assert "7 人" in shown
    assert "需求已保存" in shown


async def test_stale_need_keeps_the_typed_text_and_says_so(clerk: httpx.AsyncClient) -> None:
    matter = await opened(clerk)
    form = hidden((await clerk.get(f"{matter}/need")).text)
    assert (await send(clerk, f"{matter}/need", f"{matter}/need", size="6")).status_code == 303

    answer = await clerk.post(f"{matter}/need", data=form | {"size": "8", "field": ["820"], "count": ["1"]})

    assert answer.status_code == 412
    assert "别人刚刚改过" in answer.text
    assert 'value="8"' in answer.text
    again = hidden(answer.text)
    assert again["version"] == "2"
    assert (await clerk.post(f"{matter}/need", data=again | {"size": "8"})).status_code == 303


@pytest.mark.rule("R31b")
async def test_center_confirms_the_flags_on_the_page(clerk: httpx.AsyncClient, center: httpx.AsyncClient) -> None:
    matter = await opened(clerk, flags=["wide"])
    assert 'id="flags"' in (await center.get(matter)).text
    assert 'id="flags"' not in (await clerk.get(matter)).text

    without = await send(center, matter, f"{matter}/flags", flags=["wide", "disputed"])
    with_reason = await send(
        center, matter, f"{matter}/flags", flags=["wide", "disputed"], flags_reason="沿线村民意见分歧很大"
    )

    assert without.status_code == 409
    assert "FLAGS_REASON_MISSING" in without.text
    assert with_reason.status_code == 303
    assert "沿线村民意见分歧很大" in (await clerk.get(matter)).text


async def test_matter_is_suspended_resumed_and_cancelled_with_reasons(clerk: httpx.AsyncClient) -> None:
    matter = await opened(clerk)

    for act in ("suspend", "resume", "cancel"):
        bare = await send(clerk, matter, f"{matter}/{act}", reason="")
        assert bare.status_code == 400
        assert (await send(clerk, matter, f"{matter}/{act}", reason=REASON)).status_code == 303

    shown = (await clerk.get(matter)).text
    assert "已终止" in shown
    assert REASON in shown
    assert f'action="{matter}/cancel"' not in shown
    assert "没有正在办理的事项" in (await clerk.get("/matters")).text


async def test_a_stopped_matter_names_who_was_told_and_its_panel_page_says_that_it_stands_still(
    clerk: httpx.AsyncClient, center: httpx.AsyncClient
) -> None:
    matter = await opened(clerk)

    await send(center, matter, f"{matter}/suspend", reason=REASON)

    assert f"已通知：{clerk.viewer.name}" in (await center.get(matter)).text
    assert "恢复之前不能组建、提出或者确定专家组" in (await center.get(f"{matter}/panel")).text


async def test_while_nobody_of_the_center_has_a_matter_all_of_the_center_are_told_of_its_stop(
    clerk: httpx.AsyncClient, center: httpx.AsyncClient, database: Database
) -> None:
    matter = await opened(clerk)

    await send(clerk, matter, f"{matter}/suspend", reason=REASON)

    async with reading(database) as session:
        told = await notices(session)
    assert [(notice.template, notice.recipient) for notice in told] == [("MATTER_SUSPENDED", center.viewer.name)]


async def test_parties_are_entered_by_name_or_credit_code(
    clerk: httpx.AsyncClient, database: Database, water: UUID
) -> None:
    await a_unit(database, "示范供水公司")
    matter = await opened(clerk)

    answer = await send(
        clerk, f"{matter}/parties", f"{matter}/parties", party=["示范供水公司", ""], party_role=["beneficiary", "party"]
    )

    assert answer.status_code == 303
    shown = (await clerk.get(matter)).text
    assert "示范供水公司" in shown
    assert "受益方" in shown


async def test_other_unit_finds_nothing(clerk: httpx.AsyncClient, signed_in: SignedIn, database: Database) -> None:
    matter = await opened(clerk)
    stranger = await signed_in("unit", unit_id=await a_unit(database, "县教育局"))

    for address in (matter, f"{matter}/need", f"{matter}/parties", f"{matter}/panel"):
        assert (await stranger.get(address)).status_code == 404, address
    assert "饮马河综合治理" not in (await stranger.get("/matters?state=all&q=饮马河")).text


async def test_pages_are_complete_in_english(clerk: httpx.AsyncClient, center: httpx.AsyncClient) -> None:
    matter = await opened(clerk, flags=["wide"])

    for client in (clerk, center):
        client.headers["Accept-Language"] = "en"
        for address in ("/matters", "/matters/new", matter, f"{matter}/need", f"{matter}/parties"):
            shown = re.sub(r"<(title|h1|p class=\"lead\"|bdi)>.*?</\1>", "", (await client.get(address)).text)
            assert "Matters" in shown
            chinese = set(re.findall(r"[一-鿿]{2,}", shown)) - KNOWN
            assert chinese == set(), (address, chinese)


KNOWN = {"饮马河综合治理工程", "县水利局", "示范县", "中文", "王试"}


async def test_a_form_without_title_and_kind_names_both(clerk: httpx.AsyncClient) -> None:
    answer = await send(clerk, "/matters/new", "/matters", title="", kind="")

    assert answer.status_code == 400
    assert "事项名称：请填写。" in answer.text
    assert "事项类别：请选择。" in answer.text
