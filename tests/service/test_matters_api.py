"""Matters as JSON."""

from typing import Any
from uuid import UUID

import httpx
import pytest

from service.ids import new_id
from service.storage.session import Database
from tests.service.conftest import SignedIn, a_unit

REASON = "资金来源发生变化，暂不列入本年度决策事项"
NEED = {"size": 5, "seats": [{"field": "570", "count": 2}], "quotas": [], "reserves": 1}


@pytest.fixture
async def water(database: Database) -> UUID:
    return await a_unit(database)


@pytest.fixture
async def clerk(signed_in: SignedIn, water: UUID) -> httpx.AsyncClient:
    return await signed_in("unit", unit_id=water)


async def send(
    client: httpx.AsyncClient, method: str, address: str, body: dict[str, Any], version: int | None = None
) -> httpx.Response:
    headers = {"Idempotency-Key": str(new_id())}
    if version is not None:
        headers["If-Match"] = f'"{version}"'
    return await client.request(method, address, json=body, headers=headers)


async def opened(client: httpx.AsyncClient, unit_id: UUID, **more: Any) -> str:
    body = {"title": "饮马河综合治理工程", "unit_id": str(unit_id), "kind": "A3.4"} | more
    answer = await send(client, "POST", "/api/matters", body)
    assert answer.status_code == 201, answer.text
    assert answer.headers["location"] == answer.json()["href"]
    return answer.json()["href"]


async def test_matter_is_opened_read_and_listed(clerk: httpx.AsyncClient, water: UUID) -> None:
    address = await opened(clerk, water, need=NEED, flags=["wide"])

    answer = await clerk.get(address)
    listed = (await clerk.get("/api/matters?state=need-set,proposed&q=饮马河")).json()

    assert answer.headers["etag"] == '"2"'
    matter = answer.json()
    assert (matter["number"], matter["kind"], matter["state"], matter["need"], matter["flags_proposed"]) == (
        "2026-001",
        "A3.4",
        "need-set",
        NEED,
        ["wide"],
    )
    assert [(step["step"], step["status"]) for step in matter["steps"]] == [
        ("case_opened", "done"),
        ("expert_need", "done"),
        ("panel_proposed", "now"),
        ("panel_determined", "later"),
        ("declarations", "later"),
        ("package_sent", "later"),
        ("opinions", "later"),
        ("expert_disposition", "later"),
    ]
    assert (listed["total"], listed["counts"], [one["id"] for one in listed["matters"]]) == (
        1,
        {"need-set": 1},
        [matter["id"]],
    )


async def test_faults_are_named_with_their_places(clerk: httpx.AsyncClient, water: UUID) -> None:
    answer = await send(
        clerk,
        "POST",
        "/api/matters",
        {
            "title": "短",
            "unit_id": str(water),
            "kind": "A3.4",
            "need": {"size": 1, "seats": [{"field": "570", "count": 2}]},
            "parties": [{"role": "party"}],
        },
    )

    assert (answer.status_code, answer.headers["content-type"]) == (400, "application/problem+json")
    assert [(fault["at"], fault["code"]) for fault in answer.json()["faults"]] == [
        ("title", "TITLE_TOO_SHORT"),
        ("seats", "NEED_MORE_SEATS_THAN_SIZE"),
        ("parties.0", "PARTY_NEEDS_ONE_ID"),
    ]
    assert all(fault["says"] != fault["code"] for fault in answer.json()["faults"])


@pytest.mark.rule("R3d")
async def test_refusal_is_problem_details_with_the_article(clerk: httpx.AsyncClient, water: UUID) -> None:
    body = {"title": "局内车辆调度", "unit_id": str(water), "kind": "A3.1", "scope": "department"}

    answer = await send(clerk, "POST", "/api/matters", body)

    assert answer.status_code == 409
    (refusal,) = answer.json()["refusals"]
    assert (refusal["code"], refusal["ref"], refusal["cite"], refusal["edition"], refusal["override"]) == (
        "DEPARTMENT_LEVEL",
        "R3d",
        "A3p4",
        "changli-trial-1",
        None,
    )


async def test_acts_need_the_version_that_was_seen(clerk: httpx.AsyncClient, water: UUID) -> None:
    address = await opened(clerk, water)

    without = await send(clerk, "PUT", f"{address}/need", {"need": NEED})
    done = await send(clerk, "PUT", f"{address}/need", {"need": NEED}, 1)
    stale = await send(clerk, "PUT", f"{address}/need", {"need": NEED}, 1)

    assert (without.status_code, done.status_code, done.headers["etag"], stale.status_code) == (428, 200, '"2"', 412)


async def test_same_key_opens_one_matter(clerk: httpx.AsyncClient, water: UUID) -> None:
    body = {"title": "饮马河综合治理工程", "unit_id": str(water), "kind": "A3.4"}
    headers = {"Idempotency-Key": "the-same-key"}

    first = await clerk.post("/api/matters", json=body, headers=headers)
    again = await clerk.post("/api/matters", json=body, headers=headers)
    other = await clerk.post("/api/matters", json=body | {"title": "另一个事项名称"}, headers=headers)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert first.json() == again.json()
    assert (await clerk.get("/api/matters")).json()["total"] == 1


@pytest.mark.rule("R31b")
async def test_life_of_a_matter_through_the_api(
    clerk: httpx.AsyncClient, signed_in: SignedIn, water: UUID, database: Database
) -> None:
    center = await signed_in("center")
    works = await a_unit(database, "示范供水公司")
    address = await opened(clerk, water, need=NEED)

    flags = await send(center, "PUT", f"{address}/flags", {"flags": ["wide"], "reason": "沿线四个乡镇都受影响"}, 2)
    parties = await send(
        clerk, "PUT", f"{address}/parties", {"parties": [{"organisation_id": str(works), "role": "beneficiary"}]}, 3
    )
    rests = await send(clerk, "POST", f"{address}/suspend", {"reason": REASON}, 4)
    refused = await send(clerk, "PUT", f"{address}/need", {"need": NEED}, 5)
    goes_on = await send(clerk, "POST", f"{address}/resume", {"reason": REASON}, 5)
    reopened = await send(center, "POST", f"{address}/reopen", {"reason": REASON}, 6)
    ends = await send(clerk, "POST", f"{address}/cancel", {"reason": REASON}, 6)

    assert flags.json()["flags_confirmed"] == ["wide"]
    assert [party["name"] for party in parties.json()["parties"]] == ["示范供水公司"]
    assert [answer.json()["state"] for answer in (rests, goes_on, ends)] == ["suspended", "need-set", "cancelled"]
    assert [one["code"] for one in refused.json()["refusals"]] == ["MATTER_SUSPENDED"]
    assert [one["code"] for one in reopened.json()["refusals"]] == ["PANEL_NOT_DETERMINED"]
    history = (await clerk.get(f"{address}/history")).json()
    assert [line["type"] for line in history] == [
        "matter.cancelled",
        "matter.resumed",
        "matter.suspended",
        "parties.changed",
        "flags.confirmed",
        "need.set",
        "matter.opened",
    ]
    assert history[0]["reason"] == REASON


async def test_other_unit_learns_nothing(
    clerk: httpx.AsyncClient, signed_in: SignedIn, water: UUID, database: Database
) -> None:
    address = await opened(clerk, water)
    stranger = await signed_in("unit", unit_id=await a_unit(database, "县教育局"))

    assert (await stranger.get(address)).status_code == 404
    assert (await stranger.get(f"{address}/history")).status_code == 404
    assert (await send(stranger, "POST", f"{address}/cancel", {"reason": REASON}, 1)).status_code == 404
    assert (await stranger.get("/api/matters")).json() == {"matters": [], "total": 0, "counts": {}}


async def test_unit_that_confirms_its_own_flags_is_forbidden(clerk: httpx.AsyncClient, water: UUID) -> None:
    address = await opened(clerk, water, need=NEED)

    assert (await send(clerk, "PUT", f"{address}/flags", {"flags": []}, 2)).status_code == 404
