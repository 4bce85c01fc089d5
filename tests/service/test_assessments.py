"""Assessments during a term: what they rest on, who sees and contests them, and what another term makes of them."""

import asyncio
from datetime import date, timedelta
from itertools import count
from uuid import UUID

import httpx
import pytest
from sqlalchemy import select

from registry import Approver, why_not_used
from service import ledger
from service.access import Viewer
from service.actions.assessments import Judged, assess, settle_contest
from service.actions.renewals import RenewalAnswer, answer_renewals, contest_assessment
from service.jobs.tables import OutboxRow
from service.problems import Forbidden, Invalid, NotFound, Refused, Stale
from service.settings import Settings
from service.storage.assessments import AssessedLine, due_for_assessment, last_assessments
from service.storage.home import waiting_for
from service.storage.renewals import AssessmentView, assessments_of
from service.storage.session import Database, reading
from tests.service.admission import TODAY, House, a_house
from tests.service.conftest import SignedIn, an_account
from tests.service.library import Entry, Inserted, a_library

THIN = "两次咨询均按时书面答复，单位评价称职"
_KEYS = count()


class Room:
    """The center, a colleague, and three experts in office for two years, one since spring, one whose term ran out."""

    def __init__(self, house: House, library: Inserted, colleague: Viewer) -> None:
        self.house, self.experts, self.people, self.colleague = house, library.experts, library.people, colleague

    async def assess(self, *judged: Judged, common_reason: str = "") -> tuple[UUID, ...]:
        async with self.house.acts(self.house.center) as act:
            return await assess(act, judged, common_reason=common_reason)

    async def expert(self, name: str) -> Viewer:
        return await an_account(self.house.database, "expert", person_id=self.people[name])

    async def contest(self, name: str) -> UUID:
        (assessment_id,) = await self.assess(Judged(self.experts[name], False, THIN))
        async with self.house.acts(await self.expert(name)) as act:
            await contest_assessment(act, assessment_id, text="两次请假都有住院证明。", seen=1)
        return assessment_id

    async def settle(self, viewer: Viewer, assessment_id: UUID, *, stands: bool, seen: int = 2) -> None:
        async with self.house.acts(viewer) as act:
            await settle_contest(act, assessment_id, stands=stands, reason="住院证明属实，请假有客观原因", seen=seen)

    async def of(self, name: str) -> tuple[AssessmentView, ...]:
        async with reading(self.house.database) as session:
            return await assessments_of(session, self.experts[name])

    async def due(self, on: date = TODAY, **more: UUID) -> tuple[AssessedLine, ...]:
        async with reading(self.house.database) as session:
            return (await due_for_assessment(session, self.house.center, on=on, months=12, **more)).lines


@pytest.fixture
async def room(database: Database, settings: Settings) -> Room:
    since, until = date(2024, 9, 1), date(2029, 8, 31)
    library = await a_library(
        database,
        [
            Entry("何一", starts_on=since, ends_on=until),
            Entry("何二", starts_on=since, ends_on=until),
            Entry("新人", starts_on=TODAY - timedelta(days=30), ends_on=date(2031, 8, 14)),
            Entry("届满", starts_on=date(2021, 9, 1), ends_on=TODAY - timedelta(days=1)),
        ],
    )
    house = await a_house(database, settings)
    return Room(house, library, await an_account(database, "center"))


@pytest.mark.rule("R24d")
@pytest.mark.parametrize(
    ("events", "reasoned", "missing"),
    [(2, False, ["ASSESSMENT_TOO_FEW"]), (3, False, []), (2, True, [])],
    ids=["two without a reason", "three are enough", "two with a reason"],
)
def test_an_assessment_is_used_with_three_events_or_a_reason(events: int, reasoned: bool, missing: list[str]) -> None:
    broken = why_not_used(events, reasoned=reasoned, events_least=3)

    assert [one.code for one in broken] == missing


@pytest.mark.rule("R24d")
async def test_who_was_on_few_panels_is_assessed_with_a_reason_only(room: Room) -> None:
    expert_id = room.experts["何一"]
    with pytest.raises(Invalid) as refused:
        await room.assess(Judged(expert_id, True))
    assert [(one.at, one.code) for one in refused.value.faults] == [(f"reason_{expert_id}", "ASSESSMENT_TOO_FEW")]
    assert await room.of("何一") == ()

    await room.assess(Judged(expert_id, True), common_reason=THIN)

    (made,) = await room.of("何一")
    assert (made.qualified, made.needed, made.in_term, made.reason) == (True, None, True, THIN)
    assert made.record is not None
    assert (made.events, made.record.asked) == (0, 0)


async def test_two_who_assess_the_same_experts_in_other_orders_do_not_wait_for_each_other(
    room: Room, engine: str
) -> None:
    ids = list(room.experts.values())[:2]

    async def assessed(viewer: Viewer, order: list[UUID]) -> tuple[UUID, ...]:
        async with room.house.acts(viewer) as act:
            return await assess(act, [Judged(one, True) for one in order], common_reason=THIN)

    done = await asyncio.gather(assessed(room.house.center, ids), assessed(room.colleague, ids[::-1]))

    assert [len(made) for made in done] == [2, 2]
    assert [len(await room.of(name)) for name in ("何一", "何二")] == [2, 2]


async def test_it_can_be_done_at_any_time_and_once_a_year_it_is_due(room: Room, engine: str) -> None:
    assert [one.name for one in await room.due()] == ["何二", "何一"]
    assert [one.name for one in await room.due(expert_id=room.experts["新人"])] == ["新人"]

    await room.assess(Judged(room.experts["何一"], True, THIN), Judged(room.experts["新人"], True, THIN))

    assert [one.name for one in await room.due()] == ["何二"]
    year = date(2027, 9, 14)
    assert [one.name for one in await room.due(year - timedelta(days=1))] == ["何二"]
    assert [one.name for one in await room.due(year)] == ["何二", "何一", "新人"]


async def test_who_is_not_in_office_is_not_assessed_and_nobody_of_the_same_act(room: Room) -> None:
    with pytest.raises(Refused) as refused:
        await room.assess(Judged(room.experts["何一"], True, THIN), Judged(room.experts["届满"], True, THIN))

    assert [one.code for one in refused.value.refusals] == ["NOT_IN_TERM"]
    assert await room.of("何一") == ()


async def test_the_expert_is_told_and_contests_and_somebody_else_settles(room: Room, engine: str) -> None:
    assessment_id = await room.contest("何一")
    async with reading(room.house.database) as session:
        told = list(await session.scalars(select(OutboxRow.template)))
        tasks = await waiting_for(
            session,
            room.colleague,
            today=TODAY,
            valid_months=12,
            reappointed_by=Approver.COUNTY_GOVERNMENT,
        )
    assert told == ["ASSESSED"]
    assert [one.facts["count"] for one in tasks if one.code == "TASK_SETTLE_CONTEST"] == [1]
    with pytest.raises(Refused) as refused:
        await room.settle(room.house.center, assessment_id, stands=True)
    assert [one.code for one in refused.value.refusals] == ["ASSESSOR_SETTLES"]

    await room.settle(room.colleague, assessment_id, stands=False)

    (held,) = await room.of("何一")
    async with reading(room.house.database) as session:
        types = [entry.type for entry in await ledger.stream(session, f"expert:{room.experts['何一']}")]
        assert await last_assessments(session, [room.experts["何一"]]) == {}
    assert (held.settled, held.settled_on) == ("set-aside", TODAY)
    assert types[-3:] == ["expert.assessed", "assessment.contested", "assessment.settled"]
    # Set aside, it does not count as this year's.
    assert "何一" in {one.name for one in await room.due()}


async def test_what_stands_goes_on_counting(room: Room) -> None:
    assessment_id = await room.contest("何一")
    await room.settle(room.colleague, assessment_id, stands=True)

    async with reading(room.house.database) as session:
        last = await last_assessments(session, [room.experts["何一"]])
    assert last[room.experts["何一"]].qualified is False
    with pytest.raises(Refused) as refused:
        await room.settle(room.colleague, assessment_id, stands=False, seen=3)
    assert [one.code for one in refused.value.refusals] == ["SETTLED_ALREADY"]
    with pytest.raises(Stale):
        await room.settle(room.colleague, assessment_id, stands=False, seen=2)


async def test_an_objection_to_the_answers_about_another_term_stays_with_who_approves(room: Room) -> None:
    expert_id = room.experts["届满"]
    async with room.house.acts(room.house.center) as act:
        await answer_renewals(act, [RenewalAnswer(expert_id, False, True, True, THIN)])
    (held,) = await room.of("届满")

    with pytest.raises(Refused) as refused:
        await room.settle(room.colleague, held.id, stands=True, seen=1)
    assert [one.code for one in refused.value.refusals] == ["CONTEST_WITH_APPROVER", "NOT_CONTESTED"]


async def test_nobody_assesses_oneself_and_only_the_center_does(room: Room) -> None:
    own = await an_account(room.house.database, "center", person_id=room.people["何一"])
    for viewer, refusal in ((own, Refused), (await an_account(room.house.database, "audit"), Forbidden)):
        async with room.house.acts(viewer) as act:
            with pytest.raises(refusal):
                await assess(act, [Judged(room.experts["何一"], True, THIN)])
    (assessment_id,) = await room.assess(Judged(room.experts["何一"], True, THIN))
    async with room.house.acts(await room.expert("何二")) as act:
        with pytest.raises(NotFound):
            await contest_assessment(act, assessment_id, text="与我无关。", seen=1)


async def test_the_page_takes_many_at_once_with_exceptions(room: Room, as_center: httpx.AsyncClient) -> None:
    shown = (await as_center.get("/assessments")).text
    first, second = room.experts["何一"], room.experts["何二"]
    assert (str(first) in shown, str(second) in shown, str(room.experts["新人"]) in shown) == (True, True, False)
    data = {
        "idempotency_key": f"assess-{next(_KEYS):08d}",
        "experts": [str(first), str(second)],
        f"exception_{second}": "unqualified",
        f"reason_{second}": "三次应邀后缺席，没有说明",
        "common_reason": THIN,
    }
    unanswered = await as_center.post("/assessments", data=data)
    assert (unanswered.status_code, "三次应邀后缺席" in unanswered.text) == (400, True)

    made = await as_center.post(
        "/assessments", data=data | {"all_qualified": "yes", "idempotency_key": f"assess-{next(_KEYS):08d}"}
    )

    assert made.status_code == 303, made.text
    assert [one.qualified for name in ("何一", "何二") for one in await room.of(name)] == [True, False]
    # When the term ends, what was said in it stands beside the tests, and a bad one is the exception to begin with.
    renewal = (await as_center.get(f"/assessments?expert={second}")).text
    assert "考核不合格" in renewal


async def test_the_api_assesses_and_settles(room: Room, as_center: httpx.AsyncClient, signed_in: SignedIn) -> None:
    due = (await as_center.get("/api/assessments")).json()
    assert ([one["name"] for one in due["experts"]], due["total"]) == (["何二", "何一"], 2)
    body = {"judged": [{"expert_id": str(room.experts["何一"]), "qualified": False, "reason": THIN}]}
    made = await as_center.post("/api/assessments", json=body, headers={"Idempotency-Key": f"assess-{next(_KEYS):08d}"})
    assert made.status_code == 201, made.text
    (assessment_id,) = made.json()["assessments"]
    expert = await signed_in("expert", person_id=room.people["何一"])
    own = (await expert.get(f"/api/experts/{room.experts['何一']}/assessments")).json()
    assert [(one["id"], one["qualified"], one["needed"]) for one in own] == [(assessment_id, False, None)]
    await expert.post(
        f"/api/assessments/{assessment_id}/contest",
        json={"contest": "两次请假都有住院证明。"},
        headers={"If-Match": '"1"', "Idempotency-Key": f"assess-{next(_KEYS):08d}"},
    )

    colleague = await signed_in("center")
    settled = await colleague.post(
        f"/api/assessments/{assessment_id}/settle",
        json={"stands": False, "reason": "住院证明属实，请假有客观原因"},
        headers={"If-Match": '"2"', "Idempotency-Key": f"assess-{next(_KEYS):08d}"},
    )

    assert (settled.status_code, settled.json()["settled"]) == (200, "set-aside")
