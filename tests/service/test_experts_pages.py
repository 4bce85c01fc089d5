"""Pages and API of experts: what people see, type and get back."""

import io
import re
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest
from openpyxl import load_workbook
from sqlalchemy import select

from service.storage.rows.acts import IdempotencyRow, ReadRow
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn, a_unit
from tests.service.library import Entry, a_library

NUMBER = "11010519491231002X"
TODAY = date(2026, 9, 14)
_NUMBERS = count()
PAPER = {"approval_number": "示政字〔2025〕9号", "approved_on": "2025-12-1"}


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": f"expert-{next(_NUMBERS):06d}"} | fields


def key() -> dict[str, str]:
    return {"Idempotency-Key": f"expert-{next(_NUMBERS):06d}"}


def typed(**fields: str) -> dict[str, str]:
    return form(name="沈嘉禾", identity_number=NUMBER, title="高级工程师", main_field="水利工程") | fields


async def an_expert(client: httpx.AsyncClient, **fields: str) -> str:
    added = await client.post("/experts", data=typed(**fields))
    assert added.status_code == 303, added.text
    return added.headers["location"]


async def version_on(client: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', (await client.get(path)).text)
    assert found is not None
    return found[1]


async def test_an_expert_is_added_by_form_with_a_unit_named_by_its_short_name(
    as_center: httpx.AsyncClient, database: Database
) -> None:
    await a_unit(database, "示范县水利局")
    fields = {
        "further_fields": "环保、820",
        "unit": "示范县水利局",
        "post": "科长",
        "starts_on": "2026年3月1日",
    } | PAPER

    path = await an_expert(as_center, **fields)
    shown = (await as_center.get(path)).text

    for said in ("沈嘉禾", "ZJ0001", "110*************2X", "示范县水利局", "科长", "2031年2月28日", "法学"):
        assert said in shown
    assert NUMBER not in shown


async def test_wrong_input_is_told_at_each_field_and_the_typed_text_stays(as_center: httpx.AsyncClient) -> None:
    answer = await as_center.post(
        "/experts",
        data=typed(identity_number="110105194912310021", main_field="水库大坝除险水利", unit="没有这个局", email="a@b"),
    )

    assert answer.status_code == 400
    assert answer.text.count('class="error"') == 4
    assert 'value="水库大坝除险水利"' in answer.text
    assert "是不是水利工程" in answer.text
    assert 'name="new_unit_name" type="text" value="没有这个局"' in answer.text


async def test_a_name_that_several_units_have_is_asked_back_with_choices(
    as_center: httpx.AsyncClient, database: Database
) -> None:
    units = {str(await a_unit(database, "县医院")), str(await a_unit(database, "县医院"))}

    answer = await as_center.post("/experts", data=typed(unit="县医院"))

    assert answer.status_code == 400
    assert set(re.findall(r'name="unit_id" value="([0-9a-f-]{36})"', answer.text)) == units


async def test_the_same_identity_leads_to_the_expert_who_has_it(as_center: httpx.AsyncClient) -> None:
    path = await an_expert(as_center)

    answer = await as_center.post("/experts", data=typed(name="另一位"))

    assert answer.status_code == 409
    assert f'href="{path}"' in answer.text
    assert 'value="另一位"' in answer.text


async def test_a_stale_form_shows_both_versions(as_center: httpx.AsyncClient) -> None:
    path = await an_expert(as_center)
    seen = await version_on(as_center, f"{path}/edit")
    await as_center.post(
        path, data=form(name="沈嘉禾", title="教授", main_field="570", version=seen, nature="changed", since="2026-9-1")
    )

    answer = await as_center.post(path, data=form(name="沈嘉禾", title="副教授", main_field="570", version=seen))

    assert answer.status_code == 412
    assert 'value="副教授"' in answer.text
    assert "教授" in answer.text
    assert "教授" in (await as_center.get(path)).text


async def test_a_form_without_a_change_says_so_and_writes_nothing(as_center: httpx.AsyncClient) -> None:
    path = await an_expert(as_center, further_fields="环保、57025")
    page = (await as_center.get(f"{path}/edit")).text
    values = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', page))
    names = ("name", "email", "title", "main_field", "further_fields", "version")
    fields = {name: values[name] for name in names} | {"title_level": "deputy_senior"}

    answer = await as_center.post(path, data=form(**fields))

    assert answer.status_code == 303
    assert await version_on(as_center, f"{path}/edit") == values["version"]


async def test_small_forms_on_the_page_act_and_come_back(as_center: httpx.AsyncClient, database: Database) -> None:
    path = await an_expert(as_center)
    await a_unit(database, "县水利局")

    for part, fields in (
        ("terms", {"starts_on": "2026-1-1"} | PAPER),
        ("employments", {"unit": "县水利局", "from_on": "2020-1-1"}),
        ("away", {"away_from": "2026-10-1", "away_to": "2026-10-7"}),
    ):
        version = await version_on(as_center, f"{path}/edit")
        answer = await as_center.post(f"{path}/{part}", data=form(version=version, **fields))
        assert answer.status_code == 303, f"{part}: {answer.text}"

    shown = (await as_center.get(path)).text
    assert all(said in shown for said in ("2030年12月31日", "县水利局", "2026年10月7日"))


async def test_a_refused_small_form_opens_again_with_what_was_typed(as_center: httpx.AsyncClient) -> None:
    path = await an_expert(as_center)
    version = await version_on(as_center, f"{path}/edit")

    wrong = await as_center.post(f"{path}/away", data=form(version=version, away_from="十月初", away_to="2026-10-7"))
    stale = await as_center.post(f"{path}/away", data=form(version="99", away_from="2026-10-1", away_to="2026-10-7"))

    assert (wrong.status_code, stale.status_code) == (400, 412)
    assert 'value="十月初"' in wrong.text
    assert 'value="2026-10-1"' in stale.text


async def test_a_number_in_full_is_shown_once_and_kept_nowhere_but_in_the_log_of_looks(
    as_center: httpx.AsyncClient, database: Database
) -> None:
    path = await an_expert(as_center)

    without = await as_center.post(f"{path}/unmask", data=form(what="identity", look_reason=""))
    shown = await as_center.post(f"{path}/unmask", data=form(what="identity", look_reason="核对聘书上的证件号码"))

    assert (without.status_code, NUMBER in without.text) == (400, False)
    assert (shown.status_code, NUMBER in shown.text) == (200, True)
    assert NUMBER not in (await as_center.get(path)).text
    async with reading(database) as session:
        kept = [row.body or b"" for row in await session.scalars(select(IdempotencyRow))]
        looks = [(row.what, row.reason) for row in await session.scalars(select(ReadRow))]
    assert not any(NUMBER.encode() in body for body in kept)
    assert looks == [("identity", "核对聘书上的证件号码")]


LIBRARY = (
    Entry("赵明远", employer="示范县水利局"),
    Entry("钱文静", field="820"),
    Entry("孙立", ends_on=TODAY - timedelta(days=1)),
    Entry("吴敏", identified=False),
)


def names_in(page: str) -> list[str]:
    return re.findall(r'<th scope="row"><a href="/experts/[0-9a-f-]{36}">([^<]+)</a>', page)


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("", ["钱文静", "孙立", "吴敏", "赵明远"]),
        ("?field=水利&status=appointed", ["吴敏", "赵明远"]),
        ("?field=57", ["孙立", "吴敏", "赵明远"]),
        ("?field=L05", ["钱文静"]),
        ("?unit=水利局", ["赵明远"]),
        ("?identified=no", ["吴敏"]),
        ("?sort=-name", ["赵明远", "吴敏", "孙立", "钱文静"]),
        ("?status=nonsense", ["钱文静", "孙立", "吴敏", "赵明远"]),
    ],
)
async def test_the_filters_stand_in_the_address(
    as_center: httpx.AsyncClient, database: Database, query: str, names: list[str]
) -> None:
    await a_library(database, LIBRARY)

    assert names_in((await as_center.get(f"/experts{query}")).text) == names


async def test_words_go_by_post_and_the_other_filters_stay(as_center: httpx.AsyncClient, database: Database) -> None:
    await a_library(database, LIBRARY)

    by_name = await as_center.post("/experts/find", data={"words": "zmy", "field": "水利"})
    without = await as_center.post("/experts/find", data={"words": "", "field": "水利", "status": "lapsed"})

    assert names_in(by_name.text) == ["赵明远"]
    assert "zmy" not in str(by_name.url)
    assert (without.status_code, without.headers["location"]) == (
        303,
        "/experts?field=%E6%B0%B4%E5%88%A9&status=lapsed",
    )


async def test_a_whole_identity_number_finds_its_person_alone(as_center: httpx.AsyncClient) -> None:
    await an_expert(as_center)

    found = await as_center.post("/experts/find", data={"words": NUMBER})
    wrong = await as_center.post("/experts/find", data={"words": "110105194912310021"})

    assert names_in(found.text) == ["沈嘉禾"]
    assert names_in(wrong.text) == []


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/experts", "导入名册"),
        ("/experts?field=火箭发动机推进剂", "没有这个专业领域"),
        ("/experts?unit=天文台", "没有找到"),
    ],
)
async def test_an_empty_list_says_why_and_what_to_do(as_center: httpx.AsyncClient, path: str, says: str) -> None:
    assert says in (await as_center.get(path)).text


async def test_the_filtered_list_is_exported_with_masked_numbers(as_center: httpx.AsyncClient) -> None:
    await an_expert(as_center)
    await an_expert(as_center, name="钱文静", identity_number="", main_field="法学")

    answer = await as_center.post("/experts/export", data=form(field="570"))

    assert answer.status_code == 200
    rows = list(load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True))
    assert [row[1] for row in rows[1:]] == ["沈嘉禾"]
    assert NUMBER not in str(rows)
    assert "110*************2X" in str(rows)


async def test_a_unit_sees_no_experts_and_no_links_to_them(as_unit: httpx.AsyncClient, database: Database) -> None:
    inserted = await a_library(database, LIBRARY)

    expert = await as_unit.get(f"/experts/{inserted.experts['赵明远']}")
    employer = await as_unit.get(f"/organisations/{inserted.organisations['示范县水利局']}")

    assert [(await as_unit.get("/experts")).status_code, expert.status_code] == [403, 404]
    assert employer.status_code == 200
    assert "赵明远" not in employer.text


async def test_audit_reads_but_is_offered_nothing_to_change(signed_in: SignedIn, database: Database) -> None:
    audit = await signed_in("audit")
    inserted = await a_library(database, LIBRARY)
    path = f"/experts/{inserted.experts['赵明远']}"

    shown = await audit.get(path)
    change = await audit.post(f"{path}/away", data=form(version="1", away_from="2026-10-1", away_to="2026-10-7"))

    assert (shown.status_code, change.status_code) == (200, 404)
    assert f'action="{path}/away"' not in shown.text
    assert "/unmask" not in shown.text


async def test_the_api_does_what_the_pages_do(as_center: httpx.AsyncClient, database: Database) -> None:
    unit_id = await a_unit(database, "县水利局")
    about = {
        "name": "沈嘉禾",
        "identity_number": NUMBER,
        "title": "高级工程师",
        "fields": [{"code": "570", "main": True}],
    }
    body = {
        "about": about,
        "work": {"organisation_id": str(unit_id), "from_on": "2020-01-01"},
        "term": {"starts_on": "2026-03-01", "approval_number": "示政字〔2026〕1号", "approved_on": "2026-02-20"},
    }

    added = await as_center.post("/api/experts", json=body, headers=key())
    path = added.headers["location"]
    again = await as_center.post("/api/experts", json=body, headers=key())
    without = await as_center.put(path, json=about | {"title": "教授"}, headers=key())
    changed = await as_center.put(
        path,
        json=about | {"title": "教授", "nature": "changed", "since_on": "2026-09-01"},
        headers=key() | {"If-Match": added.headers["etag"]},
    )
    stale = await as_center.put(path, json=about, headers=key() | {"If-Match": added.headers["etag"]})
    found = await as_center.post("/api/experts/find", json={"words": "sjh", "status": "appointed"})

    assert (added.status_code, again.status_code, without.status_code) == (201, 409, 428)
    assert (changed.status_code, stale.status_code) == (200, 412)
    assert changed.json()["title_level"] == "senior"
    assert [line["name"] for line in found.json()["experts"]] == ["沈嘉禾"]
    assert again.json()["refusals"][0]["remedies"] == [
        {"code": "SEE_EXPERT", "href": f"/experts/{UUID(added.json()['id'])}", "says": "看已有的这位专家"}
    ]


async def test_a_repeated_post_with_the_same_key_adds_nobody_twice(as_center: httpx.AsyncClient) -> None:
    body = {"about": {"name": "沈嘉禾", "fields": [{"code": "570", "main": True}]}}
    headers = key()

    first = await as_center.post("/api/experts", json=body, headers=headers)
    second = await as_center.post("/api/experts", json=body, headers=headers)

    assert (first.status_code, second.status_code) == (201, 201)
    assert first.json()["id"] == second.json()["id"]
    assert (await as_center.post("/api/experts/find", json={})).json()["total"] == 1
