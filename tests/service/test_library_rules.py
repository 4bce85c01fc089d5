"""The library's own rules: filed by the center, the version in force read by every expert."""

import base64
import json
from datetime import timedelta

import httpx
import pytest
from sqlalchemy import select

from service.clock import day_of
from service.ids import new_id
from service.ledger.tables import EventRow
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, SignedIn
from tests.service.review.house import a_pdf

TODAY = day_of(MONDAY)


async def filed(client: httpx.AsyncClient, title: str, days: int, content: bytes | None = None) -> httpx.Response:
    body = {
        "title": title,
        "from_on": (TODAY + timedelta(days=days)).isoformat(),
        "content": base64.b64encode(a_pdf() if content is None else content).decode(),
    }
    return await client.post("/api/library-rules", json=body, headers={"Idempotency-Key": str(new_id())})


@pytest.mark.rule("R27e", "R28f")
async def test_version_in_force_is_the_last_that_has_begun(signed_in: SignedIn) -> None:
    center = await signed_in("center")
    for title, days in (("第一版", -400), ("第二版", 0), ("第三版", 1)):
        assert (await filed(center, title, days)).status_code == 201

    versions = (await center.get("/api/library-rules")).json()
    page = (await center.get("/library-rules")).text

    assert [(one["title"], one["in_force"]) for one in versions] == [
        ("第三版", False),
        ("第二版", True),
        ("第一版", False),
    ]
    assert [word in page for word in ("现行", "尚未施行", "已被替代")] == [True] * 3


@pytest.mark.rule("R27e", "R28f")
async def test_expert_reads_the_rules_and_files_none(signed_in: SignedIn) -> None:
    center, expert, anybody = await signed_in("center"), await signed_in("expert"), await signed_in("audit")
    rules = (await filed(center, "专家库管理规则", 0)).json()["id"]

    shown = await expert.get(f"/library-rules/{rules}")
    refused = [(await filed(one, "我的规则", 5)).status_code for one in (expert, anybody)]

    assert ("专家库管理规则" in (await expert.get("/library-rules")).text, shown.content[:5]) == (True, b"%PDF-")
    assert refused == [403, 403]
    assert "登记新的一版" not in (await expert.get("/library-rules")).text
    assert (await expert.get(f"/api/library-rules/{new_id()}")).status_code == 404


async def test_two_versions_of_one_day_and_what_is_no_document_are_refused(signed_in: SignedIn) -> None:
    center = await signed_in("center")
    assert (await filed(center, "第一版", 3)).status_code == 201

    same, empty, no_title = [
        await filed(center, "又一版", 3),
        await filed(center, "又一版", 4, b"MZ not a document"),
        await filed(center, "  ", 5),
    ]

    faults = [[(one["at"], one["code"]) for one in answer.json()["faults"]] for answer in (same, empty, no_title)]
    assert faults == [
        [("from_on", "RULES_BEGIN_THEN")],
        [("/content", "FILE_NOT_A_SCAN")],
        [("title", "FIELD_REQUIRED")],
    ]
    assert len((await center.get("/api/library-rules")).json()) == 1


async def test_typed_title_stays_when_the_document_is_missing(signed_in: SignedIn) -> None:
    center = await signed_in("center")
    form = {"title": "专家库管理规则", "from_on": TODAY.isoformat(), "idempotency_key": str(new_id())}

    answer = await center.post("/library-rules", data=form)

    assert (answer.status_code, 'value="专家库管理规则"' in answer.text) == (400, True)


async def test_ledger_holds_the_hash_and_the_day_of_a_version(signed_in: SignedIn, database: Database) -> None:
    center = await signed_in("center")
    await filed(center, "专家库管理规则", 0)

    async with reading(database) as session:
        written = list(await session.scalars(select(EventRow.data).where(EventRow.type == "library-rules.filed")))

    (body,) = [json.loads(one)["body"] for one in written]
    assert (sorted(body), body["from_on"]) == (["from_on", "sha256", "size"], TODAY.isoformat())
