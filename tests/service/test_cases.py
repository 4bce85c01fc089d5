"""Cases about experts: opened by an event, the expert heard, decided by the director, followed in the library."""

import asyncio
import re
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from registry import Status
from service import ledger
from service.access import Viewer
from service.actions.cases import (
    CaseEntry,
    RulingEntry,
    add_statement,
    confirm_rectified,
    decide_case,
    open_case,
    read_case_evidence,
    resign,
)
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.cases import CaseView, cases_of, load_case
from service.storage.expert_page import load_expert
from service.storage.rows.accounts import AccountRow
from service.storage.rows.acts import ReadRow
from service.storage.session import Database, reading, unit_of_work
from tests.service.admission import TODAY, House, a_house
from tests.service.conftest import MONDAY, SignedIn, an_account
from tests.service.library import Entry, a_library

REASON = "经核实情况属实，不宜继续担任"
LATER = MONDAY + timedelta(days=11)
_KEYS = count()


@dataclass(frozen=True, slots=True)
class Desk:
    """A house with one appointed expert, who signs in too."""

    house: House
    expert_id: UUID
    expert: Viewer

    async def version(self) -> int:
        async with reading(self.house.database) as session:
            return (await load_expert(session, self.house.center, self.expert_id, on=TODAY)).version

    async def status(self, on: date = TODAY) -> Status:
        async with reading(self.house.database) as session:
            return (await load_expert(session, self.house.center, self.expert_id, on=on)).status

    async def case(self, case_id: UUID, viewer: Viewer | None = None) -> CaseView:
        async with reading(self.house.database) as session:
            return await load_case(session, viewer or self.house.center, case_id)

    async def opened(self, ground: str = "unfit", **changes: str) -> UUID:
        entry = CaseEntry(ground, changes.pop("evidence", "执业证书被吊销"), **changes)
        async with self.house.acts(self.house.center) as act:
            return await open_case(act, self.expert_id, entry, seen=await self.version())

    async def ruled(self, case_id: UUID, measure: str, *, viewer: Viewer | None = None, at=LATER, **changes) -> None:
        entry = RulingEntry(measure, changes.pop("reason", REASON), **changes)
        seen = (await self.case(case_id)).version
        async with self.house.acts(viewer or self.house.mayor, at) as act:
            await decide_case(act, case_id, entry, seen=seen)


@pytest.fixture
async def desk(database: Database, settings: Settings) -> Desk:
    return await a_desk(database, settings)


async def a_desk(database: Database, settings: Settings) -> Desk:
    house = await a_house(database, settings)
    inserted = await a_library(database, [Entry("何一")])
    expert = await an_account(database, "expert")
    async with unit_of_work(database, at=MONDAY) as session:
        account = await session.get_one(AccountRow, expert.account_id)
        account.person_id = inserted.people["何一"]
    viewer = Viewer(expert.account_id, inserted.people["何一"], "何一", frozenset({"expert"}), None, "", expert.session)
    return Desk(house, inserted.experts["何一"], viewer)


def codes(refused: pytest.ExceptionInfo[Refused]) -> list[tuple[str, str]]:
    return [(one.code, one.cite) for one in refused.value.refusals]


@pytest.mark.rule("R26b", "R26c", "R26d", "R26e", "R26g", "R70a", "R28c", "R28e")
@pytest.mark.parametrize(
    ("ground", "refusal"),
    [
        ("post-changed", ""),
        ("health", ""),
        ("refused", "unwilling"),
        ("disciplined", ""),
        ("unfit", ""),
        ("breach", ""),
    ],
)
async def test_event_opens_a_case_and_the_expert_is_not_drawn_meanwhile(desk: Desk, ground: str, refusal: str) -> None:
    assert await desk.status() is Status.APPOINTED

    case = await desk.case(await desk.opened(ground, refusal=refusal))

    assert (case.number, case.state, case.state_until_on) == ("AJ2026-001", "open", date(2026, 9, 24))
    assert await desk.status() is Status.SUSPENDED


@pytest.mark.rule("R26d")
async def test_objective_refusal_opens_no_case_and_none_dismisses_by_itself(desk: Desk) -> None:
    with pytest.raises(Refused) as refused:
        await desk.opened("refused", refusal="illness")
    assert codes(refused) == [("REFUSAL_OBJECTIVE", "A26.3")]
    assert await desk.status() is Status.APPOINTED

    await desk.opened("refused", refusal="unwilling")
    assert await desk.status(date(2027, 9, 14)) is Status.SUSPENDED


async def test_one_case_at_a_time(desk: Desk) -> None:
    await desk.opened()

    with pytest.raises(Refused) as refused:
        await desk.opened("health")
    assert codes(refused) == [("CASE_RUNNING", "")]


@pytest.mark.rule("R26a")
async def test_nobody_is_suspended_but_by_a_case(desk: Desk, as_center: httpx.AsyncClient) -> None:
    for act in ("suspend", "resume"):
        answer = await as_center.post(
            f"/api/experts/{desk.expert_id}/{act}",
            json={"reason": REASON},
            headers={"Idempotency-Key": f"case-{next(_KEYS):06d}", "If-Match": f'"{await desk.version()}"'},
        )
        assert answer.status_code == 404
    assert await desk.status() is Status.APPOINTED


@pytest.mark.rule("R26a")
async def test_center_alone_dismisses_nobody(desk: Desk) -> None:
    case_id = await desk.opened()
    head = await an_account(desk.house.database, "center-head")

    for viewer in (desk.house.center, head, desk.house.office):
        with pytest.raises((Forbidden, NotFound)):
            await desk.ruled(case_id, "dismiss", viewer=viewer)
    await desk.ruled(case_id, "dismiss")

    assert await desk.status(date(2026, 9, 25)) is Status.DISMISSED


@pytest.mark.rule("R26a")
@pytest.mark.parametrize(
    ("ground", "measure", "status"),
    [
        ("unfit", "keep", Status.APPOINTED),
        ("unfit", "adjust", Status.APPOINTED),
        ("unfit", "dismiss", Status.DISMISSED),
        ("breach", "criticise", Status.APPOINTED),
        ("breach", "strike-off", Status.STRUCK_OFF),
    ],
)
async def test_decision_is_followed_in_the_library(desk: Desk, ground: str, measure: str, status: Status) -> None:
    case_id = await desk.opened(ground)

    await desk.ruled(case_id, measure, grave=measure == "strike-off")

    case = await desk.case(case_id)
    assert (case.state, case.decided_on, case.reason) == ("closed", date(2026, 9, 25), REASON)
    assert await desk.status(date(2026, 9, 25)) is status


@pytest.mark.rule("R70b")
async def test_striking_off_needs_serious_consequences_and_stays_for_ever(desk: Desk) -> None:
    case_id = await desk.opened("breach")
    with pytest.raises(Refused) as refused:
        await desk.ruled(case_id, "strike-off")
    assert codes(refused) == [("STRIKING_OFF_NOT_GRAVE", "A70")]
    await desk.ruled(case_id, "strike-off", grave=True)

    with pytest.raises(Refused) as refused:
        await desk.opened("breach")
    assert codes(refused) == [("EXPERT_LEFT", "")]
    assert await desk.status(date(2040, 1, 1)) is Status.STRUCK_OFF


@pytest.mark.rule("R70a")
async def test_rectification_keeps_the_expert_under_review_until_it_is_done(desk: Desk) -> None:
    case_id = await desk.opened("breach")
    await desk.ruled(case_id, "rectify", rectify_by=date(2026, 10, 31))
    assert await desk.status(date(2026, 10, 1)) is Status.SUSPENDED

    async with desk.house.acts(desk.house.center, MONDAY + timedelta(days=40)) as act:
        await confirm_rectified(act, case_id, reason="已按要求整改并书面检查", seen=(await desk.case(case_id)).version)

    case = await desk.case(case_id)
    assert (case.state, case.measure.value, await desk.status()) == ("closed", "rectify", Status.APPOINTED)
    async with reading(desk.house.database) as session:
        assert [one.number for one in await cases_of(session, desk.house.center, desk.expert_id)] == ["AJ2026-001"]


async def test_what_was_not_put_right_can_be_decided_anew(desk: Desk) -> None:
    case_id = await desk.opened("breach")
    await desk.ruled(case_id, "rectify", rectify_by=date(2026, 10, 31))

    await desk.ruled(case_id, "strike-off", grave=True, at=MONDAY + timedelta(days=60))

    assert await desk.status(date(2026, 11, 30)) is Status.STRUCK_OFF


async def test_expert_is_heard_before_the_decision(desk: Desk) -> None:
    case_id = await desk.opened()
    with pytest.raises(Refused) as refused:
        await desk.ruled(case_id, "dismiss", at=MONDAY + timedelta(days=10))
    assert codes(refused) == [("STATEMENT_OPEN", "")]

    async with desk.house.acts(desk.expert) as act:
        await add_statement(act, case_id, text="证书换证期间，已提交延续申请。", seen=1)
        with pytest.raises(Refused) as refused:
            await add_statement(act, case_id, text="再补充一点。", seen=2)
    assert codes(refused) == [("STATED_ALREADY", "")]
    await desk.ruled(case_id, "keep", at=MONDAY + timedelta(days=1))
    assert await desk.status() is Status.APPOINTED


@pytest.mark.rule("R26f")
async def test_expert_asks_to_leave_and_the_director_lets_go(desk: Desk) -> None:
    async with desk.house.acts(desk.expert) as act:
        case_id = await resign(act, desk.expert_id, reason="年事已高，申请退出专家库", seen=await desk.version())

    await desk.ruled(case_id, "let-go", at=MONDAY + timedelta(hours=1))

    assert await desk.status() is Status.WITHDRAWN


@pytest.mark.rule("R26f")
async def test_nobody_asks_to_leave_for_somebody_else(desk: Desk) -> None:
    other = await an_account(desk.house.database, "expert")

    for viewer in (other, desk.house.center):
        async with desk.house.acts(viewer) as act:
            with pytest.raises(NotFound):
                await resign(act, desk.expert_id, reason="年事已高，申请退出专家库", seen=await desk.version())


@pytest.mark.rule("R26c", "R26e")
@pytest.mark.parametrize("ground", ["health", "disciplined"])
async def test_confidential_evidence_is_sealed_out_of_the_record_and_each_look_is_noted(
    desk: Desk, ground: str
) -> None:
    words = "患病住院，医院证明附卷"
    case_id = await desk.opened(ground, evidence=words)

    assert (await desk.case(case_id)).evidence == ""
    async with desk.house.acts(desk.house.center) as act:
        with pytest.raises(Invalid):
            await read_case_evidence(act, case_id, reason="看")
        assert await read_case_evidence(act, case_id, reason="提交主任决定以前复核") == words
    async with reading(desk.house.database) as session:
        assert (await session.execute(select(ReadRow.what, ReadRow.subject))).all() == [
            ("case", f"expert:{desk.expert_id}")
        ]
        entries = [
            one
            for stream in (f"case:{case_id}", f"expert:{desk.expert_id}")
            for one in await ledger.stream(session, stream)
        ]
    data = b"".join(one.data for one in entries).decode()
    assert not any(secret in data for secret in (words, ground, "A26.2", "A26.4"))


async def test_case_is_known_to_the_center_the_director_and_the_expert_alone(desk: Desk) -> None:
    case_id = await desk.opened()
    other = await an_account(desk.house.database, "expert")

    for viewer in (desk.house.center, desk.house.mayor, desk.expert):
        assert (await desk.case(case_id, viewer)).id == case_id
    for viewer in (other, desk.house.office, await an_account(desk.house.database, "unit")):
        with pytest.raises(NotFound):
            await desk.case(case_id, viewer)


async def test_case_is_decided_once_even_by_two_at_the_same_time(
    engine: str, database: Database, settings: Settings
) -> None:
    desk = await a_desk(database, settings)
    deputy = await an_account(database, "mayor")
    case_id = await desk.opened()

    done = await asyncio.gather(
        desk.ruled(case_id, "dismiss"), desk.ruled(case_id, "keep", viewer=deputy), return_exceptions=True
    )

    assert sum(one is None for one in done) == 1
    assert all(one is None or isinstance(one, (Stale, Refused)) for one in done)
    async with reading(database) as session:
        types = [entry.type for entry in await ledger.stream(session, f"case:{case_id}")]
    assert types == ["case.opened", "case.decided"]


# Pages and API


def form(**fields: str) -> dict[str, str]:
    return {"idempotency_key": f"case-{next(_KEYS):06d}"} | fields


async def version_on(client: httpx.AsyncClient, path: str) -> str:
    found = re.search(r'name="version" value="(\d+)"', (await client.get(path)).text)
    assert found is not None
    return found[1]


async def test_an_expert_is_struck_off_in_the_browser(
    desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn
) -> None:
    mayor = await signed_in("mayor")
    page = f"/experts/{desk.expert_id}/case"

    opened = await as_center.post(
        page, data=form(version=await version_on(as_center, page), ground="breach", evidence="泄露未公开信息")
    )
    case = opened.headers["location"]
    await as_center.post(
        f"{case}/statement", data=form(version=await version_on(as_center, case), statement="本人承认，愿意承担后果。")
    )
    assert "专家处理等待您决定" in (await mayor.get("/")).text
    refused = await mayor.post(
        f"{case}/decide", data=form(version=await version_on(mayor, case), measure="strike-off", reason=REASON)
    )
    assert (refused.status_code, "第七十条" in refused.text, REASON in refused.text) == (409, True, True)
    done = await mayor.post(
        f"{case}/decide",
        data=form(version=await version_on(mayor, case), measure="strike-off", reason=REASON, grave="yes"),
    )
    assert done.status_code == 303

    shown = (await as_center.get(f"/experts/{desk.expert_id}")).text
    assert "除名" in shown
    assert "AJ2026-001" in (await as_center.get("/cases")).text


async def test_the_same_acts_by_api(desk: Desk, as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    def key(version: int) -> dict[str, str]:
        return {"Idempotency-Key": f"case-{next(_KEYS):06d}", "If-Match": f'"{version}"'}

    mayor = await signed_in("mayor")
    body = {"ground": "breach", "evidence": "以专家名义从事无关活动"}
    opened = await as_center.post(f"/api/experts/{desk.expert_id}/cases", json=body, headers=key(await desk.version()))
    case = opened.headers["location"]
    stated = await as_center.post(f"{case}/statement", json={"statement": "情况属实。"}, headers=key(1))
    ruling = {"measure": "rectify", "reason": REASON, "rectify_by": "2026-10-31"}
    decided = await mayor.post(f"{case}/decide", json=ruling, headers=key(stated.json()["version"]))
    assert (decided.status_code, decided.json()["state"]) == (200, "rectifying")
    done = await as_center.post(
        f"{case}/rectified", json={"reason": "已按要求整改并书面检查"}, headers=key(decided.json()["version"])
    )
    assert done.json()["state"] == "closed"
    listed = (await as_center.get(f"/api/experts/{desk.expert_id}/cases")).json()
    assert [(one["number"], one["measure"]) for one in listed] == [("AJ2026-001", "rectify")]


# The expert's own page


@pytest.mark.rule("R26f")
async def test_an_expert_sees_the_own_term_says_when_away_and_asks_to_leave(
    desk: Desk, signed_in: SignedIn, database: Database
) -> None:
    client = await signed_in("expert")
    async with unit_of_work(database, at=MONDAY) as session:
        account = await session.get_one(AccountRow, client.viewer.account_id)
        account.person_id = desk.expert.person_id
    shown = (await client.get("/my")).text
    assert ("何一" in shown, "2029年2月28日" in shown) == (True, True)

    wrong = await client.post(
        "/my/away", data=form(version=await version_on(client, "/my"), away_from="2026-10-8", away_to="2026-10-1")
    )
    assert (wrong.status_code, 'value="2026-10-8"' in wrong.text) == (400, True)
    await client.post(
        "/my/away", data=form(version=await version_on(client, "/my"), away_from="2026-10-1", away_to="2026-10-8")
    )
    assert "2026年10月8日" in (await client.get("/my")).text
    await client.post("/my/cap", data=form(version=await version_on(client, "/my"), cap="3"))
    assert "每年最多 3 次" in (await client.get("/my")).text
    wrong = await client.post("/my/cap", data=form(version=await version_on(client, "/my"), cap="许多"))
    assert (wrong.status_code, 'value="许多"' in wrong.text) == (400, True)
    asked = await client.post(
        "/my/resign", data=form(version=await version_on(client, "/my"), reason="年事已高，申请退出专家库")
    )
    assert asked.status_code == 303

    shown = (await client.get("/my")).text
    assert ("AJ2026-001" in shown, "/my/resign" in shown) == (True, False)
    assert (await desk.status()) is Status.SUSPENDED


async def test_own_page_is_for_experts_alone(as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    assert (await as_center.get("/my")).status_code == 403
    assert (await (await signed_in("expert")).get("/my")).status_code == 404
