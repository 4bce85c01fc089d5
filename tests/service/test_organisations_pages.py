"""The pages of organisations: adding, renaming, superiors; what is typed stays when something is wrong."""

import re
from itertools import count

import httpx
import pytest

from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit

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
