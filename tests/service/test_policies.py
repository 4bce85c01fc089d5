"""Versions of the local policy: drawn up by one person, published by another, in force from their first day on."""

import asyncio
import json
from datetime import timedelta
from uuid import UUID

import httpx
import pytest
from click.testing import CliRunner, Result
from litestar import Litestar
from sqlalchemy import select

from conflicts import Kind
from service.actions.facts import FactEntry, state_fact
from service.actions.policies import PolicyDraft, draft_policy, publish_policy, withdraw_policy_draft
from service.app import create_app
from service.cli.policy import command
from service.clock import FixedClock
from service.ids import new_id
from service.jobs.handlers import handlers
from service.jobs.worker import Worker
from service.ledger.tables import EventRow
from service.problems import Refused, Stale
from service.regulation import RowChange
from service.settings import Settings
from service.storage.conflict_checks import checks_of
from service.storage.migrate import migrate
from service.storage.policies import latest_policy, policy_in_force, policy_versions
from service.storage.session import Database, reading
from tests.service.conftest import MONDAY, SignedIn, a_unit, acting, an_account
from tests.service.library import Entry, a_library
from tests.service.postgres import Cluster
from tests.service.test_panels import HYDRAULIC, County
from workflow import Seat

TODAY = MONDAY.date()
MIDNIGHT = MONDAY + timedelta(hours=15)  # the end of the day in China
WHY = "两年来的回避情况表明应当从严"
SHIPPED = "changli-local-1"


def to_publish(row: str = "co-project", severity: str = "block", *, days: int = 0, reason: str = WHY) -> dict:
    change = {"row": row, "severity": severity}
    return {"changes": [change], "from_on": str(TODAY + timedelta(days=days)), "reason": reason}


class Center:
    """Two people of the center, and an auditor."""

    def __init__(self, one: httpx.AsyncClient, other: httpx.AsyncClient, audit: httpx.AsyncClient) -> None:
        self.one, self.other, self.audit = one, other, audit

    async def post(self, client: httpx.AsyncClient, path: str, body: dict | None = None, version: int | None = None):
        headers = {"Idempotency-Key": str(new_id())} | ({} if version is None else {"If-Match": f'"{version}"'})
        return await client.post(f"/api/policy/versions{path}", json=body or {}, headers=headers)

    async def drafted(self, **asked) -> str:
        answer = await self.post(self.one, "", to_publish(**asked))
        assert answer.status_code == 201, answer.text
        return answer.json()["id"]

    async def published(self, **asked) -> None:
        answer = await self.post(self.other, f"/{await self.drafted(**asked)}/publish", version=1)
        assert answer.status_code == 200, answer.text

    async def versions(self, client: httpx.AsyncClient | None = None) -> list[dict]:
        return (await (client or self.audit).get("/api/policy/versions")).json()


@pytest.fixture
async def center(signed_in: SignedIn) -> Center:
    return Center(await signed_in("center"), await signed_in("center"), await signed_in("audit"))


def codes(answer: httpx.Response) -> list[tuple[str, str]]:
    return [(one["code"], one["cite"]) for one in answer.json()["refusals"]]


async def test_a_version_is_drawn_up_by_one_person_and_published_by_another(center: Center, database: Database) -> None:
    draft = await center.drafted()

    own = await center.post(center.one, f"/{draft}/publish", version=1)
    audit = await center.post(center.audit, f"/{draft}/publish", version=1)
    other = await center.post(center.other, f"/{draft}/publish", version=1)
    again = await center.post(center.other, f"/{draft}/publish", version=2)

    assert (own.status_code, codes(own)) == (409, [("SAME_PERSON_DRAFTED_AND_PUBLISHED", "")])
    assert audit.status_code == 404
    assert (other.status_code, other.headers["ETag"]) == (200, '"2"')
    assert (again.status_code, codes(again)) == (409, [("POLICY_DRAFT_CLOSED", "")])
    (seen,) = await center.versions()
    assert (seen["number"], seen["name"], seen["state"]) == (1, "changli-local-1.1", "published")
    assert seen["differences"] == [{"row": "co-project", "key": "severity", "before": "disclose", "after": "block"}]
    async with reading(database) as session:
        events = [
            json.loads(data)["body"]
            for data in await session.scalars(
                select(EventRow.data).where(EventRow.type.like("policy.%")).order_by(EventRow.seq)
            )
        ]
    assert [event.get("number") for event in events] == [None, 1]
    assert events[1]["sha256"] == seen["sha256"] == events[0]["sha256"]
    assert WHY not in str(events)


@pytest.mark.rule("R28d", "R30a")
async def test_no_draft_weakens_what_the_regulation_says(center: Center) -> None:
    refused = [
        await center.post(center.one, "", to_publish(row, "disclose")) for row in ("employer", "self", "body-assessed")
    ]

    assert [(answer.status_code, *codes(answer)) for answer in refused] == [
        (409, ("POLICY_ROW_OF_LAW", "A28.4")),
        (409, ("POLICY_ROW_OF_LAW", "A30")),
        (409, ("POLICY_ROW_OF_LAW", "A64p1")),
    ]
    assert await center.versions() == []


async def test_every_fault_of_a_draft_is_named_at_once(center: Center) -> None:
    wrong = await center.post(center.one, "", to_publish("nothing", days=-1, reason="短"))
    same = await center.post(center.one, "", to_publish("co-project", "disclose"))
    today = await center.post(center.one, "", to_publish())
    second = await center.post(center.other, "", to_publish("paid-work", "block"))

    assert [(fault["at"], fault["code"]) for fault in wrong.json()["faults"]] == [
        ("changes.0.row", "FIELD_NOT_A_CHOICE"),
        ("reason", "REASON_TOO_SHORT"),
        ("from_on", "POLICY_FROM_PAST"),
    ]
    assert [(fault["at"], fault["code"]) for fault in same.json()["faults"]] == [("changes", "POLICY_UNCHANGED")]
    assert today.status_code == 201
    assert (second.status_code, codes(second)) == (409, [("POLICY_DRAFT_OPEN", "")])


async def test_numbers_have_no_gap_and_a_version_goes_on_from_the_one_before(
    center: Center, database: Database
) -> None:
    await center.published(row="co-project", severity="block", days=3)
    dropped = await center.drafted(row="dispute", severity="off", days=3)
    withdrawn = await center.post(center.other, f"/{dropped}/withdraw", {"reason": "改由条文直接规定，不再修改"}, 1)
    early = await center.post(center.one, "", to_publish("paid-work", "block", days=2))
    await center.published(row="paid-work", severity="block", days=3)

    assert withdrawn.status_code == 200
    assert [fault["code"] for fault in early.json()["faults"]] == ["POLICY_BEFORE_LAST"]
    found = [(one["number"], one["state"], one["settled_reason"] != "") for one in await center.versions()]
    assert found == [(2, "published", False), (1, "published", False), (None, "withdrawn", True)]
    async with reading(database) as session:
        days = [await policy_in_force(session, SHIPPED, on=TODAY + timedelta(days=n)) for n in (0, 2, 3)]
        rows = {row.id: row.severity.value for row in days[2].table.rows}
    assert [policy.id for policy in days] == [SHIPPED, SHIPPED, "changli-local-1.2"]
    assert (rows["co-project"], rows["paid-work"], rows["dispute"]) == ("block", "block", "block")


async def test_a_draft_changed_by_another_is_published_by_a_third_or_the_first(center: Center) -> None:
    draft = await center.drafted()

    stale = await center.post(center.other, f"/{draft}", to_publish("paid-work", "block"), 7)
    changed = await center.post(center.other, f"/{draft}", to_publish("paid-work", "block", days=1), 1)
    other = await center.post(center.other, f"/{draft}/publish", version=2)
    one = await center.post(center.one, f"/{draft}/publish", version=2)

    assert (stale.status_code, changed.status_code) == (412, 200)
    assert (other.status_code, codes(other)) == (409, [("SAME_PERSON_DRAFTED_AND_PUBLISHED", "")])
    assert one.status_code == 200
    (seen,) = await center.versions()
    assert [one["row"] for one in seen["differences"]] == ["paid-work"]


async def test_a_draft_whose_first_day_has_passed_waits_for_another_day(
    center: Center, database: Database, settings: Settings
) -> None:
    draft = UUID(await center.drafted(days=1))

    with pytest.raises(Refused) as late:
        async with acting(database, settings, center.other.viewer, MIDNIGHT + timedelta(days=1)) as act:
            await publish_policy(act, draft, seen=1)
    async with acting(database, settings, center.other.viewer, MIDNIGHT + timedelta(days=1, seconds=-1)) as act:
        in_time = await publish_policy(act, draft, seen=1)

    assert [one.code for one in late.value.refusals] == ["POLICY_DAY_PASSED"]
    assert in_time == "changli-local-1.1"


@pytest.mark.postgres
async def test_only_one_of_two_at_once_draws_up_and_only_one_publishes(cluster: Cluster, settings: Settings) -> None:
    database = Database(cluster.fresh_database())
    await migrate(database)
    people = [await an_account(database, "center") for _ in range(3)]

    async def draws(place: int) -> UUID:
        async with acting(database, settings, people[place]) as act:
            return await draft_policy(act, PolicyDraft([RowChange("co-project", "block")], TODAY, WHY))

    drawn = await asyncio.gather(draws(0), draws(1), return_exceptions=True)
    (refused,) = [one for one in drawn if isinstance(one, Refused)]
    (draft,) = [one for one in drawn if isinstance(one, UUID)]
    assert [one.code for one in refused.refusals] == ["POLICY_DRAFT_OPEN"]
    drafter = drawn.index(draft)

    async def publishes(place: int) -> str:
        async with acting(database, settings, people[place]) as act:
            return await publish_policy(act, draft, seen=1)

    others = [place for place in range(3) if place != drafter]
    published = await asyncio.gather(*(publishes(place) for place in others), return_exceptions=True)
    assert sorted(type(one).__name__ for one in published) == [Stale.__name__, str.__name__]
    with pytest.raises(Stale):
        async with acting(database, settings, people[2]) as act:
            await withdraw_policy_draft(act, draft, reason=WHY, seen=1)
    async with reading(database) as session:
        assert (await latest_policy(session, SHIPPED)).id == "changli-local-1.1"
        assert [one.number for one in await policy_versions(session, SHIPPED)] == [1]
    await database.close()


@pytest.fixture
async def county(signed_in: SignedIn, database: Database, settings: Settings, center: Center) -> County:
    unit_id = await a_unit(database)
    library = await a_library(database, [*HYDRAULIC[:6], Entry("局外人", field="820")], units={"县水利局": unit_id})
    county = County(await signed_in("unit", unit_id=unit_id), center.one, library, unit_id, database, settings)
    await county.open(seats=(Seat("570", 5),))
    return county


async def outcomes(county: County, **asked: str) -> dict[str, tuple[str, str]]:
    answer = await county.center.get(f"/api/matters/{county.matter}/conflicts", params=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    return {one["person"]: (one["outcome"], found["policy"]) for one in found["findings"]}


@pytest.mark.rule("R28d", "R30a")
async def test_open_matters_are_judged_anew_and_past_days_as_they_were(
    center: Center, county: County, app: Litestar, database: Database
) -> None:
    await county.act(county.unit, "propose")
    await county.act(center.one, "determine", {"flags": []})
    member = (await county.panel())["members"][0]["name"]
    person = str(county.library.people[member])
    async with acting(database, county.settings, center.one.viewer) as act:
        await state_fact(act, FactEntry(UUID(person), Kind.CO_PROJECT, county.unit_id))
    seen = await center.one.post("/api/conflicts/seen", headers={"Idempotency-Key": str(new_id())})
    assert seen.status_code == 204
    before = await outcomes(county)
    quiet = [task["code"] for task in (await center.one.get("/api/today")).json()]
    app.state.clock = FixedClock(MONDAY + timedelta(hours=1))

    await center.published()
    app.state.clock = FixedClock(MONDAY + timedelta(hours=2))

    board = [task["code"] for task in (await center.one.get("/api/today")).json()]
    after = await outcomes(county)
    then = await outcomes(county, known_at=MONDAY.isoformat())
    yesterday = await outcomes(county, on=str(TODAY - timedelta(days=1)))
    assert before[person] == ("disclosed", SHIPPED)
    assert after[person] == ("excluded", "changli-local-1.1")
    assert yesterday[person] == ("disclosed", SHIPPED)
    assert then.get(person, ("disclosed", SHIPPED)) == ("disclosed", SHIPPED)
    assert "TASK_CONFLICT_ON_PANEL" not in quiet
    assert {"TASK_CONFLICT_ON_PANEL", "TASK_CONFLICTS_NEW"} <= set(board)
    line = next(
        line
        for one in (await center.one.get("/api/conflicts")).json()
        for line in one["lines"]
        if line["finding"]["person"] == person
    )
    assert (line["new"], line["policy"]) == (True, "changli-local-1.1")
    page = await center.one.get(f"/matters/{county.matter}/conflicts/{person}")
    assert "changli-local-1.1" in page.text


@pytest.mark.rule("R28d")
async def test_a_check_of_a_later_day_names_the_version_of_that_day(
    center: Center, county: County, database: Database
) -> None:
    await county.act(county.unit, "propose")
    await county.act(center.one, "determine", {"flags": []})
    await center.published(days=5)

    for days in (4, 5):
        answer = await center.one.post(
            f"/api/matters/{county.matter}/conflicts/meeting",
            json={"on": str(TODAY + timedelta(days=days))},
            headers={"Idempotency-Key": str(new_id())},
        )
        assert answer.status_code == 201

    async with reading(database) as session:
        checks = await checks_of(session, UUID(county.matter))
    assert [(check.occasion, check.policy) for check in checks][-2:] == [
        ("meeting", SHIPPED),
        ("meeting", "changli-local-1.1"),
    ]


async def test_panels_name_the_version_of_their_day(center: Center, county: County) -> None:
    await center.published()

    await county.act(county.unit, "propose")
    await county.act(center.one, "determine", {"flags": []})

    page = await center.one.get(f"/matters/{county.matter}/panel/document")
    assert (page.status_code, "changli-local-1.1" in page.text) == (200, True)


async def test_a_process_nobody_asked_plans_by_the_version_of_the_day(center: Center, county: County) -> None:
    async def planned() -> list[str]:
        headers = {"Idempotency-Key": str(new_id())}
        assert (await center.one.post("/api/fairness/plan", json={}, headers=headers)).status_code == 202
        # An application of its own, to which no request has come.
        work = handlers(create_app(county.settings, worker=False).state)
        worker = Worker(database=county.database, settings=county.settings, clock=FixedClock(MONDAY), handlers=work)
        await worker.run_due()
        plan = (await center.one.get("/api/fairness/plan")).json()["result"]["plan"]
        return [member["id"] for one in plan["panels"] for member in one["panel"]]

    name = {str(id_): name for name, id_ in county.library.experts.items()}[(await planned())[0]]
    async with acting(county.database, county.settings, center.one.viewer) as act:
        await state_fact(act, FactEntry(county.library.people[name], Kind.CO_PROJECT, county.unit_id))
    disclosed = await planned()
    await center.published()

    barred = await planned()

    expert = str(county.library.experts[name])
    assert (expert in disclosed, expert in barred, len(barred)) == (True, False, 5)


async def test_the_picture_of_ties_is_drawn_by_the_version_of_the_day(center: Center, county: County) -> None:
    await center.published()

    page = await center.one.get(f"/organisations/{county.unit_id}/ties")

    assert page.status_code == 200


async def run(settings: Settings, client: httpx.AsyncClient, *arguments: str) -> Result:
    environment = {"EXPERTPOOL_VAR": str(settings.var), "EXPERTPOOL_DATABASE_URL": settings.database_url}
    line = [*arguments, "--as", f"user-{client.viewer.account_id.hex[-12:]}"]  # type: ignore[attr-defined]
    return await asyncio.to_thread(CliRunner().invoke, command, line, env=environment)


async def test_commands_draw_up_publish_and_list_by_the_same_rules(center: Center, settings: Settings) -> None:
    drafted = ["draft", "--change", "paid-work=block:60", "--from", "2999-01-01", "--reason", WHY]
    unit = await run(settings, center.audit, *drafted)
    law = await run(settings, center.one, *["draft", "--change", "employer=off"], *drafted[3:])
    empty = await run(settings, center.audit, "list")
    done = await run(settings, center.one, *drafted)
    version_id = done.stdout.partition(" ")[0]
    own = await run(settings, center.one, "publish", version_id)
    published = await run(settings, center.other, "publish", version_id)
    listed = await run(settings, center.audit, "list")
    (one,) = json.loads((await run(settings, center.audit, "list", "--json")).stdout)
    closed = await run(settings, center.other, "withdraw", version_id, "--reason", WHY)

    assert (unit.exit_code, law.exit_code, own.exit_code, closed.exit_code) == (3, 3, 3, 3)
    assert "A28.4" in law.stderr
    assert "no version yet" in empty.stdout
    assert published.stdout.strip() == "changli-local-1.1  published"
    assert "~ paid-work: window 36 -> 60" in listed.stdout
    assert (one["name"], one["state"], one["number"]) == ("changli-local-1.1", "published", 1)


async def test_pages_lead_from_the_trial_to_the_publication_with_typed_text_kept(
    center: Center, county: County
) -> None:
    async def send(client: httpx.AsyncClient, path: str, **typed: str) -> httpx.Response:
        return await client.post(path, data={"idempotency_key": str(new_id())} | typed)

    change = {"row": "co-project", "severity": "block", "window": ""}
    wrong = await send(center.one, "/policy/drafts", **change, from_on=str(TODAY - timedelta(days=1)), reason="太短")
    kept = await send(center.one, "/policy/drafts", **change, from_on=str(TODAY), reason=WHY)
    place = kept.headers["location"].partition("?")[0]
    added = await send(center.one, f"{place}/rows", row="paid-work", severity="block", window="60", version="1")
    shown = (await center.other.get(place)).text
    removed = await send(center.one, f"{place}/rows/remove", row="co-project", version="2")
    own = await send(center.one, f"{place}/publish", version="3")
    home = (await center.other.get("/")).text
    short = await send(center.other, f"{place}/withdraw", withdraw_reason="短", version="3")
    published = await send(center.other, f"{place}/publish", version="3")

    assert (wrong.status_code, "太短" in wrong.text) == (400, True)
    assert (kept.status_code, added.status_code, removed.status_code) == (303, 303, 303)
    assert ("合作过项目" in shown, "结束以后 60 个月" in shown, f"{place}/publish" in shown) == (True, True, True)
    assert (own.status_code, "起草和发布不能是同一个人" in own.text) == (409, True)
    assert (place in home, WHY in home) == (True, True)
    assert (short.status_code, "短</textarea>" in short.text) == (400, True)
    assert published.status_code == 303
    audit = (await center.audit.get("/policy")).text
    assert ("changli-local-1.1" in audit, WHY in audit, "结束以后 60 个月" in audit) == (True, True, True)
    assert (await center.audit.get(place)).status_code == 200
    assert "changli-local-1.1" in (await center.audit.get("/regulation/policy")).text
    assert (await county.unit.get("/policy")).status_code == 403
