"""Organisations with names that are alike: shown to a person, settled once, never a ground for matching."""

from datetime import date

import httpx
import pytest

from service.access import Viewer
from service.actions.alike import Settling, settle_alike
from service.actions.organisations import NewOrganisationEntry, add_organisation, rename_organisation
from service.problems import Forbidden, Invalid, NotFound
from service.settings import Settings
from service.storage.alike import AlikePair, alike_pairs, likeness_key
from service.storage.organisations import with_name_or_code
from service.storage.session import Database, reading
from tests.service.conftest import acting, an_account

REASON = "登记机关不同，经电话核实是两家单位"


async def open_pairs(database: Database) -> tuple[AlikePair, ...]:
    async with reading(database) as session:
        return await alike_pairs(session)


@pytest.fixture
async def center(database: Database) -> Viewer:
    return await an_account(database, "center")


async def two_alike(database: Database, settings: Settings, center: Viewer) -> AlikePair:
    async with acting(database, settings, center) as act:
        for name in ("示范县惠民水务有限公司", "惠民水务（集团）", "县林业局"):
            await add_organisation(act, NewOrganisationEntry(name, alias="惠民水务" if "集团" in name else ""))
    (pair,) = await open_pairs(database)
    return pair


def said(pair: AlikePair, verdict: str = "different", reason: str = REASON) -> Settling:
    return Settling(pair.first_id, pair.second_id, pair.names, verdict, reason)


def test_width_marks_place_and_form_do_not_tell_names_apart() -> None:
    assert likeness_key("示范县惠民水务有限公司") == likeness_key("惠民（水务）") == "惠民水务"
    assert likeness_key("县水利局") != likeness_key("县林业局")


async def test_an_alias_like_the_name_of_another_is_shown_and_stays_away_once_settled(
    database: Database, settings: Settings, center: Viewer
) -> None:
    pair = await two_alike(database, settings, center)
    assert {pair.first_name, pair.second_name} == {"示范县惠民水务有限公司", "惠民水务（集团）"}

    async with acting(database, settings, center) as act:
        await settle_alike(act, said(pair))

    assert await open_pairs(database) == ()
    async with acting(database, settings, center) as act:
        with pytest.raises(NotFound):
            await settle_alike(act, said(pair, "same"))


async def test_a_settled_pair_comes_back_when_a_name_changes(
    database: Database, settings: Settings, center: Viewer
) -> None:
    pair = await two_alike(database, settings, center)
    async with acting(database, settings, center) as act:
        await settle_alike(act, said(pair))
        await rename_organisation(act, pair.first_id, name="惠民水务股份有限公司", on=date(2026, 9, 1), seen=1)

    (back,) = await open_pairs(database)
    assert (back.first_id, back.second_id) == (pair.first_id, pair.second_id)
    assert back.names != pair.names


async def test_a_reason_and_a_verdict_are_needed(database: Database, settings: Settings, center: Viewer) -> None:
    pair = await two_alike(database, settings, center)
    async with acting(database, settings, center) as act:
        with pytest.raises(Invalid) as refused:
            await settle_alike(act, said(pair, "perhaps", ""))

    assert [(one.at, one.code) for one in refused.value.faults] == [
        ("reason", "FIELD_REQUIRED"),
        ("verdict", "FIELD_NOT_A_CHOICE"),
    ]


@pytest.mark.parametrize("role", ["unit", "expert", "audit"])
async def test_only_the_center_settles(database: Database, settings: Settings, center: Viewer, role: str) -> None:
    pair = await two_alike(database, settings, center)
    other = await an_account(database, role)
    async with acting(database, settings, other) as act:
        with pytest.raises(Forbidden):
            await settle_alike(act, said(pair))


async def test_nothing_is_matched_by_a_settlement(database: Database, settings: Settings, center: Viewer) -> None:
    pair = await two_alike(database, settings, center)
    async with acting(database, settings, center) as act:
        await settle_alike(act, said(pair, "same"))

    async with reading(database) as session:
        first, _ = await with_name_or_code(session, pair.first_name, "")
        second, _ = await with_name_or_code(session, pair.second_name, "")
    assert (first, second) == (pair.first_id, pair.second_id)


async def test_a_pair_is_settled_once_over_the_api_however_often_it_is_sent(
    as_center: httpx.AsyncClient, as_unit: httpx.AsyncClient, database: Database, settings: Settings, center: Viewer
) -> None:
    pair = await two_alike(database, settings, center)
    body = {
        "first_id": str(pair.first_id),
        "second_id": str(pair.second_id),
        "names": pair.names,
        "verdict": "different",
        "reason": REASON,
    }
    assert (await as_unit.get("/api/organisations/alike")).status_code == 403
    assert (await as_center.get("/api/organisations/alike")).json()["total"] == 1

    answers = [
        await as_center.post("/api/organisations/alike", json=body, headers={"Idempotency-Key": "pair-key-0001"})
        for _ in range(2)
    ]

    assert [(one.status_code, one.json()) for one in answers] == [(200, {"pairs": [], "total": 0})] * 2


async def test_the_page_keeps_typed_words_and_leads_to_the_merger(
    as_center: httpx.AsyncClient, database: Database, settings: Settings, center: Viewer
) -> None:
    pair = await two_alike(database, settings, center)
    assert "/organisations/alike" in (await as_center.get("/organisations")).text
    fields = {"first": str(pair.first_id), "second": str(pair.second_id), "names": pair.names, "verdict": "same"}

    short = await as_center.post("/organisations/alike", data=fields | {"idempotency_key": "k-0000001", "reason": "嗯"})
    done = await as_center.post(
        "/organisations/alike", data=fields | {"idempotency_key": "k-0000002", "reason": REASON}
    )

    assert short.status_code == 400
    assert "嗯</textarea>" in short.text
    assert done.status_code == 303
    assert done.headers["location"].startswith(f"/organisations/{pair.first_id}/duplicate?other_id={pair.second_id}")
    assert "没有等待认定的单位" in (await as_center.get("/organisations/alike")).text


def sent(pair: AlikePair) -> dict[str, str]:
    """Return what the page's form sends to tell a pair apart."""
    ends = {"first": str(pair.first_id), "second": str(pair.second_id), "names": pair.names}
    return ends | {"verdict": "different", "reason": REASON, "idempotency_key": "k-0000001"}


async def test_who_comes_second_sees_the_present_list_and_why(
    as_center: httpx.AsyncClient, database: Database, settings: Settings, center: Viewer
) -> None:
    pair = await two_alike(database, settings, center)
    async with acting(database, settings, center) as act:
        await settle_alike(act, said(pair))

    late = await as_center.post("/organisations/alike", data=sent(pair))

    assert (late.status_code, "这一对已由他人认定" in late.text, "没有等待认定的单位" in late.text) == (404, True, True)


async def test_a_renamed_pair_keeps_the_typed_reason(
    as_center: httpx.AsyncClient, database: Database, settings: Settings, center: Viewer
) -> None:
    pair = await two_alike(database, settings, center)
    async with acting(database, settings, center) as act:
        await rename_organisation(act, pair.first_id, name="惠民水务股份有限公司", on=date(2026, 9, 1), seen=1)

    late = await as_center.post("/organisations/alike", data=sent(pair))

    assert ("这一对已由他人认定" in late.text, f"{REASON}</textarea>" in late.text) == (True, True)


@pytest.mark.parametrize(("many", "pairs", "told"), [(20, 190, False), (21, 0, True)])
async def test_a_name_shared_by_more_than_twenty_is_named_and_not_paired(
    as_center: httpx.AsyncClient,
    database: Database,
    settings: Settings,
    center: Viewer,
    many: int,
    pairs: int,
    told: bool,
) -> None:
    async with acting(database, settings, center) as act:
        for number in range(many):
            await add_organisation(act, NewOrganisationEntry(f"{chr(0x4E00 + number)}县水务公司"))

    page = await as_center.get("/organisations/alike")

    assert len(await open_pairs(database)) == pairs
    assert ("没有逐对列出的名称" in page.text, "水务 · 21 家单位" in page.text) == (told, told)
