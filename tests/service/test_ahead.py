"""Looking ahead: the coming months under four policies and a plan for all open matters, as jobs that can be stopped."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from litestar import Litestar

from service.actions.ahead import PLAN
from service.jobs.handlers import handlers
from service.jobs.worker import Worker
from service.keys import Keys
from service.settings import Settings
from service.storage.panels import panels_of
from service.storage.session import Database, reading
from tests.service.conftest import SignedIn
from tests.service.test_draws import POOL, Room, a_room


@pytest.fixture
async def room(signed_in: SignedIn, database: Database, settings: Settings, app: Litestar, keys: Keys) -> Room:
    room = await a_room(signed_in, database, settings, app, keys, POOL)
    await room.open()
    return room


async def begin(room: Room, what: str, body: dict[str, Any] | None = None) -> Any:
    answer = await room.center.post(
        f"/api/fairness/{what}", json=body or {}, headers={"Idempotency-Key": f"{what}-{len(room.acts)}-000000"}
    )
    assert answer.status_code == 202, answer.text
    return answer.json()


async def seen(room: Room, what: str) -> dict[str, Any]:
    answer = await room.center.get(f"/api/fairness/{what}")
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_the_needs_of_the_past_are_simulated_under_four_policies_and_nothing_is_recorded(
    room: Room, database: Database
) -> None:
    first = room.matter
    await room.act(room.unit, "propose")
    await room.act(room.center, "determine", {"flags": []})
    before = (await room.audit.get("/api/ledger/entries")).text

    await begin(room, "simulation", {"months": 12})
    await room.work()
    found = await seen(room, "simulation")
    page = await room.center.get("/fairness/simulation")

    assert (found["state"], found["result"]["matters"], found["result"]["months"]) == ("done", 1, 12)
    policies = {one["policy"]: one for one in found["result"]["policies"]}
    assert list(policies) == ["fit", "composed", "drawn", "equal"]
    assert {sum(many * people for many, people in one["spread"]) for one in policies.values()} == {5}
    # Twelve may sit and five sat: whom the engine takes next time are others.
    assert policies["composed"]["most"] == 1
    assert "asked" not in policies["drawn"]
    assert page.text.count('class="curve"') == 4
    assert "服务少的优先" in page.text
    assert (await room.audit.get("/api/ledger/entries")).text == before
    async with reading(database) as session:
        assert len(await panels_of(session, UUID(first))) == 1


async def test_every_open_matter_gets_a_panel_in_one_plan_and_loads_are_as_level_as_can_be(room: Room) -> None:
    first = room.matter
    await room.open()

    await begin(room, "plan")
    await room.work()
    found = await seen(room, "plan")
    page = await room.center.get("/fairness/plan")

    plan = found["result"]["plan"]
    assert (found["state"], plan["status"], len(plan["panels"])) == ("done", "complete", 2)
    assert [len(panel["panel"]) for panel in plan["panels"]] == [5, 5]
    # Ten seats over twelve people: nobody sits twice.
    assert (plan["load"]["most"], plan["load"]["squares"]) == (1, plan["load"]["bound"])
    assert "已证明：没有更均匀的安排" in page.text
    assert [f"/matters/{one}/panel" in page.text for one in (first, room.matter)] == [True, True]


async def test_a_plan_that_is_stopped_keeps_what_it_has_and_goes_on(room: Room) -> None:
    for _ in range(4):
        await room.open()
    worker = Worker(
        database=room.database,
        settings=room.settings,
        clock=room.app.state.clock,
        handlers=stopping_after(handlers(room.app.state), 2),
    )
    await begin(room, "plan")
    await worker.run_due()
    stopped = (await seen(room, "plan"))["result"]["plan"]

    await begin(room, "plan", {"resume": True})
    await room.work()
    done = (await seen(room, "plan"))["result"]

    assert stopped["status"] == "stopped"
    assert len(stopped["panels"]) < 5
    assert (done["went_on"], done["plan"]["status"], len(done["plan"]["panels"])) == (True, "complete", 5)


async def test_somebody_put_in_by_hand_keeps_a_matter_out_of_the_plan(room: Room) -> None:
    await room.center.put(
        f"/api/matters/{room.matter}/panel/locks/{room.library.experts['水0']}",
        json={"locked": "in", "reason": "参加过前期踏勘，熟悉情况"},
        headers={"Idempotency-Key": "lock-in-000000000"},
    )

    await begin(room, "plan")
    await room.work()

    found = (await seen(room, "plan"))["result"]
    assert (found["by_hand"], found["plan"]["panels"]) == ([room.matter], [])


async def test_what_computes_is_stopped_and_a_second_start_is_the_same_job(room: Room) -> None:
    first = await begin(room, "simulation")
    second = await begin(room, "simulation")
    headers = {"Idempotency-Key": "stop-simulation-01"}

    stopped = await room.center.delete("/api/fairness/simulation", headers=headers)
    again = await room.center.delete("/api/fairness/simulation", headers={"Idempotency-Key": "stop-simulation-02"})

    assert (first, stopped.status_code, again.status_code) == (second, 204, 404)
    assert (await seen(room, "simulation"))["state"] == "cancelled"


async def test_only_the_center_computes_the_audit_looks_and_a_unit_sees_nothing(room: Room) -> None:
    answers = [(await client.get("/fairness/plan")).status_code for client in (room.center, room.audit, room.unit)]
    forbidden = await room.audit.post("/api/fairness/plan", json={}, headers={"Idempotency-Key": "audit-plans-0001"})
    months = await room.center.post(
        "/api/fairness/simulation", json={"months": 0}, headers={"Idempotency-Key": "no-months-00001"}
    )

    assert (answers, forbidden.status_code, months.status_code) == ([200, 200, 403], 403, 400)


def stopping_after(found: Any, matters: int) -> dict[str, Callable[..., Any]]:
    """Return the handlers with a plan that somebody stops after so many matters."""

    async def plan(context: Any, payload: Any) -> Any:
        inner = context.report

        def report(done: int, total: int | None = None, code: str = "") -> None:
            inner(done, total, code)
            context.progress.cancelled = context.progress.cancelled or done >= matters

        return await found[PLAN](Reporting(context, report), payload)

    return {**found, PLAN: plan}


class Reporting:
    """A context whose progress is watched."""

    def __init__(self, context: Any, report: Callable[..., None]) -> None:
        self._context, self.report = context, report

    def __getattr__(self, name: str) -> Any:
        return getattr(self._context, name)
