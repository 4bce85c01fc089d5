"""The pages and the JSON of ties, through HTTP."""

import re
from datetime import date
from uuid import UUID

import httpx
import pytest

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact
from service.actions.matters import Opening, PartyEntry, open_matter
from service.exchange import read_share
from service.settings import Settings
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit, acting
from tests.service.library import Entry, Inserted, a_library

FIRM = "清源水务有限公司"


@pytest.fixture
async def library(database: Database) -> Inserted:
    units = {FIRM: await a_unit(database, FIRM), "县水务局": await a_unit(database, "县水务局")}
    return await a_library(database, [Entry("赵明"), Entry("钱芳"), Entry("孙立", employer=FIRM)], units=units)


@pytest.fixture
async def matter(database: Database, settings: Settings, as_center: httpx.AsyncClient, library: Inserted) -> UUID:
    async with acting(database, settings, as_center.viewer) as act:
        parties = (PartyEntry(organisation_id=library.organisations[FIRM]),)
        return await open_matter(
            act, Opening("饮马河综合治理工程", library.organisations["县水务局"], "A3.4", parties=parties)
        )


def ties_of(library: Inserted, name: str = "赵明") -> str:
    return f"/experts/{library.experts[name]}/ties"


async def send(client: httpx.AsyncClient, page: str, address: str, **fields: object) -> httpx.Response:
    text = (await client.get(page)).text
    form = text[text.find(f'action="{address}"') :]
    hidden = dict(re.findall(r'<input type="hidden" name="(idempotency_key|version)" value="([^"]*)"', form)[:2][::-1])
    return await client.post(address, data=hidden | fields)


async def add(client: httpx.AsyncClient, library: Inserted, **fields: object) -> httpx.Response:
    page = ties_of(library)
    return await send(client, page, page, **{"kind": "directorship", "other": FIRM} | fields)


def fact_address(text: str) -> str:
    return re.search(r"/facts/[0-9a-f-]{36}", text).group()


async def test_tie_of_an_expert_is_added_ended_and_withdrawn(as_center: httpx.AsyncClient, library: Inserted) -> None:
    answer = await add(as_center, library, from_on="2020-1-1", source="企业信用信息公示")
    assert (answer.status_code, answer.headers["location"]) == (303, ties_of(library))
    page = (await as_center.get(ties_of(library))).text
    assert "2020-01-01 起至今" in page
    assert "企业信用信息公示" in page

    fact = fact_address(page)
    ended = await send(as_center, fact, f"{fact}/end", to_on="2026年8月31日")
    assert (ended.status_code, ended.headers["location"]) == (303, fact)
    assert "2020-01-01 至 2026-08-31" in (await as_center.get(fact)).text

    gone = await send(as_center, fact, f"{fact}/withdraw", reason="同名的另一家公司")
    assert gone.status_code == 303
    assert "同名的另一家公司" in (await as_center.get(fact)).text
    assert "/facts/" not in (await as_center.get(ties_of(library))).text


async def test_what_the_library_holds_itself_is_listed_and_changed_there(
    as_center: httpx.AsyncClient, library: Inserted
) -> None:
    page = (await as_center.get(ties_of(library, "孙立"))).text

    assert "任职于…" in page
    assert FIRM in page
    assert "/facts/" not in page


async def test_person_with_a_known_name_must_be_chosen(as_center: httpx.AsyncClient, library: Inserted) -> None:
    kin = {"kind": "kinship", "other": "钱芳", "relation": "spouse"}

    asked = await add(as_center, library, **kin)
    assert asked.status_code == 400
    assert str(library.people["钱芳"]) in asked.text
    assert "登记为库外人员“钱芳”" in asked.text

    chosen = await add(as_center, library, **kin, other_id=str(library.people["钱芳"]))
    assert chosen.status_code == 303
    assert "配偶" in (await as_center.get(ties_of(library, "钱芳"))).text


async def test_person_nobody_knows_is_entered_as_somebody_new(as_center: httpx.AsyncClient, library: Inserted) -> None:
    kin = {"kind": "kinship", "other": "周某", "relation": "in_law"}

    assert (await add(as_center, library, **kin)).status_code == 400
    assert (await add(as_center, library, **kin, other_id="new")).status_code == 303
    assert "周某" in (await as_center.get(ties_of(library))).text


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"other": "没有这家公司"}, "没有找到"),
        ({"kind": ""}, "f-kind"),
        ({"kind": "shareholding", "share": "一半"}, "f-share"),
        ({"from_on": "2026-02-30"}, "f-from_on"),
        ({"from_on": "2026-02-02", "to_on": "2026-02-01"}, "结束日期早于开始日期"),
        ({"kind": "kinship", "other": "钱芳"}, "f-relation"),
    ],
)
async def test_faults_are_named_and_the_typed_text_is_kept(
    as_center: httpx.AsyncClient, library: Inserted, fields: dict[str, str], says: str
) -> None:
    answer = await add(as_center, library, **{"source": "我写的来源"} | fields)

    assert answer.status_code == 400
    assert says in answer.text
    assert "我写的来源" in answer.text


@pytest.mark.parametrize(
    ("text", "share"),
    [("30%", (30, 100)), ("12.5 ％", (125, 1000)), ("3/10", (3, 10)), ("", None), ("100%", (100, 100))],
)
def test_share_is_read_as_people_write_it(text: str, share: tuple[int, int] | None) -> None:
    assert read_share(text) == share


@pytest.mark.parametrize("text", ["0%", "101%", "11/10", "half", "1/0"])
def test_share_that_is_none_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        read_share(text)


async def test_stale_form_shows_what_is_there_now_with_the_typed_text(
    as_center: httpx.AsyncClient, library: Inserted
) -> None:
    await add(as_center, library)
    fact = fact_address((await as_center.get(ties_of(library))).text)
    await send(as_center, fact, f"{fact}/end", to_on="2026-08-31")

    answer = await as_center.post(
        f"{fact}/withdraw", data={"version": "1", "idempotency_key": "0123456789", "reason": "写了一半的理由"}
    )

    assert answer.status_code == 412
    assert "写了一半的理由" in answer.text


async def test_ties_of_an_organisation_are_stated_from_either_end(
    as_center: httpx.AsyncClient, library: Inserted
) -> None:
    page = f"/organisations/{library.organisations[FIRM]}/ties"

    answer = await send(as_center, page, page, kind="control-back", other="县水务局")

    assert answer.status_code == 303
    assert "由…实际控制" in (await as_center.get(page)).text
    assert "实际控制…" in (await as_center.get(f"/organisations/{library.organisations['县水务局']}/ties")).text


@pytest.mark.rule("R28d", "R30a")
async def test_check_of_a_matter_names_who_may_not_sit_and_why(
    as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    page = (await as_center.get(f"/matters/{matter}/conflicts")).text
    assert "孙立" in page
    assert "赵明" not in page
    assert "应当回避" in page

    one = (await as_center.get(f"/matters/{matter}/conflicts/{library.people['孙立']}")).text
    assert "<svg" in one
    assert "第二十八条第（四）项" in one
    assert "任何人不得豁免" in one


async def test_check_asks_what_if_the_meeting_is_on_another_day(
    database: Database, settings: Settings, as_center: httpx.AsyncClient, library: Inserted, matter: UUID
) -> None:
    async with acting(database, settings, as_center.viewer) as act:
        firm = library.organisations[FIRM]
        await state_fact(act, FactEntry(library.people["钱芳"], Kind.DIRECTORSHIP, firm))
    fact = fact_address((await as_center.get(ties_of(library, "钱芳"))).text)
    await send(as_center, fact, f"{fact}/end", to_on="2024-05-31")
    page = f"/matters/{matter}/conflicts/{library.people['钱芳']}"

    now, later = (await as_center.get(page)).text, (await as_center.get(page, params={"on": "2027-06-01"})).text

    assert "tie expired" in now
    assert "已结束，仍在限制期内" in now
    assert "没有发现利害关系" in later


async def test_pages_read_in_english(as_center: httpx.AsyncClient, library: Inserted, matter: UUID) -> None:
    as_center.headers["Accept-Language"] = "en"
    for page in (
        ties_of(library),
        f"/matters/{matter}/conflicts",
        f"/matters/{matter}/conflicts/{library.people['孙立']}",
    ):
        text = (await as_center.get(page)).text
        main = re.sub(r"<(script|style).*?</\1>", "", text[text.find("<main") : text.find("</main>")], flags=re.DOTALL)
        for name in ("赵明", "钱芳", "孙立", FIRM, "饮马河综合治理工程", "县水务局", "外地设计院0"):
            main = main.replace(name, "")
        main = re.sub(r"value=\"[^\"]*\"|\d年\d+月\d+日", "", main)
        assert re.findall(r"[\u4e00-\u9fff]+", main) == [], page


async def test_units_and_strangers_do_not_see_ties(signed_in: SignedIn, library: Inserted, matter: UUID) -> None:
    clerk = await signed_in("unit", unit_id=library.organisations["县水务局"])
    audit = await signed_in("audit")

    for page in (ties_of(library), f"/matters/{matter}/conflicts", f"/api/matters/{matter}/conflicts"):
        assert (await clerk.get(page)).status_code == 404
        assert (await audit.get(page)).status_code == 200
    assert "添加关系" not in (await audit.get(ties_of(library))).text


async def test_ties_as_json(as_center: httpx.AsyncClient, library: Inserted, matter: UUID) -> None:
    stating = {
        "subject": str(library.people["赵明"]),
        "kind": "shareholding",
        "object": str(library.organisations[FIRM]),
        "share": [3, 10],
    }
    stated = await as_center.post("/api/facts", json=stating, headers={"Idempotency-Key": "state-0001"})
    assert stated.status_code == 201
    fact = f"/api/facts/{stated.json()['id']}"
    read = await as_center.get(fact)
    assert (read.headers["etag"], read.json()["share"], read.json()["version"]) == ('"1"', [3, 10], 1)
    found = (await as_center.get(f"/api/matters/{matter}/conflicts")).json()
    assert {finding["person"] for finding in found["findings"] if finding["row"]} == {
        str(library.people["赵明"]),
        str(library.people["孙立"]),
    }

    again = await as_center.post("/api/facts", json=stating, headers={"Idempotency-Key": "state-0002"})
    assert (again.status_code, again.json()["faults"][0]["code"]) == (400, "FACT_STANDS")

    keys = {"Idempotency-Key": "end-00001", "If-Match": '"1"'}
    ended = await as_center.post(f"{fact}/end", json={"to_on": "2020-01-01"}, headers=keys)
    assert ended.json() == {"id": stated.json()["id"], "version": 2}
    found = (await as_center.get(f"/api/matters/{matter}/conflicts")).json()
    assert [finding["person"] for finding in found["findings"] if finding["row"]] == [str(library.people["孙立"])]
    before = await as_center.get(f"/api/matters/{matter}/conflicts", params={"known_at": "2026-09-14T01:00:00Z"})
    assert str(library.people["赵明"]) in {finding["person"] for finding in before.json()["findings"]}

    keys = {"Idempotency-Key": "withdraw-1", "If-Match": '"2"'}
    gone = await as_center.post(f"{fact}/withdraw", json={"reason": "不是本人"}, headers=keys)
    assert gone.status_code == 200
    assert (await as_center.get(fact)).status_code == 404
    kinds = [tie["kind"] for tie in (await as_center.get(f"/api{ties_of(library)}")).json()]
    assert kinds == ["employment"]


async def test_address_of_nothing_is_not_found(as_center: httpx.AsyncClient, matter: UUID) -> None:
    nothing = "00000000-0000-7000-8000-000000000000"

    for page in (
        f"/experts/{nothing}/ties",
        f"/organisations/{nothing}/ties",
        f"/facts/{nothing}",
        f"/matters/{nothing}/conflicts",
        f"/matters/{matter}/conflicts/{nothing}",
        f"/api/facts/{nothing}",
    ):
        assert (await as_center.get(page)).status_code == 404


async def test_picture_shows_the_ties_of_any_day_and_the_lists_say_the_same(
    database: Database, settings: Settings, as_center: httpx.AsyncClient, library: Inserted
) -> None:
    async with acting(database, settings, as_center.viewer) as act:
        firm, person = library.organisations[FIRM], library.people["赵明"]
        await state_fact(act, FactEntry(person, Kind.DIRECTORSHIP, firm, date(2024, 1, 1), date(2026, 5, 31)))
        await state_fact(act, FactEntry(person, Kind.CONTRACT, firm, date(2027, 1, 1)))

    async def shown(**query: str) -> tuple[list[str], list[str]]:
        text = (await as_center.get(ties_of(library), params=query)).text
        picture = text[text.index('<svg viewBox="0 0 360') :]
        picture = picture[: picture.index("</svg>")]
        listed = re.findall(r'<tr(?: class="soft")?>\s*<th scope="row" data-label="关系">', text)
        return re.findall(r'class="tie (\w*)"', picture), listed

    now, listed = await shown()
    assert (now, len(listed)) == (["", "expired", "likely"], 3)
    assert (await shown(on="2026-05-31"))[0] == ["", "", "likely"]
    assert (await shown(shift="-4"))[0] == ["", "", "likely"]
    assert (await shown(shift="4"))[0] == ["", "", "expired"]
    assert (await shown(shift="a lot"))[0] == now
    assert 'value="60"' in (await as_center.get(ties_of(library), params={"shift": "999"})).text
