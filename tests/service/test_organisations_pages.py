"""The pages of organisations: adding, renaming, superiors; what is typed stays when something is wrong."""

import re
from itertools import count

import httpx
import pytest

from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit
from tests.service.library import Entry, a_library

_NUMBERS = count()


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": f"key-{next(_NUMBERS):08d}"} | fields


async def version_on(client: httpx.AsyncClient, path: str) -> str:
    shown = await client.get(path)
    assert shown.status_code == 200, shown.text
    found = re.search(r'name="version" value="(\d+)"', shown.text)
    assert found is not None
    return found[1]


async def test_an_organisation_is_added_and_shown(as_center: httpx.AsyncClient) -> None:
    added = await as_center.post("/organisations", data=form(name="示范县水务集团", kind="company", alias="水务集团"))
    shown = await as_center.get(added.headers["location"])

    assert added.status_code == 303, added.text
    assert "示范县水务集团" in shown.text
    assert "水务集团" in (await as_center.get("/organisations", params={"text": "水务集团"})).text


async def test_a_wrong_credit_code_is_named_and_the_typed_text_kept(as_center: httpx.AsyncClient) -> None:
    answer = await as_center.post("/organisations", data=form(name="示范县水务集团", credit_code="123", kind="company"))

    assert answer.status_code == 400
    assert 'value="示范县水务集团"' in answer.text
    assert 'aria-invalid="true"' in answer.text


async def test_a_rename_keeps_the_old_name_as_a_former_one(as_center: httpx.AsyncClient, database: Database) -> None:
    path = f"/organisations/{await a_unit(database, '县农业局')}"
    version = await version_on(as_center, path)

    renamed = await as_center.post(f"{path}/rename", data=form(version=version, name="县农业农村局", on="2026-9-1"))
    shown = await as_center.get(path)

    assert renamed.status_code == 303, renamed.text
    assert "<h1>县农业农村局" in re.sub(r"<h1[^>]*>\s*", "<h1>", shown.text)
    assert "曾用名" in shown.text


async def test_two_organisations_do_not_belong_to_each_other(as_center: httpx.AsyncClient, database: Database) -> None:
    bureau, station = await a_unit(database, "县水利局"), await a_unit(database, "水文站")
    below = f"/organisations/{station}"
    above = f"/organisations/{bureau}"

    first = await as_center.post(
        f"{below}/parent",
        data=form(version=await version_on(as_center, below), parent="县水利局", parent_id=str(bureau)),
    )
    back = await as_center.post(
        f"{above}/parent",
        data=form(version=await version_on(as_center, above), parent="水文站", parent_id=str(station)),
    )

    assert first.status_code == 303, first.text
    assert back.status_code == 409


async def test_what_someone_else_changed_is_not_overwritten(as_center: httpx.AsyncClient, database: Database) -> None:
    path = f"/organisations/{await a_unit(database)}"
    version = await version_on(as_center, path)
    await as_center.post(f"{path}/names", data=form(version=version, other_name="水利", name_kind="alias"))

    late = await as_center.post(path, data=form(version=version, name="县水务局", kind="bureau"))

    assert late.status_code == 412
    assert 'value="县水务局"' in late.text


@pytest.mark.parametrize(("role", "status"), [("unit", 403), ("audit", 403)])
async def test_only_the_center_adds_organisations(signed_in: SignedIn, role: str, status: int) -> None:
    client = await signed_in(role)

    assert (await client.get("/organisations")).status_code == 200
    assert (await client.post("/organisations", data=form(name="某单位"))).status_code == status


async def test_a_merger_is_checked_recorded_and_taken_back(as_center: httpx.AsyncClient, database: Database) -> None:
    former, heir = await a_unit(database, "县农机局"), await a_unit(database, "县农业局")
    path = f"/organisations/{former}"
    asked = {"checked": "yes", "kind": "merged", "on": "2026-9-1", "successor": "县农业局", "successor_id": str(heir)}

    unsaid = await as_center.get(f"{path}/reorganise", params=asked | {"successor": "", "successor_id": ""})
    checked = await as_center.get(f"{path}/reorganise", params=asked)
    said = form(version="1", kind="merged", on="2026-09-01", heir=str(heir), source="昌编〔2026〕3号")
    short = await as_center.post(f"{path}/reorganise", data=said | {"reason": "短"})
    done = await as_center.post(f"{path}/reorganise", data=form(**said | {"reason": "机构改革，职能整体划转"}))
    shown = await as_center.get(path)

    assert (unsaid.status_code, checked.status_code, short.status_code) == (400, 200, 400)
    assert 'value="昌编〔2026〕3号"' in short.text
    assert done.status_code == 303, done.text
    assert "这个单位已经不在了" in shown.text
    assert "并入" in (await as_center.get(f"/organisations/{heir}")).text

    undo = re.search(rf'action="({path}/reorganisations/[^"]+/undo)"', shown.text)
    assert undo is not None
    back = await as_center.post(undo[1], data=form(version="2", reason="单位选错了，应为另一家"))
    again = await as_center.get(path)
    assert back.status_code == 303, back.text
    assert "这个单位已经不在了" not in again.text
    assert "单位选错了，应为另一家" in again.text


async def test_a_division_asks_for_each_person_and_the_record_is_paged(
    as_center: httpx.AsyncClient, database: Database
) -> None:
    bureau, first, second = [await a_unit(database, name) for name in ("县水利局", "县水务局", "县农业局")]
    await a_library(database, [Entry("甲", employer="县水利局")], units={"县水利局": bureau})
    path = f"/organisations/{bureau}"
    asked = {"checked": "yes", "kind": "divided", "on": "2026-9-1"}
    asked |= {"successor": "县水务局", "successor_2": "县农业局"}

    checked = await as_center.get(f"{path}/reorganise", params=asked)
    choice = re.search(r'name="(to-[0-9a-f-]+)"', checked.text)
    assert choice is not None
    said = form(version="1", kind="divided", on="2026-09-01", source="文", reason="机构改革，职能分别划转")
    done = await as_center.post(
        f"{path}/reorganise", data=said | {"heir": [str(first), str(second)], choice[1]: str(second)}
    )
    history = await as_center.get(f"{path}/history")

    assert done.status_code == 303, done.text
    assert "甲" in (await as_center.get(f"/organisations/{second}")).text
    assert "单位分立" in history.text
    assert "这是最早的记录。" in history.text


async def test_the_same_through_the_api(as_center: httpx.AsyncClient, database: Database) -> None:
    former, heir = await a_unit(database, "县农机局"), await a_unit(database, "县农业局")
    path = f"/api/organisations/{former}"
    body = {"successors": [str(heir)], "on": "2026-09-01", "source": "文", "reason": "机构改革，职能整体划转"}

    def headers(version: int) -> dict[str, str]:
        return {"If-Match": f'"{version}"', "Idempotency-Key": f"key-{next(_NUMBERS):08d}"}

    done = await as_center.post(f"{path}/reorganise", json=body, headers=headers(1))
    (held,) = done.json()["reorganisations"]
    again = await as_center.post(f"{path}/reorganise", json=body, headers=headers(2))
    undo = f"{path}/reorganisations/{held['id']}/undo"
    back = await as_center.post(undo, json={"reason": "单位选错了，应为另一家"}, headers=headers(2))
    renamed = await as_center.post(f"{path}/rename", json={"name": "县机械局", "on": "2026-09-01"}, headers=headers(3))
    undone = await as_center.post(f"{path}/rename/undo", headers=headers(4))
    record = await as_center.get(f"{path}/history")

    assert (done.json()["ended_on"], held["successors"]) == ("2026-08-31", [str(heir)])
    assert (again.status_code, again.json()["refusals"][0]["code"]) == (409, "ORGANISATION_ENDED")
    assert back.json()["ended_on"] is None
    assert (renamed.json()["name"], undone.json()["name"]) == ("县机械局", "县农机局")
    assert [line["type"] for line in record.json()["lines"]] == [
        "organisation.rename-undone",
        "organisation.renamed",
        "organisation.restored",
        "organisation.merged",
    ]
